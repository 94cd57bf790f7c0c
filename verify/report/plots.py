"""Plots to PNG in one style; Matplotlib is imported when the first one is drawn, and needs no display.

Main definitions
    Curve        one line of a plot
    draw_curves  curves over one axis, the quantity on a logarithmic axis where asked
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

STYLE: dict[str, Any] = {
    "figure.figsize": (8.0, 5.0),
    "figure.dpi": 150,
    "font.size": 11,
    "axes.grid": True,
    "grid.alpha": 0.3,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "legend.frameon": False,
    "lines.linewidth": 1.8,
}
# Okabe and Ito's colours, which the colour-blind can tell apart; black is kept for what was measured.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#7F7F7F")
DASHES = ("-", (0, (6, 3)), (0, (2, 2)))
FLOOR = 1e-17  # below rounding noise: nothing is drawn there on a logarithmic axis
SUFFIXES = (".png", ".pdf", ".svg")


class PlotError(ValueError):
    """The plot cannot be written; the message says why."""


@dataclass(frozen=True)
class Curve:
    """One line: points (x, y); `measured` curves are black with markers, bounds are coloured lines.

    A y that is not finite is left out.
    """

    label: str
    x: Sequence[float]
    y: Sequence[float]
    measured: bool = False


def check_target(path: Path) -> None:
    """Raise PlotError unless a plot can be written to `path` (so that long work is not done in vain)."""
    if path.suffix.lower() not in SUFFIXES:
        raise PlotError(f"cannot plot to {str(path)!r}: expected a file name ending in {', '.join(SUFFIXES)}")
    if path.is_dir():
        raise PlotError(f"cannot plot to {str(path)!r}: it is a folder")
    if not path.parent.is_dir():
        raise PlotError(f"cannot plot to {str(path)!r}: the folder {str(path.parent)!r} does not exist")


def draw_curves(
    path: Path,
    curves: Sequence[Curve],
    *,
    title: str,
    xlabel: str,
    ylabel: str,
    xscale: Literal["linear", "log"] = "linear",
    yscale: Literal["linear", "log"] = "linear",
    trivial: float | None = None,
) -> Path:
    """Draw the curves into `path`; `trivial` is a dotted horizontal line beyond which a bound says nothing."""
    check_target(path)
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    with pyplot.rc_context(STYLE):
        figure, axes = pyplot.subplots(layout="constrained")
        coloured = 0
        for curve in curves:
            points = [(x, y) for x, y in zip(curve.x, curve.y, strict=True) if _drawable(x, y, xscale, yscale)]
            xs, ys = [p[0] for p in points], [p[1] for p in points]
            if curve.measured:
                marker = "o" if len(points) <= 60 else None
                axes.plot(xs, ys, color="black", marker=marker, markersize=3.5, label=curve.label, zorder=5)
            else:
                dashes = DASHES[coloured % len(DASHES)]  # so that curves that coincide can still be told apart
                axes.plot(xs, ys, color=COLOURS[coloured % len(COLOURS)], linestyle=dashes, label=curve.label)
                coloured += 1
        if trivial is not None:
            axes.axhline(trivial, color="grey", linestyle=":", linewidth=1.2, label="trivial")
        axes.set_xscale(xscale)
        axes.set_yscale(yscale)
        axes.set_title(title, fontsize=12)
        axes.set_xlabel(xlabel)
        axes.set_ylabel(ylabel)
        if len(curves) > 1 or trivial is not None:
            axes.legend(fontsize=9)
        try:
            figure.savefig(path)
        except OSError as error:
            raise PlotError(f"cannot plot to {str(path)!r}: {error.strerror}") from None
        finally:
            pyplot.close(figure)
    return path


def _drawable(x: float, y: float, xscale: str, yscale: str) -> bool:
    if not (math.isfinite(x) and math.isfinite(y)):
        return False
    return (xscale == "linear" or x > 0) and (yscale == "linear" or y > FLOOR)
