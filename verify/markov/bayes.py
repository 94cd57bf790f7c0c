"""The Bayes predictor of random chains against the enumeration of all prompts, against other predictors, and at "
"length."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from fractions import Fraction

import numpy as np
from hypothesis import strategies as st

from numerics.chains.arrays import FloatArray
from numerics.icl.estimators import add_constant, bayes_loss, sequence_log_probability
from numerics.icl.risk import kullback_leibler
from numerics.icl.simulate import random_dirichlet_kernels, sample_chains
from verify.instance import Instance
from verify.markov.estimators import final_counts
from verify.measurement import Context, measures
from verify.precision import exact, floating, sample_mean
from verify.space import Space

PORTION = 4000  # chains simulated at once
NEAR_LIMIT = 0.03  # relative distance of N times the KL risk from its limit at N = 1000

sizes = Space(
    "numbers of states and Dirichlet parameters",
    lambda claim: st.tuples(st.integers(2, 3), st.fractions(Fraction(1, 4), 4, max_denominator=4)),
    lambda claim: ((2, Fraction(1)), (3, Fraction(1))),
)


def rising(b: Fraction, k: int) -> Fraction:
    """b (b+1) ... (b+k-1)."""
    return math.prod((b + i for i in range(k)), start=Fraction(1))


def expected_loss(d: int, a: float, position: int, constant: float) -> float:
    """Expected log-loss in nats of token number `position` under Dirichlet(a) rows when add-`constant` predicts it."""
    prompts = np.array(list(itertools.product(range(d), repeat=position)), dtype=np.int64)
    weights = np.exp(sequence_log_probability(prompts, d, a))
    laws = add_constant(prompts[:, :-1], d, constant)[:, -1]
    return float(-(weights * np.log(laws[np.arange(len(prompts)), prompts[:, -1]])).sum())


def expected_divergence(d: int, a: float, position: int, constant: float) -> float:
    """E d_KL(add-a || add-constant) of the law of that token, nats."""
    prompts = np.array(list(itertools.product(range(d), repeat=position - 1)), dtype=np.int64)
    weights = np.exp(sequence_log_probability(prompts, d, a))
    best, other = (add_constant(prompts, d, c)[:, -1] for c in (a, constant))
    return float(weights @ (best * (np.log(best) - np.log(other))).sum(axis=1))


@measures("markov/icl_bayes_optimal", over=sizes, examples=(8, 60))
def icl_bayes_optimal(thing: tuple[int, Fraction], context: Context) -> Iterator[Instance]:
    d, a = thing
    values: dict[str, int | Fraction] = {"d": d, "a": a, "n_xy": 0, "others": 1, "n_x": 0, "prompts": 1}
    for seen, visits in ((0, 0), (0, 3), (2, 5), (7, 7)):
        predictive = (rising(a, seen + 1) / rising(d * a, visits + 1)) / (rising(a, seen) / rising(d * a, visits))
        yield Instance(values | {"n_xy": seen, "n_x": visits}, exact(predictive), "posterior")
    for position in (2, 4, 6):
        best = bayes_loss(d, float(a), position)
        for constant in (0.3, float(a), 5.0):
            loss = floating(expected_loss(d, float(a), position, constant), relative=1e-10)
            label = f"token {position}, add-{constant:g}"
            yield Instance(values, loss, "loss", floating(best, relative=1e-10), label)
            total = best + expected_divergence(d, float(a), position, constant)
            yield Instance(values, loss, "excess", floating(total, relative=1e-10), label)
    if a == 1:
        N, chains = 1000, context.pick(20_000, 80_000)
        samples = np.concatenate([_scaled_divergence(d, N, PORTION, context.rng) for _ in range(chains // PORTION)])
        limit = floating(d * (d - 1) / 2, relative=NEAR_LIMIT)
        yield Instance(values, sample_mean(samples), "asymptote", limit, f"N = {N}, {chains} chains")


def _scaled_divergence(d: int, N: int, chains: int, rng: np.random.Generator) -> FloatArray:
    """N times the KL risk of add-1 after N transitions of Dirichlet(1) chains, (chains,), nats."""
    kernels = random_dirichlet_kernels(chains, d, rng)
    prompts = sample_chains(kernels, N + 1, rng)
    every, last = np.arange(chains), prompts[:, -1]
    counts = final_counts(prompts, d)[every, last]
    return N * kullback_leibler(kernels[every, last], (counts + 1) / (counts + 1).sum(axis=1, keepdims=True))
