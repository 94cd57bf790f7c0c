"""Predictors given as tables on a finite set of chains, finite classes of them, and what a learner makes of a sample.

Main definitions
    Chains          prompts (P, n) with their chains (P, T) and exact masses
    Table           a predictor that looks its next token up, with a default beyond the table
    SoftTable       exact next-token laws along the teacher's chains and off them
    FiniteProblem   a class per position, each a list of label patterns on the P prompts, one of them true
    consistent      the hypotheses of each position that fit the chains seen
    worst_erm       the consistent tuple with the largest err_AR (one consistent tuple with err_AR > eps is a failure)
    seen_law        exact law of the set of prompts seen in m draws

Tokens are 0..K-1; ties of probabilities go to the first token in dictionary order. Masses are `Fraction`s.
Source: definitions D1-D7 and D14 of the body `autoregressive`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations, product
from math import prod

import numpy as np

Tokens = tuple[int, ...]


@dataclass(frozen=True)
class Chains:
    """A realizable finite law: prompt i of mass masses[i] has the chain chains[i].

    Attributes
        K        size of the dictionary
        prompts  (P,) tuples of n tokens
        chains   (P,) tuples of T tokens
        masses   (P,) Fractions with sum 1
    """

    K: int
    prompts: tuple[Tokens, ...]
    chains: tuple[Tokens, ...]
    masses: tuple[Fraction, ...]

    def __post_init__(self) -> None:
        if not len(self.prompts) == len(self.chains) == len(self.masses) > 0:
            sizes = (len(self.prompts), len(self.chains), len(self.masses))
            raise ValueError(f"{sizes} prompts, chains and masses, expected as many of each, at least one")
        if sum(self.masses) != 1 or min(self.masses) < 0:
            raise ValueError(f"the masses sum to {sum(self.masses)} with least {min(self.masses)}, expected a law")
        if len({len(x) for x in self.prompts}) > 1 or len({len(z) for z in self.chains}) > 1:
            raise ValueError("prompts of several lengths or chains of several lengths, expected one n and one T")
        if not self.chains[0]:
            raise ValueError("chains of length 0, expected T >= 1")
        for i, (x, z) in enumerate(zip(self.prompts, self.chains, strict=True)):
            if any(not 0 <= a < self.K for a in (*x, *z)):
                raise ValueError(f"tokens {(*x, *z)} of prompt {i}, expected tokens 0..{self.K - 1}")

    @property
    def T(self) -> int:
        """Length of the chains in tokens."""
        return len(self.chains[0])


@dataclass(frozen=True, eq=False)
class Table:
    """A deterministic predictor: `steps[t]` maps a context (prompt and tokens before) to a token, else `default`."""

    steps: tuple[Mapping[Tokens, int], ...]
    default: int = 0

    def __call__(self, t: int, context: Tokens) -> int:
        """Token t (0-based) after `context`."""
        return self.steps[t].get(context, self.default)


@dataclass(frozen=True, eq=False)
class SoftTable:
    """A soft predictor: `steps[t]` maps a context to a law over K tokens (Fractions with sum 1)."""

    steps: tuple[Mapping[Tokens, tuple[Fraction, ...]], ...]

    def law(self, t: int, context: Tokens) -> tuple[Fraction, ...]:
        """Law of token t (0-based) after `context`. KeyError where the table does not hold it."""
        return self.steps[t][context]

    def greedy(self) -> Table:
        """Greedy decoding, ties to the first token."""
        return Table(tuple({c: law.index(max(law)) for c, law in step.items()} for step in self.steps))


def contexts(K: int, n: int, t: int) -> Iterator[Tokens]:
    """All contexts of step t (0-based): prompts of n tokens followed by t tokens, K^(n+t) of them."""
    return product(range(K), repeat=n + t)


def random_masses(count: int, rng: np.random.Generator, largest: int = 12) -> tuple[Fraction, ...]:
    """A random law with small denominators."""
    weights = [int(w) for w in rng.integers(1, largest + 1, size=count)]
    return tuple(Fraction(w, sum(weights)) for w in weights)


def random_chains(K: int, n: int, T: int, rng: np.random.Generator, teacher: Table | None = None) -> Chains:
    """All prompts of n tokens with chains of the teacher (a random table if none is given) and random masses."""
    teacher = teacher or random_table(K, n, T, rng)
    prompts = tuple(product(range(K), repeat=n))
    chains: list[Tokens] = []
    for x in prompts:
        tokens: Tokens = ()
        for t in range(T):
            tokens = (*tokens, teacher(t, x + tokens))
        chains.append(tokens)
    return Chains(K, prompts, tuple(chains), random_masses(len(prompts), rng))


def random_table(K: int, n: int, T: int, rng: np.random.Generator) -> Table:
    """A table with independent uniform tokens at every context."""
    return Table(tuple({c: int(rng.integers(K)) for c in contexts(K, n, t)} for t in range(T)))


def noisy_copy(chains: Chains, rng: np.random.Generator, share: float) -> Table:
    """A predictor that follows the chains, except where it is wrong with probability `share`, and random elsewhere."""
    K, n = chains.K, len(chains.prompts[0])
    steps: list[dict[Tokens, int]] = []
    for t in range(chains.T):
        step = {c: int(rng.integers(K)) for c in contexts(K, n, t)}
        for x, z in zip(chains.prompts, chains.chains, strict=True):
            wrong = rng.random() < share
            step[x + z[:t]] = (z[t] + int(rng.integers(1, K))) % K if wrong else z[t]
        steps.append(step)
    return Table(tuple(steps))


def random_soft_table(chains: Chains, rng: np.random.Generator, largest: int = 9, sharp: int = 0) -> SoftTable:
    """Random laws with small denominators at every context; `sharp` adds that much weight to the true tokens."""
    K, n = chains.K, len(chains.prompts[0])
    steps: list[dict[Tokens, tuple[Fraction, ...]]] = []
    for t in range(chains.T):
        weights = {c: [int(w) for w in rng.integers(1, largest + 1, size=K)] for c in contexts(K, n, t)}
        for x, z in zip(chains.prompts, chains.chains, strict=True):
            weights[x + z[:t]][z[t]] += sharp
        steps.append({c: tuple(Fraction(w, sum(ws)) for w in ws) for c, ws in weights.items()})
    return SoftTable(tuple(steps))


@dataclass(frozen=True, eq=False)
class FiniteProblem:
    """Learning a product class on P prompts, seen along the teacher's chains.

    A hypothesis of position t is what it says on the P contexts (x_i, z_<t); the teacher's own chain is among them.

    Attributes
        masses   (P,) Fractions with sum 1
        classes  (T,) arrays (|H_t|, P) of tokens
        truth    (T, P) tokens of the chains; row t is a row of classes[t]
    """

    masses: tuple[Fraction, ...]
    classes: tuple[np.ndarray, ...]
    truth: np.ndarray

    def __post_init__(self) -> None:
        P = len(self.masses)
        if self.truth.shape != (len(self.classes), P):
            raise ValueError(f"chains of shape {self.truth.shape}, expected {(len(self.classes), P)}")
        for t, hypotheses in enumerate(self.classes):
            if not (hypotheses == self.truth[t]).all(axis=1).any():
                raise ValueError(f"the chains are not realizable: no hypothesis of position {t} fits them")

    @property
    def T(self) -> int:
        """Length of the chains."""
        return len(self.classes)

    @property
    def log_sizes(self) -> tuple[float, ...]:
        """ln|H_t| in nats for every position."""
        return tuple(float(np.log(len(c))) for c in self.classes)

    def misses(self) -> tuple[np.ndarray, ...]:
        """For every position the misses (|H_t|, P) of its hypotheses, boolean."""
        return tuple(c != self.truth[t] for t, c in enumerate(self.classes))


def random_problem(P: int, sizes: Sequence[int], K: int, rng: np.random.Generator) -> FiniteProblem:
    """P prompts of random masses and classes of the given sizes with random patterns, one of which is true."""
    classes = tuple(rng.integers(0, K, size=(size, P)) for size in sizes)
    truth = np.stack([c[rng.integers(len(c))] for c in classes])
    return FiniteProblem(random_masses(P, rng), classes, truth)


def consistent(problem: FiniteProblem, seen: np.ndarray) -> tuple[np.ndarray, ...]:
    """Indices of the hypotheses of each position without a miss on the prompts seen, a boolean mask (P,)."""
    return tuple(np.flatnonzero(~missed[:, seen].any(axis=1)) for missed in problem.misses())


def mass_of(problem: FiniteProblem, where: np.ndarray) -> Fraction:
    """Mass of the prompts in a boolean mask (P,)."""
    return sum((m for m, inside in zip(problem.masses, where, strict=True) if inside), Fraction(0))


def worst_erm(problem: FiniteProblem, seen: np.ndarray) -> Fraction:
    """The largest err_AR of a consistent tuple, exact: over all tuples of distinct patterns of misses."""
    patterns: set[tuple[bool, ...]] = {(False,) * len(problem.masses)}
    for missed, kept in zip(problem.misses(), consistent(problem, seen), strict=True):
        rows = np.unique(missed[kept], axis=0)
        patterns = {tuple(bool(b) for b in np.logical_or(p, row)) for p in patterns for row in rows}
    return max(mass_of(problem, np.array(p)) for p in patterns)


def random_erm(problem: FiniteProblem, seen: np.ndarray, rng: np.random.Generator) -> tuple[int, ...]:
    """A consistent tuple, its hypothesis chosen uniformly at each position."""
    return tuple(int(rng.choice(kept)) for kept in consistent(problem, seen))


def tuple_error(problem: FiniteProblem, choice: Sequence[int]) -> Fraction:
    """err_AR of a tuple of hypotheses, exact."""
    wrong = np.zeros(len(problem.masses), dtype=bool)
    for missed, j in zip(problem.misses(), choice, strict=True):
        wrong |= missed[j]
    return mass_of(problem, wrong)


def draw_seen(masses: Sequence[Fraction], m: int, trials: int, rng: np.random.Generator) -> np.ndarray:
    """Which prompts m independent draws have seen, boolean (trials, P)."""
    law = np.array([float(mass) for mass in masses])
    return rng.multinomial(m, law / law.sum(), size=trials) > 0


def seen_law(masses: Sequence[Fraction], m: int) -> dict[tuple[bool, ...], Fraction]:
    """Exact law of the set of prompts seen in m draws, by inclusion and exclusion; 2^P sets, so P <= 12."""
    P = len(masses)
    if P > 12:
        raise ValueError(f"{P} prompts have {2**P} sets, expected at most 12 prompts")
    law: dict[tuple[bool, ...], Fraction] = {}
    inside = {s: sum((masses[i] for i in s), Fraction(0)) ** m for k in range(P + 1) for s in combinations(range(P), k)}
    for chosen in inside:
        total = sum(
            (
                (-1) ** (len(chosen) - k) * inside[part]
                for k in range(len(chosen) + 1)
                for part in combinations(chosen, k)
            ),
            Fraction(0),
        )
        law[tuple(i in chosen for i in range(P))] = total
    return law


def product_size(problem: FiniteProblem) -> int:
    """Number of tuples of the product class."""
    return prod(len(c) for c in problem.classes)
