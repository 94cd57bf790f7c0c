"""From all states to full contexts, and from steps to blocks of K steps.

From its step K - ell on, a chain started at a context of length ell lives on full contexts, where its law is a mixture
of the laws P_R^t(u, .); and P_R^t is a mixture of rows of A^floor(t/K). A mixture is no further from pi than its worst
part, in total variation as in every entry.

Main statements
    mixture_of_full_contexts   start_distance(ell, n) <= full_distance(n-K+ell)
    whole_blocks               full_distance(t) <= power_distance(floor(t/K))
    entry_mixture              entry_deviation(n) <= full_deviation(n-K) for n >= K
    entry_whole_blocks         full_deviation(n-K) <= power_deviation(floor(n/K)-1)
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from theory.derivation import derive
from theory.justification import Decide, unfold
from theory.lemma import Definition, Lemma
from theory.lemmas.averages import mixture
from theory.lemmas.stochastic_matrix import (
    b_,
    hit,
    k_,
    mean,
    over_states,
    power_deviation,
    power_distance,
    size,
    t_,
    x_,
)
from theory.markov.parameters import K, ell, entry_deviation, n, start_distance
from theory.parameter import Parameter, integers
from theory.proposition import Forall, Proposition, eq, ge, le

time = Parameter("t", "t", "number of steps", integers(0), (0, 1000), "steps")
_l = sp.Symbol("l_", integer=True, positive=True)
_n = sp.Symbol("n_", integer=True, nonnegative=True)
_quick = Decide(effort=0.2)

blocks = sp.floor((n.symbol - K.symbol + ell.symbol) / K.symbol)
reaches_full_contexts = ge(n.symbol, K.symbol - ell.symbol)
at_least_one_block = ge(n.symbol, K.symbol)


def _law(name: str, meaning: str) -> Definition:
    head = sp.Function(name, real=True, nonnegative=True)
    return Definition(f"markov/{name}", head, meaning, bounds=(0, None))


def _mass(name: str, variables: tuple[sp.Symbol, ...], weight: Any, meaning: str) -> Definition:
    head = sp.Function(name, real=True)
    equations = (Forall(variables, eq(head(*variables), over_states(weight))),)
    return Definition(f"markov/{name}", head, meaning, equations, bounds=(1, 1))


def _index(name: str) -> Any:
    return sp.Function(name, integer=True, nonnegative=True)


from_full = _law("from_full", "from_full(b, t, u) = P_R^t(u, b) for a full context u and a set b of full contexts")
arrival = _law(
    "arrival", "arrival(l, n, u) = Q^(K-l)(i, u) for the worst start i of length l: a law on full contexts, all of it"
)
arrival_mass = _mass(
    "arrival_mass",
    (_l, _n),
    arrival(_l, _n, k_),
    "arrival_mass(l, n) = sum_u arrival(l, n, u), which is 1: no mass is left on shorter contexts (block structure)",
)
remainder = _law("remainder", "remainder(t, u) = P_R^(t mod K)(x, u) for the worst start x after t steps")
remainder_mass = _mass(
    "remainder_mass", (t_,), remainder(t_, k_), "remainder_mass(t) = sum_u P_R^(t mod K)(x, u), which is 1"
)
entry_arrival = _law("entry_arrival", "entry_arrival(n, u) = Q^K(i, u) for the start i of the worst entry of Q^n")
entry_arrival_mass = _mass(
    "entry_arrival_mass",
    (_n,),
    entry_arrival(_n, k_),
    "entry_arrival_mass(n) = sum_u entry_arrival(n, u), which is 1: after K steps every context is full",
)


def _below(name: str, value: Any) -> Definition:
    """What makes name(t) the maximum over (b, x) of |value(b, t, x) - pi(b)|: it is no smaller than any of them."""
    head, spare = sp.Function(name, real=True, nonnegative=True), sp.Function(f"below_{name}", real=True)
    return Definition(
        f"markov/below_{name}",
        spare,
        f"below_{name}(b, t, x) = {name}(t) minus the value at b, x, which is >= 0",
        (Forall((b_, t_, x_), eq(spare(b_, t_, x_), head(t_) - sp.Abs(value(b_, t_, x_) - mean(b_, 0)))),),
        bounds=(0, None),
    )


full_distance = Definition(
    "markov/full_distance",
    sp.Function("full_distance", real=True, nonnegative=True),
    "full_distance(t) = max over full contexts x of d_TV(P_R^t(x,.), pi) (D7, starts R): the maximum over sets b",
    latex=r"d_{\mathcal R}(t)",
    bounds=(0, 1),
)
full_deviation = Definition(
    "markov/full_deviation",
    sp.Function("full_deviation", real=True, nonnegative=True),
    "full_deviation(t) = max over full contexts x, y of |P_R^t(x,y) - pi(y)|: the maximum over sets b = {y}",
    latex=r"\max_{x,y}|P_R^t(x,y)-\pi(y)|",
    bounds=(0, 1),
)
below_full_distance = _below("full_distance", from_full)
below_full_deviation = _below("full_deviation", from_full)
below_power_distance = _below("power_distance", hit)
below_power_deviation = _below("power_deviation", hit)


_set, _entry_set = _index("worst_set_from"), _index("worst_entry_from")
_block_set, _block_entry = _index("worst_set_of_block"), _index("worst_entry_of_block")


def _attained(
    name: str,
    variables: tuple[sp.Symbol, ...],
    quantity: Any,
    weight: Any,
    part: Any,
    target: Any,
    meaning: str,
    *where: Any,
) -> Definition:
    """name = quantity - |sum_u weight(u) part(u) - pi(target)|, which is 0: that is where the quantity is attained."""
    head = sp.Function(name, real=True)
    value = quantity - sp.Abs(over_states(weight * part) - mean(target, 0))
    return Definition(
        f"markov/{name}", head, meaning, (Forall(variables, eq(head(*variables), value), where),), bounds=(0, 0)
    )


def _no_further(
    id_: str,
    title: str,
    parameters: tuple[Parameter, ...],
    hypotheses: tuple[Proposition, ...],
    quantity: Any,
    bound: Any,
    parts: tuple[Any, Any, Any],
    facts: dict[str, Any],
) -> Lemma:
    """quantity <= bound, quantity a mixture with `parts` = (weight, part, set) whose parts are within `bound`."""
    weight, part, target = parts
    mixed = mixture.at(top=size.symbol - 1, a=mean(target, 0), D=bound, f=sp.Lambda(k_, part), w=sp.Lambda(k_, weight))
    attained = sp.Abs(over_states(weight * part) - mean(target, 0))
    backing = (
        derive(quantity, parameters=(size,))
        .have("weights", Forall((k_,), ge(weight, 0)), by=unfold(facts["weight"]))
        .have("mass", eq(over_states(weight), 1), by=[facts["mass"], _quick])
        .have("parts", Forall((k_,), le(sp.Abs(part - mean(target, 0)), bound)), by=[facts["parts"], _quick])
        .have("mixture", mixed.conclusion, by=["weights", "mass", "parts", mixed])
        .have("attained", eq(quantity, attained), by=[facts["attained"], _quick])
        .le(bound, by=["attained", "mixture", _quick], name="worst part")
    )
    return Lemma(id_, title, parameters, le(quantity, bound), backing, hypotheses)


_L, _N, _K, _t = ell.symbol, n.symbol, K.symbol, time.symbol
_ahead = _n - _K + _l
start_distance_mixed = _attained(
    "start_distance_mixed",
    (_l, _n),
    start_distance(_l, _n),
    arrival(_l, _n, k_),
    from_full(_set(_l, _n), _ahead, k_),
    _set(_l, _n),
    "start_distance(l, n) is attained at the worst start and set, through the full context reached after K - l steps",
    ge(_n, _K - _l),
)
mixture_of_full_contexts = _no_further(
    "markov/mixture_of_full_contexts",
    "After K - ell steps the law lives on full contexts, and a mixture is no further from pi than its worst part",
    (K, ell, n),
    (reaches_full_contexts,),
    start_distance(_L, _N),
    full_distance(_N - _K + _L),
    (arrival(_L, _N, k_), from_full(_set(_L, _N), _N - _K + _L, k_), _set(_L, _N)),
    {
        "weight": arrival,
        "mass": unfold(arrival_mass, l_=_L, n_=_N),
        "parts": unfold(below_full_distance, b_=_set(_L, _N), t=_N - _K + _L, x=k_),
        "attained": unfold(start_distance_mixed, l_=_L, n_=_N),
    },
)
_block = sp.floor(t_ / _K)
full_distance_mixed = _attained(
    "full_distance_mixed",
    (t_,),
    full_distance(t_),
    remainder(t_, k_),
    hit(_block_set(t_), _block, k_),
    _block_set(t_),
    "full_distance(t) is attained at the worst start and set, through the context reached after t mod K steps",
)
whole_blocks = _no_further(
    "markov/whole_blocks",
    "P_R^t is t mod K steps and then floor(t/K) steps of A: a mixture of rows of that power of A",
    (K, time),
    (),
    full_distance(_t),
    power_distance(sp.floor(_t / _K)),
    (remainder(_t, k_), hit(_block_set(_t), sp.floor(_t / _K), k_), _block_set(_t)),
    {
        "weight": remainder,
        "mass": unfold(remainder_mass, t=_t),
        "parts": unfold(below_power_distance, b_=_block_set(_t), t=sp.floor(_t / _K), x=k_),
        "attained": unfold(full_distance_mixed, t=_t),
    },
)
entry_deviation_mixed = _attained(
    "entry_deviation_mixed",
    (_n,),
    entry_deviation(_n),
    entry_arrival(_n, k_),
    from_full(_entry_set(_n), _n - _K, k_),
    _entry_set(_n),
    "entry_deviation(n), n >= K, is attained at the worst start and full context, through the full context reached "
    "after K steps; columns of shorter contexts are 0 by then, as is pi there",
    ge(_n, _K),
)
entry_mixture = _no_further(
    "markov/entry_mixture",
    "After K steps every context is full, and a mixture deviates no more than its worst part",
    (K, n),
    (at_least_one_block,),
    entry_deviation(_N),
    full_deviation(_N - _K),
    (entry_arrival(_N, k_), from_full(_entry_set(_N), _N - _K, k_), _entry_set(_N)),
    {
        "weight": entry_arrival,
        "mass": unfold(entry_arrival_mass, n_=_N),
        "parts": unfold(below_full_deviation, b_=_entry_set(_N), t=_N - _K, x=k_),
        "attained": unfold(entry_deviation_mixed, n_=_N),
    },
)
_whole = sp.floor(_n / _K) - 1  # floor((n-K)/K), as SymPy writes it
full_deviation_mixed = _attained(
    "full_deviation_mixed",
    (_n,),
    full_deviation(_n - _K),
    remainder(_n - _K, k_),
    hit(_block_entry(_n - _K), _whole, k_),
    _block_entry(_n - _K),
    "full_deviation(n-K) is attained at the worst start and context, through the context reached after n mod K steps; "
    "floor(n/K) - 1 whole blocks remain",
    ge(_n, _K),
)
entry_whole_blocks = _no_further(
    "markov/entry_whole_blocks",
    "P_R^(n-K) is n mod K steps and then floor(n/K)-1 steps of A: a mixture of rows of that power of A",
    (K, n),
    (at_least_one_block,),
    full_deviation(_N - _K),
    power_deviation(sp.floor(_N / _K) - 1),
    (
        remainder(_N - _K, k_),
        hit(_block_entry(_N - _K), sp.floor(_N / _K) - 1, k_),
        _block_entry(_N - _K),
    ),
    {
        "weight": remainder,
        "mass": unfold(remainder_mass, t=_N - _K),
        "parts": unfold(below_power_deviation, b_=_block_entry(_N - _K), t=sp.floor(_N / _K) - 1, x=k_),
        "attained": unfold(full_deviation_mixed, n_=_N),
    },
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
