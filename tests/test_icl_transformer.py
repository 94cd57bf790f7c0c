"""The chain transformer: causality, training, checkpoints, resumption; language models as in-context predictors."""

from __future__ import annotations

import os
import signal
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from numerics.icl import comparison, estimators, pretraining, simulate
from numerics.icl.adamw import AdamW
from numerics.icl.checkpoint import read_checkpoint, write_checkpoint
from numerics.icl.language_model import LanguageModelPredictor
from numerics.icl.pretraining import PretrainingSettings, load_pretrained, pretrain, training_batch
from numerics.icl.transformer import ChainTransformer, ICLPredictor, TransformerSize
from numerics.models.protocol import Vocabulary
from numerics.models.random import random

TINY = PretrainingSettings(TransformerSize(2, 8, width=8), steps=6, batch=4, warmup=2)


def weights(model: ChainTransformer) -> dict[str, NDArray[np.float32]]:
    return {name: value.detach().numpy().copy() for name, value in model.named_parameters()}


def assert_same(one: Mapping[str, NDArray[np.float32]], other: Mapping[str, NDArray[np.float32]]) -> None:
    assert one.keys() == other.keys()
    for name, value in one.items():
        np.testing.assert_array_equal(value, other[name], err_msg=name)


def test_parameter_counts_of_the_reference_sizes() -> None:
    assert ChainTransformer(PretrainingSettings.reference(2).size, 0).parameter_count() == 27_138
    assert ChainTransformer(PretrainingSettings.reference(3).size, 0).parameter_count() == 28_867
    assert PretrainingSettings.fast(2).size == PretrainingSettings.reference(2).size


def test_predictions_are_laws_and_causal() -> None:
    predictor = ICLPredictor(ChainTransformer(TransformerSize(3, 10), 5), batch=2)
    prompts = np.random.default_rng(0).integers(0, 3, (5, 10))
    laws = predictor.next_state_probabilities(prompts)
    assert laws.shape == (5, 10, 3) and laws.dtype == np.float64
    np.testing.assert_allclose(laws.sum(-1), 1.0, atol=1e-14)
    assert laws.min() > 0
    changed = prompts.copy()
    changed[:, 6:] = (changed[:, 6:] + 1) % 3
    other = predictor.next_state_probabilities(changed)
    np.testing.assert_allclose(other[:, :6], laws[:, :6], atol=1e-6)
    # The state at position 6 is read at position 6: the later laws do change.
    assert np.abs(other[:, 6:] - laws[:, 6:]).max() > 1e-4
    np.testing.assert_allclose(predictor.next_state_probabilities(prompts[:, :4]), laws[:, :4], atol=1e-6)
    assert predictor.next_state_probabilities(prompts[:0]).shape == (0, 10, 3)


def test_predictor_refuses_bad_prompts() -> None:
    predictor = ICLPredictor(ChainTransformer(TransformerSize(2, 4), 0))
    with pytest.raises(ValueError, match="does not fit the context of 4"):
        predictor.next_state_probabilities(np.zeros((1, 5), dtype=np.int64))
    with pytest.raises(ValueError, match="states from 0 to 2"):
        predictor.next_state_probabilities(np.array([[0, 2]]))
    with pytest.raises(ValueError, match="not a multiple"):
        TransformerSize(2, 4, width=9)


def test_initial_weights_and_batches_depend_on_the_seed_alone() -> None:
    torch.manual_seed(1)
    one = weights(ChainTransformer(TINY.size, 3))
    torch.manual_seed(2)
    assert_same(one, weights(ChainTransformer(TINY.size, 3)))
    assert np.abs(one["unembedding.weight"] - weights(ChainTransformer(TINY.size, 4))["unembedding.weight"]).max() > 0
    first, again, next_one = training_batch(TINY, 5)[0], training_batch(TINY, 5)[0], training_batch(TINY, 6)[0]
    np.testing.assert_array_equal(first, again)
    assert first.shape == (4, 9) and (first != next_one).any()


def test_learning_rate_warms_up_and_decays() -> None:
    recipe = PretrainingSettings(TransformerSize(2, 4), steps=1100, learning_rate=2e-3)
    assert recipe.rate(0) == pytest.approx(2e-5)
    assert recipe.rate(99) == pytest.approx(2e-3) == recipe.rate(100)
    assert recipe.rate(600) == pytest.approx(1e-3)
    assert recipe.rate(1099) == pytest.approx(0.0, abs=1e-8)


def test_adamw_is_its_definition() -> None:
    """Against the textbook recursion in float64, over steps with and without clipping of the joint gradient norm."""
    model = ChainTransformer(TINY.size, 0)
    optimiser = AdamW(model, weight_decay=0.1, clip=1.0)
    value = np.concatenate([part.ravel() for part in weights(model).values()]).astype(np.float64)
    first, second = np.zeros_like(value), np.zeros_like(value)
    rng = np.random.default_rng(0)
    for step, scale in enumerate((0.001, 3.0, 0.01), start=1):
        gradients = {name: scale * rng.standard_normal(part.shape) for name, part in weights(model).items()}
        for name, parameter in model.named_parameters():
            parameter.grad = torch.from_numpy(gradients[name].astype(np.float32))
        optimiser.step(0.01)
        gradient = np.concatenate([part.ravel() for part in gradients.values()])
        gradient *= min(1.0, 1.0 / np.linalg.norm(gradient))
        first = 0.9 * first + 0.1 * gradient
        second = 0.999 * second + 0.001 * gradient**2
        value -= 0.01 * 0.1 * value
        value -= 0.01 * (first / (1 - 0.9**step)) / (np.sqrt(second / (1 - 0.999**step)) + 1e-8)
        got = np.concatenate([part.ravel() for part in weights(model).values()])
        np.testing.assert_allclose(got, value, rtol=1e-4, atol=1e-6)
    with pytest.raises(RuntimeError, match="has no gradient"):
        optimiser.step(0.01)


@pytest.mark.parametrize("expected_loss", [False, True])
def test_an_interrupted_run_resumes_bit_for_bit(tmp_path: Path, expected_loss: bool) -> None:
    settings = replace(TINY, expected_loss=expected_loss)
    whole = pretrain(settings)

    def stop(step: int, _steps: int, _loss: float) -> None:
        if step == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        pretrain(settings, tmp_path, progress=stop)
    half = load_pretrained(tmp_path)
    assert half.losses.size == 3 and half.settings == settings
    resumed_at: list[int] = []
    resumed = pretrain(settings, tmp_path, progress=lambda step, _steps, _loss: resumed_at.append(step))
    assert resumed_at == [4, 5, 6]
    np.testing.assert_array_equal(resumed.losses, whole.losses)
    assert_same(weights(resumed.model), weights(whole.model))
    loaded = load_pretrained(tmp_path)
    assert_same(weights(loaded.model), weights(whole.model))
    # A finished run is not trained again.
    assert pretrain(settings, tmp_path, progress=lambda *_: pytest.fail("trained again")).losses.size == 6


def test_control_c_takes_effect_between_steps(tmp_path: Path) -> None:
    def press(step: int, _steps: int, _loss: float) -> None:
        if step == 2:
            os.kill(os.getpid(), signal.SIGINT)

    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        pretrain(TINY, tmp_path, progress=press)
    assert signal.getsignal(signal.SIGINT) is before
    assert read_checkpoint(tmp_path / pretraining.CHECKPOINT_NAME).step in (2, 3)
    assert_same(weights(pretrain(TINY, tmp_path).model), weights(pretrain(TINY).model))


def test_a_checkpoint_of_another_recipe_is_refused(tmp_path: Path) -> None:
    pretrain(TINY, tmp_path)
    with pytest.raises(ValueError, match="made with batch = 4, expected 5"):
        pretrain(replace(TINY, batch=5), tmp_path)


def test_checkpoints_are_plain_arrays_written_whole(tmp_path: Path) -> None:
    pretrain(TINY, tmp_path)
    path = tmp_path / pretraining.CHECKPOINT_NAME
    assert [entry.name for entry in tmp_path.iterdir()] == [path.name]
    with zipfile.ZipFile(path) as archive:
        assert all(name.endswith(".npy") for name in archive.namelist())
    complete = path.read_bytes()
    checkpoint = read_checkpoint(path)
    write_checkpoint(path, checkpoint)
    assert_same(read_checkpoint(path).second_moments, checkpoint.second_moments)
    path.write_bytes(complete[: len(complete) // 2])
    with pytest.raises(ValueError, match="not a readable checkpoint"):
        load_pretrained(tmp_path)
    with path.open("wb") as stream:
        np.savez(stream, format=np.array("other"), step=np.array(1), settings=np.array("{}"), losses=np.zeros(1))
    with pytest.raises(ValueError, match="has format 'other'"):
        load_pretrained(tmp_path)


def test_the_number_of_threads_is_restored() -> None:
    before = torch.get_num_threads()
    pretrain(replace(TINY, steps=1), threads=before + 1)
    assert torch.get_num_threads() == before


def test_a_few_steps_learn_the_easy_part() -> None:
    """On kernels near the corners of the simplex the last state tells most: the loss falls well below log 2."""
    settings = PretrainingSettings(
        TransformerSize(2, 12, width=16), steps=120, batch=32, learning_rate=1e-2, warmup=20, concentration=0.2
    )
    run = pretrain(settings)
    assert run.losses[:5].mean() > 0.6
    assert run.losses[-20:].mean() < 0.5
    rng = np.random.default_rng(7)
    kernels = simulate.random_dirichlet_kernels(300, 2, rng, 0.2)
    prompts = simulate.sample_chains(kernels, 12, rng)
    risks = comparison.compare_predictors(
        {"model": ICLPredictor(run.model).next_state_probabilities, **comparison.standard_predictors(kernels)},
        kernels,
        prompts,
    )
    assert not risks.total_variation["exact kernel"].any()
    mean = {name: float(values.mean()) for name, values in risks.kullback_leibler.items()}
    # No predictor beats the posterior predictive of the prior it was drawn from (sampling error aside).
    bayes = estimators.add_constant(prompts, 2, 0.2)
    truth = estimators.exact_kernel(prompts, kernels)
    floor = float(np.where(truth > 0, truth * np.log(truth / bayes), 0.0).sum(-1).mean())
    assert floor < mean["model"] < np.log(2)


def test_a_language_model_as_predictor_is_the_softmax_of_the_state_tokens() -> None:
    model = random(5, 3, seed=4)
    predictor = LanguageModelPredictor(model, np.array([3, 0]), batch=2)
    prompts = np.array([[0, 1, 1, 0, 1], [1, 1, 0, 0, 0], [0, 0, 0, 1, 1]])
    laws = predictor.next_state_probabilities(prompts)
    tokens = np.array([3, 0])[prompts]
    for chain in range(3):
        for n in range(5):
            window = tokens[chain, max(0, n - 2) : n + 1]
            scores = model.next_token_log_probs(window[None])[0][[3, 0]]
            np.testing.assert_allclose(laws[chain, n], np.exp(scores) / np.exp(scores).sum(), rtol=1e-12)
    separated = LanguageModelPredictor(model, np.array([3, 0]), separator=2).next_state_probabilities(prompts)
    scores = model.next_token_log_probs(np.array([[2, 3, 2]]))[0][[3, 0]]
    np.testing.assert_allclose(separated[0, 3], np.exp(scores) / np.exp(scores).sum(), rtol=1e-12)
    with pytest.raises(ValueError, match="distinct tokens"):
        LanguageModelPredictor(model, np.array([1, 1]))


class Forbidding:
    """Gives all its mass to token 2."""

    name = "forbidding"
    vocabulary = Vocabulary(3)
    context_window = 4

    def next_token_log_probs(self, contexts: NDArray[np.int64], /) -> NDArray[np.float64]:
        logs = np.full((contexts.shape[0], 3), -np.inf)
        logs[:, 2] = 0.0
        return logs


def test_a_model_that_excludes_every_state_is_refused() -> None:
    with pytest.raises(ValueError, match="chain 0, position 0: every state token has probability zero"):
        LanguageModelPredictor(Forbidding(), np.array([0, 1])).next_state_probabilities(np.array([[0, 1]]))


def test_sampling_from_a_model_slides_its_window() -> None:
    model = random(3, 2, seed=1)
    contexts = np.zeros((40_000, 1), dtype=np.int64)
    sample = simulate.sample_from_model(model, contexts, 3, np.random.default_rng(0))
    assert sample.shape == (40_000, 4) and not sample[:, 0].any()
    law = np.exp(model.next_token_log_probs(np.array([[1, 2]])))[0]
    after = sample[(sample[:, 1] == 1) & (sample[:, 2] == 2), 3]
    frequency = np.bincount(after, minlength=3) / after.size
    np.testing.assert_allclose(frequency, law, atol=5 * 0.5 / np.sqrt(after.size))
