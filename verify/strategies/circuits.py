"""Random threshold circuits, gates and truth tables.

Main definitions
    threshold_circuits  gates with integer weights in -3..3 on all inputs and earlier gates
    gates               one gate with real weights, and its free bits
    truth_tables        values in 0..1 on the 2^n inputs
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from hypothesis import strategies as st

from numerics.machines.circuits import Gate, ThresholdCircuit
from numerics.machines.threshold_functions import IntArray


@st.composite
def threshold_circuits(draw: st.DrawFn, bits: int = 6, most_gates: int = 6) -> ThresholdCircuit:
    """Circuits of n <= bits inputs in which the output may read every gate; shrink to one gate of weight 0."""
    n, size = draw(st.integers(1, bits)), draw(st.integers(1, most_gates))
    whole = st.integers(-3, 3).map(Fraction)
    gates = []
    for t in range(size):
        weights = draw(st.lists(whole, min_size=n + t, max_size=n + t))
        gates.append(Gate(f"g{t + 1}", tuple(range(n + t)), tuple(weights), draw(whole)))
    return ThresholdCircuit(tuple(f"x{i}" for i in range(n)), tuple(gates), ())


@dataclass(frozen=True)
class RealGate:
    """A threshold gate with rational weights."""

    weights: tuple[Fraction, ...]
    threshold: Fraction


@st.composite
def real_gates(draw: st.DrawFn, bits: int = 8) -> RealGate:
    """Gates of 1..bits inputs with weights of a few decimals; shrink to weight 0 and threshold 0."""
    n = draw(st.integers(1, bits))
    number = st.fractions(-4, 4, max_denominator=1000)
    return RealGate(tuple(draw(st.lists(number, min_size=n, max_size=n))), draw(number))


def truth_tables(bits: int) -> st.SearchStrategy[IntArray]:
    """Functions of 1..bits bits (2^n,); shrink to constant 0 of one bit."""
    return st.integers(1, bits).flatmap(
        lambda n: st.lists(st.integers(0, 1), min_size=2**n, max_size=2**n).map(
            lambda values: np.array(values, dtype=np.int64)
        )
    )
