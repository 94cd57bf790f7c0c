"""What a training run leaves behind: the states, the unembedding and the rows at every checkpoint.

Main definitions: `TrainingCheckpoint`, `Trajectory`, `write_trajectory`, `read_trajectory`.
A trajectory is one `.npz` file of plain arrays, written atomically and read without pickle.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from numerics.archive import read_arrays, write_arrays
from numerics.geometry.head import Head
from numerics.geometry.norms import LayerNorm

FloatArray = NDArray[np.float64]
FORMAT = "boundlab source transformer 1"


@dataclass(frozen=True, eq=False)
class TrainingCheckpoint:
    """The network after `step` optimiser steps, on N contexts, V tokens, width d, L blocks.

    Attributes
        step           0 before training
        loss           L_CE = -E sum p log q in nats
        states         h_x after the last norm (N, d)
        unembedding    W (V, d); the logits are W h, without bias
        log_rows       log q_x (N, V)
        layer_states   before the last norm: after the embedding and after every block (L + 1, N, d)
        norm           the last norm: states = norm.apply(layer_states[-1])
    """

    step: int
    loss: float
    states: FloatArray
    unembedding: FloatArray
    log_rows: FloatArray
    layer_states: FloatArray
    norm: LayerNorm

    @property
    def rows(self) -> FloatArray:
        """q_x (N, V)."""
        return np.exp(self.log_rows)

    @property
    def head(self) -> Head:
        """The linear-softmax head."""
        return Head(self.unembedding)


@dataclass(frozen=True, eq=False)
class Trajectory:
    """Checkpoints of one run, stacked along the first axis (C); attributes as those of `TrainingCheckpoint`.

    `noise` is H(W | X) of the source in nats, the least loss there can be; `key` names source and recipe.
    """

    key: str
    noise: float
    steps: NDArray[np.int64]
    losses: FloatArray
    states: FloatArray
    unembeddings: FloatArray
    log_rows: FloatArray
    layer_states: FloatArray
    gains: FloatArray
    shifts: FloatArray
    epsilon: float

    def __len__(self) -> int:
        return len(self.steps)

    def __getitem__(self, place: int) -> TrainingCheckpoint:
        return TrainingCheckpoint(
            int(self.steps[place]),
            float(self.losses[place]),
            self.states[place],
            self.unembeddings[place],
            self.log_rows[place],
            self.layer_states[place],
            LayerNorm(self.gains[place], self.shifts[place], self.epsilon),
        )

    def __iter__(self) -> Iterator[TrainingCheckpoint]:
        return (self[place] for place in range(len(self)))


ARRAYS = ("steps", "losses", "states", "unembeddings", "log_rows", "layer_states", "gains", "shifts")


def write_trajectory(path: Path, trajectory: Trajectory) -> None:
    """Write to `path`; a reader sees the old file or the new one, never a part of it."""
    arrays: dict[str, NDArray[Any]] = {
        "format": np.array(FORMAT),
        "key": np.array(trajectory.key),
        "noise": np.array(trajectory.noise),
        "epsilon": np.array(trajectory.epsilon),
        **{name: getattr(trajectory, name) for name in ARRAYS},
    }
    write_arrays(path, arrays)


def read_trajectory(path: Path) -> Trajectory:
    """Read a trajectory. Raises ValueError for a file that is not a complete one, FileNotFoundError for none."""
    arrays = read_arrays(path, "trajectory", ("format", "key", "noise", "epsilon", *ARRAYS))
    if str(arrays["format"]) != FORMAT:
        raise ValueError(f"{path.name} has format {str(arrays['format'])!r}, expected {FORMAT!r}")
    return Trajectory(
        key=str(arrays["key"]),
        noise=float(arrays["noise"]),
        epsilon=float(arrays["epsilon"]),
        **{name: arrays[name] for name in ARRAYS},
    )
