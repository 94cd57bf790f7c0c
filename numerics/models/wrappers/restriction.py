"""Vocabulary restriction: only some tokens occur, in the context and next; the law is renormalised over them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from numerics.models.protocol import (
    CHUNK_ENTRIES,
    FloatArray,
    IntArray,
    LanguageModel,
    ModelError,
    Vocabulary,
    check_contexts,
    in_chunks,
    log_softmax,
)
from numerics.models.wrappers.wrapped import Wrapped, wrap


@dataclass(frozen=True, eq=False)
class Restriction:
    """The tokens 0..d-1 stand for `tokens` of the base."""

    tokens: IntArray  # (d,) indices in the base's vocabulary

    def log_probs(self, base: LanguageModel, contexts: IntArray) -> FloatArray:
        """(B, k) of restricted indices to (B, d); ModelError where the kept tokens have no mass at all."""
        checked = check_contexts(contexts, len(self.tokens), base.context_window)

        def chunk(part: IntArray) -> FloatArray:
            full = base.next_token_log_probs(self.tokens[part])  # (b, T)
            return log_softmax(full[:, self.tokens], part)

        rows = max(1, CHUNK_ENTRIES // base.vocabulary.size)  # the base's full rows are what costs memory
        return in_chunks(chunk, checked, len(self.tokens), rows)


def restrict(model: LanguageModel, tokens: Sequence[int] | IntArray) -> Wrapped:
    """The model over `tokens` (base indices, at least 2, distinct), in that order.

    Token i has the name of the base's token `tokens[i]`, its index there where it has none. Restriction and temperature
    commute, and renormalising over a subset breaks no further assumption.
    """
    kept = np.asarray(tokens)
    if kept.ndim != 1 or not np.issubdtype(kept.dtype, np.integer):
        raise ModelError(f"tokens have shape {kept.shape} and type {kept.dtype}, expected a list of integers")
    if len(kept) < 2:
        raise ModelError(f"{len(kept)} tokens are kept, expected at least 2")
    if len(np.unique(kept)) != len(kept):
        values, counts = np.unique(kept, return_counts=True)
        raise ModelError(f"token {values[counts > 1][0]} is kept twice")
    if kept.min() < 0 or kept.max() >= model.vocabulary.size:
        outside = kept[(kept < 0) | (kept >= model.vocabulary.size)][0]
        raise ModelError(f"token {outside} is outside the vocabulary 0..{model.vocabulary.size - 1} of {model.name}")
    named = Vocabulary(len(kept), tuple(model.vocabulary.label(int(token)) for token in kept))
    return wrap(model, Restriction(kept.astype(np.int64)), f"tokens={len(kept)}", vocabulary=named)
