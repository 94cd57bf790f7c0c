"""The training experiment: complete records, expectations that can fail, a run resumed from its trajectory."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import verify.experiments.categorical_training as experiment
from numerics.sources.fixtures import t1
from numerics.training.small_transformer import TrainingSettings
from verify.experiments.categorical_training import Course, Recipe, Rotation, free_descent, measure
from verify.experiments.categorical_training_checks import check_records
from verify.experiments.experiment import experiments_of, run_experiments

BRIEF = Recipe(t1(), TrainingSettings(width=4, layers=1, steps=60, checkpoints=5), cells=2, block=3, rotations=8)
CLAIMS = {
    "cross_entropy_split",
    "cross_entropy_three_way",
    "entropy_gap",
    "surplus_deficit",
    "surplus_bounds",
    "pullback_rank",
    "pullback_spectrum_bounds",
    "moment_matching",
    "spectral_alignment_as_stated",
    "dirichlet_as_stated",
}


@pytest.fixture(scope="module")
def course() -> Course:
    return measure(BRIEF)


def failed(course: Course) -> set[str]:
    return {r["claim"].split("/")[1] for r in check_records(course) if r["as_expected"] is False}


def test_every_claim_is_judged_and_holds(course: Course) -> None:
    judged = {r["claim"].split("/")[1] for r in check_records(course) if r["as_expected"] is not None}
    assert judged == CLAIMS
    assert failed(course) == set()


def test_quantities_agree_with_other_roads(course: Course) -> None:
    s = course.series
    assert course.noise == pytest.approx(0.976466, abs=1e-6)  # the specification's H(W|X) of T1
    assert s["ceiling"] == pytest.approx(np.full(5, 0.114273), abs=1e-6)
    assert (s["pullback rank"] == 2).all()  # V - 1, below the width
    assert (s["effective rank"] <= s["pullback rank"] + 1e-12).all() and (s["effective rank"] >= 1 - 1e-12).all()
    assert (s["largest top eigenvalue"] >= s["top eigenvalue"]).all()
    assert (s["entropy bound by L_KL"] <= math.log(3) + 1e-12).all()
    assert s["L_KL"][-1] < 0.1 * s["L_KL"][0]  # it has been trained
    assert (s["L_KL"] >= 2 * s["tau"] ** 2 - 1e-12).all()  # Pinsker and Jensen
    assert [turned.step for turned in course.rotations] == [0, int(course.steps[2]), 60]


@pytest.mark.parametrize(
    ("name", "change", "claim"),
    [
        ("gap KL", lambda v: v + 2.0, "entropy_gap"),
        ("gap TV", lambda v: v + 2.0, "entropy_gap"),
        ("entropy bound by L_KL", lambda v: 0.5 * v, "entropy_gap"),
        ("misfit", lambda v: v + np.eye(5)[3] * 1e-6, "cross_entropy_three_way"),
        ("L_CE", lambda v: v + 1e-6, "cross_entropy_split"),
        ("deficit", lambda v: -v, "surplus_bounds"),
        ("surplus", lambda v: v * 1.001, "surplus_deficit"),
        ("pullback rank", lambda v: v + np.eye(5)[4], "pullback_rank"),
        ("least pullback rank", lambda v: v - np.eye(5)[0], "pullback_rank"),
        ("top eigenvalue bound", lambda v: 0.25 * v, "pullback_spectrum_bounds"),
        ("moment bound", lambda v: 0.25 * v, "moment_matching"),
    ],
)
def test_a_broken_expectation_is_noticed(
    course: Course, name: str, change: Callable[[np.ndarray], np.ndarray], claim: str
) -> None:
    broken = replace(course, series={**course.series, name: change(course.series[name])})
    assert claim in failed(broken)


def test_broken_rotations_and_energies_are_noticed(course: Course) -> None:
    def with_rotations(change: Callable[[Rotation], Rotation]) -> Course:
        return replace(course, rotations=[change(turned) for turned in course.rotations])

    moved = with_rotations(lambda r: replace(r, alignments=r.alignments * (1 + 1e-6)))
    flat = with_rotations(lambda r: replace(r, losses=np.full_like(r.losses, r.loss)))
    assert failed(moved) == failed(flat) == {"spectral_alignment_as_stated"}
    for name in ("L_CE", "Dirichlet energy"):  # a loss that rises, an energy that falls
        reversed_ = replace(course, free={**course.free, name: course.free[name][::-1]})
        assert failed(reversed_) == {"dirichlet_as_stated"}


def test_free_states_start_near_zero_and_reach_the_noise() -> None:
    from numerics.geometry.head import Head

    free = free_descent(BRIEF, Head(np.array([[1.0, 0.0], [0.0, 1.0], [-1.0, -1.0]])))
    assert free["L_CE"][0] == pytest.approx(math.log(3), abs=0.01)
    assert free["L_CE"][-1] == pytest.approx(0.976466, abs=1e-4)
    assert free["Dirichlet energy"][0] < 1e-3 < free["Dirichlet energy"][-1]


def test_the_run_is_found_complete_and_resumed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("BOUNDLAB_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(experiment, "recipes", lambda budget, seed: (BRIEF,))
    chosen = [e for e in experiments_of("categorical") if e.name == "categorical_training"]
    seen: list[tuple[int, int]] = []
    records = run_experiments(chosen, tmp_path, progress=lambda what, done, total: seen.append((done, total)))
    out = tmp_path / "experiments" / "categorical_training"
    assert json.loads((out / "records.json").read_text()) == records and seen == [(1, 1)]
    curves = {r["name"]: r for r in records if "values" in r}
    assert {"L_CE", "noise", "representation", "misfit", "gap KL", "entropy bound by tau", "entropy bound by L_KL",
            "entropy KL", "surplus", "deficit", "pullback rank", "effective rank", "top eigenvalue", "alignment",
            "Dirichlet energy", "Rayleigh quotient", "moment residual"} <= set(curves)  # fmt: skip
    assert all(len(r["values"]) == len(r["steps"]) for r in curves.values())
    assert len([r for r in records if r["name"] == "rotated whitened states"]) == 3
    (files,) = [r["files"] for r in records if r["name"] == "plots"]
    assert files == ["categorical-training-t1.png"] and (out / files[0]).read_bytes().startswith(b"\x89PNG")
    (kept,) = (tmp_path / "cache" / "training").glob("*.npz")
    assert kept.stem == records[0]["trajectory"]

    def untrained(*_: object) -> None:
        raise AssertionError("trained again")

    monkeypatch.setattr("numerics.training.small_transformer._run", untrained)
    assert run_experiments(chosen, tmp_path) == records
