"""Single tokens from which chains are built: threshold gates, floor division, tuples, lookups.

Main definitions
    gate          a threshold gate of bits
    Form          an integer that is linear in one-hot tokens, with its range; `form`, `digits`
    bucket        floor division of a form; `remainder` is what is left
    conjunction   the tuple of several context tokens
    lookup        a function of one context token

Every step built here has a gap of at least 1 on every context in its range. Positions are 0-based in prompt + chain.
Source: specification `autoregressive`, threshold_circuit_as_stated, bucket_token, conjunction_token, 3.4.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from numerics.machines.linear_ar import Feature, LinearStep

BITS = ("0", "1")


class TokenError(ValueError):
    """A token cannot be built; the message names the value, its place and what was expected."""


def gate(weights: Mapping[int, int], threshold: int) -> LinearStep:
    """The bit [sum of weights[position] * bit at position >= threshold].

    Token 1 scores 2 sum w_i v_i + 1 - 2 threshold, which is odd, and 0 scores 0: the gap is at least 1.
    """
    _check_positions(weights)
    rows = {(position, "1"): {"1": 2 * weight} for position, weight in weights.items() if weight}
    return LinearStep(BITS, rows, {"1": 1 - 2 * threshold})


@dataclass(frozen=True)
class Form:
    """constant + sum over positions of the value of the token there.

    Attributes
        values     position to the value of every token that can stand there
        constant   integer
        low, high  no context has a value outside
    """

    values: Mapping[int, Mapping[str, int]]
    constant: int
    low: int
    high: int

    def __add__(self, other: Form) -> Form:
        """The sum; the two ranges add up."""
        values = {position: dict(row) for position, row in self.values.items()}
        for position, row in other.values.items():
            known = values.setdefault(position, dict.fromkeys(row, 0))
            if set(known) != set(row):
                raise TokenError(f"two forms name different tokens at position {position}: {set(known) ^ set(row)}")
            for token, value in row.items():
                known[token] += value
        return Form(values, self.constant + other.constant, self.low + other.low, self.high + other.high)

    def times(self, factor: int) -> Form:
        """The multiple by an integer of either sign."""
        values = {position: {token: factor * v for token, v in row.items()} for position, row in self.values.items()}
        low, high = sorted((factor * self.low, factor * self.high))
        return Form(values, factor * self.constant, low, high)


def form(values: Mapping[int, Mapping[str, int]], constant: int = 0) -> Form:
    """A form whose range is the sum of the ranges of its positions (interval arithmetic).

    `values[position]` has to name every token that can stand there. Raises TokenError for a position without tokens.
    """
    _check_positions(values)
    empty = [position for position, row in values.items() if not row]
    if empty:
        raise TokenError(f"position {empty[0]} of a linear form has no tokens")
    low = constant + sum(min(row.values()) for row in values.values())
    high = constant + sum(max(row.values()) for row in values.values())
    return Form(values, constant, low, high)


def digits(positions: Sequence[int], alphabet: Sequence[str] = BITS) -> Form:
    """Sum of the tokens at some positions, a token's value being its place in the alphabet."""
    if len(set(positions)) != len(positions):
        raise TokenError(f"positions {list(positions)}, expected different ones")
    return form({position: {token: value for value, token in enumerate(alphabet)} for position in positions})


def bucket(base: Form, m: int, q: int, names: Sequence[str] | None = None) -> LinearStep:
    """The token floor(r / m) in 0..q-1 of the form r = base; `names[d]` is the token of d (default: its decimals).

    Token d scores 2 d r + d - m d (d + 1). Raises TokenError unless q >= 2, m >= 1 and the form's range is within
    0..q m - 1.
    """
    tokens = _bucket_names(base, m, q, names)
    weights: dict[Feature, dict[str, int]] = {}
    for position, row in base.values.items():
        for token, value in row.items():
            if value:
                weights[position, token] = {tokens[d]: 2 * d * value for d in range(1, q)}
    bias = {tokens[d]: 2 * d * base.constant + d - m * d * (d + 1) for d in range(1, q)}
    return LinearStep(tokens, weights, {token: score for token, score in bias.items() if score})


def remainder(base: Form, m: int, q: int, position: int, names: Sequence[str] | None = None) -> Form:
    """base - m * floor(base / m), where the token at `position` is bucket(base, m, q): a form within 0..m-1."""
    tokens = _bucket_names(base, m, q, names)
    taken = form({position: {token: -m * d for d, token in enumerate(tokens)}})
    rest = base + taken
    # Interval arithmetic does not see that the token depends on the base; the definition of floor division does.
    return Form(rest.values, rest.constant, base.low if base.high < m else 0, min(base.high, m - 1))


@dataclass(frozen=True)
class Part:
    """One entry of a tuple: what the token at a position contributes, for every token that can stand there."""

    position: int
    values: Mapping[str, str]

    @property
    def alphabet(self) -> tuple[str, ...]:
        """The values, in order of first mention."""
        return tuple(dict.fromkeys(self.values.values()))


def whole(position: int, alphabet: Sequence[str]) -> Part:
    """The part that is the token itself."""
    return Part(position, {token: token for token in alphabet})


def joined(values: Sequence[str]) -> str:
    """The usual name of a tuple: its entries with commas between them."""
    return ",".join(values)


@dataclass(frozen=True)
class Conjunction:
    """A tuple token: the step, and its entries by name."""

    step: LinearStep
    entries: Mapping[str, tuple[str, ...]] = field(repr=False)


def conjunction(parts: Sequence[Part], name: Callable[[Sequence[str]], str] = joined) -> Conjunction:
    """The tuple of the parts as one token, whose score counts the entries that agree: gap 1.

    Raises TokenError for no parts, a part without values, and a `name` that gives two tuples the same token.
    """
    if not parts:
        raise TokenError("a tuple of no tokens, expected at least one part")
    _check_positions([part.position for part in parts])
    for j, part in enumerate(parts):
        if not part.values:
            raise TokenError(f"part {j} of a tuple (position {part.position}) has no values")
    entries: dict[str, tuple[str, ...]] = {}
    for values in itertools.product(*(part.alphabet for part in parts)):
        token = name(values)
        if token in entries:
            raise TokenError(f"the tuples {entries[token]} and {values} have the same name {token!r}")
        entries[token] = values
    weights: dict[Feature, dict[str, int]] = {}
    for j, part in enumerate(parts):
        agreeing: dict[str, list[str]] = {value: [] for value in part.alphabet}
        for token, values in entries.items():
            agreeing[values[j]].append(token)
        for seen, value in part.values.items():
            row = weights.setdefault((part.position, seen), {})
            for token in agreeing[value]:
                row[token] = row.get(token, 0) + 1
    return Conjunction(LinearStep(tuple(entries), weights, {}), entries)


def lookup(position: int, g: Mapping[str, str], live: Sequence[str] | None = None) -> LinearStep:
    """The token g[token at `position`], with score 1 against 0; `live` sets the order of outputs (default: g's).

    Raises TokenError for an empty g and for a value that `live` lacks.
    """
    _check_positions([position])
    if not g:
        raise TokenError(f"the lookup at position {position} has an empty table")
    outputs = tuple(dict.fromkeys(g.values())) if live is None else tuple(live)
    for token, value in g.items():
        if value not in outputs:
            raise TokenError(
                f"the lookup at position {position} gives {value!r} for {token!r}, expected one of {', '.join(outputs)}"
            )
    return LinearStep(outputs, {(position, token): {value: 1} for token, value in g.items()}, {})


def _bucket_names(base: Form, m: int, q: int, names: Sequence[str] | None) -> tuple[str, ...]:
    if q < 2:
        raise TokenError(f"q is {q}, expected at least 2 buckets")
    if m < 1:
        raise TokenError(f"m is {m}, expected a bucket size of at least 1")
    if base.low < 0 or base.high >= q * m:
        raise TokenError(
            f"the form ranges over {base.low}..{base.high}, expected within 0..{q * m - 1} (q = {q}, m = {m})"
        )
    tokens = tuple(str(d) for d in range(q)) if names is None else tuple(names)
    if len(tokens) != q or len(set(tokens)) != q:
        raise TokenError(f"{len(tokens)} names of buckets ({', '.join(tokens[:8])}), expected {q} different ones")
    return tokens


def _check_positions(positions: Mapping[int, object] | Sequence[int]) -> None:
    negative = [position for position in positions if position < 0]
    if negative:
        raise TokenError(f"position {negative[0]} is negative, expected 0 or more")
