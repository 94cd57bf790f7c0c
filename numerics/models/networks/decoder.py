"""A small pre-norm decoder on one page: learned positions, GELU, linear maps without bias, LayerNorm, tied
embedding."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class Block(nn.Module):
    """x + attention(norm(x)), then x + mlp(norm(x))."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.attention_norm, self.mlp_norm = nn.LayerNorm(width), nn.LayerNorm(width)
        self.qkv = nn.Linear(width, 3 * width, bias=False)
        self.output = nn.Linear(width, width, bias=False)
        self.up, self.down = nn.Linear(width, 4 * width, bias=False), nn.Linear(4 * width, width, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        batch, length, width = x.shape
        qkv = self.qkv(self.attention_norm(x)).view(batch, length, 3, self.heads, width // self.heads)
        q, k, v = qkv.permute(2, 0, 3, 1, 4)  # each (B, heads, n, d_k)
        mixed = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + self.output(mixed.transpose(1, 2).reshape(batch, length, width))
        out: Tensor = x + self.down(F.gelu(self.up(self.mlp_norm(x))))
        return out


class Decoder(nn.Module):
    """Decoder-only transformer over T tokens with a window of K positions; initialised normal(0, 0.02) by the given
    generator."""

    def __init__(
        self, vocabulary_size: int, window: int, width: int, layers: int, heads: int, generator: torch.Generator
    ) -> None:
        super().__init__()
        self.token = nn.Embedding(vocabulary_size, width)
        self.position = nn.Embedding(window, width)
        self.blocks = nn.ModuleList(Block(width, heads) for _ in range(layers))
        self.norm = nn.LayerNorm(width)
        with torch.no_grad():
            for parameter in self.parameters():
                if parameter.dim() == 2:  # LayerNorm keeps gain 1 and bias 0
                    parameter.normal_(0.0, 0.02, generator=generator)

    def last_hidden(self, ids: Tensor) -> Tensor:
        """(B, n) to (B, width): the last position after the last LayerNorm."""
        x = self.token(ids) + self.position(torch.arange(ids.shape[1]))  # (B, n, width)
        for block in self.blocks:
            x = block(x)
        out: Tensor = self.norm(x[:, -1])
        return out

    def forward(self, ids: Tensor) -> Tensor:
        """(B, n) to (B, T): logits of the last position, by the tied embedding."""
        return self.last_hidden(ids) @ self.token.weight.T
