"""Propositions: relations between expressions, and relations that hold for all values of bound variables.

Main definitions
    Forall       a universally quantified relation, with `.at(...)` for its instances
    Proposition  a SymPy relation (or Boolean combination of relations) or a Forall
    substitute   replaces symbols and schematic functions, in either kind

SymPy evaluates relations between numbers at once; propositions built by this package are therefore made with
`evaluate=False`, so that a relation stays readable and a false one stays visible.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import sympy as sp
from sympy.core.function import AppliedUndef, UndefinedFunction
from sympy.logic.boolalg import Boolean

RELATIONS: dict[str, type] = {"==": sp.Eq, "<=": sp.Le, "<": sp.Lt, ">=": sp.Ge, ">": sp.Gt}
REVERSED = {"==": "==", "<=": ">=", "<": ">", ">=": "<=", ">": "<"}


def relation(left: Any, sign: str, right: Any) -> Boolean:
    """The relation `left sign right`, never evaluated to true or false."""
    if sign not in RELATIONS:
        raise ValueError(f"relation {sign!r}, expected one of {' '.join(RELATIONS)}")
    return RELATIONS[sign](sp.S(left), sp.S(right), evaluate=False)


def sign_of(proposition: Boolean) -> str:
    """The sign of a relation: '==', '<=', '<', '>=' or '>'."""
    for sign, kind in RELATIONS.items():
        if isinstance(proposition, kind):
            return sign
    raise TypeError(f"{proposition} is not a relation")


def le(left: Any, right: Any) -> Boolean:
    """left <= right, unevaluated."""
    return relation(left, "<=", right)


def ge(left: Any, right: Any) -> Boolean:
    """left >= right, unevaluated."""
    return relation(left, ">=", right)


def lt(left: Any, right: Any) -> Boolean:
    """left < right, unevaluated."""
    return relation(left, "<", right)


def gt(left: Any, right: Any) -> Boolean:
    """left > right, unevaluated."""
    return relation(left, ">", right)


def eq(left: Any, right: Any) -> Boolean:
    """left == right, unevaluated."""
    return relation(left, "==", right)


@dataclass(frozen=True)
class Forall:
    """`body` holds for all values of `variables` (with their SymPy assumptions) that satisfy `conditions`."""

    variables: tuple[sp.Symbol, ...]
    body: Boolean
    conditions: tuple[Boolean, ...] = ()

    def at(self, values: Mapping[sp.Symbol, Any]) -> tuple[Boolean, tuple[Boolean, ...]]:
        """The instance and the conditions it needs (the checker discharges them, assumptions of symbols included)."""
        unknown = set(values) - set(self.variables)
        if unknown or len(values) != len(self.variables):
            raise ValueError(f"needs values for {self.variables}, got {tuple(values)}")
        exact = {variable: sp.S(value) for variable, value in values.items()}
        obligations = tuple(substitute(c, exact) for c in self.conditions)
        return substitute(self.body, exact), (*obligations, *assumption_conditions(exact))

    def __str__(self) -> str:
        names = ", ".join(str(v) for v in self.variables)
        where = "".join(f", {c}" for c in self.conditions)
        return f"for all {names}{where}: {self.body}"


Proposition = Boolean | Forall
Substitution = Mapping[Any, Any]  # symbols to expressions, schematic functions to sympy.Lambda or functions


class AssumptionError(ValueError):
    """A value cannot be shown to have the type (real, integer) of the symbol it replaces."""


def assumption_conditions(values: Mapping[sp.Symbol, sp.Expr]) -> tuple[Boolean, ...]:
    """What must hold for `values` to satisfy the SymPy assumptions of the symbols they replace.

    Signs become relations to be proved; integrality and reality must follow from SymPy's own assumptions.
    Raises AssumptionError where they do not.
    """
    found: list[Boolean] = []
    for symbol, value in values.items():
        beyond_conditions(symbol)
        if symbol.is_real is None and value.is_real is not True and not isinstance(value, sp.Symbol | AppliedUndef):
            # decision procedures read every symbol and every undefined function as a real number
            raise AssumptionError(f"{value} must be real to stand for {symbol}")
        if symbol.is_integer and value.is_integer is not True:
            raise AssumptionError(f"{value} must be an integer to stand for {symbol}")
        if symbol.is_real and value.is_real is not True:
            raise AssumptionError(f"{value} must be real to stand for {symbol}")
        if symbol.is_positive and value.is_positive is not True:
            found.append(gt(value, 0))
        elif symbol.is_nonnegative and value.is_nonnegative is not True:
            found.append(ge(value, 0))
        if symbol.is_negative and value.is_negative is not True:
            found.append(lt(value, 0))
        elif symbol.is_nonpositive and value.is_nonpositive is not True:
            found.append(le(value, 0))
    return tuple(found)


def beyond_conditions(symbol: sp.Symbol) -> None:
    """Refuse a symbol that assumes more than a relation can say: being real, an integer, of one sign.

    Raises AssumptionError for assumptions such as `even`, `prime`, `nonzero` or `irrational`.
    """
    kept = {k: v for k, v in symbol.assumptions0.items() if k in ASSUMPTIONS and v}
    beyond = set(symbol.assumptions0.items()) - set(sp.Dummy("plain", **kept).assumptions0.items())
    if beyond:
        names = ", ".join(sorted(k for k, _ in beyond))
        raise AssumptionError(f"{symbol} assumes {names}: write it as a condition")


ASSUMPTIONS = frozenset({"real", "integer", "positive", "nonnegative", "negative", "nonpositive"})


def _rebuild(expression: Any, table: Mapping[Any, Any]) -> Any:
    """Substitute bottom-up without letting SymPy evaluate relations."""
    if expression in table:
        return table[expression]
    if isinstance(expression, sp.core.relational.Relational):
        left, right = (_rebuild(a, table) for a in expression.args)
        return expression.func(left, right, evaluate=False)
    if not expression.args:
        return expression
    if isinstance(expression, AppliedUndef) and expression.func in table:
        arguments = [_rebuild(a, table) for a in expression.args]
        return table[expression.func](*arguments)
    if isinstance(expression, sp.Derivative):
        _fixed_beside(expression, table)
    if isinstance(expression, sp.Sum | sp.Product | sp.Integral | sp.Lambda):
        bound = expression.bound_symbols if not isinstance(expression, sp.Lambda) else expression.variables
        outer, table = table, {k: v for k, v in table.items() if k not in bound}
        captured = {s for v in table.values() for s in getattr(v, "free_symbols", set())} & set(bound)
        if not isinstance(expression, sp.Lambda) and set(bound) & expression.free_symbols:
            # sum_{j=0}^{j}: the upper end is another j than the index
            if len(expression.limits) != 1:
                raise ValueError(f"{expression} uses an index outside its sum: rename it")
            index, low, high = expression.limits[0]
            other = sp.Dummy(index.name, **index.assumptions0)
            expression = expression.func(expression.function.xreplace({index: other}), (other, low, high))
            return _rebuild(expression, outer)
        if captured:  # rename bound variables so that nothing substituted is captured
            fresh = {s: sp.Dummy(s.name, **s.assumptions0) for s in captured}
            expression = expression.func(*(a.xreplace(fresh) for a in expression.args))
    return expression.func(*(_rebuild(a, table) for a in expression.args))


def _fixed_beside(derivative: sp.Derivative, table: Mapping[Any, Any]) -> None:
    """Refuse to put the variable of a derivative in place of something that is held fixed while it varies."""
    for variable in derivative.variables:
        new = table.get(variable, variable)
        if not isinstance(new, sp.Symbol):
            raise ValueError(f"{derivative} is a derivative in {variable}: {new} cannot stand for it")
        kept = derivative.expr.free_symbols - {variable} - set(table)
        if new in kept or any(new in getattr(v, "free_symbols", ()) for k, v in table.items() if k != variable):
            raise ValueError(f"{derivative} is a derivative in {new}, on which something held fixed would depend")


def substitute(proposition: Any, table: Substitution) -> Any:
    """Replace symbols and schematic functions in an expression, a relation or a Forall, without capture."""
    if isinstance(proposition, Forall):
        inner = {k: v for k, v in table.items() if k not in proposition.variables}
        captured = {s for v in inner.values() for s in getattr(v, "free_symbols", set())} & set(proposition.variables)
        if captured:
            fresh = {s: sp.Dummy(s.name, **s.assumptions0) for s in captured}
            proposition = Forall(
                tuple(fresh.get(v, v) for v in proposition.variables),
                _rebuild(proposition.body, fresh),
                tuple(_rebuild(c, fresh) for c in proposition.conditions),
            )
        return Forall(
            proposition.variables,
            _rebuild(proposition.body, inner),
            tuple(_rebuild(c, inner) for c in proposition.conditions),
        )
    return _rebuild(sp.S(proposition), table)


def text(proposition: Any) -> str:
    """A proposition as one would type it: `a == b` and not `Eq(a, b)`, information measures without brackets."""
    if isinstance(proposition, Forall):
        names = ", ".join(str(v) for v in proposition.variables)
        where = "".join(f", {text(c)}" for c in proposition.conditions)
        return f"for all {names}{where}: {text(proposition.body)}"
    if isinstance(proposition, sp.Eq | sp.Le | sp.Lt | sp.Ge | sp.Gt):
        return f"{text(proposition.lhs)} {sign_of(proposition)} {text(proposition.rhs)}"
    return str(proposition).replace(")()", ")")


def schematic_functions(proposition: Any) -> set[UndefinedFunction]:
    """The undefined functions that occur in a proposition."""
    parts = (proposition.body, *proposition.conditions) if isinstance(proposition, Forall) else (sp.S(proposition),)
    return {a.func for part in parts for a in part.atoms(AppliedUndef)}


def free_symbols(proposition: Any) -> set[sp.Symbol]:
    """The free symbols of a proposition."""
    if isinstance(proposition, Forall):
        parts = (proposition.body, *proposition.conditions)
        return set().union(*map(_free, parts)) - set(proposition.variables)
    return set(_free(sp.S(proposition)))


@lru_cache(maxsize=10_000)
def _free(expression: sp.Basic) -> frozenset[sp.Symbol]:
    """`free_symbols`, which SymPy collects anew from every occurrence of the same sum."""
    if expression.args and type(expression).free_symbols is sp.Basic.free_symbols:
        return frozenset().union(*map(_free, expression.args))
    if isinstance(expression, sp.Sum) and all(limit[0].is_Symbol for limit in expression.limits):
        found = _free(expression.function)
        for index, low, high in expression.limits:
            found = found - {index} | _free(low) | _free(high)
        return found
    return frozenset(expression.free_symbols)
