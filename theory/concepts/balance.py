"""What holds a stationary point of the reduced dynamics: the equations of p and w with the pull as a number.

Main statements (G = pi_k times the share and the slope of the loss that is felt, theta = tanh beta)
    balance, balance_decay   G theta kappa_d = lambda p and G p (1 - theta^2) N_b = lambda give p and lambda
    slid_p, slid_w, slid_share   the same for Filippov's combination on the surface theta p = q
    one_sided_drift          the one-sided field does not vanish where theta p >= q
    felt_below               a zero of any combination needs a small lambda
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from theory.concepts.fields import p, pull, q, w
from theory.concepts.parameters import Nb, b, kc, kd, lam, pk
from theory.derivation import derive
from theory.justification import algebra, decide, quick
from theory.lemma import Lemma
from theory.parameter import Parameter, reals
from theory.proposition import eq, ge, gt, le, lt

mu = Parameter("mu", r"\mu", "weight of the one-sided field in the combination", reals(0, 1), (0, 1))
p1 = Parameter("p1", "p", "p of a one-sided state", reals(), (0, 3))
q1 = Parameter("q1", "q", "q of a one-sided state", reals(0), (0, 3))
b1 = Parameter("b1", r"\beta", "beta of a one-sided state", reals(0), (0, 5))
theta = Parameter("theta", r"\theta", "tanh beta", reals(0, 1, open="both"), (0.01, 0.99))
growth = Parameter(
    "G", "G", "pi_k times the share and the slope of the loss that is felt", reals(0, open="lower"), (0, 1)
)

one_growth = Parameter("K", "K", "the same of the one-sided field", reals(0, open="lower"), (0, 1))
half_pull = Parameter("H", "H", "pi_k/2", reals(0, open="lower"), (0, 1))
output = Parameter("f", "f", "an output", reals(), (-3, 3))
tilt = Parameter("x", r"\theta", "tanh beta of a one-sided state", reals(-1, 1), (0, 1))
_first = Parameter("x", "x", "a number", reals(), (0, 1))
_second = Parameter("y", "y", "a number", reals(), (0, 1))
_third = Parameter("z", "z", "a number", reals(), (0, 1))

_p, _q, _w, _b, _mu = p.symbol, q.symbol, w.symbol, b.symbol, mu.symbol
_kd, _kc, _N, _lam, _pk = kd.symbol, kc.symbol, Nb.symbol, lam.symbol, pk.symbol
_t, _G = theta.symbol, growth.symbol
_K, _H, _f = one_growth.symbol, half_pull.symbol, output.symbol
_tb = sp.tanh(_b)
_most = 2 / (3 * sp.sqrt(3))

from_squares = Lemma(
    "concepts/from_squares",
    "Numbers are ordered as their squares",
    (_first, _second),
    lt(_first.symbol, _second.symbol),
    hypotheses=(lt(_first.symbol**2, _second.symbol**2), gt(_second.symbol, 0)),
    backing=derive().have("ordered", lt(_first.symbol, _second.symbol), by=["hypothesis 1", "hypothesis 2", quick]),
)

share_positive = Lemma(
    "concepts/share_positive",
    "At least half of what is felt remains on the surface",
    (growth, mu),
    gt((1 - _mu / 2) * _G, 0),
    backing=derive().have("felt", gt((1 - _mu / 2) * _G, 0), by=quick),
)
half_pull_positive = Lemma(
    "concepts/half_pull_positive",
    "Half the slope of the logistic loss is positive",
    (output, pk),
    gt(pull(_f) / 2, 0),
    backing=derive().have("positive", gt(pull(_f) / 2, 0), by=quick),
)
half_probability = Lemma(
    "concepts/half_probability",
    "pi_k/2 > 0",
    (pk,),
    gt(_pk / 2, 0),
    backing=derive().have("positive", gt(_pk / 2, 0), by=quick),
)
as_large = Lemma(
    "concepts/as_large",
    "Equal to something larger",
    (_first, _second, _third),
    gt(_first.symbol, _third.symbol),
    hypotheses=(eq(_first.symbol, _second.symbol), gt(_second.symbol, _third.symbol)),
    backing=derive().have("larger", gt(_first.symbol, _third.symbol), by=["hypothesis 1", "hypothesis 2", quick]),
)
product_positive = Lemma(
    "concepts/product_positive",
    "A product of positive numbers is positive",
    (_first, _second),
    gt(_first.symbol * _second.symbol, 0),
    hypotheses=(gt(_first.symbol, 0), gt(_second.symbol, 0)),
    backing=derive().have("product", gt(_first.symbol * _second.symbol, 0), by=["hypothesis 1", "hypothesis 2", quick]),
)
mean_positive = Lemma(
    "concepts/mean_positive",
    "The mean of q >= 0 and a positive number is positive",
    (_first, q),
    gt((_q + _first.symbol) / 2, 0),
    hypotheses=(gt(_first.symbol, 0),),
    backing=derive().have("mean", gt((_q + _first.symbol) / 2, 0), by=["hypothesis 1", quick]),
)
below_root = Lemma(
    "concepts/below_root",
    "From squares to roots",
    (lam, growth, half_pull, one_growth, _first),
    lt(_lam, _H * sp.sqrt(_most) * sp.sqrt(_K)),
    hypotheses=(eq(_lam**2, _G**2 * _K * _first.symbol), le(_first.symbol, _most), lt(_G, _H)),
    backing=derive()
    .have("squares", le(_lam**2, _G**2 * _K * _most), by=["hypothesis 1", "hypothesis 2", quick])
    .have("less", lt(_G**2 * _K * _most, _H**2 * _K * _most), by=["hypothesis 3", quick])
    .have("strictly", lt(_lam**2, _H**2 * _K * _most), by=["squares", "less", quick])
    .have("root", eq((_H * sp.sqrt(_most) * sp.sqrt(_K)) ** 2, _H**2 * _K * _most), by=algebra)
    .have("sign", gt(_H * sp.sqrt(_most) * sp.sqrt(_K), 0), by=quick)
    .have(
        "roots",
        lt(_lam, _H * sp.sqrt(_most) * sp.sqrt(_K)),
        by=["strictly", "root", "sign", from_squares.at(x=_lam, y=_H * sp.sqrt(_most) * sp.sqrt(_K))],
    ),
)

_pull_p = eq(_G * _t * _kd - _lam * _p, 0)
_pull_w = eq(_G * _p * (1 - _t**2) * _N * _w - _lam * _w, 0)
attention_positive = Lemma(
    "concepts/attention_positive",
    "Attention that is there prefers the matches",
    (b, w, Nb),
    gt(_tb, 0),
    hypotheses=(gt(_w**2, 0), eq(_w**2 * _N, _b)),
    backing=derive()
    .have("beta", gt(_b, 0), by=["hypothesis 1", "hypothesis 2", quick])
    .have("theta", gt(_tb, 0), by=["beta", quick]),
)
attention_below_one = Lemma(
    "concepts/attention_below_one",
    "tanh beta < 1",
    (b,),
    lt(_tb, 1),
    backing=derive().have("below", lt(_tb, 1), by=quick),
)
pull_positive = Lemma(
    "concepts/pull_positive",
    "The slope of the logistic loss is positive",
    (output, pk),
    gt(pull(_f), 0),
    backing=derive().have("positive", gt(pull(_f), 0), by=quick),
)
pull_below_half = Lemma(
    "concepts/pull_below_half",
    "The slope of the logistic loss is below 1/2 where the output has the right sign",
    (output, pk),
    lt(pull(_f), _pk / 2),
    hypotheses=(gt(_f, 0),),
    backing=derive().have("half", lt(pull(_f), _pk / 2), by=["hypothesis 1", quick]),
)
_w_factor = (
    derive()
    .have("factor", eq(_w**2 * (_G * _p * (1 - _t**2) * _N - _lam), 0), by=["hypothesis 2", quick])
    .have("weight", eq(_lam, _G * _p * (1 - _t**2) * _N), by=["factor", "hypothesis 3", quick])
)
balance = Lemma(
    "concepts/balance",
    "p of a stationary point",
    (growth, theta, kd, Nb, lam, p, w),
    eq(_p**2 * (1 - _t**2) * _N, _t * _kd),
    hypotheses=(_pull_p, _pull_w, gt(_w**2, 0)),
    backing=_w_factor.have(
        "insert", eq(_G * (_p**2 * (1 - _t**2) * _N - _t * _kd), 0), by=["hypothesis 1", "weight", quick]
    ).have("balance", eq(_p**2 * (1 - _t**2) * _N, _t * _kd), by=["insert", quick]),
)
balance_sign = Lemma(
    "concepts/balance_sign",
    "p of a stationary point is positive",
    (growth, theta, kd, lam, p),
    gt(_p, 0),
    hypotheses=(_pull_p,),
    backing=derive().have("sign", gt(_p, 0), by=["hypothesis 1", quick]),
)
balance_decay = Lemma(
    "concepts/balance_decay",
    "The weight decay at which a point is stationary",
    (growth, theta, kd, Nb, lam, p, w),
    eq(_lam, _G * sp.sqrt(_kd * _N * _t) * sp.sqrt(1 - _t**2)),
    hypotheses=(_pull_p, _pull_w, gt(_w**2, 0)),
    backing=_w_factor.have(
        "square", eq(_lam**2, _G**2 * (_kd * _N * _t) * (1 - _t**2)), by=["hypothesis 1", "weight", quick]
    ).have("root", eq(_lam, _G * sp.sqrt(_kd * _N * _t) * sp.sqrt(1 - _t**2)), by=["square", quick]),
)


def root(x: Any) -> sp.Expr:
    """kappa_d sinh(2 beta)/(2 N_b), the square of p."""
    return _kd * sp.sinh(2 * x) / (2 * _N)


def strength(x: Any) -> sp.Expr:
    """sqrt(kappa_d N_b tanh beta) sech beta."""
    return sp.sqrt(_kd * _N * sp.tanh(x)) / sp.cosh(x)


_pull_b = pull(_tb * _p)
decay_of_beta = Lemma(
    "concepts/decay_of_beta",
    "The weight decay of a stationary point in hyperbolic functions",
    (b, lam, growth, kd, Nb),
    eq(_lam, _G * strength(_b)),
    hypotheses=(eq(_lam, _G * sp.sqrt(_kd * _N * _tb) * sp.sqrt(1 - _tb**2)),),
    backing=derive()
    .have("square", eq(1 - _tb**2, (1 / sp.cosh(_b)) ** 2), by=algebra)
    .have("sign", gt(1 / sp.cosh(_b), 0), by=quick)
    .have("sech", eq(sp.sqrt(1 - _tb**2), 1 / sp.cosh(_b)), by=["square", "sign", quick])
    .have("lambda", eq(_lam, _G * strength(_b)), by=["hypothesis 1", "sech", quick]),
)
root_of_beta = Lemma(
    "concepts/root_of_beta",
    "p of a stationary point in hyperbolic functions",
    (b, p, kd, Nb),
    eq(_p**2, root(_b)),
    hypotheses=(eq(_p**2 * (1 - _tb**2) * _N, _tb * _kd),),
    backing=derive()
    .have("double", eq(sp.sinh(2 * _b) * (1 - _tb**2), 2 * _tb), by=algebra)
    .have("slope", gt(1 - _tb**2, 0), by=quick)
    .have(
        "insert", eq((1 - _tb**2) * (2 * _N * _p**2 - _kd * sp.sinh(2 * _b)), 0), by=["hypothesis 1", "double", quick]
    )
    .have("p", eq(_p**2, root(_b)), by=["insert", "slope", quick]),
)
_P = sp.sqrt(_kd * _t / (_N * (1 - _t**2)))
_D = _G * sp.sqrt(_kd * _N * _t) * sp.sqrt(1 - _t**2)
every_beta_p = Lemma(
    "concepts/every_beta_p",
    "Every beta is stationary at its p and lambda: the p equation",
    (growth, theta, kd, Nb),
    eq(_G * _t * _kd - _D * _P, 0),
    backing=derive().have("p equation", eq(_G * _t * _kd - _D * _P, 0), by=decide),
)
every_beta_w = Lemma(
    "concepts/every_beta_w",
    "Every beta is stationary at its p and lambda: the w equation",
    (growth, theta, kd, Nb, w),
    eq(_G * _P * (1 - _t**2) * _N * _w - _D * _w, 0),
    backing=derive()
    .have("factor", eq(_P * (1 - _t**2) * _N, sp.sqrt(_kd * _N * _t) * sp.sqrt(1 - _t**2)), by=decide)
    .have("w equation", eq(_G * _P * (1 - _t**2) * _N * _w - _D * _w, 0), by=["factor", decide]),
)

_share = 1 - _mu / 2
_slide = (
    eq((1 - _mu) * (_G * _t * _kd - _lam * _p) + _mu * (_K / 2 * _t * _kd - _lam * _p), 0),
    eq((1 - _mu) * (-_lam * _q) + _mu * (_K / 2 * _kc - _lam * _q), 0),
    eq(
        (1 - _mu) * (_G * _p * (1 - _t**2) * _N * _w - _lam * _w)
        + _mu * (_K / 2 * _p * (1 - _t**2) * _N * _w - _lam * _w),
        0,
    ),
)
slid_p = Lemma(
    "concepts/slid_p",
    "The p equation on the surface",
    (growth, one_growth, theta, mu, kd, lam, p),
    eq(_share * _G * _t * _kd - _lam * _p, 0),
    hypotheses=(_slide[0], eq(_K, _G)),
    backing=derive().have("p", eq(_share * _G * _t * _kd - _lam * _p, 0), by=["hypothesis 1", "hypothesis 2", quick]),
)
slid_w = Lemma(
    "concepts/slid_w",
    "The w equation on the surface",
    (growth, one_growth, theta, mu, Nb, lam, p, w),
    eq(_share * _G * _p * (1 - _t**2) * _N * _w - _lam * _w, 0),
    hypotheses=(_slide[2], eq(_K, _G)),
    backing=derive().have(
        "w",
        eq(_share * _G * _p * (1 - _t**2) * _N * _w - _lam * _w, 0),
        by=["hypothesis 1", "hypothesis 2", quick],
    ),
)
slid_share = Lemma(
    "concepts/slid_share",
    "The share of the both-active field on the surface",
    (growth, one_growth, theta, mu, kd, kc, lam, p, q),
    eq(_share, _kc / (_kc + _t**2 * _kd)),
    hypotheses=(_slide[0], _slide[1], eq(_K, _G), eq(_q, _t * _p)),
    backing=derive()
    .have("p", eq(_share * _G * _t * _kd - _lam * _p, 0), by=["hypothesis 1", "hypothesis 3", quick])
    .have("q", eq(_mu / 2 * _G * _kc - _lam * (_t * _p), 0), by=["hypothesis 2", "hypothesis 3", "hypothesis 4", quick])
    .have("difference", eq(_G * (_share * (_kc + _t**2 * _kd) - _kc), 0), by=["p", "q", quick])
    .have("rho", eq(_share, _kc / (_kc + _t**2 * _kd)), by=["difference", quick]),
)
slid_more_than_half = Lemma(
    "concepts/slid_more_than_half",
    "kappa_c/(kappa_c + theta^2 kappa_d) > 1/2",
    (theta, kd, kc),
    gt(_kc / (_kc + _t**2 * _kd), sp.S.Half),
    hypotheses=(gt(_kc, _kd),),
    backing=derive()
    .have("labels", gt(_kc, _t**2 * _kd), by=["hypothesis 1", quick])
    .have("half", gt(_kc / (_kc + _t**2 * _kd), sp.S.Half), by=["labels", quick]),
)
slid_output = Lemma(
    "concepts/slid_output",
    "Both fields see the same output on the surface",
    (theta, p, q, pk),
    eq(pull((_q + _t * _p) / 2), pull(_t * _p)),
    hypotheses=(eq(_q, _t * _p),),
    backing=derive()
    .have("half", eq((_q + _t * _p) / 2, _t * _p), by=["hypothesis 1", quick])
    .have("output", eq(pull((_q + _t * _p) / 2), pull(_t * _p)), by=["half", quick]),
)
_r, _s, _x = p1.symbol, q1.symbol, tilt.symbol
_normal = (_K * _kc - _lam * _s) - _x * (_K * _x * _kd - _lam * _r)
one_sided_flow = Lemma(
    "concepts/one_sided_flow",
    "The one-sided field across its region",
    (one_growth, tilt, kd, kc, lam, p1, q1),
    ge(_normal, _K * (_kc - _x**2 * _kd)),
    hypotheses=(ge(_x * _r, _s),),
    backing=derive()
    .have("surface", ge(_lam * (_x * _r - _s), 0), by=["hypothesis 1", quick])
    .have("flow", ge(_normal, _K * (_kc - _x**2 * _kd)), by=["surface", quick]),
)
one_sided_drift = Lemma(
    "concepts/one_sided_drift",
    "The one-sided field does not vanish",
    (one_growth, tilt, kd, kc, lam, p1, q1),
    gt(_normal, 0),
    hypotheses=(ge(_x * _r, _s), gt(_kc, _kd)),
    backing=derive()
    .have("flow", ge(_normal, _K * (_kc - _x**2 * _kd)), by=["hypothesis 1", one_sided_flow.at()])
    .have("square", le(_x**2, 1), by=quick)
    .have("labels", gt(_kc - _x**2 * _kd, 0), by=["square", "hypothesis 2", quick])
    .have("product", gt(_K * (_kc - _x**2 * _kd), 0), by=["labels", quick])
    .have("drift", gt(_normal, 0), by=["flow", "product", quick]),
)
attention_range = Lemma(
    "concepts/attention_range",
    "-1 <= tanh beta",
    (b,),
    ge(_tb, -1),
    backing=derive().have("above", ge(_tb, -1), by=quick),
)


_felt = (1 - _mu) * _G + _mu * _K / 2
cubic = Lemma(
    "concepts/cubic",
    "The largest value of x (1 - x^2) on [0, 1]",
    (theta,),
    le(_t * (1 - _t**2), _most),
    statement="attained at x = 1/sqrt 3",
    backing=derive().have("cubic", le(_t * (1 - _t**2), _most), by=decide),
)
felt_positive = Lemma(
    "concepts/felt_positive",
    "p of a zero of any combination is positive",
    (growth, one_growth, theta, mu, kd, lam, p),
    gt(_p, 0),
    hypotheses=(_slide[0],),
    backing=derive()
    .have("p equation", eq(_felt * _t * _kd - _lam * _p, 0), by=["hypothesis 1", quick])
    .have("felt", gt(_felt, 0), by=quick)
    .have("sign", gt(_p, 0), by=["p equation", "felt", balance_sign.at(G=_felt)]),
)
felt_below = Lemma(
    "concepts/felt_below",
    "The weight decay at a zero of any combination",
    (growth, one_growth, half_pull, theta, mu, kd, Nb, lam, p, w),
    lt(_lam, _H * sp.sqrt(_most) * sp.sqrt(_kd * _N)),
    hypotheses=(_slide[0], _slide[2], gt(_w**2, 0), lt(_G, _H), lt(_K, _H)),
    backing=derive()
    .have("p equation", eq(_felt * _t * _kd - _lam * _p, 0), by=["hypothesis 1", quick])
    .have("w equation", eq(_felt * _p * (1 - _t**2) * _N * _w - _lam * _w, 0), by=["hypothesis 2", quick])
    .have("felt", gt(_felt, 0), by=quick)
    .have("felt less", lt(_felt, _H), by=["hypothesis 4", "hypothesis 5", quick])
    .have("factor", eq(_w**2 * (_felt * _p * (1 - _t**2) * _N - _lam), 0), by=["w equation", quick])
    .have("weight", eq(_lam, _felt * _p * (1 - _t**2) * _N), by=["factor", "hypothesis 3", quick])
    .have(
        "square",
        eq(_lam**2, _felt**2 * (_kd * _N) * (_t * (1 - _t**2))),
        by=["p equation", "weight", quick],
    )
    .have("cubic", le(_t * (1 - _t**2), _most), by=cubic.at())
    .have(
        "final",
        lt(_lam, _H * sp.sqrt(_most) * sp.sqrt(_kd * _N)),
        by=["square", "cubic", "felt", "felt less", below_root.at(G=_felt, H=_H, K=_kd * _N, x=_t * (1 - _t**2))],
    ),
)
