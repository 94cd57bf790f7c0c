"""The local series of the divergences between p_h and p_{h + eps v}, in cumulants of the logit slope.

KL(p_{h+eps v} || p_h) = sum_{k>=2} (k-1) eps^k kappa_k / k!  and  KL(p_h || p_{h+eps v}) = sum_{k>=2} eps^k
kappa_k / k!, with kappa_k the cumulants of <g(W), v> under p_h; both converge for |eps| osc(h + v, h) < pi.

Main definitions: `cumulants`, `reverse_kl_series`, `forward_kl_series`, `series_converges`, `LEADING_FACTORS`.
Conventions: forward is KL(p_h || p_{h + eps v}), reverse the other direction, as in numerics.geometry.paths.
Source: specification `categorical`, claim pullback_local_divergence.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from types import MappingProxyType

import numpy as np

from numerics.geometry.head import FloatArray
from numerics.geometry.paths import Segment, log_row_at

# D(p_{h+eps v}, p_h) = factor eps^2 g*(v, v) + O(eps^3); the factor of an f-divergence is f''(1) / 2.
LEADING_FACTORS: Mapping[str, float] = MappingProxyType(
    {"kl": 0.5, "chi_squared": 1.0, "squared_hellinger": 0.25, "jensen_shannon": 0.125, "jeffreys": 1.0}
)


def cumulants(probabilities: FloatArray, values: FloatArray, order: int) -> FloatArray:
    """kappa_1..kappa_order of `values` (V,) under `probabilities` (V,): (order,).

    By the recursion from central moments; the mean is put back into kappa_1 alone.
    """
    if order < 1:
        raise ValueError(f"the order is {order}, expected at least 1")
    mean = float(probabilities @ values)
    centred = values - mean
    moments = [1.0, 0.0, *(float(probabilities @ centred**k) for k in range(2, order + 1))]
    kappa = [0.0] * (order + 1)
    for n in range(2, order + 1):
        kappa[n] = moments[n] - sum(math.comb(n - 1, k - 1) * kappa[k] * moments[n - k] for k in range(2, n))
    kappa[1] = mean
    return np.array(kappa[1:])


def reverse_kl_series(path: Segment, scale: float, order: int) -> float:
    """KL(p_{h + scale v} || p_h) up to and with the term of `order` >= 2; the segment gives h and v."""
    kappa = _cumulants_at_start(path, order)
    return sum((k - 1) * scale**k * kappa[k - 1] / math.factorial(k) for k in range(2, order + 1))


def forward_kl_series(path: Segment, scale: float, order: int) -> float:
    """KL(p_h || p_{h + scale v}) up to and with the term of `order` >= 2."""
    kappa = _cumulants_at_start(path, order)
    return sum(scale**k * kappa[k - 1] / math.factorial(k) for k in range(2, order + 1))


def series_converges(path: Segment, scale: float) -> bool:
    """Whether |scale| osc < pi, which suffices: the moment generating function then has no zero in the disc."""
    return abs(scale) * path.oscillation < math.pi


def _cumulants_at_start(path: Segment, order: int) -> list[float]:
    if order < 2:
        raise ValueError(f"the order is {order}, expected at least 2")
    return [float(value) for value in cumulants(np.exp(log_row_at(path, 0.0)), path.slope, order)]
