"""`boundlab claims`: the register, one line a claim."""

from __future__ import annotations

from typing import Annotated

import typer

from verify.cli.errors import BadInput
from verify.cli.output import console, emit_json, table, warn
from verify.cli.statements import claim_record, grade_of


def claims(
    body: Annotated[str | None, typer.Option(help="Only this body of theory.")] = None,
    status: Annotated[str | None, typer.Option(help="Only this status, e.g. 'as stated' or sharpened.")] = None,
    grades: Annotated[bool, typer.Option("--grades", help="Check every derivation and show its grade.")] = False,
    json: Annotated[bool, typer.Option("--json", help="One JSON list on stdout (grades included).")] = False,
) -> int:
    """List the claims: id, kind, status, expected verdict, source."""
    from theory.claim import Status
    from theory.registry import registry

    found = registry()
    if body is not None and body not in found.bodies:
        raise BadInput(f"unknown body {body!r}; expected one of: {', '.join(found.bodies) or 'none'}")
    wanted = None if status is None else status.replace("-", " ").replace("_", " ")
    if wanted is not None and wanted not in {str(s) for s in Status}:
        raise BadInput(f"unknown status {status!r}; expected one of: {', '.join(str(s) for s in Status)}")
    chosen = [
        c
        for c in sorted(found.claims.values(), key=lambda c: c.id)
        if (body is None or c.body == body) and (wanted is None or str(c.status) == wanted)
    ]
    records = []
    for position, claim in enumerate(chosen, 1):
        grade = None
        if grades or json:
            if len(chosen) > 1:
                warn(f"checking {claim.id} ({position}/{len(chosen)})")
            grade = grade_of(claim)
        records.append(claim_record(claim, grade))
    if json:
        emit_json(records)
        return 0
    columns = ("claim", "kind", "status", "expected", *(("grade",) if grades else ()), "source", "title")
    listing = table(*columns)
    for record in records:
        listing.add_row(*(str(record[c]) for c in columns))
    out = console()
    out.print(listing)
    out.print(f"{len(records)} claims in {len({r['body'] for r in records})} bodies")
    return 0
