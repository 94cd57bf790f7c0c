"""A bound along one parameter.

Main definitions
    sweep   a table of values over a range, evenly or logarithmically spaced
    Sweep   its columns
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import sympy as sp

from theory.evaluation.enclosure import evaluate_exact
from theory.evaluation.logdomain import Floats
from theory.evaluation.values import (
    EvaluationError,
    Given,
    Value,
    check_known,
    exact_number,
    exact_values,
    require_values,
)
from theory.parameter import Parameter

LOG_SPACING = 100  # ratio of the ends beyond which the spacing is logarithmic
MAX_POINTS = 100_000


@dataclass(frozen=True)
class Sweep:
    """Columns of equal length.

    Attributes: `points` (of the parameter), `values` (float64; nan where undefined or outside float64), `log10` (of the
    absolute value; -inf for 0, nan where undefined), `sign` (-1, 0, 1; nan where undefined).
    """

    name: str
    points: Floats
    values: Floats
    log10: Floats
    sign: Floats
    logarithmic: bool


def sweep(
    expr: sp.Expr,
    parameters: Sequence[Parameter],
    values: Mapping[str, Given],
    name: str,
    lo: Given,
    hi: Given,
    n: int,
) -> Sweep:
    """`expr` at n points of parameter `name` from `lo` to `hi` (both included), the others fixed at `values`.

    Logarithmic spacing where hi/lo exceeds 100; integers are rounded and not repeated, so fewer points may come back.
    Every value is certified (see `evaluate`). Raises EvaluationError and, outside the domain, DomainError.
    """
    check_known(parameters, {**values, name: lo})
    parameter = next(p for p in parameters if p.name == name)
    low, high = exact_number(name, lo), exact_number(name, hi)
    if not low <= high:
        raise EvaluationError(f"range of {name} is {lo}..{hi}, expected its lower end first")
    if not 1 <= n <= MAX_POINTS:
        raise EvaluationError(f"number of points is {n}, expected 1..{MAX_POINTS}")
    env = exact_values({key: value for key, value in values.items() if key != name})
    require_values(expr, env, (name,))
    others = {p.symbol: env[p.name] for p in parameters if p.name in env}
    for end in (low, high):
        parameter.validate(_fraction(end), others)
    logarithmic = bool(low > 0 and high > LOG_SPACING * low)
    points = _points(low, high, n, logarithmic, parameter.domain.integer)
    found = [_value(expr, {**env, name: point}) for point in points]
    return Sweep(
        name,
        np.array([_float(point) for point in points]),
        np.array([math.nan if v is None or v.value is None else v.value for v in found]),
        np.array([math.nan if v is None else (-math.inf if v.log10 is None else v.log10) for v in found]),
        np.array([math.nan if v is None else float(v.sign) for v in found]),
        logarithmic,
    )


def _fraction(x: sp.Rational) -> str:
    return f"{x.p}/{x.q}" if x.q != 1 else str(x.p)


def _float(x: sp.Rational) -> float:
    try:
        return int(x.p) / int(x.q)
    except OverflowError:
        return math.inf


def _value(expr: sp.Expr, env: Mapping[str, sp.Rational]) -> Value | None:
    try:
        return evaluate_exact(expr, env)
    except EvaluationError:
        return None


def _points(low: sp.Rational, high: sp.Rational, n: int, logarithmic: bool, integer: bool) -> list[sp.Rational]:
    if n == 1 or low == high:
        return [low]
    if logarithmic:
        first, last = (evaluate_exact(end, {}).log10 or 0.0 for end in (low, high))
        inner = [_power_of_ten(first + (last - first) * i / (n - 1)) for i in range(1, n - 1)]
    else:
        inner = [low + (high - low) * sp.Rational(i, n - 1) for i in range(1, n - 1)]
        inner = [sp.Rational(repr(_float(x))) if abs(x) > sp.Rational(1, 10**300) else x for x in inner]
    points = [low, *inner, high]
    if integer:
        points = [sp.floor(point + sp.Rational(1, 2)) for point in points]
    return sorted({min(max(point, low), high) for point in points})


def _power_of_ten(exponent: float) -> sp.Rational:
    whole = math.floor(exponent)
    return sp.Rational(repr(10.0 ** (exponent - whole))) * sp.Integer(10) ** whole
