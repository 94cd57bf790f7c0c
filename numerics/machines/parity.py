"""Chains that compute parities: the sum of the bits at the positions A, modulo 2.

Main definitions
    kautz     binary digits of the number of ones, most significant first; floor(log2 |A|) + 1 tokens of {0, 1}
    qary      the same with digits in base q, the last token the remainder modulo 2
    scan      the two-state automaton, n + 1 tokens
    chain_k   tokens that are parities of at most k earlier bits: not linear for k >= 2; `expand_k` makes it so
    qary_count, k_order_count   the lengths, by integer search
    sign_form, sign_squared_norms, sign_mistake_bound   the same predictors with features in {-1, +1}

Source: specification `autoregressive`, 2F and 3.3; Kautz 1961.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from fractions import Fraction

from numerics.machines.compiled import Compiled, Word, verified
from numerics.machines.linear_ar import Feature, LinearAR, LinearStep
from numerics.machines.tokens import BITS, bucket, digits, gate, remainder


class ParityError(ValueError):
    """A parity or its chain does not exist; the message names the value and what was expected."""


def parity(prompt: Sequence[str], positions: Collection[int]) -> int:
    """Sum modulo 2 of the bits at some positions."""
    return sum(prompt[i] == "1" for i in positions) % 2


def kautz(n: int, positions: Collection[int] | None = None, pad: bool = False) -> Compiled:
    """Binary digits of |x_A|, most significant first: the last one is the parity of A (default: all n positions).

    Token j = L..0 is [|x_A| - sum over i > j of 2^i token_i >= 2^j], L = floor(log2 |A|), so |A|.bit_length() tokens;
    one constant token for the empty set. `pad` uses L = floor(log2 n) for every A. Raises ParityError.
    """
    inside = _checked(n, positions)
    size = n if pad else max(len(inside), 1)
    top = size.bit_length() - 1
    steps, meanings = [], []
    for j in range(top, -1, -1):
        weights = dict.fromkeys(inside, 1) | {n + top - i: -(2**i) for i in range(j + 1, top + 1)}
        steps.append(gate(weights, 2**j))
        meanings.append(f"digit of 2^{j} of the number of ones")

    def reference(prompt: Word) -> list[str]:
        return list(format(sum(prompt[i] == "1" for i in inside), f"0{top + 1}b"))

    return verified(
        LinearAR(n, tuple(steps)),
        reference,
        [BITS] * n,
        route="parity/kautz",
        formula="floor(log2 n) + 1" if pad else "floor(log2 |A|) + 1",
        count=size.bit_length(),
        meanings=meanings,
    )


def qary_count(a: int, q: int) -> int:
    """Least T with 2 q^(T-1) >= a + 1: tokens of the base-q chain for a parity of a bits."""
    if q < 2:
        raise ParityError(f"q is {q}, expected a dictionary of at least 2 tokens")
    count = 1
    while 2 * q ** (count - 1) < a + 1:
        count += 1
    return count


def qary(n: int, positions: Collection[int] | None, q: int) -> Compiled:
    """Base-q digits of |x_A| with places 2 q^(T-1-t), t = 1..T-1, then what is left, 0 or 1. Raises ParityError."""
    inside = _checked(n, positions)
    count = qary_count(len(inside), q)
    places = [2 * q ** (count - 1 - t) for t in range(1, count)]
    left = digits(inside)
    steps = []
    for t, place in enumerate(places):
        steps.append(bucket(left, place, q))
        left = remainder(left, place, q, n + t)
    steps.append(bucket(left, 1, 2))

    def reference(prompt: Word) -> list[str]:
        ones = sum(prompt[i] == "1" for i in inside)
        return [str(ones // place % q) for place in places] + [str(ones % 2)]

    return verified(
        LinearAR(n, tuple(steps)),
        reference,
        [BITS] * n,
        route=f"parity/base {q}",
        formula="min {T: 2 q^(T-1) >= |A| + 1}",
        count=count,
        meanings=[*(f"digit of {place} of the number of ones" for place in places), "parity"],
    )


def scan(n: int) -> Compiled:
    """Parity of all n bits by reading one after the other: tokens `parity so far:bit`, then the answer."""
    if n < 1:
        raise ParityError(f"n is {n}, expected at least one bit")
    pairs = {f"{state}:{bit}": (state, bit) for state in BITS for bit in BITS}
    after = {token: str((int(state) + int(bit)) % 2) for token, (state, bit) in pairs.items()}

    def reward(at: int, value: str) -> dict[str, int]:
        return {token: 1 for token, pair in pairs.items() if pair[at] == value}

    steps = []
    for t in range(n):
        weights: dict[Feature, dict[str, int]] = {(t, bit): reward(1, bit) for bit in BITS}
        if t:
            weights |= {(n + t - 1, token): reward(0, state) for token, state in after.items()}
        steps.append(LinearStep(tuple(pairs), weights, {} if t else reward(0, "0")))
    odd = {(2 * n - 1, token): {"1": 2} for token, state in after.items() if state == "1"}
    steps.append(LinearStep(BITS, odd, {"1": -1}))

    def reference(prompt: Word) -> list[str]:
        before = [parity(prompt, range(t)) for t in range(n + 1)]
        return [*(f"{state}:{bit}" for state, bit in zip(before, prompt, strict=False)), str(before[n])]

    meanings = [*(f"parity of bits 0..{t - 1}, and bit {t}" if t else "0, and bit 0" for t in range(n)), "parity"]
    return verified(
        LinearAR(n, tuple(steps)),
        reference,
        [BITS] * n,
        route="parity/scan",
        formula="n + 1",
        count=n + 1,
        meanings=meanings,
    )


@dataclass(frozen=True)
class ParityChain:
    """A predictor of order k: token t is the parity of the bits at sets[t-1] (ascending positions, at most k)."""

    n: int
    k: int
    sets: tuple[tuple[int, ...], ...]

    def rollout(self, prompt: Sequence[str]) -> tuple[str, ...]:
        """The chain; ValueError for a prompt of another length."""
        if len(prompt) != self.n:
            raise ValueError(f"the prompt has {len(prompt)} tokens, expected {self.n}")
        context = list(prompt)
        for positions in self.sets:
            context.append(str(parity(context, positions)))
        return tuple(context[self.n :])


def k_order_count(a: int, k: int) -> int:
    """max(1, ceil((a-1)/(k-1))): tokens of a chain of order k for a parity of a bits. Raises ParityError."""
    if k < 1:
        raise ParityError(f"k is {k}, expected an order of at least 1")
    if k == 1 and a >= 2:
        raise ParityError(f"order 1 copies one bit: a parity of {a} bits has infinite length, expected k >= 2")
    return max(1, -(-(a - 1) // (k - 1))) if k > 1 else 1


def chain_k(n: int, positions: Collection[int] | None, k: int) -> ParityChain:
    """First token the parity of k bits of A, each later one that of the previous token and k - 1 new bits."""
    inside = _checked(n, positions)
    count = k_order_count(len(inside), k)
    sets = [inside[:k]]
    for t in range(1, count):
        start = k + (t - 1) * (k - 1)
        sets.append((*inside[start : start + k - 1], n + t - 1))
    return ParityChain(n, k, tuple(sets))


def expand_k(chain: ParityChain) -> Compiled:
    """The chain in threshold gates: each parity of s bits becomes its s.bit_length() binary digits (one if s = 0)."""
    n = chain.n
    moved = {i: i for i in range(n)}  # position in the chain of order k to position in the linear one
    steps: list[LinearStep] = []
    meanings: list[str] = []
    for t, positions in enumerate(chain.sets):
        top = max(len(positions), 1).bit_length() - 1
        start = n + len(steps)
        for j in range(top, -1, -1):
            weights = dict.fromkeys([moved[i] for i in positions], 1)
            steps.append(gate(weights | {start + top - i: -(2**i) for i in range(j + 1, top + 1)}, 2**j))
            meanings.append(f"digit of 2^{j} of token {t + 1}'s number of ones")
        moved[n + t] = start + top

    def reference(prompt: Word) -> list[str]:
        context = list(prompt)
        found: list[str] = []
        for positions in chain.sets:
            ones = sum(context[i] == "1" for i in positions)
            found.extend(format(ones, f"0{max(len(positions), 1).bit_length()}b"))
            context.append(str(ones % 2))
        return found

    return verified(
        LinearAR(n, tuple(steps)),
        reference,
        [BITS] * n,
        route=f"parity/order {chain.k} in threshold gates",
        formula="sum over tokens of floor(log2 |set|) + 1",
        count=sum(max(len(positions), 1).bit_length() for positions in chain.sets),
        meanings=meanings,
        notes=(f"{len(chain.sets)} tokens of order {chain.k} became {len(steps)} linear ones",),
    )


def sign_form(step: LinearStep, length: int) -> tuple[tuple[Fraction, ...], Fraction]:
    """Weights (length,) and bias of score(1) - score(0) of a step on bits, as a form in signs s = 2 bit - 1.

    `length` is the number of context tokens. Raises ParityError for a step that is not on bits.
    """
    if set(step.live) != set(BITS) or any(token not in BITS for _, token in step.weights):
        raise ParityError(f"live tokens {', '.join(step.live)}, expected a step on the bits 0 and 1")

    def difference(row: dict[str, int]) -> int:
        return row.get("1", 0) - row.get("0", 0)

    weights, bias = [], Fraction(difference(dict(step.bias)))
    for position in range(length):
        off, on = (difference(dict(step.weights.get((position, bit), {}))) for bit in BITS)
        weights.append(Fraction(on - off, 2))
        bias += Fraction(on + off, 2)
    return tuple(weights), bias


def sign_squared_norms(model: LinearAR) -> tuple[Fraction, ...]:
    """Squared norm, bias included, of every step's form in signs (T)."""
    found: list[Fraction] = []
    for t, step in enumerate(model.steps):
        weights, bias = sign_form(step, model.n + t)
        found.append(sum((w * w for w in weights), bias * bias))
    return tuple(found)


def sign_mistake_bound(model: LinearAR) -> Fraction:
    """Sum of (n + t) times the squared norms: the perceptron's bound in sign features where every margin is >= 1."""
    return sum(((model.n + t) * norm for t, norm in enumerate(sign_squared_norms(model), start=1)), Fraction(0))


def _checked(n: int, positions: Collection[int] | None) -> tuple[int, ...]:
    if n < 1:
        raise ParityError(f"n is {n}, expected at least one bit")
    if positions is None:
        return tuple(range(n))
    outside = [i for i in positions if not 0 <= i < n]
    if outside:
        raise ParityError(f"position {outside[0]} is outside the prompt, expected 0..{n - 1}")
    return tuple(sorted(set(positions)))
