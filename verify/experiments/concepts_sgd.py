"""Generic logistic SGD against its explicit bounds (experiment 4.6 of `concepts`).

Main definitions
    run_sgd          all records, and two figures
    course_records   the three points: error, bias and tails beside their bounds, the fitted rate and how loose it is
    wrong_records    the two points: SGD at strong decay, never below the weight of the lost point
    sweep_record     both margins, and the error of SGD, across lambda_c

Errors carry exact (Clopper-Pearson) intervals of the counted runs, every point of the support for itself; squared
distances are means over runs with normal intervals. Fits are least squares of log(mean error) on the step, bootstrap
over groups of runs. Source: specification `concepts` 2.C and 4.6.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from numerics.concepts.logistic import Bounds, Floats, Support, critical_lambda, margins, minimiser, simulate
from numerics.concepts.schedule import Schedule
from verify.experiments.experiment import Budget, Experiment, Progress, Record
from verify.precision import sample_mean
from verify.statistics import binomial_interval, log_slope

THREE = Support(np.array([[1, 0], [0.2, 0.7], [0.25, -0.5]]), np.array([0.4, 0.4, 0.2]))
TWO = Support(np.array([[1, 0], [-0.5, 0.6]]), np.array([0.9, 0.1]))
LAM, GAMMA = 0.1, 7.0
STRONG, STRONG_GAMMA = 0.2, 8.0
TIMES = (1, 2, 5, 10, 25, 50, 75, 100, 150, 200, 250, 300, 350, 400)
PRINTED = {1: 0.160, 10: 0.084, 25: 0.062, 50: 0.048, 100: 0.032, 200: 0.016, 400: 0.0045}  # E L^{0-1}, 10^5 runs
PRINTED_SQUARES = {100: (0.0267, 4.98), 400: (0.00687, 1.31)}  # E |w_T - w_lambda|^2 and its bound
FITTED = (50, 75, 100, 150, 200, 250, 300, 350, 400)
GROUPS = 100
SHARES = (0.001, 0.01, 0.1, 0.5)  # probabilities at which tails are read off
LEVEL = 0.95
LAMBDA_C = 0.013733450588707
LOST = 0.1  # weight of the point that strong decay loses


@dataclass(frozen=True)
class Sizes:
    """Runs of the course, of the strong decay, and of every weight decay of the sweep; the sweep's grid and steps."""

    runs: int
    strong: int
    sweep_runs: int
    decays: int
    sweep_steps: int


def sizes_of(budget: Budget) -> Sizes:
    """10^5 runs of the three points in either budget."""
    return Sizes(100_000, 2000, 1000, 15, 1500) if budget == "quick" else Sizes(400_000, 20_000, 2000, 41, 20_000)


def run_sgd(out: Path, *, budget: Budget, seed: int, progress: Progress | None) -> list[Record]:
    """Records of all parts, and the figures in `out`."""
    return run_sizes(out, sizes_of(budget), seed, progress)


def run_sizes(out: Path, sizes: Sizes, seed: int, progress: Progress | None = None) -> list[Record]:
    """The experiment in any sizes."""
    from verify.experiments.concepts_sgd_plots import draw_course, draw_sweep

    def told(what: str, done: int) -> None:
        if progress is not None:
            progress(f"logistic SGD: {what}", done, 3)

    told("three points", 0)
    records = course_records(sizes.runs, np.random.default_rng([seed, 1]))
    told("strong decay", 1)
    records += wrong_records(sizes.strong, np.random.default_rng([seed, 2]))
    told("across lambda_c", 2)
    records.append(sweep_record(sizes, np.random.default_rng([seed, 3])))
    plots = [draw_course(out / "sgd-three-points.png", records), draw_sweep(out / "sgd-lambda.png", records)]
    records.append({"name": "plots", "files": [plot.name for plot in plots], "as_expected": None})
    told("done", 3)
    return [{"experiment": "concepts_sgd", "seed": seed} | record for record in records]


def error_interval(support: Support, weights: Floats, level: float = LEVEL) -> tuple[float, float, float]:
    """E L^{0-1} of weights (runs, d), and its interval: exact for every point, all points at once."""
    counts = (weights @ support.points.T <= 0).sum(axis=0)
    each = 1 - (1 - level) / len(counts)
    found = np.array([binomial_interval(int(count), len(weights), each) for count in counts])
    low, high = support.weights @ found
    return float(support.weights @ counts / len(weights)), float(low), float(high)


def course_records(runs: int, rng: np.random.Generator) -> list[Record]:
    """Error, squared distance and tails of the three points at all TIMES, and the rate."""
    schedule = Schedule(LAM, GAMMA)
    taken = simulate(rng, THREE, schedule, TIMES, runs)
    bounds, wide = Bounds(THREE, schedule), Bounds(THREE, schedule, wide=True)
    margin = float(margins(THREE, LAM).min())
    errors = [error_interval(THREE, weights) for weights in taken]
    return [
        constants_record(bounds, wide, margin),
        error_record(errors, runs, bounds.first_time(margin)),
        rate_record(taken, bounds, margin, rng),
        square_record(taken, bounds),
        tail_record(taken, bounds),
    ]


def constants_record(bounds: Bounds, wide: Bounds, margin: float) -> Record:
    """The oracles of the specification."""
    w = minimiser(THREE, LAM)
    found = {
        "w_lambda": w.tolist(),
        "margin": margin,
        "R": THREE.radius,
        "D": bounds.diameter,
        "nu": bounds.nu,
        "T_0": bounds.first_time(margin),
        "bound at T = 20000, D = 2R": math.exp(wide.log_error_formula(20_000, margin)),
        "bound at T = 20000": math.exp(bounds.log_error_formula(20_000, margin)),
    }
    printed = {
        "w_lambda": [1.34553669177345, 0.500980015434265],
        "margin": 0.0858941652262,
        "R": 1,
        "D": 1.20104121494645,
        "nu": 533.333333333333,
        "T_0": 289148.45,
        "bound at T = 20000, D = 2R": 0.870783794235472,
        "bound at T = 20000": 0.68135516778832,
    }
    near = [np.allclose(np.asarray(found[name]), np.asarray(printed[name]), rtol=1e-7) for name in printed]
    return {
        "name": "constants of the three points",
        "claim": "concepts/exponential_convergence",
        "values": found,
        "printed": printed,
        "expected": "as printed",
        "as_expected": all(near),
    }


def error_record(errors: list[tuple[float, float, float]], runs: int, first: float) -> Record:
    """E L^{0-1} with exact intervals, beside the printed values: within half a unit of their last digit or two errors.

    The bound is 1 at every one of these steps.
    """
    rows: list[Record] = [
        {"T": t, "error": e, "interval": [low, high]} for t, (e, low, high) in zip(TIMES, errors, strict=True)
    ]
    at = {row["T"]: row["interval"] for row in rows}
    met = all(at[t][0] - 0.0006 <= value <= at[t][1] + 0.0006 for t, value in PRINTED.items())
    return {
        "name": "error of the three points",
        "claim": "concepts/exponential_convergence",
        "runs": runs,
        "level": LEVEL,
        "rows": rows,
        "printed": {str(t): value for t, value in PRINTED.items()},
        "bound": 1.0,
        "bound_from_step": first,
        "expected": "the printed values meet the intervals, widened by their last digit",
        "as_expected": met,
    }


def rate_record(taken: Floats, bounds: Bounds, margin: float, rng: np.random.Generator) -> Record:
    """Fitted rate with its bootstrap interval, the bound's rate, and the orders between them."""
    wrong = (taken @ THREE.points.T <= 0) @ THREE.weights  # (times, runs)
    groups = wrong[:, : wrong.shape[1] // GROUPS * GROUPS].reshape(len(TIMES), GROUPS, -1).mean(axis=2)
    kept = [TIMES.index(t) for t in FITTED]
    slope = log_slope(np.array(FITTED, dtype=np.float64), groups[kept].T, rng, level=LEVEL)
    first = bounds.first_time(margin)
    at = math.ceil(first)
    proved = bounds.log_error_formula(at + 1, margin) - bounds.log_error_formula(at, margin)
    looseness = [math.log10(end / proved) for end in (slope.upper, slope.slope, slope.lower)]
    # steps after which both say the same error, the one at T_0
    log_error = bounds.log_error_formula(at, margin)
    reached = (log_error - slope.intercept) / slope.slope
    return {
        "name": "rate of the three points",
        "claim": "concepts/exponential_convergence",
        "value": slope.slope,
        "interval": [slope.lower, slope.upper],
        "level": LEVEL,
        "intercept": slope.intercept,
        "fitted": [FITTED[0], FITTED[-1]],
        "proved_rate": proved,
        "proved_from_step": first,
        "orders_loose": looseness[1],
        "orders_loose_interval": [looseness[0], looseness[2]],
        "error_at_T_0_proved": math.exp(log_error),
        "step_of_that_error_by_the_fit": reached,
        "orders_loose_in_steps": math.log10(first / reached),
        "text": (
            f"fitted rate {slope.slope:.4g} a step [{slope.lower:.4g}, {slope.upper:.4g}]; the bound's rate is "
            f"{proved:.3g} from T_0 = {first:.0f} on: {looseness[1]:.2f} orders loose "
            f"[{looseness[0]:.2f}, {looseness[2]:.2f}] in the rate, {math.log10(first / reached):.2f} in steps to the "
            f"error {math.exp(log_error):.2g} that it proves at T_0"
        ),
        "expected": "negative; the bound's rate two orders smaller at least",
        "as_expected": slope.upper < 0 and looseness[0] >= 2,
    }


def square_record(taken: Floats, bounds: Bounds) -> Record:
    """E |w_T - w_lambda|^2 with intervals, and nu/(gamma + T)."""
    w = minimiser(THREE, LAM)
    rows: list[Record] = []
    for t, weights in zip(TIMES, taken, strict=True):
        found = sample_mean(((weights - w) ** 2).sum(-1), level=LEVEL)
        rows.append(
            {"T": t, "value": found.value, "interval": [found.lower, found.upper], "bound": bounds.squared_bias(t)}
        )
    at = {row["T"]: row for row in rows}
    near = all(
        abs(at[t]["value"] / value - 1) < 0.03 and abs(at[t]["bound"] - bound) <= 0.006
        for t, (value, bound) in PRINTED_SQUARES.items()
    )
    return {
        "name": "squared distance of the three points",
        "claim": "concepts/sgd_bias",
        "rows": rows,
        "printed": {str(t): list(pair) for t, pair in PRINTED_SQUARES.items()},
        "factor_loose": [row["bound"] / row["value"] for row in rows],
        "expected": "below the bound; within 3 % of the printed values",
        "as_expected": near and all(row["interval"][1] <= row["bound"] for row in rows),
    }


def tail_record(taken: Floats, bounds: Bounds) -> Record:
    """At quantiles of the deviation: the share of runs that reach it, exact interval, and the bound there.

    E w_T is the mean over the runs; its error is two orders below the deviations.
    """
    rows: list[Record] = []
    for t in (10, 100, 400):
        weights = taken[TIMES.index(t)]
        centred = weights - weights.mean(axis=0)
        for kind, sizes in (("margin", -(centred @ THREE.points[2])), ("norm", np.linalg.norm(centred, axis=-1))):
            for share in SHARES:
                x = float(np.quantile(sizes, 1 - share))
                count = int((sizes >= x).sum())
                log_bound = bounds.log_deviation(t, x) if kind == "margin" else bounds.log_norm_deviation(t, x)
                rows.append(
                    {
                        "T": t,
                        "of": kind,
                        "x": x,
                        "share": count / len(sizes),
                        "interval": list(binomial_interval(count, len(sizes), LEVEL)),
                        "bound": min(1.0, math.exp(log_bound)),
                    }
                )
    return {
        "name": "tails of the three points",
        "claim": "concepts/sgd_deviation",
        "rows": rows,
        "rates": [
            [t, bounds.log_deviation(t, 1.0), bounds.log_norm_deviation(t, 1.0) - math.log(2)]
            for t in dict.fromkeys(row["T"] for row in rows)
        ],
        "expected": "every interval below its bound",
        "as_expected": all(row["interval"][1] <= row["bound"] for row in rows),
    }


def wrong_records(runs: int, rng: np.random.Generator) -> list[Record]:
    """Separable data, and an error that stays at the weight of the lost point."""
    times = (10, 100, 300, 1000, 3000)
    taken = simulate(rng, TWO, Schedule(STRONG, STRONG_GAMMA), times, runs)
    least = ((taken @ TWO.points.T <= 0) @ TWO.weights).min(axis=1)
    rows: list[Record] = [
        dict(zip(("error", "low", "high"), error_interval(TWO, weights), strict=True)) | {"T": t}
        for t, weights in zip(times, taken, strict=True)
    ]
    printed, found = (1.84314192388680, -0.477258709673904), margins(TWO, 0.05)
    return [
        {
            "name": "strong decay loses a point",
            "claim": "concepts/wrong_classifier",
            "lambda": STRONG,
            "runs": runs,
            "rows": rows,
            "least_error_of_a_run": dict(zip(map(str, times), least.tolist(), strict=True)),
            "expected": "0.1 at the end, in every run",
            "as_expected": abs(rows[-1]["error"] - LOST) < 1e-12 and abs(float(least[-1]) - LOST) < 1e-12,
        },
        {
            "name": "margins of the two points at lambda = 0.05",
            "claim": "concepts/wrong_classifier",
            "value": found.tolist(),
            "printed": list(printed),
            "expected": "as printed, of different signs",
            "as_expected": bool(np.allclose(found, printed, rtol=1e-12)),
        },
    ]


def sweep_record(sizes: Sizes, rng: np.random.Generator) -> Record:
    """Margins of the minimiser and the error of SGD at weight decays on both sides of lambda_c."""
    critical = critical_lambda(TWO, 1)
    rows: list[Record] = []
    for lam in LAMBDA_C * np.logspace(-1, 1.5, sizes.decays):
        schedule = Schedule(float(lam), max(4.0, 2 * (TWO.radius**2 / 4 + lam) / lam * (1 + 1e-9)))
        steps = math.ceil(sizes.sweep_steps + 10 * schedule.gamma)
        weights = simulate(rng, TWO, schedule, (steps,), sizes.sweep_runs)[0]
        error, low, high = error_interval(TWO, weights)
        first, second = margins(TWO, float(lam))
        rows.append(
            {
                "lambda": float(lam),
                "margins": [float(first), float(second)],
                "steps": steps,
                "error": error,
                "interval": [low, high],
            }
        )
    signs = all((row["margins"][1] > 0) == (row["lambda"] < critical) for row in rows)
    ends = rows[0]["error"] < LOST / 2 < LOST - 1e-9 <= rows[-1]["error"]
    return {
        "name": "across lambda_c",
        "claim": "concepts/wrong_classifier",
        "lambda_c": critical,
        "formula": 9 / (250 * math.log(839 / 61)),
        "printed": LAMBDA_C,
        "runs": sizes.sweep_runs,
        "rows": rows,
        "expected": "lambda_c as printed; the second margin changes its sign there; the error ends at 0.1",
        "as_expected": abs(critical / LAMBDA_C - 1) < 1e-10 and signs and bool(ends),
    }


EXPERIMENT = Experiment("concepts_sgd", "concepts", "logistic SGD against its explicit bounds", run_sgd)
