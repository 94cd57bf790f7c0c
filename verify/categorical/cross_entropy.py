"""Training objective and output approximation, measured on rows of data and model with weights, and on heads."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from numerics.geometry.bottleneck import centred_log_row_rank, log_row_rank
from numerics.geometry.head import Head
from numerics.geometry.paths import segment, separation_chain
from numerics.geometry.separation import pairwise_hellinger, pairwise_total_variation
from numerics.information.divergences import kl, total_variation
from numerics.sources.finite import FiniteSource, by_state
from numerics.sources.fixtures import G1_STATES, G1_UNEMBEDDING, t1
from theory.claim import Claim
from verify.categorical.spaces import sources
from verify.instance import Instance, NotApplicable
from verify.measurement import Context, measures
from verify.precision import Measured, exact, floating
from verify.space import Space
from verify.strategies import kernels as _kernels

FloatArray = NDArray[np.float64]
ERROR = 1e-12  # sums of a few dozen terms of size one


@dataclass(frozen=True, eq=False)
class RowPairs:
    """Rows of the data (N, V) and of a model (N, V), with masses of the contexts (N,)."""

    mu: FloatArray
    p: FloatArray
    q: FloatArray

    @property
    def loss(self) -> float:
        """L_KL in nats."""
        return float(self.mu @ kl(self.p, self.q))

    @property
    def tau(self) -> float:
        """E TV."""
        return float(self.mu @ total_variation(self.p, self.q))

    @property
    def witness(self) -> dict[str, object]:
        return {"mu": self.mu.tolist(), "p": self.p.tolist(), "q": self.q.tolist()}


@st.composite
def row_pairs(draw: st.DrawFn) -> RowPairs:
    """One to four contexts, two to four tokens, zeros in the data. Shrinks to one context, uniform rows."""
    contexts, size = draw(st.integers(1, 4)), draw(st.integers(2, 4))
    return RowPairs(
        draw(_kernels.laws(contexts)),
        draw(_kernels.rows(contexts, size)),
        draw(_kernels.rows(contexts, size, kinds=("full",))),
    )


def t1_rows() -> RowPairs:
    """T1 as data and its head as the model."""
    source = t1()
    assert source.head is not None
    return RowPairs(source.mu, source.laws[0], source.head[source.encoder])


def _one(p: list[float], q: list[float]) -> RowPairs:
    return RowPairs(np.ones(1), np.array([p]), np.array([q]))


def _extremal(claim: Claim) -> Iterator[RowPairs]:
    yield t1_rows()
    yield _one([1.0, 0.0], [1 - 1e-7, 1e-7])
    yield _one([0.5 + 1e-4, 0.5 - 1e-4], [0.5 - 1e-4, 0.5 + 1e-4])
    yield _one([0.5, 0.5], [0.5, 0.5])


pairs = Space("random rows of data and model", lambda claim: row_pairs(), _extremal)
drawn_pairs = Space("random rows of data and model", lambda claim: row_pairs())


def _number(value: float) -> Measured:
    return floating(value, absolute=ERROR, relative=ERROR)


def _entropies(rows: FloatArray) -> FloatArray:
    return np.asarray(-np.where(rows > 0, rows * np.log(np.where(rows > 0, rows, 1)), 0).sum(axis=-1))


def _losses(p: FloatArray, q: FloatArray) -> FloatArray:
    return np.asarray(-np.where(p > 0, p * np.log(np.where(p > 0, q, 1)), 0).sum(axis=-1))


@measures("categorical/cross_entropy_split", over=pairs)
def cross_entropy_split(thing: RowPairs, context: Context) -> Iterator[Instance]:
    cross, loss = float(thing.mu @ _losses(thing.p, thing.q)), thing.loss
    noise = float(thing.mu @ _entropies(thing.p))
    yield Instance({}, _number(cross), "split", _number(loss + noise), witness=thing.witness)
    other = np.roll(thing.q, 1, axis=1)
    excess = float(thing.mu @ kl(thing.p, other))
    yield Instance({}, _number(cross - float(thing.mu @ _losses(thing.p, other))), "minimisers", _number(loss - excess))
    squared = 2 * float(thing.mu @ total_variation(thing.p, thing.q) ** 2)
    yield Instance({}, _number(loss), "zero set", _number(squared), witness=thing.witness, scale=1.0)


def three_terms(source: FiniteSource) -> tuple[float, float, float, float]:
    """L_CE, noise, representation loss and head misfit, each from its own definition."""
    if source.head is None:
        raise NotApplicable("the source has no head")
    rows, encoder = source.laws[0], source.encoder
    cells = by_state(source, source.mu[:, None] * rows) / source.state_law[:, None]
    return (
        float(source.mu @ _losses(rows, source.head[encoder])),
        float(source.mu @ _entropies(rows)),
        float(source.mu @ kl(rows, cells[encoder])),
        float(source.state_law @ kl(cells, source.head)),
    )


@measures("categorical/cross_entropy_three_way", over=sources)
def cross_entropy_three_way(source: FiniteSource, context: Context) -> Iterator[Instance]:
    loss, noise, lost, misfit = three_terms(source)
    cells = by_state(source, source.mu[:, None] * source.laws[0]) / source.state_law[:, None]
    of_state = float(source.state_law @ _entropies(cells))
    yield Instance({}, _number(loss), "split", _number(noise + lost + misfit), source.name)
    yield Instance({}, _number(of_state), "state", _number(noise + lost), source.name)
    yield Instance({}, _number(lost), "sign of the representation", exact(0), source.name, scale=1.0)


@measures("categorical/entropy_limit_as_stated", over=pairs)
def entropy_limit_as_stated(thing: RowPairs, context: Context) -> Iterator[Instance]:
    limit = (thing.mu @ (1 - (thing.p**2).sum(axis=1))).item()
    for share in (0.3, 0.03, 0.003):
        rows = (1 - share) * thing.p + share * thing.q
        moved = abs(float(thing.mu @ (1 - (rows**2).sum(axis=1))) - limit)
        apart = total_variation(thing.p, rows)
        delta = 0.5 * share  # TV entropies of rows within delta differ by at most 2 delta
        far = float(thing.mu @ (apart > delta))
        values = {"epsilon": 2 * delta, "S": 1.0, "t": share}
        bound = _number(2 * delta + 2 * far)
        yield Instance(values, _number(moved), "limit", bound, f"mixture {share}", scale=1.0)
        row = np.array([1 - share, share])
        joint = np.diag(row) - np.outer(row, row)
        chi2 = float((joint**2 / np.outer(row, row)).sum())
        yield Instance(values, _number(chi2), "chi-square", exact(1), f"t = {share}")


@measures("categorical/entropy_gap", over=pairs)
def entropy_gap(thing: RowPairs, context: Context) -> Iterator[Instance]:
    tau = thing.tau
    if not 1e-9 < tau < 1 - 1e-9:
        raise NotApplicable("the rows agree, or are disjoint")
    values = {"V": thing.p.shape[1], "tau": tau}
    gap = abs(float(thing.mu @ (_entropies(thing.q) - _entropies(thing.p))))
    yield Instance(values, _number(gap), "kl", witness=thing.witness, scale=1.0)


@st.composite
def heads(draw: st.DrawFn) -> tuple[Head, FloatArray]:
    """A head of width 1 to 3 with bias, and contexts: enough that the ranks are the head's own."""
    rng = np.random.default_rng(draw(st.integers(0, 2**31)))
    width, size, contexts = draw(st.integers(1, 3)), draw(st.integers(2, 9)), draw(st.integers(1, 12))
    return Head(rng.normal(size=(size, width)), rng.normal(size=size)), rng.normal(size=(contexts, width))


def generic_head(width: int = 3, contexts: int = 12, size: int = 9) -> tuple[Head, FloatArray]:
    """The specification's generic case."""
    rng = np.random.default_rng(0)
    return Head(rng.normal(size=(size, width)), rng.normal(size=size)), rng.normal(size=(contexts, width))


heads_and_states = Space("random heads and states", lambda claim: heads(), lambda claim: (generic_head(),))


def ranks(head: Head, states: FloatArray) -> dict[str, int]:
    """The four ranks, by label of the claim's statements."""
    found = {}
    for name, shift in (("plain", 0.0), ("bias", 1.0)):
        logits = states @ head.unembedding.T + shift * (0.0 if head.bias is None else head.bias)
        logs = logits - np.log(np.exp(logits - logits.max(axis=1, keepdims=True)).sum(axis=1, keepdims=True))
        logs = logs - logits.max(axis=1, keepdims=True)
        found[name] = log_row_rank(logs)
        found["centred" if shift == 0 else "centred, bias"] = centred_log_row_rank(logs)
    return found


@measures("categorical/softmax_bottleneck", over=heads_and_states)
def softmax_bottleneck(thing: tuple[Head, FloatArray], context: Context) -> Iterator[Instance]:
    head, states = thing
    values = {"d": states.shape[1], "V": head.unembedding.shape[0]}
    for label, rank in ranks(head, states).items():
        yield Instance(values, exact(rank), label)


def _hellinger(p: FloatArray, q: FloatArray) -> FloatArray:
    return np.asarray(((np.sqrt(p) - np.sqrt(q)) ** 2).sum(axis=-1))


@measures("categorical/output_approximation_as_stated", over=drawn_pairs)
def output_approximation_as_stated(thing: RowPairs, context: Context) -> Iterator[Instance]:
    yield from _approximation(thing, 0.5, 1.0)


@measures("categorical/output_approximation", over=pairs)
def output_approximation(thing: RowPairs, context: Context) -> Iterator[Instance]:
    yield from _approximation(thing, 1.0, 0.5)
    squared = 4 * float(thing.mu @ total_variation(thing.p, thing.q) ** 2)
    yield Instance({}, _number(squared), "l1", _number(2 * thing.loss), witness=thing.witness, scale=1.0)


def _approximation(thing: RowPairs, of_hellinger: float, of_variation: float) -> Iterator[Instance]:
    loss = thing.loss
    hellinger = float(thing.mu @ _hellinger(thing.p, thing.q))
    squared = float(thing.mu @ total_variation(thing.p, thing.q) ** 2)
    witness = thing.witness
    yield Instance({}, _number(hellinger), "hellinger", _number(of_hellinger * loss), witness=witness, scale=1.0)
    yield Instance({}, _number(squared), "total variation", _number(of_variation * loss), witness=witness, scale=1.0)


@measures("categorical/pairwise_distance", over=pairs)
def pairwise_distance(thing: RowPairs, context: Context) -> Iterator[Instance]:
    mu, loss = thing.mu, thing.loss
    for label, distances, own, bound in (
        (
            "total variation",
            pairwise_total_variation,
            total_variation(thing.p, thing.q),
            math.sqrt(2 * loss),
        ),
        ("hellinger", pairwise_hellinger, np.sqrt(_hellinger(thing.p, thing.q)), 2 * math.sqrt(loss)),
    ):
        moved = float(mu @ np.abs(distances(thing.q) - distances(thing.p)) @ mu)
        yield Instance({}, _number(moved), label, _number(bound), witness=thing.witness, scale=1.0)
        yield Instance({}, _number(moved), f"triangle, {label}", _number(2 * float(mu @ own)), scale=1.0)


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
    yield t1_rows()


close = Space("random rows with a close model", lambda claim: close_models(), _far_rows)


@measures("categorical/separation_guarantee", over=close)
def separation_guarantee(thing: RowPairs, context: Context) -> Iterator[Instance]:
    mu = thing.mu
    distances = pairwise_total_variation(thing.p)
    s = max(0.0, float(mu @ distances @ mu) - math.sqrt(2 * thing.loss))
    logs = np.log(thing.q)
    divergences = ((thing.q[:, None] - thing.q) * (logs[:, None] - logs)).sum(axis=2)
    forced = float(mu @ divergences @ mu)
    if s >= 1 - 1e-12:
        raise NotApplicable("s = 1")
    values = {"T": math.atanh(s), "V": thing.p.shape[1]}
    yield Instance(values, _number(forced), "mean", _number(4 * s * math.atanh(s)), witness=thing.witness, scale=1.0)


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
