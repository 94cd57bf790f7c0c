"""Largest eigenvalue and trace of the pullback metric (specification `categorical` 2.4).

Main statements
    pullback_spectrum_bounds   0 <= lambda_max <= min(diam^2/4, B^2), tr g* = E||g||^2 - ||E g||^2

p is the row p_h, v a unit vector: lambda_max is the largest value of the variance of <g, v>, which the bounds hold for.
"""

from __future__ import annotations

import sympy as sp

from theory.categorical.parameters import V, d, diam
from theory.claim import Claim, Kind, Status, equal, lower, upper
from theory.derivation import derive
from theory.justification import SingleTerm, Termwise, algebra, fact, quick
from theory.lemmas.bounded_range import variance_at_most
from theory.lemmas.row_sums import W, interchange, over_coordinates, projection, v
from theory.lemmas.softmax import over_tokens
from theory.parameter import Parameter, integers, reals
from theory.proposition import Forall, eq, ge, le
from theory.source import OWN

norm = Parameter("B", "B", "largest norm of a row of the unembedding", reals(0), (0, 10))
lowest = Parameter("i", "i", "the token of the smallest logit slope", integers(0, V.symbol - 1), (0, 1))
p = sp.Function("p", real=True)
_V, _d, _diam, _B, _i = V.symbol, d.symbol, diam.symbol, norm.symbol, lowest.symbol
_k, _j, _l = (sp.Symbol(name, integer=True, nonnegative=True) for name in "kjl")


def _along(token: sp.Expr) -> sp.Sum:
    """<g(token), v>."""
    return over_coordinates(W(token, _j) * v(_j), _j, _d)


_mean = over_tokens(p(_k) * _along(_k), _k, _V)
_form = over_tokens(p(_k) * (_along(_k) - _mean) ** 2, _k, _V)
_second = over_tokens(p(_k) * _along(_k) ** 2, _k, _V)
_square = over_coordinates(W(_k, _j) ** 2, _j, _d)
_gbar = over_tokens(p(_k) * W(_k, _j), _k, _V)
_trace = over_tokens(p(_k) * over_coordinates((W(_k, _j) - _gbar) ** 2, _j, _d), _k, _V)
_norm_of_mean = over_coordinates(_gbar**2, _j, _d)
_cross = over_coordinates(W(_k, _j) * _gbar, _j, _d)
_expanded = _square - 2 * _cross + _norm_of_mean
_moments = over_tokens(p(_k) * _square, _k, _V) - _norm_of_mean
_difference = over_coordinates((W(_l, _j) - W(_i, _j)) * v(_j), _j, _d)
_apart = over_coordinates((W(_l, _j) - W(_i, _j)) ** 2, _j, _d)
_given = (
    Forall((_k,), ge(p(_k), 0)),
    eq(over_tokens(p(_k), _k, _V), 1),
    Forall((_k, _l), le(over_coordinates((W(_k, _j) - W(_l, _j)) ** 2, _j, _d), _diam**2)),
    Forall((_k,), le(_square, _B**2)),
    eq(over_coordinates(v(_j) ** 2, _j, _d), 1),
    Forall((_k,), ge(_along(_k), _along(_i))),
)

pullback_spectrum_bounds = Claim(
    id="categorical/pullback_spectrum_bounds",
    title="Largest eigenvalue and trace",
    kind=Kind.TWO_SIDED,
    text=(
        "0 <= lambda_max(g*) <= min(diam^2/4, B^2), where lambda_max is the largest value of Var_p <g, v> over unit "
        "vectors v; tr g* = E||g - E g||^2 = E||g||^2 - ||E g||^2, O(V d). Values beyond the last token do not "
        "matter: rows there are taken equal to row i, whose slope along v is smallest"
    ),
    parameters=(V, d, diam, norm, lowest),
    functions=(p, W, v),
    hypotheses=_given,
    statements=(
        upper(_form, _diam**2 / 4, label="diameter"),
        upper(_form, _B**2, label="norms"),
        lower(_form, 0, label="sign"),
        equal(_trace, _moments, label="trace"),
    ),
    source=OWN,
    status=Status.OWN,
    derivation=derive()
    .have("sign", ge(_form, 0), by=[SingleTerm(0), fact("hypothesis 1", k=_k), quick])
    .have("difference", Forall((_l,), eq(_difference, _along(_l) - _along(_i))), by=algebra)
    .have(
        "projected difference",
        Forall((_l,), le((_along(_l) - _along(_i)) ** 2, _apart)),
        by=[
            fact("difference", l=_l),
            "hypothesis 5",
            projection.at(d=_d, u=sp.Lambda((_j,), W(_l, _j) - W(_i, _j)), v=v, product=_along(_l) - _along(_i)),
        ],
        note="Cauchy-Schwarz",
    )
    .have(
        "range",
        Forall((_k,), le(_along(_k), _along(_i) + _diam)),
        by=[fact("projected difference", l=_k), fact("hypothesis 3", k=_k, l=_i), quick],
    )
    .have("mean", eq(_mean, _mean), by=algebra)
    .have(
        "diameter",
        le(_form, _diam**2 / 4),
        by=[
            *("range", "mean"),
            variance_at_most.at(m=_V, w=p, y=sp.Lambda((_k,), _along(_k)), low=_along(_i), R=_diam, mu=_mean),
        ],
        note="Var <g, v> <= range^2/4",
    )
    .have("inner", Forall((_l,), eq(_along(_l), _along(_l))), by=algebra)
    .have(
        "projected row",
        Forall((_l,), le(_along(_l) ** 2, over_coordinates(W(_l, _j) ** 2, _j, _d))),
        by=[
            fact("inner", l=_l),
            "hypothesis 5",
            projection.at(d=_d, u=sp.Lambda((_j,), W(_l, _j)), v=v, product=_along(_l)),
        ],
    )
    .have(
        "each row",
        Forall((_l,), le(p(_l) * _along(_l) ** 2, p(_l) * _B**2)),
        by=[fact("projected row", l=_l), fact("hypothesis 4", k=_l), fact("hypothesis 1", k=_l), quick],
    )
    .have("rows", le(_second, over_tokens(p(_k) * _B**2, _k, _V)), by=[Termwise(), fact("each row", l=_k)])
    .have("row mass", eq(over_tokens(p(_k) * _B**2, _k, _V), _B**2), by=["hypothesis 2", algebra])
    .have("moments", eq(_form, _second - _mean**2), by=["hypothesis 2", algebra])
    .have("norms", le(_form, _B**2), by=["moments", "rows", "row mass", quick])
    .have("each token", eq(_trace, over_tokens(p(_k) * _expanded, _k, _V)), by=[Termwise(), quick])
    .have(
        "linear",
        eq(
            over_tokens(p(_k) * _expanded, _k, _V),
            over_tokens(p(_k) * _square, _k, _V) - 2 * over_tokens(p(_k) * _cross, _k, _V) + _norm_of_mean,
        ),
        by=["hypothesis 2", algebra],
    )
    .have(
        "turned",
        eq(over_tokens(p(_k) * _cross, _k, _V), _norm_of_mean),
        by=interchange.at(m=_V, d=_d, u=p, W=W, v=sp.Lambda((_j,), _gbar)),
    )
    .have("trace", eq(_trace, _moments), by=["each token", "linear", "turned", algebra]),
)
