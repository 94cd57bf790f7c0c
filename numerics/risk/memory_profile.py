"""How far back the loss of a model looks: memory profile w_j, effective memory W, single-token influences (definition
D21).

Input is the loss g (n_S,) of every state in the order of D3, for T tokens and window K. All suprema are exact, at
cost K n_S: inside one length the states that agree on their last j tokens are a slice of a reshaped array, so the
largest difference is a maximum minus a minimum.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from numerics.chains.arrays import FloatArray
from numerics.chains.index import length_offset, n_states


@dataclass(frozen=True)
class MemoryProfile:
    """Largest changes of the loss under changes of the older tokens.

    w (K,): w[j] = sup |g(s) - g(s')| over states of equal length that agree on their last j tokens.
    influence (K,): influence[k] = the same over states that differ only in the token k places before the newest.
    """

    w: FloatArray
    influence: FloatArray

    @property
    def effective_memory(self) -> float:
        """W = w_1 + ... + w_{K-1}, in tokens; at most K - 1 for a loss in [0, 1]."""
        return float(self.w[1:].sum())

    @property
    def total_influence(self) -> float:
        """Ω = sum of the single-token influences; Ω <= w_0 + W."""
        return float(self.influence.sum())


def memory_profile(loss: FloatArray, T: int, K: int) -> MemoryProfile:
    """Memory profile and influences of a loss table (n_S,). Raises ValueError on the wrong number of states."""
    if loss.shape != (n_states(T, K),):
        raise ValueError(f"the loss has shape {loss.shape}, expected ({n_states(T, K)},) for T = {T}, K = {K}")
    w = np.zeros(K)
    influence = np.zeros(K)
    for length in range(1, K + 1):
        first = length_offset(length, T)
        block = loss[first : first + T**length]
        for j in range(length):
            by_suffix = block.reshape(T ** (length - j), T**j)  # rows: older tokens, columns: the last j tokens
            w[j] = max(w[j], float(np.ptp(by_suffix, axis=0).max()))
            one_token = block.reshape(T ** (length - 1 - j), T, T**j)  # middle axis: the token j places back
            influence[j] = max(influence[j], float(np.ptp(one_token, axis=1).max()))
    return MemoryProfile(w, influence)
