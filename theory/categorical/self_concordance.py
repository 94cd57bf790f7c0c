"""How fast the pullback metric can change along a segment (specification `categorical` 2.4).

Main statements
    self_concordance   R = osc(h, h'), q = g*(h)(v, v): e^(-Rt) q <= g*(h_t)(v, v) <= e^(Rt) q, and both divergences
                       between the ends lie between q times a function of -R and of R

The logits along the segment are a(k) + t y(k) with y(k) = <g(k), v>, low <= y(k) <= low + R; the metric is the variance
of y under p_t, and |d/dt variance| = |third central moment| <= R variance.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from theory.categorical.parameters import V
from theory.claim import Claim, Kind, Status, lower, upper
from theory.derivation import Derivation, derive
from theory.justification import algebra, fact, quick
from theory.lemmas.bounded_range import in_range, low, second_order, tilted_third_above, tilted_third_below
from theory.lemmas.calculus import nonincreasing, s
from theory.lemmas.tilting import a, central, divergence, forward_kl, mean, partition, positive, reverse_kl, variance, y
from theory.parameter import Parameter, reals
from theory.proposition import Forall, eq, ge, gt, le
from theory.source import OWN

R = Parameter("R", "R", "range of the change of logits, osc(h, h')", reals(0, sp.oo, open="lower"), (0.01, 5), "nats")
t = Parameter("t", "t", "place on the segment", reals(0, 1), (0, 1))
_V, _R, _t, _low = V.symbol, R.symbol, t.symbol, low.symbol
_r = sp.Symbol("r", real=True, nonnegative=True)
_variance, _third = variance(s, _V), central(s, 3, _V)
_mean, _log_partition = mean(s, _V), sp.log(partition(s, _V))
_q = variance(0, _V)
_forward, _reverse = divergence(0, 1, _V), divergence(1, 0, _V)
_normal = [fact("partition", s=s), algebra]


def phi(ratio: Any) -> sp.Expr:
    """(e^r - r - 1)/r^2 (D24)."""
    return (sp.exp(ratio) - ratio - 1) / ratio**2


def psi(ratio: Any) -> sp.Expr:
    """(r e^r - e^r + 1)/r^2 (D24)."""
    return (ratio * sp.exp(ratio) - sp.exp(ratio) + 1) / ratio**2


def _decreasing(value: sp.Expr, derivative: sp.Expr, at: sp.Expr) -> Any:
    return nonincreasing.at(F=sp.Lambda((s,), value), f=sp.Lambda((s,), derivative), x=at)


def _one_side(found: Derivation, side: str, sign: int) -> Derivation:
    """The three bounds of one side: sign = 1 from above, -1 from below."""
    compare = le if sign > 0 else ge
    rate = sign * _R
    # sign * (e^(-rate s) variance) does not increase
    scaled, scaled_slope = sign * sp.exp(-rate * s) * _variance, sign * sp.exp(-rate * s) * (_third - rate * _variance)
    growth = _q * sp.exp(rate * s)
    # KL(p_0||p_s) less q (e^(rate s) - rate s - 1)/R^2, with its two derivatives
    gap = sign * (_log_partition - sp.log(partition(0, _V)) - s * mean(0, _V))
    gap -= sign * _q * (sp.exp(rate * s) - rate * s - 1) / _R**2
    gap_slope = sign * (_mean - mean(0, _V) - _q * (sp.exp(rate * s) - 1) / rate)
    gap_curvature = sign * (_variance - growth)
    # KL(p_s||p_0) less q (rate s e^(rate s) - e^(rate s) + 1)/R^2, with its derivative
    back = sign * (s * _mean - _log_partition + sp.log(partition(0, _V)))
    back -= sign * _q * (rate * s * sp.exp(rate * s) - sp.exp(rate * s) + 1) / _R**2
    back_slope = s * gap_curvature
    gain = sp.log(partition(1, _V)) - sp.log(partition(0, _V))
    return (
        found.have(f"{side}: scaled", Forall((s,), eq(sp.Derivative(scaled, s), scaled_slope)), by=_normal)
        .have(f"{side}: sign", Forall((s,), le(scaled_slope, 0)), by=[fact(f"third {side}", s=s), quick])
        .have(
            f"{side}: compared",
            Forall((_r,), le(scaled.subs(s, _r), sign * _q)),
            by=[f"{side}: scaled", f"{side}: sign", _decreasing(scaled, scaled_slope, _r)],
            note="Gronwall",
        )
        .have(
            f"{side}: metric",
            Forall((_r,), compare(_variance.subs(s, _r), growth.subs(s, _r))),
            by=[fact(f"{side}: compared", r=_r), quick],
        )
        .have(f"metric {side}", compare(_variance.subs(s, _t), growth.subs(s, _t)), by=fact(f"{side}: metric", r=_t))
        .have(f"{side}: gap", Forall((s,), eq(sp.Derivative(gap, s), gap_slope)), by=_normal)
        .have(f"{side}: gap's slope", Forall((s,), eq(sp.Derivative(gap_slope, s), gap_curvature)), by=_normal)
        .have(f"{side}: curvature", Forall((s,), le(gap_curvature, 0)), by=[fact(f"{side}: metric", r=s), quick])
        .have(
            f"{side}: integrated",
            le(sign * (gain - mean(0, _V) - _q * phi(rate)), 0),
            by=[
                *(f"{side}: gap", f"{side}: gap's slope", f"{side}: curvature"),
                second_order(gap, gap_slope, gap_curvature, 1),
                quick,
            ],
            note="twice, from 0 where both vanish",
        )
        .have(f"forward {side}", compare(_forward, _q * phi(rate)), by=["forward", f"{side}: integrated", quick])
        .have(f"{side}: back", Forall((s,), eq(sp.Derivative(back, s), back_slope)), by=_normal)
        .have(f"{side}: back's sign", Forall((s,), le(back_slope, 0)), by=[fact(f"{side}: curvature", s=s), quick])
        .have(
            f"{side}: integrated back",
            le(sign * (mean(1, _V) - gain - _q * psi(rate)), 0),
            by=[f"{side}: back", f"{side}: back's sign", _decreasing(back, back_slope, sp.S.One), quick],
        )
        .have(f"reverse {side}", compare(_reverse, _q * psi(rate)), by=["reverse", f"{side}: integrated back", quick])
    )


def _sandwich() -> Derivation:
    gain = sp.log(partition(1, _V)) - sp.log(partition(0, _V))
    found = (
        derive()
        .have("partition", Forall((s,), gt(partition(s, _V), 0)), by=positive(s, _V))
        .have(
            "third above",
            Forall((s,), le(_third, _R * _variance)),
            by=tilted_third_above.at(m=_V, R=_R),
        )
        .have(
            "third below",
            Forall((s,), ge(_third, -_R * _variance)),
            by=tilted_third_below.at(m=_V, R=_R),
        )
        .have("forward", eq(_forward, gain - mean(0, _V)), by=[forward_kl.at(m=_V, x=1), algebra])
        .have("reverse", eq(_reverse, mean(1, _V) - gain), by=[reverse_kl.at(m=_V, x=1), algebra])
    )
    return _one_side(_one_side(found, "above", 1), "below", -1)


self_concordance = Claim(
    id="categorical/self_concordance",
    title="Self-concordance sandwich",
    kind=Kind.TWO_SIDED,
    text=(
        "R = osc(h, h'), q = g*(h)(v, v): e^(-Rt) q <= g*(h_t)(v, v) <= e^(Rt) q, "
        "q phi(-R) <= KL(p_h || p_h') <= q phi(R) and q psi(-R) <= KL(p_h' || p_h) <= q psi(R), "
        "phi(r) = (e^r - r - 1)/r^2, psi(r) = (r e^r - e^r + 1)/r^2; for R = 0 the two rows are equal. The upper end "
        "of the forward bound is beyond R^2/8, which always holds, once R is large"
    ),
    parameters=(V, R, low, t),
    functions=(a, y),
    hypotheses=in_range(y, _low, _R),
    statements=(
        upper(_forward, _q * phi(_R), trivial=_R**2 / 8, label="forward above"),
        lower(_forward, _q * phi(-_R), trivial=0, label="forward below"),
        upper(_reverse, _q * psi(_R), trivial=_R**2 / 8, label="reverse above"),
        lower(_reverse, _q * psi(-_R), trivial=0, label="reverse below"),
        upper(variance(_t, _V), _q * sp.exp(_R * _t), trivial=_R**2 / 4, label="metric above"),
        lower(variance(_t, _V), _q * sp.exp(-_R * _t), trivial=0, label="metric below"),
    ),
    source=OWN,
    status=Status.OWN,
    derivation=_sandwich(),
)
