"""Dissimilar rows of the data force the states of a good model apart (specification `categorical` 2.5).

The path integral of the pullback metric between the states of two contexts is the Jeffreys divergence J of their rows
(jeffreys_path). 4 s artanh s lies above its tangents, which are linear in s and pass through averages, so that no
convexity has to be shown.

Main statements
    above_line            the Jeffreys divergence lies above the tangents
    rows_apart            the rows of the model are nearly as far apart as those of the data
    separation_guarantee  J >= 4 s artanh s, for pairs and in the mean
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from theory.categorical.output_approximation import pairwise_distance
from theory.categorical.pair_means import mean_not_negative, mean_of_distances, mean_of_line, over_pairs
from theory.categorical.parameters import V
from theory.categorical.row_laws import (
    contexts,
    divergence,
    jeffreys,
    k,
    mean,
    mu,
    p,
    q,
    rows,
    total_variation,
    u,
    v,
    weights,
    x,
    y,
)
from theory.claim import Claim, Kind, Status, lower
from theory.derivation import derive
from theory.justification import Termwise, algebra, decide, fact, quick
from theory.lemma import Lemma
from theory.lemmas.divergence import laws, top
from theory.lemmas.divergence import p as first_law
from theory.lemmas.divergence import q as second_law
from theory.lemmas.divergence import total_variation as distance_of_laws
from theory.lemmas.jeffreys import above_tangent, tangent, tangent_point
from theory.lemmas.jeffreys import jeffreys as jeffreys_of_laws
from theory.lemmas.norms import four_points_l1
from theory.parameter import Parameter, integers, reals
from theory.proposition import Forall, eq, ge, le
from theory.source import OWN

of_pair = Parameter(
    "S", "S", "artanh s of two contexts, s at most TV(p_x, p_x') - eps_x - eps_x', or 0", reals(0), (0, 2)
)
of_mean = Parameter("T", "T", "artanh s, s at most E TV(p_x, p_x') - sqrt(2 L_KL), or 0", reals(0), (0, 2))
_S, _T = of_pair.symbol, of_mean.symbol
first = Parameter("first", "x", "a context", integers(0), (0, 10))
second = Parameter("second", "x'", "another context", integers(0), (0, 10))
_x, _y = first.symbol, second.symbol


def forced(at: sp.Expr) -> sp.Expr:
    """4 s artanh s at s = tanh(at)."""
    return 4 * at * sp.tanh(at)


def _slope(at: sp.Expr) -> sp.Expr:
    """Slope of the tangent of 4 s artanh s at s = tanh(at)."""
    return 4 * at + sp.exp(2 * at) - sp.exp(-2 * at)


def _start(at: sp.Expr) -> sp.Expr:
    """Its value at s = 0."""
    return 2 - sp.exp(2 * at) - sp.exp(-2 * at)


slope_not_negative = Lemma(
    "categorical/slope_not_negative",
    "4 s artanh s does not decrease",
    (of_pair,),
    ge(_slope(_S), 0),
    backing=derive().have("slope", ge(_slope(_S), 0), by=decide),
)
_apart = Parameter("apart", r"\tau", "a total variation", reals(), (0, 1))
_D = _apart.symbol
above_value = Lemma(
    "categorical/above_value",
    "The tangent at tanh S is at least its value there, to the right",
    (of_pair, _apart),
    ge(_slope(_S) * _D + _start(_S), forced(_S)),
    hypotheses=(le(sp.tanh(_S), _D),),
    backing=derive()
    .have("slope", ge(_slope(_S), 0), by=slope_not_negative.at())
    .have("point", eq(tangent(sp.tanh(_S), sp.exp(2 * _S)), forced(_S)), by=tangent_point.at(T=_S))
    .have("line", eq(tangent(sp.tanh(_S), sp.exp(2 * _S)), _slope(_S) * sp.tanh(_S) + _start(_S)), by=algebra)
    .have("rises", ge(_slope(_S) * _D, _slope(_S) * sp.tanh(_S)), by=["slope", "hypothesis 1", decide])
    .have("value", ge(_slope(_S) * _D + _start(_S), forced(_S)), by=["rises", "line", "point", quick]),
)
_distance = distance_of_laws()
above_line = Lemma(
    "categorical/above_line",
    "The Jeffreys divergence lies above the tangent of 4 s artanh s at tanh S",
    (top, of_pair),
    ge(jeffreys_of_laws, _slope(_S) * _distance + _start(_S)),
    hypotheses=laws(),
    functions=(first_law, second_law),
    backing=derive()
    .have(
        "tangent",
        ge(jeffreys_of_laws, tangent(_distance, sp.exp(2 * _S))),
        by=[*(f"hypothesis {i}" for i in range(1, 5)), above_tangent.at(e=sp.exp(2 * _S))],
    )
    .have("line", eq(tangent(_distance, sp.exp(2 * _S)), _slope(_S) * _distance + _start(_S)), by=algebra)
    .have("above", ge(jeffreys_of_laws, _slope(_S) * _distance + _start(_S)), by=["tangent", "line", quick]),
)


_laws = (*weights, *rows(p, q))
_given = tuple(f"hypothesis {i}" for i in range(1, 7))
_loss = mean(divergence(p, q))
_data_apart = over_pairs(total_variation(p, p, x, y))
_model_apart = over_pairs(total_variation(q, q, x, y))
_moved = over_pairs(sp.Abs(total_variation(q, q, x, y) - total_variation(p, p, x, y)))
_forced = over_pairs(jeffreys(q, x, y))


def _line(at: Any, other: Any) -> sp.Expr:
    """The tangent at tanh S, taken at the total variation of two rows of the model."""
    return _slope(_S) * total_variation(q, q, at, other) + _start(_S)


def _row(at: Any) -> sp.Lambda:
    return sp.Lambda((k,), q(at, k))


pair_above_line = Lemma(
    "categorical/pair_above_line",
    "The Jeffreys divergence of two rows lies above the tangents",
    (V, of_pair),
    Forall((u, v), ge(jeffreys(q, u, v), _line(u, v))),
    hypotheses=rows(q),
    functions=(q,),
    backing=derive().have(
        "line",
        Forall((u, v), ge(jeffreys(q, u, v), _line(u, v))),
        by=[
            "hypothesis 1",
            fact("hypothesis 2", x=u),
            fact("hypothesis 2", x=v),
            above_line.at(top=V.symbol - 1, p=_row(u), q=_row(v)),
        ],
    ),
)
pairs_above_line = Lemma(
    "categorical/pairs_above_line",
    "The mean Jeffreys divergence of the rows lies above the tangents",
    (contexts, V, of_pair),
    ge(_forced, _slope(_S) * _model_apart + _start(_S)),
    hypotheses=(*weights, *rows(q)),
    functions=(mu, q),
    backing=derive()
    .have(
        "line",
        Forall((u, v), ge(jeffreys(q, u, v), _line(u, v))),
        by=["hypothesis 3", "hypothesis 4", pair_above_line.at()],
    )
    .have(
        "weighted line",
        Forall((u, v), ge(mu(v) * jeffreys(q, u, v), mu(v) * _line(u, v))),
        by=[fact("line", u=u, v=v), fact("hypothesis 1", x=v), quick],
    )
    .have(
        "lines of a context",
        Forall((u,), ge(mean(jeffreys(q, u, y), y), mean(_line(u, y), y))),
        by=[Termwise(), fact("weighted line", u=u, v=y)],
    )
    .have(
        "weighted lines",
        Forall((u,), ge(mu(u) * mean(jeffreys(q, u, y), y), mu(u) * mean(_line(u, y), y))),
        by=[fact("lines of a context", u=u), fact("hypothesis 1", x=u), quick],
    )
    .have("lines", ge(_forced, over_pairs(_line(x, y))), by=[Termwise(), fact("weighted lines", u=x)])
    .have(
        "average",
        eq(over_pairs(_line(x, y)), _slope(_S) * _model_apart + _start(_S)),
        by=[
            "hypothesis 1",
            "hypothesis 2",
            mean_of_line.at(rise=_slope(_S), level=_start(_S), near=sp.Lambda((x, y), total_variation(q, q, x, y))),
        ],
    )
    .have("above", ge(_forced, _slope(_S) * _model_apart + _start(_S)), by=["lines", "average", quick]),
)
rows_apart = Lemma(
    "categorical/rows_apart",
    "The rows of the model are nearly as far apart, on average, as those of the data",
    (contexts, V),
    ge(_model_apart, sp.Max(0, _data_apart - sp.sqrt(2 * _loss))),
    hypotheses=_laws,
    functions=(mu, p, q),
    backing=derive()
    .have("reproduced", le(_moved, sp.sqrt(2 * _loss)), by=[*_given, pairwise_distance.at("total variation")])
    .have(
        "means",
        le(_data_apart - _model_apart, _moved),
        by=[
            "hypothesis 1",
            "hypothesis 2",
            mean_of_distances.at(
                far=sp.Lambda((x, y), total_variation(q, q, x, y)), near=sp.Lambda((x, y), total_variation(p, p, x, y))
            ),
        ],
    )
    .have("apart", Forall((u, v), ge(total_variation(q, q, u, v), 0)), by=quick)
    .have(
        "not negative",
        ge(_model_apart, 0),
        by=[
            "hypothesis 1",
            fact("apart", u=x, v=y),
            mean_not_negative.at(near=sp.Lambda((x, y), total_variation(q, q, x, y))),
        ],
    )
    .have(
        "apart on average",
        ge(_model_apart, sp.Max(0, _data_apart - sp.sqrt(2 * _loss))),
        by=["reproduced", "means", "not negative", quick],
    ),
)
_left = total_variation(p, p, _x, _y) - total_variation(p, q, _x) - total_variation(p, q, _y)
_corners = {"a": p(_x, k), "b": q(_x, k), "c": q(_y, k), "d": p(_y, k)}
separation_guarantee = Claim(
    id="categorical/separation_guarantee",
    title="Dissimilar contexts are forced apart",
    kind=Kind.LOWER,
    text=(
        "For two contexts the path integral between their states, which is the Jeffreys divergence of the rows of the "
        "model (jeffreys_path), is at least 4 s artanh s with s = (TV(p_x, p_x') - eps_x - eps_x')_+, eps_x = "
        "TV(p_x, q_x); for independent contexts its mean is at least 4 s artanh s with s = (E TV(p_x, p_x') - "
        "sqrt(2 L_KL))_+. S and T are the artanh of the two s. Vacuous where s = 0, in the mean from L_KL = "
        "(E TV)^2/2 on"
    ),
    parameters=(contexts, V, of_mean, of_pair, first, second),
    functions=(mu, p, q),
    hypotheses=(
        *_laws,
        le(sp.tanh(_T), sp.Max(0, _data_apart - sp.sqrt(2 * _loss))),
        le(sp.tanh(_S), sp.Max(0, _left)),
    ),
    statements=(
        lower(_forced, forced(_T), trivial=0, label="mean"),
        lower(jeffreys(q, _x, _y), forced(_S), trivial=0, label="pair"),
    ),
    source=OWN,
    status=Status.SHARPENED,
    derivation=derive()
    .have(
        "line",
        ge(_forced, _slope(_T) * _model_apart + _start(_T)),
        by=[*(f"hypothesis {i}" for i in (1, 2, 5, 6)), pairs_above_line.at(S=_T)],
    )
    .have("reproduced", ge(_model_apart, sp.Max(0, _data_apart - sp.sqrt(2 * _loss))), by=[*_given, rows_apart.at()])
    .have("model apart", le(sp.tanh(_T), _model_apart), by=["reproduced", "hypothesis 7", quick])
    .have(
        "value",
        ge(_slope(_T) * _model_apart + _start(_T), forced(_T)),
        by=["model apart", above_value.at(S=_T, apart=_model_apart)],
    )
    .have("mean", ge(_forced, forced(_T)), by=["line", "value", quick])
    .have(
        "triangle",
        le(
            total_variation(p, p, _x, _y),
            total_variation(p, q, _x) + total_variation(q, q, _x, _y) + total_variation(p, q, _y),
        ),
        by=[
            four_points_l1.at(top=V.symbol - 1, **{name: sp.Lambda((k,), value) for name, value in _corners.items()}),
            quick,
        ],
    )
    .have("apart", ge(total_variation(q, q, _x, _y), 0), by=quick)
    .have("pair apart", le(sp.tanh(_S), total_variation(q, q, _x, _y)), by=["triangle", "apart", "hypothesis 8", quick])
    .have("lines", Forall((u, v), ge(jeffreys(q, u, v), _line(u, v))), by=[*_given, pair_above_line.at()])
    .have(
        "value of the pair",
        ge(_line(_x, _y), forced(_S)),
        by=["pair apart", above_value.at(apart=total_variation(q, q, _x, _y))],
    )
    .have("pair", ge(jeffreys(q, _x, _y), forced(_S)), by=[fact("lines", u=_x, v=_y), "value of the pair", quick]),
)
