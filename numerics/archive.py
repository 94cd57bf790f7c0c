"""Files written atomically: named arrays in one `.npz` file, read without pickle, and texts.

Main definitions
    write_text     a text
    write_arrays   a reader of the file sees the old arrays or the new ones, never a part of them
    read_arrays    all arrays of a file, by name
"""

from __future__ import annotations

import os
import zipfile
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray


def write_arrays(path: Path, arrays: Mapping[str, NDArray[Any]]) -> None:
    """Write the arrays to `path`, whose folder is made where it is missing; they are on the disk when this returns."""
    path.parent.mkdir(parents=True, exist_ok=True)
    # NumPy's stub takes the keywords for `allow_pickle`
    _replace(path, lambda stream: np.savez(stream, **arrays))  # type: ignore[arg-type]


def write_text(path: Path, text: str) -> None:
    """Write a text in UTF-8 to `path`, whose folder exists; a reader sees the old file or the whole new one."""
    _replace(path, lambda stream: stream.write(text.encode("utf-8")))


def _replace(path: Path, write: Callable[[IO[bytes]], object]) -> None:
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        with partial.open("wb") as stream:
            write(stream)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)


def read_arrays(path: Path, what: str, needed: Iterable[str]) -> dict[str, NDArray[Any]]:
    """The arrays of a file that holds `what` (a word for messages), `needed` ones among them.

    Raises ValueError when the file is no complete archive or lacks one, FileNotFoundError when there is none.
    """
    try:
        with np.load(path, allow_pickle=False) as archive:
            arrays: dict[str, NDArray[Any]] = {name: archive[name] for name in archive.files}
    except (zipfile.BadZipFile, EOFError, ValueError) as error:
        raise ValueError(f"{path.name} is not a readable {what}: {error}") from error
    missing = [name for name in needed if name not in arrays]
    if missing:
        raise ValueError(f"{path.name} is not a {what}: it lacks {', '.join(missing)}")
    return arrays
