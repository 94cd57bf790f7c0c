"""Labellings that linear decoders realise, and the best learner of fair coins, exactly (specification 2B)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import product

from hypothesis import strategies as st

from numerics.learning.free_labels import block_decoder, block_prompts, coin_error, least_chains
from numerics.learning.sizes import free_prompts
from numerics.machines.linear_ar import gap, rollout
from verify.instance import Case, Instance
from verify.measurement import Context, measures
from verify.precision import exact
from verify.space import Space


@dataclass(frozen=True)
class Sizes:
    """Prompt bits, tokens, allowed error."""

    n: int
    T: int
    eps: Fraction


@st.composite
def sizes(draw: st.DrawFn) -> Sizes:
    """n in 2..12, T <= min(2^(n-1), 40), eps <= 1/4."""
    n = draw(st.integers(2, 12))
    return Sizes(n, draw(st.integers(1, min(2 ** (n - 1), 40))), Fraction(1, draw(st.integers(4, 200))))


SMALL = ((1, 1), (2, 1), (3, 1), (2, 2), (3, 2), (3, 4))  # all labellings: at most 2^8
spaces = Space(
    "sizes of prompts and chains",
    lambda claim: sizes(),
    lambda claim: (*(Sizes(n, T, Fraction(1, 4)) for n, T in SMALL), Sizes(20, 5, Fraction(1, 20))),
)


@measures("autoregressive/sample_lower_bound", over=spaces, examples=(25, 250))
def sample_lower_bound(thing: Sizes, context: Context) -> Iterator[Case]:
    """The fewest chains of the best learner, its error before, and all labellings of small sizes."""
    light = free_prompts(thing.n, thing.T) - 1
    if light > 0:  # vacuous for a single prompt
        yield from _learning(thing, light)
    if (thing.n, thing.T) in SMALL:
        yield from _labellings(thing)


def _values(thing: Sizes, light: int, m: int) -> dict[str, int | Fraction]:
    return {
        "m": m,
        "light": light,
        "epsilon": thing.eps,
        "theta": 4 * thing.eps,
        "T": thing.T,
        "p": thing.n - (thing.T - 1).bit_length(),
        "b": 1,
        "v": 0,
        "ham": 1,
    }


def _learning(thing: Sizes, light: int) -> Iterator[Case]:
    m = least_chains(light, thing.eps)
    yield Instance(_values(thing, light, m), exact(m), "chains", label=f"n = {thing.n}, T = {thing.T}, m = {m}")
    for fewer in (1, max(1, m // 4), m):
        yield Instance(
            _values(thing, light, fewer),
            exact(coin_error(fewer, light, 4 * thing.eps)),
            "error",
            label=f"m = {fewer} chains",
        )


def _labellings(thing: Sizes) -> Iterator[Case]:
    """Every labelling: whether it is realised, and the scores of the token 1 on its own block and on others."""
    prompts = block_prompts(thing.n, thing.T)
    width = len(prompts[0])
    realised: set[tuple[str, ...]] = set()
    own: set[int] = set()
    others: set[int] = set()
    for bits in product((0, 1), repeat=thing.T * width):
        labels = [bits[t * width : (t + 1) * width] for t in range(thing.T)]
        model = block_decoder(thing.n, thing.T, labels)
        answers = []
        for tau, block in enumerate(prompts):
            for x in block:
                tokens = [str(a) for a in x]
                z = rollout(model, tokens)
                answers.append(z)
                for t, step in enumerate(model.steps):
                    score = gap(step, [*tokens, *z[:t]], "1")
                    (own if t == tau else others).add(score)
        if all(z[t] == "0" for j, z in enumerate(answers) for t in range(thing.T) if t != j // width):
            realised.add(tuple(z[j // width] for j, z in enumerate(answers)))
    values = _values(thing, max(1, thing.T * width - 1), 1)
    yield Instance(values, exact(len(realised)), "labellings", label=f"n = {thing.n}, T = {thing.T}")
    for score in sorted(own):
        yield Instance(values, exact(score**2), "own block", label=f"score {score}")
    for score in sorted(others):
        yield Instance(values, exact(score), "other blocks", label=f"score {score}")
