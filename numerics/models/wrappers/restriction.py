"""Vocabulary restriction: only some tokens occur, in the context and next; the law is renormalised over them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from numerics.models.protocol import (
    FloatArray,
    IntArray,
    LanguageModel,
    ModelError,
    Vocabulary,
    check_contexts,
    log_softmax,
)


@dataclass(frozen=True, eq=False)
class Restricted:
    """A model over the tokens 0..d-1, which stand for `tokens` of the base."""

    base: LanguageModel
    tokens: IntArray  # (d,) indices in the base's vocabulary

    @property
    def name(self) -> str:
        """The base's name and the number of tokens."""
        return f"{self.base.name}|tokens={len(self.tokens)}"

    @property
    def vocabulary(self) -> Vocabulary:
        """The kept tokens with their names (the base's index where a token has no name)."""
        return Vocabulary(len(self.tokens), tuple(self.base.vocabulary.label(int(token)) for token in self.tokens))

    @property
    def context_window(self) -> int:
        """As the base."""
        return self.base.context_window

    @property
    def temperature(self) -> float:
        """As the base: restriction and temperature commute."""
        return self.base.temperature

    @property
    def broken_assumptions(self) -> Mapping[str, str]:
        """As the base: renormalising over a subset breaks nothing new."""
        return self.base.broken_assumptions

    def next_token_log_probs(self, contexts: IntArray) -> FloatArray:
        """(B, k) of restricted indices to (B, d); ModelError where the kept tokens have no mass at all."""
        checked = check_contexts(contexts, len(self.tokens), self.context_window)
        base_size = self.base.vocabulary.size

        def chunk(part: IntArray) -> FloatArray:
            full = self.base.next_token_log_probs(self.tokens[part])  # (b, T)
            return log_softmax(full[:, self.tokens], part)

        out = np.empty((len(checked), len(self.tokens)))
        step = max(1, 2**22 // base_size)  # the base's full rows are what costs memory
        for start in range(0, len(checked), step):
            out[start : start + step] = chunk(checked[start : start + step])
        return out


def restrict(model: LanguageModel, tokens: Sequence[int] | IntArray) -> Restricted:
    """The model over `tokens` (base indices, at least 2, distinct), in that order."""
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
    return Restricted(model, kept.astype(np.int64))
