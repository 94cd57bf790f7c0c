"""The run folder: settings in `run.json`, one verdict record a line in `records.jsonl`.

Main definitions
    RunFolder    create or resume a run, append records, read them back
    StoreError   the folder cannot be used; the message says why

A task's records are appended by one write to a file opened for appending, then synced. Every line carries the task it
belongs to, its position among the task's records, and a checksum. After a kill the file ends in a torn line, or in a
task some of whose lines are missing; both are detected and cut off when the run is resumed. Damage anywhere else is
an error that names the line.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import signal
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import IO, Any

Record = dict[str, Any]

SETTINGS = "run.json"
RECORDS = "records.jsonl"
LOCK = ".lock"


class StoreError(ValueError):
    """The folder cannot be used."""


def digest(value: Any) -> str:
    """16 hexadecimal digits of the SHA-256 of the value's canonical JSON."""
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _line(record: Record, task: str, settings: str, part: int, parts: int) -> str:
    envelope = {**record, "task": task, "settings": settings, "part": part, "parts": parts}
    envelope["checksum"] = digest(envelope)
    return json.dumps(envelope, ensure_ascii=False, allow_nan=False, separators=(",", ":")) + "\n"


def _read_line(raw: bytes) -> Record | None:
    """The envelope, or None if the line is torn or damaged."""
    if not raw.endswith(b"\n"):
        return None
    try:
        envelope = json.loads(raw)
    except (UnicodeDecodeError, json.JSONDecodeError):
        return None
    if not isinstance(envelope, dict):
        return None
    checksum = envelope.pop("checksum", None)
    return envelope if checksum == digest(envelope) else None


def _write_whole(path: Path, text: str) -> None:
    """Replace a file so that a reader sees the old or the new text, never a part."""
    temporary = path.with_name(path.name + ".new")
    with temporary.open("w", encoding="utf-8") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    temporary.replace(path)
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def interrupt_later() -> Iterator[None]:
    """Hold back Ctrl-C until the block is done, then raise KeyboardInterrupt if it was pressed.

    Only the main thread receives the signal; elsewhere the block just runs.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    pressed: list[int] = []

    def remember(number: int, frame: FrameType | None) -> None:
        pressed.append(number)

    before = signal.signal(signal.SIGINT, remember)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if pressed:
        raise KeyboardInterrupt


@dataclass
class RunFolder:
    """An open run folder; use as a context manager, which releases its lock.

    Attributes
        path      the folder
        settings  what was asked for (targets, models, seed, budget); another request is another run
        done      finished tasks: id to (hash of the task's settings, its records)
        dropped   lines that were cut off on opening because a write had been interrupted
    """

    path: Path
    settings: Mapping[str, Any]
    done: dict[str, tuple[str, list[Record]]] = field(default_factory=dict)
    dropped: int = 0
    _lock: IO[str] | None = field(default=None, repr=False)

    @classmethod
    def open(
        cls, path: Path, settings: Mapping[str, Any], versions: Mapping[str, str], *, resume: bool = False
    ) -> RunFolder:
        """Create the folder, or resume the run it holds.

        Raises StoreError if the folder holds a run and `resume` is false, holds a run with other settings, holds
        something else, is damaged, or is in use by another process.
        """
        held = path / SETTINGS
        if path.exists() and not path.is_dir():
            raise StoreError(f"{path} is a file, expected a folder for the run")
        if held.exists():
            if not resume:
                raise StoreError(f"{path} already holds a run; expected --resume to continue it, or another --out")
            _check_same(path, _stored(held), settings)
        elif path.is_dir() and any(p.name != LOCK for p in path.iterdir()):
            raise StoreError(f"{path} is not empty and holds no run; expected a new or empty folder")
        try:
            path.mkdir(parents=True, exist_ok=True)
            lock = (path / LOCK).open("w", encoding="utf-8")
        except OSError as error:
            raise StoreError(f"cannot write to {path}: {error.strerror}") from None
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            raise StoreError(f"{path} is in use by another process; expected one run at a time") from None
        folder = cls(path, settings, _lock=lock)
        if held.exists():
            folder._recover()
        else:
            started = datetime.now(UTC).isoformat(timespec="seconds")
            document = {"settings": dict(settings), "versions": dict(versions), "started": started}
            _write_whole(held, json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n")
        return folder

    def __enter__(self) -> RunFolder:
        return self

    def __exit__(self, *details: object) -> None:
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def finished(self, task: str, settings: str) -> bool:
        """Whether the task was completed with these settings."""
        return task in self.done and self.done[task][0] == settings

    def append(self, task: str, settings: str, records: Sequence[Record]) -> None:
        """Write the records of a finished task; an interrupt during the write takes effect after it."""
        if not records:
            raise ValueError(f"task {task} has no records")
        text = "".join(_line(r, task, settings, i, len(records)) for i, r in enumerate(records, 1)).encode()
        with interrupt_later():
            handle = os.open(self.path / RECORDS, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
            try:
                written = 0
                while written < len(text):  # one call unless the disk is full or a limit is reached
                    written += os.write(handle, text[written:])
                os.fsync(handle)
            finally:
                os.close(handle)
            self.done[task] = (settings, list(records))

    def records(self) -> list[Record]:
        """The records of all finished tasks, in the order in which the tasks were last finished."""
        return [r for _, found in self.done.values() for r in found]

    def write(self, name: str, text: str) -> Path:
        """Write a further file into the folder, whole."""
        target = self.path / name
        _write_whole(target, text)
        return target

    def _recover(self) -> None:
        """Read the finished tasks and cut off what an interrupted write left behind."""
        file = self.path / RECORDS
        raw = file.read_bytes() if file.exists() else b""
        lines = raw.splitlines(keepends=True) if raw else []
        good = 0  # length of the prefix that holds whole tasks only
        position = 0
        pending: list[Record] = []
        for number, line in enumerate(lines, 1):
            envelope = _read_line(line)
            if envelope is None:
                if number != len(lines):
                    raise StoreError(f"line {number} of {file} is damaged (its checksum does not match)")
                break
            position += len(line)
            if pending and (envelope["task"], envelope["part"]) != (pending[0]["task"], len(pending) + 1):
                raise StoreError(f"line {number} of {file} does not continue task {pending[0]['task']}")
            pending.append(envelope)
            if len(pending) == envelope["parts"]:
                task, settings = envelope["task"], envelope["settings"]
                self.done.pop(task, None)  # a later run of the task supersedes an earlier one
                self.done[task] = (settings, [_bare(e) for e in pending])
                pending = []
                good = position
        if good < len(raw):
            self.dropped = sum(1 for _ in raw[good:].splitlines())
            with file.open("r+b") as stream:
                stream.truncate(good)
                os.fsync(stream.fileno())


def _bare(envelope: Record) -> Record:
    return {k: v for k, v in envelope.items() if k not in ("task", "settings", "part", "parts")}


def _stored(file: Path) -> dict[str, Any]:
    try:
        document = json.loads(file.read_text(encoding="utf-8"))
        settings = document["settings"]
    except (OSError, UnicodeDecodeError, json.JSONDecodeError, KeyError, TypeError):
        raise StoreError(f"{file} is damaged: expected the JSON that a run wrote") from None
    return dict(settings)


def _check_same(path: Path, stored: Mapping[str, Any], asked: Mapping[str, Any]) -> None:
    different = [k for k in {**stored, **asked} if stored.get(k) != asked.get(k)]
    if different:
        what = "; ".join(f"{k} {stored.get(k)!r}, asked {asked.get(k)!r}" for k in different)
        raise StoreError(f"{path} holds a different run ({what}); expected the same settings, or another --out")
