"""Terms and their entries as SymPy atoms, so that claims and derivations can speak of them.

Main definitions
    diagram        a commuting atom that stands for a term
    entry          p(outputs | inputs) of a term, a function of the values on its wires
    term_of        the term behind an atom, or None
    unfolding      an entry as a sum over the internal wires of products of the boxes' entries

Conventions: the atom of a term is an application of a function named after the term's `repr`, which is unique; it is
printed as on the board. An entry's arguments are the values on the input wires, then on the output wires; it is real
and non-negative. A space of n points is the integers 0 .. n-1; outside them an entry is 0 in its outputs, and in its
inputs some law. Source: specification `categorical`, D3 and 3.1.

>>> from theory.categories.term import Box
>>> from theory.categories.types import Ob
>>> X, Y = Ob("X"), Ob("Y")
>>> x, y, z = sp.symbols("x y z", integer=True)
>>> n = sp.Symbol("n", integer=True, positive=True)
>>> step = entry(Box("f", X, Y) >> Box("g", Y, X), (x,), (z,))
>>> step
(f ≫ g)(z | x)
>>> unfolding(step, {Y: n})
Sum(f(_y0 | x)*g(z | _y0), (_y0, 0, n - 1))
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sympy as sp
from sympy.core.function import AppliedUndef, UndefinedFunction

from theory.categories.latex import latex
from theory.categories.normal_form import Hypergraph, normal_form, translate
from theory.categories.term import Box, Term
from theory.categories.types import Ob


def diagram(term: Term) -> sp.Expr:
    """The atom that stands for a term: two of them are the same expression iff the terms are written the same."""
    return UndefinedFunction(f"diagram {term!r}", __dict__={"term": term, **_DIAGRAM}, real=True)()


def entry(term: Term, inputs: Sequence[Any] = (), outputs: Sequence[Any] = ()) -> sp.Expr:
    """p(outputs | inputs). Raises ValueError unless there is one value for every wire."""
    for values, type, side in ((inputs, term.dom, "inputs"), (outputs, term.cod, "outputs")):
        if len(values) != len(type):
            raise ValueError(f"{term} : {term.type_text} has {len(type)} {side}, got the values {tuple(values)}")
    head = UndefinedFunction(f"entry {term!r}", __dict__={"term": term, **_ENTRY}, real=True, nonnegative=True)
    return head(*(sp.sympify(value, strict=True) for value in (*inputs, *outputs)))


def term_of(expression: Any) -> Term | None:
    """The term of a diagram atom or an entry, None for anything else."""
    return head_term(expression.func) if isinstance(expression, AppliedUndef) else None


def head_term(head: Any) -> Term | None:
    """The term of the function symbol of an atom or an entry, None for another symbol."""
    found = getattr(head, "term", None)
    return found if isinstance(found, Term) else None


def is_entry(expression: Any) -> bool:
    """Whether the expression is an entry of a term."""
    return term_of(expression) is not None and expression.func.__name__.startswith("entry ")


def values_of(expression: AppliedUndef) -> tuple[tuple[sp.Expr, ...], tuple[sp.Expr, ...]]:
    """The values on the input and on the output wires of an entry."""
    split = len(expression.func.term.dom)
    return expression.args[:split], expression.args[split:]


def unfolding(expression: AppliedUndef, sizes: Mapping[Ob, Any], *, reduced: bool = True) -> sp.Expr:
    """The entry as a sum over internal wires, of the normal form or (`reduced=False`) of the term as it is written.

    `sizes` gives the number of points of every object that is summed over. Raises KeyError for one without.
    """
    term = term_of(expression)
    if term is None:
        raise ValueError(f"{expression} is no entry of a term")
    graph = normal_form(term) if reduced else translate(term)
    inputs, outputs = values_of(expression)
    factors, on_wire = _ends(graph, inputs, outputs)
    limits = []
    for wire, ob in enumerate(graph.types):
        if wire not in on_wire:
            if ob not in sizes:
                raise KeyError(f"{term} is summed over {ob}: give its size; sizes are given for {_names(sizes)}")
            on_wire[wire] = sp.Symbol(f"_{ob.name.lower()}{wire - len(graph.dom)}", integer=True, nonnegative=True)
            limits.append((on_wire[wire], sp.S.Zero, sp.sympify(sizes[ob], strict=True) - 1))
    for node, results in zip(graph.nodes, graph.results, strict=True):
        factors.append(entry(node.box, [on_wire[w] for w in node.inputs], [on_wire[w] for w in results]))
    product = sp.Mul(*factors)
    return sp.Sum(product, *limits) if limits else product


def _ends(
    graph: Hypergraph, inputs: Sequence[sp.Expr], outputs: Sequence[sp.Expr]
) -> tuple[list[sp.Expr], dict[int, sp.Expr]]:
    """Values on the wires that the ends fix; a wire that is fixed twice gives a Kronecker delta."""
    on_wire: dict[int, sp.Expr] = dict(enumerate(inputs))
    factors: list[sp.Expr] = []
    for wire, value in zip(graph.outputs, outputs, strict=True):
        if wire in on_wire:
            factors.append(sp.KroneckerDelta(on_wire[wire], value))
        else:
            on_wire[wire] = value
    return factors, on_wire


def _names(sizes: Mapping[Ob, Any]) -> str:
    return ", ".join(ob.name for ob in sizes) or "none"


def _entry_text(self: Any, printer: Any, *_: Any) -> str:
    inputs, outputs = (", ".join(printer.doprint(v) for v in values) for values in values_of(self))
    name = str(self.func.term) if isinstance(self.func.term, Box) else f"({self.func.term})"
    return f"{name}({outputs} | {inputs})" if inputs else f"{name}({outputs})"


def _entry_latex(self: Any, printer: Any, exp: Any = None) -> str:
    inputs, outputs = (", ".join(printer.doprint(v) for v in values) for values in values_of(self))
    name = latex(self.func.term)
    name = name if isinstance(self.func.term, Box) else rf"\left({name}\right)"
    text = rf"{name}\left({outputs} \mid {inputs}\right)" if inputs else rf"{name}\left({outputs}\right)"
    return f"{text}^{{{exp}}}" if exp is not None else text


def _diagram_text(self: Any, printer: Any, *_: Any) -> str:
    return f"[{self.func.term}]"


def _diagram_latex(self: Any, printer: Any, exp: Any = None) -> str:
    text = rf"\left[{latex(self.func.term)}\right]"
    return f"{text}^{{{exp}}}" if exp is not None else text


_DIAGRAM = {"_sympystr": _diagram_text, "_latex": _diagram_latex}
_ENTRY = {"_sympystr": _entry_text, "_latex": _entry_latex}
