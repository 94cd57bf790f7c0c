"""Similarity kernels between next-token rows.

Main definitions
    bhattacharyya               BC(p, p') = sum sqrt(p p')
    linear                      <p, p'>
    hellinger_exponential       exp(-beta d_H^2), d_H^2 = 2 (1 - BC)
    jeffreys_exponential        exp(-beta J), J = KL(p||p') + KL(p'||p): may have negative eigenvalues
    jensen_shannon_exponential  exp(-beta JS)
    chi_squared                 sum_w p(w) p'(w) / p_bar(w), p_bar the law of one token
    prototype                   <gbar, gbar'>, gbar = E_p g: may be negative
    kernel_matrix               any of them by name
    kernel_features             phi with K = <phi, phi'>, where there is one of finite dimension
    POSITIVE                    names of the kernels whose spectrum is non-negative for every beta > 0

Conventions: rows (N, V) of probabilities, others (M, V) or None for the rows themselves; result (N, M); beta > 0; nats.
Source: specification `categorical`, D21, claim operator_psd.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import xlogy

from numerics.similarity.dependence import token_law

FloatArray = NDArray[np.float64]

NAMES = (
    "bhattacharyya",
    "linear",
    "hellinger_exponential",
    "jeffreys_exponential",
    "jensen_shannon_exponential",
    "chi_squared",
    "prototype",
)
POSITIVE = tuple(name for name in NAMES if name != "jeffreys_exponential")
WITH_FEATURES = ("bhattacharyya", "linear", "chi_squared", "prototype")
CHUNK_ENTRIES = 2**21


def bhattacharyya(rows: FloatArray, others: FloatArray | None = None) -> FloatArray:
    """sum_w sqrt(p(w) p'(w))."""
    rows, others = _pair(rows, others)
    return np.asarray(np.sqrt(rows) @ np.sqrt(others).T)


def linear(rows: FloatArray, others: FloatArray | None = None) -> FloatArray:
    """sum_w p(w) p'(w)."""
    rows, others = _pair(rows, others)
    return np.asarray(rows @ others.T)


def squared_hellinger(rows: FloatArray, others: FloatArray | None = None) -> FloatArray:
    """d_H^2 = 2 (1 - BC), at least 0; absolute accuracy 1e-15."""
    return np.asarray(np.maximum(0.0, 2 * (1 - bhattacharyya(rows, others))))


def jeffreys(rows: FloatArray, others: FloatArray | None = None) -> FloatArray:
    """sum_w (p - p')(log p - log p'); inf where the supports differ."""
    rows, others = _pair(rows, others)
    logs, other_logs = _finite_logs(rows), _finite_logs(others)
    own, others_own = (rows * logs).sum(axis=1)[:, None], (others * other_logs).sum(axis=1)[None, :]
    values = np.maximum(0.0, own + others_own - rows @ other_logs.T - logs @ others.T)
    supports, other_supports = (rows > 0).astype(np.float64), (others > 0).astype(np.float64)
    # Supports agree exactly where both have as many tokens as they share.
    shared = supports @ other_supports.T
    differ = (shared < supports.sum(axis=1)[:, None]) | (shared < other_supports.sum(axis=1)[None, :])
    return np.where(differ, np.inf, values)


def jensen_shannon(rows: FloatArray, others: FloatArray | None = None) -> FloatArray:
    """H((p + p') / 2) - (H(p) + H(p')) / 2, in [0, log 2]."""
    rows, others = _pair(rows, others)
    entropies, other_entropies = -xlogy(rows, rows).sum(axis=1), -xlogy(others, others).sum(axis=1)
    out = np.empty((len(rows), len(others)))
    step = max(1, CHUNK_ENTRIES // others.size)
    for first in range(0, len(rows), step):
        middle = (rows[first : first + step, None, :] + others[None, :, :]) / 2  # (step, M, V)
        out[first : first + step] = -xlogy(middle, middle).sum(axis=2)
    return np.asarray(np.maximum(0.0, out - (entropies[:, None] + other_entropies[None, :]) / 2))


def hellinger_exponential(rows: FloatArray, scale: float, others: FloatArray | None = None) -> FloatArray:
    """exp(-scale d_H^2)."""
    return np.exp(-_checked_scale(scale) * squared_hellinger(rows, others))


def jeffreys_exponential(rows: FloatArray, scale: float, others: FloatArray | None = None) -> FloatArray:
    """exp(-scale J); 0 where the supports differ."""
    return np.exp(-_checked_scale(scale) * jeffreys(rows, others))


def jensen_shannon_exponential(rows: FloatArray, scale: float, others: FloatArray | None = None) -> FloatArray:
    """exp(-scale JS)."""
    return np.exp(-_checked_scale(scale) * jensen_shannon(rows, others))


def chi_squared(rows: FloatArray, tokens: FloatArray, others: FloatArray | None = None) -> FloatArray:
    """sum_w p(w) p'(w) / tokens(w) over tokens of positive probability; `tokens` (V,) is the law of one token.

    Raises ValueError for a row that gives probability to a token of probability 0.
    """
    rows, others = _pair(rows, others)
    positive = tokens > 0
    for array in (rows, others):
        outside = np.argwhere(array[:, ~positive] > 0)
        if outside.size:
            raise ValueError(f"row {outside[0][0]} gives probability to a token whose probability is 0")
    return np.asarray((rows[:, positive] / tokens[positive]) @ others[:, positive].T)


def prototype(rows: FloatArray, unembedding: FloatArray, others: FloatArray | None = None) -> FloatArray:
    """<gbar, gbar'> with gbar = E_p g for an unembedding (V, d)."""
    rows, others = _pair(rows, others)
    return np.asarray((rows @ unembedding) @ (others @ unembedding).T)


def kernel_matrix(
    name: str,
    rows: FloatArray,
    measure: FloatArray,
    scale: float = 1.0,
    unembedding: FloatArray | None = None,
    others: FloatArray | None = None,
) -> FloatArray:
    """The kernel called `name` (one of NAMES) between rows and others.

    `measure` (N,) is the law of the contexts whose rows are given and serves chi_squared; `scale` is beta;
    `unembedding` is needed by prototype. Raises ValueError for an unknown name or a missing unembedding.
    """
    match name:
        case "bhattacharyya":
            return bhattacharyya(rows, others)
        case "linear":
            return linear(rows, others)
        case "hellinger_exponential":
            return hellinger_exponential(rows, scale, others)
        case "jeffreys_exponential":
            return jeffreys_exponential(rows, scale, others)
        case "jensen_shannon_exponential":
            return jensen_shannon_exponential(rows, scale, others)
        case "chi_squared":
            return chi_squared(rows, token_law(rows, measure), others)
        case "prototype":
            return prototype(rows, _needed(unembedding), others)
    raise ValueError(f"no similarity kernel is called {name!r}; there are {', '.join(NAMES)}")


def kernel_features(
    name: str, rows: FloatArray, measure: FloatArray, unembedding: FloatArray | None = None
) -> FloatArray:
    """Features (N, k) with K = <phi, phi'>: sqrt p, p, p / sqrt(p_bar), gbar.

    Raises ValueError for a kernel outside WITH_FEATURES.
    """
    match name:
        case "bhattacharyya":
            return np.sqrt(rows)
        case "linear":
            return rows
        case "chi_squared":
            tokens = token_law(rows, measure)
            return np.asarray(rows[:, tokens > 0] / np.sqrt(tokens[tokens > 0]))
        case "prototype":
            return np.asarray(rows @ _needed(unembedding))
    raise ValueError(f"{name!r} has no features of finite dimension; there are {', '.join(WITH_FEATURES)}")


def _pair(rows: FloatArray, others: FloatArray | None) -> tuple[FloatArray, FloatArray]:
    others = rows if others is None else others
    if rows.ndim != 2 or others.ndim != 2 or rows.shape[1] != others.shape[1]:
        raise ValueError(f"rows have shapes {rows.shape} and {others.shape}, expected (N, V) and (M, V)")
    return rows, others


def _finite_logs(rows: FloatArray) -> FloatArray:
    return np.log(np.where(rows > 0, rows, 1.0))


def _checked_scale(scale: float) -> float:
    if not scale > 0:
        raise ValueError(f"the scale beta is {scale}, expected a positive number")
    return scale


def _needed(unembedding: FloatArray | None) -> FloatArray:
    if unembedding is None:
        raise ValueError("the prototype kernel needs an unembedding (V, d)")
    return unembedding
