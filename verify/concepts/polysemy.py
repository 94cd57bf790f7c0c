"""Other concepts in the words: all activity patterns counted exactly, and the errors of networks on such prompts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import product

import numpy as np
from hypothesis import strategies as st

from numerics.concepts.dictionary import draw_dictionary
from numerics.concepts.prompts import Sampler
from theory.claim import Claim
from verify.instance import Instance
from verify.measurement import Context, measures
from verify.precision import Measured, exact
from verify.space import Space
from verify.statistics import binomial_interval

ENUMERATED = 12  # activity bits of a drawn case; all patterns are listed


@dataclass(frozen=True)
class Activity:
    """K_1 concepts, L demonstrations, and the probability rho_1 that a word carries another concept."""

    concepts: int
    length: int
    rho: Fraction

    @property
    def bits(self) -> int:
        """Activities of other concepts in a prompt."""
        return (self.length + 1) * (self.concepts - 1)

    @property
    def values(self) -> dict[str, int | Fraction]:
        """The claims' parameters."""
        return {"K1": self.concepts, "L": self.length, "rho1": self.rho}


@st.composite
def activities(draw: st.DrawFn) -> Activity:
    """Up to 4 concepts and 5 demonstrations, few enough bits to list."""
    concepts = draw(st.integers(1, 4))
    length = draw(st.integers(1, max(1, min(5, ENUMERATED // max(concepts - 1, 1) - 1))))
    return Activity(concepts, length, Fraction(draw(st.integers(0, 20)), 20))


def published(claim: Claim) -> Iterator[Activity]:
    """The specification's case, nearly no activity (where the bound is approached), certain activity, and none."""
    yield Activity(4, 4, Fraction(1, 10))
    yield Activity(2, 2, Fraction(1, 100))
    yield Activity(3, 2, Fraction(1))
    yield Activity(3, 2, Fraction(0))
    yield Activity(1, 3, Fraction(3, 10))


space = Space("activities of other concepts", lambda claim: activities(), published)


def counted(case: Activity) -> Fraction:
    """P(the query and a demonstration share another concept), over all patterns of activities."""
    numbers = [0] * (case.bits + 1)  # of patterns with so many activities
    for pattern in product((0, 1), repeat=case.bits):
        of_concept = [pattern[j :: case.concepts - 1] for j in range(case.concepts - 1)]  # query first, L more
        if any(word[0] and any(word[1:]) for word in of_concept):
            numbers[sum(pattern)] += 1
    terms = (n * case.rho**ones * (1 - case.rho) ** (case.bits - ones) for ones, n in enumerate(numbers))
    return sum(terms, Fraction(0))


@measures("concepts/polysemy_interference", over=space, examples=(6, 40))
def polysemy_interference(case: Activity, context: Context) -> Iterator[Instance]:
    label = f"K_1 = {case.concepts}, L = {case.length}, rho_1 = {float(case.rho):.3g}"
    found = exact(counted(case))
    yield Instance(case.values, found, "exact", label=label)
    yield Instance(case.values, found, "union", label=label)


PROMPTS = 20_000  # sampled for each case


@dataclass(frozen=True)
class Carried(Activity):
    """A learned concept with score `beta` of a match, among others as well learned."""

    beta: float = 2.65

    @property
    def learned(self) -> tuple[tuple[float, ...], tuple[float, ...], tuple[float, ...]]:
        """(beta, p, q) of each concept, D11 late in training."""
        return (self.beta,) * self.concepts, (2.0,) * self.concepts, (2.0,) * self.concepts


@st.composite
def carried(draw: st.DrawFn) -> Carried:
    """Up to 8 balanced demonstrations and 5 concepts, carried at times: no sample settles a bound 0."""
    rho = Fraction(draw(st.integers(1, 10)), 20)
    return Carried(draw(st.integers(2, 5)), 2 * draw(st.integers(1, 4)), rho, draw(st.sampled_from((0.5, 1.5, 2.65))))


def printed(claim: Claim) -> Iterator[Carried]:
    """The specification's cases."""
    for rho in (Fraction(1, 20), Fraction(1, 10), Fraction(3, 10)):
        yield Carried(4, 4, rho)


def missed(case: Carried, prompts: int, rng: np.random.Generator) -> int:
    """How many of so many sampled prompts a network with these concepts gets wrong."""
    from numerics.concepts.learned import learned_network, margin  # torch is loaded where a network is run

    dictionary = draw_dictionary(rng, case.concepts, 0, 2 * case.concepts)
    drawn = Sampler(case.length, "balanced", activity=float(case.rho)).sample(rng, dictionary, (prompts,))
    network = learned_network(dictionary, *case.learned)
    return int((margin(network, drawn) <= 0).sum())


learned_concepts = Space("learned concepts among others", lambda claim: carried(), printed)


@measures("concepts/polysemy_error", over=learned_concepts, examples=(6, 40))
def polysemy_error(case: Carried, context: Context) -> Iterator[Instance]:
    failures = missed(case, PROMPTS, context.rng)
    label = f"K_1 = {case.concepts}, L = {case.length}, rho_1 = {float(case.rho):.3g}, beta = {case.beta:g}"
    yield Instance(case.values, Measured(*binomial_interval(failures, PROMPTS), "monte carlo"), "error", label=label)
