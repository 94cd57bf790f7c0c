"""The pullback of the Fisher-Rao metric along the head, as dense matrices.

g*(h) = W^T (diag p_h - p_h p_h^T) W = Cov_{p_h}(g) = Hess A(h). Main definitions

    metric                       S^T S with S = sqrt(p)(W - gbar), block by block: positive semidefinite by construction
    metric_factor                S itself (V, d)
    metric_by_softmax_jacobian   J^T diag(1/p) J with J = (diag p - p p^T) W; needs p > 0
    metric_by_product            W^T (diag p) W - gbar gbar^T, the definition as it is written
    metric_trace                 E ||g - gbar||^2, without the matrix, O(V d)
    effective_rank               exponential of the entropy of the normalised eigenvalues
    metric_rank                  rank of g*, which is rank W_c at every state
    MetricSummary, summarise     eigenvalues, trace, both ranks, and the bounds on the largest eigenvalue

The same matrix by automatic differentiation: numerics.geometry.autograd; without the matrix:
numerics.geometry.matrix_free. Numerical ranks of g* are not to be trusted: tokens whose probability underflows drop
out, while rank g* = rank W_c exactly (a variance under a law of full support is 0 only for a constant).
Source: specification `categorical`, claims pullback_metric, pullback_rank, pullback_spectrum_bounds; 4.4.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from numerics.geometry.head import (
    RANK_TOLERANCE,
    Bracket,
    FloatArray,
    Head,
    blocks,
    centred_rank,
    largest_norm,
    mean_row,
    row_diameter,
    rows,
    weighted_rows,
)


@dataclass(frozen=True, eq=False)
class MetricSummary:
    """Spectrum of g*(h) at one state.

    Attributes
        eigenvalues      decreasing (d,), logit units squared per state unit squared
        trace            E ||g - gbar||^2, computed without the matrix
        rank             rank W_c
        effective_rank   exp of the entropy of eigenvalues / trace; 0 for the zero metric
        diameter         max ||g(w) - g(w')||
        largest_norm     B
    """

    eigenvalues: FloatArray
    trace: float
    rank: int
    effective_rank: float
    diameter: Bracket
    largest_norm: float

    @property
    def eigenvalue_bound(self) -> float:
        """min(diam^2 / 4, B^2), above every eigenvalue."""
        return min(self.diameter.upper**2 / 4, self.largest_norm**2)


def metric(head: Head, state: FloatArray) -> FloatArray:
    """g*(h) as S^T S for a state (d,): (d, d), symmetric. O(V d^2) time, O(V + d^2) memory beyond W."""
    probabilities = rows(head, state)
    centre = weighted_rows(head, probabilities)
    total = np.zeros((head.width, head.width))
    for start, block in blocks(head.unembedding):
        factor = np.sqrt(probabilities[start : start + len(block), None]) * (block - centre)  # (block, d)
        total += factor.T @ factor
    return total


def metric_factor(head: Head, state: FloatArray) -> FloatArray:
    """S = sqrt(p)(W - gbar) for a state (d,): (V, d), with S^T S = g*(h)."""
    probabilities = rows(head, state)
    centre = weighted_rows(head, probabilities)
    return np.sqrt(probabilities)[:, None] * (np.asarray(head.unembedding, dtype=np.float64) - centre)


def metric_by_softmax_jacobian(head: Head, state: FloatArray) -> FloatArray:
    """g*(h) as the Fisher metric diag(1/p) pulled back along J = dp/dh: (d, d).

    Raises ZeroDivisionError where a probability underflows to 0: the metric diag(1/p) is not defined there.
    """
    probabilities = rows(head, state)
    if (probabilities == 0).any():
        token = int(np.flatnonzero(probabilities == 0)[0])
        raise ZeroDivisionError(f"the probability of token {token} underflows to 0, expected a positive row")
    matrix = np.asarray(head.unembedding, dtype=np.float64)
    jacobian = probabilities[:, None] * matrix - np.outer(probabilities, probabilities @ matrix)  # (V, d)
    return np.asarray(jacobian.T @ (jacobian / probabilities[:, None]))


def metric_by_product(head: Head, state: FloatArray) -> FloatArray:
    """W^T diag(p) W - gbar gbar^T for a state (d,): (d, d); loses digits where W is far from centred."""
    probabilities = rows(head, state)
    matrix = np.asarray(head.unembedding, dtype=np.float64)
    centre = probabilities @ matrix
    return np.asarray(matrix.T @ (probabilities[:, None] * matrix) - np.outer(centre, centre))


def metric_trace(head: Head, state: FloatArray) -> float:
    """tr g*(h) = E_{p_h} ||g - gbar||^2 for a state (d,), in O(V d)."""
    probabilities = rows(head, state)
    centre = weighted_rows(head, probabilities)
    total = 0.0
    for start, block in blocks(head.unembedding):
        total += float(probabilities[start : start + len(block)] @ ((block - centre) ** 2).sum(axis=1))
    return total


def trace_by_moments(head: Head, state: FloatArray) -> float:
    """tr g*(h) = E ||g||^2 - ||E g||^2: the other road to `metric_trace`."""
    probabilities = rows(head, state)
    squares = np.concatenate([(block**2).sum(axis=1) for _, block in blocks(head.unembedding)])
    return float(probabilities @ squares - (mean_row(head, state) ** 2).sum())


def metric_rank(head: Head, relative_tolerance: float = RANK_TOLERANCE) -> int:
    """rank g*(h) = rank W_c, the same at every state."""
    return centred_rank(head, relative_tolerance)


def effective_rank(eigenvalues: FloatArray) -> float:
    """exp of the Shannon entropy of eigenvalues / sum; negative rounding noise counts as 0; 0 for the zero spectrum."""
    positive = eigenvalues[eigenvalues > 0]
    if not positive.size:
        return 0.0
    shares = positive / positive.sum()
    return float(np.exp(-(shares * np.log(shares)).sum()))


def summarise(head: Head, state: FloatArray) -> MetricSummary:
    """Spectrum, trace, ranks and bounds of g*(h) at a state (d,)."""
    eigenvalues = np.asarray(np.linalg.eigvalsh(metric(head, state))[::-1], dtype=np.float64)
    return MetricSummary(
        eigenvalues,
        metric_trace(head, state),
        metric_rank(head),
        effective_rank(eigenvalues),
        row_diameter(head),
        largest_norm(head),
    )
