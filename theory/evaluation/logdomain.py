"""Vectorised evaluation in the log domain: arrays of signs and of logarithms of sizes, in float64.

Main definition
    sign_and_log   a SymPy expression over arrays, as (sign, log of the size)

Numbers whose integers are known exactly keep them beside their logarithm, so T - 1 is exact and T**K with K = 131 072
is 131 072 log T. Differences go through log1p and expm1, so 1 - (1-epsilon)**n keeps its digits for tiny epsilon.
Accuracy: a few units in the last place of the logarithm, times the condition number of the expression; no enclosure
is claimed (see `enclosure` for certified values). Jumps (floor, conditions) are decided on the float64 value.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
import sympy as sp
from numpy.typing import NDArray

from theory.evaluation.values import EvaluationError, brief, exact_number

Floats = NDArray[np.float64]

EXACT_LIMIT = 2.0**53  # integers below are exact in float64


class Signed(NamedTuple):
    """sign * exp(log); `whole` is the number itself where it is an exactly known integer, else nan."""

    sign: Floats
    log: Floats
    whole: Floats


def sign_and_log(expr: sp.Expr, values: Mapping[str, object]) -> tuple[Floats, Floats]:
    """Sign (-1, 0, 1; nan where undefined) and natural logarithm of the absolute value (-inf for 0), float64.

    values: by name, arrays or numbers that broadcast together; exact numbers (SymPy rationals, integers of any size,
    decimal text such as "1e-9000") are taken beyond the range of float64.
    """
    with np.errstate(all="ignore"):
        env = {name: _leaf(name, value) for name, value in values.items()}
        found = _walk(expr, env, {})
        shape = np.broadcast_shapes(*(leaf.sign.shape for leaf in env.values())) if env else ()
        undefined = np.isnan(found.sign) | np.isnan(found.log)
        sign = np.where(undefined, np.nan, found.sign)
        log = np.where(found.sign == 0, -np.inf, np.where(undefined, np.nan, found.log))
        return np.broadcast_to(sign, shape).copy(), np.broadcast_to(log, shape).copy()


def _leaf(name: str, value: object) -> Signed:
    if isinstance(value, (float, np.floating, np.ndarray, list, tuple)):
        return _from_numbers(np.asarray(value, dtype=np.float64))
    return _from_rational(exact_number(name, value if not isinstance(value, np.integer) else int(value)))


def _from_rational(value: sp.Rational) -> Signed:
    p, q = int(value.p), int(value.q)
    if p == 0:
        return _constant(0.0, -math.inf, 0.0)
    near = abs(abs(p) - q) * 4 < q
    log = math.log1p((abs(p) - q) / q) if near else math.log(abs(p)) - math.log(q)
    return _constant(1.0 if p > 0 else -1.0, log, float(p) if q == 1 and abs(p) < EXACT_LIMIT else math.nan)


def _constant(sign: float, log: float, whole: float) -> Signed:
    return Signed(np.asarray(sign), np.asarray(log), np.asarray(whole))


def _from_numbers(x: Floats) -> Signed:
    whole = np.where((x == np.floor(x)) & (np.abs(x) < EXACT_LIMIT), x, np.nan)
    return Signed(np.sign(x), np.log(np.abs(x)), whole)


def _numbers(x: Signed) -> Floats:
    """Float64 values; overflow to inf and underflow to 0 where they must."""
    return np.where(np.isnan(x.whole), np.where(x.sign == 0, 0.0, x.sign * np.exp(x.log)), x.whole)


def _walk(e: sp.Expr, env: Mapping[str, Signed], seen: dict[sp.Expr, Signed]) -> Signed:
    found = seen.get(e)
    if found is None:
        found = seen[e] = _node(e, env, seen)
    return found


def _node(e: sp.Expr, env: Mapping[str, Signed], seen: dict[sp.Expr, Signed]) -> Signed:
    if e.is_Rational:
        return _from_rational(e)
    if e.is_Symbol:
        if e.name not in env:
            raise EvaluationError(f"no value given for {e.name}")
        return env[e.name]
    if e.is_Number or e.is_NumberSymbol:
        return _from_numbers(np.asarray(float(e)))
    if isinstance(e, sp.Piecewise):
        return _piecewise(e, env, seen)
    if isinstance(e, sp.exp) or (e.is_Pow and e.base is sp.E):
        exponent = _numbers(_walk(e.exp, env, seen))
        return Signed(np.ones_like(exponent), exponent, np.where(exponent == 0, 1.0, np.nan))
    if e.is_Mul:
        top, bottom = sp.fraction(e, exact=True)
        if bottom != 1:
            return _divide(_walk(top, env, seen), _walk(bottom, env, seen))
    arguments = [_walk(argument, env, seen) for argument in e.args]
    if e.is_Add:
        return _add(arguments)
    if e.is_Mul:
        return _multiply(arguments)
    if e.is_Pow:
        return _power(*arguments)
    if isinstance(e, (sp.Min, sp.Max)):
        return _extreme(arguments, isinstance(e, sp.Max))
    function = _FUNCTIONS.get(type(e))
    if function is None:
        raise EvaluationError(f"`{type(e).__name__}` cannot be evaluated on arrays")
    return function(*arguments)


def _with_whole(sign: Floats, log: Floats, whole: Floats) -> Signed:
    """Exactly known integers override sign and logarithm."""
    whole = np.where(np.abs(whole) < EXACT_LIMIT, whole, np.nan)
    known = ~np.isnan(whole)
    return Signed(np.where(known, np.sign(whole), sign), np.where(known, np.log(np.abs(whole)), log), whole)


def _add(terms: list[Signed]) -> Signed:
    positive, negative = _log_sum(terms, 1.0), _log_sum(terms, -1.0)
    larger, smaller = np.maximum(positive, negative), np.minimum(positive, negative)
    gap = np.where(np.isneginf(smaller), -np.inf, smaller - larger)
    log = larger + np.where(gap < -1.0, np.log1p(-np.exp(gap)), np.log(-np.expm1(gap)))
    # Two infinite logarithms: nothing is known but that the difference is undefined.
    log = np.where(np.isposinf(larger) & ~np.isposinf(smaller), np.inf, log)
    sign = np.sign(np.where(positive == negative, 0.0, np.where(positive > negative, 1.0, -1.0)))
    sign = np.where(np.isposinf(positive) & np.isposinf(negative), np.nan, sign)
    for term in terms:
        sign = sign + 0.0 * term.sign  # nan stays nan
    whole = np.zeros(())
    for term in terms:
        whole = whole + term.whole
    return _with_whole(sign, np.where(sign == 0, -np.inf, log), whole)


def _log_sum(terms: list[Signed], sign: float) -> Floats:
    """log of the sum of the sizes of the terms that have this sign; -inf where there are none."""
    logs = [np.where(t.sign == sign, t.log, -np.inf) for t in terms]
    stacked = np.sort(np.stack(np.broadcast_arrays(*logs)), axis=0)  # (terms, ...)
    largest = stacked[-1]
    finite = np.where(np.isfinite(largest), largest, 0.0)
    rest = np.exp(stacked[:-1] - finite).sum(axis=0)
    total: Floats = np.where(np.isfinite(largest), largest + np.log1p(rest), largest)
    return total


def _multiply(factors: list[Signed]) -> Signed:
    sign, log, whole = factors[0]
    for factor in factors[1:]:
        sign, log, whole = sign * factor.sign, log + factor.log, whole * factor.whole
    return _with_whole(sign, np.where(sign == 0, -np.inf, log), whole)


def _divide(top: Signed, bottom: Signed) -> Signed:
    """A quotient of known integers stays one where it goes up, so that floor(n/K) is right at multiples of K."""
    quotient = top.whole / bottom.whole
    whole = np.where(quotient == np.floor(quotient), quotient, np.nan)
    sign = np.where(bottom.sign == 0, np.nan, top.sign * bottom.sign)
    return _with_whole(sign, np.where(sign == 0, -np.inf, top.log - bottom.log), whole)


def _power(base: Signed, exponent: Signed) -> Signed:
    power = _numbers(exponent)
    log = power * base.log
    odd = np.where(np.isnan(exponent.whole), np.nan, np.mod(exponent.whole, 2.0))  # nan: no real power of a negative
    sign = np.where(base.sign > 0, 1.0, np.where(odd == 0, 1.0, np.where(odd == 1, -1.0, np.nan)))
    sign = np.where(base.sign == 0, np.where(power > 0, 0.0, np.nan), sign)
    sign, log = np.where(power == 0, 1.0, sign), np.where(power == 0, 0.0, log)
    sign = np.where(np.isnan(base.sign) | np.isnan(power), np.nan, sign)
    small = ~np.isnan(base.whole) & (exponent.whole >= 0) & (log < 36.0)
    whole = np.where(small, np.rint(np.power(base.whole, np.where(small, power, 0.0))), np.nan)
    return _with_whole(sign, np.where(sign == 0, -np.inf, log), whole)


def _key_less(x: Signed, y: Signed) -> NDArray[np.bool_]:
    same = (x.sign == y.sign) & (x.sign != 0)
    return np.where(same, np.where(x.sign > 0, x.log < y.log, x.log > y.log), x.sign < y.sign)


def _select(choose: NDArray[np.bool_], x: Signed, y: Signed) -> Signed:
    return Signed(*(np.where(choose, a, b) for a, b in zip(x, y, strict=True)))


def _extreme(arguments: list[Signed], largest: bool) -> Signed:
    found = arguments[0]
    for other in arguments[1:]:
        better = _key_less(found, other) if largest else _key_less(other, found)
        undefined = np.isnan(found.sign) | np.isnan(other.sign)
        found = _select(better, other, found)
        found = found._replace(sign=np.where(undefined, np.nan, found.sign))
    return found


def _piecewise(e: sp.Piecewise, env: Mapping[str, Signed], seen: dict[sp.Expr, Signed]) -> Signed:
    found = _constant(math.nan, math.nan, math.nan)
    for value, condition in reversed(e.args):
        found = _select(_condition(condition, env, seen), _walk(value, env, seen), found)
    return found


def _condition(c: sp.Basic, env: Mapping[str, Signed], seen: dict[sp.Expr, Signed]) -> NDArray[np.bool_]:
    if c in (sp.true, sp.false):
        return np.asarray(bool(c))
    if isinstance(c, (sp.And, sp.Or)):
        parts = [_condition(part, env, seen) for part in c.args]
        combine = np.logical_and if isinstance(c, sp.And) else np.logical_or
        found = parts[0]
        for part in parts[1:]:
            found = combine(found, part)
        return found
    if isinstance(c, sp.Not):
        return np.logical_not(_condition(c.args[0], env, seen))
    left, right = _walk(c.lhs, env, seen), _walk(c.rhs, env, seen)
    less, greater = _key_less(left, right), _key_less(right, left)
    table: list[tuple[type, NDArray[np.bool_]]] = [
        (sp.Le, ~greater),
        (sp.Lt, less),
        (sp.Ge, ~less),
        (sp.Gt, greater),
        (sp.Eq, ~less & ~greater),
        (sp.Ne, less | greater),
    ]
    for kind, truth in table:
        if isinstance(c, kind):
            return truth
    raise EvaluationError(f"condition {brief(c)} is not understood")


def _log(x: Signed) -> Signed:
    value = np.where(x.sign > 0, x.log, np.nan)
    return Signed(np.sign(value), np.log(np.abs(value)), np.where(x.whole == 1, 0.0, np.nan))


def _through(function: Callable[[Floats], Floats]) -> Callable[[Signed], Signed]:
    return lambda x: _from_numbers(function(_numbers(x)))


def _rounding(function: Callable[[Floats], Floats]) -> Callable[[Signed], Signed]:
    def rounded(x: Signed) -> Signed:
        value = function(_numbers(x))
        beyond = ~(np.abs(value) < EXACT_LIMIT)  # already an integer as far as float64 can tell
        return _select(beyond, x._replace(whole=np.full_like(x.log, np.nan)), _from_numbers(value))

    return rounded


def _odd_and_flat(function: Callable[[Floats], Floats], tail: Callable[[Floats], Floats]) -> Callable[[Signed], Signed]:
    """tanh and sinh: the identity near 0, the logarithm `tail(|x|)` far out."""

    def applied(x: Signed) -> Signed:
        size = np.abs(_numbers(x))
        middle = np.log(function(np.minimum(size, 100.0)))
        log = np.where(x.log < -20.0, x.log, np.where(size > 100.0, tail(size), middle))
        return Signed(x.sign, log, np.where(x.sign == 0, 0.0, np.nan))

    return applied


def _cosh(x: Signed) -> Signed:
    size = np.abs(_numbers(x))
    small = np.log1p(2.0 * np.sinh(np.minimum(size, 1.0) / 2.0) ** 2)
    log = np.where(size < 1.0, small, size - math.log(2.0) + np.log1p(np.exp(-2.0 * size)))
    return Signed(np.ones_like(size), log, np.full_like(size, np.nan))


def _lgamma(x: Floats) -> Floats:
    def scalar(v: float) -> float:
        return math.lgamma(v) if v > 0 else math.nan

    return np.asarray(np.vectorize(scalar, otypes=[np.float64])(x), dtype=np.float64)


def _gamma(x: Signed) -> Signed:
    log = _lgamma(_numbers(x))
    return Signed(np.where(np.isnan(log), np.nan, 1.0), log, np.full_like(log, np.nan))


def _factorial(x: Signed) -> Signed:
    log = _lgamma(_numbers(x) + 1.0)
    return Signed(np.where(np.isnan(log), np.nan, 1.0), log, np.full_like(log, np.nan))


def _binomial(n: Signed, k: Signed) -> Signed:
    upper, lower = np.broadcast_arrays(_numbers(n), _numbers(k))
    log = _lgamma(upper + 1.0) - _lgamma(lower + 1.0) - _lgamma(upper - lower + 1.0)
    outside = (upper >= 0) & ((lower < 0) | (lower > upper)) & (lower == np.floor(lower))
    sign = np.where(outside, 0.0, np.where(np.isnan(log), np.nan, 1.0))
    small = (log < 36.0) & (upper == np.floor(upper)) & (lower == np.floor(lower))
    whole = np.where(outside, 0.0, np.where(small, np.rint(np.exp(log)), np.nan))
    # Beyond 2^40 the rounded exponential may be off by one: keep the logarithm alone.
    return _with_whole(sign, np.where(outside, -np.inf, log), np.where(np.abs(whole) < 2.0**40, whole, np.nan))


_FUNCTIONS: Mapping[type, Callable[..., Signed]] = MappingProxyType(
    {
        sp.log: _log,
        sp.Abs: lambda x: Signed(np.abs(x.sign), x.log, np.abs(x.whole)),
        sp.sign: lambda x: _from_numbers(x.sign),
        sp.floor: _rounding(np.floor),
        sp.ceiling: _rounding(np.ceil),
        sp.tanh: _odd_and_flat(np.tanh, lambda size: np.log1p(-2.0 * np.exp(-2.0 * size))),
        sp.sinh: _odd_and_flat(np.sinh, lambda size: size - math.log(2.0)),
        sp.cosh: _cosh,
        sp.sin: _through(np.sin),
        sp.cos: _through(np.cos),
        sp.tan: _through(np.tan),
        sp.atan: _through(np.arctan),
        sp.asin: _through(np.arcsin),
        sp.acos: _through(np.arccos),
        sp.asinh: _through(np.arcsinh),
        sp.acosh: _through(np.arccosh),
        sp.atanh: _through(np.arctanh),
        sp.loggamma: lambda x: _from_numbers(_lgamma(_numbers(x))),
        sp.gamma: _gamma,
        sp.factorial: _factorial,
        sp.binomial: _binomial,
    }
)
