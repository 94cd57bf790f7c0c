"""Cross-entropy bounds of decoded chains on random soft tables (specification 2A)."""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction

import numpy as np

from numerics.learning.errors import ar_error, likelihoods, losses, rollout_misses, sampled_error
from numerics.learning.tables import Chains, SoftTable, Tokens
from verify.instance import Case, Instance, Number
from verify.measurement import Context, measures
from verify.precision import Measured, exact, floating
from verify.space import Space
from verify.statistics import binomial_interval
from verify.strategies.ar_tables import SoftTask, soft_tasks

# Sums of at most 100 logarithms with weights: relative rounding errors of a few hundred units in the last place.
RELATIVE = 1e-13


def coins(T: int) -> SoftTask:
    """One prompt whose chain 1..1 costs one bit a token: ties, decoded to 0."""
    law = (Fraction(1, 2), Fraction(1, 2))
    steps = tuple({(0, *(1,) * t): law, (0, *(0,) * t): law} for t in range(T))
    return SoftTask(Chains(2, ((0,),), ((1,) * T,), (Fraction(1),)), SoftTable(steps))


def even_losses() -> SoftTask:
    """Two prompts whose chains have the same loss: Jensen's inequality is attained."""
    steps: tuple[dict[Tokens, tuple[Fraction, ...]], ...]
    steps = ({(0,): (Fraction(3, 4), Fraction(1, 4)), (1,): (Fraction(1, 4), Fraction(3, 4))},)
    return SoftTask(Chains(2, ((0,), (1,)), ((0,), (1,)), (Fraction(1, 3), Fraction(2, 3))), SoftTable(steps))


soft_tables = Space("random soft tables", lambda claim: soft_tasks(), lambda claim: (coins(1), coins(3), even_losses()))


def mean(values: np.ndarray, chains: Chains) -> Measured:
    """The expectation of a function of the prompt, float64 (P,)."""
    weights = np.array([float(mass) for mass in chains.masses])
    return floating(float(weights @ values), relative=RELATIVE, absolute=1e-15)


@measures("autoregressive/greedy_nll_bound", over=soft_tables)
def greedy_nll_bound(thing: SoftTask, context: Context) -> Iterator[Case]:
    """Greedy rollouts against the losses of the teacher-forced chain."""
    chains, nats = thing.chains, losses(thing.model, thing.chains)
    error = exact(ar_error(rollout_misses(thing.model.greedy(), chains), chains))
    total = mean(nats.sum(axis=1), chains)
    loss = floating(total.value / chains.T, relative=2 * RELATIVE, absolute=1e-15)
    bits = nats / math.log(2)
    clipped = mean(np.minimum(1, np.minimum(1, bits).sum(axis=1)), chains)
    whole = mean(bits.sum(axis=1), chains)
    values: dict[str, Number | Measured] = {"h": 0, "T": chains.T, "loss": loss}
    yield Instance(values, error, "nats")
    yield Instance(values, error, "clipped", clipped)
    yield Instance(values, clipped, "bits", whole)


@measures("autoregressive/sampled_rollout_error", over=soft_tables)
def sampled_rollout_error(thing: SoftTask, context: Context) -> Iterator[Case]:
    """The exact product, and simulated chains followed as long as they agree with the true one."""
    chains = thing.chains
    error = sampled_error(thing.model, chains)
    nll = mean(losses(thing.model, chains).sum(axis=1), chains)
    values: dict[str, Number | Measured] = {"h": 0, "T": chains.T, "NLL": nll}
    products = sum(
        (
            m * math.prod(p, start=Fraction(1))
            for m, p in zip(chains.masses, likelihoods(thing.model, chains), strict=True)
        ),
        Fraction(0),
    )
    yield Instance(values, exact(error), "product", exact(1 - products))
    yield Instance(values, exact(error), "Jensen")
    if error > Fraction(1, 5):  # else the interval of the simulation is wider than a tenth of the probability
        yield Instance(values, simulated(thing, context.rng), "product", exact(1 - products), label="simulated")


def simulated(thing: SoftTask, rng: np.random.Generator, trials: int = 40_000) -> Measured:
    """Pr[sampled rollout != z] from chains sampled token by token, at a level of 1 - 10^-6."""
    masses = np.array([float(mass) for mass in thing.chains.masses])
    alive = rng.multinomial(trials, masses / masses.sum())
    for t in range(thing.chains.T):
        alive = rng.binomial(alive, [float(row[t]) for row in likelihoods(thing.model, thing.chains)])
    failed = trials - int(alive.sum())
    return Measured(*binomial_interval(failed, trials, 1 - 1e-6), "monte carlo")
