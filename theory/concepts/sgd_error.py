"""The 0-1 error of logistic SGD: exponential convergence with explicit constants, and when a point is lost for good.

Main statements
    misclassified           P(<u, w_T> <= 0) for a direction u whose margin <u, w_lambda> is at least m > 0
    exponential_convergence  the same for a point, and averaged over the support
    wrong_classifier         the same with -z; and the weight decay above which the witness loses a point

The witness has the points (1, 0) and (-1/2, 3/5) with probabilities 9/10 and 1/10, separable by (1, 1).
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from theory.claim import Claim, Kind, Status, lower, upper
from theory.concepts.logistic_sgd import expected, m, over_points, p, samples, w, z
from theory.concepts.parameters import T, g, lam
from theory.concepts.sgd_bias import BIAS_FUNCTIONS, BIAS_MODEL, BIAS_PARAMETERS, R, gap2, mean_square
from theory.concepts.sgd_concentration import INDEPENDENT, centre, miss
from theory.concepts.sgd_deviation import CENTRE, SHORT, below_mean, direction
from theory.concepts.sgd_means import mean_distance
from theory.concepts.sgd_stability import RUN_MODEL, D, late
from theory.concepts.sgd_steps import B, cauchy_schwarz_bound, over_columns, pull_of
from theory.derivation import derive
from theory.justification import SingleTerm, Termwise, algebra, decide, fact, quick
from theory.lemma import Lemma
from theory.parameter import Parameter, reals
from theory.proposition import Forall, eq, ge, gt, le
from theory.source import OWN

margin = Parameter(
    "m", "m", "margin of the minimiser, or a lower bound on it", reals(0, sp.oo, open="lower"), (0.01, 2)
)
_h, _i, _x, _y = (sp.Symbol(name, integer=True, nonnegative=True) for name in "hixy")
_lam, _g, _B, _T, _R, _D, _m, _late = (
    lam.symbol, g.symbol, B.symbol, T.symbol, R.symbol, D.symbol, margin.symbol, late.symbol
)  # fmt: skip
wrong, right = (sp.Function(name, real=True) for name in ("wrong", "right"))

NU = sp.Max(16 * _R**2 / (3 * _lam**2), _g * gap2.symbol)
_MODEL = tuple(dict.fromkeys((*BIAS_MODEL, *RUN_MODEL, *INDEPENDENT, CENTRE)))
LENGTHS_R = RUN_MODEL[4]  # |z(x)| <= R
ENOUGH_STEPS = ge((_g + _T) * _m**2, 4 * _R**2 * NU)
_fast = _lam**2 * _late**2 / (_D**2 * (_late + 1))
_error = sp.exp(-sp.Rational(3, 8) * _B * _m**2 * _fast / _R**2)
ERROR = _error.xreplace({_late: _g + _T - 2})
_PARAMETERS = tuple(dict.fromkeys((*BIAS_PARAMETERS, D, margin)))
_FUNCTIONS = (*BIAS_FUNCTIONS, centre)


def _named(*wanted: Any) -> list[str]:
    """The names of hypotheses of the model."""
    return [f"hypothesis {_MODEL.index(h) + 1}" for h in wanted]


def _after(k: int) -> str:
    return f"hypothesis {len(_MODEL) + k}"


_apart = w(_h, _T, _y) - m(_y)
_off = over_columns((centre(_y) - m(_y)) ** 2)
_shift = over_columns(direction(_y) * (centre(_y) - m(_y)))
_value = over_columns(direction(_y) * w(_h, _T, _y))
_aside = over_columns(direction(_y) * (w(_h, _T, _y) - centre(_y)))
_of_m = over_columns(direction(_y) * m(_y))
_mass = sp.Sum(BIAS_FUNCTIONS[-1](_h), (_h, 0, samples.symbol))
_a1, _x1, _y1 = (
    Parameter("a1", "a", "a number", reals(0), (0, 1)),
    Parameter("x1", "x", "a number", reals(), (-1, 1)),
    Parameter("y1", "y", "a number", reals(), (-1, 1)),
)
product_below = Lemma(
    "concepts/product_below",
    "a x <= 0 from x <= y, a y <= 0, a >= 0",
    (_a1, _x1, _y1),
    le(_a1.symbol * _x1.symbol, 0),
    hypotheses=(le(_x1.symbol, _y1.symbol), le(_a1.symbol * _y1.symbol, 0)),
    backing=derive().have("product", le(_a1.symbol * _x1.symbol, 0), by=["hypothesis 1", "hypothesis 2", decide]),
)
_shift1 = Parameter("s1", "a", "a number", reals(), (-1, 1))
_length1 = Parameter("q1", "q", "a squared length", reals(0), (0, 1))
_time1 = Parameter("u1", "u", "gamma + T", reals(0, sp.oo, open="lower"), (4, 1000))
_nu1 = Parameter("nu1", r"\nu", "u times the bound", reals(0), (0, 1000))
half_margin = Lemma(
    "concepts/half_margin",
    "a >= -m/2 from a^2 <= R^2 q, q <= nu/u, u m^2 >= 4 R^2 nu",
    (R, margin, _shift1, _length1, _time1, _nu1),
    ge(_shift1.symbol, -_m / 2),
    hypotheses=(
        le(_shift1.symbol**2, _R**2 * _length1.symbol),
        le(_length1.symbol, _nu1.symbol / _time1.symbol),
        ge(_time1.symbol * _m**2, 4 * _R**2 * _nu1.symbol),
    ),
    backing=derive()
    .have("bound", le(_R**2 * (_nu1.symbol / _time1.symbol), _m**2 / 4), by=["hypothesis 3", decide])
    .have(
        "square",
        le(_shift1.symbol**2, _m**2 / 4),
        by=["hypothesis 1", "hypothesis 2", "bound", decide],
    )
    .have("half", ge(_shift1.symbol, -_m / 2), by=["square", decide]),
)
misclassified = Lemma(
    "concepts/misclassified",
    "P(<u, w_T> <= 0) for a direction whose margin is at least m, from T_0 on",
    (*_PARAMETERS, late),
    le(expected(miss(_h)), _error),
    hypotheses=(
        *_MODEL,
        SHORT,
        Forall((_h,), ge(miss(_h), 0)),
        Forall((_h,), le(miss(_h), 1)),
        Forall((_h,), le(miss(_h) * _value, 0)),
        ge(_of_m, _m),
        ENOUGH_STEPS,
        eq(_late, _g + _T - 2),
    ),
    functions=(*_FUNCTIONS, direction, miss),
    statement="the mean run keeps half of the margin; a run that errs is x = m/2 below it",
    backing=derive()
    .have("every t", mean_square.conclusion, by=[*_named(*BIAS_MODEL), mean_square.at()])
    .have(
        "mean square",
        le(expected(over_columns(_apart**2)), NU / (_g + _T)),
        by=fact("every t", t=_T),
    )
    .have(
        "bias",
        le(over_columns(expected(_apart) ** 2), expected(over_columns(_apart**2))),
        by=[*_named(*INDEPENDENT[2:4]), mean_distance.at(v=sp.Lambda((_h, _y), _apart))],
    )
    .have(
        "linear",
        Forall((_y,), eq(expected(_apart), expected(w(_h, _T, _y)) - m(_y) * _mass)),
        by=algebra,
    )
    .have(
        "centre",
        Forall((_y,), eq(expected(_apart) ** 2, (centre(_y) - m(_y)) ** 2)),
        by=[
            fact("linear", y=_y),
            fact(_named(CENTRE)[0], y=_y),
            *_named(INDEPENDENT[3]),
            quick,
        ],
    )
    .have("centres", eq(over_columns(expected(_apart) ** 2), _off), by=[Termwise(), "centre"])
    .have("off", le(_off, NU / (_g + _T)), by=["mean square", "bias", "centres", quick])
    .have("same length", le(_off, _off), by=quick)
    .have("off sign", ge(_off, 0), by=SingleTerm(0))
    .have(
        "shift square",
        le(_shift**2, _R**2 * _off),
        by=[
            _after(1),
            "off sign",
            "same length",
            cauchy_schwarz_bound.at(W2=_R**2, V2=_off, w=direction, v=sp.Lambda((_y,), centre(_y) - m(_y))),
        ],
    )
    .have("positive", gt(_g + _T, 0), by=quick)
    .have("nu", ge(NU, 0), by=quick)
    .have(
        "shift",
        ge(_shift, -_m / 2),
        by=[
            *("shift square", "off", "off sign", "positive", "nu", _after(6)),
            half_margin.at(s1=_shift, q1=_off, u1=_g + _T, nu1=NU),
        ],
    )
    .have(
        "parts",
        Forall((_h,), eq(_aside, _value - _of_m - _shift)),
        by=algebra,
    )
    .have(
        "below",
        Forall((_h,), le(_aside + _m / 2, _value)),
        by=[fact("parts", h=_h), "shift", _after(5), quick],
    )
    .have(
        "below where wrong",
        Forall((_h,), le(miss(_h) * (_aside + _m / 2), 0)),
        by=[
            fact("below", h=_h),
            fact(_after(2), h=_h),
            fact(_after(4), h=_h),
            product_below.at(a1=miss(_h), x1=_aside + _m / 2, y1=_value),
        ],
    )
    .have(
        "tail",
        le(expected(miss(_h)), _error),
        by=[
            *_named(*RUN_MODEL, *INDEPENDENT, CENTRE),
            *(_after(k) for k in (1, 2, 3, 7)),
            "below where wrong",
            below_mean.at(drop=_m / 2),
        ],
    ),
)

_right_law = BIAS_FUNCTIONS[-1]
complement = Lemma(
    "concepts/complement",
    "What is right seldom is wrong often",
    (samples, B, R, D, lam, margin, late),
    ge(1 - expected(right(_h)), 1 - _error),
    hypotheses=(le(expected(right(_h)), _error),),
    functions=(_right_law, right),
    backing=derive().have("lost", ge(1 - expected(right(_h)), 1 - _error), by=["hypothesis 1", quick]),
)
_upright = tuple(f"hypothesis {k}" for k in range(1, len(_MODEL) + 1))
_end = (gt(_g + _T - 2, 0), eq(_g + _T - 2, _g + _T - 2))
_wrong_here = over_columns(z(_x, _y) * w(_h, _T, _y))
_of_point = over_columns(z(_x, _y) * m(_y))
_WRONG = (
    Forall((_x, _h), ge(wrong(_x, _h), 0)),
    Forall((_x, _h), le(wrong(_x, _h), 1)),
    Forall((_x, _h), le(wrong(_x, _h) * _wrong_here, 0)),
    Forall((_x,), ge(_of_point, _m)),
)
_each = expected(wrong(_x, _h))
exponential_convergence = Claim(
    id="concepts/exponential_convergence",
    title="Exponential convergence of the 0-1 loss of logistic SGD",
    kind=Kind.UPPER,
    text=(
        "If every margin <w_lambda, z> is at least m > 0, then from T_0 = 4 R^2 nu/m^2 - gamma on the expected 0-1 "
        "loss of SGD is at most exp(-(3/8) B lambda^2 m^2 (gamma+T-2)^2/(R^2 D^2 (gamma+T-1))); the same for the "
        "probability that one point, or one direction no longer than R, of margin at least m is misclassified"
    ),
    parameters=_PARAMETERS,
    hypotheses=(
        *_MODEL,
        *_WRONG,
        ENOUGH_STEPS,
        SHORT,
        Forall((_h,), ge(miss(_h), 0)),
        Forall((_h,), le(miss(_h), 1)),
        Forall((_h,), le(miss(_h) * _value, 0)),
        ge(_of_m, _m),
    ),
    statements=(
        upper(over_points(p(_x) * _each), ERROR, trivial=1, label="averaged"),
        upper(expected(miss(_h)), ERROR, trivial=1, label="point"),
    ),
    source=OWN,
    status=Status.OWN,
    functions=(*_FUNCTIONS, direction, miss, wrong),
    remarks=(
        "holds for the read-out of the concept model with frozen attention and a fixed activity pattern, where the "
        "network is linear in what is trained; says nothing of joint training",
        "without consequence in practice: at T_0 the error is long zero, the proved rate is some 10^3 too slow",
        "the structure of the argument is that of Nitanda and Suzuki (2019); their constants are not used",
    ),
    derivation=derive()
    .have("end", _end[0], by=quick)
    .have("same", _end[1], by=algebra)
    .have(
        "point",
        le(expected(miss(_h)), ERROR),
        by=[
            *_upright,
            *(_after(k) for k in range(5, 11)),
            "end",
            "same",
            misclassified.at(late=_g + _T - 2),
        ],
    )
    .have("lengths", LENGTHS_R, by=_named(LENGTHS_R))
    .have(
        "each",
        Forall((_i,), le(_each.xreplace({_x: _i}), ERROR)),
        by=[
            *_upright,
            *(_after(k) for k in range(1, 6)),
            "lengths",
            "end",
            "same",
            misclassified.at(
                late=_g + _T - 2,
                direction=sp.Lambda((_y,), z(_i, _y)),
                miss=sp.Lambda((_h,), wrong(_i, _h)),
            ),
        ],
    )
    .have(
        "weighted",
        Forall((_x,), le(p(_x) * _each, p(_x) * ERROR)),
        by=[fact("each", i=_x), fact(_named(INDEPENDENT[0])[0], x=_x), quick],
    )
    .have("all", le(over_points(p(_x) * _each), over_points(p(_x) * ERROR)), by=[Termwise(), "weighted"])
    .have("factor", eq(over_points(p(_x) * ERROR), ERROR * over_points(p(_x))), by=algebra)
    .have(
        "averaged",
        le(over_points(p(_x) * _each), ERROR),
        by=["all", "factor", *_named(INDEPENDENT[1]), quick],
    ),
)

lam_kept = Parameter(
    "lam_kept", r"\lambda", "weight decay that keeps the witness", reals(0, sp.oo, open="lower"), (0.001, 0.013)
)
lam_lost = Parameter("lam_lost", r"\lambda'", "weight decay that loses it", reals(0, sp.oo, open="lower"), (0.014, 1))
first_kept, first_lost = (
    Parameter(name, "m_1", "margin of the first point", reals(), (0, 5)) for name in ("first_kept", "first_lost")
)
second_kept = Parameter("second_kept", "m_2", "margin of the second point, not negative", reals(0), (0, 1))
second_lost = Parameter("second_lost", "m_2'", "margin of the second point, not positive", reals(-sp.oo, 0), (-1, 0))
CRITICAL = sp.Rational(9, 250) / sp.log(sp.Rational(839, 61))


def stationary(decay: Any, first: Any, second: Any) -> tuple[Any, Any]:
    """The margins of the minimiser on the two points of the witness."""
    return (
        eq(decay * first, sp.Rational(9, 10) * pull_of(first) - sp.Rational(1, 20) * pull_of(second)),
        eq(decay * second, sp.Rational(61, 1000) * pull_of(second) - sp.Rational(9, 20) * pull_of(first)),
    )


_log = sp.log(sp.Rational(839, 61))
_fk, _sk, _lk = first_kept.symbol, second_kept.symbol, lam_kept.symbol
_fl, _sl, _ll = first_lost.symbol, second_lost.symbol, lam_lost.symbol
kept_below = Lemma(
    "concepts/kept_below",
    "The second point is kept for lambda <= lambda_c only",
    (lam_kept, first_kept, second_kept),
    le(_lk, CRITICAL),
    hypotheses=stationary(_lk, _fk, _sk),
    statement="m_2 >= 0 gives g(m_2) <= 1/2, so g(m_1) <= 61/900, m_1 >= log(839/61), and lambda m_1 <= 9/250",
    backing=derive()
    .have("gain", le(pull_of(_sk), sp.Rational(1, 2)), by=decide)
    .have("product", ge(_lk * _sk, 0), by=quick)
    .have("first gain", le(pull_of(_fk), sp.Rational(61, 900)), by=["gain", "product", "hypothesis 2", quick])
    .have("exponential", ge(sp.exp(_fk), sp.Rational(839, 61)), by=["first gain", decide])
    .have("first", ge(_fk, _log), by=["exponential", decide])
    .have(
        "decay",
        le(_lk * _fk, sp.Rational(9, 250)),
        by=["gain", "product", "hypothesis 1", "hypothesis 2", quick],
    )
    .have("least", le(_lk * _log, sp.Rational(9, 250)), by=["first", "decay", quick])
    .have("critical", le(_lk, CRITICAL), by=["least", decide]),
)
lost_above = Lemma(
    "concepts/lost_above",
    "The second point is lost for lambda >= lambda_c only",
    (lam_lost, first_lost, second_lost),
    ge(_ll, CRITICAL),
    hypotheses=stationary(_ll, _fl, _sl),
    backing=derive()
    .have("gain", ge(pull_of(_sl), sp.Rational(1, 2)), by=decide)
    .have("product", le(_ll * _sl, 0), by=quick)
    .have("first gain", ge(pull_of(_fl), sp.Rational(61, 900)), by=["gain", "product", "hypothesis 2", quick])
    .have("exponential", le(sp.exp(_fl), sp.Rational(839, 61)), by=["first gain", decide])
    .have("first", le(_fl, _log), by=["exponential", decide])
    .have(
        "decay",
        ge(_ll * _fl, sp.Rational(9, 250)),
        by=["gain", "product", "hypothesis 1", "hypothesis 2", quick],
    )
    .have("most", ge(_ll * _log, sp.Rational(9, 250)), by=["first", "decay", quick])
    .have("critical", ge(_ll, CRITICAL), by=["most", decide]),
)
_RIGHT = (
    Forall((_h,), ge(right(_h), 0)),
    Forall((_h,), le(right(_h), 1)),
    Forall((_h,), ge(right(_h) * _value, 0)),
    le(_of_m, -_m),
)
_kept, _lost = stationary(_lk, _fk, _sk), stationary(_ll, _fl, _sl)
wrong_classifier = Claim(
    id="concepts/wrong_classifier",
    title="Too much weight decay loses points of separable data",
    kind=Kind.LOWER,
    text=(
        "A point with <w_lambda, z> <= -m < 0 is misclassified with probability at least 1 - exp(-(3/8) B lambda^2 "
        "m^2 (gamma+T-2)^2/(R^2 D^2 (gamma+T-1))) from T_0 on, separable data or not. Witness: (1, 0) with "
        "probability 9/10 and (-1/2, 3/5) with 1/10, separable by (1, 1): the second margin of the minimiser is not "
        "negative for lambda <= lambda_c = 9/(250 log(839/61)) = 0.01373... only, and not positive for "
        "lambda >= lambda_c only"
    ),
    parameters=(*_PARAMETERS, lam_kept, first_kept, second_kept, lam_lost, first_lost, second_lost),
    hypotheses=(*_MODEL, SHORT, *_RIGHT, ENOUGH_STEPS, *_kept, *_lost),
    statements=(
        lower(1 - expected(right(_h)), 1 - ERROR, trivial=0, label="lost"),
        upper(_lk, CRITICAL, label="kept below"),
        lower(_ll, CRITICAL, label="lost above"),
    ),
    source=OWN,
    status=Status.OWN,
    functions=(*_FUNCTIONS, direction, right),
    remarks=("a margin of 0 counts as an error, so `right` needs <z, w> > 0, and bounds P(<-z, w> <= 0) from below",),
    derivation=derive()
    .have("end", _end[0], by=quick)
    .have("same", _end[1], by=algebra)
    .have("square", eq(over_columns((-direction(_y)) ** 2), over_columns(direction(_y) ** 2)), by=algebra)
    .have("short", le(over_columns((-direction(_y)) ** 2), _R**2), by=["square", _after(1), quick])
    .have("turned", Forall((_h,), eq(over_columns(-direction(_y) * w(_h, _T, _y)), -_value)), by=algebra)
    .have(
        "turned errors",
        Forall((_h,), le(right(_h) * over_columns(-direction(_y) * w(_h, _T, _y)), 0)),
        by=[fact("turned", h=_h), fact(_after(4), h=_h), quick],
    )
    .have("turned margin", eq(over_columns(-direction(_y) * m(_y)), -_of_m), by=algebra)
    .have("positive", ge(over_columns(-direction(_y) * m(_y)), _m), by=["turned margin", _after(5), quick])
    .have(
        "right",
        le(expected(right(_h)), ERROR),
        by=[
            *_upright,
            "short",
            _after(2),
            _after(3),
            "turned errors",
            "positive",
            _after(6),
            "end",
            "same",
            misclassified.at(
                late=_g + _T - 2,
                direction=sp.Lambda((_y,), -direction(_y)),
                miss=right,
            ),
        ],
    )
    .have("lost", ge(1 - expected(right(_h)), 1 - ERROR), by=["end", "right", complement.at(late=_g + _T - 2)])
    .have("kept below", le(_lk, CRITICAL), by=[_after(7), _after(8), kept_below.at()])
    .have("lost above", ge(_ll, CRITICAL), by=[_after(9), _after(10), lost_above.at()]),
)
