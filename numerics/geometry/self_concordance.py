"""The self-concordance sandwich: a divergence between the ends of a segment from the metric at its start.

With R = osc(h, h') and q = g*(h)(v, v):  q phi(-R) <= KL(p_h || p_h') <= q phi(R)  and
q psi(-R) <= KL(p_h' || p_h) <= q psi(R), where phi(r) = (e^r - r - 1) / r^2, psi(r) = (r e^r - e^r + 1) / r^2.

Main definitions: `phi`, `psi`, `Sandwich`, `forward_sandwich`, `reverse_sandwich`.
Source: specification `categorical`, D24, claim self_concordance.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from numerics.geometry.head import FloatArray
from numerics.geometry.paths import Segment, forward_kl_by_rows, reverse_kl_by_rows, speeds

SERIES_RADIUS = 0.5  # below it the closed forms lose digits to cancellation
SERIES_TERMS = 16  # 0.5^16 / 18! is far below the machine epsilon


@dataclass(frozen=True)
class Sandwich:
    """A divergence between the two ends that the metric at the start gives; nats."""

    lower: float
    value: float
    upper: float
    oscillation: float
    quadratic_form: float


def phi(ratio: float | FloatArray) -> FloatArray:
    """(e^r - r - 1) / r^2, 1/2 at 0; inf where e^r overflows. Any shape."""
    r = np.asarray(ratio, dtype=np.float64)
    series = _series(r, [1 / math.factorial(k + 2) for k in range(SERIES_TERMS)])
    safe = np.where(np.abs(r) < SERIES_RADIUS, 1.0, r)
    with np.errstate(over="ignore"):
        closed = (np.expm1(safe) - safe) / safe**2
    return np.where(np.abs(r) < SERIES_RADIUS, series, closed)


def psi(ratio: float | FloatArray) -> FloatArray:
    """(r e^r - e^r + 1) / r^2, 1/2 at 0; inf where e^r overflows. Any shape."""
    r = np.asarray(ratio, dtype=np.float64)
    series = _series(r, [(k + 1) / math.factorial(k + 2) for k in range(SERIES_TERMS)])
    safe = np.where(np.abs(r) < SERIES_RADIUS, 1.0, r)
    with np.errstate(over="ignore"):
        closed = ((safe - 1) * np.exp(safe) + 1) / safe**2
    return np.where(np.abs(r) < SERIES_RADIUS, series, closed)


def forward_sandwich(path: Segment) -> Sandwich:
    """q phi(-R) <= KL(p_h || p_h') <= q phi(R)."""
    radius, form = path.oscillation, float(speeds(path, np.zeros(1))[0])
    lower, upper = form * float(phi(-radius)), form * float(phi(radius))
    return Sandwich(lower, forward_kl_by_rows(path), upper, radius, form)


def reverse_sandwich(path: Segment) -> Sandwich:
    """q psi(-R) <= KL(p_h' || p_h) <= q psi(R)."""
    radius, form = path.oscillation, float(speeds(path, np.zeros(1))[0])
    lower, upper = form * float(psi(-radius)), form * float(psi(radius))
    return Sandwich(lower, reverse_kl_by_rows(path), upper, radius, form)


def _series(r: FloatArray, coefficients: list[float]) -> FloatArray:
    """Horner's rule; arguments outside the radius are replaced, since their result is not used."""
    inside = np.where(np.abs(r) < SERIES_RADIUS, r, 0.0)
    total = np.zeros_like(inside)
    for coefficient in reversed(coefficients):
        total = total * inside + coefficient
    return total
