"""Confidence intervals: exact for frequencies, Hoeffding's for bounded means, bootstrap for slopes.

Sources: Clopper and Pearson 1934; Hoeffding 1963, Theorem 2; Efron 1979 (percentile bootstrap over points).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from verify.precision import Measured


def binomial_interval(successes: int, trials: int, level: float = 0.99) -> tuple[float, float]:
    """Clopper-Pearson interval: covers the probability with probability at least `level`, for every sample size."""
    from scipy.special import betaincinv

    if not 0 <= successes <= trials or trials < 1:
        raise ValueError(f"{successes} successes in {trials} trials is no frequency")
    if not 0 < level < 1:
        raise ValueError(f"confidence level {level} is outside (0, 1)")
    tail = (1 - level) / 2
    low = 0.0 if successes == 0 else float(betaincinv(successes, trials - successes + 1, tail))
    high = 1.0 if successes == trials else float(betaincinv(successes + 1, trials - successes, 1 - tail))
    return low, high


def hoeffding_interval(
    mean: float, n: int, level: float = 0.99, lower: float = 0.0, upper: float = 1.0
) -> tuple[float, float]:
    """Two-sided Hoeffding interval for the mean of n independent samples in [lower, upper]."""
    if n < 1 or not lower < upper or not 0 < level < 1:
        raise ValueError(
            f"n = {n}, range [{lower}, {upper}], level {level}: expected n >= 1, a range, a level in (0, 1)"
        )
    half = (upper - lower) * math.sqrt(math.log(2 / (1 - level)) / (2 * n))
    return max(lower, mean - half), min(upper, mean + half)


def hoeffding_mean(
    samples: NDArray[np.float64], level: float = 0.99, lower: float = 0.0, upper: float = 1.0
) -> Measured:
    """The mean of independent samples (n,) in [lower, upper], with Hoeffding's interval (no normal approximation)."""
    data = np.asarray(samples, dtype=np.float64)
    if data.ndim != 1 or data.size == 0:
        raise ValueError(f"samples have shape {data.shape}, expected (n,) with n >= 1")
    if data.min() < lower or data.max() > upper:
        raise ValueError(f"samples range over [{data.min()}, {data.max()}], expected values in [{lower}, {upper}]")
    return Measured(*hoeffding_interval(float(data.mean()), data.size, level, lower, upper), "monte carlo")


@dataclass(frozen=True)
class Slope:
    """A fitted slope with its bootstrap interval."""

    slope: float
    intercept: float
    lower: float
    upper: float
    level: float

    def measured(self) -> Measured:
        """The slope as a Monte Carlo number."""
        return Measured(min(self.lower, self.slope), max(self.upper, self.slope), "monte carlo")


def bootstrap_slope(
    x: NDArray[np.float64],
    runs: NDArray[np.float64],
    rng: np.random.Generator,
    *,
    level: float = 0.95,
    resamples: int = 1000,
) -> Slope:
    """Least-squares slope of the mean of `runs` (R, n) against x (n,), with a percentile bootstrap over the R runs.

    For the exponent of a power law see `log_log_slope`, for the rate of an exponential `log_slope`.
    """
    return _bootstrap(x, runs, rng, level, resamples, (False, False))


def log_slope(
    x: NDArray[np.float64],
    runs: NDArray[np.float64],
    rng: np.random.Generator,
    *,
    level: float = 0.95,
    resamples: int = 1000,
) -> Slope:
    """Slope of log(mean of runs) against x, the rate of an exponential; bootstrap over the R runs (R, n)."""
    return _bootstrap(x, runs, rng, level, resamples, (False, True))


def log_log_slope(
    x: NDArray[np.float64],
    runs: NDArray[np.float64],
    rng: np.random.Generator,
    *,
    level: float = 0.95,
    resamples: int = 1000,
) -> Slope:
    """Slope of log(mean of runs) against log x, the exponent of a power law; bootstrap over the R runs (R, n)."""
    return _bootstrap(x, runs, rng, level, resamples, (True, True))


def _bootstrap(
    x: NDArray[np.float64],
    runs: NDArray[np.float64],
    rng: np.random.Generator,
    level: float,
    resamples: int,
    logs: tuple[bool, bool],
) -> Slope:
    x, runs = np.asarray(x, dtype=np.float64), np.asarray(runs, dtype=np.float64)
    if x.ndim != 1 or runs.ndim != 2 or runs.shape[1] != x.size or x.size < 2 or runs.shape[0] < 2:
        raise ValueError(f"x has shape {x.shape} and runs {runs.shape}, expected (n,) and (R, n) with n, R >= 2")
    if np.ptp(x) == 0:
        raise ValueError(f"all abscissae equal {x[0]}: no slope")

    def fit(means: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        if logs[1] and means.min() <= 0:
            raise ValueError(f"a mean of the runs is {means.min()}, expected positive numbers for their logarithms")
        abscissa, ordinate = np.log(x) if logs[0] else x, np.log(means) if logs[1] else means
        centred = abscissa - abscissa.mean()
        slopes = ordinate @ centred / (centred @ centred)
        return slopes, ordinate.mean(axis=-1) - slopes * abscissa.mean()

    slope, intercept = fit(runs.mean(axis=0)[None, :])  # (1, n)
    chosen = rng.integers(0, runs.shape[0], size=(resamples, runs.shape[0]))  # (resamples, R)
    slopes, _ = fit(np.stack([runs[rows].mean(axis=0) for rows in chosen]))  # (resamples, n)
    low, high = np.quantile(slopes, [(1 - level) / 2, (1 + level) / 2])
    return Slope(float(slope[0]), float(intercept[0]), float(low), float(high), level)
