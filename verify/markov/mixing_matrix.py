"""Norms of mixing matrices: singular values against closed forms and sums."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from hypothesis import strategies as st

from numerics.chains.arrays import FloatArray
from numerics.chains.coefficients import dobrushin
from numerics.chains.mixing import pair_distance_curve
from numerics.chains.mixing_matrix import toeplitz_norm
from verify.instance import Instance
from verify.measurement import Context, measures
from verify.precision import floating
from verify.space import Space
from verify.strategies import laws

RELATIVE = 1e-9  # of a spectral norm by singular values or by Lanczos to 1e-12
kernels = Space(
    "random kernels and lengths",
    lambda claim: st.tuples(laws.stochastic_matrices(), st.integers(1, 40)),
    lambda claim: (
        (np.array([[0.75, 0.25], [0.25, 0.75]]), 1),
        (np.array([[0.75, 0.25], [0.25, 0.75]]), 200),
        (np.full((2, 2), 0.5), 5),
    ),
)


@measures("markov/mixing_matrix_norms", over=kernels, examples=(40, 400))
def mixing_matrix_norms(thing: tuple[FloatArray, int], context: Context) -> Iterator[Instance]:
    """The mixing matrix of a first-order chain (its pair curve), and the all-ones triangle of the same length."""
    matrix, N = thing
    theta = dobrushin(matrix)
    curve = pair_distance_curve(matrix, N - 1)
    norm = floating(toeplitz_norm(curve, N), relative=RELATIVE)
    if theta < 1 - 1e-9:
        yield Instance({"theta": float(theta) * (1 + 1e-14), "N": N}, norm, "contracting chain")
    yield Instance({"g": 0, "N": N}, norm, "Schur", floating(float(curve.sum()), relative=1e-12))
    yield Instance({"N": N}, floating(toeplitz_norm(np.ones(N), N), relative=RELATIVE), "triangle")
