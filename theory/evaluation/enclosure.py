"""One bound at one point: certified enclosures, and floats rounded from them.

Main definitions
    enclose    rigorous lower and upper ends, as exact balls
    evaluate   the value as a `Value`: float64, decimal logarithm, sign, exact rational where short

Roads, in this order until one is accurate enough: exact rationals (short results), plain balls, balls in the log
domain, plain balls with more bits. All are rigorous: the digits returned are right, or EvaluationError is raised.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import sympy as sp
from flint import arb, ctx

from theory.evaluation.balls import Undecided, ball, rational_ball
from theory.evaluation.exact import equals_integer, exact_rational
from theory.evaluation.logballs import log_ball
from theory.evaluation.values import (
    EvaluationError,
    Given,
    UncertainError,
    Value,
    brief,
    check_known,
    exact_values,
    require_values,
)
from theory.parameter import Parameter

ACCURACY = 58  # bits a result must be good to: more than float64 holds
FLOAT_RANGE = (-307.6, 308.2)  # decimal logarithms of the normal float64 numbers
MAX_EXACT = 20  # digits of numerator and denominator of an exact rational worth showing

_ROADS = (
    ("plain", 96),
    ("plain", 256),
    ("log", 128),
    ("log", 512),
    ("plain", 1024),
    ("plain", 4096),
    ("log", 4096),
    ("plain", 40_000),
)


def enclose(expr: sp.Expr, values: Mapping[str, Given], bits: int = 128) -> tuple[arb, arb]:
    """Exact dyadic numbers (lower, upper) with lower <= expr <= upper, computed with at least `bits` bits.

    Raises EvaluationError where the expression has no real value or cannot be told with 64 times as many bits.
    """
    env = exact_values(values)
    require_values(expr, env)
    expr = expr.xreplace({})
    for _ in range(20):
        try:
            found = _first_decided(expr, env, bits)
            with ctx.workprec(64 * bits):  # the ends are rounded outwards to the precision in force
                return found.lower(), found.upper()
        except Undecided as undecided:
            expr = _decide_exactly(expr, undecided, env)
    raise EvaluationError(f"more than 20 roundings of {brief(expr)} fall on exact integers")


def _first_decided(expr: sp.Expr, env: Mapping[str, sp.Rational], bits: int) -> arb:
    undecided: Undecided | None = None
    for factor in (1, 4, 16, 64):
        try:
            found = ball(expr, env, factor * bits)
        except Undecided as error:
            undecided = error
            if factor >= 4 and error.candidate is not None:
                raise
            continue
        if found.is_finite():
            return found
    if undecided is not None:
        raise undecided
    raise EvaluationError(f"no finite enclosure of {brief(expr)}")


def _decide_exactly(expr: sp.Expr, undecided: Undecided, env: Mapping[str, sp.Rational]) -> sp.Expr:
    """`expr` with a rounding that falls on an exact integer replaced by it."""
    node, candidate = undecided.node, undecided.candidate
    if candidate is not None and equals_integer(node.args[0], candidate, env):
        return expr.xreplace({node: sp.Integer(candidate)})
    raise UncertainError(f"cannot decide {brief(node)}: too close to a jump to certify") from None


def evaluate(expr: sp.Expr, parameters: Sequence[Parameter], values: Mapping[str, Given]) -> Value:
    """The value of `expr` at `values` (by parameter name), certified to float64 accuracy.

    `parameters` are those of the claim; a value for any other name is an error. Never returns inf, nan, or 0 for a
    number that is not 0; T**K is not formed as an integer beyond 4096 bits.
    Raises EvaluationError: value missing or unknown, no real value there, or not decided with 40 000 bits.
    """
    check_known(parameters, values)
    env = exact_values(values)
    require_values(expr, env)
    return evaluate_exact(expr, env)


def evaluate_exact(expr: sp.Expr, env: Mapping[str, sp.Rational]) -> Value:
    """`evaluate` for numbers that are exact already, by name."""
    rational = exact_rational(expr, env)
    if rational is not None:
        return _exact_value(rational)
    best: Value | None = None
    reason = ""
    roads = list(_ROADS)
    while roads:
        road, bits = roads.pop(0)
        try:
            sign, log, plain = _approach(expr, env, road, bits)
        except Undecided as undecided:
            reason = f"cannot decide {undecided} with {bits} bits: too close to 0 or to a jump"
            if undecided.candidate is not None and bits >= 256:
                expr = _decide_exactly(expr, undecided, env)
                roads = list(_ROADS)
            continue
        if sign == 0:
            return Value(0.0, None, 0, "0")
        found = _rounded(sign, log, plain)
        if found is None:
            continue
        if log.rel_accuracy_bits() >= ACCURACY - 8:
            return found
        best = found  # accurate as a number; its logarithm is so near 0 that more bits pay
    if best is not None:
        return best
    raise UncertainError(reason)


def _approach(expr: sp.Expr, env: Mapping[str, sp.Rational], road: str, bits: int) -> tuple[int, arb, arb | None]:
    """(sign, log of the size, the number itself where it is known)."""
    with ctx.workprec(bits):
        if road == "log":
            signed = log_ball(expr, env, bits)
            return signed.sign, signed.log, signed.plain
        x = ball(expr, env, bits)
        if x.is_zero():
            return 0, arb(0), x
        if not (x > 0 or x < 0):
            raise Undecided(expr)
        return (1 if x > 0 else -1), abs(x).log(), x


def _rounded(sign: int, log: arb, plain: arb | None) -> Value | None:
    """The floats nearest to a certified number; None where it is not accurate enough."""
    with ctx.workprec(128):
        if not log.is_finite():
            return None
        log10 = float(log.mid() / arb.const_log10())
        if abs(log10) == float("inf"):
            raise EvaluationError("the value is beyond 10^(10^308): no float holds even its logarithm")
        if not FLOAT_RANGE[0] < log10 < FLOAT_RANGE[1]:
            return Value(None, log10, sign) if log.rel_accuracy_bits() >= ACCURACY - 8 else None
        if not log.rad() < arb(2) ** -ACCURACY:
            return None
        number = plain if plain is not None else sign * log.exp()
        return Value(float(number.mid()), log10, sign)


def _exact_value(value: sp.Rational) -> Value:
    short = max(abs(int(value.p)), int(value.q)) < 10**MAX_EXACT
    exact = str(value) if short else None
    if value == 0:
        return Value(0.0, None, 0, "0")
    sign = 1 if value > 0 else -1
    with ctx.workprec(128):
        size = abs(value)
        near = abs(size - 1) < sp.Rational(1, 4)
        log = rational_ball(size - 1).log1p() if near else rational_ball(size).log()
        log10 = float(log.mid() / arb.const_log10())
    inside = FLOAT_RANGE[0] < log10 < FLOAT_RANGE[1]
    return Value(int(value.p) / int(value.q) if inside else None, log10, sign, exact)
