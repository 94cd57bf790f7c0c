"""Contrastive learning from contexts that share the next token.

Positives x, x+ ~ p(.|w), w ~ p. The normalised adjacency is A = diag(sqrt mu) K_chi2 diag(sqrt mu)
= sqrt mu sqrt mu^T + B B^T, with eigenvalues {1} and sigma_i(B)^2; the spectral contrastive loss of features f is
||A - F F^T||_F^2 - ||A||_F^2 with F_x = sqrt(mu_x) f(x).

Main definitions: `adjacency`, `adjacency_by_positives`, `contrastive_loss`, `factorisation_loss`, `best_features`.
Conventions: rows (N, V), measure (N,) a positive law; features (N, k).
Source: specification `categorical`, claims contrastive_spectrum, contrastive_loss.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from numerics.similarity.dependence import token_law
from numerics.similarity.kernels import chi_squared
from numerics.similarity.operators import operator_matrix

FloatArray = NDArray[np.float64]


def adjacency(rows: FloatArray, measure: FloatArray) -> FloatArray:
    """A = diag(sqrt mu) K_chi2 diag(sqrt mu): (N, N)."""
    return operator_matrix(chi_squared(rows, token_law(rows, measure)), measure)


def positive_pairs(rows: FloatArray, measure: FloatArray) -> FloatArray:
    """Law of (x, x+): sum_w p(w) p(x|w) p(x+|w), by Bayes' rule: (N, N), marginals mu."""
    tokens = token_law(rows, measure)
    posteriors = (measure[:, None] * rows)[:, tokens > 0] / tokens[tokens > 0]  # p(x | w), (N, V)
    return np.asarray((posteriors * tokens[tokens > 0]) @ posteriors.T)


def adjacency_by_positives(rows: FloatArray, measure: FloatArray) -> FloatArray:
    """The law of positive pairs divided by sqrt(mu mu'): the other road to `adjacency`."""
    roots = np.sqrt(measure)
    return np.asarray(positive_pairs(rows, measure) / np.outer(roots, roots))


def contrastive_loss(rows: FloatArray, measure: FloatArray, features: FloatArray) -> float:
    """-2 E f(x).f(x+) + E (f(x).f(x'))^2, positives and independent pairs."""
    products = features @ features.T
    return float(-2 * (positive_pairs(rows, measure) * products).sum() + measure @ products**2 @ measure)


def factorisation_loss(rows: FloatArray, measure: FloatArray, features: FloatArray) -> float:
    """||A - F F^T||_F^2 - ||A||_F^2 with F_x = sqrt(mu_x) f(x)."""
    matrix = adjacency(rows, measure)
    scaled = np.sqrt(measure)[:, None] * features
    return float(((matrix - scaled @ scaled.T) ** 2).sum() - (matrix**2).sum())


def best_features(rows: FloatArray, measure: FloatArray, width: int) -> FloatArray:
    """Features (N, width) from the top eigenvectors of A, which minimise the loss at that width."""
    if not 1 <= width <= len(measure):
        raise ValueError(f"the width is {width}, expected 1 to {len(measure)}")
    values, vectors = np.linalg.eigh(adjacency(rows, measure))
    top = np.sqrt(np.maximum(values[::-1][:width], 0.0))
    return np.asarray(vectors[:, ::-1][:, :width] * top / np.sqrt(measure)[:, None])
