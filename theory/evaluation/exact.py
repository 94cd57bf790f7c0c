"""Exact rational evaluation, where the result is short, and exact answers to "is this the integer m?".

Main definitions
    exact_rational   the rational value of an expression at rational numbers, or None
    equals_integer   proof that an expression of rationals and logarithms equals an integer
    vanishes         proof that an expression is 0 at numbers that make its terms cancel
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import reduce

import sympy as sp

MAX_BITS = 4096  # of numerators and denominators formed on the exact road
SHORT = 64  # bits of numbers that are put into an expression
FACTOR_LIMIT = 2**15  # trial division below an argument of a logarithm


def _bits(value: sp.Rational) -> int:
    return max(abs(int(value.p)).bit_length(), int(value.q).bit_length())


def exact_rational(e: sp.Expr, env: Mapping[str, sp.Rational]) -> sp.Rational | None:
    """The exact value of `e`, or None where it is irrational, undefined, or has more than MAX_BITS bits on the way."""
    if e.is_Rational:
        return e if _bits(e) <= MAX_BITS else None
    if e.is_Symbol:
        value = env.get(e.name)
        return value if value is not None and _bits(value) <= MAX_BITS else None
    if isinstance(e, sp.Piecewise):
        return _piecewise(e, env)
    if e.is_Pow:
        return _power(e, env)
    if not (e.is_Add or e.is_Mul or isinstance(e, _RATIONAL_FUNCTIONS)):
        return None
    parts = []
    for argument in e.args:
        part = exact_rational(argument, env)
        if part is None:
            return None
        parts.append(part)
    if e.is_Add or e.is_Mul:
        total = reduce(lambda x, y: x + y if e.is_Add else x * y, parts)
        return total if _bits(total) <= MAX_BITS else None
    if isinstance(e, sp.factorial) and not (parts[0].q == 1 and 0 <= parts[0] <= 300):
        return None
    if isinstance(e, sp.binomial) and not (all(p.q == 1 for p in parts) and 0 <= parts[0] <= 2000):
        return None
    value = e.func(*parts)
    return value if value.is_Rational and _bits(value) <= MAX_BITS else None


_RATIONAL_FUNCTIONS = (sp.floor, sp.ceiling, sp.Min, sp.Max, sp.Abs, sp.sign, sp.Mod, sp.factorial, sp.binomial)


def _power(e: sp.Expr, env: Mapping[str, sp.Rational]) -> sp.Rational | None:
    base, exponent = exact_rational(e.base, env), exact_rational(e.exp, env)
    if base is None or exponent is None or (base == 0 and exponent < 0):
        return None
    if exponent.q != 1:
        if exponent.q != 2 or base < 0 or _bits(exponent) > 16:
            return None
        p, q = math.isqrt(int(base.p)), math.isqrt(int(base.q))
        if p * p != base.p or q * q != base.q:
            return None
        base, exponent = sp.Rational(p, q), sp.Integer(exponent.p)
    if base not in (0, 1, -1) and abs(exponent) * _bits(base) > MAX_BITS:
        return None
    if base == -1:
        return sp.Integer(-1 if exponent.p % 2 else 1)
    return sp.Integer(1) if base == 1 else base**exponent


def _piecewise(e: sp.Piecewise, env: Mapping[str, sp.Rational]) -> sp.Rational | None:
    for value, condition in e.args:
        if condition not in (sp.true, sp.false):
            if not isinstance(condition, sp.core.relational.Relational):
                return None
            sides = [exact_rational(side, env) for side in (condition.lhs, condition.rhs)]
            if None in sides:
                return None
            condition = condition.func(*sides)
        if condition == sp.true:
            return exact_rational(value, env)
    return None


def equals_integer(e: sp.Expr, candidate: int, env: Mapping[str, sp.Rational]) -> bool:
    """Whether `e` is proved equal to `candidate`: log(1/4)/log(1/2) is 2. False means no proof."""
    ground = _ground(e, env)
    return ground is not None and bool(sp.cancel(ground - candidate) == 0)


def vanishes(e: sp.Expr, env: Mapping[str, sp.Rational]) -> bool:
    """Whether `e` is proved to be 0: x - y, or sin(x) - sin(y), at x = y = 1/1000. False means no proof."""
    if equals_integer(e, 0, env):
        return True
    values = {symbol: env[symbol.name] for symbol in e.free_symbols if symbol.name in env}
    powers = (power.exp.free_symbols for power in e.atoms(sp.Pow))
    if all(_bits(value) <= SHORT for value in values.values()) and not any(powers):
        return bool(e.xreplace(values) == 0)  # SymPy knows sin(Max(pi, 1))
    first: dict[sp.Rational, sp.Symbol] = {}  # no huge power is formed: symbols of equal value become one
    ordered = sorted(values, key=str)
    return bool(e.xreplace({symbol: first.setdefault(values[symbol], symbol) for symbol in ordered}) == 0)


def _ground(e: sp.Expr, env: Mapping[str, sp.Rational]) -> sp.Expr | None:
    """`e` at the numbers `env`, logarithms of rationals expanded over small primes; None where it grows."""
    value = exact_rational(e, env)
    if value is not None:
        return value
    if isinstance(e, sp.log):
        inside = exact_rational(e.args[0], env)
        if inside is None or inside <= 0:
            return None
        return _log_over_primes(int(inside.p)) - _log_over_primes(int(inside.q))
    if not (e.is_Add or e.is_Mul or (e.is_Pow and e.exp.is_Rational and _bits(e.exp) <= 8)):
        return None
    parts = [_ground(argument, env) for argument in e.args]
    return None if None in parts else e.func(*parts)


def _log_over_primes(n: int) -> sp.Expr:
    factors = sp.factorint(n, limit=FACTOR_LIMIT, use_rho=False, use_pm1=False, use_ecm=False)
    return sp.Add(*(k * sp.log(p, evaluate=False) for p, k in factors.items() if p != 1))
