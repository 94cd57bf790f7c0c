"""Risk R and empirical risk R̂ of a fixed model against a known source (definition D17; experiment 4.6).

Both tables are (n_S, T) in the order of D3. The loss of a state is g(s) = d_TV(P*(.|s), P(.|s)) in [0, 1], or
d_KL(P*(.|s) || P(.|s)) in nats; R̂ = (1/N) sum_n g(S_n) on one sequence, R = E R̂. R is exact (a sum over window
laws), R̂ is simulated on many sequences at once.
Claims: all of section 2.F that bound R - R̂.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from numerics.chains.arrays import FloatArray
from numerics.risk.window_law import sample_windows, window_laws


@dataclass(frozen=True)
class GapSample:
    """Exact risk R, its empirical versions R̂ (repeats,) on independent sequences of `length` tokens, and the largest
    loss of a state."""

    risk: float
    empirical: FloatArray
    length: int
    largest_loss: float

    @property
    def gaps(self) -> FloatArray:
        """R - R̂ for every sequence (repeats,)."""
        return np.asarray(self.risk - self.empirical)

    def violations(self, bound: float) -> int:
        """Number of sequences with R - R̂ > bound."""
        return int((self.gaps > bound).sum())


def total_variation_loss(source: FloatArray, model: FloatArray) -> FloatArray:
    """g(s) = ½ sum_x |P*(x|s) - P(x|s)|, (n_S,)."""
    _same_shape(source, model)
    return np.asarray(0.5 * np.abs(source - model).sum(axis=1))


def kullback_leibler_loss(source: FloatArray, model: FloatArray) -> FloatArray:
    """d_KL(P*(.|s) || P(.|s)) in nats, (n_S,); +inf where the model excludes a token that the source allows."""
    _same_shape(source, model)
    with np.errstate(divide="ignore", invalid="ignore"):
        terms = np.where(source > 0, source * (np.log(source) - np.log(model)), 0.0)
    # Rounding can leave -1e-17 for equal rows.
    return np.asarray(np.maximum(terms.sum(axis=1), 0.0))


def exact_risk(source: FloatArray, loss: FloatArray, start: FloatArray, length: int) -> float:
    """R = (1/N) sum_n E loss(S_n), N = length, from the exact laws of the windows."""
    return float(np.mean([law @ loss for law in window_laws(source, start, length)]))


def empirical_risks(
    source: FloatArray, loss: FloatArray, start: FloatArray, length: int, repeats: int, rng: np.random.Generator
) -> FloatArray:
    """R̂ (repeats,) on independent simulated sequences."""
    total = np.zeros(repeats)
    for state in sample_windows(source, start, length, repeats, rng):
        total += loss[state]
    return total / length


def sample_gap(
    source: FloatArray, loss: FloatArray, start: FloatArray, length: int, repeats: int, rng: np.random.Generator
) -> GapSample:
    """R exactly and R̂ on `repeats` sequences: the raw material of a coverage test."""
    return GapSample(
        risk=exact_risk(source, loss, start, length),
        empirical=empirical_risks(source, loss, start, length, repeats, rng),
        length=length,
        largest_loss=float(loss.max()),
    )


def _same_shape(source: FloatArray, model: FloatArray) -> None:
    if source.shape != model.shape or source.ndim != 2:
        raise ValueError(f"tables have shapes {source.shape} and {model.shape}, expected the same (n_S, T)")
