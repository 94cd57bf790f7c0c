"""The protocol's own checks: contexts, log-softmax, log-probabilities, vocabulary, catalogue."""

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from numerics.models import LanguageModel, ModelError, UnknownModelError, Vocabulary, catalogue, load
from numerics.models.protocol import check_contexts, check_log_probs, in_chunks, log_softmax

logit_rows = hnp.arrays(
    np.float64, st.tuples(st.integers(1, 6), st.integers(2, 9)), elements=st.floats(-1e3, 1e3, allow_nan=False)
)


@given(logit_rows)
def test_log_softmax_is_normalised_and_invariant_under_shifts(logits: np.ndarray) -> None:
    contexts = np.zeros((len(logits), 1), dtype=np.int64)
    log_probs = log_softmax(logits, contexts)
    assert np.isfinite(log_probs).all()  # nothing underflows in the log domain
    np.testing.assert_allclose(np.exp(log_probs).sum(axis=1), 1, atol=1e-12)
    np.testing.assert_allclose(log_softmax(logits + 7.5, contexts), log_probs, atol=1e-9)
    differences = logits[:, 1:] - logits[:, :1]
    np.testing.assert_allclose(log_probs[:, 1:] - log_probs[:, :1], differences, atol=1e-9)


def test_log_softmax_does_not_change_its_argument() -> None:
    logits = np.array([[1.0, 2.0]])
    log_softmax(logits, np.zeros((1, 1), dtype=np.int64))
    assert logits.tolist() == [[1.0, 2.0]]


def test_nan_logit_names_token_and_context() -> None:
    logits = np.zeros((2, 20))
    logits[1, 17] = np.nan
    with pytest.raises(ModelError, match=r"^logit of token 17 after context \(3, 5\) is nan$"):
        log_softmax(logits, np.array([[0, 0], [3, 5]]))
    with pytest.raises(ModelError, match=r"^logit of token 17 after context \(3, 5\) is nan$"):
        check_log_probs(logits, 2, 20, np.array([[0, 0], [3, 5]]))


def test_infinite_logits() -> None:
    context = np.array([[4]])
    with pytest.raises(ModelError, match=r"logit of token 1 after context \(4\) is inf"):
        log_softmax(np.array([[0.0, np.inf]]), context)
    with pytest.raises(ModelError, match=r"every token has probability 0 after context \(4\)"):
        log_softmax(np.array([[-np.inf, -np.inf]]), context)
    assert log_softmax(np.array([[0.0, -np.inf]]), context).tolist() == [[0.0, -np.inf]]


def test_check_log_probs_names_the_first_fault() -> None:
    good = np.log(np.full((5, 4), 0.25))
    assert check_log_probs(good, 5, 4) is good
    bad = good.copy()
    bad[3, 0] = np.log(0.23)
    with pytest.raises(ModelError, match=r"^row 3 sums to 0\.98, expected 1 within 1e-09$"):
        check_log_probs(bad, 5, 4)
    with pytest.raises(ModelError, match=r"shape \(5, 4\), expected \(5, 3\)"):
        check_log_probs(good, 5, 3)
    with pytest.raises(ModelError, match="type float32, expected float64"):
        check_log_probs(good.astype(np.float32), 5, 4)
    with pytest.raises(ModelError, match=r"row 0 gives token 0 the log-probability 0\.5"):
        check_log_probs(np.where(np.eye(5, 4), 0.5, good), 5, 4)


@pytest.mark.parametrize(
    ("contexts", "message"),
    [
        ([0, 1], r"shape \(2,\), expected \(B, k\)"),
        ([[0.0]], "type float64, expected integers"),
        ([[0, 0, 0, 0]], "have 4 tokens, expected 1 to 3"),
        (np.zeros((2, 0), dtype=np.int64), "have 0 tokens"),
        ([[0, 1], [1, 2]], r"context 1 has token 2 at position 1, expected 0\.\.1"),
        ([[-1]], "context 0 has token -1 at position 0"),
    ],
)
def test_contexts_of_the_wrong_kind(contexts: object, message: str) -> None:
    with pytest.raises(ModelError, match=message):
        check_contexts(contexts, 2, 3)


@given(st.integers(0, 40), st.integers(1, 50))
def test_chunks_change_nothing(batch: int, rows: int) -> None:
    contexts = np.arange(2 * batch, dtype=np.int64).reshape(batch, 2)
    seen: list[int] = []

    def double(part: np.ndarray) -> np.ndarray:
        seen.append(len(part))
        return 2.0 * part

    np.testing.assert_array_equal(in_chunks(double, contexts, 2, rows), 2.0 * contexts)
    assert max(seen, default=0) <= rows


def test_vocabulary() -> None:
    vocabulary = Vocabulary(3, ("a", "b", "1"))
    assert [vocabulary.label(token) for token in range(3)] == ["a", "b", "1"]
    assert vocabulary.index("1") == 2  # a name wins over the index it spells
    assert vocabulary.index("0") == 0
    assert Vocabulary(4).label(3) == "3"
    with pytest.raises(ModelError, match="no token is named 'z'"):
        vocabulary.index("z")
    with pytest.raises(ModelError, match="3 tokens but 2 names"):
        Vocabulary(3, ("a", "b"))
    with pytest.raises(ModelError, match="has 1 tokens, expected at least 2"):
        Vocabulary(1)


def test_catalogue_lists_every_model_without_torch() -> None:
    made_here = ["uniform", "lfsr", "random", "ngram", "toy_gpt", "table"]
    trained = ["names", "carroll", "machado", "phones", "smollm2", "hf"]
    entries = catalogue()
    assert {*made_here, *trained} <= {entry.name for entry in entries}
    assert all(entry.description and entry.licence and entry.needs for entry in entries)
    code = "import sys; from numerics.models import catalogue; catalogue(); print('torch' in sys.modules)"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "False"


def test_unknown_names_and_options() -> None:
    with pytest.raises(UnknownModelError, match=r"unknown model 'nmaes'; did you mean: names"):
        load("nmaes")
    with pytest.raises(ModelError, match=r"model 'names' has no option 'order'; its options: none"):
        load("names", order=3)
    with pytest.raises(ModelError, match=r"model 'hf' is written 'hf:PATH'"):
        load("hf")
    with pytest.raises(ModelError, match=r"model 'names:x' is written 'names'"):
        load("names:x")
    assert isinstance(load("uniform"), LanguageModel)
