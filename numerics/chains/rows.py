"""Window chains whose rows are read, not held: a file, or a language model evaluated batch by batch.

Main definitions: `RowSource` and its instances `FileRows` and `ModelRows`, `held_rows`, `stationary_of_rows`.
`stationary_of_rows` keeps one single-precision copy of the table, half of what a `WindowChain` holds, and reads the
rows again for the few residuals that it takes in double precision.  Where rows come in single precision, as real models
give them, the copy is the chain itself, each row divided by its sum in double precision, and nothing is read twice.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from numerics.chains.arrays import ROW_SUM_TOLERANCE, FloatArray, check_row_sums
from numerics.chains.index import check_sizes, enumerate_contexts, n_full
from numerics.chains.operator import block_width
from numerics.chains.refinement import ExactBlocks, Progress, SingleArray, refined_by_blocks
from numerics.chains.stationary import PLAIN_LIMIT, StationaryResult, stationary
from numerics.chains.window_chain import TOKEN_MAJOR_LIMIT, LanguageModel, WindowChain

Rows = NDArray[np.float32 | np.float64]
# Single-precision rows whose sums deviate by more than this are an error, not rounding.
SINGLE_SUM_TOLERANCE = 1e-5


class RowSource(Protocol):
    """The next-token laws of the full contexts, in the order of D3, the same at every call."""

    @property
    def T(self) -> int: ...

    @property
    def K(self) -> int: ...

    def rows(self, first: int, last: int) -> Rows:
        """Probabilities (last - first, T) after the contexts first..last-1, of one dtype: float32 or float64."""
        ...


class ModelRows:
    """Rows of a language model, evaluated at each call; in the precision of its log-probabilities."""

    def __init__(self, model: LanguageModel, order: int) -> None:
        if not 1 <= order <= model.context_window:
            raise ValueError(f"order {order} is outside 1..{model.context_window}, the context window of the model")
        self.T, self.K, self.model = model.vocabulary.size, order, model

    def rows(self, first: int, last: int) -> Rows:
        logs = np.asarray(self.model.next_token_log_probs(enumerate_contexts(self.T, self.K, first, last)))
        return np.asarray(np.exp(logs))


class FileRows:
    """Rows of a `.npy` file with a C-ordered array (T^K, T) of float32 or float64, read piece by piece."""

    def __init__(self, path: str | Path, T: int, K: int) -> None:
        check_sizes(T, K)
        self.T, self.K, self.path = T, K, Path(path)
        with self.path.open("rb") as file:
            version = np.lib.format.read_magic(file)
            read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
            shape, is_fortran, self._dtype = read(file)
            self._start = file.tell()
        if shape != (n_full(T, K), T) or is_fortran or self._dtype not in (np.float32, np.float64):
            order = "Fortran" if is_fortran else "C"
            raise ValueError(
                f"{self.path.name} holds an array {shape} of {self._dtype} in {order} order, expected "
                f"{(n_full(T, K), T)} of float32 or float64 in C order"
            )

    def rows(self, first: int, last: int) -> Rows:
        width = self.T * self._dtype.itemsize
        found: NDArray[Any] = np.fromfile(
            self.path, self._dtype, (last - first) * self.T, offset=self._start + first * width
        )
        return found.reshape(last - first, self.T)


@dataclass(frozen=True, eq=False)
class HeldRows:
    """The rows of a source in single precision, ready for `stationary_of_rows`.

    `single`: (T, T^K), token-major; `exact`: blocks of rows in double precision, from memory or from the source;
    `is_positive`: whether every probability is positive, also in single precision.
    """

    source: RowSource
    single: SingleArray = field(repr=False)
    exact: ExactBlocks = field(repr=False)
    is_positive: bool


def stationary_of_rows(
    rows: RowSource | HeldRows, *, tolerance: float = 1e-13, progress: Progress | None = None
) -> StationaryResult:
    """Stationary law on the full contexts, with the table in single precision as the only one in memory.

    Rows are checked as those of a `WindowChain` (`ValueError` names the first bad one).  Chains that are small, not
    positive, slow to mix, or over more than 64 tokens are read into a `WindowChain` and given to `stationary`, which
    also says what it raises; it needs two to three times the memory.  The residual is that of the rows in double
    precision, divided by their sums.
    """
    held = rows if isinstance(rows, HeldRows) else None
    source: RowSource = rows.source if isinstance(rows, HeldRows) else rows
    if source.K > 1 and source.T <= TOKEN_MAJOR_LIMIT and n_full(source.T, source.K) > PLAIN_LIMIT:
        held = held_rows(source) if held is None else held
        if held.is_positive:
            law, error, steps = refined_by_blocks(held.single, held.exact, tolerance, progress)
            if error <= tolerance:
                return StationaryResult(law, error, "refined", steps, True)
            del law
    del rows, held
    return stationary(window_chain(source), tolerance=tolerance, progress=progress)


def window_chain(source: RowSource) -> WindowChain:
    """All rows in memory, in double precision, divided by their sums."""
    table = np.empty((n_full(source.T, source.K), source.T), order="F" if source.T <= TOKEN_MAJOR_LIMIT else "C")
    for first, last, rows, sums in _pieces(source):
        np.divide(rows, sums[:, None], out=table[first:last])
    return WindowChain(source.T, source.K, table)


def held_rows(source: RowSource) -> HeldRows:
    """Read all rows once into a table in single precision; double-precision rows are read again when asked for."""
    T, n = source.T, n_full(source.T, source.K)
    M = n // T
    single = np.empty((T, n), dtype=np.float32)
    smallest, is_single = np.inf, True
    for first, last, rows, _ in _pieces(source):
        single[:, first:last] = rows.T
        smallest = min(smallest, float(rows.min()))
        is_single = is_single and rows.dtype == np.float32
    # A positive probability below the range of single precision would be lost.
    is_positive = smallest > 0.0 and float(np.float32(smallest)) > 0.0
    buffer = np.empty((T, T, block_width(T)))

    def from_memory(first: int, last: int) -> tuple[FloatArray, FloatArray | None]:
        rows = buffer[:, :, : last - first]  # (x, a, w)
        rows[:] = single.reshape(T, T, M)[:, :, first:last]
        return rows, rows.sum(axis=0)

    def from_source(first: int, last: int) -> tuple[FloatArray, FloatArray | None]:
        rows = buffer[:, :, : last - first]
        for a in range(T):
            rows[:, a] = source.rows(a * M + first, a * M + last).T
        return rows, rows.sum(axis=0)

    return HeldRows(source, single, from_memory if is_single else from_source, is_positive)


def _pieces(source: RowSource) -> Iterator[tuple[int, int, Rows, FloatArray]]:
    """(first, last, rows, sums of the rows in double precision) of all contexts, checked, a block at a time."""
    n, width = n_full(source.T, source.K), 2 * block_width(source.T)
    ones = np.ones(source.T)
    for first in range(0, n, width):
        last = min(first + width, n)
        rows = source.rows(first, last)
        if rows.shape != (last - first, source.T):
            raise ValueError(f"the source gave rows of shape {rows.shape}, expected {(last - first, source.T)}")
        sums: FloatArray = rows.astype(np.float64, copy=False) @ ones
        tolerance = SINGLE_SUM_TOLERANCE if rows.dtype == np.float32 else ROW_SUM_TOLERANCE
        check_row_sums(rows, sums, first, "transition matrix", tolerance)
        yield first, last, rows, sums
