"""A model made from another one: what the change leaves alone is as the base.

Main definitions: `Wrapped`, `wrap`. The changes themselves (`Temperature`, `Window`, `Restriction`, `TopK`, `TopP`,
`Greedy`) stand in the files beside this one; each computes the new next-token law from the base's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from numerics.models.protocol import FloatArray, IntArray, LanguageModel, Vocabulary


class Change(Protocol):
    """What a wrapper does to next-token laws."""

    def log_probs(self, base: LanguageModel, contexts: IntArray) -> FloatArray:
        """(B, k) contexts of the wrapped model to (B, T) natural logarithms, rows normalised."""


@dataclass(frozen=True, eq=False)
class Wrapped:
    """`base` under `change`, with what a language model says of itself; made by `wrap`."""

    base: LanguageModel
    change: Change
    name: str
    vocabulary: Vocabulary
    context_window: int
    temperature: float
    broken_assumptions: Mapping[str, str]

    def next_token_log_probs(self, contexts: IntArray) -> FloatArray:
        """(B, k) to (B, T), as the change has it."""
        return self.change.log_probs(self.base, contexts)


def wrap(
    base: LanguageModel,
    change: Change,
    label: str,
    *,
    vocabulary: Vocabulary | None = None,
    context_window: int | None = None,
    temperature: float | None = None,
    broken_assumptions: Mapping[str, str] | None = None,
) -> Wrapped:
    """The base under `change`, named `base|label`; whatever is left out is as the base."""
    return Wrapped(
        base,
        change,
        f"{base.name}|{label}",
        base.vocabulary if vocabulary is None else vocabulary,
        base.context_window if context_window is None else context_window,
        base.temperature if temperature is None else temperature,
        base.broken_assumptions if broken_assumptions is None else broken_assumptions,
    )
