"""Entropies of two laws that are close in total variation, by the tangents of Fano's inequality.

p and q are positive laws on 0..top, top >= 1; t = d_TV(p, q), V = top + 1 letters. For every theta in (0, 1):
H(p) - H(q) <= -(1 - t) log(1 - theta) - t log theta + t log(V - 1), which is h_b(t) + t log(V - 1) at theta = t.
It is linear in t and passes through averages, so that no concavity has to be shown.

Main statements
    shared_token       one letter
    one_overlap        sum_k min(p, q)/p >= 1
    entropy_tangent    the bound above
    slope_positive     it increases with t for theta < 1 - 1/V

Source: specification `categorical`, L5, in the form of its tangents; own derivation.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from theory.define import defined
from theory.derivation import derive
from theory.justification import SingleTerm, Termwise, algebra, decide, fact, quick, unfold
from theory.lemma import Lemma
from theory.lemmas.divergence import laws, log_below, p, q, total, total_variation, within
from theory.parameter import Parameter, integers, reals
from theory.proposition import Forall, eq, ge, gt, le, lt

top = Parameter("top", r"\hat k", "last letter", integers(1), (1, 100))
a, b = (Parameter(n, n, f"a probability of {law}", reals(0, open="lower"), (0.1, 1)) for n, law in ("ap", "bq"))
theta = Parameter("theta", r"\theta", "where the tangent is taken", reals(0, 1, open="both"), (0.1, 0.9))
_a, _b, _r, _n = a.symbol, b.symbol, theta.symbol, top.symbol
_k, _l = (sp.Symbol(name, integer=True, nonnegative=True) for name in "kl")


_x, _y = (sp.Symbol(name, real=True) for name in "xy")
covered = defined(
    "entropy_continuity/covered",
    "covered(x, y) = min(x, y)/x, the share of x that y covers",
    (_x, _y),
    (_x + _y - sp.Abs(_x - _y)) / 2 / _x,
    conditions=(gt(_x, 0),),
)


def common(first: Any, second: Any) -> sp.Expr:
    """min(first, second)."""
    return (first + second - sp.Abs(first - second)) / 2


def tangent(first: Any, second: Any) -> sp.Expr:
    """What one letter adds to the bound."""
    return (
        (first - common(first, second)) * sp.log(_n / _r)
        - common(first, second) * sp.log(1 - _r)
        + (1 - _r) * second
        - first
        + _r / _n * (1 - covered(first, second))
    )


_change = -_a * sp.log(_a) + _b * sp.log(_b)
m = Parameter("m", "m", "what the two probabilities share", reals(0), (0, 0.5))
_m = m.symbol
_kept, _moved = _b * (1 - _r) / _a, _r / (_n * _a)
_plain = (_a - _m) * sp.log(_n / _r) - _m * sp.log(1 - _r) + (1 - _r) * _b - _a + _r / _n * (1 - _m / _a)
shared_token = Lemma(
    "entropy_continuity/shared_token",
    "One letter; m is kept, p - m arrives, q - m leaves",
    (a, b, m, top, theta),
    le(_change, _plain),
    hypotheses=(le(_m, _a), le(_m, _b), le(_b, 1)),
    backing=derive()
    .have("kept", le(sp.log(_kept), _kept - 1), by=log_below.at(t=_kept))
    .have("moved", le(sp.log(_moved), _moved - 1), by=log_below.at(t=_moved))
    .have("kept mass", le(_m * sp.log(_kept), _m * _kept - _m), by=["kept", decide])
    .have("ratio", le(_m / _a, 1), by=["hypothesis 1", decide])
    .have("covered", le(_m * _kept, _b * (1 - _r)), by=["ratio", decide])
    .have("moved mass", le((_a - _m) * sp.log(_moved), (_a - _m) * (_moved - 1)), by=["hypothesis 1", "moved", decide])
    .have("expanded", eq((_a - _m) * (_moved - 1), _r / _n * (1 - _m / _a) - _a + _m), by=algebra)
    .have("negative", le((_b - _m) * sp.log(_b), 0), by=["hypothesis 2", "hypothesis 3", decide])
    .have(
        "logarithms",
        eq(
            _change,
            _m * sp.log(_kept)
            - _m * sp.log(1 - _r)
            + (_a - _m) * sp.log(_moved)
            + (_a - _m) * sp.log(_n / _r)
            + (_b - _m) * sp.log(_b),
        ),
        by=algebra,
    )
    .have("arrives", le((_a - _m) * sp.log(_moved), _r / _n * (1 - _m / _a) - _a + _m), by=["moved mass", "expanded"])
    .have("stays", le(_m * sp.log(_kept), _b * (1 - _r) - _m), by=["kept mass", "covered"])
    .have(
        "letter",
        le(_change, _plain),
        by=["logarithms", "stays", "arrives", "negative"],
    ),
)
token = Lemma(
    "entropy_continuity/token",
    "One letter, with what the laws share",
    (a, b, top, theta),
    le(_change, tangent(_a, _b)),
    hypotheses=(le(_b, 1),),
    backing=derive()
    .have("shared", ge(common(_a, _b), 0), by=decide)
    .have("in p", le(common(_a, _b), _a), by=decide)
    .have("in q", le(common(_a, _b), _b), by=decide)
    .have(
        "letter",
        le(_change, _plain.xreplace({_m: common(_a, _b)})),
        by=["shared", "in p", "in q", "hypothesis 1", shared_token.at(m=common(_a, _b))],
    )
    .have("covered", eq(covered(_a, _b), common(_a, _b) / _a), by=unfold(covered, x=_a, y=_b))
    .have("tangent", le(_change, tangent(_a, _b)), by=["letter", "covered", quick]),
)
_M = Parameter("M", "M", "sum of the overlaps", reals(), (0, 2))
no_smaller = Lemma(
    "entropy_continuity/no_smaller",
    "A letter whose covered is at most M < 1 has q <= M p",
    (a, b, _M),
    le(sp.Max(1 - _M.symbol, 0) * (_b - _M.symbol * _a), 0),
    hypotheses=(le(covered(_a, _b), _M.symbol),),
    backing=derive()
    .have("covered", eq(covered(_a, _b), common(_a, _b) / _a), by=unfold(covered, x=_a, y=_b))
    .have("plain", le(common(_a, _b) / _a, _M.symbol), by=["hypothesis 1", "covered", quick])
    .have("letter", le(sp.Max(1 - _M.symbol, 0) * (_b - _M.symbol * _a), 0), by=["plain", decide]),
)
_short = sp.Max(1 - _M.symbol, 0)
_overlaps = total(covered(p(_k), q(_k)), _n)
_laws = tuple(f"hypothesis {i}" for i in range(1, 5))
_both = (fact("hypothesis 1", k=_l), fact("hypothesis 2", k=_l))
overlap_sign = Lemma(
    "entropy_continuity/overlap_sign",
    "min(p, q)/p >= 0",
    (a, b),
    ge(covered(_a, _b), 0),
    backing=derive()
    .have("covered", eq(covered(_a, _b), common(_a, _b) / _a), by=unfold(covered, x=_a, y=_b))
    .have("plain", ge(common(_a, _b) / _a, 0), by=decide)
    .have("sign", ge(covered(_a, _b), 0), by=["covered", "plain", quick]),
)
named_overlap = Lemma(
    "entropy_continuity/named_overlap",
    "The overlaps add up to at least 1, with a name for the sum",
    (top, _M),
    ge(_M.symbol, 1),
    hypotheses=(*laws(_n), eq(_overlaps, _M.symbol)),
    functions=(p, q),
    statement="else every letter would have q <= M p with M < 1, and sum q <= M",
    backing=derive()
    .have(
        "sign",
        Forall((_l,), ge(covered(p(_l), q(_l)), 0), within(_l, _n)),
        by=[*_both, overlap_sign.at(a=p(_l), b=q(_l))],
    )
    .have(
        "one",
        Forall((_l,), ge(_overlaps, covered(p(_l), q(_l))), within(_l, _n)),
        by=[SingleTerm(_l), fact("sign", l=_k), fact("sign", l=_l)],
    )
    .have(
        "at most",
        Forall((_l,), le(covered(p(_l), q(_l)), _M.symbol), within(_l, _n)),
        by=[fact("one", l=_l), "hypothesis 5", quick],
    )
    .have(
        "letter",
        Forall((_l,), le(_short * (q(_l) - _M.symbol * p(_l)), 0), within(_l, _n)),
        by=[*_both, fact("at most", l=_l), no_smaller.at(a=p(_l), b=q(_l))],
    )
    .have(
        "letters",
        ge(total(-_short * (q(_k) - _M.symbol * p(_k)), _n), 0),
        by=[SingleTerm(0), fact("letter", l=_k), fact("letter", l=0), quick],
    )
    .have(
        "linear",
        eq(
            total(-_short * (q(_k) - _M.symbol * p(_k)), _n),
            -_short * total(q(_k), _n) + _short * _M.symbol * total(p(_k), _n),
        ),
        by=algebra,
    )
    .have("product", le(_short * (1 - _M.symbol), 0), by=["letters", "linear", "hypothesis 3", "hypothesis 4", quick])
    .have("conclusion", ge(_M.symbol, 1), by=["product", decide]),
)
one_overlap = Lemma(
    "entropy_continuity/one_overlap",
    "The overlaps add up to at least 1",
    (top,),
    ge(_overlaps, 1),
    hypotheses=laws(_n),
    functions=(p, q),
    backing=derive().have("sum", ge(_overlaps, 1), by=[*_laws, named_overlap.at(M=_overlaps)]),
)
_entropies = total(-p(_k) * sp.log(p(_k)) + q(_k) * sp.log(q(_k)), _n)
_distance = total_variation(_n)
_bound = -(1 - _distance) * sp.log(1 - _r) - _distance * sp.log(_r) + _distance * sp.log(_n)
_difference = total(q(_k) * sp.log(q(_k)), _n) - total(p(_k) * sp.log(p(_k)), _n)
entropy_tangent = Lemma(
    "entropy_continuity/entropy_tangent",
    "Entropies of close laws, by a tangent of Fano's inequality",
    (top, theta),
    le(_difference, _bound),
    hypotheses=laws(_n),
    functions=(p, q),
    backing=derive()
    .have("others", Forall((_l,), ge(total(q(_k), _n), q(_l)), within(_l, _n)), by=[SingleTerm(_l), "hypothesis 2"])
    .have("at most one", Forall((_l,), le(q(_l), 1), within(_l, _n)), by=[fact("others", l=_l), "hypothesis 4", quick])
    .have(
        "letter",
        Forall((_l,), le(-p(_l) * sp.log(p(_l)) + q(_l) * sp.log(q(_l)), tangent(p(_l), q(_l))), within(_l, _n)),
        by=[*_both, fact("at most one", l=_l), token.at(a=p(_l), b=q(_l))],
    )
    .have("letters", le(_entropies, total(tangent(p(_k), q(_k)), _n)), by=[Termwise(), "letter"])
    .have("overlaps", ge(_overlaps, 1), by=[*_laws, one_overlap.at()])
    .have("apart", eq(_entropies, _difference), by=algebra)
    .have(
        "linear",
        eq(
            total(tangent(p(_k), q(_k)), _n),
            (total(p(_k), _n) - total(q(_k), _n) + 2 * _distance) / 2 * sp.log(_n / _r)
            - (total(p(_k), _n) + total(q(_k), _n) - 2 * _distance) / 2 * sp.log(1 - _r)
            + (1 - _r) * total(q(_k), _n)
            - total(p(_k), _n)
            + _r / _n * (_n + 1 - _overlaps),
        ),
        by=algebra,
    )
    .have("logarithm", eq(sp.log(_n / _r), sp.log(_n) - sp.log(_r)), by=algebra)
    .have("moved", le(_r / _n * (_n + 1 - _overlaps), _r), by=["overlaps", decide])
    .have(
        "tangent",
        le(_difference, _bound),
        by=["letters", "apart", "linear", "logarithm", "moved", "hypothesis 3", "hypothesis 4", quick],
    ),
)
V = Parameter("V", "V", "number of letters", integers(2), (2, 100))
r = Parameter("r", "r", "where the tangent is taken", reals(0, 1, open="both"), (0.1, 0.9))
_slope = sp.log(1 - r.symbol) - sp.log(r.symbol) + sp.log(V.symbol - 1)
slope_positive = Lemma(
    "entropy_continuity/slope_positive",
    "The tangent of Fano's bound increases before 1 - 1/V",
    (V, r),
    gt(_slope, 0),
    hypotheses=(lt(r.symbol, 1 - 1 / V.symbol),),
    backing=derive()
    .have("odds", gt((1 - r.symbol) * (V.symbol - 1) / r.symbol, 1), by=["hypothesis 1", decide])
    .have("logarithm", gt(sp.log((1 - r.symbol) * (V.symbol - 1) / r.symbol), 0), by=["odds", decide])
    .have("apart", eq(sp.log((1 - r.symbol) * (V.symbol - 1) / r.symbol), _slope), by=algebra)
    .have("slope", gt(_slope, 0), by=["logarithm", "apart", quick]),
)
