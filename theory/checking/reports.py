"""What the checker says of a step, a derivation, a lemma or a claim, and how it is kept as plain data.

Main definitions
    StepReport   the word on one step
    Report       the word on a whole; its grade is the lowest on the path
    Refused      raised inside the checker where a step could not be confirmed
    plain, revived   a report as plain data for the store, and back

Soundness: nothing is proved here. A revived report takes the propositions from the statement itself, never from the
store, and its steps must match the statement's one by one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from theory.claim import Claim
from theory.derivation import Derivation, Step, describe
from theory.lemma import Applicable, Lemma
from theory.proposition import Proposition
from theory.verdict import Grade


@dataclass(frozen=True)
class StepReport:
    """The checker's word on one step.

    Attributes
        grade           REFUSED, GAP, CITED or PROVED
        method          how it was confirmed, e.g. "algebra", "polynomial", "instance of markov/epsilon_range"
        details         the certificate: box and cells, multipliers, substitution, ...
        counterexample  values at which the step fails, where one was found
        message         why it was refused or why it is a gap
        kept            whether the report was read from the store of earlier checks (theory.checking.store)
    """

    name: str
    proposition: Proposition
    grade: Grade
    method: str
    details: Mapping[str, Any] = field(default_factory=dict)
    counterexample: Mapping[str, str] | None = None
    message: str = ""
    kept: bool = False

    @property
    def accepted(self) -> bool:
        """Whether the step stands (a gap stands, and is shown)."""
        return self.grade is not Grade.REFUSED


@dataclass(frozen=True)
class Report:
    """The checker's word on a derivation, a lemma or a claim; `grade` is the lowest on the path."""

    steps: tuple[StepReport, ...]
    grade: Grade
    message: str = ""

    @property
    def accepted(self) -> bool:
        """Whether nothing was refused."""
        return self.grade is not Grade.REFUSED


class Refused(Exception):
    """A step could not be confirmed."""

    def __init__(self, message: str, counterexample: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.counterexample = counterexample


def refused(step: Step, message: str, counterexample: Mapping[str, str] | None = None) -> StepReport:
    by = "; ".join(map(describe, step.by))
    return StepReport(step.name, step.proposition, Grade.REFUSED, by, {}, counterexample, message)


def plain(report: Report) -> dict[str, Any]:
    steps = [
        {
            "name": s.name,
            "grade": int(s.grade),
            "method": s.method,
            "details": {k: str(v) for k, v in s.details.items()},
            "message": s.message,
        }
        for s in report.steps
    ]
    return {"grade": int(report.grade), "message": report.message, "steps": steps}


def revived(kept: Mapping[str, Any], lemma: Applicable) -> Report:
    derivation = lemma.derivation if isinstance(lemma, Claim) else lemma.backing if isinstance(lemma, Lemma) else None
    stated = derivation.steps if isinstance(derivation, Derivation) else ()
    steps = tuple(
        StepReport(
            step.name, step.proposition, Grade(s["grade"]), s["method"], s["details"], None, s["message"], kept=True
        )
        for s, step in zip(kept["steps"], stated, strict=True)
    )
    return Report(steps, Grade(kept["grade"]), kept["message"])
