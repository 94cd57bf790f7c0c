"""Experiments and measured claims on joint training: small sizes, expectations that can fail, interrupted runs."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
import torch

from numerics.concepts.dictionary import draw_dictionary
from theory.concepts import measured as stated
from theory.verdict import Grade, Verdict
from verify.concepts import measured
from verify.concepts.measured import Mirrored, signals
from verify.experiments import concepts_ood as ood
from verify.experiments import concepts_panels as panels
from verify.experiments import concepts_rates as rates
from verify.experiments.concepts_runs import Recipe, alpha_formula, recipe, reduced, trained
from verify.experiments.experiment import experiments_of
from verify.instance import Instance
from verify.measurement import context
from verify.precision import Measured, exact
from verify.verdict import judge

torch.set_num_threads(1)
SMALL = Recipe("D", 10, 2, 2, 8, 0.05, 0.1, 8, 120, 30, 20, 40)
WIDE = replace(SMALL, name="B", concepts=4, seeds=4, further=recipe("B", "quick").further)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("experiments")


def test_the_experiments_are_found_and_their_sizes_are_those_of_the_specification():
    found = {e.name for e in experiments_of("concepts")}
    assert {"concepts_panels", "concepts_ood", "concepts_rates"} <= found
    a = recipe("A", "quick")
    assert (a.d, a.concepts, a.irrelevant, a.neurons, a.batch, a.steps) == (200, 2, 50, 20, 64, 1000)
    assert a.sampler.irrelevant == pytest.approx(1 / 54) and a.sampler.word_noise == 0.1
    for name in "DE":
        assert recipe(name, "quick").seeds >= 30
    assert recipe("C", "full").d == (3000 if torch.cuda.is_available() else 500)
    with pytest.raises(ValueError, match="run 'Z', expected A"):
        recipe("Z", "quick")


def test_interrupted_run_goes_on_and_finished_run_is_read(tmp_path):
    whole = trained(SMALL, tmp_path / "whole", 3)

    class Stop(Exception):
        pass

    def stop(step):
        if step >= 60:
            raise Stop

    with pytest.raises(Stop):
        trained(SMALL, tmp_path / "part", 3, stop)
    seen = []
    resumed = trained(SMALL, tmp_path / "part", 3, seen.append)
    assert seen == [80, 100, 120]  # not from the start
    assert torch.equal(whole.parameters.W_Q, resumed.parameters.W_Q)
    assert np.array_equal(whole.records["error"], resumed.records["error"])
    seen.clear()
    assert np.array_equal(trained(SMALL, tmp_path / "part", 3, seen.append).records["beta"], whole.records["beta"])
    assert seen == []
    (path,) = (tmp_path / "part").iterdir()
    path.write_bytes(b"broken")
    assert np.array_equal(trained(SMALL, tmp_path / "part", 3).records["loss"], whole.records["loss"])


def test_panels_have_records_and_a_figure(folder):
    out = folder / "concepts_panels"
    out.mkdir()
    records = panels.run_recipes(out, [SMALL], 1)
    json.dumps(records, allow_nan=False)
    assert all({"experiment", "name", "as_expected"} <= set(r) for r in records)
    by_name = {r["name"]: r for r in records}
    learned = by_name["run D: runs that end learned"]
    assert learned["of"] == 30 and learned["statistical"]
    panel = by_name["run D: means over seeds"]
    assert panel["time"] == list(range(0, 121, 20))
    assert all(
        low <= error <= high
        for error, (low, high) in zip(panel["means"]["error"], panel["error_interval"], strict=True)
    )
    assert by_name["run D: error at step 0"]["as_expected"]
    assert (out / by_name["plots"]["files"][0]).stat().st_size > 10_000


def test_a_printed_number_that_is_off_is_noticed():
    rng = np.random.default_rng(0)
    series = {"time": np.array([0, 20, 40]), "error": 0.3 + 0.02 * rng.standard_normal((3, 30))}
    near = panels.agree(panels.Printed("D", "error", 20, 0.3, 12), SMALL, series)
    assert near["as_expected"] and near["tolerance"] < 0.07
    assert not panels.agree(panels.Printed("D", "error", 20, 0.4, 12), SMALL, series)["as_expected"]
    ends = {"error": np.where(np.arange(30) < 8, 0.3, 0.0)[None]}
    assert not panels.learned_record(SMALL, ends)["as_expected"]  # 22 of 30
    assert panels.learned_record(SMALL, {"error": np.zeros((1, 30))})["as_expected"]


def test_formula_and_map_drawn_on_top():
    assert alpha_formula(np.array([0, 100])) == pytest.approx([0.54, 0.444195823634371], rel=1e-12)
    beta = reduced(recipe("A", "quick"), np.array([0, 500, 1000]))
    assert beta[0] == pytest.approx(0.18) and beta[2] == pytest.approx(3.02, abs=0.02)  # the network's, printed


def test_ood_rows_of_the_specification_are_all_there():
    printed = {row.name: row.printed for row in ood.ROWS if row.printed is not None}
    assert len(printed) == len([r for r in ood.ROWS if r.printed is not None]) == 30
    assert printed["d → -d"] == 1.0 and printed["noise 0.8"] == 0.213 and printed["iid labels, L* = 4"] == 0.063
    assert len({row.name for row in ood.ROWS}) == len(ood.ROWS)


def test_ood_shifts_change_what_they_say():
    atoms = draw_dictionary(np.random.default_rng(0), 4, 1, 12)
    rows = {row.name: row for row in ood.ROWS}
    np.testing.assert_array_equal(rows["d → -d"].shift(atoms).d, -atoms.d)
    np.testing.assert_array_equal(rows["b of the next concept on a"].shift(atoms).b[0], atoms.b[1])
    mixed = rows["mixtures (.7, .7) of neighbours"].shift(atoms)
    np.testing.assert_allclose(mixed.c[3], 0.7 * (atoms.c[3] + atoms.c[0]))
    np.testing.assert_allclose(rows["a* = a + 1.5 b"].shift(atoms).a @ atoms.b[0], [3.0, 0, 0, 0], atol=1e-12)
    assert rows["one match, L* = 64"].change(WIDE.sampler).length == 64
    fresh = rows["fresh dictionary"].shift(atoms)
    assert fresh.cross_product() < 1e-12 and not np.allclose(fresh.a, atoms.a)


def test_ood_rows_on_a_small_network(folder):
    out = folder / "concepts_ood"
    out.mkdir()
    chosen = [r for r in ood.ROWS if r.name in ("balanced, L* = 8", "d → -d", "iid labels, L* = 2", "noise 0.4")]
    many = replace(WIDE, name="S", seeds=30, steps=400, every=200, further=())
    records = ood.run_recipes(out, replace(WIDE, steps=400, every=200), many, 1, rows=chosen)
    json.dumps(records, allow_nan=False)
    of_many = {r["row"]: r for r in records if r.get("run") == "S"}
    assert of_many["d → -d"]["value"] == pytest.approx(1 - of_many["balanced, L* = 8"]["value"], abs=0.05)
    assert of_many["d → -d"]["as_expected"] and of_many["balanced, L* = 8"]["as_expected"]
    assert of_many["iid labels, L* = 2"]["floor"] == 0.25 and of_many["iid labels, L* = 2"]["as_expected"]
    assert len([r for r in records if "row" in r]) == 8
    for name in records[-1]["files"]:
        assert (out / name).stat().st_size > 10_000


@pytest.mark.parametrize(
    ("outcome", "errors", "fits"),
    [
        ("right", [0.0] * 30, True),
        ("right", [0.0] * 22 + [0.1] * 8, False),
        ("wrong", [0.5] * 30, True),
        ("wrong", [0.05] * 30, False),
        ("floor", [0.0625] * 30, True),
        ("floor", [0.02] * 30, False),
    ],
)
def test_an_outcome_is_judged_by_the_exact_interval_of_the_runs(outcome, errors, fits):
    row = ood.Row("a row", outcome, "ood_length")
    record = ood.outcome_record(row, SMALL, np.array(errors), 200)
    assert record["as_expected"] is fits
    assert record["interval"][0] <= record["value"] <= record["interval"][1]


def test_printed_rows_are_judged_within_four_standard_errors():
    row = next(r for r in ood.ROWS if r.name == "noise 0.8")
    near = np.full(4, 0.213) + np.array([0.02, -0.02, 0.01, -0.01])
    assert ood.row_record(row, WIDE, near, 500)["as_expected"]
    assert not ood.row_record(row, WIDE, near + 0.12, 500)["as_expected"]
    zero = next(r for r in ood.ROWS if r.name == "c = 0")
    assert ood.row_record(zero, WIDE, np.zeros(4), 500)["as_expected"]
    assert not ood.row_record(zero, WIDE, np.full(4, 0.02), 500)["as_expected"]


def test_rate_of_an_exact_exponential_is_found():
    times = np.arange(0, 200, 10)
    rng = np.random.default_rng(1)
    mean = np.minimum(0.5, 0.5 * np.exp(-0.05 * (times - 40.0)))
    decay = rates.fit_decay(times, mean[:, None] * np.exp(0.05 * rng.standard_normal((len(times), 40))), rng, 200)
    assert decay.slope == pytest.approx(-0.05, rel=0.02)
    assert decay.slope_interval[0] <= decay.slope <= decay.slope_interval[1]
    assert abs(decay.curvature) < 2e-5
    assert (decay.start, decay.stop) == (50, 160)  # below .4, at least .001
    bent = rates.fit_decay(times, np.tile((0.45 * np.exp(-((times / 60.0) ** 2)))[:, None], 5), rng, 50)
    assert bent.curvature == pytest.approx(-1 / 3600, rel=1e-6)
    with pytest.raises(ValueError, match="fewer than three"):
        rates.fit_decay(times, np.full((len(times), 4), 0.5), rng)


def test_zero_counts_are_not_fitted():
    errors = np.array([0.3, 0.1, 0.0, 0.01, 0.002, 0.0])[:, None] * np.ones(3)
    decay = rates.fit_decay(np.arange(6), errors, np.random.default_rng(0), 20)
    x, y = np.array([0, 1, 3, 4]), np.log([0.3, 0.1, 0.01, 0.002])
    assert decay.slope == pytest.approx(np.polyfit(x, y, 1)[0])


def test_proved_rate_of_frozen_attention():
    """The closed form: by symmetry w lies along the d_k, and the margin m solves lambda m = pi g(m) theta^2 kappa_d."""
    one, theta = recipe("E", "quick"), 0.99
    proved = rates.proved_rate(one, theta)
    kappa = 0.5 * 2 / 20
    m = proved.margin
    assert 0.002 * m == pytest.approx(0.5 * theta**2 * kappa / (1 + math.exp(m)), rel=1e-6)
    R2, D2 = 0.5 * (6 + 2 * theta**2) / 20, 0.5 * 4 * 6 / 20
    assert proved.rate == pytest.approx(0.375 * 2 * 0.002**2 * m**2 / (R2 * D2), rel=1e-3)
    assert rates.proved_rate(replace(one, batch=32), theta).rate == pytest.approx(16 * proved.rate, rel=1e-3)
    assert proved.first > 1e4


def test_rates_have_records_and_figures(folder):
    out = folder / "concepts_rates"
    out.mkdir()
    records = rates.run_recipes(out, [replace(SMALL, name="E", steps=160, every=10)], 2)
    json.dumps(records, allow_nan=False)
    rate = next(r for r in records if r["name"] == "rate of run E, B = 8")
    assert rate["value"] < 0 and rate["orders_loose"] > 1 and rate["proved_rate"] < 0
    assert rate["orders_loose"] == pytest.approx(math.log10(rate["value"] / rate["proved_rate"]))
    assert sum(r["name"].startswith("curvature") for r in records) == 1
    for name in records[-1]["files"]:
        assert (out / name).stat().st_size > 10_000


def test_a_rate_in_proportion_to_the_batch_would_be_noticed():
    def rate(batch, slope):
        return {"run": "E", "batch": batch, "value": slope, "interval": [1.2 * slope, 0.8 * slope]}

    assert rates.batch_record([rate(4, -0.05), rate(32, -0.06)])["as_expected"]
    assert not rates.batch_record([rate(4, -0.05), rate(32, -0.4)])["as_expected"]


def test_derivations_of_the_measured_claims():
    report = stated.ood_outside_span.check()
    assert report.grade is Grade.PROVED
    for claim in (stated.joint_exponential_decay, stated.random_activation):
        assert {step.grade for step in claim.check().steps} == {Grade.GAP}  # they say that nothing backs them


def test_mirror_image_turns_the_output():
    signal, image = signals(Mirrored(), 6, 40, np.random.default_rng(0))
    np.testing.assert_allclose(image, -signal, atol=1e-12)
    assert np.abs(signal).max() > 1e-3
    same, other = signals(Mirrored(steps=1, sigma_1=1.0), 3, 10, np.random.default_rng(1))
    assert (np.sign(same) != 0).all() and np.allclose(same, -other)


@pytest.mark.parametrize("pair", [Mirrored(), Mirrored(steps=0, sigma_1=0.0), Mirrored(concepts=1, neurons=2, steps=5)])
def test_fresh_dictionary_is_guessed(pair):
    claim = stated.ood_outside_span
    cases = list(measured.ood_outside_span(pair, context(0, claim.id)))
    assert judge(claim, cases).verdict in (Verdict.HOLDS, Verdict.TIGHT)
    # Fewer errors than one of every pair: noticed.
    too_good = Instance({"runs": 32, "half": 4}, exact(Fraction(9, 20)), 1)
    assert judge(claim, [*cases, too_good]).verdict is Verdict.REFUTED


def test_joint_decay_that_is_too_slow_is_noticed():
    claim = stated.joint_exponential_decay
    slow = Instance({"B": 8, "after": 120}, Measured(0.1, 0.12, "monte carlo"), "at least exponentially")
    assert judge(claim, [slow]).verdict is Verdict.REFUTED
