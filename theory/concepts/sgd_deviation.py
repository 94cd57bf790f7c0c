"""How far one run of SGD strays from the mean run (specification 2.C, sgd_deviation).

Stability: one draw moves w_T by c_t/B, c_t = (2D/lambda)(gamma+t-1)/((gamma+T-1)(gamma+T-2)). The runs are the tables
of T B independent draws from the support, each once: `INDEPENDENT` says so of their probabilities.

Main statements
    sgd_influence   |w(h, T) - w(twin, T)|^2 <= (c_s/B)^2
    mcdiarmid, pinelis   concentration of functions of independent draws with bounded differences (cited)
    below_mean      P(<u, w_T - E w_T> <= -x) <= exp(-(3/2) B x^2 lambda^2 (gamma+T-2)^2/(R^2 D^2 (gamma+T-1)))
    sgd_deviation   the same as a level, and for the norm
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from theory.claim import Claim, Kind, Status, upper
from theory.concepts.logistic_sgd import (
    DIRECTIONS,
    GAINS,
    LAW,
    LENGTHS,
    SAMPLE_LAW,
    START,
    UPDATES,
    expected,
    gain,
    p,
    pick,
    points,
    push,
    sample_law,
    samples,
    shrink,
    start,
    w,
    z,
)
from theory.concepts.parameters import T, g, lam
from theory.concepts.sgd_bias import R, by_runs
from theory.concepts.sgd_runs import (
    D2,
    DIAMETER,
    RUN_FUNCTIONS,
    RUNS,
    SMALL_RATE,
    START_TOGETHER,
    TWINS,
    apart,
    replaced_example,
    same_examples,
    twin,
)
from theory.concepts.sgd_steps import R2, B, cauchy_schwarz_bound, columns, over_columns, scaled_bound
from theory.derivation import derive
from theory.justification import Induction, Termwise, algebra, decide, fact, quick
from theory.lemma import Citation, Lemma
from theory.lemmas.sums import exchange
from theory.parameter import Parameter, integers, reals
from theory.proposition import Forall, eq, ge, gt, le, substitute
from theory.source import OWN, Source

D = Parameter("D", "D", "bound on R and on every |z - z'|", reals(0, sp.oo, open="lower"), (0.5, 6))
drop = Parameter("drop", "x", "how far a margin falls below its mean", reals(0), (0, 3))
radius = Parameter("r", "r", "distance of the weights from their mean", reals(0), (0, 3))
delta = Parameter("delta", r"\\delta", "allowed probability of failure", reals(0, 1, open="lower"), (0.001, 0.2))
_run = Parameter("h1", "h", "a run", integers(0), (0, 9))
_step = Parameter("s1", "s", "a step", integers(0), (0, 9))
_place = Parameter("e1", "e", "an example of a step", integers(0), (0, 9))
_point = Parameter("i1", "i", "a point of the support", integers(0), (0, 9))
_h, _t, _x, _y, _s, _e, _i, _n = (sp.Symbol(name, integer=True, nonnegative=True) for name in "htxysein")
_lam, _g, _B, _R2, _D2, _T = lam.symbol, g.symbol, B.symbol, R2.symbol, D2.symbol, T.symbol
_R, _D, _X, _r, _d = R.symbol, D.symbol, drop.symbol, radius.symbol, delta.symbol
_a, _S, _E, _I = _run.symbol, _step.symbol, _place.symbol, _point.symbol

f, c, miss, far, direction, centre, v, F = (
    sp.Function(name, real=True) for name in ("f", "c", "miss", "far", "direction", "centre", "v", "F")
)


def _share(s: Any, end: Any) -> sp.Expr:
    """The product of 2/(gamma+s) with the contractions of the steps s+1..end-1, over 2."""
    return (_g + s - 1) / ((_g + end - 2) * (_g + end - 1))


_K = Parameter("K", "K", "(2D/(lambda B))^2", reals(0), (0, 1))
_scale = _K.symbol
shrinking = Lemma(
    "concepts/shrinking",
    "The product of the contractions 1 - 2/(gamma + n) after step s",
    (g, _step, _K),
    Forall((_n,), le(f(_n), _scale * _share(_S, _n) ** 2), (ge(_n, _S + 1),)),
    hypotheses=(
        le(f(_S + 1), _scale / (_g + _S) ** 2),
        Forall((_n,), le(f(_n + 1), (1 - shrink(_n)) ** 2 * f(_n)), (ge(_n, _S + 1),)),
    ),
    functions=(f,),
    backing=derive()
    .have("start", eq(_scale * _share(_S, _S + 1) ** 2, _scale / (_g + _S) ** 2), by=algebra)
    .have(
        "numbers",
        Forall(
            (_n,),
            eq((1 - shrink(_n)) ** 2 * (_scale * _share(_S, _n) ** 2), _scale * _share(_S, _n + 1) ** 2),
            (ge(_n, _S + 1),),
        ),
        by=algebra,
    )
    .have("factor", Forall((_n,), ge((1 - shrink(_n)) ** 2, 0)), by=quick)
    .have(
        "every n",
        Forall((_n,), le(f(_n), _scale * _share(_S, _n) ** 2), (ge(_n, _S + 1),)),
        by=[
            Induction(_n, _S + 1),
            "hypothesis 1",
            "start",
            fact("hypothesis 2", n=_n),
            fact("numbers", n=_n),
            fact("factor", n=_n),
            decide,
        ],
    ),
)
_twin = twin(_a, _S, _E, _I)
_reach = 4 * _D2 / (_lam**2 * _B**2)
sgd_influence = Lemma(
    "concepts/sgd_influence",
    "One draw of step s moves the weights after T steps by c_s/B at most",
    (columns, B, R2, lam, g, D2, _run, _step, _place, _point),
    Forall((_n,), le(apart(_a, _twin, _n), _reach * _share(_S, _n) ** 2), (ge(_n, _S + 1),)),
    hypotheses=(*RUNS, DIAMETER, le(_R2, _D2), le(_E, _B - 1)),
    functions=RUN_FUNCTIONS,
    backing=derive()
    .have(
        "moved",
        replaced_example.conclusion,
        by=[*(f"hypothesis {k}" for k in range(1, 12)), replaced_example.at()],
    )
    .have("start", le(apart(_a, _twin, _S + 1), _reach / (_g + _S) ** 2), by=["moved", quick])
    .have(
        "same",
        Forall(
            (_n, _x, _y),
            eq(z(pick(_twin, _n, _x), _y), z(pick(_a, _n, _x), _y)),
            (ge(_n, _S + 1),),
        ),
        by=fact("hypothesis 7", h=_a, s=_S, e=_E, i=_I, t=_n, x=_x, y=_y),
    )
    .have(
        "closer",
        Forall(
            (_n,),
            le(apart(_a, _twin, _n + 1), (1 - shrink(_n)) ** 2 * apart(_a, _twin, _n)),
            (ge(_n, _S + 1),),
        ),
        by=[*(f"hypothesis {k}" for k in range(1, 6)), "same", same_examples.at(h1=_a, h2=_twin, s1=_n)],
    )
    .have(
        "every n",
        Forall((_n,), le(apart(_a, _twin, _n), _reach * _share(_S, _n) ** 2), (ge(_n, _S + 1),)),
        by=["start", "closer", shrinking.at(K=_reach, f=sp.Lambda((_n,), apart(_a, _twin, _n)))],
    ),
)
cubes = Lemma(
    "concepts/cubes",
    "sum over t < T of (gamma + t - 1)^2 <= (gamma + T - 1)^3/3",
    (g, T),
    le(sp.Sum((_g + _t - 1) ** 2, (_t, 0, _T - 1)), (_g + _T - 1) ** 3 / 3),
    backing=derive()
    .have(
        "every end",
        Forall((_n,), le(sp.Sum((_g + _t - 1) ** 2, (_t, 0, _n)), (_g + _n) ** 3 / 3)),
        by=[Induction(_n), decide],
        note="u^2 <= ((u+1)^3 - u^3)/3",
    )
    .have(
        "sum", le(sp.Sum((_g + _t - 1) ** 2, (_t, 0, _T - 1)), (_g + _T - 1) ** 3 / 3), by=fact("every end", n=_T - 1)
    ),
)

INDEPENDENT = (
    *LAW,
    *SAMPLE_LAW,
    Forall((_h,), eq(sample_law(_h), sp.Product(sp.Product(p(pick(_h, _t, _x)), (_x, 0, _B - 1)), (_t, 0, _T - 1)))),
    Forall((_h, _t, _x), le(pick(_h, _t, _x), points.symbol), (le(_h, samples.symbol),)),
    Forall(
        (_h, _s, _e, _i),
        le(twin(_h, _s, _e, _i), samples.symbol),
        (le(_h, samples.symbol), le(_i, points.symbol), le(_s, _T - 1), le(_e, _B - 1)),
    ),
    Forall(
        (_h, _s, _e, _i, _t, _x),
        eq(pick(twin(_h, _s, _e, _i), _t, _x), pick(_h, _t, _x)),
        (ge((_t - _s) ** 2 + (_x - _e) ** 2, 1),),
    ),
    Forall((_h, _s, _e, _i), eq(pick(twin(_h, _s, _e, _i), _s, _e), _i)),
)
_FLAG = (Forall((_h,), ge(miss(_h), 0)), Forall((_h,), le(miss(_h), 1)))
_FAR = (Forall((_h,), ge(far(_h), 0)), Forall((_h,), le(far(_h), 1)))
_range = (le(_s, _T - 1), le(_e, _B - 1))
squares = Parameter("C2", "C", "bound on the sum of the squared differences", reals(0, sp.oo, open="lower"), (0, 1))
_C2 = squares.symbol
_total = le(_B * sp.Sum(c(_t) ** 2, (_t, 0, _T - 1)), _C2)
mcdiarmid = Lemma(
    "concepts/mcdiarmid",
    "McDiarmid: P(f <= E f - x) <= exp(-2 x^2/C) for a function of independent draws with bounded differences",
    (points, samples, B, T, drop, squares),
    le(expected(miss(_h)), sp.exp(-2 * _X**2 / _C2)),
    hypotheses=(
        *INDEPENDENT,
        Forall((_h, _s, _e, _i), le(f(twin(_h, _s, _e, _i)) - f(_h), c(_s)), _range),
        _total,
        *_FLAG,
        Forall((_h,), le(miss(_h) * (f(_h) - expected(f(_h)) + _X), 0)),
    ),
    functions=(p, sample_law, f, c, miss),
    statement="miss is at most the indicator of f <= E f - x",
    backing=Citation(Source("mcdiarmid1989", "Lemma 1.2", recheck=True)),
)
pinelis = Lemma(
    "concepts/pinelis",
    "Pinelis: P(|F - E F| >= r) <= 2 exp(-r^2/(2 C)) for a vector function of independent draws",
    (points, samples, columns, B, T, radius, squares),
    le(expected(far(_h)), 2 * sp.exp(-(_r**2) / (2 * _C2))),
    hypotheses=(
        *INDEPENDENT,
        Forall(
            (_h, _s, _e, _i),
            le(over_columns((F(_h, _y) - F(twin(_h, _s, _e, _i), _y)) ** 2), c(_s) ** 2),
            _range,
        ),
        _total,
        *_FAR,
        Forall((_y,), eq(centre(_y), expected(F(_h, _y)))),
        Forall((_h,), ge(far(_h) * (over_columns((F(_h, _y) - centre(_y)) ** 2) - _r**2), 0)),
    ),
    functions=(p, sample_law, F, c, far, centre),
    statement="E[F | k draws] - E[F | k-1 draws] are no longer than c; far is at most the indicator of the event",
    backing=Citation(Source("pinelis1994", "Theorem 3.5, in Hilbert space", recheck=True)),
)

_MARGIN = over_columns(direction(_y) * w(_h, _T, _y))
_aside = over_columns(direction(_y) * (w(_h, _T, _y) - centre(_y)))
CENTRE = Forall((_y,), eq(centre(_y), expected(w(_h, _T, _y))))
BELOW = Forall((_h,), le(miss(_h) * (_aside + _X), 0))
OUTSIDE = Forall((_h,), ge(far(_h) * (over_columns((w(_h, _T, _y) - centre(_y)) ** 2) - _r**2), 0))


def _exact(proposition: Any) -> Any:
    """With R and D instead of their squares."""
    return substitute(proposition, {_R2: _R**2, _D2: _D**2})


RUN_MODEL = tuple(
    _exact(h) for h in (START, GAINS, DIRECTIONS, UPDATES, LENGTHS, SMALL_RATE, *TWINS, DIAMETER, le(_R2, _D2))
)
SHORT = le(over_columns(direction(_y) ** 2), _R**2)
_FUNCTIONS = (w, start, z, gain, push, p, sample_law, centre)
_PARAMETERS = (columns, points, samples, B, R, D, lam, g, T)
late = Parameter("late", r"\gamma+T-2", "gamma + T - 2", reals(0, sp.oo, open="lower"), (1, 1000))
_lower, _upper = late.symbol, late.symbol + 1
LATE = eq(late.symbol, _g + _T - 2)
_c = 2 * _D / (_lam * _B) * (_g + _t - 1) / (_lower * _upper)
_sum = 4 * _D**2 * _upper / (3 * _B * _lam**2 * _lower**2)
moved_weights = Lemma(
    "concepts/moved_weights",
    "One draw moves the weights by c_s/B",
    (columns, B, R, D, lam, g, T, late),
    Forall(
        (_h, _s, _e, _i),
        le(apart(_h, twin(_h, _s, _e, _i), _T), _c.xreplace({_t: _s}) ** 2),
        _range,
    ),
    hypotheses=(*RUN_MODEL, LATE),
    functions=(w, start, z, gain, push),
    backing=derive()
    .have(
        "together",
        START_TOGETHER,
        by=[fact("hypothesis 1", h=_h, y=_y), fact("hypothesis 1", h=_i, y=_y), quick],
    )
    .have(
        "every n",
        Forall(
            (_h, _s, _e, _i, _n),
            le(apart(_h, twin(_h, _s, _e, _i), _n), 4 * _D**2 / (_lam**2 * _B**2) * _share(_s, _n) ** 2),
            (ge(_n, _s + 1), le(_e, _B - 1)),
        ),
        by=[
            *(f"hypothesis {k}" for k in range(2, 11)),
            "together",
            sgd_influence.at(R2=_R**2, D2=_D**2, h1=_h, s1=_s, e1=_e, i1=_i),
        ],
    )
    .have(
        "square",
        Forall((_s,), eq(4 * _D**2 / (_lam**2 * _B**2) * _share(_s, _T) ** 2, _c.xreplace({_t: _s}) ** 2)),
        by=["hypothesis 11", quick],
    )
    .have(
        "moved",
        Forall(
            (_h, _s, _e, _i),
            le(apart(_h, twin(_h, _s, _e, _i), _T), _c.xreplace({_t: _s}) ** 2),
            _range,
        ),
        by=[fact("every n", h=_h, s=_s, e=_e, i=_i, n=_T), fact("square", s=_s), quick],
    ),
)
_factor = 4 * _D**2 / (_B * _lam**2 * _lower**2 * _upper**2)
sum_of_squares = Lemma(
    "concepts/sum_of_squares",
    "B sum_t (c_t/B)^2 <= (4 D^2/(3 B lambda^2)) (gamma + T - 1)/(gamma + T - 2)^2",
    (B, D, lam, g, T, late),
    le(_B * sp.Sum(_c**2, (_t, 0, _T - 1)), _sum),
    hypotheses=(LATE,),
    backing=derive()
    .have(
        "factor",
        eq(_B * sp.Sum(_c**2, (_t, 0, _T - 1)), _factor * sp.Sum((_g + _t - 1) ** 2, (_t, 0, _T - 1))),
        by=algebra,
    )
    .have("cubes", cubes.conclusion, by=cubes.at())
    .have("upper", eq(_g + _T - 1, _upper), by=["hypothesis 1", quick])
    .have("cube", le(sp.Sum((_g + _t - 1) ** 2, (_t, 0, _T - 1)), _upper**3 / 3), by=["cubes", "upper", quick])
    .have(
        "product",
        le(_B * sp.Sum(_c**2, (_t, 0, _T - 1)), _factor * (_upper**3 / 3)),
        by=[
            "factor",
            "cube",
            scaled_bound.at(
                a0=_B * sp.Sum(_c**2, (_t, 0, _T - 1)),
                b0=sp.Sum((_g + _t - 1) ** 2, (_t, 0, _T - 1)),
                c0=_upper**3 / 3,
                k0=_factor,
            ),
        ],
    ),
)

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
_cs = _c.xreplace({_t: _s})
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
    hypotheses=(*_HYPOTHESES, SHORT, *_FLAG, BELOW),
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
        eq(_B * sp.Sum((_R * _c) ** 2, (_t, 0, _T - 1)), _R**2 * (_B * sp.Sum(_c**2, (_t, 0, _T - 1)))),
        by=algebra,
    )
    .have(
        "all squares",
        le(_B * sp.Sum((_R * _c) ** 2, (_t, 0, _T - 1)), _R**2 * _sum),
        by=[
            "squares",
            "scaled",
            scaled_bound.at(
                a0=_B * sp.Sum((_R * _c) ** 2, (_t, 0, _T - 1)),
                b0=_B * sp.Sum(_c**2, (_t, 0, _T - 1)),
                c0=_sum,
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
    .have("positive", ge(_R**2 * _sum, 0), by=quick)
    .have(
        "McDiarmid",
        le(expected(miss(_h)), sp.exp(-2 * _X**2 / (_R**2 * _sum))),
        by=[
            *_law_names,
            "difference",
            "all squares",
            "below",
            "positive",
            _name(2),
            _name(3),
            mcdiarmid.at(C2=_R**2 * _sum, f=sp.Lambda((_h,), _MARGIN), c=sp.Lambda((_t,), _R * _c)),
        ],
    )
    .have("exponent", eq(sp.exp(-2 * _X**2 / (_R**2 * _sum)), _tail), by=algebra)
    .have("tail", le(expected(miss(_h)), _tail), by=["McDiarmid", "exponent", quick]),
)
away_from_mean = Lemma(
    "concepts/away_from_mean",
    "P(|w_T - E w_T| >= r)",
    (*_PARAMETERS, late, radius),
    le(expected(far(_h)), _norm_tail),
    hypotheses=(*_HYPOTHESES, *_FAR, OUTSIDE),
    functions=(*_FUNCTIONS, far),
    backing=derive()
    .have("moved", moved_weights.conclusion, by=[*_model_names, _late_name, moved_weights.at()])
    .have("squares", sum_of_squares.conclusion, by=[_late_name, sum_of_squares.at()])
    .have(
        "Pinelis",
        le(expected(far(_h)), 2 * sp.exp(-(_r**2) / (2 * _sum))),
        by=[
            *_law_names,
            "moved",
            "squares",
            _centre_name,
            _name(1),
            _name(2),
            _name(3),
            pinelis.at(C2=_sum, F=sp.Lambda((_h, _y), w(_h, _T, _y)), c=sp.Lambda((_t,), _c)),
        ],
    )
    .have("exponent", eq(2 * sp.exp(-(_r**2) / (2 * _sum)), _norm_tail), by=algebra)
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
DEVIATION_MODEL = (*_CLAIMED, SHORT, *_FLAG, BELOW)
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
    hypotheses=(*DEVIATION_MODEL, *_FAR, OUTSIDE, ge(expected(miss(_h)), _d)),
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
