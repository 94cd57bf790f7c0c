"""From steps that are learnt each to chains that are learnt (specification `autoregressive` 2B).

Main statements
    position_occam        a table picked to fit the sample has eps_t > e with probability at most |H_t| (1 - e)^m
    some_step_is_large    err_AR > T e only where some eps_t > e
    union_of_positions    position failures of at most d/T each make a chain failure of at most d
"""

from __future__ import annotations

import sympy as sp

from theory.autoregressive.error_ranges import fit_power_table, step_error_sign, step_error_unit
from theory.autoregressive.errors import error_sandwich
from theory.autoregressive.parameters import T, delta, epsilon, m
from theory.autoregressive.rollout_identity import step
from theory.autoregressive.rollouts import ar_error, predictor, step_error
from theory.autoregressive.samples import (
    consistent_table,
    failure,
    fits_table,
    large,
    large_scale,
    large_step,
    large_step_not,
    large_step_scale,
    last_predictor,
    last_sample,
    learnt,
    learnt_tables,
    m_,
    over_class,
    over_samples,
    picked_table,
    sample_mass,
    x_,
    y_,
)
from theory.define import defined
from theory.derivation import derive
from theory.justification import Termwise, algebra, fact, quick, unfold
from theory.lemma import Lemma
from theory.lemmas.occam import occam
from theory.lemmas.unions import (
    all_within,
    expected_count,
    flag_at_most,
    none_at_most_one,
    none_nonnegative,
    union_bound,
    weighted,
)
from theory.parameter import Parameter, reals
from theory.proposition import Forall, eq, ge, le

level = Parameter("e", "e", "allowed error of a step", reals(0, 1), (0.001, 0.5))
t_, u_ = sp.Symbol("t_", integer=True, nonnegative=True), sp.Symbol("u_", real=True)
r_ = sp.Symbol("r", integer=True, positive=True)
_m, _T, _t, _e, _d, _h = m.symbol, T.symbol, step.symbol, level.symbol, delta.symbol, predictor.symbol
_J, _S, _eps = last_predictor.symbol, last_sample.symbol, epsilon.symbol

position_failure = defined(
    "autoregressive/position_failure",
    "position_failure(m, t, u) = Pr[eps_t of the predictor learnt from m chains > u]",
    (m_, t_, u_),
    over_samples(sample_mass(m_, x_) * large_step(learnt(m_, x_), t_, u_)),
)
_picked = over_class(large_step(y_, _t, _e) * picked_table(_m, x_, _t, y_))
position_occam = Lemma(
    "autoregressive/position_occam",
    "Learning one position: tables of large error fit many chains with small probability",
    (m, T, step, level, last_predictor, last_sample),
    le(position_failure(_m, _t, _e), (_J + 1) * (1 - _e) ** _m),
    backing=derive(position_failure(_m, _t, _e))
    .have("masses", Forall((x_,), ge(sample_mass(_m, x_), 0)), by=unfold(sample_mass))
    .have(
        "fitted",
        Forall((x_, y_), ge(fits_table(_m, x_, _t, y_) - picked_table(_m, x_, _t, y_), 0)),
        by=[unfold(consistent_table, m_=_m, x=x_, t_=_t, y=y_), quick],
    )
    .have("flag sign", Forall((y_,), ge(large_step(y_, _t, _e), 0)), by=unfold(large_step))
    .have("flag unit", Forall((y_,), le(large_step(y_, _t, _e), 1)), by=unfold(large_step))
    .have("error sign", Forall((y_,), ge(step_error(y_, _t), 0)), by=step_error_sign.at(h=y_))
    .have("error unit", Forall((y_,), le(step_error(y_, _t), 1)), by=step_error_unit.at(h=y_))
    .have("scale", Forall((y_,), ge(large_step_scale(y_, _t, _e), 0)), by=unfold(large_step_scale))
    .have(
        "flag",
        Forall((y_,), ge(large_step(y_, _t, _e) * (step_error(y_, _t) - _e), 0)),
        by=[unfold(large_step, h_=y_, t_=_t, u_=_e), fact("scale", y=y_), quick],
    )
    .have(
        "independent chains",
        Forall(
            (y_,),
            eq(over_samples(sample_mass(_m, x_) * fits_table(_m, x_, _t, y_)), (1 - step_error(y_, _t)) ** _m),
        ),
        by=fit_power_table.at(h=y_),
    )
    .have(
        "each sample",
        Forall(
            (x_,),
            eq(sample_mass(_m, x_) * large_step(learnt(_m, x_), _t, _e), sample_mass(_m, x_) * _picked),
        ),
        by=[unfold(learnt_tables, m_=_m, x=x_, t_=_t, u_=_e), quick],
    )
    .eq(
        over_samples(sample_mass(_m, x_) * large_step(learnt(_m, x_), _t, _e)),
        by=unfold(position_failure, m_=_m, t_=_t, u_=_e),
        name="failures",
    )
    .eq(over_samples(sample_mass(_m, x_) * _picked), by=[Termwise(), fact("each sample", x=x_)], name="tables picked")
    .le(
        (_J + 1) * (1 - _e) ** _m,
        by=[
            "masses",
            "fitted",
            "flag sign",
            "flag unit",
            "error sign",
            "error unit",
            "flag",
            "independent chains",
            occam.at(
                top=_S,
                last=_J,
                m=_m,
                e=_e,
                chance=sp.Lambda(x_, sample_mass(_m, x_)),
                picked=sp.Lambda((x_, y_), picked_table(_m, x_, _t, y_)),
                fits=sp.Lambda((x_, y_), fits_table(_m, x_, _t, y_)),
                bad=sp.Lambda(y_, large_step(y_, _t, _e)),
                err=sp.Lambda(y_, step_error(y_, _t)),
            ),
        ],
        name="Occam",
    ),
)

_flag = sp.Lambda(r_, large_step(_h, r_, _e))
_none = sp.Product(1 - large_step(_h, r_, _e), (r_, 1, _T))
_some = sp.Sum(large_step(_h, r_, _e), (r_, 1, _T))
_steps = sp.Sum(step_error(_h, r_), (r_, 1, _T))
_error = ar_error(_h, _T) - _T * _e
some_step_is_large = Lemma(
    "autoregressive/some_step_is_large",
    "err_AR > T e only where some eps_t > e",
    (predictor, T, level),
    le(large(_h, _T, _T * _e), _some),
    backing=derive()
    .have("sign", Forall((r_,), ge(large_step(_h, r_, _e), 0)), by=unfold(large_step))
    .have("unit", Forall((r_,), le(large_step(_h, r_, _e), 1)), by=unfold(large_step))
    .have(
        "unflagged",
        Forall((r_,), eq((1 - large_step(_h, r_, _e)) * sp.Max(0, step_error(_h, r_) - _e), 0)),
        by=[unfold(large_step_not, h_=_h, t_=r_, u_=_e), unfold(large_step, h_=_h, t_=r_, u_=_e), quick],
    )
    .have(
        "small steps",
        Forall((r_,), le((1 - large_step(_h, r_, _e)) * (step_error(_h, r_) - _e), 0)),
        by=[fact("unflagged", r=r_), fact("unit", r=r_), quick],
    )
    .have(
        "small sum",
        le(_none * (_steps - _T * _e), 0),
        by=["sign", "unit", "small steps", all_within.at(n=_T, c=_e, b=_flag, z=sp.Lambda(r_, step_error(_h, r_)))],
    )
    .have("no flag", ge(_none, 0), by=["sign", "unit", none_nonnegative.at(n=_T, b=_flag)])
    .have("flags", le(_none, 1), by=["sign", "unit", none_at_most_one.at(n=_T, b=_flag)])
    .have("sandwich", le(ar_error(_h, _T), _steps), by=error_sandwich.at("all tokens", t=1))
    .have("small chain", le(_none * _error, 0), by=["small sum", "no flag", "sandwich", quick])
    .have("chain sign", ge(large(_h, _T, _T * _e), 0), by=unfold(large))
    .have("chain unit", le(large(_h, _T, _T * _e), 1), by=unfold(large))
    .have("scale", ge(large_scale(_h, _T, _T * _e), 0), by=unfold(large_scale))
    .have(
        "chain flag",
        eq(large(_h, _T, _T * _e), large_scale(_h, _T, _T * _e) * sp.Max(0, _error)),
        by=unfold(large, h_=_h, t_=_T, u_=_T * _e),
    )
    .have(
        "only there",
        le(large(_h, _T, _T * _e), 1 - _none),
        by=[
            "small chain",
            "no flag",
            "flags",
            "chain sign",
            "chain unit",
            "scale",
            "chain flag",
            flag_at_most.at(G=_none, k=large_scale(_h, _T, _T * _e), E=_error, f=large(_h, _T, _T * _e)),
        ],
    )
    .have("union", le(1 - _none, _some), by=["sign", "unit", union_bound.at(n=_T, b=_flag)])
    .have("some step", le(large(_h, _T, _T * _e), _some), by=["only there", "union", quick]),
)

_learnt = learnt(_m, x_)
_count = sp.Sum(large_step(_learnt, r_, _e), (r_, 1, _T))
union_of_positions = Lemma(
    "autoregressive/union_of_positions",
    "Position failures of probability at most d/T make a chain failure of probability at most d",
    (m, T, level, delta, last_sample),
    le(failure(_m, _T * _e), _d),
    hypotheses=(Forall((r_,), le(position_failure(_m, r_, _e), _d / _T)),),
    backing=derive(failure(_m, _T * _e))
    .have("masses", Forall((x_,), ge(sample_mass(_m, x_), 0)), by=unfold(sample_mass))
    .have("some step", Forall((x_,), le(large(_learnt, _T, _T * _e), _count)), by=some_step_is_large.at(h=_learnt))
    .have(
        "each sample",
        Forall((x_,), le(sample_mass(_m, x_) * large(_learnt, _T, _T * _e), sample_mass(_m, x_) * _count)),
        by=[
            fact("masses", x=x_),
            fact("some step", x=x_),
            weighted.at(v=sample_mass(_m, x_), x=large(_learnt, _T, _T * _e), y=_count),
        ],
    )
    .have(
        "by position",
        Forall(
            (r_,), eq(over_samples(sample_mass(_m, x_) * large_step(_learnt, r_, _e)), position_failure(_m, r_, _e))
        ),
        by=unfold(position_failure, m_=_m, t_=r_, u_=_e),
    )
    .eq(
        over_samples(sample_mass(_m, x_) * large(_learnt, _T, _T * _e)),
        by=unfold(failure, m_=_m, u_=_T * _e),
        name="failures",
    )
    .le(over_samples(sample_mass(_m, x_) * _count), by=[Termwise(), fact("each sample", x=x_)], name="union bound")
    .eq(
        sp.Sum(position_failure(_m, r_, _e), (r_, 1, _T)),
        by=[
            "by position",
            expected_count.at(
                last=_S,
                n=_T,
                w=sp.Lambda(x_, sample_mass(_m, x_)),
                g=sp.Lambda((x_, r_), large_step(_learnt, r_, _e)),
                mean=sp.Lambda(r_, position_failure(_m, r_, _e)),
            ),
        ],
        name="positions",
    )
    .le(sp.Sum(_d / _T, (r_, 1, _T)), by=[Termwise(), fact("hypothesis 1", r=r_)], name="each position")
    .eq(_d, by=algebra, name="T shares"),
)
