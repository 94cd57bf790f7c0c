"""Estimators of a transition matrix from a prompt, their limiting constants and the Bayes loss (definitions D23, D24).

A prompt holds the states X_1..X_N of a first-order chain on 0..d-1. Every predictor here takes prompts (C, N), C
chains at once, and returns laws (C, N, d): entry [c, n] predicts the next state from the prefix prompts[c, :n+1],
that is after n transitions. Losses in nats.

Claims: markov/frequentist_rate, markov/icl_bayes_optimal.
"""

from __future__ import annotations

import itertools
import math

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

EXHAUSTIVE_LIMIT = 1 << 20


def add_constant(prompts: NDArray[np.int64], states: int, constant: float) -> NDArray[np.float64]:
    """Add-a estimate (n_xy + a)/(n_x + d a) of the row of the current state, at every position: (C, N, d).

    `constant` a > 0 is the posterior predictive for Dirichlet(a) rows; a = 0 is counting, uniform where the current
    state has not been left before.
    Raises ValueError for a < 0 or a state outside 0..d-1.
    """
    if not constant >= 0:
        raise ValueError(f"the added constant is {constant}, expected a number >= 0")
    counts, visits = transition_counts(prompts, states)
    if constant > 0:
        return np.asarray((counts + constant) / (visits + states * constant)[..., None])
    law = counts / np.maximum(visits, 1)[..., None]
    law[visits == 0] = 1.0 / states
    return np.asarray(law)


def counting(prompts: NDArray[np.int64], states: int) -> NDArray[np.float64]:
    """Relative frequencies n_xy/n_x of the transitions seen so far, uniform if n_x = 0: (C, N, d)."""
    return add_constant(prompts, states, 0.0)


def exact_kernel(prompts: NDArray[np.int64], kernels: NDArray[np.float64]) -> NDArray[np.float64]:
    """The true law of the next state, (C, N, d), from kernels (d, d) or (C, d, d)."""
    _check_prompts(prompts, kernels.shape[-1])
    if kernels.ndim == 2:
        return np.asarray(kernels[prompts])
    if kernels.shape[0] != prompts.shape[0]:
        raise ValueError(f"{kernels.shape[0]} kernels for {prompts.shape[0]} prompts, expected one each")
    return np.asarray(kernels[np.arange(prompts.shape[0])[:, None], prompts])


def transition_counts(prompts: NDArray[np.int64], states: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Counts n_xy (C, N, d) and n_x (C, N) of transitions out of x = prompts[c, n] inside the first n+1 states.

    Works with one table of C d^2 counts: take chains in portions where d is several hundred.
    """
    _check_prompts(prompts, states)
    chains, length = prompts.shape
    table = np.zeros((chains, states, states), dtype=np.int32)
    counts = np.empty((chains, length, states), dtype=np.int64)
    which = np.arange(chains)
    for n in range(length):
        if n:
            table[which, prompts[:, n - 1], prompts[:, n]] += 1
        counts[:, n] = table[which, prompts[:, n]]
    return counts, counts.sum(axis=-1)


def frequentist_constant(kernel: NDArray[np.float64], stationary: NDArray[np.float64]) -> float:
    """C(P) = (2 pi)^(-1/2) sum_x sqrt(pi(x)) sum_y sqrt(P(y|x)(1 - P(y|x))): limit of sqrt(N) E d_TV(P, counting) at
    stationarity.

    The running mean over n <= N has constant 2 C(P). Kernel (d, d), stationary law (d,).
    """
    if kernel.ndim != 2 or kernel.shape[0] != kernel.shape[1] or stationary.shape != kernel.shape[:1]:
        raise ValueError(f"shapes {kernel.shape} and {stationary.shape} do not fit, expected (d, d) and (d,)")
    residual = np.abs(stationary @ kernel - stationary).max()
    if residual > 1e-9:
        raise ValueError(f"the law is not stationary: |pi P - pi| reaches {residual:.3g}, expected at most 1e-9")
    spread = np.sqrt(kernel * (1.0 - kernel)).sum(axis=1)  # (d,)
    return float(np.sqrt(stationary) @ spread / math.sqrt(2.0 * math.pi))


def sequence_log_probability(prompts: NDArray[np.int64], states: int, constant: float) -> NDArray[np.float64]:
    """Log marginal probability (C,) of whole prompts in nats: X_1 uniform, rows independent Dirichlet(a)
    (Dirichlet-multinomial)."""
    _check_prompts(prompts, states)
    if not constant > 0:
        raise ValueError(f"the Dirichlet parameter is {constant}, expected a positive number")
    chains = prompts.shape[0]
    table = np.zeros((chains, states, states))
    np.add.at(table, (np.arange(chains)[:, None], prompts[:, :-1], prompts[:, 1:]), 1.0)
    cells = gammaln(table + constant) - gammaln(constant)  # (C, d, d)
    rows = gammaln(table.sum(axis=-1) + states * constant) - gammaln(states * constant)  # (C, d)
    return np.asarray(cells.sum(axis=(-1, -2)) - rows.sum(axis=-1) - math.log(states))


def bayes_loss(states: int, constant: float, position: int) -> float:
    """Bayes log-loss in nats of token number `position` (from 1), H(X_1..X_position) - H(X_1..X_{position-1}), by
    enumerating all prompts.

    No predictor has a smaller expected loss there. Raises ValueError when d^position exceeds 2^20.
    """
    if position < 1:
        raise ValueError(f"position is {position}, expected at least 1")
    return _entropy(states, constant, position) - _entropy(states, constant, position - 1)


def bayes_kl_asymptote(states: int, transitions: float) -> float:
    """d(d-1)/(2N): leading term of the mean KL risk, in nats, of the Bayes predictor after N transitions."""
    return states * (states - 1) / (2.0 * transitions)


def _entropy(states: int, constant: float, length: int) -> float:
    if length == 0:
        return 0.0
    if states**length > EXHAUSTIVE_LIMIT:
        raise ValueError(f"{states}^{length} prompts cannot be enumerated, expected at most {EXHAUSTIVE_LIMIT}")
    prompts = np.array(list(itertools.product(range(states), repeat=length)), dtype=np.int64)
    logs = sequence_log_probability(prompts, states, constant)
    return float(-(np.exp(logs) * logs).sum())


def _check_prompts(prompts: NDArray[np.int64], states: int) -> None:
    if prompts.ndim != 2 or prompts.shape[1] < 1:
        raise ValueError(f"prompts have shape {prompts.shape}, expected (chains, at least one state)")
    if prompts.size and not (prompts.min() >= 0 and prompts.max() < states):
        raise ValueError(f"prompts hold states from {prompts.min()} to {prompts.max()}, expected 0..{states - 1}")
