"""`random`: the random test model (D27), a table of Gaussian logits over all states of 1..K tokens."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from numerics.models.protocol import (
    FloatArray,
    IntArray,
    ModelEntry,
    ModelError,
    Vocabulary,
    check_contexts,
    in_chunks,
    log_softmax,
)

MAX_ENTRIES = 10**8  # 0.8 GB of float64


@dataclass(frozen=True, eq=False)
class TableModel:
    """A next-token law given by logits (n_S, T) for every state of 1..K tokens; row = index of D3."""

    name: str
    vocabulary: Vocabulary
    context_window: int
    logits: FloatArray  # (n_S, T)
    temperature: float = 1.0
    broken_assumptions: Mapping[str, str] = field(default_factory=dict)

    def next_token_log_probs(self, contexts: IntArray) -> FloatArray:
        """(B, k) to (B, T): log-softmax of the context's row."""
        T = self.vocabulary.size
        tokens = check_contexts(contexts, T, self.context_window)
        rows = state_index(tokens, T)

        def chunk(part: IntArray) -> FloatArray:
            return log_softmax(self.logits[part[:, 0]], tokens[part[:, 1]])

        numbered = np.stack([rows, np.arange(len(rows))], axis=1)  # (B, 2): table row, row of the batch
        return in_chunks(chunk, numbered, T)


def state_index(contexts: IntArray, vocabulary_size: int) -> IntArray:
    """D3: by length, then lexicographic, first token most significant. (B, k) to (B,)."""
    T, length = vocabulary_size, contexts.shape[1]
    index = np.zeros(len(contexts), dtype=np.int64)
    for position in range(length):
        index = index * T + contexts[:, position]
    return index + T * (T ** (length - 1) - 1) // (T - 1)


def state_count(vocabulary_size: int, context_window: int) -> int:
    """n_S = T + T^2 + ... + T^K (D2)."""
    T, K = vocabulary_size, context_window
    return T * (T**K - 1) // (T - 1)


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
