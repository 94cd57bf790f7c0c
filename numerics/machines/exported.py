"""Linear predictors as torch modules, saved without pickle.

Main definitions
    Exported     a module whose `forward` decodes prompts; the same weights, added in the same order, as `dense`
    export       from the exact model, in float32 or float64
    save, load   tensors in `model.safetensors`, the dictionary and the form in `model.json`

In float64, and in float32 up to `precision.first_inexact_step`, the module's scores are the exact integers. This module
imports torch: import it inside the function that needs it. Source: specification `autoregressive`, section 4.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from torch import Tensor, nn

from numerics.machines.dense import DenseStep, dense
from numerics.machines.linear_ar import LinearAR

FORMAT = "boundlab linear predictor in torch, version 1"
Precision = Literal["float32", "float64"]
DTYPES: dict[str, torch.dtype] = {"float32": torch.float32, "float64": torch.float64}


class ExportError(ValueError):
    """A folder holds no exported predictor, or a needed package is absent; the message says which."""


class ExportedStep(nn.Module):
    """The decoder of one chain token; tables as in `dense.DenseStep`."""

    live: Tensor
    positions: Tensor
    table: Tensor

    def __init__(self, live: Tensor, positions: Tensor, table: Tensor, rows: Tensor, bias: Tensor) -> None:
        super().__init__()
        self.register_buffer("live", live)  # (A,)
        self.register_buffer("positions", positions)  # (m,)
        self.register_buffer("table", table)  # (m, K)
        self.rows = nn.Parameter(rows, requires_grad=False)  # (R, A)
        self.bias = nn.Parameter(bias, requires_grad=False)  # (A,)

    def forward(self, contexts: Tensor) -> Tensor:
        """Scores (B, A) on contexts (B, length)."""
        found = self.bias.repeat(len(contexts), 1)
        for position, table in zip(self.positions.tolist(), self.table, strict=True):
            # One position after the other, in order: then a sum rounds as it does in the array backend.
            found += self.rows.index_select(0, table.index_select(0, contexts[:, position]))
        return found


class Exported(nn.Module):
    """A predictor for prompts of n tokens; token indices are places in `tokens`."""

    def __init__(self, n: int, tokens: Sequence[str], steps: Sequence[ExportedStep]) -> None:
        super().__init__()
        self.n = n
        self.tokens = tuple(tokens)
        self.steps = nn.ModuleList(steps)

    def scores(self, t: int, contexts: Tensor) -> Tensor:
        """Scores of the live tokens of step t = 1..T on contexts (B, >= n + t - 1): (B, A_t)."""
        found: Tensor = self.steps[t - 1](contexts)
        return found

    def forward(self, prompts: Tensor) -> Tensor:
        """Prompts (B, n) int64 to chains (B, T). Raises ValueError for another shape."""
        if prompts.ndim != 2 or prompts.shape[1] != self.n:
            raise ValueError(f"prompts have shape {tuple(prompts.shape)}, expected (B, {self.n})")
        contexts = torch.empty((len(prompts), self.n + len(self.steps)), dtype=torch.int64, device=prompts.device)
        contexts[:, : self.n] = prompts
        for t, step in enumerate(self.steps):
            live = step.get_buffer("live")
            contexts[:, self.n + t] = live[step(contexts).argmax(dim=1)]
        return contexts[:, self.n :]


def export(model: LinearAR, tokens: Sequence[str] | None = None, precision: Precision = "float64") -> Exported:
    """The module of a model with dictionary `tokens` (default: every token that the model names).

    Raises UnknownToken for a dictionary that lacks a token, ScoreOverflow for weights too large for the format.
    """
    arrays = dense(model, tokens, precision)
    return Exported(arrays.n, arrays.tokens, [_step(step) for step in arrays.steps])


def save(module: Exported, folder: Path) -> None:
    """Write `model.safetensors` and `model.json` into a folder, which is made where it is missing."""
    safetensors = _safetensors()
    folder.mkdir(parents=True, exist_ok=True)
    safetensors.torch.save_file(
        {name: tensor.contiguous() for name, tensor in module.state_dict().items()}, folder / "model.safetensors"
    )
    record = {"format": FORMAT, "n": module.n, "tokens": list(module.tokens), "steps": len(module.steps)}
    (folder / "model.json").write_text(json.dumps(record, ensure_ascii=False), "utf-8")


def load(folder: Path) -> Exported:
    """The module that `save` wrote. Raises ExportError."""
    safetensors = _safetensors()
    try:
        record = json.loads((folder / "model.json").read_text("utf-8"))
        tensors: dict[str, Tensor] = safetensors.torch.load_file(folder / "model.safetensors")
    except (OSError, ValueError, safetensors.SafetensorError) as error:
        raise ExportError(f"{folder.name} holds no exported predictor: {error}") from error
    if not isinstance(record, dict) or record.get("format") != FORMAT:
        raise ExportError(f"{folder.name}/model.json: expected the format {FORMAT!r}")
    n, tokens, count = record.get("n"), record.get("tokens"), record.get("steps")
    if not (isinstance(n, int) and isinstance(count, int) and isinstance(tokens, list) and n >= 1 and count >= 1):
        raise ExportError(f"{folder.name}/model.json: expected n and steps, at least 1, and a list of tokens")
    names = ("live", "positions", "table", "rows", "bias")
    wanted = {f"steps.{t}.{name}" for t in range(count) for name in names}
    if set(tensors) != wanted:
        odd = sorted(set(tensors) ^ wanted)[0]
        raise ExportError(f"{folder.name}/model.safetensors: tensor {odd!r} is missing or unknown")
    steps = []
    for t in range(count):
        live, positions, table, rows, bias = (tensors[f"steps.{t}.{name}"] for name in names)
        _check(folder.name, t, n + t, len(tokens), live, positions, table, rows, bias)
        steps.append(ExportedStep(live, positions, table, rows, bias))
    return Exported(n, [str(token) for token in tokens], steps)


def _step(step: DenseStep) -> ExportedStep:
    return ExportedStep(
        torch.from_numpy(step.live),
        torch.from_numpy(step.positions),
        torch.from_numpy(step.table.astype(np.int64)),
        torch.from_numpy(step.rows),
        torch.from_numpy(step.bias),
    )


def _check(
    name: str, t: int, length: int, K: int, live: Tensor, positions: Tensor, table: Tensor, rows: Tensor, bias: Tensor
) -> None:
    """Raises ExportError for tables that do not fit together."""
    integer = all(tensor.dtype == torch.int64 for tensor in (live, positions, table))
    shapes = (
        bias.shape == live.shape
        and live.numel() > 0
        and rows.ndim == 2
        and rows.shape[1:] == live.shape
        and table.shape == (len(positions), K)
    )
    floats = bias.dtype == rows.dtype and bias.dtype in DTYPES.values()
    if not (integer and shapes and floats):
        raise ExportError(f"{name}: the tables of step {t + 1} do not fit together")
    for what, tensor, most in (("live", live, K), ("positions", positions, length), ("table", table, len(rows))):
        if tensor.numel() and (int(tensor.min()) < 0 or int(tensor.max()) >= most):
            raise ExportError(f"{name}: step {t + 1} has an entry of {what} outside 0..{most - 1}")


def _safetensors() -> Any:
    try:
        import safetensors.torch
    except ImportError as error:
        raise ExportError("saving torch modules needs the package safetensors, which is not installed") from error
    return safetensors
