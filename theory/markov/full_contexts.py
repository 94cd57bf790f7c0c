"""From all states to full contexts, and from steps to blocks of K steps.

From its step K - ell on, a chain started at a context of length ell lives on full contexts, where its law is a mixture
of the laws P_R^t(u, .); and P_R^t is a mixture of rows of A^floor(t/K). A mixture is no further from pi than its worst
part, in total variation as in every entry.

What stands behind: lengths grow by one a step (`lengths_grow`), so no mass is left on shorter contexts; the
Chapman-Kolmogorov equation splits a law at an intermediate time; pi has no mass on states that are left for good.

Main statements
    mixture_of_full_contexts   start_distance(ell, n) <= full_distance(n-K+ell)
    whole_blocks               full_distance(t) <= power_distance(floor(t/K))
    entry_mixture              entry_deviation(n) <= full_deviation(n-K) for n >= K
    entry_whole_blocks         full_deviation(n-K) <= power_deviation(floor(n/K)-1)
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from theory.define import defined, opaque
from theory.derivation import Derivation, derive
from theory.justification import Termwise, algebra, fact, quick, unfold
from theory.lemma import Citation, Definition, Lemma, meaning
from theory.lemmas.averages import mixture
from theory.lemmas.stochastic_matrix import (
    b_,
    far_start,
    hit,
    k_,
    mean,
    over_states,
    power_deviation,
    power_distance,
    size,
    t_,
    worst_set,
    worst_start,
    worst_target,
    x_,
)
from theory.markov.parameters import K, ell, entry_deviation, n, start_distance
from theory.markov.structure import length_after, lengths_grow
from theory.parameter import Parameter, integers
from theory.proposition import Forall, eq, ge, le
from theory.source import Source

time = Parameter("t", "t", "number of steps", integers(0), (0, 1000), "steps")
_l = sp.Symbol("l_", integer=True, positive=True)
_s = sp.Symbol("s_", integer=True, nonnegative=True)
_n = sp.Symbol("n_", integer=True, nonnegative=True)
_i = sp.Symbol("i_", integer=True, nonnegative=True)

blocks = sp.floor((n.symbol - K.symbol + ell.symbol) / K.symbol)
reaches_full_contexts = ge(n.symbol, K.symbol - ell.symbol)
at_least_one_block = ge(n.symbol, K.symbol)
_L, _N, _K, _t = ell.symbol, n.symbol, K.symbol, time.symbol


# -- laws after some steps --------------------------------------------------------------------------------------------

from_full = opaque(
    "markov/from_full",
    "from_full(b, t, u) = P_R^t(u, b) for a full context u, a set b of full contexts",
    bounds=(0, 1),
    nonnegative=True,
)
lands_in = opaque(
    "markov/lands_in",
    "lands_in(b, n, l, i) = Q^n(i, b) for the i-th context of length l and a set b of full contexts",
    bounds=(0, 1),
    nonnegative=True,
)
arrival = opaque(
    "markov/arrival",
    "arrival(s, l, i, u) = Q^s(i, u) for a full context u, i the i-th context of length l",
    bounds=(0, 1),
    nonnegative=True,
)
remainder = opaque(
    "markov/remainder", "remainder(r, x, u) = P_R^r(x, u) for full contexts x, u", bounds=(0, 1), nonnegative=True
)
through_shorter = opaque(
    "markov/through_shorter",
    "through_shorter(b, s, n, l, i) = probability of b after n steps, given a context shorter than K after s of them",
    bounds=(0, 1),
    nonnegative=True,
)
shorter_mass = defined(
    "markov/shorter_mass",
    "shorter_mass(l, s) = mass of Q^s(i, .) on contexts shorter than K, for a start i of length l: all paths lead to "
    "one length, length_after(l, s), so it is 1 if that is below K and else 0",
    (_l, _s),
    sp.Min(1, _K - length_after(_l, _s)),
    conditions=(le(_l, _K),),
    range_by=(lengths_grow.at(), quick),
    parameters=(K,),
    nonnegative=True,
)
shorter_part = opaque(
    "markov/shorter_part",
    "shorter_part(b, n, l, i) = Q^n(i, .) of those states of the set numbered b that are shorter than K",
    bounds=(0, 1),
    nonnegative=True,
)
rest_of_shorter_mass = defined(
    "markov/rest_of_shorter_mass",
    "rest_of_shorter_mass(b, n, l, i) = mass on shorter contexts outside b, which is >= 0: a part is not above all",
    (b_, _n, _l, _i),
    shorter_mass(_l, _n) - shorter_part(b_, _n, _l, _i),
    bounds=(0, None),
    range_by=meaning(shorter_part),
)
shorter_stationary = opaque(
    "markov/shorter_stationary",
    "shorter_stationary(b) = pi of those states of the set numbered b that are shorter than K",
    bounds=(0, 1),
    nonnegative=True,
)
length_share = opaque(
    "markov/length_share", "length_share(l) = pi of the contexts of length l", bounds=(0, 1), nonnegative=True
)

_set = Parameter("b", "b", "number of a set of states", integers(0), (0, 100))
_start = Parameter("i", "i", "number of a context among those of length ell", integers(0), (0, 100))
_from = Parameter("x", "x", "a full context", integers(0), (0, 100))
_first = Parameter("s", "s", "steps before the intermediate time", integers(0), (0, 100), "steps")
_rest = Parameter("r", "r", "steps before whole blocks", integers(0), (0, 100), "steps")
_whole = Parameter("m", "m", "whole blocks", integers(0), (0, 100))
_b, _at, _x, _S, _r, _m = (v.symbol for v in (_set, _start, _from, _first, _rest, _whole))
_CHAPMAN = Source("zekri2024", "Lemma F.2", "v2")
_POWERS = Source("levin2017", "section 1.1")


def _cited(name: str, title: str, parameters: Any, conclusion: Any, source: Source, remark: str = "") -> Lemma:
    return Lemma(f"markov/{name}", title, parameters, conclusion, Citation(source, remark))


chapman_kolmogorov = _cited(
    "chapman_kolmogorov",
    "Q^n is Q^s and then Q^(n-s): through full contexts, from which the chain follows P_R, or through shorter ones",
    (size, K, n, ell, _first, _set, _start),
    eq(
        lands_in(_b, _S + _N, _L, _at),
        over_states(arrival(_S, _L, _at, k_) * from_full(_b, _N, k_))
        + shorter_mass(_L, _S) * through_shorter(_b, _S, _S + _N, _L, _at),
    ),
    _CHAPMAN,
    "Chapman-Kolmogorov equation, the sum split at the length of the state in between",
)
law_after = _cited(
    "law_after",
    "A row of Q^s is a probability law",
    (size, K, ell, _first, _start),
    eq(over_states(arrival(_S, _L, _at, k_)) + shorter_mass(_L, _S), 1),
    _POWERS,
    "powers of a stochastic matrix are stochastic",
)
chapman_kolmogorov_blocks = _cited(
    "chapman_kolmogorov_blocks",
    "P_R^(r+mK) is P_R^r and then m steps of A = P_R^K",
    (size, K, _rest, _whole, _set, _from),
    eq(from_full(_b, _r + _K * _m, _x), over_states(remainder(_r, _x, k_) * hit(_b, _m, k_))),
    _CHAPMAN,
    "Chapman-Kolmogorov equation",
)
full_law_after = _cited(
    "full_law_after",
    "A row of P_R^r is a probability law",
    (size, _rest, _from),
    eq(over_states(remainder(_r, _x, k_)), 1),
    _POWERS,
    "powers of a stochastic matrix are stochastic",
)
none_shorter = Lemma(
    "markov/none_shorter",
    "After s >= K - ell steps every context is full",
    (K, ell, _first),
    eq(shorter_mass(_L, _S), 0),
    hypotheses=(ge(_S, _K - _L),),
    backing=derive()
    .have("lengths", lengths_grow.conclusion, by=lengths_grow.at())
    .have("length", eq(length_after(_L, _S), _K), by=[fact("lengths", l=_L, k=_S), "hypothesis 1"])
    .have("none", eq(shorter_mass(_L, _S), 0), by=["length", unfold(shorter_mass, l_=_L, s_=_S)]),
)

_after_window = sp.Sum(length_share(_l) * shorter_mass(_l, _K), (_l, 1, _K))
stationary_rest = defined(
    "markov/stationary_rest",
    "stationary_rest(b) = mass of pi Q^K, which is pi, on the shorter contexts outside b, which is >= 0",
    (b_,),
    _after_window - shorter_stationary(b_),
    bounds=(0, None),
    range_by=meaning(length_share, shorter_stationary),
)
stationary_on_full = Lemma(
    "markov/stationary_on_full",
    "A stationary law has no mass on contexts shorter than K: K steps leave none there",
    (K, _set),
    eq(shorter_stationary(_b), 0),
    backing=derive()
    .have(
        "none left",
        Forall((_l,), eq(length_share(_l) * shorter_mass(_l, _K), 0), (le(_l, _K),)),
        by=[none_shorter.at(ell=_l, s=_K), quick],
    )
    .have("length by length", le(_after_window, sp.Sum(0, (_l, 1, _K))), by=[Termwise(), "none left"])
    .have("nothing", eq(sp.Sum(0, (_l, 1, _K)), 0), by=algebra)
    .have(
        "no mass",
        eq(shorter_stationary(_b), 0),
        by=["length by length", "nothing", unfold(stationary_rest, b_=_b), unfold(shorter_stationary), quick],
    ),
)

# -- distances, as attained ------------------------------------------------------------------------------------------


def _below(name: str, value: Any, *worst: Any) -> Definition:
    """What makes name(t) the maximum over (b, x) of |value(b, t, x) - pi(b)|: it is no smaller than any of them."""
    head, spare = sp.Function(name, real=True, nonnegative=True), sp.Function(f"below_{name}", real=True)
    return Definition(
        f"markov/below_{name}",
        spare,
        f"below_{name}(b, t, x) = {name}(t) minus the value at b, x, which is >= 0",
        (Forall((b_, t_, x_), eq(spare(b_, t_, x_), head(t_) - sp.Abs(value(b_, t_, x_) - mean(b_, 0)))),),
        bounds=(0, None),
        range_by=(meaning(*worst),),
    )


_distance_set, _distance_start = (
    sp.Function("worst_set_of_block", integer=True, nonnegative=True),
    sp.Function("worst_start_of_block", integer=True, nonnegative=True),
)
_entry_of_block, _entry_start = (
    sp.Function("worst_entry_of_block", integer=True, nonnegative=True),
    sp.Function("worst_entry_start_of_block", integer=True, nonnegative=True),
)


def _largest(name: str, which: Any, where: Any, text: str, latex: str) -> Definition:
    """name(t) = |P_R^t(x, b) - pi(b)| at the set b and the start x where it is largest."""
    head = sp.Function(name, real=True, nonnegative=True)
    value = sp.Abs(from_full(which(t_), t_, where(t_)) - mean(which(t_), 0))
    return Definition(
        f"markov/{name}",
        head,
        text,
        (Forall((t_,), eq(head(t_), value)),),
        latex=latex,
        bounds=(0, 1),
        range_by=(unfold(from_full), unfold(mean)),
    )


full_distance = _largest(
    "full_distance",
    _distance_set,
    _distance_start,
    "full_distance(t) = max over full contexts x of d_TV(P_R^t(x,.), pi) (D7, starts R): the maximum over sets b",
    r"d_{\mathcal R}(t)",
)
full_deviation = _largest(
    "full_deviation",
    _entry_of_block,
    _entry_start,
    "full_deviation(t) = max over full contexts x, y of |P_R^t(x,y) - pi(y)|: the maximum over sets b = {y}",
    r"\max_{x,y}|P_R^t(x,y)-\pi(y)|",
)
below_full_distance = _below("full_distance", from_full, _distance_set, _distance_start)
below_full_deviation = _below("full_deviation", from_full, _entry_of_block, _entry_start)
below_power_distance = _below("power_distance", hit, worst_set, worst_start)
below_power_deviation = _below("power_deviation", hit, worst_target, far_start)

_worst_set, _worst_start = (
    sp.Function("worst_set_from", integer=True, nonnegative=True),
    sp.Function("worst_start_from", integer=True, nonnegative=True),
)
_entry_set, _entry_from = (
    sp.Function("worst_entry_from", integer=True, nonnegative=True),
    sp.Function("worst_entry_start", integer=True, nonnegative=True),
)
worst_entry_length = opaque(
    "markov/worst_entry_length",
    "worst_entry_length(n) = length of the start of the worst entry of Q^n",
    bounds=(1, _K),
    integer=True,
    positive=True,
)


def _off_by(which: Any, steps: Any, length: Any, start: Any) -> Any:
    """|Q^n(i, b) - pi(b)| for a set b of states of every length: its full contexts and its shorter ones."""
    full = lands_in(which, steps, length, start) - mean(which, 0)
    return sp.Abs(full + shorter_part(which, steps, length, start) - shorter_stationary(which))


start_distance_attained = defined(
    "markov/start_distance_attained",
    "start_distance_attained(l, n) = start_distance(l, n) minus |Q^n(i, b) - pi(b)| at the worst start and set: 0",
    (_l, _n),
    start_distance(_l, _n) - _off_by(_worst_set(_l, _n), _n, _l, _worst_start(_l, _n)),
    bounds=(0, 0),
    range_by=meaning(start_distance, _worst_set, _worst_start),
)
entry_deviation_attained = defined(
    "markov/entry_deviation_attained",
    "entry_deviation_attained(n) = entry_deviation(n) minus |Q^n(i, b) - pi(b)| at the worst start and the set b = {j} "
    "of the worst column, whose part among full contexts may be empty: 0",
    (_n,),
    entry_deviation(_n) - _off_by(_entry_set(_n), _n, worst_entry_length(_n), _entry_from(_n)),
    bounds=(0, 0),
    range_by=meaning(entry_deviation, _entry_set, _entry_from),
)

# -- mixtures ---------------------------------------------------------------------------------------------------------


def _no_further(
    backing: Derivation, quantity: Any, bound: Any, parts: tuple[Any, Any, Any], weights: Definition, within: Any
) -> Derivation:
    """quantity <= bound, from steps "mass" and "split" of `backing`; `parts` = (weight, part, set)."""
    weight, part, target = parts
    mixed = mixture.at(top=size.symbol - 1, a=mean(target, 0), D=bound, f=sp.Lambda(k_, part), w=sp.Lambda(k_, weight))
    return (
        backing.have("weights", Forall((k_,), ge(weight, 0)), by=unfold(weights))
        .have("parts", Forall((k_,), le(sp.Abs(part - mean(target, 0)), bound)), by=[within, quick])
        .have("mixture", mixed.conclusion, by=["weights", "mass", "parts", mixed])
        .le(bound, by=["split", "mixture", quick], name="worst part")
    )


def _to_full(
    quantity: Any, bound: Any, at: tuple[Any, Any, Any, Any], first: Any, attained: Any, within: Any
) -> Derivation:
    """The steps of both mixtures of full contexts: the worst set, start and its length, and n; `first` steps first."""
    which, start, length, steps = at
    left = steps - first
    weight, part = arrival(first, length, start, k_), from_full(which, left, k_)
    shorter = shorter_part(which, steps, length, start)
    later = {"s": first, "ell": length}
    backing = (
        derive(quantity, parameters=(size,))
        .have("length", le(length, _K), by=[unfold(worst_entry_length), quick])
        .have("enough steps", ge(first, _K - length), by=[unfold(worst_entry_length), quick])
        .have(
            "none shorter", eq(shorter_mass(length, first), 0), by=["length", "enough steps", none_shorter.at(**later)]
        )
        .have(
            "none shorter at the end",
            eq(shorter_mass(length, steps), 0),
            by=["length", "enough steps", none_shorter.at(s=steps, ell=length)],
        )
        .have(
            "shorter part",
            eq(shorter, 0),
            by=[
                "length",
                "none shorter at the end",
                unfold(rest_of_shorter_mass, b_=which, n_=steps, l_=length, i_=start),
                unfold(shorter_part),
                quick,
            ],
        )
        .have("stationary part", eq(shorter_stationary(which), 0), by=stationary_on_full.at(b=which))
        .have(
            "mass",
            eq(over_states(weight), 1),
            by=["length", "none shorter", law_after.at(i=start, **later), quick],
            note="all of it on full contexts",
        )
        .have(
            "through full contexts",
            eq(lands_in(which, steps, length, start), over_states(weight * part)),
            by=["length", "none shorter", chapman_kolmogorov.at(n=left, b=which, i=start, **later), quick],
        )
        .have(
            "split",
            eq(quantity, sp.Abs(over_states(weight * part) - mean(which, 0))),
            by=["length", attained, "shorter part", "stationary part", "through full contexts", quick],
        )
    )
    return _no_further(backing, quantity, bound, (weight, part, which), arrival, within)


mixture_of_full_contexts = Lemma(
    "markov/mixture_of_full_contexts",
    "After K - ell steps the law lives on full contexts, and a mixture is no further from pi than its worst part",
    (K, ell, n),
    le(start_distance(_L, _N), full_distance(_N - _K + _L)),
    _to_full(
        start_distance(_L, _N),
        full_distance(_N - _K + _L),
        (_worst_set(_L, _N), _worst_start(_L, _N), _L, _N),
        _K - _L,
        unfold(start_distance_attained, l_=_L, n_=_N),
        unfold(below_full_distance, b_=_worst_set(_L, _N), t=_N - _K + _L, x=k_),
    ),
    (reaches_full_contexts,),
)
entry_mixture = Lemma(
    "markov/entry_mixture",
    "After K steps every context is full, and a mixture deviates no more than its worst part",
    (K, n),
    le(entry_deviation(_N), full_deviation(_N - _K)),
    _to_full(
        entry_deviation(_N),
        full_deviation(_N - _K),
        (_entry_set(_N), _entry_from(_N), worst_entry_length(_N), _N),
        _K,
        unfold(entry_deviation_attained, n_=_N),
        unfold(below_full_deviation, b_=_entry_set(_N), t=_N - _K, x=k_),
    ),
    (at_least_one_block,),
)


def _to_blocks(
    quantity: Any, bound: Any, which: Any, start: Any, steps: Any, whole: Any, attained: Any, within: Any
) -> Derivation:
    """P_R^steps is a remainder of steps - K whole steps and then `whole` blocks."""
    rest = steps - _K * whole
    weight, part = remainder(rest, start, k_), hit(which, whole, k_)
    backing = (
        derive(quantity, parameters=(size,))
        .have("steps", eq(steps, rest + _K * whole), by=algebra)
        .have("whole blocks", ge(whole, 0), by=quick)
        .have("remainder", ge(rest, 0), by=quick, note="t mod K")
        .have("mass", eq(over_states(weight), 1), by=["remainder", full_law_after.at(r=rest, x=start), quick])
        .have(
            "after the remainder",
            eq(from_full(which, steps, start), over_states(weight * part)),
            by=[
                "whole blocks",
                "remainder",
                chapman_kolmogorov_blocks.at(r=rest, m=whole, b=which, x=start),
                quick,
            ],
        )
        .have(
            "split",
            eq(quantity, sp.Abs(over_states(weight * part) - mean(which, 0))),
            by=[attained, "after the remainder", quick],
        )
    )
    return _no_further(backing, quantity, bound, (weight, part, which), remainder, within)


_block = sp.floor(_t / _K)
whole_blocks = Lemma(
    "markov/whole_blocks",
    "P_R^t is t mod K steps and then floor(t/K) steps of A: a mixture of rows of that power of A",
    (K, time),
    le(full_distance(_t), power_distance(_block)),
    _to_blocks(
        full_distance(_t),
        power_distance(_block),
        _distance_set(_t),
        _distance_start(_t),
        _t,
        _block,
        unfold(full_distance, t=_t),
        unfold(below_power_distance, b_=_distance_set(_t), t=_block, x=k_),
    ),
)
_left = _N - _K
_blocks_left = sp.floor(_N / _K) - 1
entry_whole_blocks = Lemma(
    "markov/entry_whole_blocks",
    "P_R^(n-K) is n mod K steps and then floor(n/K)-1 steps of A: a mixture of rows of that power of A",
    (K, n),
    le(full_deviation(_left), power_deviation(_blocks_left)),
    _to_blocks(
        full_deviation(_left),
        power_deviation(_blocks_left),
        _entry_of_block(_left),
        _entry_start(_left),
        _left,
        _blocks_left,
        unfold(full_deviation, t=_left),
        unfold(below_power_deviation, b_=_entry_of_block(_left), t=_blocks_left, x=k_),
    ),
    (at_least_one_block,),
)
__all__ = [
    "at_least_one_block",
    "blocks",
    "entry_mixture",
    "entry_whole_blocks",
    "full_deviation",
    "full_distance",
    "mixture_of_full_contexts",
    "reaches_full_contexts",
    "whole_blocks",
]
