"""Oracles of the trained models at hand, against their own packages and the known numbers of their window chains."""

import numpy as np
import pytest
from glassllm import GlassLM
from scipy.sparse.linalg import eigs

from numerics.models import LanguageModel, ModelError, load
from numerics.models.geometry import LinearOutput, output_norms
from numerics.models.glass import encode
from numerics.models.names import training_names
from numerics.models.packages import package_folder
from numerics.models.wrappers import restrict, top_k, with_temperature, with_window


def all_contexts(T: int, length: int) -> np.ndarray:
    values = np.arange(T**length)
    return np.stack([(values // T ** (length - 1 - i)) % T for i in range(length)], axis=1)


def entropy_rate(model: LanguageModel, order: int, steps: int) -> float:
    """By power iteration on the full contexts, written out here so that the oracle does not lean on our own chains."""
    T = model.vocabulary.size
    log_probs = model.next_token_log_probs(all_contexts(T, order))
    probs = np.exp(log_probs)
    law = np.full(T**order, 1 / T**order)
    for _ in range(steps):
        law = (law[:, None] * probs).reshape(T, -1, T).sum(axis=0).ravel()
    return float(-(law[:, None] * probs * log_probs).sum())


def test_names_entropy_rates_and_training_loss() -> None:
    model = load("names")
    assert entropy_rate(with_window(model, 1), 1, 500) == pytest.approx(2.00202090, abs=5e-9)
    assert entropy_rate(with_window(model, 2), 2, 1000) == pytest.approx(2.29783187, abs=5e-9)
    contexts, targets = [], []
    for name in training_names():
        window = [0] * 8
        for token in [*(ord(letter) - ord("a") + 1 for letter in name), 0]:
            contexts.append(window)
            targets.append(token)
            window = [*window[1:], token]
    log_probs = model.next_token_log_probs(np.array(contexts))
    assert len(training_names()) == 1025
    assert -log_probs[np.arange(len(targets)), targets].mean() == pytest.approx(2.1058, abs=5e-5)


@pytest.mark.parametrize(("name", "language"), [("carroll", "en"), ("machado", "pt")])
def test_glass_models_agree_with_their_package(name: str, language: str) -> None:
    """In float64 to rounding, so the forward is the same function; in float32 to the rounding of float32."""
    weights = package_folder("glassllm", "glassllm", name) / "weights" / f"{language}.npz"
    reference = GlassLM.load(weights, dtype=np.float64)
    single, double = load(name), load(name, dtype="float64")
    generator = np.random.default_rng(0)
    for length in (1, 2, 17, 128):
        contexts = generator.integers(0, 1024, (2, length))
        logits = reference(contexts).data[:, -1]  # (2, T)
        expected = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
        np.testing.assert_allclose(double.next_token_log_probs(contexts), expected, atol=1e-12)
        in_single = single.next_token_log_probs(contexts)
        np.testing.assert_allclose(in_single, expected, rtol=0, atol=1e-6 * np.abs(expected).max())


def test_carroll_window_one_chain() -> None:
    model = with_window(load("carroll"), 1)
    log_probs = model.next_token_log_probs(all_contexts(1024, 1))
    kernel = np.exp(log_probs)
    assert kernel.min() == pytest.approx(5.2e-15, rel=0.01)
    assert entropy_rate(model, 1, 600) == pytest.approx(3.90959, abs=5e-6)
    second = np.sort(np.abs(eigs(kernel, k=3, return_eigenvectors=False, v0=np.ones(1024), which="LM")))
    assert second[-1] == pytest.approx(1, abs=1e-10)
    assert second[-2] == pytest.approx(0.94159, abs=5e-6)


def test_float32_and_float64_agree() -> None:
    contexts = np.random.default_rng(3).integers(0, 1024, (4, 60))
    single, double = (load("carroll", dtype=dtype).next_token_log_probs(contexts) for dtype in ("float32", "float64"))
    np.testing.assert_allclose(single, double, atol=2e-5)
    with pytest.raises(ModelError, match="dtype is 'float16'"):
        load("carroll", dtype="float16")


@pytest.mark.parametrize("name", ["carroll", "names", "toy_gpt"])
def test_linear_output_layer(name: str) -> None:
    """logits = hidden @ unembedding.T, and the hidden states obey their bound."""
    model = load(name, steps=2) if name == "toy_gpt" else load(name)
    assert isinstance(model, LinearOutput)
    contexts = np.random.default_rng(1).integers(0, model.vocabulary.size, (6, 3))
    hidden, rows = model.hidden_states(contexts), model.unembedding()
    logits = hidden @ rows.T
    np.testing.assert_allclose(
        logits - np.log(np.exp(logits).sum(axis=1, keepdims=True)), model.next_token_log_probs(contexts), atol=2e-5
    )
    assert np.linalg.norm(hidden, axis=1).max() <= model.hidden_norm_bound * (1 + 1e-6)
    norms = output_norms(model)
    lengths = np.linalg.norm(rows, axis=1) * model.hidden_norm_bound
    assert pytest.approx(lengths.sum()) == norms.B_U
    assert norms.b_U == pytest.approx(lengths.max())
    farthest = max(np.linalg.norm(rows - row, axis=1).max() for row in rows)
    assert pytest.approx(farthest * model.hidden_norm_bound) == norms.D_U
    assert 2 * norms.b_U >= norms.D_U
    assert norms.diameter_is_exact


def test_output_norms_of_wrapped_models() -> None:
    model = load("carroll")
    plain = output_norms(model)
    assert output_norms(with_window(with_temperature(model, 2.0), 3)) == plain
    some = output_norms(restrict(model, [5, 6, 7]))
    rows = model.unembedding()[[5, 6, 7]]
    pairs = [np.linalg.norm(rows[i] - rows[j]) for i, j in ((0, 1), (0, 2), (1, 2))]
    assert pytest.approx(max(pairs) * model.hidden_norm_bound) == some.D_U
    for other in (load("uniform"), top_k(model, 3)):
        with pytest.raises(ModelError, match="has no linear output layer"):
            output_norms(other)


def test_phones() -> None:
    model = load("phones")
    assert (model.vocabulary.size, model.context_window) == (41, 2)
    assert model.vocabulary.names is not None
    assert model.vocabulary.names[-1] == "</s>"
    assert "SIL" in model.vocabulary.names
    forty = load("phones", end=False)
    assert entropy_rate(forty, 2, 1000) == pytest.approx(2.5767417, abs=5e-8)
    contexts = all_contexts(40, 2)
    np.testing.assert_allclose(
        restrict(model, range(40)).next_token_log_probs(contexts), forty.next_token_log_probs(contexts), atol=1e-10
    )
    end = model.vocabulary.index("</s>")
    fresh = model.next_token_log_probs(np.array([[0, end], [7, end], [end, end]]))
    np.testing.assert_array_equal(fresh[0], fresh[1])  # what stands before a sentence end is forgotten
    np.testing.assert_array_equal(fresh[0], fresh[2])


def test_glass_tokens_spell_the_text() -> None:
    """And the model prefers a text to the same tokens in another order."""
    model = load("carroll")
    tokens = encode("en", "Alice was beginning to get very tired of sitting by her sister on the bank")
    assert "".join(model.vocabulary.label(token) for token in tokens).strip().startswith("Alice was beginning to get")

    def loss(sequence: list[int]) -> float:
        steps = [model.next_token_log_probs(np.array([sequence[:n]]))[0, sequence[n]] for n in range(1, len(sequence))]
        return float(-np.mean(steps))

    shuffled = np.random.default_rng(0).permutation(tokens).tolist()
    assert loss(list(tokens)) < 5 < 7 < loss(shuffled)  # about 4.4 and 9.2 on long texts
