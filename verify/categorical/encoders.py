"""Sources whose encoder loses nothing."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from numerics.information.divergences import TEN
from numerics.information.entropy import mutual_information
from numerics.sources.finite import FiniteSource, block_joint
from verify.categorical.spaces import injective_sources
from verify.categorical.toy import near
from verify.instance import Instance
from verify.measurement import Context, measures


@measures("categorical/injective_encoder", over=injective_sources, examples=(20, 200))
def injective_encoder(source: FiniteSource, context: Context) -> Iterator[Instance]:
    joint = block_joint(source, source.tokens)
    yield Instance({}, near(mutual_information(joint, "X", "F", "HW")), "deficit", scale=1.0)
    surplus, ceiling = mutual_information(joint, "H", "F", "W"), mutual_information(joint, "X", "F", "W")
    yield Instance({}, near(surplus), "surplus", near(ceiling), scale=1.0)
    shuffled = np.eye(source.contexts)[context.rng.permutation(source.contexts)]
    kernel = source.encoder_rows @ shuffled  # any one-to-one naming of the states
    labels = np.concatenate([[0, 1], context.rng.integers(2, size=source.contexts - 2)])
    overlap = context.rng.dirichlet(np.ones(source.contexts), size=2)
    disjoint = np.stack([np.where(labels == s, source.mu, 0.0) for s in (0, 1)])
    for name, laws in (("disjoint", disjoint / disjoint.sum(axis=1, keepdims=True)), ("overlapping", overlap)):
        for divergence in TEN:
            before, after = float(divergence(*laws)), float(divergence(*(laws @ kernel)))
            yield Instance({}, near(after), "metric", near(before), f"{divergence.name}, {name} labels", scale=1.0)
