"""Ranks of positive semidefinite quadratic forms on R^d, by their zeros.

Vectors of R^d are numbered by real numbers, of which there are as many: coordinate(c, j) is coordinate j of the vector
numbered c, so that "for every vector" is "for every c". form_rank(Q, d) is d less the dimension of the span of the
vectors where Q vanishes; for a positive semidefinite form those vectors are a subspace, and this is its rank.

Main statements
    flat            a variable without variance under a law of full support has none under any law
    no_spread       a variable that is 0 everywhere does not vary
    same_rank       forms with the same zeros have the same rank
    few_squares     a form that vanishes where n linear forms do has rank at most n
    at_most_width, one_null_vector, two_null_vectors   rank at most d, d - 1, d - 2

References: Horn and Johnson (2012), sections 0.2 and 7.1 (dimension of a null space; zeros of a semidefinite form).
"""

from __future__ import annotations

import sympy as sp

from theory.define import opaque
from theory.derivation import derive
from theory.justification import SingleTerm, Termwise, algebra, fact, quick
from theory.lemma import Citation, Lemma
from theory.lemmas.row_sums import W, over_coordinates, width
from theory.lemmas.softmax import m, over_tokens
from theory.parameter import Parameter, integers, reals
from theory.proposition import Forall, eq, ge, gt, le
from theory.source import Source

coordinate = opaque(
    "forms/coordinate", "coordinate(c, j) = coordinate j of the vector numbered c; every vector of R^d has a number"
)
form_rank = opaque(
    "forms/form_rank",
    "form_rank(Q, d) = d less the dimension of the span of the vectors of R^d where the form Q vanishes: its rank",
    integer=True,
    nonnegative=True,
)
mu = Parameter("mu", r"\mu", "a number", reals(), (-1, 1))
nu = Parameter("nu", r"\nu", "mean of the variable under the other law", reals(), (-1, 1))
first = Parameter("first", "v_1", "number of a vector", reals(), (0, 1))
second = Parameter("second", "v_2", "number of another vector", reals(), (0, 1))
squares = Parameter("n", "n", "number of linear forms", integers(0), (0, 10))
Q, S, p, q, y = (sp.Function(name, real=True) for name in "QSpqy")
c = sp.Symbol("c", real=True)
_k, _l, _j = (sp.Symbol(name, integer=True, nonnegative=True) for name in "klj")
_m, _d, _mu, _nu = m.symbol, width.symbol, mu.symbol, nu.symbol
_first, _second = first.symbol, second.symbol
_RANK_NULLITY = Citation(Source("hornjohnson2012", "0.2.3, 7.1.8", recheck=True), "rank and nullity add up to d")


def rank_of(form: sp.Expr, size: sp.Expr = _d) -> sp.Expr:
    """The rank of the form whose value at the vector numbered c is `form`."""
    return form_rank(sp.Lambda((c,), form), size)


def spread(law: sp.Expr, values: sp.Expr, centre: sp.Expr, size: sp.Expr = _m) -> sp.Sum:
    """Sum_k law (values - centre)^2, for expressions in the token k."""
    return over_tokens(law * (values - centre) ** 2, _k, size)


flat = Lemma(
    "forms/flat",
    "A variable that does not vary under a law of full support does not vary under any law",
    (m, mu, nu),
    eq(spread(q(_k), y(_k), _nu), 0),
    hypotheses=(
        Forall((_k,), gt(p(_k), 0)),
        eq(spread(p(_k), y(_k), _mu), 0),
        eq(over_tokens(q(_k)), 1),
        eq(over_tokens(q(_k) * y(_k)), _nu),
    ),
    functions=(p, q, y),
    backing=derive(spread(q(_k), y(_k), _nu))
    .have(
        "one token",
        Forall((_l,), ge(spread(p(_k), y(_k), _mu), p(_l) * (y(_l) - _mu) ** 2), (le(_l, _m - 1),)),
        by=[SingleTerm(_l), fact("hypothesis 1", k=_k), quick],
    )
    .have(
        "no square",
        Forall((_l,), le((y(_l) - _mu) ** 2, 0), (le(_l, _m - 1),)),
        by=[fact("one token", l=_l), fact("hypothesis 1", k=_l), "hypothesis 2", quick],
    )
    .have("constant", Forall((_l,), eq(y(_l), _mu), (le(_l, _m - 1),)), by=[fact("no square", l=_l), quick])
    .have(
        "each",
        Forall((_l,), eq(q(_l) * y(_l), q(_l) * _mu), (le(_l, _m - 1),)),
        by=[fact("constant", l=_l), quick],
    )
    .have("terms", eq(over_tokens(q(_k) * y(_k)), over_tokens(q(_k) * _mu)), by=[Termwise(), "each"])
    .have("linear", eq(over_tokens(q(_k) * _mu), _mu * over_tokens(q(_k))), by=algebra)
    .have("mean", eq(_nu, _mu), by=["terms", "linear", "hypothesis 3", "hypothesis 4"])
    .have(
        "each square",
        Forall((_l,), eq(q(_l) * (y(_l) - _nu) ** 2, q(_l) * (_mu - _nu) ** 2), (le(_l, _m - 1),)),
        by=[fact("constant", l=_l), quick],
    )
    .eq(over_tokens(q(_k) * (_mu - _nu) ** 2), by=[Termwise(), "each square"], name="squares")
    .eq((_mu - _nu) ** 2 * over_tokens(q(_k)), by=algebra, name="constant square")
    .eq(0, by=["mean", "hypothesis 3", quick], name="zero"),
)
no_spread = Lemma(
    "forms/no_spread",
    "A variable that is 0 everywhere does not vary",
    (m, mu),
    eq(spread(p(_k), y(_k), _mu), 0),
    hypotheses=(Forall((_k,), eq(y(_k), 0)), eq(over_tokens(p(_k) * y(_k)), _mu)),
    functions=(p, y),
    backing=derive(spread(p(_k), y(_k), _mu))
    .have("terms", eq(over_tokens(p(_k) * y(_k)), over_tokens(sp.S.Zero)), by=[Termwise(), fact("hypothesis 1", k=_k)])
    .have("mean", eq(_mu, 0), by=["terms", "hypothesis 2", algebra])
    .eq(over_tokens(sp.S.Zero), by=[Termwise(), fact("hypothesis 1", k=_k), "mean"], name="squares")
    .eq(0, by=algebra, name="zero"),
)
same_rank = Lemma(
    "forms/same_rank",
    "Forms with the same zeros have the same rank",
    (width,),
    eq(rank_of(Q(c)), rank_of(S(c))),
    hypotheses=(Forall((c,), eq(S(c), 0), (eq(Q(c), 0),)), Forall((c,), eq(Q(c), 0), (eq(S(c), 0),))),
    functions=(Q, S),
    backing=_RANK_NULLITY,
)
_linear = over_coordinates(W(_k, _j) * coordinate(c, _j))
few_squares = Lemma(
    "forms/few_squares",
    "A form that vanishes where n linear forms vanish has rank at most n",
    (width, squares),
    le(rank_of(Q(c)), squares.symbol),
    hypotheses=(Forall((c,), eq(Q(c), 0), (eq(over_tokens(_linear**2, _k, squares.symbol), 0),)),),
    functions=(Q, W),
    backing=_RANK_NULLITY,
)
at_most_width = Lemma(
    "forms/at_most_width",
    "A form on R^d has rank at most d",
    (width,),
    le(rank_of(Q(c)), _d),
    functions=(Q,),
    backing=_RANK_NULLITY,
)


def squared_norm(number: sp.Expr) -> sp.Sum:
    """||v||^2 of the vector of that number."""
    return over_coordinates(coordinate(number, _j) ** 2)


one_null_vector = Lemma(
    "forms/one_null_vector",
    "A form that vanishes at a vector other than 0 has rank at most d - 1",
    (width, first),
    le(rank_of(Q(c)), _d - 1),
    hypotheses=(eq(Q(_first), 0), gt(squared_norm(_first), 0)),
    functions=(Q,),
    backing=_RANK_NULLITY,
)
two_null_vectors = Lemma(
    "forms/two_null_vectors",
    "A form that vanishes at two orthogonal vectors other than 0 has rank at most d - 2",
    (width, first, second),
    le(rank_of(Q(c)), _d - 2),
    hypotheses=(
        eq(Q(_first), 0),
        eq(Q(_second), 0),
        gt(squared_norm(_first), 0),
        gt(squared_norm(_second), 0),
        eq(over_coordinates(coordinate(_first, _j) * coordinate(_second, _j)), 0),
    ),
    functions=(Q,),
    backing=_RANK_NULLITY,
)
