"""Closed forms of "bound = target" for one parameter, readable.

Main definitions
    invert     the closed forms that peeling gives, or none
    readable   the same expression with its logarithms the right way up

The equation is undone one operation at a time along the path to the unknown, so the answer has the shape a person
writes: 2*L**2*log(2/delta)/epsilon**2, where a general solver returns log((2/delta)**(2*L**2/epsilon**2)). It takes
microseconds and cannot hang; where the unknown occurs twice and is no root of a quadratic there is no answer here.
"""

from __future__ import annotations

import sympy as sp

MAX_FORMS = 8


def invert(expr: sp.Expr, unknown: sp.Symbol, target: sp.Expr) -> list[sp.Expr]:
    """Closed forms x with expr(x) = target; they may be extraneous (wrong branch): the caller checks. May be empty."""
    return [readable(form) for form in _peel(expr, unknown, target)][:MAX_FORMS]


def _peel(e: sp.Expr, x: sp.Symbol, y: sp.Expr) -> list[sp.Expr]:
    if e == x:
        return [y]
    inside = [argument for argument in e.args if argument.has(x)]
    if len(inside) != 1:
        return _quadratic(e, x, y)
    part = inside[0]
    if isinstance(e, (sp.Min, sp.Max)):
        return _peel(part, x, y)
    if e.is_Add:
        return _peel(part, x, y - (e - part))
    if e.is_Mul:
        return _peel(part, x, y / sp.Mul(*(a for a in e.args if a is not part)))
    if isinstance(e, sp.exp):
        return _peel(part, x, sp.log(y))
    if e.is_Pow and part is e.exp:
        return _peel(part, x, sp.log(y) / sp.log(e.base))
    if e.is_Pow:
        root = y ** (1 / e.exp)
        if e.exp.is_odd is True or e.exp.is_odd is None or part.is_nonnegative:
            return _peel(part, x, root)
        return _peel(part, x, root) + _peel(part, x, -root)
    if isinstance(e, sp.log):
        return _peel(part, x, sp.exp(y))
    if isinstance(e, sp.Abs):
        return _peel(part, x, y) + _peel(part, x, -y)
    inverse = {sp.tanh: sp.atanh, sp.sinh: sp.asinh}.get(type(e))
    if inverse is not None:
        return _peel(part, x, inverse(y))
    if isinstance(e, sp.cosh):
        return _peel(part, x, sp.acosh(y)) + _peel(part, x, -sp.acosh(y))
    return []


def _quadratic(e: sp.Expr, x: sp.Symbol, y: sp.Expr) -> list[sp.Expr]:
    """Roots where expr - target has a numerator of degree at most two in the unknown."""
    if not (e.is_Add or e.is_Mul) or e.count_ops() > 60 or not e.is_rational_function(x):
        return []
    numerator, _ = sp.fraction(sp.together(e - y))
    if not numerator.is_polynomial(x):
        return []
    polynomial = sp.Poly(numerator, x)
    if polynomial.degree() == 1:
        a, b = polynomial.all_coeffs()
        return [-b / a]
    if polynomial.degree() != 2:
        return []
    a, b, c = polynomial.all_coeffs()
    root = sp.sqrt(sp.factor_terms(b**2 - 4 * a * c))
    return [(-b + root) / (2 * a), (-b - root) / (2 * a)]


def readable(e: sp.Expr) -> sp.Expr:
    """`e` with -log(delta/2) written log(2/delta), in every product."""

    def flip(product: sp.Mul) -> sp.Expr:
        if not product.could_extract_minus_sign():
            return product
        for factor in product.args:
            if isinstance(factor, sp.log) and factor.args[0].is_positive is not False:
                rest = sp.Mul(*(a for a in product.args if a is not factor))
                return -rest * sp.log(1 / factor.args[0])
        return product

    return e.replace(lambda node: node.is_Mul, flip)
