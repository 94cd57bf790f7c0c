"""How topics introduce function symbols: the symbol is named after the definition's id.

Main definitions
    opaque    a symbol known only by its meaning and the range that follows from it
    defined   a symbol given by one equation, name(variables) = value

`theory.lemma.Definition` says what a definition is; recursive ones, of several equations, are written with it directly.
Symbols are real unless said otherwise by SymPy's assumptions (`integer=True, nonnegative=True`, ...).
"""

from __future__ import annotations

from typing import Any

import sympy as sp
from sympy.core.function import UndefinedFunction

from theory.lemma import Definition
from theory.parameter import Parameter
from theory.proposition import Forall, Proposition, eq

Bounds = tuple[Any, Any]


def opaque(
    id: str, meaning: str, *, latex: str = "", bounds: Bounds | None = None, unit: str = "", **assumptions: bool
) -> Definition:
    """A symbol without an equation, e.g. `opaque("markov/entry", "entry(x, y) = M(x, y)", bounds=(0, 1))`."""
    return Definition(id, _symbol_of(id, assumptions), meaning, (), latex, bounds, unit)


def defined(
    id: str,
    meaning: str,
    variables: tuple[sp.Symbol, ...],
    value: Any,
    *,
    conditions: tuple[Any, ...] = (),
    latex: str = "",
    bounds: Bounds | None = None,
    unit: str = "",
    range_by: Any = (),
    parameters: tuple[Parameter, ...] = (),
    **assumptions: bool,
) -> Definition:
    """name(variables) = value for all variables that satisfy `conditions`; a constant has no variables.

    `range_by` says what backs the range, where the equation alone does not (see theory.lemma.Definition).
    """
    head = _symbol_of(id, assumptions)
    equation: Proposition = eq(head(*variables), value)
    if variables:
        equation = Forall(variables, equation, conditions)
    elif conditions:
        raise ValueError(f"definition {id}: conditions on a constant, which has no variables")
    return Definition(id, head, meaning, (equation,), latex, bounds, unit, range_by, parameters)


def _symbol_of(id: str, assumptions: dict[str, bool]) -> UndefinedFunction:
    name = id.rpartition("/")[2]
    return sp.Function(name, **(assumptions if assumptions.get("integer") else {"real": True, **assumptions}))
