"""Grassmann-Taksar-Heyman elimination: the stationary law without subtractions.

Every operation is a sum, product or quotient of non-negative numbers, so each entry of the result has a small
*relative* error, also for nearly decomposable chains (specification, section 3, item 5).  States are eliminated from
the last to the first in blocks, so that most of the O(n^3) work is matrix products; the blocked order performs the same
non-negative operations.
"""

from __future__ import annotations

import numpy as np

from numerics.chains.arrays import FloatArray

BLOCK = 48


def gth(matrix: FloatArray) -> FloatArray:
    """Stationary law (n,) of an irreducible stochastic matrix (n, n); O(n^3) time, one copy of the matrix.

    Only the off-diagonal entries are read (the diagonal is what is left of the row).  Raises `ValueError` for a
    reducible matrix as soon as a state cannot reach the states before it.
    """
    a = np.array(matrix, dtype=np.float64, order="C")
    n = a.shape[0]
    out = np.ones(n)  # out[j]: rate at which the censored chain leaves j for the states before it
    stop = n
    while stop > 1:
        start = max(1, stop - BLOCK) if stop > BLOCK + 1 else 1
        for j in range(stop - 1, start - 1, -1):
            out[j] = a[j, :j].sum()
            if not out[j] > 0.0:
                raise ValueError(
                    f"state {j} cannot reach the states before it: the matrix is reducible, expected an irreducible one"
                )
            a[:j, j] /= out[j]
            if j > start:
                # Panel columns for all rows, then the remaining columns of the panel rows.
                a[:j, start:j] += a[:j, j, None] * a[j, None, start:j]
            a[start:j, :start] += a[start:j, j, None] * a[j, None, :start]
        a[:start, :start] += a[:start, start:stop] @ a[start:stop, :start]
        stop = start
    pi = np.zeros(n)
    pi[0] = 1.0
    for j in range(1, n):
        pi[j] = pi[:j] @ a[:j, j]
    return np.asarray(pi / pi.sum(), dtype=np.float64)


def gth_log(log_matrix: FloatArray) -> FloatArray:
    """Logarithms (n,) of the stationary law from the logarithms (n, n) of an irreducible stochastic matrix: the same
    elimination.

    For chains whose probabilities underflow (a model at a very low temperature); unblocked, so several times slower
    than `gth`.
    """
    a = np.array(log_matrix, dtype=np.float64)
    n = a.shape[0]
    for j in range(n - 1, 0, -1):
        out = np.logaddexp.reduce(a[j, :j])
        if out == -np.inf:
            raise ValueError(f"state {j} cannot reach the states before it: the matrix is reducible")
        a[:j, j] -= out
        a[:j, :j] = np.logaddexp(a[:j, :j], a[:j, j, None] + a[j, None, :j])
    pi = np.zeros(n)
    for j in range(1, n):
        pi[j] = np.logaddexp.reduce(pi[:j] + a[:j, j])
    return np.asarray(pi - np.logaddexp.reduce(pi), dtype=np.float64)
