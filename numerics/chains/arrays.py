"""Array types shared by the chain modules, and validation of stochastic matrices.

Row sums are checked within `ROW_SUM_TOLERANCE`; the errors name the row, as a user sees it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

ROW_SUM_TOLERANCE = 1e-9


def check_rows(table: FloatArray, what: str = "transition matrix", first_row: int = 0) -> FloatArray:
    """Check that every row of `table` (n, m) is a probability vector and return the row sums (n,).

    Raises `ValueError` naming the first bad row: NaN or infinite, negative, or a sum that is not 1 within 1e-9.
    """
    # A matrix-vector product sums short rows many times faster than a reduction over the last axis.
    with np.errstate(invalid="ignore", over="ignore"):
        sums: FloatArray = table @ np.ones(table.shape[1])
    finite = np.isfinite(sums)
    if not finite.all():
        row = int(np.argmin(finite))
        bad = int(np.argmin(np.isfinite(table[row])))
        raise ValueError(
            f"row {first_row + row} of the {what} has the entry {float(table[row, bad])} in column {bad}, "
            "expected a finite number"
        )
    if table.size and float(table.min()) < 0.0:
        row = int(np.argmax(table.min(axis=1) < 0.0))
        col = int(np.argmin(table[row]))
        raise ValueError(
            f"row {first_row + row} of the {what} has the negative entry {float(table[row, col]):.6g} in column "
            f"{col}, expected >= 0"
        )
    # Compared without a boolean temporary of the deviation: sums are (n,), negligible beside the table.
    off = np.abs(sums - 1.0) > ROW_SUM_TOLERANCE
    if off.any():
        row = int(np.argmax(off))
        raise ValueError(
            f"row {first_row + row} of the {what} sums to {float(sums[row]):.12g}, expected 1 within "
            f"{ROW_SUM_TOLERANCE:g}"
        )
    return sums


def as_stochastic(matrix: ArrayLike) -> FloatArray:
    """A square stochastic matrix (n, n) as a float64 array, rows rescaled to sum to 1 to rounding.

    Raises `ValueError` naming a bad row.
    """
    array: FloatArray = np.array(matrix, dtype=np.float64)
    if array.ndim != 2 or array.shape[0] != array.shape[1] or array.shape[0] == 0:
        raise ValueError(
            f"the transition matrix has shape {array.shape}, expected a square matrix with at least one row"
        )
    array /= check_rows(array)[:, None]
    return array
