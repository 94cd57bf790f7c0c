"""Minimising the log-loss over whitened states, from one side.

Under E h = 0, E h h^T = 1 the matrix of rows sqrt(mu_x) h_x has orthonormal columns orthogonal to sqrt(mu). The search
alternates a gradient step with the polar retraction onto that set, from several starts. What it returns is a feasible
point: its loss is an upper bound of the constrained minimum, and no more is claimed.

Main definitions: `WhitenedFit`, `whitened_minimum`, `whiten`.
Source: specification `categorical`, claim spectral_alignment_as_stated; 4.8.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from numerics.geometry.head import Head, mean_row, prototypes
from numerics.spectral.alignment import cross_entropy
from numerics.spectral.matrix_roots import polar_factor
from numerics.spectral.surrogate import whitened_alignment_optimum

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class WhitenedFit:
    """Whitened states (N, d), their log-loss in nats, and the norm of the projected gradient there (0 if stationary).

    The loss is an upper bound of the minimum over whitened states.
    """

    states: FloatArray
    loss: float
    stationarity: float


def whiten(states: FloatArray, measure: FloatArray) -> FloatArray:
    """The nearest whitened states in L^2(mu) to states (N, d), by the polar factor."""
    roots = np.sqrt(measure)[:, None]
    return np.asarray(polar_factor(roots * (states - measure @ states)) / roots)


def whitened_minimum(
    head: Head,
    rows: FloatArray,
    measure: FloatArray,
    rng: np.random.Generator,
    starts: int = 8,
    most_steps: int = 2000,
    tolerance: float = 1e-10,
) -> WhitenedFit:
    """The best whitened states found from the alignment optimum and `starts` - 1 random points.

    Raises ValueError for N <= d, where no whitened states exist.
    """
    if len(measure) <= head.width:
        raise ValueError(f"{len(measure)} contexts carry no whitened states of width {head.width}, expected more")
    optimum = whitened_alignment_optimum(prototypes(head, rows), measure)
    points = [rng.standard_normal((len(measure), head.width)) for _ in range(max(starts - 1, 0))]
    if optimum.rank == head.width:
        points.insert(0, optimum.states)
    fits = [_descend(head, rows, measure, whiten(point, measure), most_steps, tolerance) for point in points]
    return min(fits, key=lambda fit: fit.loss)


def _descend(
    head: Head, rows: FloatArray, measure: FloatArray, states: FloatArray, most_steps: int, tolerance: float
) -> WhitenedFit:
    targets = prototypes(head, rows)
    roots = np.sqrt(measure)[:, None]

    def projected(h: FloatArray) -> FloatArray:
        """Gradient of the loss in F = sqrt(mu) h, projected to the tangent space of the centred Stiefel manifold."""
        frame = roots * h
        gradient = roots * (mean_row(head, h) - targets)  # (N, d)
        gradient = gradient - roots * (roots.T @ gradient)  # stay orthogonal to sqrt(mu)
        inner = frame.T @ gradient
        return np.asarray(gradient - frame @ (inner + inner.T) / 2)

    loss = cross_entropy(head, rows, states, measure)
    step = 1.0
    direction = projected(states)
    for _ in range(most_steps):
        size = float((direction**2).sum())
        if size <= tolerance**2:
            break
        accepted = False
        while step > 1e-12 and not accepted:
            trial = whiten(states - step * direction / roots, measure)
            value = cross_entropy(head, rows, trial, measure)
            accepted = value <= loss - 1e-4 * step * size
            step = 2 * step if accepted else step / 2
        if not accepted:  # no step lowers the loss beyond rounding
            break
        states, loss, direction = trial, value, projected(trial)
    return WhitenedFit(states, loss, float(np.linalg.norm(direction)))
