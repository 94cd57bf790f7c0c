"""`smollm2`: the quantised weights read and run by our own forward."""

import numpy as np
import pytest

from numerics.models import load
from numerics.models.smollm2 import digit_tokens
from numerics.models.wrappers import restrict, with_window


@pytest.mark.slow
def test_smollm2_digits() -> None:
    """Ten digit tokens, window 1: an exact chain of ten states; and the model knows some geography."""
    model = load("smollm2")
    digits = digit_tokens(model)
    chain = restrict(with_window(model, 1), digits)
    law = np.exp(chain.next_token_log_probs(np.arange(10)[:, None]))
    np.testing.assert_allclose(law.sum(axis=1), 1, atol=1e-12)
    assert law.min() > 0
    full = model.next_token_log_probs(np.array(digits)[:, None])
    np.testing.assert_allclose(np.exp(full).sum(axis=1), 1, atol=1e-12)
    sentence = [model.vocabulary.index(piece) for piece in ("The", "Ġcapital", "Ġof", "ĠFrance", "Ġis")]
    assert model.vocabulary.label(int(model.next_token_log_probs(np.array([sentence])).argmax())) == "ĠParis"
