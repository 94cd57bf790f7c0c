"""Derivations in which every comparison of sums is made in two steps: of the terms, by algebra, and of the sums."""

from __future__ import annotations

from dataclasses import replace

from theory.derivation import Derivation
from theory.justification import Termwise, algebra, fact
from theory.proposition import Forall, eq, le


def term_by_term(found: Derivation) -> Derivation:
    """Every comparison of sums in two steps: of the terms, by algebra alone, and of the sums."""
    result = replace(found, steps=())
    for step in found.steps:
        if not any(isinstance(by, Termwise) for by in step.by):
            result = replace(result, steps=(*result.steps, step))
            continue
        stated = step.proposition if isinstance(step.proposition, Forall) else Forall((), step.proposition)
        left, right = stated.body.lhs, stated.body.rhs
        ((index, _, last),) = left.limits
        terms = Forall(
            (*stated.variables, index), eq(left.function, right.function), (*stated.conditions, le(index, last))
        )
        name = f"{step.name}, each"
        by = (*(by for by in step.by if not isinstance(by, Termwise) and by != algebra), algebra)
        result = result.have(name, terms, by=list(by))
        at = {variable.name: variable for variable in terms.variables}
        result = replace(result, steps=(*result.steps, replace(step, by=(Termwise(), fact(name, **at)))))
    return result
