"""What the justifications of a step bring into its context: lemmas, earlier steps, definitions.

Main definitions
    collect   the context extended by everything a step names, with the lowest grade among it

Soundness: a lemma's conclusion enters only after the lemma was checked and its domains and hypotheses were proved at
the given values in the step's own context, before that conclusion is there; an instance replaces nothing but the
lemma's parameters and schematic functions. Earlier steps enter with their grades. An equation of a definition enters
as it stands: definitions are a conservative extension (theory.lemma). Its range enters with the grade of what backs it
(theory.checking.stated).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sympy as sp
from sympy.core.function import AppliedUndef

from theory import justification as why
from theory.checking.context import Context, check_forall, confirm, options_of
from theory.checking.reports import Refused
from theory.claim import Claim
from theory.derivation import Step
from theory.lemma import Definition, Instance
from theory.proposition import Forall, Proposition, free_symbols, relation
from theory.verdict import Grade


def collect(step: Step, context: Context) -> tuple[Context, Grade, list[str]]:
    """The context extended by everything the step's justifications yield."""
    grade = Grade.PROVED
    used: list[str] = []
    for justification in step.by:
        if isinstance(justification, Instance):
            report = context.lemma_report(justification.lemma)
            if not report.accepted:
                raise Refused(f"{justification.lemma.id} does not stand: {report.message}")
            proposition = _instance_conclusion(justification)
            stray = {s for s in free_symbols(proposition)} - context.symbols - _bound_here(step)
            if stray:
                raise Refused(f"{justification.lemma.id} needs a value for {min(map(str, stray))}")
            for obligation in justification.obligations:
                try:
                    check_forall(obligation, context, options_of(step, context))
                except Refused as error:
                    raise Refused(f"{justification.lemma.id}: side condition {error}", error.counterexample) from None
            context = context.adding(proposition)
            grade = min(grade, report.grade)
            used.append(justification.lemma.id)
        elif isinstance(justification, str | why.Fact):
            name = justification if isinstance(justification, str) else justification.name
            if name not in context.facts:
                raise Refused(f"no accepted earlier step named {name!r}")
            proposition, fact_grade = context.facts[name]
            grade = min(grade, fact_grade)
            at = () if isinstance(justification, str) else justification.at
            context = _use(proposition, at, context)
            used.append(f"step {name}")
        elif isinstance(justification, why.Unfold):
            context, ranged, words = _unfold(justification, step, context)
            grade = min(grade, ranged)
            used.append(words)
    return context, grade, used


def _bound_here(step: Step) -> set[sp.Symbol]:
    """Symbols that the step itself binds: a Forall's variables, a sum's index."""
    if isinstance(step.proposition, Forall):
        return set(step.proposition.variables)
    bound: set[sp.Symbol] = set()
    for part in step.proposition.atoms(sp.Sum):
        bound |= set(part.bound_symbols)
    return bound


def _instance_conclusion(justification: Instance) -> Proposition:
    lemma = justification.lemma
    open_to = {*(p.symbol for p in lemma.parameters), *lemma.functions}
    for replaced in justification.table:
        if replaced not in open_to:
            raise Refused(f"{replaced} is neither a parameter nor a schematic function of {lemma.id}")
    if justification.proposition is not None and isinstance(lemma, Claim):
        if justification.proposition not in [s.relation for s in lemma.statements]:
            raise Refused(f"{justification.proposition} is not a statement of {lemma.id}")
    elif justification.proposition is not None and justification.proposition != lemma.conclusion:
        raise Refused(f"{justification.proposition} is not what {lemma.id} concludes")
    return justification.conclusion


def _use(proposition: Proposition, at: Sequence[tuple[str, Any]], context: Context) -> Context:
    """Add a fact, or its instance; the instance's conditions are proved first."""
    if not at:
        return context.adding(proposition)
    if not isinstance(proposition, Forall):
        raise Refused(f"{proposition} is not universally quantified")
    names = {v.name: v for v in proposition.variables}
    unknown = [k for k, _ in at if k not in names]
    if unknown:
        raise Refused(f"no bound variable {unknown[0]!r} in {proposition}")
    body, obligations = proposition.at({names[k]: v for k, v in at})
    for obligation in obligations:
        confirm(obligation, context.relations)
    return context.adding(body)


def _unfold(justification: why.Unfold, step: Step, context: Context) -> tuple[Context, Grade, str]:
    """The context with a definition's equations and range, the grade of the range, and both in words."""
    definition: Definition = justification.definition
    at = dict(justification.at)
    for equation in definition.equations:
        if isinstance(equation, Forall):
            values = {v: at[v.name] for v in equation.variables if v.name in at}
            if len(values) == len(equation.variables):
                body, obligations = equation.at(values)
                for obligation in obligations:
                    confirm(obligation, context.relations)
                context = context.adding(body)
            else:
                context = context.adding(equation)
        else:
            context = context.adding(equation)
    if definition.bounds is None:
        return context, Grade.PROVED, f"definition {definition.id}"
    body = step.proposition.body if isinstance(step.proposition, Forall) else step.proposition
    applications = {a for a in body.atoms(AppliedUndef) if a.func == definition.head}
    for known in context.relations:
        applications |= {a for a in known.atoms(AppliedUndef) if a.func == definition.head}
    report = context.range_report(definition)
    if report.grade is Grade.REFUSED:
        raise Refused(f"{definition.id} does not have the range it states: {report.message}")
    for parameter in definition.parameters:
        for condition in parameter.conditions:
            confirm(condition, context.relations)
    low, high = definition.bounds
    for application in sorted(applications, key=str):
        if low is not None:
            context = context.adding(relation(application, ">=", low))
        if high is not None:
            context = context.adding(relation(application, "<=", high))
    if not definition.equations:
        return context, report.grade, f"axiom {definition.id}"
    return context, report.grade, f"definition {definition.id} and its range ({report.kind})"
