"""The perceptron on whole chains, and the vote of the whole rollouts of its iterates.

Main definitions
    learn      presents chains one by one; update="all" wrong positions of a chain, or its "first" one
    Presented  the iterates it passed through, how long each survived, and the chains that were bad when presented
    vote       plurality of the iterates' whole rollouts, each weighted by the chains it survived

Inputs are teacher forced; a tie is a mistake of the update, while a rollout breaks it by the order of the live
alphabet. Source: specification `autoregressive`, ar_perceptron.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from numerics.learning.features import Chain, Decoder, IntArray, contexts_of, labels, zero

Update = Literal["first", "all"]
_FIRST, _LARGEST = 16, 4096


@dataclass(frozen=True)
class Step:
    """One update: the presented chain's place, the position t = 1..T, rows read, true and blamed labels."""

    at: int
    t: int
    row: IntArray
    true: int
    blamed: int


@dataclass(frozen=True, eq=False)
class Presented:
    """A run over presented chains.

    Attributes
        decoders  one a chain token
        steps     the updates, in order
        bad       places (from 0) of the presented chains with a miss before their update, ties counted
        count     how many chains were presented
    """

    decoders: tuple[Decoder, ...]
    steps: tuple[Step, ...]
    bad: tuple[int, ...]
    count: int

    @property
    def mistakes(self) -> int:
        """M, the number of presented chains with a miss."""
        return len(self.bad)

    def iterates(self) -> Iterator[tuple[Chain, int]]:
        """The different predictors in order, each with the number of chains it was asked about.

        The arrays of a predictor are changed in place when the next one is taken: use it before, or copy it.
        """
        chain = zero(self.decoders)
        steps = iter(self.steps)
        pending = next(steps, None)
        begin = 0
        for at in self.bad:
            yield chain, at + 1 - begin
            while pending is not None and pending.at == at:
                weights = chain.weights[pending.t - 1]
                self.decoders[pending.t - 1].update(weights, pending.row, pending.true, pending.blamed)
                pending = next(steps, None)
            begin = at + 1
        if begin < self.count:
            yield chain, self.count - begin

    def last(self) -> Chain:
        """The predictor after all updates."""
        chain = zero(self.decoders)
        for step in self.steps:
            self.decoders[step.t - 1].update(chain.weights[step.t - 1], step.row, step.true, step.blamed)
        return chain


def learn(
    decoders: Sequence[Decoder],
    prompts: IntArray,
    chains: IntArray,
    *,
    update: Update = "all",
    order: IntArray | None = None,
) -> Presented:
    """Present chains (m, T) with their prompts (m, n) in the given order (default: as they stand), once each.

    For several passes, `order` names chains more than once. Raises ValueError for another kind of update.
    """
    if update not in ("first", "all"):
        raise ValueError(f"update = {update!r}, expected 'first' or 'all'")
    order = np.arange(len(chains)) if order is None else order
    chain = zero(decoders)
    asked = [t for t, d in enumerate(decoders) if len(d.live) > 1]
    rows = {t: decoders[t].encode(contexts_of(prompts, chains, t + 1)) for t in asked}
    true = {t: labels(decoders[t], chains[:, t]) for t in range(len(decoders))}
    steps: list[Step] = []
    bad: list[int] = []
    start, block = 0, _FIRST
    while start < len(order):
        chosen = order[start : start + block]
        wrong = np.zeros((len(chosen), len(decoders)), dtype=bool)  # (b, T)
        blamed = np.zeros((len(chosen), len(decoders)), dtype=np.int64)
        every = np.arange(len(chosen))
        for t in asked:
            scores = decoders[t].scores(chain.weights[t], rows[t][chosen])
            own = scores[every, true[t][chosen]].copy()
            scores[every, true[t][chosen]] = np.iinfo(np.int64).min
            wrong[:, t] = scores.max(axis=1) >= own
            blamed[:, t] = scores.argmax(axis=1)
        missed = wrong.any(axis=1)
        if not missed.any():
            start += len(chosen)
            block = min(2 * block, _LARGEST)
            continue
        at = int(missed.argmax())
        where = np.flatnonzero(wrong[at])
        for t in where[:1] if update == "first" else where:
            example = chosen[at]
            step = Step(start + at, int(t) + 1, rows[t][example].copy(), int(true[t][example]), int(blamed[at, t]))
            decoders[t].update(chain.weights[t], step.row, step.true, step.blamed)
            steps.append(step)
        bad.append(start + at)
        start, block = start + at + 1, _FIRST
    return Presented(tuple(decoders), tuple(steps), tuple(bad), len(order))


def vote(run: Presented, prompts: IntArray) -> IntArray:
    """The chains (B, T) that the plurality of the iterates rolls out on prompts (B, n).

    Each iterate weighs as many votes as chains it was asked about; of two chains with equal votes the one that was
    proposed first wins.
    """
    votes: list[dict[bytes, int]] = [{} for _ in range(len(prompts))]
    for chain, survived in run.iterates():
        for ballot, found in zip(votes, chain.rollout(prompts), strict=True):
            key = found.tobytes()
            ballot[key] = ballot.get(key, 0) + survived
    winners = [max(ballot, key=ballot.__getitem__) for ballot in votes]
    return np.stack([np.frombuffer(w, dtype=np.int64) for w in winners])
