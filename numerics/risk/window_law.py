"""Laws and samples of the windows S_1..S_N of a source with finite memory (definitions D2, D3, D17).

A source is a table (n_S, T) of next-token laws, one row a state (string of length 1..K) in the order of D3. `start`
is the law (n_S,) of S_1: mass on the T states of length 1 is a sequence that begins with its first token; the
stationary law on full windows is a sequence observed in the middle. The window law moves by the sparse transition
matrix, at cost n_S T a step, and no dense matrix is formed.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from numerics.chains.arrays import FloatArray, IntArray, check_rows
from numerics.chains.index import n_states, state_successor_table
from numerics.chains.window_chain import WindowChain
from numerics.icl.simulate import inverse_distribution


def state_table(chain: WindowChain) -> FloatArray:
    """Table (n_S, T) of all states of a chain, short contexts first; ValueError if the chain holds no short
    contexts."""
    if chain.short is None:
        raise ValueError("the chain holds no contexts shorter than K; build it with short_contexts=True")
    return np.concatenate([chain.short, chain.table])


def window_length(source: FloatArray) -> int:
    """K such that the table has n_S = T + ... + T^K rows; ValueError when no K fits."""
    if source.ndim != 2:
        raise ValueError(f"the table has shape {source.shape}, expected (n_S, T)")
    rows, T = source.shape
    K = 1
    while n_states(T, K) < rows:
        K += 1
    if n_states(T, K) != rows:
        raise ValueError(
            f"the table has {rows} rows, expected {n_states(T, K)} (T = {T}, K = {K}) or another T + ... + T^K"
        )
    return K


def uniform_start(T: int, K: int) -> FloatArray:
    """Law (n_S,) of S_1 when X_1 is uniform."""
    law = np.zeros(n_states(T, K))
    law[:T] = 1.0 / T
    return law


def window_laws(source: FloatArray, start: FloatArray, length: int) -> Iterator[FloatArray]:
    """Yield the laws (n_S,) of S_1, ..., S_length; each array is fresh."""
    successors = _checked(source, start, length)
    law = np.array(start, dtype=np.float64)
    flat = successors.ravel()
    for n in range(length):
        yield law
        if n + 1 < length:
            moved = np.bincount(flat, weights=(law[:, None] * source).ravel(), minlength=source.shape[0])
            law = np.asarray(moved, dtype=np.float64)


def sample_windows(
    source: FloatArray, start: FloatArray, length: int, repeats: int, rng: np.random.Generator
) -> Iterator[IntArray]:
    """Yield the state indices (repeats,) of S_1, ..., S_length of independent sequences; memory does not grow with
    `length`."""
    successors = _checked(source, start, length)
    cumulative = np.cumsum(source, axis=1)
    total = np.cumsum(start)
    # Searching the positive part only: a state of probability zero must not be drawn at a boundary.
    state = np.asarray(np.searchsorted(total / total[-1], rng.random(repeats), side="right"), dtype=np.int64)
    state = np.minimum(state, int(np.flatnonzero(start)[-1]))
    for n in range(length):
        yield state
        if n + 1 < length:
            token = inverse_distribution(cumulative[state], rng.random(repeats))
            state = successors[state, token]


def _checked(source: FloatArray, start: FloatArray, length: int) -> IntArray:
    K = window_length(source)
    check_rows(source, "source table")
    if start.shape != (source.shape[0],):
        raise ValueError(f"the start law has shape {start.shape}, expected ({source.shape[0]},)")
    check_rows(start[None, :], "start law")
    if length < 1:
        raise ValueError(f"the length is {length}, expected at least 1")
    return state_successor_table(source.shape[1], K)
