"""Markov kernels, pairs of states, composable kernels and finite sources. They shrink to uniform laws and small sizes.

Main definitions
    rows              kernels as matrices (X, V), zeros and point masses included
    functions         deterministic maps as tuples of values; shrink to constant maps
    KernelAtLaw, kernels_at_laws          a kernel and a law of its inputs
    StatePair, state_pairs                two states and a kernel behind them
    Composable, composables               k: X -> Y and h: Y -> Z
    HomPairs, hom_pairs, branches         f, f': X -> Y and g, g': Y -> Z, general or with disjoint branches
    finite_sources, encoders              sources of `numerics.sources.finite`
    DraftingRows, drafting_rows           verifier rows with weights and cells

Everything is made from integer weights (verify.strategies.laws): exact as fractions, in float64 within a rounding.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from numerics.sources.finite import FiniteSource, source_of
from verify.strategies.laws import integer_weights, normalised

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
KINDS = ("full", "zeros", "deterministic")


@dataclass(frozen=True, eq=False)
class KernelAtLaw:
    """Rows k (X, V) and a law μ (X,)."""

    rows: FloatArray
    mu: FloatArray


@dataclass(frozen=True, eq=False)
class StatePair:
    """States p, q (X,) and a kernel (X, Y)."""

    p: FloatArray
    q: FloatArray
    rows: FloatArray


@dataclass(frozen=True, eq=False)
class Composable:
    """k (X, Y), then h (Y, Z)."""

    first: FloatArray
    second: FloatArray


@dataclass(frozen=True, eq=False)
class HomPairs:
    """f, f' (X, Y) and g, g' (Y, Z)."""

    f: FloatArray
    f1: FloatArray
    g: FloatArray
    g1: FloatArray


@dataclass(frozen=True, eq=False)
class DraftingRows:
    """Verifier rows p (n, V), weights (n,) that sum to 1, and the cell (H, W) of every row (n,)."""

    weights: FloatArray
    rows: FloatArray
    cells: IntArray


@st.composite
def rows(
    draw: st.DrawFn,
    inputs: int,
    outputs: int,
    *,
    kinds: tuple[str, ...] = KINDS,
) -> FloatArray:
    """A kernel (inputs, outputs): positive, with zeros, or 0/1. Shrinks to uniform rows."""
    kind = draw(st.sampled_from(kinds))
    if kind == "deterministic":
        return one_hot(draw(functions(inputs, outputs)), outputs)
    return normalised(draw(integer_weights(inputs, outputs, zeros=kind == "zeros")))


@st.composite
def functions(draw: st.DrawFn, inputs: int, outputs: int) -> IntArray:
    """A map 0..inputs-1 -> 0..outputs-1 as its values (inputs,). Shrinks to a constant map."""
    return np.array(draw(st.lists(st.integers(0, outputs - 1), min_size=inputs, max_size=inputs)), dtype=np.int64)


def one_hot(values: IntArray, outputs: int) -> FloatArray:
    """The 0/1 matrix (inputs, outputs) of a map."""
    return np.asarray(np.eye(outputs)[values])


@st.composite
def laws(draw: st.DrawFn, size: int, *, zeros: bool = False) -> FloatArray:
    """A law (size,). Shrinks to the uniform one."""
    return np.asarray(normalised(draw(integer_weights(1, size, zeros=zeros)))[0])


@st.composite
def kernels_at_laws(draw: st.DrawFn, *, max_inputs: int = 4, max_outputs: int = 5) -> KernelAtLaw:
    """Kernels with zeros, at laws that may have null inputs."""
    inputs, outputs = draw(st.integers(1, max_inputs)), draw(st.integers(1, max_outputs))
    return KernelAtLaw(draw(rows(inputs, outputs)), draw(laws(inputs, zeros=draw(st.booleans()))))


@st.composite
def state_pairs(draw: st.DrawFn, *, max_inputs: int = 5, max_outputs: int = 4) -> StatePair:
    """Two states with zeros and a kernel behind them."""
    inputs, outputs = draw(st.integers(1, max_inputs)), draw(st.integers(1, max_outputs))
    both = draw(rows(2, inputs))
    return StatePair(both[0], both[1], draw(rows(inputs, outputs)))


@st.composite
def composables(draw: st.DrawFn, *, max_size: int = 4, second_deterministic: bool = False) -> Composable:
    """k, then h (a function if so asked). Shrinks to one point, uniform."""
    x, y, z = (draw(st.integers(1, max_size)) for _ in range(3))
    kinds = ("deterministic",) if second_deterministic else KINDS
    return Composable(draw(rows(x, y)), draw(rows(y, z, kinds=kinds)))


@st.composite
def hom_pairs(draw: st.DrawFn, *, max_inputs: int = 2, max_middle: int = 3, max_outputs: int = 4) -> HomPairs:
    """Two pairs of parallel kernels, zeros included. Shrinks to one input, uniform.

    In half of them the output remembers which of two middle letters it came from: g and g' send them to different
    outputs, so that composing loses nothing of the joint law of letter and output, where additivity is broken most
    easily. They have one input, as a supremum over inputs is that of one; half of them have the same two branches in g
    and g', exchanged.
    """
    if draw(st.booleans()):
        width = draw(st.integers(2, max(2, max_outputs // 2)))
        f, f1 = draw(_pairs_of_rows(1, 2, kinds=("full",)))
        first = draw(branches(2, width))
        second = first[::-1] if draw(st.booleans()) else draw(branches(2, width))
        return HomPairs(f, f1, _side_by_side(first), _side_by_side(second))
    y, z = draw(st.integers(1, max_middle)), draw(st.integers(1, max_outputs))
    f, f1 = draw(_pairs_of_rows(max_inputs, y))
    # as many rows as there may be, in pairs: fewer letters then shrink without touching the rows that stay
    g = draw(rows(2 * max_middle, z))[: 2 * y]
    return HomPairs(f, f1, g[::2], g[1::2])


@st.composite
def _pairs_of_rows(
    draw: st.DrawFn, inputs: int, outputs: int, *, kinds: tuple[str, ...] = KINDS
) -> tuple[FloatArray, FloatArray]:
    """Two parallel kernels of 1 to `inputs` rows. An input is dropped whole when they shrink."""
    table = np.array(draw(st.lists(rows(2, outputs, kinds=kinds), min_size=1, max_size=inputs)))  # (x, 2, y)
    return table[:, 0], table[:, 1]


@st.composite
def branches(draw: st.DrawFn, inputs: int, outputs: int) -> FloatArray:
    """Rows (inputs, outputs) of any kind, or each uniform on a set of its own. Shrinks to uniform rows."""
    if draw(st.booleans()):
        return draw(rows(inputs, outputs))
    without = draw(
        st.lists(st.integers(0, 2**outputs - 2), min_size=inputs, max_size=inputs)
    )  # 0: no output is left out
    return normalised(1 - ((np.array(without)[:, None] >> np.arange(outputs)) & 1))


def _side_by_side(table: FloatArray) -> FloatArray:
    """Row i of (n, m) moved to the columns i m, ..., i m + m - 1 of (n, n m)."""
    n, m = table.shape
    return np.asarray((np.eye(n)[:, :, None] * table[:, None, :]).reshape(n, n * m))


@st.composite
def finite_sources(
    draw: st.DrawFn,
    *,
    max_contexts: int = 5,
    max_vocabulary: int = 3,
    tokens: int = 3,
    injective: bool = False,
    head: bool = True,
) -> FiniteSource:
    """Finite sources with zeros in their laws. Shrinks to two contexts in one state, V = 2, uniform laws.

    `injective` makes every context its own state; `head` adds rows of a head, all positive, for the model law.
    """
    contexts, size = draw(st.integers(2, max_contexts)), draw(st.integers(2, max_vocabulary))
    # drawn for as many contexts as there may be: fewer then shrink without touching those that stay
    labels = draw(encoders(max_contexts))[:contexts]
    encoder = np.arange(contexts) if injective else np.unique(labels, return_inverse=True)[1].reshape(-1)
    masses = normalised(draw(integer_weights(1, max_contexts))[:, :contexts])[0]
    token_laws = []
    for k in range(tokens):
        table = draw(rows(max_contexts * size**k, size))[: contexts * size**k]
        token_laws.append(table.reshape(contexts, *[size] * (k + 1)))
    states = int(encoder.max()) + 1
    head_rows = draw(rows(states, size, kinds=("full",))) if head else None
    return source_of("random source", masses, token_laws, encoder, head_rows)


@st.composite
def encoders(draw: st.DrawFn, contexts: int) -> IntArray:
    """A map of the contexts to states 0..M-1, each used. Shrinks to one state."""
    values = draw(st.lists(st.integers(0, contexts - 1), min_size=contexts, max_size=contexts))
    return np.unique(np.array(values), return_inverse=True)[1].astype(np.int64).reshape(-1)


@st.composite
def drafting_rows(draw: st.DrawFn, *, max_rows: int = 5, max_vocabulary: int = 4) -> DraftingRows:
    """Verifier rows in cells. Shrinks to two uniform rows in one cell."""
    count, size = draw(st.integers(2, max_rows)), draw(st.integers(2, max_vocabulary))
    return DraftingRows(draw(laws(count)), draw(rows(count, size)), draw(encoders(count)))
