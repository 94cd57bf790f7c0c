"""Two figures: the multiplication networks, and the text network."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from verify.report.plots import COLOURS, STYLE
from verify.statistics import binomial_interval

if TYPE_CHECKING:
    from verify.experiments.autoregressive_networks_multiplication import Cell
    from verify.experiments.autoregressive_networks_text import TextResult

SMALL = STYLE | {"figure.dpi": 110, "font.size": 9.5}


def draw_multiplication(path: Path, cells: Sequence[Cell]) -> Path:
    """Bits of the chain during training, and what is right on the test pairs, with 99 % intervals."""
    pyplot = _pyplot()
    with pyplot.rc_context(SMALL):
        figure, (left, right) = pyplot.subplots(1, 2, figsize=(11, 4.2), layout="constrained")
        for cell, colour in zip(cells, COLOURS, strict=False):
            bits = _smooth(cell.trained.bits)
            dashes = "-" if cell.chain else "--"
            left.plot(np.arange(1, len(bits) + 1), bits, dashes, color=colour, label=cell.label)
        left.axhline(
            1, color="black", linewidth=1, linestyle=":", label="1 bit: below it greedy_nll_bound says something"
        )
        left.set(xlabel="update", ylabel="bits of the chain (sum, running mean)", yscale="log", title="Training")
        left.legend(fontsize=8)
        names = ("answer digits", "exact answers", "whole chains")
        for place, (cell, colour) in enumerate(zip(cells, COLOURS, strict=False)):
            count = len(cell.exact)
            shares = (cell.digits, float(cell.exact.mean()), 1 - cell.found.error)
            trials = (count * 2 * cell.d, count, count)
            at = np.arange(3) + (place - (len(cells) - 1) / 2) * 0.2
            ends = [binomial_interval(round(s * n), n) for s, n in zip(shares, trials, strict=True)]
            reach = [[max(0.0, s - low), max(0.0, high - s)] for s, (low, high) in zip(shares, ends, strict=True)]
            hatch = None if cell.chain else "//"
            right.bar(at, shares, 0.18, color=colour, hatch=hatch, edgecolor="white", label=cell.label)
            right.errorbar(at, shares, np.array(reach).T, fmt="none", color="black", linewidth=1, capsize=2)
        right.axhline(0.1, color="black", linewidth=1, linestyle=":", label="chance of a digit")
        right.set_xticks(range(3), names)
        right.set(ylim=(0, 1), ylabel="share that is right", title=f"{len(cells[0].exact)} test pairs")
        right.legend(fontsize=8)
        size = cells[0].trained.recipe.size
        figure.suptitle(f"Products of two {cells[0].d}-digit numbers by masked networks of width {size.width}")
        figure.savefig(path)
        pyplot.close(figure)
    return path


def draw_text(path: Path, result: TextResult) -> Path:
    """Perplexity against position beside n-grams, norms of the tables by lag, the norms themselves."""
    pyplot = _pyplot()
    with pyplot.rc_context(SMALL):
        figure, (left, middle, right) = pyplot.subplots(1, 3, figsize=(13, 4.2), layout="constrained")
        read = np.arange(1, len(result.losses) + 1)
        left.plot(read, np.exp(result.losses), "o-", color="black", markersize=3, label="network")
        for (n, value), colour in zip(result.grams.items(), COLOURS, strict=False):
            left.axhline(value, color=colour, linestyle="--", linewidth=1.2, label=f"{n}-gram counts: {value:.2f}")
        left.set(xlabel="tokens read in the window", ylabel="perplexity", yscale="log")
        left.set_title(f"Held-out text: {result.perplexity:.2f} over all positions")
        left.legend(fontsize=8, loc="lower left")
        left.set_ylim(0.6 * min(result.grams.values()), None)
        left.yaxis.set_major_formatter("{x:g}")
        left.yaxis.set_minor_formatter("{x:g}")
        lags = result.norms_by_lag
        middle.plot(np.arange(len(lags)), lags, "o-", color="black", markersize=3)
        middle.set(xlabel="t − i", ylabel="mean Frobenius norm of U M E^T", ylim=(0, None), title="Tables by distance")
        shown = np.ma.masked_array(result.norms, np.triu(np.ones_like(result.norms, dtype=bool), 1))
        image = right.imshow(shown, cmap="viridis")
        right.grid(False)
        right.set(xlabel="position i that is read", ylabel="position t", title="Norm of every table")
        figure.colorbar(image, ax=right)
        recipe = result.trained.recipe
        figure.suptitle(
            f"Linear network on {recipe.data.split(',')[0]}: T = {recipe.size.positions}, d = {recipe.size.width}, "
            f"{recipe.size.parameter_count} parameters, {len(result.trained.losses)} updates"
        )
        figure.savefig(path)
        pyplot.close(figure)
    return path


def _smooth(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Running mean over a fiftieth of the run."""
    span = max(1, len(values) // 50)
    total = np.cumsum(np.concatenate([[0.0], values]))
    ends = np.arange(1, len(values) + 1)
    starts = np.maximum(0, ends - span)
    return np.asarray((total[ends] - total[starts]) / (ends - starts))


def _pyplot() -> Any:
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    return pyplot
