"""Contraction of a diagram given as plain data: boxes on wires, each wire a finite space.

Main definitions
    Network       input wires, boxes (input wires, output wires, key of the array), outputs in which wires may repeat
    contract      the array (inputs, outputs) of the kernel that the network is
    wire_table    the same over the distinct wires only, inputs first: nothing is put on a diagonal
    joint_table   the law of chosen wires when the inputs have a given law

Method: arrays are multiplied in pairs, as batched matrix products, in an order found greedily: the pair whose product
is smallest against what it replaces comes first. A wire is summed out as soon as no other array and no output needs it.
A wire that is repeated among the outputs is contracted once and put on the diagonal afterwards.

Batches: with `batch` = b every array has b leading axes, which broadcast against each other; results have them too.

Source: specification `categorical`, 3.2 and 4.3.
"""

from __future__ import annotations

import heapq
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations
from math import prod

import numpy as np

from numerics.kernels.kernel import FloatArray, on_diagonal

AXES_LIMIT = 60  # NumPy's arrays have at most 64 axes


@dataclass(frozen=True)
class NetworkBox:
    """A box: `key` names its array, whose axes are those of `inputs`, then `outputs`."""

    key: Hashable
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]


@dataclass(frozen=True)
class Network:
    """Wires 0..len(sizes)-1, the first `inputs` of which come from outside; every other is an output of one box."""

    sizes: tuple[int, ...]
    inputs: int
    boxes: tuple[NetworkBox, ...]
    outputs: tuple[int, ...]

    def __post_init__(self) -> None:
        made = [*range(self.inputs), *(wire for box in self.boxes for wire in box.outputs)]
        if sorted(made) != list(range(len(self.sizes))):
            raise ValueError(
                f"the inputs and the boxes make the wires {sorted(made)}, expected 0..{len(self.sizes) - 1}, each once"
            )
        for box in self.boxes:
            wrong = [wire for wire in box.inputs if not 0 <= wire < len(self.sizes)]
            if wrong:
                raise ValueError(f"the box {box.key!r} reads the wire {wrong[0]}, expected 0..{len(self.sizes) - 1}")
        wrong = [wire for wire in self.outputs if not 0 <= wire < len(self.sizes)]
        if wrong:
            raise ValueError(f"wire {wrong[0]} is an output, expected one of 0..{len(self.sizes) - 1}")


@dataclass(frozen=True)
class _Operand:
    """An array with its distinct wires in order; batch axes come first."""

    wires: tuple[int, ...]
    array: FloatArray


def contract(network: Network, arrays: Mapping[Hashable, FloatArray], batch: int = 0) -> FloatArray:
    """The kernel's array, shape batch + sizes of the inputs + sizes of the outputs.

    Raises KeyError for a box without an array, ValueError for an array of the wrong shape.
    """
    table, wires = wire_table(network, arrays, batch)
    # an input that is an output too has two axes: its own, and one for each time it is an output
    place = {wire: batch + axis for axis, wire in enumerate(wires)}
    labels = [*range(batch), *(place[w] for w in range(network.inputs)), *(place[w] for w in network.outputs)]
    if len(labels) > AXES_LIMIT:
        raise ValueError(f"the result has {len(labels)} axes, an array at most {AXES_LIMIT}")
    if len(set(labels)) == len(labels):
        return table.transpose(labels).copy(order="C")  # ascontiguousarray would turn a scalar into one axis
    return on_diagonal(table, labels)


def wire_table(
    network: Network, arrays: Mapping[Hashable, FloatArray], batch: int = 0, wires: Sequence[int] | None = None
) -> tuple[FloatArray, tuple[int, ...]]:
    """The table over the input wires and the distinct `wires` (default: the outputs), and the wires of its axes."""
    wanted = network.outputs if wires is None else tuple(wires)
    kept = tuple(dict.fromkeys((*range(network.inputs), *wanted)))
    operands = [_operand(network, box, arrays, batch) for box in _live(network, wanted)]
    shape = np.broadcast_shapes(*(op.array.shape[:batch] for op in operands)) if operands else (1,) * batch
    return _finish(_multiply(operands, kept, batch, network.sizes), kept, network.sizes, shape, batch), kept


def joint_table(
    network: Network,
    arrays: Mapping[Hashable, FloatArray],
    law: FloatArray | None = None,
    wires: Sequence[int] | None = None,
    batch: int = 0,
) -> FloatArray:
    """The law of the distinct `wires` (default: the outputs, in the order in which they first occur).

    `law` is that of the inputs, one axis an input, after the batch axes.
    """
    wanted = tuple(dict.fromkeys(network.outputs if wires is None else wires))
    operands = [_operand(network, box, arrays, batch) for box in _live(network, wanted)]
    if network.inputs:
        if law is None:
            raise ValueError(f"the network has {network.inputs} inputs, expected their law")
        expected = network.sizes[: network.inputs]
        if law.shape[batch:] != expected:
            raise ValueError(f"the law of the inputs has shape {law.shape[batch:]}, expected {expected}")
        operands.append(_Operand(tuple(range(network.inputs)), law))
    shape = np.broadcast_shapes(*(op.array.shape[:batch] for op in operands)) if operands else (1,) * batch
    return _finish(_multiply(operands, wanted, batch, network.sizes), wanted, network.sizes, shape, batch)


def _live(network: Network, wanted: Sequence[int]) -> list[NetworkBox]:
    """The boxes that a wanted wire depends on; the rows of all others sum to 1."""
    maker = {wire: box for box in network.boxes for wire in box.outputs}
    live: dict[int, NetworkBox] = {}
    stack = list(wanted)
    seen = set()
    while stack:
        wire = stack.pop()
        if wire in seen:
            continue
        seen.add(wire)
        box = maker.get(wire)
        if box is not None:
            live[id(box)] = box
            stack.extend(box.inputs)
    return [box for box in network.boxes if id(box) in live]


def _operand(network: Network, box: NetworkBox, arrays: Mapping[Hashable, FloatArray], batch: int) -> _Operand:
    if box.key not in arrays:
        raise KeyError(
            f"the box {box.key!r} has no array; there are arrays for {', '.join(map(str, arrays)) or 'none'}"
        )
    array = np.asarray(arrays[box.key], dtype=np.float64)
    labels = (*box.inputs, *box.outputs)
    expected = tuple(network.sizes[wire] for wire in labels)
    if array.ndim != batch + len(labels) or array.shape[batch:] != expected:
        raise ValueError(f"the array of the box {box.key!r} has shape {array.shape}, expected {expected} after {batch}")
    distinct = tuple(dict.fromkeys(labels))
    if len(distinct) == len(labels):
        return _Operand(labels, array)
    stride = [0] * len(distinct)
    for axis, wire in enumerate(labels):
        stride[distinct.index(wire)] += array.strides[batch + axis]
    shape = array.shape[:batch] + tuple(network.sizes[wire] for wire in distinct)
    view = np.lib.stride_tricks.as_strided(array, shape, [*array.strides[:batch], *stride], writeable=False)
    return _Operand(distinct, view)


def _multiply(operands: list[_Operand], keep: tuple[int, ...], batch: int, sizes: tuple[int, ...]) -> _Operand | None:
    """The product of all operands, summed over the wires that are not kept; None for no operands."""
    if not operands:
        return None
    pending = dict(enumerate(operands))
    readers = _readers(tuple(op.wires for op in operands))
    steps = plan(tuple(op.wires for op in operands), keep, sizes)
    for number, (first, second) in enumerate(steps, start=len(operands)):
        left, right = pending.pop(first), pending.pop(second)
        for wire in {*left.wires, *right.wires}:
            readers[wire] -= {first, second}
        needed = {wire for wire in (*left.wires, *right.wires) if wire in keep or readers[wire]}
        pending[number] = _pair(left, right, needed, batch)
        for wire in pending[number].wires:
            readers[wire].add(number)
    (last,) = pending.values()
    return _summed(last, set(keep), batch)


def _readers(wires: tuple[tuple[int, ...], ...]) -> dict[int, set[int]]:
    """Which operands have a wire."""
    found: dict[int, set[int]] = {}
    for number, labels in enumerate(wires):
        for wire in labels:
            found.setdefault(wire, set()).add(number)
    return found


@lru_cache(maxsize=256)
def plan(
    wires: tuple[tuple[int, ...], ...], keep: tuple[int, ...], sizes: tuple[int, ...]
) -> tuple[tuple[int, int], ...]:
    """Which two operands to multiply next, until one is left. Products are numbered on from the operands.

    Pairs that share a wire come first, that of the smallest growth foremost; then what is not connected.
    """
    alive = {number: frozenset(labels) for number, labels in enumerate(wires)}
    readers = _readers(wires)
    kept = frozenset(keep)
    steps: list[tuple[int, int]] = []

    def product(i: int, j: int) -> frozenset[int]:
        return frozenset(w for w in alive[i] | alive[j] if w in kept or readers[w] - {i, j})

    def growth(i: int, j: int) -> int:
        return _points(product(i, j), sizes) - _points(alive[i], sizes) - _points(alive[j], sizes)

    # what others need of a pair does not change while both are there, so neither does its growth
    heap = [(growth(i, j), i, j) for i, j in {pair for r in readers.values() for pair in combinations(sorted(r), 2)}]
    heapq.heapify(heap)
    while len(alive) > 1:
        i = j = -1
        while heap and (i not in alive or j not in alive):
            _, i, j = heapq.heappop(heap)
        if i not in alive or j not in alive:
            i, j = sorted(heapq.nsmallest(2, alive, key=lambda n: (_points(alive[n], sizes), n)))
        number = len(wires) + len(steps)
        steps.append((i, j))
        found = product(i, j)
        for wire in alive[i] | alive[j]:
            readers[wire] -= {i, j}
        del alive[i], alive[j]
        alive[number] = found
        neighbours = set()
        for wire in found:
            neighbours |= readers[wire]
            readers[wire].add(number)
        for other in neighbours:
            heapq.heappush(heap, (growth(other, number), other, number))
    return tuple(steps)


def _points(wires: frozenset[int], sizes: tuple[int, ...]) -> int:
    return prod(sizes[wire] for wire in wires)


def _pair(left: _Operand, right: _Operand, needed: set[int], batch: int) -> _Operand:
    """One pairwise product as a batched matrix product; wires that nobody needs are summed out."""
    left = _summed(left, needed | set(right.wires), batch)
    right = _summed(right, needed | set(left.wires), batch)
    shared = [w for w in left.wires if w in right.wires]
    both, summed = [w for w in shared if w in needed], [w for w in shared if w not in needed]
    only_left = [w for w in left.wires if w not in shared]
    only_right = [w for w in right.wires if w not in shared]
    size = {w: left.array.shape[batch + k] for k, w in enumerate(left.wires)}
    size |= {w: right.array.shape[batch + k] for k, w in enumerate(right.wires)}

    def arranged(op: _Operand, groups: tuple[list[int], ...]) -> FloatArray:
        order = [*range(batch), *(batch + op.wires.index(w) for group in groups for w in group)]
        shape = op.array.shape[:batch] + tuple(prod(size[w] for w in group) for group in groups)
        return op.array.transpose(order).reshape(shape)

    a = arranged(left, (both, only_left, summed))
    b = arranged(right, (both, summed, only_right))
    product = a @ b if summed else a * b  # without a sum the middle axes have length one
    wires = (*both, *only_left, *only_right)
    return _Operand(wires, product.reshape(product.shape[:batch] + tuple(size[w] for w in wires)))


def _summed(operand: _Operand, needed: set[int], batch: int) -> _Operand:
    drop = tuple(batch + k for k, wire in enumerate(operand.wires) if wire not in needed)
    if not drop:
        return operand
    return _Operand(tuple(w for w in operand.wires if w in needed), np.asarray(operand.array.sum(axis=drop)))


def _finish(
    product: _Operand | None, wires: tuple[int, ...], sizes: tuple[int, ...], shape: tuple[int, ...], batch: int
) -> FloatArray:
    """The axes in the order of `wires`; a wire that no box has touched is constant."""
    full = tuple(sizes[wire] for wire in wires)
    if len(full) + batch > AXES_LIMIT:
        raise ValueError(f"the table has {len(full) + batch} axes, an array at most {AXES_LIMIT}")
    if product is None:
        return np.ones(shape + full)
    order = [*range(batch), *(batch + product.wires.index(wire) for wire in wires if wire in product.wires)]
    array = product.array.transpose(order)
    spread = tuple(sizes[wire] if wire in product.wires else 1 for wire in wires)
    return np.broadcast_to(array.reshape(array.shape[:batch] + spread), shape + full).copy(order="C")
