"""Parameters of a claim, each declared once.

Main definitions
    Domain      the set a parameter ranges over; an end may name an earlier parameter
    Parameter   name, LaTeX, meaning, unit, domain and typical range

The SymPy symbol with its assumptions, the hypotheses handed to the checker, the validation of a user's value,
the documentation row and the search strategy of the falsifier all come from this one declaration.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

import sympy as sp
from sympy.logic.boolalg import Boolean

Number = int | float | Fraction


class DomainError(ValueError):
    """A value lies outside the domain of its parameter; the message names parameter, value and domain."""


@dataclass(frozen=True)
class Domain:
    """An interval of reals or of integers.

    `lower` and `upper` are SymPy expressions, possibly infinite, possibly in the symbols of earlier parameters.
    """

    lower: sp.Expr
    upper: sp.Expr
    lower_open: bool = False
    upper_open: bool = False
    integer: bool = False

    def __str__(self) -> str:
        if self.integer:
            if self.upper == sp.oo:
                return f"integers >= {self.lower}"
            return f"integers {self.lower}..{self.upper}"
        left = "(" if self.lower_open or self.lower == -sp.oo else "["
        right = ")" if self.upper_open or self.upper == sp.oo else "]"
        return f"{left}{self.lower}, {self.upper}{right}"

    def latex(self) -> str:
        """The set in LaTeX."""
        if self.integer:
            upper = r"\dots" if self.upper == sp.oo else rf"\dots,{sp.latex(self.upper)}"
            return rf"\{{{sp.latex(self.lower)},{upper}\}}"
        left = "(" if self.lower_open or self.lower == -sp.oo else "["
        right = ")" if self.upper_open or self.upper == sp.oo else "]"
        return rf"{left}{sp.latex(self.lower)},{sp.latex(self.upper)}{right}"


def integers(lower: Any = -sp.oo, upper: Any = sp.oo) -> Domain:
    """The integers from `lower` to `upper`, both included."""
    return Domain(sp.S(lower), sp.S(upper), integer=True)


def reals(lower: Any = -sp.oo, upper: Any = sp.oo, *, open: str = "") -> Domain:
    """An interval of reals; `open` names the ends that are excluded: '', 'lower', 'upper' or 'both'."""
    if open not in ("", "lower", "upper", "both"):
        raise ValueError(f"open={open!r}, expected '', 'lower', 'upper' or 'both'")
    return Domain(sp.S(lower), sp.S(upper), open in ("lower", "both"), open in ("upper", "both"))


@dataclass(frozen=True)
class Parameter:
    """A named quantity a claim depends on.

    Attributes
        name      what a user types after --set; also the name of the symbol
        latex     how it is printed
        meaning   one line
        unit      "" for pure numbers, else tokens, steps, nats, ...
        domain    the set it ranges over
        typical   (low, high), finite, inside the domain: where searches and sweeps start
    """

    name: str
    latex: str
    meaning: str
    domain: Domain
    typical: tuple[Number, Number]
    unit: str = ""

    def __post_init__(self) -> None:
        if not self.name.isidentifier():
            raise ValueError(f"parameter name {self.name!r} is not an identifier")
        low, high = self.typical
        if not (math.isfinite(low) and math.isfinite(high) and low <= high):
            raise ValueError(f"parameter {self.name}: typical range {self.typical} is not a finite interval")

    @cached_property
    def symbol(self) -> sp.Symbol:
        """The SymPy symbol; its assumptions say what the domain's constant ends imply."""
        lower, upper = self.domain.lower, self.domain.upper
        assumptions: dict[str, bool] = {"integer": True} if self.domain.integer else {"real": True}
        if lower.is_number and lower.is_finite:
            if lower > 0 or (lower == 0 and self.domain.lower_open and not self.domain.integer):
                assumptions["positive"] = True
            elif lower == 0:
                assumptions["nonnegative"] = True
        elif lower.is_positive:
            assumptions["positive"] = True
        if upper.is_number and upper.is_finite:
            if upper < 0 or (upper == 0 and self.domain.upper_open and not self.domain.integer):
                assumptions["negative"] = True
            elif upper == 0:
                assumptions["nonpositive"] = True
        return sp.Symbol(self.name, **assumptions)

    @cached_property
    def conditions(self) -> tuple[Boolean, ...]:
        """The relations that membership of the domain gives, beyond integrality."""
        found: list[Boolean] = []
        if self.domain.lower != -sp.oo:
            found.append((sp.Gt if self.domain.lower_open else sp.Ge)(self.symbol, self.domain.lower, evaluate=False))
        if self.domain.upper != sp.oo:
            found.append((sp.Lt if self.domain.upper_open else sp.Le)(self.symbol, self.domain.upper, evaluate=False))
        return tuple(found)

    def exact(self, value: Number | str) -> sp.Expr:
        """`value` as an exact SymPy number (floats become the rational they are printed as).

        Raises DomainError for text that is no number, for nan and for infinities.
        """
        try:
            if isinstance(value, float):
                if not math.isfinite(value):
                    raise ValueError
                value = Fraction(repr(value))
            number = Fraction(value)
        except (ValueError, ZeroDivisionError, TypeError):
            raise DomainError(f"{self.name} = {value!r} is not a number; expected {self.domain}") from None
        return sp.Rational(number.numerator, number.denominator)

    def validate(self, value: Number | str, others: Mapping[sp.Symbol, sp.Expr] | None = None) -> sp.Expr:
        """The exact value if it lies in the domain.

        `others` gives values to the symbols that the domain's ends may name.
        Raises DomainError naming parameter, value and domain.
        """
        exact = self.exact(value)
        if self.domain.integer and exact.q != 1:
            raise DomainError(f"{self.name} = {value} is outside its domain: expected {self.domain}")
        for condition in self.conditions:
            held = condition.subs(others or {}).subs(self.symbol, exact)
            if held == sp.false:
                raise DomainError(f"{self.name} = {value} is outside its domain: expected {self.domain}")
        return exact


def check_values(parameters: Iterable[Parameter], values: Mapping[str, Number | str]) -> dict[sp.Symbol, sp.Expr]:
    """Validate a user's values together; ends of domains that name other given parameters are substituted.

    Raises DomainError for an unknown name or a value outside its domain.
    """
    table = {p.name: p for p in parameters}
    for name in values:
        if name not in table:
            raise DomainError(f"unknown parameter {name!r}; this claim has {', '.join(table) or 'none'}")
    exact = {table[name].symbol: table[name].exact(value) for name, value in values.items()}
    return {table[name].symbol: table[name].validate(value, exact) for name, value in values.items()}
