"""Multiplication spelled out digit by digit: the texts of every layout, by direct arithmetic.

Main definitions
    Layout        a name, the number of digits d, the prompt and the chain of tokens of a pair (a, b)
    long_form     the format of the published experiments: expansion, joint terms, products, answer
    short         joint tokens, then the answer, most significant digit first
    low_carry     joint tokens, then a carry and a digit for every column, lowest column first
    ripple        products are added one after the other; every column addition is a tuple, its carry, and its digit
    length_*      numbers of tokens in closed form

Conventions: a = sum of a_i 10^i, so digit 0 is the lowest; prompts spell numbers most significant digit first; terms
(i, j) are ordered with i (first operand) outer and j inner. Nothing here knows how the tokens can be predicted: it is
the reference for `multiplication`. Source: specification `autoregressive`, 3.5 and 2G.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

Word = tuple[str, ...]
Terms = tuple[tuple[int, int], ...]

DIGITS: Word = tuple("0123456789")
SYMBOLS: Word = ("(", ")", "+", "x", "=")
BEGIN, UNKNOWN = "[BOS]", "[UNK]"
JOINT: Word = tuple(f"{a}x{b}" for a in DIGITS for b in DIGITS)
LONG_FORM_VOCABULARY: Word = (UNKNOWN, BEGIN, *DIGITS, *SYMBOLS, *JOINT)


class OperandError(ValueError):
    """A number has more digits than the layout, or is negative; or the number of digits is below 1."""


@dataclass(frozen=True)
class Layout:
    """How a product is written.

    Attributes
        name    of the layout
        d       digits of each operand
        inputs  the tokens that can stand at each prompt position
        spell   digits of both operands, lowest first, to the chain after the prompt
        length  number of chain tokens
        answer  where the 2d digits of the product stand in the chain, most significant first
    """

    name: str
    d: int
    inputs: tuple[Word, ...]
    spell: Callable[[list[int], list[int]], Word]
    length: int
    answer: tuple[int, ...]

    def prompt(self, a: int, b: int) -> Word:
        """The prompt of the pair. Raises OperandError."""
        digits = iter([*reversed(digits_of(a, self.d)), *reversed(digits_of(b, self.d))])
        return tuple(alphabet[0] if len(alphabet) == 1 else str(next(digits)) for alphabet in self.inputs)

    def chain(self, a: int, b: int) -> Word:
        """What follows the prompt of the pair. Raises OperandError."""
        return self.spell(digits_of(a, self.d), digits_of(b, self.d))

    def chain_of(self, prompt: Word) -> Word:
        """What follows a prompt of this layout."""
        digits = [int(token) for token, alphabet in zip(prompt, self.inputs, strict=True) if len(alphabet) > 1]
        return self.spell(digits[self.d - 1 :: -1], digits[: self.d - 1 : -1])

    def product(self, chain: Word) -> int:
        """The product that a chain states."""
        return int("".join(chain[at] for at in self.answer))


def digits_of(number: int, d: int) -> list[int]:
    """The d digits, lowest first. Raises OperandError for a number that is negative or has more than d digits."""
    if not 0 <= number < 10**d:
        raise OperandError(f"{number} does not have at most {d} digits")
    return [number // 10**i % 10 for i in range(d)]


def terms(d: int) -> Terms:
    """All (i, j), i outer."""
    return tuple((i, j) for i in range(d) for j in range(d))


def long_form(d: int, *, joined: bool = True) -> Layout:
    """The published format; `joined=False` splits every joint token into three. Raises OperandError for d < 1."""
    prompt = ((BEGIN,), *[DIGITS] * _checked(d), ("x",), *[DIGITS] * d)

    def spell(a: list[int], b: list[int]) -> Word:
        return tuple(_long_form(a, b, joined))

    length = long_form_length(d, joined) - len(prompt)
    return Layout("long form" if joined else "long form, split", d, prompt, spell, length, _last(length, d))


def _long_form(a: list[int], b: list[int], joined: bool) -> Iterator[str]:
    d = len(a)
    yield "="
    yield from _expansion(a)
    yield "x"
    yield from _expansion(b)
    yield "="
    for at, (i, j) in enumerate(terms(d)):
        yield from ["+"] * (at > 0)
        yield from [joint(a[i], b[j])] if joined else [str(a[i]), "x", str(b[j])]
        yield from ("x", *_power(i), "x", *_power(j))
    yield "="
    for at, (i, j) in enumerate(terms(d)):
        yield from ["+"] * (at > 0)
        yield from (*f"{a[i] * b[j]:02d}", *"0" * (i + j))
    yield "="
    yield from _product(a, b)


def _expansion(digits: list[int]) -> Iterator[str]:
    yield "("
    for i, digit in enumerate(digits):
        yield from ["+"] * (i > 0)
        yield from (str(digit), "x", *_power(i))
    yield ")"


def _power(i: int) -> str:
    return "1" + "0" * i


def short(d: int) -> Layout:
    """d^2 joint tokens, then 2d digits. Raises OperandError for d < 1."""

    def spell(a: list[int], b: list[int]) -> Word:
        return (*_joints(a, b), *_product(a, b))

    length = d * d + 2 * d
    return Layout("short", d, (DIGITS,) * (2 * _checked(d)), spell, length, _last(length, d))


def low_carry(d: int) -> Layout:
    """Joint tokens, then for every column `C` with the carry out of it, and its digit, lowest column first.

    Raises OperandError for d < 1.
    """

    def spell(a: list[int], b: list[int]) -> Word:
        chain, carry = [*_joints(a, b)], 0
        for column in range(2 * d):
            total = carry + sum(a[i] * b[j] for i, j in terms(d) if i + j == column)
            carry = total // 10
            chain += [f"C{carry}", str(total % 10)]
        return tuple(chain)

    length = d * d + 4 * d
    answer = tuple(range(length - 1, d * d, -2))
    return Layout("low-digit carry", d, (DIGITS,) * (2 * _checked(d)), spell, length, answer)


def ripple(d: int, *, sums: bool = False) -> Layout:
    """Products are added one after the other to an accumulator that starts as product (0, 0).

    A column addition is the tuple `digit+product digit+carry`, then `C` with the carry out of it, then the new digit;
    `sums=True` writes `S` with the sum instead of the tuple. Raises OperandError for d < 1.
    """

    def spell(a: list[int], b: list[int]) -> Word:
        chain = [*_joints(a, b)]
        for i, j in terms(d):
            chain += f"{a[i] * b[j]:02d}"
        total = [a[0] * b[0] % 10, a[0] * b[0] // 10, *[0] * (2 * d - 2)]
        for i, j in terms(d)[1:]:
            carry, product = 0, a[i] * b[j]
            for column in range(i + j, 2 * d):
                digit = product // 10 ** (column - i - j) % 10
                added = total[column] + digit + carry
                chain.append(f"S{added}" if sums else f"{total[column]}+{digit}+{carry}")
                carry, total[column] = divmod(added, 10)
                chain += [f"C{carry}", str(total[column])]
        return (*chain, *map(str, reversed(total)))

    name, length = "ripple, sums" if sums else "ripple, tuples", ripple_length(d)
    return Layout(name, d, (DIGITS,) * (2 * _checked(d)), spell, length, _last(length, d))


def joint(a: int | str, b: int | str) -> str:
    """The joint token of two digits."""
    return f"{a}x{b}"


def long_form_length(d: int, joined: bool = True) -> int:
    """Tokens of prompt and chain: 2d^3 + 8d^2 + 11d + 7, and 2d^2 more without joint tokens."""
    return 2 * d**3 + 8 * d**2 + 11 * d + 7 + (0 if joined else 2 * d**2)


def ripple_length(d: int) -> int:
    """Chain tokens of the ripple layouts: 3d^3 + 6d^2 - 4d."""
    return 3 * d**3 + 6 * d**2 - 4 * d


def _checked(d: int) -> int:
    if d < 1:
        raise OperandError(f"{d} digits, expected at least 1")
    return d


def _last(length: int, d: int) -> tuple[int, ...]:
    return tuple(range(length - 2 * d, length))


def _joints(a: list[int], b: list[int]) -> Iterator[str]:
    return (joint(a[i], b[j]) for i, j in terms(len(a)))


def _product(a: list[int], b: list[int]) -> str:
    def value(digits: list[int]) -> int:
        return sum(digit * 10**i for i, digit in enumerate(digits))

    return f"{value(a) * value(b):0{2 * len(a)}d}"
