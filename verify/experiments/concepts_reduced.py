"""The reduced dynamics against the network and their closed forms (experiment 4.5 of `concepts`).

Main definitions
    run_reduced_experiment  all records, and a picture
    Sizes, sizes_of         how large a budget measures
    follow                  the network on its population and the map, step by step, at three sizes
    separatrix              starts (p, beta) between forgotten and learned, by bisection and by the formula

Closed forms of what comes after: concepts_reduced_limits. The concept is that of the standard set (D11) where nothing
else is said.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from numerics.concepts.dictionary import draw_dictionary
from numerics.concepts.early import critical_start_at
from numerics.concepts.grid import Grid, grid_of, run_flow, run_map
from numerics.concepts.prompts import Sampler
from numerics.concepts.reduced import Concept
from verify.experiments.concepts_reduced_limits import (
    GAMMA,
    SIGMA_0,
    STANDARD,
    escape_record,
    escapes,
    saturation,
    saturation_record,
    shown,
    slide,
)
from verify.experiments.experiment import Budget, Experiment, Progress, Record

Floats = NDArray[np.float64]
FOLLOWED = 1e-9  # largest difference of network and map
# (K_1, K_2, d, L, m): the standard set, one concept among atoms, many concepts with longer prompts
NETWORKS = ((2, 0, 4, 4, 20), (1, 3, 7, 2, 6), (4, 2, 12, 6, 12))
# (t, beta, p, q) of the standard set; q at 600 with its misprinted digit put right
ORACLES = (
    (100, 2.19305035590261, 0.575855646896602, 1.36044696030749),
    (200, 2.94282877298652, 1.16663613149054, 1.23950025261712),
    (400, 3.00641446944134, 1.58667902743376, 1.57985902571322),
    (600, 2.99066301290520, 1.78454544822475, 1.77508446445833),
    (1200, 2.94789706756440, 1.99813855312552, 1.98898007020932),
)
STARTS = (-1.0, -0.5, 0.0, 0.2, 0.4, 0.6, 0.8, 1.0, 1.5)  # P_0 on the separatrix


@dataclass(frozen=True)
class Sizes:
    """Steps of the networks, of the map; Runge-Kutta step and halvings of the separatrix; steps in s elsewhere."""

    steps: int
    map_steps: int
    halvings: int
    flow_step: float
    escape_step: float
    slide: float


def sizes_of(budget: Budget) -> Sizes:
    """The specification's 1200 steps in both."""
    return (
        Sizes(1200, 20_000, 14, 2e-2, 1e-3, 12.0) if budget == "quick" else Sizes(1200, 200_000, 24, 1e-3, 1e-4, 16.0)
    )


def run_reduced_experiment(out: Path, *, budget: Budget, seed: int, progress: Progress | None) -> list[Record]:
    """Records and the picture in `out`."""
    return run_sizes(out, sizes_of(budget), seed, progress)


def run_sizes(out: Path, sizes: Sizes, seed: int, progress: Progress | None = None) -> list[Record]:
    """The experiment in any sizes."""
    from verify.experiments.concepts_reduced_plots import draw_reduced

    tell = partial(_tell, progress)
    courses = []
    for at, shape in enumerate(NETWORKS):
        tell(f"network of {shape[0]} concepts", at)
        courses.append(follow(shape, sizes.steps, seed))
    tell("separatrix", 3)
    border = separatrix(sizes)
    tell("escape times", 4)
    left = escapes(sizes.escape_step)
    tell("sliding phase", 5)
    sliding = slide(sizes.map_steps, sizes.slide)
    tell("saturation", 6)
    saturated = saturation()
    records = [
        *(course.record() for course in courses),
        oracle_record(courses[0]),
        border.record(),
        escape_record(left),
        sliding.record(),
        saturation_record(saturated),
    ]
    plot = draw_reduced(out / "reduced.png", courses, border, left, sliding, saturated)
    records.append({"name": "plots", "files": [plot.name], "as_expected": None})
    tell("done", 7)
    return [{"experiment": "concepts_reduced", "seed": seed} | record for record in records]


@dataclass(frozen=True, eq=False)
class Course:
    """Network and map after t = 0, 1, ... steps: arrays (T+1, 3, K_1) and (T+1, 3) of beta, p, q."""

    shape: tuple[int, int, int, int, int]
    network: Floats
    map: Floats

    @property
    def differences(self) -> Floats:
        """Largest difference at each step, (T+1)."""
        return np.asarray(np.abs(self.network - self.map[..., None]).max((1, 2)))

    def record(self) -> Record:
        """The network follows the map at every step."""
        K_1, K_2, d, L, m = self.shape
        return {
            "name": "network on its population against the map",
            "claim": "concepts/reduced_dynamics",
            "K_1": K_1,
            "K_2": K_2,
            "d": d,
            "L": L,
            "m": m,
            "steps": len(self.map) - 1,
            "largest_difference": float(self.differences.max()),
            "beta_at_the_end": float(self.map[-1, 0]),
            "text": (
                f"network with K_1 = {K_1}, d = {d}, L = {L}, m = {m} against the reduced map: within "
                f"{self.differences.max():.1g} at each of {len(self.map) - 1} steps"
            ),
            "expected": f"at most {FOLLOWED:g} in beta, p and q at every step, and something learned",
            "as_expected": bool(self.differences.max() <= FOLLOWED and self.map[-1, 0] > 1),
        }


def follow(shape: tuple[int, int, int, int, int], steps: int, seed: int) -> Course:
    """Train the network of sizes (K_1, K_2, d, L, m) on every prompt, and step the map beside it."""
    import torch  # seconds to load: only where networks are trained

    from numerics.concepts.recorder import quadratic
    from numerics.concepts.training import Setting, advance, start

    K_1, K_2, d, L, m = shape
    atoms = draw_dictionary(np.random.default_rng([seed, K_1]), K_1, K_2, d)
    setting = Setting(Sampler(L), (STANDARD.lam,), (SIGMA_0,), gamma=GAMMA, neurons=m, batch=0)
    run = start(setting, atoms, np.random.default_rng(seed))
    signs = run.parameters.readout().sign()[:, None]
    c, label_d = (torch.as_tensor(np.array(vectors)) for vectors in (atoms.c, atoms.d))

    def seen() -> Floats:
        W_O = run.parameters.W_O[0]
        p, q = (signs * (W_O @ label_d.T)).mean(0), (W_O @ c.T).mean(0)
        return np.stack([quadratic(run.parameters, atoms.b)[0], p.numpy(), q.numpy()])

    found = [seen()]
    for t in range(steps):
        run = advance(run, t + 1)
        found.append(seen())
    grid = grid_of(Concept(lam=STANDARD.lam, pi=1 / K_1, kappa_d=2 / m, kappa_c=6 / m))
    _, _, states = run_map(grid, grid.start(SIGMA_0), GAMMA, steps, every=1)
    return Course(shape, np.stack(found), shown(grid, states))


def oracle_record(course: Course) -> Record:
    """The values of the specification, as far as the course goes."""
    rows = [(t, *expected) for t, *expected in ORACLES if t < len(course.map)]
    worst = max(
        (float(np.abs(course.network[int(t), :, 0] / np.array(values) - 1).max()) for t, *values in rows), default=None
    )
    above = np.tanh(course.map[:, 0]) * course.map[:, 1] >= course.map[:, 2]
    first = int(np.argmax(above)) if above.any() else None
    return {
        "name": "network against the values of the specification",
        "claim": "concepts/reduced_dynamics",
        "times": [int(t) for t, *_ in rows],
        "largest_relative_difference": worst,
        "first_step_on_the_surface": first,
        "expected": "at most 1e-12; first step with theta p >= q: 215",
        "as_expected": worst is not None and worst <= 1e-12 and first == 215,
    }


@dataclass(frozen=True, eq=False)
class Separatrix:
    """Critical W_0 beside each P_0: by the formula, and by bisection on the flow, at each lambda (R, starts)."""

    P_0: Floats
    formula: Floats
    lam: Floats
    found: Floats

    def record(self) -> Record:
        """The flow's critical start tends to the formula's as lambda falls."""
        ratios = self.found / self.formula
        worst = np.abs(ratios - 1).max(1)
        return {
            "name": "separatrix of the flow over that of the early phase",
            "claim": "concepts/early_phase_start",
            "P_0": self.P_0.tolist(),
            "lambda": self.lam.tolist(),
            "critical_W_0": self.formula.tolist(),
            "ratio": ratios.tolist(),
            "expected": "within 1 % at every start at the smallest lambda, and nearer than at the largest",
            "as_expected": bool(worst[-1] <= 0.01 and worst[-1] < worst[0]),
        }


def separatrix(sizes: Sizes) -> Separatrix:
    """Bisection over W_0 beside each P_0, at three weight decays; learned: P and W above twice the saddle."""
    P_0 = np.array(STARTS)
    formula = np.array([critical_start_at(value) for value in STARTS])
    lam = np.array([0.02, 0.005, 0.001])
    grid = Grid(lam[:, None], np.array(0.5), np.array(0.1), np.array(0.3), np.array(2.0))
    unit_p = 2 * grid.lam / (grid.pi * grid.n_b)
    unit_w = formula_unit(grid)
    low, high = np.broadcast_to(0.8 * formula, (3, len(P_0))), np.broadcast_to(1.25 * formula, (3, len(P_0)))
    for _ in range(sizes.halvings):
        middle = np.sqrt(low * high)
        state = grid.start(middle * unit_w, STANDARD.q_0, P_0 * unit_p)
        last = run_flow(grid, state, 8.0, sizes.flow_step)
        # Near the separatrix a start follows the saddle (1, 1) first; it is on the side on which it leaves it.
        above = (last[2] / unit_w) > 1.0
        low, high = np.where(above, low, middle), np.where(above, middle, high)
    return Separatrix(P_0, formula, lam, np.sqrt(low * high))


def formula_unit(grid: Grid) -> Floats:
    """w of W = 1."""
    return np.asarray(1 / grid.start_in_units(1.0))


def _tell(progress: Progress | None, what: str, done: int) -> None:
    if progress is not None:
        progress(f"reduced dynamics: {what}", done, 7)


EXPERIMENT = Experiment(
    "concepts_reduced",
    "concepts",
    "reduced dynamics against the network and their closed forms",
    run_reduced_experiment,
)
