"""Decay products and effective times of schedules, added and multiplied up step by step."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from hypothesis import strategies as st

from numerics.concepts.schedule import Schedule
from theory.claim import Claim
from verify.instance import Instance
from verify.measurement import Context, measures
from verify.precision import Measured, exact, floating
from verify.space import Space


@dataclass(frozen=True)
class Steps:
    """A schedule and a number of steps."""

    lam: Fraction
    gamma: Fraction
    steps: int


@st.composite
def schedules(draw: st.DrawFn) -> Steps:
    """lambda from 1/1000 to 1, gamma from 2.1 to 500, up to 400 steps."""
    lam = Fraction(draw(st.integers(1, 1000)), 1000)
    return Steps(lam, Fraction(draw(st.integers(21, 5000)), 10), draw(st.integers(1, 400)))


def standard(claim: Claim) -> Iterator[Steps]:
    """The standard set of the specification (D11), and one step from the least gamma."""
    for steps in (100, 600, 900, 1200):
        yield Steps(Fraction(1, 500), Fraction(2000), steps)
    yield Steps(Fraction(1, 10), Fraction(21, 10), 1)


runs = Space("schedules of learning rates", lambda claim: schedules(), standard)


@measures("concepts/decay_product", over=runs, examples=(20, 200))
def decay_product(run: Steps, context: Context) -> Iterator[Instance]:
    product = Fraction(1)
    for s in range(run.steps):
        product *= 1 - run.lam * (Fraction(2) / (run.lam * (run.gamma + s)))
    values: dict[str, int | float | Fraction | Measured] = {"lam": run.lam, "g": run.gamma, "t": run.steps}
    yield Instance(values, exact(product), label="exact")
    multiplied = 1.0
    schedule = Schedule(float(run.lam), float(run.gamma))
    for s in range(run.steps):
        multiplied *= 1 - float(run.lam) * schedule.rate(s)
    yield Instance(values, floating(multiplied, relative=1e-13), label="float64, as in training")


@measures("concepts/effective_time", over=runs, examples=(20, 200))
def effective_time(run: Steps, context: Context) -> Iterator[Instance]:
    schedule = Schedule(float(run.lam), float(run.gamma))
    time = math.fsum(schedule.rate(s) for s in range(run.steps))
    values: dict[str, int | float | Fraction | Measured] = {"lam": run.lam, "g": run.gamma, "T": run.steps}
    for statement in ("at least", "at most"):
        yield Instance(values, floating(time, relative=1e-14), statement)
    steps: Measured = floating(schedule.steps_for(time), relative=1e-12)
    for statement in ("steps at least", "steps at most"):
        yield Instance(values, steps, statement)
