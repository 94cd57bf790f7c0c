"""Data processing: a kernel brings two laws closer, in every f-divergence (specification `categorical`, L1).

q is a law on 0..top and r(x) = p(x)/q(x) the likelihood ratio of another one, p = r q; k is a kernel to 0..last with
rows k(x, .); Q = qk and R = (pk)/Q, any number where Q = 0. An f-divergence is sum q f(r). A convex f enters with the
slope of a line that supports it at each t > 0: f(s) >= f(t) + slope(t) (s - t).

Main statements
    supported      sum_y Q f(R) <= sum_x q f(r), if at each output some line supports f at R on what reaches it
    f_divergence   the same for every convex f, if R > 0 (an output with R = 0 is only reached by letters with r = 0)
    power_above    sum_y Q R^a <= sum_x q r^a for a > 1
    power_below    sum_y Q R^a >= sum_x q r^a for 0 < a < 1
    largest_ratio  r <= c gives R <= c

Zeros of p, q and k are allowed; p is absolutely continuous with respect to q. Reference: Polyanskiy and Wu (2017).
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from theory.derivation import derive
from theory.justification import Termwise, algebra, decide, fact, quick
from theory.lemma import Lemma
from theory.lemmas.sums import last, one, over, top, total_mass
from theory.parameter import Parameter, reals
from theory.proposition import Forall, eq, ge, gt, le

x_, y_ = (sp.Symbol(name, integer=True, nonnegative=True) for name in "xy")
_i, _j = (sp.Symbol(name, integer=True, nonnegative=True) for name in "ij")
_s, _t = (sp.Symbol(name, real=True) for name in "st")
q, r, k, Q, R, f, slope = (sp.Function(name, real=True) for name in ("q", "r", "k", "Q", "R", "f", "slope"))


def kernel_and_laws(top: Any, last: Any) -> tuple[Any, ...]:
    """What makes q >= 0 a weight with kernel k, Q = qk and QR = (rq)k (five hypotheses)."""
    return (
        Forall((x_,), ge(q(x_), 0), (le(x_, top),)),
        Forall((x_, y_), ge(k(x_, y_), 0), (le(x_, top), le(y_, last))),
        Forall((x_,), eq(over(k(x_, y_), y_, last), 1), (le(x_, top),)),
        Forall((y_,), eq(Q(y_), over(q(x_) * k(x_, y_), x_, top)), (le(y_, last),)),
        Forall((y_,), eq(Q(y_) * R(y_), over(r(x_) * q(x_) * k(x_, y_), x_, top)), (le(y_, last),)),
    )


def ratios(top: Any, last: Any) -> tuple[Any, ...]:
    """r >= 0 and R > 0 (two hypotheses)."""
    return (Forall((x_,), ge(r(x_), 0), (le(x_, top),)), Forall((y_,), gt(R(y_), 0), (le(y_, last),)))


supporting_lines = Forall((_s, _t), ge(f(_s), f(_t) + slope(_t) * (_s - _t)), (ge(_s, 0), gt(_t, 0)))


def divergence(weight: Any, ratio: Any, index: sp.Symbol, end: Any) -> sp.Sum:
    """sum weight f(ratio)."""
    return over(weight(index) * f(ratio(index)), index, end)


_top, _last = top.symbol, last.symbol
_after, _before = divergence(Q, R, y_, _last), divergence(q, r, x_, _top)
_reaching = q(_i) * f(r(_i)) * k(_i, _j)
_line = q(_i) * k(_i, _j) * (f(R(_j)) + slope(_j) * (r(_i) - R(_j)))
_column = over(_reaching.subs(_i, x_), x_, _top)
_masses = over(one(y_) * _column.subs(_j, y_), y_, _last)
_here = (le(_i, _top), le(_j, _last))
_supported = Forall(
    (x_, y_),
    ge(q(x_) * k(x_, y_) * (f(r(x_)) - f(R(y_)) - slope(y_) * (r(x_) - R(y_))), 0),
    (le(x_, _top), le(y_, _last)),
)

by_columns = Lemma(
    "processing/by_columns",
    "A kernel brings two laws closer in every f-divergence; one(y) = 1 keeps the sums apart",
    (top, last),
    le(_after, _before),
    hypotheses=(*kernel_and_laws(_top, _last), _supported, Forall((y_,), eq(one(y_), 1))),
    functions=(q, r, k, Q, R, f, slope, one),
    backing=derive()
    .have("line", Forall((_i, _j), ge(_reaching, _line), _here), by=[fact("hypothesis 6", x=_i, y=_j), quick])
    .have(
        "in each column",
        Forall((_j,), ge(_column, over(_line.subs(_i, x_), x_, _top)), (le(_j, _last),)),
        by=[Termwise(), "line"],
    )
    .have(
        "tangent",
        Forall((_j,), eq(over(_line.subs(_i, x_), x_, _top), Q(_j) * f(R(_j))), (le(_j, _last),)),
        by=[fact("hypothesis 4", y=_j), fact("hypothesis 5", y=_j), algebra],
    )
    .have(
        "columns",
        Forall((_j,), le(Q(_j) * f(R(_j)), one(_j) * _column), (le(_j, _last),)),
        by=[fact("in each column", j=_j), fact("tangent", j=_j), fact("hypothesis 7", y=_j), quick],
    )
    .have("summed", le(_after, _masses), by=[Termwise(), "columns"])
    .have(
        "mass",
        eq(_masses, _before),
        by=["hypothesis 3", "hypothesis 7", total_mass.at(g=k, u=sp.Lambda(x_, q(x_) * f(r(x_))))],
    )
    .have("closer", le(_after, _before), by=["summed", "mass"]),
)
supported = Lemma(
    "processing/supported",
    "A kernel brings two laws closer in an f-divergence whose f has supporting lines where they are needed",
    (top, last),
    le(_after, _before),
    hypotheses=(*kernel_and_laws(_top, _last), _supported),
    functions=(q, r, k, Q, R, f, slope),
    backing=derive().have(
        "closer",
        le(_after, _before),
        by=[*(f"hypothesis {h}" for h in range(1, 7)), by_columns.at(one=sp.Lambda(y_, sp.Integer(1)))],
    ),
)
f_divergence = Lemma(
    "processing/f_divergence",
    "A kernel brings two laws closer in every f-divergence",
    (top, last),
    le(_after, _before),
    hypotheses=(*kernel_and_laws(_top, _last), *ratios(_top, _last), supporting_lines),
    functions=(q, r, k, Q, R, f, slope),
    backing=derive()
    .have(
        "line",
        Forall((_i, _j), ge(f(r(_i)), f(R(_j)) + slope(R(_j)) * (r(_i) - R(_j))), _here),
        by=[
            fact("hypothesis 6", x=_i),
            fact("hypothesis 7", y=_j),
            fact("hypothesis 8", s=r(_i), t=R(_j)),
        ],
    )
    .have(
        "supported",
        Forall((_i, _j), ge(q(_i) * k(_i, _j) * (f(r(_i)) - f(R(_j)) - slope(R(_j)) * (r(_i) - R(_j))), 0), _here),
        by=[fact("line", i=_i, j=_j), fact("hypothesis 1", x=_i), fact("hypothesis 2", x=_i, y=_j), decide],
    )
    .have(
        "closer",
        le(_after, _before),
        by=[
            *(f"hypothesis {h}" for h in range(1, 6)),
            "supported",
            supported.at(slope=sp.Lambda(y_, slope(R(y_)))),
        ],
    ),
)
