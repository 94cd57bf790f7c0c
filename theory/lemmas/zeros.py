"""Matrices all of whose entries are 0, told by one number: the sum of the squares of the entries.

Induction over steps speaks of one number at a time; this number speaks of all entries of two matrices F and G at once.

Main statements
    entries   the sum of squares is 0: each entry of F is 0
    total     each entry of F and G is 0: the sum of squares is 0
    first_of_two   two such sums add up to 0: the first is 0
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from theory.derivation import derive
from theory.justification import SingleTerm, Termwise, algebra, decide, fact, quick
from theory.lemma import Lemma
from theory.lemmas.sums import last, top
from theory.parameter import Parameter, integers
from theory.proposition import Forall, eq, ge, le

F, G, row = (sp.Function(name, real=True) for name in ("F", "G", "row"))
i, j = (sp.Symbol(name, integer=True, nonnegative=True) for name in "ij")
_u, _v = (sp.Symbol(name, integer=True, nonnegative=True) for name in "uv")
_top, _last = top.symbol, last.symbol
height = Parameter("height", r"\hat u", "last row of the other matrices", integers(0), (0, 100))
width = Parameter("width", r"\hat v", "last column of the other matrices", integers(0), (0, 100))


def square_sum(first: Any, second: Any, end: Any = _last) -> Any:
    """i to sum_j first(i, j)^2 + second(i, j)^2."""
    return lambda at: sp.Sum(first(at, j) ** 2 + second(at, j) ** 2, (j, 0, end))


def all_squares(first: Any, second: Any, rows: Any = _top, columns: Any = _last) -> sp.Sum:
    """The sum of the squares of all entries of two matrices."""
    return sp.Sum(square_sum(first, second, columns)(i), (i, 0, rows))


def inside(first: sp.Symbol, second: sp.Symbol, rows: Any = _top, columns: Any = _last) -> tuple[Any, ...]:
    """The place (first, second) is one of the matrix."""
    return (le(first, rows), le(second, columns))


_rows = Forall((i,), eq(row(i), square_sum(F, G)(i)))
_sum = sp.Sum(row(i), (i, 0, _top))
entries = Lemma(
    "zeros/entries",
    "A matrix whose squares sum to 0 is 0",
    (top, last),
    Forall((_u, _v), eq(F(_u, _v), 0), inside(_u, _v)),
    hypotheses=(_rows, eq(_sum, 0)),
    functions=(F, G, row),
    backing=derive()
    .have("squares", Forall((_u,), ge(square_sum(F, G)(_u), 0)), by=SingleTerm(0))
    .have("sign", Forall((_u,), ge(row(_u), 0)), by=[fact("squares", u=_u), fact("hypothesis 1", i=_u), quick])
    .have("one row", Forall((_u,), ge(_sum, row(_u)), (le(_u, _top),)), by=[SingleTerm(_u), fact("sign", u=i)])
    .have("row", Forall((_u,), le(row(_u), 0), (le(_u, _top),)), by=[fact("one row", u=_u), "hypothesis 2", quick])
    .have(
        "one entry",
        Forall((_u, _v), ge(square_sum(F, G)(_u), F(_u, _v) ** 2), (le(_v, _last),)),
        by=SingleTerm(_v),
    )
    .have(
        "square",
        Forall((_u, _v), le(F(_u, _v) ** 2, 0), inside(_u, _v)),
        by=[fact("one entry", u=_u, v=_v), fact("row", u=_u), fact("hypothesis 1", i=_u), quick],
    )
    .have("entry", Forall((_u, _v), eq(F(_u, _v), 0), inside(_u, _v)), by=[fact("square", u=_u, v=_v), decide]),
)
_none = sp.Sum(sp.S.Zero, (j, 0, _last))
total = Lemma(
    "zeros/total",
    "The squares of two matrices that are 0 sum to 0",
    (top, last),
    eq(_sum, 0),
    hypotheses=(
        _rows,
        Forall((_u, _v), eq(F(_u, _v), 0), inside(_u, _v)),
        Forall((_u, _v), eq(G(_u, _v), 0), inside(_u, _v)),
    ),
    functions=(F, G, row),
    backing=derive()
    .have(
        "row of zeros",
        Forall((_u,), eq(square_sum(F, G)(_u), _none), (le(_u, _top),)),
        by=[Termwise(), fact("hypothesis 2", u=_u, v=j), fact("hypothesis 3", u=_u, v=j), quick],
    )
    .have(
        "row",
        Forall((_u,), eq(row(_u), 0), (le(_u, _top),)),
        by=[fact("row of zeros", u=_u), fact("hypothesis 1", i=_u), algebra],
    )
    .have("rows", eq(_sum, sp.Sum(sp.S.Zero, (i, 0, _top))), by=[Termwise(), fact("row", u=i)])
    .have("total", eq(_sum, 0), by=["rows", algebra]),
)
H, I, other_row = (sp.Function(name, real=True) for name in ("H", "I", "other_row"))
_other_rows = Forall((i,), eq(other_row(i), square_sum(H, I, width.symbol)(i)))
_other = sp.Sum(other_row(i), (i, 0, height.symbol))
first_of_two = Lemma(
    "zeros/first_of_two",
    "Of two sums of squares that add up to 0 the first is 0",
    (top, last, height, width),
    eq(_sum, 0),
    hypotheses=(_rows, _other_rows, eq(_sum + _other, 0)),
    functions=(F, G, row, H, I, other_row),
    backing=derive()
    .have("squares", Forall((_u,), ge(square_sum(F, G)(_u), 0)), by=SingleTerm(0))
    .have("row", Forall((_u,), ge(row(_u), 0)), by=[fact("squares", u=_u), fact("hypothesis 1", i=_u), quick])
    .have("sum", ge(_sum, 0), by=[SingleTerm(0), fact("row", u=i)])
    .have("other squares", Forall((_u,), ge(square_sum(H, I, width.symbol)(_u), 0)), by=SingleTerm(0))
    .have(
        "other row",
        Forall((_u,), ge(other_row(_u), 0)),
        by=[fact("other squares", u=_u), fact("hypothesis 2", i=_u), quick],
    )
    .have("other sum", ge(_other, 0), by=[SingleTerm(0), fact("other row", u=i)])
    .have("zero", eq(_sum, 0), by=["sum", "other sum", "hypothesis 3", decide]),
)
