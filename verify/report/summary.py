"""The table of a run: one row a verdict, grouped by verdict, the unexpected ones marked.

Main definitions
    unexpected     the records whose verdict is not the expected one
    print_summary  the tables and the counts
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console

ORDER = ("refuted", "inconclusive", "vacuous", "holds", "tight", "not applicable")
Record = Mapping[str, Any]


def unexpected(records: Sequence[Record]) -> list[Record]:
    """The records whose verdict is not the expected one."""
    return [r for r in records if not r["as_expected"]]


def side_text(record: Record, side: str) -> str:
    """The measured value of a side at the worst instance; `-` where nothing was measured."""
    from verify.cli.output import number

    witness = record.get("witness")
    value = witness.get(side) if isinstance(witness, Mapping) else None
    return number(value.get("value") if isinstance(value, Mapping) else value, 4)


def slack_text(slack: Any) -> str:
    """The slack: by which factor the bound exceeds what was measured, as a median and the least one."""
    from verify.cli.output import number

    if isinstance(slack, Mapping):
        median, least = slack.get("median"), slack.get("least")
        if isinstance(median, str) or isinstance(least, str) or median is None:
            return " / ".join(str(x) for x in (least, median) if x is not None) or "-"
        return f"{number(least, 4)} / {number(median, 4)}"
    return number(slack, 4)


def print_summary(records: Sequence[Record], out: Console) -> None:
    """The verdicts, grouped; then one line with the counts and one for every unexpected verdict."""
    from verify.cli.output import number, table

    verdicts = [*ORDER, *sorted({r["verdict"] for r in records} - set(ORDER))]
    for verdict in verdicts:
        group = [r for r in records if r["verdict"] == verdict]
        if not group:
            continue
        numbers = ("quantity", "bound", "slack", "bites", "n", "s")
        rows = table("claim", "on", "expected", *numbers, title=f"{verdict} ({len(group)})", right=numbers)
        for record in sorted(group, key=lambda r: (r["claim"], r["model"])):
            bites = record["bites"] if record["instances"] else None
            rows.add_row(
                record["claim"],
                record["model"] or "-",
                record["expected"] + ("" if record["as_expected"] else " (!)"),
                side_text(record, "quantity"),
                side_text(record, "bound"),
                slack_text(record["slack"]),
                "-" if bites is None else f"{bites:.0%}",
                number(record["instances"]),
                number(record["seconds"], 3),
            )
        out.print(rows)
    surprises = unexpected(records)
    sizes = {v: sum(r["verdict"] == v for r in records) for v in verdicts}
    counts = ", ".join(f"{n} {v}" for v, n in sizes.items() if n) or "none"
    for record in records:
        if record["verdict"] == "not applicable":
            out.print(f"not applicable: {record['claim']} on {record['model']}: {record['message']}")
    out.print("quantity and bound: at the worst instance; slack: least / median factor by which the bound is missed")
    out.print(f"{len(records)} verdicts: {counts}; {len(records) - len(surprises)} as expected")
    for record in surprises:
        where = f" on {record['model']}" if record["model"] else ""
        reason = f" ({record['message']})" if record["message"] else ""
        out.print(
            f"unexpected: {record['claim']}{where} is {record['verdict']}, expected {record['expected']}{reason}",
            style="bold red",
        )
