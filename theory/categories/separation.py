"""Exact kernels that tell two unequal terms apart: the witness of a failed equation.

Main definitions
    Separation  spaces and kernels, the two evaluated sides, and the first entry in which they differ
    separate    a deterministic search, simplest first, then shrinking

The search takes spaces of 2, 3, 4, ... points and kernels from the simplest (uniform laws, projections) to generic ones
of a fixed generator. Unequal normal forms are told apart by generic kernels on large enough spaces; functions on two
points are not enough (f ≫ f ≫ f = f there). What is found is shrunk: spaces to single points, then rows to uniform
laws. Where a diagram is so wide that its table is out of reach, outputs are dropped as long as the normal forms still
differ, and inputs that nothing reads any more; the marginals that remain then differ for the kernels found, hence so do
the terms.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from math import prod
from typing import TypeAlias

from theory.categories.evaluation import TooManyTerms, labels
from theory.categories.exact import exact
from theory.categories.kernel import Kernel, Labels, Values
from theory.categories.normal_form import Hypergraph, Node, boxes_of, normal_form, objects_of, restricted
from theory.categories.term import Box, CompositionError, Term
from theory.categories.types import Ob, type_text

SIZES = (2, 3, 4, 5)
DRAWS = 12  # generic kernels tried a size
PRODUCTS = 20_000  # an evaluation beyond it looks at as few wires as differ
WIDE = 10  # inputs and outputs beyond which whole tables are not tried

Pair: TypeAlias = tuple[Hypergraph, Hypergraph]
Wires: TypeAlias = tuple[tuple[int, ...], tuple[int, ...]]  # positions of inputs and of outputs


class NotSeparated(ValueError):
    """No kernels were found that tell the terms apart, within the sizes and draws of the search."""


@dataclass(frozen=True)
class Separation:
    """Kernels under which two terms differ.

    Attributes
        spaces   a size for every object
        kernels  a kernel for every box
        inputs, outputs  positions of the wires that are looked at (all of them unless the table was out of reach)
        left, right  the two evaluated sides, on those wires
        entry    (inputs, outputs) of the first difference
    """

    spaces: Mapping[Ob, int]
    kernels: Mapping[str, Kernel]
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    left: Kernel
    right: Kernel
    entry: tuple[Values, Values]

    @property
    def values(self) -> tuple[Fraction, Fraction]:
        """The two sides at the entry."""
        left, right = self.left[self.entry], self.right[self.entry]
        return left, right

    @property
    def gap(self) -> Fraction:
        """Their distance."""
        return abs(self.values[0] - self.values[1])

    def plain(self) -> dict[str, str]:
        """Spaces, kernels and the entry as texts."""
        inputs, outputs = self.entry
        return {
            **{f"|{ob}|": str(n) for ob, n in self.spaces.items()},
            **{name: "; ".join(_row_text(row) for row in kernel.table()) for name, kernel in self.kernels.items()},
            "entry": f"p({_point(outputs)} | {_point(inputs)})" if inputs else f"p({_point(outputs)})",
        }

    def __str__(self) -> str:
        sizes = ", ".join(f"|{ob}| = {n}" for ob, n in self.spaces.items())
        lines = [f"separated by {sizes}"]
        for name, kernel in self.kernels.items():
            lines.append(f"  {name}: {'; '.join(_row_text(row) for row in kernel.table())}")
        inputs, outputs = self.entry
        given = f" | {_point(inputs)}" if inputs else ""
        lines.append(f"  p({_point(outputs)}{given}) = {self.values[0]} on the left, {self.values[1]} on the right")
        return "\n".join(lines)


def _row_text(row: Sequence[Fraction]) -> str:
    return f"({', '.join(map(str, row))})"


def _point(values: Values) -> str:
    return ", ".join(map(str, values))


def separate(left: Term, right: Term) -> Separation | None:
    """Exact kernels for which the terms differ; None if they are equal.

    Raises CompositionError if the types differ and NotSeparated when the search ends without an answer.
    """
    if left.dom != right.dom or left.cod != right.cod:
        raise CompositionError(
            f"only terms of one type are separated, got {type_text(left.dom)} → {type_text(left.cod)} "
            f"and {type_text(right.dom)} → {type_text(right.cod)}"
        )
    graphs = (normal_form(left), normal_form(right))
    if graphs[0] == graphs[1]:
        return None
    inputs, outputs = tuple(range(len(left.dom))), tuple(range(len(left.cod)))
    if len(inputs) + len(outputs) <= WIDE:
        try:
            return _search(graphs, inputs, outputs)
        except TooManyTerms:
            pass  # the inside is too wide for whole tables: go on with as little of it as differs
    outputs = _fewest_outputs(*graphs)
    graphs = (restricted(graphs[0], outputs), restricted(graphs[1], outputs))
    read = {wire for graph in graphs for node in graph.nodes for wire in node.inputs}
    read.update(graphs[0].outputs, graphs[1].outputs)
    inputs = tuple(wire for wire in inputs if wire in read)
    return _search((_on_inputs(graphs[0], inputs), _on_inputs(graphs[1], inputs)), inputs, outputs)


def _on_inputs(graph: Hypergraph, keep: tuple[int, ...]) -> Hypergraph:
    """The hypergraph without the inputs that nothing reads."""
    ends = len(graph.dom)
    moved = {wire: k for k, wire in enumerate((*keep, *range(ends, graph.wires)))}
    nodes = tuple(Node(node.box, tuple(moved[w] for w in node.inputs)) for node in graph.nodes)
    return Hypergraph(tuple(graph.dom[k] for k in keep), nodes, tuple(moved[w] for w in graph.outputs))


def _fewest_outputs(left: Hypergraph, right: Hypergraph) -> tuple[int, ...]:
    """Outputs that are enough for the normal forms to differ, found by halving, then one by one."""
    keep = list(range(len(left.outputs)))
    width = len(keep)
    while width >= 1:
        start = 0
        while start < len(keep):
            fewer = keep[:start] + keep[start + width :]
            if restricted(left, fewer) != restricted(right, fewer):
                keep = fewer
            else:
                start += width
        width //= 2
    return tuple(keep)


def _search(pair: Pair, inputs: tuple[int, ...], outputs: tuple[int, ...]) -> Separation:
    boxes = tuple(dict.fromkeys((*boxes_of(pair[0]), *boxes_of(pair[1]))))
    obs = dict.fromkeys((*objects_of(pair[0]), *objects_of(pair[1]), *(o for b in boxes for o in (*b.dom, *b.cod))))
    for size in SIZES:
        sizes = dict.fromkeys(obs, size)
        found = _at_sizes(pair, boxes, sizes, (inputs, outputs))
        if found is None:
            continue
        for ob in obs:
            smaller = {**found.spaces, ob: 1}
            found = _at_sizes(pair, boxes, smaller, (inputs, outputs)) or found
        return _simplified(pair, found)
    raise NotSeparated(
        f"the normal forms differ, but {DRAWS} draws of kernels on spaces of {SIZES[0]} to {SIZES[-1]} points agree"
    )


def _at_sizes(pair: Pair, boxes: Sequence[Box], sizes: Mapping[Ob, int], wires: Wires) -> Separation | None:
    for kernels in _candidates(boxes, sizes):
        found = _compared(pair, sizes, kernels, wires)
        if found is not None:
            return found
    return None


def _compared(pair: Pair, sizes: Mapping[Ob, int], kernels: Mapping[str, Kernel], wires: Wires) -> Separation | None:
    left, right = (exact(graph, sizes, kernels, PRODUCTS) for graph in pair)
    for key in sorted({*left.entries, *right.entries}, key=repr):
        if left[key] != right[key]:
            return Separation(sizes, kernels, *wires, left, right, key)
    return None


def _candidates(boxes: Sequence[Box], sizes: Mapping[Ob, int]) -> Iterator[dict[str, Kernel]]:
    """Kernels from the simplest on. Draw 0 is uniform; later ones are small integer weights of a fixed generator."""
    spaces = {ob: tuple(range(n)) for ob, n in sizes.items()}
    for draw in range(DRAWS):
        numbers = _numbers(draw)
        yield {box.name: _drawn(box, labels(box.dom, spaces), labels(box.cod, spaces), draw, numbers) for box in boxes}


def _drawn(box: Box, dom: tuple[Labels, ...], cod: tuple[Labels, ...], draw: int, numbers: Iterator[int]) -> Kernel:
    outputs = list(product(*cod))
    entries: dict[tuple[Values, Values], Fraction] = {}
    for index, inputs in enumerate(product(*dom)):
        if box.deterministic:
            chosen = index if draw == 0 else next(numbers)
            entries[inputs, outputs[chosen % len(outputs)]] = Fraction(1)
            continue
        weights = [1 if draw == 0 else 1 + next(numbers) % (2 if draw < 4 else 9) for _ in outputs]
        entries.update({(inputs, outs): Fraction(w, sum(weights)) for outs, w in zip(outputs, weights, strict=True)})
    return Kernel(dom, cod, entries)


def _numbers(seed: int) -> Iterator[int]:
    """Knuth's linear congruential generator, high bits: the same numbers everywhere, with no global state."""
    state = seed
    while True:
        state = (6364136223846793005 * state + 1442695040888963407) % 2**64
        yield state >> 33


def _simplified(pair: Pair, found: Separation) -> Separation:
    """Rows made uniform one after the other, as long as the sides still differ."""
    wires = (found.inputs, found.outputs)
    for name in found.kernels:
        kernel = found.kernels[name]
        if kernel.deterministic and prod(map(len, kernel.cod)) > 1:
            continue  # a flagged box has no uniform rows, and a point mass is simple already
        outputs = list(product(*kernel.cod))
        for inputs in product(*kernel.dom):
            entries = dict(found.kernels[name].entries)
            for outs in outputs:
                entries[inputs, outs] = Fraction(1, len(outputs))
            changed = Kernel(kernel.dom, kernel.cod, entries)
            found = _compared(pair, found.spaces, {**found.kernels, name: changed}, wires) or found
    return found
