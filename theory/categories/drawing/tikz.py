"""String diagrams as TikZ pictures, with no library beyond tikz itself."""

from __future__ import annotations

from theory.categories.drawing.layout import Edge, Layout, Shape, layout, layout_equation
from theory.categories.equality import Equation
from theory.categories.term import Term

SPECIAL = {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}


def tikz(term: Term) -> str:
    """The diagram of a term as a tikzpicture."""
    return drawn(layout(term))


def tikz_equation(equation: Equation) -> str:
    """Both sides of an equation with = or ≠ between them, as a tikzpicture."""
    return drawn(layout_equation(equation))


def drawn(plan: Layout) -> str:
    """A layout as a tikzpicture."""
    lines = [
        r"\begin{tikzpicture}[x=1cm, y=-1cm, baseline=(current bounding box.center)]",
        *(_edge(edge) for edge in plan.edges),
        *(_shape(shape) for shape in plan.shapes),
        r"\end{tikzpicture}",
    ]
    return "\n".join(lines)


def _edge(edge: Edge) -> str:
    label = f" node[midway, above] {{\\small {_escape(edge.label)}}}" if edge.label else ""
    start, end = f"({edge.x0:.2f},{edge.y0:.2f})", f"({edge.x1:.2f},{edge.y1:.2f})"
    if edge.y0 == edge.y1:
        return rf"  \draw {start} --{label} {end};"
    middle = (edge.x0 + edge.x1) / 2
    return (
        rf"  \draw {start} .. controls ({middle:.2f},{edge.y0:.2f}) and ({middle:.2f},{edge.y1:.2f}) ..{label} {end};"
    )


def _shape(shape: Shape) -> str:
    at = f"({shape.x:.2f},{shape.y:.2f})"
    if shape.kind == "copy":
        return rf"  \fill {at} circle[radius=2.5pt];"
    if shape.kind == "discard":
        return rf"  \draw[fill=white] {at} circle[radius=2.8pt];"
    if shape.kind == "sign":
        return rf"  \node at {at} {{${'=' if shape.label == '=' else chr(92) + 'ne'}$}};"
    double = ", double" if shape.deterministic else ""
    size = f"minimum width={shape.width:.2f}cm, minimum height={shape.height:.2f}cm"
    return rf"  \node[draw, fill=white, {size}{double}] at {at} {{{_escape(shape.label)}}};"


def _escape(text: str) -> str:
    return "".join(SPECIAL.get(c, f"\\{c}" if c in "#$%&_{}" else c) for c in text)
