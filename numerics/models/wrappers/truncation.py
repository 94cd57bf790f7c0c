"""Truncated decoding: top-k, top-p, greedy. All set probabilities to 0, which breaks positivity."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from numerics.models.protocol import FloatArray, IntArray, LanguageModel, ModelError, in_chunks, log_softmax
from numerics.models.wrappers.wrapped import Wrapped, wrap


@dataclass(frozen=True)
class TopK:
    """Only the k most likely tokens, renormalised; exactly k are kept: ties go to the lower index."""

    k: int

    def log_probs(self, base: LanguageModel, contexts: IntArray) -> FloatArray:
        """(B, k) to (B, T), -inf for dropped tokens."""

        def kept(log_probs: FloatArray) -> FloatArray:
            order = np.argsort(-log_probs, axis=1, kind="stable")  # (b, T)
            kept_only = log_probs.copy()
            np.put_along_axis(kept_only, order[:, self.k :], -np.inf, axis=1)
            return kept_only

        return _reweighted(base, contexts, kept)


@dataclass(frozen=True)
class TopP:
    """The fewest most likely tokens whose mass reaches p, renormalised; ties go to the lower index."""

    p: float

    def log_probs(self, base: LanguageModel, contexts: IntArray) -> FloatArray:
        """(B, k) to (B, T), -inf for dropped tokens."""

        def kept(log_probs: FloatArray) -> FloatArray:
            order = np.argsort(-log_probs, axis=1, kind="stable")  # (b, T)
            descending = np.exp(np.take_along_axis(log_probs, order, axis=1))
            mass_before = np.cumsum(descending, axis=1) - descending
            dropped = mass_before >= self.p
            dropped[:, 0] = False
            drop = np.empty_like(dropped)
            np.put_along_axis(drop, order, dropped, axis=1)
            return np.where(drop, -np.inf, log_probs)

        return _reweighted(base, contexts, kept)


@dataclass(frozen=True)
class Greedy:
    """The most likely token with certainty; ties: `first` takes the lowest index, `shared` is the limit τ → 0."""

    ties: Literal["first", "shared"]

    def log_probs(self, base: LanguageModel, contexts: IntArray) -> FloatArray:
        """(B, k) to (B, T): 0 for the most likely token, -inf for the others."""

        def kept(log_probs: FloatArray) -> FloatArray:
            if self.ties == "shared":
                chosen = log_probs == log_probs.max(axis=1, keepdims=True)
            else:
                chosen = np.arange(log_probs.shape[1]) == log_probs.argmax(axis=1)[:, None]
            return np.where(chosen, 0.0, -np.inf)

        return _reweighted(base, contexts, kept)


def top_k(model: LanguageModel, k: int) -> LanguageModel:
    """Top-k decoding; k = T returns the model itself; ModelError unless 1 <= k <= T."""
    size = model.vocabulary.size
    if not 1 <= k <= size:
        raise ModelError(f"k is {k}, expected 1 to {size} (the vocabulary of {model.name})")
    if k == size:
        return model
    zeros = _zeros(model, f"top-k keeps {k} of {size} tokens; the others have probability 0")
    return wrap(model, TopK(int(k)), f"top_k={k}", broken_assumptions=zeros)


def top_p(model: LanguageModel, p: float) -> LanguageModel:
    """Nucleus decoding; p = 1 returns the model itself; ModelError unless 0 < p <= 1."""
    if not 0 < p <= 1:
        raise ModelError(f"p is {p}, expected a number in (0, 1]")
    if p == 1:
        return model
    zeros = _zeros(model, f"top-p keeps the fewest tokens whose mass reaches {p:g}; the others have probability 0")
    return wrap(model, TopP(float(p)), f"top_p={p:g}", broken_assumptions=zeros)


def greedy(model: LanguageModel) -> Wrapped:
    """Greedy decoding as decoders do it: ties go to the lowest index."""
    return _most_likely(model, "first", "greedy")


def zero_temperature(model: LanguageModel) -> Wrapped:
    """The limit τ → 0: the most likely tokens share the mass equally."""
    return _most_likely(model, "shared", "temperature=0")


def _most_likely(model: LanguageModel, ties: Literal["first", "shared"], label: str) -> Wrapped:
    zeros = _zeros(model, "greedy decoding: only the most likely token has probability above 0")
    broken = {**zeros, "temperature_positive": "greedy decoding is temperature 0"}
    return wrap(model, Greedy(ties), label, temperature=0.0, broken_assumptions=broken)


def _zeros(base: LanguageModel, reason: str) -> Mapping[str, str]:
    return {**base.broken_assumptions, "positive": reason, "finite_logits": reason}


def _reweighted(base: LanguageModel, contexts: IntArray, kept: Callable[[FloatArray], FloatArray]) -> FloatArray:
    """The base's rows after `kept`, normalised again."""
    return in_chunks(
        lambda part: log_softmax(kept(base.next_token_log_probs(part)), part),
        np.asarray(contexts),
        base.vocabulary.size,
    )
