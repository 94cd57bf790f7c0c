"""The small transformer on a finite source: exact loss, checkpoints, determinism, cache, and claims along training."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest

from numerics.geometry.autograd import metric_by_hessian, metric_by_jvp
from numerics.geometry.bottleneck import log_row_rank
from numerics.geometry.head import centred_rank, log_rows
from numerics.geometry.paths import jeffreys_by_quadrature, segment
from numerics.geometry.pullback import metric
from numerics.geometry.separation import pairwise_path_integrals, separation
from numerics.sources.fixtures import S1_MU, S1_ROWS, s1
from numerics.spectral.alignment import cross_entropy, kl_loss, loss_parts, moment_residuals
from numerics.spectral.whitened import whitened_model
from numerics.training.small_transformer import (
    TrainingSettings,
    cache_directory,
    checkpoint_steps,
    train,
    train_on_source,
    trajectory_key,
)
from numerics.training.trajectory import Trajectory, read_trajectory

CONTEXTS = [(), (0,), (1,), (0, 1), (1, 1), (2, 0, 1)]
BRIEF = TrainingSettings(width=4, layers=1, steps=80, checkpoints=6)


@pytest.fixture(scope="module")
def trajectory() -> Trajectory:
    return train([(x,) for x in range(6)], S1_MU, S1_ROWS, TrainingSettings.quick())


def test_training_reaches_the_entropy_of_the_source(trajectory: Trajectory) -> None:
    assert len(trajectory) == 50 and trajectory.steps[0] == 0 and trajectory.steps[-1] == 400
    assert trajectory.noise == pytest.approx(0.879585, abs=1e-6)
    assert trajectory.losses[0] > trajectory.noise + 0.3
    assert trajectory.losses[-1] == pytest.approx(trajectory.noise, abs=1e-4)
    assert (trajectory.losses >= trajectory.noise - 1e-12).all()


def test_checkpoints_are_consistent(trajectory: Trajectory) -> None:
    for checkpoint in (trajectory[0], trajectory[20], trajectory[-1]):
        assert checkpoint.norm.apply(checkpoint.layer_states[-1]) == pytest.approx(checkpoint.states, abs=1e-12)
        assert log_rows(checkpoint.head, checkpoint.states) == pytest.approx(checkpoint.log_rows, abs=1e-12)
        assert cross_entropy(checkpoint.head, S1_ROWS, checkpoint.states, S1_MU) == pytest.approx(checkpoint.loss)
        assert checkpoint.layer_states.shape == (3, 6, 8) and checkpoint.rows.sum(axis=1) == pytest.approx(np.ones(6))
        assert loss_parts(checkpoint.head, S1_ROWS, checkpoint.states, S1_MU).total == pytest.approx(checkpoint.loss)


def test_geometry_at_checkpoints(trajectory: Trajectory) -> None:
    for checkpoint in (trajectory[0], trajectory[-1]):
        head, state = checkpoint.head, checkpoint.states[2]
        assert metric_by_hessian(head, state) == pytest.approx(metric(head, state), abs=1e-10)
        assert metric_by_jvp(head, state) == pytest.approx(metric(head, state), abs=1e-10)
        assert centred_rank(head) == 2  # V - 1 below the width: the metric is degenerate
        assert log_row_rank(checkpoint.log_rows) <= 3
        integrals = pairwise_path_integrals(head, checkpoint.states)
        road = jeffreys_by_quadrature(segment(head, checkpoint.states[0], checkpoint.states[4])).value
        assert integrals[0, 4] == pytest.approx(road, abs=1e-8)
    found = separation(trajectory[-1].head, S1_ROWS, trajectory[-1].states, S1_MU)
    assert found.worst_slack >= -1e-10
    assert found.mean_separation > 0 and found.mean_integral >= found.mean_bound


def test_trained_states_can_be_whitened_without_changing_the_loss(trajectory: Trajectory) -> None:
    checkpoint = trajectory[-1]
    found = whitened_model(checkpoint.head, checkpoint.states, S1_MU)
    rank = found.states.shape[1]
    assert rank == 5  # six contexts, centred
    assert S1_MU @ found.states == pytest.approx(np.zeros(rank), abs=1e-9)
    assert found.states.T @ (S1_MU[:, None] * found.states) == pytest.approx(np.eye(rank), abs=1e-6)
    assert log_rows(found.head, found.states) == pytest.approx(checkpoint.log_rows, abs=1e-5)
    assert cross_entropy(found.head, S1_ROWS, found.states, S1_MU) == pytest.approx(checkpoint.loss, abs=1e-8)
    with pytest.raises(ValueError, match="all states are equal"):
        whitened_model(checkpoint.head, np.zeros((6, 8)), S1_MU)


def test_moments_match_near_convergence(trajectory: Trajectory) -> None:
    first, last = trajectory[0], trajectory[-1]
    before = np.abs(moment_residuals(first.head, S1_ROWS, first.states)).max()
    after = np.abs(moment_residuals(last.head, S1_ROWS, last.states)).max()
    assert after < 1e-2 * before
    assert kl_loss(last.head, S1_ROWS, last.states, S1_MU) == pytest.approx(last.loss - trajectory.noise, abs=1e-12)


def test_the_same_recipe_gives_the_same_run_and_another_seed_another() -> None:
    rows = np.random.default_rng(0).dirichlet(np.ones(3), 6)
    first, again = train(CONTEXTS, S1_MU, rows, BRIEF), train(CONTEXTS, S1_MU, rows, BRIEF)
    assert np.array_equal(first.states, again.states) and np.array_equal(first.losses, again.losses)
    other = train(CONTEXTS, S1_MU, rows, TrainingSettings(width=4, layers=1, steps=80, checkpoints=6, seed=1))
    assert not np.array_equal(first.states, other.states)
    assert first.losses[-1] < first.losses[0]


def test_runs_are_kept_and_read_back(tmp_path: Path) -> None:
    made = train(CONTEXTS, S1_MU, S1_ROWS, BRIEF, tmp_path)
    path = tmp_path / f"{trajectory_key(CONTEXTS, S1_MU, S1_ROWS, BRIEF)}.npz"
    assert [file.name for file in tmp_path.iterdir()] == [path.name]
    stamp = path.stat().st_mtime_ns
    read = train(CONTEXTS, S1_MU, S1_ROWS, BRIEF, tmp_path)
    assert path.stat().st_mtime_ns == stamp
    assert np.array_equal(read.log_rows, made.log_rows) and read.key == made.key
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(ValueError, match="not a readable trajectory"):
        read_trajectory(path)
    mended = train(CONTEXTS, S1_MU, S1_ROWS, BRIEF, tmp_path)
    assert np.array_equal(mended.log_rows, made.log_rows) and len(read_trajectory(path)) == 6
    np.savez(path, format=np.array("boundlab source transformer 1"))
    with pytest.raises(ValueError, match="lacks key"):
        read_trajectory(path)


def test_the_key_depends_on_everything_that_matters() -> None:
    base = trajectory_key(CONTEXTS, S1_MU, S1_ROWS, BRIEF)
    nudged = S1_ROWS.copy()
    nudged[0, :2] += (1e-12, -1e-12)
    others = [
        trajectory_key([(5,), *CONTEXTS[1:]], S1_MU, S1_ROWS, BRIEF),
        trajectory_key(CONTEXTS, np.array([0.5, 0.1, 0.1, 0.1, 0.1, 0.1]), S1_ROWS, BRIEF),
        trajectory_key(CONTEXTS, S1_MU, nudged, BRIEF),
        trajectory_key(CONTEXTS, S1_MU, S1_ROWS, TrainingSettings(width=4, layers=1, steps=81, checkpoints=6)),
    ]
    assert len({base, *others}) == 5


def test_a_source_gives_its_contexts_as_symbols() -> None:
    found = train_on_source(s1(), BRIEF)
    assert np.array_equal(found.states, train([(x,) for x in range(6)], S1_MU, S1_ROWS, BRIEF).states)
    assert found.noise == pytest.approx(0.879585, abs=1e-6)


def test_cache_directory_follows_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOUNDLAB_CACHE", "off")
    assert cache_directory() is None
    monkeypatch.setenv("BOUNDLAB_CACHE", "there")
    assert cache_directory() == Path("there/training")
    monkeypatch.delenv("BOUNDLAB_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", "elsewhere")
    assert cache_directory() == Path("elsewhere/boundlab/training")


@pytest.mark.parametrize(("steps", "count"), [(49, 50), (50, 50), (400, 50), (1, 2), (1000, 7)])
def test_checkpoint_steps_increase(steps: int, count: int) -> None:
    found = checkpoint_steps(TrainingSettings(steps=steps, checkpoints=count))
    assert len(found) == count and found[0] == 0 and found[-1] == steps
    assert (np.diff(found) > 0).all()


def test_errors_name_the_place() -> None:
    with pytest.raises(ValueError, match="3 checkpoints of 1 steps"):
        TrainingSettings(steps=1, checkpoints=3)
    with pytest.raises(ValueError, match="learning rate is 0"):
        TrainingSettings(learning_rate=0)
    with pytest.raises(ValueError, match=r"context \(0,\) occurs twice"):
        train([(0,), (0,)], np.full(2, 0.5), S1_ROWS[:2], BRIEF)
    with pytest.raises(ValueError, match="holds a negative symbol"):
        train([(0,), (-1,)], np.full(2, 0.5), S1_ROWS[:2], BRIEF)
    with pytest.raises(ValueError, match="2 contexts and 6 rows"):
        train([(0,), (1,)], S1_MU, S1_ROWS, BRIEF)
    with pytest.raises(ValueError, match="not a multiple of the number of heads"):
        train(CONTEXTS, S1_MU, S1_ROWS, TrainingSettings(width=5, layers=1, steps=2, checkpoints=2))


def test_long_contexts_are_told_apart() -> None:
    contexts = list(itertools.product(range(2), repeat=4))
    rows = np.random.default_rng(1).dirichlet(np.ones(3), 16)
    settings = TrainingSettings(checkpoints=4)
    found = train(contexts, np.full(16, 1 / 16), rows, settings)
    token_only = -float((rows.mean(axis=0) * np.log(rows.mean(axis=0))).sum())
    assert found.losses[-1] < 0.5 * found.noise + 0.5 * token_only  # far below what the token law alone gives
