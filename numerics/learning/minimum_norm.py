"""The decoder of least norm with gap at least 1: a strictly convex quadratic program a position.

Main definitions
    minimum_norm   the solution, its constraints computed again from the weights

A least-distance program is solved as a non-negative least-squares problem (Lawson and Hanson 1974, chapter 23). On
ill-conditioned data that reduction can return an infeasible point, whatever its status says: the gaps are computed
again, and sequential quadratic programming takes over where they fall short.
Source: specification `autoregressive`, pac_to_ar_expected and section 4.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize, nnls

from numerics.learning.erm import SolverError, consistent, constraints, least_gap
from numerics.learning.features import Decoder, IntArray

GAP = 1 - 1e-6


def minimum_norm(decoder: Decoder, contexts: IntArray, tokens: IntArray) -> NDArray[np.float64] | None:
    """Weights of least Frobenius norm with gap at least 1 - 1e-6 on contexts (m, L), tokens (m,); None if infeasible.

    Raises SolverError where no road finds a point that satisfies the constraints.
    """
    if len(decoder.live) == 1:
        return np.zeros(decoder.shape)
    rows = constraints(decoder, contexts, tokens).toarray()  # (c, |W|)
    weights = _least_distance(rows)
    if weights is not None and least_gap(decoder, weights.reshape(decoder.shape), contexts, tokens) >= GAP:
        return weights.reshape(decoder.shape)
    start = consistent(decoder, contexts, tokens)
    if start is None:
        return None
    weights = _sequential(rows, start.ravel()).reshape(decoder.shape)
    found = least_gap(decoder, weights, contexts, tokens)
    if found < GAP:
        raise SolverError(f"the weights of least norm have least gap {found:.9g}, expected at least 1 - 1e-6")
    return weights


def _least_distance(rows: NDArray[np.float64]) -> NDArray[np.float64] | None:
    """min |w| subject to rows @ w >= 1, by non-negative least squares; None where the residual vanishes."""
    system = np.vstack([rows.T, np.ones(len(rows))])  # (|W| + 1, c)
    target = np.zeros(len(system))
    target[-1] = 1.0
    try:
        dual, _ = nnls(system, target)
    except RuntimeError:  # no convergence within its iterations: the other road decides
        return None
    residual = system @ dual - target
    if abs(residual[-1]) < 1e-12:
        return None
    found: NDArray[np.float64] = -residual[:-1] / residual[-1]
    return found


def _sequential(rows: NDArray[np.float64], start: NDArray[np.float64]) -> NDArray[np.float64]:
    answer = minimize(
        lambda w: 0.5 * float(w @ w),
        start,
        jac=lambda w: w,
        constraints={"type": "ineq", "fun": lambda w: rows @ w - 1, "jac": lambda w: rows},
        method="SLSQP",
        options={"maxiter": 500, "ftol": 1e-12},
    )
    found: NDArray[np.float64] = np.asarray(answer.x, dtype=np.float64)
    return found
