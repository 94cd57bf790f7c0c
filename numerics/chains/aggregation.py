"""Stationary law of a large window chain by multilevel aggregation over suffixes.

For any law mu on contexts of length K, lumping contexts by their last j tokens gives a window chain of order j whose
table is a ratio of two marginals: with N = mu Q,

    p_j(x | w) = N_{j+1}(w x) / D_j(w),      N_j, D_j = marginals of N and mu on the last j tokens,

because one step appends a token.  So one product with the chain yields the aggregated chains of *every* shorter window
for the cost of its marginals.  A cycle solves the shortest one exactly and works back up, pi_{j+1}(w x) = pi_j(w) p_j(x
| w): the step K-1 -> K is the product of the corrected mu with Q, again for nothing.  This is the multilevel form of
iterative aggregation-disaggregation (Koury, McAllister, Stewart 1984; Horton, Leutenegger 1994) in which restriction is
free.  A fixed point is the stationary law; convergence is not guaranteed in theory, so the caller falls back to the
plain iteration when the residual stalls.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from numerics.chains.arrays import FloatArray
from numerics.chains.gth import gth
from numerics.chains.operator import block_width, left_action
from numerics.chains.window_chain import TOKEN_MAJOR_LIMIT, WindowChain

# The shortest window is solved by elimination: at most this many states, unless one token already has more.
COARSEST = 32
# Plain steps between two corrections, at most; doubled whenever a correction left a larger residual.
LARGEST_GAP = 64


def multilevel(
    chain: WindowChain,
    tolerance: float,
    max_steps: int,
    progress: Callable[[int, float], None] | None = None,
) -> tuple[FloatArray, float, int]:
    """(law (T^K,), its l1 residual, products with the chain); stops at the tolerance, or when corrections no longer
    help.

    Needs K >= 2 and a recurrent block that is one aperiodic class.  A cycle is one product with the chain and about 6
    T^K other operations; memory is the table, two laws, and marginals of total size 2 T^K / (T - 1).
    """
    T, K, n = chain.T, chain.K, chain.n
    coarsest = 1
    while coarsest < K - 1 and T ** (coarsest + 1) <= COARSEST:
        coarsest += 1
    before = {j: np.empty(T**j) for j in range(coarsest, K)}  # marginals of mu
    after = {j: np.empty(T**j) for j in range(coarsest, K)}  # marginals of mu Q
    mu, stepped = np.full(n, 1.0 / n), np.empty(n)
    step, since, gap, stalled = 0, 0, 1, 0
    previous, best = np.inf, np.inf  # residuals at the last correction, and the smallest at any
    while True:
        step += 1
        error = balance_pass(chain, mu, stepped, before[K - 1])
        if progress is not None:
            progress(step, error)
        if error <= tolerance or step >= max_steps:
            return mu, error, step
        since += 1
        if since < gap:
            mu, stepped = stepped, mu
            continue
        if error > previous:
            gap = min(LARGEST_GAP, 2 * gap)
        stalled = 0 if error < best else stalled + 1
        if stalled >= 8 and gap == LARGEST_GAP:
            return mu, error, step
        since, previous, best = 0, error, min(error, best)
        after[K] = stepped
        for j in range(K - 1, coarsest - 1, -1):
            np.add.reduce(after[j + 1].reshape(T, -1), axis=0, out=after[j])
            if j < K - 1:
                np.add.reduce(before[j + 1].reshape(T, -1), axis=0, out=before[j])
        law = _solve_coarsest(after[coarsest + 1], before[coarsest], T)
        for j in range(coarsest, K):
            # law(w x) = N(w x) * law(w) / D(w); a suffix without mass keeps none.
            np.divide(law, before[j], out=before[j], where=before[j] > 0.0)
            law = after[j + 1]
            scale_rows(law, before[j], T)
        law /= law.sum()
        mu, stepped = law, mu


def balance_pass(chain: WindowChain, mu: FloatArray, out: FloatArray, marginal: FloatArray) -> float:
    """out = mu Q, marginal = law of the last K-1 tokens under mu; returns ||mu Q - mu||_1.  One sweep through
    memory."""
    T, n = chain.T, chain.n
    M = n // T
    laws = mu.reshape(T, M)  # (a, w)
    if T > TOKEN_MAJOR_LIMIT:
        left_action(chain, mu, out)
        np.add.reduce(laws, axis=0, out=marginal)
        return float(np.abs(out - mu).sum())
    after = out.reshape(M, T)  # (w, x)
    here = mu.reshape(M, T)
    tokens = chain.table.T.reshape(T, T, M)  # (x, a, w)
    width = block_width(T)
    error = 0.0
    for w in range(0, M, width):
        stop = min(w + width, M)
        block = after[w:stop]
        block[...] = np.einsum("xaw,aw->xw", tokens[:, :, w:stop], laws[:, w:stop]).T
        np.add.reduce(laws[:, w:stop], axis=0, out=marginal[w:stop])
        difference = block - here[w:stop]
        error += float(np.abs(difference, out=difference).sum())
    return error


def scale_rows(law: FloatArray, factors: FloatArray, T: int) -> None:
    """law(w x) *= factors(w), in place; short rows are scaled a column at a time, which is faster."""
    rows = law.reshape(-1, T)
    if T >= 12:
        rows *= factors[:, None]
        return
    width = block_width(T)
    for w in range(0, factors.size, width):
        block, part = rows[w : w + width], factors[w : w + width]
        for x in range(T):
            block[:, x] *= part


def _solve_coarsest(flow: FloatArray, mass: FloatArray, T: int) -> FloatArray:
    """Stationary law of the order-j chain with p(x|w) = flow(w x) / mass(w)."""
    n = mass.size
    rows = np.divide(flow.reshape(n, T), mass[:, None], where=mass[:, None] > 0.0, out=np.full((n, T), 1.0 / T))
    successors = (np.arange(n) % (n // T))[:, None] * T + np.arange(T)
    matrix = np.zeros((n, n))
    matrix[np.arange(n)[:, None], successors] = rows
    return gth(matrix)
