"""Finite distributions with rational probabilities, on which entropic statements are decided exactly.

Main definitions: `Distribution`, and `PrimeLogs`, the exact form of an entropy: for rational probabilities every linear
combination of joint entropies is a rational combination of logarithms of primes, and logarithms of distinct primes are
linearly independent over the rationals. So "is it zero" is decided by rational arithmetic alone, and the sign of what
is not zero by ball arithmetic, which then ends. Entropies in nats. Source: specification `categorical`, section 3.6.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, lru_cache
from typing import Any

from theory.information.constraints import Constraint, Fact, FunctionOf, Independence, MarkovChain
from theory.information.linear_entropy import LinearEntropy, LogCardinality

Values = tuple[int, ...]
Group = tuple[str, ...]
PrimeLogs = dict[int, Fraction]  # prime -> coefficient of its logarithm
_FIRST_PRECISION = 64


@lru_cache(maxsize=65536)
def _factors(number: int) -> tuple[tuple[int, int], ...]:
    from flint import fmpz

    return tuple((int(prime), int(power)) for prime, power in fmpz(number).factor())


def _add_log(into: PrimeLogs, coefficient: Fraction, value: Fraction) -> None:
    """into += coefficient * log(value)."""
    for number, sign in ((value.numerator, 1), (value.denominator, -1)):
        for prime, power in _factors(number) if number > 1 else ():
            into[prime] = into.get(prime, Fraction(0)) + sign * power * coefficient


def ball(logs: PrimeLogs, precision: int = _FIRST_PRECISION) -> Any:
    """The number as a ball (`flint.arb`) of the given working precision in bits."""
    from flint import arb, ctx, fmpq

    old, ctx.prec = ctx.prec, precision
    try:
        return sum((arb(fmpq(c.numerator, c.denominator)) * arb(p).log() for p, c in logs.items()), arb(0))
    finally:
        ctx.prec = old


def sign(logs: PrimeLogs) -> int:
    """-1, 0 or 1, certified."""
    kept = {prime: c for prime, c in logs.items() if c}
    if not kept:
        return 0
    precision = _FIRST_PRECISION
    while True:  # ends: logarithms of primes are linearly independent, so the number is not zero
        found = ball(kept, precision)
        if found > 0:
            return 1
        if found < 0:
            return -1
        precision *= 2


@dataclass(frozen=True)
class Distribution:
    """Joint law of named finite variables: `atoms` are (values in the order of `variables`, probability > 0).

    `sizes` gives the alphabet of a variable where it is larger than its support (it matters for log|X| only).
    Raises ValueError where probabilities are not positive rationals with sum 1, or values repeat or do not fit.
    """

    variables: Group
    atoms: tuple[tuple[Values, Fraction], ...]
    sizes: tuple[tuple[str, int], ...] = ()

    def __post_init__(self) -> None:
        if any(not isinstance(p, Fraction) or p <= 0 for _, p in self.atoms):
            raise ValueError("a probability is not a positive Fraction")
        if sum((p for _, p in self.atoms), Fraction(0)) != 1:
            raise ValueError(f"the probabilities sum to {sum(p for _, p in self.atoms)}, expected 1")
        if len({values for values, _ in self.atoms}) != len(self.atoms):
            raise ValueError("two atoms have the same values")
        for values, _ in self.atoms:
            if len(values) != len(self.variables):
                raise ValueError(f"an atom has {len(values)} values, expected {len(self.variables)}")
        for name, size in self.sizes:
            if size < len(self.marginal((name,))):
                raise ValueError(f"the alphabet of {name} has {size} letters, fewer than its values")

    @classmethod
    def of(cls, variables: Sequence[str], weights: Iterable[tuple[Values, Fraction]]) -> Distribution:
        """Atoms with equal values are joined, values are renumbered from 0 in order of appearance, zeros dropped."""
        numbering: list[dict[int, int]] = [{} for _ in variables]
        table: dict[Values, Fraction] = {}
        for values, weight in weights:
            if weight:
                key = tuple(seen.setdefault(v, len(seen)) for seen, v in zip(numbering, values, strict=True))
                table[key] = table.get(key, Fraction(0)) + weight
        return cls(tuple(variables), tuple(sorted(table.items())))

    def marginal(self, names: Iterable[str]) -> dict[Values, Fraction]:
        """The law of the named variables. Raises KeyError for a variable that the distribution lacks."""
        places = {name: k for k, name in enumerate(self.variables)}
        chosen = [places[name] for name in names]
        table: dict[Values, Fraction] = {}
        for values, probability in self.atoms:
            key = tuple(values[k] for k in chosen)
            table[key] = table.get(key, Fraction(0)) + probability
        return table

    @cached_property
    def _entropies(self) -> dict[frozenset[str], PrimeLogs]:
        return {}

    def entropy(self, names: frozenset[str]) -> PrimeLogs:
        """H(names), exactly."""
        known = self._entropies.get(names)
        if known is None:
            known = {}
            for probability in self.marginal(sorted(names)).values():
                _add_log(known, -probability, probability)
            self._entropies[names] = known
        return known

    def __call__(self, expression: LinearEntropy) -> PrimeLogs:
        """The exact value of a linear combination of entropies and log-cardinalities."""
        total: PrimeLogs = {}
        for coordinate, coefficient in expression.terms:
            if isinstance(coordinate, LogCardinality):
                size = dict(self.sizes).get(coordinate.name) or len(self.marginal((coordinate.name,)))
                _add_log(total, coefficient, Fraction(size))
            else:
                for prime, value in self.entropy(coordinate).items():
                    total[prime] = total.get(prime, Fraction(0)) + coefficient * value
        return {prime: c for prime, c in total.items() if c}

    def satisfies(self, constraint: Constraint) -> bool:
        """Exact: independences as identities of probabilities, functions by support, entropies by `sign`."""
        if isinstance(constraint, MarkovChain):
            return all(
                self.independent(
                    tuple(n for node in constraint.nodes[:j] for n in node),
                    *constraint.nodes[j + 1 : j + 2],
                    given=constraint.nodes[j],
                )
                for j in range(1, len(constraint.nodes) - 1)
            )
        if isinstance(constraint, Independence):
            return self.independent(*constraint.nodes, given=constraint.given)
        if isinstance(constraint, FunctionOf):
            both = self.marginal((*constraint.node, *constraint.arguments))
            return len(both) == len(self.marginal(constraint.arguments))
        return all(self.meets(fact) for fact in constraint.facts())

    def meets(self, fact: Fact) -> bool:
        """Exact check of `expression = 0` or `expression >= 0`."""
        value = sign(self(fact.expression))
        return value == 0 if fact.equality else value >= 0

    def independent(self, *groups: Group, given: Group = ()) -> bool:
        """p(a1,...,ak,c) p(c)^(k-1) = prod p(ai,c) for all values, in rationals."""
        base = self.marginal(given)
        sides = [self.marginal((*group, *given)) for group in groups]
        joint = self.marginal((*(name for group in groups for name in group), *given))
        # Every combination of values that the factors allow must be checked, also those of joint probability zero.
        combinations: list[tuple[Values, Values, Fraction]] = [((), c, Fraction(1)) for c in base]
        for group, side in zip(groups, sides, strict=True):
            combinations = [
                (before + values[: len(group)], c, product * weight)
                for before, c, product in combinations
                for values, weight in side.items()
                if values[len(group) :] == c
            ]
        return all(
            joint.get(values + c, Fraction(0)) * base[c] ** (len(groups) - 1) == product
            for values, c, product in combinations
        )

    def refutes(self, goal: LinearEntropy, constraints: Iterable[Constraint]) -> bool:
        """Whether every constraint holds exactly and goal >= 0 fails, certified."""
        return all(self.satisfies(c) for c in constraints) and sign(self(goal)) < 0

    def gap(self, goal: LinearEntropy) -> float:
        """The goal's value in nats, to double precision."""
        return float(ball(self(goal)))

    def table(self) -> str:
        """One line an atom, with a header."""
        rows = [(*self.variables, "probability"), *((*map(str, v), str(p)) for v, p in self.atoms)]
        widths = [max(len(row[k]) for row in rows) for k in range(len(rows[0]))]
        return "\n".join("  ".join(cell.rjust(w) for cell, w in zip(row, widths, strict=True)) for row in rows)

    def as_json(self) -> list[list[Any]]:
        """[[values, probability as text], ...] in the order of `variables`."""
        return [[list(values), str(probability)] for values, probability in self.atoms]

    @classmethod
    def from_json(
        cls, variables: Sequence[str], atoms: Sequence[Sequence[Any]], sizes: Mapping[str, int] | None = None
    ) -> Distribution:
        """What `as_json` wrote."""
        read = tuple((tuple(int(v) for v in values), Fraction(p)) for values, p in atoms)
        return cls(tuple(variables), read, tuple((sizes or {}).items()))
