"""Entropies of the next token, in nats."""

from __future__ import annotations

import numpy as np
from scipy.special import xlogy

from numerics.chains.arrays import FloatArray
from numerics.chains.stationary import stationary, stationary_of_matrix
from numerics.chains.window_chain import WindowChain


def row_entropies(rows: FloatArray) -> FloatArray:
    """Shannon entropy (n,) in nats of each row of probabilities (n, T); 0 log 0 = 0."""
    result = np.zeros(rows.shape[0])
    for x in range(rows.shape[1]):
        result -= xlogy(rows[:, x], rows[:, x])
    return result


def entropy_rate(chain: WindowChain | FloatArray, pi: FloatArray | None = None) -> float:
    """Entropy rate sum_s pi(s) H(P(.|s)) in nats per token; `pi` is computed when it is not given."""
    if isinstance(chain, WindowChain):
        law = stationary(chain).pi if pi is None else pi
        return float(law @ row_entropies(chain.table))
    law = stationary_of_matrix(chain) if pi is None else pi
    return float(law @ row_entropies(chain))
