"""Slope of log risk against log length, with a bootstrap interval over chains (experiment 4.5).

A slope alone confirms nothing: -1/2 is reached slowly and counting reaches it too, so report it beside the slope of
counting on the same chains.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


class NoSlopeError(ValueError):
    """Risks that have no logarithm to fit: some mean is zero, infinite or NaN."""


@dataclass(frozen=True)
class SlopeFit:
    """Least-squares slope, percentile bootstrap interval (low, high) at `level`, and the fitted points: positions
    (M,) and mean risks (M,)."""

    slope: float
    interval: tuple[float, float]
    level: float
    positions: NDArray[np.int64]
    risks: NDArray[np.float64]

    @property
    def points(self) -> tuple[tuple[int, float], ...]:
        """(position, mean risk) pairs that were fitted."""
        return tuple((int(n), float(r)) for n, r in zip(self.positions, self.risks, strict=True))


def log_spaced_positions(first: int, last: int, count: int) -> NDArray[np.int64]:
    """At most `count` distinct integers from first to last, both included, evenly spaced in the logarithm."""
    if not 1 <= first < last:
        raise ValueError(f"positions run from {first} to {last}, expected 1 <= first < last")
    if count < 2:
        raise ValueError(f"{count} points asked for, expected at least 2")
    return np.unique(np.rint(np.geomspace(first, last, count)).astype(np.int64))


def log_log_slope(
    risks: NDArray[np.float64],
    rng: np.random.Generator,
    *,
    first: int = 20,
    count: int = 20,
    resamples: int = 1000,
    level: float = 0.95,
) -> SlopeFit:
    """Ordinary least squares of log mean risk on log n over log-spaced n >= first; every bootstrap resample of the
    chains is refitted.

    `risks` (C, N) holds one curve a chain, column n-1 for n transitions or states seen, as the caller counts them.
    Raises ValueError when N <= first, when there are fewer than two chains or when a mean risk is zero, infinite or
    NaN.
    """
    if risks.ndim != 2 or risks.shape[0] < 2:
        raise ValueError(f"risks have shape {risks.shape}, expected (chains, positions) with at least two chains")
    length = risks.shape[1]
    if length <= first:
        raise ValueError(f"the curves have {length} positions, expected more than {first}")
    positions = log_spaced_positions(first, length, count)
    return fit_log_log(positions, risks[:, positions - 1], rng, resamples=resamples, level=level)


def fit_log_log(
    positions: NDArray[np.int64],
    risks: NDArray[np.float64],
    rng: np.random.Generator,
    *,
    resamples: int = 1000,
    level: float = 0.95,
) -> SlopeFit:
    """The same on risks (C, M) already taken at increasing `positions` (M,), M >= 2.

    Raises ValueError when shapes do not fit or there are fewer than two chains or points, NoSlopeError when a mean
    risk, or that of a resample, is zero, infinite or NaN.
    """
    if risks.ndim != 2 or risks.shape[0] < 2 or positions.shape != risks.shape[1:] or positions.size < 2:
        raise ValueError(
            f"risks have shape {risks.shape} at {positions.size} positions, expected (chains, positions) with at least "
            "two of each"
        )
    chains = risks.shape[0]
    mean = risks.mean(axis=0)
    if not (np.isfinite(mean).all() and (mean > 0).all()):
        bad = int(positions[np.argmin(np.isfinite(mean) & (mean > 0))])
        raise NoSlopeError(
            f"the mean risk at position {bad} is not a positive finite number; its logarithm cannot be fitted"
        )
    weights = slope_weights(positions)
    multiplicity = rng.multinomial(chains, np.full(chains, 1.0 / chains), size=resamples)  # (resamples, C)
    resampled = multiplicity @ risks / chains  # (resamples, M)
    if not (resampled > 0).all():
        bad = int(positions[np.argmin((resampled > 0).all(axis=0))])
        raise NoSlopeError(f"a resample of {chains} chains has mean risk zero at position {bad}: expected more chains")
    slopes = np.log(resampled) @ weights
    low, high = np.quantile(slopes, [0.5 - 0.5 * level, 0.5 + 0.5 * level])
    return SlopeFit(float(weights @ np.log(mean)), (float(low), float(high)), level, positions, mean)


def slope_weights(positions: NDArray[np.int64]) -> NDArray[np.float64]:
    """(M,) weights whose product with log risks is the least-squares slope against log position."""
    x = np.log(positions)
    return np.asarray((x - x.mean()) / ((x - x.mean()) ** 2).sum())
