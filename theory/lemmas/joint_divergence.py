"""Sums over pairs of letters, split into a part of the first letter and a part of the second one given the first.

Main statements
    chain       contributions J(y) <= sum_x (A(x) g(x, y) + A'(x) h(x, y) + C(x) K(x, y)), with g, h of row sums 1,
                C >= 0 and rows of K that sum to at most D, give sum_y J(y) <= sum_x A(x) + sum_x A'(x) + D sum_x C(x)
    subadditive_sum   phi(sum p, sum q) <= sum phi(p, q) for a subadditive homogeneous phi and masses >= 0
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from theory.derivation import derive
from theory.justification import Induction, Termwise, algebra, decide, fact, quick
from theory.lemma import Lemma
from theory.lemmas import subadditive
from theory.lemmas.subadditive import homogeneous, masses, p, phi, q, x, y
from theory.lemmas.sums import exchange, last, one, over, top, total_mass
from theory.parameter import Parameter, reals
from theory.proposition import Forall, eq, ge, le

bound = Parameter("D", "D", "largest sum of a row of K", reals(), (0, 1))
J, A, A_other, C, g, h, K = (sp.Function(name, real=True) for name in ("J", "A", "A_other", "C", "g", "h", "K"))
_r, _v = (sp.Symbol(name, integer=True, nonnegative=True) for name in "rv")
_m, _n, _D = top.symbol, last.symbol, bound.symbol


def row_sums(kernel: Any) -> Forall:
    """The rows of a kernel sum to 1."""
    return Forall((x,), eq(over(kernel(x, y), y, _n), 1), (le(x, _m),))


def small_rows(rows: Any = K, limit: Any = _D) -> Forall:
    """The rows sum to at most the limit."""
    return Forall((x,), le(over(rows(x, y), y, _n), limit), (le(x, _m),))


def _column(weight: Any, kernel: Any, at: Any) -> sp.Sum:
    return over(weight(x) * kernel(x, at), x, _m)


def _parts(at: Any) -> sp.Expr:
    return A(x) * g(x, at) + A_other(x) * h(x, at) + C(x) * K(x, at)


_pairs = ((A, g), (A_other, h), (C, K))
_apart = {weight: over(one(y) * _column(weight, kernel, y), y, _n) for weight, kernel in _pairs}
_by_rows = over(C(x) * over(one(y) * K(x, y), y, _n), x, _m)
_together = over(sum(one(y) * _column(weight, kernel, y) for weight, kernel in _pairs), y, _n)
_value = over(A(x), x, _m) + over(A_other(x), x, _m) + _D * over(C(x), x, _m)
_hypotheses = (
    row_sums(g),
    row_sums(h),
    Forall((x,), ge(C(x), 0), (le(x, _m),)),
    small_rows(),
    Forall((y,), le(J(y), over(_parts(y), x, _m)), (le(y, _n),)),
)
apart_by_one = Lemma(
    "joint_divergence/apart_by_one",
    "Contributions of pairs; one(y) = 1 keeps the sums apart",
    (top, last, bound),
    le(over(J(y), y, _n), _value),
    hypotheses=(*_hypotheses, Forall((y,), eq(one(y), 1))),
    functions=(J, A, A_other, C, g, h, K, one),
    backing=derive()
    .have(
        "parts",
        Forall((_v,), eq(over(_parts(_v), x, _m), sum(_column(weight, kernel, _v) for weight, kernel in _pairs))),
        by=algebra,
    )
    .have(
        "column",
        Forall((_v,), le(J(_v), sum(one(_v) * _column(w, k, _v) for w, k in _pairs)), (le(_v, _n),)),
        by=[fact("hypothesis 5", y=_v), fact("parts", v=_v), fact("hypothesis 6", y=_v), quick],
    )
    .have("columns", le(over(J(y), y, _n), _together), by=[Termwise(), "column"])
    .have("linear", eq(_together, sum(_apart.values())), by=algebra)
    .have(
        "first",
        eq(_apart[A], over(A(x), x, _m)),
        by=["hypothesis 1", "hypothesis 6", total_mass.at(g=g, u=A)],
    )
    .have(
        "other",
        eq(_apart[A_other], over(A_other(x), x, _m)),
        by=["hypothesis 2", "hypothesis 6", total_mass.at(g=h, u=A_other)],
    )
    .have("rows", eq(_by_rows, _apart[C]), by=exchange.at(g=K, u=C, w=one))
    .have("drop", Forall((_r, _v), eq(one(_v) * K(_r, _v), K(_r, _v))), by=[fact("hypothesis 6", y=_v), quick])
    .have(
        "in each row",
        Forall((_r,), eq(over(one(y) * K(_r, y), y, _n), over(K(_r, y), y, _n))),
        by=[Termwise(), "drop"],
    )
    .have(
        "row",
        Forall((_r,), le(C(_r) * over(one(y) * K(_r, y), y, _n), C(_r) * _D), (le(_r, _m),)),
        by=[fact("in each row", r=_r), fact("hypothesis 3", x=_r), fact("hypothesis 4", x=_r), decide],
    )
    .have("all rows", le(_by_rows, over(C(x) * _D, x, _m)), by=[Termwise(), "row"])
    .have("second", le(_apart[C], _D * over(C(x), x, _m)), by=["rows", "all rows", quick])
    .have("sum", le(over(J(y), y, _n), _value), by=["columns", "linear", "first", "other", "second", quick]),
)
chain = Lemma(
    "joint_divergence/chain",
    "Contributions of pairs of letters, split by letters",
    (top, last, bound),
    le(over(J(y), y, _n), _value),
    hypotheses=_hypotheses,
    functions=(J, A, A_other, C, g, h, K),
    backing=derive().have(
        "sum",
        le(over(J(y), y, _n), _value),
        by=[*(f"hypothesis {i}" for i in range(1, 6)), apart_by_one.at(one=sp.Lambda(y, sp.Integer(1)))],
    ),
)
_s = sp.Symbol("s", integer=True, positive=True)


def _up_to(law: Any, end: Any) -> sp.Sum:
    return over(law(x), x, end)


def _of_sums(end: Any) -> sp.Expr:
    return phi(_up_to(p, end), _up_to(q, end))


_more = {"a": _up_to(p, _r), "b": _up_to(q, _r), "c": p(_r + 1), "d": q(_r + 1)}
subadditive_sum = Lemma(
    "joint_divergence/subadditive_sum",
    "A subadditive function of two sums",
    (top,),
    le(_of_sums(_m), over(phi(p(x), q(x)), x, _m)),
    hypotheses=(*masses(p, q), subadditive.subadditive, homogeneous),
    functions=(p, q, phi),
    backing=derive()
    .have(
        "mass of p",
        Forall((_r,), ge(_up_to(p, _r), 0)),
        by=[Induction(_r), fact("hypothesis 1", x=_r), fact("hypothesis 1", x=_r + 1), quick],
    )
    .have(
        "mass of q",
        Forall((_r,), ge(_up_to(q, _r), 0)),
        by=[Induction(_r), fact("hypothesis 2", x=_r), fact("hypothesis 2", x=_r + 1), quick],
    )
    .have("last of p", Forall((_s,), eq(_up_to(p, _s), _up_to(p, _s - 1) + p(_s))), by=[Induction(_s, 1), quick])
    .have("last of q", Forall((_s,), eq(_up_to(q, _s), _up_to(q, _s - 1) + q(_s))), by=[Induction(_s, 1), quick])
    .have(
        "one more",
        Forall((_r,), le(_of_sums(_r + 1), _of_sums(_r) + phi(p(_r + 1), q(_r + 1)))),
        by=[
            *(fact(f"last of {law}", s=_r + 1) for law in "pq"),
            *(fact(f"mass of {law}", r=at) for law in "pq" for at in (_r, _r + 1)),
            *(fact(f"hypothesis {h}", x=_r + 1) for h in (1, 2)),
            fact("hypothesis 3", **_more, s=_up_to(p, _r + 1), t=_up_to(q, _r + 1)),
        ],
    )
    .have("first p", eq(_up_to(p, 0), p(0)), by=algebra)
    .have("first q", eq(_up_to(q, 0), q(0)), by=algebra)
    .have(
        "first",
        le(_of_sums(0), phi(p(0), q(0))),
        by=[
            "first p",
            "first q",
            *(fact(f"mass of {law}", r=0) for law in "pq"),
            *(fact(f"hypothesis {h}", x=0) for h in (1, 2)),
            fact("hypothesis 4", a=p(0), b=q(0), c=1, s=_up_to(p, 0), t=_up_to(q, 0)),
            quick,
        ],
    )
    .have(
        "all",
        Forall((_r,), le(_of_sums(_r), over(phi(p(x), q(x)), x, _r))),
        by=[Induction(_r), "first", fact("one more", r=_r), quick],
    )
    .have("sum", le(_of_sums(_m), over(phi(p(x), q(x)), x, _m)), by=fact("all", r=_m)),
)
