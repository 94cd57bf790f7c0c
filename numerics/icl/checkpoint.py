"""Checkpoints of a pre-training run: plain arrays in one `.npz` file, written atomically, read without pickle."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from numerics.archive import read_arrays, write_arrays

FORMAT = "boundlab chain transformer 1"


@dataclass(frozen=True)
class Checkpoint:
    """State of a run after `step` optimiser steps: weights, both Adam moments, losses so far, and the settings it was
    made with."""

    step: int
    settings: Mapping[str, Any]
    losses: NDArray[np.float64]
    weights: Mapping[str, NDArray[np.float32]]
    first_moments: Mapping[str, NDArray[np.float32]]
    second_moments: Mapping[str, NDArray[np.float32]]


def write_checkpoint(path: Path, checkpoint: Checkpoint) -> None:
    """Write the checkpoint to `path`; a reader sees the old file or the new one, never a part of it."""
    arrays: dict[str, NDArray[Any]] = {
        "format": np.array(FORMAT),
        "step": np.array(checkpoint.step),
        "settings": np.array(json.dumps(dict(checkpoint.settings), sort_keys=True)),
        "losses": checkpoint.losses,
    }
    for group, values in (
        ("weight", checkpoint.weights),
        ("first_moment", checkpoint.first_moments),
        ("second_moment", checkpoint.second_moments),
    ):
        arrays.update({f"{group}/{name}": value for name, value in values.items()})
    write_arrays(path, arrays)


def read_checkpoint(path: Path) -> Checkpoint:
    """Read a checkpoint.

    Raises ValueError when the file is not a complete checkpoint of this format, FileNotFoundError when there is none.
    """
    arrays = read_arrays(path, "checkpoint", ("format", "step", "settings", "losses"))
    if str(arrays["format"]) != FORMAT:
        raise ValueError(f"{path.name} has format {str(arrays['format'])!r}, expected {FORMAT!r}")

    def group(prefix: str) -> dict[str, NDArray[np.float32]]:
        return {
            name.removeprefix(f"{prefix}/"): value for name, value in arrays.items() if name.startswith(f"{prefix}/")
        }

    return Checkpoint(
        step=int(arrays["step"]),
        settings=json.loads(str(arrays["settings"])),
        losses=arrays["losses"],
        weights=group("weight"),
        first_moments=group("first_moment"),
        second_moments=group("second_moment"),
    )
