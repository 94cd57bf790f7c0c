"""The claims on multiplication: derivations, verdicts, and that a tight bound a tenth sharper is caught."""

from __future__ import annotations

import numpy as np
import pytest
import sympy as sp

from numerics.machines.multiplication_split import leakage, published_split
from theory.autoregressive.multiplication import multiplication_cot_length
from theory.autoregressive.multiplication_linear import (
    answer_norm,
    multiplication_constant_margin,
    multiplication_linear_exact,
    multiplication_short,
)
from theory.autoregressive.multiplication_split import counts, multiplication_split_leakage
from theory.claim import Claim
from theory.verdict import Grade, Verdict
from verify.autoregressive.multiplication import smaller_pairs
from verify.bounds import enclosure
from verify.falsify import with_bound
from verify.measure import measure_claim, measurement_of
from verify.measurement import context
from verify.space import draw
from verify.verdict import as_expected, judge

CLAIMS = [
    multiplication_cot_length,
    multiplication_linear_exact,
    multiplication_short,
    multiplication_constant_margin,
    multiplication_split_leakage,
]


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.id)
def test_every_step_is_proved(claim: Claim) -> None:
    assert claim.check().grade is Grade.PROVED


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.id)
def test_verdicts_are_as_expected(claim: Claim) -> None:
    for record in measure_claim(claim):
        assert as_expected(record.verdict, record.expected), record


@pytest.mark.parametrize(
    ("label", "totals"),
    [("all", [28, 77, 166, 307, 512]), ("all, split", [30, 85, 184, 339, 562])],
)
def test_the_polynomials_at_the_printed_sizes(label: str, totals: list[int]) -> None:
    bound = next(s.bound for s in multiplication_cot_length.statements if s.label == label)
    assert [enclosure(bound, {"d": d}).value for d in range(1, 6)] == totals


def test_counting_by_sets_agrees_with_enumeration() -> None:
    for d in (2, 3):
        split = published_split(d)
        found = leakage(split)
        assert counts(split.lo, split.hi) == (found.training, found.test_off_diagonal, found.leaked)


def test_norms_of_the_final_digits() -> None:
    assert [answer_norm(4, place) for place in (7, 0)] == [96443382086306896785, 127294763950688401833]
    assert all(9e19 < answer_norm(4, place) < 1.3e20 for place in range(8))
    assert 4e-12 < 1 / np.sqrt(307 * float(answer_norm(4, 0))) < 6e-12


def test_a_norm_a_tenth_smaller_is_exceeded() -> None:
    claim, label = multiplication_constant_margin, "norm of a tuple"
    bound = next(s.bound for s in claim.statements if s.label == label)
    smaller = with_bound(claim, label, bound * sp.Rational(9, 10))
    measure = measurement_of(claim)
    cases = [
        case
        for thing in draw(smaller_pairs, claim, 1, 0)
        for case in measure(thing, context(0, label))
        if case.statement == label
    ]
    assert judge(smaller, cases).verdict is Verdict.REFUTED
