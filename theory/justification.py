"""What may back a step of a derivation. The checker decides whether it does.

algebra            both sides reduce to the same normal form, exactly
decide             a decision procedure (signs, polynomial, rational bounds, interval branch and bound, ...)
an Instance        of a lemma or claim, side conditions discharged
"name"             an earlier step of the same derivation, or "hypothesis 1", "hypothesis 2", ... of its lemma or claim
Fact("name", ...)  an instance of an earlier universally quantified step
unfold(definition) the equations of a definition
Induction(n)       over an integer variable of a Forall step
Termwise()         a relation between two sums from the relation between their terms
SingleTerm(m)      a sum of non-negative terms is at least its term at m
Shannon()          an information inequality with an exact certificate
NormalForm()       two diagrams with one normal form, or entries of diagrams unfolded into sums
Computation(f)     an exact finite computation (integers, rationals, finite graphs)
Gap(reason)        nothing: shown, never hidden
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import sympy as sp

from theory.lemma import Definition, Instance
from theory.proposition import Proposition


@dataclass(frozen=True)
class Algebra:
    """Equality by reduction of the difference to zero in exact arithmetic."""


@dataclass(frozen=True)
class Decide:
    """Any decision procedure; `box` bounds variables for interval methods as {symbol: (low, high)}."""

    box: tuple[tuple[sp.Symbol, Any, Any], ...] = ()
    effort: float = 1.0


@dataclass(frozen=True)
class Fact:
    """An earlier step by name; for a Forall step, `at` gives values for its bound variables by name."""

    name: str
    at: tuple[tuple[str, Any], ...] = ()


@dataclass(frozen=True)
class Unfold:
    """The equations of a definition; a Forall equation is used at the given values of its variables."""

    definition: Definition
    at: tuple[tuple[str, Any], ...] = ()


@dataclass(frozen=True)
class Induction:
    """Induction over `variable` from `base`; the step may use the facts and lemmas listed beside it.

    Inside the induction step the fact named "hypothesis" is the statement at `variable`; facts listed beside it may
    mention `variable`.
    """

    variable: sp.Symbol
    base: Any = 0


@dataclass(frozen=True)
class Termwise:
    """Sum_j f(j) REL Sum_j g(j) over the same range, from f(j) REL g(j) for every j of the range."""


@dataclass(frozen=True)
class SingleTerm:
    """Sum_j f(j) >= x, because every term is >= 0 and the term at `index` is >= x."""

    index: Any


@dataclass(frozen=True)
class Shannon:
    """An information inequality or identity proved by the prover with an exact certificate.

    `atoms` maps the SymPy atoms of the step to entropies written in the prover's grammar, e.g. {I_HW: "I(H;W)"}.
    """

    atoms: tuple[tuple[sp.Expr, str], ...] = ()
    given: str = ""


@dataclass(frozen=True)
class NormalForm:
    """Two diagrams that have one normal form (theory.categories.atoms), or their entries as sums over inner wires.

    `sizes` gives the number of points, at least one, of the objects that are summed over, e.g. {Y: n}.
    """

    sizes: tuple[tuple[Any, Any], ...] = ()


@dataclass(frozen=True)
class Computation:
    """An exact finite computation: `function()` returns what the step's left side is; exact types only.

    The value is compared with the right side; it is never taken from the statement.
    """

    function: Callable[[], Any] = field(hash=False)
    description: str = ""


@dataclass(frozen=True)
class Gap:
    """Nothing backs the step."""

    reason: str


Justification = (
    Algebra
    | Decide
    | Instance
    | str
    | Fact
    | Unfold
    | Induction
    | Termwise
    | SingleTerm
    | Shannon
    | NormalForm
    | Computation
    | Gap
)

algebra = Algebra()
decide = Decide()
quick = Decide(effort=0.3)  # for steps that are settled at once or not at all


def fact(name: str, **at: Any) -> Fact:
    """An instance of an earlier universally quantified step."""
    return Fact(name, tuple(at.items()))


def unfold(definition: Definition, **at: Any) -> Unfold:
    """The equations of a definition, at given values of their bound variables."""
    return Unfold(definition, tuple(at.items()))


def normal_form(sizes: Mapping[Any, Any] | None = None) -> NormalForm:
    """Equality of diagrams; with sizes, of entries that are summed over the objects named."""
    return NormalForm(tuple((sizes or {}).items()))


def normalise(by: Any) -> tuple[Justification, ...]:
    """A single justification or a sequence of them, as a tuple."""
    if isinstance(by, list | tuple):
        return tuple(by)
    return (by,)


__all__ = [
    "Algebra",
    "Computation",
    "Decide",
    "Fact",
    "Gap",
    "Induction",
    "Justification",
    "NormalForm",
    "Proposition",
    "Shannon",
    "SingleTerm",
    "Termwise",
    "Unfold",
    "algebra",
    "decide",
    "fact",
    "normal_form",
    "normalise",
    "quick",
    "unfold",
]
