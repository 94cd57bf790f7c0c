"""The functor to exact kernels: objects to finite spaces, boxes to tables of Fractions.

>>> from theory.categories.term import Box, Copy
>>> from theory.categories.types import Ob
>>> X = Ob("X")
>>> coin = Box("coin", (), X)
>>> exact(coin >> Copy(X), {X: 2}, {"coin": ["1/2", "1/2"]}).table()
((Fraction(1, 2), Fraction(0, 1), Fraction(0, 1), Fraction(1, 2)),)
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from theory.categories.evaluation import Spaces, evaluate, labels, require_boxes, require_deterministic, resolve
from theory.categories.kernel import Kernel, kernel_of
from theory.categories.normal_form import Hypergraph, normal_form
from theory.categories.term import Term


def exact(term: Term | Hypergraph, spaces: Spaces, kernels: Mapping[str, Any], limit: int | None = 1_000_000) -> Kernel:
    """The exact kernel of a term.

    `spaces` gives every object a size or labels; `kernels` every box name its rows (ints, Fractions, texts such as
    "1/3") or a `Kernel`. Raises KernelError (a missing box or object, a row that is no law, a flagged box that is not
    0/1) and TooManyTerms.
    """
    graph = term if isinstance(term, Hypergraph) else normal_form(term)
    found = resolve(graph, spaces)
    tables: dict[str, Kernel] = {}
    for box in require_boxes(graph, kernels):
        tables[box.name] = kernel_of(box.name, labels(box.dom, found), labels(box.cod, found), kernels[box.name])
        require_deterministic(box, tables[box.name])
    return evaluate(graph, found, tables, _sum, Fraction(1), limit)


def _sum(values: list[Fraction]) -> Fraction:
    return sum(values, Fraction(0))
