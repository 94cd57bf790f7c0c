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
from numerics.geometry.separation import pairwise_hellinger, pairwise_total_variation
from numerics.information.categorical_entropy import psi
from numerics.information.divergences import JENSEN_SHANNON, SQUARED_HELLINGER, TV, kl, total_variation
from numerics.sources.finite import FiniteSource, by_state
from numerics.sources.fixtures import t1
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


def _fano(distance: float, size: int) -> float:
    """distance log(V-1) + h_b(distance)."""
    rest = 1 - distance
    return distance * math.log(size - 1) - distance * math.log(distance) - rest * math.log(rest)


@measures("categorical/entropy_gap", over=pairs)
def entropy_gap(thing: RowPairs, context: Context) -> Iterator[Instance]:
    tau = thing.tau
    if not 1e-9 < tau < 1 - 1e-9:
        raise NotApplicable("the rows agree, or are disjoint")
    size, loss = thing.p.shape[1], thing.loss
    limit = 1 - 1 / size
    values = {"V": size, "tau": tau, "L_KL": loss, "r": min(math.sqrt(loss / 2), limit)}
    of_tau = {"V": size, "tau": tau}
    gap = abs(float(thing.mu @ (_entropies(thing.q) - _entropies(thing.p))))
    witness = thing.witness
    yield Instance(of_tau, _number(gap), "kl", witness=witness, scale=1.0)
    yield Instance(values, _number(gap), "loss", witness=witness, scale=1.0)
    yield Instance(values, _number(_fano(tau, size)), "distance", witness=witness, scale=1.0)
    for divergence in (TV, SQUARED_HELLINGER, JENSEN_SHANNON):
        rows = (np.asarray(psi(divergence, table)) for table in (thing.q, thing.p))
        moved = abs(float(thing.mu @ next(rows)) - float(thing.mu @ next(rows)))
        yield Instance(values, _number(moved), divergence.name, witness=witness, scale=1.0)


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
