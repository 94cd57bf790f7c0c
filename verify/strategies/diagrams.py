"""Well-typed string diagrams, exact kernels for their boxes, and other ways to write the same diagram.

Main definitions
    diagrams          random terms of the free Markov category; shrink to the identity
    interpretations   a size for every object and exact rows for every box of a term; shrink to uniform laws
    rewritten         a term that the laws of a Markov category make equal to a given one
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

from hypothesis import strategies as st

from theory.categories.normal_form import boxes_of, objects_of, translate
from theory.categories.term import Box, Compose, Copy, Discard, Id, Swap, Tensor, Term, compose, tensor
from theory.categories.types import Ob, Ty
from verify.strategies.laws import fractions_of, integer_weights

OBJECTS = (Ob("X"), Ob("Y"))
Interpretation = tuple[dict[Ob, int], dict[str, tuple[tuple[Fraction, ...], ...]]]


@st.composite
def diagrams(
    draw: st.DrawFn,
    *,
    max_steps: int = 6,
    max_wires: int = 4,
    deterministic: bool | None = None,
    dom: Ty | None = None,
) -> Term:
    """Terms of at most `max_steps` layers on at most `max_wires` wires.

    Boxes of one type come in two kinds, flagged and not (`deterministic` restricts to one), and under two names each,
    so that the same box occurs several times. Shrinks to the identity of no wires.
    """
    wires = list(draw(st.lists(st.sampled_from(OBJECTS), max_size=min(2, max_wires))) if dom is None else dom)
    factors: list[Term] = [Id(tuple(wires))]
    for _ in range(draw(st.integers(0, max_steps))):
        at = draw(st.integers(0, len(wires)))
        piece = draw(_pieces(tuple(wires[at:]), max_wires - len(wires), deterministic))
        stop = at + len(piece.dom)
        factors.append(tensor(Id(tuple(wires[:at])), piece, Id(tuple(wires[stop:]))))
        wires[at:stop] = piece.cod
    return compose(*factors)


@st.composite
def _pieces(draw: st.DrawFn, rest: Ty, room: int, deterministic: bool | None) -> Term:
    """A generator that starts on the first of the wires `rest` and adds at most `room` wires."""
    kinds = ["box"]
    kinds += ["discard"] if rest else []
    kinds += ["copy"] if rest and room >= 1 else []
    kinds += ["swap"] if len(rest) >= 2 else []
    kind = draw(st.sampled_from(kinds))
    if kind == "discard":
        return Discard(rest[0])
    if kind == "copy":
        return Copy(rest[0])
    if kind == "swap":
        return Swap(rest[0], rest[1])
    dom = rest[: draw(st.integers(0, min(2, len(rest))))]
    cod = tuple(draw(st.lists(st.sampled_from(OBJECTS), max_size=min(2, len(dom) + room))))
    flagged = draw(st.booleans()) if deterministic is None else deterministic
    number = draw(st.integers(0, 1))
    types = "".join(ob.name for ob in dom).lower() + "_" + "".join(ob.name for ob in cod).lower()
    return Box(f"{'f' if flagged else 'k'}{number}_{types}", dom, cod, flagged)


@st.composite
def interpretations(draw: st.DrawFn, term: Term, *, max_size: int = 3) -> Interpretation:
    """(sizes by object, rows by box name) with exact entries; flagged boxes are functions.

    For `theory.categories.exact.exact` and, with entries as floats, for the numeric functor.
    """
    graph = translate(term)
    obs = dict.fromkeys((*objects_of(graph), *(o for b in boxes_of(graph) for o in (*b.dom, *b.cod))))
    sizes = {ob: draw(st.integers(1, max_size)) for ob in obs}
    kernels = {}
    for box in boxes_of(graph):
        rows, columns = _points(box.dom, sizes), _points(box.cod, sizes)
        if box.deterministic:
            images = draw(st.lists(st.integers(0, columns - 1), min_size=rows, max_size=rows))
            kernels[box.name] = tuple(tuple(Fraction(int(c == i)) for c in range(columns)) for i in images)
        else:
            kernels[box.name] = fractions_of(draw(integer_weights(rows, columns, zeros=columns > 1)))
    return sizes, kernels


def _points(type: Ty, sizes: dict[Ob, int]) -> int:
    count = 1
    for ob in type:
        count *= sizes[ob]
    return count


@st.composite
def rewritten(draw: st.DrawFn, term: Term, *, max_rewrites: int = 4) -> Term:
    """The term written differently: laws are used anywhere in it, in the direction that makes it longer."""
    for _ in range(draw(st.integers(0, max_rewrites))):
        law = draw(st.sampled_from(LAWS))
        target = draw(st.integers(0, _size(term) - 1))
        term = _at(term, target, law)
    return term


def _size(term: Term) -> int:
    children: tuple[Term, ...] = ()
    if isinstance(term, Compose):
        children = term.factors
    elif isinstance(term, Tensor):
        children = term.parts
    return 1 + sum(map(_size, children))


def _at(term: Term, target: int, law: Callable[[Term], Term]) -> Term:
    """`law` used on the subterm number `target`, counted from the root."""
    if target == 0:
        return law(term)
    target -= 1
    children = list(term.factors if isinstance(term, Compose) else term.parts if isinstance(term, Tensor) else ())
    for position, child in enumerate(children):
        if target < _size(child):
            children[position] = _at(child, target, law)
            break
        target -= _size(child)
    join: Any = compose if isinstance(term, Compose) else tensor
    return term if not children else join(*children)


def _counit(term: Term) -> Term:
    return term >> Copy(term.cod) >> Id(term.cod) @ Discard(term.cod)


def _cocommutative(term: Term) -> Term:
    return term >> Copy(term.cod) >> Swap(term.cod, term.cod) >> Discard(term.cod) @ Id(term.cod)


def _coassociative(term: Term) -> Term:
    copied = term >> Copy(term.cod) >> Copy(term.cod) @ Id(term.cod)
    return copied >> Id(term.cod) @ Discard(term.cod + term.cod)


def _dead(term: Term) -> Term:
    """Copy the inputs, and run the term twice: once for its result, once for nothing."""
    return Copy(term.dom) >> term @ (term >> Discard(term.cod))


def _unit(term: Term) -> Term:
    return Id(term.dom) >> (term @ Id(())) >> Id(term.cod)


def _symmetry(term: Term) -> Term:
    """Swap the outputs twice, around the middle."""
    half = len(term.cod) // 2
    left, right = term.cod[:half], term.cod[half:]
    return term >> Swap(left, right) >> Swap(right, left)


LAWS: tuple[Callable[[Term], Term], ...] = (_unit, _counit, _cocommutative, _coassociative, _dead, _symmetry)
