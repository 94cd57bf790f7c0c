"""`lfsr`: the noisy linear register (D26), an exactly solvable source.

The next bit is the linear feedback <c, u> over GF(2) of the last K bits u, flipped with probability p. Its stationary
law is uniform and its whole spectrum is known (markov/noisy_lfsr). The default is the parity register: K = 3, c = (1,
1, 1).
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from numerics.models.protocol import FloatArray, IntArray, ModelEntry, ModelError, Vocabulary, check_contexts

BITS = Vocabulary(2, ("0", "1"))


@dataclass(frozen=True)
class NoisyRegister:
    """Feedback c = (c_1, ..., c_K), c_1 for the oldest bit; flip probability as an exact rational.

    D26 speaks of full contexts only; a shorter context is read as a register filled with zeros before it.
    """

    feedback: tuple[int, ...]
    flip_probability: Fraction
    name: str = "lfsr"
    vocabulary: Vocabulary = BITS
    temperature: float = 1.0

    @property
    def context_window(self) -> int:
        """K, the length of the register."""
        return len(self.feedback)

    @property
    def broken_assumptions(self) -> Mapping[str, str]:
        """A register without noise, or with certain flips, is deterministic."""
        if 0 < self.flip_probability < 1:
            return {}
        reason = f"the flip probability is {self.flip_probability}: the next token is certain"
        return {"positive": reason, "finite_logits": reason}

    def next_token_log_probs(self, contexts: IntArray) -> FloatArray:
        """(B, k) to (B, 2)."""
        bits = check_contexts(contexts, 2, self.context_window)
        taps = np.array(self.feedback[self.context_window - bits.shape[1] :])  # (k,)
        predicted = (bits @ taps) % 2  # (B,)
        flip = float(self.flip_probability)
        with np.errstate(divide="ignore"):  # p = 0 and p = 1 are allowed: a certain token
            log_flip, log_keep = np.log(flip), np.log1p(-flip)
        laws = np.array([[log_keep, log_flip], [log_flip, log_keep]])  # row: the predicted bit
        log_probs: FloatArray = laws[predicted]  # (B, 2)
        return log_probs

    def exact_table(self) -> tuple[tuple[Fraction, Fraction], ...]:
        """P(x|u) for the 2^K full contexts u in the order of D3 (base-2 value), as exact rationals."""
        keep, flip = 1 - self.flip_probability, self.flip_probability
        rows = []
        for bits in itertools.product((0, 1), repeat=self.context_window):
            predicted = sum(c * u for c, u in zip(self.feedback, bits, strict=True)) % 2
            rows.append((keep, flip) if predicted == 0 else (flip, keep))
        return tuple(rows)


def lfsr(
    K: int | None = None, c: Sequence[int] | None = None, p: float | str | Fraction = Fraction(1, 10)
) -> NoisyRegister:
    """Noisy register; c defaults to all ones (parity), K to the length of c, else 3.

    A float p is read as the decimal it prints as (0.1 is 1/10), so that the exact table is the intended one.
    Raises ModelError unless c is K bits with c_1 = 1 and 0 <= p <= 1.
    """
    feedback = tuple(c) if c is not None else (1,) * (3 if K is None else K)
    if K is not None and len(feedback) != K:
        raise ModelError(f"K is {K} but c has {len(feedback)} entries")
    if not feedback or any(bit not in (0, 1) for bit in feedback) or feedback[0] != 1:
        raise ModelError(f"c is {feedback}, expected bits with c_1 = 1 (the oldest token takes part)")
    try:
        flip = p if isinstance(p, Fraction) else Fraction(str(p))
    except (ValueError, ZeroDivisionError) as error:
        raise ModelError(f"p is {p!r}, expected a number in [0, 1]") from error
    if not 0 <= flip <= 1:
        raise ModelError(f"p is {p}, expected a number in [0, 1]")
    return NoisyRegister(feedback, flip)


MODELS = (
    ModelEntry(
        "lfsr", "noisy linear register, exactly solvable; options K, c, p", "2", "K (3)", "Apache-2.0", "nothing", lfsr
    ),
)
