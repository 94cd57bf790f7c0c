"""`table:FILE`: a user's own next-token table, as .npy (never unpickled) or .json.

The table has T columns and one row a state, in the order of D3: either all states of 1..K tokens or the T^K full
contexts only (then shorter contexts are refused). JSON is a list of rows, or an object with `table` and, if wanted,
`tokens` (names) and `kind`; entries may be fractions written as strings ("1/3").
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from numerics.models.packages import read_npy
from numerics.models.protocol import (
    FloatArray,
    IntArray,
    ModelEntry,
    ModelError,
    Vocabulary,
    check_contexts,
    in_chunks,
    log_softmax,
)

KINDS = ("probabilities", "log_probs", "logits")
TOLERANCE = 1e-9


@dataclass(frozen=True, eq=False)
class TableModel:
    """A next-token law given by logits, one row a state; row = index of D3, minus `first_row` if short contexts are
    missing."""

    name: str
    vocabulary: Vocabulary
    context_window: int
    logits: FloatArray  # (n_S, T), or (T^K, T) without short contexts
    first_row: int = 0
    temperature: float = 1.0
    broken_assumptions: Mapping[str, str] = field(default_factory=dict)

    def next_token_log_probs(self, contexts: IntArray) -> FloatArray:
        """(B, k) to (B, T): log-softmax of the context's row."""
        T = self.vocabulary.size
        tokens = check_contexts(contexts, T, self.context_window)
        if self.first_row and tokens.shape[1] < self.context_window:
            raise ModelError(
                f"{self.name} gives the law after full contexts only: "
                f"a context has {tokens.shape[1]} tokens, expected {self.context_window}"
            )

        def chunk(part: IntArray) -> FloatArray:
            return log_softmax(self.logits[state_index(part, T) - self.first_row], part)

        return in_chunks(chunk, tokens, T)


def state_index(contexts: IntArray, vocabulary_size: int) -> IntArray:
    """D3: by length, then lexicographic, first token most significant. (B, k) to (B,)."""
    T, length = vocabulary_size, contexts.shape[1]
    index = np.zeros(len(contexts), dtype=np.int64)
    for position in range(length):
        index = index * T + contexts[:, position]
    return index + (0 if length == 1 else state_count(T, length - 1))


def state_count(vocabulary_size: int, context_window: int) -> int:
    """n_S = T + T^2 + ... + T^K (D2)."""
    return sum(vocabulary_size**length for length in range(1, context_window + 1))


def from_table(
    table: FloatArray, kind: str = "probabilities", names: Sequence[str] | None = None, name: str = "table"
) -> TableModel:
    """A model from rows of probabilities, log-probabilities (both must sum to 1 within 1e-9) or logits; shape as in the
    module's text."""
    if kind not in KINDS:
        raise ModelError(f"kind is {kind!r}, expected one of {', '.join(KINDS)}")
    array = np.asarray(table, dtype=np.float64)
    if array.ndim != 2 or array.shape[1] < 2:
        raise ModelError(f"the next-token table has shape {array.shape}, expected (states, T) with T >= 2")
    rows, T = array.shape
    K = next((k for k in range(1, 64) if T**k >= rows or state_count(T, k) >= rows), 64)
    if rows not in (T**K, state_count(T, K)):
        raise ModelError(
            f"the next-token table has {rows} rows and {T} columns, expected T^K = {T**K} rows (full contexts) "
            f"or {state_count(T, K)} (all states) for K = {K}"
        )
    if np.isnan(array).any():
        row, token = np.argwhere(np.isnan(array))[0]
        raise ModelError(f"row {row} of the next-token table is nan at token {token}")
    if kind == "probabilities":
        if (array < 0).any():
            row, token = np.argwhere(array < 0)[0]
            raise ModelError(
                f"row {row} of the next-token table has {array[row, token]:g} at token {token}, expected >= 0"
            )
        with np.errstate(divide="ignore"):  # probability 0 is the logit -inf
            array = np.log(array)
    if kind != "logits":
        sums = np.exp(array).sum(axis=1)
        wrong = np.flatnonzero(~(np.abs(sums - 1) <= TOLERANCE))
        if wrong.size:
            raise ModelError(
                f"row {wrong[0]} of the next-token table sums to {sums[wrong[0]]:.10g}, expected 1 within {TOLERANCE:g}"
            )
    zeros = int(np.isneginf(array).sum())
    reason = f"{zeros} of {array.size} entries of the table have probability 0"
    broken = {"positive": reason, "finite_logits": reason} if zeros else {}
    first_row = state_count(T, K) - rows
    return TableModel(name, Vocabulary(T, None if names is None else tuple(names)), K, array, first_row, 1.0, broken)


def read_table(file: str, kind: str | None = None) -> TableModel:
    """The model in FILE.npy or FILE.json; `kind` is `probabilities` unless the file or the caller says otherwise."""
    path = Path(file)
    if path.suffix == ".npy":
        return from_table(read_npy(path), kind or "probabilities", name=f"table:{path.name}")
    if path.suffix != ".json":
        raise ModelError(f"the table {path.name!r} ends in {path.suffix!r}, expected .npy or .json")
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise ModelError(f"cannot read {path.name} as JSON: {error}") from error
    record = content if isinstance(content, dict) else {"table": content}
    unknown = set(record) - {"table", "tokens", "kind"}
    if unknown or "table" not in record:
        raise ModelError(f"{path.name} has the keys {sorted(record)}, expected table and, if wanted, tokens and kind")
    names = record.get("tokens")
    return from_table(_rows(record["table"]), kind or record.get("kind", "probabilities"), names, f"table:{path.name}")


def _rows(rows: Any) -> FloatArray:
    if not isinstance(rows, list) or not rows or not all(isinstance(row, list) for row in rows):
        raise ModelError("the table in the JSON file is not a list of rows")
    widths = {len(row) for row in rows}
    if len(widths) != 1:
        raise ModelError(f"the rows of the table have {sorted(widths)} entries, expected the same number in each")
    out = np.empty((len(rows), widths.pop()))
    for i, row in enumerate(rows):
        for j, entry in enumerate(row):
            try:
                out[i, j] = float(Fraction(entry)) if isinstance(entry, str) else float(entry)
            except (TypeError, ValueError, ZeroDivisionError) as error:
                raise ModelError(f"row {i} of the table has {entry!r} at token {j}, expected a number") from error
    return out


MODELS = (
    ModelEntry(
        "table",
        "your own next-token table (.npy or .json)",
        "columns",
        "from the rows",
        "yours",
        "nothing",
        read_table,
        "FILE",
    ),
)
