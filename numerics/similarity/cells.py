"""Cells of hidden states: the quantised encoder through which states are compared.

Main definitions: `exact_cells` (states equal entry by entry), `nearest_cells` (k-means).
Source: specification `categorical`, 2.6, 4.6.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.distance import cdist

FloatArray = NDArray[np.float64]


def exact_cells(states: FloatArray) -> NDArray[np.int64]:
    """The same label for states (N, d) that are equal in every entry: (N,), labels 0..M-1."""
    _, labels = np.unique(states, axis=0, return_inverse=True)
    return np.asarray(labels, dtype=np.int64).reshape(-1)


def nearest_cells(states: FloatArray, count: int, rng: np.random.Generator, rounds: int = 50) -> NDArray[np.int64]:
    """k-means cells of states (N, d): (N,), labels 0..M-1 with M <= count, every label used.

    Seeds by k-means++, then at most `rounds` of Lloyd's iteration; a cell that empties keeps its centre and may stay
    empty, so that fewer distinct states than `count` are no error. Raises ValueError for a count outside 1..N.
    """
    if not 1 <= count <= len(states):
        raise ValueError(f"{count} cells were asked for {len(states)} states, expected 1 to {len(states)}")
    centres = states[rng.integers(len(states))][None, :]
    while len(centres) < count:
        distances = cdist(states, centres, "sqeuclidean").min(axis=1)
        if distances.sum() == 0:  # every state is a centre already
            break
        centres = np.vstack([centres, states[rng.choice(len(states), p=distances / distances.sum())]])
    labels = cdist(states, centres, "sqeuclidean").argmin(axis=1)
    for _ in range(rounds):
        for cell in np.unique(labels):
            centres[cell] = states[labels == cell].mean(axis=0)
        moved = cdist(states, centres, "sqeuclidean").argmin(axis=1)
        if (moved == labels).all():
            break
        labels = moved
    _, numbers = np.unique(labels, return_inverse=True)
    return np.asarray(numbers, dtype=np.int64).reshape(-1)
