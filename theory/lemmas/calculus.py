"""Calculus on a half-line: values of a function from the sign of its derivatives, integrals from antiderivatives.

Functions are differentiable at every s >= 0, from the right at 0; a derivative stands in a hypothesis as
d/ds F(s) = f(s), which the checker carries out for elementary expressions.

Main statements
    nonincreasing           F' = f <= 0 gives F(x) <= F(0)
    below_tangent           F'' = g <= 0 gives F(x) <= F(0) + x F'(0)
    fundamental_theorem     the integral of f = F' from 0 to 1 is F(1) - F(0), f differentiable

References: Rudin (1976), chapters 5 and 6.
"""

from __future__ import annotations

import sympy as sp

from theory.lemma import Citation, Lemma
from theory.parameter import Parameter, reals
from theory.proposition import Forall, eq, le
from theory.source import Source

s = sp.Symbol("s", real=True, nonnegative=True)
end = Parameter("x", "x", "where the function is taken", reals(0), (0, 1))
F, f, g = (sp.Function(name, real=True) for name in ("F", "f", "g"))
_x = end.symbol


def slope_is(function: sp.Expr, derivative: sp.Expr) -> Forall:
    """d/ds function = derivative for every s >= 0."""
    return Forall((s,), eq(sp.Derivative(function, s), derivative))


def not_positive(function: sp.Expr) -> Forall:
    """function <= 0 for every s >= 0."""
    return Forall((s,), le(function, 0))


nonincreasing = Lemma(
    "calculus/nonincreasing",
    "A function whose derivative is nowhere positive does not increase",
    (end,),
    le(F(_x), F(0)),
    hypotheses=(slope_is(F(s), f(s)), not_positive(f(s))),
    functions=(F, f),
    backing=Citation(Source("rudin1976", "Theorem 5.11", recheck=True), "by the mean value theorem"),
)
below_tangent = Lemma(
    "calculus/below_tangent",
    "A function whose second derivative is nowhere positive lies below its tangent",
    (end,),
    le(F(_x), F(0) + _x * f(0)),
    hypotheses=(slope_is(F(s), f(s)), slope_is(f(s), g(s)), not_positive(g(s))),
    functions=(F, f, g),
    backing=Citation(Source("rudin1976", "Theorem 5.15", recheck=True), "Taylor's theorem of second order"),
)
fundamental_theorem = Lemma(
    "calculus/fundamental_theorem",
    "The fundamental theorem of calculus",
    (),
    eq(sp.Integral(f(s), (s, 0, 1)), F(1) - F(0)),
    hypotheses=(slope_is(F(s), f(s)), slope_is(f(s), g(s))),
    functions=(F, f, g),
    statement="f is differentiable, hence continuous and integrable on [0, 1]",
    backing=Citation(Source("rudin1976", "Theorem 6.21", recheck=True)),
)
