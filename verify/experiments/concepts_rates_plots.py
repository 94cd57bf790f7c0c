"""Plots of the rates experiment: log error with both fits and the bound, and all rates beside the proved ones."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from verify.experiments.experiment import Record
from verify.report.plots import COLOURS, STYLE

BLUE, ORANGE, GREEN, PINK, YELLOW, SKY, GREY = COLOURS
DASHED: Any = (0, (5, 2))
DOTTED: Any = (0, (1.5, 1.5))
LOWEST, HIGHEST = 2e-5, 2.0


def draw_decays(path: Path, records: Sequence[Record]) -> Path:
    """One cell a run: mean error on a logarithmic axis with its exact intervals, fits, and the bound, flat at 1."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    courses = [r for r in records if r["name"].startswith("course")]
    columns = min(3, len(courses))
    rows = -(-len(courses) // columns)
    with pyplot.rc_context(STYLE | {"figure.dpi": 110, "font.size": 9.5, "lines.linewidth": 1.5}):
        figure, grid = pyplot.subplots(
            rows, columns, figsize=(3.7 * columns, 3.3 * rows + 0.6), sharey=True, squeeze=False, layout="constrained"
        )
        for cell, course in zip(grid.flat, courses, strict=False):
            rate = next(r for r in records if r["name"].startswith("rate of") and _same_run(r, course))
            _draw_decay(cell, course, rate)
        for cell in grid.flat[len(courses) :]:
            cell.axis("off")
        for cell in grid[:, 0]:
            cell.set_ylabel("0-1 error, mean over runs")
        for cell in grid.flat[max(0, len(courses) - columns) : len(courses)]:
            cell.set_xlabel("training step")
        handles, labels = grid[0, 0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside lower center", ncols=3, fontsize=8.5)
        figure.suptitle(
            "The 0-1 error of joint training falls exponentially; what is proved does not speak of these steps",
            fontsize=11.5,
        )
        figure.savefig(path)
        pyplot.close(figure)
    return path


def _draw_decay(cell: Any, course: Record, rate: Record) -> None:
    t, mean = np.array(course["time"]), np.array(course["error"])
    low, high = np.array(course["interval"]).T
    seen = mean > 0
    spread = np.clip(np.array(course["quantiles"]), LOWEST, None)
    cell.fill_between(t, *spread, color=GREY, alpha=0.2, linewidth=0, label="10 to 90 % of the runs")
    error = [mean[seen] - np.maximum(low[seen], LOWEST / 10), high[seen] - mean[seen]]
    style: dict[str, Any] = {"color": "black", "markersize": 3.5, "capsize": 2, "linewidth": 1}
    cell.errorbar(t[seen], mean[seen], error, fmt="o", label="mean error, exact 99 % interval", **style)
    cell.plot(t[~seen], high[~seen], "v", color="black", fillstyle="none", markersize=4, label="0 of N: upper end")
    start, stop, slope, intercept = course["fit"]
    along = np.linspace(start, stop, 100)
    cell.plot(along, np.exp(intercept + slope * along), color=BLUE, label="log-linear fit")
    bent = np.exp(np.polyval(course["quadratic"], along))
    cell.plot(along, bent, color=ORANGE, linestyle=DASHED, label="log-quadratic fit")
    cell.axhline(1, color=GREEN, linestyle=DOTTED, label="proved for frozen attention: 1 at these steps")
    cell.set_yscale("log")
    cell.set_ylim(LOWEST, HIGHEST)
    cell.set_xlim(0, t[-1])
    ends = ", ".join(f"{end:.3f}" for end in rate["interval"])
    cell.set_title(f"{course['run']}, B = {course['batch']}: {slope:.3f} a step [{ends}]", fontsize=9.5)


def draw_rates(path: Path, records: Sequence[Record]) -> Path:
    """Fitted rates with bootstrap intervals over the batch, the printed ones, and those of the bound."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    rates = [r for r in records if r["name"].startswith("rate of")]
    with pyplot.rc_context(STYLE | {"figure.dpi": 110, "font.size": 9.5, "lines.linewidth": 1.5}):
        figure, cell = pyplot.subplots(figsize=(7.5, 5.0), layout="constrained")
        for run, colour, shift in (("E", BLUE, 1.0), ("D", ORANGE, 1.28)):
            found = [r for r in rates if r["run"] == run]
            if not found:
                continue
            x = shift * np.array([r["batch"] for r in found], dtype=np.float64)
            y = -np.array([r["value"] for r in found])
            ends = -np.array([r["interval"] for r in found])  # largest rate first
            bars = np.maximum([y - ends[:, 1], ends[:, 0] - y], 0)
            label = f"run {run}, {found[0]['seeds']} runs: fitted, 95 % bootstrap"
            cell.errorbar(x, y, bars, fmt="o", color=colour, capsize=3, markersize=5, label=label)
            printed = [(r["batch"], r["printed"]) for r in found if r["printed"] is not None]
            for batch, (middle, low, high) in printed:
                bar = [[high - middle], [middle - low]]
                cell.errorbar(
                    [shift * 1.09 * batch], [-middle], bar, fmt="_", color=GREY, capsize=2, linewidth=1, markersize=5
                )
            proved = -np.array([r["proved_rate"] for r in found])
            cell.plot(x, proved, "s", linestyle=DASHED, color=colour, markersize=5, fillstyle="none")
            for place, r in zip(x, found, strict=True):
                middle = float(np.sqrt(-r["value"] * -r["proved_rate"]))
                cell.annotate(
                    f"{r['orders_loose']:.1f}", (place, middle), color=colour, fontsize=8.5, ha="center", va="center"
                )
        cell.plot([], [], "_", color=GREY, label="specification, 95 %")
        least = min(r["proved_from_step"] for r in rates)
        cell.plot(
            [],
            [],
            "s",
            linestyle=DASHED,
            color="black",
            fillstyle="none",
            label=f"proved for frozen attention, from step {least:,.0f} on",
        )
        cell.set_xscale("log", base=2)
        cell.set_yscale("log")
        batches = sorted({r["batch"] for r in rates})
        cell.set_xticks(batches, [str(batch) for batch in batches])
        cell.set_xlabel("batch B")
        cell.set_ylabel("rate of decay a step")
        cell.set_ylim(3e-5, 0.3)
        figure.legend(loc="outside lower center", ncols=2, fontsize=8.5)
        cell.set_title(
            "Rate of the 0-1 error: measured, and proved for the read-out alone (decimal orders between)", fontsize=10.5
        )
        figure.savefig(path)
        pyplot.close(figure)
    return path


def _same_run(first: Record, second: Record) -> bool:
    return bool(first["run"] == second["run"] and first["batch"] == second["batch"])
