"""Networks of two concepts at many settings, trained together, and the grids that say where they should learn.

Main definitions
    grid_at         concepts of the standard set over arrays of constants
    largest_lambda  up to where concepts/init_threshold speaks
    Networks        what is trained
    trained         the networks at their end, kept in the run folder

Learned: beta > 1/2 at the end. Source: specification `concepts`, 4.3.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import numpy as np
from numpy.typing import NDArray

from numerics.archive import read_arrays, write_arrays
from numerics.concepts.dictionary import Dictionary, draw_dictionary
from numerics.concepts.grid import Grid
from numerics.concepts.prompts import Sampler
from numerics.concepts.threshold import own_ratios

if TYPE_CHECKING:
    from numerics.concepts.network import Parameters

Floats = NDArray[np.float64]
Entry = TypeVar("Entry")
NEURONS, N_B, NORM_C, NORM_D = 20, 2.0, 6.0, 2.0  # m, |b|^2, |c|^2, |d|^2 of the standard set (D11)
UNIFORM = 0.5  # pi_k of two concepts
LEARNED = 0.5  # beta from which a concept counts as learned
TOLERANCE = 0.1  # of the ratio of a threshold to the formula
LONG = 10  # steps of a diagram over gamma: a threshold found then is about 1 % above that of an endless run


def grid_at(lam: Floats, pi: float | Floats = UNIFORM, share: float = 1.0) -> Grid:
    """Concepts of the standard set, of which a share of the neurons is active."""
    kappa_d, kappa_c = share * NORM_D / NEURONS, share * NORM_C / NEURONS
    return Grid(lam, np.asarray(pi), np.asarray(kappa_d), np.asarray(kappa_c), np.asarray(N_B))


def largest_lambda(share: float, pi: float = UNIFORM) -> float:
    """Up to it the hypotheses of concepts/init_threshold hold: 40 lambda^2 m <= pi^2 phi |d|^2 |b|^2 and
    4 lambda <= pi |b|^2."""
    return float(min(pi * np.sqrt(share * NORM_D * N_B / (40 * NEURONS)), pi * N_B / 4))


@dataclass(frozen=True)
class Networks:
    """Networks of two concepts that are trained together, a weight decay and an initial scale for each.

    Attributes
        batch  0: the exact population of clean prompts, in as many dimensions as there are atoms
        rare   probability of the second concept, for each network; None: 1/2
        tested fresh prompts of each network at the end
    """

    name: str
    lam: tuple[float, ...]
    sigma_0: tuple[float, ...]
    sigma_1: float
    gamma: float
    steps: int
    batch: int
    width: int = 4
    irrelevant: int = 0
    noise: float = 0.0
    rare: tuple[float, ...] | None = None
    tested: int = 0

    @property
    def sampler(self) -> Sampler:
        """Balanced labels on four demonstrations; irrelevant atoms as rare as the task concepts' parts."""
        activity = 1 / (4 + self.irrelevant) if self.irrelevant else 0.0
        return Sampler(4, irrelevant=activity, word_noise=self.noise, label_noise=self.noise)


@dataclass(frozen=True, eq=False)
class Found:
    """beta, own ratio and error given the concept of each network and concept, (S, 2)."""

    beta: Floats
    own: Floats
    error: Floats


def trained(out: Path, task: Networks, seed: int) -> Found:
    """The networks at their end, read from the run folder where they were trained before."""
    path = out / "trials" / f"{task.name}-{len(task.lam)}-{task.steps}-{seed}.npz"
    if path.exists():
        held = read_arrays(path, "set of trained networks", ("task", "beta", "own", "error"))
        if str(held["task"]) == repr(task):
            return Found(held["beta"], held["own"], held["error"])
    found = _train(task, seed)
    write_arrays(path, {"task": np.array(repr(task)), "beta": found.beta, "own": found.own, "error": found.error})
    return found


def _train(task: Networks, seed: int) -> Found:
    import torch  # seconds to load: only where networks are trained

    from numerics.concepts.recorder import quadratic
    from numerics.concepts.threshold import activation
    from numerics.concepts.training import Setting, advance, start

    S = len(task.lam)
    atoms = draw_dictionary(np.random.default_rng([seed, 1]), 2, task.irrelevant, task.width)
    laws = None if task.rare is None else tuple((1 - share, share) for share in task.rare)
    setting = Setting(
        task.sampler,
        task.lam,
        task.sigma_0,
        gamma=task.gamma,
        neurons=NEURONS,
        batch=task.batch,
        sigma_1=task.sigma_1,
        probabilities=laws,
    )
    with torch.no_grad():
        run = start(setting, atoms, np.random.default_rng([seed, 2]))
        begun = activation(run.parameters, atoms, settled=True)
        run = advance(run, task.steps)
        pi = np.full((S, 2), UNIFORM) if laws is None else np.array(laws)
        grid = grid_at(np.array(task.lam)[:, None], pi)
        own = own_ratios(grid, np.array(task.sigma_0), begun)
        error = _errors(run.parameters, task, atoms, seed) if task.tested else np.full((S, 2), np.nan)
        return Found(quadratic(run.parameters, atoms.b), own, error)


def _errors(parameters: Parameters, task: Networks, atoms: Dictionary, seed: int) -> Floats:
    """Error of each network given each concept, (S, 2), on fresh prompts that all networks are shown."""
    from numerics.concepts.network import batch_of, errors, forward

    rng = np.random.default_rng([seed, 3])
    found = []
    for k in range(2):
        law = np.eye(2)[k]
        prompts = task.sampler.sample(rng, atoms, (task.tested,), law)
        batch = batch_of(prompts, parameters.seeds, shared=True)
        found.append(errors(forward(parameters, batch), batch).numpy())
    return np.stack(found, axis=1)


def split(found: Found, entries: Sequence[Entry]) -> list[tuple[Entry, Floats, Floats]]:
    """The networks of each entry, which are equally many."""
    parts = len(entries)
    return list(zip(entries, np.split(found.beta, parts), np.split(found.error, parts), strict=True))


def numbers(values: Floats) -> list[float | None]:
    """None where there is none: JSON has no infinity."""
    return [float(value) if np.isfinite(value) else None for value in values]
