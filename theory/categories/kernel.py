"""Markov kernels between finite labelled spaces with exact or symbolic entries, kept sparse.

Main definitions
    Kernel        dom, cod (labels of every wire) and the entries that are not zero
    kernel_of     a kernel from rows, checked: non-negative where that can be seen, every row sums to one
    KernelError   a row that is no law; the message names the row

Conventions: an entry is `p(outputs | inputs)`, keyed by (inputs, outputs), two tuples of labels. Rows and columns of a
table run over the labels in order, the last wire fastest: (x1, x2) has index x1·|X2| + x2. An entry is a Fraction or a
SymPy expression, never a float. Source: specification `categorical`, D3.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from math import prod
from typing import Any, TypeAlias

import sympy as sp

Labels: TypeAlias = tuple[Hashable, ...]
Values: TypeAlias = tuple[Hashable, ...]
Entry: TypeAlias = Any  # a Fraction or a SymPy expression; SymPy publishes no types
Entries: TypeAlias = Mapping[tuple[Values, Values], Entry]


class KernelError(ValueError):
    """A table that is no Markov kernel of the type it should have; the message says which row, and why."""


def labels_of(space: int | Sequence[Hashable], name: str) -> Labels:
    """A size n as the labels 0..n-1, or the labels themselves. Raises KernelError if there are none or doubles."""
    found = tuple(range(space)) if isinstance(space, int) else tuple(space)
    if not found:
        raise KernelError(f"the space {name} has no points, expected at least one")
    if len(set(found)) != len(found):
        raise KernelError(f"the space {name} has the labels {list(found)}, expected them to differ")
    return found


@dataclass(frozen=True)
class Kernel:
    """See the module. Entries that are zero are left out; equality compares entry by entry as they are written."""

    dom: tuple[Labels, ...]
    cod: tuple[Labels, ...]
    entries: Entries

    def __getitem__(self, key: tuple[Any, Any]) -> Entry:
        """`kernel[inputs, outputs]`; a single label may stand for a tuple of one. Raises KeyError off the spaces."""
        inputs, outputs = _values(key[0], self.dom), _values(key[1], self.cod)
        return self.entries.get((inputs, outputs), Fraction(0))

    def row(self, inputs: Any) -> dict[Values, Entry]:
        """The law of the outputs given the inputs, on its support."""
        wanted = _values(inputs, self.dom)
        return {outs: p for (ins, outs), p in self.entries.items() if ins == wanted}

    def rows(self) -> dict[Values, dict[Values, Entry]]:
        """All rows, in order of the inputs."""
        found: dict[Values, dict[Values, Entry]] = {inputs: {} for inputs in product(*self.dom)}
        for (inputs, outputs), p in self.entries.items():
            found[inputs][outputs] = p
        return found

    def table(self) -> tuple[tuple[Entry, ...], ...]:
        """Dense, shape (product of dom, product of cod)."""
        columns = list(product(*self.cod))
        return tuple(tuple(row.get(c, Fraction(0)) for c in columns) for row in self.rows().values())

    def matrix(self) -> sp.Matrix:
        """The table as a SymPy matrix."""
        return sp.Matrix([[sp.sympify(entry, strict=True) for entry in row] for row in self.table()])

    def map(self, function: Any) -> Kernel:
        """The kernel with `function` applied to every entry."""
        return Kernel(self.dom, self.cod, {key: function(p) for key, p in self.entries.items()})

    @property
    def deterministic(self) -> bool:
        """Whether every entry is 0 or 1."""
        return all(p == 1 for p in self.entries.values())


def _values(values: Any, spaces: tuple[Labels, ...]) -> Values:
    found = values if isinstance(values, tuple) else (values,)
    if len(found) != len(spaces) or any(v not in space for v, space in zip(found, spaces, strict=True)):
        raise KeyError(f"{values!r} is no point of {' × '.join(str(list(s)) for s in spaces) or 'the unit'}")
    return found


def kernel_of(
    name: str,
    dom: tuple[Labels, ...],
    cod: tuple[Labels, ...],
    rows: Sequence[Any] | Kernel | sp.MatrixBase,
    relations: Mapping[sp.Symbol, Any] | None = None,
    exact: bool = True,
) -> Kernel:
    """The kernel with these rows, one a combination of inputs; a state may be given as its single row.

    `exact` wants rational numbers. Otherwise entries are SymPy expressions, and `relations` (symbol -> expression) are
    put in before a row's sum is compared with one. Raises KernelError, naming the kernel and the row.
    """
    if isinstance(rows, Kernel):
        if (rows.dom, rows.cod) != (dom, cod):
            raise KernelError(f"the kernel {name} is given on other spaces than its box has")
        return rows
    inputs, outputs = list(product(*dom)), list(product(*cod))
    listed: list[Any] = rows.tolist() if isinstance(rows, sp.MatrixBase) else list(rows)
    if len(inputs) == 1 and len(listed) == len(outputs) and not any(isinstance(r, list | tuple) for r in listed):
        listed = [listed]
    if len(listed) != len(inputs):
        raise KernelError(f"the kernel {name} has {len(listed)} rows, expected {_count(dom)} of them")
    entries: dict[tuple[Values, Values], Entry] = {}
    for number, (ins, row) in enumerate(zip(inputs, listed, strict=True)):
        place = f"row {number} of the kernel {name}"
        if not isinstance(row, list | tuple) or len(row) != len(outputs):
            raise KernelError(f"{place} is {row!r}, expected {_count(cod)} entries")
        values: list[Entry] = [(_rational if exact else _expression)(entry, place) for entry in row]
        for value in values:
            if value.is_negative if not exact else value < 0:
                raise KernelError(f"{place} has the entry {value}, expected none below 0")
        total: Entry = sum(values)
        if not exact:
            total = sp.simplify(total.xreplace({k: sp.sympify(v, strict=True) for k, v in (relations or {}).items()}))
        if total != 1:
            raise KernelError(f"{place} sums to {total}, expected 1")
        entries.update({(ins, outs): p for outs, p in zip(outputs, values, strict=True) if p != 0})
    return Kernel(dom, cod, entries)


def _expression(value: Any, place: str) -> sp.Expr:
    found = sp.sympify(value, strict=True)
    if found.has(sp.Float):
        raise KernelError(f"{place} has the entry {value!r}, a floating-point number, expected an exact one")
    return found


def _count(spaces: tuple[Labels, ...]) -> int:
    return prod(len(space) for space in spaces)


def _rational(value: Any, place: str) -> Fraction:
    if isinstance(value, sp.Rational):
        return Fraction(int(value.p), int(value.q))
    if isinstance(value, int | Fraction | str):
        return Fraction(value)
    raise KernelError(f"{place} has the entry {value!r}, expected an exact rational (an int, a Fraction or a text)")
