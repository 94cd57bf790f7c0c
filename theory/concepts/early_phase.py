"""The early phase of training, linearised, and its exact solution.

While theta p is small, g(f) = 1/2, theta = beta, sech = 1. With s = lambda times effective time, p = (2 lambda/(pi_k
N_b)) P and w = (2 lambda/(pi_k sqrt(kappa_d) N_b)) W the both-active field is P' = W^2 - P, W' = W (P - 1). With
P = e^-s Q, W = e^-s R, sigma = 1 - e^-s it becomes dQ/dsigma = R^2, dR/dsigma = R Q, so that R^2 - Q^2 is constant.

Main statements
    early_phase         P = e^-s W_0 tan(W_0 sigma), W = e^-s W_0/cos(W_0 sigma); blow-up iff W_0 > pi/2
    early_phase_start   from P_0: three cases by the sign of W_0^2 - P_0^2
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from theory.claim import Claim, Kind, Status, equal, lower
from theory.concepts.parameters import W0, Nb, kd, lam, pk
from theory.concepts.population_lemmas import exponentials_of_equals
from theory.define import defined
from theory.derivation import derive
from theory.justification import algebra, decide, fact, quick, unfold
from theory.lemmas.tangents import cosine_positive
from theory.parameter import Parameter, reals
from theory.proposition import Forall, eq, ge, gt, lt
from theory.source import OWN

time = Parameter("s", "s", "lambda times effective time", reals(0), (0, 5))
small = Parameter("W1", "W_1", "a start at or below the threshold", reals(0, sp.pi / 2, open="lower"), (0.1, 1.57))
large = Parameter("W2", "W_2", "a start above the threshold", reals(sp.pi / 2, sp.oo, open="lower"), (1.58, 30))
_s, _W0, _W1, _W2 = (p.symbol for p in (time, W0, small, large))
_W, _v = sp.Symbol("W_", positive=True), sp.Symbol("v_", real=True)


def _forms(W: Any, s: Any) -> tuple[sp.Expr, sp.Expr]:
    sigma = 1 - sp.exp(-s)
    return sp.exp(-s) * W * sp.tan(W * sigma), sp.exp(-s) * W / sp.cos(W * sigma)


_before = (gt(sp.cos(_W * (1 - sp.exp(-_v))), 0),)  # before the blow-up
early_difference = defined(
    "concepts/early_difference",
    "early_difference(W_0, s) = P at s of the linearised early phase from P = 0, W = W_0",
    (_W, _v),
    _forms(_W, _v)[0],
    conditions=_before,
)
early_attention = defined(
    "concepts/early_attention",
    "early_attention(W_0, s) = W at s of the linearised early phase from P = 0, W = W_0",
    (_W, _v),
    _forms(_W, _v)[1],
    conditions=_before,
)
_P, _A = _forms(_W0, _s)
_dP, _dA = sp.diff(_P, _s), sp.diff(_A, _s)
_past = (gt(_W, sp.pi / 2),)  # starts above the threshold
time_to_blow_up = defined(
    "concepts/time_to_blow_up",
    "time_to_blow_up(W_0) = s*, time over 1/lambda at which the linearised early phase from P = 0 blows up",
    (_W,),
    -sp.log(1 - sp.pi / (2 * _W)),
    conditions=_past,
)
BLOW_UP = time_to_blow_up(_W2)

# the substitution, at any state: P = z Q, W = z R, z = e^-s, so d/ds = -z d/dz and dsigma/ds = z
_z, _Q, _R = sp.Symbol("z", positive=True), sp.Symbol("Q", real=True), sp.Symbol("R", real=True)
_x, _u = sp.Symbol("x", real=True), sp.Symbol("u_", real=True)
_Qx, _Rx = _W0 * sp.tan(_W0 * _x), _W0 / sp.cos(_W0 * _x)  # in sigma
_regular = (gt(sp.cos(_W0 * _x), 0),)

# the both-active field with g = 1/2, theta = beta, sech = 1, in the units P, W
_units = (2 * lam.symbol / (pk.symbol * Nb.symbol), 2 * lam.symbol / (pk.symbol * sp.sqrt(kd.symbol) * Nb.symbol))
_p, _w = _Q * _units[0], _R * _units[1]
_linear = (
    pk.symbol / 2 * (_w**2 * Nb.symbol) * kd.symbol - lam.symbol * _p,
    pk.symbol / 2 * _p * Nb.symbol * _w - lam.symbol * _w,
)

early_phase = Claim(
    id="concepts/early_phase",
    title="Exact solution of the early phase",
    kind=Kind.EQUALITY,
    text=(
        "Linearised (g = 1/2, theta = beta, sech = 1), in units 2 lambda/(pi_k N_b) of p and 2 lambda/(pi_k "
        "sqrt(kappa_d) N_b) of w and with s = lambda times effective time, the both-active dynamics is P' = W^2 - P, "
        "W' = W (P - 1). From P = 0, W = W_0: P = e^-s W_0 tan(W_0 (1 - e^-s)), W = e^-s W_0/cos(W_0 (1 - e^-s)); it "
        "blows up in finite s iff W_0 > pi/2, at s* = -log(1 - pi/(2 W_0))"
    ),
    parameters=(W0, time, small, large),
    hypotheses=(gt(sp.cos(_W0 * (1 - sp.exp(-_s))), 0),),
    statements=(
        equal(early_difference(_W0, _s), _P, label="P"),
        equal(early_attention(_W0, _s), _A, label="W"),
        equal(_dP, _A**2 - _P, label="P' = W^2 - P"),
        equal(_dA, _A * (_P - 1), label="W' = W (P - 1)"),
        lower(sp.cos(_W1 * (1 - sp.exp(-_s))), 0, label="no blow-up up to pi/2"),
        equal(_W2 * (1 - sp.exp(-BLOW_UP)), sp.pi / 2, label="blow-up above pi/2"),
    ),
    source=OWN,
    status=Status.OWN,
    remarks=(
        "the hypothesis says that s lies before the blow-up",
        "that no other solution has this start is the uniqueness theorem for smooth differential equations",
    ),
    derivation=derive(parameters=(lam, pk, kd, Nb))
    .have(
        "P in its unit",
        Forall((_Q, _R), eq(_linear[0] / (lam.symbol * _units[0]), _R**2 - _Q)),
        by=algebra,
        note="p and its field over lambda, by the unit of p",
    )
    .have("W in its unit", Forall((_Q, _R), eq(_linear[1] / (lam.symbol * _units[1]), _R * (_Q - 1))), by=algebra)
    .have(
        "substitution",
        Forall((_z, _Q, _R), eq(-_z * _Q + _z * (_z * _R**2), (_z * _R) ** 2 - _z * _Q)),
        by=algebra,
        note="d(zQ)/ds = -zQ + z dQ/dsigma dsigma/ds with dQ/dsigma = R^2: the field of P",
    )
    .have(
        "substitution of W",
        Forall((_z, _Q, _R), eq(-_z * _R + _z * (_z * _R * _Q), _z * _R * (_z * _Q - 1))),
        by=algebra,
    )
    .have("invariant", Forall((_Q, _R), eq(2 * _R * (_R * _Q) - 2 * _Q * _R**2, 0)), by=algebra, note="of R^2 - Q^2")
    .have(
        "its value",
        Forall((_x,), eq(_Rx**2 - _Qx**2, _W0**2), _regular),
        by=algebra,
    )
    .have(
        "dQ/dsigma = Q^2 + W_0^2",
        Forall((_x,), eq(sp.diff(_Qx, _x), _Qx**2 + _W0**2), _regular),
        by=algebra,
    )
    .have("dR/dsigma = R Q", Forall((_x,), eq(sp.diff(_Rx, _x), _Rx * _Qx), _regular), by=algebra)
    .have("P solves P' = W^2 - P", eq(_dP, _A**2 - _P), by=["hypothesis 1", algebra])
    .have("W solves W' = W (P - 1)", eq(_dA, _A * (_P - 1)), by=["hypothesis 1", algebra])
    .have("start of P", eq(_P.subs(_s, 0), 0), by=algebra)
    .have("start of W", eq(_A.subs(_s, 0), _W0), by=algebra)
    .have("P", eq(early_difference(_W0, _s), _P), by=["hypothesis 1", unfold(early_difference, W_=_W0, v_=_s)])
    .have("W", eq(early_attention(_W0, _s), _A), by=["hypothesis 1", unfold(early_attention, W_=_W0, v_=_s)])
    .have("sigma", ge(_W1 * (1 - sp.exp(-_s)), 0), by=decide)
    .have("sigma below 1", lt(_W1 * (1 - sp.exp(-_s)), _W1), by=decide)
    .have("acute", lt(_W1 * (1 - sp.exp(-_s)), sp.pi / 2), by=["sigma below 1", quick])
    .have(
        "no blow-up",
        gt(sp.cos(_W1 * (1 - sp.exp(-_s))), 0),
        by=["sigma", "acute", cosine_positive.at(x=_W1 * (1 - sp.exp(-_s)))],
    )
    .have("time left", gt(1 - sp.pi / (2 * _W2), 0), by=decide)
    .have(
        "exponential",
        Forall((_z, _u), eq(sp.exp(-_u), _z), (eq(_u, -sp.log(_z)),)),
        by=exponentials_of_equals.at(z1=-_u, z2=sp.log(_z)),
    )
    .have("s*", eq(BLOW_UP, -sp.log(1 - sp.pi / (2 * _W2))), by=["time left", unfold(time_to_blow_up, W_=_W2)])
    .have(
        "e^-s*",
        eq(sp.exp(-BLOW_UP), 1 - sp.pi / (2 * _W2)),
        by=["s*", "time left", fact("exponential", z=1 - sp.pi / (2 * _W2), u_=BLOW_UP)],
    )
    .have("blow-up", eq(_W2 * (1 - sp.exp(-BLOW_UP)), sp.pi / 2), by=["e^-s*", algebra]),
)

# -- any start --------------------------------------------------------------------------------------------------------

C = Parameter("C", "C", "sqrt(P_0^2 - W_0^2)", reals(0, sp.oo, open="lower"), (0.1, 2))
psi = Parameter("a", "a", "artanh(C/P_0)", reals(0, sp.oo, open="lower"), (0.1, 2))
A = Parameter("A", "A", "sqrt(W_0^2 - P_0^2)", reals(0, sp.oo, open="lower"), (0.1, 3))
turn = Parameter("phi0", r"\varphi_0", "arctan(P_0/A)", reals(-sp.pi / 2, sp.pi / 2, open="both"), (-1.5, 1.5))
start = Parameter("P1", "P_1", "start of P where P_0 = W_0", reals(0, sp.oo, open="lower"), (0.1, 3))
_A_, _C_, _psi, _turn, _P1 = (p.symbol for p in (A, C, psi, turn, start))
_ends = (
    (sp.pi / 2 - _turn) / _A_,
    1 / _P1,
    _psi / _C_,
)
_Qc = _A_ * sp.tan(_A_ * _x + _turn)
_Qr = _P1 / (1 - _P1 * _x)
_e2 = sp.exp(2 * (_psi - _C_ * _x))
_Qh = _C_ * (_e2 + 1) / (_e2 - 1)  # C coth(a - C sigma)
_circular, _hyperbolic = (gt(sp.cos(_A_ * _x + _turn), 0),), (gt(_psi - _C_ * _x, 0),)

early_phase_start = Claim(
    id="concepts/early_phase_start",
    title="Which starts of the early phase are learned",
    kind=Kind.EQUALITY,
    text=(
        "From P(0) = P_0 the early phase is dQ/dsigma = Q^2 + A^2, A^2 = W_0^2 - P_0^2, and is learned iff Q blows up "
        "before sigma = 1. A^2 > 0: Q = A tan(A sigma + arctan(P_0/A)), learned iff A + arctan(P_0/A) > pi/2. A = 0: "
        "Q = P_0/(1 - P_0 sigma), iff P_0 > 1. A^2 = -C^2 < 0, P_0 > 0: Q = C coth(a - C sigma), a = artanh(C/P_0), "
        "iff a < C; for P_0 <= 0 never"
    ),
    parameters=(A, turn, start, C, psi),
    statements=(
        equal((1 - _ends[0]) * _A_, _A_ + _turn - sp.pi / 2, label="W_0 > |P_0|"),
        equal((1 - _ends[1]) * _P1, _P1 - 1, label="W_0 = P_0"),
        equal((1 - _ends[2]) * _C_, _C_ - _psi, label="W_0 < P_0"),
    ),
    source=OWN,
    status=Status.OWN,
    remarks=(
        "each statement: the sigma left after the blow-up, positive iff it comes before sigma = 1",
        "W_0 + arctan(P_0/W_0) > pi/2 is not the criterion: at P_0 = 0.8 it gives 0.7593 for the critical 1.1030",
        "the critical W_0 of P_0 = -2 is 3.03960512241237, where the working specification prints 3.0396051124",
    ),
    derivation=derive()
    .have("invariant", Forall((_Q, _R), eq(2 * _R * (_R * _Q) - 2 * _Q * _R**2, 0)), by=algebra, note="A^2 = R^2 - Q^2")
    .have(
        "circular",
        Forall((_x,), eq(sp.diff(_Qc, _x), _Qc**2 + _A_**2), _circular),
        by=algebra,
        note="at 0: A tan phi_0 = P_0",
    )
    .have("circular end", eq(_A_ * _ends[0] + _turn, sp.pi / 2), by=algebra, note="where the tangent blows up")
    .have("rational", Forall((_x,), eq(sp.diff(_Qr, _x), _Qr**2), (gt(1 - _P1 * _x, 0),)), by=algebra)
    .have("rational start", eq(_Qr.subs(_x, 0), _P1), by=algebra)
    .have("rational end", eq(1 - _P1 * _ends[1], 0), by=algebra)
    .have("above one", Forall((_x,), gt(sp.exp(_x), 1), (gt(_x, 0),)), by=decide)
    .have(
        "hyperbolic",
        Forall((_x,), eq(sp.diff(_Qh, _x), _Qh**2 - _C_**2), _hyperbolic),
        by=[fact("above one", x=2 * (_psi - _C_ * _x)), algebra],
    )
    .have("hyperbolic end", eq(_psi - _C_ * _ends[2], 0), by=algebra, note="where the hyperbolic cotangent blows up")
    .have("W_0 > |P_0|", eq((1 - _ends[0]) * _A_, _A_ + _turn - sp.pi / 2), by=algebra)
    .have("W_0 = P_0", eq((1 - _ends[1]) * _P1, _P1 - 1), by=algebra)
    .have("W_0 < P_0", eq((1 - _ends[2]) * _C_, _C_ - _psi), by=algebra),
)
