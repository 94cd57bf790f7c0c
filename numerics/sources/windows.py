"""Finite sources from models with a window: contexts are the states of a window chain at a law of theirs.

Main definitions
    window_source    contexts = full contexts of a chain with positive mass; token laws by moving the window on
    suffix_states    encoder: the last m tokens of a context
    kmeans_states    encoder: cells of points, by k-means
    hidden_points    the states of a model at all full contexts of a length

Conventions: the context (x_1..x_m) is numbered in base T, oldest token first, as in `numerics.chains.index`. The source
is a model cut to its window: after a token the oldest one is forgotten, so its laws are exact for the cut model.

Source: specification `categorical`, 2.0 (MR on `names`, `phones`) and E2.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from numerics.chains.index import enumerate_contexts
from numerics.chains.window_chain import WindowChain
from numerics.sources.finite import CELL_LIMIT, FiniteSource, TooManyCellsError, source_of

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


def window_source(
    name: str, chain: WindowChain, law: FloatArray, tokens: int = 2, encoder: ArrayLike | None = None
) -> FiniteSource:
    """The chain's full contexts of positive mass under `law` (T^K,), with the laws of the next `tokens` tokens.

    `encoder` (T^K,) labels every context; None makes every context its own state.
    Raises TooManyCellsError beyond 2·10^7 cells.
    """
    if law.shape != (chain.n,):
        raise ValueError(f"the law of the contexts has shape {law.shape}, expected ({chain.n},)")
    kept = np.flatnonzero(law > 0)
    cells = len(kept) * chain.T**tokens
    if cells > CELL_LIMIT:
        raise TooManyCellsError(
            f"the laws of {tokens} tokens of {name} have {cells} cells, expected at most {CELL_LIMIT}"
        )
    here = kept
    laws = []
    for _ in range(tokens):
        laws.append(chain.table[here])
        here = (here % chain.T ** (chain.K - 1))[..., None] * chain.T + np.arange(chain.T)
    mu = law[kept]
    labels = np.arange(chain.n) if encoder is None else np.asarray(encoder).reshape(-1)
    if labels.shape != (chain.n,):
        raise ValueError(f"the encoder has shape {labels.shape}, expected ({chain.n},)")
    numbers = np.unique(labels[kept], return_inverse=True)[1].reshape(-1)
    return source_of(name, mu / mu.sum(), laws, numbers)


def suffix_states(T: int, K: int, kept: int) -> IntArray:
    """The last `kept` of the K tokens of every full context, as a number (T^K,). ValueError outside 0..K."""
    if not 0 <= kept <= K:
        raise ValueError(f"the last {kept} tokens of a context of {K} were asked for")
    return np.asarray(np.arange(T**K, dtype=np.int64) % T**kept)


def kmeans_states(points: FloatArray, cells: int, rng: np.random.Generator) -> IntArray:
    """Cells of points (n, d) by k-means (k-means++ start), labels (n,). Empty cells are left out.

    ValueError for more cells than points.
    """
    if not 1 <= cells <= len(points):
        raise ValueError(f"{len(points)} points cannot be cut into {cells} cells")
    from scipy.cluster.vq import kmeans2

    labels = kmeans2(points, cells, minit="++", rng=rng, missing="warn")[1]
    return np.unique(labels, return_inverse=True)[1].astype(np.int64).reshape(-1)


def hidden_points(model: Any, length: int) -> FloatArray:
    """The model's states (T^length, d) at all contexts of `length` tokens, oldest first."""
    contexts = enumerate_contexts(model.vocabulary.size, length)
    return np.asarray(model.hidden_states(contexts), dtype=np.float64)
