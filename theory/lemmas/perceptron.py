"""The perceptron convergence theorem, over any number of rows of weights.

Weights w(j, a, i) after j updates, rows a = 0..rows (one a label), columns i = 0..columns (one a feature). An update
adds c(j, a) f(j, i): for several labels c is +1 on the true row, -1 on the predicted one and 0 elsewhere; with signs
there is one row, and c = +-1 is the label. After the M updates that are made nothing moves any more: c = 0 from j = M
on, which `moves` says.

Main statements
    squared_length   every update adds at most kappa R^2 to |w|^2
    alignment        and at least 1 to <u, w>
    mistakes         so M <= kappa R^2 B^2, by the Cauchy-Schwarz inequality

References: Novikoff (1962); Crammer and Singer (2003) for several labels.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from theory.derivation import derive
from theory.justification import Induction, SingleTerm, Termwise, algebra, decide, fact, quick
from theory.lemma import Lemma
from theory.parameter import Parameter, integers, reals
from theory.proposition import Forall, eq, ge, le

rows = Parameter("rows", r"\hat a", "last row of the weights", integers(0), (0, 5))
columns = Parameter("columns", r"\hat\imath", "last feature", integers(0), (0, 30))
kappa = Parameter("kappa", r"\kappa", "squared length of the change of labels: 2, with signs 1", reals(0), (1, 2))
R2 = Parameter("R2", "R^2", "largest squared length of a feature vector", reals(0), (1, 50))
B2 = Parameter("B2", "B^2", "squared norm of a decoder with gap at least 1", reals(0, sp.oo, open="lower"), (1, 100))
mistakes_ = Parameter("M", "M", "number of updates", integers(0), (0, 1000), "updates")

w, f, c, u = (sp.Function(name, real=True) for name in ("w", "f", "c", "u"))
row_length, row_product, row_norm, _z = (
    sp.Function(name, real=True) for name in ("row_length", "row_product", "row_norm", "z")
)
_j, _a, _i, _r = (sp.Symbol(name, integer=True, nonnegative=True) for name in "jair")


def over_rows(term: Any) -> sp.Sum:
    """The sum of `term` over rows a."""
    return sp.Sum(term, (_a, 0, rows.symbol))


def over_features(term: Any) -> sp.Sum:
    """The sum of `term` over columns i."""
    return sp.Sum(term, (_i, 0, columns.symbol))


def moves(update: Any, most: Any) -> sp.Expr:
    """1 for the updates 0..most - 1, and 0 afterwards, when nothing moves any more."""
    return sp.Min(update + 1, most) - sp.Min(update, most)


STARTS_AT_ZERO = Forall((_a, _i), eq(w(0, _a, _i), 0))
UPDATES = Forall((_j, _a, _i), eq(w(_j + 1, _a, _i), w(_j, _a, _i) + c(_j, _a) * f(_j, _i)))
_moves = moves(_j, mistakes_.symbol)
LABELS = Forall((_j,), eq(over_rows(c(_j, _a) ** 2), kappa.symbol * _moves))
SHORT = Forall((_j,), le(over_features(f(_j, _i) ** 2), R2.symbol))
MISTAKEN = Forall((_j,), le(over_rows(c(_j, _a) * over_features(w(_j, _a, _i) * f(_j, _i))), 0))
GAP = Forall((_j,), ge(over_rows(c(_j, _a) * over_features(u(_a, _i) * f(_j, _i))), _moves))
NORM = le(over_rows(over_features(u(_a, _i) ** 2)), B2.symbol)
_row_lengths = Forall((_j, _a), eq(row_length(_j, _a), over_features(w(_j, _a, _i) ** 2)))
_row_products = Forall((_j, _a), eq(row_product(_j, _a), over_features(w(_j, _a, _i) * u(_a, _i))))
_row_norms = Forall((_a,), eq(row_norm(_a), over_features(u(_a, _i) ** 2)))

no_terms = Lemma(
    "perceptron/no_terms",
    "A sum of zeros",
    (columns,),
    eq(over_features(_z(_i)), 0),
    hypotheses=(Forall((_i,), eq(_z(_i), 0)),),
    functions=(_z,),
    backing=derive()
    .have(
        "every end",
        Forall((_r,), eq(sp.Sum(_z(_i), (_i, 0, _r)), 0)),
        by=[Induction(_r), fact("hypothesis 1", i=0), fact("hypothesis 1", i=_r + 1), quick],
    )
    .have("sum", eq(over_features(_z(_i)), 0), by=fact("every end", r=columns.symbol)),
)

_made = sp.Min(_j, mistakes_.symbol)
_wf, _ff = over_features(w(_j, _a, _i) * f(_j, _i)), over_features(f(_j, _i) ** 2)
_moved = over_features((w(_j, _a, _i) + c(_j, _a) * f(_j, _i)) ** 2)
_row = row_length(_j, _a) + 2 * c(_j, _a) * _wf + c(_j, _a) ** 2 * _ff
squared_length = Lemma(
    "perceptron/squared_length",
    "The squared length after j <= M updates is at most kappa R^2 j",
    (rows, columns, kappa, R2, mistakes_),
    Forall((_j,), le(over_rows(row_length(_j, _a)), kappa.symbol * R2.symbol * _made)),
    hypotheses=(STARTS_AT_ZERO, UPDATES, LABELS, SHORT, MISTAKEN, _row_lengths),
    functions=(w, f, c, row_length),
    statement="|w + d|^2 = |w|^2 + 2 <w, d> + |d|^2 with <w, d> <= 0 at a mistake and |d|^2 = kappa |f|^2",
    backing=derive()
    .have(
        "moved",
        Forall((_j, _a), eq(over_features(w(_j + 1, _a, _i) ** 2), _moved)),
        by=[Termwise(), "hypothesis 2"],
    )
    .have(
        "square",
        Forall((_j, _a), eq(_moved, over_features(w(_j, _a, _i) ** 2) + 2 * c(_j, _a) * _wf + c(_j, _a) ** 2 * _ff)),
        by=algebra,
    )
    .have(
        "row",
        Forall((_j, _a), eq(row_length(_j + 1, _a), _row)),
        by=[
            fact("moved", j=_j, a=_a),
            fact("square", j=_j, a=_a),
            fact("hypothesis 6", j=_j + 1, a=_a),
            fact("hypothesis 6", j=_j, a=_a),
            quick,
        ],
    )
    .have("rows", Forall((_j,), eq(over_rows(row_length(_j + 1, _a)), over_rows(_row))), by=[Termwise(), "row"])
    .have(
        "sum of rows",
        Forall(
            (_j,),
            eq(
                over_rows(_row),
                over_rows(row_length(_j, _a)) + 2 * over_rows(c(_j, _a) * _wf) + over_rows(c(_j, _a) ** 2) * _ff,
            ),
        ),
        by=algebra,
    )
    .have("once or not", Forall((_j,), ge(_moves, 0)), by=quick)
    .have(
        "update",
        Forall((_j,), le(over_rows(c(_j, _a) ** 2) * _ff, kappa.symbol * R2.symbol * _moves)),
        by=[fact("hypothesis 3", j=_j), fact("hypothesis 4", j=_j), "once or not", quick],
    )
    .have(
        "grows",
        Forall(
            (_j,),
            le(
                over_rows(row_length(_j + 1, _a)),
                over_rows(row_length(_j, _a)) + kappa.symbol * R2.symbol * _moves,
            ),
        ),
        by=[
            fact("rows", j=_j),
            fact("sum of rows", j=_j),
            fact("hypothesis 5", j=_j),
            fact("update", j=_j),
            quick,
        ],
    )
    .have("start square", Forall((_a, _i), eq(w(0, _a, _i) ** 2, 0)), by=["hypothesis 1", quick])
    .have(
        "no columns",
        Forall((_a,), eq(over_features(w(0, _a, _i) ** 2), 0)),
        by=["start square", no_terms.at(z=sp.Lambda((_i,), w(0, _a, _i) ** 2))],
    )
    .have(
        "no rows",
        Forall((_a,), eq(row_length(0, _a), 0)),
        by=[fact("no columns", a=_a), fact("hypothesis 6", j=0, a=_a), quick],
    )
    .have(
        "first rows",
        Forall((_r,), eq(sp.Sum(row_length(0, _a), (_a, 0, _r)), 0)),
        by=[Induction(_r), fact("no rows", a=0), fact("no rows", a=_r + 1), quick],
    )
    .have("start", eq(over_rows(row_length(0, _a)), 0), by=fact("first rows", r=rows.symbol))
    .have(
        "all updates",
        Forall((_j,), le(over_rows(row_length(_j, _a)), kappa.symbol * R2.symbol * _made)),
        by=[Induction(_j), "start", fact("grows", j=_j), quick],
    ),
)

_uf = over_features(u(_a, _i) * f(_j, _i))
_moved_inner = over_features((w(_j, _a, _i) + c(_j, _a) * f(_j, _i)) * u(_a, _i))
_inner_row = row_product(_j, _a) + c(_j, _a) * _uf
alignment = Lemma(
    "perceptron/alignment",
    "The inner product with a decoder of gap at least 1 is at least j after j <= M updates",
    (rows, columns, mistakes_),
    Forall((_j,), ge(over_rows(row_product(_j, _a)), _made)),
    hypotheses=(STARTS_AT_ZERO, UPDATES, GAP, _row_products),
    functions=(w, f, c, u, row_product),
    backing=derive()
    .have(
        "moved",
        Forall((_j, _a), eq(over_features(w(_j + 1, _a, _i) * u(_a, _i)), _moved_inner)),
        by=[Termwise(), "hypothesis 2"],
    )
    .have(
        "inner",
        Forall((_j, _a), eq(_moved_inner, over_features(w(_j, _a, _i) * u(_a, _i)) + c(_j, _a) * _uf)),
        by=algebra,
    )
    .have(
        "row",
        Forall((_j, _a), eq(row_product(_j + 1, _a), _inner_row)),
        by=[
            fact("moved", j=_j, a=_a),
            fact("inner", j=_j, a=_a),
            fact("hypothesis 4", j=_j + 1, a=_a),
            fact("hypothesis 4", j=_j, a=_a),
            quick,
        ],
    )
    .have("rows", Forall((_j,), eq(over_rows(row_product(_j + 1, _a)), over_rows(_inner_row))), by=[Termwise(), "row"])
    .have(
        "sum of rows",
        Forall((_j,), eq(over_rows(_inner_row), over_rows(row_product(_j, _a)) + over_rows(c(_j, _a) * _uf))),
        by=algebra,
    )
    .have(
        "grows",
        Forall((_j,), ge(over_rows(row_product(_j + 1, _a)), over_rows(row_product(_j, _a)) + _moves)),
        by=[fact("rows", j=_j), fact("sum of rows", j=_j), fact("hypothesis 3", j=_j), quick],
    )
    .have("start product", Forall((_a, _i), eq(w(0, _a, _i) * u(_a, _i), 0)), by=["hypothesis 1", quick])
    .have(
        "no columns",
        Forall((_a,), eq(over_features(w(0, _a, _i) * u(_a, _i)), 0)),
        by=["start product", no_terms.at(z=sp.Lambda((_i,), w(0, _a, _i) * u(_a, _i)))],
    )
    .have(
        "no rows",
        Forall((_a,), eq(row_product(0, _a), 0)),
        by=[fact("no columns", a=_a), fact("hypothesis 4", j=0, a=_a), quick],
    )
    .have(
        "first rows",
        Forall((_r,), eq(sp.Sum(row_product(0, _a), (_a, 0, _r)), 0)),
        by=[Induction(_r), fact("no rows", a=0), fact("no rows", a=_r + 1), quick],
    )
    .have("start", eq(over_rows(row_product(0, _a)), 0), by=fact("first rows", r=rows.symbol))
    .have(
        "all updates",
        Forall((_j,), ge(over_rows(row_product(_j, _a)), _made)),
        by=[Induction(_j), "start", fact("grows", j=_j), quick],
    ),
)

_N, _P, _Q = (
    Parameter(name, name, meaning, reals(), (0, 1))
    for name, meaning in (("N", "|w|^2"), ("P", "<u, w>"), ("Q", "|u|^2"))
)
_n, _p, _q, _m, _B = _N.symbol, _P.symbol, _Q.symbol, mistakes_.symbol, B2.symbol
_S = Parameter("S", "S", "largest squared length of an update", reals(0), (0, 1))
few = Lemma(
    "perceptron/few",
    "|w|^2 <= S M, <u, w> >= M and |u|^2 <= B^2 leave M <= S B^2",
    (_S, B2, mistakes_, _N, _P, _Q),
    le(_m, _S.symbol * _B),
    hypotheses=(
        ge(_B**2 * _n - 2 * _B * _m * _p + _m**2 * _q, 0),
        le(_n, _S.symbol * _m),
        ge(_p, _m),
        le(_q, _B),
    ),
    statement="|B^2 w - M u|^2 >= 0: the Cauchy-Schwarz inequality",
    backing=derive()
    .have("length", le(_B**2 * _n, _B**2 * _S.symbol * _m), by=["hypothesis 2", quick])
    .have("aligned", ge(2 * _B * _m * _p, 2 * _B * _m**2), by=["hypothesis 3", quick])
    .have("norm", le(_m**2 * _q, _m**2 * _B), by=["hypothesis 4", quick])
    .have(
        "together",
        ge(_B**2 * _S.symbol * _m - _B * _m**2, 0),
        by=["hypothesis 1", "length", "aligned", "norm", quick],
    )
    .have("few", le(_m, _S.symbol * _B), by=["together", decide]),
)

_wM = w(_m, _a, _i)
_difference = over_features((_B * _wM - _m * u(_a, _i)) ** 2)
_difference_row = _B**2 * row_length(_m, _a) - 2 * _B * _m * row_product(_m, _a) + _m**2 * row_norm(_a)
_named = (_row_lengths, _row_products, _row_norms, le(over_rows(row_norm(_a)), _B))
named_mistakes = Lemma(
    "perceptron/named_mistakes",
    "Perceptron convergence theorem, inner products of rows with names",
    (rows, columns, kappa, R2, B2, mistakes_),
    le(_m, kappa.symbol * R2.symbol * _B),
    hypotheses=(STARTS_AT_ZERO, UPDATES, LABELS, SHORT, MISTAKEN, GAP, *_named),
    functions=(w, f, c, u, row_length, row_product, row_norm),
    backing=derive()
    .have(
        "lengths",
        squared_length.conclusion,
        by=[*(f"hypothesis {k}" for k in (1, 2, 3, 4, 5, 7)), squared_length.at()],
    )
    .have("products", alignment.conclusion, by=[*(f"hypothesis {k}" for k in (1, 2, 6, 8)), alignment.at()])
    .have("difference", Forall((_a,), ge(_difference, 0)), by=SingleTerm(0))
    .have(
        "expanded",
        Forall(
            (_a,),
            eq(
                _difference,
                _B**2 * over_features(_wM**2)
                - 2 * _B * _m * over_features(_wM * u(_a, _i))
                + _m**2 * over_features(u(_a, _i) ** 2),
            ),
        ),
        by=algebra,
    )
    .have(
        "row",
        Forall((_a,), ge(_difference_row, 0)),
        by=[
            fact("difference", a=_a),
            fact("expanded", a=_a),
            fact("hypothesis 7", j=_m, a=_a),
            fact("hypothesis 8", j=_m, a=_a),
            fact("hypothesis 9", a=_a),
            quick,
        ],
    )
    .have("rows", ge(over_rows(_difference_row), 0), by=[SingleTerm(0), fact("row", a=_a), fact("row", a=0)])
    .have(
        "linear",
        eq(
            over_rows(_difference_row),
            _B**2 * over_rows(row_length(_m, _a))
            - 2 * _B * _m * over_rows(row_product(_m, _a))
            + _m**2 * over_rows(row_norm(_a)),
        ),
        by=algebra,
    )
    .have(
        "square",
        ge(
            _B**2 * over_rows(row_length(_m, _a))
            - 2 * _B * _m * over_rows(row_product(_m, _a))
            + _m**2 * over_rows(row_norm(_a)),
            0,
        ),
        by=["rows", "linear", quick],
    )
    .have("length", le(over_rows(row_length(_m, _a)), kappa.symbol * R2.symbol * _m), by=fact("lengths", j=_m))
    .have("product", ge(over_rows(row_product(_m, _a)), _m), by=fact("products", j=_m))
    .have(
        "few",
        le(_m, kappa.symbol * R2.symbol * _B),
        by=[
            "square",
            "length",
            "product",
            "hypothesis 10",
            few.at(
                S=kappa.symbol * R2.symbol,
                N=over_rows(row_length(_m, _a)),
                P=over_rows(row_product(_m, _a)),
                Q=over_rows(row_norm(_a)),
            ),
        ],
    ),
)
mistakes = Lemma(
    "perceptron/mistakes",
    "Perceptron convergence theorem",
    (rows, columns, kappa, R2, B2, mistakes_),
    le(_m, kappa.symbol * R2.symbol * _B),
    hypotheses=(STARTS_AT_ZERO, UPDATES, LABELS, SHORT, MISTAKEN, GAP, NORM),
    functions=(w, f, c, u),
    backing=derive().have(
        "few",
        le(_m, kappa.symbol * R2.symbol * _B),
        by=[
            *(f"hypothesis {k}" for k in range(1, 8)),
            named_mistakes.at(
                row_length=sp.Lambda((_j, _a), over_features(w(_j, _a, _i) ** 2)),
                row_product=sp.Lambda((_j, _a), over_features(w(_j, _a, _i) * u(_a, _i))),
                row_norm=sp.Lambda((_a,), over_features(u(_a, _i) ** 2)),
            ),
        ],
    ),
)
