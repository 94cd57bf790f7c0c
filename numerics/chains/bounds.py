"""Convergence bounds of a window chain, evaluated: the measured distance beside every bound (section 2.B of the
specification).

All curves are for starts in the full contexts and n in steps (tokens).  Block bounds use q = floor(n / K).  The
arithmetic is done with log1p, so that epsilon = 1e-300 does not round a factor to 1.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from numerics.chains.arrays import FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class BoundCurve:
    """One bound at the times `n`: `values` in [0, inf), `steps` it needs to certify the target accuracy (inf when
    never).

    `log10_steps` is kept because `steps` may exceed a float; `kind` is "upper" or "lower"; `entrywise` marks the
    printed bound, which is on single entries and not on total variation.
    """

    name: str
    kind: str
    values: FloatArray = field(repr=False)
    steps: float
    log10_steps: float
    entrywise: bool = False


def block_curve(name: str, log_factor: float, K: int, n: IntArray, eta: float) -> BoundCurve:
    """factor^floor(n/K) for a contraction factor given by its logarithm (nats; -inf for a factor 0)."""
    q = n // K
    with np.errstate(invalid="ignore"):
        values = np.where(q == 0, 1.0, np.exp(q * log_factor))
    steps, log10_steps = _block_steps(log_factor, K, eta, 0)
    return BoundCurve(name, "upper", values, steps, log10_steps)


def printed_curve(log_epsilon: float, K: int, n: IntArray, eta: float) -> BoundCurve:
    """The paper's (1 - 2 epsilon)^(floor(n/K) - 1), entrywise, for n >= K; above 1 it is shown as it is (claim
    markov/convergence_as_stated)."""
    log_factor = math.log1p(-2.0 * math.exp(log_epsilon)) if log_epsilon < math.log(0.5) else -math.inf
    if log_factor == 0.0:  # epsilon below the smallest float
        log_factor = -0.0
    q = n // K - 1
    with np.errstate(invalid="ignore"):
        values = np.where(q <= 0, 1.0, np.exp(q * log_factor))
    steps, log10_steps = _block_steps(log_factor, K, eta, 1, math.log(2.0) + log_epsilon)
    return BoundCurve("printed", "upper", values, steps, log10_steps, entrywise=True)


def minorant_curve(log_epsilon: float, T: int, K: int, n: IntArray, eta: float) -> BoundCurve:
    """(1 - T^K epsilon)^floor(n/K) (claim markov/convergence_minorant)."""
    log_mass = K * math.log(T) + log_epsilon  # log(T^K epsilon) <= 0
    log_factor = math.log1p(-min(1.0, math.exp(log_mass))) if log_mass < -1e-15 else -math.inf
    curve = block_curve("minorant", log_factor, K, n, eta)
    steps, log10_steps = _block_steps(log_factor, K, eta, 0, log_mass)
    return BoundCurve("minorant", "upper", curve.values, steps, log10_steps)


def _block_steps(log_factor: float, K: int, eta: float, extra: int, log_loss: float = -math.inf) -> tuple[float, float]:
    """Steps K (extra + ceil(log eta / log factor)); `log_loss` = log(1 - factor) is used where the factor rounds to
    1."""
    if log_factor == -math.inf:
        steps = float(K * (extra + 1))
        return steps, math.log10(steps)
    if log_factor < -1e-300:
        steps = float(K) * (extra + math.ceil(math.log(eta) / log_factor - 1e-12))
        return steps, math.log10(steps)
    if log_loss == -math.inf:
        return math.inf, math.inf
    log10_steps = (math.log(K * math.log(1.0 / eta)) - log_loss) / math.log(10.0)
    return (10.0**log10_steps if log10_steps < 308 else math.inf), log10_steps
