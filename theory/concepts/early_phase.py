"""The early phase of training and its threshold (specification `concepts` 2.B)."""

from __future__ import annotations

import sympy as sp

from theory.claim import Claim, Kind, Status, lower, upper
from theory.concepts.parameters import W0, lam, m, nb2, nd, phi, pk
from theory.derivation import derive
from theory.justification import Gap, algebra, decide, fact
from theory.proposition import Forall, eq, ge, gt, le, lt
from theory.source import OWN

_s = sp.Symbol("s", nonnegative=True)  # time in units of 1/lambda
_x = sp.Symbol("x", real=True)
_P = sp.exp(-_s) * W0.symbol * sp.tan(W0.symbol * (1 - sp.exp(-_s)))
_W = sp.exp(-_s) * W0.symbol / sp.cos(W0.symbol * (1 - sp.exp(-_s)))
_before = (gt(sp.cos(W0.symbol * (1 - sp.exp(-_s))), 0),)  # before the blow-up
_dP, _dW = sp.diff(_P, _s), sp.diff(_W, _s)
_scale = (
    pk.symbol * sp.sqrt(phi.symbol) * nd.symbol / sp.sqrt(m.symbol) * nb2.symbol / (2 * lam.symbol)
)  # W_0 per unit sigma_0

critical_start = sp.Function("critical_start", real=True)
_critical = critical_start(lam.symbol, m.symbol, pk.symbol, nb2.symbol, nd.symbol, phi.symbol)
_formula = sp.pi * lam.symbol * sp.sqrt(m.symbol) / (pk.symbol * nb2.symbol * nd.symbol * sp.sqrt(phi.symbol))
# beta = _beta W^2 and theta p = _beta _p W^2 P to leading order: both vanish with lambda
_beta = 4 * lam.symbol**2 * m.symbol / (pk.symbol**2 * phi.symbol * nd.symbol**2 * nb2.symbol)
_p = 2 * lam.symbol / (pk.symbol * nb2.symbol)
_rate = sp.pi**4 * _beta**2 / 8 + sp.pi**2 * _beta * _p / 4

init_threshold = Claim(
    id="concepts/init_threshold",
    title="Smallest start from which a concept is learned",
    kind=Kind.ASYMPTOTIC,
    text=(
        "As the weight decay tends to 0 with W_0 fixed, a concept is learned iff W_0 > pi/2; in the original units the "
        "critical start of the gradient flow is pi lambda sqrt(m) / (pi_k |b_k|^2 |d_k| sqrt(phi)) (1 + o(1)): at "
        "least that, and at most 1 + (pi^4/8) x^2 + (pi^2/4) x y times that, where x = beta/W^2 and y = p/P are the "
        "scales of the early phase; the correction is O(lambda^3)"
    ),
    parameters=(lam, m, pk, nb2, nd, phi),
    hypotheses=(
        le(40 * lam.symbol**2 * m.symbol, pk.symbol**2 * phi.symbol * nd.symbol**2 * nb2.symbol),
        le(4 * lam.symbol, pk.symbol * nb2.symbol),
    ),
    statements=(
        lower(_critical, _formula, label="forgotten up to the formula"),
        upper(_critical, _formula * (1 + _rate), label="learned above"),
    ),
    source=OWN,
    status=Status.OWN,
    remarks=(
        "training with learning rates 2/(lambda (gamma + t)) adds a relative deviation of order 1/gamma that does not "
        "vanish with lambda (about 0.074/gamma)",
        "the two hypotheses say beta <= W^2/10 and p <= P/2 at the scale of the early phase: lambda is small",
    ),
    derivation=derive(parameters=(W0,))
    .have("P solves P' = W^2 - P", Forall((_s,), eq(_dP, _W**2 - _P), _before), by=algebra)
    .have("W solves W' = W (P - 1)", Forall((_s,), eq(_dW, _W * (_P - 1)), _before), by=algebra)
    .have("start of P", eq(_P.subs(_s, 0), 0), by=algebra)
    .have("start of W", eq(_W.subs(_s, 0), W0.symbol), by=algebra)
    .have(
        "sine",
        Forall((_x,), gt(sp.sin(_x), 0), (gt(_x, 0), le(_x, sp.pi / 2))),
        by=decide,
    )
    .have(
        "no blow-up at or below pi/2",
        Forall((_x,), gt(sp.cos(_x), 0), (ge(_x, 0), lt(_x, sp.pi / 2))),
        by=fact("sine", x=sp.pi / 2 - _x),
        note="W_0 (1 - e^-s) < W_0 <= pi/2 for every finite s",
    )
    .have(
        "blow-up time above pi/2",
        eq(W0.symbol * (1 - (1 - sp.pi / (2 * W0.symbol))), sp.pi / 2),
        by=algebra,
        note="at e^-s = 1 - pi/(2 W_0), which is positive iff W_0 > pi/2",
    )
    .have("original units", eq(sp.pi / 2 / _scale, _formula), by=algebra, note="W_0 = pi/2")
    .have(
        "forgotten up to the formula",
        ge(_critical, sp.pi / 2 / _scale),
        by=Gap("the linearised flow dominates the reduced one: comparison of monotone systems not formalised"),
        note="g <= 1/2, tanh beta <= beta, sech^2 beta <= 1, and one-sided rates are half",
    )
    .have(
        "learned above",
        le(_critical, sp.pi / 2 / _scale * (1 + _rate)),
        by=Gap("the linearised flow slowed by 1 - rate/2 is dominated: perturbation argument not formalised"),
        note="along the critical solution W <= W_0 and P <= 1, so tanh, sech^2 and g cost at most rate/2",
    ),
)
