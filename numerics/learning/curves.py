"""Sample-complexity curves: error against the number of chains, with exact binomial intervals.

Main definitions
    Point          one sample size: errors of all seeds on fresh prompts
    curve          trains at several sizes and seeds
    chain_errors   chains and last tokens that a predictor gets wrong
    Teacher        prompts and true chains of an exact linear predictor, as token indices

Source: specification `autoregressive`, D4 and the common measurement rules (Clopper-Pearson intervals at 99 %).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binomtest

from numerics.learning.features import IntArray
from numerics.machines.dense import DenseAR, dense, encode, rollout
from numerics.machines.linear_ar import LinearAR

LEVEL = 0.99


class Predictor(Protocol):
    """Anything that rolls out chains (B, T) from prompts (B, n)."""

    def rollout(self, prompts: IntArray) -> IntArray: ...


@dataclass(frozen=True, eq=False)
class Teacher:
    """An exact predictor and the tokens that can stand at each prompt position, all as indices of its dictionary.

    Attributes
        model   the predictor in int64
        inputs  indices of the tokens allowed at each prompt position (n alphabets)
    """

    model: DenseAR
    inputs: tuple[IntArray, ...]

    @property
    def K(self) -> int:
        """Size of the dictionary."""
        return len(self.model.tokens)

    @property
    def live(self) -> tuple[IntArray, ...]:
        """The live alphabet of every step."""
        return tuple(step.live for step in self.model.steps)

    def prompts(self, m: int, rng: np.random.Generator) -> IntArray:
        """m independent prompts, uniform over the allowed tokens (m, n)."""
        return np.stack([rng.choice(alphabet, m) for alphabet in self.inputs], axis=1)

    def every_prompt(self) -> IntArray:
        """All prompts, first token slowest."""
        grid = np.meshgrid(*self.inputs, indexing="ij")
        return np.stack([g.ravel() for g in grid], axis=1)

    def chains(self, prompts: IntArray) -> IntArray:
        """The true chains (m, T)."""
        return rollout(self.model, prompts)

    def sample(self, m: int, rng: np.random.Generator) -> tuple[IntArray, IntArray]:
        """m independent prompts with their true chains."""
        prompts = self.prompts(m, rng)
        return prompts, self.chains(prompts)


def teacher(model: LinearAR, inputs: Sequence[Sequence[str]]) -> Teacher:
    """The teacher whose chains are those of `model`; `inputs` gives the tokens of each prompt position."""
    tokens = tuple(dict.fromkeys([*(token for alphabet in inputs for token in alphabet), *model.tokens]))
    arrays = dense(model, tokens)
    return Teacher(arrays, tuple(encode(arrays, [alphabet])[0] for alphabet in inputs))


@dataclass(frozen=True)
class Errors:
    """How many of `trials` fresh prompts had a wrong chain, and a wrong last token, in the rollout."""

    chains: int
    last: int
    trials: int

    @property
    def rate(self) -> float:
        """Estimate of err_AR."""
        return self.chains / self.trials

    @property
    def interval(self) -> tuple[float, float]:
        """Exact interval of err_AR at 99 %."""
        return interval(self.chains, self.trials)


def interval(failures: int, trials: int, level: float = LEVEL) -> tuple[float, float]:
    """Clopper-Pearson interval of a probability."""
    low, high = binomtest(failures, trials).proportion_ci(level, "exact")
    return float(low), float(high)


def chain_errors(predictor: Predictor, prompts: IntArray, chains: IntArray) -> Errors:
    """Rollouts on prompts (B, n) compared with the true chains (B, T)."""
    found = predictor.rollout(prompts)
    wrong: NDArray[np.bool_] = found != chains
    return Errors(int(wrong.any(axis=1).sum()), int(wrong[:, -1].sum()), len(prompts))


@dataclass(frozen=True)
class Point:
    """Errors of predictors trained on m chains, one for every seed."""

    m: int
    errors: tuple[Errors, ...]

    @property
    def rates(self) -> tuple[float, ...]:
        """err_AR of every seed."""
        return tuple(e.rate for e in self.errors)

    @property
    def median(self) -> float:
        """Median of err_AR over the seeds."""
        return float(np.median(self.rates))

    @property
    def pooled(self) -> tuple[float, float]:
        """Exact interval of the mean of err_AR over these predictors: every test prompt is one trial."""
        return interval(sum(e.chains for e in self.errors), sum(e.trials for e in self.errors))


def curve(
    train: Callable[[IntArray, IntArray, np.random.Generator], Predictor],
    source: Teacher,
    sizes: Sequence[int],
    test: int | None,
    seeds: Sequence[np.random.SeedSequence],
    report: Callable[[int, int], None] | None = None,
) -> tuple[Point, ...]:
    """Train on samples of every size with every seed; test on that many fresh prompts, or on all prompts (None).

    The samples of one seed are nested: a smaller one is the beginning of a larger one. `report` is told the size and
    the number of the seed after each training.
    """
    found: dict[int, list[Errors]] = {m: [] for m in sizes}
    for number, seed in enumerate(seeds):
        sampling, testing, training = (np.random.default_rng(s) for s in seed.spawn(3))
        prompts, chains = source.sample(max(sizes), sampling)
        asked = source.every_prompt() if test is None else source.prompts(test, testing)
        true = source.chains(asked)
        for m in sizes:
            found[m].append(chain_errors(train(prompts[:m], chains[:m], training), asked, true))
            if report is not None:
                report(m, number)
    return tuple(Point(m, tuple(found[m])) for m in sizes)
