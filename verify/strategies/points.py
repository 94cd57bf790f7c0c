"""Points in a claim's parameter space, from the declared domains. They shrink to the smallest values."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from functools import lru_cache
from typing import Any

import sympy as sp
from hypothesis import assume
from hypothesis import strategies as st

from theory.claim import Claim
from theory.parameter import Parameter
from theory.proposition import Forall

FAR = 16  # how far beyond the typical range an unbounded domain is tried, as a factor

Point = dict[str, int | float]


@st.composite
def points(draw: st.DrawFn, parameters: tuple[Parameter, ...], hypotheses: tuple[Any, ...] = ()) -> Point:
    """Values by name, each in its domain (whose ends may name earlier parameters), that satisfy the hypotheses."""
    found: Point = {}
    for parameter in parameters:
        low, high = _ends(parameter, found)
        assume(low <= high)
        found[parameter.name] = draw(_values(parameter, low, high))
    for hypothesis in hypotheses:
        assume(_holds(hypothesis, found))
    return found


def parameters(claim: Claim) -> st.SearchStrategy[Point]:
    """Points in the parameter space of a claim."""
    return points(claim.parameters, claim.hypotheses)


def _values(parameter: Parameter, low: float, high: float) -> st.SearchStrategy[Any]:
    domain = parameter.domain
    typical_low, typical_high = (float(end) for end in parameter.typical)
    near = (max(low, min(typical_low, high)), min(high, max(typical_high, low)))
    far_low = low if math.isfinite(low) else min(typical_low, -FAR * max(abs(typical_low), abs(typical_high), 1.0))
    far_high = high if math.isfinite(high) else FAR * max(abs(typical_low), abs(typical_high), abs(far_low), 1.0)
    if domain.integer:
        return st.one_of(
            st.integers(math.ceil(near[0]), math.floor(near[1])) if math.ceil(near[0]) <= near[1] else st.nothing(),
            st.integers(math.ceil(far_low), math.floor(far_high)),
        )

    def floats(ends: tuple[float, float]) -> st.SearchStrategy[float]:
        a, b = ends
        excluded_low, excluded_high = domain.lower_open and a == low, domain.upper_open and b == high
        if a == b:
            return st.nothing() if excluded_low or excluded_high else st.just(a)
        return st.floats(a, b, exclude_min=excluded_low, exclude_max=excluded_high, allow_subnormal=False)

    return st.one_of(floats(near), floats((far_low, far_high)))


def _ends(parameter: Parameter, found: Point) -> tuple[float, float]:
    return _end(parameter.domain.lower, found, math.inf), _end(parameter.domain.upper, found, -math.inf)


def _end(end: sp.Expr, found: Point, inwards: float) -> float:
    """An end as a float inside the domain: 1/11 rounds up, so that the nearest float is outside (0, 1/11]."""
    if end.is_Rational:
        exact: Any = Fraction(int(end.p), int(end.q))
    else:
        names = tuple(sorted(s.name for s in end.free_symbols if isinstance(s, sp.Symbol)))
        exact = _compiled(end, names)(*(Fraction(found[name]) for name in names))
    rounded = float(exact)
    if not math.isfinite(rounded):
        return rounded
    if not isinstance(exact, Fraction | int):
        return math.nextafter(rounded, inwards) if end.free_symbols else rounded
    side = 1 if inwards < 0 else -1
    # A user's value is read as the decimal it is printed as: that must lie inside too.
    while max(side * (Fraction(rounded) - exact), side * (Fraction(repr(rounded)) - exact)) > 0:
        rounded = math.nextafter(rounded, inwards)
    return rounded


def _holds(hypothesis: Any, found: Point) -> bool:
    if isinstance(hypothesis, Forall):
        return True  # a property of functions; the measurement builds objects that have it
    names = tuple(sorted(s.name for s in hypothesis.free_symbols if isinstance(s, sp.Symbol)))
    try:
        return bool(_compiled(hypothesis, names)(*(found[name] for name in names)))
    except (ZeroDivisionError, OverflowError, ValueError):
        return False


@lru_cache(maxsize=4096)
def _compiled(expr: Any, names: tuple[str, ...]) -> Callable[..., Any]:
    by_name = {s.name: s for s in expr.free_symbols}
    function: Callable[..., Any] = sp.lambdify([by_name[name] for name in names], expr, modules="math")
    return function
