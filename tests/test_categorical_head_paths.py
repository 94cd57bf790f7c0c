"""Divergences along a segment of states: derivations, lemma L6, oracles of the specification, verdicts."""

from __future__ import annotations

import math

import numpy as np
import pytest

from numerics.geometry.paths import jeffreys_by_means, jeffreys_by_rows, segment, speeds
from numerics.geometry.self_concordance import forward_sandwich
from theory.categorical import head_paths, self_concordance
from theory.checking.kernel import check_lemma
from theory.claim import Claim
from theory.lemma import Lemma
from theory.lemmas import bounded_range
from theory.verdict import Grade
from verify.categorical import head_paths as measured
from verify.instance import Case, Instance, NotApplicable
from verify.measurement import Measurement, context
from verify.precision import floating
from verify.space import draw
from verify.strategies.heads import g1
from verify.verdict import Outcome, as_expected, judge, judge_instance

CLAIMS: list[tuple[Claim, Measurement]] = [
    (head_paths.kl_path, measured.kl_path),
    (head_paths.jeffreys_path, measured.jeffreys_path),
    (self_concordance.self_concordance, measured.self_concordance),
]


@pytest.mark.parametrize("claim", [c for c, _ in CLAIMS], ids=lambda c: str(c.name))
def test_derivations(claim: Claim) -> None:
    report = claim.check()
    assert report.accepted, report.message
    assert report.grade is Grade.CITED  # the fundamental theorem of calculus or the mean value theorem


@pytest.mark.parametrize(
    ("lemma", "grade"),
    [
        (bounded_range.variance_at_most, Grade.PROVED),
        (bounded_range.third_at_most, Grade.PROVED),
        (bounded_range.third_at_least, Grade.PROVED),
        (bounded_range.hoeffding, Grade.CITED),
    ],
    ids=lambda x: getattr(x, "id", ""),
)
def test_moments_of_a_bounded_variable(lemma: Lemma, grade: Grade) -> None:
    report = check_lemma(lemma)
    assert report.accepted, report.message
    assert report.grade is grade


@pytest.mark.parametrize(("claim", "measurement"), CLAIMS, ids=lambda x: getattr(x, "name", ""))
def test_verdicts(claim: Claim, measurement: Measurement) -> None:
    cases: list[Case] = []
    for thing in draw(measurement.over, claim, 12, seed=3):
        try:
            cases.extend(measurement(thing, context(3, claim.id)))
        except NotApplicable:
            continue
    assert as_expected(judge(claim, cases).verdict, claim.expected)


def test_fixture() -> None:
    thing = g1()
    path = segment(thing.head, thing.first, thing.second)
    assert jeffreys_by_rows(path) == pytest.approx(0.751204, abs=1e-6)
    assert jeffreys_by_means(thing.head, thing.first, thing.second) == pytest.approx(0.751204, abs=1e-6)
    assert speeds(path, np.zeros(1))[0] == pytest.approx(0.699896, abs=1e-6)
    found = forward_sandwich(path)
    assert (found.lower, found.value, found.upper) == pytest.approx((0.169665, 0.373674, 1.073340), abs=1e-6)


def test_a_tenth_off_is_caught() -> None:
    thing = g1()
    for claim, measurement in CLAIMS[:2]:
        for case in measurement(thing, context(0, claim.id)):
            assert isinstance(case, Instance)
            assert case.bound is not None
            wrong = Instance(
                case.values, case.quantity, case.statement, floating(0.9 * case.bound.value, relative=1e-9)
            )
            assert judge_instance(claim, wrong).outcome is Outcome.VIOLATED


def test_the_sandwich_closes_for_small_steps() -> None:
    thing = g1()
    path = segment(thing.head, thing.first, thing.first + 1e-3 * (thing.second - thing.first))
    found = forward_sandwich(path)
    assert found.lower <= found.value <= found.upper
    assert found.upper / found.lower < 1.01
    assert math.isclose(found.value, found.quadratic_form / 2, rel_tol=1e-2)
