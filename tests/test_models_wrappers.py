"""Laws of the wrappers: identities, composition, limits, and what each says it breaks."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from numerics.models import LanguageModel, ModelError, load
from numerics.models.wrappers import greedy, restrict, top_k, top_p, with_temperature, with_window

seeds = st.integers(0, 50)
sizes = st.integers(2, 6)


def all_contexts(T: int, length: int) -> np.ndarray:
    values = np.arange(T**length)
    return np.stack([(values // T ** (length - 1 - i)) % T for i in range(length)], axis=1)


def same(left: LanguageModel, right: LanguageModel, lengths: tuple[int, ...] = (1, 2), atol: float = 1e-12) -> None:
    for length in lengths:
        contexts = all_contexts(left.vocabulary.size, length)
        np.testing.assert_allclose(
            left.next_token_log_probs(contexts), right.next_token_log_probs(contexts), rtol=1e-12, atol=atol
        )


@given(sizes, seeds)
def test_identities(T: int, seed: int) -> None:
    model = load("random", T=T, K=2, seed=seed)
    same(with_temperature(model, 1.0), model)
    same(with_temperature(with_temperature(model, 2.0), 0.5), model)
    same(with_window(model, 2), model)
    same(restrict(model, range(T)), model)
    same(top_k(model, T), model)
    same(top_p(model, 1.0), model)


@given(sizes, seeds, st.floats(0.05, 20), st.floats(0.05, 20))
def test_temperatures_multiply(T: int, seed: int, first: float, second: float) -> None:
    model = load("random", T=T, K=2, seed=seed)
    twice = with_temperature(with_temperature(model, first), second)
    same(twice, with_temperature(model, first * second), atol=1e-9)
    assert twice.temperature == pytest.approx(first * second)


@given(sizes, seeds, st.floats(0.01, 20))
def test_temperature_is_the_softmax_of_divided_logits(T: int, seed: int, tau: float) -> None:
    logits = np.random.default_rng(seed).standard_normal((T, T))  # D27 for K = 1
    model = with_temperature(load("random", T=T, K=1, seed=seed), tau)
    weights = np.exp((logits - logits.max(axis=1, keepdims=True)) / tau)
    np.testing.assert_allclose(
        np.exp(model.next_token_log_probs(all_contexts(T, 1))), weights / weights.sum(axis=1, keepdims=True), atol=1e-12
    )


def test_low_temperature_keeps_small_probabilities_apart_from_zero() -> None:
    log_probs = with_temperature(load("names"), 1e-3).next_token_log_probs(np.array([[1, 2, 3]]))
    assert np.isfinite(log_probs).all()
    assert log_probs.min() < -1000  # exp underflows to 0 here, the logarithm does not


@given(sizes, seeds)
def test_temperature_zero_is_the_limit(T: int, seed: int) -> None:
    model = load("random", T=T, K=1, seed=seed, scale=5.0)
    contexts = all_contexts(T, 1)
    cold = np.exp(with_temperature(model, 1e-6).next_token_log_probs(contexts))
    np.testing.assert_allclose(np.exp(with_temperature(model, 0.0).next_token_log_probs(contexts)), cold, atol=1e-6)


def test_temperature_zero_shares_ties_and_greedy_takes_the_first() -> None:
    tied = load("uniform", T=4, K=1)
    context = np.array([[2]])
    np.testing.assert_allclose(np.exp(with_temperature(tied, 0).next_token_log_probs(context)), 0.25)
    assert np.exp(greedy(tied).next_token_log_probs(context)).tolist() == [[1.0, 0.0, 0.0, 0.0]]
    assert set(with_temperature(tied, 0).broken_assumptions) == {"positive", "finite_logits", "temperature_positive"}
    assert greedy(tied).temperature == 0.0


@given(sizes, seeds, st.data())
def test_restriction_conditions_on_the_kept_tokens(T: int, seed: int, data: st.DataObject) -> None:
    model = load("random", T=T, K=2, seed=seed)
    kept = data.draw(st.lists(st.integers(0, T - 1), min_size=2, max_size=T, unique=True))
    restricted = restrict(model, kept)
    contexts = all_contexts(len(kept), 2)
    full = np.exp(model.next_token_log_probs(np.array(kept)[contexts]))[:, kept]
    np.testing.assert_allclose(
        np.exp(restricted.next_token_log_probs(contexts)), full / full.sum(axis=1, keepdims=True), atol=1e-12
    )
    same(with_temperature(restricted, 0.3), restrict(with_temperature(model, 0.3), kept), atol=1e-10)


def test_restriction_keeps_names_in_the_order_asked_for() -> None:
    assert restrict(load("names"), [2, 0, 1]).vocabulary.names == ("b", ".", "a")
    assert restrict(load("uniform", T=5), [4, 2]).vocabulary.names == ("4", "2")


@given(sizes, seeds, st.data())
def test_top_k_keeps_the_k_largest_with_their_ratios(T: int, seed: int, data: st.DataObject) -> None:
    model = load("random", T=T, K=1, seed=seed)
    k = data.draw(st.integers(1, T))
    contexts = all_contexts(T, 1)
    full, cut = (np.exp(m.next_token_log_probs(contexts)) for m in (model, top_k(model, k)))
    assert ((cut > 0).sum(axis=1) == k).all()
    for before, after in zip(full, cut, strict=True):
        assert before[after > 0].min() >= before[after == 0].max(initial=0.0)
        np.testing.assert_allclose(after[after > 0], before[after > 0] / before[after > 0].sum(), atol=1e-12)


@given(sizes, seeds, st.floats(0.01, 0.999))
def test_top_p_keeps_the_smallest_set_that_reaches_p(T: int, seed: int, p: float) -> None:
    model = load("random", T=T, K=1, seed=seed)
    contexts = all_contexts(T, 1)
    full, cut = (np.exp(m.next_token_log_probs(contexts)) for m in (model, top_p(model, p)))
    for before, after in zip(full, cut, strict=True):
        mass = before[after > 0].sum()
        assert mass >= p - 1e-12
        assert mass - before[after > 0].min() < p + 1e-12  # one token fewer does not reach p
        np.testing.assert_allclose(after[after > 0], before[after > 0] / mass, atol=1e-12)


def test_window_cuts_and_names_pads_with_dots() -> None:
    names = load("names")
    long = np.array([[5, 6, 7, 8, 9, 10]])
    two = with_window(names, 2)
    np.testing.assert_array_equal(two.next_token_log_probs(long), names.next_token_log_probs(long[:, -2:]))
    np.testing.assert_array_equal(
        two.next_token_log_probs(long), names.next_token_log_probs(np.array([[0, 0, 0, 0, 0, 0, 9, 10]]))
    )
    assert with_window(with_window(names, 5), 2).name == two.name == "names|window=2"
    assert two.context_window == 2


def test_wrappers_say_what_they_break() -> None:
    carroll_like = load("uniform", T=1024, K=1)
    assert top_k(carroll_like, 5).broken_assumptions["positive"] == (
        "top-k keeps 5 of 1024 tokens; the others have probability 0"
    )
    assert "positive" in top_p(carroll_like, 0.9).broken_assumptions
    stacked = with_temperature(with_window(restrict(top_k(load("names"), 3), range(27)), 2), 0.5)
    assert "positive" in stacked.broken_assumptions  # a later wrapper does not repair it
    assert with_temperature(load("names"), 0.5).broken_assumptions == {}


def test_restriction_without_mass_is_an_error() -> None:
    certain = load("lfsr", p=0, c=(1,))
    assert np.isneginf(certain.next_token_log_probs(np.array([[1]]))[0, 0])
    narrow = restrict(top_k(load("names"), 1), [25, 26])
    with pytest.raises(ModelError, match=r"every token has probability 0 after context \(0\)"):
        narrow.next_token_log_probs(np.array([[0]]))


@pytest.mark.parametrize(
    ("wrap", "message"),
    [
        (lambda m: with_temperature(m, -0.5), r"temperature is -0\.5, expected a finite number >= 0"),
        (lambda m: with_temperature(m, float("nan")), "temperature is nan"),
        (lambda m: with_temperature(m, float("inf")), "temperature is inf"),
        (lambda m: with_window(m, 0), r"window is 0, expected 1 to 8"),
        (lambda m: with_window(m, 9), r"window is 9, expected 1 to 8 \(the context window of names\)"),
        (lambda m: restrict(m, [1]), "1 tokens are kept, expected at least 2"),
        (lambda m: restrict(m, [1, 2, 1]), "token 1 is kept twice"),
        (lambda m: restrict(m, [1, 27]), r"token 27 is outside the vocabulary 0\.\.26 of names"),
        (lambda m: restrict(m, [0.5, 1.5]), "expected a list of integers"),
        (lambda m: top_k(m, 0), "k is 0, expected 1 to 27"),
        (lambda m: top_k(m, 28), "k is 28, expected 1 to 27"),
        (lambda m: top_p(m, 0.0), r"p is 0\.0, expected a number in \(0, 1\]"),
        (lambda m: top_p(m, 1.1), r"p is 1\.1"),
    ],
)
def test_wrong_arguments(wrap, message: str) -> None:  # type: ignore[no-untyped-def]  # a lambda of the table above
    with pytest.raises(ModelError, match=message):
        wrap(load("names"))
