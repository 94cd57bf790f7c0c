"""`boundlab show CLAIM`: everything a claim is, with the checker's grade of every step."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from verify.cli.certificates import shannon_records
from verify.cli.output import console, emit_json, number, table
from verify.cli.statements import (
    axiom_records,
    checked,
    claim_named,
    claim_record,
    grade_of,
    parameter_records,
    register,
    step_records,
)

if TYPE_CHECKING:
    from rich.console import Console

    from theory.claim import Claim


def show(
    claim: Annotated[str, typer.Argument(metavar="CLAIM", help="body/name")],
    latex: Annotated[bool, typer.Option("--latex", help="Print statement and derivation as LaTeX only.")] = False,
    json: Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")] = False,
) -> int:
    """Statement, parameters with domains, derivation with grades, links in both directions, source."""
    found = claim_named(claim)
    if latex and not json:
        from theory.latex import claim_latex, derivation_latex

        print(claim_latex(found))
        if found.derivation is not None:
            print(derivation_latex(found.derivation, found.parameters))
            for shown in shannon_records(found.derivation, checked(found)):
                for proof in shown["latex"]:
                    print("\\begin{aligned}\n" + proof.replace(r" \\ ", " \\\\\n") + "\n\\end{aligned}")
        return 0
    record = describe_claim(found)
    if json:
        emit_json(record)
    else:
        _print(record, console())
    return 0


def describe_claim(claim: Claim) -> dict[str, Any]:
    """The record that `show --json` prints."""
    from theory.latex import expression_latex
    from theory.proposition import text

    record = claim_record(claim, grade_of(claim))
    record["why"] = claim.why
    record["text"] = claim.text
    record["statements"] = [
        {
            "label": s.label,
            "statement": str(s),
            "latex": expression_latex(s.relation, claim.parameters),
            "trivial": None if s.trivial is None else str(s.trivial),
        }
        for s in claim.statements
    ]
    record["parameters"] = parameter_records(claim)
    record["assumptions"] = [{"name": a.name, "meaning": a.meaning} for a in claim.assumptions]
    record["hypotheses"] = [text(h) for h in claim.hypotheses]
    record["confidence"] = None if claim.confidence is None else claim.confidence.name
    record["remarks"] = list(claim.remarks)
    record["links"] = links(claim)
    record["citations"] = citations(claim)
    record["derivation"] = None
    if claim.derivation is not None:
        report = checked(claim)
        record["derivation"] = {
            "grade": str(report.grade),
            "message": report.message,
            "steps": step_records(claim.derivation, report),
            "axioms": axiom_records(claim.derivation),
            "certificates": shannon_records(claim.derivation, report),
        }
    return record


def links(claim: Claim) -> dict[str, list[str]]:
    """What the claim uses and improves, and what uses and improves it."""
    from theory.graph import uses

    found = register()
    return {
        "uses": list(uses(claim)),
        "used_by": list(found.used_by(claim.id)),
        "sharpens": list(claim.sharpens),
        "sharpened_by": list(found.sharpened_by(claim.id)),
        "corrects": list(claim.corrects),
        "corrected_by": list(found.corrected_by(claim.id)),
    }


def citations(claim: Claim) -> list[dict[str, str]]:
    """The theorems of the literature that the claim rests on, through all lemmas and claims it uses, by lemma; a source
    whose numbering was not compared with the original says so."""
    from theory.graph import uses

    found = register()
    entries = found.entries
    behind = {claim.id}
    waiting = list(uses(claim))
    while waiting:
        current = waiting.pop()
        if current not in behind and current in entries:
            behind.add(current)
            waiting += entries[current].uses
    backed = [found.lemmas[i] for i in sorted(behind & set(found.lemmas))]
    return [{"lemma": e.id, "source": e.cited, "remark": e.remark} for e in backed if e.cited]


def _print(record: dict[str, Any], out: Console) -> None:
    out.print(f"{record['claim']}: {record['title']}", style="bold")
    out.print(f"{record['kind']} · {record['status']} · source: {record['source']}")
    why = f" ({record['why']})" if record["why"] else ""
    out.print(f"expected verdict: {record['expected']}{why} · grade: {record['grade']}\n")
    out.print(record["text"] + "\n")
    for statement in record["statements"]:
        label = f"[{statement['label']}] " if statement["label"] else ""
        trivial = f"    (trivial bound: {statement['trivial']})" if statement["trivial"] else ""
        out.print(f"  {label}{statement['statement']}{trivial}")
    if record["parameters"]:
        rows = table("parameter", "domain", "unit", "typical", "meaning")
        for p in record["parameters"]:
            low, high = p["typical"]
            rows.add_row(p["name"], p["domain"], p["unit"] or "-", f"{number(low)}..{number(high)}", p["meaning"])
        out.print(rows)
    for assumption in record["assumptions"]:
        out.print(f"assumes {assumption['name']}: {assumption['meaning']}")
    for hypothesis in record["hypotheses"]:
        out.print(f"assumes {hypothesis}")
    if record["confidence"]:
        out.print(f"may fail with probability at most {record['confidence']}")
    if record["derivation"] is None:
        out.print("derivation: none (kept as stated, expected to be refuted)")
    else:
        print_steps(record["derivation"]["steps"], out)
        print_axioms(record["derivation"]["axioms"], out)
        print_certificates(record["derivation"]["certificates"], out)
        if record["derivation"]["message"]:
            out.print(f"checker: {record['derivation']['message']}")
    for name, others in record["links"].items():
        if others:
            out.print(f"{name.replace('_', ' ')}: {', '.join(others)}")
    for cited in record["citations"]:
        remark = f": {cited['remark']}" if cited["remark"] else ""
        out.print(f"cites {cited['source']} for {cited['lemma']}{remark}")
    for remark in record["remarks"]:
        out.print(f"remark: {remark}")


def print_steps(steps: list[dict[str, Any]], out: Console) -> None:
    """The steps of a derivation as a table."""
    rows = table("step", "asserts", "grade", "confirmed by", "note", title="derivation")
    for step in steps:
        method = step["method"] + (f": {step['message']}" if step["message"] else "")
        rows.add_row(step["step"], step["proposition"], step["grade"], method, step["note"])
    out.print(rows)


def print_certificates(certificates: list[dict[str, Any]], out: Console) -> None:
    """The prover's certificates, each as a derivation: the difference of the sides as a sum of signed measures."""
    for shown in certificates:
        given = f" given {shown['given']}" if shown["given"] else ""
        out.print(f"\ncertificate of step {shown['step']!r}: {shown['query']}{given}", highlight=False, markup=False)
        for proof in shown["proof"]:
            out.print(proof, highlight=False, markup=False, soft_wrap=True)
    if certificates:
        out.print("")


def print_axioms(axioms: list[dict[str, str]], out: Console) -> None:
    """What is taken of symbols without equations, one line each."""
    for axiom in axioms:
        out.print(f"axiom: {axiom['states']} ({axiom['meaning']})")
