"""Plot of the learning experiment: four panels, one a part."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from verify.experiments.experiment import Record
from verify.report.plots import COLOURS, STYLE

LEAST = 2e-5  # errors of 0 are drawn here, on a logarithmic axis


def draw_learning(path: Path, records: Sequence[Record]) -> Path:
    """Errors against the number of chains, mistakes against both chains' bounds, updates against n."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    by_name = {r["name"]: r for r in records}
    with pyplot.rc_context(STYLE | {"font.size": 9.5}):
        figure, axes = pyplot.subplots(2, 2, figsize=(11.5, 8.6), layout="constrained")
        _parity(axes[0, 0], by_name)
        _length(axes[0, 1], by_name)
        _gate(axes[1, 0], by_name["updates on a gate of exponential weights"])
        _machine(axes[1, 1], by_name["a machine from its traces"])
        figure.savefig(path)
        pyplot.close(figure)
    return path


def _curve(axes: Any, points: Sequence[Record], colour: str, label: str, marker: str = "o") -> None:
    sizes = [p["m"] for p in points]
    axes.plot(sizes, [max(p["median"], LEAST) for p in points], f"{marker}-", color=colour, label=label)
    for p in points:
        axes.plot([p["m"]] * 2, [max(min(p["errors"]), LEAST), max(*p["errors"], LEAST)], color=colour, alpha=0.5)


def _parity(axes: Any, by_name: dict[str, Record]) -> None:
    with_chain, without = by_name["parity with a chain"], by_name["parity without a chain"]
    _curve(axes, with_chain["points"], COLOURS[0], f"chain of {with_chain['tokens']} tokens")
    _curve(axes, without["points"], COLOURS[1], "answer only", "s")
    sizes = [p["m"] for p in with_chain["points"]]
    bound = [min(1.0, with_chain["dimensions"] / (m + 1)) for m in sizes]
    axes.plot(sizes, bound, "--", color=COLOURS[2], label="bound of the least-norm learner (mean error)")
    axes.axhline(without["floor"], color=COLOURS[1], linestyle=":", label="no single token does better")
    reference = [(int(m), row[0]) for m, row in with_chain["expected"].items()]
    axes.plot(*zip(*[(m, max(e, LEAST)) for m, e in reference], strict=True), "x", color="black", label="reference")
    needed = by_name["chains for an error of a twentieth"]
    for marker, name in (("v", "suffice, joint"), ("^", "suffice, union as stated")):
        axes.plot([needed["values"][name]], [needed["eps"]], marker, color=COLOURS[3], label=f"growth bound: {name}")
    axes.set(xscale="log", yscale="log", ylim=(LEAST / 1.5, 1.5), xlabel="training chains m", ylabel="wrong chains")
    axes.set_title(f"Parity of {with_chain['a']} of {with_chain['n']} bits")
    axes.legend(frameon=False)


def _length(axes: Any, by_name: dict[str, Record]) -> None:
    for colour, name in zip(COLOURS, ("short", "long"), strict=False):
        record = by_name[f"parity by the {name} chain"]
        last = max(record["mistakes"], key=int)
        made = max(record["mistakes"][last])
        label = f"{record['tokens']} tokens: {made} mistakes at m = {last}"
        _curve(axes, record["points"], colour, label)
        reference = [(int(m), e) for m, e in record["expected"].items()]
        axes.plot(*zip(*reference, strict=True), "x", color=colour)
    axes.set(xscale="log", yscale="log", xlabel="training chains m", ylabel="wrong chains")
    axes.set_title("Parity of 20 bits: length buys margin (x: reference)")
    axes.legend(frameon=False)


def _gate(axes: Any, record: Record) -> None:
    rows = record["rows"]
    n = [r["n"] for r in rows]
    axes.plot(n, [r["mistakes"] for r in rows], "o-", color=COLOURS[0], label="updates of the perceptron")
    axes.plot(n, [r["reference"] for r in rows], "x", color="black", label="reference")
    axes.plot(n, [r["bound"] for r in rows], "--", color=COLOURS[2], label="(n + 1) |u|²")
    axes.plot(n, [r["fibonacci"] for r in rows], ":", color=COLOURS[1], label="F(n), necessary")
    axes.plot(n, [2**k for k in n], "-.", color="grey", label="2^n inputs")
    axes.set(yscale="log", xlabel="bits n", ylabel="updates")
    axes.set_title("One gate, exponential weights")
    axes.legend(frameon=False)


def _machine(axes: Any, record: Record) -> None:
    _curve(axes, record["points"], COLOURS[0], "whole chains")
    sizes = [p["m"] for p in record["points"]]
    axes.plot(sizes, [record["answers"][str(m)] for m in sizes], "s-", color=COLOURS[1], label="answers")
    for m, (low, high) in record["expected"].items():
        axes.plot([int(m)] * 2, [low, max(high, low + 0.01)], color="black", linewidth=5, alpha=0.25)
    axes.set(xscale="log", ylim=(0, 1), xlabel="training traces m", ylabel="wrong, of all 256 inputs")
    axes.set_title(f"A Turing machine in {record['tokens']} tokens (grey: reference)")
    axes.legend(frameon=False)
