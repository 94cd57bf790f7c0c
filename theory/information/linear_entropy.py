"""Linear combinations of joint entropies, with exact rational coefficients.

Main definitions: `Measure` (one atom as written: H, I, TC or log|X|) and `LinearEntropy` (a linear functional of the
joint entropies h_S, S a non-empty set of variables, and of the log-cardinalities log|X|).

Conventions: groups are sets (a name repeated in a group counts once); H(A|B) = h(AB) - h(B);
I(A;B|C) = h(AC) + h(BC) - h(ABC) - h(C); TC(A1;...;Ak|C) = sum H(Ai|C) - H(A1,...,Ak|C). Entropies are in nats, but
every statement here is homogeneous, so the unit does not matter. Source: specification `categorical`, section 3.4.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Literal

MeasureKind = Literal["H", "I", "TC", "log"]


@dataclass(frozen=True)
class LogCardinality:
    """The coordinate log|X|, bounded below by H(X) and by nothing above."""

    name: str

    def __str__(self) -> str:
        return f"log|{self.name}|"


Coordinate = frozenset[str] | LogCardinality


def coordinate_key(coordinate: Coordinate) -> tuple[int, int, tuple[str, ...]]:
    """Sorting key: smaller sets first, then alphabetically; log-cardinalities last."""
    if isinstance(coordinate, LogCardinality):
        return (1, 1, (coordinate.name,))
    return (0, len(coordinate), tuple(sorted(coordinate)))


def _canonical(values: Mapping[Coordinate, Fraction]) -> tuple[tuple[Coordinate, Fraction], ...]:
    kept = [(c, v) for c, v in values.items() if v and c != frozenset()]  # h of the empty set is 0
    return tuple(sorted(kept, key=lambda pair: coordinate_key(pair[0])))


@dataclass(frozen=True)
class Measure:
    """One atom as written: H(A|C), I(A;B|C), TC(A;B;...|C) or log|X|.

    `groups` has one group for H, two for I, at least two for TC, and the single name for log. Raises `ValueError` on
    any other number of groups, or on an empty group.
    """

    kind: MeasureKind
    groups: tuple[tuple[str, ...], ...]
    given: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        expected = {"H": 1, "I": 2, "log": 1}.get(self.kind)
        if expected is not None and len(self.groups) != expected:
            raise ValueError(f"{self.kind} has {len(self.groups)} groups, expected {expected}")
        if self.kind == "TC" and len(self.groups) < 2:
            raise ValueError(f"TC has {len(self.groups)} group, expected at least 2")
        if any(not group for group in self.groups):
            raise ValueError(f"{self.kind} has an empty group, expected at least one variable in each")
        if self.kind == "log" and (len(self.groups[0]) != 1 or self.given):
            raise ValueError(f"log|...| takes one variable, found {','.join(self.groups[0] + self.given)}")

    def expand(self) -> dict[Coordinate, Fraction]:
        """Coefficients over the joint entropies h_S (without h of the empty set) and log-cardinalities."""
        if self.kind == "log":
            return {LogCardinality(self.groups[0][0]): Fraction(1)}
        values: dict[Coordinate, Fraction] = {}

        def add(names: Iterable[str], coefficient: int) -> None:
            key = frozenset(names)
            values[key] = values.get(key, Fraction(0)) + coefficient

        together = tuple(name for group in self.groups for name in group)
        if self.kind == "H":
            add(together + self.given, 1)
            add(self.given, -1)
        else:  # I is the total correlation of two groups
            for group in self.groups:
                add(group + self.given, 1)
            add(together + self.given, -1)
            add(self.given, 1 - len(self.groups))
        return dict(_canonical(values))

    def variables(self) -> tuple[str, ...]:
        """Names in order of first appearance."""
        return tuple(dict.fromkeys(name for group in (*self.groups, self.given) for name in group))

    def __str__(self) -> str:
        if self.kind == "log":
            return f"log|{self.groups[0][0]}|"
        condition = f"|{','.join(self.given)}" if self.given else ""
        return f"{self.kind}({';'.join(','.join(group) for group in self.groups)}{condition})"


def entropy(group: Iterable[str], given: Iterable[str] = ()) -> Measure:
    """H(group|given); names are printed alphabetically."""
    return Measure("H", (tuple(sorted(set(group))),), tuple(sorted(set(given))))


def mutual_information(left: Iterable[str], right: Iterable[str], given: Iterable[str] = ()) -> Measure:
    """I(left;right|given); names are printed alphabetically."""
    sides = sorted((tuple(sorted(set(left))), tuple(sorted(set(right)))))
    return Measure("I", tuple(sides), tuple(sorted(set(given))))


def _coefficient(value: Fraction, first: bool) -> str:
    sign = ("-" if first else "- ") if value < 0 else ("" if first else "+ ")
    return sign + ("" if abs(value) == 1 else f"{abs(value)}*")


@dataclass(frozen=True)
class LinearEntropy:
    """A linear functional of joint entropies.

    `terms` is canonical: (coordinate, non-zero coefficient) sorted by `coordinate_key`; two functionals are equal
    exactly when their terms are. `written` remembers the atoms the user wrote, for printing only.
    """

    terms: tuple[tuple[Coordinate, Fraction], ...] = ()
    written: tuple[tuple[Measure, Fraction], ...] = field(default=(), compare=False)

    @classmethod
    def of(cls, written: Iterable[tuple[Measure, Fraction | int]]) -> LinearEntropy:
        """Sum of coefficient times measure; equal measures are collected, in order of first appearance."""
        collected: dict[Measure, Fraction] = {}
        values: dict[Coordinate, Fraction] = {}
        for measure, coefficient in written:
            collected[measure] = collected.get(measure, Fraction(0)) + coefficient
            for coordinate, value in measure.expand().items():
                known = values.get(coordinate)
                added = value if coefficient == 1 else value * coefficient
                values[coordinate] = added if known is None else known + added
        return cls(_canonical(values), tuple((m, c) for m, c in collected.items() if c))

    def coefficients(self) -> dict[Coordinate, Fraction]:
        """The canonical terms as a dictionary."""
        return dict(self.terms)

    def variables(self) -> tuple[str, ...]:
        """Names in order of first appearance as written (also of atoms that cancel)."""
        return tuple(dict.fromkeys(name for measure, _ in self.written for name in measure.variables()))

    def joint(self) -> LinearEntropy:
        """The same functional written in joint entropies only."""
        return LinearEntropy.of(
            (Measure("log", ((c.name,),)) if isinstance(c, LogCardinality) else entropy(c), v) for c, v in self.terms
        )

    def rename(self, names: Mapping[str, str]) -> LinearEntropy:
        """Variables replaced by `names` (those not mentioned stay)."""

        def group(members: tuple[str, ...]) -> tuple[str, ...]:
            return tuple(names.get(name, name) for name in members)

        return LinearEntropy.of(
            (Measure(m.kind, tuple(group(g) for g in m.groups), group(m.given)), c) for m, c in self.written
        )

    def __bool__(self) -> bool:
        return bool(self.terms)

    def __add__(self, other: LinearEntropy) -> LinearEntropy:
        return LinearEntropy.of((*self.written, *other.written))

    def __neg__(self) -> LinearEntropy:
        return self * -1

    def __sub__(self, other: LinearEntropy) -> LinearEntropy:
        return self + -other

    def __mul__(self, scalar: Fraction | int) -> LinearEntropy:
        if not isinstance(scalar, (Fraction, int)):
            raise TypeError(f"coefficient {scalar!r} is a {type(scalar).__name__}, expected an exact int or Fraction")
        return LinearEntropy.of((m, c * scalar) for m, c in self.written)

    __rmul__ = __mul__

    def __str__(self) -> str:
        if not self.written:
            return "0"
        return " ".join(f"{_coefficient(c, i == 0)}{m}" for i, (m, c) in enumerate(self.written))
