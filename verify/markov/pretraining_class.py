"""Measurements of the pre-training bounds for trained models (2.F): memorisers, and a weighted class."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
from hypothesis import strategies as st

from numerics.chains.mixing_matrix import window_norm_bound
from numerics.risk.gap import total_variation_loss
from numerics.risk.memoriser import memoriser_witness, sample_memorisers
from verify.instance import Case, FailureProbability, Frequency
from verify.markov.pretraining import DELTAS
from verify.markov.pretraining_sources import REPEATS, count, count_any, fixed_model, median, source_of
from verify.measurement import Context, measures
from verify.precision import Measured, exact, floating
from verify.space import Space
from verify.spaces import chains
from verify.subject import ChainSubject

WEIGHTS = (1 / 2, 1 / 4, 1 / 8, 1 / 16)
SIMULATED = 12  # windows up to which a memoriser is simulated as well
TRIALS = 20


@st.composite
def _memorisers(draw: st.DrawFn) -> tuple[int, int, float]:
    """(K, N, q): window, length and the confidence of the model on windows it has not seen; source: fair bits."""
    window = draw(st.integers(1, 40))
    length = draw(st.sampled_from([10**k for k in range(1, 9)])) * draw(st.integers(1, 9))
    return window, max(window, length), draw(st.integers(51, 99)) / 100


memorisers = Space("memorisers of fair bits", lambda claim: _memorisers())


def trained_cases(
    thing: tuple[int, int, float], context: Context, statement: str, scale: float, **more: Any
) -> Iterator[Case]:
    """Whether scale (R - R^) of a memoriser exceeds scale times the printed bound: R^ = 0 and R is bounded below, for
    every training sequence, so the probability of failure is 1 where that bound on R exceeds the level."""
    window, length, q = thing
    found = memoriser_witness(window, length, q)
    norm = window_norm_bound(window, 0.0)  # independent tokens: |Gamma| <= K
    values = {
        "T": 2,
        "N": length,
        "Gamma": norm,
        "delta": context.delta,
        "B_U": found.logit_norm,
        "tau": 1,
        "c_0": 0.5,
        **more,
    }
    witness = {"window": window, "length": length, "q": q}
    error = floating(scale * found.risk_lower, relative=1e-9)
    yield FailureProbability(
        values,
        lambda level: exact(1) if error.lower > level else Measured(0.0, 1.0, "float64"),
        statement,
        label="every training sequence",
        quantity=error,
        witness=witness,
    )
    if window <= SIMULATED and length <= 10_000:
        sample = sample_memorisers(window, length, TRIALS, context.rng, q)
        gaps = sample.risk - sample.empirical_risk
        yield Frequency(
            values,
            count(scale * gaps),
            TRIALS,
            statement,
            label="simulated",
            quantity=floating(scale * float(np.median(gaps)), absolute=1e-12),
            witness=witness,
        )


@measures("markov/pretraining_gap_trained_as_stated", over=memorisers)
def pretraining_gap_trained_as_stated(thing: tuple[int, int, float], context: Context) -> Iterator[Case]:
    yield from trained_cases(thing, context, "gap", 1.0)


@measures("markov/pretraining_gap_uniform", over=chains)
def pretraining_gap_uniform(subject: ChainSubject, context: Context) -> Iterator[Case]:
    """Four models with weights 1/2..1/16: a failure is a sequence on which any of them exceeds its own level."""
    source = source_of(subject)
    models = [fixed_model(source, context.rng)[1] for _ in WEIGHTS]
    losses = np.stack([total_variation_loss(source.table, model) for model in models], axis=1)
    N = source.length(0.5 * WEIGHTS[-1], 0.9)
    norm = source.mixing_norm(N)
    gaps = source.gaps(losses, N, context.rng)  # (repeats, 4)
    for delta in DELTAS:
        levels = np.sqrt(math.log(1 / delta) + np.log(1 / np.array(WEIGHTS)))  # up to a common factor
        for j in (0, len(WEIGHTS) - 1):
            yield Frequency(
                {"N": N, "Gamma": norm, "delta": delta, "rho": WEIGHTS[j], "T": source.T, "M": 3, "model": j},
                count_any(gaps, levels, j),
                REPEATS,
                "gap",
                label=f"N = {N}, delta = {delta}, model {j}",
                quantity=median(gaps[:, j]),
            )
