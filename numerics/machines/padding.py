"""Chains made longer by constant tokens in front, which nothing reads.

Main definitions
    padded          a linear predictor with `pad` constant tokens before its own
    padded_parity   the same for a chain of order k, whose constant tokens are empty parities

Source: specification `autoregressive`, length_monotone.
"""

from __future__ import annotations

from numerics.machines.linear_ar import LinearAR, LinearStep
from numerics.machines.parity import ParityChain


def padded(model: LinearAR, pad: int) -> LinearAR:
    """The model after `pad` tokens that a bias alone decides: always the first live token of the first step.

    Weights on chain tokens move by `pad` positions. Raises ValueError for a negative `pad`.
    """
    if pad < 0:
        raise ValueError(f"pad is {pad}, expected at least 0 tokens")
    live = model.steps[0].live
    constant = LinearStep(live, {}, {live[0]: 1})
    moved = (
        LinearStep(
            step.live,
            {(at if at < model.n else at + pad, token): row for (at, token), row in step.weights.items()},
            step.bias,
        )
        for step in model.steps
    )
    return LinearAR(model.n, (*[constant] * pad, *moved))


def padded_parity(chain: ParityChain, pad: int) -> ParityChain:
    """The chain after `pad` empty parities. Raises ValueError for a negative `pad`."""
    if pad < 0:
        raise ValueError(f"pad is {pad}, expected at least 0 tokens")
    moved = (tuple(at if at < chain.n else at + pad for at in positions) for positions in chain.sets)
    return ParityChain(chain.n, chain.k, (*[()] * pad, *moved))
