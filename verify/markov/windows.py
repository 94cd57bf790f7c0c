"""Whether windows form a Markov chain: conditional laws of small sources, computed from their exact joint laws."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import product

import numpy as np
from hypothesis import strategies as st

from numerics.chains.index import successor
from theory.claim import Claim
from verify.instance import Instance
from verify.measurement import Context, measures
from verify.precision import exact
from verify.space import Space
from verify.strategies import exact_probability_vectors

Law = tuple[Fraction, ...]
String = tuple[int, ...]


@dataclass(frozen=True)
class MemorySource:
    """A source of T tokens whose next-token law depends on the last `memory` tokens; it starts with uniform ones.

    `table`: laws after the T^memory strings, first token most significant.
    """

    T: int
    memory: int
    table: tuple[Law, ...]

    def joint_law(self, n: int) -> dict[String, Fraction]:
        """P(X_1..X_n = s) for all strings s of length n."""
        law = {s: Fraction(1, self.T**self.memory) for s in product(range(self.T), repeat=self.memory)}
        for _ in range(n - self.memory):
            law = {
                (*s, x): weight * self.table[_value(s[len(s) - self.memory :], self.T)][x]
                for s, weight in law.items()
                for x in range(self.T)
            }
        return law


@dataclass(frozen=True)
class Windowed:
    """A source and the window K through which it is seen."""

    source: MemorySource
    K: int


def _value(tokens: String, T: int) -> int:
    value = 0
    for token in tokens:
        value = value * T + token
    return value


def conditional_laws(source: MemorySource, n: int) -> dict[String, Law]:
    """P(X_{n+1} = . | X_1..X_n = h) for histories h of positive probability, as ratios of joint probabilities."""
    before, after = source.joint_law(n), source.joint_law(n + 1)
    return {h: tuple(after[(*h, x)] / weight for x in range(source.T)) for h, weight in before.items() if weight > 0}


def dependence(thing: Windowed, lengths: range) -> Fraction:
    """Largest difference of P(x | h) between histories of the given lengths that share their last K tokens."""
    groups: dict[String, list[Law]] = {}
    for n in lengths:
        for history, law in conditional_laws(thing.source, n).items():
            groups.setdefault(history[n - thing.K :], []).append(law)
    return max(
        max(law[x] for law in laws) - min(law[x] for law in laws)
        for laws in groups.values()
        for x in range(thing.source.T)
    )


@st.composite
def _sources(draw: st.DrawFn, least_window: bool) -> Windowed:
    """Sources and windows: with `least_window` the window covers the memory, otherwise both are free."""
    T = draw(st.sampled_from((2, 3)))
    memory = draw(st.sampled_from((1, 2)))
    K = draw(st.sampled_from((memory, memory + 1))) if least_window else draw(st.sampled_from((1, 2)))
    rows = draw(st.lists(exact_probability_vectors(size=T), min_size=T**memory, max_size=T**memory))
    return Windowed(MemorySource(T, memory, tuple(tuple(row) for row in rows)), K)


def any_source(claim: Claim) -> st.SearchStrategy[Windowed]:
    """Small sources seen through windows that may be shorter than their memory."""
    return _sources(False)


def remembered_source(claim: Claim) -> st.SearchStrategy[Windowed]:
    """Small sources seen through windows that cover their memory."""
    return _sources(True)


@measures("markov/window_chain_as_stated", over=Space("sources and windows", any_source))
def window_chain_as_stated(thing: Windowed, context: Context) -> Iterator[Instance]:
    """Histories of one length only: their difference refutes any Markov chain, time-homogeneous or not."""
    n = thing.K + thing.source.memory
    yield Instance({"T": thing.source.T, "K": thing.K}, exact(dependence(thing, range(n, n + 1))))


@measures("markov/window_chain", over=Space("sources of memory at most K", remembered_source))
def window_chain(thing: Windowed, context: Context) -> Iterator[Instance]:
    """Histories of several lengths, and the window of a longer history against the successor rule."""
    T, K = thing.source.T, thing.K
    history, token = int(context.rng.integers(T ** (K + 3))), int(context.rng.integers(T))
    values = {"T": T, "K": K, "h": history, "x": token}
    yield Instance(values, exact(dependence(thing, range(K, K + 3))), "law")
    digits = np.base_repr(history * T + token, T).zfill(K)
    yield Instance(values, exact(int(digits[-K:], T)), "window", bound=exact(successor(history % T**K, token, T, K)))
