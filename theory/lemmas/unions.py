"""Unions of events and powers of probabilities near one.

b(r) in [0, 1] is the indicator or the probability of event r = 1..n; prod (1 - b) says that none happens.

Main statements
    none_in_range      0 <= prod (1 - b) <= 1
    union_bound        1 - prod (1 - b) <= sum b, by induction (Weierstrass)
    one_event          b(s) <= 1 - prod (1 - b) for every s of 1..n
    none_at_least      b <= q gives prod (1 - b) >= (1 - q)^n
    bernoulli          (1 - q)^n >= 1 - n q
    power_exponential  (1 - x)^m <= e^(-x m)
    expected_count     sum_x w(x) g(x, r) = mean(r) give sum_x w(x) sum_r g(x, r) = sum_r mean(r)

References: Mitrinovic (1970), sections 2.4 and 3.2.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from theory.derivation import derive
from theory.justification import Induction, Termwise, algebra, fact, quick
from theory.lemma import Lemma
from theory.lemmas.contraction import power_monotone
from theory.lemmas.mixtures import above_tangent
from theory.parameter import Parameter, integers, reals
from theory.proposition import Forall, eq, ge, le

events = Parameter("n", "n", "number of events", integers(0), (0, 100))
chosen = Parameter("s", "s", "one of the events", integers(1, events.symbol), (1, 100))
share = Parameter("q", "q", "bound of all the probabilities", reals(0, 1), (0, 1))
trials = Parameter("m", "m", "number of trials", integers(0), (0, 1000))

b = sp.Function("b", real=True)
_r = sp.Symbol("r", integer=True, positive=True)
_n = sp.Symbol("n_", integer=True, nonnegative=True)
_N, _S, _Q, _M = events.symbol, chosen.symbol, share.symbol, trials.symbol

unit_events = (Forall((_r,), ge(b(_r), 0)), Forall((_r,), le(b(_r), 1)))
_next = (fact("hypothesis 1", r=_n + 1), fact("hypothesis 2", r=_n + 1))


def none_of(last: Any) -> sp.Product:
    """The product of 1 - b over the events 1..last."""
    return sp.Product(1 - b(_r), (_r, 1, last))


def _sum(last: Any) -> sp.Sum:
    return sp.Sum(b(_r), (_r, 1, last))


_range = (
    derive()
    .have("sign", Forall((_n,), ge(none_of(_n), 0)), by=[Induction(_n), *_next, quick])
    .have("unit", Forall((_n,), le(none_of(_n), 1)), by=[Induction(_n), fact("sign", n_=_n), *_next, quick])
)
none_at_most_one = Lemma(
    "unions/none_at_most_one",
    "A product of numbers of [0, 1] is at most 1",
    (events,),
    le(none_of(_N), 1),
    hypotheses=unit_events,
    functions=(b,),
    backing=_range.have("at n", le(none_of(_N), 1), by=fact("unit", n_=_N)),
)
none_nonnegative = Lemma(
    "unions/none_nonnegative",
    "A product of numbers of [0, 1] is not negative",
    (events,),
    ge(none_of(_N), 0),
    hypotheses=unit_events,
    functions=(b,),
    backing=_range.have("at n", ge(none_of(_N), 0), by=fact("sign", n_=_N)),
)
union_bound = Lemma(
    "unions/union_bound",
    "Some event happens at most as often as all events together",
    (events,),
    le(1 - none_of(_N), _sum(_N)),
    hypotheses=unit_events,
    functions=(b,),
    backing=_range.have(
        "all",
        Forall((_n,), le(1 - none_of(_n), _sum(_n))),
        by=[Induction(_n), fact("unit", n_=_n), *_next, quick],
        note="one more event adds b prod (1 - b) <= b",
    ).have("at n", le(1 - none_of(_N), _sum(_N)), by=fact("all", n_=_N)),
)
_k = sp.Symbol("k", integer=True, nonnegative=True)
_u = sp.Symbol("u", integer=True, positive=True)
_split = derive().have(
    "split",
    Forall((_u,), eq(none_of(_u), none_of(_u - 1) * (1 - b(_u)))),
    by=[Induction(_u), quick],
)
one_more = Lemma(
    "unions/one_more",
    "The last factor splits off",
    (),
    Forall((_n,), eq(none_of(_n + 1), none_of(_n) * (1 - b(_n + 1)))),
    functions=(b,),
    backing=_split.have(
        "next", Forall((_n,), eq(none_of(_n + 1), none_of(_n) * (1 - b(_n + 1)))), by=fact("split", u=_n + 1)
    ),
)
one_event = Lemma(
    "unions/one_event",
    "One of the events happens at most as often as some of them",
    (events, chosen),
    le(b(_S), 1 - none_of(_N)),
    hypotheses=unit_events,
    functions=(b,),
    backing=_range.have(
        "split",
        Forall((_u,), eq(none_of(_u), none_of(_u - 1) * (1 - b(_u)))),
        by=[Induction(_u), quick],
    )
    .have(
        "last factor",
        le(none_of(_S), 1 - b(_S)),
        by=[
            fact("split", u=_S),
            fact("unit", n_=_S - 1),
            fact("hypothesis 2", r=_S),
            quick,
        ],
    )
    .have(
        "later factors",
        Forall((_k,), le(none_of(_S + _k), 1 - b(_S))),
        by=[
            Induction(_k),
            "last factor",
            fact("split", u=_S + _k + 1),
            fact("sign", n_=_S + _k),
            fact("hypothesis 1", r=_S + _k + 1),
            quick,
        ],
    )
    .have("at n", le(b(_S), 1 - none_of(_N)), by=[fact("later factors", k=_N - _S), quick]),
)
none_at_least = Lemma(
    "unions/none_at_least",
    "Events of probability at most q: none happens with probability at least (1 - q)^n",
    (events, share),
    ge(none_of(_N), (1 - _Q) ** _N),
    hypotheses=(*unit_events, Forall((_r,), le(b(_r), _Q))),
    functions=(b,),
    backing=derive()
    .have("sign", Forall((_n,), ge((1 - _Q) ** _n, 0)), by=quick)
    .have(
        "all",
        Forall((_n,), ge(none_of(_n), (1 - _Q) ** _n)),
        by=[
            Induction(_n),
            *_next,
            fact("hypothesis 3", r=_n + 1),
            fact("sign", n_=_n),
            fact("sign", n_=_n + 1),
            quick,
        ],
    )
    .have("at n", ge(none_of(_N), (1 - _Q) ** _N), by=fact("all", n_=_N)),
)
bernoulli = Lemma(
    "unions/bernoulli",
    "Bernoulli's inequality",
    (trials, share),
    ge((1 - _Q) ** _M, 1 - _M * _Q),
    backing=derive()
    .have("sign", Forall((_n,), ge((1 - _Q) ** _n, 0)), by=quick)
    .have(
        "all",
        Forall((_n,), ge((1 - _Q) ** _n, 1 - _n * _Q)),
        by=[Induction(_n), quick],
        note="(1 - n q)(1 - q) = 1 - (n + 1) q + n q^2",
    )
    .have("at m", ge((1 - _Q) ** _M, 1 - _M * _Q), by=fact("all", n_=_M)),
)
power_exponential = Lemma(
    "unions/power_exponential",
    "(1 - x)^m <= e^(-x m)",
    (trials, share),
    le((1 - _Q) ** _M, sp.exp(-_Q * _M)),
    backing=derive((1 - _Q) ** _M)
    .have("tangent", ge(sp.exp(-_Q), 1 - _Q), by=above_tangent.at(z=-_Q))
    .have("sign", ge(1 - _Q, 0), by=quick)
    .le(
        sp.exp(-_Q) ** _M,
        by=["tangent", "sign", power_monotone.at(q=_M, x=1 - _Q, y=sp.exp(-_Q))],
        name="each factor",
    )
    .eq(sp.exp(-_Q * _M), by=algebra, name="exponents add"),
)
_x = Parameter("x", "x", "a number", reals(), (0, 1))
_y = Parameter("y", "y", "a number that is not smaller", reals(), (0, 1))
_v = Parameter("v", "v", "a weight", reals(0), (0, 1))
weighted = Lemma(
    "unions/weighted",
    "A weight keeps an inequality",
    (_x, _y, _v),
    le(_v.symbol * _x.symbol, _v.symbol * _y.symbol),
    hypotheses=(le(_x.symbol, _y.symbol),),
    backing=derive().have("weight", le(_v.symbol * _x.symbol, _v.symbol * _y.symbol), by=["hypothesis 1", quick]),
)

last = Parameter("last", r"\hat x", "number of the last outcome", integers(0), (0, 100))
_i = sp.Symbol("x", integer=True, nonnegative=True)
w, g, mean = (sp.Function(name, real=True) for name in ("w", "g", "mean"))


def _mean(term: Any) -> sp.Sum:
    return sp.Sum(w(_i) * term, (_i, 0, last.symbol))


def _count(until: Any) -> sp.Sum:
    return sp.Sum(g(_i, _r), (_r, 1, until))


def _added(until: Any) -> sp.Sum:
    return sp.Sum(mean(_r), (_r, 1, until))


expected_count = Lemma(
    "unions/expected_count",
    "Expectations add",
    (last, events),
    eq(_mean(_count(_N)), _added(_N)),
    hypotheses=(Forall((_r,), eq(_mean(g(_i, _r)), mean(_r))),),
    functions=(w, g, mean),
    backing=derive()
    .have("one more", Forall((_i, _u), eq(_count(_u), _count(_u - 1) + g(_i, _u))), by=[Induction(_u), quick])
    .have(
        "each outcome",
        Forall((_i, _n), eq(w(_i) * _count(_n + 1), w(_i) * _count(_n) + w(_i) * g(_i, _n + 1))),
        by=[fact("one more", x=_i, u=_n + 1), quick],
    )
    .have(
        "all outcomes",
        Forall(
            (_n,),
            eq(_mean(_count(_n + 1)), sp.Sum(w(_i) * _count(_n) + w(_i) * g(_i, _n + 1), (_i, 0, last.symbol))),
        ),
        by=[Termwise(), fact("each outcome", x=_i, n_=_n)],
    )
    .have(
        "linear",
        Forall(
            (_n,),
            eq(
                sp.Sum(w(_i) * _count(_n) + w(_i) * g(_i, _n + 1), (_i, 0, last.symbol)),
                _mean(_count(_n)) + _mean(g(_i, _n + 1)),
            ),
        ),
        by=algebra,
    )
    .have(
        "one event more",
        Forall((_n,), eq(_mean(_count(_n + 1)), _mean(_count(_n)) + mean(_n + 1))),
        by=[fact("all outcomes", n_=_n), fact("linear", n_=_n), fact("hypothesis 1", r=_n + 1), quick],
    )
    .have("no event", Forall((_i,), eq(w(_i) * _count(0), 0)), by=algebra)
    .have("no events", eq(_mean(_count(0)), sp.Sum(0, (_i, 0, last.symbol))), by=[Termwise(), fact("no event", x=_i)])
    .have("nothing", eq(sp.Sum(0, (_i, 0, last.symbol)), 0), by=algebra)
    .have("none", eq(_mean(_count(0)), 0), by=["no events", "nothing"])
    .have(
        "all",
        Forall((_n,), eq(_mean(_count(_n)), _added(_n))),
        by=[Induction(_n), "none", fact("one event more", n_=_n), quick],
    )
    .have("at n", eq(_mean(_count(_N)), _added(_N)), by=fact("all", n_=_N)),
)

bound = Parameter("c", "c", "a level", reals(), (0, 1))
z = sp.Function("z", real=True)
all_within = Lemma(
    "unions/all_within",
    "Where no event happens, every z(r) is at most c, and their sum at most n c",
    (events, bound),
    le(none_of(_N) * (sp.Sum(z(_r), (_r, 1, _N)) - _N * bound.symbol), 0),
    hypotheses=(*unit_events, Forall((_r,), le((1 - b(_r)) * (z(_r) - bound.symbol), 0))),
    functions=(b, z),
    backing=_range.have(
        "one more",
        Forall((_n,), le(none_of(_n) * ((1 - b(_n + 1)) * (z(_n + 1) - bound.symbol)), 0)),
        by=[fact("sign", n_=_n), fact("hypothesis 3", r=_n + 1), quick],
    )
    .have(
        "all",
        Forall((_n,), le(none_of(_n) * (sp.Sum(z(_r), (_r, 1, _n)) - _n * bound.symbol), 0)),
        by=[Induction(_n), fact("one more", n_=_n), fact("hypothesis 2", r=_n + 1), quick],
    )
    .have(
        "at n",
        le(none_of(_N) * (sp.Sum(z(_r), (_r, 1, _N)) - _N * bound.symbol), 0),
        by=fact("all", n_=_N),
    ),
)
_g = Parameter("G", "G", "1 where no event happens", reals(0, 1), (0, 1))
_scale = Parameter("k", "k", "a scale", reals(0), (0, 1))
_excess = Parameter("E", "E", "by how much a level is exceeded", reals(), (-1, 1))
_flag = Parameter("f", "f", "1 where it is exceeded", reals(0, 1), (0, 1))
flag_at_most = Lemma(
    "unions/flag_at_most",
    "A level that is not exceeded where no event happens is exceeded at most where one does",
    (_g, _scale, _excess, _flag),
    le(_flag.symbol, 1 - _g.symbol),
    hypotheses=(le(_g.symbol * _excess.symbol, 0), eq(_flag.symbol, _scale.symbol * sp.Max(0, _excess.symbol))),
    backing=derive()
    .have("no excess", eq(_g.symbol * sp.Max(0, _excess.symbol), 0), by=["hypothesis 1", quick])
    .have("no flag", eq(_g.symbol * _flag.symbol, 0), by=["no excess", "hypothesis 2", quick])
    .have("flag", le(_flag.symbol, 1 - _g.symbol), by=["no flag", quick]),
)
