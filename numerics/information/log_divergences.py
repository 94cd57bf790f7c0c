"""The divergences of `numerics.information.divergences` from log-probabilities, for laws with tails that underflow.

Main definitions: `kl`, `reverse_kl`, `jeffreys`, `total_variation`, `chi_square`, `squared_hellinger`,
`log_bhattacharyya`, `jensen_shannon`, `renyi`, `FROM_LOGS` (the same names as `divergences.TEN`, and the two others).

Conventions: lp and lq have shape (..., V), natural logarithms, -inf for probability 0; they broadcast, and rows are
normalised within 1e-9 (not checked here: models check their rows). A probability is never divided by another one.

Source: specification `categorical`, 4.1.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import logsumexp

from numerics.information.divergences import LOG2, TEN, check_order, log_mean

FloatArray = NDArray[np.float64]
LogDivergence = Callable[[ArrayLike, ArrayLike], FloatArray]


def _rows(lp: ArrayLike, lq: ArrayLike) -> tuple[FloatArray, FloatArray]:
    first, second = np.broadcast_arrays(np.asarray(lp, dtype=np.float64), np.asarray(lq, dtype=np.float64))
    return first, second


def _gap(lp: FloatArray, lq: FloatArray) -> FloatArray:
    """lp - lq; 0 where both are -inf, so that 0 log(0/0) = 0."""
    with np.errstate(invalid="ignore"):
        return np.asarray(np.where(np.isneginf(lp) & np.isneginf(lq), 0.0, lp - lq))


def _weighted(lp: FloatArray, values: FloatArray) -> FloatArray:
    """Σ e^lp values, with e^{-inf} · anything = 0."""
    return np.asarray((np.exp(lp) * np.where(np.isneginf(lp), 0.0, values)).sum(axis=-1))


def kl(lp: ArrayLike, lq: ArrayLike) -> FloatArray:
    """Σ e^lp (lp - lq)."""
    lp, lq = _rows(lp, lq)
    return _weighted(lp, _gap(lp, lq))


def reverse_kl(lp: ArrayLike, lq: ArrayLike) -> FloatArray:
    """Σ e^lq (lq - lp)."""
    return kl(lq, lp)


def jeffreys(lp: ArrayLike, lq: ArrayLike) -> FloatArray:
    """Σ (p - q)(lp - lq), a sum of terms ≥ 0."""
    lp, lq = _rows(lp, lq)
    difference = np.exp(lp) - np.exp(lq)
    gap = _gap(lp, lq)
    return np.asarray(np.where(difference == 0, 0.0, difference * np.where(difference == 0, 0.0, gap)).sum(axis=-1))


def total_variation(lp: ArrayLike, lq: ArrayLike) -> FloatArray:
    """½ Σ |e^lp - e^lq|."""
    lp, lq = _rows(lp, lq)
    return np.asarray(0.5 * np.abs(np.exp(lp) - np.exp(lq)).sum(axis=-1))


def chi_square(lp: ArrayLike, lq: ArrayLike) -> FloatArray:
    """Σ e^lq (e^{lp-lq} - 1)²; a term with q = 0 < p is ∞."""
    lp, lq = _rows(lp, lq)
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
        gap = _gap(lp, lq)
        # e^lq (e^gap - 1)² = exp(lq + 2 log|expm1(gap)|): no overflow unless the value itself does
        log_size = np.where(gap > 40, gap, np.log(np.abs(np.expm1(np.minimum(gap, 40.0)))))
        terms = np.where(gap == 0, 0.0, np.where(np.isposinf(gap), np.inf, np.exp(lq + 2 * log_size)))
    return np.asarray(terms.sum(axis=-1))


def squared_hellinger(lp: ArrayLike, lq: ArrayLike) -> FloatArray:
    """Σ (√p - √q)², by expm1 of half the gap: close rows do not cancel."""
    lp, lq = _rows(lp, lq)
    larger, smaller = np.maximum(lp, lq), np.minimum(lp, lq)
    return np.asarray((np.exp(larger) * np.expm1(_gap(smaller, larger) / 2) ** 2).sum(axis=-1))


def log_bhattacharyya(lp: ArrayLike, lq: ArrayLike) -> FloatArray:
    """log BC = logsumexp((lp + lq)/2)."""
    lp, lq = _rows(lp, lq)
    return np.asarray(logsumexp(0.5 * (lp + lq), axis=-1))


def jensen_shannon(lp: ArrayLike, lq: ArrayLike) -> FloatArray:
    """½ Σ e^lp (lp - lm) + ½ Σ e^lq (lq - lm), lm = logaddexp(lp, lq) - log 2."""
    lp, lq = _rows(lp, lq)
    middle = np.logaddexp(lp, lq) - LOG2
    return 0.5 * (_weighted(lp, _gap(lp, middle)) + _weighted(lq, _gap(lq, middle)))


def renyi(lp: ArrayLike, lq: ArrayLike, order: float) -> FloatArray:
    """D_α by logsumexp; near α = 1 by expm1. ValueError for an order outside [0, ∞]."""
    alpha = check_order(order)
    lp, lq = _rows(lp, lq)
    if alpha == 1:
        return kl(lp, lq)
    has_p, both = ~np.isneginf(lp), ~np.isneginf(lp) & ~np.isneginf(lq)
    if alpha == 0:
        missed = np.exp(np.where(has_p, -np.inf, lq)).sum(axis=-1)
        with np.errstate(divide="ignore"):
            near = -np.log1p(-np.minimum(missed, 1.0))
            far = -logsumexp(np.where(has_p, lq, -np.inf), axis=-1)  # where little is shared, its sum is exact
        return np.asarray(np.where(missed < 0.5, near, far)) + 0.0
    gap = np.where(both, _gap(lp, lq), 0.0)
    outside = (has_p & np.isneginf(lq)).any(axis=-1)
    if alpha == math.inf:
        return np.asarray(np.where(outside, np.inf, np.where(both, gap, -np.inf).max(axis=-1)))
    lost = np.exp(np.where(np.isneginf(lq), lp, -np.inf)).sum(axis=-1)
    found = log_mean(np.where(both, lp, -np.inf), gap, lost, alpha - 1)
    disjoint = ~both.any(axis=-1)
    return np.asarray(np.where(disjoint | outside if alpha > 1 else disjoint, np.inf, found))


_BY_NAME: dict[str, LogDivergence] = {
    "KL": kl,
    "TV": total_variation,
    "chi2": chi_square,
    "Hel2": squared_hellinger,
    "JS": jensen_shannon,
    "reverse KL": reverse_kl,
    "Jeffreys": jeffreys,
}
FROM_LOGS: dict[str, LogDivergence] = {
    **{d.name: partial(renyi, order=d.order) for d in TEN if d.name.startswith("renyi") and d.order is not None},
    **_BY_NAME,
}
