"""Probability vectors, stochastic matrices, and pairs of laws.

All come from small integer weights: w / sum(w) is exact as fractions, and in float64 within a rounding. A weight is
one byte of one draw, so that a 16 x 16 matrix costs one draw and still shrinks entry by entry; weights run from 1 to
about 10^7, and how far they spread is drawn too, so that ties and near-deterministic laws both occur. Everything
shrinks to weights 1, which is the uniform law.
"""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

# Byte to weight: 1..64, then geometric with ratio 1.07.
LEVELS: IntArray = np.concatenate([np.arange(1, 65), (64 * 1.07 ** np.arange(1, 193)).astype(np.int64)])
SPREADS = (1, 3, 15, 63, 255)  # how many levels beyond the first a table may use


@st.composite
def integer_weights(draw: st.DrawFn, rows: int, columns: int, *, zeros: bool = False) -> IntArray:
    """Weights (rows, columns), positive integers; with `zeros` some may be 0, but no whole row is.

    Shrinks to all ones.
    """
    size = rows * columns
    spread = draw(st.sampled_from(SPREADS))
    raw = np.frombuffer(draw(st.binary(min_size=size, max_size=size)), dtype=np.uint8).astype(np.int64)
    levels = (raw % (spread + 1)).reshape(rows, columns)
    weights: IntArray = LEVELS[levels]
    if zeros:
        weights = np.where(levels == 1, 0, weights)
        weights[weights.sum(axis=1) == 0] = 1
    return weights


def normalised(weights: IntArray) -> FloatArray:
    """Rows of weights (n, m) as probabilities (n, m)."""
    probabilities: FloatArray = weights / weights.sum(axis=1, keepdims=True)
    return probabilities


def fractions_of(weights: IntArray) -> tuple[tuple[Fraction, ...], ...]:
    """Rows of weights (n, m) as exact probabilities."""
    return tuple(tuple(Fraction(w, sum(row)) for w in row) for row in weights.tolist())


@st.composite
def probability_vectors(
    draw: st.DrawFn, min_size: int = 2, max_size: int = 8, *, zeros: bool = False, size: int | None = None
) -> FloatArray:
    """Probability vectors (m,) with min_size <= m <= max_size, or m = size. Shrinks to the uniform law, smallest m."""
    m = draw(st.integers(min_size, max_size)) if size is None else size
    return np.asarray(normalised(draw(integer_weights(1, m, zeros=zeros)))[0])


@st.composite
def exact_probability_vectors(
    draw: st.DrawFn, min_size: int = 2, max_size: int = 8, *, zeros: bool = False, size: int | None = None
) -> tuple[Fraction, ...]:
    """The same as exact fractions."""
    m = draw(st.integers(min_size, max_size)) if size is None else size
    return fractions_of(draw(integer_weights(1, m, zeros=zeros)))[0]


@st.composite
def stochastic_matrices(
    draw: st.DrawFn,
    min_size: int = 2,
    max_size: int = 6,
    *,
    zeros: bool = False,
    size: int | None = None,
    lazy: bool = False,
) -> FloatArray:
    """Stochastic matrices (n, n). Shrinks to the uniform matrix, or with `lazy` (identity mixed in) to the identity."""
    n = draw(st.integers(min_size, max_size)) if size is None else size
    matrix = normalised(draw(integer_weights(n, n, zeros=zeros)))
    if lazy:
        moving = draw(st.integers(0, 8)) / 8
        matrix = (1 - moving) * np.eye(n) + moving * matrix
    return matrix


@st.composite
def exact_stochastic_matrices(
    draw: st.DrawFn, min_size: int = 2, max_size: int = 6, *, zeros: bool = False, size: int | None = None
) -> tuple[tuple[Fraction, ...], ...]:
    """Stochastic matrices (n, n) as rows of exact fractions. Shrinks to the uniform matrix."""
    n = draw(st.integers(min_size, max_size)) if size is None else size
    return fractions_of(draw(integer_weights(n, n, zeros=zeros)))


@st.composite
def probability_pairs(
    draw: st.DrawFn, min_size: int = 2, max_size: int = 8, *, max_log_ratio: float | None = None
) -> tuple[FloatArray, FloatArray]:
    """Two positive laws (m,), (m,); with `max_log_ratio` = c also max |log(p/q)| <= c, often attained.

    Shrinks to two uniform laws.
    """
    m = draw(st.integers(min_size, max_size))
    pair = normalised(draw(integer_weights(2, m)))
    first, second = pair[0], pair[1]
    if max_log_ratio is None:
        return first, second
    # Tilt the first law: p_i = q_i e^{f_i} with f ranging over at most c before and after normalisation.
    if draw(st.booleans()):
        # Two-valued ratios e^{±c} with the mass that makes both normalise: the extremal shape for such pairs.
        ones = np.asarray(draw(st.lists(st.booleans(), min_size=m, max_size=m)))
        if ones.any() and not ones.all():
            high, low = math.exp(max_log_ratio), math.exp(-max_log_ratio)
            if high > low:
                mass = (1 - low) / (high - low)  # of q on the raised tokens, so that p sums to 1
                q = np.where(ones, mass * first / first[ones].sum(), (1 - mass) * first / first[~ones].sum())
                return _clipped(q * np.where(ones, high, low)), q
    logs = np.log(second / first)
    span = float(np.abs(logs).max())
    scale = 0.5 * max_log_ratio / span if span > 0 else 0.0
    tilted = first * np.exp(min(scale, 1.0) * logs)
    return tilted / tilted.sum(), first


def _clipped(law: FloatArray) -> FloatArray:
    return np.asarray(law / law.sum())
