"""The order in which a sweep in place visits the contexts, so that most of what it reads is new.

A sweep uses the new value of a context where the context was visited before.  Contexts are visited in blocks that share
their first j tokens; block (a, v) is read by the blocks (v, x), a de Bruijn graph.  In the order of the numbers half of
the edges go forward.  A greedy ordering of the graph (Eades, Lin, Smyth 1993, a fast heuristic for the feedback arc
set) gets up to four fifths, and sweeps converge up to twice as fast.  Any order has the same fixed point.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

# Blocks are at most so many, which keeps ordering cheaper than a sweep, and not smaller than this many entries per
# token, below which Python costs more than the order gains.
MOST_BLOCKS = 100
SMALLEST_BLOCK = 8192


def sweep_blocks(T: int, M: int, width: int) -> list[tuple[int, int]]:
    """The suffixes 0..M-1, M = T^(K-1), as intervals (first, last) of at most `width`, in the order to visit them."""
    length = 0
    while T ** (length + 1) <= MOST_BLOCKS and M // T ** (length + 1) >= max(1, SMALLEST_BLOCK // T):
        length += 1
    span = M // T**length
    return [
        (first, min(first + width, (block + 1) * span))
        for block in prefix_order(T, length)
        for first in range(block * span, (block + 1) * span, width)
    ]


@lru_cache(maxsize=16)
def prefix_order(T: int, length: int) -> tuple[int, ...]:
    """The T^length prefixes, so ordered that many of the edges from (a, v) to (v, x) go forward."""
    n = T**length
    if length < 2:
        return tuple(range(n))  # every order of a complete graph is as good
    prefix = np.arange(n)
    successors = (prefix % (n // T))[:, None] * T + np.arange(T)
    predecessors = np.arange(T) * (n // T) + (prefix // T)[:, None]
    loops = (successors == prefix[:, None]).sum(axis=1)
    leaving, entering = T - loops, T - loops
    alive = np.ones(n, dtype=bool)
    first: list[int] = []
    last: list[int] = []
    for _ in range(n):
        # A sink goes last, a source first; else the prefix with the largest surplus of edges that leave it.
        surplus = np.where(leaving == 0, n * T, leaving - entering)
        block = int(np.argmax(np.where(alive, surplus, -n * T)))
        (last if leaving[block] == 0 else first).append(block)
        alive[block] = False
        entering[successors[block]] -= 1
        leaving[predecessors[block]] -= 1
    return tuple(first + last[::-1])
