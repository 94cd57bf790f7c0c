"""Simulated speculative decoding with common random numbers, and 95 % intervals.

Main definitions
    Uniforms       the random numbers of all draws; several drafters run on the same ones
    draw_uniforms  makes them
    simulate       accepted lengths of all draws
    Estimate       mean with its interval
    estimate, estimate_difference   one drafter, or one minus another on the same random numbers

Conventions: laws as in `numerics.drafting.accepted_length`; a token is drawn by inverting the drafter's distribution
function, so that equal uniforms couple different drafters.

Source: specification `categorical`, claim accepted_length (measure) and 4.7.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
Z95 = 1.959963984540054  # normal quantile at 0.975


class Uniforms(NamedTuple):
    """Uniforms on [0, 1): for the context (n,), for the drafted tokens and for their acceptance (n, γ)."""

    context: FloatArray
    token: FloatArray
    accept: FloatArray


class Estimate(NamedTuple):
    """A sample mean and the ends of its 95 % interval."""

    mean: float
    low: float
    high: float
    draws: int


def draw_uniforms(rng: np.random.Generator, draws: int, drafted: int) -> Uniforms:
    """Random numbers for `draws` draws of γ = `drafted` tokens."""
    return Uniforms(rng.random(draws), rng.random((draws, drafted)), rng.random((draws, drafted)))


def simulate(
    weights: FloatArray, verifier: Sequence[FloatArray], drafter: Sequence[FloatArray], uniforms: Uniforms
) -> IntArray:
    """How many tokens were accepted before the first refusal, in each draw (n,)."""
    context = _invert(np.broadcast_to(weights, (len(uniforms.context), len(weights))), uniforms.context)
    prefix: tuple[IntArray, ...] = (context,)
    going = np.ones(len(context), dtype=bool)
    accepted = np.zeros(len(context), dtype=np.int64)
    for step, (p, q) in enumerate(zip(verifier, drafter, strict=True)):
        rows_p, rows_q = p[prefix], q[prefix]  # (n, V)
        token = _invert(rows_q, uniforms.token[:, step])
        at = np.arange(len(token))
        # accept with probability min(1, p/q), without dividing
        going &= uniforms.accept[:, step] * rows_q[at, token] < rows_p[at, token]
        accepted += going
        prefix = (*prefix, token)
    return accepted


def estimate(accepted: NDArray[np.int64] | FloatArray) -> Estimate:
    """Mean of independent draws (n,), n ≥ 2, with its normal 95 % interval."""
    values = np.asarray(accepted, dtype=np.float64)
    if values.ndim != 1 or len(values) < 2:
        raise ValueError(f"draws have shape {values.shape}, expected (n,) with n >= 2")
    mean = float(values.mean())
    half = Z95 * float(values.std(ddof=1)) / math.sqrt(len(values))
    return Estimate(mean, mean - half, mean + half, len(values))


def estimate_difference(first: IntArray, second: IntArray) -> Estimate:
    """The mean of first - second, both simulated on the same random numbers."""
    return estimate(np.asarray(first, dtype=np.float64) - np.asarray(second, dtype=np.float64))


def _invert(rows: FloatArray, uniform: FloatArray) -> IntArray:
    """The first token whose distribution function exceeds u times the row's total; never one of probability 0."""
    cumulative = np.cumsum(rows, axis=1)
    return np.asarray((cumulative <= (uniform * cumulative[:, -1])[:, None]).sum(axis=1), dtype=np.int64)
