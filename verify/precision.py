"""Numbers together with what is known of their error: no statement is ever judged by a bare float comparison.

Main definitions
    Measured    an interval, and the method that produced it
    Comparison  below, above or straddles

Constructors: `exact` (rationals), `floating` (float64 with a stated error), `ball` (a rigorous enclosure),
`monte_carlo` and `sample_mean` (a confidence interval).

An end of the interval is a float or a Fraction; Python compares the two exactly.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Method = Literal["exact", "ball", "float64", "monte carlo"]
End = float | Fraction

RANKS: tuple[Method, ...] = ("exact", "ball", "float64", "monte carlo")  # from best known to least
UNIT_ROUNDOFF = 2.0**-53


class Comparison(StrEnum):
    """How one interval lies with respect to another."""

    BELOW = "below"  # every point of the first is <= every point of the second
    ABOVE = "above"  # every point of the first is > every point of the second
    STRADDLES = "straddles"  # cannot be told at this precision


@dataclass(frozen=True)
class Measured:
    """A number known to lie in [lower, upper].

    Attributes
        lower, upper  ends; equal for an exact number
        method        "exact" and "ball" are rigorous, "float64" carries the error its author stated,
                      "monte carlo" holds at the level of its confidence interval
    """

    lower: End
    upper: End
    method: Method

    def __post_init__(self) -> None:
        if self.lower != self.lower or self.upper != self.upper:
            raise ValueError(f"a measured number is nan: [{self.lower}, {self.upper}]")
        if self.lower > self.upper:
            raise ValueError(f"a measured number has its ends in the wrong order: [{self.lower}, {self.upper}]")
        if self.method == "exact" and self.lower != self.upper:
            raise ValueError(f"an exact number has two values: {self.lower} and {self.upper}")

    @property
    def value(self) -> float:
        """The middle of the interval, as a float."""
        if self.lower == self.upper:
            return _as_float(self.lower)
        lower, upper = _as_float(self.lower), _as_float(self.upper)
        return lower if lower == upper else lower / 2 + upper / 2

    @property
    def width(self) -> float:
        """Length of the interval; 0 for an exact number."""
        if self.lower == self.upper:
            return 0.0
        if isinstance(self.lower, Fraction) and isinstance(self.upper, Fraction):
            return _as_float(self.upper - self.lower)
        return _as_float(self.upper) - _as_float(self.lower)

    @property
    def rigorous(self) -> bool:
        """Whether the interval is proved to contain the number."""
        return self.method in ("exact", "ball")

    def compare(self, other: Measured) -> Comparison:
        """How this number lies with respect to another; equal exact numbers count as below (<=)."""
        if self.upper <= other.lower:
            return Comparison.BELOW
        if self.lower > other.upper:
            return Comparison.ABOVE
        return Comparison.STRADDLES

    def certainly_below(self, other: Measured) -> bool:
        """Whether it is strictly smaller than every value `other` can have."""
        return self.upper < other.lower

    def overlaps(self, other: Measured) -> bool:
        """Whether the two intervals share a point."""
        return self.lower <= other.upper and other.lower <= self.upper

    def touches(self, other: Measured, relative: float = 1e-6) -> bool:
        """Whether the two cannot differ by more than `relative` of the larger one."""
        apart = max(_as_float(self.upper), _as_float(other.upper)) - min(_as_float(self.lower), _as_float(other.lower))
        return apart <= relative * max(abs(self.value), abs(other.value))

    def widened(self, error: float) -> Measured:
        """The same number with `error` more uncertainty on either side; rigour is lost."""
        if error == 0:
            return self
        return Measured(_as_float(self.lower) - error, _as_float(self.upper) + error, worst(self.method, "float64"))

    def __str__(self) -> str:
        if self.lower == self.upper:
            return fraction_text(self.lower) if isinstance(self.lower, Fraction) else f"{self.lower:.15g}"
        return f"{self.value:.12g} ± {self.width / 2:.2g}"


def worst(*methods: Method) -> Method:
    """The method that knows least."""
    return max(methods, key=RANKS.index)


def exact(value: Fraction | int | bool) -> Measured:
    """A number known exactly; truth values count as 0 and 1."""
    if isinstance(value, float):
        raise TypeError(f"{value!r} is a float; use floating(value, relative=..., absolute=...)")
    number = Fraction(int(value)) if not isinstance(value, Fraction) else value
    return Measured(number, number, "exact")


def floating(value: float, *, relative: float = 0.0, absolute: float = 0.0) -> Measured:
    """A float64 result with the error its author states: at most absolute + relative * |value|.

    The budget must be given: an error of zero is for numbers made by `exact`.
    """
    value = float(value)
    if relative < 0 or absolute < 0 or relative + absolute == 0:
        raise ValueError(f"error budget (relative {relative}, absolute {absolute}) of a float must be positive")
    if math.isinf(value):
        return Measured(value, value, "float64")
    error = absolute + relative * abs(value)
    return Measured(value - error, value + error, "float64")


def rounded(value: float, operations: int) -> Measured:
    """A float64 sum or product of about `operations` non-negative terms: relative error operations * 2^-53 * 4."""
    return floating(value, relative=4 * max(operations, 1) * UNIT_ROUNDOFF, absolute=1e-300)


def ball(lower: End, upper: End) -> Measured:
    """A rigorous enclosure."""
    return Measured(lower, upper, "ball")


def monte_carlo(mean: float, standard_error: float, *, level: float = 0.99) -> Measured:
    """A sample mean with its normal confidence interval at `level`."""
    from scipy.special import ndtri

    if not 0 < level < 1:
        raise ValueError(f"confidence level {level} is outside (0, 1)")
    if not standard_error >= 0:
        raise ValueError(f"standard error {standard_error} is negative or nan")
    half = float(ndtri(0.5 + level / 2)) * standard_error
    return Measured(float(mean) - half, float(mean) + half, "monte carlo")


def sample_mean(samples: Sequence[float] | NDArray[np.float64], *, level: float = 0.99) -> Measured:
    """The mean of independent samples (n,), n >= 2, with its normal confidence interval at `level`."""
    data = np.asarray(samples, dtype=np.float64)
    if data.ndim != 1 or data.size < 2:
        raise ValueError(f"samples have shape {data.shape}, expected (n,) with n >= 2")
    return monte_carlo(float(data.mean()), float(data.std(ddof=1) / math.sqrt(data.size)), level=level)


def fraction_text(value: Fraction) -> str:
    """A fraction as p/q where that is short, else as a float, or as a power of ten beyond the floats."""
    if value.numerator.bit_length() + value.denominator.bit_length() <= 100:
        return str(value)
    nearest = _as_float(value)
    if nearest != 0 and math.isfinite(nearest):
        return f"{nearest:.15g}"
    # Python's log2 takes integers of any size.
    log10 = (math.log2(abs(value.numerator)) - math.log2(value.denominator)) * math.log10(2)
    return f"{'-' if value < 0 else ''}10^{log10:.10g}"


def _as_float(end: End) -> float:
    try:
        return float(end)
    except OverflowError:
        return math.inf if end > 0 else -math.inf
