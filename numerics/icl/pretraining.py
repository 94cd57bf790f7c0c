"""Pre-training of the chain transformer on fresh random Markov chains (specification, experiment 4.5).

Every step draws a new batch of Dirichlet kernels and one chain from each, X_1 uniform, and lowers the mean next-state
loss in nats. The batch of step t is a function of (seed, t) alone, so a run that was interrupted and resumed ends
with the same weights, bit for bit. This module imports torch; import it only where a transformer is really trained or
loaded.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from numerics.icl.adamw import AdamW
from numerics.icl.checkpoint import Checkpoint, read_checkpoint, write_checkpoint
from numerics.icl.estimators import exact_kernel
from numerics.icl.simulate import random_dirichlet_kernels, sample_chains
from numerics.icl.transformer import ChainTransformer, TransformerSize
from numerics.training.interrupt import deferred_interrupt

CHECKPOINT_NAME = "checkpoint.npz"
Progress = Callable[[int, int, float], None]


@dataclass(frozen=True)
class PretrainingSettings:
    """The recipe: size of the decoder, optimiser (AdamW, linear warm-up, cosine to zero, gradient norm clip) and
    source of the data.

    Lengths and context in states, `steps` and `warmup` in optimiser steps, `batch` in chains. With `expected_loss` the
    target at each position is the true law P(.|x) instead of one state drawn from it: the same loss in expectation, and
    the same gradient with far less noise, so that fewer and smaller batches do.
    """

    size: TransformerSize
    steps: int
    batch: int = 64
    learning_rate: float = 3e-3
    warmup: int = 100
    clip: float = 1.0
    weight_decay: float = 0.01
    concentration: float = 1.0
    expected_loss: bool = False
    seed: int = 0

    def __post_init__(self) -> None:
        for name in ("steps", "batch"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} is {getattr(self, name)}, expected at least 1")
        for name in ("learning_rate", "clip", "concentration"):
            if not getattr(self, name) > 0:
                raise ValueError(f"{name} is {getattr(self, name)}, expected a positive number")

    @classmethod
    def reference(cls, states: int = 2, seed: int = 0) -> PretrainingSettings:
        """The specification's recipe: d = 2 with context 48 and 3000 steps, d >= 3 with context 100 and 6000 steps."""
        context, steps = (48, 3000) if states == 2 else (100, 6000)
        return cls(TransformerSize(states, context), steps, seed=seed)

    @classmethod
    def fast(cls, states: int = 2, seed: int = 0) -> PretrainingSettings:
        """The same decoder trained on expected losses with half the batch: for d = 2 about a quarter of the work."""
        context, steps = (48, 1500) if states == 2 else (100, 3000)
        size = TransformerSize(states, context)
        return cls(size, steps, batch=32, learning_rate=1e-2, expected_loss=True, seed=seed)

    @classmethod
    def brief(cls, states: int = 3, seed: int = 0) -> PretrainingSettings:
        """Context 48 and 800 steps on expected losses, some twenty seconds for d = 3: within about one per cent of
        add-1 except at the last positions, which the fewest gradients reach."""
        return cls(TransformerSize(states, 48), 800, batch=24, learning_rate=1e-2, expected_loss=True, seed=seed)

    @property
    def key(self) -> str:
        """Hash of the recipe: names the folder of its checkpoint."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()[:12]

    def rate(self, step: int) -> float:
        """Learning rate used by step number `step` (from 0)."""
        if step < self.warmup:
            return self.learning_rate * (step + 1) / self.warmup
        share = (step - self.warmup) / max(1, self.steps - self.warmup)
        return 0.5 * self.learning_rate * (1.0 + math.cos(math.pi * share))


@dataclass(frozen=True)
class Pretrained:
    """A finished or interrupted run: the model, the recipe, and the training loss of every step in nats."""

    model: ChainTransformer
    settings: PretrainingSettings
    losses: NDArray[np.float64]


def training_batch(settings: PretrainingSettings, step: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """The chains of step `step`, int64 (batch, context + 1), and the kernels they follow, (batch, d, d)."""
    rng = np.random.default_rng([settings.seed, step])
    kernels = random_dirichlet_kernels(settings.batch, settings.size.states, rng, settings.concentration)
    return sample_chains(kernels, settings.size.context + 1, rng), kernels


def pretrain(
    settings: PretrainingSettings,
    directory: Path | None = None,
    *,
    progress: Progress | None = None,
    checkpoint_every: int = 250,
    threads: int = 1,
) -> Pretrained:
    """Train, or go on from the checkpoint in `directory`; `progress(step, steps, loss)` is called after every step.

    Ctrl-C (or a KeyboardInterrupt raised by `progress`) takes effect between two steps, after a checkpoint has been
    written. `threads` is the number of torch threads during the run; the caller's number is restored.
    Raises ValueError when the checkpoint was made with other settings.
    """
    model = ChainTransformer(settings.size, settings.seed)
    optimiser = AdamW(model, settings.weight_decay, settings.clip)
    losses: list[float] = []
    path = None if directory is None else directory / CHECKPOINT_NAME
    if path is not None and path.exists():
        losses = _restore(read_checkpoint(path), settings, model, optimiser)

    def save() -> None:
        if path is not None:
            write_checkpoint(path, _snapshot(settings, model, optimiser, losses))

    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        with deferred_interrupt() as interrupted:
            while len(losses) < settings.steps:
                losses.append(_step(settings, model, optimiser, len(losses)))
                if len(losses) == settings.steps or len(losses) % checkpoint_every == 0:
                    save()
                try:
                    if progress is not None:
                        progress(len(losses), settings.steps, losses[-1])
                    if interrupted():
                        raise KeyboardInterrupt
                except KeyboardInterrupt:
                    save()
                    raise
    finally:
        torch.set_num_threads(before)
    return Pretrained(model, settings, np.asarray(losses))


def load_pretrained(directory: Path) -> Pretrained:
    """Read the run in `directory`, finished or not; `len(losses)` says how far it got."""
    checkpoint = read_checkpoint(directory / CHECKPOINT_NAME)
    values: dict[str, Any] = dict(checkpoint.settings)
    settings = PretrainingSettings(size=TransformerSize(**values.pop("size")), **values)
    model = ChainTransformer(settings.size, settings.seed)
    _load_weights(model, checkpoint)
    return Pretrained(model, settings, checkpoint.losses)


def _step(settings: PretrainingSettings, model: ChainTransformer, optimiser: AdamW, step: int) -> float:
    model.train()
    chains, kernels = training_batch(settings, step)  # (B, context + 1), (B, d, d)
    prompts = chains[:, :-1]
    logits = model(torch.from_numpy(prompts)).reshape(-1, settings.size.states)  # (B context, d)
    if settings.expected_loss:
        laws = exact_kernel(prompts, kernels).reshape(-1, settings.size.states).astype(np.float32)
        loss = functional.cross_entropy(logits, torch.from_numpy(laws))
    else:
        loss = functional.cross_entropy(logits, torch.from_numpy(chains[:, 1:].reshape(-1)))
    loss.backward()  # type: ignore[no-untyped-call]  # torch's own method carries no annotations
    value = float(loss.item())
    if not math.isfinite(value):
        raise FloatingPointError(f"the training loss is {value} at step {step}; lower the learning rate")
    optimiser.step(settings.rate(step))
    return value


def _snapshot(
    settings: PretrainingSettings, model: ChainTransformer, optimiser: AdamW, losses: list[float]
) -> Checkpoint:
    return Checkpoint(
        step=len(losses),
        settings=asdict(settings),
        losses=np.asarray(losses),
        weights={name: value.detach().numpy() for name, value in model.named_parameters()},
        first_moments={name: value.numpy() for name, value in optimiser.first.items()},
        second_moments={name: value.numpy() for name, value in optimiser.second.items()},
    )


def _restore(
    checkpoint: Checkpoint, settings: PretrainingSettings, model: ChainTransformer, optimiser: AdamW
) -> list[float]:
    wanted = asdict(settings)
    for name, value in wanted.items():
        if checkpoint.settings.get(name) != value:
            raise ValueError(f"the checkpoint was made with {name} = {checkpoint.settings.get(name)}, expected {value}")
    _load_weights(model, checkpoint)
    optimiser.steps = checkpoint.step
    for name in optimiser.parameters:
        optimiser.first[name].copy_(torch.from_numpy(np.array(checkpoint.first_moments[name])))
        optimiser.second[name].copy_(torch.from_numpy(np.array(checkpoint.second_moments[name])))
    return [float(loss) for loss in checkpoint.losses]


def _load_weights(model: ChainTransformer, checkpoint: Checkpoint) -> None:
    wanted = {name: tuple(value.shape) for name, value in model.named_parameters()}
    found = {name: value.shape for name, value in checkpoint.weights.items()}
    if wanted != found:
        raise ValueError(f"the checkpoint holds arrays {found}, expected {wanted}")
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            parameter.copy_(torch.from_numpy(np.array(checkpoint.weights[name])))
