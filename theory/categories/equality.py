"""Equality in the free Markov category, decided; the rewrites that lead to it; equations as objects.

Main definitions
    equal      whether two terms are equal, the flagged boxes being deterministic
    explain    the rewrites that bring both sides to their normal forms
    Equation   a pair of terms: `bool()` decides, `.separation()` is the witness where it fails

Source: specification `categorical`, 3.1.

>>> from theory.categories.term import Box, Copy, Discard
>>> from theory.categories.types import Ob
>>> X, Y = Ob("X"), Ob("Y")
>>> f, g = Box("f", X, Y), Box("g", X, Y, deterministic=True)
>>> bool(Equation(f >> Discard(Y), Discard(X)))
True
>>> bool(Equation(f >> Copy(Y), Copy(X) >> f @ f)), bool(Equation(g >> Copy(Y), Copy(X) >> g @ g))
(False, True)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from theory.categories.normal_form import Hypergraph, Node, normal_form, reduce, translate
from theory.categories.term import Compose, CompositionError, Copy, Discard, Id, Swap, Tensor, Term
from theory.categories.types import type_text

if TYPE_CHECKING:
    from theory.categories.separation import Separation

Side = Literal["left", "right"]


def equal(left: Term, right: Term) -> bool:
    """Whether the normal forms agree. Terms of different types are not equal. Linear time."""
    if left.dom != right.dom or left.cod != right.cod:
        return False
    return left == right or normal_form(left) == normal_form(right)


@dataclass(frozen=True)
class Rewrite:
    """One law used on one side: `law` names it, `detail` says where."""

    side: Side
    law: str
    detail: str

    def __str__(self) -> str:
        return f"{self.side}: {self.law}: {self.detail}"


def explain(left: Term, right: Term) -> list[Rewrite]:
    """The rewrites that bring each side to its normal form, left side first; then whether the two agree.

    Raises CompositionError if the types differ.
    """
    _require_parallel(left, right)
    found: list[Rewrite] = []
    forms = []
    sides: tuple[tuple[Side, Term], ...] = (("left", left), ("right", right))
    for side, term in sides:
        rewrites, form = _reduction(side, term)
        found.extend(rewrites)
        forms.append(form)
    if forms[0] == forms[1]:
        found.append(Rewrite("right", "same normal form", f"{len(forms[0].nodes)} boxes on the same wires"))
    else:
        found.append(Rewrite("right", "normal forms differ", _difference(forms[0], forms[1])))
    return found


def _reduction(side: Side, term: Term) -> tuple[list[Rewrite], Hypergraph]:
    found: list[Rewrite] = []
    structure = _structure(term)
    graph = translate(term)
    for law, kind, times in (
        ("unit", "identities removed", structure["identities"]),
        ("symmetry", "swaps become crossings of wires", structure["swaps"]),
        ("comonoid", "copies become repeated wires", structure["copies"]),
        ("counit", "discards drop a wire", structure["discards"]),
    ):
        if times:
            found.append(Rewrite(side, law, f"{times} {kind}"))
    live: set[int] = set()
    waiting = list(graph.outputs)
    producer = {wire: index for index, results in enumerate(graph.results) for wire in results}
    while waiting:
        index = producer.get(waiting.pop())
        if index is not None and index not in live:
            live.add(index)
            waiting.extend(graph.nodes[index].inputs)
    for index, node in enumerate(graph.nodes):
        if index not in live:
            found.append(
                Rewrite(side, "discard is natural", f"drop {node.box.name}: nothing it makes reaches an output")
            )

    def merged(kept: Node, gone: Node) -> None:
        name = kept.box.name
        found.append(
            Rewrite(side, "deterministic", f"slide the copy through {name}: two {name} on the same inputs are one")
        )

    return found, reduce(graph, merged)


def _structure(term: Term) -> dict[str, int]:
    counts = {"identities": 0, "swaps": 0, "copies": 0, "discards": 0}
    kinds = {Id: "identities", Swap: "swaps", Copy: "copies", Discard: "discards"}
    stack = [term]
    while stack:
        piece = stack.pop()
        if isinstance(piece, Compose):
            stack.extend(piece.factors)
        elif isinstance(piece, Tensor):
            stack.extend(piece.parts)
        elif type(piece) in kinds:
            counts[kinds[type(piece)]] += 1
    return counts


def _difference(left: Hypergraph, right: Hypergraph) -> str:
    if len(left.nodes) != len(right.nodes):
        names = [", ".join(node.box.name for node in graph.nodes) or "none" for graph in (left, right)]
        return f"{len(left.nodes)} boxes ({names[0]}) against {len(right.nodes)} ({names[1]})"
    for position, (first, second) in enumerate(zip(left.nodes, right.nodes, strict=True)):
        if first.box != second.box:
            return f"box {position} is {first.box.name} on the left and {second.box.name} on the right"
        if first.inputs != second.inputs:
            return f"{first.box.name} reads wires {list(first.inputs)} on the left, {list(second.inputs)} on the right"
    return f"the outputs are the wires {list(left.outputs)} on the left, {list(right.outputs)} on the right"


def _require_parallel(left: Term, right: Term) -> None:
    if left.dom != right.dom or left.cod != right.cod:
        raise CompositionError(
            f"an equation needs two terms of one type, got {left} : {type_text(left.dom)} → {type_text(left.cod)} "
            f"and {right} : {type_text(right.dom)} → {type_text(right.cod)}"
        )


@dataclass(frozen=True)
class Equation:
    """Two terms of one type. Raises CompositionError, showing both types, if they differ."""

    left: Term
    right: Term

    def __post_init__(self) -> None:
        _require_parallel(self.left, self.right)

    def __bool__(self) -> bool:
        return equal(self.left, self.right)

    def __str__(self) -> str:
        return f"{self.left} {'=' if self else '≠'} {self.right}"

    def explain(self) -> list[Rewrite]:
        """See `explain`."""
        return explain(self.left, self.right)

    def separation(self) -> Separation | None:
        """Exact kernels for which both sides differ, and where; None if the equation holds."""
        from theory.categories.separation import separate

        return separate(self.left, self.right)

    def _repr_svg_(self) -> str:
        from theory.categories.drawing.svg import svg_equation

        return svg_equation(self)
