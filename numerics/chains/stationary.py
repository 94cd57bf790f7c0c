"""Stationary law of a window chain, from 2 states to 10^7, with an honest residual.

Methods: `gth` (subtraction-free elimination, small relative error in every entry, also for nearly decomposable chains)
up to `GTH_LIMIT` states; above it `refined` (sweeps in single, residuals in double precision) for large chains that
mix fast, `multilevel` (aggregation over suffixes, see `numerics.chains.aggregation`) for the others; `power`,
matrix-free iteration of the left action, for periodic chains, chains with transient full contexts, K = 1, and wherever
`multilevel` stalls. A chain with several recurrent classes raises `ReducibleChainError`; a periodic one has its law
computed by a lazy iteration. Residuals are l1 distances of laws.  Source: specification, section 3, items 2 and 5.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from numerics.chains.aggregation import multilevel
from numerics.chains.arrays import FloatArray, IntArray, as_stochastic
from numerics.chains.gth import gth, gth_log
from numerics.chains.index import successor_table
from numerics.chains.operator import csr, dense, left_action, left_steps
from numerics.chains.refinement import refined
from numerics.chains.structure import ChainStructure, ReducibleChainError, chain_structure
from numerics.chains.window_chain import TOKEN_MAJOR_LIMIT, WindowChain

GTH_LIMIT = 512
# Up to this size a plain iteration is tried first, for this many steps.
PLAIN_LIMIT = 1 << 14
PLAIN_STEPS = 200
# Up to this size elimination (a minute, half a gigabyte) takes over from an iteration that converges slowly.
GTH_FALLBACK = 8192


@dataclass(frozen=True, eq=False)
class StationaryResult:
    """A stationary law and how it was obtained.

    `pi`: (n,) probabilities on the full contexts; `residual_l1`: ||pi P - pi||_1 of that very vector, computed
    afterwards; `method`; `iterations`: products with the chain (0 for elimination); `certified`: the residual reached
    the tolerance (iteration), or every entry has a small relative error by construction (elimination).
    """

    pi: FloatArray = field(repr=False)
    residual_l1: float
    method: str
    iterations: int
    certified: bool


class ConvergenceError(RuntimeError):
    """An iteration ended before its tolerance; the message gives the residual."""


def stationary(
    chain: WindowChain,
    method: str = "auto",
    *,
    tolerance: float = 1e-13,
    max_steps: int = 100_000,
    progress: Callable[[int, float], None] | None = None,
) -> StationaryResult:
    """Stationary law on the full contexts; unique or `ReducibleChainError`.

    `method`: "auto", "gth", "multilevel" or "power".  `tolerance` is the l1 residual at which the iteration stops; it
    also stops when rounding keeps the residual from falling further, and `certified` then says that the tolerance was
    missed.
    """
    if method not in ("auto", "gth", "multilevel", "power"):
        raise ValueError(f"method {method!r}, expected 'auto', 'gth', 'multilevel' or 'power'")
    if chain.underflows:
        return _underflowing(chain)
    # A positive chain is one aperiodic class; its states are not listed, which would cost as much as a law.
    structure = None if chain.is_positive else chain_structure(chain)
    if structure is not None and not structure.has_unique_law:
        raise ReducibleChainError(structure)
    size = chain.n if structure is None else structure.recurrent[0].size
    if method == "gth" or (method == "auto" and size <= GTH_LIMIT):
        pi = _law_on_class(chain, None if structure is None else structure.recurrent[0])
        return StationaryResult(pi, residual(chain, pi), "gth", 0, True)
    one_class = structure is None or (structure.is_ergodic and structure.is_irreducible)
    if chain.K > 1 and one_class and method != "power":
        return _fast(chain, structure, method, tolerance, max_steps, progress)
    if method == "multilevel":
        raise ValueError("method 'multilevel' needs K >= 2 and full contexts that form one aperiodic class; use 'auto'")
    result = _power(chain, structure, tolerance, max_steps, progress)
    return _finished(result, tolerance)


def _fast(
    chain: WindowChain,
    structure: ChainStructure | None,
    method: str,
    tolerance: float,
    max_steps: int,
    progress: Callable[[int, float], None] | None,
) -> StationaryResult:
    """Aggregation, with a short plain iteration before it on small chains, and what is left to try after it."""
    automatic, done, start = method == "auto", 0, None
    if automatic and chain.n <= PLAIN_LIMIT:
        # Products are so cheap here that corrections only pay for chains that mix slowly.
        first = _power(chain, structure, tolerance, min(PLAIN_STEPS, max_steps), progress)
        if first.certified:
            return first
        done, start = first.iterations, np.array(first.pi)
    elif automatic and chain.T <= TOKEN_MAJOR_LIMIT:
        law, error, steps = refined(chain, tolerance, progress)
        if error <= tolerance:
            return StationaryResult(law, error, "refined", steps, True)
        del law  # aggregation does better from the uniform law than from a few plain steps
        done = steps
    # Where elimination can still take over, a slow chain is not iterated for longer than elimination would take.
    budget = min(max_steps, chain.n // 4) if automatic and chain.n <= GTH_FALLBACK else max_steps
    law, error, steps = multilevel(chain, tolerance, budget, progress, start)
    if error <= tolerance:
        return StationaryResult(law, error, "multilevel", done + steps, True)
    if automatic and chain.n <= GTH_FALLBACK:
        pi = _law_on_class(chain, None)
        return StationaryResult(pi, residual(chain, pi), "gth", done + steps, True)
    last = _power(chain, structure, tolerance, max_steps, progress, law)
    result = StationaryResult(
        last.pi, last.residual_l1, "multilevel, power", done + steps + last.iterations, last.certified
    )
    return _finished(result, tolerance)


def stationary_laws(chain: WindowChain) -> tuple[StationaryResult, ...]:
    """One stationary law per recurrent class, each (n,) and supported on its class.

    Their mixtures are all stationary laws.
    """
    results = []
    for states in chain_structure(chain).recurrent:
        pi = _law_on_class(chain, states)
        results.append(StationaryResult(pi, residual(chain, pi), "gth", 0, True))
    return tuple(results)


def stationary_of_matrix(matrix: FloatArray) -> FloatArray:
    """Stationary law (n,) of a plain stochastic matrix with one recurrent class (transient states get 0), by GTH."""
    P = as_stochastic(matrix)
    structure = chain_structure(P)
    if not structure.has_unique_law:
        raise ReducibleChainError(structure)
    states = structure.recurrent[0]
    pi = np.zeros(P.shape[0])
    pi[states] = gth(P[np.ix_(states, states)])
    return pi


def residual(chain: WindowChain, pi: FloatArray) -> float:
    """||pi P - pi||_1 on the full contexts."""
    return float(np.abs(left_action(chain, pi) - pi).sum())


def _underflowing(chain: WindowChain) -> StationaryResult:
    """Positive probabilities are 0 in float64: the table has classes that the model does not have, so only logarithms
    are used."""
    if chain.log_table is None or chain.n > GTH_LIMIT:
        raise ValueError(
            f"probabilities of this chain of {chain.n} contexts underflow to 0 in float64 (very low temperature?); "
            f"expected none beyond {GTH_LIMIT} contexts: raise the temperature or shorten the window"
        )
    logs = np.full((chain.n, chain.n), -np.inf)
    logs[np.arange(chain.n)[:, None], successor_table(chain.T, chain.K)] = chain.log_table
    pi = np.exp(gth_log(logs))
    return StationaryResult(pi, residual(chain, pi), "gth (logarithms)", 0, True)


def _law_on_class(chain: WindowChain, states: IntArray | None) -> FloatArray:
    """Law of one recurrent class by elimination; None stands for all full contexts."""
    size = chain.n if states is None else states.size
    if size > GTH_FALLBACK:
        raise ValueError(f"elimination on {size} states was asked for, expected at most {GTH_FALLBACK}; use 'power'")
    if states is None or size == chain.n:
        return gth(dense(chain))
    pi = np.zeros(chain.n)
    pi[states] = gth(csr(chain)[states][:, states].toarray())
    return pi


def _power(
    chain: WindowChain,
    structure: ChainStructure | None,
    tolerance: float,
    max_steps: int,
    progress: Callable[[int, float], None] | None,
    start: FloatArray | None = None,
) -> StationaryResult:
    """Iteration of the left action, averaged with the identity for a periodic chain; ends at the tolerance, at the
    floor that rounding sets, or after `max_steps` (then `certified` is false and `iterations` = max_steps)."""
    lazy = structure is not None and structure.periods[0] > 1
    if start is not None:
        mu = start
    elif structure is None:
        mu = np.full(chain.n, 1.0 / chain.n)
    else:
        mu = np.zeros(chain.n)
        mu[structure.recurrent[0]] = 1.0 / structure.recurrent[0].size
    after = np.empty(chain.n)
    best, stalled, step, previous = np.inf, 0, 0, (0, np.inf)
    ahead = 1  # steps until the residual is looked at again
    while True:
        if lazy:
            left_action(chain, mu, after)
        else:
            after, mu = left_steps(chain, mu, after, ahead)
        step += ahead
        error = _distance(mu, after)
        if progress is not None:
            progress(step, error)
        # Rounding keeps the residual from falling for ever; fifty steps without a new minimum is that floor.
        stalled = 0 if error < best * 0.999 else stalled + ahead
        best = min(best, error)
        if error <= tolerance or stalled >= 50 or step >= max_steps:
            # `mu` is the vector whose residual was just measured.
            return StationaryResult(mu, error, "power", step, error <= tolerance)
        if lazy:
            after += mu
        else:
            ahead = min(_steps_ahead(error, step, previous, tolerance), max_steps - step)
            previous = (step, error)
        after /= after.sum()
        mu, after = after, mu


def _steps_ahead(error: float, step: int, previous: tuple[int, float], tolerance: float) -> int:
    """Steps until the tolerance at the rate of the last ones, at most 8: looking costs as much as a product."""
    ratio = error / previous[1]
    if not 0.0 < ratio < 1.0:
        return 1
    rate = np.log(ratio) / (step - previous[0])
    return int(min(max(1.0, np.ceil(np.log(tolerance / error) / rate)), 8.0))


def _finished(result: StationaryResult, tolerance: float) -> StationaryResult:
    """The result, unless the steps ran out far from the tolerance (a floor of rounding is returned, not certified)."""
    if result.certified or result.residual_l1 <= max(1e-10, 1e3 * tolerance):
        return result
    raise ConvergenceError(
        f"the iteration left a residual of {result.residual_l1:.3g} after {result.iterations} steps, "
        f"expected {tolerance:.3g}: the chain mixes slowly; use method='gth' up to {GTH_FALLBACK} states"
    )


def _distance(mu: FloatArray, nu: FloatArray, width: int = 1 << 16) -> float:
    """||mu - nu||_1 in blocks, so that no temporary as large as the laws is made."""
    return float(sum(np.abs(mu[i : i + width] - nu[i : i + width]).sum() for i in range(0, mu.size, width)))
