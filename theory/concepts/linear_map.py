"""Steps of the linearised dynamics stay below its solution.

(P, R) -> ((1-a) P + a R^2, (1-a) R + a R P). With D' = (1-a) D, (D Q, D R) goes to (D' (Q + h R^2), D' (R + h R Q)),
h = a D/(1-a): an Euler step for dQ/dsigma = R^2, dR/dsigma = R Q. The solution (W_0 tan, W_0/cos) is convex and stays
above.

Main statements
    monotone_map         the map keeps the order of states
    upper_tangent, upper_secant   D W_0 tan X and D W_0/cos X grow at least as fast, if X grows by W_0 h at least
    upper_T, upper_S     the same under the names over_tangent, over_secant
    tangent_limit, secant_limit   both lie below their values at the last angle
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from theory.concepts.parameters import W0
from theory.define import defined
from theory.derivation import derive
from theory.justification import Induction, algebra, decide, fact, quick, unfold
from theory.lemma import Definition, Lemma
from theory.lemmas.tangents import cosine_positive, secant_step, sine_nonnegative, tangent_step
from theory.parameter import Parameter, reals
from theory.proposition import Forall, eq, ge, gt, le, lt

n = sp.Symbol("n", integer=True, nonnegative=True)
P, R, U, V, D, X, a = (sp.Function(name, real=True) for name in ("P", "R", "U", "V", "D", "X", "a"))
_W0 = W0.symbol


def for_all_steps(body: Any) -> Forall:
    """`body` at every step n."""
    return Forall((n,), body)


def _below(n: Any) -> sp.Basic:
    return sp.And(le(P(n), U(n)), le(R(n), V(n)), evaluate=False)


def _steps(u: Any, v: Any) -> tuple[Forall, Forall]:
    """(P, R) -> ((1-a) P + a R^2, (1-a) R + a R P) with `<=`, or its opposite for the upper sequence."""
    return (
        Forall((n,), le(u(n + 1), (1 - a(n)) * u(n) + a(n) * v(n) ** 2)),
        Forall((n,), le(v(n + 1), (1 - a(n)) * v(n) + a(n) * v(n) * u(n))),
    )


monotone_map = Lemma(
    "concepts/monotone_map",
    "The linearised map keeps the order of states",
    (),
    Forall((n,), _below(n)),
    hypotheses=(
        _below(0),
        Forall((n,), ge(P(n), 0)),
        Forall((n,), ge(R(n), 0)),
        Forall((n,), ge(a(n), 0)),
        Forall((n,), le(a(n), 1)),
        *_steps(P, R),
        Forall((n,), ge(U(n + 1), (1 - a(n)) * U(n) + a(n) * V(n) ** 2)),
        Forall((n,), ge(V(n + 1), (1 - a(n)) * V(n) + a(n) * V(n) * U(n))),
    ),
    functions=(P, R, U, V, a),
    backing=derive().have(
        "all",
        Forall((n,), _below(n)),
        by=[Induction(n), *(fact(f"hypothesis {k}", n=n) for k in range(2, 10)), "hypothesis 1", quick],
    ),
)


def tangent(x: Any) -> sp.Expr:
    """sin x/cos x."""
    return sp.sin(x) / sp.cos(x)


# 0 < a < 1; what decay leaves; an angle below pi/2 that grows by at least W_0 a D/(1-a) a step
ANGLES = (
    Forall((n,), gt(a(n), 0)),
    Forall((n,), lt(a(n), 1)),
    Forall((n,), gt(D(n), 0)),
    Forall((n,), eq(D(n + 1), (1 - a(n)) * D(n))),
    Forall((n,), ge(X(n), 0)),
    Forall((n,), lt(X(n), sp.pi / 2)),
    Forall((n,), ge(X(n + 1), X(n))),
    Forall((n,), ge((1 - a(n)) * (X(n + 1) - X(n)), a(n) * D(n) * _W0)),
)
_s, _c, _sn, _cn, _d, _r, _dl = (sp.Symbol(f"{name}_", real=True) for name in ("s", "c", "sn", "cn", "d", "r", "dl"))
_HERE = {"s_": sp.sin(X(n)), "c_": sp.cos(X(n)), "sn_": sp.sin(X(n + 1)), "cn_": sp.cos(X(n + 1)),
         "d_": D(n), "r_": a(n), "dl_": X(n + 1) - X(n)}  # fmt: skip


def _upper(name: str, title: str, convex: Lemma, gain: sp.Expr, here: sp.Expr, tip: sp.Expr, goal: Forall) -> Lemma:
    """One component of the upper sequence; `gain` is the slope of the convex function, `here` its value."""
    line = convex.at(x=X(n), z=X(n + 1))
    kept = (1 - _r) * _d * _W0
    plain = Forall(
        (_s, _c, _sn, _cn, _d, _r, _dl),
        ge(kept * tip, kept * here + _r * _d**2 * _W0**2 * gain),
        (gt(_c, 0), gt(_cn, 0), ge(_s, 0), gt(_d, 0), lt(_r, 1), ge((1 - _r) * _dl, _r * _d * _W0),
         ge(tip, here + _dl * gain)),
    )  # fmt: skip
    return Lemma(
        f"concepts/{name}",
        title,
        (W0,),
        goal,
        hypotheses=ANGLES,
        functions=(D, X, a),
        backing=derive()
        .have("plain", plain, by=decide)
        .have(
            "cosine",
            Forall((n,), gt(sp.cos(X(n)), 0)),
            by=[fact("hypothesis 5", n=n), fact("hypothesis 6", n=n), cosine_positive.at(x=X(n))],
        )
        .have(
            "sine",
            Forall((n,), ge(sp.sin(X(n)), 0)),
            by=[fact("hypothesis 5", n=n), fact("hypothesis 6", n=n), sine_nonnegative.at(x=X(n))],
        )
        .have(
            "convex",
            Forall((n,), line.conclusion),
            by=[*(fact(f"hypothesis {k}", n=n) for k in (5, 6, 7)), fact("hypothesis 6", n=n + 1), line],
        )
        .have(
            "tip",
            Forall((n,), plain.at({v: _HERE[v.name] for v in plain.variables})[1][6]),
            by=[fact("convex", n=n)],
        )
        .have(
            "step",
            Forall((n,), plain.at({v: _HERE[v.name] for v in plain.variables})[0]),
            by=[
                *(fact(f"hypothesis {k}", n=n) for k in (3, 2, 8)),
                *(fact(name, n=n) for name in ("cosine", "sine", "tip")),
                fact("cosine", n=n + 1),
                fact("plain", **_HERE),
            ],
        )
        .have(
            "named",
            goal,
            by=[fact("step", n=n), fact("hypothesis 4", n=n), fact("cosine", n=n), fact("cosine", n=n + 1), quick],
        ),
    )


def upper_P(n: Any) -> sp.Expr:
    """D W_0 tan X."""
    return D(n) * _W0 * tangent(X(n))


def upper_R(n: Any) -> sp.Expr:
    """D W_0/cos X."""
    return D(n) * _W0 / sp.cos(X(n))


upper_tangent = _upper(
    "upper_tangent",
    "D W_0 tan X grows at least as a step of the linearised dynamics",
    tangent_step,
    1 / _c**2,
    _s / _c,
    _sn / _cn,
    Forall((n,), ge(upper_P(n + 1), (1 - a(n)) * upper_P(n) + a(n) * upper_R(n) ** 2)),
)
upper_secant = _upper(
    "upper_secant",
    "D W_0/cos X grows at least as a step of the linearised dynamics",
    secant_step,
    _s / _c**2,
    1 / _c,
    1 / _cn,
    Forall((n,), ge(upper_R(n + 1), (1 - a(n)) * upper_R(n) + a(n) * upper_R(n) * upper_P(n))),
)


_dW, _wW, _xW = (sp.Symbol(f"{name}_", real=True) for name in ("dW", "wW", "xW"))
over_tangent, over_secant = (
    defined(f"concepts/{name}", words, (_dW, _wW, _xW), _dW * _wW * value, conditions=(gt(sp.cos(_xW), 0),))
    for name, words, value in (
        ("over_tangent", "over_tangent(D, W, x) = D W tan x, above the read-out in its unit", tangent(_xW)),
        ("over_secant", "over_secant(D, W, x) = D W/cos x, above the attention weight in its unit", 1 / sp.cos(_xW)),
    )
)


_dn, _an, _zn = (
    Parameter("d", "d", "what decay leaves", reals(0, sp.oo, open="lower"), (0, 1)),
    Parameter("x", "x", "an angle", reals(0), (0, 1.5)),
    Parameter("z", "z", "an angle that is not smaller", reals(), (0, 1.5)),
)
_d0, _x_, _z_ = (parameter.symbol for parameter in (_dn, _an, _zn))


def _named(name: str, head: Any, upper: Lemma, right: Any) -> Lemma:
    """The conclusion of `upper` under the names over_tangent and over_secant."""
    here = {"dW_": D(n), "wW_": _W0, "xW_": X(n)}
    there = {"dW_": D(n + 1), "wW_": _W0, "xW_": X(n + 1)}
    goal = for_all_steps(ge(head(D(n + 1), _W0, X(n + 1)), right(D(n), _W0, X(n))))
    return Lemma(
        f"concepts/{name}",
        upper.title,
        (W0,),
        goal,
        hypotheses=ANGLES,
        functions=(D, X, a),
        backing=derive()
        .have(
            "cosine",
            for_all_steps(gt(sp.cos(X(n)), 0)),
            by=[fact("hypothesis 5", n=n), fact("hypothesis 6", n=n), cosine_positive.at(x=X(n))],
        )
        .have("step", upper.conclusion, by=[*(f"hypothesis {k}" for k in range(1, 9)), upper.at()])
        .have(
            "T",
            for_all_steps(eq(over_tangent(D(n), _W0, X(n)), upper_P(n))),
            by=[fact("cosine", n=n), unfold(over_tangent, **here)],
        )
        .have(
            "S",
            for_all_steps(eq(over_secant(D(n), _W0, X(n)), upper_R(n))),
            by=[fact("cosine", n=n), unfold(over_secant, **here)],
        )
        .have(
            "next",
            for_all_steps(eq(head(D(n + 1), _W0, X(n + 1)), upper.conclusion.body.lhs)),
            by=[fact("cosine", n=n + 1), unfold(head, **there)],
        )
        .have(
            "named",
            goal,
            by=[
                fact("step", n=n),
                fact("T", n=n),
                fact("S", n=n),
                fact("next", n=n),
                fact("cosine", n=n),
                fact("cosine", n=n + 1),
                quick,
            ],
        ),
    )


upper_T = _named(
    "upper_T", over_tangent, upper_tangent, lambda *v: (1 - a(n)) * over_tangent(*v) + a(n) * over_secant(*v) ** 2
)
upper_S = _named(
    "upper_S",
    over_secant,
    upper_secant,
    lambda *v: (1 - a(n)) * over_secant(*v) + a(n) * over_secant(*v) * over_tangent(*v),
)


def _valued(name: str, title: str, head: Any, conclusion: Any, hypotheses: Any, parameters: Any, more: Any) -> Lemma:
    opened = (
        derive()
        .have("cosine", gt(sp.cos(_x_), 0), by=["hypothesis 1", "hypothesis 2", cosine_positive.at(x=_x_)])
        .have("sine", ge(sp.sin(_x_), 0), by=["hypothesis 1", "hypothesis 2", sine_nonnegative.at(x=_x_)])
        .have(
            "value",
            Forall((n,), eq(head(_d0, _W0, _x_), head.equations[0].at({_dW: _d0, _wW: _W0, _xW: _x_})[0].rhs)),
            by=["cosine", unfold(head, dW_=_d0, wW_=_W0, xW_=_x_)],
        )
    )
    return Lemma(f"concepts/{name}", title, parameters, conclusion, hypotheses=hypotheses, backing=more(opened))


_acute = (le(_x_, _z_), lt(_z_, sp.pi / 2))
tangent_start = _valued(
    "tangent_start", "over_tangent is not negative", over_tangent, ge(over_tangent(_d0, _W0, _x_), 0),
    _acute, (W0, _dn, _an, _zn),
    lambda d: d.have("here", ge(over_tangent(_d0, _W0, _x_), 0), by=[fact("value", n=0), "cosine", "sine", quick]),
)  # fmt: skip
secant_start = _valued(
    "secant_start", "over_secant starts at W_0 at least", over_secant, ge(over_secant(_d0, _W0, _x_), _W0),
    (*_acute, eq(_d0, 1)), (W0, _dn, _an, _zn),
    lambda d: d.have("at most one", le(sp.cos(_x_), 1), by=quick).have(
        "here",
        ge(over_secant(_d0, _W0, _x_), _W0),
        by=[fact("value", n=0), "cosine", "at most one", "hypothesis 3", quick],
    ),
)  # fmt: skip


def _below_limit(name: str, head: Definition, convex: Lemma, slope: sp.Expr, here: sp.Expr, last: sp.Expr) -> Lemma:
    """head(d, W_0, x) <= head at z, from the tangent line of its convex function at x."""
    used = convex.at(x=_x_, z=_z_)
    both = ["hypothesis 1", "hypothesis 2"]
    top = _d0 * _W0 * last
    return _valued(
        name,
        "Below its value at the last angle",
        head,
        le(head(_d0, _W0, _x_), top),
        _acute,
        (W0, _dn, _an, _zn),
        lambda d: (
            d.have("last cosine", gt(sp.cos(_z_), 0), by=[*both, cosine_positive.at(x=_z_)])
            .have("convex", used.conclusion, by=[*both, used])
            .have("slope", ge(slope, 0), by=["cosine", "sine", quick])
            .have("gain", ge((_z_ - _x_) * slope, 0), by=["hypothesis 1", "slope", "cosine", quick])
            .have("split", eq(used.conclusion.rhs, here + (_z_ - _x_) * slope), by=["cosine", algebra])
            .have("rises", ge(last, here), by=["convex", "split", "gain", "cosine", "last cosine", quick])
            .have("scaled", ge(_d0 * _W0 * (last - here), 0), by=["rises", "cosine", "last cosine", quick])
            .have(
                "here", le(head(_d0, _W0, _x_), top), by=[fact("value", n=0), "scaled", "cosine", "last cosine", quick]
            )
        ),
    )


tangent_limit = _below_limit(
    "tangent_limit", over_tangent, tangent_step, 1 / sp.cos(_x_) ** 2, tangent(_x_), tangent(_z_)
)
secant_limit = _below_limit(
    "secant_limit", over_secant, secant_step, sp.sin(_x_) / sp.cos(_x_) ** 2, 1 / sp.cos(_x_), 1 / sp.cos(_z_)
)
