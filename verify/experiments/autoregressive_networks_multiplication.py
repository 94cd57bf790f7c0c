"""Multiplication by masked networks, with the long form and with the bare answer (experiment E4).

Main definitions
    Cell                     one trained network on the test pairs
    measure_multiplication   all four: MLP and linear, with the chain and without
    multiplication_records   what is expected of them, and what is only shown

Exact match: all 2d digits of the greedy chain's answer are right; digit match: share of those digits. The chain begins
after the prompt, so without the long form it is `=` and the answer. Bits are summed over the chain.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from verify.experiments.autoregressive_networks import MultiplicationPlan, trained
from verify.experiments.experiment import Progress, Record
from verify.statistics import binomial_interval

if TYPE_CHECKING:
    from numerics.learning.held_out import HeldOut
    from numerics.learning.training import Trained

IntArray = NDArray[np.int64]
KINDS = ("MLP", "linear")
CHANCE = 0.1  # of a digit


@dataclass(frozen=True, eq=False)
class Cell:
    """A network of that kind, with or without the chain, on test pairs (N, 2); `mirrored`: (b, a) trains, (N,)."""

    kind: str
    chain: bool
    d: int
    trained: Trained
    found: HeldOut
    mirrored: NDArray[np.bool_]

    @property
    def label(self) -> str:
        """For reports and legends."""
        return f"{self.kind}, {'with' if self.chain else 'without'} chain of thought"

    @property
    def exact(self) -> NDArray[np.bool_]:
        """Pairs whose answer is right, (N,)."""
        last = 2 * self.d
        same: NDArray[np.bool_] = (self.found.greedy[:, -last:] == self.found.chains[:, -last:]).all(axis=1)
        return same

    @property
    def digits(self) -> float:
        """Share of answer digits that are right."""
        return self.found.right(2 * self.d)[1]


def measure_multiplication(
    plan: MultiplicationPlan, out: Path, seed: int, progress: Progress | None = None
) -> list[Cell]:
    """Train all four networks, or go on with them, and decode the test pairs."""
    from numerics.learning.held_out import held_out
    from numerics.learning.multiplication_data import Texts

    first, second = held_out_pairs(plan, seed)
    cells: list[Cell] = []
    for chain in (True, False):
        texts = Texts(plan.d, chain)
        for kind in KINDS:
            title = f"multiplication, {kind}, {'long form' if chain else 'answer only'}"
            run = trained(*_recipe(plan, kind, texts, seed), out, title, progress)
            found = held_out(run.network, texts.tokens(first, second), texts.prompt)
            cells.append(Cell(kind, chain, plan.d, run, found, texts.split.trains(second, first)))
    return cells


def held_out_pairs(plan: MultiplicationPlan, seed: int) -> tuple[IntArray, IntArray]:
    """As many different pairs of the test side as the plan wants, or all of them: (N,), (N,)."""
    from numerics.machines.multiplication_split import published_split

    split = published_split(plan.d)
    rng = np.random.default_rng([seed, plan.d, 0x7E57])
    size = split.hi - split.lo
    if split.pairs <= 20 * plan.test:
        drawn = np.arange(split.pairs)
    else:
        drawn = np.unique(rng.integers(0, split.pairs, 20 * plan.test))
    a, b = split.lo + drawn % size, split.lo + drawn // size
    places = np.flatnonzero(~split.trains(a, b))
    chosen = np.sort(rng.permutation(places)[: plan.test])
    return a[chosen], b[chosen]


def _recipe(plan: MultiplicationPlan, kind: str, texts: Any, seed: int) -> tuple[Any, Any]:
    from numerics.learning.multiplication_data import TOKEN, training_pairs
    from numerics.learning.networks import NetworkSize
    from numerics.learning.training import Recipe

    recipe = Recipe(
        NetworkSize(len(TOKEN), texts.length, plan.width, kind == "MLP"),
        f"products of {plan.d} digits, {'long form' if texts.chain else 'answer only'}",
        plan.updates[kind],
        plan.batch,
        plan.rates[kind],
        prompt=texts.prompt,
        seed=seed,
    )

    def source(rng: np.random.Generator, given: int, count: int) -> IntArray:
        found: IntArray = texts.tokens(*training_pairs(texts.split, rng, count))
        return found

    return recipe, source


def multiplication_records(plan: MultiplicationPlan, cells: Sequence[Cell]) -> list[Record]:
    """Records of every network, and of the comparisons between them."""
    records = [record for cell in cells for record in _cell_records(cell)]
    by = {(cell.kind, cell.chain): cell for cell in cells}
    for kind in KINDS:
        wrong = {chain: 1 - by[kind, chain].digits for chain in (True, False)}
        # A few hundred updates bring the linear network's chains along, and not yet the MLP's.
        expected = kind == "linear" or plan.reached
        records.append(
            {
                "name": "share of wrong digits, with chain of thought and without",
                "network": kind,
                "with": wrong[True],
                "without": wrong[False],
                "expected": "smaller with it" if expected else "nothing after so few updates",
                "as_expected": wrong[True] < wrong[False] if expected else None,
            }
        )
    records.append(_compiled_record(plan))
    return [{"task": "multiplication", "digits": plan.d} | record for record in records]


def _cell_records(cell: Cell) -> list[Record]:
    found, run = cell.found, cell.trained
    same = {"network": cell.kind, "chain of thought": cell.chain}
    count, right = len(cell.exact), int(cell.exact.sum())
    low, high = binomial_interval(right, count)
    apart = ~cell.mirrored
    tenth = max(1, len(run.losses) // 10)
    before, after = float(run.losses[0]), float(run.losses[-tenth:].mean())
    records: list[Record] = [
        {
            "name": "training",
            "parameters": run.recipe.size.parameter_count,
            "updates": len(run.losses),
            "batch": run.recipe.batch,
            "first loss": before,
            "last loss": after,
            "last bits of a chain": float(run.bits[-tenth:].mean()),
            "losses": run.losses.tolist(),
            "bits": run.bits.tolist(),
            "expected": "loss below half of the first",
            "as_expected": after < before / 2,
        },
        {
            "name": "exact match",
            "value": right / count,
            "lower": low,
            "upper": high,
            "level": 0.99,
            "pairs": count,
            "on pairs whose mirror image is not trained on": float(cell.exact[apart].mean()) if apart.any() else None,
            "such pairs": int(apart.sum()),
            "as_expected": None,
        },
        {
            "name": "digit match",
            "value": cell.digits,
            "expected": f"> {2 * CHANCE}, twice chance" if cell.chain else None,
            "as_expected": cell.digits > 2 * CHANCE if cell.chain else None,
        },
        {"name": "whole-chain match", "value": 1 - found.error, "as_expected": None},
        {
            "name": "autoregressive/greedy_nll_bound on the test pairs",
            "error": found.error,
            "mean of min(1, sum of min(1, bits))": found.bound,
            "mean sum of bits": found.total_bits,
            "expected": "increasing",
            "as_expected": found.error <= found.bound <= found.total_bits,
        },
    ]
    return [same | record for record in records]


def _compiled_record(plan: MultiplicationPlan, pairs: int = 50) -> Record:
    """The linear predictor with whole-number weights, which no training has found: it is right on every pair."""
    from numerics.machines.linear_ar import rollout
    from numerics.machines.multiplication import compile_long_form
    from numerics.machines.multiplication_text import long_form

    layout, model = long_form(plan.d), compile_long_form(plan.d).model
    first, second = (side[:pairs].tolist() for side in held_out_pairs(plan, 0))
    right = sum(
        tuple(rollout(model, layout.prompt(a, b))) == layout.chain(a, b) for a, b in zip(first, second, strict=True)
    )
    return {
        "name": "whole-chain match of the compiled linear predictor",
        "network": "compiled",
        "pairs": len(first),
        "value": right / len(first),
        "expected": 1,
        "as_expected": right == len(first),
    }
