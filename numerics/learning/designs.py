"""Which chain of thought is learned best: one problem, several layouts, the same perceptron (experiment E3).

Main definitions
    Trial           mistakes of a layout's perceptrons, positions that did not converge, what the rollouts got right
    learn_layout    pairs of operands split at random, a one-hot perceptron for every chain token, rollouts on the rest
    kept            a trial read from a file, or made and written there

Source: specification `autoregressive`, section 5, E3.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from numerics.archive import read_arrays, write_arrays
from numerics.learning.features import Chain, IntArray, contexts_of, decoders
from numerics.learning.perceptron import learn_position
from numerics.machines.multiplication_text import Layout

TRAINED = 0.75  # share of the pairs


@dataclass(frozen=True)
class Trial:
    """One layout with one split and one order of the examples.

    Attributes
        mistakes     updates of all positions together
        open         chain tokens (from 0) whose perceptron still gets an example wrong
        exact        share of test pairs whose rollout states the right product
        digits       share of the digits of the product that are right, over test pairs
        chains       share of test pairs whose whole rollout is the true chain
        tested       test pairs
    """

    mistakes: int
    open: tuple[int, ...]
    exact: float
    digits: float
    chains: float
    tested: int


def learn_layout(
    layout: Layout,
    lo: int,
    hi: int,
    rng: np.random.Generator,
    *,
    passes: int = 60,
    progress: Callable[[int, int], None] | None = None,
) -> Trial:
    """Perceptrons on three quarters of all pairs of operands lo..hi-1, and their rollouts on the others.

    `progress(t, T)` is called before chain token t = 1..T is learned.
    """
    pairs = [(a, b) for a in range(lo, hi) for b in range(lo, hi)]
    words = [(layout.prompt(a, b), layout.chain(a, b)) for a, b in pairs]
    tokens = sorted({token for prompt, chain in words for token in (*prompt, *chain)})
    index = {token: i for i, token in enumerate(tokens)}
    prompts = np.array([[index[token] for token in prompt] for prompt, _ in words])
    chains = np.array([[index[token] for token in chain] for _, chain in words])

    order = rng.permutation(len(pairs))
    train, test = order[: int(TRAINED * len(pairs))], order[int(TRAINED * len(pairs)) :]
    found = decoders(prompts, chains, len(tokens))
    weights, mistakes, unfinished = [], 0, []
    for t, decoder in enumerate(found, start=1):
        if progress is not None:
            progress(t, len(found))
        contexts = contexts_of(prompts[train], chains[train], t)
        learned = learn_position(decoder, contexts, chains[train, t - 1], rng, passes=passes)
        weights.append(learned.weights)
        mistakes += learned.mistakes
        unfinished += [] if learned.converged else [t - 1]
    rolled = Chain(found, tuple(weights)).rollout(prompts[test])
    return _judged(layout, rolled, chains[test], mistakes, tuple(unfinished))


def _judged(layout: Layout, rolled: IntArray, chains: IntArray, mistakes: int, unfinished: tuple[int, ...]) -> Trial:
    right = rolled == chains  # (B, T)
    digits = right[:, list(layout.answer)]  # (B, 2d)
    return Trial(
        mistakes,
        unfinished,
        float(digits.all(axis=1).mean()),
        float(digits.mean()),
        float(right.all(axis=1).mean()),
        len(chains),
    )


FIELDS = ("mistakes", "open", "exact", "digits", "chains", "tested")


def kept(path: Path, make: Callable[[], Trial]) -> Trial:
    """The trial in the file; where there is none it is made and written, atomically. ValueError for another file."""
    if not path.exists():
        made = make()
        write_arrays(path, {name: np.array(getattr(made, name)) for name in FIELDS})
        return made
    found = read_arrays(path, "trial of a layout", FIELDS)
    return Trial(
        int(found["mistakes"]),
        tuple(int(t) for t in found["open"]),
        float(found["exact"]),
        float(found["digits"]),
        float(found["chains"]),
        int(found["tested"]),
    )
