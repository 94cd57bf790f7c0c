"""Samples of chains and what is learnt from them (D3, D4, D7 of the specification `autoregressive`).

Samples of m chains are numbered x = 0..S with masses sample_mass(m, x); chains are independent. From sample x a learner
returns predictor number learnt(m, x), one of the predictors 0..J of `rollouts`; table t of the predictor that it
returns is table t of predictor y where picked_table(m, x, t, y) = 1, and the predictor itself is y where
picked(m, x, y) = 1. "With probability at least 1 - delta, err_AR <= u" is confident_error(m, delta) <= u.

Main definitions
    fits, fits_table                hypothesis y agrees with every chain of sample x (at step t)
    large, large_step, large_final  [err_AR > u], [eps_t > u], [error of the last token > u]
    failure                         Pr[err_AR of what is learnt > u]
    confident_error                 smallest u that err_AR exceeds with probability at most delta
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from theory.autoregressive.parameters import T
from theory.autoregressive.rollouts import ar_error, final_error, h_, step_error, t_
from theory.define import defined, opaque
from theory.justification import unfold
from theory.lemma import Definition, meaning
from theory.parameter import Parameter, integers
from theory.proposition import Forall, eq, le

last_sample = Parameter("S", "S", "number of the last sample", integers(0), (0, 1000))
last_predictor = Parameter("J", "J", "number of the last predictor of the class", integers(0), (0, 10**6))
x_, y_ = (sp.Symbol(name, integer=True, nonnegative=True) for name in "xy")
m_ = sp.Symbol("m_", integer=True, nonnegative=True)
u_ = sp.Symbol("u_", real=True)
d_ = sp.Symbol("d_", real=True)
_T = T.symbol


def over_samples(term: Any) -> sp.Sum:
    """The sum of a term in x_ over all samples."""
    return sp.Sum(term, (x_, 0, last_sample.symbol))


def over_class(term: Any) -> sp.Sum:
    """The sum of a term in y_ over the predictors of the class."""
    return sp.Sum(term, (y_, 0, last_predictor.symbol))


sample_mass = opaque(
    "autoregressive/sample_mass", "sample_mass(m, x) = probability of sample x of m independent chains", bounds=(0, 1)
)
all_samples = defined(
    "autoregressive/all_samples",
    "all_samples(m) = sum of sample_mass over all samples, which is 1",
    (m_,),
    over_samples(sample_mass(m_, x_)),
    bounds=(1, 1),
    range_by=meaning(sample_mass),
)
learnt = opaque(
    "autoregressive/learnt",
    "learnt(m, x) = number of the predictor that the learner returns from sample x of m chains",
    integer=True,
    nonnegative=True,
)


def _large(id: str, about: str, error: Definition) -> tuple[Definition, Definition, Definition]:
    """[error > u] as scale * max(0, error - u), with scale = 1/(error - u) where that is positive, else 0."""
    scale = opaque(f"autoregressive/{id}_scale", f"1/({about} - u) where that is positive, else 0", bounds=(0, None))
    excess = sp.Max(0, error(h_, t_) - u_)
    large = defined(
        f"autoregressive/{id}",
        f"{id}(h, t, u) = 1 where {about} of predictor h exceeds u, else 0",
        (h_, t_, u_),
        scale(h_, t_, u_) * excess,
        bounds=(0, 1),
        range_by=(meaning(scale, side="high"), unfold(scale)),
    )
    small = defined(
        f"autoregressive/{id}_not",
        f"{id}_not(h, t, u) = (1 - {id}) max(0, {about} - u), which is 0",
        (h_, t_, u_),
        (1 - scale(h_, t_, u_) * excess) * excess,
        bounds=(0, 0),
        range_by=meaning(scale),
    )
    return scale, large, small


large_scale, large, large_not = _large("large", "err_AR", ar_error)
large_step_scale, large_step, large_step_not = _large("large_step", "eps_t", step_error)
large_final_scale, large_final, large_final_not = _large("large_final", "the error of the last token", final_error)

failure = defined(
    "autoregressive/failure",
    "failure(m, u) = Pr[err_AR of the predictor learnt from m chains > u]",
    (m_, u_),
    over_samples(sample_mass(m_, x_) * large(learnt(m_, x_), _T, u_)),
)
final_failure = defined(
    "autoregressive/final_failure",
    "final_failure(m, u) = Pr[the last token of the rollout of the predictor learnt errs with probability > u]",
    (m_, u_),
    over_samples(sample_mass(m_, x_) * large_final(learnt(m_, x_), _T, u_)),
)
confident_error = opaque(
    "autoregressive/confident_error",
    "confident_error(m, delta) = smallest u with Pr[err_AR of the predictor learnt from m chains > u] <= delta",
    bounds=(0, 1),
)
confident_final_error = opaque(
    "autoregressive/confident_final_error",
    "confident_final_error(m, delta) = smallest u that the error of the last token of the rollout exceeds with "
    "probability at most delta",
    bounds=(0, 1),
)
below_error = defined(
    "autoregressive/below_error",
    "below_error(m, u, delta) = u - confident_error(m, delta) where failure(m, u) <= delta; it is >= 0 by the "
    "definition of confident_error",
    (m_, u_, d_),
    u_ - confident_error(m_, d_),
    conditions=(le(failure(m_, u_), d_),),
    bounds=(0, None),
    range_by=meaning(confident_error),
)
below_final_error = defined(
    "autoregressive/below_final_error",
    "below_final_error(m, u, delta) = u - confident_final_error(m, delta) where final_failure(m, u) <= delta; it is >= "
    "0 by the definition of confident_final_error",
    (m_, u_, d_),
    u_ - confident_final_error(m_, d_),
    conditions=(le(final_failure(m_, u_), d_),),
    bounds=(0, None),
    range_by=meaning(confident_final_error),
)


def _agreement(id: str, about: str, error: Any, extra: tuple[sp.Symbol, ...]) -> tuple[Definition, ...]:
    """Picked hypotheses fit the sample; a hypothesis fits m independent chains with probability (1 - error)^m."""
    picked = opaque(f"autoregressive/picked{id}", f"1 where the learner picks {about} y from sample x", bounds=(0, 1))
    fits = opaque(f"autoregressive/fits{id}", f"1 where {about} y misses no chain of sample x", bounds=(0, 1))
    consistent = defined(
        f"autoregressive/consistent{id}",
        f"fits - picked, which is >= 0: the learner picks {about}s that fit the sample",
        (m_, x_, *extra, y_),
        fits(m_, x_, *extra, y_) - picked(m_, x_, *extra, y_),
        bounds=(0, None),
        range_by=meaning(picked, fits),
    )
    head = sp.Function(f"fit_probability{id}", real=True)
    probability = Definition(
        f"autoregressive/fit_probability{id}",
        head,
        f"probability that {about} y misses none of m independent chains",
        (
            Forall((*extra, y_), eq(head(*extra, y_, 0), 1)),
            Forall((*extra, y_, m_), eq(head(*extra, y_, m_ + 1), head(*extra, y_, m_) * (1 - error))),
        ),
    )
    mass = defined(
        f"autoregressive/fit_mass{id}",
        f"mass of the samples that {about} y fits, less its probability of fitting m independent chains: 0",
        (m_, *extra, y_),
        over_samples(sample_mass(m_, x_) * fits(m_, x_, *extra, y_)) - probability(*extra, y_, m_),
        bounds=(0, 0),
        range_by=meaning(sample_mass, fits),
    )
    return picked, fits, consistent, probability, mass


picked, fits, consistent, fit_probability, fit_mass = _agreement("", "predictor", ar_error(y_, _T), ())
picked_table, fits_table, consistent_table, fit_probability_table, fit_mass_table = _agreement(
    "_table", "table", step_error(y_, t_), (t_,)
)
learnt_is_picked = defined(
    "autoregressive/learnt_is_picked",
    "[err_AR of what is learnt > u] - [err_AR of the predictor picked > u], which is 0",
    (m_, x_, u_),
    large(learnt(m_, x_), _T, u_) - over_class(large(y_, _T, u_) * picked(m_, x_, y_)),
    bounds=(0, 0),
    range_by=meaning(learnt, picked),
)
learnt_tables = defined(
    "autoregressive/learnt_tables",
    "[eps_t of what is learnt > u] - [eps_t of the table picked for step t > u], which is 0",
    (m_, x_, t_, u_),
    large_step(learnt(m_, x_), t_, u_) - over_class(large_step(y_, t_, u_) * picked_table(m_, x_, t_, y_)),
    bounds=(0, 0),
    range_by=meaning(learnt, picked_table),
)
