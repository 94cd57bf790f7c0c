"""Hellinger distance and Bhattacharyya coefficient of two positive laws.

p and q are positive laws on 0..top and root(u) = sqrt(u); BC = sum root(p) root(q) is the affinity, and
d_H^2 = sum (root(p) - root(q))^2 = 2 (1 - BC).

Main statements
    affinity_positive      BC > 0
    from_affinity          d_H^2 = 2 - 2 BC
    below_log_affinity     d_H^2 <= -2 log BC
    log_affinity_below_kl  -2 log BC <= d_KL(p||q)
    hellinger_below_kl     d_H^2 <= d_KL(p||q); the constant is sharp: p = (1, 0), q = (1 - e, e), e -> 0

Source: specification `categorical`, L4; Tsybakov (2008), section 2.4.
"""

from __future__ import annotations

import sympy as sp

from theory.define import defined
from theory.derivation import derive
from theory.justification import SingleTerm, Termwise, algebra, decide, fact, quick, unfold
from theory.lemma import Lemma
from theory.lemmas.divergence import kullback_leibler, laws, log_below, p, q, top, total, within
from theory.parameter import Parameter, reals
from theory.proposition import Forall, eq, ge, gt, le

_k = sp.Symbol("k", integer=True, nonnegative=True)
_l = sp.Symbol("l", integer=True, nonnegative=True)
_u = sp.Symbol("u", real=True)
root = defined(
    "hellinger/root", "root(u) = sqrt(u) for u >= 0", (_u,), sp.sqrt(_u), conditions=(ge(_u, 0),), latex=r"\sqrt"
)
a, b, c = (
    Parameter(name, name, meaning, reals(0, open="lower"), (0.1, 1))
    for name, meaning in (("a", "a probability"), ("b", "another probability"), ("c", "a positive number"))
)
_a, _b, _c = a.symbol, b.symbol, c.symbol
_product = root(p(_k)) * root(q(_k))
affinity = total(_product)
hellinger = total((root(p(_k)) - root(q(_k))) ** 2)
_given = tuple(f"hypothesis {i}" for i in range(1, 5))
_positive = (fact("hypothesis 1", k=_l), fact("hypothesis 2", k=_l))

root_of_positive = Lemma(
    "hellinger/root_of_positive",
    "The root of a positive number",
    (a,),
    gt(root(_a), 0),
    backing=derive()
    .have("unfold", eq(root(_a), sp.sqrt(_a)), by=unfold(root, u=_a))
    .have("positive", gt(root(_a), 0), by=["unfold", decide]),
)
square_of_root = Lemma(
    "hellinger/square_of_root",
    "root(a)^2 = a",
    (a,),
    eq(root(_a) ** 2, _a),
    backing=derive()
    .have("unfold", eq(root(_a), sp.sqrt(_a)), by=unfold(root, u=_a))
    .have("square", eq(root(_a) ** 2, _a), by=["unfold", decide]),
)
_tangent = 2 * _a - 2 * root(_a) * root(_b) / _c - 2 * _a * sp.log(_c)
_root_ratio = sp.sqrt(_b) / (sp.sqrt(_a) * _c)
log_of_ratio = Lemma(
    "hellinger/log_of_ratio",
    "log(sqrt(b/a)/c) lies below its tangent at 1",
    (a, b, c),
    ge(_a * sp.log(_a / _b), _tangent),
    backing=derive()
    .have("tangent", le(sp.log(_root_ratio), _root_ratio - 1), by=log_below.at(t=_root_ratio))
    .have("scaled", le(_a * sp.log(_root_ratio), sp.sqrt(_a) * sp.sqrt(_b) / _c - _a), by=["tangent", decide])
    .have("logarithms", eq(_a * sp.log(_a / _b), -2 * _a * sp.log(_root_ratio) - 2 * _a * sp.log(_c)), by=algebra)
    .have("root a", eq(root(_a), sp.sqrt(_a)), by=unfold(root, u=_a))
    .have("root b", eq(root(_b), sp.sqrt(_b)), by=unfold(root, u=_b))
    .have("term", ge(_a * sp.log(_a / _b), _tangent), by=["scaled", "logarithms", "root a", "root b", quick]),
)
square_of_difference = Lemma(
    "hellinger/square_of_difference",
    "(root(a) - root(b))^2 = a + b - 2 root(a) root(b)",
    (a, b),
    eq((root(_a) - root(_b)) ** 2, _a + _b - 2 * root(_a) * root(_b)),
    backing=derive()
    .have("a", eq(root(_a) ** 2, _a), by=square_of_root.at())
    .have("b", eq(root(_b) ** 2, _b), by=square_of_root.at(a=_b))
    .have("square", eq((root(_a) - root(_b)) ** 2, _a + _b - 2 * root(_a) * root(_b)), by=["a", "b", quick]),
)
affinity_positive = Lemma(
    "hellinger/affinity_positive",
    "The affinity of positive laws is positive",
    (top,),
    gt(affinity, 0),
    hypotheses=laws(),
    functions=(p, q),
    backing=derive()
    .have("root p", Forall((_l,), gt(root(p(_l)), 0), within(_l)), by=[*_positive, root_of_positive.at(a=p(_l))])
    .have("root q", Forall((_l,), gt(root(q(_l)), 0), within(_l)), by=[*_positive, root_of_positive.at(a=q(_l))])
    .have(
        "term",
        Forall((_l,), gt(root(p(_l)) * root(q(_l)), 0), within(_l)),
        by=[fact("root p", l=_l), fact("root q", l=_l), decide],
    )
    .have("first", ge(affinity, root(p(0)) * root(q(0))), by=[SingleTerm(0), fact("term", l=_k)])
    .have("positive", gt(affinity, 0), by=["first", fact("term", l=0), quick]),
)
from_affinity = Lemma(
    "hellinger/from_affinity",
    "d_H^2 = 2 (1 - BC)",
    (top,),
    eq(hellinger, 2 - 2 * affinity),
    hypotheses=laws(),
    functions=(p, q),
    backing=derive(hellinger)
    .have(
        "token",
        Forall((_l,), eq((root(p(_l)) - root(q(_l))) ** 2, p(_l) + q(_l) - 2 * root(p(_l)) * root(q(_l))), within(_l)),
        by=[fact("hypothesis 1", k=_l), fact("hypothesis 2", k=_l), square_of_difference.at(a=p(_l), b=q(_l))],
    )
    .eq(total(p(_k) + q(_k) - 2 * _product), by=[Termwise(), "token"], name="termwise")
    .eq(total(p(_k)) + total(q(_k)) - 2 * affinity, by=algebra, name="linear")
    .eq(2 - 2 * affinity, by=["hypothesis 3", "hypothesis 4", quick], name="laws"),
)
below_log_affinity = Lemma(
    "hellinger/below_log_affinity",
    "d_H^2 <= -2 log BC",
    (top,),
    le(hellinger, -2 * sp.log(affinity)),
    hypotheses=laws(),
    functions=(p, q),
    backing=derive(hellinger)
    .have("positive", gt(affinity, 0), by=[*_given, affinity_positive.at()])
    .have("tangent", le(sp.log(affinity), affinity - 1), by=["positive", log_below.at(t=affinity)])
    .eq(2 - 2 * affinity, by=[*_given, from_affinity.at()], name="affinity")
    .le(-2 * sp.log(affinity), by=["tangent", quick], name="logarithm"),
)


def _at(token: sp.Symbol, scale: sp.Expr) -> sp.Expr:
    return 2 * p(token) - 2 * root(p(token)) * root(q(token)) / scale - 2 * p(token) * sp.log(scale)


above_every_scale = Lemma(
    "hellinger/above_every_scale",
    "d_KL >= 2 - 2 BC/c - 2 log c for every c > 0",
    (top, c),
    ge(kullback_leibler(), 2 - 2 * affinity / _c - 2 * sp.log(_c)),
    hypotheses=laws(),
    functions=(p, q),
    backing=derive(kullback_leibler())
    .have(
        "token",
        Forall((_l,), ge(p(_l) * sp.log(p(_l) / q(_l)), _at(_l, _c)), within(_l)),
        by=[
            fact("hypothesis 1", k=_l),
            fact("hypothesis 2", k=_l),
            log_of_ratio.at(a=p(_l), b=q(_l)),
        ],
    )
    .ge(total(_at(_k, _c)), by=[Termwise(), "token"], name="termwise")
    .eq(2 * total(p(_k)) - 2 * affinity / _c - 2 * sp.log(_c) * total(p(_k)), by=algebra, name="linear")
    .eq(2 - 2 * affinity / _c - 2 * sp.log(_c), by=["hypothesis 3", quick], name="law"),
)
log_affinity_below_kl = Lemma(
    "hellinger/log_affinity_below_kl",
    "-2 log BC <= d_KL",
    (top,),
    le(-2 * sp.log(affinity), kullback_leibler()),
    hypotheses=laws(),
    functions=(p, q),
    statement="Jensen's inequality for the logarithm, by its tangent at BC",
    backing=derive()
    .have("positive", gt(affinity, 0), by=[*_given, affinity_positive.at()])
    .have(
        "at c = BC",
        ge(kullback_leibler(), 2 - 2 * affinity / affinity - 2 * sp.log(affinity)),
        by=["positive", *_given, above_every_scale.at(c=affinity)],
    )
    .have("jensen", le(-2 * sp.log(affinity), kullback_leibler()), by=["at c = BC", quick]),
)
hellinger_below_kl = Lemma(
    "hellinger/hellinger_below_kl",
    "The squared Hellinger distance is at most the Kullback-Leibler divergence",
    (top,),
    le(hellinger, kullback_leibler()),
    hypotheses=laws(),
    functions=(p, q),
    backing=derive(hellinger)
    .le(
        -2 * sp.log(affinity),
        by=[*_given, below_log_affinity.at()],
        name="logarithm",
    )
    .le(kullback_leibler(), by=[*_given, log_affinity_below_kl.at()], name="jensen"),
)
