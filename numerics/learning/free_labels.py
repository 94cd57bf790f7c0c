"""Linear decoders over bits that realise every labelling of N prompts, one own token each (sample_lower_bound).

Prompts are (code(tau), u): a block tau in ceil(log2 blocks) bits, then p bits u. Token t scores
b + sum v_i u_i - 2 ham(code, code(t)), b = +-1, v_i in {0, -2b}: any labels on its own block, 0 on the others.

Main definitions
    block_prompts, block_decoder           N_1 = T (p + 1): u in {0, e_1, .., e_p}
    indicator_prompts, indicator_decoder   N_2 = T_2 (p + 1 + T_1): the first T_1 tokens indicate further points
    coin_error                             exact error of the best learner when labels are fair coins
Labels are bits, shape (blocks, points). Source: sample_lower_bound of the body `autoregressive`.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import product

from numerics.learning.sizes import SampleSizeError
from numerics.machines.linear_ar import Feature, LinearAR, LinearStep

Bits = tuple[int, ...]
Labels = Sequence[Sequence[int]]


def code(block: int, width: int) -> Bits:
    """Block number (0-based) as `width` bits."""
    return tuple(block >> j & 1 for j in range(width))


def _simplex(p: int) -> list[Bits]:
    return [(0,) * p, *(tuple(int(i == j) for j in range(p)) for i in range(p))]


def _free_bits(n: int, blocks: int) -> int:
    p = n - (blocks - 1).bit_length()
    if p < 1:
        raise SampleSizeError(f"{blocks} blocks leave {p} of {n} bits free, expected at least 1")
    return p


def block_prompts(n: int, T: int) -> list[list[Bits]]:
    """The p + 1 prompts of every block, p = n - ceil(log2 T)."""
    p = _free_bits(n, T)
    return [[code(tau, n - p) + u for u in _simplex(p)] for tau in range(T)]


def _block_step(n: int, p: int, block: int, labels: Sequence[int], extra: dict[Feature, int]) -> LinearStep:
    """The step with these labels on its block; `extra` are further weights of the token 1."""
    bias = 1 if labels[0] else -1
    weights: dict[Feature, dict[str, int]] = {}
    for j, bit in enumerate(code(block, n - p)):
        weights[(j, str(1 - bit))] = {"1": -2}
    for i in range(p):
        if labels[i + 1] != labels[0]:
            weights[(n - p + i, "1")] = {"1": -2 * bias}
    for feature, value in extra.items():
        weights[feature] = {"1": value}
    return LinearStep(("0", "1"), weights, {"1": bias})


def block_decoder(n: int, T: int, labels: Labels) -> LinearAR:
    """The decoder whose token t answers labels[t] on its own block and 0 elsewhere; labels have shape (T, p + 1)."""
    p = _free_bits(n, T)
    if len(labels) != T or any(len(row) != p + 1 for row in labels):
        raise SampleSizeError(f"labels of lengths {[len(row) for row in labels]}, expected {T} rows of {p + 1}")
    return LinearAR(n, tuple(_block_step(n, p, t, labels[t], {}) for t in range(T)))


def further_points(p: int, count: int) -> list[Bits]:
    """The first `count` points of {0,1}^p beyond 0 and the unit vectors, in dictionary order."""
    found = [u for u in product((0, 1), repeat=p) if sum(u) > 1]
    if len(found) < count:
        raise SampleSizeError(f"{count} further points of {p} bits, expected at most {len(found)}")
    return found[:count]


def indicator_prompts(n: int, T: int) -> list[list[Bits]]:
    """The p + 1 + floor(T/2) prompts of each of ceil(T/2) blocks, p = n - ceil(log2 ceil(T/2))."""
    blocks = T - T // 2
    p = _free_bits(n, blocks)
    points = [*_simplex(p), *further_points(p, T // 2)]
    return [[code(tau, n - p) + u for u in points] for tau in range(blocks)]


def indicator_decoder(n: int, T: int, labels: Labels) -> LinearAR:
    """Token s <= T_1 = floor(T/2) is the indicator of further point s; labels (T - T_1, p + 1 + T_1) of the others."""
    first, blocks = T // 2, T - T // 2
    p = _free_bits(n, blocks)
    points = further_points(p, first)
    if len(labels) != blocks or any(len(row) != p + 1 + first for row in labels):
        raise SampleSizeError(
            f"labels of lengths {[len(r) for r in labels]}, expected {blocks} rows of {p + 1 + first}"
        )
    steps = []
    for q in points:  # 1 - 2 ham(u, q): positive only at q
        weights = {(n - p + i, str(1 - bit)): {"1": -2} for i, bit in enumerate(q)}
        steps.append(LinearStep(("0", "1"), weights, {"1": 1}))
    for block in range(blocks):
        row = labels[block]
        bias = 1 if row[0] else -1
        extra: dict[Feature, int] = {}
        for s, q in enumerate(points):
            reached = bias + sum(-2 * bias for i, bit in enumerate(q) if bit and row[i + 1] != row[0])
            extra[(n + s, "1")] = (1 if row[p + 1 + s] else -1) - reached
        steps.append(_block_step(n, p, block, row, extra))
    return LinearAR(n, tuple(steps))


def coin_error(m: int, light: int, theta: Fraction) -> Fraction:
    """Expected error of the best learner, exact: an unseen prompt is missed with probability 1/2, a seen one never.

    `light` prompts of mass theta/light each beside a heavy one of mass 1 - theta; labels are fair coins.
    """
    return theta / 2 * (1 - theta / light) ** m + (1 - theta) / 2 * theta**m


def least_chains(light: int, eps: Fraction) -> int:
    """The least m at which the best learner has expected error <= eps at theta = 4 eps, by bisection."""
    theta = 4 * eps
    low, high = -1, 1
    while coin_error(high, light, theta) > eps:
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if coin_error(middle, light, theta) <= eps else (middle, high)
    return high
