"""The window chain of a language model: contexts of length K, moved on by the next token (definitions D4-D6).

Main definitions: `WindowChain`, with the constructors `from_model`, `from_table`, `from_log_table`.

Conventions: row u of `table` is the next-token law after the full context with base-T value u; rows of `short` are the
laws after the shorter contexts in the order of D3.  The table is held token-major (its transpose is C-contiguous) when
T is small, because the matrix-free operator then streams it at memory speed.  Logarithms are natural.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike

from numerics.chains.arrays import BoolArray, FloatArray, IntArray, check_rows
from numerics.chains.index import enumerate_contexts, length_offset, n_full, n_states

# Above this vocabulary size rows are long enough to be streamed as they are.
TOKEN_MAJOR_LIMIT = 64


class _Vocabulary(Protocol):
    @property
    def size(self) -> int: ...


class LanguageModel(Protocol):
    """What `from_model` needs of a model: the protocol of `numerics.models`."""

    @property
    def vocabulary(self) -> _Vocabulary: ...

    @property
    def context_window(self) -> int: ...

    def next_token_log_probs(self, contexts: IntArray, /) -> FloatArray:
        """Log-probabilities (B, T) of the next token after contexts (B, k)."""
        ...


@dataclass(frozen=True, eq=False)
class WindowChain:
    """A window chain with T tokens and contexts of length K.

    `table`: (T^K, T) next-token probabilities of the full contexts; `short`: None or (n_S - T^K, T) for the shorter
    contexts. `log_table`, `log_short`: natural logarithms, kept where the chain was built from them: a positive
    probability may underflow to 0 in `table` while its logarithm is finite, and the support is then read from the
    logarithm. Rows must be probability vectors within 1e-9 (`ValueError` names the row); a larger deviation than
    rounding is rescaled away.
    """

    T: int
    K: int
    table: FloatArray = field(repr=False)
    short: FloatArray | None = field(default=None, repr=False)
    log_table: FloatArray | None = field(default=None, repr=False)
    log_short: FloatArray | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        n = n_full(self.T, self.K)
        _set(self, "table", _checked(self.table, (n, self.T), "transition matrix", self.T))
        shorter = (n_states(self.T, self.K) - n, self.T)
        if self.short is not None:
            _set(self, "short", _checked(self.short, shorter, "table of shorter contexts", self.T))
        for name, shape in (("log_table", (n, self.T)), ("log_short", shorter)):
            logs: FloatArray | None = getattr(self, name)
            if logs is not None:
                if logs.shape != shape:
                    raise ValueError(f"{name} has shape {logs.shape}, expected {shape} (T = {self.T}, K = {self.K})")
                _set(self, name, _frozen(np.asarray(logs, dtype=np.float64)))

    @property
    def n(self) -> int:
        """Number of full contexts T^K."""
        return n_full(self.T, self.K)

    @property
    def n_all(self) -> int:
        """Number of states n_S of the full space (strings of length 1..K)."""
        return n_states(self.T, self.K)

    @property
    def log_probs(self) -> FloatArray:
        """Natural log-probabilities (T^K, T) of the full contexts; -inf exactly where a token is impossible."""
        if self.log_table is not None:
            return self.log_table
        with np.errstate(divide="ignore"):
            return np.asarray(np.log(self.table), dtype=np.float64)

    @property
    def is_positive(self) -> bool:
        """Whether every next token has positive probability after every full context (a *positive model*, D4)."""
        if self.log_table is not None:
            return bool(np.isfinite(self.log_table.min()))
        return bool(self.table.min() > 0.0)

    @property
    def underflows(self) -> bool:
        """Whether some positive probability is 0 in float64.

        The computed chain has fewer transitions than the model.
        """
        return self.log_table is not None and bool(((self.table == 0.0) & np.isfinite(self.log_table)).any())

    def support(self) -> BoolArray:
        """Which tokens are possible, (T^K, T); read from the logarithms where they are known."""
        return np.asarray(np.isfinite(self.log_table) if self.log_table is not None else self.table > 0.0)

    @property
    def breaks(self) -> tuple[tuple[int, int], ...]:
        """The (context, token) pairs of probability zero.

        Empty for a positive model.  Theorems on positive models need it empty.
        """
        if self.is_positive:
            return ()
        return tuple((int(u), int(x)) for u, x in np.argwhere(~self.support()))

    def short_rows(self, length: int) -> FloatArray:
        """Next-token laws (T^length, T) of the contexts of one length < K.

        `ValueError` where the chain does not hold them.
        """
        if self.short is None:
            raise ValueError("the chain holds no shorter contexts; build it with short_contexts=True or pass `short`")
        first = length_offset(length, self.T)
        return self.short[first : first + self.T**length]

    def permuted(self, permutation: ArrayLike) -> WindowChain:
        """The same chain with token x renamed permutation[x]: nothing that matters may change."""
        new_name = np.asarray(permutation, dtype=np.int64)
        if sorted(new_name.tolist()) != list(range(self.T)):
            raise ValueError(f"{new_name.tolist()} is not a permutation of 0..{self.T - 1}")
        old_name = np.argsort(new_name)

        def rename(rows: FloatArray, length: int) -> FloatArray:
            order = enumerate_contexts(self.T, length)
            weights = self.T ** np.arange(length - 1, -1, -1, dtype=np.int64)
            return np.asarray(rows[old_name[order] @ weights][:, old_name])

        short = None
        if self.short is not None:
            blocks = [rename(self.short_rows(length), length) for length in range(1, self.K)]
            short = np.concatenate(blocks) if blocks else self.short
        return WindowChain(self.T, self.K, rename(self.table, self.K), short)

    def __repr__(self) -> str:
        return f"WindowChain(T={self.T}, K={self.K}, states={self.n}, positive={self.is_positive})"

    @classmethod
    def from_table(cls, table: ArrayLike, T: int, K: int, short: ArrayLike | None = None) -> WindowChain:
        """Chain of a probability table (T^K, T), and optionally the rows (n_S - T^K, T) of the shorter contexts."""
        rows = None if short is None else np.asarray(short, dtype=np.float64)
        return cls(T, K, np.asarray(table, dtype=np.float64), rows)

    @classmethod
    def from_log_table(cls, log_table: ArrayLike, T: int, K: int, log_short: ArrayLike | None = None) -> WindowChain:
        """Chain of log-probabilities (nats), normalised within 1e-9; the support is where they are finite."""
        logs = np.asarray(log_table, dtype=np.float64)
        if np.isnan(logs).any():
            row = int(np.argmax(np.isnan(logs).any(axis=-1)))
            raise ValueError(f"row {row} of the log-probabilities holds NaN, expected real numbers or -inf")
        short = None if log_short is None else np.asarray(log_short, dtype=np.float64)
        return cls(T, K, np.exp(logs), None if short is None else np.exp(short), logs, short)

    @classmethod
    def from_model(
        cls,
        model: LanguageModel,
        order: int,
        *,
        short_contexts: bool = True,
        batch: int = 4096,
        progress: Callable[[int, int], None] | None = None,
    ) -> WindowChain:
        """Evaluate a model on every context of length `order` (and shorter ones), in batches of contexts.

        `progress(done, total)` is called after each batch.  Raises `ValueError` if `order` exceeds the model's context
        window, or if a row is not a law (the error names it).
        """
        T, K = model.vocabulary.size, order
        if not 1 <= K <= model.context_window:
            raise ValueError(f"order {K} is outside 1..{model.context_window}, the context window of the model")
        lengths = range(1, K + 1) if short_contexts else range(K, K + 1)
        total = sum(T**length for length in lengths)
        blocks: list[FloatArray] = []
        done = 0
        for length in lengths:
            rows = np.empty((T**length, T), order="F" if T <= TOKEN_MAJOR_LIMIT else "C")
            for start in range(0, T**length, batch):
                stop = min(start + batch, T**length)
                logs = np.asarray(model.next_token_log_probs(enumerate_contexts(T, length, start, stop)))
                if logs.shape != (stop - start, T):
                    raise ValueError(
                        f"the model returned log-probabilities of shape {logs.shape}, expected {(stop - start, T)}"
                    )
                if np.isnan(logs).any():
                    bad = start + int(np.argmax(np.isnan(logs).any(axis=1)))
                    raise ValueError(f"the model returned NaN log-probabilities for context {bad} of length {length}")
                rows[start:stop] = logs
                done += stop - start
                if progress is not None:
                    progress(done, total)
            blocks.append(rows)
        log_short = (
            np.concatenate(blocks[:-1]) if short_contexts and K > 1 else np.empty((0, T)) if short_contexts else None
        )
        return cls.from_log_table(blocks[-1], T, K, log_short)


def _set(chain: WindowChain, name: str, value: FloatArray) -> None:
    object.__setattr__(chain, name, value)


def _frozen(array: FloatArray) -> FloatArray:
    view = array.view()
    view.setflags(write=False)
    return view


def _checked(table: FloatArray, shape: tuple[int, int], what: str, T: int) -> FloatArray:
    table = np.asarray(table, dtype=np.float64)
    if table.shape != shape:
        raise ValueError(f"the {what} has shape {table.shape}, expected {shape}")
    if check_rows(table, what) > 1e-14 * T:
        table = table / (table @ np.ones(T))[:, None]
    if T <= TOKEN_MAJOR_LIMIT and not table.flags.f_contiguous:
        table = np.asfortranarray(table)
    elif T > TOKEN_MAJOR_LIMIT and not table.flags.c_contiguous:
        table = np.ascontiguousarray(table)
    return _frozen(table)
