"""The experiments with masked networks at tiny sizes: the same code as both budgets."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from numerics.learning.networks import NetworkSize
from numerics.learning.training import load
from numerics.machines.multiplication_split import published_split
from verify.experiments.autoregressive_networks import (
    EXPERIMENT,
    MultiplicationPlan,
    Plan,
    TextPlan,
    plan,
    run_plan,
)
from verify.experiments.autoregressive_networks_multiplication import held_out_pairs
from verify.experiments.autoregressive_networks_text import CHARACTERS, printed_tokens, windows
from verify.experiments.experiment import Record, experiments_of

WORDS = "the people of the several states shall choose their own judges, and the judges shall serve the people. "


def tiny(folder: Path, *, words: bool = False, updates: int | None = 30) -> Plan:
    """One-digit products and a text of a few kilobytes."""
    path = folder / "text.txt"
    path.write_text(WORDS * 40, encoding="utf-8")
    text = TextPlan(str(path), words, 8, 8, 8, updates, 1e-2, accumulation=2, vocabulary=50 if words else None)
    return Plan(MultiplicationPlan(1, 8, 32, {"MLP": 30, "linear": 60}, {"MLP": 1e-2, "linear": 1e-2}, 30, False), text)


def named(records: list[Record], name: str) -> list[Record]:
    return [record for record in records if record["name"].startswith(name)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("networks")


@pytest.fixture(scope="module")
def records(folder: Path) -> list[Record]:
    return run_plan(tiny(folder), folder, 0)


def test_every_network_is_trained_and_judged(records: list[Record]) -> None:
    assert len(named(records, "exact match")) == 4
    for record in named(records, "training"):
        assert len(record["losses"]) == record["updates"] in (30, 60)
        assert len(record["bits"]) == record["updates"]
    for record in named(records, "digit match"):
        assert 0 <= record["value"] <= 1
    assert all(record["experiment"] == "autoregressive_networks" and record["seed"] == 0 for record in records)


def test_the_bits_bound_the_error_of_whole_chains(records: list[Record]) -> None:
    found = named(records, "autoregressive/greedy_nll_bound")
    assert len(found) == 4
    for record in found:
        assert record["as_expected"]
        assert record["error"] <= record["mean of min(1, sum of min(1, bits))"] <= record["mean sum of bits"]


def test_the_compiled_predictor_is_right_where_networks_are_not(records: list[Record]) -> None:
    (record,) = named(records, "whole-chain match of the compiled")
    assert record["value"] == 1 and record["as_expected"]


def test_a_repeated_text_is_learned(records: list[Record]) -> None:
    (record,) = named(records, "perplexity on the held-out text")
    assert record["value"] < record["untrained"] / 2
    assert record["n-grams"]["4"] < record["n-grams"]["3"] < record["n-grams"]["2"] < record["n-grams"]["1"]
    (position,) = named(records, "perplexity against position")
    assert len(position["value"]) == 7 and position["as_expected"]
    (norms,) = named(records, "norm of U M E^T")
    assert len(norms["value"]) == 7 and min(norms["value"]) > 0
    (samples,) = named(records, "samples")
    assert all(set(text) <= set(CHARACTERS) and len(text) > 8 for text in samples["texts"])


def test_plots_are_written(records: list[Record], folder: Path) -> None:
    (record,) = named(records, "plots")
    assert len(record["files"]) == 2
    for name in record["files"]:
        assert (folder / name).read_bytes()[:4] == b"\x89PNG"


def test_a_finished_run_is_read_from_its_checkpoints(records: list[Record], folder: Path) -> None:
    calls: list[str] = []
    again = run_plan(tiny(folder), folder, 0, lambda what, step, steps: calls.append(what))
    assert again == records
    assert not calls


def test_words_in_consecutive_windows_as_in_the_published_run(tmp_path: Path) -> None:
    """One pass in order, accumulation, a vocabulary larger than the text's, interrupted and gone on with."""
    chosen = tiny(tmp_path, words=True, updates=None)

    def stop(what: str, step: int, steps: int) -> None:
        if what.startswith("text") and step == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_plan(chosen, tmp_path, 1, stop)
    lengths = [len(load(path.parent).losses) for path in tmp_path.glob("training-*/checkpoint.npz")]
    assert 2 in lengths and len(lengths) == 5
    found = run_plan(chosen, tmp_path, 1)
    (training,) = [record for record in named(found, "training") if record["task"] == "text"]
    assert training["updates"] > 2 and "consecutive windows" in training["data"]
    assert training["parameters"] == NetworkSize(50, 8, 8).parameter_count


def test_the_published_configurations() -> None:
    full = plan("full")
    assert NetworkSize(117, 307, full.multiplication.width, hidden=True).parameter_count == 774649333
    text = full.text
    assert text.vocabulary is not None
    assert NetworkSize(text.vocabulary, text.positions, text.width).parameter_count == 162097234
    assert full.multiplication.updates["MLP"] == -(-(10**8) // full.multiplication.batch) == 48829
    assert (text.batch, text.accumulation, text.rate) == (128, 8, 5e-4)


@pytest.mark.parametrize(("d", "count"), [(2, 1980), (4, 50)])
def test_held_out_pairs_are_of_the_test_side(d: int, count: int) -> None:
    chosen = replace(plan("quick").multiplication, d=d, test=count)
    a, b = held_out_pairs(chosen, 3)
    assert len(set(zip(a.tolist(), b.tolist(), strict=True))) == len(a) == count
    assert not published_split(d).trains(a, b).any()


def test_text_in_32_characters_and_windows() -> None:
    text = printed_tokens("It's 1790;\n  Fellow-citizens (of the Senate) ...")
    written = "".join(text.names[token] for token in text.tokens)
    assert written == "it's ; fellow-citizens of the senate ..."
    assert len(text.names) == 32
    tokens = np.arange(10)
    assert windows(tokens, 4).tolist() == [[0, 1, 2, 3], [4, 5, 6, 7]]
    assert windows(tokens, 4, 99)[-1].tolist() == [8, 9, 99, 99]
    assert windows(tokens, 5, 99).shape == (2, 5)


def test_it_is_found() -> None:
    found: list[Any] = [experiment for experiment in experiments_of("autoregressive") if experiment is EXPERIMENT]
    assert len(found) == 1
