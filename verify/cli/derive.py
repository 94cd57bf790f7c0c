"""`boundlab derive CLAIM`: check a derivation again, with other lemmas where asked, and see what that buys."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from verify.cli.errors import BadInput, refusing
from verify.cli.output import console, emit_json
from verify.cli.show import print_axioms, print_steps
from verify.cli.statements import (
    applicable_named,
    assignments,
    axiom_records,
    claim_named,
    step_records,
)

if TYPE_CHECKING:
    from rich.console import Console

    from theory.claim import Claim
    from theory.derivation import Derivation


def derive(
    claim: Annotated[str, typer.Argument(metavar="CLAIM", help="body/name")],
    with_: Annotated[
        list[str] | None, typer.Option("--with", metavar="STEP=LEMMA", help="Use another lemma in a step; repeatable.")
    ] = None,
    set_: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="NAME=VALUE", help="Evaluate the old and the new bound there; repeatable."),
    ] = None,
    latex: Annotated[bool, typer.Option("--latex", help="Print the derivation as LaTeX only.")] = False,
    json: Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")] = False,
) -> int:
    """Re-derive a claim's bound, with every step's grade; says which steps no longer apply."""
    found = claim_named(claim)
    if found.derivation is None:
        raise BadInput(f"{found.id} has no derivation: it is kept as stated and expected to be {found.expected}")
    old = in_context(found, found.derivation)
    new = old
    swaps = []
    for pair in with_ or []:
        step, sign, lemma = (part.strip() for part in pair.rpartition("="))
        if not sign or not step or not lemma:
            raise BadInput(f"--with {pair!r}: expected STEP=LEMMA; steps: {', '.join(s.name for s in old.steps)}")
        new = exchanged(new, step, lemma)
        swaps.append({"step": step, "lemma": lemma})
    if latex and not json:
        from theory.latex import derivation_latex

        print(derivation_latex(new))
        return 0
    record = describe(found, old, new, swaps)
    if set_:
        record["at"] = compare(old, new, assignments(set_))
    if json:
        emit_json(record)
    else:
        _print(record, console())
    return 0 if record["grade"] != "refused" else 1


def in_context(claim: Claim, derivation: Derivation) -> Derivation:
    """The derivation with the claim's parameters and hypotheses, so that it can be checked on its own."""
    from dataclasses import replace

    parameters = tuple(dict.fromkeys((*claim.parameters, *derivation.parameters)))
    given = tuple(dict.fromkeys((*claim.hypotheses, *derivation.given)))
    return replace(derivation, parameters=parameters, given=given)


def exchanged(derivation: Derivation, step: str, lemma: str) -> Derivation:
    """`derivation.with_lemma`, with one clear line where it is not possible; a lemma may be written with its values:
    `LEMMA(NAME=EXPRESSION, ...)`."""
    from theory.derivation import DerivationError

    name, values = _with_values(derivation, lemma)
    other = applicable_named(name)
    with refusing(KeyError, DerivationError, ValueError, prefix=f"--with {step}={lemma}: "):
        earlier = derivation.dropped
        result = derivation.with_lemma(step, other, **values)
    from dataclasses import replace

    return replace(result, dropped=tuple(dict.fromkeys((*earlier, *result.dropped))))


def _with_values(derivation: Derivation, text: str) -> tuple[str, dict[str, Any]]:
    if not text.endswith(")") or "(" not in text:
        return text, {}
    from theory.grammar import ExpressionError, parse_expression

    name, _, inside = text[:-1].partition("(")
    symbols = {p.name: p.symbol for p in derivation.parameters}
    values: dict[str, Any] = {}
    for left, right in assignments([p for p in inside.split(",") if p.strip()], "--with").items():
        with refusing(ExpressionError, prefix=f"{left} = {right}: "):
            values[left] = parse_expression(right, symbols)
    return name.strip(), values


def describe(claim: Claim, old: Derivation, new: Derivation, swaps: list[dict[str, str]]) -> dict[str, Any]:
    """The record that `derive --json` prints."""
    report = new.check()
    declared = {p.name for p in claim.parameters}
    return {
        "claim": claim.id,
        "with": swaps,
        "quantity": None if new.start is None else str(new.start),
        "bound": None if new.start is None else str(new.bound),
        "old_bound": None if old.start is None else str(old.bound),
        "changed": new.start is not None and new.bound != old.bound,
        "grade": str(report.grade),
        "message": report.message,
        "steps": step_records(new, report),
        "axioms": axiom_records(new),
        "dropped": list(new.dropped),
        "new_parameters": [
            {"name": p.name, "meaning": p.meaning, "domain": str(p.domain)}
            for p in new.parameters
            if p.name not in declared
        ],
    }


def compare(old: Derivation, new: Derivation, given: dict[str, str]) -> dict[str, Any]:
    """Both bounds at the values, and by how many orders of magnitude the new one beats the old one."""
    from verify.cli.evaluation import evaluated, validated

    if new.start is None:
        raise BadInput("this derivation consists of facts without a chain: there is no bound to evaluate")
    values = validated(new.parameters, given, new.given)
    before = evaluated(old.bound, old.parameters, {k: v for k, v in values.items() if k in _names(old)})
    after = evaluated(new.bound, new.parameters, values)
    upper = _is_upper(new)
    orders = None
    if before["log10"] is not None and after["log10"] is not None:
        orders = before["log10"] - after["log10"] if upper else after["log10"] - before["log10"]
    return {"values": {k: str(v) for k, v in values.items()}, "old": before, "new": after, "orders": orders}


def _names(derivation: Derivation) -> set[str]:
    return {p.name for p in derivation.parameters}


def _is_upper(derivation: Derivation) -> bool:
    from theory.proposition import sign_of

    return sign_of(derivation.relation()) in ("<=", "<", "==")


def _print(record: dict[str, Any], out: Console) -> None:
    from verify.cli.evaluation import shown

    out.print(record["claim"], style="bold")
    print_steps(record["steps"], out)
    print_axioms(record["axioms"], out)
    if record["dropped"]:
        out.print(f"dropped, because they no longer follow: {', '.join(record['dropped'])}")
    for parameter in record["new_parameters"]:
        out.print(f"new parameter {parameter['name']} in {parameter['domain']}: {parameter['meaning']}")
    if record["bound"] is not None:
        if record["changed"]:
            out.print(f"old bound: {record['old_bound']}")
            out.print(f"new bound: {record['bound']}", style="bold")
        else:
            out.print(f"bound: {record['bound']}", style="bold")
    out.print(f"grade: {record['grade']}" + (f" ({record['message']})" if record["message"] else ""))
    if "at" in record:
        at = record["at"]
        out.print("at " + ", ".join(f"{k} = {v}" for k, v in at["values"].items()))
        if record["changed"]:
            out.print(f"  old bound {shown(at['old'])}, new bound {shown(at['new'])}")
        else:
            out.print(f"  bound {shown(at['new'])}")
        if record["changed"] and at["orders"] is not None:
            better = "beats the old one by" if at["orders"] >= 0 else "is worse than the old one by"
            out.print(f"  the new bound {better} {abs(at['orders']):.6g} orders of magnitude")
        elif record["changed"] and at["new"]["sign"] == 0 and at["old"]["sign"] != 0:
            out.print("  the new bound is exactly 0")


__all__ = ["compare", "derive", "exchanged", "in_context"]
