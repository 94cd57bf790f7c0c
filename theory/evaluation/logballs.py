"""Rigorous evaluation in the log domain: a number is its sign and a ball around the logarithm of its size.

Plain balls need as many bits as a tiny number lies below 1 to tell 1 - x from 1. Here log(1 - 1e-9000) is -1e-9000
with full relative precision, so (1 - 2*epsilon)**n needs no more bits at epsilon = 1e-9000 than at 0.1.

Main definitions
    Signed      sign and log of the size; exact integers and rationals keep their plain ball too
    log_ball    a SymPy expression at exact numbers, as a Signed
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import sympy as sp
from flint import arb, ctx

from theory.evaluation.balls import Undecided, ball, rational_ball, rounded
from theory.evaluation.exact import vanishes
from theory.evaluation.values import EvaluationError, brief


@dataclass(frozen=True)
class Signed:
    """sign * exp(log); `log` means nothing for sign 0; `plain` is a tighter ball of the number itself, if known."""

    sign: int
    log: arb
    plain: arb | None = None

    def number(self) -> arb:
        if self.plain is not None:
            return self.plain
        return arb(0) if self.sign == 0 else self.sign * self.log.exp()


ZERO = Signed(0, arb(0), arb(0))


def log_ball(expr: sp.Expr, env: Mapping[str, sp.Rational], bits: int) -> Signed:
    """Enclosure of `expr` at the exact numbers `env` (by name) in the log domain, with `bits` bits.

    Raises Undecided where more bits may help, EvaluationError where there is no real value.
    """
    with ctx.workprec(bits):
        return _log_ball(expr, env, bits)


def _from_rational(value: sp.Rational) -> Signed:
    if value == 0:
        return ZERO
    size = abs(value)
    # Near 1 the logarithm of the rounded number would lose every digit.
    log = rational_ball(size - 1).log1p() if 0 < abs(size - 1) < sp.Rational(1, 4) else rational_ball(size).log()
    return Signed(1 if value > 0 else -1, log, rational_ball(value))


def _from_ball(x: arb, node: sp.Expr, env: Mapping[str, sp.Rational]) -> Signed:
    if x.is_zero():
        return ZERO
    if not (x > 0 or x < 0):
        if vanishes(node, env):
            return ZERO
        raise Undecided(node)
    return Signed(1 if x > 0 else -1, abs(x).log(), x)


def _log_ball(e: sp.Expr, env: Mapping[str, sp.Rational], bits: int) -> Signed:
    if e.is_Rational or e.is_Float:
        return _from_rational(sp.Rational(e))
    if e.is_Symbol:
        if e.name not in env:
            raise EvaluationError(f"no value given for {e.name}")
        return _from_rational(env[e.name])
    if e.is_Add:
        return _add([_log_ball(term, env, bits) for term in e.args], e, env)
    if e.is_Mul:
        sign, log = 1, arb(0)
        for factor in e.args:
            part = _log_ball(factor, env, bits)
            if part.sign == 0:
                return ZERO
            sign, log = sign * part.sign, log + part.log
        return Signed(sign, log)
    if isinstance(e, sp.exp) or (e.is_Pow and e.base is sp.E):
        return Signed(1, _log_ball(e.exp, env, bits).number())
    if e.is_Pow:
        return _power(e, env, bits)
    if isinstance(e, sp.log):
        inner = _log_ball(e.args[0], env, bits)
        if inner.sign <= 0:
            raise EvaluationError(f"{brief(e)} is not real there: logarithm of a number that is not positive")
        return _from_ball(inner.log, e, env)
    if isinstance(e, sp.Abs):
        inner = _log_ball(e.args[0], env, bits)
        return Signed(abs(inner.sign), inner.log, None if inner.plain is None else abs(inner.plain))
    if isinstance(e, (sp.tanh, sp.sinh)):
        x = _log_ball(e.args[0], env, bits).number()
        return _from_ball(x.tanh() if isinstance(e, sp.tanh) else x.sinh(), e, env)
    if isinstance(e, (sp.floor, sp.ceiling)):
        x = _log_ball(e.args[0], env, bits).number()
        return _from_ball(rounded(e, x, up=isinstance(e, sp.ceiling)), e, env)
    if isinstance(e, (sp.Min, sp.Max)):
        return _extreme([_log_ball(a, env, bits) for a in e.args], e)
    return _from_ball(ball(e, env, bits), e, env)


def _add(terms: list[Signed], node: sp.Expr, env: Mapping[str, sp.Rational]) -> Signed:
    total = arb(0)
    for term in terms:  # exactly known numbers are added as such: T - 1, and differences that are 0
        total = total + term.plain if term.plain is not None else arb("nan")
    if total.is_finite() and total.is_exact():
        return _from_ball(total, node, env)
    positive = _log_sum([t.log for t in terms if t.sign > 0])
    negative = _log_sum([t.log for t in terms if t.sign < 0])
    if positive is None or negative is None:
        if positive is None and negative is None:
            return ZERO
        return Signed(1, positive) if positive is not None else Signed(-1, negative)
    if positive > negative:
        return Signed(1, _log_difference(positive, negative))
    if positive < negative:
        return Signed(-1, _log_difference(negative, positive))
    if vanishes(node, env):
        return ZERO
    raise Undecided(node)


def _log_sum(logs: list[arb]) -> arb | None:
    if not logs:
        return None
    largest = max(logs, key=lambda log: log.mid())
    rest = [log for log in logs if log is not largest]
    total = sum(((log - largest).exp() for log in rest), arb(0))
    return largest + total.log1p()


def _log_difference(large: arb, small: arb) -> arb:
    gap = small - large  # negative
    return large + ((-gap.exp()).log1p() if gap < -1 else (-gap.expm1()).log())


def _power(e: sp.Expr, env: Mapping[str, sp.Rational], bits: int) -> Signed:
    base, exponent = _log_ball(e.base, env, bits), _log_ball(e.exp, env, bits).number()
    if exponent.is_zero():
        return _from_rational(sp.Integer(1))
    if base.sign == 0:
        if exponent > 0:
            return ZERO
        raise EvaluationError(f"division by zero in {brief(e)}")
    if base.sign > 0:
        return Signed(1, exponent * base.log)
    if not exponent.is_integer():
        if exponent.is_exact():
            raise EvaluationError(f"{brief(e)} is not real there: a negative base with a fractional exponent")
        raise Undecided(e)
    return Signed(-1 if int(exponent.unique_fmpz()) % 2 else 1, exponent * base.log)


def _extreme(arguments: list[Signed], node: sp.Expr) -> Signed:
    found = arguments[0]
    for other in arguments[1:]:
        if found.sign == other.sign and found.sign != 0:
            smaller = isinstance(node, sp.Min) == (found.sign > 0)  # of the two logarithms; ties enclose both
            log = found.log.min(other.log) if smaller else found.log.max(other.log)
            found = Signed(found.sign, log)
        elif (other.sign < found.sign) == isinstance(node, sp.Min):
            found = other
    return found
