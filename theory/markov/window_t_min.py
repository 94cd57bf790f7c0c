"""t_min of the windows of a first-order chain (specification 2.E).

The window of length K at time t + K - 1 is the path X_t, ..., X_{t+K-1}; a start is known by its newest token X_0.

Main statements
    window_t_min   d_S(t+K-1) = d_X(t), dbar_S(t+K-1) = dbar_X(t); t_min of the windows is at least 4 K
"""

from __future__ import annotations

import sympy as sp

from theory.assumption import FIRST_ORDER
from theory.claim import Claim, Kind, Status, equal, lower
from theory.define import defined, opaque
from theory.derivation import derive
from theory.justification import Induction, fact, quick, unfold
from theory.lemma import Citation, Definition, Lemma
from theory.markov.parameters import K
from theory.markov.parameters_concentration import f, optimal_block, pair_distance, tau_min
from theory.markov.t_min import (
    above_t_min,
    finite_margin,
    independent,
    independent_distance,
    least_time,
    optimal_time,
    pair_triangle,
    t_min_term,
    tau_min_term,
    worst_distance,
)
from theory.parameter import Parameter, integers
from theory.proposition import Forall, eq, ge, gt, le, lt
from theory.source import OWN, Source

shift = Parameter("t", "t", "time at which the oldest token of the window was drawn", integers(0), (0, 20), "steps")
letters = Parameter("d", "d", "number of states of the chain of tokens", integers(2), (2, 10))
position = Parameter("p", "p", "position in the window", integers(1, K.symbol), (1, 10))

_F, _K, _T = f.symbol, K.symbol, shift.symbol
_f, _t, _k, _p = sp.symbols("f_ t_ k_ p_", integer=True, nonnegative=True)
_half = sp.Rational(1, 2)

windows = opaque(
    "markov/windows",
    "windows(f, K) = number of the same function as a function of the windows of length K of the tokens, starts of all "
    "lengths",
    integer=True,
    nonnegative=True,
)
position_pairs = defined(
    "markov/position_pairs",
    "position_pairs(f, K, t, p) = largest total variation distance between the laws of position p = 1..K of the window "
    "at time t over two starts; that position holds the token X_(t-K+p)",
    (_f, _k, _t, _p),
    pair_distance(_f, _t - _k + _p),
    conditions=(ge(_p, 1), le(_p, _k), ge(_t - _k + _p, 0)),
    nonnegative=True,
)
_W = windows(_F, _K)
_O, _P = optimal_time(_W), optimal_block(_W)
_far, _near = worst_distance(_W, _O), pair_distance(_W, _P)

_kernel = Source("levin2017", "Exercise 4.2")  # |mu P - nu P| <= |mu - nu|; a function is a kernel without chance


def _pushed(name: str, distance: Definition, at_least: bool) -> Lemma:
    """One half of the equality of the distances of windows and of their oldest tokens."""
    of_windows, of_tokens = distance(_W, _T + _K - 1), distance(_F, _T)
    if at_least:
        remark = "a function of two random variables, here the oldest token of a window, is no further apart than they"
        return Lemma(
            f"markov/{name}_of_oldest_token",
            "Windows are at least as far apart as their oldest tokens",
            (f, K, shift),
            ge(of_windows, of_tokens),
            backing=Citation(_kernel, remark),
        )
    remark = "a stochastic kernel, here from the oldest token to the window, brings laws no further apart"
    return Lemma(
        f"markov/{name}_of_windows",
        "Windows of a first-order chain are no further apart than their oldest tokens",
        (f, K, shift),
        le(of_windows, of_tokens),
        backing=Citation(_kernel, remark),
    )


distance_of_oldest_token = _pushed("distance", worst_distance, True)
distance_of_windows = _pushed("distance", worst_distance, False)
pairs_of_oldest_token = _pushed("pairs", pair_distance, True)
pairs_of_windows = _pushed("pairs", pair_distance, False)


def _window_lemma(name: str, distance: Definition, at_least: Lemma, at_most: Lemma) -> Lemma:
    """Data processing in both directions."""
    conclusion = eq(distance(_W, _T + _K - 1), distance(_F, _T))
    return Lemma(
        f"markov/{name}",
        "The distance of windows is the distance of their oldest tokens",
        (f, K, shift, letters),
        conclusion,
        statement="the window is a function of its oldest token and of further draws, and the token one of the window",
        backing=derive()
        .have("oldest token", at_least.conclusion, by=at_least.at())
        .have("window", at_most.conclusion, by=at_most.at())
        .have("distance", conclusion, by=["oldest token", "window", quick]),
    )


window_distance = _window_lemma("window_distance", worst_distance, distance_of_oldest_token, distance_of_windows)
window_pairs = _window_lemma("window_pairs", pair_distance, pairs_of_oldest_token, pairs_of_windows)

position_of_window = Lemma(
    "markov/position_of_window",
    "Windows are at least as far apart as their tokens at one position",
    (f, K, shift, position),
    ge(pair_distance(_W, _T), position_pairs(_F, _K, _T, position.symbol)),
    backing=Citation(_kernel, "the token at one position is a function of the window"),
)
_oldest = sp.Max(1, _K - _T)  # position of the oldest token not drawn before the start's newest
pair_start = Lemma(
    "markov/pair_start",
    "dbar_S(t) < 1 only from time K on",
    (f, K, shift),
    ge(_T, _K),
    hypotheses=(eq(pair_distance(_F, 0), 1), lt(pair_distance(_W, _T), 1)),
    statement="until time K - 1 the window holds the newest token of the start, which tells two starts apart",
    backing=derive()
    .have(
        "the start alone",
        Forall((_t,), ge(pair_distance(_F, _t), 1 - _t)),
        by=[Induction(_t), "hypothesis 1", unfold(pair_distance), quick],
        note="for t >= 1 the right side is not positive",
    )
    .have(
        "one position",
        ge(pair_distance(_W, _T), position_pairs(_F, _K, _T, _oldest)),
        by=position_of_window.at(p=_oldest),
    )
    .have(
        "its token",
        eq(position_pairs(_F, _K, _T, _oldest), pair_distance(_F, _T - _K + _oldest)),
        by=unfold(position_pairs, f_=_F, k_=_K, t_=_T, p_=_oldest),
    )
    .have(
        "two tokens",
        ge(pair_distance(_F, _T - _K + _oldest), 1 - (_T - _K + _oldest)),
        by=fact("the start alone", t_=_T - _K + _oldest),
    )
    .have(
        "after",
        gt(_T - _K + _oldest, 0),
        by=["hypothesis 2", "one position", "its token", "two tokens", quick],
    )
    .have("from K", ge(_T, _K), by=["after", quick]),
)
window_start = Lemma(
    "markov/window_start",
    "d_S(t) < 1/2 only from time K on",
    (f, K, shift),
    ge(_T, _K),
    hypotheses=(eq(pair_distance(_F, 0), 1), lt(worst_distance(_W, _T), _half)),
    backing=derive()
    .have("two starts", le(pair_distance(_W, _T), 2 * worst_distance(_W, _T)), by=pair_triangle.at(f=_W, t=_T))
    .have("pairs meet", lt(pair_distance(_W, _T), 1), by=["two starts", "hypothesis 2", quick])
    .have("from K", ge(_T, _K), by=["hypothesis 1", "pairs meet", pair_start.at()]),
)

_I = windows(independent(), _K)
_formula = t_min_term(_O, worst_distance(_F, _O - _K + 1))

window_t_min = Claim(
    id="markov/window_t_min",
    title="t_min of windows is at least 4 K",
    kind=Kind.LOWER,
    text=(
        "For a first-order chain X on d >= 2 states and its windows S of length K, starts of all lengths: "
        "d_S(t) = d_X(t-K+1) and dbar_S(t) = dbar_X(t-K+1) for t >= K-1, so t_min of the windows is the minimum of "
        "4(s+K-1)((1-d_X(s))/(1-2 d_X(s)))^2 over s >= 1, at least 4 K (4 K for independent draws); likewise tau_min. "
        "Two different states are at distance dbar(0) = 1: every chain here has two states or more"
    ),
    parameters=(f, K, shift, letters),
    assumptions=(FIRST_ORDER,),
    hypotheses=(lt(_far, _half), lt(_near, 1), Forall((_f,), eq(pair_distance(_f, 0), 1))),
    statements=(
        lower(least_time(_W), 4 * _K, label="floor"),
        lower(tau_min(_W), 4 * _K, label="floor of pairs"),
        equal(worst_distance(_W, _T + _K - 1), worst_distance(_F, _T), label="distance"),
        equal(pair_distance(_W, _T + _K - 1), pair_distance(_F, _T), label="distance of pairs"),
        equal(least_time(_W), _formula, label="minimum"),
        equal(least_time(_I), 4 * _K, label="independent"),
    ),
    source=OWN,
    status=Status.OWN,
    corrects=(),
    derivation=derive()
    .have("distance", window_distance.conclusion, by=window_distance.at())
    .have("distance of pairs", window_pairs.conclusion, by=window_pairs.at())
    .have("s >= 1", ge(_O, _K), by=["hypothesis 1", fact("hypothesis 3", f_=_F), window_start.at(t=_O)])
    .have("s >= 1 for pairs", ge(_P, _K), by=["hypothesis 2", fact("hypothesis 3", f_=_F), pair_start.at(t=_P)])
    .have("least", eq(least_time(_W), t_min_term(_O, _far)), by=unfold(least_time, f_=_W))
    .have("least for pairs", eq(tau_min(_W), tau_min_term(_P, _near)), by=unfold(tau_min, f_=_W))
    .have("floor", ge(least_time(_W), 4 * _K), by=["least", "s >= 1", unfold(worst_distance), quick])
    .have(
        "floor of pairs",
        ge(tau_min(_W), 4 * _K),
        by=["least for pairs", "s >= 1 for pairs", unfold(pair_distance), quick],
    )
    .have(
        "oldest token",
        eq(_far, worst_distance(_F, _O - _K + 1)),
        by=["s >= 1", window_distance.at(t=_O - _K + 1), quick],
    )
    .have("minimum", eq(least_time(_W), _formula), by=["least", "oldest token", quick])
    .have("one step", eq(worst_distance(independent(), 1), 0), by=[unfold(independent_distance, t_=1), quick])
    .have("K steps", eq(worst_distance(_I, _K), 0), by=["one step", window_distance.at(f=independent(), t=1), quick])
    .have("at most 4 K", le(least_time(_I), 4 * _K), by=["K steps", unfold(above_t_min, f_=_I, t_=_K), quick])
    .have(
        "independent windows meet",
        lt(worst_distance(_I, optimal_time(_I)), _half),
        by=["K steps", unfold(finite_margin, f_=_I, t_=_K), quick],
    )
    .have(
        "their best time",
        ge(optimal_time(_I), _K),
        by=[
            "independent windows meet",
            fact("hypothesis 3", f_=independent()),
            window_start.at(f=independent(), t=optimal_time(_I)),
        ],
    )
    .have(
        "their least",
        eq(least_time(_I), t_min_term(optimal_time(_I), worst_distance(_I, optimal_time(_I)))),
        by=unfold(least_time, f_=_I),
    )
    .have(
        "at least 4 K",
        ge(least_time(_I), 4 * _K),
        by=["their least", "their best time", "independent windows meet", unfold(worst_distance), quick],
    )
    .have("independent", eq(least_time(_I), 4 * _K), by=["at least 4 K", "at most 4 K", quick]),
)
