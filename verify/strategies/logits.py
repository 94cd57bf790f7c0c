"""Vectors of logits. They shrink to zero, and to few entries."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
SCALES = (1.0, 0.125, 8.0)  # of a step of 1/8


@st.composite
def logit_vectors(
    draw: st.DrawFn,
    min_size: int = 2,
    max_size: int = 8,
    *,
    size: int | None = None,
    l1: float | None = None,
    sup: float | None = None,
) -> FloatArray:
    """Logits (m,), multiples of a small power of two; rescaled to the ball ||x||_1 <= l1 or ||x||_inf <= sup if given.

    Half of the rescaled vectors lie on the ball's surface, among them its extreme points. Shrinks to zero.
    """
    m = draw(st.integers(min_size, max_size)) if size is None else size
    raw = np.frombuffer(draw(st.binary(min_size=m, max_size=m)), dtype=np.uint8).astype(np.int64)
    spread = draw(st.sampled_from((2, 8, 32, 256)))
    steps = raw % spread
    signed = np.where(steps % 2 == 1, (steps + 1) // 2, -(steps // 2))  # 0, 1, -1, 2, -2, ...
    logits = np.asarray(signed * (draw(st.sampled_from(SCALES)) / 8), dtype=np.float64)
    for radius, norm in ((l1, float(np.abs(logits).sum())), (sup, float(np.abs(logits).max()))):
        if radius is not None and norm > 0:
            on_surface = draw(st.booleans())
            if on_surface or norm > radius:
                logits = logits * (radius / norm)
    return logits
