"""Any language model as an in-context predictor of a d-state chain: the softmax of the logits of d state tokens
(definition D23).

State x of the chain is written as one token of the vocabulary, state_tokens[x]; an optional separator token stands
between states where the tokeniser needs one. At every position the model reads the last K tokens of the prompt, K its
context window, as S_n of D17.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from numerics.chains.arrays import FloatArray, IntArray


class _Vocabulary(Protocol):
    @property
    def size(self) -> int: ...


class PromptedModel(Protocol):
    """The part of the language-model protocol that is used here."""

    @property
    def name(self) -> str: ...

    @property
    def vocabulary(self) -> _Vocabulary: ...

    @property
    def context_window(self) -> int: ...

    def next_token_log_probs(self, contexts: IntArray, /) -> FloatArray: ...


class LanguageModelPredictor:
    """`model` restricted to d distinct `state_tokens` (d,), read through prompts of states."""

    def __init__(self, model: PromptedModel, state_tokens: IntArray, separator: int | None = None, batch: int = 1024):
        tokens = np.asarray(state_tokens, dtype=np.int64)
        size = model.vocabulary.size
        if tokens.ndim != 1 or tokens.size < 2 or np.unique(tokens).size != tokens.size:
            raise ValueError(f"state tokens {tokens.tolist()} given, expected at least two distinct tokens")
        if tokens.min() < 0 or tokens.max() >= size:
            raise ValueError(f"state tokens run from {tokens.min()} to {tokens.max()}, expected 0..{size - 1}")
        if separator is not None and not 0 <= separator < size:
            raise ValueError(f"the separator is token {separator}, expected 0..{size - 1}")
        self.model = model
        self.state_tokens = tokens
        self.separator = separator
        self.batch = batch

    @property
    def name(self) -> str:
        """Name of the model."""
        return self.model.name

    @property
    def states(self) -> int:
        """Number d of states."""
        return int(self.state_tokens.size)

    def next_state_probabilities(self, prompts: NDArray[np.int64]) -> NDArray[np.float64]:
        """Laws (C, N, d): entry [c, n] is the law of the state after the prefix prompts[c, :n+1].

        One model call a position and batch of chains. Raises ValueError when a law is not finite: the model gives
        every state token probability zero.
        """
        if prompts.ndim != 2 or (prompts.size and not (prompts.min() >= 0 and prompts.max() < self.states)):
            raise ValueError(
                f"prompts of shape {prompts.shape} given, expected (chains, states in 0..{self.states - 1})"
            )
        text = self.state_tokens[prompts]  # (C, N)
        stride = 1
        if self.separator is not None:
            stride = 2
            text = np.stack([text, np.full_like(text, self.separator)], axis=2).reshape(prompts.shape[0], -1)  # (C, 2N)
        laws = np.empty((*prompts.shape, self.states))
        for n in range(prompts.shape[1]):
            end = stride * (n + 1)
            windows = text[:, max(0, end - self.model.context_window) : end]
            for first in range(0, prompts.shape[0], self.batch):
                rows = slice(first, first + self.batch)
                scores = self.model.next_token_log_probs(windows[rows])[:, self.state_tokens]  # (B, d)
                top = scores.max(axis=1, keepdims=True)
                if not np.isfinite(top).all():
                    chain = first + int(np.argmin(np.isfinite(top[:, 0])))
                    raise ValueError(
                        f"chain {chain}, position {n}: every state token has probability zero in the model"
                    )
                weights = np.exp(scores - top)
                laws[rows, n] = weights / weights.sum(axis=1, keepdims=True)
        return laws
