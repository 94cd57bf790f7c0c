"""`boundlab prove 'INEQUALITY'`: an information inequality, with an exact certificate or a witness."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from verify.cli.errors import at_least, refusing
from verify.cli.output import emit_json

if TYPE_CHECKING:
    from theory.information.answer import Answer


def prove(
    query: Annotated[str, typer.Argument(metavar="INEQUALITY", help="E.g. 'I(X;Z) <= I(X;Y) given X -> Y -> Z'.")],
    given: Annotated[str, typer.Option(metavar="CONSTRAINTS", help="Constraints, beside those behind 'given'.")] = "",
    max_variables: Annotated[int, typer.Option(help="Refuse queries with more variables.")] = 10,
    json: Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")] = False,
) -> int:
    """Prove an inequality between entropies, or find a distribution that violates it.

    Exit status: 0 proved, 1 refuted or undecided, 2 bad input.
    """
    at_least(1, max_variables=max_variables)
    answer = decided(query, given, max_variables)
    if json:
        emit_json(answer.as_json())
    else:
        print(answer)
    return 0 if answer else 1


def decided(query: str, given: str, max_variables: int) -> Answer:
    """The answer; BadInput where the text is malformed or there are too many variables."""
    from theory.information.answer import decide
    from theory.information.grammar import GrammarError, parse_constraints, parse_query
    from theory.information.prover import TooManyVariables

    with refusing(GrammarError):
        read = parse_query(query)
    with refusing(GrammarError, prefix="--given: "):
        constraints = parse_constraints(given)
    read = type(read)(read.left, read.relation, read.right, read.constraints + constraints)
    with refusing(TooManyVariables):
        return decide(read, max_variables=max_variables)
