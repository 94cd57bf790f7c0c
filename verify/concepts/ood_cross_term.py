"""The term that the attention adds where it mixes a* with b*, measured on random attentions and random vectors."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from hypothesis import strategies as st

from theory.claim import Claim
from verify.concepts.composed import Task, dictionary_of, network_of, rounded_off, vectors_of
from verify.instance import Instance
from verify.measurement import Context, measures
from verify.space import Space


@dataclass(frozen=True)
class Mixed:
    """A prompt of random words under a random attention; a task with `overlap`, coefficients of b_k in a*, else."""

    seed: int
    matches: int
    others: int
    target: int
    task: Task | None = None
    overlap: tuple[float, ...] = (0.0, 0.0)


@st.composite
def random_attentions(draw: st.DrawFn) -> Mixed:
    return Mixed(
        draw(st.integers(0, 2**20)),
        draw(st.integers(1, 8)),
        draw(st.integers(0, 8)),
        draw(st.sampled_from((1, -1))),
    )


def published(claim: Claim) -> Iterator[Mixed]:
    """The example of the specification: b* = .6 b_1 - .5 b_2, a* = .3 a_1 + .2 b_1, beta = (1.3, .9)."""
    for target in (1, -1):
        task = Task(0, (1.3, 0.9), (1.0, 1.0), (1.0, 1.0), t=(0.6, -0.5), ta=(0.3, 0.0), decayed=0.0)
        yield Mixed(0, 2, 3, target, task, (0.2, 0.0))


mixtures = Space("random attentions and words", lambda claim: random_attentions(), published)


@measures("concepts/ood_cross_term", over=mixtures, examples=(60, 600))
def ood_cross_term(mixed: Mixed, context: Context) -> Iterator[Instance]:
    import torch

    from numerics.concepts.learned import clean_prompt, correct_attention_of
    from numerics.concepts.network import Parameters

    if mixed.task is None:
        rng = np.random.default_rng(mixed.seed)
        queries, keys = rng.standard_normal((2, 4, 4)) / 2
        a, b, c, d = rng.standard_normal((4, 4)) / 2
        network = Parameters(*(torch.as_tensor(x)[None] for x in (queries, keys, rng.standard_normal((2, 4)))))
    else:
        network = network_of(mixed.task)
        a, b, c, d = vectors_of(mixed.task)
        a = a + np.asarray(mixed.overlap) @ dictionary_of(mixed.task.seed).b
        queries, keys = (W[0].numpy() for W in (network.W_Q, network.W_K))
    attention = keys.T @ queries
    signs = [mixed.target] * mixed.matches + [-mixed.target] * mixed.others
    prompt = clean_prompt(a, b, c, d, [mixed.target], [signs])
    values = {
        "np": mixed.matches,
        "nm": mixed.others,
        "b": float(b @ attention @ b),
        "gamma": float(b @ attention @ a),
        "eq": mixed.target,
    }
    found = rounded_off(float(correct_attention_of(network, prompt)[0]))
    for statement in ("attention", "either query", "no better than uniform"):
        yield Instance(values, found, statement, scale=1.0)
