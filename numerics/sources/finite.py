"""Exact finite sources: contexts, the laws of their next tokens, and an encoder to states.

Main definitions
    FiniteSource   contexts x with mass μ(x), token laws p(w_k | x, w_1..w_{k-1}) as arrays, an encoder f: x -> state
    path_table     p(x, w_1..w_k), by the chain rule
    token_joint    the joint law over (X, H, W, A, B, ..): one axis a token
    block_joint    the joint law over (X, H, W, F): F is the block of the further tokens, flattened
    state_joint    the law over (H, W, F) alone: no axis of contexts, for many contexts
    Terms, block_terms   surplus, ceiling and deficit of a block, each from its own definition

Notation: X context, H = f(X) state, W = W_t, F = W_{t+1..t+K-1} (D14).

Conventions: laws[k] has shape (N, V, .., V) with k+1 axes of tokens, the last of which sums to 1. Contexts of mass 0
are refused: drop them first. States are 0..M-1, each used. Nats.

Source: specification `categorical`, D12 to D14, 2.0 (MT) and 4.9.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from numerics.information.divergences import kl_unchecked
from numerics.information.entropy import Joint, mutual_information
from numerics.kernels.conditionals import normalised
from numerics.kernels.kernel import FloatArray, check_rows

IntArray = NDArray[np.int64]
TOKEN_AXES = ("W", "A", "B", "C", "D", "E")
CELL_LIMIT = 2 * 10**7  # cells of a table that is formed at once


class TooManyCellsError(ValueError):
    """A table would have more than CELL_LIMIT cells."""


@dataclass(frozen=True, eq=False)
class FiniteSource:
    """See the module.

    Attributes
        name      how reports call it
        mu        masses of the contexts (N,), positive
        laws      token laws: (N, V), (N, V, V), ...
        encoder   state of every context (N,), values 0..M-1
        head      rows of a head, one a state (M, V), for the model law; None where there is none

    Raises ValueError, naming the place, where anything does not fit.
    """

    name: str
    mu: FloatArray
    laws: tuple[FloatArray, ...]
    encoder: IntArray
    head: FloatArray | None = None

    def __post_init__(self) -> None:
        check_rows(self.mu, f"the contexts of {self.name}")
        if (self.mu == 0).any():
            place = int(np.flatnonzero(self.mu == 0)[0])
            raise ValueError(f"context {place} of {self.name} has mass 0, expected contexts of mass 0 to be dropped")
        if not self.laws:
            raise ValueError(f"{self.name} has no token laws, expected at least that of the next token")
        size = self.laws[0].shape[-1]
        for k, law in enumerate(self.laws):
            expected = (len(self.mu), *[size] * (k + 1))
            if law.shape != expected:
                raise ValueError(f"token law {k} of {self.name} has shape {law.shape}, expected {expected}")
            check_rows(law, f"token law {k} of {self.name}")
        if self.encoder.shape != self.mu.shape or not np.array_equal(
            np.unique(self.encoder), np.arange(self.encoder.max() + 1)
        ):
            raise ValueError(
                f"the encoder of {self.name} has the values {np.unique(self.encoder).tolist()[:8]}, expected the "
                f"states 0..M-1, each used, one for each of the {len(self.mu)} contexts"
            )
        if self.head is not None:
            if self.head.shape != (self.states, size):
                raise ValueError(f"the head of {self.name} has shape {self.head.shape}, expected {(self.states, size)}")
            check_rows(self.head, f"the head of {self.name}")

    @property
    def contexts(self) -> int:
        """N."""
        return len(self.mu)

    @property
    def states(self) -> int:
        """M."""
        return int(self.encoder.max()) + 1

    @property
    def V(self) -> int:
        """Vocabulary size."""
        return int(self.laws[0].shape[-1])

    @property
    def tokens(self) -> int:
        """How many tokens the source gives laws for; the largest block is K = tokens."""
        return len(self.laws)

    @property
    def state_law(self) -> FloatArray:
        """Law of H, (M,)."""
        return np.asarray(np.bincount(self.encoder, weights=self.mu, minlength=self.states), dtype=np.float64)

    @property
    def encoder_rows(self) -> FloatArray:
        """The encoder as a 0/1 matrix (N, M)."""
        rows = np.zeros((self.contexts, self.states))
        rows[np.arange(self.contexts), self.encoder] = 1
        return rows

    def with_encoder(self, encoder: ArrayLike, name: str | None = None) -> FiniteSource:
        """The same source read through another encoder; labels are renumbered 0..M-1. The head is dropped."""
        labels = np.unique(np.asarray(encoder), return_inverse=True)[1].astype(np.int64).reshape(-1)
        return replace(self, encoder=labels, head=None, name=self.name if name is None else name)

    def __repr__(self) -> str:
        return f"FiniteSource({self.name!r}, N={self.contexts}, M={self.states}, V={self.V}, tokens={self.tokens})"


def path_table(source: FiniteSource, tokens: int) -> FloatArray:
    """p(x, w_1..w_k), shape (N, V, .., V). ValueError beyond the source's tokens or 2·10^7 cells."""
    _require_tokens(source, tokens)
    _require_cells(source.contexts * source.V**tokens, source)
    table = source.mu
    for law in source.laws[:tokens]:
        table = table[..., None] * law
    return table


def token_joint(source: FiniteSource, tokens: int | None = None) -> Joint:
    """The joint law over ("X", "H", "W", "A", "B", ..), dense, up to 2·10^7 cells."""
    count = source.tokens if tokens is None else tokens
    _require_cells(source.contexts * source.states * source.V**count, source)
    paths = path_table(source, count)
    table = np.zeros((source.contexts, source.states, *paths.shape[1:]))
    table[np.arange(source.contexts), source.encoder] = paths
    return Joint(("X", "H", *TOKEN_AXES[:count]), table)


def block_joint(source: FiniteSource, block: int) -> Joint:
    """The joint law over ("X", "H", "W", "F"), F the `block` - 1 tokens after W. ValueError for block < 2."""
    _require_block(block)
    joint = token_joint(source, block)
    return Joint(("X", "H", "W", "F"), joint.table.reshape(*joint.table.shape[:3], -1))


def state_joint(source: FiniteSource, block: int) -> Joint:
    """The law over ("H", "W", "F")."""
    _require_block(block)
    paths = path_table(source, block).reshape(source.contexts, -1)
    return Joint(("H", "W", "F"), by_state(source, paths).reshape(source.states, source.V, -1))


def by_state(source: FiniteSource, masses: FloatArray) -> FloatArray:
    """Sums over the contexts of every state: (N, ..) to (M, ..)."""
    order = np.argsort(source.encoder, kind="stable")
    starts = np.searchsorted(source.encoder[order], np.arange(source.states))
    return np.asarray(np.add.reduceat(masses[order], starts, axis=0))


class Terms(NamedTuple):
    """D14 in nats."""

    surplus: float
    ceiling: float
    deficit: float


def block_terms(source: FiniteSource, block: int) -> Terms:
    """Surplus, ceiling and deficit of the block, each from its own definition.

    Surplus: I(H; F | W) of the table over (H, W, F). Ceiling: E KL(p(F|X,W) ‖ p(F|W)). Deficit: E KL(p(F|X,W) ‖
    p(F|H,W)). That the first and the last add up to the second is a theorem, not how they are formed.
    """
    _require_block(block)
    paths = path_table(source, block).reshape(source.contexts, source.V, -1)  # (N, V, V^(K-1))
    states = by_state(source, paths)
    weights = paths.sum(axis=2)
    rows = normalised(paths, 2)[0]
    blind = normalised(states.sum(axis=0), 1)[0]
    of_state = normalised(states, 2)[0]
    seen = weights > 0
    ceiling = kl_unchecked(rows, blind)
    deficit = kl_unchecked(rows, of_state[source.encoder])
    return Terms(
        mutual_information(Joint(("H", "W", "F"), states), "H", "F", "W"),
        float((weights[seen] * ceiling[seen]).sum()),
        float((weights[seen] * deficit[seen]).sum()),
    )


def drafting_rows(source: FiniteSource) -> tuple[FloatArray, FloatArray, IntArray]:
    """What D16 speaks of: weights (n,), verifier rows p(W_{t+1} | X, W_t) (n, V), and cells (H, W_t) (n,).

    One row a pair (x, w) of positive mass; the cell of a pair is state · V + w.
    """
    _require_tokens(source, 2)
    weights = (source.mu[:, None] * source.laws[0]).ravel()
    cells = (source.encoder[:, None] * source.V + np.arange(source.V)).ravel().astype(np.int64)
    seen = weights > 0
    return weights[seen], source.laws[1].reshape(-1, source.V)[seen], cells[seen]


def source_of(
    name: str, mu: ArrayLike, laws: Sequence[ArrayLike], encoder: ArrayLike, head: ArrayLike | None = None
) -> FiniteSource:
    """A source from lists or arrays."""
    return FiniteSource(
        name,
        np.asarray(mu, dtype=np.float64),
        tuple(np.asarray(law, dtype=np.float64) for law in laws),
        np.asarray(encoder, dtype=np.int64),
        None if head is None else np.asarray(head, dtype=np.float64),
    )


def _require_tokens(source: FiniteSource, tokens: int) -> None:
    if not 1 <= tokens <= source.tokens:
        raise ValueError(f"{source.name} gives laws for {source.tokens} tokens, asked for {tokens}")


def _require_block(block: int) -> None:
    if block < 2:
        raise ValueError(f"the block is K = {block}, expected at least 2: W_t and one further token")


def _require_cells(cells: int, source: FiniteSource) -> None:
    if cells > CELL_LIMIT:
        raise TooManyCellsError(f"a table of {source.name} would have {cells} cells, expected at most {CELL_LIMIT}")
