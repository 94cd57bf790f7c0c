"""`boundlab prove 'INEQUALITY'`: an information inequality, with an exact certificate or a witness."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from verify.cli.errors import BadInput, at_least, refusing
from verify.cli.output import emit_json

if TYPE_CHECKING:
    from theory.information.answer import Answer


def prove(
    query: Annotated[str | None, typer.Argument(metavar="INEQUALITY", help="'I(X;Z) <= I(X;Y)'.")] = None,
    given: Annotated[str, typer.Option(metavar="CONSTRAINTS", help="E.g. 'X -> Y -> Z, W = f(Z)'.")] = "",
    copy: Annotated[int, typer.Option(help="How many copy variables a proof may use (copy lemma).")] = 0,
    max_variables: Annotated[int, typer.Option(help="Refuse queries with more variables.")] = 10,
    check: Annotated[Path | None, typer.Option(metavar="FILE", help="Check a saved --json document instead.")] = None,
    json: Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")] = False,
) -> int:
    """Prove an inequality between entropies, or find a distribution that violates it.

    Exit status: 0 proved (or a saved document accepted), 1 refuted or undecided (or refused), 2 bad input.
    """
    from theory.information.checker import defects

    if (query is None) == (check is None):
        raise BadInput("expected an inequality, such as 'I(X;Z) <= I(X;Y)', or --check FILE, and not both")
    if check is not None:
        return _checked(check, json)
    at_least(1, max_variables=max_variables)
    at_least(0, copy=copy)
    answer = decided(str(query), given, copy, max_variables)
    document = answer.as_json()
    wrong = [] if answer.verdict == "undecided" else list(defects(document))
    document["checked"] = None if answer.verdict == "undecided" else not wrong
    if json:
        emit_json(document)
    else:
        print(answer)
        if answer.verdict != "undecided":
            what = "certificate" if answer else "witness"
            print(f"\n{what} {'refused' if wrong else 'accepted'} by the independent checker{_reasons(wrong)}")
    return 0 if answer and not wrong else 1


def _reasons(wrong: list[str]) -> str:
    return f": {'; '.join(wrong)}" if wrong else ""


def _checked(path: Path, as_json: bool) -> int:
    """Read a document of `prove --json` and check it anew."""
    import json

    from theory.information.checker import defects

    with refusing(OSError, ValueError, prefix=f"--check {path}: "):
        document: Any = json.loads(path.read_text(encoding="utf-8"))
    wrong = list(defects(document))
    if as_json:
        emit_json({"accepted": not wrong, "defects": wrong})
    else:
        print("refused" + _reasons(wrong) if wrong else f"accepted: {document['answer']}: {document['query']}")
    return 1 if wrong else 0


def decided(query: str, given: str, copies: int, max_variables: int) -> Answer:
    """The answer; BadInput where the text is malformed, constraints contradict, or there are too many variables."""
    from theory.information.answer import decide
    from theory.information.contradiction import ContradictoryConstraints
    from theory.information.grammar import GrammarError, Query, parse_constraints, parse_query
    from theory.information.prover import TooManyVariables

    with refusing(GrammarError):
        read = parse_query(query)
    with refusing(GrammarError, prefix="--given: "):
        constraints = parse_constraints(given)
    read = Query(read.left, read.relation, read.right, read.constraints + constraints)
    with refusing(TooManyVariables, ContradictoryConstraints):
        return decide(read, copies=copies, max_variables=max_variables)
