"""p of a stationary point against Lambert's function y of x = pi_k rho_0 kappa_d/lambda, y e^y = x.

Main statements (s = theta rho/rho_0, theta <= s <= 1)
    rest_of_attention   1 - sigma_corr = (1 - e^(-2 beta)) kappa_d/(4 N_b p^2)
    fixed_point         p (1 + e^(theta p)) = s y e^y
    from_above, from_below   p/y up to relative errors that vanish with 1/y
"""

from __future__ import annotations

import sympy as sp

from theory.concepts.balance import mu, theta
from theory.concepts.fields import p
from theory.concepts.parameters import Nb, b, kc, kd, lam, pk
from theory.derivation import derive
from theory.justification import algebra, decide, quick
from theory.lemma import Lemma
from theory.parameter import Parameter, reals
from theory.proposition import eq, ge, gt, le

lambert = Parameter(
    "y", "y", "Lambert's function of pi_k rho_0 kappa_d/lambda: y e^y is that", reals(0, open="lower"), (3, 30)
)
pos_p = Parameter("P", "p", "p of a stationary point", reals(0, open="lower"), (0.1, 30))

_b, _p, _t, _N, _kd, _kc, _lam, _pk = (s.symbol for s in (b, pos_p, theta, Nb, kd, kc, lam, pk))
_y = lambert.symbol
_rest = 1 / (1 + sp.exp(2 * _b))
_rho_0 = _kc / (_kc + _kd)

rest_of_attention = Lemma(
    "concepts/rest_of_attention",
    "The attention on demonstrations of the other sign, in terms of p",
    (b, pos_p, kd, Nb),
    eq(_rest, (1 - sp.exp(-2 * _b)) * _kd / (4 * _N * _p**2)),
    hypotheses=(eq(_p**2, _kd * sp.sinh(2 * _b) / (2 * _N)),),
    backing=derive()
    .have("hyperbolic", eq(_rest * 2 * sp.sinh(2 * _b), 1 - sp.exp(-2 * _b)), by=algebra)
    .have("p", eq(4 * _N * _p**2, 2 * _kd * sp.sinh(2 * _b)), by=["hypothesis 1", quick])
    .have("product", eq(_rest * (4 * _N * _p**2), _kd * (1 - sp.exp(-2 * _b))), by=["hyperbolic", "p", quick])
    .have("rest", eq(_rest, (1 - sp.exp(-2 * _b)) * _kd / (4 * _N * _p**2)), by=["product", quick]),
)
_growth = _y * sp.exp(_y)
_felt = _t * (_kc + _kd) / (_kc + _t**2 * _kd)
fixed_point = Lemma(
    "concepts/fixed_point",
    "The equation of p: p (1 + e^(theta p)) = s y e^y, s = theta rho/rho_0",
    (pos_p, theta, kd, kc, lam, pk, lambert),
    eq(_p * (1 + sp.exp(_t * _p)), _felt * _growth),
    hypotheses=(
        eq(_kc / (_kc + _t**2 * _kd) * (_pk / (1 + sp.exp(_t * _p))) * _t * _kd, _lam * _p),
        eq(_growth, _pk * _rho_0 * _kd / _lam),
    ),
    backing=derive()
    .have(
        "p equation",
        eq(_p * (1 + sp.exp(_t * _p)) * _lam, _kc / (_kc + _t**2 * _kd) * _pk * _t * _kd),
        by=["hypothesis 1", quick],
    )
    .have("Lambert", eq(_growth * _lam * (_kc + _kd), _pk * _kc * _kd), by=["hypothesis 2", quick])
    .have("product", eq(_p * (1 + sp.exp(_t * _p)) * _lam, _felt * _growth * _lam), by=["p equation", "Lambert", quick])
    .have("equation", eq(_p * (1 + sp.exp(_t * _p)), _felt * _growth), by=["product", quick]),
)
_s = Parameter("s", "s", "a factor", reals(0, 1, open="lower"), (0.5, 1))
_S = _s.symbol
felt_range = Lemma(
    "concepts/felt_range",
    "theta <= s <= 1",
    (theta, kd, kc),
    ge(_felt, _t),
    hypotheses=(gt(_kc, _kd),),
    backing=derive().have("range", ge(_felt, _t), by=["hypothesis 1", quick]),
)
felt_at_most_one = Lemma(
    "concepts/felt_at_most_one",
    "s <= 1",
    (theta, kd, kc),
    le(_felt, 1),
    hypotheses=(gt(_kc, _kd),),
    backing=derive().have("one", le(_felt, 1), by=["hypothesis 1", quick]),
)
_u = Parameter("u", "u", "a positive number", reals(0, open="lower"), (0.1, 10))
_v = Parameter("v", "v", "a positive number", reals(0, open="lower"), (0.1, 10))
grows = Lemma(
    "concepts/grows",
    "u e^u increases",
    (_u, _v),
    le(_u.symbol, _v.symbol),
    hypotheses=(le(_u.symbol * sp.exp(_u.symbol), _v.symbol * sp.exp(_v.symbol)),),
    backing=derive().have("ordered", le(_u.symbol, _v.symbol), by=["hypothesis 1", quick]),
)
p_at_most = Lemma(
    "concepts/p_at_most",
    "theta p <= y",
    (pos_p, theta, lambert, _s),
    le(_t * _p, _y),
    hypotheses=(eq(_p * (1 + sp.exp(_t * _p)), _S * _growth),),
    backing=derive()
    .have("less", le(_t * _p * sp.exp(_t * _p), _growth), by=["hypothesis 1", quick])
    .have("y", le(_t * _p, _y), by=["less", grows.at(u=_t * _p, v=_y)]),
)
p_at_least = Lemma(
    "concepts/p_at_least",
    "p >= y - log(2/s)",
    (pos_p, theta, lambert, _s),
    ge(_p, _y - sp.log(2 / _S)),
    hypotheses=(eq(_p * (1 + sp.exp(_t * _p)), _S * _growth),),
    backing=derive()
    .have("exponent", le(1 + sp.exp(_t * _p), 2 * sp.exp(_p)), by=quick)
    .have("more", ge(2 * _p * sp.exp(_p), _S * _growth), by=["hypothesis 1", "exponent", quick])
    .have("y", ge(_p, _y - sp.log(2 / _S)), by=["more", decide]),
)
_two = 2 * sp.log(2)
felt_logarithm = Lemma(
    "concepts/felt_logarithm",
    "theta >= 1/2 gives log(2/s) <= 2 log 2",
    (_s, theta),
    le(sp.log(2 / _S), _two),
    hypotheses=(ge(_S, _t), ge(_t, sp.S.Half)),
    backing=derive()
    .have("quotient", le(2 / _S, 4), by=["hypothesis 1", "hypothesis 2", quick])
    .have("logarithm", le(sp.log(2 / _S), sp.log(4)), by=["quotient", quick])
    .have("four", eq(sp.log(4), _two), by=algebra)
    .have("both", le(sp.log(2 / _S), _two), by=["logarithm", "four", quick]),
)
_a = Parameter("a", "a", "kappa_d/N_b", reals(0, open="lower"), (0.01, 1))
_A = _a.symbol
_three = sp.Rational(8, 3)
from_above = Lemma(
    "concepts/from_above",
    "p/y from above",
    (pos_p, theta, lambert, _a),
    le(_p / _y, 1 + _three * _A / _y**2),
    hypotheses=(
        le(_t * _p, _y),
        ge(_p, _y - _two),
        ge(_y, 2 * _two),
        eq(_p**2 * (1 - _t**2), _t * _A),
        ge(_t, sp.S.Half),
    ),
    backing=derive()
    .have("half", ge(_p, _y / 2), by=["hypothesis 2", "hypothesis 3", quick])
    .have("gap", eq((1 - _t) * (1 + _t) * _p**2, _t * _A), by=["hypothesis 4", quick])
    .have("gap below", le((1 - _t) * _p**2 * 3, 2 * _t * _A), by=["gap", "hypothesis 5", quick])
    .have("square", ge(_p**2, _y**2 / 4), by=["half", quick])
    .have("gap of y", le((1 - _t) * _y**2 * 3, 8 * _t * _A), by=["gap below", "square", quick])
    .have("quotient", le(1 / _t, 1 + _three * _A / _y**2), by=["gap of y", quick])
    .have("p", le(_p / _y, 1 / _t), by=["hypothesis 1", quick])
    .have("above", le(_p / _y, 1 + _three * _A / _y**2), by=["quotient", "p", quick]),
)
from_below = Lemma(
    "concepts/from_below",
    "p/y from below",
    (pos_p, lambert),
    ge(_p / _y, 1 - _two / _y),
    hypotheses=(ge(_p, _y - _two),),
    backing=derive().have("below", ge(_p / _y, 1 - _two / _y), by=["hypothesis 1", quick]),
)
below_with_factor = Lemma(
    "concepts/below_with_factor",
    "p >= y - 2 log 2",
    (pos_p, theta, lambert, _s),
    ge(_p, _y - _two),
    hypotheses=(eq(_p * (1 + sp.exp(_t * _p)), _S * _growth), ge(_S, _t), ge(_t, sp.S.Half)),
    backing=derive()
    .have("factor", le(sp.log(2 / _S), _two), by=["hypothesis 2", "hypothesis 3", felt_logarithm.at()])
    .have("p", ge(_p, _y - sp.log(2 / _S)), by=["hypothesis 1", p_at_least.at()])
    .have("below", ge(_p, _y - _two), by=["factor", "p", quick]),
)
far_attention = Lemma(
    "concepts/far_attention",
    "e^(-2 beta) <= kappa_d/(4 N_b p^2)",
    (b, pos_p, kd, Nb),
    le(sp.exp(-2 * _b), _kd / (4 * _N * _p**2)),
    hypotheses=(eq(_p**2, _kd * sp.sinh(2 * _b) / (2 * _N)),),
    backing=derive()
    .have("p", eq(4 * _N * _p**2, 2 * _kd * sp.sinh(2 * _b)), by=["hypothesis 1", quick])
    .have("quotient", eq(_kd / (4 * _N * _p**2), 1 / (2 * sp.sinh(2 * _b))), by=["p", quick])
    .have("sinh", gt(2 * sp.sinh(2 * _b), 0), by=["hypothesis 1", quick])
    .have("exponential", le(sp.exp(-2 * _b) * (2 * sp.sinh(2 * _b)), 1), by=quick)
    .have("below", le(sp.exp(-2 * _b), 1 / (2 * sp.sinh(2 * _b))), by=["exponential", "sinh", quick])
    .have("rest", le(sp.exp(-2 * _b), _kd / (4 * _N * _p**2)), by=["below", "quotient", quick]),
)
lambert_logarithm = Lemma(
    "concepts/lambert_logarithm",
    "y + log y = log x for y e^y = x",
    (lambert, _u),
    eq(_y, sp.log(_u.symbol) - sp.log(_y)),
    hypotheses=(eq(_growth, _u.symbol),),
    backing=derive()
    .have("at most", le(sp.log(_growth), sp.log(_u.symbol)), by=["hypothesis 1", quick])
    .have("at least", ge(sp.log(_growth), sp.log(_u.symbol)), by=["hypothesis 1", quick])
    .have("product", eq(sp.log(_growth), _y + sp.log(_y)), by=algebra)
    .have("y", eq(_y, sp.log(_u.symbol) - sp.log(_y)), by=["at most", "at least", "product", quick]),
)

_number = Parameter("x", "x", "a number", reals(), (0, 1))
_G = Parameter("G", "G", "pi_k g(theta p)", reals(0, open="lower"), (0, 1))
_R = Parameter("R", "R", "rho", reals(), (0, 1))
rest_positive = Lemma(
    "concepts/rest_positive",
    "Attention is below 1",
    (b,),
    gt(_rest, 0),
    backing=derive().have("positive", gt(_rest, 0), by=quick),
)
with_share = Lemma(
    "concepts/with_share",
    "The p equation with rho written out",
    (_G, theta, mu, kd, lam, p, _R),
    eq(_R.symbol * _G.symbol * _t * _kd, _lam * p.symbol),
    hypotheses=(
        eq((1 - mu.symbol / 2) * _G.symbol * _t * _kd - _lam * p.symbol, 0),
        eq(1 - mu.symbol / 2, _R.symbol),
    ),
    backing=derive().have(
        "share",
        eq(_R.symbol * _G.symbol * _t * _kd, _lam * p.symbol),
        by=["hypothesis 1", "hypothesis 2", quick],
    ),
)
felt_share_positive = Lemma(
    "concepts/felt_share_positive",
    "s > 0",
    (theta, kd, kc),
    gt(_felt, 0),
    backing=derive().have("positive", gt(_felt, 0), by=quick),
)
over_constant = Lemma(
    "concepts/over_constant",
    "p^2 (1 - theta^2) = theta kappa_d/N_b",
    (pos_p, theta, kd, Nb),
    eq(_p**2 * (1 - _t**2), _t * (_kd / _N)),
    hypotheses=(eq(_p**2 * (1 - _t**2) * _N, _t * _kd),),
    backing=derive().have("ratio", eq(_p**2 * (1 - _t**2), _t * (_kd / _N)), by=["hypothesis 1", quick]),
)
ratio_positive = Lemma(
    "concepts/ratio_positive",
    "kappa_d/N_b > 0",
    (kd, Nb),
    gt(_kd / _N, 0),
    backing=derive().have("positive", gt(_kd / _N, 0), by=quick),
)
argument_positive = Lemma(
    "concepts/argument_positive",
    "The argument of Lambert's function is positive",
    (pk, kd, kc, lam),
    gt(_pk * _rho_0 * _kd / _lam, 0),
    backing=derive().have("positive", gt(_pk * _rho_0 * _kd / _lam, 0), by=quick),
)
far_of_y = Lemma(
    "concepts/far_of_y",
    "e^(-2 beta) in terms of y",
    (_number, pos_p, lambert, kd, Nb),
    le(_number.symbol, _kd / _N / _y**2),
    hypotheses=(le(_number.symbol, _kd / (4 * _N * _p**2)), ge(_p, _y - _two), ge(_y, 2 * _two)),
    backing=derive()
    .have("half", ge(_p, _y / 2), by=["hypothesis 2", "hypothesis 3", quick])
    .have("square", ge(4 * _p**2, _y**2), by=["half", quick])
    .have("quotient", le(_kd / (4 * _N * _p**2), _kd / _N / _y**2), by=["square", quick])
    .have("factor", le(_number.symbol, _kd / _N / _y**2), by=["hypothesis 1", "quotient", quick]),
)
