"""Read-out errors of learned concepts, by networks on all clean prompts of one concept."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from hypothesis import strategies as st

from numerics.concepts.dictionary import Dictionary, draw_dictionary
from numerics.concepts.formulas import readout_chain
from numerics.concepts.prompts import Prompts, Sampler
from theory.claim import Claim
from verify.instance import Instance
from verify.measurement import Context, measures
from verify.precision import Measured, floating
from verify.space import Space

if TYPE_CHECKING:
    from numerics.concepts.network import Forward

ENUMERATED = 8  # demonstrations up to which all label strings are listed
ROUNDING = 1e-12  # relative error of a softmax of scores of a few units, float64
NEURONS = 4


@dataclass(frozen=True)
class Learned:
    """A learned concept: score, read-out, number of demonstrations, and of those like the query."""

    length: int
    beta: float
    p: float
    q: float
    matches: int

    @property
    def values(self) -> dict[str, int | float]:
        """The claims' parameters."""
        return {"L": self.length, "b": self.beta, "p": self.p, "q": self.q}


@st.composite
def learned(draw: st.DrawFn) -> Learned:
    """Up to 8 demonstrations; beta away from the ties L/(1 + e^(2 beta)) = integer."""
    length = draw(st.integers(1, ENUMERATED))
    matches = draw(st.integers(1, length))
    return Learned(length, draw(st.floats(0.05, 3)), draw(st.floats(0.1, 3)), draw(st.floats(0.1, 3)), matches)


def published(claim: Claim) -> Iterator[Learned]:
    """The specification's cases, one match among many, and a score at which only equal labels err."""
    yield Learned(8, 0.5, 0.5, 1.5, 1)
    yield Learned(16, 1.0, 0.5, 1.5, 4)
    yield Learned(4, 2.65, 2.0, 0.5, 1)
    yield Learned(1, 1.0, 0.5, 1.5, 1)


concepts = Space("learned concepts", lambda claim: learned(), published)


def network_on(case: Learned, dictionary: Dictionary, prompts: Prompts) -> Forward:
    """A sign-symmetric network with W_Q = W_K = sigma_0 I, beta = sigma_0^2 |b|^2, on prompts of shape (B)."""
    from numerics.concepts.network import batch_of, forward, symmetric_start

    sigma_0 = math.sqrt(case.beta / float((dictionary.b[0] ** 2).sum()))
    parameters = symmetric_start(dictionary, NEURONS, sigma_0, q_0=case.q, p_0=case.p)
    return forward(parameters, batch_of(prompts, 1, shared=True))


def wrong(case: Learned, dictionary: Dictionary, prompts: Prompts) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Which prompts the network gets wrong; an output 0 is wrong."""
    output = network_on(case, dictionary, prompts).output[0].numpy()
    return np.asarray(prompts.target * output <= 0)


def error(case: Learned, dictionary: Dictionary) -> Measured:
    """The network's error with iid labels: on all prompts, or on one of each count, weighted, where there are many."""
    if case.length <= ENUMERATED:
        prompts = Sampler(case.length, "iid").enumerate(dictionary)
        return floating(float(prompts.weights[wrong(case, dictionary, prompts)].sum()), absolute=ROUNDING)
    total = 0.0
    for matches in range(case.length + 1):
        prompts = of_counts(matches, case.length, dictionary)
        share = float(prompts.weights[wrong(case, dictionary, prompts)].sum())
        total += share * math.comb(case.length, matches) / 2**case.length
    return floating(total, absolute=ROUNDING * 1e-3)


def of_counts(matches: int, length: int, dictionary: Dictionary) -> Prompts:
    """The two prompts with so many matches."""
    return Sampler(length, "counts", matches=matches).enumerate(dictionary)


@measures("concepts/readout_error", over=concepts, examples=(25, 200))
def readout_error(case: Learned, context: Context) -> Iterator[Instance]:
    dictionary = draw_dictionary(context.rng, 1, 0, 2)
    alpha = case.beta * float((dictionary.a[0] ** 2).sum() / (dictionary.b[0] ** 2).sum())
    values = {**case.values, "np": case.matches, "al": alpha}
    label = f"L = {case.length}, beta = {case.beta:.4g}"
    yield Instance(values, error(case, dictionary), "iid", label=label)
    balanced = Sampler(2 * case.matches, "balanced").enumerate(dictionary)
    missed = balanced.weights[wrong(case, dictionary, balanced)].sum()
    yield Instance(values, floating(float(missed), absolute=ROUNDING), "balanced", label=label)
    prompts = of_counts(case.matches, case.length, dictionary)
    attention = float((network_on(case, dictionary, prompts).attention[0].numpy() * prompts.matches).sum(-1)[0])
    yield Instance(values, floating(attention, relative=ROUNDING), "attention", label=label)
    if case.length >= 2 and case.matches < case.length:
        # n_+ - n_- e^(-2 beta) = n_+ (1 - 1/odds) from the network's attention.
        excess = case.matches - case.matches * (1 - attention) / attention
        yield Instance(values, floating(excess, absolute=1e-9), "at least one match", label=label)
        single = of_counts(1, case.length, dictionary)
        found = float((network_on(case, dictionary, single).attention[0].numpy() * single.matches).sum(-1)[0])
        scaled = found / (1 - found) * (case.length - 1) - (case.length - 1)
        size = math.exp(2 * case.beta) + case.length
        yield Instance(values, floating(scaled, absolute=1e-9 * size), "one match", label=label)


@measures("concepts/readout_chernoff", over=concepts, examples=(25, 200))
def readout_chernoff(case: Learned, context: Context) -> Iterator[Instance]:
    dictionary = draw_dictionary(context.rng, 1, 0, 2)
    found = error(case, dictionary)
    label = f"L = {case.length}, beta = {case.beta:.4g}"
    for statement in ("Pinsker", "Chernoff", "all alike"):
        yield Instance(case.values, found, statement, label=label)
    _, _, chernoff, _ = readout_chain(case.length, case.beta)
    yield Instance(case.values, floating(chernoff, relative=1e-11), "chain", label=label)
    entropy = -math.log(chernoff) / case.length
    yield Instance(case.values, floating(entropy, absolute=1e-11), "relative entropy", label=label)
