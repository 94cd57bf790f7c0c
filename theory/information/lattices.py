"""Small families of random variables that are closed under joining, and the search for a violation among them.

A lattice here is a finite list of random variables with a table of joins ("the pair of two of them") and the entropy of
each. A choice of one member for every variable of a query then has all joint entropies by table look-up, and thousands
of choices are judged at once. Two families are used:
- subspaces of GF(q)^m, heights = ranks (in units of log q): the linear variables;
- partitions of k atoms with given probabilities, heights = entropies: the sparse distributions.
What the search returns is a proposal; `Distribution.refutes` decides. Source: specification `categorical`, section 3.6.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from itertools import combinations, product
from math import log
from typing import Any

from theory.information.constraints import Fact
from theory.information.linear_entropy import Coordinate, LinearEntropy, LogCardinality

_TOLERANCE = 1e-9  # of floating-point proposals; never of a decision


@dataclass(frozen=True)
class Lattice:
    """`labels[e]`: values of member e at the outcomes; `joins[e][f]`: the member "e and f"; member 0 is constant."""

    labels: tuple[tuple[int, ...], ...]
    joins: tuple[tuple[int, ...], ...]


def _relabel(values: Sequence[object]) -> tuple[int, ...]:
    seen: dict[object, int] = {}
    return tuple(seen.setdefault(v, len(seen)) for v in values)


def _lattice(members: Sequence[tuple[int, ...]]) -> Lattice:
    """Members ordered as given; joins of members are added at the end until the list is closed."""
    labels = list(members)
    place = {label: k for k, label in enumerate(labels)}
    joins: list[list[int]] = []
    row = 0
    while row < len(labels):
        line = []
        for other in list(labels):
            both = _relabel(list(zip(labels[row], other, strict=True)))
            if both not in place:
                place[both] = len(labels)
                labels.append(both)
            line.append(place[both])
        joins.append(line)
        row += 1
    for k, line in enumerate(joins):  # rows made before the list was complete
        for other in labels[len(line) :]:
            line.append(place[_relabel(list(zip(labels[k], other, strict=True)))])
    return Lattice(tuple(labels), tuple(map(tuple, joins)))


@lru_cache(maxsize=8)
def subspaces(q: int, m: int) -> Lattice:
    """All subspaces of the dual of GF(q)^m (q prime) as variables of a uniform vector; small ranks first."""
    vectors = list(product(range(q), repeat=m))
    found: dict[tuple[int, ...], int] = {}
    for rank in range(m + 1):
        for basis in combinations([v for v in vectors if any(v)], rank):
            images = [tuple(sum(a * b for a, b in zip(f, u, strict=True)) % q for f in basis) for u in vectors]
            label = _relabel(images)
            if len(set(label)) == q**rank:
                found.setdefault(label, rank)
    return _lattice(sorted(found, key=lambda label: (len(set(label)), label)))


@lru_cache(maxsize=8)
def bits(atoms: int) -> tuple[Lattice, int]:
    """The joins of two-valued variables on that many atoms; and how many members are at most two-valued."""
    pairs = sorted({_relabel(v) for v in product((0, 1), repeat=atoms)}, key=lambda v: (len(set(v)), v))
    return _lattice(pairs), len(pairs)


def shapes(atoms: int, parts: int) -> Iterator[tuple[int, ...]]:
    """Probabilities as multiples of 1/parts, weakly decreasing, all positive; the most even first."""

    def grow(left: int, count: int, most: int) -> Iterator[tuple[int, ...]]:
        if count == 0:
            if left == 0:
                yield ()
            return
        for first in range(min(most, left - count + 1), 0, -1):
            for rest in grow(left - first, count - 1, first):
                yield (first, *rest)

    yield from sorted(grow(parts, atoms, parts), key=lambda s: (s[0] - s[-1], s))


@dataclass
class Budget:
    """Work left, in units of table look-ups; `spend` says whether there is enough."""

    left: int

    def spend(self, amount: int) -> bool:
        if amount > self.left:
            self.left = 0
            return False
        self.left -= amount
        return True


@dataclass(frozen=True)
class Task:
    """What is to be violated (goal >= 0) and what has to hold."""

    variables: tuple[str, ...]
    goal: LinearEntropy
    facts: tuple[Fact, ...]

    def order(self) -> tuple[str, ...]:
        """Variables so that constraints are complete early: the variables of the shortest facts first."""
        found: dict[str, None] = {}
        facts = [[n for c, _ in f.expression.terms for n in _names(c)] for f in self.facts]
        while facts:
            facts.sort(key=lambda names: len(set(names) - set(found)))
            first = set(facts.pop(0))
            found |= dict.fromkeys(name for name in self.variables if name in first)
        return tuple(found | dict.fromkeys(self.variables))


def _names(coordinate: Coordinate) -> frozenset[str]:
    return frozenset([coordinate.name]) if isinstance(coordinate, LogCardinality) else coordinate


def search(
    task: Task,
    lattice: Lattice,
    members: int,
    heights: Sequence[float],
    budget: Budget,
    largest: bool,
    sizes: Sequence[float] | None = None,
) -> dict[str, int] | None:
    """Members for the variables (the first `members` of the lattice) that meet the facts and violate the goal.

    Among them one of least total height, or with `largest` one of largest violation; ties by order. Gives up where the
    budget does not suffice. `sizes` are the log-cardinalities of the members, where these are not their heights.
    """
    import numpy as np

    joins = np.array(lattice.joins, dtype=np.int16)
    height = np.array([heights, heights if sizes is None else sizes], dtype=float)
    order = task.order()
    rows = _meeting(task, order, joins, members, height, budget)
    if rows is None or not budget.spend(len(rows) * (len(task.goal.terms) + 1)):
        return None
    value = _values(task.goal, rows, order, joins, height)
    bad = np.flatnonzero(value < -_TOLERANCE)
    if not len(bad):
        return None
    rows, value = rows[bad], value[bad]
    total = height[0][rows].sum(axis=1)
    best = int(np.lexsort((total, value) if largest else (value, total))[0])
    return {name: int(rows[best, k]) for k, name in enumerate(order)}


def _meeting(task: Task, order: Sequence[str], joins: Any, members: int, height: Any, budget: Budget) -> Any:
    """All choices (rows, in the order of the variables) that meet the facts, or None where the budget ends."""
    import numpy as np

    rows = np.zeros((1, 0), dtype=np.int16)  # (choices, variables so far)
    waiting = list(task.facts)
    for position in range(len(order)):
        if not budget.spend(len(rows) * members):
            return None
        rows = np.hstack(
            [np.repeat(rows, members, axis=0), np.tile(np.arange(members, dtype=np.int16), len(rows))[:, None]]
        )
        known = set(order[: position + 1])
        ready = [fact for fact in waiting if all(_names(c) <= known for c, _ in fact.expression.terms)]
        waiting = [fact for fact in waiting if fact not in ready]
        for fact in ready:
            if not budget.spend(len(rows) * len(fact.expression.terms)):
                return None
            value = _values(fact.expression, rows, order, joins, height)
            rows = rows[np.abs(value) < _TOLERANCE if fact.equality else value > -_TOLERANCE]
    return rows


def can_vary(task: Task, work: int = 2_000_000) -> frozenset[str]:
    """Variables that are not constant in some model of the facts where each variable is constant or one fair bit."""
    import numpy as np

    lattice = subspaces(2, 1)
    order = task.order()
    joins, height = np.array(lattice.joins, dtype=np.int16), np.array([[0.0, 1.0]] * 2)
    rows = _meeting(task, order, joins, 2, height, Budget(work))
    if rows is None:
        return frozenset()
    exact = {name for k, name in enumerate(order) for row in rows[rows[:, k] > 0][:1] if _models(task, order, row)}
    return frozenset(exact)


def _models(task: Task, order: Sequence[str], row: Any) -> bool:
    """Exact check of the facts where the variables with 1 are the same fair bit and the others constant."""
    bit = {name for name, member in zip(order, row, strict=True) if member}
    for fact in task.facts:
        value = sum((v for c, v in fact.expression.terms if _names(c) & bit), Fraction(0))
        if value < 0 or (fact.equality and value):
            return False
    return True


def _values(expression: LinearEntropy, rows: Any, order: Sequence[str], joins: Any, height: Any) -> Any:
    import numpy as np

    total = np.zeros(len(rows))
    for coordinate, coefficient in expression.terms:
        columns = [k for k, name in enumerate(order) if name in _names(coordinate)]
        member = rows[:, columns[0]]
        for column in columns[1:]:
            member = joins[member, rows[:, column]]
        total += float(coefficient) * height[int(isinstance(coordinate, LogCardinality))][member]
    return total


def partition_heights(lattice: Lattice, weights: Sequence[Fraction]) -> list[float]:
    """Entropies in nats of the members, at these probabilities of the outcomes."""
    found = []
    for label in lattice.labels:
        mass: dict[int, float] = {}
        for value, weight in zip(label, weights, strict=True):
            mass[value] = mass.get(value, 0.0) + float(weight)
        found.append(-sum(p * log(p) for p in mass.values()))
    return found
