"""Stationary points of the reduced dynamics: both-active, and on the sliding surface where training ends.

Main definitions
    weight_decay_at   the lambda for which beta is stationary
    largest_lambda    above it no beta in (0.001, 12) is stationary
    Stationary        beta, p, q, rho
    stationary        the largest root beta, or all of them
    necessary_lambda  the closed form above which there is none
    small_lambda_p    Lambert's function: p for lambda -> 0

Source: specification `concepts`, stationary_point, stationary_sliding, lambda_necessary, attention_saturation.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq, minimize_scalar
from scipy.special import lambertw

from numerics.concepts.reduced import Concept

LOW, HIGH = 1e-3, 12.0  # of beta
SCAN = 4801  # points of beta that are looked at


@dataclass(frozen=True)
class Stationary:
    """A stationary point; q is None where it is both-active (q only decays there)."""

    beta: float
    p: float
    q: float | None
    rho: float


def weight_decay_at(concept: Concept, beta: float, sliding: bool = True) -> float:
    """lambda = pi rho g(theta p) sqrt(kappa_d N_b tanh beta) sech beta, p^2 = kappa_d sinh(2 beta)/(2 N_b); rho = 1
    where both-active. The lambda of the concept is not read."""
    return float(_weight_decays(concept, np.array([beta]), sliding)[0])


def largest_lambda(concept: Concept, sliding: bool = True) -> float:
    """The maximum of weight_decay_at over beta."""
    grid = np.linspace(LOW, HIGH, SCAN)
    best = int(np.argmax(_weight_decays(concept, grid, sliding)))
    found = minimize_scalar(
        lambda beta: -weight_decay_at(concept, beta, sliding),
        bounds=(grid[max(best - 1, 0)], grid[min(best + 1, SCAN - 1)]),
        method="bounded",
        options={"xatol": 1e-12},
    )
    return -float(found.fun)


def stationary(concept: Concept, sliding: bool = True) -> tuple[Stationary, ...]:
    """All roots beta in (0.001, 12), the largest first; none where lambda exceeds `largest_lambda`.

    Of two roots the larger is stable and the smaller a saddle, which may be below 0.001 for tiny lambda.
    """
    grid = np.linspace(LOW, HIGH, SCAN)
    with np.errstate(divide="ignore"):
        gap = np.log(_weight_decays(concept, grid, sliding)) - math.log(concept.lam)
    changes = np.nonzero(np.sign(gap[:-1]) * np.sign(gap[1:]) <= 0)[0]

    def difference(beta: float) -> float:
        return weight_decay_at(concept, beta, sliding) / concept.lam - 1

    roots = [float(brentq(difference, grid[i], grid[i + 1], xtol=1e-15, rtol=1e-15)) for i in changes]
    return tuple(_point(concept, beta, sliding) for beta in reversed(roots))


def necessary_lambda(concept: Concept) -> float:
    """(pi/2) sqrt(2/(3 sqrt 3)) sqrt(kappa_d N_b): a non-trivial stationary point needs less."""
    return concept.pi / 2 * math.sqrt(2 / (3 * math.sqrt(3))) * math.sqrt(concept.kappa_d * concept.n_b)


def small_lambda_p(concept: Concept) -> float:
    """Leading order of p for lambda -> 0: Lambert's function of pi rho_0 kappa_d/lambda, rho_0 = kappa_c/(kappa_c +
    kappa_d)."""
    rho = concept.kappa_c / (concept.kappa_c + concept.kappa_d)
    return float(lambertw(concept.pi * rho * concept.kappa_d / concept.lam).real)


def with_lambda(concept: Concept, lam: float) -> Concept:
    """The same concept at another weight decay."""
    return replace(concept, lam=lam)


def _weight_decays(concept: Concept, beta: NDArray[np.float64], sliding: bool) -> NDArray[np.float64]:
    theta = np.tanh(beta)
    p = np.sqrt(concept.kappa_d / (2 * concept.n_b) * np.sinh(2 * beta))
    g = np.exp(-np.logaddexp(0.0, theta * p))
    rho = _share(concept, theta) if sliding else np.ones_like(beta)
    return np.asarray(concept.pi * rho * g * np.sqrt(concept.kappa_d * concept.n_b * theta) / np.cosh(beta))


def _share(concept: Concept, theta: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(concept.kappa_c / (concept.kappa_c + theta**2 * concept.kappa_d))


def _point(concept: Concept, beta: float, sliding: bool) -> Stationary:
    p = math.sqrt(concept.kappa_d / (2 * concept.n_b) * math.sinh(2 * beta))
    theta = math.tanh(beta)
    if not sliding:
        return Stationary(beta, p, None, 1.0)
    return Stationary(beta, p, theta * p, float(_share(concept, np.array([theta]))[0]))
