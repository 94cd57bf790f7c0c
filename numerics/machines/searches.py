"""Exhaustive searches for the least length of small chains, and the best single gate for a parity.

Main definitions
    least_order_length      least number of tokens of order k that compute the parity of n bits
    parity_agreements       share of inputs on which each threshold function of a bits is their parity
    agreement_with_parity   the same for one function
    two_gate_length         least number of gates by enumeration of pairs of gates, for n <= 3 bits

Source: specification `autoregressive`, parity_order_k_length, parity_no_cot, threshold_circuit_length.
"""

from __future__ import annotations

import itertools
from fractions import Fraction
from functools import reduce
from operator import xor

import numpy as np
from numpy.typing import NDArray

from numerics.machines.threshold_functions import cube, threshold_functions

IntArray = NDArray[np.int64]


def _parities(vectors: tuple[int, ...], k: int) -> set[int]:
    """All parities of at most k of the vectors over two elements."""
    return {reduce(xor, some, 0) for size in range(k + 1) for some in itertools.combinations(vectors, size)}


def least_order_length(n: int, k: int, most: int = 6) -> int | None:
    """Least T <= most such that T tokens, each a parity of at most k earlier bits, end in the parity of all n bits.

    All sets of tokens are tried; None where `most` tokens do not suffice. A token is the set of input bits it is the
    parity of, as a bit mask.
    """
    target = 2**n - 1
    chains: set[tuple[int, ...]] = {()}
    bits = tuple(1 << i for i in range(n))
    for length in range(1, most + 1):
        longer: set[tuple[int, ...]] = set()
        for chain in chains:
            reached = _parities((*bits, *chain), k)
            if target in reached:
                return length
            longer.update(tuple(sorted({*chain, token})) for token in reached - {0, *bits, *chain})
        chains = longer or chains
    return None


def agreement_with_parity(values: IntArray) -> Fraction:
    """Share of the inputs of `cube` on which a function (2^a,) is the parity of all a bits."""
    ones = cube(int(values.size).bit_length() - 1).sum(axis=1)
    return Fraction(int((values == ones % 2).sum()), int(values.size))


def parity_agreements(a: int) -> list[Fraction]:
    """The agreement of every threshold function of a <= 4 bits."""
    return [agreement_with_parity(values) for values in threshold_functions(a)]


def two_gate_length(values: IntArray) -> int | None:
    """1 or 2 gates, or None for more: the last gate is a threshold function of the n <= 3 bits and the first gate.

    Every threshold function of n + 1 bits is tried after every one of n bits: another road than `exact_length`.
    """
    n = int(values.size).bit_length() - 1
    gates = threshold_functions(n)
    if (gates == values).all(axis=1).any():
        return 1
    inputs = np.arange(2**n)
    last = threshold_functions(n + 1)  # of (inputs, first gate), the gate being the last bit
    for first in gates:
        if (last[:, 2 * inputs + first] == values).all(axis=1).any():
            return 2
    return None
