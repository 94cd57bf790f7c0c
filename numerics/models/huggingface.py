"""`hf:PATH`: any causal language model of transformers from a local folder (or the user's own cache).

Weights are safetensors; remote code is never trusted and nothing is fetched. The window K is the configuration's number
of positions unless the option `window` gives a smaller one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

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

TOKENS_PER_PASS = 4_096
POSITION_SETTINGS = ("max_position_embeddings", "n_positions", "n_ctx", "max_seq_len")
FINAL_NORMS = ("norm", "ln_f", "final_layer_norm", "final_layernorm", "final_norm")


@dataclass(frozen=True, eq=False)
class HuggingFaceModel:
    """A transformers model behind the protocol; log-softmax in float64."""

    name: str
    vocabulary: Vocabulary
    context_window: int
    network: Any  # transformers.PreTrainedModel; the library is optional
    device: str
    temperature: float = 1.0
    broken_assumptions: Mapping[str, str] = field(default_factory=dict)

    @property
    def hidden_norm_bound(self) -> float:
        """√d·‖gain‖_∞ + ‖bias‖_2 of the last normalisation; ModelError if the network keeps it under an unknown
        name."""
        for name in FINAL_NORMS:
            norm = getattr(self.network.base_model, name, None)
            if norm is not None and getattr(norm, "weight", None) is not None:
                gain, bias = norm.weight.detach().double(), getattr(norm, "bias", None)
                shift = 0.0 if bias is None else float(bias.detach().double().norm())
                return float(np.sqrt(len(gain)) * float(gain.abs().max()) + shift)
        raise ModelError(f"{self.name}: no last normalisation is known for {type(self.network).__name__}")

    def unembedding(self) -> FloatArray:
        """(T, d), or (T, d + 1) where the output layer has a bias."""
        layer = self.network.get_output_embeddings()
        weight = layer.weight.detach().double().cpu().numpy()
        bias = getattr(layer, "bias", None)
        if bias is None:
            return np.asarray(weight)
        return np.concatenate([weight, bias.detach().double().cpu().numpy()[:, None]], axis=1)

    def hidden_states(self, contexts: IntArray) -> FloatArray:
        """(B, k) to (B, d), after the last normalisation; (B, d + 1) with a last entry 1 where the output layer has a
        bias."""
        tokens = check_contexts(contexts, self.vocabulary.size, self.context_window)
        columns = self.unembedding().shape[1]

        def chunk(part: IntArray) -> FloatArray:
            hidden = self._forward(part, output_hidden_states=True).hidden_states[-1][:, -1].double().cpu().numpy()
            return hidden if hidden.shape[1] == columns else np.pad(hidden, ((0, 0), (0, 1)), constant_values=1.0)

        return in_chunks(chunk, tokens, columns, self._rows(tokens))

    def next_token_log_probs(self, contexts: IntArray) -> FloatArray:
        """(B, k) to (B, T)."""
        tokens = check_contexts(contexts, self.vocabulary.size, self.context_window)

        def chunk(part: IntArray) -> FloatArray:
            logits = self._forward(part).logits[:, -1].double().cpu().numpy()  # (b, T)
            return log_softmax(logits, part)

        return in_chunks(chunk, tokens, self.vocabulary.size, self._rows(tokens))

    def _rows(self, tokens: IntArray) -> int:
        """Contexts a pass: the network returns float32 logits at every position, (b, k, T), of at most 128 MiB."""
        length: int = tokens.shape[1]
        return max(1, min(TOKENS_PER_PASS // length, 2**25 // (length * self.vocabulary.size)))

    def _forward(self, part: IntArray, **options: Any) -> Any:
        import torch

        with torch.inference_mode():
            ids = torch.from_numpy(np.ascontiguousarray(part)).to(self.device)
            return self.network(input_ids=ids, use_cache=False, **options)


def huggingface(path: str, window: int | None = None, device: str = "cpu", dtype: str = "float32") -> HuggingFaceModel:
    """The causal model in a local folder or the user's cache; ModelError in one line if it cannot be loaded."""
    if path.startswith(("/", ".", "~")) and not Path(path).is_dir():  # no name of the cache looks like this
        raise ModelError(f"'hf:{path}': there is no folder {path!r}")
    try:
        import torch
        from transformers import AutoModelForCausalLM
        from transformers.utils.logging import disable_progress_bar
    except ImportError as error:
        raise ModelError("'hf:PATH' needs the package transformers (the extra hf), which is not installed") from error
    if dtype not in ("float32", "float64", "bfloat16"):
        raise ModelError(f"dtype is {dtype!r}, expected 'float32', 'float64' or 'bfloat16'")
    try:
        disable_progress_bar()  # its bars would mix with one-line errors on stderr
        network, report = AutoModelForCausalLM.from_pretrained(
            path,
            local_files_only=True,
            trust_remote_code=False,
            use_safetensors=True,
            dtype=getattr(torch, dtype),
            output_loading_info=True,
        )
        network = network.to(device).eval().requires_grad_(False)
    except (
        Exception
    ) as error:  # transformers raises whatever its readers raise: OSError, SafetensorError, KeyError, RuntimeError
        reason = " ".join(str(error).split())[:300]
        raise ModelError(f"cannot load a causal language model from {path!r}: {reason}") from error
    absent = sorted(str(key) for key in (*report["missing_keys"], *report["mismatched_keys"]))
    if absent:  # transformers fills them with random numbers and only warns
        raise ModelError(
            f"the weights in {path!r} lack {len(absent)} tensors or have them in another shape, first {absent[0]}"
        )
    positions = next((int(n) for key in POSITION_SETTINGS if (n := getattr(network.config, key, None))), None)
    if window is None and positions is None:
        raise ModelError(f"the configuration of {path!r} gives no number of positions: set the option window")
    longest = positions if positions is not None else window
    K = window if window is not None else positions
    if K is None or longest is None or not 1 <= K <= longest:
        raise ModelError(f"window is {window}, expected 1 to {longest} (the positions of {path!r})")
    size = int(network.get_output_embeddings().weight.shape[0])
    return HuggingFaceModel(f"hf:{Path(path).name}", Vocabulary(size, _token_names(path, size)), K, network, device)


def _token_names(path: str, size: int) -> tuple[str, ...] | None:
    """Token names from the folder's tokenizer.json, if it has one that covers the vocabulary."""
    file = Path(path) / "tokenizer.json"
    if not file.is_file():
        return None
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(file))
    labels = [tokenizer.id_to_token(token) for token in range(size)]
    return tuple(str(token) if label is None else label for token, label in enumerate(labels))


MODELS = (
    ModelEntry(
        "hf",
        "any causal language model of transformers from a local folder; options window, device, dtype",
        "of the model",
        "of the model",
        "of the model",
        "the extra hf",
        huggingface,
        "PATH",
    ),
)
