"""Hypothesis strategies for the objects that claims speak about. They take ranges and shrink to the simplest object.

probability_vectors, exact_probability_vectors, stochastic_matrices, exact_stochastic_matrices,
positive_matrices, probability_pairs                                   (laws; shrink to uniform, identity)
logit_vectors                                                          (logits; shrink to zero)
window_chains, chain_subjects                                          (chains; shrink to T = 2, K = 1, uniform)
table_models                                                           (language models; likewise)
parameters                                                             (points in a claim's parameter space)
"""

from verify.strategies.chains import chain_subjects, table_models, window_chains
from verify.strategies.laws import (
    exact_probability_vectors,
    exact_stochastic_matrices,
    integer_weights,
    probability_pairs,
    probability_vectors,
    stochastic_matrices,
)
from verify.strategies.logits import logit_vectors
from verify.strategies.points import parameters

__all__ = [
    "chain_subjects",
    "exact_probability_vectors",
    "exact_stochastic_matrices",
    "integer_weights",
    "logit_vectors",
    "parameters",
    "probability_pairs",
    "probability_vectors",
    "stochastic_matrices",
    "table_models",
    "window_chains",
]
