"""`uniform`: every token is equally likely after every context."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from numerics.models.protocol import FloatArray, IntArray, ModelEntry, ModelError, Vocabulary, check_contexts


@dataclass(frozen=True)
class Uniform:
    """P(x|s) = 1/T for all s, x: the chain that mixes in K steps exactly."""

    vocabulary: Vocabulary
    context_window: int
    name: str = "uniform"
    temperature: float = 1.0
    broken_assumptions: Mapping[str, str] = field(default_factory=dict)

    def next_token_log_probs(self, contexts: IntArray) -> FloatArray:
        """(B, k) to (B, T): -log T everywhere."""
        rows = len(check_contexts(contexts, self.vocabulary.size, self.context_window))
        return np.full((rows, self.vocabulary.size), -np.log(self.vocabulary.size))


def uniform(T: int = 2, K: int = 3) -> Uniform:
    """The uniform model over T tokens with window K."""
    if K < 1:
        raise ModelError(f"K is {K}, expected at least 1")
    return Uniform(Vocabulary(T), K)


MODELS = (ModelEntry("uniform", "every token equally likely", "T (2)", "K (3)", "Apache-2.0", "nothing", uniform),)
