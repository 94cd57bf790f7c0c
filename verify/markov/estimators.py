"""Rates of counting and of the best predictor, by exact sums over counts and by simulation."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from hypothesis import strategies as st
from scipy.special import betainc, betaincinv, gammaln

from numerics.chains.arrays import FloatArray, IntArray
from numerics.chains.stationary import stationary_of_matrix
from numerics.icl.estimators import counting, exact_kernel, frequentist_constant
from numerics.icl.risk import running_mean, total_variation
from numerics.icl.simulate import random_dirichlet_kernels, sample_chains
from verify.instance import Instance, NotApplicable
from verify.measurement import Context, measures
from verify.precision import Measured, floating, sample_mean
from verify.space import Space

INSTANT_AT, RUNNING_AT = 3000, 8000  # prompt lengths at which the two limits are read off
NEAR_LIMIT = 0.045  # relative distance from the limit allowed there (6 % and 10 % at N = 1500)
PORTION = 50  # chains simulated at once where every position is kept
K3 = np.array([[0.5, 0.3, 0.2], [0.2, 0.6, 0.2], [0.1, 0.3, 0.6]])


def exact_row_error(p: FloatArray, m: int) -> float:
    """E d_TV(p, frequencies of m draws), by the binomial law of every count."""
    n = np.arange(m + 1)
    logs = gammaln(m + 1) - gammaln(n + 1) - gammaln(m - n + 1)
    total = 0.0
    for q in p:
        if 0 < q < 1:
            law = np.exp(logs + n * math.log(q) + (m - n) * math.log1p(-q))
            total += float(law @ np.abs(n / m - q))
    return total / 2


def _kernel(seed: int, d: int) -> FloatArray:
    """A kernel whose rows stay away from 0: half Dirichlet(1), half uniform."""
    return np.asarray((random_dirichlet_kernels(1, d, np.random.default_rng(seed))[0] + 1 / d) / 2)


kernels = Space(
    "random kernels", lambda claim: st.builds(_kernel, st.integers(0, 10**6), st.integers(2, 5)), lambda claim: (K3,)
)


def final_counts(prompts: IntArray, d: int) -> FloatArray:
    """Transitions (chains, d, d) from x to y in whole prompts (chains, N+1)."""
    chains = prompts.shape[0]
    index = (np.arange(chains)[:, None] * d + prompts[:, :-1]) * d + prompts[:, 1:]
    return np.bincount(index.ravel(), minlength=chains * d * d).reshape(chains, d, d).astype(np.float64)


def instant_risks(kernel: FloatArray, length: int, chains: int, rng: np.random.Generator) -> FloatArray:
    """sqrt(N) times the TV risk of counting after N = `length` transitions of a stationary chain, (chains,), the state
    asked about being stationary and independent of the prompt (which leaves the limit as it is)."""
    pi = stationary_of_matrix(kernel)
    counts = final_counts(sample_chains(kernel, length + 1, rng, chains=chains, start=pi), kernel.shape[0])
    laws = (counts + 1e-300) / (counts + 1e-300).sum(axis=2, keepdims=True)
    return np.asarray(math.sqrt(length) * (0.5 * np.abs(laws - kernel).sum(axis=2) @ pi))


def running_risks(kernel: FloatArray, length: int, chains: int, rng: np.random.Generator) -> FloatArray:
    """sqrt(N) times the mean over n <= N = `length` of the TV risk of counting on a stationary chain, (chains,)."""
    start = stationary_of_matrix(kernel)
    found: list[FloatArray] = []
    for first in range(0, chains, PORTION):
        prompts = sample_chains(kernel, length + 1, rng, chains=min(PORTION, chains - first), start=start)
        risks = total_variation(exact_kernel(prompts, kernel), counting(prompts, kernel.shape[0]))[:, 1:]
        found.append(math.sqrt(length) * running_mean(risks)[:, -1])
    return np.concatenate(found)


@measures("markov/frequentist_rate", over=kernels, examples=(1, 20))
def frequentist_rate(kernel: FloatArray, context: Context) -> Iterator[Instance]:
    d = kernel.shape[0]
    for x, row in enumerate(kernel):
        for m in (1, 10, 100):
            error = floating(exact_row_error(row, m), relative=1e-10)
            values = {"d": d, "m": m}
            yield Instance(values, error, "row", label=f"row {x}")
            spread = float(np.sqrt(row * (1 - row) / m).sum()) / 2
            yield Instance(values, error, "row of known law", floating(spread, relative=1e-13), f"row {x}")
    C = frequentist_constant(kernel, stationary_of_matrix(kernel))
    instant = instant_risks(kernel, INSTANT_AT, context.pick(1000, 8000), context.rng)
    running = running_risks(kernel, RUNNING_AT, context.pick(350, 1000), context.rng)
    for label, sample, limit, N in (("limit", instant, C, INSTANT_AT), ("running mean", running, 2 * C, RUNNING_AT)):
        yield Instance(
            {"d": d, "m": 1}, sample_mean(sample), label, floating(limit, relative=NEAR_LIMIT), f"N = {N}, d = {d}"
        )


@dataclass(frozen=True)
class Scaling:
    """States, transitions, and the constant that O(...) is taken with."""

    states: int
    length: int
    constant: int


scalings = Space(
    "sizes of random chains, with a constant",
    lambda claim: st.builds(Scaling, st.integers(2, 48), st.integers(1, 4000), st.integers(1, 4)),
)


def least_risk_samples(d: int, N: int, chains: int, rng: np.random.Generator) -> FloatArray:
    """(chains,) samples whose mean is a lower bound on the TV risk, after N transitions, of every predictor.

    Given the prompt, the entries of the current row have Beta posteriors; no number is closer in mean to one of them
    than its median, so half the sum of the mean deviations from the medians is unavoidable.
    """
    prompts = sample_chains(random_dirichlet_kernels(chains, d, rng), N + 1, rng)
    here = prompts[:, -1]
    counts = np.zeros((chains, d))
    for c in range(chains):
        following = prompts[c, 1:][prompts[c, :-1] == here[c]]
        counts[c] = np.bincount(following, minlength=d)
    a, b = counts + 1, counts.sum(axis=1, keepdims=True) - counts + d - 1  # Beta(a, b) posterior of every entry
    median = betaincinv(a, b, 0.5)
    deviation = a / (a + b) * (1 - 2 * betainc(a + 1, b, median))
    return np.asarray(deviation.sum(axis=1) / 2)


@measures("markov/icl_scaling_as_stated", over=scalings)
def icl_scaling_as_stated(thing: Scaling, context: Context) -> Iterator[Instance]:
    d, N, c = thing.states, thing.length, thing.constant
    if math.sqrt(math.log(d) / N) * c >= 1:
        raise NotApplicable("the stated bound is at least 1")
    unavoidable = sample_mean(least_risk_samples(d, N, 100, context.rng), level=0.9999)
    # Nothing is known from above but 1: the risk of the best predictor is at least this.
    quantity = Measured(max(0.0, float(unavoidable.lower)), 1.0, "monte carlo")
    yield Instance({"d": d, "N_icl": N, "c": c}, quantity, label=f"d = {d}, N = {N}")
