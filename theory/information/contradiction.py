"""Constraints that contradict each other.

Every entropic constraint is homogeneous, so making all variables constant satisfies any list of them: a contradiction
shows in variables that several constraints force to be constant although none of them does so alone. From then on a
statement may be true for that silly reason. Source: specification `categorical`, section 3.5.
"""

from __future__ import annotations

from theory.information.constraints import Constraint
from theory.information.grammar import Query
from theory.information.linear_entropy import LinearEntropy
from theory.information.prover import forced_constants


class ContradictoryConstraints(ValueError):
    """Constraints that together leave a variable no freedom."""


def _forced(constraints: tuple[Constraint, ...], max_variables: int) -> tuple[str, ...]:
    return forced_constants(Query(LinearEntropy(), "<=", LinearEntropy(), constraints), max_variables)


def require_no_contradiction(query: Query, constants: tuple[str, ...], max_variables: int) -> None:
    """Raise ContradictoryConstraints naming the constraints and the variables, given the variables they force.

    A query that itself says that those variables are constant is let through, and so is a constant variable that one
    constraint alone makes constant, such as H(X) = 0.
    """
    alone = {name for c in query.constraints for name in _forced((c,), max_variables)} if constants else set()
    together = [name for name in constants if name not in alone]
    if not together or _says_constant(query, set(constants)):
        return
    core = query.constraints
    for constraint in query.constraints:
        fewer = tuple(c for c in core if c is not constraint)
        if together[0] in _forced(fewer, max_variables):
            core = fewer
    names = [name for name in together if name in _forced(core, max_variables)]
    said = " and ".join(f"'{constraint}'" for constraint in core)
    many = len(names) > 1
    raise ContradictoryConstraints(
        f"the constraints {said} contradict each other unless {', '.join(names)} {'are' if many else 'is'} constant; "
        f"if that is meant, say so: H({','.join(names)}) = 0"
    )


def _says_constant(query: Query, constants: set[str]) -> bool:
    """Whether the query compares a measure of constant variables with 0."""
    sides = [side for side in (query.left, query.right) if side]
    return len(sides) == 1 and set(sides[0].variables()) <= constants
