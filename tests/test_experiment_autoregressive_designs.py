"""The designs experiment in a tiny size: its records, its order, and that a second run takes up what was done."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from numerics.learning.designs import Trial, kept, learn_layout
from numerics.machines.multiplication_text import ripple
from verify.experiments.autoregressive_designs import Sizes, order_record, run_sizes

TINY = Sizes(d=1, lo=1, hi=10, seeds=1, passes=3)


def test_records_of_a_tiny_run_and_its_resumption(tmp_path: Path) -> None:
    records = run_sizes(tmp_path, TINY, 0)
    designs = [r for r in records if r["name"] == "design"]
    assert [r["tokens"] for r in designs] == [7, 7, 7, 28]
    assert (tmp_path / "designs.png").stat().st_size > 0
    trials = sorted((tmp_path / "trials").iterdir())
    assert len(trials) == 4
    before = [path.stat().st_mtime_ns for path in trials]
    assert run_sizes(tmp_path, TINY, 0) == records
    assert [path.stat().st_mtime_ns for path in trials] == before


def test_a_trial_is_made_once(tmp_path: Path) -> None:
    made = []

    def make() -> Trial:
        made.append(1)
        return learn_layout(ripple(1), 0, 10, np.random.default_rng(1), passes=2)

    first, second = kept(tmp_path / "t.npz", make), kept(tmp_path / "t.npz", make)
    assert first == second
    assert len(made) == 1
    (tmp_path / "torn.npz").write_bytes(b"PK\x03\x04 torn")
    with pytest.raises(ValueError, match="is not a readable trial"):
        kept(tmp_path / "torn.npz", make)


def test_unit_weights_are_learned_and_the_order_of_layouts_is_judged() -> None:
    trial = learn_layout(ripple(1), 0, 10, np.random.default_rng(0), passes=50)
    assert trial.open == ()
    assert trial.tested == 25
    better = {"layout": "a", "rank": 0, "exact": 0.9, "exact_interval": [0.8, 0.95]}
    worse = {"layout": "b", "rank": 1, "exact": 0.5, "exact_interval": [0.4, 0.6]}
    assert order_record([better, worse])["as_expected"]
    assert not order_record([better, worse | {"exact_interval": [0.7, 0.85]}])["as_expected"]
