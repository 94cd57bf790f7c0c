"""Derivatives in statements: carried out where SymPy's rules are sound, refused elsewhere; nothing held fixed moves."""

from __future__ import annotations

import pytest
import sympy as sp

from theory.checking.decision import Proof, equal
from theory.checking.derivatives import carried_out
from theory.proposition import Forall, eq, substitute

s, t, c = sp.symbols("s t c", real=True)
k = sp.Symbol("k", integer=True, nonnegative=True)
m = sp.Symbol("m", integer=True, positive=True)
a, y, F = (sp.Function(name, real=True) for name in "ayF")
Z = sp.Sum(sp.exp(a(k) + s * y(k)), (k, 0, m - 1))


def test_elementary_derivatives_are_carried_out() -> None:
    slope = sp.Sum(y(k) * sp.exp(a(k) + s * y(k)), (k, 0, m - 1)) / Z
    assert isinstance(equal(sp.Derivative(sp.log(Z), s), slope, [sp.Gt(Z, 0)]), Proof)
    assert isinstance(
        equal(sp.Derivative(s**3 * sp.exp(c * s), s, s), (6 * s + 6 * c * s**2 + c**2 * s**3) * sp.exp(c * s)), Proof
    )
    assert not isinstance(equal(sp.Derivative(s**3, s), 2 * s**2), Proof)


def test_a_derivative_needs_its_function_to_be_defined() -> None:
    assert not isinstance(equal(sp.Derivative(sp.log(s), s), 1 / s, [sp.Ne(s, 0)]), Proof)
    assert isinstance(equal(sp.Derivative(sp.log(s), s), 1 / s, [sp.Gt(s, 0)]), Proof)


@pytest.mark.parametrize(
    "kinked",
    [
        sp.Abs(s),
        sp.Max(s, 0),
        sp.floor(s),
        sp.sign(s),
        sp.Piecewise((0, s < 0), (1, True)),
        F(s),
        s**s,
        sp.Sum(s**k, (k, 0, sp.oo)),
        sp.Sum(s**k, (k, 0, F(s))),
    ],
)
def test_what_may_have_a_kink_is_not_understood(kinked: sp.Expr) -> None:
    assert carried_out(sp.Derivative(kinked, s)) is None


def test_what_is_held_fixed_does_not_move() -> None:
    derivative = eq(sp.Derivative(F(s, c), s), c)
    for table in ({c: s}, {s: c}, {s: t, c: t}, {s: sp.Integer(0)}, {F: sp.Lambda((t, c), s * t)}):
        with pytest.raises(ValueError, match="derivative"):
            substitute(derivative, table)
    assert substitute(derivative, {s: t}) == eq(sp.Derivative(F(t, c), t), c)
    stated = Forall((s,), eq(sp.Derivative(F(s), s), 1))
    renamed = substitute(stated, {F: sp.Lambda((t,), s * t)})
    assert renamed.variables[0] != s
    assert not isinstance(equal(renamed.body.lhs, renamed.body.rhs), Proof)


def test_an_integral_binds_its_variable() -> None:
    integral = sp.Integral(F(t), (t, 0, 1))
    moved = substitute(integral, {F: sp.Lambda((s,), s * t)})
    assert t in moved.free_symbols
    assert substitute(integral, {t: c}) == integral
