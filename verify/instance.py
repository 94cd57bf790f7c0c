"""What a measurement yields: one point of a claim, with what was measured there.

Main definitions
    Instance   values of the parameters, the measured quantity, and the bound if it had to be measured too
    Frequency  for high-probability claims: how often the bound failed in repeated independent trials
    FailureProbability  the same where the probability of failure itself was computed
    Case       any of the three
    NotApplicable  raised by a measurement on an object that the claim does not speak about
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from verify.precision import Measured

Number = int | float | Fraction


class NotApplicable(Exception):
    """The claim says nothing of this object; the message says why."""


@dataclass(frozen=True)
class Instance:
    """One measured case of one statement of a claim.

    Attributes
        values     parameters by name; a Measured value with an error is allowed where the bound is monotone in it
                   (the bound is then evaluated at both ends)
        quantity   the left side of the statement
        statement  which statement of the claim: its position or its label
        bound      the right side; None: the claim's own expression is evaluated at `values`, rigorously
        label      tells instances apart in a report, e.g. "n = 12"
        witness    anything else that a reader needs to see this case again
        scale      natural size of the two sides, against which rounding noise is told; None: the trivial bound's
    """

    values: Mapping[str, Number | Measured]
    quantity: Measured
    statement: int | str = 0
    bound: Measured | None = None
    label: str = ""
    witness: Mapping[str, Any] = field(default_factory=dict)
    scale: float | None = None


@dataclass(frozen=True)
class Frequency:
    """Repeated independent trials of a high-probability statement.

    The judge asks for the failures at the claim's own bound: a measurement cannot count against another one.

    Attributes
        values     parameters by name; the claim's confidence parameter (the allowed probability of failure) among them
        failures   (level) to the number of trials in which the quantity exceeded that level
        trials     how many there were
        quantity   a typical one (e.g. the median over the trials), for the report only
        allowed    the allowed probability of failure where it is not the confidence parameter itself
    """

    values: Mapping[str, Number | Measured]
    failures: Callable[[float], int]
    trials: int
    statement: int | str = 0
    label: str = ""
    quantity: Measured | None = None
    witness: Mapping[str, Any] = field(default_factory=dict)
    allowed: float | None = None

    def failures_at(self, level: float) -> int:
        """How many of the trials exceeded the level. ValueError for a number that is no frequency."""
        found = self.failures(level)
        if not 0 <= found <= self.trials:
            raise ValueError(f"{found} failures in {self.trials} trials is no frequency")
        return found


@dataclass(frozen=True)
class FailureProbability:
    """The computed probability that a high-probability statement fails, e.g. from an exhaustive law.

    Attributes
        values       parameters by name; the claim's confidence parameter (the allowed probability) among them
        probability  (level) to the probability that the quantity exceeds that level
        quantity     a typical one, for the report only
    """

    values: Mapping[str, Number | Measured]
    probability: Callable[[float], Measured]
    statement: int | str = 0
    label: str = ""
    quantity: Measured | None = None
    witness: Mapping[str, Any] = field(default_factory=dict)


Case = Instance | Frequency | FailureProbability
