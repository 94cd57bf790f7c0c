"""`boundlab models`: the language models at hand."""

from __future__ import annotations

from typing import Annotated

import typer

from verify.cli.output import console, emit_json, table


def models(json: Annotated[bool, typer.Option("--json", help="One JSON list on stdout.")] = False) -> int:
    """List the models: name, what it is, vocabulary T, window K, licence, what it needs."""
    from numerics.models import catalogue

    records = [
        {
            "model": f"{e.name}:{e.argument}" if e.argument else e.name,
            "description": e.description,
            "vocabulary_size": e.vocabulary_size,
            "context_window": e.context_window,
            "licence": e.licence,
            "needs": e.needs,
        }
        for e in catalogue()
    ]
    if json:
        emit_json(records)
        return 0
    rows = table("model", "what it is", "T", "K", "licence", "needs")
    for record in records:
        rows.add_row(*record.values())
    out = console()
    out.print(rows)
    out.print("MODEL@K is the model cut to its last K tokens, e.g. names@3")
    return 0
