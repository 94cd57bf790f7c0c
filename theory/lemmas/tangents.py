"""Tangent and secant on [0, pi/2): convex functions, so they lie above their tangent lines.

Main statements
    sine_nonnegative, cosine_positive   on [0, pi/2] and [0, pi/2)
    sine_above_chord    u cos u <= sin u on [0, pi/2]
    cosine_of_sum, sine_of_sum
    tangent_step        tan z >= tan x + (z - x)/cos(x)^2
    secant_step         1/cos z >= 1/cos x + (z - x) sin(x)/cos(x)^2

The sums of angles are proved by derivatives: sin x cos(k - x) + cos x sin(k - x) does not depend on x.
"""

from __future__ import annotations

import sympy as sp

from theory.derivation import Derivation, derive
from theory.justification import decide, fact, quick
from theory.lemma import Lemma
from theory.parameter import Parameter, reals
from theory.proposition import Forall, eq, ge, gt, le, lt

angle = Parameter("x", "x", "an angle of the first quadrant", reals(0, sp.pi / 2), (0, 1.5))
turn = Parameter("d", "d", "a further angle", reals(0), (0, 1.5))
larger = Parameter("z", "z", "an angle that is not smaller", reals(), (0, 1.5))
_x, _d, _z = angle.symbol, turn.symbol, larger.symbol
_y, _k = (sp.Symbol(name, real=True) for name in ("y_", "k_"))
_within = (ge(_y, 0), le(_y, sp.pi / 2))

sine_nonnegative = Lemma(
    "tangents/sine_nonnegative",
    "The sine is not negative on the first quadrant",
    (angle,),
    ge(sp.sin(_x), 0),
    backing=derive()
    .have("all", Forall((_y,), ge(sp.sin(_y), 0), _within), by=quick)
    .have("here", ge(sp.sin(_x), 0), by=fact("all", y_=_x)),
)
cosine_positive = Lemma(
    "tangents/cosine_positive",
    "The cosine is positive up to a right angle",
    (angle,),
    gt(sp.cos(_x), 0),
    hypotheses=(lt(_x, sp.pi / 2),),
    backing=derive()
    .have("sine", Forall((_y,), gt(sp.sin(_y), 0), (gt(_y, 0), le(_y, sp.pi / 2))), by=quick)
    .have("here", gt(sp.cos(_x), 0), by=fact("sine", y_=sp.pi / 2 - _x)),
)
sine_above_chord = Lemma(
    "tangents/sine_above_chord",
    "x cos x <= sin x: the sine is concave",
    (angle,),
    ge(sp.sin(_x), _x * sp.cos(_x)),
    backing=derive()
    .have("sine", Forall((_y,), ge(sp.sin(_y), 0), _within), by=quick)
    .have(
        "all",
        Forall((_y,), ge(sp.sin(_y) - _y * sp.cos(_y), 0), _within),
        by=[fact("sine", y_=_y), decide],
        note="the derivative is y sin y",
    )
    .have("here", ge(sp.sin(_x), _x * sp.cos(_x)), by=[fact("all", y_=_x), quick]),
)


def _constant(value: sp.Expr, at_zero: sp.Expr) -> Derivation:
    """value(y_, k_) = at_zero(k_) for y_ >= 0, since its derivative in y_ vanishes; then at y_ = x, k_ = x + d."""
    at = {_y: _x, _k: _x + _d}
    return (
        derive()
        .have("at least", Forall((_y, _k), ge(value - at_zero, 0), (ge(_y, 0),)), by=decide)
        .have("at most", Forall((_y, _k), le(value - at_zero, 0), (ge(_y, 0),)), by=decide)
        .have(
            "here",
            eq(at_zero.xreplace(at), value.xreplace(at)),
            by=[fact("at least", y_=_x, k_=_x + _d), fact("at most", y_=_x, k_=_x + _d), quick],
        )
    )


_sine = sp.sin(_x) * sp.cos(_d) + sp.cos(_x) * sp.sin(_d)
_cosine = sp.cos(_x) * sp.cos(_d) - sp.sin(_x) * sp.sin(_d)
sine_of_sum = Lemma(
    "tangents/sine_of_sum",
    "The sine of a sum of angles",
    (angle, turn),
    eq(sp.sin(_x + _d), _sine),
    backing=_constant(sp.sin(_y) * sp.cos(_k - _y) + sp.cos(_y) * sp.sin(_k - _y), sp.sin(_k)),
)
cosine_of_sum = Lemma(
    "tangents/cosine_of_sum",
    "The cosine of a sum of angles",
    (angle, turn),
    eq(sp.cos(_x + _d), _cosine),
    backing=_constant(sp.cos(_y) * sp.cos(_k - _y) - sp.sin(_y) * sp.sin(_k - _y), sp.cos(_k)),
)

_c, _s, _C, _S, _e, _cn, _sn = (sp.Symbol(f"{name}_", real=True) for name in ("c", "s", "C", "S", "e", "cn", "sn"))
_angles = (
    gt(_c, 0),
    gt(_cn, 0),
    ge(_s, 0),
    ge(_S, 0),
    ge(_S - _e * _C, 0),
    ge(_e, 0),
    le(_C, 1),
    eq(_s**2 + _c**2, 1),
    eq(_cn, _c * _C - _s * _S),
    eq(_sn, _s * _C + _c * _S),
)
_turned = _z - _x


def _step(plain: sp.Basic) -> Derivation:
    """`plain` is the inequality in the sines and cosines of x, z and z - x."""
    here = {_c: sp.cos(_x), _s: sp.sin(_x), _C: sp.cos(_turned), _S: sp.sin(_turned), _e: _turned}
    here |= {_cn: sp.cos(_z), _sn: sp.sin(_z)}
    chord = ge(sp.sin(_turned) - _turned * sp.cos(_turned), 0)
    cosine, sine = cosine_of_sum.at(d=_turned), sine_of_sum.at(d=_turned)
    return (
        derive()
        .have("turn", ge(_turned, 0), by=["hypothesis 1", quick])
        .have("further", lt(_turned, sp.pi / 2), by=["hypothesis 2", quick])
        .have("cosine", gt(sp.cos(_x), 0), by=["hypothesis 1", "hypothesis 2", cosine_positive.at()])
        .have("sine", ge(sp.sin(_x), 0), by=sine_nonnegative.at())
        .have("further sine", ge(sp.sin(_turned), 0), by=["turn", "further", sine_nonnegative.at(x=_turned)])
        .have("chord", chord, by=["turn", "further", sine_above_chord.at(x=_turned), quick])
        .have("at most one", le(sp.cos(_turned), 1), by=quick)
        .have("both", gt(sp.cos(_z), 0), by=["hypothesis 1", "hypothesis 2", cosine_positive.at(x=_z)])
        .have("cosine of both", cosine.conclusion, by=["turn", cosine])
        .have("sine of both", sine.conclusion, by=["turn", sine])
        .have("circle", eq(sp.sin(_x) ** 2 + sp.cos(_x) ** 2, 1), by=quick)
        .have("plain", Forall(tuple(here), plain, _angles), by=decide)
        .have(
            "step",
            plain.xreplace(here),
            by=[
                *("turn", "cosine", "both", "sine", "further sine", "chord", "at most one", "circle"),
                *("cosine of both", "sine of both"),
                fact("plain", **{symbol.name: value for symbol, value in here.items()}),
            ],
        )
    )


_order = (ge(_z, _x), lt(_z, sp.pi / 2))
tangent_step = Lemma(
    "tangents/tangent_step",
    "The tangent function lies above its tangent lines",
    (angle, larger),
    ge(sp.sin(_z) / sp.cos(_z), sp.sin(_x) / sp.cos(_x) + _turned / sp.cos(_x) ** 2),
    hypotheses=_order,
    backing=_step(ge(_sn / _cn, _s / _c + _e / _c**2)),
)
secant_step = Lemma(
    "tangents/secant_step",
    "The secant lies above its tangent lines",
    (angle, larger),
    ge(1 / sp.cos(_z), 1 / sp.cos(_x) + _turned * sp.sin(_x) / sp.cos(_x) ** 2),
    hypotheses=_order,
    backing=_step(ge(1 / _cn, 1 / _c + _e * _s / _c**2)),
)
