"""A small transformer trained on the contexts of a finite source whose next-token laws are known exactly.

The loss is the exact one, L_CE = -sum_x mu(x) sum_w p_x(w) log q_x(w): no sampling, the whole source in every step, so
that a run is a function of the source and the settings. Main definitions

    TrainingSettings       the recipe; `quick` takes seconds
    trajectory_key         hash of source and recipe, the name of the cached file
    checkpoint_steps       which steps are kept: before, during (more of the early ones) and after
    train                  the run, or its cached trajectory; train_on_source the same for a FiniteSource
    cache_directory        where runs are kept between processes

Conventions: contexts are tuples of symbols 0, 1, ...; shorter ones are padded on the left by one more symbol. rows
(N, V) and measure (N,) are arrays; everything is float64. torch is imported where it is used, and runs on one thread.
Source: specification `categorical`, 2.0 (MN), experiments E5, E9.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.special import xlogy

from numerics.geometry.autograd import single_thread
from numerics.kernels.kernel import check_rows
from numerics.similarity.dependence import check_measure
from numerics.sources.finite import FiniteSource
from numerics.training.trajectory import FORMAT, Trajectory, read_trajectory, write_trajectory

if TYPE_CHECKING:
    from numerics.training.network import SourceTransformer

FloatArray = NDArray[np.float64]
Contexts = Sequence[Sequence[int]]
GRADIENT_NORM = 1.0  # longer gradients are shortened to this


@dataclass(frozen=True)
class TrainingSettings:
    """Size of the network, number of Adam steps (linear warm-up over a twentieth, cosine to zero) and of checkpoints.

    Raises ValueError for numbers outside their range, and for more checkpoints than steps + 1.
    """

    width: int = 8
    layers: int = 2
    heads: int = 2
    steps: int = 400
    learning_rate: float = 1e-2
    checkpoints: int = 50
    seed: int = 0

    def __post_init__(self) -> None:
        for name, least in (("width", 1), ("layers", 1), ("heads", 1), ("steps", 1), ("checkpoints", 2)):
            if getattr(self, name) < least:
                raise ValueError(f"{name} is {getattr(self, name)}, expected an integer >= {least}")
        if self.checkpoints > self.steps + 1:
            raise ValueError(f"{self.checkpoints} checkpoints of {self.steps} steps, expected at most {self.steps + 1}")
        if not self.learning_rate > 0:
            raise ValueError(f"the learning rate is {self.learning_rate}, expected a positive number")

    @classmethod
    def quick(cls, seed: int = 0) -> TrainingSettings:
        """Width 8, two blocks, 400 steps, 50 checkpoints: seconds on a hundred contexts."""
        return cls(seed=seed)

    def rate(self, step: int) -> float:
        """Learning rate of step number `step` (from 0)."""
        warmup = max(1, self.steps // 20)
        if step < warmup:
            return self.learning_rate * (step + 1) / warmup
        return 0.5 * self.learning_rate * (1 + math.cos(math.pi * (step - warmup) / max(1, self.steps - warmup)))


def checkpoint_steps(settings: TrainingSettings) -> NDArray[np.int64]:
    """Increasing steps, the first 0 and the last `settings.steps`, quadratically spaced: (checkpoints,)."""
    count, last = settings.checkpoints, settings.steps
    places = np.arange(count)
    wanted = np.rint(last * (places / (count - 1)) ** 2).astype(np.int64)
    # Early squares coincide: every step is at least its place, and still at most `last` minus the places that follow.
    return np.minimum(np.maximum.accumulate(np.maximum(wanted - places, 0)) + places, last - (count - 1 - places))


def trajectory_key(contexts: Contexts, measure: FloatArray, rows: FloatArray, settings: TrainingSettings) -> str:
    """Hash of the source's arrays, the recipe and the format of the file."""
    digest = hashlib.sha256()
    digest.update(json.dumps([FORMAT, asdict(settings), [list(map(int, c)) for c in contexts]]).encode())
    for array in (measure, rows):
        digest.update(repr(array.shape).encode())
        digest.update(np.ascontiguousarray(array, dtype="<f8").tobytes())
    return digest.hexdigest()[:16]


def cache_directory() -> Path | None:
    """Folder for trajectories: $BOUNDLAB_CACHE, else $XDG_CACHE_HOME/boundlab, else ~/.cache/boundlab, with /training.

    None when BOUNDLAB_CACHE is `off`.
    """
    chosen = os.environ.get("BOUNDLAB_CACHE")
    if chosen == "off":
        return None
    if chosen:
        return Path(chosen) / "training"
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "boundlab" / "training"


def train(
    contexts: Contexts,
    measure: FloatArray,
    rows: FloatArray,
    settings: TrainingSettings,
    directory: Path | None = None,
) -> Trajectory:
    """Train on contexts of law `measure` (N,) with next-token laws `rows` (N, V), and keep the checkpoints.

    With a directory, the run is read from `<key>.npz` there if it has been made before, and left there if not; a file
    that cannot be read is replaced, since the run can be made again.
    Raises ValueError for contexts that are empty, not different, or do not fit the arrays; FloatingPointError when the
    loss is not finite.
    """
    symbols = _padded(contexts, measure, rows)
    key = trajectory_key(contexts, measure, rows, settings)
    path = None if directory is None else directory / f"{key}.npz"
    kept = None if path is None else _kept(path)
    if kept is not None:
        return kept
    trajectory = _run(symbols, measure, rows, settings, key)
    if path is not None:
        write_trajectory(path, trajectory)
    return trajectory


def train_on_source(
    source: FiniteSource, settings: TrainingSettings, directory: Path | None = None, contexts: Contexts | None = None
) -> Trajectory:
    """`train` on the first token law of a finite source; without `contexts`, context number x is the one symbol x."""
    symbols: Contexts = [(x,) for x in range(source.contexts)] if contexts is None else contexts
    return train(symbols, source.mu, source.laws[0], settings, directory)


def _kept(path: Path) -> Trajectory | None:
    try:
        return read_trajectory(path)
    except FileNotFoundError:
        return None
    except ValueError:  # half a file, or one of an older format
        return None


def _padded(contexts: Contexts, measure: FloatArray, rows: FloatArray) -> NDArray[np.int64]:
    """Contexts as one array (N, length), padded on the left by the symbol after the largest."""
    check_rows(rows, "the next-token laws")
    check_measure(measure, len(rows))
    if len(contexts) != len(rows):
        raise ValueError(f"there are {len(contexts)} contexts and {len(rows)} rows, expected as many")
    tuples = [tuple(int(symbol) for symbol in context) for context in contexts]
    if len(set(tuples)) != len(tuples):
        twice = next(context for context in tuples if tuples.count(context) > 1)
        raise ValueError(f"context {twice} occurs twice, expected different contexts")
    negative = [context for context in tuples if any(symbol < 0 for symbol in context)]
    if negative:
        raise ValueError(f"context {negative[0]} holds a negative symbol, expected 0, 1, ...")
    length = max(1, *map(len, tuples))
    pad = 1 + max((symbol for context in tuples for symbol in context), default=-1)
    return np.array([(pad,) * (length - len(context)) + context for context in tuples], dtype=np.int64)


def _run(
    symbols: NDArray[np.int64], measure: FloatArray, rows: FloatArray, settings: TrainingSettings, key: str
) -> Trajectory:
    import torch

    from numerics.icl.adamw import AdamW
    from numerics.training.network import NORM_EPSILON, SourceTransformer

    with single_thread():
        network = SourceTransformer(
            int(symbols.max()) + 1,
            symbols.shape[1],
            rows.shape[1],
            settings.layers,
            settings.width,
            settings.heads,
            settings.seed,
        )
        optimiser = AdamW(network, weight_decay=0.0, clip=GRADIENT_NORM)
        inputs, targets = torch.from_numpy(symbols), torch.from_numpy(measure[:, None] * rows)
        kept = checkpoint_steps(settings)
        wanted = set(kept.tolist())
        seen: list[dict[str, FloatArray]] = []
        for step in range(settings.steps + 1):
            if step in wanted:
                seen.append(_snapshot(network, inputs, measure, rows))
            if step == settings.steps:
                break
            loss = -(targets * torch.log_softmax(network(inputs), dim=-1)).sum()
            if not bool(torch.isfinite(loss)):
                raise FloatingPointError(f"the training loss is {loss.item()} at step {step}; lower the learning rate")
            loss.backward()  # type: ignore[no-untyped-call]  # torch's own method carries no annotations
            optimiser.step(settings.rate(step))
    stacked = {name: np.stack([snapshot[name] for snapshot in seen]) for name in seen[0]}
    noise = -float(measure @ xlogy(rows, rows).sum(axis=1))
    return Trajectory(key=key, noise=noise, steps=kept, epsilon=NORM_EPSILON, **stacked)


def _snapshot(
    network: SourceTransformer, inputs: object, measure: FloatArray, rows: FloatArray
) -> dict[str, FloatArray]:
    import torch

    assert isinstance(inputs, torch.Tensor)
    with torch.no_grad():
        layers = network.layer_states(inputs)
        states = network.final_norm(layers[-1])
        log_rows = torch.log_softmax(network.unembedding(states), dim=-1).numpy().copy()
        # 0 log 0 = 0 in the loss even where a trained row underflows.
        loss = -float(measure @ np.where(rows > 0, rows * log_rows, 0.0).sum(axis=1))
        return {
            "losses": np.asarray(loss),
            "states": states.numpy().copy(),
            "unembeddings": network.unembedding.weight.numpy().copy(),
            "log_rows": log_rows,
            "layer_states": torch.stack(layers).numpy().copy(),
            "gains": network.final_norm.weight.numpy().copy(),
            "shifts": network.final_norm.bias.numpy().copy(),
        }
