"""Sizes of a model's output layer (D13): what bounds on logits are made of.

A model with a linear output layer gives logits = hidden @ unembedding.T. Main definitions: `LinearOutput` (the protocol
of such models), `OutputNorms`, `output_norms(model)`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np

from numerics.models.protocol import FloatArray, IntArray, LanguageModel, ModelError
from numerics.models.wrappers.restriction import Restriction
from numerics.models.wrappers.temperature import Temperature
from numerics.models.wrappers.window import Window
from numerics.models.wrappers.wrapped import Wrapped

EXACT_DIAMETER_ROWS = 8192  # all pairs of rows beyond this cost too much; 2 b_U is used


@runtime_checkable
class LinearOutput(Protocol):
    """A model whose logits are linear in a last hidden state of bounded ℓ2 norm."""

    @property
    def hidden_norm_bound(self) -> float:
        """Bound on ‖hidden‖_2 that holds for every context: √d·‖gain‖_∞ plus ‖bias‖_2 of the last normalisation."""

    def unembedding(self) -> FloatArray:
        """float64 (T, d); a bias of the output layer is one more column, whose hidden entry is 1."""

    def hidden_states(self, contexts: IntArray) -> FloatArray:
        """int64 (B, k) to float64 (B, d)."""


@dataclass(frozen=True)
class OutputNorms:
    """B_U, b_U, D_U of D13, multiplied by the bound on the hidden states' norm; temperature 1, no unit.

    `diameter_is_exact` is False where D_U is replaced by its bound 2 b_U.
    """

    B_U: float
    b_U: float
    D_U: float
    hidden_norm_bound: float
    width: int
    diameter_is_exact: bool


def output_norms(model: LanguageModel) -> OutputNorms:
    """Norms of the unembedding rows; ModelError if the model has no linear output layer."""
    rows, bound = _rows_and_bound(model)
    norms = np.linalg.norm(rows, axis=1)
    exact = len(rows) <= EXACT_DIAMETER_ROWS
    diameter = _diameter(rows) if exact else 2 * float(norms.max())
    return OutputNorms(
        float(norms.sum()) * bound, float(norms.max()) * bound, diameter * bound, bound, rows.shape[1], exact
    )


def _rows_and_bound(model: LanguageModel) -> tuple[FloatArray, float]:
    if isinstance(model, LinearOutput):
        return model.unembedding(), model.hidden_norm_bound
    if isinstance(model, Wrapped):
        if isinstance(model.change, Temperature | Window):  # temperature is a separate letter in the bounds
            return _rows_and_bound(model.base)
        if isinstance(model.change, Restriction):
            rows, bound = _rows_and_bound(model.base)
            return rows[model.change.tokens], bound
    raise ModelError(f"{model.name} has no linear output layer: B_U, b_U and D_U are not defined")


def _diameter(rows: FloatArray) -> float:
    """max_ij ‖row_i - row_j‖_2, by slices of 1024 rows."""
    squares = (rows**2).sum(axis=1)
    largest = 0.0
    for start in range(0, len(rows), 1024):
        part = slice(start, start + 1024)
        distance = squares[part, None] + squares[None, :] - 2 * rows[part] @ rows.T
        largest = max(largest, float(distance.max()))
    return float(np.sqrt(max(largest, 0.0)))
