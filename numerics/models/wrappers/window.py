"""Window truncation: the model sees the last k tokens only, so any model becomes a finite Markov chain of order k.

Short contexts (fewer than k tokens) go to the base model as they are; the base then does with them what it always does.
For `names` that means padding with '.' on the left, so under window m all characters but the last m are '.', and '.'
flows through the window like any other character. For a transformer the kept tokens take the positions 0..k-1.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from numerics.models.protocol import FloatArray, IntArray, LanguageModel, ModelError, Vocabulary, check_contexts


@dataclass(frozen=True, eq=False)
class Windowed:
    """A model of window k: contexts up to the base's window are accepted and cut to their last k tokens."""

    base: LanguageModel
    window: int

    @property
    def name(self) -> str:
        """The base's name and the window."""
        return f"{self.base.name}|window={self.window}"

    @property
    def vocabulary(self) -> Vocabulary:
        """As the base."""
        return self.base.vocabulary

    @property
    def context_window(self) -> int:
        """k, the number of tokens on which the law depends."""
        return self.window

    @property
    def temperature(self) -> float:
        """As the base."""
        return self.base.temperature

    @property
    def broken_assumptions(self) -> Mapping[str, str]:
        """A fixed window repairs `finite_window`; the rest is as the base."""
        return {key: why for key, why in self.base.broken_assumptions.items() if key != "finite_window"}

    def next_token_log_probs(self, contexts: IntArray) -> FloatArray:
        """(B, j) to (B, T), j up to the base's window; only the last k tokens matter."""
        tokens = check_contexts(contexts, self.vocabulary.size, self.base.context_window)
        return self.base.next_token_log_probs(tokens[:, -self.window :])


def with_window(model: LanguageModel, window: int) -> LanguageModel:
    """The model cut to its last `window` tokens, itself for the full window; ModelError unless 1 <= window <= K."""
    if not 1 <= window <= model.context_window:
        raise ModelError(
            f"window is {window}, expected 1 to {model.context_window} (the context window of {model.name})"
        )
    if isinstance(model, Windowed):
        return with_window(model.base, window)
    return model if window == model.context_window else Windowed(model, int(window))
