"""Dobrushin's and Doeblin's coefficients of a stochastic matrix (specification 2.B).

Main statements
    dobrushin_hierarchy   kappa(M) <= 1-alpha(M) <= 1-n m <= 1-2m; kappa is submultiplicative and contracts

What tokens say of the coefficients of a block stands in `convergence_products`.
"""

from __future__ import annotations

import sympy as sp

from theory.claim import Claim, Kind, Status, upper
from theory.define import defined, opaque
from theory.derivation import derive
from theory.justification import Termwise, algebra, quick, unfold
from theory.lemma import Citation, Lemma, meaning
from theory.lemmas.stochastic_matrix import (
    above_column_least,
    above_least,
    column_least,
    entry,
    k_,
    over_states,
    overlap,
    size,
)
from theory.lemmas.stochastic_matrix import alpha as doeblin
from theory.lemmas.stochastic_matrix import least as smallest
from theory.proposition import Forall, eq, ge, le
from theory.source import Source

_m, _s, _alpha = smallest.symbol, size.symbol, doeblin.symbol


first_row = opaque(
    "markov/first_row", "first_row() = one of two rows of M with the least overlap", integer=True, nonnegative=True
)
second_row = opaque("markov/second_row", "second_row() = the other of them", integer=True, nonnegative=True)
least_row = opaque(
    "markov/least_row", "least_row(y) = a row of M with the smallest entry of column y", integer=True, nonnegative=True
)
_y = sp.Symbol("y", integer=True, nonnegative=True)
dobrushin_coefficient = defined(
    "markov/dobrushin_coefficient",
    "dobrushin_coefficient() = kappa(M) = 1 - min over pairs of rows of their overlap (D9)",
    (),
    1 - overlap(first_row(), second_row()),
)
doeblin_coefficient = defined(
    "markov/doeblin_coefficient",
    "doeblin_coefficient() = alpha(M) = sum_y min_x M(x, y) (D9)",
    (),
    over_states(column_least(k_)),
)
column_attained = defined(
    "markov/column_attained",
    "column_attained(y) = min_x M(x, y) minus the entry that attains it: 0",
    (_y,),
    column_least(_y) - entry(least_row(_y), _y),
    bounds=(0, 0),
    range_by=meaning(least_row),
)
product_coefficient = opaque("markov/product_coefficient", "product_coefficient(M, N) = kappa(M N)")
other_coefficient = opaque("markov/other_coefficient", "other_coefficient() = kappa(N)", bounds=(0, 1))
moved_mass = opaque("markov/moved_mass", "moved_mass() = ||v M||_1 for a vector v of sum 0 with ||v||_1 = 1")
_kappa, _doeblin = dobrushin_coefficient(), doeblin_coefficient()
_shared = over_states(sp.Min(entry(first_row(), k_), entry(second_row(), k_)))

submultiplicative = Lemma(
    "markov/submultiplicative",
    "The Dobrushin coefficient of a product",
    (),
    le(product_coefficient(), _kappa * other_coefficient()),
    Citation(Source("dobrushin1956", "submultiplicativity of the contraction coefficient", recheck=True)),
)
contracts_mass = Lemma(
    "markov/contracts_mass",
    "The Dobrushin coefficient contracts differences of laws",
    (),
    le(moved_mass(), _kappa),
    Citation(Source("dobrushin1956", "contraction coefficient", recheck=True)),
)

dobrushin_hierarchy = Claim(
    id="markov/dobrushin_hierarchy",
    title="Dobrushin, Doeblin, smallest entry",
    kind=Kind.UPPER,
    text=(
        "kappa(M) <= 1-alpha(M) <= 1-n m <= 1-2m for M stochastic n x n with smallest entry m; "
        "kappa(M N) <= kappa(M) kappa(N), and ||v M||_1 <= kappa(M) for v of sum 0 and ||v||_1 = 1"
    ),
    parameters=(size, smallest),
    statements=(
        upper(_kappa, 1 - _doeblin, trivial=1, label="dobrushin"),
        upper(1 - _doeblin, 1 - _s * _m, trivial=1, label="doeblin"),
        upper(1 - _s * _m, 1 - 2 * _m, trivial=1, label="smallest entry"),
        upper(product_coefficient(), _kappa * other_coefficient(), trivial=1, label="products"),
        upper(moved_mass(), _kappa, trivial=1, label="differences"),
    ),
    source=Source("makur2023", "hierarchy of contraction coefficients", recheck=True),
    status=Status.OWN,
    derivation=derive()
    .have(
        "columns",
        Forall((k_,), ge(sp.Min(entry(first_row(), k_), entry(second_row(), k_)), column_least(k_))),
        by=[
            unfold(above_column_least, x=first_row(), y=k_),
            unfold(above_column_least, x=second_row(), y=k_),
            quick,
        ],
    )
    .have("shared", ge(_shared, over_states(column_least(k_))), by=[Termwise(), "columns", quick])
    .have(
        "overlap",
        eq(_kappa, 1 - _shared),
        by=[unfold(dobrushin_coefficient), unfold(overlap, x=first_row(), y=second_row()), quick],
    )
    .have("doeblin mass", eq(_doeblin, over_states(column_least(k_))), by=unfold(doeblin_coefficient))
    .have("dobrushin", le(_kappa, 1 - _doeblin), by=["shared", "overlap", "doeblin mass", quick])
    .have(
        "smallest of a column",
        Forall((k_,), ge(column_least(k_), _m)),
        by=[unfold(column_attained, y=k_), unfold(above_least, x=least_row(k_), y=k_), quick],
    )
    .have(
        "columns together",
        ge(over_states(column_least(k_)), over_states(_m)),
        by=[Termwise(), "smallest of a column", quick],
    )
    .have("constant", eq(over_states(_m), _s * _m), by=algebra)
    .have("doeblin", le(1 - _doeblin, 1 - _s * _m), by=["columns together", "constant", "doeblin mass", quick])
    .have("smallest entry", le(1 - _s * _m, 1 - 2 * _m), by=quick)
    .have("products", le(product_coefficient(), _kappa * other_coefficient()), by=submultiplicative.at())
    .have("differences", le(moved_mass(), _kappa), by=contracts_mass.at()),
)
