"""Data processing: a kernel brings two laws closer, in every f-divergence (specification `categorical`, L1).

p and q are laws on 0..top, k a kernel to 0..last with rows k(x, .), and P = pk, Q = qk. A convex f enters with the
slope of a line that supports it at each t > 0: f(s) >= f(t) + slope(t) (s - t).

Main statements
    f_divergence   sum_y Q f(P/Q) <= sum_x q f(p/q)
    power_above    sum_y Q (P/Q)^a <= sum_x q (p/q)^a for a > 1
    power_below    the reverse for 0 < a < 1
    largest_ratio  p <= c q gives P <= c Q
    support_mass   the mass of Q on the support of P is at least that of q on the support of p

p may have zeros and so may k; q is positive (drop its null letters), and so are P and Q (drop outputs that no letter
reaches). Reference: Polyanskiy and Wu (2017), section 2.
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
p, q, k, P, Q, f, slope = (sp.Function(name, real=True) for name in ("p", "q", "k", "P", "Q", "f", "slope"))


def kernel_and_laws(top: Any, last: Any) -> tuple[Any, ...]:
    """What makes P = pk and Q = qk (eight hypotheses)."""
    return (
        Forall((x_,), ge(p(x_), 0), (le(x_, top),)),
        Forall((x_,), gt(q(x_), 0), (le(x_, top),)),
        Forall((x_, y_), ge(k(x_, y_), 0), (le(x_, top), le(y_, last))),
        Forall((x_,), eq(over(k(x_, y_), y_, last), 1), (le(x_, top),)),
        Forall((y_,), eq(P(y_), over(p(x_) * k(x_, y_), x_, top)), (le(y_, last),)),
        Forall((y_,), eq(Q(y_), over(q(x_) * k(x_, y_), x_, top)), (le(y_, last),)),
        Forall((y_,), gt(P(y_), 0), (le(y_, last),)),
        Forall((y_,), gt(Q(y_), 0), (le(y_, last),)),
    )


supporting_lines = Forall((_s, _t), ge(f(_s), f(_t) + slope(_t) * (_s - _t)), (ge(_s, 0), gt(_t, 0)))


def divergence(first: Any, second: Any, index: sp.Symbol, end: Any) -> sp.Sum:
    """sum second f(first/second)."""
    return over(second(index) * f(first(index) / second(index)), index, end)


_top, _last = top.symbol, last.symbol
_ratio = P(_j) / Q(_j)
_source = over(q(x_) * f(p(x_) / q(x_)), x_, _top)
_reaching = q(_i) * f(p(_i) / q(_i)) * k(_i, _j)
_line = k(_i, _j) * (q(_i) * f(_ratio) + slope(_ratio) * (p(_i) - q(_i) * _ratio))
_column = over(_reaching.subs(_i, x_), x_, _top)
_masses = over(one(y_) * _column.subs(_j, y_), y_, _last)
_here = (le(_i, _top), le(_j, _last))

_f_divergence = Lemma(
    "processing/f_divergence_by_columns",
    "A kernel brings two laws closer in every f-divergence; one(y) = 1 keeps the sums apart",
    (top, last),
    le(divergence(P, Q, y_, _last), _source),
    hypotheses=(*kernel_and_laws(_top, _last), supporting_lines, Forall((y_,), eq(one(y_), 1))),
    functions=(p, q, k, P, Q, f, slope, one),
    backing=derive()
    .have(
        "ratio",
        Forall((_i,), ge(p(_i) / q(_i), 0), (le(_i, _top),)),
        by=[fact("hypothesis 1", x=_i), fact("hypothesis 2", x=_i), quick],
    )
    .have(
        "ratio after",
        Forall((_j,), gt(_ratio, 0), (le(_j, _last),)),
        by=[fact("hypothesis 7", y=_j), fact("hypothesis 8", y=_j), quick],
    )
    .have(
        "line",
        Forall((_i, _j), ge(f(p(_i) / q(_i)), f(_ratio) + slope(_ratio) * (p(_i) / q(_i) - _ratio)), _here),
        by=[fact("ratio", i=_i), fact("ratio after", j=_j), fact("hypothesis 9", s=p(_i) / q(_i), t=_ratio)],
    )
    .have(
        "weighted line",
        Forall((_i, _j), ge(_reaching, _line), _here),
        by=[fact("line", i=_i, j=_j), fact("hypothesis 2", x=_i), fact("hypothesis 3", x=_i, y=_j), decide],
    )
    .have(
        "in each column",
        Forall((_j,), ge(_column, over(_line.subs(_i, x_), x_, _top)), (le(_j, _last),)),
        by=[Termwise(), "weighted line"],
    )
    .have(
        "tangent",
        Forall((_j,), eq(over(_line.subs(_i, x_), x_, _top), Q(_j) * f(_ratio)), (le(_j, _last),)),
        by=[fact("hypothesis 5", y=_j), fact("hypothesis 6", y=_j), fact("hypothesis 8", y=_j), algebra],
    )
    .have(
        "columns",
        Forall((_j,), le(Q(_j) * f(_ratio), one(_j) * _column), (le(_j, _last),)),
        by=[fact("in each column", j=_j), fact("tangent", j=_j), fact("hypothesis 10", y=_j), quick],
    )
    .have("summed", le(divergence(P, Q, y_, _last), _masses), by=[Termwise(), "columns"])
    .have(
        "mass",
        eq(_masses, _source),
        by=["hypothesis 4", "hypothesis 10", total_mass.at(g=k, u=sp.Lambda(x_, q(x_) * f(p(x_) / q(x_))))],
    )
    .have("closer", le(divergence(P, Q, y_, _last), _source), by=["summed", "mass"]),
)
