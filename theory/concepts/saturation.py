"""How far the attention is from 1 at the stationary point (specification `concepts` 2.B, attention_saturation).

Main statements
    attention_saturation   1 - sigma_corr = (1 - e^(-2 beta)) kappa_d/(4 N_b p^2), and p is Lambert's function of
                           pi_k rho_0 kappa_d/lambda up to explicit relative errors that vanish with lambda
"""

from __future__ import annotations

import sympy as sp

from theory.claim import Claim, Kind, Statement, Status, equal, lower, upper
from theory.concepts.balance import (
    attention_below_one,
    attention_positive,
    balance,
    balance_sign,
    mu,
    pull_positive,
    root_of_beta,
    share_positive,
    slid_output,
    slid_p,
    slid_share,
    slid_w,
)
from theory.concepts.fields import combined, p, pull, q, w
from theory.concepts.lambert import (
    argument_positive,
    below_with_factor,
    far_attention,
    far_of_y,
    felt_at_most_one,
    felt_range,
    felt_share_positive,
    fixed_point,
    from_above,
    from_below,
    lambert,
    lambert_logarithm,
    over_constant,
    p_at_most,
    ratio_positive,
    rest_of_attention,
    rest_positive,
    with_share,
)
from theory.concepts.parameters import Nb, b, kc, kd, lam, pk
from theory.derivation import derive
from theory.proposition import eq, ge, gt, le, lt
from theory.source import OWN

_b, _N, _kd, _kc, _lam, _pk, _y = (s.symbol for s in (b, Nb, kd, kc, lam, pk, lambert))
_tb = sp.tanh(_b)
_rest = 1 / (1 + sp.exp(2 * _b))
_rho_0 = _kc / (_kc + _kd)
_two = 2 * sp.log(2)
_three = sp.Rational(8, 3)
_growth = _y * sp.exp(_y)
_C = combined(p.symbol, q.symbol, w.symbol, mu.symbol, _tb)
_pp, _w = p.symbol, w.symbol
_pull = pull(_tb * _pp)
_one = pull((q.symbol + _tb * _pp) / 2)
_outputs = {"G": _pull, "K": _one, "theta": _tb}
_share = 1 - mu.symbol / 2
_ratio = _kd / _N
_argument = _pk * _rho_0 * _kd / _lam
_factor = _tb * (_kc + _kd) / (_kc + _tb**2 * _kd)
_range = ["theta positive", "theta below 1"]
_pulls = ["output", "pull", "pull of one", *_range]
_equation = eq(_pp * (1 + sp.exp(_tb * _pp)), _factor * _growth)
attention_saturation = Claim(
    id="concepts/attention_saturation",
    title="Attention tends to 1 only as the weight decay vanishes, at a squared-logarithmic rate",
    kind=Kind.ASYMPTOTIC,
    text=(
        "at the sliding stationary point the attention sigma_corr = 1/(1 + e^(-2 beta)) has 1 - sigma_corr = "
        "(1 - e^(-2 beta)) kappa_d/(4 N_b p^2) > 0. Let y be Lambert's function of x = pi_k rho_0 kappa_d/lambda, "
        "rho_0 = kappa_c/(kappa_c + kappa_d), that is y e^y = x, so y = log x - log y. If kappa_c > kappa_d, at the "
        "root with tanh beta >= 1/2 (the larger one), y >= 4 log 2 gives "
        "1 - 2 log 2/y <= p/y <= 1 + 8 kappa_d/(3 N_b y^2) and "
        "e^(-2 beta) <= kappa_d/(N_b y^2): as lambda -> 0, p = y (1 + o(1)) and 1 - sigma_corr = "
        "kappa_d/(4 N_b log^2(1/lambda)) (1 + o(1))"
    ),
    parameters=(b, kd, kc, Nb, pk, lam, p, q, w, mu, lambert),
    hypotheses=(
        eq(_C[0], 0),
        eq(_C[1], 0),
        eq(_C[2], 0),
        gt(_w**2, 0),
        eq(_w**2 * _N, _b),
        eq(q.symbol, _tb * _pp),
        gt(_kc, _kd),
        ge(_tb, sp.S.Half),
        eq(_growth, _argument),
        ge(_y, 2 * _two),
    ),
    statements=(
        equal(_rest, (1 - sp.exp(-2 * _b)) * _kd / (4 * _N * _pp**2), label="rest"),
        upper(_pp / _y, 1 + _three * _ratio / _y**2, label="p above"),
        lower(_pp / _y, 1 - _two / _y, label="p below", trivial=0),
        upper(sp.exp(-2 * _b), _ratio / _y**2, trivial=1, label="factor"),
        equal(_y, sp.log(_argument) - sp.log(_y), label="logarithm"),
        Statement(_rest, ">", sp.S.Zero, None, "below 1"),
    ),
    source=OWN,
    status=Status.OWN,
    derivation=derive()
    .have("theta positive", gt(_tb, 0), by=["hypothesis 4", "hypothesis 5", attention_positive.at()])
    .have("theta below 1", lt(_tb, 1), by=attention_below_one.at())
    .have("pull", gt(_pull, 0), by=pull_positive.at(f=_tb * _pp))
    .have("pull of one", gt(_one, 0), by=pull_positive.at(f=(q.symbol + _tb * _pp) / 2))
    .have("felt", gt(_share * _pull, 0), by=["pull", share_positive.at(G=_pull)])
    .have("output", eq(_one, _pull), by=["hypothesis 6", *_range, slid_output.at(theta=_tb)])
    .have(
        "p equation",
        eq(_share * _pull * _tb * _kd - _lam * _pp, 0),
        by=["hypothesis 1", *_pulls, slid_p.at(**_outputs)],
    )
    .have(
        "w equation",
        eq(_share * _pull * _pp * (1 - _tb**2) * _N * _w - _lam * _w, 0),
        by=["hypothesis 3", *_pulls, slid_w.at(**_outputs)],
    )
    .have(
        "rho",
        eq(_share, _kc / (_kc + _tb**2 * _kd)),
        by=["hypothesis 1", "hypothesis 2", "hypothesis 6", *_pulls, slid_share.at(**_outputs)],
    )
    .have("sign", gt(_pp, 0), by=["p equation", *_range, "felt", balance_sign.at(G=_share * _pull, theta=_tb)])
    .have(
        "balance",
        eq(_pp**2 * (1 - _tb**2) * _N, _tb * _kd),
        by=["p equation", "w equation", "hypothesis 4", *_range, "felt", balance.at(G=_share * _pull, theta=_tb)],
    )
    .have("p", eq(_pp**2, _kd * sp.sinh(2 * _b) / (2 * _N)), by=["balance", root_of_beta.at()])
    .have(
        "rest",
        eq(_rest, (1 - sp.exp(-2 * _b)) * _kd / (4 * _N * _pp**2)),
        by=["p", "sign", rest_of_attention.at(P=_pp)],
    )
    .have("below 1", gt(_rest, 0), by=rest_positive.at())
    .have(
        "p equation of rho",
        eq(_kc / (_kc + _tb**2 * _kd) * _pull * _tb * _kd, _lam * _pp),
        by=["p equation", "rho", "pull", *_range, with_share.at(G=_pull, theta=_tb, R=_kc / (_kc + _tb**2 * _kd))],
    )
    .have(
        "fixed point",
        _equation,
        by=["p equation of rho", "hypothesis 9", "sign", *_range, fixed_point.at(P=_pp, theta=_tb)],
    )
    .have("s at least", ge(_factor, _tb), by=["hypothesis 7", *_range, felt_range.at(theta=_tb)])
    .have("s at most", le(_factor, 1), by=["hypothesis 7", *_range, felt_at_most_one.at(theta=_tb)])
    .have("s positive", gt(_factor, 0), by=[*_range, felt_share_positive.at(theta=_tb)])
    .have(
        "theta p",
        le(_tb * _pp, _y),
        by=["fixed point", "s at most", "s positive", "sign", *_range, p_at_most.at(P=_pp, theta=_tb, s=_factor)],
    )
    .have(
        "p from below",
        ge(_pp, _y - _two),
        by=[
            "fixed point",
            "hypothesis 8",
            "s at least",
            "s at most",
            "s positive",
            "sign",
            *_range,
            below_with_factor.at(P=_pp, theta=_tb, s=_factor),
        ],
    )
    .have("p below", ge(_pp / _y, 1 - _two / _y), by=["p from below", "sign", from_below.at(P=_pp)])
    .have(
        "ratio",
        eq(_pp**2 * (1 - _tb**2), _tb * _ratio),
        by=["balance", "sign", *_range, over_constant.at(P=_pp, theta=_tb)],
    )
    .have("ratio positive", gt(_ratio, 0), by=ratio_positive.at())
    .have(
        "p above",
        le(_pp / _y, 1 + _three * _ratio / _y**2),
        by=[
            "theta p",
            "p from below",
            "hypothesis 10",
            "ratio",
            "ratio positive",
            "hypothesis 8",
            "sign",
            *_range,
            from_above.at(P=_pp, theta=_tb, a=_ratio),
        ],
    )
    .have("argument", gt(_argument, 0), by=argument_positive.at())
    .have("far", le(sp.exp(-2 * _b), _kd / (4 * _N * _pp**2)), by=["p", "sign", far_attention.at(P=_pp)])
    .have(
        "factor",
        le(sp.exp(-2 * _b), _ratio / _y**2),
        by=["far", "p from below", "hypothesis 10", "sign", far_of_y.at(P=_pp, x=sp.exp(-2 * _b))],
    )
    .have(
        "logarithm",
        eq(_y, sp.log(_argument) - sp.log(_y)),
        by=["hypothesis 9", "argument", lambert_logarithm.at(u=_argument)],
    ),
)
