"""Temperature: P_τ(x|s) ∝ P(x|s)^{1/τ}, the softmax of the logits divided by τ (D4)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from numerics.models.protocol import FloatArray, IntArray, LanguageModel, ModelError, Vocabulary, in_chunks, log_softmax
from numerics.models.wrappers.truncation import Greedy


@dataclass(frozen=True, eq=False)
class Tempered:
    """A model at another temperature; computed in the log domain, so that small τ underflows nowhere."""

    base: LanguageModel
    factor: float

    @property
    def name(self) -> str:
        """The base's name and the factor."""
        return f"{self.base.name}|temperature={self.factor:g}"

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
        """Temperatures multiply."""
        return self.base.temperature * self.factor

    @property
    def broken_assumptions(self) -> Mapping[str, str]:
        """A positive temperature breaks nothing new."""
        return self.base.broken_assumptions

    def next_token_log_probs(self, contexts: IntArray) -> FloatArray:
        """(B, k) to (B, T)."""
        contexts = np.asarray(contexts)
        return in_chunks(
            lambda part: log_softmax(self.base.next_token_log_probs(part) / self.factor, part),
            contexts,
            self.vocabulary.size,
        )


def with_temperature(model: LanguageModel, temperature: float) -> LanguageModel:
    """The model at `temperature` times its own temperature.

    Temperature 1 returns the model itself. Temperature 0 is the limit τ → 0: the mass is shared equally by the most
    likely tokens (breaks `positive`, `finite_logits`, `temperature_positive`). A negative, infinite or NaN temperature
    raises ModelError.
    """
    if not 0 <= temperature < float("inf"):
        raise ModelError(f"temperature is {temperature}, expected a finite number >= 0")
    if temperature == 1:
        return model
    if temperature == 0:
        return Greedy(model, ties="shared")
    if isinstance(model, Tempered):  # fold, so that temperatures compose exactly
        return with_temperature(model.base, model.factor * temperature)
    return Tempered(model, float(temperature))
