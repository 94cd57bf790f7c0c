"""Dependence between a context and its next token: the canonical dependence matrix.

B_xw = sqrt(mu(x)) (p_x(w) - p(w)) / sqrt(p(w)), p = E p_X. Its singular values are the maximal correlations of (X, W),
and ||B||_F^2 = I_chi2(X; W), the chi-squared divergence of the joint law from the product of its marginals.

Main definitions: `token_law`, `dependence_matrix`, `singular_values`, `chi_squared_information`, `mutual_information`.
Conventions: rows (N, V), measure (N,) positive with sum 1; tokens of probability 0 have a column of zeros; nats.
Source: specification `categorical`, D23, claim chi2_information_bound.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from numerics.information.divergences import kl
from numerics.kernels.kernel import check_rows

FloatArray = NDArray[np.float64]
SUM_ERROR = 1e-9


def token_law(rows: FloatArray, measure: FloatArray) -> FloatArray:
    """p(w) = sum_x mu(x) p_x(w): (V,). Raises ValueError for rows or a measure that are not laws."""
    check_rows(rows, "the next-token laws")
    check_measure(measure, len(rows))
    return np.asarray(measure @ rows)


def dependence_matrix(rows: FloatArray, measure: FloatArray) -> FloatArray:
    """B (N, V)."""
    tokens = token_law(rows, measure)
    roots = np.sqrt(np.where(tokens > 0, tokens, 1.0))
    return np.asarray(np.sqrt(measure)[:, None] * (rows - tokens) / roots)


def singular_values(rows: FloatArray, measure: FloatArray) -> FloatArray:
    """sigma_1 >= sigma_2 >= ... of B: (min(N, V),), in [0, 1]."""
    return np.asarray(np.linalg.svd(dependence_matrix(rows, measure), compute_uv=False), dtype=np.float64)


def chi_squared_information(rows: FloatArray, measure: FloatArray) -> float:
    """I_chi2(X; W) = ||B||_F^2."""
    return float((dependence_matrix(rows, measure) ** 2).sum())


def mutual_information(rows: FloatArray, measure: FloatArray) -> float:
    """I(X; W) = E KL(p_X || p) in nats."""
    tokens = token_law(rows, measure)
    return float(measure @ kl(rows, np.broadcast_to(tokens, rows.shape)))


def check_measure(measure: FloatArray, size: int) -> None:
    """Raise ValueError unless the measure is a positive law on `size` points."""
    if measure.shape != (size,):
        raise ValueError(f"the measure has shape {measure.shape}, expected ({size},)")
    wrong = np.flatnonzero(~(measure > 0))
    if wrong.size:
        raise ValueError(
            f"the measure of point {wrong[0]} is {measure[wrong[0]]}, expected a positive number (drop null points)"
        )
    if not abs(float(measure.sum()) - 1) <= SUM_ERROR:
        raise ValueError(f"the measure sums to {float(measure.sum()):.9g}, expected 1 within {SUM_ERROR}")
