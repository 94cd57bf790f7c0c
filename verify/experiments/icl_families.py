"""Panels of all chain families: risks, slopes and the limits they should reach (experiment 4.5).

Main definitions
    Panel           a case with what was measured, and what is known of its kernel
    measure_case    measure it, or load what an earlier run has measured
    panel_records   its records: profile, curves, slopes, limit

Nothing is expected of a slope fitted from 20 transitions on: -1/2 is reached slowly. What is judged is the limit of
markov/frequentist_rate, where the lengths reach it: by a second sample, in which the state asked about is averaged
exactly.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from numerics.icl.counting_limit import counting_risks, frequentist_constants
from numerics.icl.panel import (
    PanelRisks,
    Predictor,
    baselines,
    load_panel,
    measure_panel,
    panel_lengths,
    save_panel,
)
from numerics.icl.profile import Profile, add_one_constant, profile, row_counting_risk
from numerics.icl.risk import risk_curve
from numerics.icl.slope import NoSlopeError, fit_log_log, log_spaced_positions
from verify.experiments.experiment import Record
from verify.experiments.icl_cases import LIMIT_STATES, Case
from verify.precision import sample_mean

FIRST = 20  # transitions from which slopes are fitted
JUDGED = 0.999  # level of the intervals that are judged: about twenty are, and a chance failure should be rare
NEAR = 0.03  # relative distance from the limit that lengths within reach of it may have
MIXED = 5  # prompts of fewer times t_min have not seen the chain mix: the limit is out of their reach
PROFILED = 60  # random kernels whose mixing is looked at


@dataclass(frozen=True)
class Trained:
    """A transformer as predictor, and the key of the recipe it was trained with (on Dirichlet(1) kernels)."""

    predictor: Predictor
    key: str


@dataclass(frozen=True)
class Known:
    """What is known before a prompt is drawn; for random kernels, means (constant) and medians (mixing times)."""

    constant: float
    kl_constant: float
    period: int
    window: int
    t_min: tuple[float, float]
    t_min_windows: tuple[float, float]
    lazy_t_min: tuple[float, float]
    quantiles: tuple[float, float, float] | None  # 10, 50, 90 % of t_min over random kernels


@dataclass(frozen=True)
class Panel:
    """A measured case. `row_theory` (M,) is the mean of `row_counting_risk` at the panel's lengths; `limit_risks`
    (C, L) at `limit_lengths`, and their constants (C,), are empty where no limit was looked at."""

    case: Case
    risks: PanelRisks
    known: Known
    row_theory: NDArray[np.float64]
    limit_lengths: NDArray[np.int64]
    limit_risks: NDArray[np.float64]
    limit_constants: NDArray[np.float64]


def measure_case(case: Case, folder: Path, trained: Mapping[int, Trained], seed: int) -> Panel:
    """Risks of counting, add-1 and, where one reads d states, a transformer; a finished panel is loaded from `folder`.

    Raises ValueError when a file there is not a whole panel.
    """
    model = trained.get(case.states)
    predictors = baselines(case.states) | ({} if model is None else {"transformer": model.predictor})
    path = folder / f"{case.slug}-{case.key(seed, {} if model is None else {'transformer': model.key})}.npz"
    rng = case.rng(seed, "prompts")
    kernels = case.draw_kernels(case.chains, rng)
    if path.exists():
        risks = load_panel(path)
    else:
        lengths = panel_lengths(case.transitions, None if model is None else model.predictor.reach)
        risks = measure_panel(kernels, case.start(), predictors, lengths, case.chains, rng)
        save_panel(path, risks)
    known, row_theory = _known(case, kernels, risks.transitions)
    limits = np.empty(0, dtype=np.int64), np.empty((0, 0)), np.empty(0)
    if case.states <= LIMIT_STATES and not case.coarse:
        limits = _limits(case, seed)
    return Panel(case, risks, known, row_theory, *limits)


def _limits(case: Case, seed: int) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
    rng, chains = case.rng(seed, "limit"), case.sizes.limit_chains
    kernels = case.draw_kernels(chains, rng)
    lengths = log_spaced_positions(*case.sizes.limit_lengths, 8)
    if case.kernel is None:
        return lengths, counting_risks(kernels, lengths, rng), frequentist_constants(kernels)
    risks = counting_risks(np.tile(kernels, (chains, 1, 1)), lengths, rng)
    return lengths, risks, np.repeat(frequentist_constants(kernels[None]), chains)


def _known(case: Case, kernels: NDArray[np.float64], lengths: NDArray[np.int64]) -> tuple[Known, NDArray[np.float64]]:
    window = case.transitions + 1
    if case.kernel is not None:
        one = profile(case.kernel, window)
        known = Known(
            one.constant, add_one_constant(case.kernel), one.period, window,
            one.t_min, one.t_min_windows, one.lazy_t_min, None,
        )  # fmt: skip
        return known, row_counting_risk(case.kernel, one.stationary, lengths)
    some = [profile(kernel, window) for kernel in kernels[:PROFILED]]
    theory = np.mean([row_counting_risk(k, p.stationary, lengths) for k, p in zip(kernels, some, strict=False)], axis=0)
    tokens, windows = _medians(some)
    quantiles = np.quantile([p.t_min[1] for p in some], [0.1, 0.5, 0.9])
    known = Known(
        float(np.mean([p.constant for p in some])), add_one_constant(kernels[0]), 1, window,
        tokens, windows, tokens, (float(quantiles[0]), float(quantiles[1]), float(quantiles[2])),
    )  # fmt: skip
    return known, np.asarray(theory)


def _medians(profiles: list[Profile]) -> tuple[tuple[float, float], tuple[float, float]]:
    tokens = float(np.median([p.t_min[1] for p in profiles]))
    windows = float(np.median([p.t_min_windows[1] for p in profiles]))
    return (tokens, tokens), (windows, windows)


def panel_records(panel: Panel, seed: int) -> list[Record]:
    """All records of a panel, each with the family, its sizes and what was drawn."""
    case = panel.case
    base: Record = {
        "experiment": "icl",
        "family": case.family,
        "letter": case.letter,
        "states": case.states,
        "parameters": dict(case.parameters),
        "chains": case.chains,
        "seed": seed,
    }
    found = [profile_record(panel), *curve_records(panel), *slope_records(panel, seed), *limit_records(panel, seed)]
    return [base | record for record in found]


def profile_record(panel: Panel) -> Record:
    """Constants of the kernel: period, C(P), t_min of tokens and of windows (null: infinite)."""
    known = panel.known
    return {
        "name": "profile",
        "period": known.period,
        "frequentist constant": known.constant,
        "add-1 KL constant": known.kl_constant,
        "t_min of tokens": _finite(known.t_min),
        "window": known.window,
        "t_min of windows": _finite(known.t_min_windows),
        "t_min of the lazy chain": _finite(known.lazy_t_min),
        "quantiles of t_min (10, 50, 90 %)": None if known.quantiles is None else list(known.quantiles),
        "as_expected": None,
    }


def _finite(enclosure: tuple[float, float]) -> list[float] | None:
    return list(enclosure) if math.isfinite(enclosure[1]) else None


def curve_records(panel: Panel) -> list[Record]:
    """Means and bands of every predictor; KL only where it is finite (counting excludes what can happen)."""
    records: list[Record] = []
    risks = panel.risks
    for name, measure, tables in (
        ("risk", "TV", risks.variation),
        ("running mean", "TV", risks.running),
        ("risk", "KL", risks.divergence),
    ):
        for predictor, table in tables.items():
            if not np.isfinite(table).all():
                continue
            curve = risk_curve(table, panel.case.level)
            records.append(
                {
                    "name": name,
                    "measure": measure,
                    "predictor": predictor,
                    "transitions": risks.lengths(predictor).tolist(),
                    "mean": curve.mean.tolist(),
                    "lower": curve.lower.tolist(),
                    "upper": curve.upper.tolist(),
                    "level": curve.level,
                    "as_expected": None,
                }
            )
    return records


def slope_records(panel: Panel, seed: int) -> list[Record]:
    """Slopes of TV risks from 20 transitions on; where a transformer sees less, the baselines on its lengths too."""
    risks = panel.risks
    reaches = sorted({int(risks.lengths(name)[-1]) for name in risks.variation})
    records: list[Record] = []
    for predictor in risks.variation:
        lengths = risks.lengths(predictor)
        for last in reaches:
            chosen = (lengths >= FIRST) & (lengths <= last)
            if lengths[-1] < last or chosen.sum() < 2:
                continue
            for name, table in (("slope", risks.variation), ("slope of the running mean", risks.running)):
                rng = panel.case.rng(seed, f"{name}/{last}")  # the same resamples for every predictor
                record: Record = {"name": name, "measure": "TV", "predictor": predictor, "first": FIRST, "last": last}
                record |= {"reference": -0.5, "as_expected": None}
                try:
                    fit = fit_log_log(lengths[chosen], table[predictor][:, chosen], rng)
                except NoSlopeError as reason:  # a predictor that is exact on (nearly) all chains
                    record |= {"value": None, "reason": str(reason)}
                else:
                    record |= {"value": fit.slope, "lower": fit.interval[0], "upper": fit.interval[1]}
                    record["level"] = fit.level
                records.append(record)
    return records


def within_reach(panel: Panel) -> bool:
    """Whether the limit lengths are long enough for C(P)/sqrt(n): they are 5 times t_min (of the lazy chain where the
    chain is periodic; the 90 % quantile for random kernels)."""
    if not panel.limit_lengths.size:
        return False
    slowest = panel.known.lazy_t_min[1] if panel.known.quantiles is None else panel.known.quantiles[2]
    return bool(panel.limit_lengths[0] >= MIXED * slowest)


def limit_records(panel: Panel, seed: int) -> list[Record]:
    """Counting against C(P)/sqrt(n): the ratio at the longest length, and the slope; judged where within reach."""
    if not panel.limit_lengths.size:
        return []
    lengths, risks = panel.limit_lengths, panel.limit_risks
    last = int(lengths[-1])
    constant = float(panel.limit_constants.mean())
    ratio = sample_mean(math.sqrt(last) * risks[:, -1] - panel.limit_constants, level=JUDGED)
    ends = 1.0 + float(ratio.lower) / constant, 1.0 + float(ratio.upper) / constant
    rng = panel.case.rng(seed, "bootstrap")
    fit = fit_log_log(lengths, risks, rng, resamples=4000, level=JUDGED)
    # A risk that is NEAR off at the first length and on the limit at the last one bends the slope by this much.
    bend = NEAR / math.log(last / int(lengths[0]))
    reached = within_reach(panel)
    note = {} if reached else {"note": f"not judged: the prompts are shorter than {MIXED} t_min"}
    return [
        {
            "name": f"sqrt(n) x TV risk of counting over C(P), n = {last}",
            "measure": "TV",
            "predictor": "counting",
            "sample": int(risks.shape[0]),
            "value": 1.0 + ratio.value / constant,
            "lower": ends[0],
            "upper": ends[1],
            "level": JUDGED,
            "expected": f"1 up to {NEAR}",
            "as_expected": bool(ends[0] <= 1 + NEAR and ends[1] >= 1 - NEAR) if reached else None,
        }
        | note,
        {
            "name": f"slope of the TV risk of counting, n = {int(lengths[0])}..{last}",
            "measure": "TV",
            "predictor": "counting",
            "sample": int(risks.shape[0]),
            "value": fit.slope,
            "lower": fit.interval[0],
            "upper": fit.interval[1],
            "level": fit.level,
            "expected": f"-1/2 up to {bend:.3f}",
            "as_expected": bool(fit.interval[0] <= -0.5 + bend and fit.interval[1] >= -0.5 - bend) if reached else None,
        }
        | note,
    ]
