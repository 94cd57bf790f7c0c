"""Linear-softmax heads with two states. They shrink to the zero head, V = 2 and d = 1.

Entries are multiples of 1/2 between -3/2 and 3/2, so that no probability is small and ranks are exact.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from numerics.geometry.head import Head

FloatArray = NDArray[np.float64]
VALUES = np.array([0.0, 0.5, -0.5, 1.0, -1.0, 1.5, -1.5])


@dataclass(frozen=True, eq=False)
class HeadAtStates:
    """A head and two states h, h' (d,)."""

    head: Head
    first: FloatArray
    second: FloatArray


def g1() -> HeadAtStates:
    """Fixture G1 of the specification `categorical` 4.9."""
    matrix = np.array([[1.0, 0], [0, 1], [-1, -1], [2, 1], [0, -2]])
    return HeadAtStates(Head(matrix), np.array([0.3, -0.2]), np.array([-0.5, 0.7]))


@st.composite
def heads(
    draw: st.DrawFn, *, min_width: int = 1, max_width: int = 3, max_vocabulary: int = 6, least_vocabulary: int = 2
) -> HeadAtStates:
    """A head with a bias and two states."""
    width = draw(st.integers(min_width, max_width))
    tokens = draw(st.integers(least_vocabulary, max_vocabulary))
    size = tokens * (width + 1) + 2 * width
    raw = np.frombuffer(draw(st.binary(min_size=size, max_size=size)), dtype=np.uint8)
    entries = VALUES[raw % len(VALUES)]
    matrix, rest = entries[: tokens * width].reshape(tokens, width), entries[tokens * width :]
    return HeadAtStates(Head(matrix, rest[:tokens]), rest[tokens : tokens + width], rest[tokens + width :])
