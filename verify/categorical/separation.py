"""How far apart dissimilar rows force the states, measured on random segments of states and on random rows."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from numerics.geometry.head import Head
from numerics.geometry.paths import segment, separation_chain
from numerics.geometry.separation import pairwise_total_variation, separation_bound
from numerics.information.divergences import total_variation
from numerics.sources.fixtures import G1_STATES, G1_UNEMBEDDING
from theory.claim import Claim
from verify.categorical.cross_entropy import RowPairs, heads, t1_rows
from verify.categorical.toy import near as _number
from verify.instance import Instance, NotApplicable
from verify.measurement import Context, measures
from verify.precision import floating
from verify.space import Space
from verify.strategies import kernels as _kernels

FloatArray = NDArray[np.float64]


@st.composite
def _segments(draw: st.DrawFn) -> tuple[Head, FloatArray]:
    head, _ = draw(heads())
    rng = np.random.default_rng(draw(st.integers(0, 2**31)))
    return head, draw(st.sampled_from((0.1, 1.0, 3.0))) * rng.normal(size=(2, head.unembedding.shape[1]))


def _g1(claim: Claim) -> Iterator[tuple[Head, FloatArray]]:
    yield Head(G1_UNEMBEDDING, np.zeros(5)), G1_STATES


segments = Space("random segments of states", lambda claim: _segments(), _g1)


@measures("categorical/separation_chain", over=segments, examples=(20, 200))
def separation_chain_(thing: tuple[Head, FloatArray], context: Context) -> Iterator[Instance]:
    head, states = thing
    chain = separation_chain(segment(head, states[0], states[1]))
    labels = ("schwarz", "arc", "chord", "sine", "total variation")
    names = {"V": head.unembedding.shape[0]}
    for label, large, small in zip(labels, chain.members, chain.members[1:], strict=False):
        # The length is a quadrature to 1e-8; the other members are closed forms.
        error = (1e-7 if label in ("schwarz", "arc") else 1e-12) * (1 + chain.jeffreys)
        scale = 2e3 * (1 + large) if label in ("schwarz", "arc") else 1 + large
        yield Instance(names, floating(large, absolute=error), label, floating(small, absolute=error), scale=scale)
    artanh = floating(chain.total_variation_artanh, absolute=1e-10)
    jeffreys = floating(chain.jeffreys, absolute=1e-10)
    yield Instance(names, jeffreys, "artanh", artanh, scale=1.0 + chain.jeffreys)
    square = floating(chain.four_squared_total_variation, absolute=1e-10)
    yield Instance(names, artanh, "artanh above the square", square, scale=1.0 + chain.jeffreys)


@st.composite
def close_models(draw: st.DrawFn) -> RowPairs:
    """Peaked rows of the data and a model that is close to them. Shrinks to one row."""
    contexts, size = draw(st.integers(2, 4)), draw(st.integers(2, 4))
    peaks = np.array(draw(st.lists(st.integers(0, size - 1), min_size=contexts, max_size=contexts)))
    p = 0.1 * draw(_kernels.rows(contexts, size)) + 0.9 * np.eye(size)[peaks]
    error = draw(st.sampled_from((0.001, 0.01, 0.03)))
    return RowPairs(draw(_kernels.laws(contexts)), p, (1 - error) * p + error / size)


def _far_rows(claim: Claim) -> Iterator[RowPairs]:
    yield RowPairs(np.full(2, 0.5), np.array([[0.95, 0.05], [0.05, 0.95]]), np.array([[0.94, 0.06], [0.06, 0.94]]))
    same = np.array([[0.7, 0.3], [0.3, 0.7]])
    yield RowPairs(np.full(2, 0.5), same, same)  # equal for the pair: two mirrored rows, and no loss
    yield t1_rows()


close = Space("random rows with a close model", lambda claim: close_models(), _far_rows)


@measures("categorical/separation_guarantee", over=close)
def separation_guarantee(thing: RowPairs, context: Context) -> Iterator[Instance]:
    """All pairs of contexts, and their mean; s is rounded up by less than the error of the bound."""
    mu, size = thing.mu, thing.p.shape[1]
    distances, errors = pairwise_total_variation(thing.p), total_variation(thing.p, thing.q)
    logs = np.log(thing.q)
    divergences = ((thing.q[:, None] - thing.q) * (logs[:, None] - logs)).sum(axis=2)
    pairs = np.maximum(distances - errors[:, None] - errors, 0.0)
    mean = max(0.0, float(mu @ distances @ mu) - math.sqrt(2 * thing.loss))
    if max(mean, float(pairs.max())) >= 1 - 1e-12:
        raise NotApplicable("s = 1")
    values = {"V": size, "T": math.atanh(mean)}
    forced = _number(float(mu @ divergences @ mu))
    yield Instance(values, forced, "mean", _number(float(separation_bound(mean))), witness=thing.witness, scale=1.0)
    for x, y in np.argwhere(np.triu(np.ones_like(pairs), 1) > 0):
        s, of_pair = float(pairs[x, y]), _number(float(divergences[x, y]))
        at = {**values, "S": math.atanh(s), "first": int(x), "second": int(y)}
        bound = _number(float(separation_bound(s)))
        yield Instance(at, of_pair, "pair", bound, f"contexts {x}, {y}", thing.witness, 1.0)


@st.composite
def equal_rows(draw: st.DrawFn) -> RowPairs:
    """Two equally likely contexts with one row of the data; a model with logits up to 1000. Shrinks to uniform."""
    size = draw(st.integers(2, 3))
    p = draw(_kernels.rows(1, size))
    scale = draw(st.sampled_from((0, 1, 10, 100, 600)))
    logits = (
        scale
        * np.array(
            draw(st.lists(st.integers(-10, 10), min_size=2 * size, max_size=2 * size)), dtype=np.float64
        ).reshape(2, size)
        / 10
    )
    weights = np.exp(logits - logits.max(axis=1, keepdims=True))
    return RowPairs(np.full(2, 0.5), np.repeat(p, 2, axis=0), weights / weights.sum(axis=1, keepdims=True))


similar = Space("two contexts with one row of the data", lambda claim: equal_rows())


@measures("categorical/similarity_converse_as_stated", over=similar, examples=(300, 2000))
def similarity_converse_as_stated(thing: RowPairs, context: Context) -> Iterator[Instance]:
    if (thing.q <= 0).any():
        raise NotApplicable("a probability underflows")
    logs = np.log(thing.q)
    path = float(((thing.q[0] - thing.q[1]) * (logs[0] - logs[1])).sum())
    for factor in (1.0, 10.0, 100.0):
        values = {"C": factor, "V": thing.p.shape[1]}
        yield Instance(values, _number(path), "pulled", _number(factor * thing.loss), witness=thing.witness, scale=1.0)
