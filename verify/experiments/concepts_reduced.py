"""The reduced dynamics against the network and their closed forms (experiment 4.5 of `concepts`).

Main definitions
    run_reduced_experiment  all records, and a picture
    Sizes, sizes_of         how large a budget measures
    follow                  the network on its population and the map, step by step, at three sizes
    separatrix              starts (p, beta) between forgotten and learned, by bisection and by the formula
    escapes                 time to leave the early phase, by the flow and by the formula
    slide                   from the last step of the map to the sliding limit
    saturation              attention at the stationary point while lambda falls to 1e-16

The concept is that of the standard set (D11) where nothing else is said.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from numerics.concepts.dictionary import draw_dictionary
from numerics.concepts.early import critical_start_at
from numerics.concepts.grid import Grid, beta_of, escape_time, field, grid_of, run_flow, run_map, sliding_share
from numerics.concepts.prompts import Sampler
from numerics.concepts.reduced import Concept
from numerics.concepts.roots import largest_lambda, small_lambda_p, stationary, with_lambda
from verify.experiments.experiment import Budget, Experiment, Progress, Record

Floats = NDArray[np.float64]
STANDARD = Concept(lam=0.002, pi=0.5)  # D11
GAMMA, SIGMA_0 = 2000.0, 0.3
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
# (sigma_0, lambda, formula, flow), pi_k = 1
ESCAPES = (
    (0.1, 0.005, 57.100811, 54.640),
    (0.05, 0.005, 137.325462, 134.920),
    (0.03, 0.005, 351.915411, 349.560),
    (0.026, 0.005, 621.327724, 619.040),
    (0.12, 0.02, 87.978853, 85.940),
    (0.3, 0.02, 20.109993, 18.020),
)
SLIDING = (2.92648520236433, 2.08645773130642, 2.07451010558108)  # beta, p, q of the limit
SATURATION = {-4: (3.679714, 4.431332), -8: (4.725112, 12.605069), -16: (5.597281, 30.152495)}  # beta, p
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
        Sizes(1200, 20_000, 14, 5e-3, 1e-3, 12.0) if budget == "quick" else Sizes(1200, 200_000, 24, 1e-3, 1e-4, 16.0)
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
    left = escapes(sizes)
    tell("sliding phase", 5)
    sliding = slide(sizes)
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
    return Course(shape, np.stack(found), _shown(grid, states))


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


@dataclass(frozen=True)
class Escape:
    """Effective time until beta = 1: of the flow, by the formula, and the specification's value of the flow."""

    sigma_0: float
    lam: float
    formula: float
    flow: float
    stated: float


def escapes(sizes: Sizes) -> tuple[Escape, ...]:
    """The cases of the specification."""
    found = []
    for sigma_0, lam, _, stated in ESCAPES:
        grid = grid_of(Concept(lam=lam))
        W_0 = float(grid.start_in_units(sigma_0))
        formula = -math.log1p(-math.pi / (2 * W_0)) / lam
        flow = float(escape_time(grid, grid.start(sigma_0), 1.0, sizes.escape_step))
        found.append(Escape(sigma_0, lam, formula, flow, stated))
    return tuple(found)


def escape_record(found: tuple[Escape, ...]) -> Record:
    """By how much the formula overestimates; the specification's times come from coarser steps."""
    over = [entry.formula / entry.flow - 1 for entry in found]
    small = [value for entry, value in zip(found, over, strict=True) if entry.lam < 0.01]
    large = [value for entry, value in zip(found, over, strict=True) if entry.lam > 0.01]
    return {
        "name": "time to leave the early phase, formula over flow",
        "claim": "concepts/escape_time",
        "sigma_0": [entry.sigma_0 for entry in found],
        "lambda": [entry.lam for entry in found],
        "formula": [entry.formula for entry in found],
        "flow": [entry.flow for entry in found],
        "flow_of_the_specification": [entry.stated for entry in found],
        "overestimate": over,
        "expected": "0.2 to 5 % at lambda = .005, up to 12 % at .02; flow within 0.2 % of the specification",
        "as_expected": bool(
            all(0.002 <= value <= 0.05 for value in small)
            and all(0 < value <= 0.12 for value in large)
            and all(abs(entry.flow / entry.stated - 1) <= 0.002 for entry in found)
        ),
    }


@dataclass(frozen=True, eq=False)
class Sliding:
    """The map's steps (t, beta, p, q) from the first one, and Euler's constant small steps in s after them."""

    times: NDArray[np.int64]
    course: Floats
    share: Floats
    s: Floats
    tail: Floats
    limit: tuple[float, float, float]
    both_active: float

    def record(self) -> Record:
        """Small steps end at the stationary point of the sliding field, not at that of the both-active one."""
        end = self.tail[-1]
        gaps = np.abs(end - np.array(self.limit))
        stated = np.abs(np.array(self.limit) - np.array(SLIDING)).max()
        return {
            "name": "limit of the sliding phase",
            "claim": "concepts/stationary_sliding",
            "end": dict(zip(("beta", "p", "q"), end.tolist(), strict=True)),
            "limit": dict(zip(("beta", "p", "q"), self.limit, strict=True)),
            "beta_both_active": self.both_active,
            "difference_from_the_specification": float(stated),
            "expected": "beta within 2e-3, p and q within 5e-3 of the limit, which is the specification's to 1e-12",
            "as_expected": bool(gaps[0] <= 2e-3 and gaps[1:].max() <= 5e-3 and stated <= 1e-12),
        }


def slide(sizes: Sizes) -> Sliding:
    """The map from D11, then Euler with s-steps of 1e-3."""
    grid = grid_of(STANDARD)
    _, times, states = run_map(grid, grid.start(SIGMA_0), GAMMA, sizes.map_steps, every=5)
    state, step = states[-1], 1e-3
    tail = []
    for i in range(round(sizes.slide / step) + 1):
        if i % 100 == 0:
            tail.append(state)
        state = state + step / STANDARD.lam * field(grid, state)
    found = np.stack(tail)
    ends = stationary(STANDARD)[0]
    assert ends.q is not None
    return Sliding(
        times,
        _shown(grid, states),
        np.array([float(sliding_share(grid, state)) for state in states]),
        step * np.arange(0.0, 100.0 * len(found), 100.0),
        _shown(grid, found),
        (ends.beta, ends.p, ends.q),
        stationary(STANDARD, sliding=False)[0].beta,
    )


@dataclass(frozen=True)
class Saturated:
    """The stationary point at one lambda; beta and p are 0 where there is none but zero."""

    lam: float
    beta: float
    p: float
    lambert: float

    @property
    def missing(self) -> float:
        """1 - sigma_corr on balanced prompts."""
        return 1 / (1 + math.exp(2 * self.beta))

    @property
    def leading(self) -> float:
        """kappa_d/(4 N_b p^2) at Lambert's p."""
        return STANDARD.kappa_d / (4 * STANDARD.n_b * self.lambert**2)


def saturation() -> tuple[Saturated, ...]:
    """lambda = 1e-1, ..., 1e-16."""
    found = []
    for exponent in range(-1, -17, -1):
        concept = with_lambda(STANDARD, 10.0**exponent)
        roots = stationary(concept)
        beta, p = (roots[0].beta, roots[0].p) if roots else (0.0, 0.0)
        found.append(Saturated(concept.lam, beta, p, small_lambda_p(concept)))
    return tuple(found)


def saturation_record(found: tuple[Saturated, ...]) -> Record:
    """The specification's values; the leading order gets better as lambda falls; no point above the largest lambda."""
    worst = max(
        max(abs(entry.beta - SATURATION[exponent][0]), abs(entry.p - SATURATION[exponent][1]))
        for entry in found
        if (exponent := round(math.log10(entry.lam))) in SATURATION
    )
    learned = [entry for entry in found if entry.beta > 0]
    errors = [abs(entry.leading / entry.missing - 1) for entry in learned]
    tail = errors[len(errors) // 2 :]
    return {
        "name": "attention at the stationary point",
        "claim": "concepts/attention_saturation",
        "lambda": [entry.lam for entry in found],
        "beta": [entry.beta for entry in found],
        "p": [entry.p for entry in found],
        "missing_attention": [entry.missing for entry in found],
        "leading_order": [entry.leading for entry in found],
        "largest_lambda": largest_lambda(STANDARD),
        "difference_from_the_specification": worst,
        "expected": "the specification's values within 1e-6; never 1, within 1 % of the leading order in the second "
        "half; no stationary point at lambda = .1",
        "as_expected": bool(
            worst <= 1e-6
            and all(entry.missing > 0 for entry in found)
            and max(tail) <= 0.01
            and all((entry.beta > 0) == (entry.lam < largest_lambda(STANDARD)) for entry in found)
        ),
    }


def _shown(grid: Grid, states: Floats) -> Floats:
    """beta, p, q of states (T, 3): (T, 3)."""
    return np.stack([beta_of(grid, states.T), states[:, 0], states[:, 1]], axis=1)


def _tell(progress: Progress | None, what: str, done: int) -> None:
    if progress is not None:
        progress(f"reduced dynamics: {what}", done, 7)


EXPERIMENT = Experiment(
    "concepts_reduced",
    "concepts",
    "reduced dynamics against the network and their closed forms",
    run_reduced_experiment,
)
