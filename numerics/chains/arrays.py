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


def check_rows(table: FloatArray, what: str = "transition matrix", width: int = 1 << 16) -> float:
    """Check that every row of `table` (n, m) is a probability vector and return the largest |row sum - 1|.

    Works in blocks of rows, so a table of any size costs no second one.  Raises `ValueError` naming the first bad row:
    NaN or infinite, negative, or a sum that is not 1 within 1e-9.
    """
    ones = np.ones(table.shape[1])
    worst = 0.0
    for start in range(0, table.shape[0], width):
        block = table[start : start + width]
        # A matrix-vector product sums short rows many times faster than a reduction over the last axis.
        with np.errstate(invalid="ignore", over="ignore"):
            sums = block @ ones
        deviation = np.abs(sums - 1.0)
        if not np.isfinite(sums).all() or float(block.min()) < 0.0 or float(deviation.max()) > ROW_SUM_TOLERANCE:
            _raise_bad_row(block, sums, start, what)
        worst = max(worst, float(deviation.max()))
    return worst


def _raise_bad_row(block: FloatArray, sums: FloatArray, start: int, what: str) -> None:
    finite: BoolArray = np.asarray(np.isfinite(block).all(axis=1))
    positive: BoolArray = np.asarray(block.min(axis=1) >= 0.0)
    row = int(np.argmin(finite & positive & (np.abs(sums - 1.0) <= ROW_SUM_TOLERANCE)))
    where = f"row {start + row} of the {what}"
    if not finite[row]:
        column = int(np.argmin(np.isfinite(block[row])))
        raise ValueError(
            f"{where} has the entry {float(block[row, column])} in column {column}, expected a finite number"
        )
    if not positive[row]:
        column = int(np.argmin(block[row]))
        raise ValueError(
            f"{where} has the negative entry {float(block[row, column]):.6g} in column {column}, expected >= 0"
        )
    raise ValueError(f"{where} sums to {float(sums[row]):.12g}, expected 1 within {ROW_SUM_TOLERANCE:g}")


def as_stochastic(matrix: ArrayLike) -> FloatArray:
    """A square stochastic matrix (n, n) as a float64 array, rows rescaled to sum to 1 to rounding.

    Raises `ValueError` naming a bad row.
    """
    array: FloatArray = np.array(matrix, dtype=np.float64)
    if array.ndim != 2 or array.shape[0] != array.shape[1] or array.shape[0] == 0:
        raise ValueError(
            f"the transition matrix has shape {array.shape}, expected a square matrix with at least one row"
        )
    check_rows(array)
    array /= array.sum(axis=1, keepdims=True)
    return array
