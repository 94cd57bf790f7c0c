"""One figure of a run in four panels: losses and errors, attention, quadratic forms, products of the read-out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from verify.experiments.concepts_runs import Recipe, alpha_formula, reduced
from verify.report.plots import COLOURS, STYLE
from verify.statistics import binomial_interval

BLUE, ORANGE, GREEN, PINK, YELLOW, SKY, GREY = COLOURS
FORMULA: Any = (0, (5, 2))
TOP = {"loss": 0.8, "beta": 3.5, "product": 2.6}  # the same axes for all runs


def draw_panels(path: Path, one: Recipe, series: dict[str, NDArray[Any]]) -> Path:
    """Means over seeds, with bands from the 10th to the 90th percentile; formulas and the reduced map are dashed."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    with pyplot.rc_context(STYLE | {"figure.dpi": 110, "font.size": 9.5, "lines.linewidth": 1.5}):
        figure, grid = pyplot.subplots(2, 2, figsize=(10.5, 7.2), sharex=True, layout="constrained")
        for cell, draw in zip(grid.flat, (_losses, _attention, _forms, _products), strict=True):
            draw(cell, one, series)
            cell.set_xlim(0, one.steps)
            cell.legend(fontsize=8, loc="upper left" if draw is _products else "best")
        for cell in grid[1]:
            cell.set_xlabel("training step")
        figure.suptitle(
            f"Run {one.name}: d = {one.d}, K₁ = {one.concepts}, K₂ = {one.irrelevant}, m = {one.neurons}, "
            f"B = {one.batch}, σ_ξ = {one.noise:g}; {one.seeds} seeds (mean, 10 to 90 %)",
            fontsize=11,
        )
        figure.savefig(path)
        pyplot.close(figure)
    return path


def _losses(cell: Any, one: Recipe, s: dict[str, NDArray[Any]]) -> None:
    t = s["time"]
    _banded(cell, t, s["loss"], BLUE, "test loss (nats)")
    cell.plot(t, s["train_loss"].mean(1), color=SKY, linestyle=":", label="train loss")
    _banded(cell, t, s["error"], ORANGE, "test 0-1 error")
    cell.plot(t, s["train_error"].mean(1), color=YELLOW, linestyle=":", label="train 0-1 error")
    trials = one.prompts * one.seeds
    ends = np.array([binomial_interval(round(float(row.sum()) * one.prompts), trials) for row in s["error"]])
    mean = s["error"].mean(1)
    cell.errorbar(t, mean, [mean - ends[:, 0], ends[:, 1] - mean], fmt="none", ecolor=ORANGE, capsize=2, linewidth=1)
    cell.set_ylim(0, TOP["loss"])
    cell.set_title("loss and error (bars: exact 99 % intervals of pooled prompts)", fontsize=9.5)


def _attention(cell: Any, one: Recipe, s: dict[str, NDArray[Any]]) -> None:
    t = s["time"]
    _banded(cell, t, s["attention"], BLUE, "test prompts")
    cell.plot(t, s["train_attention"].mean(1), color=SKY, linestyle=":", label="train prompts")
    steps = np.arange(t[-1] + 1)
    cell.plot(
        steps, 1 / (1 + np.exp(-2 * reduced(one, steps))), color="black", linestyle=FORMULA, label="reduced map, φ = ½"
    )
    cell.set_ylim(0.5, 1.01)
    cell.set_title("attention on demonstrations with the query's label", fontsize=9.5)


def _forms(cell: Any, one: Recipe, s: dict[str, NDArray[Any]]) -> None:
    t, steps = s["time"], np.arange(s["time"][-1] + 1)
    _banded(cell, t, s["beta"].mean(2), BLUE, "β: semantic difference")
    cell.plot(steps, reduced(one, steps), color="black", linestyle=FORMULA, label="β of the reduced map, φ = ½")
    _banded(cell, t, s["noise"], GREY, "norm outside the dictionary")
    _banded(cell, t, s["irrelevant"], GREEN, "largest irrelevant form")
    _banded(cell, t, s["alpha"].mean(2), ORANGE, "α: concept")
    cell.plot(steps, alpha_formula(steps), color=YELLOW, linestyle=FORMULA, label="σ₀²‖a‖²D_t²")
    cell.set_ylim(0, TOP["beta"])
    cell.set_title("attention on the atoms of words", fontsize=9.5)


def _products(cell: Any, one: Recipe, s: dict[str, NDArray[Any]]) -> None:
    t = s["time"]
    _banded(cell, t, s["common"].mean(2), GREEN, "⟨w, c⟩, largest, r > 0")
    _banded(cell, t, s["positive"].mean(2), BLUE, "⟨w, d⟩, largest, r > 0")
    _banded(cell, t, s["negative"].mean(2), ORANGE, "⟨w, d⟩, least, r < 0")
    _banded(cell, t, s["leak"], GREY, "|⟨w, ω⟩|, largest")
    cell.set_ylim(-TOP["product"], TOP["product"])
    cell.set_title("read-out on the atoms of labels", fontsize=9.5)


def _banded(cell: Any, t: NDArray[Any], values: NDArray[Any], colour: str, label: str) -> None:
    """Mean over seeds of (times, S) with its band."""
    low, high = np.quantile(values, [0.1, 0.9], axis=1)
    cell.plot(t, values.mean(1), color=colour, label=label)
    cell.fill_between(t, low, high, color=colour, alpha=0.2, linewidth=0)
