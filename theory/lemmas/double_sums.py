"""Finite double sums whose indices are written in the other order.

Main statements (g is a function of two indices, with weights u and w)
    renamed      the name of an index does not matter
    swapped      sum_x u(x) sum_y w(y) g(x, y) = sum_x w(x) sum_y u(y) g(y, x)
    exchange_ab  sum_a u(a) sum_b w(b) g(a, b) = sum_b w(b) sum_a u(a) g(a, b), for indices of other names
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from theory.derivation import derive
from theory.justification import Induction, Termwise, algebra, fact, quick
from theory.lemma import Lemma
from theory.lemmas.sums import exchange, last, over, top
from theory.proposition import Forall, eq

_x, _y, _v, _r = (sp.Symbol(name, integer=True, nonnegative=True) for name in ("x", "y", "v", "r"))
_s = sp.Symbol("s", integer=True, nonnegative=True)
_t = sp.Symbol("t", integer=True, positive=True)
_f, _g, _u, _w = (sp.Function(name, real=True) for name in ("f", "g", "u", "w"))
_top, _last = top.symbol, last.symbol


def _renamed(old: str, new: str, id: str) -> Lemma:
    a, b = (sp.Symbol(name, integer=True, nonnegative=True) for name in (old, new))
    return Lemma(
        f"double_sums/{id}",
        f"The name of an index does not matter ({old} and {new})",
        (top,),
        eq(over(_f(a), a, _top), over(_f(b), b, _top)),
        functions=(_f,),
        backing=derive()
        .have("all", Forall((_r,), eq(over(_f(a), a, _r), over(_f(b), b, _r))), by=[Induction(_r), quick])
        .have("renamed", eq(over(_f(a), a, _top), over(_f(b), b, _top)), by=fact("all", r=_top)),
    )


renamed = _renamed("y", "x", "renamed")
renamed_ih = _renamed("i", "h", "renamed_ih")
renamed_lk = _renamed("l", "k", "renamed_lk")
renamed_xj = _renamed("x", "j", "renamed_xj")
renamed_yj = _renamed("y", "j", "renamed_yj")
renamed_ji = _renamed("j", "i", "renamed_ji")
_by_columns = over(_w(_y) * over(_u(_x) * _g(_x, _y), _x, _top), _y, _last)
_inner = over(_u(_y) * _g(_y, _v), _y, _top)
_by_inner = over(_w(_y) * over(_u(_r) * _g(_r, _y), _r, _top), _y, _last)
_swapped = over(_w(_x) * over(_u(_y) * _g(_y, _x), _y, _top), _x, _last)
swapped = Lemma(
    "double_sums/swapped",
    "The order of summation does not matter, with the indices written in the same order",
    (top, last),
    eq(over(_u(_x) * over(_w(_y) * _g(_x, _y), _y, _last), _x, _top), _swapped),
    functions=(_g, _u, _w),
    backing=derive()
    .have("exchange", exchange.conclusion, by=exchange.at())
    .have(
        "all names",
        Forall((_s, _v), eq(over(_u(_x) * _g(_x, _v), _x, _s), over(_u(_r) * _g(_r, _v), _r, _s))),
        by=[Induction(_s), quick],
    )
    .have(
        "all names again",
        Forall((_s, _v), eq(over(_u(_r) * _g(_r, _v), _r, _s), over(_u(_y) * _g(_y, _v), _y, _s))),
        by=[Induction(_s), quick],
    )
    .have(
        "inner names",
        Forall((_v,), eq(over(_u(_x) * _g(_x, _v), _x, _top), over(_u(_r) * _g(_r, _v), _r, _top))),
        by=fact("all names", s=_top, v=_v),
    )
    .have("inner", eq(_by_columns, _by_inner), by=[Termwise(), fact("inner names", v=_y)])
    .have(
        "outer",
        eq(_by_inner, over(_w(_x) * over(_u(_r) * _g(_r, _x), _r, _top), _x, _last)),
        by=renamed.at(top=_last, f=sp.Lambda((_y,), _w(_y) * over(_u(_r) * _g(_r, _y), _r, _top))),
    )
    .have(
        "inner names again",
        Forall((_v,), eq(over(_u(_r) * _g(_r, _v), _r, _top), _inner)),
        by=fact("all names again", s=_top, v=_v),
    )
    .have(
        "inner again",
        eq(over(_w(_x) * over(_u(_r) * _g(_r, _x), _r, _top), _x, _last), _swapped),
        by=[Termwise(), fact("inner names again", v=_x)],
    )
    .have("swapped", eq(exchange.conclusion.lhs, _swapped), by=["exchange", "inner", "outer", "inner again", quick]),
)


def _exchange(outer: str, inner: str) -> Lemma:
    """`sums/exchange` for sums over indices of these names, proved in the same way."""
    a, b = (sp.Symbol(name, integer=True, nonnegative=True) for name in (outer, inner))

    def column(end: Any, at: Any) -> sp.Sum:
        return over(_u(a) * _g(a, at), a, end)

    def by_rows(end: Any) -> sp.Sum:
        return over(_u(a) * over(_w(b) * _g(a, b), b, _last), a, end)

    def by_columns(end: Any) -> sp.Sum:
        return over(_w(b) * column(end, b), b, _last)

    row = over(_w(b) * _g(_r + 1, b), b, _last)
    added = over(_w(b) * (column(_r, b) + _u(_r + 1) * _g(_r + 1, b)), b, _last)
    only = over(_w(b) * _u(0) * _g(0, b), b, _last)
    return Lemma(
        f"double_sums/exchange_{outer}{inner}",
        f"The order of summation does not matter (indices {outer} and {inner})",
        (top, last),
        eq(by_rows(_top), by_columns(_top)),
        functions=(_g, _u, _w),
        backing=derive()
        .have(
            "last term",
            Forall((_t, _v), eq(column(_t, _v), column(_t - 1, _v) + _u(_t) * _g(_t, _v))),
            by=[Induction(_t), quick],
        )
        .have(
            "one row more",
            Forall((_r, _v), eq(column(_r + 1, _v), column(_r, _v) + _u(_r + 1) * _g(_r + 1, _v))),
            by=[fact("last term", t=_r + 1, v=_v), quick],
        )
        .have("in each column", Forall((_r,), eq(by_columns(_r + 1), added)), by=[Termwise(), "one row more"])
        .have("linear", Forall((_r,), eq(added, by_columns(_r) + _u(_r + 1) * row)), by=algebra)
        .have(
            "with a row more",
            Forall((_r,), eq(by_columns(_r + 1), by_columns(_r) + _u(_r + 1) * row)),
            by=[fact("in each column", r=_r), fact("linear", r=_r), quick],
        )
        .have("first row", Forall((_v,), eq(column(0, _v), _u(0) * _g(0, _v))), by=algebra)
        .have("in each first", eq(by_columns(0), only), by=[Termwise(), "first row"])
        .have("one row", eq(by_columns(0), _u(0) * over(_w(b) * _g(0, b), b, _last)), by=["in each first", algebra])
        .have(
            "all",
            Forall((_r,), eq(by_rows(_r), by_columns(_r))),
            by=[Induction(_r), "one row", fact("with a row more", r=_r), quick],
        )
        .have("at the last", eq(by_rows(_top), by_columns(_top)), by=fact("all", r=_top)),
    )


exchange_xk = _exchange("x", "k")
exchange_yk = _exchange("y", "k")
exchange_hx = _exchange("h", "x")
exchange_kj = _exchange("k", "j")
exchange_xj = _exchange("x", "j")
exchange_li = _exchange("l", "i")
exchange_lj = _exchange("l", "j")
exchange_lh = _exchange("l", "h")
exchange_nh = _exchange("n", "h")
exchange_hn = _exchange("h", "n")
exchange_hq = _exchange("h", "q")
exchange_jq = _exchange("j", "q")
