"""String diagrams to PNG (or PDF, SVG) with Matplotlib, which is imported when the first one is drawn.

Main definitions
    draw_diagram   a term, or an equation as a pair with = or ≠, into a file
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from theory.categories.drawing.layout import Layout, Shape, layout, layout_equation
from theory.categories.equality import Equation
from theory.categories.term import Term
from verify.report.plots import PlotError, check_target

INCHES = 0.6  # a unit of the layout


def draw_diagram(path: Path, drawing: Term | Equation, *, title: str = "") -> Path:
    """Draw a term or an equation into `path`. Raises PlotError where the file cannot be written."""
    check_target(path)
    plan = layout_equation(drawing) if isinstance(drawing, Equation) else layout(drawing)
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    size = (plan.width * INCHES + 0.4, plan.height * INCHES + (0.8 if title else 0.4))
    figure, axes = pyplot.subplots(figsize=size, dpi=150, layout="constrained")
    try:
        _draw(axes, plan)
        if title:
            axes.set_title(title, fontsize=11)
        figure.savefig(path)
    except OSError as error:
        raise PlotError(f"cannot plot to {str(path)!r}: {error.strerror}") from None
    finally:
        pyplot.close(figure)
    return path


def _draw(axes: Any, plan: Layout) -> None:
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path as Curve

    for edge in plan.edges:
        middle = (edge.x0 + edge.x1) / 2
        points = [(edge.x0, edge.y0), (middle, edge.y0), (middle, edge.y1), (edge.x1, edge.y1)]
        curve = Curve(points, [Curve.MOVETO, Curve.CURVE4, Curve.CURVE4, Curve.CURVE4])
        axes.add_patch(PathPatch(curve, fill=False, linewidth=1.1))
        if edge.label:
            axes.text(middle, edge.y0 - 0.1, edge.label, ha="center", va="bottom", fontsize=9, style="italic")
    for shape in plan.shapes:
        _shape(axes, shape)
    axes.set_xlim(-0.1, plan.width + 0.1)
    axes.set_ylim(plan.height + 0.1, -0.1)
    axes.set_aspect("equal")
    axes.axis("off")


def _shape(axes: Any, shape: Shape) -> None:
    from matplotlib.patches import Circle, Rectangle

    if shape.kind == "sign":
        axes.text(shape.x, shape.y, shape.label, ha="center", va="center", fontsize=18)
        return
    if shape.kind != "box":
        colour = "black" if shape.kind == "copy" else "white"
        axes.add_patch(Circle((shape.x, shape.y), 0.1, facecolor=colour, edgecolor="black", zorder=3))
        return
    for inset in (0.0, 0.07) if shape.deterministic else (0.0,):
        corner = (shape.x - shape.width / 2 + inset, shape.y - shape.height / 2 + inset)
        size = (shape.width - 2 * inset, shape.height - 2 * inset)
        axes.add_patch(Rectangle(corner, *size, facecolor="white", edgecolor="black", zorder=3))
    axes.text(shape.x, shape.y, shape.label, ha="center", va="center", fontsize=10, zorder=4)
