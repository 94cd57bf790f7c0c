"""Random statements on boxes: what is proved holds at every grid point, what is refuted really fails."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from fractions import Fraction

import mpmath
import sympy as sp
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from theory.checking import ranges
from theory.checking.decision import Proof, Refutation, decide
from theory.checking.ranges import Range

x, y = sp.symbols("x y", real=True)
SYMBOLS = (x, y)


def pieces(s: sp.Symbol) -> list[sp.Expr]:
    """Functions of one symbol from every branch of the decision procedures."""
    smooth = [
        s,
        s**2,
        s**3,
        sp.exp(s),
        sp.exp(-s),
        sp.tanh(s),
        sp.sin(s),
        sp.cos(s),
        sp.log(1 + s**2),
        sp.sqrt(s**2 + 1),
    ]
    return [*smooth, sp.Abs(s), sp.Max(s, 0), sp.floor(2 * s), 1 / (1 + s**2), s * sp.exp(s), sp.Integer(1)]


@st.composite
def combinations(draw: st.DrawFn) -> sp.Expr:
    """A sum of a few products, shifted: the shift decides between true and false."""
    total = sp.Rational(draw(st.integers(-4, 12)), 4)
    for _ in range(draw(st.integers(1, 3))):
        coefficient = draw(st.sampled_from([-2, -1, 1, 2, 3]))
        second = draw(st.sampled_from([sp.Integer(1), *pieces(y)]))
        total += coefficient * draw(st.sampled_from(pieces(x))) * second
    return total


EXPRESSIONS = combinations()


def value(e: sp.Expr, point: Mapping[sp.Symbol, sp.Expr]) -> mpmath.mpf:
    """A second road, independent of the decision procedures: mpmath at 60 digits."""
    with mpmath.workdps(60):
        return sp.lambdify(SYMBOLS, e, "mpmath")(*[mpmath.mpf(point[s].p) / point[s].q for s in SYMBOLS])


def test_decisions_agree_with_dense_evaluation() -> None:
    tally: Counter[str] = Counter()

    @settings(max_examples=28, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
    @given(EXPRESSIONS, st.integers(-3, 3), st.integers(1, 3), st.booleans())
    def agree(e: sp.Expr, low: int, width: int, strict: bool) -> None:
        relation = (sp.Gt if strict else sp.Ge)(e, 0, evaluate=False)
        decision = decide(relation, box={x: (low, low + width), y: (-1, 1)}, effort=0.08)
        tally[type(decision).__name__] += bool(e.free_symbols)
        if isinstance(decision, Proof):
            for i in range(9):
                for j in range(9):
                    point = {x: low + sp.Rational(width * i, 8), y: -1 + sp.Rational(2 * j, 8)}
                    assert value(e, point) > -(mpmath.mpf(10) ** -40), (decision, point)
        elif isinstance(decision, Refutation):
            point = {s: sp.Rational(decision.point.get(s, 0)) for s in SYMBOLS}
            for s, (lo, hi) in {x: (low, low + width), y: (-1, 1)}.items():
                assert s not in decision.point or lo <= point[s] <= hi
            found = value(e, point)
            assert found < 0 or (strict and abs(found) < mpmath.mpf(10) ** -40)

    agree()
    # The property says nothing unless both answers occur.
    assert tally["Proof"] >= 5 and tally["Refutation"] >= 5, tally


FRACTIONS = st.fractions(-3, 3, max_denominator=4)


@st.composite
def ranges_with_a_member(draw: st.DrawFn) -> tuple[Range, Fraction]:
    member = draw(FRACTIONS)
    below, above = draw(st.fractions(0, 2, max_denominator=4)), draw(st.fractions(0, 2, max_denominator=4))
    lo = None if draw(st.booleans()) and draw(st.booleans()) else member - below
    hi = None if draw(st.booleans()) and draw(st.booleans()) else member + above
    return Range(lo, hi, bool(below) and draw(st.booleans()), bool(above) and draw(st.booleans())), member


def contains(r: Range, v: Fraction) -> bool:
    above = r.lo is None or v > r.lo or (v == r.lo and not r.lo_open)
    below = r.hi is None or v < r.hi or (v == r.hi and not r.hi_open)
    return above and below


@settings(max_examples=120, deadline=None, derandomize=True)
@given(ranges_with_a_member(), ranges_with_a_member(), st.integers(-4, 5))
def test_range_arithmetic_contains_every_value(
    first: tuple[Range, Fraction], second: tuple[Range, Fraction], k: int
) -> None:
    (a, u), (b, v) = first, second
    assert contains(a, u) and contains(b, v)
    assert contains(ranges.add(a, b), u + v)
    assert contains(ranges.multiply(a, b), u * v)
    assert contains(ranges.negate(a), -u)
    assert contains(ranges.hull(a, b), u) and contains(ranges.hull(a, b), v)
    if u != 0 or k >= 0:
        nonzero = a if k >= 0 or not contains(a, Fraction(0)) else ranges.point(u)
        assert contains(ranges.power(nonzero, k), u**k)
    if u > 0:
        positive = ranges.intersect(a, ranges.POSITIVE)
        assert contains_real(ranges.logarithm(positive), mpmath.log(mpmath.mpf(u.numerator) / u.denominator))
        assert contains_real(ranges.root(positive, 2), mpmath.sqrt(mpmath.mpf(u.numerator) / u.denominator))
    assert contains_real(ranges.exponential(a), mpmath.exp(mpmath.mpf(u.numerator) / u.denominator))
    if u >= 0:
        base = ranges.intersect(a, ranges.NONNEGATIVE)
        if u > 0 or v >= 0:
            base = base if v >= 0 and b.nonnegative else ranges.intersect(base, ranges.POSITIVE) if u > 0 else base
            exact = (mpmath.mpf(u.numerator) / u.denominator) ** (mpmath.mpf(v.numerator) / v.denominator)
            assert contains_real(ranges.symbolic_power(base, b), exact)


def contains_real(r: Range, v: mpmath.mpf) -> bool:
    slack = mpmath.mpf(10) ** -12
    above = r.lo is None or v >= mpmath.mpf(r.lo.numerator) / r.lo.denominator - slack
    below = r.hi is None or v <= mpmath.mpf(r.hi.numerator) / r.hi.denominator + slack
    return bool(above and below)
