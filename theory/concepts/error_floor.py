"""No network does without an error when labels are drawn independently (specification `concepts` 2.C).

Main statements
    error_floor_iid   every network errs with probability at least 2^-L

The label strings of a prompt are numbered h = 0..2^L - 1, the first all -1 and the last all +1; label(l, h) is +-1.
attention(l, h, s) is any weight, of any sign, that sums to 1 over the demonstrations; it may depend on the query sign s
and on everything else. The value is then v = c_k + mean_label(h, s) d_k, and the output is any function of the value:
equal values give equal outputs.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from theory.claim import Claim, Kind, Status, lower
from theory.derivation import derive
from theory.justification import Induction, Termwise, algebra, fact, quick
from theory.lemma import Lemma
from theory.parameter import Parameter, integers
from theory.proposition import Forall, eq, ge, gt
from theory.source import OWN

length = Parameter("L", "L", "number of demonstrations", integers(1), (1, 8), "demonstrations")
end = Parameter("N", "N", "last term", integers(1), (1, 20))
_L, _N = length.symbol, end.symbol
_l = sp.Symbol("l", integer=True, positive=True)
_h = sp.Symbol("h", integer=True, nonnegative=True)
_n = sp.Symbol("n_", integer=True, nonnegative=True)
_s = sp.Symbol("s", integer=True)
_t = sp.Symbol("t", integer=True)
_k = sp.Symbol("k", integer=True, nonnegative=True)

label, attention, output, mean_label, errs = (
    sp.Function(name, real=True) for name in ("label", "attention", "output", "mean_label", "errs")
)
_last = 2**_L - 1
_weights = sp.Sum(attention(_l, _h, _s), (_l, 1, _L))
_value = sp.Sum(attention(_l, _h, _s) * label(_l, _h), (_l, 1, _L))


_error = sp.Sum((errs(_h, 1) + errs(_h, -1)) / (2 * 2**_L), (_h, 0, _last))

_u = sp.Function("u", real=True)
two_terms = Lemma(
    "concepts/two_terms",
    "A sum of non-negative terms is at least its first and its last term",
    (end,),
    ge(sp.Sum(_u(_h), (_h, 0, _N)), _u(0) + _u(_N)),
    hypotheses=(Forall((_h,), ge(_u(_h), 0)),),
    functions=(_u,),
    backing=derive()
    .have(
        "first",
        Forall((_n,), ge(sp.Sum(_u(_h), (_h, 0, _n)), _u(0))),
        by=[Induction(_n), fact("hypothesis 1", h=_n + 1), quick],
    )
    .have(
        "both",
        Forall((_k,), ge(sp.Sum(_u(_h), (_h, 0, _k)), _u(0) + _u(_k)), (ge(_k, 1),)),
        by=[
            Induction(_k, 1),
            fact("hypothesis 1", h=_k),
            fact("first", n_=_k),
            quick,
        ],
    )
    .have("end", ge(sp.Sum(_u(_h), (_h, 0, _N)), _u(0) + _u(_N)), by=fact("both", k=_N)),
)


def _string(h: sp.Expr, sign: int) -> tuple[Forall, Forall, Forall, Forall]:
    """What is shown of a string whose labels all have that sign."""
    weights = sp.Sum(attention(_l, h, _s), (_l, 1, _L))
    value = sp.Sum(attention(_l, h, _s) * label(_l, h), (_l, 1, _L))
    return (
        Forall((_l, _s), eq(attention(_l, h, _s) * label(_l, h), sign * attention(_l, h, _s))),
        Forall((_s,), eq(value, sp.Sum(sign * attention(_l, h, _s), (_l, 1, _L)))),
        Forall((_s,), eq(sp.Sum(sign * attention(_l, h, _s), (_l, 1, _L)), sign * weights)),
        Forall((_s,), eq(mean_label(h, _s), sign)),
    )


_minus, _plus = _string(sp.S.Zero, -1), _string(_last, 1)

_NOTE = "an output is wrong for one of the two query signs at least"


def _one_of_two(name: str, h: sp.Expr) -> list[Any]:
    return [
        fact(name, s=1),
        fact(name, s=-1),
        fact("hypothesis 5", h=h, s=1, k=h, t=-1),
        *(fact(f"hypothesis {k}", h=h, s=s) for k in (6, 7) for s in (1, -1)),
        quick,
    ]


error_floor_iid = Claim(
    id="concepts/error_floor_iid",
    title="With independent labels every network errs",
    kind=Kind.LOWER,
    text=(
        "clean prompts of one concept, labels independent and uniform: every network errs with probability at least "
        "2^-L, whatever its weights, with any read-out F(v) of the value and any attention weights that sum to 1, "
        "signed ones too. Where all labels agree, v = c_k + e_1 d_k carries nothing of the query. It is no Bayes "
        "error: a predictor that knows b_k reads the sign from the query"
    ),
    parameters=(length,),
    functions=(label, attention, output, mean_label, errs),
    hypotheses=(
        Forall((_h, _s), eq(_weights, 1)),
        Forall((_h, _s), eq(mean_label(_h, _s), _value)),
        Forall((_l,), eq(label(_l, 0), -1)),
        Forall((_l,), eq(label(_l, _last), 1)),
        Forall(
            (_h, _s, _k, _t), sp.Or(sp.Ne(mean_label(_h, _s), mean_label(_k, _t)), eq(output(_h, _s), output(_k, _t)))
        ),
        Forall((_h, _s), sp.Or(gt(_s * output(_h, _s), 0), eq(errs(_h, _s), 1))),
        Forall((_h, _s), ge(errs(_h, _s), 0)),
    ),
    statements=(lower(_error, 2 ** (-_L), trivial=0, label="floor"),),
    source=OWN,
    status=Status.OWN,
    remarks=("with noise or irrelevant atoms the demonstrations differ and the argument does not apply",),
    derivation=derive()
    .have("strings", ge(_last, 1), by=quick)
    .have("all -1, terms", _minus[0], by=[fact("hypothesis 3", l=_l), quick])
    .have("all -1, sum", _minus[1], by=[Termwise(), "all -1, terms"])
    .have("all -1, factor", _minus[2], by=algebra)
    .have(
        "all -1",
        _minus[3],
        by=[
            fact("all -1, sum", s=_s),
            fact("all -1, factor", s=_s),
            fact("hypothesis 1", h=0, s=_s),
            fact("hypothesis 2", h=0, s=_s),
            quick,
        ],
        note="v = c_k - d_k whatever the attention",
    )
    .have("all +1, terms", _plus[0], by=[fact("hypothesis 4", l=_l), quick])
    .have("all +1, sum", _plus[1], by=[Termwise(), "all +1, terms"])
    .have("all +1, factor", _plus[2], by=algebra)
    .have(
        "all +1",
        _plus[3],
        by=[
            fact("all +1, sum", s=_s),
            fact("all +1, factor", s=_s),
            fact("hypothesis 1", h=_last, s=_s),
            fact("hypothesis 2", h=_last, s=_s),
            quick,
        ],
        note="v = c_k + d_k whatever the attention",
    )
    .have("errors of -1", ge(errs(0, 1) + errs(0, -1), 1), by=_one_of_two("all -1", sp.S.Zero), note=_NOTE)
    .have("errors of +1", ge(errs(_last, 1) + errs(_last, -1), 1), by=_one_of_two("all +1", _last), note=_NOTE)
    .have(
        "not negative",
        Forall((_h,), ge((errs(_h, 1) + errs(_h, -1)) / (2 * 2**_L), 0)),
        by=[fact("hypothesis 7", h=_h, s=1), fact("hypothesis 7", h=_h, s=-1), quick],
    )
    .have(
        "two strings",
        ge(_error, (errs(0, 1) + errs(0, -1)) / (2 * 2**_L) + (errs(_last, 1) + errs(_last, -1)) / (2 * 2**_L)),
        by=[
            "strings",
            "not negative",
            two_terms.at(N=_last, u=sp.Lambda((_h,), (errs(_h, 1) + errs(_h, -1)) / (2 * 2**_L))),
        ],
    )
    .have("floor", ge(_error, 2 ** (-_L)), by=["two strings", "errors of -1", "errors of +1", quick]),
)
