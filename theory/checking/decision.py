"""Decide an equality or inequality between SymPy expressions under hypotheses.

`decide` returns a `Proof`, a `Refutation` at a certified point, or `Undecided`. A proof never rests on sampling or on
floating point: it comes from exact algebra, rational interval arithmetic ("sign"), z3's nonlinear reals with true facts
about the transcendental terms ("polynomial"), signs of derivatives ("derivative signs"), or ball arithmetic on a finite
box ("interval"). Every denominator, logarithm and root in the statement is shown to be defined under the hypotheses;
a hypothesis is taken to be defined, since it is assumed to hold.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from fractions import Fraction

import sympy as sp
from sympy.core.relational import Relational

from theory.checking import counterexample, interval
from theory.checking.prover import ContradictionError, Problem, relations
from theory.checking.records import Decision, Proof, Refutation, Undecided
from theory.checking.transcendental import Goal, Search
from theory.checking.translation import UnsupportedError

__all__ = ["Decision", "Proof", "Refutation", "Undecided", "decide", "equal"]

Box = Mapping[sp.Symbol, tuple[sp.Expr, sp.Expr]] | Sequence[tuple[sp.Symbol, sp.Expr, sp.Expr]]


def equal(left: sp.Expr, right: sp.Expr, assumptions: Sequence[sp.Basic] = ()) -> Decision:
    """Decide left = right wherever the assumptions hold."""
    return decide(sp.Eq(left, right, evaluate=False), assumptions)


def decide(
    statement: sp.Basic, assumptions: Sequence[sp.Basic] = (), *, box: Box | None = None, effort: float = 1.0
) -> Decision:
    """Prove, refute or leave undecided a statement under assumptions.

    `statement` is a relation (Eq, Ne, Le, Lt, Ge, Gt) or a Boolean combination of relations; the assumptions of its
    symbols count as hypotheses. `box` adds finite bounds (symbol, low, high). `effort` scales the time (about 10 s).
    """
    started = time.process_time()
    hypotheses = list(assumptions)
    sides = [(s, *ends) for s, ends in box.items()] if isinstance(box, Mapping) else box or ()
    for s, low, high in sides:
        hypotheses += [sp.GreaterThan(s, low), sp.LessThan(s, high)]
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
    try:
        return _decide(statement, flat, started + 10.0 * effort, effort)
    except ContradictionError as reason:
        return Proof("vacuous", {"vacuous": True, "reason": str(reason)})
    except UnsupportedError as reason:
        return Undecided(str(reason))


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


def _decide(statement: sp.Basic, hypotheses: list[sp.Basic], deadline: float, effort: float) -> Decision:
    problem = Problem.of(hypotheses, [statement], deadline)
    if not isinstance(statement, Relational):
        return _boolean(statement, hypotheses, problem, effort)
    domain = problem.translation.symbol_ranges
    refuted = counterexample.search(
        statement, hypotheses, domain, deadline=min(deadline, time.process_time() + 0.6 * effort), tries=60
    )
    if refuted is not None:
        return refuted
    defined = problem.defined(statement)
    found = problem.quick(statement, 2.0 * effort) if defined else None
    if found is None and defined and statement.rel_op not in ("==", "!="):
        found = _inequality(statement, hypotheses, problem, deadline, effort)
    if found is not None:
        return _with_vacuity(found, problem)
    if problem.contradictory():
        return Proof("vacuous", {"vacuous": True, "reason": "the hypotheses have no common solution"})
    refuted = counterexample.search(
        statement, hypotheses, domain, deadline=max(deadline, time.process_time() + effort), tries=1500, seed=77
    )
    if refuted is not None:
        return refuted
    if not defined:
        return Undecided("a denominator, logarithm or root is not shown to be defined under the hypotheses")
    return Undecided("no procedure settled it within its time")


def _with_vacuity(found: Proof, problem: Problem) -> Proof:
    problem.deadline = max(problem.deadline, time.process_time() + 1.0)
    return Proof(found.method, {**found.details, "vacuous": True}) if problem.contradictory() else found


def _boolean(statement: sp.Basic, hypotheses: Sequence[sp.Basic], problem: Problem, effort: float) -> Decision:
    for relation in statement.atoms(Relational):
        if not problem.defined(relation):
            return Undecided("a denominator, logarithm or root is not shown to be defined under the hypotheses")
    answer = problem.ask([*hypotheses, sp.Not(statement)], 4.0 * effort, (0, 1, 2, 3))
    if answer.status == "unsat":
        return _with_vacuity(Proof("polynomial", {"lemma level": answer.level}), problem)
    return Undecided("no procedure settled the Boolean statement")


def _inequality(
    statement: Relational, hypotheses: list[sp.Basic], problem: Problem, deadline: float, effort: float
) -> Proof | None:
    goal = Goal(statement.gts - statement.lts, statement.rel_op in ("<", ">"), tuple(hypotheses))
    found = Search(min(deadline, time.process_time() + 5.0 * effort), 0.6 * effort).prove(goal, 3)
    if found is not None:
        return found
    return _on_box(goal, problem, min(deadline, time.process_time() + 3.0 * effort))


def _on_box(goal: Goal, problem: Problem, deadline: float) -> Proof | None:
    """Branch-and-bound, when the hypotheses confine every symbol to a finite interval."""
    box: list[tuple[sp.Symbol, Fraction, Fraction]] = []
    for s in sorted(goal.expression.free_symbols, key=str):
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
        covering = interval.prove_on_box(goal.expression, goal.strict, box, cuts, deadline=deadline)
    except interval.NotEvaluableError:
        return None
    if covering is None:
        return None
    return Proof("interval", {"box": covering.box, "cells": covering.cells, "bits": covering.bits})
