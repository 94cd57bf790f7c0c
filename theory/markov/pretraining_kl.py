"""Pre-training bounds in Kullback-Leibler divergence (specification 2.F). Losses and risks are in nats.

Main statements
    pretraining_gap_kl_as_stated   the printed bound, with c_0 and 2 B_U/tau in the constant
    pretraining_gap_kl             losses lie in [0, log(1 + (T-1) e^(D_U/tau))]: no c_0, and a quarter of the constant
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from theory.assumption import FINITE_WINDOW, FIXED_MODEL, POSITIVE
from theory.claim import Claim, Kind, Status, upper
from theory.derivation import derive
from theory.justification import Termwise, algebra, fact, quick, unfold
from theory.lemma import Lemma
from theory.lemmas.divergence import kl_largest
from theory.lemmas.pinsker import pinsker
from theory.lemmas.softmax import floor_l1_loose
from theory.markov.concentration import confident_by_norms
from theory.markov.parameters import Gamma, N, T, delta, tau
from theory.markov.parameters_concentration import difference_norm, mixing_norm, shortfall
from theory.markov.parameters_pretraining import (
    B_U,
    D_U,
    ambiguity,
    c_0,
    in_ball,
    kl_change,
    kl_down,
    kl_loss,
    kl_norm,
    kl_risk,
    kl_up,
    model_law,
    model_mass,
    n_,
    row_length,
    row_total,
    s_,
    softmax_law,
    source_law,
    source_mass,
    state_logit,
    y_,
)
from theory.markov.pretraining import ambiguity_floor
from theory.markov.pretraining_ranges import law_floor, model_floor, state_size
from theory.parameter import Parameter, integers, reals
from theory.proposition import Forall, eq, ge, gt, le
from theory.source import OWN, Source
from theory.verdict import Verdict

_T, _N, _G, _D = T.symbol, N.symbol, Gamma.symbol, delta.symbol
_largest = Parameter("spread", "b", "range of the losses", reals(0, sp.oo, open="lower"), (0.1, 100), "nats")
_lowest = Parameter("lowest", r"\check b", "smallest loss", reals(), (-1, 1), "nats")
_L, _A = _largest.symbol, _lowest.symbol
_mixing = le(mixing_norm(kl_risk(_N)), _G)
_GAP = shortfall(kl_risk(_N), _D)

kl_gap_by_range = Lemma(
    "markov/kl_gap_by_range",
    "Losses in [a, a + b]: R - R^ <= |Gamma| b sqrt(log(1/delta)/(2N)) with probability at least 1 - delta",
    (N, Gamma, delta, _largest, _lowest),
    le(_GAP, _G * _L * sp.sqrt(sp.log(1 / _D) / (2 * _N))),
    hypotheses=(_mixing, Forall((s_,), le(kl_loss(s_), _A + _L)), Forall((s_,), ge(kl_loss(s_), _A))),
    backing=derive(_GAP)
    .have(
        "one window",
        Forall((n_,), eq(kl_change(_N, n_), (kl_loss(kl_up(n_)) - kl_loss(kl_down(n_))) / _N)),
        by=[unfold(kl_change, l_=_N, n_=n_), algebra],
    )
    .have(
        "change",
        Forall((n_,), le(kl_change(_N, n_), _L / _N)),
        by=[fact("one window", n_=n_), fact("hypothesis 2", s=kl_up(n_)), fact("hypothesis 3", s=kl_down(n_)), quick],
    )
    .have(
        "square",
        Forall((n_,), le(kl_change(_N, n_) ** 2, (_L / _N) ** 2)),
        by=[fact("change", n_=n_), unfold(kl_change, l_=_N, n_=n_), quick],
    )
    .have(
        "squares",
        le(sp.Sum(kl_change(_N, n_) ** 2, (n_, 1, _N)), sp.Sum((_L / _N) ** 2, (n_, 1, _N))),
        by=[Termwise(), "square"],
    )
    .have("equal terms", eq(sp.Sum((_L / _N) ** 2, (n_, 1, _N)), _L**2 / _N), by=algebra)
    .have(
        "squared norm",
        le(difference_norm(kl_risk(_N)) ** 2, _L**2 / _N),
        by=["squares", "equal terms", unfold(kl_norm, l_=_N), quick],
    )
    .have(
        "norm",
        le(difference_norm(kl_risk(_N)), _L / sp.sqrt(_N)),
        by=["squared norm", unfold(difference_norm), quick],
    )
    .le(
        _G * (_L / sp.sqrt(_N)) * sp.sqrt(sp.log(1 / _D) / 2),
        by=["hypothesis 1", "norm", confident_by_norms.at(f=kl_risk(_N), c_norm=_L / sp.sqrt(_N))],
        name="McDiarmid",
    )
    .eq(_G * _L * sp.sqrt(sp.log(1 / _D) / (2 * _N)), by=algebra, name="collect"),
)


_state = Parameter("state", "s", "a state", integers(0), (0, 10))
_least = Parameter("least", "m", "floor of the model's probabilities", reals(0, 1, open="lower"), (0.001, 0.5))
_S, _M = _state.symbol, _least.symbol
_inside = (le(y_, _T - 1),)
_source_positive = Forall((s_, y_), gt(source_law(s_, y_), 0), _inside)
_model_least = Forall((s_, y_), ge(model_law(0, s_, y_), _M), _inside)
_laws = {"top": _T - 1, "p": sp.Lambda(y_, source_law(_S, y_)), "q": sp.Lambda(y_, model_law(0, _S, y_))}


_positive_laws = (
    derive()
    .have("P*", Forall((y_,), gt(source_law(_S, y_), 0), _inside), by=fact("hypothesis 1", s=_S, k=y_))
    .have("P", Forall((y_,), ge(model_law(0, _S, y_), _M), _inside), by=fact("hypothesis 2", s=_S, k=y_))
    .have("P positive", Forall((y_,), gt(model_law(0, _S, y_), 0), _inside), by=[fact("P", k=y_), quick])
    .have("P* is a law", eq(sp.Sum(source_law(_S, y_), (y_, 0, _T - 1)), 1), by=[unfold(source_mass, s=_S), quick])
    .have(
        "P is a law", eq(sp.Sum(model_law(0, _S, y_), (y_, 0, _T - 1)), 1), by=[unfold(model_mass, j_=0, s=_S), quick]
    )
)
_given = ["P*", "P positive", "P* is a law", "P is a law"]
kl_at_most = Lemma(
    "markov/kl_at_most",
    "The KL loss is at most log(1/m) where the model's probabilities are at least m",
    (T, _state, _least),
    le(kl_loss(_S), sp.log(1 / _M)),
    hypotheses=(_source_positive, _model_least),
    backing=_positive_laws.have(
        "sum",
        le(kl_largest.at(q_min=_M, **_laws).conclusion.lhs, sp.log(1 / _M)),
        by=[*_given, "P", kl_largest.at(q_min=_M, **_laws)],
    ).have("at most", le(kl_loss(_S), sp.log(1 / _M)), by=[unfold(kl_loss, s=_S), "sum", quick]),
)
kl_at_least = Lemma(
    "markov/kl_at_least",
    "The KL loss is not negative",
    (T, _state, _least),
    ge(kl_loss(_S), 0),
    hypotheses=(_source_positive, _model_least),
    backing=_positive_laws.have("Pinsker", pinsker.at(**_laws).conclusion, by=[*_given, pinsker.at(**_laws)]).have(
        "at least", ge(kl_loss(_S), 0), by=[unfold(kl_loss, s=_S), "Pinsker", quick]
    ),
)
_softmax_floor = sp.log(1 + (_T - 1) * sp.exp(D_U.symbol / tau.symbol))
_token = Parameter("token", "x", "a token", integers(0, _T - 1), (0, 1))
_X = _token.symbol
_loose = 1 / (_T * sp.exp(2 * B_U.symbol / tau.symbol))
loose_floor = Lemma(
    "markov/loose_floor",
    "Every next-token probability of model 0 is at least e^(-2 B_U/tau)/T, as in the proof of Proposition F.9",
    (T, B_U, tau, _state, _token),
    ge(model_law(0, _S, _X), _loose),
    hypotheses=(in_ball,),
    backing=derive()
    .have(
        "each logit",
        Forall((y_,), le(sp.Abs(state_logit(_S, y_)), row_length(y_) / tau.symbol)),
        by=["hypothesis 1", state_size.at(one=y_)],
        note="claim markov/logit_norms",
    )
    .have(
        "l1 by rows",
        le(
            sp.Sum(sp.Abs(state_logit(_S, y_)), (y_, 0, _T - 1)),
            sp.Sum(row_length(y_) / tau.symbol, (y_, 0, _T - 1)),
        ),
        by=[Termwise(), "each logit"],
    )
    .have("rows", eq(sp.Sum(row_length(y_), (y_, 0, _T - 1)), B_U.symbol), by=[unfold(row_total), quick])
    .have(
        "total",
        eq(
            sp.Sum(row_length(y_) / tau.symbol, (y_, 0, _T - 1)),
            sp.Sum(row_length(y_), (y_, 0, _T - 1)) / tau.symbol,
        ),
        by=algebra,
    )
    .have(
        "norm",
        le(sp.Sum(sp.Abs(state_logit(_S, y_)), (y_, 0, _T - 1)), B_U.symbol / tau.symbol),
        by=["l1 by rows", "rows", "total", quick],
    )
    .have(
        "softmax",
        ge(sp.exp(state_logit(_S, _X)) / sp.Sum(sp.exp(state_logit(_S, y_)), (y_, 0, _T - 1)), _loose),
        by=["norm", floor_l1_loose.at(m=_T, i=_X, c=B_U.symbol / tau.symbol, x=sp.Lambda(y_, state_logit(_S, y_)))],
    )
    .have("floor", ge(model_law(0, _S, _X), _loose), by=["softmax", unfold(softmax_law, s=_S, x=_X), quick]),
)


def printed_kl(ratio: Any) -> sp.Expr:
    """sqrt(2) |Gamma| B sqrt(log(2/delta)/N), Theorem E.5."""
    return sp.sqrt(2) * _G * ratio * sp.sqrt(sp.log(2 / _D) / _N)


_ratio = Parameter("B", r"\mathfrak B", "bound of the losses", reals(0, sp.oo, open="lower"), (1, 100), "nats")
_B = _ratio.symbol
printed_kl_gap = Lemma(
    "markov/printed_kl_gap",
    "Theorem E.5 from losses in [0, B], with differences 2B/N and a two-sided tail",
    (T, N, Gamma, delta, _ratio),
    le(_GAP, printed_kl(_B)),
    hypotheses=(_mixing, Forall((s_,), le(kl_loss(s_), _B)), Forall((s_,), ge(kl_loss(s_), 0))),
    backing=derive(_GAP)
    .have("twice", Forall((s_,), le(kl_loss(s_), 0 + 2 * _B)), by=[fact("hypothesis 2", s=s_), quick])
    .le(
        _G * (2 * _B) * sp.sqrt(sp.log(1 / _D) / (2 * _N)),
        by=["hypothesis 1", "twice", "hypothesis 3", kl_gap_by_range.at(spread=2 * _B, lowest=0)],
        name="bounded differences",
    )
    .have("two tails", le(sp.log(1 / _D) / (2 * _N), sp.log(2 / _D) / (2 * _N)), by=quick)
    .have("roots", le(sp.sqrt(sp.log(1 / _D) / (2 * _N)), sp.sqrt(sp.log(2 / _D) / (2 * _N))), by=["two tails", quick])
    .le(_G * (2 * _B) * sp.sqrt(sp.log(2 / _D) / (2 * _N)), by=["roots", quick], name="delta/2")
    .eq(printed_kl(_B), by=algebra, name="collect"),
)
_printed = ambiguity()
pretraining_gap_kl_as_stated = Claim(
    id="markov/pretraining_gap_kl_as_stated",
    title="Pre-training gap in Kullback-Leibler divergence, as printed",
    kind=Kind.HIGH_PROBABILITY,
    text=(
        "With probability at least 1 - delta, R_KL <= R^_KL + Bbar sqrt(log(2/delta)/N) with Bbar = sqrt(2) |Gamma| "
        "max{log T + 2 B_U/tau, log(1/c_0)}; with Lambda for B_U in the depth version. True for a fixed "
        "Theta with final hidden states in the unit ball"
    ),
    parameters=(T, N, Gamma, delta, B_U, tau, c_0),
    assumptions=(POSITIVE, FINITE_WINDOW, FIXED_MODEL),
    hypotheses=(_mixing, _source_positive, in_ball),
    statements=(upper(_GAP, printed_kl(_printed), trivial=_printed),),
    source=Source("zekri2024", "Thm E.5, Cor. E.6", "v2"),
    status=Status.AS_STATED,
    expected=Verdict.VACUOUS,
    why=(
        "no loss exceeds max{log T + 2 B_U/tau, log(1/c_0)}, so the bound says something only for "
        "N > 2 |Gamma|^2 log(2/delta); twice the range is lost, and c_0 is not needed"
    ),
    confidence=delta,
    derivation=derive(_GAP)
    .have(
        "model",
        Forall((s_, y_), ge(model_law(0, s_, y_), _loose), _inside),
        by=["hypothesis 3", loose_floor.at(state=s_, token=y_)],
    )
    .have(
        "loss",
        Forall((s_,), le(kl_loss(s_), sp.log(1 / _loose))),
        by=["hypothesis 2", "model", kl_at_most.at(state=s_, least=_loose)],
    )
    .have("logarithm", eq(sp.log(1 / _loose), sp.log(_T) + 2 * B_U.symbol / tau.symbol), by=algebra)
    .have("at most", Forall((s_,), le(kl_loss(s_), _printed)), by=[fact("loss", s=s_), "logarithm", quick])
    .have(
        "at least",
        Forall((s_,), ge(kl_loss(s_), 0)),
        by=["hypothesis 2", "model", kl_at_least.at(state=s_, least=_loose)],
    )
    .have("ambiguity", ge(_printed, sp.log(2)), by=ambiguity_floor.at())
    .have("positive", gt(_printed, 0), by=["ambiguity", quick])
    .le(
        printed_kl(_printed),
        by=["hypothesis 1", "at most", "at least", "positive", printed_kl_gap.at(B=_printed)],
        name="McDiarmid",
    ),
)
pretraining_gap_kl = Claim(
    id="markov/pretraining_gap_kl",
    title="Pre-training gap in Kullback-Leibler divergence",
    kind=Kind.HIGH_PROBABILITY,
    text=(
        "With probability at least 1 - delta, R_KL <= R^_KL + |Gamma| b sqrt(log(1/delta)/(2N)) with "
        "b = log(1 + (T-1) e^(D_U/tau)), final hidden states in the unit ball; no c_0. "
        "Here the dependence on the architecture is genuine"
    ),
    parameters=(N, Gamma, delta, T, D_U, tau),
    assumptions=(POSITIVE, FINITE_WINDOW, FIXED_MODEL),
    hypotheses=(_mixing, _source_positive, in_ball),
    statements=(upper(_GAP, _G * _softmax_floor * sp.sqrt(sp.log(1 / _D) / (2 * _N)), trivial=_softmax_floor),),
    source=OWN,
    status=Status.SHARPENED,
    sharpens=("markov/pretraining_gap_kl_as_stated",),
    confidence=delta,
    derivation=derive(_GAP)
    .have(
        "model",
        Forall((s_, y_), ge(model_law(0, s_, y_), model_floor), _inside),
        by=["hypothesis 3", law_floor.at(state=s_, token=y_)],
    )
    .have("probability", le(model_floor, 1), by=quick)
    .have(
        "loss",
        Forall((s_,), le(kl_loss(s_), sp.log(1 / model_floor))),
        by=["hypothesis 2", "model", "probability", kl_at_most.at(state=s_, least=model_floor)],
    )
    .have("at most", Forall((s_,), le(kl_loss(s_), 0 + _softmax_floor)), by=[fact("loss", s=s_), quick])
    .have(
        "at least",
        Forall((s_,), ge(kl_loss(s_), 0)),
        by=["hypothesis 2", "model", "probability", kl_at_least.at(state=s_, least=model_floor)],
    )
    .have("range", gt(_softmax_floor, 0), by=quick)
    .le(
        _G * _softmax_floor * sp.sqrt(sp.log(1 / _D) / (2 * _N)),
        by=["hypothesis 1", "at most", "at least", "range", kl_gap_by_range.at(spread=_softmax_floor, lowest=0)],
        name="McDiarmid",
    ),
)
