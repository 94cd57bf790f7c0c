"""t_min of the windows of a first-order chain (specification 2.E).

The window of length K at time t + K - 1 is the path X_t, ..., X_{t+K-1}; a start is known by its newest token X_0.

Main statements
    window_t_min   d_S(t+K-1) = d_X(t), dbar_S(t+K-1) = dbar_X(t); t_min of the windows is at least 4 K
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from theory.assumption import FIRST_ORDER
from theory.claim import Claim, Kind, Status, equal, lower
from theory.derivation import derive
from theory.justification import Decide, Induction, Termwise, fact, unfold
from theory.lemma import Definition, Lemma
from theory.markov.parameters import K
from theory.markov.parameters_concentration import f, optimal_block, pair_distance, tau_min
from theory.markov.t_min import (
    above_t_min,
    finite_margin,
    independent,
    independent_distance,
    least_time,
    optimal_time,
    t_min_term,
    tau_min_term,
    worst_distance,
)
from theory.parameter import Parameter, integers
from theory.proposition import Forall, eq, ge, le, lt
from theory.source import OWN

shift = Parameter("t", "t", "time at which the oldest token of the window was drawn", integers(0), (0, 20), "steps")
letters = Parameter("d", "d", "number of states of the chain of tokens", integers(2), (2, 10))
quick = Decide(effort=0.3)

_F, _K, _T, _N = f.symbol, K.symbol, shift.symbol, letters.symbol
_f, _t, _k, _x, _y = sp.symbols("f_ t_ k_ x_ y", integer=True, nonnegative=True)
_half = sp.Rational(1, 2)


def _head(name: str, **assumptions: bool) -> Any:
    return sp.Function(name, real=True, **assumptions)


def _over(term: Any, index: Any) -> sp.Sum:
    return sp.Sum(term, (index, 0, _N - 1))


kernel = Definition("markov/kernel", _head("kernel", nonnegative=True), "kernel(f, x, y) = P(y | x) of the tokens")
kernel_mass = Definition(
    "markov/kernel_mass",
    _head("kernel_mass"),
    "kernel_mass(f, x) = sum_y P(y | x), which is 1",
    (Forall((_f, _x), eq(_head("kernel_mass")(_f, _x), _over(kernel(_f, _x, _y), _y))),),
    bounds=(1, 1),
)
_future = _head("future_mass", nonnegative=True)
path_weight = Definition(
    "markov/path_weight",
    _head("path_weight", nonnegative=True),
    "path_weight(f, k, x, y) = sum over the paths of k further tokens from x to y of their transition probabilities",
)
future_mass = Definition(
    "markov/future_mass",
    _future,
    "future_mass(f, k, x) = sum over the k tokens that follow x of their transition probabilities; for k + 1 of them, "
    "grouped by the last but one",
    (
        Forall((_f, _x), eq(_future(_f, 0, _x), 1)),
        Forall((_f, _k, _x), eq(_future(_f, _k + 1, _x), _over(path_weight(_f, _k, _x, _y) * kernel_mass(_f, _y), _y))),
    ),
)
grouped = Definition(
    "markov/grouped",
    _head("grouped"),
    "grouped(f, k, x) = future_mass(f, k, x) minus the same sum grouped by the last token, which is 0",
    (
        Forall(
            (_f, _k, _x), eq(_head("grouped")(_f, _k, _x), _future(_f, _k, _x) - _over(path_weight(_f, _k, _x, _y), _y))
        ),
    ),
    bounds=(0, 0),
)
windows = Definition(
    "markov/windows",
    sp.Function("windows", integer=True, nonnegative=True),
    "windows(f, K) = number of the same function as a function of the windows of length K of the tokens, starts of all "
    "lengths",
)
far_gap = Definition(
    "markov/far_gap",
    _head("far_gap", nonnegative=True),
    "far_gap(f, t, x) = |M^t(x*, x) - pi(x)| at the start x* from which the sum over x is largest",
)
pair_gap = Definition(
    "markov/pair_gap",
    _head("pair_gap", nonnegative=True),
    "pair_gap(f, t, x) = |M^t(x*, x) - M^t(y*, x)| at the pair of starts for which the sum over x is largest",
)


def _excess(name: str, distance: Definition, gap: Definition, of: str) -> tuple[Definition, Definition]:
    """That the distance of tokens is half the sum of the gaps, and that of windows the same over paths."""
    half = _over(gap(_f, _t, _x), _x) / 2
    paths = _over(gap(_f, _t, _x) * future_mass(_f, _K - 1, _x), _x) / 2
    tokens = Definition(
        f"markov/{name}_of_tokens",
        _head(f"{name}_of_tokens"),
        f"{name}_of_tokens(f, t) = {of}_X(t) minus half the sum of the gaps over tokens, which is 0",
        (Forall((_f, _t), eq(_head(f"{name}_of_tokens")(_f, _t), distance(_f, _t) - half)),),
        bounds=(0, 0),
    )
    of_windows = Definition(
        f"markov/{name}_of_windows",
        _head(f"{name}_of_windows"),
        f"{name}_of_windows(f, t) = {of}_S(t+K-1) minus half the sum of the gaps over paths X_t..X_(t+K-1), whose laws "
        "are the law of X_t times transition probabilities; it is 0",
        (
            Forall(
                (_f, _t),
                eq(_head(f"{name}_of_windows")(_f, _t), distance(windows(_f, _K), _t + _K - 1) - paths),
            ),
        ),
        bounds=(0, 0),
    )
    return tokens, of_windows


distance_of_tokens, distance_of_windows = _excess("distance", worst_distance, far_gap, "d")
pairs_of_tokens, pairs_of_windows = _excess("pairs", pair_distance, pair_gap, "dbar")
window_start = Definition(
    "markov/window_start",
    _head("window_start", nonnegative=True),
    "window_start(f, t) = t - K at times t with d_S(t) < 1/2, which is >= 0: until time K - 1 the window holds the "
    "newest token X_0 of the start, so that d_S(t) >= d_X(0) >= 1/2",
    (
        Forall(
            (_f, _t),
            eq(_head("window_start", nonnegative=True)(_f, _t), _t - _K),
            (lt(worst_distance(windows(_f, _K), _t), _half),),
        ),
    ),
    bounds=(0, None),
)
pair_start = Definition(
    "markov/pair_start",
    _head("pair_start", nonnegative=True),
    "pair_start(f, t) = t - K at times t with dbar_S(t) < 1, which is >= 0: until time K - 1 the window holds the "
    "newest token of the start, so that two starts with different ones are told apart",
    (
        Forall(
            (_f, _t),
            eq(_head("pair_start", nonnegative=True)(_f, _t), _t - _K),
            (lt(pair_distance(windows(_f, _K), _t), 1),),
        ),
    ),
    bounds=(0, None),
)

_W = windows(_F, _K)
_O, _P = optimal_time(_W), optimal_block(_W)
_far, _near = worst_distance(_W, _O), pair_distance(_W, _P)
_z = sp.Symbol("x", integer=True, nonnegative=True)
_weights = path_weight(_F, _k, _z, _y)
_futures = (
    derive()
    .have("mass", Forall((_y,), eq(kernel_mass(_F, _y), 1)), by=[unfold(kernel_mass), quick])
    .have(
        "one more token",
        Forall((_k, _z), eq(_over(_weights * kernel_mass(_F, _y), _y), _over(_weights, _y))),
        by=[Termwise(), fact("mass", y=_y), quick],
    )
    .have(
        "all futures",
        Forall((_k, _z), eq(_future(_F, _k, _z), 1)),
        by=[
            Induction(_k),
            unfold(future_mass, f_=_F, k_=_k, x_=_z),
            unfold(grouped, f_=_F, k_=_k, x_=_z),
            fact("one more token", k_=_k, x=_z),
            quick,
        ],
    )
    .have("futures", Forall((_z,), eq(_future(_F, _K - 1, _z), 1)), by=fact("all futures", k_=_K - 1, x=_z))
)


def _window_lemma(
    name: str, gap: Definition, tokens: Definition, of_windows: Definition, distance: Definition
) -> Lemma:
    """The sum over paths is the sum over their first tokens."""
    weighted = _over(gap(_F, _T, _x) * future_mass(_F, _K - 1, _x), _x)
    conclusion = eq(distance(_W, _T + _K - 1), distance(_F, _T))
    return Lemma(
        f"markov/{name}",
        "The distance of windows is the distance of their oldest tokens",
        (f, K, shift, letters),
        conclusion,
        backing=_futures.have(
            "oldest tokens", eq(weighted, _over(gap(_F, _T, _x), _x)), by=[Termwise(), fact("futures", x=_x), quick]
        ).have(
            "distance",
            conclusion,
            by=["oldest tokens", unfold(tokens, f_=_F, t_=_T), unfold(of_windows, f_=_F, t_=_T), quick],
        ),
    )


window_distance = _window_lemma("window_distance", far_gap, distance_of_tokens, distance_of_windows, worst_distance)
window_pairs = _window_lemma("window_pairs", pair_gap, pairs_of_tokens, pairs_of_windows, pair_distance)

_I = windows(independent(), _K)
_formula = t_min_term(_O, worst_distance(_F, _O - _K + 1))

window_t_min = Claim(
    id="markov/window_t_min",
    title="t_min of windows is at least 4 K",
    kind=Kind.LOWER,
    text=(
        "For a first-order chain X on d >= 2 states and its windows S of length K, starts of all lengths: "
        "d_S(t) = d_X(t-K+1) and dbar_S(t) = dbar_X(t-K+1) for t >= K-1, so t_min of the windows is the minimum of "
        "4(s+K-1)((1-d_X(s))/(1-2 d_X(s)))^2 over s >= 1, at least 4 K (4 K for independent draws); likewise tau_min"
    ),
    parameters=(f, K, shift, letters),
    assumptions=(FIRST_ORDER,),
    hypotheses=(lt(_far, _half), lt(_near, 1)),
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
    .have("s >= 1", ge(_O, _K), by=[unfold(window_start, f_=_F, t_=_O), quick])
    .have("s >= 1 for pairs", ge(_P, _K), by=[unfold(pair_start, f_=_F, t_=_P), quick])
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
        by=["independent windows meet", unfold(window_start, f_=independent(), t_=optimal_time(_I)), quick],
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
