"""Distance to stationarity and mixing times, in total variation and from the worst start (D7, D20).

Every function takes a window chain (with `starts="R"`, the full contexts, or `"all"`, every string of length 1..K) or a
plain stochastic matrix (n, n), whose starts are all its states.  Times are in steps (tokens).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import scipy.sparse as sparse
from scipy.spatial.distance import cdist

from numerics.chains.arrays import FloatArray, as_stochastic
from numerics.chains.every_start import EVERY_START_LIMIT, EveryStart, every_start, steps_affordable
from numerics.chains.operator import csr, csr_full
from numerics.chains.stationary import stationary, stationary_of_matrix
from numerics.chains.structure import chain_structure
from numerics.chains.window_chain import WindowChain

Starts = Literal["R", "all"]

# Doubling keeps every power of the transition matrix: 2048 states and 40 powers take 1.3 GB.
POWERS_LIMIT = 2048
DEFAULT_CAP = 2**50


@dataclass(frozen=True)
class MixingTime:
    """`steps`.

    Min{t : d(t) <= eta}, inf when d is still above eta at `cap` steps (`capped` is then true and `note` says so).
    """

    steps: float
    eta: float
    starts: str
    cap: int
    capped: bool
    distance: float
    note: str = ""


def transition(
    chain: WindowChain | FloatArray, starts: Starts = "R"
) -> tuple[sparse.csr_array | FloatArray, FloatArray]:
    """Transition matrix on the asked starts (CSR for a window chain) and its stationary law on the same states."""
    if isinstance(chain, WindowChain):
        if starts not in ("R", "all"):
            raise ValueError(f"starts = {starts!r}, expected 'R' (full contexts) or 'all'")
        pi = stationary(chain).pi
        if starts == "R":
            return csr(chain), pi
        return csr_full(chain), np.concatenate([np.zeros(chain.n_all - chain.n), pi])
    P = as_stochastic(chain)
    return P, stationary_of_matrix(P)


def distance_curve(chain: WindowChain | FloatArray, t_max: int, starts: Starts = "R") -> FloatArray:
    """d(0), ..., d(t_max).

    Worst-start total variation distance to the stationary law.  Cost t_max T n^2 for a window chain.
    """
    P, pi = transition(chain, starts)
    return _curve(P, t_max, lambda laws: worst_distance(laws, pi))


def pair_distance_curve(chain: WindowChain | FloatArray, t_max: int, starts: Starts = "R") -> FloatArray:
    """dbar(0), ..., dbar(t_max): worst pair of starts.  Cost t_max n^3 / 2.  No stationary law is needed."""
    if isinstance(chain, WindowChain):
        P: sparse.csr_array | FloatArray = csr(chain) if starts == "R" else csr_full(chain)
    else:
        P = as_stochastic(chain)
    return _curve(P, t_max, worst_pair_distance)


def _as_dense(P: sparse.csr_array | FloatArray) -> FloatArray:
    return P if isinstance(P, np.ndarray) else np.asarray(P.toarray())


def worst_distance(laws: FloatArray, pi: FloatArray) -> float:
    """max_i d_TV(laws_i, pi) over rows (m, n), without an (m, n) temporary."""
    width = max(1, (1 << 20) // pi.size)
    return 0.5 * max(float(np.abs(laws[i : i + width] - pi).sum(axis=1).max()) for i in range(0, laws.shape[0], width))


def worst_pair_distance(laws: FloatArray) -> float:
    """max_{i,j} d_TV(laws_i, laws_j) over rows (m, n)."""
    width = max(1, (1 << 22) // laws.shape[0])
    return 0.5 * max(
        float(cdist(laws[i : i + width], laws[i:], "cityblock").max()) for i in range(0, laws.shape[0], width)
    )


def _curve(P: sparse.csr_array | FloatArray, t_max: int, measure: Callable[[FloatArray], float]) -> FloatArray:
    laws = np.eye(P.shape[0])
    curve = np.empty(t_max + 1)
    for t in range(t_max + 1):
        curve[t] = min(1.0, measure(laws))
        if t < t_max:
            laws = np.asarray(P @ laws)  # rows of P^(t+1), by one step at the start
    return curve


def mixing_time(
    chain: WindowChain | FloatArray, eta: float = 0.25, starts: Starts = "R", *, cap: int = DEFAULT_CAP
) -> MixingTime:
    """t_mix(eta) = min{t : d(t) <= eta} over the worst start.

    A window chain is first followed step by step, as long as that is cheaper; else powers P, P^2, P^4, ... until d <=
    eta, then bisection: d is non-increasing, so bisection is exact.  Rows are rescaled after each product
    (specification, section 3, item 9). Raises `ValueError` for eta outside (0, 1) or a chain of more than 2048 states
    that steps alone do not settle (32 768 states at most, under a minute), `ReducibleChainError` without a unique
    stationary law.
    """
    if not 0.0 < eta < 1.0:
        raise ValueError(f"eta = {eta}, expected a number in (0, 1)")
    size = (chain.n if starts == "R" else chain.n_all) if isinstance(chain, WindowChain) else chain.shape[0]
    if isinstance(chain, WindowChain) and starts == "R" and size <= EVERY_START_LIMIT:
        stepped = mixing_by_steps(chain, eta, cap)
        if stepped is not None:
            return stepped
    if size > POWERS_LIMIT:
        raise ValueError(
            f"the worst-case mixing time over {size} starts was asked for, expected at most {POWERS_LIMIT}; "
            "the house-of-cards bound and the distance from chosen starts work at any size"
        )
    P, pi = transition(chain, starts)
    first = _as_dense(P)

    def found(steps: float, distance: float) -> MixingTime:
        return MixingTime(steps, eta, starts if isinstance(chain, WindowChain) else "all", cap, False, distance)

    here = worst_distance(np.eye(size), pi)
    if here <= eta:
        return found(0, here)
    powers = [first]
    while (here := worst_distance(powers[-1], pi)) > eta:
        if 2 ** len(powers) > cap:
            period = chain_structure(chain).periods[0]
            why = (
                f"the chain has period {period} and never converges"
                if period > 1
                else "the chain mixes more slowly than that"
            )
            note = f"d({2 ** (len(powers) - 1)}) = {here:.6g} is still above eta = {eta:g} at the cap {cap}: {why}"
            return MixingTime(
                float("inf"), eta, starts if isinstance(chain, WindowChain) else "all", cap, True, here, note
            )
        powers.append(_normalised(powers[-1] @ powers[-1]))
    if len(powers) == 1:
        return found(1, here)
    # d(2^(j-1)) > eta >= d(2^j) = here: add smaller powers while the distance stays above eta.
    steps, laws = 2 ** (len(powers) - 2), powers[-2]
    for j in range(len(powers) - 3, -1, -1):
        ahead = _normalised(laws @ powers[j])
        distance = worst_distance(ahead, pi)
        if distance > eta:
            steps, laws = steps + 2**j, ahead
        else:
            here = distance
    return found(steps + 1, here)


def mixing_by_steps(chain: WindowChain, eta: float, cap: int = DEFAULT_CAP) -> MixingTime | None:
    """t_mix(eta) from the full contexts, step by step; None where that takes too long or rounding leaves it open."""
    if not chain_structure(chain).is_ergodic:
        return None
    run = every_start(chain, stationary(chain).pi, floor=eta / 2.0, max_steps=min(cap, steps_affordable(chain)))
    return mixing_of(run, eta, cap)


def mixing_of(run: EveryStart, eta: float, cap: int = DEFAULT_CAP) -> MixingTime | None:
    """t_mix(eta) read from the distances of every start; None where they do not reach that far."""
    steps = run.first_below(eta)
    if steps is None or steps > cap:
        return None
    return MixingTime(steps, eta, "R", cap, False, float(run.distance[steps]))


def _normalised(laws: FloatArray) -> FloatArray:
    laws /= laws.sum(axis=1, keepdims=True)
    return laws


def t_min(chain: WindowChain | FloatArray, starts: Starts = "R", *, max_steps: int = 100_000) -> float:
    """t_min = min_{t>=1, d(t)<1/2} 4t((1-d(t))/(1-2d(t)))^2 by an exact scan (D20).

    Inf for a periodic or reducible chain.
    """
    if not chain_structure(chain).is_ergodic:
        return float("inf")
    P, pi = transition(chain, starts)
    return _scan(P, lambda laws: worst_distance(laws, pi), _t_min_term, 0, max_steps)


def tau_min(chain: WindowChain | FloatArray, starts: Starts = "R", *, max_steps: int = 100_000) -> float:
    """tau_min = min_{t>=1, dbar(t)<1} t((2-dbar(t))/(1-dbar(t)))^2 by an exact scan (D20).

    Inf for a periodic or reducible chain.
    """
    if not chain_structure(chain).is_ergodic:
        return float("inf")
    P, _ = transition(chain, starts)
    return _scan(P, worst_pair_distance, _tau_min_term, 0, max_steps)


def window_t_min(matrix: FloatArray, K: int, *, max_steps: int = 100_000) -> float:
    """t_min of the windows of length K of a first-order chain.

    Min_{s>=1} 4(s+K-1)((1-d(s))/(1-2d(s)))^2 (claim markov/window_t_min).
    """
    if not chain_structure(matrix).is_ergodic:
        return float("inf")
    P, pi = transition(matrix)
    return _scan(P, lambda laws: worst_distance(laws, pi), _t_min_term, K - 1, max_steps)


def window_tau_min(matrix: FloatArray, K: int, *, max_steps: int = 100_000) -> float:
    """tau_min of the windows of length K of a first-order chain, as `window_t_min` with dbar."""
    if not chain_structure(matrix).is_ergodic:
        return float("inf")
    P, _ = transition(matrix)
    return _scan(P, worst_pair_distance, _tau_min_term, K - 1, max_steps)


def _t_min_term(time: int, distance: float) -> float:
    return 4.0 * time * ((1.0 - distance) / (1.0 - 2.0 * distance)) ** 2 if distance < 0.5 else float("inf")


def _tau_min_term(time: int, distance: float) -> float:
    return time * ((2.0 - distance) / (1.0 - distance)) ** 2 if distance < 1.0 else float("inf")


def _scan(
    P: sparse.csr_array | FloatArray,
    measure: Callable[[FloatArray], float],
    term: Callable[[int, float], float],
    shift: int,
    max_steps: int,
) -> float:
    """Smallest term; every later one is at least 4(t + shift), so the scan stops there and is exact."""
    laws = _as_dense(P)
    best = float("inf")
    for t in range(1, max_steps + 1):
        if 4.0 * (t + shift) > best:
            return best
        best = min(best, term(t + shift, min(1.0, measure(laws))))
        laws = np.asarray(P @ laws)
    raise RuntimeError(
        f"the exact scan was not finished after {max_steps} steps: best value so far {best:.6g}; raise max_steps"
    )
