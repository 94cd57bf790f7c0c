"""The Markov-chain families of the in-context learning experiments, as d x d transition matrices (experiment 4.5).

Every function returns a `Family`: kernel[x, y] = P(y | x), float64, rows summing to 1 within 1e-12, with its
stationary law where that is known in closed form and None elsewhere. A cell of a binned process moves as its centre
would; the mass beyond the grid is lumped into the two end bins. The source paper does not print the parameters of the
binned families: the defaults here are ours and are part of the signature.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from numerics.icl.simulate import random_dirichlet_kernels


@dataclass(frozen=True)
class Family:
    """A transition matrix (d, d) with its name, the parameters it was made from, and its stationary law (d,) or None
    if no closed form is known."""

    name: str
    kernel: NDArray[np.float64]
    stationary: NDArray[np.float64] | None
    parameters: Mapping[str, float] = field(default_factory=dict)

    @property
    def states(self) -> int:
        """Number d of states."""
        return int(self.kernel.shape[0])


def dirichlet(states: int, rng: np.random.Generator, concentration: float = 1.0) -> Family:
    """(a) Independent Dirichlet(concentration) rows, used with d = 2, 3, 4, 6, 8; stationary law given for d = 2."""
    _at_least("states", states, 2)
    kernel = random_dirichlet_kernels(1, states, rng, concentration)[0]
    stationary = None
    if states == 2:
        # Claim markov/two_state_exact.
        stationary = np.array([kernel[1, 0], kernel[0, 1]]) / (kernel[0, 1] + kernel[1, 0])
    return Family("dirichlet", kernel, stationary, {"states": states, "concentration": concentration})


def constrained_walk(states: int) -> Family:
    """(b) Walk on a path: 0 goes to 1, d-1 to d-2, the others to either neighbour; period 2, stationary law
    proportional to the degree. d >= 3."""
    _at_least("states", states, 3)
    kernel = np.zeros((states, states))
    kernel[0, 1] = kernel[-1, -2] = 1.0
    for x in range(1, states - 1):
        kernel[x, x - 1] = kernel[x, x + 1] = 0.5
    stationary = np.full(states, 1.0 / (states - 1))
    stationary[[0, -1]] /= 2.0
    return Family("constrained walk", kernel, stationary, {"states": states})


def polygon_walk(states: int) -> Family:
    """(c) Walk on a cycle: to x+1 or x-1 mod d with probability 1/2 each; uniform stationary law, period 2 iff d is
    even. d >= 3."""
    _at_least("states", states, 3)
    kernel = np.zeros((states, states))
    for x in range(states):
        kernel[x, (x - 1) % states] = kernel[x, (x + 1) % states] = 0.5
    return Family("polygon walk", kernel, np.full(states, 1.0 / states), {"states": states})


def clique_and_rim(
    states: int = 9, eta: float = 0.02, tau: Sequence[float] | None = None, epsilon: float = 0.0
) -> Family:
    """(d) Inner clique with outer rim, d = 3k, k >= 2: k inner states 0..k-1, each with two rim states k+2i, k+2i+1.

    Inner block: 3/4 - eta on the diagonal and eta/(k-1) off it; inner i to its rim states (1 + 4 tau_i epsilon)/8 and
    (1 - 4 tau_i epsilon)/8, a rim state back with the same; the rest is the rim state's loop. The matrix is
    symmetric, so the stationary law is uniform. `tau` has k entries, 0 by default.
    """
    if states % 3 or states < 6:
        raise ValueError(f"states is {states}, expected a multiple of 3, at least 6")
    inner = states // 3
    if not 0.0 <= eta <= 0.75:
        raise ValueError(f"eta is {eta}, expected a number in [0, 3/4]")
    signs = np.zeros(inner) if tau is None else np.asarray(tau, dtype=np.float64)
    if signs.shape != (inner,):
        raise ValueError(f"tau has shape {signs.shape}, expected ({inner},)")
    if np.abs(4.0 * signs * epsilon).max() > 1.0:
        raise ValueError(f"|4 tau epsilon| reaches {np.abs(4.0 * signs * epsilon).max()}, expected at most 1")
    kernel = np.zeros((states, states))
    kernel[:inner, :inner] = eta / (inner - 1)
    np.fill_diagonal(kernel[:inner, :inner], 0.75 - eta)
    for i in range(inner):
        for rim, sign in ((inner + 2 * i, 1.0), (inner + 2 * i + 1, -1.0)):
            weight = (1.0 + 4.0 * sign * signs[i] * epsilon) / 8.0
            kernel[i, rim] = kernel[rim, i] = weight
            kernel[rim, rim] = 1.0 - weight
    parameters = {"states": states, "eta": eta, "epsilon": epsilon}
    return Family("inner clique, outer rim", kernel, np.full(states, 1.0 / states), parameters)


def brownian_motion(states: int = 700, deviation: float = 7.0) -> Family:
    """(e) Gaussian steps of standard deviation `deviation` bins around the centre of bin x, on d bins of width 1."""
    _positive("deviation", deviation)
    centres = np.arange(states, dtype=np.float64) + 0.5
    kernel = _gaussian_bins(centres, deviation, np.arange(1, states, dtype=np.float64))
    return Family("Brownian motion", kernel, None, {"states": states, "deviation": deviation})


def geometric_brownian_motion(
    states: int = 100, drift: float = 0.0, volatility: float = 0.05, low: float = 0.5, high: float = 2.0
) -> Family:
    """(f) One step of S -> S exp(drift - volatility^2/2 + volatility Z) on d equal bins of [low, high], 0 < low <
    high."""
    _positive("volatility", volatility)
    _positive("low", low)
    edges, centres = _grid(states, low, high)
    means = np.asarray(np.log(centres) + drift - 0.5 * volatility**2, dtype=np.float64)
    kernel = _gaussian_bins(means, volatility, np.log(edges))
    parameters = {"states": states, "drift": drift, "volatility": volatility, "low": low, "high": high}
    return Family("geometric Brownian motion", kernel, None, parameters)


def autoregressive_gaussian(
    states: int = 100, correlation: float = 0.9, deviation: float = 1.0, half_width: float = 4.0
) -> Family:
    """(f) AR(1), "correlated Gaussian": X' = correlation X + deviation sqrt(1 - correlation^2) Z on d bins of [-w,
    w], w = half_width deviations."""
    _positive("deviation", deviation)
    if not -1.0 < correlation < 1.0:
        raise ValueError(f"correlation is {correlation}, expected a number in (-1, 1)")
    edges, centres = _grid(states, -half_width * deviation, half_width * deviation)
    kernel = _gaussian_bins(correlation * centres, deviation * float(np.sqrt(1.0 - correlation**2)), edges)
    parameters = {"states": states, "correlation": correlation, "deviation": deviation, "half_width": half_width}
    return Family("correlated Gaussian", kernel, None, parameters)


def independent_gaussian(states: int = 100, deviation: float = 1.0, half_width: float = 4.0) -> Family:
    """(f) Independent Gaussian draws on d bins of [-w, w], w = half_width deviations: every row is the stationary
    law."""
    _positive("deviation", deviation)
    edges, _ = _grid(states, -half_width * deviation, half_width * deviation)
    row = _gaussian_bins(np.zeros(1), deviation, edges)[0]
    parameters = {"states": states, "deviation": deviation, "half_width": half_width}
    return Family("independent Gaussian", np.tile(row, (states, 1)), row, parameters)


def independent_uniform(states: int = 100) -> Family:
    """(f) Independent uniform draws from d states."""
    _at_least("states", states, 2)
    return Family(
        "independent uniform",
        np.full((states, states), 1.0 / states),
        np.full(states, 1.0 / states),
        {"states": states},
    )


def all_families(rng: np.random.Generator) -> list[Family]:
    """One member of every family at its default size, the random ones drawn from `rng`."""
    return [
        *(dirichlet(d, rng) for d in (2, 3, 4, 6, 8)),
        *(constrained_walk(d) for d in (3, 4, 5, 6)),
        *(polygon_walk(d) for d in (3, 4, 5, 6)),
        clique_and_rim(),
        brownian_motion(),
        geometric_brownian_motion(),
        autoregressive_gaussian(),
        independent_gaussian(),
        independent_uniform(),
    ]


def _gaussian_bins(
    means: NDArray[np.float64], deviation: float, inner_edges: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Masses (len(means), bins) of Gaussians between consecutive inner edges, the tails in the first and last bin."""
    z = (inner_edges[None, :] - means[:, None]) / deviation  # (means, bins - 1)
    # A difference of distribution functions loses every digit in the upper tail; there the difference of survival
    # functions is used.
    lower = np.concatenate([np.full((z.shape[0], 1), -np.inf), z], axis=1)
    upper = np.concatenate([z, np.full((z.shape[0], 1), np.inf)], axis=1)
    flip = lower > 0
    mass = np.where(flip, ndtr(-lower) - ndtr(-upper), ndtr(upper) - ndtr(lower))
    return np.asarray(mass / mass.sum(axis=1, keepdims=True))


def _grid(states: int, low: float, high: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Inner edges (states - 1,) and centres (states,) of equal bins of [low, high]."""
    _at_least("states", states, 2)
    if not low < high:
        raise ValueError(f"the grid runs from {low} to {high}, expected low < high")
    edges = np.linspace(low, high, states + 1)
    return edges[1:-1], 0.5 * (edges[:-1] + edges[1:])


def _at_least(name: str, value: int, least: int) -> None:
    if value < least:
        raise ValueError(f"{name} is {value}, expected an integer >= {least}")


def _positive(name: str, value: float) -> None:
    if not value > 0:
        raise ValueError(f"{name} is {value}, expected a positive number")
