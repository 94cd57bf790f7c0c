"""Evaluating a normal form: boxes are multiplied in one at a time, and a wire is summed out after its last use.

Main definitions
    Spaces        what every object stands for
    evaluate      the sparse entries of a hypergraph, whatever its entries are
    TooManyTerms  more products than the limit

Conventions: inputs are kept to the end, since they index the result. `add` is called once for an entry that has
several terms; nothing dense is formed. Source: specification `categorical`, 3.2.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Hashable, Mapping, Sequence
from itertools import product
from math import prod
from typing import Any, TypeAlias

from theory.categories.kernel import Entry, Kernel, KernelError, Labels, Values, labels_of
from theory.categories.normal_form import Hypergraph, boxes_of, objects_of
from theory.categories.term import Box
from theory.categories.types import Ob, Ty

Spaces: TypeAlias = Mapping[Any, int | Sequence[Hashable]]  # keys: objects or their names
LIMIT = 10_000


class TooManyTerms(ValueError):
    """An evaluation would form more products than allowed."""


def resolve(graph: Hypergraph, spaces: Spaces) -> dict[Ob, Labels]:
    """The labels of every object of the graph. Raises KernelError for an object without a space."""
    named = {ob.name if isinstance(ob, Ob) else ob: space for ob, space in spaces.items()}
    found: dict[Ob, Labels] = {}
    for ob in dict.fromkeys((*objects_of(graph), *(o for n in graph.nodes for o in n.box.dom))):
        if ob.name not in named:
            raise KernelError(f"the object {ob.name} has no space; there are spaces for {', '.join(named) or 'none'}")
        found[ob] = labels_of(named[ob.name], ob.name)
    return found


def labels(value: Ty, spaces: Mapping[Ob, Labels]) -> tuple[Labels, ...]:
    """The labels of every wire of a type."""
    return tuple(spaces[ob] for ob in value)


def require_boxes(graph: Hypergraph, given: Mapping[str, object]) -> tuple[Box, ...]:
    """The boxes of the graph. Raises KernelError for a box without a kernel."""
    boxes = boxes_of(graph)
    missing = [box.name for box in boxes if box.name not in given]
    if missing:
        raise KernelError(f"the box {missing[0]} has no kernel; there are kernels for {', '.join(given) or 'none'}")
    return boxes


def require_deterministic(box: Box, kernel: Kernel) -> None:
    """Raise KernelError if a flagged box has an entry that is neither 0 nor 1."""
    if not box.deterministic:
        return
    for (inputs, outputs), p in kernel.entries.items():
        if p != 1:
            raise KernelError(
                f"the box {box.name} is flagged deterministic, but p({outputs} | {inputs}) = {p}, expected 0 or 1"
            )


def evaluate(
    graph: Hypergraph,
    spaces: Mapping[Ob, Labels],
    kernels: Mapping[str, Kernel],
    add: Callable[[list[Entry]], Entry],
    one: Entry,
    limit: int | None = LIMIT,
    multiply: Callable[[Entry, Entry], Entry] = operator.mul,
) -> Kernel:
    """The kernel that the graph stands for. Raises TooManyTerms beyond `limit` products (None: no limit)."""
    dom = labels(graph.dom, spaces)
    last = _last_use(graph)
    alive = list(range(len(dom)))
    products = prod(len(space) for space in dom)
    _check(products, limit, graph)
    states: dict[Values, Entry] = dict.fromkeys(product(*dom), one)
    for number, node in enumerate(graph.nodes):
        rows: dict[Values, list[tuple[Values, Entry]]] = {}
        for (ins, outs), p in kernels[node.box.name].entries.items():
            rows.setdefault(ins, []).append((outs, p))
        place = {wire: k for k, wire in enumerate(alive)}
        read = _picker([place[wire] for wire in node.inputs])
        wires = [*alive, *graph.results[number]]
        keep = [k for k, wire in enumerate(wires) if last[wire] > number]
        alive = [wires[k] for k in keep]
        kept = _picker(keep) if len(keep) < len(wires) else None
        grown: dict[Values, Entry] = {}
        several: dict[Values, list[Entry]] = {}
        for state, weight in states.items():
            row = rows[read(state)]
            products += len(row)
            _check(products, limit, graph)
            for outs, p in row:
                key = state + outs if kept is None else kept(state + outs)
                value = p if weight is one else weight if p is one else multiply(weight, p)
                if key in grown:
                    several.setdefault(key, [grown[key]]).append(value)
                else:
                    grown[key] = value
        for key, values in several.items():
            grown[key] = add(values)
        states = grown
    place = {wire: k for k, wire in enumerate(alive)}
    start, end = _picker(range(len(dom))), _picker([place[wire] for wire in graph.outputs])
    entries = {(start(state), end(state)): p for state, p in states.items()}
    return Kernel(dom, labels(graph.cod, spaces), entries)


def _picker(places: Sequence[int]) -> Callable[[Values], Values]:
    """The function that picks these places of a tuple, as a tuple."""
    if len(places) == 0:
        return lambda state: ()
    if len(places) == 1:
        only = places[0]
        return lambda state: (state[only],)
    return operator.itemgetter(*places)


def _check(products: int, limit: int | None, graph: Hypergraph) -> None:
    if limit is not None and products > limit:
        raise TooManyTerms(
            f"evaluating {len(graph.nodes)} boxes on {graph.wires} wires forms more than {limit} products: "
            "give smaller spaces or a higher limit"
        )


def _last_use(graph: Hypergraph) -> dict[int, int]:
    """The number of the last box that reads a wire; inputs and outputs are needed to the end."""
    last = dict.fromkeys(range(graph.wires), -1)
    for number, node in enumerate(graph.nodes):
        for wire in node.inputs:
            last[wire] = number
    for wire in (*range(len(graph.dom)), *graph.outputs):
        last[wire] = len(graph.nodes)
    return last
