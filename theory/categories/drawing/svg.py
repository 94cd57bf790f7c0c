"""String diagrams as SVG: boxes (flagged ones with a double border), black copy dots, open discard dots."""

from __future__ import annotations

from html import escape

from theory.categories.drawing.layout import Edge, Layout, Shape, layout, layout_equation
from theory.categories.equality import Equation
from theory.categories.term import Term

SCALE = 44.0  # pixels a unit
MARGIN = 10.0


def svg(term: Term) -> str:
    """The diagram of a term as an SVG document."""
    return drawn(layout(term), f"{term} : {term.type_text}")


def svg_equation(equation: Equation) -> str:
    """Both sides of an equation with = or ≠ between them."""
    return drawn(layout_equation(equation), str(equation))


def drawn(plan: Layout, title: str) -> str:
    """A layout as an SVG document; the title is what a screen reader reads."""
    width, height = plan.width * SCALE + 2 * MARGIN, plan.height * SCALE + 2 * MARGIN
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height:.0f}" '
        f'viewBox="0 0 {width:.0f} {height:.0f}" role="img">',
        f"<title>{escape(title)}</title>",
        f'<rect width="{width:.0f}" height="{height:.0f}" fill="white"/>',
        '<g font-family="serif" font-size="15" text-anchor="middle" stroke="none">',
        *(_edge(edge) for edge in plan.edges),
        *(_shape(shape) for shape in plan.shapes),
        "</g>",
        "</svg>",
    ]
    return "\n".join(lines)


def _at(value: float) -> str:
    return f"{value * SCALE + MARGIN:.1f}"


def _edge(edge: Edge) -> str:
    if edge.y0 == edge.y1:
        path = f"M {_at(edge.x0)} {_at(edge.y0)} H {_at(edge.x1)}"
    else:
        middle = _at((edge.x0 + edge.x1) / 2)
        path = (
            f"M {_at(edge.x0)} {_at(edge.y0)} C {middle} {_at(edge.y0)} {middle} {_at(edge.y1)} "
            f"{_at(edge.x1)} {_at(edge.y1)}"
        )
    line = f'<path d="{path}" fill="none" stroke="black" stroke-width="1.4"/>'
    if edge.label:
        x, y = _at((edge.x0 + edge.x1) / 2), _at(edge.y0 - 0.12)
        line += f'<text x="{x}" y="{y}" font-size="13" font-style="italic">{escape(edge.label)}</text>'
    return line


def _shape(shape: Shape) -> str:
    x, y = _at(shape.x), _at(shape.y)
    if shape.kind == "copy":
        return f'<circle cx="{x}" cy="{y}" r="4.5" fill="black"/>'
    if shape.kind == "discard":
        return f'<circle cx="{x}" cy="{y}" r="5" fill="white" stroke="black" stroke-width="1.4"/>'
    if shape.kind == "sign":
        return f'<text x="{x}" y="{_at(shape.y + 0.15)}" font-size="26">{escape(shape.label)}</text>'
    rectangle = _rectangle(shape, 0.0)
    if shape.deterministic:
        rectangle += _rectangle(shape, 0.07)
    return f'{rectangle}<text x="{x}" y="{_at(shape.y + 0.11)}">{escape(shape.label)}</text>'


def _rectangle(shape: Shape, inset: float) -> str:
    width, height = (shape.width - 2 * inset) * SCALE, (shape.height - 2 * inset) * SCALE
    return (
        f'<rect x="{_at(shape.x - shape.width / 2 + inset)}" y="{_at(shape.y - shape.height / 2 + inset)}" '
        f'width="{width:.1f}" height="{height:.1f}" fill="{"none" if inset else "white"}" stroke="black" '
        'stroke-width="1.2"/>'
    )
