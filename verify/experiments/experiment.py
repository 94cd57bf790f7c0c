"""What an experiment is, and where experiments are found.

Main definitions
    Experiment       a name, the body of theory it belongs to, and the function that runs it
    experiments_of   the experiments of a body, found by walking this package
    run_experiments  all of them into a run folder

A record is plain data with at least `experiment`, `name` and `as_expected` (None where nothing is expected).
"""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from pkgutil import iter_modules
from typing import Any, Literal, Protocol

from numerics.archive import write_text

Budget = Literal["quick", "full"]
Record = dict[str, Any]
Progress = Callable[[str, int, int], None]  # (what is done, steps finished, steps in total)


class Run(Protocol):
    """Runs an experiment into the folder `out`, which exists, and returns its records."""

    def __call__(self, out: Path, *, budget: Budget, seed: int, progress: Progress | None) -> list[Record]: ...


@dataclass(frozen=True)
class Experiment:
    """One experiment; `title` is what a progress bar and a report call it."""

    name: str
    body: str
    title: str
    run: Run


def experiments_of(body: str) -> tuple[Experiment, ...]:
    """The experiments of a body ("all": of every body), in the order of their module names."""
    package = importlib.import_module("verify.experiments")
    found: list[Experiment] = []
    for info in sorted(iter_modules(package.__path__), key=lambda i: i.name):
        value = getattr(importlib.import_module(f"verify.experiments.{info.name}"), "EXPERIMENT", None)
        if isinstance(value, Experiment) and body in ("all", value.body):
            found.append(value)
    return tuple(found)


def run_experiments(
    experiments: Sequence[Experiment],
    folder: Path,
    *,
    budget: Budget = "quick",
    seed: int = 0,
    progress: Progress | None = None,
) -> list[Record]:
    """Run each into `folder`/experiments/NAME, write its records there as records.json, and return all records."""
    records: list[Record] = []
    for experiment in experiments:
        out = folder / "experiments" / experiment.name
        out.mkdir(parents=True, exist_ok=True)
        found = experiment.run(out, budget=budget, seed=seed, progress=progress)
        text = json.dumps(found, allow_nan=False, ensure_ascii=False, indent=1) + "\n"
        write_text(out / "records.json", text)
        records += found
    return records
