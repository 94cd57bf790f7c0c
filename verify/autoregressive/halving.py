"""Halving of random gates and circuits, every completion of the free bits tried; the least lengths of parities."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import product

from hypothesis import strategies as st

from numerics.machines.circuits import ThresholdCircuit, gate_values
from numerics.machines.halving import constant_subcube, halve
from numerics.machines.parity import kautz
from theory.claim import Claim
from verify.instance import Instance
from verify.measurement import Context, measures
from verify.precision import exact
from verify.space import Space
from verify.strategies.circuits import RealGate, real_gates, threshold_circuits


def _extremal(claim: Claim) -> Iterator[RealGate | ThresholdCircuit | int]:
    """Majorities, at which half of the bits is needed, and the parities of 1..16 bits."""
    for n in range(1, 9):
        yield RealGate((Fraction(1),) * n, Fraction((n + 1) // 2))
        yield RealGate((Fraction(-1),) * n, Fraction(-(n // 2)))
    yield from range(1, 17)


halvings = Space(
    "random gates, circuits and parities",
    lambda claim: st.one_of(real_gates(), threshold_circuits()),
    _extremal,
)


@measures("autoregressive/halving_lower_bound", over=halvings, examples=(40, 400))
def halving_lower_bound(thing: RealGate | ThresholdCircuit | int, context: Context) -> Iterator[Instance]:
    if isinstance(thing, int):  # the parity of all bits is constant on no subcube of one bit: D = 0
        values = {"n": thing, "D": 0, "L": thing.bit_length() - 1}
        yield Instance(values, exact(kautz(thing).token_count), "length", label=f"parity of {thing} bits")
    elif isinstance(thing, RealGate):
        halved = halve(dict(enumerate(thing.weights)), thing.threshold)
        for bits in product((0, 1), repeat=len(halved.free)):
            x = {**halved.fixed, **dict(zip(halved.free, bits, strict=True))}
            value = sum((w for i, w in enumerate(thing.weights) if x[i]), Fraction(0)) >= thing.threshold
            yield Instance({"c": halved.value}, exact(value), "one value")
    else:
        fixed, values_there = constant_subcube(thing)
        free = [i for i in range(thing.n) if i not in fixed]
        found = set()
        for bits in product((0, 1), repeat=len(free)):
            x = {**fixed, **dict(zip(free, bits, strict=True))}
            found.add(gate_values(thing, [x[i] for i in range(thing.n)]))
        count = len(thing.gates)
        left = (len(free) + 1) * 2**count if found == {values_there} else 0  # not constant: nothing is won
        yield Instance({"n": thing.n, "T": count}, exact(left), "free bits", witness={"fixed": fixed})
