"""Two predictors that break the reading of a bound: the memoriser and the first-token predictor, by formula and by
simulation.

The source is independent fair bits in both. Sizes such as K = 30, N = 10^6 are handled by formula; small K by exact
counting on simulated data.

Memoriser: trained on X_1..X_N, it is exact on every window seen there and answers (q, 1-q) elsewhere, so its
empirical risk is 0 while its risk is near q - ½. It refutes every bound for a fixed model that is read as a bound for
a trained one (markov/pretraining_gap_trained_as_stated), and an infimum over models moved inside a probability
(markov/icl_gap_as_stated).

First-token predictor: exact if the first token of the window is 0, else (q, 1-q). With N = K it never forgets that
token, so R - R̂ is (q - ½)/2 with probability ½ (markov/icl_gap_token_tmin_as_stated,
markov/icl_sample_complexity_as_stated).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from numerics.chains.arrays import FloatArray, IntArray
from numerics.chains.index import length_offset, n_states


@dataclass(frozen=True)
class MemoriserWitness:
    """Memoriser with window K trained on N fair bits. All numbers hold for every training sequence.

    `loss`: TV loss q - ½ on unseen windows; `empirical_risk`: 0 exactly; `risk_lower`: lower bound on its risk on a
    fresh sequence; `distance_upper`: upper bound on 𝒦 = mean TV between the memoriser and the constant model (q,
    1-q); `logit_norm`: ℓ1 norm log(q/(1-q)) of the logits ±½ log(q/(1-q)).
    """

    window: int
    length: int
    loss: float
    empirical_risk: float
    risk_lower: float
    distance_upper: float
    logit_norm: float


def memoriser_witness(window: int, length: int, q: float = 0.9) -> MemoriserWitness:
    """Exact formulas for the memoriser. At most N of the 2^K windows are seen, and at most K - 1 windows of a fresh
    sequence are short.

    Raises ValueError unless 1 <= window <= length and ½ < q < 1.
    """
    _check(window, length, q)
    loss = q - 0.5
    full = length - window + 1
    # 2^-K underflows to 0 only beyond K = 1074, where it is negligible; ldexp never overflows here.
    seen_share = min(1.0, float(np.ldexp(float(length), -window)))
    return MemoriserWitness(
        window=window,
        length=length,
        loss=loss,
        empirical_risk=0.0,
        risk_lower=loss * (1.0 - seen_share) * full / length,
        distance_upper=loss * (full * seen_share + window - 1) / length,
        logit_norm=float(np.log(q / (1.0 - q))),
    )


@dataclass(frozen=True)
class MemoriserSample:
    """Simulated memorisers, one a training sequence, all arrays (repeats,): empirical risk on the training sequence,
    exact risk given the training sequence, empirical risk on one fresh sequence, and exact distance 𝒦 to the constant
    model (q, 1-q)."""

    empirical_risk: FloatArray
    risk: FloatArray
    fresh_risk: FloatArray
    distance: FloatArray


def sample_memorisers(
    window: int, length: int, repeats: int, rng: np.random.Generator, q: float = 0.9
) -> MemoriserSample:
    """Train memorisers on simulated fair bits; a table of the n_S windows is kept for each, so the window is limited
    to 20.

    The risk is exact given the training sequence: S_n is uniform on the strings of its length and independent of the
    training data.
    """
    _check(window, length, q)
    if window > 20:
        raise ValueError(f"the window is {window} tokens, expected at most 20 for a simulated memoriser")
    loss = q - 0.5
    empirical, risk, fresh = np.empty(repeats), np.empty(repeats), np.empty(repeats)
    for r in range(repeats):
        table = np.full(n_states(2, window), loss)
        trained = _window_indices(rng.integers(0, 2, length), window)  # (N,)
        table[trained] = 0.0
        empirical[r] = table[trained].mean()
        means = [table[length_offset(k, 2) : length_offset(k, 2) + 2**k].mean() for k in range(1, window + 1)]
        risk[r] = (sum(means[:-1]) + (length - window + 1) * means[-1]) / length
        fresh[r] = table[_window_indices(rng.integers(0, 2, length), window)].mean()
    return MemoriserSample(empirical, risk, fresh, loss - risk)


@dataclass(frozen=True)
class FirstTokenWitness:
    """First-token predictor at N = K: `risk` R = (q-½)/2, and R̂ takes the two values `empirical_risks` with
    probability ½ each.

    `gap`: the larger R - R̂, reached with probability `gap_probability`; `mean_l1_error`: E‖P* - P‖_1 = 2R;
    `effective_memory`: W = (q-½)(K-1).
    """

    window: int
    risk: float
    empirical_risks: tuple[float, float]
    gap: float
    gap_probability: float
    mean_l1_error: float
    effective_memory: float


def first_token_witness(window: int, q: float = 0.9) -> FirstTokenWitness:
    """Exact values for the first-token predictor with N = K = window."""
    _check(window, window, q)
    loss = q - 0.5
    return FirstTokenWitness(
        window=window,
        risk=loss / 2.0,
        empirical_risks=(0.0, loss),
        gap=loss / 2.0,
        gap_probability=0.5,
        mean_l1_error=loss,
        effective_memory=loss * (window - 1),
    )


def first_token_model(window: int, q: float = 0.9) -> FloatArray:
    """Its table (n_S, 2) of next-token laws in the order of D3: (½, ½) after windows that begin with 0, (q, 1-q)
    after the others."""
    rows = np.full((n_states(2, window), 2), 0.5)
    for k in range(1, window + 1):
        first = length_offset(k, 2)
        rows[first + 2 ** (k - 1) : first + 2**k] = (q, 1.0 - q)
    return rows


def _window_indices(bits: IntArray, window: int) -> IntArray:
    """Indices (D3) of the windows S_1..S_N of a bit sequence (N,)."""
    value = np.zeros(bits.size, dtype=np.int64)
    for back in range(min(window, bits.size)):
        value[back:] += bits[: bits.size - back] << back
    lengths = np.minimum(np.arange(1, bits.size + 1), window)
    return np.asarray((1 << lengths) - 2 + value)


def _check(window: int, length: int, q: float) -> None:
    if not 1 <= window <= length:
        raise ValueError(f"window is {window} and length {length}, expected 1 <= window <= length")
    if not 0.5 < q < 1.0:
        raise ValueError(f"q is {q}, expected a number in (1/2, 1)")
