"""How fast the 0-1 error falls while concepts are learned: fitted rates, and what is proved (experiment 4.4).

Main definitions
    run_rates        records of run E with batches of 2 to 32 and of run D, and two figures
    Decay, fit_decay the log-linear and the log-quadratic fit, with bootstrap intervals over runs
    Proved, proved_rate   the rate of the explicit bound of a frozen-attention model of the run
    rate_record      both, side by side

A fit goes from the first time with mean error below .4 to the last with mean at least .001, never through zero counts,
which are reported as "0 of N". The bound speaks of the read-out alone: attention frozen at its final value, a fixed
half of the neurons active, clean prompts. Joint training is not covered by any proof.
Source: specification `concepts`, 1 (measuring), 2.E, 4.4.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from numerics.concepts.logistic import Bounds, Support, margins
from numerics.concepts.schedule import Schedule
from verify.experiments.concepts_panels import learned_record
from verify.experiments.concepts_runs import (
    ACTIVE,
    GAMMA,
    KEPT,
    LABEL_CONCEPT,
    LABEL_DIFFERENCE,
    LAM,
    Recipe,
    recipe,
    trained,
)
from verify.experiments.experiment import Budget, Experiment, Progress, Record
from verify.statistics import binomial_interval

Floats = NDArray[np.float64]
HIGHEST, LEAST = 0.4, 1e-3  # mean errors between which is fitted
RESAMPLES = 1000
LEVEL = 0.95
# The printed slopes a step with their 95 % intervals: by run and batch.
PRINTED = {
    ("E", 2): (-0.038, -0.064, -0.030),
    ("E", 4): (-0.070, -0.074, -0.050),
    ("E", 8): (-0.057, -0.071, -0.044),
    ("E", 16): (-0.062, -0.081, -0.045),
    ("E", 32): (-0.055, -0.088, -0.037),
    ("D", 32): (-0.083, -0.102, -0.062),
}


@dataclass(frozen=True)
class Decay:
    """Fits of log mean error on the steps.

    Attributes
        start, stop        first and last time fitted
        slope, intercept   a step; log error at step 0 of the line
        quadratic          coefficients of t^2, t, 1; the first is the curvature
        slope_interval, curvature_interval   bootstrap over runs, each with its own window
        resamples          those in which at least three times could be fitted
    """

    start: int
    stop: int
    slope: float
    intercept: float
    quadratic: tuple[float, float, float]
    slope_interval: tuple[float, float]
    curvature_interval: tuple[float, float]
    resamples: int

    @property
    def curvature(self) -> float:
        """Coefficient of t^2, a step squared."""
        return self.quadratic[0]


@dataclass(frozen=True)
class Proved:
    """The explicit bound for a frozen-attention model: rate a step, and the step T_0 from which it holds."""

    rate: float
    first: float
    margin: float


def run_rates(out: Path, *, budget: Budget, seed: int, progress: Progress | None) -> list[Record]:
    """Records of all six runs, and the figures in `out`."""
    e = recipe("E", budget)
    recipes = [*(replace(e, batch=batch) for batch in (2, 4, 8, 16, 32)), recipe("D", budget)]
    return run_recipes(out, recipes, seed, progress)


def run_recipes(out: Path, recipes: Sequence[Recipe], seed: int, progress: Progress | None = None) -> list[Record]:
    """The experiment on any runs."""
    from verify.experiments.concepts_rates_plots import draw_decays, draw_rates

    records: list[Record] = []
    for at, one in enumerate(recipes):
        if progress is not None:
            progress(f"decay of the error: run {one.name}, batches of {one.batch}", at, len(recipes))
        series = trained(one, out.parent / KEPT, seed).records
        decay = fit_decay(series["time"], series["error"], np.random.default_rng([seed, one.batch]))
        proved = proved_rate(one, math.tanh(float(series["beta"][-1].mean())))
        found = [rate_record(one, decay, proved), curvature_record(one, decay), end_record(one, series)]
        found.append(learned_record(one, series))
        found.append(course_record(one, series, decay))
        records += [{"run": one.name, "batch": one.batch, "seeds": one.seeds} | record for record in found]
    records.append(batch_record([r for r in records if r["name"].startswith("rate")]))
    plots = [draw_decays(out / "rates.png", records), draw_rates(out / "rates-proved.png", records)]
    records.append({"name": "plots", "files": [plot.name for plot in plots], "as_expected": None})
    return [{"experiment": "concepts_rates", "seed": seed} | record for record in records]


def fit_decay(times: NDArray[np.int64], errors: Floats, rng: np.random.Generator, resamples: int = RESAMPLES) -> Decay:
    """Fits to errors (times, S) of S runs, bootstrap over the runs.

    Raises ValueError where fewer than three times lie in the window of the mean.
    """
    t = np.asarray(times, dtype=np.float64)
    mean = errors.mean(axis=1)
    window = _window(mean)
    if window is None:
        raise ValueError(f"mean errors {mean.tolist()}: fewer than three from {HIGHEST} down to {LEAST} to fit")
    line, parabola = (np.polyfit(t[window], np.log(mean[window]), degree) for degree in (1, 2))
    found = []
    for _ in range(resamples):
        drawn = errors[:, rng.integers(0, errors.shape[1], errors.shape[1])].mean(axis=1)
        chosen = _window(drawn)
        if chosen is not None:
            x, y = t[chosen], np.log(drawn[chosen])
            found.append((np.polyfit(x, y, 1)[0], np.polyfit(x, y, 2)[0]))
    ends = np.quantile(np.array(found), [(1 - LEVEL) / 2, (1 + LEVEL) / 2], axis=0)  # (2, 2)
    return Decay(
        int(t[window][0]),
        int(t[window][-1]),
        float(line[0]),
        float(line[1]),
        (float(parabola[0]), float(parabola[1]), float(parabola[2])),
        (float(ends[0, 0]), float(ends[1, 0])),
        (float(ends[0, 1]), float(ends[1, 1])),
        len(found),
    )


def _window(mean: Floats) -> NDArray[np.bool_] | None:
    """From the first time with mean below HIGHEST to the last with mean at least LEAST, zero counts left out."""
    low, high = np.flatnonzero(mean < HIGHEST), np.flatnonzero(mean >= LEAST)
    if not len(low) or not len(high):
        return None
    places = np.arange(len(mean))
    window = (places >= low[0]) & (places <= high[-1]) & (mean > 0)
    return window if window.sum() >= 3 else None


def proved_rate(one: Recipe, theta: float) -> Proved:
    """The bound of generic logistic SGD for the read-out of a run on clean prompts, attention frozen at theta.

    z = e_q (r_i 1{active} v)_i with v = c_k + e_q theta d_k: up to an isometry the points (e_q |c|, theta |d|) of
    concept k, times sqrt(ACTIVE/m); all prompts are equally likely.
    """
    K = one.concepts
    points = np.zeros((K, 2, K, 2))
    for k in range(K):
        points[k, :, k, 0] = np.array([1, -1]) * math.sqrt(LABEL_CONCEPT)
        points[k, :, k, 1] = theta * math.sqrt(LABEL_DIFFERENCE)
    points *= math.sqrt(ACTIVE / one.neurons)
    support = Support(points.reshape(2 * K, 2 * K), np.full(2 * K, 1 / (2 * K)))
    bounds = Bounds(support, Schedule(LAM, GAMMA), batch=one.batch)
    margin = float(margins(support, LAM).min())
    first = bounds.first_time(margin)
    at = math.ceil(max(first, one.steps))
    rate = bounds.log_error_formula(at, margin) - bounds.log_error_formula(at + 1, margin)
    return Proved(rate, first, margin)


def rate_record(one: Recipe, decay: Decay, proved: Proved) -> Record:
    """The fitted rate with its interval, beside the printed one and the proved one."""
    printed = PRINTED.get((one.name, one.batch))
    low, high = decay.slope_interval
    fits = None if printed is None else (low <= printed[2] and printed[1] <= high and high < 0)
    loose = [math.log10(-end / proved.rate) for end in (high, low)] if high < 0 else None
    return {
        "name": f"rate of run {one.name}, B = {one.batch}",
        "text": (
            f"run {one.name}, B = {one.batch}: fitted rate {decay.slope:.3f} a step [{low:.3f}, {high:.3f}]; "
            f"the bound's rate is {-proved.rate:.2g} from step {proved.first:.0f} on"
            + (f": {loose[0]:.1f} to {loose[1]:.1f} orders loose" if loose else "")
        ),
        "claim": "concepts/joint_exponential_decay",
        "value": decay.slope,
        "interval": [low, high],
        "level": LEVEL,
        "resamples": decay.resamples,
        "window": [decay.start, decay.stop],
        "printed": printed,
        "proved_rate": -proved.rate,
        "proved_from_step": proved.first,
        "margin": proved.margin,
        "orders_loose": math.log10(-decay.slope / proved.rate) if decay.slope < 0 else None,
        "orders_loose_interval": loose,
        "bound_of": "concepts/exponential_convergence, attention frozen, half of the neurons active, clean prompts",
        "expected": "negative; its interval meets the printed one",
        "as_expected": fits,
    }


def curvature_record(one: Recipe, decay: Decay) -> Record:
    """log error bends down or not at all: the decay is at least exponential."""
    return {
        "name": f"curvature of run {one.name}, B = {one.batch}",
        "claim": "concepts/joint_exponential_decay",
        "value": decay.curvature,
        "interval": list(decay.curvature_interval),
        "level": LEVEL,
        "expected": "not above 0 at this level",
        "as_expected": decay.curvature_interval[0] <= 0,
    }


def end_record(one: Recipe, series: dict[str, NDArray[Any]]) -> Record:
    """Errors at the last step among all test prompts, with the exact interval."""
    trials = one.prompts * one.seeds
    count = round(float(series["error"][-1].sum()) * one.prompts)
    low, high = binomial_interval(count, trials, LEVEL)
    return {
        "name": f"errors at the end of run {one.name}, B = {one.batch}",
        "value": count,
        "of": trials,
        "interval": [low, high],
        "level": LEVEL,
        "expected": f"below {LEAST:g}",
        "as_expected": high < LEAST,
    }


def course_record(one: Recipe, series: dict[str, NDArray[Any]], decay: Decay) -> Record:
    """What is drawn: mean errors with exact intervals of the pooled prompts, and both fits."""
    trials = one.prompts * one.seeds
    counts = [round(float(row.sum()) * one.prompts) for row in series["error"]]
    return {
        "name": f"course of run {one.name}, B = {one.batch}",
        "time": series["time"].tolist(),
        "error": [count / trials for count in counts],
        "interval": [list(binomial_interval(count, trials)) for count in counts],
        "quantiles": np.quantile(series["error"], [0.1, 0.9], axis=1).tolist(),
        "between_seeds": series["error"].std(axis=1, ddof=1).tolist(),
        "fit": [decay.start, decay.stop, decay.slope, decay.intercept],
        "quadratic": list(decay.quadratic),
        "as_expected": None,
    }


def batch_record(rates: Sequence[Record]) -> Record:
    """A rate in proportion to B is ruled out between the smallest batch from 4 on and the largest one of run E."""
    of_e = {r["batch"]: r for r in rates if r["run"] == "E" and r["batch"] >= 4}
    record: Record = {"name": "the rate is not proportional to the batch", "claim": "concepts/joint_exponential_decay"}
    if len(of_e) < 2:
        return record | {"value": None, "expected": None, "as_expected": None}
    small, large = min(of_e), max(of_e)
    most = of_e[large]["interval"][0] / of_e[small]["interval"][1] if of_e[small]["interval"][1] < 0 else math.inf
    return record | {
        "value": of_e[large]["value"] / of_e[small]["value"],
        "at_most": most if math.isfinite(most) else None,
        "expected": f"below {large / small:g} at both ends of the intervals",
        "as_expected": most < large / small,
    }


EXPERIMENT = Experiment("concepts_rates", "concepts", "decay of the error while concepts are learned", run_rates)
