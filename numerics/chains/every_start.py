"""Distances to stationarity from every full context, without a T^K x T^K matrix.

The laws of a block of starts are moved on together: for each suffix w of K-1 tokens, a product of the T x T matrix
p[aw, x] with the laws on the T contexts that end in w.  A start is dropped once it is close to stationarity, so the
whole costs at most T^(2K+1) multiplications a step until then, and one block of memory.  The laws after K steps are
rows of A = P^K, so alpha(A) comes for nothing.  Distances in total variation, times in steps.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from numerics.chains.arrays import FloatArray, IntArray
from numerics.chains.operator import right_kernels
from numerics.chains.window_chain import WindowChain

Laws = NDArray[np.floating[Any]]  # in either precision

# Up to this size all starts are moved on together and none is dropped.
WHOLE_LIMIT = 2048
# Otherwise starts moved on together, and bytes of laws handled at a time: the latter stay in the cache.
BLOCK_STARTS = 256
CACHE_BYTES = 1 << 20
# Starts that are close to stationarity leave a block when fewer than this share of it remains.
KEEP = 0.8
# More starts than this are never followed one by one: A alone has their square of entries.
EVERY_START_LIMIT = 1 << 15
# Work of all steps beyond which the distances are left incomplete (under a minute of one core); a step costs T
# multiplications an entry, and passes over the laws that take as long as STEP_PASSES more.
STEP_WORK = 6e11
STEP_PASSES = 40
# Above this size laws are kept in single precision after K steps: twice as fast, and the resolution is stated.
DOUBLE_LIMIT = 4096


@dataclass(frozen=True, eq=False)
class EveryStart:
    """What following every full context gives.

    `distance` (t + 1,): d(0), ..., d(t), each known to `resolution`; the last is at most `floor` unless the work ran
    out (`complete` is then false), and beyond 2048 states it is then an upper bound on d(t) only; `after_window`
    (T^K,): the distance of every start after K steps; `alpha`: the Doeblin coefficient of A = P^K, exact to rounding.
    """

    distance: FloatArray
    resolution: float
    floor: float
    complete: bool
    after_window: FloatArray = field(repr=False)
    alpha: float

    def first_below(self, eta: float) -> int | None:
        """min{t : d(t) <= eta}; None where the curve ends above eta, or the resolution does not decide."""
        below = np.flatnonzero(self.distance <= eta)
        if below.size == 0 or (np.abs(self.distance - eta) <= self.resolution).any():
            return None
        return int(below[0])


def block_rows(chain: WindowChain, starts: IntArray) -> FloatArray:
    """Rows of A = P^K: the law of the next K tokens after each start, (len(starts), T^K)."""
    rows, laws = np.asarray(chain.table), np.ones((starts.size, 1))
    for t in range(chain.K):
        laws = _lengthened(rows, _reached(chain, starts, t), laws)
    return laws


def _lengthened(rows: FloatArray, contexts: IntArray, laws: FloatArray) -> FloatArray:
    """Laws of t + 1 tokens after the starts from those of t tokens, (m, T^t), which lead to `contexts`."""
    first = int(contexts[0, 0])
    if contexts.shape[1] > 1 and (contexts[:, 0] == first).all():  # starts with the same end: nothing to gather
        return np.asarray((laws[..., None] * rows[first : first + contexts.shape[1]]).reshape(laws.shape[0], -1))
    return np.asarray((laws[..., None] * rows[contexts]).reshape(laws.shape[0], -1))


def _reached(chain: WindowChain, starts: IntArray, t: int) -> IntArray:
    """Contexts (m, T^t) after t <= K steps: the end of the start followed by the t new tokens."""
    T = chain.T
    return np.asarray((starts % T ** (chain.K - t))[:, None] * T**t + np.arange(T**t))


def steps_affordable(chain: WindowChain) -> int:
    """Steps within `STEP_WORK`, at least K; up to 2048 states no more than squaring P twice would cost."""
    steps = STEP_WORK / (float(chain.n) ** 2 * (chain.T + STEP_PASSES))
    if chain.n <= 2048:
        steps = min(steps, max(16.0, 4.0 * chain.n / (chain.T + STEP_PASSES)))
    return chain.K + int(steps)


def _blocks(T: int, K: int) -> list[IntArray]:
    """The starts in blocks; those with the same end mix alike, so that they are dropped together."""
    n = T**K
    order = np.arange(n).reshape((T,) * K).transpose(range(K - 1, -1, -1)).ravel()
    if n <= WHOLE_LIMIT:
        return [order]
    groups = order.reshape(T, -1) if n // T >= BLOCK_STARTS else order[None]  # by last token
    return [block for group in groups for block in np.array_split(group, -(-group.size // BLOCK_STARTS))]


def every_start(chain: WindowChain, pi: FloatArray, *, floor: float, max_steps: int | None = None) -> EveryStart:
    """d(t) over all full contexts, followed until it is at most `floor`, or for `max_steps` steps (default: as many as
    `STEP_WORK` allows; never fewer than K).

    `pi` (T^K,) is the stationary law.  Memory: the table once more, and 3 x 256 laws.  `ValueError` beyond
    `EVERY_START_LIMIT` states.
    """
    T, K, n = chain.T, chain.K, chain.n
    if n > EVERY_START_LIMIT:
        raise ValueError(f"distances from {n} starts were asked for, expected at most {EVERY_START_LIMIT}")
    limit = max(K, steps_affordable(chain) if max_steps is None else max_steps)
    single = n > DOUBLE_LIMIT
    kind: type[np.floating[Any]] = np.float32 if single else np.float64
    kernels = np.ascontiguousarray(right_kernels(chain).transpose(0, 2, 1), dtype=kind)  # (w, x, a)
    target = pi.astype(kind)
    rows = np.ascontiguousarray(chain.table)
    blocks = _blocks(T, K)
    width = max(block.size for block in blocks)
    curve, lowest = np.zeros(limit + 1), np.full(n, np.inf)
    after_window = np.empty(n)
    buffers = np.empty((2, n * width), dtype=kind)
    last, dropped = 0, 0.0
    for starts in blocks:
        laws = np.ones((starts.size, 1))
        for t in range(K):
            contexts = _reached(chain, starts, t)
            distance = 1.0 - np.minimum(laws, pi[contexts]).sum(axis=1)
            curve[t] = max(curve[t], distance.max())
            laws = _lengthened(rows, contexts, laws)
        distance = after_window[starts] = _half_l1(laws, pi)
        curve[K] = max(curve[K], distance.max())
        np.minimum(lowest, laws.min(axis=0), out=lowest)
        here, there = (b[: n * starts.size].reshape(n, -1) for b in buffers)
        here[:] = laws.T
        t = K
        while distance.max() > floor and t < limit:
            t += 1
            distance = _move(kernels, here, there, target)
            curve[t] = max(curve[t], distance.max())
            here, there = there, here
            live = distance > floor
            if width < n and 0 < live.sum() < KEEP * live.size:
                dropped = max(dropped, distance[~live].max())
                size = n * int(live.sum())
                packed = there.reshape(-1)[:size].reshape(n, -1)
                np.compress(live, here, axis=1, out=packed)
                here, there, distance = packed, here.reshape(-1)[:size].reshape(n, -1), distance[live]
        last = max(last, t)
        if width < n and distance.max() <= floor:
            dropped = max(dropped, distance.max())
    # Starts that were dropped are at most `floor` from then on, and so is everything beyond the first such entry.
    below = np.flatnonzero(curve[: last + 1] <= floor)
    end = int(below[0]) if below.size else last
    if below.size:
        curve[end] = max(curve[end], dropped)
    resolution = _resolution(T, end, float(np.finfo(kind).eps))
    alpha = min(1.0, float(lowest.sum()))
    return EveryStart(np.minimum(curve[: end + 1], 1.0), resolution, floor, below.size > 0, after_window, alpha)


def _resolution(T: int, steps: int, eps: float) -> float:
    """Bound on the rounding error of a distance: T + 1 roundings of each entry a step, and those of the sum."""
    return float(0.5 * eps * (steps * (T + 1) + SUMMED))


def _half_l1(laws: FloatArray, pi: FloatArray) -> FloatArray:
    """Distances (m,) of the rows (m, n) to pi, a few rows at a time."""
    width = max(1, (CACHE_BYTES >> 3) // pi.size)
    parts = [np.abs(laws[i : i + width] - pi).sum(axis=1) for i in range(0, laws.shape[0], width)]
    return np.asarray(0.5 * np.concatenate(parts))


# Terms of a distance that are added up in the precision of the laws; the rest of the sum is in double precision.
SUMMED = 128


def _move(kernels: Laws, here: Laws, there: Laws, pi: Laws) -> FloatArray:
    """there = one step of the laws in the columns of `here`, (T^K, m); returns their distances (m,) to pi."""
    M, T, _ = kernels.shape
    m = here.shape[1]
    ends = here.reshape(T, M, m).transpose(1, 0, 2)  # (w, a, start)
    after = there.reshape(M, T, m)  # (w, x, start)
    width = max(1, CACHE_BYTES // (here.itemsize * T * m))
    total, scratch = np.zeros(m), np.empty((min(width, M) * T, m), dtype=here.dtype)
    for w in range(0, M, width):
        stop = min(w + width, M)
        np.matmul(kernels[w:stop], ends[w:stop], out=after[w:stop])
        difference = scratch[: (stop - w) * T]
        np.subtract(there[w * T : stop * T], pi[w * T : stop * T, None], out=difference)
        np.abs(difference, out=difference)
        for i in range(0, difference.shape[0], SUMMED):
            part = difference[i : i + SUMMED]
            total += np.ones(part.shape[0], dtype=here.dtype) @ part
    return np.asarray(0.5 * total)
