"""Multiplication by linear next-token prediction: every layout compiled to integer weights.

Main definitions
    compile_long_form   the published format: constants, copies, joint tokens, products by lookup, the answer by buckets
    compile_short       joint tokens and buckets only
    compile_low_carry   a carry and a digit for every column
    compile_ripple      tuples and lookups only (or sums): no weight above 1, every gap 1

The tokens of the answer in the long and the short form floor-divide a number of up to 2d digits, with weights of its
size: exact in integers, beyond float32 from d = 4 on. The ripple layout buys unit weights with length. Positions are
0-based in prompt + chain. Source: specification `autoregressive`, 2G and 3.5.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from numerics.machines.compiled import Compiled, verified
from numerics.machines.linear_ar import LinearAR, LinearStep
from numerics.machines.multiplication_text import (
    DIGITS,
    JOINT,
    Layout,
    joint,
    long_form,
    low_carry,
    ripple,
    short,
    terms,
)
from numerics.machines.tokens import Form, Part, bucket, conjunction, digits, form, lookup, remainder, whole

Places = Mapping[tuple[int, int], int]  # (i, j) to the position of a token

DIGIT_OF_DIGIT = {digit: digit for digit in DIGITS}
TENS = {joint(a, b): str(int(a) * int(b) // 10) for a in DIGITS for b in DIGITS}
ONES = {joint(a, b): str(int(a) * int(b) % 10) for a in DIGITS for b in DIGITS}


@dataclass
class _Chain:
    """Steps in the making; `add` returns the position of the new token."""

    n: int
    steps: list[LinearStep] = field(default_factory=list)
    meanings: list[str] = field(default_factory=list)

    def add(self, step: LinearStep, meaning: str) -> int:
        self.steps.append(step)
        self.meanings.append(meaning)
        return self.n + len(self.steps) - 1

    def constant(self, token: str) -> int:
        return self.add(LinearStep((token,), {}, {}), f"always {token}")

    def constants(self, tokens: Sequence[str]) -> None:
        for token in tokens:
            self.constant(token)

    def joint(self, a: int, b: int, i: int, j: int) -> int:
        """The joint token of the digits a_i and b_j at the positions a and b."""
        pair = conjunction((whole(a, DIGITS), whole(b, DIGITS)), lambda values: joint(*values))
        return self.add(pair.step, f"a{i}, b{j}")

    def joints(self, d: int) -> dict[tuple[int, int], int]:
        """All joint tokens, for prompts of 2d digits, a then b, most significant first."""
        return {(i, j): self.joint(d - 1 - i, 2 * d - 1 - j, i, j) for i, j in terms(d)}

    def answer(self, products: Places, d: int) -> None:
        """2d digits, most significant first: each floor-divides what the digits before it have left."""
        rest = _total(products, {(i, j): 10 ** (i + j) for i, j in products})
        for place in reversed(range(2 * d)):
            at = self.add(bucket(rest, 10**place, 10), f"digit {place} of the product")
            rest = remainder(rest, 10**place, 10, at)

    def compiled(self, layout: Layout, formula: str) -> Compiled:
        """The record, after comparing with the layout's text."""
        return verified(
            LinearAR(self.n, tuple(self.steps)),
            layout.chain_of,
            layout.inputs,
            route=f"multiplication, {layout.name}, d = {layout.d}",
            formula=formula,
            count=layout.length,
            meanings=self.meanings,
        )


def compile_long_form(d: int) -> Compiled:
    """The whole published text from "=" on. Raises OperandError for d < 1."""
    layout = long_form(d)
    chain = _Chain(len(layout.inputs))
    a, b = [d - i for i in range(d)], [2 * d + 1 - j for j in range(d)]
    chain.constant("=")
    _expansion(chain, a, "a")
    chain.constant("x")
    _expansion(chain, b, "b")
    chain.constant("=")
    products = {}
    for i, j in terms(d):
        chain.constants(["+"] * (i + j > 0))
        products[i, j] = chain.joint(a[i], b[j], i, j)
        chain.constants(["x", "1", *["0"] * i, "x", "1", *["0"] * j])
    chain.constant("=")
    for i, j in terms(d):
        chain.constants(["+"] * (i + j > 0))
        _product_digits(chain, products[i, j], i, j)
        chain.constants(["0"] * (i + j))
    chain.constant("=")
    chain.answer(products, d)
    return chain.compiled(layout, "2d^3 + 8d^2 + 9d + 5")


def compile_short(d: int) -> Compiled:
    """Joint tokens, then the answer. Raises OperandError for d < 1."""
    layout = short(d)
    chain = _Chain(2 * d)
    chain.answer(chain.joints(d), d)
    return chain.compiled(layout, "d^2 + 2d")


def compile_low_carry(d: int) -> Compiled:
    """Joint tokens, then a carry and a digit for every column, lowest first. Raises OperandError for d < 1."""
    layout = low_carry(d)
    chain = _Chain(2 * d)
    products = chain.joints(d)
    carried = form({})
    for column in range(2 * d):
        places = {(i, j): at for (i, j), at in products.items() if i + j == column}
        total = _total(places, dict.fromkeys(places, 1)) + carried
        carries = [f"C{c}" for c in range(max(total.high // 10 + 1, 2))]
        at = chain.add(bucket(total, 10, len(carries), carries), f"carry out of column {column}")
        chain.add(bucket(remainder(total, 10, len(carries), at, carries), 1, 10), f"digit {column} of the product")
        carried = digits([at], carries)
    return chain.compiled(layout, "d^2 + 4d")


def compile_ripple(d: int, *, sums: bool = False) -> Compiled:
    """Column by column additions of one product after the other. Raises OperandError for d < 1."""
    layout = ripple(d, sums=sums)
    chain = _Chain(2 * d)
    tens, ones = {}, {}
    for (i, j), at in chain.joints(d).items():
        tens[i, j], ones[i, j] = _product_digits(chain, at, i, j)
    total: dict[int, int] = {0: ones[0, 0], 1: tens[0, 0]}  # column to the position of its latest digit
    for i, j in terms(d)[1:]:
        carry: tuple[int, Sequence[str]] | None = None
        for column in range(i + j, 2 * d):
            digit = {i + j: ones[i, j], i + j + 1: tens[i, j]}.get(column)
            carry = _add_column(chain, total, column, digit, carry, f"column {column} of product ({i}, {j})", sums)
    for column in reversed(range(2 * d)):
        chain.add(lookup(total[column], DIGIT_OF_DIGIT), f"digit {column} of the product")
    return chain.compiled(layout, "3d^3 + 6d^2 - 4d")


def _add_column(
    chain: _Chain,
    total: dict[int, int],
    column: int,
    digit: int | None,
    carry: tuple[int, Sequence[str]] | None,
    what: str,
    sums: bool,
) -> tuple[int, Sequence[str]]:
    """Three tokens: accumulated digit + product digit + carry, the carry out of it, the new digit; None stands for 0.

    Returns the position of the carry and the tokens that can stand there.
    """
    places = (total.get(column), digit, None if carry is None else carry[0])
    alphabets = (DIGITS, DIGITS, () if carry is None else carry[1])
    added = _sum(places, alphabets) if sums else _tuple(places, alphabets)
    step, values = added
    at = chain.add(step, f"{what}: added")
    carries = {token: f"C{value // 10}" for token, value in values.items()}
    out = tuple(sorted(set(carries.values())))
    carried = chain.add(lookup(at, carries, out), f"{what}: carry")
    total[column] = chain.add(lookup(at, {token: str(value % 10) for token, value in values.items()}), f"{what}: digit")
    return carried, out


def _tuple(places: Sequence[int | None], alphabets: Sequence[Sequence[str]]) -> tuple[LinearStep, dict[str, int]]:
    """The token `digit+digit+carry` and the sum that each of them stands for."""
    parts = [
        Part(at, {token: token.removeprefix("C") for token in alphabet})
        for at, alphabet in zip(places, alphabets, strict=True)
        if at is not None
    ]

    def name(values: Sequence[str]) -> str:
        found = iter(values)
        return "+".join("0" if at is None else next(found) for at in places)

    made = conjunction(parts, name)
    return made.step, {token: sum(map(int, entries)) for token, entries in made.entries.items()}


def _sum(places: Sequence[int | None], alphabets: Sequence[Sequence[str]]) -> tuple[LinearStep, dict[str, int]]:
    """The token `S` with the sum, and the sum that each of them stands for."""
    total = form({})
    for at, alphabet in zip(places, alphabets, strict=True):
        if at is not None:
            total = total + form({at: {token: int(token.removeprefix("C")) for token in alphabet}})
    names = [f"S{value}" for value in range(total.high + 1)]
    step = bucket(total, 1, len(names), names) if total.high else LinearStep(tuple(names), {}, {})
    return step, {name: value for value, name in enumerate(names)}


def _expansion(chain: _Chain, places: Sequence[int], operand: str) -> None:
    chain.constant("(")
    for i, at in enumerate(places):
        chain.constants(["+"] * (i > 0))
        chain.add(lookup(at, DIGIT_OF_DIGIT), f"{operand}{i}")
        chain.constants(["x", "1", *["0"] * i])
    chain.constant(")")


def _product_digits(chain: _Chain, at: int, i: int, j: int) -> tuple[int, int]:
    """The two digits of the product whose joint token stands at a position."""
    return (
        chain.add(lookup(at, TENS), f"tens of a{i} b{j}"),
        chain.add(lookup(at, ONES), f"ones of a{i} b{j}"),
    )


def _total(products: Places, weights: Mapping[tuple[int, int], int]) -> Form:
    """Sum of weight * product over joint tokens."""
    return form(
        {at: {token: weights[term] * int(token[0]) * int(token[2]) for token in JOINT} for term, at in products.items()}
    )
