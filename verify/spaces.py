"""The spaces that several bodies measure on: chains, laws, logits, parameter points, nothing.

chains               the window chains that a run names (searches draw small random ones)
points               values of the claim's parameters, in their domains
stochastic_matrices  plain stochastic matrices (n, n)
probability_vectors, probability_pairs, logit_vectors
once                 no object: the measurement runs a single time, with None
"""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from verify.space import Space
from verify.strategies import chains as _chains
from verify.strategies import laws as _laws
from verify.strategies import logits as _logits
from verify.strategies import points as _points

chains = Space("random chains", lambda claim: _chains.chain_subjects(), over_models=True)
points = Space("parameter points", _points.parameters)
stochastic_matrices = Space(
    "random stochastic matrices",
    lambda claim: st.one_of(_laws.stochastic_matrices(), _laws.stochastic_matrices(zeros=True)),
    lambda claim: (np.full((2, 2), 0.5), np.eye(2), np.eye(2)[::-1].copy(), np.array([[0.9, 0.1], [0.2, 0.8]])),
)
positive_matrices = Space(
    "random positive matrices",
    lambda claim: _laws.stochastic_matrices(),
    lambda claim: (np.full((2, 2), 0.5), np.array([[0.75, 0.25], [0.25, 0.75]])),
)
probability_vectors = Space(
    "random laws", lambda claim: _laws.probability_vectors(), lambda claim: (np.full(2, 0.5), np.array([0.75, 0.25]))
)
probability_pairs = Space(
    "random pairs of laws",
    lambda claim: _laws.probability_pairs(),
    lambda claim: ((np.full(2, 0.5), np.full(2, 0.5)), (np.array([0.9, 0.1]), np.array([0.1, 0.9]))),
)
logit_vectors = Space(
    "random logits", lambda claim: _logits.logit_vectors(), lambda claim: (np.zeros(2), np.array([-1.0, 0.0, 0.0]))
)
once = Space("single computation", lambda claim: st.none())
