"""Parameters that definitions depend on without saying so.

A definition such as doeblin_mass() = sum_y min_x M(x, y), which is alpha, speaks of one fixed matrix and its one alpha.
What is derived from it holds for that alpha, not for every number of its domain: applied at alpha = 0 and at alpha = 1
it would prove 0 = 1. Such a parameter may be renamed (one name for the whole argument), never given a value.

Main definitions
    misused   why a derivation gives an implicit parameter a value, or two
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import sympy as sp
from sympy.core.function import AppliedUndef

from theory.derivation import Derivation
from theory.justification import Unfold
from theory.lemma import Definition, Instance
from theory.parameter import Parameter
from theory.proposition import free_symbols

Names = dict[sp.Symbol, set[sp.Expr]]
_known: dict[int, tuple[Any, Names]] = {}


def implicit(definition: Definition) -> set[sp.Symbol]:
    """The symbols that a definition's equations and range mention besides their bound variables."""
    found: set[sp.Symbol] = set().union(*map(free_symbols, definition.equations))
    for end in definition.bounds or ():
        if end is not None:
            found |= sp.S(end).free_symbols
    return found


def names(derivation: Derivation) -> Names:
    """For every implicit parameter that the derivation rests on: what it is called there."""
    known = _known.get(id(derivation))
    if known is not None and known[0] is derivation:
        return known[1]
    found: Names = {}
    _known[id(derivation)] = (derivation, found)  # a derivation that uses itself is refused elsewhere
    for step in derivation.steps:
        for used in step.by:
            if isinstance(used, Unfold):
                for symbol in implicit(used.definition):
                    found.setdefault(symbol, set()).add(symbol)
            elif isinstance(used, Instance):
                inner = getattr(used.lemma, "derivation", None) or getattr(used.lemma, "backing", None)
                if isinstance(inner, Derivation):
                    for symbol, called in names(inner).items():
                        values = {sp.S(c).xreplace(dict(used.values)) for c in called}
                        found.setdefault(symbol, set()).update(values)
    return found


def misused(derivation: Derivation, parameters: Iterable[Parameter]) -> str:
    """Why an implicit parameter is given a value, or two names, or an empty text."""
    stated = {p.symbol for p in parameters}
    for symbol, called in names(derivation).items():
        others = sorted(called - {symbol}, key=str)
        numbers = [v for v in others if not v.free_symbols and not v.atoms(AppliedUndef)]
        if numbers:
            return f"{symbol} belongs to one fixed object: it cannot be set to {numbers[0]}"
        if len(others) > 1:
            return f"{symbol} belongs to one fixed object: it cannot be both {others[0]} and {others[1]}"
        if others and symbol in called and symbol in stated:
            return f"{symbol} belongs to one fixed object: it cannot be both {symbol} and {others[0]}"
    return ""
