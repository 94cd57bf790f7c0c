"""Means over runs of logistic SGD (specification 2.C, sgd_bias).

Main statements
    recursion       E_{t+1} <= (1 - 4/(gamma+t)) E_t + K/(gamma+t)^2 gives E_t <= nu/(gamma+t)
    mean_step       in the mean the directions of a step are those of the population
    mean_distance   the squared length of a mean is at most the mean squared length
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sympy as sp

from theory.concepts.logistic_sgd import (
    R2,
    SAMPLE_LAW,
    columns,
    expected,
    g,
    lam,
    over_columns,
    rate,
    sample_law,
    samples,
    shrink,
)
from theory.derivation import derive
from theory.justification import Induction, Termwise, algebra, decide, fact, quick
from theory.lemma import Lemma
from theory.lemmas import norms
from theory.lemmas.sums import exchange
from theory.parameter import Parameter, reals
from theory.proposition import Forall, eq, ge, le

nu = Parameter("nu", r"\nu", "gamma + t times the bound on E |w_t - m|^2", reals(0), (1, 1000))
forcing = Parameter("K", "K", "squared gradients over lambda^2", reals(0), (0, 100))
_h, _t, _x, _y, _n = (sp.Symbol(name, integer=True, nonnegative=True) for name in "htxyn")
_lam, _g, _R2, _nu, _K = lam.symbol, g.symbol, R2.symbol, nu.symbol, forcing.symbol

E_ = sp.Function("E_", real=True)
_u = _g + _t
recursion = Lemma(
    "concepts/recursion",
    "E_{t+1} <= (1 - 4/(gamma+t)) E_t + K/(gamma+t)^2 gives E_t <= nu/(gamma+t)",
    (g, nu, forcing),
    Forall((_t,), le(E_(_t), _nu / _u)),
    hypotheses=(
        ge(_g, 4),
        Forall((_t,), le(E_(_t + 1), (1 - 4 / _u) * E_(_t) + _K / _u**2)),
        le(_K, 3 * _nu),
        le(_g * E_(0), _nu),
    ),
    functions=(E_,),
    statement="(1 - 4/u) nu/u + 3 nu/u^2 = nu (u-1)/u^2 <= nu/(u+1); gamma >= 4 keeps the factor from being negative",
    backing=derive()
    .have("start", le(E_(0), _nu / _g), by=["hypothesis 4", decide])
    .have("factor", Forall((_t,), ge(1 - 4 / _u, 0)), by=["hypothesis 1", decide])
    .have(
        "numbers",
        Forall((_t,), le((1 - 4 / _u) * (_nu / _u) + 3 * _nu / _u**2, _nu / (_u + 1))),
        by=["hypothesis 1", decide],
    )
    .have("forcing", Forall((_t,), le(_K / _u**2, 3 * _nu / _u**2)), by=["hypothesis 3", decide])
    .have(
        "every t",
        Forall((_t,), le(E_(_t), _nu / _u)),
        by=[
            Induction(_t),
            "start",
            fact("hypothesis 2", t=_t),
            fact("factor", t=_t),
            fact("numbers", t=_t),
            fact("forcing", t=_t),
            quick,
        ],
    ),
)

D, P, F = (sp.Function(name, real=True) for name in ("D", "P", "F"))
_eta = rate(_t)
_K16 = 16 * _R2 / _lam**2
_run = (1 - 2 * shrink(_t)) * D(_h, _t) - 2 * _eta * (F(_h, _t) - P(_h, _t)) + 4 * _eta**2 * _R2
mean_step = Lemma(
    "concepts/mean_step",
    "E D_{t+1} <= (1 - 4/(gamma+t)) E D_t + 16 R^2/(lambda^2 (gamma+t)^2)",
    (samples, R2, lam, g),
    Forall((_t,), le(expected(D(_h, _t + 1)), (1 - 4 / _u) * expected(D(_h, _t)) + _K16 / _u**2)),
    hypotheses=(
        *SAMPLE_LAW,
        Forall((_h, _t), le(D(_h, _t + 1), _run)),
        Forall((_t,), eq(expected(P(_h, _t)), expected(F(_h, _t)))),
    ),
    functions=(sample_law, D, P, F),
    statement="in the mean the directions are those of the population, F - P averages to 0",
    backing=derive()
    .have(
        "term",
        Forall((_h, _t), le(sample_law(_h) * D(_h, _t + 1), sample_law(_h) * _run)),
        by=[fact("hypothesis 1", h=_h), fact("hypothesis 3", h=_h, t=_t), quick],
    )
    .have("terms", Forall((_t,), le(expected(D(_h, _t + 1)), expected(_run))), by=[Termwise(), "term"])
    .have(
        "linear",
        Forall(
            (_t,),
            eq(
                expected(_run),
                (1 - 2 * shrink(_t)) * expected(D(_h, _t))
                - 2 * _eta * (expected(F(_h, _t)) - expected(P(_h, _t)))
                + 4 * _eta**2 * _R2 * sp.Sum(sample_law(_h), (_h, 0, samples.symbol)),
            ),
        ),
        by=algebra,
    )
    .have(
        "step",
        Forall((_t,), le(expected(D(_h, _t + 1)), (1 - 4 / _u) * expected(D(_h, _t)) + _K16 / _u**2)),
        by=[fact("terms", t=_t), fact("linear", t=_t), fact("hypothesis 4", t=_t), "hypothesis 2", quick],
    ),
)

f = sp.Function("f", real=True)
_v = sp.Function("v", real=True)


def _by_x(term: Callable[[Any], Any]) -> sp.Sum:
    """A sum over runs with the index that the lemmas on means use."""
    return sp.Sum(term(_x), (_x, 0, samples.symbol))


def _by_h(term: Callable[[Any], Any]) -> sp.Sum:
    return sp.Sum(term(_h), (_h, 0, samples.symbol))


by_runs = Lemma(
    "concepts/by_runs",
    "The name of an index does not matter",
    (samples,),
    eq(_by_x(f), _by_h(f)),
    functions=(f,),
    backing=derive()
    .have(
        "every end",
        Forall((_n,), eq(sp.Sum(f(_x), (_x, 0, _n)), sp.Sum(f(_h), (_h, 0, _n)))),
        by=[Induction(_n), quick],
    )
    .have("sum", eq(_by_x(f), _by_h(f)), by=fact("every end", n=samples.symbol)),
)
_mean = expected(_v(_h, _y))
mean_distance = Lemma(
    "concepts/mean_distance",
    "The squared length of a mean is at most the mean squared length",
    (samples, columns),
    le(over_columns(_mean**2), expected(over_columns(_v(_h, _y) ** 2))),
    hypotheses=SAMPLE_LAW,
    functions=(sample_law, _v),
    backing=derive()
    .have("mass", eq(_by_x(sample_law), _by_h(sample_law)), by=by_runs.at(f=sample_law))
    .have("whole", eq(_by_x(sample_law), 1), by=["mass", "hypothesis 2", quick])
    .have("weights", Forall((_x,), ge(sample_law(_x), 0)), by=fact("hypothesis 1", h=_x))
    .have(
        "square",
        Forall(
            (_n,),
            le(
                _by_x(lambda k: sample_law(k) * _v(k, _n)) ** 2,
                _by_x(lambda k: sample_law(k) * _v(k, _n) ** 2),
            ),
        ),
        by=[
            "whole",
            "weights",
            norms.square_of_mean.at(top=samples.symbol, w=sample_law, e=sp.Lambda((_x,), _v(_x, _n))),
        ],
    )
    .have(
        "mean",
        Forall(
            (_n,),
            eq(_by_x(lambda k: sample_law(k) * _v(k, _n)), _by_h(lambda k: sample_law(k) * _v(k, _n))),
        ),
        by=by_runs.at(f=sp.Lambda((_x,), sample_law(_x) * _v(_x, _n))),
    )
    .have(
        "coordinate",
        Forall(
            (_n,),
            le(
                2 * _by_h(lambda k: sample_law(k) * _v(k, _n)) ** 2,
                2 * _by_x(lambda k: sample_law(k) * _v(k, _n) ** 2),
            ),
        ),
        by=[fact("square", n=_n), fact("mean", n=_n), quick],
    )
    .have(
        "coordinates",
        le(over_columns(2 * _mean**2), over_columns(2 * _by_x(lambda k: sample_law(k) * _v(k, _y) ** 2))),
        by=[Termwise(), fact("coordinate", n=_y)],
        note="the factor 2 keeps the two sums apart",
    )
    .have(
        "halved",
        eq(
            over_columns(2 * _by_x(lambda k: sample_law(k) * _v(k, _y) ** 2)),
            2 * over_columns(_by_x(lambda k: sample_law(k) * _v(k, _y) ** 2)),
        ),
        by=algebra,
    )
    .have(
        "exchange",
        eq(
            _by_x(lambda k: sample_law(k) * over_columns(_v(k, _y) ** 2)),
            over_columns(_by_x(lambda k: sample_law(k) * _v(k, _y) ** 2)),
        ),
        by=exchange.at(
            top=samples.symbol,
            last=columns.symbol,
            g=sp.Lambda((_x, _y), _v(_x, _y) ** 2),
            u=sample_law,
            w=sp.Lambda((_y,), sp.Integer(1)),
        ),
    )
    .have(
        "by runs",
        eq(
            _by_x(lambda k: sample_law(k) * over_columns(_v(k, _y) ** 2)),
            expected(over_columns(_v(_h, _y) ** 2)),
        ),
        by=by_runs.at(f=sp.Lambda((_x,), sample_law(_x) * over_columns(_v(_x, _y) ** 2))),
    )
    .have(
        "length",
        le(over_columns(_mean**2), expected(over_columns(_v(_h, _y) ** 2))),
        by=["coordinates", "halved", "exchange", "by runs", quick],
    ),
)
