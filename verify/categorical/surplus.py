"""The information surplus, measured on joint laws of a state H and four tokens W, A, B, C, and on finite sources."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from numerics.information.divergences import TEN
from numerics.information.entropy import Joint, entropy, joint_of_weights, mutual_information
from numerics.sources.finite import FiniteSource, block_joint, block_terms, token_joint
from numerics.sources.fixtures import t1
from theory.claim import Claim
from verify.categorical.spaces import models, source_of_subject, sources
from verify.categorical.toy import near
from verify.instance import Instance
from verify.measurement import Context, measures
from verify.precision import UNIT_ROUNDOFF, Measured, floating
from verify.space import Space
from verify.strategies.laws import integer_weights
from verify.subject import ChainSubject

AXES = ("H", "W", "A", "B", "C")


@st.composite
def joints(draw: st.DrawFn) -> Joint:
    """Laws over H (2..3 values), W (2..3) and three further tokens (2 each), zeros included. Shrinks to uniform."""
    shape = (draw(st.integers(2, 3)), draw(st.integers(2, 3)), 2, 2, 2)
    weights = draw(integer_weights(1, int(np.prod(shape)), zeros=draw(st.booleans())))
    return joint_of_weights(AXES, weights.reshape(shape))


def source_t1() -> Joint:
    """Fixture T1 of the specification, three tokens: H = f(X), W = a, A = b, B = c, and C constant."""
    states = token_joint(t1()).table.sum(axis=0)  # (H, W, A, B): the context is summed out
    return Joint(AXES, states[..., None])


def extremes(claim: Claim) -> Iterator[Joint]:
    """T1; H = W xor A (surplus without information in W or A alone); H = W = A = B = C (no surplus)."""
    yield source_t1()
    xor: NDArray[np.int64] = np.zeros((2, 2, 2, 2, 2), dtype=np.int64)
    copy = xor.copy()
    for w in range(2):
        copy[w, w, w, w, w] = 1
        for a in range(2):
            xor[w ^ a, w, a] = 1
    yield joint_of_weights(AXES, xor)
    yield joint_of_weights(AXES, copy)


laws = Space("random joint laws", lambda claim: joints(), extremes)


@measures("categorical/surplus_identity", over=laws)
def surplus_identity(joint: Joint, context: Context) -> Iterator[Instance]:
    witness = {"axes": list(joint.axes), "table": joint.table.tolist()}

    def informations(*terms: tuple[str, str, str]) -> Measured:
        """A sum of I(x; y | z), one letter a variable."""
        value = sum(mutual_information(joint, x, y, z) for x, y, z in terms)
        # Each term of each table is p log p: below 1 in size, relative error a few roundings of p and log.
        return floating(value, absolute=64 * joint.table.size * len(terms) * UNIT_ROUNDOFF)

    yield Instance(
        {},
        informations(("H", "WABC", "")),
        "surplus",
        informations(("H", "W", ""), ("H", "ABC", "W")),
        "F = A, B, C",
        witness,
    )
    tokens = informations(("H", "A", "W"), ("H", "B", "WA"), ("H", "C", "WAB"))
    yield Instance({}, informations(("H", "ABC", "W")), "block", tokens, "A, B, C", witness)


@measures("categorical/surplus_bounds", over=sources, examples=(20, 200))
def surplus_bounds(source: FiniteSource, context: Context) -> Iterator[Instance]:
    for block in range(2, source.tokens + 1):
        joint = block_joint(source, block)
        surplus = near(mutual_information(joint, "H", "F", "W"))
        ceiling = near(mutual_information(joint, "X", "F", "W"))
        spread = near(entropy(joint, "F", "W"))
        values, label = {"V": source.V, "K": block}, f"K = {block}"
        yield Instance(values, surplus, "logarithm", label=label, scale=1.0)
        yield Instance(values, surplus, "ceiling", ceiling, label, scale=1.0)
        yield Instance(values, surplus, "entropy", spread, label, scale=1.0)
        yield Instance(values, spread, "block", label=label, scale=1.0)
        yield Instance(values, surplus, "sign", label=label, scale=1.0)


@measures("categorical/surplus_dpi", over=sources, examples=(20, 200))
def surplus_dpi(source: FiniteSource, context: Context) -> Iterator[Instance]:
    table = block_joint(source, source.tokens).table.sum(axis=0)  # H, W, F
    whole = table.reshape(len(table), -1)
    short = table.sum(axis=2)
    for divergence in TEN:
        both = divergence(whole.ravel(), np.outer(whole.sum(axis=1), whole.sum(axis=0)).ravel())
        one = divergence(short.ravel(), np.outer(short.sum(axis=1), short.sum(axis=0)).ravel())
        yield Instance({}, near(float(both)), "discard", near(float(one)), divergence.name, scale=1.0)


@measures("categorical/surplus_deficit", over=models)
def surplus_deficit(subject: ChainSubject, context: Context) -> Iterator[Instance]:
    terms = block_terms(source_of_subject(subject), 2)
    yield Instance(
        {}, near(terms.ceiling), "split", near(terms.surplus + terms.deficit), "H = shorter suffix", scale=1.0
    )
    yield Instance({}, near(terms.deficit), "sign", scale=1.0)
