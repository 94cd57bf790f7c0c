"""The multiclass perceptron at one position, in integers.

Main definitions
    learn_position   passes over a sample in random order until all examples are right, or the cap is reached
    learn_chain      one perceptron a chain token
    next_mistake     the first example of an order that is a mistake: what a loop over examples would find, in batches

A tie between the true token and another is a mistake. Source: specification `autoregressive`,
linear_decoder_perceptron and section 4.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from numerics.learning.features import Chain, Decoder, IntArray, Weights, contexts_of, labels

# Examples scored together: few after a mistake, twice as many after every batch without one.
_FIRST, _LARGEST = 16, 4096


@dataclass(frozen=True, eq=False)
class Learned:
    """What a perceptron learned at one position.

    Attributes
        weights    (features, rows)
        mistakes   updates made in all passes
        passes     passes made: up to the first one without a mistake, at most as many as allowed
        converged  whether every example of the sample is right, without a tie
    """

    weights: Weights
    mistakes: int
    passes: int
    converged: bool


def next_mistake(
    decoder: Decoder, weights: Weights, rows: IntArray, true: IntArray, order: IntArray, start: int
) -> tuple[int, int] | None:
    """Place in `order`, from `start` on, of the first mistake, and the label to blame; None where there is none.

    The label to blame is the first one of greatest score other than the true one.
    """
    block = _FIRST
    while start < len(order):
        chosen = order[start : start + block]
        scores = decoder.scores(weights, rows[chosen])
        every = np.arange(len(chosen))
        own = scores[every, true[chosen]].copy()
        scores[every, true[chosen]] = np.iinfo(np.int64).min
        wrong = scores.max(axis=1) >= own
        if wrong.any():
            at = int(wrong.argmax())
            return start + at, int(scores[at].argmax())
        start += len(chosen)
        block = min(2 * block, _LARGEST)
    return None


def learn_position(
    decoder: Decoder,
    contexts: IntArray,
    tokens: IntArray,
    rng: np.random.Generator,
    *,
    passes: int = 1000,
    orders: Sequence[IntArray] | None = None,
) -> Learned:
    """A perceptron from weight 0 on contexts (m, L) and true tokens (m,), at most `passes` times through all of them.

    Every pass has its own random order; `orders` gives them instead, one a pass. Raises FeatureError for a token that
    is not live.
    """
    weights = np.zeros(decoder.shape, dtype=np.int64)
    true = labels(decoder, tokens)
    if len(decoder.live) == 1:
        return Learned(weights, 0, 0, True)
    rows = decoder.encode(contexts)
    mistakes = 0
    for made in range(1, passes + 1):
        order = orders[made - 1] if orders is not None else rng.permutation(len(rows))
        before, at = mistakes, 0
        while (found := next_mistake(decoder, weights, rows, true, order, at)) is not None:
            at, blamed = found
            example = order[at]
            decoder.update(weights, rows[example], int(true[example]), blamed)
            mistakes += 1
            at += 1
        if mistakes == before:
            return Learned(weights, mistakes, made, True)
    settled = next_mistake(decoder, weights, rows, true, np.arange(len(rows)), 0) is None
    return Learned(weights, mistakes, passes, settled)  # the last update of the last pass may have settled all


@dataclass(frozen=True, eq=False)
class LearnedChain:
    """What perceptrons learned at every position."""

    chain: Chain
    positions: tuple[Learned, ...]

    @property
    def mistakes(self) -> int:
        """Updates of all positions together."""
        return sum(p.mistakes for p in self.positions)

    @property
    def converged(self) -> tuple[bool, ...]:
        """Whether each position has no example left that it gets wrong."""
        return tuple(p.converged for p in self.positions)


def learn_chain(
    decoders: Sequence[Decoder], prompts: IntArray, chains: IntArray, rng: np.random.Generator, *, passes: int = 1000
) -> LearnedChain:
    """One perceptron a chain token on prompts (m, n) and chains (m, T), teacher forced."""
    found = tuple(
        learn_position(decoder, contexts_of(prompts, chains, t), chains[:, t - 1], rng, passes=passes)
        for t, decoder in enumerate(decoders, start=1)
    )
    return LearnedChain(Chain(tuple(decoders), tuple(f.weights for f in found)), found)
