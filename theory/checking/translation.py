"""From an expression to a rational function over symbols and *atoms*.

An atom is a fresh symbol that stands for a transcendental or symbolic-power subterm: exp(u), log(u), b**e, a root,
sin(u), floor(u), Min, an undefined function. The laws used on the way (exp(a+b) = exp(a)exp(b), T**(K+1) = T·T**K,
log(ab) = log a + log b, (ab)**e = a**e b**e) are applied only where the signs they need are established, so that two
expressions with the same image are equal wherever both are defined. What "defined" requires is collected in
`Translation.obligations`, innermost first.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache
from math import lcm

import sympy as sp
from sympy.core.function import AppliedUndef
from sympy.core.relational import Relational

from theory.checking import ranges
from theory.checking.derivatives import Limits, carried_out, needed
from theory.checking.ranges import Range
from theory.proposition import substitute

# Undefined functions may be applied to anything; their values are taken to be real.
_OPAQUE = (AppliedUndef, sp.Sum, sp.Product, sp.Integral, sp.Indexed)
_REAL_VALUED = (sp.sign, sp.erf, sp.atan, sp.asinh, sp.factorial, sp.binomial, sp.Mod)


@dataclass(frozen=True)
class Atom:
    """`symbol` stands for head(*arguments); `arguments` are already translated, `source` is the original subterm."""

    symbol: sp.Symbol
    head: str  # exp log power root sin cos atan floor min max abs piecewise constant opaque
    arguments: tuple[object, ...]
    source: sp.Expr


class UnsupportedError(Exception):
    """The expression contains something that no procedure here understands (complex infinity, nan, matrices)."""


MOST_TERMS = 16  # of a sum over a fixed range that is written out


@lru_cache(maxsize=4096)
def _by_linearity(e: sp.Sum) -> sp.Expr | None:
    """A sum of undefined functions of its index in a normal form: a short fixed range is written out, else terms are
    summed apart and factors free of the index taken out. None where nothing changes."""
    if len(e.limits) != 1 or len(e.limits[0]) != 3:
        return None
    index, low, high = e.limits[0]
    if not any(index in a.free_symbols for a in e.function.atoms(AppliedUndef)):
        return None
    count = sp.expand(high - low)
    if low.is_Integer and count.is_Integer and 0 <= count < MOST_TERMS:
        return sp.Add(*(e.function.subs(index, low + i) for i in range(int(count) + 1)))
    pieces = [term.as_independent(index, as_Add=False) for term in sp.Add.make_args(sp.expand(e.function))]
    if len(pieces) == 1 and pieces[0][0] == 1 and pieces[0][1] == e.function:
        return None
    return sp.Add(*(factor * sp.Sum(rest, (index, low, high)) for factor, rest in pieces))


@dataclass
class Translation:
    """Translates expressions over one set of hypotheses; remembers atoms, ranges and obligations."""

    symbol_ranges: dict[sp.Symbol, Range] = field(default_factory=dict)
    atoms: dict[sp.Symbol, Atom] = field(default_factory=dict)
    obligations: list[sp.Basic] = field(default_factory=list)
    units: dict[sp.Expr, int] = field(default_factory=dict)
    integral: dict[sp.Symbol, bool] = field(default_factory=dict)  # whether an opaque atom takes integer values only
    _by_key: dict[tuple[object, ...], sp.Symbol] = field(default_factory=dict)
    _memo: dict[sp.Expr, sp.Expr] = field(default_factory=dict)
    _range_memo: dict[sp.Expr, Range] = field(default_factory=dict)

    # ---- the entry ---------------------------------------------------------------------------------------------

    def translate(self, expression: sp.Expr) -> sp.Expr:
        """The rational function over symbols and atoms that equals `expression` where it is defined."""
        if expression in self._memo:
            return self._memo[expression]
        result = self._translate(expression)
        self._memo[expression] = result
        return result

    def scan(self, expressions: Iterable[sp.Basic]) -> None:
        """Note the denominators of the exponents that occur, so that exp(x/2) and exp(x) share one atom."""
        for expression in expressions:
            for node in sp.preorder_traversal(expression):
                if isinstance(node, (sp.exp, sp.tanh, sp.sinh, sp.cosh, sp.coth)):
                    exponent = node.args[0]
                elif isinstance(node, sp.Pow) and not node.exp.is_Rational:
                    exponent = node.exp
                else:
                    continue
                for term in sp.Add.make_args(sp.expand(exponent)):
                    coefficient, monomial = term.as_coeff_Mul()
                    if coefficient.is_Rational:
                        self.units[monomial] = lcm(self.units.get(monomial, 1), int(coefficient.q))

    # ---- structure ---------------------------------------------------------------------------------------------

    def _translate(self, e: sp.Expr) -> sp.Expr:
        if e.is_Rational:
            return e
        if e.is_Symbol:
            if e.is_extended_real is False:
                raise UnsupportedError(f"{e} is not real")
            return e  # a symbol without assumptions is taken to be real
        if e.is_Float:
            return sp.Rational(str(e))  # a decimal literal means the decimal, not its binary neighbour
        if e in (sp.nan, sp.zoo, sp.oo, -sp.oo, sp.I):
            raise UnsupportedError(f"{e} occurs in the statement")
        if isinstance(e, (sp.Add, sp.Mul)):
            return e.func(*[self.translate(a) for a in e.args])
        if isinstance(e, sp.exp):
            return self._exponential(e.args[0])
        if e is sp.E:
            return self._exponential(sp.Integer(1))
        if isinstance(e, sp.NumberSymbol):
            return self._atom("constant", (e,), e)
        if isinstance(e, sp.Pow):
            return self._power(e.base, e.exp)
        if isinstance(e, sp.log):
            if len(e.args) == 2:
                return self.translate(sp.log(e.args[0])) / self.translate(sp.log(e.args[1]))
            self.obligations.append(sp.StrictGreaterThan(e.args[0], 0, evaluate=False))
            return self._logarithm(e.args[0])
        if isinstance(e, sp.floor):
            return self._floor(e.args[0])
        if isinstance(e, sp.ceiling):
            return -self._floor(-e.args[0])
        if isinstance(e, (sp.Min, sp.Max)):
            arguments = tuple(sorted((self.translate(a) for a in e.args), key=sp.default_sort_key))
            return self._atom("min" if isinstance(e, sp.Min) else "max", arguments, e)
        if isinstance(e, sp.Abs):
            inner = self.translate(e.args[0])
            known = self.range(inner)
            if known.nonnegative:
                return inner
            return -inner if known.nonpositive else self._atom("abs", (inner,), e)
        if isinstance(e, (sp.tanh, sp.sinh, sp.cosh, sp.coth)):
            return self.translate(e.rewrite(sp.exp))
        if isinstance(e, sp.tan):
            return self.translate(sp.sin(e.args[0]) / sp.cos(e.args[0]))
        if isinstance(e, (sp.sin, sp.cos)):
            return self._atom("sin" if isinstance(e, sp.sin) else "cos", (self.translate(e.args[0]),), e)
        if isinstance(e, sp.Sum):
            spread = _by_linearity(e)
            if spread is not None:
                return self.translate(spread)
            closed = self._closed_sum(e)
            if closed is not None:
                return self.translate(closed)
        if isinstance(e, sp.Derivative):
            carried = carried_out(e, self._shown_over)
            if carried is not None:
                self.translate(e.expr)  # for what it needs to be defined
                self.obligations.extend(needed(e))
                return self.translate(carried)
        if isinstance(e, _OPAQUE) and e.is_extended_real is not False:
            return self._atom("opaque", (e,), e)
        if isinstance(e, _REAL_VALUED) and e.is_real:
            for a in e.args:
                self.translate(a)  # for what the arguments need to be defined
            return self._atom("opaque", (e,), e)
        raise UnsupportedError(f"{e} is not understood")

    def _atom(self, head: str, arguments: tuple[object, ...], source: sp.Expr) -> sp.Symbol:
        key = (head, *(sp.cancel(a) if isinstance(a, sp.Expr) and head != "opaque" else a for a in arguments))
        if key not in self._by_key:
            symbol = sp.Dummy(f"{head}{len(self.atoms)}", real=True)
            self._by_key[key] = symbol
            self.atoms[symbol] = Atom(symbol, head, arguments, source)
        return self._by_key[key]

    def _closed_sum(self, e: sp.Sum) -> sp.Expr | None:
        """A closed form found by SymPy and checked here by induction on the upper limit, or None."""
        if len(e.limits) != 1 or len(e.limits[0]) != 3:
            return None
        index, low, high = e.limits[0]
        if not (low.is_integer and high.is_integer and low.is_number):
            return None
        if any(index in a.free_symbols for a in e.function.atoms(AppliedUndef)):
            return None  # no closed form is to be expected, and SymPy searches long for one
        if not self.range(self.translate(high - low)).nonnegative:
            return None
        top = sp.Dummy(f"top{len(self.symbol_ranges)}", integer=True)
        closed = sp.Sum(e.function, (index, low, top)).doit()
        closed = closed.replace(sp.Piecewise, lambda *branches: branches[-1][0])
        if closed.has(sp.Sum) or closed.has(sp.Piecewise):
            return None
        self.symbol_ranges[top] = Range(Fraction(int(low)))
        first = self.translate(closed.subs(top, low) - e.function.subs(index, low))
        step = self.translate(closed.subs(top, top + 1) - closed - e.function.subs(index, top + 1))
        # What `first` and `step` need to be defined is among the obligations.
        if not (vanishes(first) and vanishes(step)):
            return None
        return closed.subs(top, high)

    def _shown_over(self, relation: sp.Basic, limits: Limits) -> bool:
        """Whether ranges alone show a relation, and that its parts are defined, at all indices of sums around it."""
        inner = Translation(dict(self.symbol_ranges))
        table: dict[sp.Symbol, sp.Symbol] = {}
        for index, low, high in limits:
            low, high = substitute(low, table), substitute(high, table)
            first, last = inner.range(inner.translate(low)), inner.range(inner.translate(high))
            upwards = inner.range(inner.translate(sp.expand(high - low + 1))).nonnegative
            if not (low.is_integer and high.is_integer and upwards):
                return False  # SymPy reads a sum with its ends exchanged as minus the sum between
            # the symbol's own assumptions may promise more than the range keeps
            table[index] = sp.Dummy(index.name, integer=True)
            inner.symbol_ranges[table[index]] = Range(first.lo, last.hi, first.lo_open, last.hi_open)
        goals = [substitute(relation, table)]
        while goals:
            goal = goals.pop()
            if not isinstance(goal, Relational):
                return False
            inner.obligations.clear()
            inner._memo.clear()
            known = inner.range(inner.translate(sp.expand(goal.lhs - goal.rhs)))
            settled = {">": known.positive, ">=": known.nonnegative, "!=": known.nonzero}
            if not settled.get(goal.rel_op, False):
                return False
            goals.extend(inner.obligations)
        return True

    # ---- exponentials and powers -------------------------------------------------------------------------------

    def _exponential(self, exponent: sp.Expr) -> sp.Expr:
        result = sp.Integer(1)
        for term in sp.Add.make_args(sp.expand(exponent)):
            coefficient, monomial = term.as_coeff_Mul()
            if not coefficient.is_Rational:
                coefficient, monomial = sp.Integer(1), term
            if isinstance(monomial, (sp.Max, sp.Min)):
                # exp(c·Max(a, b)) = Max(exp(ca), exp(cb)) for c > 0, and Min for c < 0.
                largest = isinstance(monomial, sp.Max) == bool(coefficient > 0)
                parts = [self._exponential(sp.expand(coefficient * a)) for a in monomial.args]
                parts.sort(key=sp.default_sort_key)
                extreme = sp.Max if largest else sp.Min
                source = extreme(*[sp.exp(coefficient * a) for a in monomial.args], evaluate=False)
                result *= self._atom("max" if largest else "min", tuple(parts), source)
                continue
            logs = [f for f in sp.Mul.make_args(monomial) if isinstance(f, sp.log) and len(f.args) == 1]
            if logs:
                self.obligations.append(sp.StrictGreaterThan(logs[0].args[0], 0, evaluate=False))
                exponent_of = coefficient * monomial / logs[0]
                result *= self._positive_power(logs[0].args[0], exponent_of)
                continue
            unit = self.units[monomial] = lcm(self.units.get(monomial, 1), int(coefficient.q))
            atom = self._atom("exp", (self.translate(monomial) / unit,), sp.exp(monomial / unit))
            result *= atom ** int(coefficient * unit)
        return result

    def _power(self, base: sp.Expr, exponent: sp.Expr) -> sp.Expr:
        if exponent.is_Integer:
            if exponent < 0:
                self.obligations.append(sp.Ne(base, 0, evaluate=False))
            return self.translate(base) ** exponent
        if base is sp.E:
            return self._exponential(exponent)
        image = self.translate(base)
        known = self.range(image)
        if exponent.is_Rational:
            relation = sp.StrictGreaterThan if exponent < 0 else sp.GreaterThan
            self.obligations.append(relation(base, 0, evaluate=False))
            return self._root(base, int(exponent.p), int(exponent.q))
        if known.positive:
            return self._positive_power(base, exponent)
        image_exponent = self.translate(exponent)
        integer = bool(exponent.is_integer)
        # base may be 0 or negative: only non-negative integer exponents, or non-negative base with exponent >= 0
        # (0**0 = 1), are split; everything else is one atom.
        if integer and self.range(image_exponent).nonnegative:
            pass
        elif integer:
            self.obligations.append(sp.Ne(base, 0, evaluate=False))
        else:
            self.obligations.append(sp.GreaterThan(base, 0, evaluate=False))
            self.obligations.append(sp.Or(sp.StrictGreaterThan(base, 0), sp.GreaterThan(exponent, 0)))
        constant, rest = sp.expand(exponent).as_coeff_Add()
        if constant.is_Integer and constant > 0 and self.range(self.translate(rest)).nonnegative:
            return image**constant * self._power_atom(base, image, rest, bool(rest.is_integer))
        return self._power_atom(base, image, exponent, integer)

    def _power_atom(self, base: sp.Expr, image: sp.Expr, exponent: sp.Expr, integer: bool) -> sp.Expr:
        coefficient, monomial = exponent.as_coeff_Mul()
        repeated = coefficient.is_Integer and coefficient > 1 and self.range(self.translate(monomial)).nonnegative
        if repeated and (monomial.is_integer or self.range(image).nonnegative):
            atom = self._atom("power", (image, self.translate(monomial), bool(monomial.is_integer)), base**monomial)
            return atom ** int(coefficient)
        return self._atom("power", (image, self.translate(exponent), integer), base**exponent)

    def _positive_power(self, base: sp.Expr, exponent: sp.Expr) -> sp.Expr:
        """base**exponent for a base that is positive (known, or an obligation)."""
        if base.is_Mul:
            factors = sp.Mul.make_args(base)
            if all(self.range(self.translate(f)).positive for f in factors):
                return sp.Mul(*[self._positive_power(f, exponent) for f in factors])
        if isinstance(base, sp.exp):
            return self._exponential(base.args[0] * exponent)
        if isinstance(base, sp.Pow) and self.range(self.translate(base.base)).positive:
            return self._positive_power(base.base, base.exp * exponent)
        if base.is_Rational and base > 0 and base not in (0, 1):
            primes = sp.factorrat(base)
            if len(primes) > 1 or next(iter(primes.values())) != 1:
                return sp.Mul(*[self._positive_power(sp.Integer(p), k * exponent) for p, k in primes.items()])
        image = self.translate(base)
        if image == 1:
            return sp.Integer(1)
        result = sp.Integer(1)
        for term in sp.Add.make_args(sp.expand(exponent)):
            coefficient, monomial = term.as_coeff_Mul()
            if not coefficient.is_Rational:
                coefficient, monomial = sp.Integer(1), term
            if monomial == 1:
                result *= (
                    image ** int(coefficient.p)
                    if coefficient.q == 1
                    else self._root(base, coefficient.p, coefficient.q)
                )
                continue
            unit = self.units[monomial] = lcm(self.units.get(monomial, 1), int(coefficient.q))
            integer = bool(monomial.is_integer) and unit == 1
            arguments = (image, self.translate(monomial) / unit, integer)
            result *= self._atom("power", arguments, base ** (monomial / unit)) ** int(coefficient * unit)
        return result

    def _root(self, base: sp.Expr, p: int, q: int) -> sp.Expr:
        p, q = int(p), int(q)
        if base.is_Rational and base > 0:
            result = sp.Integer(1)
            for prime, k in sp.factorrat(base).items():
                whole, rest = divmod(k * p, q)
                result *= sp.Integer(prime) ** whole
                if rest:
                    shrunk = sp.Rational(rest, q)
                    root = self._atom(
                        "root", (sp.Integer(prime), int(shrunk.q)), sp.Integer(prime) ** sp.Rational(1, shrunk.q)
                    )
                    result *= root ** int(shrunk.p)
            return result
        numerator, denominator = sp.fraction(sp.together(base))
        factors = [*sp.Mul.make_args(sp.factor_terms(numerator)), *(1 / f for f in sp.Mul.make_args(denominator))]
        split, rest_factor = [], sp.Integer(1)
        factors = [f for f in factors if f != 1]
        if len(factors) > 1:
            for f in factors:
                if self.range(self.translate(f)).positive:
                    split.append(f)
                else:
                    rest_factor *= f
        if len(split) > 1 or (split and rest_factor != 1):
            result = sp.Integer(1)
            for f in split:
                inverse = f.is_Pow and f.exp.is_Integer and f.exp < 0
                result *= 1 / self._root(1 / f, p, q) if inverse else self._root(f, p, q)
            return result if rest_factor == 1 else result * self._root(rest_factor, p, q)
        if isinstance(base, sp.exp):
            return self._exponential(base.args[0] * sp.Rational(p, q))
        if isinstance(base, sp.Pow) and self.range(self.translate(base.base)).positive:
            return self._positive_power(base.base, base.exp * sp.Rational(p, q))
        whole, rest = divmod(p, q)
        image = self.translate(base)
        if p > 0 and whole and rest:
            return image**whole * self._atom("root", (image, q), base ** sp.Rational(1, q)) ** rest
        return self._atom("root", (image, q), base ** sp.Rational(1, q)) ** p

    # ---- logarithms and floors ---------------------------------------------------------------------------------

    def _logarithm(self, argument: sp.Expr) -> sp.Expr:
        """log of something that is positive (an obligation)."""
        if argument.is_Rational:
            if argument <= 0:
                raise UnsupportedError(f"log({argument}) is not real")
            if argument == 1:
                return sp.Integer(0)
            primes = sp.factorrat(argument)
            return sp.Add(*[k * self._atom("log", (sp.Integer(p),), sp.log(p)) for p, k in primes.items()])
        if isinstance(argument, sp.exp):
            return self.translate(argument.args[0])
        if argument is sp.E:
            return sp.Integer(1)
        if isinstance(argument, sp.Pow) and self.range(self.translate(argument.base)).positive:
            return self.translate(argument.exp) * self._logarithm(argument.base)
        numerator, denominator = sp.fraction(sp.together(argument))
        # together never divides by anything new, so both parts are defined; one positive part makes both positive.
        if denominator != 1 and any(self.range(self.translate(part)).positive for part in (numerator, denominator)):
            return self._logarithm(numerator) - self._logarithm(denominator)
        factors = sp.Mul.make_args(sp.factor_terms(numerator) if denominator == 1 else argument)
        if len(factors) > 1:
            positive = [f for f in factors if self.range(self.translate(f)).positive]
            others = [f for f in factors if f not in positive]
            if positive:
                parts = [self._logarithm(f) for f in positive]
                if others:
                    parts.append(self._logarithm(sp.Mul(*others)))
                return sp.Add(*parts)
        return self._atom("log", (self.translate(argument),), sp.log(argument))

    def _floor(self, argument: sp.Expr) -> sp.Expr:
        whole = [t for t in sp.Add.make_args(sp.expand(argument)) if t.is_integer]
        rest = sp.expand(argument) - sp.Add(*whole)
        pulled = self.translate(sp.Add(*whole))
        return pulled if rest == 0 else pulled + self._atom("floor", (self.translate(rest),), sp.floor(rest))

    # ---- ranges ------------------------------------------------------------------------------------------------

    def range(self, image: sp.Expr) -> Range:
        """An interval that contains every value of a translated expression under the hypotheses."""
        if image not in self._range_memo:
            self._range_memo[image] = self._range(image)
        return self._range_memo[image]

    def _range(self, e: sp.Expr) -> Range:
        if e.is_Rational:
            return ranges.point(Fraction(int(e.p), int(e.q)))
        if e.is_Symbol:
            if e in self.atoms:
                return ranges.intersect(self._atom_range(self.atoms[e]), self.symbol_ranges.get(e, ranges.LINE))
            return self.symbol_ranges.get(e, ranges.LINE)
        if e.is_Add:
            total = ranges.point(Fraction(0))
            for a in e.args:
                total = ranges.add(total, self.range(a))
            return total
        if e.is_Mul:
            product = ranges.point(Fraction(1))
            for a in e.args:
                product = ranges.multiply(product, self.range(a))
            return product
        if e.is_Pow and e.exp.is_Integer:
            return ranges.power(self.range(e.base), int(e.exp))
        return ranges.LINE

    def _atom_range(self, atom: Atom) -> Range:
        arguments = [self.range(a) if isinstance(a, sp.Expr) else ranges.LINE for a in atom.arguments]
        match atom.head:
            case "exp":
                return ranges.exponential(arguments[0])
            case "log":
                return ranges.logarithm(arguments[0])
            case "root":
                q = atom.arguments[1]
                assert isinstance(q, int)
                return ranges.root(arguments[0], q)
            case "power":
                return ranges.symbolic_power(arguments[0], arguments[1])
            case "sin" | "cos":
                return Range(Fraction(-1), Fraction(1))
            case "abs":
                return ranges.NONNEGATIVE
            case "floor":
                lo, hi = arguments[0].lo, arguments[0].hi
                return Range(
                    None if lo is None else Fraction(lo.__floor__()), None if hi is None else Fraction(hi.__floor__())
                )
            case "min" | "max":
                return _extreme(arguments, atom.head == "max")
            case "constant":
                below, above = constant_bounds(atom.source)
                return Range(below, above)
        return assumption_range(atom.source)


def vanishes(image: sp.Expr) -> bool:
    """Is a rational function identically zero? (Its numerator is expanded; `cancel` may leave 1/2 - 1/2 standing.)"""
    return bool(sp.expand(sp.fraction(sp.together(image))[0]) == 0)


def _extreme(parts: list[Range], largest: bool) -> Range:
    if not largest:
        return ranges.negate(_extreme([ranges.negate(p) for p in parts], True))
    result = parts[0]
    for p in parts[1:]:
        lower = ranges.intersect(Range(result.lo, None, result.lo_open), Range(p.lo, None, p.lo_open))
        upper = ranges.hull(Range(None, result.hi, False, result.hi_open), Range(None, p.hi, False, p.hi_open))
        result = Range(lower.lo, upper.hi, lower.lo_open, upper.hi_open)
    return result


def assumption_range(e: sp.Expr) -> Range:
    """What is known of the sign of a symbol, an undefined function or another term that is not taken apart.

    SymPy's rules for sums and products are not asked: those for an empty product contradict each other (it is said to
    be positive and to be at most 0), and which of them speaks first is left to chance.
    """
    if isinstance(e, (sp.Sum, sp.Product)):
        return _range_over(e)
    if not isinstance(e, AppliedUndef) and e.has(sp.Sum, sp.Product):
        return ranges.LINE
    if e.is_integer and e.is_positive:
        return Range(Fraction(1))
    if e.is_integer and e.is_negative:
        return Range(None, Fraction(-1))
    if e.is_positive:
        return ranges.POSITIVE
    if e.is_negative:
        return ranges.negate(ranges.POSITIVE)
    if e.is_nonnegative:
        return ranges.NONNEGATIVE
    if e.is_nonpositive:
        return ranges.negate(ranges.NONNEGATIVE)
    return ranges.LINE


def _terms(e: sp.Sum | sp.Product) -> tuple[sp.Expr, list[sp.Expr]] | None:
    """The term of a sum or product at indices of which only the range is known, and the number of values of each index.

    None unless every index runs over integers, upwards: with its ends exchanged a sum changes its sign, and a product
    is turned over.
    """
    term, counts = e.function, []
    for limit in e.limits:
        if len(limit) != 3:
            return None
        index, low, high = limit
        count = sp.expand(high - low + 1)
        if count.has(sp.Sum, sp.Product) or not (low.is_integer and high.is_integer and count.is_nonnegative):
            return None
        counts.append(count)
        # The symbol's own assumptions may promise more than the range keeps.
        signs = {"positive": low.is_positive, "nonnegative": low.is_nonnegative, "negative": high.is_negative}
        facts = {fact: True for fact, holds in signs.items() if holds}
        term = term.xreplace({index: sp.Dummy(index.name, integer=True, **facts)})
    return term, counts


def _range_over(e: sp.Sum | sp.Product) -> Range:
    """The sign of a sum or product from the sign of its terms."""
    known = _terms(e)
    if known is None:
        return ranges.LINE
    term, counts = known
    if sp.Integer(0) in counts:
        return ranges.point(Fraction(int(isinstance(e, sp.Product))))
    sign = assumption_range(term)
    if isinstance(e, sp.Product):
        return ranges.POSITIVE if sign.positive else ranges.NONNEGATIVE if sign.nonnegative else ranges.LINE
    some = all(count.is_positive for count in counts)
    if sign.nonnegative:
        return ranges.POSITIVE if some and sign.positive else ranges.NONNEGATIVE
    if sign.nonpositive:
        return ranges.negate(ranges.POSITIVE if some and sign.negative else ranges.NONNEGATIVE)
    return ranges.LINE


def takes_integers(e: sp.Expr) -> bool:
    """Whether a term that is not taken apart takes integer values only; a sum or product, where its terms do."""
    if isinstance(e, (sp.Sum, sp.Product)):
        known = _terms(e)
        return known is not None and takes_integers(known[0])
    if not isinstance(e, AppliedUndef) and e.has(sp.Sum, sp.Product):
        return False
    return bool(e.is_integer)


def constant_bounds(number: sp.Expr, bits: int = 60) -> tuple[Fraction, Fraction]:
    """Rational bounds for a numeric expression, from ball arithmetic."""
    from theory.checking.interval import enclose

    low, high = enclose(number, {}, 53 + bits)
    return low, high


def symbols_of(mapping: Mapping[sp.Symbol, Atom], image: sp.Expr) -> set[sp.Symbol]:
    """All symbols and atoms on which a translated expression depends, through atoms."""
    found: set[sp.Symbol] = set()
    queue = list(image.free_symbols)
    while queue:
        s = queue.pop()
        if s in found:
            continue
        found.add(s)
        if s in mapping:
            for a in mapping[s].arguments:
                if isinstance(a, sp.Basic) and mapping[s].head != "opaque":
                    queue.extend(a.free_symbols)
    return found
