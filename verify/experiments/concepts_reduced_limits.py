"""Closed forms of the reduced dynamics: leaving the early phase, the sliding limit, the saturation of attention.

Main definitions
    escapes      time to leave the early phase, by the flow and by the formula
    slide        from the last step of the map to the sliding limit
    saturation   attention at the stationary point while lambda falls to 1e-16
    shown        beta, p, q of states

Part of experiment 4.5; source: specification `concepts`, escape_time, stationary_sliding, attention_saturation.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from numerics.concepts.grid import Grid, beta_of, escape_time, field, grid_of, run_map, sliding_share
from numerics.concepts.reduced import Concept
from numerics.concepts.roots import largest_lambda, small_lambda_p, stationary, with_lambda
from verify.experiments.experiment import Record

Floats = NDArray[np.float64]
STANDARD = Concept(lam=0.002, pi=0.5)  # D11
GAMMA, SIGMA_0 = 2000.0, 0.3
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


def shown(grid: Grid, states: Floats) -> Floats:
    """beta, p, q of states (T, 3): (T, 3)."""
    return np.stack([beta_of(grid, states.T), states[:, 0], states[:, 1]], axis=1)


@dataclass(frozen=True)
class Escape:
    """Effective time until beta = 1: of the flow, by the formula, and the specification's value of the flow."""

    sigma_0: float
    lam: float
    formula: float
    flow: float
    stated: float


def escapes(step: float) -> tuple[Escape, ...]:
    """The cases of the specification, by Runge-Kutta steps of that size in s."""
    found = []
    for sigma_0, lam, _, stated in ESCAPES:
        grid = grid_of(Concept(lam=lam))
        W_0 = float(grid.start_in_units(sigma_0))
        formula = -math.log1p(-math.pi / (2 * W_0)) / lam
        flow = float(escape_time(grid, grid.start(sigma_0), 1.0, step))
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


def slide(map_steps: int, duration: float) -> Sliding:
    """The map from D11 for that many steps, then Euler with steps of 1e-3 for a `duration` of s."""
    grid = grid_of(STANDARD)
    _, times, states = run_map(grid, grid.start(SIGMA_0), GAMMA, map_steps, every=5)
    state, step = states[-1], 1e-3
    tail = []
    for i in range(round(duration / step) + 1):
        if i % 100 == 0:
            tail.append(state)
        state = state + step / STANDARD.lam * field(grid, state)
    found = np.stack(tail)
    ends = stationary(STANDARD)[0]
    assert ends.q is not None
    return Sliding(
        times,
        shown(grid, states),
        np.array([float(sliding_share(grid, state)) for state in states]),
        step * np.arange(0.0, 100.0 * len(found), 100.0),
        shown(grid, found),
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
