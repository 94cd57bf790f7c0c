"""The rate at which a chain forgets its start, from its powers and not from its eigenvalues.

Main definition
    decay_rate   an interval around lim d(n)^(1/n), d(n) the worst total variation distance to the stationary law

For B = P - 1 pi (so that B^n = P^n - 1 pi) and every n,

    (|tr B^n| / S)^(1/n)  <=  lim d(n)^(1/n)  <=  ||B^n||^(1/n),

||.|| being the largest l1 norm of a row, so that d(n) = ||B^n||/2:
below because the trace is a sum of S eigenvalues' powers, above because the norm is submultiplicative (Fekete).
Powers are formed by squaring, with the size taken out after every step, so that n may be a million.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
SQUARINGS = 18  # n up to 2^18: the ends then differ by the factor (2 S C)^(1/n), next to nothing


def decay_rate(matrix: FloatArray, pi: FloatArray, squarings: int = SQUARINGS) -> tuple[float, float]:
    """Both ends for a dense transition matrix (S, S) with stationary law pi (S,); the lower is 0 where traces vanish.

    Rounding: a power whose norm has fallen below S roundings of what it was formed from is noise, and is not used.
    """
    power = matrix - pi  # (S, S), row x minus pi
    size = matrix.shape[0]
    log_size, n = 0.0, 1  # B^n = exp(log_size) * power
    low, high = 0.0, math.inf
    noise = size * np.finfo(np.float64).eps
    for _ in range(squarings + 1):
        norm = float(np.abs(power).sum(axis=1).max())
        if norm <= noise:
            return low, min(high, math.exp((log_size + math.log(max(norm, noise))) / n))
        trace = abs(float(np.trace(power)))
        high = min(high, math.exp((log_size + math.log(norm)) / n))
        if trace > noise * norm:
            low = max(low, math.exp((log_size + math.log(trace / size)) / n))
        power = power / norm
        power = power @ power
        log_size, n = 2 * (log_size + math.log(norm)), 2 * n
    return low, high
