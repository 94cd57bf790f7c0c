"""Rank of the metric before the last norm (specification `categorical` 2.4).

Main statements
    pullback_rank_normalised   RMSNorm and LayerNorm lose one and two dimensions at epsilon = 0

J v is the derivative of the norm along v: J v = gain o (v/r - h <h, v>/(d r^3)), r^2 = mean h^2 + epsilon, for RMSNorm;
LayerNorm first subtracts means from h and v. Vectors are numbered (theory.lemmas.forms): the state by h, the centred
state of LayerNorm by e, the vector of ones by `ones`.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from theory.categorical.parameters import V
from theory.claim import Claim, Kind, Status, equal, upper
from theory.derivation import Derivation, derive
from theory.justification import Termwise, algebra, fact, quick
from theory.lemmas.forms import c, coordinate, no_spread, one_null_vector, p, rank_of, spread, two_null_vectors
from theory.lemmas.row_sums import W, over_coordinates
from theory.lemmas.softmax import over_tokens
from theory.parameter import Parameter, integers, reals
from theory.proposition import Forall, eq, gt, le
from theory.source import OWN

width = Parameter("d", "d", "width of the hidden state", integers(3), (3, 4096))
epsilon = Parameter("epsilon", r"\varepsilon", "what the norm adds inside the root", reals(0), (0, 0.1))
root = Parameter("r", "r", "root mean square of the state", reals(0, sp.oo, open="lower"), (0.1, 10))
state = Parameter("h", "h", "number of the state", reals(), (0, 1))
ones = Parameter("ones", r"\mathbf{1}", "number of the vector of ones", reals(), (0, 1))
gain, x, v = (sp.Function(name, real=True) for name in ("gain", "x", "v"))
smoothed = Parameter("r_e", r"r_\varepsilon", "the same with epsilon", reals(0, sp.oo, open="lower"), (0.1, 10))
centred = Parameter("e", "e", "number of the centred state", reals(), (0, 1))
token = Parameter("l", "l", "a coordinate", integers(0, width.symbol - 1), (0, 2))
shift = Parameter("t", "t", "how far the state is moved along v", reals(), (0, 1))
_V, _d, _eps, _r, _re = V.symbol, width.symbol, epsilon.symbol, root.symbol, smoothed.symbol
_h, _centred, _ones, _l, _t = state.symbol, centred.symbol, ones.symbol, token.symbol, shift.symbol
_k, _j, _i = (sp.Symbol(name, integer=True, nonnegative=True) for name in "kji")


def _over(term: Any) -> sp.Sum:
    return over_coordinates(term, _j, _d)


def _inner(one: Any, other: Any) -> sp.Sum:
    return _over(coordinate(one, _j) * coordinate(other, _j))


def _average(number: Any) -> sp.Expr:
    return _over(coordinate(number, _j)) / _d


def rms_push(number: Any, at: Any = _j, root_: Any = _r) -> sp.Expr:
    """Coordinate `at` of J v for RMSNorm at the state numbered h, v of that number."""
    radial = _inner(_h, number) / (_d * root_**3)
    return gain(at) * (coordinate(number, at) / root_ - coordinate(_h, at) * radial)


def layer_push(number: Any, at: Any = _j, root_: Any = _r) -> sp.Expr:
    """The same for LayerNorm, e being the number of the centred state."""
    radial = _over(coordinate(_centred, _j) * (coordinate(number, _j) - _average(number))) / (_d * root_**3)
    return gain(at) * ((coordinate(number, at) - _average(number)) / root_ - coordinate(_centred, at) * radial)


def _values(push: Any, number: Any, root_: Any = _r) -> sp.Sum:
    """<g(k), J v>."""
    return _over(W(_k, _j) * push(number, _j, root_))


def _mean(values: Any) -> sp.Sum:
    return over_tokens(p(_k) * values, _k, _V)


def _form(push: Any, number: Any = c, root_: Any = _r) -> sp.Sum:
    """Var_p <g, J v>: the metric before the norm, as a form in v."""
    values = _values(push, number, root_)
    return spread(p(_k), values, _mean(values), _V)


_norm_squared, _centred_squared = _over(coordinate(_h, _j) ** 2), _over(coordinate(_centred, _j) ** 2)
_rms, _layer, _smooth = _form(rms_push), _form(layer_push), _form(layer_push, root_=_re)
_moved = x(_l) + _t * v(_l)
_square = _over((x(_j) + _t * v(_j)) ** 2) / _d + _eps
_radial = _over((x(_j) + _t * v(_j)) * v(_j)) / (_d * _square)
_normalised = gain(_l) * _moved / sp.sqrt(_square)
_slope = gain(_l) * (v(_l) - _moved * _radial) / sp.sqrt(_square)
_given = (
    eq(_norm_squared, _d * _r**2),
    eq(_centred_squared, _d * _r**2),
    eq(_over(coordinate(_centred, _j)), 0),
    Forall((_i,), eq(coordinate(_ones, _i), 1)),
    eq(_re**2, _r**2 + _eps),
    gt(_square, 0),
)


def _derivation() -> Derivation:
    found = (
        derive()
        .have("ones", eq(_over(coordinate(_ones, _j)), _over(sp.S.One)), by=[Termwise(), fact("hypothesis 4", i=_j)])
        .have("sum of ones", eq(_over(coordinate(_ones, _j)), _d), by=["ones", algebra])
        .have(
            "squares",
            eq(_over(coordinate(_ones, _j) ** 2), _over(sp.S.One)),
            by=[Termwise(), fact("hypothesis 4", i=_j), quick],
        )
        .have("norm of ones", eq(_over(coordinate(_ones, _j) ** 2), _d), by=["squares", algebra])
        .have(
            "across",
            eq(_inner(_ones, _centred), _over(coordinate(_centred, _j))),
            by=[Termwise(), fact("hypothesis 4", i=_j), quick],
        )
        .have("orthogonal", eq(_inner(_ones, _centred), 0), by=["across", "hypothesis 3"])
        .have("state is not 0", gt(_norm_squared, 0), by=["hypothesis 1", quick])
        .have("centred state is not 0", gt(_centred_squared, 0), by=["hypothesis 2", quick])
        .have("ones are not 0", gt(_over(coordinate(_ones, _j) ** 2), 0), by=["norm of ones", quick])
        .have(
            "near-null",
            eq(rms_push(_h, _l, _re), gain(_l) * coordinate(_h, _l) * _eps / _re**3),
            by=["hypothesis 1", "hypothesis 5", algebra],
        )
        .have("derivative", eq(sp.Derivative(_normalised, _t), _slope), by=["hypothesis 6", algebra])
    )
    for name, push, number, root_, premises in (
        ("RMSNorm at the state", rms_push, _h, _r, ["hypothesis 1"]),
        ("LayerNorm at the centred state", layer_push, _centred, _r, ["hypothesis 2", "hypothesis 3"]),
        ("LayerNorm at the ones", layer_push, _ones, _r, ["sum of ones", "orthogonal", "hypothesis 3"]),
        ("smoothed LayerNorm at the ones", layer_push, _ones, _re, ["sum of ones", "orthogonal", "hypothesis 3"]),
    ):
        at_ones = [fact("hypothesis 4", i=_j)] if number == _ones else []
        values = _values(push, number, root_)
        found = (
            found.have(
                f"{name}: no image",
                Forall((_k,), eq(values, _over(sp.S.Zero))),
                by=[Termwise(), *premises, *at_ones, quick],
            )
            .have(f"{name}: no logit", Forall((_k,), eq(values, 0)), by=[fact(f"{name}: no image", k=_k), algebra])
            .have(f"{name}: mean", eq(_mean(values), _mean(values)), by=algebra)
            .have(
                name,
                eq(_form(push, number, root_), 0),
                by=[
                    *(f"{name}: no logit", f"{name}: mean"),
                    no_spread.at(m=_V, y=sp.Lambda((_k,), values), mu=_mean(values)),
                ],
            )
        )
    return (
        found.have(
            "RMSNorm",
            le(rank_of(_rms, _d), _d - 1),
            by=["RMSNorm at the state", "state is not 0", one_null_vector.at(d=_d, first=_h, Q=sp.Lambda((c,), _rms))],
        )
        .have(
            "LayerNorm",
            le(rank_of(_layer, _d), _d - 2),
            by=[
                *("LayerNorm at the ones", "LayerNorm at the centred state"),
                *("ones are not 0", "centred state is not 0", "orthogonal"),
                two_null_vectors.at(d=_d, first=_ones, second=_centred, Q=sp.Lambda((c,), _layer)),
            ],
        )
        .have(
            "smoothed LayerNorm",
            le(rank_of(_smooth, _d), _d - 1),
            by=[
                *("smoothed LayerNorm at the ones", "ones are not 0"),
                one_null_vector.at(d=_d, first=_ones, Q=sp.Lambda((c,), _smooth)),
            ],
        )
    )


pullback_rank_normalised = Claim(
    id="categorical/pullback_rank_normalised",
    title="Rank before the final norm",
    kind=Kind.UPPER,
    text=(
        "The metric pulled back to the state before the last norm (epsilon inside the root): RMSNorm with epsilon = 0 "
        "has rank at most d - 1 (null vector h), LayerNorm with epsilon = 0 at most d - 2 (1 and h - hbar 1 are null), "
        "LayerNorm with epsilon > 0 at most d - 1 (null vector 1); RMSNorm with epsilon > 0 loses nothing exactly, but "
        "J h = epsilon/(m + epsilon)^(3/2) h, m = mean h^2. Gains do not matter. The state h and the centred state are "
        "two vectors of the same length, on which different statements rest"
    ),
    parameters=(V, width, root, smoothed, epsilon, state, centred, ones, token, shift),
    functions=(p, W, gain, x, v),
    hypotheses=_given,
    statements=(
        upper(rank_of(_rms, _d), _d - 1, trivial=_d, label="RMSNorm"),
        upper(rank_of(_layer, _d), _d - 2, trivial=_d, label="LayerNorm"),
        upper(rank_of(_smooth, _d), _d - 1, trivial=_d, label="smoothed LayerNorm"),
        equal(rms_push(_h, _l, _re), gain(_l) * coordinate(_h, _l) * _eps / _re**3, label="near-null"),
        equal(sp.Derivative(_normalised, _t), _slope, label="derivative"),
    ),
    source=OWN,
    status=Status.OWN,
    derivation=_derivation(),
)
