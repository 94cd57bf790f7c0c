"""Sample sizes of finite classes: exact laws of what is seen, and repeated learning (specification 2B)."""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction
from functools import partial

import numpy as np

from numerics.learning.sizes import m_joint, m_union
from numerics.learning.tables import FiniteProblem, draw_seen, random_erm, seen_law, tuple_error, worst_erm
from verify.instance import Case, FailureProbability, Frequency, Instance
from verify.measurement import Context, measures
from verify.precision import Measured, exact, floating
from verify.space import Space
from verify.strategies.ar_tables import ClassTask, TreeTask, class_tasks, tree_tasks

TRIALS = 1000
classes = Space("random finite classes", lambda claim: class_tasks())
trees = Space("random classes of tables", lambda claim: tree_tasks())


def failure(problem: FiniteProblem, m: int, level: float) -> Measured:
    """Pr[some consistent tuple has err_AR > level], exact: the worst learner that fits the sample."""
    law = seen_law(problem.masses, m)
    bad = (p for seen, p in law.items() if p and worst_erm(problem, np.array(seen)) > Fraction(level))
    return exact(sum(bad, Fraction(0)))


def learnt(problem: FiniteProblem, m: int, rng: np.random.Generator) -> tuple[tuple[int, ...], ...]:
    """The tuples that a random consistent learner returns in TRIALS independent samples of m chains."""
    return tuple(random_erm(problem, seen, rng) for seen in draw_seen(problem.masses, m, TRIALS, rng))


def above(errors: np.ndarray, level: float) -> int:
    """How many errors exceed a level."""
    return int((errors > level).sum())


def _trials(problem: FiniteProblem, m: int, values: dict[str, float], context: Context) -> Iterator[Case]:
    """The worst learner exactly, and a random one in repeated trials."""
    choices = learnt(problem, m, context.rng)
    known = {choice: float(tuple_error(problem, choice)) for choice in set(choices)}
    errors = np.array([known[choice] for choice in choices])
    typical = floating(float(np.median(errors)), absolute=1e-15)
    yield FailureProbability(values, partial(failure, problem, m), "error", f"worst learner, m = {m}", typical)
    yield Frequency(values, partial(above, errors), TRIALS, "error", f"random learner, m = {m}", typical)


@measures("autoregressive/pac_to_ar_as_stated", over=classes, examples=(25, 250))
def pac_to_ar_as_stated(thing: ClassTask, context: Context) -> Iterator[Case]:
    """Consistent learners at twice the number of chains for which the bound is 1."""
    problem, T = thing.problem, thing.problem.T
    largest = max(problem.log_sizes)
    m = math.ceil(2 * T * (largest + math.log(T / context.delta)))
    values = {"m": m, "T": T, "lnH": largest, "delta": context.delta, "J": max(map(len, problem.classes)) - 1}
    yield from _trials(problem, m, values, context)


@measures("autoregressive/pac_to_ar_joint_erm", over=classes, examples=(25, 250))
def pac_to_ar_joint_erm(thing: ClassTask, context: Context) -> Iterator[Case]:
    """The same learners at the joint size, and both sizes compared as computed."""
    problem, T, delta = thing.problem, thing.problem.T, context.delta
    total, largest = sum(problem.log_sizes), max(problem.log_sizes)
    m = math.ceil(2 * (total + math.log(1 / delta)))
    values = {
        "m": m,
        "T": T,
        "lnHs": total,
        "delta": delta,
        "lnH": largest,
        "epsilon": 0.05,
        "eta": delta,
        "J": math.prod(map(len, problem.classes)) - 1,
    }
    yield from _trials(problem, m, values, context)
    yield Instance(
        values,
        exact(m_joint(problem.log_sizes, 0.05, delta)),
        "never more",
        exact(m_union(largest, T, 0.05, delta)),
        label="rounded up",
    )


@measures("autoregressive/ar_learner_approximates", over=trees, examples=(25, 250))
def ar_learner_approximates(thing: TreeTask, context: Context) -> Iterator[Case]:
    """The last token of the rollouts of what is learnt, at the size that the joint bound gives for err_AR."""
    problem, delta = thing.problem, context.delta
    size = sum(problem.log_sizes) + math.log(1 / delta)
    m = math.ceil(3 * size)
    choices = learnt(problem, m, context.rng)
    errors = {choice: thing.errors(choice) for choice in set(choices)}
    final = np.array([float(errors[choice][1]) for choice in choices])
    values = {"m": m, "T": problem.T, "epsilon": size / m, "delta": delta}
    yield Frequency(
        values,
        partial(above, final),
        TRIALS,
        "error",
        f"m = {m}",
        floating(float(np.median(final)), absolute=1e-15),
        witness={"largest err_AR": str(max(e for e, _ in errors.values()))},
    )
