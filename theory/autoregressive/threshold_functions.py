"""Threshold functions of few bits, by exact enumeration of small integer weights.

Main definitions
    threshold_functions               their truth tables as bit masks, weights in -3..3 and every threshold
    threshold_function_count          how many there are of 4 bits
    first_gates_without_certificate   those that parity of 4 bits in two tokens is not excluded for

Points are the integers 0..2^n - 1, bit i of the integer being coordinate i; a truth table has bit x set where the
function is 1 at x.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from itertools import combinations_with_replacement, product

Pair = tuple[int, int]
LARGEST_WEIGHT = 3  # suffices for 4 bits: the count is that of OEIS A000609


@cache
def threshold_functions(n: int) -> frozenset[int]:
    """Truth tables of the functions [w.x >= theta] of n bits with integer weights in -3..3."""
    points = range(2**n)
    found: set[int] = set()
    for weights in product(range(-LARGEST_WEIGHT, LARGEST_WEIGHT + 1), repeat=n):
        at: dict[int, int] = {}
        for x in points:
            score = sum(w for i, w in enumerate(weights) if x >> i & 1)
            at[score] = at.get(score, 0) | 1 << x
        table = 0
        found.add(table)
        for score in sorted(at, reverse=True):
            table |= at[score]
            found.add(table)
    return frozenset(found)


def threshold_function_count() -> int:
    """Threshold functions of 4 bits with integer weights in -3..3."""
    return len(threshold_functions(4))


def first_gates_without_certificate() -> int:
    """First gates g of 4 bits without odd x, y and even u, v with x + y = u + v and g(x) + g(y) = g(u) + g(v)."""
    n = 4
    by_sum: dict[tuple[int, ...], tuple[list[Pair], list[Pair]]] = {}
    for x, y in combinations_with_replacement(range(2**n), 2):
        if (x.bit_count() - y.bit_count()) % 2:
            continue
        coordinates = tuple((x >> i & 1) + (y >> i & 1) for i in range(n))
        by_sum.setdefault(coordinates, ([], []))[x.bit_count() % 2].append((x, y))
    return sum(not _has_certificate(g, by_sum.values()) for g in threshold_functions(n))


def _has_certificate(g: int, pairs: Iterable[tuple[list[Pair], list[Pair]]]) -> bool:
    for even, odd in pairs:
        sums = {(g >> x & 1) + (g >> y & 1) for x, y in odd}
        if any((g >> u & 1) + (g >> v & 1) in sums for u, v in even):
            return True
    return False
