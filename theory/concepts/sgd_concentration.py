"""Concentration of functions of independent draws (cited), in terms of runs.

The runs are the tables of T B independent draws from the support, each once: `INDEPENDENT` says so. The probability
of a run is the product of those of its points, all probabilities sum to 1, and every change of one draw is a run.

Main statements
    mcdiarmid   P(f <= E f - x) <= exp(-2 x^2/C)
    pinelis     P(|F - E F| >= r) <= 2 exp(-r^2/(2 C))
"""

from __future__ import annotations

import sympy as sp

from theory.concepts.logistic_sgd import (
    LAW,
    SAMPLE_LAW,
    expected,
    p,
    pick,
    points,
    sample_law,
    samples,
)
from theory.concepts.parameters import T
from theory.concepts.sgd_runs import (
    twin,
)
from theory.concepts.sgd_steps import B, columns, over_columns
from theory.lemma import Citation, Lemma
from theory.parameter import Parameter, reals
from theory.proposition import Forall, eq, ge, le
from theory.source import Source

drop = Parameter("drop", "x", "how far a margin falls below its mean", reals(0), (0, 3))
radius = Parameter("r", "r", "distance of the weights from their mean", reals(0), (0, 3))
_h, _t, _x, _y, _s, _e, _i, _n = (sp.Symbol(name, integer=True, nonnegative=True) for name in "htxysein")
_B, _T, _X, _r = B.symbol, T.symbol, drop.symbol, radius.symbol

f, c, miss, far, centre, F = (sp.Function(name, real=True) for name in ("f", "c", "miss", "far", "centre", "F"))


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
MISSES = (Forall((_h,), ge(miss(_h), 0)), Forall((_h,), le(miss(_h), 1)))
FARS = (Forall((_h,), ge(far(_h), 0)), Forall((_h,), le(far(_h), 1)))
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
        *MISSES,
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
        *FARS,
        Forall((_y,), eq(centre(_y), expected(F(_h, _y)))),
        Forall((_h,), ge(far(_h) * (over_columns((F(_h, _y) - centre(_y)) ** 2) - _r**2), 0)),
    ),
    functions=(p, sample_law, F, c, far, centre),
    statement="E[F | k draws] - E[F | k-1 draws] are no longer than c; far is at most the indicator of the event",
    backing=Citation(Source("pinelis1994", "Theorem 3.5, in Hilbert space", recheck=True)),
)
