"""The reduced dynamics of many concepts at once: map, gradient flow and sliding field over grids of parameters.

Main definitions
    Grid            constants of concepts, arrays that broadcast
    both_active, one_sided, field   time derivative of (p, q, w) in each activity pattern, and in the one that holds
    sliding_share   rho on the surface theta p = q, where both fields point at it
    sliding_field   Filippov's field there
    run_map         training steps
    run_flow, run_sliding   Runge-Kutta steps of order 4
    escape_time     effective time at which beta passes a level along the flow
    learned         share-of-the-map test beta > 1/2 after some steps

A state is an array (3, ...) of p, q, w, as in `numerics.concepts.reduced`, which follows one concept without arrays.
Both-active: theta p < q, every neuron sees both query signs. One-sided: theta p >= q. The flow is not smooth on the
surface, where solvers with adaptive steps stall: here steps are fixed. Source: specification `concepts`, D9,
reduced_dynamics, stationary_sliding.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import ArrayLike, NDArray

from numerics.concepts.reduced import Concept

Floats = NDArray[np.float64]
Field = Callable[["Grid", Floats], Floats]


@dataclass(frozen=True, eq=False)
class Grid:
    """Constants of concepts, as in `Concept`, each an array; they broadcast against each other and the states."""

    lam: Floats
    pi: Floats
    kappa_d: Floats
    kappa_c: Floats
    n_b: Floats

    def __post_init__(self) -> None:
        for entry in fields(self):
            value = np.asarray(getattr(self, entry.name), dtype=np.float64)
            if not (np.isfinite(value).all() and (value > 0).all()):
                raise ValueError(f"{entry.name} of a grid of concepts holds {value.min()}, expected positive numbers")
            object.__setattr__(self, entry.name, value)
        if (self.pi > 1).any():
            raise ValueError(f"pi of a grid of concepts holds {self.pi.max()}, expected probabilities")

    @property
    def shape(self) -> tuple[int, ...]:
        """Of all constants together."""
        return np.broadcast_shapes(*(getattr(self, entry.name).shape for entry in fields(self)))

    def start_in_units(self, sigma_0: ArrayLike) -> Floats:
        """W_0 = sigma_0 pi sqrt(kappa_d) N_b/(2 lambda)."""
        return np.asarray(sigma_0) * self.pi * np.sqrt(self.kappa_d) * self.n_b / (2 * self.lam)

    def start(self, sigma_0: ArrayLike, q_0: ArrayLike = 1.5, p_0: ArrayLike = 0.0) -> Floats:
        """The state (p_0, q_0, sigma_0) at every point: (3, ...)."""
        parts = (np.asarray(p_0, dtype=np.float64), np.asarray(q_0, dtype=np.float64), np.asarray(sigma_0, dtype=float))
        shape = np.broadcast_shapes(self.shape, *(part.shape for part in parts))
        return np.stack([np.broadcast_to(part, shape) for part in parts])


def grid_of(concept: Concept) -> Grid:
    """The grid of one point."""
    values = (concept.lam, concept.pi, concept.kappa_d, concept.kappa_c, concept.n_b)
    return Grid(*(np.asarray(value) for value in values))


def beta_of(grid: Grid, state: Floats) -> Floats:
    """beta = w^2 N_b."""
    return np.asarray(state[2] ** 2 * grid.n_b)


def both_active(grid: Grid, state: Floats) -> Floats:
    """The field where every neuron sees both query signs, whatever theta p and q are."""
    p, _, w = state
    theta = np.tanh(beta_of(grid, state))
    return _combined(grid, state, theta, grid.pi * _g(theta * p), np.ones_like(w))


def one_sided(grid: Grid, state: Floats) -> Floats:
    """The field where a neuron sees one query sign only, whatever theta p and q are."""
    p, q, w = state
    theta = np.tanh(beta_of(grid, state))
    return _combined(grid, state, theta, grid.pi * _g((q + theta * p) / 2), np.full_like(w, 0.5))


def field(grid: Grid, state: Floats) -> Floats:
    """Both-active where theta p < q, one-sided elsewhere: d(p, q, w) per unit of effective time."""
    p, q, _ = state
    theta = np.tanh(beta_of(grid, state))
    both = theta * p < q
    pull = grid.pi * _g(np.where(both, theta * p, (q + theta * p) / 2))
    return _combined(grid, state, theta, pull, np.where(both, 1.0, 0.5))


def sliding_share(grid: Grid, state: Floats) -> Floats:
    """rho with which the combination of both fields stays on theta p = q; the state slides where it is in [1/2, 1].

    rho = 1 is both-active, 1/2 one-sided. q is not read: it is theta p.
    """
    p, _, _ = state
    beta = beta_of(grid, state)
    theta = np.tanh(beta)
    slope = 1 - theta**2
    pull = grid.pi * _g(theta * p)
    above = pull * grid.kappa_c + 2 * grid.lam * beta * slope * p
    below = pull * (grid.kappa_c + theta**2 * grid.kappa_d + 2 * beta * grid.n_b * slope**2 * p**2)
    return np.asarray(above / below)


def sliding_field(grid: Grid, state: Floats) -> Floats:
    """Filippov's field on theta p = q."""
    p, _, _ = state
    theta = np.tanh(beta_of(grid, state))
    on_surface = np.stack([p, theta * p, state[2]])
    return _combined(grid, on_surface, theta, grid.pi * _g(theta * p), sliding_share(grid, state))


def run_map(
    grid: Grid, state: Floats, gamma: float, steps: int, every: int = 0, first: int = 0
) -> tuple[Floats, NDArray[np.int64], Floats]:
    """`steps` training steps at eta_t = 2/(lambda (gamma + t)) from t = first.

    Returns the last state (3, ...), the times recorded and the states there (times, 3, ...): the multiples of `every`,
    counted from the first step, where every > 0. Raises ValueError for gamma <= 2.
    """
    if not gamma > 2:
        raise ValueError(f"gamma = {gamma:g}: the map is not contractive, lambda eta_0 < 1 fails; expected gamma > 2")
    state = np.array(state, dtype=np.float64)
    times, states = [], []
    for t in range(first, first + steps + 1):
        if every and (t - first) % every == 0:
            times.append(t)
            states.append(state)
        if t < first + steps:
            state = state + 2 / (grid.lam * (gamma + t)) * field(grid, state)
    kept = np.stack(states) if states else np.empty((0, *state.shape))
    return state, np.array(times, dtype=np.int64), kept


def run_flow(grid: Grid, state: Floats, duration: float, step: float = 1e-3, along: Field = field) -> Floats:
    """The state after `duration` of s = lambda times effective time, by steps of at most `step` in s."""
    count = max(1, int(np.ceil(duration / step)))
    h = duration / count / grid.lam
    for _ in range(count):
        state = _runge_kutta(grid, state, h, along)
    return state


def run_sliding(grid: Grid, state: Floats, duration: float, step: float = 1e-3) -> Floats:
    """The same along the sliding field; q of the result is theta p.

    Raises ValueError where the result is no sliding state: rho outside [1/2, 1].
    """
    state = run_flow(grid, state, duration, step, sliding_field)
    state = np.stack([state[0], np.tanh(beta_of(grid, state)) * state[0], state[2]])
    rho = sliding_share(grid, state)
    if not ((rho >= 0.5 - 1e-12) & (rho <= 1 + 1e-12)).all():
        raise ValueError(
            f"rho = {rho.min():.6g} to {rho.max():.6g} at the end, expected sliding states, rho in [1/2, 1]"
        )
    return state


def escape_time(
    grid: Grid, state: Floats, level: float = 1.0, step: float = 1e-4, longest: float = 40.0
) -> NDArray[np.float64]:
    """Effective time at which beta first reaches `level` along the flow; inf where it has not for `longest`/lambda."""
    state = np.array(state, dtype=np.float64)
    h = step / grid.lam
    found = np.full(np.broadcast_shapes(state.shape[1:], grid.shape), np.inf)
    before = np.broadcast_to(beta_of(grid, state), found.shape)
    found[before >= level] = 0.0
    for i in range(int(np.ceil(longest / step))):
        state = _runge_kutta(grid, state, h, field)
        now = np.broadcast_to(beta_of(grid, state), found.shape)
        crossed = (now >= level) & np.isinf(found)
        if crossed.any():
            with np.errstate(invalid="ignore", divide="ignore"):
                share = (level - before) / (now - before)
            found = np.where(crossed, (i + share) * h, found)
        if not np.isinf(found).any():
            break
        before = now
    return found


def learned(grid: Grid, sigma_0: ArrayLike, gamma: float, steps: int, q_0: ArrayLike = 1.5) -> NDArray[np.bool_]:
    """Where beta > 1/2 after `steps` training steps from (0, q_0, sigma_0)."""
    state, _, _ = run_map(grid, grid.start(sigma_0, q_0), gamma, steps)
    return np.asarray(beta_of(grid, state) > 0.5)


def _combined(grid: Grid, state: Floats, theta: Floats, pull: Floats, rho: Floats) -> Floats:
    """The field of which a share rho is felt along p and w and 1 - rho along q; pull = pi g(f)."""
    p, q, w = state
    growth = rho * pull
    # rho = 1 both-active, 1/2 one-sided; q grows with the share 1 - rho of the one-sided neurons.
    return np.stack(
        np.broadcast_arrays(
            growth * theta * grid.kappa_d - grid.lam * p,
            (1 - rho) * pull * grid.kappa_c - grid.lam * q,
            (growth * p * (1 - theta**2) * grid.n_b - grid.lam) * w,
        )
    )


def _runge_kutta(grid: Grid, state: Floats, h: Floats, along: Field) -> Floats:
    first = along(grid, state)
    second = along(grid, state + h / 2 * first)
    third = along(grid, state + h / 2 * second)
    fourth = along(grid, state + h * third)
    return np.asarray(state + h / 6 * (first + 2 * second + 2 * third + fourth))


def _g(f: Floats) -> Floats:
    """1/(1 + e^f), without overflow."""
    return np.asarray(np.exp(-np.logaddexp(0.0, f)))
