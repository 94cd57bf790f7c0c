"""The benchmark of concept training: both sides agree, its rows are complete, and a difference ends it."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest

PATH = Path(__file__).parent.parent / "benchmarks" / "concepts.py"


@pytest.fixture(scope="module")
def benchmark():
    spec = importlib.util.spec_from_file_location("benchmark_of_concepts", PATH)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # where dataclasses look their module up
    spec.loader.exec_module(module)
    yield module
    del sys.modules[spec.name]


def test_both_sides_train_to_the_same_weights(benchmark):
    assert 0 <= benchmark.difference(benchmark.QUICK) <= 1e-12
    start = benchmark.start_of(benchmark.QUICK, 2)
    trained = start.clone()
    batch = benchmark.drawn(benchmark.QUICK, 2, benchmark.np.random.default_rng(0))
    benchmark.ours(trained, lambda t: batch, 3)
    assert float((trained.W_O - start.W_O).abs().max()) > 1e-6  # there was something to agree on


def test_the_quick_table_is_complete(benchmark, capsys):
    benchmark.main(["--quick"])
    head, row, *notes = capsys.readouterr().out.splitlines()
    assert "ratio" in head and row.startswith(benchmark.QUICK.name)
    numbers = [float(word.replace(",", "")) for word in row[len(benchmark.QUICK.name) :].split()]
    assert len(numbers) == 7 and all(number > 0 for number in numbers)
    assert any("GPU" in note for note in notes)


def test_different_weights_end_it(benchmark, monkeypatch):
    monkeypatch.setattr(benchmark, "difference", lambda size: 1e-3)
    with pytest.raises(SystemExit, match=r"the weights differ by 0\.001, expected at most 1e-09"):
        benchmark.main(["--quick"])


def test_peak_memory_is_that_of_the_process(benchmark):
    before = benchmark.peak()
    block = bytearray(64 * 2**20)
    block[:: 2**12] = b"1" * len(block[:: 2**12])
    assert benchmark.peak() > before - 1 and benchmark.peak() >= 64
