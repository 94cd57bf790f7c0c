"""What evaluation takes and gives.

Main definitions
    Value             a number that may lie far outside the range of float64
    EvaluationError   the bound has no value there, or none could be certified; one clear line
    UncertainError    the second case: too close to 0, or to a jump, to certify
    exact_values      a user's numbers as exact rationals, by name
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeAlias

import sympy as sp

from theory.parameter import Number, Parameter

Given: TypeAlias = Number | str | sp.Expr

MAX_EXPONENT = 1_000_000  # of a decimal; beyond, the exact number alone takes megabytes


class EvaluationError(ArithmeticError):
    """The expression has no real value at the given point, or none could be certified."""


class UncertainError(EvaluationError):
    """The working precision cannot tell the value from a jump or from 0."""


@dataclass(frozen=True)
class Value:
    """A real number, as a float where one holds it and always by sign and decimal logarithm.

    Attributes
        value   nearest float64; None where it would overflow or underflow
        log10   decimal logarithm of the absolute value; None for zero
        sign    -1, 0 or 1
        exact   the exact rational, e.g. "1/7", where it is short; else None
    """

    value: float | None
    log10: float | None
    sign: int
    exact: str | None = None

    def __str__(self) -> str:
        if self.exact is not None and "/" not in self.exact:
            return self.exact
        if self.value is not None:
            return f"{self.exact} = {self.value:.15g}" if self.exact else f"{self.value:.15g}"
        assert self.log10 is not None
        return f"{'-' if self.sign < 0 else ''}10^{self.log10:.12g}"


def exact_number(name: str, value: Given) -> sp.Rational:
    """`value` as a rational; floats become the decimal they are printed as.

    Raises EvaluationError for text that is no number, nan and infinities.
    """
    if isinstance(value, sp.Expr):
        if value.is_Rational:
            return value
        if value.is_Float and value.is_finite:
            return sp.Rational(value)
        raise EvaluationError(f"{name} = {value} is not a rational number")
    if isinstance(value, float):
        if not math.isfinite(value):
            raise EvaluationError(f"{name} = {value} is not a finite number")
        return sp.Rational(repr(float(value)))
    exponent = re.search(r"[eE]([+-]?\d+)\s*$", value) if isinstance(value, str) else None
    if exponent and (len(exponent[1]) > 9 or abs(int(exponent[1])) > MAX_EXPONENT):
        raise EvaluationError(f"{name} = {value} is out of range, expected an exponent within {MAX_EXPONENT}")
    try:
        number = Fraction(value)
        return sp.Rational(number.numerator, number.denominator)
    except (TypeError, ValueError, ZeroDivisionError):
        raise EvaluationError(f"{name} = {value!r} is not a number") from None


def brief(expression: sp.Basic) -> str:
    """The expression in at most 120 characters, for messages; constants too long to print are not printed."""
    try:
        text = str(expression)
    except ValueError:  # Python prints no integer of more than 4300 digits
        return f"a {type(expression).__name__} with constants of thousands of digits"
    return text if len(text) <= 120 else text[:117] + "..."


def exact_values(values: Mapping[str, Given]) -> dict[str, sp.Rational]:
    """Every given number as an exact rational, by name."""
    return {str(name): exact_number(str(name), value) for name, value in values.items()}


def require_values(expr: sp.Expr, values: Mapping[str, object], known: Iterable[str] = ()) -> None:
    """Raise EvaluationError naming the parameters of `expr` that have no value."""
    missing = sorted({str(s) for s in expr.free_symbols} - set(values) - set(known))
    if missing:
        raise EvaluationError(f"no value given for {', '.join(missing)}")


def check_known(parameters: Iterable[Parameter], values: Mapping[str, object]) -> None:
    """Raise EvaluationError for a value whose name is no parameter."""
    names = [p.name for p in parameters]
    for name in values:
        if name not in names:
            raise EvaluationError(f"unknown parameter {name!r}; known: {', '.join(names) or 'none'}")
