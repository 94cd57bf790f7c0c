"""What a measurement yields: one point of a claim, with what was measured there.

Main definitions
    Instance   values of the parameters, the measured quantity, and the bound if it had to be measured too
    Frequency  for high-probability claims: how often the bound failed in repeated independent trials
    FailureProbability  the same where the probability of failure itself was computed
    Case       any of the three
    NotApplicable  raised by a measurement on an object that the claim does not speak about
"""

from __future__ import annotations

from collections.abc import Mapping
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

    Attributes
        values     parameters by name; the claim's confidence parameter (the allowed probability of failure) among them
        failures   how many of the trials violated the bound
        trials     how many there were
        quantity, bound   a typical pair (e.g. medians over the trials), for the report only
    """

    values: Mapping[str, Number | Measured]
    failures: int
    trials: int
    statement: int | str = 0
    label: str = ""
    quantity: Measured | None = None
    bound: Measured | None = None
    witness: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not 0 <= self.failures <= self.trials or self.trials < 1:
            raise ValueError(f"{self.failures} failures in {self.trials} trials is no frequency")


@dataclass(frozen=True)
class FailureProbability:
    """The computed probability that a high-probability statement fails, e.g. from an exhaustive law.

    Attributes
        values       parameters by name; the claim's confidence parameter (the allowed probability) among them
        probability  of failure
        quantity, bound   a typical pair, for the report only
    """

    values: Mapping[str, Number | Measured]
    probability: Measured
    statement: int | str = 0
    label: str = ""
    quantity: Measured | None = None
    bound: Measured | None = None
    witness: Mapping[str, Any] = field(default_factory=dict)


Case = Instance | Frequency | FailureProbability
