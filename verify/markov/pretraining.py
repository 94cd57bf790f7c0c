"""Measurements of the pre-training bounds for fixed models (2.F): coverage over 1000 sequences, and the exhaustive law.

The source is the chain that is measured, the model an independent random table (D27) fixed before the data.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator

import numpy as np

from numerics.chains.arrays import FloatArray
from numerics.risk.exhaustive import mean_loss, sequence_law, window_mixing_matrix
from numerics.risk.gap import kullback_leibler_loss, total_variation_loss
from verify.instance import Case, FailureProbability, Frequency, NotApplicable
from verify.markov.pretraining_sources import (
    REPEATS,
    Source,
    count,
    fixed_model,
    logit_l1,
    logit_range,
    median,
    source_of,
)
from verify.measurement import Context, measures
from verify.precision import floating
from verify.spaces import chains
from verify.subject import ChainSubject

DELTAS = (0.05, 0.25, 0.5)
SHORT = (20, 50)  # windows at which the printed bounds are tried
EXHAUSTIVE = 10  # binary tokens


def ambiguity(T: int, B_U: float, c_0: float) -> float:
    """max{log T + 2 B_U/tau, log(1/c_0)} in nats, D16, for B_U/tau given."""
    return max(math.log(T) + 2 * B_U, math.log(1 / c_0))


def least_probability(source: Source) -> float:
    """c_0 as it acts on the full contexts, D15. NotApplicable where some token is impossible."""
    least = float(source.table[-(source.T**source.K) :].min())
    if least <= 0:
        raise NotApplicable("some token has probability 0 in float64: there is no c_0 > 0")
    return min(least, 1 / source.T)


def _printed_lengths(norm: float, T: int, delta: float) -> Iterator[int]:
    """Lengths up to 4 |Gamma|^2 log(T) log(2/delta), where the printed bound exceeds 1."""
    largest = int(4 * norm**2 * math.log(T) * math.log(2 / delta))
    yield from sorted({min(N, max(largest, 2)) for N in SHORT})


def _printed_gaps(
    source: Source, logits: FloatArray, loss: FloatArray, lengths: Iterable[int], context: Context
) -> Iterator[Case]:
    """Gaps of one model at these lengths, with what a printed bound asks for; `loss` is (states, 1)."""
    B_U, c_0 = logit_l1(logits), least_probability(source)
    for N in lengths:
        norm = source.mixing_norm(N)
        gaps = source.gaps(loss, N, context.rng)[:, 0]
        yield Frequency(
            {"T": source.T, "N": N, "Gamma": norm, "delta": context.delta, "B_U": B_U, "tau": 1, "c_0": c_0},
            count(gaps),
            gaps.size,
            label=f"N = {N}",
            quantity=median(gaps),
        )


@measures("markov/pretraining_gap_as_stated", over=chains)
def pretraining_gap_as_stated(subject: ChainSubject, context: Context) -> Iterator[Case]:
    source = source_of(subject)
    logits, model = fixed_model(source, context.rng)
    loss = total_variation_loss(source.table, model)[:, None]
    lengths = _printed_lengths(source.mixing_norm(SHORT[0]), source.T, context.delta)
    yield from _printed_gaps(source, logits, loss, lengths, context)


@measures("markov/pretraining_gap", over=chains)
def pretraining_gap(subject: ChainSubject, context: Context) -> Iterator[Case]:
    source = source_of(subject)
    logits, model = fixed_model(source, context.rng)
    loss = total_variation_loss(source.table, model)
    N = _affordable(source)
    norm = source.mixing_norm(N)
    gaps = source.gaps(loss[:, None], N, context.rng)[:, 0]
    for delta in DELTAS:
        values = {
            "N": N,
            "Gamma": norm,
            "delta": delta,
            "T": source.T,
            "c_0": least_probability(source),
            "D_U": logit_range(logits),
            "tau": 1,
        }
        for statement in ("gap", "refined"):
            yield Frequency(
                values,
                count(gaps),
                gaps.size,
                statement,
                label=f"N = {N}, delta = {delta}",
                quantity=median(gaps),
            )
    if source.T == 2 and subject.chain.short is not None:
        yield from _exhaustive(source, loss)


def _affordable(source: Source, scale: float = 1.0) -> int:
    """N for a bound of 0.7 at delta = 0.05, or at delta = 1/2 where that would be long."""
    try:
        return (
            source.length(0.05, 0.7, scale) if source.length(0.5, 0.7, scale) < 2000 else source.length(0.5, 0.7, scale)
        )
    except NotApplicable:
        return source.length(0.5, 0.9, scale)


def _exhaustive(source: Source, loss: FloatArray) -> Iterator[Case]:
    """The law of all strings of ten bits from a fair first bit: the probability of failure itself."""
    law = sequence_law(source.table, np.full(2, 0.5), EXHAUSTIVE)
    norm = float(np.linalg.norm(window_mixing_matrix(law, source.K), 2)) * (1 + 1e-12)
    values = mean_loss(law, loss).ravel()
    weights = law.probabilities.ravel()
    short = weights @ values - values
    for delta in DELTAS:
        yield FailureProbability(
            {"N": EXHAUSTIVE, "Gamma": norm, "delta": delta},
            lambda level: floating(float(weights[short > level * (1 - 1e-12)].sum()), absolute=1e-12),
            "gap",
            label=f"all strings of {EXHAUSTIVE} bits, delta = {delta}",
            quantity=floating(float(weights @ values - values.min()), absolute=1e-12),
        )


@measures("markov/pretraining_gap_kl_as_stated", over=chains)
def pretraining_gap_kl_as_stated(subject: ChainSubject, context: Context) -> Iterator[Case]:
    source = source_of(subject)
    logits, model = fixed_model(source, context.rng)
    loss = kullback_leibler_loss(source.table, model)[:, None]
    norm = source.mixing_norm(SHORT[0])
    largest = max(2, int(2 * norm**2 * math.log(2 / context.delta)))
    lengths = sorted({min(N, largest) for N in SHORT})
    yield from _printed_gaps(source, logits, loss, lengths, context)


@measures("markov/pretraining_gap_kl", over=chains)
def pretraining_gap_kl(subject: ChainSubject, context: Context) -> Iterator[Case]:
    source = source_of(subject)
    logits, model = fixed_model(source, context.rng)
    loss = kullback_leibler_loss(source.table, model)[:, None]
    width = logit_range(logits)
    N = _affordable(source)
    norm = source.mixing_norm(N)
    gaps = source.gaps(loss, N, context.rng)[:, 0]
    for delta in DELTAS:
        yield Frequency(
            {"N": N, "Gamma": norm, "delta": delta, "T": source.T, "D_U": width, "tau": 1},
            count(gaps),
            REPEATS,
            label=f"N = {N}, delta = {delta}",
            quantity=median(gaps),
        )
