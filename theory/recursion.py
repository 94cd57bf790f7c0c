"""Equations that define a function: no two of them speak of the same arguments, and recursion comes to an end.

Main definitions
    overlap         why two equations may give a function two values at the same arguments
    not_founded     why the equations do not determine the function by going down to base cases
    circle          definitions whose equations define each other

A function defined by disjoint, well-founded equations exists: nothing contradictory follows from them. Well-founded
means that one argument is an integer that is bounded below and smaller in every use of the function on the right side
than on the left, as in f(0) = 1, f(n + 1) = 2 f(n). A system such as f(0) = 1 - f(1), f(1) = f(0) is refused: solve
it, or state it of a symbol without equations.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from itertools import combinations
from typing import Protocol

import sympy as sp
from sympy.core.function import AppliedUndef, UndefinedFunction
from sympy.logic.boolalg import Boolean

from theory.proposition import Forall, Proposition


@dataclass(frozen=True)
class Equation:
    """head(arguments) = value, for all `variables` that satisfy `conditions`."""

    head: UndefinedFunction
    arguments: tuple[sp.Expr, ...]
    value: sp.Expr
    variables: tuple[sp.Symbol, ...] = ()
    conditions: tuple[Boolean, ...] = ()

    @property
    def inner(self) -> tuple[AppliedUndef, ...]:
        """Uses of the head on the right side."""
        return tuple(sorted((a for a in self.value.atoms(AppliedUndef) if a.func == self.head), key=str))

    def __str__(self) -> str:
        return f"{self.head(*self.arguments)} = {self.value}"


def read(proposition: Proposition) -> Equation:
    """An equation or a Forall of one as an Equation."""
    if isinstance(proposition, Forall):
        left, right = proposition.body.lhs, proposition.body.rhs
        return Equation(left.func, left.args, right, proposition.variables, proposition.conditions)
    return Equation(proposition.lhs.func, proposition.lhs.args, proposition.rhs)


def overlap(equations: Sequence[Equation]) -> str:
    """Two equations that may both give a value at the same arguments, or an empty text."""
    for one, other in combinations(equations, 2):
        if not _disjoint(one, other):
            left, right = one.head(*one.arguments), other.head(*other.arguments)
            return f"{left} and {right} may be the same value, given twice: state where each holds"
    return ""


def _disjoint(one: Equation, other: Equation) -> bool:
    if len(one.arguments) != len(other.arguments):
        return True
    apart = {v: sp.Dummy(v.name, **v.assumptions0) for v in other.variables}
    for a, b in zip(one.arguments, other.arguments, strict=True):
        if (a - b.xreplace(apart)).is_zero is False or sp.expand(a - b.xreplace(apart)).is_nonzero:
            return True
    for here, there in ((one, other), (other, one)):
        at = {v: b for v, b in zip(here.arguments, there.arguments, strict=True) if v in here.variables}
        if set(at.values()).isdisjoint(there.variables) and any(c.subs(at) == sp.false for c in here.conditions):
            return True
    return False


class Defines(Protocol):
    """What `circle` needs of a definition."""

    @property
    def id(self) -> str: ...
    @property
    def head(self) -> UndefinedFunction: ...
    @property
    def equations(self) -> tuple[Proposition, ...]: ...


def circle(definitions: Iterable[Defines]) -> str:
    """Definitions that are defined through each other, or an empty text; one that uses itself is no such circle."""
    known = list(definitions)
    owner = {d.head: d.id for d in known}
    graph: dict[str, set[str]] = {d.id: set() for d in known}
    for definition in known:
        for equation in map(read, definition.equations):
            uses = {a.func for part in (equation.value, *equation.conditions) for a in part.atoms(AppliedUndef)}
            graph[definition.id] |= {owner[f] for f in uses if f in owner and f != definition.head}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        around = error.args[1][:0:-1]  # each one uses the next; the first stands at both ends
    else:
        return ""
    first = around.index(min(around))
    around = around[first:] + around[:first]
    return f"circular: {' -> '.join([*around, around[0]])} define each other"


def not_founded(equations: Sequence[Equation]) -> str:
    """Why the recursion of one function does not come to an end, or an empty text."""
    recursive = [e for e in equations if e.inner]
    if not recursive:
        return ""
    if len(recursive) == len(equations):
        return f"circular: {recursive[0].head} stands on both sides, without a base case"
    places = range(len(recursive[0].arguments))
    if any(all(_falls(e, i) for e in recursive) for i in places):
        return ""
    worst = next((e for e in recursive if not any(_falls(e, i) for i in places)), recursive[0])
    return (
        f"circular: {worst} does not go down to a base case; the same argument must be an integer that is bounded "
        "below and smaller in every use on the right side"
    )


def _falls(equation: Equation, place: int) -> bool:
    """Whether the argument at `place` is bounded below and smaller in every use on the right side."""
    argument = equation.arguments[place]
    variables = argument.free_symbols & set(equation.variables)
    if len(variables) != 1:
        return False
    (variable,) = variables
    bound = {index for part in equation.value.atoms(sp.Sum, sp.Product) for index in part.bound_symbols}
    if variable in bound:  # a use under sum_n f(n) is not at the n of the left side
        return False
    if not variable.is_integer or not _bounded_below(variable, equation.conditions):
        return False
    for used in equation.inner:
        if len(used.args) <= place:
            return False
        step = sp.expand(argument - used.args[place])
        if not (step.is_Integer and step > 0):
            return False
    return True


def _bounded_below(variable: sp.Symbol, conditions: Sequence[Boolean]) -> bool:
    return bool(variable.is_nonnegative) or any(low.is_number for low in _lower_ends(variable, conditions))


def _lower_ends(variable: sp.Symbol, conditions: Sequence[Boolean]) -> Iterator[sp.Expr]:
    for condition in conditions:
        if isinstance(condition, sp.Ge | sp.Gt | sp.Le | sp.Lt) and condition.gts == variable:
            yield condition.lts
