"""Stationary law of a large window chain that mixes fast: sweeps in single precision, residuals in double.

A product with the chain is bound by reading its table, so half the bytes are half the time.  Two more savings:

- Sweeps are in place, block after block (Gauss-Seidel), in an order in which most of what a block reads is new already,
  see `numerics.chains.sweep_order`: a sweep is worth two or three products, and needs no second vector.
- The law is a sum of two single-precision vectors, high + low.  Plain sweeps find `high`; with r = high Q - high taken
  in double precision, low = r + low Q is then swept in single precision, and few digits of it are needed.  The law in
  double precision takes the place of `high` and r.  This is iterative refinement: each round wins about six digits.

Memory: the table in single precision and 12 bytes a state.  The residual of the result is measured in double precision
on the rows themselves, which may be the chain's table or come from elsewhere, see `numerics.chains.rows`.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from numerics.chains.arrays import FloatArray
from numerics.chains.operator import block_width, put_columns
from numerics.chains.sweep_order import sweep_blocks
from numerics.chains.window_chain import TOKEN_MAJOR_LIMIT, WindowChain

SingleArray = NDArray[np.float32]
# Rows of the contexts aw, w = first..last-1: probabilities (x, a, w), and None or what each row has to be divided by.
ExactBlocks = Callable[[int, int], tuple[FloatArray, FloatArray | None]]
Progress = Callable[[int, float], None]

# Changes that fall more slowly than this a sweep, over the last few, are left to other methods, and so is a residual
# that a round does not divide by ten.  They are judged after so many sweeps, or after K.
SLOWEST = 0.9
JUDGED = 8
MOST_ROUNDS = 5
# Change of `high`, relative to its size, below which single precision wins no more.
SINGLE_FLOOR = 4e-7
# From this rate on, contexts that can repeat are solved for: repeating is often the slowest thing that a chain does.
# Not from the start, because mass then comes in waves where such contexts hold much of it.
SOLVING_FROM = 0.7
# Sweeps between two measurements of the change, at most.
LARGEST_GAP = 8


def refined(chain: WindowChain, tolerance: float, progress: Progress | None = None) -> tuple[FloatArray, float, int]:
    """(law (T^K,), its l1 residual in double precision, products with the chain and sweeps).

    The residual is above the tolerance where the chain mixes too slowly for this road.  Needs K >= 2, at most 64
    tokens, and one aperiodic recurrent class.
    """
    if chain.T > TOKEN_MAJOR_LIMIT or chain.K < 2:
        raise ValueError(f"T = {chain.T}, K = {chain.K}, expected at most {TOKEN_MAJOR_LIMIT} tokens and K >= 2")
    tokens = chain.table.T.reshape(chain.T, chain.T, -1)
    single = np.asarray(chain.table.T, dtype=np.float32, order="C")
    return refined_by_blocks(single, lambda first, last: (tokens[:, :, first:last], None), tolerance, progress)


def refined_by_blocks(
    single: SingleArray, exact: ExactBlocks, tolerance: float, progress: Progress | None = None
) -> tuple[FloatArray, float, int]:
    """As `refined`, of the chain whose token-major table is `single` (T, T^K) in single and `exact` in double
    precision."""
    T, n = single.shape
    tokens = single.reshape(T, T, n // T)
    # `high` and the residual are the two halves of the law's memory.
    law = np.empty(n)
    residual, high = law.view(np.float32)[:n], law.view(np.float32)[n:]
    high[:] = 1.0
    steps, mixes = _swept(tokens, high, None, SINGLE_FLOOR * n, 0, n, progress)
    low = np.zeros(n, dtype=np.float32)
    best = np.inf
    for _ in range(MOST_ROUNDS):
        if mixes:
            size = residual_pass(exact, T, high, residual)
            steps, mixes = _swept(tokens, low, residual, max(0.3 * tolerance * n, 1e-8 * size), steps, n, progress)
        _join(law, high, low)
        law /= law.sum()
        error = residual_pass(exact, T, law)
        steps += 2
        if progress is not None:
            progress(steps, error)
        if error <= tolerance or error > 0.1 * best or not mixes:
            break
        best = error
        _split(law, high, low)
    return law, error, steps


def residual_pass(
    exact: ExactBlocks, T: int, law: NDArray[np.float32 | np.float64], out: SingleArray | None = None
) -> float:
    """||mu Q - mu||_1 of a law mu (T^K,), accumulated in double precision; `out` becomes mu Q - mu."""
    M = law.size // T
    laws, here = law.reshape(T, M), law.reshape(M, T)
    error = 0.0
    for first in range(0, M, block_width(T)):
        last = min(first + block_width(T), M)
        rows, sums = exact(first, last)
        part = laws[:, first:last].astype(np.float64)
        if sums is not None:
            part /= sums
        difference = np.empty((last - first, T))
        put_columns(difference, np.einsum("xaw,aw->xw", rows, part))
        difference -= here[first:last]
        if out is not None:
            out.reshape(M, T)[first:last] = difference
        error += float(np.abs(difference, out=difference).sum())
    return error


def _swept(
    tokens: SingleArray,
    vector: SingleArray,
    constant: SingleArray | None,
    target: float,
    steps: int,
    n: int,
    progress: Progress | None,
) -> tuple[int, bool]:
    """Sweeps vector = constant + vector Q, in place, until one changes it by less than `target` in l1.

    Returns the steps so far and whether the changes fell as fast as asked.  The change is measured now and then only.
    """
    done, seen, wait = 0, list[tuple[int, float]](), 0
    plan, solving = _plan(tokens), False
    # Before the whole window is new, changes say little about the rate.
    window = max(JUDGED, round(np.log(n) / np.log(tokens.shape[0])))
    judged = window
    while True:
        done += 1
        wait -= 1
        change = _sweep(plan, tokens, vector, constant, wait <= 0, solving)
        if wait > 0:
            continue
        if progress is not None:
            progress(steps + done, change / n)
        seen.append((done, change))
        if change <= target:
            return steps + done, True
        if not np.isfinite(change):
            return steps + done, False
        # The change over at least a few sweeps, where there were as many: single steps of it say little.
        earlier = [place for place in seen if place[0] <= done - 3] or seen[:1]
        rate = (change / earlier[-1][1]) ** (1.0 / max(1, done - earlier[-1][0]))
        if done >= judged and rate > SOLVING_FROM and not solving:
            solving, judged = True, done + window
        if done >= judged and rate > SLOWEST:
            # Rounding ends the fall too: of `high` a few floors early, of `low` when six digits are won.
            return steps + done, change <= (20.0 * target if constant is None else 1e-5 * seen[0][1])
        if done > 1 and rate < 1.0:
            # The first changes fall more slowly than those that follow, and a sweep too many costs more than a look.
            wait = min(LARGEST_GAP, int(np.ceil(0.6 * np.log(target / change) / np.log(rate))))


# Blocks of suffixes first..last-1 in their order, with the contexts among them that can repeat: (a^(K-1), a, p[a|a^K]).
Plan = list[tuple[int, int, list[tuple[int, int, float]]]]


def _plan(tokens: SingleArray) -> Plan:
    """How a sweep visits the table (x, a, w)."""
    T, _, M = tokens.shape
    same = [(a * ((M - 1) // (T - 1)), a) for a in range(T)]
    return [
        (first, last, [(w, a, float(tokens[a, a, w])) for w, a in same if first <= w < last and tokens[a, a, w] < 1.0])
        for first, last in sweep_blocks(T, M, 2 * block_width(T))
    ]


def _sweep(
    plan: Plan,
    tokens: SingleArray,
    vector: SingleArray,
    constant: SingleArray | None,
    measure: bool,
    solving: bool,
) -> float:
    """One sweep; the l1 norm of the change if it is to be measured, else 0.

    With `solving`, a context that can follow itself is solved for instead of stepped.
    """
    T, _, M = tokens.shape
    laws, rows = vector.reshape(T, M), vector.reshape(M, T)
    added = None if constant is None else constant.reshape(M, T)
    change = 0.0
    for first, last, loops in plan:
        columns = np.einsum("xaw,aw->xw", tokens[:, :, first:last], laws[:, first:last])
        block = rows[first:last]
        before = block.copy() if measure else None
        stay = [(w, a, p, float(rows[w, a])) for w, a, p in loops] if solving else []
        put_columns(block, columns)
        if added is not None:
            block += added[first:last]
        for w, a, p, old in stay:
            rows[w, a] = (float(rows[w, a]) - p * old) / (1.0 - p)
        if before is not None:
            before -= block
            change += float(np.abs(before, out=before).sum())
    return change


def _join(law: FloatArray, high: SingleArray, low: SingleArray, width: int = 1 << 15) -> None:
    """law = max(high + low, 0); `high` is the second half of the law's memory, which rising blocks do not overtake."""
    for i in range(0, law.size, width):
        part = high[i : i + width].astype(np.float64)
        part += low[i : i + width]
        np.maximum(part, 0.0, out=law[i : i + width])


def _split(law: FloatArray, high: SingleArray, low: SingleArray, width: int = 1 << 15) -> None:
    """The inverse of `_join`, scaled to mean 1, in falling blocks."""
    for i in reversed(range(0, law.size, width)):
        part = law[i : i + width] * law.size
        high[i : i + width] = part
        part -= high[i : i + width]
        low[i : i + width] = part
