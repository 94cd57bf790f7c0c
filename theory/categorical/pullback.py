"""The pullback metric of a linear-softmax head at one state (specification `categorical` 2.4).

Main statements
    pullback_metric            four expressions of an entry of g*(h), and the second derivatives of A
    pullback_local_divergence  KL(p_{h + eps v}||p_h) = eps^2 g*(v, v)/2 + O(eps^3), with the remainder and the series

Columns of the unembedding W are functions u and w of the token; the logits at h + t e_j are a(k) + t w(k), so that the
expressions hold at every state of the line. For a direction v the column is y(k) = <g(k), v>.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from theory.categorical.parameters import V
from theory.claim import Claim, Kind, Status, equal, lower, upper
from theory.derivation import Derivation, derive
from theory.justification import SingleTerm, algebra, fact, quick
from theory.lemmas.bounded_range import in_range, low, tilted_third_above, tilted_third_below, tilted_variance
from theory.lemmas.calculus import nonincreasing, s
from theory.lemmas.softmax import over_tokens
from theory.lemmas.tilting import (
    a,
    central,
    divergence,
    forward_kl,
    law,
    mean,
    partition,
    positive,
    reverse_kl,
    variance,
    y,
)
from theory.parameter import Parameter, integers, reals
from theory.proposition import Forall, eq, ge, gt, le
from theory.source import Source

u = sp.Function("u", real=True)
token = Parameter("i", "i", "a token", integers(0, V.symbol - 1), (0, 1))
shift = Parameter("t", "t", "how far the state is moved along a coordinate", reals(0), (0, 1))
_V, _i, _t = V.symbol, token.symbol, shift.symbol
_k = sp.Symbol("k", integer=True, nonnegative=True)


def _p(time: Any, at: Any = _k) -> sp.Expr:
    return law(time, at, _V)


def _mean_of(column: Any, time: Any) -> sp.Sum:
    return over_tokens(_p(time) * column(_k), _k, _V)


def _covariance(time: Any) -> sp.Sum:
    """Cov_p(u, y): the entry of Cov_p(g) at two coordinates."""
    return over_tokens(_p(time) * (u(_k) - _mean_of(u, time)) * (y(_k) - _mean_of(y, time)), _k, _V)


def _product(time: Any) -> sp.Expr:
    """The entry of W^T (diag p - p p^T) W."""
    return over_tokens(_p(time) * u(_k) * y(_k), _k, _V) - _mean_of(u, time) * _mean_of(y, time)


def _jacobian(column: Any, time: Any) -> sp.Expr:
    """The entry of (diag p - p p^T) W at token k."""
    return _p(time) * column(_k) - _p(time) * _mean_of(column, time)


def _fisher(time: Any) -> sp.Sum:
    """The entry of J^T diag(1/p) J."""
    return over_tokens(_jacobian(u, time) * _jacobian(y, time) / _p(time), _k, _V)


_at_s = Forall((s,), gt(partition(s, _V), 0))
_normal = [fact("partition", s=s), algebra]
_log_law = sp.log(law(s, _i, _V))
pullback_metric = Claim(
    id="categorical/pullback_metric",
    title="Four expressions of the pullback metric",
    kind=Kind.EQUALITY,
    text=(
        "J^T diag(1/p) J with J = (diag p - p p^T) W equals W^T (diag p - p p^T) W = Cov_p(g) = "
        "E_p[grad log p (grad log p)^T] = Hess A(h), entry by entry (columns u and y of W), and it is positive "
        "semidefinite. The scores are grad log p_h(w) = g(w) - gbar(h), so that their second moment is the covariance; "
        "grad A = gbar, and the derivative of gbar along the other column is the covariance"
    ),
    parameters=(V, token, shift),
    functions=(a, u, y),
    statements=(
        equal(_fisher(_t), _covariance(_t), label="Fisher"),
        equal(_product(_t), _covariance(_t), label="product"),
        equal(sp.Derivative(_mean_of(u, _t), _t), _covariance(_t), label="Hessian"),
        equal(sp.Derivative(sp.log(partition(_t, _V)), _t), mean(_t, _V), label="gradient"),
        equal(sp.Derivative(sp.log(law(_t, _i, _V)), _t), y(_i) - mean(_t, _V), label="scores"),
        lower(variance(_t, _V), 0, label="sign"),
    ),
    source=Source("zhang2025", "eqs. (6.2), (6.4), Remark 6.2"),
    status=Status.AS_STATED,
    derivation=derive()
    .have("partition", _at_s, by=positive(s, _V))
    .have("Fisher", eq(_fisher(_t), _covariance(_t)), by=[fact("partition", s=_t), algebra])
    .have("product", eq(_product(_t), _covariance(_t)), by=[fact("partition", s=_t), algebra])
    .have(
        "Hessian",
        eq(sp.Derivative(_mean_of(u, _t), _t), _covariance(_t)),
        by=[fact("partition", s=_t), algebra],
    )
    .have(
        "gradient",
        eq(sp.Derivative(sp.log(partition(_t, _V)), _t), mean(_t, _V)),
        by=[fact("partition", s=_t), algebra],
    )
    .have(
        "scores",
        eq(sp.Derivative(sp.log(law(_t, _i, _V)), _t), y(_i) - mean(_t, _V)),
        by=[fact("partition", s=_t), algebra],
        note="grad_h log p_h(w) = g(w) - gbar(h)",
    )
    .have("sign", ge(variance(_t, _V), 0), by=[SingleTerm(0), fact("partition", s=_t), quick]),
)

R = Parameter(
    "R", "R", "range of the change of logits, osc(h + v, h)", reals(0, sp.oo, open="lower"), (0.01, 5), "nats"
)
step = Parameter("epsilon", r"\varepsilon", "length of the step along v", reals(0, sp.oo, open="lower"), (0.001, 1))
second = Parameter("f_2", "f''(1)", "second derivative of the generator at 1", reals(), (0, 2))
first = Parameter("f_1", "f'(1)", "first derivative of the generator at 1", reals(), (-1, 1))
terms = Parameter("n", "n", "terms of the series", integers(1), (1, 8))
kappa = sp.Function("kappa", real=True)  # cumulants of <g(W), v> under p_h
_R, _eps, _low, _f2, _f1, _n = R.symbol, step.symbol, low.symbol, second.symbol, first.symbol, terms.symbol
_r = sp.Symbol("r", real=True, nonnegative=True)
_q = variance(0, _V)
_reverse, _forward = divergence(_eps, 0, _V), divergence(0, _eps, _V)
_gain = sp.log(partition(_eps, _V)) - sp.log(partition(0, _V))
_remainder = _R**3 * _eps**3 / 12
_ratio = law(_eps, _i, _V) / law(0, _i, _V)
_score = y(_i) - mean(_eps, _V)
_first_ratio, _second_ratio = _ratio * _score, _ratio * (_score**2 - variance(_eps, _V))
_start_score = y(_k) - mean(0, _V)
_chain_rule = over_tokens(_p(0) * (_f2 * _start_score**2 + _f1 * (_start_score**2 - _q)), _k, _V)
_m = sp.Symbol("m", integer=True, positive=True)


def _series(coefficient: Any) -> sp.Sum:
    """The first n terms kappa_m eps^m/m!, times a coefficient."""
    return sp.Sum(coefficient * kappa(_m) * _eps**_m / sp.factorial(_m), (_m, 1, _n))


def _one_side(found: Derivation, side: str, sign: int) -> Derivation:
    """sign (KL(p_eps||p_0) - eps^2 q/2) <= R^3 eps^3/12: the variance moves by at most R^3 s/4."""
    drift = sign * variance(s, _V) - _R**3 * s / 4
    drift_slope = sign * central(s, 3, _V) - _R**3 / 4
    back = sign * (s * mean(s, _V) - sp.log(partition(s, _V)) + sp.log(partition(0, _V)) - s**2 * _q / 2)
    back -= _R**3 * s**3 / 12
    back_slope = s * (sign * (variance(s, _V) - _q) - _R**3 * s / 4)
    at_eps = sign * (_eps * mean(_eps, _V) - _gain - _eps**2 * _q / 2)
    compare, bound = (le, _eps**2 * _q / 2 + _remainder) if sign > 0 else (ge, _eps**2 * _q / 2 - _remainder)
    return (
        found.have(f"{side}: drift", Forall((s,), eq(sp.Derivative(drift, s), drift_slope)), by=_normal)
        .have(
            f"{side}: sign",
            Forall((s,), le(drift_slope, 0)),
            by=[fact(f"third {side}", s=s), fact("variance", s=s), quick],
        )
        .have(
            f"{side}: moved",
            Forall((_r,), le(drift.subs(s, _r), sign * _q)),
            by=[
                *(f"{side}: drift", f"{side}: sign"),
                nonincreasing.at(F=sp.Lambda((s,), drift), f=sp.Lambda((s,), drift_slope), x=_r),
            ],
        )
        .have(f"{side}: back", Forall((s,), eq(sp.Derivative(back, s), back_slope)), by=_normal)
        .have(f"{side}: back's sign", Forall((s,), le(back_slope, 0)), by=[fact(f"{side}: moved", r=s), quick])
        .have(
            f"{side}: integrated",
            le(at_eps, _remainder),
            by=[
                *(f"{side}: back", f"{side}: back's sign"),
                nonincreasing.at(F=sp.Lambda((s,), back), f=sp.Lambda((s,), back_slope), x=_eps),
                quick,
            ],
        )
        .have(f"remainder {side}", compare(_reverse, bound), by=["reverse", f"{side}: integrated", quick])
    )


def _local() -> Derivation:
    at_eps = [fact("partition", s=_eps), fact("partition", s=0), algebra]
    range_by = {"m": _V, "R": _R}
    found = (
        derive()
        .have("partition", _at_s, by=positive(s, _V))
        .have("variance", Forall((s,), le(variance(s, _V), _R**2 / 4)), by=tilted_variance.at(**range_by))
        .have(
            "third above",
            Forall((s,), le(central(s, 3, _V), _R * variance(s, _V))),
            by=tilted_third_above.at(**range_by),
        )
        .have(
            "third below",
            Forall((s,), ge(central(s, 3, _V), -_R * variance(s, _V))),
            by=tilted_third_below.at(**range_by),
        )
        .have("reverse", eq(_reverse, _eps * mean(_eps, _V) - _gain), by=[reverse_kl.at(m=_V, x=_eps), algebra])
        .have("forward", eq(_forward, _gain - _eps * mean(0, _V)), by=[forward_kl.at(m=_V, x=_eps), algebra])
        .have(
            "series",
            eq(_eps * sp.Derivative(_series(1), _eps) - _series(1), _series(_m - 1)),
            by=algebra,
            note="term by term; within |eps| osc < pi the log-partition is analytic",
        )
        .have("first ratio", eq(sp.Derivative(_ratio, _eps), _first_ratio), by=at_eps)
        .have("second ratio", eq(sp.Derivative(_first_ratio, _eps), _second_ratio), by=at_eps)
        .have("f-divergence", eq(_chain_rule, _f2 * _q), by=[fact("partition", s=0), algebra])
    )
    return _one_side(_one_side(found, "above", 1), "below", -1)


pullback_local_divergence = Claim(
    id="categorical/pullback_local_divergence",
    title="Local divergence and its exact series",
    kind=Kind.TWO_SIDED,
    text=(
        "KL(p_{h + eps v} || p_h) = eps^2 g*(v, v)/2 + O(eps^3), the remainder being at most R^3 eps^3/12 with "
        "R = osc(h + v, h). With the cumulant generating function K(eps) = A(h + eps v) - A(h) it is eps K' - K, whose "
        "term of order m is (m - 1) kappa_m eps^m/m!, and KL(p_h || p_{h + eps v}) = K - eps kappa_1; the series "
        "converge for eps R < pi. A smooth f-divergence is f''(1) eps^2 g*(v, v)/2 to the same order: factors KL 1/2, "
        "chi^2 1, Hel^2 1/4, JS 1/8, and Jeffreys 1"
    ),
    parameters=(V, R, low, step, token, first, second, terms),
    functions=(a, y, kappa),
    hypotheses=in_range(y, _low, _R),
    statements=(
        upper(_reverse, _eps**2 * _q / 2 + _remainder, label="remainder above"),
        lower(_reverse, _eps**2 * _q / 2 - _remainder, label="remainder below"),
        equal(_reverse, _eps * mean(_eps, _V) - _gain, label="reverse"),
        equal(_forward, _gain - _eps * mean(0, _V), label="forward"),
        equal(_eps * sp.Derivative(_series(1), _eps) - _series(1), _series(_m - 1), label="series"),
        equal(sp.Derivative(_ratio, _eps), _first_ratio, label="first ratio"),
        equal(sp.Derivative(_first_ratio, _eps), _second_ratio, label="second ratio"),
        equal(_chain_rule, _f2 * _q, label="f-divergence"),
    ),
    source=Source("zhang2025", "Thm 6.1"),
    status=Status.SHARPENED,
    derivation=_local(),
)
