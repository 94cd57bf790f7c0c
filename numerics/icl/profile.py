"""What is known of a chain before any prompt is drawn: stationary law, period, mixing, and the error to expect of
counting (experiment 4.5; claims markov/frequentist_rate, markov/t_min, markov/window_t_min).

Main definitions
    Profile              the constants of one kernel
    t_min_enclosure      t_min of tokens or of windows, between two numbers, for kernels of several hundred states
    row_counting_risk    the TV risk of counting if every visit to a state were an independent draw of its row
    add_one_constant     limit of N times the KL risk of add-1, zeros in the kernel allowed
"""

from __future__ import annotations

import heapq
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

from numerics.chains.mixing import window_t_min, worst_distance
from numerics.chains.stationary import stationary_of_matrix
from numerics.chains.structure import chain_structure
from numerics.icl.estimators import frequentist_constant

SCAN_LIMIT = 32  # states up to which every step is looked at
LARGEST_POWER = 40  # chains that have not mixed after 2^40 steps count as not mixing


@dataclass(frozen=True)
class Profile:
    """Constants of a kernel (d, d). `t_min` (tokens) and `t_min_windows` (windows of `window` tokens) are enclosures,
    (inf, inf) for a periodic chain; `lazy_t_min` is that of (I + P)/2, which has the same stationary law and no
    period."""

    stationary: NDArray[np.float64]
    period: int
    constant: float  # C(P)
    window: int
    t_min: tuple[float, float]
    t_min_windows: tuple[float, float]
    lazy_t_min: tuple[float, float]


def profile(kernel: NDArray[np.float64], window: int) -> Profile:
    """The constants of an irreducible kernel. Raises ReducibleChainError when the stationary law is not unique."""
    stationary = stationary_of_matrix(kernel)
    period = chain_structure(kernel).periods[0]
    lazy = 0.5 * (np.eye(kernel.shape[0]) + kernel)
    tokens = t_min_enclosure(kernel, 1, stationary)
    return Profile(
        stationary,
        period,
        frequentist_constant(kernel, stationary),
        window,
        tokens,
        t_min_enclosure(kernel, window, stationary),
        tokens if period == 1 else t_min_enclosure(lazy, 1, stationary),
    )


def t_min_enclosure(
    kernel: NDArray[np.float64], window: int, stationary: NDArray[np.float64], relative: float = 0.05
) -> tuple[float, float]:
    """(lower, upper) with lower <= t_min <= upper <= lower/(1 - relative), of the windows of `window` tokens (1: of the
    tokens).

    Up to 32 states every step is scanned and the ends agree. Beyond, d(t), the distance to the law `stationary` (d,),
    is found at the ends of dyadic intervals only: d does not increase, so on (a, b] no term is below
    4(a + 1 + window - 1)((1 - d(b))/(1 - 2 d(b)))^2, and the interval with the least such number is halved until it
    decides. (inf, inf) for a periodic or reducible chain.
    """
    if not chain_structure(kernel).is_ergodic:
        return math.inf, math.inf
    if kernel.shape[0] <= SCAN_LIMIT:
        value = window_t_min(kernel, window)
        return value, value
    shift = window - 1

    def distance(law: NDArray[np.float64]) -> float:
        return min(1.0, worst_distance(law, stationary))

    powers = [kernel]  # P^(2^j)
    best = math.inf
    # heap entries: lower bound, left end a, exponent j, P^a, distance at b = a + 2^j
    heap: list[tuple[float, int, int, NDArray[np.float64], float]] = []
    here = distance(kernel)
    best = min(best, _term(1 + shift, here))
    while 4.0 * (2 ** (len(powers) - 1) + shift) < best:
        j = len(powers) - 1
        if j == LARGEST_POWER:
            return math.inf, math.inf
        powers.append(powers[-1] @ powers[-1])
        here = distance(powers[-1])
        best = min(best, _term(2 ** (j + 1) + shift, here))
        heapq.heappush(heap, (_term(2**j + 1 + shift, here), 2**j, j, powers[j], here))
    while heap:
        lower, a, j, law, end = heapq.heappop(heap)
        if lower >= best * (1.0 - relative):
            return min(lower, best), best
        if j == 0:
            continue  # (a, a + 1] holds one step, and its term is known
        middle = law @ powers[j - 1]
        half = distance(middle)
        m = a + 2 ** (j - 1)
        best = min(best, _term(m + shift, half))
        heapq.heappush(heap, (_term(a + 1 + shift, half), a, j - 1, law, half))
        heapq.heappush(heap, (_term(m + 1 + shift, end), m, j - 1, middle, end))
    return best, best


def _term(time: int, distance: float) -> float:
    return 4.0 * time * ((1.0 - distance) / (1.0 - 2.0 * distance)) ** 2 if distance < 0.5 else math.inf


def row_error(row: NDArray[np.float64], draws: NDArray[np.int64]) -> NDArray[np.float64]:
    """E d_TV(p, frequencies of m draws) along the last axis: rows (..., d) and draws (...) to (...).

    De Moivre: E|B - mp| = 2 k C(m, k) p^k (1 - p)^(m - k + 1), k = floor(mp) + 1, for B ~ Bin(m, p). Without a draw the
    estimate is uniform.
    """
    m = draws[..., None].astype(np.float64)
    none = 0.5 * np.abs(row - 1.0 / row.shape[-1]).sum(axis=-1)
    p = np.where((row > 0) & (row < 1), row, 0.5)  # a sure or impossible step has no error: masked below
    k = np.minimum(np.floor(m * p) + 1.0, np.maximum(m, 1.0))
    whole = np.maximum(m, 1.0)
    logs = (
        gammaln(whole + 1) - gammaln(k + 1) - gammaln(whole - k + 1)
        + np.log(2.0 * k) + k * np.log(p) + (whole - k + 1.0) * np.log1p(-p)
    )  # fmt: skip
    error = np.where((row > 0) & (row < 1), np.exp(logs) / whole, 0.0)
    return np.asarray(np.where(draws == 0, none, 0.5 * error.sum(axis=-1)))


def row_counting_risk(
    kernel: NDArray[np.float64], stationary: NDArray[np.float64], transitions: NDArray[np.int64]
) -> NDArray[np.float64]:
    """sum_x pi(x) E d_TV(P(.|x), counting from n pi(x) draws of the row), (M,) for `transitions` n (M,).

    Between whole numbers of draws it is interpolated linearly. It tends to C(P)/sqrt(n), and says how far that limit
    is. It leaves out that the number of visits is random and that visits cluster.
    """
    found = np.empty(transitions.size)
    for i, n in enumerate(transitions):
        visits = n * stationary  # (d,)
        low = np.floor(visits).astype(np.int64)
        share = visits - low
        risk = (1.0 - share) * row_error(kernel, low) + share * row_error(kernel, low + 1)
        found[i] = float(stationary @ risk)
    return found


def add_one_constant(kernel: NDArray[np.float64]) -> float:
    """Limit, in nats, of N times the KL risk of add-1: sum_x (d - s_x) + (s_x - 1)/2, s_x the successors of x.

    From n_x/N -> pi(x) and log(q/p) to first order in 1/n_x; d(d-1)/2 for a positive kernel, as for the mean over
    Dirichlet(1) kernels (markov/icl_bayes_optimal).
    """
    successors = (kernel > 0).sum(axis=1)
    return float((kernel.shape[0] - successors).sum() + 0.5 * (successors - 1).sum())
