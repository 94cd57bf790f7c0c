"""Normalisations before the head, and the metric pulled back through them.

Main definitions
    RootMeanSquareNorm   gain o h / sqrt(mean h^2 + eps)
    LayerNorm            gain o (h - mean) / sqrt(var + eps) + shift
    pulled_back_metric   J^T g*(norm(h)) J
    pulled_back_operator the same without a matrix: two products with J around one with g*
    pulled_back_rank     its rank, rank(W_c J)

Conventions: eps >= 0 stands inside the root; var is the mean square of h - mean. At eps = 0 a norm does not see the
length of its input, so the radial direction is null; LayerNorm never sees a constant added to all entries.
Source: specification `categorical`, claim pullback_rank_normalised; 4.4.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from scipy.sparse.linalg import LinearOperator

from numerics.geometry.head import RANK_TOLERANCE, FloatArray, Head, rank_of_product
from numerics.geometry.matrix_free import metric_operator
from numerics.geometry.pullback import metric


class Normalisation(Protocol):
    """A map of states (..., d) with a Jacobian known in closed form."""

    def apply(self, states: FloatArray) -> FloatArray:
        """(..., d) to (..., d)."""

    def push(self, state: FloatArray, vector: FloatArray) -> FloatArray:
        """J(h) v for a state and a vector (d,): (d,)."""

    def pull(self, state: FloatArray, covector: FloatArray) -> FloatArray:
        """J(h)^T u for a state and a covector (d,): (d,)."""


@dataclass(frozen=True, eq=False)
class RootMeanSquareNorm:
    """gain o h / sqrt(mean h^2 + epsilon); gain (d,)."""

    gain: FloatArray
    epsilon: float

    def __post_init__(self) -> None:
        _check_epsilon(self.epsilon)

    def apply(self, states: FloatArray) -> FloatArray:
        """Normalised states, (..., d) to (..., d)."""
        return np.asarray(self.gain * states / _root((states**2).mean(axis=-1, keepdims=True) + self.epsilon))

    def push(self, state: FloatArray, vector: FloatArray) -> FloatArray:
        """J v = gain o (v / r - h <h, v> / (d r^3)), r the root."""
        return np.asarray(self.gain * _unit_derivative(state, vector, self.epsilon))

    def pull(self, state: FloatArray, covector: FloatArray) -> FloatArray:
        """J^T u."""
        return _unit_derivative(state, self.gain * covector, self.epsilon)


@dataclass(frozen=True, eq=False)
class LayerNorm:
    """gain o (h - mean) / sqrt(var + epsilon) + shift; gain and shift (d,)."""

    gain: FloatArray
    shift: FloatArray
    epsilon: float

    def __post_init__(self) -> None:
        _check_epsilon(self.epsilon)

    def apply(self, states: FloatArray) -> FloatArray:
        """Normalised states, (..., d) to (..., d)."""
        centred = states - states.mean(axis=-1, keepdims=True)
        return np.asarray(
            self.gain * centred / _root((centred**2).mean(axis=-1, keepdims=True) + self.epsilon) + self.shift
        )

    def push(self, state: FloatArray, vector: FloatArray) -> FloatArray:
        """J v: centre, then the derivative of the root-mean-square norm at the centred state."""
        return np.asarray(self.gain * _unit_derivative(state - state.mean(), vector - vector.mean(), self.epsilon))

    def pull(self, state: FloatArray, covector: FloatArray) -> FloatArray:
        """J^T u."""
        pulled = _unit_derivative(state - state.mean(), self.gain * covector, self.epsilon)
        return np.asarray(pulled - pulled.mean())


def jacobian(norm: Normalisation, state: FloatArray) -> FloatArray:
    """J(h) at a state (d,): (d, d), column i the derivative along coordinate i."""
    return np.column_stack([norm.push(state, direction) for direction in np.eye(len(state))])


def pulled_back_metric(head: Head, norm: Normalisation, state: FloatArray) -> FloatArray:
    """J^T g*(norm(h)) J at a state (d,) before the norm: (d, d)."""
    derivative = jacobian(norm, state)
    return np.asarray(derivative.T @ metric(head, norm.apply(state)) @ derivative)


def pulled_back_operator(head: Head, norm: Normalisation, state: FloatArray) -> LinearOperator:
    """The same as an operator (d, d), O(V d) a product."""
    after = metric_operator(head, norm.apply(state))

    def product(vector: FloatArray) -> FloatArray:
        return norm.pull(state, after.matvec(norm.push(state, np.asarray(vector, dtype=np.float64).reshape(-1))))

    return LinearOperator(after.shape, matvec=product, rmatvec=product, dtype=np.float64)


def pulled_back_rank(
    head: Head, norm: Normalisation, state: FloatArray, relative_tolerance: float = RANK_TOLERANCE
) -> int:
    """Rank of the metric before the norm: rank(W_c J), since p_h has full support."""
    return rank_of_product(head, jacobian(norm, state), relative_tolerance)


def _unit_derivative(state: FloatArray, vector: FloatArray, epsilon: float) -> FloatArray:
    """Derivative of h / sqrt(mean h^2 + epsilon) at `state` along `vector`; symmetric in its matrix.

    The part of the vector along the state is split off: v / r - h <h, v> / (d r^3) would lose it to cancellation, and
    it is what makes the radial direction nearly null.
    """
    square = float(state @ state)
    root = float(_root(np.asarray(square / len(state) + epsilon)))
    share = float(state @ vector) / square if square > 0 else 0.0
    return np.asarray((vector - share * state) / root + state * (share * epsilon / root**3))


def _root(values: FloatArray) -> FloatArray:
    if (values <= 0).any():
        raise ZeroDivisionError("a state of norm 0 has no direction, expected a non-zero state or epsilon > 0")
    return np.sqrt(values)


def _check_epsilon(epsilon: float) -> None:
    if not epsilon >= 0:
        raise ValueError(f"epsilon is {epsilon}, expected a number >= 0")
