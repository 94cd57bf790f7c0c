"""Means of squares, of exponentials and of distances between rows.

w is a law on 0..top: w >= 0 and sum w = 1.

Main statements
    mean_square        (sum w f)^2 <= sum w f^2
    mean_exponential   e^(-sum w f) <= sum w e^-f
    mixture_distance   sum_k |sum_j w(j) e(j, k)| <= sum_j w(j) sum_k |e(j, k)|
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from theory.derivation import derive
from theory.justification import Induction, SingleTerm, Termwise, algebra, decide, fact, quick
from theory.lemma import Lemma
from theory.parameter import Parameter, integers, reals
from theory.proposition import Forall, eq, ge, le

top = Parameter("top", r"\hat j", "last index", integers(0), (0, 100))
last = Parameter("last", r"\hat k", "last letter", integers(0), (0, 100))
w, f, e, size = (sp.Function(name, real=True) for name in ("w", "f", "e", "size"))
_j, _y_, _k, _i = (sp.Symbol(name, integer=True, nonnegative=True) for name in "xyki")
_s = sp.Symbol("s", integer=True, positive=True)
_top, _last = top.symbol, last.symbol


def over(term: Any, end: Any = _top, index: sp.Symbol = _j) -> sp.Sum:
    """The sum of `term` over index = 0..end."""
    return sp.Sum(term, (index, 0, end))


weights = (Forall((_j,), ge(w(_j), 0)), eq(over(w(_j)), 1))
_mean = over(w(_j) * f(_j))
_squares = over(w(_j) * (f(_j) - _mean) ** 2)
mean_square = Lemma(
    "mixtures/mean_square",
    "The square of a mean is at most the mean of the squares",
    (top,),
    le(_mean**2, over(w(_j) * f(_j) ** 2)),
    hypotheses=weights,
    functions=(w, f),
    backing=derive()
    .have("variance", ge(_squares, 0), by=[SingleTerm(0), "hypothesis 1"])
    .have("expanded", eq(_squares, over(w(_j) * f(_j) ** 2) - 2 * _mean * _mean + _mean**2 * over(w(_j))), by=algebra)
    .have("square", le(_mean**2, over(w(_j) * f(_j) ** 2)), by=["variance", "expanded", "hypothesis 2", quick]),
)
_x = Parameter("x", "x", "a number", reals(), (-1, 1))
_y = Parameter("y", "y", "another number", reals(), (-1, 1))
_v = Parameter("v", "v", "a weight", reals(0), (0, 1))
_z = Parameter("z", "z", "a number", reals(), (-1, 1))
above_tangent = Lemma(
    "mixtures/above_tangent",
    "The exponential lies above its tangent at 0",
    (_z,),
    ge(sp.exp(_z.symbol), 1 + _z.symbol),
    backing=derive().have("tangent", ge(sp.exp(_z.symbol), 1 + _z.symbol), by=decide),
)
tangent = Lemma(
    "mixtures/tangent",
    "The exponential lies above its tangent",
    (_x, _y, _v),
    ge(_v.symbol * sp.exp(-_x.symbol), _v.symbol * sp.exp(-_y.symbol) * (1 - _x.symbol + _y.symbol)),
    backing=derive()
    .have(
        "at 0",
        ge(sp.exp(_y.symbol - _x.symbol), 1 + _y.symbol - _x.symbol),
        by=above_tangent.at(z=_y.symbol - _x.symbol),
    )
    .have("shifted", eq(sp.exp(-_x.symbol), sp.exp(-_y.symbol) * sp.exp(_y.symbol - _x.symbol)), by=algebra)
    .have(
        "scaled",
        ge(sp.exp(-_x.symbol), sp.exp(-_y.symbol) * (1 - _x.symbol + _y.symbol)),
        by=["at 0", "shifted", decide],
    )
    .have(
        "weighted",
        ge(_v.symbol * sp.exp(-_x.symbol), _v.symbol * sp.exp(-_y.symbol) * (1 - _x.symbol + _y.symbol)),
        by=["scaled", decide],
    ),
)
_M = Parameter("M", "M", "mean of f", reals(), (-1, 1))
_line = over(w(_j) * sp.exp(-_M.symbol) * (1 - f(_j) + _M.symbol))
_exponentials = over(w(_j) * sp.exp(-f(_j)))
above_line = Lemma(
    "mixtures/above_line",
    "Jensen's inequality for the exponential, the mean being called M",
    (top, _M),
    le(sp.exp(-_M.symbol), _exponentials),
    hypotheses=(*weights, eq(_M.symbol, _mean)),
    functions=(w, f),
    backing=derive()
    .have(
        "letter",
        Forall((_j,), le(w(_j) * sp.exp(-_M.symbol) * (1 - f(_j) + _M.symbol), w(_j) * sp.exp(-f(_j)))),
        by=[fact("hypothesis 1", x=_j), tangent.at(x=f(_j), y=_M.symbol, v=w(_j)), quick],
    )
    .have("letters", le(_line, _exponentials), by=[Termwise(), "letter"])
    .have("linear", eq(_line, sp.exp(-_M.symbol) * (over(w(_j)) - _mean + _M.symbol * over(w(_j)))), by=algebra)
    .have(
        "mean",
        le(sp.exp(-_M.symbol), _exponentials),
        by=["letters", "linear", "hypothesis 2", "hypothesis 3", quick],
    ),
)
mean_exponential = Lemma(
    "mixtures/mean_exponential",
    "Jensen's inequality for the exponential",
    (top,),
    le(sp.exp(-_mean), _exponentials),
    hypotheses=weights,
    functions=(w, f),
    backing=derive().have(
        "mean", le(sp.exp(-_mean), _exponentials), by=["hypothesis 1", "hypothesis 2", above_line.at(M=_mean)]
    ),
)


def _mixed(end: Any, letter: Any = _k) -> sp.Sum:
    return over(w(_y_) * e(_y_, letter), end, _y_)


def _distance(end: Any) -> sp.Sum:
    return over(sp.Abs(_mixed(end)), _last, _k)


def _sizes(end: Any) -> sp.Sum:
    return over(w(_y_) * size(_y_), end, _y_)


_more = over(sp.Abs(_mixed(_i)) + w(_i + 1) * sp.Abs(e(_i + 1, _k)), _last, _k)
mixture_distance = Lemma(
    "mixtures/mixture_distance",
    "A mixture of differences is no larger than the mean difference",
    (top, last),
    le(_distance(_top), _sizes(_top)),
    hypotheses=(
        Forall((_y_,), ge(w(_y_), 0)),
        Forall((_y_,), eq(size(_y_), over(sp.Abs(e(_y_, _k)), _last, _k))),
    ),
    functions=(w, e, size),
    statement="by induction on the rows, the triangle inequality letter by letter",
    backing=derive()
    .have(
        "last row",
        Forall((_s, _k), eq(_mixed(_s), _mixed(_s - 1) + w(_s) * e(_s, _k))),
        by=[Induction(_s, 1), quick],
    )
    .have(
        "letter",
        Forall((_i, _k), le(sp.Abs(_mixed(_i + 1)), sp.Abs(_mixed(_i)) + w(_i + 1) * sp.Abs(e(_i + 1, _k)))),
        by=[fact("last row", s=_i + 1, k=_k), fact("hypothesis 1", y=_i + 1), quick],
    )
    .have("letters", Forall((_i,), le(_distance(_i + 1), _more)), by=[Termwise(), "letter"])
    .have(
        "linear",
        Forall((_i,), eq(_more, _distance(_i) + w(_i + 1) * over(sp.Abs(e(_i + 1, _k)), _last, _k))),
        by=algebra,
    )
    .have(
        "step",
        Forall((_i,), le(_distance(_i + 1), _distance(_i) + w(_i + 1) * size(_i + 1))),
        by=[fact("letters", i=_i), fact("linear", i=_i), fact("hypothesis 2", y=_i + 1), quick],
    )
    .have("only row", Forall((_k,), eq(_mixed(0), w(0) * e(0, _k))), by=algebra)
    .have(
        "first letter",
        Forall((_k,), le(sp.Abs(_mixed(0)), w(0) * sp.Abs(e(0, _k)))),
        by=[fact("only row", k=_k), fact("hypothesis 1", y=0), quick],
    )
    .have("first letters", le(_distance(0), over(w(0) * sp.Abs(e(0, _k)), _last, _k)), by=[Termwise(), "first letter"])
    .have(
        "first sum", eq(over(w(0) * sp.Abs(e(0, _k)), _last, _k), w(0) * over(sp.Abs(e(0, _k)), _last, _k)), by=algebra
    )
    .have(
        "first",
        le(_distance(0), w(0) * size(0)),
        by=["first letters", "first sum", fact("hypothesis 2", y=0), quick],
    )
    .have("all", Forall((_i,), le(_distance(_i), _sizes(_i))), by=[Induction(_i), "first", fact("step", i=_i), quick])
    .have("mixture", le(_distance(_top), _sizes(_top)), by=fact("all", i=_top)),
)
