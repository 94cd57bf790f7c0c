"""Expected number of accepted tokens of γ drafted ones: exact, over all prefixes.

Main definitions
    accepted_length    E #accepted = Σ_k E_x Σ_{w_1..w_k} Π_{i≤k} min(p, q)(w_i | x, w_<i)
    accepted_terms     the γ terms of the sum: P(at least k accepted)
    constant_formula   (1 - α^{γ+1})/(1 - α): the tokens made when every token is accepted with probability α; it counts
                       the verifier's own token too, hence one more than the accepted ones
    drafting_laws      verifier and drafter of a finite source: p(·|X, past), and p(·|H, past)

Conventions: the law of step i has shape (N, V, .., V) with i axes of tokens; context n has weight weights[n].

Source: specification `categorical`, claim accepted_length and 4.7; Leviathan et al. 2023.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from numerics.kernels.conditionals import normalised
from numerics.sources.finite import FiniteSource, by_state, path_table

FloatArray = NDArray[np.float64]


def accepted_terms(weights: FloatArray, verifier: Sequence[FloatArray], drafter: Sequence[FloatArray]) -> FloatArray:
    """P(at least k of the drafted tokens are accepted), k = 1..γ, shape (γ,)."""
    if len(verifier) != len(drafter):
        raise ValueError(f"the verifier has laws for {len(verifier)} steps, the drafter for {len(drafter)}")
    reached = weights
    terms = []
    for step, (p, q) in enumerate(zip(verifier, drafter, strict=True)):
        if p.shape != q.shape or p.shape[:-1] != reached.shape:
            raise ValueError(
                f"step {step + 1}: the laws have shapes {p.shape} and {q.shape}, expected {reached.shape} and V"
            )
        reached = reached[..., None] * np.minimum(p, q)
        terms.append(float(reached.sum()))
    return np.array(terms)


def accepted_length(weights: FloatArray, verifier: Sequence[FloatArray], drafter: Sequence[FloatArray]) -> float:
    """E #accepted, in tokens, at most γ."""
    return float(accepted_terms(weights, verifier, drafter).sum())


def constant_formula(alpha: float, drafted: int) -> float:
    """(1 - α^{γ+1})/(1 - α) = Σ_{k=0}^{γ} α^k. ValueError for α outside [0, 1] or γ < 1."""
    if not 0 <= alpha <= 1:
        raise ValueError(f"the acceptance is {alpha}, expected a number in [0, 1]")
    if drafted < 1:
        raise ValueError(f"{drafted} tokens are drafted, expected at least 1")
    return float(sum(alpha**k for k in range(drafted + 1)))


def drafting_laws(source: FiniteSource, drafted: int) -> tuple[FloatArray, list[FloatArray], list[FloatArray]]:
    """Weights, verifier p(W_{t+i} | X, W_t, past) and drafter p(W_{t+i} | H, W_t, past), for γ tokens after W_t.

    A context is a pair (x, w_t), numbered x · V + w_t; weights μ(x) p(w_t | x). Needs γ + 1 token laws.
    """
    paths = path_table(source, drafted + 1)  # (N, V, .., V)
    contexts, size = source.contexts, source.V
    by_prefix = by_state(source, paths)
    verifier, drafter = [], []
    for step in range(1, drafted + 1):
        last = tuple(range(step + 2, drafted + 2))  # sum out the tokens that come later
        of_state = normalised(by_prefix.sum(axis=last), step + 1)[0]  # (M, V, .., V)
        shape = (contexts * size, *[size] * step)
        verifier.append(source.laws[step].reshape(shape))
        drafter.append(of_state[source.encoder].reshape(shape))
    return (source.mu[:, None] * source.laws[0]).ravel(), verifier, drafter
