"""Training of the full network on the enumerated population beside the reduced map, and from the mirrored start."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from numerics.concepts.dictionary import draw_dictionary
from numerics.concepts.grid import Grid, run_map
from numerics.concepts.prompts import Sampler
from theory.claim import Claim
from verify.instance import Instance
from verify.measurement import Context, measures
from verify.precision import Measured, floating
from verify.space import Space

Floats = NDArray[np.float64]
TOLERANCE = 1e-9  # of the network against the map, at every step
MIRRORED = 1e-8  # of a start against its mirror image


@dataclass(frozen=True)
class Population:
    """A network trained on its clean balanced population, from a symmetric start with p_0 = 0."""

    concepts: int
    irrelevant: int
    dimension: int
    length: int
    neurons: int
    steps: int
    lam: float = 0.002
    gamma: float = 2000.0
    sigma_0: float = 0.3
    q_0: float = 1.5
    mirrored: bool = False
    seed: int = 0

    @property
    def constants(self) -> dict[str, float]:
        """pi_k, kappa_d, kappa_c, N_b of the standard norms (D11)."""
        return {"pk": 1 / self.concepts, "kd": 2 / self.neurons, "kc": 6 / self.neurons, "Nb": 2.0}

    def rate(self, t: int) -> float:
        """eta_t."""
        return 2 / (self.lam * (self.gamma + t))

    def network(self) -> Floats:
        """(steps + 1, 6, K): p, q, the eigenvalues v of W_Q and w of W_K, and the largest deviation of a neuron from
        its mean, along d_k and along c_k."""
        import torch

        from numerics.concepts.network import batch_of, descend, symmetric_start

        atoms = draw_dictionary(np.random.default_rng(self.seed), self.concepts, self.irrelevant, self.dimension)
        weights = symmetric_start(atoms, self.neurons, self.sigma_0, q_0=self.q_0, mirrored=self.mirrored)
        batch = batch_of(Sampler(self.length).enumerate(atoms), 1, shared=True)
        matrices = [x[0].numpy() for x in (weights.W_Q, weights.W_K, weights.W_O)]  # changed in place by the steps
        b, c, d = (np.array(x) for x in (atoms.b, atoms.c, atoms.d))
        signs = np.repeat([1.0, -1.0], self.neurons // 2)[:, None]
        norms = (b**2).sum(1)
        found = []
        threads = torch.get_num_threads()
        torch.set_num_threads(1)
        try:
            for t in range(self.steps + 1):
                if t > 0:
                    rate = torch.tensor([self.rate(t - 1)], dtype=torch.float64)
                    descend(weights, batch, rate, 1 - self.lam * self.rate(t - 1))
                on_d, on_c = signs * (matrices[2] @ d.T), matrices[2] @ c.T  # (m, K)
                forms = [((b @ matrix.T) * b).sum(1) / norms for matrix in matrices[:2]]
                spread = [np.abs(x - x.mean(0)).max(0) for x in (on_d, on_c)]
                found.append([on_d.mean(0), on_c.mean(0), *forms, *spread])
        finally:
            torch.set_num_threads(threads)
        return np.array(found)

    def reduced(self) -> Floats:
        """(steps + 1, 3): p, q, w of the map."""
        values = self.constants
        grid = Grid(*(np.array(x) for x in (self.lam, values["pk"], values["kd"], values["kc"], values["Nb"])))
        _, _, states = run_map(grid, grid.start(self.sigma_0, self.q_0), self.gamma, self.steps, every=1)
        return states


@st.composite
def populations(draw: st.DrawFn) -> Population:
    """Small networks trained for 60 steps, large steps included."""
    K = draw(st.integers(1, 3))
    extra = draw(st.integers(0, 2))
    return Population(
        K,
        extra,
        2 * K + extra + draw(st.integers(0, 2)),
        2 * draw(st.integers(1, 3)),
        2 * draw(st.integers(1, 8)),
        60,
        lam=draw(st.sampled_from((0.002, 0.02, 0.1))),
        gamma=draw(st.sampled_from((20.0, 200.0, 2000.0))),
        sigma_0=draw(st.integers(1, 8)) / 10,
        q_0=draw(st.sampled_from((0.2, 0.5, 1.5))),
        seed=draw(st.integers(0, 1000)),
    )


def three_sizes(claim: Claim) -> Iterator[Population]:
    """The standard set (D11), and a smaller and a larger network."""
    yield Population(2, 0, 4, 4, 20, 1200)
    yield Population(1, 3, 7, 2, 6, 1200, sigma_0=0.45)
    yield Population(4, 2, 12, 6, 12, 1200)


networks = Space("networks on their clean population", lambda claim: populations(), three_sizes)


def _close(value: float, tolerance: float) -> Measured:
    return floating(value, absolute=tolerance)


def _values(population: Population, state: Floats, t: int) -> dict[str, int | float | Fraction | Measured]:
    """Values of the parameters of a step from (p, q, v, w) at t."""
    p, q, v, w = (float(x) for x in state[:4])
    theta = math.tanh(v * w * population.constants["Nb"])
    return {
        **population.constants,
        **{"p": p, "q": q, "v": v, "w": w, "theta": theta, "sided": int(theta * p >= q)},
        **{"lam": population.lam, "eta": population.rate(t), "m": population.neurons, "i": 0},
        **{"np": population.length // 2, "nm": population.length // 2},
    }


@measures("concepts/reduced_dynamics", over=networks, examples=(4, 40))
def reduced_dynamics(population: Population, context: Context) -> Iterator[Instance]:
    found, expected = population.network(), population.reduced()  # (T + 1, 6, K), (T + 1, 3)
    K, last = population.concepts, population.steps
    labels = ("p", "q", "eigenvalue of W_Q", "eigenvalue of W_K")
    for n, column in enumerate((0, 1, 2, 2)):
        apart = np.abs(found[:, n] - expected[:, column, None]).max(1)
        t = int(apart.argmax())
        k = int(np.abs(found[t, n] - expected[t, column]).argmax())
        yield Instance(
            _values(population, found[max(t - 1, 0), :, k], max(t - 1, 0)),
            _close(float(found[t, n, k]), TOLERANCE),
            labels[n],
            bound=floating(float(expected[t, column]), absolute=1e-12),
            label=f"after {t} steps, the worst of {last + 1} times",
            scale=1.0,
        )
    spread = float(found[:, 4:].max())
    yield Instance(
        _values(population, found[0, :, 0], 0),
        _close(spread, TOLERANCE),
        "p",
        bound=floating(0.0, absolute=1e-15),
        label="largest difference between neurons, at any time",
        scale=1.0,
    )
    for t in sorted({0, 1, last // 2, last - 1, *(int(x) for x in context.rng.integers(0, last, 3))}):
        k = int(context.rng.integers(K))
        values = _values(population, found[t, :, k], t)
        for n, label in enumerate(labels):
            yield Instance(
                values, floating(float(found[t + 1, n, k]), absolute=1e-12), label, label=f"step {t}", scale=1.0
            )


def from_starts(claim: Claim) -> Iterator[Population]:
    """400 steps of the standard set, and of a network of one concept."""
    yield Population(2, 0, 4, 4, 20, 400)
    yield Population(1, 1, 4, 2, 8, 400, lam=0.02, gamma=200.0, sigma_0=0.6)


mirrors = Space(
    "networks and their mirror images", lambda claim: populations().map(lambda x: replace(x, steps=40)), from_starts
)


def _prompt_margins(population: Population, state: Floats) -> Iterator[tuple[int, int, float]]:
    """(n_+, n_-, e_q f) of mirrored networks with the reduced numbers of `state` on prompts of every composition."""
    from numerics.concepts.network import Parameters, batch_of, forward, symmetric_start

    atoms = draw_dictionary(np.random.default_rng(population.seed), 1, 0, 2)
    p, q, w = float(state[0]), float(state[1]), float(state[3])
    built = symmetric_start(atoms, population.neurons, abs(w), q_0=q, p_0=p, mirrored=True)
    network = Parameters(built.W_Q, built.W_K, built.W_O)
    for matches in range(1, 6):
        for others in (0, 1, 3):
            sampler = Sampler(matches + others, "counts", matches=matches)
            listed = sampler.enumerate(atoms)
            output = forward(network, batch_of(listed, 1, shared=True)).output[0].numpy()
            yield matches, others, float((output * listed.target)[0])


@measures("concepts/mirrored_solution", over=mirrors, examples=(4, 40))
def mirrored_solution(population: Population, context: Context) -> Iterator[Instance]:
    image = replace(population, mirrored=True)
    normal, turned = population.network(), image.network()
    for n, (label, sign) in enumerate((("p", -1), ("q", 1), ("eigenvalue of W_Q", 1), ("eigenvalue of W_K", -1))):
        apart = np.abs(turned[:, n] - sign * normal[:, n])
        t, k = (int(x) for x in np.unravel_index(int(apart.argmax()), apart.shape))
        yield Instance(
            _values(population, normal[t, :, k], t),
            _close(float(turned[t, n, k]), MIRRORED),
            label,
            bound=floating(float(sign * normal[t, n, k]), absolute=1e-12),
            label=f"after {t} steps, the worst of {population.steps + 1} times",
            scale=1.0,
        )
    # The numbers of a learned concept, upside down and with q large: both-active, so that the margin is theta (-p).
    p, q = 0.7, 3.0
    state: Any = np.array([-p, q, 0.8, -0.8, 0, 0])
    for matches, others, margin in _prompt_margins(population, state):
        values: dict[str, int | float | Fraction | Measured] = {
            **_values(population, np.array([p, q, 0.8, 0.8]), 0),
            **{"np": matches, "nm": others, "b": 0.8**2 * 2.0},
        }
        yield Instance(
            values, floating(margin, absolute=1e-12), "margin", label=f"{matches} of {matches + others}", scale=1.0
        )
