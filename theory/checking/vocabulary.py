"""The definitions that a derivation rests on: one for each symbol, none defined through itself by way of others.

Main definitions
    definitions_of   the definitions of a derivation and of all it applies, ranges included
    inconsistent     why they are no conservative extension, or an empty text
    axioms_of        what is taken of symbols without equations, as (definition, what, why)

The registry refuses such definitions among its own; a derivation may bring others.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from theory.derivation import Derivation
from theory.justification import Unfold
from theory.lemma import Definition, Instance, Meaning
from theory.recursion import circle

_known: dict[int, tuple[Any, dict[int, Definition]]] = {}


def definitions_of(derivation: Derivation) -> dict[int, Definition]:
    """The definitions by identity, in order of first use."""
    known = _known.get(id(derivation))
    if known is not None and known[0] is derivation:
        return known[1]
    found: dict[int, Definition] = {}
    _known[id(derivation)] = (derivation, found)  # a derivation that uses itself is refused elsewhere
    for step in derivation.steps:
        _add(step.by, found)
    return found


def _add(justifications: Iterable[Any], found: dict[int, Definition]) -> None:
    for used in justifications:
        if isinstance(used, Unfold) and id(used.definition) not in found:
            found[id(used.definition)] = used.definition
            _add(used.definition.range_by, found)
        elif isinstance(used, Instance):
            inner = getattr(used.lemma, "derivation", None) or getattr(used.lemma, "backing", None)
            if isinstance(inner, Derivation):
                found.update(definitions_of(inner))


def inconsistent(derivation: Derivation) -> str:
    """A symbol that two definitions define, or definitions that define each other; empty where there is neither."""
    definitions = list(definitions_of(derivation).values())
    by_head: dict[Any, Definition] = {}
    for definition in definitions:
        other = by_head.setdefault(definition.head, definition)
        if other is not definition and other != definition:
            return f"{definition.name} is defined by {other.id} and by {definition.id}, differently"
    return circle(definitions)


def axioms_of(derivation: Derivation) -> list[tuple[Definition, str, str]]:
    """Ranges by meaning among what the derivation rests on: the definition, its range in words, and whose meaning."""
    found: list[tuple[Definition, str, str]] = []
    for definition in definitions_of(derivation).values():
        whose = [b.names for b in definition.range_by if isinstance(b, Meaning)]
        if not definition.ends or (definition.equations and not whose):
            continue
        sides = [b.side for b in definition.range_by if isinstance(b, Meaning)] or ["both"]
        ends = [
            f"{sign} {end}"
            for sign, end in definition.ends
            if "both" in sides or ("low" if sign.startswith(">") else "high") in sides
        ]
        found.append((definition, f"{definition.name} {' and '.join(ends)}", ", ".join(whose) or definition.name))
    return found
