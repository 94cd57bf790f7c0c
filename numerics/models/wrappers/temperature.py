"""Temperature: P_τ(x|s) ∝ P(x|s)^{1/τ}, the softmax of the logits divided by τ (D4)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from numerics.models.protocol import FloatArray, IntArray, LanguageModel, ModelError, in_chunks, log_softmax
from numerics.models.wrappers.truncation import zero_temperature
from numerics.models.wrappers.wrapped import Wrapped, wrap


@dataclass(frozen=True)
class Temperature:
    """Logits divided by `factor` > 0; computed in the log domain, so that small τ underflows nowhere."""

    factor: float

    def log_probs(self, base: LanguageModel, contexts: IntArray) -> FloatArray:
        """(B, k) to (B, T)."""
        return in_chunks(
            lambda part: log_softmax(base.next_token_log_probs(part) / self.factor, part),
            np.asarray(contexts),
            base.vocabulary.size,
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
        return zero_temperature(model)
    if isinstance(model, Wrapped) and isinstance(model.change, Temperature):  # fold: temperatures compose exactly
        return with_temperature(model.base, model.change.factor * temperature)
    factor = float(temperature)
    return wrap(model, Temperature(factor), f"temperature={factor:g}", temperature=model.temperature * factor)
