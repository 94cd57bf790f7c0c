"""Tests of other lengths and of other laws of concepts, measured on learned networks."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from hypothesis import strategies as st

from numerics.concepts.prompts import Sampler
from verify.concepts.composed import ROUNDING, Task, dictionary_of, network_of, prompt_of, rounded_off, tasks
from verify.instance import Instance
from verify.measurement import Context, measures
from verify.precision import Measured, floating
from verify.space import Space


def plain(task: Task) -> Task:
    """The first learned concept itself."""
    return replace(task, t=(1.0, 0.0), t1=(1.0, 0.0), t2=(1.0, 0.0), ta=(1.0, 0.0))


def margin_of(task: Task) -> Measured:
    """e_q f on the prompt of a task."""
    from numerics.concepts.learned import margin

    return rounded_off(float(margin(network_of(task), prompt_of(task))[0]))


@measures("concepts/ood_length", over=tasks, examples=(40, 400))
def ood_length(task: Task, context: Context) -> Iterator[Instance]:
    task = plain(task)
    C, D, beta = task.q[0], task.p[0], task.beta[0]
    values = {"np": task.matches, "nm": task.others, "b": beta, "C": C, "D": D, "eq": task.target}
    yield Instance(values, margin_of(task), "counts decide", scale=1.0)
    yield Instance(values, margin_of(replace(task, others=task.matches)), "balanced", scale=1.0)
    rest, away = max(task.others, 1), context.rng.uniform(0.05, 2)
    for statement, x in (("short enough", away), ("too long is an error", -away)):
        score = math.log(rest) / 2 + x
        if score > 0:
            one = replace(task, matches=1, others=rest, beta=(score, 1.0))
            yield Instance({**values, "rest": rest, "away": away}, margin_of(one), statement, scale=1.0)
    length = min(task.matches, 6)
    error = error_of(task, Sampler(length, "iid"))
    yield Instance({**values, "L": length}, floating(error, absolute=1e-12), "independent labels err")


def error_of(task: Task, sampler: Sampler, law: tuple[float, ...] = (1.0, 0.0), given: int | None = None) -> float:
    """0-1 error of the task's network on all prompts of the sampler, weighted; given a concept, on its prompts alone.

    A margin below the rounding of float64 counts as 0, which is an error.
    """
    from numerics.concepts.learned import margin

    prompts = sampler.enumerate(dictionary_of(task.seed), law)
    missed = margin(network_of(task), prompts) <= ROUNDING
    weights = prompts.weights * (1.0 if given is None else (prompts.concepts[:, 0] == given))
    return float((weights * missed).sum() / weights.sum())


@dataclass(frozen=True)
class Law:
    """A task, and the probability of its first concept in the test."""

    task: Task
    share: float
    mode: str
    length: int


@st.composite
def laws(draw: st.DrawFn) -> Law:
    task = draw(tasks.strategy(None))  # type: ignore[arg-type]  # the space does not look at the claim
    mode = draw(st.sampled_from(("iid", "onematch", "atleast1", "balanced")))
    length = 2 * draw(st.integers(1, 3))
    return Law(task, draw(st.integers(1, 31)) / 32, mode, length)


@measures("concepts/ood_skew", over=Space("laws of concepts in the test", lambda claim: laws()), examples=(40, 400))
def ood_skew(law: Law, context: Context) -> Iterator[Instance]:
    sampler = Sampler(law.length, law.mode)
    errors = []
    for concept, pk in enumerate((law.share, 1 - law.share)):
        alone = tuple(float(k == concept) for k in range(2))
        errors.append(error_of(law.task, sampler, alone))
        skewed = error_of(law.task, sampler, (law.share, 1 - law.share), concept)
        values = {"pk": pk}
        yield Instance(
            values,
            floating(skewed, absolute=1e-12),
            "given the concept",
            bound=floating(errors[-1], absolute=1e-12),
            label=law.mode,
        )
    whole = error_of(law.task, sampler, (law.share, 1 - law.share))
    yield Instance(
        {"tolerance": min(1.0, float(np.nextafter(max(errors) + 1e-12, 1)))},
        floating(whole, absolute=1e-13),
        "whatever the law",
        label=law.mode,
    )
