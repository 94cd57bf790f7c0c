"""The answer to an entropic query: proved, refuted or undecided, with what backs it.

Main definitions: `Answer` (prints as a readable derivation, as LaTeX in a notebook, and as JSON for the independent
checker) and `decide`. proved: exact certificates, one for each goal; refuted: a distribution that meets the constraints
and violates a goal, both certified; undecided: no Shannon proof and no distribution found, which is not a refutation,
for from four variables on there are true inequalities beyond Shannon's. Source: specification `categorical`, 3.4-3.6.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from theory.information.certificate import Certificate
from theory.information.cone import ConeVertex
from theory.information.distribution import Distribution
from theory.information.grammar import Query, parse_query
from theory.information.linear_entropy import LinearEntropy
from theory.information.prover import NotShannon, Proved, forced_constants, prove
from theory.information.witness import WORK, find_witness

MAX_VARIABLES = 10
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
    constants: tuple[str, ...] = ()
    reason: str = ""

    def __bool__(self) -> bool:
        return self.verdict == "proved"

    def check(self) -> bool:
        """Exact re-check of what the verdict rests on."""
        if self.verdict == "proved":
            return Proved(self.query, self.certificates).check()
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
        if self.verdict == "proved":
            for certificate in self.certificates:
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


def decide(query: str | Query, given: str = "", max_variables: int = MAX_VARIABLES, work: int = WORK) -> Answer:
    """Prove, refute, or say that neither was reached.

    `given` adds constraints; `work` limits the search for a distribution (table look-ups). Raises GrammarError with the
    position on malformed text, TooManyVariables beyond `max_variables`.
    """
    if isinstance(query, str):
        query = parse_query(query, given)
    outcome = prove(query, max_variables=max_variables)
    constants = forced_constants(query, max_variables)
    if isinstance(outcome, Proved):
        return Answer(query, "proved", outcome.certificates, constants=constants)
    if isinstance(outcome, NotShannon):
        law = find_witness(outcome.goal, query.constraints, query.variables(), work)
        return Answer(
            query,
            "undecided" if law is None else "refuted",
            failed=outcome.goal,
            distribution=law,
            cone_vertex=outcome.cone_vertex,
            constants=constants,
            reason=NOT_DECIDED if law is None else "",
        )
    return Answer(query, "undecided", constants=constants, reason=outcome.reason)
