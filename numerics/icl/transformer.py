"""A small decoder-only transformer that reads the states of a Markov chain and predicts the next one.

Two pre-norm blocks of width 32 with two heads, GELU feed-forward layers of four times the width, biases everywhere,
learned positions, separate input and output embeddings (specification, experiment 4.5). Size d=2, context 48 has 27
138 parameters; d=3, context 100 has 28 867. This module imports torch; import it only where a transformer is really
used.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional


@dataclass(frozen=True)
class TransformerSize:
    """Shape of the decoder: `states` d, `context` (states it can read), `layers`, `width`, `heads` (must divide the
    width)."""

    states: int
    context: int
    layers: int = 2
    width: int = 32
    heads: int = 2

    def __post_init__(self) -> None:
        for name, least in (("states", 2), ("context", 1), ("layers", 1), ("width", 1), ("heads", 1)):
            if getattr(self, name) < least:
                raise ValueError(f"{name} is {getattr(self, name)}, expected an integer >= {least}")
        if self.width % self.heads:
            raise ValueError(f"width {self.width} is not a multiple of the number of heads {self.heads}")


class Block(nn.Module):
    """Pre-norm causal self-attention and feed-forward layer, both residual."""

    def __init__(self, size: TransformerSize) -> None:
        super().__init__()
        self.heads = size.heads
        self.attention_norm = nn.LayerNorm(size.width)
        self.query_key_value = nn.Linear(size.width, 3 * size.width)
        self.attention_output = nn.Linear(size.width, size.width)
        self.feed_forward_norm = nn.LayerNorm(size.width)
        self.expand = nn.Linear(size.width, 4 * size.width)
        self.contract = nn.Linear(4 * size.width, size.width)

    def forward(self, hidden: Tensor) -> Tensor:
        """Map (B, N, width) to (B, N, width); position n sees positions <= n."""
        batch, length, width = hidden.shape
        projected = self.query_key_value(self.attention_norm(hidden))  # (B, N, 3 width)
        projected = projected.view(batch, length, 3, self.heads, width // self.heads).permute(2, 0, 3, 1, 4)
        query, key, value = projected[0], projected[1], projected[2]  # (B, heads, N, width / heads)
        mixed = functional.scaled_dot_product_attention(query, key, value, is_causal=True)
        hidden = hidden + self.attention_output(mixed.transpose(1, 2).reshape(batch, length, width))
        expanded: Tensor = self.expand(self.feed_forward_norm(hidden))  # (B, N, 4 width)
        contracted: Tensor = self.contract(functional.gelu(expanded))
        return hidden + contracted


class ChainTransformer(nn.Module):
    """Decoder whose logits at position n are those of X_{n+1} given X_1..X_n; initialised from `seed` alone."""

    def __init__(self, size: TransformerSize, seed: int) -> None:
        super().__init__()
        self.size = size
        self.token_embedding = nn.Embedding(size.states, size.width)
        self.position_embedding = nn.Embedding(size.context, size.width)
        self.blocks = nn.ModuleList(Block(size) for _ in range(size.layers))
        self.final_norm = nn.LayerNorm(size.width)
        self.unembedding = nn.Linear(size.width, size.states)
        self._initialise(torch.Generator().manual_seed(seed))

    def _initialise(self, generator: torch.Generator) -> None:
        for module in self.modules():
            if isinstance(module, nn.Linear):
                # Unit variance is kept from layer to layer; biases start at zero.
                nn.init.normal_(module.weight, std=module.in_features**-0.5, generator=generator)
                nn.init.zeros_(module.bias)
            elif isinstance(module, nn.Embedding):
                nn.init.normal_(module.weight, std=INITIAL_EMBEDDING_SCALE, generator=generator)

    def forward(self, states: Tensor) -> Tensor:
        """Logits (B, N, d) for states (B, N); N must not exceed the context."""
        length = states.shape[1]
        if length > self.size.context:
            raise ValueError(f"a prompt of {length} states does not fit the context of {self.size.context}")
        hidden: Tensor = self.token_embedding(states) + self.position_embedding.weight[:length]  # (B, N, width)
        for block in self.blocks:
            hidden = block(hidden)
        logits: Tensor = self.unembedding(self.final_norm(hidden))  # (B, N, d)
        return logits

    def parameter_count(self) -> int:
        """Number of trained scalars."""
        return sum(parameter.numel() for parameter in self.parameters())


INITIAL_EMBEDDING_SCALE = 0.5


class ICLPredictor:
    """A trained chain transformer as a predictor of the next state at every position of a prompt."""

    def __init__(self, model: ChainTransformer, name: str = "transformer", batch: int = 256) -> None:
        self.model = model
        self.name = name
        self.batch = batch

    @property
    def states(self) -> int:
        """Number d of states."""
        return self.model.size.states

    @property
    def context(self) -> int:
        """Longest prompt in states."""
        return self.model.size.context

    def next_state_probabilities(self, prompts: NDArray[np.int64]) -> NDArray[np.float64]:
        """Laws (C, N, d): entry [c, n] is the law of the state after the prefix prompts[c, :n+1].

        Raises ValueError when a prompt is longer than the context or holds a state outside 0..d-1.
        """
        if prompts.ndim != 2:
            raise ValueError(f"prompts have shape {prompts.shape}, expected (chains, states)")
        if prompts.size and not (prompts.min() >= 0 and prompts.max() < self.states):
            raise ValueError(
                f"prompts hold states from {prompts.min()} to {prompts.max()}, expected 0..{self.states - 1}"
            )
        self.model.eval()
        parts: list[NDArray[np.float64]] = []
        with torch.inference_mode():
            for first in range(0, prompts.shape[0], self.batch):
                chunk = torch.from_numpy(np.ascontiguousarray(prompts[first : first + self.batch], dtype=np.int64))
                # float64 before the softmax: rows then sum to 1 within 1e-15.
                parts.append(torch.softmax(self.model(chunk).double(), dim=-1).numpy())
        if not parts:
            return np.empty((0, prompts.shape[1], self.states))
        return np.concatenate(parts)
