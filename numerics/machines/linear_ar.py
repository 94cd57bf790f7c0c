"""Linear autoregressive predictors with integer weights on one-hot features.

Main definitions
    LinearStep   scores of one chain token: live alphabet, sparse weights on (position, token), biases
    LinearAR     one step a chain token; no weights are shared between steps
    scores, rollout, teacher_force, gap, gaps

Positions are 0-based: the prompt is 0..n-1, chain token t = 1.. sits at n + t - 1. Ties go to the token that comes
first in the live alphabet. Arithmetic is in Python integers. Source: specification `autoregressive`, D5, D8, D9.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

Feature = tuple[int, str]  # (position, token)


@dataclass(frozen=True)
class LinearStep:
    """The decoder of one chain token.

    Attributes
        live     tokens that can be output, in dictionary order
        weights  (position, token) to the score it adds to each output token (0 where not named)
        bias     constant score of each output token (0 where not named)
    """

    live: tuple[str, ...]
    weights: Mapping[Feature, Mapping[str, int]]
    bias: Mapping[str, int]

    @property
    def squared_norm(self) -> int:
        """B_t^2: sum of the squares of all weights and biases."""
        rows = sum(v * v for row in self.weights.values() for v in row.values())
        return rows + sum(v * v for v in self.bias.values())


@dataclass(frozen=True)
class LinearAR:
    """A predictor for prompts of n tokens that outputs a chain of len(steps) tokens."""

    n: int
    steps: tuple[LinearStep, ...]

    @property
    def tokens(self) -> tuple[str, ...]:
        """Every token that the model names, in order of first mention: as a feature, then as an output."""
        named = [token for step in self.steps for _, token in step.weights]
        return tuple(dict.fromkeys([*named, *(token for step in self.steps for token in step.live)]))

    @property
    def squared_norms(self) -> tuple[int, ...]:
        """B_t^2 of every step."""
        return tuple(step.squared_norm for step in self.steps)


def scores(step: LinearStep, context: Sequence[str]) -> dict[str, int]:
    """Score of every live token on a context (prompt, then the chain so far)."""
    found = {token: step.bias.get(token, 0) for token in step.live}
    for position, token in enumerate(context):
        for output, weight in step.weights.get((position, token), {}).items():
            found[output] += weight
    return found


def rollout(model: LinearAR, prompt: Sequence[str]) -> tuple[str, ...]:
    """The chain the model outputs; ValueError for a prompt of another length than n."""
    if len(prompt) != model.n:
        raise ValueError(f"the prompt has {len(prompt)} tokens, expected {model.n}")
    context = list(prompt)
    for step in model.steps:
        found = scores(step, context)
        context.append(max(step.live, key=lambda token: found[token]))
    return tuple(context[model.n :])


def gap(step: LinearStep, context: Sequence[str], token: str) -> int:
    """Score of `token` minus the best score of another live token: negative where the model prefers another.

    Raises ValueError for a token that is not live, and for a live alphabet of one token.
    """
    found = scores(step, context)
    if token not in found or len(found) < 2:
        raise ValueError(f"no gap of {token!r} among the {len(found)} live tokens {', '.join(step.live[:8])}")
    return found[token] - max(score for other, score in found.items() if other != token)


def teacher_force(model: LinearAR, prompt: Sequence[str], chain: Sequence[str]) -> tuple[str, ...]:
    """What each step outputs when the chain so far is the given one; ValueError for wrong lengths."""
    context = _context(model, prompt, chain)
    found = []
    for t, step in enumerate(model.steps):
        values = scores(step, context[: model.n + t])
        found.append(max(step.live, key=lambda token: values[token]))
    return tuple(found)


def gaps(model: LinearAR, prompt: Sequence[str], chain: Sequence[str]) -> tuple[int | None, ...]:
    """Signed gap of every chain token, its predecessors as context; None where only one token is live."""
    context = _context(model, prompt, chain)
    return tuple(
        gap(step, context[: model.n + t], chain[t]) if len(step.live) > 1 else None
        for t, step in enumerate(model.steps)
    )


def _context(model: LinearAR, prompt: Sequence[str], chain: Sequence[str]) -> list[str]:
    if len(prompt) != model.n or len(chain) != len(model.steps):
        raise ValueError(
            f"the prompt has {len(prompt)} tokens and the chain {len(chain)}, expected {model.n} and {len(model.steps)}"
        )
    return [*prompt, *chain]
