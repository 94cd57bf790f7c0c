"""The transition operator of a window chain, in every form; all forms agree.

Matrix-free actions on the recurrent block never store an index: with u = aM + w, M = T^(K-1), the successors of u are
wT + x, so

    left   (mu Q)(wT + x) = sum_a p[aM + w, x] mu[aM + w]
    right  (Q f)(aM + w)  = sum_x p[aM + w, x] f[wT + x]

which are contractions over strided views of the table.  Each costs T^(K+1) multiplications and O(block) extra memory.
CSR and dense forms exist for the recurrent block and for the full space of strings of length 1..K.  Source: definitions
D5, D6.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from numerics.chains.arrays import FloatArray, IntArray
from numerics.chains.index import length_offset, state_successor_table, successor_table
from numerics.chains.window_chain import TOKEN_MAJOR_LIMIT, WindowChain

if TYPE_CHECKING:  # SciPy is imported where it is used: the matrix-free road needs NumPy only
    import scipy.sparse as sparse

# Up to this size short rows are written as fast one entry at a time as column by column.
DIRECT_LIMIT = 4096
# A dense matrix of more states than this (512 MB) is refused: use the matrix-free or sparse form.
DENSE_LIMIT = 8192


def block_width(T: int) -> int:
    """Contexts handled at a time: T * width doubles of output stay in the cache."""
    return max(1024, 16384 // T)


def left_action(chain: WindowChain, mu: FloatArray, out: FloatArray | None = None) -> FloatArray:
    """One step of a law on the full contexts: mu -> mu Q, shapes (T^K,)."""
    T, n = chain.T, chain.n
    M = n // T
    result = np.empty(n) if out is None else out
    laws = mu.reshape(T, M)  # (a, w)
    after = result.reshape(M, T)  # (w, x)
    if T > TOKEN_MAJOR_LIMIT:
        rows = chain.table.reshape(T, M, T)  # (a, w, x)
        for w in range(M):
            after[w] = laws[:, w] @ rows[:, w]
        return result
    tokens = chain.table.T.reshape(T, T, M)  # (x, a, w), a view of the token-major storage
    width = block_width(T)
    for w in range(0, M, width):
        stop = min(w + width, M)
        put_columns(after[w:stop], np.einsum("xaw,aw->xw", tokens[:, :, w:stop], laws[:, w:stop]))
    return result


def left_steps(chain: WindowChain, mu: FloatArray, other: FloatArray, count: int) -> tuple[FloatArray, FloatArray]:
    """(mu Q^count, mu Q^(count - 1)) for count >= 1, in the memory of `mu` and `other` (T^K,), both overwritten.

    Short laws are stepped through views that are made once: Python would else take longer than the product.
    """
    T, M = chain.T, chain.n // chain.T
    if T > TOKEN_MAJOR_LIMIT or block_width(T) < M:
        for _ in range(count):
            mu, other = left_action(chain, mu, other), mu
        return mu, other
    tokens, columns = chain.table.T.reshape(T, T, M), np.empty((T, M))
    laws = (mu.reshape(T, M), other.reshape(T, M))
    rows = (other.reshape(M, T), mu.reshape(M, T))
    for step in range(count):
        here = step % 2
        if chain.n <= DIRECT_LIMIT and T < 8:
            np.einsum("xaw,aw->xw", tokens, laws[here], out=rows[here].T)
        else:
            np.einsum("xaw,aw->xw", tokens, laws[here], out=columns)
            put_columns(rows[here], columns)
    return (other, mu) if count % 2 else (mu, other)


def put_columns(rows: NDArray[np.floating[Any]], columns: NDArray[np.floating[Any]]) -> None:
    """rows[:] = columns.T; short rows are written a column at a time, because NumPy's inner loop would be the row."""
    if rows.shape[1] >= 8:
        rows[:] = columns.T
        return
    for x in range(rows.shape[1]):
        rows[:, x] = columns[x]


def right_action(chain: WindowChain, f: FloatArray, out: FloatArray | None = None) -> FloatArray:
    """One step of a function on the full contexts: f -> Q f, shapes (T^K,)."""
    T, n = chain.T, chain.n
    M = n // T
    result = np.empty(n) if out is None else out
    values = f.reshape(M, T)  # (w, x)
    before = result.reshape(T, M)  # (a, w)
    if T > TOKEN_MAJOR_LIMIT:
        rows = chain.table.reshape(T, M, T)  # (a, w, x)
        for w in range(M):
            before[:, w] = rows[:, w] @ values[w]
        return result
    tokens = chain.table.T.reshape(T, T, M)  # (x, a, w)
    width = block_width(T)
    for w in range(0, M, width):
        stop = min(w + width, M)
        before[:, w:stop] = np.einsum("xaw,xw->aw", tokens[:, :, w:stop], np.ascontiguousarray(values[w:stop].T))
    return result


def right_kernels(chain: WindowChain) -> FloatArray:
    """The table as one T x T matrix p[aw, x] for each suffix w of K-1 tokens, (T^(K-1), T, T), a view."""
    T = chain.T
    return np.asarray(chain.table).reshape(T, -1, T).transpose(1, 0, 2)


def right_action_many(chain: WindowChain, functions: FloatArray) -> FloatArray:
    """One step of m functions at once, (T^K, m) -> (T^K, m): Q f by a T x T product for each suffix.

    With the identity to begin with, t steps give P^t.
    """
    T, n = chain.T, chain.n
    ahead = np.ascontiguousarray(functions).reshape(n // T, T, -1)  # (w, x, m)
    result = np.empty((T, n // T, ahead.shape[2]))  # (a, w, m)
    np.matmul(np.ascontiguousarray(right_kernels(chain)), ahead, out=result.transpose(1, 0, 2))
    return result.reshape(n, -1)


def left_action_full(chain: WindowChain, mu: FloatArray) -> FloatArray:
    """One step of a law on all states: shapes (n_S,), order D3.  Needs the shorter contexts when K > 1."""
    result = np.zeros(chain.n_all)
    offset = chain.n_all - chain.n
    for length in range(1, chain.K):
        here, there = length_offset(length, chain.T), length_offset(length + 1, chain.T)
        block = mu[here : here + chain.T**length, None] * chain.short_rows(length)  # (T^length, T)
        result[there : there + block.size] = block.ravel()
    result[offset:] += left_action(chain, np.ascontiguousarray(mu[offset:]))
    return result


def right_action_full(chain: WindowChain, f: FloatArray) -> FloatArray:
    """One step of a function on all states: shapes (n_S,), order D3.  Needs the shorter contexts when K > 1."""
    result = np.empty(chain.n_all)
    offset = chain.n_all - chain.n
    for length in range(1, chain.K):
        here, there = length_offset(length, chain.T), length_offset(length + 1, chain.T)
        count = chain.T**length
        values = f[there : there + count * chain.T].reshape(count, chain.T)
        result[here : here + count] = (chain.short_rows(length) * values).sum(axis=1)
    result[offset:] = right_action(chain, np.ascontiguousarray(f[offset:]))
    return result


def csr(chain: WindowChain) -> sparse.csr_array:
    """Transition matrix of the recurrent block as CSR with T entries a row (explicit zeros kept out)."""
    return _csr(chain.table, successor_table(chain.T, chain.K))


def csr_full(chain: WindowChain) -> sparse.csr_array:
    """Transition matrix Q of the full space (n_S, n_S), order D3, as CSR."""
    return _csr(_all_rows(chain), state_successor_table(chain.T, chain.K))


def dense(chain: WindowChain) -> FloatArray:
    """Transition matrix of the recurrent block (T^K, T^K).

    `ValueError` beyond 8192 states: sparse chains are never densified.
    """
    _check_dense(chain.n)
    return _dense(chain.table, successor_table(chain.T, chain.K))


def dense_full(chain: WindowChain) -> FloatArray:
    """Transition matrix Q of the full space (n_S, n_S), order D3.  `ValueError` beyond 8192 states."""
    _check_dense(chain.n_all)
    return _dense(_all_rows(chain), state_successor_table(chain.T, chain.K))


def _check_dense(n: int) -> None:
    if n > DENSE_LIMIT:
        raise ValueError(
            f"a dense matrix of {n} states was asked for, expected at most {DENSE_LIMIT}; use csr() or the actions"
        )


def _all_rows(chain: WindowChain) -> FloatArray:
    if chain.K == 1:
        return chain.table
    if chain.short is None:
        raise ValueError(
            "the full space needs the shorter contexts; build the chain with short_contexts=True or pass `short`"
        )
    return np.concatenate([chain.short, chain.table])


def _csr(rows: FloatArray, successors: IntArray) -> sparse.csr_array:
    import scipy.sparse as sparse

    n, T = rows.shape
    index_type = np.int32 if n * T < np.iinfo(np.int32).max else np.int64
    data = np.ascontiguousarray(rows).ravel()
    starts = np.arange(0, n * T + 1, T, dtype=index_type)
    matrix = sparse.csr_array((data, successors.ravel().astype(index_type), starts), shape=(n, n))
    if not rows.min() > 0.0:
        matrix = matrix.copy()
        matrix.eliminate_zeros()
    return matrix


def _dense(rows: FloatArray, successors: IntArray) -> FloatArray:
    n = rows.shape[0]
    matrix = np.zeros((n, n))
    matrix[np.arange(n)[:, None], successors] = rows
    return matrix
