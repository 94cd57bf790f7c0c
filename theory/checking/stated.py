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

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import sympy as sp
from sympy.core.function import AppliedUndef

from theory import recursion
from theory.checking.context import Context
from theory.checking.reports import Report, StepReport
from theory.derivation import Step
from theory.justification import Gap, Termwise, normalise, quick
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
                wrong = Grade.REFUSED if found.counterexample and _is_plain(equation, definition) else Grade.GAP
                return wrong, "not proved", found.message
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
        context = Context((*conditions, *assumed), {}, frozenset(free), self.lemma_report, self.range_report)
        by = tuple(b for b in definition.range_by if not isinstance(b, Meaning | Citation | Gap))
        by = by if any(type(b).__name__ in ("Decide", "Algebra") for b in by) else (*by, quick)

        def check(left: sp.Expr, right: sp.Expr, *more: Any, name: str = "range") -> StepReport:
            body = relation(left, sign, right)
            goal: Proposition = body
            if equation.variables:
                goal = Forall(equation.variables, body, equation.conditions)
            return self.check_step(Step(name, goal, (*more, *normalise(by))), context)

        if isinstance(value, sp.Sum) and len(value.limits) == 1 and sign in (">=", "<="):
            weights = _weights(value, own, end)
            compared = check(value, weights, Termwise(), name="terms")
            if compared.accepted and weights.function == 0 and end == 0:
                return compared
            if compared.accepted:
                total = check(weights, end, name="total")
                if total.accepted:
                    return total
        return check(value, end)


def _replaced(value: sp.Expr, definition: Definition, own: Any) -> sp.Expr:
    return substitute(value, {definition.head: own})


def _smaller(definition: Definition, own: Any, equation: recursion.Equation) -> list[Forall]:
    """The range, of the symbol's own values at smaller arguments."""
    if not equation.inner:
        return []
    arguments = [sp.Dummy(f"a{i}", real=True) for i in range(len(equation.arguments))]
    return [Forall(tuple(arguments), relation(own(*arguments), sign, end)) for sign, end in definition.ends]


def _weights(value: sp.Sum, own: Any, end: sp.Expr) -> sp.Sum:
    """The sum with the symbol's own values at the end of its range; without any, the sum of `end`s if that is 0."""
    inner = [a for a in value.function.atoms(AppliedUndef) if a.func == own]
    if inner and end != 0:
        return sp.Sum(value.function.xreplace({a: end for a in inner}), *value.limits)
    return sp.Sum(sp.S.Zero, *value.limits)


def _not_an_integer(definition: Definition) -> str:
    """Which equation gives an integer symbol a value that is not known to be one, or an empty text."""
    if not definition.head._kwargs.get("integer"):
        return ""
    for equation in map(recursion.read, definition.equations):
        if equation.value.is_integer is not True:
            return f"{definition.name} is an integer, but {equation.value} is not known to be one"
    return ""


def _is_plain(equation: recursion.Equation, definition: Definition) -> bool:
    """Whether a counterexample to the range is one: nothing stands in the value of which more may be known."""
    known = set(equation.variables) | {p.symbol for p in definition.parameters}
    return not equation.value.atoms(AppliedUndef) and equation.value.free_symbols <= known


__all__ = ["AXIOM", "Prover", "RangeReport"]
