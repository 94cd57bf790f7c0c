"""Feature vectors of linear decoders, and chains predicted from learned weights.

Main definitions
    OneHot        one weight a live token for every token at every used position, and a constant
    Signs         bits as -1 and 1, one row of weights: the score of token 1, token 0 scoring 0
    Decoder       either of them
    Chain         one decoder with its weights for every chain token: rollout, teacher_force
    varying       context positions that take more than one value (a constant replaces the others)

Conventions: tokens are indices 0..K-1; a decoder's labels are places in its live alphabet, whose order breaks ties; a
batch of contexts is (B, n + t - 1), step t = 1..T. Weights are (features, live tokens) for one-hot features, gathered
by row (`w[rows].sum(1)`) and never multiplied out, and (features, 1) for signs.
Source: specification `autoregressive`, D5, D8.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

IntArray = NDArray[np.int64]
Weights = NDArray[Any]  # int64 where a perceptron learns, float64 elsewhere


class FeatureError(ValueError):
    """A context or a label that the features have no room for; the message names it and its place."""


@dataclass(frozen=True, eq=False)
class OneHot:
    """One-hot features of the context tokens at `positions`, then a constant 1.

    Attributes
        K          tokens of the dictionary
        live       tokens that can be output, in the order that breaks ties (A,)
        positions  context positions that are read (p,)
    """

    K: int
    live: IntArray
    positions: IntArray

    @property
    def shape(self) -> tuple[int, int]:
        """Features, live tokens."""
        return len(self.positions) * self.K + 1, len(self.live)

    @property
    def squared_length(self) -> int:
        """R^2, the squared length of every feature vector."""
        return len(self.positions) + 1

    def encode(self, contexts: IntArray) -> IntArray:
        """Rows of the weights that are one, (B, p + 1). Raises FeatureError for an index that is no token."""
        read = contexts[:, self.positions]
        if read.size and (read.min() < 0 or read.max() >= self.K):
            row, at = np.argwhere((read < 0) | (read >= self.K))[0]
            raise FeatureError(
                f"context {row} has {read[row, at]} at position {self.positions[at]}, not in 0..{self.K - 1}"
            )
        rows = np.empty((len(contexts), len(self.positions) + 1), dtype=np.int64)
        rows[:, :-1] = read + self.K * np.arange(len(self.positions))
        rows[:, -1] = self.shape[0] - 1
        return rows

    def scores(self, weights: Weights, rows: IntArray) -> Weights:
        """Scores of the live tokens (B, A)."""
        found: Weights = weights[rows].sum(axis=1)
        return found

    def update(self, weights: Weights, row: IntArray, true: int, predicted: int, step: Any = 1) -> None:
        """Add `step` times the features to the row of the true token, subtract it from the predicted one; in place."""
        weights[row, true] += step
        weights[row, predicted] -= step

    def dense(self, contexts: IntArray) -> NDArray[np.float64]:
        """The feature vectors themselves (B, features)."""
        rows = self.encode(contexts)
        found = np.zeros((len(rows), self.shape[0]))
        found[np.arange(len(rows))[:, None], rows] = 1.0
        return found


@dataclass(frozen=True, eq=False)
class Signs:
    """Signs 2 b - 1 of the bits b at `positions`, then a constant 1; token 1 is output where the score is above 0."""

    positions: IntArray

    @property
    def live(self) -> IntArray:
        """Both bits; a tie is 0."""
        return np.arange(2, dtype=np.int64)

    @property
    def shape(self) -> tuple[int, int]:
        """Features, rows of weights."""
        return len(self.positions) + 1, 1

    @property
    def squared_length(self) -> int:
        """R^2, the squared length of every feature vector."""
        return len(self.positions) + 1

    def encode(self, contexts: IntArray) -> IntArray:
        """Feature vectors (B, p + 1). Raises FeatureError for a token that is no bit."""
        read = contexts[:, self.positions]
        if read.size and (read.min() < 0 or read.max() > 1):
            row, at = np.argwhere((read < 0) | (read > 1))[0]
            raise FeatureError(f"context {row} has {read[row, at]} at position {self.positions[at]}, expected a bit")
        return np.concatenate([2 * read - 1, np.ones((len(contexts), 1), dtype=np.int64)], axis=1)

    def scores(self, weights: Weights, rows: IntArray) -> Weights:
        """Scores of both bits (B, 2)."""
        score = rows @ weights  # (B, 1)
        return np.concatenate([np.zeros_like(score), score], axis=1)

    def update(self, weights: Weights, row: IntArray, true: int, predicted: int, step: Any = 1) -> None:
        """Add `step` times the features where the true bit is 1, subtract it where it is 0; in place."""
        weights[:, 0] += step * row if true == 1 else -step * row

    def dense(self, contexts: IntArray) -> NDArray[np.float64]:
        """The feature vectors themselves (B, features)."""
        return self.encode(contexts).astype(np.float64)


Decoder = OneHot | Signs


def labels(decoder: Decoder, tokens: IntArray) -> IntArray:
    """Places of tokens (B,) in the live alphabet. Raises FeatureError for a token that is not live."""
    place = np.full(int(max(decoder.live.max(), tokens.max(initial=0))) + 1, -1, dtype=np.int64)
    place[decoder.live] = np.arange(len(decoder.live))
    found = place[tokens]
    if (found < 0).any():
        row = int(np.flatnonzero(found < 0)[0])
        raise FeatureError(f"token {tokens[row]} of example {row} is not among the {len(decoder.live)} live tokens")
    return found


def predictions(decoder: Decoder, weights: Weights, contexts: IntArray) -> IntArray:
    """The tokens output on contexts (B,): the first live token of greatest score."""
    if len(decoder.live) == 1:
        return np.full(len(contexts), decoder.live[0], dtype=np.int64)
    found: IntArray = decoder.live[decoder.scores(weights, decoder.encode(contexts)).argmax(axis=1)]
    return found


def varying(contexts: IntArray) -> IntArray:
    """Positions of contexts (B, L) that take more than one value."""
    return np.flatnonzero((contexts != contexts[:1]).any(axis=0)).astype(np.int64)


def contexts_of(prompts: IntArray, chains: IntArray, t: int) -> IntArray:
    """The contexts of step t = 1..T: prompt and first t - 1 chain tokens (B, n + t - 1)."""
    return np.concatenate([prompts, chains[:, : t - 1]], axis=1)


def decoders(
    prompts: IntArray,
    chains: IntArray,
    K: int,
    *,
    signs: bool = False,
    live: Sequence[IntArray] | None = None,
    drop_constant: bool = True,
) -> tuple[Decoder, ...]:
    """One decoder a chain token, for a sample of prompts (m, n) and chains (m, T) over the dictionary 0..K-1.

    `live` gives the live alphabets; without it they are the tokens that the sample has at that step. With
    `drop_constant` positions that never vary in the sample are left out: the constant feature replaces them.
    """
    found: list[Decoder] = []
    for t in range(1, chains.shape[1] + 1):
        contexts = contexts_of(prompts, chains, t)
        positions = varying(contexts) if drop_constant else np.arange(contexts.shape[1], dtype=np.int64)
        alphabet = np.unique(chains[:, t - 1]) if live is None else np.asarray(live[t - 1], dtype=np.int64)
        found.append(Signs(positions) if signs else OneHot(K, alphabet, positions))
    return tuple(found)


@dataclass(frozen=True, eq=False)
class Chain:
    """A learned predictor: for every chain token a decoder and its weights."""

    decoders: tuple[Decoder, ...]
    weights: tuple[Weights, ...]

    def rollout(self, prompts: IntArray) -> IntArray:
        """The chains it outputs on prompts (B, n): (B, T)."""
        n, T = prompts.shape[1], len(self.decoders)
        contexts = np.concatenate([prompts, np.zeros((len(prompts), T), dtype=np.int64)], axis=1)
        for t, (decoder, weights) in enumerate(zip(self.decoders, self.weights, strict=True)):
            contexts[:, n + t] = predictions(decoder, weights, contexts[:, : n + t])
        return contexts[:, n:]

    def teacher_force(self, prompts: IntArray, chains: IntArray) -> IntArray:
        """What every step outputs when the chain so far is the given one: (B, T)."""
        steps = enumerate(zip(self.decoders, self.weights, strict=True), start=1)
        return np.stack([predictions(d, w, contexts_of(prompts, chains, t)) for t, (d, w) in steps], axis=1)


def zero(decoders: Sequence[Decoder]) -> Chain:
    """The predictor with all weights 0, integers."""
    return Chain(tuple(decoders), tuple(np.zeros(d.shape, dtype=np.int64) for d in decoders))
