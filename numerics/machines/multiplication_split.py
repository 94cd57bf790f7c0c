"""The published split of multiplication pairs into training and test, and how many pairs leak across it.

Main definitions
    Split     operands lo..hi-1; `trains` says on which side pairs are
    leakage   exact counts over all ordered pairs: training pairs, and test pairs whose mirror image is trained on

A product does not depend on the order of its factors, but the split does: the mirror image (b, a) of a test pair (a, b)
is usually a training pair. Source: specification `autoregressive`, 3.5 and multiplication_split_leakage.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from numerics.machines.multiplication_text import OperandError

MULTIPLIER = 277149838960172320159769184791  # a prime; reduced modulo N before use, as it does not fit 64 bits
ROWS = 8  # second operands whose pairs are formed at once


@dataclass(frozen=True)
class Split:
    """Ordered pairs of operands lo..hi-1; about three quarters of them train."""

    lo: int
    hi: int

    def __post_init__(self) -> None:
        if not 0 <= self.lo < self.hi:
            raise OperandError(f"operands from {self.lo} to below {self.hi}, expected 0 <= lo < hi")
        if (self.hi - self.lo) ** 4 >= 2**63:
            raise OperandError(f"{self.hi - self.lo} operands: the index of a pair times a residue exceeds 64 bits")

    @property
    def pairs(self) -> int:
        """N, the number of ordered pairs."""
        return (self.hi - self.lo) ** 2

    def trains(self, a: ArrayLike, b: ArrayLike) -> NDArray[np.bool_]:
        """Whether pairs are training pairs; shapes broadcast. Raises OperandError for an operand outside lo..hi-1."""
        first, second = np.asarray(a, dtype=np.int64), np.asarray(b, dtype=np.int64)
        for name, values in (("a", first), ("b", second)):
            outside = values[(values < self.lo) | (values >= self.hi)]
            if outside.size:
                raise OperandError(f"{name} = {outside.flat[0]} is outside {self.lo}..{self.hi - 1}")
        index = first - self.lo + (self.hi - self.lo) * (second - self.lo)
        found: NDArray[np.bool_] = index * (MULTIPLIER % self.pairs) % self.pairs > self.pairs // 4
        return found


def published_split(d: int) -> Split:
    """The default ranges: 11..99, 111..999, 1111..9999 for d = 2, 3, 4, and so on. Raises OperandError."""
    if d < 1:
        raise OperandError(f"{d} digits, expected at least 1")
    return Split((10**d - 1) // 9, 10**d)


@dataclass(frozen=True)
class Leakage:
    """Counts of ordered pairs: all, training, test off the diagonal, and those of the latter whose mirror trains."""

    pairs: int
    training: int
    test_off_diagonal: int
    leaked: int

    @property
    def fraction(self) -> float:
        """Share of the off-diagonal test pairs whose mirror image is trained on."""
        return self.leaked / self.test_off_diagonal


def leakage(split: Split) -> Leakage:
    """Exact counts by enumeration, some rows at a time.

    The residue of the pair (lo + x, lo + y) is that of x P + y M P, M operands: two tables of M entries are added.
    """
    size, modulus, least = split.hi - split.lo, split.pairs, split.pairs // 4
    factor = MULTIPLIER % modulus
    first = np.array([x * factor % modulus for x in range(size)])  # (M,)
    second = np.array([y * size * factor % modulus for y in range(size)])  # (M,)

    def trains(x: NDArray[np.int64], y: NDArray[np.int64]) -> NDArray[np.bool_]:
        total = x + y  # below 2 N
        found: NDArray[np.bool_] = (total > least) & (total < modulus) | (total > modulus + least)
        return found

    training = off = leaked = 0
    for start in range(0, size, ROWS):
        rows = slice(start, start + ROWS)
        test = ~trains(first, second[rows, None])  # (rows, M)
        training += int(test.size - test.sum())
        diagonal = np.arange(start, start + len(test))
        test[diagonal - start, diagonal] = False
        off += int(test.sum())
        leaked += int((test & trains(first[rows, None], second)).sum())
    return Leakage(split.pairs, training, off, leaked)
