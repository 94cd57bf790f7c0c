"""The certificates behind the Shannon steps of a derivation, as derivations to be read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from theory.checking.kernel import Report
    from theory.derivation import Derivation


def shannon_records(derivation: Derivation, report: Report) -> list[dict[str, Any]]:
    """For every accepted step that rests on Shannon inequalities: statement, constraints, proof as text and LaTeX.

    The prover is asked again, and what it answers is checked anew.
    """
    from theory.information.certificate import told
    from theory.information.prover import Proved, prove
    from theory.information.typeset import certificate_latex
    from theory.justification import Shannon

    found = []
    for step, graded in zip(derivation.steps, report.steps, strict=True):
        rule = next((j for j in step.by if isinstance(j, Shannon)), None)
        query = graded.details.get("query")
        if rule is None or query is None or not graded.accepted:
            continue
        answer = prove(str(query), given=rule.given)
        if not isinstance(answer, Proved) or not answer.check():
            raise RuntimeError(f"step {step.name}: {query} was proved by the checker, and not when asked again")
        read = told(answer.certificates)
        found.append(
            {
                "step": step.name,
                "query": str(query),
                "given": rule.given,
                "proof": [str(c) for c in read],
                "latex": [certificate_latex(c) for c in read],
            }
        )
    return found
