"""Where everything of a string diagram stands: composition runs to the right, `@` stacks downwards.

Main definitions
    Layout           shapes (boxes, copy dots, discard dots, signs) and edges, in units of one wire's distance
    layout           of a term, as it is written
    layout_equation  of two terms side by side, with = or ≠ between

Conventions: y grows downwards. An edge carries the name of its object where it leaves a box or the left border.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

from theory.categories.equality import Equation
from theory.categories.term import Box, Compose, Copy, Discard, Id, Swap, Tensor, Term
from theory.categories.types import Ty

GAP = 0.5  # between two terms in sequence
STUB = 0.35  # the piece of wire at a box's side


@dataclass(frozen=True)
class Shape:
    """A box, a copy dot, a discard dot or a sign, around its centre (x, y)."""

    kind: Literal["box", "copy", "discard", "sign"]
    label: str
    x: float
    y: float
    width: float
    height: float
    deterministic: bool = False


@dataclass(frozen=True)
class Edge:
    """A piece of wire from (x0, y0) to (x1, y1)."""

    x0: float
    y0: float
    x1: float
    y1: float
    label: str = ""


@dataclass(frozen=True)
class Layout:
    """A drawing of width × height with ports at its left and right border, given by their y."""

    width: float
    height: float
    shapes: tuple[Shape, ...] = ()
    edges: tuple[Edge, ...] = ()
    inputs: tuple[float, ...] = ()
    outputs: tuple[float, ...] = ()

    def moved(self, dx: float, dy: float) -> Layout:
        """The same drawing elsewhere."""
        return replace(
            self,
            shapes=tuple(replace(s, x=s.x + dx, y=s.y + dy) for s in self.shapes),
            edges=tuple(replace(e, x0=e.x0 + dx, y0=e.y0 + dy, x1=e.x1 + dx, y1=e.y1 + dy) for e in self.edges),
            inputs=tuple(y + dy for y in self.inputs),
            outputs=tuple(y + dy for y in self.outputs),
        )


def layout(term: Term) -> Layout:
    """The drawing of a term as it is written, with its input wires named at the left border."""
    inner = _placed(term)
    lead = 0.9 if term.dom else 0.2
    end = 0.4 if term.cod else 0.2
    moved = inner.moved(lead, 0)
    edges = [Edge(0, y, lead, y, ob.name) for y, ob in zip(moved.inputs, term.dom, strict=True)]
    right = lead + inner.width
    edges += [Edge(right, y, right + end, y) for y in moved.outputs]
    return replace(moved, width=right + end, edges=_smoothed([*edges, *moved.edges]))


def layout_equation(equation: Equation) -> Layout:
    """Both sides next to each other, with = or ≠ between them as the engine decides."""
    left, right = layout(equation.left), layout(equation.right)
    height = max(left.height, right.height, 1.0)
    left, right = left.moved(0, (height - left.height) / 2), right.moved(0, (height - right.height) / 2)
    gap = 1.4
    sign = Shape("sign", "=" if equation else "≠", left.width + gap / 2, height / 2, 0.6, 0.6)
    right_moved = right.moved(left.width + gap, 0)
    return Layout(
        left.width + gap + right.width,
        height,
        (*left.shapes, sign, *right_moved.shapes),
        (*left.edges, *right_moved.edges),
    )


def _smoothed(edges: Sequence[Edge]) -> tuple[Edge, ...]:
    """Two pieces of one wire that slope the same way, one after the other, as one piece without a step between."""
    found = list(edges)
    for first in edges:
        while first in found:
            end = (round(first.x1, 9), round(first.y1, 9))
            after = [e for e in found if (round(e.x0, 9), round(e.y0, 9)) == end]
            before = [e for e in found if (round(e.x1, 9), round(e.y1, 9)) == end]
            if len(after) != 1 or len(before) != 1 or (first.y1 - first.y0) * (after[0].y1 - after[0].y0) <= 0:
                break
            joined = replace(first, x1=after[0].x1, y1=after[0].y1, label=first.label or after[0].label)
            found[found.index(first)] = joined
            found.remove(after[0])
            first = joined
    return tuple(found)


def _placed(term: Term) -> Layout:
    match term:
        case Compose():
            return _in_sequence([_placed(factor) for factor in term.factors])
        case Tensor():
            return _stacked([_placed(part) for part in term.parts])
        case Box():
            return _box(term)
        case Id():
            ys = _ports(len(term.type), _height(len(term.type)))
            return Layout(0.5, _height(len(ys)), (), tuple(Edge(0, y, 0.5, y) for y in ys), ys, ys)
        case Copy():
            return _copy(term.type)
        case Discard():
            ys = _ports(len(term.type), _height(len(term.type)))
            dots = tuple(Shape("discard", "", 0.6, y, 0.2, 0.2) for y in ys)
            return Layout(0.8, _height(len(ys)), dots, tuple(Edge(0, y, 0.6, y) for y in ys), ys)
        case Swap():
            n, k = len(term.dom), len(term.right)
            ys = _ports(n, _height(n))
            edges = tuple(Edge(0, ys[i], 1.0, ys[(i + k) % n]) for i in range(n))
            return Layout(1.0, _height(n), (), edges, ys, ys)
    raise TypeError(f"{type(term).__name__} is no term")


def _height(ports: int) -> float:
    return float(max(ports, 1))


def _ports(count: int, height: float) -> tuple[float, ...]:
    """Heights of `count` ports, one unit apart, around the middle."""
    return tuple((height - count) / 2 + 0.5 + k for k in range(count))


def _box(box: Box) -> Layout:
    height = _height(max(len(box.dom), len(box.cod)))
    width = max(1.0, 0.2 * len(box.name) + 0.5)
    left, right = (STUB if box.dom else 0.0), (0.9 if box.cod else 0.0)
    inputs, outputs = _ports(len(box.dom), height), _ports(len(box.cod), height)
    edges = [Edge(0, y, left, y) for y in inputs]
    edges += [Edge(left + width, y, left + width + right, y, ob.name) for y, ob in zip(outputs, box.cod, strict=True)]
    shape = Shape("box", box.name, left + width / 2, height / 2, width, height - 0.3, box.deterministic)
    return Layout(left + width + right, height, (shape,), tuple(edges), inputs, outputs)


def _copy(type: Ty) -> Layout:
    n = len(type)
    height = _height(2 * n)
    inputs, outputs = _ports(n, height), _ports(2 * n, height)
    dots = tuple(Shape("copy", "", 0.4, y, 0.2, 0.2) for y in inputs)
    edges = [Edge(0, y, 0.4, y) for y in inputs]
    edges += [Edge(0.4, inputs[k % n], 1.2, y) for k, y in enumerate(outputs)]
    return Layout(1.2, height, dots, tuple(edges), inputs, outputs)


def _in_sequence(blocks: Sequence[Layout]) -> Layout:
    height = max(block.height for block in blocks)
    placed: list[Layout] = []
    starts: list[float] = []
    x = 0.0
    for block in blocks:
        placed.append(block.moved(x, (height - block.height) / 2))
        starts.append(x)
        x += block.width + GAP
    edges = [edge for block in placed for edge in block.edges]
    for (first, second), (x0, x1) in zip(pairwise(placed), pairwise(starts), strict=True):
        edges += [Edge(x0 + first.width, y0, x1, y1) for y0, y1 in zip(first.outputs, second.inputs, strict=True)]
    shapes = tuple(shape for block in placed for shape in block.shapes)
    return Layout(x - GAP, height, shapes, tuple(edges), placed[0].inputs, placed[-1].outputs)


def _stacked(blocks: Sequence[Layout]) -> Layout:
    width = max(block.width for block in blocks)
    shapes: list[Shape] = []
    edges: list[Edge] = []
    inputs: list[float] = []
    outputs: list[float] = []
    y = 0.0
    for block in blocks:
        lead = (width - block.width) / 2
        moved = block.moved(lead, y)
        shapes += moved.shapes
        edges += moved.edges
        if lead > 0:
            edges += [Edge(0, port, lead, port) for port in moved.inputs]
            edges += [Edge(width - lead, port, width, port) for port in moved.outputs]
        inputs += moved.inputs
        outputs += moved.outputs
        y += block.height
    return Layout(width, y, tuple(shapes), tuple(edges), tuple(inputs), tuple(outputs))
