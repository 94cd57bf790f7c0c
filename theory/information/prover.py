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
from math import comb, gcd, lcm

from theory.checking.rational_programs import ExactnessError, Separation, nonnegative_combination
from theory.information.certificate import Certificate, CertificateTerm, TermKind
from theory.information.closure import Closure, dependence
from theory.information.cone import ConeVertex
from theory.information.constraints import Constraint, Fact
from theory.information.elemental import elemental_count, elemental_masks
from theory.information.grammar import Query, parse_constraints, parse_query
from theory.information.linear_entropy import (
    Coordinate,
    LinearEntropy,
    LogCardinality,
    Measure,
    entropy,
    mutual_information,
)
from theory.information.simplify import shorten

Row = int | LogCardinality  # a closed set as a bit mask, or a log-cardinality
Column = dict[Row, Fraction]


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


class _Program:
    """The cone of the constraints over closed sets, as columns of a linear program."""

    def __init__(self, query: Query) -> None:
        self.names = query.variables()
        self.bit = {name: 1 << k for k, name in enumerate(self.names)}
        self.constraints: tuple[Constraint, ...] = query.constraints
        self.facts = tuple(fact for constraint in query.constraints for fact in constraint.facts())
        self.rules = [rule for fact in self.facts if (rule := dependence(fact, self.bit)) is not None]
        self.close = Closure(self.rules)
        self.empty = self.close(0)
        self.columns: list[Column] = []
        self.terms: list[tuple[TermKind, Measure | Fact]] = []
        self._fill({c for e in (query.left, query.right, *(f.expression for f in self.facts)) for c, _ in e.terms})
        rows = dict.fromkeys(row for column in self.columns for row in column)
        self.row_index = {row: k for k, row in enumerate(rows)}

    def members(self, mask: int) -> list[str]:
        return [name for name in self.names if self.bit[name] & mask]

    def mask(self, names: frozenset[str]) -> int:
        return sum(self.bit[name] for name in names)

    def reduce(self, expression: LinearEntropy) -> Column:
        """Coefficients over closed sets; sets that the constraints make constant drop out."""
        column: Column = {}
        for coordinate, value in expression.terms:
            row: Row = coordinate if isinstance(coordinate, LogCardinality) else self.close(self.mask(coordinate))
            column[row] = column.get(row, Fraction(0)) + value
        column.pop(self.empty, None)
        return {row: value for row, value in column.items() if value}

    def _fill(self, coordinates: set[Coordinate]) -> None:
        seen: set[frozenset[tuple[Row, int]]] = set()
        for i, j, condition in elemental_masks(len(self.names)):
            sets: dict[int, int] = {}
            signed: tuple[tuple[int, int], ...] = ((i | condition, 1), (condition, -1))
            if i != j:
                signed = ((i | condition, 1), (j | condition, 1), (i | j | condition, -1), (condition, -1))
            for mask, sign in signed:
                closed = self.close(mask)
                sets[closed] = sets.get(closed, 0) + sign
            sets.pop(self.empty, None)
            key: frozenset[tuple[Row, int]] = frozenset((mask, c) for mask, c in sets.items() if c)
            if not key or key in seen:
                continue
            seen.add(key)
            self.columns.append({mask: Fraction(c) for mask, c in key})
            left, right, given = self.members(i), self.members(j), self.members(condition)
            self.terms.append(("shannon", entropy(left, given) if i == j else mutual_information(left, right, given)))
        for log in sorted((c for c in coordinates if isinstance(c, LogCardinality)), key=str):
            bound = Measure("log", ((log.name,),))
            entropy_of = LinearEntropy.of([(bound, 1), (entropy([log.name]), -1)])
            self.columns.append(self.reduce(entropy_of))
            self.terms.append(("cardinality", bound))
        for fact in self.facts:
            column = self.reduce(fact.expression)
            if column:
                self.columns.append(column)
                self.terms.append(("equality" if fact.equality else "inequality", fact))

    def decide(self, goal: LinearEntropy) -> Certificate | ConeVertex:
        """Raises `ExactnessError` when no exact answer is reached."""
        target = self.reduce(goal)
        index = self.row_index
        answer = nonnegative_combination(
            [{index[row]: value for row, value in column.items()} for column in self.columns],
            {index[row]: value for row, value in target.items()},
            len(index),
            frozenset(k for k, (kind, _) in enumerate(self.terms) if kind == "equality"),
        )
        if isinstance(answer, Separation):
            return self._vertex(answer.normal, goal)
        used = [(c, *term) for c, term in zip(answer.coefficients, self.terms, strict=True) if c]
        return self._certificate(goal, used)

    def _vertex(self, normal: tuple[Fraction, ...], goal: LinearEntropy) -> ConeVertex:
        scale = Fraction(lcm(*(v.denominator for v in normal)), max(1, gcd(*(int(v.numerator) for v in normal))))
        values: dict[Coordinate, Fraction] = {}
        for mask in range(1, 1 << len(self.names)):
            closed = self.close(mask)
            height = Fraction(0) if closed == self.empty else normal[self.row_index[closed]] * scale
            values[frozenset(self.members(mask))] = height
        for row, k in self.row_index.items():
            if isinstance(row, LogCardinality):
                values[row] = normal[k] * scale
        vertex = ConeVertex.of(self.names, values)
        if not vertex.violates(goal, self.constraints):
            raise ExactnessError("the separating vector does not lift to a polymatroid that violates the goal")
        return vertex

    def _certificate(self, goal: LinearEntropy, used: list[tuple[Fraction, TermKind, Measure | Fact]]) -> Certificate:
        """Lift a combination over closed sets to one over all sets."""
        shannon: dict[Measure, Fraction] = {}
        others: dict[tuple[TermKind, Measure | Fact], Fraction] = {}
        total = LinearEntropy()
        for coefficient, kind, term in used:
            if kind == "shannon" and isinstance(term, Measure):
                shannon[term] = shannon.get(term, Fraction(0)) + coefficient
            else:
                others[kind, term] = coefficient
            if isinstance(term, Fact):
                total += term.expression * coefficient
            elif kind == "cardinality":
                total += LinearEntropy.of([(term, coefficient), (entropy(term.groups[0]), -coefficient)])
            else:
                total += LinearEntropy.of([(term, coefficient)])
        for mask, value in self._gaps(goal - total).items():
            outside = self.members(self.close(mask) & ~mask)
            if value > 0:
                measure = entropy(outside, self.members(mask))
                shannon[measure] = shannon.get(measure, Fraction(0)) + value
                continue
            for step in self.close.steps(mask):
                rule = step.rule
                key: tuple[TermKind, Measure | Fact] = ("equality", rule.fact)
                others[key] = others.get(key, Fraction(0)) + value / rule.scale
                rest = step.before & ~rule.arguments
                if rest:
                    spent = mutual_information(
                        self.members(rule.node), self.members(rest), self.members(rule.arguments)
                    )
                    shannon[spent] = shannon.get(spent, Fraction(0)) - value
        for fact in self.facts:  # a measure that a hypothesis calls zero counts as that hypothesis
            for measure in list(shannon):
                scale = _multiple(LinearEntropy.of([(measure, 1)]), fact.expression) if fact.equality else None
                if scale is not None:
                    key = ("equality", fact)
                    others[key] = others.get(key, Fraction(0)) + shannon.pop(measure) * scale
        terms = [CertificateTerm(c, "shannon", measure) for measure, c in shorten(shannon).items()]
        terms += [CertificateTerm(c, kind, term) for (kind, term), c in others.items() if c]
        certificate = Certificate(goal, self.constraints, tuple(terms))
        if not certificate.check():
            raise ExactnessError(f"the certificate does not survive its check: {certificate.defects()[0]}")
        return certificate

    def _gaps(self, residual: LinearEntropy) -> dict[int, Fraction]:
        """r with residual = sum r_S H(cl S - S | S), where S = the empty set stands for the constant variables."""
        gaps: dict[int, Fraction] = {}
        for coordinate, value in residual.terms:
            if isinstance(coordinate, LogCardinality):
                raise ExactnessError(f"{coordinate} is left over")
            mask = self.mask(coordinate)
            closed = self.close(mask)
            if closed == self.empty:
                gaps[0] = gaps.get(0, Fraction(0)) + value
            if closed != mask:
                gaps[mask] = gaps.get(mask, Fraction(0)) - value
        return {mask: value for mask, value in gaps.items() if value}


def _multiple(first: LinearEntropy, second: LinearEntropy) -> Fraction | None:
    """c with first = c * second, or None."""
    if not second or [c for c, _ in first.terms] != [c for c, _ in second.terms]:
        return None
    scale = first.terms[0][1] / second.terms[0][1]
    return scale if (second * scale) == first else None


def require_few_variables(query: Query, max_variables: int) -> None:
    """Raise `TooManyVariables`, saying how many elemental inequalities the query would need."""
    names = query.variables()
    if len(names) > max_variables:
        pairs = comb(len(names), 2)
        raise TooManyVariables(
            f"{len(names)} variables ({', '.join(names)}) need {elemental_count(len(names))} elemental inequalities "
            f"({pairs} pairs), expected at most {max_variables} variables"
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
    program = _Program(query)
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
    program = _Program(query)
    found = []
    for name in query.variables():
        goal = LinearEntropy.of([(entropy([name]), -1)])
        if isinstance(program.decide(goal), Certificate):
            found.append(name)
    return tuple(found)
