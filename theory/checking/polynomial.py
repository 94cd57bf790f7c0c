"""Polynomial and rational inequalities by z3's nonlinear real arithmetic, with lemmas about the atoms.

A translated problem (see `translation`) is handed to z3 with, for each atom, instances of true facts about its
function: bounds for exp, log, sin, cos (Taylor and Padé, valid on the stated ranges), powers, roots, floors, and
monotonicity between atoms of one head. Unsatisfiability of hypotheses and negated goal is a proof.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache
from itertools import combinations

import sympy as sp
import z3

from theory.checking.budget import RESOURCE, Budget
from theory.checking.translation import Atom, Translation, UnsupportedError, constant_bounds, takes_integers

_LEAST_RESOURCE = 20_000  # of z3's units: below it nothing is decided
_PATIENCE = 50  # milliseconds a unit of work, which takes about one: a last resort, for z3 does not count the work on
# the roots of large polynomials
_LEAST_WAIT = 5_000  # milliseconds


@lru_cache(maxsize=4096)
def _fraction(d: sp.Expr) -> tuple[sp.Expr, sp.Expr, tuple[sp.Expr, ...]]:
    """Numerator, and the denominator's constant and factors of odd multiplicity, in lowest terms."""
    if not any(power.exp.is_negative for power in d.atoms(sp.Pow)):
        return d, sp.Integer(1), ()
    numerator, denominator = sp.fraction(sp.cancel(sp.together(d)))
    constant, factors = sp.factor_list(denominator)
    return numerator, constant, tuple(factor for factor, k in factors if k % 2)


@lru_cache(maxsize=4096)
def _primitive(product: sp.Expr) -> sp.Expr:
    """A positive rational multiple of `product`, expanded, with coprime integer coefficients."""
    content, primitive = sp.expand(product).as_coeff_Mul() if not product.is_Add else sp.expand(product).primitive()
    return primitive if content > 0 else -primitive if content < 0 else sp.Integer(0)


@dataclass
class Encoder:
    """Encodes translated expressions and Booleans for z3; integers are relaxed to reals unless `integers`.

    `context` is z3's memory: every question gets a fresh one, so that none can depend on an earlier one.
    """

    translation: Translation
    integers: bool = False
    context: z3.Context = field(default_factory=z3.Context)

    def __post_init__(self) -> None:
        self.side: list[z3.BoolRef] = []
        self._inverses: dict[sp.Expr, z3.ArithRef] = {}
        self._variables: dict[sp.Symbol, z3.ArithRef] = {}
        self.used: set[sp.Symbol] = set()

    # ---- terms -------------------------------------------------------------------------------------------------

    def variable(self, s: sp.Symbol) -> z3.ArithRef:
        """The z3 variable of a symbol or atom."""
        if s not in self._variables:
            self.used.add(s)
            name = f"variable {len(self._variables)}"  # SymPy has several symbols of one name; the number is unique
            if self.integers and self.integral_symbol(s):
                self._variables[s] = z3.ToReal(z3.Int(name, self.context))
            else:
                self._variables[s] = z3.Real(name, self.context)
        return self._variables[s]

    def integral_symbol(self, s: sp.Symbol) -> bool:
        """Whether a symbol or atom takes integer values only."""
        atom = self.translation.atoms.get(s)
        if atom is None:
            return bool(s.is_integer)
        if atom.head == "opaque":
            if s not in self.translation.integral:
                self.translation.integral[s] = takes_integers(atom.source)
            return self.translation.integral[s]
        if atom.head == "floor":
            return True
        if atom.head in ("min", "max", "abs"):
            return all(self.integral(a) for a in atom.arguments if isinstance(a, sp.Expr))
        if atom.head == "power":
            base, exponent, integer = atom.arguments
            assert isinstance(base, sp.Expr) and isinstance(exponent, sp.Expr)
            return bool(integer) and self.integral(base) and self.translation.range(exponent).nonnegative
        return False

    def integral(self, e: sp.Expr) -> bool:
        """Whether a translated expression is a polynomial with integer coefficients in integer symbols."""
        if e.is_Integer:
            return True
        if e.is_Symbol:
            return self.integral_symbol(e)
        if e.is_Add or e.is_Mul:
            return all(self.integral(a) for a in e.args)
        return bool(e.is_Pow and e.exp.is_Integer and e.exp > 0 and self.integral(e.base))

    def term(self, e: sp.Expr) -> z3.ArithRef:
        """A translated expression as a z3 term; 1/d becomes a fresh variable v with v·d = 1."""
        if e.is_Rational:
            return z3.RealVal(f"{int(e.p)}/{int(e.q)}", self.context)
        if e.is_Symbol:
            return self.variable(e)
        if e.is_Add:
            return z3.Sum(*[self.term(a) for a in e.args])
        if e.is_Mul:
            return z3.Product(*[self.term(a) for a in e.args])
        if e.is_Pow and e.exp.is_Integer:
            n = int(e.exp)
            if abs(n) > 64:
                raise UnsupportedError(f"the degree {n} is too large for the polynomial procedure")
            base = self.term(e.base)
            if n < 0:
                if e.base not in self._inverses:
                    self._inverses[e.base] = z3.Real(f"inverse {len(self._inverses)}", self.context)
                    self.side.append(self._inverses[e.base] * base == 1)
                base = self._inverses[e.base]
            return z3.Product(*[base] * abs(n)) if n else z3.RealVal(1, self.context)
        raise UnsupportedError(f"{e} is not a rational function of its atoms")

    def rational(self, value: Fraction) -> z3.RatNumRef:
        """A rational number as a z3 term."""
        return z3.RealVal(f"{value.numerator}/{value.denominator}", self.context)

    def sign(self, d: sp.Expr, operator: str) -> z3.BoolRef:
        """d `operator` 0 with the denominators cleared: N/D >= 0 iff N·D >= 0 (D ≠ 0 is an obligation elsewhere)."""
        numerator, constant, odd_factors = _fraction(d)
        product = numerator
        if operator not in ("==", "!="):
            for factor in odd_factors:
                known = self.translation.range(factor)
                if known.negative:
                    product = -product
                elif not known.positive:
                    product = product * factor
            product = product if constant > 0 else -product
        product = _primitive(product)
        t = self.term(product)
        if not self.integers and self.integral(product):
            if operator == ">":
                return t >= 1
            if operator == "<":
                return t <= -1
        return {">=": t >= 0, ">": t > 0, "==": t == 0, "!=": t != 0, "<": t < 0, "<=": t <= 0}[operator]

    def boolean(self, b: sp.Basic) -> z3.BoolRef:
        """A Boolean combination of relations between *original* expressions."""
        if b in (sp.true, True):
            return z3.BoolVal(True, self.context)
        if b in (sp.false, False):
            return z3.BoolVal(False, self.context)
        if isinstance(b, sp.And):
            return z3.And(*[self.boolean(a) for a in b.args])
        if isinstance(b, sp.Or):
            return z3.Or(*[self.boolean(a) for a in b.args])
        if isinstance(b, sp.Not):
            return z3.Not(self.boolean(b.args[0]))
        if isinstance(b, sp.Implies):
            return z3.Implies(self.boolean(b.args[0]), self.boolean(b.args[1]))
        if isinstance(b, sp.core.relational.Relational):
            operator = b.rel_op
            return self.sign(self.translation.translate(b.lhs - b.rhs), operator)
        raise UnsupportedError(f"{b} is not a relation")

    # ---- facts about atoms -------------------------------------------------------------------------------------

    def facts(self, level: int) -> list[z3.BoolRef]:
        """Facts about all symbols used so far (closing under the atoms' arguments)."""
        done: set[sp.Symbol] = set()
        result: list[z3.BoolRef] = []
        while True:
            new = sorted(self.used - done, key=str)
            if not new:
                break
            for s in new:
                done.add(s)
                result.extend(self._range_facts(s))
                if s in self.translation.atoms:
                    result.extend(self._single(self.translation.atoms[s], level))
        atoms = [self.translation.atoms[s] for s in sorted(done, key=str) if s in self.translation.atoms]
        if level >= 1:
            for a, b in combinations(atoms, 2):
                if a.head == b.head:
                    result.extend(self._pair(a, b))
        return result

    def _range_facts(self, s: sp.Symbol) -> list[z3.BoolRef]:
        known = self.translation.range(s)
        v = self.variable(s)
        facts: list[z3.BoolRef] = []
        if known.lo is not None:
            lo = self.rational(known.lo)
            facts.append(v > lo if known.lo_open else v >= lo)
        if known.hi is not None:
            hi = self.rational(known.hi)
            facts.append(v < hi if known.hi_open else v <= hi)
        if s not in self.translation.atoms and s.is_nonzero:
            facts.append(v != 0)
        return facts

    def _single(self, atom: Atom, level: int) -> list[z3.BoolRef]:
        y = self.variable(atom.symbol)
        if atom.head == "constant":
            low, high = constant_bounds(atom.source)
            return [y > self.rational(low), y < self.rational(high)]
        if atom.head == "opaque":
            return []
        arguments = [self.term(a) for a in atom.arguments if isinstance(a, sp.Expr)]
        u = arguments[0]
        match atom.head:
            case "exp":
                return self._exp_facts(atom, y, u, level)
            case "log":
                return self._log_facts(atom, y, u, level)
            case "root":
                q = atom.arguments[1]
                assert isinstance(q, int)
                return [y >= 0, z3.Product(*[y] * q) == u]
            case "floor":
                facts = [y <= u, u < y + 1]
                if not self.integers:
                    facts += [z3.Implies(u >= k, y >= k) for k in range(-1, 4)]
                    facts += [z3.Implies(u < k, y <= k - 1) for k in range(-1, 4)]
                return facts
            case "min":
                return [*(y <= a for a in arguments), z3.Or(*[y == a for a in arguments])]
            case "max":
                return [*(y >= a for a in arguments), z3.Or(*[y == a for a in arguments])]
            case "abs":
                return [y >= 0, z3.Or(y == u, y == -u)]
            case "sin" | "cos":
                return _trigonometric_facts(self, atom, y, u, level)
            case "power":
                return self._power_facts(atom, y, u, arguments[1], level)
        return []

    def _exp_facts(self, atom: Atom, y: z3.ArithRef, u: z3.ArithRef, level: int) -> list[z3.BoolRef]:
        argument = atom.arguments[0]
        assert isinstance(argument, sp.Expr)
        if argument.is_Rational:
            low, high = constant_bounds(sp.exp(argument))
            return [y >= self.rational(low), y <= self.rational(high)]
        facts = [y > 0, y >= 1 + u, y * (1 - u) <= 1]
        if level >= 1:
            facts += [z3.Implies(u > 0, y > 1 + u), z3.Implies(u < 0, z3.And(y < 1, y > 1 + u))]
        if level >= 2:
            facts += [
                z3.Implies(u >= 0, z3.And(y >= 1 + u + u * u / 2, y * (2 - u) <= 2 + u)),
                z3.Implies(u <= 0, z3.And(y <= 1 + u + u * u / 2, y * (2 - u) >= 2 + u)),
            ]
        if level >= 3:
            cubic = 1 + u + u * u / 2 + u * u * u / 6
            facts += [y >= cubic, z3.Implies(u >= 0, y * (12 - 6 * u + u * u) >= 12 + 6 * u + u * u)]
            facts += [z3.Implies(u <= 0, y * (12 - 6 * u + u * u) <= 12 + 6 * u + u * u)]
        return facts

    def _log_facts(self, atom: Atom, y: z3.ArithRef, u: z3.ArithRef, level: int) -> list[z3.BoolRef]:
        argument = atom.arguments[0]
        assert isinstance(argument, sp.Expr)
        if argument.is_Rational:
            low, high = constant_bounds(sp.log(argument))
            return [y >= self.rational(low), y <= self.rational(high)]
        facts = [u > 0, y <= u - 1, u * y >= u - 1]
        if level >= 1:
            facts += [z3.Implies(u > 1, y > 0), z3.Implies(u < 1, y < 0)]
        if level >= 2:
            facts += [
                z3.Implies(u >= 1, z3.And(y * (u + 1) >= 2 * (u - 1), 2 * u * y <= u * u - 1)),
                z3.Implies(u <= 1, z3.And(y * (u + 1) <= 2 * (u - 1), 2 * u * y >= u * u - 1)),
            ]
        return facts

    def _power_facts(self, atom: Atom, y: z3.ArithRef, b: z3.ArithRef, e: z3.ArithRef, level: int) -> list[z3.BoolRef]:
        base, exponent, integer = atom.arguments
        assert isinstance(base, sp.Expr) and isinstance(exponent, sp.Expr)
        if base == -1:
            return [y * y == 1] if integer else []
        facts = [
            z3.Implies(b > 0, y > 0),
            z3.Implies(z3.And(b >= 0, e >= 0), y >= 0),
            z3.Implies(z3.And(b >= 0, b <= 1, e >= 0), y <= 1),
            z3.Implies(z3.And(b >= 1, e >= 0), y >= 1),
            z3.Implies(z3.And(b > 0, e == 0), y == 1),
            z3.Implies(b == 1, y == 1),
        ]
        if integer:
            facts.append(z3.Implies(e == 1, y == b))
        if level >= 1:
            facts += [
                z3.Implies(z3.And(b >= 1, e >= 1), y >= b),
                z3.Implies(z3.And(b >= 0, b <= 1, e >= 1), y <= b),
                z3.Implies(z3.And(b > 1, e > 0), y > 1),
                z3.Implies(z3.And(b > 1, e < 0), y < 1),
                z3.Implies(z3.And(b > 0, b < 1, e > 0), y < 1),
                z3.Implies(z3.And(b > 0, b < 1, e < 0), y > 1),
                z3.Implies(z3.And(b == 0, e > 0), y == 0),
            ]
        if level >= 2:
            bernoulli = 1 + e * (b - 1)
            facts += [
                z3.Implies(z3.And(b >= 0, e >= 1), y >= bernoulli),
                z3.Implies(z3.And(b > 0, e <= 0), y >= bernoulli),
                z3.Implies(z3.And(b >= 0, e >= 0, e <= 1), y <= bernoulli),
                z3.Implies(z3.And(b >= 1, e >= 2), y >= b * b),
                z3.Implies(z3.And(b >= 0, b <= 1, e >= 2), y <= b * b),
            ]
        return facts

    def _pair(self, a: Atom, b: Atom) -> list[z3.BoolRef]:
        """Monotonicity between two atoms of one head."""
        y, z = self.variable(a.symbol), self.variable(b.symbol)
        if a.head in ("exp", "log", "root"):
            if a.head == "root" and a.arguments[1] != b.arguments[1]:
                return []
            u, v = self._first(a), self._first(b)
            # exp, log and roots are strictly increasing where they are defined.
            return [(u < v) == (y < z), (u == v) == (y == z)]
        if a.head == "floor":
            u, v = self._first(a), self._first(b)
            return [z3.Implies(u <= v, y <= z), z3.Implies(v <= u, z <= y)]
        if a.head == "power":
            base_a, exponent_a, _ = a.arguments
            base_b, exponent_b, _ = b.arguments
            assert isinstance(base_a, sp.Expr) and isinstance(exponent_a, sp.Expr)
            assert isinstance(base_b, sp.Expr) and isinstance(exponent_b, sp.Expr)
            e, f = self.term(exponent_a), self.term(exponent_b)
            u, v = self.term(base_a), self.term(base_b)
            if base_a == base_b:
                return [
                    z3.Implies(z3.And(u >= 1, e <= f), y <= z),
                    z3.Implies(z3.And(u >= 1, f <= e), z <= y),
                    z3.Implies(z3.And(u > 1, e < f), y < z),
                    z3.Implies(z3.And(u > 1, f < e), z < y),
                    z3.Implies(z3.And(u > 0, u <= 1, e <= f), y >= z),
                    z3.Implies(z3.And(u > 0, u <= 1, f <= e), z >= y),
                    z3.Implies(z3.And(u > 0, e == f), y == z),
                ]
            if sp.cancel(exponent_a - exponent_b) == 0:
                both = z3.And(u > 0, v > 0, e >= 0)
                zero = z3.And(u >= 0, v >= 0, e >= 0)
                return [
                    z3.Implies(z3.And(zero, u <= v), y <= z),
                    z3.Implies(z3.And(zero, v <= u), z <= y),
                    z3.Implies(z3.And(both, e > 0, u < v), y < z),
                    z3.Implies(z3.And(both, e > 0, v < u), z < y),
                    z3.Implies(z3.And(zero, u * v <= 1), y * z <= 1),
                    z3.Implies(z3.And(both, u * v >= 1), y * z >= 1),
                ]
        return []

    def _first(self, a: Atom) -> z3.ArithRef:
        argument = a.arguments[0]
        assert isinstance(argument, sp.Expr)
        return self.term(argument)


def _trigonometric_facts(encoder: Encoder, atom: Atom, y: z3.ArithRef, u: z3.ArithRef, level: int) -> list[z3.BoolRef]:
    facts = [y <= 1, y >= -1]
    other_head = "cos" if atom.head == "sin" else "sin"
    translation = encoder.translation
    partner = translation._by_key.get((other_head, sp.cancel(atom.arguments[0])))
    if partner is not None and partner in encoder.used:
        z = encoder.variable(partner)
        facts.append(y * y + z * z == 1)
        if atom.head == "sin":
            # sin u >= u cos u on [0, 3]: the difference vanishes at 0 and has derivative u sin u >= 0 there (3 < pi).
            facts.append(z3.Implies(z3.And(u >= 0, u <= 3), y >= u * z))
    if atom.head == "sin":
        facts += [z3.Implies(u >= 0, y <= u), z3.Implies(u <= 0, y >= u)]
        facts += [z3.Implies(z3.And(u > 0, u <= 3), y > 0)]
        if level >= 1:
            facts += [z3.Implies(u >= 0, y >= u - u * u * u / 6), z3.Implies(u <= 0, y <= u - u * u * u / 6)]
    else:
        facts += [y >= 1 - u * u / 2, z3.Implies(z3.And(2 * u >= -3, 2 * u <= 3), y > 0)]
        if level >= 1:
            facts.append(y <= 1 - u * u / 2 + u * u * u * u / 24)
    return facts


@dataclass(frozen=True)
class Answer:
    """`status` is "unsat", "sat" or "unknown"; `level` and `engine` say how it was reached."""

    status: str
    level: int = 0
    engine: str = ""
    integers: bool = False
    model: dict[sp.Symbol, Fraction] | None = None


def refute(
    translation: Translation,
    booleans: Sequence[sp.Basic],
    *,
    budget: Budget,
    levels: Iterable[int] = (0, 1, 2, 3),
    slice_units: float = 700,
    seed: int = 0,
) -> Answer:
    """Is the conjunction of `booleans` (on original expressions) unsatisfiable?

    A query gets at most `slice_units` of the budget; what it really took is spent.
    """
    best = Answer("unknown")
    pure = False
    context = z3.Context()
    for level in levels:
        for integers in (False, True):
            if budget.exhausted:
                return best
            encoder = Encoder(translation, integers, context)
            try:
                formulas = [encoder.boolean(b) for b in booleans]
                formulas += encoder.facts(level)
            except (UnsupportedError, sp.PolynomialError):
                return best
            formulas += encoder.side
            if integers and not any(encoder.integral_symbol(s) for s in encoder.used):
                continue
            pure = not any(s in translation.atoms for s in encoder.used)
            for engine in ("default", "QF_NRA") if not integers else ("default",):
                if budget.exhausted:
                    return best
                solver = _solver(encoder, engine, seed)
                solver.add(*formulas)
                status = _check(solver, budget, slice_units)
                if status == z3.unsat:
                    return Answer("unsat", level, engine, integers)
                if status == z3.sat:
                    model = _model(solver.model(), encoder)
                    best = Answer("sat", level, engine, integers, model)
                    break
        if pure and best.status == "sat":
            return best  # no atoms: more levels add nothing
    return best


def _solver(encoder: Encoder, engine: str, seed: int) -> z3.Solver:
    solver = z3.Solver(ctx=encoder.context) if engine == "default" else z3.SolverFor(engine, ctx=encoder.context)
    solver.set("random_seed", seed)
    return solver


def _check(solver: z3.Solver, budget: Budget, units: float) -> z3.CheckSatResult:
    """Ask z3 within a number of units, and spend what it took."""
    before = _used(solver)
    limit = max(_LEAST_RESOURCE, int(RESOURCE * min(units, budget.left)))
    solver.set("rlimit", limit)
    solver.set("timeout", int(max(_LEAST_WAIT, _PATIENCE * min(units, budget.left))))
    status = solver.check()
    used = _used(solver) - before
    budget.spend(1 + used / RESOURCE)
    if status == z3.unknown:
        if used >= limit:
            budget.note_cut()
        elif solver.reason_unknown() in ("timeout", "canceled"):
            budget.note_halt()
    return status


def _used(solver: z3.Solver) -> int:
    """Resource units that the solver's context has used so far."""
    return int(solver.statistics().get_key_value("rlimit count"))


def _model(model: z3.ModelRef, encoder: Encoder) -> dict[sp.Symbol, Fraction]:
    values: dict[sp.Symbol, Fraction] = {}
    for s, v in encoder._variables.items():
        value = model.eval(v, model_completion=True)
        if z3.is_algebraic_value(value):
            value = value.approx(30)
        if z3.is_rational_value(value):
            values[s] = Fraction(value.numerator_as_long(), value.denominator_as_long())
    return values
