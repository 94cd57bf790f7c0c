"""The networks of the published experiments: small ones with whole-number weights, measured without rounding."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from hypothesis import strategies as st

from theory.autoregressive.network_parameters import MULTIPLICATION, TEXT
from theory.claim import Claim
from verify.instance import Instance
from verify.measurement import Context, measures
from verify.precision import exact
from verify.space import Space

LARGEST = 3  # of the weights: all sums stay whole numbers far below 2^53


@dataclass(frozen=True)
class SmallNetwork:
    """A vocabulary of V tokens, T positions, width d, `extra` dimensions of the converse, and a seed for the rest."""

    V: int
    T: int
    d: int
    extra: int
    seed: int


def _networks() -> st.SearchStrategy[SmallNetwork]:
    return st.builds(
        SmallNetwork, st.integers(2, 5), st.integers(1, 4), st.integers(1, 6), st.integers(0, 2), st.integers(0, 99)
    )


def _extremal(claim: Claim) -> Iterator[SmallNetwork]:
    """One dimension for several tokens, so that the rank is attained; more dimensions than tokens; one position."""
    yield SmallNetwork(4, 3, 1, 0, 0)
    yield SmallNetwork(4, 2, 3, 1, 1)
    yield SmallNetwork(3, 1, 6, 2, 2)


networks = Space("linear networks", lambda claim: _networks(), _extremal)


@measures("autoregressive/linear_net_collapse", over=networks, examples=(6, 60))
def linear_net_collapse(case: SmallNetwork, context: Context) -> Iterator[Instance]:
    import torch
    from flint import fmpz_mat

    from numerics.learning.networks import MaskedNetwork, NetworkSize, collapsed

    rng = np.random.default_rng([case.seed, case.V, case.T, case.d])

    def whole(*shape: int) -> torch.Tensor:
        return torch.from_numpy(rng.integers(-LARGEST, LARGEST + 1, shape).astype(np.float64))

    network = MaskedNetwork(NetworkSize(case.V, case.T, case.d)).double()
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.copy_(whole(*parameter.shape))
    text = rng.integers(0, case.V, case.T)  # (T,)
    with torch.no_grad():
        logits = network(torch.from_numpy(text[None]))[:, 0].numpy()  # (T, V)
    bias = network.unembedding.bias.detach().numpy()
    for t in range(case.T):
        tables = [collapsed(network, t, i) for i in range(t + 1)]
        scores = bias + sum(table[:, v] for table, v in zip(tables, text, strict=False))
        same = {"d": case.d, "V": case.V, "t": t + 1}
        for a in range(case.V):
            apart = exact(abs(int(logits[t, a]) - int(scores[a])))
            yield Instance({**same, "token": a}, apart, "logits", witness={"text": text.tolist()})
        for i, table in enumerate(tables):
            rank = fmpz_mat([[int(entry) for entry in row] for row in table]).rank()
            yield Instance({**same, "position": i}, exact(rank), "rank")
    yield from _converse(case, rng)


def _converse(case: SmallNetwork, rng: np.random.Generator) -> Iterator[Instance]:
    """A linear decoder drawn at random, built as a network of width V + extra, on a text with the constant token."""
    import torch

    from numerics.learning.networks import from_tables

    v, positions = case.V, case.T
    places = [(t, i) for t in range(positions) for i in range(t + 1)]
    wanted = {place: rng.integers(-LARGEST, LARGEST + 1, (v, v)).astype(np.float64) for place in places}
    biases = rng.integers(-LARGEST, LARGEST + 1, (positions, v)).astype(np.float64)
    text = rng.integers(0, v, positions)
    built = from_tables(wanted, biases, int(text[0]), v + case.extra)
    with torch.no_grad():
        logits = built(torch.from_numpy(text[None]))[:, 0].numpy()
    for t in range(positions):
        scores = biases[t] + sum(wanted[t, i][:, text[i]] for i in range(t + 1))
        for a in range(v):
            values = {"V": v, "extra": case.extra, "t": t + 1, "output": a + 1}
            yield Instance(values, exact(abs(int(logits[t, a]) - int(scores[a]))), "converse")


sizes = Space(
    "sizes of networks",
    lambda claim: st.tuples(st.integers(1, 40), st.integers(1, 40), st.integers(2, 200)),
    lambda claim: [TEXT, MULTIPLICATION, (1, 1, 2)],
)


@measures("autoregressive/linear_net_parameters", over=sizes, examples=(8, 60))
def linear_net_parameters(size: tuple[int, int, int], context: Context) -> Iterator[Instance]:
    """The numbers of the parameters themselves, made without storage, and of the dense layers of the same shapes."""
    from torch import nn

    from numerics.learning.networks import MaskedNetwork, NetworkSize

    positions, width, vocabulary = size
    values = {"T": positions, "d": width, "V": vocabulary}
    for label, hidden in (("linear", False), ("MLP", True)):
        network = MaskedNetwork(NetworkSize(vocabulary, positions, width, hidden), device="meta")
        trained = sum(parameter.numel() for parameter in network.parameters())
        dense = nn.Linear(positions * width, positions * width, device="meta")
        stored = sum(parameter.numel() for parameter in dense.parameters()) + positions**2
        stored += trained - network.blocks.numel()
        yield Instance(values, exact(trained), label)
        yield Instance(values, exact(stored), f"dense {label}")
        named = {(TEXT, False): "text", (MULTIPLICATION, True): "multiplication"}.get((size, hidden))
        if named is not None:
            yield Instance({}, exact(trained), named)
            yield Instance({}, exact(stored), f"{named}, dense")
