"""The field of the reduced dynamics lies between pure weight decay and the linearised field.

Main statements
    p_growth, w_growth         at most the linearised field, on both patterns of activity and between
    p_decay, q_decay, w_decay  at least pure decay; for w in the form F_w/w >= -lambda
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from theory.concepts.fields import combined, p, q, w
from theory.concepts.parameters import Nb, g, kc, kd, lam, pk
from theory.derivation import Derivation, derive
from theory.justification import decide, fact, quick
from theory.lemma import Lemma
from theory.parameter import Parameter, reals
from theory.proposition import Forall, ge, gt, le

share = Parameter(
    "mu", r"\mu", "weight of the one-sided field: 0, 1, or between where training slides", reals(0, 1), (0, 1)
)
_p, _q, _w, _mu = (parameter.symbol for parameter in (p, q, w, share))
_lam, _pk, _kd, _kc, _Nb, _g = (parameter.symbol for parameter in (lam, pk, kd, kc, Nb, g))
CONSTANTS = (lam, pk, kd, kc, Nb)

# -- the field between decay and the linearised one ------------------------------------------------------------------

_y = sp.Symbol("y_", real=True)
_F = combined(_p, _q, _w, _mu)
_theta = sp.tanh(_w**2 * _Nb)
_f1, _f2 = _theta * _p, (_q + _theta * _p) / 2
_g1, _g2 = 1 / (1 + sp.exp(_f1)), 1 / (1 + sp.exp(_f2))
# theta, g(f) on either pattern
_th, _a, _b = (sp.Symbol(name, real=True) for name in ("th_", "a_", "b_"))
_pulled = (ge(_th, 0), le(_th, _w**2 * _Nb), le(_th, 1), gt(_a, 0), le(_a, sp.Rational(1, 2)), gt(_b, 0),
           le(_b, sp.Rational(1, 2)))  # fmt: skip
_plain = tuple(part.subs({_g1: _a, _g2: _b}).subs(_theta, _th) for part in _F)


def _facts() -> Derivation:
    """0 <= theta <= beta, theta <= 1 and 0 < g <= 1/2."""
    positive = Forall((_y,), ge(sp.exp(_y), 1), (ge(_y, 0),))
    return (
        derive()
        .have("tanh", Forall((_y,), le(sp.tanh(_y), _y), (ge(_y, 0),)), by=decide)
        .have("tanh sign", Forall((_y,), ge(sp.tanh(_y), 0), (ge(_y, 0),)), by=decide)
        .have("tanh below one", Forall((_y,), le(sp.tanh(_y), 1), (ge(_y, 0),)), by=decide)
        .have("exponential", positive, by=decide)
        .have(
            "half",
            Forall((_y,), le(1 / (1 + sp.exp(_y)), sp.Rational(1, 2)), (ge(_y, 0),)),
            by=[fact("exponential", y_=_y), quick],
        )
        .have("theta below", le(_theta, _w**2 * _Nb), by=fact("tanh", y_=_w**2 * _Nb))
        .have("theta", ge(_theta, 0), by=fact("tanh sign", y_=_w**2 * _Nb))
        .have("theta below one", le(_theta, 1), by=fact("tanh below one", y_=_w**2 * _Nb))
        .have("output", ge(_f1, 0), by=["hypothesis 1", "theta", quick])
        .have("one-sided output", ge(_f2, 0), by=["hypothesis 1", "output", quick])
        .have("g", le(_g1, sp.Rational(1, 2)), by=["output", fact("half", y_=_f1)])
        .have("one-sided g", le(_g2, sp.Rational(1, 2)), by=["one-sided output", fact("half", y_=_f2)])
        .have("g sign", gt(_g1, 0), by=quick)
        .have("one-sided g sign", gt(_g2, 0), by=quick)
    )


def _bounded(name: str, title: str, part: int, sign: str, bound: sp.Expr) -> Lemma:
    plain = (le if sign == "<=" else ge)(_plain[part], bound)
    conclusion = (le if sign == "<=" else ge)(_F[part], bound)
    facts = ("theta", "theta below", "theta below one", "g sign", "g", "one-sided g sign", "one-sided g")
    return Lemma(
        f"concepts/{name}",
        title,
        (*CONSTANTS, p, q, w, share),
        conclusion,
        hypotheses=(ge(_p, 0), ge(_w, 0)),
        backing=_facts()
        .have("plain", Forall((_th, _a, _b), plain, _pulled), by=["hypothesis 1", "hypothesis 2", decide])
        .have("here", conclusion, by=[*facts, fact("plain", th_=_theta, a_=_g1, b_=_g2), quick]),
    )


p_growth = _bounded("p_growth", "p grows at most as the linearised field lets it", 0, "<=",
    _pk * _kd * _Nb * _w**2 / 2 - _lam * _p)  # fmt: skip
w_growth = _bounded("w_growth", "w grows at most as the linearised field lets it", 2, "<=",
    _pk * _Nb * _p * _w / 2 - _lam * _w)  # fmt: skip

anything = Parameter("y", "y", "q of any sign", reals(), (0, 3))
_z = anything.symbol
_G = combined(_p, _z, _w, _mu)
_h1, _h2 = (1 / (1 + sp.exp(f.subs(_q, _z))) for f in (_f1, _f2))
_loose = (ge(_th, 0), le(_th, 1), gt(_a, 0), gt(_b, 0))


def _decays(name: str, title: str, left: sp.Expr, right: sp.Expr, hypotheses: tuple[Any, ...] = ()) -> Lemma:
    plain = left.subs({_h1: _a, _h2: _b}).subs(_theta, _th)
    return Lemma(
        f"concepts/{name}",
        title,
        (*CONSTANTS, p, anything, w, share),
        ge(left, right),
        hypotheses=hypotheses,
        backing=derive()
        .have("tanh sign", Forall((_y,), ge(sp.tanh(_y), 0), (ge(_y, 0),)), by=decide)
        .have("tanh below one", Forall((_y,), le(sp.tanh(_y), 1), (ge(_y, 0),)), by=decide)
        .have("theta", ge(_theta, 0), by=fact("tanh sign", y_=_w**2 * _Nb))
        .have("theta below one", le(_theta, 1), by=fact("tanh below one", y_=_w**2 * _Nb))
        .have("g sign", gt(_h1, 0), by=quick)
        .have("one-sided g sign", gt(_h2, 0), by=quick)
        .have(
            "plain",
            Forall((_th, _a, _b), ge(plain, right), _loose),
            by=[*(f"hypothesis {k + 1}" for k in range(len(hypotheses))), decide],
        )
        .have(
            "here",
            ge(left, right),
            by=[
                *("theta", "theta below one", "g sign", "one-sided g sign"),
                fact("plain", th_=_theta, a_=_h1, b_=_h2),
                quick,
            ],
        ),
    )


def w_factor(p: Any, q: Any, w: Any, mu: Any) -> sp.Expr:
    """F_w/w."""
    theta = sp.tanh(w**2 * _Nb)
    both, one = (
        share / (1 + sp.exp(f)) * _pk * p * (1 - theta**2) * _Nb - _lam
        for share, f in ((1, theta * p), (sp.Rational(1, 2), (q + theta * p) / 2))
    )
    return (1 - mu) * both + mu * one


p_decay = _decays("p_decay", "p falls at most by weight decay", _G[0], -_lam * _p)
q_decay = _decays("q_decay", "q falls at most by weight decay", _G[1], -_lam * _z)
w_decay = _decays(
    "w_decay", "w falls at most by weight decay", w_factor(_p, _z, _w, _mu), -_lam, hypotheses=(ge(_p, 0),)
)
