"""Several axes in one PNG: equal axes along a row, one legend below, bands around measured lines.

Main definitions
    Line       one line with its band
    Axes       one plot of the grid
    draw_grid  the whole figure
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from verify.report.plots import STYLE

WIDTH, HEIGHT = 3.6, 3.1  # of one plot, inches
LEGEND_WIDTH = 3.5  # of one entry of the legend, inches


@dataclass(frozen=True)
class Line:
    """Points (x, y) with an optional band [lower, upper]; lines of one label look alike everywhere in a figure."""

    label: str
    x: ArrayLike
    y: ArrayLike
    colour: str
    dashes: Any = "-"
    lower: ArrayLike | None = None
    upper: ArrayLike | None = None
    marker: str | None = None


@dataclass(frozen=True)
class Axes:
    """One plot on log-log axes; `upright` is a dotted vertical line, with what it means written beside it."""

    title: str
    xlabel: str
    ylabel: str
    lines: Sequence[Line]
    xscale: Literal["linear", "log"] = "log"
    upright: tuple[float, str] | None = None


def draw_grid(
    path: Path, rows: Sequence[Sequence[Axes]], *, title: str, top: float | None = None, share: bool = True
) -> Path:
    """Draw the rows of axes; within a row all share the vertical axis (unless told not to), which ends at `top` where
    given."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    columns = max(len(row) for row in rows)
    labels = {line.label for row in rows for axes in row for line in axes.lines}
    width = max(WIDTH * columns, 6.0)
    beside = max(1, int(width // LEGEND_WIDTH))
    size = (width, HEIGHT * len(rows) + 0.6 + 0.2 * math.ceil(len(labels) / beside))
    with pyplot.rc_context(STYLE | {"figure.figsize": size, "figure.dpi": 110, "font.size": 9.5}):
        figure, grid = pyplot.subplots(
            len(rows), columns, sharey="row" if share else False, squeeze=False, layout="constrained"
        )
        handles: dict[str, Any] = {}
        for row, cells in zip(rows, grid, strict=True):
            for place, (axes, cell) in enumerate(zip(row, cells, strict=False)):
                _draw_axes(cell, axes, handles, labelled=place == 0 or not share)
                if top is not None:
                    cell.set_ylim(top=top)
            for cell in cells[len(row) :]:
                cell.set_visible(False)
        figure.suptitle(title, fontsize=12)
        figure.legend(list(handles.values()), list(handles), loc="outside lower center", ncols=beside, fontsize=9)
        figure.savefig(path)
        pyplot.close(figure)
    return path


def _draw_axes(cell: Any, axes: Axes, handles: dict[str, Any], *, labelled: bool) -> None:
    from matplotlib.ticker import NullFormatter

    for line in axes.lines:
        x, y = _positive(line.x, line.y)
        if not x.size:
            continue  # nothing of it can be drawn on a logarithmic axis
        (drawn,) = cell.plot(
            x, y, color=line.colour, linestyle=line.dashes, label=line.label, marker=line.marker, markersize=4,
            linewidth=1.5,
        )  # fmt: skip
        handles.setdefault(line.label, drawn)
        if line.lower is not None and line.upper is not None:
            cell.fill_between(line.x, line.lower, line.upper, color=line.colour, alpha=0.15, linewidth=0)
    if axes.upright is not None:
        where, meaning = axes.upright
        cell.axvline(where, color="grey", linestyle=":", linewidth=1.0)
        cell.annotate(
            meaning, (where, 0.02), xycoords=("data", "axes fraction"), rotation=90, fontsize=7.5, color="grey",
            ha="right", va="bottom",
        )  # fmt: skip
    cell.set_xscale(axes.xscale)
    cell.set_yscale("log")
    cell.xaxis.set_minor_formatter(NullFormatter())
    cell.set_title(axes.title, fontsize=10)
    cell.set_xlabel(axes.xlabel)
    if labelled:
        cell.set_ylabel(axes.ylabel)


def _positive(x: ArrayLike, y: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    xs, ys = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    kept = np.isfinite(ys) & (ys > 0) & (xs > 0)
    return xs[kept], ys[kept]
