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
from numerics.chains.operator import block_width, left_action, put_columns
from numerics.chains.window_chain import TOKEN_MAJOR_LIMIT, WindowChain

# The shortest window is solved by elimination: at most this many states, unless one token already has more.
COARSEST = 8
# A correction that leaves more than this share of the residual is followed by plain steps, while they do better, at
# most so many.
POOR = 0.95
LARGEST_GAP = 64
# Products without a new smallest residual after which rounding, or the chain, is judged to allow no more.
STALLED = 200


def multilevel(
    chain: WindowChain,
    tolerance: float,
    max_steps: int,
    progress: Callable[[int, float], None] | None = None,
    start: FloatArray | None = None,
) -> tuple[FloatArray, float, int]:
    """(law (T^K,), its l1 residual, products with the chain); stops at the tolerance, or when corrections stop helping.

    Needs K >= 2 and a recurrent block that is one aperiodic class.  A cycle is one product with the chain and about 6
    T^K other operations; memory is the table, two laws, and marginals of total size T^K / (T - 1).  `start` is
    overwritten.
    """
    T, K, n = chain.T, chain.K, chain.n
    coarsest = 1
    while coarsest < K - 1 and T ** (coarsest + 1) <= COARSEST:
        coarsest += 1
    before = {j: np.empty(T**j) for j in range(coarsest, K)}  # marginals of mu
    mu, stepped = np.full(n, 1.0 / n) if start is None else start, np.empty(n)
    step, stalled, plain = 0, 0, 0
    previous, best, corrected, gain = np.inf, np.inf, True, 1.0
    while True:
        step += 1
        error = balance_pass(chain, mu, stepped, before[K - 1])
        if progress is not None:
            progress(step, error)
        stalled = 0 if error < best else stalled + 1
        if error <= tolerance or step >= max_steps or stalled >= STALLED:
            return mu, error, step
        ratio, previous, best = error / previous if step > 1 else 1.0, error, min(error, best)
        if corrected:
            gain = ratio
            corrected = step <= 3 or gain < POOR
        else:
            corrected = plain >= LARGEST_GAP or ratio > max(gain, 0.5)
        plain = 0 if corrected else plain + 1
        if not corrected:
            mu, stepped = stepped, mu
            continue
        # Once the product and the marginals of mu are known, the marginals of mu Q take its place.
        after = _levels(mu, T, coarsest, K)
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


def _levels(buffer: FloatArray, T: int, coarsest: int, K: int) -> dict[int, FloatArray]:
    """Consecutive views of T^j entries for j = coarsest..K-1; their total is below T^K."""
    views, first = {}, 0
    for j in range(coarsest, K):
        views[j] = buffer[first : first + T**j]
        first += T**j
    return views


def balance_pass(chain: WindowChain, mu: FloatArray, out: FloatArray, marginal: FloatArray) -> float:
    """out = mu Q, marginal = law of the last K-1 tokens under mu; returns ||mu Q - mu||_1.  One memory sweep."""
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
        put_columns(block, np.einsum("xaw,aw->xw", tokens[:, :, w:stop], laws[:, w:stop]))
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
