"""Ranks and spectra of the pullback metric, measured on random heads and fixture G1.

Ranks are those of matrices in float64 with a relative tolerance of 1e-10; the entries of the heads are small multiples
of 1/2, far from any tie.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from hypothesis import strategies as st

from numerics.geometry.head import RANK_TOLERANCE, FloatArray, Head, largest_norm, row_diameter
from numerics.geometry.norms import LayerNorm, Normalisation, RootMeanSquareNorm, pulled_back_rank
from numerics.geometry.pullback import metric, metric_factor, metric_rank, metric_trace, trace_by_moments
from verify.categorical.pullback import DIFFERENCE_ERROR, STEP, head_states, near, witness_of
from verify.instance import Instance, NotApplicable
from verify.measurement import Context, measures
from verify.precision import exact, floating
from verify.space import Space
from verify.strategies.heads import HeadAtStates, heads

EPSILON = 0.01  # of the norms that are smoothed


def numerical_rank(matrix: FloatArray) -> int:
    """Singular values above 1e-10 of the largest; 0 for a matrix of rounding noise."""
    values = np.linalg.svd(matrix, compute_uv=False)
    return int((values > max(RANK_TOLERANCE * values[0], 1e-12)).sum())


@measures("categorical/pullback_rank", over=head_states)
def pullback_rank(thing: HeadAtStates, context: Context) -> Iterator[Instance]:
    for state in (thing.first, thing.second):
        found = numerical_rank(metric_factor(thing.head, state))
        values = {"V": thing.head.tokens, "d": thing.head.width}
        yield Instance(values, exact(found), "rank", exact(metric_rank(thing.head)), witness=witness_of(thing))


@measures("categorical/pullback_rank_as_stated", over=head_states)
def pullback_rank_as_stated(thing: HeadAtStates, context: Context) -> Iterator[Instance]:
    found = numerical_rank(metric_factor(thing.head, thing.first))
    yield Instance({"V": thing.head.tokens, "d": thing.head.width}, exact(found), "rank", witness=witness_of(thing))


@measures("categorical/pullback_degenerate_as_stated", over=head_states)
def pullback_degenerate_as_stated(thing: HeadAtStates, context: Context) -> Iterator[Instance]:
    head = thing.head
    if head.width >= head.tokens - 1:
        raise NotApplicable(f"width {head.width} is not below V - 1 = {head.tokens - 1}")
    determinant = float(np.linalg.det(metric(head, thing.first)))
    values = {"V": head.tokens, "d": head.width}
    yield Instance(values, floating(determinant, absolute=1e-10), "determinant", witness=witness_of(thing))


@measures("categorical/pullback_spectrum_bounds", over=head_states)
def pullback_spectrum_bounds(thing: HeadAtStates, context: Context) -> Iterator[Instance]:
    head, witness = thing.head, witness_of(thing)
    eigenvalues = np.linalg.eigvalsh(metric(head, thing.first))
    diameter, norm = row_diameter(head), largest_norm(head)
    largest = near(eigenvalues[-1])
    yield Instance({"diam": diameter.upper}, largest, "diameter", witness=witness, scale=1.0)
    yield Instance({"B": norm}, largest, "norms", witness=witness, scale=1.0)
    yield Instance({}, near(eigenvalues[0]), "sign", witness=witness, scale=1.0)
    trace = near(metric_trace(head, thing.first), norm**2)
    yield Instance({}, trace, "trace", near(trace_by_moments(head, thing.first), norm**2), witness=witness)
    yield Instance({}, near(eigenvalues.sum(), norm**2), "trace", trace, "sum of eigenvalues", witness)


@dataclass(frozen=True, eq=False)
class NormedHead:
    """A head behind a norm with gains (d,) at two states."""

    at: HeadAtStates
    gain: FloatArray


@st.composite
def normed_heads(draw: st.DrawFn) -> NormedHead:
    """Heads of width 3..5 with gains 1/2, 1, 3/2 or 2. Shrinks to the zero head."""
    at = draw(heads(min_width=3, max_width=5, least_vocabulary=3, max_vocabulary=9))
    steps = draw(st.lists(st.integers(1, 4), min_size=at.head.width, max_size=at.head.width))
    return NormedHead(at, np.array(steps) / 2)


def generic() -> NormedHead:
    """The specification's oracle: d = 6, V = 40, without coincidences."""
    rng = np.random.default_rng(6)
    head = Head(rng.normal(size=(40, 6)))
    return NormedHead(HeadAtStates(head, rng.normal(size=6), rng.normal(size=6)), np.ones(6))


normed = Space("random heads behind a norm", lambda claim: normed_heads(), lambda claim: (generic(),))


@measures("categorical/pullback_rank_normalised", over=normed, examples=(30, 300))
def pullback_rank_normalised(thing: NormedHead, context: Context) -> Iterator[Instance]:
    head, state, gain = thing.at.head, thing.at.first, thing.gain
    if np.ptp(state) == 0:
        raise NotApplicable("the state is constant: LayerNorm without epsilon is not defined there")
    zero = np.zeros(head.width)
    norms: dict[str, Normalisation] = {
        "RMSNorm": RootMeanSquareNorm(gain, 0.0),
        "LayerNorm": LayerNorm(gain, zero, 0.0),
        "smoothed LayerNorm": LayerNorm(gain, zero, EPSILON),
    }
    witness = {**witness_of(thing.at), "gain": gain.tolist()}
    for label, norm in norms.items():
        rank = pulled_back_rank(head, norm, state)
        yield Instance({"d": head.width, "V": head.tokens}, exact(rank), label, witness=witness)
    smoothed = RootMeanSquareNorm(gain, EPSILON)
    root = float(np.sqrt((state**2).mean() + EPSILON))
    image, along = smoothed.push(state, state), smoothed.push(state, thing.at.second)
    before, after = state - STEP * thing.at.second, state + STEP * thing.at.second
    slope = (smoothed.apply(after) - smoothed.apply(before)) / (2 * STEP)
    for j in range(head.width):
        expected = gain[j] * state[j] * EPSILON / root**3
        yield Instance({"epsilon": EPSILON}, near(image[j]), "near-null", near(expected), f"coordinate {j}", witness)
        if abs(along[j]) < 1e-2:
            continue  # smaller than what a difference of this error can tell from 0
        quantity = floating(float(slope[j]), absolute=1e4 * DIFFERENCE_ERROR)
        yield Instance({"epsilon": EPSILON}, quantity, "derivative", near(along[j]), f"coordinate {j}", witness)
