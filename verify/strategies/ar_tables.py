"""Random autoregressive tables: chains with predictors, soft predictors, and finite classes to learn.

Main definitions
    TableTask, table_tasks     chains of a random teacher and a predictor that follows it more or less
    SoftTask, soft_tasks       the same with a soft predictor
    ClassTask, class_tasks     a finite class per position on few prompts, one tuple of which is true
    TreeTask, tree_tasks       classes of whole tables, so that rollouts leave the teacher's path

K in {2, 3}, n <= 2, T <= 4. Everything is drawn from a seed and small ranges; everything shrinks to one prompt token,
one chain token and a perfect predictor. Source: specification `autoregressive`, common measurement rules.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from hypothesis import strategies as st

from numerics.learning.errors import ar_error, final_error, misses
from numerics.learning.tables import (
    Chains,
    FiniteProblem,
    SoftTable,
    Table,
    noisy_copy,
    random_chains,
    random_problem,
    random_soft_table,
    random_table,
)


@dataclass(frozen=True, eq=False)
class TableTask:
    """A law of chains and a deterministic predictor."""

    chains: Chains
    predictor: Table


@dataclass(frozen=True, eq=False)
class SoftTask:
    """A law of chains and a soft predictor."""

    chains: Chains
    model: SoftTable


@dataclass(frozen=True, eq=False)
class ClassTask:
    """A finite learning problem."""

    problem: FiniteProblem


@dataclass(frozen=True, eq=False)
class TreeTask:
    """Classes of whole tables: `tables[t]` are the hypotheses of position t; chains follow the first of each.

    Attributes
        chains   the law, realizable by the first table of every position
        tables   (T,) tuples of Tables, of which step t alone is used
    """

    chains: Chains
    tables: tuple[tuple[Table, ...], ...]

    @property
    def problem(self) -> FiniteProblem:
        """The classes as label patterns along the teacher's chains."""
        x, z = self.chains.prompts, self.chains.chains
        classes = tuple(
            np.array([[table(t, x[i] + z[i][:t]) for i in range(len(x))] for table in tables])
            for t, tables in enumerate(self.tables)
        )
        return FiniteProblem(self.chains.masses, classes, np.array(z).T)

    def errors(self, choice: tuple[int, ...]) -> tuple[Fraction, Fraction]:
        """err_AR and the error of the last token of the rollout for one table at every position."""
        tuple_ = Table(tuple(self.tables[t][j].steps[t] for t, j in enumerate(choice)))
        return ar_error(misses(tuple_, self.chains), self.chains), final_error(tuple_, self.chains)


def _rng(draw: st.DrawFn) -> np.random.Generator:
    return np.random.default_rng(draw(st.integers(0, 10**6)))


@st.composite
def chains_of_teachers(draw: st.DrawFn) -> tuple[Chains, np.random.Generator]:
    """Chains of a random teacher over all prompts, and a generator for what comes with them."""
    T, n, K = draw(st.integers(1, 4)), draw(st.integers(1, 2)), draw(st.integers(2, 3))
    rng = _rng(draw)
    return random_chains(K, n, T, rng), rng


@st.composite
def table_tasks(draw: st.DrawFn) -> TableTask:
    """Predictors that are wrong with probability 0, 0.1, 0.3 or everywhere at random on the teacher's chains."""
    chains, rng = draw(chains_of_teachers())
    share = draw(st.sampled_from((0.0, 0.1, 0.3, None)))
    K, n, T = chains.K, len(chains.prompts[0]), chains.T
    return TableTask(chains, random_table(K, n, T, rng) if share is None else noisy_copy(chains, rng, share))


@st.composite
def soft_tasks(draw: st.DrawFn) -> SoftTask:
    """Soft predictors with laws of small denominators, so that ties occur; some put most weight on the true token."""
    chains, rng = draw(chains_of_teachers())
    sharp = draw(st.sampled_from((0, 0, 20, 200)))
    return SoftTask(chains, random_soft_table(chains, rng, draw(st.sampled_from((1, 3, 9))), sharp))


@st.composite
def class_tasks(draw: st.DrawFn) -> ClassTask:
    """Two to six prompts, one to three positions, classes of one to eight patterns."""
    P = draw(st.integers(2, 6))
    sizes = draw(st.lists(st.integers(1, 8), min_size=1, max_size=3))
    return ClassTask(random_problem(P, sizes, draw(st.integers(2, 3)), _rng(draw)))


@st.composite
def tree_tasks(draw: st.DrawFn) -> TreeTask:
    """Binary prompts of one or two bits, one to three positions, two to five tables each."""
    n, T = draw(st.integers(1, 2)), draw(st.integers(1, 3))
    rng = _rng(draw)
    tables = tuple(tuple(random_table(2, n, T, rng) for _ in range(int(rng.integers(2, 6)))) for _ in range(T))
    teacher = Table(tuple(tables[t][0].steps[t] for t in range(T)))
    chains = random_chains(2, n, T, rng, teacher)
    return TreeTask(chains, tables)


def _fixed(chains: list[tuple[int, ...]], predicted: list[tuple[int, ...]]) -> TableTask:
    """Bits as prompts of equal masses; the predictor says `predicted` along the chains and 0 elsewhere."""
    width = max(1, (len(chains) - 1).bit_length())
    prompts = tuple(tuple(i >> j & 1 for j in range(width)) for i in range(len(chains)))
    law = Chains(2, prompts, tuple(chains), tuple(Fraction(1, len(chains)) for _ in chains))
    steps: tuple[dict[tuple[int, ...], int], ...] = tuple({} for _ in chains[0])
    for x, z, p in zip(prompts, chains, predicted, strict=True):
        for t, token in enumerate(p):
            steps[t][x + z[:t]] = token
    return TableTask(law, Table(steps))


def disjoint_misses() -> TableTask:
    """Four prompts, every step wrong on another one: the union bound is attained."""
    return _fixed([(0, 0, 0)] * 4, [(1, 0, 0), (0, 1, 0), (0, 0, 1), (0, 0, 0)])


def nested_misses() -> TableTask:
    """All steps wrong on the same prompt: err_AR is the largest eps_t."""
    return _fixed([(0, 0, 0)] * 4, [(1, 1, 1), (0, 0, 0), (0, 0, 0), (0, 0, 0)])


def forgetful() -> TableTask:
    """Wrong at the first step, with later steps that ignore it: err_AR = 1, the last token is always right."""
    task = _fixed([(1, 1), (1, 1)], [(0, 1), (0, 1)])
    return TableTask(task.chains, Table(task.predictor.steps, default=1))
