"""A dense two-phase simplex method for small programs, where calling a solver costs more than solving.

`small_program` answers "minimise c.x over A x = b, x >= 0" in floating point with x, or with y such that y.A >= 0 and
y.b < 0 where there is no such x (Farkas), or with None where it gives up. Its answers are proposals: whoever asks
re-checks them exactly.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

_ZERO = 1e-9
LARGEST = 60_000  # entries of the tableau up to which this road is taken


@dataclass(frozen=True)
class Optimum:
    """A least-cost x."""

    x: Any


@dataclass(frozen=True)
class Farkas:
    """y with y.A >= 0 and y.b < 0."""

    y: Any


def small_program(matrix: Any, right: Any, cost: Any) -> Optimum | Farkas | None:
    """`matrix` (m, n), `right` (m), `cost` (n): float arrays."""
    import numpy as np

    rows, columns = matrix.shape
    signs = np.where(right < 0, -1.0, 1.0)
    tableau = np.zeros((rows + 1, columns + rows + 1))
    tableau[:rows, :columns] = matrix * signs[:, None]
    tableau[:rows, columns : columns + rows] = np.eye(rows)
    tableau[:rows, -1] = right * signs
    tableau[rows] = -tableau[:rows].sum(axis=0)  # reduced costs of the sum of the artificial variables
    tableau[rows, columns : columns + rows] = 0.0
    basis = np.arange(columns, columns + rows)
    limit = 20 * (rows + columns)
    if not _run(tableau, basis, columns, limit):
        return None
    if -tableau[rows, -1] > _ZERO * (1 + abs(right).sum()):
        return Farkas(-signs * (1.0 - tableau[rows, columns : columns + rows]))
    for row in range(rows):  # artificial variables at zero leave; rows without another entry are redundant
        if basis[row] >= columns:
            entering = int(np.argmax(abs(tableau[row, :columns])))
            if abs(tableau[row, entering]) > _ZERO:
                _pivot(tableau, basis, row, entering)
    kept = np.append(np.flatnonzero(basis < columns), rows)
    tableau = np.hstack([tableau[kept, :columns], tableau[kept, -1:]])
    basis = basis[kept[:-1]]
    tableau[-1] = np.append(cost, 0.0) - cost[basis] @ tableau[:-1]
    if not _run(tableau, basis, columns, limit):
        return None
    x = np.zeros(columns)
    x[basis] = tableau[:-1, -1]
    return Optimum(x)


def _run(tableau: Any, basis: Any, columns: int, limit: int) -> bool:
    """Pivot to optimality: steepest reduced cost at first, then the first one (Bland), which cannot cycle."""
    import numpy as np

    for count in range(limit):
        reduced = tableau[-1, :columns]
        if count < limit // 4:
            entering = int(np.argmin(reduced))
            if reduced[entering] >= -_ZERO:
                return True
        else:
            negative = np.flatnonzero(reduced < -_ZERO)
            if not len(negative):
                return True
            entering = int(negative[0])
        column = tableau[:-1, entering]
        positive = np.flatnonzero(column > _ZERO)
        if not len(positive):
            return False  # unbounded: does not happen for costs >= 0
        ratios = tableau[positive, -1] / column[positive]
        ties = positive[ratios <= ratios.min() + _ZERO]
        _pivot(tableau, basis, int(ties[np.argmin(basis[ties])]), entering)
    return False


def _pivot(tableau: Any, basis: Any, row: int, entering: int) -> None:
    tableau[row] /= tableau[row, entering]
    factors = tableau[:, entering].copy()
    factors[row] = 0.0
    tableau -= factors[:, None] * tableau[row]
    basis[row] = entering
