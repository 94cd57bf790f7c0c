"""Learned concepts on prompts of another law: what generalises and what provably fails (experiment 4.2).

Main definitions
    run_ood        records of all rows on two networks, and two figures
    Row            one change of the test law, with the number printed for it and what must come out
    ROWS           all of them
    row_record     errors on a row, with the exact interval, beside what is expected

Run B has the specification's sizes and few seeds: its rows are compared with the printed numbers, within four standard
errors. Run S is a small network with 32 seeds: there the outcome of a row, right or wrong, is judged by the exact
interval of the number of runs that show it.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from numerics.concepts.dictionary import Dictionary, draw_dictionary
from numerics.concepts.prompts import Sampler
from verify.experiments.concepts_panels import ENOUGH_SEEDS, PRINTED_PROMPTS
from verify.experiments.concepts_runs import KEPT, Recipe, recipe, trained
from verify.experiments.experiment import Budget, Experiment, Progress, Record
from verify.statistics import binomial_interval

if TYPE_CHECKING:
    from numerics.concepts.training import Run

Floats = NDArray[np.float64]
Shift = Callable[[Dictionary], Dictionary]
Change = Callable[[Sampler], Sampler]
Outcome = Literal["right", "wrong", "floor", "between"]
RIGHT, WRONG = 0.01, 0.1  # an error below the first counts as right, above the second as wrong
MOST = 0.75  # share of the runs that must show the outcome, at the lower end of the interval
NUMBERS = 25_000_000  # drawn at once, at most; long prompts are tested on fewer
PRINTED_SEEDS = 2


def _same(dictionary: Dictionary) -> Dictionary:
    return dictionary


def _as_trained(sampler: Sampler) -> Sampler:
    return sampler


def _fresh(dictionary: Dictionary) -> Dictionary:
    """A dictionary of the same sizes in random directions."""
    rng = np.random.default_rng([dictionary.word_dimension, 0xF4E5])
    return draw_dictionary(rng, dictionary.concepts, dictionary.irrelevant, dictionary.word_dimension)


def _next(atoms: Floats) -> Floats:
    return np.roll(atoms, -1, axis=0)


@dataclass(frozen=True)
class Row:
    """One test law.

    Attributes
        name      as the table calls it
        outcome   right: error near 0; wrong: error far from 0; floor: at least 2^-L; between: no side is claimed
        claim     the claim it illustrates
        printed   the error printed for run B, None where the expectation is our own
        rounding  half the last printed digit
        change    of the sampler
        shift     of the dictionary
        skewed    test concepts by (.85, the rest equal)
    """

    name: str
    outcome: Outcome
    claim: str
    printed: float | None = None
    rounding: float = 0.0005
    change: Change = _as_trained
    shift: Shift = _same
    skewed: bool = False


def _length(length: int, mode: str = "balanced") -> Change:
    return lambda s: replace(s, length=length, mode=mode)


def _noise(level: float) -> Change:
    return lambda s: replace(s, word_noise=level, label_noise=level)


def _activity(rho: float) -> Change:
    return lambda s: replace(s, activity=rho)


def _scaled(factor: float) -> Shift:
    return lambda d: d.shifted(b=factor * d.b, d=factor * d.d)


def _permuted(sampler: Sampler) -> Sampler:
    return replace(sampler, label_permutation=(1, 2, 3, 0))


ROWS = (
    *(Row(f"balanced, L* = {n}", "right", "ood_length", 0.0, change=_length(n)) for n in (2, 8, 16, 32)),
    *(
        Row(f"iid labels, L* = {n}", "floor", "error_floor_iid", e, change=_length(n, "iid"))
        for n, e in ((1, 0.503), (2, 0.256), (3, 0.124), (4, 0.063), (8, 0.003))
    ),
    Row("one match, L* = 32", "between", "readout_error", 0.0, change=_length(32, "onematch")),
    Row("one match, L* = 64", "between", "readout_error", 0.006, change=_length(64, "onematch")),
    Row("one match, L* = 128", "between", "readout_error", 0.18, 0.005, change=_length(128, "onematch")),
    Row("one match, L* = 512 > 1 + e^2β", "wrong", "readout_error", change=_length(512, "onematch")),
    Row("skewed concepts", "right", "ood_skew", 0.0, skewed=True),
    Row("label concepts permuted", "right", "ood_switched_labels", 0.0, change=_permuted),
    Row("b of the next concept on a", "right", "ood_switched_labels", 0.0, shift=lambda d: d.shifted(b=_next(d.b))),
    Row("d of the next concept on c", "right", "ood_switched_labels", 0.0, shift=lambda d: d.shifted(d=_next(d.d))),
    Row("new a, outside the span", "right", "ood_switched_labels", 0.0, shift=lambda d: d.shifted(a=_fresh(d).a)),
    Row("c = 0", "right", "ood_switched_labels", 0.0, shift=lambda d: d.shifted(c=0 * d.c)),
    Row(
        "mixtures (.7, .7) of neighbours",
        "right",
        "ood_conic_dictionary",
        0.0,
        shift=lambda d: d.shifted(*(0.7 * (x + _next(x)) for x in (d.a, d.b, d.c, d.d))),
    ),
    Row(
        "b* = .8 b - .6 b of the next",
        "right",
        "ood_conic_dictionary",
        shift=lambda d: d.shifted(b=0.8 * d.b - 0.6 * _next(d.b)),
    ),
    Row("two co-concepts", "right", "ood_co_concepts", change=lambda s: replace(s, co_concepts=2)),
    Row("c → -2 c", "wrong", "ood_conic_dictionary", shift=lambda d: d.shifted(c=-2 * d.c)),
    Row("a* = a + 1.5 b", "wrong", "ood_cross_term", shift=lambda d: d.shifted(a=d.a + 1.5 * d.b)),
    Row("d → -d", "wrong", "label_sign_memorised", 1.0, shift=lambda d: d.shifted(d=-d.d)),
    Row("fresh dictionary", "wrong", "ood_outside_span", 0.5, 0.0, shift=_fresh),
    Row("b, d scaled by .75", "right", "ood_conic_dictionary", 0.0, shift=_scaled(0.75)),
    Row("b, d scaled by .5", "between", "ood_conic_dictionary", 0.0007, 0.00005, shift=_scaled(0.5)),
    Row("b, d scaled by .25", "wrong", "noise_floor", 0.31, 0.005, shift=_scaled(0.25)),
    Row("noise 0.2", "right", "noise_floor", 0.0, change=_noise(0.2)),
    Row("noise 0.4", "between", "noise_floor", 0.0146, change=_noise(0.4)),
    Row("noise 0.8", "wrong", "noise_floor", 0.213, change=_noise(0.8)),
    *(
        Row(f"other concepts, ρ₁ = {rho:g}", "between", "polysemy_error", e, change=_activity(rho))
        for rho, e in ((0.05, 0.004), (0.1, 0.023), (0.3, 0.113))
    ),
)


def run_ood(out: Path, *, budget: Budget, seed: int, progress: Progress | None) -> list[Record]:
    """Records of all rows on B and S, and the figures in `out`."""
    return run_recipes(out, recipe("B", budget), recipe("S", budget), seed, progress)


def run_recipes(
    out: Path, large: Recipe, small: Recipe, seed: int, progress: Progress | None = None, rows: Sequence[Row] = ROWS
) -> list[Record]:
    """The experiment on a network that the printed numbers speak of and one of many seeds."""
    from verify.experiments.concepts_ood_plots import draw_curves, draw_rows

    records: list[Record] = []
    done, total = 0, 2 * (len(rows) + 1)
    for one in (large, small):
        run = trained(one, out.parent / KEPT, seed)
        for row in rows:
            done += 1
            if progress is not None:
                progress(f"out of distribution, run {one.name}: {row.name}", done, total)
            errors, attention, trials = measure_row(run, row, one, seed)
            record = outcome_record if one is small else row_record
            records.append(record(row, one, errors, trials) | {"attention": float(attention.mean())})
        if one is large:
            records.append(curves_record(run, one))
    plots = [draw_curves(out / "ood-curves.png", records), draw_rows(out / "ood-rows.png", records)]
    records.append({"name": "plots", "files": [plot.name for plot in plots], "as_expected": None})
    return [{"experiment": "concepts_ood", "seed": seed} | record for record in records]


def measure_row(run: Run, row: Row, one: Recipe, seed: int) -> tuple[Floats, Floats, int]:
    """Error and correct attention of each run (S), and the prompts each was tested on."""
    import torch

    from numerics.concepts.network import batch_of
    from numerics.concepts.recorder import responses

    sampler, dictionary = row.change(one.sampler), row.shift(run.dictionary)
    law = None
    if row.skewed:
        law = np.full(one.concepts, 0.15 / (one.concepts - 1))
        law[0] = 0.85
    each = (2 * sampler.length + 1) * one.d * one.seeds
    prompts = max(1, min(one.prompts, NUMBERS // each))
    rng = np.random.default_rng([seed, zlib.crc32(row.name.encode()), one.d])
    drawn = sampler.sample(rng, dictionary, (one.seeds, prompts), law, np.float32)
    batch = batch_of(drawn, one.seeds, run.parameters.W_Q.dtype, one.device)
    found = responses(run.parameters, batch, torch.as_tensor(drawn.matches))
    return found["error"], found["attention"], prompts


def _measured(row: Row, one: Recipe, errors: Floats, prompts: int) -> Record:
    trials = prompts * one.seeds
    return {
        "name": f"run {one.name}: {row.name}",
        "claim": f"concepts/{row.claim}",
        "run": one.name,
        "row": row.name,
        "outcome": row.outcome,
        "seeds": one.seeds,
        "statistical": one.seeds >= ENOUGH_SEEDS,
        "value": float(errors.mean()),
        "interval": list(binomial_interval(round(float(errors.sum()) * prompts), trials)),
        "level": 0.99,
        "between_seeds": float(errors.std(ddof=1)) if one.seeds > 1 else None,
        "test_prompts": trials,
    }


def row_record(row: Row, one: Recipe, errors: Floats, prompts: int) -> Record:
    """Beside the printed number: within four standard errors of both; without one, by the outcome of the mean."""
    record = _measured(row, one, errors, prompts)
    if row.printed is None:
        low, high = record["interval"]
        expected = f"below {RIGHT:g}" if row.outcome == "right" else f"above {WRONG:g}"
        fits = high <= RIGHT if row.outcome == "right" else low >= WRONG
        return record | {"expected": expected, "as_expected": fits}
    likely = min(max(row.printed, 1 / (PRINTED_SEEDS * PRINTED_PROMPTS)), 1 - 1 / (PRINTED_SEEDS * PRINTED_PROMPTS))
    variance = (record["between_seeds"] or 0.0) ** 2 * (1 / one.seeds + 1 / PRINTED_SEEDS)
    variance += likely * (1 - likely) * (1 / (PRINTED_SEEDS * PRINTED_PROMPTS) + 1 / record["test_prompts"])
    tolerance = 4 * math.sqrt(variance) + row.rounding
    fits = abs(record["value"] - row.printed) <= tolerance
    return record | {"expected": row.printed, "tolerance": tolerance, "as_expected": fits}


def outcome_record(row: Row, one: Recipe, errors: Floats, prompts: int) -> Record:
    """In how many independent runs the row comes out as it must; exactly binomial."""
    record = _measured(row, one, errors, prompts)
    if row.outcome == "between":
        return record | {"expected": None, "as_expected": None}
    if row.outcome == "floor":
        floor = 0.5 ** row.change(one.sampler).length
        expected = f"at least 2^-L = {floor:g}, within the interval"
        return record | {"floor": floor, "expected": expected, "as_expected": record["interval"][1] >= floor}
    shown = int((errors < RIGHT if row.outcome == "right" else errors > WRONG).sum())
    interval = binomial_interval(shown, one.seeds)
    side = f"below {RIGHT:g}" if row.outcome == "right" else f"above {WRONG:g}"
    return record | {
        "runs": shown,
        "runs_interval": list(interval),
        "expected": f"{side} in a run with probability above {MOST:g}",
        "as_expected": interval[0] > MOST,
    }


def curves_record(run: Run, one: Recipe) -> Record:
    """Error and attention over the steps, in distribution and on the laws that were followed."""
    names = [name for name, _, _ in one.further]
    series = {"trained": (run.records["error"], run.records["attention"])}
    series |= {name: (run.records[f"{name}_error"], run.records[f"{name}_attention"]) for name in names}
    return {
        "name": f"run {one.name}: curves over the steps",
        "run": one.name,
        "seeds": one.seeds,
        "time": run.records["time"].tolist(),
        "beta": run.records["beta"].mean((1, 2)).tolist(),
        "error": {name: pair[0].tolist() for name, pair in series.items()},
        "attention": {name: pair[1].tolist() for name, pair in series.items()},
        "as_expected": None,
    }


EXPERIMENT = Experiment("concepts_ood", "concepts", "learned concepts out of distribution", run_ood)
