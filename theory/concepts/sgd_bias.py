"""How far SGD with rates 2/(lambda (gamma + t)) is from the minimiser in the mean (specification 2.C, sgd_bias).

Main statements
    strong_convexity   <grad, w - m> >= lambda |w - m|^2 for the regularised logistic loss
    distance_step      one step of one run
    mean_square        E |w_t - m|^2 <= nu/(gamma+t)
    sgd_bias           |E w_T - m|^2 <= E |w_T - m|^2 <= nu/(gamma+T)

References: Shalev-Shwartz and Ben-David (2014), section 14.4, for the shape of the argument; the constants are our own.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from theory.claim import Claim, Kind, Status, upper
from theory.concepts.logistic_sgd import (
    FRESH,
    LAW,
    MEAN_DIRECTION,
    MINIMISER,
    R2,
    SAMPLE_LAW,
    SHORT_START,
    STEPS,
    B,
    T,
    columns,
    expected,
    flow,
    g,
    gain,
    gain_m,
    lam,
    m,
    over_columns,
    over_points,
    p,
    points,
    pull_of,
    push,
    rate,
    sample_law,
    samples,
    short_gradients,
    shrink,
    start,
    w,
    z,
)
from theory.concepts.sgd_means import mean_distance, mean_step, recursion
from theory.concepts.sgd_steps import slope
from theory.derivation import derive
from theory.justification import Termwise, algebra, decide, fact, quick
from theory.lemma import Lemma
from theory.lemmas.sums import exchange
from theory.parameter import Parameter, reals
from theory.proposition import Forall, eq, ge, le, substitute
from theory.source import OWN

_h, _t, _x, _y, _n = (sp.Symbol(name, integer=True, nonnegative=True) for name in "htxyn")
_lam, _g, _R2, _T = lam.symbol, g.symbol, R2.symbol, T.symbol

e, delta, r = (sp.Function(name, real=True) for name in ("e", "delta", "r"))
_pulled = over_points(p(_x) * e(_x) * z(_x, _y))
_product = over_points(p(_x) * e(_x) * over_columns(delta(_y) * z(_x, _y)))
strong_convexity = Lemma(
    "concepts/strong_convexity",
    "<delta, lambda delta - sum p e z> >= lambda |delta|^2",
    (columns, points, lam),
    ge(over_columns(delta(_y) * r(_y)), _lam * over_columns(delta(_y) ** 2)),
    hypotheses=(
        LAW[0],
        Forall((_x,), le(e(_x) * over_columns(delta(_y) * z(_x, _y)), 0)),
        Forall((_y,), eq(r(_y), _lam * delta(_y) - _pulled)),
    ),
    functions=(p, e, delta, z, r),
    statement="e(x) = g(<w, z(x)>) - g(<m, z(x)>) has the sign opposite to <w - m, z(x)>, since g decreases",
    backing=derive()
    .have(
        "exchange",
        eq(_product, over_columns(delta(_y) * _pulled)),
        by=exchange.at(top=points.symbol, last=columns.symbol, g=z, u=sp.Lambda((_x,), p(_x) * e(_x)), w=delta),
    )
    .have(
        "term",
        Forall((_x,), le(p(_x) * e(_x) * over_columns(delta(_y) * z(_x, _y)), 0)),
        by=[fact("hypothesis 1", x=_x), fact("hypothesis 2", x=_x), decide],
    )
    .have("terms", le(_product, over_points(0 * p(_x))), by=[Termwise(), "term"])
    .have("zero", eq(over_points(0 * p(_x)), 0), by=algebra)
    .have(
        "gradient",
        Forall((_y,), eq(delta(_y) * r(_y), _lam * delta(_y) ** 2 - delta(_y) * _pulled)),
        by=[fact("hypothesis 3", y=_y), quick],
    )
    .have(
        "gradients",
        eq(over_columns(delta(_y) * r(_y)), over_columns(_lam * delta(_y) ** 2 - delta(_y) * _pulled)),
        by=[Termwise(), "gradient"],
    )
    .have(
        "linear",
        eq(
            over_columns(_lam * delta(_y) ** 2 - delta(_y) * _pulled),
            _lam * over_columns(delta(_y) ** 2) - over_columns(delta(_y) * _pulled),
        ),
        by=algebra,
    )
    .have(
        "convex",
        ge(over_columns(delta(_y) * r(_y)), _lam * over_columns(delta(_y) ** 2)),
        by=["exchange", "terms", "zero", "gradients", "linear", quick],
    ),
)

_u = _g + _t
_eta = rate(_t)
_apart, _later = w(_h, _t, _y) - m(_y), w(_h, _t + 1, _y) - m(_y)
_grad = _lam * w(_h, _t, _y) - push(_h, _t, _y)
_population = _lam * w(_h, _t, _y) - flow(_h, _t, _y)
_square, _next = over_columns(_apart**2), over_columns(_later**2)
_toward, _flow, _push = (
    over_columns(_apart * _population),
    over_columns(flow(_h, _t, _y) * _apart),
    over_columns(push(_h, _t, _y) * _apart),
)
_uw, _um = over_columns(w(_h, _t, _y) * z(_x, _y)), over_columns(m(_y) * z(_x, _y))
_bound = (1 - 2 * shrink(_t)) * _square - 2 * _eta * (_flow - _push) + 4 * _eta**2 * _R2
distance_step = Lemma(
    "concepts/distance_step",
    "|w' - m|^2 <= (1 - 2 lambda eta)|w - m|^2 - 2 eta <flow - push, w - m> + 4 eta^2 R^2",
    (columns, points, B, R2, lam, g),
    Forall((_h, _t), le(_next, _bound)),
    hypotheses=(*STEPS, SHORT_START, LAW[0], *MINIMISER, MEAN_DIRECTION),
    functions=(w, start, z, gain, push, p, gain_m, m, flow),
    backing=derive()
    .have("gradient", short_gradients.conclusion, by=[*(f"hypothesis {k}" for k in range(1, 7)), short_gradients.at()])
    .have(
        "update",
        Forall((_h, _t, _y), eq(_later**2, (_apart - _eta * _grad) ** 2)),
        by=[fact("hypothesis 4", h=_h, t=_t, y=_y), quick],
    )
    .have("updates", Forall((_h, _t), eq(_next, over_columns((_apart - _eta * _grad) ** 2))), by=[Termwise(), "update"])
    .have(
        "square",
        Forall(
            (_h, _t),
            eq(
                over_columns((_apart - _eta * _grad) ** 2),
                _square - 2 * _eta * (_toward + _flow - _push) + _eta**2 * over_columns(_grad**2),
            ),
        ),
        by=algebra,
    )
    .have("margins", Forall((_h, _t, _x), eq(over_columns(_apart * z(_x, _y)), _uw - _um)), by=algebra)
    .have("slopes", slope.conclusion, by=slope.at())
    .have(
        "decreasing",
        Forall((_h, _t, _x), le((pull_of(_uw) - pull_of(_um)) ** 2, (pull_of(_uw) - pull_of(_um)) * (_um - _uw) / 4)),
        by=fact("slopes", u=_uw, v=_um),
    )
    .have(
        "opposite",
        Forall((_h, _t, _x), le((gain(_h, _t, _x) - gain_m(_x)) * over_columns(_apart * z(_x, _y)), 0)),
        by=[
            fact("decreasing", h=_h, t=_t, x=_x),
            fact("hypothesis 2", h=_h, t=_t, x=_x),
            fact("hypothesis 8", x=_x),
            fact("margins", h=_h, t=_t, x=_x),
            quick,
        ],
    )
    .have(
        "split",
        Forall(
            (_h, _t, _y),
            eq(
                over_points(p(_x) * (gain(_h, _t, _x) - gain_m(_x)) * z(_x, _y)),
                over_points(p(_x) * gain(_h, _t, _x) * z(_x, _y)) - over_points(p(_x) * gain_m(_x) * z(_x, _y)),
            ),
        ),
        by=algebra,
    )
    .have(
        "population",
        Forall(
            (_h, _t, _y),
            eq(
                _population,
                _lam * _apart - over_points(p(_x) * (gain(_h, _t, _x) - gain_m(_x)) * z(_x, _y)),
            ),
        ),
        by=[
            fact("split", h=_h, t=_t, y=_y),
            fact("hypothesis 9", y=_y),
            fact("hypothesis 10", h=_h, t=_t, y=_y),
            quick,
        ],
    )
    .have(
        "convex",
        Forall((_h, _t), ge(_toward, _lam * _square)),
        by=[
            "hypothesis 7",
            "opposite",
            "population",
            strong_convexity.at(
                e=sp.Lambda((_x,), gain(_h, _t, _x) - gain_m(_x)),
                delta=sp.Lambda((_y,), _apart),
                r=sp.Lambda((_y,), _population),
            ),
        ],
    )
    .have("rate", Forall((_t,), eq(_eta * _lam, shrink(_t))), by=algebra)
    .have(
        "pull",
        Forall((_h, _t), ge(2 * _eta * _toward, 2 * shrink(_t) * _square)),
        by=[fact("convex", h=_h, t=_t), quick],
    )
    .have(
        "noise",
        Forall((_h, _t), le(_eta**2 * over_columns(_grad**2), 4 * _eta**2 * _R2)),
        by=[fact("gradient", h=_h, t=_t), quick],
    )
    .have(
        "step",
        Forall((_h, _t), le(_next, _bound)),
        by=[
            fact("updates", h=_h, t=_t),
            fact("square", h=_h, t=_t),
            fact("pull", h=_h, t=_t),
            fact("noise", h=_h, t=_t),
            quick,
        ],
    ),
)

R = Parameter("R", "R", "largest length of a feature vector", reals(0, sp.oo, open="lower"), (0.5, 3))
gap2 = Parameter("gap2", r"\|w_0-w_\lambda\|^2", "squared distance of the start from the minimiser", reals(0), (0, 10))
_R = R.symbol
_top = sp.Max(16 * _R**2 / (3 * _lam**2), _g * gap2.symbol)
_model = tuple(
    substitute(h, {_R2: _R**2}) for h in (*STEPS, SHORT_START, LAW[0], *MINIMISER, MEAN_DIRECTION, *SAMPLE_LAW, FRESH)
)
BIAS_MODEL = (*_model, ge(_g, 4), le(over_columns((start(_y) - m(_y)) ** 2), gap2.symbol))
BIAS_FUNCTIONS = (w, start, z, gain, push, p, gain_m, m, flow, sample_law)
BIAS_PARAMETERS = (columns, points, samples, B, R, lam, g, gap2, T)
_distance = sp.Lambda((_h, _t), _square)
mean_square = Lemma(
    "concepts/mean_square",
    "E |w_t - m|^2 <= nu/(gamma + t)",
    BIAS_PARAMETERS[:-1],
    Forall((_t,), le(expected(_square), _top / _u)),
    hypotheses=BIAS_MODEL,
    functions=BIAS_FUNCTIONS,
    backing=derive()
    .have(
        "distance",
        substitute(distance_step.conclusion, {_R2: _R**2}),
        by=[*(f"hypothesis {k}" for k in range(1, 11)), distance_step.at(R2=_R**2)],
    )
    .have(
        "mean step",
        Forall((_t,), le(expected(_next), (1 - 4 / _u) * expected(_square) + 16 * _R**2 / _lam**2 / _u**2)),
        by=[
            "distance",
            "hypothesis 11",
            "hypothesis 12",
            "hypothesis 13",
            mean_step.at(R2=_R**2, D=_distance, P=sp.Lambda((_h, _t), _push), F=sp.Lambda((_h, _t), _flow)),
        ],
    )
    .have(
        "start coordinate",
        Forall((_h, _y), eq((w(_h, 0, _y) - m(_y)) ** 2, (start(_y) - m(_y)) ** 2)),
        by=[fact("hypothesis 1", h=_h, y=_y), quick],
    )
    .have(
        "start distance",
        Forall((_h,), eq(over_columns((w(_h, 0, _y) - m(_y)) ** 2), over_columns((start(_y) - m(_y)) ** 2))),
        by=[Termwise(), "start coordinate"],
    )
    .have(
        "start run",
        Forall((_h,), le(sample_law(_h) * over_columns((w(_h, 0, _y) - m(_y)) ** 2), sample_law(_h) * gap2.symbol)),
        by=[fact("start distance", h=_h), "hypothesis 15", fact("hypothesis 11", h=_h), quick],
    )
    .have(
        "start runs",
        le(expected(over_columns((w(_h, 0, _y) - m(_y)) ** 2)), expected(gap2.symbol)),
        by=[Termwise(), "start run"],
    )
    .have(
        "start constant",
        eq(expected(gap2.symbol), gap2.symbol * sp.Sum(sample_law(_h), (_h, 0, samples.symbol))),
        by=algebra,
    )
    .have(
        "start",
        le(_g * expected(over_columns((w(_h, 0, _y) - m(_y)) ** 2)), _g * gap2.symbol),
        by=["start runs", "start constant", "hypothesis 12", quick],
    )
    .have("largest start", le(_g * gap2.symbol, _top), by=quick)
    .have("largest gradient", le(16 * _R**2 / _lam**2, 3 * _top), by=quick)
    .have(
        "start below",
        le(_g * expected(over_columns((w(_h, 0, _y) - m(_y)) ** 2)), _top),
        by=["start", "largest start", quick],
    )
    .have(
        "every t",
        Forall((_t,), le(expected(_square), _top / _u)),
        by=[
            "hypothesis 14",
            "mean step",
            "largest gradient",
            "start below",
            recursion.at(nu=_top, K=16 * _R**2 / _lam**2, E_=sp.Lambda((_t,), expected(_square))),
        ],
    ),
)


def at_end(term: Any) -> Any:
    """A term at t = T."""
    return term.xreplace({_t: _T})


sgd_bias = Claim(
    id="concepts/sgd_bias",
    title="Distance of SGD from the minimiser, in the mean",
    kind=Kind.UPPER,
    text=(
        "After T steps of regularised logistic SGD with rates 2/(lambda (gamma + t)), gamma >= 4, on features no "
        "longer than R, from a start no longer than R/lambda: |E w_T - w_lambda|^2 <= E |w_T - w_lambda|^2 <= "
        "nu/(gamma + T), nu = max{4 G^2/(3 lambda^2), gamma |w_0 - w_lambda|^2}, G = 2R, for any batch"
    ),
    parameters=BIAS_PARAMETERS,
    hypotheses=BIAS_MODEL,
    statements=(
        upper(at_end(expected(_square)), _top / (_g + _T), label="mean square"),
        upper(at_end(over_columns(expected(_apart) ** 2)), at_end(expected(_square)), label="bias"),
    ),
    source=OWN,
    status=Status.OWN,
    functions=BIAS_FUNCTIONS,
    remarks=("batches do not sharpen this bound: a mean of B gradients is only known to be no longer than one",),
    derivation=derive()
    .have("every t", mean_square.conclusion, by=[*(f"hypothesis {k}" for k in range(1, 16)), mean_square.at()])
    .have("mean square", le(at_end(expected(_square)), _top / (_g + _T)), by=fact("every t", t=_T))
    .have(
        "bias",
        le(at_end(over_columns(expected(_apart) ** 2)), at_end(expected(_square))),
        by=["hypothesis 11", "hypothesis 12", mean_distance.at(v=sp.Lambda((_h, _y), at_end(_apart)))],
    ),
)
