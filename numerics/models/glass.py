"""`carroll` and `machado`: small trained transformers (glassllm 0.1.0, MIT), English and Portuguese.

Llama-style, 4 layers, width 128, 4 query heads over 2 key/value heads, T = 1024, K = 128, 852 608 parameters stored as
float16. The reference is the package's own NumPy forward in float32; ours is torch in float32 (or float64 on demand),
last position only.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np

from numerics.models.packages import package_folder
from numerics.models.protocol import ModelEntry, ModelError, Vocabulary

if TYPE_CHECKING:
    from numerics.models.networks.llama import LlamaModel

DISTRIBUTION = "glassllm==0.1.0"
TOKENS_PER_PASS = 16_384  # activations of one layer: 16 384 x 341 x 4 bytes x a few = about 100 MB


def carroll(dtype: str = "float32") -> LlamaModel:
    """The English model, trained on Lewis Carroll; `dtype` float32 or float64."""
    return _load("carroll", "en", dtype)


def machado(dtype: str = "float32") -> LlamaModel:
    """The Portuguese model, trained on Machado de Assis; `dtype` float32 or float64."""
    return _load("machado", "pt", dtype)


def _load(name: str, language: str, dtype: str) -> LlamaModel:
    import torch

    from numerics.models.networks.llama import LlamaBlock, LlamaModel, check_shapes

    if dtype not in ("float32", "float64"):
        raise ModelError(f"dtype is {dtype!r}, expected 'float32' or 'float64'")
    folder = package_folder("glassllm", DISTRIBUTION, name) / "weights"
    try:
        with np.load(folder / f"{language}.npz", allow_pickle=False) as archive:
            config = json.loads(str(archive["__config__"]))
            weights = {
                key: torch.from_numpy(archive[key].astype(dtype)) for key in archive.files if key != "__config__"
            }
        blocks = tuple(
            LlamaBlock(
                attention_norm=weights[f"blocks.{i}.norm1.gamma"],
                query=weights[f"blocks.{i}.attn.W_Q"],
                key=weights[f"blocks.{i}.attn.W_K"],
                value=weights[f"blocks.{i}.attn.W_V"],
                output=weights[f"blocks.{i}.attn.W_O"],
                mlp_norm=weights[f"blocks.{i}.norm2.gamma"],
                gate=weights[f"blocks.{i}.ffn.W1"],
                up=weights[f"blocks.{i}.ffn.W3"],
                down=weights[f"blocks.{i}.ffn.W2"],
            )
            for i in range(config["n_layers"])
        )
        embedding, final_norm = weights["E"], weights["norm_f.gamma"]
    except (OSError, ValueError, KeyError) as error:
        raise ModelError(f"{name!r}: cannot read {language}.npz of {DISTRIBUTION}: {error}") from error
    return check_shapes(
        LlamaModel(
            name=name,
            vocabulary=Vocabulary(config["vocab_size"], _token_names(language)),
            context_window=config["max_len"],
            heads=config["n_heads"],
            kv_heads=config["n_kv_heads"],
            rope_base=config["rope_base"],
            norm_epsilon=config["eps"],
            embedding=embedding,
            blocks=blocks,
            final_norm=final_norm,
            tokens_per_pass=TOKENS_PER_PASS,
        )
    )


def encode(language: str, text: str) -> tuple[int, ...]:
    """Tokens of a text under the package's own tokenizer; language `en` (carroll) or `pt` (machado)."""
    from glassllm import Tokenizer

    folder = package_folder("glassllm", DISTRIBUTION, language) / "weights"
    return tuple(int(token) for token in Tokenizer.load(folder / f"{language}.tokenizer.json").encode(text))


def _token_names(language: str) -> tuple[str, ...]:
    from glassllm import Tokenizer

    folder = package_folder("glassllm", DISTRIBUTION, language) / "weights"
    tokenizer = Tokenizer.load(folder / f"{language}.tokenizer.json")
    return tuple(tokenizer.decode([token]) for token in range(tokenizer.vocab_size))


MODELS = (
    ModelEntry(
        "carroll",
        "trained Llama-style transformer, 0.85 M parameters, English",
        "1024",
        "128",
        "MIT",
        DISTRIBUTION,
        carroll,
    ),
    ModelEntry(
        "machado",
        "trained Llama-style transformer, 0.85 M parameters, Portuguese",
        "1024",
        "128",
        "MIT",
        DISTRIBUTION,
        machado,
    ),
)
