"""Where learning starts: the threshold of the initial scale, as it is predicted and as it is found.

Main definitions
    formula_starts    pi lambda sqrt(m)/(pi_k |b_k|^2 |d_k| sqrt(phi)): the sigma_0 at which W_0 = pi/2
    map_starts        the sigma_0 from which the reduced map learns, by bisection at every point of a grid
    Activation        which neurons each concept finds active at the start, and what they read of it
    activation        the same of a network's weights, as they are or once its output has settled
    own_ratios        sigma_0 of each concept over the threshold of its own active neurons and start
    best_cut          the ratio that parts the forgotten from the learned with fewest errors
    crossing          the ratio at which half are learned, by logistic regression on its logarithm

A neuron is active for concept k where <w_i, c_k> > 0: while the attention is flat every prompt of the concept has
v = c_k. Only active neurons feel d_k, so that u_k = sum of r_i <w_i, d_k> over them plays the part of p and phi kappa_d
that of kappa_d. *Settled*: at a random start f_k = sum of r_i [<w_i, c_k>]_+ is not 0, so that both query signs pull
unequally; at a rate pi_k phi kappa_c/4, which exceeds lambda where lambda is small, the active neurons of one sign of r
are lowered by delta and the others raised until f_k = 0. Some fall silent: fewer than at the start are active.
Source: specification `concepts`, init_threshold, early_phase_start, random_activation.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import minimize

from numerics.concepts.dictionary import Dictionary
from numerics.concepts.early import critical_start_at
from numerics.concepts.grid import Grid, learned

if TYPE_CHECKING:
    from numerics.concepts.network import Parameters

Floats = NDArray[np.float64]
HALVINGS = 20  # of a bracket of a factor 8: 2e-6 relative


def formula_starts(grid: Grid, share: ArrayLike = 1.0) -> Floats:
    """The sigma_0 at which W_0 = pi/2 at every point of a grid, where a share phi of the neurons is active."""
    return np.asarray(math.pi / 2 / (grid.start_in_units(1.0) * np.sqrt(np.asarray(share))))


def map_starts(
    grid: Grid, gamma: float, steps: int, q_0: ArrayLike = 1.5, halvings: int = HALVINGS
) -> tuple[Floats, Floats]:
    """A forgotten and a learned sigma_0 at every point, by bisection between half and four times the formula.

    Learned: beta > 1/2 after `steps` training steps. Where even four times the formula is forgotten both are inf.
    """
    low, high = formula_starts(grid) / 2, 4 * formula_starts(grid)
    hopeless = ~learned(grid, high, gamma, steps, q_0)
    for _ in range(halvings):
        middle = np.sqrt(low * high)
        found = learned(grid, middle, gamma, steps, q_0)
        low, high = np.where(found, low, middle), np.where(found, middle, high)
    return np.where(hopeless, np.inf, low), np.where(hopeless, np.inf, high)


@dataclass(frozen=True, eq=False)
class Activation:
    """share: phi_k, (S, K_1); readout: u_k, sum of r_i <w_i, d_k> over the active neurons, (S, K_1)."""

    share: Floats
    readout: Floats


def activation(parameters: Parameters, dictionary: Dictionary, settled: bool = False) -> Activation:
    """Of each seed and concept, on clean balanced prompts."""
    W_O = parameters.W_O.detach().cpu().numpy().astype(np.float64)  # (S, m, d_y)
    signs = parameters.readout().cpu().numpy().astype(np.float64)
    along = W_O @ dictionary.c.T  # (S, m, K_1)
    active = along > 0
    if settled:
        active &= along > _shift(along, signs)[:, None] * np.sign(signs)[:, None]
    return Activation(active.mean(1), np.einsum("m,smk->sk", signs, active * (W_O @ dictionary.d.T)))


def _shift(along: Floats, signs: Floats) -> Floats:
    """delta at which sum of r_i [<w_i, c_k> - s_i' delta]_+ over the neurons active at 0 vanishes, (S, K_1)."""
    start, side = np.maximum(along, 0.0), np.sign(signs)[:, None]
    high = start.max(1)
    low = -high
    for _ in range(50):
        delta = (low + high) / 2
        left = np.maximum(start - side * delta[:, None], 0.0) * (along > 0)
        too_large = np.einsum("m,smk->sk", signs, left) > 0
        low, high = np.where(too_large, delta, low), np.where(too_large, high, delta)
    return np.asarray((low + high) / 2)


def own_ratios(grid: Grid, sigma_0: ArrayLike, found: Activation) -> Floats:
    """W_0/W_c of each seed and concept: W_0 with phi_k kappa_d for kappa_d, W_c the critical start beside P(0).

    grid: constants that broadcast with (S, K_1); sigma_0: (S) or (S, 1). 0 where no neuron is active.
    """
    scales = np.asarray(sigma_0, dtype=np.float64).reshape(-1, 1)
    W_0 = grid.start_in_units(scales) * np.sqrt(found.share)
    P_0 = found.readout * grid.pi * grid.n_b / (2 * grid.lam)
    critical = np.array([critical_start_at(value) for value in np.ravel(P_0)]).reshape(P_0.shape)
    return np.asarray(W_0 / critical)


def best_cut(ratios: ArrayLike, is_learned: ArrayLike) -> tuple[float, float, int]:
    """(low, high, errors): the cuts that leave the fewest, `errors`, on the wrong side lie between low and high.

    Raises ValueError where all or none are learned.
    """
    x, y = _sorted(ratios, is_learned)
    # A cut before place i calls the first i forgotten and the others learned; equal ratios are not parted.
    wrong = np.concatenate([[0], np.cumsum(y)]) + np.concatenate([np.cumsum((~y)[::-1])[::-1], [0]])
    ends = np.concatenate([[0.0], x, [np.inf]])
    best = np.flatnonzero((wrong == wrong[ends[1:] > ends[:-1]].min()) & (ends[1:] > ends[:-1]))
    return float(ends[best[0]]), float(ends[best[-1] + 1]), int(wrong[best[0]])


def crossing(ratios: ArrayLike, is_learned: ArrayLike, least_width: float = 0.02) -> float:
    """Where the share of learned is one half: location of the logistic curve in log ratio of greatest likelihood.

    The width of the curve is at least `least_width`: where the two groups are apart its location is their middle.
    Raises ValueError where all or none are learned.
    """
    x, y = _sorted(ratios, is_learned)
    logs, signs = np.log(np.maximum(x, 1e-12)), np.where(y, 1.0, -1.0)
    low, high, _ = best_cut(x, y)

    def loss(at: NDArray[np.float64]) -> float:
        width = least_width + math.exp(float(at[1]))
        return float(np.logaddexp(0.0, -signs * (logs - at[0]) / width).sum())

    begin = math.log(math.sqrt(max(low, 1e-6) * min(high, 1e6)))
    found = minimize(loss, [begin, math.log(0.1)], method="Nelder-Mead", options={"xatol": 1e-6, "fatol": 1e-9})
    return math.exp(float(found.x[0]))


def _sorted(ratios: ArrayLike, is_learned: ArrayLike) -> tuple[Floats, NDArray[np.bool_]]:
    x, y = np.ravel(np.asarray(ratios, dtype=np.float64)), np.ravel(np.asarray(is_learned, dtype=np.bool_))
    if y.all() or not y.any():
        raise ValueError(f"{int(y.sum())} of {len(y)} learned, expected some and not all: there is no crossing")
    order = np.argsort(x, kind="stable")
    return x[order], y[order]
