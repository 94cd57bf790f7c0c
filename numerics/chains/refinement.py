"""Stationary law of a large window chain that mixes fast: sweeps in single precision, residuals in double.

A product with the chain is bound by reading its table, so half the bytes are half the time.  Two more savings:

- Sweeps are in place, block after block of suffixes (Gauss-Seidel).  A context aw is updated before about half of the
  contexts that read it, so a sweep is worth up to two products, and needs no second vector.
- The law is a sum of two single-precision vectors, high + low.  Plain sweeps find `high`; with r = high Q - high taken
  in double precision, low = r + low Q is then swept in single precision, and few digits of it are needed.  The law in
  double precision takes the place of `high` and r.  This is iterative refinement: each round wins about six digits.

Memory: the table in single precision and 12 bytes a state.  The residual of the result is measured in double precision
on the rows themselves, which may be the chain's table or come from elsewhere, see `numerics.chains.rows`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from numerics.chains.arrays import FloatArray
from numerics.chains.operator import block_width, put_columns
from numerics.chains.window_chain import TOKEN_MAJOR_LIMIT, WindowChain

SingleArray = NDArray[np.float32]
# Rows of the contexts aw, w = first..last-1: probabilities (x, a, w), and None or what each row has to be divided by.
ExactBlocks = Callable[[int, int], tuple[FloatArray, FloatArray | None]]
Progress = Callable[[int, float], None]

# Changes that fall more slowly than this a sweep, over the last few, are left to other methods, and so is a residual
# that a round does not divide by ten.
SLOWEST = 0.9
JUDGED = 8
MOST_ROUNDS = 5
# Change of `high`, relative to its size, below which single precision wins no more.
SINGLE_FLOOR = 2e-7
# Sweeps between two measurements of the change, at most.
LARGEST_GAP = 8
# Blocks of suffixes that keep most of the gain of sweeping in place, where blocks are large enough to be fast.
FEWEST_BLOCKS = 8


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
    for first, last in _blocks(M, block_width(T)):
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
    while True:
        done += 1
        wait -= 1
        change = _sweep(tokens, vector, constant, wait <= 0)
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
        if done >= JUDGED and rate > SLOWEST:
            # Rounding ends the fall too: of `high` a few floors early, of `low` when six digits are won.
            return steps + done, change <= (20.0 * target if constant is None else 1e-5 * seen[0][1])
        if done > 1 and rate < 1.0:
            wait = min(LARGEST_GAP, int(np.ceil(np.log(target / change) / np.log(rate))))


def _sweep(tokens: SingleArray, vector: SingleArray, constant: SingleArray | None, measure: bool) -> float:
    """One sweep; the l1 norm of the change if it is to be measured, else 0."""
    T, _, M = tokens.shape
    laws, rows = vector.reshape(T, M), vector.reshape(M, T)
    added = None if constant is None else constant.reshape(M, T)
    change = 0.0
    for first, last in _blocks(M, 2 * block_width(T)):
        columns = np.einsum("xaw,aw->xw", tokens[:, :, first:last], laws[:, first:last])
        block = rows[first:last]
        before = block.copy() if measure else None
        put_columns(block, columns)
        if added is not None:
            block += added[first:last]
        if before is not None:
            before -= block
            change += float(np.abs(before, out=before).sum())
    return change


def _blocks(M: int, width: int) -> Iterator[tuple[int, int]]:
    """The suffixes 0..M-1 in intervals of `width`, or shorter where these would be few."""
    width = max(1, min(width, -(-M // FEWEST_BLOCKS)))
    for first in range(0, M, width):
        yield first, min(first + width, M)


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
