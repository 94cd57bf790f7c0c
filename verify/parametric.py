"""Statements whose two sides are both expressions in parameters: measured by evaluating them.

Main definitions
    points_of        the space of parameter points, and the measurement over it, for such a statement
    relation_claim   a free `lhs <= rhs` as a claim that awaits refutation
    known_parameters the parameters of the registry by name, for symbols that a user does not declare
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import sympy as sp

from theory.claim import Claim, Kind, Statement, Status
from theory.evaluation.values import EvaluationError
from theory.parameter import Parameter, reals
from theory.proposition import sign_of
from theory.registry import registry
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


def known_parameters() -> dict[str, Parameter]:
    """Parameters of the registry by name; where claims declare a name differently, the most frequent declaration."""
    counts: dict[str, Counter[Parameter]] = {}
    for claim in registry().claims.values():
        for parameter in claim.parameters:
            counts.setdefault(parameter.name, Counter())[parameter] += 1
    return {name: counter.most_common(1)[0][0] for name, counter in counts.items()}


def relation_claim(relation: Any, known: Mapping[str, Parameter] | None = None) -> Claim:
    """`lhs <= rhs` (or another sign) as a claim over its symbols.

    A symbol takes the domain of the parameter of that name in `known` (default: the registry's), else all reals;
    ends of domains that name further symbols bring those in. Raises ValueError for undefined functions.
    """
    if is_opaque(relation):
        raise ValueError(f"{relation} names undefined functions, which have no values to search")
    declared = known_parameters() if known is None else known
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
