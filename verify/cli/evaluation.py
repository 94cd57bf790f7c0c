"""Bounds at a user's values: validation that names what is wrong or missing, and numbers of any size."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from verify.cli.errors import BadInput, refusing
from verify.cli.output import number, power_of_ten

if TYPE_CHECKING:
    import sympy as sp

    from theory.evaluation.values import Value
    from theory.parameter import Parameter
    from theory.proposition import Proposition


def validated(
    parameters: Sequence[Parameter], given: Mapping[str, str], hypotheses: Iterable[Proposition] = ()
) -> dict[str, sp.Rational]:
    """The user's values as exact numbers; BadInput for an unknown name, a value outside its domain, and values that
    contradict a hypothesis whose parameters are all given."""
    from theory.parameter import DomainError, check_values

    with refusing(DomainError):
        exact = check_values(parameters, given)
    _check_hypotheses(exact, hypotheses)
    return {symbol.name: value for symbol, value in exact.items()}


def _check_hypotheses(exact: Mapping[Any, Any], hypotheses: Iterable[Proposition]) -> None:
    import sympy as sp

    from theory.proposition import Forall

    for hypothesis in hypotheses:
        if isinstance(hypothesis, Forall) or not hypothesis.free_symbols <= set(exact):
            continue
        if hypothesis.subs(exact) == sp.false:
            values = ", ".join(f"{s} = {exact[s]}" for s in sorted(hypothesis.free_symbols, key=str))
            raise BadInput(f"{values} is outside the claim: expected {hypothesis}")


def require(expression: sp.Expr, parameters: Sequence[Parameter], values: Mapping[str, Any]) -> None:
    """BadInput that lists the parameters of the expression which have no value, with their domains; also for an
    expression that names measured quantities, which have no value without a model."""
    from sympy.core.function import AppliedUndef

    measured = sorted(str(a.func) for a in expression.atoms(AppliedUndef))
    if measured:
        raise BadInput(
            f"the bound {expression} names {', '.join(measured)}, which is measured on a model, not evaluated"
        )
    names = {s.name for s in expression.free_symbols}
    missing = [p for p in parameters if p.name in names and p.name not in values]
    if missing:
        wanted = ", ".join(f"{p.name} ({p.meaning}; {p.domain})" for p in missing)
        raise BadInput(f"the bound {expression} needs a value for {wanted}: give --set {missing[0].name}=VALUE")


def evaluated(expression: sp.Expr, parameters: Sequence[Parameter], values: Mapping[str, Any]) -> dict[str, Any]:
    """The record of a number: `value` (null where a float would under- or overflow), `log10`, `sign`, `exact`."""
    from theory.evaluation.enclosure import evaluate
    from theory.evaluation.values import EvaluationError

    require(expression, parameters, values)
    with refusing(EvaluationError, prefix=f"the bound {expression} has no value there: "):
        found = evaluate(expression, parameters, dict(values))
    return value_record(found)


def value_record(found: Value) -> dict[str, Any]:
    """A number in JSON's types."""
    return {"value": found.value, "log10": found.log10, "sign": found.sign, "exact": found.exact}


def shown(record: Mapping[str, Any], digits: int = 12) -> str:
    """The number for a person: exact where short, else as a float, else as a power of ten."""
    exact = record.get("exact")
    if record["value"] is not None:
        decimal = number(float(record["value"]), digits)
        return f"{exact} = {decimal}" if exact and "/" in exact else exact or decimal
    sign = "-" if record["sign"] < 0 else ""
    return f"{sign}10^{record['log10']:.12g} = {sign}{power_of_ten(record['log10'])}"


def finite(value: float) -> float | None:
    """The float, or None where it is not finite."""
    return float(value) if math.isfinite(value) else None
