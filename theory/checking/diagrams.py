"""The rule for equalities of diagrams: both sides have one normal form in the free Markov category.

Soundness
    Atoms of terms stand for kernels under any interpretation in finite spaces of at least one point, in which flagged
    boxes are 0/1; equal normal forms are equal there. An entry equals its unfolding, the sum over internal wires of the
    products of the boxes' entries: this is what composition of kernels means, and the ranges are shown not to be empty.
    A step is refused where the normal forms differ, with kernels that tell the two sides apart. The symbols of atoms
    belong to the engine: no definition may give them equations, and no computation a value (`redefined`).
"""

from __future__ import annotations

import sympy as sp
from sympy.core.function import AppliedUndef

from theory import justification as why
from theory.categories.atoms import head_term, is_entry, term_of, unfolding
from theory.categories.equality import equal, explain
from theory.categories.evaluation import TooManyTerms
from theory.categories.separation import NotSeparated, separate
from theory.categories.term import CompositionError, Term
from theory.checking.context import Context, confirm
from theory.checking.records import Proof
from theory.checking.reports import Refused
from theory.derivation import Derivation
from theory.proposition import Forall, Proposition, relation


def normal_form(goal: Proposition, rule: why.NormalForm, context: Context) -> Proof:
    """Prove an equality of two atoms of terms, or of expressions in entries once these are unfolded; raises Refused."""
    body = goal.body if isinstance(goal, Forall) else goal
    if not isinstance(body, sp.Eq):
        raise Refused(f"normal forms prove equalities; {body} is none")
    left, right = term_of(body.lhs), term_of(body.rhs)
    if left is not None and right is not None and is_entry(body.lhs) == is_entry(body.rhs):
        return _same_term(left, right, body.lhs.args, body.rhs.args)
    return _same_sum(body, rule, context)


def _same_term(left: Term, right: Term, at_left: tuple[sp.Expr, ...], at_right: tuple[sp.Expr, ...]) -> Proof:
    if at_left != at_right:
        raise Refused(f"the entries are taken at {at_left} and at {at_right}, expected the same values")
    if left.dom != right.dom or left.cod != right.cod:
        raise Refused(f"{left} : {left.type_text} and {right} : {right.type_text} have different types")
    if equal(left, right):
        return Proof("normal form", {"rewrites": tuple(map(str, explain(left, right)))})
    try:
        found = separate(left, right)
    except (NotSeparated, TooManyTerms, CompositionError) as error:
        raise Refused(f"{left} and {right} have different normal forms; {error}") from None
    if found is None:
        raise Refused(f"{left} and {right} have different normal forms")
    sides = found.values
    raise Refused(
        f"{left} and {right} have different normal forms; {found}",
        {**found.plain(), "left": str(sides[0]), "right": str(sides[1])},
    )


def _same_sum(body: sp.Eq, rule: why.NormalForm, context: Context) -> Proof:
    entries = [a for a in body.atoms(AppliedUndef) if is_entry(a)]
    if not entries:
        raise Refused(f"{body} speaks of no diagram")
    sizes = dict(rule.sizes)
    for ob, size in sizes.items():
        count = sp.sympify(size, strict=True)
        if count.is_integer is not True:
            raise Refused(f"the size {count} of {ob} is not known to be an integer")
        confirm(relation(count, ">=", 1), context.relations)
    forms: list[set[sp.Expr]] = []
    for side in (body.lhs, body.rhs):
        found = {side.as_dummy()}
        for reduced in (True, False):
            try:
                values = {a: unfolding(a, sizes, reduced=reduced) for a in entries if side.has(a)}
            except KeyError as error:
                raise Refused(str(error).strip("'\"")) from None
            found.add(sp.expand(side.xreplace(values)).as_dummy())
        forms.append(found)
    if forms[0] & forms[1]:
        return Proof("normal form", {"unfolded": str(min(forms[0] & forms[1], key=str))})
    raise Refused(f"{body} does not follow by unfolding: {_some(forms[0])} against {_some(forms[1])}")


def _some(forms: set[sp.Expr]) -> str:
    return " or ".join(sorted(map(str, forms)))


def redefined(derivation: Derivation) -> str:
    """Why the derivation says something of its own about the symbol of a diagram, or an empty text."""
    for step in derivation.steps:
        body = step.proposition.body if isinstance(step.proposition, Forall) else step.proposition
        for used in step.by:
            if isinstance(used, why.Unfold) and head_term(used.definition.head) is not None:
                return f"step {step.name}: definition {used.definition.id} is about a diagram, which has its meaning"
            if isinstance(used, why.Computation) and isinstance(body, sp.Eq) and term_of(body.lhs) is not None:
                return f"step {step.name}: a computation gives no value to a diagram, which stands for any kernel"
    return ""
