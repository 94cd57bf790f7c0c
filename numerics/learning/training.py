"""Training of the masked networks: the published options, checkpoints without pickle, resumed bit for bit.

Main definitions
    Recipe     network, optimiser (AdamW, no decay of biases, clipped norm) and schedule
    Source     gives the next texts of the data, drawn online or read in order
    train      the run, or its continuation from the last checkpoint
    load       the run kept in a folder, finished or not

An update adds the gradients of `accumulation` batches. What a run will do depends on weights, moments, number of
updates and state of the generator, and on nothing else: all of it is in the checkpoint, so that a run that was killed
ends with the same bits as one that was not. Losses are means over all predicted tokens, in nats; bits are the sums of
-log2 p over the chain, the tokens from number `prompt` on, as means over the texts of an update. This module imports
torch. Source: specification `autoregressive`, D15 and experiments E4, E5.
"""

from __future__ import annotations

import hashlib
import json
import math
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray

from numerics.archive import read_arrays, write_arrays
from numerics.icl.adamw import AdamW
from numerics.learning.networks import FloatArray, IntArray, MaskedNetwork, NetworkSize, Precision
from numerics.training.interrupt import deferred_interrupt

FORMAT = "boundlab masked network 1"
CHECKPOINT_NAME = "checkpoint.npz"
Source = Callable[[np.random.Generator, int, int], IntArray]  # (generator, texts given so far, how many) to (B, N)
Progress = Callable[[int, int, float], None]  # (updates made, updates in all, loss of the last one)


class CheckpointError(ValueError):
    """A checkpoint cannot be read, or belongs to another recipe; the message says where they differ."""


@dataclass(frozen=True)
class Recipe:
    """How a network is trained.

    Attributes
        size           of the network
        data           names the texts, so that runs on different ones are told apart
        updates        of the weights; each reads `accumulation` batches of `batch` texts
        prompt         tokens that are given; `bits` count the others (losses are of all tokens but the first)
        schedule       the rate falls linearly to 0 over as many steps as there are updates, or as there are batches:
                       the published runs count batches but step once an update, and end at 1 - 1/accumulation
        warmup         updates over which the rate grows from 0: the first update has rate 0
    """

    size: NetworkSize
    data: str
    updates: int
    batch: int
    learning_rate: float
    prompt: int = 1
    accumulation: int = 1
    weight_decay: float = 0.1
    clip: float = 1.0
    warmup: int = 1
    schedule: Literal["updates", "batches"] = "updates"
    precision: Precision = "float32"
    seed: int = 0

    def __post_init__(self) -> None:
        for name in ("updates", "batch", "prompt", "accumulation"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} is {getattr(self, name)}, expected at least 1")
        for name in ("learning_rate", "clip"):
            if not getattr(self, name) > 0:
                raise ValueError(f"{name} is {getattr(self, name)}, expected a positive number")

    @property
    def key(self) -> str:
        """Hash of the recipe: names the folder of its checkpoint."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()[:12]

    def rate(self, update: int) -> float:
        """Learning rate of update number `update` (from 0)."""
        if update < self.warmup:
            return self.learning_rate * update / self.warmup
        steps = self.updates * (self.accumulation if self.schedule == "batches" else 1)
        return self.learning_rate * (steps - update) / max(1, steps - self.warmup)


@dataclass(frozen=True, eq=False)
class Trained:
    """A run after `len(losses)` updates: the network, mean losses (nats) and mean sums of bits, one an update."""

    network: MaskedNetwork
    recipe: Recipe
    losses: FloatArray
    bits: FloatArray

    @property
    def finished(self) -> bool:
        """Whether all updates have been made."""
        return len(self.losses) == self.recipe.updates


def train(
    recipe: Recipe,
    source: Source,
    directory: Path | None = None,
    *,
    until: int | None = None,
    progress: Progress | None = None,
    checkpoint_seconds: float = 300.0,
    threads: int = 1,
    device: str = "cpu",
) -> Trained:
    """Train, or go on from the checkpoint in `directory`, up to update number `until` (default: all).

    A checkpoint is written at the end, and after an update when the last one is older than `checkpoint_seconds`.
    Ctrl-C (or a KeyboardInterrupt raised by `progress`) takes effect between two updates, after a checkpoint. `threads`
    is the number of torch threads during the run; the caller's number is restored.
    Raises CheckpointError when the checkpoint is of another recipe, FloatingPointError when the loss is not finite.
    """
    run = _Run(recipe, source, device)
    path = None if directory is None else directory / CHECKPOINT_NAME
    if path is not None and path.exists():
        run.restore(path)
    written = time.monotonic()
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        with deferred_interrupt() as interrupted:
            last = min(recipe.updates, recipe.updates if until is None else until)
            while len(run.losses) < last:
                run.update()
                if path is not None and (len(run.losses) == last or time.monotonic() - written >= checkpoint_seconds):
                    run.save(path)
                    written = time.monotonic()
                try:
                    if progress is not None:
                        progress(len(run.losses), recipe.updates, run.losses[-1])
                    if interrupted():
                        raise KeyboardInterrupt
                except KeyboardInterrupt:
                    if path is not None:
                        run.save(path)
                    raise
    finally:
        torch.set_num_threads(before)
    return run.result


def load(directory: Path) -> Trained:
    """The run in `directory`, on the CPU. Raises CheckpointError, or FileNotFoundError when there is none."""
    arrays = _read(directory / CHECKPOINT_NAME)
    values: dict[str, Any] = json.loads(str(arrays["recipe"]))
    recipe = Recipe(size=NetworkSize(**values.pop("size")), **values)
    network = MaskedNetwork(recipe.size, recipe.seed, precision=recipe.precision)
    _fill(dict(network.named_parameters()), arrays, "weight")
    return Trained(network, recipe, arrays["losses"], arrays["bits"])


class _Run:
    """Everything that an update reads and changes."""

    def __init__(self, recipe: Recipe, source: Source, device: str) -> None:
        self.recipe, self.source, self.device = recipe, source, device
        self.network = MaskedNetwork(recipe.size, recipe.seed, precision=recipe.precision, device=device)
        self.optimiser = AdamW(self.network, recipe.weight_decay, recipe.clip, undecayed=self.network.bias_names)
        self.generator = np.random.default_rng([recipe.seed, 0xDA7A])
        self.losses: list[float] = []
        self.bits: list[float] = []

    def update(self) -> None:
        recipe = self.recipe
        number, loss, bits = len(self.losses), 0.0, 0.0
        for part in range(recipe.accumulation):
            given = (number * recipe.accumulation + part) * recipe.batch
            texts = torch.from_numpy(self.source(self.generator, given, recipe.batch)).to(self.device)  # (B, N)
            losses = self.network.losses(texts)  # (N - 1, B)
            mean = losses.mean() / recipe.accumulation
            mean.backward()  # type: ignore[no-untyped-call]  # torch's own method carries no annotations
            loss += float(mean.item())
            chain = losses.detach()[recipe.prompt - 1 :].double().sum(dim=0).mean()
            bits += float(chain.item()) / math.log(2) / recipe.accumulation
        if not math.isfinite(loss):
            raise FloatingPointError(f"the training loss is {loss} at update {number}; lower the learning rate")
        self.optimiser.step(recipe.rate(number))
        self.losses.append(loss)
        self.bits.append(bits)

    @property
    def result(self) -> Trained:
        return Trained(self.network, self.recipe, np.asarray(self.losses), np.asarray(self.bits))

    def save(self, path: Path) -> None:
        arrays: dict[str, NDArray[Any]] = {
            "format": np.array(FORMAT),
            "recipe": np.array(json.dumps(asdict(self.recipe), sort_keys=True)),
            "generator": np.array(json.dumps(self.generator.bit_generator.state)),
            "losses": np.asarray(self.losses),
            "bits": np.asarray(self.bits),
        }
        for prefix, group in self._groups.items():
            arrays.update({f"{prefix}/{name}": value.detach().cpu().numpy() for name, value in group.items()})
        write_arrays(path, arrays)

    def restore(self, path: Path) -> None:
        arrays = _read(path)
        found, wanted = json.loads(str(arrays["recipe"])), asdict(self.recipe)
        for name, value in wanted.items():
            if found.get(name) != value:
                raise CheckpointError(f"the checkpoint was made with {name} = {found.get(name)}, expected {value}")
        for prefix, group in self._groups.items():
            _fill(group, arrays, prefix)
        self.generator.bit_generator.state = json.loads(str(arrays["generator"]))
        self.losses, self.bits = arrays["losses"].tolist(), arrays["bits"].tolist()
        self.optimiser.steps = len(self.losses)

    @property
    def _groups(self) -> dict[str, dict[str, Any]]:
        optimiser = self.optimiser
        return {"weight": optimiser.parameters, "first": optimiser.first, "second": optimiser.second}


def _read(path: Path) -> dict[str, NDArray[Any]]:
    try:
        arrays = read_arrays(path, "checkpoint", ("format", "recipe", "generator", "losses", "bits"))
    except ValueError as error:
        raise CheckpointError(str(error)) from error
    if str(arrays["format"]) != FORMAT:
        raise CheckpointError(f"{path.name} has format {str(arrays['format'])!r}, expected {FORMAT!r}")
    return arrays


@torch.no_grad()
def _fill(group: dict[str, Any], arrays: dict[str, NDArray[Any]], prefix: str) -> None:
    for name, value in group.items():
        found = arrays.get(f"{prefix}/{name}")
        if found is None or found.shape != tuple(value.shape):
            shape = None if found is None else found.shape
            raise CheckpointError(f"{prefix}/{name} has shape {shape}, expected {tuple(value.shape)}")
        value.copy_(torch.from_numpy(found))
