"""Numbering of the states of a window chain (definition D3).

States are the strings of length 1..K over the tokens 0..T-1, ordered by length and then lexicographically, first token
most significant.  Inside the recurrent block (length K) the index is the base-T value u, and the successor of u by
token x is (u mod T^(K-1))*T + x.  Everything here is exact Python integer arithmetic; the array helpers refuse sizes
beyond int64.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product

import numpy as np

from numerics.chains.arrays import IntArray


def check_sizes(T: int, K: int) -> None:
    """Raise `ValueError` unless T >= 2 and K >= 1 (D1)."""
    if T < 2:
        raise ValueError(f"T = {T} tokens, expected an integer >= 2")
    if K < 1:
        raise ValueError(f"K = {K} tokens of context, expected an integer >= 1")


def n_states(T: int, K: int) -> int:
    """Number of states n_S = T + T^2 + ... + T^K, as an exact integer (claim markov/state_count)."""
    check_sizes(T, K)
    return int(T * (T**K - 1) // (T - 1))


def n_full(T: int, K: int) -> int:
    """Number of full contexts T^K, the size of the recurrent block."""
    check_sizes(T, K)
    return int(T**K)


def length_offset(length: int, T: int) -> int:
    """Index of the first state of the given length, T(T^(length-1)-1)/(T-1)."""
    return int(T * (T ** (length - 1) - 1) // (T - 1))


def state_index(tokens: Sequence[int], T: int) -> int:
    """Index (D3) of a non-empty string of tokens.

    Raises `ValueError` for an empty string or a token outside 0..T-1.
    """
    if len(tokens) == 0:
        raise ValueError("the empty string is not a state, expected at least one token")
    value = 0
    for place, token in enumerate(tokens):
        if not 0 <= token < T:
            raise ValueError(f"token {token} at place {place} is outside 0..{T - 1}")
        value = value * T + int(token)
    return length_offset(len(tokens), T) + value


def state_tokens(index: int, T: int, K: int) -> tuple[int, ...]:
    """The string with the given index (D3), inverse of `state_index`.  Raises `ValueError` outside 0..n_S-1."""
    if not 0 <= index < n_states(T, K):
        raise ValueError(f"state {index} is outside 0..{n_states(T, K) - 1} (T = {T}, K = {K})")
    length = 1
    while length < K and index >= length_offset(length + 1, T):
        length += 1
    return context_tokens(index - length_offset(length, T), T, length)


def context_tokens(value: int, T: int, length: int) -> tuple[int, ...]:
    """The string of the given length whose base-T value is `value`, first token most significant."""
    digits = []
    for _ in range(length):
        value, digit = divmod(value, T)
        digits.append(int(digit))
    return tuple(reversed(digits))


def successor(u: int, x: int, T: int, K: int) -> int:
    """Index, inside the block of full contexts, of the context that follows u when token x is appended (D5)."""
    return int((u % T ** (K - 1)) * T + x)


def state_successor(index: int, x: int, T: int, K: int) -> int:
    """Index (D3) of the state that follows state `index` of the full space when token x is appended."""
    return state_index((*state_tokens(index, T, K), x)[-K:], T)


def enumerate_states(T: int, K: int) -> Iterator[tuple[int, ...]]:
    """All strings of length 1..K in the order of D3."""
    check_sizes(T, K)
    for length in range(1, K + 1):
        yield from product(range(T), repeat=length)


def enumerate_contexts(T: int, length: int, start: int = 0, stop: int | None = None) -> IntArray:
    """Strings of one length with base-T values start..stop-1, as tokens of shape (stop - start, length)."""
    last = T**length if stop is None else stop
    if last > np.iinfo(np.int64).max:
        raise ValueError(f"T^length = {T}^{length} does not fit in int64")
    values = np.arange(start, last, dtype=np.int64)
    tokens = np.empty((values.size, length), dtype=np.int64)
    for place in range(length - 1, -1, -1):
        values, tokens[:, place] = np.divmod(values, T)
    return tokens


def successor_table(T: int, K: int) -> IntArray:
    """Successors of every full context by every token, shape (T^K, T).

    For tests and CSR; the operator never stores it.
    """
    suffix = np.arange(n_full(T, K), dtype=np.int64) % T ** (K - 1)
    return np.asarray(suffix[:, None] * T + np.arange(T, dtype=np.int64))


def state_successor_table(T: int, K: int) -> IntArray:
    """Successors (D3 indices) of every state of the full space by every token, shape (n_S, T)."""
    short = n_states(T, K) - n_full(T, K)
    # A string of length l < K at offset o_l + v goes to offset o_(l+1) + vT + x, and o_(l+1) = T(o_l + 1) for every l.
    shorter = (np.arange(short, dtype=np.int64) + 1)[:, None] * T + np.arange(T, dtype=np.int64)
    return np.concatenate([shorter, successor_table(T, K) + short])
