"""Llama-style decoder, forward only: RMSNorm, rotary embedding on interleaved pairs, grouped-query attention, SwiGLU,
tied embedding.

Serves `carroll`, `machado` (float16 weights of glassllm) and `smollm2` (GGUF, whose query and key rows are already
permuted for interleaved pairs). Only the last position's hidden state is returned, which is all a next-token law needs.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from numerics.models.protocol import (
    FloatArray,
    IntArray,
    ModelError,
    Vocabulary,
    check_contexts,
    in_chunks,
    log_softmax,
)


@dataclass(frozen=True, eq=False)
class LlamaBlock:
    """Weights of one block; linear maps act on the right, (in, out)."""

    attention_norm: Tensor  # (d,)
    query: Tensor  # (d, heads * d_k)
    key: Tensor  # (d, kv_heads * d_k)
    value: Tensor  # (d, kv_heads * d_k)
    output: Tensor  # (heads * d_k, d)
    mlp_norm: Tensor  # (d,)
    gate: Tensor  # (d, m)
    up: Tensor  # (d, m)
    down: Tensor  # (m, d)


@dataclass(frozen=True, eq=False)
class LlamaModel:
    """A language model with a Llama-style network; computes in the weights' type, log-softmax in float64."""

    name: str
    vocabulary: Vocabulary
    context_window: int
    heads: int
    kv_heads: int
    rope_base: float
    norm_epsilon: float
    embedding: Tensor  # (T, d), also the unembedding
    blocks: tuple[LlamaBlock, ...]
    final_norm: Tensor  # (d,)
    tokens_per_pass: int
    temperature: float = 1.0

    @property
    def broken_assumptions(self) -> Mapping[str, str]:
        """None: a softmax of finite logits with a fixed window."""
        return {}

    @property
    def hidden_norm_bound(self) -> float:
        """√d·‖gain‖_∞ of the last RMSNorm."""
        return float(np.sqrt(len(self.final_norm)) * self.final_norm.abs().max())

    def unembedding(self) -> FloatArray:
        """(T, d), the tied embedding."""
        return self.embedding.double().numpy()

    def hidden_states(self, contexts: IntArray) -> FloatArray:
        """(B, k) to (B, d): after the last RMSNorm, last position."""
        tokens = check_contexts(contexts, self.vocabulary.size, self.context_window)
        width = self.embedding.shape[1]
        return in_chunks(lambda part: self._last_hidden(part).double().numpy(), tokens, width, self._rows(tokens))

    def next_token_log_probs(self, contexts: IntArray) -> FloatArray:
        """(B, k) to (B, T)."""
        tokens = check_contexts(contexts, self.vocabulary.size, self.context_window)

        def chunk(part: IntArray) -> FloatArray:
            with torch.inference_mode():
                logits = self._last_hidden(part) @ self.embedding.T  # (b, T)
            return log_softmax(logits.numpy(), part)

        return in_chunks(chunk, tokens, self.vocabulary.size, self._rows(tokens))

    def _rows(self, tokens: IntArray) -> int:
        """Contexts a pass: bounded by the tokens it processes and by the logits it returns (32 MiB of float64)."""
        rows: int = min(self.tokens_per_pass // tokens.shape[1], 2**22 // self.vocabulary.size)
        return max(1, rows)

    def residual_states(self, contexts: IntArray) -> FloatArray:
        """(B, k) to (L + 1, B, d): last position after the embedding and after every block, before the last RMSNorm."""
        tokens = check_contexts(contexts, self.vocabulary.size, self.context_window)
        step = self._rows(tokens)
        parts = [
            torch.stack([x[:, -1].clone() for x in self._residual_stream(tokens[first : first + step])])
            .double()
            .numpy()
            for first in range(0, len(tokens), step)
        ]
        return np.concatenate(parts, axis=1)

    def _last_hidden(self, contexts: IntArray) -> Tensor:
        (x,) = deque(self._residual_stream(contexts), maxlen=1)  # the states of other layers are not kept
        with torch.inference_mode():
            return _rms_norm(x[:, -1], self.final_norm, self.norm_epsilon)  # (B, d)

    def _residual_stream(self, contexts: IntArray) -> Iterator[Tensor]:
        """States (B, n, d) after the embedding and after every block."""
        ids = torch.from_numpy(np.ascontiguousarray(contexts))  # (B, n)
        x = self.embedding[ids]  # (B, n, d)
        yield x
        d_k = self.blocks[0].query.shape[1] // self.heads
        cos, sin = _rotary_angles(ids.shape[1], d_k, self.rope_base, x.dtype)
        for block in self.blocks:
            x = self._block(block, x, cos, sin)
            yield x

    @torch.inference_mode()
    def _block(self, block: LlamaBlock, x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
        x = x + self._attention(block, _rms_norm(x, block.attention_norm, self.norm_epsilon), cos, sin)
        h = _rms_norm(x, block.mlp_norm, self.norm_epsilon)
        return x + (F.silu(h @ block.gate) * (h @ block.up)) @ block.down

    def _attention(self, block: LlamaBlock, h: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
        batch, length, _ = h.shape
        q = (h @ block.query).view(batch, length, self.heads, -1).transpose(1, 2)  # (B, heads, n, d_k)
        k = (h @ block.key).view(batch, length, self.kv_heads, -1).transpose(1, 2)  # (B, kv_heads, n, d_k)
        v = (h @ block.value).view(batch, length, self.kv_heads, -1).transpose(1, 2)
        q, k = _rotate(q, cos, sin), _rotate(k, cos, sin)
        repeats = self.heads // self.kv_heads
        k, v = k.repeat_interleave(repeats, dim=1), v.repeat_interleave(repeats, dim=1)  # (B, heads, n, d_k)
        mixed = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        return mixed.transpose(1, 2).reshape(batch, length, -1) @ block.output


def check_shapes(model: LlamaModel) -> LlamaModel:
    """The model itself; ModelError naming the first weight whose shape does not fit or that is not finite."""
    T, d = model.embedding.shape
    if model.vocabulary.size != T or model.final_norm.shape != (d,):
        raise ModelError(
            f"{model.name}: embedding {tuple(model.embedding.shape)} does not fit {model.vocabulary.size} tokens"
        )
    for layer, block in enumerate(model.blocks):
        heads, keys, hidden = block.query.shape[1], block.key.shape[1], block.gate.shape[1]
        expected = {
            "attention_norm": (d,),
            "query": (d, heads),
            "key": (d, keys),
            "value": (d, keys),
            "output": (heads, d),
            "mlp_norm": (d,),
            "gate": (d, hidden),
            "up": (d, hidden),
            "down": (hidden, d),
        }
        for part, shape in expected.items():
            weight: Tensor = getattr(block, part)
            if tuple(weight.shape) != shape:
                raise ModelError(
                    f"{model.name}: {part} of layer {layer} has shape {tuple(weight.shape)}, expected {shape}"
                )
            if not bool(torch.isfinite(weight).all()):
                raise ModelError(f"{model.name}: {part} of layer {layer} has entries that are not finite")
    return model


def _rms_norm(x: Tensor, gain: Tensor, epsilon: float) -> Tensor:
    return x * torch.rsqrt((x * x).mean(dim=-1, keepdim=True) + epsilon) * gain


def _rotary_angles(length: int, d_k: int, base: float, dtype: torch.dtype) -> tuple[Tensor, Tensor]:
    """cos and sin of position * base^(-2i/d_k): (n, d_k / 2) each, computed in float64."""
    frequency = base ** (-2.0 * torch.arange(d_k // 2, dtype=torch.float64) / d_k)
    angles = torch.outer(torch.arange(length, dtype=torch.float64), frequency)
    return angles.cos().to(dtype), angles.sin().to(dtype)


def _rotate(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """Rotate each interleaved pair of coordinates by its position's angle. (B, h, n, d_k) to the same."""
    even, odd = x[..., 0::2], x[..., 1::2]
    return torch.stack((even * cos - odd * sin, even * sin + odd * cos), dim=-1).flatten(-2)
