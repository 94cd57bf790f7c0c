"""What a decision procedure answers: a proof, a refutation, or the honest "undecided"."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import sympy as sp


@dataclass(frozen=True)
class Proof:
    """The statement holds wherever the hypotheses hold.

    `method` names the procedure; `details` says what it used (box, cells, substitution, sub-lemmas), in plain values.
    `details["vacuous"]` is True when the hypotheses contradict each other.
    """

    method: str
    details: Mapping[str, object] = field(default_factory=dict)

    @property
    def vacuous(self) -> bool:
        """Whether the hypotheses were found contradictory."""
        return bool(self.details.get("vacuous", False))


@dataclass(frozen=True)
class Refutation:
    """A point that satisfies every hypothesis and violates the statement, both certified by exact or ball arithmetic.

    A key of `point` is a symbol or, for a statement about an undefined function, an application of it.
    """

    point: Mapping[sp.Expr, sp.Expr]
    left: sp.Expr
    right: sp.Expr


@dataclass(frozen=True)
class Undecided:
    """Neither a proof nor a counterexample was found."""

    reason: str


Decision = Proof | Refutation | Undecided
