"""Softmax of real logits: floors, differences of losses, temperature.

The logits are x(0), ..., x(m-1); softmax(i) = exp(x(i)) / sum_k exp(x(k)).

Main statements
    normaliser_positive   sum_k exp(x(k)) > 0
    floor_range           x(k) - x(i) <= rho for every k gives softmax(i) >= 1/(1 + (m-1) e^rho), attained
    floor_sup             |x| <= b gives softmax(i) >= 1/(1 + (m-1) e^(2b))
    range_of_l1_ball      ||x||_1 <= c gives x(k) - x(i) <= c
    floor_l1              ||x||_1 <= c gives softmax(i) >= 1/(1 + (m-1) e^c), attained at x = -c e_i
    floor_l1_loose        ||x||_1 <= c gives softmax(i) >= 1/(m e^(2c))
    loss_difference       differences of log-losses are differences of logits
    at_most_one           softmax(i) <= 1
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from theory.derivation import derive
from theory.justification import SingleTerm, Termwise, algebra, decide, fact
from theory.lemma import Lemma
from theory.parameter import Parameter, integers, reals
from theory.proposition import Forall, eq, ge, gt, le

m = Parameter("m", "m", "number of logits", integers(1), (2, 100_000), "tokens")
i = Parameter("i", "i", "a token", integers(0, m.symbol - 1), (0, 1))
j = Parameter("j", "j", "another token", integers(0, m.symbol - 1), (0, 1))
rho = Parameter("rho", r"\rho", "range of the logits, largest minus smallest", reals(0), (0, 10), "nats")
b = Parameter("b", "b", "largest absolute logit", reals(0), (0, 10), "nats")
c = Parameter("c", "c", "sum of the absolute logits", reals(0), (0, 10), "nats")

x = sp.Function("x", real=True)
_k = sp.Symbol("k", integer=True, nonnegative=True)
_l = sp.Symbol("l", integer=True, nonnegative=True)
_m, _i, _j, _rho, _b, _c = m.symbol, i.symbol, j.symbol, rho.symbol, b.symbol, c.symbol


def over_tokens(term: Any, index: sp.Symbol = _k, size: Any = _m) -> sp.Sum:
    """The sum of `term` over index = 0..size-1."""
    return sp.Sum(term, (index, 0, size - 1))


def softmax(logits: Any, token: Any, size: Any = _m) -> sp.Expr:
    """exp(logits(token)) / sum_k exp(logits(k)); `logits` maps a token to an expression."""
    return sp.exp(logits(token)) / over_tokens(sp.exp(logits(_k)), size=size)


def among(index: sp.Symbol, size: Any = _m) -> tuple[Any, ...]:
    """index <= size - 1, the condition on a bound token."""
    return (le(index, size - 1),)


normaliser = over_tokens(sp.exp(x(_k)))
l1 = over_tokens(sp.Abs(x(_k)))

_u = Parameter("u", "u", "a number", reals(), (-1, 1))
_v = Parameter("v", "v", "a number that is not larger", reals(upper=_u.symbol), (-1, 1))
exp_increases = Lemma(
    "softmax/exp_increases",
    "The exponential is increasing",
    (_u, _v),
    ge(sp.exp(_u.symbol), sp.exp(_v.symbol)),
    backing=derive().have("order", ge(sp.exp(_u.symbol), sp.exp(_v.symbol)), by=decide),
)
normaliser_positive = Lemma(
    "softmax/normaliser_positive",
    "The normaliser of a softmax is positive",
    (m,),
    gt(normaliser, 0),
    functions=(x,),
    backing=derive()
    .have("first term", ge(normaliser, sp.exp(x(0))), by=SingleTerm(0))
    .have("positive", gt(normaliser, 0), by=["first term", decide]),
)
floor_range = Lemma(
    "softmax/floor_range",
    "A softmax of logits of range rho",
    (m, i, rho),
    ge(softmax(x, _i), 1 / (1 + (_m - 1) * sp.exp(_rho))),
    hypotheses=(Forall((_k,), le(x(_k) - x(_i), _rho), among(_k)),),
    functions=(x,),
    statement="softmax(i) >= 1/(1 + (m-1) e^rho) if no logit exceeds x(i) by more than rho; attained when all do",
    backing=derive()
    .have("normaliser", gt(normaliser, 0), by=normaliser_positive.at())
    .have(
        "each token",
        Forall((_l,), ge(sp.exp(_rho) * sp.exp(x(_i)) - sp.exp(x(_l)), 0), among(_l)),
        by=[fact("hypothesis 1", k=_l), decide],
    )
    .have(
        "all tokens",
        ge(over_tokens(sp.exp(_rho) * sp.exp(x(_i)) - sp.exp(x(_k))), (sp.exp(_rho) - 1) * sp.exp(x(_i))),
        by=[SingleTerm(_i), "each token"],
        note="the token i itself contributes (e^rho - 1) e^x(i)",
    )
    .have(
        "normaliser at most",
        le(normaliser, sp.exp(x(_i)) * (1 + (_m - 1) * sp.exp(_rho))),
        by=["all tokens", decide],
    )
    .have(
        "floor",
        ge(softmax(x, _i), 1 / (1 + (_m - 1) * sp.exp(_rho))),
        by=["normaliser", "normaliser at most", decide],
    ),
)
floor_sup = Lemma(
    "softmax/floor_sup",
    "A softmax of logits bounded by b",
    (m, i, b),
    ge(softmax(x, _i), 1 / (1 + (_m - 1) * sp.exp(2 * _b))),
    hypotheses=(Forall((_k,), le(sp.Abs(x(_k)), _b), among(_k)),),
    functions=(x,),
    backing=derive()
    .have("own size", le(sp.Abs(x(_i)), _b), by=fact("hypothesis 1", k=_i))
    .have(
        "range",
        Forall((_l,), le(x(_l) - x(_i), 2 * _b), among(_l)),
        by=[fact("hypothesis 1", k=_l), "own size", decide],
    )
    .have(
        "floor",
        ge(softmax(x, _i), 1 / (1 + (_m - 1) * sp.exp(2 * _b))),
        by=["range", floor_range.at(rho=2 * _b)],
    ),
)
_positive_part = (sp.Abs(x(_k)) + x(_k)) / 2
_negative_part = (sp.Abs(x(_k)) - x(_k)) / 2
range_of_l1_ball = Lemma(
    "softmax/range_of_l1_ball",
    "In the l1 ball of radius c no logit exceeds another by more than c",
    (m, i, c),
    Forall((_l,), le(x(_l) - x(_i), _c), among(_l)),
    hypotheses=(le(l1, _c),),
    functions=(x,),
    backing=derive()
    .have(
        "positive parts",
        Forall((_l,), ge(over_tokens(_positive_part), x(_l)), among(_l)),
        by=SingleTerm(_l),
    )
    .have("negative parts", ge(over_tokens(_negative_part), -x(_i)), by=SingleTerm(_i))
    .have("together", eq(over_tokens(_positive_part) + over_tokens(_negative_part), l1), by=algebra)
    .have(
        "range",
        Forall((_l,), le(x(_l) - x(_i), _c), among(_l)),
        by=[fact("positive parts", l=_l), "negative parts", "together", "hypothesis 1", decide],
    ),
)
floor_l1 = Lemma(
    "softmax/floor_l1",
    "A softmax of logits in the l1 ball of radius c",
    (m, i, c),
    ge(softmax(x, _i), 1 / (1 + (_m - 1) * sp.exp(_c))),
    hypotheses=(le(l1, _c),),
    functions=(x,),
    statement="softmax(i) >= 1/(1 + (m-1) e^c) if ||x||_1 <= c; attained at x = -c e_i",
    backing=derive()
    .have("range", Forall((_l,), le(x(_l) - x(_i), _c), among(_l)), by=range_of_l1_ball.at())
    .have(
        "floor",
        ge(softmax(x, _i), 1 / (1 + (_m - 1) * sp.exp(_c))),
        by=["range", floor_range.at(rho=_c)],
    ),
)
floor_l1_loose = Lemma(
    "softmax/floor_l1_loose",
    "A softmax of logits in the l1 ball of radius c, each logit bounded on its own",
    (m, i, c),
    ge(softmax(x, _i), 1 / (_m * sp.exp(2 * _c))),
    hypotheses=(le(l1, _c),),
    functions=(x,),
    backing=derive()
    .have("each", Forall((_l,), ge(l1, sp.Abs(x(_l))), among(_l)), by=SingleTerm(_l))
    .have("at least", ge(x(_i), -_c), by=[fact("each", l=_i), "hypothesis 1", decide])
    .have(
        "at most",
        Forall((_l,), le(x(_l), _c), among(_l)),
        by=[fact("each", l=_l), "hypothesis 1", decide],
    )
    .have("numerator", ge(sp.exp(x(_i)), sp.exp(-_c)), by=["at least", exp_increases.at(u=x(_i), v=-_c)])
    .have("terms", Forall((_l,), le(sp.exp(x(_l)), sp.exp(_c)), among(_l)), by=[fact("at most", l=_l), decide])
    .have("termwise", le(normaliser, over_tokens(sp.exp(_c))), by=[Termwise(), "terms"])
    .have("normaliser", gt(normaliser, 0), by=normaliser_positive.at())
    .have(
        "denominator",
        le(normaliser, _m * sp.exp(_c)),
        by=["termwise", decide],
    )
    .have(
        "floor",
        ge(softmax(x, _i), 1 / (_m * sp.exp(2 * _c))),
        by=["numerator", "denominator", "normaliser", decide],
    ),
)
loss_difference = Lemma(
    "softmax/loss_difference",
    "Differences of log-losses are differences of logits",
    (m, i, j),
    eq(-sp.log(softmax(x, _i)) + sp.log(softmax(x, _j)), x(_j) - x(_i)),
    functions=(x,),
    backing=derive()
    .have("normaliser", gt(normaliser, 0), by=normaliser_positive.at())
    .have(
        "difference",
        eq(-sp.log(softmax(x, _i)) + sp.log(softmax(x, _j)), x(_j) - x(_i)),
        by=["normaliser", algebra],
    ),
)
at_most_one = Lemma(
    "softmax/at_most_one",
    "A softmax is at most 1",
    (m, i),
    le(softmax(x, _i), 1),
    functions=(x,),
    backing=derive()
    .have("own term", ge(normaliser, sp.exp(x(_i))), by=SingleTerm(_i))
    .have("at most one", le(softmax(x, _i), 1), by=["own term", decide]),
)
