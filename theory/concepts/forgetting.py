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
from theory.concepts.field_bounds import (
    p_decay,
    p_growth,
    q_decay,
    w_decay,
    w_factor,
    w_growth,
)
from theory.concepts.fields import combined
from theory.concepts.linear_map import (
    ANGLES,
    D,
    P,
    R,
    U,
    V,
    X,
    a,
    for_all_steps,
    monotone_map,
    n,
    over_secant,
    over_tangent,
    secant_limit,
    secant_start,
    tangent_limit,
    tangent_start,
    upper_S,
    upper_T,
)
from theory.concepts.parameters import W0, Nb, g, kc, kd, lam, m, nb2, nd, pk, t
from theory.concepts.reduced_units import (
    UNIT_P,
    UNIT_W,
    both_below,
    first_of_both,
    last_angle,
    linear_p,
    linear_w,
    no_start,
    readout,
    readout_bound,
    scaled,
    scaled_weight,
    second_of_both,
    stays_by_factors,
    stays_nonnegative,
    unit_start,
    weight,
    weight_bound,
    weight_start,
    zero_start,
)
from theory.concepts.schedules import closed_decay, decay_of_steps, decay_product, rate_of_step
from theory.define import defined
from theory.derivation import Derivation, derive
from theory.justification import algebra, decide, fact, quick, unfold
from theory.lemma import Lemma
from theory.lemmas.tangents import cosine_positive
from theory.proposition import Forall, eq, ge, gt, le, lt, substitute
from theory.source import OWN

_lam, _pk, _kd, _kc, _Nb, _g = (parameter.symbol for parameter in (lam, pk, kd, kc, Nb, g))
_W0, _t, _psi = W0.symbol, t.symbol, last_angle.symbol
_r = sp.Symbol("r_", real=True)
_W_, _g_ = sp.Symbol("W_", positive=True), sp.Symbol("g_", positive=True)  # bound in the definition
angle_used = defined(
    "concepts/angle_used",
    "angle_used(W_0, gamma, n) = W_0 (1 - D_n)/(1 - 2/gamma): W_0 times what steps 0..n-1 add to sigma, at most",
    (_W_, _g_, n),
    _W_ * _g_ / (_g_ - 2) * (1 - (_g_ - 2) * (_g_ - 1) / ((_g_ + n - 2) * (_g_ + n - 1))),
    conditions=(gt(_g_, 2),),
)
p_at, q_at, w_at, mu_at = (sp.Function(f"{name}_at", real=True) for name in ("p", "q", "w", "mu"))
_state = (p_at(n), q_at(n), w_at(n), mu_at(n))
_field = combined(*_state)
_a_n = 2 / (_g + n)  # lambda eta_n
_eta, _D = _a_n / _lam, decay_of_steps(_lam, _g, n)
ALL = _W0 * _g / (_g - 2)

ENOUGH = lt(_W0, sp.pi / 2 * (1 - 2 / _g))
TRAINED = (
    eq(p_at(0), 0),
    ge(q_at(0), 0),
    eq(w_at(0), UNIT_W * _W0),
    Forall((n,), ge(mu_at(n), 0)),
    Forall((n,), le(mu_at(n), 1)),
    *(Forall((n,), eq(x(n + 1), x(n) + _eta * f)) for x, f in zip((p_at, q_at, w_at), _field, strict=True)),
    ENOUGH,
    eq(_psi, ALL),
)


def _at(proposition: Any) -> Any:
    """A hypothesis or conclusion above for the sequences of training."""
    heads = {str(f): f for f in (P, R, U, V, D, X, a)}
    return substitute(proposition, {heads[k]: v for k, v in _TRAINING.items()})


_x = angle_used(_W0, _g, n)
_TRAINING = {
    "D": sp.Lambda(n, _D),
    "X": sp.Lambda(n, _x),
    "a": sp.Lambda(n, _lam * rate_of_step(_lam, _g, n)),
    "P": sp.Lambda(n, p_at(n) / UNIT_P),
    "R": sp.Lambda(n, w_at(n) / UNIT_W),
    "U": sp.Lambda(n, over_tangent(_D, _W0, _x)),
    "V": sp.Lambda(n, over_secant(_D, _W0, _x)),
}
_angles = {k: _TRAINING[k] for k in ("D", "X", "a")}
_map = {k: _TRAINING[k] for k in ("P", "R", "U", "V", "a")}
_here = {"p": p_at(n), "q": q_at(n), "w": w_at(n), "mu": mu_at(n)}
_loosely = {"p": p_at(n), "y": q_at(n), "w": w_at(n), "mu": mu_at(n)}
_keeps = w_factor(*_state)


def _schedule(enough: str) -> Derivation:
    """Steps on the learning rates; `enough` names the hypothesis on W_0."""
    return (
        derive()
        .have(
            "rate",
            for_all_steps(eq(_lam * rate_of_step(_lam, _g, n), _a_n)),
            by=[unfold(rate_of_step, lam_=_lam, g_=_g, n=n), quick],
        )
        .have("positive rate", _at(ANGLES[0]), by=[fact("rate", n=n), quick])
        .have("contraction", _at(ANGLES[1]), by=[fact("rate", n=n), quick])
        .have("decay", for_all_steps(eq(_D, closed_decay(n))), by=decay_product.at(t=n))
        .have("what decay leaves", _at(ANGLES[2]), by=[fact("decay", n=n), quick])
        .have("decay step", _at(ANGLES[3]), by=[unfold(decay_of_steps, lam_=_lam, g_=_g, n=n), quick])
        .have("all the time", lt(ALL, sp.pi / 2), by=[enough, quick])
        .have("some time", gt(ALL, 0), by=quick)
        .have(
            "angle",
            for_all_steps(eq(_x, ALL * (1 - closed_decay(n)))),
            by=unfold(angle_used, W_=_W0, g_=_g, n=n),
        )
        .have("closed decay", for_all_steps(gt(closed_decay(n), 0)), by=quick)
        .have("closed decay at most one", for_all_steps(le(closed_decay(n), 1)), by=quick)
        .have(
            "no negative angle",
            _at(ANGLES[4]),
            by=[*(fact(k, n=n) for k in ("angle", "closed decay at most one")), "some time", quick],
        )
        .have(
            "angle below",
            for_all_steps(lt(_x, ALL)),
            by=[*(fact(k, n=n) for k in ("angle", "closed decay")), "some time", quick],
        )
        .have("acute", _at(ANGLES[5]), by=[fact("angle below", n=n), "all the time", quick])
        .have("closed turn", for_all_steps(ge(ALL * (closed_decay(n) - closed_decay(n + 1)), 0)), by=quick)
        .have("turn", _at(ANGLES[6]), by=[fact("angle", n=n), fact("angle", n=n + 1), fact("closed turn", n=n), quick])
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
        for_all_steps(
            ge(
                (1 - 2 / (_g + n)) * (ALL * (1 - closed_decay(n + 1)) - ALL * (1 - closed_decay(n))),
                2 / (_g + n) * closed_decay(n) * _W0,
            )
        ),
        by=decide,
        note="Euler steps use up the time h_t = a_t D_t/(1 - a_t), and 1 - a_t >= 1 - 2/gamma",
    )
    .have(
        "time used",
        _at(ANGLES[7]),
        by=[
            fact("closed time", n=n),
            fact("angle", n=n),
            fact("angle", n=n + 1),
            fact("decay", n=n),
            fact("rate", n=n),
            quick,
        ],
    ),
)
_NAMES = (
    "positive rate",
    "contraction",
    "what decay leaves",
    "decay step",
    "no negative angle",
    "acute",
    "turn",
    "time used",
)
_e, _F, _x0, _x1 = (sp.Symbol(f"{name}_", real=True) for name in ("e", "F", "x0", "x1"))
_r_n = _lam * rate_of_step(_lam, _g, n)
_moved = (gt(_e, 0), eq(_x1, _x0 + _e * _F), eq(_r, _lam * _e))
_all_plain = (_e, _F, _x0, _x1, _r)


def _moves(d: Derivation, name: str, x: Any, which: int, lemma: Any, slope: sp.Expr) -> Derivation:
    """x(n+1) >= (1 - a) x(n) from F >= -lambda x."""
    return (
        d.have(f"{name} slope", for_all_steps(ge(slope, -_lam * x(n))), by=[*_signs[name], lemma])
        .have(
            f"{name} falls",
            for_all_steps(ge(x(n + 1), (1 - _r_n) * x(n))),
            by=[
                fact("rate", n=n),
                fact("eta", n=n),
                fact(f"hypothesis {which}", n=n),
                fact(f"{name} slope", n=n),
                fact("falls", e_=_eta, F_=slope, x0_=x(n), x1_=x(n + 1), r_=_r_n),
            ],
        )
        .have(
            name,
            for_all_steps(ge(x(n), 0)),
            by=[
                *_starts[name],
                "at most one",
                f"{name} falls",
                stays_nonnegative.at(P=sp.Lambda(n, x(n)), a=_TRAINING["a"]),
            ],
        )
    )


_shares = (fact("hypothesis 4", n=n), fact("hypothesis 5", n=n))
_signs = {"p": _shares, "q": _shares, "w": (*_shares, fact("p", n=n))}
_starts = {"p": ("p starts",), "q": ("hypothesis 2",), "w": ("w starts",)}
_d = (
    _schedule("hypothesis 9")
    .have("time used", _at(ANGLES[7]), by=["hypothesis 9", time_used.at()])
    .have("eta", for_all_steps(gt(_eta, 0)), by=quick)
    .have("at most one", for_all_steps(le(_r_n, 1)), by=fact("contraction", n=n))
    .have("rate of step", for_all_steps(eq(_r_n, _lam * _eta)), by=[fact("rate", n=n), quick])
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
_d = (
    _d.have("w factor", for_all_steps(ge(_keeps, -_lam)), by=[*_shares, fact("p", n=n), w_decay.at(**_loosely)])
    .have("w factored", for_all_steps(eq(_field[2], w_at(n) * _keeps)), by=algebra)
    .have(
        "factor",
        Forall(_all_plain, ge(1 + _e * _F, 0), (gt(_e, 0), le(_r, 1), eq(_r, _lam * _e), ge(_F, -_lam))),
        by=decide,
    )
    .have(
        "w keeps",
        for_all_steps(ge(1 + _eta * _keeps, 0)),
        by=[
            *(fact(name, n=n) for name in ("eta", "at most one", "rate of step", "w factor")),
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
        for_all_steps(eq(w_at(n + 1), w_at(n) * (1 + _eta * _keeps))),
        by=[
            fact("hypothesis 8", n=n),
            fact("w factored", n=n),
            fact("product", e_=_eta, F_=_field[2], x0_=w_at(n), x1_=w_at(n + 1), v_=_keeps),
        ],
    )
    .have(
        "w",
        for_all_steps(ge(w_at(n), 0)),
        by=[
            "w starts",
            "w keeps",
            "w moves",
            stays_by_factors.at(P=sp.Lambda(n, w_at(n)), a=sp.Lambda(n, 1 + _eta * _keeps)),
        ],
    )
    .have(
        "p growth",
        for_all_steps(p_growth.at(**_here).conclusion),
        by=[*_shares, *(fact(k, n=n) for k in "pqw"), p_growth.at(**_here)],
    )
    .have(
        "w growth",
        for_all_steps(w_growth.at(**_here).conclusion),
        by=[*_shares, *(fact(k, n=n) for k in "pqw"), w_growth.at(**_here)],
    )
    .have(
        "P step",
        for_all_steps(le(p_at(n + 1) / UNIT_P, (1 - _r_n) * (p_at(n) / UNIT_P) + _r_n * (w_at(n) / UNIT_W) ** 2)),
        by=[
            *(fact(name, n=n) for name in ("eta", "rate of step", "p growth", "hypothesis 6")),
            linear_p.at(e=_eta, F=_field[0], x0=p_at(n), x1=p_at(n + 1), r=_r_n, v=w_at(n)),
        ],
    )
    .have(
        "R step",
        for_all_steps(
            le(
                w_at(n + 1) / UNIT_W,
                (1 - _r_n) * (w_at(n) / UNIT_W) + _r_n * (w_at(n) / UNIT_W) * (p_at(n) / UNIT_P),
            )
        ),
        by=[
            *(fact(name, n=n) for name in ("eta", "rate of step", "w growth", "hypothesis 8")),
            linear_w.at(e=_eta, F=_field[2], x0=w_at(n), x1=w_at(n + 1), r=_r_n, v=p_at(n)),
        ],
    )
    .have("P sign", for_all_steps(ge(p_at(n) / UNIT_P, 0)), by=[fact("p", n=n), scaled.at(v=p_at(n))])
    .have("R sign", for_all_steps(ge(w_at(n) / UNIT_W, 0)), by=[fact("w", n=n), scaled_weight.at(v=w_at(n))])
)

_later = {"d": _D, "x": _x, "z": _psi}
_start = {"d": decay_of_steps(_lam, _g, 0), "x": angle_used(_W0, _g, 0), "z": _psi}
_T0, _S0 = over_tangent(_start["d"], _W0, _start["x"]), over_secant(_start["d"], _W0, _start["x"])
_first = (p_at(0) / UNIT_P, w_at(0) / UNIT_W)
_conclude = monotone_map.at(**_map)
_top_p, _top_w = UNIT_P * _W0 * sp.sin(_psi) / sp.cos(_psi), UNIT_W * _W0 / sp.cos(_psi)
_d = (
    _d.have("last", lt(_psi, sp.pi / 2), by=["all the time", "hypothesis 10", quick])
    .have("up to the last", for_all_steps(le(_x, _psi)), by=[fact("angle below", n=n), "hypothesis 10", quick])
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
    .have("rate sign", for_all_steps(ge(_r_n, 0)), by=fact("positive rate", n=n))
    .have(
        "below",
        _conclude.conclusion,
        by=["start", "P sign", "R sign", "rate sign", "at most one", "P step", "R step", "T step", "S step", _conclude],
    )
)

_Dt, _xt = decay_of_steps(_lam, _g, _t), angle_used(_W0, _g, _t)
_Tt, _St = over_tangent(_Dt, _W0, _xt), over_secant(_Dt, _W0, _xt)
_at_t = {"d": _Dt, "x": _xt, "z": _psi}
_units_of = sp.pi * _lam * sp.sqrt(m.symbol) / (_pk * nb2.symbol * nd.symbol)
_start_of = (UNIT_W * sp.pi / 2).subs({_kd: nd.symbol**2 / m.symbol, _Nb: nb2.symbol})
_ends = {"v": p_at(_t) / UNIT_P, "e": w_at(_t) / UNIT_W, "F": _Tt, "r": _St}
no_learning_below = Claim(
    id="concepts/no_learning_below",
    title="A start below the threshold is forgotten",
    kind=Kind.UPPER,
    text=(
        "On the clean balanced population, from p_0 = 0 and W_0 < (pi/2)(1 - 2/gamma), training with learning rates "
        "2/(lambda (gamma + t)), gamma > 2, forgets the concept: p_t and w_t are not negative and at most a constant "
        "times D_t = (gamma-2)(gamma-1)/((gamma+t-2)(gamma+t-1)), at most (gamma/t)^2; hence beta_t -> 0. In the "
        "original units the condition is sigma_0 < (1 - 2/gamma) pi lambda sqrt(m)/(pi_k |b_k|^2 |d_k|)"
    ),
    parameters=(lam, g, pk, kd, kc, Nb, W0, last_angle, t, m, nb2, nd),
    hypotheses=TRAINED,
    statements=(
        upper(w_at(_t), weight, label="w"),
        upper(p_at(_t), readout, label="p"),
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
    derivation=_d.have("at t", _conclude.conclusion.at({n: _t})[0], by=fact("below", n=_t))
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
        le(p_at(_t), readout),
        by=["p in its unit", "T limit", "closed", "last cosine", readout_bound.at(v=p_at(_t), F=_Tt, r=_Dt)],
    )
    .have(
        "w at t",
        le(w_at(_t), weight),
        by=["w in its unit", "S limit", "closed", "last cosine", weight_bound.at(v=w_at(_t), F=_St, r=_Dt)],
    )
    .have("w sign", ge(w_at(_t), 0), by=fact("w", n=_t))
    .have("p sign", ge(p_at(_t), 0), by=fact("p", n=_t))
    .have("tends to 0", le(closed_decay(_t) * _t**2, _g**2), by=decide)
    .have("original units", eq(_start_of, _units_of), by=algebra),
)
