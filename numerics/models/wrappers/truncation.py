"""Truncated decoding: top-k, top-p, greedy. All set probabilities to 0, which breaks positivity."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from numerics.models.protocol import FloatArray, IntArray, LanguageModel, ModelError, Vocabulary, in_chunks, log_softmax


@dataclass(frozen=True, eq=False)
class TopK:
    """Only the k most likely tokens, renormalised; exactly k are kept: ties go to the lower index."""

    base: LanguageModel
    k: int

    @property
    def name(self) -> str:
        """The base's name and k."""
        return f"{self.base.name}|top_k={self.k}"

    @property
    def vocabulary(self) -> Vocabulary:
        """As the base."""
        return self.base.vocabulary

    @property
    def context_window(self) -> int:
        """As the base."""
        return self.base.context_window

    @property
    def temperature(self) -> float:
        """As the base."""
        return self.base.temperature

    @property
    def broken_assumptions(self) -> Mapping[str, str]:
        """Positivity."""
        size = self.vocabulary.size
        return _zeros(self.base, f"top-k keeps {self.k} of {size} tokens; the others have probability 0")

    def next_token_log_probs(self, contexts: IntArray) -> FloatArray:
        """(B, k) to (B, T), -inf for dropped tokens."""

        def chunk(part: IntArray) -> FloatArray:
            log_probs = self.base.next_token_log_probs(part)
            order = np.argsort(-log_probs, axis=1, kind="stable")  # (b, T)
            np.put_along_axis(log_probs, order[:, self.k :], -np.inf, axis=1)
            return log_softmax(log_probs, part)

        return in_chunks(chunk, np.asarray(contexts), self.vocabulary.size)


@dataclass(frozen=True, eq=False)
class TopP:
    """The fewest most likely tokens whose mass reaches p, renormalised; ties go to the lower index."""

    base: LanguageModel
    p: float

    @property
    def name(self) -> str:
        """The base's name and p."""
        return f"{self.base.name}|top_p={self.p:g}"

    @property
    def vocabulary(self) -> Vocabulary:
        """As the base."""
        return self.base.vocabulary

    @property
    def context_window(self) -> int:
        """As the base."""
        return self.base.context_window

    @property
    def temperature(self) -> float:
        """As the base."""
        return self.base.temperature

    @property
    def broken_assumptions(self) -> Mapping[str, str]:
        """Positivity."""
        return _zeros(
            self.base, f"top-p keeps the fewest tokens whose mass reaches {self.p:g}; the others have probability 0"
        )

    def next_token_log_probs(self, contexts: IntArray) -> FloatArray:
        """(B, k) to (B, T), -inf for dropped tokens."""

        def chunk(part: IntArray) -> FloatArray:
            log_probs = self.base.next_token_log_probs(part)
            order = np.argsort(-log_probs, axis=1, kind="stable")  # (b, T)
            descending = np.exp(np.take_along_axis(log_probs, order, axis=1))
            mass_before = np.cumsum(descending, axis=1) - descending
            dropped = mass_before >= self.p
            dropped[:, 0] = False
            drop = np.empty_like(dropped)
            np.put_along_axis(drop, order, dropped, axis=1)
            return log_softmax(np.where(drop, -np.inf, log_probs), part)

        return in_chunks(chunk, np.asarray(contexts), self.vocabulary.size)


@dataclass(frozen=True, eq=False)
class Greedy:
    """The most likely token with certainty; ties: `first` takes the lowest index, `shared` is the limit τ → 0."""

    base: LanguageModel
    ties: str = "first"
    temperature: float = 0.0

    @property
    def name(self) -> str:
        """The base's name."""
        return f"{self.base.name}|{'greedy' if self.ties == 'first' else 'temperature=0'}"

    @property
    def vocabulary(self) -> Vocabulary:
        """As the base."""
        return self.base.vocabulary

    @property
    def context_window(self) -> int:
        """As the base."""
        return self.base.context_window

    @property
    def broken_assumptions(self) -> Mapping[str, str]:
        """Positivity and a positive temperature."""
        zeros = _zeros(self.base, "greedy decoding: only the most likely token has probability above 0")
        return {**zeros, "temperature_positive": "greedy decoding is temperature 0"}

    def next_token_log_probs(self, contexts: IntArray) -> FloatArray:
        """(B, k) to (B, T): 0 for the most likely token, -inf for the others."""

        def chunk(part: IntArray) -> FloatArray:
            log_probs = self.base.next_token_log_probs(part)
            if self.ties == "shared":
                chosen = log_probs == log_probs.max(axis=1, keepdims=True)
            else:
                chosen = np.arange(log_probs.shape[1]) == log_probs.argmax(axis=1)[:, None]
            return log_softmax(np.where(chosen, 0.0, -np.inf), part)

        return in_chunks(chunk, np.asarray(contexts), self.vocabulary.size)


def top_k(model: LanguageModel, k: int) -> LanguageModel:
    """Top-k decoding; k = T returns the model itself; ModelError unless 1 <= k <= T."""
    if not 1 <= k <= model.vocabulary.size:
        raise ModelError(f"k is {k}, expected 1 to {model.vocabulary.size} (the vocabulary of {model.name})")
    return model if k == model.vocabulary.size else TopK(model, int(k))


def top_p(model: LanguageModel, p: float) -> LanguageModel:
    """Nucleus decoding; p = 1 returns the model itself; ModelError unless 0 < p <= 1."""
    if not 0 < p <= 1:
        raise ModelError(f"p is {p}, expected a number in (0, 1]")
    return model if p == 1 else TopP(model, float(p))


def greedy(model: LanguageModel) -> Greedy:
    """Greedy decoding as decoders do it: ties go to the lowest index."""
    return Greedy(model)


def _zeros(base: LanguageModel, reason: str) -> Mapping[str, str]:
    return {**base.broken_assumptions, "positive": reason, "finite_logits": reason}
