"""A small loss reproduces the rows of the data and their distances (specification `categorical` 2.5).

Main statements
    output_approximation_as_stated   the paper's constants: E d_H^2 <= L_KL/2 is refuted
    output_approximation             E d_H^2 <= L_KL, E TV^2 <= L_KL/2, E l1^2 <= 2 L_KL
    pairwise_distance                distances between rows are reproduced within 2 E d(p_X, q_X)
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from theory.categorical.parameters import V
from theory.categorical.row_laws import (
    contexts,
    divergence,
    hellinger,
    k,
    mean,
    mu,
    over_tokens,
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
from theory.claim import Claim, Kind, Status, upper
from theory.derivation import derive
from theory.justification import Induction, SingleTerm, Termwise, algebra, decide, fact, quick
from theory.lemma import Instance, Lemma
from theory.lemmas.hellinger import hellinger_below_kl, root
from theory.lemmas.norms import four_points_l1, root_of_square, square_of_mean, three_parts
from theory.lemmas.pinsker import pinsker
from theory.parameter import Parameter, reals
from theory.proposition import Forall, eq, ge, le
from theory.source import Source
from theory.verdict import Verdict

_loss = mean(divergence(p, q))
_hellinger = mean(hellinger(p, q))
_variation = mean(total_variation(p, q) ** 2)
_l1 = mean(over_tokens(sp.Abs(p(x, k) - q(x, k))) ** 2)
output_approximation_as_stated = Claim(
    id="categorical/output_approximation_as_stated",
    title="Loss controls output distance (paper's constants)",
    kind=Kind.UPPER,
    text="E d_H(p_X, q_X)^2 <= L_KL/2 and E TV(p_X, q_X)^2 <= L_KL, with d_H^2 = 2(1 - BC)",
    parameters=(contexts, V),
    functions=(mu, p, q),
    hypotheses=(*weights, *rows(p, q)),
    statements=(
        upper(_hellinger, _loss / 2, label="hellinger"),
        upper(_variation, _loss, label="total variation"),
    ),
    source=Source("zhang2025", "Thm 7.1, eq. (7.2), Def. 7.3"),
    status=Status.AS_STATED,
    expected=Verdict.REFUTED,
    why=(
        "p = (1, 0), q = (1/2, 1/2): d_H^2 = .585786 > .346574 = KL/2; the constant 1/2 belongs to 1 - BC. "
        "The constant of TV is valid, but not sharp"
    ),
)
_given = tuple(f"hypothesis {i}" for i in (3, 5))


def _one_context(lemma: Lemma, *more: Any) -> list[Any]:
    """The laws of the row u, for a lemma about two positive laws."""
    at: Instance = lemma.at(top=V.symbol - 1, p=sp.Lambda((k,), p(u, k)), q=sp.Lambda((k,), q(u, k)))
    return [*_given, fact("hypothesis 4", x=u), fact("hypothesis 6", x=u), *more, at]


_weighted_pinsker = mu(u) * total_variation(p, q, u) ** 2
output_approximation = Claim(
    id="categorical/output_approximation",
    title="Loss controls output distance (sharp constants)",
    kind=Kind.UPPER,
    text=(
        "E d_H(p_X, q_X)^2 <= L_KL, E TV(p_X, q_X)^2 <= L_KL/2 and E ||p_X - q_X||_1^2 <= 2 L_KL. Sharp: "
        "p = (1, 0), q = (1 - e, e) with e -> 0 for d_H^2, p = 1/2 + e, q = 1/2 - e for TV"
    ),
    parameters=(contexts, V),
    functions=(mu, p, q),
    hypotheses=(*weights, *rows(p, q)),
    statements=(
        upper(_hellinger, _loss, label="hellinger"),
        upper(_variation, _loss / 2, label="total variation"),
        upper(_l1, 2 * _loss, label="l1"),
    ),
    source=Source("cover2006", "Lemma 11.6.1", recheck=True),
    status=Status.CORRECTED,
    corrects=("categorical/output_approximation_as_stated",),
    derivation=derive()
    .have(
        "hellinger of a row",
        Forall((u,), le(hellinger(p, q, u), divergence(p, q, u))),
        by=_one_context(hellinger_below_kl),
        note="d_H^2 <= -2 log BC <= KL",
    )
    .have(
        "pinsker",
        Forall((u,), le(2 * total_variation(p, q, u) ** 2, divergence(p, q, u))),
        by=_one_context(pinsker),
    )
    .have(
        "weighted hellinger",
        Forall((u,), le(mu(u) * hellinger(p, q, u), mu(u) * divergence(p, q, u))),
        by=[fact("hypothesis 1", x=u), fact("hellinger of a row", u=u), quick],
    )
    .have("hellinger", le(_hellinger, _loss), by=[Termwise(), "weighted hellinger"])
    .have(
        "weighted pinsker",
        Forall((u,), le(_weighted_pinsker, mu(u) * (divergence(p, q, u) / 2))),
        by=[fact("hypothesis 1", x=u), fact("pinsker", u=u), quick],
    )
    .have("averaged", le(_variation, mean(divergence(p, q) / 2)), by=[Termwise(), "weighted pinsker"])
    .have("half", eq(mean(divergence(p, q) / 2), _loss / 2), by=algebra)
    .have("total variation", le(_variation, _loss / 2), by=["averaged", "half", quick])
    .have("twice", eq(_l1, 4 * _variation), by=algebra)
    .have("l1", le(_l1, 2 * _loss), by=["twice", "total variation", quick]),
)

_far, _near, _error = (sp.Function(name, real=True) for name in ("far", "near", "error"))


def _pairs(term: Any) -> sp.Sum:
    """E over independent contexts x and y."""
    return mean(mean(term, y))


def _apart(first: Any, second: Any) -> sp.Expr:
    return sp.Abs(_far(first, second) - _near(first, second))


_mass_y = sp.Sum(mu(y), (y, 0, contexts.symbol))
_r = sp.Symbol("r", integer=True, nonnegative=True)
average = Parameter("average", r"\bar\varepsilon", "the mean error", reals(), (0, 1))
_triangle = Forall((x, y), le(_apart(x, y), _error(x) + _error(y)))
pairs_of_distances = Lemma(
    "categorical/pairs_of_distances",
    "Two distances that differ by at most error(x) + error(y), on average",
    (contexts, average),
    le(_pairs(_apart(x, y)), 2 * average.symbol),
    hypotheses=(*weights, _triangle, eq(mean(_error(x)), average.symbol)),
    functions=(mu, _far, _near, _error),
    backing=derive()
    .have(
        "renamed masses",
        Forall((_r,), eq(sp.Sum(mu(y), (y, 0, _r)), sp.Sum(mu(x), (x, 0, _r)))),
        by=[Induction(_r), quick],
    )
    .have(
        "renamed errors",
        Forall((_r,), eq(sp.Sum(mu(y) * _error(y), (y, 0, _r)), sp.Sum(mu(x) * _error(x), (x, 0, _r)))),
        by=[Induction(_r), quick],
    )
    .have(
        "pair",
        Forall((u, v), le(mu(v) * _apart(u, v), mu(v) * (_error(u) + _error(v)))),
        by=[fact("hypothesis 1", x=v), fact("hypothesis 3", x=u, y=v), quick],
    )
    .have(
        "second",
        Forall((u,), le(mean(_apart(u, y), y), mean(_error(u) + _error(y), y))),
        by=[Termwise(), "pair"],
    )
    .have(
        "linear",
        Forall((u,), eq(mean(_error(u) + _error(y), y), _error(u) * _mass_y + mean(_error(y), y))),
        by=algebra,
    )
    .have(
        "one context",
        Forall((u,), le(mean(_apart(u, y), y), _error(u) + average.symbol)),
        by=[
            fact("second", u=u),
            fact("linear", u=u),
            fact("renamed masses", r=contexts.symbol),
            fact("renamed errors", r=contexts.symbol),
            "hypothesis 2",
            "hypothesis 4",
            quick,
        ],
    )
    .have(
        "weighted",
        Forall((u,), le(mu(u) * mean(_apart(u, y), y), mu(u) * (_error(u) + average.symbol))),
        by=[fact("hypothesis 1", x=u), fact("one context", u=u), quick],
    )
    .have("first", le(_pairs(_apart(x, y)), mean(_error(x) + average.symbol)), by=[Termwise(), "weighted"])
    .have(
        "sum",
        eq(
            mean(_error(x) + average.symbol),
            mean(_error(x)) + average.symbol * sp.Sum(mu(x), (x, 0, contexts.symbol)),
        ),
        by=algebra,
    )
    .have(
        "twice",
        le(_pairs(_apart(x, y)), 2 * average.symbol),
        by=["first", "sum", "hypothesis 2", "hypothesis 4", quick],
    ),
)


def _tv(first: Any, second: Any, at: Any, other: Any) -> sp.Expr:
    return total_variation(first, second, at, other)


def _dh(first: Any, second: Any, at: Any, other: Any) -> sp.Expr:
    return root(hellinger(first, second, at, other))


def _corners(first: Any, second: Any) -> Instance:
    """first_u, second_u, second_v, first_v as four points."""
    corners = {"a": first(u, k), "b": second(u, k), "c": second(v, k), "d": first(v, k)}
    return four_points_l1.at(top=V.symbol - 1, **{name: sp.Lambda((k,), value) for name, value in corners.items()})


def _gap(at: sp.Symbol) -> sp.Lambda:
    return sp.Lambda((k,), root(p(at, k)) - root(q(at, k)))


def _step(table: Any) -> sp.Lambda:
    return sp.Lambda((k,), root(table(u, k)) - root(table(v, k)))


def _averaged(distance: Any, value: Any) -> Instance:
    """pairs_of_distances for a distance between rows."""
    return pairs_of_distances.at(
        average=value,
        far=sp.Lambda((x, y), distance(q, q, x, y)),
        near=sp.Lambda((x, y), distance(p, p, x, y)),
        error=sp.Lambda((x,), distance(p, q, x, x)),
    )


_difference = {name: sp.Abs(d(q, q, x, y) - d(p, p, x, y)) for name, d in (("tv", _tv), ("dh", _dh))}
_tv_mean, _dh_mean = mean(total_variation(p, q)), mean(root(hellinger(p, q)))
pairwise_distance = Claim(
    id="categorical/pairwise_distance",
    title="Pairwise distances are reproduced",
    kind=Kind.UPPER,
    text=(
        "For independent contexts x, x': E |d(q_x, q_x') - d(p_x, p_x')| <= 2 E d(p_X, q_X), which is at most "
        "sqrt(2 L_KL) for TV and 2 sqrt(L_KL) for d_H"
    ),
    parameters=(contexts, V),
    functions=(mu, p, q),
    hypotheses=(*weights, *rows(p, q)),
    statements=(
        upper(_pairs(_difference["tv"]), sp.sqrt(2 * _loss), trivial=1, label="total variation"),
        upper(_pairs(_difference["dh"]), 2 * sp.sqrt(_loss), trivial=sp.sqrt(2), label="hellinger"),
        upper(_pairs(_difference["tv"]), 2 * _tv_mean, trivial=1, label="triangle, total variation"),
        upper(_pairs(_difference["dh"]), 2 * _dh_mean, trivial=sp.sqrt(2), label="triangle, hellinger"),
    ),
    source=Source("zhang2025", "eq. (7.3)"),
    status=Status.SHARPENED,
    derivation=(
        derive()
        .have(
            "forward",
            Forall((u, v), le(_tv(q, q, u, v), _tv(p, q, u, u) + _tv(p, p, u, v) + _tv(p, q, v, v))),
            by=[_corners(q, p), quick],
        )
        .have(
            "backward",
            Forall((u, v), le(_tv(p, p, u, v), _tv(p, q, u, u) + _tv(q, q, u, v) + _tv(p, q, v, v))),
            by=[_corners(p, q), quick],
        )
        .have(
            "triangle",
            Forall((u, v), le(sp.Abs(_tv(q, q, u, v) - _tv(p, p, u, v)), _tv(p, q, u, u) + _tv(p, q, v, v))),
            by=[fact("forward", u=u, v=v), fact("backward", u=u, v=v), quick],
            note="the triangle inequality twice",
        )
        .have(
            "triangle, total variation",
            le(_pairs(_difference["tv"]), 2 * _tv_mean),
            by=["hypothesis 1", "hypothesis 2", "triangle", _averaged(_tv, _tv_mean)],
        )
        .have(
            "forward, hellinger",
            Forall((u, v), le(_dh(q, q, u, v), _dh(p, q, u, u) + _dh(p, p, u, v) + _dh(p, q, v, v))),
            by=three_parts.at(top=V.symbol - 1, a=_gap(u), b=_step(p), c=_gap(v)),
        )
        .have(
            "backward, hellinger",
            Forall((u, v), le(_dh(p, p, u, v), _dh(p, q, v, v) + _dh(q, q, u, v) + _dh(p, q, u, u))),
            by=three_parts.at(top=V.symbol - 1, a=_gap(v), b=_step(q), c=_gap(u)),
        )
        .have(
            "triangle of d_H",
            Forall((u, v), le(sp.Abs(_dh(q, q, u, v) - _dh(p, p, u, v)), _dh(p, q, u, u) + _dh(p, q, v, v))),
            by=[fact("forward, hellinger", u=u, v=v), fact("backward, hellinger", u=u, v=v), quick],
        )
        .have(
            "triangle, hellinger",
            le(_pairs(_difference["dh"]), 2 * _dh_mean),
            by=["hypothesis 1", "hypothesis 2", "triangle of d_H", _averaged(_dh, _dh_mean)],
        )
        .have(
            "jensen",
            le(_tv_mean**2, _variation),
            by=[
                "hypothesis 1",
                "hypothesis 2",
                square_of_mean.at(top=contexts.symbol, w=mu, e=sp.Lambda((x,), total_variation(p, q))),
            ],
        )
        .have(
            "loss bounds TV",
            le(_variation, _loss / 2),
            by=[*(f"hypothesis {i}" for i in range(1, 7)), output_approximation.at("total variation")],
        )
        .have(
            "total variation",
            le(_pairs(_difference["tv"]), sp.sqrt(2 * _loss)),
            by=["triangle, total variation", "jensen", "loss bounds TV", decide],
        )
        .have("sign of d_H^2", Forall((u,), ge(hellinger(p, q, u), 0)), by=SingleTerm(0))
        .have(
            "square of d_H",
            Forall((u,), eq(root(hellinger(p, q, u)) ** 2, hellinger(p, q, u))),
            by=[fact("sign of d_H^2", u=u), root_of_square.at(X=hellinger(p, q, u))],
        )
        .have(
            "weighted square",
            Forall((u,), eq(mu(u) * root(hellinger(p, q, u)) ** 2, mu(u) * hellinger(p, q, u))),
            by=[fact("square of d_H", u=u), quick],
        )
        .have("mean square", eq(mean(root(hellinger(p, q)) ** 2), _hellinger), by=[Termwise(), "weighted square"])
        .have(
            "jensen, hellinger",
            le(_dh_mean**2, mean(root(hellinger(p, q)) ** 2)),
            by=[
                "hypothesis 1",
                "hypothesis 2",
                square_of_mean.at(top=contexts.symbol, w=mu, e=sp.Lambda((x,), root(hellinger(p, q)))),
            ],
        )
        .have(
            "loss bounds d_H",
            le(_hellinger, _loss),
            by=[*(f"hypothesis {i}" for i in range(1, 7)), output_approximation.at("hellinger")],
        )
        .have(
            "hellinger",
            le(_pairs(_difference["dh"]), 2 * sp.sqrt(_loss)),
            by=["triangle, hellinger", "mean square", "jensen, hellinger", "loss bounds d_H", decide],
        )
    ),
)
