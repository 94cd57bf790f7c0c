"""How far one run of SGD strays from the mean run (specification 2.C, sgd_deviation).

Main statements
    below_mean      P(<u, w_T - E w_T> <= -x) <= exp(-(3/2) B x^2 lambda^2 (gamma+T-2)^2/(R^2 D^2 (gamma+T-1)))
    away_from_mean  P(|w_T - E w_T| >= r) <= 2 exp(-(3/8) B r^2 lambda^2 (gamma+T-2)^2/(D^2 (gamma+T-1)))
    sgd_deviation   both, and the first as a level
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from theory.claim import Claim, Kind, Status, upper
from theory.concepts.logistic_sgd import (
    expected,
    gain,
    p,
    points,
    push,
    sample_law,
    samples,
    start,
    w,
    z,
)
from theory.concepts.parameters import T, g, lam
from theory.concepts.sgd_bias import R
from theory.concepts.sgd_concentration import (
    FARS,
    INDEPENDENT,
    MISSES,
    centre,
    drop,
    far,
    mcdiarmid,
    miss,
    pinelis,
    radius,
)
from theory.concepts.sgd_means import by_runs
from theory.concepts.sgd_runs import twin
from theory.concepts.sgd_stability import LATE, MOVED, RUN_MODEL, SQUARES, D, late, moved_weights, sum_of_squares
from theory.concepts.sgd_steps import B, cauchy_schwarz_bound, columns, over_columns, scaled_bound
from theory.derivation import derive
from theory.justification import Termwise, algebra, decide, fact, quick
from theory.lemma import Lemma
from theory.lemmas.sums import exchange
from theory.parameter import Parameter, reals
from theory.proposition import Forall, eq, ge, gt, le
from theory.source import OWN

delta = Parameter("delta", r"\delta", "allowed probability of failure", reals(0, 1, open="lower"), (0.001, 0.2))
_h, _t, _x, _y, _s, _e, _i, _n = (sp.Symbol(name, integer=True, nonnegative=True) for name in "htxysein")
_lam, _g, _B, _T = lam.symbol, g.symbol, B.symbol, T.symbol
_R, _D, _X, _r, _d = R.symbol, D.symbol, drop.symbol, radius.symbol, delta.symbol

direction = sp.Function("direction", real=True)


_MARGIN = over_columns(direction(_y) * w(_h, _T, _y))
_aside = over_columns(direction(_y) * (w(_h, _T, _y) - centre(_y)))
CENTRE = Forall((_y,), eq(centre(_y), expected(w(_h, _T, _y))))
BELOW = Forall((_h,), le(miss(_h) * (_aside + _X), 0))
OUTSIDE = Forall((_h,), ge(far(_h) * (over_columns((w(_h, _T, _y) - centre(_y)) ** 2) - _r**2), 0))


SHORT = le(over_columns(direction(_y) ** 2), _R**2)
_FUNCTIONS = (w, start, z, gain, push, p, sample_law, centre)
_PARAMETERS = (columns, points, samples, B, R, D, lam, g, T)
_lower, _upper = late.symbol, late.symbol + 1
_range = (le(_s, _T - 1), le(_e, _B - 1))
_fast = _lam**2 * _lower**2 / (_D**2 * _upper)
_tail = sp.exp(-sp.Rational(3, 2) * _B * _X**2 * _fast / _R**2)
_norm_tail = 2 * sp.exp(-sp.Rational(3, 8) * _B * _r**2 * _fast)


def at_end(expression: Any) -> Any:
    """With gamma + T - 2 written out."""
    return expression.xreplace({_lower: _g + _T - 2})


TAIL, NORM_TAIL = at_end(_tail), at_end(_norm_tail)


def margin_of(run: Any) -> sp.Sum:
    """<u, w_T> of a run."""
    return over_columns(direction(_y) * w(run, _T, _y))


def _by_x(term: Any) -> sp.Sum:
    return sp.Sum(term(_x), (_x, 0, samples.symbol))


mean_margin = Lemma(
    "concepts/mean_margin",
    "The mean of a margin is the margin of the mean",
    (columns, samples, T),
    eq(expected(_MARGIN), over_columns(direction(_y) * centre(_y))),
    hypotheses=(CENTRE,),
    functions=(w, sample_law, centre, direction),
    backing=derive()
    .have(
        "exchange",
        eq(
            _by_x(lambda k: sample_law(k) * margin_of(k)),
            over_columns(direction(_y) * _by_x(lambda k: sample_law(k) * w(k, _T, _y))),
        ),
        by=exchange.at(
            top=samples.symbol,
            last=columns.symbol,
            g=sp.Lambda((_x, _y), w(_x, _T, _y)),
            u=sample_law,
            w=direction,
        ),
    )
    .have(
        "margins",
        eq(_by_x(lambda k: sample_law(k) * margin_of(k)), expected(_MARGIN)),
        by=by_runs.at(f=sp.Lambda((_x,), sample_law(_x) * margin_of(_x))),
    )
    .have(
        "weights",
        Forall((_n,), eq(_by_x(lambda k: sample_law(k) * w(k, _T, _n)), expected(w(_h, _T, _n)))),
        by=by_runs.at(f=sp.Lambda((_x,), sample_law(_x) * w(_x, _T, _n))),
    )
    .have(
        "coordinate",
        Forall(
            (_n,),
            eq(direction(_n) * _by_x(lambda k: sample_law(k) * w(k, _T, _n)), direction(_n) * centre(_n)),
        ),
        by=[fact("weights", n=_n), fact("hypothesis 1", y=_n), quick],
    )
    .have(
        "coordinates",
        eq(
            over_columns(direction(_y) * _by_x(lambda k: sample_law(k) * w(k, _T, _y))),
            over_columns(direction(_y) * centre(_y)),
        ),
        by=[Termwise(), fact("coordinate", n=_y)],
    )
    .have(
        "mean",
        eq(expected(_MARGIN), over_columns(direction(_y) * centre(_y))),
        by=["exchange", "margins", "coordinates", quick],
    ),
)
_number = Parameter("X", "X", "a number", reals(), (-1, 1))
_size = Parameter("Y", "Y", "a number that is not negative", reals(0), (0, 1))
root_bound = Lemma(
    "concepts/root_bound",
    "X <= Y from X^2 <= Y^2, Y >= 0",
    (_number, _size),
    le(_number.symbol, _size.symbol),
    hypotheses=(le(_number.symbol**2, _size.symbol**2),),
    backing=derive().have("root", le(_number.symbol, _size.symbol), by=["hypothesis 1", decide]),
)
_twin_of = twin(_h, _s, _e, _i)
_cs = MOVED.xreplace({_t: _s})
_independent = tuple(INDEPENDENT)
_first = len(RUN_MODEL)
_HYPOTHESES = (*RUN_MODEL, *_independent, CENTRE, LATE)
_model_names = [f"hypothesis {k}" for k in range(1, _first + 1)]
_law_names = [f"hypothesis {k}" for k in range(_first + 1, _first + len(_independent) + 1)]
_centre_name, _late_name = f"hypothesis {len(_HYPOTHESES) - 1}", f"hypothesis {len(_HYPOTHESES)}"


def _name(k: int) -> str:
    return f"hypothesis {len(_HYPOTHESES) + k}"


below_mean = Lemma(
    "concepts/below_mean",
    "P(<u, w_T - E w_T> <= -x) for a direction u no longer than R",
    (*_PARAMETERS, late, drop),
    le(expected(miss(_h)), _tail),
    hypotheses=(*_HYPOTHESES, SHORT, *MISSES, BELOW),
    functions=(*_FUNCTIONS, direction, miss),
    backing=derive()
    .have("moved", moved_weights.conclusion, by=[*_model_names, _late_name, moved_weights.at()])
    .have(
        "sign",
        Forall((_s,), ge(_cs, 0)),
        by=quick,
    )
    .have(
        "linear",
        Forall(
            (_h, _s, _e, _i),
            eq(
                margin_of(_twin_of) - margin_of(_h),
                -over_columns(direction(_y) * (w(_h, _T, _y) - w(_twin_of, _T, _y))),
            ),
        ),
        by=algebra,
    )
    .have(
        "product",
        Forall(
            (_h, _s, _e, _i),
            le(over_columns(direction(_y) * (w(_h, _T, _y) - w(_twin_of, _T, _y))) ** 2, _R**2 * _cs**2),
            _range,
        ),
        by=[
            _name(1),
            "moved",
            cauchy_schwarz_bound.at(
                W2=_R**2,
                V2=_cs**2,
                w=direction,
                v=sp.Lambda((_y,), w(_h, _T, _y) - w(_twin_of, _T, _y)),
            ),
        ],
    )
    .have(
        "difference",
        Forall((_h, _s, _e, _i), le(margin_of(_twin_of) - margin_of(_h), _R * _cs), _range),
        by=[
            fact("linear", h=_h, s=_s, e=_e, i=_i),
            fact("product", h=_h, s=_s, e=_e, i=_i),
            fact("sign", s=_s),
            root_bound.at(X=-over_columns(direction(_y) * (w(_h, _T, _y) - w(_twin_of, _T, _y))), Y=_R * _cs),
            quick,
        ],
    )
    .have("squares", sum_of_squares.conclusion, by=[_late_name, sum_of_squares.at()])
    .have(
        "scaled",
        eq(_B * sp.Sum((_R * MOVED) ** 2, (_t, 0, _T - 1)), _R**2 * (_B * sp.Sum(MOVED**2, (_t, 0, _T - 1)))),
        by=algebra,
    )
    .have(
        "all squares",
        le(_B * sp.Sum((_R * MOVED) ** 2, (_t, 0, _T - 1)), _R**2 * SQUARES),
        by=[
            "squares",
            "scaled",
            scaled_bound.at(
                a0=_B * sp.Sum((_R * MOVED) ** 2, (_t, 0, _T - 1)),
                b0=_B * sp.Sum(MOVED**2, (_t, 0, _T - 1)),
                c0=SQUARES,
                k0=_R**2,
            ),
        ],
    )
    .have(
        "mean",
        eq(expected(_MARGIN), over_columns(direction(_y) * centre(_y))),
        by=[_centre_name, mean_margin.at()],
    )
    .have(
        "aside",
        Forall((_h,), eq(_aside, _MARGIN - over_columns(direction(_y) * centre(_y)))),
        by=algebra,
    )
    .have(
        "below",
        Forall((_h,), le(miss(_h) * (_MARGIN - expected(_MARGIN) + _X), 0)),
        by=[fact(_name(4), h=_h), fact("aside", h=_h), "mean", quick],
    )
    .have("positive", ge(_R**2 * SQUARES, 0), by=quick)
    .have(
        "McDiarmid",
        le(expected(miss(_h)), sp.exp(-2 * _X**2 / (_R**2 * SQUARES))),
        by=[
            *_law_names,
            "difference",
            "all squares",
            "below",
            "positive",
            _name(2),
            _name(3),
            mcdiarmid.at(C2=_R**2 * SQUARES, f=sp.Lambda((_h,), _MARGIN), c=sp.Lambda((_t,), _R * MOVED)),
        ],
    )
    .have("exponent", eq(sp.exp(-2 * _X**2 / (_R**2 * SQUARES)), _tail), by=algebra)
    .have("tail", le(expected(miss(_h)), _tail), by=["McDiarmid", "exponent", quick]),
)
away_from_mean = Lemma(
    "concepts/away_from_mean",
    "P(|w_T - E w_T| >= r)",
    (*_PARAMETERS, late, radius),
    le(expected(far(_h)), _norm_tail),
    hypotheses=(*_HYPOTHESES, *FARS, OUTSIDE),
    functions=(*_FUNCTIONS, far),
    backing=derive()
    .have("moved", moved_weights.conclusion, by=[*_model_names, _late_name, moved_weights.at()])
    .have("squares", sum_of_squares.conclusion, by=[_late_name, sum_of_squares.at()])
    .have(
        "Pinelis",
        le(expected(far(_h)), 2 * sp.exp(-(_r**2) / (2 * SQUARES))),
        by=[
            *_law_names,
            "moved",
            "squares",
            _centre_name,
            _name(1),
            _name(2),
            _name(3),
            pinelis.at(C2=SQUARES, F=sp.Lambda((_h, _y), w(_h, _T, _y)), c=sp.Lambda((_t,), MOVED)),
        ],
    )
    .have("exponent", eq(2 * sp.exp(-(_r**2) / (2 * SQUARES)), _norm_tail), by=algebra)
    .have("tail", le(expected(far(_h)), _norm_tail), by=["Pinelis", "exponent", quick]),
)
_speed = Parameter("q", "q", "rate in the exponent", reals(0, sp.oo, open="lower"), (0.1, 10))
_q = _speed.symbol
log_level = Lemma(
    "concepts/log_level",
    "x^2 <= log(1/delta)/q from delta <= e^(-q x^2)",
    (delta, drop, _speed),
    le(_X, sp.sqrt(sp.log(1 / _d) / _q)),
    hypotheses=(le(_d, sp.exp(-_q * _X**2)),),
    backing=derive()
    .have("logarithm", le(_q * _X**2, sp.log(1 / _d)), by=["hypothesis 1", decide])
    .have("divided", le(_X**2, sp.log(1 / _d) / _q), by=["logarithm", decide])
    .have("root", le(_X, sp.sqrt(sp.log(1 / _d) / _q)), by=["divided", decide]),
)
_rate = sp.Rational(3, 2) * _B * _fast / _R**2
_level = _R * _D / (_lam * _lower) * sp.sqrt(2 * _upper * sp.log(1 / _d) / (3 * _B))
reached_level = Lemma(
    "concepts/reached_level",
    "A level x that is reached with probability delta at least, from the tail at x",
    (samples, B, R, D, lam, late, delta, drop),
    le(_X, _level),
    hypotheses=(le(expected(miss(_h)), _tail), ge(expected(miss(_h)), _d)),
    functions=(sample_law, miss),
    backing=derive()
    .have("reached", le(_d, _tail), by=["hypothesis 1", "hypothesis 2", quick])
    .have("square", le(_X, sp.sqrt(sp.log(1 / _d) / _rate)), by=["reached", log_level.at(q=_rate)])
    .have("level", eq(sp.sqrt(sp.log(1 / _d) / _rate), _level), by=algebra)
    .have("bound", le(_X, _level), by=["square", "level", quick]),
)
LEVEL = at_end(_level)
_CLAIMED = _HYPOTHESES[:-1]
DEVIATION_MODEL = (*_CLAIMED, SHORT, *MISSES, BELOW)
sgd_deviation = Claim(
    id="concepts/sgd_deviation",
    title="Deviation of one run of SGD from the mean run",
    kind=Kind.HIGH_PROBABILITY,
    text=(
        "After T steps of regularised logistic SGD on batches of B with gamma >= max{4, 2(R^2/4 + lambda)/lambda}: for "
        "a fixed direction u no longer than R, P(<u, w_T - E w_T> <= -x) <= exp(-(3/2) B x^2 lambda^2 (gamma+T-2)^2/"
        "(R^2 D^2 (gamma+T-1))): with probability at least 1 - delta the margin falls below its mean by no more than "
        "(R D/(lambda (gamma+T-2))) sqrt(2 (gamma+T-1) log(1/delta)/(3B)); and P(|w_T - E w_T| >= r) <= "
        "2 exp(-(3/8) B r^2 lambda^2 (gamma+T-2)^2/(D^2 (gamma+T-1)))"
    ),
    parameters=(*_PARAMETERS, drop, radius, delta),
    hypotheses=(*DEVIATION_MODEL, *FARS, OUTSIDE, ge(expected(miss(_h)), _d)),
    statements=(
        upper(_X, LEVEL, label="level"),
        upper(expected(miss(_h)), TAIL, trivial=1, label="tail"),
        upper(expected(far(_h)), NORM_TAIL, trivial=1, label="norm"),
    ),
    source=OWN,
    status=Status.OWN,
    confidence=delta,
    functions=(*_FUNCTIONS, direction, miss, far),
    remarks=(
        "a level that is reached with probability at least delta is at most the bound: the last hypothesis serves the "
        "first statement only",
        "the structure (stability, then a martingale) is of Nitanda and Suzuki (2019), their constants are not used",
    ),
    derivation=derive()
    .have("end", gt(_g + _T - 2, 0), by=quick)
    .have("same", eq(_g + _T - 2, _g + _T - 2), by=algebra)
    .have(
        "tail",
        le(expected(miss(_h)), TAIL),
        by=[
            *(f"hypothesis {k}" for k in range(1, len(DEVIATION_MODEL) + 1)),
            "end",
            "same",
            below_mean.at(late=_g + _T - 2),
        ],
    )
    .have(
        "norm",
        le(expected(far(_h)), NORM_TAIL),
        by=[
            *(f"hypothesis {k}" for k in range(1, len(_CLAIMED) + 1)),
            *(f"hypothesis {len(DEVIATION_MODEL) + k}" for k in (1, 2, 3)),
            "end",
            "same",
            away_from_mean.at(late=_g + _T - 2),
        ],
    )
    .have(
        "level",
        le(_X, LEVEL),
        by=[
            "end",
            "tail",
            f"hypothesis {len(DEVIATION_MODEL) + 4}",
            reached_level.at(late=_g + _T - 2),
        ],
    ),
)
