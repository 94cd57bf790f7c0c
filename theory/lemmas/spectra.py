"""Eigenvalues of symmetric matrices: theorems that are cited, stated in sums.

A(x, y) is symmetric on 0..top with orthonormal eigenvectors e(i, .) of eigenvalues value(i), decreasing in i.

Main statements
    interlacing_above, interlacing_below   eigenvalues of J^T A J, J^T J = 1, lie between those of A (L12)
    low_rank                               no matrix of rank r is nearer to A than the truncated one (L17)

References: Horn and Johnson (2012), sections 4.3 and 7.4; Eckart and Young (1936).
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from theory.lemma import Citation, Lemma
from theory.parameter import Parameter, integers
from theory.proposition import Forall, eq, ge, le, lt
from theory.source import Source

top = Parameter("top", r"\hat x", "last row of A", integers(0), (0, 100))
low = Parameter("low", r"\hat h", "last column of J", integers(0), (0, 20))
position = Parameter("position", "i", "number of an eigenvalue, from 0", integers(0), (0, 20))
rank = Parameter("rank", "r", "rank of an approximation", integers(0), (0, 20))
x, y, h, i, j, k = (sp.Symbol(name, integer=True, nonnegative=True) for name in "xyhijk")
A, J, e, c, value, small, a, b = (
    sp.Function(name, real=True) for name in ("A", "J", "e", "c", "value", "small", "a", "b")
)
_top, _low, _i, _rank = top.symbol, low.symbol, position.symbol, rank.symbol


def over(term: Any, index: sp.Symbol, end: Any) -> sp.Sum:
    """The sum of `term` over index = 0..end."""
    return sp.Sum(term, (index, 0, end))


def eigenbasis(entry: Any, vector: Any, eigenvalue: Any, end: Any) -> tuple[Any, ...]:
    """Symmetric entries with orthonormal eigenvectors vector(i, .) and decreasing eigenvalues (five hypotheses)."""
    inside = (le(x, end), le(y, end))
    return (
        Forall((x, y), eq(entry(x, y), entry(y, x)), inside),
        Forall(
            (i, x), eq(over(entry(x, y) * vector(i, y), y, end), eigenvalue(i) * vector(i, x)), (le(x, end), le(i, end))
        ),
        Forall((i,), eq(over(vector(i, x) ** 2, x, end), 1), (le(i, end),)),
        Forall((i, j), eq(over(vector(i, x) * vector(j, x), x, end), 0), (lt(i, j), le(j, end))),
        Forall((i, j), ge(eigenvalue(i), eigenvalue(j)), (le(i, j), le(j, end))),
    )


def compressed(first: Any, second: Any) -> sp.Sum:
    """(J^T A J)(first, second)."""
    return over(J(x, first) * over(J(y, second) * A(x, y), y, _top), x, _top)


isometry = (
    Forall((h,), eq(over(J(x, h) ** 2, x, _top), 1), (le(h, _low),)),
    Forall((h, i), eq(over(J(x, h) * J(x, h + 1 + i), x, _top), 0), (le(h + 1 + i, _low),)),
)
small_matrix = sp.Function("small_matrix", real=True)
_given = (
    le(_low, _top),
    le(_i, _low),
    *isometry,
    Forall((h, i), eq(small_matrix(h, i), compressed(h, i)), (le(h, _low), le(i, _low))),
    *eigenbasis(A, e, value, _top),
    *eigenbasis(small_matrix, c, small, _low),
)
_SOURCE = Source("hornjohnson2012", "Corollary 4.3.37", recheck=True)
interlacing_above = Lemma(
    "spectra/interlacing_above",
    "The eigenvalues of a compression are at most those of the matrix",
    (top, low, position),
    le(small(_i), value(_i)),
    hypotheses=_given,
    functions=(A, J, small_matrix, e, c, value, small),
    backing=Citation(_SOURCE, "Poincare's separation theorem (Cauchy interlacing)"),
)
interlacing_below = Lemma(
    "spectra/interlacing_below",
    "The eigenvalues of a compression are at least the last ones of the matrix",
    (top, low, position),
    ge(small(_i), value(_i + _top - _low)),
    hypotheses=_given,
    functions=(A, J, small_matrix, e, c, value, small),
    backing=Citation(_SOURCE, "Poincare's separation theorem (Cauchy interlacing)"),
)
_error = over(over((A(x, y) - over(a(x, k) * b(y, k), k, _rank - 1)) ** 2, y, _top), x, _top)
low_rank = Lemma(
    "spectra/low_rank",
    "The error of an approximation of rank r is at least that of the truncated matrix",
    (top, rank),
    ge(_error, over(value(i) ** 2, i, _top) - over(value(i) ** 2, i, _rank - 1)),
    hypotheses=(
        le(_rank, _top + 1),
        *eigenbasis(A, e, value, _top),
        Forall((i,), ge(value(i), 0), (le(i, _top),)),
    ),
    functions=(A, a, b, e, value),
    statement="A positive semidefinite: its singular values are its eigenvalues",
    backing=Citation(Source("eckart1936", "equation (12)", recheck=True), "also Horn and Johnson (2012), 7.4.2"),
)
