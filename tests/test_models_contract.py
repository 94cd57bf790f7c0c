"""Every model keeps the protocol's contract: shapes, normalisation, determinism, independence of the batch."""

from collections.abc import Callable

import numpy as np
import pytest

from numerics.models import LanguageModel, load
from numerics.models.protocol import ASSUMPTIONS, check_log_probs
from numerics.models.wrappers import greedy, restrict, top_k, top_p, with_temperature, with_window

# Weights in float32 round differently with the shape of the batch; all else is float64.
SINGLE, DOUBLE = 2e-5, 1e-12

CASES: dict[str, tuple[Callable[[], LanguageModel], float]] = {
    "uniform": (lambda: load("uniform", T=5, K=2), DOUBLE),
    "lfsr": (lambda: load("lfsr"), DOUBLE),
    "lfsr 5": (lambda: load("lfsr", c=(1, 0, 1, 0, 1), p=0.3), DOUBLE),
    "lfsr certain": (lambda: load("lfsr", p=0), DOUBLE),
    "random": (lambda: load("random", T=3, K=4, seed=2, scale=3.0), DOUBLE),
    "ngram add": (lambda: load("ngram", text="topics", order=3, a=0.1), DOUBLE),
    "ngram zeros": (lambda: load("ngram", text="topics", order=2, a=0.0), DOUBLE),
    "ngram words": (lambda: load("ngram", text="topics", level="word", T=60, smoothing="interpolated"), DOUBLE),
    "names": (lambda: load("names"), DOUBLE),
    "phones": (lambda: load("phones"), DOUBLE),
    "toy_gpt": (lambda: load("toy_gpt", steps=3), DOUBLE),
    "carroll": (lambda: load("carroll"), SINGLE),
    "carroll double": (lambda: load("carroll", dtype="float64"), 1e-10),
    "machado": (lambda: load("machado"), SINGLE),
    "tempered": (lambda: with_temperature(load("names"), 0.05), 1e-10),
    "cold": (lambda: with_temperature(load("names"), 0.0), DOUBLE),
    "windowed": (lambda: with_window(load("names"), 2), DOUBLE),
    "restricted": (lambda: restrict(load("names"), [3, 1, 4, 15, 9, 2, 6]), DOUBLE),
    "top-k": (lambda: top_k(load("names"), 5), DOUBLE),
    "top-p": (lambda: top_p(load("names"), 0.9), DOUBLE),
    "greedy": (lambda: greedy(load("names")), DOUBLE),
    "all at once": (
        lambda: top_p(top_k(restrict(with_window(with_temperature(load("phones"), 2.0), 1), range(40)), 10), 0.8),
        DOUBLE,
    ),
}


@pytest.fixture(params=list(CASES), scope="module")
def case(request: pytest.FixtureRequest) -> tuple[LanguageModel, float]:
    make, tolerance = CASES[request.param]
    return make(), tolerance


def draw(model: LanguageModel, batch: int, length: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, model.vocabulary.size, (batch, length))


def test_rows_are_laws(case: tuple[LanguageModel, float]) -> None:
    model, _ = case
    assert isinstance(model, LanguageModel)
    for length in {1, min(2, model.context_window), min(model.context_window, 40)}:
        contexts = draw(model, 12, length)
        log_probs = model.next_token_log_probs(contexts)
        check_log_probs(log_probs, 12, model.vocabulary.size, contexts, tolerance=1e-12)
        if "positive" not in model.broken_assumptions:
            assert np.isfinite(log_probs).all()
    assert model.next_token_log_probs(np.empty((0, 1), dtype=np.int64)).shape == (0, model.vocabulary.size)


def test_what_is_broken_is_really_broken(case: tuple[LanguageModel, float]) -> None:
    model, _ = case
    assert set(model.broken_assumptions) <= set(ASSUMPTIONS)
    assert all(model.broken_assumptions.values())
    if "positive" in model.broken_assumptions:
        every = np.concatenate(
            [
                model.next_token_log_probs(draw(model, 200, length))
                for length in range(1, min(model.context_window, 3) + 1)
            ]
        )
        assert np.isneginf(every).any()
    assert ("temperature_positive" in model.broken_assumptions) == (model.temperature == 0)


def test_the_batch_does_not_matter(case: tuple[LanguageModel, float]) -> None:
    model, tolerance = case
    contexts = draw(model, 30, min(model.context_window, 9), seed=1)
    whole = np.exp(model.next_token_log_probs(contexts))
    order = np.random.default_rng(2).permutation(30)
    np.testing.assert_allclose(np.exp(model.next_token_log_probs(contexts[order])), whole[order], atol=tolerance)
    parts = np.concatenate([np.exp(model.next_token_log_probs(part)) for part in np.array_split(contexts, [1, 4, 17])])
    np.testing.assert_allclose(parts, whole, atol=tolerance)
    np.testing.assert_array_equal(np.exp(model.next_token_log_probs(contexts)), whole)


def test_the_answer_is_the_callers(case: tuple[LanguageModel, float]) -> None:
    """Writing into a returned array changes nothing in the model."""
    model, _ = case
    contexts = draw(model, 3, 1)
    first = model.next_token_log_probs(contexts)
    kept = first.copy()
    first[:] = 0.0
    np.testing.assert_array_equal(model.next_token_log_probs(contexts), kept)


def test_contexts_outside_the_window_or_vocabulary_are_refused(case: tuple[LanguageModel, float]) -> None:
    model, _ = case
    with pytest.raises(ValueError, match=r"expected 0\.\."):
        model.next_token_log_probs(np.array([[model.vocabulary.size]]))
    with pytest.raises(ValueError, match="expected 1 to"):
        model.next_token_log_probs(np.zeros((1, 0), dtype=np.int64))


def test_large_batches_come_in_chunks() -> None:
    """10^5 contexts give the same rows as their first and last thousand alone."""
    model = with_window(load("names"), 3)
    contexts = draw(model, 100_000, 3)
    log_probs = model.next_token_log_probs(contexts)
    np.testing.assert_allclose(log_probs[:1000], model.next_token_log_probs(contexts[:1000]), atol=1e-10)
    np.testing.assert_allclose(log_probs[-1000:], model.next_token_log_probs(contexts[-1000:]), atol=1e-10)
