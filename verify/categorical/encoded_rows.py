"""The spaces on which similarity operators and spectral objectives are measured; extremal: fixture S1 and witnesses."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from numerics.sources.fixtures import S1_ENCODER, S1_FEATURES, S1_MU, S1_ROWS, S1_UNEMBEDDING
from theory.claim import Claim
from verify.space import Space
from verify.strategies.encoded_rows import EncodedRows, encoded_rows

WORK = 1e-11  # float64 error of sums of some hundred products of numbers of size 1 to 10


def s1() -> EncodedRows:
    """Fixture S1."""
    return EncodedRows(S1_ROWS, S1_MU, np.array(S1_ENCODER), S1_UNEMBEDDING, S1_FEATURES)


def _extremal(claim: Claim) -> Iterator[EncodedRows]:
    yield s1()
    uniform = np.full((3, 3), 1 / 3)
    yield EncodedRows(uniform, np.full(3, 1 / 3), np.zeros(3, dtype=np.int64), S1_UNEMBEDDING, np.eye(3))
    one_to_one = np.arange(6, dtype=np.int64)
    yield EncodedRows(S1_ROWS, S1_MU, one_to_one, S1_UNEMBEDDING, S1_FEATURES)  # every context its own state


encoded = Space("random encoded rows", lambda claim: encoded_rows(), _extremal)
sharp = Space("random sharp rows", lambda claim: encoded_rows(contexts=(2, 4), tokens=(2, 2), width=1, sharp=True))
binary = Space("random rows of two tokens", lambda claim: encoded_rows(contexts=(2, 3), tokens=(2, 2), width=1))
