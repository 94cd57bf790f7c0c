"""Family panels as records: what is judged passes, a weakened theory does not, a finished panel is not repeated."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import verify.experiments.icl_families
from numerics.icl.families import clique_and_rim, polygon_walk
from numerics.icl.panel import Predictor
from verify.experiments.icl_cases import SIZES, Case, Sizes, cases
from verify.experiments.icl_deviation import deviation_records, measure_deviations, window_model
from verify.experiments.icl_families import Panel, Trained, limit_records, measure_case, panel_records, within_reach

SMALL = Sizes(30, 10, 5, 2000, (200, 2000))


def small(letter: str, family: Any, transitions: int = 120) -> Case:
    return Case(
        letter, family.name, family.states, transitions, 30, 0.99, SMALL, family.kernel, dict(family.parameters)
    )


@pytest.fixture(scope="module")
def polygon(tmp_path_factory: pytest.TempPathFactory) -> Panel:
    return measure_case(small("c", polygon_walk(3)), tmp_path_factory.mktemp("panels"), {}, 0)


def test_every_family_of_the_specification_has_a_panel() -> None:
    for budget in ("quick", "full"):
        found = cases(budget)
        assert len({case.slug for case in found}) == len(found)
        by_letter = {letter: sorted(c.states for c in found if c.letter == letter) for letter in "abcdef"}
        assert by_letter["a"] == [2, 3, 4, 6, 8]
        assert by_letter["b"] == by_letter["c"] == [3, 4, 5, 6]
        assert by_letter["d"] == [9] and by_letter["e"] == [3, 700] and by_letter["f"] == [3] * 4 + [100] * 4
        assert {c.level for c in found if c.letter in "bc"} == {0.99}
        assert all(c.transitions == (100 if c.states == 700 else 1000) for c in found)
    assert SIZES["full"].few_states > SIZES["quick"].few_states


def test_the_slope_and_the_limit_of_a_family_of_known_rate_are_as_expected(polygon: Panel) -> None:
    assert within_reach(polygon)
    ratio, slope = limit_records(polygon, 0)
    assert ratio["as_expected"] is True and slope["as_expected"] is True
    assert ratio["lower"] < 1 < ratio["upper"]
    assert slope["lower"] < -0.5 < slope["upper"]


def test_a_weakened_theory_is_noticed(polygon: Panel) -> None:
    for factor in (0.9, 1.1):
        weakened = replace(polygon, limit_constants=factor * polygon.limit_constants)
        assert limit_records(weakened, 0)[0]["as_expected"] is False
    # A rate of n^-0.45 instead of n^-0.5 bends the measured curve as much the other way.
    bent = replace(polygon, limit_risks=polygon.limit_risks * (polygon.limit_lengths / 2000.0) ** 0.05)
    ratio, slope = limit_records(bent, 0)
    assert ratio["as_expected"] is True and slope["as_expected"] is False


def test_a_chain_that_has_not_mixed_is_not_judged(tmp_path: Path) -> None:
    slow = measure_case(small("d", clique_and_rim()), tmp_path, {}, 0)
    assert not within_reach(slow)
    records = limit_records(slow, 0)
    assert [r["as_expected"] for r in records] == [None, None]
    assert all("not judged" in r["note"] for r in records)
    assert abs(records[0]["value"] - 1) > 0.1  # and the limit is indeed not reached


def test_records_are_plain_json_and_name_their_sizes(polygon: Panel) -> None:
    records = panel_records(polygon, 0)
    json.dumps(records, allow_nan=False)
    assert all(r["chains"] == 30 and r["family"] == "polygon walk" and r["states"] == 3 for r in records)
    known = next(r for r in records if r["name"] == "profile")
    assert known["period"] == 1 and known["t_min of tokens"] == [12.5, 12.5]
    curves = {(r["name"], r["measure"], r["predictor"]) for r in records if "mean" in r}
    assert ("risk", "TV", "counting") in curves and ("running mean", "TV", "add-1") in curves
    assert ("risk", "KL", "counting") not in curves  # infinite


def test_a_transformer_is_fitted_beside_counting_on_the_same_lengths(tmp_path: Path) -> None:
    uniform = Predictor(lambda prompts: np.full((*prompts.shape, 3), 1 / 3), 48)
    panel = measure_case(small("c", polygon_walk(3)), tmp_path, {3: Trained(uniform, "u")}, 0)
    slopes = {(r["predictor"], r["name"], r["last"]): r for r in panel_records(panel, 0) if "last" in r}
    assert slopes["transformer", "slope", 47]["value"] == pytest.approx(0.0, abs=1e-12)  # it learns nothing
    assert {last for name, _, last in slopes if name == "counting"} == {47, 120}
    assert {last for name, _, last in slopes if name == "transformer"} == {47}


def test_a_finished_panel_is_loaded_and_another_recipe_is_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    case = replace(small("c", polygon_walk(4)), sizes=replace(SMALL, limit_chains=40))
    first = measure_case(case, tmp_path, {}, 0)
    assert len(list(tmp_path.iterdir())) == 1

    def fail(*_: Any) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr(verify.experiments.icl_families, "measure_panel", fail)
    again = measure_case(case, tmp_path, {}, 0)
    assert panel_records(again, 0) == panel_records(first, 0)
    model = {4: Trained(Predictor(lambda prompts: np.full((*prompts.shape, 4), 0.25), 20), "u")}
    for other in (lambda: measure_case(case, tmp_path, {}, 1), lambda: measure_case(case, tmp_path, model, 0)):
        with pytest.raises(KeyboardInterrupt):
            other()
    assert len(list(tmp_path.iterdir())) == 1  # nothing half-made is left


def test_deviations_stay_below_the_bounds_that_hold() -> None:
    found = measure_deviations(400, 200, np.random.default_rng(0))
    assert abs(found.gaps.mean(axis=0)).max() < 0.02  # R is the mean of R-hat
    records = deviation_records(found)
    json.dumps(records, allow_nan=False)
    assert [r["as_expected"] for r in records] == [None, True, True, True, None]
    # A bound that a fifth of the prompts break is told from one that a twentieth may break.
    broken = replace(found, bounds={name: np.quantile(found.gaps, 0.8, axis=0) for name in found.bounds})
    assert [r["as_expected"] for r in deviation_records(broken)] == [None, False, False, False, None]


def test_the_window_model_is_add_one_in_the_window() -> None:
    table = window_model(2, 3)  # windows 0, 1, 00, 01, 10, 11, 000, ...
    assert table.shape == (14, 2)
    np.testing.assert_allclose(table[2], [2 / 3, 1 / 3])  # 00: one transition 0 -> 0
    np.testing.assert_allclose(table[8], [1 / 3, 2 / 3])  # 010: one transition 0 -> 1, asked about after 0
