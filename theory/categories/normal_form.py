"""Normal forms: a term as a hypergraph under which equality in the free Markov category is equality of data.

Main definitions
    Hypergraph    input wires, boxes on ordered wires, an output list in which wires may repeat
    translate     a term as it is written, as a hypergraph: the comonoid laws, interchange and symmetry hold at once
    normal_form   dead boxes dropped (discard is natural), flagged boxes with equal inputs merged (copying slides
                  through them), boxes numbered depth first from the outputs backwards

Conventions: wires 0, 1, ... are the inputs; then every box owns the next wires, in order, for its outputs. Boxes are in
an order in which inputs come first. All of it in linear time.

Main statement: two terms are equal in the free Markov category, with the flagged boxes deterministic, iff their normal
forms are equal data. One pass suffices: when a flagged box meets an earlier one with the same inputs, everything
behind it is numbered already, so the merged graph is traversed in the order in which it would be alone.

Source: specification `categorical`, 3.1; Fritz and Liang, Free gs-monoidal categories and free Markov categories.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from theory.categories.term import Box, Compose, Copy, Discard, Id, Swap, Tensor, Term
from theory.categories.types import Ob, Ty


class Node(NamedTuple):
    """A box and the wires it consumes."""

    box: Box
    inputs: tuple[int, ...]


@dataclass(frozen=True)
class Hypergraph:
    """See the module. Equality compares everything, hence decides equality of normal forms."""

    dom: Ty
    nodes: tuple[Node, ...]
    outputs: tuple[int, ...]

    @cached_property
    def types(self) -> Ty:
        """The object of every wire."""
        return self.dom + tuple(ob for node in self.nodes for ob in node.box.cod)

    @cached_property
    def results(self) -> tuple[tuple[int, ...], ...]:
        """The wires that each box makes."""
        found, start = [], len(self.dom)
        for node in self.nodes:
            found.append(tuple(range(start, start + len(node.box.cod))))
            start += len(node.box.cod)
        return tuple(found)

    @property
    def cod(self) -> Ty:
        """The type of the outputs."""
        return tuple(self.types[wire] for wire in self.outputs)

    @property
    def wires(self) -> int:
        """How many wires there are."""
        return len(self.types)


def translate(term: Term) -> Hypergraph:
    """The hypergraph of the term as it is written: nothing is dropped or merged yet."""
    wires = list(range(len(term.dom)))
    nodes: list[Node] = []
    fresh = len(wires)
    stack: list[tuple[Term, int]] = [(term, 0)]
    while stack:
        piece, at = stack.pop()
        match piece:
            case Compose():
                stack.extend((factor, at) for factor in reversed(piece.factors))
            case Tensor():
                # the parts run from left to right: when one starts, those before it have made their outputs
                starts = []
                for part in piece.parts:
                    starts.append((part, at))
                    at += len(part.cod)
                stack.extend(reversed(starts))
            case Box():
                stop = at + len(piece.dom)
                nodes.append(Node(piece, tuple(wires[at:stop])))
                wires[at:stop] = range(fresh, fresh + len(piece.cod))
                fresh += len(piece.cod)
            case Copy():
                stop = at + len(piece.type)
                wires[stop:stop] = wires[at:stop]
            case Discard():
                del wires[at : at + len(piece.type)]
            case Swap():
                middle = at + len(piece.left)
                stop = middle + len(piece.right)
                wires[at:stop] = wires[middle:stop] + wires[at:middle]
            case Id():
                pass
            case _:
                raise TypeError(f"{type(piece).__name__} is no term")
    return Hypergraph(term.dom, tuple(nodes), tuple(wires))


Observer = Callable[[Node, Node], None]


def reduce(graph: Hypergraph, merged: Observer | None = None) -> Hypergraph:
    """The normal form of a hypergraph; `merged(kept, gone)` is told of every merged box, in its old wires."""
    ends = len(graph.dom)
    producer: list[int] = [-1] * graph.wires
    port: list[int] = [0] * graph.wires
    for index, results in enumerate(graph.results):
        for position, wire in enumerate(results):
            producer[wire], port[wire] = index, position
    first_wire: dict[int, int] = {}  # old box -> its first wire in the normal form
    merge: dict[Node, tuple[int, int]] = {}
    nodes: list[Node] = []
    fresh = ends

    def renamed(wire: int) -> int:
        return wire if producer[wire] < 0 else first_wire[producer[wire]] + port[wire]

    for output in graph.outputs:
        stack = [(producer[output], False)]
        while stack:
            index, ready = stack.pop()
            if index < 0 or index in first_wire:
                continue
            node = graph.nodes[index]
            if not ready:
                stack.append((index, True))
                stack.extend((producer[wire], False) for wire in reversed(node.inputs))
                continue
            moved = Node(node.box, tuple([renamed(wire) for wire in node.inputs]))
            if node.box.deterministic:
                known = merge.get(moved)
                if known is not None:
                    first_wire[index], kept = known
                    if merged is not None:
                        merged(graph.nodes[kept], node)
                    continue
                merge[moved] = (fresh, index)
            first_wire[index] = fresh
            nodes.append(moved)
            fresh += len(node.box.cod)
    return Hypergraph(graph.dom, tuple(nodes), tuple(renamed(wire) for wire in graph.outputs))


def normal_form(term: Term) -> Hypergraph:
    """The normal form of a term: equal exactly for terms that are equal in the free Markov category."""
    return reduce(translate(term))


def is_deterministic(term: Term) -> bool:
    """Whether every live box is flagged; then the term commutes with copying."""
    return all(node.box.deterministic for node in normal_form(term).nodes)


def boxes_of(graph: Hypergraph) -> tuple[Box, ...]:
    """The distinct boxes, in order. Raises ValueError if one name stands for two boxes."""
    found: dict[str, Box] = {}
    for node in graph.nodes:
        known = found.setdefault(node.box.name, node.box)
        if known != node.box:
            raise ValueError(f"the name {known.name!r} stands for two boxes: {known!r} and {node.box!r}")
    return tuple(found.values())


def objects_of(graph: Hypergraph) -> tuple[Ob, ...]:
    """The distinct objects, in order."""
    return tuple(dict.fromkeys(graph.types))


def restricted(graph: Hypergraph, keep: Sequence[int]) -> Hypergraph:
    """The marginal on the outputs at the positions `keep`, in normal form."""
    return reduce(Hypergraph(graph.dom, graph.nodes, tuple(graph.outputs[k] for k in keep)))
