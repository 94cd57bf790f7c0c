"""Problems of generic logistic SGD: a support, a weight decay, an offset of the rates and a batch."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from hypothesis import strategies as st

from numerics.concepts.logistic import Bounds, Floats, Support, all_runs, minimiser
from numerics.concepts.schedule import Schedule
from theory.claim import Claim
from verify.measurement import Context
from verify.space import Space

THREE = Support(np.array([[1, 0], [0.2, 0.7], [0.25, -0.5]]), np.array([0.4, 0.4, 0.2]))
TWO = Support(np.array([[1, 0], [-0.5, 0.6]]), np.array([0.9, 0.1]))
ROUNDING = 1e-12  # of means and probabilities over all sequences of a few draws, weights of at most 1e3
LISTED = 3000  # sequences of draws that are listed


@dataclass(frozen=True, eq=False)
class Problem:
    """D12, started at 0."""

    support: Support
    schedule: Schedule
    batch: int = 1
    name: str = ""

    @property
    def bounds(self) -> Bounds:
        """Constants and bounds."""
        return Bounds(self.support, self.schedule, batch=self.batch)

    @property
    def minimiser(self) -> Floats:
        """w_lambda."""
        return minimiser(self.support, self.schedule.lam)

    @property
    def values(self) -> dict[str, int | float]:
        """Parameters of the claims; R and D are rounded up, |w_0 - w_lambda|^2 too."""
        w = self.minimiser
        up = 1 + 1e-14
        return {
            "R": self.support.radius * up,
            "D": self.support.diameter * up,
            "lam": self.schedule.lam,
            "g": self.schedule.gamma,
            "B": self.batch,
            "gap2": float(w @ w) * (1 + 1e-12),
            "columns": self.support.points.shape[1] - 1,
            "points": len(self.support.weights) - 1,
            "samples": 0,
        }

    def law(self, steps: int) -> tuple[Floats, Floats]:
        """Weights and probabilities of all runs of that many steps."""
        return all_runs(self.support, self.schedule, steps, self.batch)

    @property
    def listed_steps(self) -> int:
        """The most steps whose runs are at most LISTED, 8 at most."""
        n = len(self.support.weights)
        return 8 if n == 1 else min(8, int(math.log(LISTED) / (self.batch * math.log(n))))


def runs_of(problem: Problem, context: Context) -> int:
    """How many runs are simulated: most of the specification's three points."""
    if problem.name == "three points":
        return context.pick(100_000, 400_000)
    return context.pick(5000, 20_000)


def least_gamma(support: Support, lam: float) -> float:
    """max{4, 2(R^2/4 + lambda)/lambda}, rounded up."""
    return max(4.0, 2 * (support.radius**2 / 4 + lam) / lam * (1 + 1e-9))


@st.composite
def problems(draw: st.DrawFn) -> Problem:
    """Up to four points in up to three dimensions, batches of 1, 2 or 4."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    count, dimension = draw(st.integers(1, 4)), draw(st.integers(1, 3))
    support = Support(rng.standard_normal((count, dimension)), rng.dirichlet(np.full(count, 3.0)))
    lam = draw(st.sampled_from((0.02, 0.1, 0.5, 2.0)))
    gamma = least_gamma(support, lam) * draw(st.sampled_from((1.0, 1.5, 10.0)))
    return Problem(support, Schedule(lam, gamma), draw(st.sampled_from((1, 2, 4))), "random")


def published(claim: Claim) -> Iterator[Problem]:
    """The specification's three points, its witness of two under strong decay, and a single point: no deviation."""
    yield Problem(THREE, Schedule(0.1, 7), name="three points")
    yield Problem(TWO, Schedule(0.2, 8), name="two points")
    yield Problem(Support(np.array([[1.0, 0.0]]), np.ones(1)), Schedule(0.5, 4), name="one point")


sgd_problems = Space("random problems of logistic SGD", lambda claim: problems(), published)
