"""The trained network: a small decoder-only transformer over contexts of a finite source.

Pre-norm blocks (shared with the chain transformer), a last LayerNorm with gain and shift, and a bias-free unembedding:
the state h is the output of the last norm, the logits are W h. This module imports torch; import it only where a
network is really trained.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from numerics.icl.transformer import Block, TransformerSize

NORM_EPSILON = 1e-5
INITIAL_EMBEDDING_SCALE = 0.5


class SourceTransformer(nn.Module):
    """Reads a context of `length` symbols below `symbols` and scores `tokens` next tokens; float64, seeded."""

    def __init__(self, symbols: int, length: int, tokens: int, layers: int, width: int, heads: int, seed: int) -> None:
        super().__init__()
        size = TransformerSize(max(symbols, 2), length, layers, width, heads)
        self.symbol_embedding = nn.Embedding(symbols, width)
        self.position_embedding = nn.Embedding(length, width)
        self.blocks = nn.ModuleList(Block(size) for _ in range(layers))
        self.final_norm = nn.LayerNorm(width, eps=NORM_EPSILON)
        self.unembedding = nn.Linear(width, tokens, bias=False)
        self.double()
        self._initialise(torch.Generator().manual_seed(seed))

    def _initialise(self, generator: torch.Generator) -> None:
        for module in self.modules():
            if isinstance(module, nn.Linear):
                # Unit variance is kept from layer to layer; biases start at zero.
                nn.init.normal_(module.weight, std=module.in_features**-0.5, generator=generator)
                if module.bias is not None:
                    nn.init.zeros_(module.bias)
            elif isinstance(module, nn.Embedding):
                nn.init.normal_(module.weight, std=INITIAL_EMBEDDING_SCALE, generator=generator)

    def layer_states(self, contexts: Tensor) -> list[Tensor]:
        """States at the last position after the embedding and after every block, each (N, width), before the norm."""
        hidden: Tensor = self.symbol_embedding(contexts) + self.position_embedding.weight  # (N, length, width)
        states = [hidden[:, -1]]
        for block in self.blocks:
            hidden = block(hidden)
            states.append(hidden[:, -1])
        return states

    def forward(self, contexts: Tensor) -> Tensor:
        """Logits (N, tokens) of the token after each context (N, length)."""
        logits: Tensor = self.unembedding(self.final_norm(self.layer_states(contexts)[-1]))
        return logits
