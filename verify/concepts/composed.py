"""Learned networks and composed tasks that the claims on tests out of distribution are measured on.

Main definitions
    Task        a network of two learned concepts, a composed concept, a prompt of it
    tasks       the space of tasks, coefficients of either sign
    network_of, prompt_of, reading
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from numerics.concepts.dictionary import Dictionary, draw_dictionary
from theory.claim import Claim
from verify.precision import Measured, floating
from verify.space import Space

Floats = NDArray[np.float64]
ROUNDING = 1e-11  # of margins, scores and attention computed in float64: all are at most a few hundred operations
CONCEPTS = 2
NEURONS = 4


@dataclass(frozen=True)
class Task:
    """A learned network and a prompt of a* +- b*, c* +- d*.

    Attributes
        seed          of the dictionary
        beta, p, q    of the learned concepts
        t, t1, t2     coefficients of b*, d*, c*
        ta            coefficients of a*
        matches, others   n_+ and n_-
        target        e_q
        decayed       eigenvalue of W_Q, W_K off the learned directions
    """

    seed: int
    beta: tuple[float, ...]
    p: tuple[float, ...]
    q: tuple[float, ...]
    t: tuple[float, ...] = (1.0, 0.0)
    t1: tuple[float, ...] = (1.0, 0.0)
    t2: tuple[float, ...] = (1.0, 0.0)
    ta: tuple[float, ...] = (1.0, 0.0)
    matches: int = 2
    others: int = 2
    target: int = 1
    decayed: float = 0.05

    @property
    def strength(self) -> float:
        """beta* = sum t_k^2 beta_k."""
        return sum(t**2 * beta for t, beta in zip(self.t, self.beta, strict=True))

    @property
    def concept(self) -> float:
        """C*."""
        return sum(t * q for t, q in zip(self.t2, self.q, strict=True))

    @property
    def difference(self) -> float:
        """D*."""
        return sum(t * p for t, p in zip(self.t1, self.p, strict=True))

    @property
    def signal(self) -> float:
        """theta* D*."""
        damped = self.others * float(np.exp(-2 * self.strength))
        return (self.matches - damped) / (self.matches + damped) * self.difference


def numbers(low: int, high: int) -> st.SearchStrategy[tuple[float, ...]]:
    """Pairs of eighths from low/8 to high/8."""
    return st.tuples(*[st.integers(low, high).map(lambda n: n / 8)] * CONCEPTS)


@st.composite
def any_task(draw: st.DrawFn) -> Task:
    """A learned network (beta_k, p_k > 0, q_k >= 0) and any combination."""
    return Task(
        draw(st.integers(0, 7)),
        draw(numbers(1, 20)),
        draw(numbers(1, 16)),
        draw(numbers(0, 16)),
        draw(numbers(-8, 8)),
        draw(numbers(-8, 8)),
        draw(numbers(-16, 16)),
        draw(numbers(-8, 8)),
        draw(st.integers(1, 8)),
        draw(st.integers(0, 8)),
        draw(st.sampled_from((1, -1))),
    )


def single(claim: Claim) -> list[Task]:
    """The concepts themselves, balanced, one match, all matches."""
    return [
        Task(0, (1.25, 0.75), (1.5, 1.0), (1.0, 0.5), matches=n, others=o, target=e)
        for n, o in ((2, 2), (1, 3), (1, 40), (4, 0))
        for e in (1, -1)
    ]


tasks = Space("learned networks and composed concepts", lambda claim: any_task(), single)


@lru_cache(maxsize=64)
def dictionary_of(seed: int, concepts: int = CONCEPTS) -> Dictionary:
    """A random orthogonal dictionary in dimension 8."""
    return draw_dictionary(np.random.default_rng(seed), concepts, 0, 8)


def network_of(task: Task) -> Any:
    """The learned network."""
    from numerics.concepts.learned import learned_network

    return learned_network(dictionary_of(task.seed), task.beta, task.p, task.q, neurons=NEURONS, decayed=task.decayed)


def vectors_of(task: Task) -> tuple[Floats, Floats, Floats, Floats]:
    """a*, b*, c*, d*."""
    atoms = dictionary_of(task.seed)
    return (
        np.asarray(task.ta) @ atoms.a,
        np.asarray(task.t) @ atoms.b,
        np.asarray(task.t2) @ atoms.c,
        np.asarray(task.t1) @ atoms.d,
    )


def prompt_of(task: Task) -> Any:
    """The prompt: matches first."""
    from numerics.concepts.learned import clean_prompt

    signs = [task.target] * task.matches + [-task.target] * task.others
    return clean_prompt(*vectors_of(task), [task.target], [signs])


def rounded_off(value: float) -> Measured:
    """A float64 number with the rounding error of a small network."""
    return floating(value, absolute=ROUNDING * max(1.0, abs(value)))
