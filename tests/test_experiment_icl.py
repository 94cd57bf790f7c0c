"""The in-context learning experiment: found by its body, resumed from its folder, and its records say what was seen."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import verify.experiments.experiment
import verify.experiments.icl_cases
import verify.experiments.icl_deviation
from numerics.icl.comparison import compare_predictors, standard_predictors
from numerics.icl.families import constrained_walk
from numerics.icl.pretraining import PretrainingSettings, load_pretrained
from numerics.icl.simulate import random_dirichlet_kernels, sample_chains
from verify.experiments.experiment import Experiment, experiments_of, run_experiments
from verify.experiments.icl import (
    ADD_ONE,
    COUNTING,
    EXACT,
    MODEL,
    Risks,
    check_records,
    curve_records,
    measure_risks,
    run_icl_experiment,
    slope_records,
    train,
)
from verify.experiments.icl_cases import DIRICHLET, Case, Sizes
from verify.experiments.icl_deviation import measure_deviations

BRIEF_3 = replace(PretrainingSettings.brief(3, 0), steps=2)
BRIEF = replace(PretrainingSettings.fast(2, 0), steps=3)  # far from trained: what is tested is the way of the data


def stand_in(model: str, chains: int = 600) -> Risks:
    """Risks of fresh chains in which another predictor plays the transformer."""
    rng = np.random.default_rng(3)
    kernels = random_dirichlet_kernels(chains, 2, rng)
    prompts = sample_chains(kernels, 48, rng)
    predictors = standard_predictors(kernels)
    found = compare_predictors({MODEL: predictors[model]} | predictors, kernels, prompts)
    after = {name: values[:, 1:] for name, values in found.total_variation.items()}
    divergence = {name: values[:, 1:] for name, values in found.kullback_leibler.items()}
    return Risks(2, replace(found, total_variation=after, kullback_leibler=divergence), np.zeros(1))


@pytest.fixture
def brief(monkeypatch: pytest.MonkeyPatch) -> None:
    def fast(states: int = 2, seed: int = 0) -> PretrainingSettings:
        return replace(BRIEF, seed=seed)

    monkeypatch.setattr(PretrainingSettings, "fast", staticmethod(fast))
    monkeypatch.setattr(PretrainingSettings, "brief", staticmethod(lambda states, seed: replace(BRIEF_3, seed=seed)))
    sizes = Sizes(60, 8, 8, 60, (20, 60))
    walk = constrained_walk(3)
    few = (
        Case("a", DIRICHLET, 2, 60, 60, 0.95, sizes),
        Case("b", walk.name, 3, 60, 60, 0.99, sizes, walk.kernel, dict(walk.parameters)),
    )
    monkeypatch.setattr(verify.experiments.icl_cases, "cases", lambda budget: few)
    deviations = measure_deviations(40, 20, np.random.default_rng(0))
    monkeypatch.setattr(verify.experiments.icl_deviation, "measure_deviations", lambda *_: deviations)


def test_the_experiment_belongs_to_markov() -> None:
    assert [e.name for e in experiments_of("markov")] == ["icl"]
    assert "icl" in [e.name for e in experiments_of("all")]
    assert experiments_of("no such body") == () == experiments_of("markov/icl_gap")


def test_add_one_in_place_of_the_model_passes_every_check() -> None:
    checks = check_records(stand_in(ADD_ONE))
    assert [c["as_expected"] for c in checks] == [True, True, True, None]
    assert checks[0]["value"] == 0


def test_a_poor_model_and_an_impossible_one_are_told() -> None:
    risks = stand_in(ADD_ONE)
    worse = {**risks.comparison.total_variation, MODEL: 1.5 * risks.comparison.total_variation[MODEL]}
    checks = check_records(replace(risks, comparison=replace(risks.comparison, total_variation=worse)))
    assert checks[1]["as_expected"] is False
    # The exact kernel knows what no predictor of prompts can know: it beats the Bayes loss.
    assert check_records(stand_in(EXACT))[0]["as_expected"] is False


def test_slopes_of_counting_and_curves_with_bands() -> None:
    risks = stand_in(ADD_ONE)
    slopes = {(r["predictor"], r["name"]): r for r in slope_records(risks, 0)}
    counting = slopes[COUNTING, "slope"]
    assert counting["lower"] < counting["value"] < counting["upper"]
    assert -0.65 < counting["value"] < -0.35
    assert slopes[COUNTING, "slope of the running mean"]["value"] > counting["value"]
    curves = curve_records(risks)
    assert not [r for r in curves if r["measure"] == "KL" and r["predictor"] == COUNTING]  # infinite
    for record in curves:
        lower, mean, upper = (np.array(record[k]) for k in ("lower", "mean", "upper"))
        assert mean.shape == (47,) and (lower <= mean).all() and (mean <= upper).all()
        assert record["transitions"] == list(range(1, 48))


def test_run_writes_records_plots_and_a_checkpoint_and_is_resumed(brief: None, tmp_path: Path) -> None:
    chosen = experiments_of("markov")
    seen: list[tuple[int, int]] = []
    records = run_experiments(
        chosen, tmp_path, budget="quick", seed=0, progress=lambda what, done, total: seen.append((done, total))
    )
    out = tmp_path / "experiments" / "icl"
    assert json.loads((out / "records.json").read_text()) == records
    assert seen == [(1, 3), (2, 3), (3, 3), (1, 2), (2, 2), (1, 2), (2, 2)]  # two trainings, two families
    plots = [name for r in records if r["name"] == "plots" for name in r["files"]]
    assert plots == [
        "icl-d2.png",
        "icl-family-a.png",
        "icl-family-b.png",
        "icl-shift-d3.png",
        "icl-mixing.png",
        "icl-dimension.png",
        "icl-deviation.png",
    ]
    for name in plots:
        assert (out / name).read_bytes().startswith(b"\x89PNG")
    folders = sorted(path.name for path in out.glob("pretraining-*"))
    assert folders == [f"pretraining-d2-{BRIEF.key}", f"pretraining-d3-{BRIEF_3.key}"]
    assert [load_pretrained(out / name).losses.size for name in folders] == [3, 2]
    assert len(list((out / "panels").glob("*.npz"))) == 2
    # An untrained model is far from add-1, and the records say so.
    assert [r["as_expected"] for r in records if "largest ratio" in r["name"]] == [False]
    seen.clear()
    again = run_experiments(
        chosen, tmp_path, budget="quick", seed=0, progress=lambda what, done, total: seen.append((done, total))
    )
    assert again == records
    assert seen == [(1, 2), (2, 2)]  # loaded, not trained again


def test_test_chains_depend_on_the_seed_and_not_on_training(tmp_path: Path) -> None:
    one = measure_risks(train(tmp_path, BRIEF, None), 50, 0)
    same = measure_risks(train(tmp_path / "same", BRIEF, None), 50, 0)
    other = measure_risks(train(tmp_path, BRIEF, None), 50, 1)
    for name in (MODEL, COUNTING):
        np.testing.assert_array_equal(one.comparison.total_variation[name], same.comparison.total_variation[name])
    assert not np.array_equal(one.comparison.total_variation[COUNTING], other.comparison.total_variation[COUNTING])


def test_the_command_line_runs_experiments_and_reports_failures(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from verify.campaign import Request
    from verify.cli.verify import _experiments

    def run(out: Path, *, budget: str, seed: int, progress: Any) -> list[dict[str, Any]]:
        (out / "seen").write_text(f"{budget} {seed}")
        return [{"experiment": "e", "name": "a check", "value": 2.0, "expected": "<= 1", "as_expected": False}]

    fake = Experiment("e", "toy", "a fake", run)
    monkeypatch.setattr(verify.experiments.experiment, "experiments_of", lambda body: (fake,) if body == "toy" else ())
    assert _experiments(Request("other"), tmp_path) == []
    records = _experiments(Request("toy", seed=5), tmp_path)
    assert [r["name"] for r in records] == ["a check"]
    assert (tmp_path / "experiments" / "e" / "seen").read_text() == "quick 5"
    assert "a check: 2.0, expected <= 1" in capsys.readouterr().err
    assert run_icl_experiment is experiments_of("markov")[0].run
