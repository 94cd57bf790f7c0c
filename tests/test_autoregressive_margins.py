"""Halving and Fibonacci weights: derivations, verdicts, and the specification's numbers (2D)."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings

from numerics.machines.halving import constant_subcube, halve
from numerics.machines.parity import kautz
from numerics.machines.threshold_functions import cube
from numerics.machines.top_bit import fibonacci_gate, least_top_weight, perceptron_mistakes, top_bit_parity
from theory.autoregressive import halving, margins
from theory.claim import Claim
from theory.verdict import Grade, Verdict
from verify.autoregressive import halving as measured_halving
from verify.autoregressive import margins as measured_margins
from verify.falsify import falsify
from verify.instance import Case
from verify.measurement import Measurement, context
from verify.space import draw
from verify.strategies.circuits import RealGate, real_gates
from verify.verdict import judge

CLAIMS: list[tuple[Claim, Measurement]] = [
    (halving.halving_lower_bound, measured_halving.halving_lower_bound),
    (margins.gate_margin_exponential, measured_margins.gate_margin_exponential),
]
FIBONACCI = (1, 1, 2, 3, 5, 8, 13, 21, 34, 55)


@pytest.mark.parametrize("claim", [c for c, _ in CLAIMS], ids=lambda c: str(c.name))
def test_derivations(claim: Claim) -> None:
    report = claim.check()
    assert report.accepted, report.message
    assert report.grade is Grade.PROVED


@pytest.mark.parametrize(("claim", "measurement"), CLAIMS, ids=lambda x: getattr(x, "name", ""))
def test_verdicts(claim: Claim, measurement: Measurement) -> None:
    cases: list[Case] = []
    for thing in draw(measurement.over, claim, 12, seed=3):
        cases.extend(measurement(thing, context(3, claim.id)))
    assert judge(claim, cases).verdict is Verdict.TIGHT


def test_bounds_are_tight() -> None:
    found = falsify(
        halving.halving_lower_bound,
        statement="length",
        bound=sp.Rational(11, 10) * (halving.L.symbol + 1),
        examples=10,
        measurement=measured_halving.halving_lower_bound,
        shrink=False,
    )
    assert found.found


@settings(max_examples=60, deadline=None, database=None)
@given(real_gates())
def test_halving_lemma(gate: RealGate) -> None:
    halved = halve(dict(enumerate(gate.weights)), gate.threshold)
    assert len(halved.free) == len(gate.weights) // 2
    for bits in product((0, 1), repeat=len(halved.free)):
        x = {**halved.fixed, **dict(zip(halved.free, bits, strict=True))}
        assert (sum(w * x[i] for i, w in enumerate(gate.weights)) >= gate.threshold) == bool(halved.value)


def test_fewer_fixed_bits_do_not_suffice() -> None:
    """Majority of 4 bits, 2 of 4: one fixed bit never makes it constant."""
    for at, value in product(range(4), (0, 1)):
        reached = {sum(bits) + value >= 2 for bits in product((0, 1), repeat=3)}
        assert reached == {False, True}, (at, value)
    assert len(halve(dict.fromkeys(range(4), Fraction(1)), Fraction(2)).free) == 2


def test_chains_shorter_than_kautz_are_constant_on_an_edge() -> None:
    """All tokens but the last of the Kautz chain leave a free bit, along which parity changes."""
    from numerics.machines.circuits import Gate, ThresholdCircuit

    for n in (2, 3, 4, 7, 8, 12):
        top = n.bit_length() - 1
        gates = []
        for t, j in enumerate(range(top, 0, -1)):
            weights = [Fraction(1)] * n + [Fraction(-(2**i)) for i in range(top, j, -1)]
            gates.append(Gate(f"digit {j}", tuple(range(n + t)), tuple(weights), Fraction(2**j)))
        circuit = ThresholdCircuit(tuple(f"x{i}" for i in range(n)), tuple(gates), ())
        fixed, _ = constant_subcube(circuit)
        assert n - len(fixed) == n // 2**top >= 1
        assert kautz(n).token_count == len(gates) + 1


def test_least_weights_are_fibonacci_numbers() -> None:
    assert tuple(int(least_top_weight(n)) for n in range(1, 11)) == FIBONACCI
    weights, threshold = fibonacci_gate(10)
    assert tuple(map(abs, weights)) == FIBONACCI
    assert (((cube(10) @ np.array(weights)) >= threshold) == top_bit_parity(10)).all()


@pytest.mark.parametrize("n", range(2, 9))
def test_perceptron_makes_at_least_fibonacci_mistakes(n: int) -> None:
    mistakes, weights = perceptron_mistakes(n, np.random.default_rng(n))
    assert mistakes >= FIBONACCI[n - 1]
    assert (np.abs(weights[:n]) >= FIBONACCI[:n]).all()
    features = np.hstack([2 * cube(n) - 1, np.ones((2**n, 1), dtype=np.int64)])
    assert ((features @ weights > 0) == top_bit_parity(n)).all()


def test_top_bit_parity() -> None:
    assert top_bit_parity(2).tolist() == [0, 0, 1, 0]  # inputs 00, 01, 10, 11 with x_1 first
    with pytest.raises(ArithmeticError, match="1 passes at n = 6"):
        perceptron_mistakes(6, np.random.default_rng(0), passes=1)
