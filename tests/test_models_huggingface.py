"""`hf:PATH`: tiny causal models that the test makes and saves as safetensors."""

from pathlib import Path

import numpy as np
import pytest
import torch
import transformers
from safetensors.torch import load_file, save_file

from numerics.models import LanguageModel, ModelError, Vocabulary, load
from numerics.models.geometry import LinearOutput
from numerics.models.networks.llama import LlamaBlock, LlamaModel, check_shapes


def save_tiny(folder: Path, kind: str) -> tuple[transformers.PreTrainedModel, int]:
    """A causal model of a few thousand random weights, saved as safetensors."""
    torch.manual_seed(0)  # transformers initialises from the global generator only
    if kind == "gpt2":
        config = transformers.GPT2Config(vocab_size=23, n_positions=12, n_embd=16, n_layer=2, n_head=2)
        network = transformers.GPT2LMHeadModel(config)
    else:
        config = transformers.LlamaConfig(
            vocab_size=23, hidden_size=16, intermediate_size=24, num_hidden_layers=2, num_attention_heads=4,
            num_key_value_heads=2, max_position_embeddings=12,
        )  # fmt: skip
        network = transformers.LlamaForCausalLM(config)
    network.save_pretrained(folder, safe_serialization=True)
    return network.eval(), 12


@pytest.mark.parametrize("kind", ["gpt2", "llama"])
def test_a_local_transformers_folder(tmp_path: Path, kind: str) -> None:
    network, window = save_tiny(tmp_path / kind, kind)
    assert (tmp_path / kind / "model.safetensors").is_file()
    model = load(f"hf:{tmp_path / kind}", dtype="float64")
    assert (model.vocabulary.size, model.context_window) == (23, window)
    assert isinstance(model, LanguageModel)
    assert isinstance(model, LinearOutput)
    contexts = np.random.default_rng(0).integers(0, 23, (9, 7))
    with torch.inference_mode():
        logits = network(torch.from_numpy(contexts)).logits[:, -1]
    expected = torch.log_softmax(logits.double(), dim=-1).numpy()
    log_probs = model.next_token_log_probs(contexts)
    np.testing.assert_allclose(log_probs, expected, atol=1e-5)
    np.testing.assert_allclose(np.exp(log_probs).sum(axis=1), 1, atol=1e-12)
    np.testing.assert_allclose(model.next_token_log_probs(contexts[::-1])[::-1], log_probs, atol=1e-12)
    logits = model.hidden_states(contexts) @ model.unembedding().T
    np.testing.assert_allclose(logits - np.log(np.exp(logits).sum(axis=1, keepdims=True)), log_probs, atol=1e-9)
    assert np.linalg.norm(model.hidden_states(contexts), axis=1).max() <= model.hidden_norm_bound * (1 + 1e-9)
    assert load(f"hf:{tmp_path / kind}", window=5).context_window == 5
    with pytest.raises(ModelError, match="window is 13, expected 1 to 12"):
        load(f"hf:{tmp_path / kind}", window=13)


def test_transformers_folders_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="there is no folder"):
        load(f"hf:{tmp_path / 'nothing'}")
    save_tiny(tmp_path / "broken", "gpt2")
    weights = tmp_path / "broken" / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:100])
    with pytest.raises(ModelError, match="cannot load a causal language model from") as caught:
        load(f"hf:{tmp_path / 'broken'}")
    assert "\n" not in str(caught.value)


def test_missing_weights_are_refused_and_not_drawn_at_random(tmp_path: Path) -> None:
    save_tiny(tmp_path / "partial", "llama")
    file = tmp_path / "partial" / "model.safetensors"
    weights = load_file(file)
    del weights["model.layers.1.mlp.up_proj.weight"]
    save_file(weights, file, metadata={"format": "pt"})
    with pytest.raises(ModelError, match=r"lack 1 tensors .*, first model\.layers\.1\.mlp\.up_proj\.weight"):
        load(f"hf:{tmp_path / 'partial'}")


def test_our_llama_forward_agrees_with_transformers() -> None:
    """The forward behind carroll, machado and smollm2, on random weights; the rotary pairs are stored half and half
    there."""
    torch.manual_seed(0)  # transformers initialises from the global generator only
    config = transformers.LlamaConfig(
        vocab_size=23,
        hidden_size=24,
        intermediate_size=40,
        num_hidden_layers=2,
        num_attention_heads=6,
        num_key_value_heads=2,
        max_position_embeddings=12,
        tie_word_embeddings=True,
        rms_norm_eps=1e-5,
    )
    network = transformers.LlamaForCausalLM(config).double().eval().requires_grad_(False)
    weights = network.state_dict()

    def interleaved(weight: torch.Tensor, heads: int) -> torch.Tensor:
        rows, columns = weight.shape
        return weight.view(heads, 2, rows // heads // 2, columns).transpose(1, 2).reshape(rows, columns)

    blocks = []
    for prefix in ("model.layers.0.", "model.layers.1."):
        part = {key.removeprefix(prefix): weight for key, weight in weights.items() if key.startswith(prefix)}
        blocks.append(
            LlamaBlock(
                attention_norm=part["input_layernorm.weight"],
                query=interleaved(part["self_attn.q_proj.weight"], 6).T,
                key=interleaved(part["self_attn.k_proj.weight"], 2).T,
                value=part["self_attn.v_proj.weight"].T,
                output=part["self_attn.o_proj.weight"].T,
                mlp_norm=part["post_attention_layernorm.weight"],
                gate=part["mlp.gate_proj.weight"].T,
                up=part["mlp.up_proj.weight"].T,
                down=part["mlp.down_proj.weight"].T,
            )
        )
    embedding, norm = weights["model.embed_tokens.weight"], weights["model.norm.weight"]
    model = check_shapes(
        LlamaModel("ours", Vocabulary(23), 12, 6, 2, 10_000.0, 1e-5, embedding, tuple(blocks), norm, 64)
    )
    contexts = np.random.default_rng(0).integers(0, 23, (20, 12))
    logits = network(torch.from_numpy(contexts)).logits[:, -1]
    expected = torch.log_softmax(logits, dim=-1).numpy()
    # transformers keeps its rotary angles in float32: 2e-8 is what that leaves of float64.
    np.testing.assert_allclose(model.next_token_log_probs(contexts), expected, atol=2e-7)
