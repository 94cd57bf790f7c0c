"""Compiled predictors as language models: the contract, greedy decoding, contexts of every length, the catalogue."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from numerics.chains.operator import dense
from numerics.chains.window_chain import WindowChain
from numerics.machines.as_model import CompiledModel, as_model
from numerics.machines.compiled import Compiled, verified
from numerics.machines.linear_ar import LinearAR, LinearStep, rollout
from numerics.machines.parity import kautz, qary, scan
from numerics.machines.saved import save
from numerics.machines.tokens import BITS, gate
from numerics.models import ModelError, catalogue
from numerics.models import load as load_model
from numerics.models.wrappers.temperature import with_temperature
from numerics.models.wrappers.truncation import greedy
from verify.contracts import check_model

EXAMPLES: dict[str, Compiled] = {"kautz": kautz(3), "base 3": qary(6, None, 3), "scan": scan(2)}


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_contract_of_language_models_holds(name: str, tmp_path: Path) -> None:
    save(EXAMPLES[name], tmp_path / "model.json")
    model = load_model(f"compiled:{tmp_path / 'model.json'}")
    results = check_model(model)
    assert [(r.law, r.message) for r in results if r.holds is False] == []
    assert sum(r.holds is True for r in results) >= 29
    assert (model.name, model.context_window) == (
        "compiled:model.json",
        EXAMPLES[name].model.n + EXAMPLES[name].token_count,
    )
    assert model.vocabulary.names == EXAMPLES[name].tokens


def decoded(model: CompiledModel, compiled: Compiled, prompt: tuple[str, ...], length: int) -> list[str]:
    """Greedy continuation by `length` tokens, the window sliding."""
    context = [model.vocabulary.index(token) for token in prompt]
    for _ in range(length):
        window = np.array([context[-model.context_window :]])
        context.append(int(greedy(model).next_token_log_probs(window).argmax()))
    return [model.vocabulary.label(token) for token in context[compiled.model.n :]]


@pytest.mark.parametrize("name", EXAMPLES)
def test_greedy_decoding_gives_the_chain_and_then_repeats_the_answer(name: str) -> None:
    compiled = EXAMPLES[name]
    model = as_model(compiled)
    for prompt in itertools.product(*compiled.inputs):
        chain = list(rollout(compiled.model, prompt))
        assert decoded(model, compiled, prompt, len(chain) + 4) == chain + [chain[-1]] * 4


@given(st.sampled_from(sorted(EXAMPLES)), st.integers(0, 2**32 - 1), st.sampled_from([0.25, 1.0, 3.0]))
@settings(max_examples=30, deadline=None)
def test_laws_are_the_softmax_of_the_scores(name: str, seed: int, temperature: float) -> None:
    compiled = EXAMPLES[name]
    model = with_temperature(as_model(compiled), temperature)
    generator = np.random.default_rng(seed)
    n, T, K = compiled.model.n, compiled.token_count, len(compiled.tokens)
    length = int(generator.integers(n, n + T))
    context = generator.integers(0, K, length)
    law = np.exp(model.next_token_log_probs(context[None])[0])
    step = compiled.model.steps[length - n]
    score = dict.fromkeys(compiled.tokens, -np.inf)
    for token in step.live:
        row = [step.weights.get((i, compiled.tokens[c]), {}).get(token, 0) for i, c in enumerate(context)]
        score[token] = (step.bias.get(token, 0) + sum(row)) / temperature
    weight = np.exp(np.array([score[token] for token in compiled.tokens]) - max(score.values()))
    assert np.allclose(law, weight / weight.sum(), rtol=1e-12, atol=0)


def test_a_prompt_is_uniform_over_the_tokens_that_can_stand_there() -> None:
    """The second prompt token is a, b or c, the third only +; the answer copies whether the second is b."""
    model = LinearAR(3, (LinearStep(("no", "yes"), {(1, "b"): {"yes": 2}}, {"yes": -1}),))
    compiled = verified(
        model,
        lambda prompt: ["yes" if prompt[1] == "b" else "no"],
        [("a", "b"), ("a", "b", "c"), ("+",)],
        route="test",
        formula="1",
        count=1,
        meanings=["second token is b"],
    )
    law = as_model(compiled)
    assert law.vocabulary.names == ("a", "b", "c", "+", "no", "yes")
    assert np.allclose(np.exp(law.next_token_log_probs(np.array([[0]]))), [[1 / 3, 1 / 3, 1 / 3, 0, 0, 0]])
    assert np.allclose(np.exp(law.next_token_log_probs(np.array([[0, 2]]))), [[0, 0, 0, 1, 0, 0]])
    after = np.exp(law.next_token_log_probs(np.array([[0, 1, 3], [0, 2, 3]])))
    odds = 1 / (1 + np.exp(-1))
    assert np.allclose(after, [[0, 0, 0, 0, 1 - odds, odds], [0, 0, 0, 0, odds, 1 - odds]])
    assert np.allclose(np.exp(law.next_token_log_probs(np.array([[0, 1, 3, 5]]))), [[0, 0, 0, 0, 0, 1]])


def test_the_broken_assumptions_are_those_of_the_text() -> None:
    assert sorted(as_model(kautz(2)).broken_assumptions) == ["finite_logits", "positive", "stationary_source"]


def test_the_window_chain_ends_in_copies_of_the_answer() -> None:
    """A full context only repeats its last token: after four more tokens every context is constant."""
    chain = WindowChain.from_model(as_model(kautz(2)), 4)
    P = dense(chain)  # (16, 16), contexts of 4 bits in lexicographic order
    end = np.linalg.matrix_power(P, 4)
    for context in range(16):
        assert end[context, 15 * (context % 2)] == 1.0
    assert np.linalg.matrix_power(P, 3)[0b0001, 15] == 1.0


def test_scores_that_no_float_can_hold_give_laws() -> None:
    huge = 2**1200
    model = LinearAR(1, (gate({0: huge}, huge),))
    compiled = verified(model, list, [BITS], route="test", formula="1", count=1, meanings=["copy"])
    law = np.exp(as_model(compiled).next_token_log_probs(np.array([[0], [1]])))
    odds = 1 / (1 + np.exp(-1))
    assert np.allclose(law, [[1, 0], [1 - odds, odds]])


def test_the_catalogue_knows_compiled_models(tmp_path: Path) -> None:
    assert [entry.argument for entry in catalogue() if entry.name == "compiled"] == ["FILE"]
    with pytest.raises(ModelError, match=r"cannot read missing.json as JSON"):
        load_model(f"compiled:{tmp_path / 'missing.json'}")
    with pytest.raises(ModelError, match="is written 'compiled:FILE'"):
        load_model("compiled")
