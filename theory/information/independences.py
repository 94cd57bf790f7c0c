"""Conditional independences that the constraints imply, with the way each was derived.

An elemental independence (i, j | K) says I(i;j|K) = 0. Three sources: a part of a stated independence (decomposition
and weak union), a variable that K determines, and contraction: (i,j|K) and (i,k|jK) give (i,k|K) and (i,j|kK), because
I(i;k|K) + I(i;j|kK) = I(i;j|K) + I(i;k|jK). The closure under these rules is found for all sets at once, as arrays over
bit masks. `expand` turns minus a measure that is zero into stated facts and Shannon measures with positive
coefficients, so that a proof found with these independences becomes a plain certificate.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from theory.information.closure import Closure
from theory.information.constraints import Constraint, CopyOf, Fact, Independence, LinearConstraint, MarkovChain

Elemental = tuple[int, int, int]  # indices i < j and the mask K
_FACT, _FUNCTION, _FORWARD, _BACKWARD = 1, 2, 3, 4


@dataclass(frozen=True)
class Stated:
    """scale * TC(groups | given) = 0 as bit masks; groups are disjoint from each other and from `given`."""

    groups: tuple[int, ...]
    given: int
    fact: Fact
    scale: Fraction


def stated_independences(constraints: Sequence[Constraint], mask_of: Any) -> list[Stated]:
    """Independences among the constraints, also where they are written as I(...) = 0 or TC(...) = 0."""
    found = []
    for constraint in constraints:
        if not isinstance(constraint, (MarkovChain, Independence, LinearConstraint, CopyOf)):
            continue
        for fact in constraint.facts():
            if len(fact.expression.written) != 1 or not fact.equality:
                continue
            ((measure, scale),) = fact.expression.written
            if measure.kind not in ("I", "TC"):
                continue
            given = mask_of(measure.given)
            groups = tuple(g for g in (mask_of(group) & ~given for group in measure.groups) if g)
            union = 0
            for group in groups:
                union |= group
            if len(groups) >= 2 and union.bit_count() == sum(g.bit_count() for g in groups):
                found.append(Stated(groups, given, fact, scale))
    return found


class Independences:
    """All elemental independences that the rules derive, over `count` variables."""

    def __init__(self, count: int, stated: Sequence[Stated], close: Closure) -> None:
        import numpy as np

        self.count, self.stated, self.close = count, tuple(stated), close
        self.masks = np.arange(1 << count)
        self.rule = np.zeros((count, count, 1 << count), dtype=np.int8)  # of (i, j | K), i < j; 0: not known
        self.source = np.zeros((count, count, 1 << count), dtype=np.int16)  # number of the fact, or the third variable
        self.pivot = np.zeros((count, count, 1 << count), dtype=np.int16)
        self.age = np.zeros((count, count, 1 << count), dtype=np.int32)  # parents are strictly younger in number
        self._clock = 0
        self._changed = [[0] * count for _ in range(count)]  # when something was last learnt about a pair
        self._seen: dict[tuple[int, int, int], int] = {}  # when a triple was last looked at
        if close.rules:
            self._functions()
        for number, item in enumerate(self.stated):
            self._state(number, item)
        if self.stated:
            self._contract()

    def holds(self, i: int, j: int, condition: int) -> bool:
        """Whether (i, j | condition) was derived."""
        a, b = (i, j) if i < j else (j, i)
        return bool(self.rule[a, b, condition])

    def _learn(self, i: int, j: int, conditions: Any, rule: int, source: int, pivot: int = 0) -> bool:
        a, b = (i, j) if i < j else (j, i)
        fresh = conditions[self.rule[a, b, conditions] == 0]
        if not len(fresh):
            return False
        self._clock += 1
        self._changed[i][j] = self._changed[j][i] = self._clock
        self.rule[a, b, fresh], self.source[a, b, fresh] = rule, source
        self.pivot[a, b, fresh], self.age[a, b, fresh] = pivot, self._clock
        return True

    def _functions(self) -> None:
        import numpy as np

        closed = np.array([self.close(int(mask)) for mask in self.masks])
        for i in range(self.count):
            determined = ((closed >> i) & 1 == 1) & ((self.masks >> i) & 1 == 0)
            for j in range(self.count):
                if j != i:
                    self._learn(i, j, np.flatnonzero(determined & ((self.masks >> j) & 1 == 0)), _FUNCTION, i)

    def _state(self, number: int, item: Stated) -> None:
        import numpy as np

        everything = item.given
        for group in item.groups:
            everything |= group
        fits = (self.masks & item.given == item.given) & (self.masks & ~everything == 0)
        for k, group in enumerate(item.groups):
            for other in item.groups[k + 1 :]:
                for i in _members(group):
                    for j in _members(other):
                        without = fits & (self.masks & (1 << i | 1 << j) == 0)
                        self._learn(i, j, np.flatnonzero(without), _FACT, number)

    def _contract(self) -> None:
        with_one = [self.masks | 1 << j for j in range(self.count)]
        grown = True
        while grown:
            grown = False
            for i in range(self.count):
                for j in range(self.count):
                    for k in range(self.count):
                        if len({i, j, k}) == 3 and self._contract_at(i, j, k, with_one[j]):
                            grown = True

    def _contract_at(self, i: int, j: int, k: int, with_j: Any) -> bool:
        import numpy as np

        newest = max(self._changed[i][j], self._changed[i][k])
        if not (self._changed[i][j] and self._changed[i][k]) or newest <= self._seen.get((i, j, k), 0):
            return False
        self._seen[i, j, k] = self._clock
        # Nothing is known under conditions that contain a variable of the pair, so K runs over what it may.
        first, second = self.rule[min(i, j), max(i, j)], self.rule[min(i, k), max(i, k)]
        both = np.flatnonzero((first > 0) & (second[with_j] > 0))
        if not len(both):
            return False
        forward = self._learn(i, k, both, _FORWARD, j, i)
        return self._learn(i, j, both | 1 << k, _BACKWARD, k, i) or forward

    # ---- the way back to stated facts

    def parents(self, item: Elemental) -> tuple[Elemental, tuple[Elemental, Elemental]] | None:
        """For a contraction: (other, (p, q)) with I(item) + I(other) = I(p) + I(q)."""
        a, b, condition = item
        rule = int(self.rule[a, b, condition])
        if rule not in (_FORWARD, _BACKWARD):
            return None
        i, third = int(self.pivot[a, b, condition]), int(self.source[a, b, condition])
        partner = b if i == a else a
        if rule == _FORWARD:  # item is (i, k | K)
            j, k, base = third, partner, condition
            other = _elemental(i, j, base | 1 << k)
        else:  # item is (i, j | K + k)
            j, k, base = partner, third, condition & ~(1 << third)
            other = _elemental(i, k, base)
        return other, (_elemental(i, j, base), _elemental(i, k, base | 1 << j))

    def determined(self, item: Elemental) -> int | None:
        """The variable of the pair that the condition determines, where that is the reason."""
        return int(self.source[item]) if self.rule[item] == _FUNCTION else None

    def origin(self, item: Elemental) -> Stated | None:
        """The stated independence that the item is a part of, where that is the reason."""
        return self.stated[int(self.source[item])] if self.rule[item] == _FACT else None


def remainder(stated: Stated, item: Elemental) -> list[tuple[int, int, int]]:
    """Measures I(A;B|C) as masks whose sum is TC(groups|given) - I(item)."""
    i, j, condition = item
    if not any(group >> i & 1 for group in stated.groups):
        raise ValueError("the item is no part of the independence")
    own = next(group for group in stated.groups if group >> i & 1)
    others = [group for group in stated.groups if group is not own]
    rest, union = [], 0
    for group in others:  # TC(others | given)
        if union:
            rest.append((group, union, stated.given))
        union |= group
    before = stated.given | (condition & own)
    inside = before | (condition & union)
    rest += [
        (condition & own, union, stated.given),
        (own & ~condition & ~(1 << i), union, before | 1 << i),
        (1 << i, condition & union, before),
        (1 << i, union & ~condition & ~(1 << j), inside | 1 << j),
    ]
    return [(a, b, c) for a, b, c in rest if a and b]


def _elemental(i: int, j: int, condition: int) -> Elemental:
    return (i, j, condition) if i < j else (j, i, condition)


def _members(mask: int) -> list[int]:
    return [k for k in range(mask.bit_length()) if mask >> k & 1]
