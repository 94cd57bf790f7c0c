"""Regularised logistic SGD on a finite support: the model (specification D6, D12), shared by the claims on it.

Support points x = 0..points have coordinates z(x, y), y = 0..columns, labels folded in, length at most R, and
probabilities p(x). Runs h = 0..samples of a training have probabilities sample_law(h); run h draws at step t the
points pick(h, t, x), x = 0..B-1. With gain(h, t, x) = 1/(1 + e^<w(h, t), z(x)>) a step is

    w(h, t+1) = (1 - lambda eta_t) w(h, t) + eta_t push(h, t),   push = (1/B) sum_x gain(h, t, pick) z(pick),

eta_t = 2/(lambda (gamma + t)).

Main definitions
    STEPS       the hypotheses above: start, gains, directions, steps, lengths
    MINIMISER   m is the minimiser of the population loss: lambda m = sum_x p(x) g(<m, z(x)>) z(x)
    FRESH       draws do not depend on the weights before them: given those, E push = sum_x p(x) gain z(x)
Main statements
    short_weights   |w(h, t)| <= R/lambda from a start that is no longer
    short_gradients |lambda w - push|^2 <= 4 R^2
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from theory.concepts.parameters import T, g, lam
from theory.concepts.sgd_steps import (
    R2,
    B,
    columns,
    difference_square,
    direction_square,
    over_columns,
    over_members,
    pull_of,
    shrunk_square,
)
from theory.derivation import derive
from theory.justification import Induction, Termwise, algebra, decide, fact, quick
from theory.lemma import Definition, Lemma
from theory.lemmas.online import SAMPLE_LAW, expected, sample_law, samples
from theory.parameter import Parameter, integers
from theory.proposition import Forall, eq, ge, le

points = Parameter("points", r"\hat x", "last point of the support", integers(0), (0, 10))

w, start, z, p, gain, push, flow, m, gain_m = (
    sp.Function(name, real=True) for name in ("w", "w0", "z", "p", "gain", "push", "flow", "m", "gain_m")
)
pick = Definition(
    "concepts/pick",
    sp.Function("pick", integer=True, nonnegative=True),
    "pick(h, t, x) = the point of the support that run h draws as the x-th example of step t",
)
_h, _t, _x, _y = (sp.Symbol(name, integer=True, nonnegative=True) for name in "htxy")
_lam, _g, _B, _R2 = lam.symbol, g.symbol, B.symbol, R2.symbol


def over_points(term: Any) -> sp.Sum:
    """The sum of `term` over support points x."""
    return sp.Sum(term, (_x, 0, points.symbol))


def shrink(t: Any) -> sp.Expr:
    """lambda eta_t = 2/(gamma + t)."""
    return 2 / (_g + t)


def rate(t: Any) -> sp.Expr:
    """eta_t = 2/(lambda (gamma + t))."""
    return 2 / (_lam * (_g + t))


_picked = pick(_h, _t, _x)
START = Forall((_h, _y), eq(w(_h, 0, _y), start(_y)))
GAINS = Forall((_h, _t, _x), eq(gain(_h, _t, _x), pull_of(over_columns(w(_h, _t, _y) * z(_x, _y)))))
DIRECTIONS = Forall((_h, _t, _y), eq(push(_h, _t, _y), over_members(gain(_h, _t, _picked) * z(_picked, _y)) / _B))
UPDATES = Forall((_h, _t, _y), eq(w(_h, _t + 1, _y), (1 - shrink(_t)) * w(_h, _t, _y) + rate(_t) * push(_h, _t, _y)))
LENGTHS = Forall((_x,), le(over_columns(z(_x, _y) ** 2), _R2))
STEPS = (START, GAINS, DIRECTIONS, UPDATES, LENGTHS)
SHORT_START = le(over_columns(start(_y) ** 2), _R2 / _lam**2)
LAW = (Forall((_x,), ge(p(_x), 0)), eq(over_points(p(_x)), 1))
MINIMISER = (
    Forall((_x,), eq(gain_m(_x), pull_of(over_columns(m(_y) * z(_x, _y))))),
    Forall((_y,), eq(_lam * m(_y), over_points(p(_x) * gain_m(_x) * z(_x, _y)))),
)
MEAN_DIRECTION = Forall((_h, _t, _y), eq(flow(_h, _t, _y), over_points(p(_x) * gain(_h, _t, _x) * z(_x, _y))))
_apart = w(_h, _t, _y) - m(_y)
FRESH = Forall(
    (_t,),
    eq(expected(over_columns(push(_h, _t, _y) * _apart)), expected(over_columns(flow(_h, _t, _y) * _apart))),
)

_one_member = gain(_h, _t, _picked)
short_directions = Lemma(
    "concepts/short_directions",
    "|push|^2 <= R^2",
    (columns, B, R2),
    Forall((_h, _t), le(over_columns(push(_h, _t, _y) ** 2), _R2)),
    hypotheses=(GAINS, DIRECTIONS, LENGTHS),
    functions=(w, z, gain, push),
    backing=derive()
    .have(
        "gain",
        Forall((_h, _t, _x), le(gain(_h, _t, _x) ** 2, 1)),
        by=[fact("hypothesis 1", h=_h, t=_t, x=_x), quick],
    )
    .have("term", Forall((_h, _t, _x), le(_one_member**2, 1)), by=[fact("gain", h=_h, t=_t, x=_picked), quick])
    .have("gains", Forall((_h, _t), le(over_members(_one_member**2), over_members(1))), by=[Termwise(), "term"])
    .have("members", eq(over_members(1), _B), by=algebra)
    .have(
        "lengths",
        Forall((_h, _t, _x), le(over_columns(z(_picked, _y) ** 2), _R2)),
        by=fact("hypothesis 3", x=_picked),
    )
    .have(
        "square",
        Forall(
            (_h, _t),
            le(
                over_columns((over_members(_one_member * z(_picked, _y)) / _B) ** 2),
                _R2 * over_members(_one_member**2) / _B,
            ),
        ),
        by=[
            "lengths",
            direction_square.at(d=sp.Lambda((_x,), _one_member), X=sp.Lambda((_x, _y), z(_picked, _y))),
        ],
    )
    .have(
        "named term",
        Forall(
            (_h, _t, _y),
            eq(push(_h, _t, _y) ** 2, (over_members(_one_member * z(_picked, _y)) / _B) ** 2),
        ),
        by=[fact("hypothesis 2", h=_h, t=_t, y=_y), quick],
    )
    .have(
        "named",
        Forall(
            (_h, _t),
            eq(
                over_columns(push(_h, _t, _y) ** 2),
                over_columns((over_members(_one_member * z(_picked, _y)) / _B) ** 2),
            ),
        ),
        by=[Termwise(), "named term"],
    )
    .have(
        "short",
        Forall((_h, _t), le(over_columns(push(_h, _t, _y) ** 2), _R2)),
        by=[fact("named", h=_h, t=_t), fact("square", h=_h, t=_t), fact("gains", h=_h, t=_t), "members", quick],
    ),
)
_weights = over_columns(w(_h, _t, _y) ** 2)
_next = over_columns(w(_h, _t + 1, _y) ** 2)
_convex = over_columns(((1 - shrink(_t)) * w(_h, _t, _y) + shrink(_t) * (push(_h, _t, _y) / _lam)) ** 2)
short_weights = Lemma(
    "concepts/short_weights",
    "|w(t)| <= R/lambda at all times",
    (columns, B, R2, lam, g),
    Forall((_h, _t), le(_weights, _R2 / _lam**2)),
    hypotheses=(*STEPS, SHORT_START),
    functions=(w, start, z, gain, push),
    statement="a step is a mean of w and push/lambda, both no longer than R/lambda",
    backing=derive()
    .have(
        "directions",
        short_directions.conclusion,
        by=["hypothesis 2", "hypothesis 3", "hypothesis 5", short_directions.at()],
    )
    .have("share", Forall((_t,), le(shrink(_t), 1)), by=quick)
    .have(
        "update",
        Forall(
            (_h, _t, _y),
            eq(
                w(_h, _t + 1, _y) ** 2, ((1 - shrink(_t)) * w(_h, _t, _y) + shrink(_t) * (push(_h, _t, _y) / _lam)) ** 2
            ),
        ),
        by=[fact("hypothesis 4", h=_h, t=_t, y=_y), quick],
    )
    .have("updates", Forall((_h, _t), eq(_next, _convex)), by=[Termwise(), "update"])
    .have(
        "convex",
        Forall(
            (_h, _t),
            le(_convex, (1 - shrink(_t)) * _weights + shrink(_t) * over_columns((push(_h, _t, _y) / _lam) ** 2)),
        ),
        by=[
            fact("share", t=_t),
            shrunk_square.at(
                a=shrink(_t), w=sp.Lambda((_y,), w(_h, _t, _y)), v=sp.Lambda((_y,), push(_h, _t, _y) / _lam)
            ),
        ],
    )
    .have(
        "scale",
        Forall(
            (_h, _t), eq(over_columns((push(_h, _t, _y) / _lam) ** 2), over_columns(push(_h, _t, _y) ** 2) / _lam**2)
        ),
        by=algebra,
    )
    .have(
        "direction",
        Forall((_h, _t), le(over_columns((push(_h, _t, _y) / _lam) ** 2), _R2 / _lam**2)),
        by=[fact("scale", h=_h, t=_t), fact("directions", h=_h, t=_t), quick],
    )
    .have(
        "mean",
        Forall((_h, _t), le(_next, (1 - shrink(_t)) * _weights + shrink(_t) * (_R2 / _lam**2))),
        by=[
            fact("updates", h=_h, t=_t),
            fact("convex", h=_h, t=_t),
            fact("direction", h=_h, t=_t),
            quick,
        ],
    )
    .have("start term", Forall((_h, _y), eq(w(_h, 0, _y) ** 2, start(_y) ** 2)), by=["hypothesis 1", quick])
    .have(
        "start sum",
        Forall((_h,), eq(over_columns(w(_h, 0, _y) ** 2), over_columns(start(_y) ** 2))),
        by=[Termwise(), "start term"],
    )
    .have(
        "start",
        Forall((_h,), le(over_columns(w(_h, 0, _y) ** 2), _R2 / _lam**2)),
        by=[fact("start sum", h=_h), "hypothesis 6", quick],
    )
    .have(
        "short",
        Forall((_h, _t), le(_weights, _R2 / _lam**2)),
        by=[Induction(_t), fact("start", h=_h), fact("share", t=_t), fact("mean", h=_h, t=_t), quick],
    ),
)
_gradient = over_columns((_lam * w(_h, _t, _y) - push(_h, _t, _y)) ** 2)
short_gradients = Lemma(
    "concepts/short_gradients",
    "|lambda w - push|^2 <= 4 R^2",
    (columns, B, R2, lam, g),
    Forall((_h, _t), le(_gradient, 4 * _R2)),
    hypotheses=(*STEPS, SHORT_START),
    functions=(w, start, z, gain, push),
    backing=derive()
    .have(
        "directions",
        short_directions.conclusion,
        by=["hypothesis 2", "hypothesis 3", "hypothesis 5", short_directions.at()],
    )
    .have("weights", short_weights.conclusion, by=[*(f"hypothesis {k}" for k in range(1, 7)), short_weights.at()])
    .have(
        "difference",
        Forall(
            (_h, _t),
            le(
                _gradient,
                2 * over_columns((_lam * w(_h, _t, _y)) ** 2) + 2 * over_columns(push(_h, _t, _y) ** 2),
            ),
        ),
        by=difference_square.at(w=sp.Lambda((_y,), _lam * w(_h, _t, _y)), v=sp.Lambda((_y,), push(_h, _t, _y))),
    )
    .have("scale", Forall((_h, _t), eq(over_columns((_lam * w(_h, _t, _y)) ** 2), _lam**2 * _weights)), by=algebra)
    .have(
        "decay",
        Forall((_h, _t), le(_lam**2 * _weights, _R2)),
        by=[fact("weights", h=_h, t=_t), decide],
    )
    .have(
        "gradients",
        Forall((_h, _t), le(_gradient, 4 * _R2)),
        by=[
            fact("difference", h=_h, t=_t),
            fact("scale", h=_h, t=_t),
            fact("decay", h=_h, t=_t),
            fact("directions", h=_h, t=_t),
            quick,
        ],
    ),
)

__all__ = [
    "DIRECTIONS",
    "FRESH",
    "GAINS",
    "LAW",
    "LENGTHS",
    "MEAN_DIRECTION",
    "MINIMISER",
    "R2",
    "SAMPLE_LAW",
    "SHORT_START",
    "START",
    "STEPS",
    "UPDATES",
    "B",
    "T",
    "columns",
    "expected",
    "flow",
    "g",
    "gain",
    "gain_m",
    "lam",
    "m",
    "over_columns",
    "over_members",
    "over_points",
    "p",
    "pick",
    "points",
    "pull_of",
    "push",
    "rate",
    "sample_law",
    "samples",
    "short_directions",
    "short_gradients",
    "short_weights",
    "shrink",
    "start",
    "w",
    "z",
]  # fmt: skip
