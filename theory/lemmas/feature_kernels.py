"""Kernels K(x, y) = sum_k f(x, k) f(y, k) of features, and exponentials of squared distances.

Main statements
    bilinear             sum_x a(x) sum_y b(y) K(x, y) = sum_k (sum_x a(x) f(x, k)) (sum_y b(y) f(y, k))
    positive             sum_x a(x) sum_y a(y) K(x, y) >= 0
    gaussian_positive    the same for exp(-beta sum_k (f(x, k) - f(y, k))^2) (Schoenberg; L16)
    shannon_positive     the same for exp(-beta JS) of positive rows (Fuglede and Topsoe; L16)

References: Schoenberg (1938); Fuglede and Topsoe (2004).
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from theory.derivation import derive
from theory.justification import SingleTerm, Termwise, fact
from theory.lemma import Citation, Lemma
from theory.lemmas.double_sums import exchange_xk, exchange_yk, renamed
from theory.parameter import Parameter, integers, reals
from theory.proposition import Forall, eq, ge, gt
from theory.source import Source

top = Parameter("top", r"\hat x", "last point", integers(0), (0, 100))
last = Parameter("last", r"\hat k", "last feature", integers(0), (0, 100))
beta = Parameter("beta", r"\beta", "scale of an exponential kernel", reals(0, open="lower"), (0.01, 100))
x, y, k, u, v = (sp.Symbol(name, integer=True, nonnegative=True) for name in "xykuv")
a, b, f = (sp.Function(name, real=True) for name in "abf")
_top, _last, _beta = top.symbol, last.symbol, beta.symbol


def over(term: Any, index: sp.Symbol, end: Any) -> sp.Sum:
    """The sum of `term` over index = 0..end."""
    return sp.Sum(term, (index, 0, end))


def kernel(first: Any, second: Any, end: Any = _last, feature: Any = f) -> sp.Sum:
    """sum_k f(first, k) f(second, k)."""
    return over(feature(first, k) * feature(second, k), k, end)


def quadratic(first: Any, second: Any, entry: Any, end: Any = _top) -> sp.Sum:
    """sum_x first(x) sum_y second(y) entry, an expression in x and y."""
    return over(first(x) * over(second(y) * entry, y, end), x, end)


def _at(weight: Any, feature: Any, index: sp.Symbol) -> sp.Sum:
    return over(weight(index) * f(index, feature), index, _top)


_row = over(b(y) * kernel(u, y), y, _top)
_summed_row = over(f(u, k) * _at(b, k, y), k, _last)
_by_rows = over(a(x) * over(_at(b, k, y) * f(x, k), k, _last), x, _top)
_features = over(_at(b, k, y) * _at(a, k, x), k, _last)
bilinear = Lemma(
    "feature_kernels/bilinear",
    "A bilinear form of a kernel of features is an inner product of summed features",
    (top, last),
    eq(quadratic(a, b, kernel(x, y)), _features),
    functions=(a, b, f),
    backing=derive()
    .have(
        "one row",
        Forall((u,), eq(_row, _summed_row)),
        by=exchange_yk.at(top=_top, last=_last, u=b, w=sp.Lambda((k,), f(u, k)), g=sp.Lambda((y, k), f(y, k))),
    )
    .have("rows", eq(quadratic(a, b, kernel(x, y)), _by_rows), by=[Termwise(), fact("one row", u=x)])
    .have(
        "order of summation",
        eq(_by_rows, _features),
        by=exchange_xk.at(top=_top, last=_last, u=a, w=sp.Lambda((k,), _at(b, k, y)), g=sp.Lambda((x, k), f(x, k))),
    )
    .have("bilinear", eq(quadratic(a, b, kernel(x, y)), _features), by=["rows", "order of summation"]),
)
positive = Lemma(
    "feature_kernels/positive",
    "A kernel of features is positive semidefinite",
    (top, last),
    ge(quadratic(a, a, kernel(x, y)), 0),
    functions=(a, f),
    backing=derive()
    .have(
        "features",
        eq(quadratic(a, a, kernel(x, y)), _features.subs(b(y), a(y))),
        by=bilinear.at(b=a),
    )
    .have(
        "names",
        Forall((v,), eq(_at(a, v, y), _at(a, v, x))),
        by=renamed.at(top=_top, f=sp.Lambda((y,), a(y) * f(y, v))),
    )
    .have(
        "squares",
        eq(_features.subs(b(y), a(y)), over(_at(a, k, x) ** 2, k, _last)),
        by=[Termwise(), fact("names", v=k)],
    )
    .have("non-negative", ge(over(_at(a, k, x) ** 2, k, _last), 0), by=SingleTerm(0))
    .have("positive", ge(quadratic(a, a, kernel(x, y)), 0), by=["features", "squares", "non-negative"]),
)
_distance = over((f(x, k) - f(y, k)) ** 2, k, _last)
gaussian_positive = Lemma(
    "feature_kernels/gaussian_positive",
    "exp(-beta ||f(x) - f(y)||^2) is positive semidefinite",
    (top, last, beta),
    ge(quadratic(a, a, sp.exp(-_beta * _distance)), 0),
    functions=(a, f),
    backing=Citation(Source("schoenberg1938", "Theorem 1", recheck=True), "exp(-t^2) in Hilbert space, all scales"),
)
middle = (f(x, k) + f(y, k)) / 2
jensen_shannon = (
    over(f(x, k) * sp.log(f(x, k) / middle), k, _last) / 2 + over(f(y, k) * sp.log(f(y, k) / middle), k, _last) / 2
)
shannon_positive = Lemma(
    "feature_kernels/shannon_positive",
    "exp(-beta JS) is positive semidefinite",
    (top, last, beta),
    ge(quadratic(a, a, sp.exp(-_beta * jensen_shannon)), 0),
    hypotheses=(
        Forall((x, k), gt(f(x, k), 0)),
        Forall((x,), eq(over(f(x, k), k, _last), 1)),
    ),
    functions=(a, f),
    backing=Citation(
        Source("fuglede2004", "Theorem 1", recheck=True),
        "the square root of JS is a distance of Hilbert space; with Schoenberg's theorem",
    ),
)
