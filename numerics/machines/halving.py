"""Fixing half of the free bits of a threshold gate so that the other half does not matter.

Main definitions
    Halved             the bits that were fixed, and the value the gate then has
    halve              one gate: the ceil(m/2) bits of largest |weight| of m free bits
    constant_subcube   every gate of a circuit in turn

Source: specification `autoregressive`, halving_lower_bound.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from numerics.machines.circuits import ThresholdCircuit


@dataclass(frozen=True)
class Halved:
    """A gate made constant.

    Attributes
        fixed  the values of the fixed bits
        free   the bits that stay free, ascending
        value  of the gate, whatever the free bits are
    """

    fixed: Mapping[int, int]
    free: tuple[int, ...]
    value: int


def halve(weights: Mapping[int, Fraction | int], threshold: Fraction | int) -> Halved:
    """Fix the ceil(m/2) bits of largest |weight| so that the gate [sum of weights * bits >= threshold] is constant.

    It is made 1 where the threshold is at most the largest sum of the fixed bits plus the smallest of the others,
    else 0.
    """
    order = sorted(weights, key=lambda at: (-abs(weights[at]), at))
    count = (len(order) + 1) // 2
    large, small = order[:count], order[count:]
    most = sum(max(weights[at], 0) for at in large)
    value = int(threshold <= most + sum(min(weights[at], 0) for at in small))
    fixed = {at: int((weights[at] > 0) == bool(value)) for at in large}
    return Halved(fixed, tuple(sorted(small)), value)


def constant_subcube(circuit: ThresholdCircuit) -> tuple[dict[int, int], tuple[int, ...]]:
    """Fixed input bits, and the values that all gates then have, whatever the other input bits are.

    Of m free bits every gate leaves floor(m/2) free.
    """
    fixed: dict[int, int] = {}
    values: list[int] = []
    for gate in circuit.gates:
        known = fixed | {circuit.n + t: value for t, value in enumerate(values)}
        rows = dict(zip(gate.inputs, gate.weights, strict=True))
        threshold = gate.threshold - sum((w for at, w in rows.items() if known.get(at)), Fraction(0))
        free = [at for at in range(circuit.n) if at not in fixed]
        halved = halve({at: rows.get(at, Fraction(0)) for at in free}, threshold)
        fixed |= halved.fixed
        values.append(halved.value)
    return fixed, tuple(values)
