"""The error of random networks with independent labels, on all clean prompts of one concept."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from hypothesis import strategies as st

from numerics.concepts.dictionary import draw_dictionary
from numerics.concepts.prompts import Sampler
from theory.claim import Claim
from verify.concepts.networks import random_weights
from verify.concepts.readout import Learned, wrong
from verify.instance import Instance
from verify.measurement import Context, measures
from verify.precision import floating
from verify.space import Space

NETWORKS = 300  # random ones at every length
ROUNDING = 1e-12  # of a sum of at most 2^9 probabilities


def _lengths(claim: Claim) -> Iterable[int]:
    return (1, 2, 3, 6)


lengths = Space("numbers of demonstrations", lambda claim: st.integers(1, 6), _lengths)


@measures("concepts/error_floor_iid", over=lengths, examples=(0, 10))
def error_floor_iid(length: int, context: Context) -> Iterator[Instance]:
    import torch

    from numerics.concepts.network import Parameters, batch_of, errors, forward

    dictionary = draw_dictionary(context.rng, 1, 0, 3)
    prompts = Sampler(length, "iid").enumerate(dictionary)
    drawn = [random_weights(context.rng, dictionary) for _ in range(NETWORKS)]
    parameters = Parameters(*(torch.cat([getattr(d, n) for d in drawn]) for n in ("W_Q", "W_K", "W_O")))
    batch = batch_of(prompts, NETWORKS, shared=True)
    found = errors(forward(parameters, batch), batch).numpy()
    for rank, value in (("least", found.min()), ("largest", found.max())):
        label = f"{rank} of {NETWORKS} networks, L = {length}"
        yield Instance({"L": length}, floating(float(value), absolute=ROUNDING), "floor", label=label)
    strong = Learned(length, 3.0, 1.0, 0.5, 1)
    attained = float(prompts.weights[wrong(strong, dictionary, prompts)].sum())
    yield Instance({"L": length}, floating(attained, absolute=ROUNDING), "floor", label=f"beta = 3, L = {length}")
