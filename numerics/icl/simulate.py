"""Vectorised sampling of Markov chains: many chains at once, one pass over time.

Conventions: states are 0..d-1; `kernels[c, x, y]` = P(y | x) for chain c; a sampled array has shape (chains, length).
All randomness comes from the generator that is passed in, one uniform number a chain and step, so results depend only
on the generator's state.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from numerics.chains.arrays import check_rows


class NextTokenModel(Protocol):
    """The part of the language-model protocol that sampling needs."""

    @property
    def context_window(self) -> int: ...

    def next_token_log_probs(self, contexts: NDArray[np.int64], /) -> NDArray[np.float64]: ...


def inverse_distribution(cumulative: NDArray[np.float64], uniforms: NDArray[np.float64]) -> NDArray[np.int64]:
    """Smallest j with uniforms[...] < cumulative[..., j]: (..., T) and (...) to (...).

    The last cumulative value is never consulted, so a row summing to 1 - 1e-16 cannot yield the index T.
    """
    return np.asarray((uniforms[..., None] >= cumulative[..., :-1]).sum(axis=-1), dtype=np.int64)


def random_dirichlet_kernels(
    chains: int, states: int, rng: np.random.Generator, concentration: float = 1.0
) -> NDArray[np.float64]:
    """Kernels (chains, d, d) with independent Dirichlet(concentration) rows."""
    # Normalised gamma variates: Generator.dirichlet loops over rows in Python-sized batches and is several times
    # slower.
    weights = (
        rng.standard_exponential((chains, states, states))
        if concentration == 1.0
        else rng.standard_gamma(concentration, (chains, states, states))
    )
    return np.asarray(weights / weights.sum(axis=-1, keepdims=True))


def sample_chains(
    kernels: NDArray[np.float64],
    length: int,
    rng: np.random.Generator,
    *,
    chains: int | None = None,
    start: NDArray[np.float64] | None = None,
) -> NDArray[np.int64]:
    """Sample X_1..X_length of each chain: int64 (chains, length).

    `kernels` is (C, d, d), one kernel a chain, or (d, d) shared by `chains` chains. `start` is the law of X_1 (d,),
    uniform by default.
    Raises ValueError on shapes that do not fit or rows that are not laws.
    """
    if kernels.ndim == 2:
        if chains is None:
            raise ValueError("a single kernel needs the number of chains")
        count = chains
    elif kernels.ndim == 3:
        if chains is not None and chains != kernels.shape[0]:
            raise ValueError(f"{chains} chains asked for, but {kernels.shape[0]} kernels given")
        count = kernels.shape[0]
    else:
        raise ValueError(f"kernels have shape {kernels.shape}, expected (d, d) or (chains, d, d)")
    if length < 1:
        raise ValueError(f"length is {length}, expected at least 1")
    check_rows(kernels.reshape(-1, kernels.shape[-1]), "transition matrix")
    states = kernels.shape[-1]
    first = np.full(states, 1.0 / states) if start is None else start
    check_rows(first[None, :], "start law")
    cumulative = np.cumsum(kernels, axis=-1)  # (d, d) or (C, d, d)
    result = np.empty((count, length), dtype=np.int64)
    uniforms = rng.random((length, count))
    result[:, 0] = inverse_distribution(np.cumsum(first)[None, :], uniforms[0])
    which = np.arange(count)
    for n in range(1, length):
        here = result[:, n - 1]
        rows = cumulative[here] if kernels.ndim == 2 else cumulative[which, here]  # (C, d)
        result[:, n] = inverse_distribution(rows, uniforms[n])
    return result


def sample_from_model(
    model: NextTokenModel, contexts: NDArray[np.int64], steps: int, rng: np.random.Generator
) -> NDArray[np.int64]:
    """Continue contexts (B, k) by `steps` tokens drawn from the model, the window sliding: int64 (B, k + steps)."""
    tokens = np.asarray(contexts, dtype=np.int64)
    if tokens.ndim != 2 or tokens.shape[1] < 1:
        raise ValueError(f"contexts have shape {tokens.shape}, expected (sequences, at least one token)")
    uniforms = rng.random((steps, tokens.shape[0]))
    for n in range(steps):
        window = tokens[:, -model.context_window :]
        cumulative = np.cumsum(np.exp(model.next_token_log_probs(window)), axis=1)  # (B, T)
        # Dividing by the total keeps a mass of 1 - 1e-12 (float32 models) from being handed to the last token.
        tokens = np.concatenate(
            [tokens, inverse_distribution(cumulative / cumulative[:, -1:], uniforms[n])[:, None]], axis=1
        )
    return tokens
