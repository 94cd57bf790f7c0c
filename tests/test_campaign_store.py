"""The run folder: what was written is there after a kill, what was half written is not, and nothing is overwritten."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from verify.store import RunFolder, StoreError, interrupt_later

SETTINGS = {"target": "toy", "models": ["names@1"], "seed": 0, "budget": "quick"}


def opened(path: Path, *, resume: bool = False, settings: dict[str, object] | None = None) -> RunFolder:
    return RunFolder.open(path, SETTINGS if settings is None else settings, {"python": "3"}, resume=resume)


def record(name: str, **more: object) -> dict[str, object]:
    return {"claim": name, "verdict": "holds", "text": "ε <= ½ \u2028 \x85", **more}


def test_records_come_back_as_they_were_written(tmp_path: Path) -> None:
    with opened(tmp_path / "run") as folder:
        folder.append("a", "s1", [record("a", n=1), record("a", n=2)])
        folder.append("b", "s2", [record("b")])
    with opened(tmp_path / "run", resume=True) as folder:
        assert folder.records() == [record("a", n=1), record("a", n=2), record("b")]
        assert folder.finished("a", "s1") and not folder.finished("a", "s2") and not folder.finished("c", "s1")
        assert folder.dropped == 0
    held = json.loads((tmp_path / "run" / "run.json").read_text())
    assert held["settings"] == SETTINGS and held["versions"] == {"python": "3"}


def test_a_later_run_of_a_task_supersedes_an_earlier_one(tmp_path: Path) -> None:
    with opened(tmp_path / "run") as folder:
        folder.append("a", "old code", [record("a", n=1)])
        folder.append("a", "new code", [record("a", n=2)])
    with opened(tmp_path / "run", resume=True) as folder:
        assert folder.records() == [record("a", n=2)]
        assert folder.finished("a", "new code") and not folder.finished("a", "old code")


def test_a_write_torn_at_any_byte_is_cut_off_and_the_rest_survives(tmp_path: Path) -> None:
    with opened(tmp_path / "run") as folder:
        folder.append("a", "s", [record("a")])
        whole = (tmp_path / "run" / "records.jsonl").stat().st_size
        folder.append("b", "s", [record("b", n=1), record("b", n=2)])
    file = tmp_path / "run" / "records.jsonl"
    raw = file.read_bytes()
    for cut in range(whole, len(raw), 5):
        file.write_bytes(raw[:cut])
        with opened(tmp_path / "run", resume=True) as folder:
            assert folder.records() == [record("a")], cut
            assert folder.dropped == (0 if cut == whole else folder.dropped)
            assert (folder.dropped > 0) == (cut > whole)
            assert file.stat().st_size == whole
            folder.append("b", "s", [record("b", n=3)])
        with opened(tmp_path / "run", resume=True) as folder:
            assert folder.records() == [record("a"), record("b", n=3)]


def test_damage_inside_the_file_is_an_error_that_names_the_line(tmp_path: Path) -> None:
    with opened(tmp_path / "run") as folder:
        for name in "abc":
            folder.append(name, "s", [record(name)])
    file = tmp_path / "run" / "records.jsonl"
    file.write_bytes(file.read_bytes().replace(b'"claim":"b"', b'"claim":"x"'))
    with pytest.raises(StoreError, match="line 2"):
        opened(tmp_path / "run", resume=True)


@pytest.mark.parametrize(
    ("resume", "settings", "message"),
    [
        (False, SETTINGS, "already holds a run"),
        (True, {**SETTINGS, "seed": 1}, "different run.*seed 0, asked 1"),
        (True, {**SETTINGS, "models": ["lfsr"]}, "different run.*models"),
    ],
)
def test_a_folder_with_a_run_is_never_overwritten(
    tmp_path: Path, resume: bool, settings: dict[str, object], message: str
) -> None:
    with opened(tmp_path / "run") as folder:
        folder.append("a", "s", [record("a")])
    before = (tmp_path / "run" / "records.jsonl").read_bytes()
    with pytest.raises(StoreError, match=message):
        opened(tmp_path / "run", resume=resume, settings=settings)
    assert (tmp_path / "run" / "records.jsonl").read_bytes() == before


def test_folders_that_hold_something_else_are_refused(tmp_path: Path) -> None:
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter1.tex").write_text("precious")
    with pytest.raises(StoreError, match="holds no run"):
        opened(tmp_path / "thesis")
    with pytest.raises(StoreError, match="is a file"):
        opened(tmp_path / "thesis" / "chapter1.tex")
    with opened(tmp_path / "run"), pytest.raises(StoreError, match="in use"):
        opened(tmp_path / "run", resume=True)


def test_an_interrupt_waits_for_the_end_of_the_block() -> None:
    reached = []
    with pytest.raises(KeyboardInterrupt), interrupt_later():
        signal.raise_signal(signal.SIGINT)
        reached.append("end of the block")
    assert reached == ["end of the block"]


KILLED = """
import sys
from pathlib import Path
from verify.store import RunFolder
folder = RunFolder.open(Path(sys.argv[1]), {"target": "t"}, {})
for i in range(10**6):
    folder.append(f"task {i}", "s", [{"i": i, "j": j, "text": "x" * 5000} for j in range(3)])
    print(i, flush=True)
"""


def test_what_was_reported_finished_survives_kill_9(tmp_path: Path) -> None:
    process = subprocess.Popen([sys.executable, "-c", KILLED, str(tmp_path / "run")], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    last = -1
    deadline = time.monotonic() + 60
    while last < 20 and time.monotonic() < deadline:
        last = int(process.stdout.readline())
    process.send_signal(signal.SIGKILL)
    process.wait()
    last = max([last, *(int(line) for line in process.stdout.read().split())])
    process.stdout.close()
    with RunFolder.open(tmp_path / "run", {"target": "t"}, {}, resume=True) as folder:
        for i in range(last + 1):
            assert folder.finished(f"task {i}", "s")
        assert all(len(found) == 3 for _, found in folder.done.values())
        assert len(folder.done) <= last + 2  # at most the one whose report was lost in the pipe
