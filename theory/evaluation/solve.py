"""Inversion: the value of one parameter at which a bound meets a target.

Main definitions
    solve        closed form where peeling finds one, bracketed root otherwise, integers on the safe side
    Solution     the value, how it was found, and whether both sides of it were checked
    NoSolution   no value works; the message says what was seen

Every comparison with the target is certified (`enclosure`). A reported value satisfies the relation; `verified`
says that a neighbour was checked not to.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Literal

import sympy as sp
from flint import arb, ctx

from theory.evaluation.enclosure import enclose, evaluate_exact
from theory.evaluation.inversion import invert
from theory.evaluation.probes import Ends, bisect, probes
from theory.evaluation.values import (
    EvaluationError,
    Given,
    UncertainError,
    Value,
    check_known,
    exact_number,
    exact_values,
    require_values,
)
from theory.parameter import Parameter

Relation = Literal["<=", ">="]
Kind = Literal["closed form", "bracketed root", "integer"]

LARGEST_BITS = 60_000  # of an integer answer
HUGE = 10**30  # beyond it integer answers carry 53 bits
STEPS = tuple(sign * 2**k for k in range(12) for sign in (1, -1))  # units in the last place tried around a root


class NoSolution(ValueError):
    """No value of the parameter brings the bound to the target, or every value does."""


@dataclass(frozen=True)
class Solution:
    """The value of one parameter at which a bound meets its target.

    Attributes
        value        int for integer parameters, else the float64 next to the root, satisfying the relation; None
                     where float64 would under- or overflow: then `log10` and `exact` hold it
        kind         "closed form", "bracketed root" or "integer"
        expression   the closed form in the other parameters and the symbol `target`, or None
        verified     the relation was certified at `value` and certified to fail next to it
        safe_side    which side of the value satisfies the relation
        note         what the reader must know (several ranges, every value works), or ""
        exact        the value as an exact rational
        log10        decimal logarithm of its size; None for 0
    """

    value: int | float | None
    kind: Kind
    expression: sp.Expr | None
    verified: bool
    safe_side: str
    note: str
    exact: sp.Rational = field(repr=False)
    log10: float | None


def solve(
    expr: sp.Expr,
    target: Given,
    parameter: Parameter,
    parameters: Sequence[Parameter],
    values: Mapping[str, Given],
    *,
    relation: Relation = "<=",
) -> Solution:
    """The value of `parameter` at which `expr` meets `target`, on the side where `expr relation target` holds.

    Of an integer parameter: the smallest n for which the relation holds (the largest, where it holds below). `values`
    gives the other parameters; a value for `parameter` itself is ignored.
    Where the relation holds on several ranges, the closed form's or else the first is given, and `note` says so.

    Raises NoSolution, EvaluationError (missing or unknown names, ends of the domain that are no numbers).
    """
    if relation not in ("<=", ">="):
        raise EvaluationError(f"relation {relation!r} is not known, expected '<=' or '>='")
    check_known(parameters, values)
    env = exact_values({name: value for name, value in values.items() if name != parameter.name})
    require_values(expr, env, (parameter.name,))
    goal = exact_number("target", target)
    if parameter.symbol.name not in {s.name for s in expr.free_symbols}:
        raise NoSolution(f"the bound does not depend on {parameter.name}")
    question = _Question(expr, goal, relation, parameter, env)
    ends = Ends.of(parameter, env)
    form = _closed_form(question, ends)
    if form is not None and form.verified:
        return form
    return _bracketed(question, ends, form)


@dataclass(frozen=True)
class _Question:
    expr: sp.Expr
    goal: sp.Rational
    relation: Relation
    parameter: Parameter
    env: Mapping[str, sp.Rational]

    def holds(self, at: sp.Rational) -> bool | None:
        """Whether the relation holds at this value, certified; None where the bound has no value there."""
        try:
            sign = evaluate_exact(self.expr - self.goal, {**self.env, self.parameter.name: at}).sign
        except UncertainError:
            return True  # indistinguishable from equality with 40 000 bits: both relations admit it
        except EvaluationError:
            return None
        return sign <= 0 if self.relation == "<=" else sign >= 0

    def bound(self, at: sp.Rational) -> Value | None:
        try:
            return evaluate_exact(self.expr, {**self.env, self.parameter.name: at})
        except EvaluationError:
            return None


def _closed_form(question: _Question, ends: Ends) -> Solution | None:
    unknown = next(s for s in question.expr.free_symbols if s.name == question.parameter.name)
    positive = question.goal > 0
    target = sp.Symbol("target", positive=True) if positive else sp.Symbol("target", real=True)
    best: Solution | None = None
    for form in invert(question.expr, unknown, target):
        root = _root(form, {**question.env, "target": question.goal})
        if root is None:
            continue
        found = (_integer_near if ends.integer else _real_near)(question, ends, root, "closed form", form)
        if found is not None and (best is None or (found.verified and not best.verified)):
            best = found
    return best


def _root(form: sp.Expr, env: Mapping[str, sp.Rational]) -> sp.Rational | None:
    """A rational close to the closed form's value: to 2^-80 relative, and to a quarter."""
    try:
        size = evaluate_exact(form, env).log10
        if size is not None and size * 3.33 > LARGEST_BITS:
            return None
        bits = 128 + int(max(0.0, (size or 0.0) * 3.33))
        for more in (1, 2, 4):
            lower, upper = enclose(form, env, more * bits)
            with ctx.workprec(64 * more * bits):
                width, middle = upper - lower, ((lower + upper) / 2).mid()
                if width < 0.25 and width * arb(2) ** 80 <= abs(middle):
                    break
        else:
            return None
    except EvaluationError:
        return None
    mantissa, exponent = middle.man_exp()
    return sp.Integer(int(mantissa)) * sp.Integer(2) ** int(exponent) if abs(int(exponent)) < 2**18 else None


def _neighbours(x: sp.Rational) -> Callable[[int], sp.Rational]:
    """k -> x moved by k units in the last place of float64, also beyond float64's range.

    Within it, the decimal that the float is printed as: the number a user would type back.
    """
    try:
        nearest = int(x.p) / int(x.q)
    except OverflowError:
        nearest = math.inf
    if 1e-300 < abs(nearest) < 1e300:
        return lambda k: sp.Rational(repr(nearest + k * math.ulp(nearest)))
    if x == 0:
        return lambda k: sp.Rational(k, 2**1074)
    exponent = abs(int(x.p)).bit_length() - int(x.q).bit_length() - 53
    unit = sp.Integer(2) ** exponent
    rounded = sp.Integer(round(x / unit)) * unit
    return lambda k: rounded + k * unit


def _real_near(
    question: _Question, ends: Ends, root: sp.Rational, kind: Kind, form: sp.Expr | None, note: str = ""
) -> Solution | None:
    """The number with 53 bits next to `root` at which the relation holds, and a neighbour at which it does not."""
    step = _neighbours(root)
    held = {k: question.holds(step(k)) for k in (0, *STEPS[:8]) if ends.contains(step(k))}
    good = [k for k, truth in held.items() if truth]
    if not good:
        held |= {k: question.holds(step(k)) for k in STEPS[8:] if ends.contains(step(k))}
        good = [k for k, truth in held.items() if truth]
        if not good:
            return None
    chosen = min(good, key=abs)
    verified = False in held.values()
    bad = [k for k, truth in held.items() if truth is False]
    below = bool(bad) and min(bad, key=abs) > chosen
    side = f"{question.parameter.name} {'<=' if below else '>='} the value" if bad else "not determined"
    exact = step(chosen)
    size = evaluate_exact(exact, {})
    return Solution(size.value, kind, form, verified, side, note, exact, size.log10)


def _integer_near(
    question: _Question, ends: Ends, root: sp.Rational, kind: Kind, form: sp.Expr | None, note: str = ""
) -> Solution | None:
    """The integer next to `root` at which the relation holds while it fails at the next one."""
    if root > HUGE:
        return _huge_near(question, ends, root, form, note)
    middle = int(sp.floor(root))
    candidates = [sp.Integer(k) for k in range(middle - 2, middle + 4)]
    held = {k: question.holds(k) if ends.contains(k) else None for k in candidates}
    for smallest in (True, False):
        for k in candidates[1:-1]:
            outside = k - 1 if smallest else k + 1
            if held[k] and held[outside] is False:
                return _integer(question, k, form, True, smallest, note)
    return None


def _huge_near(question: _Question, ends: Ends, root: sp.Rational, form: sp.Expr | None, note: str) -> Solution | None:
    """Beyond 10^30 an integer is given to the 53 bits of a float, rounded to the safe side."""
    found = _real_near(question, ends, root, "integer", form)
    if found is None:
        return None
    note = (note + "; " if note else "") + "an integer to 16 digits, rounded to the safe side"
    return replace(found, value=None if found.value is None else int(found.exact), note=note)


def _integer(
    question: _Question, k: sp.Integer, form: sp.Expr | None, verified: bool, smallest: bool, note: str
) -> Solution:
    name = question.parameter.name
    side = f"{name} >= {k}: the smallest" if smallest else f"{name} <= {k}: the largest"
    if len(side) > 80:
        side = f"{name} >= the value: the smallest" if smallest else f"{name} <= the value: the largest"
    return Solution(int(k), "integer", form, verified, side, note, k, evaluate_exact(k, {}).log10)


def _bracketed(question: _Question, ends: Ends, form: Solution | None) -> Solution:
    tried = [(at, question.holds(at)) for at in probes(question.parameter, ends)]
    seen = [(at, truth) for at, truth in tried if truth is not None]
    name, domain = question.parameter.name, question.parameter.domain
    if not seen:
        raise NoSolution(f"the bound has no value at any of {len(tried)} points of {name} in {domain}")
    changes = [(a, b) for (a, held), (b, then) in pairwise(seen) if held != then]
    if not changes:
        return _no_change(question, ends, seen)
    note = ""
    if len(changes) > 1:
        note = f"not monotone: the relation changes {len(changes)} times over {len(seen)} points; this is the first"
    low, high = bisect(question.holds, *changes[0], integer=ends.integer)
    # The relation holds at one end and fails at the other.
    upwards = bool(question.holds(high))
    root = high if upwards else low
    expression = form.expression if form is not None else None
    if ends.integer and root <= HUGE:
        return _integer(question, root, expression, high - low == 1, upwards, note)
    if ends.integer:
        huge = _huge_near(question, ends, root, expression, note)
        if huge is not None:
            return huge
    found = _real_near(question, ends, root, "bracketed root", expression, note)
    if found is not None and found.verified:
        return found
    size = evaluate_exact(root, {})
    side = f"{name} {'>=' if upwards else '<='} the value"
    note = (note + "; " if note else "") + "the bound jumps there or is not defined beside it"
    return Solution(size.value, "bracketed root", expression, False, side, note, root, size.log10)


def _no_change(question: _Question, ends: Ends, seen: list[tuple[sp.Rational, bool]]) -> Solution:
    name, domain, goal = question.parameter.name, question.parameter.domain, _short(question.goal)
    holds = seen[0][1]
    above = holds != (question.relation == "<=")
    if holds and ends.integer and ends.lower is not None and seen[0][0] == ends.lower:
        note = f"the relation holds at all {len(seen)} values of {name} tried in {domain}"
        return _integer(question, seen[0][0], None, False, True, note)
    points = [(value, at) for at, _ in seen if (value := question.bound(at)) is not None]
    nearest = (min if above else max)(points, key=lambda point: _order(point[0]))
    extreme = f"{'lowest' if above else 'highest'} {nearest[0]} at {name} = {_short(nearest[1])}"
    raise NoSolution(
        f"the bound stays {'above' if above else 'at or below'} {goal} for every {name} in {domain} tried "
        f"({len(seen)} points; {extreme})" + (f", so any {name} works" if holds else "")
    )


def _order(value: Value) -> tuple[int, float]:
    return value.sign, value.sign * (value.log10 if value.log10 is not None else -math.inf) if value.sign else 0.0


def _short(number: sp.Rational) -> str:
    if number.q == 1 and abs(number) < 10**12:
        return str(number)
    return str(evaluate_exact(number, {})).split(" = ")[-1]
