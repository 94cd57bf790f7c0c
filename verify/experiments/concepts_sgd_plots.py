"""Plots of the experiment on generic logistic SGD: the three points with all bounds, and the sweep across lambda_c."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from verify.experiments.experiment import Record
from verify.report.plots import COLOURS, STYLE

BLUE, ORANGE, GREEN, PINK, YELLOW, SKY, GREY = COLOURS
LEAST = 1e-4  # of an axis of errors


def _figure(columns: int, width: float) -> tuple[Any, Any, Any]:
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    with pyplot.rc_context(STYLE | {"font.size": 9.5, "lines.linewidth": 1.5}):
        figure, cells = pyplot.subplots(1, columns, figsize=(width * columns, 3.9), layout="constrained")
    return pyplot, figure, cells


def draw_course(path: Path, records: Sequence[Record]) -> Path:
    """Error with the fit and what is proved; squared distance with its bound; tails with theirs."""
    by_name = {r["name"]: r for r in records}
    pyplot, figure, cells = _figure(3, 4.3)
    _error(cells[0], by_name["error of the three points"], by_name["rate of the three points"])
    _squares(cells[1], by_name["squared distance of the three points"])
    _tails(cells[2], by_name["tails of the three points"])
    figure.suptitle("Logistic SGD on three points, λ = 0.1, γ = 7: what happens, and what is proved", fontsize=11.5)
    figure.savefig(path)
    pyplot.close(figure)
    return path


def _error(cell: Any, found: Record, rate: Record) -> None:
    t = np.array([row["T"] for row in found["rows"]])
    mean = np.array([row["error"] for row in found["rows"]])
    ends = np.array([row["interval"] for row in found["rows"]]).T
    first = found["bound_from_step"]
    cell.errorbar(
        t, mean, np.abs(ends - mean), color=BLUE, marker="o", markersize=3.5, capsize=2, linestyle="none",
        label=f"{found['runs']:,} runs, exact 95 % intervals",
    )  # fmt: skip
    low, high = rate["interval"]
    x = np.linspace(1, 1.15 * t[-1], 200)
    label = f"fit: {rate['value']:.4f} a step [{low:.4f}, {high:.4f}]"
    cell.plot(x, np.exp(rate["intercept"] + rate["value"] * x), color=ORANGE, label=label)
    label = f"proved here: 1; from $T_0$ = {first:,.0f} on {rate['proved_rate']:.2g} a step"
    cell.axhline(1, color=GREY, linestyle="--", label=label)
    cell.plot(*zip(*((int(k), v) for k, v in found["printed"].items()), strict=True), "x", color="black",
              label="reference")  # fmt: skip
    cell.set(yscale="log", ylim=(mean.min() / 2.5, 40), xlabel="step T", ylabel="E of the 0-1 loss")
    cell.set_title(f"0-1 loss: the bound is {rate['orders_loose']:.1f} orders too slow")
    cell.legend(frameon=False, fontsize=7.8, loc="upper right")


def _squares(cell: Any, found: Record) -> None:
    t = [row["T"] for row in found["rows"]]
    cell.plot(t, [row["value"] for row in found["rows"]], "o-", color=BLUE, markersize=3.5, label="E |w − w_λ|²")
    cell.plot(t, [row["bound"] for row in found["rows"]], "--", color=GREY, label="ν/(γ + T)")
    factor = found["factor_loose"][-1]
    cell.set(xscale="log", yscale="log", xlabel="step T", ylabel="squared distance")
    cell.set_title(f"Distance from the minimiser: factor {factor:.0f}")
    cell.legend(frameon=False)


def _tails(cell: Any, found: Record) -> None:
    x = np.logspace(-2, 1.3, 300)
    for colour, (t, margin, norm) in zip((BLUE, ORANGE, GREEN), found["rates"], strict=True):
        for kind, marker, dashes in (("margin", "o", "--"), ("norm", "s", ":")):
            rows = [row for row in found["rows"] if (row["T"], row["of"]) == (t, kind)]
            share = np.array([row["share"] for row in rows])
            ends = np.array([row["interval"] for row in rows]).T
            cell.errorbar(
                [row["x"] for row in rows], share, np.abs(ends - share), color=colour, marker=marker,
                markersize=4, capsize=2, linestyle="none", label=f"{kind}, T = {t}",
            )  # fmt: skip
            bound = np.exp(margin * x**2) if kind == "margin" else 2 * np.exp(norm * x**2)
            cell.plot(x, np.minimum(1, bound), dashes, color=colour, linewidth=1.2)
    cell.set(
        xlabel="deviation x",
        ylabel="probability of at least x",
        xscale="log",
        yscale="log",
        xlim=(0.02, 25),
        ylim=(LEAST, 1.5),
    )
    cell.set_title("Deviation from the mean run (lines: bounds)")
    cell.legend(frameon=False, fontsize=7.5, loc="lower left")


def draw_sweep(path: Path, records: Sequence[Record]) -> Path:
    """Margins of the minimiser and the error of SGD against lambda."""
    sweep = next(r for r in records if r["name"] == "across lambda_c")
    pyplot, figure, cells = _figure(2, 5.0)
    lam = np.array([row["lambda"] for row in sweep["rows"]])
    both = np.array([row["margins"] for row in sweep["rows"]])
    for colour, column, point in ((BLUE, 0, "(1, 0), weight 0.9"), (ORANGE, 1, "(−0.5, 0.6), weight 0.1")):
        cells[0].plot(lam, both[:, column], "o-", color=colour, markersize=3.5, label=point)
    cells[0].axhline(0, color="black", linewidth=0.8)
    cells[0].set(xscale="log", xlabel="weight decay λ", ylabel="margin of the minimiser")
    cells[0].set_title("Separable data, and a margin below 0")
    error = np.array([row["error"] for row in sweep["rows"]])
    ends = np.array([row["interval"] for row in sweep["rows"]]).T
    cells[1].errorbar(
        lam, error, np.abs(ends - error), color=BLUE, marker="o", markersize=3.5, capsize=2, linestyle="none",
        label=f"SGD, {sweep['runs']} runs, exact 95 % intervals",
    )  # fmt: skip
    cells[1].axhline(0.1, color=GREY, linestyle=":", label="weight of the lost point")
    cells[1].set(xscale="log", xlabel="weight decay λ", ylabel="E of the 0-1 loss", ylim=(-0.005, None))
    cells[1].set_title("Error after training")
    for cell in cells:
        cell.axvline(sweep["lambda_c"], color=PINK, linestyle="--", label=f"λ_c = {sweep['lambda_c']:.6f}")
        cell.legend(frameon=False, fontsize=8.5)
    figure.savefig(path)
    pyplot.close(figure)
    return path
