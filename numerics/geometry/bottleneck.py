"""The softmax bottleneck: ranks of matrices of log-probabilities.

A head of width d gives log q_x(w) = <g(w), h_x> + b(w) - A(h_x): rank at most d + 1 (d + 2 with bias), and at most d
(d + 1 with bias) once the mean of every row is taken out. Data rows of larger centred rank cannot be matched.

Main definitions: `log_row_rank`, `centred_log_row_rank`.
Source: specification `categorical`, claim softmax_bottleneck.
"""

from __future__ import annotations

import numpy as np

from numerics.geometry.head import FloatArray

RELATIVE_TOLERANCE = 1e-10


def log_row_rank(log_rows: FloatArray, relative_tolerance: float = RELATIVE_TOLERANCE) -> int:
    """rank [log q_x(w)] of a finite matrix (N, V), by singular values above the tolerance times the largest."""
    if not np.isfinite(log_rows).all():
        x, w = np.argwhere(~np.isfinite(log_rows))[0]
        raise ValueError(f"log-probability ({x}, {w}) is {log_rows[x, w]}, expected rows of full support")
    values = np.linalg.svd(log_rows, compute_uv=False)
    return int((values > relative_tolerance * values[0]).sum())


def centred_log_row_rank(log_rows: FloatArray, relative_tolerance: float = RELATIVE_TOLERANCE) -> int:
    """The rank after the mean over tokens is taken out of every row; 0 for uniform rows."""
    if not np.isfinite(log_rows).all():
        x, w = np.argwhere(~np.isfinite(log_rows))[0]
        raise ValueError(f"log-probability ({x}, {w}) is {log_rows[x, w]}, expected rows of full support")
    values = np.linalg.svd(log_rows - log_rows.mean(axis=1, keepdims=True), compute_uv=False)
    # Uniform rows leave rounding noise of the size of what was subtracted.
    noise = 1e-13 * float(np.abs(log_rows).max())
    return int((values > max(relative_tolerance * values[0], noise)).sum())
