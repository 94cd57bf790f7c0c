"""Threshold circuits and chains of tokens, on random circuits and on all functions of few bits."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import numpy as np
from hypothesis import strategies as st

from numerics.machines.circuits import Gate, ThresholdCircuit, compile_circuit, integers
from numerics.machines.linear_ar import LinearStep, scores
from numerics.machines.searches import two_gate_length
from numerics.machines.threshold_functions import IntArray, cube, exact_length, first_gates, threshold_functions
from numerics.machines.tokens import BITS, gate
from numerics.machines.turing import words
from theory.claim import Claim
from verify.instance import Instance
from verify.measurement import Context, measures
from verify.precision import exact
from verify.space import Space
from verify.strategies.circuits import threshold_circuits, truth_tables

circuits = Space("random threshold circuits", lambda claim: threshold_circuits())


@measures("autoregressive/threshold_circuit_as_stated", over=circuits, examples=(40, 400))
def threshold_circuit_as_stated(given: ThresholdCircuit, context: Context) -> Iterator[Instance]:
    found = compile_circuit(given)  # compares every token on all inputs
    yield Instance({"gates": len(given.gates)}, exact(found.token_count), "length")
    if found.least_gap is not None:
        yield Instance({}, exact(found.least_gap), "gap")
    for one, norm in zip(given.gates, found.squared_norms, strict=True):
        weights, threshold = integers(one)
        squares = sum(w * w for w in weights.values())
        values = {"m": len(weights), "w2": squares, "theta": threshold}
        yield Instance(values, exact(norm), "norm", label=one.name)


def _parities(claim: Claim) -> Iterator[IntArray]:
    """Constants, and the parities of 1..4 bits: 1, 2, 2 tokens, and more than 2."""
    yield np.zeros(2, dtype=np.int64)
    for n in range(1, 5):
        yield cube(n).sum(axis=1) % 2


tables = Space("truth tables", lambda claim: truth_tables(3), _parities)


@measures("autoregressive/threshold_circuit_length", over=tables, examples=(30, 300))
def threshold_circuit_length(values: IntArray, context: Context) -> Iterator[Instance]:
    n = int(values.size).bit_length() - 1
    if n <= 3:
        # Two searches; beyond two gates or tokens both say "at least 3".
        gates, tokens = two_gate_length(values), exact_length(values)
        found = 3 if tokens == ">2" else tokens
        yield Instance({"G": gates or 3}, exact(found), "length", witness={"values": values.tolist()})
    else:
        yield Instance({}, exact(len(threshold_functions(n))), "threshold functions of 4 bits")
        yield Instance({}, exact(len(first_gates(values))), "parity of 4 bits")
    step = _drawn_step(context, n)
    bias = step.bias["1"] - step.bias["0"]
    off = {i: step.weights[i, "0"]["1"] - step.weights[i, "0"]["0"] for i in range(n)}
    on = {i: step.weights[i, "1"]["1"] - step.weights[i, "1"]["0"] for i in range(n)}
    for x in words(BITS, n):
        score = scores(step, x)
        affine = bias + sum(off.values()) + sum((on[i] - off[i]) * int(x[i]) for i in range(n))
        yield Instance({"m": n, "b": bias}, exact(score["1"] - score["0"]), "a step is a gate", exact(affine))


def _drawn_step(context: Context, n: int) -> LinearStep:
    def row() -> dict[str, int]:
        return {out: int(w) for out, w in zip(BITS, context.rng.integers(-5, 6, size=2), strict=True)}

    return LinearStep(BITS, {(i, bit): row() for i in range(n) for bit in BITS}, row())


@st.composite
def boolean_circuits(draw: st.DrawFn) -> ThresholdCircuit:
    """AND, OR and NOT gates on 1..4 bits, up to 6 gates; shrinks to the NOT of the first bit."""
    n, size = draw(st.integers(1, 4)), draw(st.integers(1, 6))
    gates: list[Gate] = []
    for t in range(size):
        places: tuple[int, ...]
        kind = draw(st.sampled_from(("not", "and", "or"))) if n + t > 1 else "not"
        if kind == "not":
            places, weight, threshold = (draw(st.integers(0, n + t - 1)),), -1, 0
        else:
            first, second = draw(st.lists(st.integers(0, n + t - 1), min_size=2, max_size=2, unique=True))
            places, weight, threshold = (first, second), 1, 2 if kind == "and" else 1
        gates.append(Gate(f"{kind} {t}", places, (Fraction(weight),) * len(places), Fraction(threshold)))
    return ThresholdCircuit(tuple(f"x{i}" for i in range(n)), tuple(gates), ())


boolean = Space("random Boolean circuits", lambda claim: boolean_circuits())


@measures("autoregressive/nonuniform_ppoly", over=boolean, examples=(30, 300))
def nonuniform_ppoly(given: ThresholdCircuit, context: Context) -> Iterator[Instance]:
    """The half that is a construction: Boolean gates as tokens. The other half is on paper."""
    found = compile_circuit(given)
    yield Instance({"gates": len(given.gates)}, exact(found.token_count), "length")
    for one in given.gates:
        kind = one.name.split()[0]
        step = gate(dict(enumerate(int(w) for w in one.weights)), int(one.threshold))
        for bits in words(BITS, len(one.inputs)):
            x = [bit == "1" for bit in bits]
            true = {"not": not x[0], "and": all(x), "or": any(x)}[kind]
            score = scores(step, bits)
            margin = (score["1"] - score["0"]) * (1 if true else -1)
            inputs = dict(zip(("x", "y"), map(int, x), strict=False))
            yield Instance(inputs, exact(margin), kind, label=one.name)
