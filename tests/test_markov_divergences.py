"""Divergences under bounded log-ratio and the risk pseudometric: proofs, numbers, verdicts, weakened constants."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
import sympy as sp

from theory.checking.kernel import check_lemma
from theory.lemmas import divergence, pinsker
from theory.markov import divergences as claims
from theory.markov import risk as risk_claims
from theory.verdict import Grade, Verdict
from verify.bounds import enclosure, statement_of
from verify.falsify import falsify
from verify.instance import Instance
from verify.markov import divergences as measured
from verify.markov import risk as risk_measured
from verify.measure import measure_claim
from verify.measurement import Context, context, measures
from verify.precision import floating
from verify.verdict import as_expected

NAMES = ("tv_log_ratio_as_stated", "tv_log_ratio", "kl_log_ratio_as_stated", "kl_log_ratio")


@pytest.mark.parametrize("name", NAMES)
def test_the_derivation_is_proved(name: str) -> None:
    report = getattr(claims, name).check()
    assert report.grade is Grade.PROVED, report.message


def test_the_risk_is_proved_a_pseudometric() -> None:
    report = risk_claims.risk_pseudometric.check()
    assert report.grade is Grade.PROVED, report.message


def test_pinsker_is_proved() -> None:
    assert check_lemma(pinsker.pinsker).grade is Grade.PROVED
    assert check_lemma(divergence.tv_likelihood_ratio).grade is Grade.PROVED


@pytest.mark.parametrize("name", NAMES)
def test_the_measured_verdict_is_the_expected_one(name: str) -> None:
    claim = getattr(claims, name)
    (record,) = measure_claim(claim, measurement=getattr(measured, name))
    assert as_expected(record.verdict, claim.expected), record.message
    if name in ("tv_log_ratio", "kl_log_ratio"):
        assert record.verdict is Verdict.TIGHT, record.message


def test_the_risk_is_measured_exactly() -> None:
    (record,) = measure_claim(risk_claims.risk_pseudometric, measurement=risk_measured.risk_pseudometric)
    assert as_expected(record.verdict, Verdict.HOLDS), record.message
    assert record.method in ("exact", "ball")  # fractions, and bounds enclosed rigorously


def test_bounds_at_the_numbers_of_the_specification() -> None:
    one, two = (statement_of(claims.tv_log_ratio, label).bound for label in ("one bound", "two bounds"))
    assert enclosure(one, {"B": 1}).value == pytest.approx(0.46211715726001, rel=1e-13)
    assert enclosure(two, {"B_1": Fraction(3, 10), "B_2": 2}).value == pytest.approx(0.249077568855181, rel=1e-13)
    used = enclosure(claims.tv_log_ratio_as_stated.statement.bound, {"B": math.log(2)})
    assert used.value == pytest.approx(1.177, abs=5e-4)


def test_the_two_point_pair_attains_both_bounds() -> None:
    p, q = measured.two_point_pair(0.3, 2.0)
    assert p.sum() == pytest.approx(1.0, abs=1e-15)
    assert measured.total_variation(p, q) == pytest.approx(0.249077568855181, rel=1e-13)
    p, q = measured.two_point_pair(1.0, 1.0)
    assert measured.kullback_leibler(p, q) == pytest.approx(math.tanh(0.5), rel=1e-13)


def test_the_printed_bound_holds_also_where_it_is_informative() -> None:
    @measures(claims.tv_log_ratio_as_stated.id, over=measured.pairs)
    def everywhere(pair: measured.Pair, context: Context):  # type: ignore[no-untyped-def]  # a generator
        values = measured.bounds_of(*pair)
        yield Instance(values, floating(measured.total_variation(*pair), absolute=1e-13))

    report = falsify(claims.tv_log_ratio_as_stated, examples=150, measurement=everywhere)
    assert not report.found
    assert report.nonvacuous > 10


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("tv_log_ratio", "one bound"),
        ("tv_log_ratio", "two bounds"),
        ("kl_log_ratio", "log-ratio"),
    ],
)
def test_a_constant_weakened_by_a_tenth_is_caught(name: str, label: str) -> None:
    claim = getattr(claims, name)
    wrong = statement_of(claim, label).bound * sp.Rational(9, 10)
    report = falsify(
        claim, statement=label, bound=wrong, examples=150, measurement=getattr(measured, name), shrink=False
    )
    assert report.found


def test_a_smaller_risk_constant_is_caught() -> None:
    claim = risk_claims.risk_pseudometric
    wrong = statement_of(claim, "zero if equal").bound * sp.Rational(9, 10)
    report = falsify(
        claim,
        statement="zero if equal",
        bound=wrong,
        examples=100,
        measurement=risk_measured.risk_pseudometric,
        shrink=False,
    )
    assert report.found


def test_a_difference_at_an_impossible_context_costs_nothing() -> None:
    never = risk_measured.comparisons_space.extremal(risk_claims.risk_pseudometric)[2]
    assert risk_measured.risk(never.weights, never.models[0], never.models[1]) == 0
    instances = list(risk_measured.risk_pseudometric(never, context(0, "test")))
    assert all(i.values["h"] == 0 for i in instances)


def test_two_point_pairs_have_the_log_ratios_asked_for() -> None:
    p, q = measured.two_point_pair(0.7, 1.9)
    np.testing.assert_allclose(np.log(p / q), [1.9, -0.7], rtol=1e-13)
