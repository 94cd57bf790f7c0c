"""Minimising the log-loss over whitened states, from one side.

Under E h = 0, E h h^T = 1 the matrix of rows sqrt(mu_x) h_x has orthonormal columns orthogonal to sqrt(mu). The search
alternates a gradient step with the polar retraction onto that set, from several starts. What it returns is a feasible
point: its loss is an upper bound of the constrained minimum, and no more is claimed.

Main definitions: `WhitenedFit`, `whitened_minimum`, `whiten`; `WhitenedModel`, `whitened_model` (any model, whitened).
Source: specification `categorical`, claim spectral_alignment_as_stated; 4.8.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from numerics.geometry.head import Head, images, log_sum_exp, logits, prototypes, weighted_rows
from numerics.similarity.dependence import check_measure
from numerics.spectral.matrix_roots import RELATIVE_FLOOR, covariance, mean, polar_factor
from numerics.spectral.surrogate import whitened_alignment_optimum

FloatArray = NDArray[np.float64]
SMALLEST_STEP = 1e-12


@dataclass(frozen=True, eq=False)
class WhitenedFit:
    """Whitened states (N, d), their log-loss in nats, and the norm of the projected gradient there (0 if stationary).

    The loss is an upper bound of the minimum over whitened states.
    """

    states: FloatArray
    loss: float
    stationarity: float


@dataclass(frozen=True, eq=False)
class WhitenedModel:
    """A head (V, r) with biases and whitened states (N, r) that give the rows of the model they were made from.

    Directions in which the variance of the states is at most `floor` were dropped.
    """

    head: Head
    states: FloatArray
    floor: float


def whiten(states: FloatArray, measure: FloatArray) -> FloatArray:
    """The nearest whitened states in L^2(mu) to states (N, d), by the polar factor."""
    roots = np.sqrt(measure)[:, None]
    return np.asarray(polar_factor(roots * (states - measure @ states)) / roots)


def whitened_model(head: Head, states: FloatArray, measure: FloatArray) -> WhitenedModel:
    """The same laws in whitened coordinates: h = E h + D z, so that W h + b = (W D) z + (W E h + b).

    States after a LayerNorm lie in a hyperplane, so their covariance is never of full rank: z has as many coordinates
    as the covariance has eigenvalues above the floor.
    """
    check_measure(measure, len(states))
    centre = mean(states, measure)
    values, vectors = np.linalg.eigh(covariance(states, measure))
    floor = RELATIVE_FLOOR * float(values[-1])
    kept = values > floor
    if not kept.any():
        raise ValueError("all states are equal: they cannot be whitened")
    roots = np.sqrt(values[kept])
    bias = images(head, centre) + (0.0 if head.bias is None else head.bias)
    unembedding = np.asarray(head.unembedding, dtype=np.float64) @ (vectors[:, kept] * roots)
    return WhitenedModel(Head(unembedding, bias), (states - centre) @ vectors[:, kept] / roots, floor)


def whitened_minimum(
    head: Head,
    rows: FloatArray,
    measure: FloatArray,
    rng: np.random.Generator,
    starts: int = 8,
    most_steps: int = 500,
    tolerance: float = 1e-9,
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
    bias = 0.0 if head.bias is None else float(measure @ rows @ head.bias)

    def evaluate(h: FloatArray) -> tuple[float, FloatArray]:
        """The loss, and its gradient in F = sqrt(mu) h projected to the tangent space of the centred Stiefel set."""
        values = logits(head, h)
        partition = log_sum_exp(values)
        frame = roots * h
        gradient = roots * (weighted_rows(head, np.exp(values - partition[:, None])) - targets)  # (N, d)
        gradient = gradient - roots * (roots.T @ gradient)  # stay orthogonal to sqrt(mu)
        inner = frame.T @ gradient
        loss = float(measure @ (partition - (targets * h).sum(axis=1))) - bias
        return loss, gradient - frame @ (inner + inner.T) / 2

    loss, gradient = evaluate(states)
    step = 1.0
    for _ in range(most_steps):
        size = float((gradient**2).sum())
        if size <= tolerance**2:
            break
        moved = False
        while not moved and step > SMALLEST_STEP:
            trial = whiten(states - step * gradient / roots, measure)
            value, slope = evaluate(trial)
            moved = value <= loss - 1e-4 * step * size
            step = step if moved else step / 2
        if not moved:  # no step lowers the loss beyond rounding
            break
        # Barzilai and Borwein: the next step from how far the gradient turned over this one.
        way, turn = roots * (trial - states), slope - gradient
        curved = float((way * turn).sum())
        step = float((way**2).sum()) / curved if curved > 0 else 2 * step
        states, loss, gradient = trial, value, slope
    return WhitenedFit(states, loss, float(np.linalg.norm(gradient)))
