"""Rigorous ball arithmetic (python-flint `arb`): enclosures at points and on boxes, and branch-and-bound.

Every enclosure contains all values of the expression on the box; where an operation is undefined somewhere on the box
the result is not finite, and nothing is concluded from it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import flint
import sympy as sp
from flint import arb

from theory.checking.budget import Budget, size

_NODES_A_UNIT = 150  # nodes of an expression that are evaluated in one unit of work


class NotEvaluableError(Exception):
    """The expression has a part without a ball-arithmetic evaluation."""


def from_fraction(value: Fraction) -> arb:
    """A ball around a rational number."""
    return flint.arb(flint.fmpq(value.numerator, value.denominator))


def to_fraction(value: arb) -> Fraction:
    """The exact value of a ball of radius zero."""
    mantissa, exponent = value.man_exp()
    return Fraction(int(mantissa)) * Fraction(2) ** int(exponent)


def segment(low: Fraction, high: Fraction) -> arb:
    """The smallest convenient ball that contains [low, high]."""
    return from_fraction(low).union(from_fraction(high))


def evaluate(expression: sp.Expr, values: Mapping[sp.Expr, arb]) -> arb:
    """Enclose `expression` over the given balls, at flint's current precision."""
    return _evaluate(expression, values, {})


def _evaluate(e: sp.Expr, values: Mapping[sp.Expr, arb], memo: dict[sp.Expr, arb]) -> arb:
    if e in values:
        return values[e]
    if e in memo:
        return memo[e]
    memo[e] = result = _compute(e, values, memo)
    return result


def _compute(e: sp.Expr, values: Mapping[sp.Expr, arb], memo: dict[sp.Expr, arb]) -> arb:
    if e.is_Rational:
        return flint.arb(flint.fmpq(int(e.p), int(e.q)))
    if e.is_Float:
        return _evaluate(sp.Rational(str(e)), values, memo)
    if e is sp.pi:
        return flint.arb.pi()
    if e is sp.E:
        return flint.arb(1).exp()
    if e is sp.EulerGamma:
        return flint.arb.const_euler()
    if not e.args:
        raise NotEvaluableError(str(e))
    if isinstance(e, sp.Pow):
        return _power(e, values, memo)
    arguments = [_evaluate(a, values, memo) for a in e.args]
    if e.is_Add:
        return sum(arguments[1:], arguments[0])
    if e.is_Mul:
        product = arguments[0]
        for a in arguments[1:]:
            product = product * a
        return product
    head = type(e)
    if head in _UNARY and len(arguments) == 1:
        return _UNARY[head](arguments[0])
    if isinstance(e, sp.Max):
        result = arguments[0]
        for a in arguments[1:]:
            result = result.max(a)
        return result
    if isinstance(e, sp.Min):
        result = arguments[0]
        for a in arguments[1:]:
            result = result.min(a)
        return result
    raise NotEvaluableError(str(e))


_UNARY = {
    sp.exp: lambda x: x.exp(),
    sp.log: lambda x: x.log() if x > 0 else flint.arb("nan"),
    sp.tanh: lambda x: x.tanh(),
    sp.sinh: lambda x: x.sinh(),
    sp.cosh: lambda x: x.cosh(),
    sp.coth: lambda x: x.coth(),
    sp.sin: lambda x: x.sin(),
    sp.cos: lambda x: x.cos(),
    sp.tan: lambda x: x.tan(),
    sp.atan: lambda x: x.atan(),
    sp.floor: lambda x: x.floor(),
    sp.ceiling: lambda x: x.ceil(),
    sp.Abs: abs,
}


_DIFFERENTIABLE = (sp.exp, sp.log, sp.tanh, sp.sinh, sp.cosh, sp.coth, sp.sin, sp.cos, sp.tan, sp.atan)


def _power(e: sp.Expr, values: Mapping[sp.Expr, arb], memo: dict[sp.Expr, arb]) -> arb:
    base = _evaluate(e.base, values, memo)
    exponent = e.exp
    if exponent.is_Integer:
        n = int(exponent)
        if n % 2 == 0 and not base.is_exact():
            base = abs(base)  # tighter, and never below 0
        if n < 0 and base.contains(0):
            return flint.arb("nan")
        return base ** flint.arb(n) if abs(n) > 10**6 else base**n
    if exponent.is_Rational:
        p, q = int(exponent.p), int(exponent.q)
        if not base >= 0 or (p < 0 and not base > 0):
            return flint.arb("nan")
        root = base.root(q)
        return root**p
    power = _evaluate(exponent, values, memo)
    if base > 0:
        return (power * base.log()).exp()
    if power.is_exact() and power.is_integer():
        n = int(power.unique_fmpz())
        if n < 0 and base.contains(0):
            return flint.arb("nan")
        return base**n if abs(n) < 10**6 else flint.arb("nan")
    if base == 0 and power > 0:
        return flint.arb(0)
    return flint.arb("nan")


def enclose(expression: sp.Expr, values: Mapping[sp.Expr, Fraction], bits: int = 100) -> tuple[Fraction, Fraction]:
    """Rational lower and upper bound of an expression at an exact point."""
    with flint.ctx.workprec(bits):
        ball = evaluate(expression, {k: from_fraction(v) for k, v in values.items()})
        if not ball.is_finite():
            raise NotEvaluableError(f"{expression} is not finite at {values}")
        return to_fraction(ball.lower()), to_fraction(ball.upper())


@dataclass(frozen=True)
class Covering:
    """How branch-and-bound covered a box."""

    box: tuple[tuple[str, str, str], ...]
    cells: int
    bits: int


def prove_on_box(
    expression: sp.Expr,
    strict: bool,
    box: Sequence[tuple[sp.Symbol, Fraction, Fraction]],
    cuts: Sequence[tuple[sp.Expr, bool]] = (),
    *,
    budget: Budget,
    bits: int = 64,
) -> Covering | None:
    """Prove expression >= 0 (> 0 when `strict`) on the box, outside the cells where some cut is certainly violated.

    A cut (g, strict) is a hypothesis g >= 0 (g > 0). The mean-value form is used where the gradient is finite.
    """
    symbols = [s for s, _, _ in box]
    # Jumps and kinks (floor, Max, Abs) have no gradient that may be used.
    smooth = all(isinstance(a, _DIFFERENTIABLE) for a in expression.atoms(sp.Function, sp.Max, sp.Min, sp.Piecewise))
    gradient = [sp.diff(expression, s) for s in symbols] if smooth else None
    queue: list[list[tuple[Fraction, Fraction]]] = [[(lo, hi) for _, lo, hi in box]]
    cells = 0
    cost = 0.2 + size([expression, *(gradient or ()), *(g for g, _ in cuts)]) / _NODES_A_UNIT
    with flint.ctx.workprec(bits):
        while queue:
            cell = queue.pop()
            cells += 1
            if budget.exhausted:
                return None
            budget.spend(cost)
            values = {s: segment(lo, hi) for s, (lo, hi) in zip(symbols, cell, strict=True)}
            if _violated(cuts, values):
                continue
            ball = evaluate(expression, values)
            if ball > 0 or (not strict and ball >= 0):
                continue
            slopes = _slopes(gradient, values)
            if slopes is not None and _mean_value(expression, symbols, cell, values, slopes, strict):
                continue
            widths = [
                float(hi - lo) * (1.0 if slopes is None else max(float(abs(d).mid()) + float(d.rad()), 1e-30))
                for (lo, hi), d in zip(cell, slopes or [flint.arb(0)] * len(cell), strict=True)
            ]
            axis = max(range(len(cell)), key=lambda i: widths[i])
            lo, hi = cell[axis]
            if hi - lo < Fraction(1, 2**40):
                return None
            middle = (lo + hi) / 2
            queue.append([*cell[:axis], (lo, middle), *cell[axis + 1 :]])
            queue.append([*cell[:axis], (middle, hi), *cell[axis + 1 :]])
    return Covering(tuple((str(s), str(lo), str(hi)) for s, lo, hi in box), cells, bits)


def _violated(cuts: Sequence[tuple[sp.Expr, bool]], values: Mapping[sp.Expr, arb]) -> bool:
    for g, strict in cuts:
        try:
            ball = evaluate(g, values)
        except NotEvaluableError:
            continue
        if ball < 0 or (strict and ball <= 0):
            return True
    return False


def _slopes(gradient: Sequence[sp.Expr] | None, values: Mapping[sp.Expr, arb]) -> list[arb] | None:
    if gradient is None:
        return None
    try:
        slopes = [evaluate(d, values) for d in gradient]
    except NotEvaluableError:
        return None
    return slopes if all(d.is_finite() for d in slopes) else None


def _mean_value(
    expression: sp.Expr,
    symbols: Sequence[sp.Symbol],
    cell: Sequence[tuple[Fraction, Fraction]],
    values: Mapping[sp.Expr, arb],
    slopes: Sequence[arb],
    strict: bool,
) -> bool:
    """f(x) ∈ f(c) + Σ f_i(cell)·(x_i - c_i), with c the corner where f is smallest when the slopes have a sign."""
    corner = []
    for (lo, hi), d in zip(cell, slopes, strict=True):
        corner.append(lo if d >= 0 else hi if d <= 0 else (lo + hi) / 2)
    at = {s: from_fraction(c) for s, c in zip(symbols, corner, strict=True)}
    total = evaluate(expression, at)
    for s, c, d in zip(symbols, corner, slopes, strict=True):
        if not (d >= 0 or d <= 0):
            total = total + d * (values[s] - from_fraction(c))
    return bool(total > 0 or (not strict and total >= 0))
