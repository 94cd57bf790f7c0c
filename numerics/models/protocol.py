"""The one protocol behind which every language model stands.

Main definitions: `LanguageModel`, `Vocabulary`, `ModelEntry`, `check_log_probs`, `log_softmax`.
Conventions: a context is a row of 1..K token indices, oldest token first; all logarithms are natural (nats); a
probability 0 is the log-probability -inf; temperature 1.0 is the model as it was trained.

Assumptions that theorems make of a model, and by whose names `LanguageModel.broken_assumptions` speaks:

- `positive`: P(x|s) > 0 for every state s and token x (D4). Broken by top-k, top-p and greedy decoding, and by models
  with zeros.
- `finite_logits`: the law is a softmax of finite logits. Broken where probabilities are set to 0 by hand.
- `temperature_positive`: the temperature is > 0. Broken by temperature 0 (greedy decoding).
- `stationary_source`: the next-token law does not depend on the absolute position. Broken where the position is part of
  the context.
- `finite_window`: the law depends on the last K tokens only, for a K that is known. Broken by models without a fixed
  window.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

ASSUMPTIONS = ("positive", "finite_logits", "temperature_positive", "stationary_source", "finite_window")

# The largest slice of a table of log-probabilities that a model computes at once: 2^22 float64 are 32 MiB.
CHUNK_ENTRIES = 2**22


class ModelError(ValueError):
    """A model, its options, contexts or output are not what they should be; the message says which and where."""


class UnknownModelError(ModelError):
    """No model has the name that was asked for; the message lists the closest names."""


@dataclass(frozen=True)
class Vocabulary:
    """Tokens 0..size-1 (D1) and, where known, how to print them."""

    size: int
    names: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        if self.size < 2:
            raise ModelError(f"the vocabulary has {self.size} tokens, expected at least 2")
        if self.names is not None and len(self.names) != self.size:
            raise ModelError(f"the vocabulary has {self.size} tokens but {len(self.names)} names")

    def label(self, token: int) -> str:
        """Printable name of a token; its index where it has no name."""
        if not 0 <= token < self.size:
            raise ModelError(f"token {token} is outside the vocabulary 0..{self.size - 1}")
        return str(token) if self.names is None else self.names[token]

    def index(self, label: str) -> int:
        """Token whose name is `label`, else the token whose index it spells; ModelError if there is neither."""
        if self.names is not None and label in self.names:
            return self.names.index(label)
        if label.isdecimal() and int(label) < self.size:
            return int(label)
        raise ModelError(f"no token is named {label!r} in a vocabulary of {self.size} tokens")


@runtime_checkable
class LanguageModel(Protocol):
    """Next-token law P(·|s) for every state s of 1..K tokens (D2, D4)."""

    @property
    def name(self) -> str:
        """Name under which the model is reported."""

    @property
    def vocabulary(self) -> Vocabulary:
        """Its T tokens."""

    @property
    def context_window(self) -> int:
        """K, tokens."""

    @property
    def temperature(self) -> float:
        """1.0 unless wrapped."""

    @property
    def broken_assumptions(self) -> Mapping[str, str]:
        """Which assumptions of theorems (names above) the model breaks, and why; empty if none."""

    def next_token_log_probs(self, contexts: IntArray) -> FloatArray:
        """int64 (B, k) with 1 <= k <= K to float64 (B, T): natural logarithms, each row normalised within 1e-12.

        Raises ModelError for contexts of the wrong shape, tokens outside the vocabulary, and logits that are NaN.
        """


@dataclass(frozen=True)
class ModelEntry:
    """What the catalogue knows of a model without loading it."""

    name: str
    description: str
    vocabulary_size: str  # T, or the option that sets it
    context_window: str  # K in tokens, or the option that sets it
    licence: str
    needs: str  # distributions and extras; "nothing" for models made here
    build: Callable[..., LanguageModel]
    argument: str = ""  # what follows the colon in "hf:PATH"; empty for models without one


def check_contexts(contexts: Any, vocabulary_size: int, context_window: int) -> IntArray:
    """The contexts as int64 (B, k); ModelError if they are not B rows of 1..K tokens in 0..T-1."""
    array = np.asarray(contexts)
    if array.ndim != 2:
        raise ModelError(f"contexts have shape {array.shape}, expected (B, k)")
    if array.size and not np.issubdtype(array.dtype, np.integer):
        raise ModelError(f"contexts have type {array.dtype}, expected integers")
    if not 1 <= array.shape[1] <= context_window:
        raise ModelError(f"contexts have {array.shape[1]} tokens, expected 1 to {context_window} (the context window)")
    if array.size and (array.min() < 0 or array.max() >= vocabulary_size):
        row, column = np.argwhere((array < 0) | (array >= vocabulary_size))[0]
        raise ModelError(
            f"context {row} has token {array[row, column]} at position {column}, expected 0..{vocabulary_size - 1}"
        )
    return array.astype(np.int64, copy=False)


def log_softmax(logits: NDArray[np.floating[Any]], contexts: IntArray) -> FloatArray:
    """Row-wise log-softmax in float64: (B, T) to (B, T).

    `contexts` (B, k) only serves the error message. A logit -inf is a token of probability 0; NaN, +inf and rows of
    -inf only raise ModelError.
    """
    scores = np.array(logits, dtype=np.float64)
    bad = np.isnan(scores) | (scores == np.inf)
    if bad.any():
        row, token = np.argwhere(bad)[0]
        raise ModelError(f"logit of token {token} after context {_show(contexts[row])} is {scores[row, token]}")
    largest = scores.max(axis=1, keepdims=True)  # (B, 1)
    if np.isneginf(largest).any():
        row = int(np.flatnonzero(np.isneginf(largest[:, 0]))[0])
        raise ModelError(f"every token has probability 0 after context {_show(contexts[row])}")
    scores -= largest
    scores -= np.log(np.exp(scores).sum(axis=1, keepdims=True))
    return scores


def check_log_probs(
    log_probs: Any, batch: int, vocabulary_size: int, contexts: IntArray | None = None, tolerance: float = 1e-9
) -> FloatArray:
    """The array itself if it is float64 (batch, T) whose rows are log-probabilities; else ModelError naming the first
    fault."""
    array = np.asarray(log_probs)
    if array.shape != (batch, vocabulary_size):
        raise ModelError(f"log-probabilities have shape {array.shape}, expected ({batch}, {vocabulary_size})")
    if array.dtype != np.float64:
        raise ModelError(f"log-probabilities have type {array.dtype}, expected float64")
    if np.isnan(array).any():
        row, token = np.argwhere(np.isnan(array))[0]
        where = f"row {row}" if contexts is None else f"context {_show(contexts[row])}"
        raise ModelError(f"logit of token {token} after {where} is nan")
    if (array > tolerance).any():
        row, token = np.argwhere(array > tolerance)[0]
        raise ModelError(
            f"row {row} gives token {token} the log-probability {array[row, token]:.6g}, expected at most 0"
        )
    sums = np.exp(array).sum(axis=1)
    wrong = np.flatnonzero(np.abs(sums - 1) > tolerance)
    if wrong.size:
        raise ModelError(f"row {wrong[0]} sums to {sums[wrong[0]]:.6g}, expected 1 within {tolerance:g}")
    return array


def in_chunks(
    log_probs: Callable[[IntArray], FloatArray], contexts: IntArray, vocabulary_size: int, rows: int | None = None
) -> FloatArray:
    """Apply `log_probs` to slices of `rows` contexts at a time (default: 32 MiB of output), so that memory stays
    bounded."""
    step = max(1, CHUNK_ENTRIES // vocabulary_size) if rows is None else rows
    if len(contexts) <= step:
        return log_probs(contexts) if len(contexts) else np.empty((0, vocabulary_size))
    out = np.empty((len(contexts), vocabulary_size))
    for start in range(0, len(contexts), step):
        out[start : start + step] = log_probs(contexts[start : start + step])
    return out


def _show(context: IntArray) -> str:
    tokens = [str(int(token)) for token in context]
    if len(tokens) > 8:  # a context of thousands of tokens would bury the message
        tokens = ["...", *tokens[-8:]]
    return f"({', '.join(tokens)})"
