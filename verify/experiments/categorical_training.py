"""A small transformer before, during and after training on exact finite sources (experiments E5, E9 and part of E6).

Main definitions
    Recipe, recipes       which source, which network, how many cells and rotations; by budget
    Course, measure       every quantity at every checkpoint of a run
    rotate                alignment and log-loss of the whitened states under random rotations
    free_descent          free states from near 0 under a fixed unembedding: small initialisation

What the claims say of a course: verify.experiments.categorical_training_checks.

The source gives p_x exactly and the network is trained on the exact loss, so nothing here is an estimate. The states
are the network's own, one a context, except where `cells` is named: there H is the k-means cell of the state, and the
head is read at the cell's mean state. Nats; steps are optimiser steps.
Source: specification `categorical`, 2.0 (MN), 2.2 to 2.4, 2.6, 2.7, 5.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.special import xlogy

from numerics.drafting.acceptance import phi
from numerics.geometry.head import Head, centred_rank, centred_unembedding, logits, prototypes, row_diameter
from numerics.geometry.head import rows as head_rows
from numerics.geometry.pullback import effective_rank, metric_factor
from numerics.information.categorical_entropy import average
from numerics.information.divergences import kl, named, total_variation
from numerics.similarity.dirichlet import dirichlet_energy, variance
from numerics.similarity.kernels import bhattacharyya
from numerics.sources.finite import FiniteSource, block_terms, by_state
from numerics.sources.fixtures import t1
from numerics.sources.random_sources import random_source
from numerics.sources.windows import kmeans_states
from numerics.spectral.alignment import alignment, cross_entropy, moment_residuals
from numerics.spectral.whitened import whitened_model
from numerics.training.small_transformer import TrainingSettings, cache_directory, train_on_source
from numerics.training.trajectory import TrainingCheckpoint
from verify.experiments.categorical_training_checks import check_records, rotation_records, series_records
from verify.experiments.experiment import Budget, Experiment, Progress, Record

FloatArray = NDArray[np.float64]
RANK_TOLERANCE = 1e-10  # relative, of singular values
STARTS = 8  # of k-means
ENTROPIES = ("KL", "TV", "Hel2", "JS")


@dataclass(frozen=True, eq=False)
class Recipe:
    """A run: cells of the quantised states, tokens of the block, rotations at each of three checkpoints."""

    source: FiniteSource
    settings: TrainingSettings
    cells: int
    block: int = 2
    rotations: int = 100


@dataclass(frozen=True, eq=False)
class Rotation:
    """Whitened states at one checkpoint, as they are and under R random orthogonal maps: two arrays (R,)."""

    step: int
    loss: float
    alignment: float
    losses: FloatArray
    alignments: FloatArray


@dataclass(frozen=True, eq=False)
class Course:
    """Quantities at the checkpoints of a run, by name, each (C,); `free` those of the free states, one a step (S,)."""

    recipe: Recipe
    key: str
    steps: NDArray[np.int64]
    series: Mapping[str, FloatArray]
    rotations: Sequence[Rotation]
    free: Mapping[str, FloatArray]

    @property
    def noise(self) -> float:
        """H(W | X) of the source."""
        return float(self.series["noise"][0])


def recipes(budget: Budget, seed: int) -> tuple[Recipe, ...]:
    """T1 with more width than tokens, and twelve peaked random rows with less: the two regimes of the pullback rank."""
    random = random_source(np.random.default_rng([seed, 0xCA7]), 12, 6, 2, 4, concentration=0.5)
    drawn = replace(random, name="twelve random contexts")
    if budget == "full":
        settings = TrainingSettings(steps=2000, checkpoints=200, seed=seed)
        return Recipe(t1(), settings, 2, 3, 1000), Recipe(drawn, replace(settings, width=4), 4, 2, 1000)
    settings = TrainingSettings.quick(seed)
    return Recipe(t1(), settings, 2, 3), Recipe(drawn, replace(settings, width=4), 4)


def run_categorical_training(out: Path, *, budget: Budget, seed: int, progress: Progress | None) -> list[Record]:
    """Records of all recipes, and one figure for each in `out`. A run that has been made before is read from the cache
    (from `out` where the cache is off)."""
    from verify.experiments.categorical_training_plots import draw_course

    records: list[Record] = []
    chosen = recipes(budget, seed)
    for i, recipe in enumerate(chosen):
        course = measure(recipe, cache_directory() or out)
        found = [*series_records(course), *rotation_records(course), *check_records(course)]
        label = recipe.source.name
        same = {"experiment": "categorical_training", "source": label, "seed": seed, "trajectory": course.key}
        records += [same | record for record in found]
        name = f"categorical-training-{label.lower().replace(' ', '-')}.png"
        records.append(same | {"name": "plots", "files": [draw_course(out / name, course).name], "as_expected": None})
        if progress is not None:
            progress(f"transformer on {label}", i + 1, len(chosen))
    return records


def measure(recipe: Recipe, directory: Path | None = None) -> Course:
    """Train, or read the trajectory kept in `directory`, and measure every checkpoint."""
    trajectory = train_on_source(recipe.source, recipe.settings, directory)
    seen = [measure_checkpoint(recipe, checkpoint) for checkpoint in trajectory]
    series = {name: np.array([row[name] for row in seen]) for name in seen[0]}
    last = len(trajectory) - 1
    turned = [rotate(recipe, trajectory[place]) for place in sorted({0, last // 2, last})]
    free = free_descent(recipe, trajectory[last].head)
    return Course(recipe, trajectory.key, trajectory.steps, series, turned, free)


def measure_checkpoint(recipe: Recipe, checkpoint: TrainingCheckpoint) -> dict[str, float]:
    """Every quantity of one checkpoint, by the names that the records use."""
    source, head = recipe.source, checkpoint.head
    mu, p, q = source.mu, source.laws[0], checkpoint.rows
    loss, tau = float(mu @ kl(p, q)), float(mu @ total_variation(p, q))
    found = {"L_CE": checkpoint.loss, "noise": float(mu @ _entropies(p)), "L_KL": loss, "tau": tau}
    for name in ENTROPIES:
        of_model = average(named(name), q, mu)
        found[f"entropy {name}"] = of_model
        found[f"gap {name}"] = abs(of_model - average(named(name), p, mu))
    found["entropy bound by tau"] = phi(min(1.0, tau), source.V)
    found["entropy bound by L_KL"] = phi(min(1.0, math.sqrt(loss / 2)), source.V)
    found |= _quantised(recipe, checkpoint)
    factors = [np.linalg.svd(metric_factor(head, h), compute_uv=False) for h in checkpoint.states]
    found["pullback rank"] = float(max((s > RANK_TOLERANCE * s[0]).sum() for s in factors))
    found["least pullback rank"] = float(min((s > RANK_TOLERANCE * s[0]).sum() for s in factors))
    found["rank of the centred unembedding"] = float(centred_rank(head, RANK_TOLERANCE))
    found["effective rank"] = float(mu @ np.array([effective_rank(np.asarray(s**2)) for s in factors]))
    found["top eigenvalue"] = float(mu @ np.array([s[0] ** 2 for s in factors]))
    found["largest top eigenvalue"] = float(max(s[0] ** 2 for s in factors))
    diameter = row_diameter(head).upper
    found["top eigenvalue bound"] = diameter**2 / 4
    found["moment residual"] = float(mu @ np.linalg.norm(moment_residuals(head, p, checkpoint.states), axis=1))
    found["moment bound"] = diameter * tau  # a difference of means of g is carried by a coupling that moves TV
    energy, quotient = _dirichlet(source, head, checkpoint.states)
    found |= {"Dirichlet energy": energy, "Rayleigh quotient": quotient}
    model = whitened_model(head, checkpoint.states, mu)
    found["alignment"] = alignment(model.states, prototypes(model.head, p), mu)
    return found


def rotate(recipe: Recipe, checkpoint: TrainingCheckpoint) -> Rotation:
    """Orthogonal maps of the whitened states under a head that stays: the alignment cannot tell them apart."""
    source = recipe.source
    mu, p = source.mu, source.laws[0]
    rng = np.random.default_rng([recipe.settings.seed, checkpoint.step, 0x407])
    model = whitened_model(checkpoint.head, checkpoint.states, mu)
    size = model.states.shape[1]
    targets = prototypes(model.head, p)
    turned = [model.states @ np.linalg.qr(rng.standard_normal((size, size)))[0] for _ in range(recipe.rotations)]
    return Rotation(
        checkpoint.step,
        cross_entropy(model.head, p, model.states, mu),
        alignment(model.states, targets, mu),
        np.array([cross_entropy(model.head, p, states, mu) for states in turned]),
        np.array([alignment(states, targets, mu) for states in turned]),
    )


def free_descent(recipe: Recipe, head: Head, scale: float = 1e-2) -> dict[str, FloatArray]:
    """Gradient descent on free states under a head that stays, from normal states of that scale.

    The loss of a context is convex and 1/4 diam^2-smooth in its state, so steps of 4 / diam^2 lower it every time.
    """
    source, p = recipe.source, recipe.source.laws[0]
    rng = np.random.default_rng([recipe.settings.seed, 0xF4EE])
    states = scale * rng.standard_normal((source.contexts, head.width))
    rate = 4 / row_diameter(head).upper ** 2
    seen: list[tuple[float, float, float]] = []
    for _ in range(recipe.settings.steps + 1):
        seen.append((cross_entropy(head, p, states, source.mu), *_dirichlet(source, head, states)))
        states = states - rate * moment_residuals(head, p, states)
    values = np.array(seen)
    return dict(zip(("L_CE", "Dirichlet energy", "Rayleigh quotient"), values.T, strict=True))


def _quantised(recipe: Recipe, checkpoint: TrainingCheckpoint) -> dict[str, float]:
    """Three-way split, surplus and deficit where H is the k-means cell of the state."""
    source = recipe.source.with_encoder(_cells(recipe, checkpoint.states))
    mu, p, weight = source.mu, source.laws[0], source.state_law
    means = by_state(source, mu[:, None] * checkpoint.states) / weight[:, None]
    model = head_rows(checkpoint.head, means)
    cells = by_state(source, mu[:, None] * p) / weight[:, None]
    terms = block_terms(source, recipe.block)
    return {
        "quantised L_CE": -float(mu @ (p * np.log(model[source.encoder])).sum(axis=1)),
        "quantised noise": float(mu @ _entropies(p)),
        "representation": float(mu @ kl(p, cells[source.encoder])),
        "misfit": float(weight @ kl(cells, model)),
        "surplus": terms.surplus,
        "ceiling": terms.ceiling,
        "deficit": terms.deficit,
    }


def _cells(recipe: Recipe, states: FloatArray) -> NDArray[np.int64]:
    """k-means cells: the best of several starts, so that curves over the steps show the states and not the starts."""
    rng = np.random.default_rng(recipe.settings.seed)
    found = [kmeans_states(states, recipe.cells, rng) for _ in range(STARTS)]

    def spread(labels: NDArray[np.int64]) -> float:
        return float(
            sum(((states[labels == cell] - states[labels == cell].mean(0)) ** 2).sum() for cell in set(labels))
        )

    return min(found, key=spread)


def _dirichlet(source: FiniteSource, head: Head, states: FloatArray) -> tuple[float, float]:
    """Energy and Rayleigh quotient of the centred logits, summed over tokens: the directions v the head can see."""
    seen = logits(Head(centred_unembedding(head)), states)
    energy = float(dirichlet_energy(bhattacharyya(source.laws[0]), source.mu, seen).sum())
    return energy, energy / float(variance(source.mu, seen).sum())


def _entropies(rows: FloatArray) -> FloatArray:
    return np.asarray(-xlogy(rows, rows).sum(axis=1))


EXPERIMENT = Experiment(
    "categorical_training",
    "categorical",
    "a small transformer during training on exact sources",
    run_categorical_training,
)
