"""A linear-softmax head p_h = softmax(W h + b) and what is read off its unembedding.

Main definitions
    Head                the unembedding W and the logit biases b
    logits, log_rows    W h + b and log p_h, for one state or an array of them
    log_partition       A(h) = log sum_w exp(b(w) + <g(w), h>)
    mean_row            gbar(h) = E_{p_h} g = grad A(h)
    prototypes          gbar_x = E_{w ~ p_x} g(w) of given rows
    oscillation         osc(h, h') = max_w <g(w), h - h'> - min_w <g(w), h - h'>
    row_diameter        two-sided value of max ||g(w) - g(w')||
    largest_norm        B = max ||g(w)||
    centred_unembedding, centred_rank   W - 1 (mean row) and its rank

Conventions: V tokens, width d; g(w) is row w of W (V, d); a state is an array (..., d), a row of probabilities
(..., V); logarithms natural. W may be float32: it is converted to float64 block by block, never as a whole.
Source: specification `categorical`, D12, D19.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

BLOCK_ENTRIES = 2**21  # entries of W that are converted to float64 at once: 16 MiB
ALL_PAIRS_TOKENS = 4096  # the diameter of more rows than this is bracketed, not searched over all pairs
RANK_TOLERANCE = 1e-10  # singular values below this share of the largest count as 0


@dataclass(frozen=True, eq=False)
class Head:
    """Unembedding (V, d) and logit biases (V,); `bias` None means no bias.

    Raises ValueError for a matrix that is not (V >= 2, d >= 1), a bias of another length, or entries that are not
    finite.
    """

    unembedding: NDArray[np.floating[Any]]
    bias: FloatArray | None = None

    def __post_init__(self) -> None:
        shape = self.unembedding.shape
        if len(shape) != 2 or shape[0] < 2 or shape[1] < 1:
            raise ValueError(f"the unembedding has shape {shape}, expected (V, d) with V >= 2 and d >= 1")
        if not np.issubdtype(self.unembedding.dtype, np.floating):
            raise ValueError(f"the unembedding has type {self.unembedding.dtype}, expected floating-point numbers")
        if self.bias is not None and self.bias.shape != shape[:1]:
            raise ValueError(f"the bias has shape {self.bias.shape}, expected ({shape[0]},)")
        for start, block in blocks(self.unembedding):
            if not np.isfinite(block).all():
                row, column = np.argwhere(~np.isfinite(block))[0]
                raise ValueError(
                    f"entry ({start + row}, {column}) of the unembedding is {block[row, column]}, expected a number"
                )
        if self.bias is not None and not np.isfinite(self.bias).all():
            token = int(np.flatnonzero(~np.isfinite(self.bias))[0])
            raise ValueError(f"the bias of token {token} is {self.bias[token]}, expected a finite number")

    @property
    def tokens(self) -> int:
        """V."""
        return int(self.unembedding.shape[0])

    @property
    def width(self) -> int:
        """d."""
        return int(self.unembedding.shape[1])


@dataclass(frozen=True)
class Bracket:
    """A number known to lie in [lower, upper]; `exact` where the two agree."""

    lower: float
    upper: float

    @property
    def exact(self) -> bool:
        """Whether both ends are the same number."""
        return self.lower == self.upper


def blocks(matrix: NDArray[np.floating[Any]]) -> Iterator[tuple[int, FloatArray]]:
    """Slices of at most 2^21 entries in float64, each with the number of its first row; no copy of a float64 matrix."""
    step = max(1, BLOCK_ENTRIES // matrix.shape[1])
    for start in range(0, matrix.shape[0], step):
        yield start, np.asarray(matrix[start : start + step], dtype=np.float64)


def images(head: Head, vectors: FloatArray) -> FloatArray:
    """W v for vectors (..., d): (..., V)."""
    vectors = _checked_states(head, vectors)
    out = np.empty((*vectors.shape[:-1], head.tokens))
    for start, block in blocks(head.unembedding):
        out[..., start : start + len(block)] = vectors @ block.T
    return out


def weighted_rows(head: Head, weights: FloatArray) -> FloatArray:
    """Sum_w weights(w) g(w) for weights (..., V): (..., d)."""
    if weights.shape[-1] != head.tokens:
        raise ValueError(f"weights have shape {weights.shape}, expected (..., {head.tokens})")
    out = np.zeros((*weights.shape[:-1], head.width))
    for start, block in blocks(head.unembedding):
        out += weights[..., start : start + len(block)] @ block
    return out


def logits(head: Head, states: FloatArray) -> FloatArray:
    """W h + b for states (..., d): (..., V)."""
    values = images(head, states)
    if head.bias is not None:
        values += head.bias
    return values


def log_rows(head: Head, states: FloatArray) -> FloatArray:
    """log p_h for states (..., d): (..., V)."""
    values = logits(head, states)
    values -= log_sum_exp(values)[..., None]
    return values


def rows(head: Head, states: FloatArray) -> FloatArray:
    """p_h for states (..., d): (..., V)."""
    return np.exp(log_rows(head, states))


def log_partition(head: Head, states: FloatArray) -> FloatArray:
    """A(h) for states (..., d): (...)."""
    states = _checked_states(head, states)
    flat = states.reshape(-1, head.width)
    parts = [log_sum_exp(logits(head, flat[part])) for part in _state_slices(head, len(flat))]
    return np.concatenate(parts).reshape(states.shape[:-1])


def mean_row(head: Head, states: FloatArray) -> FloatArray:
    """gbar(h) = E_{p_h} g, the gradient of A, for states (..., d): (..., d)."""
    states = _checked_states(head, states)
    flat = states.reshape(-1, head.width)
    parts = [weighted_rows(head, rows(head, flat[part])) for part in _state_slices(head, len(flat))]
    return np.concatenate(parts).reshape(states.shape)


def prototypes(head: Head, probabilities: FloatArray) -> FloatArray:
    """gbar_x = E_{w ~ p_x} g(w) of rows p_x (..., V): (..., d)."""
    return weighted_rows(head, probabilities)


def oscillation(head: Head, first: FloatArray, second: FloatArray) -> float:
    """osc(h, h') of two states (d,), in logit units; zero exactly where the two rows agree."""
    return float(np.ptp(images(head, second - first)))


def largest_norm(head: Head) -> float:
    """B = max_w ||g(w)||."""
    return max(float(np.linalg.norm(block, axis=1).max()) for _, block in blocks(head.unembedding))


def row_diameter(head: Head) -> Bracket:
    """max ||g(w) - g(w')||: exact for V <= 4096, else between a distance that occurs and a bound.

    The bound is twice the largest distance from the mean row or from the midpoint of the far pair that was found,
    whichever is less.
    """
    if head.tokens <= ALL_PAIRS_TOKENS:
        matrix = np.asarray(head.unembedding, dtype=np.float64)
        value = max(float(np.linalg.norm(matrix[token:] - matrix[token], axis=1).max()) for token in range(head.tokens))
        return Bracket(value, value)
    mean = mean_unembedding(head)
    radius, far = _farthest(head, mean)
    lower, end, pair = 0.0, far, (far, far)
    for _ in range(FAR_POINT_STEPS):
        start = end
        distance, end = _farthest(head, _row(head, start))
        if distance <= lower:
            break
        lower, pair = distance, (start, end)
    middle, _ = _farthest(head, (_row(head, pair[0]) + _row(head, pair[1])) / 2)
    return Bracket(lower, max(lower, 2 * min(radius, middle)))


FAR_POINT_STEPS = 8


def mean_unembedding(head: Head) -> FloatArray:
    """Mean row of W, each token counted once: (d,)."""
    total = np.zeros(head.width)
    for _, block in blocks(head.unembedding):
        total += block.sum(axis=0)
    return total / head.tokens


def centred_unembedding(head: Head) -> FloatArray:
    """W_c = W - 1 (mean row), float64 (V, d)."""
    return np.asarray(head.unembedding, dtype=np.float64) - mean_unembedding(head)


def centred_rank(head: Head, relative_tolerance: float = RANK_TOLERANCE) -> int:
    """rank W_c, by singular values above `relative_tolerance` of the largest (0 for a matrix of zeros).

    This is the rank of the pullback metric at every state; see numerics.geometry.pullback.
    """
    return rank_of_product(head, np.eye(head.width), relative_tolerance)


def rank_of_product(head: Head, right: FloatArray, relative_tolerance: float = RANK_TOLERANCE) -> int:
    """rank(W_c M) for M (d, k).

    Blocks of W_c M are folded into one triangular factor (k, k), whose singular values are those of W_c M: the squares
    that a Gram matrix would form, and their loss of half the digits, are avoided.
    """
    mean = mean_unembedding(head)
    triangle: FloatArray = np.zeros((0, right.shape[1]))
    largest_entry = 0.0
    for _, block in blocks(head.unembedding):
        largest_entry = max(largest_entry, float(np.abs(block).max()))
        triangle = np.asarray(np.linalg.qr(np.vstack([triangle, (block - mean) @ right]), mode="r"), dtype=np.float64)
    values = np.linalg.svd(triangle, compute_uv=False)
    # Rows that are all equal leave rounding noise in W_c, of the size of the entries they were subtracted from.
    noise = 1e-14 * largest_entry * float(np.linalg.norm(right)) * np.sqrt(head.tokens)
    return int((values > max(relative_tolerance * values[0], noise)).sum())


def log_sum_exp(values: FloatArray) -> FloatArray:
    """log sum exp over the last axis of finite numbers: (..., V) to (...).

    SciPy's does the same for arrays of every library, at a millisecond a call, which searches cannot afford.
    """
    largest = values.max(axis=-1)
    return np.asarray(largest + np.log(np.exp(values - largest[..., None]).sum(axis=-1)))


def _checked_states(head: Head, states: FloatArray) -> FloatArray:
    if states.shape[-1:] != (head.width,):
        raise ValueError(f"states have shape {states.shape}, expected (..., {head.width})")
    return np.asarray(states, dtype=np.float64)


def _state_slices(head: Head, count: int) -> list[slice]:
    """Slices of at most 2^23 / V states, at least one: rows (slice, V) then take at most 64 MiB."""
    step = max(1, 4 * BLOCK_ENTRIES // head.tokens)
    return [slice(first, first + step) for first in range(0, max(count, 1), step)]


def _row(head: Head, token: int) -> FloatArray:
    return np.asarray(head.unembedding[token], dtype=np.float64)


def _farthest(head: Head, point: FloatArray) -> tuple[float, int]:
    """Largest distance of a row from `point` (d,), and the token of that row."""
    best, token = -1.0, 0
    for start, block in blocks(head.unembedding):
        distances = np.linalg.norm(block - point, axis=1)
        place = int(distances.argmax())
        if distances[place] > best:
            best, token = float(distances[place]), start + place
    return best, token
