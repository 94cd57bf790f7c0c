"""The operator of a similarity kernel on L^2(mu), its compression by an encoder, and their spectra.

(M_K phi)(x) = E_{x'} K(x, x') phi(x') has the symmetric matrix diag(sqrt mu) K diag(sqrt mu). An encoder f that sends
contexts to states gives the induced kernel K~(h, h') = E[K(X, X') | h, h'], and M_K~ = J^T M_K J with
J_xh = sqrt(mu_x / nu_h) 1[f(x) = h], J^T J = 1.

Main definitions
    operator_matrix, spectrum, hilbert_schmidt_norm
    Induced, induced_kernel     by group means; compression_matrix gives J
    Interlacing, interlacing    lambda_{i+N-M}(M_K) <= lambda_i(M_K~) <= lambda_i(M_K)
    trace_gap, conditional_feature_variance   two roads to tr M_K - tr M_K~
    positivity_tolerance, is_positive         least eigenvalue >= -1e-10 ||A||

Conventions: kernel (N, N) symmetric, measure (N,) positive with sum 1, labels (N,) integers of any values: state number
i is the i-th smallest label. Spectra decrease.
Source: specification `categorical`, D22, claims operator_compression, interlacing, operator_trace_gap; 4.6.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from numerics.similarity.dependence import check_measure

FloatArray = NDArray[np.float64]
Labels = NDArray[np.integer[Any]]
RELATIVE_TOLERANCE = 1e-10


@dataclass(frozen=True, eq=False)
class Induced:
    """The induced kernel (M, M), the law nu (M,) of the states, and the state number (N,) of every context."""

    kernel: FloatArray
    measure: FloatArray
    states: NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Interlacing:
    """Slacks of the interlacing: both (M,) are >= 0 up to `tolerance` = 1e-10 times the larger norm.

    `upper` = lambda_i(M_K) - lambda_i(M_K~), `lower` = lambda_i(M_K~) - lambda_{i+N-M}(M_K).
    """

    contexts: FloatArray
    states: FloatArray
    upper: FloatArray
    lower: FloatArray
    tolerance: float

    @property
    def worst(self) -> float:
        """The least slack of both sides."""
        return float(min(self.upper.min(), self.lower.min()))


def operator_matrix(kernel: FloatArray, measure: FloatArray) -> FloatArray:
    """diag(sqrt mu) K diag(sqrt mu): (N, N). Raises ValueError for a kernel that is not square and symmetric."""
    check_measure(measure, _size(kernel))
    roots = np.sqrt(measure)
    return np.asarray(roots[:, None] * kernel * roots[None, :])


def spectrum(matrix: FloatArray) -> FloatArray:
    """Eigenvalues of a symmetric matrix, decreasing."""
    return np.asarray(np.linalg.eigvalsh(matrix)[::-1], dtype=np.float64)


def kernel_spectrum(kernel: FloatArray, measure: FloatArray) -> FloatArray:
    """Eigenvalues of M_K, decreasing: (N,)."""
    return spectrum(operator_matrix(kernel, measure))


def hilbert_schmidt_norm(kernel: FloatArray, measure: FloatArray) -> float:
    """sqrt(sum mu mu' K^2), at most sup |K|."""
    check_measure(measure, _size(kernel))
    return float(np.sqrt(measure @ kernel**2 @ measure))


def induced_kernel(kernel: FloatArray, measure: FloatArray, labels: Labels) -> Induced:
    """K~(h, h') = E[K(X, X') | h, h'] by group means over the labels."""
    states, law = state_law(measure, labels)
    size = _size(kernel)
    if size != len(measure):
        raise ValueError(f"the kernel has {size} contexts, the measure {len(measure)}")
    sums = _group_sums(measure[:, None] * kernel, states)  # (M, N): sums over the first argument
    both = _group_sums(measure[:, None] * sums.T, states)  # (M, M), the second argument first
    return Induced(both.T / np.outer(law, law), law, states)


def state_law(measure: FloatArray, labels: Labels) -> tuple[NDArray[np.int64], FloatArray]:
    """State number (N,) of every context, and the law (M,) of the states."""
    if labels.shape != measure.shape:
        raise ValueError(f"labels have shape {labels.shape}, expected {measure.shape}")
    check_measure(measure, len(measure))
    _, states = np.unique(labels, return_inverse=True)
    numbers = np.asarray(states, dtype=np.int64).reshape(-1)
    return numbers, np.asarray(np.bincount(numbers, weights=measure), dtype=np.float64)


def compression_matrix(measure: FloatArray, labels: Labels) -> FloatArray:
    """J (N, M) with J_xh = sqrt(mu_x / nu_h) 1[f(x) = h]; its columns are orthonormal."""
    states, law = state_law(measure, labels)
    matrix = np.zeros((len(measure), len(law)))
    matrix[np.arange(len(measure)), states] = np.sqrt(measure / law[states])
    return matrix


def group_means(values: FloatArray, measure: FloatArray, labels: Labels) -> FloatArray:
    """E[values(X) | H = h] for values (N, ...): (M, ...)."""
    states, law = state_law(measure, labels)
    weights = measure.reshape(-1, *(1,) * (values.ndim - 1))
    sums = _group_sums(weights * values, states)
    return np.asarray(sums / law.reshape(-1, *(1,) * (values.ndim - 1)))


def interlacing(kernel: FloatArray, measure: FloatArray, labels: Labels) -> Interlacing:
    """Both spectra and the slacks between them."""
    induced = induced_kernel(kernel, measure, labels)
    return interlacing_of(kernel_spectrum(kernel, measure), kernel_spectrum(induced.kernel, induced.measure))


def interlacing_of(contexts: FloatArray, states: FloatArray) -> Interlacing:
    """Slacks of two decreasing spectra (N,) and (M,), M <= N."""
    size, fewer = len(contexts), len(states)
    if fewer > size:
        raise ValueError(f"there are {fewer} states for {size} contexts, expected at most as many")
    tolerance = RELATIVE_TOLERANCE * float(max(np.abs(contexts).max(), np.abs(states).max()))
    return Interlacing(contexts, states, contexts[:fewer] - states, states - contexts[size - fewer :], tolerance)


def trace_gap(kernel: FloatArray, measure: FloatArray, labels: Labels) -> float:
    """tr M_K - tr M_K~."""
    induced = induced_kernel(kernel, measure, labels)
    return float(measure @ np.diag(kernel) - induced.measure @ np.diag(induced.kernel))


def conditional_feature_variance(features: FloatArray, measure: FloatArray, labels: Labels) -> float:
    """E ||phi_X - E[phi_X | H]||^2 for features (N, k): the trace gap of K = <phi, phi'>."""
    states, _ = state_law(measure, labels)
    residual = features - group_means(features, measure, labels)[states]
    return float(measure @ (residual**2).sum(axis=1))


def positivity_tolerance(eigenvalues: FloatArray) -> float:
    """1e-10 times the largest modulus."""
    return RELATIVE_TOLERANCE * float(np.abs(eigenvalues).max())


def is_positive(eigenvalues: FloatArray) -> bool:
    """Whether no eigenvalue is below minus the tolerance."""
    return float(eigenvalues.min()) >= -positivity_tolerance(eigenvalues)


def _group_sums(values: FloatArray, states: NDArray[np.int64]) -> FloatArray:
    """Sums of values (N, ...) over the contexts of every state: (M, ...)."""
    order = np.argsort(states, kind="stable")
    starts = np.flatnonzero(np.diff(states[order], prepend=-1))
    return np.asarray(np.add.reduceat(values[order], starts, axis=0))


def _size(kernel: FloatArray) -> int:
    if kernel.ndim != 2 or kernel.shape[0] != kernel.shape[1]:
        raise ValueError(f"the kernel has shape {kernel.shape}, expected (N, N)")
    asymmetry = np.abs(kernel - kernel.T)
    if not asymmetry.max() <= RELATIVE_TOLERANCE * max(1.0, float(np.abs(kernel).max())):
        x, y = np.unravel_index(int(np.argmax(asymmetry)), kernel.shape)
        raise ValueError(f"K({x}, {y}) = {kernel[x, y]} but K({y}, {x}) = {kernel[y, x]}, expected a symmetric kernel")
    return int(kernel.shape[0])
