"""Closed forms about learned concepts: attention, read-out error, floors of noise and of other active concepts.

Main definitions
    correct_attention, perturbed_attention   sigma_corr
    attention_squares     sum of the squared weights
    readout_right, readout_error             which prompts a learned network gets right; the error with iid labels
    readout_chain         2^-L <= error <= Chernoff <= Pinsker
    noise_linear          error of a linear read-out under label noise
    noise_bound           Gaussian concentration
    polysemy_interference, polysemy_bound    other concepts in the words

Source: specification `concepts`, attention_weight, readout_error, readout_chernoff, noise_linear, noise_floor,
polysemy_interference, polysemy_error.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit, ndtr
from scipy.stats import binom

Floats = NDArray[np.float64]


def correct_attention(matches: ArrayLike, others: ArrayLike, beta: ArrayLike) -> Floats:
    """sigma_corr = n_+/(n_+ + n_- e^(-2 beta)): the attention on demonstrations with the sign of the query."""
    return perturbed_attention(matches, others, beta, 0.0)


def perturbed_attention(matches: ArrayLike, others: ArrayLike, beta: ArrayLike, error: ArrayLike) -> Floats:
    """Least sigma_corr where every score is off by at most `error`: n_+/(n_+ + n_- e^(-2 beta + 2 error))."""
    exponent = -2 * np.asarray(beta, dtype=np.float64) + 2 * np.asarray(error, dtype=np.float64)
    with np.errstate(divide="ignore"):
        ratio = np.log(np.asarray(matches, dtype=np.float64)) - np.log(np.asarray(others, dtype=np.float64))
    return np.asarray(expit(ratio - exponent))


def attention_squares(matches: float, others: float, beta: float) -> float:
    """Sum of the squared attention weights: sigma_corr^2/n_+ + (1 - sigma_corr)^2/n_-."""
    correct = float(correct_attention(matches, others, beta))
    return sum(part**2 / count for part, count in ((correct, matches), (1 - correct, others)) if count)


def readout_right(matches: ArrayLike, others: ArrayLike, beta: float) -> NDArray[np.bool_]:
    """Whether a learned network is right on a clean prompt: n_+ > n_- e^(-2 beta)."""
    return np.asarray(np.asarray(matches) > np.asarray(others) * math.exp(-2 * beta))


def readout_error(length: int, beta: float) -> float:
    """Error with iid labels: P(Bin(L, 1/2) <= L/(1 + e^(2 beta)))."""
    return float(binom.cdf(math.floor(length * float(expit(-2 * beta))), length, 0.5))


def readout_chain(length: int, beta: float) -> tuple[float, float, float, float]:
    """2^-L, the error, e^(-L KL(c|1/2)) with c = 1/(1 + e^(2 beta)), e^(-(L/2) tanh^2 beta): increasing."""
    c = float(expit(-2 * beta))
    divergence = c * math.log(2 * c) + (1 - c) * math.log(2 * (1 - c))
    return (
        0.5**length,
        readout_error(length, beta),
        math.exp(-length * divergence),
        math.exp(-length / 2 * math.tanh(beta) ** 2),
    )


def noise_linear(beta: float, noise: float, length: int, difference: float, p: Sequence[float], concept: int) -> float:
    """Error of u = sum_j p_j d_j/|d_j|^2 with label noise on balanced prompts of one concept; difference = |d|^2."""
    theta = math.tanh(beta)
    spread = noise * math.sqrt(1 + theta**2) * math.sqrt(math.fsum(value**2 for value in p))
    return float(ndtr(-theta * p[concept] * math.sqrt(difference) * math.sqrt(length) / spread))


def noise_bound(margin: float, noise: float, squares: float, lipschitz: float) -> float:
    """exp(-(E e_q f)_+^2/(2 noise^2 |sigma|^2 Lambda^2)), squares = |sigma|^2: an upper bound of P(e_q f <= 0)."""
    return math.exp(-(max(margin, 0.0) ** 2) / (2 * noise**2 * squares * lipschitz**2))


def polysemy_interference(concepts: int, length: int, activity: float) -> tuple[float, float]:
    """P(the query and some demonstration share another active concept), and its bound L (K_1 - 1) rho_1^2."""
    clear = 1 - activity + activity * (1 - activity) ** length
    return 1 - clear ** (concepts - 1), length * (concepts - 1) * activity**2


def polysemy_bound(concepts: int, length: int, activity: float) -> float:
    """1 - (1 - rho_1)^(L (K_1 - 1)): P(some demonstration carries another concept)."""
    return float(-np.expm1(length * (concepts - 1) * np.log1p(-activity))) if activity < 1 else 1.0
