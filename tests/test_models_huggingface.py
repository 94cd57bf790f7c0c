"""`hf:PATH`: tiny causal models that the test makes and saves as safetensors."""

from pathlib import Path

import numpy as np
import pytest
import torch
import transformers

from numerics.models import LanguageModel, ModelError, load
from numerics.models.geometry import LinearOutput


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
    with pytest.raises(ModelError, match="cannot load a causal language model from"):
        load(f"hf:{tmp_path / 'nothing'}")
    save_tiny(tmp_path / "broken", "gpt2")
    weights = tmp_path / "broken" / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:100])
    with pytest.raises(ModelError, match="cannot load a causal language model from") as caught:
        load(f"hf:{tmp_path / 'broken'}")
    assert "\n" not in str(caught.value)
