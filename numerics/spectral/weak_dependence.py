"""Weak dependence: the best log-bilinear head against the truncated SVD of the dependence matrix.

For p_x = p + eps r_x the least E KL(p_X || q_X) over heads b(w) + <h_x, g_w> of width d is
1/2 sum_{i>d} sigma_i(B)^2 + O(eps^3). Main definitions

    perturbed_rows                  p + eps r_x, with the errors of a row that leaves the simplex
    svd_head                        the head and states of the truncated SVD: exact to second order
    LogBilinearFit, best_log_bilinear   minimum found by L-BFGS from there: an upper bound of the true minimum
    WeakDependence, weak_dependence the fit, the prediction, their ratio, and the cosine of the leading directions

Conventions: rows (N, V) of full support, measure (N,) a positive law; nats.
Source: specification `categorical`, claim weak_dependence_svd.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import log_softmax

from numerics.information.divergences import kl
from numerics.kernels.kernel import check_rows
from numerics.similarity.dependence import (
    check_measure,
    chi_squared_information,
    dependence_matrix,
    token_law,
)

FloatArray = NDArray[np.float64]
SADDLE_SHARE = 1e-6
ZERO_CORRELATION = 1e-12  # maximal correlations lie in [0, 1]; smaller ones are rounding noise


@dataclass(frozen=True, eq=False)
class LogBilinearFit:
    """A head of width d: bias (V,), states (N, d), unembedding (V, d); `loss` = E KL(p_X || q_X) in nats.

    `gradient` is the largest entry of the gradient at the end: the fit is a local minimum to that accuracy, and its
    loss an upper bound of the global one.
    """

    bias: FloatArray
    states: FloatArray
    unembedding: FloatArray
    loss: float
    gradient: float


@dataclass(frozen=True, eq=False)
class WeakDependence:
    """The fit, the predicted loss 1/2 sum_{i>d} sigma_i^2, and |cos| of the leading canonical angle between the states
    and the top left singular functions."""

    fit: LogBilinearFit
    predicted: float
    cosine: float

    @property
    def ratio(self) -> float:
        """Fitted over predicted loss; tends to 1 at weak dependence."""
        return self.fit.loss / self.predicted


def perturbed_rows(base: FloatArray, direction: FloatArray, size: float) -> FloatArray:
    """p + size r_x for p (V,) and r (N, V) with rows of sum 0: (N, V). Raises ValueError when a row is not a law."""
    rows = base + size * direction
    check_rows(rows, "the next-token laws")
    return np.asarray(rows)


def svd_head(rows: FloatArray, measure: FloatArray, width: int) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Bias log p (V,), states sqrt(sigma) u / sqrt mu (N, d), unembedding sqrt(sigma) v / sqrt p (V, d)."""
    tokens = token_law(rows, measure)
    left, values, right = np.linalg.svd(dependence_matrix(rows, measure), full_matrices=False)
    if not 1 <= width <= len(values):
        raise ValueError(f"the width is {width}, expected 1 to {len(values)}")
    # A pair of vanishing singular value would start at a saddle, which no gradient leaves.
    roots = np.sqrt(np.maximum(values[:width], SADDLE_SHARE * values[0]))
    states = left[:, :width] * roots / np.sqrt(measure)[:, None]
    return np.log(tokens), states, right[:width].T * roots / np.sqrt(tokens)[:, None]


def best_log_bilinear(rows: FloatArray, measure: FloatArray, width: int, most_steps: int = 5000) -> LogBilinearFit:
    """Minimise E KL(p_X || softmax(b + G h_X)) over b, h, G by L-BFGS from the truncated SVD."""
    check_rows(rows, "the next-token laws")
    check_measure(measure, len(rows))
    if not (token_law(rows, measure) > 0).all():
        raise ValueError("a token has probability 0 in every row, expected rows of full support together")
    start = svd_head(rows, measure, width)
    contexts, tokens = rows.shape
    # Losses are counted in units of I_chi2 / 2, so that the tolerance is relative however weak the dependence is.
    unit = max(chi_squared_information(rows, measure) / 2, ZERO_CORRELATION**2)

    def unpack(flat: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        bias, states = flat[:tokens], flat[tokens : tokens + contexts * width]
        return bias, states.reshape(contexts, width), flat[tokens + contexts * width :].reshape(tokens, width)

    def objective(flat: FloatArray) -> tuple[float, FloatArray]:
        bias, states, unembedding = unpack(flat)
        log_q = log_softmax(bias + states @ unembedding.T, axis=1)  # (N, V)
        residual = measure[:, None] * (np.exp(log_q) - rows)
        gradient = np.concatenate(
            [residual.sum(axis=0), (residual @ unembedding).ravel(), (residual.T @ states).ravel()]
        )
        # Not the difference of two entropies, whose error of 1e-16 is too much at weak dependence.
        return float(measure @ kl(rows, np.exp(log_q))) / unit, gradient / unit

    found = minimize(
        objective,
        np.concatenate([part.ravel() for part in start]),
        jac=True,
        method="L-BFGS-B",
        options={"maxiter": most_steps, "maxfun": 4 * most_steps, "maxcor": 30, "ftol": 0.0, "gtol": 1e-8},
    )
    bias, states, unembedding = unpack(np.asarray(found.x, dtype=np.float64))
    loss, gradient = objective(found.x)
    return LogBilinearFit(bias, states, unembedding, unit * loss, unit * float(np.abs(gradient).max()))


def weak_dependence(rows: FloatArray, measure: FloatArray, width: int) -> WeakDependence:
    """Fit at this width against the truncated SVD. Raises ZeroDivisionError where the SVD predicts 0."""
    left, values, _ = np.linalg.svd(dependence_matrix(rows, measure), full_matrices=False)
    predicted = float((values[width:] ** 2).sum()) / 2
    if predicted <= ZERO_CORRELATION**2:
        raise ZeroDivisionError(f"the dependence matrix has rank at most {width}: the predicted loss is 0")
    fit = best_log_bilinear(rows, measure, width)
    roots = np.sqrt(measure)[:, None]
    centred = roots * (fit.states - measure @ fit.states)
    basis, _ = np.linalg.qr(centred)
    cosines = np.linalg.svd(basis.T @ left[:, :width], compute_uv=False)
    return WeakDependence(fit, predicted, float(cosines.min()))
