"""Exact rational certificates for linear arguments: from a_i . x <= b_i conclude c . x <= d.

Relations are SymPy `Le, Lt, Ge, Gt, Eq` over real atoms. An atom is a maximal subterm that is not linear with rational
coefficients: in `2*log(x) + x*y - 1/3` the atoms are `log(x)` and `x*y`. Atoms are opaque, so a certificate is valid
whatever real values they take.

Main statement (Motzkin's transposition theorem): write the goal as g >= 0 (or > 0) and the hypotheses as h_i >= 0, > 0
or = 0. The conclusion holds on every real assignment of the atoms exactly if there are multipliers m_i (>= 0 unless h_i
is an equality) with either

    g = sum m_i h_i + c,    c >= 0,  and for a strict goal c > 0 or m_i > 0 for some strict h_i;     or
    -c = sum m_i h_i,       c > 0, or c = 0 and m_i > 0 for some strict h_i    (the hypotheses contradict each other).

`linear_certificate` looks for them; `check_linear_certificate` re-checks given ones and shares only the normal form.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal

import sympy
from sympy.core.relational import Relational
from sympy.logic.boolalg import BooleanFalse, BooleanTrue

from theory.checking.rational_programs import Combination, nonnegative_combination

Sense = Literal[">=", ">", "="]


@dataclass(frozen=True)
class LinearForm:
    """constant + sum coefficient * atom, with distinct atoms and non-zero coefficients."""

    coefficients: tuple[tuple[sympy.Expr, Fraction], ...]
    constant: Fraction


@dataclass(frozen=True)
class LinearCertificate:
    """`multipliers[i]` belongs to `hypotheses[i]`; `opposite` proves the other half of an equality goal.

    A multiplier applies to the hypothesis written as larger side minus smaller side (left minus right for an equality).
    """

    goal: Any  # a SymPy relation
    hypotheses: tuple[Any, ...]
    multipliers: tuple[Fraction, ...]
    opposite: tuple[Fraction, ...] | None = None

    def check(self) -> bool:
        """Exact and independent of the search."""
        return check_linear_certificate(self.goal, self.hypotheses, self.multipliers, self.opposite)

    def __str__(self) -> str:
        lines = [f"{self.goal}, since it is implied by the sum of"]
        for multipliers in (self.multipliers, self.opposite):
            if multipliers is not None:
                used = [(m, h) for m, h in zip(multipliers, self.hypotheses, strict=True) if m]
                lines += [f"  {m} * [{h}]" for m, h in used] or ["  nothing: it holds identically"]
                lines.append("and for the other direction")
        return "\n".join(lines[:-1])


def linear_form(expression: Any) -> LinearForm:
    """Normal form over opaque atoms.

    Raises `ValueError` where the expression holds a floating-point number (not exact), an infinity or a nan, or where
    an atom is known not to be real.
    """
    expression = sympy.sympify(expression, strict=True)  # numbers and expressions only: text is refused
    if expression.has(sympy.Float):
        number = next(iter(expression.atoms(sympy.Float)))
        raise ValueError(f"{number} in {expression} is a floating-point number, expected an exact rational")
    if expression.has(sympy.oo, -sympy.oo, sympy.zoo, sympy.nan):
        raise ValueError(f"{expression} is not finite, expected a real expression")
    # Only products over sums are multiplied out: rewriting inside functions could change an atom's domain.
    expanded = sympy.expand(expression, deep=True, power_base=False, power_exp=False, log=False)
    constant, values = Fraction(0), dict[sympy.Expr, Fraction]()
    for term in sympy.Add.make_args(expanded):
        number, atom = term.as_coeff_Mul(rational=True)
        scale, atom = sympy.factor_terms(atom).as_coeff_Mul(rational=True)  # 1/(2*x + 2) is half of 1/(x + 1)
        value = Fraction(int(number.p), int(number.q)) * Fraction(int(scale.p), int(scale.q))
        if atom is sympy.S.One:
            constant += value
            continue
        if atom.is_extended_real is False or atom.has(sympy.I):
            raise ValueError(f"{atom} is not real, expected real expressions in an inequality")
        values[atom] = values.get(atom, Fraction(0)) + value
    kept = sorted(((a, v) for a, v in values.items() if v), key=lambda pair: sympy.default_sort_key(pair[0]))
    return LinearForm(tuple(kept), constant)


def relation_form(relation: Any) -> tuple[LinearForm, Sense]:
    """The relation as form >= 0, form > 0 or form = 0.

    `true` reads 0 >= 0 and `false` reads -1 >= 0. Raises `TypeError` on anything but these and Le, Lt, Ge, Gt, Eq.
    """
    if relation in (True, sympy.true) or isinstance(relation, BooleanTrue):
        return LinearForm((), Fraction(0)), ">="
    if relation in (False, sympy.false) or isinstance(relation, BooleanFalse):
        return LinearForm((), Fraction(-1)), ">="
    if isinstance(relation, sympy.Equality):
        return linear_form(relation.lhs - relation.rhs), "="
    if isinstance(relation, Relational) and not isinstance(relation, sympy.Unequality):
        strict = isinstance(relation, (sympy.StrictLessThan, sympy.StrictGreaterThan))
        return linear_form(relation.gts - relation.lts), ">" if strict else ">="
    raise TypeError(f"{relation} is a {type(relation).__name__}, expected one of <=, <, >=, >, ==")


def _negated(form: LinearForm) -> LinearForm:
    return LinearForm(tuple((a, -v) for a, v in form.coefficients), -form.constant)


def _directions(form: LinearForm, sense: Sense) -> list[tuple[LinearForm, bool]]:
    """The one-sided goals (form, strict) that make up a goal: two for an equality."""
    if sense == "=":
        return [(form, False), (_negated(form), False)]
    return [(form, sense == ">")]


def _search(
    goal: LinearForm, strict: bool, hypotheses: Sequence[tuple[LinearForm, Sense]]
) -> tuple[Fraction, ...] | None:
    """Multipliers for one direction, or None when the goal does not follow."""
    # Unknowns: the multipliers, the goal's own weight w, and a constant; they refute "hypotheses and not goal":
    # sum m_i h_i - w g + constant = 0 while the strict weights sum to one.
    forms = [*(form for form, _ in hypotheses), _negated(goal), LinearForm((), Fraction(1))]
    counts = [*(sense == ">" for _, sense in hypotheses), not strict, True]
    rows: dict[Any, int] = {"constant": 0, "strict": 1}
    for form in forms:
        for atom, _ in form.coefficients:
            rows.setdefault(atom, len(rows))
    columns = []
    for form, counted in zip(forms, counts, strict=True):
        column = {rows[atom]: value for atom, value in form.coefficients}
        column[0] = form.constant
        column[1] = Fraction(int(counted))
        columns.append({row: value for row, value in column.items() if value})
    free = frozenset(i for i, (_, sense) in enumerate(hypotheses) if sense == "=")
    answer = nonnegative_combination(columns, {1: Fraction(1)}, len(rows), free)
    if not isinstance(answer, Combination):
        return None
    weight = answer.coefficients[len(hypotheses)] or Fraction(1)  # 0: the hypotheses contradict each other
    return tuple(m / weight for m in answer.coefficients[: len(hypotheses)])


def linear_certificate(goal: Any, hypotheses: Sequence[Any]) -> LinearCertificate | None:
    """Multipliers that prove the goal from the hypotheses by linear arithmetic, or None if there are none.

    None is exact: with the atoms read as independent reals, the goal does not follow. Raises `TypeError` on other
    relations, `ValueError` on inexact or non-real terms, `ExactnessError` when no exact answer is reached.
    """
    forms = [relation_form(hypothesis) for hypothesis in hypotheses]
    form, sense = relation_form(goal)
    found = []
    for direction, strict in _directions(form, sense):
        multipliers = _search(direction, strict, forms)
        if multipliers is None:
            return None
        found.append(multipliers)
    certificate = LinearCertificate(goal, tuple(hypotheses), found[0], found[1] if len(found) > 1 else None)
    return certificate if certificate.check() else None


def _proves(
    goal: LinearForm, strict: bool, hypotheses: Sequence[tuple[LinearForm, Sense]], multipliers: Sequence[Fraction]
) -> bool:
    if len(multipliers) != len(hypotheses):
        return False
    total, constant, bite = dict[sympy.Expr, Fraction](), Fraction(0), False
    for (form, sense), multiplier in zip(hypotheses, multipliers, strict=True):
        if not isinstance(multiplier, (Fraction, int)) or (multiplier < 0 and sense != "="):
            return False
        bite = bite or (sense == ">" and multiplier > 0)
        constant += multiplier * form.constant
        for atom, value in form.coefficients:
            total[atom] = total.get(atom, Fraction(0)) + multiplier * value
    if not any(total.values()) and (constant < 0 or (constant == 0 and bite)):
        return True  # 0 <= sum < 0: the hypotheses contradict each other
    for atom, value in goal.coefficients:
        total[atom] = total.get(atom, Fraction(0)) - value
    rest = goal.constant - constant
    return not any(total.values()) and (rest > 0 or (rest == 0 and (bite or not strict)))


def check_linear_certificate(
    goal: Any, hypotheses: Sequence[Any], multipliers: Sequence[Fraction], opposite: Sequence[Fraction] | None = None
) -> bool:
    """Whether the multipliers prove the goal, in exact arithmetic.

    An equality goal needs `opposite` too, unless `multipliers` uses equalities only (then its negative serves).
    Raises as `linear_certificate` does.
    """
    forms = [relation_form(hypothesis) for hypothesis in hypotheses]
    form, sense = relation_form(goal)
    directions = _directions(form, sense)
    if len(directions) == 1:
        return opposite is None and _proves(*directions[0], forms, multipliers)
    if opposite is None:
        opposite = [-m for m in multipliers]
    return _proves(*directions[0], forms, multipliers) and _proves(*directions[1], forms, opposite)
