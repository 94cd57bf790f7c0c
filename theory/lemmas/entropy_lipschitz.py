"""Entropies sum s(p_w) whose s has a slope in an interval: they change by at most its length times the distance.

p and q are positive laws on 0..top and t = d_TV(p, q). Where s' lies in [-l, 0] on [0, 1], s(q) - s(p) is at most
l max(p - q, 0) = l (|p - q| + p - q)/2 for every letter, and sum p = sum q leaves l t.

Main statements
    letter_*    one letter: s = -u^2 (l = 2), -2 u^(3/2) (l = 3), -F(u)/2, F(u) = u (1 + u) log(1 + u) - u^2 log u,
                whose slope is monotone (l = 3/2 log 2)
    change_*    the sums: 2 t, 3 t and (3/2) log 2 t

Source: own derivation.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sympy as sp

from theory.derivation import Derivation, derive
from theory.justification import SingleTerm, Termwise, algebra, decide, fact, quick
from theory.lemma import Lemma
from theory.lemmas.divergence import laws, p, q, top, total, total_variation, within
from theory.parameter import Parameter, reals
from theory.proposition import Forall, eq, ge, gt, le

a, b = (Parameter(n, n, m, reals(0, 1, open="lower"), (0.1, 1)) for n, m in (("a", "p"), ("b", "q")))
_a, _b = a.symbol, b.symbol
_k, _l = (sp.Symbol(name, integer=True, nonnegative=True) for name in "kl")


def square(u: Any) -> sp.Expr:
    """u^2, for 1 - sum p^2."""
    return u**2


def broken_power(u: Any) -> sp.Expr:
    """2 u^(3/2), for 2 (1 - sum p^(3/2))."""
    return 2 * u ** sp.Rational(3, 2)


def mixed_logarithm(u: Any) -> sp.Expr:
    """F(u)/2, for log 2 - sum F(p)/2."""
    return (u * (1 + u) * sp.log(1 + u) - u**2 * sp.log(u)) / 2


LENGTH = {"TV": sp.S(2), "Hel2": sp.S(3), "JS": sp.Rational(3, 2) * sp.log(2)}
LETTER: dict[str, Callable[[Any], sp.Expr]] = {"TV": square, "Hel2": broken_power, "JS": mixed_logarithm}


def _positive_part(length: Any, first: Any, second: Any) -> sp.Expr:
    return length * (sp.Abs(first - second) + first - second) / 2


increases = Lemma(
    "entropy_lipschitz/increases",
    "F does not decrease",
    (a, b),
    le(mixed_logarithm(_a), mixed_logarithm(_b)),
    hypotheses=(le(_a, _b),),
    backing=derive().have("increases", le(mixed_logarithm(_a), mixed_logarithm(_b)), by=["hypothesis 1", decide]),
)
_most = LENGTH["JS"]
increases_slowly = Lemma(
    "entropy_lipschitz/increases_slowly",
    "The slope of F is at most 3 log 2",
    (a, b),
    le(mixed_logarithm(_a) - mixed_logarithm(_b), _most * (_a - _b)),
    hypotheses=(le(_b, _a),),
    backing=derive().have(
        "increases", le(mixed_logarithm(_a) - mixed_logarithm(_b), _most * (_a - _b)), by=["hypothesis 1", decide]
    ),
)


_larger = sp.Max(_a, _b)


def _letter_derivation(name: str) -> Derivation:
    term, length = LETTER[name], LENGTH[name]
    goal = le(term(_a) - term(_b), _positive_part(length, _a, _b))
    if name != "JS":
        return derive().have("letter", goal, by=decide)
    return (
        derive()
        .have("some", gt(_larger, 0), by=decide)
        .have("at most one", le(_larger, 1), by=decide)
        .have("above p", ge(_larger, _a), by=decide)
        .have("above q", ge(_larger, _b), by=decide)
        .have("up", le(term(_a), term(_larger)), by=["some", "at most one", "above p", increases.at(b=_larger)])
        .have(
            "slowly",
            le(term(_larger) - term(_b), length * (_larger - _b)),
            by=["some", "at most one", "above q", increases_slowly.at(a=_larger)],
        )
        .have("difference", le(term(_a) - term(_b), length * (_larger - _b)), by=["up", "slowly", quick])
        .have("part", eq(_larger - _b, _positive_part(1, _a, _b)), by=decide)
        .have("letter", goal, by=["difference", "part", quick])
    )


def _letter(name: str) -> Lemma:
    return Lemma(
        f"entropy_lipschitz/letter_{name}",
        f"One letter of the entropy of {name}",
        (a, b),
        le(LETTER[name](_a) - LETTER[name](_b), _positive_part(LENGTH[name], _a, _b)),
        backing=_letter_derivation(name),
    )


letter_TV, letter_Hel2, letter_JS = _letter("TV"), _letter("Hel2"), _letter("JS")
_LETTERS = {"TV": letter_TV, "Hel2": letter_Hel2, "JS": letter_JS}
_distance = total_variation()


def _change(name: str) -> Lemma:
    term, length = LETTER[name], LENGTH[name]
    change = total(term(p(_k))) - total(term(q(_k)))
    parts = total(_positive_part(length, p(_k), q(_k)))
    steps = derive()
    for law, label, positive, mass in ((p, "p", 1, 3), (q, "q", 2, 4)):
        steps = steps.have(
            f"others of {label}",
            Forall((_l,), ge(total(law(_k)), law(_l)), within(_l)),
            by=[SingleTerm(_l), f"hypothesis {positive}"],
        ).have(
            f"{label} at most one",
            Forall((_l,), le(law(_l), 1), within(_l)),
            by=[fact(f"others of {label}", l=_l), f"hypothesis {mass}", quick],
        )
    return Lemma(
        f"entropy_lipschitz/change_{name}",
        f"Entropies of {name} of close laws",
        (top,),
        le(change, length * _distance),
        hypotheses=laws(),
        functions=(p, q),
        backing=steps.have(
            "letter",
            Forall((_l,), le(term(p(_l)) - term(q(_l)), _positive_part(length, p(_l), q(_l))), within(_l)),
            by=[
                *(fact(f"hypothesis {i}", k=_l) for i in (1, 2)),
                fact("p at most one", l=_l),
                fact("q at most one", l=_l),
                _LETTERS[name].at(a=p(_l), b=q(_l)),
            ],
        )
        .have("letters", le(total(term(p(_k)) - term(q(_k))), parts), by=[Termwise(), "letter"])
        .have("apart", eq(total(term(p(_k)) - term(q(_k))), change), by=algebra)
        .have("linear", eq(parts, length * (_distance + (total(p(_k)) - total(q(_k))) / 2)), by=algebra)
        .have(
            "change",
            le(change, length * _distance),
            by=["letters", "apart", "linear", "hypothesis 3", "hypothesis 4", quick],
        ),
    )


change_TV, change_Hel2, change_JS = _change("TV"), _change("Hel2"), _change("JS")
