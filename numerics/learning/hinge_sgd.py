"""Stochastic subgradient descent on the multiclass hinge loss, one pass, one position.

Main definitions
    hinge       max over other live tokens of [1 - gap towards it]_+
    descend     one pass with a constant step; the last and the averaged iterate, and the losses before every step

Source: specification `autoregressive`, linear_decoder_sgd: start 0, step B / (sqrt(2) R sqrt(m)), averaged iterate.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from numerics.learning.features import Decoder, IntArray, Weights, labels


@dataclass(frozen=True, eq=False)
class Descent:
    """What one pass gave.

    Attributes
        average  mean of the iterates before each of the m steps, the predictor of the bound
        last     the iterate after all steps
        losses   hinge loss of every example before its step (m,)
        step     the constant step
    """

    average: NDArray[np.float64]
    last: NDArray[np.float64]
    losses: NDArray[np.float64]
    step: float


def hinge(decoder: Decoder, weights: Weights, contexts: IntArray, tokens: IntArray) -> NDArray[np.float64]:
    """Hinge losses (m,), at least 1 wherever another token scores as much as the true one."""
    true = labels(decoder, tokens)
    scores = decoder.scores(weights, decoder.encode(contexts)).astype(np.float64)
    every = np.arange(len(true))
    own = scores[every, true].copy()
    scores[every, true] = -np.inf
    found: NDArray[np.float64] = np.maximum(0.0, 1.0 - own + scores.max(axis=1))
    return found


def descend(
    decoder: Decoder, contexts: IntArray, tokens: IntArray, norm: float, *, squared_length: float | None = None
) -> Descent:
    """One pass over contexts (m, L) and tokens (m,) as they stand; `norm` is B, the norm of a decoder without loss.

    `squared_length` is R^2 in the step (default: that of the features). With signs a step moves one row, so it is
    B / (R sqrt(m)). Raises ValueError for a norm or a length that is not positive.
    """
    length = decoder.squared_length if squared_length is None else squared_length
    if not norm > 0 or not length > 0:
        raise ValueError(f"norm {norm} and squared length {length}, expected positive numbers")
    true, rows = labels(decoder, tokens), decoder.encode(contexts)
    m = len(rows)
    moved = 2.0 if decoder.shape[1] > 1 else 1.0
    step = norm / math.sqrt(moved * length * m)
    weights = np.zeros(decoder.shape)
    total = np.zeros(decoder.shape)  # sum of the iterates before each step, as m W_m minus what came too late
    losses = np.zeros(m)
    for i in range(m):
        scores = decoder.scores(weights, rows[i : i + 1])[0].copy()
        own = scores[true[i]]
        scores[true[i]] = -np.inf
        other = int(scores.argmax())
        losses[i] = max(0.0, 1.0 - own + scores[other])
        if losses[i] > 0:
            decoder.update(weights, rows[i], int(true[i]), other, step)
            decoder.update(total, rows[i], int(true[i]), other, step * (m - 1 - i))
    return Descent(total / m, weights, losses, step)
