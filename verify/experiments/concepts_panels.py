"""How learned concepts look while they are learned: four panels over the steps of a run (experiment 4.1).

Main definitions
    run_panels    records of all runs of a budget, and one figure for each
    Printed       a number that the specification prints for a run
    agree         a mean over seeds against a printed one, within four standard errors
    learned_record   in how many of the runs, counted exactly, the concepts end learned

Runs A and B have few seeds: they are panels, compared with the printed numbers, and no statistical claim rests on them.
Runs D and E have 32. Test prompts are fresh for every seed and time; an interval of pooled prompts is exact for the
seeds at hand, and the deviation between seeds stands beside it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from verify.experiments.concepts_runs import KEPT, Recipe, alpha_formula, recipe, reduced, trained
from verify.experiments.experiment import Budget, Experiment, Progress, Record
from verify.statistics import binomial_interval

Floats = NDArray[np.float64]
Series = dict[str, NDArray[Any]]
ENOUGH_SEEDS = 30  # for a statistical claim
PRINTED_PROMPTS = 4000  # of a seed, behind a printed number
LEARNED = 0.01  # error below which a run counts as learned
MOST = 0.75  # share of the runs that must be learned, at the lower end of the interval


@dataclass(frozen=True)
class Printed:
    """A number of the specification: metric of a run at step t, the seeds behind it, half its last digit."""

    run: str
    metric: str
    t: int
    value: float
    seeds: int
    rounding: float = 0.0005


PRINTED = (
    *(Printed("A", "error", t, e, 4) for t, e in ((0, 0.536), (25, 0.404), (75, 0.107), (100, 0.008), (125, 0.0))),
    Printed("A", "error", 1000, 0.0, 4),
    Printed("A", "attention", 0, 0.589, 4),
    Printed("A", "attention", 1000, 0.997, 4),
    Printed("A", "beta", 0, 0.18, 4, 0.005),
    Printed("A", "beta", 1000, 3.02, 4, 0.005),
    Printed("A", "loss", 1000, 0.154, 4),
    *(Printed("B", "error", t, e, 2, 0.005) for t, e in ((0, 0.52), (100, 0.39), (200, 0.117), (300, 0.02))),
    *(Printed("B", "error", t, e, 2, 0.00005) for t, e in ((400, 0.0008), (1500, 0.0))),
    Printed("B", "attention", 0, 0.589, 2),
    Printed("B", "attention", 1500, 0.994, 2),
    Printed("B", "beta", 1500, 2.64, 2, 0.005),
    Printed("B", "loss", 1500, 0.363, 2),
    *(Printed("D", "error", t, e, 12) for t, e in ((0, 0.495), (20, 0.421), (40, 0.236), (60, 0.107), (80, 0.0164))),
    *(Printed("D", "error", t, e, 12) for t, e in ((100, 0.0003), (110, 0.0), (160, 0.0))),
    *(Printed("E", "error", t, e, 24) for t, e in ((0, 0.496), (60, 0.375), (80, 0.253), (100, 0.121), (120, 0.043))),
    *(Printed("E", "error", t, e, 24) for t, e in ((140, 0.017), (160, 0.012), (180, 0.0036), (210, 0.0), (240, 0.0))),
)
# of the run on a GPU, d = 3000
PRINTED_LARGE = (
    *(Printed("C", "error", t, e, 1, 0.005) for t, e in ((0, 0.52), (20, 0.41), (60, 0.29), (80, 0.09), (100, 0.0))),
    Printed("C", "attention", 0, 0.589, 1),
    Printed("C", "attention", 220, 0.982, 1),
)


def run_panels(out: Path, *, budget: Budget, seed: int, progress: Progress | None) -> list[Record]:
    """Records of the runs A, B, D and E, with the full budget C too, and a figure for each in `out`."""
    names = "ABDE" if budget == "quick" else "ABCDE"
    return run_recipes(out, [recipe(name, budget) for name in names], seed, progress)


def run_recipes(out: Path, recipes: Sequence[Recipe], seed: int, progress: Progress | None = None) -> list[Record]:
    """The experiment on any runs."""
    from verify.experiments.concepts_panels_plots import draw_panels

    records: list[Record] = []
    steps, before = sum(r.steps for r in recipes), 0
    for one in recipes:
        series = trained(one, out.parent / KEPT, seed, _tick(progress, one, before, steps)).records
        printed = PRINTED_LARGE if one.d == 3000 else PRINTED
        same = {"run": one.name, "seeds": one.seeds, "statistical": one.seeds >= ENOUGH_SEEDS}
        found = [panel_record(one, series)]
        found += [agree(p, one, series) for p in printed if p.run == one.name and p.t in series["time"]]
        found += [alpha_record(one, series), map_record(one, series)]
        if one.seeds >= ENOUGH_SEEDS:
            found.append(learned_record(one, series))
        plot = draw_panels(out / f"panels-{one.name}.png", one, series)
        found.append({"name": "plots", "files": [plot.name], "as_expected": None})
        records += [{"experiment": "concepts_panels", "seed": seed} | same | record for record in found]
        before += one.steps
    return records


def _tick(progress: Progress | None, one: Recipe, before: int, steps: int) -> Callable[[int], None] | None:
    if progress is None:
        return None
    return lambda done: progress(f"concepts are learned: run {one.name}", before + done, steps)


def panel_record(one: Recipe, series: Series) -> Record:
    """Means over seeds (and concepts) of all metrics, with the exact interval of the pooled error."""
    errors = series["error"]
    trials = one.prompts * errors.shape[1]
    counts = [round(float(row.sum()) * one.prompts) for row in errors]
    means = {
        n: v.reshape(len(v), -1).mean(1).tolist() for n, v in series.items() if n != "time" and np.isfinite(v).all()
    }
    return {
        "name": f"run {one.name}: means over seeds",
        "sizes": {"d": one.d, "K_1": one.concepts, "K_2": one.irrelevant, "m": one.neurons, "B": one.batch},
        "time": series["time"].tolist(),
        "means": means,
        "error_interval": [list(binomial_interval(k, trials)) for k in counts],
        "error_between_seeds": errors.std(axis=1, ddof=1).tolist() if errors.shape[1] > 1 else None,
        "test_prompts": trials,
        "as_expected": None,
    }


def agree(printed: Printed, one: Recipe, series: Series) -> Record:
    """The mean over seeds is the printed number within four standard errors and its rounding.

    The seeds behind the two means are different ones, so that both spread. Their escape times differ: the deviation
    between seeds is the largest at the time and the two recorded beside it. Prompts add to it what they spread in the
    printed number.
    """
    per_seed = series[printed.metric].reshape(len(series["time"]), one.seeds, -1).mean(2)  # (times, S)
    at = int(np.flatnonzero(series["time"] == printed.t)[0])
    value = float(per_seed[at].mean())
    spread = float(per_seed[max(0, at - 1) : at + 2].std(axis=1, ddof=1).max())
    variance = spread**2 * (1 / one.seeds + 1 / printed.seeds)
    record: Record = {
        "name": f"run {one.name}: {printed.metric} at step {printed.t}",
        "value": value,
        "expected": printed.value,
        "between_seeds": spread,
    }
    if printed.metric == "error":
        trials = one.prompts * one.seeds
        record["interval"] = list(binomial_interval(round(value * trials), trials))
        likely = max(printed.value, 1 / (PRINTED_PROMPTS * printed.seeds))
        variance += likely * (1 - likely) * (1 / (PRINTED_PROMPTS * printed.seeds) + 1 / trials)
    tolerance = 4 * math.sqrt(variance) + printed.rounding
    return record | {"tolerance": tolerance, "as_expected": abs(value - printed.value) <= tolerance}


def alpha_record(one: Recipe, series: Series) -> Record:
    """alpha only decays, by sigma_0^2 |a|^2 D_t^2: exact on the population, an average over small batches."""
    per_seed = series["alpha"].mean(2)  # (times, S)
    formula = alpha_formula(series["time"])
    deviation = np.abs(per_seed.mean(1) / formula - 1)
    spread = per_seed.std(axis=1, ddof=1) / formula / math.sqrt(one.seeds)
    judged = one.batch >= 32  # batches of two prompts move alpha by their own noise
    return {
        "name": f"run {one.name}: attention on concepts decays by formula",
        "claim": "concepts/only_b_grows",
        "value": float(deviation.max()),
        "expected": "relative deviation at most 1 % and 4 standard errors" if judged else None,
        "as_expected": bool((deviation <= 0.01 + 4 * spread).all()) if judged else None,
    }


def map_record(one: Recipe, series: Series) -> Record:
    """beta at the end beside the reduced map with half of the neurons active, which knows no noise."""
    return {
        "name": f"run {one.name}: beta at the end beside the reduced map",
        "claim": "concepts/reduced_dynamics",
        "value": float(series["beta"][-1].mean()),
        "reduced_map": float(reduced(one, series["time"])[-1]),
        "as_expected": None,
    }


def learned_record(one: Recipe, series: Series) -> Record:
    """In how many runs the error ends below 1 %: runs are independent, so that their count is exactly binomial."""
    learned = int((series["error"][-1] < LEARNED).sum())
    interval = binomial_interval(learned, one.seeds)
    return {
        "name": f"run {one.name}: runs that end learned",
        "value": learned,
        "of": one.seeds,
        "interval": list(interval),
        "level": 0.99,
        "expected": f"nearly all: the probability of a run to end below {LEARNED:.0%} error is above {MOST:.0%}",
        "as_expected": interval[0] > MOST,
    }


EXPERIMENT = Experiment("concepts_panels", "concepts", "how concepts are learned: four panels a run", run_panels)
