"""Predictors of independent fair bits that break a bound, and how often they do: exact probabilities.

Main definitions
    PositionPredictor   wrong by q - 1/2 where one token of its window is 1: the oldest, or the newest
    Memoriser           the truth on the windows of the prompt, (q, 1-q) elsewhere
    position_predictors, memorisers   the spaces the falsifier searches

The source has t_min = tau_min = 4 as a chain of tokens and 4K as a chain of windows of K tokens.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from hypothesis import strategies as st
from scipy.stats import binom

from numerics.risk.memoriser import memoriser_witness
from verify.precision import Measured, exact, floating
from verify.space import Space


@dataclass(frozen=True)
class PositionPredictor:
    """A model with window K, fixed before a prompt of N tokens: law (1/2, 1/2), but (q, 1-q) where the oldest (or the
    newest) token of its window is 1; delta and eps are where a bound is tried."""

    window: int
    length: int
    q: float
    oldest: bool
    delta: float
    eps: float

    @property
    def loss(self) -> float:
        """Total variation loss where it is wrong."""
        return self.q - 0.5

    @property
    def logit_norm(self) -> float:
        """l1 norm of its logits +-(1/2) log(q/(1-q)) there, nats."""
        return math.log(self.q / (1 - self.q))

    @property
    def risk(self) -> float:
        """R: every token is 1 with probability 1/2."""
        return self.loss / 2

    @property
    def weights(self) -> tuple[int, int]:
        """(windows whose loss hangs on X_1, other windows, each of which hangs on a token of its own)."""
        if not self.oldest:
            return 0, self.length
        first = min(self.window, self.length)
        return first, self.length - first

    def probability_gap_exceeds(self, level: float) -> Measured:
        """P(R - R-hat > level): R-hat = loss (w X_1 + Binomial(n, 1/2))/N."""
        first, free = self.weights
        largest = (self.risk - level) * self.length / self.loss  # R-hat must fall below: w X_1 + S < largest
        total = 0.0
        for bit in (0, 1):
            rest = largest - first * bit
            whole = math.ceil(rest - 1e-9) - 1  # largest integer below, a tie counting as no violation
            total += 0.5 * float(binom.cdf(whole, free, 0.5)) if whole >= 0 else 0.0
        return floating(total, absolute=1e-12) if 0 < total < 1 else exact(round(total))

    def probability_no_loss(self) -> float:
        """P(R-hat = 0)."""
        first, free = self.weights
        return 0.5 ** (free + (1 if first else 0))


@dataclass(frozen=True)
class Memoriser:
    """The model (q, 1-q) everywhere, and the class of all models that are the truth on the windows of a prompt of N
    fair bits and (q, 1-q) elsewhere."""

    window: int
    length: int
    q: float
    delta: float

    @property
    def loss(self) -> float:
        """Risk of the constant model."""
        return self.q - 0.5

    @property
    def logit_norm(self) -> float:
        """l1 norm of the logits, nats."""
        return math.log(self.q / (1 - self.q))

    @property
    def infimum_upper(self) -> float:
        """Upper bound, for every prompt, on the infimum of R-hat + K: that of the memoriser, whose R-hat is 0."""
        return min(self.loss, memoriser_witness(self.window, self.length, self.q).distance_upper)


def _rounded(low: float, high: float) -> st.SearchStrategy[float]:
    return st.integers(int(low * 100), int(high * 100)).map(lambda i: i / 100)


_predictors = st.builds(
    PositionPredictor,
    window=st.integers(1, 2**17),
    length=st.integers(1, 2**17),
    q=_rounded(0.55, 0.95),
    oldest=st.booleans(),
    delta=_rounded(0.05, 0.95),
    eps=_rounded(0.05, 0.6),
)
position_predictors = Space("models that look at one token of their window", lambda claim: _predictors)
_memorisers = st.integers(1, 40).flatmap(
    lambda window: st.builds(
        Memoriser,
        window=st.just(window),
        length=st.integers(window, 2_000_000),
        q=_rounded(0.55, 0.95),
        delta=_rounded(0.05, 0.95),
    )
)
memorisers = Space("constant models and the memorisers of a prompt", lambda claim: _memorisers)
