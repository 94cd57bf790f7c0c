"""`boundlab verify --engine dask` on a local cluster of real worker processes: the records of `--engine local`."""

from __future__ import annotations

import importlib
import json
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest

import verify.cli.verify as verb
from verify.campaign import Task, run
from verify.cli.main import main
from verify.report.grades import GradeCount
from verify.store import RunFolder

WORK = """
def breaks(task):
    raise ValueError(f"{task.claim} breaks")
"""


def records(engine: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    """What the command prints, without the time each record took."""
    request = ["markov/transition_rule", "--model", "lfsr", "--model", "uniform", "--engine", engine]
    status = main(["verify", *request, "--seed", "3", "--no-experiments", "--out", str(folder), "--json"])
    assert status == 0
    found: list[dict[str, Any]] = json.loads(capsys.readouterr().out)
    return [{key: value for key, value in record.items() if key != "seconds"} for record in found]


@pytest.mark.slow
def test_dask_and_local_give_the_same_records(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verb, "grades", lambda request: GradeCount({}, 0))  # derivations are no engine's work
    monkeypatch.setattr(verb, "_checking", lambda request, jobs: nullcontext())
    dask = records("dask", tmp_path / "dask", capsys)
    local = records("local", tmp_path / "local", capsys)
    assert dask == local
    assert {record["model"] for record in dask} == {"lfsr", "uniform"}
    assert all(record["instances"] > 0 for record in dask)


def test_a_dask_worker_that_raises_ends_the_campaign(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "dask_work.py").write_text(WORK)  # the worker imports it by name
    monkeypatch.syspath_prepend(str(tmp_path))
    breaks = importlib.import_module("dask_work").breaks
    task = Task("toy/claim", ("lfsr",), 0, "quick")
    with RunFolder.open(tmp_path / "run", {}, {}) as folder, pytest.raises(ValueError, match="toy/claim breaks"):
        run([task], folder, breaks, engine="dask")
