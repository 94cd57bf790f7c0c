"""Signs of derivatives, case splits and substitutions for inequalities with exp, log, powers.

Derivative rule: if every hypothesis on x is a lower or upper bound, a point (x, y) of the domain is joined to its
lower end (l(y), y) by a segment inside the closed domain; f >= 0 follows from f >= 0 at the end and ∂f/∂x >= 0 on the
closed domain, where f must be shown to be defined (all functions used here are differentiable where they are defined,
except roots at 0, where they are continuous). The same with the upper end and ∂f/∂x <= 0.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

import sympy as sp
from sympy.core.relational import Relational

from theory.checking.prover import ContradictionError, Problem, linear_bound, relations
from theory.checking.records import Proof
from theory.checking.translation import UnsupportedError

_SMOOTH = (sp.Add, sp.Mul, sp.Pow, sp.exp, sp.log, sp.sin, sp.cos, sp.tan, sp.tanh, sp.sinh, sp.cosh, sp.coth)


@dataclass(frozen=True)
class Goal:
    """expression >= 0 (> 0 when `strict`) under the hypotheses."""

    expression: sp.Expr
    strict: bool
    hypotheses: tuple[sp.Basic, ...]


def smooth_in(e: sp.Expr, x: sp.Symbol) -> bool:
    """Is the expression built from functions that are differentiable in x wherever they are defined (roots: off 0)?"""
    if not e.has(x):
        return True
    if e == x:
        return True
    if isinstance(e, sp.Pow) and e.base.has(x) and e.exp.has(x):
        return False  # continuity where base and exponent vanish together is not argued here
    return isinstance(e, _SMOOTH) and all(smooth_in(a, x) for a in e.args)


def bounds_of(x: sp.Symbol, hypotheses: Sequence[sp.Basic]) -> tuple[list[sp.Expr], list[sp.Expr]] | None:
    """(lower ends, upper ends) when every hypothesis that mentions x bounds it, in the closed domain; else None."""
    lower: list[sp.Expr] = []
    upper: list[sp.Expr] = []
    if x.is_positive or x.is_nonnegative:
        lower.append(sp.Integer(1) if x.is_integer and x.is_positive else sp.Integer(0))
    elif x.is_negative or x.is_nonpositive:
        upper.append(sp.Integer(0))
    for h in hypotheses:
        if not h.has(x):
            continue
        if not isinstance(h, Relational) or h.rel_op in ("==", "!="):
            return None
        parts = linear_bound(h.lhs - h.rhs, x)
        if parts is None:
            return None
        c, r = parts
        if not (c.is_Rational and c != 0):
            return None
        at_least = (h.rel_op in (">=", ">")) == bool(c > 0)
        end = sp.expand(-r / c)
        if x.is_integer and end.is_Integer and h.rel_op in (">", "<"):
            end = end + 1 if at_least else end - 1
        (lower if at_least else upper).append(end)
    return _extreme(lower, True), _extreme(upper, False)


def _extreme(ends: list[sp.Expr], largest: bool) -> list[sp.Expr]:
    """Of the numeric ends keep the sharpest."""
    numeric = [e for e in ends if e.is_Rational]
    others = list(dict.fromkeys(e for e in ends if not e.is_Rational))
    if numeric:
        others.append(max(numeric) if largest else min(numeric))
    return others


def relax(x: sp.Symbol) -> sp.Symbol:
    """A real symbol of the same name without sign or integrality: those come as bounds."""
    return sp.Dummy(x.name, real=True)


class Search:
    """Depth-limited proof search; every found proof records the rule applied."""

    def __init__(self, deadline: float, seconds: float) -> None:
        self.deadline = deadline
        self.seconds = seconds
        self.seen: set[tuple[sp.Expr, bool, tuple[sp.Basic, ...]]] = set()

    def prove(self, goal: Goal, depth: int) -> Proof | None:
        """Quick procedures, then derivative rules up to the given depth."""
        key = (goal.expression, goal.strict, goal.hypotheses)
        if key in self.seen or time.monotonic() > self.deadline:
            return None
        self.seen.add(key)
        try:
            problem = Problem.of(goal.hypotheses, [goal.expression], self.deadline)
            relation = (sp.StrictGreaterThan if goal.strict else sp.GreaterThan)(goal.expression, 0)
            if relation in (sp.true, sp.false):
                return Proof("sign", {"value": str(goal.expression)}) if relation == sp.true else None
            if problem.image(goal.expression) is None:
                return None
            found = problem.quick(relation, self.seconds)
        except ContradictionError:
            return Proof("sign", {"empty case": True})
        except (UnsupportedError, sp.PolynomialError):
            return None
        if found is not None or depth <= 0:
            return found
        return self._by_derivative(goal, depth) or self._by_simplification(goal, problem, depth)

    def _by_simplification(self, goal: Goal, problem: Problem, depth: int) -> Proof | None:
        """Drop positive factors: N/D has the sign of N when D > 0."""
        simpler = strip(goal.expression, problem)
        if simpler is None or simpler == goal.expression:
            return None
        found = self.prove(Goal(simpler, goal.strict, goal.hypotheses), depth)
        return found and Proof(found.method, {"after removing positive factors": str(simpler), **found.details})

    def _by_derivative(self, goal: Goal, depth: int) -> Proof | None:
        f = goal.expression
        candidates = sorted(f.free_symbols, key=lambda s: (sp.count_ops(sp.diff(f, s)), s.name))
        for x in candidates:
            if not smooth_in(f, x) or not x.is_extended_real or time.monotonic() > self.deadline:
                continue
            ends = bounds_of(x, goal.hypotheses)
            if ends is None:
                continue
            lower, upper = ends
            for starts, others, sign in ((lower, upper, 1), (upper, lower, -1)):
                if starts:
                    found = self._from_end(goal, x, starts, others, sign, depth)
                    if found is not None:
                        return found
        return None

    def _from_end(
        self, goal: Goal, x: sp.Symbol, starts: list[sp.Expr], others: list[sp.Expr], sign: int, depth: int
    ) -> Proof | None:
        at_least = sp.GreaterThan if sign > 0 else sp.LessThan
        y = relax(x)
        f = goal.expression.subs(x, y)
        rest = tuple(h for h in goal.hypotheses if not h.has(x))
        # The closed domain, with x replaced by a symbol that carries no assumption of its own.
        try:
            closed = tuple(relations([*rest, *(at_least(y, s) for s in starts), *(at_least(o, y) for o in others)]))
            corners = []
            for s in starts:
                extra = [*(at_least(s, t) for t in starts if t != s), *(at_least(o, s) for o in others)]
                corners.append((s, tuple(relations([*rest, *extra]))))
        except ContradictionError:
            return None
        try:
            if Problem.of(closed, [f], self.deadline).image(f) is None:
                return None
        except (UnsupportedError, ContradictionError, sp.PolynomialError):
            return None
        slope = sp.diff(f, y) * sign
        # The derivative is needed in the interior only.
        strictly = sp.StrictGreaterThan if sign > 0 else sp.StrictLessThan
        interior = tuple(relations([*rest, *(strictly(y, s) for s in starts), *(strictly(o, y) for o in others)]))
        try:
            simple = strip(slope, Problem.of(interior, [slope], self.deadline))
        except (UnsupportedError, ContradictionError, sp.PolynomialError):
            return None
        # f > 0 in the open domain follows from f >= 0 at the end only with a strict slope; the end must be excluded.
        strict_slope = goal.strict and _excluded(x, starts, goal.hypotheses, sign)
        ends = []
        for s, extra in corners:
            found = self.prove(Goal(f.subs(y, s), goal.strict and not strict_slope, extra), depth - 1)
            if found is None:
                return None
            ends.append(found.method)
        inner = None
        for candidate in dict.fromkeys([simple, slope]):
            if candidate is not None:
                inner = self.prove(Goal(candidate, strict_slope, interior), depth - 1)
                if inner is not None:
                    break
        if inner is None:
            return None
        details = {
            "variable": str(x),
            "from": tuple(str(s) for s in starts),
            "at the end": tuple(ends),
            "derivative": str(simple if simple is not None else slope),
            "sign of the derivative": "nonnegative" if sign > 0 else "nonpositive",
            "derivative settled by": inner.method,
            "derivative details": tuple(f"{k}: {v}" for k, v in inner.details.items()),
        }
        return Proof("derivative signs", details)


def _excluded(x: sp.Symbol, starts: Sequence[sp.Expr], hypotheses: Sequence[sp.Basic], sign: int) -> bool:
    """Is every starting end excluded from the domain (a strict bound)?"""
    for s in starts:
        wanted = sp.StrictGreaterThan(x, s) if sign > 0 else sp.StrictLessThan(x, s)
        if wanted == sp.true:
            continue
        if not any(isinstance(h, Relational) and _same_bound(h, wanted) for h in hypotheses):
            return False
    return True


def _same_bound(h: Relational, wanted: Relational) -> bool:
    if h.rel_op not in ("<", ">"):
        return False
    larger = h.gts - h.lts
    ratio = sp.cancel(larger / (wanted.gts - wanted.lts))
    return bool(ratio.is_Rational and ratio > 0)


def strip(e: sp.Expr, problem: Problem) -> sp.Expr | None:
    """Remove factors that are positive under the hypotheses; the rest has the same sign. None when undefined."""
    try:
        image = problem.image(e)
        if image is None:
            return None
        numerator, denominator = sp.fraction(sp.cancel(sp.together(image)))
        if numerator == 0:
            return sp.Integer(0)
        result = sp.Integer(1)
        for part in (numerator, denominator):
            constant, factors = sp.factor_list(part)
            if constant < 0:
                result = -result
            for factor, k in factors:
                known = problem.translation.range(factor)
                if known.positive or k == 0:
                    continue
                if known.negative:
                    result *= (-1) ** k
                elif part is denominator and k % 2 == 0:
                    continue  # an even power of something that is not 0
                else:
                    result *= factor ** (1 if k % 2 else 2)
    except (sp.PolynomialError, UnsupportedError):
        return None
    atoms = problem.translation.atoms
    for _ in range(4):
        result = result.xreplace({s: atoms[s].source for s in result.free_symbols if s in atoms})
    return result
