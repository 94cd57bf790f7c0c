"""Padding and the need for a bias, on random circuits, parities and bias-free chains, over all prompts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

from hypothesis import strategies as st

from numerics.machines.circuits import ThresholdCircuit, compile_circuit
from numerics.machines.linear_ar import rollout
from numerics.machines.padding import padded, padded_parity
from numerics.machines.parity import ParityChain, chain_k
from numerics.machines.signs import TieError, sign_rollout
from numerics.machines.turing import words
from theory.claim import Claim
from verify.instance import Instance, NotApplicable
from verify.measurement import Context, measures
from verify.precision import exact
from verify.space import Space
from verify.strategies.circuits import threshold_circuits

Padded = tuple[ThresholdCircuit | ParityChain, int]


@st.composite
def _parity_chains(draw: st.DrawFn) -> ParityChain:
    n, k = draw(st.integers(1, 5)), draw(st.integers(2, 4))
    return chain_k(n, draw(st.sets(st.integers(0, n - 1))), k)


chains = Space(
    "random circuits and chains of order k",
    lambda claim: st.tuples(st.one_of(threshold_circuits(4, 4), _parity_chains()), st.integers(0, 4)),
    lambda claim: [(chain_k(5, None, 2), 3), (chain_k(1, [], 2), 0)],
)


@measures("autoregressive/length_monotone", over=chains, examples=(40, 400))
def length_monotone(thing: Padded, context: Context) -> Iterator[Instance]:
    given, pad = thing
    if isinstance(given, ParityChain):
        longer, count = padded_parity(given, pad), len(given.sets)
        pairs = [(longer.rollout(x), given.rollout(x)) for x in words(("0", "1"), given.n)]
        label, found = f"order {given.k}", len(longer.sets)
    else:
        model = compile_circuit(given).model
        spaced, count = padded(model, pad), len(model.steps)
        pairs = [(rollout(spaced, x), rollout(model, x)) for x in words(("0", "1"), given.n)]
        label, found = "linear", len(spaced.steps)
    yield Instance({"pad": pad, "T": count}, exact(found), "length", label=label)
    differing = sum(after[pad:] != before for after, before in pairs)
    yield Instance({"T": count}, exact(differing), "tokens", label=label, witness={"pad": pad})


@dataclass(frozen=True)
class SignChain:
    """Integer weights of every token of a bias-free chain on n signs."""

    n: int
    weights: tuple[tuple[int, ...], ...]


@st.composite
def sign_chains(draw: st.DrawFn) -> SignChain:
    """n <= 4 signs, T <= 4 tokens, weights -9..9; shrinks to one sign and one weight 0."""
    n, length = draw(st.integers(1, 4)), draw(st.integers(1, 4))
    rows = [draw(st.lists(st.integers(-9, 9), min_size=n + t, max_size=n + t)) for t in range(length)]
    return SignChain(n, tuple(map(tuple, rows)))


def _majorities(claim: Claim) -> Iterator[SignChain]:
    """The chains whose forms are never 0: one bit of weight 1, and three bits of weight 1."""
    yield SignChain(1, ((1,),))
    yield SignChain(3, ((1, 1, 1), (1, 1, -1, 0)))
    yield SignChain(2, ((2, 1), (2, 1, -4)))


signs = Space("random bias-free chains", lambda claim: sign_chains(), _majorities)


@measures("autoregressive/bias_needed", over=signs, examples=(80, 800))
def bias_needed(thing: SignChain, context: Context) -> Iterator[Instance]:
    prompts = list(product((-1, 1), repeat=thing.n))
    try:
        found = {x: sign_rollout(thing.weights, x) for x in prompts}
    except TieError as tie:
        raise NotApplicable(str(tie)) from tie
    length = len(thing.weights)
    values, witness = {"n": thing.n, "T": length}, {"weights": [list(row) for row in thing.weights]}
    defect = max(abs(a + b) for x in prompts for a, b in zip(found[x], found[tuple(-v for v in x)], strict=True))
    yield Instance(values, exact(defect), "odd", witness=witness)
    for x in prompts:
        for target in (-1, 1):
            last = (found[x][-1], found[tuple(-v for v in x)][-1])
            errors = sum(token != target for token in last)
            yield Instance(
                {**values, "target": target}, exact(errors), "one error a pair", witness={**witness, "x": list(x)}
            )
