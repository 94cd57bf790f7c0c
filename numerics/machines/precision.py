"""From which size on floating point decodes a linear predictor wrongly.

Main definitions
    first_inexact_step   every step before it is computed without a rounding, whatever the prompt
    first_failure        the first prompt and token where a backend leaves the exact chain

A sum of integers that are multiples of 2^s is exact in a format of b bits as long as no partial sum exceeds 2^(b+s).
Beyond that the gap of a compiled model, which can be as small as 1, may be rounded away. Source: specification
`autoregressive`, section 4 (pitfalls).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from math import gcd

import numpy as np

from numerics.machines.dense import Backend, decode, dense, encode, rollout
from numerics.machines.linear_ar import LinearAR, LinearStep

FLOAT32_BITS = 24
FLOAT64_BITS = 53
BATCH = 1024  # prompts


@dataclass(frozen=True)
class Failure:
    """Where a backend first differs from the exact chain: on `prompt`, chain token `t` = 1.. is `found`."""

    prompt: tuple[str, ...]
    t: int
    exact: str
    found: str


def largest_sum(step: LinearStep) -> int:
    """No partial sum of the step's scores is larger in absolute value, on any context."""
    largest: dict[int, int] = {}
    for (position, _), row in step.weights.items():
        largest[position] = max(largest.get(position, 0), *map(abs, row.values()), 0)
    return sum(largest.values()) + max(map(abs, step.bias.values()), default=0)


def first_inexact_step(model: LinearAR, bits: int = FLOAT32_BITS) -> int | None:
    """First step t = 1.. whose scores may be rounded in a format of so many bits; None if the model is exact in it.

    Sufficient, not necessary: a later step may still decode rightly on every prompt that occurs.
    """
    for t, step in enumerate(model.steps, start=1):
        entries = [weight for row in step.weights.values() for weight in row.values()] + list(step.bias.values())
        common = gcd(*entries)
        power = common & -common  # the largest power of 2 that divides every weight; 0 if all are 0
        if largest_sum(step) > power << bits:
            return t
    return None


def first_failure(
    model: LinearAR, prompts: Iterable[Sequence[str]], tokens: Sequence[str] | None = None, backend: Backend = "float32"
) -> Failure | None:
    """The first of the prompts on which a backend decodes another chain than exact arithmetic, None if all agree.

    `tokens` is the dictionary (default: the tokens that the model names). Raises UnknownToken for other prompts.
    """
    exact, rounded = dense(model, tokens, "exact"), dense(model, tokens, backend)
    rest = iter(prompts)
    while batch := list(islice(rest, BATCH)):
        contexts = encode(exact, batch)
        true, found = rollout(exact, contexts), rollout(rounded, contexts)
        wrong = np.argwhere(true != found)
        if len(wrong):
            row, t = map(int, wrong[0])
            said = (decode(exact, chain[row : row + 1])[0][t] for chain in (true, found))
            return Failure(tuple(batch[row]), t + 1, *said)
    return None
