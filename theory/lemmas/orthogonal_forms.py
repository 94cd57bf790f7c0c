"""Inner products and forms of combinations of orthogonal families (the conventions of `theory.lemmas.orthogonal`).

Main statements
    square    sum_l w(l) <v(l), s>^2 + r |s|^2 = sum_l t(l)^2 (w(l) |v(l)|^2 + r) |v(l)|^2, s = sum_y t(y) v(y)
    inner     <sum_y t(y) v(y), sum_y u(y) v(y)> = sum_y u(y) t(y) |v(y)|^2
    apart     combinations of two families that are orthogonal to each other are orthogonal
"""

from __future__ import annotations

import sympy as sp

from theory.derivation import derive
from theory.justification import Induction, Termwise, algebra, fact, quick
from theory.lemma import Lemma
from theory.lemmas.orthogonal import (
    COMBINED,
    ORTHOGONAL,
    chosen,
    coefficients,
    outside,
    over_coordinates,
    over_family,
    product_with,
    star,
    t,
    v,
)
from theory.lemmas.sums import last, over, top
from theory.parameter import Parameter, reals
from theory.proposition import Forall, eq, le

r = Parameter("r", "r", "weight of the identity", reals(), (0, 1))
w = sp.Function("w", real=True)
_x, _y, _l, _n = (sp.Symbol(name, integer=True, nonnegative=True) for name in "xyln")
_last, _chosen = last.symbol, chosen.symbol
_among = (le(_l, _last),)

_norms, _reads = sp.Function("norms", real=True), sp.Function("reads", real=True)
_form = over_family(w(_y) * _reads(_y) ** 2) + r.symbol * over_family(t(_y) * _reads(_y))
_diagonal = over_family(t(_y) ** 2 * ((w(_y) * _norms(_y) + r.symbol) * _norms(_y)))
diagonal = Lemma(
    "orthogonal_forms/diagonal",
    "A form that is diagonal on the family, at a combination, with inner products by name",
    (last, r),
    eq(_form, _diagonal),
    hypotheses=(Forall((_y,), eq(_reads(_y), t(_y) * _norms(_y)), (le(_y, _last),)),),
    functions=(t, w, _norms, _reads),
    backing=derive()
    .have(
        "squares",
        eq(over_family(w(_y) * _reads(_y) ** 2), over_family(w(_y) * (t(_y) * _norms(_y)) ** 2)),
        by=[Termwise(), fact("hypothesis 1", y=_y), quick],
    )
    .have(
        "length",
        eq(over_family(t(_y) * _reads(_y)), over_family(t(_y) * (t(_y) * _norms(_y)))),
        by=[Termwise(), fact("hypothesis 1", y=_y), quick],
    )
    .have(
        "together",
        eq(
            over_family(w(_y) * (t(_y) * _norms(_y)) ** 2) + r.symbol * over_family(t(_y) * (t(_y) * _norms(_y))),
            _diagonal,
        ),
        by=algebra,
    )
    .have("diagonal", eq(_form, _diagonal), by=["squares", "length", "together", quick]),
)
_norm_of = over_coordinates(v(_y, _x) ** 2)
_read_of = over_coordinates(v(_y, _x) * star(_x))
_square = over_family(w(_y) * _read_of**2) + r.symbol * over_coordinates(star(_x) ** 2)
square = Lemma(
    "orthogonal_forms/square",
    "A form that is diagonal on the family, at a combination",
    (top, last, r),
    eq(_square, over_family(t(_y) ** 2 * ((w(_y) * _norm_of + r.symbol) * _norm_of))),
    hypotheses=(ORTHOGONAL, COMBINED),
    functions=(t, v, w, star),
    backing=derive()
    .have("reads", coefficients.conclusion, by=["hypothesis 1", "hypothesis 2", coefficients.at()])
    .have("read", Forall((_y,), eq(_read_of, t(_y) * _norm_of), (le(_y, _last),)), by=fact("reads", l=_y))
    .have(
        "spelled",
        eq(over_coordinates(star(_x) ** 2), over_coordinates(star(_x) * over_family(t(_y) * v(_y, _x)))),
        by=[Termwise(), fact("hypothesis 2", x=_x), quick],
    )
    .have(
        "exchanged",
        eq(
            over_coordinates(star(_x) * over_family(t(_y) * v(_y, _x))),
            over_family(t(_y) * over_coordinates(star(_x) * v(_y, _x))),
        ),
        by=product_with.at(z=star),
    )
    .have(
        "length", eq(over_coordinates(star(_x) ** 2), over_family(t(_y) * _read_of)), by=["spelled", "exchanged", quick]
    )
    .have(
        "diagonal",
        eq(
            over_family(w(_y) * _read_of**2) + r.symbol * over_family(t(_y) * _read_of),
            over_family(t(_y) ** 2 * ((w(_y) * _norm_of + r.symbol) * _norm_of)),
        ),
        by=[
            "read",
            diagonal.at(norms=sp.Lambda((_y,), _norm_of), reads=sp.Lambda((_y,), _read_of)),
        ],
    )
    .have(
        "square",
        eq(_square, over_family(t(_y) ** 2 * ((w(_y) * _norm_of + r.symbol) * _norm_of))),
        by=["length", "diagonal", quick],
    ),
)

u, other, v2 = (sp.Function(name, real=True) for name in ("u", "other", "v2"))
COMBINED_TOO = Forall((_x,), eq(other(_x), over_family(u(_y) * v(_y, _x))))
COMBINED_OF_OTHERS = Forall((_x,), eq(other(_x), over_family(u(_y) * v2(_y, _x))))
APART = Forall((_l, _y), eq(over_coordinates(v(_l, _x) * v2(_y, _x)), 0), (le(_l, _last), le(_y, _last)))
_product = over_coordinates(star(_x) * other(_x))
inner = Lemma(
    "orthogonal_forms/inner",
    "The inner product of two combinations of an orthogonal family",
    (top, last),
    eq(_product, over_family(u(_y) * (t(_y) * _norm_of))),
    hypotheses=(ORTHOGONAL, COMBINED, COMBINED_TOO),
    functions=(t, u, v, star, other),
    backing=derive()
    .have("reads", coefficients.conclusion, by=["hypothesis 1", "hypothesis 2", coefficients.at()])
    .have(
        "read",
        Forall((_y,), eq(u(_y) * _read_of, u(_y) * (t(_y) * _norm_of)), (le(_y, _last),)),
        by=fact("reads", l=_y),
    )
    .have(
        "spelled",
        eq(_product, over_coordinates(star(_x) * over_family(u(_y) * v(_y, _x)))),
        by=[Termwise(), fact("hypothesis 3", x=_x), quick],
    )
    .have(
        "exchanged",
        eq(over_coordinates(star(_x) * over_family(u(_y) * v(_y, _x))), over_family(u(_y) * _read_of)),
        by=product_with.at(z=star, t=u),
    )
    .have(
        "each",
        eq(over_family(u(_y) * _read_of), over_family(u(_y) * (t(_y) * _norm_of))),
        by=[Termwise(), fact("read", y=_y)],
    )
    .have("inner", eq(_product, over_family(u(_y) * (t(_y) * _norm_of))), by=["spelled", "exchanged", "each", quick]),
)
_other_read = over_coordinates(v2(_chosen, _x) * star(_x))
outside_of = Lemma(
    "orthogonal_forms/outside_of",
    "A vector of another family is orthogonal to a combination",
    (top, last, chosen),
    eq(_other_read, 0),
    hypotheses=(APART, COMBINED),
    functions=(t, v, v2, star),
    backing=derive()
    .have(
        "spelled",
        eq(_other_read, over_coordinates(v2(_chosen, _x) * over_family(t(_y) * v(_y, _x)))),
        by=[Termwise(), fact("hypothesis 2", x=_x), quick],
    )
    .have(
        "apart",
        Forall((_y,), eq(over_coordinates(v2(_chosen, _x) * v(_y, _x)), 0), (le(_y, _last),)),
        by=[fact("hypothesis 1", l=_y, y=_chosen), quick],
    )
    .have(
        "outside",
        eq(over_coordinates(v2(_chosen, _x) * over_family(t(_y) * v(_y, _x))), 0),
        by=["apart", outside.at(z=sp.Lambda((_x,), v2(_chosen, _x)))],
    )
    .have("nothing", eq(_other_read, 0), by=["spelled", "outside", quick]),
)
_with_other = over_coordinates(star(_x) * v2(_y, _x))
apart = Lemma(
    "orthogonal_forms/apart",
    "Combinations of two families that are orthogonal to each other are orthogonal",
    (top, last),
    eq(_product, 0),
    hypotheses=(APART, COMBINED, COMBINED_OF_OTHERS),
    functions=(t, u, v, v2, star, other),
    backing=derive()
    .have(
        "reads",
        Forall((_l,), eq(over_coordinates(v2(_l, _x) * star(_x)), 0), _among),
        by=["hypothesis 1", "hypothesis 2", outside_of.at(chosen=_l)],
    )
    .have("read", Forall((_y,), eq(u(_y) * _with_other, 0), (le(_y, _last),)), by=[fact("reads", l=_y), quick])
    .have(
        "spelled",
        eq(_product, over_coordinates(star(_x) * over_family(u(_y) * v2(_y, _x)))),
        by=[Termwise(), fact("hypothesis 3", x=_x), quick],
    )
    .have(
        "exchanged",
        eq(over_coordinates(star(_x) * over_family(u(_y) * v2(_y, _x))), over_family(u(_y) * _with_other)),
        by=product_with.at(z=star, t=u, v=v2),
    )
    .have("each", eq(over_family(u(_y) * _with_other), over_family(0)), by=[Termwise(), fact("read", y=_y)])
    .have("no terms", Forall((_n,), eq(over(0, _y, _n), 0)), by=[Induction(_n), quick])
    .have("nothing", eq(_product, 0), by=["spelled", "exchanged", "each", fact("no terms", n=_last), quick]),
)
