"""One statement under one set of hypotheses: preparation, side conditions and the cheap procedures."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING

import sympy as sp
from sympy.core.relational import Relational

from theory.checking import ranges
from theory.checking.algebra import reduce_roots
from theory.checking.budget import Budget
from theory.checking.ranges import Range
from theory.checking.records import Proof
from theory.checking.translation import Translation, UnsupportedError, assumption_range, symbols_of

if TYPE_CHECKING:
    from theory.checking.polynomial import Answer


class ContradictionError(Exception):
    """The hypotheses contradict each other."""


class UnconfirmedError(Exception):
    """One query says that the hypotheses contradict each other, and a second one does not."""


def relations(hypotheses: Iterable[sp.Basic]) -> list[sp.Basic]:
    """Flatten conjunctions; a hypothesis that is plainly false is a contradiction."""
    result: list[sp.Basic] = []
    for h in hypotheses:
        if isinstance(h, sp.And):
            result.extend(relations(h.args))
        elif h in (sp.false, False):
            raise ContradictionError("a hypothesis is false")
        elif h not in (sp.true, True):
            result.append(h)
    return result


def linear_bound(difference: sp.Expr, s: sp.Symbol) -> tuple[sp.Expr, sp.Expr] | None:
    """(c, r) with difference = c·s + r and c, r free of s, or None."""
    if not difference.has(s):
        return None
    numerator = sp.expand(difference)
    if not numerator.has(s):
        return None
    c = numerator.coeff(s, 1)
    r = sp.expand(numerator - c * s)
    if c.has(s) or r.has(s):
        return None
    return c, r


LEAST_SLICE = 150  # units of one query


def by_name(symbols: Iterable[sp.Symbol]) -> list[sp.Symbol]:
    """Symbols in an order that does not depend on their hashes."""
    return sorted(symbols, key=lambda s: (str(s), sorted(s.assumptions0.items()), getattr(s, "dummy_index", 0)))


def atomic(proposition: sp.Basic) -> list[Relational]:
    """The relations of a Boolean combination, each once, in the order in which they are written."""
    found = (node for node in sp.preorder_traversal(proposition) if isinstance(node, Relational))
    return list(dict.fromkeys(found))


@dataclass
class Problem:
    """Hypotheses with their translation and ranges; statements are put to it one by one."""

    hypotheses: list[sp.Basic]
    budget: Budget
    translation: Translation = field(default_factory=Translation)
    _queries: dict[sp.Basic, bool] = field(default_factory=dict)

    @classmethod
    def of(cls, hypotheses: Sequence[sp.Basic], expressions: Sequence[sp.Basic], budget: Budget) -> Problem:
        """Propagate ranges through the hypotheses (three rounds), then translate with them."""
        flat = relations(hypotheses)
        known = {s: assumption_range(s) for e in [*flat, *expressions] for s in by_name(e.free_symbols)}
        translation = Translation(dict(known))
        for _ in range(3):
            translation = Translation(dict(known))
            translation.scan([*flat, *expressions])
            updated = _propagate(flat, translation, known)
            if any(r.empty for r in updated.values()):
                raise ContradictionError("the hypotheses leave no value for a symbol")
            if updated == known:
                break
            known = updated
        # Translating once notes all fractions of exponents; a second translation then uses common atoms for them.
        everything = [a.lhs - a.rhs for e in [*flat, *expressions] for a in atomic(e)]
        for e in [*everything, *(e for e in expressions if isinstance(e, sp.Expr))]:
            translation.translate(e)
        translation = Translation(dict(known), units=translation.units)
        problem = cls(flat, budget, translation)
        for h in flat:
            for a in atomic(h):
                translation.translate(a.lhs - a.rhs)
        # A hypothesis that holds has both sides defined, so what its terms need is known, not to be shown.
        translation.obligations.clear()
        return problem

    # ---- side conditions ---------------------------------------------------------------------------------------

    def image(self, expression: sp.Expr) -> sp.Expr | None:
        """The translation of an expression whose every part is *shown* to be defined; None otherwise."""
        self.translation._memo.clear()
        self.translation.obligations.clear()
        image = self.translation.translate(expression)
        obligations = list(dict.fromkeys(self.translation.obligations))
        self.translation.obligations.clear()
        for obligation in obligations:
            if not self.entails(obligation):
                return None
        return image

    def defined(self, relation: Relational) -> bool:
        """Is each side *shown* to be defined? (In the difference of the sides an undefined term may cancel.)"""
        return self.image(relation.lhs) is not None and self.image(relation.rhs) is not None

    def extended(self, budget: Budget) -> None:
        """Go on with another budget; what was not shown may be asked again, what was shown stands."""
        self.budget = budget
        self._queries = {relation: shown for relation, shown in self._queries.items() if shown}

    def entails(self, relation: sp.Basic, units: float = 1000) -> bool:
        """A quick proof of a relation (ranges, then z3); its own parts are taken as defined."""
        if relation in (sp.true, True):
            return True
        if relation in (sp.false, False):
            return False
        if relation not in self._queries:
            self._queries[relation] = self._entails(relation, units)
        return self._queries[relation]

    def _entails(self, relation: sp.Basic, units: float) -> bool:
        if isinstance(relation, sp.Or):
            if any(self.entails(a, units / 2) for a in relation.args):
                return True
        elif isinstance(relation, Relational) and self.by_range(relation):
            return True
        saved = list(self.translation.obligations)
        answer = self.ask([*self.hypotheses, sp.Not(relation)], units)
        self.translation.obligations[:] = saved
        return answer.status == "unsat"

    # ---- procedures --------------------------------------------------------------------------------------------

    def by_range(self, relation: Relational) -> bool:
        """Does interval arithmetic over the rationals settle lhs - rhs (expanded, factored or as given)?"""
        difference = self.translation.translate(relation.lhs - relation.rhs)
        candidates = [difference]
        try:
            candidates.append(sp.cancel(sp.together(difference)))
            candidates.append(sp.factor(candidates[-1]))
        except (sp.PolynomialError, RecursionError):
            pass
        return any(_range_settles(self.translation.range(c), relation.rel_op) for c in candidates)

    def ask(
        self, booleans: Sequence[sp.Basic], units: float, levels: Iterable[int] = (0, 1, 2), seed: int = 0
    ) -> Answer:
        """z3 on a conjunction of hypotheses and a negated goal."""
        from theory.checking import polynomial  # z3 takes half a second to load

        budget = self.budget.part(units)
        slice_units = max(LEAST_SLICE, units / 3)
        return polynomial.refute(
            self.translation, booleans, budget=budget, levels=levels, slice_units=slice_units, seed=seed
        )

    def quick(self, relation: Relational, units: float = 2000) -> Proof | None:
        """Exact zero, sign rules, then z3 with lemmas; definedness is shown first."""
        if not self.defined(relation):
            return None
        image = self.translation.translate(relation.lhs - relation.rhs)
        operator = relation.rel_op
        reduced = reduce_roots(image, self.translation)
        if reduced == 0:
            return Proof("algebra", {"difference": "0"}) if operator in ("==", ">=", "<=") else None
        if operator == "==":
            pass
        elif _range_settles(self.translation.range(reduced), operator) or self.by_range(relation):
            return Proof("sign", {"range of the difference": _show(self.translation.range(image))})
        answer = self.ask([*self.hypotheses, sp.Not(relation)], units, (0, 1, 2, 3))
        if answer.status != "unsat":
            return None
        atoms = sorted(str(self.translation.atoms[s].source) for s in _atoms_in(self.translation, image))
        details = {"procedure": "z3 nonlinear reals", "atoms": tuple(atoms), "lemma level": answer.level}
        return Proof("polynomial", details)

    def contradictory(self, units: float = 1000) -> bool:
        """Do the hypotheses alone have no solution?

        Raises `UnconfirmedError` where a second query, with another seed and more units, does not say so too.
        """
        if any(r.empty for r in self.translation.symbol_ranges.values()):
            return True
        if not self.hypotheses:
            return False
        found = self.ask(self.hypotheses, units, (1,))  # a solution with all facts of level 1 is one with fewer
        if found.status == "unknown":
            found = self.ask(self.hypotheses, units, (0,))
        if found.status != "unsat":
            return False
        self.budget = Budget(4 * units)
        if self.ask(self.hypotheses, 4 * units, (0, 1), seed=1).status != "unsat":
            raise UnconfirmedError("the hypotheses were found contradictory once, and not when asked again")
        return True


def _atoms_in(translation: Translation, image: sp.Expr) -> set[sp.Symbol]:
    return {s for s in symbols_of(translation.atoms, image) if s in translation.atoms}


def _range_settles(r: Range, operator: str) -> bool:
    return {
        ">=": r.nonnegative,
        ">": r.positive,
        "<=": r.nonpositive,
        "<": r.negative,
        "!=": r.nonzero,
        "==": r.nonnegative and r.nonpositive,
    }[operator]


def _show(r: Range) -> str:
    left = "(-oo" if r.lo is None else f"{'(' if r.lo_open else '['}{r.lo}"
    right = "oo)" if r.hi is None else f"{r.hi}{')' if r.hi_open else ']'}"
    return f"{left}, {right}"


def _propagate(
    hypotheses: Sequence[sp.Basic], translation: Translation, known: dict[sp.Symbol, Range]
) -> dict[sp.Symbol, Range]:
    """Bounds on single symbols from hypotheses that are linear in them."""
    updated = dict(known)
    for h in hypotheses:
        if not isinstance(h, Relational) or h.rel_op == "!=":
            continue
        try:
            difference = translation.translate(h.lhs - h.rhs)
        except UnsupportedError:
            continue
        for s in by_name(h.free_symbols):
            parts = linear_bound(difference, s)
            if parts is None:
                continue
            c, r = parts
            if any(s in symbols_of(translation.atoms, part) for part in parts):
                continue
            sign = translation.range(c)
            if not sign.nonzero:
                continue
            value = translation.range(sp.cancel(-r / c))
            at_least = (h.rel_op in (">=", ">")) == sign.positive
            strict = h.rel_op in (">", "<")
            if h.rel_op == "==":
                new = value
            elif at_least:
                new = Range(value.lo, None, value.lo_open or (strict and value.lo is not None))
            else:
                new = Range(None, value.hi, False, value.hi_open or (strict and value.hi is not None))
            updated[s] = _tighten(ranges.intersect(updated[s], new), bool(s.is_integer))
    return updated


def _tighten(r: Range, integer: bool) -> Range:
    if not integer:
        return r
    lo, hi = r.lo, r.hi
    if lo is not None:
        up = Fraction(lo.__ceil__())
        lo = up + 1 if r.lo_open and up == lo else up
    if hi is not None:
        down = Fraction(hi.__floor__())
        hi = down - 1 if r.hi_open and down == hi else down
    return Range(lo, hi)
