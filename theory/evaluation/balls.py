"""Rigorous evaluation with FLINT's balls: every result is an interval that contains the true value.

Main definitions
    ball       a SymPy expression at exact numbers, as an arb (midpoint and radius)
    Undecided  a branch (floor, a condition, a sign) that this precision cannot tell

The exponents of balls are themselves big integers, so T**K at T = 128 256, K = 131 072 is one number of `bits`
significant bits and no giant integer is formed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import sympy as sp
from flint import arb, ctx, fmpq

from theory.evaluation.exact import vanishes
from theory.evaluation.values import EvaluationError, brief

MAX_TERMS = 100_000  # of an explicit finite sum
MAX_BINOMIAL = 10_000  # lower index up to which a binomial coefficient is formed as a product


class Undecided(ArithmeticError):
    """A branch that the present precision cannot tell; more bits may."""

    def __init__(self, node: sp.Basic, candidate: int | None = None) -> None:
        super().__init__(brief(node))
        self.node = node
        self.candidate = candidate


def rational_ball(value: sp.Rational) -> arb:
    """A rational as a ball at the present precision."""
    return arb(int(value.p)) if value.q == 1 else arb(fmpq(int(value.p), int(value.q)))


def ball(expr: sp.Expr, env: Mapping[str, sp.Rational], bits: int) -> arb:
    """Enclosure of `expr` at the exact numbers `env` (by name), computed with `bits` bits.

    Raises Undecided where more bits may help, EvaluationError where there is no real value.
    """
    with ctx.workprec(bits):
        return _ball(expr, env)


def _certain(x: arb, node: sp.Basic) -> arb:
    if not x.is_finite():
        raise Undecided(node)
    return x


def _ball(e: sp.Expr, env: Mapping[str, sp.Rational]) -> arb:
    if e.is_Rational:
        return rational_ball(e)
    if e.is_Symbol:
        if e.name not in env:
            raise EvaluationError(f"no value given for {e.name}")
        return rational_ball(env[e.name])
    if e.is_Add:
        total = arb(0)
        for term in e.args:
            total += _ball(term, env)
        # No precision tells a sum that is exactly 0 from one that is nearly so.
        return arb(0) if not total.is_zero() and total.contains(0) and vanishes(e, env) else total
    if e.is_Mul:
        product = arb(1)
        for factor in e.args:
            product *= _ball(factor, env)
        return product
    if e.is_Pow:
        return _power(e, env)
    if e.is_Float:
        return rational_ball(sp.Rational(e))
    if isinstance(e, sp.Piecewise):
        for value, condition in e.args:
            if holds(condition, env):
                return _ball(value, env)
        raise EvaluationError(f"no case of {brief(e)} applies there")
    if isinstance(e, sp.Sum | sp.Product):
        return _folded(e, env)
    constant = _CONSTANTS.get(e)
    if constant is not None:
        return constant()
    function = _FUNCTIONS.get(type(e))
    if function is None:
        raise EvaluationError(f"`{type(e).__name__}` cannot be evaluated numerically here")
    return _certain(function(e, *(_ball(argument, env) for argument in e.args)), e)


def _power(e: sp.Expr, env: Mapping[str, sp.Rational]) -> arb:
    if e.base is sp.E:
        return _certain(_ball(e.exp, env).exp(), e)
    base, exponent = _ball(e.base, env), _ball(e.exp, env)
    if exponent.is_zero():
        return arb(1)
    if base.is_zero():
        if exponent > 0:
            return arb(0)
        if exponent < 0:
            raise EvaluationError(f"division by zero in {brief(e)}")
        raise Undecided(e)
    if exponent.is_exact() and exponent.is_integer():
        power = int(exponent.unique_fmpz())
        return _certain(base**power, e)
    if base < 0:
        raise EvaluationError(f"{brief(e)} is not real there: a negative base with a fractional exponent")
    if not base > 0 and not (base >= 0 and exponent > 0):
        raise Undecided(e)
    return _certain(base.sqrt() if exponent == arb(0.5) else base**exponent, e)


def holds(condition: sp.Basic, env: Mapping[str, sp.Rational]) -> bool:
    """Whether a relation (or a combination of relations) holds, certified."""
    if condition in (sp.true, sp.false):
        return bool(condition)
    if isinstance(condition, sp.And):
        return all(holds(part, env) for part in condition.args)
    if isinstance(condition, sp.Or):
        return any(holds(part, env) for part in condition.args)
    if isinstance(condition, sp.Not):
        return not holds(condition.args[0], env)
    difference = _ball(condition.lhs, env) - _ball(condition.rhs, env)
    if not (difference > 0 or difference < 0 or difference.is_zero()):
        raise Undecided(condition)
    sign = 0 if difference.is_zero() else (1 if difference > 0 else -1)
    accepted = {sp.Le: (-1, 0), sp.Lt: (-1,), sp.Ge: (0, 1), sp.Gt: (1,), sp.Eq: (0,), sp.Ne: (-1, 1)}
    for kind, signs in accepted.items():
        if isinstance(condition, kind):
            return sign in signs
    raise EvaluationError(f"condition {brief(condition)} is not understood")


def _folded(e: sp.Sum | sp.Product, env: Mapping[str, sp.Rational]) -> arb:
    kind = "sum" if isinstance(e, sp.Sum) else "product"
    if len(e.limits) != 1:
        raise EvaluationError(f"only single {kind}s are evaluated")
    index, low, high = e.limits[0]
    first, last = (_ball(end, env).unique_fmpz() for end in (low, high))
    if first is None or last is None or last - first > MAX_TERMS:
        raise EvaluationError(f"{kind} over {index} from {low} to {high} is not a {kind} of at most {MAX_TERMS} terms")
    total = arb(0) if kind == "sum" else arb(1)
    for k in range(int(first), int(last) + 1):
        term = _ball(e.function, {**env, index.name: sp.Integer(k)})
        total = total + term if kind == "sum" else total * term
    return total


def rounded(e: sp.Expr, x: arb, *, up: bool) -> arb:
    if not x.is_finite():
        raise Undecided(e)
    enclosure = x.ceil() if up else x.floor()
    found = enclosure.unique_fmpz()
    if found is not None:
        return arb(found)
    if abs(x) > arb(2) ** 72:  # the unit that is not decided lies far below float64's last place
        return enclosure
    nearest = x.unique_fmpz()
    raise Undecided(e, None if nearest is None else int(nearest))


def _log(e: sp.Expr, x: arb) -> arb:
    if x.is_zero() or x < 0:
        raise EvaluationError(f"{brief(e)} is not real there: logarithm of a number that is not positive")
    return x.log()


def _binomial(e: sp.Expr, n: arb, k: arb) -> arb:
    whole = k.unique_fmpz()
    if whole is not None and 0 <= whole <= MAX_BINOMIAL:
        return n.bin(int(whole))
    if n.is_exact() and n.is_integer() and whole is not None and (whole < 0 or n < k):
        return arb(0)
    return (n + 1).gamma() / ((k + 1).gamma() * (n - k + 1).gamma())


def _sign(e: sp.Expr, x: arb) -> arb:
    if x.is_zero():
        return arb(0)
    if not (x > 0 or x < 0):
        raise Undecided(e)
    return arb(1) if x > 0 else arb(-1)


def _extreme(e: sp.Expr, *arguments: arb, largest: bool) -> arb:
    found = arguments[0]
    for other in arguments[1:]:
        found = found.max(other) if largest else found.min(other)
    return found


_CONSTANTS: Mapping[sp.Expr, Callable[[], arb]] = MappingProxyType(
    {sp.pi: arb.pi, sp.E: arb.const_e, sp.EulerGamma: arb.const_euler, sp.Catalan: arb.const_catalan}
)
_FUNCTIONS: Mapping[type, Callable[..., arb]] = MappingProxyType(
    {
        sp.exp: lambda e, x: x.exp(),
        sp.log: _log,
        sp.Abs: lambda e, x: abs(x),
        sp.sign: _sign,
        sp.floor: lambda e, x: rounded(e, x, up=False),
        sp.ceiling: lambda e, x: rounded(e, x, up=True),
        sp.Min: lambda e, *xs: _extreme(e, *xs, largest=False),
        sp.Max: lambda e, *xs: _extreme(e, *xs, largest=True),
        sp.Mod: lambda e, x, y: x - y * rounded(e, x / y, up=False),
        sp.sin: lambda e, x: x.sin(),
        sp.cos: lambda e, x: x.cos(),
        sp.tan: lambda e, x: x.tan(),
        sp.cot: lambda e, x: x.cot(),
        sp.asin: lambda e, x: x.asin(),
        sp.acos: lambda e, x: x.acos(),
        sp.atan: lambda e, x: x.atan(),
        sp.sinh: lambda e, x: x.sinh(),
        sp.cosh: lambda e, x: x.cosh(),
        sp.tanh: lambda e, x: x.tanh(),
        sp.coth: lambda e, x: x.coth(),
        sp.asinh: lambda e, x: x.asinh(),
        sp.acosh: lambda e, x: x.acosh(),
        sp.atanh: lambda e, x: x.atanh(),
        sp.gamma: lambda e, x: x.gamma(),
        sp.loggamma: lambda e, x: x.lgamma(),
        sp.factorial: lambda e, x: (x + 1).gamma(),
        sp.binomial: _binomial,
        sp.erf: lambda e, x: x.erf(),
        sp.erfc: lambda e, x: x.erfc(),
        sp.digamma: lambda e, x: x.digamma(),
        sp.LambertW: lambda e, x: x.lambertw(),
    }
)
