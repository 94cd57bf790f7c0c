"""Token-level bounds without a mixing assumption (specification 2.F).

The log-loss l_n = -log P_j(X_{n+1} | S_n) minus its expectation given the past is a martingale difference that ranges,
given the past, over an interval no longer than the range b of the logits/tau. Models j = 0..M carry weights as in
`pretraining_class`. Losses are in nats.

Main statement: token_level_gap.
"""

from __future__ import annotations

import sympy as sp

from theory.claim import Claim, Kind, Status, upper
from theory.define import defined, opaque
from theory.derivation import derive
from theory.justification import Termwise, algebra, fact, quick, unfold
from theory.lemma import Citation, Lemma, meaning
from theory.markov.parameters import N, T, delta
from theory.markov.parameters_pretraining import d_, j_, l_, last_model, model, rho
from theory.markov.pretraining_class import share_level, weight, weight_mass
from theory.parameter import Parameter, reals
from theory.proposition import Forall, eq, gt, le
from theory.source import Source

b = Parameter(
    "b",
    "b",
    "range of the logits divided by the temperature, over all states",
    reals(0, sp.oo, open="lower"),
    (0.1, 20),
    "nats",
)
_N, _D, _J, _K, _R, _B, _T = N.symbol, delta.symbol, model.symbol, last_model.symbol, rho.symbol, b.symbol, T.symbol
_u = Parameter("u", "u", "level", reals(0), (0, 1), "nats")


def _level(share: sp.Expr, length: sp.Expr = _N, confidence: sp.Expr = _D) -> sp.Expr:
    return _B * sp.sqrt(sp.Max(0, sp.log(1 / (confidence * share))) / (2 * length))


loss_tail = opaque(
    "markov/loss_tail", "loss_tail(j, N, u) = P((1/N) sum_n (E[l_n | past] - l_n) >= u) for model j", bounds=(0, 1)
)
logit_range = opaque(
    "markov/logit_range",
    "logit_range(j) = largest range of the logits / tau of model j over the states, nats",
    bounds=(0, None),
)
azuma = Lemma(
    "markov/azuma",
    "Azuma-Hoeffding: martingale differences in intervals of length b given the past",
    (N, model, b, _u),
    le(loss_tail(_J, _N, _u.symbol), sp.exp(-2 * _u.symbol**2 * _N / _B**2)),
    hypotheses=(le(logit_range(_J), _B),),
    statement="given the past, -log P(x|s) ranges over max - min logit (claim markov/softmax_floor_range)",
    backing=Citation(Source("azuma1967"), "with Hoeffding's lemma (1963) for the conditional range"),
)
first_token_excess = opaque(
    "markov/first_token_excess",
    "first_token_excess(j, delta, N) = probability that model j is the first of the class with "
    "(1/N) sum_n (E[l_n | past] - l_n) >= b sqrt(log(1/(delta rho_j))/(2N))",
    bounds=(0, 1),
)
later_token_excess = defined(
    "markov/later_token_excess",
    "later_token_excess(j, delta, N) = probability that model j exceeds its level and an earlier one does too, >= 0",
    (j_, d_, l_),
    loss_tail(j_, l_, _level(weight(j_), l_, d_)) - first_token_excess(j_, d_, l_),
    bounds=(0, None),
    range_by=meaning(first_token_excess),
)
any_token_excess = opaque(
    "markov/any_token_excess",
    "any_token_excess(delta, N, b) = probability that for some model j of the class (1/N) sum_n (E[l_n | past] - l_n) "
    ">= b sqrt(log(1/(delta rho_j))/(2N))",
    bounds=(0, 1),
)
token_without_first = defined(
    "markov/token_without_first",
    "token_without_first(delta, N) = probability that some model of the class exceeds its level but none is the first: "
    "0",
    (d_, l_),
    any_token_excess(d_, l_, _B) - sp.Sum(first_token_excess(j_, d_, l_), (j_, 0, _K)),
    bounds=(0, 0),
    range_by=meaning(any_token_excess, first_token_excess),
)
token_boole = Lemma(
    "markov/token_boole",
    "Union bound over the models of a class",
    (N, delta, b, last_model),
    le(any_token_excess(_D, _N, _B), sp.Sum(loss_tail(j_, _N, _level(weight(j_))), (j_, 0, _K))),
    backing=derive(any_token_excess(_D, _N, _B))
    .have(
        "first",
        Forall((j_,), le(first_token_excess(j_, _D, _N), loss_tail(j_, _N, _level(weight(j_))))),
        by=[unfold(later_token_excess, j_=j_, d_=_D, l_=_N), quick],
        note="a part of the event that j exceeds its level",
    )
    .eq(
        sp.Sum(first_token_excess(j_, _D, _N), (j_, 0, _K)),
        by=[unfold(token_without_first, d_=_D, l_=_N), quick],
        name="one of them is the first",
    )
    .le(sp.Sum(loss_tail(j_, _N, _level(weight(j_))), (j_, 0, _K)), by=[Termwise(), "first"], name="each"),
)
token_loss_gap = opaque(
    "markov/token_loss_gap",
    "token_loss_gap(j, delta, N) = largest (1/N) sum_n (E[l_n | past] - l_n) of model j on the event that no "
    "model exceeds "
    "its level, where that event has probability >= 1 - delta; else b",
)
token_event = defined(
    "markov/token_event",
    "token_event(j, delta, N) = level of model j - token_loss_gap(j, delta, N) where any_token_excess(delta, N, b) "
    "<= delta; "
    "it is >= 0 by the definition of that event",
    (j_, d_, l_),
    _level(weight(j_), l_, d_) - token_loss_gap(j_, d_, l_),
    conditions=(le(any_token_excess(d_, l_, _B), d_),),
    bounds=(0, None),
    range_by=meaning(token_loss_gap, any_token_excess),
)
_positive = Forall((j_,), gt(weight(j_), 0))
_ranges = Forall((j_,), le(logit_range(j_), _B))
_each = _level(weight(j_))
token_class_tail = Lemma(
    "markov/token_class_tail",
    "Some model of the class exceeds its level with probability at most delta",
    (N, delta, b, last_model),
    le(any_token_excess(_D, _N, _B), _D),
    hypotheses=(_positive, _ranges),
    backing=derive(any_token_excess(_D, _N, _B))
    .have("share", Forall((j_,), le(_D * weight(j_), 1)), by=[unfold(weight), quick])
    .have("positive", Forall((j_,), gt(_D * weight(j_), 0)), by=[fact("hypothesis 1", j_=j_), quick])
    .have(
        "tail",
        Forall((j_,), le(loss_tail(j_, _N, _each), sp.exp(-2 * _each**2 * _N / _B**2))),
        by=[fact("hypothesis 2", j_=j_), azuma.at(model=j_, u=_each)],
    )
    .have(
        "share of delta",
        Forall((j_,), le(sp.exp(-sp.Max(0, sp.log(1 / (_D * weight(j_))))), _D * weight(j_))),
        by=[fact("share", j_=j_), fact("positive", j_=j_), share_level.at(share=_D * weight(j_))],
    )
    .have(
        "each",
        Forall((j_,), le(loss_tail(j_, _N, _each), _D * weight(j_))),
        by=[fact("tail", j_=j_), fact("share of delta", j_=j_), quick],
    )
    .le(sp.Sum(loss_tail(j_, _N, _each), (j_, 0, _K)), by=token_boole.at(), name="union bound")
    .le(sp.Sum(_D * weight(j_), (j_, 0, _K)), by=[Termwise(), "each"], name="levels")
    .eq(_D * weight_mass(), by=[unfold(weight_mass), algebra], name="share out delta")
    .le(_D, by=[unfold(weight_mass), quick], name="weights"),
)
token_level_gap = Claim(
    id="markov/token_level_gap",
    title="Token-level bound for trained models, without mixing",
    kind=Kind.HIGH_PROBABILITY,
    text=(
        "With probability at least 1 - delta, simultaneously over a weighted class, (1/N) sum E[l_n | past] <= "
        "(1/N) sum "
        "l_n + b sqrt((log(1/delta) + log(1/rho))/(2N)), l_n = -log P(X_{n+1} | S_n), b = bound on the range of "
        "the logits / tau of all models; the "
        "left side is the mean of H(P*(.|past)) + d_KL(P* || P)"
    ),
    parameters=(N, delta, b, rho, T, last_model, model),
    hypotheses=(_positive, eq(weight(_J), _R), _ranges),
    statements=(
        upper(
            token_loss_gap(_J, _D, _N),
            _B * sp.sqrt((sp.log(1 / _D) + sp.log(1 / _R)) / (2 * _N)),
            trivial=sp.log(1 + (_T - 1) * sp.exp(_B)),
        ),
    ),
    source=Source("lotfi2024", "bounds of this form", recheck=True),
    status=Status.OWN,
    confidence=delta,
    derivation=derive(token_loss_gap(_J, _D, _N))
    .have(
        "confidence",
        le(any_token_excess(_D, _N, _B), _D),
        by=["hypothesis 1", "hypothesis 3", token_class_tail.at()],
    )
    .le(_level(weight(_J)), by=["confidence", unfold(token_event, j_=_J, d_=_D, l_=_N), quick], name="the event")
    .eq(_level(_R), by=["hypothesis 2", quick], name="weight")
    .eq(_B * sp.sqrt((sp.log(1 / _D) + sp.log(1 / _R)) / (2 * _N)), by=quick, name="logarithm"),
)
