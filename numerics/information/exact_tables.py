"""Joint tables with exact entries: integer weights, Fractions, and entropies in rigorous balls.

Main definitions
    ExactTable      non-negative integer weights with named axes
    exact_table     from nested Fractions or integers
    marginal, law   integer marginals; probabilities as Fractions
    independent     whether p(a,b,c) p(c) = p(a,c) p(b,c) in every cell: decided in integers
    entropy_ball    H(of | given) in nats as a ball
    information_ball, total_correlation_ball
    Ball            two rational ends
    enclosure       any formula in balls, at a wanted number of digits

Conventions: as in `numerics.information.entropy`. A ball is proved to contain the number; `digits` sets its precision.

Source: specification `categorical`, 4.2.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from numerics.information.entropy import Joint

Names = Sequence[str]
Integers = NDArray[Any]  # int64, or Python integers as objects where they are larger


class Ball(NamedTuple):
    """A closed interval that contains the number; both ends are ∞ for an infinite one."""

    lower: Fraction | float
    upper: Fraction | float

    @property
    def middle(self) -> float:
        """The middle of the interval."""
        return float(self.lower / 2 + self.upper / 2)


@dataclass(frozen=True, eq=False)
class ExactTable:
    """A joint law: `weights` are non-negative Python integers (dtype object), one axis a variable, not all 0."""

    axes: tuple[str, ...]
    weights: Integers

    def __post_init__(self) -> None:
        if len(set(self.axes)) != len(self.axes) or len(self.axes) != self.weights.ndim:
            raise ValueError(f"axes {self.axes} do not name the {self.weights.ndim} axes of the table, each once")
        for place, weight in np.ndenumerate(self.weights):
            if not isinstance(weight, int) or weight < 0:
                raise ValueError(f"entry {list(place)} of the table is {weight!r}, expected an integer >= 0")
        if self.total == 0:
            raise ValueError("every weight of the table is 0, expected a positive one")

    @property
    def total(self) -> int:
        """The sum of all weights."""
        return int(self.weights.sum())

    def floats(self) -> Joint:
        """The same law in float64, each entry correctly rounded."""
        total = self.total
        return Joint(self.axes, np.vectorize(lambda w: float(Fraction(w, total)), otypes=[np.float64])(self.weights))


def exact_table(axes: Names, entries: Any) -> ExactTable:
    """A table from integers or Fractions, proportional to a law. TypeError for floats."""
    array = np.array(entries, dtype=object)
    flat = [_rational(value) for value in array.ravel()]
    scale = math.lcm(*(value.denominator for value in flat)) if flat else 1
    weights = np.empty(len(flat), dtype=object)
    weights[:] = [int(value * scale) for value in flat]
    return ExactTable(tuple(axes), weights.reshape(array.shape))


def _rational(value: Any) -> Fraction:
    if isinstance(value, float | np.floating):
        raise TypeError(f"the entry {value!r} is a float, expected an integer or a Fraction")
    return Fraction(int(value)) if isinstance(value, int | np.integer) else Fraction(value)


def marginal(table: ExactTable, names: Names) -> Integers:
    """Integer weights of the named variables; the other axes are kept with size 1."""
    unknown = [name for name in names if name not in table.axes]
    if unknown:
        raise ValueError(f"the table has no variable {unknown[0]!r}; it has {', '.join(table.axes)}")
    others = tuple(k for k, axis in enumerate(table.axes) if axis not in names)
    return np.asarray(table.weights.sum(axis=others, keepdims=True), dtype=object)


def law(table: ExactTable, names: Names) -> Integers:
    """Probabilities of the named variables as Fractions, axes as in `marginal`."""
    total = table.total
    return np.asarray(np.vectorize(lambda w: Fraction(w, total), otypes=[object])(marginal(table, names)))


def independent(table: ExactTable, first: Names, second: Names, given: Names = ()) -> bool:
    """Whether first ⫫ second | given, exactly."""
    whole = marginal(table, (*first, *second, *given))
    left = whole * marginal(table, given)
    right = marginal(table, (*first, *given)) * marginal(table, (*second, *given))
    return bool(np.all(left == right))


def entropy_ball(table: ExactTable, of: Names, given: Names = (), digits: int = 30) -> Ball:
    """H(of | given) = (1/N) [Σ_z w_z log w_z - Σ_xz w_xz log w_xz] (+ log N without a condition)."""
    return _ball(table, [((*of, *given), 1), (tuple(given), -1)], digits)


def information_ball(table: ExactTable, first: Names, second: Names, given: Names = (), digits: int = 30) -> Ball:
    """I(first; second | given)."""
    a, b, c = tuple(first), tuple(second), tuple(given)
    return _ball(table, [((*a, *c), 1), ((*b, *c), 1), ((*a, *b, *c), -1), (c, -1)], digits)


def total_correlation_ball(table: ExactTable, groups: Sequence[Names], given: Names = (), digits: int = 30) -> Ball:
    """TC(groups | given)."""
    c = tuple(given)
    terms: list[tuple[tuple[str, ...], int]] = [((*group, *c), 1) for group in groups]
    everything = tuple(name for group in groups for name in group)
    return _ball(table, [*terms, ((*everything, *c), -1), (c, 1 - len(groups))], digits)


def _ball(table: ExactTable, terms: list[tuple[tuple[str, ...], int]], digits: int) -> Ball:
    """Σ coefficient · H(names) with H(names) = log N - (1/N) Σ w log w, enclosed."""

    def value(arb: Any, real: Callable[[Fraction], Any]) -> Any:
        total = arb(table.total)
        whole = arb(0)
        for names, coefficient in terms:
            weights: dict[int, int] = {}  # equal weights share their logarithm
            for w in marginal(table, names).ravel():
                weights[w] = weights.get(w, 0) + 1
            inner = arb(0)
            for w, count in weights.items():
                if w > 1:
                    inner += count * arb(w) * arb(w).log()
            whole += coefficient * (total.log() - inner / total)
        return whole

    return enclosure(value, digits, table.total.bit_length())


def enclosure(value: Callable[[Any, Callable[[Fraction], Any]], Any], digits: int, extra_bits: int = 0) -> Ball:
    """The ball that `value(arb, real)` computes at about `digits` digits; `real` makes a ball of a Fraction."""
    from flint import arb, ctx, fmpq

    before = ctx.prec
    ctx.prec = int(digits * math.log2(10)) + 32 + extra_bits
    try:
        found = value(arb, lambda x: arb(fmpq(x.numerator, x.denominator)))
        if not found.is_finite():
            raise ArithmeticError(f"no enclosure at {digits} digits: {found}")
        return Ball(_end(found.lower()), _end(found.upper()))
    finally:
        ctx.prec = before


def _end(value: Any) -> Fraction:
    """An exact ball as a Fraction: man · 2^exp."""
    man, exponent = value.man_exp()
    return Fraction(int(man)) * Fraction(2) ** int(exponent)
