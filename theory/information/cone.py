"""Cone witnesses: polymatroids that satisfy the hypotheses and violate the goal.

A polymatroid satisfies every Shannon inequality but need not be the entropy vector of a distribution, so a cone witness
shows that a statement has no Shannon proof; it does not refute the statement. Source: specification `categorical`, 3.5.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import lcm

from theory.information.constraints import Constraint
from theory.information.elemental import elemental_masks
from theory.information.linear_entropy import Coordinate, LinearEntropy, LogCardinality, coordinate_key


@dataclass(frozen=True)
class ConeVertex:
    """h on all non-empty subsets of `variables` (and on the log-cardinalities that occur), exact, up to scale."""

    variables: tuple[str, ...]
    values: tuple[tuple[Coordinate, Fraction], ...]

    @classmethod
    def of(cls, variables: tuple[str, ...], values: Mapping[Coordinate, Fraction]) -> ConeVertex:
        return cls(variables, tuple(sorted(values.items(), key=lambda pair: coordinate_key(pair[0]))))

    @cached_property
    def _height(self) -> dict[Coordinate, Fraction]:
        return dict(self.values)

    def __call__(self, expression: LinearEntropy) -> Fraction:
        """Value of a linear entropy at the vertex. Raises `KeyError` on a coordinate that the vertex lacks."""
        return sum((self._height[coordinate] * c for coordinate, c in expression.terms), Fraction(0))

    def is_polymatroid(self) -> bool:
        """Exact check of every elemental inequality."""
        bit = {name: 1 << k for k, name in enumerate(self.variables)}
        scale = lcm(*(value.denominator for _, value in self.values))
        height = [0] * (1 << len(self.variables))
        for coordinate, value in self.values:
            if not isinstance(coordinate, LogCardinality):
                height[sum(bit[name] for name in coordinate)] = int(value * scale)
        return all(
            height[i | given] >= height[given]
            if i == j
            else height[i | given] + height[j | given] >= height[i | j | given] + height[given]
            for i, j, given in elemental_masks(len(self.variables))
        )

    def violates(self, goal: LinearEntropy, hypotheses: tuple[Constraint, ...]) -> bool:
        """Exact check: every elemental inequality, cardinality bound and hypothesis holds, and goal < 0."""
        for coordinate, value in self.values:
            if isinstance(coordinate, LogCardinality) and value < self._height[frozenset([coordinate.name])]:
                return False
        for fact in (fact for hypothesis in hypotheses for fact in hypothesis.facts()):
            value = self(fact.expression)
            if value < 0 or (fact.equality and value):
                return False
        return self(goal) < 0 and self.is_polymatroid()

    def as_json(self) -> dict[str, int | str]:
        """{"X,Y": 3, "log|X|": 1, ...}; what is not whole as text, e.g. "3/2"."""
        return {
            str(c) if isinstance(c, LogCardinality) else ",".join(sorted(c)): int(v) if v.denominator == 1 else str(v)
            for c, v in self.values
        }

    def __str__(self) -> str:
        names = ((f"H({k})" if not k.startswith("log|") else k, v) for k, v in self.as_json().items())
        return ", ".join(f"{name} = {value}" for name, value in names)
