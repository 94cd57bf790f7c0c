"""Window truncation: the model sees the last k tokens only, so any model becomes a finite Markov chain of order k.

Short contexts (fewer than k tokens) go to the base model as they are; the base then does with them what it always does.
For `names` that means padding with '.' on the left, so under window m all characters but the last m are '.', and '.'
flows through the window like any other character. For a transformer the kept tokens take the positions 0..k-1.
"""

from __future__ import annotations

from dataclasses import dataclass

from numerics.models.protocol import FloatArray, IntArray, LanguageModel, ModelError, check_contexts
from numerics.models.wrappers.wrapped import Wrapped, wrap


@dataclass(frozen=True)
class Window:
    """Contexts up to the base's window are accepted and cut to their last `length` tokens."""

    length: int

    def log_probs(self, base: LanguageModel, contexts: IntArray) -> FloatArray:
        """(B, j) to (B, T), j up to the base's window."""
        tokens = check_contexts(contexts, base.vocabulary.size, base.context_window)
        return base.next_token_log_probs(tokens[:, -self.length :])


def with_window(model: LanguageModel, window: int) -> LanguageModel:
    """The model cut to its last `window` tokens, itself for the full window; ModelError unless 1 <= window <= K.

    A fixed window repairs `finite_window`; the other assumptions are as the base's.
    """
    if not 1 <= window <= model.context_window:
        raise ModelError(
            f"window is {window}, expected 1 to {model.context_window} (the context window of {model.name})"
        )
    if isinstance(model, Wrapped) and isinstance(model.change, Window):
        return with_window(model.base, window)
    if window == model.context_window:
        return model
    broken = {key: why for key, why in model.broken_assumptions.items() if key != "finite_window"}
    return wrap(model, Window(int(window)), f"window={window}", context_window=int(window), broken_assumptions=broken)
