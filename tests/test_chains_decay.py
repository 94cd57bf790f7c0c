"""The decay rate from powers agrees with the eigenvalues, and both ends are honest."""

import numpy as np
import pytest

from numerics.chains.decay import decay_rate
from numerics.chains.generators import noisy_lfsr, random_chain
from verify.subject import ChainSubject


def stationary(matrix):
    values, vectors = np.linalg.eig(matrix.T)
    law = np.real(vectors[:, np.argmin(abs(values - 1))])
    return law / law.sum()


def test_two_states_in_closed_form():
    a, b = 0.3, 0.1
    low, high = decay_rate(np.array([[1 - a, a], [b, 1 - b]]), np.array([b, a]) / (a + b))
    assert low <= 1 - a - b + 1e-12 and high >= 1 - a - b - 1e-12 and high - low < 1e-4


@pytest.mark.parametrize("seed", range(5))
def test_random_matrices_against_their_eigenvalues(seed):
    matrix = np.random.default_rng(seed).dirichlet(np.full(7, 0.3), size=7)
    second = np.sort(abs(np.linalg.eigvals(matrix)))[-2]
    low, high = decay_rate(matrix, stationary(matrix))
    assert low - 1e-9 <= second <= high + 1e-9
    assert high - low < 1e-3


@pytest.mark.parametrize("chain", [random_chain(3, 2, 3), noisy_lfsr([1, 0, 1], 0.2)])
def test_window_chains_with_their_nilpotent_part(chain):
    subject = ChainSubject("chain", chain)
    low, high = decay_rate(subject.transition.toarray(), subject.pi)
    assert low - 1e-6 <= float(subject.spectrum.slem) <= high + 1e-6
    assert high - low < 1e-3


def test_a_chain_that_forgets_at_once_has_rate_zero_within_rounding():
    low, high = decay_rate(np.full((3, 3), 1 / 3), np.full(3, 1 / 3))
    assert low == 0 and high < 1e-12
