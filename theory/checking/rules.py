"""The rules that prove a step in one go: induction, comparison of sums, Shannon inequalities, computation, algebra.

Soundness
    induction      the base and the step n -> n + 1 are proved from facts that do not depend on the goal, and the first
                   value of the variable's symbol is the base, so every value is reached
    termwise       the terms are compared at an index of which only its range is known; the range is not reversed
                   (SymPy reads a reversed sum as minus the sum between)
    single term    every term is shown non-negative over the range, and the chosen index to lie in it
    shannon        the prover's certificate is re-checked in exact arithmetic
    computation    the value is computed here and compared with the stated one; a named object has one value
    algebra        the difference of both sides reduces to zero
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import sympy as sp
from sympy.core.function import AppliedUndef
from sympy.logic.boolalg import Boolean

from theory import justification as why
from theory.checking.context import Context, check_forall, confirm, options_of
from theory.checking.decision import Proof, Refutation, equal
from theory.checking.premises import collect
from theory.checking.reports import Refused
from theory.derivation import Step
from theory.proposition import Forall, Proposition, beyond_conditions, free_symbols, relation, sign_of, substitute
from theory.verdict import Grade

_computed: dict[sp.Expr, sp.Expr] = {}  # what computations of this process gave for named objects


def algebra(goal: Proposition, context: Context) -> Proof:

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


def termwise(step: Step, context: Context) -> tuple[Proof, Grade, list[str]]:
    goal = step.proposition.body if isinstance(step.proposition, Forall) else step.proposition
    left, right = goal.lhs, goal.rhs
    if not isinstance(left, sp.Sum) or not isinstance(right, sp.Sum) or left.limits != right.limits:
        raise Refused(f"{goal} does not compare two sums over the same range")
    inner = context
    for index, low, high in left.limits:
        if index in context.symbols:
            raise Refused(f"the index {index} of the sum is also a parameter: rename it")
        # SymPy reads a sum with upper < lower - 1 as minus the sum between: the comparison would turn round
        confirm(relation(high, ">=", low - 1), inner.relations, options_of(step, context))
        _index_fits(index, low, high, inner, options_of(step, context))
        inner = inner.adding(relation(index, ">=", low), relation(index, "<=", high))
    collected, grade, used = collect(step, inner)
    options = options_of(step, context)
    sign = sign_of(goal)
    sign = {"<": "<=", ">": ">="}.get(sign, sign)
    if sign_of(goal) in ("<", ">"):
        raise Refused("termwise comparison yields <= or >=, not a strict inequality (the range may be empty)")
    proof = check_forall(relation(left.function, sign, right.function), collected, options)
    return Proof(f"termwise, {proof.method}", proof.details), grade, used


def _index_fits(index: sp.Symbol, low: sp.Expr, high: sp.Expr, context: Context, options: why.Decide) -> None:
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
            confirm(relation(end, sign, 0), context.relations, options)


def single_term(step: Step, rule: why.SingleTerm, context: Context) -> tuple[Proof, Grade, list[str]]:
    goal = step.proposition.body if isinstance(step.proposition, Forall) else step.proposition
    if not isinstance(goal, sp.Ge) or not isinstance(goal.lhs, sp.Sum) or len(goal.lhs.limits) != 1:
        raise Refused(f"{goal} does not bound a single sum from below")
    index, low, high = goal.lhs.limits[0]
    if index in context.symbols:
        raise Refused(f"the index {index} of the sum is also a parameter: rename it")
    chosen = sp.S(rule.index)
    if chosen.is_integer is not True:
        raise Refused(f"{chosen} is not an integer index")
    options = options_of(step, context)
    _index_fits(index, low, high, context, options)
    inner = context.adding(relation(index, ">=", low), relation(index, "<=", high))
    collected, grade, used = collect(step, inner)
    terms = check_forall(relation(goal.lhs.function, ">=", 0), collected, options)
    outside = [h for h in collected.relations if index not in h.free_symbols]
    at_chosen = [substitute(h, {index: chosen}) for h in collected.relations if index in h.free_symbols]
    for bound in (relation(chosen, ">=", low), relation(chosen, "<=", high)):
        confirm(bound, outside, options)
    plain = replace(collected, hypotheses=tuple(h for h in collected.hypotheses if isinstance(h, Forall)))
    one = check_forall(
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
            confirm(relation(low, "<=", high), hypotheses)
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


def induction(step: Step, rule: why.Induction, context: Context) -> tuple[Proof, Grade, list[str]]:
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
        confirm(relation(base, ">=", least), (*context.relations, *others), options_of(step, context))
    general = context.adding(*others, relation(n, ">=", base))
    collected, grade, used = collect(step, general)
    new = tuple(h for h in collected.hypotheses if h not in general.hypotheses)
    at_base = tuple(substitute(h, {n: base}) for h in new)
    options = options_of(step, context)
    ground = context.adding(*others, *at_base)
    start = substitute(goal.body, {n: base})
    first = check_forall(start, ground.adding(*_short_sums(start)), options)
    splits = _split_last(goal.body, n, general.relations)
    second = check_forall(substitute(goal.body, {n: n + 1}), collected.adding(*splits, goal.body), options)
    details = {"base": first.method, "step": second.method}
    return Proof("induction", details), grade, used


def _starts_at(n: sp.Symbol, base: sp.Expr) -> bool:
    """Whether the symbol's own assumptions say n >= base."""
    if n.is_positive:
        return bool(base <= 1)
    return bool(n.is_nonnegative and base <= 0)


def shannon(goal: Proposition, rule: why.Shannon) -> Proof:
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


def computation(goal: Proposition, rule: why.Computation) -> Proof:
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
