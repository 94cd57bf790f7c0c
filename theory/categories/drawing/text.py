"""A diagram in words, where nothing can be drawn: one line a box, `~` for a draw and `=` for a function.

>>> from theory.categories.term import Box, Copy
>>> from theory.categories.types import Ob
>>> X, Y = Ob("X"), Ob("Y")
>>> print(text(Copy(X) >> Box("k", X, Y) @ Box("f", X, Y, deterministic=True)))
given X
Y1 ~ k(X)
Y2 = f(X)
return Y1, Y2
"""

from __future__ import annotations

from theory.categories.independence import variables
from theory.categories.normal_form import translate
from theory.categories.term import Term


def text(term: Term) -> str:
    """The boxes of the term as it is written, in order, on named wires."""
    graph = translate(term)
    names = sorted(variables(graph), key=variables(graph).__getitem__)
    lines = [f"given {', '.join(names[: len(graph.dom)])}"] if graph.dom else []
    for node, results in zip(graph.nodes, graph.results, strict=True):
        left = ", ".join(names[wire] for wire in results) or "()"
        sign = "=" if node.box.deterministic else "~"
        lines.append(f"{left} {sign} {node.box.name}({', '.join(names[wire] for wire in node.inputs)})")
    return "\n".join([*lines, f"return {', '.join(names[wire] for wire in graph.outputs) or '()'}"])
