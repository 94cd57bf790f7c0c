"""The functor to SymPy kernels, and categorical entropies read off two diagrams.

Main definitions
    symbolic             a term as a sparse kernel with SymPy entries
    generic              a kernel of positive symbols, with the relations that make its rows sum to one
    categorical_entropy  D(t ≫ Δ ‖ Δ ≫ t⊗t) at every input, from the two diagrams
    DIVERGENCES          the divergences by name

Conventions: nats. Probabilities are positive symbols of their own: an entry written 1 - a makes SymPy's `expand_log`
produce log(-1/(a - 1)) and iπ, so the last entry of a generic row is a symbol with the relation `last = 1 - rest`, put
in by the reader when it is wanted. Zero entries are absent. Source: specification `categorical`, D7, D9 and 3.2.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import product
from typing import Any

import sympy as sp

from theory.categories.evaluation import (
    LIMIT,
    Spaces,
    evaluate,
    labels,
    require_boxes,
    require_deterministic,
    resolve,
)
from theory.categories.kernel import Entry, Kernel, Labels, Values, kernel_of
from theory.categories.monomials import Monomials
from theory.categories.normal_form import Hypergraph, boxes_of, normal_form
from theory.categories.term import Copy, Term


def generic(name: str, dom: tuple[Labels, ...], cod: tuple[Labels, ...]) -> tuple[Kernel, dict[sp.Symbol, sp.Expr]]:
    """A kernel whose entries are positive symbols `name_inputs_outputs`, and {last of a row: 1 - the rest}."""
    entries: dict[tuple[Values, Values], Entry] = {}
    relations: dict[sp.Symbol, sp.Expr] = {}
    outputs = list(product(*cod))
    for inputs in product(*dom):
        row = [sp.Symbol("_".join(map(str, (name, *inputs, *outs))), positive=True) for outs in outputs]
        if len(row) == 1:
            row = [sp.S.One]
        else:
            relations[row[-1]] = 1 - sp.Add(*row[:-1])
        entries.update({(inputs, outs): p for outs, p in zip(outputs, row, strict=True)})
    return Kernel(dom, cod, entries), relations


def symbolic(
    term: Term | Hypergraph,
    spaces: Spaces,
    kernels: Mapping[str, Any] | None = None,
    relations: Mapping[sp.Symbol, Any] | None = None,
    limit: int | None = LIMIT,
) -> Kernel:
    """The kernel of a term with SymPy entries.

    A box without rows in `kernels` is a `generic` one; flagged boxes need rows of zeros and ones. `relations` are
    used to check that the given rows sum to one. Raises KernelError and TooManyTerms.
    """
    graph = term if isinstance(term, Hypergraph) else normal_form(term)
    found = resolve(graph, spaces)
    given = dict(kernels or {})
    for box in boxes_of(graph):
        if box.name not in given and not box.deterministic:
            given[box.name] = generic(box.name, labels(box.dom, found), labels(box.cod, found))[0]
    tables: dict[str, Kernel] = {}
    for box in require_boxes(graph, given):
        dom, cod = labels(box.dom, found), labels(box.cod, found)
        kernel = kernel_of(box.name, dom, cod, given[box.name], relations, exact=False)
        require_deterministic(box, kernel)
        tables[box.name] = (
            kernel.map(lambda entry: sp.sympify(entry, strict=True)) if isinstance(given[box.name], Kernel) else kernel
        )
    multiply = Monomials(p for kernel in tables.values() for p in kernel.entries.values()).multiply
    return evaluate(graph, found, tables, lambda values: sp.Add(*values), sp.S.One, limit, multiply)


Law = Mapping[Values, Entry]


def _f_divergence(generator: Callable[[sp.Expr], sp.Expr], at_zero: Any, slope: Any) -> Callable[[Law, Law], sp.Expr]:
    """Σ q f(p/q), with f(0) where p vanishes and p·lim f(t)/t where q does."""

    def divergence(p: Law, q: Law) -> sp.Expr:
        terms = [q[w] * generator(p[w] / q[w]) if w in p else q[w] * at_zero for w in q]
        return sp.Add(*terms, *(p[w] * slope for w in p if w not in q))

    return divergence


def _renyi(order: Any) -> Callable[[Law, Law], sp.Expr]:
    alpha = sp.sympify(order, strict=True)
    if alpha.is_number and alpha < 0:
        raise ValueError(f"the order of a Rényi divergence is {alpha}, expected one in [0, oo]")

    def divergence(p: Law, q: Law) -> sp.Expr:
        if alpha.is_number and alpha >= 1 and any(w not in q for w in p):
            return sp.oo
        if alpha == 1:
            return DIVERGENCES["KL"](p, q)
        if alpha == sp.oo:
            return sp.log(sp.Max(*(p[w] / q[w] for w in p)))
        common = [w for w in p if w in q]
        total = sp.Add(*((p[w] / q[w]) ** alpha * q[w] for w in common))
        return sp.log(total) / (alpha - 1)

    return divergence


_half = sp.Rational(1, 2)
DIVERGENCES: dict[str, Callable[[Law, Law], sp.Expr]] = {
    "KL": _f_divergence(lambda t: t * sp.log(t), 0, sp.oo),
    "reverse KL": _f_divergence(lambda t: -sp.log(t), sp.oo, 0),
    "TV": _f_divergence(lambda t: sp.Abs(t - 1) / 2, _half, _half),
    "chi2": _f_divergence(lambda t: (t - 1) ** 2, 1, sp.oo),
    "Hel2": _f_divergence(lambda t: (sp.sqrt(t) - 1) ** 2, 1, 1),
    "JS": _f_divergence(lambda t: (t * sp.log(t) - (t + 1) * sp.log((t + 1) / 2)) / 2, sp.log(2) / 2, sp.log(2) / 2),
}


def divergence(name: str | tuple[str, Any]) -> Callable[[Law, Law], sp.Expr]:
    """A divergence by name, or ("Renyi", order). Raises ValueError for another name, listing those there are."""
    if isinstance(name, tuple) and len(name) == 2 and name[0] == "Renyi":
        return _renyi(name[1])
    if isinstance(name, str) and name in DIVERGENCES:
        return DIVERGENCES[name]
    known = ", ".join(DIVERGENCES)
    raise ValueError(f"there is no divergence {name!r}, expected one of {known}, or ('Renyi', order)")


def categorical_entropy(
    term: Term,
    name: str | tuple[str, Any],
    spaces: Spaces,
    kernels: Mapping[str, Any] | None = None,
    relations: Mapping[sp.Symbol, Any] | None = None,
    limit: int | None = LIMIT,
) -> dict[Values, sp.Expr]:
    """The pointwise reading {inputs: D(t ≫ Δ ‖ Δ ≫ t⊗t)}, in nats, from the two diagrams themselves."""
    measure = divergence(name)
    once = symbolic(term >> Copy(term.cod), spaces, kernels, relations, limit).rows()
    twice = symbolic(Copy(term.dom) >> term @ term, spaces, kernels, relations, limit).rows()
    return {inputs: measure(once[inputs], twice[inputs]) for inputs in once}
