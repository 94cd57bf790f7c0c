"""`boundlab claims`: the register, one line a claim."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from verify.cli.errors import BadInput
from verify.cli.output import console, emit_json, table, warn
from verify.cli.statements import claim_named, claim_record, grade_of, register

if TYPE_CHECKING:
    from theory.index import ClaimEntry


def claims(
    body: Annotated[str | None, typer.Option(help="Only this body of theory.")] = None,
    status: Annotated[str | None, typer.Option(help="Only this status, e.g. 'as stated' or sharpened.")] = None,
    grades: Annotated[bool, typer.Option("--grades", help="Check every derivation and show its grade.")] = False,
    json: Annotated[bool, typer.Option("--json", help="One JSON list on stdout (grades included).")] = False,
) -> int:
    """List the claims: id, kind, status, expected verdict, source."""
    found = register()
    if body is not None and body not in found.bodies:
        raise BadInput(f"unknown body {body!r}; expected one of: {', '.join(found.bodies) or 'none'}")
    wanted = None if status is None else status.replace("-", " ").replace("_", " ")
    if wanted is not None:
        _check_status(str(status), wanted)
    chosen = [
        c for c in found.claims.values() if (body is None or c.body == body) and (wanted is None or c.status == wanted)
    ]
    graded = grades_of(chosen, found.grades) if grades or json else {}
    records = [claim_record(claim, graded.get(claim.id)) for claim in chosen]
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


def grades_of(chosen: Sequence[ClaimEntry], known: Mapping[str, str]) -> dict[str, str]:
    """The checker's word on claims: as it was kept while nothing has changed, else asked for now."""
    from theory.index import remember_grades

    found = {c.id: known[c.id] for c in chosen if c.id in known}
    new: dict[str, str] = {}
    left = [c.id for c in chosen if c.id not in found]
    try:
        for position, name in enumerate(left, 1):
            if len(left) > 1:
                warn(f"checking {name} ({position}/{len(left)})")
            new[name] = grade_of(claim_named(name))
    finally:
        remember_grades(new)  # after an interrupt too
    return found | new


def _check_status(given: str, wanted: str) -> None:
    from theory.claim import Status

    if wanted not in {str(s) for s in Status}:
        raise BadInput(f"unknown status {given!r}; expected one of: {', '.join(str(s) for s in Status)}")
