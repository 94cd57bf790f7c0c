"""Chains that every learner of linear decoders over bits needs (specification `autoregressive` 2B).

N prompts: a heavy one and N - 1 light ones of mass theta/(N-1) each; the token that is free at a light prompt is a
fair coin. Linear decoders realise all labellings: prompts (code(tau), u) with u in {0, e_1, .., e_p}, and token t has
the score b + sum v_i u_i - 2 ham(code, code(t)), b = +-1, v_i in {0, -2b}.

Main statements
    sample_lower_bound   E err_AR >= (theta/2)(1 - m theta/(N-1)), so E err_AR <= eps needs m >= (N-1)/(8 eps)
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from theory.autoregressive.parameters import T, epsilon, m
from theory.claim import Claim, Kind, Status, equal, lower, upper
from theory.define import defined, opaque
from theory.derivation import derive
from theory.justification import Induction, Termwise, algebra, fact, quick, unfold
from theory.lemma import Definition, Lemma, meaning
from theory.lemmas.unions import bernoulli
from theory.parameter import Parameter, integers, reals
from theory.proposition import Forall, eq, ge, le
from theory.source import OWN

light = Parameter(
    "light", "N-1", "number of light prompts, one less than the prompts with free labels", integers(1), (1, 1000)
)
mass = Parameter("theta", r"\theta", "mass of the light prompts", reals(0, 1), (0.01, 1))
bits = Parameter("p", "p", "number of free bits of a prompt", integers(1), (1, 20))
bias = Parameter("b", "b", "bias of a token, the sign of its label at u = 0", reals(-1, 1), (-1, 1))
weight = Parameter("v", "v", "weight of a free bit, 0 or -2b", reals(-2, 2), (-2, 2))
distance = Parameter("ham", r"\mathrm{ham}", "Hamming distance to the code of another block", integers(1), (1, 10))
_m, _T, _N, _theta, _eps = m.symbol, T.symbol, light.symbol, mass.symbol, epsilon.symbol
_p, _b, _v, _ham = bits.symbol, bias.symbol, weight.symbol, distance.symbol
m_ = sp.Symbol("m_", integer=True, nonnegative=True)
k_ = sp.Symbol("k_", integer=True, nonnegative=True)
j_ = sp.Symbol("j", integer=True, positive=True)
w_ = sp.Symbol("w_", real=True)
c_ = sp.Symbol("c_", real=True)

_unseen = sp.Function("unseen", real=True)
unseen = Definition(
    "autoregressive/unseen",
    _unseen,
    "unseen(m, w) = probability that m independent draws miss a prompt of mass w",
    (Forall((w_,), eq(_unseen(0, w_), 1)), Forall((m_, w_), eq(_unseen(m_ + 1, w_), _unseen(m_, w_) * (1 - w_)))),
)
coin_error = opaque(
    "autoregressive/coin_error",
    "coin_error(m, w, j) = probability, over sample and coins, that what is learnt from m chains misses the coin of "
    "light prompt j of mass w",
    bounds=(0, 1),
)
coin_room = defined(
    "autoregressive/coin_room",
    "coin_room(m, w, j) = coin_error - unseen/2, which is >= 0: a fair coin that was not seen is missed with "
    "probability 1/2, whatever the learner answers",
    (m_, w_, j_),
    coin_error(m_, w_, j_) - unseen(m_, w_) / 2,
    bounds=(0, None),
    range_by=meaning(coin_error),
)
heavy_error = opaque(
    "autoregressive/heavy_error",
    "heavy_error(m, w, L) = expected error at the heavy prompt beside L light ones of mass w",
    bounds=(0, 1),
)
expected_coin_error = defined(
    "autoregressive/expected_coin_error",
    "expected_coin_error(m, w, L) = E err_AR of what is learnt from m chains over L light prompts of mass w and a "
    "heavy one, over fair coins; some labelling is at least as hard",
    (m_, w_, k_),
    heavy_error(m_, w_, k_) + sp.Sum(w_ * coin_error(m_, w_, j_), (j_, 1, k_)),
)
_labellings = sp.Function("labellings", integer=True, positive=True)
labellings = Definition(
    "autoregressive/labellings",
    _labellings,
    "labellings(t, p) = labellings of the blocks of t tokens that linear decoders realise: the p + 1 labels of a block "
    "are free, by the bias and p weights of its own token, and other tokens answer 0 there",
    (
        Forall((m_,), eq(_labellings(0, m_), 1)),
        Forall((k_, m_), eq(_labellings(k_ + 1, m_), _labellings(k_, m_) * 2 ** (m_ + 1))),
    ),
)
own_score = defined(
    "autoregressive/own_score",
    "own_score(b, v) = score of a token on its own block where a bit of weight v is 1 (v = 0: where none is)",
    (w_, c_),
    w_ + c_,
)
other_score = defined(
    "autoregressive/other_score",
    "other_score(b, v, h) = its score on a block at Hamming distance h",
    (w_, c_, m_),
    w_ + c_ - 2 * m_,
)


def coin_mass(theta: Any) -> sp.Expr:
    """Mass of one light prompt."""
    return theta / _N


_w = coin_mass(_theta)
_light = sp.Sum(_w * coin_error(_m, _w, j_), (j_, 1, _N))
coin_bound = Lemma(
    "autoregressive/coin_bound",
    "Fair coins at prompts that are rarely seen",
    (m, light, mass),
    ge(expected_coin_error(_m, _w, _N), _theta / 2 * (1 - _m * _theta / _N)),
    backing=derive()
    .have("light", le(_w, 1), by=quick)
    .have("light sign", ge(_w, 0), by=quick)
    .have("first", eq(unseen(0, _w), 1), by=unfold(unseen, w_=_w))
    .have("next", Forall((m_,), eq(unseen(m_ + 1, _w), unseen(m_, _w) * (1 - _w))), by=unfold(unseen, m_=m_, w_=_w))
    .have(
        "independent draws",
        Forall((m_,), eq(unseen(m_, _w), (1 - _w) ** m_)),
        by=[Induction(m_), "first", fact("next", m_=m_), quick],
    )
    .have("Bernoulli", ge((1 - _w) ** _m, 1 - _m * _w), by=["light", "light sign", bernoulli.at(m=_m, q=_w)])
    .have("unseen", ge(unseen(_m, _w), 1 - _m * _w), by=[fact("independent draws", m_=_m), "Bernoulli", quick])
    .have(
        "coin",
        Forall((j_,), ge(coin_error(_m, _w, j_), unseen(_m, _w) / 2)),
        by=[unfold(coin_room, m_=_m, w_=_w, j=j_), quick],
    )
    .have(
        "one prompt",
        Forall((j_,), ge(_w * coin_error(_m, _w, j_), _w * ((1 - _m * _w) / 2))),
        by=[fact("coin", j=j_), "unseen", "light sign", quick],
    )
    .have(
        "light prompts",
        ge(_light, sp.Sum(_w * ((1 - _m * _w) / 2), (j_, 1, _N))),
        by=[Termwise(), fact("one prompt", j=j_)],
    )
    .have(
        "count",
        eq(sp.Sum(_w * ((1 - _m * _w) / 2), (j_, 1, _N)), _theta / 2 * (1 - _m * _theta / _N)),
        by=algebra,
    )
    .have("heavy", ge(heavy_error(_m, _w, _N), 0), by=unfold(heavy_error))
    .have(
        "error",
        ge(expected_coin_error(_m, _w, _N), _theta / 2 * (1 - _m * _theta / _N)),
        by=[unfold(expected_coin_error, m_=_m, w_=_w, k_=_N), "light prompts", "count", "heavy", quick],
    ),
)
_hard = expected_coin_error(_m, coin_mass(4 * _eps), _N)
sample_lower_bound = Claim(
    id="autoregressive/sample_lower_bound",
    title="Linear decoders need of the order of T(n+T)/eps chains",
    kind=Kind.LOWER,
    text=(
        "K = 2, T <= 2^(n-1), eps <= 1/4, N = max(N_1, N_2), N_1 = T(n + 1 - ceil(log2 T)): every learner with "
        "E err_AR <= eps on all laws realizable by linear decoders uses m >= (N-1)/(8 eps) chains. All 2^N labellings "
        "of N prompts are realizable; with mass theta on light prompts E err_AR >= (theta/2)(1 - m theta/(N-1))"
    ),
    parameters=(m, light, epsilon, mass, T, bits, bias, weight, distance),
    hypotheses=(
        le(_eps, sp.Rational(1, 4)),
        le(_hard, _eps),
        eq(_b**2, 1),
        eq(_v * (_v + 2 * _b), 0),
    ),
    statements=(
        lower(_m, _N / (8 * _eps), label="chains"),
        lower(
            expected_coin_error(_m, coin_mass(_theta), _N),
            _theta / 2 * (1 - _m * _theta / _N),
            trivial=0,
            label="error",
        ),
        equal(labellings(_T, _p), 2 ** (_T * (_p + 1)), label="labellings"),
        equal(own_score(_b, _v) ** 2, 1, label="own block"),
        upper(other_score(_b, _v, _ham), -1, label="other blocks"),
    ),
    source=OWN,
    status=Status.OWN,
    remarks=(
        "With pac_to_ar_expected: the rate T(n+T)/eps is exact up to a constant for time-dependent linear decoders.",
        "The hypothesis on E err_AR is what a learner that meets eps satisfies at theta = 4 eps.",
    ),
    derivation=derive()
    .have(
        "error",
        ge(expected_coin_error(_m, coin_mass(_theta), _N), _theta / 2 * (1 - _m * _theta / _N)),
        by=coin_bound.at(),
    )
    .have("unit", le(4 * _eps, 1), by=["hypothesis 1", quick])
    .have("at 4 eps", ge(_hard, 2 * _eps * (1 - _m * (4 * _eps) / _N)), by=["unit", coin_bound.at(theta=4 * _eps)])
    .have("together", ge(_eps, 2 * _eps * (1 - _m * (4 * _eps) / _N)), by=["at 4 eps", "hypothesis 2", quick])
    .have("half", ge(_m * (4 * _eps) / _N, sp.Rational(1, 2)), by=["together", quick])
    .have("cross", ge(8 * _eps * _m, _N), by=["half", quick])
    .have("chains", ge(_m, _N / (8 * _eps)), by=["cross", quick])
    .have("no token", eq(labellings(0, _p), 1), by=unfold(labellings, m_=_p))
    .have(
        "one token more",
        Forall((k_,), eq(labellings(k_ + 1, _p), labellings(k_, _p) * 2 ** (_p + 1))),
        by=unfold(labellings, k_=k_, m_=_p),
    )
    .have("powers", Forall((k_,), eq(2 ** ((k_ + 1) * (_p + 1)), 2 ** (k_ * (_p + 1)) * 2 ** (_p + 1))), by=algebra)
    .have(
        "all tokens",
        Forall((k_,), eq(labellings(k_, _p), 2 ** (k_ * (_p + 1)))),
        by=[Induction(k_), "no token", fact("one token more", k_=k_), fact("powers", k_=k_), quick],
    )
    .have("labellings", eq(labellings(_T, _p), 2 ** (_T * (_p + 1))), by=fact("all tokens", k_=_T))
    .have(
        "own block",
        eq(own_score(_b, _v) ** 2, 1),
        by=[unfold(own_score, w_=_b, c_=_v), "hypothesis 3", "hypothesis 4", quick],
        note="b + v is b or -b",
    )
    .have(
        "other blocks",
        le(other_score(_b, _v, _ham), -1),
        by=[unfold(other_score, w_=_b, c_=_v, m_=_ham), unfold(own_score, w_=_b, c_=_v), "own block", quick],
        note="at most 1 - 2 ham",
    ),
)
