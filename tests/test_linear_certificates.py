"""Exact linear certificates: hand cases, random systems against an independent exact answer, corrupted multipliers."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import hypothesis.strategies as st
import pytest
import sympy as sp
from hypothesis import given, settings

from theory.checking.linear import LinearCertificate, check_linear_certificate, linear_certificate, linear_form
from theory.checking.rational_programs import (
    Combination,
    ExactnessError,
    Separation,
    exact_simplex,
    is_combination,
    is_separation,
    nonnegative_combination,
)

x, y, z = sp.symbols("x y z", real=True)
p = sp.Symbol("p", positive=True)
third = sp.Rational(1, 3)

FOLLOWS: list[tuple[Any, list[Any]]] = [
    (x <= 3, [x + y <= 2, y >= -1]),
    (x < 3, [x + y < 2, y >= -1]),
    (x < 4, [x + y <= 2, y >= -1]),
    (x + z <= 1, [x <= y, y <= third, z <= 1 - y]),
    (sp.Eq(x, z), [sp.Eq(x, y), sp.Eq(y, z)]),
    (sp.Eq(x, y), [x <= y, y <= x]),
    (2 * sp.log(p) <= 7, [sp.log(p) - x * y <= 3, x * y <= sp.Rational(1, 2)]),
    (sp.exp(-x) + 1 > 1, [sp.exp(-x) > 0]),
    (sp.sqrt(2) * x <= 5, [sp.sqrt(2) * x <= 4]),
    (1 / (x + 1) <= 2, [1 / (2 * x + 2) <= 1]),
    (x**2 + 2 * x * y <= 1, [(x + y) ** 2 <= 1, sp.Ge(y**2, 0, evaluate=False)]),
    (sp.Le(0, 1, evaluate=False), []),
    (x <= y, [x < y]),
    (x >= 100, [y < 0, y > 1]),
    (x < 0, [x < 0, sp.true]),
    (x < -5, [y < 0, y >= 0]),
    (x >= 7, [sp.false]),
]
DOES_NOT_FOLLOW: list[tuple[Any, list[Any]]] = [
    (x < 3, [x + y <= 2, y >= -1]),
    (x <= sp.Rational(299, 100), [x + y <= 2, y >= -1]),
    (x <= 3, [x + y <= 2]),
    (sp.Eq(x, y), [x <= y]),
    (x < y, [x <= y]),
    (sp.Ge(x**2, 0, evaluate=False), []),  # true, but not by linear arithmetic over opaque atoms
    (x <= 2 * z, [sp.Eq(x, 2 * y)]),
    (x >= 7, [y >= 0, y <= 0]),
    (sp.false, [x < 0]),
]


@pytest.mark.parametrize(("goal", "hypotheses"), FOLLOWS)
def test_consequences_are_certified(goal: Any, hypotheses: list[Any]) -> None:
    certificate = linear_certificate(goal, hypotheses)
    assert isinstance(certificate, LinearCertificate)
    assert certificate.check()
    assert check_linear_certificate(goal, hypotheses, certificate.multipliers, certificate.opposite)
    assert str(goal) in str(certificate)


@pytest.mark.parametrize(("goal", "hypotheses"), DOES_NOT_FOLLOW)
def test_non_consequences_are_not(goal: Any, hypotheses: list[Any]) -> None:
    assert linear_certificate(goal, hypotheses) is None


def test_corrupted_multipliers_are_refused() -> None:
    goal, hypotheses = 2 * x + z <= 5, [x + y <= 2, y >= x - 1, z <= 2, x + 0 * y >= -10]
    certificate = linear_certificate(goal, hypotheses)
    assert certificate is not None
    assert certificate.multipliers == (1, 1, 1, 0)
    for k, m in enumerate(certificate.multipliers):
        for wrong in (m + Fraction(1, 10**12), m - Fraction(1, 10**12), m + 1, -m - 1):
            changed = (*certificate.multipliers[:k], wrong, *certificate.multipliers[k + 1 :])
            assert not check_linear_certificate(goal, hypotheses, changed)
    assert not check_linear_certificate(2 * x + z < 5, hypotheses, certificate.multipliers)
    assert not check_linear_certificate(2 * x + z <= sp.Rational(499, 100), hypotheses, certificate.multipliers)
    assert not check_linear_certificate(goal, hypotheses, certificate.multipliers[:3])
    floats = [float(m) for m in certificate.multipliers]
    assert not check_linear_certificate(goal, hypotheses, floats)  # type: ignore[arg-type]  # wrong on purpose


def test_negative_multipliers_need_equalities() -> None:
    assert not check_linear_certificate(x >= 1, [x <= 1], [Fraction(-1)])
    assert check_linear_certificate(x >= 1, [sp.Eq(1, x)], [Fraction(-1)])
    assert check_linear_certificate(sp.Eq(x, 1), [sp.Eq(1, x)], [Fraction(-1)])
    assert not check_linear_certificate(sp.Eq(x, 1), [x >= 1], [Fraction(1)])


def test_extreme_numbers_are_exact() -> None:
    tiny, huge = sp.Rational(1, 10**200), sp.Integer(10) ** 300
    assert linear_certificate(x <= 1 + tiny, [x <= 1]) is not None
    assert linear_certificate(x <= 1 - tiny, [x <= 1]) is None
    certificate = linear_certificate(x <= tiny, [huge * x + y <= 1, y >= 1 - tiny * huge])
    assert certificate is not None
    assert certificate.multipliers == (Fraction(1, 10**300), Fraction(1, 10**300))
    assert linear_certificate(x < tiny, [huge * x + y <= 1, y >= 1 - tiny * huge]) is None
    awkward = sp.Rational(123456789, 987654321)
    certificate = linear_certificate(x <= awkward, [7919 * x - 104729 * y <= 0, 104729 * y <= 7919 * awkward])
    assert certificate is not None
    assert certificate.multipliers == (Fraction(1, 7919), Fraction(1, 7919))


def test_bad_relations_are_refused() -> None:
    with pytest.raises(ValueError, match="floating-point"):
        linear_certificate(x <= 0.5, [])
    with pytest.raises(ValueError, match="not finite"):
        linear_form(x + sp.oo)
    with pytest.raises(ValueError, match="not real"):
        linear_form(sp.I * x)
    with pytest.raises(TypeError, match="expected one of"):
        linear_certificate(sp.Ne(x, 1), [])


entries = st.integers(-4, 4).map(Fraction)


@st.composite
def programs(draw: st.DrawFn) -> tuple[list[dict[int, Fraction]], dict[int, Fraction], int, frozenset[int]]:
    rows, count = draw(st.integers(1, 4)), draw(st.integers(0, 6))
    columns = [{r: v for r in range(rows) if (v := draw(entries))} for _ in range(count)]
    target = {r: v for r in range(rows) if (v := draw(entries))}
    free = frozenset(j for j in range(count) if draw(st.integers(0, 3)) == 0)
    return columns, target, rows, free


@settings(max_examples=150, deadline=None)
@given(programs())
def test_exactly_one_of_the_two_answers(
    program: tuple[list[dict[int, Fraction]], dict[int, Fraction], int, frozenset[int]],
) -> None:
    columns, target, rows, free = program
    answers = [nonnegative_combination(columns, target, rows, free), exact_simplex(columns, target, rows, free)]
    for answer in answers:
        if isinstance(answer, Combination):
            assert is_combination(columns, target, free, answer.coefficients)
        else:
            assert is_separation(columns, target, free, answer.normal)
    # Both roads agree (by Farkas they cannot differ if both answers are right).
    assert type(answers[0]) is type(answers[1])


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(entries, entries, entries, entries, st.booleans()), min_size=1, max_size=5),
    st.lists(st.fractions(0, 3, max_denominator=5), min_size=5, max_size=5),
    st.fractions(0, 2, max_denominator=3),
)
def test_sums_of_hypotheses_are_certified(
    rows: list[tuple[Fraction, Fraction, Fraction, Fraction, bool]], weights: list[Fraction], extra: Fraction
) -> None:
    hypotheses, total, bite = [], sp.Integer(0), extra > 0
    for (a, b, c, d, strict), weight in zip(rows, weights, strict=False):
        left = sp.Rational(a) * x + sp.Rational(b) * sp.log(p) + sp.Rational(c) * x * y - sp.Rational(d)
        hypotheses.append(left > 0 if strict else left >= 0)
        total += sp.Rational(weight) * left
        bite = bite or (strict and weight > 0)
    goal = total + sp.Rational(extra) > 0 if bite else total + sp.Rational(extra) >= 0
    certificate = linear_certificate(goal, hypotheses)
    assert certificate is not None
    assert certificate.check()


def test_exact_simplex_says_when_it_stops() -> None:
    columns = [{0: Fraction(1), 1: Fraction(1)}, {0: Fraction(1), 1: Fraction(-1)}]
    target = {0: Fraction(2)}
    assert exact_simplex(columns, target, 2) == Combination((Fraction(1), Fraction(1)))
    assert isinstance(exact_simplex(columns, {0: Fraction(-1)}, 2), Separation)
    with pytest.raises(ExactnessError, match="within 1 pivots"):
        exact_simplex(columns, target, 2, max_pivots=1)
    with pytest.raises(ExactnessError, match="tableau of 3000 x"):
        exact_simplex(columns, target, 3000)
