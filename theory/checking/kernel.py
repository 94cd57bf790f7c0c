"""The checker: re-computes every step of a derivation, discharges side conditions, and grades.

Main definitions
    check_derivation  a derivation in a context of parameters and hypotheses
    check_claim       a claim: its derivation, and that every statement follows from it
    check_lemma       a lemma's backing, once per process
    Report            the grades, the methods and, for refused steps, a counterexample where one was found

What is trusted: this module, the decision procedures beside it, SymPy's exact arithmetic, z3 and FLINT. What is
not trusted: any statement, target, lemma instance or computation that a derivation contains.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import sympy as sp
from sympy.core.function import AppliedUndef, UndefinedFunction
from sympy.logic.boolalg import Boolean

from theory import justification as why
from theory.checking import store
from theory.checking.decision import Proof, Refutation, decide
from theory.checking.implicit import misused
from theory.claim import Claim
from theory.derivation import Derivation, DerivationError, Step, describe
from theory.lemma import Applicable, Citation, Definition, Instance, Lemma
from theory.parameter import Parameter
from theory.proposition import (
    AssumptionError,
    Forall,
    Proposition,
    assumption_conditions,
    beyond_conditions,
    free_symbols,
    relation,
    schematic_functions,
    sign_of,
    substitute,
)
from theory.verdict import Grade


@dataclass(frozen=True)
class StepReport:
    """The checker's word on one step.

    Attributes
        grade           REFUSED, GAP, CITED or PROVED
        method          how it was confirmed, e.g. "algebra", "polynomial", "instance of markov/epsilon_range"
        details         the certificate: box and cells, multipliers, substitution, ...
        counterexample  values at which the step fails, where one was found
        message         why it was refused or why it is a gap
        kept            whether the report was read from the store of earlier checks (theory.checking.store)
    """

    name: str
    proposition: Proposition
    grade: Grade
    method: str
    details: Mapping[str, Any] = field(default_factory=dict)
    counterexample: Mapping[str, str] | None = None
    message: str = ""
    kept: bool = False

    @property
    def accepted(self) -> bool:
        """Whether the step stands (a gap stands, and is shown)."""
        return self.grade is not Grade.REFUSED


@dataclass(frozen=True)
class Report:
    """The checker's word on a derivation, a lemma or a claim; `grade` is the lowest on the path."""

    steps: tuple[StepReport, ...]
    grade: Grade
    message: str = ""

    @property
    def accepted(self) -> bool:
        """Whether nothing was refused."""
        return self.grade is not Grade.REFUSED


class Refused(Exception):
    """A step could not be confirmed."""

    def __init__(self, message: str, counterexample: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.counterexample = counterexample


@dataclass(frozen=True)
class _Context:
    hypotheses: tuple[Proposition, ...]
    facts: Mapping[str, tuple[Proposition, Grade]]
    symbols: frozenset[sp.Symbol]
    effort: float = 1.0

    @property
    def relations(self) -> tuple[Boolean, ...]:
        return tuple(h for h in self.hypotheses if not isinstance(h, Forall))

    def adding(self, *more: Proposition) -> _Context:
        return replace(self, hypotheses=(*self.hypotheses, *more))


_lemmas: dict[str, tuple[Any, Report]] = {}
_in_progress: list[str] = []
_computed: dict[sp.Expr, sp.Expr] = {}  # what computations of this process gave for named objects


def _confirm(goal: Boolean, hypotheses: Sequence[Boolean], options: why.Decide | None = None) -> Proof:
    """`goal` from `hypotheses`, by matching or by a decision procedure; raises Refused."""
    if goal in hypotheses or goal == sp.true:
        return Proof("assumption", {})
    if isinstance(goal, sp.Rel) and goal.reversed in hypotheses:
        return Proof("assumption", {})
    options = options or why.decide
    for symbol, low, high in options.box:  # a box is a help to interval methods, not an assumption
        for side in (relation(symbol, ">=", low), relation(symbol, "<=", high)):
            _confirm(side, hypotheses, why.Decide(effort=0.3 * options.effort))
    outcome = decide(goal, tuple(hypotheses), box=options.box or None, effort=options.effort)
    if isinstance(outcome, Proof):
        if outcome.details.get("vacuous"):
            raise Refused(f"{goal}: the hypotheses contradict each other")
        return outcome
    if isinstance(outcome, Refutation):
        point = {str(k): str(v) for k, v in outcome.point.items()}
        raise Refused(f"{goal} fails: left {outcome.left}, right {outcome.right}", point)
    raise Refused(f"{goal} not confirmed: {outcome.reason}")


def _check_forall(goal: Proposition, context: _Context, options: why.Decide | None = None) -> Proof:
    """A relation, or a Forall at fresh symbols."""
    if not isinstance(goal, Forall):
        if goal in context.relations:
            return Proof("assumption", {})
        return _confirm(goal, (*context.relations, *_matching_instances(goal, context)), options)
    if _known(goal, context):
        return Proof("assumption", {})
    # A symbol that the context speaks of (a parameter, the index of a sum, another step's variable) is not arbitrary.
    clash = set(goal.variables) & context.symbols.union(*map(free_symbols, context.hypotheses))
    if clash:
        fresh = {v: sp.Dummy(v.name, **v.assumptions0) for v in clash}
        goal = Forall(
            tuple(fresh.get(v, v) for v in goal.variables),
            substitute(goal.body, fresh),
            tuple(substitute(c, fresh) for c in goal.conditions),
        )
    return _at_own_variables(goal, context, options)


def _at_own_variables(goal: Forall, context: _Context, options: why.Decide | None) -> Proof:
    """The body of a Forall from its conditions, its variables being taken as they stand."""
    extended = context.adding(*goal.conditions)
    instances = _matching_instances(goal.body, extended)
    return _confirm(goal.body, (*extended.relations, *instances), options)


def _known(goal: Forall, context: _Context) -> bool:
    """Whether a hypothesis is the goal, up to the names of the bound variables."""
    if goal in context.hypotheses:
        return True
    for known in context.hypotheses:
        if not isinstance(known, Forall) or len(known.variables) != len(goal.variables):
            continue
        if set(goal.variables) & free_symbols(known):
            continue  # renaming would capture a symbol that is free in the hypothesis
        renaming = dict(zip(known.variables, goal.variables, strict=True))
        if all(a.assumptions0 == b.assumptions0 for a, b in renaming.items()):
            body = substitute(known.body, renaming)
            if Forall(goal.variables, body, tuple(substitute(c, renaming) for c in known.conditions)) == goal:
                return True
    return False


MOST_INSTANCES = 24  # of universally quantified facts, tried for one goal


def _matching_instances(goal: Boolean, context: _Context) -> tuple[Boolean, ...]:
    """Instances of universally quantified facts at terms of the goal, found by matching function applications.

    An instance whose conditions cannot be proved is left out: the goal is then decided without it.
    """
    found: dict[Boolean, None] = {}
    terms = sorted(goal.atoms(AppliedUndef), key=str)
    for known in context.hypotheses:
        if not isinstance(known, Forall):
            continue
        wild = {v: sp.Wild(v.name, exclude=(sp.Wild,)) for v in known.variables}
        triggers = [a for a in known.body.atoms(AppliedUndef) if set(known.variables) <= a.free_symbols]
        for trigger, term in ((a, b) for a in sorted(triggers, key=str) for b in terms if a.func == b.func):
            matched = term.match(trigger.xreplace(wild))
            if matched is None or any(w not in matched for w in wild.values()):
                continue
            try:
                body, obligations = known.at({v: matched[w] for v, w in wild.items()})
                for obligation in obligations:
                    _confirm(obligation, context.relations, why.Decide(effort=0.3 * context.effort))
            except (Refused, AssumptionError):
                continue
            found[body] = None
            if len(found) >= MOST_INSTANCES:
                return tuple(found)
    return tuple(found)


def check_lemma(lemma: Applicable) -> Report:
    """The report on a lemma or claim, computed once; a lemma that uses itself is refused."""
    known = _lemmas.get(lemma.id)
    if known is not None and known[0] is lemma:
        return known[1]
    if lemma.id in _in_progress:
        return Report((), Grade.REFUSED, f"circular: {' -> '.join([*_in_progress, lemma.id])}")
    kept = store.load(lemma)
    if kept is not None:
        report = _revived(kept, lemma)
    else:
        _in_progress.append(lemma.id)
        try:
            report = check_claim(lemma) if isinstance(lemma, Claim) else _check_backing(lemma)
        finally:
            _in_progress.pop()
        if report.accepted:
            store.save(lemma, _plain(report))
    _lemmas[lemma.id] = (lemma, report)
    return report


def _plain(report: Report) -> dict[str, Any]:
    steps = [
        {
            "name": s.name,
            "grade": int(s.grade),
            "method": s.method,
            "details": {k: str(v) for k, v in s.details.items()},
            "message": s.message,
        }
        for s in report.steps
    ]
    return {"grade": int(report.grade), "message": report.message, "steps": steps}


def _revived(kept: Mapping[str, Any], lemma: Applicable) -> Report:
    derivation = lemma.derivation if isinstance(lemma, Claim) else lemma.backing if isinstance(lemma, Lemma) else None
    stated = derivation.steps if isinstance(derivation, Derivation) else ()
    steps = tuple(
        StepReport(
            step.name, step.proposition, Grade(s["grade"]), s["method"], s["details"], None, s["message"], kept=True
        )
        for s, step in zip(kept["steps"], stated, strict=True)
    )
    return Report(steps, Grade(kept["grade"]), kept["message"])


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
                about = {used.definition.head}
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
        if any(_same(goal, proposition) for proposition in found):
            continue
        try:
            _check_forall(goal, context.adding(*found))
        except Refused as error:
            return Report(report.steps, Grade.REFUSED, f"the derivation does not yield {goal}: {error}")
    return report


def _same(goal: Proposition, proposition: Proposition) -> bool:
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


def _context(derivation: Derivation, parameters: tuple[Parameter, ...], given: tuple[Proposition, ...]) -> _Context:
    everything = tuple(dict.fromkeys((*parameters, *derivation.parameters)))
    conditions = [c for p in everything for c in p.conditions]
    hypotheses = tuple(dict.fromkeys((*conditions, *given, *derivation.given)))
    named = {f"hypothesis {i}": (h, Grade.PROVED) for i, h in enumerate((*given, *derivation.given), start=1)}
    return _Context(hypotheses, named, frozenset(p.symbol for p in everything))


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
    malformed = _malformed(derivation, parameters) or misused(derivation, parameters)
    if malformed:
        return Report((), Grade.REFUSED, malformed)
    reports: list[StepReport] = []
    for step in derivation.steps:
        stray = free_symbols(step.proposition) - context.symbols
        if stray:
            name = min(map(str, stray))
            reports.append(_refused(step, f"undeclared symbol {name}: declare a parameter or bind it with Forall"))
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


def _refused(step: Step, message: str, counterexample: Mapping[str, str] | None = None) -> StepReport:
    by = "; ".join(map(describe, step.by))
    return StepReport(step.name, step.proposition, Grade.REFUSED, by, {}, counterexample, message)


def _check_step(step: Step, context: _Context) -> StepReport:
    for justification in step.by:
        if isinstance(justification, why.Gap):
            return StepReport(step.name, step.proposition, Grade.GAP, "gap", {}, None, justification.reason)
    try:
        proof, grade, used = _justify(step, context)
    except (Refused, AssumptionError, DerivationError, KeyError, ValueError, TypeError) as error:
        counterexample = error.counterexample if isinstance(error, Refused) else None
        return _refused(step, str(error).strip("'\""), counterexample)
    method = proof.method
    if used and method == "assumption":
        method = f"instance of {', '.join(used)}"
    elif used:
        method = f"{method} with {', '.join(used)}"
    return StepReport(step.name, step.proposition, grade, method, dict(proof.details))


def _collect(step: Step, context: _Context) -> tuple[_Context, Grade, list[str]]:
    """The context extended by everything the step's justifications yield."""
    grade = Grade.PROVED
    used: list[str] = []
    for justification in step.by:
        if isinstance(justification, Instance):
            report = check_lemma(justification.lemma)
            if not report.accepted:
                raise Refused(f"{justification.lemma.id} does not stand: {report.message}")
            proposition = _instance_conclusion(justification)
            stray = {s for s in free_symbols(proposition)} - context.symbols - _bound_here(step)
            if stray:
                raise Refused(f"{justification.lemma.id} needs a value for {min(map(str, stray))}")
            for obligation in justification.obligations:
                try:
                    _check_forall(obligation, context, _options(step, context))
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
            context = _unfold(justification, step, context)
            definition = justification.definition
            part = "range of definition" if definition.bounds is not None and not definition.equations else "definition"
            also = " and its range" if definition.bounds is not None and definition.equations else ""
            used.append(f"{part} {definition.id}{also}")
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


def _use(proposition: Proposition, at: Sequence[tuple[str, Any]], context: _Context) -> _Context:
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
        _confirm(obligation, context.relations)
    return context.adding(body)


def _unfold(justification: why.Unfold, step: Step, context: _Context) -> _Context:
    definition: Definition = justification.definition
    at = dict(justification.at)
    for equation in definition.equations:
        if isinstance(equation, Forall):
            values = {v: at[v.name] for v in equation.variables if v.name in at}
            if len(values) == len(equation.variables):
                body, obligations = equation.at(values)
                for obligation in obligations:
                    _confirm(obligation, context.relations)
                context = context.adding(body)
            else:
                context = context.adding(equation)
        else:
            context = context.adding(equation)
    if definition.bounds is not None:
        low, high = definition.bounds
        body = step.proposition.body if isinstance(step.proposition, Forall) else step.proposition
        applications = {a for a in body.atoms(AppliedUndef) if a.func == definition.head}
        for known in context.relations:
            applications |= {a for a in known.atoms(AppliedUndef) if a.func == definition.head}
        for application in sorted(applications, key=str):
            if low is not None:
                context = context.adding(relation(application, ">=", low))
            if high is not None:
                context = context.adding(relation(application, "<=", high))
    return context


def _justify(step: Step, context: _Context) -> tuple[Proof, Grade, list[str]]:
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
        if isinstance(j, why.Induction | why.Termwise | why.SingleTerm | why.Shannon | why.Computation)
    ]
    if len(special) > 1:
        raise Refused("at most one of Induction, Termwise, SingleTerm, Shannon, Computation may back a step")
    if special and isinstance(special[0], why.Termwise):
        return _termwise(step, context)
    if special and isinstance(special[0], why.SingleTerm):
        return _single_term(step, special[0], context)
    if special and isinstance(special[0], why.Induction):
        return _induction(step, special[0], outer)
    context, grade, used = _collect(step, context)
    if special and isinstance(special[0], why.Shannon):
        return _shannon(goal, special[0]), grade, used
    if special and isinstance(special[0], why.Computation):
        return _compute(goal, special[0]), grade, used
    if any(isinstance(j, why.Algebra) for j in step.by):
        return _algebra(goal, context), grade, used
    options = _options(step, context)
    body = goal.body if isinstance(goal, Forall) else goal
    if isinstance(goal, Forall):
        return _check_open(body, goal, context, options), grade, used
    return _check_forall(goal, context, options), grade, used


def _check_open(body: Boolean, goal: Forall, context: _Context, options: why.Decide | None) -> Proof:
    """The body of a Forall step at its own variables, with universally quantified facts tried at them."""
    if _known(goal, context):
        return Proof("assumption", {})
    others = tuple(h for h in context.hypotheses if h not in goal.conditions)
    return _at_own_variables(goal, replace(context, hypotheses=others), options)


def _algebra(goal: Proposition, context: _Context) -> Proof:
    from theory.checking.decision import equal

    body = goal.body if isinstance(goal, Forall) else goal
    if not isinstance(body, sp.Eq):
        raise Refused(f"algebra proves equalities; {body} is an inequality: use decide")
    outcome = equal(body.lhs, body.rhs, context.relations)
    if isinstance(outcome, Proof):
        if outcome.details.get("vacuous"):
            raise Refused(f"{body}: the hypotheses contradict each other")
        return outcome
    if isinstance(outcome, Refutation):
        point = {str(k): str(v) for k, v in outcome.point.items()}
        raise Refused(f"{body} fails: left {outcome.left}, right {outcome.right}", point)
    raise Refused(f"{body} not confirmed: {outcome.reason}")


def _options(step: Step, context: _Context) -> why.Decide:
    """The step's own options for decision procedures, scaled by the context's effort."""
    own = next((j for j in step.by if isinstance(j, why.Decide)), why.decide)
    return replace(own, effort=own.effort * context.effort)


def _termwise(step: Step, context: _Context) -> tuple[Proof, Grade, list[str]]:
    goal = step.proposition.body if isinstance(step.proposition, Forall) else step.proposition
    left, right = goal.lhs, goal.rhs
    if not isinstance(left, sp.Sum) or not isinstance(right, sp.Sum) or left.limits != right.limits:
        raise Refused(f"{goal} does not compare two sums over the same range")
    inner = context
    for index, low, high in left.limits:
        if index in context.symbols:
            raise Refused(f"the index {index} of the sum is also a parameter: rename it")
        # SymPy reads a sum with upper < lower - 1 as minus the sum between: the comparison would turn round
        _confirm(relation(high, ">=", low - 1), inner.relations, _options(step, context))
        _index_fits(index, low, high, inner, _options(step, context))
        inner = inner.adding(relation(index, ">=", low), relation(index, "<=", high))
    collected, grade, used = _collect(step, inner)
    options = _options(step, context)
    sign = sign_of(goal)
    sign = {"<": "<=", ">": ">="}.get(sign, sign)
    if sign_of(goal) in ("<", ">"):
        raise Refused("termwise comparison yields <= or >=, not a strict inequality (the range may be empty)")
    proof = _check_forall(relation(left.function, sign, right.function), collected, options)
    return Proof(f"termwise, {proof.method}", proof.details), grade, used


def _index_fits(index: sp.Symbol, low: sp.Expr, high: sp.Expr, context: _Context, options: why.Decide) -> None:
    """Refuse an index whose symbol promises more than that it is an integer of the range."""
    beyond_conditions(index)
    if low.is_integer is not True:
        raise Refused(f"the sum over {index} starts at {low}, which is not known to be an integer")
    for promised, end, sign in (
        (index.is_positive, low, ">"),
        (index.is_nonnegative, low, ">="),
        (index.is_negative, high, "<"),
        (index.is_nonpositive, high, "<="),
    ):
        if promised:
            _confirm(relation(end, sign, 0), context.relations, options)


def _single_term(step: Step, rule: why.SingleTerm, context: _Context) -> tuple[Proof, Grade, list[str]]:
    goal = step.proposition.body if isinstance(step.proposition, Forall) else step.proposition
    if not isinstance(goal, sp.Ge) or not isinstance(goal.lhs, sp.Sum) or len(goal.lhs.limits) != 1:
        raise Refused(f"{goal} does not bound a single sum from below")
    index, low, high = goal.lhs.limits[0]
    if index in context.symbols:
        raise Refused(f"the index {index} of the sum is also a parameter: rename it")
    chosen = sp.S(rule.index)
    if chosen.is_integer is not True:
        raise Refused(f"{chosen} is not an integer index")
    options = _options(step, context)
    _index_fits(index, low, high, context, options)
    inner = context.adding(relation(index, ">=", low), relation(index, "<=", high))
    collected, grade, used = _collect(step, inner)
    terms = _check_forall(relation(goal.lhs.function, ">=", 0), collected, options)
    outside = [h for h in collected.relations if index not in h.free_symbols]
    at_chosen = [substitute(h, {index: chosen}) for h in collected.relations if index in h.free_symbols]
    for bound in (relation(chosen, ">=", low), relation(chosen, "<=", high)):
        _confirm(bound, outside, options)
    plain = replace(collected, hypotheses=tuple(h for h in collected.hypotheses if isinstance(h, Forall)))
    one = _check_forall(
        relation(substitute(goal.lhs.function, {index: chosen}), ">=", goal.rhs),
        plain.adding(*outside, *at_chosen),
        options,
    )
    return Proof("single term of a non-negative sum", {"terms": terms.method, "chosen": one.method}), grade, used


def _split_last(body: Boolean, n: sp.Symbol, hypotheses: Sequence[Boolean]) -> list[Boolean]:
    """For every sum or product of `body` whose range ends at n + 1: the equation that splits its last term off."""
    found: list[Boolean] = []
    for whole in substitute(body, {n: n + 1}).atoms(sp.Sum, sp.Product):
        if len(whole.limits) != 1 or sp.expand(whole.limits[0][2] - n - 1) != 0:
            continue
        index, low, high = whole.limits[0]
        if low.is_integer is not True or index in whole.free_symbols:
            continue
        try:
            _confirm(relation(low, "<=", high), hypotheses)
        except Refused:
            continue  # the range may be empty: nothing to split off
        shorter = whole.func(whole.function, (index, low, n))
        last = substitute(whole.function, {index: high})
        found.append(relation(whole, "==", shorter + last if isinstance(whole, sp.Sum) else shorter * last))
    return found


def _short_sums(body: Boolean) -> list[Boolean]:
    """For every sum or product of `body` over a short range of given integers: the equation that writes it out."""
    found: list[Boolean] = []
    for whole in body.atoms(sp.Sum, sp.Product):
        if len(whole.limits) != 1:
            continue
        index, low, high = whole.limits[0]
        if low.is_Integer and high.is_Integer and index not in whole.free_symbols and -1 <= high - low <= 8:
            terms = [substitute(whole.function, {index: sp.Integer(i)}) for i in range(int(low), int(high) + 1)]
            written = sp.Add(*terms) if isinstance(whole, sp.Sum) else sp.Mul(*terms)
            found.append(relation(whole, "==", written))
    return found


def _induction(step: Step, rule: why.Induction, context: _Context) -> tuple[Proof, Grade, list[str]]:
    goal = step.proposition
    if not isinstance(goal, Forall) or rule.variable not in goal.variables:
        raise Refused(f"induction over {rule.variable} needs a Forall over it")
    n = rule.variable
    if not n.is_integer:
        raise Refused(f"induction variable {n} is not an integer symbol")
    beyond_conditions(n)
    base = sp.S(rule.base)
    if base.is_integer is not True:
        raise Refused(f"induction starts at {base}, which is not known to be an integer")
    others = [c for c in goal.conditions if n not in free_symbols(c)]
    about = [c for c in goal.conditions if n in free_symbols(c)]
    if any(c not in (relation(n, ">=", base), relation(base, "<=", n)) for c in about):
        raise Refused(f"induction over {n} from {base} allows only the condition {n} >= {base} on it, got {about}")
    if not about and not _starts_at(n, base):
        raise Refused(f"the step ranges over all {n}, but the induction starts at {base}")
    least = 1 if n.is_positive else 0 if n.is_nonnegative else None
    if least is not None and base.is_number:
        base = sp.Max(base, least)  # the symbol takes no smaller values: the first one is the base
    elif least is not None:
        _confirm(relation(base, ">=", least), (*context.relations, *others), _options(step, context))
    general = context.adding(*others, relation(n, ">=", base))
    collected, grade, used = _collect(step, general)
    new = tuple(h for h in collected.hypotheses if h not in general.hypotheses)
    at_base = tuple(substitute(h, {n: base}) for h in new)
    options = _options(step, context)
    ground = context.adding(*others, *at_base)
    start = substitute(goal.body, {n: base})
    first = _check_forall(start, ground.adding(*_short_sums(start)), options)
    splits = _split_last(goal.body, n, general.relations)
    second = _check_forall(substitute(goal.body, {n: n + 1}), collected.adding(*splits, goal.body), options)
    details = {"base": first.method, "step": second.method}
    return Proof("induction", details), grade, used


def _starts_at(n: sp.Symbol, base: sp.Expr) -> bool:
    """Whether the symbol's own assumptions say n >= base."""
    if n.is_positive:
        return bool(base <= 1)
    return bool(n.is_nonnegative and base <= 0)


def _shannon(goal: Proposition, rule: why.Shannon) -> Proof:
    from theory.information.prover import Proved, prove

    if isinstance(goal, Forall) or not isinstance(goal, sp.Rel):
        raise Refused("an information inequality is a plain relation")
    atoms = dict(rule.atoms)
    for application in goal.atoms(AppliedUndef):
        if not application.args and application not in atoms:
            atoms[application] = str(application.func)
    query = f"{_linear_text(goal.lhs, atoms)} {sign_of(goal)} {_linear_text(goal.rhs, atoms)}".replace("==", "=")
    outcome = prove(query, given=rule.given)
    if not isinstance(outcome, Proved):
        raise Refused(f"{query}: not provable by Shannon inequalities")
    for certificate in outcome.certificates:
        if not certificate.check():
            raise Refused(f"{query}: the certificate does not re-check")
    return Proof("linear program", {"certificate": tuple(str(c) for c in outcome.certificates), "query": query})


def _linear_text(expression: sp.Expr, atoms: Mapping[sp.Expr, str]) -> str:
    """A rational combination of atoms in the prover's grammar."""
    terms: list[str] = []
    for term in sp.Add.make_args(sp.expand(expression)):
        coefficient, rest = term.as_coeff_Mul()
        if rest == 1 and coefficient == 0:
            continue
        if rest not in atoms:
            raise Refused(f"{rest} is no information quantity")
        sign = "-" if coefficient < 0 else ("+" if terms else "")
        size = abs(coefficient)
        terms.append(f"{sign} {'' if size == 1 else f'{size}*'}{atoms[rest]}".strip())
    return " ".join(terms) or "0"


def _compute(goal: Proposition, rule: why.Computation) -> Proof:
    if isinstance(goal, Forall) or not isinstance(goal, sp.Eq):
        raise Refused("a computation backs an equality with the computed value")
    if not isinstance(goal.lhs, AppliedUndef):
        raise Refused(f"a computation gives the value of a named object, and {goal.lhs} is an expression")
    if goal.lhs.free_symbols or goal.rhs.free_symbols:
        raise Refused(f"{goal} has free symbols: a computation is about one finite object")
    value = rule.function()
    if isinstance(value, float):
        raise Refused("a computation that backs a step must be exact, got a float")
    exact = sp.S(value)
    if exact != goal.rhs and sp.simplify(exact - goal.rhs) != 0:
        raise Refused(f"computed {exact}, stated {goal.rhs}")
    if sp.simplify(_computed.setdefault(goal.lhs, exact) - exact) != 0:
        raise Refused(f"{goal.lhs} was computed as {_computed[goal.lhs]} elsewhere, here as {exact}")
    name = f"{rule.function.__module__}.{rule.function.__qualname__}"
    return Proof("exact computation", {"function": name, "value": str(exact)})


__all__ = [
    "Report",
    "StepReport",
    "assumption_conditions",
    "check_claim",
    "check_derivation",
    "check_last_step",
    "check_lemma",
]
