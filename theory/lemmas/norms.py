"""Sums of absolute values and of squares as norms: Cauchy-Schwarz, the triangle inequality, means of squares.

a, b, c, d are functions of an index k = 0..top, root(u) = sqrt(u).

Main statements
    cauchy_schwarz    (sum a b)^2 <= sum a^2 sum b^2
    minkowski         |a + b| <= |a| + |b| for |a| = root(sum a^2)
    three_parts       |-a + b + c| <= |a| + |b| + |c|
    four_points_l1    sum |a - d| <= sum |a - b| + sum |b - c| + sum |c - d|
    square_of_mean    (sum w e)^2 <= sum w e^2 over x = 0..top, for weights w >= 0 of mass 1
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from theory.derivation import derive
from theory.justification import SingleTerm, Termwise, algebra, decide, fact, quick, unfold
from theory.lemma import Lemma
from theory.lemmas.hellinger import root
from theory.parameter import Parameter, integers, reals
from theory.proposition import Forall, eq, ge, le

top = Parameter("top", r"\hat k", "last index of the sums", integers(0), (1, 100))
_k, _l = (sp.Symbol(name, integer=True, nonnegative=True) for name in "kl")
a, b, c, d, w, e = (sp.Function(name, real=True) for name in ("a", "b", "c", "d", "w", "e"))


def total(term: Any) -> sp.Sum:
    """The sum of `term` over k = 0..top."""
    return sp.Sum(term, (_k, 0, top.symbol))


def norm(term: Any) -> sp.Expr:
    """root(sum term^2)."""
    return root(total(term**2))


_S, _T, _P = total(a(_k) ** 2), total(b(_k) ** 2), total(a(_k) * b(_k))
S, T, P = (
    Parameter(name, name, meaning, reals(), (0, 1))
    for name, meaning in (("S", "sum a^2"), ("T", "sum b^2"), ("P", "sum a b"))
)
product_of_squares = Lemma(
    "norms/product_of_squares",
    "P^2 <= S T from S (S T - P^2) >= 0 and its mirror image",
    (S, T, P),
    le(P.symbol**2, S.symbol * T.symbol),
    hypotheses=(
        ge(S.symbol, 0),
        ge(T.symbol, 0),
        ge(S.symbol * (S.symbol * T.symbol - P.symbol**2), 0),
        ge(T.symbol * (S.symbol * T.symbol - P.symbol**2), 0),
        le(2 * P.symbol, S.symbol + T.symbol),
        le(-2 * P.symbol, S.symbol + T.symbol),
    ),
    backing=derive().have(
        "product",
        le(P.symbol**2, S.symbol * T.symbol),
        by=[*(f"hypothesis {i}" for i in range(1, 7)), decide],
        note="S = T = 0 leaves P = 0",
    ),
)


_s, _t, _p = S.symbol, T.symbol, P.symbol
_squares = (
    ("first", (_s * b(_k) - _p * a(_k)) ** 2, _s**2 * _T - 2 * _s * _p * _P + _p**2 * _S),
    ("second", (_t * a(_k) - _p * b(_k)) ** 2, _t**2 * _S - 2 * _t * _p * _P + _p**2 * _T),
    ("plus", (a(_k) + b(_k)) ** 2, _S + 2 * _P + _T),
    ("minus", (a(_k) - b(_k)) ** 2, _S - 2 * _P + _T),
)


def _expanded() -> Any:
    """Facts: four sums of squares, each non-negative and expanded, and those of the two functions themselves."""
    steps = derive().have("S", ge(_S, 0), by=SingleTerm(0)).have("T", ge(_T, 0), by=SingleTerm(0))
    for name, term, value in _squares:
        steps = steps.have(name, ge(total(term), 0), by=SingleTerm(0))
        steps = steps.have(f"{name} expanded", eq(total(term), value), by=algebra)
        steps = steps.have(
            f"{name} sign",
            ge(value.xreplace({_S: _s, _T: _t, _P: _p}), 0),
            by=[name, f"{name} expanded", "hypothesis 1", "hypothesis 2", "hypothesis 3", quick],
        )
    return steps


_named = (eq(_S, _s), eq(_T, _t), eq(_P, _p))
named_cauchy_schwarz = Lemma(
    "norms/named_cauchy_schwarz",
    "Cauchy-Schwarz inequality for sums with names",
    (top, S, T, P),
    le(_p**2, _s * _t),
    hypotheses=_named,
    functions=(a, b),
    backing=_expanded()
    .have("sign of S", ge(_s, 0), by=["S", "hypothesis 1", quick])
    .have("sign of T", ge(_t, 0), by=["T", "hypothesis 2", quick])
    .have("S times", ge(_s * (_s * _t - _p**2), 0), by=["first sign", quick])
    .have("T times", ge(_t * (_s * _t - _p**2), 0), by=["second sign", quick])
    .have("P", le(2 * _p, _s + _t), by=["minus sign", quick])
    .have("-P", le(-2 * _p, _s + _t), by=["plus sign", quick])
    .have(
        "product",
        le(_p**2, _s * _t),
        by=["sign of S", "sign of T", "S times", "T times", "P", "-P", product_of_squares.at()],
    ),
)
cauchy_schwarz = Lemma(
    "norms/cauchy_schwarz",
    "Cauchy-Schwarz inequality",
    (top,),
    le(_P**2, _S * _T),
    functions=(a, b),
    backing=derive().have("product", le(_P**2, _S * _T), by=named_cauchy_schwarz.at(S=_S, T=_T, P=_P)),
)
_A, _B = norm(a(_k)), norm(b(_k))
_both = total((a(_k) + b(_k)) ** 2)
X = Parameter("X", "X", "a non-negative number", reals(0), (0, 1))
root_of_square = Lemma(
    "norms/root_of_square",
    "root(X)^2 = X and root(X) >= 0",
    (X,),
    eq(root(X.symbol) ** 2, X.symbol),
    backing=derive()
    .have("unfold", eq(root(X.symbol), sp.sqrt(X.symbol)), by=unfold(root, u=X.symbol))
    .have("square", eq(root(X.symbol) ** 2, X.symbol), by=["unfold", decide]),
)
root_not_negative = Lemma(
    "norms/root_not_negative",
    "root(X) >= 0",
    (X,),
    ge(root(X.symbol), 0),
    backing=derive()
    .have("unfold", eq(root(X.symbol), sp.sqrt(X.symbol)), by=unfold(root, u=X.symbol))
    .have("sign", ge(root(X.symbol), 0), by=["unfold", decide]),
)
_sum, _first, _second = (Parameter(name, name, "a norm", reals(0), (0, 1)) for name in ("both", "first", "second"))
norm_of_sum = Lemma(
    "norms/norm_of_sum",
    "C^2 = A^2 + B^2 + 2 P and P^2 <= A^2 B^2 give C <= A + B",
    (_sum, _first, _second, P),
    le(_sum.symbol, _first.symbol + _second.symbol),
    hypotheses=(
        eq(_sum.symbol**2, _first.symbol**2 + _second.symbol**2 + 2 * _p),
        le(_p**2, _first.symbol**2 * _second.symbol**2),
    ),
    backing=derive()
    .have("product", le(_p, _first.symbol * _second.symbol), by=["hypothesis 2", decide])
    .have("square", le(_sum.symbol**2, (_first.symbol + _second.symbol) ** 2), by=["hypothesis 1", "product", quick])
    .have("norm", le(_sum.symbol, _first.symbol + _second.symbol), by=["square", decide]),
)
minkowski = Lemma(
    "norms/minkowski",
    "Triangle inequality of the Euclidean norm",
    (top,),
    le(norm(a(_k) + b(_k)), _A + _B),
    functions=(a, b),
    backing=derive()
    .have("S", ge(_S, 0), by=SingleTerm(0))
    .have("T", ge(_T, 0), by=SingleTerm(0))
    .have("both", ge(_both, 0), by=SingleTerm(0))
    .have("expanded", eq(_both, _S + 2 * _P + _T), by=algebra)
    .have("A", eq(_A**2, _S), by=["S", root_of_square.at(X=_S)])
    .have("B", eq(_B**2, _T), by=["T", root_of_square.at(X=_T)])
    .have("C", eq(root(_both) ** 2, _both), by=["both", root_of_square.at(X=_both)])
    .have("sign of A", ge(_A, 0), by=["S", root_not_negative.at(X=_S)])
    .have("sign of B", ge(_B, 0), by=["T", root_not_negative.at(X=_T)])
    .have("sign of C", ge(root(_both), 0), by=["both", root_not_negative.at(X=_both)])
    .have("product", le(_P**2, _S * _T), by=cauchy_schwarz.at())
    .have("squares", eq(root(_both) ** 2, _A**2 + _B**2 + 2 * _P), by=["expanded", "A", "B", "C", quick])
    .have("product of norms", le(_P**2, _A**2 * _B**2), by=["product", "A", "B", quick])
    .have(
        "norm",
        le(root(_both), _A + _B),
        by=[
            "sign of A",
            "sign of B",
            "sign of C",
            "squares",
            "product of norms",
            norm_of_sum.at(both=root(_both), first=_A, second=_B, P=_P),
        ],
    ),
)
_three = -a(_k) + b(_k) + c(_k)
three_parts = Lemma(
    "norms/three_parts",
    "Triangle inequality of the Euclidean norm, three parts",
    (top,),
    le(norm(_three), norm(a(_k)) + norm(b(_k)) + norm(c(_k))),
    functions=(a, b, c),
    backing=derive()
    .have("last", le(norm(b(_k) + c(_k)), norm(b(_k)) + norm(c(_k))), by=minkowski.at(a=b, b=c))
    .have(
        "first",
        le(norm(_three), norm(a(_k)) + norm(b(_k) + c(_k))),
        by=minkowski.at(a=sp.Lambda((_k,), -a(_k)), b=sp.Lambda((_k,), b(_k) + c(_k))),
    )
    .have("all", le(norm(_three), norm(a(_k)) + norm(b(_k)) + norm(c(_k))), by=["first", "last", quick]),
)
_ab, _bc, _cd = a(_k) - b(_k), b(_k) - c(_k), c(_k) - d(_k)
_l1 = total(sp.Abs(_ab) + sp.Abs(_bc) + sp.Abs(_cd))
four_points_l1 = Lemma(
    "norms/four_points_l1",
    "Triangle inequality over four points, in l1",
    (top,),
    le(total(sp.Abs(a(_k) - d(_k))), total(sp.Abs(_ab)) + total(sp.Abs(_bc)) + total(sp.Abs(_cd))),
    functions=(a, b, c, d),
    backing=derive(total(sp.Abs(a(_k) - d(_k))))
    .have(
        "term",
        Forall(
            (_l,),
            le(sp.Abs(a(_l) - d(_l)), sp.Abs(a(_l) - b(_l)) + sp.Abs(b(_l) - c(_l)) + sp.Abs(c(_l) - d(_l))),
        ),
        by=decide,
    )
    .le(_l1, by=[Termwise(), "term"], name="termwise")
    .eq(total(sp.Abs(_ab)) + total(sp.Abs(_bc)) + total(sp.Abs(_cd)), by=algebra, name="linear"),
)
_x = sp.Symbol("x", integer=True, nonnegative=True)


def over(term: Any) -> sp.Sum:
    """The sum of `term` over contexts x = 0..top."""
    return sp.Sum(term, (_x, 0, top.symbol))


mean = Parameter("mean", r"\bar e", "the mean of e", reals(), (0, 1))
_m = mean.symbol
named_square_of_mean = Lemma(
    "norms/named_square_of_mean",
    "The square of a mean with a name",
    (top, mean),
    le(_m**2, over(w(_x) * e(_x) ** 2)),
    hypotheses=(Forall((_x,), ge(w(_x), 0)), eq(over(w(_x)), 1), eq(over(w(_x) * e(_x)), _m)),
    functions=(w, e),
    backing=derive()
    .have("term", Forall((_l,), ge(w(_l) * (e(_l) - _m) ** 2, 0)), by=[fact("hypothesis 1", x=_l), decide])
    .have("variance", ge(over(w(_x) * (e(_x) - _m) ** 2), 0), by=[SingleTerm(0), fact("term", l=_x), fact("term", l=0)])
    .have(
        "expanded",
        eq(
            over(w(_x) * (e(_x) - _m) ** 2),
            over(w(_x) * e(_x) ** 2) - 2 * _m * over(w(_x) * e(_x)) + _m**2 * over(w(_x)),
        ),
        by=algebra,
    )
    .have(
        "square",
        le(_m**2, over(w(_x) * e(_x) ** 2)),
        by=["variance", "expanded", "hypothesis 2", "hypothesis 3", quick],
    ),
)
square_of_mean = Lemma(
    "norms/square_of_mean",
    "The square of a mean is at most the mean of the squares",
    (top,),
    le(over(w(_x) * e(_x)) ** 2, over(w(_x) * e(_x) ** 2)),
    hypotheses=(Forall((_x,), ge(w(_x), 0)), eq(over(w(_x)), 1)),
    functions=(w, e),
    backing=derive().have(
        "square",
        le(over(w(_x) * e(_x)) ** 2, over(w(_x) * e(_x) ** 2)),
        by=["hypothesis 1", "hypothesis 2", named_square_of_mean.at(mean=over(w(_x) * e(_x)))],
    ),
)
