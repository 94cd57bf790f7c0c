"""How many chains suffice to learn a compiled predictor.

Main definition: `sample_sizes`, from the sizes of `numerics.learning.sizes` and the predictor's own norms and gaps.

Source: specification `autoregressive`, D16, pac_to_ar_expected, pac_to_ar_joint_growth, ar_perceptron.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import prod

from numerics.learning.sizes import (
    Number,
    decoder_dimension,
    m_expected,
    m_growth_joint,
    m_growth_union,
    m_voted,
)
from numerics.machines.compiled import Compiled

# Binomial sums with more terms take longer than a report should.
MOST_TERMS = 10**6


@dataclass(frozen=True)
class SampleSizes:
    """Chains after which a learner has err_AR <= eps on every law that the predictor's class realises.

    Attributes
        mistakes      bound on the mistakes of a perceptron per position (assumes gaps of at least 1 on all prompts)
        voted         voted perceptron, with probability 1 - delta
        expected      minimum-norm learner, in expectation
        growth_joint  any consistent linear decoders, with probability 1 - delta; None where the class is too large
        growth_union  the same learning each position to eps/T and delta/T
        prompts       number of different prompts: a size above it says less than seeing them all would
    """

    mistakes: int
    voted: int
    expected: int
    growth_joint: int | None
    growth_union: int | None
    prompts: int


def sample_sizes(compiled: Compiled, eps: Number, delta: Number) -> SampleSizes:
    """The sizes for a compiled predictor, its whole dictionary live at every step. Raises SampleSizeError."""
    n, T, K = compiled.model.n, compiled.token_count, len(compiled.tokens)
    mistakes = compiled.mistake_bound
    counted = decoder_dimension(n, T, K) <= MOST_TERMS
    return SampleSizes(
        mistakes,
        m_voted(mistakes, eps, delta),
        m_expected(n, T, K, eps),
        m_growth_joint(n, T, K, eps, delta) if counted else None,
        m_growth_union(n, T, K, eps, delta) if counted else None,
        prod(map(len, compiled.inputs)),
    )
