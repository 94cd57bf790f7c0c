"""What the pre-training bounds are measured on: a window chain as the true source, a model fixed before the data, and
sequences of windows S_1..S_N that start at a fixed full context.

S_1 is fixed, so all windows are full and two futures that differ at S_n differ in its last token only: the mixing
matrix is the Toeplitz matrix of the pair curve (D19), whose norm is at most the sum of that curve (Schur).

Main definitions: `Source`, `source_of`, `fixed_model`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from numerics.chains.arrays import FloatArray
from numerics.chains.mixing_matrix import pair_curve, toeplitz_norm_limit, triangle_norm
from numerics.risk.window_law import sample_windows, window_laws
from verify.instance import NotApplicable
from verify.precision import Measured, floating
from verify.subject import ChainSubject

LARGEST = 800  # full contexts: the pair curve compares all pairs of dense laws, at every step
LONGEST = 40_000  # windows of a simulated sequence
REPEATS = 1000
FORGOTTEN = 1e-9  # value of the pair curve from which on it is kept constant


@dataclass(frozen=True, eq=False)
class Source:
    """The true next-token laws (n_S, T) of all states, the start law (n_S,), and the pair curve with its last value."""

    table: FloatArray
    start: FloatArray
    curve: FloatArray
    T: int
    K: int

    def mixing_norm(self, N: int) -> float:
        """Upper bound on |Gamma| of N windows: Schur's sum, the curve being non-increasing; at worst the triangle's."""
        tail = max(0, N - self.curve.size) * float(self.curve[-1])
        return min(toeplitz_norm_limit(self.curve[:N]) + tail, triangle_norm(N))

    def length(self, delta: float, level: float, scale: float = 1.0) -> int:
        """N at which scale |Gamma| sqrt(log(1/delta)/(2N)) is about `level`. NotApplicable beyond 40000 windows."""
        norm = scale * toeplitz_norm_limit(self.curve)
        wanted = math.ceil(norm**2 * math.log(1 / delta) / (2 * level**2))
        if wanted > LONGEST:
            raise NotApplicable(f"the source mixes too slowly: a bound below {level} needs {wanted} windows")
        return max(wanted, 2)

    def gaps(self, losses: FloatArray, N: int, rng: np.random.Generator, repeats: int = REPEATS) -> FloatArray:
        """R - R^ (repeats, M) for the losses (n_S, M) of M models, R exact."""
        risk = np.mean([law @ losses for law in window_laws(self.table, self.start, N)], axis=0)
        total = np.zeros((repeats, losses.shape[1]))
        for state in sample_windows(self.table, self.start, N, repeats, rng):
            total += losses[state]
        return np.asarray(risk - total / N)


def laws_and_start(subject: ChainSubject) -> tuple[FloatArray, FloatArray]:
    """The laws (n_S, T) after all states, and the start law (n_S,): the first full context."""
    chain = subject.chain
    short = chain.short
    if short is None:
        rows = sum(chain.T**k for k in range(1, chain.K))
        short = np.full((rows, chain.T), 1.0 / chain.T)  # never visited: the start is a full context
    table = np.concatenate([short, chain.table])
    start = np.zeros(table.shape[0])
    start[short.shape[0]] = 1.0
    return table, start


@lru_cache(maxsize=16)
def source_of(subject: ChainSubject) -> Source:
    """The chain as a source that starts at its first full context. NotApplicable for more than 800 full contexts."""
    chain = subject.chain
    if chain.n > LARGEST:
        raise NotApplicable(f"{subject.name} has {chain.n} states, expected at most {LARGEST} for the pair curve")
    table, start = laws_and_start(subject)
    reach = 4 * chain.K
    curve = pair_curve(chain, reach)
    while curve[-1] > FORGOTTEN and reach < 4096 and chain.n**2 * chain.T * reach < 2e8:
        reach *= 2
        curve = pair_curve(chain, reach)
    return Source(table, start, curve, chain.T, chain.K)


def fixed_model(source: Source, rng: np.random.Generator, scale: float = 1.0) -> tuple[FloatArray, FloatArray]:
    """Logits (n_S, T) of an independent random model (D27), and its laws."""
    return random_model(source.table.shape, rng, scale)


def random_model(shape: tuple[int, ...], rng: np.random.Generator, scale: float = 1.0) -> tuple[FloatArray, FloatArray]:
    """Logits and laws of `fixed_model` for a table of that shape (n_S, T)."""
    logits = scale * rng.standard_normal(shape)
    weights = np.exp(logits - logits.max(axis=1, keepdims=True))
    return logits, np.asarray(weights / weights.sum(axis=1, keepdims=True))


def logit_range(logits: FloatArray) -> float:
    """D_U/tau as it acts: the largest range of a row of logits, a little enlarged against rounding."""
    return float(np.ptp(logits, axis=1).max()) * (1 + 1e-12)


def logit_l1(logits: FloatArray) -> float:
    """B_U/tau as it acts: the largest l1 norm of a row of logits, centred at its median."""
    centred = logits - np.median(logits, axis=1, keepdims=True)
    return float(np.abs(centred).sum(axis=1).max()) * (1 + 1e-12)


def median(gaps: FloatArray) -> Measured:
    """The typical gap, for reports."""
    return floating(float(np.median(gaps)), absolute=1e-12)


def count(gaps: FloatArray) -> Callable[[float], int]:
    """How many sequences exceed a level, which is taken a rounding lower."""
    return lambda level: int((gaps > level * (1 - 1e-12)).sum())


def count_any(gaps: FloatArray, levels: FloatArray, j: int) -> Callable[[float], int]:
    """How many sequences (rows) exceed the level of any model (columns), where model j's is given and the others keep
    their proportion to it."""
    return lambda level: int((gaps > levels * (level / levels[j]) * (1 - 1e-12)).any(axis=1).sum())
