"""The surrogate with linear features: a canonical correlation problem, solved by one SVD.

With centred features phi in R^l, h = U^T phi, U^T Sigma_phi U = 1 and S = Sigma_phi^{-1/2} Sigma_{phi g} = P D R^T:
max E <h, gbar> = ||S||_*, at U = Sigma_phi^{-1/2} P R^T, and L_CE(h) <= log V - ||S||_* + tr Q / 2.

Main definitions: `FeatureOptimum`, `feature_optimum`, `canonical_correlations`, `eigen_residual`, `span_angles`.
Conventions: features (N, l), prototypes (N, d), l >= d, measure (N,) a positive law; features are centred here.
Source: specification `categorical`, claim surrogate_cca; 4.8.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import subspace_angles

from numerics.similarity.dependence import check_measure
from numerics.spectral.matrix_roots import covariance, cross_covariance, mean, power_on_range

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class FeatureOptimum:
    """The maximiser of E <h, gbar> among whitened linear functions of the features.

    Attributes
        nuclear_norm      ||S||_*, the maximum
        singular_values   of S, decreasing (d,)
        coefficients      U (l, d)
        states            h_x = U^T (phi_x - E phi): (N, d)
        rotation          R (d, d): column i of U R solves Sigma_phig Sigma_gphi u = s_i^2 Sigma_phi u
    """

    nuclear_norm: float
    singular_values: FloatArray
    coefficients: FloatArray
    states: FloatArray
    rotation: FloatArray


def feature_optimum(features: FloatArray, prototype_rows: FloatArray, measure: FloatArray) -> FeatureOptimum:
    """Raises ValueError for fewer features than prototype coordinates or a singular Sigma_phi."""
    check_measure(measure, len(features))
    if features.shape[1] < prototype_rows.shape[1]:
        raise ValueError(f"there are {features.shape[1]} features, expected at least {prototype_rows.shape[1]}")
    inverse = _inverse_root(features, measure, "features")
    cross = inverse @ cross_covariance(features, prototype_rows, measure)  # S (l, d)
    left, values, right = np.linalg.svd(cross, full_matrices=False)
    coefficients = inverse @ left @ right
    return FeatureOptimum(
        float(values.sum()),
        np.asarray(values, dtype=np.float64),
        np.asarray(coefficients),
        np.asarray((features - mean(features, measure)) @ coefficients),
        np.asarray(right.T),
    )


def canonical_correlations(features: FloatArray, prototype_rows: FloatArray, measure: FloatArray) -> FloatArray:
    """rho_1 >= rho_2 >= ... of features and prototypes: (min(l, d),), in [0, 1]."""
    check_measure(measure, len(features))
    cross = cross_covariance(features, prototype_rows, measure)
    both = _inverse_root(features, measure, "features") @ cross @ _inverse_root(prototype_rows, measure, "prototypes")
    return np.asarray(np.linalg.svd(both, compute_uv=False), dtype=np.float64)


def eigen_residual(
    optimum: FeatureOptimum, features: FloatArray, prototype_rows: FloatArray, measure: FloatArray
) -> float:
    """max |Sigma_phig Sigma_gphi u - s^2 Sigma_phi u| over the columns u of U R: zero for a solution."""
    cross = cross_covariance(features, prototype_rows, measure)
    vectors = optimum.coefficients @ optimum.rotation
    residual = cross @ cross.T @ vectors - covariance(features, measure) @ vectors * optimum.singular_values**2
    return float(np.abs(residual).max())


def span_angles(first: FloatArray, second: FloatArray, measure: FloatArray) -> FloatArray:
    """Principal angles in [0, pi/2], decreasing, of the spans in L^2(mu) of the centred columns of (N, k), (N, l)."""
    roots = np.sqrt(measure)[:, None]
    return np.asarray(
        subspace_angles(roots * (first - mean(first, measure)), roots * (second - mean(second, measure))),
        dtype=np.float64,
    )


def _inverse_root(values: FloatArray, measure: FloatArray, name: str) -> FloatArray:
    power = power_on_range(covariance(values, measure), -0.5)
    if power.rank < values.shape[1]:
        raise ValueError(f"the covariance of the {name} has rank {power.rank}, expected {values.shape[1]}")
    return power.matrix
