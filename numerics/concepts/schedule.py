"""Learning rates eta_t = 2/(lambda (gamma + t)), what they multiply to, and when a step contracts.

Main definitions
    Schedule            lambda and gamma, checked
    Schedule.rate       eta_t
    Schedule.decay      D_t, product of 1 - lambda eta_s over s < t
    Schedule.effective_time, time_bounds, steps_for
    Schedule.require_contractive   for smooth losses: eta_0 <= 1/(smoothness + lambda)

Source: specification `concepts`, D6, D7, decay_product, effective_time, sgd_deviation.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from scipy.special import digamma


@dataclass(frozen=True)
class Schedule:
    """Learning rates of weight decay `lam` and offset `gamma`: lambda eta_t = 2/(gamma + t).

    Raises ValueError where the decay alone overshoots, lambda eta_0 >= 1, that is gamma <= 2.
    """

    lam: float
    gamma: float

    def __post_init__(self) -> None:
        if not (math.isfinite(self.lam) and self.lam > 0):
            raise ValueError(f"weight decay lambda = {self.lam}, expected a positive number")
        if not math.isfinite(self.gamma):
            raise ValueError(f"gamma = {self.gamma}, expected a finite number")
        if not self.gamma > 2:
            first = f"2/gamma = {2 / self.gamma:.6g}" if self.gamma > 0 else "infinite or negative"
            raise ValueError(
                f"gamma = {self.gamma:g}: the steps are not contractive, lambda eta_0 < 1 fails (it is {first}); "
                "expected gamma > 2"
            )

    def rate(self, t: int) -> float:
        """eta_t."""
        return 2 / (self.lam * (self.gamma + t))

    def shrink(self, t: int) -> float:
        """1 - lambda eta_t, which depends on gamma only."""
        return 1 - 2 / (self.gamma + t)

    def decay(self, t: int) -> float:
        """D_t = (gamma-2)(gamma-1)/((gamma+t-2)(gamma+t-1))."""
        g = self.gamma
        return (g - 2) * (g - 1) / ((g + t - 2) * (g + t - 1))

    def effective_time(self, steps: int) -> float:
        """tau(T) = sum of eta_t over t < T."""
        return float(2 / self.lam * (digamma(self.gamma + steps) - digamma(self.gamma)))

    def time_bounds(self, steps: int) -> tuple[float, float]:
        """Lower and upper bound of tau(T) by the integral test."""
        low = 2 / self.lam * math.log1p(steps / self.gamma)
        return low, low + 2 / (self.lam * self.gamma) * (1 - self.gamma / (self.gamma + steps))

    def steps_for(self, time: float) -> float:
        """Number of steps (not rounded) whose effective time is about `time`: gamma (e^(lambda tau/2) - 1)."""
        return self.gamma * math.expm1(self.lam * time / 2)

    def require_contractive(self, smoothness: float, least_gamma: float = 2.0) -> None:
        """A gradient step on a convex loss of that smoothness (R^2/4 for logistic losses of features of norm R), plus
        the regulariser, is a (1 - lambda eta_t)-contraction iff eta_t <= 1/(smoothness + lambda).

        Raises ValueError saying which inequality fails.
        """
        if self.gamma < least_gamma:
            raise ValueError(f"gamma = {self.gamma:g}: gamma >= {least_gamma:g} fails")
        bound = 1 / (smoothness + self.lam)
        if self.rate(0) > bound * (1 + 1e-12):
            needed = 2 * (smoothness + self.lam) / self.lam
            raise ValueError(
                f"gamma = {self.gamma:g}: the steps are not contractive, eta_0 <= 1/(R^2/4 + lambda) fails "
                f"({self.rate(0):.6g} > {bound:.6g}); expected gamma >= 2(R^2/4 + lambda)/lambda = {needed:.6g}"
            )
