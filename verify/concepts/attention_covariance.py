"""The covariance of attention on clean prompts, for random weights and every label composition of four."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from numerics.concepts.prompts import Sampler
from verify.concepts.networks import random_dictionary, random_weights, same, seeds
from verify.instance import Instance
from verify.measurement import Context, measures


@measures("concepts/attention_covariance", over=seeds, examples=(12, 120))
def attention_covariance(seed: int, context: Context) -> Iterator[Instance]:
    from numerics.concepts.network import batch_of, forward

    rng = np.random.default_rng(seed)
    dictionary = random_dictionary(rng)
    prompts = Sampler(4, "iid").enumerate(dictionary)
    batch, weights = batch_of(prompts, 1, shared=True), random_weights(rng, dictionary)
    state = forward(weights, batch)
    g_v = (((state.preactivations > 0) * weights.readout()) @ weights.W_O)[0].numpy()
    sigma, words = state.attention[0].numpy(), batch.words[0, :, :-1].numpy()
    centred = words - np.einsum("bl,blx->bx", sigma, words)[:, None]
    labels = batch.labels[0].numpy() - state.value[0, :, None].numpy()
    found = np.einsum("bl,blx,bly,by->bx", sigma, centred, labels, g_v)
    signs = prompts.signs[:, :-1]
    mean = (sigma * signs).sum(-1)
    k = prompts.concepts[:, 0]
    slope = (dictionary.d[k] * g_v).sum(-1)
    yield same(found, ((1 - mean**2) * slope)[:, None] * dictionary.b[k], "covariance", label="iid, L = 4")
    yield same((found * dictionary.a[k]).sum(-1), 0.0, "covariance", label="along a_k")
    yield same((sigma * (signs - mean[:, None]) ** 2).sum(-1), 1 - mean**2, "variance")
