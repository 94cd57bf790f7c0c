"""Sums with weights of a bounded function.

Main statements (f, w, v, c are functions of an index k = 0..top)
    average_above   w >= 0 and f <= high give sum w f <= high sum w
    average_below   w >= 0 and f >= low give sum w f >= low sum w
    mixture         weights of mass 1 and |f - a| <= D give |sum w f - a| <= D
    common_part     two weightings that share the part c: their sums of f differ by at most what they do not share
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from theory.derivation import derive
from theory.justification import Induction, fact, quick
from theory.lemma import Lemma
from theory.parameter import Parameter, integers, reals
from theory.proposition import Forall, eq, ge, le

top = Parameter("top", r"\hat k", "last index of the sum", integers(0), (0, 100))
low = Parameter("low", r"\check f", "lower bound of f", reals(), (0, 1))
high = Parameter("high", r"\hat f", "upper bound of f", reals(), (0, 1))

centre = Parameter("a", "a", "a number", reals(), (0, 1))
radius = Parameter("D", "D", "a distance", reals(0), (0, 1))

_k = sp.Symbol("k", integer=True, nonnegative=True)
_r = sp.Symbol("r", integer=True, nonnegative=True)
_f, _w, _v, _c = (sp.Function(name, real=True) for name in "fwvc")


def total(term: Any, last: Any, index: sp.Symbol = _k) -> sp.Sum:
    """The sum of `term` over index = 0..last."""
    return sp.Sum(term, (index, 0, last))


def _above(last: Any) -> Any:
    return le(total(_w(_k) * _f(_k), last), high.symbol * total(_w(_k), last))


def _below(last: Any) -> Any:
    return ge(total(_w(_k) * _f(_k), last), low.symbol * total(_w(_k), last))


def _apart(last: Any) -> Any:
    first, second, shared = (total(g(_k), last) for g in (_w, _v, _c))
    difference = total(_w(_k) * _f(_k), last) - total(_v(_k) * _f(_k), last)
    return le(difference, high.symbol * (first - shared) - low.symbol * (second - shared))


average_above = Lemma(
    "averages/average_above",
    "A weighted sum is at most the largest value times the weight",
    (top, high),
    _above(top.symbol),
    hypotheses=(Forall((_k,), ge(_w(_k), 0)), Forall((_k,), ge(high.symbol - _f(_k), 0))),
    functions=(_f, _w),
    backing=derive()
    .have(
        "term",
        Forall((_r,), ge((high.symbol - _f(_r)) * _w(_r), 0)),
        by=["hypothesis 1", "hypothesis 2", quick],
    )
    .have("all", Forall((_r,), _above(_r)), by=[Induction(_r), fact("term", r=_r), fact("term", r=_r + 1), quick])
    .have("at the last", _above(top.symbol), by=fact("all", r=top.symbol)),
)
average_below = Lemma(
    "averages/average_below",
    "A weighted sum is at least the smallest value times the weight",
    (top, low),
    _below(top.symbol),
    hypotheses=(Forall((_k,), ge(_w(_k), 0)), Forall((_k,), ge(_f(_k) - low.symbol, 0))),
    functions=(_f, _w),
    backing=derive()
    .have(
        "term",
        Forall((_r,), ge((_f(_r) - low.symbol) * _w(_r), 0)),
        by=["hypothesis 1", "hypothesis 2", quick],
    )
    .have("all", Forall((_r,), _below(_r)), by=[Induction(_r), fact("term", r=_r), fact("term", r=_r + 1), quick])
    .have("at the last", _below(top.symbol), by=fact("all", r=top.symbol)),
)
_mixed = total(_w(_k) * _f(_k), top.symbol)
_mass = total(_w(_k), top.symbol)
_within = Forall((_k,), le(sp.Abs(_f(_k) - centre.symbol), radius.symbol))
_upper, _lower = centre.symbol + radius.symbol, centre.symbol - radius.symbol
mixture = Lemma(
    "averages/mixture",
    "A mixture is no further from a number than its worst part",
    (top, centre, radius),
    le(sp.Abs(_mixed - centre.symbol), radius.symbol),
    hypotheses=(Forall((_k,), ge(_w(_k), 0)), eq(_mass, 1), _within),
    functions=(_f, _w),
    backing=derive()
    .have("at most", Forall((_k,), ge(_upper - _f(_k), 0)), by=[fact("hypothesis 3", k=_k), quick])
    .have("at least", Forall((_k,), ge(_f(_k) - _lower, 0)), by=[fact("hypothesis 3", k=_k), quick])
    .have("above", le(_mixed, _upper * _mass), by=["hypothesis 1", "at most", average_above.at(high=_upper)])
    .have("below", ge(_mixed, _lower * _mass), by=["hypothesis 1", "at least", average_below.at(low=_lower)])
    .have(
        "mixture",
        le(sp.Abs(_mixed - centre.symbol), radius.symbol),
        by=["above", "below", "hypothesis 2", quick],
    ),
)
common_part = Lemma(
    "averages/common_part",
    "Two weighted sums of a bounded function differ by at most what their weights do not share",
    (top, low, high),
    _apart(top.symbol),
    hypotheses=(
        Forall((_k,), ge(_w(_k) - _c(_k), 0)),
        Forall((_k,), ge(_v(_k) - _c(_k), 0)),
        Forall((_k,), ge(high.symbol - _f(_k), 0)),
        Forall((_k,), ge(_f(_k) - low.symbol, 0)),
    ),
    functions=(_f, _w, _v, _c),
    statement="w, v >= c and low <= f <= high give sum w f - sum v f <= high (sum w - sum c) - low (sum v - sum c)",
    backing=derive()
    .have(
        "first",
        Forall((_r,), ge((high.symbol - _f(_r)) * (_w(_r) - _c(_r)), 0)),
        by=["hypothesis 1", "hypothesis 3", quick],
    )
    .have(
        "second",
        Forall((_r,), ge((_f(_r) - low.symbol) * (_v(_r) - _c(_r)), 0)),
        by=["hypothesis 2", "hypothesis 4", quick],
    )
    .have(
        "all",
        Forall((_r,), _apart(_r)),
        by=[
            Induction(_r),
            *(fact(name, r=at) for name in ("first", "second") for at in (_r, _r + 1)),
            quick,
        ],
        note="one more term adds at most high (w - c) - low (v - c)",
    )
    .have("at the last", _apart(top.symbol), by=fact("all", r=top.symbol)),
)
