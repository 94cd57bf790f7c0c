"""What linear chains express: derivations, verdicts, and the specification's numbers (2D)."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from numerics.machines.circuits import ThresholdCircuit, compile_circuit, gate_values
from numerics.machines.linear_ar import rollout, scores
from numerics.machines.padding import padded, padded_parity
from numerics.machines.parity import chain_k, kautz
from numerics.machines.searches import two_gate_length
from numerics.machines.signs import TieError, sign_rollout
from numerics.machines.threshold_functions import cube, exact_length, first_gates, threshold_functions
from numerics.machines.tokens import bucket, form
from numerics.machines.turing import words
from theory.autoregressive import circuits, expressivity, tokens
from theory.autoregressive import threshold_functions as enumerated
from theory.claim import Claim
from theory.verdict import Grade, Verdict
from verify.autoregressive import circuits as measured_circuits
from verify.autoregressive import expressivity as measured
from verify.autoregressive import tokens as measured_tokens
from verify.falsify import falsify
from verify.instance import Case, NotApplicable
from verify.measurement import Measurement, context
from verify.space import draw
from verify.strategies.circuits import threshold_circuits
from verify.verdict import judge

CLAIMS: list[tuple[Claim, Measurement, Grade, Verdict]] = [
    (expressivity.length_monotone, measured.length_monotone, Grade.PROVED, Verdict.HOLDS),
    (expressivity.bias_needed, measured.bias_needed, Grade.PROVED, Verdict.HOLDS),
    (circuits.threshold_circuit_as_stated, measured_circuits.threshold_circuit_as_stated, Grade.PROVED, Verdict.TIGHT),
    (circuits.threshold_circuit_length, measured_circuits.threshold_circuit_length, Grade.PROVED, Verdict.HOLDS),
    (circuits.nonuniform_ppoly, measured_circuits.nonuniform_ppoly, Grade.CITED, Verdict.TIGHT),
    (tokens.bucket_token, measured_tokens.bucket_token, Grade.PROVED, Verdict.TIGHT),
    (tokens.conjunction_token, measured_tokens.conjunction_token, Grade.PROVED, Verdict.TIGHT),
    (tokens.dictionary_tradeoff, measured_tokens.dictionary_tradeoff, Grade.PROVED, Verdict.TIGHT),
]


@pytest.mark.parametrize(("claim", "grade"), [(c, g) for c, _, g, _ in CLAIMS], ids=lambda x: getattr(x, "name", ""))
def test_derivations(claim: Claim, grade: Grade) -> None:
    report = claim.check()
    assert report.accepted, report.message
    assert report.grade is grade


@pytest.mark.parametrize(
    ("claim", "measurement", "verdict"), [(c, m, v) for c, m, _, v in CLAIMS], ids=lambda x: getattr(x, "name", "")
)
def test_verdicts(claim: Claim, measurement: Measurement, verdict: Verdict) -> None:
    cases: list[Case] = []
    for thing in draw(measurement.over, claim, 12, seed=3):
        try:
            cases.extend(measurement(thing, context(3, claim.id)))
        except NotApplicable:
            continue
    assert judge(claim, cases).verdict is verdict


def test_bounds_are_tight() -> None:
    nine = sp.Rational(9, 10)
    u, m = tokens.left.symbol, tokens.m.symbol
    for claim, measurement, label, bound in (
        (CLAIMS[2][0], CLAIMS[2][1], "length", nine * circuits.gates.symbol),
        (CLAIMS[2][0], CLAIMS[2][1], "gap", sp.Rational(11, 10)),
        (CLAIMS[5][0], CLAIMS[5][1], "below", sp.Rational(11, 10) * (2 * u + 1)),
        (CLAIMS[5][0], CLAIMS[5][1], "above", sp.Rational(11, 10) * (2 * (m - 1 - u) + 1)),
        (CLAIMS[6][0], CLAIMS[6][1], "gap of a tuple", sp.Rational(11, 10)),
        (CLAIMS[7][0], CLAIMS[7][1], "length", nine * 2 * tokens.gates.symbol),
    ):
        found = falsify(claim, statement=label, bound=bound, examples=40, measurement=measurement, shrink=False)
        assert found.found, f"{claim.id}, {label}"


@settings(max_examples=25, deadline=None, database=None)
@given(threshold_circuits(4, 4), st.integers(0, 3))
def test_padding_keeps_every_token(given_circuit: ThresholdCircuit, pad: int) -> None:
    model = compile_circuit(given_circuit).model
    longer = padded(model, pad)
    for x in words(("0", "1"), model.n):
        assert rollout(longer, x) == ("0",) * pad + rollout(model, x)


def test_padded_parities() -> None:
    chain = padded_parity(chain_k(5, None, 3), 2)
    assert chain.sets[:2] == ((), ())
    assert all(int(chain.rollout(x)[-1]) == x.count("1") % 2 for x in words(("0", "1"), 5))
    for longer in (lambda: padded(kautz(2).model, -1), lambda: padded_parity(chain, -1)):
        with pytest.raises(ValueError, match="pad is -1"):
            longer()


def test_exclusive_or_needs_a_bias() -> None:
    rng, computed = np.random.default_rng(1), 0
    for _ in range(300):
        weights = [rng.integers(-5, 6, size=2 + t).tolist() for t in range(3)]
        try:
            last = [sign_rollout(weights, x)[-1] for x in product((-1, 1), repeat=2)]
        except TieError:
            continue
        assert sum(token != -a * b for token, (a, b) in zip(last, product((-1, 1), repeat=2), strict=True)) == 2
        computed += 1
    assert computed > 100
    with pytest.raises(TieError, match="token 1"):
        sign_rollout([[0, 0]], (1, 1))
    with pytest.raises(ValueError, match="token 2 has 2 weights, expected 3"):
        sign_rollout([[1, 0], [1, 1]], (1, 1))


def test_counts_of_threshold_functions() -> None:
    assert [len(threshold_functions(n)) for n in range(1, 5)] == [4, 14, 104, 1882]
    assert [len(enumerated.threshold_functions(n)) for n in range(1, 5)] == [4, 14, 104, 1882]


def test_parity_of_four_bits_takes_more_than_two_tokens() -> None:
    parities = [cube(n).sum(axis=1) % 2 for n in range(1, 5)]
    assert [exact_length(values) for values in parities] == [1, 2, 2, ">2"]
    assert len(first_gates(parities[3])) == 0
    assert enumerated.first_gates_without_certificate() == 0


def test_two_searches_for_two_gates_agree() -> None:
    for n in (1, 2):
        for values in product((0, 1), repeat=2**n):
            table = np.array(values)
            assert two_gate_length(table) == exact_length(table)
    rng = np.random.default_rng(2)
    for _ in range(20):
        table = rng.integers(0, 2, size=8)
        assert (two_gate_length(table) or ">2") == exact_length(table)


@settings(max_examples=25, deadline=None, database=None)
@given(threshold_circuits(5, 5))
def test_tokens_are_gates(given_circuit: ThresholdCircuit) -> None:
    model = compile_circuit(given_circuit).model
    for x in words(("0", "1"), model.n):
        assert tuple(map(int, rollout(model, x))) == gate_values(given_circuit, [int(bit) for bit in x])


def test_bucket_identity_and_gaps() -> None:
    d, r, m = sp.symbols("d r m")
    step = (2 * d * r + d - m * d * (d + 1)) - (2 * (d - 1) * r + (d - 1) - m * (d - 1) * d) - (2 * r + 1 - 2 * m * d)
    assert sp.expand(step) == 0
    for places, q in ((1, 2), (3, 4), (10, 10)):
        token = bucket(form({0: {str(value): value for value in range(q * places)}}), places, q)
        for value in range(q * places):
            ranked = sorted(scores(token, (str(value),)).items(), key=lambda entry: -entry[1])
            best, left = value // places, value % places
            sides = [2 * left + 1] * (best > 0) + [2 * (places - 1 - left) + 1] * (best < q - 1)
            assert ranked[0][0] == str(best)
            assert ranked[0][1] - ranked[1][1] == min(sides)


def test_two_tokens_compute_anything() -> None:
    rng = np.random.default_rng(5)
    for K, n in ((2, 4), (3, 2)):
        table = tuple(int(v) for v in rng.integers(0, K, size=K**n))
        found = measured_tokens.compile_tables(measured_tokens.TableCircuit(K, n, ((tuple(range(n)), table),)))
        assert found.verification.exhaustive
        assert found.token_count == 2
        assert found.squared_norms == (n * K**n, K**n)
        assert found.least_gap == 1
