"""Other concepts in the words: accepted derivations, oracle numbers, verdicts, sampled prompts."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
import sympy as sp

from numerics.concepts.dictionary import draw_dictionary
from numerics.concepts.formulas import polysemy_interference as closed_form
from numerics.concepts.prompts import Sampler
from theory.concepts.polysemy import polysemy_interference
from theory.concepts.polysemy_error import polysemy_error
from theory.verdict import Grade, Verdict
from verify.concepts import polysemy
from verify.measure import measure_claim
from verify.measurement import context
from verify.statistics import binomial_interval
from verify.verdict import judge

CASE = polysemy.Activity(4, 4, Fraction(1, 10))


def test_derivation_is_proved():
    report = polysemy_interference.check()
    assert report.grade is Grade.PROVED, report.message


def test_verdict():
    for record in measure_claim(polysemy_interference, measurement=polysemy.polysemy_interference):
        assert record.as_expected, record.message


def test_oracle():
    assert float(polysemy.counted(CASE)) == pytest.approx(0.0996626557935187, rel=1e-14)
    assert closed_form(4, 4, 0.1) == pytest.approx((0.0996626557935187, 0.12), rel=1e-13)
    values = {"K1": 4, "L": 4, "rho1": sp.Rational(1, 10)}
    union, exact = (
        s.bound.subs({x: values[x.name] for x in s.bound.free_symbols}) for s in polysemy_interference.statements
    )
    assert exact == sp.Rational(polysemy.counted(CASE).numerator, polysemy.counted(CASE).denominator)
    assert union == sp.Rational(12, 100)


def test_interference_read_off_sampled_words():
    rng = np.random.default_rng(3)
    dictionary = draw_dictionary(rng, 4, 0, 8)
    prompts = Sampler(4, "balanced", activity=0.1).sample(rng, dictionary, (20_000,))
    along = prompts.words @ (dictionary.a / (dictionary.a**2).sum(1, keepdims=True)).T  # (N, L+1, K_1)
    carried = along > 0.5
    np.put_along_axis(carried, prompts.concepts[:, None, :], False, axis=-1)
    shared = (carried[:, -1:] & carried[:, :-1]).any((1, 2))
    low, high = binomial_interval(int(shared.sum()), len(shared), 0.9999)
    assert low <= 0.0996626557935187 <= high and high - low < 0.02


@pytest.mark.parametrize(("label", "factor"), [("union", sp.Rational(9, 10)), ("exact", sp.Rational(9, 10))])
def test_weakened_constant_is_caught(label, factor):
    rare = polysemy.Activity(2, 2, Fraction(1, 100))
    cases = [c for c in polysemy.polysemy_interference(rare, context(0, "rare")) if c.statement == label]
    changed = tuple(
        replace(s, bound=s.bound * factor) if s.label == label else s for s in polysemy_interference.statements
    )
    assert judge(replace(polysemy_interference, statements=changed), cases).verdict is Verdict.REFUTED


def test_error_derivation_says_its_one_gap():
    report = polysemy_error.check()
    assert report.accepted, report.message
    assert [s.name for s in report.steps if s.grade is Grade.GAP and s.method == "gap"] == ["clean prompts are right"]


def test_error_verdict():
    for record in measure_claim(polysemy_error, measurement=polysemy.polysemy_error):
        assert record.as_expected, record.message


@pytest.mark.parametrize(
    ("rho", "printed"), [(Fraction(1, 20), 0.0078), (Fraction(1, 10), 0.0271), (Fraction(3, 10), 0.1226)]
)
def test_error_of_the_specification(rho, printed):
    """40 000 prompts there and here: within .003."""
    prompts = 40_000
    failures = polysemy.missed(polysemy.Carried(4, 4, rho), prompts, np.random.default_rng(7))
    assert abs(failures / prompts - printed) <= 0.003
    assert binomial_interval(failures, prompts)[1] <= 1 - float(1 - rho) ** 12
