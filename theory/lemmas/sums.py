"""Finite double sums: the order of summation does not matter.

Main statements (g is a function of two indices x = 0..top and y = 0..last, with weights u and w)
    exchange       sum_x u(x) sum_y w(y) g(x, y) = sum_y w(y) sum_x u(x) g(x, y)
    total_mass     if every row of g sums to 1, then sum_y sum_x u(x) g(x, y) = sum_x u(x)
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from theory.derivation import derive
from theory.justification import Induction, Termwise, algebra, fact, quick
from theory.lemma import Lemma
from theory.parameter import Parameter, integers
from theory.proposition import Forall, eq, le

top = Parameter("top", r"\hat x", "last row", integers(0), (0, 100))
last = Parameter("last", r"\hat y", "last column", integers(0), (0, 100))

_x, _y, _r, _v = (sp.Symbol(name, integer=True, nonnegative=True) for name in ("x", "y", "r", "v"))
_s = sp.Symbol("s", integer=True, positive=True)
_g, _u, _w = (sp.Function(name, real=True) for name in ("g", "u", "w"))


def over(term: Any, index: sp.Symbol, end: Any) -> sp.Sum:
    """The sum of `term` over index = 0..end."""
    return sp.Sum(term, (index, 0, end))


def _column(end: Any, at: Any) -> sp.Sum:
    return over(_u(_x) * _g(_x, at), _x, end)


def _by_rows(end: Any) -> sp.Sum:
    return over(_u(_x) * over(_w(_y) * _g(_x, _y), _y, last.symbol), _x, end)


def _by_columns(end: Any) -> sp.Sum:
    return over(_w(_y) * _column(end, _y), _y, last.symbol)


_row = over(_w(_y) * _g(_r + 1, _y), _y, last.symbol)
_added = over(_w(_y) * (_column(_r, _y) + _u(_r + 1) * _g(_r + 1, _y)), _y, last.symbol)
_only = over(_w(_y) * _u(0) * _g(0, _y), _y, last.symbol)
exchange = Lemma(
    "sums/exchange",
    "The order of summation does not matter",
    (top, last),
    eq(_by_rows(top.symbol), _by_columns(top.symbol)),
    functions=(_g, _u, _w),
    backing=derive()
    .have(
        "last term",
        Forall((_s, _v), eq(_column(_s, _v), _column(_s - 1, _v) + _u(_s) * _g(_s, _v))),
        by=[Induction(_s), quick],
    )
    .have(
        "one row more",
        Forall((_r, _v), eq(_column(_r + 1, _v), _column(_r, _v) + _u(_r + 1) * _g(_r + 1, _v))),
        by=[fact("last term", s=_r + 1, v=_v), quick],
    )
    .have("in each column", Forall((_r,), eq(_by_columns(_r + 1), _added)), by=[Termwise(), "one row more"])
    .have("linear", Forall((_r,), eq(_added, _by_columns(_r) + _u(_r + 1) * _row)), by=algebra)
    .have(
        "with a row more",
        Forall((_r,), eq(_by_columns(_r + 1), _by_columns(_r) + _u(_r + 1) * _row)),
        by=[fact("in each column", r=_r), fact("linear", r=_r), quick],
    )
    .have("first row", Forall((_v,), eq(_column(0, _v), _u(0) * _g(0, _v))), by=algebra)
    .have("in each first", eq(_by_columns(0), _only), by=[Termwise(), "first row"])
    .have(
        "one row", eq(_by_columns(0), _u(0) * over(_w(_y) * _g(0, _y), _y, last.symbol)), by=["in each first", algebra]
    )
    .have(
        "all",
        Forall((_r,), eq(_by_rows(_r), _by_columns(_r))),
        by=[Induction(_r), "one row", fact("with a row more", r=_r), quick],
    )
    .have("at the last", eq(_by_rows(top.symbol), _by_columns(top.symbol)), by=fact("all", r=top.symbol)),
)

one = sp.Function("one", real=True)
_masses = over(_u(_x) * over(one(_y) * _g(_x, _y), _y, last.symbol), _x, top.symbol)
total_mass = Lemma(
    "sums/total_mass",
    "Moving mass by rows of mass 1 keeps it",
    (top, last),
    eq(over(one(_y) * _column(top.symbol, _y), _y, last.symbol), over(_u(_x), _x, top.symbol)),
    hypotheses=(
        Forall((_y,), eq(one(_y), 1)),
        Forall((_x,), eq(over(_g(_x, _y), _y, last.symbol), 1), (le(_x, top.symbol),)),
    ),
    functions=(_g, _u, one),
    backing=derive()
    .have("exchange", eq(_masses, over(one(_y) * _column(top.symbol, _y), _y, last.symbol)), by=exchange.at(w=one))
    .have("drop", Forall((_r, _v), eq(one(_v) * _g(_r, _v), _g(_r, _v))), by=[fact("hypothesis 1", y=_v), quick])
    .have(
        "in each row",
        Forall((_r,), eq(over(one(_y) * _g(_r, _y), _y, last.symbol), over(_g(_r, _y), _y, last.symbol))),
        by=[Termwise(), "drop"],
    )
    .have(
        "rows",
        Forall((_r,), eq(_u(_r) * over(one(_y) * _g(_r, _y), _y, last.symbol), _u(_r)), (le(_r, top.symbol),)),
        by=[fact("in each row", r=_r), fact("hypothesis 2", x=_r), quick],
    )
    .have("sum of rows", eq(_masses, over(_u(_x), _x, top.symbol)), by=[Termwise(), "rows"])
    .have(
        "mass",
        eq(over(one(_y) * _column(top.symbol, _y), _y, last.symbol), over(_u(_x), _x, top.symbol)),
        by=["exchange", "sum of rows"],
    ),
)
