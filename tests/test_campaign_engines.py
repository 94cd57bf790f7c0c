"""Campaigns: the same records whatever runs them, finished tasks skipped, interrupts and resuming end to end."""

from __future__ import annotations

import importlib
import importlib.util
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from verify import campaign
from verify.campaign import CampaignError, Request, Task, pending, run
from verify.store import RunFolder

WORK = """
import os

def double(task):
    return [{"claim": task.claim, "model": " ".join(task.models), "seed": task.seed, "verdict": "holds"}]

def fail(task):
    raise ValueError(f"{task.claim} breaks")
"""


@pytest.fixture
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> object:
    """A module that spawned processes can import as well."""
    (tmp_path / "campaign_work.py").write_text(WORK)
    monkeypatch.syspath_prepend(str(tmp_path))
    return importlib.import_module("campaign_work")


def tasks(count: int) -> list[Task]:
    return [Task(f"toy/claim{i}", ("lfsr",), 7, "quick") for i in range(count)]


def records_of(path: Path, work: object, jobs: int) -> list[dict[str, object]]:
    with RunFolder.open(path, {}, {}) as folder:
        run(tasks(5), folder, work.double, jobs=jobs)  # type: ignore[attr-defined]
        return sorted(folder.records(), key=lambda r: str(r["claim"]))


def test_one_process_and_two_give_the_same_records(tmp_path: Path, work: object) -> None:
    one, two = records_of(tmp_path / "one", work, 1), records_of(tmp_path / "two", work, 2)
    assert one == two and [r["claim"] for r in one] == [f"toy/claim{i}" for i in range(5)]


def test_finished_tasks_are_skipped_and_others_run(tmp_path: Path, work: object) -> None:
    ran: list[str] = []

    def counted(task: Task) -> list[dict[str, object]]:
        ran.append(task.claim)
        return [{"claim": task.claim}]

    with RunFolder.open(tmp_path / "run", {}, {}) as folder:
        run(tasks(2), folder, counted)
    with RunFolder.open(tmp_path / "run", {}, {}, resume=True) as folder:
        assert [t.claim for t in pending(tasks(4), folder)] == ["toy/claim2", "toy/claim3"]
        run(tasks(4), folder, counted)
        assert ran == [f"toy/claim{i}" for i in range(4)]


def test_records_of_other_code_or_another_seed_are_not_finished(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = tasks(1)[0]
    settings = task.settings()
    assert Task(task.claim, task.models, 8, "quick").settings() != settings
    monkeypatch.setattr(campaign, "fingerprint", lambda: "other code")
    assert task.settings() != settings


def test_a_worker_that_raises_ends_the_campaign_and_keeps_what_was_done(tmp_path: Path, work: object) -> None:
    with RunFolder.open(tmp_path / "run", {}, {}) as folder, pytest.raises(ValueError, match="breaks"):
        run(tasks(3), folder, work.fail, jobs=2)  # type: ignore[attr-defined]


@pytest.mark.parametrize(("jobs", "engine", "message"), [(0, "local", "at least 1"), (1, "ray", "local, dask")])
def test_wrong_engines_are_refused(tmp_path: Path, jobs: int, engine: str, message: str) -> None:
    with RunFolder.open(tmp_path / "run", {}, {}) as folder, pytest.raises(CampaignError, match=message):
        run(tasks(1), folder, lambda task: [], jobs=jobs, engine=engine)


def test_dask_without_its_package_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with RunFolder.open(tmp_path / "run", {}, {}) as folder, pytest.raises(CampaignError, match="distributed"):
        run(tasks(1), folder, lambda task: [], engine="dask")


def test_settings_of_a_request_are_plain_data() -> None:
    assert Request("markov", ("names@1",), 3, "full").settings == {
        "target": "markov",
        "models": ["names@1"],
        "seed": 3,
        "budget": "full",
    }


INTERRUPTED = """
import sys, time
from contextlib import nullcontext
import verify.campaign as campaign
import verify.cli.verify as verb
from verify.report.grades import GradeCount
from verify.cli.main import main

def task(i):
    return campaign.Task(f"toy/claim{i}", (), 0, "quick")

def work(given):
    print("measuring", given.claim, file=sys.stderr, flush=True)
    if "slow" in sys.argv and given.claim == "toy/claim2":
        time.sleep(60)
    return [{"claim": given.claim, "model": "", "verdict": "holds", "expected": "holds", "as_expected": True,
             "quantity": "q", "bound": "b", "slack": None, "bites": 1.0, "instances": 1, "seconds": 0.0,
             "witness": None, "message": ""}]

campaign.fingerprint = lambda: "the same code"
campaign.plan = lambda request: [task(i) for i in range(4)]
campaign.measure_task = work
verb.grades = lambda request: GradeCount({}, 0)
verb._checking = lambda request, jobs: nullcontext()
sys.exit(main(["verify", "toy", "--resume", "--out", sys.argv[1], "--json"]))
"""


def test_ctrl_c_keeps_what_is_finished_says_how_to_go_on_and_resumes(tmp_path: Path) -> None:
    out = str(tmp_path / "run")
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    process = subprocess.Popen(
        [sys.executable, "-c", INTERRUPTED, out, "slow"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment,
    )  # fmt: skip
    assert process.stderr is not None
    seen = ""
    while "measuring toy/claim2" not in seen:
        line = process.stderr.readline()
        assert line, f"ended early: {seen}"
        seen += line
    process.send_signal(signal.SIGINT)
    printed, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert printed == ""
    assert f"--resume --out {out}" in errors and "Traceback" not in errors
    again = subprocess.run(
        [sys.executable, "-c", INTERRUPTED, out], check=False, capture_output=True, text=True, env=environment
    )
    assert again.returncode == 0, again.stderr
    assert "measuring toy/claim1" not in again.stderr and "measuring toy/claim2" in again.stderr
    assert "2 of 4 tasks are done already" in again.stderr
    assert [r["claim"] for r in json.loads(again.stdout)] == [f"toy/claim{i}" for i in range(4)]
