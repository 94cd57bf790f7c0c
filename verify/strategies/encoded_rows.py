"""Contexts with next-token rows, an encoder and an unembedding: the exact instances of similarity and spectra.

Main definitions
    EncodedRows, encoded_rows    rows (N, V) at a law of contexts, states of the contexts, an unembedding (V, d)

Everything is made from integer weights; rows are of full support unless asked otherwise. Shrinks to uniform rows.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
LARGEST_WEIGHT = 1000


@dataclass(frozen=True, eq=False)
class EncodedRows:
    """Rows (N, V), law of contexts (N,), state of every context (N,), unembedding (V, d) and features (N, l)."""

    rows: FloatArray
    measure: FloatArray
    labels: IntArray
    unembedding: FloatArray
    features: FloatArray

    @property
    def witness(self) -> dict[str, list[object]]:
        """All of it as lists."""
        return {
            "rows": self.rows.tolist(),
            "measure": self.measure.tolist(),
            "labels": self.labels.tolist(),
            "unembedding": self.unembedding.tolist(),
            "features": self.features.tolist(),
        }


@st.composite
def encoded_rows(
    draw: st.DrawFn,
    contexts: tuple[int, int] = (2, 6),
    tokens: tuple[int, int] = (2, 4),
    width: int | None = None,
    sharp: bool = False,
) -> EncodedRows:
    """Rows of full support; `sharp` lets probabilities go down to about 1/1000."""
    count = draw(st.integers(*contexts))
    vocabulary = draw(st.integers(*tokens))
    breadth = width if width is not None else draw(st.integers(1, min(2, vocabulary - 1)))
    top = LARGEST_WEIGHT if sharp else 12
    weights = st.lists(st.integers(1, top), min_size=vocabulary, max_size=vocabulary)
    rows = np.array([draw(weights) for _ in range(count)], dtype=np.float64)
    measure = np.array(draw(st.lists(st.integers(1, 9), min_size=count, max_size=count)), dtype=np.float64)
    labels = np.array(draw(st.lists(st.integers(0, count - 1), min_size=count, max_size=count)), dtype=np.int64)
    entries = st.integers(-3, 3)
    unembedding = np.array([[draw(entries) for _ in range(breadth)] for _ in range(vocabulary)], dtype=np.float64)
    features = np.array([[draw(entries) for _ in range(breadth + 1)] for _ in range(count)], dtype=np.float64)
    return EncodedRows(rows / rows.sum(axis=1, keepdims=True), measure / measure.sum(), labels, unembedding, features)
