"""The information surplus, measured on joint laws of a state H and four tokens W, A, B, C."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from numerics.information.entropy import Joint, joint_of_weights, mutual_information
from numerics.sources.finite import token_joint
from numerics.sources.fixtures import t1
from theory.claim import Claim
from verify.instance import Instance
from verify.measurement import Context, measures
from verify.precision import UNIT_ROUNDOFF, Measured, floating
from verify.space import Space
from verify.strategies.laws import integer_weights

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
