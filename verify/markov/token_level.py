"""Measurement of the token-level bound (2.F): exact conditional losses along simulated sequences, a weighted class."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from numerics.risk.token_level import token_losses
from verify.instance import Case, Frequency
from verify.markov.pretraining import DELTAS
from verify.markov.pretraining_sources import REPEATS, laws_and_start, logit_range, median, random_model
from verify.measurement import Context, measures
from verify.spaces import chains
from verify.subject import ChainSubject

WEIGHTS = (1 / 2, 1 / 4)


@measures("markov/token_level_gap", over=chains)
def token_level_gap(subject: ChainSubject, context: Context) -> Iterator[Case]:
    """Two models, each on its own sequences; the frequencies of failure add up to at most delta."""
    table, start = laws_and_start(subject)  # no mixing is assumed, so no pair curve is needed
    T = table.shape[1]
    length = context.pick(200, 2000)
    for j, weight in enumerate(WEIGHTS):
        logits, model = random_model(table.shape, context.rng)
        width = logit_range(logits)
        sample = token_losses(table, np.log(model), start, length, REPEATS, context.rng)
        for delta in DELTAS:
            yield Frequency(
                {"N": length, "delta": delta, "b": width, "rho": weight, "T": T, "M": 1, "model": j},
                sample.violations,
                REPEATS,
                label=f"model {j}, delta = {delta}",
                quantity=median(sample.gaps),
            )
