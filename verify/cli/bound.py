"""`boundlab bound CLAIM`: evaluate a bound at values of any size, invert it, tabulate it."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from verify.cli.errors import BadInput, refusing
from verify.cli.output import console, emit_json, number, table
from verify.cli.statements import assignments, claim_named, statement_of

if TYPE_CHECKING:
    from rich.console import Console

    from theory.claim import Claim, Statement
    from theory.evaluation.sweep import Sweep

MAX_SWEEP = 100_000  # points


def bound(
    claim: Annotated[str, typer.Argument(metavar="CLAIM", help="body/name")],
    set_: Annotated[
        list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help="A parameter's value; repeatable.")
    ] = None,
    solve: Annotated[str | None, typer.Option(metavar="NAME", help="Find the value of this parameter ...")] = None,
    target: Annotated[str | None, typer.Option(metavar="VALUE", help="... at which the bound meets this.")] = None,
    sweep: Annotated[str | None, typer.Option(metavar="NAME=LO:HI:N", help="Tabulate over N points.")] = None,
    plot: Annotated[Path | None, typer.Option(metavar="FILE", help="Draw the sweep (PNG, PDF or SVG).")] = None,
    statement: Annotated[
        str | None, typer.Option(metavar="LABEL", help="Which statement of the claim (label or number).")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")] = False,
) -> int:
    """Evaluate the bound of a claim; --solve inverts it, --sweep tabulates it."""
    found = claim_named(claim)
    chosen = statement_of(found, statement)
    if (solve is None) != (target is None):
        raise BadInput("--solve NAME and --target VALUE belong together: one of them is missing")
    if solve is not None and sweep is not None:
        raise BadInput("--solve and --sweep exclude each other")
    if plot is not None:
        from verify.report.plots import PlotError, check_target

        if sweep is None:
            raise BadInput("--plot draws a sweep: give --sweep NAME=LO:HI:N as well")
        with refusing(PlotError):
            check_target(plot)
    given = assignments(set_ or [])
    if solve is not None and target is not None:
        record = solved(found, chosen, given, solve, target)
    elif sweep is not None:
        record = swept(found, chosen, given, sweep, plot)
    else:
        record = valued(found, chosen, given)
    if json:
        emit_json(record)
    else:
        _print(record, console())
    return 0


def _header(claim: Claim, statement: Statement, values: dict[str, Any]) -> dict[str, Any]:
    return {
        "claim": claim.id,
        "statement": str(statement),
        "label": statement.label,
        "values": {name: str(value) for name, value in values.items()},
    }


def valued(claim: Claim, statement: Statement, given: dict[str, str]) -> dict[str, Any]:
    """The bound at the values, and the trivial bound it competes with."""
    from verify.cli.evaluation import evaluated, validated

    values = validated(claim.parameters, given, claim.hypotheses)
    result = _header(claim, statement, values) | evaluated(statement.bound, claim.parameters, values)
    result["trivial"] = None
    result["vacuous"] = None
    if statement.trivial is not None and {s.name for s in statement.trivial.free_symbols} <= set(values):
        result["trivial"] = evaluated(statement.trivial, claim.parameters, values)
        result["vacuous"] = _no_better(statement, values)
    return result


def _no_better(statement: Statement, values: dict[str, Any]) -> bool | None:
    """Whether the bound is on the wrong side of the trivial one; None where that cannot be certified."""
    from theory.evaluation.enclosure import evaluate_exact
    from theory.evaluation.values import EvaluationError

    if statement.sign == "==" or statement.trivial is None:
        return None
    try:
        sign = evaluate_exact(statement.bound - statement.trivial, values).sign
    except EvaluationError:  # the two cannot be told apart at any working precision: say so, decide nothing
        return None
    return sign >= 0 if statement.sign in ("<=", "<") else sign <= 0


def solved(claim: Claim, statement: Statement, given: dict[str, str], name: str, target: str) -> dict[str, Any]:
    """The value of one parameter at which the bound meets the target, with its closed form where there is one."""
    from theory.evaluation.solve import NoSolution, solve
    from theory.evaluation.values import EvaluationError, exact_number
    from theory.parameter import DomainError
    from verify.cli.evaluation import require, validated

    if name not in {p.name for p in claim.parameters}:
        raise BadInput(
            f"--solve {name}: {claim.id} has no parameter of that name; it has "
            f"{', '.join(p.name for p in claim.parameters)}"
        )
    given = {k: v for k, v in given.items() if k != name}
    values = validated(claim.parameters, given, claim.hypotheses)
    require(statement.bound, claim.parameters, {**values, name: None})
    with refusing(EvaluationError):
        goal = exact_number("--target", target)
    result = _header(claim, statement, values) | {"solve": name, "target": target}
    try:
        found = solve(
            statement.bound,
            goal,
            claim.parameter(name),
            claim.parameters,
            values,
            relation=">=" if statement.sign in (">=", ">") else "<=",
        )
    except NoSolution as none:
        empty = dict.fromkeys(("value", "log10", "exact", "kind", "closed_form", "verified", "safe_side"))
        return result | empty | {"solution": False, "note": str(none)}
    except (EvaluationError, DomainError) as error:
        raise BadInput(f"--solve {name}: {error}") from error
    exact = str(found.exact) if found.exact.is_Integer and abs(found.exact) < 10**30 else None
    return result | {
        "solution": True,
        "value": found.value if found.value is None or abs(found.value) < 1e300 else None,
        "log10": found.log10,
        "exact": exact,
        "kind": found.kind,
        "closed_form": None if found.expression is None else str(found.expression),
        "verified": found.verified,
        "safe_side": found.safe_side,
        "note": found.note,
    }


def swept(claim: Claim, statement: Statement, given: dict[str, str], text: str, plot: Path | None) -> dict[str, Any]:
    """The bound at N points between two ends, and its plot."""
    from theory.evaluation.sweep import sweep
    from theory.evaluation.values import EvaluationError
    from theory.parameter import DomainError
    from verify.cli.evaluation import finite, require, validated

    name, low, high, points = _range(text)
    given = {k: v for k, v in given.items() if k != name}
    for end in (low, high):
        validated(claim.parameters, {**given, name: end}, claim.hypotheses)
    values = validated(claim.parameters, given)
    require(statement.bound, claim.parameters, {**values, name: None})
    with refusing(EvaluationError, DomainError, ValueError, prefix=f"--sweep {text}: "):
        found = sweep(statement.bound, claim.parameters, values, name, low, high, points)
    rows = [
        {name: float(x), "value": finite(float(v)), "log10": finite(float(g)), "sign": finite(float(s))}
        for x, v, g, s in zip(found.points, found.values, found.log10, found.sign, strict=True)
    ]
    result = _header(claim, statement, values) | {"sweep": name, "rows": rows, "plot": None}
    if plot is not None:
        result["plot"] = str(_draw(claim, statement, found, values, plot))
    return result


def _range(text: str) -> tuple[str, str, str, int]:
    name, _, ends = (part.strip() for part in text.partition("="))
    parts = ends.split(":")
    if not name or len(parts) != 3 or not parts[2].strip().isdecimal():
        raise BadInput(f"--sweep {text!r}: expected NAME=LO:HI:N with a whole number N of points")
    points = int(parts[2])
    if not 2 <= points <= MAX_SWEEP:
        raise BadInput(f"--sweep {text!r}: {points} points, expected 2 to {MAX_SWEEP}")
    return name, parts[0].strip(), parts[1].strip(), points


def _draw(claim: Claim, statement: Statement, found: Sweep, values: dict[str, Any], plot: Path) -> Path:
    from verify.cli.evaluation import evaluated
    from verify.report.plots import Curve, PlotError, draw_curves

    xs = [float(x) for x in found.points]
    logs = [float(g) for g in found.log10]
    plain = [float(v) for v in found.values]
    positive = all(s > 0 for s in found.sign if math.isfinite(s))
    spread = [g for g in logs if math.isfinite(g)]
    # Far outside float64 only the logarithm can be drawn.
    far = positive and bool(spread) and (min(spread) < -15 or max(spread) > 300)
    wide = positive and bool(spread) and not far and max(spread) - min(spread) > 2
    trivial = None
    if statement.trivial is not None and {s.name for s in statement.trivial.free_symbols} <= set(values):
        record = evaluated(statement.trivial, claim.parameters, values)
        trivial = record["log10"] if far and record["sign"] > 0 else None if far else record["value"]
    fixed = ", ".join(f"{k} = {v}" for k, v in values.items())
    with refusing(PlotError):
        return draw_curves(
            plot,
            [Curve("bound", xs, logs if far else plain)],
            title=f"{claim.id}" + (f" at {fixed}" if fixed else ""),
            xlabel=found.name,
            ylabel="log10 of the bound" if far else "bound",
            xscale="log" if found.logarithmic else "linear",
            yscale="log" if wide else "linear",
            trivial=trivial,
        )


def _print(record: dict[str, Any], out: Console) -> None:
    from verify.cli.evaluation import shown

    label = f" [{record['label']}]" if record["label"] else ""
    out.print(f"{record['claim']}{label}: {record['statement']}")
    if record["values"]:
        out.print("at " + ", ".join(f"{k} = {v}" for k, v in record["values"].items()))
    if "sweep" in record:
        rows = table(record["sweep"], "bound", "log10", right=(record["sweep"], "bound", "log10"))
        for row in record["rows"]:
            size = "-infinity" if row["sign"] == 0 else number(row["log10"])
            rows.add_row(number(row[record["sweep"]]), number(row["value"]), size)
        out.print(rows)
        if record["plot"]:
            out.print(f"plot: {record['plot']}")
    elif "solve" in record:
        if not record["solution"]:
            out.print(f"no value of {record['solve']} works: {record['note']}")
            return
        value = record["exact"] or shown(record | {"sign": 1, "exact": None})
        out.print(f"{record['solve']} = {value}   ({record['kind']}; {record['safe_side']})", style="bold")
        if record["closed_form"]:
            out.print(f"{record['solve']} = {record['closed_form']}")
        if not record["verified"]:
            out.print("not verified at a neighbouring value")
        if record["note"]:
            out.print(record["note"])
    else:
        out.print(f"bound = {shown(record)}", style="bold")
        if record["trivial"] is not None:
            judged = {True: "vacuous: no better than", False: "better than", None: "compared with"}[record["vacuous"]]
            out.print(f"{judged} the trivial bound {shown(record['trivial'])}")
