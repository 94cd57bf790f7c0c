"""Mixing matrices of windows from exact laws of short sequences."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import numpy as np
from hypothesis import strategies as st

from numerics.chains.arrays import FloatArray
from numerics.chains.index import n_states
from numerics.chains.mixing_matrix import band_norm
from numerics.risk.exhaustive import sequence_law, window_mixing_matrix
from verify.instance import Instance
from verify.measurement import Context, measures
from verify.precision import floating
from verify.space import Space

RELATIVE = 1e-9
LONGEST = 9


@cache
def independent_norm(N: int, K: int) -> float:
    """Spectral norm of the mixing matrix of the windows of N fair bits, from their exact law."""
    law = sequence_law(np.full((2, 2), 0.5), np.full(2, 0.5), N)
    return float(np.linalg.norm(window_mixing_matrix(law, K), 2))


lengths = Space("lengths and windows", lambda claim: st.tuples(st.integers(1, LONGEST), st.integers(1, LONGEST)))


@measures("markov/gamma_iid_as_stated", over=lengths)
def gamma_iid_as_stated(thing: tuple[int, int], context: Context) -> Iterator[Instance]:
    """Windows of length K of N fair bits."""
    N, K = max(thing), min(thing)
    yield Instance({"N": N, "K": K}, floating(independent_norm(N, K), relative=RELATIVE))


@st.composite
def binary_sources(draw: st.DrawFn) -> tuple[FloatArray, int, int]:
    """A binary source of order 1 or 2 as a table (n_S, 2), a window K and a length N >= K."""
    order, K = draw(st.integers(1, 2)), draw(st.integers(1, 4))
    N = draw(st.integers(K, LONGEST))
    rng = np.random.default_rng(draw(st.integers(0, 10**6)))
    ones = rng.random(n_states(2, order))
    return np.stack([1 - ones, ones], axis=1), K, N


binary = Space(
    "random binary sources",
    lambda claim: binary_sources(),
    lambda claim: tuple((np.full((2, 2), 0.5), K, N) for K in (1, 2, 4) for N in (K, LONGEST)),
)


@measures("markov/window_mixing_floor", over=binary, examples=(40, 400))
def window_mixing_floor(thing: tuple[FloatArray, int, int], context: Context) -> Iterator[Instance]:
    """The exact mixing matrix of the windows, and the band for long sequences of independent tokens."""
    source, K, N = thing
    gamma = window_mixing_matrix(sequence_law(source, np.full(2, 0.5), N), K)
    norm = floating(float(np.linalg.norm(gamma, 2)), relative=RELATIVE)
    yield Instance({"N": N, "K": K}, norm, "floor", label=f"N = {N}, K = {K}")
    for lag in range(K):
        for row in range(1, N - lag + 1):
            entry = float(gamma[row - 1, row - 1 + lag])
            yield Instance({"N": N, "K": K, "row": row, "lag": lag}, floating(entry, absolute=1e-12), "entries")
    if np.ptp(source) == 0:
        yield Instance({"N": N, "K": K}, norm, "independent tokens")
        for long in (50, 400):
            found = floating(band_norm(long, K), relative=RELATIVE)
            yield Instance({"N": long, "K": K}, found, "floor", label=f"N = {long}, K = {K}")
            yield Instance({"N": long, "K": K}, found, "independent tokens", label=f"N = {long}, K = {K}")
