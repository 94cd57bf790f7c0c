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
        worst = max(worst, check_row_sums(block, sums, start, what))
    return worst


def check_row_sums(
    block: NDArray[np.float32 | np.float64],
    sums: FloatArray,
    start: int,
    what: str,
    tolerance: float = ROW_SUM_TOLERANCE,
) -> float:
    """The largest |sum - 1| of a block of rows whose sums are known; `ValueError` names the first bad row."""
    deviation = float(np.abs(sums - 1.0).max())
    # A comparison with NaN is false.
    if not (deviation <= tolerance and float(block.min()) >= 0.0):
        _raise_bad_row(block, sums, start, what, tolerance)
    return deviation


def _raise_bad_row(
    block: NDArray[np.float32 | np.float64], sums: FloatArray, start: int, what: str, tolerance: float
) -> None:
    finite: BoolArray = np.asarray(np.isfinite(block).all(axis=1))
    positive: BoolArray = np.asarray(block.min(axis=1) >= 0.0)
    row = int(np.argmin(finite & positive & (np.abs(sums - 1.0) <= tolerance)))
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
    raise ValueError(f"{where} sums to {float(sums[row]):.12g}, expected 1 within {tolerance:g}")


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
