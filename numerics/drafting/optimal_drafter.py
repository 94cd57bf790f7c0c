"""The drafter of largest acceptance: greedy filling, and a linear program as a second road.

Main definitions
    best_drafter            for one cell: argmax_q Σ_i w_i Σ_v min(p_i(v), q(v)), and the maximum
    best_drafters           for every cell of (H, W)
    best_by_linear_program  the maximum for one cell by `linprog`

Method: in q(v) the objective is concave and piecewise linear; between two levels of {p_i(v)} its slope is
the weight of the rows above. All segments of all tokens by decreasing slope, until mass 1: O(nV log nV).

Source: specification `categorical`, claim optimal_drafter and 4.7.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


class Drafter(NamedTuple):
    """A drafter's rows, and the acceptance Σ_i w_i Σ_v min(p_i, q) that they reach."""

    rows: FloatArray
    value: float


def best_drafter(weights: FloatArray, p: FloatArray) -> Drafter:
    """The best single row (V,) against verifier rows p (n, V) with weights (n,) ≥ 0. `value` is at most Σ w."""
    size = p.shape[1]
    order = np.argsort(p, axis=0, kind="stable")
    levels = np.take_along_axis(p, order, axis=0)  # (n, V), increasing
    lengths = np.diff(levels, axis=0, prepend=0.0)
    sorted_weights = weights[order]  # (n, V)
    slopes = np.cumsum(sorted_weights[::-1], axis=0)[::-1]  # the weight of the rows at least as high
    ranking = np.argsort(-slopes.ravel(), kind="stable")
    filled = np.cumsum(lengths.ravel()[ranking])
    taken = np.clip(1.0 - (filled - lengths.ravel()[ranking]), 0.0, lengths.ravel()[ranking])
    q = np.bincount(ranking % size, weights=taken, minlength=size)
    q = q / q.sum()
    value = float((weights * np.minimum(p, q).sum(axis=1)).sum())
    return Drafter(q, value)


def best_drafters(weights: FloatArray, p: FloatArray, cells: IntArray) -> Drafter:
    """The best row of every cell, (cells, V), and the acceptance of all. A cell without rows is uniform."""
    rows = np.full((int(cells.max()) + 1, p.shape[1]), 1.0 / p.shape[1])
    order = np.argsort(cells, kind="stable")
    starts = np.searchsorted(cells[order], np.arange(len(rows) + 1))
    value = 0.0
    for cell in range(len(rows)):
        members = order[starts[cell] : starts[cell + 1]]
        if len(members):
            found = best_drafter(weights[members], p[members])
            rows[cell] = found.rows
            value += found.value
    return Drafter(rows, value)


def best_by_linear_program(weights: FloatArray, p: FloatArray) -> float:
    """The same maximum by a linear program over (q, m_iv): m_iv ≤ p_iv, m_iv ≤ q_v, Σ q = 1. For small cases."""
    from scipy.optimize import linprog
    from scipy.sparse import csr_matrix, eye, hstack, kron

    count, size = p.shape
    # variables q (V), then m (n, V); constraints m_iv - q_v ≤ 0
    below = hstack([csr_matrix(-kron(np.ones((count, 1)), eye(size))), eye(count * size)])
    objective = np.concatenate([np.zeros(size), -np.repeat(weights, size)])
    upper = np.concatenate([np.ones(size), p.ravel()])
    budget = np.concatenate([np.ones(size), np.zeros(count * size)])[None, :]
    found = linprog(
        objective,
        A_ub=below,
        b_ub=np.zeros(count * size),
        A_eq=budget,
        b_eq=[1.0],
        bounds=np.stack([np.zeros_like(upper), upper], axis=1),
        method="highs",
    )
    if found.status != 0:
        raise ArithmeticError(f"the linear program of the drafter ended without an optimum: {found.message}")
    return float(-found.fun)
