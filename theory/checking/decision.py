"""Decide an equality or inequality between SymPy expressions under hypotheses.

`decide` returns a `Proof`, a `Refutation` at a certified point, or `Undecided`. A proof never rests on sampling or on
floating point: it comes from exact algebra, rational interval arithmetic ("sign"), z3's nonlinear reals with true facts
about the transcendental terms ("polynomial"), signs of derivatives ("derivative signs"), or ball arithmetic on a finite
box ("interval"). Every denominator, logarithm and root in the statement is shown to be defined under the hypotheses;
a hypothesis is taken to be defined, since it is assumed to hold.

The answer depends on the statement, the hypotheses and the effort alone: procedures are limited in units of work (see
`budget`), never in time, and they start from a state that earlier questions cannot have changed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

import sympy as sp
from sympy.core.relational import Relational

from theory.checking import counterexample, interval
from theory.checking.budget import AT_EFFORT_ONE, SAFETY_SECONDS, Budget, rungs, settled, size
from theory.checking.prover import (
    ContradictionError,
    Problem,
    UnconfirmedError,
    atomic,
    by_name,
    relations,
)
from theory.checking.records import Decision, Proof, Refutation, Undecided
from theory.checking.transcendental import Goal, Search
from theory.checking.translation import UnsupportedError
from theory.proposition import substitute

__all__ = ["Decision", "Proof", "Refutation", "SpuriousContradictionError", "Undecided", "decide", "equal"]

_FIRST_TRIES = 40  # points, before any proof is attempted
_LAST_TRIES = 1500  # at most, where none was found
_NODES_A_UNIT = 30  # nodes of the hypotheses and the statement that are evaluated at a point in one unit of work

Box = Mapping[sp.Symbol, tuple[sp.Expr, sp.Expr]] | Sequence[tuple[sp.Symbol, sp.Expr, sp.Expr]]


class SpuriousContradictionError(RuntimeError):
    """The hypotheses were found contradictory, and a point satisfies them all: one of the procedures is wrong."""


def equal(left: sp.Expr, right: sp.Expr, assumptions: Sequence[sp.Basic] = ()) -> Decision:
    """Decide left = right wherever the assumptions hold."""
    return decide(sp.Eq(left, right, evaluate=False), assumptions)


def decide(
    statement: sp.Basic, assumptions: Sequence[sp.Basic] = (), *, box: Box | None = None, effort: float = 1.0
) -> Decision:
    """Prove, refute or leave undecided a statement under assumptions.

    `statement` is a relation (Eq, Ne, Le, Lt, Ge, Gt) or a Boolean combination of relations; the assumptions of its
    symbols count as hypotheses. `box` adds finite bounds (symbol, low, high). `effort` scales the work (at 1 about 10 s
    at the most): what is proved at one effort is proved at every larger one, in the same way.

    Raises `SpuriousContradictionError` where hypotheses that were found contradictory have a common solution.
    """
    hypotheses = list(assumptions)
    sides = [(s, *ends) for s, ends in box.items()] if isinstance(box, Mapping) else box or ()
    for s, low, high in sides:
        hypotheses += [sp.GreaterThan(s, low), sp.LessThan(s, high)]
    with settled([sp.S(statement), *(sp.S(h) for h in hypotheses)]):
        try:
            flat = relations(hypotheses)
        except ContradictionError as reason:
            return Proof("vacuous", {"vacuous": True, "reason": str(reason)})
        if isinstance(statement, sp.And):
            return _conjunction(statement, flat, effort)
        if statement in (sp.true, True):
            return Proof("algebra", {"statement": "true as written"})
        if statement in (sp.false, False):
            return Undecided("the statement is false as written")
        names = _distinct([statement, *flat])
        if names:
            statement, flat = substitute(statement, names), [substitute(h, names) for h in flat]
        answer = _decide(statement, flat, effort)
        if isinstance(answer, Refutation) and names:
            back = {new: old for old, new in names.items()}
            point = {substitute(k, back): v for k, v in answer.point.items()}
            return Refutation(point, answer.left, answer.right)
        return answer


def _distinct(expressions: Sequence[sp.Basic]) -> dict[sp.Symbol, sp.Symbol]:
    """New names for dummies and for symbols that share a name with another: what prints alike is sorted by chance."""
    symbols = by_name(set().union(*(e.free_symbols for e in expressions)))
    taken = {s.name for e in expressions for s in e.atoms(sp.Symbol) if not isinstance(s, sp.Dummy)}
    seen: set[str] = set()
    renamed: dict[sp.Symbol, sp.Symbol] = {}
    for s in symbols:
        name = s.name
        if isinstance(s, sp.Dummy) or name in seen:
            while name in taken:
                name += "_"
            renamed[s] = sp.Symbol(name, **s.assumptions0)
        taken.add(name)
        seen.add(name)
    return renamed


def _conjunction(statement: sp.And, hypotheses: Sequence[sp.Basic], effort: float) -> Decision:
    parts = [decide(a, hypotheses, effort=effort / len(statement.args)) for a in statement.args]
    for part in parts:
        if isinstance(part, Refutation):
            return part
    for part in parts:
        if isinstance(part, Undecided):
            return part
    proofs = [p for p in parts if isinstance(p, Proof)]
    details: dict[str, object] = {"parts": tuple(p.method for p in proofs)}
    if any(p.vacuous for p in proofs):
        details["vacuous"] = True
    return Proof(proofs[0].method if len({p.method for p in proofs}) == 1 else "conjunction", details)


def _decide(statement: sp.Basic, hypotheses: list[sp.Basic], effort: float) -> Decision:
    """Try the rungs of effort one after another; the first that settles the statement answers."""
    whole = Budget(0.0)
    try:
        if hypotheses and isinstance(statement, Relational):
            alone = Problem.of([], [statement], whole).quick(statement)
            if alone is not None:
                return alone  # whatever the hypotheses say
        problem = Problem.of(hypotheses, [statement], whole)
        answer = _settle(statement, hypotheses, problem, effort)
    except ContradictionError as reason:
        _no_witness(str(reason), hypotheses)
        return Proof("vacuous", {"vacuous": True, "reason": str(reason)})
    except (UnconfirmedError, UnsupportedError) as reason:
        return Undecided(str(reason))
    if isinstance(answer, Proof) and answer.vacuous:
        _no_witness("z3 has no solution of them", hypotheses)
    return answer


def _settle(statement: sp.Basic, hypotheses: list[sp.Basic], problem: Problem, effort: float) -> Decision:
    relational = isinstance(statement, Relational)
    domain = problem.translation.symbol_ranges
    consistent = False
    if relational:
        sampled = counterexample.search(statement, hypotheses, domain, tries=_FIRST_TRIES)
        if sampled.refutation is not None:
            return sampled.refutation
        consistent = sampled.consistent
    reason, halted = "", False
    for rung in rungs(effort):
        budget = Budget(AT_EFFORT_ONE * rung)
        problem.extended(budget)
        found = _attempt(statement, hypotheses, problem, rung)
        if isinstance(found, Proof):
            return found if consistent else _with_vacuity(found, problem)
        reason, halted = found, halted or budget.halted
        if not budget.cut:
            break  # every procedure ran to its end: more work changes nothing
    problem.extended(Budget(AT_EFFORT_ONE))
    if not consistent and problem.contradictory():
        return Proof("vacuous", {"vacuous": True, "reason": "the hypotheses have no common solution"})
    if relational:
        tries = int(500 * effort / (1 + size([statement, *hypotheses]) / _NODES_A_UNIT))
        sampled = counterexample.search(statement, hypotheses, domain, tries=min(_LAST_TRIES, tries), seed=77)
        if sampled.refutation is not None:
            return sampled.refutation
    if halted:
        return Undecided(f"stopped by the safety limit of {SAFETY_SECONDS:.0f} s, before its work was done")
    return Undecided(reason)


def _with_vacuity(found: Proof, problem: Problem) -> Proof:
    """The proof, marked where the hypotheses contradict each other; no point is known that satisfies them all."""
    problem.extended(Budget(AT_EFFORT_ONE))
    return Proof(found.method, {**found.details, "vacuous": True}) if problem.contradictory() else found


def _no_witness(reason: str, hypotheses: Sequence[sp.Basic]) -> None:
    """Look for a point that satisfies hypotheses said to be contradictory; their ranges are not relied on."""
    point = counterexample.witness(hypotheses, {}, tries=_FIRST_TRIES)
    if point is not None:
        stated = ", ".join(map(str, hypotheses))
        where = ", ".join(f"{k} = {v}" for k, v in point.items())
        raise SpuriousContradictionError(f"{reason}, yet {stated} hold at {where}")


def _attempt(statement: sp.Basic, hypotheses: list[sp.Basic], problem: Problem, rung: float) -> Proof | str:
    """All procedures within the problem's budget: a proof, or why there is none."""
    if not all(problem.defined(relation) for relation in atomic(statement)):
        return "a denominator, logarithm or root is not shown to be defined under the hypotheses"
    if not isinstance(statement, Relational):
        answer = problem.ask([*hypotheses, sp.Not(statement)], 4000 * rung, (0, 1, 2, 3))
        if answer.status == "unsat":
            return Proof("polynomial", {"lemma level": answer.level})
        return "no procedure settled the Boolean statement"
    found = problem.quick(statement, 2000 * rung)
    if found is None and statement.rel_op not in ("==", "!="):
        found = _inequality(statement, hypotheses, problem, rung)
    return found or "no procedure settled it within its work"


def _inequality(statement: Relational, hypotheses: list[sp.Basic], problem: Problem, rung: float) -> Proof | None:
    goal = Goal(statement.gts - statement.lts, statement.rel_op in ("<", ">"), tuple(hypotheses))
    found = Search(problem.budget.part(5000 * rung), 600 * rung).prove(goal, 3)
    if found is not None:
        return found
    return _on_box(goal, problem, problem.budget.part(3000 * rung))


def _on_box(goal: Goal, problem: Problem, budget: Budget) -> Proof | None:
    """Branch-and-bound, when the hypotheses confine every symbol to a finite interval."""
    box: list[tuple[sp.Symbol, Fraction, Fraction]] = []
    for s in by_name(goal.expression.free_symbols):
        known = problem.translation.symbol_ranges.get(s)
        if known is None or known.lo is None or known.hi is None:
            return None
        box.append((s, known.lo, known.hi))
    if not box:  # a statement about numbers: nothing to branch on
        return None
    symbols = {s for s, _, _ in box}
    cuts = [
        (h.gts - h.lts, h.rel_op in ("<", ">"))
        for h in goal.hypotheses
        if isinstance(h, Relational) and h.rel_op in ("<", ">", "<=", ">=") and h.free_symbols <= symbols
    ]
    try:
        covering = interval.prove_on_box(goal.expression, goal.strict, box, cuts, budget=budget)
    except interval.NotEvaluableError:
        return None
    if covering is None:
        return None
    return Proof("interval", {"box": covering.box, "cells": covering.cells, "bits": covering.bits})
