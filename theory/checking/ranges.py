"""Interval arithmetic over the rationals with open and closed, finite and infinite ends.

It is the cheapest decision procedure: signs and monotonicity, bottom-up through an expression. Every operation returns
an interval that contains all values; where nothing is known it returns the whole line.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

Bound = Fraction | None  # None: infinite
_LARGEST = 10**60  # ends beyond this size are dropped: exact powers would become huge


@dataclass(frozen=True)
class Range:
    """A set {x : lo <(=) x <(=) hi}; `None` is an infinite end."""

    lo: Bound = None
    hi: Bound = None
    lo_open: bool = False
    hi_open: bool = False

    @property
    def positive(self) -> bool:
        return self.lo is not None and (self.lo > 0 or (self.lo == 0 and self.lo_open))

    @property
    def negative(self) -> bool:
        return self.hi is not None and (self.hi < 0 or (self.hi == 0 and self.hi_open))

    @property
    def nonnegative(self) -> bool:
        return self.lo is not None and self.lo >= 0

    @property
    def nonpositive(self) -> bool:
        return self.hi is not None and self.hi <= 0

    @property
    def nonzero(self) -> bool:
        return self.positive or self.negative

    @property
    def empty(self) -> bool:
        if self.lo is None or self.hi is None:
            return False
        return self.lo > self.hi or (self.lo == self.hi and (self.lo_open or self.hi_open))


LINE = Range()
POSITIVE = Range(Fraction(0), None, True)
NONNEGATIVE = Range(Fraction(0))


def point(value: Fraction) -> Range:
    """The single value."""
    return Range(value, value)


def _trim(r: Range) -> Range:
    """Drop ends too large to be useful; round fine fractions outwards."""
    lo, hi, lo_open, hi_open = r.lo, r.hi, r.lo_open, r.hi_open
    if lo is not None and (abs(lo.numerator) > _LARGEST or lo.denominator > _LARGEST):
        if lo > 0:
            # Rounding down keeps the sign: a positive lower end becomes an open end at 0 at worst.
            lo, lo_open = (Fraction(lo.numerator // lo.denominator), False) if lo >= 1 else (Fraction(0), True)
            if abs(lo.numerator) > _LARGEST:
                lo = Fraction(_LARGEST)
        else:
            lo = None if lo < -_LARGEST else Fraction(lo.numerator * 10**30 // lo.denominator, 10**30)
    if hi is not None and (abs(hi.numerator) > _LARGEST or hi.denominator > _LARGEST):
        mirrored = _trim(Range(-hi, None, hi_open))
        hi, hi_open = (None if mirrored.lo is None else -mirrored.lo), mirrored.lo_open
    return Range(lo, hi, lo_open, hi_open)


def intersect(a: Range, b: Range) -> Range:
    """Both hold."""
    lo, lo_open = a.lo, a.lo_open
    if b.lo is not None and (lo is None or b.lo > lo or (b.lo == lo and b.lo_open)):
        lo, lo_open = b.lo, b.lo_open
    hi, hi_open = a.hi, a.hi_open
    if b.hi is not None and (hi is None or b.hi < hi or (b.hi == hi and b.hi_open)):
        hi, hi_open = b.hi, b.hi_open
    return Range(lo, hi, lo_open, hi_open)


def hull(a: Range, b: Range) -> Range:
    """Either holds."""
    lo: Bound = None
    hi: Bound = None
    lo_open = hi_open = False
    if a.lo is not None and b.lo is not None:
        lo = min(a.lo, b.lo)
        lo_open = all(r.lo_open for r in (a, b) if r.lo == lo)
    if a.hi is not None and b.hi is not None:
        hi = max(a.hi, b.hi)
        hi_open = all(r.hi_open for r in (a, b) if r.hi == hi)
    return Range(lo, hi, lo_open, hi_open)


def negate(a: Range) -> Range:
    return Range(None if a.hi is None else -a.hi, None if a.lo is None else -a.lo, a.hi_open, a.lo_open)


def add(a: Range, b: Range) -> Range:
    lo = None if a.lo is None or b.lo is None else a.lo + b.lo
    hi = None if a.hi is None or b.hi is None else a.hi + b.hi
    return _trim(Range(lo, hi, a.lo_open or b.lo_open, a.hi_open or b.hi_open))


def _multiply_nonnegative(a: Range, b: Range) -> Range:
    assert a.lo is not None and b.lo is not None
    lo = a.lo * b.lo
    # The product is 0 only if one factor can be 0.
    lo_open = (a.positive and b.positive) if lo == 0 else (a.lo_open or b.lo_open)
    if a.hi == 0 or b.hi == 0:
        return Range(lo, Fraction(0), lo_open, False)
    if a.hi is None or b.hi is None:
        return Range(lo, None, lo_open)
    return Range(lo, a.hi * b.hi, lo_open, a.hi_open or b.hi_open)


def multiply(a: Range, b: Range) -> Range:
    """Products of all pairs; signs are split so that open ends survive."""
    if (a.nonnegative and a.nonpositive) or (b.nonnegative and b.nonpositive):
        return point(Fraction(0))
    if a.nonnegative and b.nonnegative:
        return _trim(_multiply_nonnegative(a, b))
    if a.nonpositive:
        return negate(multiply(negate(a), b))
    if b.nonpositive:
        return negate(multiply(a, negate(b)))
    pieces = []
    for x in _split(a):
        for y in _split(b):
            sign = 1
            if x.nonpositive and not x.nonnegative:
                x, sign = negate(x), -sign
            if y.nonpositive and not y.nonnegative:
                y, sign = negate(y), -sign
            product = _multiply_nonnegative(x, y)
            pieces.append(product if sign > 0 else negate(product))
    result = pieces[0]
    for piece in pieces[1:]:
        result = hull(result, piece)
    return _trim(result)


def _split(a: Range) -> list[Range]:
    if a.nonnegative or a.nonpositive:
        return [a]
    return [
        Range(None if a.lo is None else a.lo, Fraction(0), a.lo_open, False),
        Range(Fraction(0), a.hi, False, a.hi_open),
    ]


def invert(a: Range) -> Range:
    """1/x; the caller guarantees x ≠ 0."""
    if a.nonnegative:
        assert a.lo is not None
        hi = None if a.lo == 0 else 1 / a.lo
        lo = Fraction(0) if a.hi is None else (1 / a.hi if a.hi > 0 else Fraction(0))
        lo_open = True if a.hi is None else a.hi_open
        return _trim(Range(lo, hi, lo_open, a.lo_open))
    if a.nonpositive:
        return negate(invert(negate(a)))
    return LINE


def power(a: Range, n: int) -> Range:
    """x**n for an integer n; x ≠ 0 is guaranteed by the caller when n < 0."""
    if n < 0:
        return invert(power(a, -n))
    if n == 0:
        return point(Fraction(1))
    if n > 400:
        return NONNEGATIVE if n % 2 == 0 else LINE
    if a.nonnegative:
        assert a.lo is not None
        return _trim(Range(a.lo**n, None if a.hi is None else a.hi**n, a.lo_open, a.hi_open))
    if a.nonpositive:
        mirrored = power(negate(a), n)
        return mirrored if n % 2 == 0 else negate(mirrored)
    if n % 2 == 0:
        if a.lo is None or a.hi is None:
            return NONNEGATIVE
        top = max(-a.lo, a.hi)
        hi_open = all(o for v, o in ((-a.lo, a.lo_open), (a.hi, a.hi_open)) if v == top)
        return _trim(Range(Fraction(0), top**n, False, hi_open))
    lo = None if a.lo is None else a.lo**n
    hi = None if a.hi is None else a.hi**n
    return _trim(Range(lo, hi, a.lo_open, a.hi_open))


def exponential(a: Range) -> Range:
    """exp(x), from 1+x <= exp(x) <= 1/(1-x) (x < 1)."""
    lo, lo_open = Fraction(0), True
    if a.lo is not None and a.lo >= 0:
        lo, lo_open = 1 + a.lo, a.lo_open or a.lo > 0
    elif a.lo is not None:
        lo = (
            1 / (1 - a.lo + a.lo**2 / 2 - a.lo**3 / 6 + a.lo**4 / 24 - a.lo**5 / 120 + a.lo**6 / 20)
            if a.lo > -1
            else Fraction(0)
        )
        # exp(-y) >= 1/(1+y+...+y^5/120+y^6/20) for 0 <= y < 1: the tail of exp(y) is at most y^6/720·(1+1/7+...).
    hi: Bound = None
    if a.hi is not None and a.hi < 1:
        hi = 1 / (1 - a.hi)
    return _trim(Range(lo, hi, lo_open, a.hi_open))


def logarithm(a: Range) -> Range:
    """log(x), from 1-1/x <= log(x) <= x-1; x > 0 is guaranteed by the caller."""
    lo = None if a.lo is None or a.lo <= 0 else 1 - 1 / a.lo
    hi = None if a.hi is None or a.hi <= 0 else a.hi - 1
    lo_open = a.lo is not None and (a.lo_open or a.lo != 1)
    hi_open = a.hi is not None and (a.hi_open or a.hi != 1)
    return _trim(Range(lo, hi, lo_open, hi_open))


def root(a: Range, q: int) -> Range:
    """x**(1/q) for x >= 0: bounds to about twelve digits."""
    lo, lo_open = Fraction(0), a.positive
    if a.lo is not None and a.lo > 0:
        lo = _root_below(a.lo, q)
        lo_open = a.lo_open or lo**q != a.lo
    hi: Bound = None
    hi_open = False
    if a.hi is not None and a.hi >= 0:
        below = _root_below(a.hi, q)
        hi = below if below**q == a.hi else below + Fraction(1, 10**12)
        hi_open = a.hi_open or below**q != a.hi
    return _trim(Range(lo, hi, lo_open, hi_open))


def _root_below(x: Fraction, q: int) -> Fraction:
    """Largest convenient rational r with r**q <= x."""
    num, den = integer_root(x.numerator, q), integer_root(x.denominator, q)
    if num**q == x.numerator and den**q == x.denominator:
        return Fraction(num, den)
    scale = 10**12
    return Fraction(integer_root(x.numerator * scale**q // x.denominator, q), scale)


def integer_root(n: int, q: int) -> int:
    """The largest integer r with r**q <= n, for n >= 0."""
    if n < 2:
        return n
    low, high = 0, 1 << (n.bit_length() // q + 1)
    while low < high:
        middle = (low + high + 1) // 2
        if middle**q <= n:
            low = middle
        else:
            high = middle - 1
    return low


def symbolic_power(base: Range, exponent: Range) -> Range:
    """base**exponent for base >= 0 (0**0 = 1); LINE when the base may be negative."""
    if not base.nonnegative:
        return LINE
    result = POSITIVE if base.positive else NONNEGATIVE
    assert base.lo is not None
    if exponent.nonnegative:
        assert exponent.lo is not None
        n = exponent.lo.numerator // exponent.lo.denominator  # x**e >= x**n for x >= 1
        if base.lo >= 1:
            lo = base.lo ** min(n, 60)
            strict = (base.lo_open or base.lo > 1) and (exponent.lo > n or exponent.lo_open)
            result = intersect(result, Range(lo, None, strict or (n >= 1 and base.lo_open)))
        if base.hi is not None and base.hi <= 1:
            hi = base.hi ** min(n, 60)
            strict = (base.hi_open or base.hi < 1) and (exponent.lo > n or exponent.lo_open)
            strict = base.hi > 0 and (strict or (n >= 1 and base.hi_open))
            result = intersect(result, Range(None, hi, False, strict))
        if base.hi is not None and base.hi > 1 and exponent.hi is not None and exponent.hi <= 60:
            m = -((-exponent.hi.numerator) // exponent.hi.denominator)
            result = intersect(result, Range(None, base.hi**m))
        return _trim(result)
    if exponent.nonpositive and base.positive:
        return invert(symbolic_power(base, negate(exponent)))
    return result
