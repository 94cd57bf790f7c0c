"""Where to look for a root: points of a domain at every scale, and bisection between two of them.

Main definitions
    Ends     the ends of a parameter's domain at given values of the others
    probes   increasing points of the domain, doubling towards infinite ends and halving towards finite ones
    bisect   a predicate's change between two points, narrowed to neighbours (integers) or to 60 bits (reals)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import sympy as sp

from theory.evaluation.enclosure import enclose
from theory.evaluation.values import EvaluationError
from theory.parameter import Parameter

DOUBLINGS = (*range(0, 64, 2), 64, 96, 128, 192, 256, 512, 1024, 2048, 4096, 8192, 16384, 32768)  # exponents of 2
HALVINGS = (*range(1, 12), 16, 24, 32, 48, 64, 128, 256, 512, 1024, 4096, 16384)
GRID = 17  # equally spaced points of the typical range
SMALL = 64  # integer ranges of at most this size are tried whole


@dataclass(frozen=True)
class Ends:
    """The ends of a domain as numbers; None stands for infinity."""

    lower: sp.Rational | None
    upper: sp.Rational | None
    lower_open: bool
    upper_open: bool
    integer: bool

    @classmethod
    def of(cls, parameter: Parameter, env: Mapping[str, sp.Rational]) -> Ends:
        """The ends of `parameter`'s domain; raises EvaluationError where they name parameters without a value."""
        domain = parameter.domain
        lower, upper = _end(domain.lower, env), _end(domain.upper, env)
        if domain.integer:
            lower = None if lower is None else sp.ceiling(lower)
            upper = None if upper is None else sp.floor(upper)
        return cls(lower, upper, domain.lower_open, domain.upper_open, domain.integer)

    def contains(self, x: sp.Rational) -> bool:
        """Membership; integrality included."""
        if self.integer and x.q != 1:
            return False
        if self.lower is not None and not (x > self.lower if self.lower_open else x >= self.lower):
            return False
        return self.upper is None or bool(x < self.upper if self.upper_open else x <= self.upper)


def _end(end: sp.Expr, env: Mapping[str, sp.Rational]) -> sp.Rational | None:
    if end in (sp.oo, -sp.oo):
        return None
    if end.is_Rational:
        return end
    try:
        lower, _ = enclose(end, env)
    except EvaluationError as error:
        raise EvaluationError(f"end {end} of the domain: {error}") from None
    mantissa, exponent = lower.man_exp()
    return sp.Integer(int(mantissa)) * sp.Integer(2) ** int(exponent)


def probes(parameter: Parameter, ends: Ends) -> list[sp.Rational]:
    """Increasing points of the domain: its closed ends, every scale beside them, a grid over the typical range."""
    low, high = (sp.Rational(str(end)) for end in parameter.typical)
    points = {low + (high - low) * sp.Rational(i, GRID - 1) for i in range(GRID)}
    lower, upper = ends.lower, ends.upper
    if lower is not None and upper is not None:
        width = upper - lower
        if ends.integer and width <= SMALL:
            return [lower + k for k in range(int(width) + 1)]
        points |= {lower, upper}
        points |= {lower + width * sp.Rational(i, GRID) for i in range(1, GRID)}
        shifts = [sp.Integer(2) ** k for k in DOUBLINGS] if ends.integer else [width / 2**k for k in HALVINGS]
        points |= {lower + s for s in shifts} | {upper - s for s in shifts}
    else:
        scales = [sp.Integer(2) ** k for k in DOUBLINGS]
        if not ends.integer:
            scales += [sp.Rational(1, 2**k) for k in HALVINGS]
        if lower is not None:
            points |= {lower} | {lower + s for s in scales}
        elif upper is not None:
            points |= {upper} | {upper - s for s in scales}
        else:
            points |= {sp.Integer(0)} | set(scales) | {-s for s in scales}
    if ends.integer:
        points = {sp.floor(point) for point in points}
    return sorted(point for point in points if ends.contains(point))


def bisect(
    holds: Callable[[sp.Rational], bool | None], low: sp.Rational, high: sp.Rational, *, integer: bool
) -> tuple[sp.Rational, sp.Rational]:
    """Narrow [low, high], where the predicate differs at the ends, keeping that: to 1 (integers) or 2^-60 relative.

    Points where the predicate is undefined count as the lower end's side.
    """
    start = holds(low)
    while not _close(low, high, integer):
        middle = _middle(low, high, integer)
        truth = holds(middle)
        if truth is None or truth == start:
            low = middle
        else:
            high = middle
    return low, high


def _close(low: sp.Rational, high: sp.Rational, integer: bool) -> bool:
    if integer:
        return bool(high - low <= 1 or (high - low) * 2**100 <= high)  # beyond 2^100, 100 bits do
    return bool((high - low) * 2**60 <= max(abs(low), abs(high)))


def _middle(low: sp.Rational, high: sp.Rational, integer: bool) -> sp.Rational:
    """The mean; between powers of two far apart the geometric one, so that 2^16384 is reached in 14 halvings."""
    if low > 0 and high > 16 * low:
        middle = sp.Integer(2) ** ((_exponent(low) + _exponent(high)) // 2)
        if low < middle < high and (not integer or middle.q == 1):
            return middle
    middle = (low + high) / 2
    return sp.floor(middle) if integer else middle


def _exponent(x: sp.Rational) -> int:
    return int(x.p).bit_length() - int(x.q).bit_length()
