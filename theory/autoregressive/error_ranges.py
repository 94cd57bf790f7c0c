"""Errors are probabilities: the ranges of eps_t, err_AR and of what is learnt from samples.

Main statements
    step_error_sign, step_error_unit   0 <= eps_t <= 1
    ar_error_sign                      0 <= err_AR (at most 1 by error_sandwich)
    fit_power, fit_power_table         a hypothesis of error r fits m independent chains with probability (1 - r)^m
"""

from __future__ import annotations

from typing import Any

from theory.autoregressive.errors import error_sandwich
from theory.autoregressive.parameters import K, T, m
from theory.autoregressive.rollout_identity import step
from theory.autoregressive.rollouts import (
    ar_error,
    i_,
    last_prompt,
    over_prompts,
    predictor,
    prompt_mass,
    step_error,
    teacher_miss,
)
from theory.autoregressive.samples import (
    fit_mass,
    fit_mass_table,
    fit_probability,
    fit_probability_table,
    fits,
    fits_table,
    last_sample,
    m_,
    over_samples,
    sample_mass,
    x_,
)
from theory.derivation import derive
from theory.justification import Induction, SingleTerm, fact, quick, unfold
from theory.lemma import Lemma
from theory.proposition import Forall, eq, ge, le

_h, _T, _t, _m = predictor.symbol, T.symbol, step.symbol, m.symbol

step_error_sign = Lemma(
    "autoregressive/step_error_sign",
    "eps_t >= 0",
    (predictor, T, step),
    ge(step_error(_h, _t), 0),
    backing=derive(parameters=(K, last_prompt))
    .have("miss", Forall((i_,), ge(teacher_miss(_h, i_, _t), 0)), by=unfold(teacher_miss))
    .have("mass", Forall((i_,), ge(prompt_mass(i_), 0)), by=unfold(prompt_mass))
    .have(
        "term",
        Forall((i_,), ge(prompt_mass(i_) * teacher_miss(_h, i_, _t), 0)),
        by=[fact("miss", x=i_), fact("mass", x=i_), quick],
    )
    .have("sum", ge(over_prompts(prompt_mass(i_) * teacher_miss(_h, i_, _t)), 0), by=[SingleTerm(0), "term"])
    .have("sign", ge(step_error(_h, _t), 0), by=[unfold(step_error, h_=_h, t_=_t), "sum", quick]),
)
step_error_unit = Lemma(
    "autoregressive/step_error_unit",
    "eps_t <= 1",
    (predictor, T, step),
    le(step_error(_h, _t), 1),
    backing=derive()
    .have("one token", le(step_error(_h, _t), ar_error(_h, _T)), by=error_sandwich.at("one token"))
    .have("probability", le(ar_error(_h, _T), 1), by=error_sandwich.at("probability"))
    .have("unit", le(step_error(_h, _t), 1), by=["one token", "probability", quick]),
)
ar_error_sign = Lemma(
    "autoregressive/ar_error_sign",
    "err_AR >= 0",
    (predictor, T),
    ge(ar_error(_h, _T), 0),
    backing=derive()
    .have("one token", le(step_error(_h, 1), ar_error(_h, _T)), by=error_sandwich.at("one token", t=1))
    .have("sign", ge(step_error(_h, 1), 0), by=step_error_sign.at(t=1))
    .have("error", ge(ar_error(_h, _T), 0), by=["one token", "sign", quick]),
)


def _fitting(name: str, probability: Any, fitting: Any, mass: Any, extra: tuple[Any, ...], error: Any) -> Lemma:
    at = {"t_": extra[0]} if extra else {}
    fitted = over_samples(sample_mass(_m, x_) * fitting(_m, x_, *extra, _h))
    return Lemma(
        f"autoregressive/{name}",
        "Independent chains are fitted independently",
        (m, predictor, T, step, last_sample),
        eq(fitted, (1 - error) ** _m),
        backing=derive()
        .have("none", eq(probability(*extra, _h, 0), 1), by=unfold(probability, y=_h, **at))
        .have(
            "one more",
            Forall((m_,), eq(probability(*extra, _h, m_ + 1), probability(*extra, _h, m_) * (1 - error))),
            by=unfold(probability, y=_h, m_=m_, **at),
        )
        .have(
            "power",
            Forall((m_,), eq(probability(*extra, _h, m_), (1 - error) ** m_)),
            by=[Induction(m_), "none", fact("one more", m_=m_), quick],
        )
        .have("mass", eq(fitted, probability(*extra, _h, _m)), by=[unfold(mass, m_=_m, y=_h, **at), quick])
        .have("fits", eq(fitted, (1 - error) ** _m), by=["mass", fact("power", m_=_m), quick]),
    )


fit_power = _fitting("fit_power", fit_probability, fits, fit_mass, (), ar_error(_h, _T))
fit_power_table = _fitting(
    "fit_power_table", fit_probability_table, fits_table, fit_mass_table, (_t,), step_error(_h, _t)
)
