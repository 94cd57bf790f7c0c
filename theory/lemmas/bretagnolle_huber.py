"""Total variation from the Bhattacharyya coefficient and from the Kullback-Leibler divergence (L3).

p and q are positive laws on 0..top and BC = sum sqrt(p q).

Main statements
    tv_affinity         TV^2 <= 1 - BC^2
    bretagnolle_huber   TV^2 <= 1 - e^-KL for KL at least the divergence (Pinsker is better below KL = 1.6)

Source: specification `categorical`, L3; Tsybakov (2008), lemma 2.6.
"""

from __future__ import annotations

import sympy as sp

from theory.derivation import derive
from theory.justification import Termwise, algebra, decide, fact, quick
from theory.lemma import Lemma
from theory.lemmas.divergence import kullback_leibler, laws, p, q, top, total, total_variation, within
from theory.lemmas.hellinger import (
    affinity,
    affinity_positive,
    log_affinity_below_kl,
    root,
    root_of_positive,
    square_of_root,
)
from theory.lemmas.softmax import exp_increases
from theory.parameter import Parameter, reals
from theory.proposition import Forall, eq, gt, le

_k = sp.Symbol("k", integer=True, nonnegative=True)
_l = sp.Symbol("l", integer=True, nonnegative=True)
_a, _b = (Parameter(name, name, "root of a probability", reals(0), (0, 1)) for name in "ab")
_p, _q = (Parameter(name, name, "a probability", reals(0), (0, 1)) for name in ("p_k", "q_k"))
_s, _t = (Parameter(name, name, "a weight", reals(0), (0, 1)) for name in "st")
_weighted = _s.symbol**2 * (_p.symbol + _q.symbol - 2 * _a.symbol * _b.symbol) + _t.symbol**2 * (
    _p.symbol + _q.symbol + 2 * _a.symbol * _b.symbol
)
_product = sp.Abs(_a.symbol - _b.symbol) * (_a.symbol + _b.symbol)
letter = Lemma(
    "bretagnolle_huber/letter",
    "2 s t |p - q| <= s^2 (sqrt p - sqrt q)^2 + t^2 (sqrt p + sqrt q)^2",
    (_a, _b, _p, _q, _s, _t),
    le(2 * _s.symbol * _t.symbol * sp.Abs(_p.symbol - _q.symbol), _weighted),
    hypotheses=(eq(_a.symbol**2, _p.symbol), eq(_b.symbol**2, _q.symbol)),
    backing=derive()
    .have("factors", eq(sp.Abs(_p.symbol - _q.symbol), _product), by=["hypothesis 1", "hypothesis 2", decide])
    .have(
        "letter",
        le(2 * _s.symbol * _t.symbol * sp.Abs(_p.symbol - _q.symbol), _weighted),
        by=["factors", "hypothesis 1", "hypothesis 2", decide],
    ),
)
_tv = total_variation()


def _terms(index: sp.Symbol) -> tuple[sp.Expr, sp.Expr]:
    both = p(index) + q(index)
    cross = 2 * root(p(index)) * root(q(index))
    left = 2 * _s.symbol * _t.symbol * sp.Abs(p(index) - q(index))
    return left, _s.symbol**2 * (both - cross) + _t.symbol**2 * (both + cross)


_sides = 4 * _s.symbol * _t.symbol * _tv, _s.symbol**2 * (2 - 2 * affinity) + _t.symbol**2 * (2 + 2 * affinity)
weighted = Lemma(
    "bretagnolle_huber/weighted",
    "4 s t TV <= 2 s^2 (1 - BC) + 2 t^2 (1 + BC)",
    (top, _s, _t),
    le(*_sides),
    hypotheses=laws(),
    functions=(p, q),
    backing=derive()
    .have(
        "letters",
        Forall((_l,), le(*_terms(_l)), within(_l)),
        by=[
            fact("hypothesis 1", k=_l),
            fact("hypothesis 2", k=_l),
            root_of_positive.at(a=p(_l)),
            root_of_positive.at(a=q(_l)),
            square_of_root.at(a=p(_l)),
            square_of_root.at(a=q(_l)),
            letter.at(a=root(p(_l)), b=root(q(_l)), p_k=p(_l), q_k=q(_l), s=_s.symbol, t=_t.symbol),
        ],
    )
    .have("summed", le(total(_terms(_k)[0]), total(_terms(_k)[1])), by=[Termwise(), "letters"])
    .have("left", eq(total(_terms(_k)[0]), _sides[0]), by=algebra)
    .have(
        "right",
        eq(
            total(_terms(_k)[1]),
            _s.symbol**2 * (total(p(_k)) + total(q(_k)) - 2 * affinity)
            + _t.symbol**2 * (total(p(_k)) + total(q(_k)) + 2 * affinity),
        ),
        by=algebra,
    )
    .have("weighted", le(*_sides), by=["summed", "left", "right", "hypothesis 3", "hypothesis 4", quick]),
)
tv_affinity = Lemma(
    "bretagnolle_huber/tv_affinity",
    "Total variation from the affinity",
    (top,),
    le(_tv**2, 1 - affinity**2),
    hypotheses=laws(),
    functions=(p, q),
    statement="Cauchy-Schwarz on sum |sqrt p - sqrt q| (sqrt p + sqrt q), as a sum of squares",
    backing=derive()
    .have(
        "affinity",
        gt(affinity, 0),
        by=["hypothesis 1", "hypothesis 2", "hypothesis 3", "hypothesis 4", affinity_positive.at()],
    )
    .have("distance", le(0, total(sp.Abs(p(_k) - q(_k)))), by=quick)
    .have(
        "weighted",
        le(4 * (1 + affinity) * _tv * _tv, (1 + affinity) ** 2 * (2 - 2 * affinity) + _tv**2 * (2 + 2 * affinity)),
        by=[
            "affinity",
            "distance",
            *(f"hypothesis {n}" for n in range(1, 5)),
            weighted.at(s=1 + affinity, t=_tv),
        ],
    )
    .have("divided", le(_tv**2, 1 - affinity**2), by=["affinity", "weighted", decide]),
)
_affinity = Parameter("BC", "BC", "an affinity", reals(0, open="lower"), (0.1, 1))
_divergence = Parameter("KL", "KL", "a divergence", reals(), (0, 1))
exponential_below = Lemma(
    "bretagnolle_huber/exponential_below",
    "-2 log BC <= KL gives e^-KL <= BC^2",
    (_affinity, _divergence),
    le(sp.exp(-_divergence.symbol), _affinity.symbol**2),
    hypotheses=(le(-2 * sp.log(_affinity.symbol), _divergence.symbol),),
    backing=derive().have(
        "square",
        le(sp.exp(-_divergence.symbol), _affinity.symbol**2),
        by=["hypothesis 1", exp_increases.at(u=2 * sp.log(_affinity.symbol), v=-_divergence.symbol), quick],
        note="BC^2 = e^(2 log BC)",
    ),
)
_kl = kullback_leibler()
bretagnolle_huber = Lemma(
    "bretagnolle_huber/bretagnolle_huber",
    "The Bretagnolle-Huber inequality",
    (top, _divergence),
    le(_tv**2, 1 - sp.exp(-_divergence.symbol)),
    hypotheses=(*laws(), le(_kl, _divergence.symbol)),
    functions=(p, q),
    backing=derive()
    .have(
        "affinity",
        gt(affinity, 0),
        by=["hypothesis 1", "hypothesis 2", "hypothesis 3", "hypothesis 4", affinity_positive.at()],
    )
    .have("distance", le(_tv**2, 1 - affinity**2), by=[*(f"hypothesis {n}" for n in range(1, 5)), tv_affinity.at()])
    .have(
        "divergence",
        le(-2 * sp.log(affinity), _kl),
        by=[*(f"hypothesis {n}" for n in range(1, 5)), log_affinity_below_kl.at()],
    )
    .have(
        "named",
        le(-2 * sp.log(affinity), _divergence.symbol),
        by=["divergence", "hypothesis 5", quick],
    )
    .have(
        "square",
        le(sp.exp(-_divergence.symbol), affinity**2),
        by=["affinity", "named", exponential_below.at(BC=affinity, KL=_divergence.symbol)],
    )
    .have("together", le(_tv**2, 1 - sp.exp(-_divergence.symbol)), by=["distance", "square", quick]),
)
