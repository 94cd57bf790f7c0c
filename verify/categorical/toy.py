"""The exact toy level: what a float64 value is known to when every quantity of a small source is enumerated."""

from __future__ import annotations

from verify.precision import Measured, floating

ERROR = 1e-12


def near(value: float, operations: float = 1.0) -> Measured:
    """A float64 value with the tolerance of the exact toy level, absolute and relative."""
    return floating(value, absolute=ERROR * operations, relative=ERROR * operations)
