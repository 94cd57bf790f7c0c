"""Where learning starts: initial scale against weight decay, and rare concepts (experiment 4.3 of `concepts`).

Main definitions
    run_phase_experiment   all records, and two pictures
    Sizes, sizes_of        how large a budget measures
    map_diagram            the reduced map on a grid, and its threshold at every weight decay
    network_diagram        the network with random read-outs on the exact population, all settings in one program
    fresh_column           networks on fresh noisy prompts, as the specification's column has them

The formula is asymptotic in lambda -> 0. Ratios are judged where the claim concepts/init_threshold speaks,
`largest_lambda`, and shown beyond it. Learned: beta > 1/2 at the end. Trained networks
are kept in the run folder, so that an interrupted run goes on from there. Rare concepts: concepts_phase_rarity.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from numerics.concepts.grid import beta_of, run_map
from numerics.concepts.threshold import crossing, formula_starts, map_starts
from verify.experiments.concepts_phase_networks import (
    LEARNED,
    LONG,
    TOLERANCE,
    Found,
    Networks,
    grid_at,
    largest_lambda,
    numbers,
    split,
    trained,
)
from verify.experiments.concepts_phase_rarity import fresh_rare, rare_record, rarity_diagram
from verify.experiments.experiment import Budget, Experiment, Progress, Record
from verify.statistics import binomial_interval

Floats = NDArray[np.float64]
# The specification's column at lambda = .02: sigma_0, learned of 16 concepts, final error of 8 seeds.
COLUMN = ((0.1, 0, 0.62), (0.2, 1, 0.54), (0.25, 4, 0.43), (0.3, 14, 0.06), (0.4, 16, 0.0), (0.6, 16, 0.0))


@dataclass(frozen=True)
class Sizes:
    """How much is measured.

    Attributes
        rows, columns    weight decays and initial scales of the map's diagram, weight decays and rarities of the second
        lams, scales     the same of the network's diagram, of `seeds` seeds each, trained at `gamma`
        fresh            seeds of the networks on fresh prompts, of width `width` for the column
        column_steps, rare_steps   their steps, at gamma = 200 and 2000
    """

    rows: int
    columns: int
    lams: int
    scales: int
    seeds: int
    gamma: float
    fresh: int
    width: int
    column_steps: int
    rare_steps: int


def sizes_of(budget: Budget) -> Sizes:
    """The full budget has the specification's columns: 8 seeds."""
    if budget == "quick":
        return Sizes(32, 40, 20, 24, 4, 100.0, 4, 32, 2000, 6000)
    return Sizes(64, 80, 28, 40, 12, 200.0, 8, 32, 2000, 6000)


def run_phase_experiment(out: Path, *, budget: Budget, seed: int, progress: Progress | None) -> list[Record]:
    """Records and both pictures in `out`."""
    return run_sizes(out, sizes_of(budget), seed, progress)


def run_sizes(out: Path, sizes: Sizes, seed: int, progress: Progress | None = None) -> list[Record]:
    """The experiment in any sizes."""
    from verify.experiments.concepts_phase_plots import draw_phase, draw_rarity

    tell = partial(_tell, progress)
    tell("reduced map", 0)
    drawn = map_diagram(sizes)
    tell("networks on the population", 1)
    trained = network_diagram(out, sizes, seed)
    tell("networks on fresh prompts", 2)
    column = fresh_column(out, sizes, seed)
    tell("rare concepts", 3)
    rarity = rarity_diagram(sizes.rows, sizes.columns, sizes.gamma)
    rare = fresh_rare(out, sizes.fresh, sizes.rare_steps, seed)
    records = [
        *drawn.records(),
        *trained.records(),
        column_record(column),
        *rarity.records(),
        rare_record(rare),
    ]
    files = [
        draw_phase(out / "phase.png", drawn, trained, column).name,
        draw_rarity(out / "rarity.png", rarity, rare).name,
    ]
    records.append({"name": "plots", "files": files, "as_expected": None})
    tell("done", 4)
    return [{"experiment": "concepts_phase", "seed": seed} | record for record in records]


@dataclass(frozen=True, eq=False)
class MapDiagram:
    """The reduced map at every weight decay (R, 1) and initial scale (C); threshold and formula (R)."""

    lam: Floats
    sigma_0: Floats
    beta: Floats
    threshold: Floats
    formula: Floats

    def records(self) -> list[Record]:
        """The ratio at every weight decay, and how many points of the grid lie on the side that the formula says."""
        inside = self.lam[:, 0] <= largest_lambda(1.0)
        ratios = self.threshold / self.formula
        right = (self.beta > LEARNED) == (self.sigma_0 > self.formula[:, None])
        return [
            {
                "name": "threshold of the reduced map over the formula, phi = 1",
                "claim": "concepts/init_threshold",
                "points": list(self.beta.shape),
                "lambda": self.lam[:, 0].tolist(),
                "sigma_0": numbers(self.threshold),
                "formula": self.formula.tolist(),
                "ratio": numbers(ratios),
                "judged_up_to_lambda": largest_lambda(1.0),
                "least_ratio": float(ratios[inside].min()),
                "largest_ratio": float(ratios[inside].max()),
                "right_side": float(right[inside].mean()),
                "text": (
                    f"reduced map, {' x '.join(map(str, self.beta.shape))} points: learning starts at "
                    f"{ratios[inside].min():.4f} to {ratios[inside].max():.4f} times the formula of init_threshold"
                ),
                "expected": f"every ratio within {TOLERANCE:.0%} of 1",
                "as_expected": bool((np.abs(ratios[inside] - 1) <= TOLERANCE).all()),
            }
        ]


def map_diagram(sizes: Sizes) -> MapDiagram:
    """Weight decays up to the largest at which a concept can be stationary, scales across all thresholds."""
    lam = np.geomspace(0.001, 0.06, sizes.rows)[:, None]
    sigma_0 = np.geomspace(0.005, 2.0, sizes.columns)
    grid = grid_at(lam)
    steps = round(LONG * sizes.gamma)
    state, _, _ = run_map(grid, grid.start(sigma_0), sizes.gamma, steps)
    low, high = map_starts(grid, sizes.gamma, steps)
    return MapDiagram(lam, sigma_0, beta_of(grid, state), np.sqrt(low * high)[:, 0], formula_starts(grid)[:, 0])


@dataclass(frozen=True, eq=False)
class NetworkDiagram:
    """Networks at weight decays (R), initial scales (C) and seeds (S), two concepts each.

    beta (R, C, S, 2) at the end, own (R, C, S, 2) the ratio of sigma_0 to the threshold of the concept's own start.
    """

    lam: Floats
    sigma_0: Floats
    beta: Floats
    own: Floats

    @property
    def learned(self) -> NDArray[np.bool_]:
        """(R, C, S, 2)."""
        return np.asarray(self.beta > LEARNED)

    @property
    def half(self) -> Floats:
        """The formula at phi = 1/2, (R)."""
        return formula_starts(grid_at(self.lam), 0.5)

    def records(self) -> list[Record]:
        """Each concept against the threshold of its own active neurons, and all against the line of phi = 1/2."""
        inside = self.lam <= largest_lambda(0.5)
        own = np.array([crossing(x, y) for x, y in zip(self.own, self.learned, strict=True)])
        over_half = self.sigma_0 / self.half[:, None]  # (R, C)
        spread = np.broadcast_to(over_half[..., None, None], self.beta.shape)
        half = np.array([crossing(x, y) for x, y in zip(spread, self.learned, strict=True)])
        pooled = crossing(spread[inside], self.learned[inside])
        pooled_own = crossing(self.own[inside], self.learned[inside])
        right = float(((self.own > 1) == self.learned)[inside].mean())
        shares = {
            "up to the line phi = 1": self.learned[inside][over_half[inside] <= np.sqrt(0.5)],
            "from 1.4 times the line phi = 1/2": self.learned[inside][over_half[inside] >= 1.4],
        }
        common = {"lambda": self.lam.tolist(), "judged_up_to_lambda": largest_lambda(0.5)}
        points = {"points": list(self.beta.shape[:2]), "seeds": self.beta.shape[2], "concepts": self.beta.shape[3]}
        return [
            {
                "name": "threshold of the network over the formula, each concept with its own active neurons",
                "claim": "concepts/early_phase_start",
                **common,
                **points,
                "ratio": own.tolist(),
                "pooled_ratio": pooled_own,
                "right_side": right,
                "text": (
                    f"networks, {' x '.join(map(str, points['points']))} points: learning starts at {pooled_own:.3f} "
                    f"times the formula over all weight decays, {own[inside].min():.2f} to "
                    f"{own[inside].max():.2f} at each"
                ),
                "expected": f"over all weight decays within {TOLERANCE:.0%} of 1, at each within twice that (few "
                "concepts lie near its threshold)",
                "as_expected": bool(
                    abs(pooled_own - 1) <= TOLERANCE and (np.abs(own[inside] - 1) <= 2 * TOLERANCE).all()
                ),
            },
            {
                "name": "threshold of the network over the formula, phi = 1/2",
                "claim": "concepts/random_activation",
                **common,
                **points,
                "ratio": half.tolist(),
                "pooled_ratio": pooled,
                "expected": f"over all weight decays within {TOLERANCE:.0%} of 1; single ones spread by the number of "
                "active neurons",
                "as_expected": bool(abs(pooled - 1) <= TOLERANCE),
            },
            {
                "name": "share of learned concepts outside the two lines",
                "claim": "concepts/random_activation",
                "values": {name: float(part.mean()) for name, part in shares.items()},
                "intervals": {name: list(_interval(part)) for name, part in shares.items()},
                "expected": "intervals below a tenth, and above nine tenths",
                "as_expected": bool(
                    _interval(shares["up to the line phi = 1"])[1] < 0.1
                    and _interval(shares["from 1.4 times the line phi = 1/2"])[0] > 0.9
                ),
            },
        ]


def network_diagram(out: Path, sizes: Sizes, seed: int) -> NetworkDiagram:
    """Random read-outs so small that their own components along d_k stay below its saddle: sigma_1 = .003."""
    lam = np.geomspace(0.002, 0.03, sizes.lams)
    sigma_0 = np.geomspace(0.012, 0.9, sizes.scales)
    shape = (sizes.lams, sizes.scales, sizes.seeds)
    lams = np.broadcast_to(lam[:, None, None], shape).ravel()
    scales = np.broadcast_to(sigma_0[:, None], shape).ravel()
    task = Networks(
        "population",
        tuple(lams.tolist()),
        tuple(scales.tolist()),
        sigma_1=0.003,
        gamma=sizes.gamma,
        steps=round(LONG * sizes.gamma),
        batch=0,
    )
    found = trained(out, task, seed)
    return NetworkDiagram(lam, sigma_0, found.beta.reshape(*shape, 2), found.own.reshape(*shape, 2))


def fresh_column(out: Path, sizes: Sizes, seed: int) -> Found:
    """The specification's column: lambda = .02, gamma = 200, 32 fresh noisy prompts a step; (6 * seeds, 2)."""
    scales = np.repeat([entry[0] for entry in COLUMN], sizes.fresh)
    task = Networks(
        "column",
        (0.02,) * len(scales),
        tuple(scales.tolist()),
        sigma_1=0.05,
        gamma=200.0,
        steps=sizes.column_steps,
        batch=32,
        width=sizes.width,
        irrelevant=8,
        noise=0.02,
        tested=2000,
    )
    return trained(out, task, seed)


def column_record(found: Found) -> Record:
    """Shares agree with the specification's where the intervals of both meet, at 99 per cent each."""
    rows, agree = [], True
    for (sigma_0, learned, error), beta, wrong in split(found, COLUMN):
        hits, of = int((beta > LEARNED).sum()), beta.size
        ours, theirs = binomial_interval(hits, of), binomial_interval(learned, 16)
        agree &= max(ours[0], theirs[0]) <= min(ours[1], theirs[1])
        rows.append(
            {
                "sigma_0": sigma_0,
                "learned": hits / of,
                "interval": list(ours),
                "specification": learned / 16,
                "error": float(wrong.mean()),
                "error_of_the_specification": error,
            }
        )
    lines = formula_starts(grid_at(np.array(0.02)), np.array([1.0, 0.5]))
    return {
        "name": "networks on fresh noisy prompts, lambda = .02",
        "claim": "concepts/random_activation",
        "concepts": found.beta.size // len(COLUMN),
        "lines": {"phi = 1": float(lines[0]), "phi = 1/2": float(lines[1])},
        "rows": rows,
        "expected": "shares as in the specification; none below the line phi = 1, all from 1.4 times that of 1/2",
        "as_expected": bool(agree and rows[0]["learned"] == 0 and rows[-1]["learned"] == rows[-2]["learned"] == 1),
    }


def _interval(part: NDArray[np.bool_]) -> tuple[float, float]:
    return binomial_interval(int(part.sum()), part.size)


def _tell(progress: Progress | None, what: str, done: int) -> None:
    if progress is not None:
        progress(f"where learning starts: {what}", done, 4)


EXPERIMENT = Experiment(
    "concepts_phase", "concepts", "phase diagrams of the learning threshold, and rare concepts", run_phase_experiment
)
