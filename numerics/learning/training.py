"""Training of masked networks: AdamW, a linear schedule, checkpoints, and the bits of held-out chains.

Main definitions
    Options      everything a run depends on beside the data
    Source       step and count to a batch of sequences; a resumed run asks for the same batches again
    train        runs or resumes; bit for bit the same run on the same machine and number of threads
    Log          losses of every step, and held-out chains: bits, greedy misses and the bound on them
    learning_rate

Checkpoints are plain arrays in one file, written atomically and read without pickle (numerics.archive).
Losses are nats a predicted token; bits are of the tokens after the prompt. Source: specification `autoregressive`,
greedy_nll_bound and sections 4, 5 (E4, E5).
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from numerics.archive import read_arrays, write_arrays
from numerics.learning.networks import MaskedNetwork, Shape, chain_bits

FORMAT = "boundlab masked network 1"
Source = Callable[[int, int], NDArray[np.int64]]  # (micro-batch number, sequences) to tokens (B, L)
Progress = Callable[[int, int, float], None]  # steps done, steps in all, last loss


class ResumeError(ValueError):
    """A checkpoint of another run; the message names the first setting that differs."""


@dataclass(frozen=True)
class Options:
    """What a run depends on beside its data.

    Attributes
        steps         optimiser steps
        rate          largest learning rate
        decay         weight decay, of everything but biases
        batch         sequences of a micro-batch
        accumulation  micro-batches of a step
        clip          largest norm of the gradient
        warmup        steps until the rate is reached; the first update has rate 0 where it is 1
        schedule      steps after which the rate would be 0 (None: `steps`); a schedule that counts micro-batches but
                      steps once an update has steps * accumulation here
        prompt        tokens of the prompt: bits count the tokens after it
        on_prompt     whether the loss counts the prompt's own tokens too
        ignore        a token whose prediction counts in no loss, such as padding
        seed          of the initial weights
        bf16          matrix products in bfloat16
    """

    steps: int
    rate: float = 1e-3
    decay: float = 0.1
    batch: int = 64
    accumulation: int = 1
    clip: float = 1.0
    warmup: int = 1
    schedule: int | None = None
    prompt: int = 1
    on_prompt: bool = True
    ignore: int | None = None
    seed: int = 0
    bf16: bool = False

    def __post_init__(self) -> None:
        if min(self.steps, self.batch, self.accumulation, self.prompt) < 1 or self.warmup < 0:
            raise ValueError(f"{self}: steps, batch, accumulation and prompt must be at least 1, warmup at least 0")


def learning_rate(options: Options, step: int) -> float:
    """The rate of update `step` = 0, 1, ...: linear up to the warm-up, then linear to 0 at the schedule's end."""
    end = options.steps if options.schedule is None else options.schedule
    if step < options.warmup:
        return options.rate * step / options.warmup
    return options.rate * max(0.0, (end - step) / max(1, end - options.warmup))


@dataclass(frozen=True)
class HeldOut:
    """Held-out chains after `step` updates.

    Attributes
        bits    mean of the sum of -log2 p(true token) over a chain
        bound   mean of min(1, sum of min(1, bits of a token)), which bounds the error of greedy chains
        misses  share of chains with a greedy miss (teacher forced, so also of rollouts that differ)
        tokens  share of tokens with a greedy miss
    """

    step: int
    bits: float
    bound: float
    misses: float
    tokens: float


@dataclass
class Log:
    """Losses of every step (nats a token) and the held-out chains met on the way."""

    losses: list[float] = field(default_factory=list)
    held_out: list[HeldOut] = field(default_factory=list)


def evaluate(network: MaskedNetwork, sequences: NDArray[np.int64], prompt: int, step: int, batch: int = 256) -> HeldOut:
    """Bits, their bound and greedy misses on sequences (N, L)."""
    device = network.head.device
    parts = [
        chain_bits(network, torch.from_numpy(sequences[i : i + batch]).to(device), prompt)
        for i in range(0, len(sequences), batch)
    ]
    bits = torch.cat([b for b, _ in parts]).double()
    missed = torch.cat([w for _, w in parts])
    bound = bits.clamp(max=1).sum(1).clamp(max=1).mean()
    return HeldOut(
        step,
        float(bits.sum(1).mean()),
        float(bound),
        float(missed.any(1).double().mean()),
        float(missed.double().mean()),
    )


def train(
    shape: Shape,
    options: Options,
    source: Source,
    *,
    held_out: NDArray[np.int64] | None = None,
    every: int = 0,
    checkpoint: Path | None = None,
    seconds_between: float = 300.0,
    stop_after: int | None = None,
    device: str = "cpu",
    progress: Progress | None = None,
) -> tuple[MaskedNetwork, Log]:
    """Train from the initial weights, or go on from `checkpoint` where that file is.

    `held_out` sequences (N, L) are evaluated every `every` steps and at the end. A checkpoint is written every
    `seconds_between` seconds and at the end. `stop_after` ends this call early, after that many steps in all.
    Raises ResumeError for a checkpoint of another run.
    """
    network = MaskedNetwork(shape, torch.Generator().manual_seed(options.seed)).to(device)
    biases = set(network.biases())
    named = dict(network.named_parameters())
    optimiser = torch.optim.AdamW(
        [
            {"params": [p for name, p in named.items() if name not in biases], "weight_decay": options.decay},
            {"params": [p for name, p in named.items() if name in biases], "weight_decay": 0.0},
        ],
        lr=options.rate,
    )
    log = Log()
    if checkpoint is not None and checkpoint.exists():
        _restore(checkpoint, shape, options, named, optimiser, log)
    last = options.steps if stop_after is None else min(stop_after, options.steps)
    written = time.monotonic()
    while len(log.losses) < last:
        step = len(log.losses)
        log.losses.append(_step(network, optimiser, options, source, step, device))
        done = step + 1
        if progress is not None:
            progress(done, options.steps, log.losses[-1])
        if held_out is not None and (done == options.steps or (every and done % every == 0)):
            log.held_out.append(evaluate(network, held_out, options.prompt, done))
        if checkpoint is not None and (done == last or time.monotonic() - written > seconds_between):
            _save(checkpoint, shape, options, named, optimiser, log)
            written = time.monotonic()
    return network, log


def _step(
    network: MaskedNetwork, optimiser: torch.optim.Optimizer, options: Options, source: Source, step: int, device: str
) -> float:
    for group in optimiser.param_groups:
        group["lr"] = learning_rate(options, step)
    optimiser.zero_grad(set_to_none=True)
    total = 0.0
    for part in range(options.accumulation):
        tokens = torch.from_numpy(source(step * options.accumulation + part, options.batch)).to(device)
        with torch.autocast(device_type=device.split(":")[0], dtype=torch.bfloat16, enabled=options.bf16):
            loss = _loss(network, tokens, options)
        (loss / options.accumulation).backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
        total += float(loss.detach()) / options.accumulation
    torch.nn.utils.clip_grad_norm_(network.parameters(), options.clip)
    optimiser.step()
    return total


def _loss(network: MaskedNetwork, tokens: Tensor, options: Options) -> Tensor:
    logits = network(tokens[:, :-1])
    true = tokens[:, 1:]
    if not options.on_prompt:
        logits, true = logits[:, options.prompt - 1 :], true[:, options.prompt - 1 :]
    ignore = -100 if options.ignore is None else options.ignore
    return functional.cross_entropy(logits.flatten(0, 1).float(), true.flatten(), ignore_index=ignore)


def _settings(shape: Shape, options: Options) -> str:
    return json.dumps({"shape": asdict(shape), "options": asdict(options)}, sort_keys=True)


def _save(
    path: Path,
    shape: Shape,
    options: Options,
    named: dict[str, Any],
    optimiser: torch.optim.Optimizer,
    log: Log,
) -> None:
    arrays: dict[str, NDArray[Any]] = {
        "format": np.array(FORMAT),
        "settings": np.array(_settings(shape, options)),
        "losses": np.array(log.losses),
        "held_out": np.array(json.dumps([asdict(h) for h in log.held_out])),
    }
    for name, parameter in named.items():
        arrays[f"weight/{name}"] = parameter.detach().cpu().numpy()
        state = optimiser.state.get(parameter)
        if not state:  # a row of blocks that no sequence is long enough to reach
            continue
        arrays[f"first_moment/{name}"] = state["exp_avg"].cpu().numpy()
        arrays[f"second_moment/{name}"] = state["exp_avg_sq"].cpu().numpy()
    write_arrays(path, arrays)


def _restore(
    path: Path,
    shape: Shape,
    options: Options,
    named: dict[str, Any],
    optimiser: torch.optim.Optimizer,
    log: Log,
) -> None:
    arrays = read_arrays(path, "checkpoint of a masked network", ("format", "settings", "losses", "held_out"))
    if str(arrays["format"]) != FORMAT:
        raise ResumeError(f"{path.name} has format {str(arrays['format'])!r}, expected {FORMAT!r}")
    stored, wanted = json.loads(str(arrays["settings"])), json.loads(_settings(shape, options))
    for part in ("shape", "options"):
        for key, value in wanted[part].items():
            if stored[part].get(key) != value:
                raise ResumeError(f"{path.name} was made with {key} = {stored[part].get(key)}, this run has {value}")
    missing = [name for name in named if f"weight/{name}" not in arrays]
    if missing:
        raise ResumeError(f"{path.name} lacks the weights {missing[0]}")
    log.losses = [float(x) for x in arrays["losses"]]
    log.held_out = [HeldOut(**h) for h in json.loads(str(arrays["held_out"]))]
    for name, parameter in named.items():
        device = parameter.device
        with torch.no_grad():
            parameter.copy_(torch.from_numpy(arrays[f"weight/{name}"]))
        if f"first_moment/{name}" not in arrays:
            continue
        optimiser.state[parameter] = {
            "step": torch.tensor(float(len(log.losses))),
            "exp_avg": torch.from_numpy(arrays[f"first_moment/{name}"]).to(device),
            "exp_avg_sq": torch.from_numpy(arrays[f"second_moment/{name}"]).to(device),
        }
