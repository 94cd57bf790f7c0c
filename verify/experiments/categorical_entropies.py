"""Categorical entropies of trained models along a temperature sweep (experiment E1).

Main definitions
    run_entropies_experiment  all records, and two plots
    Sizes, sizes_of           how large a budget measures
    chain_at                  a window chain at a temperature
    reading_record            one divergence at one temperature: pointwise, average, joint and sup, never mixed
    order_record, encoder_record   what must hold between them

The kernel is the next-token law after the last m tokens, at the stationary law of its own temperature. Nats for
Rényi divergences, KL and JS; the others have no unit.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from numerics.chains.stationary import stationary
from numerics.chains.window_chain import WindowChain
from numerics.information import categorical_entropy as entropies
from numerics.information.divergences import TEN, Divergence
from numerics.models import load
from numerics.models.wrappers.temperature import with_temperature
from verify.experiments.experiment import Budget, Experiment, Progress, Record

FloatArray = NDArray[np.float64]
ERROR = 1e-9  # relative and absolute, of a sum over all contexts
QUANTILES = (0.05, 0.5, 0.95)
RENYI = tuple(sorted((d for d in TEN if d.order is not None), key=lambda d: d.order or 0.0))


@dataclass(frozen=True)
class Sizes:
    """(model, tokens of context) of the sources, temperatures, and those at which the joint tables are formed."""

    sources: tuple[tuple[str, int], ...]
    temperatures: tuple[float, ...]
    tables: tuple[float, ...]


def sizes_of(budget: Budget) -> Sizes:
    """Temperatures from 1/4 to 4, evenly on a logarithmic axis."""
    count = 9 if budget == "quick" else 25
    temperatures = tuple(float(2.0 ** (4 * k / (count - 1) - 2)) for k in range(count))
    return Sizes((("names", 2), ("phones", 2)), temperatures, (1.0,) if budget == "quick" else temperatures)


def run_entropies_experiment(out: Path, *, budget: Budget, seed: int, progress: Progress | None) -> list[Record]:
    """Records of both sources and their plots in `out`. Nothing is random: the seed is only told."""
    return run_sizes(out, sizes_of(budget), seed, progress)


def run_sizes(out: Path, sizes: Sizes, seed: int, progress: Progress | None = None) -> list[Record]:
    """The experiment in any sizes."""
    from verify.experiments.categorical_entropies_plots import draw_orders, draw_readings

    records: list[Record] = []
    plots: list[Path] = []
    steps, done = len(sizes.sources) * len(sizes.temperatures), 0
    for model, window in sizes.sources:
        found: list[Record] = []
        for temperature in sizes.temperatures:
            chain = chain_at(model, window, temperature)
            head: Record = {"source": f"{model}, m = {window}", "vocabulary": chain.T, "temperature": temperature}
            found += [head | r for r in source_records(chain, tables=temperature in sizes.tables)]
            done += 1
            if progress is not None:
                progress(f"entropies of {model} at T = {temperature:.3g}", done, steps)
        plots.append(draw_readings(out / f"entropies-{model}.png", found))
        records += found
    plots.append(draw_orders(out / "entropies-orders.png", records))
    records.append({"name": "plots", "files": [path.name for path in plots], "as_expected": None})
    return [{"experiment": "categorical_entropies", "seed": seed} | record for record in records]


def chain_at(model: str, window: int, temperature: float) -> WindowChain:
    """The model cut to its last `window` tokens, at a temperature."""
    return WindowChain.from_model(with_temperature(load(model), temperature), window)


def source_records(chain: WindowChain, *, tables: bool) -> list[Record]:
    """Ten readings records and two of what holds between them, at the stationary law."""
    law = np.asarray(stationary(chain).pi, dtype=np.float64)
    law = law / law.sum()
    readings = [reading_record(divergence, chain.table, law, tables=tables) for divergence in TEN]
    return [*readings, order_record({r["divergence"]: r for r in readings}), encoder_record(chain, law)]


def reading_record(divergence: Divergence, rows: FloatArray, law: FloatArray, *, tables: bool) -> Record:
    """The four readings, with quantiles under μ for the pointwise one.

    Expected (entropy_readings): joint = average <= sup for f-divergences; for Rényi joint <= average <= sup below
    order 1 and average <= joint <= sup above. `tables` adds the joint reading from the two joint states themselves.
    """
    values = entropies.pointwise(divergence, rows)
    average, joint = float(law @ values), entropies.joint_closed_form(divergence, rows, law)
    supremum = entropies.supremum(divergence, rows)
    order = divergence.order
    if order is None or order == 1:
        chain, expected = (joint, average, supremum), same(joint, average)
        text = "joint = average <= sup"
    elif order < 1:
        chain, expected, text = (joint, average, supremum), True, "joint <= average <= sup"
    else:
        chain, expected, text = (average, joint, supremum), True, "average <= joint <= sup"
    expected = expected and all(at_most(low, high) for low, high in pairwise(chain))
    record: Record = {
        "name": "readings",
        "claim": "categorical/entropy_readings",
        "divergence": divergence.name,
        "pointwise": dict(zip(map(str, QUANTILES), quantiles(values, law), strict=True)),
        "average": average,
        "joint": joint,
        "sup": supremum,
        "uniform": float(entropies.psi(divergence, np.full(rows.shape[1], 1 / rows.shape[1]))),
        "expected": text,
    }
    if tables:
        record["joint_from_tables"] = entropies.joint(divergence, rows, law)
        expected = expected and same(record["joint_from_tables"], joint)
    return record | {"as_expected": bool(expected)}


def order_record(readings: Mapping[str, Record]) -> Record:
    """Rényi: each of the average, joint and sup readings grows with the order."""
    steps: dict[str, float] = {}
    for reading in ("average", "joint", "sup"):
        values = [float(readings[d.name][reading]) for d in RENYI]
        steps[reading] = min(high - low for low, high in pairwise(values))
    largest = max(float(readings[d.name]["sup"]) for d in RENYI)
    return {
        "name": "smallest step of a reading from one Rényi order to the next",
        "claim": "categorical/entropy_closed_forms",
        "orders": [str(d.order) for d in RENYI],
        "values": steps,
        "expected": ">= 0",
        "as_expected": bool(min(steps.values()) >= -ERROR * max(1.0, largest)),
    }


def encoder_record(chain: WindowChain, law: FloatArray) -> Record:
    """Contexts of m + 1 tokens whose encoder forgets the oldest: averages of gen and head agree, for every divergence.

    The law of the longer contexts is that of m tokens and the next one; the head's is the stationary law of m tokens.
    """
    longer = (law[:, None] * chain.table).ravel()  # (T^(m+1),), oldest token first
    encoder = np.arange(longer.size) % chain.n
    apart = 0.0
    for divergence in TEN:
        values = entropies.pointwise(divergence, chain.table)
        gen, head = float(longer @ values[encoder]), float(law @ values)
        apart = max(apart, abs(gen - head) / max(1.0, abs(head)))
    return {
        "name": "largest difference of gen and head averages, relative",
        "claim": "categorical/entropy_precomposition",
        "value": apart,
        "expected": f"<= {ERROR}",
        "as_expected": bool(apart <= ERROR),
    }


def quantiles(values: FloatArray, law: FloatArray) -> list[float]:
    """Quantiles of a value under a law, both (X,)."""
    order = np.argsort(values, kind="stable")
    reached = np.cumsum(law[order])
    places = np.minimum(np.searchsorted(reached, np.array(QUANTILES) * reached[-1]), len(values) - 1)
    return [float(v) for v in values[order][places]]


def at_most(low: float, high: float) -> bool:
    """low <= high up to the error of a sum."""
    return low <= high + ERROR * max(1.0, abs(high))


def same(first: float, second: float) -> bool:
    """Equal up to the error of a sum; two infinities of one sign are equal."""
    return math.isclose(first, second, rel_tol=ERROR, abs_tol=ERROR)


EXPERIMENT = Experiment(
    "categorical_entropies",
    "categorical",
    "categorical entropies along a temperature sweep",
    run_entropies_experiment,
)
