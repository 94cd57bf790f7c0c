"""Read-out error of learned concepts on clean prompts (specification `concepts` 2.C).

Main statements
    readout_error     right iff n_+ > n_- e^(-2 beta); the error by label mode
    readout_chernoff  2^-L <= error with iid labels <= e^(-L KL(c||1/2)) <= e^(-(L/2) tanh^2 beta)

A concept is learned where beta > 0 and p > 0. The attention on the matches is that of scores alpha + e_l e_q beta (D3,
D4), a sign-symmetric read-out gives e_q f = ([q + theta p]_+ - [q - theta p]_+)/2, and f = 0 is an error (D4).
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from theory.claim import Claim, Kind, Status, equal, lower, upper
from theory.concepts.readout_counts import (
    across,
    along,
    at_least_first,
    at_most_that,
    beta,
    binomial_theorem,
    chernoff_pinsker,
    chernoff_power,
    chernoff_term,
    coin_entropy,
    coin_entropy_of_rate,
    common_score,
    correct,
    cut_below,
    cut_off,
    equal_numbers,
    few,
    length,
    many,
    margin,
    margin_right,
    margin_wrong,
    more_matches,
    plus,
    relative_entropy,
    score,
    summed_up,
    surplus,
)
from theory.derivation import Derivation, derive
from theory.justification import algebra, fact, quick
from theory.proposition import Forall, eq, ge, gt, le
from theory.source import OWN

_a, _al, _b, _p, _q, _L = (s.symbol for s in (plus, score, beta, along, across, length))
_m = sp.Symbol("m", integer=True, nonnegative=True)
_o = sp.Symbol("o", integer=True)
_j = sp.Symbol("j", integer=True, nonnegative=True)
_n = sp.Symbol("n_", integer=True, nonnegative=True)
_rate = 1 / (1 + sp.exp(2 * _b))
_most = sp.floor(_L * _rate)

wrong = sp.Function("wrong", real=True)
_at = (_m, _o, _b, _p, _q)
_indicator = (
    Forall((_m, _o), eq(wrong(_m, _o), 0), (gt(margin(*_at), 0),)),
    Forall((_m, _o), eq(wrong(_m, _o), 1), (le(margin(*_at), 0),)),
)


def law(j: Any) -> sp.Expr:
    """P(n_+ = j) with iid labels: binomial."""
    return sp.binomial(_L, j) / 2**_L


def mean(last: Any, term: Any = 1) -> sp.Sum:
    """The sum over n_+ = 0..last of the law times a term."""
    return sp.Sum(law(_j) * term, (_j, 0, last))


_error = mean(_L, wrong(_j, _L - _j))


def _counted() -> Derivation:
    """The error with iid labels as a binomial sum."""
    return (
        derive()
        .have(
            "right",
            Forall((_m, _o), eq(wrong(_m, _o), 0), (gt(surplus(_m, _o, _b), 0), gt(_m + _o, 0))),
            by=[margin_right.at(np=_m, nm=_o), fact("hypothesis 1", m=_m, o=_o)],
        )
        .have(
            "wrong",
            Forall((_m, _o), eq(wrong(_m, _o), 1), (le(surplus(_m, _o, _b), 0), gt(_m + _o, 0))),
            by=[margin_wrong.at(np=_m, nm=_o), fact("hypothesis 2", m=_m, o=_o)],
        )
        .have("fewest", ge(_most, 0), by=quick)
        .have("not all", le(_most, _L), by=quick)
        .have("few", Forall((_j,), le(surplus(_j, _L - _j, _b), 0), (le(_j, _most),)), by=few.at())
        .have("many", Forall((_j,), gt(surplus(_j, _L - _j, _b), 0), (ge(_j, _most + 1),)), by=many.at())
        .have(
            "few are wrong",
            Forall((_j,), eq(wrong(_j, _L - _j), 1), (le(_j, _most),)),
            by=[fact("few", j=_j), fact("wrong", m=_j, o=_L - _j)],
        )
        .have(
            "many are right",
            Forall((_j,), eq(wrong(_j, _L - _j), 0), (ge(_j, _most + 1),)),
            by=[fact("many", j=_j), fact("right", m=_j, o=_L - _j)],
        )
        .have(
            "iid",
            eq(_error, mean(_most)),
            by=[
                "fewest",
                "not all",
                "few are wrong",
                "many are right",
                cut_off.at(F=_most, N=_L, u=sp.Lambda((_j,), wrong(_j, _L - _j)), v=sp.Lambda((_j,), law(_j))),
            ],
        )
    )


_single = surplus(1, _L - 1, _b)
readout_error = Claim(
    id="concepts/readout_error",
    title="Which prompts a learned concept gets right, and how many",
    kind=Kind.EQUALITY,
    text=(
        "on a clean prompt of a learned concept (beta > 0, p > 0, q > 0) the sign of e_q f is that of n_+ - n_- e^(-2 "
        "beta), so wrong(n_+, n_-) is 0 iff n_+ > n_- e^(-2 beta). Balanced labels: error 0. One match among L: right "
        "iff L < 1 + e^(2 beta), and no other prompt with a match does worse. iid labels, n_+ ~ Bin(L, 1/2): error "
        "P(Bin(L, 1/2) <= L/(1 + e^(2 beta)))"
    ),
    parameters=(length, plus, score, beta, along, across),
    functions=(wrong,),
    hypotheses=(*_indicator, ge(_a, 1), le(_a, _L)),
    statements=(
        equal(_error, mean(_most), label="iid"),
        equal(wrong(_a, _a), 0, label="balanced"),
        equal(correct(_a, _L - _a, _b, _al), correct(_a, _L - _a, _b), label="attention"),
        equal(_single * sp.exp(2 * _b), 1 + sp.exp(2 * _b) - _L, label="one match"),
        lower(surplus(_a, _L - _a, _b), _single, label="at least one match"),
    ),
    source=OWN,
    status=Status.OWN,
    derivation=_counted()
    .have("equal numbers", gt(surplus(_a, _a, _b), 0), by=equal_numbers.at())
    .have("some", gt(_a + _a, 0), by=["hypothesis 3", quick])
    .have("balanced", eq(wrong(_a, _a), 0), by=["equal numbers", "some", fact("right", m=_a, o=_a)])
    .have("demonstrations", gt(_a + (_L - _a), 0), by=quick)
    .have(
        "attention",
        eq(correct(_a, _L - _a, _b, _al), correct(_a, _L - _a, _b)),
        by=["demonstrations", common_score.at(nm=_L - _a)],
    )
    .have("one match", eq(_single * sp.exp(2 * _b), 1 + sp.exp(2 * _b) - _L), by=algebra)
    .have("at least one match", ge(surplus(_a, _L - _a, _b), _single), by=more_matches.at()),
)

_chernoff = sp.exp(-_L * coin_entropy)
_common = sp.exp(2 * _b * _rate * _L) / 2**_L
_theorem = (1 + sp.exp(-2 * _b)) ** _L
_parts = {"u": sp.Lambda((_j,), wrong(_j, _L - _j)), "v": sp.Lambda((_j,), law(_j))}


def _power(j: Any) -> sp.Expr:
    """C(L, j) e^(-2 beta j)."""
    return sp.binomial(_L, j) * sp.exp(-2 * _b) ** j


readout_chernoff = Claim(
    id="concepts/readout_chernoff",
    title="Exponential bounds of the error with iid labels",
    kind=Kind.UPPER,
    text=(
        "with c = 1/(1 + e^(2 beta)): 2^-L <= error with iid labels <= e^(-L KL(c || 1/2)) <= e^(-(L/2) tanh^2 beta), "
        "by Chernoff's and Pinsker's inequalities"
    ),
    parameters=(length, beta, along, across),
    functions=(wrong,),
    hypotheses=_indicator,
    statements=(
        upper(_error, sp.exp(-_L * sp.tanh(_b) ** 2 / 2), label="Pinsker", trivial=1),
        upper(_error, _chernoff, label="Chernoff", trivial=1),
        lower(_error, 2 ** (-_L), label="all alike", trivial=0),
        equal(relative_entropy, coin_entropy, label="relative entropy"),
        upper(_chernoff, sp.exp(-_L * sp.tanh(_b) ** 2 / 2), label="chain", trivial=1),
    ),
    source=OWN,
    status=Status.OWN,
    derivation=_counted()
    .have("length", ge(_L, 0), by=quick)
    .have("law", Forall((_n,), ge(law(_n), 0)), by=quick)
    .have(
        "all alike",
        ge(_error, 2 ** (-_L)),
        by=["length", "iid", "law", "fewest", at_least_first.at(F=_most, N=_L, **_parts)],
    )
    .have("count", Forall((_n,), le(_n, _L * _rate), (le(_n, _most),)), by=quick)
    .have(
        "term",
        Forall((_n,), le(law(_n), _common * _power(_n)), (le(_n, _most),)),
        by=[fact("law", n_=_n), fact("count", n_=_n), chernoff_term.at(np=_n), quick],
    )
    .have("sign", Forall((_n,), ge(_common * _power(_n), 0)), by=[fact("law", n_=_n), quick])
    .have(
        "tilted",
        le(_error, sp.Sum(_common * _power(_j), (_j, 0, _L))),
        by=[
            "length",
            "iid",
            "term",
            "sign",
            "fewest",
            "not all",
            cut_below.at(F=_most, N=_L, x=_common, w=sp.Lambda((_j,), _power(_j)), **_parts),
        ],
        note="Chernoff: the weight e^(2 beta (c L - j)) is at least 1 where the prompt is wrong",
    )
    .have(
        "binomial theorem",
        eq(sp.Sum(_power(_j), (_j, 0, _L)), _theorem),
        by=[binomial_theorem.at(t=sp.exp(-2 * _b))],
    )
    .have("power", eq(_common * _theorem, _chernoff), by=chernoff_power.at())
    .have(
        "Chernoff",
        le(_error, _chernoff),
        by=[
            "length",
            "tilted",
            "binomial theorem",
            "power",
            summed_up.at(N=_L, x=_common, W=_theorem, C=_chernoff, w=sp.Lambda((_j,), _power(_j)), **_parts),
        ],
    )
    .have("relative entropy", eq(relative_entropy, coin_entropy), by=coin_entropy_of_rate.at())
    .have("chain", le(_chernoff, sp.exp(-_L * sp.tanh(_b) ** 2 / 2)), by=chernoff_pinsker.at())
    .have(
        "Pinsker",
        le(_error, sp.exp(-_L * sp.tanh(_b) ** 2 / 2)),
        by=[
            "length",
            "Chernoff",
            "chain",
            at_most_that.at(N=_L, C=_chernoff, y=sp.exp(-_L * sp.tanh(_b) ** 2 / 2), **_parts),
        ],
    ),
)
