"""Orthogonal families of vectors and combinations of them.

A family has vectors y = 0..last with coordinates x = 0..top: v(y, x). A combination with coefficients t is the vector
sum_y t(y) v(y, x).

Main statements
    only_term       a sum all of whose terms but one vanish is that term
    product_with    <z, sum_y t(y) v(y)> = sum_y t(y) <z, v(y)>
    coefficient     <v(l), sum_y t(y) v(y)> = t(l) |v(l)|^2 for an orthogonal family
    outside         <z, sum_y t(y) v(y)> = 0 where z is orthogonal to every v(y)
    coefficients    <v(l), s> = t(l) |v(l)|^2 for every l, s the combination
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from theory.derivation import derive
from theory.justification import Induction, Termwise, fact, quick
from theory.lemma import Lemma
from theory.lemmas.sums import exchange, last, over, top
from theory.parameter import Parameter, integers
from theory.proposition import Forall, eq, ge, le

chosen = Parameter("chosen", r"\ell", "number of a vector of the family", integers(0, last.symbol), (0, 8))
place = Parameter("place", r"\ell", "the term that is left", integers(0), (0, 8))
beyond = Parameter("beyond", "r", "terms after it", integers(0), (0, 8))

f, g, t, v, z = (sp.Function(name, real=True) for name in "fgtvz")
_x, _y, _l, _n = (sp.Symbol(name, integer=True, nonnegative=True) for name in "xyln")
_s = sp.Symbol("s", integer=True, positive=True)
_top, _last, _chosen, _place, _beyond = (p.symbol for p in (top, last, chosen, place, beyond))


def over_coordinates(term: Any) -> sp.Sum:
    """The sum of `term` over coordinates x = 0..top."""
    return over(term, _x, _top)


def over_family(term: Any) -> sp.Sum:
    """The sum of `term` over the vectors y = 0..last."""
    return over(term, _y, _last)


up_to = Lemma(
    "orthogonal/up_to",
    "The last term of a sum, apart; g(s) = f(s - 1)",
    (place,),
    eq(over(f(_y), _y, _place), sp.Sum(g(_s), (_s, 1, _place)) + f(_place)),
    hypotheses=(Forall((_n,), eq(g(_n + 1), f(_n))),),
    functions=(f, g),
    backing=derive()
    .have(
        "every end",
        Forall((_n,), eq(over(f(_y), _y, _n), sp.Sum(g(_s), (_s, 1, _n)) + f(_n))),
        by=[Induction(_n), fact("hypothesis 1", n=_n), quick],
    )
    .have(
        "up to",
        eq(over(f(_y), _y, _place), sp.Sum(g(_s), (_s, 1, _place)) + f(_place)),
        by=fact("every end", n=_place),
    ),
)
from_there = Lemma(
    "orthogonal/from_there",
    "The terms after some place, apart; g(s) = f(place + s)",
    (place, beyond),
    eq(over(f(_y), _y, _place + _beyond), over(f(_y), _y, _place) + sp.Sum(g(_s), (_s, 1, _beyond))),
    hypotheses=(Forall((_n,), eq(g(_n + 1), f(_place + _n + 1))),),
    functions=(f, g),
    backing=derive()
    .have("last", Forall((_s,), eq(over(f(_y), _y, _s), over(f(_y), _y, _s - 1) + f(_s))), by=[Induction(_s), quick])
    .have(
        "one more",
        Forall((_n,), eq(over(f(_y), _y, _place + _n + 1), over(f(_y), _y, _place + _n) + g(_n + 1))),
        by=[fact("last", s=_place + _n + 1), fact("hypothesis 1", n=_n), quick],
    )
    .have(
        "every end",
        Forall((_n,), eq(over(f(_y), _y, _place + _n), over(f(_y), _y, _place) + sp.Sum(g(_s), (_s, 1, _n)))),
        by=[Induction(_n), fact("one more", n=_n), quick],
    )
    .have(
        "from there",
        eq(over(f(_y), _y, _place + _beyond), over(f(_y), _y, _place) + sp.Sum(g(_s), (_s, 1, _beyond))),
        by=fact("every end", n=_beyond),
    ),
)
only_term = Lemma(
    "orthogonal/only_term",
    "A sum all of whose terms but one vanish is that term",
    (place, beyond),
    eq(over(f(_y), _y, _place + _beyond), f(_place)),
    hypotheses=(
        Forall((_y,), eq(f(_y), 0), (le(_y, _place - 1),)),
        Forall((_y,), eq(f(_y), 0), (ge(_y, _place + 1), le(_y, _place + _beyond))),
    ),
    functions=(f,),
    backing=derive()
    .have(
        "up to",
        eq(over(f(_y), _y, _place), sp.Sum(f(_s - 1), (_s, 1, _place)) + f(_place)),
        by=up_to.at(g=sp.Lambda((_s,), f(_s - 1))),
    )
    .have(
        "from there",
        eq(over(f(_y), _y, _place + _beyond), over(f(_y), _y, _place) + sp.Sum(f(_place + _s), (_s, 1, _beyond))),
        by=from_there.at(g=sp.Lambda((_s,), f(_place + _s))),
    )
    .have("nothing", Forall((_n,), eq(sp.Sum(0, (_s, 1, _n)), 0)), by=[Induction(_n), quick])
    .have(
        "before",
        eq(sp.Sum(f(_s - 1), (_s, 1, _place)), sp.Sum(0, (_s, 1, _place))),
        by=[Termwise(), fact("hypothesis 1", y=_s - 1)],
    )
    .have(
        "after",
        eq(sp.Sum(f(_place + _s), (_s, 1, _beyond)), sp.Sum(0, (_s, 1, _beyond))),
        by=[Termwise(), fact("hypothesis 2", y=_place + _s)],
    )
    .have(
        "only",
        eq(over(f(_y), _y, _place + _beyond), f(_place)),
        by=["from there", "up to", "before", "after", fact("nothing", n=_place), fact("nothing", n=_beyond), quick],
    ),
)

_combined = over_coordinates(z(_x) * over_family(t(_y) * v(_y, _x)))
_separate = over_family(t(_y) * over_coordinates(z(_x) * v(_y, _x)))
product_with = Lemma(
    "orthogonal/product_with",
    "The inner product with a combination is the combination of the inner products",
    (top, last),
    eq(_combined, _separate),
    functions=(t, v, z),
    backing=derive().have(
        "exchange", eq(_combined, _separate), by=exchange.at(g=sp.Lambda((_x, _y), v(_y, _x)), u=z, w=t)
    ),
)
_norm = over_coordinates(v(_chosen, _x) ** 2)
_own = over_coordinates(v(_chosen, _x) * over_family(t(_y) * v(_y, _x)))
_gram = over_coordinates(v(_chosen, _x) * v(_y, _x))
coefficient = Lemma(
    "orthogonal/coefficient",
    "The inner product with a vector of the family reads off its coefficient",
    (top, last, chosen),
    eq(_own, t(_chosen) * _norm),
    hypotheses=(
        Forall((_y,), eq(_gram, 0), (le(_y, _chosen - 1),)),
        Forall((_y,), eq(_gram, 0), (ge(_y, _chosen + 1), le(_y, _last))),
    ),
    functions=(t, v),
    backing=derive()
    .have(
        "linear",
        eq(_own, over_family(t(_y) * _gram)),
        by=product_with.at(z=sp.Lambda((_x,), v(_chosen, _x))),
    )
    .have("before", Forall((_y,), eq(t(_y) * _gram, 0), (le(_y, _chosen - 1),)), by=[fact("hypothesis 1", y=_y), quick])
    .have(
        "after",
        Forall((_y,), eq(t(_y) * _gram, 0), (ge(_y, _chosen + 1), le(_y, _last))),
        by=[fact("hypothesis 2", y=_y), quick],
    )
    .have(
        "only",
        eq(
            over(t(_y) * _gram, _y, _chosen + (_last - _chosen)),
            t(_chosen) * over_coordinates(v(_chosen, _x) * v(_chosen, _x)),
        ),
        by=["before", "after", only_term.at(place=_chosen, beyond=_last - _chosen, f=sp.Lambda((_y,), t(_y) * _gram))],
    )
    .have("coefficient", eq(_own, t(_chosen) * _norm), by=["linear", "only", quick]),
)
_outside = over_coordinates(z(_x) * v(_y, _x))
outside = Lemma(
    "orthogonal/outside",
    "A vector orthogonal to the family is orthogonal to its combinations",
    (top, last),
    eq(_combined, 0),
    hypotheses=(Forall((_y,), eq(_outside, 0), (le(_y, _last),)),),
    functions=(t, v, z),
    backing=derive()
    .have("linear", eq(_combined, _separate), by=product_with.at())
    .have("terms", eq(_separate, over_family(0)), by=[Termwise(), fact("hypothesis 1", y=_y), quick])
    .have("no terms", Forall((_n,), eq(over(0, _y, _n), 0)), by=[Induction(_n), quick])
    .have("nothing", eq(_combined, 0), by=["linear", "terms", fact("no terms", n=_last), quick]),
)

star = sp.Function("star", real=True)
ORTHOGONAL = Forall(
    (_l, _y), eq(over_coordinates(v(_l, _x) * v(_y, _x)), 0), (ge(_y, _l + 1), le(_y, _last))
)  # pairs l < y, which are all pairs
COMBINED = Forall((_x,), eq(star(_x), over_family(t(_y) * v(_y, _x))))
_among = (le(_l, _last),)
_read = over_coordinates(v(_chosen, _x) * star(_x))
coefficient_of = Lemma(
    "orthogonal/coefficient_of",
    "The inner product of one vector with a combination",
    (top, last, chosen),
    eq(_read, t(_chosen) * _norm),
    hypotheses=(ORTHOGONAL, COMBINED),
    functions=(t, v, star),
    backing=derive()
    .have("combined", eq(_read, _own), by=[Termwise(), fact("hypothesis 2", x=_x), quick])
    .have(
        "before", Forall((_y,), eq(_gram, 0), (le(_y, _chosen - 1),)), by=[fact("hypothesis 1", l=_y, y=_chosen), quick]
    )
    .have(
        "after",
        Forall((_y,), eq(_gram, 0), (ge(_y, _chosen + 1), le(_y, _last))),
        by=[fact("hypothesis 1", l=_chosen, y=_y), quick],
    )
    .have("own", eq(_own, t(_chosen) * _norm), by=["before", "after", coefficient.at()])
    .have("coefficient", eq(_read, t(_chosen) * _norm), by=["combined", "own", quick]),
)
coefficients = Lemma(
    "orthogonal/coefficients",
    "The inner products with the vectors of an orthogonal family read off the coefficients",
    (top, last),
    Forall((_l,), eq(over_coordinates(v(_l, _x) * star(_x)), t(_l) * over_coordinates(v(_l, _x) ** 2)), _among),
    hypotheses=(ORTHOGONAL, COMBINED),
    functions=(t, v, star),
    backing=derive().have(
        "each",
        Forall((_l,), eq(over_coordinates(v(_l, _x) * star(_x)), t(_l) * over_coordinates(v(_l, _x) ** 2)), _among),
        by=["hypothesis 1", "hypothesis 2", coefficient_of.at(chosen=_l)],
    ),
)
