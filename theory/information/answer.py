"""The answer to an entropic query: proved, refuted or undecided, with what backs it.

Main definitions: `Answer` (prints as a readable derivation, as LaTeX in a notebook, and as JSON for the independent
checker) and `decide`. proved: exact certificates, one for each goal; refuted: a distribution that meets the constraints
and violates a goal, both certified; undecided: no Shannon proof and no distribution found, which is not a refutation,
for from four variables on there are true inequalities beyond Shannon's. Source: specification `categorical`, 3.4-3.6.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Literal

from theory.checking.rational_programs import ExactnessError
from theory.information.certificate import Certificate, told
from theory.information.cone import ConeVertex
from theory.information.constraints import CopyOf
from theory.information.contradiction import require_no_contradiction
from theory.information.copies import prove_with_copies
from theory.information.distribution import Distribution
from theory.information.grammar import Query, parse_constraints, parse_query
from theory.information.linear_entropy import LinearEntropy
from theory.information.program import Program
from theory.information.prover import Proved, forced_constants, require_few_variables
from theory.information.witness import WORK, find_witness, linear_witness

MAX_VARIABLES = 10
MANY = 8  # variables from which on linear distributions are tried before the complete program
NOT_DECIDED = "not provable by Shannon inequalities; no violating distribution found"
Verdict = Literal["proved", "refuted", "undecided"]


@dataclass(frozen=True)
class Answer:
    """What is known about a query. `failed` is the goal without Shannon proof; `constants` are variables that the
    constraints force to be constant."""

    query: Query
    verdict: Verdict
    certificates: tuple[Certificate, ...] = ()
    failed: LinearEntropy | None = None
    distribution: Distribution | None = None
    cone_vertex: ConeVertex | None = None
    copies: tuple[CopyOf, ...] = ()
    constants: tuple[str, ...] = ()
    reason: str = ""

    def __bool__(self) -> bool:
        return self.verdict == "proved"

    def check(self) -> bool:
        """Exact re-check of what the verdict rests on."""
        if self.verdict == "proved":
            extended = replace(self.query, constraints=(*self.query.constraints, *self.copies))
            return Proved(extended, self.certificates).check()
        if self.verdict == "refuted":
            return (
                self.distribution is not None
                and self.failed in self.query.goals()
                and self.distribution.refutes(self.failed, self.query.constraints)
            )
        return self.cone_vertex is None or (
            self.failed is not None and self.cone_vertex.violates(self.failed, self.query.constraints)
        )

    def as_json(self) -> dict[str, Any]:
        """The document that `boundlab prove --json` prints; `theory.information.checker` reads it back."""
        goals = [str(goal) for goal in self.query.goals()]
        records = [r | {"goal": k} for k, c in enumerate(self.certificates) for r in c.as_json()]
        copied = {str(copy) for copy in self.copies}
        records = [r | {"kind": "copy"} if r.get("origin") in copied else r for r in records]
        witness: dict[str, Any] | None = None
        if self.failed is not None and (self.distribution or self.cone_vertex):
            witness = {
                "goal": str(self.failed),
                "cone": self.cone_vertex.as_json() if self.cone_vertex else None,
                "variables": list(self.query.variables()),
                "distribution": self.distribution.as_json() if self.distribution else None,
                "sizes": dict(self.distribution.sizes) if self.distribution else {},
                "gap": self.distribution.gap(self.failed) if self.distribution else None,
                "code": self.code() or None,
            }
        return {
            "answer": self.verdict,
            "query": f"{self.query.left} {self.query.relation} {self.query.right}",
            "given": [str(constraint) for constraint in self.query.constraints],
            "goals": goals,
            "certificate": records if self.verdict == "proved" else None,
            "copies": [{"copy": c.copy, "of": c.original, "over": list(c.over)} for c in self.copies],
            "witness": witness,
            "forced_constants": list(self.constants),
            "reason": self.reason,
        }

    def code(self) -> str:
        """Python that rebuilds the distribution and shows the violation; empty where there is none."""
        if self.distribution is None or self.failed is None:
            return ""
        names = ", ".join(repr(name) for name in self.distribution.variables) + ","
        atoms = "".join(
            f"    (({', '.join(map(str, v))},), Fraction({p.numerator}, {p.denominator})),\n"
            for v, p in self.distribution.atoms
        )
        given = ", ".join(map(str, self.query.constraints))
        sizes = f", sizes={self.distribution.sizes!r}" if self.distribution.sizes else ""
        return (
            "from fractions import Fraction\n"
            "from theory.information import Distribution, parse, parse_constraints\n\n"
            f"law = Distribution(({names}), (\n{atoms}){sizes})\n"
            f"goal = parse({str(self.failed)!r})  # the statement says: >= 0\n"
            f"print(law.gap(goal), law.refutes(goal, parse_constraints({given!r})))\n"
        )

    def lines(self) -> Iterator[str]:
        """The readable answer."""
        yield f"{self.verdict}: {self.query}"
        if self.constants:
            yield f"note: the constraints force {', '.join(self.constants)} to be constant"
        for copy in self.copies:
            yield f"with {copy}: the same law with {','.join(copy.over)}, independent of the rest given it (copy lemma)"
        if self.verdict == "proved":
            for certificate in told(self.certificates):
                yield ""
                yield str(certificate)
            return
        if self.reason:
            yield self.reason
        if self.failed is not None and self.distribution is not None:
            yield f"{self.failed} = {self.distribution.gap(self.failed):.6f} nats, expected >= 0, under the law"
            yield self.distribution.table()
            yield ""
            yield "This code reproduces it:"
            yield ""
            yield self.code().rstrip("\n")
        elif self.failed is not None and self.cone_vertex is not None:
            yield f"a polymatroid that meets the constraints has {self.failed} = {self.cone_vertex(self.failed)}:"
            yield f"  {self.cone_vertex}"

    def __str__(self) -> str:
        return "\n".join(self.lines())

    def _repr_latex_(self) -> str:
        from theory.information.typeset import answer_latex

        return answer_latex(self)


def decide(
    query: str | Query, given: str = "", copies: int = 0, max_variables: int = MAX_VARIABLES, work: int = WORK
) -> Answer:
    """Prove, refute, or say that neither was reached.

    `given` adds constraints; `copies` is the number of copy variables that a proof may use; `work` limits the search
    for a distribution (table look-ups). Raises GrammarError with the position on malformed text, TooManyVariables
    beyond `max_variables`, ContradictoryConstraints where constraints together make a variable constant.
    """
    if isinstance(query, str):
        query = parse_query(query, given)
    elif given:
        query = replace(query, constraints=(*query.constraints, *parse_constraints(given)))
    require_few_variables(query, max_variables)
    constants = forced_constants(query, max_variables)
    require_no_contradiction(query, constants, max_variables)
    asked, certificates = query, []
    program = Program(query)
    for goal in query.goals():
        law, vertex, reason = None, None, NOT_DECIDED
        certificate = None
        try:
            found = program.quick(goal)
            if found is None and len(program.names) >= MANY:  # a law is found sooner than a large program is solved
                law = linear_witness(goal, asked.constraints, asked.variables(), work)
            if found is None and law is None:
                found = program.decide(goal)
            certificate, vertex = (found, None) if isinstance(found, Certificate) else (None, found)
        except ExactnessError as error:
            reason = f"{error}; no violating distribution found"
        if certificate is None and law is None:
            law = linear_witness(goal, asked.constraints, asked.variables(), work)
        if certificate is None and law is None and copies:
            extended = prove_with_copies(query, goal, copies - (len(query.constraints) - len(asked.constraints)))
            if extended is not None:
                query, certificate = extended
                program = Program(query)
            else:
                reason = f"{reason}; no proof with {copies} copy variable{'s' * (copies > 1)} found"
        if certificate is None and law is None:
            law = find_witness(goal, asked.constraints, asked.variables(), work)
        if certificate is None:
            if vertex is not None and not set(vertex.variables) <= set(asked.variables()):
                vertex = None
            return Answer(
                asked,
                "undecided" if law is None else "refuted",
                failed=goal,
                distribution=law,
                cone_vertex=vertex,
                constants=constants,
                reason=reason if law is None else "",
            )
        certificates.append(certificate)
    final = tuple(replace(c, hypotheses=query.constraints) for c in certificates)
    used = tuple(c for c in query.constraints if isinstance(c, CopyOf))
    return Answer(asked, "proved", final, copies=used, constants=constants)
