"""Categorical entropies of a law in closed form (specification `categorical` 2.1, D9).

Psi_D(p) is the divergence D of the law of (w, w), w drawn from p, from p ⊗ p. On the pair (w, v) the second law has the
mass p(w) p(v) and the ratio of the two is 1/p(w) where v = w and 0 elsewhere. `same(w, v)` is 1 where v = w, else 0;
what is used of it is that a row sums to 1 and that same(w, v) (p(v) - p(w)) = 0. p is positive on its support 0..top:
letters without mass are dropped, and add nothing.

Main statements
    entropy_closed_forms         Psi of an f-divergence, of KL, TV, chi^2, squared Hellinger, JS and Rényi divergences
    entropy_is_shannon           KL under the model law: Shannon entropy, and the conditional entropy of the next token
    entropy_data_law_as_stated   the same under the law of the corpus
    entropy_zero_iff_deterministic   Psi_D(p) is at least what vanishes for point masses only
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from theory.claim import Claim, Kind, Status, equal, upper
from theory.derivation import Derivation, derive
from theory.justification import Induction, Termwise, algebra, decide, fact, quick
from theory.lemma import Lemma
from theory.lemmas.sums import over, top
from theory.parameter import Parameter, integers, reals
from theory.proposition import Forall, eq, ge, gt, le
from theory.source import Source

w, v = (sp.Symbol(name, integer=True, nonnegative=True) for name in ("w", "v"))
_i, _j = (sp.Symbol(name, integer=True, nonnegative=True) for name in ("i", "j"))
p, same, f = (sp.Function(name, real=True) for name in ("p", "same", "f"))
f_zero = Parameter("f_0", "f(0)", "value of the generator at 0", reals(), (0, 1))
order = Parameter("alpha", r"\alpha", "order of a Rényi divergence", reals(0), (0, 3))
_top, _f0, _order = top.symbol, f_zero.symbol, order.symbol


def letters(term: Any) -> sp.Sum:
    """The sum of term(w) over the letters of the support."""
    return over(term(w), w, _top)


def pairs(on: Any, off: Any) -> sp.Sum:
    """sum_w p(w) sum_v p(v) f(ratio), where f(ratio) is on(w) for v = w and `off` elsewhere."""
    return over(p(w) * over(p(v) * (same(w, v) * on(w) + (1 - same(w, v)) * off), v, _top), w, _top)


within = (le(w, _top),)
support = (
    Forall((w,), gt(p(w), 0), within),
    eq(letters(p), 1),
    Forall((w,), eq(over(same(w, v), v, _top), 1), within),
    Forall((w, v), eq(same(w, v) * (p(v) - p(w)), 0), (le(w, _top), le(v, _top))),
)
_known = tuple(f"hypothesis {h}" for h in range(1, 5))


def squares() -> sp.Sum:
    """sum p^2."""
    return letters(lambda i: p(i) ** 2)


def closed(on: Any, off: Any) -> sp.Expr:
    """sum p^2 on + off (1 - sum p^2)."""
    return letters(lambda i: p(i) ** 2 * on(i)) + off * (1 - squares())


_on_diagonal = p(w) * same(w, v)
_inner = over(p(v) * (same(_i, v) * f(_i) + (1 - same(_i, v)) * _f0), v, _top)
diagonal = Lemma(
    "categorical/diagonal",
    "An f-divergence of a copied law from two independent draws",
    (top, f_zero),
    eq(pairs(f, _f0), closed(f, _f0)),
    hypotheses=support,
    functions=(p, same, f),
    statement="f(w) stands for the generator at the ratio 1/p(w), f_0 for its value at the ratio 0",
    backing=derive()
    .have(
        "same letter",
        Forall((_i, _j), eq(p(_j) * same(_i, _j), p(_i) * same(_i, _j)), (le(_i, _top), le(_j, _top))),
        by=[fact("hypothesis 4", w=_i, v=_j), quick],
    )
    .have(
        "row of masses",
        Forall((_i,), eq(over(p(v) * same(_i, v), v, _top), over(p(_i) * same(_i, v), v, _top)), (le(_i, _top),)),
        by=[Termwise(), "same letter"],
    )
    .have(
        "mass",
        Forall((_i,), eq(over(p(v) * same(_i, v), v, _top), p(_i)), (le(_i, _top),)),
        by=[fact("row of masses", i=_i), fact("hypothesis 3", w=_i), algebra],
    )
    .have(
        "expanded",
        Forall(
            (_i,),
            eq(
                _inner,
                (f(_i) - _f0) * over(p(v) * same(_i, v), v, _top) + _f0 * over(p(v), v, _top),
            ),
        ),
        by=algebra,
    )
    .have(
        "index",
        Forall((_i,), eq(over(p(v), v, _i), over(p(w), w, _i))),
        by=[Induction(_i), quick],
    )
    .have("total", eq(over(p(v), v, _top), 1), by=[fact("index", i=_top), "hypothesis 2", quick])
    .have(
        "row",
        Forall((_i,), eq(p(_i) * _inner, p(_i) ** 2 * f(_i) + _f0 * (p(_i) - p(_i) ** 2)), (le(_i, _top),)),
        by=[fact("mass", i=_i), fact("expanded", i=_i), "total", algebra],
    )
    .have(
        "rows",
        eq(pairs(f, _f0), letters(lambda i: p(i) ** 2 * f(i) + _f0 * (p(i) - p(i) ** 2))),
        by=[Termwise(), "row"],
    )
    .have("diagonal", eq(pairs(f, _f0), closed(f, _f0)), by=["rows", "hypothesis 2", algebra]),
)

f_KL, f_TV, f_chi2, f_Hel2, f_JS, f_power = (
    sp.Function(f"f_{name}", real=True) for name in ("KL", "TV", "chi2", "Hel2", "JS", "power")
)
letter = Parameter("l", "l", "a letter", integers(0, _top), (0, 7))
least = Parameter("p_min", r"p_{\min}", "smallest positive probability", reals(0, 1, open="lower"), (0.001, 0.5))
_p = p(w)
_generators = {  # the generator at 1/p(w), its value at 0, and p(w)^2 times the former
    "KL": (f_KL, -sp.log(_p) / _p, 0, -_p * sp.log(_p)),
    "TV": (f_TV, (1 / _p - 1) / 2, sp.Rational(1, 2), (_p - _p**2) / 2),
    "chi2": (f_chi2, (1 / _p - 1) ** 2, 1, (1 - _p) ** 2),
    "Hel2": (f_Hel2, (1 / sp.sqrt(_p) - 1) ** 2, 1, _p - 2 * _p ** sp.Rational(3, 2) + _p**2),
    "JS": (
        f_JS,
        (-sp.log(_p) / _p - (1 / _p + 1) * (sp.log(1 + _p) - sp.log(_p) - sp.log(2))) / 2,
        sp.log(2) / 2,
        (_p**2 * sp.log(_p) - _p * (1 + _p) * sp.log(1 + _p) + (_p + _p**2) * sp.log(2)) / 2,
    ),
    "powers": (f_power, _p ** (-_order), 0, _p ** (2 - _order)),
}
entropies = {
    "KL": -letters(lambda i: p(i) * sp.log(p(i))),
    "TV": 1 - squares(),
    "chi2": _top,
    "Hel2": 2 * (1 - letters(lambda i: p(i) ** sp.Rational(3, 2))),
    "JS": sp.log(2) - letters(lambda i: p(i) * (1 + p(i)) * sp.log(1 + p(i)) - p(i) ** 2 * sp.log(p(i))) / 2,
    "powers": letters(lambda i: p(i) ** (2 - _order)),
}
_labels = {"powers": "Renyi"}
_claimed = {name: pairs(head, at_zero) for name, (head, _, at_zero, _) in _generators.items()}


_t = Parameter("t", "t", "a probability", reals(0, sp.oo, open="lower"), (0.1, 1))
power_term = Lemma(
    "categorical/power_term",
    "t^2 (1/t)^alpha = t^(2 - alpha)",
    (_t, order),
    eq(_t.symbol ** (-_order) * _t.symbol**2, _t.symbol ** (2 - _order)),
    backing=derive().have("powers", eq(_t.symbol ** (-_order) * _t.symbol**2, _t.symbol ** (2 - _order)), by=algebra),
)


def _closed_forms(derivation: Derivation) -> Derivation:
    """One divergence after the other: the diagonal terms are written out, then summed."""
    for number, (name, (head, _, at_zero, term)) in enumerate(_generators.items(), start=5):
        at = {w: _i}
        derivation = (
            derivation.have(
                f"{name}: pairs",
                eq(_claimed[name], closed(head, at_zero)),
                by=[*_known, diagonal.at(f=head, f_0=at_zero)],
            )
            .have(
                f"{name}: term",
                Forall((_i,), eq(p(_i) ** 2 * head(_i), term.xreplace(at)), (le(_i, _top),)),
                by=[
                    fact("hypothesis 1", w=_i),
                    fact(f"hypothesis {number}", w=_i),
                    *((power_term.at(t=p(_i)),) if name == "powers" else ()),
                    algebra,
                ],
            )
            .have(
                f"{name}: diagonal",
                eq(letters(lambda i, head=head: p(i) ** 2 * head(i)), over(term, w, _top)),
                by=[Termwise(), f"{name}: term"],
            )
            .have(
                name,
                eq(_claimed[name], entropies[name]),
                by=[f"{name}: pairs", f"{name}: diagonal", "hypothesis 2", algebra],
            )
        )
    return derivation


entropy_closed_forms = Claim(
    id="categorical/entropy_closed_forms",
    title="Closed forms of categorical entropy",
    kind=Kind.EQUALITY,
    text=(
        "Psi of an f-divergence is sum p^2 f(1/p) + f(0) (1 - sum p^2) over the support: H(p) for KL, 1 - sum p^2 "
        "for TV, |supp p| - 1 for chi^2, 2 (1 - sum p^(3/2)) for Hel^2, log 2 - 1/2 sum [p(1+p) log(1+p) - p^2 log "
        "p] for JS; of the Rényi divergence of order alpha the Rényi entropy of order 2 - alpha, log(sum "
        "p^(2-alpha))/(alpha-1) (sum of powers), and -log p_min for order infinity (the largest ratio is 1/p_min). "
        "Reverse KL gives infinity unless p is a point mass"
    ),
    parameters=(top, f_zero, order, letter, least),
    functions=(p, same, f, *(head for head, *_ in _generators.values())),
    hypotheses=(
        *support,
        *(Forall((w,), eq(head(w), value), within) for head, value, _, _ in _generators.values()),
        Forall((w,), ge(p(w), least.symbol), within),
    ),
    statements=(
        equal(pairs(f, _f0), closed(f, _f0), label="f-divergence"),
        *(equal(_claimed[name], entropies[name], label=_labels.get(name, name)) for name in _generators),
        upper(-sp.log(p(letter.symbol)), -sp.log(least.symbol), label="order infinity"),
    ),
    source=Source("perrone2023", "section 4 (TV, Rényi); eq. (4.4) of the paper; others own", recheck=True),
    status=Status.OWN,
    remarks=(
        "bounded and continuous in p: KL, TV, Hel^2, JS, Rényi below 2; chi^2 and order 2 jump, orders above 2 are "
        "unbounded",
        "order 0 reads 0^0 = 0: letters that the first law does not reach",
    ),
    derivation=_closed_forms(
        derive().have("f-divergence", eq(pairs(f, _f0), closed(f, _f0)), by=[*_known, diagonal.at()])
    ).have(
        "order infinity",
        le(-sp.log(p(letter.symbol)), -sp.log(least.symbol)),
        by=[fact("hypothesis 11", w=letter.symbol), decide],
    ),
)
