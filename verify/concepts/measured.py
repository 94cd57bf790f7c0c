"""Joint training over many seeds, and runs trained beside their mirror images (specification `concepts` 2.D, 2.E)."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from numerics.concepts.dictionary import draw_dictionary
from numerics.concepts.prompts import Sampler
from theory.claim import Claim
from verify.experiments.concepts_runs import recipe
from verify.instance import Case, Frequency, Instance
from verify.measurement import Context, measures
from verify.precision import Measured, exact
from verify.space import Space
from verify.statistics import binomial_interval

RUNS = 64
PROMPTS = 100  # fresh ones of each run at each time
FINAL_PROMPTS = 400  # at the end, where the error of each run is judged
ONSET = 0.4  # mean error below which the decay has begun
ALLOWED = 0.2  # probability of a run that is not learned

batches = Space("batch sizes", lambda claim: st.sampled_from((2, 4, 16, 32)), lambda claim: (8,))


@measures("concepts/joint_exponential_decay", over=batches, examples=(0, 4))
def joint_exponential_decay(batch: int, context: Context) -> Iterator[Case]:
    """Mean errors over the runs at hand with exact intervals; the runs that end learned are exactly binomial."""
    from numerics.concepts.training import advance, fresh, start

    one = replace(recipe("E", "quick"), batch=batch, seeds=context.pick(RUNS, 4 * RUNS))
    seed = int(context.rng.integers(2**31))
    atoms = one.dictionary(seed)
    test = fresh(one.sampler, atoms, (one.seeds, PROMPTS), seed + 1)
    run = advance(start(one.setting, atoms, np.random.default_rng(seed)), one.steps, 2 * one.every, test)
    errors, times = run.records["error"], run.records["time"]
    trials = one.seeds * PROMPTS
    onset = int(times[np.flatnonzero(errors.mean(1) < ONSET)[0]])
    for t, row in zip(times.tolist(), errors, strict=True):
        if t >= onset:
            interval = Measured(*binomial_interval(round(float(row.sum()) * PROMPTS), trials), "monte carlo")
            label = f"B = {batch}, step {t}"
            yield Instance({"B": batch, "after": t - onset}, interval, "at least exponentially", label=label)
    last = fresh(one.sampler, atoms, (one.seeds, FINAL_PROMPTS), seed + 2)
    final = advance(replace(run, records={}), run.step, run.step, last).records["error"][0]
    yield Frequency(
        {"B": batch, "delta": ALLOWED},
        lambda level: int((final > level).sum()),
        one.seeds,
        "learned at the end",
        label=f"B = {batch}, {one.seeds} runs",
        quantity=Measured(float(np.median(final)), float(np.median(final)), "monte carlo"),
    )


@dataclass(frozen=True)
class Line:
    """A weight decay at which both lines of the phase diagram are visited."""

    lam: float
    neurons: int = 40


weight_decays = Space(
    "weight decays", lambda claim: st.builds(Line, st.sampled_from((0.01, 0.015, 0.03))), lambda claim: (Line(0.02),)
)
STARTS = 96  # random read-outs at each of the two starts: the first concept of each is one trial


@measures("concepts/random_activation", over=weight_decays, examples=(0, 3))
def random_activation(line: Line, context: Context) -> Iterator[Case]:
    """The share of learned concepts (beta > 1/2) at both starts, one concept of each run, with exact intervals."""
    from numerics.concepts.training import Setting, advance, start

    seeds = context.pick(STARTS, 4 * STARTS)
    values = {"lam": line.lam, "m": line.neurons, "pk": 0.5, "nb2": 2.0, "nd": math.sqrt(2)}
    critical = math.pi * line.lam * math.sqrt(line.neurons) / (values["pk"] * values["nb2"] * values["nd"])
    scales = (critical,) * seeds + (1.4 * math.sqrt(2) * critical,) * seeds
    noisy = Sampler(4, irrelevant=1 / 6, word_noise=0.02, label_noise=0.02)
    setting = Setting(noisy, (line.lam,) * 2 * seeds, scales, 50.0, line.neurons, 16, sigma_1=0.05, dtype="float32")
    run = start(setting, draw_dictionary(context.rng, 2, 2, 6), context.rng)
    learned = advance(run, 500, 500).records["beta"][-1, :, 0] > 0.5
    for label, part in (
        ("forgotten at the line of phi = 1", learned[:seeds]),
        ("learned above the line of phi = 1/2", learned[seeds:]),
    ):
        share = Measured(*binomial_interval(int(part.sum()), seeds), "monte carlo")
        yield Instance(values, share, label, label=f"lambda = {line.lam:g}, {seeds} runs")


@dataclass(frozen=True)
class Mirrored:
    """Runs that are trained with their mirror images: sizes, steps, scale of the read-out's start."""

    concepts: int = 2
    neurons: int = 8
    batch: int = 4
    steps: int = 80
    sigma_1: float = 0.1
    noise: float = 0.1
    irrelevant: int = 2


def _extremal(claim: Claim) -> Iterator[Mirrored]:
    """A trained network, an untrained one, and one whose output is 0 everywhere."""
    yield Mirrored()
    yield Mirrored(steps=0)
    yield Mirrored(steps=0, sigma_1=0.0)


mirrored_runs = Space(
    "runs with their mirror images",
    lambda claim: st.builds(
        Mirrored,
        st.integers(1, 3),
        st.sampled_from((2, 4, 10)),
        st.integers(1, 8),
        st.integers(0, 60),
        st.sampled_from((0.01, 0.1, 1.0)),
        st.sampled_from((0.0, 0.1, 1.0)),
        st.integers(0, 3),
    ),
    _extremal,
)


@measures("concepts/ood_outside_span", over=mirrored_runs, examples=(6, 60))
def ood_outside_span(pair: Mirrored, context: Context) -> Iterator[Case]:
    """Errors of 32 runs and of their mirror images on prompts of a fresh dictionary: counts, so that both are exact."""
    runs = 32
    signal, image = signals(pair, runs, 50, context.rng)
    total = signal.size
    error = Fraction(int((signal <= 0).sum() + (image <= 0).sum()), 2 * total)
    silent = Fraction(int((signal == 0).sum()), total)
    values = {"runs": runs, "half": pair.neurons // 2}
    one_alone = float((signal <= 0).mean(1).std())
    witness = {"steps": pair.steps, "error of the runs alone": float((signal <= 0).mean()), "between runs": one_alone}
    yield Instance(values, exact(error), 0, exact((1 + silent) / 2), label=f"{pair.steps} steps", witness=witness)
    yield Instance(values, exact(error), 1, label=f"{pair.steps} steps", witness=witness)


def signals(
    pair: Mirrored, runs: int, prompts: int, rng: np.random.Generator
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """e_q f of the runs and of their mirror images on prompts of a fresh dictionary, each (runs, prompts).

    The mirror image starts with the halves of its neurons exchanged and is trained on the same words and labels with
    the other target: prompts of the dictionary with every b_k and d_k turned, which is as likely as the first.
    """
    import torch

    from numerics.concepts.network import Batch, Parameters, batch_of, descend, forward, random_start

    size = 2 * pair.concepts + pair.irrelevant + 4
    atoms, fresh = (draw_dictionary(rng, pair.concepts, pair.irrelevant, size) for _ in range(2))
    sampler = Sampler(4, irrelevant=0.2, word_noise=pair.noise, label_noise=pair.noise)
    own = random_start(rng, atoms, pair.neurons, np.full(runs, 0.3), pair.sigma_1)
    image = Parameters(own.W_Q.clone(), own.W_K.clone(), own.W_O.roll(pair.neurons // 2, 1))
    for t in range(pair.steps):
        batch = batch_of(sampler.sample(rng, atoms, (runs, pair.batch)), runs)
        rate = torch.full((runs,), 2 / (0.002 * (2000 + t)), dtype=torch.float64)
        turned = Batch(batch.words, batch.labels, -batch.target, batch.weights)
        for parameters, seen in ((own, batch), (image, turned)):
            descend(parameters, seen, rate, 1 - 2 / (2000 + t))
    test = batch_of(sampler.sample(rng, fresh, (runs, prompts)), runs)
    first, second = ((test.target * forward(parameters, test).output).numpy() for parameters in (own, image))
    return first, second
