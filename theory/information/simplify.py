"""Shorter certificates: measures joined by the chain rule.

I(A;B|C) + I(A;D|B,C) = I(A;B,D|C)        H(A|C) + H(B|A,C) = H(A,B|C)        H(A|B,C) + I(A;B|C) = H(A|C)
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from theory.information.linear_entropy import Measure, entropy, mutual_information

_LONGEST = 400  # beyond this many terms no reader gains and pairs cost time


def joined(first: Measure, second: Measure) -> Measure | None:
    """The measure that equals first + second by one of the three chain rules in this order, or None."""
    below, above = frozenset(first.given), frozenset(second.given)
    if second.kind == "I":
        if first.kind == "I":
            for shared, other in (first.groups, first.groups[::-1]):
                if above == below | frozenset(other) and above != below:
                    for common, added in (second.groups, second.groups[::-1]):
                        if frozenset(common) == frozenset(shared):
                            return mutual_information(shared, {*other, *added}, below)
            return None
        for target, other in (second.groups, second.groups[::-1]):
            if below == above | frozenset(other) and frozenset(first.groups[0]) == frozenset(target):
                return entropy(target, above)
        return None
    if first.kind == "H" and above == below | frozenset(first.groups[0]):
        return entropy({*first.groups[0], *second.groups[0]}, below)
    return None


def shorten(terms: Mapping[Measure, Fraction]) -> dict[Measure, Fraction]:
    """Join measures of equal coefficient until no pair can be joined; the sum stays the same."""
    found = {measure: value for measure, value in terms.items() if value}
    if len(found) > _LONGEST:
        return found
    waiting, kept = list(found), dict[Measure, Fraction]()
    while waiting:
        measure = waiting.pop(0)
        value = found.pop(measure)
        for other in [m for m, v in kept.items() if v == value]:
            both = joined(other, measure) or joined(measure, other)
            if both is not None:
                del kept[other]
                value += found.pop(both, kept.pop(both, Fraction(0)))
                if both not in waiting:
                    waiting.append(both)
                found[both] = value
                break
        else:
            kept[measure] = value
    return kept
