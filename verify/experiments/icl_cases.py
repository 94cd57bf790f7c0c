"""The panels of the in-context learning experiment: every chain family at its sizes, and how many prompts of it.

Main definitions
    Case    one family at one number of states
    Sizes   prompts and lengths of a budget
    cases   all of them, for a budget

Families by the letters of the specification, section 4.5: (a) Dirichlet rows, (b) constrained walk, (c) polygon walk,
(d) inner clique with outer rim, (e) Brownian motion, (f) geometric Brownian motion, correlated Gaussian, independent
Gaussian and uniform. A transformer that reads three states meets (e) and (f) on three coarse bins.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from numerics.icl.counting_limit import stationary_laws
from numerics.icl.families import (
    Family,
    autoregressive_gaussian,
    brownian_motion,
    clique_and_rim,
    constrained_walk,
    geometric_brownian_motion,
    independent_gaussian,
    independent_uniform,
    polygon_walk,
)
from numerics.icl.simulate import random_dirichlet_kernels
from verify.experiments.experiment import Budget

DIRICHLET = "Dirichlet(1) rows"
LIMIT_STATES = 16  # beyond, prompts of these lengths are far from every limit


@dataclass(frozen=True)
class Sizes:
    """Prompts by number of states, their transitions, and the sample by which limits are judged."""

    few_states: int  # prompts for d <= 16
    hundred: int  # for d <= 100
    many: int  # beyond
    limit_chains: int
    limit_lengths: tuple[int, int]


SIZES: Mapping[Budget, Sizes] = {
    "quick": Sizes(200, 60, 40, 1500, (200, 2000)),
    "full": Sizes(1000, 400, 200, 8000, (500, 5000)),
}


@dataclass(frozen=True)
class Case:
    """One family at one size. `kernel` (d, d) is shared by all prompts; None: a fresh Dirichlet(1) kernel for each,
    X_1 uniform. `transitions` N and `chains` size its panel; `level` is that of its bands."""

    letter: str
    family: str
    states: int
    transitions: int
    chains: int
    level: float
    sizes: Sizes
    kernel: NDArray[np.float64] | None = None
    parameters: Mapping[str, float] = field(default_factory=dict)
    coarse: bool = False

    @property
    def label(self) -> str:
        """Name for records and plots."""
        return f"{self.family}, d = {self.states}"

    @property
    def slug(self) -> str:
        """Name for files."""
        words = "".join(c if c.isalnum() else "-" for c in self.family.lower()).strip("-")
        return f"{self.letter}-{words}-d{self.states}".replace("--", "-")

    def draw_kernels(self, chains: int, rng: np.random.Generator) -> NDArray[np.float64]:
        """Kernels (d, d), or fresh ones (chains, d, d)."""
        return random_dirichlet_kernels(chains, self.states, rng) if self.kernel is None else self.kernel

    def start(self) -> NDArray[np.float64]:
        """Law of X_1 (d,): uniform for random kernels, stationary for the others."""
        if self.kernel is None:
            return np.full(self.states, 1.0 / self.states)
        return np.asarray(stationary_laws(self.kernel[None])[0])

    def rng(self, seed: int, purpose: str) -> np.random.Generator:
        """A generator of its own for every case and purpose."""
        digest = hashlib.sha256(f"{self.slug}/{purpose}".encode()).digest()
        return np.random.default_rng([seed, int.from_bytes(digest[:4], "big"), 0x7E57])

    def key(self, seed: int, predictors: Mapping[str, str]) -> str:
        """Hash of all that the panel depends on; `predictors` maps names to what they were made with."""
        content = {
            "format": 1,
            "case": [self.letter, self.family, self.states, self.transitions, self.chains],
            "parameters": dict(self.parameters),
            "seed": seed,
            "predictors": dict(predictors),
        }
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:12]


def cases(budget: Budget) -> tuple[Case, ...]:
    """Every panel of a budget, by letter, name and number of states."""
    sizes = SIZES[budget]
    found = [
        Case("a", DIRICHLET, d, 1000, sizes.few_states, 0.95, sizes, parameters={"states": d}) for d in (2, 3, 4, 6, 8)
    ]
    for d in (3, 4, 5, 6):
        found += [_case("b", constrained_walk(d), sizes, 0.99), _case("c", polygon_walk(d), sizes, 0.99)]
    found += [_case("d", clique_and_rim(), sizes), _case("e", brownian_motion(), sizes)]
    found += [
        _case("f", family, sizes)
        for family in (
            geometric_brownian_motion(),
            autoregressive_gaussian(),
            independent_gaussian(),
            independent_uniform(),
        )
    ]
    found += [_case("e", brownian_motion(3, 0.7), sizes, coarse=True)]
    found += [
        _case("f", family, sizes, coarse=True)
        for family in (
            geometric_brownian_motion(3, volatility=0.3),
            autoregressive_gaussian(3, half_width=1.5),
            independent_gaussian(3, half_width=1.5),
            independent_uniform(3),
        )
    ]
    return tuple(sorted(found, key=lambda case: (case.letter, case.family, case.states)))


def _case(letter: str, family: Family, sizes: Sizes, level: float = 0.95, coarse: bool = False) -> Case:
    d = family.states
    chains = sizes.few_states if d <= LIMIT_STATES else sizes.hundred if d <= 100 else sizes.many
    transitions = 100 if d > 100 else 1000
    return Case(
        letter, family.name, d, transitions, chains, level, sizes, family.kernel, dict(family.parameters), coarse
    )
