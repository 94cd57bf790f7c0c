"""Statements whose two sides are both expressions in parameters: measured by evaluating them.

Main definitions
    points_of        the space of parameter points, and the measurement over it, for such a statement
    relation_claim   a free `lhs <= rhs` as a claim that awaits refutation
    known_parameters the parameters of the registry by name, for symbols that a user does not declare
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import sympy as sp

from theory.claim import Claim, Kind, Statement, Status
from theory.evaluation.values import EvaluationError
from theory.index import index
from theory.parameter import Parameter, reals
from theory.proposition import sign_of
from theory.registry import claim_alone
from theory.source import OWN
from theory.verdict import Verdict
from verify.bounds import Screen, enclosure, is_opaque
from verify.instance import Instance, NotApplicable
from verify.measurement import Context, Measurement
from verify.precision import floating
from verify.spaces import points

CLEAR = 1e-6  # relative distance of the sides in float64 beyond which nothing rigorous is needed


@dataclass(frozen=True)
class BothSides:
    """Measures a statement at a point by evaluating quantity and bound, rigorously where float64 cannot tell."""

    statement: Statement

    def __call__(self, point: Mapping[str, Any], context: Context) -> Iterator[Instance]:
        try:
            left, right = Screen(self.statement.quantity)(point), Screen(self.statement.bound)(point)
            small, large = (left, right) if self.statement.sign in ("<=", "<") else (right, left)
            if self.statement.sign != "==" and large - small > CLEAR * max(abs(small), abs(large), 1e-300):
                budget = CLEAR / 4
                yield Instance(
                    point,
                    floating(left, relative=budget, absolute=1e-320),
                    bound=floating(right, relative=budget, absolute=1e-320),
                )
                return
            quantity = enclosure(self.statement.quantity, point)
            yield Instance(point, quantity, bound=enclosure(self.statement.bound, point))
        except EvaluationError as error:
            raise NotApplicable(str(error)) from None


def points_of(claim: Claim) -> Measurement | None:
    """The measurement of a claim's main statement over parameter points; None where a side can only be measured."""
    if is_opaque(claim.statement.quantity) or is_opaque(claim.statement.bound):
        return None
    return Measurement(claim.id, points, BothSides(claim.statement), module=__name__)


def known_parameters(names: Iterable[str] | None = None) -> dict[str, Parameter]:
    """Parameters of the registry by name; where claims declare a name differently, the most frequent declaration.

    Of all names, or of those given and of those that the ends of their domains name.
    """
    counts: dict[str, Counter[str]] = {}
    owner: dict[tuple[str, str], str] = {}
    for claim in index().claims.values():
        for name, declaration in claim.parameters:
            counts.setdefault(name, Counter())[declaration] += 1
            owner.setdefault((name, declaration), claim.id)
    found: dict[str, Parameter] = {}
    waiting = list(counts if names is None else names)
    while waiting:
        name = waiting.pop()
        if name in counts and name not in found:
            found[name] = claim_alone(owner[name, counts[name].most_common(1)[0][0]]).parameter(name)
            ends = (found[name].domain.lower, found[name].domain.upper)
            waiting += sorted(str(s) for end in ends for s in end.free_symbols)
    return found


def relation_claim(relation: Any, known: Mapping[str, Parameter] | None = None) -> Claim:
    """`lhs <= rhs` (or another sign) as a claim over its symbols.

    A symbol takes the domain of the parameter of that name in `known` (default: the registry's), else all reals;
    ends of domains that name further symbols bring those in. Raises ValueError for undefined functions.
    """
    if is_opaque(relation):
        raise ValueError(f"{relation} names undefined functions, which have no values to search")
    declared = known_parameters(map(str, relation.free_symbols)) if known is None else known
    chosen: dict[str, Parameter] = {}

    def add(name: str) -> None:
        if name in chosen:
            return
        parameter = declared.get(name, Parameter(name, name, "a real number", reals(), (-8, 8)))
        for end in (parameter.domain.lower, parameter.domain.upper):
            for symbol in sorted(end.free_symbols, key=str):
                add(str(symbol))
        chosen[name] = parameter

    for symbol in sorted(relation.free_symbols, key=str):
        add(str(symbol))
    table = {symbol: chosen[str(symbol)].symbol for symbol in relation.free_symbols}
    sides = [side.xreplace(table) for side in (relation.lhs, relation.rhs)]
    sign = sign_of(relation)
    kinds = {"==": Kind.EQUALITY, "<=": Kind.UPPER, "<": Kind.UPPER, ">=": Kind.LOWER, ">": Kind.LOWER}
    return Claim(
        id="user/relation",
        title=str(relation),
        kind=kinds[sign],
        text=str(relation),
        parameters=tuple(chosen.values()),
        statements=(Statement(sp.S(sides[0]), sign, sp.S(sides[1])),),
        source=OWN,
        status=Status.OWN,
        expected=Verdict.REFUTED,
        why="a relation under test: nothing is known of it",
    )
