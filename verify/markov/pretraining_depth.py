"""Measurements of the depth bounds (2.F) on random small transformers of class D14: no layer norm, bounded entries."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from hypothesis import strategies as st

from numerics.chains.arrays import FloatArray
from numerics.chains.generators import random_chain
from numerics.risk.gap import total_variation_loss
from verify.instance import Case, Frequency, Instance
from verify.markov.pretraining import least_probability
from verify.markov.pretraining_sources import count, median, source_of
from verify.measurement import Context, measures
from verify.precision import floating
from verify.space import Space
from verify.subject import ChainSubject

ROUNDING = 1e-9


@dataclass(frozen=True)
class Shape:
    """Sizes and entry bounds of a transformer of class D14, and the seed of its weights."""

    r: int
    m: int
    H: int
    L: int
    B: float
    T: int
    causal: bool
    constant: bool  # all entries at their bounds: columns grow as fast as they can
    seed: int

    def values(self, B_tok: float, B_U: float) -> dict[str, float | int]:
        """The parameters of the claims."""
        sizes = {"r": self.r, "m": self.m, "H": self.H, "L": self.L, "tau": 1}
        return sizes | dict.fromkeys(("B_V", "B_O", "B_1", "B_2"), self.B) | {"B_tok": B_tok, "B_U": B_U}


@st.composite
def _shapes(draw: st.DrawFn) -> Shape:
    heads, per_head = draw(st.sampled_from([(1, 2), (1, 4), (2, 2), (2, 4), (4, 2)]))
    return Shape(
        heads * per_head,
        draw(st.integers(1, 16)),
        heads,
        draw(st.integers(0, 4)),
        draw(st.sampled_from([0.02, 0.1, 0.3])),
        draw(st.integers(2, 5)),
        draw(st.booleans()),
        draw(st.booleans()),
        draw(st.integers(0, 1000)),
    )


transformers = Space("random transformers of class D14", lambda claim: _shapes())


def forward(shape: Shape, columns: FloatArray) -> tuple[FloatArray, FloatArray, float]:
    """Final columns (B, r, n) for inputs (B, r, n), logits (B, T) averaged over positions, and B_U."""
    rng = np.random.default_rng(shape.seed)
    r, m, H, B = shape.r, shape.m, shape.H, shape.B
    n = columns.shape[2]

    def matrix(*size: int) -> FloatArray:
        return np.full(size, B) if shape.constant else rng.uniform(-B, B, size)

    mask = np.tril(np.ones((n, n), dtype=bool)) if shape.causal else np.ones((n, n), dtype=bool)
    for _ in range(shape.L):
        heads = []
        for _ in range(H):
            queries, keys = rng.standard_normal((2, r // H, r))
            scores = np.einsum("ij,bjk,il,blp->bkp", queries, columns, keys, columns)  # (B, n, n)
            scores = np.where(mask, scores, -np.inf)
            weights = np.exp(scores - scores.max(axis=2, keepdims=True))
            weights /= weights.sum(axis=2, keepdims=True)
            heads.append(np.einsum("ij,bjp,bkp->bik", matrix(r // H, r), columns, weights))
        columns = columns + matrix(r, r) @ np.concatenate(heads, axis=1)
        columns = columns + matrix(r, m) @ np.maximum(matrix(m, r) @ columns, 0)
    unembedding = rng.standard_normal((shape.T, r))
    logits = (columns @ np.ones(n) / n) @ unembedding.T
    return columns, logits, float(np.linalg.norm(unembedding, axis=1).sum())


@measures("markov/pretraining_gap_depth", over=transformers)
def pretraining_gap_depth(shape: Shape, context: Context) -> Iterator[Case]:
    rng = np.random.default_rng(shape.seed)
    inputs = rng.standard_normal((8, shape.r, 4))
    if shape.constant:
        inputs = np.abs(inputs)
    columns, logits, B_U = forward(shape, inputs)
    values = shape.values(float(np.abs(inputs).sum(axis=1).max()), B_U)
    yield Instance(values, floating(float(np.abs(columns).sum(axis=1).max()), relative=ROUNDING), "columns")
    yield Instance(values, floating(float(np.abs(logits).sum(axis=1).max()), relative=ROUNDING), "logits")


@measures("markov/pretraining_gap_depth_as_stated", over=transformers, examples=(12, 100))
def pretraining_gap_depth_as_stated(shape: Shape, context: Context) -> Iterator[Case]:
    """The transformer as the fixed model of a random source (D27, K = 2), at most as long as the bound exceeds 1."""
    source = source_of(ChainSubject("random source", random_chain(shape.T, 2, seed=shape.seed)))
    rng = np.random.default_rng(shape.seed)
    tokens, places = rng.uniform(-1, 1, (shape.T, shape.r)), rng.uniform(-1, 1, (2, shape.r))
    embedded = []
    for length in (1, 2):
        contexts = np.indices((shape.T,) * length).reshape(length, -1).T  # (T^length, length), in the order of D3
        columns = (tokens[contexts] + places[:length]).transpose(0, 2, 1)
        embedded.append((columns, forward(shape, columns)))
    logits = np.concatenate([result[1] for _, result in embedded])
    B_tok = max(float(np.abs(columns).sum(axis=1).max()) for columns, _ in embedded)
    B_U = embedded[0][1][2]
    weights = np.exp(logits - logits.max(axis=1, keepdims=True))
    loss = total_variation_loss(source.table, weights / weights.sum(axis=1, keepdims=True))
    N = 20
    norm, c_0, delta = source.mixing_norm(N), least_probability(source), context.delta
    gaps = source.gaps(loss[:, None], N, context.rng)[:, 0]
    values = shape.values(B_tok, B_U) | {"T": shape.T, "N": N, "Gamma": norm, "delta": delta, "c_0": c_0}
    yield Frequency(values, count(gaps), gaps.size, label=f"N = {N}", quantity=median(gaps))
