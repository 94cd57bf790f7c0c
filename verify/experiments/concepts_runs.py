"""The training runs that the experiments on learned concepts share: made once, kept in the run folder.

Main definitions
    Recipe      sizes of a run, and on which prompts it is tested while it trains
    recipe      the run of a letter (A to E, and S: a small one like B with many seeds), by budget
    trained     the run at its end, taken up where an interrupted one stopped
    reduced     what the reduced map says of a run

Common to all: norms and cosines of D11, lambda = .002, gamma = 2000, sigma_0 = .3, L = 4 balanced labels, random W_O,
fresh prompts with irrelevant atoms and noise. Source: specification `concepts`, 4.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from numerics.concepts.dictionary import Dictionary, draw_dictionary
from numerics.concepts.grid import Grid, beta_of, run_map
from numerics.concepts.prompts import Prompts, Sampler
from verify.experiments.experiment import Budget

if TYPE_CHECKING:
    from numerics.concepts.training import Run, Setting

Floats = NDArray[np.float64]
LAM, GAMMA, SIGMA_0 = 0.002, 2000.0, 0.3
LABEL_DIFFERENCE, LABEL_CONCEPT, WORD_DIFFERENCE, WORD_CONCEPT = 2.0, 6.0, 2.0, 6.0  # |d|^2, |c|^2, |b|^2, |a|^2
ACTIVE = 0.5  # share of the neurons that a random W_O leaves active at the start
CHUNKS = 5  # parts after which a run is saved
TRAIN_SAMPLE = 500  # frozen prompts of the training law
KEPT = "concepts_runs"  # folder beside those of the experiments


@dataclass(frozen=True)
class Recipe:
    """A run.

    Attributes
        name        A to E, S
        d           d_x = d_y
        concepts    K_1
        irrelevant  K_2
        neurons, sigma_1, noise, batch, steps, seeds   m, scale of W_O, sigma_xi, B, T, S
        every       steps between two records
        prompts     fresh test prompts of each seed a record
        further     more laws to be tested on: name, sampler and, where not uniform, pi
    """

    name: str
    d: int
    concepts: int
    irrelevant: int
    neurons: int
    sigma_1: float
    noise: float
    batch: int
    steps: int
    seeds: int
    every: int
    prompts: int
    further: tuple[tuple[str, Sampler, tuple[float, ...] | None], ...] = ()
    device: str = "cpu"

    @property
    def sampler(self) -> Sampler:
        """The law of the training prompts."""
        rare = 1 / (2 * self.concepts + self.irrelevant)
        return Sampler(4, irrelevant=rare, word_noise=self.noise, label_noise=self.noise)

    @property
    def setting(self) -> Setting:
        """The run as the trainer takes it."""
        from numerics.concepts.training import Setting

        return Setting(
            self.sampler,
            (LAM,) * self.seeds,
            (SIGMA_0,) * self.seeds,
            GAMMA,
            self.neurons,
            self.batch,
            self.sigma_1,
            dtype="float32",
        )

    def dictionary(self, seed: int) -> Dictionary:
        """The atoms of the run; the same for every batch size."""
        return draw_dictionary(
            np.random.default_rng([seed, ord(self.name[0]), 1]), self.concepts, self.irrelevant, self.d
        )

    def key(self, seed: int) -> str:
        """Names the run among all that have been made."""
        return f"{self.name}-{zlib.crc32(repr((self, seed)).encode()):08x}"


def recipe(name: str, budget: Budget) -> Recipe:
    """Run A, B, C, D, E or S; C is the run for a GPU, and smaller where there is none."""
    full = budget == "full"
    if name == "A":
        return Recipe("A", 200, 2, 50, 20, 0.05, 0.1, 64, 1000, 8 if full else 4, 25, 2000 if full else 1000)
    if name == "B":
        b = Recipe("B", 100, 4, 40, 40, 0.05, 0.1, 64, 1500, 32 if full else 8, 50, 2000 if full else 500)
        return replace(b, further=_shifts(b.sampler))
    if name == "C":
        return _large_run()
    if name == "D":
        return Recipe("D", 64, 2, 20, 20, 0.05, 0.1, 32, 160, 64 if full else 32, 10, 4000 if full else 400)
    if name == "E":
        return Recipe("E", 32, 2, 8, 20, 0.05, 0.1, 2, 240, 64 if full else 32, 10, 4000 if full else 500)
    if name == "S":
        return Recipe("S", 32, 4, 8, 40, 0.05, 0.1, 16, 800, 128 if full else 32, 200, 500 if full else 100)
    raise ValueError(f"run {name!r}, expected A, B, C, D, E or S")


def _large_run() -> Recipe:
    import torch

    c = Recipe("C", 3000, 2, 100, 50, 0.02, 0.05, 32, 1000, 8, 20, 2500, device="cuda")
    return c if torch.cuda.is_available() else replace(c, d=500, steps=220, seeds=4, prompts=500, device="cpu")


def _shifts(sampler: Sampler) -> tuple[tuple[str, Sampler, tuple[float, ...] | None], ...]:
    """The laws whose curves are followed while B trains (4.2)."""
    return (
        ("L2", replace(sampler, length=2), None),
        ("L16", replace(sampler, length=16), None),
        ("skew", sampler, (0.85, 0.05, 0.05, 0.05)),
        ("permuted", replace(sampler, label_permutation=(1, 2, 3, 0)), None),
    )


def trained(recipe: Recipe, folder: Path, seed: int, tick: Callable[[int], None] | None = None) -> Run:
    """The run after its last step, with its records; read from `folder` where it was made, or begun, before.

    tick: told the steps done after each chunk. A file that cannot be read is replaced: the run can be made again.
    """
    from numerics.concepts.training import advance, fresh, load, save, start

    path = folder / f"{recipe.key(seed)}.npz"
    setting, run = recipe.setting, None
    if path.exists():
        try:
            run = load(path, setting, recipe.device)
        except ValueError:
            path.unlink()
    if run is None:
        rng = np.random.default_rng([seed, ord(recipe.name[0]), 2, recipe.batch])
        run = start(setting, recipe.dictionary(seed), rng, recipe.device)
    shape, entropy = (recipe.seeds, recipe.prompts), zlib.crc32(recipe.key(seed).encode())
    test = fresh(recipe.sampler, run.dictionary, shape, entropy)
    further = {
        name: fresh(sampler, run.dictionary, (recipe.seeds, max(1, recipe.prompts // 2)), entropy + 1 + i, law)
        for i, (name, sampler, law) in enumerate(recipe.further)
    }
    sample: Prompts = recipe.sampler.sample(np.random.default_rng([entropy]), run.dictionary, (TRAIN_SAMPLE,))
    chunk = recipe.every * max(1, round(recipe.steps / CHUNKS / recipe.every))
    while run.step < recipe.steps:
        until = min(run.step - run.step % chunk + chunk, recipe.steps)
        run = advance(run, until, recipe.every, test, sample, further)
        save(run, path)
        if tick is not None:
            tick(run.step)
    return run


def concept_grid(recipe: Recipe) -> Grid:
    """Constants of the reduced map of one of K_1 equally likely concepts, half of the neurons active."""
    kappa_d, kappa_c = (ACTIVE * norm / recipe.neurons for norm in (LABEL_DIFFERENCE, LABEL_CONCEPT))
    values = (LAM, 1 / recipe.concepts, kappa_d, kappa_c, WORD_DIFFERENCE)
    return Grid(*(np.array(value) for value in values))


def reduced(recipe: Recipe, times: NDArray[np.int64]) -> Floats:
    """beta of the reduced map at the times.

    A random W_O starts with <w_i, c_k> ~ N(0, sigma_1^2 |c|^2): on the active half its mean is sigma_1 |c| sqrt(2/pi),
    and a mean over all neurons is half of that. The map knows neither noise nor the spread between neurons.
    """
    grid = concept_grid(recipe)
    q_0 = ACTIVE * recipe.sigma_1 * math.sqrt(LABEL_CONCEPT) * math.sqrt(2 / math.pi)
    _, _, states = run_map(grid, grid.start(SIGMA_0, q_0), GAMMA, int(times[-1]), every=1)
    return beta_of(grid, states.T)[times]


def alpha_formula(times: NDArray[np.int64]) -> Floats:
    """sigma_0^2 |a|^2 D_t^2: what is left of the attention on concepts, which do not grow."""
    from numerics.concepts.schedule import Schedule

    schedule = Schedule(LAM, GAMMA)
    return np.array([SIGMA_0**2 * WORD_CONCEPT * schedule.decay(int(t)) ** 2 for t in times])
