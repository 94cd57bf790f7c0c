"""What may be used at one point of a derivation, and how a goal is settled from it.

Main definitions
    Context        hypotheses, named facts and symbols in scope
    confirm        a relation from relations, by matching or by a decision procedure
    check_forall   a relation or a Forall, at fresh variables
    check_open     a Forall step at its own variables
    matching_instances   instances of universally quantified facts at terms of the goal

Soundness: a Forall is proved at a variable of which nothing is assumed but its SymPy assumptions and the Forall's own
conditions: one that the context speaks of is renamed first. A universally quantified fact is used only at values that
were shown to satisfy its conditions and the assumptions of its variables; which instances are tried is a heuristic
and proves nothing. A goal that follows because the hypotheses contradict each other is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import sympy as sp
from sympy.core.function import AppliedUndef
from sympy.logic.boolalg import Boolean

from theory import justification as why
from theory.checking.decision import Proof, Refutation, decide
from theory.checking.reports import Refused, Report
from theory.derivation import Step
from theory.lemma import Applicable, Definition
from theory.proposition import AssumptionError, Forall, Proposition, free_symbols, relation, substitute
from theory.verdict import Grade

if TYPE_CHECKING:
    from theory.checking.stated import RangeReport


@dataclass(frozen=True)
class Context:
    """What is in scope.

    Attributes
        hypotheses    what may be used without being named
        facts         accepted earlier steps by name, with their grades
        symbols       parameters and bound variables that stand for something here
        lemma_report  the checker's word on a lemma or claim
        range_report  its word on the range that a definition states
        effort        scales the time of decision procedures
    """

    hypotheses: tuple[Proposition, ...]
    facts: Mapping[str, tuple[Proposition, Grade]]
    symbols: frozenset[sp.Symbol]
    lemma_report: Callable[[Applicable], Report]
    range_report: Callable[[Definition], RangeReport]
    effort: float = 1.0

    @property
    def relations(self) -> tuple[Boolean, ...]:
        return tuple(h for h in self.hypotheses if not isinstance(h, Forall))

    def adding(self, *more: Proposition) -> Context:
        return replace(self, hypotheses=(*self.hypotheses, *more))


def _stated(goal: Boolean, hypotheses: Sequence[Boolean]) -> bool:
    """Whether a goal is a hypothesis as it stands, or with its sides exchanged."""
    return goal in hypotheses or goal == sp.true or (isinstance(goal, sp.Rel) and goal.reversed in hypotheses)


def confirm(goal: Boolean, hypotheses: Sequence[Boolean], options: why.Decide | None = None) -> Proof:
    """`goal` from `hypotheses`, by matching or by a decision procedure; raises Refused."""
    if _stated(goal, hypotheses):
        return Proof("assumption", {})
    options = options or why.decide
    for symbol, low, high in options.box:  # a box is a help to interval methods, not an assumption
        for side in (relation(symbol, ">=", low), relation(symbol, "<=", high)):
            confirm(side, hypotheses, why.Decide(effort=0.3 * options.effort))
    outcome = decide(goal, tuple(hypotheses), box=options.box or None, effort=options.effort)
    if isinstance(outcome, Proof):
        if outcome.details.get("vacuous"):
            raise Refused(f"{goal}: the hypotheses contradict each other")
        return outcome
    if isinstance(outcome, Refutation):
        point = {str(k): str(v) for k, v in outcome.point.items()}
        raise Refused(f"{goal} fails: left {outcome.left}, right {outcome.right}", point)
    raise Refused(f"{goal} not confirmed: {outcome.reason}")


def check_forall(goal: Proposition, context: Context, options: why.Decide | None = None) -> Proof:
    """A relation, or a Forall at fresh symbols."""
    if not isinstance(goal, Forall):
        if _stated(goal, context.relations):  # before instances are looked for: their conditions may be hard
            return Proof("assumption", {})
        return confirm(goal, (*context.relations, *matching_instances(goal, context)), options)
    if known_as(goal, context):
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
    return at_own_variables(goal, context, options)


def check_open(body: Boolean, goal: Forall, context: Context, options: why.Decide | None) -> Proof:
    """The body of a Forall step at its own variables, with universally quantified facts tried at them."""
    if known_as(goal, context):
        return Proof("assumption", {})
    others = tuple(h for h in context.hypotheses if h not in goal.conditions)
    return at_own_variables(goal, replace(context, hypotheses=others), options)


def at_own_variables(goal: Forall, context: Context, options: why.Decide | None) -> Proof:
    """The body of a Forall from its conditions, its variables being taken as they stand."""
    extended = context.adding(*goal.conditions)
    if _stated(goal.body, extended.relations):
        return Proof("assumption", {})
    instances = matching_instances(goal.body, extended)
    return confirm(goal.body, (*extended.relations, *instances), options)


def known_as(goal: Forall, context: Context) -> bool:
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


def matching_instances(goal: Boolean, context: Context) -> tuple[Boolean, ...]:
    """Instances of universally quantified facts at terms of the goal, found by matching function applications.

    An instance whose conditions cannot be proved is left out: the goal is then decided without it. Nothing more is
    looked for once the goal itself is among them.
    """
    found: dict[Boolean, None] = {}
    shown: dict[Boolean, bool] = {}  # conditions that were asked for already

    def holds(condition: Boolean) -> bool:
        if condition not in shown:
            try:
                confirm(condition, context.relations, why.Decide(effort=0.3 * context.effort))
                shown[condition] = True
            except (Refused, AssumptionError):
                shown[condition] = False
        return shown[condition]

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
            except AssumptionError:
                continue
            if body in found or not all(map(holds, obligations)):
                continue
            found[body] = None
            if _stated(goal, (body,)) or len(found) >= MOST_INSTANCES:
                return tuple(found)
    return tuple(found)


def options_of(step: Step, context: Context) -> why.Decide:
    """The step's own options for decision procedures, scaled by the context's effort."""
    own = next((j for j in step.by if isinstance(j, why.Decide)), why.decide)
    return replace(own, effort=own.effort * context.effort)
