"""Starts below the threshold, followed through training on the reduced map."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from hypothesis import strategies as st

from numerics.concepts.grid import grid_of, run_map
from numerics.concepts.reduced import Concept
from theory.claim import Claim
from verify.instance import Instance
from verify.measurement import Context, measures
from verify.precision import exact, floating
from verify.space import Space

DIGITS = 1e-9  # relative error of a few thousand steps in float64
SMALLEST = 1e-280  # of a number that is 0 in exact arithmetic


@dataclass(frozen=True)
class Training:
    """A concept, the offset of its learning rates, and its start as a share of (pi/2)(1 - 2/gamma)."""

    concept: Concept
    gamma: float
    share: float
    neurons: int = 20


@st.composite
def trainings(draw: st.DrawFn) -> Training:
    """Shares up to 0.999, offsets from 3 to 500, weight decays from 0.001 to 0.5."""
    concept = Concept(
        lam=draw(st.sampled_from((0.001, 0.01, 0.1, 0.5))),
        pi=draw(st.integers(1, 8)) / 8,
        kappa_d=draw(st.integers(1, 8)) / 16,
        kappa_c=draw(st.integers(1, 8)) / 8,
        n_b=draw(st.integers(1, 8)) / 2,
        q_0=draw(st.sampled_from((0.0625, 1.5, 5.0))),
    )
    return Training(concept, draw(st.sampled_from((3.0, 10.0, 50.0, 500.0))), draw(st.integers(1, 999)) / 1000)


def extreme(claim: Claim) -> Iterator[Training]:
    """The standard set at 0.999 of the bound, and a vanishing weight decay, at which the map is the linearised one."""
    for lam in (0.002, 1e-7):
        for gamma in (50.0, 500.0):
            yield Training(Concept(lam, pi=0.5), gamma, 0.999)


below_threshold = Space("starts below the threshold", lambda claim: trainings(), extreme)


@measures("concepts/no_learning_below", over=below_threshold, examples=(25, 250))
def no_learning_below(training: Training, context: Context) -> Iterator[Instance]:
    concept, gamma = training.concept, training.gamma
    grid = grid_of(concept)
    psi = training.share * math.pi / 2
    W_0 = psi * (1 - 2 / gamma)
    nd = math.sqrt(concept.kappa_d * training.neurons)
    values = {
        "lam": concept.lam,
        "g": gamma,
        "pk": concept.pi,
        "kd": concept.kappa_d,
        "kc": concept.kappa_c,
        "Nb": concept.n_b,
        "W0": W_0,
        "psi": psi,
        "m": training.neurons,
        "nb2": concept.n_b,
        "nd": nd,
    }
    sigma_0 = W_0 / float(grid.start_in_units(1.0))
    steps = min(round(200 * gamma), context.pick(2_000, 20_000))
    every = max(1, steps // 8)
    last, times, states = run_map(grid, grid.start(sigma_0, concept.q_0), gamma, steps, every=every)
    at = {int(t): state for t, state in zip(times, states, strict=True)} | {steps: last}
    for t, (p, _, w) in sorted(at.items()):
        here = {**values, "t": t}
        for label, value in (("w", w), ("p", p)):
            measured = floating(float(value), relative=DIGITS, absolute=SMALLEST) if value else exact(0)
            yield Instance(here, measured, label, label=f"t = {t}", witness={"q_0": concept.q_0})
            yield Instance(here, measured, f"{label} is not negative", label=f"t = {t}")
    remaining = float(np.prod([1 - 2 / (gamma + t) for t in range(steps)]))
    yield Instance({**values, "t": steps}, floating(remaining * steps**2, relative=DIGITS), "decay")
    critical = math.pi / 2 / float(grid.start_in_units(1.0))
    yield Instance({**values, "t": 0}, floating(critical, relative=DIGITS), "original units")
