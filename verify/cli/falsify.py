"""`boundlab falsify`: search a counterexample to a claim, to a sharper bound, or to any inequality."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Any

import typer

from verify.cli.errors import BadInput, at_least, refusing
from verify.cli.output import console, emit_json, number
from verify.cli.statements import claim_named, statement_of

if TYPE_CHECKING:
    from rich.console import Console

    from theory.parameter import Parameter
    from verify.falsify import FalsifyReport


NO_NAMES = ("nan", "inf", "infinity", "oo", "zoo")  # would be read as numbers; none of them is one here


def falsify(
    what: Annotated[str, typer.Argument(metavar="CLAIM|'LHS <= RHS'", help="body/name, or an inequality.")],
    bound: Annotated[str | None, typer.Option(metavar="EXPR", help="A right side instead of the claim's.")] = None,
    statement: Annotated[str | None, typer.Option(metavar="LABEL", help="Which statement of the claim.")] = None,
    examples: Annotated[int, typer.Option(help="How many objects to try.")] = 1000,
    seed: Annotated[int, typer.Option(help="Seed of the search.")] = 0,
    json: Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")] = False,
) -> int:
    """Search a counterexample, shrink it, and print it as code that reproduces it."""
    from verify.cli.progress import counting

    at_least(1, examples=examples)
    at_least(0, seed=seed)
    if any(sign in what for sign in "<>="):
        if bound is not None or statement is not None:
            raise BadInput("--bound and --statement belong to a claim, not to an inequality")
        with counting("searching", examples) as tick:
            report, ranges = _search_relation(what, examples, seed, tick)
        expected_found = False
    else:
        with counting("searching", examples) as tick:
            report, expected_found = _search_claim(what, bound, statement, examples, seed, tick)
        ranges = {}
    document = record(report, expected_found) | ({"ranges": ranges} if ranges else {})
    if json:
        emit_json(document)
    else:
        _print(document, console())
    return 0 if document["as_expected"] else 1


def _search_claim(
    name: str, bound: str | None, label: str | None, examples: int, seed: int, tick: Any
) -> tuple[FalsifyReport, bool]:
    """The report, and whether a counterexample is what the claim leads one to expect."""
    from theory.grammar import ExpressionError, parse_expression
    from theory.verdict import Verdict
    from verify.falsify import NothingToSearch, falsify

    claim = claim_named(name)
    chosen = None if label is None else claim.statements.index(statement_of(claim, label))
    expression = None
    if bound is not None:
        with refusing(ExpressionError, prefix="--bound: "):
            expression = parse_expression(bound, {p.name: p.symbol for p in claim.parameters})
    with refusing(NothingToSearch):
        report = falsify(claim, statement=chosen, bound=expression, examples=examples, seed=seed, progress=tick)
    # A bound that the user proposes is taken at its word: a counterexample is then the unexpected outcome.
    return report, bound is None and claim.expected is Verdict.REFUTED


def _search_relation(text: str, examples: int, seed: int, tick: Any) -> tuple[FalsifyReport, dict[str, str]]:
    """The report, and what each name of the inequality ranges over."""
    from theory.grammar import ExpressionError, parse_relation
    from verify.falsify import NothingToSearch, falsify_relation
    from verify.parametric import known_parameters

    known = known_parameters(re.findall(r"[A-Za-z]\w*", text))
    symbols = {name: parameter.symbol for name, parameter in known.items()}
    with refusing(ExpressionError):
        relation = parse_relation(text, symbols | _free_names(text, known))
    with refusing(NothingToSearch):
        report = falsify_relation(relation, known=dict(known), examples=examples, seed=seed, progress=tick)
    names = sorted(str(s) for s in relation.free_symbols)
    return report, {n: f"{known[n].domain} ({known[n].meaning})" if n in known else "the reals" for n in names}


def _free_names(text: str, known: dict[str, Parameter]) -> dict[str, Any]:
    """Names of the inequality that no claim declares, as real symbols; only plain one-word names, so that a forbidden
    name stays one."""
    import sympy as sp

    from theory.grammar import CONSTANTS, DEFAULT_FUNCTIONS

    names = re.findall(r"(?<![\w.])[A-Za-z][A-Za-z0-9_]*(?!\w|\s*\()", text)
    taken = {*known, *CONSTANTS, *DEFAULT_FUNCTIONS, *NO_NAMES}
    return {n: sp.Symbol(n, real=True) for n in names if n not in taken and "__" not in n}


def record(report: FalsifyReport, expected_found: bool) -> dict[str, Any]:
    """The record that `falsify --json` prints."""
    from verify.plain import instance_json

    return {
        "claim": report.claim,
        "statement": report.statement,
        "found": report.found,
        "as_expected": report.found == expected_found,
        "examples": report.examples,
        "instances": report.instances,
        "nonvacuous": report.nonvacuous,
        "undecided": report.undecided,
        "shrunk": report.shrunk,
        "counterexample": None if report.counterexample is None else instance_json(report.counterexample),
        "snippet": report.snippet,
        "seed": report.seed,
        "seconds": report.seconds,
    }


def _print(document: dict[str, Any], out: Console) -> None:
    out.print(document["statement"], style="bold")
    for name, domain in document.get("ranges", {}).items():
        out.print(f"  {name} in {domain}")
    tried = f"{document['examples']} examples, {document['instances']} instances, {document['nonvacuous']} non-vacuous"
    if not document["found"]:
        out.print(f"no counterexample: {tried}, {document['undecided']} undecided at their precision")
    else:
        found = document["counterexample"]
        values = ", ".join(f"{k} = {_side(v)}" for k, v in found["values"].items())
        at = f"at {values}: " if values else ""
        out.print(f"REFUTED after {tried}" + (" (shrunk)" if document["shrunk"] else ""), style="bold red")
        out.print(f"{at}left side {_side(found['quantity'])}, right side {_side(found['bound'])}")
        out.print("\nThis code reproduces it:\n")
        print(document["snippet"])
    if not document["as_expected"]:
        out.print("unexpected: it was taken as true" if document["found"] else "unexpected: it is declared refuted")


def _side(value: Any) -> str:
    return number(value["value"], 12) if isinstance(value, dict) else number(value, 12)
