"""The right sides of a claim's statements at given parameters, with what is known of their error.

Main definitions
    enclosure     an expression at parameter values, as a rigorous interval of Fractions
    bound_of      the bound of an instance: measured, or evaluated from the claim
    trivial_of    the trivial bound of a statement there
    Screen        compiled float64 evaluation, for searches that only need to know where to look closer
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import lru_cache
from typing import Any

import sympy as sp
from sympy.core.function import AppliedUndef

from theory.claim import Claim, Statement
from theory.evaluation.enclosure import enclose
from theory.evaluation.values import EvaluationError
from verify.instance import Case, Instance, Number
from verify.precision import Measured, worst

MAX_UNCERTAIN = 4  # parameters known by an interval: 2^4 corners


def statement_of(claim: Claim, key: int | str) -> Statement:
    """A statement by position or by label; KeyError with the labels there are."""
    if isinstance(key, str):
        for statement in claim.statements:
            if statement.label == key:
                return statement
        labels = ", ".join(repr(s.label) for s in claim.statements)
        raise KeyError(f"{claim.id} has no statement labelled {key!r}; it has {labels}")
    if not 0 <= key < len(claim.statements):
        raise KeyError(f"{claim.id} has no statement number {key}; it has {len(claim.statements)}")
    return claim.statements[key]


def is_opaque(expr: sp.Expr) -> bool:
    """Whether an expression names an undefined function, so that it can be measured but not evaluated."""
    return bool(expr.atoms(AppliedUndef))


def enclosure(expr: sp.Expr, values: Mapping[str, Number | Measured]) -> Measured:
    """`expr` at `values` (by parameter name), rigorous for values that are plain numbers (floats are taken as exact).

    Values known by an interval are put in at both of their ends, and the hull of the results is returned: right for
    an expression that is monotone in each of them. Raises EvaluationError where there is no real value.
    """
    needed = {s.name for s in expr.free_symbols if isinstance(s, sp.Symbol)}
    missing = needed - set(values)
    if missing:
        raise EvaluationError(f"no value given for {', '.join(sorted(missing))} in {str(expr)[:100]}")
    plain: dict[str, Number] = {}
    uncertain: dict[str, Measured] = {}
    for name in needed:
        value = values[name]
        if not isinstance(value, Measured):
            plain[name] = value
        elif value.lower == value.upper:
            plain[name] = value.lower
        else:
            uncertain[name] = value
    if len(uncertain) > MAX_UNCERTAIN:
        raise EvaluationError(
            f"{len(uncertain)} parameters are known by intervals only, expected at most {MAX_UNCERTAIN}"
        )
    corners = [_at(expr, plain | dict(zip(uncertain, ends, strict=True))) for ends in _corners(uncertain)]
    methods = [value.method for value in values.values() if isinstance(value, Measured)]
    if len(corners) == 1:
        return corners[0]
    lower, upper = min(c.lower for c in corners), max(c.upper for c in corners)
    return Measured(lower, upper, worst("float64", *methods))


def _corners(uncertain: Mapping[str, Measured]) -> itertools.product[tuple[float | Fraction, ...]]:
    return itertools.product(*((v.lower, v.upper) for v in uncertain.values()))


def _at(expr: sp.Expr, values: Mapping[str, Number]) -> Measured:
    for name, value in values.items():
        if isinstance(value, float) and not math.isfinite(value):
            raise EvaluationError(f"{name} = {value} is not a finite number")
    # Floats stand for the binary number they are: an enclosure at the printed decimal would be of another point.
    rationals = {name: sp.Rational(*map(int, Fraction(value).as_integer_ratio())) for name, value in values.items()}
    if expr.is_Rational:
        return _exact(expr)
    lower, upper = (_fraction(end) for end in enclose(expr, rationals, 128))
    return Measured(lower, upper, "exact" if lower == upper else "ball")


def _exact(number: Any) -> Measured:
    value = Fraction(int(number.p), int(number.q))
    return Measured(value, value, "exact")


def _fraction(end: Any) -> Fraction | float:
    """The exact dyadic number an arb end is; the nearest float beyond 2^100000, where Fractions are slow."""
    mantissa, exponent = (int(part) for part in end.man_exp())
    if abs(exponent) > 100_000:
        if exponent > 0:
            return math.inf if mantissa > 0 else -math.inf
        return math.copysign(5e-324, mantissa) if mantissa else 0.0
    return Fraction(mantissa) * (Fraction(2) ** exponent)


def bound_of(claim: Claim, instance: Case) -> Measured:
    """The bound of an instance. Raises EvaluationError for an opaque bound that the measurement does not give."""
    if isinstance(instance, Instance) and instance.bound is not None:
        return instance.bound
    statement = statement_of(claim, instance.statement)
    if is_opaque(statement.bound):
        raise EvaluationError(
            f"{claim.id}: the bound {statement.bound} names undefined functions; measure it explicitly"
        )
    return enclosure(statement.bound, instance.values)


def trivial_of(claim: Claim, instance: Case) -> Measured | None:
    """The trivial bound there; None where the statement has none, or an infinite or opaque one."""
    trivial = statement_of(claim, instance.statement).trivial
    if trivial is None or is_opaque(trivial) or trivial in (sp.oo, -sp.oo):
        return None
    return enclosure(trivial, instance.values)


class Screen:
    """An expression compiled once to float64, for searching; nan where it has no real value."""

    def __init__(self, expr: sp.Expr) -> None:
        self.names = tuple(sorted(s.name for s in expr.free_symbols if isinstance(s, sp.Symbol)))
        self._function = _compiled(expr, self.names)

    def __call__(self, values: Mapping[str, Number | Measured]) -> float:
        arguments = [float(v.value if isinstance(v, Measured) else v) for v in (values[name] for name in self.names)]
        try:
            found = self._function(*arguments)
        except (ZeroDivisionError, OverflowError, ValueError):
            return math.nan
        return float(found) if not isinstance(found, complex) else math.nan


@lru_cache(maxsize=1024)
def _compiled(expr: sp.Expr, names: tuple[str, ...]) -> Callable[..., Any]:
    by_name = {s.name: s for s in expr.free_symbols if isinstance(s, sp.Symbol)}
    function: Callable[..., Any] = sp.lambdify([by_name[name] for name in names], expr, modules="math", cse=True)
    return function
