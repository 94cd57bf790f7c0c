"""Powers of covariance matrices, polar factors, and weighted moments of features.

Main definitions
    PowerOnRange, power_on_range    Sigma^s on the range of a positive semidefinite matrix, with the floor used
    polar_factor                    nearest matrix with orthonormal columns, U R^T of the SVD U D R^T
    mean, covariance, cross_covariance   under a measure on contexts
    whitened                        features with E f = 0, E f f^T = 1 on the range of their covariance

Source: specification `categorical`, 4.8.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
RELATIVE_FLOOR = 1e-12


@dataclass(frozen=True, eq=False)
class PowerOnRange:
    """matrix = Sigma^s restricted to eigenvalues above `floor` (the rest sent to 0); `rank` counts those."""

    matrix: FloatArray
    floor: float
    rank: int


def power_on_range(matrix: FloatArray, exponent: float, relative_floor: float = RELATIVE_FLOOR) -> PowerOnRange:
    """Sigma^exponent by eigh, on the eigenvectors whose eigenvalue exceeds `relative_floor` times the largest.

    Raises ValueError for an eigenvalue below minus that floor: the matrix is no covariance.
    """
    values, vectors = np.linalg.eigh(matrix)
    floor = relative_floor * float(max(values[-1], 0.0))
    if values[0] < -floor - 1e-300:
        raise ValueError(f"the least eigenvalue is {values[0]:.3g}, expected at least {-floor:.3g}")
    kept = values > floor
    powered = (vectors[:, kept] * values[kept] ** exponent) @ vectors[:, kept].T
    return PowerOnRange(np.asarray(powered), floor, int(kept.sum()))


def polar_factor(matrix: FloatArray) -> FloatArray:
    """U R^T for the thin SVD U D R^T of a matrix (n, k), n >= k: it maximises tr(Q^T M) over Q^T Q = 1."""
    left, _, right = np.linalg.svd(matrix, full_matrices=False)
    return np.asarray(left @ right)


def mean(values: FloatArray, measure: FloatArray) -> FloatArray:
    """E f for values (N, k): (k,)."""
    return np.asarray(measure @ values)


def covariance(values: FloatArray, measure: FloatArray) -> FloatArray:
    """Cov f for values (N, k): (k, k)."""
    return cross_covariance(values, values, measure)


def cross_covariance(first: FloatArray, second: FloatArray, measure: FloatArray) -> FloatArray:
    """Cov(f, g) for values (N, k) and (N, l): (k, l)."""
    centred = first - mean(first, measure)
    return np.asarray((measure[:, None] * centred).T @ (second - mean(second, measure)))


def whitened(values: FloatArray, measure: FloatArray) -> FloatArray:
    """Centred values times the inverse root of their covariance: (N, k), the symmetric whitening.

    Raises ValueError for a singular covariance.
    """
    power = power_on_range(covariance(values, measure), -0.5)
    if power.rank < values.shape[1]:
        raise ValueError(f"the covariance has rank {power.rank}, expected {values.shape[1]}: it cannot be whitened")
    return np.asarray((values - mean(values, measure)) @ power.matrix)
