"""Sums over tokens k = 0..m-1 of inner products over coordinates j = 0..d-1.

Main statements
    interchange     sum_k u(k) sum_j W(k, j) v(j) = sum_j v(j) sum_k u(k) W(k, j)
    projection      <u, v>^2 <= ||u||^2 for ||v|| = 1

The general form, over rows and columns numbered from 0 to a last one, is `theory.lemmas.sums.exchange`; this one has
the indices that the topics on a linear-softmax head use.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from theory.derivation import derive
from theory.justification import Induction, SingleTerm, Termwise, algebra, fact, quick
from theory.lemma import Lemma
from theory.lemmas.softmax import m
from theory.parameter import Parameter, integers, reals
from theory.proposition import Forall, eq, ge, le

width = Parameter("d", "d", "width of the hidden state", integers(1), (1, 4096))
W, u, v = (sp.Function(name, real=True) for name in "Wuv")
_k, _j, _r, _i = (sp.Symbol(name, integer=True, nonnegative=True) for name in ("k", "j", "r", "i"))
_n = sp.Symbol("n", integer=True, positive=True)
_m, _d = m.symbol, width.symbol


def over_coordinates(term: Any, index: sp.Symbol = _j, size: Any = _d) -> sp.Sum:
    """The sum of `term` over index = 0..size-1."""
    return sp.Sum(term, (index, 0, size - 1))


def _column(end: Any, coordinate: Any) -> sp.Sum:
    return sp.Sum(u(_k) * W(_k, coordinate), (_k, 0, end))


def _by_tokens(end: Any) -> sp.Sum:
    return sp.Sum(u(_k) * over_coordinates(W(_k, _j) * v(_j)), (_k, 0, end))


def _by_coordinates(end: Any) -> sp.Sum:
    return over_coordinates(v(_j) * _column(end, _j))


_added = over_coordinates(v(_j) * (_column(_r, _j) + u(_r + 1) * W(_r + 1, _j)))
_row = over_coordinates(W(_r + 1, _j) * v(_j))
interchange = Lemma(
    "row_sums/interchange",
    "Averages of inner products are inner products with averages",
    (m, width),
    eq(_by_tokens(_m - 1), _by_coordinates(_m - 1)),
    functions=(W, u, v),
    backing=derive()
    .have(
        "last token",
        Forall((_n, _i), eq(_column(_n, _i), _column(_n - 1, _i) + u(_n) * W(_n, _i))),
        by=[Induction(_n), quick],
    )
    .have(
        "one token more",
        Forall((_r, _i), eq(_column(_r + 1, _i), _column(_r, _i) + u(_r + 1) * W(_r + 1, _i))),
        by=[fact("last token", n=_r + 1, i=_i), quick],
    )
    .have("in each coordinate", Forall((_r,), eq(_by_coordinates(_r + 1), _added)), by=[Termwise(), "one token more"])
    .have("linear", Forall((_r,), eq(_added, _by_coordinates(_r) + u(_r + 1) * _row)), by=algebra)
    .have(
        "with a token more",
        Forall((_r,), eq(_by_coordinates(_r + 1), _by_coordinates(_r) + u(_r + 1) * _row)),
        by=[fact("in each coordinate", r=_r), fact("linear", r=_r), quick],
    )
    .have("first token", Forall((_i,), eq(_column(0, _i), u(0) * W(0, _i))), by=algebra)
    .have(
        "in each first",
        eq(_by_coordinates(0), over_coordinates(v(_j) * u(0) * W(0, _j))),
        by=[Termwise(), "first token"],
    )
    .have("one token", eq(_by_coordinates(0), u(0) * over_coordinates(W(0, _j) * v(_j))), by=["in each first", algebra])
    .have(
        "all",
        Forall((_r,), eq(_by_tokens(_r), _by_coordinates(_r))),
        by=[Induction(_r), "one token", fact("with a token more", r=_r), quick],
    )
    .have("at the last", eq(_by_tokens(_m - 1), _by_coordinates(_m - 1)), by=fact("all", r=_m - 1)),
)
product = Parameter("product", r"\langle u,v\rangle", "inner product of u and v", reals(), (-10, 10))
_product = product.symbol
_residual = over_coordinates((u(_j) - _product * v(_j)) ** 2)
_squares = over_coordinates(u(_j) ** 2)
projection = Lemma(
    "row_sums/projection",
    "The square of an inner product with a unit vector",
    (width, product),
    le(_product**2, _squares),
    hypotheses=(eq(over_coordinates(u(_j) * v(_j)), _product), eq(over_coordinates(v(_j) ** 2), 1)),
    functions=(u, v),
    statement="0 <= ||u - <u, v> v||^2 = ||u||^2 - <u, v>^2",
    backing=derive()
    .have("residual", ge(_residual, 0), by=SingleTerm(0))
    .have(
        "expanded",
        eq(
            _residual,
            _squares - 2 * _product * over_coordinates(u(_j) * v(_j)) + _product**2 * over_coordinates(v(_j) ** 2),
        ),
        by=algebra,
    )
    .have("square", le(_product**2, _squares), by=["residual", "expanded", "hypothesis 1", "hypothesis 2", quick]),
)
