"""Search for a counterexample; what is returned is certified by exact rational or ball arithmetic."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import prod

import flint
import sympy as sp
from sympy.core.function import AppliedUndef
from sympy.core.relational import Relational

from theory.checking.interval import NotEvaluableError, enclose, evaluate, from_fraction
from theory.checking.prover import linear_bound
from theory.checking.ranges import Range, integer_root
from theory.checking.records import Refutation
from theory.checking.translation import MOST_TERMS, assumption_range

_TEXT = (
    "0",
    "1",
    "2",
    "1/2",
    "3",
    "1/4",
    "3/4",
    "5",
    "1/10",
    "9/10",
    "10",
    "1/100",
    "99/100",
    "1/1000",
    "100",
    "3/2",
    "1000",
)
_LARGEST_POWER = 1000  # exponents beyond it make numbers of thousands of digits
_POOL = [Fraction(t) for t in _TEXT]


@dataclass(frozen=True)
class Sampled:
    """What sampled points show.

    Attributes
        refutation   a point of the domain at which the statement fails
        consistent   whether some point satisfied every hypothesis
    """

    refutation: Refutation | None = None
    consistent: bool = False


def truth(relation: sp.Basic, values: Mapping[sp.Expr, Fraction], bits: int = 128) -> bool | None:
    """True or False when certain at an exact point; None when it cannot be told (or a term is undefined)."""
    if relation in (sp.true, True):
        return True
    if relation in (sp.false, False):
        return False
    if isinstance(relation, (sp.And, sp.Or)):
        parts = [truth(a, values, bits) for a in relation.args]
        decisive = isinstance(relation, sp.Or)
        if decisive in parts:
            return decisive
        return None if None in parts else not decisive
    if isinstance(relation, sp.Not):
        inner = truth(relation.args[0], values, bits)
        return None if inner is None else not inner
    if isinstance(relation, sp.Implies):
        return truth(sp.Or(sp.Not(relation.args[0]), relation.args[1]), values, bits)
    if not isinstance(relation, Relational):
        return None
    operator = relation.rel_op
    with flint.ctx.workprec(bits):
        balls = {k: from_fraction(v) for k, v in values.items()}
        try:
            left, right = evaluate(relation.lhs, balls), evaluate(relation.rhs, balls)
        except (NotEvaluableError, OverflowError, ValueError):
            return None
        if not (left.is_finite() and right.is_finite()):
            return None
        if left < right:
            return operator in ("<", "<=", "!=")
        if left > right:
            return operator in (">", ">=", "!=")
    exact = _exact(relation, values)
    return (
        None
        if exact is None
        else {"<": False, "<=": exact, ">": False, ">=": exact, "==": exact, "!=": not exact}[operator]
    )


def _exact(relation: Relational, values: Mapping[sp.Expr, Fraction]) -> bool | None:
    """Are both sides the same rational number? None when one is not plainly rational.

    Both sides are finite here: ball arithmetic evaluated them.
    """
    left = exact_value(relation.lhs, values)
    return True if left is not None and left == exact_value(relation.rhs, values) else None


def exact_value(e: sp.Expr, values: Mapping[sp.Expr, Fraction]) -> Fraction | None:
    """The value of an expression at a rational point where it is plainly a rational number, else None."""
    if e in values:
        return values[e]
    if e.is_Rational:
        return Fraction(int(e.p), int(e.q))
    parts = [exact_value(a, values) for a in e.args]
    if not parts or None in parts:
        return None
    known = [p for p in parts if p is not None]
    first = known[0]
    if e.is_Add:
        return sum(known, Fraction(0))
    if e.is_Mul:
        return prod(known, start=Fraction(1))
    if isinstance(e, sp.Pow):
        return _exact_power(first, known[1])
    if isinstance(e, (sp.Min, sp.Max)):
        return min(known) if isinstance(e, sp.Min) else max(known)
    if isinstance(e, (sp.floor, sp.ceiling)):
        return Fraction(first.__floor__() if isinstance(e, sp.floor) else first.__ceil__())
    if isinstance(e, sp.Abs):
        return abs(first)
    if isinstance(e, sp.log) and len(known) == 1 and first == 1:
        return Fraction(0)
    if isinstance(e, (sp.exp, sp.cos, sp.cosh)) and first == 0:
        return Fraction(1)
    return Fraction(0) if isinstance(e, (sp.sin, sp.tan, sp.sinh, sp.tanh, sp.atan)) and first == 0 else None


def _exact_power(base: Fraction, exponent: Fraction) -> Fraction | None:
    if abs(exponent) > _LARGEST_POWER or (base == 0 and exponent < 0):
        return None
    q = exponent.denominator
    if q == 1:
        return base ** int(exponent)
    if base < 0:
        return None
    low = Fraction(integer_root(base.numerator, q), integer_root(base.denominator, q))
    return low**exponent.numerator if low**q == base and (low or exponent > 0) else None


def unknowns(expressions: Sequence[sp.Basic]) -> list[sp.Expr] | None:
    """Symbols and undefined-function applications to assign; None if there is something that cannot be assigned."""
    found: list[sp.Expr] = []
    for e in expressions:
        if e.atoms(sp.Sum, sp.Product, sp.Integral):
            return None
        for a in [*e.atoms(AppliedUndef), *e.free_symbols]:
            if a not in found:
                found.append(a)
    return sorted(found, key=lambda a: (bool(a.args), str(a), sorted(a.assumptions0.items())))


def search(
    statement: Relational,
    hypotheses: Sequence[sp.Basic],
    domain: Mapping[sp.Symbol, Range],
    *,
    tries: int,
    seed: int = 20240,
    hints: Sequence[Mapping[sp.Symbol, Fraction]] = (),
) -> Sampled:
    """Random, corner and hinted rational points of the hypotheses' domain at which the statement certainly fails."""
    names = unknowns([statement, *hypotheses])
    if names is None:
        return Sampled()
    generator = random.Random(seed)
    applications = [n for n in names if n.args]
    consistent = False
    for values in _points(names, hypotheses, domain, generator, tries, hints):
        fails = truth(statement, values) is False
        if (consistent and not fails) or not _typed(values):
            continue  # nothing new to be learned, or no point at all
        # last, because comparing the arguments of undefined functions is slow
        if all(truth(h, values) is True for h in hypotheses) and _consistent(applications, values):
            consistent = True
            if fails:
                point = {k: sp.Rational(v.numerator, v.denominator) for k, v in values.items()}
                found = Refutation(point, _number(statement.lhs, values), _number(statement.rhs, values))
                return Sampled(found, consistent)
    return Sampled(None, consistent)


def witness(
    hypotheses: Sequence[sp.Basic], domain: Mapping[sp.Symbol, Range], *, tries: int
) -> dict[sp.Expr, sp.Rational] | None:
    """A point at which every hypothesis certainly holds; short sums and products are written out."""
    written = [_written_out(h) for h in hypotheses]
    names = unknowns(written)
    if names is None:
        return None
    applications = [n for n in names if n.args]
    for values in _points(names, written, domain, random.Random(5), tries, ()):
        if _typed(values) and all(truth(h, values) is True for h in written) and _consistent(applications, values):
            return {k: sp.Rational(v.numerator, v.denominator) for k, v in values.items()}
    return None


def _written_out(hypothesis: sp.Basic) -> sp.Basic:
    """The hypothesis with its sums and products over at most a few given integers as plain terms."""
    if isinstance(hypothesis, (sp.And, sp.Or, sp.Not, sp.Implies)):
        return hypothesis.func(*map(_written_out, hypothesis.args))
    if not isinstance(hypothesis, Relational):
        return hypothesis
    return hypothesis.func(_spelled(hypothesis.lhs), _spelled(hypothesis.rhs), evaluate=False)


def _spelled(e: sp.Expr) -> sp.Expr:
    if isinstance(e, (sp.Sum, sp.Product)) and len(e.limits) == 1 and len(e.limits[0]) == 3:
        index, low, high = e.limits[0]
        if low.is_Integer and high.is_Integer and 0 <= high - low + 1 <= MOST_TERMS:
            terms = [_spelled(e.function.subs(index, k)) for k in range(int(low), int(high) + 1)]
            return (sp.Add if isinstance(e, sp.Sum) else sp.Mul)(*terms)
    if not e.args or isinstance(e, (sp.Sum, sp.Product, sp.Integral)):
        return e
    return e.func(*map(_spelled, e.args))


def _number(e: sp.Expr, values: Mapping[sp.Expr, Fraction]) -> sp.Expr:
    low, high = enclose(e, values, 128)
    middle = sp.Rational((low + high).numerator, 2 * (low + high).denominator)
    return middle if low == high else sp.N(middle, 25)


def _typed(values: Mapping[sp.Expr, Fraction]) -> bool:
    """Do the values respect the symbols' own assumptions?"""
    for s, v in values.items():
        number = sp.Rational(v.numerator, v.denominator)
        for fact, wanted in s.assumptions0.items() if s.is_Symbol else _function_facts(s).items():
            if wanted is not None and getattr(number, f"is_{fact}", None) not in (wanted, None):
                return False
    return True


def _function_facts(s: sp.Expr) -> dict[str, bool]:
    facts = ("integer", "positive", "negative", "nonnegative", "nonpositive", "nonzero", "zero")
    return {f: getattr(s, f"is_{f}") for f in facts if getattr(s, f"is_{f}") is not None}


def _consistent(applications: Sequence[sp.Expr], values: Mapping[sp.Expr, Fraction]) -> bool:
    """Two applications of one undefined function must have provably different arguments at the point."""
    at = {k: sp.Rational(v.numerator, v.denominator) for k, v in values.items() if k.is_Symbol}
    seen: list[tuple[object, tuple[sp.Expr, ...]]] = []
    for a in applications:
        arguments = tuple(x.subs(at) for x in a.args)
        for head, other in seen:
            if head == a.func and not any((x - y).is_nonzero for x, y in zip(arguments, other, strict=False)):
                return False
        seen.append((a.func, arguments))
    return True


def _points(
    names: Sequence[sp.Expr],
    hypotheses: Sequence[sp.Basic],
    domain: Mapping[sp.Symbol, Range],
    generator: random.Random,
    tries: int,
    hints: Sequence[Mapping[sp.Symbol, Fraction]],
) -> Iterator[dict[sp.Expr, Fraction]]:
    for hint in hints:
        if all(n in hint for n in names):
            yield {n: hint[n] for n in names}
    bounds = {n: _symbolic_bounds(n, hypotheses) for n in names}
    for k in range(tries):
        order = list(names)
        generator.shuffle(order)
        values: dict[sp.Expr, Fraction] = {}
        for n in order:
            lo, hi = _numeric_bounds(n, bounds[n], domain.get(n, assumption_range(n)), values)
            if n in values:
                continue
            values[n] = _draw(n, lo, hi, generator, k)
        yield values


def _symbolic_bounds(s: sp.Expr, hypotheses: Sequence[sp.Basic]) -> list[tuple[str, sp.Expr]]:
    result: list[tuple[str, sp.Expr]] = []
    for h in hypotheses:
        if not isinstance(h, Relational) or h.rel_op == "!=" or not h.has(s):
            continue
        stand_in = sp.Dummy("stand_in")
        parts = linear_bound((h.lhs - h.rhs).xreplace({s: stand_in}), stand_in)
        if parts is None:
            continue
        c, r = parts
        if c.is_positive or c.is_negative:
            at_least = (h.rel_op in (">=", ">")) == bool(c.is_positive)
            result.append(("==" if h.rel_op == "==" else ">=" if at_least else "<=", -r / c))
    return result


def _numeric_bounds(
    s: sp.Expr, bounds: Sequence[tuple[str, sp.Expr]], known: Range, values: dict[sp.Expr, Fraction]
) -> tuple[Fraction | None, Fraction | None]:
    lo, hi = known.lo, known.hi
    for kind, bound in bounds:
        needed = bound.free_symbols | bound.atoms(AppliedUndef)
        if not needed <= set(values):
            continue
        try:
            low, high = enclose(bound, values, 200)
        except (NotEvaluableError, OverflowError, ValueError):
            continue
        if kind == "==":
            values[s] = low
            return low, high
        if kind == ">=" and (lo is None or high > lo):
            lo = high
        if kind == "<=" and (hi is None or low < hi):
            hi = low
    return lo, hi


def _draw(s: sp.Expr, lo: Fraction | None, hi: Fraction | None, generator: random.Random, k: int) -> Fraction:
    style = generator.random()
    if lo is not None and hi is not None and hi >= lo:
        if style < 0.2:
            value = generator.choice((lo, hi))
        elif style < 0.4:
            value = lo + (hi - lo) * generator.choice((Fraction(1, 1000), Fraction(999, 1000), Fraction(1, 2)))
        else:
            value = lo + (hi - lo) * Fraction(generator.randrange(0, 1001), 1000)
    else:
        step = (
            generator.choice(_POOL)
            if style < 0.7
            else Fraction(generator.randrange(0, 4000), generator.choice((100, 1000, 40)))
        )
        if lo is not None:
            value = lo + step
        elif hi is not None:
            value = hi - step
        else:
            value = step if generator.random() < 0.5 else -step
    return Fraction(round(value)) if s.is_integer else value
