"""Certificates of entropic inequalities and a checker that shares no code with the prover.

A certificate of `goal >= 0` writes the goal as a rational combination of
- Shannon measures H(A|B), I(A;B|C), each >= 0, with positive coefficients (kind "shannon"),
- the bounds log|X| - H(X) >= 0, with positive coefficients (kind "cardinality"),
- hypotheses "expression >= 0", with positive coefficients (kind "inequality"),
- hypotheses "expression = 0", with coefficients of either sign (kind "equality").
`Certificate.check` expands every term again over the joint entropies, in rationals, and compares. Certificates are not
unique: compare their checks, never their terms. Source: specification `categorical`, section 3.5.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from theory.information.constraints import Constraint, Fact
from theory.information.linear_entropy import Coordinate, LinearEntropy, LogCardinality, Measure

TermKind = Literal["shannon", "cardinality", "inequality", "equality"]


@dataclass(frozen=True)
class CertificateTerm:
    """coefficient times term; `term` is a measure for "shannon" and "cardinality", else a fact of a hypothesis."""

    coefficient: Fraction
    kind: TermKind
    term: Measure | Fact

    def statement(self) -> str:
        """The term's own relation, e.g. `I(X;Y|Z) >= 0`."""
        if self.kind == "cardinality" and isinstance(self.term, Measure):
            return f"{self.term} - H({self.term.groups[0][0]}) >= 0"
        if isinstance(self.term, Fact):
            return f"{self.term.expression} {'=' if self.kind == 'equality' else '>='} 0"
        return f"{self.term} >= 0"

    def __str__(self) -> str:
        if isinstance(self.term, Fact):
            written = str(self.term.expression)
            text = written if len(self.term.expression.written) == 1 else f"({written})"
            return f"{text} [{'= 0' if self.term.equality else '>= 0'}, from {self.term.origin}]"
        if self.kind == "cardinality":
            return f"({self.term} - H({self.term.groups[0][0]})) [>= 0]"
        return f"{self.term} [>= 0]"


def _pieces(term: CertificateTerm) -> Iterator[tuple[Coordinate, Fraction]]:
    """Expansion of a term over h_S, from the definitions of H and I and nothing else."""
    one = Fraction(1)
    if isinstance(term.term, Fact):
        yield from term.term.expression.terms
        return
    groups, given = [frozenset(g) for g in term.term.groups], frozenset(term.term.given)
    if term.kind == "cardinality":
        (variable,) = groups[0]
        yield LogCardinality(variable), one
        yield groups[0], -one
    elif term.term.kind == "H":
        yield groups[0] | given, one
        yield given, -one
    else:
        left, right = groups
        yield left | given, one
        yield right | given, one
        yield left | right | given, -one
        yield given, -one


@dataclass(frozen=True)
class Certificate:
    """`goal >= 0` under the hypotheses, because the goal is the sum of the terms."""

    goal: LinearEntropy
    hypotheses: tuple[Constraint, ...] = ()
    terms: tuple[CertificateTerm, ...] = ()

    def defects(self) -> tuple[str, ...]:
        """What is wrong with the certificate, one line each; empty if nothing is."""
        found = []
        known = {fact for hypothesis in self.hypotheses for fact in hypothesis.facts()}
        residual: dict[Coordinate, Fraction] = dict(self.goal.terms)
        for number, item in enumerate(self.terms, start=1):
            if not isinstance(item.coefficient, Fraction):
                found.append(f"term {number} has the inexact coefficient {item.coefficient!r}, expected a Fraction")
                continue
            if isinstance(item.term, Fact):
                if item.kind != ("equality" if item.term.equality else "inequality"):
                    found.append(f"term {number}, {item}, is called {item.kind!r}")
                if item.term not in known:
                    found.append(f"term {number}, {item}, is not among the hypotheses")
            elif (item.kind, item.term.kind) not in {("shannon", "H"), ("shannon", "I"), ("cardinality", "log")}:
                found.append(f"term {number}, {item.term}, is not a {item.kind} term")
                continue
            if item.coefficient < 0 and item.kind != "equality":
                found.append(f"term {number} has the negative coefficient {item.coefficient} on {item.statement()}")
            for coordinate, value in _pieces(item):
                residual[coordinate] = residual.get(coordinate, Fraction(0)) - item.coefficient * value
        residual.pop(frozenset(), None)
        for coordinate, value in residual.items():
            if value:
                name = (
                    str(coordinate) if isinstance(coordinate, LogCardinality) else f"H({','.join(sorted(coordinate))})"
                )
                found.append(f"the goal and the sum of the terms differ by {value} on {name}")
        return tuple(found)

    def check(self) -> bool:
        """Whether the goal really is the sum of the terms and each term has the sign it claims (exact)."""
        return not self.defects()

    def as_json(self) -> list[dict[str, str]]:
        """One record a term: coefficient, term, kind; facts also say their origin."""
        records = []
        for item in self.terms:
            text = str(item.term.expression) if isinstance(item.term, Fact) else str(item.term)
            if item.kind == "cardinality" and isinstance(item.term, Measure):
                text = f"{item.term} - H({item.term.groups[0][0]})"
            record = {"coefficient": str(item.coefficient), "term": text, "kind": item.kind}
            if isinstance(item.term, Fact):
                record["origin"] = item.term.origin
            records.append(record)
        return records

    def __str__(self) -> str:
        if not self.terms:
            lines = [str(self.goal)]
            for i, (measure, coefficient) in enumerate(self.goal.written):
                sign = ("= -" if coefficient < 0 else "=") if i == 0 else ("-" if coefficient < 0 else "+")
                size = abs(coefficient)
                lines.append(f"  {sign} {'' if size == 1 else f'{size} * '}[{expansion(measure)}]")
            return "\n".join([*lines, "  = 0   [identity: every joint entropy cancels]"])
        lines = [f"{self.goal}"]
        for i, item in enumerate(self.terms):
            sign = "-" if item.coefficient < 0 else ("=" if i == 0 else "+")
            if item.coefficient < 0 and i == 0:
                sign = "= -"
            size = abs(item.coefficient)
            lines.append(f"  {sign} {'' if size == 1 else f'{size} * '}{item}")
        return "\n".join([*lines, "  >= 0"])


def expansion(measure: Measure) -> LinearEntropy:
    """A measure in joint entropies, those with a plus first."""
    joint = LinearEntropy.of([(measure, Fraction(1))]).joint()
    return LinearEntropy.of(sorted(joint.written, key=lambda part: part[1] < 0))


def told(certificates: Iterable[Certificate]) -> tuple[Certificate, ...]:
    """The certificates to be read: an identity serves both directions of an equality and is told once."""
    found: dict[Certificate, None] = {}
    for certificate in certificates:
        goal = certificate.goal
        if not certificate.terms and goal.written and goal.written[0][1] < 0:
            found[Certificate(-goal, certificate.hypotheses)] = None
        else:
            found[certificate] = None
    return tuple(found)
