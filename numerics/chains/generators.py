"""Chains with known answers, and random ones for tests and benchmarks: deterministic in their arguments."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import numpy as np

from numerics.chains.arrays import FloatArray
from numerics.chains.index import enumerate_contexts, n_states
from numerics.chains.window_chain import WindowChain


def noisy_lfsr_rows(feedback: Sequence[int], p: Fraction) -> list[list[Fraction]]:
    """Exact table (2^K, 2) of the noisy linear register (D26): next token <c, u> mod 2, flipped with probability p.

    `feedback` = (c_1, ..., c_K) with c_1 for the oldest token; D26 asks c_1 = 1 (needed for a uniform stationary law).
    """
    K = len(feedback)
    if K < 1 or any(c not in (0, 1) for c in feedback) or feedback[0] != 1:
        raise ValueError(f"feedback {tuple(feedback)}, expected bits (c_1, ..., c_K) with c_1 = 1")
    if not 0 <= p <= 1:
        raise ValueError(f"flip probability p = {p}, expected a number in [0, 1]")
    parities = (enumerate_contexts(2, K) @ np.asarray(feedback, dtype=np.int64)) % 2
    return [[1 - p, p] if parity == 0 else [p, 1 - p] for parity in parities.tolist()]


def noisy_lfsr(feedback: Sequence[int], p: float) -> WindowChain:
    """The noisy linear register (D26) as a window chain of order K = len(feedback), without shorter contexts."""
    parities = np.array([row[0] == 1 for row in noisy_lfsr_rows(feedback, Fraction(0))])
    table = np.where(parities[:, None], [1.0 - p, p], [p, 1.0 - p])
    return WindowChain(2, len(feedback), table)


def random_logits(T: int, K: int, seed: int, scale: float = 1.0) -> FloatArray:
    """Logits (n_S, T) of the random test model D27: scale * default_rng(seed).standard_normal((n_S, T)), row = index of
    D3."""
    return np.asarray(scale * np.random.default_rng(seed).standard_normal((n_states(T, K), T)))


def random_chain(T: int, K: int, seed: int, scale: float = 1.0, temperature: float = 1.0) -> WindowChain:
    """Window chain of the random test model D27 at a temperature > 0, with its shorter contexts and
    log-probabilities."""
    return chain_of_logits(random_logits(T, K, seed, scale), T, K, temperature)


def chain_of_logits(logits: FloatArray, T: int, K: int, temperature: float = 1.0) -> WindowChain:
    """Window chain with the laws softmax(logits / temperature), logits (n_S, T) in the order of D3."""
    if not temperature > 0.0:
        raise ValueError(f"temperature {temperature}, expected a number > 0")
    scaled = logits / temperature
    scaled = scaled - scaled.max(axis=1, keepdims=True)
    logs = scaled - np.log(np.exp(scaled).sum(axis=1, keepdims=True))
    short = n_states(T, K) - T**K
    return WindowChain.from_log_table(logs[short:], T, K, logs[:short])


def decaying_chain(T: int, K: int, seed: int, *, scale: float = 2.0, decay: float = 0.5) -> WindowChain:
    """A chain whose memory decays: logits sum_j scale decay^j W_j[token j places back, x], W_j standard normal.

    The table is filled token-major in place, one array of T^(K+1) doubles, so that 10^7 states fit.
    """
    rng = np.random.default_rng(seed)
    table = np.zeros((T, T**K))  # (x, u)
    for back in range(K):
        weights = scale * decay**back * rng.standard_normal((T, T))  # (x, token)
        view = table.reshape(T, T ** (K - 1 - back), T, T**back)
        view += weights[:, None, :, None]
    return WindowChain(T, K, _softmax_columns(table).T)


def unstructured_chain(T: int, K: int, seed: int, scale: float = 1.0) -> WindowChain:
    """Independent random rows as in D27, full contexts only, filled token-major in place for large sizes."""
    table = np.random.default_rng(seed).standard_normal((T, T**K))
    table *= scale
    return WindowChain(T, K, _softmax_columns(table).T)


def _softmax_columns(logits: FloatArray, width: int = 1 << 15) -> FloatArray:
    """Softmax of every column, in place and in blocks."""
    for start in range(0, logits.shape[1], width):
        block = logits[:, start : start + width]
        block -= block.max(axis=0)
        np.exp(block, out=block)
        block /= block.sum(axis=0)
    return logits


def order_two_chain(a: float, b: float, c: float, e: float) -> WindowChain:
    """T = K = 2 with P(1|00), P(1|01), P(1|10), P(1|11) = a, b, c, e (claim markov/stationary_order2)."""
    ones = np.array([a, b, c, e])
    return WindowChain(2, 2, np.stack([1.0 - ones, ones], axis=1))


def two_state(p01: float, p10: float) -> FloatArray:
    """The two-state chain (claim markov/two_state_exact)."""
    return np.array([[1.0 - p01, p01], [p10, 1.0 - p10]])


def nearly_decomposable(blocks: int, size: int, coupling: float, rng: np.random.Generator) -> FloatArray:
    """`blocks` random dense blocks of `size` states, joined in a ring: each state leaves for the next block with
    probability `coupling`.

    Leaving goes to a random state of the next block; the chain's gap is about the coupling.
    """
    n = blocks * size
    P = np.zeros((n, n))
    for b in range(blocks):
        here = slice(b * size, (b + 1) * size)
        rows = rng.exponential(size=(size, size))
        P[here, here] += (1.0 - coupling) * rows / rows.sum(axis=1, keepdims=True)
        there = ((b + 1) % blocks) * size + rng.integers(size, size=size)
        P[np.arange(b * size, (b + 1) * size), there] += coupling
    return P


def constrained_walk(d: int) -> FloatArray:
    """Walk on 0..d-1 with 0 -> 1, d-1 -> d-2, else 1/2 to each neighbour: period 2 (claim markov/walk_period)."""
    P = np.zeros((d, d))
    for i in range(1, d - 1):
        P[i, i - 1] = P[i, i + 1] = 0.5
    P[0, 1] = P[d - 1, d - 2] = 1.0
    return P


def polygon_walk(d: int) -> FloatArray:
    """Walk on a polygon, 1/2 to i +- 1 mod d: period 2 iff d is even; SLEM cos(pi/d) for odd d (claim
    markov/walk_period)."""
    P = np.zeros((d, d))
    for i in range(d):
        P[i, (i + 1) % d] += 0.5
        P[i, (i - 1) % d] += 0.5
    return P
