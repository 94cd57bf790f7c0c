"""The time that controls concentration of Markov chains (specification 2.E).

Main statements
    t_min   the infimum that defines t_min is a minimum over times, and 4 <= tau_min <= t_min <= 9 t_mix(1/4)

A chain is known by the number f of a function of it, as in `parameters_concentration`.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from theory.claim import Claim, Kind, Status, equal, lower, upper
from theory.define import defined, opaque
from theory.derivation import derive
from theory.justification import Induction, fact, quick, unfold
from theory.lemma import Citation, Lemma, meaning
from theory.markov.parameters_concentration import f, optimal_block, pair_distance, tau_min
from theory.parameter import Parameter, integers, reals
from theory.proposition import Forall, eq, ge, gt, le, lt
from theory.source import Source

time = Parameter("t", "t", "number of steps", integers(1), (1, 50), "steps")
quarter = Parameter(
    "t_mix",
    r"t_{\mathrm{mix}}(1/4)",
    "mixing time at 1/4: a time t >= 1 with d(t) <= 1/4",
    integers(1),
    (1, 100),
    "steps",
)
moment = Parameter("t", "t", "number of steps, the start included", integers(0), (0, 50), "steps")
a = Parameter("a", "a", "argument of the infimum in D20", reals(0, 1, open="upper"), (0, 0.9))
near = Parameter("s", "s", "a time with d(s) <= a/2", integers(0), (0, 100), "steps")

_F, _T, _Q, _A, _M = f.symbol, time.symbol, quarter.symbol, a.symbol, moment.symbol
_f = sp.Symbol("f_", integer=True, nonnegative=True)
_t = sp.Symbol("t_", integer=True, nonnegative=True)
_e = sp.Symbol("eta_", nonnegative=True)
_half = sp.Rational(1, 2)


def t_min_term(steps: Any, d: Any) -> Any:
    """4 t ((1-d)/(1-2d))^2, what t_min minimises over times t (D20)."""
    return 4 * steps * ((1 - d) / (1 - 2 * d)) ** 2


def tau_min_term(steps: Any, p: Any) -> Any:
    """t ((2-p)/(1-p))^2, what tau_min minimises over times t (D20)."""
    return steps * ((2 - p) / (1 - p)) ** 2


worst_distance = opaque(
    "markov/worst_distance",
    "worst_distance(f, t) = max_x d_TV(M^t(x,.), pi) of the Markov chain that f is a function of (D7)",
    latex="d(t)",
    bounds=(0, 1),
    nonnegative=True,
)
optimal_time = opaque(
    "markov/optimal_time",
    "optimal_time(f) = the t >= 1 at which the minimum that defines t_min is attained (D20)",
    bounds=(1, None),
    integer=True,
    nonnegative=True,
)
least_time = defined(
    "markov/least_time",
    "least_time(f) = t_min = min over t >= 1 with d(t) < 1/2 of 4 t ((1-d(t))/(1-2d(t)))^2 (D20)",
    (_f,),
    t_min_term(optimal_time(_f), worst_distance(_f, optimal_time(_f))),
    latex=r"t_{\min}",
    unit="steps",
)
finite_margin = defined(
    "markov/finite_margin",
    "finite_margin(f, t) = 1/2 - d(optimal_time(f)) where some time t >= 1 has d(t) < 1/2: the minimum is over such"
    " times",
    (_f, _t),
    _half - worst_distance(_f, optimal_time(_f)),
    conditions=(ge(_t, 1), lt(worst_distance(_f, _t), _half)),
    positive=True,
    range_by=meaning(optimal_time),
)
above_t_min = defined(
    "markov/above_t_min",
    "above_t_min(f, t) = 4 t ((1-d(t))/(1-2d(t)))^2 - t_min at times t >= 1 with d(t) < 1/2: t_min is the minimum",
    (_f, _t),
    t_min_term(_t, worst_distance(_f, _t)) - least_time(_f),
    conditions=(ge(_t, 1), lt(worst_distance(_f, _t), _half)),
    bounds=(0, None),
    nonnegative=True,
    range_by=meaning(optimal_time),
)
above_tau_min = defined(
    "markov/above_tau_min",
    "above_tau_min(f, t) = t ((2-p)/(1-p))^2 - tau_min at times t >= 1 with p = pair_distance(f, t) < 1",
    (_f, _t),
    tau_min_term(_t, pair_distance(_f, _t)) - tau_min(_f),
    conditions=(ge(_t, 1), lt(pair_distance(_f, _t), 1)),
    bounds=(0, None),
    nonnegative=True,
    range_by=meaning(optimal_block),
)
first_time = opaque(
    "markov/first_time", "first_time(f, eta) = t_mix(eta) = min{t : d(t) <= eta} (D7)", integer=True, nonnegative=True
)
reached = defined(
    "markov/reached",
    "reached(f, eta, t) = eta - d(t_mix(eta)) where some time t has d(t) <= eta (t_mix(eta) is finite), which is >= 0",
    (_f, _e, _t),
    _e - worst_distance(_f, first_time(_f, _e)),
    conditions=(le(worst_distance(_f, _t), _e),),
    bounds=(0, None),
    nonnegative=True,
    range_by=meaning(first_time),
)
since_reached = defined(
    "markov/since_reached",
    "since_reached(f, eta, t) = t - t_mix(eta) at times t with d(t) <= eta, which is >= 0",
    (_f, _e, _t),
    _t - first_time(_f, _e),
    conditions=(le(worst_distance(_f, _t), _e),),
    bounds=(0, None),
    nonnegative=True,
    range_by=meaning(first_time),
)
independent = opaque(
    "markov/independent",
    "independent() = number of a function of independent draws, as a chain",
    integer=True,
    nonnegative=True,
)
independent_distance = defined(
    "markov/independent_distance",
    "independent_distance(t) = d(t) of independent draws, 0 at times t >= 1: every row is the stationary law",
    (_t,),
    worst_distance(independent(), _t),
    conditions=(ge(_t, 1),),
    bounds=(0, 0),
    range_by=meaning(independent),
)
stuck = opaque(
    "markov/stuck", "stuck() = number of a function of a periodic or reducible chain", integer=True, nonnegative=True
)
kept_mass = opaque(
    "markov/kept_mass",
    "kept_mass(t) = probability that the stuck chain is, t steps after a start in one cyclic or closed class, in the "
    "class that class leads to",
    bounds=(0, 1),
    nonnegative=True,
)
crossed_mass = opaque(
    "markov/crossed_mass",
    "crossed_mass(t) = probability that it is there after a start in another class",
    bounds=(0, 1),
    nonnegative=True,
)
classes_apart = Lemma(
    "markov/classes_apart",
    "A total variation distance is the largest difference of probabilities of a set, classes among them",
    (moment,),
    ge(pair_distance(stuck(), _M), kept_mass(_M) - crossed_mass(_M)),
    backing=Citation(Source("levin2017", "section 4.1, (4.1)")),
)
pair_triangle = Lemma(
    "markov/pair_triangle",
    "dbar(t) <= 2 d(t)",
    (f, moment),
    le(pair_distance(_F, _M), 2 * worst_distance(_F, _M)),
    backing=Citation(Source("levin2017", "Lemma 4.10")),
)
after_start = Lemma(
    "markov/after_start",
    "d(t) < 1/2 only from time 1 on",
    (f, moment),
    ge(_M, 1),
    hypotheses=(eq(pair_distance(_F, 0), 1), lt(worst_distance(_F, _M), _half)),
    statement="on two states or more, two different starts are at distance dbar(0) = 1, so d(0) >= 1/2",
    backing=derive()
    .have("start", ge(worst_distance(_F, 0), _half), by=["hypothesis 1", pair_triangle.at(t=0), quick])
    .have(
        "the start alone",
        Forall((_t,), ge(worst_distance(_F, _t), _half - _t)),
        by=[Induction(_t), "start", unfold(worst_distance), quick],
        note="for t >= 1 the right side is negative",
    )
    .have("after", gt(_M, 0), by=["hypothesis 2", fact("the start alone", t_=_M), quick])
    .have("from 1", ge(_M, 1), by=["after", quick]),
)

_O, _B = optimal_time(_F), optimal_block(_F)
_d, _p = worst_distance(_F, _O), pair_distance(_F, _B)
_I, _S = independent(), stuck()
_one = sp.Integer(1)

t_min = Claim(
    id="markov/t_min",
    title="t_min is a minimum over times, between 4 and 9 t_mix(1/4)",
    kind=Kind.TWO_SIDED,
    text=(
        "inf over 0 <= a < 1 of t_mix(a/2)((2-a)/(1-a))^2 equals the minimum of 4t((1-d)/(1-2d))^2 over times t with "
        "d(t) < 1/2; 4 <= tau_min <= t_min <= 9 t_mix(1/4); t_min = 4 for independent draws; d(t) >= 1/2 for ever "
        "(t_min and tau_min infinite) for periodic or reducible chains. Here t_mix(a/2) is finite (some time has "
        "d <= a/2), the chain has two states or more (dbar(0) = 1), and a periodic or reducible chain is one with two "
        "starts that lead, at every time, to different classes"
    ),
    parameters=(f, quarter, a, time, near),
    hypotheses=(
        le(worst_distance(_F, _Q), sp.Rational(1, 4)),
        lt(_d, _half),
        lt(_p, 1),
        le(worst_distance(_F, near.symbol), _A / 2),
        eq(pair_distance(_F, 0), 1),
        Forall((_t,), eq(kept_mass(_t), 1)),
        Forall((_t,), eq(crossed_mass(_t), 0)),
    ),
    statements=(
        upper(least_time(_F), 9 * _Q, label="mixing time"),
        upper(tau_min(_F), least_time(_F), label="pairs"),
        lower(tau_min(_F), 4, label="four"),
        equal(least_time(_I), 4, label="independent"),
        upper(least_time(_F), tau_min_term(first_time(_F, _A / 2), _A), label="infimum"),
        upper(tau_min_term(first_time(_F, _d), 2 * _d), least_time(_F), label="attained"),
        lower(worst_distance(_S, _T), _half, label="periodic or reducible"),
        equal(pair_distance(_S, _T), 1, label="periodic or reducible pairs"),
    ),
    source=Source("zekri2024", "Def. C.8", "v2"),
    status=Status.OWN,
    derivation=derive()
    .have("t", ge(_O, 1), by=[unfold(optimal_time), quick])
    .have("t'", ge(_B, 1), by=[unfold(optimal_block), quick])
    .have("minimum", eq(least_time(_F), t_min_term(_O, _d)), by=unfold(least_time, f_=_F))
    .have("minimum over pairs", eq(tau_min(_F), tau_min_term(_B, _p)), by=unfold(tau_min, f_=_F))
    .have(
        "at the mixing time",
        le(least_time(_F), t_min_term(_Q, worst_distance(_F, _Q))),
        by=["hypothesis 1", unfold(above_t_min, f_=_F, t_=_Q), quick],
    )
    .have("mixing time", le(least_time(_F), 9 * _Q), by=["at the mixing time", "hypothesis 1", quick], note="a = 1/2")
    .have("two starts", le(pair_distance(_F, _O), 2 * _d), by=pair_triangle.at(t=_O))
    .have("pairs meet", lt(pair_distance(_F, _O), 1), by=["two starts", "hypothesis 2", quick])
    .have(
        "pairs at this time",
        le(tau_min(_F), tau_min_term(_O, pair_distance(_F, _O))),
        by=["t", "pairs meet", unfold(above_tau_min, f_=_F, t_=_O), quick],
    )
    .have(
        "((2-a)/(1-a))^2 increases",
        le(tau_min_term(_O, pair_distance(_F, _O)), t_min_term(_O, _d)),
        by=["t", "two starts", "hypothesis 2", unfold(pair_distance), quick],
    )
    .have(
        "pairs in all",
        le(tau_min_term(_O, pair_distance(_F, _O)), least_time(_F)),
        by=["((2-a)/(1-a))^2 increases", "minimum", "pairs meet", quick],
    )
    .have(
        "pairs",
        le(tau_min(_F), least_time(_F)),
        by=[
            "pairs at this time",
            "pairs in all",
            "pairs meet",
            quick,
        ],
    )
    .have("four", ge(tau_min(_F), 4), by=["t'", "minimum over pairs", "hypothesis 3", unfold(pair_distance), quick])
    .have(
        "time of a",
        le(worst_distance(_F, first_time(_F, _A / 2)), _A / 2),
        by=["hypothesis 4", unfold(reached, f_=_F, eta_=_A / 2, t_=near.symbol), quick],
    )
    .have("time of a, below 1/2", lt(worst_distance(_F, first_time(_F, _A / 2)), _half), by=["time of a", quick])
    .have(
        "time of a, from 1",
        ge(first_time(_F, _A / 2), 1),
        by=["time of a, below 1/2", "hypothesis 5", after_start.at(t=first_time(_F, _A / 2))],
        note="d(0) >= 1/2",
    )
    .have(
        "minimum at the time of a",
        le(least_time(_F), t_min_term(first_time(_F, _A / 2), worst_distance(_F, first_time(_F, _A / 2)))),
        by=[
            "time of a, from 1",
            "time of a, below 1/2",
            unfold(above_t_min, f_=_F, t_=first_time(_F, _A / 2)),
            quick,
        ],
    )
    .have(
        "increasing in a",
        le(
            t_min_term(first_time(_F, _A / 2), worst_distance(_F, first_time(_F, _A / 2))),
            tau_min_term(first_time(_F, _A / 2), _A),
        ),
        by=["time of a, from 1", "time of a", unfold(worst_distance), quick],
    )
    .have(
        "infimum",
        le(least_time(_F), tau_min_term(first_time(_F, _A / 2), _A)),
        by=[
            "minimum at the time of a",
            "increasing in a",
            "time of a, below 1/2",
            quick,
        ],
    )
    .have(
        "no later",
        le(first_time(_F, _d), _O),
        by=[unfold(since_reached, f_=_F, eta_=_d, t_=_O), quick],
        note="t_mix(a/2) <= t iff a >= 2 d(t)",
    )
    .have(
        "attained",
        le(tau_min_term(first_time(_F, _d), 2 * _d), least_time(_F)),
        by=["no later", "minimum", "hypothesis 2", quick],
    )
    .have(
        "rows alike",
        eq(worst_distance(_I, 1), 0),
        by=[unfold(independent_distance, t_=1), quick],
    )
    .have(
        "minimum of independent draws",
        eq(least_time(_I), t_min_term(optimal_time(_I), worst_distance(_I, optimal_time(_I)))),
        by=unfold(least_time, f_=_I),
    )
    .have("its time", ge(optimal_time(_I), 1), by=[unfold(optimal_time), quick])
    .have(
        "its distance",
        eq(worst_distance(_I, optimal_time(_I)), 0),
        by=["its time", unfold(independent_distance, t_=optimal_time(_I)), quick],
    )
    .have("at least 4", ge(least_time(_I), 4), by=["minimum of independent draws", "its time", "its distance", quick])
    .have("at most 4", le(least_time(_I), 4), by=["rows alike", unfold(above_t_min, f_=_I, t_=_one), quick])
    .have("independent", eq(least_time(_I), 4), by=["at least 4", "at most 4", quick])
    .have(
        "classes",
        ge(pair_distance(_S, _T), 1),
        by=[classes_apart.at(t=_T), fact("hypothesis 6", t_=_T), fact("hypothesis 7", t_=_T), quick],
    )
    .have("no pair meets", eq(pair_distance(_S, _T), 1), by=["classes", unfold(pair_distance), quick])
    .have("half", ge(worst_distance(_S, _T), _half), by=["classes", pair_triangle.at(f=_S, t=_T), quick]),
)
