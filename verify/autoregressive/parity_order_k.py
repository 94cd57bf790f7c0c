"""Chains of order k: exhaustive search for the least length, chains run on all prompts, sizes of their classes."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from hypothesis import strategies as st

from numerics.machines.parity import chain_k, k_order_count
from numerics.machines.searches import least_order_length
from numerics.machines.turing import words
from theory.claim import Claim
from verify.instance import Instance, NotApplicable
from verify.measurement import Context, measures
from verify.precision import Measured, exact, rounded
from verify.space import Space

SEARCHED = frozenset(
    {(n, k) for n in range(1, 5) for k in (2, 3)} | {(5, 2), (5, 3), (5, 4), (6, 3), (6, 4), (7, 4), (7, 5)}
)  # every set of tokens is tried in well under a second


@dataclass(frozen=True)
class OfOrder:
    """The parity of n bits in chains of order k >= 2."""

    n: int
    k: int


def _cases(claim: Claim) -> Iterator[OfOrder]:
    for n, k in sorted(SEARCHED):
        yield OfOrder(n, k)
    for k in (2, 4, 8, 16, 64):
        yield OfOrder(64, k)


orders = Space("parities and orders", lambda claim: st.builds(OfOrder, st.integers(1, 40), st.integers(2, 12)), _cases)


@measures("autoregressive/parity_order_k_as_stated", over=orders, examples=(30, 300))
def parity_order_k_as_stated(thing: OfOrder, context: Context) -> Iterator[Instance]:
    if thing.k > thing.n:
        raise NotApplicable(f"order {thing.k} exceeds the {thing.n} bits")
    found = exact(len(chain_k(thing.n, None, thing.k).sets))
    for side in ("lower", "upper"):
        yield Instance({"n": thing.n, "k": thing.k}, found, side)


@measures("autoregressive/parity_order_k_length", over=orders, examples=(30, 300))
def parity_order_k_length(thing: OfOrder, context: Context) -> Iterator[Instance]:
    n, k = thing.n, thing.k
    values = {"n": n, "k": k}
    chain = chain_k(n, None, k)
    right = n > 10 or all(int(chain.rollout(x)[-1]) == x.count("1") % 2 for x in words(("0", "1"), n))
    fits = all(len(positions) <= k for positions in chain.sets)
    yield Instance(values, exact(len(chain.sets) if right and fits else 0), label="chain")
    if (n, k) in SEARCHED:
        found = least_order_length(n, k)
        yield Instance(values, exact(found or 0), label="exhaustive search")


def log_parities(n: int, k: int) -> Measured:
    """Sum over the T tokens of ln S(n + t - 1, k), T the least length."""
    terms = [math.log(sum(math.comb(n + t, i) for i in range(min(k, n + t) + 1))) for t in range(k_order_count(n, k))]
    return rounded(math.fsum(terms), 4 * len(terms) + 4)


@measures("autoregressive/parity_order_k_samples", over=orders, examples=(30, 300))
def parity_order_k_samples(thing: OfOrder, context: Context) -> Iterator[Instance]:
    n, k = thing.n, thing.k
    if k > n:
        raise NotApplicable(f"order {k} exceeds the {n} bits")
    values = {"n": n, "k": k, "T": k_order_count(n, k)}
    for side in ("lower", "upper", "flat"):
        yield Instance(values, log_parities(n, k), side, label=f"n = {n}, k = {k}")
