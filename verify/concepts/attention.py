"""Attention of the network itself on clean prompts, and of scores that are off by a known error."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from numerics.concepts.dictionary import draw_dictionary
from numerics.concepts.prompts import Sampler
from theory.claim import Claim
from verify.instance import Instance
from verify.measurement import Context, measures
from verify.precision import floating
from verify.space import Space

ROUNDING = 1e-12  # of attention weights in float64


@dataclass(frozen=True)
class CleanPrompt:
    """Numbers of demonstrations with the sign of the query and with the other one, the start of W_Q = +-W_K, a seed."""

    matches: int
    others: int
    sigma_0: float = 0.3
    mirrored: bool = False
    concepts: int = 2
    seed: int = 0


@st.composite
def clean_prompts(draw: st.DrawFn) -> CleanPrompt:
    """Up to 9 matches and 8 others, |beta| = 2 sigma_0^2 up to 4.5, up to 3 concepts."""
    return CleanPrompt(
        draw(st.integers(1, 9)),
        draw(st.integers(0, 8)),
        draw(st.integers(1, 60)) / 40,
        draw(st.booleans()),
        draw(st.integers(1, 3)),
        draw(st.integers(0, 10_000)),
    )


def known_prompts(claim: Claim) -> Iterator[CleanPrompt]:
    """Balanced ones, the standard set among them, and prompts of matches alone."""
    yield CleanPrompt(2, 2)
    yield CleanPrompt(1, 1, 1.2)
    yield CleanPrompt(4, 4, 0.8, mirrored=True)
    yield CleanPrompt(5, 0, 1.0)


prompts = Space("clean prompts", lambda claim: clean_prompts(), known_prompts)


@measures("concepts/attention_weight", over=prompts, examples=(8, 80))
def attention_weight(prompt: CleanPrompt, context: Context) -> Iterator[Instance]:
    from numerics.concepts.network import batch_of, forward, symmetric_start

    rng = np.random.default_rng(prompt.seed)
    K = prompt.concepts
    atoms = draw_dictionary(rng, K, 0, 2 * K)
    sampler = Sampler(prompt.matches + prompt.others, "counts", matches=prompt.matches)
    listed = sampler.enumerate(atoms)
    network = symmetric_start(atoms, 2, prompt.sigma_0, mirrored=prompt.mirrored)
    state = forward(network, batch_of(listed, 1, shared=True))
    sigma, value = state.attention[0].numpy(), state.value[0].numpy()  # (N, L), (N, d_y)
    form = prompt.sigma_0**2 * (-1 if prompt.mirrored else 1)
    agree = listed.signs[:, :-1] * listed.target[:, None]
    for n in (0, len(listed.target) - 1):
        k, sign = int(listed.concepts[n, 0]), int(listed.target[n])
        j = int(rng.integers(value.shape[1]))
        values: dict[str, int | float | Fraction] = {
            "np": prompt.matches,
            "nm": prompt.others,
            "b": form * float(atoms.b[k] @ atoms.b[k]),
            "al": form * float(atoms.a[k] @ atoms.a[k]),
            "eq": sign,
            "cj": float(atoms.c[k, j]),
            "dj": float(atoms.d[k, j]),
        }
        squares = float((sigma[n] ** 2).sum())
        for statement, quantity in (
            ("correct attention", float(sigma[n][agree[n] == 1].sum())),
            ("theta", float((sigma[n] * agree[n]).sum())),
            ("squares", squares),
            ("squares by parts", prompt.matches * prompt.others * squares),
            ("value", float(value[n, j])),
        ):
            yield Instance(values, floating(quantity, absolute=50 * ROUNDING), statement, scale=1.0)


@dataclass(frozen=True)
class RoughScores:
    """Scores alpha + e_l e_q beta + error_l, the errors within eps."""

    signs: tuple[int, ...]  # e_l e_q
    beta: float
    eps: float
    errors: tuple[float, ...]  # in units of eps, within [-1, 1]

    @property
    def matches(self) -> int:
        """n_+."""
        return self.signs.count(1)

    def attention(self) -> NDArray[np.float64]:
        """The softmax weights; alpha = 1/2."""
        scores = 0.5 + self.beta * np.array(self.signs) + self.eps * np.array(self.errors)
        weights = np.exp(scores - scores.max())
        return np.asarray(weights / weights.sum())


@st.composite
def rough_scores(draw: st.DrawFn) -> RoughScores:
    """Up to 8 demonstrations, at least one of which matches; |beta| <= 3, eps <= 2."""
    length = draw(st.integers(1, 8))
    signs = (1, *(draw(st.sampled_from((1, -1))) for _ in range(length - 1)))
    errors = tuple(draw(st.integers(-8, 8)) / 8 for _ in signs)
    return RoughScores(signs, draw(st.integers(-30, 30)) / 10, draw(st.integers(0, 16)) / 8, errors)


def worst_scores(claim: Claim) -> Iterator[RoughScores]:
    """Matches lowered and the others raised as far as allowed, and the opposite."""
    for signs in ((1, -1), (1, 1, -1, -1), (1, -1, -1, -1)):
        for beta in (0.18, 1.5, -0.5):
            yield RoughScores(signs, beta, 0.25, tuple(-float(s) for s in signs))
            yield RoughScores(signs, beta, 0.25, tuple(float(s) for s in signs))


scores = Space("scores known up to an error", lambda claim: rough_scores(), worst_scores)


@measures("concepts/attention_weight_perturbed", over=scores, examples=(30, 300))
def attention_weight_perturbed(rough: RoughScores, context: Context) -> Iterator[Instance]:
    sigma = rough.attention()
    correct = float(sigma[np.array(rough.signs) == 1].sum())
    values: dict[str, int | float | Fraction] = {
        "np": rough.matches,
        "nm": len(rough.signs) - rough.matches,
        "b": rough.beta,
        "eps": rough.eps,
        "al": 0.5,
        "eq": 1,
    }
    yield Instance(values, floating(correct, absolute=ROUNDING), witness={"signs": rough.signs, "errors": rough.errors})
