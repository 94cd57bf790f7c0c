"""Risk of in-context predictors at every position of a prompt (definition D23; experiment 4.5).

`truth` and `predicted` are laws (C, N, d): entry [c, n] is the law of the next state after the first n+1 states of
chain c. Instantaneous risk R(n): mean over chains of the divergence at position n. Running mean: R_icl(N) = (1/N)
sum_{n<=N} R(n). TV has no unit, KL is in nats.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri


@dataclass(frozen=True)
class RiskCurve:
    """Mean risk at positions 1..N over C chains, with its standard error and the normal confidence band at `level`;
    all arrays (N,)."""

    mean: NDArray[np.float64]
    standard_error: NDArray[np.float64]
    lower: NDArray[np.float64]
    upper: NDArray[np.float64]
    level: float
    chains: int

    @property
    def positions(self) -> NDArray[np.int64]:
        """Number of states in the prompt, 1..N."""
        return np.arange(1, self.mean.size + 1)


def total_variation(truth: NDArray[np.float64], predicted: NDArray[np.float64]) -> NDArray[np.float64]:
    """½ sum_y |p - q| along the last axis: (C, N, d) twice to (C, N)."""
    _same_shape(truth, predicted)
    return np.asarray(0.5 * np.abs(truth - predicted).sum(axis=-1))


def kullback_leibler(truth: NDArray[np.float64], predicted: NDArray[np.float64]) -> NDArray[np.float64]:
    """sum_y p log(p/q) in nats along the last axis: (C, N, d) twice to (C, N); +inf where q excludes what p allows
    (counting does)."""
    _same_shape(truth, predicted)
    with np.errstate(divide="ignore", invalid="ignore"):
        terms = np.where(truth > 0, truth * (np.log(truth) - np.log(predicted)), 0.0)
    # Rounding can leave -1e-17 for equal laws.
    return np.asarray(np.maximum(terms.sum(axis=-1), 0.0))


def running_mean(risks: NDArray[np.float64]) -> NDArray[np.float64]:
    """R_icl: (1/n) sum of the first n entries along the last axis, same shape."""
    return np.asarray(np.cumsum(risks, axis=-1) / np.arange(1, risks.shape[-1] + 1))


def risk_curve(risks: NDArray[np.float64], level: float = 0.95) -> RiskCurve:
    """Mean over chains and confidence band of per-chain risks (C, N). Raises ValueError for fewer than two chains or
    a level outside (0, 1)."""
    if risks.ndim != 2 or risks.shape[0] < 2:
        raise ValueError(f"risks have shape {risks.shape}, expected (chains, positions) with at least two chains")
    if not 0.0 < level < 1.0:
        raise ValueError(f"the level is {level}, expected a number in (0, 1)")
    chains = risks.shape[0]
    mean = risks.mean(axis=0)
    error = risks.std(axis=0, ddof=1) / np.sqrt(chains)
    width = float(ndtri(0.5 + 0.5 * level)) * error
    return RiskCurve(mean, error, np.maximum(mean - width, 0.0), mean + width, level, chains)


def _same_shape(truth: NDArray[np.float64], predicted: NDArray[np.float64]) -> None:
    if truth.shape != predicted.shape:
        raise ValueError(f"laws have shapes {truth.shape} and {predicted.shape}, expected the same")
