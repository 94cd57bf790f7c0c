"""Tests on a concept vector that the attention mixes with the semantic difference (specification `concepts` 2.D).

Main statements
    ood_cross_term   correct attention is that of beta* + e_q gamma*, gamma* = <b*, A a*>
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from theory.claim import Claim, Kind, Status, equal, lower, upper
from theory.concepts.attention import COUNTED, SIGNS, agree, al, attention_weight, correct, eq_, score, sign
from theory.concepts.ood_dictionary import correct_share
from theory.concepts.parameters import b, nm, np
from theory.derivation import derive
from theory.justification import Termwise, algebra, decide, fact, quick
from theory.lemma import Lemma
from theory.lemmas.orthogonal import over_coordinates
from theory.lemmas.softmax import exp_increases
from theory.lemmas.sums import top
from theory.parameter import Parameter, reals
from theory.proposition import Forall, eq, ge, le
from theory.source import OWN

_l, _x, _z = (sp.Symbol(name, integer=True, nonnegative=True) for name in "lxz")
_np, _nm, _b, _al, _q = (p.symbol for p in (np, nm, b, al, eq_))


gamma = Parameter("gamma", r"\gamma^*", "<b*, A a*>", reals(), (-2, 2))
delta = Parameter("delta", r"\delta^*", "<a*, A b*>", reals(), (-2, 2))
_s1, _s2 = (Parameter(n, n, "a sign", reals(), (-1, 1)) for n in ("e", "f"))
_g, _d, _E, _F = gamma.symbol, delta.symbol, _s1.symbol, _s2.symbol
matrix, word_a, word_b, image_a, image_b = (
    sp.Function(n, real=True) for n in ("A_of", "a_star", "b_star", "A_a", "A_b")
)


def _times(vector: Any) -> sp.Sum:
    """Coordinate x of A times a vector, a function of a coordinate."""
    return sp.Sum(matrix(_x, _z) * vector(_z), (_z, 0, top.symbol))


def _score(first: Any, second: Any) -> sp.Sum:
    """<a* + e b*, A (a* + f b*)>."""
    seen = _times(lambda z: word_a(z) + second * word_b(z))
    return over_coordinates((word_a(_x) + first * word_b(_x)) * seen)


_pairs = {
    al: over_coordinates(word_a(_x) * image_a(_x)),
    gamma: over_coordinates(word_b(_x) * image_a(_x)),
    delta: over_coordinates(word_a(_x) * image_b(_x)),
    b: over_coordinates(word_b(_x) * image_b(_x)),
}
IMAGES = (
    Forall((_x,), eq(image_a(_x), _times(word_a))),
    Forall((_x,), eq(image_b(_x), _times(word_b))),
    *(eq(parameter.symbol, value) for parameter, value in _pairs.items()),
)
bilinear_score = Lemma(
    "concepts/bilinear_score",
    "The score of a* + e b* for a query a* + f b*, any attention",
    (top, al, gamma, delta, b, _s1, _s2),
    eq(_score(_E, _F), _al + _E * _g + _F * _d + _E * _F * _b),
    hypotheses=IMAGES,
    functions=(matrix, word_a, word_b, image_a, image_b),
    backing=derive()
    .have(
        "linear",
        Forall(
            (_x,),
            eq(_times(lambda z: word_a(z) + _F * word_b(z)), _times(word_a) + _F * _times(word_b)),
        ),
        by=algebra,
    )
    .have(
        "image",
        Forall((_x,), eq(_times(lambda z: word_a(z) + _F * word_b(z)), image_a(_x) + _F * image_b(_x))),
        by=[fact("linear", x=_x), fact("hypothesis 1", x=_x), fact("hypothesis 2", x=_x), quick],
    )
    .have(
        "spelled",
        eq(
            _score(_E, _F),
            over_coordinates((word_a(_x) + _E * word_b(_x)) * (image_a(_x) + _F * image_b(_x))),
        ),
        by=[Termwise(), fact("image", x=_x), quick],
    )
    .have(
        "bilinear",
        eq(
            over_coordinates((word_a(_x) + _E * word_b(_x)) * (image_a(_x) + _F * image_b(_x))),
            _pairs[al] + _E * _pairs[gamma] + _F * _pairs[delta] + _E * _F * _pairs[b],
        ),
        by=algebra,
    )
    .have(
        "score",
        eq(_score(_E, _F), _al + _E * _g + _F * _d + _E * _F * _b),
        by=["spelled", "bilinear", *(f"hypothesis {k}" for k in (3, 4, 5, 6)), quick],
    ),
)
_mixed = _b + _q * _g
_u, _w = (Parameter(n, n, "a score of a match", reals(), (-3, 3)) for n in "uv")
share_grows = Lemma(
    "concepts/share_grows",
    "The correct attention increases with the score of a match",
    (np, nm, _u, _w),
    ge(correct_share(_np, _nm, _u.symbol), correct_share(_np, _nm, _w.symbol)),
    hypotheses=(ge(_u.symbol, _w.symbol),),
    backing=derive()
    .have(
        "order",
        ge(sp.exp(-2 * _w.symbol), sp.exp(-2 * _u.symbol)),
        by=exp_increases.at(u=-2 * _w.symbol, v=-2 * _u.symbol),
    )
    .have(
        "grows",
        ge(correct_share(_np, _nm, _u.symbol), correct_share(_np, _nm, _w.symbol)),
        by=["order", decide],
    ),
)
ood_cross_term = Claim(
    id="concepts/ood_cross_term",
    title="Tests on a concept vector that the attention mixes with its semantic difference",
    kind=Kind.EQUALITY,
    text=(
        "With gamma* = <b*, A a*> not 0 the correct attention at query sign e_q is that of beta* + e_q gamma*, so at "
        "least that of beta* - |gamma*|; where e_q gamma* <= -beta* it is no better than uniform. An arbitrary a* "
        "needs gamma* = 0"
    ),
    parameters=(top, np, nm, b, al, gamma, delta, eq_),
    hypotheses=(*IMAGES, *SIGNS, COUNTED, Forall((_l,), eq(score(_l), _score(sign(_l), _q)))),
    statements=(
        equal(correct, correct_share(_np, _nm, _mixed), label="attention"),
        lower(correct, correct_share(_np, _nm, _b - sp.Abs(_g)), label="either query"),
        upper(correct, correct_share(_np, _nm, sp.Max(_mixed, 0)), label="no better than uniform"),
    ),
    source=OWN,
    status=Status.OWN,
    corrects=("concepts/abstract_ood_as_stated",),
    derivation=derive()
    .have(
        "pair",
        Forall((_l,), eq(_score(sign(_l), _q), _al + sign(_l) * _g + _q * _d + sign(_l) * _q * _b)),
        by=[*(f"hypothesis {k}" for k in range(1, 7)), bilinear_score.at(e=sign(_l), f=_q)],
    )
    .have(
        "scores",
        Forall((_l,), eq(score(_l), _al + _q * _d + agree * _mixed)),
        by=[fact("pair", l=_l), fact("hypothesis 10", l=_l), "hypothesis 8", quick],
    )
    .have(
        "attention",
        eq(correct, correct_share(_np, _nm, _mixed)),
        by=[
            "scores",
            "hypothesis 7",
            "hypothesis 8",
            "hypothesis 9",
            attention_weight.at("correct attention", al=_al + _q * _d, b=_mixed, cj=0, dj=0),
        ],
    )
    .have("sign at least", ge(_q * _g, -sp.Abs(_g)), by=["hypothesis 8", decide])
    .have(
        "share grows",
        ge(correct_share(_np, _nm, _mixed), correct_share(_np, _nm, _b - sp.Abs(_g))),
        by=["sign at least", share_grows.at(u=_mixed, v=_b - sp.Abs(_g))],
    )
    .have("either query", ge(correct, correct_share(_np, _nm, _b - sp.Abs(_g))), by=["attention", "share grows", quick])
    .have("at most", le(_mixed, sp.Max(_mixed, 0)), by=decide)
    .have(
        "share at most",
        ge(correct_share(_np, _nm, sp.Max(_mixed, 0)), correct_share(_np, _nm, _mixed)),
        by=["at most", share_grows.at(u=sp.Max(_mixed, 0), v=_mixed)],
    )
    .have(
        "no better",
        le(correct, correct_share(_np, _nm, sp.Max(_mixed, 0))),
        by=["attention", "share at most", quick],
    ),
)
