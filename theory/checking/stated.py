"""Ranges that definitions state: what backs each, so that a step which uses one is graded by it.

Main definitions
    RangeReport   the checker's word on a definition's range
    Prover        proves the ranges of definitions, each once per process

A symbol without equations has its range by its meaning: an axiom of the vocabulary, as its existence is one. A symbol
with equations lies in its range if every value that an equation gives it does.

Soundness: equations are disjoint and recursion is well-founded (theory.recursion), so the range may be assumed of the
symbol's own values on the right side, which are at smaller arguments: they are read as those of a fresh symbol of that
range and of no assumed sign. Where no equation speaks of an argument, the value there is arbitrary and lies in the
range by choice. What a proof names in `range_by` was built before the definition: definitions cannot back each other
in a circle. A side that is not proved is as good as its declared Meaning (an axiom of the symbols it names), its
Citation, or else a gap.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import sympy as sp
from sympy.core.function import AppliedUndef
from sympy.logic.boolalg import Boolean

from theory import recursion
from theory.checking.context import Context
from theory.checking.reports import Report, StepReport
from theory.derivation import Step
from theory.justification import Gap, Termwise, Unfold, normalise, quick
from theory.lemma import Applicable, Citation, Definition, Meaning
from theory.proposition import Forall, Proposition, relation, substitute
from theory.verdict import Grade

AXIOM = "axiom"


@dataclass(frozen=True)
class RangeReport:
    """What backs a definition's range.

    Attributes
        grade    of the weakest side; PROVED for a range that is an axiom of the vocabulary
        kind     "axiom", or the grade in words where the definition has equations and no Meaning
        methods  for every side, e.g. {"row_mass >= 1": "axiom: entry"}
        message  why a side is a gap or refused
    """

    grade: Grade
    kind: str
    methods: Mapping[str, str]
    message: str = ""

    def record(self) -> dict[str, Any]:
        """Plain data, for the store."""
        return {"grade": int(self.grade), "kind": self.kind, "methods": dict(self.methods), "message": self.message}

    @staticmethod
    def of(record: Mapping[str, Any]) -> RangeReport:
        """The report that `record` wrote."""
        return RangeReport(Grade(record["grade"]), record["kind"], record["methods"], record["message"])


@dataclass(frozen=True)
class Prover:
    """Proves stated ranges with the kernel's own check of a step."""

    check_step: Callable[[Step, Context], StepReport]
    lemma_report: Callable[[Applicable], Report]
    range_report: Callable[[Definition], RangeReport]

    def report(self, definition: Definition) -> RangeReport:
        """The word on every side of a range; a definition without one has nothing to prove."""
        ends = definition.ends
        head = definition.name
        if not definition.equations:
            return RangeReport(Grade.PROVED, AXIOM, {f"{head} {s} {e}": AXIOM for s, e in ends})
        grades: list[Grade] = []
        methods: dict[str, str] = {}
        messages: list[str] = []
        by_meaning = False
        for sign, end in ends:
            grade, method, message = self._side(definition, sign, end)
            methods[f"{head} {sign} {end}"] = method
            grades.append(grade)
            by_meaning |= method.startswith(AXIOM)
            if message:
                messages.append(f"{head} {sign} {end}: {message}")
        stray = _not_an_integer(definition)
        if stray:
            grades.append(Grade.REFUSED)
            messages.append(stray)
        grade = min(grades, default=Grade.PROVED)
        kind = AXIOM if by_meaning and grade is Grade.PROVED else str(grade)
        return RangeReport(grade, kind, methods, "; ".join(messages))

    def _side(self, definition: Definition, sign: str, end: sp.Expr) -> tuple[Grade, str, str]:
        side = "low" if sign.startswith(">") else "high"
        for backing in definition.range_by:
            if isinstance(backing, Meaning) and backing.side in ("both", side):
                return Grade.PROVED, f"{AXIOM}: {backing.names}", ""
        declared = next((b for b in definition.range_by if isinstance(b, Citation | Gap)), None)
        if isinstance(declared, Citation):
            return Grade.CITED, str(declared.source), ""
        if isinstance(declared, Gap):
            return Grade.GAP, "gap", declared.reason
        grade, methods = Grade.PROVED, []
        for equation in map(recursion.read, definition.equations):
            found = self._value(definition, equation, sign, end)
            if not found.accepted:
                fails = found.counterexample is not None and _is_plain(equation, definition)
                return Grade.REFUSED if fails else Grade.GAP, "not proved", found.message
            grade = min(grade, found.grade)
            methods.append(found.method)
        return grade, "; ".join(dict.fromkeys(methods)), ""

    def _value(self, definition: Definition, equation: recursion.Equation, sign: str, end: sp.Expr) -> StepReport:
        """The word on `value sign end`, for all arguments of one equation."""
        own = sp.Function(f"smaller_{definition.name}", real=True, integer=definition.head._kwargs.get("integer"))
        value = _replaced(equation.value, definition, own)
        assumed = _smaller(definition, own, equation)
        conditions = tuple(c for p in definition.parameters for c in p.conditions)
        free = (value.free_symbols | sp.S(end).free_symbols) - set(equation.variables)
        free |= {p.symbol for p in definition.parameters}
        context = Context((*conditions, *assumed), {}, frozenset(free), self.lemma_report, self.range_report)
        by = tuple(b for b in definition.range_by if not isinstance(b, Meaning | Citation | Gap))
        by = by if any(type(b).__name__ in ("Decide", "Algebra") for b in by) else (*by, quick)

        given = (*equation.conditions, *_at_once(value, own, definition))

        def check(left: sp.Expr, right: sp.Expr, *more: Any, name: str = "range", of: str = sign) -> StepReport:
            body = relation(left, of, right)
            goal: Proposition = Forall(equation.variables, body, given) if equation.variables else body
            within = context if equation.variables else context.adding(*given)
            return self.check_step(Step(name, goal, (*more, *normalise(by))), within)

        if isinstance(value, sp.Sum) and len(value.limits) == 1 and sign in (">=", "<="):
            for simpler in _simpler_sums(value, own, sign, end, definition):
                compared = check(value, simpler, Termwise(), name="terms")
                if compared.accepted and simpler.function == 0:
                    return compared
                total = check(simpler, end, name="total") if compared.accepted else compared
                if total.accepted:
                    method = f"{compared.method}; {total.method}"
                    return replace(total, grade=min(compared.grade, total.grade), method=method)
        for part in _inner_sums(value):  # what is shown of a part may be used of the whole
            if check(part, sp.Sum(sp.S.Zero, *part.limits), Termwise(), name="part", of=">=").grade is Grade.PROVED:
                given = (*given, relation(part, ">=", 0))
        return check(value, end)


def _replaced(value: sp.Expr, definition: Definition, own: Any) -> sp.Expr:
    return substitute(value, {definition.head: own})


def _smaller(definition: Definition, own: Any, equation: recursion.Equation) -> list[Forall]:
    """The range, of the symbol's own values at smaller arguments."""
    if not equation.inner:
        return []
    arguments = [sp.Dummy(f"a{i}", real=True) for i in range(len(equation.arguments))]
    return [Forall(tuple(arguments), relation(own(*arguments), sign, end)) for sign, end in definition.ends]


def _at_once(value: sp.Expr, own: Any, definition: Definition) -> list[Boolean]:
    """The range of the symbol's own values on the right side, of those that stand outside sums."""
    uses = [a for a in value.atoms(AppliedUndef) if a.func == own and a.free_symbols <= value.free_symbols]
    return [relation(a, sign, end) for a in sorted(uses, key=str) for sign, end in definition.ends]


def _inner_sums(value: sp.Expr) -> list[sp.Sum]:
    """Sums inside a value that is more than a sum, none of them inside another."""
    sums = value.atoms(sp.Sum) - {value}
    outer = [s for s in sums if not any(s in other.atoms(sp.Sum) for other in sums - {s})]
    return sorted((s for s in outer if len(s.limits) == 1), key=str)


def _simpler_sums(value: sp.Sum, own: Any, sign: str, end: sp.Expr, definition: Definition) -> Iterator[sp.Sum]:
    """Sums to compare with, term by term: one factor at the end of its range, or nothing but zeros."""
    if end == 0 and sign == ">=":
        yield sp.Sum(sp.S.Zero, *value.limits)
    ends = {own: end}
    for used in definition.range_by:
        if isinstance(used, Unfold):
            ends.update((used.definition.head, e) for s, e in used.definition.ends if s == sign)
    for head, limit in ends.items():
        inner = [a for a in value.function.atoms(AppliedUndef) if a.func == head]
        if inner and limit != 0:
            yield sp.Sum(value.function.xreplace({a: limit for a in inner}), *value.limits)


def _not_an_integer(definition: Definition) -> str:
    """Which equation gives an integer symbol a value that is not known to be one, or an empty text."""
    if not definition.head._kwargs.get("integer"):
        return ""
    for equation in map(recursion.read, definition.equations):
        if not _integral(equation.value):
            return f"{definition.name} is an integer, but {equation.value} is not known to be one"
    return ""


def _integral(value: sp.Expr) -> bool:
    """Whether a value is known to be an integer; SymPy does not say it of sums, products and extremes."""
    if isinstance(value, sp.Sum | sp.Product):
        return _integral(value.function)
    if isinstance(value, sp.Add | sp.Mul | sp.Min | sp.Max):
        return value.is_integer is True or all(map(_integral, value.args))
    return value.is_integer is True


def _is_plain(equation: recursion.Equation, definition: Definition) -> bool:
    """Whether a counterexample to the range is one: nothing stands in the value of which more may be known."""
    known = set(equation.variables) | {p.symbol for p in definition.parameters}
    return not equation.value.atoms(AppliedUndef) and equation.value.free_symbols <= known


__all__ = ["AXIOM", "Prover", "RangeReport"]
