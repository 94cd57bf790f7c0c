"""`names`: a trained character model with a fixed window of 8, so exactly a finite Markov chain.

Forward: embed 8 characters; three times join neighbouring positions in pairs, linear, batch normalisation with the
stored statistics, tanh; then linear to 27 logits. Shorter contexts are padded on the left with '.', the start and end
sign, which is how it was trained. Weights: pokepy-generator 1.1.0 (MIT), read as data files.
"""

from __future__ import annotations

import string
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from numerics.models.packages import package_folder, read_npy
from numerics.models.protocol import (
    FloatArray,
    IntArray,
    ModelEntry,
    ModelError,
    Vocabulary,
    check_contexts,
    in_chunks,
    log_softmax,
)

WINDOW = 8
BATCH_NORM_EPSILON = 1e-5
DISTRIBUTION = "pokepy-generator==1.1.0"
ROWS = 20_000  # activations of one layer: 20 000 x 4 x 32 float64 = 20 MB

LETTERS = Vocabulary(27, tuple("." + string.ascii_lowercase))


@dataclass(frozen=True, eq=False)
class Layer:
    """Linear map without bias, then x -> scale * x + shift (batch normalisation with stored statistics)."""

    weight: FloatArray
    scale: FloatArray  # (1, 32)
    shift: FloatArray  # (1, 32)


@dataclass(frozen=True, eq=False)
class NamesModel:
    """Character model over '.', a..z with window 8."""

    embedding: FloatArray  # (27, 10)
    layers: tuple[Layer, ...]
    head_weight: FloatArray  # (32, 27)
    head_bias: FloatArray  # (1, 27)
    name: str = "names"
    vocabulary: Vocabulary = LETTERS
    context_window: int = WINDOW
    temperature: float = 1.0
    broken_assumptions: Mapping[str, str] = field(default_factory=dict)

    def next_token_log_probs(self, contexts: IntArray) -> FloatArray:
        """(B, k) to (B, 27)."""
        tokens = check_contexts(contexts, self.vocabulary.size, WINDOW)
        return in_chunks(lambda part: log_softmax(self.logits(part), part), tokens, self.vocabulary.size, ROWS)

    def logits(self, contexts: IntArray) -> FloatArray:
        """(B, k) to (B, 27), contexts already checked."""
        logits: FloatArray = self._last_layer(contexts) @ self.head_weight + self.head_bias  # (B, 27)
        return logits

    @property
    def hidden_norm_bound(self) -> float:
        """√33: 32 values of tanh, and the 1 that carries the bias."""
        return float(np.sqrt(len(self.head_weight) + 1))

    def unembedding(self) -> FloatArray:
        """(27, 33): the head's weights, its bias as the last column."""
        return np.concatenate([self.head_weight, self.head_bias]).T

    def hidden_states(self, contexts: IntArray) -> FloatArray:
        """(B, k) to (B, 33): the last layer's 32 values of tanh, then 1."""
        tokens = check_contexts(contexts, self.vocabulary.size, WINDOW)

        def chunk(part: IntArray) -> FloatArray:
            return np.pad(self._last_layer(part), ((0, 0), (0, 1)), constant_values=1.0)

        return in_chunks(chunk, tokens, len(self.head_weight) + 1, ROWS)

    def _last_layer(self, contexts: IntArray) -> FloatArray:
        padded = np.pad(contexts, ((0, 0), (WINDOW - contexts.shape[1], 0)))  # (B, 8), '.' is token 0
        x = self.embedding[padded]  # (B, 8, 10)
        for layer in self.layers:
            batch, length, width = x.shape
            x = x.reshape(batch, length // 2, 2 * width)
            x = np.tanh((x @ layer.weight) * layer.scale + layer.shift)  # (B, length/2, 32)
        return x[:, 0]  # (B, 32)


def names() -> NamesModel:
    """The trained model; ModelError if its package is absent or its files are not what they should be."""
    folder = package_folder("pokepy", DISTRIBUTION, "names")
    layers = []
    for linear, norm in ((1, 2), (5, 6), (9, 10)):
        gamma, beta, mean, var = (
            read_npy(folder / f"layer_{norm}_{part}.npy") for part in ("gamma", "beta", "mean", "var")
        )
        scale = gamma / np.sqrt(var + BATCH_NORM_EPSILON)
        layers.append(Layer(read_npy(folder / f"layer_{linear}_weight.npy"), scale, beta - mean * scale))
    embedding = read_npy(folder / "C.npy")
    head_weight, head_bias = read_npy(folder / "layer_12_weight.npy"), read_npy(folder / "layer_12_bias.npy")
    if embedding.shape != (27, 10) or head_weight.shape != (32, 27):
        raise ModelError(f"'names': C.npy has shape {embedding.shape}, expected (27, 10): is it {DISTRIBUTION}?")
    return NamesModel(embedding, tuple(layers), head_weight, head_bias)


def training_names() -> tuple[str, ...]:
    """The names it was trained on, lower-cased to a..z, in file order."""
    lines = (package_folder("pokepy", DISTRIBUTION, "names") / "pokemon.txt").read_text(encoding="utf-8").splitlines()
    cleaned = ("".join(ch for ch in line.lower() if ch in string.ascii_lowercase) for line in lines)
    return tuple(name for name in cleaned if name)


MODELS = (
    ModelEntry(
        "names",
        "trained character model of names: exactly a finite Markov chain",
        "27",
        "8",
        "MIT",
        DISTRIBUTION,
        names,
    ),
)
