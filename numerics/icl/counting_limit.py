"""The TV risk of counting with the state asked about averaged exactly: sharp enough to judge a limit by.

After n transitions of a stationary chain the risk is sum_x pi(x) d_TV(P(.|x), P^(.|x)) where the state asked about is
stationary and independent of the prompt; times sqrt(n) it has the limit C(P) of markov/frequentist_rate. One prompt
gives one number at every length, with less spread than the risk at the prompt's own last state.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from numerics.icl.estimators import frequentist_constant
from numerics.icl.simulate import sample_chains


def stationary_laws(kernels: NDArray[np.float64]) -> NDArray[np.float64]:
    """Stationary laws (C, d) of irreducible kernels (C, d, d), by one linear solve each; residual below 1e-9.

    Raises ValueError when a residual is larger.
    """
    chains, states, _ = kernels.shape
    system = np.eye(states) - kernels.transpose(0, 2, 1)  # (C, d, d): (I - P^T) pi = 0
    system[:, -1, :] = 1.0  # one equation follows from the others: the total takes its place
    right = np.zeros((chains, states, 1))
    right[:, -1] = 1.0
    laws = np.maximum(np.linalg.solve(system, right)[..., 0], 0.0)
    laws /= laws.sum(axis=1, keepdims=True)
    residual = float(np.abs(np.einsum("cx,cxy->cy", laws, kernels) - laws).max())
    if not residual <= 1e-9:
        raise ValueError(f"|pi P - pi| reaches {residual:.3g}, expected at most 1e-9")
    return np.asarray(laws)


def counting_risks(
    kernels: NDArray[np.float64], lengths: NDArray[np.int64], rng: np.random.Generator
) -> NDArray[np.float64]:
    """Risk (C, M) of counting after `lengths` n (M,) transitions of one stationary prompt from each kernel (C, d, d).

    An unvisited state is predicted uniformly. Raises ValueError when the lengths do not increase from at least 1.
    """
    if lengths.ndim != 1 or lengths.size < 1 or lengths[0] < 1 or not (np.diff(lengths) > 0).all():
        raise ValueError(f"lengths are {lengths.tolist()}, expected increasing integers >= 1")
    chains, states, _ = kernels.shape
    laws = stationary_laws(kernels)
    prompts = _stationary_prompts(kernels, laws, int(lengths[-1]) + 1, rng)
    cells = (np.arange(chains)[:, None] * states + prompts[:, :-1]) * states + prompts[:, 1:]  # (C, N)
    table = np.zeros(chains * states * states)
    risks = np.empty((chains, lengths.size))
    for i, (first, last) in enumerate(pairwise([0, *lengths.tolist()])):
        table += np.bincount(cells[:, first:last].ravel(), minlength=table.size)
        counts = table.reshape(kernels.shape)
        visits = counts.sum(axis=2, keepdims=True)
        found = np.where(visits > 0, counts / np.maximum(visits, 1.0), 1.0 / states)
        risks[:, i] = (0.5 * np.abs(found - kernels).sum(axis=2) * laws).sum(axis=1)
    return risks


def frequentist_constants(kernels: NDArray[np.float64]) -> NDArray[np.float64]:
    """C(P) (C,) of every kernel (C, d, d)."""
    return np.array([frequentist_constant(k, pi) for k, pi in zip(kernels, stationary_laws(kernels), strict=True)])


def _stationary_prompts(
    kernels: NDArray[np.float64], laws: NDArray[np.float64], length: int, rng: np.random.Generator
) -> NDArray[np.int64]:
    """Prompts (C, length), X_1 of chain c from laws[c]."""
    # A start that differs from chain to chain is one more transition, out of a state that is never come back to.
    chains, states, _ = kernels.shape
    extended = np.zeros((chains, states + 1, states + 1))
    extended[:, :states, :states] = kernels
    extended[:, states, :states] = laws
    start = np.zeros(states + 1)
    start[states] = 1.0
    return sample_chains(extended, length + 1, rng, start=start)[:, 1:]
