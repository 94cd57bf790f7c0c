"""A compiled predictor behind the protocol of language models.

Main definition: `CompiledModel`, from `as_model(compiled)`.

The law after a context of k tokens, for prompts of n tokens and chains of T:
- k < n: uniform over the tokens that can stand at prompt position k; a prompt is an input, not something predicted;
- n <= k < n + T: softmax of the scores of step k - n + 1, tokens that are not live having probability 0. Scores are
  integers and the right one is ahead by at least 1, so temperature 0 gives the chain and a small temperature nearly so;
- k = n + T: the last token with certainty. The window has n + T tokens, so it then slides over copies of the answer.

Assumptions of theorems that this breaks: `positive` and `finite_logits` (tokens that are not live, and the certain
repetition), `stationary_source` (every position has its own weights). Source: specification `autoregressive`, D5, D8.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from numerics.machines.compiled import Compiled
from numerics.machines.dense import DenseAR, dense, step_scores
from numerics.models.protocol import FloatArray, IntArray, Vocabulary, check_contexts, in_chunks

# A score difference further below is e^-(10^300) all the same, and no float64 would hold it.
LOWEST = -(10**300)


@dataclass(frozen=True, eq=False)
class CompiledModel:
    """The next-token law of a compiled predictor; see the module's text for contexts of every length."""

    name: str
    vocabulary: Vocabulary
    arrays: DenseAR
    inputs: tuple[IntArray, ...]  # tokens that can stand at each prompt position
    temperature: float = 1.0
    broken_assumptions: Mapping[str, str] = field(
        default_factory=lambda: {
            "positive": "tokens that are not live at a position have probability 0, and the answer is repeated",
            "finite_logits": "tokens that are not live at a position have the logit -inf",
            "stationary_source": "every position of the prompt and of the chain has its own law",
        }
    )

    @property
    def context_window(self) -> int:
        """n + T."""
        return self.arrays.n + len(self.arrays.steps)

    def next_token_log_probs(self, contexts: IntArray) -> FloatArray:
        """(B, k) to (B, K)."""
        tokens = check_contexts(contexts, self.vocabulary.size, self.context_window)
        return in_chunks(self._log_probs, tokens, self.vocabulary.size)

    def _log_probs(self, contexts: IntArray) -> FloatArray:
        length = contexts.shape[1]
        found = np.full((len(contexts), self.vocabulary.size), -np.inf)
        if length < self.arrays.n:
            allowed = self.inputs[length]
            found[:, allowed] = -np.log(len(allowed))
        elif length < self.context_window:
            scores = step_scores(self.arrays, length - self.arrays.n + 1, contexts)
            # The subtraction is one of integers: exact also where a float64 could not hold the scores.
            behind = scores - scores.max(axis=1, keepdims=True)
            if behind.dtype == object:
                behind = np.maximum(behind, LOWEST)
            logits = behind.astype(np.float64)
            logits -= np.log(np.exp(logits).sum(axis=1, keepdims=True))
            found[:, self.arrays.steps[length - self.arrays.n].live] = logits
        else:
            found[np.arange(len(contexts)), contexts[:, -1]] = 0.0
        return found


def as_model(compiled: Compiled, name: str = "compiled") -> CompiledModel:
    """The language model of a compiled predictor; its vocabulary is the dictionary, in the dictionary's order."""
    arrays = dense(compiled.model, compiled.tokens, "exact")
    index = {token: i for i, token in enumerate(arrays.tokens)}
    inputs = tuple(np.array([index[token] for token in alphabet], dtype=np.int64) for alphabet in compiled.inputs)
    return CompiledModel(name, Vocabulary(len(arrays.tokens), arrays.tokens), arrays, inputs)
