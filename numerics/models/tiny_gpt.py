"""`toy_gpt`: the toy GPT of the paper's Figs 4-5 (section 4.1 of the specification), trained on the spot in seconds.

Reference recipe (the paper gives no optimiser): decoder with 4 layers, 4 heads, width 16, 12 656 parameters; AdamW
1e-3, weight decay 0.1, full batch, cross-entropy of the last position. Data `parity`: 40 digits of the parity register
from 001, 37 windows of 3; data `karpathy`: the string 111101111011110, 12 windows. Training is float32; the trained
network is then evaluated in float64.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from numerics.models.protocol import (
    FloatArray,
    IntArray,
    LanguageModel,
    ModelEntry,
    ModelError,
    Vocabulary,
    check_contexts,
    in_chunks,
    log_softmax,
)
from numerics.models.wrappers.temperature import with_temperature

if TYPE_CHECKING:
    from numerics.models.networks.decoder import Decoder

WINDOW = 3
WIDTH, LAYERS, HEADS = 16, 4, 4
DIGITS = 40
KARPATHY = "111101111011110"
BITS = Vocabulary(2, ("0", "1"))


@dataclass(frozen=True)
class TrainingRecord:
    """How a model was trained: losses in nats a token, before each of the steps and after the last one."""

    data: str
    steps: int
    seed: int
    windows: int
    parameters: int
    losses: tuple[float, ...]


@dataclass(frozen=True, eq=False)
class ToyGPT:
    """The trained network as a language model over {0, 1} with window 3; short contexts take the positions 0..k-1."""

    network: Decoder
    training: TrainingRecord
    name: str = "toy_gpt"
    vocabulary: Vocabulary = BITS
    context_window: int = WINDOW
    temperature: float = 1.0
    broken_assumptions: Mapping[str, str] = field(default_factory=dict)

    @property
    def hidden_norm_bound(self) -> float:
        """√d·‖gain‖_∞ + ‖bias‖_2 of the last LayerNorm."""
        gain, bias = self.network.norm.weight, self.network.norm.bias
        return float(np.sqrt(WIDTH) * gain.abs().max() + bias.norm())

    def unembedding(self) -> FloatArray:
        """(2, 16), the tied embedding."""
        weight: FloatArray = self.network.token.weight.detach().numpy()
        return weight

    def hidden_states(self, contexts: IntArray) -> FloatArray:
        """(B, k) to (B, 16)."""
        import torch

        tokens = check_contexts(contexts, 2, WINDOW)

        def chunk(part: IntArray) -> FloatArray:
            with torch.inference_mode():
                hidden: FloatArray = self.network.last_hidden(torch.from_numpy(np.ascontiguousarray(part))).numpy()
            return hidden

        return in_chunks(chunk, tokens, WIDTH, 2**14)

    def next_token_log_probs(self, contexts: IntArray) -> FloatArray:
        """(B, k) to (B, 2)."""
        tokens = check_contexts(contexts, 2, WINDOW)
        return log_softmax(self.hidden_states(tokens) @ self.unembedding().T, tokens)


def training_digits(data: str = "parity", start: tuple[int, int, int] = (0, 0, 1)) -> IntArray:
    """The training string as int64 (N,): 40 digits of the parity register from `start`, or Karpathy's 15 digits."""
    if data == "karpathy":
        return np.array([int(digit) for digit in KARPATHY], dtype=np.int64)
    if data != "parity":
        raise ModelError(f"data is {data!r}, expected 'parity' or 'karpathy'")
    if len(start) != WINDOW or any(bit not in (0, 1) for bit in start):
        raise ModelError(f"start is {start}, expected three bits")
    digits = list(start)
    while len(digits) < DIGITS:
        digits.append(sum(digits[-WINDOW:]) % 2)
    return np.array(digits, dtype=np.int64)


def train_toy_gpt(
    data: str = "parity", steps: int | None = None, seed: int = 0, start: tuple[int, int, int] = (0, 0, 1)
) -> ToyGPT:
    """Train by the reference recipe; `steps` defaults to 250 (parity) or 50 (karpathy). Deterministic in `seed`."""
    import torch
    import torch.nn.functional as F

    from numerics.models.networks.decoder import Decoder

    digits = training_digits(data, start)
    count = (250 if data == "parity" else 50) if steps is None else steps
    if count < 0:
        raise ModelError(f"steps is {count}, expected at least 0")
    windows = np.lib.stride_tricks.sliding_window_view(digits, WINDOW + 1)  # (N - 3, 4)
    inputs = torch.from_numpy(windows[:, :WINDOW].copy())  # (N - 3, 3)
    targets = torch.from_numpy(windows[:, WINDOW].copy())  # (N - 3,)
    network = Decoder(2, WINDOW, WIDTH, LAYERS, HEADS, torch.Generator().manual_seed(seed))
    optimiser = torch.optim.AdamW(network.parameters(), lr=1e-3, weight_decay=0.1)
    losses = []
    for _ in range(count):
        loss = F.cross_entropy(network(inputs), targets)
        losses.append(loss.item())
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]  # torch does not annotate Tensor.backward
        optimiser.step()
    with torch.no_grad():
        losses.append(F.cross_entropy(network(inputs), targets).item())
    parameters = sum(parameter.numel() for parameter in network.parameters())
    return ToyGPT(
        network.double().eval().requires_grad_(False),
        TrainingRecord(data, count, seed, len(windows), parameters, tuple(losses)),
    )


def toy_gpt(data: str = "parity", steps: int | None = None, seed: int = 0, temperature: float = 1.0) -> LanguageModel:
    """The toy GPT, trained now (seconds), at a temperature."""
    return with_temperature(train_toy_gpt(data, steps, seed), temperature)


MODELS = (
    ModelEntry(
        "toy_gpt",
        "toy GPT trained on the spot; options data (parity, karpathy), steps, seed, temperature",
        "2",
        "3",
        "Apache-2.0",
        "nothing",
        toy_gpt,
    ),
)
