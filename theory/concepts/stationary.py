"""Stationary points of the reduced dynamics (specification `concepts` 2.B).

Main statements
    stationary_point     the zeros of the both-active field with w != 0
    stationary_sliding   the zeros of Filippov's combination on the surface theta p = q; none is one-sided
    lambda_necessary     a zero with w != 0 needs a small weight decay

The fields are those of `concepts/reduced_dynamics`.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from theory.claim import Claim, Kind, Statement, Status, equal, lower
from theory.concepts.fields import both_active, combined, one_sided, p, pull, q, w
from theory.concepts.parameters import Nb, b, kc, kd, lam, pk
from theory.derivation import derive
from theory.justification import algebra, decide, quick
from theory.lemma import Lemma
from theory.parameter import Parameter, reals
from theory.proposition import eq, ge, gt, le, lt
from theory.source import OWN

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
_zeros = ["hypothesis 1", "hypothesis 2", "hypothesis 3"]

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


def _root(x: Any) -> sp.Expr:
    """kappa_d sinh(2 beta)/(2 N_b), the square of p."""
    return _kd * sp.sinh(2 * x) / (2 * _N)


def _strength(x: Any) -> sp.Expr:
    """sqrt(kappa_d N_b tanh beta) sech beta."""
    return sp.sqrt(_kd * _N * sp.tanh(x)) / sp.cosh(x)


_pull_b = pull(_tb * _p)
decay_of_beta = Lemma(
    "concepts/decay_of_beta",
    "The weight decay of a stationary point in hyperbolic functions",
    (b, lam, growth, kd, Nb),
    eq(_lam, _G * _strength(_b)),
    hypotheses=(eq(_lam, _G * sp.sqrt(_kd * _N * _tb) * sp.sqrt(1 - _tb**2)),),
    backing=derive()
    .have("square", eq(1 - _tb**2, (1 / sp.cosh(_b)) ** 2), by=algebra)
    .have("sign", gt(1 / sp.cosh(_b), 0), by=quick)
    .have("sech", eq(sp.sqrt(1 - _tb**2), 1 / sp.cosh(_b)), by=["square", "sign", quick])
    .have("lambda", eq(_lam, _G * _strength(_b)), by=["hypothesis 1", "sech", quick]),
)
root_of_beta = Lemma(
    "concepts/root_of_beta",
    "p of a stationary point in hyperbolic functions",
    (b, p, kd, Nb),
    eq(_p**2, _root(_b)),
    hypotheses=(eq(_p**2 * (1 - _tb**2) * _N, _tb * _kd),),
    backing=derive()
    .have("double", eq(sp.sinh(2 * _b) * (1 - _tb**2), 2 * _tb), by=algebra)
    .have("slope", gt(1 - _tb**2, 0), by=quick)
    .have(
        "insert", eq((1 - _tb**2) * (2 * _N * _p**2 - _kd * sp.sinh(2 * _b)), 0), by=["hypothesis 1", "double", quick]
    )
    .have("p", eq(_p**2, _root(_b)), by=["insert", "slope", quick]),
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
_F = both_active(_p, _q, _w, _tb)
_theta_range = ["theta positive", "theta below 1"]
stationary_point = Claim(
    id="concepts/stationary_point",
    title="Stationary points while every neuron is active",
    kind=Kind.EQUALITY,
    text=(
        "a zero of the (p, w) part of the both-active field with w != 0 has p > 0, p^2 = kappa_d sinh(2 beta)/(2 N_b) "
        "and lambda = pi_k g(theta p) sqrt(kappa_d N_b tanh beta) sech beta, beta = w^2 N_b, theta = tanh beta, g(f) = "
        "1/(1 + e^f); conversely every theta in (0, 1) is stationary at its p and lambda (the first two steps). q only "
        "decays there, so this is no rest point of the training: it is one as long as q is held large"
    ),
    parameters=(b, kd, Nb, pk, lam, p, q, w),
    hypotheses=(eq(_F[0], 0), eq(_F[2], 0), gt(_w**2, 0), eq(_w**2 * _N, _b)),
    statements=(
        equal(_p**2, _root(_b), label="p"),
        equal(_lam, _pull_b * _strength(_b), label="lambda"),
        Statement(_p, ">", sp.S.Zero, None, "sign"),
    ),
    source=OWN,
    status=Status.OWN,
    derivation=derive(parameters=(growth, theta))
    .have("every theta, p equation", every_beta_p.conclusion, by=every_beta_p.at())
    .have("every theta, w equation", every_beta_w.conclusion, by=every_beta_w.at())
    .have("theta positive", gt(_tb, 0), by=["hypothesis 3", "hypothesis 4", attention_positive.at()])
    .have("theta below 1", lt(_tb, 1), by=attention_below_one.at())
    .have("pull", gt(_pull_b, 0), by=pull_positive.at(f=_tb * _p))
    .have("sign", gt(_p, 0), by=["hypothesis 1", *_theta_range, "pull", balance_sign.at(G=_pull_b, theta=_tb)])
    .have(
        "balance",
        eq(_p**2 * (1 - _tb**2) * _N, _tb * _kd),
        by=[*_zeros, *_theta_range, "pull", balance.at(G=_pull_b, theta=_tb)],
    )
    .have("p", eq(_p**2, _root(_b)), by=["balance", root_of_beta.at()])
    .have(
        "decay",
        eq(_lam, _pull_b * sp.sqrt(_kd * _N * _tb) * sp.sqrt(1 - _tb**2)),
        by=[*_zeros, *_theta_range, "pull", balance_decay.at(G=_pull_b, theta=_tb)],
    )
    .have("lambda", eq(_lam, _pull_b * _strength(_b)), by=["decay", "pull", decay_of_beta.at(G=_pull_b)]),
)

_C = combined(_p, _q, _w, _mu, _tb)
_share = 1 - _mu / 2
_rho = _kc / (_kc + _tb**2 * _kd)
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

_t1 = sp.tanh(b1.symbol)
_one = one_sided(_r, _s, 0, _t1)
_pull_1 = pull((_s + _t1 * _r) / 2) / 2
_outputs = {"G": _pull_b, "K": pull((_q + _tb * _p) / 2), "theta": _tb}
_slid = ["p equation", "w equation", "hypothesis 4", *_theta_range, "felt"]
_across = ["hypothesis 8", "theta of it below 1", "theta of it above -1", "pull of it"]
stationary_sliding = Claim(
    id="concepts/stationary_sliding",
    title="Where training ends: a stationary point at which every neuron sits at its kink",
    kind=Kind.EQUALITY,
    text=(
        "a zero of Filippov's combination of both fields (weight mu on the one-sided one) on the surface theta p = q, "
        "with w != 0, has q = theta p, p^2 = kappa_d sinh(2 beta)/(2 N_b), lambda = pi_k rho g(theta p) sqrt(kappa_d "
        "N_b tanh beta) sech beta, where rho = 1 - mu/2 = |c|^2/(|c|^2 + theta^2 |d|^2), more than 1/2 if |c| > |d|. There "
        "is no one-sided stationary point if |c| > |d|, that is kappa_y > 0: wherever theta p >= q, the one-sided field "
        "has F_q - theta F_p >= pi_k g (kappa_c - theta^2 kappa_d)/2 > 0"
    ),
    parameters=(b, kd, kc, Nb, pk, lam, p, q, w, mu, p1, q1, b1),
    hypotheses=(
        eq(_C[0], 0),
        eq(_C[1], 0),
        eq(_C[2], 0),
        gt(_w**2, 0),
        eq(_w**2 * _N, _b),
        eq(_q, _tb * _p),
        gt(_kc, _kd),
        ge(_t1 * _r, _s),
    ),
    statements=(
        equal(_p**2, _root(_b), label="p"),
        equal(_share, _rho, label="rho"),
        equal(_lam, _share * _pull_b * _strength(_b), label="lambda"),
        equal(_q, _tb * _p, label="q"),
        Statement(_share, ">", sp.S.Half, None, "share"),
        lower(_one[1] - _t1 * _one[0], _pull_1 * (_kc - _t1**2 * _kd), trivial=0, label="one-sided"),
        Statement(_one[1] - _t1 * _one[0], ">", sp.S.Zero, None, "no one-sided point"),
    ),
    source=OWN,
    status=Status.OWN,
    derivation=derive()
    .have("theta positive", gt(_tb, 0), by=["hypothesis 4", "hypothesis 5", attention_positive.at()])
    .have("theta below 1", lt(_tb, 1), by=attention_below_one.at())
    .have("pull", gt(_pull_b, 0), by=pull_positive.at(f=_tb * _p))
    .have("pull of one", gt(_outputs["K"], 0), by=pull_positive.at(f=(_q + _tb * _p) / 2))
    .have("felt", gt(_share * _pull_b, 0), by=["pull", share_positive.at(G=_pull_b)])
    .have("q", eq(_q, _tb * _p), by="hypothesis 6")
    .have(
        "output",
        eq(_outputs["K"], _pull_b),
        by=["hypothesis 6", *_theta_range, slid_output.at(theta=_tb)],
        note="both fields see f = theta p",
    )
    .have(
        "p equation",
        eq(_share * _pull_b * _tb * _kd - _lam * _p, 0),
        by=["hypothesis 1", "output", "pull", "pull of one", *_theta_range, slid_p.at(**_outputs)],
    )
    .have(
        "w equation",
        eq(_share * _pull_b * _p * (1 - _tb**2) * _N * _w - _lam * _w, 0),
        by=["hypothesis 3", "output", "pull", "pull of one", *_theta_range, slid_w.at(**_outputs)],
    )
    .have(
        "rho",
        eq(_share, _rho),
        by=[
            "hypothesis 1",
            "hypothesis 2",
            "hypothesis 6",
            "output",
            "pull",
            "pull of one",
            *_theta_range,
            slid_share.at(**_outputs),
        ],
        note="theta times the p equation minus the q equation",
    )
    .have("more than half", gt(_rho, sp.S.Half), by=["hypothesis 7", *_theta_range, slid_more_than_half.at(theta=_tb)])
    .have("share", gt(_share, sp.S.Half), by=["rho", "more than half", as_large.at(x=_share, y=_rho, z=sp.S.Half)])
    .have("balance", eq(_p**2 * (1 - _tb**2) * _N, _tb * _kd), by=[*_slid, balance.at(G=_share * _pull_b, theta=_tb)])
    .have("p", eq(_p**2, _root(_b)), by=["balance", root_of_beta.at()])
    .have(
        "decay",
        eq(_lam, _share * _pull_b * sp.sqrt(_kd * _N * _tb) * sp.sqrt(1 - _tb**2)),
        by=[*_slid, balance_decay.at(G=_share * _pull_b, theta=_tb)],
    )
    .have(
        "lambda", eq(_lam, _share * _pull_b * _strength(_b)), by=["decay", "felt", decay_of_beta.at(G=_share * _pull_b)]
    )
    .have("theta of it below 1", lt(_t1, 1), by=attention_below_one.at(b=b1.symbol))
    .have("theta of it above -1", ge(_t1, -1), by=attention_range.at(b=b1.symbol))
    .have("pull of it", gt(_pull_1, 0), by=half_pull_positive.at(f=(_s + _t1 * _r) / 2))
    .have(
        "one-sided",
        ge(_one[1] - _t1 * _one[0], _pull_1 * (_kc - _t1**2 * _kd)),
        by=[*_across, one_sided_flow.at(K=_pull_1, x=_t1)],
        note="the difference is lambda (theta p - q)",
    )
    .have(
        "no one-sided point",
        gt(_one[1] - _t1 * _one[0], 0),
        by=[*_across, "hypothesis 7", one_sided_drift.at(K=_pull_1, x=_t1)],
    ),
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
lambda_necessary = Claim(
    id="concepts/lambda_necessary",
    title="The weight decay above which no stationary point has attention",
    kind=Kind.UPPER,
    text=(
        "a zero with w != 0 of the both-active field, of the one-sided field or of any convex combination of them "
        "(weight mu on the one-sided one, q >= 0) needs lambda < (pi_k/2) sqrt(2/(3 sqrt 3)) |b_k| |d_k|/sqrt(m)"
    ),
    parameters=(kd, Nb, pk, lam, b, kc, p, q, w, mu),
    hypotheses=(eq(_C[0], 0), eq(_C[2], 0), gt(_w**2, 0), eq(_w**2 * _N, _b)),
    statements=(Statement(_lam, "<", _pk / 2 * sp.sqrt(_most) * sp.sqrt(_kd * _N), None, "necessary"),),
    source=OWN,
    status=Status.OWN,
    derivation=derive()
    .have("theta positive", gt(_tb, 0), by=["hypothesis 3", "hypothesis 4", attention_positive.at()])
    .have("theta below 1", lt(_tb, 1), by=attention_below_one.at())
    .have("pull", gt(_pull_b, 0), by=pull_positive.at(f=_tb * _p))
    .have("pull of one", gt(_outputs["K"], 0), by=pull_positive.at(f=(_q + _tb * _p) / 2))
    .have(
        "sign",
        gt(_p, 0),
        by=["hypothesis 1", "pull", "pull of one", *_theta_range, felt_positive.at(**_outputs)],
    )
    .have("output", gt(_tb * _p, 0), by=["sign", "theta positive", product_positive.at(x=_tb, y=_p)])
    .have("output of one", gt((_q + _tb * _p) / 2, 0), by=["output", mean_positive.at(x=_tb * _p)])
    .have("half", lt(_pull_b, _pk / 2), by=["output", pull_below_half.at(f=_tb * _p)])
    .have("half of one", lt(_outputs["K"], _pk / 2), by=["output of one", pull_below_half.at(f=(_q + _tb * _p) / 2)])
    .have(
        "necessary",
        lt(_lam, _pk / 2 * sp.sqrt(_most) * sp.sqrt(_kd * _N)),
        by=[
            "hypothesis 1",
            "hypothesis 2",
            "hypothesis 3",
            "pull",
            "pull of one",
            "half",
            "half of one",
            *_theta_range,
            felt_below.at(H=_pk / 2, **_outputs),
        ],
    ),
)
