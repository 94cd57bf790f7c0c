"""How far the empirical in-context risk falls below its mean, against the bounds on that deviation (experiment 4.5).

The predictor is fixed before the prompt and reads windows of K = 6 states of the chain K3 of the specification: add-1
on what the window shows. Its loss is known on every window, so R is exact, and R - R-hat is sampled at every length.
All bounds are at confidence 1 - delta, and are cut off at 1, beyond which they say nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import sympy as sp
from numpy.typing import NDArray
from scipy.stats import beta

from numerics.chains.mixing import pair_distance_curve, t_min, window_t_min, window_tau_min
from numerics.icl.estimators import add_constant
from numerics.icl.slope import log_spaced_positions
from numerics.risk.gap import total_variation_loss
from numerics.risk.memory_profile import memory_profile
from numerics.risk.window_law import sample_windows, uniform_start, window_laws
from verify.bounds import statement_of
from verify.experiments.experiment import Record
from verify.markov.estimators import K3
from verify.report.plots import COLOURS
from verify.report.plots_grid import Axes, Line, draw_grid

WINDOW, DELTA, BLOCKS = 6, 0.05, 12
JUDGED = 0.999


@dataclass(frozen=True)
class Deviations:
    """R - R-hat (C, M) at `lengths` (M,), and the bounds (M,) by name; those in `claimed` hold for fixed models."""

    lengths: NDArray[np.int64]
    gaps: NDArray[np.float64]
    bounds: dict[str, NDArray[np.float64]]
    claimed: tuple[str, ...]


def window_model(states: int, window: int) -> NDArray[np.float64]:
    """Add-1 on the transitions inside each window of 1..K states, (n_S, d), windows by length and lexicographically."""
    tables = []
    for length in range(1, window + 1):
        windows = np.indices((states,) * length).reshape(length, -1).T  # (d^length, length)
        tables.append(add_constant(windows, states, 1.0)[:, -1])
    return np.concatenate(tables)


def measure_deviations(longest: int, chains: int, rng: np.random.Generator) -> Deviations:
    """Sample the gaps up to `longest` states, and evaluate the printed and the corrected bounds."""
    d = K3.shape[0]
    truth = np.concatenate([np.tile(K3, (d ** (k - 1), 1)) for k in range(1, WINDOW + 1)])
    model = window_model(d, WINDOW)
    loss = total_variation_loss(truth, model)
    start = uniform_start(d, WINDOW)
    lengths = log_spaced_positions(10, longest, 30)
    mean = np.cumsum([float(law @ loss) for law in window_laws(truth, start, longest)])
    total, gaps = np.zeros(chains), np.empty((chains, lengths.size))
    place = {int(n): i for i, n in enumerate(lengths)}
    for n, windows in enumerate(sample_windows(truth, start, longest, chains, rng), start=1):
        total += loss[windows]
        if n in place:
            gaps[:, place[n]] = (mean[n - 1] - total) / n
    logs = np.log(model)
    norm = float(np.abs(logs - logs.mean(axis=1, keepdims=True)).sum(axis=1).max())
    tau, windows_t, tokens_t = window_tau_min(K3, WINDOW), window_t_min(K3, WINDOW), t_min(K3)
    smallest = float(K3.min())
    distances, memory = pair_distance_curve(K3, BLOCKS), memory_profile(loss, d, WINDOW)
    printed = {"d": d, "B_U": norm, "tau": 1.0, "p_min": smallest, "delta": DELTA}
    bounds = {
        "icl_gap": claimed_bound("icl_gap", lengths, {"tau_min": tau, "delta": DELTA}),
        "icl_gap_forgetting": forgetting_bound(distances, float(memory.w[0]), memory.effective_memory, lengths),
        "icl_gap_as_stated": claimed_bound("icl_gap_as_stated", lengths, printed | {"t_min": windows_t}),
        "icl_gap_token_tmin_as_stated": claimed_bound(
            "icl_gap_token_tmin_as_stated", lengths, printed | {"t_min": tokens_t}
        ),
    }
    return Deviations(lengths, gaps, bounds, ("icl_gap", "icl_gap_forgetting", "icl_gap_as_stated"))


def claimed_bound(claim: str, lengths: NDArray[np.int64], values: Mapping[str, float]) -> NDArray[np.float64]:
    """The bound of a claim of the register (its first statement) at every length (M,), other parameters by name."""
    from theory.registry import registry

    bound = statement_of(registry().claim(f"markov/{claim}"), 0).bound
    symbols = sorted(bound.free_symbols, key=str)
    evaluate = sp.lambdify(symbols, bound, "numpy")
    known = {**values, "N_icl": lengths.astype(np.float64)}
    return np.asarray(evaluate(*(known[str(symbol)] for symbol in symbols)), dtype=np.float64)


def forgetting_bound(
    distances: NDArray[np.float64], w_0: float, memory: float, lengths: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Least bound of markov/icl_gap_forgetting over the lengths of blocks, (M,)."""
    each = [
        claimed_bound(
            "icl_gap_forgetting",
            lengths,
            {
                "block": B, "d_1": float(distances[1]), "spare": 1 - float(distances[B]), "w_0": w_0, "W": memory,
                "delta": DELTA,
            },
        )
        for B in range(1, distances.size)
        if distances[B] < 1
    ]  # fmt: skip
    return np.asarray(np.min(each, axis=0))


def deviation_records(found: Deviations) -> list[Record]:
    """Curves, and for every bound the largest share of prompts that broke it, with its exact binomial interval."""
    chains = found.gaps.shape[0]
    base: Record = {"experiment": "icl", "family": "K3", "states": 3, "window": WINDOW, "chains": chains}
    records: list[Record] = [
        {
            "name": "deviation R - R-hat",
            "measure": "TV",
            "predictor": "add-1 in the window",
            "lengths": found.lengths.tolist(),
            "quantile": 1 - DELTA,
            "value": np.quantile(found.gaps, 1 - DELTA, axis=0).tolist(),
            "bounds": {name: values.tolist() for name, values in found.bounds.items()},
            "as_expected": None,
        }
    ]
    for name, values in found.bounds.items():
        failures = int((found.gaps > values).sum(axis=0).max())
        tail = (1 - JUDGED) / 2
        lower = float(beta.ppf(tail, failures, chains - failures + 1)) if failures else 0.0
        records.append(
            {
                "name": f"largest share of prompts beyond {name}",
                "measure": "TV",
                "value": failures / chains,
                "lower": lower,
                "level": JUDGED,
                "first length at which it is below 1": _first(found.lengths, values),
                "expected": f"<= {DELTA} up to sampling error",
                "as_expected": lower <= DELTA if name in found.claimed else None,
            }
        )
    return [base | record for record in records]


def _first(lengths: NDArray[np.int64], values: NDArray[np.float64]) -> int | None:
    return int(lengths[np.argmax(values < 1)]) if (values < 1).any() else None


def draw_deviations(path: Path, found: Deviations) -> Path:
    """The 1 - delta quantile of R - R-hat against all bounds, cut off at 1."""
    quantile = np.quantile(found.gaps, 1 - DELTA, axis=0)
    lines = [Line(f"measured, {1 - DELTA:.0%} quantile", found.lengths, quantile, "black", "-")]
    for i, (name, values) in enumerate(found.bounds.items()):
        dashes = "-" if name in found.claimed else (0, (2, 2))
        lines.append(Line(name, found.lengths, np.minimum(values, 1.0), COLOURS[i], dashes))
    title = f"Deviation of the empirical risk, K3, windows of {WINDOW} states, {found.gaps.shape[0]} prompts"
    return draw_grid(path, [[Axes("", "states N", "R − R̂ (TV)", lines)]], title=title, top=1.3)
