"""The 0-1 error of logistic SGD against its bound, where that is stated and where training stands long before it.

From T_0 on a run of a few hundred steps can be simulated where lambda is as large as R^2. On the specification's three
points T_0 = 289 148: the error is long zero then, and what the bound says at the steps that are simulated is 1. The
fitted rate, the bound's, and by how many orders it is loose stand in the label of those instances.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from hypothesis import strategies as st

from numerics.concepts.logistic import Support, critical_lambda, margins, misclassified, simulate
from numerics.concepts.schedule import Schedule
from theory.claim import Claim
from verify.concepts.logistic_sgd import THREE, TWO, Problem, least_gamma
from verify.instance import Instance, NotApplicable
from verify.measurement import Context, measures
from verify.precision import Measured, exact, floating
from verify.space import Space
from verify.statistics import binomial_interval, log_slope

RUNS = 10_000
LONGEST = 600  # steps that are simulated
SEEN = 2e-3  # bounds below this cannot be told from no error at all among RUNS runs
TIMES = (1, 10, 25, 50, 100, 200, 400)
FITTED = (25, 50, 100, 200, 400)
GROUPS = 100  # of runs, for the bootstrap
DECAYS = (1e-3, 0.005, 0.0137, 0.0138, 0.05, 0.2, 1.0)
MARGIN_ERROR = 1e-11  # of a margin by Newton's method


@dataclass(frozen=True, eq=False)
class Strong:
    """A problem under strong weight decay, whose point 0 is learned and of which another may be lost."""

    problem: Problem
    margins: tuple[float, ...]


def strong(share: float, angle: float, lam: float, batch: int) -> Strong:
    """(1, 0) with probability `share` and a point of length 0.9 at that angle."""
    other = 0.9 * np.array([math.cos(angle), math.sin(angle)])
    support = Support(np.array([[1.0, 0.0], other]), np.array([share, 1 - share]))
    problem = Problem(support, Schedule(lam, least_gamma(support, lam)), batch, f"lambda = {lam:g}")
    return Strong(problem, tuple(float(m) for m in margins(support, lam)))


@st.composite
def strong_problems(draw: st.DrawFn) -> Strong:
    """Weight decay of the size of R^2."""
    return strong(
        draw(st.integers(10, 19)) / 20,
        draw(st.integers(0, 16)) * math.pi / 16,
        draw(st.sampled_from((1.0, 2.0, 4.0))),
        draw(st.sampled_from((1, 2))),
    )


def ends(claim: Claim) -> Iterator[Strong]:
    """Opposite points, where D = 1.9 R, and close ones."""
    yield strong(0.9, math.pi, 2.0, 1)
    yield strong(0.8, 0.9 * math.pi, 4.0, 1)
    yield strong(0.5, 0.4 * math.pi, 1.0, 1)


strong_decay = Space("random problems of logistic SGD under strong decay", lambda claim: strong_problems(), ends)


def steps_of(problem: Problem, margin: float) -> list[int]:
    """Steps from T_0 on at which the bound can be told from 0; NotApplicable where there is none to simulate."""
    first = math.ceil(problem.bounds.first_time(margin * (1 - 1e-12)) + 1e-9)
    found = [steps for steps in (max(first, 1), math.ceil(1.5 * max(first, 1))) if steps <= LONGEST]
    found = [steps for steps in found if problem.bounds.log_error(steps, margin) > math.log(SEEN)]
    if not found:
        raise NotApplicable(f"T_0 = {first}: no step up to {LONGEST} at which the bound is between {SEEN} and 1")
    return found


@measures("concepts/exponential_convergence", over=strong_decay, examples=(8, 80))
def exponential_convergence(thing: Strong, context: Context) -> Iterator[Instance]:
    """The 0-1 error of one point and of the support from T_0 on; once, the three points of the specification."""
    problem, least = thing.problem, min(thing.margins)
    for i, margin in enumerate(thing.margins):
        if margin <= 0:
            continue
        try:
            times = steps_of(problem, margin)
        except NotApplicable:
            continue
        taken = simulate(context.rng, problem.support, problem.schedule, times, RUNS, problem.batch)
        for steps, weights in zip(times, taken, strict=True):
            given = problem.values | {"T": steps, "m": margin * (1 - MARGIN_ERROR)}
            count = int((weights @ problem.support.points[i] <= 0).sum())
            label = f"{problem.name}, T = {steps}, {count} of {RUNS} runs"
            yield Instance(given, Measured(*binomial_interval(count, RUNS), "monte carlo"), "point", label=label)
            if margin == least:
                yield Instance(given, _averaged(problem.support, weights), "averaged", label=label)
    if thing.problem.name == "lambda = 2" and problem.support.weights[0] == 0.9:
        yield from _three_points(context)


def _averaged(support: Support, weights: np.ndarray) -> Measured:
    """E L^{0-1}: exact intervals of every point's error, weighted."""
    counts = (weights @ support.points.T <= 0).sum(axis=0)
    level = 1 - 0.01 / len(counts)
    found = [binomial_interval(int(count), len(weights), level) for count in counts]
    low, high = (float(support.weights @ np.array([pair[k] for pair in found])) for k in (0, 1))
    return Measured(low, high, "monte carlo")


def _three_points(context: Context) -> Iterator[Instance]:
    """What is proved at the steps that are simulated is 1."""
    problem = Problem(THREE, Schedule(0.1, 7))
    runs = context.pick(20_000, 100_000)
    margin = float(margins(THREE, 0.1).min())
    taken = simulate(context.rng, THREE, problem.schedule, TIMES, runs)
    errors = misclassified(THREE, taken)  # (times, runs)
    groups = errors.reshape(len(TIMES), GROUPS, -1).mean(axis=2).T
    kept = [TIMES.index(t) for t in FITTED]
    slope = log_slope(np.array(FITTED, dtype=float), groups[:, kept], context.rng)
    bounds = problem.bounds
    late = math.ceil(bounds.first_time(margin))
    proved = bounds.log_error_formula(late + 1, margin) - bounds.log_error_formula(late, margin)
    text = (
        f"three points, {runs} runs: fitted rate {slope.slope:.4g} a step [{slope.lower:.4g}, {slope.upper:.4g}], the "
        f"bound's {proved:.3g} from T_0 = {late} on, {math.log10(slope.slope / proved):.2f} orders loose"
    )
    for steps, weights in zip(TIMES, taken, strict=True):
        yield Instance(
            problem.values | {"T": steps, "m": margin},
            _averaged(THREE, weights),
            "averaged",
            exact(1),
            f"T = {steps} < T_0, {text}",
        )


@measures("concepts/wrong_classifier", over=strong_decay, examples=(8, 80))
def wrong_classifier(thing: Strong, context: Context) -> Iterator[Instance]:
    """Lost points of strong problems from T_0 on; once, the witness at several weight decays and at its lambda_c."""
    problem = thing.problem
    for i, margin in enumerate(thing.margins):
        if margin >= 0:
            continue
        try:
            times = steps_of(problem, -margin)
        except NotApplicable:
            continue
        taken = simulate(context.rng, problem.support, problem.schedule, times, RUNS, problem.batch)
        for steps, weights in zip(times, taken, strict=True):
            count = int((weights @ problem.support.points[i] <= 0).sum())
            yield Instance(
                problem.values | {"T": steps, "m": -margin * (1 - MARGIN_ERROR)},
                Measured(*binomial_interval(count, RUNS), "monte carlo"),
                "lost",
                label=f"{problem.name}, T = {steps}, {count} of {RUNS} runs lose the point",
            )
    if thing.problem.name == "lambda = 2" and problem.support.weights[0] == 0.9:
        critical = critical_lambda(TWO, 1)
        for statement in ("kept below", "lost above"):
            yield Instance(
                {}, floating(critical, relative=1e-10), statement, label="the weight decay at which the margin is 0"
            )
        for lam in DECAYS:
            second = float(margins(TWO, lam)[1])
            side = "kept below" if second > 0 else "lost above"
            yield Instance({}, floating(lam, relative=1e-15), side, label=f"second margin {second:.12g}")
