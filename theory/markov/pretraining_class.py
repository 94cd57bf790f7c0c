"""Pre-training bounds and training (specification 2.F): the printed bound read for a trained model, and a bound that
holds for all models of a weighted class at once.

Models j = 0..M are numbered before the data are drawn and carry weights rho_j > 0 with sum at most 1, for instance
2^-bits for a model stored in that many bits. All logarithms are natural.

Main statements
    pretraining_gap_trained_as_stated   refuted by a model that stores the windows it has seen
    pretraining_gap_uniform             |Gamma| sqrt((log(1/delta) + log(1/rho))/(2N)), simultaneously
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from theory.assumption import FINITE_WINDOW
from theory.claim import Claim, Kind, Status, upper
from theory.define import defined, opaque
from theory.derivation import derive
from theory.justification import Termwise, algebra, decide, fact, quick, unfold
from theory.lemma import Lemma, meaning
from theory.markov.concentration import influence_by_norms, lower_tail_bound
from theory.markov.parameters import Gamma, N, T, delta, tau
from theory.markov.parameters_concentration import difference_norm, influence, lower_tail, mixing_norm
from theory.markov.parameters_pretraining import (
    B_U,
    ambiguity,
    c_0,
    d_,
    j_,
    l_,
    last_model,
    model,
    rho,
    s_,
    tv_loss,
    tv_risk,
)
from theory.markov.pretraining import tv_difference_norm
from theory.markov.pretraining_ranges import tv_loss_floor, tv_loss_range
from theory.parameter import Parameter, reals
from theory.proposition import Forall, eq, ge, gt, le
from theory.source import OWN, Source
from theory.verdict import Verdict

_T, _N, _G, _D, _J = T.symbol, N.symbol, Gamma.symbol, delta.symbol, model.symbol
_printed = ambiguity()

trained_gap = opaque(
    "markov/trained_gap",
    "trained_gap(N, delta) = what R - R^ does not exceed with probability >= 1 - delta, for the model obtained by "
    "training "
    "on the very windows that R^ is the mean over",
    bounds=(-1, 1),
)
pretraining_gap_trained_as_stated = Claim(
    id="markov/pretraining_gap_trained_as_stated",
    title="Pre-training gap read for a trained model",
    kind=Kind.HIGH_PROBABILITY,
    text=(
        "Reading: the bound of Theorem 4.2 holds for the Theta obtained by training on X, as Proposition 4.1 uses "
        "it; no "
        "supremum over the class is taken"
    ),
    parameters=(T, N, Gamma, delta, B_U, tau, c_0),
    assumptions=(FINITE_WINDOW,),
    statements=(
        upper(trained_gap(_N, _D), 2 * _G * sp.sqrt(_printed) * sp.sqrt(sp.log(2 / _D) / _N), trivial=1, label="gap"),
    ),
    source=Source("zekri2024", "Thm 4.2 as used in Prop. 4.1", "v2"),
    status=Status.AS_STATED,
    expected=Verdict.REFUTED,
    why="a model that stores the windows it has seen has R^ = 0 and errs on all others",
    confidence=delta,
)

_K, _R = last_model.symbol, rho.symbol
weight = opaque("markov/weight", "weight(j) = rho of model j, fixed before the data", latex=r"\rho_j", bounds=(0, 1))
weight_mass = defined(
    "markov/weight_mass",
    "weight_mass() = sum of the weights of the models 0..M, which is at most 1",
    (),
    sp.Sum(weight(j_), (j_, 0, _K)),
    bounds=(0, 1),
    range_by=(meaning(weight, side="high"), unfold(weight)),
    parameters=(last_model,),
)


def level_of(share: Any, confidence: Any = _D, windows: Any = _N) -> sp.Expr:
    """|Gamma| sqrt((log(1/delta) + log(1/share))/(2N)), real for every share in [0, 1]."""
    return _G * sp.sqrt(sp.Max(0, sp.log(1 / (confidence * share))) / (2 * windows))


first_excess = opaque(
    "markov/first_excess",
    "first_excess(j, delta, N) = probability that model j is the first of the class with R - R^ >= |Gamma| "
    "sqrt(log(1/(delta rho_j))/(2N)) on N windows",
    bounds=(0, 1),
)
later_excess = defined(
    "markov/later_excess",
    "later_excess(j, delta, N) = probability that model j exceeds its level and an earlier one does too, which is >= 0",
    (j_, d_, l_),
    lower_tail(tv_risk(j_, l_), level_of(weight(j_), d_, l_)) - first_excess(j_, d_, l_),
    bounds=(0, None),
    range_by=meaning(first_excess),
)
any_excess = opaque(
    "markov/any_excess",
    "any_excess(delta, N) = probability that some model j of the class has R - R^ >= |Gamma| sqrt(log(1/(delta "
    "rho_j))/(2N)) on N windows",
    bounds=(0, 1),
)
without_first = defined(
    "markov/without_first",
    "without_first(delta, N) = probability that some model of the class exceeds its level but none is the first: 0",
    (d_, l_),
    any_excess(d_, l_) - sp.Sum(first_excess(j_, d_, l_), (j_, 0, _K)),
    bounds=(0, 0),
    range_by=meaning(any_excess, first_excess),
)
class_gap = opaque(
    "markov/class_gap",
    "class_gap(j, delta, N) = largest R - R^ of model j on the event that no model of the class exceeds its "
    "level, where "
    "that event has probability >= 1 - delta; else 1",
    bounds=(-1, 1),
)
below_level = defined(
    "markov/below_level",
    "below_level(j, delta, N) = level of model j - class_gap(j, delta, N) where any_excess(delta, N) <= delta; it "
    "is >= 0 "
    "by the definition of that event",
    (j_, d_, l_),
    _G * sp.sqrt(sp.Max(0, sp.log(1 / (d_ * weight(j_)))) / (2 * l_)) - class_gap(j_, d_, l_),
    conditions=(le(any_excess(d_, l_), d_),),
    bounds=(0, None),
    range_by=meaning(class_gap, any_excess),
)
boole = Lemma(
    "markov/boole",
    "Union bound over the models of a class",
    (N, delta, Gamma, last_model),
    le(any_excess(_D, _N), sp.Sum(lower_tail(tv_risk(j_, _N), level_of(weight(j_))), (j_, 0, _K))),
    backing=derive(any_excess(_D, _N))
    .have(
        "first",
        Forall((j_,), le(first_excess(j_, _D, _N), lower_tail(tv_risk(j_, _N), level_of(weight(j_))))),
        by=[unfold(later_excess, j_=j_, d_=_D, l_=_N), quick],
        note="a part of the event that j exceeds its level",
    )
    .eq(
        sp.Sum(first_excess(j_, _D, _N), (j_, 0, _K)),
        by=[unfold(without_first, d_=_D, l_=_N), quick],
        name="one of them is the first",
    )
    .le(sp.Sum(lower_tail(tv_risk(j_, _N), level_of(weight(j_))), (j_, 0, _K)), by=[Termwise(), "first"], name="each"),
)

_M = le(j_, _K)
_level = level_of(weight(j_))
_mixing = Forall((j_,), le(mixing_norm(tv_risk(j_, _N)), _G))
_positive = Forall((j_,), gt(weight(j_), 0))
_share = Parameter("share", "w", "a share of delta", reals(0, 1, open="lower"), (0.001, 1))
share_level = Lemma(
    "markov/share_level",
    "exp(-max(0, log(1/w))) is w for 0 < w <= 1",
    (_share,),
    le(sp.exp(-sp.Max(0, sp.log(1 / _share.symbol))), _share.symbol),
    backing=derive().have("value", le(sp.exp(-sp.Max(0, sp.log(1 / _share.symbol))), _share.symbol), by=decide),
)
class_tail = Lemma(
    "markov/class_tail",
    "Some model of the class exceeds its level with probability at most delta",
    (T, N, delta, Gamma, last_model),
    le(any_excess(_D, _N), _D),
    hypotheses=(_mixing, _positive),
    backing=derive(any_excess(_D, _N))
    .have("share", Forall((j_,), le(_D * weight(j_), 1)), by=[unfold(weight), quick])
    .have("positive", Forall((j_,), gt(_D * weight(j_), 0)), by=[fact("hypothesis 2", j_=j_), quick])
    .have("floor", Forall((j_, s_), ge(tv_loss(j_, s_), 0)), by=tv_loss_floor.at(model=j_))
    .have("range", Forall((j_, s_), le(tv_loss(j_, s_), 1)), by=tv_loss_range.at(model=j_))
    .have(
        "differences",
        Forall((j_,), le(difference_norm(tv_risk(j_, _N)), 1 / sp.sqrt(_N))),
        by=[tv_loss_floor.at(model=j_), tv_loss_range.at(model=j_), tv_difference_norm.at(model=j_, largest=1)],
    )
    .have(
        "influence",
        Forall((j_,), le(influence(tv_risk(j_, _N)), _G / sp.sqrt(_N))),
        by=[
            fact("differences", j_=j_),
            fact("hypothesis 1", j_=j_),
            influence_by_norms.at(f=tv_risk(j_, _N)),
            unfold(difference_norm),
            quick,
        ],
    )
    .have(
        "tail",
        Forall((j_,), le(lower_tail(tv_risk(j_, _N), _level), sp.exp(-2 * _level**2 / (_G / sp.sqrt(_N)) ** 2))),
        by=[fact("influence", j_=j_), lower_tail_bound.at(f=tv_risk(j_, _N), u=_level, reach=_G / sp.sqrt(_N))],
    )
    .have(
        "share of delta",
        Forall((j_,), le(sp.exp(-sp.Max(0, sp.log(1 / (_D * weight(j_))))), _D * weight(j_))),
        by=[fact("share", j_=j_), fact("positive", j_=j_), share_level.at(share=_D * weight(j_))],
    )
    .have(
        "each",
        Forall((j_,), le(lower_tail(tv_risk(j_, _N), _level), _D * weight(j_))),
        by=[fact("tail", j_=j_), fact("share of delta", j_=j_), quick],
    )
    .le(sp.Sum(lower_tail(tv_risk(j_, _N), _level), (j_, 0, _K)), by=boole.at(), name="union bound")
    .le(sp.Sum(_D * weight(j_), (j_, 0, _K)), by=[Termwise(), "each"], name="levels")
    .eq(_D * weight_mass(), by=[unfold(weight_mass), algebra], name="share out delta")
    .le(_D, by=[unfold(weight_mass), quick], name="weights"),
)
pretraining_gap_uniform = Claim(
    id="markov/pretraining_gap_uniform",
    title="Pre-training gap, simultaneously over a weighted class",
    kind=Kind.HIGH_PROBABILITY,
    text=(
        "For a countable class with weights rho > 0, sum rho <= 1, fixed before the data: with probability at least "
        "1 - delta, simultaneously for all Theta, R <= R^ + |Gamma| sqrt((log(1/delta) + "
        "log(1/rho(Theta)))/(2N)); so it "
        "holds for a Theta chosen after seeing the data. rho = 2^-bits for a model stored in that many bits"
    ),
    parameters=(N, Gamma, delta, rho, T, last_model, model),
    assumptions=(FINITE_WINDOW,),
    hypotheses=(_mixing, _positive, eq(weight(_J), _R)),
    statements=(
        upper(
            class_gap(_J, _D, _N),
            _G * sp.sqrt((sp.log(1 / _D) + sp.log(1 / _R)) / (2 * _N)),
            trivial=1,
            label="gap",
        ),
    ),
    source=OWN,
    status=Status.CORRECTED,
    corrects=("markov/pretraining_gap_trained_as_stated",),
    confidence=delta,
    derivation=derive(class_gap(_J, _D, _N))
    .have("confidence", le(any_excess(_D, _N), _D), by=["hypothesis 1", "hypothesis 2", class_tail.at()])
    .le(
        level_of(weight(_J)),
        by=["confidence", unfold(below_level, j_=_J, d_=_D, l_=_N), quick],
        name="the event",
    )
    .eq(level_of(_R), by=["hypothesis 3", quick], name="weight")
    .eq(
        _G * sp.sqrt((sp.log(1 / _D) + sp.log(1 / _R)) / (2 * _N)),
        by=quick,
        name="logarithm",
    ),
)
