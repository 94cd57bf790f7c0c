"""The experiment on learning chains, in tiny sizes: its records, its checks, its plot."""

from __future__ import annotations

import json

import numpy as np
import pytest

from verify.experiments.autoregressive_learning import (
    EXPERIMENT,
    Sizes,
    gate_part,
    near,
    run_sizes,
    sizes_of,
    top_bit_parity,
)
from verify.experiments.experiment import experiments_of

TINY = Sizes(1, (100, 300), 2000, 1, (300,), 5, 1)


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    out = tmp_path_factory.mktemp("learning")
    told = []
    records = run_sizes(out, TINY, 3, lambda what, done, total: told.append((what, done, total)))
    return out, records, told


def test_it_is_found_and_tells_its_progress(run):
    _, records, told = run
    assert EXPERIMENT in experiments_of("autoregressive")
    assert [done for _, done, _ in told] == [0, 1, 2, 3]
    assert {r["experiment"] for r in records} == {"autoregressive_learning"}
    assert json.loads(json.dumps(records, allow_nan=False)) == records


def test_a_chain_is_learnt_far_better_than_the_answer_alone(run):
    by_name = {r["name"]: r for r in run[1]}
    with_chain, without = by_name["parity with a chain"]["points"], by_name["parity without a chain"]
    assert without["floor"] == pytest.approx(0.3872, abs=5e-5)
    for chain, answer in zip(with_chain, without["points"], strict=True):
        assert chain["median"] < 0.6 * answer["median"]
        assert chain["interval"][0] <= chain["median"] <= chain["interval"][1]


def test_mistakes_stay_below_their_bounds_and_length_buys_margin(run):
    by_name = {r["name"]: r for r in run[1]}
    assert by_name["mistakes on parity"]["bound"] == 6794
    assert by_name["mistakes on parity"]["as_expected"]
    buys = by_name["length buys margin"]
    assert buys["mistakes"]["long"] < buys["mistakes"]["short"]  # three times as many from about 1000 chains on
    assert buys["as_expected"] == (buys["mistakes"]["short"] >= 3 * buys["mistakes"]["long"])
    for name, bound in (("short", 307846), ("long", 15126)):
        record = by_name[f"parity by the {name} chain"]
        assert record["mistake_bound"] == bound
        assert max(record["mistakes"]["300"]) <= bound


def test_the_machine_is_learnt_from_its_traces(run):
    record = next(r for r in run[1] if r["name"] == "a machine from its traces")
    assert record["tokens"] == 100
    medians = [p["median"] for p in record["points"]]
    assert medians == sorted(medians, reverse=True)
    assert all(record["answers"][str(p["m"])] <= p["median"] for p in record["points"])


def test_the_plot_is_a_picture(run):
    out, records, _ = run
    (name,) = records[-1]["files"]
    assert (out / name).read_bytes().startswith(b"\x89PNG")


def test_equal_seeds_give_equal_records():
    def numbers(records):
        return [[{k: v for k, v in row.items() if k != "program_seconds"} for row in r["rows"]] for r in records]

    assert numbers(gate_part(TINY, 5)) == numbers(gate_part(TINY, 5))


def test_the_gate_is_top_bit_parity():
    inputs = np.array([[0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 1], [0, 0, 1]])
    assert top_bit_parity(inputs).tolist() == [0, 1, 0, 1, 1]


def test_near_has_teeth():
    assert near(0.2, 0.22)
    assert near(0.003, 0.0)
    assert not near(0.02, 0.22)
    assert not near(0.6, 0.22)


def test_the_full_sizes_are_the_specification_s():
    full = sizes_of("full")
    assert full.parity_seeds == 10
    assert full.parity_sizes == (100, 300, 1000, 3000, 10_000)
    assert full.length_sizes == (100, 300, 1000, 3000)
    assert full.gate == 11
