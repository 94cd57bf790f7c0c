"""Stationary law of a large window chain that mixes fast: products in single precision, residuals in double.

A product with the chain is bound by reading its table, so half the bytes are half the time.  With r = mu Q - mu of a
law mu, in double precision, the exact law is mu + sum_k r Q^k; the sum needs few correct digits only, so it is taken in
single precision, and the residual of the result is measured again in double.  This is iterative refinement: each round
wins about six digits.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from numerics.chains.arrays import FloatArray
from numerics.chains.operator import block_width, left_action, put_columns
from numerics.chains.window_chain import TOKEN_MAJOR_LIMIT, WindowChain

SingleArray = NDArray[np.float32]

# Residuals that fall more slowly than this a product, on average, are left to other methods.
SLOWEST = 0.6
# What single precision can win in a round, and the products after which the rate is judged.
ROUND = 2e-6
JUDGED = 4
MOST_ROUNDS = 6


def refined(
    chain: WindowChain, tolerance: float, progress: Callable[[int, float], None] | None = None
) -> tuple[FloatArray, float, int]:
    """(law (T^K,), its l1 residual in double precision, products with the chain).

    The residual is above the tolerance where the chain mixes too slowly for this road.  Needs at most 64 tokens.
    Memory: the table again in single precision, and five laws.
    """
    n = chain.n
    if chain.T > TOKEN_MAJOR_LIMIT:
        raise ValueError(f"T = {chain.T} tokens, expected at most {TOKEN_MAJOR_LIMIT}")
    table = np.asarray(chain.table, dtype=np.float32, order="F")
    mu, image = np.full(n, 1.0 / n), np.empty(n)
    total = np.empty(n, dtype=np.float32)
    term, after = np.empty_like(total), np.empty_like(total)
    step, best = 0, np.inf
    for _ in range(MOST_ROUNDS):
        left_action(chain, mu, image)
        step += 1
        image -= mu
        error = float(np.abs(image).sum())
        if progress is not None:
            progress(step, error)
        if error <= tolerance or error > 0.1 * best:
            break
        best = error
        # Sum of r Q^k, scaled to norm 1 so that nothing underflows.
        np.multiply(image, 1.0 / error, out=term, casting="same_kind")
        total[:] = term
        target, size = max(ROUND, 0.3 * tolerance / error), 1.0
        for k in range(1, 64):
            _left(table, term, after)
            term, after = after, term
            step += 1
            total += term
            size = float(np.abs(term, out=after).sum())
            if progress is not None:
                progress(step, error * size)
            if size <= target or (k >= JUDGED and size > SLOWEST**k):
                break
        mu += np.multiply(total, error, out=image)
        np.maximum(mu, 0.0, out=mu)
        mu /= mu.sum()
        if size > 1e-3:
            error = float(np.abs(left_action(chain, mu, image) - mu).sum())
            step += 1
            break
    return mu, error, step


def _left(table: SingleArray, mu: SingleArray, out: SingleArray) -> None:
    """out = mu Q in the precision of the table, as `left_action`."""
    n, T = table.shape
    M = n // T
    laws, after, tokens = mu.reshape(T, M), out.reshape(M, T), table.T.reshape(T, T, M)
    width = 2 * block_width(T)
    for w in range(0, M, width):
        stop = min(w + width, M)
        put_columns(after[w:stop], np.einsum("xaw,aw->xw", tokens[:, :, w:stop], laws[:, w:stop]))
