"""Information along a model, measured on finite sources with labels and on random linear-softmax heads."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from hypothesis import strategies as st

from numerics.geometry.head import Head, oscillation, rows
from numerics.information.divergences import TEN, kl, total_variation
from numerics.information.entropy import Joint, mutual_information
from numerics.sources.finite import FiniteSource
from numerics.sources.fixtures import G1_STATES, G1_UNEMBEDDING
from theory.claim import Claim
from verify.categorical.spaces import sources
from verify.categorical.toy import near
from verify.instance import Instance, NotApplicable, Number
from verify.measurement import Context, measures
from verify.precision import Measured
from verify.space import Space

FloatArray = np.ndarray[tuple[int, ...], np.dtype[np.float64]]


def stages(source: FiniteSource) -> list[FloatArray]:
    """The kernels X -> E -> H -> W: an embedding that keeps the state and a parity of the context, then the head."""
    if source.head is None:
        raise NotApplicable(f"{source.name} has no head: there is no model law")
    codes = 2 * source.encoder + np.arange(source.contexts) % 2
    used, embedding = np.unique(codes, return_inverse=True)
    return [np.eye(len(used))[embedding], np.eye(source.states)[used // 2], source.head]


def chain_divergences(source: FiniteSource, labels: np.ndarray[tuple[int], np.dtype[np.int64]]) -> Iterator[Instance]:
    """D between the laws given the first two labels, and I_D of label and stage, at every stage."""
    names = ("embedding", "backbone", "head")
    given = [np.where(labels == s, source.mu, 0.0) for s in (0, 1)]
    pair = [g / g.sum() for g in given]
    weights = np.bincount(labels, weights=source.mu)
    joint = np.where(labels[None, :] == np.arange(len(weights))[:, None], source.mu, 0.0)
    witness = {"mu": source.mu.tolist(), "labels": labels.tolist(), "encoder": source.encoder.tolist()}
    for divergence in TEN:
        laws, table = pair, joint
        before = float(divergence(laws[0], laws[1]))
        product = weights[:, None] * table.sum(axis=0)
        informed = float(divergence(table.ravel(), product.ravel()))
        for name, kernel in zip(names, stages(source), strict=True):
            laws, table = [law @ kernel for law in laws], table @ kernel
            after = float(divergence(laws[0], laws[1]))
            product = weights[:, None] * table.sum(axis=0)
            information = float(divergence(table.ravel(), product.ravel()))
            yield Instance({}, near(after), name, near(before), f"{divergence!r}, two labels", witness, 1.0)
            yield Instance({}, near(information), name, near(informed), f"I of {divergence!r}", witness, 1.0)
            before, informed = after, information


@measures("categorical/information_flow_chain", over=sources, examples=(20, 200))
def information_flow_chain(source: FiniteSource, context: Context) -> Iterator[Instance]:
    labels = np.concatenate([[0, 1], context.rng.integers(2, size=source.contexts - 2)])
    yield from chain_divergences(source, context.rng.permutation(labels))
    joint = np.eye(2)[labels].T * source.mu
    informations = [mutual_information(Joint(("S", "Z"), joint), "S", "Z")]
    for kernel in stages(source):
        joint = joint @ kernel
        informations.append(mutual_information(Joint(("S", "Z"), joint), "S", "Z"))
    for name, before, after in zip(
        ("I embedding", "I backbone", "I head"), informations, informations[1:], strict=False
    ):
        yield Instance({}, near(after), name, near(before), "Kullback-Leibler", scale=1.0)


@dataclass(frozen=True, eq=False)
class HeadAtStates:
    """A linear-softmax head, two laws on its states, and labels of the states.

    Attributes
        unembedding (V, d), bias (V,), states (M, d), first and second laws (M,)
    """

    unembedding: FloatArray
    bias: FloatArray
    states: FloatArray
    first: FloatArray
    second: FloatArray

    @property
    def head(self) -> Head:
        return Head(self.unembedding, self.bias)


@st.composite
def heads_at_states(draw: st.DrawFn) -> HeadAtStates:
    """Heads with entries that are multiples of 1/4, at most 2 in size. Shrinks to the zero head at zero states."""
    size, width, count = draw(st.integers(2, 5)), draw(st.integers(1, 3)), draw(st.integers(2, 4))

    def table(*shape: int) -> FloatArray:
        number = int(np.prod(shape))
        values = draw(st.lists(st.integers(-8, 8), min_size=number, max_size=number))
        return np.array(values, dtype=np.float64).reshape(shape) / 4

    def law() -> FloatArray:
        weights = np.array(draw(st.lists(st.integers(1, 9), min_size=count, max_size=count)), dtype=np.float64)
        return np.asarray(weights / weights.sum())

    return HeadAtStates(table(size, width), table(size), table(count, width), law(), law())


def _extremal_heads(claim: Claim) -> Iterator[HeadAtStates]:
    half = np.full(2, 0.5)
    yield HeadAtStates(G1_UNEMBEDDING, np.zeros(5), G1_STATES, half, np.array([0.25, 0.75]))
    # two letters, states on either side of indifference: tanh(osc/4) is attained
    yield HeadAtStates(np.array([[1.0], [-1.0]]), np.zeros(2), np.array([[0.5], [-0.5]]), half, np.array([0.9, 0.1]))
    yield HeadAtStates(np.array([[0.01], [-0.01]]), np.zeros(2), np.array([[0.5], [-0.5]]), half, np.array([0.9, 0.1]))


heads = Space("random heads at states", lambda claim: heads_at_states(), _extremal_heads)


def _diameter(unembedding: FloatArray) -> float:
    return float(np.linalg.norm(unembedding[:, None] - unembedding[None], axis=-1).max())


@measures("categorical/softmax_contraction", over=heads)
def softmax_contraction(thing: HeadAtStates, context: Context) -> Iterator[Instance]:
    head, count = thing.head, len(thing.states)
    table = rows(head, thing.states)
    witness = {"unembedding": thing.unembedding.tolist(), "bias": thing.bias.tolist(), "states": thing.states.tolist()}
    diam = _diameter(thing.unembedding)
    largest = 0.0
    for i in range(count):
        for j in range(count):
            if i == j:
                continue
            osc = oscillation(head, thing.states[i], thing.states[j])
            largest = max(largest, osc)
            values: dict[str, Number | Measured] = {"V": len(table[0]), "osc": near(osc)}
            tv, divergence = float(total_variation(table[i], table[j])), float(kl(table[i], table[j]))
            yield Instance(values, near(tv), "tv", label=f"states {i}, {j}", witness=witness, scale=1.0)
            yield Instance(values, near(divergence), "kl", label=f"states {i}, {j}", witness=witness, scale=1.0)
            apart = float(np.linalg.norm(thing.states[i] - thing.states[j]))
            yield Instance({"diam": near(diam), "distance": near(apart)}, near(osc), "norm", witness=witness, scale=1.0)
    factor = float(np.tanh(largest / 4))
    for divergence_of in TEN:
        if divergence_of.order is not None and divergence_of.order != 1:
            continue  # Renyi divergences are not sums over letters
        before = float(divergence_of(thing.first, thing.second))
        after = float(divergence_of(thing.first @ table, thing.second @ table))
        yield Instance({}, near(after), "rows", near(factor * before), repr(divergence_of), witness, 1.0)
    joint = np.stack([thing.first, thing.second]) / 2
    of_states = mutual_information(Joint(("S", "H"), joint), "S", "H")
    of_tokens = mutual_information(Joint(("S", "W"), joint @ table), "S", "W")
    yield Instance({}, near(of_tokens), "labels", near(factor * of_states), "S, H, W", witness, 1.0)


@measures("categorical/state_information_bound", over=heads)
def state_information_bound(thing: HeadAtStates, context: Context) -> Iterator[Instance]:
    joint = thing.first[:, None] * rows(thing.head, thing.states)
    information = mutual_information(Joint(("H", "W"), joint), "H", "W")
    centred = thing.states - thing.first @ thing.states
    spread = float(thing.first @ (centred**2).sum(axis=1))
    values = {"V": joint.shape[1], "diam": near(_diameter(thing.unembedding)), "tr_cov": near(spread)}
    witness = {"unembedding": thing.unembedding.tolist(), "bias": thing.bias.tolist(), "states": thing.states.tolist()}
    yield Instance(values, near(information), "bound", witness=witness, scale=1.0)
