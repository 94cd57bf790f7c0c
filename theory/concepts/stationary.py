"""Stationary points of the reduced dynamics (specification `concepts` 2.B).

Main statements
    stationary_point     the zeros of the both-active field with w != 0
    stationary_sliding   the zeros of Filippov's combination on the surface theta p = q; none is one-sided
    lambda_necessary     a zero with w != 0 needs a small weight decay

The fields are those of `concepts/reduced_dynamics`.
"""

from __future__ import annotations

import sympy as sp

from theory.claim import Claim, Kind, Statement, Status, equal, lower
from theory.concepts.balance import (
    as_large,
    attention_below_one,
    attention_positive,
    attention_range,
    b1,
    balance,
    balance_decay,
    balance_sign,
    decay_of_beta,
    every_beta_p,
    every_beta_w,
    felt_below,
    felt_positive,
    growth,
    half_probability,
    half_pull_positive,
    mean_positive,
    mu,
    one_sided_drift,
    one_sided_flow,
    p1,
    product_positive,
    pull_below_half,
    pull_positive,
    q1,
    root,
    root_of_beta,
    share_positive,
    slid_more_than_half,
    slid_output,
    slid_p,
    slid_share,
    slid_w,
    strength,
    theta,
)
from theory.concepts.fields import both_active, combined, one_sided, p, pull, q, w
from theory.concepts.parameters import Nb, b, kc, kd, lam, pk
from theory.derivation import derive
from theory.proposition import eq, ge, gt, lt
from theory.source import OWN

_p, _q, _w, _b, _mu, _r, _s = (x.symbol for x in (p, q, w, b, mu, p1, q1))
_kd, _kc, _N, _lam, _pk = (x.symbol for x in (kd, kc, Nb, lam, pk))
_tb = sp.tanh(_b)
_pull_b = pull(_tb * _p)
_share = 1 - _mu / 2
_most = 2 / (3 * sp.sqrt(3))
_zeros = ["hypothesis 1", "hypothesis 2", "hypothesis 3"]
_F = both_active(_p, _q, _w, _tb)
_theta_range = ["theta positive", "theta below 1"]
_C = combined(_p, _q, _w, _mu, _tb)
_t1 = sp.tanh(b1.symbol)
_one = one_sided(_r, _s, 0, _t1)
_pull_1 = pull((_s + _t1 * _r) / 2) / 2
_outputs = {"G": _pull_b, "K": pull((_q + _tb * _p) / 2), "theta": _tb}
_slid = ["p equation", "w equation", "hypothesis 4", *_theta_range, "felt"]
_across = ["hypothesis 8", "theta of it below 1", "theta of it above -1", "pull of it"]
_rho = _kc / (_kc + _tb**2 * _kd)

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
        equal(_p**2, root(_b), label="p"),
        equal(_lam, _pull_b * strength(_b), label="lambda"),
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
    .have("p", eq(_p**2, root(_b)), by=["balance", root_of_beta.at()])
    .have(
        "decay",
        eq(_lam, _pull_b * sp.sqrt(_kd * _N * _tb) * sp.sqrt(1 - _tb**2)),
        by=[*_zeros, *_theta_range, "pull", balance_decay.at(G=_pull_b, theta=_tb)],
    )
    .have("lambda", eq(_lam, _pull_b * strength(_b)), by=["decay", "pull", decay_of_beta.at(G=_pull_b)]),
)

stationary_sliding = Claim(
    id="concepts/stationary_sliding",
    title="Where training ends: a stationary point at which every neuron sits at its kink",
    kind=Kind.EQUALITY,
    text=(
        "a zero of Filippov's combination of both fields (weight mu on the one-sided one) on the surface theta p = q, "
        "with w != 0, has q = theta p, p^2 = kappa_d sinh(2 beta)/(2 N_b) and "
        "lambda = pi_k rho g(theta p) sqrt(kappa_d N_b tanh beta) sech beta, where "
        "rho = 1 - mu/2 = |c|^2/(|c|^2 + theta^2 |d|^2), more than 1/2 if |c| > |d|. There is no one-sided stationary "
        "point if |c| > |d|, that is kappa_y > 0: wherever theta p >= q, the one-sided field has "
        "F_q - theta F_p >= pi_k g (kappa_c - theta^2 kappa_d)/2 > 0"
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
        equal(_p**2, root(_b), label="p"),
        equal(_share, _rho, label="rho"),
        equal(_lam, _share * _pull_b * strength(_b), label="lambda"),
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
    .have("p", eq(_p**2, root(_b)), by=["balance", root_of_beta.at()])
    .have(
        "decay",
        eq(_lam, _share * _pull_b * sp.sqrt(_kd * _N * _tb) * sp.sqrt(1 - _tb**2)),
        by=[*_slid, balance_decay.at(G=_share * _pull_b, theta=_tb)],
    )
    .have(
        "lambda", eq(_lam, _share * _pull_b * strength(_b)), by=["decay", "felt", decay_of_beta.at(G=_share * _pull_b)]
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
    .have("probability", gt(_pk / 2, 0), by=half_probability.at())
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
            "probability",
            *_theta_range,
            felt_below.at(H=_pk / 2, **_outputs),
        ],
    ),
)
