"""Window chains whose next token forgets the oldest tokens: the same chain with a shorter window.

If the rows depend on the last k < K tokens only, the chain of order k has the same non-zero spectrum, and the law of
order K is the law of order k extended by the next-token probabilities.
"""

from __future__ import annotations

import numpy as np

from numerics.chains.arrays import FloatArray
from numerics.chains.window_chain import WindowChain


def effective_order(chain: WindowChain) -> int:
    """Smallest k >= 1 such that rows agree (bit for bit) whenever the last k tokens do."""
    rows = np.asarray(chain.table)
    order = chain.K
    while order > 1:
        groups = rows.reshape(chain.T, chain.T ** (order - 1), chain.T)  # (oldest token, the others, next token)
        if not all(np.array_equal(groups[0], group) for group in groups[1:]):
            break
        rows, order = groups[0], order - 1
    return order


def with_window(chain: WindowChain, order: int) -> WindowChain:
    """The chain of a shorter window; `ValueError` unless the rows depend on the last `order` tokens only."""
    needed = effective_order(chain)
    if not needed <= order <= chain.K:
        raise ValueError(
            f"order {order} is outside {needed}..{chain.K}: the next token depends on the last {needed} tokens"
        )
    # The first T^order contexts are those whose older tokens are all 0.
    return WindowChain(chain.T, order, np.array(chain.table[: chain.T**order]))


def padded(chain: WindowChain, order: int) -> WindowChain:
    """The same next-token laws with a longer window whose oldest tokens are ignored; nothing that matters may
    change."""
    if order < chain.K:
        raise ValueError(f"order {order}, expected at least {chain.K}")
    return WindowChain(chain.T, order, np.tile(np.asarray(chain.table), (chain.T ** (order - chain.K), 1)))


def extended_law(chain: WindowChain, pi: FloatArray, order: int) -> FloatArray:
    """Stationary law (T^order,) of `padded(chain, order)` from the stationary law `pi` (T^K,) of `chain`."""
    law = pi
    for length in range(chain.K, order):
        # P(u, x) = P(u) p(x | last K tokens of u)
        older = chain.T ** (length - chain.K)
        law = (law.reshape(older, chain.n, 1) * chain.table).ravel()
    return np.asarray(law)
