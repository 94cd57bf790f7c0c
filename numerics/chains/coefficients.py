"""Contraction coefficients: Dobrushin, Doeblin, the smallest entry of the block matrix, token-level overlaps (D8-D10).

The block matrix is A = P^K on the full contexts.  Each entry of A is the product along one path (claim
markov/path_product), so it is built without powers and without cancellation, and its smallest entry needs no matrix at
all.  Logarithms in nats.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from scipy.spatial.distance import cdist

from numerics.chains.arrays import FloatArray
from numerics.chains.operator import DENSE_LIMIT
from numerics.chains.window_chain import WindowChain

# Multiplications beyond which a coefficient is refused unless the caller raises the limit (about half a minute of one
# core).
WORK_LIMIT = 3e10
# From this many rows on, pairs are first compared on this many columns.
SEARCHED_ROWS = 512
HEAVY_COLUMNS = 48


def dobrushin(matrix: FloatArray, *, work_limit: float = WORK_LIMIT) -> float:
    """Dobrushin coefficient kappa(M) = max_{i,j} d_TV(M_i, M_j) in [0, 1] (D9), rows (n, m).

    At most O(n^2 m) in blocks of rows.  Wide stochastic matrices are searched: the overlap sum_v min(M_iv, M_jv) on a
    few heavy columns is a lower bound on the whole overlap, and pairs above the smallest overlap found are not looked
    at again.
    """
    n, m = matrix.shape
    if 0.5 * n * n * m > work_limit:
        raise ValueError(
            f"the Dobrushin coefficient of a {n} x {m} matrix needs {0.5 * n * n * m:.2g} operations, limit "
            f"{work_limit:.2g}"
        )
    rows = np.ascontiguousarray(matrix)
    if n >= SEARCHED_ROWS and m >= 4 * HEAVY_COLUMNS and rows.min() >= 0.0:
        return _dobrushin_searched(rows)
    return min(1.0, 0.5 * _largest_l1(rows))


def _largest_l1(rows: FloatArray) -> float:
    n = rows.shape[0]
    width = max(1, (1 << 22) // max(n, 1))
    return max(
        (float(cdist(rows[i : i + width], rows[i:], "cityblock").max()) for i in range(0, n, width)), default=0.0
    )


def _dobrushin_searched(rows: FloatArray) -> float:
    """max over pairs of d_TV, all but the promising pairs excluded by their overlap on the heaviest columns."""
    n = rows.shape[0]
    # d_TV is the mean of the two sums less the overlap; a slack keeps rounding from excluding the best pair.
    slack = 1e-12
    heavy = np.argsort(-np.median(rows[:: max(1, n // 64)], axis=0))
    part = np.ascontiguousarray(rows[:, heavy[:HEAVY_COLUMNS]])
    mass, whole = part.sum(axis=1), rows.sum(axis=1)
    middle = rows.mean(axis=0)
    far = np.argsort(-np.abs(rows - middle).sum(axis=1))[: max(16, n // 32)]
    best = 0.5 * _largest_l1(rows[far])
    for i in range(0, n, 64):
        # min(a, b) = (a + b - |a - b|) / 2, summed over the heavy columns
        overlap = 0.5 * (mass[i : i + 64, None] + mass[i:] - cdist(part[i : i + 64], part[i:], "cityblock"))
        promising = 0.5 * (whole[i : i + 64, None] + whole[i:]) - overlap >= best - slack
        if np.count_nonzero(promising) > promising.size // 16:  # too many for one pair at a time
            best = max(best, 0.5 * float(cdist(rows[i : i + 64], rows[i:], "cityblock").max()))
            continue
        left, right = np.nonzero(promising)
        open_ = right > left
        left, right = left[open_] + i, right[open_] + i
        for first in range(0, left.size, 256):
            pairs = slice(first, first + 256)
            differences = rows[left[pairs]] - rows[right[pairs]]
            best = max(best, 0.5 * float(np.abs(differences, out=differences).sum(axis=1).max()))
    return min(1.0, best)


def doeblin(matrix: FloatArray) -> float:
    """Doeblin coefficient alpha(M) = sum_j min_i M_ij in [0, 1] (D9)."""
    return min(1.0, float(matrix.min(axis=0).sum()))


def min_entry(matrix: FloatArray) -> float:
    """The smallest entry of a matrix."""
    return float(matrix.min())


def p_min(chain: WindowChain) -> float:
    """Smallest next-token probability over full contexts (D8); 0 where it underflows, see `log_p_min`."""
    return float(chain.table.min())


def log_p_min(chain: WindowChain) -> float:
    """log p_min in nats; -inf when some token is impossible."""
    return float(chain.log_probs.min())


@dataclass(frozen=True, eq=False)
class LogEpsilon:
    """log epsilon (nats) and a path that attains it.

    `contexts` (K,) base-T values, `tokens` (K,) drawn there; `start` = contexts[0].
    """

    value: float
    contexts: tuple[int, ...] = field(repr=False)
    tokens: tuple[int, ...] = field(repr=False)

    @property
    def start(self) -> int:
        return self.contexts[0]


def log_epsilon(chain: WindowChain) -> LogEpsilon:
    """log of the smallest entry of A = P^K by the min-plus recursion f_{k+1}(u) = min_x [log P(x|u) + f_k(u.x)] (D8).

    Cost K T^(K+1), no T^K x T^K matrix; -inf (with the path) when some path is impossible.
    """
    T, K, n = chain.T, chain.K, chain.n
    M = n // T
    logs = chain.log_probs
    values = [np.zeros(n)]
    for _ in range(K):
        ahead = values[-1].reshape(M, T)  # (w, x)
        best = np.full((T, M), np.inf)  # (a, w)
        for x in range(T):
            np.minimum(best, logs[:, x].reshape(T, M) + ahead[:, x], out=best)
        values.append(best.ravel())
    u = int(np.argmin(values[-1]))
    value = float(values[-1][u])
    contexts, tokens = [], []
    for k in range(K, 0, -1):
        w = u % M
        x = int(np.argmin(logs[u] + values[k - 1][w * T : w * T + T]))
        contexts.append(u)
        tokens.append(x)
        u = w * T + x
    return LogEpsilon(value, tuple(contexts), tuple(tokens))


def block_matrix(chain: WindowChain, steps: int | None = None) -> FloatArray:
    """Law of the next `steps` <= K tokens after each full context, (T^K, T^steps); with steps = K (default) it is A =
    P^K.

    Raises `ValueError` beyond 8192 states.
    """
    T, n = chain.T, chain.n
    steps = chain.K if steps is None else steps
    if not 0 <= steps <= chain.K:
        raise ValueError(f"steps = {steps}, expected an integer in 0..{chain.K}")
    if n > DENSE_LIMIT:
        raise ValueError(f"the block matrix of {n} states was asked for, expected at most {DENSE_LIMIT}")
    M = n // T
    laws = np.ones((n, 1))
    table = np.ascontiguousarray(chain.table)
    for _ in range(steps):
        # After u = aM + w and token x the context is wT + x, whatever a was.
        ahead = laws.reshape(M, T, -1)  # (w, x, T^k)
        laws = (table.reshape(T, M, T)[..., None] * ahead).reshape(n, -1)  # (aM + w, x T^k + v)
    return laws


def gamma(chain: WindowChain) -> FloatArray:
    """Overlaps gamma_k (K,): min over suffixes w of length k of sum_x min{P(x|s): s ends in w} (D10); O(T^(K+1))."""
    lowest = np.asarray(chain.table)
    result = np.empty(chain.K)
    for k in range(chain.K - 1, -1, -1):
        lowest = lowest.reshape(chain.T, chain.T**k, chain.T).min(axis=0)  # (T^k, T), over the oldest token left
        result[k] = lowest.sum(axis=1).min()
    return np.minimum(result, 1.0)


def beta_work(chain: WindowChain) -> float:
    """Multiplications that `beta` needs: T for T = 2 (closed form), else about T^(2K+1) / 2."""
    return float(chain.K * chain.n) if chain.T == 2 else 0.5 * float(chain.n) ** 2 * chain.T * chain.T / (chain.T - 1)


def beta(chain: WindowChain, *, short: bool = False, work_limit: float = WORK_LIMIT) -> FloatArray:
    """Overlaps beta_k (K,): min over pairs of full contexts agreeing on their last k tokens of sum_x min(P(x|s),
    P(x|s')) (D10).

    `short=True` also takes pairs of shorter contexts of equal length (for chains that start from a short prompt).
    Raises `ValueError` when the work, about T^(2K+1)/2, exceeds `work_limit`; gamma_k are then lower bounds.
    """
    if beta_work(chain) > work_limit:
        raise ValueError(
            f"the overlaps beta need {beta_work(chain):.2g} operations, limit {work_limit:.2g}; gamma() gives "
            "lower bounds"
        )
    result = np.array([_beta_k(chain.table, chain.T, k) for k in range(chain.K)])
    if short:
        for length in range(1, chain.K):
            rows = chain.short_rows(length)
            for k in range(length):
                result[k] = min(result[k], _beta_k(rows, chain.T, k))
    # Rounding may break the order beta_k <= beta_{k+1} in the last digit; a smaller value is the safe side of every
    # bound.
    return np.asarray(np.minimum.accumulate(result[::-1])[::-1])


def _beta_k(rows: FloatArray, T: int, k: int) -> float:
    groups = rows.reshape(-1, T**k, T)  # (oldest tokens, suffix of length k, next token)
    if T == 2:
        ones = groups[..., 1]
        return 1.0 - float((ones.max(axis=0) - ones.min(axis=0)).max())
    return 1.0 - max(dobrushin(groups[:, w], work_limit=np.inf) for w in range(T**k))
