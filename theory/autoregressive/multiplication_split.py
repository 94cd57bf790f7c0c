"""The published split of multiplication pairs lets mirror images through (specification 2G and 3.5).

Main statements
    multiplication_split_leakage   three quarters of the test pairs have their mirror image in the training set

A pair (a, b) of operands lo..hi-1 has the index u = a - lo + M (b - lo), M = hi - lo, and trains iff u P mod N exceeds
floor(N / 4), N = M^2. The counts are exact: for each b the operands a of test pairs form a set, found by sorting the
residues, and sets of operands are intersected as bits of one integer.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from functools import cache

import sympy as sp

from theory.claim import Claim, Kind, Status, equal, lower, upper
from theory.define import opaque
from theory.derivation import derive
from theory.justification import Computation, decide
from theory.lemma import Definition
from theory.proposition import eq, ge, le
from theory.source import OWN

LO, HI = 1111, 10000
MULTIPLIER = 277149838960172320159769184791


def _pairs(name: str, meaning: str) -> Definition:
    return opaque(f"autoregressive/{name}", meaning, integer=True, nonnegative=True)


training_pairs = _pairs("training_pairs", "ordered pairs of 4-digit operands 1111..9999 that train")
test_pairs = _pairs("test_pairs", "ordered pairs (a, b) of two such operands, a and b different, that test")
leaked_pairs = _pairs("leaked_pairs", "those of the test pairs (a, b), a and b different, whose (b, a) trains")


class _Operands:
    """Sets of operands x (as bits) with (residue(x) + shift) mod N at most N // 4."""

    def __init__(self, residues: list[int], modulus: int) -> None:
        self.modulus = modulus
        order = sorted(range(len(residues)), key=residues.__getitem__)
        self.residues = [residues[x] for x in order]
        self.first = [0]  # first[k]: the k operands of smallest residue
        for x in order:
            self.first.append(self.first[-1] | 1 << x)

    def tested(self, shift: int) -> int:
        """Operands whose shifted residue tests: residues from -shift on, N // 4 + 1 of them, round the circle."""
        low = -shift % self.modulus
        high = low + self.modulus // 4
        found = self._between(low, min(high, self.modulus - 1))
        return found | self._between(0, high - self.modulus) if high >= self.modulus else found

    def _between(self, low: int, high: int) -> int:
        return self.first[bisect_right(self.residues, high)] & ~self.first[bisect_left(self.residues, low)]


@cache
def counts(lo: int = LO, hi: int = HI) -> tuple[int, int, int]:
    """(training pairs, off-diagonal test pairs, those whose mirror image trains), exactly."""
    size = hi - lo
    modulus = size * size
    factor = MULTIPLIER % modulus
    as_first = [x * factor % modulus for x in range(size)]
    as_second = [x * size * factor % modulus for x in range(size)]
    firsts, seconds = _Operands(as_first, modulus), _Operands(as_second, modulus)
    test = off = both = 0
    for y in range(size):
        tested = firsts.tested(as_second[y])  # the x with (x, y) a test pair
        test += tested.bit_count()
        tested &= ~(1 << y)
        off += tested.bit_count()
        both += (tested & seconds.tested(as_first[y])).bit_count()
    return modulus - test, off, off - both


def _counted(index: int, what: str) -> Computation:
    return Computation(lambda: counts()[index], what)


_share = leaked_pairs() / test_pairs()
multiplication_split_leakage = Claim(
    id="autoregressive/multiplication_split_leakage",
    title="Mirror pairs cross the split",
    kind=Kind.TWO_SIDED,
    text=(
        "Of the 79 014 321 ordered pairs of 4-digit operands 59 260 740 train; of the test pairs (a, b) with a and b "
        "different, a share of 0.750 to three digits has (b, a) in the training set"
    ),
    parameters=(),
    statements=(
        equal(training_pairs(), 59260740, label="training"),
        lower(_share, sp.Rational(7495, 10000), label="leaked, at least"),
        upper(_share, sp.Rational(7505, 10000), label="leaked, at most"),
    ),
    source=OWN,
    status=Status.OWN,
    derivation=derive()
    .have("training", eq(training_pairs(), 59260740), by=_counted(0, "residues of 8889^2 pairs, counted"))
    .have("test", eq(test_pairs(), 19751358), by=_counted(1, "test pairs off the diagonal, counted"))
    .have("leaked", eq(leaked_pairs(), 14815220), by=_counted(2, "test pairs whose mirror image trains, counted"))
    .have("leaked, at least", ge(_share, sp.Rational(7495, 10000)), by=["test", "leaked", decide])
    .have("leaked, at most", le(_share, sp.Rational(7505, 10000)), by=["test", "leaked", decide]),
)
