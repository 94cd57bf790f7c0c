"""`boundlab chain`: a language model as a Markov chain."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from verify.cli.errors import BadInput, at_least, refusing
from verify.cli.output import console, emit_json, number, power_of_ten, table
from verify.cli.progress import counting

if TYPE_CHECKING:
    from rich.console import Console

    from numerics.chains.mixing import MixingTime
    from numerics.chains.summary import ChainReport
    from verify.subject import ChainSubject


def chain(
    model: Annotated[str, typer.Option("--model", "-m", metavar="M", help="A model, see `boundlab models`.")],
    order: Annotated[int | None, typer.Option(metavar="K", help="Window in tokens (default: the model's own).")] = None,
    temperature: Annotated[float | None, typer.Option(help="Temperature; 0 is greedy decoding.")] = None,
    tokens: Annotated[str | None, typer.Option(metavar="a,b,c", help="Only these tokens.")] = None,
    top_k: Annotated[int | None, typer.Option("--top-k", help="Only the k most likely tokens.")] = None,
    top_p: Annotated[float | None, typer.Option("--top-p", help="Only the most likely tokens of this mass.")] = None,
    eta: Annotated[float, typer.Option(help="Distance at which the chain counts as mixed.")] = 0.01,
    plot: Annotated[Path | None, typer.Option(metavar="FILE", help="Draw distance and bounds (PNG, PDF, SVG).")] = None,
    json: Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")] = False,
) -> int:
    """States, classes, period, entropy rate, gap, mixing time, contraction, and every bound beside the distance."""
    from numerics.chains.stationary import ConvergenceError
    from numerics.chains.summary import analyse
    from numerics.models import ModelError
    from verify.subjects import ModelSpec, parse_spec, subject_named

    at_least(1, order=order, top_k=top_k)
    if plot is not None:
        from verify.report.plots import PlotError, check_target

        with refusing(PlotError):
            check_target(plot)
    with refusing(ModelError):
        given = parse_spec(model)
    options: dict[str, Any] = {
        "order": order,
        "temperature": None if temperature == 1 else temperature,
        "top_k": top_k,
        "top_p": top_p,
        "tokens": tuple(tokens.split(",")) if tokens else (),
    }
    for name, value in list(options.items()):
        if value not in (None, ()) and getattr(given, name) not in (None, ()):
            raise BadInput(f"model {model!r} and an option both give {name}")
    parts: dict[str, Any] = {
        name: value if value not in (None, ()) else getattr(given, name) for name, value in options.items()
    }
    spec = str(ModelSpec(given.model, **parts))
    with refusing(ModelError, ValueError, prefix=f"model {spec}: "), counting("evaluating the model", 1) as tick:
        subject = subject_named(spec)
        tick(1)
    with refusing(ValueError, ConvergenceError):
        report = analyse(subject.chain, eta=eta)
    document = record(subject, report)
    if plot is not None:
        document["plot"] = str(draw(subject, report, plot))
    if json:
        emit_json(document)
    else:
        _print(document, console())
    return 0


def no_longer_apply(subject: ChainSubject) -> list[dict[str, Any]]:
    """The claims over chains whose assumptions this chain breaks: verdict *not applicable*."""
    from theory.index import index

    broken = subject.broken_assumptions
    found = []
    for claim in index().claims.values() if broken else []:
        unmet = [name for name in claim.assumptions if name in broken]
        if unmet:
            found.append({"claim": claim.id, "verdict": "not applicable", "assumptions": unmet})
    return found


def record(subject: ChainSubject, report: ChainReport) -> dict[str, Any]:
    """The record that `chain --json` prints; null marks what does not exist or is in `skipped`."""
    structure = report.structure
    return {
        "model": subject.name,
        "T": report.T,
        "K": report.K,
        "states": report.states,
        "all_states": report.all_states,
        "recurrent_classes": [int(c.size) for c in structure.recurrent[:100]],
        "classes": len(structure.recurrent),
        "periods": list(structure.periods[:100]),
        "transient": int(structure.transient.size),
        "unique_stationary_law": structure.has_unique_law,
        "positive": report.positive,
        "stationary": None
        if report.stationary is None
        else {
            "method": report.stationary.method,
            "residual": report.stationary.residual_l1,
            "certified": report.stationary.certified,
            "top": _likeliest(subject, report),
        },
        "entropy_rate": report.entropy_rate,
        "perplexity": report.perplexity,
        "slem": None if report.spectrum is None else report.spectrum.slem,
        "gap": None if report.spectrum is None else report.spectrum.gap,
        "slem_certified": None if report.spectrum is None else report.spectrum.certified,
        "eta": report.eta,
        "mixing_time": _mixing(report.mixing),
        "mixing_time_quarter": _mixing(report.mixing_quarter),
        "log10_p_min": report.log_p_min / math.log(10),
        "log10_epsilon": report.log_epsilon / math.log(10),
        "doeblin": report.alpha,
        "dobrushin": report.kappa,
        "beta": report.beta,
        "beta_exact": report.beta_exact,
        "gamma": report.gamma,
        "hoc_time": report.hoc_time,
        "bounds": [
            {
                "name": b.name,
                "kind": b.kind,
                "entrywise": b.entrywise,
                "steps": b.steps,
                "log10_steps": b.log10_steps,
                "values": b.values,
            }
            for b in report.bounds
        ],
        "times": report.times,
        "distance": report.distance,
        "distance_is_lower_bound": report.distance_is_lower,
        "skipped": [{"what": s.what, "why": s.why} for s in report.skipped],
        "broken_assumptions": dict(subject.broken_assumptions),
        "not_applicable": no_longer_apply(subject),
        "plot": None,
    }


def _mixing(found: MixingTime | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {"steps": found.steps, "eta": found.eta, "capped": found.capped, "note": found.note}


def _likeliest(subject: ChainSubject, report: ChainReport, count: int = 5) -> list[dict[str, Any]]:
    """The contexts of largest stationary probability, in words."""
    import numpy as np

    from numerics.chains.index import context_tokens

    assert report.stationary is not None
    pi = report.stationary.pi
    vocabulary = subject.model.vocabulary
    found = []
    for u in np.argsort(-pi, kind="stable")[:count]:
        labels = [vocabulary.label(x) for x in context_tokens(int(u), report.T, report.K)]
        found.append({"context": labels, "probability": float(pi[u])})
    return found


def draw(subject: ChainSubject, report: ChainReport, plot: Path) -> Path:
    """Measured distance and all bounds on one logarithmic axis."""
    from verify.report.plots import Curve, PlotError, draw_curves

    times = [float(t) for t in report.times]
    curves = [Curve(b.name, times, [float(v) for v in b.values[: len(times)]]) for b in report.bounds]
    if report.distance is not None:
        label = "measured, from a few starts" if report.distance_is_lower else "measured, worst start"
        curves.append(Curve(label, times, [float(d) for d in report.distance], measured=True))
    with refusing(PlotError):
        return draw_curves(
            plot,
            curves,
            title=f"convergence of {subject.name} (T = {report.T}, K = {report.K})",
            xlabel="steps (tokens)",
            ylabel="distance to the stationary law",
            yscale="log",
            trivial=1.0,
        )


def _print(document: dict[str, Any], out: Console) -> None:
    rows = table("quantity", "value", right=())
    for name, value in _rows(document):
        rows.add_row(name, value)
    out.print(f"{document['model']} as a Markov chain", style="bold")
    out.print(rows)
    _print_bounds(document, out)
    for skipped in document["skipped"]:
        out.print(f"left out: {skipped['what']}: {skipped['why']}")
    for name, why in document["broken_assumptions"].items():
        out.print(f"breaks the assumption {name}: {why}")
    if document["not_applicable"]:
        names = ", ".join(c["claim"] for c in document["not_applicable"])
        out.print(f"not applicable: {names}")
    if document["plot"]:
        out.print(f"plot: {document['plot']}")


def _rows(document: dict[str, Any]) -> list[tuple[str, str]]:
    sizes = document["recurrent_classes"]
    shown = ", ".join(map(str, sizes[:8])) + (", ..." if document["classes"] > 8 else "")
    periods = ", ".join(map(str, document["periods"][:8])) + (", ..." if document["classes"] > 8 else "")
    rows = [
        ("vocabulary T, window K", f"{document['T']}, {document['K']}"),
        ("full contexts T^K; all states", f"{document['states']}; {document['all_states']}"),
        ("recurrent classes (sizes)", f"{document['classes']} ({shown})"),
        ("periods", periods),
        ("transient full contexts", str(document["transient"])),
        ("entropy rate, nats a token", number(document["entropy_rate"], 9)),
        ("perplexity", number(document["perplexity"], 9)),
    ]
    stationary = document["stationary"]
    if stationary is not None:
        law = f"{stationary['method']}, residual {stationary['residual']:.2g}"
        rows.append(("stationary law", law + ("" if stationary["certified"] else ", NOT certified")))
        top = "; ".join(f"{' '.join(t['context'])}  {t['probability']:.4g}" for t in stationary["top"])
        rows.append(("likeliest contexts", top))
    certified = "" if document["slem_certified"] else "  (not certified)"
    rows.append(("second eigenvalue modulus; gap", _pair(document["slem"], document["gap"]) + certified))
    for key in ("mixing_time", "mixing_time_quarter"):
        mixing = document[key]
        if mixing is not None:
            steps = "infinite" if math.isinf(mixing["steps"]) else f"{mixing['steps']:.0f} steps"
            note = f" ({mixing['note']})" if mixing["note"] else ""
            rows.append((f"mixing time to {mixing['eta']:g}, worst start", steps + note))
    rows += [
        ("smallest probability p_min", power_of_ten(document["log10_p_min"])),
        ("smallest entry epsilon of A = P^K", power_of_ten(document["log10_epsilon"])),
        ("Doeblin coefficient of A", number(document["doeblin"], 9)),
        ("Dobrushin coefficient of A", number(document["dobrushin"], 9)),
        ("overlaps beta" + ("" if document["beta_exact"] else " (lower bounds)"), _list(document["beta"])),
        ("overlaps gamma", _list(document["gamma"])),
        ("expected coalescence time", number(float(document["hoc_time"]))),
    ]
    return rows


def _pair(first: float | None, second: float | None) -> str:
    return f"{number(first, 9)}; {number(second, 9)}"


def _list(values: Any) -> str:
    return ", ".join(number(float(v)) for v in values)


def _print_bounds(document: dict[str, Any], out: Console) -> None:
    """Every bound beside the measured distance, at up to eight times, and the steps each needs to certify eta."""
    times = [int(t) for t in document["times"]]
    picked = sorted({round(i * (len(times) - 1) / 7) for i in range(8)}) if times else []
    heads = [f"n = {times[i]}" for i in picked]
    eta = f"steps to {document['eta']:g}"
    rows = table("distance to the stationary law", *heads, eta, right=(*heads, eta))
    if document["distance"] is not None:
        name = "measured" + (" (a few starts: a lower bound)" if document["distance_is_lower_bound"] else "")
        mixing = document["mixing_time"]
        steps = "-" if mixing is None else "infinite" if math.isinf(mixing["steps"]) else f"{mixing['steps']:.0f}"
        rows.add_row(name, *(number(float(document["distance"][i]), 3) for i in picked), steps)
    for bound in document["bounds"]:
        name = bound["name"] + (" (entrywise)" if bound["entrywise"] else "")
        log10 = float(bound["log10_steps"])
        steps = f"{bound['steps']:.0f}" if bound["steps"] < 1e9 else power_of_ten(log10, 4)
        rows.add_row(name, *(number(float(bound["values"][i]), 3) for i in picked), steps)
    out.print(rows)
