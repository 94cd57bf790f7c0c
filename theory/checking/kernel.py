"""The checker: re-computes every step of a derivation, discharges side conditions, and grades.

Main definitions
    check_derivation  a derivation in a context of parameters and hypotheses
    check_claim       a claim: its derivation, and that every statement follows from it
    check_lemma       a lemma's backing, once per process
    check_range       the range that a definition states, once per process
    Report            the grades, the methods and, for refused steps, a counterexample where one was found

What is trusted: this module and its parts (context, premises, rules, stated, reports), the decision procedures
beside it, SymPy's exact arithmetic, z3 and FLINT. What is not trusted: any statement, target, lemma instance or
computation that a derivation contains.

Soundness: steps are checked in order, each from the hypotheses and the accepted steps before it; what a statement
concludes must follow from its steps alone; a lemma that rests on itself is refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import sympy as sp
from sympy.core.function import UndefinedFunction

from theory import justification as why
from theory.checking import diagrams, store
from theory.checking.context import Context, check_forall, check_open, options_of
from theory.checking.decision import Proof
from theory.checking.implicit import misused
from theory.checking.premises import collect
from theory.checking.reports import Refused, Report, StepReport, plain, refused, revived
from theory.checking.rules import algebra, computation, induction, shannon, single_term, termwise
from theory.checking.stated import Prover, RangeReport
from theory.checking.vocabulary import inconsistent
from theory.claim import Claim
from theory.derivation import Derivation, DerivationError, Step, describe
from theory.lemma import Applicable, Citation, Definition, Instance, Lemma
from theory.parameter import Parameter
from theory.proposition import (
    AssumptionError,
    Forall,
    Proposition,
    free_symbols,
    relation,
    schematic_functions,
    sign_of,
)
from theory.verdict import Grade

_lemmas: dict[str, tuple[Any, Report]] = {}
_in_progress: list[str] = []
_ranges: dict[int, tuple[Definition, RangeReport]] = {}  # by identity: the definition is kept alive beside its report


def check_derivation(
    derivation: Derivation,
    parameters: tuple[Parameter, ...] = (),
    given: tuple[Proposition, ...] = (),
    effort: float = 1.0,
) -> Report:
    """Check every step in order; later steps may use accepted earlier ones.

    `effort` scales the time that decision procedures may take on one step (about 10 s at 1).
    """
    context = replace(_context(derivation, parameters, given), effort=effort)
    malformed = (
        _malformed(derivation, parameters)
        or misused(derivation, parameters)
        or inconsistent(derivation)
        or diagrams.redefined(derivation)
    )
    if malformed:
        return Report((), Grade.REFUSED, malformed)
    reports: list[StepReport] = []
    for step in derivation.steps:
        stray = free_symbols(step.proposition) - context.symbols
        if stray:
            name = min(map(str, stray))
            reports.append(refused(step, f"undeclared symbol {name}: declare a parameter or bind it with Forall"))
            continue
        report = _check_step(step, context)
        reports.append(report)
        if report.accepted:
            context = replace(context, facts={**context.facts, step.name: (step.proposition, report.grade)})
    grade = min((r.grade for r in reports), default=Grade.REFUSED)
    message = next((f"step {r.name}: {r.message}" for r in reports if not r.accepted), "")
    if derivation.start is not None and grade is not Grade.REFUSED:
        try:
            derivation.relation()
        except DerivationError as error:
            return Report(tuple(reports), Grade.REFUSED, str(error))
    return Report(tuple(reports), grade, message)


def _context(derivation: Derivation, parameters: tuple[Parameter, ...], given: tuple[Proposition, ...]) -> Context:
    everything = tuple(dict.fromkeys((*parameters, *derivation.parameters)))
    conditions = [c for p in everything for c in p.conditions]
    hypotheses = tuple(dict.fromkeys((*conditions, *given, *derivation.given)))
    named = {f"hypothesis {i}": (h, Grade.PROVED) for i, h in enumerate((*given, *derivation.given), start=1)}
    return Context(hypotheses, named, frozenset(p.symbol for p in everything), check_lemma, check_range)


def _malformed(derivation: Derivation, parameters: tuple[Parameter, ...]) -> str:
    """Why the derivation is no chain in one context, or an empty text."""
    domains: dict[str, Parameter] = {}
    for parameter in (*parameters, *derivation.parameters):
        known = domains.setdefault(parameter.name, parameter)
        if known.domain != parameter.domain:
            return f"parameter {parameter.name} is declared on {known.domain} and on {parameter.domain}"
    end = derivation.start
    for step in derivation.steps:
        if not step.linked or isinstance(step.proposition, Forall):
            continue
        if end is None or not isinstance(step.proposition, sp.Rel) or step.proposition.lhs != end:
            return f"step {step.name} does not continue the chain at {end}"
        end = step.proposition.rhs
    return ""


def check_last_step(derivation: Derivation, effort: float = 1.0) -> StepReport:
    """The report on the last step alone, the earlier ones being taken as proved."""
    context = replace(_context(derivation, (), ()), effort=effort)
    earlier = {s.name: (s.proposition, Grade.PROVED) for s in derivation.steps[:-1]}
    return _check_step(derivation.steps[-1], replace(context, facts={**context.facts, **earlier}))


def _check_step(step: Step, context: Context) -> StepReport:
    for justification in step.by:
        if isinstance(justification, why.Gap):
            return StepReport(step.name, step.proposition, Grade.GAP, "gap", {}, None, justification.reason)
    try:
        proof, grade, used = _justify(step, context)
    except (Refused, AssumptionError, DerivationError, KeyError, ValueError, TypeError) as error:
        counterexample = error.counterexample if isinstance(error, Refused) else None
        return refused(step, str(error).strip("'\""), counterexample)
    method = proof.method
    if used and method == "assumption":
        method = f"instance of {', '.join(used)}"
    elif used:
        method = f"{method} with {', '.join(used)}"
    return StepReport(step.name, step.proposition, grade, method, dict(proof.details))


def _justify(step: Step, context: Context) -> tuple[Proof, Grade, list[str]]:
    goal = step.proposition
    outer = context
    if isinstance(goal, Forall):
        clash = set(goal.variables) & context.symbols
        if clash:
            raise Refused(f"bound variable {min(map(str, clash))} is also a parameter: rename it")
        context = context.adding(*goal.conditions)
    special = [
        j
        for j in step.by
        if isinstance(j, why.Induction | why.Termwise | why.SingleTerm | why.Shannon | why.NormalForm | why.Computation)
    ]
    if len(special) > 1:
        raise Refused(
            "at most one of Induction, Termwise, SingleTerm, Shannon, NormalForm, Computation may back a step"
        )
    if special and isinstance(special[0], why.Termwise):
        return termwise(step, context)
    if special and isinstance(special[0], why.SingleTerm):
        return single_term(step, special[0], context)
    if special and isinstance(special[0], why.Induction):
        return induction(step, special[0], outer)
    context, grade, used = collect(step, context)
    if special and isinstance(special[0], why.Shannon):
        return shannon(goal, special[0]), grade, used
    if special and isinstance(special[0], why.NormalForm):
        return diagrams.normal_form(goal, special[0], context), grade, used
    if special and isinstance(special[0], why.Computation):
        return computation(goal, special[0]), grade, used
    if any(isinstance(j, why.Algebra) for j in step.by):
        return algebra(goal, context), grade, used
    options = options_of(step, context)
    body = goal.body if isinstance(goal, Forall) else goal
    if isinstance(goal, Forall):
        return check_open(body, goal, context, options), grade, used
    return check_forall(goal, context, options), grade, used


def check_lemma(lemma: Applicable) -> Report:
    """The report on a lemma or claim, computed once; a lemma that uses itself is refused."""
    known = _lemmas.get(lemma.id)
    if known is not None and known[0] is lemma:
        return known[1]
    if lemma.id in _in_progress:
        return Report((), Grade.REFUSED, f"circular: {' -> '.join([*_in_progress, lemma.id])}")
    kept = store.load(lemma)
    if kept is not None:
        report = revived(kept, lemma)
    else:
        _in_progress.append(lemma.id)
        try:
            report = check_claim(lemma) if isinstance(lemma, Claim) else _check_backing(lemma)
        finally:
            _in_progress.pop()
        if report.accepted:
            store.save(lemma, plain(report))
    _lemmas[lemma.id] = (lemma, report)
    return report


def check_range(definition: Definition) -> RangeReport:
    """The report on the range that a definition states, computed once."""
    known = _ranges.get(id(definition))
    if known is not None:
        return known[1]
    kept = store.load(definition) if definition.equations else None
    if kept is not None:
        report = RangeReport.of(kept)
    else:
        report = Prover(_check_step, check_lemma, check_range).report(definition)
        if definition.equations and report.grade > Grade.GAP:
            store.save(definition, report.record())
    _ranges[id(definition)] = (definition, report)
    return report


def _check_backing(lemma: Applicable) -> Report:
    if not isinstance(lemma, Lemma):
        raise TypeError(f"{lemma.id} is neither a lemma nor a claim")
    if isinstance(lemma.backing, Citation):
        return Report((), Grade.CITED, str(lemma.backing.source))
    probable = _probable(lemma.backing)
    if probable:
        return Report((), Grade.REFUSED, f"{probable[0]} holds with a probability only; a lemma cannot rest on it")
    pinned = _pinned(lemma.backing, lemma.functions) or misused(lemma.backing, lemma.parameters)
    if pinned:
        return Report((), Grade.REFUSED, pinned)
    report = check_derivation(lemma.backing)
    return _concluded(lemma.backing, report, (lemma.conclusion,))


def check_claim(claim: Claim) -> Report:
    """Check a claim's derivation and that every one of its statements follows from it."""
    if claim.derivation is None:
        return Report((), Grade.REFUSED, "no derivation: the claim is kept as stated and expected to be refuted")
    probable = _probable(claim.derivation)
    if probable and claim.confidence is None:
        return Report(
            (), Grade.REFUSED, f"{probable[0]} holds with a probability only, and this claim has no confidence"
        )
    if len(probable) > 1:
        return Report((), Grade.REFUSED, f"{' and '.join(probable)} may each fail: their probabilities would add up")
    pinned = _pinned(claim.derivation, claim.functions) or misused(claim.derivation, claim.parameters)
    if pinned:
        return Report((), Grade.REFUSED, pinned)
    report = check_derivation(claim.derivation)
    return _concluded(claim.derivation, report, tuple(s.relation for s in claim.statements))


def _pinned(derivation: Derivation, functions: Sequence[UndefinedFunction]) -> str:
    """Why a schematic function is not arbitrary in the derivation, or an empty text."""
    for step in derivation.steps:
        for used in step.by:
            about: set[UndefinedFunction] = set()
            if isinstance(used, why.Unfold):
                about = {used.definition.head}.union(*map(schematic_functions, used.definition.equations))
            elif isinstance(used, Instance):
                stated = (used.lemma.conclusion if used.proposition is None else used.proposition,)
                about = {f for p in stated for f in schematic_functions(p)} - set(used.lemma.functions)
            elif isinstance(used, why.Computation):
                about = schematic_functions(step.proposition)
            fixed = sorted(str(f) for f in about & set(functions))
            if fixed:
                return f"step {step.name}: {fixed[0]} stands for any function, but {describe(used)} is about one"
    return ""


def _probable(derivation: Derivation) -> list[str]:
    """Ids of high-probability claims whose main statement the derivation applies."""
    found: dict[str, None] = {}
    for used in derivation.instances():
        lemma = used.lemma
        if not isinstance(lemma, Claim) or lemma.confidence is None:
            continue
        if used.proposition in (None, lemma.statement.relation):
            found[lemma.id] = None
    return list(found)


def _concluded(
    derivation: Derivation,
    report: Report,
    goals: Iterable[Proposition],
) -> Report:
    """Refuse the report unless every goal follows from the chain or from one of the facts."""
    if not report.accepted:
        return report
    found: list[Proposition] = [s.proposition for s in derivation.steps]
    if derivation.start is not None:
        found.append(derivation.relation())
    context = _context(derivation, (), ())
    for goal in goals:
        if any(same(goal, proposition) for proposition in found):
            continue
        try:
            check_forall(goal, context.adding(*found))
        except Refused as error:
            return Report(report.steps, Grade.REFUSED, f"the derivation does not yield {goal}: {error}")
    return report


def same(goal: Proposition, proposition: Proposition) -> bool:
    if goal == proposition:
        return True
    if isinstance(goal, Forall) or isinstance(proposition, Forall):
        return False
    if not isinstance(goal, sp.Rel) or not isinstance(proposition, sp.Rel):
        return False
    if goal.reversed == proposition:
        return True
    weaker = {"<": "<=", ">": ">="}.get(sign_of(proposition))
    return weaker is not None and relation(proposition.lhs, weaker, proposition.rhs) in (goal, goal.reversed)


__all__ = [
    "Report",
    "StepReport",
    "check_claim",
    "check_derivation",
    "check_last_step",
    "check_lemma",
    "check_range",
]
