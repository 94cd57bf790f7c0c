"""Decide whether a linear entropic statement follows from the Shannon inequalities and the given constraints.

`prove` returns `Proved` with exact certificates, or `NotShannon` with an exact polymatroid that satisfies everything
and violates the goal, or `Undecided` with the reason why no exact answer was reached. A statement that is not
Shannon-provable may still be true of distributions (n >= 4). This module decides Shannon-provability only: it neither
looks for distributions nor adds copy variables.
Source: specification `categorical`, section 3.5.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import comb

from theory.checking.rational_programs import ExactnessError
from theory.information.certificate import Certificate
from theory.information.cone import ConeVertex
from theory.information.elemental import elemental_count
from theory.information.grammar import Query, parse_constraints, parse_query
from theory.information.lattices import Task, can_vary
from theory.information.linear_entropy import LinearEntropy, entropy
from theory.information.program import Program


class TooManyVariables(ValueError):
    """More variables than `max_variables`."""


@dataclass(frozen=True)
class Proved:
    """The query is a Shannon consequence of its constraints; one certificate a goal (two for an equality)."""

    query: Query
    certificates: tuple[Certificate, ...]

    def check(self) -> bool:
        """Exact: each certificate holds, and together they certify this very query."""
        goals = self.query.goals()
        return len(goals) == len(self.certificates) and all(
            c.goal == goal and c.hypotheses == self.query.constraints and c.check()
            for goal, c in zip(goals, self.certificates, strict=True)
        )

    def __str__(self) -> str:
        return "\n".join([f"proved: {self.query}", *(str(c) for c in self.certificates)])


@dataclass(frozen=True)
class NotShannon:
    """No Shannon proof: `cone_vertex` satisfies all Shannon inequalities and constraints, and violates `goal`."""

    query: Query
    goal: LinearEntropy
    cone_vertex: ConeVertex

    @property
    def gap(self) -> Fraction:
        """Value of the goal at the vertex, negative, in the vertex's own scale."""
        return self.cone_vertex(self.goal)

    def check(self) -> bool:
        """Exact: the vertex satisfies every elemental inequality and constraint and violates one goal of the query."""
        return self.goal in self.query.goals() and self.cone_vertex.violates(self.goal, self.query.constraints)

    def __str__(self) -> str:
        return (
            f"not provable by Shannon inequalities: {self.query}\n  polymatroid: {self.cone_vertex}\n  gap: {self.gap}"
        )


@dataclass(frozen=True)
class Undecided:
    """No exact answer was reached."""

    query: Query
    reason: str


def require_few_variables(query: Query, max_variables: int) -> None:
    """Raise `TooManyVariables`, saying how many elemental inequalities the query would need."""
    names = query.variables()
    if len(names) > max_variables:
        pairs = comb(len(names), 2)
        raise TooManyVariables(
            f"{len(names)} variables ({', '.join(names)}) need {elemental_count(len(names))} elemental inequalities "
            f"({pairs} pairs), expected at most {max_variables} variables (--max-variables allows more)"
        )


def prove(query: str | Query, given: str = "", max_variables: int = 10) -> Proved | NotShannon | Undecided:
    """Prove a linear entropic statement, or show that Shannon inequalities do not prove it.

    `given` adds constraints to those in the query. Raises `GrammarError` (with the position) on malformed text and
    `TooManyVariables` beyond `max_variables`. Entropies may be in any one unit.
    """
    if isinstance(query, str):
        query = parse_query(query, given)
    elif given:
        query = Query(query.left, query.relation, query.right, query.constraints + parse_constraints(given))
    require_few_variables(query, max_variables)
    program = Program(query)
    certificates = []
    for goal in query.goals():
        try:
            answer = program.decide(goal)
        except ExactnessError as error:
            return Undecided(query, str(error))
        if isinstance(answer, ConeVertex):
            return NotShannon(query, goal, answer)
        certificates.append(answer)
    return Proved(query, tuple(certificates))


def forced_constants(query: Query, max_variables: int = 10) -> tuple[str, ...]:
    """Variables that the constraints force to be constant (H = 0): a statement may be true for that silly reason.

    Exact; one small program a variable. Raises `ExactnessError` when no exact answer is reached.
    """
    require_few_variables(query, max_variables)
    if not query.constraints:
        return ()
    free = can_vary(Task(query.variables(), LinearEntropy(), tuple(f for c in query.constraints for f in c.facts())))
    found = []
    for name in query.variables():
        if name not in free:
            goal = LinearEntropy.of([(entropy([name]), -1)])
            if isinstance(Program(query).decide(goal), Certificate):
                found.append(name)
    return tuple(found)
