"""Spectra of similarity operators on many contexts: exact up to 3000, by Nystrom beyond, and marked as such.

Main definitions: `OperatorSpectrum`, `operator_spectrum`, `nystrom_spectrum`.
The Nystrom approximation K ~ C W^+ C^T, with C the columns of m landmarks and W their block, is never above K for a
positive kernel, so its eigenvalues err downwards. For a kernel that is not positive nothing is known of the error.
Source: specification `categorical`, 4.6.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from numerics.similarity.dependence import check_measure
from numerics.similarity.operators import RELATIVE_TOLERANCE, kernel_spectrum

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
LARGEST_EXACT = 3000

# K between the contexts whose numbers are given: (a,), (b,) to (a, b).
CrossKernel = Callable[[IntArray, IntArray], FloatArray]


@dataclass(frozen=True, eq=False)
class OperatorSpectrum:
    """Eigenvalues, decreasing: all N when exact, those of the approximation (at most `landmarks`) when not."""

    eigenvalues: FloatArray
    approximate: bool
    contexts: int
    landmarks: int


def operator_spectrum(
    kernel: CrossKernel, measure: FloatArray, rng: np.random.Generator, landmarks: int = 1000
) -> OperatorSpectrum:
    """Spectrum of M_K on all contexts: exact for N <= 3000, else by `landmarks` contexts drawn from the measure."""
    size = len(measure)
    everyone = np.arange(size)
    if size <= LARGEST_EXACT:
        return OperatorSpectrum(kernel_spectrum(kernel(everyone, everyone), measure), False, size, size)
    return nystrom_spectrum(kernel, measure, rng, landmarks)


def nystrom_spectrum(
    kernel: CrossKernel, measure: FloatArray, rng: np.random.Generator, landmarks: int
) -> OperatorSpectrum:
    """Spectrum of the Nystrom approximation with landmarks drawn without replacement from the measure."""
    size = len(measure)
    check_measure(measure, size)
    if not 1 <= landmarks <= size:
        raise ValueError(f"{landmarks} landmarks were asked for, expected 1 to {size}")
    chosen = np.sort(rng.choice(size, landmarks, replace=False, p=measure / measure.sum())).astype(np.int64)
    values, vectors = np.linalg.eigh(kernel(chosen, chosen))
    kept = np.abs(values) > RELATIVE_TOLERANCE * np.abs(values).max()  # the pseudo-inverse of the block
    columns = np.sqrt(measure)[:, None] * (kernel(np.arange(size), chosen) @ vectors[:, kept])  # (N, r)
    # C U |L|^{-1/2} sign(L) U^T C^T has the non-zero spectrum of sign(L) G with G the Gram matrix of the columns.
    columns /= np.sqrt(np.abs(values[kept]))
    gram = columns.T @ columns
    if (values[kept] > 0).all():
        found = np.linalg.eigvalsh(gram)
    else:
        root_values, root_vectors = np.linalg.eigh(gram)
        root = root_vectors * np.sqrt(np.maximum(root_values, 0.0))
        found = np.linalg.eigvalsh(root.T @ (np.sign(values[kept])[:, None] * root))
    return OperatorSpectrum(np.asarray(np.sort(found)[::-1], dtype=np.float64), True, size, landmarks)
