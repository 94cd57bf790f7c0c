"""Derivatives that stand in a statement: carried out for elementary expressions, and for no others.

Soundness: sums, products, powers with rational or integer exponents, exp and log of such expressions are differentiable
wherever they are defined with positive roots and logarithms, and SymPy's rules give their derivative; that they are
defined is an obligation of the translation. Whatever may have a kink or a step (Abs, Min, floor, Piecewise) is not
understood, nor is an undefined function of the variable, nor a sum whose range depends on it or has no end.
"""

from __future__ import annotations

import sympy as sp


def carried_out(derivative: sp.Derivative) -> sp.Expr | None:
    """The derivative in its one variable without `Derivative`; None where the rules above do not reach."""
    if len(derivative.variable_count) != 1:
        return None
    variable, count = derivative.variable_count[0]
    if not isinstance(variable, sp.Symbol) or not count.is_Integer or not _smooth(derivative.expr, variable):
        return None
    found = sp.diff(derivative.expr, variable, int(count))
    return None if found.has(sp.Derivative, sp.Subs) else found


def _smooth(expression: sp.Expr, variable: sp.Symbol) -> bool:
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
