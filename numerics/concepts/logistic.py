"""Generic logistic SGD with L2 regularisation: minimiser, many parallel runs, and the bounds in the log domain.

Main definitions
    Support       feature vectors with probabilities, labels folded in (D12)
    minimiser     w_lambda by Newton's method
    margins       <w_lambda, z>
    critical_lambda   where a margin changes its sign
    simulate      many runs at once, their weights at given steps
    all_runs      every run of a few steps with its probability: the exact law of the weights
    misclassified E of the 0-1 loss over runs
    Bounds        deviation, bias and error bounds; logarithms where exponents are large

Source: specification `concepts`, D12, sgd_deviation, sgd_bias, exponential_convergence, wrong_classifier.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import brentq
from scipy.special import expit

from numerics.concepts.schedule import Schedule

Floats = NDArray[np.float64]
NEWTON_STEPS = 200


@dataclass(frozen=True, eq=False)
class Support:
    """Points z (N, d) with probabilities (N); the margin of w is <w, z>."""

    points: Floats
    weights: Floats

    def __post_init__(self) -> None:
        points = np.atleast_2d(np.asarray(self.points, dtype=np.float64))
        weights = np.asarray(self.weights, dtype=np.float64)
        if weights.shape != points.shape[:1]:
            raise ValueError(f"{weights.shape} probabilities of {points.shape[0]} points")
        if not ((weights > 0).all() and abs(weights.sum() - 1) <= 1e-9 and np.isfinite(points).all()):
            raise ValueError(
                f"probabilities {weights.tolist()}, expected positive numbers with sum 1 and finite points"
            )
        object.__setattr__(self, "points", points)
        object.__setattr__(self, "weights", weights)

    @property
    def radius(self) -> float:
        """R = max |z|."""
        return float(np.linalg.norm(self.points, axis=1).max())

    @property
    def diameter(self) -> float:
        """D = max(R, max |z - z'|)."""
        gaps = self.points[:, None] - self.points
        return max(self.radius, float(np.linalg.norm(gaps, axis=-1).max()))


def minimiser(support: Support, lam: float) -> Floats:
    """w_lambda, the minimiser of E log(1 + e^(-<w,z>)) + (lambda/2) |w|^2.

    Raises ValueError for lambda <= 0, RuntimeError where damped Newton steps do not settle.
    """
    if not lam > 0:
        raise ValueError(f"lambda = {lam}, expected a positive number")
    z, p = support.points, support.weights
    w = np.zeros(z.shape[1])

    def objective(w: Floats) -> float:
        return float(p @ np.logaddexp(0.0, -(z @ w)) + lam / 2 * (w @ w))

    for _ in range(NEWTON_STEPS):
        g = expit(-(z @ w))
        gradient = lam * w - (p * g) @ z
        if float(np.linalg.norm(gradient)) <= 1e-15 * max(1.0, lam * float(np.linalg.norm(w))):
            return w
        hessian = lam * np.eye(len(w)) + (z.T * (p * g * (1 - g))) @ z
        move, size = np.linalg.solve(hessian, gradient), 1.0
        while objective(w - size * move) > objective(w) and size > 1e-3:
            size /= 2
        if float(np.linalg.norm(size * move)) <= 1e-16 * max(1.0, float(np.linalg.norm(w))):
            return w
        w = w - size * move
    gap = float(np.linalg.norm(lam * w - (p * expit(-(z @ w))) @ z))
    if gap > 1e-12:
        raise RuntimeError(f"Newton's method ends with gradient {gap:.3g} at lambda = {lam}")
    return w


def margins(support: Support, lam: float) -> Floats:
    """<w_lambda, z> of every point, (N)."""
    return np.asarray(support.points @ minimiser(support, lam))


def critical_lambda(support: Support, point: int, low: float = 1e-6, high: float = 1e3) -> float:
    """lambda in (low, high) at which the margin of a point changes its sign.

    Raises ValueError where it has one sign at both ends.
    """
    ends = [float(margins(support, lam)[point]) for lam in (low, high)]
    if ends[0] * ends[1] > 0:
        raise ValueError(
            f"the margin of point {point} is {ends[0]:.4g} and {ends[1]:.4g} at both ends: no change of sign"
        )
    return float(
        math.exp(brentq(lambda x: margins(support, math.exp(x))[point], math.log(low), math.log(high), xtol=1e-15))
    )


def simulate(
    rng: np.random.Generator,
    support: Support,
    schedule: Schedule,
    times: Sequence[int],
    runs: int = 100_000,
    batch: int = 1,
    start: ArrayLike | None = None,
) -> Floats:
    """Weights of `runs` independent runs after the given numbers of steps: (times, runs, d); w_0 = 0 by default.

    Raises ValueError where times do not increase, or where a step does not contract.
    """
    wanted = list(times)
    if not wanted or wanted != sorted(set(wanted)) or wanted[0] < 0:
        raise ValueError(f"times {wanted}, expected increasing numbers of steps")
    schedule.require_contractive(support.radius**2 / 4)
    z, n = support.points, len(support.weights)
    cumulative = np.cumsum(support.weights)[:-1]
    w = np.zeros((runs, z.shape[1])) + (0.0 if start is None else np.asarray(start, dtype=np.float64))
    taken = np.empty((len(wanted), runs, z.shape[1]))
    for t in range(wanted[-1] + 1):
        if t in wanted:
            taken[wanted.index(t)] = w
        if t < wanted[-1]:
            if batch == 1:
                drawn = z[np.searchsorted(cumulative, rng.random(runs), side="right")]  # (runs, d)
                mean = expit(-np.einsum("rd,rd->r", w, drawn))[:, None] * drawn
            else:
                pull = expit(-(w @ z.T)) / batch  # g of every point, (runs, N)
                counts = rng.multinomial(batch, support.weights, runs) if n > 1 else np.full((runs, 1), batch)
                mean = (counts * pull) @ z
            eta = schedule.rate(t)
            w = (1 - schedule.lam * eta) * w + eta * mean
    return taken


MOST_RUNS = 300_000


def all_runs(
    support: Support, schedule: Schedule, steps: int, batch: int = 1, start: ArrayLike | None = None
) -> tuple[Floats, Floats]:
    """Weights after `steps` of every sequence of draws (N^(steps batch), d), and their probabilities.

    Raises ValueError for more than MOST_RUNS sequences, or where a step does not contract.
    """
    z, p, n = support.points, support.weights, len(support.weights)
    if steps < 0 or batch < 1 or n ** (steps * batch) > MOST_RUNS:
        raise ValueError(f"{n}^({steps} * {batch}) sequences of draws, expected at most {MOST_RUNS}")
    schedule.require_contractive(support.radius**2 / 4)
    w = np.zeros((1, z.shape[1])) + (0.0 if start is None else np.asarray(start, dtype=np.float64))
    law = np.ones(1)
    counts = np.stack([(np.indices((n,) * batch) == i).sum(axis=0).ravel() for i in range(n)], axis=1)  # (N^batch, N)
    drawn = np.prod(p**counts, axis=1)
    for t in range(steps):
        eta = schedule.rate(t)
        push = (expit(-(w @ z.T))[:, None] * counts) @ z / batch  # (runs, N^batch, d)
        w = ((1 - schedule.lam * eta) * w[:, None] + eta * push).reshape(-1, z.shape[1])
        law = (law[:, None] * drawn).ravel()
    return w, law


def misclassified(support: Support, weights: Floats) -> Floats:
    """Expected 0-1 loss of weights (..., d), a margin 0 counting as an error: (...)."""
    return np.asarray((weights @ support.points.T <= 0) @ support.weights)


@dataclass(frozen=True)
class Bounds:
    """Proved bounds for one support, schedule and batch; `wide` takes D = 2R instead of the diameter."""

    support: Support
    schedule: Schedule
    batch: int = 1
    start: tuple[float, ...] | None = None
    wide: bool = False

    def __post_init__(self) -> None:
        if self.batch < 1:
            raise ValueError(f"batch = {self.batch}, expected at least 1")
        self.schedule.require_contractive(self.support.radius**2 / 4, 4)
        if self.start is not None and float(np.linalg.norm(self.start)) > self.support.radius / self.schedule.lam:
            raise ValueError("the start has a norm above R/lambda, for which the bounds do not hold")

    @property
    def diameter(self) -> float:
        """D, or 2R."""
        return 2 * self.support.radius if self.wide else self.support.diameter

    @property
    def nu(self) -> float:
        """max(4 G^2/(3 lambda^2), gamma |w_0 - w_lambda|^2), G = 2R."""
        lam, w = self.schedule.lam, minimiser(self.support, self.schedule.lam)
        gap = w if self.start is None else w - np.asarray(self.start)
        return max(16 * self.support.radius**2 / (3 * lam**2), self.schedule.gamma * float(gap @ gap))

    def squared_bias(self, steps: int) -> float:
        """nu/(gamma + T) >= E |w_T - w_lambda|^2."""
        return self.nu / (self.schedule.gamma + steps)

    def first_time(self, margin: float) -> float:
        """T_0 = 4 R^2 nu/margin^2 - gamma, from which the error bound of that margin holds."""
        return 4 * self.support.radius**2 * self.nu / margin**2 - self.schedule.gamma

    def log_deviation(self, steps: int, x: float) -> float:
        """Logarithm of the bound of P(<z, w_T - E w_T> <= -x), for fixed z."""
        return -1.5 * self.batch * x**2 * self._rate(steps) / self.support.radius**2

    def log_norm_deviation(self, steps: int, r: float) -> float:
        """Logarithm of the bound of P(|w_T - E w_T| >= r)."""
        return math.log(2) - 0.375 * self.batch * r**2 * self._rate(steps)

    def log_error(self, steps: int, margin: float) -> float:
        """Logarithm of the bound of P(a point of that margin > 0 is misclassified by w_T), 0 (trivial) before T_0.

        Raises ValueError for a margin that is not positive.
        """
        if not margin > 0:
            raise ValueError(f"margin = {margin}, expected a positive number: the point is lost, not learned")
        return self.log_error_formula(steps, margin) if steps >= self.first_time(margin) else 0.0

    def log_error_formula(self, steps: int, margin: float) -> float:
        """The exponent of the bound at any T, also where it is not proved yet: -(3/8) B lambda^2 m^2 .../(R^2 D^2)."""
        return -0.375 * self.batch * margin**2 * self._rate(steps) / self.support.radius**2

    def _rate(self, steps: int) -> float:
        g, lam = self.schedule.gamma + steps, self.schedule.lam
        return lam**2 * (g - 2) ** 2 / (self.diameter**2 * (g - 1))
