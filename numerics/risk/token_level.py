"""Conditional expected and realised log-loss along simulated sequences (claim markov/token_level_gap).

ℓ_n = -log P(X_{n+1} | S_n) in nats, n = 1..N. Its conditional expectation given the past is the cross-entropy of the
rows at S_n, sum_x P*(x|S_n)(-log P(x|S_n)): known exactly on a synthetic source. The claim needs no mixing, so the
start and the source are arbitrary.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from numerics.chains.arrays import FloatArray
from numerics.risk.window_law import sample_windows


@dataclass(frozen=True)
class TokenLosses:
    """Per sequence: (1/N) sum E[ℓ_n | past] in `expected` and (1/N) sum ℓ_n in `realised`, each (repeats,), nats a
    token; `loss_range` is b = sup_s (max_x log P(x|s) - min_x log P(x|s)), the range of the logits divided by the
    temperature."""

    expected: FloatArray
    realised: FloatArray
    loss_range: float
    length: int

    @property
    def gaps(self) -> FloatArray:
        """Expected minus realised (repeats,)."""
        return np.asarray(self.expected - self.realised)

    def violations(self, bound: float) -> int:
        """Number of sequences whose gap exceeds the bound."""
        return int((self.gaps > bound).sum())


def token_losses(
    source: FloatArray, log_model: FloatArray, start: FloatArray, length: int, repeats: int, rng: np.random.Generator
) -> TokenLosses:
    """Simulate `repeats` sequences with `length` predicted tokens; source (n_S, T) probabilities, log_model (n_S, T)
    log-probabilities in nats.

    Raises ValueError when the model gives a token probability zero: the loss then has no range.
    """
    if log_model.shape != source.shape:
        raise ValueError(f"tables have shapes {source.shape} and {log_model.shape}, expected the same")
    if not np.isfinite(log_model).all():
        row, token = np.argwhere(~np.isfinite(log_model))[0]
        raise ValueError(f"log-probability of token {token} in state {row} is {log_model[row, token]}, expected finite")
    cross_entropy = -(source * log_model).sum(axis=1)  # (n_S,)
    T = source.shape[1]
    expected = np.zeros(repeats)
    realised = np.zeros(repeats)
    previous = None
    for state in sample_windows(source, start, length + 1, repeats, rng):
        if previous is not None:
            # The newest token of S_{n+1}: the index (D3) is an offset divisible by T plus a base-T value.
            token = state % T
            expected += cross_entropy[previous]
            realised -= log_model[previous, token]
        previous = state
    return TokenLosses(expected / length, realised / length, float(np.ptp(log_model, axis=1).max()), length)
