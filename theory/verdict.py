"""The words in which a statement is judged, shared by declarations (expected) and measurements (what came out)."""

from __future__ import annotations

from enum import IntEnum, StrEnum


class Verdict(StrEnum):
    """What a measurement says of a claim."""

    HOLDS = "holds"
    TIGHT = "tight"  # holds, and some instance attains the bound within its precision
    VACUOUS = "vacuous"  # true, but no better than the trivial bound where it was measured
    REFUTED = "refuted"
    INCONCLUSIVE = "inconclusive"
    NOT_APPLICABLE = "not applicable"


class Grade(IntEnum):
    """What backs a step, a derivation or a claim; a whole is graded by its weakest part."""

    REFUSED = 0  # the checker could not confirm the step, or found a counterexample
    GAP = 1  # nothing backs it
    CITED = 2  # a named theorem with a reference
    PROVED = 3  # re-computed by the checker

    def __str__(self) -> str:
        return self.name.lower()
