"""The log-loss of a linear-softmax head as alignment plus log-partition.

L_CE = -E <gbar_X, h_X> - E b(W) + E A(h_X), gbar_X the prototype of the data row. Main definitions

    LossParts, loss_parts    the three terms
    cross_entropy            -E sum_w p_X(w) log q_X(w), the other road
    kl_loss                  L_KL = E KL(p_X || q_X)
    alignment                E <h_X, h_X'> <gbar_X, gbar_X'> = ||E h gbar^T||_F^2, for independent X, X'
    alignment_by_pairs       the same as the double sum
    moment_residuals         grad A(h_x) - gbar_x, zero exactly where the loss is stationary in h_x
    moment_matched_states    the states with grad A(h_x) = gbar_x, by Newton's method

Conventions: rows (N, V) are the data's next-token laws, states (N, d), measure (N,) a positive law on contexts; nats.
Source: specification `categorical`, claims nll_decomposition, spectral_alignment_as_stated, moment_matching.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from numerics.geometry.head import Head, centred_rank, log_partition, log_rows, mean_row, prototypes
from numerics.geometry.pullback import metric
from numerics.information.divergences import kl
from numerics.kernels.kernel import check_rows
from numerics.similarity.dependence import check_measure

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class LossParts:
    """Terms of the log-loss in nats: total = -alignment - bias + log_partition."""

    alignment: float
    bias: float
    log_partition: float

    @property
    def total(self) -> float:
        """L_CE."""
        return self.log_partition - self.alignment - self.bias


def loss_parts(head: Head, rows: FloatArray, states: FloatArray, measure: FloatArray) -> LossParts:
    """E <gbar_X, h_X>, E b(W) and E A(h_X)."""
    _check(rows, states, measure)
    alignment_term = float(measure @ (prototypes(head, rows) * states).sum(axis=1))
    bias = 0.0 if head.bias is None else float(measure @ rows @ head.bias)
    return LossParts(alignment_term, bias, float(measure @ log_partition(head, states)))


def cross_entropy(head: Head, rows: FloatArray, states: FloatArray, measure: FloatArray) -> float:
    """-E sum_w p_X(w) log q_X(w), q_x the head's row at h_x."""
    _check(rows, states, measure)
    return -float(measure @ (rows * log_rows(head, states)).sum(axis=1))


def kl_loss(head: Head, rows: FloatArray, states: FloatArray, measure: FloatArray) -> float:
    """E KL(p_X || q_X), row by row, so that small values keep their digits; inf where q_X underflows to 0 < p_X."""
    _check(rows, states, measure)
    return float(measure @ kl(rows, np.exp(log_rows(head, states))))


def alignment(states: FloatArray, prototype_rows: FloatArray, measure: FloatArray) -> float:
    """||E h gbar^T||_F^2 for states (N, d) and prototypes (N, d')."""
    return float((((measure[:, None] * states).T @ prototype_rows) ** 2).sum())


def alignment_by_pairs(states: FloatArray, prototype_rows: FloatArray, measure: FloatArray) -> float:
    """E <h_X, h_X'> <gbar_X, gbar_X'> over independent pairs of contexts."""
    return float(measure @ ((states @ states.T) * (prototype_rows @ prototype_rows.T)) @ measure)


def moment_residuals(head: Head, rows: FloatArray, states: FloatArray) -> FloatArray:
    """E_{q_x} g - E_{p_x} g: (N, d); times mu(x) it is the gradient of the log-loss in h_x."""
    return mean_row(head, states) - prototypes(head, rows)


def moment_matched_states(head: Head, rows: FloatArray, tolerance: float = 1e-12, most_steps: int = 200) -> FloatArray:
    """States (N, d) at which grad A(h_x) = gbar_x within `tolerance`: the minimisers of the log-loss over free states.

    Damped Newton from 0. They exist where p_x has full support and are unique where rank W_c = d.
    Raises ValueError for a rank below d, ArithmeticError when a context does not converge, as where its prototype lies
    on the boundary of the convex hull of the rows g(w).
    """
    check_rows(rows, "the next-token laws")
    if centred_rank(head) < head.width:
        raise ValueError(f"rank W_c is {centred_rank(head)}, expected {head.width}: the states are not unique")
    return np.array(
        [_matched(head, target, tolerance, most_steps, x) for x, target in enumerate(prototypes(head, rows))]
    )


def _matched(head: Head, target: FloatArray, tolerance: float, most_steps: int, context: int) -> FloatArray:
    state = np.zeros(head.width)

    def loss(h: FloatArray) -> float:
        return float(log_partition(head, h) - target @ h)

    for _ in range(most_steps):
        gradient = mean_row(head, state) - target
        if np.abs(gradient).max() <= tolerance:
            return state
        curvature = metric(head, state)
        # A metric that underflows to a singular matrix is met with a step along the gradient's own scale.
        curvature += 1e-14 * float(np.trace(curvature) + 1e-300) * np.eye(head.width)
        direction = np.linalg.solve(curvature, gradient)
        step, before = 1.0, loss(state)
        # Near the optimum the loss is flat to rounding: there the full step is taken.
        slack = 1e-14 * (1 + abs(before))
        while (
            step > 1e-10 and loss(state - step * direction) > before - 1e-4 * step * float(gradient @ direction) + slack
        ):
            step /= 2
        state = state - step * direction
    raise ArithmeticError(
        f"context {context}: the moments still differ by {np.abs(mean_row(head, state) - target).max():.3g} after "
        f"{most_steps} Newton steps, expected at most {tolerance}"
    )


def _check(rows: FloatArray, states: FloatArray, measure: FloatArray) -> None:
    check_rows(rows, "the next-token laws")
    check_measure(measure, len(rows))
    if states.ndim != 2 or len(states) != len(rows):
        raise ValueError(f"states have shape {states.shape}, expected ({len(rows)}, d)")
