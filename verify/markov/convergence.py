"""Bounds on convergence against the true distance curves of window chains.

Starts of every length are followed exactly: a start of length l < K takes one step to the contexts of length l + 1.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

import numpy as np

from numerics.chains.arrays import FloatArray
from numerics.chains.index import n_states
from numerics.chains.mixing import worst_distance
from theory.verdict import Verdict
from verify.instance import Instance, NotApplicable
from verify.measurement import Context, measures
from verify.precision import Measured, floating
from verify.spaces import chains, positive_matrices
from verify.subject import ChainSubject

MOST_STATES = 2048  # full contexts up to which every power of P is formed
BLOCKS = 12  # times run from K to 12 K
SOME_STARTS = 24  # of each length, in a chain too large for every start
ROUNDING = 1e-11  # of a probability after some hundred products of matrices with rows of sum 1


def near(value: float) -> Measured:
    """A coefficient in [0, 1] known to rounding."""
    return Measured(max(0.0, value - 1e-13), min(1.0, value + 1e-13), "float64")


@lru_cache(maxsize=8)
def curves(subject: ChainSubject) -> tuple[FloatArray, FloatArray]:
    """(distances (times, K), entry deviations (times,)) from time 0 to the last of `times`.

    distances[n, l-1] is the largest d_TV(Q^n(i,.), pi) over starts i of length l, nan before the chain is in full
    contexts; the deviation is the largest over starts of every length. Starts shorter than K are left out where the
    chain holds no shorter contexts.
    """
    chain, pi = subject.chain, subject.pi
    if chain.n > MOST_STATES:
        raise NotApplicable(f"{subject.name} has {chain.n} states, expected at most {MOST_STATES} for every start")
    T, K = chain.T, chain.K
    horizon = times(subject)[-1]
    distances = np.full((horizon + 1, K), np.nan)
    deviations = np.full(horizon + 1, np.nan)
    laws: dict[int, FloatArray] = {K: np.eye(chain.n)}  # by length of the start
    for time in range(horizon + 1):
        for length, rows in laws.items():
            distances[time, length - 1] = worst_distance(rows, pi)
        deviations[time] = max(float(np.abs(rows - pi).max()) for rows in laws.values())
        following = {K: np.asarray(subject.transition @ laws[K])}
        if chain.short is not None:
            for length in range(K - 1, 0, -1):
                if length + 1 in laws:
                    ahead = laws[length + 1].reshape(T**length, T, -1)
                    following[length] = np.einsum("wx,wxv->wv", chain.short_rows(length), ahead)
        laws = following
    return distances, deviations


@lru_cache(maxsize=8)
def lower_curves(subject: ChainSubject) -> tuple[FloatArray, FloatArray]:
    """`curves` where every start can be followed, else the same from SOME_STARTS starts of each length, evenly spread.

    The largest over some starts is one that an upper bound for every start must not fall below; it says nothing
    against a lower bound on the worst start.
    """
    chain = subject.chain
    if chain.n <= MOST_STATES:
        return curves(subject)
    if chain.short is None:
        raise NotApplicable(f"{subject.name} has {chain.n} states and holds no contexts shorter than K = {chain.K}")
    T, K = chain.T, chain.K
    step = subject.transition_all.T.tocsr()
    first = [n_states(T, length - 1) if length > 1 else 0 for length in range(1, K + 1)]  # states by length, D3
    picked = [np.unique(np.linspace(0, T**length - 1, SOME_STARTS).astype(np.int64)) for length in range(1, K + 1)]
    starts = np.concatenate([a + b for a, b in zip(first, picked, strict=True)])
    lengths = np.repeat(np.arange(1, K + 1), [p.size for p in picked])
    pi = np.zeros(step.shape[0])
    pi[first[-1] :] = subject.pi
    laws = np.zeros((step.shape[0], starts.size))
    laws[starts, np.arange(starts.size)] = 1.0
    horizon = times(subject)[-1]
    distances, deviations = np.full((horizon + 1, K), np.nan), np.full(horizon + 1, np.nan)
    for time in range(horizon + 1):
        apart = np.abs(laws - pi[:, None])
        deviations[time] = float(apart.max())
        for length in range(max(1, K - time), K + 1):
            distances[time, length - 1] = float(apart[:, lengths == length].sum(axis=0).max()) / 2
        laws = np.asarray(step @ laws)
    return distances, deviations


def times(subject: ChainSubject) -> range:
    """K, ..., 12 K; to 6 K for more than 1000 full contexts, where a step costs a tenth of a second."""
    blocks = BLOCKS if subject.n <= 1000 else BLOCKS // 2
    return range(subject.K, blocks * subject.K + 1)


def _starts(subject: ChainSubject, values: dict[str, float | Measured]) -> Iterator[Instance]:
    """Instances of a bound on d_TV(Q^n(i,.), pi) for every length of the start."""
    distances, _ = lower_curves(subject)
    for n in times(subject):
        for length in range(1, subject.K + 1):
            distance = float(distances[n, length - 1])
            if np.isnan(distance):
                continue
            yield Instance(
                {**values, "n": n, "K": subject.K, "ell": length},
                floating(distance, absolute=ROUNDING),
                label=f"n = {n}, start of length {length}",
            )


BITES = "its smallest entry is large enough for the bound to bite"
RARE = "its rarest block of K tokens is so rare that T^K eps is nearly 0"
APART = "some contexts lead to nearly disjoint laws, so the coefficient is nearly that of a chain without mixing"
RARE_MODELS = {f"{name}*": (Verdict.VACUOUS, RARE) for name in ("names", "carroll", "phones", "toy_gpt")}


@measures(
    "markov/convergence_as_stated",
    over=chains,
    expected={
        "lfsr*": (Verdict.HOLDS, BITES),
        "uniform*": (Verdict.HOLDS, BITES),
        "random*": (Verdict.HOLDS, BITES),
    },
)
def convergence_as_stated(subject: ChainSubject, context: Context) -> Iterator[Instance]:
    """The largest entry of |Q^n - 1 pi| for n = K..12K."""
    _, deviations = lower_curves(subject)
    for n in times(subject):
        yield Instance(
            {"epsilon": subject.epsilon, "n": n, "K": subject.K},
            floating(float(deviations[n]), absolute=ROUNDING),
            label=f"n = {n}",
        )


@measures("markov/convergence_minorant", over=chains, expected=RARE_MODELS)
def convergence_minorant(subject: ChainSubject, context: Context) -> Iterator[Instance]:
    """Distances against (1 - T^K eps)^q."""
    floor = min(subject.epsilon, 1 / subject.n)  # rounding may put a uniform model's eps above T^-K
    yield from _starts(subject, {"T": subject.T, "epsilon": floor})


@measures(
    "markov/convergence_doeblin",
    over=chains,
    expected={"phones*": (Verdict.VACUOUS, APART), "carroll*": (Verdict.VACUOUS, APART)},
)
def convergence_doeblin(subject: ChainSubject, context: Context) -> Iterator[Instance]:
    """Distances against (1 - alpha(A))^q."""
    yield from _starts(subject, {"alpha": near(subject.alpha)})


@measures("markov/convergence_dobrushin", over=chains, expected={"phones*": (Verdict.VACUOUS, APART)})
def convergence_dobrushin(subject: ChainSubject, context: Context) -> Iterator[Instance]:
    """Distances against kappa(A)^q."""
    yield from _starts(subject, {"kappa": near(subject.kappa)})


@measures("markov/gallager_osc", over=positive_matrices, examples=(25, 250))
def gallager_osc(matrix: FloatArray, context: Context) -> Iterator[Instance]:
    """Spreads of the columns of the first powers of a positive matrix."""
    size, least = matrix.shape[0], float(matrix.min())
    power = np.eye(size)
    before = np.ones(size)
    for t in range(1, 7):
        power = matrix @ power
        spread = power.max(axis=0) - power.min(axis=0)
        for j in range(size):
            values = {"a": least, "time": t, "j": j, "size": size, "i": 0}
            measured = floating(float(spread[j]), absolute=ROUNDING)
            step = floating(float((1 - 2 * least) * before[j]), absolute=ROUNDING)
            yield Instance(values, measured, "power", label=f"t = {t}, column {j}")
            last = floating(float(before[j]), absolute=ROUNDING)
            yield Instance({**values, "time": t - 1}, measured, "step", bound=step)
            yield Instance({**values, "time": t - 1}, measured, "monotone", bound=last)
        before = spread
    for i in range(size):
        for j in range(size):
            yield Instance(
                {"a": least, "time": 1, "j": j, "i": i, "size": size},
                floating(float(matrix[i, j]), absolute=1e-15),
                "entries",
            )
