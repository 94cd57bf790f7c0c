"""An entry of A = P_R^K as one product along a path (specification 2.A).

Main statements
    path_product   A(u, v) is one product along a path, and its minimum eps a recursion
    min_plus       the recursion bounds every path from below, and one attains it
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from theory.assumption import POSITIVE
from theory.claim import Claim, Kind, Status, equal
from theory.define import defined, opaque
from theory.derivation import derive
from theory.justification import Induction, fact, unfold
from theory.lemma import Lemma, meaning
from theory.markov.parameters import K, T
from theory.markov.paths import (
    context_after,
    draw,
    draws_are_possible,
    draws_are_tokens,
    forgets_start,
    log_draw,
    log_of_path,
    log_path,
    path,
    path_entry,
    path_probability,
    product_of_draws,
    written,
)
from theory.markov.structure import least_remaining
from theory.proposition import Forall, eq, ge, le
from theory.source import OWN

_T, _K = T.symbol, K.symbol
_k = sp.Symbol("k", integer=True, nonnegative=True)
_w = sp.Symbol("w_", integer=True, positive=True)
_i = sp.Symbol("i", integer=True, positive=True)
least_path = opaque("markov/least_path", "least_path() = a path of least probability", integer=True, positive=True)
above_least_path = defined(
    "markov/above_least_path",
    "above_least_path(w) = log A(u, v) - log eps, which is >= 0: eps is the smallest entry (D8)",
    (_w,),
    log_path(_w, _K) - log_path(least_path(), _K),
    bounds=(0, None),
    range_by=meaning(least_path),
)
log_epsilon = defined(
    "markov/log_epsilon",
    "log_epsilon() = log eps, the logarithm of the smallest entry of A (D8), in nats: "
    "the logarithm of the least likely path (statement 'logarithm' of markov/path_product)",
    (),
    log_path(least_path(), _K),
    latex=r"\log\varepsilon",
)
min_plus_value = defined(
    "markov/min_plus_value",
    "min_plus_value() = min_u f_K(u), f_0 = 0, f_{k+1}(u) = min_x [log P(x|u) + f_k(u x)]; least_remaining(w, i) is "
    "f_{K-i} at the context after i tokens of path w, and path 1 is one that the recursion chooses: that it does, and "
    "that no start is lower, are hypotheses of markov/path_product",
    (),
    least_remaining(1, 0),
    latex=r"\min_u f_K(u)",
)

_least_above = Forall((_w, _k), le(least_remaining(_w, _k), log_draw(_w, _k + 1) + least_remaining(_w, _k + 1)))
_nothing_left = Forall((_w,), eq(least_remaining(_w, _K), 0))
_best_start = Forall((_w,), le(least_remaining(1, 0), least_remaining(_w, 0)))
_chosen = Forall((_k,), eq(least_remaining(1, _k), log_draw(1, _k + 1) + least_remaining(1, _k + 1)))

_F = sp.Function("F", real=True)
never_decreases = Lemma(
    "markov/never_decreases",
    "A sequence that no step decreases",
    (),
    Forall((_k,), le(_F(0), _F(_k))),
    hypotheses=(Forall((_k,), le(_F(_k), _F(_k + 1))),),
    functions=(_F,),
    backing=derive().have("all", Forall((_k,), le(_F(0), _F(_k))), by=[Induction(_k), fact("hypothesis 1", k=_k)]),
)
never_changes = Lemma(
    "markov/never_changes",
    "A sequence that no step changes",
    (),
    Forall((_k,), eq(_F(0), _F(_k))),
    hypotheses=(Forall((_k,), eq(_F(_k), _F(_k + 1))),),
    functions=(_F,),
    backing=derive().have("all", Forall((_k,), eq(_F(0), _F(_k))), by=[Induction(_k), fact("hypothesis 1", k=_k)]),
)


def _so_far(w: Any) -> sp.Lambda:
    """Logarithm of the first k draws of path w, and what the recursion says of the others."""
    return sp.Lambda(_k, log_path(w, _k) + least_remaining(w, _k))


min_plus = Lemma(
    "markov/min_plus",
    "The recursion bounds every path from below, and one attains it",
    (K,),
    eq(log_epsilon(), min_plus_value()),
    hypotheses=(_least_above, _nothing_left, _best_start, _chosen),
    backing=derive()
    .have("start", Forall((_w,), eq(log_path(_w, 0), 0)), by=unfold(log_path, w_=_w))
    .have(
        "sum",
        Forall((_w, _k), eq(log_path(_w, _k + 1), log_path(_w, _k) + log_draw(_w, _k + 1))),
        by=unfold(log_path, w_=_w, k=_k),
    )
    .have(
        "worst path",
        Forall((_k,), le(_so_far(least_path())(_k), _so_far(least_path())(_k + 1))),
        by=[fact("sum", w_=least_path(), k=_k), fact("hypothesis 1", w_=least_path(), k=_k)],
    )
    .have(
        "below",
        Forall((_k,), le(_so_far(least_path())(0), _so_far(least_path())(_k))),
        by=["worst path", never_decreases.at(F=_so_far(least_path()))],
        note="telescoping: no path is less likely than the recursion says",
    )
    .have(
        "chosen draws",
        Forall((_k,), eq(_so_far(1)(_k), _so_far(1)(_k + 1))),
        by=[fact("sum", w_=1, k=_k), fact("hypothesis 4", k=_k)],
    )
    .have(
        "attained",
        Forall((_k,), eq(_so_far(1)(0), _so_far(1)(_k))),
        by=["chosen draws", never_changes.at(F=_so_far(1))],
        note="the path of the minimising tokens",
    )
    .have(
        "at least",
        ge(log_path(least_path(), _K), least_remaining(1, 0)),
        by=[
            fact("below", k=_K),
            fact("start", w_=least_path()),
            fact("hypothesis 2", w_=least_path()),
            fact("hypothesis 3", w_=least_path()),
        ],
    )
    .have(
        "chosen path",
        eq(least_remaining(1, 0), log_path(1, _K)),
        by=[fact("attained", k=_K), fact("start", w_=1), fact("hypothesis 2", w_=1)],
    )
    .have("at most", le(log_path(least_path(), _K), log_path(1, _K)), by=unfold(above_least_path, w_=1))
    .have("value", eq(log_epsilon(), log_path(least_path(), _K)), by=unfold(log_epsilon))
    .have("recursion", eq(min_plus_value(), least_remaining(1, 0)), by=unfold(min_plus_value))
    .have(
        "both",
        eq(log_epsilon(), min_plus_value()),
        by=["at least", "at most", "chosen path", "value", "recursion"],
    ),
)

path_product = Claim(
    id="markov/path_product",
    title="An entry of A is one product",
    kind=Kind.EQUALITY,
    text=(
        "A(u, v) = prod_{k<K} P(v_{k+1} | u_{k+1}...u_K v_1...v_k), since the K tokens drawn must be v; hence log eps "
        "= min_u f_K(u) with f_0 = 0, f_{k+1}(u) = min_x [log P(x|u) + f_k(u x)], at a cost of K T^(K+1)"
    ),
    parameters=(T, K, path),
    assumptions=(POSITIVE,),
    hypotheses=(draws_are_tokens, draws_are_possible, _least_above, _nothing_left, _best_start, _chosen),
    statements=(
        equal(path_entry(path.symbol), sp.Product(draw(path.symbol, _i), (_i, 1, _K)), label="product"),
        equal(context_after(path.symbol, _K), written(path.symbol, _K), label="one path"),
        equal(log_epsilon(), min_plus_value(), label="recursion"),
        equal(sp.log(path_probability(path.symbol, _K)), log_path(path.symbol, _K), label="logarithm"),
    ),
    source=OWN,
    status=Status.OWN,
    derivation=derive()
    .have(
        "end", forgets_start.conclusion, by=[forgets_start.at(), "hypothesis 1"], note="so exactly one path leads to v"
    )
    .have("products", product_of_draws.conclusion, by=product_of_draws.at())
    .have(
        "product",
        eq(path_entry(path.symbol), sp.Product(draw(path.symbol, _i), (_i, 1, _K))),
        by=[unfold(path_entry, w_=path.symbol), fact("end", w_=path.symbol), fact("products", w_=path.symbol, k=_K)],
        note="rests on step 'end': the sum over paths from u to v has one term because the K draws must be v's tokens",
    )
    .have("one path", eq(context_after(path.symbol, _K), written(path.symbol, _K)), by=fact("end", w_=path.symbol))
    .have(
        "recursion",
        eq(log_epsilon(), min_plus_value()),
        by=[
            min_plus.at(),
            *(f"hypothesis {number}" for number in range(3, 7)),
        ],
        note="about paths; that they are the entries of A is step 'end'",
    )
    .have("logarithms", log_of_path.conclusion, by=[log_of_path.at(), "hypothesis 2"])
    .have(
        "logarithm",
        eq(sp.log(path_probability(path.symbol, _K)), log_path(path.symbol, _K)),
        by=fact("logarithms", w_=path.symbol, k=_K),
    ),
)
