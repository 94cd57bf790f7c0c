"""The fixtures of the specification as data, by the names that its oracles use.

Main definitions
    K1_ROWS, K1_MU           three rows on four tokens, one of them a point mass
    t1, T1_WEIGHTS           a source of four contexts, three tokens of a vocabulary of three, two states, and its head
    G1_*                     an unembedding 5 x 2 and two states
    S1_*, s1                 six contexts, three tokens, two states; unembedding and features
    R1_MU, R1_P, R1_R, r1    contexts that depend weakly on the token: p_x = p + ε r_x

Source: specification `categorical`, 4.9.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from numerics.sources.finite import FiniteSource, source_of

FloatArray = NDArray[np.float64]


def _constant(values: Any) -> FloatArray:
    array = np.array(values, dtype=np.float64)
    array.flags.writeable = False
    return array


K1_ROWS = _constant([[1 / 2, 1 / 4, 1 / 8, 1 / 8], [1, 0, 0, 0], [1 / 3, 1 / 3, 1 / 3, 0]])
K1_MU = _constant([1 / 2, 1 / 4, 1 / 4])

T1_MU = (Fraction(1, 8), Fraction(3, 8), Fraction(1, 4), Fraction(1, 4))
T1_ENCODER = (0, 0, 1, 1)
T1_HEAD = ((Fraction(1, 2), Fraction(1, 4), Fraction(1, 4)), (Fraction(1, 5), Fraction(2, 5), Fraction(2, 5)))

G1_UNEMBEDDING = _constant([[1, 0], [0, 1], [-1, -1], [2, 1], [0, -2]])
G1_STATES = _constant([[0.3, -0.2], [-0.5, 0.7]])

S1_MU = _constant([1 / 6] * 6)
S1_ROWS = _constant(
    [[0.7, 0.2, 0.1], [0.2, 0.6, 0.2], [0.1, 0.2, 0.7], [0.4, 0.4, 0.2], [0.1, 0.1, 0.8], [0.3, 0.5, 0.2]]
)
S1_ENCODER = (0, 0, 0, 1, 1, 1)
S1_UNEMBEDDING = _constant([[1, 0], [0, 1], [-1, -1]])
S1_FEATURES = _constant([[1, 0], [0, 1], [-1, 1], [2, -1], [0, 0], [1, 1]])  # centre them before use

R1_MU = _constant([0.1, 0.2, 0.3, 0.4])
R1_P = _constant([0.4, 0.3, 0.2, 0.1])
R1_R = _constant(0.1 * np.array([[1, -1, 0, 0], [0, 1, -1, 0], [0, 0, 1, -1], [-1, 0, 0, 1]]))
R1_EPSILONS = (0.8, 0.4, 0.2, 0.1)


def t1_weights() -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Integer weights of the laws of a = W_t, b = W_{t+1}, c = W_{t+2}: (4, 3), (4, 3, 3), (4, 3, 3, 3)."""
    x, a, b, c = np.ogrid[:4, :3, :3, :3]
    first = 1 + (2 * x + 3 * a) % 5
    second = 1 + (x * x + 2 * a + 3 * b + x * b) % 7
    third = 1 + (3 * x + a + 2 * b + 3 * c + x * c) % 6
    return first[..., 0, 0].astype(np.int64), second[..., 0].astype(np.int64), third.astype(np.int64)


def t1() -> FiniteSource:
    """Fixture T1 with its head."""
    laws = [weights / weights.sum(axis=-1, keepdims=True) for weights in t1_weights()]
    return source_of("T1", [float(m) for m in T1_MU], laws, T1_ENCODER, [[float(p) for p in row] for row in T1_HEAD])


def s1() -> FiniteSource:
    """Fixture S1 as a source of one token."""
    return source_of("S1", S1_MU, [S1_ROWS], S1_ENCODER)


def r1(epsilon: float) -> FiniteSource:
    """Fixture R1 at one ε as a source of one token; every context is its own state."""
    return source_of(f"R1 at {epsilon:g}", R1_MU, [R1_P + epsilon * R1_R], range(4))
