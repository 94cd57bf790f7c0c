"""Acceptance of drafted tokens: α, κ, the deficit δ, and the entropy-continuity function φ_V with its inverse.

Main definitions
    acceptance           Σ_v min(p, q) = 1 - TV(p, q), row by row
    mean_acceptance      α(q) = E Σ_v min(p, q)
    kappa                κ_q = E KL(p ‖ q)
    cell_means           the KL-optimal drafter p(·|H, W): mean of the rows of a cell
    deficit              δ = E KL(p(·|X, W) ‖ p(·|H, W)) = Deficit_2
    phi, phi_inverse     φ_V(τ) = τ log(V-1) + h_b(τ), and its smallest preimage (D24)
    lower_bounds, upper_bound_kl, upper_bound_any   the bounds of the claim acceptance_bounds
    emitted_law          the law of the token that comes out, drafted or resampled

Conventions: verifier rows p (n, V) with weights (n,) that sum to 1; cell c of a row is the drafter's row q[c]; nats.

Source: specification `categorical`, D16, D24, 4.7; Leviathan et al. 2023 (the rule).
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import entr

from numerics.information.divergences import kl

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BISECTION_ERROR = 1e-13


def acceptance(p: ArrayLike, q: ArrayLike) -> FloatArray:
    """P(a token drawn from q is accepted) of rows (..., V), shape (...)."""
    return np.asarray(np.minimum(np.asarray(p, dtype=np.float64), np.asarray(q, dtype=np.float64)).sum(axis=-1))


def emitted_law(p: ArrayLike, q: ArrayLike) -> FloatArray:
    """Law of the emitted token: accepted q min(1, p/q), else a draw from (p - q)_+ / TV. It is p: nothing is lost."""
    p, q = np.asarray(p, dtype=np.float64), np.asarray(q, dtype=np.float64)
    accepted = np.minimum(p, q)
    rest = np.maximum(p - q, 0.0)
    mass = rest.sum(axis=-1, keepdims=True)
    refused = 1 - accepted.sum(axis=-1, keepdims=True)
    return np.asarray(accepted + refused * rest / np.where(mass > 0, mass, 1.0))


def mean_acceptance(weights: FloatArray, p: FloatArray, q: FloatArray, cells: IntArray) -> float:
    """α(q): the mean over rows of the acceptance against the drafter's row of their cell."""
    return float((weights * acceptance(p, q[cells])).sum())


def kappa(weights: FloatArray, p: FloatArray, q: FloatArray, cells: IntArray) -> float:
    """κ_q = E KL(p ‖ q); ∞ where the drafter misses a token that the verifier allows."""
    seen = weights > 0
    return float((weights[seen] * kl(p[seen], q[cells[seen]])).sum())


def cell_means(weights: FloatArray, p: FloatArray, cells: IntArray) -> FloatArray:
    """q* = p(·|cell), shape (cells, V): the weighted mean of the rows of every cell. A cell without mass is uniform."""
    count = int(cells.max()) + 1
    sums = np.zeros((count, p.shape[1]))
    np.add.at(sums, cells, weights[:, None] * p)
    totals = sums.sum(axis=1, keepdims=True)
    return np.asarray(np.where(totals > 0, sums / np.where(totals > 0, totals, 1.0), 1.0 / p.shape[1]))


def deficit(weights: FloatArray, p: FloatArray, cells: IntArray) -> float:
    """δ = E KL(p_row ‖ mean of its cell)."""
    return kappa(weights, p, cell_means(weights, p, cells), cells)


def phi(tau: float, vocabulary: int) -> float:
    """φ_V(τ) = τ log(V-1) + h_b(τ) up to 1 - 1/V, log V beyond. ValueError outside [0, 1] or for V < 2."""
    if vocabulary < 2:
        raise ValueError(f"the vocabulary has {vocabulary} tokens, expected at least 2")
    if not 0 <= tau <= 1:
        raise ValueError(f"the total variation is {tau}, expected a number in [0, 1]")
    if tau >= 1 - 1 / vocabulary:
        return math.log(vocabulary)
    return tau * math.log(vocabulary - 1) + float(entr(tau) + entr(1 - tau))


def phi_inverse(value: float, vocabulary: int) -> float:
    """The smallest τ with φ_V(τ) = value, by bisection to 1e-13.

    Raises ValueError for a value that is further than 1e-12 outside [0, log V], and for V < 2.
    """
    if vocabulary < 2:
        raise ValueError(f"the vocabulary has {vocabulary} tokens, expected at least 2")
    top = math.log(vocabulary)
    if not -1e-12 <= value <= top + 1e-12:
        raise ValueError(f"the value is {value}, expected a number in [0, log {vocabulary}] = [0, {top:.6g}]")
    if value >= top:
        return 1 - 1 / vocabulary
    low, high = 0.0, 1 - 1 / vocabulary
    while high - low > BISECTION_ERROR * high:
        middle = 0.5 * (low + high)
        if middle in (low, high):
            break
        if phi(middle, vocabulary) < value:
            low = middle
        else:
            high = middle
    return high if value > 0 else 0.0


class Lower(NamedTuple):
    """Lower bounds on the acceptance from κ."""

    pinsker: float
    bretagnolle_huber: float


def lower_bounds(kappa_value: float) -> Lower:
    """1 - √(κ/2) and 1 - √(1 - e^{-κ}); the first may be negative (vacuous from κ = 2 on). ValueError for κ < 0."""
    if not kappa_value >= 0:
        raise ValueError(f"the divergence κ is {kappa_value}, expected a number in [0, ∞]")
    return Lower(1 - math.sqrt(kappa_value / 2), 1 - math.sqrt(-math.expm1(-kappa_value)))


def upper_bound_kl(delta: float, vocabulary: int) -> float:
    """1 - φ_V^{-1}(δ): for the KL-optimal drafter."""
    return 1 - phi_inverse(delta, vocabulary)


def upper_bound_any(delta: float, vocabulary: int) -> float:
    """1 - ½ φ_V^{-1}(δ): for every drafter that sees (H, W)."""
    return 1 - 0.5 * phi_inverse(delta, vocabulary)
