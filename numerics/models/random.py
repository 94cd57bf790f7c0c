"""`random`: the random test model (D27), a table of Gaussian logits over all states of 1..K tokens."""

from __future__ import annotations

import numpy as np

from numerics.models.protocol import ModelEntry, ModelError, Vocabulary
from numerics.models.table import TableModel, state_count

MAX_ENTRIES = 10**8  # 0.8 GB of float64


def random(T: int = 2, K: int = 3, seed: int = 0, scale: float = 1.0) -> TableModel:
    """logits = scale * numpy.random.default_rng(seed).standard_normal((n_S, T)); D27."""
    if T < 2 or K < 1:
        raise ModelError(f"T is {T} and K is {K}, expected T >= 2 and K >= 1")
    if not np.isfinite(scale):
        raise ModelError(f"scale is {scale}, expected a finite number")
    rows = state_count(T, K)
    if rows * T > MAX_ENTRIES:
        raise ModelError(f"T = {T} and K = {K} need a table of {rows * T} logits, expected at most {MAX_ENTRIES}")
    logits = scale * np.random.default_rng(seed).standard_normal((rows, T))
    return TableModel("random", Vocabulary(T), K, logits)


MODELS = (
    ModelEntry(
        "random",
        "Gaussian logits for every state; options T, K, seed, scale",
        "T (2)",
        "K (3)",
        "Apache-2.0",
        "nothing",
        random,
    ),
)
