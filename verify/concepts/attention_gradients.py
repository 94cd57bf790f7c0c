"""Closed-form gradients against reverse-mode differentiation and against differences, on random weights and prompts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from numerics.concepts.prompts import Sampler
from verify.concepts.networks import random_dictionary, random_weights, same, seeds
from verify.instance import Instance
from verify.measurement import Context, measures

if TYPE_CHECKING:
    from numerics.concepts.network import Batch, Parameters

STEP = 1e-5  # of central differences: their error is about STEP^2 and roundoff/STEP
DIFFERENCES = 1e-8


def _noisy(rng: np.random.Generator) -> Sampler:
    length = int(rng.integers(1, 6))
    return Sampler(length, "iid", activity=0.3, irrelevant=0.3, word_noise=0.3, label_noise=0.3)


@measures("concepts/gradients", over=seeds, examples=(12, 120))
def gradients(seed: int, context: Context) -> Iterator[Instance]:
    import torch

    from numerics.concepts import autograd
    from numerics.concepts.network import batch_of, forward, loss_gradients, weighted_gradients

    rng = np.random.default_rng(seed)
    dictionary = random_dictionary(rng)
    prompts = _noisy(rng).sample(rng, dictionary, (1, 4))
    batch, weights = batch_of(prompts, 1), random_weights(rng, dictionary)
    lam = float(rng.uniform(0.01, 1))
    closed, reverse = loss_gradients(weights, batch, lam), autograd.loss_gradients(weights, batch, lam)
    for name in ("W_Q", "W_K", "W_O"):
        yield same(getattr(closed, name), getattr(reverse, name), name, label="loss, autograd")
    state = forward(weights, batch)
    of_output = weighted_gradients(weights, state, batch, torch.ones_like(state.output))
    for name in ("W_Q", "W_K", "W_O"):
        gradient = getattr(of_output, name)
        direction = torch.as_tensor(rng.standard_normal(gradient.shape))
        direction /= direction.norm()
        slope = _difference(weights, batch, name, direction)
        if slope is not None:
            yield same(slope, float((direction * gradient).sum()), name, DIFFERENCES, "output, differences")
    hidden = state.preactivations.clamp_min(0) @ weights.readout()
    active = (state.preactivations > 0) * weights.readout()
    g_v = active @ weights.W_O
    yield same(hidden, (g_v * state.value).sum(-1), "read-out")
    yield from _scores(rng)


def _difference(weights: Parameters, batch: Batch, name: str, direction: object) -> float | None:
    """The slope of the sum of outputs along a direction; None where a neuron switches within the step."""
    from numerics.concepts.network import forward

    found, patterns = [], []
    for sign in (1, -1):
        moved = weights.clone()
        getattr(moved, name).add_(direction, alpha=sign * STEP)
        state = forward(moved, batch)
        found.append(float(state.output.sum()))
        patterns.append(state.preactivations > 0)
    if not bool((patterns[0] == patterns[1]).all()):
        return None
    return (found[0] - found[1]) / (2 * STEP)


def _scores(rng: np.random.Generator) -> Iterator[Instance]:
    """The softmax, the loss and the regulariser along a line, by differences."""
    scores, delta = rng.standard_normal((2, int(rng.integers(1, 6))))

    def softmax(t: float) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
        weights = np.exp(scores + t * delta)
        return np.asarray(weights / weights.sum())

    sigma = softmax(0.0)
    yield same((softmax(STEP) - softmax(-STEP)) / (2 * STEP), sigma * (delta - sigma @ delta), "softmax", DIFFERENCES)
    e, f, lam = float(rng.choice((-1, 1))), float(rng.normal()), float(rng.uniform(0.01, 1))
    slope = (np.log1p(np.exp(-e * (f + STEP))) - np.log1p(np.exp(-e * (f - STEP)))) / (2 * STEP)
    yield same(slope, -e / (1 + np.exp(e * f)), "loss", DIFFERENCES)
    w, F = rng.standard_normal((2, 5))
    decay = lam / 2 * (((w + STEP * F) ** 2).sum() - ((w - STEP * F) ** 2).sum()) / (2 * STEP)
    yield same(decay, lam * F @ w, "decay", DIFFERENCES)
