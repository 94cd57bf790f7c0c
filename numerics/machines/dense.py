"""Linear autoregressive predictors on batches of prompts, as arrays of token indices.

Main definitions
    DenseStep, DenseAR   a step as tables of weights that are gathered, and a model of such steps
    dense                from the exact model; backend "exact", "int64", "float64" or "float32"
    encode, decode       words of tokens to indices and back
    step_scores          the one kernel: scores of a step on a batch of contexts
    rollout, teacher_force, gaps

Conventions: a token's index is its place in `DenseAR.tokens`; ties go to the first token of the live alphabet. Rollout
and teacher forcing both add the weights in order of position, one prompt independent of the others, so they agree bit
for bit also in floating point. Source: specification `autoregressive`, D5, D8, D9 and section 4.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from numerics.machines.linear_ar import LinearAR, LinearStep

Backend = Literal["exact", "int64", "float64", "float32"]
Entry = tuple[tuple[tuple[int, int], ...], int]  # (output, weight) of a row, sorted, and its largest absolute weight
IntArray = NDArray[np.int64]
ScoreArray = NDArray[Any]  # int64, float64, float32, or Python ints where int64 would overflow

# Scores are subtracted to form gaps, so they may take half of what an int64 can hold.
MOST_SCORE = 2**62


class ScoreOverflow(OverflowError):
    """Scores can leave the range of the arithmetic asked for; the message names the step and the largest sum."""


class UnknownToken(ValueError):
    """A prompt or a chain has a token that is not in the dictionary; the message names it and its place."""


@dataclass(frozen=True)
class DenseStep:
    """The decoder of one chain token as tables.

    Attributes
        live       indices of the tokens that can be output, in the order that breaks ties (A,)
        positions  context positions with a weight, ascending (m,)
        table      row of `rows` for every such position and every token (m, K); row 0 is zero
        rows       weights towards the live tokens (R, A)
        bias       constant scores (A,)
        bound      no partial sum of any context is larger in absolute value
    """

    live: IntArray
    positions: IntArray
    table: NDArray[np.int32]
    rows: ScoreArray
    bias: ScoreArray
    bound: int


@dataclass(frozen=True)
class DenseAR:
    """A predictor for prompts of n tokens; `tokens` is the dictionary, K long."""

    n: int
    tokens: tuple[str, ...]
    steps: tuple[DenseStep, ...]
    backend: Backend


def dense(model: LinearAR, tokens: Sequence[str] | None = None, backend: Backend = "exact") -> DenseAR:
    """The model with dictionary `tokens` (default: every token that the model names) in one arithmetic.

    "exact" computes in int64 where no score can overflow and in Python ints elsewhere; "int64" raises ScoreOverflow
    instead; the float backends round weights that they cannot hold. Raises UnknownToken for a dictionary that lacks a
    token of the model.
    """
    dictionary = model.tokens if tokens is None else tuple(tokens)
    if len(set(dictionary)) != len(dictionary):
        raise UnknownToken(f"the dictionary has {len(dictionary)} entries, expected different ones")
    index = {token: i for i, token in enumerate(dictionary)}
    missing = [token for token in model.tokens if token not in index]
    if missing:
        raise UnknownToken(f"the model names the token {missing[0]!r}, which is not in the dictionary")
    shared: dict[tuple[int, int], Entry] = {}
    steps = tuple(_dense_step(step, index, backend, t, shared) for t, step in enumerate(model.steps, start=1))
    return DenseAR(model.n, dictionary, steps, backend)


def encode(model: DenseAR, words: Iterable[Sequence[str]]) -> IntArray:
    """Words of equal length (B, n) to indices, int64. Raises UnknownToken with the word's row and position."""
    index = {token: i for i, token in enumerate(model.tokens)}
    rows = list(words)
    try:
        return np.array([[index[token] for token in word] for word in rows], dtype=np.int64)
    except KeyError as error:
        row, at = next((r, i) for r, word in enumerate(rows) for i, token in enumerate(word) if token not in index)
        raise UnknownToken(f"token {error.args[0]!r} at position {at} of word {row} is not in the dictionary") from None


def decode(model: DenseAR, indices: IntArray) -> list[tuple[str, ...]]:
    """Indices (B, L) to words."""
    return [tuple(model.tokens[i] for i in row) for row in indices]


def step_scores(model: DenseAR, t: int, contexts: IntArray) -> ScoreArray:
    """Scores of the live tokens of step t = 1..T on contexts (B, >= n + t - 1): (B, A_t)."""
    step = model.steps[t - 1]
    found = np.repeat(step.bias[None, :], len(contexts), axis=0)  # (B, A)
    for position, table in zip(step.positions, step.table, strict=True):
        found += step.rows.take(table.take(contexts[:, position]), axis=0)  # `take` is ten times as fast as indexing
    return found


def rollout(model: DenseAR, prompts: IntArray) -> IntArray:
    """Chains (B, T) that the model outputs on prompts (B, n)."""
    _check(model, "prompts", prompts, model.n)
    contexts = np.empty((len(prompts), model.n + len(model.steps)), dtype=np.int64)
    contexts[:, : model.n] = prompts
    for t, step in enumerate(model.steps, start=1):
        contexts[:, model.n + t - 1] = step.live[_best(step_scores(model, t, contexts))]
    return contexts[:, model.n :]


def teacher_force(model: DenseAR, prompts: IntArray, chains: IntArray) -> IntArray:
    """What each step outputs when the chain so far is the given one: (B, T)."""
    contexts = _contexts(model, prompts, chains)
    found = np.empty_like(chains)
    for t, step in enumerate(model.steps, start=1):
        found[:, t - 1] = step.live[_best(step_scores(model, t, contexts))]
    return found


def gaps(model: DenseAR, prompts: IntArray, chains: IntArray) -> tuple[ScoreArray | None, ...]:
    """For each step, score of the chain's token minus the best other live score (B,); None where one token is live.

    Negative where the model prefers another token. Raises UnknownToken for a chain token that is not live.
    """
    contexts = _contexts(model, prompts, chains)
    found: list[ScoreArray | None] = []
    for t, step in enumerate(model.steps, start=1):
        place = np.full(len(model.tokens), -1, dtype=np.int64)
        place[step.live] = np.arange(len(step.live))
        at = place[chains[:, t - 1]]
        if (at < 0).any():
            row = int(np.flatnonzero(at < 0)[0])
            raise UnknownToken(f"token {model.tokens[chains[row, t - 1]]!r} of chain {row} is not live at step {t}")
        if len(step.live) == 1:
            found.append(None)
            continue
        scores = step_scores(model, t, contexts)
        every = np.arange(len(at))
        true = scores[every, at].copy()
        scores[every, at] = np.iinfo(np.int64).min if scores.dtype == np.int64 else -np.inf
        found.append(true - scores.max(axis=1))
    return tuple(found)


def _best(scores: ScoreArray) -> IntArray:
    best: IntArray = scores.argmax(axis=1)
    return best


def _dense_step(
    step: LinearStep, index: dict[str, int], backend: Backend, t: int, shared: dict[tuple[int, int], Entry]
) -> DenseStep:
    """`shared` keeps what was read of rows that several steps of one model share, by identity of row and alphabet."""
    place = {token: i for i, token in enumerate(step.live)}
    positions = sorted({position for position, _ in step.weights})
    at = {position: j for j, position in enumerate(positions)}
    table = np.zeros((len(positions), len(index)), dtype=np.int32)
    entries: list[tuple[tuple[int, int], ...]] = [()]
    known: dict[tuple[tuple[int, int], ...], int] = {(): 0}
    numbers: dict[int, int] = {}
    largest = [0] * len(positions)  # of each position, over tokens
    for (position, token), row in step.weights.items():
        found = shared.get((id(step.live), id(row)))
        if found is None:
            key = tuple(sorted((place[output], weight) for output, weight in row.items() if weight))
            found = shared[id(step.live), id(row)] = key, max((abs(weight) for _, weight in key), default=0)
        key, size = found
        number = numbers.get(id(row))  # hashing a long row again and again would cost more than all the rest
        if number is None:
            number = numbers[id(row)] = known.setdefault(key, len(entries))
            if number == len(entries):
                entries.append(key)
        table[at[position], index[token]] = number
        largest[at[position]] = max(largest[at[position]], size)
    bound = sum(largest) + max(map(abs, step.bias.values()), default=0)
    dtype = _dtype(backend, bound, t)
    rows = np.zeros((len(entries), len(step.live)), dtype=dtype)
    bias = np.zeros(len(step.live), dtype=dtype)
    for r, entry in enumerate(entries):
        for column, weight in entry:
            rows[r, column] = weight
    for output, weight in step.bias.items():
        bias[place[output]] = weight
    live = np.array([index[token] for token in step.live], dtype=np.int64)
    return DenseStep(live, np.array(positions, dtype=np.int64), table, rows, bias, bound)


def _dtype(backend: Backend, bound: int, t: int) -> Any:
    if backend in ("exact", "int64"):
        if bound < MOST_SCORE:
            return np.int64
        if backend == "int64":
            raise ScoreOverflow(f"scores of step {t} can reach {bound}, expected less than 2^62 for int64")
        return object
    dtype: Any = np.float64 if backend == "float64" else np.float32
    if bound > int(np.finfo(dtype).max):
        raise ScoreOverflow(f"scores of step {t} can reach 2^{bound.bit_length() - 1}, too large for {backend}")
    return dtype


def _contexts(model: DenseAR, prompts: IntArray, chains: IntArray) -> IntArray:
    _check(model, "prompts", prompts, model.n)
    _check(model, "chains", chains, len(model.steps))
    if len(prompts) != len(chains):
        raise ValueError(f"{len(prompts)} prompts but {len(chains)} chains")
    return np.concatenate([prompts, chains], axis=1)  # (B, n + T)


def _check(model: DenseAR, what: str, indices: IntArray, length: int) -> None:
    if indices.ndim != 2 or indices.shape[1] != length:
        raise ValueError(f"{what} have shape {indices.shape}, expected (B, {length})")
    if indices.size and (indices.min() < 0 or indices.max() >= len(model.tokens)):
        row, column = np.argwhere((indices < 0) | (indices >= len(model.tokens)))[0]
        place = f"{what}: index {indices[row, column]} at position {column} of row {row}"
        raise UnknownToken(f"{place}, expected 0..{len(model.tokens) - 1}")
