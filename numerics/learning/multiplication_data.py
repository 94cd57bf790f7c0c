"""Multiplication texts as arrays of tokens, for many pairs of operands at once.

Main definitions
    Texts           d digits, with the long form between prompt and answer or without: pairs to arrays of tokens
    training_pairs  pairs drawn online from the training side of the published split

The tokens are numbered as in `multiplication_text.LONG_FORM_VOCABULARY`, and the texts are those of its `long_form`,
written column by column. Without the chain, a text is the prompt, `=` and the answer. Source: specification
`autoregressive`, 3.5 and experiment E4.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from numerics.machines.multiplication_split import Split, published_split
from numerics.machines.multiplication_text import BEGIN, DIGITS, JOINT, LONG_FORM_VOCABULARY, long_form_length, terms

IntArray = NDArray[np.int64]
Column = IntArray | int  # of one token for every pair, or of one token for all
TOKEN = {token: number for number, token in enumerate(LONG_FORM_VOCABULARY)}
DIGIT, PAIR = TOKEN[DIGITS[0]], TOKEN[JOINT[0]]  # the others follow in order


@dataclass(frozen=True)
class Texts:
    """How products of d-digit operands are written."""

    d: int
    chain: bool = True

    @property
    def prompt(self) -> int:
        """Tokens before the first `=`: [BOS], the operands and the sign between them."""
        return 2 * self.d + 2

    @property
    def length(self) -> int:
        """Tokens of a whole text."""
        return long_form_length(self.d) if self.chain else self.prompt + 1 + 2 * self.d

    @property
    def split(self) -> Split:
        """Which pairs train."""
        return published_split(self.d)

    def tokens(self, a: IntArray, b: IntArray) -> IntArray:
        """Texts (B, length) of the pairs (a, b), each (B,), of numbers with at most d digits."""
        columns = list(_columns(_digits(a, self.d), _digits(b, self.d), _digits(a * b, 2 * self.d), self.chain))
        found = np.empty((len(a), len(columns)), dtype=np.int64)
        for place, column in enumerate(columns):
            found[:, place] = column
        return found


def training_pairs(split: Split, rng: np.random.Generator, count: int) -> tuple[IntArray, IntArray]:
    """Pairs (count,), (count,), uniform over the training side of the split."""
    kept: list[IntArray] = []
    missing = count
    while missing:
        drawn = rng.integers(split.lo, split.hi, (2, missing))
        drawn = drawn[:, split.trains(drawn[0], drawn[1])]
        kept.append(drawn)
        missing -= drawn.shape[1]
    pairs = np.concatenate(kept, axis=1)
    return pairs[0], pairs[1]


def _digits(numbers: IntArray, count: int) -> list[IntArray]:
    """Lowest first."""
    return [numbers // 10**i % 10 for i in range(count)]


def _columns(a: list[IntArray], b: list[IntArray], product: list[IntArray], chain: bool) -> Iterator[Column]:
    one, zero, plus, times, equals = (TOKEN[sign] for sign in ("1", "0", "+", "x", "="))
    yield TOKEN[BEGIN]
    yield from (DIGIT + digit for digit in reversed(a))
    yield times
    yield from (DIGIT + digit for digit in reversed(b))
    yield equals
    if chain:
        yield from _expansion(a)
        yield times
        yield from _expansion(b)
        yield equals
        for at, (i, j) in enumerate(terms(len(a))):
            yield from [plus] * (at > 0)
            yield PAIR + 10 * a[i] + b[j]
            yield from (times, one, *[zero] * i, times, one, *[zero] * j)
        yield equals
        for at, (i, j) in enumerate(terms(len(a))):
            yield from [plus] * (at > 0)
            yield DIGIT + a[i] * b[j] // 10
            yield DIGIT + a[i] * b[j] % 10
            yield from [zero] * (i + j)
        yield equals
    yield from (DIGIT + digit for digit in reversed(product))


def _expansion(digits: list[IntArray]) -> Iterator[Column]:
    yield TOKEN["("]
    for i, digit in enumerate(digits):
        yield from [TOKEN["+"]] * (i > 0)
        yield DIGIT + digit
        yield from (TOKEN["x"], TOKEN["1"], *[TOKEN["0"]] * i)
    yield TOKEN[")"]
