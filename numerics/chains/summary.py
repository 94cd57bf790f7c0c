"""Everything `boundlab chain` says about a window chain, in one frozen record.

What is too costly for the size of the chain is left out and named, with the reason, in `skipped`: nothing is dropped
silently. Entropies in nats per token, times in steps (tokens), distances in total variation from the worst full
context.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from numerics.chains.arrays import FloatArray, IntArray
from numerics.chains.bounds import BoundCurve, block_curve, minorant_curve, printed_curve
from numerics.chains.coefficients import (
    WORK_LIMIT,
    beta,
    beta_work,
    block_matrix,
    dobrushin,
    doeblin,
    gamma,
    log_epsilon,
    log_p_min,
)
from numerics.chains.entropy import entropy_rate
from numerics.chains.every_start import (
    DOUBLE_LIMIT,
    EVERY_START_LIMIT,
    WHOLE_LIMIT,
    EveryStart,
    block_rows,
    every_start,
)
from numerics.chains.house_of_cards import hoc_at, hoc_mixing_time, hoc_time
from numerics.chains.mixing import POWERS_LIMIT, MixingTime, mixing_of, mixing_time, transition, worst_distance
from numerics.chains.operator import DENSE_LIMIT, left_action
from numerics.chains.spectrum import Spectrum, spectrum
from numerics.chains.stationary import StationaryResult, stationary
from numerics.chains.structure import ChainStructure, chain_structure
from numerics.chains.window_chain import WindowChain

# Most entries of the laws of all starts that the measured curve keeps, and multiplications it may spend.
CURVE_LIMIT = 1 << 24
CURVE_WORK = 2e10
# Starts whose pairs bound the Dobrushin coefficient of A from below where not all pairs can be compared.
FAR_STARTS = 128


@dataclass(frozen=True)
class Skipped:
    """A quantity that was not computed, and why."""

    what: str
    why: str


@dataclass(frozen=True, eq=False)
class ChainReport:
    """A window chain in numbers.  None marks what does not exist or was skipped; `skipped` gives the reason.

    `alpha`, `kappa`: Doeblin and Dobrushin coefficients of A = P^K; `beta`, `gamma`: token overlaps (K,); `beta_exact`
    is false when the lower bounds gamma stand in for beta; `times` and `distance`: the measured curve d(n), exact over
    all full contexts, or, when `distance_is_lower`, over a few chosen starts only (a lower bound on d); `bounds`: at
    the same times.
    """

    T: int
    K: int
    states: int
    all_states: int
    positive: bool
    underflows: bool
    structure: ChainStructure = field(repr=False)
    stationary: StationaryResult | None
    entropy_rate: float | None
    spectrum: Spectrum | None
    mixing: MixingTime | None
    mixing_quarter: MixingTime | None
    eta: float
    log_p_min: float
    log_epsilon: float
    epsilon_context: int
    alpha: float | None
    kappa: float | None
    beta: FloatArray = field(repr=False)
    gamma: FloatArray = field(repr=False)
    beta_exact: bool
    hoc_time: float
    times: IntArray = field(repr=False)
    distance: FloatArray | None = field(repr=False)
    distance_is_lower: bool
    bounds: tuple[BoundCurve, ...] = field(repr=False)
    skipped: tuple[Skipped, ...]

    @property
    def p_min(self) -> float:
        return math.exp(self.log_p_min)

    @property
    def epsilon(self) -> float:
        """Smallest entry of A; 0 where it underflows (`log_epsilon` does not)."""
        return math.exp(self.log_epsilon)

    @property
    def perplexity(self) -> float | None:
        return None if self.entropy_rate is None else math.exp(self.entropy_rate)


def analyse(chain: WindowChain, *, eta: float = 0.01, seed_starts: int = 8) -> ChainReport:
    """Report on a window chain, sized for it: dense work up to 2048 states, every start followed up to 32 768 states
    (within about a minute of one core), a few starts and bounds above.

    `eta` in (0, 1) is the accuracy at which mixing times and bounds are compared; `seed_starts` full contexts are
    followed when following all of them is too costly.
    """
    if not 0.0 < eta < 1.0:
        raise ValueError(f"eta = {eta}, expected a number in (0, 1)")
    skipped: list[Skipped] = []
    structure = chain_structure(chain)
    law = None
    if structure.has_unique_law:
        law = stationary(chain)
    else:
        reason = f"the chain has {len(structure.recurrent)} recurrent classes: no unique stationary law"
        skipped += [
            Skipped(name, reason) for name in ("stationary law", "entropy rate", "mixing time", "distance curve")
        ]

    run = None
    if law is not None and structure.is_ergodic and chain.n <= EVERY_START_LIMIT:
        run = every_start(chain, law.pi, floor=_floor(chain.n, eta))
    low = gamma(chain)
    exact = beta_work(chain) <= WORK_LIMIT
    overlaps = beta(chain) if exact else low
    if not exact:
        skipped.append(
            Skipped("beta", f"needs {beta_work(chain):.2g} operations; the lower bounds gamma stand in for it")
        )
    alpha, kappa = _block_coefficients(chain, run, overlaps, skipped)
    log_eps = log_epsilon(chain)

    mixing, quarter = None, None
    if law is not None:
        mixing, quarter = _mixing_time(chain, run, eta), _mixing_time(chain, run, 0.25)
        if mixing is None:
            why = f"worst-case powers of {chain.n} states (limit {POWERS_LIMIT}); see the lower and upper curves"
            if run is not None:
                why = f"d is still {run.distance[-1]:.3g} after {run.distance.size - 1} steps, and {why}"
            skipped.append(Skipped("mixing time", why))
    last = _last_time(chain, mixing, overlaps, eta)
    times = _times(last, chain.K)
    distance, is_lower = None, False
    if law is not None:
        distance, is_lower, times = _measured(chain, law.pi, run, times, seed_starts, skipped)
    values = spectrum(chain)
    if math.isnan(values.slem):
        skipped.append(Skipped("SLEM", values.note))

    curves = [
        printed_curve(log_eps.value, chain.K, times, eta),
        minorant_curve(log_eps.value, chain.T, chain.K, times, eta),
    ]
    if alpha is not None:
        curves.append(block_curve("Doeblin", _log1m(alpha), chain.K, times, eta))
    if kappa is not None:
        curves.append(block_curve("Dobrushin", math.log(kappa) if kappa > 0.0 else -math.inf, chain.K, times, eta))
    curves.append(_house_of_cards(overlaps, times, eta))
    if not math.isnan(values.slem):
        curves.append(_spectral(values, times, eta))
    return ChainReport(
        T=chain.T,
        K=chain.K,
        states=chain.n,
        all_states=chain.n_all,
        positive=chain.is_positive,
        underflows=chain.underflows,
        structure=structure,
        stationary=law,
        entropy_rate=None if law is None else entropy_rate(chain, law.pi),
        spectrum=values,
        mixing=mixing,
        mixing_quarter=quarter,
        eta=eta,
        log_p_min=log_p_min(chain),
        log_epsilon=log_eps.value,
        epsilon_context=log_eps.start,
        alpha=alpha,
        kappa=kappa,
        beta=overlaps,
        gamma=low,
        beta_exact=exact,
        hoc_time=hoc_time(overlaps),
        times=times,
        distance=distance,
        distance_is_lower=is_lower,
        bounds=tuple(curves),
        skipped=tuple(skipped),
    )


def _floor(n: int, eta: float) -> float:
    """How small a distance the measured curve follows: to twice the mixing time on small chains, to it on large."""
    return max(eta * eta, 1e-12) if n <= POWERS_LIMIT else eta / 4.0 if n <= DOUBLE_LIMIT else eta / 2.0


def _mixing_time(chain: WindowChain, run: EveryStart | None, eta: float) -> MixingTime | None:
    """From the distances of every start where they reach so far, else by powers; None where both are out of reach."""
    found = None if run is None else mixing_of(run, eta)
    return mixing_time(chain, eta) if found is None and chain.n <= POWERS_LIMIT else found


def _block_coefficients(
    chain: WindowChain, run: EveryStart | None, overlaps: FloatArray, skipped: list[Skipped]
) -> tuple[float | None, float | None]:
    """alpha(A) and kappa(A), as far as the size allows; where it does not, `skipped` brackets kappa."""
    n = chain.n
    if n > DENSE_LIMIT // 2:
        size = f"A = P^K has {n} x {n} entries (limit {DENSE_LIMIT // 2} states)"
        if run is None:
            skipped += [Skipped("Doeblin coefficient of A", size), Skipped("Dobrushin coefficient of A", size)]
            return None, None
        # The farthest starts from stationarity are far from each other: any pair is a lower bound on the maximum.
        far = np.argsort(-run.after_window)[:FAR_STARTS]
        low = dobrushin(block_rows(chain, far))
        high = 1.0 - max(run.alpha, float(np.prod(overlaps)))
        between = (
            f"{size}, too many pairs of rows; it is at least {low:.9g} (pairs of the {far.size} farthest starts) "
            f"and at most {high:.9g} (1 - alpha, or 1 less the product of the overlaps)"
        )
        skipped.append(Skipped("Dobrushin coefficient of A", between))
        return run.alpha, None
    A = block_matrix(chain)
    alpha = doeblin(A)
    if 0.5 * float(n) ** 3 > WORK_LIMIT:
        skipped.append(
            Skipped("Dobrushin coefficient of A", f"needs {0.5 * float(n) ** 3:.2g} operations, limit {WORK_LIMIT:.2g}")
        )
        return alpha, None
    return alpha, dobrushin(A)


def _last_time(chain: WindowChain, mixing: MixingTime | None, overlaps: FloatArray, eta: float) -> int:
    """How far the curves go: a little beyond mixing, or as far as a bound says, or twelve windows."""
    if mixing is not None and not mixing.capped:
        return max(2 * int(mixing.steps), 4 * chain.K)
    reach = hoc_mixing_time(overlaps, eta)
    return int(min(reach, 64.0 * chain.K)) if math.isfinite(reach) else 12 * chain.K


def _times(last: int, K: int) -> IntArray:
    """Every step up to 64, then powers of two times growing like 2^(1/4), up to `last`."""
    dense = np.arange(0, min(last, 64) + 1)
    if last <= 64:
        return dense
    count = max(2, math.ceil(4 * math.log2(last / 64)) + 1)
    return np.unique(np.concatenate([dense, np.rint(np.geomspace(64, last, count)).astype(np.int64)]))


def _measured(
    chain: WindowChain,
    pi: FloatArray,
    run: EveryStart | None,
    times: IntArray,
    seed_starts: int,
    skipped: list[Skipped],
) -> tuple[FloatArray, bool, IntArray]:
    """d at the given times: by steps, by powers for long times, or from a few starts; the times actually measured."""
    n, last = chain.n, int(times[-1])
    if run is not None and (run.complete or n > POWERS_LIMIT):
        # On large chains the entry at which every start had been dropped is an upper bound only, and is left out.
        exact = run.distance.size - int(run.complete and n > WHOLE_LIMIT)
        return run.distance[:exact], False, np.arange(exact)
    if n <= POWERS_LIMIT and last > 512:
        return _by_powers(chain, pi, times), False, times
    if n * n <= CURVE_LIMIT and min(float(chain.T), n / 16) * n * n * last <= CURVE_WORK:
        P, _ = transition(chain)
        if n // 16 < chain.T:
            P = np.asarray(P.toarray()) if not isinstance(P, np.ndarray) else P
        wanted, laws, found = set(times.tolist()), np.eye(n), []
        for t in range(last + 1):
            if t in wanted:
                found.append(min(1.0, worst_distance(laws, pi)))
            if t < last:
                laws = np.asarray(P @ laws)
        return np.asarray(found), False, times
    affordable = max(4 * chain.K, int(CURVE_WORK / (seed_starts * float(n) * chain.T)))
    kept = times[times <= affordable]
    skipped.append(
        Skipped(
            "distance from every start", f"{n} starts for {last} steps; {seed_starts} starts give a lower bound on d(n)"
        )
    )
    # The rarest contexts are far from stationarity to begin with; the likeliest ones are where a model lingers.
    order = np.argsort(pi)
    starts = np.concatenate([order[: seed_starts // 2], order[-(seed_starts - seed_starts // 2) :]])
    curve = np.zeros(kept.size)
    for start in starts:
        mu = np.zeros(n)
        mu[start] = 1.0
        t = 0
        for i, target in enumerate(kept.tolist()):
            while t < target:
                mu, t = left_action(chain, mu), t + 1
            curve[i] = max(curve[i], 0.5 * float(np.abs(mu - pi).sum()))
    return np.minimum(curve, 1.0), True, kept


def _by_powers(chain: WindowChain, pi: FloatArray, times: IntArray) -> FloatArray:
    """d at increasing times through powers of the dense matrix: each gap costs at most two products per bit."""
    P, _ = transition(chain)
    powers = [np.asarray(P.toarray()) if not isinstance(P, np.ndarray) else P]
    laws, now, found = np.eye(chain.n), 0, []
    for target in times.tolist():
        gap, bit = target - now, 0
        while gap >> bit:
            if bit == len(powers):
                square = powers[-1] @ powers[-1]
                powers.append(square / square.sum(axis=1, keepdims=True))
            if gap >> bit & 1:
                laws = laws @ powers[bit]
            bit += 1
        laws /= laws.sum(axis=1, keepdims=True)
        now = target
        found.append(min(1.0, worst_distance(laws, pi)))
    return np.asarray(found)


def _house_of_cards(overlaps: FloatArray, times: IntArray, eta: float) -> BoundCurve:
    values = hoc_at(overlaps, times)
    steps = hoc_mixing_time(overlaps, eta)
    return BoundCurve("house of cards", "upper", values, steps, math.log10(steps) if steps > 0 else 0.0)


def _spectral(values: Spectrum, times: IntArray, eta: float) -> BoundCurve:
    """SLEM^n / 2 <= d(n) (claim markov/spectral_lower): "steps" is a floor: d(n) > eta before."""
    modulus = values.slem
    curve = 0.5 * modulus ** times.astype(np.float64)
    if modulus >= 1.0:
        steps = math.inf
    elif modulus <= 0.0 or 2.0 * eta >= 1.0:
        steps = 0.0
    else:
        steps = float(max(0, math.ceil(math.log(2.0 * eta) / math.log(modulus) - 1e-9)))
    return BoundCurve("spectral lower", "lower", curve, steps, math.log10(steps) if 0 < steps < math.inf else steps)


def _log1m(alpha: float) -> float:
    return math.log1p(-alpha) if alpha < 1.0 else -math.inf
