"""The early phase of the reduced dynamics, linearised: its solution, critical starts and the time to leave it.

Main definitions
    solution             P, W at s from P(0) = P_0, W(0) = W_0
    critical_start_at    critical W_0 of a start P_0
    escape_units         s at which the solution blows up
    escape_steps         the same in training steps
    damped_critical      critical W_0 of iid labels, by Runge-Kutta and bisection
    integrated           P, W at s by Runge-Kutta, without the closed form
    integrated_blow_up   sigma = 1 - e^-s at the blow-up, the same way

P' = W^2 - (1 + delta) P, W' = W (P - 1), s in units of 1/lambda; delta = 0 but for iid labels.
Source: specification `concepts`, early_phase, early_phase_start, escape_time, early_phase_iid.
"""

from __future__ import annotations

import cmath
import math
from collections.abc import Callable

from scipy.optimize import brentq

LARGE = 50.0  # P from which a solution counts as escaping
STEP = 2e-3  # in s


def solution(W_0: float, s: float, P_0: float = 0.0) -> tuple[float, float]:
    """(P, W) at s >= 0, in closed form.

    Raises ValueError from the blow-up on.
    """
    blow_up = escape_units(W_0, P_0)
    if s >= blow_up:
        raise ValueError(f"s = {s}, expected less than the blow-up at {blow_up:.6g}")
    sigma, shrink = -math.expm1(-s), math.exp(-s)
    # dQ/dsigma = Q^2 + A^2 with Q(0) = P_0, and R^2 = Q^2 + A^2: A is real or imaginary.
    A = cmath.sqrt(W_0**2 - P_0**2)
    if abs(A) < 1e-9:
        Q = P_0 / (1 - P_0 * sigma)
    else:
        tangent = cmath.tan(A * sigma)
        Q = (A * (P_0 + A * tangent) / (A - P_0 * tangent)).real
    return shrink * Q, shrink * math.copysign(math.sqrt(max(Q * Q + (A * A).real, 0.0)), W_0)


def escape_units(W_0: float, P_0: float = 0.0) -> float:
    """s at which the solution blows up, inf where it never does."""
    square = W_0**2 - P_0**2
    if square > 0:
        A = math.sqrt(square)
        sigma = (math.pi / 2 - math.atan(P_0 / A)) / A
    elif square == 0:
        sigma = 1 / P_0 if P_0 > 0 else math.inf
    else:
        C = math.sqrt(-square)
        sigma = math.atanh(C / P_0) / C if P_0 > C else math.inf
    return -math.log1p(-sigma) if sigma < 1 else math.inf


def critical_start_at(P_0: float) -> float:
    """Critical W_0 > 0 of the start P_0 < 600: learned above, forgotten below. It lies below P_0 iff P_0 > 1."""

    def margin(W_0: float) -> float:
        # Blow-up at sigma < 1, a continuous function of W_0 through all three regimes.
        square = W_0**2 - P_0**2
        if square > 1e-12:
            A = math.sqrt(square)
            return A + math.atan(P_0 / A) - math.pi / 2
        if square < -1e-12 and P_0 > 0:
            C = math.sqrt(-square)
            return C - math.log((P_0 + C) / W_0)  # artanh(C/P_0), without cancellation
        return P_0 - 1

    return float(brentq(margin, 1e-300, abs(P_0) + math.pi + 1, xtol=1e-15, rtol=1e-14))


def escape_steps(W_0: float, gamma: float) -> float:
    """t* = gamma ((1 - pi/(2 W_0))^(-1/2) - 1) from P_0 = 0; inf at and below the threshold."""
    rest = 1 - math.pi / (2 * W_0)
    return gamma * (rest**-0.5 - 1) if rest > 0 else math.inf


def damping(pi: float, kappa_d: float, length: int, lam: float) -> float:
    """delta = pi kappa_d/(4 L lambda) of iid labels."""
    return pi * kappa_d / (4 * length * lam)


def damped_critical(delta: float, tolerance: float = 1e-5) -> float:
    """W_c(delta): bisection on the damped linearised flow from P = 0."""
    low, high = math.pi / 2 * 0.9, math.pi / 2 * 1.1 + delta
    while high - low > tolerance:
        middle = (low + high) / 2
        low, high = (low, middle) if _escapes(middle, delta) else (middle, high)
    return (low + high) / 2


def _escapes(W: float, delta: float) -> bool:
    def slope(P: float, W: float) -> tuple[float, float]:
        return W * W - (1 + delta) * P, W * (P - 1)

    P, h = 0.0, STEP / (1 + delta)
    while True:
        if P > 1 and (1 + delta) * P < W * W:
            return True  # P keeps growing, and with it W
        if P <= 1 and math.sqrt(1 + delta) >= W:
            return False  # both stay so
        P, W = _runge_kutta(slope, P, W, h)


def integrated(W_0: float, s: float, P_0: float = 0.0, steps: int = 4000) -> tuple[float, float]:
    """(P, W) at s by Runge-Kutta steps of order 4; s before the blow-up."""
    P, W = P_0, W_0
    for _ in range(steps):
        P, W = _runge_kutta(lambda P, W: (W * W - P, W * (P - 1)), P, W, s / steps)
    return P, W


def integrated_blow_up(W_0: float, P_0: float = 0.0, step: float = 1e-3) -> float:
    """sigma at which Q of dQ/dsigma = R^2, dR/dsigma = R Q from (P_0, W_0) blows up, inf if not before sigma = 2.

    Steps shrink with 1/(|Q| + |R|); from Q = 1000 on, Q grows as 1/(end - sigma) up to 1e-9.
    """
    Q, R, sigma = P_0, W_0, 0.0
    while Q < 1000 * (1 + W_0):
        h = step / (1 + abs(Q) + abs(R))
        Q, R = _runge_kutta(lambda Q, R: (R * R, R * Q), Q, R, h)
        sigma += h
        if sigma > 2:
            return math.inf
    # d(1/Q)/dsigma = -(1 + A^2/Q^2), A^2 = R^2 - Q^2
    return sigma + 1 / Q - (W_0 * W_0 - P_0 * P_0) / (3 * Q**3)


def _runge_kutta(
    slope: Callable[[float, float], tuple[float, float]], P: float, W: float, h: float
) -> tuple[float, float]:
    a = slope(P, W)
    b = slope(P + h / 2 * a[0], W + h / 2 * a[1])
    c = slope(P + h / 2 * b[0], W + h / 2 * b[1])
    d = slope(P + h * c[0], W + h * c[1])
    return P + h / 6 * (a[0] + 2 * b[0] + 2 * c[0] + d[0]), W + h / 6 * (a[1] + 2 * b[1] + 2 * c[1] + d[1])
