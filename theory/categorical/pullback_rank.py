"""Rank of the pullback metric (specification `categorical` 2.4).

Main statements
    pullback_rank_as_stated        rank g*(h) <= min(d, V - 1)
    pullback_degenerate_as_stated  "d << V makes g* degenerate": refuted
    pullback_rank                  rank g*(h) = rank W_c, at every h

p is the row p_h, which has full support; y_c(k) = <g(k), v> for the vector v numbered c (theory.lemmas.forms). The
metric is the form c -> Var_p(y_c), and |W_c v|^2/V is the variance of y_c under the uniform law.
"""

from __future__ import annotations

import sympy as sp

from theory.categorical.parameters import V, d
from theory.claim import Claim, Kind, Status, equal, upper
from theory.define import opaque
from theory.derivation import derive
from theory.justification import Induction, algebra, decide, fact, quick
from theory.lemmas.forms import at_most_width, c, coordinate, few_squares, flat, p, rank_of, same_rank, spread
from theory.lemmas.row_sums import W, over_coordinates
from theory.lemmas.softmax import over_tokens
from theory.proposition import Forall, eq, gt, le
from theory.source import OWN, Source
from theory.verdict import Verdict

_V, _d = V.symbol, d.symbol
_k, _j = (sp.Symbol(name, integer=True, nonnegative=True) for name in "kj")
_n = sp.Symbol("n", integer=True, positive=True)


def slope_along(token: sp.Expr) -> sp.Sum:
    """y_c(token) = <g(token), v> for the vector numbered c."""
    return over_coordinates(W(token, _j) * coordinate(c, _j), _j, _d)


_y = sp.Lambda((_k,), slope_along(_k))
_p_mean = over_tokens(p(_k) * slope_along(_k), _k, _V)
_mean = over_tokens(slope_along(_k) / _V, _k, _V)
metric_form = spread(p(_k), slope_along(_k), _p_mean, _V)
centred_form = spread(1 / _V, slope_along(_k), _mean, _V)
full_law = (Forall((_k,), gt(p(_k), 0)), eq(over_tokens(p(_k), _k, _V), 1))
_uniform = sp.Lambda((_k,), 1 / _V)

pullback_rank = Claim(
    id="categorical/pullback_rank",
    title="Exact rank",
    kind=Kind.EQUALITY,
    text=(
        "rank g*(h) = rank(W - 1 wbar^T) for every h: v^T g* v = Var_{p_h} <g, v> = 0 if and only if <g(w), v> is the "
        "same for every w, since p_h > 0 everywhere. The null space {v: W v in span 1} does not depend on h"
    ),
    parameters=(V, d),
    functions=(p, W),
    hypotheses=full_law,
    statements=(equal(rank_of(metric_form, _d), rank_of(centred_form, _d), label="rank"),),
    source=OWN,
    status=Status.SHARPENED,
    sharpens=("categorical/pullback_rank_as_stated",),
    corrects=("categorical/pullback_degenerate_as_stated",),
    derivation=derive()
    .have("uniform mass", eq(over_tokens(1 / _V, _k, _V), 1), by=algebra)
    .have(
        "null under p",
        Forall((c,), eq(centred_form, 0), (eq(metric_form, 0),)),
        by=["uniform mass", flat.at(m=_V, q=_uniform, y=_y, mu=_p_mean, nu=_mean)],
        note="Var_p = 0 makes <g, v> constant",
    )
    .have(
        "null under the uniform law",
        Forall((c,), eq(metric_form, 0), (eq(centred_form, 0),)),
        by=[flat.at(m=_V, p=_uniform, q=p, y=_y, mu=_mean, nu=_p_mean)],
    )
    .have(
        "rank",
        eq(rank_of(metric_form, _d), rank_of(centred_form, _d)),
        by=[
            "null under p",
            "null under the uniform law",
            same_rank.at(d=_d, Q=sp.Lambda((c,), metric_form), S=sp.Lambda((c,), centred_form)),
        ],
    ),
)

_last = slope_along(_V - 1)
_differences = sp.Lambda((_k, _j), W(_k, _j) - W(_V - 1, _j))
_linear_form = over_coordinates(_differences(_k, _j) * coordinate(c, _j), _j, _d)
_apart = over_tokens(_linear_form**2, _k, _V - 1)
_squares = spread(sp.S.One, slope_along(_k), _last, _V)
_term = (slope_along(_n) - _last) ** 2
_up_to = sp.Lambda((_n,), sp.Sum((slope_along(_k) - _last) ** 2, (_k, 0, _n)))
pullback_rank_as_stated = Claim(
    id="categorical/pullback_rank_as_stated",
    title="Rank bound",
    kind=Kind.UPPER,
    text="rank g*(h) <= min(d, V - 1)",
    parameters=(V, d),
    functions=(p, W),
    hypotheses=full_law,
    statements=(upper(rank_of(metric_form, _d), sp.Min(_d, _V - 1), label="rank"),),
    source=Source("zhang2025", "Prop. 6.3"),
    status=Status.AS_STATED,
    derivation=derive()
    .have("width", le(rank_of(metric_form, _d), _d), by=at_most_width.at(d=_d, Q=sp.Lambda((c,), metric_form)))
    .have(
        "last token",
        Forall((c, _n), eq(_up_to(_n), _up_to(_n - 1) + _term)),
        by=[Induction(_n), quick],
    )
    .have(
        "differences",
        Forall((c,), eq(_apart, _up_to(_V - 2))),
        by=algebra,
        note="<g(k) - g(V-1), v> = y_c(k) - y_c(V-1)",
    )
    .have(
        "all tokens",
        Forall((c,), eq(_squares, 0), (eq(_apart, 0),)),
        by=[fact("last token", c=c, n=_V - 1), fact("differences", c=c), quick],
        note="the last difference is 0",
    )
    .have(
        "zeros",
        Forall((c,), eq(metric_form, 0), (eq(_apart, 0),)),
        by=[
            fact("all tokens", c=c),
            flat.at(m=_V, p=sp.Lambda((_k,), sp.S.One), q=p, y=_y, mu=_last, nu=_p_mean),
        ],
    )
    .have(
        "tokens",
        le(rank_of(metric_form, _d), _V - 1),
        by=["zeros", few_squares.at(d=_d, n=_V - 1, Q=sp.Lambda((c,), metric_form), W=_differences)],
    )
    .have("rank", le(rank_of(metric_form, _d), sp.Min(_d, _V - 1)), by=["width", "tokens", decide]),
)

metric_determinant = opaque(
    "categorical/metric_determinant", "metric_determinant() = det g*(h) of a head with d < V - 1", latex=r"\det g^*(h)"
)
pullback_degenerate_as_stated = Claim(
    id="categorical/pullback_degenerate_as_stated",
    title="Small width forces degeneracy",
    kind=Kind.STRUCTURAL,
    text="If d << |V|, the pullback metric g* is necessarily a degenerate tensor on the state space (d < V - 1)",
    parameters=(V, d),
    hypotheses=(le(_d, _V - 2),),
    statements=(equal(metric_determinant(), 0, label="determinant"),),
    source=Source("zhang2025", "section 6.1"),
    status=Status.AS_STATED,
    expected=Verdict.REFUTED,
    why=(
        "rank g* = rank W_c, which is d for a generic W with d <= V - 1: small width is where g* is positive definite; "
        "it is degenerate for d > V - 1 or a rank-deficient W_c"
    ),
)
