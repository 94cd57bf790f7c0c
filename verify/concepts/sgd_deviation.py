"""Deviation of runs of SGD from their mean: exact laws of a few steps, frequencies among many runs of more."""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import partial

import numpy as np

from numerics.concepts.logistic import Floats, simulate
from verify.concepts.logistic_sgd import ROUNDING, Problem, runs_of, sgd_problems
from verify.instance import Case, FailureProbability, Frequency, Instance
from verify.measurement import Context, measures
from verify.precision import Measured, floating
from verify.statistics import binomial_interval

STEPS = 60
TAILS = (0.5, 0.1, 0.01)  # bounds at which the tails are looked at
LEVELS = (0.3, 0.01)
SPREAD = 6.0  # standard errors by which the mean over runs may be off E w_T


def _above(drops: Floats, law: Floats, level: float) -> Measured:
    """P(drop > level), drops within rounding of the level counted."""
    return floating(float(law[drops > level - ROUNDING].sum()), absolute=ROUNDING)


def _points(problem: Problem, steps: int) -> list[tuple[str, dict[str, int | float]]]:
    """Where the two tails are looked at: the statement's label and its parameters."""
    bounds, found = problem.bounds, []
    for tail in TAILS:
        drop = math.sqrt(math.log(tail) / bounds.log_deviation(steps, 1.0))
        radius = math.sqrt(math.log(tail / 2) / (bounds.log_norm_deviation(steps, 1.0) - math.log(2)))
        found += [("tail", {"drop": drop, "r": radius}), ("norm", {"drop": drop, "r": radius})]
    return found


@measures("concepts/sgd_deviation", over=sgd_problems, examples=(5, 100))
def sgd_deviation(problem: Problem, context: Context) -> Iterator[Case]:
    """The margin of every point of the support, and the norm."""
    steps = problem.listed_steps
    weights, law = problem.law(steps)
    centred = weights - law @ weights
    norms = np.linalg.norm(centred, axis=-1)
    given = problem.values | {"T": steps, "drop": 0.0, "r": 0.0}
    for i, z in enumerate(problem.support.points):
        drops = -(centred @ z)
        for delta in (*LEVELS, context.delta):
            order = np.argsort(-drops)
            at = int(np.searchsorted(np.cumsum(law[order]), delta))
            typical = floating(max(0.0, float(drops[order][min(at, len(order) - 1)])), absolute=ROUNDING)
            yield FailureProbability(
                given | {"delta": delta}, partial(_above, drops, law), "level", f"{problem.name}, point {i}", typical
            )
        for label, where in _points(problem, steps):
            reached = float(law[drops >= where["drop"] - ROUNDING].sum())
            if label == "norm":
                reached = float(law[norms >= where["r"] - ROUNDING].sum())
            yield Instance(
                given | where | {"delta": context.delta},
                floating(reached, absolute=ROUNDING),
                label,
                label=f"{problem.name}, point {i}, T = {steps}",
            )
    yield from _simulated(problem, context)


def _simulated(problem: Problem, context: Context) -> Iterator[Case]:
    """Runs of 60 steps; E w_T is their mean, and what that may be off is added to every deviation."""
    runs = runs_of(problem, context)
    taken = simulate(context.rng, problem.support, problem.schedule, (STEPS,), runs, problem.batch)[0]
    centred = taken - taken.mean(axis=0)
    off = SPREAD * float(np.sqrt(centred.var(axis=0).sum() / runs)) + ROUNDING
    given = problem.values | {"T": STEPS, "drop": 0.0, "r": 0.0, "delta": context.delta}
    z = problem.support.points[-1]
    drops = -(centred @ z) + off * problem.support.radius
    yield Frequency(
        given,
        lambda level: int((drops > level).sum()),
        runs,
        "level",
        f"{problem.name}, last point, T = {STEPS}",
        floating(max(0.0, float(np.quantile(drops, 1 - context.delta))), absolute=1e-9),
    )
    norms = np.linalg.norm(centred, axis=-1) + off
    for label, where in _points(problem, STEPS):
        count = int((drops >= where["drop"]).sum() if label == "tail" else (norms >= where["r"]).sum())
        interval = Measured(*binomial_interval(count, runs), "monte carlo")
        yield Instance(given | where, interval, label, label=f"{problem.name}, {count} of {runs} runs, T = {STEPS}")
