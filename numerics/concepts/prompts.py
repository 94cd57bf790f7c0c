"""Prompts of the concept model: sampled with every label mode, or all of them with their probabilities.

Main definitions
    Prompts             words, labels, signs and co-concepts of a batch of prompts
    Sampler             the law of a prompt (D3)
    Sampler.sample      a batch of any shape, from a generator
    Sampler.enumerate   the clean population: every prompt with its probability

A prompt has L demonstrations (x_l, y_l) and a query x_q at position L+1; the sign e_q of the query is the real label.
n_+ of the demonstrations have that sign. Source: specification `concepts`, D3.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import combinations, permutations, product
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from numerics.concepts.dictionary import Dictionary

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Real = NDArray[np.floating[Any]]

LABEL_MODES = ("balanced", "iid", "atleast1", "onematch", "counts")


@dataclass(frozen=True, eq=False)
class Prompts:
    """A batch of prompts of shape B (any number of axes).

    Attributes
        words     X, (*B, L+1, d_x); the query is the last
        labels    Y, (*B, L, d_y)
        target    e_q, (*B), +1 or -1
        signs     e, (*B, L+1); the last is e_q
        concepts  co-concepts, (*B, n_co)
        weights   (*B), probabilities along the last axis: they sum to 1 there
    """

    words: Real
    labels: Real
    target: Integers
    signs: Integers
    concepts: Integers
    weights: Floats

    @property
    def matches(self) -> NDArray[np.bool_]:
        """Which demonstrations have the sign of the query, (*B, L)."""
        return np.asarray(self.signs[..., :-1] == self.target[..., None])

    @property
    def length(self) -> int:
        """L."""
        return int(self.signs.shape[-1]) - 1


@dataclass(frozen=True)
class Sampler:
    """Law of a prompt; the defaults draw clean prompts of one uniform co-concept with balanced labels.

    Attributes
        length            L
        mode              balanced, iid, atleast1, onematch, or counts with `matches` of L demonstrations like the query
        matches           n_+, for the mode counts only
        co_concepts       n_co, number of co-concepts of a prompt
        co_signs          relative signs of the co-concepts: all equal (None), since others leave no target
        activity          rho_1, probability that a word carries another task concept, with a random sign
        irrelevant        rho_2, probability that a word carries an irrelevant atom
        word_noise        standard deviation of each coordinate of xi
        label_noise       of zeta
        label_permutation tau: the label concept of word concept k (None: k)
    """

    length: int
    mode: str = "balanced"
    matches: int | None = None
    co_concepts: int = 1
    co_signs: tuple[int, ...] | None = None
    activity: float = 0.0
    irrelevant: float = 0.0
    word_noise: float = 0.0
    label_noise: float = 0.0
    label_permutation: tuple[int, ...] | None = None

    def __post_init__(self) -> None:
        if self.length < 1:
            raise ValueError(f"{self.length} demonstrations in a prompt, expected at least 1")
        if self.mode not in LABEL_MODES:
            raise ValueError(f"label mode {self.mode!r}, expected one of {', '.join(LABEL_MODES)}")
        if self.mode == "balanced" and self.length % 2:
            raise ValueError(f"balanced labels on {self.length} demonstrations, expected an even number")
        if (self.mode == "counts") != (self.matches is not None):
            raise ValueError(f"matches = {self.matches} in label mode {self.mode}: expected a number iff it is counts")
        if self.matches is not None and not 0 <= self.matches <= self.length:
            raise ValueError(f"{self.matches} matches of {self.length} demonstrations, expected 0 to {self.length}")
        if self.co_concepts < 1:
            raise ValueError(f"{self.co_concepts} co-concepts in a prompt, expected at least 1")
        if self.co_signs is not None:
            if len(self.co_signs) != self.co_concepts or any(sign not in (1, -1) for sign in self.co_signs):
                raise ValueError(f"co-concept signs {self.co_signs}, expected {self.co_concepts} of +1 and -1")
            if len(set(self.co_signs)) > 1:
                raise ValueError(
                    f"co-concept signs {self.co_signs} contradict each other: a prompt has one real label, so all its "
                    "co-concepts need the same sign"
                )
        for name in ("activity", "irrelevant"):
            if not 0 <= getattr(self, name) <= 1:
                raise ValueError(f"{name} = {getattr(self, name)} of a prompt, expected a probability")
        for name in ("word_noise", "label_noise"):
            if not (math.isfinite(getattr(self, name)) and getattr(self, name) >= 0):
                raise ValueError(f"{name} = {getattr(self, name)} of a prompt, expected a number at least 0")
        tau = self.label_permutation
        if tau is not None and sorted(tau) != list(range(len(tau))):
            raise ValueError(f"label_permutation = {tau}, expected a permutation of 0..{len(tau) - 1}")

    @property
    def clean(self) -> bool:
        """Whether words carry their co-concepts only."""
        return self.activity == self.irrelevant == self.word_noise == self.label_noise == 0

    def sample(
        self,
        rng: np.random.Generator,
        dictionary: Dictionary,
        shape: tuple[int, ...],
        probabilities: ArrayLike | None = None,
        dtype: type[np.floating[Any]] = np.float64,
    ) -> Prompts:
        """Prompts of batch shape `shape`, independent; equal weights along the last axis.

        probabilities: pi, (K_1) or (..., K_1) with one law for each leading index of the batch (the last axis of the
        batch shares it). Raises ValueError where it is no distribution or has fewer concepts than a prompt needs.
        """
        pi = self._law(dictionary, probabilities)
        K = dictionary.concepts
        # Without replacement with these probabilities: the n_co smallest of exponential times of rates pi.
        with np.errstate(divide="ignore"):
            times = rng.standard_exponential((*shape, K)) / pi[..., None, :]
        concepts = np.argsort(times, axis=-1, kind="stable")[..., : self.co_concepts]
        target = 2 * rng.integers(0, 2, shape) - 1
        signs = np.concatenate([self._demonstrations(rng, target), target[..., None]], axis=-1)  # (*B, L+1)

        chosen = np.zeros((*shape, K))
        np.put_along_axis(chosen, concepts, 1.0, axis=-1)
        active = np.broadcast_to(chosen[..., None, :], (*shape, self.length + 1, K))
        signed = active * signs[..., None]
        if self.activity > 0:
            others = (rng.random(active.shape) < self.activity) & (active == 0)  # a co-concept is not drawn again
            active = active + others
            signed = signed + others * (2 * rng.integers(0, 2, others.shape) - 1)
        codes = [active.astype(dtype), signed.astype(dtype)]
        if self.irrelevant > 0 and dictionary.irrelevant:
            codes.append((rng.random((*active.shape[:-1], dictionary.irrelevant)) < self.irrelevant).astype(dtype))
        words, labels = self._vectors(dictionary, codes, dtype)
        if self.word_noise > 0:
            words += self.word_noise * rng.standard_normal(words.shape, dtype=dtype)
        if self.label_noise > 0:
            labels += self.label_noise * rng.standard_normal(labels.shape, dtype=dtype)
        weights = np.broadcast_to(1.0 / max(shape[-1], 1) if shape else 1.0, shape)
        return Prompts(words, labels, target, signs, concepts, weights)

    def enumerate(self, dictionary: Dictionary, probabilities: ArrayLike | None = None) -> Prompts:
        """Every clean prompt with its probability, (N) of them.

        Demonstrations are exchangeable, so that balanced, onematch and counts list one order each (2 prompts a set of
        co-concepts); iid and atleast1 list every sign pattern, 2^(L+1) a set.
        Raises ValueError for a sampler that is not clean.
        """
        if not self.clean:
            raise ValueError("prompts with noise or other active atoms cannot be enumerated: expected a clean sampler")
        pi = self._law(dictionary, probabilities)
        if pi.ndim != 1:
            raise ValueError(f"probabilities of shape {pi.shape}, expected one law to enumerate")
        sets = [(chosen, p) for chosen, p in _sets(pi, self.co_concepts) if p > 0]
        patterns = [(e_q, signs, p) for e_q in (1, -1) for signs, p in self._patterns(e_q)]
        listed = list(product(sets, patterns))
        concepts = np.array([chosen for (chosen, _), _ in listed], dtype=np.int64)
        target = np.array([e_q for _, (e_q, _, _) in listed], dtype=np.int64)
        signs = np.array([(*pattern, e_q) for _, (e_q, pattern, _) in listed], dtype=np.int64)
        weights = np.array([p * q / 2 for (_, p), (_, _, q) in listed])
        chosen = np.zeros((len(listed), dictionary.concepts))
        np.put_along_axis(chosen, concepts, 1.0, axis=-1)
        active = np.broadcast_to(chosen[:, None, :], (len(listed), self.length + 1, dictionary.concepts))
        words, labels = self._vectors(dictionary, [active, active * signs[..., None]], np.float64)
        return Prompts(words, labels, target, signs, concepts, weights)

    def _law(self, dictionary: Dictionary, probabilities: ArrayLike | None) -> Floats:
        K = dictionary.concepts
        if self.co_concepts > K:
            raise ValueError(f"{self.co_concepts} co-concepts of {K} concepts, expected at most {K}")
        if self.label_permutation is not None and len(self.label_permutation) != K:
            raise ValueError(f"label_permutation of {len(self.label_permutation)} concepts, expected {K}")
        pi = np.full(K, 1 / K) if probabilities is None else np.asarray(probabilities, dtype=np.float64)
        if pi.shape[-1:] != (K,):
            raise ValueError(f"concept probabilities of shape {pi.shape}, expected (..., {K})")
        total = pi.sum(-1)
        if not (np.isfinite(pi).all() and (pi >= 0).all() and np.abs(total - 1).max() <= 1e-9):
            raise ValueError(f"concept probabilities {pi.tolist()}, expected numbers at least 0 with sum 1 within 1e-9")
        if ((pi > 0).sum(-1) < self.co_concepts).any():
            raise ValueError(f"fewer than {self.co_concepts} concepts have positive probability")
        return pi

    def _demonstrations(self, rng: np.random.Generator, target: Integers) -> Integers:
        """Signs of the demonstrations, (*B, L)."""
        shape = (*target.shape, self.length)
        if self.mode in ("iid", "atleast1"):
            signs = 2 * rng.integers(0, 2, shape) - 1
            if self.mode == "atleast1":
                place = rng.integers(0, self.length, (*target.shape, 1))
                np.put_along_axis(signs, place, target[..., None], axis=-1)
            return signs
        # Uniformly random places for the n_+ matches: the ranks of uniform numbers.
        ranks = np.argsort(np.argsort(rng.random(shape), axis=-1), axis=-1)
        return np.where(ranks < self._match_count(), target[..., None], -target[..., None])

    def _match_count(self) -> int:
        if self.mode == "balanced":
            return self.length // 2
        return 1 if self.matches is None else self.matches

    def _patterns(self, e_q: int) -> list[tuple[tuple[int, ...], float]]:
        """Sign patterns of the demonstrations with their probabilities given e_q."""
        L = self.length
        if self.mode == "iid":
            return [(signs, 0.5**L) for signs in product((1, -1), repeat=L)]
        if self.mode == "atleast1":
            # L places for the match that is set, 2^(L-1) patterns elsewhere: a pattern of j matches arises j times.
            return [
                (signs, signs.count(e_q) / (L * 2 ** (L - 1)))
                for signs in product((1, -1), repeat=L)
                if signs.count(e_q) > 0
            ]
        count = self._match_count()
        return [((e_q,) * count + (-e_q,) * (L - count), 1.0)]

    def _vectors(self, dictionary: Dictionary, codes: list[Real], dtype: type[np.floating[Any]]) -> tuple[Real, Real]:
        """Words (*B, L+1, d_x) and labels (*B, L, d_y) of the codes of a, b and, where given, nu."""
        tau = list(range(dictionary.concepts)) if self.label_permutation is None else list(self.label_permutation)
        code = np.concatenate(codes, axis=-1)
        # No irrelevant code: those atoms are left out.
        nu, omega = (dictionary.nu, dictionary.omega) if len(codes) == 3 else (dictionary.nu[:0], dictionary.omega[:0])
        word_atoms = np.concatenate([dictionary.a, dictionary.b, nu]).astype(dtype)
        label_atoms = np.concatenate([dictionary.c[tau], dictionary.d[tau], omega]).astype(dtype)
        return code @ word_atoms, code[..., :-1, :] @ label_atoms


def _sets(pi: Floats, size: int) -> list[tuple[tuple[int, ...], float]]:
    """Sets of `size` concepts drawn one after another without replacement, with their probabilities."""

    def probability(order: tuple[int, ...]) -> float:
        result, left = 1.0, 1.0
        for k in order:
            if pi[k] == 0:
                return 0.0
            result *= pi[k] / left
            left -= pi[k]
        return float(result)

    return [
        (chosen, math.fsum(probability(order) for order in permutations(chosen)))
        for chosen in combinations(range(len(pi)), size)
    ]
