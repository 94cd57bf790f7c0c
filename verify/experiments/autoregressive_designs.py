"""The same product, spelled in four ways: what perceptrons learn of each (experiment E3).

Main definitions
    run_designs_experiment  all records, and a plot
    Sizes, sizes_of         how large a budget measures
    design_record           one layout: what was learned over all seeds, beside the margin of its exact predictor

All 7921 pairs of operands 11..99, three quarters of them to learn from, a one-hot perceptron for every chain token. The
layouts differ in length and in margin; the longest is not the best, the one of largest margin is. A trial is kept in
the run folder, so that an interrupted run goes on from there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from pathlib import Path

import numpy as np

from numerics.learning.designs import Trial, kept, learn_layout
from numerics.machines.compiled import Compiled
from numerics.machines.multiplication import compile_long_form, compile_low_carry, compile_ripple
from numerics.machines.multiplication_text import Layout, long_form, low_carry, ripple
from verify.experiments.experiment import Budget, Experiment, Progress, Record
from verify.statistics import binomial_interval


@dataclass(frozen=True)
class Design:
    """A layout, the compiler of its exact predictor, and the published shape of its result.

    Attributes
        rank     layouts of a lower rank are learned strictly better; two of one rank are not compared
    """

    layout: Callable[[int], Layout]
    compiler: Callable[[int], Compiled]
    rank: int


DESIGNS = (
    Design(ripple, compile_ripple, 0),
    Design(partial(ripple, sums=True), partial(compile_ripple, sums=True), 1),
    Design(low_carry, compile_low_carry, 2),
    Design(long_form, compile_long_form, 2),
)


@dataclass(frozen=True)
class Sizes:
    """Operands lo..hi-1 of d digits, seeds, and how often a perceptron sees its examples at most."""

    d: int
    lo: int
    hi: int
    seeds: int
    passes: int


def sizes_of(budget: Budget) -> Sizes:
    """The full budget is the specification's: five seeds, at most 60 passes."""
    return Sizes(2, 11, 100, 1, 12) if budget == "quick" else Sizes(2, 11, 100, 5, 60)


def run_designs_experiment(out: Path, *, budget: Budget, seed: int, progress: Progress | None) -> list[Record]:
    """Records of all layouts and their plot in `out`."""
    return run_sizes(out, sizes_of(budget), seed, progress)


def run_sizes(out: Path, sizes: Sizes, seed: int, progress: Progress | None = None) -> list[Record]:
    """The experiment in any sizes."""
    from verify.experiments.autoregressive_designs_plots import draw_designs

    records: list[Record] = []
    runs = len(DESIGNS) * sizes.seeds
    for at, design in enumerate(DESIGNS):
        layout = design.layout(sizes.d)
        trials = []
        for run in range(sizes.seeds):
            if progress is not None:
                progress(f"perceptrons learn multiplication: {layout.name}", at * sizes.seeds + run, runs)
            trials.append(trial(out, layout, sizes, seed + run))
        records.append(design_record(layout, design, trials))
    records += [order_record(records), margin_record(records)]
    plot = draw_designs(out / "designs.png", records)
    records.append({"name": "plots", "files": [plot.name], "as_expected": None})
    return [
        {"experiment": "autoregressive_designs", "seed": seed, "seeds": sizes.seeds, "passes": sizes.passes} | record
        for record in records
    ]


def trial(out: Path, layout: Layout, sizes: Sizes, seed: int) -> Trial:
    """One seed of one layout, read from the run folder where it was made before."""
    name = layout.name.replace(", ", "-").replace(" ", "-")
    path = out / "trials" / f"{name}-{sizes.lo}-{sizes.hi}-{sizes.passes}-{seed}.npz"
    return kept(
        path, lambda: learn_layout(layout, sizes.lo, sizes.hi, np.random.default_rng(seed), passes=sizes.passes)
    )


def design_record(layout: Layout, design: Design, trials: Sequence[Trial]) -> Record:
    """Shares over the test pairs of all seeds; their interval takes the pairs as independent, at 99 per cent."""
    tested = sum(t.tested for t in trials)
    exact = sum(round(t.exact * t.tested) for t in trials)
    compiled = design.compiler(layout.d)
    margins = [margin for margin in compiled.normalised_margins if margin is not None]
    return {
        "name": "design",
        "layout": layout.name,
        "rank": design.rank,
        "tokens": len(layout.inputs) + layout.length,
        "exact": exact / tested,
        "exact_interval": list(binomial_interval(exact, tested)),
        "digits": float(np.average([t.digits for t in trials], weights=[t.tested for t in trials])),
        "chains": float(np.average([t.chains for t in trials], weights=[t.tested for t in trials])),
        "mistakes": [t.mistakes for t in trials],
        "not_converged": [len(t.open) for t in trials],
        "largest_inverse_margin": 1 / min(margins),
        "as_expected": None,
    }


def order_record(designs: Sequence[Record]) -> Record:
    """A layout of lower rank gets more products right: the intervals of different ranks do not meet."""
    return {
        "name": "order of the layouts by exact products",
        "values": {r["layout"]: r["exact"] for r in designs},
        "expected": "tuples above sums above the two others, intervals apart",
        "as_expected": all(
            better["exact_interval"][0] > worse["exact_interval"][1]
            for better in designs
            for worse in designs
            if better["rank"] < worse["rank"]
        ),
    }


def margin_record(designs: Sequence[Record]) -> Record:
    """The rows in their order have growing inverse margins, though not growing lengths."""
    return {
        "name": "largest inverse margin of the exact predictors",
        "claim": "autoregressive/multiplication_constant_margin",
        "values": {r["layout"]: r["largest_inverse_margin"] for r in designs},
        "tokens": {r["layout"]: r["tokens"] for r in designs},
        "expected": "growing in the order of the layouts",
        "as_expected": all(
            first["largest_inverse_margin"] < second["largest_inverse_margin"] for first, second in pairwise(designs)
        ),
    }


EXPERIMENT = Experiment(
    "autoregressive_designs",
    "autoregressive",
    "designs of a chain of thought for multiplication",
    run_designs_experiment,
)
