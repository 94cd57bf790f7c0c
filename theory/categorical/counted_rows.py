"""A double sum as a sum of rows, each counted once.

SymPy writes a sum of sums as one sum over two indices; a factor one(x) = 1 keeps the rows apart where a step is about
rows.

Main statements
    counted_rows   sum_x one(x) sum_y g(x, y) = sum_xy g(x, y)
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from theory.categorical.state_laws import contexts, over_contexts, u, v, x, y
from theory.derivation import derive
from theory.justification import Termwise, fact, quick
from theory.lemma import Lemma
from theory.lemmas.double_sums import swapped
from theory.proposition import Forall, eq

_nX = contexts.symbol
one, _g = (sp.Function(name, real=True) for name in ("one", "g"))


def _rows(term: Any) -> sp.Sum:
    return over_contexts(one(x) * over_contexts(term, y))


_cells = over_contexts(over_contexts(_g(x, y), y))
_counted_cells = over_contexts(over_contexts(one(y) * _g(x, y), y))
_once = Forall((u, v), eq(one(v) * _g(u, v), _g(u, v)))
_once_swapped = Forall((u, v), eq(one(v) * _g(v, u), _g(v, u)))
_swapped: dict[str, Any] = {"top": _nX, "last": _nX, "w": one, "g": _g}
counted_rows = Lemma(
    "categorical/counted_rows",
    "A double sum is the sum of its rows",
    (contexts,),
    eq(_rows(_g(x, y)), _cells),
    hypotheses=(Forall((x,), eq(one(x), 1)),),
    functions=(one, _g),
    backing=derive()
    .have("cell", _once, by=[fact("hypothesis 1", x=v), quick])
    .have("cells", eq(_counted_cells, _cells), by=[Termwise(), fact("cell", u=x, v=y)])
    .have(
        "row",
        Forall((u,), eq(over_contexts(one(y) * _g(u, y), y), over_contexts(_g(u, y), y))),
        by=[Termwise(), fact("cell", u=u, v=y)],
    )
    .have(
        "counted row",
        Forall((u,), eq(one(u) * over_contexts(one(y) * _g(u, y), y), one(u) * over_contexts(_g(u, y), y))),
        by=[fact("row", u=u), quick],
    )
    .have("rows", eq(_rows(one(y) * _g(x, y)), _rows(_g(x, y))), by=[Termwise(), fact("counted row", u=x)])
    .have("both", eq(_rows(one(y) * _g(x, y)), _rows(one(y) * _g(y, x))), by=swapped.at(u=one, **_swapped))
    .have(
        "columns of cells",
        eq(_counted_cells, _rows(_g(y, x))),
        by=swapped.at(u=sp.Lambda((x,), sp.S.One), **_swapped),
    )
    .have("swapped cell", _once_swapped, by=[fact("hypothesis 1", x=v), quick])
    .have(
        "column",
        Forall((u,), eq(over_contexts(one(y) * _g(y, u), y), over_contexts(_g(y, u), y))),
        by=[Termwise(), fact("swapped cell", u=u, v=y)],
    )
    .have(
        "counted column",
        Forall((u,), eq(one(u) * over_contexts(one(y) * _g(y, u), y), one(u) * over_contexts(_g(y, u), y))),
        by=[fact("column", u=u), quick],
    )
    .have("columns", eq(_rows(one(y) * _g(y, x)), _rows(_g(y, x))), by=[Termwise(), fact("counted column", u=x)])
    .have("sum", eq(_rows(_g(x, y)), _cells), by=["rows", "both", "columns", "columns of cells", "cells", quick]),
)
