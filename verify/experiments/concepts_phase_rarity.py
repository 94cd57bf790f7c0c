"""How rare a concept may be: its probability against the weight decay (second diagram of experiment 4.3).

Main definitions
    rarity_diagram   the reduced map on a grid, and the rarest concept it learns at every weight decay
    fresh_rare       networks on fresh noisy prompts, as the specification's column has them
    rare_record      what became of them
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from numerics.concepts.grid import beta_of, run_map
from numerics.concepts.threshold import formula_starts
from verify.experiments.concepts_phase_networks import (
    LEARNED,
    LONG,
    TOLERANCE,
    Floats,
    Found,
    Networks,
    grid_at,
    largest_lambda,
    numbers,
    split,
    trained,
)
from verify.experiments.experiment import Record
from verify.statistics import binomial_interval

# Rare concepts of the specification at lambda = .002, sigma_0 = .3: probability, learned of 8 seeds.
RARE = ((0.10, 8), (0.05, 8), (0.03, 0), (0.02, 0))


@dataclass(frozen=True, eq=False)
class RarityDiagram:
    """The map at weight decays (R, 1) and probabilities (C) of the rare concept; critical ones and formula (R)."""

    lam: Floats
    rare: Floats
    beta: Floats
    threshold: Floats
    formula: Floats
    sigma_0: float

    def records(self) -> list[Record]:
        """The ratio at every weight decay."""
        pairs = zip(self.lam[:, 0], self.formula, strict=True)
        inside = np.array([lam <= largest_lambda(1.0, pi) for lam, pi in pairs])
        ratios = self.threshold / self.formula
        at = float(formula_starts(grid_at(np.array(0.002), 1.0)) / self.sigma_0)
        return [
            {
                "name": "rarest concept that the reduced map learns, over the formula",
                "claim": "concepts/no_learning_below",
                "points": list(self.beta.shape),
                "sigma_0": self.sigma_0,
                "lambda": self.lam[:, 0].tolist(),
                "probability": numbers(self.threshold),
                "formula": self.formula.tolist(),
                "formula_at_lambda_0.002": {"phi = 1": at, "phi = 1/2": at * float(np.sqrt(2))},
                "ratio": numbers(ratios),
                "judged": int(inside.sum()),
                "expected": f"every ratio within {TOLERANCE:.0%} of 1",
                "as_expected": bool(inside.any() and (np.abs(ratios[inside] - 1) <= TOLERANCE).all()),
            }
        ]


def rarity_diagram(rows: int, columns: int, gamma: float, sigma_0: float = 0.3) -> RarityDiagram:
    """Weight decay against the probability of the rare concept of two, at one initial scale."""
    lam = np.geomspace(0.0005, 0.02, rows)[:, None]
    rare = np.geomspace(0.004, 0.5, columns)
    grid = grid_at(lam, rare)
    steps = round(LONG * gamma)
    state, _, _ = run_map(grid, grid.start(sigma_0), gamma, steps)
    formula = formula_starts(grid_at(lam, 1.0))[:, 0] / sigma_0
    low, high = formula / 2, np.minimum(4 * formula, 1.0)
    for _ in range(16):
        middle = np.sqrt(low * high)
        points = grid_at(lam[:, 0], middle)
        last, _, _ = run_map(points, points.start(sigma_0), gamma, steps)
        found = beta_of(points, last) > LEARNED
        low, high = np.where(found, low, middle), np.where(found, middle, high)
    return RarityDiagram(lam, rare, beta_of(grid, state), np.sqrt(low * high), formula, sigma_0)


def fresh_rare(out: Path, seeds: int, steps: int, seed: int) -> Found:
    """Rare concepts of the specification: lambda = .002, sigma_0 = .3, 64 fresh prompts a step."""
    rare = np.repeat([entry[0] for entry in RARE], seeds)
    task = Networks(
        "rare",
        (0.002,) * len(rare),
        (0.3,) * len(rare),
        sigma_1=0.05,
        gamma=2000.0,
        steps=steps,
        batch=64,
        width=12,
        irrelevant=8,
        noise=0.02,
        rare=tuple(rare.tolist()),
        tested=2000,
    )
    return trained(out, task, seed)


def rare_record(found: Found) -> Record:
    """Shares of the rare concept agree with the specification's where the intervals of both meet."""
    rows, agree = [], True
    for (share, learned), beta, wrong in split(found, RARE):
        hits, of = int((beta[:, 1] > LEARNED).sum()), len(beta)
        ours, theirs = binomial_interval(hits, of), binomial_interval(learned, 8)
        agree &= max(ours[0], theirs[0]) <= min(ours[1], theirs[1])
        rows.append(
            {
                "probability": share,
                "learned": hits / of,
                "interval": list(ours),
                "specification": learned / 8,
                "beta": float(beta[:, 1].mean()),
                "error": float(wrong[:, 1].mean()),
            }
        )
    return {
        "name": "rare concepts of networks on fresh noisy prompts, lambda = .002",
        "claim": "concepts/no_learning_below",
        "seeds": len(found.beta) // len(RARE),
        "rows": rows,
        "expected": "shares learned as in the specification: all at .1 and .05, none at .02",
        "as_expected": bool(agree and [row["learned"] for row in rows[:2] + rows[3:]] == [1, 1, 0]),
    }
