"""A calibrated quadratic upper bound of the log-loss, and its minimum.

A(h) <= A(h_0) + <g_0, h - h_0> + 1/2 (h - h_0)^T Q (h - h_0) for every Q above Hess A everywhere. Main definitions

    CURVATURES, curvature        the three admissible Q: B^2 1, diam^2/4 1, W_c^T W_c / 2
    surrogate_loss               the bound at given states
    SurrogateMinimum, surrogate_minimum    its minimum over free states
    WhitenedOptimum, whitened_alignment_optimum   max of E <h, gbar> under E h = 0, E h h^T = 1

Conventions: as numerics.spectral.alignment; reference h_0 (d,), default 0; with logit biases both sides carry -E b(W).
Source: specification `categorical`, claims spectral_surrogate, surrogate_optimum; 4.8.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from numerics.geometry.head import (
    Head,
    blocks,
    largest_norm,
    log_partition,
    mean_row,
    mean_unembedding,
    prototypes,
    row_diameter,
)
from numerics.kernels.kernel import check_rows
from numerics.similarity.dependence import check_measure
from numerics.spectral.matrix_roots import covariance, mean, power_on_range

FloatArray = NDArray[np.float64]
CURVATURES = ("largest_norm", "diameter", "centred_gram")


@dataclass(frozen=True, eq=False)
class SurrogateMinimum:
    """Least value of the bound in nats, and the states (N, d) where it is attained."""

    value: float
    states: FloatArray


@dataclass(frozen=True, eq=False)
class WhitenedOptimum:
    """max E <h, gbar> = tr Sigma^{1/2} and the states (N, d) that attain it.

    `rank` is that of Sigma = Cov gbar: below d the states are white on its range only, and `floor` is the eigenvalue
    below which a direction was dropped.
    """

    value: float
    states: FloatArray
    rank: int
    floor: float


def curvature(head: Head, name: str) -> FloatArray:
    """Q (d, d) by name: "largest_norm" B^2 1, "diameter" diam^2/4 1, "centred_gram" W_c^T W_c / 2.

    For V > 4096 the diameter is replaced by its upper bound, which keeps Q admissible.
    """
    match name:
        case "largest_norm":
            return largest_norm(head) ** 2 * np.eye(head.width)
        case "diameter":
            return row_diameter(head).upper ** 2 / 4 * np.eye(head.width)
        case "centred_gram":
            centre, total = mean_unembedding(head), np.zeros((head.width, head.width))
            for _, block in blocks(head.unembedding):
                total += (block - centre).T @ (block - centre)
            return total / 2
    raise ValueError(f"no curvature is called {name!r}; there are {', '.join(CURVATURES)}")


def surrogate_loss(
    head: Head,
    rows: FloatArray,
    states: FloatArray,
    measure: FloatArray,
    quadratic: FloatArray,
    reference: FloatArray | None = None,
) -> float:
    """E[A(h_0) + <g_0, h - h_0> - <gbar_X, h> - b(W) + (h - h_0)^T Q (h - h_0) / 2] for Q (d, d)."""
    check_rows(rows, "the next-token laws")
    check_measure(measure, len(rows))
    origin = np.zeros(head.width) if reference is None else reference
    moved = states - origin
    bias = 0.0 if head.bias is None else float(measure @ rows @ head.bias)
    pointwise = (
        moved @ mean_row(head, origin)
        - (prototypes(head, rows) * states).sum(axis=1)
        + 0.5 * ((moved @ quadratic) * moved).sum(axis=1)
    )
    return float(log_partition(head, origin)) - bias + float(measure @ pointwise)


def surrogate_minimum(
    head: Head,
    rows: FloatArray,
    measure: FloatArray,
    quadratic: FloatArray,
    reference: FloatArray | None = None,
) -> SurrogateMinimum:
    """Minimum over free states: h_x = h_0 + Q^{-1}(gbar_x - g_0).

    At h_0 = 0 and b = 0 the value is log V - E ||gbar_X - g_0||^2_{Q^{-1}} / 2. Raises ValueError for a singular Q.
    """
    power = power_on_range(quadratic, -1.0)
    if power.rank < head.width:
        raise ValueError(f"Q has rank {power.rank}, expected {head.width}: the surrogate has no unique minimum")
    origin = np.zeros(head.width) if reference is None else reference
    states = origin + (prototypes(head, rows) - mean_row(head, origin)) @ power.matrix
    return SurrogateMinimum(surrogate_loss(head, rows, states, measure, quadratic, origin), states)


def whitened_alignment_optimum(prototype_rows: FloatArray, measure: FloatArray) -> WhitenedOptimum:
    """h_x = Sigma^{-1/2}(gbar_x - E gbar) for prototypes (N, d), on the range of Sigma = Cov gbar."""
    check_measure(measure, len(prototype_rows))
    sigma = covariance(prototype_rows, measure)
    inverse, root = power_on_range(sigma, -0.5), power_on_range(sigma, 0.5)
    states = (prototype_rows - mean(prototype_rows, measure)) @ inverse.matrix
    return WhitenedOptimum(float(np.trace(root.matrix)), states, inverse.rank, inverse.floor)
