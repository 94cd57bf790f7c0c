"""Random finite sources: Dirichlet rows, random masses, random partitions of the contexts into states.

Main definitions: `random_rows`, `random_partition`, `random_source`.

Conventions: a generator is passed in; concentration 1 is uniform on the simplex, small ones give near-deterministic
rows.  Source: specification `categorical`, 2.0 (MT).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from numerics.sources.finite import FiniteSource, source_of

FloatArray = NDArray[np.float64]


def random_rows(
    rng: np.random.Generator, shape: tuple[int, ...], concentration: float = 1.0, zeros: float = 0.0
) -> FloatArray:
    """Dirichlet laws along the last axis; each entry is 0 with probability `zeros`, but no whole row is."""
    if not concentration > 0:
        raise ValueError(f"the concentration is {concentration}, expected a number > 0")
    # gamma variables of small shape underflow: their logarithms do not
    logs = np.log(rng.gamma(concentration + 1, size=shape)) + np.log(rng.random(shape)) / concentration
    weights = np.exp(logs - logs.max(axis=-1, keepdims=True))
    kept = rng.random(shape) >= zeros
    kept[weights == 1] = True  # the largest entry of a row
    weights = np.where(kept, weights, 0.0)
    return np.asarray(weights / weights.sum(axis=-1, keepdims=True))


def random_partition(rng: np.random.Generator, contexts: int, states: int) -> NDArray[np.int64]:
    """A map of the contexts onto 0..states-1, every state used. ValueError for more states than contexts."""
    if not 1 <= states <= contexts:
        raise ValueError(f"{contexts} contexts cannot be cut into {states} states")
    labels = np.concatenate([np.arange(states), rng.integers(states, size=contexts - states)])
    return np.asarray(rng.permutation(labels), dtype=np.int64)


def random_source(
    rng: np.random.Generator,
    contexts: int = 6,
    vocabulary: int = 3,
    tokens: int = 3,
    states: int = 3,
    *,
    concentration: float = 1.0,
    zeros: float = 0.0,
) -> FiniteSource:
    """A source with Dirichlet rows for every token, positive random masses, a random partition and a random head."""
    masses = random_rows(rng, (contexts,)) + 1e-3
    laws = [random_rows(rng, (contexts, *[vocabulary] * (k + 1)), concentration, zeros) for k in range(tokens)]
    head = random_rows(rng, (states, vocabulary), concentration)
    partition = random_partition(rng, contexts, states)
    return source_of("random source", masses / masses.sum(), laws, partition, head)
