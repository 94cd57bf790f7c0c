"""The exact law of short sequences, and every quantity of a bounded-difference inequality on it (claim
markov/mcdiarmid_marton, D18, D19).

A law of X_1..X_N over T tokens is an array (T,)*N; all T^N sequences are enumerated (T^N <= 2^20, so N <= 20 bits).
Functions of the sequence are arrays of the same shape. The mixing matrix is that of Goldstein's maximal coupling,
Γ_ij = max over y_1..y_i, y_i' of d_TV between the two conditional laws of (Y_j, ..., Y_N): one coupling attains all
entries at once. For a Markov sequence (the windows of a source of memory <= K) the law of Y_j decides, so no Marton
coupling has a smaller matrix; for other sequences it is one valid matrix.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from numerics.chains.arrays import FloatArray, IntArray, check_rows
from numerics.chains.index import state_successor_table
from numerics.risk.window_law import window_length

EXHAUSTIVE_LIMIT = 1 << 20


@dataclass(frozen=True)
class SequenceLaw:
    """Exact law of a source: `probabilities` (T,)*N; `windows` (T,)*N + (N,), the indices (D3) of S_1..S_N."""

    probabilities: FloatArray
    windows: IntArray

    @property
    def length(self) -> int:
        """N."""
        return self.probabilities.ndim


def sequence_law(source: FloatArray, first: FloatArray, length: int) -> SequenceLaw:
    """Law of X_1..X_length: X_1 has law `first` (T,), later tokens follow the table `source` (n_S, T).

    Raises ValueError when T^length exceeds 2^20.
    """
    T = source.shape[1]
    if length < 1 or T**length > EXHAUSTIVE_LIMIT:
        raise ValueError(f"{T}^{length} sequences, expected between {T} and {EXHAUSTIVE_LIMIT}")
    if first.shape != (T,):
        raise ValueError(f"the law of the first token has shape {first.shape}, expected ({T},)")
    check_rows(first[None, :], "law of the first token")
    check_rows(source, "source table")
    successors = state_successor_table(T, window_length(source))
    probabilities = np.array(first, dtype=np.float64)
    windows = np.arange(T, dtype=np.int64)[:, None]  # (T^n, n)
    for _ in range(length - 1):
        newest = windows[:, -1]
        probabilities = (probabilities[:, None] * source[newest]).ravel()  # (T^(n+1),)
        windows = np.concatenate([np.repeat(windows, T, axis=0), successors[newest].reshape(-1, 1)], axis=1)
    return SequenceLaw(probabilities.reshape((T,) * length), windows.reshape((T,) * length + (length,)))


def mean_loss(law: SequenceLaw, loss: FloatArray) -> FloatArray:
    """R̂ as a function of the sequence: (1/N) sum_n loss(S_n), shape (T,)*N, for a loss table (n_S,)."""
    return np.asarray(loss[law.windows].mean(axis=-1))


def bounded_differences(values: FloatArray) -> FloatArray:
    """c (N,): c_i = largest change of f when only token i changes; f (T,)*N. Then f(x) - f(y) <= sum c_i 1{x_i !=
    y_i}."""
    return np.array([float(np.ptp(values, axis=i).max()) for i in range(values.ndim)])


def log_moment_generating(law: SequenceLaw, values: FloatArray, lambdas: FloatArray) -> FloatArray:
    """log E exp(λ(f - E f)) for every λ: shape of `lambdas`, computed with the largest exponent factored out."""
    p, f = _flat(law, values)
    exponents = lambdas[..., None] * (f - p @ f)  # (..., sequences)
    top = exponents.max(axis=-1)
    return np.asarray(top + np.log(np.exp(exponents - top[..., None]) @ p))


def upper_tail(law: SequenceLaw, values: FloatArray, levels: FloatArray, slack: float = 1e-12) -> FloatArray:
    """P(f - E f >= u) for every u; a sequence within `slack` below the level counts, so rounding never makes a tail
    smaller than it is."""
    p, f = _flat(law, values)
    return np.asarray((f - p @ f >= levels[..., None] - slack).astype(np.float64) @ p)


def token_mixing_matrix(law: SequenceLaw) -> FloatArray:
    """Mixing matrix Γ (N, N) of the token sequence X_1..X_N: upper triangular, ones on the diagonal.

    Pairs of prefixes of probability zero are left out: they need no coupling.
    """
    return _mixing_matrix(law.probabilities)


def block_mixing_matrix(law: SequenceLaw, block: int) -> FloatArray:
    """Mixing matrix (N/B, N/B) of the consecutive blocks of B = `block` tokens (D22). Raises ValueError unless B
    divides N."""
    N = law.length
    if block < 1 or N % block:
        raise ValueError(f"blocks of {block} tokens given, expected a divisor of the length {N}")
    letters = law.probabilities.shape[0] ** block
    return _mixing_matrix(law.probabilities.reshape((letters,) * (N // block)))


def block_differences(values: FloatArray, block: int) -> FloatArray:
    """c (N/B,): largest change of f (T,)*N when only the tokens of one block of B change. Raises ValueError unless B
    divides N."""
    N = values.ndim
    if block < 1 or N % block:
        raise ValueError(f"blocks of {block} tokens given, expected a divisor of the length {N}")
    return bounded_differences(values.reshape((values.shape[0] ** block,) * (N // block)))


def window_mixing_matrix(law: SequenceLaw, window: int) -> FloatArray:
    """Mixing matrix (N, N) of the windows S_1..S_N of length `window`, from the exact law.

    S_i..S_j share token i while j - i < K, which makes Γ_ij = 1; later, (S_j, ..., S_N) is a function of
    X_{j-K+1}..X_N and conversely, so Γ_ij is the token entry (i, j-K+1). Where the source never offers two values for
    token i, the row is zero off the diagonal.
    """
    if window < 1:
        raise ValueError(f"the window is {window}, expected at least 1")
    tokens = token_mixing_matrix(law)
    p = law.probabilities
    T, N = p.shape[0], p.ndim
    gamma = np.eye(N)
    for i in range(N):
        mass = p.reshape(T**i, T, -1).sum(axis=2)
        if not ((mass > 0).sum(axis=1) >= 2).any():
            continue
        for j in range(i + 1, N):
            gamma[i, j] = 1.0 if j - i < window else tokens[i, j - window + 1]
    return gamma


def _mixing_matrix(p: FloatArray) -> FloatArray:
    """Goldstein mixing matrix (N, N) of a sequence with the law p (T,)*N."""
    T, N = p.shape[0], p.ndim
    gamma = np.eye(N)
    for i in range(N - 1):
        joint = p.reshape(T**i, T, T ** (N - i - 1))  # past, letter i, future
        mass = joint.sum(axis=2)
        conditional = np.divide(joint, mass[..., None], out=np.zeros_like(joint), where=mass[..., None] > 0)
        for j in range(i + 1, N):
            futures = conditional.reshape(T**i, T, T ** (j - i - 1), T ** (N - j)).sum(axis=2)  # law of Y_j..Y_N
            for x in range(T):
                for y in range(x):
                    both = (mass[:, x] > 0) & (mass[:, y] > 0)
                    if both.any():
                        distance = 0.5 * np.abs(futures[both, x] - futures[both, y]).sum(axis=-1).max()
                        gamma[i, j] = max(gamma[i, j], float(distance))
    return gamma


def _flat(law: SequenceLaw, values: FloatArray) -> tuple[FloatArray, FloatArray]:
    if values.shape != law.probabilities.shape:
        raise ValueError(f"the function has shape {values.shape}, expected {law.probabilities.shape}")
    return law.probabilities.ravel(), values.ravel()
