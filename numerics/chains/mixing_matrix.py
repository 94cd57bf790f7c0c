"""Marton mixing matrices and their spectral norms (definitions D18, D19, D22).

The best mixing matrix of the windows of a source of memory <= K is Toeplitz, Gamma_ij = dbar'(j - i) with the pair
curve dbar'. Times and lengths are in tokens.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import scipy.fft as fft
import scipy.sparse.linalg as sparse_linalg
from scipy.linalg import toeplitz

from numerics.chains.arrays import FloatArray
from numerics.chains.operator import csr
from numerics.chains.window_chain import WindowChain

# Below this length a singular value decomposition is immediate.
DENSE_NORM_LIMIT = 256


def pair_curve(chain: WindowChain, t_max: int) -> FloatArray:
    """dbar'(0), ..., dbar'(t_max): max TV(Q^t(s,.), Q^t(s',.)) over full contexts that differ only in the last token
    (D19).

    Cost t_max T n^2 + t_max T n^2 / 2 operations and two dense (n, n) arrays.
    """
    T, n = chain.T, chain.n
    P = csr(chain)
    laws = np.eye(n)
    curve = np.empty(t_max + 1)
    for t in range(t_max + 1):
        groups = laws.reshape(n // T, T, n)  # (w, last token, law)
        curve[t] = min(1.0, max(_pair_distance(groups, x) for x in range(T - 1)))
        if t < t_max:
            laws = np.asarray(P @ laws)
    return curve


def _pair_distance(groups: FloatArray, x: int) -> float:
    """Largest TV distance of the rows with last token x to those with a later one, one group of rows at a time."""
    return 0.5 * max(float(np.abs(group[x + 1 :] - group[x]).sum(axis=1).max()) for group in groups)


def toeplitz_matrix(curve: Sequence[float] | FloatArray, N: int) -> FloatArray:
    """Upper triangular Toeplitz matrix (N, N) with Gamma_ij = curve[j - i]; entries beyond the curve are 0."""
    row = np.zeros(N)
    values = np.asarray(curve, dtype=np.float64)[:N]
    row[: values.size] = values
    return np.asarray(np.triu(toeplitz(row)))


def toeplitz_norm(curve: Sequence[float] | FloatArray, N: int, *, tolerance: float = 1e-12) -> float:
    """Spectral norm of the (N, N) upper triangular Toeplitz matrix of `curve`; beyond 256 rows by Lanczos with FFT
    products.

    Entries beyond the curve are 0, so a truncated curve gives a lower bound; `toeplitz_norm_limit` bounds it from
    above.
    """
    if N < 1:
        raise ValueError(f"N = {N}, expected an integer >= 1")
    if N <= DENSE_NORM_LIMIT:
        return float(np.linalg.norm(toeplitz_matrix(curve, N), 2))
    row = np.zeros(N)
    values = np.asarray(curve, dtype=np.float64)[:N]
    row[: values.size] = values
    size = fft.next_fast_len(2 * N, real=True)
    transform = fft.rfft(row, size)

    def gram(vector: FloatArray) -> FloatArray:
        # The transposed Toeplitz matrix is a causal convolution; the matrix itself is the same one read backwards.
        flat = np.ravel(vector)
        once = fft.irfft(fft.rfft(flat[::-1], size) * transform, size)[:N][::-1]
        return np.asarray(fft.irfft(fft.rfft(once, size) * transform, size)[:N])

    operator = sparse_linalg.LinearOperator((N, N), matvec=gram, dtype=np.float64)
    top = sparse_linalg.eigsh(operator, k=1, which="LA", v0=np.ones(N), tol=tolerance, return_eigenvectors=False)
    return math.sqrt(float(top[0]))


def toeplitz_norm_limit(curve: Sequence[float] | FloatArray) -> float:
    """Schur bound sum_t curve[t] >= norm for every N, and its limit as N grows (claim markov/mixing_matrix_hoc)."""
    return float(np.sum(curve))


def triangle_norm(N: int) -> float:
    """Norm of the all-ones upper triangle, 1/(2 sin(pi/(4N+2))) (claim markov/mixing_matrix_norms)."""
    return 1.0 / (2.0 * math.sin(math.pi / (4 * N + 2)))


def band_norm(N: int, K: int) -> float:
    """Norm of the band matrix Gamma_ij = 1 for 0 <= j - i < K: windows of independent tokens (claim
    markov/window_mixing_floor)."""
    return toeplitz_norm(np.ones(min(K, N)), N)


def band_norm_floor(N: int, K: int) -> float:
    """The lower bound K - K(K-1)/(2N) on `band_norm`, for N >= K."""
    if N < K:
        raise ValueError(f"N = {N}, expected at least K = {K}")
    return K - K * (K - 1) / (2 * N)


def geometric_norm_bound(theta: float) -> float:
    """1/(1 - theta): bound on the norm for a contracting first-order chain, Gamma_ij <= theta^(j-i); inf at theta =
    1."""
    return 1.0 / (1.0 - theta) if theta < 1.0 else math.inf


def window_norm_bound(K: int, theta: float) -> float:
    """K + theta/(1 - theta): bound for windows of a first-order source with Dobrushin coefficient theta (claim
    markov/mixing_matrix_hoc)."""
    return K + theta / (1.0 - theta) if theta < 1.0 else math.inf


def block_mixing_curve(dbar: Sequence[float] | FloatArray, B: int) -> FloatArray:
    """First row of the block mixing matrix (D22): 1, then dbar((k-1)B + 1) for k = 1, 2, ... as far as `dbar`
    reaches."""
    if B < 1:
        raise ValueError(f"block length B = {B}, expected an integer >= 1")
    values = np.asarray(dbar, dtype=np.float64)
    return np.concatenate([[1.0], values[1::B]])


def block_norm_bound(dbar: Sequence[float] | FloatArray, B: int) -> float:
    """1 + dbar(1)/(1 - dbar(B)) >= the norm of the block mixing matrix (D22); inf when dbar(B) = 1."""
    values = np.asarray(dbar, dtype=np.float64)
    if values.size <= B:
        raise ValueError(f"the curve dbar has {values.size} values, expected more than B = {B}")
    return 1.0 + float(values[1]) / (1.0 - float(values[B])) if values[B] < 1.0 else math.inf
