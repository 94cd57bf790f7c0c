"""Where learning starts and the reduced dynamics: thresholds by definition, records that can fail, resumption."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from numerics.concepts.dictionary import draw_dictionary
from numerics.concepts.grid import learned
from numerics.concepts.network import random_start, symmetric_start
from numerics.concepts.threshold import (
    Activation,
    activation,
    best_cut,
    crossing,
    formula_starts,
    map_starts,
    own_ratios,
)
from verify.experiments import concepts_phase as phase
from verify.experiments import concepts_reduced as reduced
from verify.experiments import concepts_reduced_limits as limits
from verify.experiments.concepts_phase_networks import Networks, grid_at, largest_lambda, trained
from verify.experiments.concepts_phase_rarity import RARE, rare_record, rarity_diagram

torch.set_num_threads(1)
ATOMS = draw_dictionary(np.random.default_rng(0), 2, 0, 4)
TINY = phase.Sizes(6, 8, 3, 6, 2, 20.0, 1, 12, 3, 3)


# -- thresholds ------------------------------------------------------------------------------------------------------


def test_formula_is_that_of_the_specification():
    found = formula_starts(grid_at(np.array([0.002, 0.02])), 1.0)
    np.testing.assert_allclose(found, [0.0198691765315920, 0.198691765315920], rtol=1e-13)
    assert float(formula_starts(grid_at(np.array(0.02)), 0.5)) == pytest.approx(0.280992589241629, rel=1e-13)
    # The share of active neurons scales kappa_d.
    np.testing.assert_allclose(formula_starts(grid_at(np.array(0.02), share=0.5)), formula_starts(grid_at(0.02), 0.5))
    assert largest_lambda(1.0) == pytest.approx(0.5 * math.sqrt(1 / 200), rel=1e-12)


def test_threshold_of_the_map_parts_forgotten_from_learned_near_the_formula():
    grid = grid_at(np.array([0.001, 0.01, 0.03]))
    low, high = map_starts(grid, 50, 500)
    assert (low < high).all() and (high / low < 1 + 1e-5).all()
    assert learned(grid, high, 50, 500).all() and not learned(grid, low, 50, 500).any()
    np.testing.assert_allclose(high / formula_starts(grid), 1, atol=0.03)
    assert np.isinf(map_starts(grid_at(np.array([0.2])), 50, 500)[0]).all()  # above the largest lambda: never


def test_activation_by_its_definition():
    parameters = random_start(np.random.default_rng(3), ATOMS, 6, [0.1, 0.2], 0.5)
    found = activation(parameters, ATOMS)
    for s in range(2):
        for k in range(2):
            active = [i for i in range(6) if float(parameters.W_O[s, i] @ torch.tensor(ATOMS.c[k])) > 0]
            signs = [1 / 6] * 3 + [-1 / 6] * 3
            read = sum(signs[i] * float(parameters.W_O[s, i] @ torch.tensor(ATOMS.d[k])) for i in active)
            assert found.share[s, k] == pytest.approx(len(active) / 6)
            assert found.readout[s, k] == pytest.approx(read, abs=1e-14)
    symmetric = activation(symmetric_start(ATOMS, 6, 0.3, p_0=0.2), ATOMS, settled=True)
    assert symmetric.share.tolist() == [[1, 1]]  # its output is 0 from the start: nothing is to settle
    np.testing.assert_allclose(symmetric.readout, 0.2, rtol=1e-12)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from([4, 10, 20]))
def test_settled_output_is_0(seed, neurons):
    parameters = random_start(np.random.default_rng(seed), ATOMS, neurons, [0.1] * 3, 0.2)
    before, after = activation(parameters, ATOMS), activation(parameters, ATOMS, settled=True)
    assert (after.share <= before.share).all()
    along, half = parameters.W_O.numpy() @ ATOMS.c.T, neurons // 2
    for s in range(3):
        for k in range(2):
            plus, minus = np.maximum(along[s, :half, k], 0), np.maximum(along[s, half:, k], 0)
            if not (plus.any() and minus.any()):
                continue
            # Shift until both sides sum to the same: the shift is a root of a falling function, found here by Brent.
            from scipy.optimize import brentq

            def gap(delta, plus=plus, minus=minus):
                return np.maximum(plus - delta, 0)[plus > 0].sum() - np.maximum(minus + delta, 0)[minus > 0].sum()

            top = max(plus.max(), minus.max())
            delta = brentq(gap, -top, top, xtol=1e-14)
            left = ((plus > 0) & (plus > delta + 1e-9)).sum() + ((minus > 0) & (minus > -delta + 1e-9)).sum()
            assert after.share[s, k] * neurons == pytest.approx(left, abs=1e-9)


def test_own_ratio_is_1_at_the_formula():
    grid = grid_at(np.array([[0.02], [0.002]]))
    share = np.array([[1.0, 0.25], [0.5, 0.1]])
    found = Activation(share, np.zeros((2, 2)))
    for k in range(2):
        scales = formula_starts(grid_at(np.array([0.02, 0.002])), share[:, k])
        np.testing.assert_allclose(own_ratios(grid, scales, found)[:, k], 1, rtol=1e-10)
    ahead = own_ratios(grid, [0.1, 0.1], Activation(share, np.full((2, 2), 0.01)))
    assert (ahead > own_ratios(grid, [0.1, 0.1], found)).all()  # a read-out that is right already helps


@settings(max_examples=80, deadline=None)
@given(st.lists(st.tuples(st.floats(0.1, 10), st.booleans()), min_size=2, max_size=12))
def test_best_cut_leaves_the_fewest_errors(points):
    x, y = np.array([p[0] for p in points]), np.array([p[1] for p in points])
    if y.all() or not y.any():
        with pytest.raises(ValueError, match="expected some and not all"):
            best_cut(x, y)
        return
    low, high, errors = best_cut(x, y)
    cuts = np.concatenate([[0.05], np.unique(x) * (1 - 1e-9), [11.0]])
    wrong = [int(((x > cut) != y).sum()) for cut in cuts]
    assert errors == min(wrong)
    best = [cut for cut, count in zip(cuts, wrong, strict=True) if count == errors]
    assert low <= best[0] and best[-1] <= high


def test_crossing_finds_the_middle_of_a_logistic_curve():
    rng = np.random.default_rng(1)
    x = np.exp(rng.uniform(-1.5, 1.5, 4000))
    y = rng.random(4000) < 1 / (1 + np.exp(-(np.log(x) - math.log(1.3)) / 0.15))
    assert crossing(x, y) == pytest.approx(1.3, rel=0.03)
    assert crossing([0.5, 0.9, 1.1, 2.0], [False, False, True, True]) == pytest.approx(math.sqrt(0.99), rel=0.01)


# -- the phase experiment --------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("phase")


@pytest.fixture(scope="module")
def records(folder):
    return phase.run_sizes(folder, TINY, seed=3)


def test_records_are_complete(records, folder):
    json.dumps(records, allow_nan=False)
    assert all({"experiment", "name", "as_expected"} <= set(record) for record in records)
    by_name = {record["name"]: record for record in records}
    assert by_name["threshold of the reduced map over the formula, phi = 1"]["as_expected"] is True
    assert by_name["rarest concept that the reduced map learns, over the formula"]["as_expected"] is True
    at = by_name["rarest concept that the reduced map learns, over the formula"]["formula_at_lambda_0.002"]
    assert (at["phi = 1"], at["phi = 1/2"]) == (pytest.approx(0.033, abs=5e-4), pytest.approx(0.047, abs=5e-4))
    # Three steps of training teach nothing: the columns are not as expected, and the records say so.
    assert by_name["networks on fresh noisy prompts, lambda = .02"]["as_expected"] is False
    assert by_name["rare concepts of networks on fresh noisy prompts, lambda = .002"]["as_expected"] is False
    for name in by_name["plots"]["files"]:
        assert (folder / name).read_bytes().startswith(b"\x89PNG")


def test_a_second_run_reads_what_was_trained(records, folder, monkeypatch):
    import numerics.concepts.training as training

    monkeypatch.setattr(training, "advance", lambda *_: pytest.fail("trained again"))
    assert phase.run_sizes(folder, TINY, seed=3) == records


def test_other_networks_are_not_taken_for_these(folder, records):
    task = Networks("population", (0.02,), (0.6,), sigma_1=0.003, gamma=20.0, steps=120, batch=0)
    found = trained(folder, task, 3)
    assert trained(folder, replace(task, sigma_0=(0.05,)), 3).beta.max() < 0.5 < found.beta.min()


def test_expectations_of_the_diagrams_can_fail():
    good = phase.map_diagram(TINY)
    assert good.records()[0]["as_expected"] is True
    assert replace(good, threshold=good.threshold * 1.15).records()[0]["as_expected"] is False
    rare = rarity_diagram(6, 8, 20.0)
    assert rare.records()[0]["as_expected"] is True
    assert replace(rare, threshold=rare.threshold * 0.85).records()[0]["as_expected"] is False


def test_expectations_of_the_networks_can_fail():
    # Concepts that are learned exactly where their own ratio exceeds 1, shares spread like a binomial's.
    rng = np.random.default_rng(0)
    lam, sigma_0 = np.geomspace(0.004, 0.02, 4), np.geomspace(0.02, 0.9, 24)
    share = rng.binomial(20, 0.5, (4, 24, 6, 2)).clip(1) / 20
    own = sigma_0[:, None, None] / (formula_starts(grid_at(lam))[:, None, None, None] / np.sqrt(share))
    ideal = phase.NetworkDiagram(lam, sigma_0, np.where(own > 1, 2.0, 0.0), own)
    assert [record["as_expected"] for record in ideal.records()] == [True, True, True]
    late = replace(ideal, beta=np.where(own > 1.3, 2.0, 0.0))
    assert [record["as_expected"] for record in late.records()[:2]] == [False, False]
    early = replace(ideal, beta=np.where(own > 0.5, 2.0, 0.0))
    assert [record["as_expected"] for record in early.records()] == [False, False, False]


def test_columns_of_the_specification_can_fail():
    def found(shares, seeds=8):
        beta = np.concatenate([np.repeat([[2.0], [0.0]], [k, 2 * seeds - k], 0).reshape(seeds, 2) for k in shares])
        return phase.Found(beta, beta, np.zeros_like(beta))

    stated = [learned for _, learned, _ in phase.COLUMN]
    assert phase.column_record(found(stated))["as_expected"] is True
    assert phase.column_record(found([0, 16, 16, 16, 16, 16]))["as_expected"] is False
    assert phase.column_record(found([0, 0, 0, 0, 0, 0]))["as_expected"] is False
    rare = np.repeat([share for _, share in RARE], 8)[:, None] / 8 * np.array([1.0, 1.0])
    right = phase.Found(rare, rare, rare)
    assert rare_record(right)["as_expected"] is True
    assert rare_record(phase.Found(1 - rare, rare, rare))["as_expected"] is False


def test_the_committed_picture():
    picture = (Path(__file__).parent.parent / "docs" / "pictures" / "concepts_phase.png").read_bytes()
    assert picture.startswith(b"\x89PNG") and len(picture) < 200_000
    full = phase.sizes_of("quick")
    assert min(full.rows, full.columns, full.lams, full.scales) >= 20


# -- the reduced experiment ------------------------------------------------------------------------------------------


def test_network_follows_the_map_at_three_sizes():
    for shape in reduced.NETWORKS:
        course = reduced.follow(shape, 120, 0)
        record = course.record()
        assert record["as_expected"] is True and record["largest_difference"] <= 1e-12
        assert replace(course, map=course.map + 1e-8).record()["as_expected"] is False
    short = reduced.oracle_record(course)
    assert short["times"] == [100] and short["as_expected"] is False  # other sizes than the standard set's


def test_escapes_sliding_and_saturation():
    left = limits.escapes(4e-3)
    assert limits.escape_record(left)["as_expected"] is True
    assert limits.escape_record(tuple(replace(e, flow=0.9 * e.flow) for e in left))["as_expected"] is False
    sliding = limits.slide(2000, 9.0)
    assert sliding.record()["as_expected"] is True
    wrong = (sliding.both_active, *sliding.limit[1:])
    assert replace(sliding, limit=wrong).record()["as_expected"] is False
    found = limits.saturation()
    assert limits.saturation_record(found)["as_expected"] is True
    assert found[0].beta == 0 and found[0].missing == 0.5  # lambda = .1 is above the largest
    assert limits.saturation_record(tuple(replace(e, p=1.1 * e.p) for e in found))["as_expected"] is False


def test_separatrix_and_the_picture(tmp_path):
    border = reduced.separatrix(replace(reduced.sizes_of("quick"), halvings=12, flow_step=0.05))
    assert border.record()["as_expected"] is True
    assert replace(border, found=1.05 * border.found).record()["as_expected"] is False
    sizes = reduced.Sizes(20, 400, 3, 0.05, 0.01, 1.0)
    records = reduced.run_sizes(tmp_path, sizes, 0)
    json.dumps(records, allow_nan=False)
    assert (tmp_path / records[-1]["files"][0]).read_bytes().startswith(b"\x89PNG")
