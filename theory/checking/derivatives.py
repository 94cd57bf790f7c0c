"""Derivatives that stand in a statement: carried out for elementary expressions, and for no others.

Main definitions
    carried_out    the derivative by SymPy's rules, or None where they are not shown to hold
    needed         what must hold at a point, beyond being defined, for those rules to hold there

Soundness: a derivative is that of the map "variable to value, all other symbols fixed", inwards at the end of the
variable's sign: from the right at 0 for a symbol that is assumed to be non-negative. Hence the variable stands for all
reals or a half-line, never for integers. Sums, products, powers with rational or integer exponents, exp and log of
such expressions are differentiable wherever logarithms and broken powers are of positive numbers and what is divided
by is not 0; by continuity the same holds around such a point. That it holds is an obligation (`needed`, and the
translation's own); inside a sum it is shown of every term, over the range of its index. Whatever may have a kink or a
step (Abs, Min, floor, Piecewise) is not understood, nor is an undefined function of the variable, nor a sum whose range
depends on it or has no end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import sympy as sp
from sympy.logic.boolalg import Boolean

Limits = tuple[sp.Tuple, ...]  # (index, low, high) of the sums around a term, the outermost first
Shown = Callable[[Boolean, Limits], bool]

_SIGNS = ("positive", "nonnegative", "negative", "nonpositive")
# what a symbol assumes that stands for all reals (said or taken for granted) or for a half-line
_CONTINUA = [
    sp.Dummy().assumptions0,
    sp.Dummy(real=True).assumptions0,
    *(sp.Dummy(real=True, **{sign: True}).assumptions0 for sign in _SIGNS),
]


def nothing_shown(relation: Boolean, limits: Limits) -> bool:
    """Where nothing is known of the terms of sums."""
    return False


def carried_out(derivative: sp.Derivative, shown: Shown = nothing_shown) -> sp.Expr | None:
    """The derivative in its one variable without `Derivative`; None where the rules above do not reach.

    `shown(relation, limits)` says whether a relation is shown to hold at all indices of the sums around it.
    """
    if len(derivative.variable_count) != 1:
        return None
    variable, count = derivative.variable_count[0]
    if not isinstance(variable, sp.Symbol) or variable.assumptions0 not in _CONTINUA:
        return None
    if not count.is_Integer or not _smooth(derivative.expr, variable):
        return None
    found = sp.diff(derivative.expr, variable, int(count))
    if found.has(sp.Derivative, sp.Subs, sp.nan, sp.zoo):
        return None
    inside = (c for e in (derivative.expr, found) for c in _conditions(e, variable, ()) if c[1])
    return found if all(any(shown(way, limits) for way in ways) for ways, limits in inside) else None


def needed(derivative: sp.Derivative) -> list[Boolean]:
    """Outside sums: that roots are taken of positive numbers, where being defined lets them be 0."""
    variable = derivative.variable_count[0][0]
    conditions = _conditions(derivative.expr, variable, ())
    return [ways[0] for ways, limits in conditions if not limits and isinstance(ways[0], sp.StrictGreaterThan)]


def _conditions(e: sp.Basic, variable: sp.Symbol, limits: Limits) -> Iterator[tuple[tuple[Boolean, ...], Limits]]:
    """For every part that depends on the variable: relations, one of which makes it smooth, and the sums around it."""
    if variable not in e.free_symbols:
        return
    if isinstance(e, sp.Sum):
        yield from _conditions(e.function, variable, (*limits, *reversed(e.limits)))
        return
    if isinstance(e, sp.log):
        yield (sp.StrictGreaterThan(e.args[0], 0, evaluate=False),), limits
    elif isinstance(e, sp.Pow) and variable in e.base.free_symbols:
        nonzero = sp.Ne(e.base, 0, evaluate=False)
        if e.exp.is_Rational and not e.exp.is_Integer:
            yield (sp.StrictGreaterThan(e.base, 0, evaluate=False),), limits
        elif not e.exp.is_Integer:
            yield (nonzero, sp.GreaterThan(e.exp, 0, evaluate=False)), limits
        elif e.exp < 0:
            yield (nonzero,), limits
    for part in e.args:
        yield from _conditions(part, variable, limits)


def _smooth(expression: sp.Expr, variable: sp.Symbol) -> bool:
    """Whether the expression is built from functions whose derivatives SymPy's rules give."""
    if variable not in expression.free_symbols:
        return not expression.has(sp.Derivative)
    if expression == variable:
        return True
    if isinstance(expression, sp.Add | sp.Mul | sp.exp):
        return all(_smooth(a, variable) for a in expression.args)
    if isinstance(expression, sp.log):
        return len(expression.args) == 1 and _smooth(expression.args[0], variable)
    if isinstance(expression, sp.Pow):
        exponent = expression.exp
        if expression.base is sp.E:
            return _smooth(exponent, variable)
        if variable in exponent.free_symbols or not (exponent.is_Rational or exponent.is_integer):
            return False
        return _smooth(expression.base, variable)
    if isinstance(expression, sp.Sum):
        ends = [end for limit in expression.limits for end in limit[1:]]
        finite = len(ends) == 2 * len(expression.limits) and all(end.is_finite for end in ends)
        free = all(variable not in end.free_symbols for end in ends) and variable not in expression.bound_symbols
        return finite and free and _smooth(expression.function, variable)
    return False
