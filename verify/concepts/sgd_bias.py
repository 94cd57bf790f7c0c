"""Mean squared distance of SGD from the minimiser: exact over all runs of a few steps, and by simulated runs."""

from __future__ import annotations

from collections.abc import Iterator

from numerics.concepts.logistic import simulate
from verify.concepts.logistic_sgd import ROUNDING, Problem, runs_of, sgd_problems
from verify.instance import Instance
from verify.measurement import Context, measures
from verify.precision import floating, sample_mean

TIMES = (1, 10, 50, 100)


@measures("concepts/sgd_bias", over=sgd_problems, examples=(5, 100))
def sgd_bias(problem: Problem, context: Context) -> Iterator[Instance]:
    """Both statements exactly for few steps; the mean square over simulated runs (10^5 of the three points)."""
    w = problem.minimiser
    for steps in range(1, problem.listed_steps + 1):
        weights, law = problem.law(steps)
        values = problem.values | {"T": steps}
        mean = floating(float(law @ ((weights - w) ** 2).sum(-1)), relative=ROUNDING)
        off = law @ weights - w
        yield Instance(values, mean, "mean square", label=f"{problem.name}, T = {steps}, all runs")
        yield Instance(
            values,
            floating(float(off @ off), relative=ROUNDING),
            "bias",
            mean,
            f"{problem.name}, T = {steps}, all runs",
        )
    runs = runs_of(problem, context)
    taken = simulate(context.rng, problem.support, problem.schedule, TIMES, runs, problem.batch)
    for steps, weights in zip(TIMES, taken, strict=True):
        square = sample_mean(((weights - w) ** 2).sum(-1)).widened(ROUNDING)
        yield Instance(
            problem.values | {"T": steps}, square, "mean square", label=f"{problem.name}, T = {steps}, {runs} runs"
        )
