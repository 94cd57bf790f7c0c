"""Named properties of a model or of data that claims assume and measurements test.

The names are shared with `numerics.models.protocol`, whose wrappers say which of them they break.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Assumption:
    """A property by name, and what it means."""

    name: str
    meaning: str


POSITIVE = Assumption("positive", "P(x | s) > 0 for every state s and token x (definition D4)")
FINITE_LOGITS = Assumption("finite_logits", "all logits are finite")
TEMPERATURE_POSITIVE = Assumption("temperature_positive", "the temperature is > 0")
FINITE_WINDOW = Assumption("finite_window", "the next-token law depends on the last K tokens only")
FIXED_MODEL = Assumption("fixed_model", "the model was fixed before the data were drawn")
FIRST_ORDER = Assumption("first_order", "the source is a first-order Markov chain")
STATIONARY_SOURCE = Assumption("stationary_source", "the source is stationary")
REALIZABLE = Assumption("realizable", "the empirical risk on the prompt or training data is zero")
