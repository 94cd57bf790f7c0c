"""String diagrams of terms, left to right: layout, SVG, TikZ, and text."""

from theory.categories.drawing.layout import Layout, layout, layout_equation
from theory.categories.drawing.svg import svg, svg_equation
from theory.categories.drawing.text import text
from theory.categories.drawing.tikz import tikz, tikz_equation

__all__ = ["Layout", "layout", "layout_equation", "svg", "svg_equation", "text", "tikz", "tikz_equation"]
