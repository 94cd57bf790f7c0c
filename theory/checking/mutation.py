"""Deliberately wrong variants of a derivation's steps, generated, to test the checker against.

Main definitions
    Mutation   a derivation with one changed step, and what was changed
    mutations  all variants of a derivation

Kinds: `flipped` (the relation reversed and made strict), `one per cent` (a side scaled by 1.01 against the
direction of the relation; for an equality always false unless the side is zero), `no assumption` (the step stripped
of what backs it, one justification at a time). A flipped step and a scaled equality are certainly false when the
original step is true; the others may happen to remain true, and then the checker may accept them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import sympy as sp
from sympy.logic.boolalg import Boolean

from theory import justification as why
from theory.derivation import Derivation, Step
from theory.lemma import Instance
from theory.proposition import Forall, Proposition, relation, sign_of

FLIPPED = {"<=": ">", "<": ">=", ">=": "<", ">": "<="}


@dataclass(frozen=True)
class Mutation:
    """One wrong variant.

    Attributes
        kind        "flipped", "one per cent" or "no assumption"
        step        name of the changed step
        derivation  ends with the changed step
        false       whether the changed step is false for certain if the original is true
    """

    kind: str
    step: str
    derivation: Derivation
    false: bool


def mutations(derivation: Derivation) -> Iterator[Mutation]:
    """All variants; steps that are gaps are left alone, since nothing backs them."""
    for position, step in enumerate(derivation.steps):
        if any(isinstance(j, why.Gap) for j in step.by):
            continue
        before = derivation.steps[:position]
        for kind, changed, false in _variants(step):
            yield Mutation(kind, step.name, replace(derivation, steps=(*before, changed)), false)


def _variants(step: Step) -> Iterator[tuple[str, Step, bool]]:
    body = step.proposition.body if isinstance(step.proposition, Forall) else step.proposition
    if not isinstance(body, sp.Rel):
        return
    sign = sign_of(body)
    if sign in FLIPPED:
        yield "flipped", _with_body(step, relation(body.lhs, FLIPPED[sign], body.rhs)), True
    factor = sp.Rational(101, 100)
    if sign == "==":
        scaled = relation(body.lhs, sign, body.rhs * factor)
        if body.rhs.is_zero is False or body.rhs.is_positive:
            yield "one per cent", _with_body(step, scaled), True
        elif body.rhs != 0:
            yield "one per cent", _with_body(step, scaled), False
    elif body.rhs.is_nonnegative:
        stronger = body.rhs / factor if sign in ("<=", "<") else body.rhs * factor
        yield "one per cent", _with_body(step, relation(body.lhs, sign, stronger)), False
    backing = [j for j in step.by if isinstance(j, Instance | str | why.Fact | why.Unfold)]
    for removed in backing:
        kept = tuple(j for j in step.by if j is not removed) or (why.decide,)
        yield "no assumption", replace(step, by=kept), False


def _with_body(step: Step, body: Boolean) -> Step:
    proposition: Proposition = body
    if isinstance(step.proposition, Forall):
        proposition = Forall(step.proposition.variables, body, step.proposition.conditions)
    return replace(step, proposition=proposition)
