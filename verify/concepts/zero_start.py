"""Gradients that vanish exactly: at W_Q = W_K = 0, and with one demonstration."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from numerics.concepts.prompts import Sampler
from verify.concepts.networks import random_dictionary, random_weights, same, seeds
from verify.instance import Instance
from verify.measurement import Context, measures
from verify.precision import exact, floating

STEPS = 5


@measures("concepts/zero_init_saddle", over=seeds, examples=(12, 120))
def zero_init_saddle(seed: int, context: Context) -> Iterator[Instance]:
    import torch

    from numerics.concepts.network import batch_of, descend, forward

    rng = np.random.default_rng(seed)
    dictionary = random_dictionary(rng)
    noisy = Sampler(4, "iid", activity=0.3, irrelevant=0.3, word_noise=0.3, label_noise=0.3)
    weights = random_weights(rng, dictionary)
    weights.W_Q.zero_()
    weights.W_K.zero_()
    rate = torch.full((1,), 0.5, dtype=torch.float64)
    for _ in range(STEPS):
        state = descend(weights, batch_of(noisy.sample(rng, dictionary, (1, 8)), 1), rate, 0.95)
    for name in ("W_Q", "W_K"):  # exactly 0: no rounding is allowed for
        largest = float(getattr(weights, name).abs().max())
        yield Instance({"t": STEPS}, exact(0) if largest == 0 else floating(largest, relative=1e-12), name, exact(0))
    state = forward(weights, batch_of(noisy.sample(rng, dictionary, (1, 8)), 1))
    yield same(state.attention, 0.25, "attention")
    prompts = Sampler(4, "balanced").enumerate(dictionary)
    state = forward(weights, batch_of(prompts, 1, shared=True))
    yield same(state.value[0], dictionary.c[prompts.concepts[:, 0]], "value")


@measures("concepts/single_demo", over=seeds, examples=(12, 120))
def single_demo(seed: int, context: Context) -> Iterator[Instance]:
    import torch

    from numerics.concepts import autograd
    from numerics.concepts.network import batch_of, forward, weighted_gradients

    rng = np.random.default_rng(seed)
    dictionary = random_dictionary(rng)
    noisy = Sampler(1, "iid", activity=0.3, irrelevant=0.3, word_noise=0.3, label_noise=0.3)
    batch, weights = batch_of(noisy.sample(rng, dictionary, (1, 8)), 1), random_weights(rng, dictionary)
    state = forward(weights, batch)
    closed = weighted_gradients(weights, state, batch, torch.ones_like(state.output))
    twin = autograd.loss_gradients(weights, batch, 0.0)
    for name in ("W_Q", "W_K"):
        largest = float(getattr(closed, name).abs().max())
        quantity = exact(0) if largest == 0 else floating(largest, relative=1e-12)
        yield Instance({}, quantity, name, exact(0), label="closed form")
        yield same(getattr(twin, name), 0.0, name, label="autograd")
