"""Measurements of the sample complexity of pre-training and of Table 2 (2.F)."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from numerics.chains.mixing_matrix import band_norm_floor
from numerics.risk.gap import total_variation_loss
from theory.evaluation.values import EvaluationError
from verify.instance import Case, FailureProbability, Frequency
from verify.markov.pretraining import DELTAS
from verify.markov.pretraining_class import WEIGHTS, memorisers, trained_cases
from verify.markov.pretraining_sources import REPEATS, count, count_any, fixed_model, source_of
from verify.measurement import Context, measures
from verify.precision import Measured, exact, floating
from verify.spaces import chains, once
from verify.subject import ChainSubject

SHORTEST_WINDOW = 2048  # tokens: no model of the table has a shorter one

# Inputs of Table 2 of the paper: tokens of training data, vocabulary, width.
TABLE_2 = {
    "Llama 7B": (10**12, 32_000, 4096),
    "Llama2 7B": (2 * 10**12, 32_000, 4096),
    "Llama3 8B": (15 * 10**12, 128_000, 4096),
    "Llama3.2 3B": (15 * 10**12, 128_000, 3072),
    "Gemma 2B": (3 * 10**12, 256_128, 2048),
    "Gemma 7B": (6 * 10**12, 256_128, 3072),
    "Gemma2 9B": (8 * 10**12, 256_128, 3584),
    "Gemma2 27B": (13 * 10**12, 256_128, 4608),
}


@measures("markov/sample_complexity_as_stated", over=memorisers)
def sample_complexity_as_stated(thing: tuple[int, int, float], context: Context) -> Iterator[Case]:
    """Perfect pre-training by memorising: R^ = 0, and the l1 error is 2R."""
    yield from trained_cases(thing, context, "error", 2.0)


@measures("markov/sample_complexity", over=chains)
def sample_complexity(subject: ChainSubject, context: Context) -> Iterator[Case]:
    """A model that is wrong in one state only, so that R^ = 0 happens; and the best of a weighted class on the data.

    A failure of "error" is a sequence on which R^ = 0 and 2R exceeds the bound.
    """
    source = source_of(subject)
    models = [fixed_model(source, context.rng)[1] for _ in WEIGHTS]
    losses = np.stack([total_variation_loss(source.table, model) for model in models], axis=1)
    N = source.length(0.5 * WEIGHTS[-1], 0.9)
    norm = source.mixing_norm(N)
    wrong_once = np.zeros(losses.shape[0])
    rare = source.table.shape[0] - source.T**source.K + int(np.argmin(subject.pi))
    wrong_once[rare] = losses[rare, 0]
    gaps = source.gaps(np.column_stack([wrong_once, losses]), N, context.rng)  # (repeats, 5)
    error = 2 * gaps[:, 0]  # 2R on the sequences where R^ = 0: the gap is R there, and smaller elsewhere
    realised = np.isclose(gaps[:, 0], gaps[:, 0].max(), rtol=0, atol=1e-12)
    for delta in DELTAS:
        values = {"N": N, "Gamma": norm, "delta": delta, "T": source.T, "M": 3, "model": 0, "rho": WEIGHTS[0]}
        yield Frequency(
            {**values, "error": 2.0},
            count(error[realised]),
            REPEATS,
            "error",
            label=f"N = {N}, delta = {delta}",
            quantity=floating(float(np.median(error)), absolute=1e-12),
        )
        wanted = 0.1
        enough = math.ceil(2 * norm**2 * math.log(1 / delta) / wanted**2)  # tokens that suffice for this error
        reached = 2 * norm * math.sqrt(math.log(1 / delta) / (2 * enough))

        def too_far(level: float, reached: float = reached) -> Measured:
            """What the statement says of this length is certain: it fails always or never."""
            return exact(int(reached > level * (1 + 1e-12)))

        yield FailureProbability(
            {**values, "error": wanted},
            too_far,
            "length",
            label=f"N = {enough}",
            quantity=floating(reached, relative=1e-12),
        )
        levels = np.sqrt(math.log(1 / delta) + np.log(1 / np.array(WEIGHTS)))  # up to a common factor
        yield Frequency(
            values,
            count_any(2 * gaps[:, 1:], levels, 0),
            REPEATS,
            "trained",
            label=f"N = {N}, delta = {delta}",
            quantity=floating(2 * float(np.median(gaps[:, 1])), absolute=1e-12),
        )


@measures("markov/table2_error", over=once)
def table2_error(thing: None, context: Context) -> Iterator[Case]:
    """The eight models with the smallest |Gamma| that windows of 2048 tokens allow: no l1 distance exceeds 2, so a
    bound of 2 or more never fails (the quantity reported is that largest distance)."""

    def never(level: float) -> Measured:
        if level < 2:
            raise EvaluationError(f"the bound {level} is below 2 and cannot be measured without the model")
        return exact(0)

    for name, (N, T, r) in TABLE_2.items():
        values = {"N": N, "T": T, "r": r, "delta": context.delta, "Gamma": band_norm_floor(N, SHORTEST_WINDOW)}
        yield FailureProbability(values, never, label=name, quantity=exact(2))
