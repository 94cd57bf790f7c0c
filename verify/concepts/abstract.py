"""The abstract's statements without conditions, on networks trained here: where they hold and where they fail.

The spaces are generic (any label mode and length, any combination of learned vectors, any prompt of a length): the
counterexamples are found, not given.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Any

import numpy as np
from hypothesis import strategies as st

from numerics.concepts.prompts import Sampler
from numerics.concepts.schedule import Schedule
from verify.concepts.composed import ROUNDING, dictionary_of, numbers
from verify.instance import Instance, NotApplicable
from verify.measurement import Context, measures
from verify.precision import exact, floating
from verify.space import Space
from verify.spaces import once

LAM, GAMMA, SIGMA_0 = 0.002, 2000.0, 0.3  # the standard set (D11)
LONGEST = 40  # steps of the runs whose error is followed
LATE = 30  # steps from which a bound is held against it: A e^(-r t) is below every error of these populations
TRAINED = 100  # steps of the network that is tested on unseen tasks


@measures("concepts/abstract_data_model_as_stated", over=once)
def abstract_data_model_as_stated(nothing: None, context: Context) -> Iterator[Instance]:
    raise NotApplicable("a definition: the paper's wording is to be compared with our reading of it")
    yield


@lru_cache(maxsize=32)
def course(mode: str, length: int) -> tuple[Fraction, ...]:
    """0-1 error before every step of training on the enumerated population of a label mode: 0 .. LONGEST."""
    import torch

    from numerics.concepts.network import descend, forward

    parameters, batch = trainee(mode, length)

    schedule = Schedule(LAM, GAMMA)
    prompts = len(batch.target[0])
    found = []
    for t in range(LONGEST + 1):
        state = forward(parameters, batch)
        missed = (batch.weights * (batch.target * state.output <= ROUNDING)).sum()
        found.append(Fraction(float(missed)).limit_denominator(4 * prompts * length))
        descend(parameters, batch, torch.as_tensor([schedule.rate(t)], dtype=torch.float64), schedule.shrink(t))
    return tuple(found)


def trainee(mode: str, length: int) -> Any:
    """The network at the start (D11) and the enumerated population as one batch."""
    from numerics.concepts.network import batch_of, symmetric_start

    atoms = dictionary_of(0)
    prompts = Sampler(length, mode).enumerate(atoms)
    return symmetric_start(atoms, 20, SIGMA_0), batch_of(prompts, 1, shared=True)


@dataclass(frozen=True)
class Training:
    """A label mode, a length, a time, and the constants of a bound A e^(-r t)."""

    mode: str
    length: int
    t: int
    rate: float
    scale: float


@st.composite
def trainings(draw: st.DrawFn) -> Training:
    mode = draw(st.sampled_from(("balanced", "atleast1", "onematch", "iid")))
    length = 2 * draw(st.integers(1, 2)) if mode == "balanced" else draw(st.integers(1, 4))
    rate = draw(st.sampled_from((0.2, 0.3, 0.4)))
    return Training(mode, length, draw(st.integers(LATE, LONGEST)), rate, draw(st.integers(1, 4)))


runs = Space("training runs of any label mode", lambda claim: trainings())


@measures("concepts/abstract_exponential_as_stated", over=runs, examples=(40, 400))
def abstract_exponential_as_stated(training: Training, context: Context) -> Iterator[Instance]:
    error = course(training.mode, training.length)[training.t]
    values = {"t": training.t, "rate": training.rate, "scale": training.scale}
    label = "balanced labels" if training.mode == "balanced" else "any labels"
    yield Instance(values, exact(error), label, label=f"{training.mode}, L = {training.length}")


@measures("concepts/abstract_any_length_as_stated", over=runs, examples=(20, 200))
def abstract_any_length_as_stated(training: Training, context: Context) -> Iterator[Instance]:
    from numerics.concepts.network import forward, weighted_gradients

    parameters, batch = trainee(training.mode, training.length)
    # One step of the read-out from its gradient, so that p > 0: at the start no network attends, of any length.
    parameters.W_O[:, :10] += batch.labels[0, 0, 0]
    state = forward(parameters, batch)
    pull = batch.weights * batch.target
    gradient = float(weighted_gradients(parameters, state, batch, pull).W_Q.norm())
    values = {"L": training.length}
    label = f"{training.mode}, L = {training.length}"
    found = exact(0) if gradient == 0 else floating(gradient, relative=1e-6)
    yield Instance(values, found, "attention learns", label=label)
    yield Instance(values, exact(course(training.mode, training.length)[LONGEST]), "no error", label=label)


@dataclass(frozen=True)
class Unseen:
    """An unseen task of one kind; `vector` are coefficients of learned atoms, or numbers of a prompt's signs."""

    kind: str
    vector: tuple[float, ...] = ()
    matches: int = 2
    others: int = 2
    seed: int = 0


KINDS = (
    "combined differences of words",
    "combined concepts of words",
    "combined differences of labels",
    "combined concepts of labels",
)


@st.composite
def unseen_tasks(draw: st.DrawFn) -> Unseen:
    kind = draw(st.sampled_from((*KINDS, "length", "fresh dictionary")))
    if kind == "length":
        return Unseen(kind, matches=draw(st.integers(1, 300)), others=draw(st.integers(0, 300)))
    if kind == "fresh dictionary":
        return Unseen(kind, seed=draw(st.integers(1, 1000)))
    vector = (*draw(numbers(-16, 16)), *draw(numbers(-16, 16)))
    return Unseen(kind, vector)


@lru_cache(maxsize=1)
def trained() -> Any:
    """The network after TRAINED steps on balanced prompts of four demonstrations."""
    import torch

    from numerics.concepts.network import descend

    parameters, batch = trainee("balanced", 4)
    schedule = Schedule(LAM, GAMMA)
    for t in range(TRAINED):
        descend(parameters, batch, torch.as_tensor([schedule.rate(t)], dtype=torch.float64), schedule.shrink(t))
    return parameters


@measures(
    "concepts/abstract_ood_as_stated",
    over=Space("combinations of learned vectors, long prompts, fresh dictionaries", lambda claim: unseen_tasks()),
    examples=(80, 800),
)
def abstract_ood_as_stated(unseen: Unseen, context: Context) -> Iterator[Instance]:
    from numerics.concepts.learned import clean_prompt, margin

    atoms = dictionary_of(unseen.seed)
    a, b, c, d = atoms.a[0], atoms.b[0], atoms.c[0], atoms.d[0]
    weights = np.asarray(unseen.vector)
    if unseen.kind in KINDS and not weights.any():
        raise NotApplicable("no vector at all: all coefficients are 0")
    if unseen.kind == "combined differences of words":
        b = weights[:2] @ atoms.b
    elif unseen.kind == "combined concepts of words":
        a = weights[:2] @ atoms.a + weights[2:] @ atoms.b
    elif unseen.kind == "combined differences of labels":
        d = weights[:2] @ atoms.d
    elif unseen.kind == "combined concepts of labels":
        c = weights[:2] @ atoms.c
    if not b.any() or not d.any():
        raise NotApplicable("words or labels of both signs are the same")
    targets = np.array([1, -1])
    signs = targets[:, None] * np.array([1] * unseen.matches + [-1] * unseen.others)
    margins = margin(trained(), clean_prompt(a, b, c, d, targets, signs))
    missed = Fraction(int((margins <= ROUNDING).sum()), 2)
    yield Instance({"tests": unseen.matches + unseen.others}, exact(missed), unseen.kind)
