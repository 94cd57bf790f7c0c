"""Markov kernels between finite labelled spaces, and the wirings (copy, discard, swap) that are no matrices.

Main definitions
    Kernel     f: X1 ⊗ .. ⊗ Xm -> Y1 ⊗ .. ⊗ Yn with an array of one axis a wire, inputs first
    Wiring     a map of wires: every output repeats an input; identity, copy, discard and swap are of this kind
    state      a kernel without inputs: a law
    hom_rows   the rows of a kernel as a matrix (inputs, outputs)

Notation: `f >> g` is f, then g; `f @ g` is both side by side. A space is its tuple of labels; an integer n stands for
the labels 0..n-1.

Conventions: entry array[x1, .., xm, y1, .., yn] is f(y1..yn | x1..xm); in `matrix` the last wire runs fastest. A wiring
is applied by indexing; as a matrix it is given up to 1000 states only.

Source: specification `categorical`, D1 to D3 and 4.3.

>>> coin = state([0.5, 0.5])
>>> (coin >> copy(2)).array
array([[0.5, 0. ],
       [0. , 0.5]])
>>> (coin @ coin).array
array([[0.25, 0.25],
       [0.25, 0.25]])
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray: TypeAlias = NDArray[np.float64]
Space: TypeAlias = tuple[Hashable, ...]
ROW_ERROR = 1e-9  # how far the sum of a row may be from 1
MATERIAL_LIMIT = 1000  # states of the side of a wiring that is written as a matrix


def space_of(points: int | Sequence[Hashable]) -> Space:
    """Labels of a space. ValueError for a space without points or with a label twice."""
    labels = tuple(range(points)) if isinstance(points, int) else tuple(points)
    if not labels:
        raise ValueError(f"a space is given by {points!r} and has no points, expected at least one")
    if len(set(labels)) != len(labels):
        raise ValueError(f"a space has the labels {list(labels)}, expected them to differ")
    return labels


def spaces_of(spaces: Sequence[int | Sequence[Hashable]]) -> tuple[Space, ...]:
    """The labels of every space."""
    return tuple(space_of(space) for space in spaces)


def sizes(spaces: Sequence[Space]) -> tuple[int, ...]:
    """The number of points of every space."""
    return tuple(len(space) for space in spaces)


@dataclass(frozen=True, eq=False)
class Kernel:
    """A Markov kernel; see the module.

    Attributes
        dom, cod  the spaces of the input and of the output wires
        array     probabilities, shape sizes(dom) + sizes(cod)
        name      how errors call it

    Raises ValueError for an array of another shape, an entry that is no probability, and a row whose sum is not 1
    within 1e-9; the message names the row and its sum.
    """

    dom: tuple[Space, ...]
    cod: tuple[Space, ...]
    array: FloatArray
    name: str = "kernel"

    def __post_init__(self) -> None:
        expected = sizes(self.dom) + sizes(self.cod)
        if self.array.shape != expected:
            raise ValueError(
                f"{self.name} has an array of shape {self.array.shape}, expected {expected} for its spaces"
            )
        check_rows(self.array.reshape(prod(sizes(self.dom)), -1), self.name, self.dom)

    @property
    def matrix(self) -> FloatArray:
        """The rows as a matrix (prod of dom, prod of cod)."""
        return self.array.reshape(prod(sizes(self.dom)), prod(sizes(self.cod)))

    @property
    def is_deterministic(self) -> bool:
        """Whether every entry is 0 or 1 (D2)."""
        return bool(((self.array == 0) | (self.array == 1)).all())

    def row(self, *inputs: Hashable) -> FloatArray:
        """The law of the outputs given the labels of the inputs, shape sizes(cod)."""
        if len(inputs) != len(self.dom):
            raise ValueError(f"{self.name} has {len(self.dom)} inputs, got {len(inputs)} labels")
        place = []
        for label, space in zip(inputs, self.dom, strict=True):
            if label not in space:
                raise ValueError(f"{label!r} is no point of the space {list(space)}")
            place.append(space.index(label))
        return np.asarray(self.array[tuple(place)])

    def __rshift__(self, other: Kernel | Wiring) -> Kernel:
        """self, then other. TypeError where the spaces differ; both sides are shown."""
        if not isinstance(other, Kernel | Wiring):
            return NotImplemented
        _require_match(self.cod, other.dom, self, other)
        if isinstance(other, Wiring):
            return Kernel(self.dom, other.cod, place_outputs(self.array, len(self.dom), other.outputs), self.name)
        array = (self.matrix @ other.matrix).reshape(sizes(self.dom) + sizes(other.cod))
        return Kernel(self.dom, other.cod, array, f"{self.name} >> {other.name}")

    def __matmul__(self, other: Kernel | Wiring) -> Kernel:
        """Both side by side, the first wires first."""
        if not isinstance(other, Kernel | Wiring):
            return NotImplemented
        right = other.kernel() if isinstance(other, Wiring) else other
        return _beside(self, right)

    def marginal(self, *keep: int) -> Kernel:
        """The kernel on the output wires at the positions `keep`, in that order; the others are discarded."""
        return self >> Wiring(self.cod, tuple(keep))

    def __repr__(self) -> str:
        return f"Kernel({self.name!r}, {list(sizes(self.dom))} -> {list(sizes(self.cod))})"


@dataclass(frozen=True)
class Wiring:
    """A map of wires: output k repeats the input `outputs[k]`; an input that no output repeats is discarded."""

    dom: tuple[Space, ...]
    outputs: tuple[int, ...]

    def __post_init__(self) -> None:
        wrong = [wire for wire in self.outputs if not 0 <= wire < len(self.dom)]
        if wrong:
            raise ValueError(f"an output repeats the input {wrong[0]}, expected one of 0..{len(self.dom) - 1}")

    @property
    def cod(self) -> tuple[Space, ...]:
        """The spaces of the outputs."""
        return tuple(self.dom[wire] for wire in self.outputs)

    def __rshift__(self, other: Any) -> Any:
        """self, then a wiring (gives a wiring) or a kernel (gives a kernel)."""
        if not isinstance(other, Kernel | Wiring):
            return NotImplemented
        _require_match(self.cod, other.dom, self, other)
        if isinstance(other, Wiring):
            return Wiring(self.dom, tuple(self.outputs[wire] for wire in other.outputs))
        return Kernel(self.dom, other.cod, _read_inputs(other, self), other.name)

    def __matmul__(self, other: Any) -> Any:
        """Beside a wiring a wiring, beside a kernel a kernel."""
        if isinstance(other, Wiring):
            shift = len(self.dom)
            return Wiring(self.dom + other.dom, self.outputs + tuple(shift + wire for wire in other.outputs))
        return _beside(self.kernel(), other) if isinstance(other, Kernel) else NotImplemented

    def kernel(self) -> Kernel:
        """As a 0/1 kernel. ValueError if one side has more than 1000 states."""
        for side, spaces in (("input", self.dom), ("output", self.cod)):
            states = prod(sizes(spaces))
            if states > MATERIAL_LIMIT:
                raise ValueError(
                    f"a wiring with {states} {side} states is not written as a matrix (at most {MATERIAL_LIMIT}): "
                    "compose it with >>, or contract the whole diagram (numerics.kernels.network)"
                )
        count = prod(sizes(self.dom))
        eye = np.eye(count).reshape(sizes(self.dom) * 2)
        return Kernel(self.dom, self.cod, place_outputs(eye, len(self.dom), self.outputs), "wiring")


def kernel(
    rows: ArrayLike,
    dom: Sequence[int | Sequence[Hashable]] | None = None,
    cod: Sequence[int | Sequence[Hashable]] | None = None,
    name: str = "kernel",
) -> Kernel:
    """A kernel from its rows, a matrix (inputs, outputs) or an array with one axis a wire.

    Without `dom` and `cod` the rows are a matrix between the spaces 0..m-1 and 0..n-1.
    """
    array = np.asarray(rows, dtype=np.float64)
    if dom is None and array.ndim != 2:
        raise ValueError(f"{name} has rows of shape {array.shape}, expected a matrix, or give `dom` and `cod`")
    inputs = spaces_of((array.shape[0],) if dom is None else dom)
    outputs = spaces_of((array.shape[-1],) if cod is None else cod)
    shape = sizes(inputs) + sizes(outputs)
    if array.size != prod(shape):
        raise ValueError(f"{name} has rows of shape {array.shape}, expected {prod(shape)} entries for {shape}")
    return Kernel(inputs, outputs, array.reshape(shape), name)


def state(law: ArrayLike, spaces: Sequence[int | Sequence[Hashable]] | None = None, name: str = "state") -> Kernel:
    """A law as a kernel without inputs, one axis a wire."""
    array = np.asarray(law, dtype=np.float64)
    return kernel(array, (), array.shape if spaces is None else spaces, name)


def function(values: Sequence[int], points: int, name: str = "function") -> Kernel:
    """The deterministic kernel x -> values[x] onto 0..points-1."""
    rows = np.zeros((len(values), points))
    rows[np.arange(len(values)), np.asarray(values)] = 1
    return kernel(rows, name=name)


def identity(*spaces: int | Sequence[Hashable]) -> Wiring:
    """The identity of several wires."""
    return Wiring(spaces_of(spaces), tuple(range(len(spaces))))


def copy(*spaces: int | Sequence[Hashable]) -> Wiring:
    """Δ: every wire, then every wire again."""
    return Wiring(spaces_of(spaces), (*range(len(spaces)), *range(len(spaces))))


def discard(*spaces: int | Sequence[Hashable]) -> Wiring:
    """!: no outputs."""
    return Wiring(spaces_of(spaces), ())


def swap(left: int | Sequence[Hashable], right: int | Sequence[Hashable]) -> Wiring:
    """σ: two wires exchanged."""
    return Wiring(spaces_of((left, right)), (1, 0))


def hom_rows(value: Kernel | ArrayLike) -> FloatArray:
    """Rows (inputs, outputs) of a kernel, or of a table that is one already."""
    return value.matrix if isinstance(value, Kernel) else np.atleast_2d(np.asarray(value, dtype=np.float64))


def check_rows(rows: FloatArray, name: str, dom: Sequence[Space] = ()) -> None:
    """ValueError unless every row (last axis) is a law; names the row, by its labels where `dom` gives them."""
    with np.errstate(invalid="ignore"):
        wrong = ~(rows >= 0)  # also nan
    if wrong.any() or np.isinf(rows).any():
        place = np.argwhere(wrong | np.isinf(rows))[0]
        value = rows[tuple(place)]
        raise ValueError(f"{_row(place[:-1], dom, name)} has the entry {value:g}, expected a probability")
    totals = rows.sum(axis=-1)
    off = np.abs(totals - 1) > ROW_ERROR
    if np.any(off):
        place = np.argwhere(off)[0]
        raise ValueError(
            f"{_row(place, dom, name)} sums to {totals[tuple(place)]:.12g}, expected 1 within {ROW_ERROR:g}"
        )


def _row(place: NDArray[np.intp], dom: Sequence[Space], name: str) -> str:
    if not dom:
        return f"row {', '.join(str(int(i)) for i in place)} of {name}" if place.size else name
    labels = [space[int(i)] for space, i in zip(dom, np.unravel_index(int(place[0]), sizes(dom)), strict=True)]
    return f"row {int(place[0])} (at {', '.join(map(repr, labels))}) of {name}"


def place_outputs(array: FloatArray, inputs: int, outputs: tuple[int, ...]) -> FloatArray:
    """The array whose output axes repeat those of `array` (after its first `inputs` axes) as `outputs` says.

    An axis that occurs several times is put on the diagonal; one that does not occur is summed out.
    """
    wires = range(array.ndim - inputs)
    dropped = tuple(inputs + wire for wire in wires if wire not in outputs)
    kept = [wire for wire in wires if wire in outputs]
    table = np.asarray(array.sum(axis=dropped)) if dropped else array
    # `table` has the axes inputs + kept; bring the kept ones into the order in which they first occur
    first = list(dict.fromkeys(outputs))
    table = table.transpose([*range(inputs), *(inputs + kept.index(wire) for wire in first)])
    if len(first) == len(outputs):
        return table.copy(order="C")  # ascontiguousarray would turn a scalar into one axis
    labels = [*range(inputs), *(inputs + first.index(wire) for wire in outputs)]
    return on_diagonal(table, labels)


def on_diagonal(table: FloatArray, labels: Sequence[int]) -> FloatArray:
    """The array with axes `labels` that is `table`[label values] where equal labels agree, and 0 elsewhere.

    Axis l of `table` belongs to the label l; every label 0..ndim-1 occurs.
    """
    whole = np.zeros([table.shape[label] for label in labels])
    stride = [0] * table.ndim
    for axis, label in enumerate(labels):
        stride[label] += whole.strides[axis]
    np.lib.stride_tricks.as_strided(whole, table.shape, stride, writeable=True)[...] = table
    return whole


def _read_inputs(after: Kernel, wiring: Wiring) -> FloatArray:
    """The array of wiring >> after: inputs of `after` that repeat one wire are read on the diagonal."""
    array, wires = after.array, len(wiring.dom)
    used = list(dict.fromkeys(wiring.outputs))
    stride = [0] * len(used)
    for axis, wire in enumerate(wiring.outputs):
        stride[used.index(wire)] += array.strides[axis]
    rest = len(after.dom)
    shape = [len(wiring.dom[wire]) for wire in used] + list(array.shape[rest:])
    read = np.lib.stride_tricks.as_strided(array, shape, [*stride, *array.strides[rest:]], writeable=False)
    order = sorted(range(len(used)), key=lambda k: used[k])
    read = read.transpose([*order, *range(len(used), len(shape))])
    for wire in range(wires):
        if wire not in used:  # a discarded input: the row is the same for all its points
            read = np.expand_dims(read, wire)
    full = sizes(wiring.dom) + tuple(array.shape[rest:])
    return np.broadcast_to(read, full).copy(order="C")


def _beside(first: Kernel, second: Kernel) -> Kernel:
    m, n = len(first.dom), len(second.dom)
    array = np.multiply.outer(first.array, second.array)  # axes dom1, cod1, dom2, cod2
    split = first.array.ndim
    order = [*range(m), *range(split, split + n), *range(m, split), *range(split + n, array.ndim)]
    name = f"{first.name} @ {second.name}"
    return Kernel(first.dom + second.dom, first.cod + second.cod, array.transpose(order).copy(order="C"), name)


def _require_match(left: tuple[Space, ...], right: tuple[Space, ...], first: Any, second: Any) -> None:
    if left != right:
        raise TypeError(
            f"cannot compose {first!r} with {second!r}: the first ends in {_text(left)}, "
            f"the second starts at {_text(right)}"
        )


def _text(spaces: tuple[Space, ...]) -> str:
    def one(space: Space) -> str:
        shown = ", ".join(map(str, space[:6]))
        return "{" + shown + (", …" if len(space) > 6 else "") + "}"

    return " ⊗ ".join(map(one, spaces)) or "I"
