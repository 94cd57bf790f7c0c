"""Chains for parities: lengths counted on the compiled chains, last tokens and margins on prompts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from math import comb

import numpy as np
from hypothesis import strategies as st

from numerics.learning.features import Signs
from numerics.learning.perceptron import learn_chain
from numerics.machines.compiled import Compiled
from numerics.machines.linear_ar import rollout
from numerics.machines.parity import kautz, qary, scan, sign_form, sign_mistake_bound, sign_squared_norms
from numerics.machines.searches import agreement_with_parity, parity_agreements
from numerics.machines.threshold_functions import cube, exact_length
from theory.claim import Claim
from verify.instance import Instance, NotApplicable
from verify.measurement import Context, measures
from verify.precision import exact
from verify.space import Space
from verify.strategies.circuits import RealGate, real_gates

MOST_BITS = 14


@dataclass(frozen=True)
class Parity:
    """The parity of the positions of a prompt of n bits."""

    n: int
    positions: tuple[int, ...]


@st.composite
def parities(draw: st.DrawFn, bits: int = 10, least: int = 0) -> Parity:
    """Parities of random positions; shrinks to few bits."""
    n = draw(st.integers(max(1, least), bits))
    return Parity(n, tuple(sorted(draw(st.sets(st.integers(0, n - 1), min_size=least)))))


def of_all_bits(claim: Claim) -> Iterator[Parity]:
    """The parities of all of 1..14 bits."""
    for n in range(1, MOST_BITS + 1):
        yield Parity(n, tuple(range(n)))


subsets = Space("parities", lambda claim: parities(), of_all_bits)


@cache
def _kautz(n: int, positions: tuple[int, ...]) -> Compiled:
    return kautz(n, positions)


def _with_ones(thing: Parity, ones: int) -> tuple[str, ...]:
    """A prompt with so many ones at the positions of the parity, and ones everywhere else."""
    chosen = set(thing.positions[:ones]) | (set(range(thing.n)) - set(thing.positions))
    return tuple("1" if i in chosen else "0" for i in range(thing.n))


@measures("autoregressive/parity_linear_as_stated", over=subsets, examples=(20, 100))
def parity_linear_as_stated(thing: Parity, context: Context) -> Iterator[Instance]:
    found = _kautz(thing.n, thing.positions)
    yield Instance({"n": thing.n, "L": thing.n.bit_length() - 1}, exact(found.token_count))


@measures("autoregressive/parity_linear_length", over=subsets, examples=(20, 100))
def parity_linear_length(thing: Parity, context: Context) -> Iterator[Instance]:
    n, positions = thing.n, thing.positions
    found = _kautz(n, positions)
    size = len(positions)
    if size == n:
        values = {"n": n, "L": n.bit_length() - 1}
        yield Instance(values, exact(found.token_count), "length", label=f"Kautz chain of {n} bits")
        if n <= 4:  # more than 2 are at least 3, and the Kautz chain of 4 bits has 3
            least = exact_length(cube(n).sum(axis=1) % 2)
            yield Instance(values, exact(3 if least == ">2" else least), "length", label="exhaustive search")
    for ones in range(size + 1):
        chain = rollout(found.model, _with_ones(thing, ones))
        values = {"n": max(size, 1), "L": found.token_count - 1, "ones": ones}
        yield Instance(values, exact(int(chain[-1])), "last token", exact(ones % 2))


@dataclass(frozen=True)
class InBase:
    """A parity of n bits with a dictionary of q tokens."""

    n: int
    q: int


bases = Space(
    "parities and dictionaries",
    lambda claim: st.builds(InBase, st.integers(1, 12), st.integers(2, 6)),
    lambda claim: [InBase(n, q) for q in (2, 3) for n in range(1, 10)],
)


@measures("autoregressive/parity_qary_length", over=bases, examples=(15, 100))
def parity_qary_length(thing: InBase, context: Context) -> Iterator[Instance]:
    n, q = thing.n, thing.q
    found = qary(n, None, q)
    digits = found.token_count - 1
    if digits and 2 * q ** (digits - 1) >= n + 1:
        raise NotApplicable(f"{digits} digits in base {q} are more than {n} bits need")
    values = {"n": n, "q": q, "L": n.bit_length() - 1, "D": digits}
    yield Instance(values, exact(found.token_count), "upper")
    yield Instance(values, exact(found.token_count), "lower")
    for ones in range(n + 1):
        chain = rollout(found.model, _with_ones(Parity(n, tuple(range(n))), ones))
        yield Instance({**values, "ones": ones}, exact(int(chain[-1])), "last token", exact(ones % 2))


gates = Space("random gates", lambda claim: real_gates(6), lambda claim: range(1, 11))


@measures("autoregressive/parity_no_cot", over=gates, examples=(60, 600))
def parity_no_cot(thing: RealGate | int, context: Context) -> Iterator[Instance]:
    if isinstance(thing, RealGate):
        inputs = cube(len(thing.weights)).tolist()
        reached = [sum(w * v for w, v in zip(thing.weights, x, strict=True)) >= thing.threshold for x in inputs]
        found = agreement_with_parity(np.array(reached, dtype=np.int64))
        yield Instance({"a": len(thing.weights)}, exact(found), "best")
        return
    if thing <= 4:
        best = max(parity_agreements(thing))
        yield Instance({"a": thing}, exact(best), "best", label=f"all threshold functions of {thing} bits")
    ones = cube(thing).sum(axis=1)
    for cut in range(thing):
        found = agreement_with_parity((ones > cut).astype(np.int64))
        bound = Fraction(1, 2) + Fraction((-1) ** cut * comb(thing - 1, cut), 2**thing)
        values = {"others": thing - 1, "cut": cut}
        yield Instance(values, exact(found), "symmetric gate", exact(bound), f"[|x| > {cut}] of {thing} bits")
    middle = agreement_with_parity((ones >= (thing + 1) // 2).astype(np.int64))
    yield Instance({"a": thing}, exact(max(middle, 1 - middle)), "best", label=f"the middle of {thing} bits")


nonempty = Space(
    "parities of some bits",
    lambda claim: parities(7, least=1),
    lambda claim: (Parity(1, (0,)), Parity(6, (0, 1, 2, 3, 4, 5)), Parity(7, (1, 3, 4, 6))),
)


@measures("autoregressive/parity_linear_learnable", over=nonempty, examples=(15, 150))
def parity_linear_learnable(thing: Parity, context: Context) -> Iterator[Instance]:
    n, a = thing.n, len(thing.positions)
    found = _kautz(n, thing.positions)
    top = found.token_count - 1
    for t, (step, norm) in enumerate(zip(found.model.steps, sign_squared_norms(found.model), strict=True)):
        values = {"a": a, "L": top, "j": top - t}
        yield Instance(values, exact(norm), "norm")
        _, bias = sign_form(step, n + t)
        yield Instance(values, exact(bias), "bias")
    prompts = cube(n)
    ones = prompts[:, list(thing.positions)].sum(axis=1)
    chains = ones[:, None] >> np.arange(top, -1, -1) & 1
    decoders = [Signs(np.arange(n + t)) for t in range(top + 1)]
    learned = learn_chain(decoders, prompts, chains, context.rng)
    bound = sign_mistake_bound(found.model)
    yield Instance({"n": n, "a": a, "L": top}, exact(learned.mistakes), "mistakes", exact(bound))


lengths = Space("numbers of bits", lambda claim: st.integers(16, 40), lambda claim: (16, 20, 31, 32))


@measures("autoregressive/parity_length_margin", over=lengths, examples=(3, 20))
def parity_length_margin(n: int, context: Context) -> Iterator[Instance]:
    values = {"N": n, "L": n.bit_length() - 1}
    yield Instance(values, exact(scan(n).mistake_bound), "scan", label=f"n = {n}")
    yield Instance(values, exact(sign_mistake_bound(kautz(n).model)), "compared", label=f"n = {n}")
