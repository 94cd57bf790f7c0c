"""Signs of derivatives, case splits and substitutions for inequalities with exp, log, powers.

Derivative rule: if every hypothesis on x is a lower or upper bound, a point (x, y) of the domain is joined to its
lower end (l(y), y) by a segment inside the closed domain; f >= 0 follows from f >= 0 at the end and ∂f/∂x >= 0 on the
closed domain, where f must be shown to be defined (all functions used here are differentiable where they are defined,
except roots at 0, where they are continuous). The same with the upper end and ∂f/∂x <= 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import sympy as sp
from sympy.core.relational import Relational

from theory.checking import counterexample
from theory.checking.budget import Budget
from theory.checking.interval import NotEvaluableError, enclose
from theory.checking.prover import ContradictionError, Problem, linear_bound, relations
from theory.checking.records import Proof
from theory.checking.translation import UnsupportedError

_SMOOTH = (sp.Add, sp.Mul, sp.Pow, sp.exp, sp.log, sp.sin, sp.cos, sp.tan, sp.tanh, sp.sinh, sp.cosh, sp.coth)


_NODE = 20  # units for the algebra at one node of the search; queries and points are counted where they are made


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


End = tuple[sp.Expr, bool]  # a bound, and whether it is strict


def bounds_of(x: sp.Symbol, hypotheses: Sequence[sp.Basic]) -> tuple[list[End], list[End]] | None:
    """(lower ends, upper ends) when every hypothesis that mentions x bounds it; else None."""
    lower: list[End] = []
    upper: list[End] = []
    if x.is_positive or x.is_nonnegative:
        whole = bool(x.is_integer and x.is_positive)
        lower.append((sp.Integer(1 if whole else 0), bool(x.is_positive) and not whole))
    elif x.is_negative or x.is_nonpositive:
        upper.append((sp.Integer(0), bool(x.is_negative)))
    for h in hypotheses:
        if not h.has(x):
            continue
        if not isinstance(h, Relational) or h.rel_op in ("==", "!="):
            return None
        parts = linear_bound(h.lhs - h.rhs, x)
        if parts is None or not (parts[0].is_Rational and parts[0] != 0):
            return None
        c, r = parts
        at_least = (h.rel_op in (">=", ">")) == bool(c > 0)
        end, strict = sp.expand(-r / c), h.rel_op in (">", "<")
        if x.is_integer and end.is_Integer and strict:
            end, strict = (end + 1 if at_least else end - 1), False
        (lower if at_least else upper).append((end, strict))
    return _sharpest(lower, True), _sharpest(upper, False)


def _sharpest(ends: list[End], largest: bool) -> list[End]:
    """Of the numeric ends keep the sharpest."""
    numeric = [e for e in ends if e[0].is_Rational]
    others = list(dict.fromkeys(e for e in ends if not e[0].is_Rational))
    if numeric:
        value = max(e[0] for e in numeric) if largest else min(e[0] for e in numeric)
        others.append((value, any(strict for end, strict in numeric if end == value)))
    return others


def relax(x: sp.Symbol) -> sp.Symbol:
    """A real symbol of the same name without sign or integrality: those come as bounds."""
    return sp.Dummy(x.name, real=True)


class Search:
    """Depth-limited proof search; every found proof records the rule applied."""

    def __init__(self, budget: Budget, units: float) -> None:
        self.budget = budget
        self.units = units
        self.found: dict[Goal, Proof] = {}
        self.failed: dict[Goal, int] = {}

    def prove(self, goal: Goal, depth: int) -> Proof | None:
        """Quick procedures, then derivative rules up to the given depth."""
        if goal in self.found:
            return self.found[goal]
        if self.failed.get(goal, -1) >= depth or self.budget.exhausted:
            return None
        self.budget.spend(_NODE)
        found = self._prove(goal, depth)
        if found is None:
            self.failed[goal] = depth
        else:
            self.found[goal] = found
        return found

    def _prove(self, goal: Goal, depth: int) -> Proof | None:
        try:
            problem = Problem.of(goal.hypotheses, [goal.expression], self.budget)
            relation = (sp.StrictGreaterThan if goal.strict else sp.GreaterThan)(goal.expression, 0, evaluate=False)
            if not goal.expression.free_symbols:
                return _number(goal, problem, relation)
            if problem.image(goal.expression) is None or self._fails_somewhere(goal, problem):
                return None
            found = problem.quick(relation, self.units)
        except ContradictionError:
            return Proof("sign", {"empty case": True})
        except (UnsupportedError, sp.PolynomialError):
            return None
        try:
            if found is None and depth > 0:
                found = self._by_exponentials(goal, problem)
        except (UnsupportedError, sp.PolynomialError):
            return None
        if found is not None or depth <= 0:
            return found
        return (
            self._by_concavity(goal, depth)
            or self._by_derivative(goal, depth)
            or self._by_simplification(goal, problem, depth)
            or self._by_scaling(goal, problem, depth)
            or (self._by_splitting(goal, depth) if depth >= 3 else None)
        )

    def _fails_somewhere(self, goal: Goal, problem: Problem) -> bool:
        """Spare the search a goal that is false at one of a few points."""
        relation = (sp.StrictGreaterThan if goal.strict else sp.GreaterThan)(goal.expression, 0, evaluate=False)
        sampled = counterexample.search(relation, goal.hypotheses, problem.translation.symbol_ranges, tries=25)
        return sampled.refutation is not None

    def _by_simplification(self, goal: Goal, problem: Problem, depth: int) -> Proof | None:
        """Drop positive factors: N/D has the sign of N when D > 0."""
        simpler = strip(goal.expression, problem)
        if simpler is None or simpler == goal.expression:
            return None
        found = self.prove(Goal(simpler, goal.strict, goal.hypotheses), depth)
        return found and Proof(found.method, {"after removing positive factors": str(simpler), **found.details})

    def _by_exponentials(self, goal: Goal, problem: Problem) -> Proof | None:
        """log a + log b + r >= 0 is a·b·exp(r) >= 1."""
        terms = sp.Add.make_args(sp.expand(goal.expression))
        if not any(isinstance(t.as_coeff_Mul()[1], sp.log) for t in terms):
            return None
        relation = sp.StrictGreaterThan if goal.strict else sp.GreaterThan
        exponential = sp.Mul(*[sp.exp(t) for t in terms])
        found = problem.quick(relation(exponential, 1, evaluate=False), self.units)
        return found and Proof(found.method, {"after exponentiating": str(exponential), **found.details})

    def _by_scaling(self, goal: Goal, problem: Problem, depth: int) -> Proof | None:
        """Divide by a positive term, so that the derivative loses a logarithm or an exponential."""
        if depth < 2:
            return None
        for scaled in scalings(goal.expression, problem):
            found = self._by_derivative(Goal(scaled, goal.strict, goal.hypotheses), depth)
            if found is not None:
                return Proof(found.method, {"after dividing by a positive term": str(scaled), **found.details})
        return None

    def _by_concavity(self, goal: Goal, depth: int) -> Proof | None:
        """A concave function on an interval is at least the smaller of its values at the two ends."""
        for x in sorted(goal.expression.free_symbols, key=str):
            ends = bounds_of(x, goal.hypotheses)
            if ends is None or not smooth_in(goal.expression, x) or [len(side) for side in ends] != [1, 1]:
                continue
            (low, _), (high, _) = ends[0][0], ends[1][0]
            y = relax(x)
            f = goal.expression.subs(x, y)
            if not smooth_in(f, y):
                continue  # sqrt(z**2) of a symbol without assumptions is |y| of a real one
            rest = [h for h in goal.hypotheses if not h.has(x)]
            try:
                closed = relations([*rest, sp.GreaterThan(y, low), sp.GreaterThan(high, y)])
                interior = relations([*rest, sp.StrictGreaterThan(y, low), sp.StrictGreaterThan(high, y)])
                order = relations([*rest, sp.GreaterThan(high, low)])
                if Problem.of(closed, [f], self.budget).image(f) is None:
                    continue
                bend = -sp.diff(f, y, 2)
                simple = strip(bend, Problem.of(interior, [bend], self.budget))
            except (UnsupportedError, ContradictionError, sp.PolynomialError):
                continue
            goals = [Goal(f.subs(y, end), goal.strict, tuple(order)) for end in (low, high)]
            goals.append(Goal(bend if simple is None else simple, False, tuple(interior)))
            if all(self.prove(g, 0) is not None for g in goals):
                details = {
                    "variable": str(x),
                    "concave on": (str(low), str(high)),
                    "minus second derivative": str(simple),
                }
                return Proof("derivative signs", details)
        return None

    def _by_derivative(self, goal: Goal, depth: int) -> Proof | None:
        f = goal.expression
        candidates = sorted(f.free_symbols, key=lambda s: (sp.count_ops(sp.diff(f, s)), s.name))
        for x in candidates:
            if not smooth_in(f, x) or not x.is_extended_real or self.budget.exhausted:
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
        self, goal: Goal, x: sp.Symbol, starts: list[End], others: list[End], sign: int, depth: int
    ) -> Proof | None:
        weak = sp.GreaterThan if sign > 0 else sp.LessThan
        strong = sp.StrictGreaterThan if sign > 0 else sp.StrictLessThan
        y = relax(x)
        f = goal.expression.subs(x, y)
        if not smooth_in(f, y):
            return None
        rest = [h for h in goal.hypotheses if not h.has(x)]
        try:
            # A point of the segment satisfies the far bounds as strictly as the point it leads to.
            far = [(strong if strict else weak)(o, y) for o, strict in others]
            closed = relations([*rest, *(weak(y, s) for s, _ in starts), *far])
            interior = relations([*rest, *(strong(y, s) for s, _ in starts), *(strong(o, y) for o, _ in others)])
            corners = []
            for s, _ in starts:
                extra = [weak(s, t) for t, _ in starts if t != s]
                extra += [(strong if strict else weak)(o, s) for o, strict in others]
                corners.append((s, relations([*rest, *extra])))
            if Problem.of(closed, [f], self.budget).image(f) is None:
                return None
            slope = sp.diff(f, y) * sign
            simple = strip(slope, Problem.of(interior, [slope], self.budget))
        except (UnsupportedError, ContradictionError, sp.PolynomialError):
            return None
        # With a positive slope, f > 0 needs only f >= 0 at an end that does not belong to the domain.
        strict_slope = goal.strict and all(strict for _, strict in starts)
        at_ends = []
        for s, extra in corners:
            found = self.prove(Goal(f.subs(y, s), goal.strict and not strict_slope, tuple(extra)), depth - 1)
            if found is None:
                return None
            at_ends.append(found.method)
        for candidate in (simple,) if simple is not None else (slope,):
            inner = self.prove(Goal(candidate, strict_slope, tuple(interior)), depth - 1)
            if inner is not None:
                details = {
                    "variable": str(x),
                    "from": tuple(str(s) for s, _ in starts),
                    "at the end": tuple(at_ends),
                    "derivative, up to positive factors": str(candidate * sign),
                    "its sign": "nonnegative" if sign > 0 else "nonpositive",
                    "settled by": inner.method,
                    "details": tuple(f"{k}: {v}" for k, v in inner.details.items()),
                }
                return Proof("derivative signs", details)
        return None

    def _by_splitting(self, goal: Goal, depth: int) -> Proof | None:
        """Cut a bounded interval of one symbol in two, at a point where the expression looks smallest."""
        for x in sorted(goal.expression.free_symbols, key=str):
            ends = bounds_of(x, goal.hypotheses)
            if ends is None or not smooth_in(goal.expression, x):
                continue
            for cut in _cuts(goal.expression, x, ends):
                halves = []
                for side in (sp.GreaterThan(x, cut), sp.LessThan(x, cut)):
                    try:
                        hypotheses = relations([*goal.hypotheses, side])
                    except ContradictionError:
                        break
                    part = self.prove(Goal(goal.expression, goal.strict, tuple(hypotheses)), depth - 1)
                    if part is None:
                        break
                    halves.append(part)
                if len(halves) == 2:
                    above, below = halves
                    details = {
                        "split": f"{x} at {cut}",
                        "above": (above.method, *(f"{k}: {v}" for k, v in above.details.items())),
                        "below": (below.method, *(f"{k}: {v}" for k, v in below.details.items())),
                    }
                    return Proof("derivative signs", details)
        return None


def _cuts(expression: sp.Expr, x: sp.Symbol, ends: tuple[list[End], list[End]]) -> list[sp.Rational]:
    """Simple rational points inside the numeric bounds; the one with the smallest value first (others fixed at 1/2)."""
    low = max((Fraction(int(e.p), int(e.q)) for e, _ in ends[0] if e.is_Rational), default=None)
    high = min((Fraction(int(e.p), int(e.q)) for e, _ in ends[1] if e.is_Rational), default=None)
    left = Fraction(-8) if low is None else low
    right = left + 16 if high is None else high
    candidates = {left + (right - left) * Fraction(k, 12) for k in range(1, 12)}
    candidates |= {Fraction(v) for v in (0, 1, 2) if left < v < right}
    others = {s: Fraction(1, 2) for s in expression.free_symbols if s != x}
    scored = []
    for c in candidates:
        try:
            scored.append((enclose(expression, {**others, x: c}, 64)[0], c))
        except (NotEvaluableError, OverflowError, ValueError):
            continue
    return [sp.Rational(c.numerator, c.denominator) for _, c in sorted(scored)[:1]]


def _number(goal: Goal, problem: Problem, relation: sp.Basic) -> Proof | None:
    """A goal without symbols: exact zero, or a ball that excludes zero."""
    if goal.expression.is_Rational:
        holds = goal.expression > 0 or (goal.expression == 0 and not goal.strict)
        return Proof("algebra", {"value": str(goal.expression)}) if holds else None
    if problem.image(goal.expression) is None:
        return None
    try:
        low, high = enclose(goal.expression, {}, 200)
    except (NotEvaluableError, OverflowError, ValueError):
        return problem.quick(relation)
    if low > 0:
        return Proof("interval", {"value": str(sp.N(sp.Rational(low.numerator, low.denominator), 15)), "bits": 200})
    return None if high < 0 else problem.quick(relation)


def scalings(e: sp.Expr, problem: Problem) -> list[sp.Expr]:
    """e divided by positive coefficients of its logarithms and by its exponentials."""
    image = problem.image(e)
    if image is None:
        return []
    try:
        numerator, denominator = sp.fraction(sp.cancel(sp.together(image)))
        if problem.translation.range(denominator).negative:
            numerator, denominator = -numerator, -denominator
        if not problem.translation.range(denominator).positive:
            return []
        divisors: list[sp.Expr] = []
        for s in sorted(numerator.free_symbols & set(problem.translation.atoms), key=str):
            head = problem.translation.atoms[s].head
            degree = sp.degree(numerator, s)
            if head == "log" and degree == 1:
                c = sp.factor(sp.Poly(numerator, s).coeff_monomial(s))
                known = problem.translation.range(c)
                divisors += [c] if known.positive else [-c] if known.negative else []
            elif head in ("exp", "power") and problem.translation.range(s).positive:
                divisors += [s**k for k in range(1, min(int(degree), 2) + 1)]
    except sp.PolynomialError:
        return []
    whole = sp.expand(sp.Add(*[t / denominator for t in sp.Add.make_args(sp.expand(numerator))]))
    results = [sp.Add(*[sp.cancel(t / d) for t in sp.Add.make_args(whole)]) for d in divisors if d != 1]
    return [to_source(r, problem) for r in results]


def to_source(image: sp.Expr, problem: Problem) -> sp.Expr:
    """Put the original subterms back in place of the atoms."""
    atoms = problem.translation.atoms
    for _ in range(4):
        image = image.xreplace({s: atoms[s].source for s in image.free_symbols if s in atoms})
    return image


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
    return to_source(result, problem)
