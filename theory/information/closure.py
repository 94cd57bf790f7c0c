"""Closure of sets of variables under functional dependences, and the way back to plain Shannon measures.

If H(N|G) = 0 then h_S = h_{S+N} for every S that contains G: a program needs one coordinate per closed set only. A
certificate over closed sets is lifted by writing h_S - h_{cl S} through chain steps: H(N|S) = H(N|G) - I(N;S|G).
Source: specification `categorical`, section 3.5, step 1.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from theory.information.constraints import Fact
from theory.information.linear_entropy import LogCardinality


@dataclass(frozen=True)
class Dependence:
    """H(node|arguments) = 0 as bit masks; `scale` times that entropy is the fact's expression."""

    node: int
    arguments: int
    fact: Fact
    scale: Fraction


def dependence(fact: Fact, bit: Mapping[str, int]) -> Dependence | None:
    """The functional dependence a fact states, if it states one: c * (h_S - h_T) = 0 with T inside S."""
    terms = fact.expression.terms
    if not fact.equality or not 1 <= len(terms) <= 2:
        return None
    sets: list[tuple[int, Fraction]] = []
    for coordinate, value in terms:
        if isinstance(coordinate, LogCardinality):
            return None
        sets.append((sum(bit[name] for name in coordinate), value))
    if len(sets) == 1:
        return Dependence(sets[0][0], 0, fact, sets[0][1])
    (small, negative), (large, positive) = sets  # canonical order: smaller sets first
    if small & ~large or negative != -positive:
        return None
    return Dependence(large & ~small, small, fact, positive)


@dataclass(frozen=True)
class ChainStep:
    """Adding `rule.node` to the set `before`, which contains `rule.arguments`."""

    before: int
    rule: Dependence


class Closure:
    """Closed sets of a family of dependences over bit masks."""

    def __init__(self, rules: Sequence[Dependence]) -> None:
        self.rules = tuple(rules)
        self._closed: dict[int, int] = {}

    def __call__(self, mask: int) -> int:
        """The smallest closed set that contains `mask`."""
        found = self._closed.get(mask)
        if found is None:
            steps = self.steps(mask)
            found = steps[-1].before | steps[-1].rule.node if steps else mask
            self._closed[mask] = found
        return found

    def steps(self, mask: int) -> list[ChainStep]:
        """The additions that lead from `mask` to its closure."""
        steps, grown = [], True
        while grown:
            grown = False
            for rule in self.rules:
                if not rule.arguments & ~mask and rule.node & ~mask:
                    steps.append(ChainStep(mask, rule))
                    mask |= rule.node
                    grown = True
        return steps
