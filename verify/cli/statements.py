"""What several verbs need of claims: lookup with close matches, records for JSON, the checker's words as rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from verify.cli.errors import BadInput, refusing
from verify.cli.output import progress_console, warn

if TYPE_CHECKING:
    from theory.checking.kernel import Report
    from theory.claim import Claim, Statement
    from theory.derivation import Derivation
    from theory.index import ClaimEntry, Index
    from theory.lemma import Lemma


FEW_MODULES = 10  # are read without a word


def register() -> Index:
    """The index of all statements; on a terminal, the first use says what takes it so long."""
    from theory.index import index, unread

    left = unread() if progress_console().is_terminal else 0
    if left > FEW_MODULES:
        warn(f"reading the statements of {left} modules, once until they change")
    return index()


def claim_named(name: str) -> Claim:
    """The claim of that id, without loading all others; BadInput with close matches."""
    from theory.index import UnknownClaim
    from theory.registry import claim_alone

    with refusing(UnknownClaim):
        return claim_alone(name)


def applicable_named(name: str) -> Claim | Lemma:
    """The claim or lemma of that id, without loading all others; BadInput with close matches."""
    from theory.index import UnknownClaim
    from theory.registry import applicable_alone

    with refusing(UnknownClaim):
        return applicable_alone(name)


def statement_of(claim: Claim, label: str | None) -> Statement:
    """The statement with that label (or position, from 1); the main one without a label."""
    if label is None:
        return claim.statement
    for statement in claim.statements:
        if statement.label == label:
            return statement
    if label.isdecimal() and 1 <= int(label) <= len(claim.statements):
        return claim.statements[int(label) - 1]
    known = ", ".join(s.label or str(i) for i, s in enumerate(claim.statements, 1))
    raise BadInput(f"{claim.id} has no statement {label!r}; expected one of: {known}")


def checked(claim: Claim) -> Report:
    """The checker's report, computed once in a process."""
    from theory.checking.kernel import check_lemma

    return check_lemma(claim)


def grade_of(claim: Claim) -> str:
    """proved, cited, gap, refused, or `none` for a refuted claim that is kept without a derivation."""
    return "none" if claim.derivation is None else str(checked(claim).grade)


def assignments(pairs: list[str], option: str = "--set") -> dict[str, str]:
    """NAME=VALUE pairs as a table; BadInput for anything else and for a name given twice."""
    found: dict[str, str] = {}
    for pair in pairs:
        name, sign, value = pair.partition("=")
        if not sign or not name.strip() or not value.strip():
            raise BadInput(f"{option} {pair!r}: expected NAME=VALUE")
        if name.strip() in found:
            raise BadInput(f"{option} gives {name.strip()} twice: {found[name.strip()]} and {value.strip()}")
        found[name.strip()] = value.strip()
    return found


def claim_record(claim: Claim | ClaimEntry, grade: str | None) -> dict[str, Any]:
    """One entry of the register."""
    return {
        "claim": claim.id,
        "title": claim.title,
        "body": claim.body,
        "kind": str(claim.kind),
        "status": str(claim.status),
        "expected": str(claim.expected),
        "grade": grade,
        "source": str(claim.source),
    }


def step_records(derivation: Derivation, report: Report) -> list[dict[str, Any]]:
    """The steps of a derivation with the checker's word on each."""
    from theory.derivation import describe
    from theory.proposition import text

    records = []
    for step, graded in zip(derivation.steps, report.steps, strict=True):
        records.append(
            {
                "step": step.name,
                "proposition": text(step.proposition),
                "linked": step.linked,
                "by": [describe(j) for j in step.by],
                "grade": str(graded.grade),
                "method": graded.method,
                "note": step.note,
                "message": graded.message,
                "counterexample": None if graded.counterexample is None else dict(graded.counterexample),
                "details": {k: _short(v) for k, v in graded.details.items()},
            }
        )
    return records


def axiom_records(derivation: Derivation) -> list[dict[str, str]]:
    """What the derivation takes of symbols without equations: the axioms of its vocabulary."""
    from theory.checking.vocabulary import axioms_of

    return [
        {"definition": d.id, "states": what, "of": whose, "meaning": d.meaning}
        for d, what, whose in axioms_of(derivation)
    ]


def _short(value: Any) -> Any:
    """A certificate's entry; long ones as text."""
    if isinstance(value, bool | int | float | str) or value is None:
        return value
    return str(value)


def parameter_records(claim: Claim) -> list[dict[str, Any]]:
    """The parameters with their domains."""
    return [
        {
            "name": p.name,
            "latex": p.latex,
            "meaning": p.meaning,
            "unit": p.unit,
            "domain": str(p.domain),
            "typical": [float(p.typical[0]), float(p.typical[1])],
        }
        for p in claim.parameters
    ]
