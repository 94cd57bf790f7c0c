"""Means over independent pairs of contexts.

far and near are functions of two contexts, such as distances of rows.

Main statements
    mean_of_line        E(a near + b) = a E near + b
    mean_not_negative   near >= 0 gives E near >= 0
    mean_of_distances   E near - E far <= E |far - near|
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from theory.categorical.row_laws import contexts, mean, mu, u, v, weights, x, y
from theory.derivation import derive
from theory.justification import Induction, SingleTerm, Termwise, algebra, decide, fact, quick
from theory.lemma import Lemma
from theory.parameter import Parameter, reals
from theory.proposition import Forall, eq, ge, le

_nX = contexts.symbol
_far, _near = (sp.Function(name, real=True) for name in ("far", "near"))
_r = sp.Symbol("r", integer=True, nonnegative=True)
_rise = Parameter("rise", "a", "slope of a line", reals(), (0, 1))
_level = Parameter("level", "b", "value of a line at 0", reals(), (-1, 1))
_a, _b = _rise.symbol, _level.symbol


def over_pairs(term: Any) -> sp.Sum:
    """E over independent contexts x and y."""
    return mean(mean(term, y))


def _mass(index: sp.Symbol, last: Any = _nX) -> sp.Sum:
    return sp.Sum(mu(index), (index, 0, last))


mean_of_line = Lemma(
    "categorical/mean_of_line",
    "The mean over pairs of contexts of a linear function",
    (contexts, _rise, _level),
    eq(over_pairs(_a * _near(x, y) + _b), _a * over_pairs(_near(x, y)) + _b),
    hypotheses=weights,
    functions=(mu, _near),
    backing=derive()
    .have("renamed masses", Forall((_r,), eq(_mass(y, _r), _mass(x, _r))), by=[Induction(_r), quick])
    .have("mass", eq(_mass(y), 1), by=[fact("renamed masses", r=_nX), "hypothesis 2", quick])
    .have(
        "linear second",
        Forall((u,), eq(mean(_a * _near(u, y) + _b, y), _a * mean(_near(u, y), y) + _b * _mass(y))),
        by=algebra,
    )
    .have(
        "second",
        Forall((u,), eq(mean(_a * _near(u, y) + _b, y), _a * mean(_near(u, y), y) + _b)),
        by=[fact("linear second", u=u), "mass", quick],
    )
    .have(
        "first",
        eq(over_pairs(_a * _near(x, y) + _b), mean(_a * mean(_near(x, y), y) + _b)),
        by=[Termwise(), fact("second", u=x)],
    )
    .have(
        "linear first",
        eq(mean(_a * mean(_near(x, y), y) + _b), _a * over_pairs(_near(x, y)) + _b * _mass(x)),
        by=algebra,
    )
    .have(
        "average",
        eq(over_pairs(_a * _near(x, y) + _b), _a * over_pairs(_near(x, y)) + _b),
        by=["first", "linear first", "hypothesis 2", quick],
    ),
)
_weighted = mean(_near(u, y), y)
mean_not_negative = Lemma(
    "categorical/mean_not_negative",
    "The mean over pairs of contexts of a function that is not negative",
    (contexts,),
    ge(over_pairs(_near(x, y)), 0),
    hypotheses=(weights[0], Forall((x, y), ge(_near(x, y), 0))),
    functions=(mu, _near),
    backing=derive()
    .have(
        "pair",
        Forall((u, v), ge(mu(v) * _near(u, v), 0)),
        by=[fact("hypothesis 1", x=v), fact("hypothesis 2", x=u, y=v), quick],
    )
    .have("context", Forall((u,), ge(_weighted, 0)), by=[SingleTerm(0), fact("pair", u=u, v=y), fact("pair", u=u, v=0)])
    .have(
        "weighted", Forall((u,), ge(mu(u) * _weighted, 0)), by=[fact("context", u=u), fact("hypothesis 1", x=u), quick]
    )
    .have("mean", ge(over_pairs(_near(x, y)), 0), by=[SingleTerm(0), fact("weighted", u=x), fact("weighted", u=0)]),
)
mean_of_distances = Lemma(
    "categorical/mean_of_distances",
    "E near - E far <= E |far - near|",
    (contexts,),
    le(over_pairs(_near(x, y)) - over_pairs(_far(x, y)), over_pairs(sp.Abs(_far(x, y) - _near(x, y)))),
    hypotheses=weights,
    functions=(mu, _far, _near),
    backing=derive()
    .have(
        "pair",
        Forall((u, v), le(mu(v) * (_near(u, v) - _far(u, v)), mu(v) * sp.Abs(_far(u, v) - _near(u, v)))),
        by=[fact("hypothesis 1", x=v), decide],
    )
    .have(
        "second",
        Forall((u,), le(mean(_near(u, y) - _far(u, y), y), mean(sp.Abs(_far(u, y) - _near(u, y)), y))),
        by=[Termwise(), fact("pair", u=u, v=y)],
    )
    .have(
        "weighted",
        Forall((u,), le(mu(u) * mean(_near(u, y) - _far(u, y), y), mu(u) * mean(sp.Abs(_far(u, y) - _near(u, y)), y))),
        by=[fact("hypothesis 1", x=u), fact("second", u=u), quick],
    )
    .have(
        "first",
        le(over_pairs(_near(x, y) - _far(x, y)), over_pairs(sp.Abs(_far(x, y) - _near(x, y)))),
        by=[Termwise(), fact("weighted", u=x)],
    )
    .have(
        "linear second",
        Forall((u,), eq(mean(_near(u, y) - _far(u, y), y), mean(_near(u, y), y) - mean(_far(u, y), y))),
        by=algebra,
    )
    .have(
        "parts",
        eq(over_pairs(_near(x, y) - _far(x, y)), mean(mean(_near(x, y), y) - mean(_far(x, y), y))),
        by=[Termwise(), fact("linear second", u=x)],
    )
    .have(
        "linear",
        eq(mean(mean(_near(x, y), y) - mean(_far(x, y), y)), over_pairs(_near(x, y)) - over_pairs(_far(x, y))),
        by=algebra,
    )
    .have(
        "difference",
        le(over_pairs(_near(x, y)) - over_pairs(_far(x, y)), over_pairs(sp.Abs(_far(x, y) - _near(x, y)))),
        by=["first", "parts", "linear", quick],
    ),
)
