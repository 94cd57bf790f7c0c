"""Plots of the out-of-distribution experiment: curves over the steps, and all rows with their intervals."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from verify.experiments.experiment import Record
from verify.report.plots import COLOURS, STYLE

BLUE, ORANGE, GREEN, PINK, YELLOW, SKY, GREY = COLOURS
LABELS = {
    "trained": "as in training (L = 4)",
    "L2": "L* = 2",
    "L16": "L* = 16",
    "skew": "skewed concepts",
    "permuted": "label concepts permuted",
}
OUTCOMES = {"right": (BLUE, "generalises"), "between": (GREY, "degrades"), "wrong": (ORANGE, "fails")}
OUTCOMES["floor"] = (GREEN, "floor 2^-L of clean prompts")


def draw_curves(path: Path, records: Sequence[Record]) -> Path:
    """Error and correct attention over the steps of the large run: mean over seeds, band of their 10 to 90 %."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    record = next(r for r in records if "curves" in r["name"])
    t, beta = record["time"], np.array(record["beta"])
    with pyplot.rc_context(STYLE | {"figure.dpi": 110, "font.size": 9.5, "lines.linewidth": 1.5}):
        figure, axes = pyplot.subplots(1, 2, figsize=(10.5, 4.2), layout="constrained")
        for cell, metric in zip(axes, ("error", "attention"), strict=True):
            for name, colour in zip(record[metric], ("black", *COLOURS), strict=False):
                values = np.array(record[metric][name])
                low, high = np.quantile(values, [0.1, 0.9], axis=1)
                cell.plot(t, values.mean(1), color=colour, label=LABELS.get(name, name))
                cell.fill_between(t, low, high, color=colour, alpha=0.12, linewidth=0)
            cell.set_xlim(0, _settled(t, record["error"]))
            cell.set_xlabel("training step")
        axes[1].plot(t, 1 / (1 + np.exp(-2 * beta)), color=GREY, linestyle=(0, (5, 2)), label="1/(1 + e^(-2β))")
        axes[0].set_ylim(0, 0.6)
        axes[1].set_ylim(0.5, 1.01)
        axes[0].set_title("0-1 error", fontsize=10)
        axes[1].set_title("attention on demonstrations with the query's label", fontsize=10)
        for cell in axes:
            cell.legend(fontsize=8)
        figure.suptitle(f"Run {record['run']} on other laws while it trains; {record['seeds']} seeds", fontsize=11)
        figure.savefig(path)
        pyplot.close(figure)
    return path


def draw_rows(path: Path, records: Sequence[Record]) -> Path:
    """Every row: errors of both runs with exact intervals, and what is printed for the large one."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    rows = [r for r in records if "row" in r]
    names = list(dict.fromkeys(r["row"] for r in rows))
    runs = list(dict.fromkeys(r["run"] for r in rows))
    order = [n for outcome in OUTCOMES for n in names if _of(rows, runs[0], n)["outcome"] == outcome]
    with pyplot.rc_context(STYLE | {"figure.dpi": 110, "font.size": 9.5}):
        figure, cell = pyplot.subplots(figsize=(9.5, 0.235 * len(order) + 1.5), layout="constrained")
        for place, name in enumerate(order):
            for run, marker, offset in zip(runs, ("o", "D"), (-0.17, 0.17), strict=True):
                record = _of(rows, run, name)
                colour = OUTCOMES[record["outcome"]][0]
                low, high = record["interval"]
                value = record["value"]
                style: dict[str, Any] = {"color": colour, "markersize": 4.5, "capsize": 2, "linewidth": 1.2}
                cell.errorbar([value], [place + offset], xerr=[[value - low], [high - value]], fmt=marker, **style)
            printed = _of(rows, runs[0], name)
            if "tolerance" in printed:
                cell.plot(
                    [printed["expected"]], [place], "|", color="black", markersize=11, markeredgewidth=1.4, zorder=4
                )
            floor = _of(rows, runs[1], name).get("floor")
            if floor is not None:
                cell.plot([floor], [place], "x", color="black", markersize=5)
        for colour, label in OUTCOMES.values():
            cell.plot([], [], "s", color=colour, label=label)
        sizes = {r["run"]: r["seeds"] for r in rows}
        for run, marker in zip(runs, ("o", "D"), strict=True):
            cell.plot([], [], marker, color="black", markersize=4.5, label=f"run {run}, {sizes[run]} seeds, 99 %")
        cell.plot([], [], "|", color="black", markersize=11, label=f"specification, run {runs[0]}")
        cell.plot([], [], "x", color="black", markersize=5, label="2^-L")
        cell.set_yticks(range(len(order)), order, fontsize=8.5)
        cell.set_ylim(len(order) - 0.4, -0.6)
        cell.set_xscale("symlog", linthresh=0.01, linscale=0.6)
        cell.set_xlim(-0.001, 1.15)
        cell.set_xticks([0, 0.01, 0.03, 0.1, 0.3, 1], ["0", ".01", ".03", ".1", ".3", "1"])
        cell.set_xlabel("0-1 error (linear below .01)")
        cell.legend(fontsize=8, loc="upper right", frameon=True)
        cell.set_title("Learned concepts out of distribution: what generalises and what fails", fontsize=11)
        figure.savefig(path)
        pyplot.close(figure)
    return path


def _settled(t: Sequence[int], errors: dict[str, list[list[float]]]) -> int:
    """Twice the time after which all mean errors stay below 1 %: later nothing is to be seen."""
    above = np.max([np.array(values).mean(1) for values in errors.values()], axis=0) >= 0.01
    last = int(np.flatnonzero(above)[-1]) if above.any() else len(t)
    return t[min(2 * last, len(t) - 1)]


def _of(rows: Sequence[Record], run: str, name: str) -> Record:
    return next(r for r in rows if r["run"] == run and r["row"] == name)
