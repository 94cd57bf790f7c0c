"""The pullback metric without a matrix: products g*(h) v in O(V d), and its top eigenvalues by Lanczos.

g* v = W^T (p o (W v - <p, W v>)): two passes over W, and never an array with two axes of length V.

Main definitions: `metric_operator`, `quadratic_form`, `top_eigenvalues`.
Source: specification `categorical`, 4.4 (iii).
"""

from __future__ import annotations

import numpy as np
from scipy.sparse.linalg import LinearOperator, eigsh

from numerics.geometry.head import FloatArray, Head, images, rows, weighted_rows
from numerics.geometry.pullback import metric


def metric_operator(head: Head, state: FloatArray) -> LinearOperator:
    """g*(h) at a state (d,) as a symmetric operator (d, d)."""
    probabilities = rows(head, state)

    def product(vector: FloatArray) -> FloatArray:
        values = images(head, np.asarray(vector, dtype=np.float64).reshape(-1))  # (V,)
        values -= probabilities @ values
        return weighted_rows(head, probabilities * values)

    shape = (head.width, head.width)
    return LinearOperator(shape, matvec=product, rmatvec=product, dtype=np.float64)


def quadratic_form(head: Head, state: FloatArray, vector: FloatArray) -> float:
    """g*(h)(v, v) = Var_{p_h} <g, v> for a state and a vector (d,), in O(V d)."""
    probabilities = rows(head, state)
    values = images(head, vector)
    return float(probabilities @ (values - probabilities @ values) ** 2)


def top_eigenvalues(head: Head, state: FloatArray, count: int, tolerance: float = 0.0) -> FloatArray:
    """The `count` largest eigenvalues of g*(h), decreasing; the same numbers on every call.

    `tolerance` is the relative accuracy asked of Lanczos, 0 for machine precision. With count >= d - 1, where Lanczos
    has no room, the dense matrix is diagonalised. Raises ValueError for a count outside 1..d.
    """
    if not 1 <= count <= head.width:
        raise ValueError(f"{count} eigenvalues were asked for, expected 1 to {head.width}")
    if count >= head.width - 1:
        return np.asarray(np.linalg.eigvalsh(metric(head, state))[::-1][:count])
    return top_eigenvalues_of(metric_operator(head, state), count, tolerance)


def top_eigenvalues_of(operator: LinearOperator, count: int, tolerance: float = 0.0) -> FloatArray:
    """The `count` largest eigenvalues of a symmetric operator (n, n), decreasing; count < n."""
    size = operator.shape[0]
    # A fixed vector with no structure: the result must not depend on a random start.
    start = np.cos(np.arange(1.0, size + 1) ** 2)
    values = eigsh(operator, k=count, which="LA", v0=start, tol=tolerance, return_eigenvectors=False)
    return np.sort(np.asarray(values, dtype=np.float64))[::-1]
