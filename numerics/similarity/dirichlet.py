"""The Dirichlet energy of a function of contexts and its Rayleigh quotient.

E_K(phi) = 1/2 sum sum mu mu' K(x, x') (phi(x) - phi(x'))^2 = <phi, (deg - M_K) phi>_mu, deg(x) = E_{x'} K(x, x').

Main definitions: `dirichlet_energy`, `laplacian_form`, `degree`, `variance`, `rayleigh_quotient`.
Conventions: function (N,) or (N, k), one value a column; kernel (N, N); measure (N,) a positive law.
Source: specification `categorical`, D22, claims dirichlet_laplacian, dirichlet_as_stated.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from numerics.similarity.dependence import check_measure

FloatArray = NDArray[np.float64]


def dirichlet_energy(kernel: FloatArray, measure: FloatArray, function: FloatArray) -> FloatArray:
    """The double sum of squared differences, for a function (N,) or (N, k): () or (k,)."""
    check_measure(measure, len(kernel))
    weights = np.outer(measure, measure) * kernel
    columns = function.reshape(len(measure), -1)
    energies = np.array([0.5 * (weights * (column[:, None] - column[None, :]) ** 2).sum() for column in columns.T])
    return energies.reshape(function.shape[1:])


def laplacian_form(kernel: FloatArray, measure: FloatArray, function: FloatArray) -> FloatArray:
    """<phi, (deg - M_K) phi>_mu, the other road to the energy."""
    weighted = measure.reshape(-1, *(1,) * (function.ndim - 1)) * function
    degrees = degree(kernel, measure).reshape(-1, *(1,) * (function.ndim - 1))
    return np.asarray((weighted * degrees * function).sum(axis=0) - (weighted * (kernel @ weighted)).sum(axis=0))


def degree(kernel: FloatArray, measure: FloatArray) -> FloatArray:
    """deg(x) = E_{x'} K(x, x'): (N,)."""
    check_measure(measure, len(kernel))
    return np.asarray(kernel @ measure)


def variance(measure: FloatArray, function: FloatArray) -> FloatArray:
    """Var phi(X) for a function (N,) or (N, k): () or (k,)."""
    check_measure(measure, len(function))
    return np.asarray(np.tensordot(measure, (function - np.tensordot(measure, function, 1)) ** 2, 1))


def rayleigh_quotient(kernel: FloatArray, measure: FloatArray, function: FloatArray) -> FloatArray:
    """E_K(phi) / Var phi: () or (k,). Raises ZeroDivisionError for a constant function."""
    spread = variance(measure, function)
    if (spread <= 0).any():
        raise ZeroDivisionError("the function is constant: its Rayleigh quotient is 0/0")
    return np.asarray(dirichlet_energy(kernel, measure, function) / spread)
