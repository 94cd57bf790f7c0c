"""A start below pi/2 is forgotten: the map of training stays below the solution of the linearised flow.

Main statements
    p_growth, w_growth         the reduced field is at most the linearised one, on both activity patterns and between
    p_decay, q_decay, w_decay  and at least pure decay
    monotone_map               the linearised map keeps the order of states
    upper_tangent, upper_secant   D W_0 tan X and D W_0/cos X grow at least as fast
    no_learning_below          p_t and w_t are at most a constant times D_t of decay_product, hence tend to 0

One induction over the steps does it: with a_t = lambda eta_t = 2/(gamma + t) and D_t of decay_product, the linearised
step sends (D_t Q, D_t R) to (D_{t+1} (Q + h R^2), D_{t+1} (R + h R Q)), h = a_t/(1 - a_t) D_t, an Euler step for
dQ/dsigma = R^2, dR/dsigma = R Q; its solution is convex and so stays above. The time sigma used up is at most
1/(1 - 2/gamma).
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from theory.claim import Claim, Kind, Status, equal, lower, upper
from theory.concepts.fields import combined, p, q, w
from theory.concepts.parameters import W0, Nb, g, kc, kd, lam, m, nb2, nd, pk, t
from theory.concepts.schedules import closed_decay, decay_of_steps, decay_product, rate_of_step
from theory.define import defined
from theory.derivation import Derivation, derive
from theory.justification import Induction, algebra, decide, fact, quick, unfold
from theory.lemma import Lemma
from theory.lemmas.tangents import cosine_positive, secant_step, sine_nonnegative, tangent_step
from theory.parameter import Parameter, reals
from theory.proposition import Forall, eq, ge, gt, le, lt, substitute
from theory.source import OWN

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

# -- the linearised map -------------------------------------------------------------------------------------------------

_n = sp.Symbol("n", integer=True, nonnegative=True)
P, R, U, V, D, X, a = (sp.Function(name, real=True) for name in ("P", "R", "U", "V", "D", "X", "a"))
_W0 = W0.symbol


def _below(n: Any) -> sp.Basic:
    return sp.And(le(P(n), U(n)), le(R(n), V(n)), evaluate=False)


def _steps(u: Any, v: Any) -> tuple[Forall, Forall]:
    """(P, R) -> ((1-a) P + a R^2, (1-a) R + a R P) with `<=`, or its opposite for the upper sequence."""
    return (
        Forall((_n,), le(u(_n + 1), (1 - a(_n)) * u(_n) + a(_n) * v(_n) ** 2)),
        Forall((_n,), le(v(_n + 1), (1 - a(_n)) * v(_n) + a(_n) * v(_n) * u(_n))),
    )


monotone_map = Lemma(
    "concepts/monotone_map",
    "The linearised map keeps the order of states",
    (),
    Forall((_n,), _below(_n)),
    hypotheses=(
        _below(0),
        Forall((_n,), ge(P(_n), 0)),
        Forall((_n,), ge(R(_n), 0)),
        Forall((_n,), ge(a(_n), 0)),
        Forall((_n,), le(a(_n), 1)),
        *_steps(P, R),
        Forall((_n,), ge(U(_n + 1), (1 - a(_n)) * U(_n) + a(_n) * V(_n) ** 2)),
        Forall((_n,), ge(V(_n + 1), (1 - a(_n)) * V(_n) + a(_n) * V(_n) * U(_n))),
    ),
    functions=(P, R, U, V, a),
    backing=derive().have(
        "all",
        Forall((_n,), _below(_n)),
        by=[Induction(_n), *(fact(f"hypothesis {k}", n=_n) for k in range(2, 10)), "hypothesis 1", quick],
    ),
)


def _tangent(x: Any) -> sp.Expr:
    return sp.sin(x) / sp.cos(x)


# 0 < a < 1; what decay leaves; an angle below pi/2 that grows by at least W_0 a D/(1-a) a step
ANGLES = (
    Forall((_n,), gt(a(_n), 0)),
    Forall((_n,), lt(a(_n), 1)),
    Forall((_n,), gt(D(_n), 0)),
    Forall((_n,), eq(D(_n + 1), (1 - a(_n)) * D(_n))),
    Forall((_n,), ge(X(_n), 0)),
    Forall((_n,), lt(X(_n), sp.pi / 2)),
    Forall((_n,), ge(X(_n + 1), X(_n))),
    Forall((_n,), ge((1 - a(_n)) * (X(_n + 1) - X(_n)), a(_n) * D(_n) * _W0)),
)
_s, _c, _sn, _cn, _d, _r, _dl = (sp.Symbol(f"{name}_", real=True) for name in ("s", "c", "sn", "cn", "d", "r", "dl"))
_HERE = {"s_": sp.sin(X(_n)), "c_": sp.cos(X(_n)), "sn_": sp.sin(X(_n + 1)), "cn_": sp.cos(X(_n + 1)),
         "d_": D(_n), "r_": a(_n), "dl_": X(_n + 1) - X(_n)}  # fmt: skip


def _upper(name: str, title: str, convex: Lemma, gain: sp.Expr, here: sp.Expr, tip: sp.Expr, goal: Forall) -> Lemma:
    """One component of the upper sequence; `gain` is the slope of the convex function, `here` its value."""
    tangent = convex.at(x=X(_n), z=X(_n + 1))
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
            Forall((_n,), gt(sp.cos(X(_n)), 0)),
            by=[fact("hypothesis 5", n=_n), fact("hypothesis 6", n=_n), cosine_positive.at(x=X(_n))],
        )
        .have(
            "sine",
            Forall((_n,), ge(sp.sin(X(_n)), 0)),
            by=[fact("hypothesis 5", n=_n), fact("hypothesis 6", n=_n), sine_nonnegative.at(x=X(_n))],
        )
        .have(
            "convex",
            Forall((_n,), tangent.conclusion),
            by=[*(fact(f"hypothesis {k}", n=_n) for k in (5, 6, 7)), fact("hypothesis 6", n=_n + 1), tangent],
        )
        .have(
            "tip",
            Forall((_n,), plain.at({v: _HERE[v.name] for v in plain.variables})[1][6]),
            by=[fact("convex", n=_n)],
        )
        .have(
            "step",
            Forall((_n,), plain.at({v: _HERE[v.name] for v in plain.variables})[0]),
            by=[
                *(fact(f"hypothesis {k}", n=_n) for k in (3, 2, 8)),
                *(fact(name, n=_n) for name in ("cosine", "sine", "tip")),
                fact("cosine", n=_n + 1),
                fact("plain", **_HERE),
            ],
        )
        .have(
            "named",
            goal,
            by=[fact("step", n=_n), fact("hypothesis 4", n=_n), fact("cosine", n=_n), fact("cosine", n=_n + 1), quick],
        ),
    )


def upper_P(n: Any) -> sp.Expr:
    """D W_0 tan X."""
    return D(n) * _W0 * _tangent(X(n))


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
    Forall((_n,), ge(upper_P(_n + 1), (1 - a(_n)) * upper_P(_n) + a(_n) * upper_R(_n) ** 2)),
)
upper_secant = _upper(
    "upper_secant",
    "D W_0/cos X grows at least as a step of the linearised dynamics",
    secant_step,
    _s / _c**2,
    1 / _c,
    1 / _cn,
    Forall((_n,), ge(upper_R(_n + 1), (1 - a(_n)) * upper_R(_n) + a(_n) * upper_R(_n) * upper_P(_n))),
)


# -- the claim -----------------------------------------------------------------------------------------------------------

_W_, _g_ = sp.Symbol("W_", positive=True), sp.Symbol("g_", positive=True)  # bound in the definition
angle_used = defined(
    "concepts/angle_used",
    "angle_used(W_0, gamma, n) = W_0 (1 - D_n)/(1 - 2/gamma): W_0 times what steps 0..n-1 add to sigma, at most",
    (_W_, _g_, _n),
    _W_ * _g_ / (_g_ - 2) * (1 - (_g_ - 2) * (_g_ - 1) / ((_g_ + _n - 2) * (_g_ + _n - 1))),
    conditions=(gt(_g_, 2),),
)
p_at, q_at, w_at, mu_at = (sp.Function(f"{name}_at", real=True) for name in ("p", "q", "w", "mu"))
_state = (p_at(_n), q_at(_n), w_at(_n), mu_at(_n))
_field = combined(*_state)
_a_n = 2 / (_g + _n)  # lambda eta_n
_eta, _D = _a_n / _lam, decay_of_steps(_lam, _g, _n)
UNIT_P = 2 * _lam / (_pk * _Nb)
UNIT_W = 2 * _lam / (_pk * sp.sqrt(_kd) * _Nb)
ALL = _W0 * _g / (_g - 2)
_t = t.symbol

last_angle = Parameter(
    "psi", r"\psi", "W_0/(1 - 2/gamma): W_0 times all the sigma that training can use up", reals(0), (0.1, 1.5)
)
_psi = last_angle.symbol
ENOUGH = lt(_W0, sp.pi / 2 * (1 - 2 / _g))
TRAINED = (
    eq(p_at(0), 0),
    ge(q_at(0), 0),
    eq(w_at(0), UNIT_W * _W0),
    Forall((_n,), ge(mu_at(_n), 0)),
    Forall((_n,), le(mu_at(_n), 1)),
    *(Forall((_n,), eq(x(_n + 1), x(_n) + _eta * f)) for x, f in zip((p_at, q_at, w_at), _field, strict=True)),
    ENOUGH,
    eq(_psi, ALL),
)
_sequences = {
    "D": sp.Lambda(_n, _D),
    "X": sp.Lambda(_n, angle_used(_W0, _g, _n)),
    "a": sp.Lambda(_n, _lam * rate_of_step(_lam, _g, _n)),
}
_dW, _wW, _xW = (sp.Symbol(f"{name}_", real=True) for name in ("dW", "wW", "xW"))
over_tangent, over_secant = (
    defined(f"concepts/{name}", words, (_dW, _wW, _xW), _dW * _wW * value, conditions=(gt(sp.cos(_xW), 0),))
    for name, words, value in (
        ("over_tangent", "over_tangent(D, W, x) = D W tan x, above the read-out in its unit", _tangent(_xW)),
        ("over_secant", "over_secant(D, W, x) = D W/cos x, above the attention weight in its unit", 1 / sp.cos(_xW)),
    )
)


def _at(proposition: Any) -> Any:
    """A hypothesis or conclusion above for the sequences of training."""
    heads = {str(f): f for f in (P, R, U, V, D, X, a)}
    return substitute(proposition, {heads[k]: v for k, v in _TRAINING.items()})


_x = angle_used(_W0, _g, _n)
_TRAINING = {
    "D": sp.Lambda(_n, _D),
    "X": sp.Lambda(_n, _x),
    "a": sp.Lambda(_n, _lam * rate_of_step(_lam, _g, _n)),
    "P": sp.Lambda(_n, p_at(_n) / UNIT_P),
    "R": sp.Lambda(_n, w_at(_n) / UNIT_W),
    "U": sp.Lambda(_n, over_tangent(_D, _W0, _x)),
    "V": sp.Lambda(_n, over_secant(_D, _W0, _x)),
}
_angles = {k: _TRAINING[k] for k in ("D", "X", "a")}
_map = {k: _TRAINING[k] for k in ("P", "R", "U", "V", "a")}
_given = tuple(fact(f"hypothesis {k}", n=_n) for k in range(4, 9))
_here = {"p": p_at(_n), "q": q_at(_n), "w": w_at(_n), "mu": mu_at(_n)}
_loosely = {"p": p_at(_n), "y": q_at(_n), "w": w_at(_n), "mu": mu_at(_n)}
_LIMIT_P = UNIT_P * _W0 * _tangent(ALL)
_LIMIT_W = UNIT_W * _W0 / sp.cos(ALL)
_keeps = w_factor(*_state)


def _all(body: Any) -> Forall:
    return Forall((_n,), body)


def _schedule(enough: str) -> Derivation:
    """Steps on the learning rates; `enough` names the hypothesis on W_0."""
    return (
        derive()
        .have(
            "rate",
            _all(eq(_lam * rate_of_step(_lam, _g, _n), _a_n)),
            by=[unfold(rate_of_step, lam_=_lam, g_=_g, n=_n), quick],
        )
        .have("positive rate", _at(ANGLES[0]), by=[fact("rate", n=_n), quick])
        .have("contraction", _at(ANGLES[1]), by=[fact("rate", n=_n), quick])
        .have("decay", _all(eq(_D, closed_decay(_n))), by=decay_product.at(t=_n))
        .have("what decay leaves", _at(ANGLES[2]), by=[fact("decay", n=_n), quick])
        .have("decay step", _at(ANGLES[3]), by=[unfold(decay_of_steps, lam_=_lam, g_=_g, n=_n), quick])
        .have("all the time", lt(ALL, sp.pi / 2), by=[enough, quick])
        .have("some time", gt(ALL, 0), by=quick)
        .have(
            "angle",
            _all(eq(_x, ALL * (1 - closed_decay(_n)))),
            by=unfold(angle_used, W_=_W0, g_=_g, n=_n),
        )
        .have("closed decay", _all(gt(closed_decay(_n), 0)), by=quick)
        .have("closed decay at most one", _all(le(closed_decay(_n), 1)), by=quick)
        .have(
            "no negative angle",
            _at(ANGLES[4]),
            by=[*(fact(k, n=_n) for k in ("angle", "closed decay at most one")), "some time", quick],
        )
        .have(
            "angle below",
            _all(lt(_x, ALL)),
            by=[*(fact(k, n=_n) for k in ("angle", "closed decay")), "some time", quick],
        )
        .have("acute", _at(ANGLES[5]), by=[fact("angle below", n=_n), "all the time", quick])
        .have("closed turn", _all(ge(ALL * (closed_decay(_n) - closed_decay(_n + 1)), 0)), by=quick)
        .have(
            "turn", _at(ANGLES[6]), by=[fact("angle", n=_n), fact("angle", n=_n + 1), fact("closed turn", n=_n), quick]
        )
    )


time_used = Lemma(
    "concepts/time_used",
    "A step uses up no more of sigma than the angle grants it",
    (lam, g, W0),
    _at(ANGLES[7]),
    hypotheses=(ENOUGH,),
    backing=_schedule("hypothesis 1")
    .have(
        "closed time",
        _all(
            ge(
                (1 - 2 / (_g + _n)) * (ALL * (1 - closed_decay(_n + 1)) - ALL * (1 - closed_decay(_n))),
                2 / (_g + _n) * closed_decay(_n) * _W0,
            )
        ),
        by=decide,
        note="Euler steps use up the time h_t = a_t D_t/(1 - a_t), and 1 - a_t >= 1 - 2/gamma",
    )
    .have(
        "time used",
        _at(ANGLES[7]),
        by=[
            fact("closed time", n=_n),
            fact("angle", n=_n),
            fact("angle", n=_n + 1),
            fact("decay", n=_n),
            fact("rate", n=_n),
            quick,
        ],
    ),
)
_NAMES = (
    "positive rate", "contraction", "what decay leaves", "decay step", "no negative angle", "acute", "turn", "time used",
)  # fmt: skip
_e, _F, _x0, _x1 = (sp.Symbol(f"{name}_", real=True) for name in ("e", "F", "x0", "x1"))
stays_nonnegative = Lemma(
    "concepts/stays_nonnegative",
    "What falls by a share of itself at most keeps its sign",
    (),
    Forall((_n,), ge(P(_n), 0)),
    hypotheses=(
        ge(P(0), 0),
        Forall((_n,), le(a(_n), 1)),
        Forall((_n,), ge(P(_n + 1), (1 - a(_n)) * P(_n))),
    ),
    functions=(P, a),
    backing=derive().have(
        "all",
        Forall((_n,), ge(P(_n), 0)),
        by=[Induction(_n), "hypothesis 1", fact("hypothesis 2", n=_n), fact("hypothesis 3", n=_n), quick],
    ),
)
_r_n = _lam * rate_of_step(_lam, _g, _n)
_moved = (gt(_e, 0), eq(_x1, _x0 + _e * _F), eq(_r, _lam * _e))
_all_plain = (_e, _F, _x0, _x1, _r)


_number = Parameter("v", "v", "a number", reals(), (0, 1))
_others = tuple(Parameter(name, name, "a number", reals(), (0, 1)) for name in ("e", "F", "x0", "x1", "r"))
_pe, _pF, _px0, _px1, _pr = (o.symbol for o in _others)
_pv = _number.symbol
_units = (lam, pk, kd, Nb)


def _simple(name: str, title: str, parameters: Any, hypotheses: Any, conclusion: Any) -> Lemma:
    facts = [f"hypothesis {k + 1}" for k in range(len(hypotheses))]
    return Lemma(
        f"concepts/{name}",
        title,
        parameters,
        conclusion,
        hypotheses=hypotheses,
        backing=derive().have("here", conclusion, by=[*facts, decide]),
    )


zero_start = _simple("zero_start", "0 is not negative", (_number,), (eq(_pv, 0),), ge(_pv, 0))
weight_start = _simple(
    "weight_start", "The start of w is not negative", (*_units, W0, _number), (eq(_pv, UNIT_W * _W0),), ge(_pv, 0)
)
scaled = _simple("scaled", "p in its unit", (*_units, _number), (ge(_pv, 0),), ge(_pv / UNIT_P, 0))
scaled_weight = _simple("scaled_weight", "w in its unit", (*_units, _number), (ge(_pv, 0),), ge(_pv / UNIT_W, 0))
_step_of = (gt(_pe, 0), eq(_pr, _lam * _pe), eq(_px1, _px0 + _pe * _pF))
linear_p = _simple(
    "linear_p",
    "A step of p in its unit",
    (*_units, *_others, _number),
    (*_step_of, le(_pF, _pk * _kd * _Nb * _pv**2 / 2 - _lam * _px0)),
    le(_px1 / UNIT_P, (1 - _pr) * (_px0 / UNIT_P) + _pr * (_pv / UNIT_W) ** 2),
)
linear_w = _simple(
    "linear_w",
    "A step of w in its unit",
    (*_units, *_others, _number),
    (*_step_of, le(_pF, _pk * _Nb * _pv * _px0 / 2 - _lam * _px0)),
    le(_px1 / UNIT_W, (1 - _pr) * (_px0 / UNIT_W) + _pr * (_px0 / UNIT_W) * (_pv / UNIT_P)),
)
stays_by_factors = Lemma(
    "concepts/stays_by_factors",
    "What is multiplied by numbers that are not negative keeps its sign",
    (),
    Forall((_n,), ge(P(_n), 0)),
    hypotheses=(ge(P(0), 0), Forall((_n,), ge(a(_n), 0)), Forall((_n,), eq(P(_n + 1), P(_n) * a(_n)))),
    functions=(P, a),
    backing=derive().have(
        "all",
        Forall((_n,), ge(P(_n), 0)),
        by=[Induction(_n), "hypothesis 1", fact("hypothesis 2", n=_n), fact("hypothesis 3", n=_n), quick],
    ),
)


no_start = _simple("no_start", "p in its unit at the start", (*_units, _number), (eq(_pv, 0),), eq(_pv / UNIT_P, 0))
unit_start = _simple(
    "unit_start", "w in its unit at the start", (*_units, W0, _number), (eq(_pv, UNIT_W * _W0),), eq(_pv / UNIT_W, _W0)
)
both_below = _simple(
    "both_below",
    "0 and W_0 are below",
    (W0, _number, *_others),
    (eq(_pv, 0), eq(_pe, _W0), ge(_pF, 0), ge(_pr, _W0)),
    sp.And(le(_pv, _pF), le(_pe, _pr), evaluate=False),
)


def _moves(d: Derivation, name: str, x: Any, which: int, lemma: Any, slope: sp.Expr) -> Derivation:
    """x(n+1) >= (1 - a) x(n) from F >= -lambda x."""
    return (
        d.have(f"{name} slope", _all(ge(slope, -_lam * x(_n))), by=[*_signs[name], lemma])
        .have(
            f"{name} falls",
            _all(ge(x(_n + 1), (1 - _r_n) * x(_n))),
            by=[
                fact("rate", n=_n),
                fact("eta", n=_n),
                fact(f"hypothesis {which}", n=_n),
                fact(f"{name} slope", n=_n),
                fact("falls", e_=_eta, F_=slope, x0_=x(_n), x1_=x(_n + 1), r_=_r_n),
            ],
        )
        .have(
            name,
            _all(ge(x(_n), 0)),
            by=[*_starts[name], "at most one", f"{name} falls", stays_nonnegative.at(P=sp.Lambda(_n, x(_n)), a=_TRAINING["a"])],
        )
    )


_shares = (fact("hypothesis 4", n=_n), fact("hypothesis 5", n=_n))
_signs = {"p": _shares, "q": _shares, "w": (*_shares, fact("p", n=_n))}
_starts = {"p": ("p starts",), "q": ("hypothesis 2",), "w": ("w starts",)}
_d = (
    _schedule("hypothesis 9")
    .have("time used", _at(ANGLES[7]), by=["hypothesis 9", time_used.at()])
    .have("eta", _all(gt(_eta, 0)), by=quick)
    .have("at most one", _all(le(_r_n, 1)), by=fact("contraction", n=_n))
    .have("rate of step", _all(eq(_r_n, _lam * _eta)), by=[fact("rate", n=_n), quick])
    .have("falls", Forall(_all_plain, ge(_x1, (1 - _r) * _x0), (*_moved, ge(_F, -_lam * _x0))), by=decide)
    .have(
        "factor falls",
        Forall(
            _all_plain,
            ge(_x1, (1 - _r) * _x0),
            (*_moved[::2], eq(_x1, _x0 + _e * (_x0 * _F)), ge(_x0 * _F, -_lam * _x0)),
        ),
        by=decide,
    )
    .have("p starts", ge(p_at(0), 0), by=["hypothesis 1", zero_start.at(v=p_at(0))])
    .have("w starts", ge(w_at(0), 0), by=["hypothesis 3", weight_start.at(v=w_at(0))])
)
_d = _moves(_d, "p", p_at, 6, p_decay.at(**_loosely), _field[0])
_d = _moves(_d, "q", q_at, 7, q_decay.at(**_loosely), _field[1])
_v = sp.Symbol("v_", real=True)
_grown = (*_all_plain, _v)
_d = (
    _d.have("w factor", _all(ge(_keeps, -_lam)), by=[*_shares, fact("p", n=_n), w_decay.at(**_loosely)])
    .have("w factored", _all(eq(_field[2], w_at(_n) * _keeps)), by=algebra)
    .have(
        "factor",
        Forall(_all_plain, ge(1 + _e * _F, 0), (gt(_e, 0), le(_r, 1), eq(_r, _lam * _e), ge(_F, -_lam))),
        by=decide,
    )
    .have(
        "w keeps",
        _all(ge(1 + _eta * _keeps, 0)),
        by=[
            *(fact(name, n=_n) for name in ("eta", "at most one", "rate of step", "w factor")),
            fact("factor", e_=_eta, F_=_keeps, x0_=0, x1_=0, r_=_r_n),
        ],
    )
    .have(
        "product",
        Forall((_e, _F, _x0, _x1, _v), eq(_x1, _x0 * (1 + _e * _v)), (eq(_x1, _x0 + _e * _F), eq(_F, _x0 * _v))),
        by=decide,
    )
    .have(
        "w moves",
        _all(eq(w_at(_n + 1), w_at(_n) * (1 + _eta * _keeps))),
        by=[
            fact("hypothesis 8", n=_n),
            fact("w factored", n=_n),
            fact("product", e_=_eta, F_=_field[2], x0_=w_at(_n), x1_=w_at(_n + 1), v_=_keeps),
        ],
    )
    .have(
        "w",
        _all(ge(w_at(_n), 0)),
        by=[
            "w starts",
            "w keeps",
            "w moves",
            stays_by_factors.at(P=sp.Lambda(_n, w_at(_n)), a=sp.Lambda(_n, 1 + _eta * _keeps)),
        ],
    )
    .have(
        "p growth",
        _all(p_growth.at(**_here).conclusion),
        by=[*_shares, *(fact(k, n=_n) for k in "pqw"), p_growth.at(**_here)],
    )
    .have(
        "w growth",
        _all(w_growth.at(**_here).conclusion),
        by=[*_shares, *(fact(k, n=_n) for k in "pqw"), w_growth.at(**_here)],
    )
    .have(
        "P step",
        _all(le(p_at(_n + 1) / UNIT_P, (1 - _r_n) * (p_at(_n) / UNIT_P) + _r_n * (w_at(_n) / UNIT_W) ** 2)),
        by=[
            *(fact(name, n=_n) for name in ("eta", "rate of step", "p growth", "hypothesis 6")),
            linear_p.at(e=_eta, F=_field[0], x0=p_at(_n), x1=p_at(_n + 1), r=_r_n, v=w_at(_n)),
        ],
    )
    .have(
        "R step",
        _all(
            le(
                w_at(_n + 1) / UNIT_W,
                (1 - _r_n) * (w_at(_n) / UNIT_W) + _r_n * (w_at(_n) / UNIT_W) * (p_at(_n) / UNIT_P),
            )
        ),
        by=[
            *(fact(name, n=_n) for name in ("eta", "rate of step", "w growth", "hypothesis 8")),
            linear_w.at(e=_eta, F=_field[2], x0=w_at(_n), x1=w_at(_n + 1), r=_r_n, v=p_at(_n)),
        ],
    )
    .have("P sign", _all(ge(p_at(_n) / UNIT_P, 0)), by=[fact("p", n=_n), scaled.at(v=p_at(_n))])
    .have("R sign", _all(ge(w_at(_n) / UNIT_W, 0)), by=[fact("w", n=_n), scaled_weight.at(v=w_at(_n))])
)

# -- the upper sequence under its own names -------------------------------------------------------------------------------

_dn, _an, _zn = (
    Parameter("d", "d", "what decay leaves", reals(0, sp.oo, open="lower"), (0, 1)),
    Parameter("x", "x", "an angle", reals(0), (0, 1.5)),
    Parameter("z", "z", "an angle that is not smaller", reals(), (0, 1.5)),
)
_d0, _x_, _z_ = (parameter.symbol for parameter in (_dn, _an, _zn))


def _named(name: str, head: Any, upper: Lemma, right: Any) -> Lemma:
    """The conclusion of `upper` under the names over_tangent and over_secant."""
    here = {"dW_": D(_n), "wW_": _W0, "xW_": X(_n)}
    there = {"dW_": D(_n + 1), "wW_": _W0, "xW_": X(_n + 1)}
    goal = _all(ge(head(D(_n + 1), _W0, X(_n + 1)), right(D(_n), _W0, X(_n))))
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
            _all(gt(sp.cos(X(_n)), 0)),
            by=[fact("hypothesis 5", n=_n), fact("hypothesis 6", n=_n), cosine_positive.at(x=X(_n))],
        )
        .have("step", upper.conclusion, by=[*(f"hypothesis {k}" for k in range(1, 9)), upper.at()])
        .have(
            "T",
            _all(eq(over_tangent(D(_n), _W0, X(_n)), upper_P(_n))),
            by=[fact("cosine", n=_n), unfold(over_tangent, **here)],
        )
        .have(
            "S",
            _all(eq(over_secant(D(_n), _W0, X(_n)), upper_R(_n))),
            by=[fact("cosine", n=_n), unfold(over_secant, **here)],
        )
        .have(
            "next",
            _all(eq(head(D(_n + 1), _W0, X(_n + 1)), upper.conclusion.body.lhs)),
            by=[fact("cosine", n=_n + 1), unfold(head, **there)],
        )
        .have(
            "named",
            goal,
            by=[
                fact("step", n=_n),
                fact("T", n=_n),
                fact("S", n=_n),
                fact("next", n=_n),
                fact("cosine", n=_n),
                fact("cosine", n=_n + 1),
                quick,
            ],
        ),
    )


upper_T = _named(
    "upper_T", over_tangent, upper_tangent, lambda *v: (1 - a(_n)) * over_tangent(*v) + a(_n) * over_secant(*v) ** 2
)
upper_S = _named(
    "upper_S",
    over_secant,
    upper_secant,
    lambda *v: (1 - a(_n)) * over_secant(*v) + a(_n) * over_secant(*v) * over_tangent(*v),
)


def _valued(name: str, title: str, head: Any, conclusion: Any, hypotheses: Any, parameters: Any, more: Any) -> Lemma:
    opened = (
        derive()
        .have("cosine", gt(sp.cos(_x_), 0), by=["hypothesis 1", "hypothesis 2", cosine_positive.at(x=_x_)])
        .have("sine", ge(sp.sin(_x_), 0), by=["hypothesis 1", "hypothesis 2", sine_nonnegative.at(x=_x_)])
        .have(
            "value",
            Forall((_n,), eq(head(_d0, _W0, _x_), head.equations[0].at({_dW: _d0, _wW: _W0, _xW: _x_})[0].rhs)),
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
        "here", ge(over_secant(_d0, _W0, _x_), _W0), by=[fact("value", n=0), "cosine", "at most one", "hypothesis 3", quick]
    ),
)  # fmt: skip
_top_T, _top_S = _d0 * _W0 * sp.sin(_z_) / sp.cos(_z_), _d0 * _W0 / sp.cos(_z_)


def _below_limit(name: str, head: Any, convex: Lemma, top: Any, here: Any) -> Lemma:
    return _valued(
        name, "Below its value at the last angle", head, le(head(_d0, _W0, _x_), top), _acute, (W0, _dn, _an, _zn),
        lambda d: d.have("last cosine", gt(sp.cos(_z_), 0), by=["hypothesis 1", "hypothesis 2", cosine_positive.at(x=_z_)])
        .have("convex", convex.at(x=_x_, z=_z_).conclusion, by=["hypothesis 1", "hypothesis 2", convex.at(x=_x_, z=_z_)])
        .have("gain", ge(convex.conclusion.rhs.xreplace({convex.parameters[0].symbol: _x_, convex.parameters[1].symbol: _z_}), here),
              by=["hypothesis 1", "cosine", "sine", decide])
        .have("rises", ge(convex.at(x=_x_, z=_z_).conclusion.lhs, here), by=["convex", "gain", "cosine", "last cosine", quick])
        .have("here", le(head(_d0, _W0, _x_), top), by=[fact("value", n=0), "rises", "cosine", "last cosine", quick]),
    )  # fmt: skip


tangent_limit = _below_limit("tangent_limit", over_tangent, tangent_step, _top_T, sp.sin(_x_) / sp.cos(_x_))
secant_limit = _below_limit("secant_limit", over_secant, secant_step, _top_S, 1 / sp.cos(_x_))

_later = {"d": _D, "x": _x, "z": _psi}
_start = {"d": decay_of_steps(_lam, _g, 0), "x": angle_used(_W0, _g, 0), "z": _psi}
_T0, _S0 = over_tangent(_start["d"], _W0, _start["x"]), over_secant(_start["d"], _W0, _start["x"])
_first = (p_at(0) / UNIT_P, w_at(0) / UNIT_W)
_conclude = monotone_map.at(**_map)
_top_p, _top_w = UNIT_P * _W0 * sp.sin(_psi) / sp.cos(_psi), UNIT_W * _W0 / sp.cos(_psi)
_d = (
    _d.have("last", lt(_psi, sp.pi / 2), by=["all the time", "hypothesis 10", quick])
    .have("up to the last", _all(le(_x, _psi)), by=[fact("angle below", n=_n), "hypothesis 10", quick])
    .have("T step", _at(upper_T.conclusion), by=[*_NAMES, upper_T.at(**_angles)])
    .have("S step", _at(upper_S.conclusion), by=[*_NAMES, upper_S.at(**_angles)])
    .have("no decay yet", eq(_start["d"], 1), by=unfold(decay_of_steps, lam_=_lam, g_=_g))
    .have("first angle", ge(_start["x"], 0), by=fact("no negative angle", n=0))
    .have("first below last", le(_start["x"], _psi), by=fact("up to the last", n=0))
    .have("some decay", gt(_start["d"], 0), by=fact("what decay leaves", n=0))
    .have("T0", ge(_T0, 0), by=["first angle", "first below last", "last", "some decay", tangent_start.at(**_start)])
    .have(
        "S0",
        ge(_S0, _W0),
        by=["first angle", "first below last", "last", "some decay", "no decay yet", secant_start.at(**_start)],
    )
    .have("p0", eq(_first[0], 0), by=["hypothesis 1", no_start.at(v=p_at(0))])
    .have("w0", eq(_first[1], _W0), by=["hypothesis 3", unit_start.at(v=w_at(0))])
    .have(
        "start",
        sp.And(le(_first[0], _T0), le(_first[1], _S0), evaluate=False),
        by=["p0", "w0", "T0", "S0", both_below.at(v=_first[0], e=_first[1], F=_T0, r=_S0)],
    )
    .have("rate sign", _all(ge(_r_n, 0)), by=fact("positive rate", n=_n))
    .have(
        "below",
        _conclude.conclusion,
        by=["start", "P sign", "R sign", "rate sign", "at most one", "P step", "R step", "T step", "S step", _conclude],
    )
)

_Dt, _xt = decay_of_steps(_lam, _g, _t), angle_used(_W0, _g, _t)
_Tt, _St = over_tangent(_Dt, _W0, _xt), over_secant(_Dt, _W0, _xt)
_at_t = {"d": _Dt, "x": _xt, "z": _psi}
_readout = UNIT_P * _W0 * sp.sin(_psi) / sp.cos(_psi) * closed_decay(_t)
_weight = UNIT_W * _W0 / sp.cos(_psi) * closed_decay(_t)
_units_of = sp.pi * _lam * sp.sqrt(m.symbol) / (_pk * nb2.symbol * nd.symbol)
_start_of = (UNIT_W * sp.pi / 2).subs({_kd: nd.symbol**2 / m.symbol, _Nb: nb2.symbol})
_both = (sp.And(le(_pv, _pF), le(_pe, _pr), evaluate=False),)
_ends = {"v": p_at(_t) / UNIT_P, "e": w_at(_t) / UNIT_W, "F": _Tt, "r": _St}
first_of_both = _simple("first_of_both", "The first of two", (_number, *_others), _both, le(_pv, _pF))
second_of_both = _simple("second_of_both", "The second of two", (_number, *_others), _both, le(_pe, _pr))
_bounding = (g, *_units, W0, last_angle, t, _number, *_others)
_closed = (eq(_pr, closed_decay(_t)), gt(sp.cos(_psi), 0))
readout_bound = _simple(
    "readout_bound", "Back to p", _bounding,
    (le(_pv / UNIT_P, _pF), le(_pF, _pr * _W0 * sp.sin(_psi) / sp.cos(_psi)), *_closed), le(_pv, _readout),
)  # fmt: skip
weight_bound = _simple(
    "weight_bound", "Back to w", _bounding,
    (le(_pv / UNIT_W, _pF), le(_pF, _pr * _W0 / sp.cos(_psi)), *_closed), le(_pv, _weight),
)  # fmt: skip

no_learning_below = Claim(
    id="concepts/no_learning_below",
    title="A start below the threshold is forgotten",
    kind=Kind.UPPER,
    text=(
        "On the clean balanced population, from p_0 = 0 and W_0 < (pi/2)(1 - 2/gamma), training with learning rates "
        "2/(lambda (gamma + t)), gamma > 2, forgets the concept: p_t and w_t are not negative and at most a constant "
        "times D_t = (gamma-2)(gamma-1)/((gamma+t-2)(gamma+t-1)), which tends to 0 as (gamma/t)^2; hence beta_t -> 0. In "
        "the original units the condition is sigma_0 < (1 - 2/gamma) pi lambda sqrt(m)/(pi_k |b_k|^2 |d_k|)"
    ),
    parameters=(lam, g, pk, kd, kc, Nb, W0, last_angle, t, m, nb2, nd),
    hypotheses=TRAINED,
    statements=(
        upper(w_at(_t), _weight, label="w"),
        upper(p_at(_t), _readout, label="p"),
        lower(w_at(_t), 0, label="w is not negative"),
        lower(p_at(_t), 0, label="p is not negative"),
        upper(closed_decay(_t) * _t**2, _g**2, label="decay"),
        equal(_start_of, _units_of, label="original units"),
    ),
    source=OWN,
    status=Status.OWN,
    functions=(p_at, q_at, w_at, mu_at),
    remarks=(
        "hypotheses: the reduced map of reduced_dynamics on either pattern of activity, or any mixture of both (mu)",
        "judge by beta and the margin, not by the 0-1 error: on clean prompts the sign of a vanishing theta p is right",
        "the gradient flow is gamma -> infinity: there W_0 <= pi/2 suffices (init_threshold)",
    ),
    derivation=_d.have("at t", _conclude.conclusion.at({_n: _t})[0], by=fact("below", n=_t))
    .have("p in its unit", le(p_at(_t) / UNIT_P, _Tt), by=["at t", first_of_both.at(**_ends)])
    .have("w in its unit", le(w_at(_t) / UNIT_W, _St), by=["at t", second_of_both.at(**_ends)])
    .have("angle at t", ge(_xt, 0), by=fact("no negative angle", n=_t))
    .have("below the last", le(_xt, _psi), by=fact("up to the last", n=_t))
    .have("D at t", gt(_Dt, 0), by=fact("what decay leaves", n=_t))
    .have("last cosine", gt(sp.cos(_psi), 0), by=["last", cosine_positive.at(x=_psi)])
    .have(
        "T limit",
        tangent_limit.at(**_at_t).conclusion,
        by=["angle at t", "below the last", "D at t", "last", tangent_limit.at(**_at_t)],
    )
    .have(
        "S limit",
        secant_limit.at(**_at_t).conclusion,
        by=["angle at t", "below the last", "D at t", "last", secant_limit.at(**_at_t)],
    )
    .have("closed", eq(_Dt, closed_decay(_t)), by=fact("decay", n=_t))
    .have(
        "p at t",
        le(p_at(_t), _readout),
        by=["p in its unit", "T limit", "closed", "last cosine", readout_bound.at(v=p_at(_t), F=_Tt, r=_Dt)],
    )
    .have(
        "w at t",
        le(w_at(_t), _weight),
        by=["w in its unit", "S limit", "closed", "last cosine", weight_bound.at(v=w_at(_t), F=_St, r=_Dt)],
    )
    .have("w sign", ge(w_at(_t), 0), by=fact("w", n=_t))
    .have("p sign", ge(p_at(_t), 0), by=fact("p", n=_t))
    .have("tends to 0", le(closed_decay(_t) * _t**2, _g**2), by=decide)
    .have("original units", eq(_start_of, _units_of), by=algebra),
)
