"""Pre-training bounds for a model fixed before the data (specification 2.F).

R^ is a function of the windows S_1..S_N; "R - R^ <= u with probability at least 1 - delta" is shortfall(R^, delta) <= u
(`theory.markov.concentration`). |Gamma| is the norm of the mixing matrix of the windows, which is about K and not 1 for
sliding windows (claim markov/window_mixing_floor).

Main statements
    pretraining_gap_as_stated   the printed bound, with the architecture in its constant
    pretraining_gap             |Gamma| sqrt(log(1/delta)/(2N)), nothing of the architecture

A class of models, and so models trained on the data, stands in `pretraining_class`.
"""

from __future__ import annotations

import sympy as sp

from theory.assumption import FINITE_WINDOW, FIXED_MODEL
from theory.claim import Claim, Kind, Status, upper
from theory.derivation import derive
from theory.justification import Termwise, algebra, fact, quick, unfold
from theory.lemma import Lemma
from theory.markov.concentration import (
    confident_by_norms,
)
from theory.markov.parameters import Gamma, N, T, delta, tau
from theory.markov.parameters_concentration import difference_norm, mixing_norm, shortfall
from theory.markov.parameters_pretraining import (
    B_U,
    D_U,
    above_c0,
    ambiguity,
    c_0,
    in_ball,
    model,
    model_law,
    model_mass,
    n_,
    over_tokens,
    s_,
    source_law,
    source_mass,
    tv_change,
    tv_down,
    tv_loss,
    tv_norm,
    tv_risk,
    tv_up,
    x_,
)
from theory.markov.pretraining_ranges import among, law_floor, model_floor, tv_loss_floor, tv_loss_range
from theory.parameter import Parameter, reals
from theory.proposition import Forall, eq, ge, gt, le, lt
from theory.source import OWN, Source
from theory.verdict import Verdict

_T, _N, _G, _D, _J = T.symbol, N.symbol, Gamma.symbol, delta.symbol, model.symbol
_largest = Parameter("largest", r"\hat g", "largest loss", reals(0, sp.oo, open="lower"), (0.01, 1))
_L = _largest.symbol

tv_difference_norm = Lemma(
    "markov/tv_difference_norm",
    "Losses in [0, g] give largest changes g/N and so |c| <= g/sqrt(N)",
    (N, model, _largest),
    le(difference_norm(tv_risk(_J, _N)), _L / sp.sqrt(_N)),
    hypotheses=(Forall((s_,), le(tv_loss(_J, s_), _L)), Forall((s_,), ge(tv_loss(_J, s_), 0))),
    backing=derive()
    .have(
        "one window",
        Forall((n_,), eq(tv_change(_J, _N, n_), (tv_loss(_J, tv_up(_J, n_)) - tv_loss(_J, tv_down(_J, n_))) / _N)),
        by=[unfold(tv_change, j_=_J, l_=_N, n_=n_), algebra],
        note="the other windows cancel",
    )
    .have(
        "change",
        Forall((n_,), le(tv_change(_J, _N, n_), _L / _N)),
        by=[
            fact("one window", n_=n_),
            fact("hypothesis 1", s=tv_up(_J, n_)),
            fact("hypothesis 2", s=tv_down(_J, n_)),
            quick,
        ],
    )
    .have(
        "square",
        Forall((n_,), le(tv_change(_J, _N, n_) ** 2, (_L / _N) ** 2)),
        by=[fact("change", n_=n_), unfold(tv_change, j_=_J, l_=_N, n_=n_), quick],
    )
    .have(
        "squares",
        le(sp.Sum(tv_change(_J, _N, n_) ** 2, (n_, 1, _N)), sp.Sum((_L / _N) ** 2, (n_, 1, _N))),
        by=[Termwise(), "square"],
    )
    .have("constant terms", eq(sp.Sum((_L / _N) ** 2, (n_, 1, _N)), _L**2 / _N), by=algebra)
    .have(
        "squared norm",
        le(difference_norm(tv_risk(_J, _N)) ** 2, _L**2 / _N),
        by=["squares", "constant terms", unfold(tv_norm, j_=_J, l_=_N), quick],
    )
    .have(
        "norm",
        le(difference_norm(tv_risk(_J, _N)), _L / sp.sqrt(_N)),
        by=["squared norm", unfold(difference_norm), quick],
    ),
)
_mixing = le(mixing_norm(tv_risk(_J, _N)), _G)
gap_by_range = Lemma(
    "markov/gap_by_range",
    "Losses in [0, g]: R - R^ <= |Gamma| g sqrt(log(1/delta)/(2N)) with probability at least 1 - delta",
    (N, model, Gamma, delta, _largest),
    le(shortfall(tv_risk(_J, _N), _D), _G * _L * sp.sqrt(sp.log(1 / _D) / (2 * _N))),
    hypotheses=(
        _mixing,
        Forall((s_,), le(tv_loss(_J, s_), _L)),
        Forall((s_,), ge(tv_loss(_J, s_), 0)),
    ),
    backing=derive(shortfall(tv_risk(_J, _N), _D))
    .have(
        "norm",
        le(difference_norm(tv_risk(_J, _N)), _L / sp.sqrt(_N)),
        by=["hypothesis 2", "hypothesis 3", tv_difference_norm.at()],
    )
    .le(
        _G * (_L / sp.sqrt(_N)) * sp.sqrt(sp.log(1 / _D) / 2),
        by=["hypothesis 1", "norm", confident_by_norms.at(f=tv_risk(_J, _N), c_norm=_L / sp.sqrt(_N))],
        name="bounded differences",
    )
    .eq(_G * _L * sp.sqrt(sp.log(1 / _D) / (2 * _N)), by=algebra, name="collect"),
)

_level = Parameter("B", r"\mathfrak B", "bound of the log-ratio", reals(sp.Rational(1, 2)), (1, 100), "nats")
_B = _level.symbol
printed_gap = Lemma(
    "markov/printed_gap",
    "Theorem 4.2 from a bound sqrt(2B) of the losses, with differences 2 sqrt(2B)/N and a two-sided tail",
    (T, N, model, Gamma, delta, _level),
    le(shortfall(tv_risk(_J, _N), _D), 2 * _G * sp.sqrt(_B) * sp.sqrt(sp.log(2 / _D) / _N)),
    hypotheses=(_mixing, Forall((s_,), le(tv_loss(_J, s_), sp.sqrt(2 * _B)))),
    backing=derive(shortfall(tv_risk(_J, _N), _D))
    .have("floor", tv_loss_floor.conclusion, by=tv_loss_floor.at())
    .have(
        "twice",
        Forall((s_,), le(tv_loss(_J, s_), 2 * sp.sqrt(2 * _B))),
        by=[fact("hypothesis 2", s=s_), quick],
    )
    .le(
        _G * (2 * sp.sqrt(2 * _B)) * sp.sqrt(sp.log(1 / _D) / (2 * _N)),
        by=["hypothesis 1", "twice", "floor", gap_by_range.at(largest=2 * sp.sqrt(2 * _B))],
        name="bounded differences",
    )
    .have("two tails", le(sp.log(1 / _D) / (2 * _N), sp.log(2 / _D) / (2 * _N)), by=quick)
    .have("roots", le(sp.sqrt(sp.log(1 / _D) / (2 * _N)), sp.sqrt(sp.log(2 / _D) / (2 * _N))), by=["two tails", quick])
    .le(
        _G * (2 * sp.sqrt(2 * _B)) * sp.sqrt(sp.log(2 / _D) / (2 * _N)),
        by=["roots", quick],
        name="delta/2",
    )
    .eq(2 * _G * sp.sqrt(_B) * sp.sqrt(sp.log(2 / _D) / _N), by=algebra, name="collect"),
)

_fixed_mixing = le(mixing_norm(tv_risk(0, _N)), _G)
_printed = ambiguity()
_GAP = shortfall(tv_risk(0, _N), _D)
_range_facts = (
    derive(_GAP)
    .have("at most one", Forall((s_,), le(tv_loss(0, s_), 1)), by=tv_loss_range.at(model=0))
    .have("not negative", Forall((s_,), ge(tv_loss(0, s_), 0)), by=tv_loss_floor.at(model=0))
)
ambiguity_floor = Lemma(
    "markov/ambiguity_floor",
    "The constant of D16 is at least log T >= log 2",
    (T, B_U, tau, c_0),
    ge(_printed, sp.log(2)),
    backing=derive()
    .have("vocabulary", ge(sp.log(_T), sp.log(2)), by=quick)
    .have("ambiguity", ge(_printed, sp.log(2)), by=["vocabulary", quick]),
)
pretraining_gap_as_stated = Claim(
    id="markov/pretraining_gap_as_stated",
    title="Pre-training gap with the architecture in the constant",
    kind=Kind.HIGH_PROBABILITY,
    text=(
        "With probability at least 1 - delta, R(Theta) <= R^(Theta) + Bbar sqrt(log(2/delta)/N) with "
        "Bbar = 2 |Gamma| sqrt(max{log T + 2 B_U/tau, log(1/c_0)}); true for a Theta fixed before the data"
    ),
    parameters=(T, N, Gamma, delta, B_U, tau, c_0),
    assumptions=(FINITE_WINDOW, FIXED_MODEL),
    hypotheses=(_fixed_mixing,),
    statements=(upper(_GAP, 2 * _G * sp.sqrt(_printed) * sp.sqrt(sp.log(2 / _D) / _N), trivial=1),),
    source=Source("zekri2024", "Thm 4.2 = F.11", "v2"),
    status=Status.AS_STATED,
    expected=Verdict.VACUOUS,
    why=(
        "the bound exceeds 1 unless N > 4 |Gamma|^2 log(T) log(2/delta), and |Gamma| is about K for sliding windows; "
        "losses never exceed 1, so the architecture constant is not needed at all"
    ),
    confidence=delta,
    derivation=_range_facts.have("ambiguity", ge(_printed, sp.log(2)), by=ambiguity_floor.at())
    .have(
        "loss",
        Forall((s_,), le(tv_loss(0, s_), sp.sqrt(2 * _printed))),
        by=[fact("at most one", s=s_), "ambiguity", quick],
        note="the printed bound sqrt(2B) of the loss is at least 1",
    )
    .have("level", ge(_printed, sp.Rational(1, 2)), by=["ambiguity", quick])
    .le(
        2 * _G * sp.sqrt(_printed) * sp.sqrt(sp.log(2 / _D) / _N),
        by=["hypothesis 1", "loss", "level", printed_gap.at(model=0, B=_printed)],
        name="McDiarmid",
    ),
)

_shared = sp.Min(c_0.symbol, model_floor)
loss_below_one = Lemma(
    "markov/loss_below_one",
    "Two laws with all probabilities at least m share mass T m: g <= 1 - T min(c_0, floor of the softmax)",
    (T, c_0, D_U, tau),
    Forall((s_,), le(tv_loss(0, s_), 1 - _T * _shared)),
    hypotheses=(in_ball,),
    backing=derive()
    .have(
        "model",
        Forall((s_, x_), ge(model_law(0, s_, x_), model_floor), among),
        by=["hypothesis 1", law_floor.at(state=s_, token=x_)],
    )
    .have("source", Forall((s_, x_), ge(source_law(s_, x_), c_0.symbol)), by=[unfold(above_c0, s=s_, x=x_), quick])
    .have(
        "each token",
        Forall(
            (s_, x_),
            le(
                sp.Abs(source_law(s_, x_) - model_law(0, s_, x_)),
                source_law(s_, x_) + model_law(0, s_, x_) - 2 * _shared,
            ),
            among,
        ),
        by=[fact("model", s=s_, x=x_), fact("source", s=s_, x=x_), quick],
    )
    .have(
        "all tokens",
        Forall(
            (s_,),
            le(
                over_tokens(sp.Abs(source_law(s_, x_) - model_law(0, s_, x_))),
                over_tokens(source_law(s_, x_) + model_law(0, s_, x_) - 2 * _shared),
            ),
        ),
        by=[Termwise(), "each token"],
    )
    .have(
        "mass",
        Forall(
            (s_,),
            eq(
                over_tokens(source_law(s_, x_) + model_law(0, s_, x_) - 2 * _shared),
                source_mass(s_) + model_mass(0, s_) - 2 * _T * _shared,
            ),
        ),
        by=[unfold(source_mass, s=s_), unfold(model_mass, j_=0, s=s_), algebra],
    )
    .have(
        "range",
        Forall((s_,), le(tv_loss(0, s_), 1 - _T * _shared)),
        by=[
            unfold(tv_loss, j_=0, s=s_),
            fact("all tokens", s=s_),
            fact("mass", s=s_),
            unfold(source_mass, s=s_),
            unfold(model_mass, j_=0, s=s_),
            quick,
        ],
    ),
)
_refined = 1 - _T * _shared
pretraining_gap = Claim(
    id="markov/pretraining_gap",
    title="Pre-training gap of a fixed model",
    kind=Kind.HIGH_PROBABILITY,
    text=(
        "With probability at least 1 - delta, R(Theta) <= R^(Theta) + |Gamma| sqrt(log(1/delta)/(2N)) for a Theta "
        "fixed "
        "before the data: no T, B_U, tau, c_0, r, L, H. Refined, for final hidden states in "
        "the unit ball: times 1 - T min(c_0, 1/(1 + (T-1) e^(D_U/tau)))"
    ),
    parameters=(N, Gamma, delta, T, c_0, D_U, tau),
    assumptions=(FINITE_WINDOW, FIXED_MODEL),
    hypotheses=(_fixed_mixing, in_ball),
    statements=(
        upper(_GAP, _G * sp.sqrt(sp.log(1 / _D) / (2 * _N)), trivial=1, label="gap"),
        upper(_GAP, _G * _refined * sp.sqrt(sp.log(1 / _D) / (2 * _N)), trivial=1, label="refined"),
    ),
    source=OWN,
    status=Status.SHARPENED,
    sharpens=("markov/pretraining_gap_as_stated",),
    confidence=delta,
    remarks=("The printed constant is larger by 2 sqrt(2B) >= 2 sqrt(2 log 2) and sqrt(log(2/delta)/log(1/delta)).",),
    derivation=_range_facts.have(
        "gap",
        le(_GAP, _G * sp.sqrt(sp.log(1 / _D) / (2 * _N))),
        by=["hypothesis 1", "at most one", "not negative", gap_by_range.at(model=0, largest=1)],
    )
    .have("shared mass", Forall((s_,), le(tv_loss(0, s_), _refined)), by=["hypothesis 2", loss_below_one.at()])
    .have("floor below 1/T", lt(_T * model_floor, 1), by=quick)
    .have("positive", gt(_refined, 0), by=["floor below 1/T", quick])
    .have(
        "refined",
        le(_GAP, _G * _refined * sp.sqrt(sp.log(1 / _D) / (2 * _N))),
        by=["hypothesis 1", "shared mass", "not negative", "positive", gap_by_range.at(model=0, largest=_refined)],
    ),
)
