"""Attention of a network of learned concepts on clean prompts of one composed concept (specification `concepts` 2.D).

Word space has coordinates x = 0..d-1, trained concepts are y = 0..K-1 (a(y), b(y) of D2), words of a test prompt are
a* +- b*. The attention is A = sum_y w_y^2 P_{b(y)} + rho (I - sum_y P_{b(y)}) (concepts/only_b_grows), where w_y^2
|b(y)|^2 = beta_y. Labels: theory.concepts.composed_labels.

Main definitions
    form              <u, A z>

Main statements
    composed_strength <b*, A b*> = sum_y t_y^2 beta_y for b* = sum_y t_y b(y)
    composed_scores   scores rho |a*|^2 + e_l e_q sum_y t_y^2 beta_y, a* in the span of the a(y)
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from theory.concepts.attention import agree, eq_, score, sign
from theory.derivation import derive
from theory.justification import Termwise, algebra, fact, quick
from theory.lemma import Lemma
from theory.lemmas.orthogonal import over_coordinates, over_family
from theory.lemmas.orthogonal_forms import apart, outside_of, square
from theory.lemmas.sums import last, top
from theory.parameter import Parameter, reals
from theory.proposition import Forall, eq, ge, le

rho = Parameter("rho", r"\rho", "decayed eigenvalue of the attention off the learned directions", reals(0), (0, 0.1))
difference, concept = (sp.Function(name, real=True) for name in ("b_of", "a_of"))
mix, word_mix = (sp.Function(name, real=True) for name in ("t_of", "ta_of"))
gain, eigenvalue, strength = (sp.Function(name, real=True) for name in ("gain_of", "w2_of", "beta_of"))
b_star, a_star = (sp.Function(name, real=True) for name in ("b_star", "a_star"))
_x, _y, _l = (sp.Symbol(name, integer=True, nonnegative=True) for name in "xyl")
_u = sp.Symbol("u", real=True)
_last, _rho, _q = (p.symbol for p in (last, rho, eq_))
among = (le(_y, _last),)


def product(first: Any, second: Any) -> sp.Sum:
    """<first, second> for functions of a coordinate."""
    return over_coordinates(first(_x) * second(_x))


def orthogonal(family: Any) -> Forall:
    """Vectors l < y of a family are orthogonal."""
    return Forall((_l, _y), eq(over_coordinates(family(_l, _x) * family(_y, _x)), 0), (ge(_y, _l + 1), le(_y, _last)))


def apart_from(family: Any, other: Any) -> Forall:
    """Vectors of two families are orthogonal."""
    return Forall((_l, _y), eq(over_coordinates(family(_l, _x) * other(_y, _x)), 0), (le(_l, _last), le(_y, _last)))


def combination(star: Any, coefficients: Any, family: Any) -> Forall:
    """star = sum_y coefficients(y) family(y)."""
    return Forall((_x,), eq(star(_x), over_family(coefficients(_y) * family(_y, _x))))


def form(first: Any, second: Any) -> sp.Expr:
    """<first, A second>: sum_y g_y <b(y), first> <b(y), second> + rho <first, second>, g_y = (w_y^2 - rho)/|b(y)|^2."""
    read = over_coordinates(difference(_y, _x) * first(_x)) * over_coordinates(difference(_y, _x) * second(_x))
    return over_family(gain(_y) * read) + _rho * product(first, second)


def word(e: Any) -> sp.Lambda:
    """The word a* + e b*."""
    return sp.Lambda((_x,), a_star(_x) + e * b_star(_x))


norm_b = over_coordinates(difference(_y, _x) ** 2)
WORDS = (
    orthogonal(difference),
    apart_from(concept, difference),
    combination(b_star, mix, difference),
    combination(a_star, word_mix, concept),
)
LEARNED = (
    Forall((_y,), eq(gain(_y) * norm_b, eigenvalue(_y) - _rho), among),
    Forall((_y,), eq(strength(_y), eigenvalue(_y) * norm_b), among),
)
SCORED = Forall((_l,), eq(score(_l), form(word(sign(_l)), word(_q))))
composed = over_family(mix(_y) ** 2 * strength(_y))  # sum_y t_y^2 beta_y
spare = _rho * product(a_star, a_star)

_read_a, _read_b = (over_coordinates(difference(_y, _x) * f(_x)) for f in (a_star, b_star))
composed_strength = Lemma(
    "concepts/composed_strength",
    "<b*, A b*> = sum_y t_y^2 beta_y",
    (top, last, rho),
    eq(form(b_star, b_star), composed),
    hypotheses=(WORDS[0], WORDS[2], *LEARNED),
    functions=(difference, mix, b_star, gain, eigenvalue, strength),
    backing=derive()
    .have(
        "square",
        eq(
            over_family(gain(_y) * _read_b**2) + _rho * over_coordinates(b_star(_x) ** 2),
            over_family(mix(_y) ** 2 * ((gain(_y) * norm_b + _rho) * norm_b)),
        ),
        by=["hypothesis 1", "hypothesis 2", square.at(r=_rho, t=mix, v=difference, w=gain, star=b_star)],
    )
    .have(
        "each",
        eq(over_family(mix(_y) ** 2 * ((gain(_y) * norm_b + _rho) * norm_b)), composed),
        by=[Termwise(), fact("hypothesis 3", y=_y), fact("hypothesis 4", y=_y), quick],
    )
    .have("strength", eq(form(b_star, b_star), composed), by=["square", "each", quick]),
)
_e, _f = (Parameter(name, name, "a sign", reals(), (-1, 1)) for name in ("e", "f"))
_E, _F = _e.symbol, _f.symbol
score_of_pair = Lemma(
    "concepts/score_of_pair",
    "Score of the words a* + e b* and a* + f b*",
    (top, last, rho, _e, _f),
    eq(form(word(_E), word(_F)), spare + _E * _F * composed),
    hypotheses=(*WORDS, *LEARNED),
    functions=(difference, concept, mix, word_mix, b_star, a_star, gain, eigenvalue, strength),
    backing=derive()
    .have(
        "no concept",
        Forall((_l,), eq(over_coordinates(difference(_l, _x) * a_star(_x)), 0), (le(_l, _last),)),
        by=[
            "hypothesis 2",
            "hypothesis 4",
            outside_of.at(chosen=_l, t=word_mix, v=concept, v2=difference, star=a_star),
        ],
    )
    .have(
        "apart",
        eq(product(a_star, b_star), 0),
        by=[
            "hypothesis 2",
            "hypothesis 3",
            "hypothesis 4",
            apart.at(t=word_mix, u=mix, v=concept, v2=difference, star=a_star, other=b_star),
        ],
    )
    .have(
        "linear",
        Forall(
            (_y, _u),
            eq(over_coordinates(difference(_y, _x) * (a_star(_x) + _u * b_star(_x))), _read_a + _u * _read_b),
        ),
        by=algebra,
    )
    .have(
        "read",
        Forall(
            (_y,),
            eq(
                gain(_y)
                * (
                    over_coordinates(difference(_y, _x) * (a_star(_x) + _E * b_star(_x)))
                    * over_coordinates(difference(_y, _x) * (a_star(_x) + _F * b_star(_x)))
                ),
                _E * _F * (gain(_y) * _read_b**2),
            ),
            among,
        ),
        by=[fact("no concept", l=_y), fact("linear", y=_y, u=_E), fact("linear", y=_y, u=_F), quick],
    )
    .have(
        "reads",
        eq(
            over_family(
                gain(_y)
                * (
                    over_coordinates(difference(_y, _x) * (a_star(_x) + _E * b_star(_x)))
                    * over_coordinates(difference(_y, _x) * (a_star(_x) + _F * b_star(_x)))
                )
            ),
            over_family(_E * _F * (gain(_y) * _read_b**2)),
        ),
        by=[Termwise(), fact("read", y=_y)],
    )
    .have(
        "factor",
        eq(over_family(_E * _F * (gain(_y) * _read_b**2)), _E * _F * over_family(gain(_y) * _read_b**2)),
        by=algebra,
    )
    .have(
        "products",
        eq(
            product(word(_E), word(_F)),
            product(a_star, a_star) + (_E + _F) * product(a_star, b_star) + _E * _F * product(b_star, b_star),
        ),
        by=algebra,
    )
    .have(
        "strength",
        eq(form(b_star, b_star), composed),
        by=["hypothesis 1", "hypothesis 3", "hypothesis 5", "hypothesis 6", composed_strength.at()],
    )
    .have(
        "score",
        eq(form(word(_E), word(_F)), spare + _E * _F * composed),
        by=["reads", "factor", "products", "apart", "strength", quick],
    ),
)
composed_scores = Lemma(
    "concepts/composed_scores",
    "Scores of a clean prompt of a composed concept",
    (top, last, rho, eq_),
    Forall((_l,), eq(score(_l), spare + agree * composed)),
    hypotheses=(*WORDS, *LEARNED, SCORED),
    functions=(difference, concept, mix, word_mix, b_star, a_star, gain, eigenvalue, strength, sign, score),
    backing=derive()
    .have(
        "pair",
        Forall((_l,), eq(form(word(sign(_l)), word(_q)), spare + sign(_l) * _q * composed)),
        by=[*(f"hypothesis {k}" for k in range(1, 7)), score_of_pair.at(e=sign(_l), f=_q)],
    )
    .have(
        "scores",
        Forall((_l,), eq(score(_l), spare + agree * composed)),
        by=[fact("pair", l=_l), fact("hypothesis 7", l=_l), quick],
    ),
)
