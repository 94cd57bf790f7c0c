"""Inner products in Euclidean space.

Main statements
    cauchy_schwarz_ball   |<a, h>| <= ||a|| for h in the unit ball (two one-sided forms)
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from theory.derivation import derive
from theory.justification import SingleTerm, algebra, decide
from theory.lemma import Lemma
from theory.parameter import Parameter, integers, reals
from theory.proposition import eq, ge, le

width = Parameter("r", "r", "dimension", integers(1), (1, 8192))
norm = Parameter("norm", r"\|a\|", "Euclidean norm of a", reals(0), (0, 10))
product = Parameter("product", r"\langle a,h\rangle", "inner product of a and h", reals(), (-10, 10))

a, h = (sp.Function(name, real=True) for name in "ah")
_k = sp.Symbol("k", integer=True, nonnegative=True)


def over_width(term: Any, index: sp.Symbol = _k, size: Any = width.symbol) -> sp.Sum:
    """The sum of `term` over index = 0..size-1."""
    return sp.Sum(term, (index, 0, size - 1))


_residual = (a(_k) - product.symbol * h(_k)) ** 2
_given = (
    eq(over_width(a(_k) * h(_k)), product.symbol),
    eq(over_width(a(_k) ** 2), norm.symbol**2),
    le(over_width(h(_k) ** 2), 1),
)
cauchy_schwarz_square = Lemma(
    "euclidean/cauchy_schwarz_square",
    "The square of an inner product with a vector of the unit ball",
    (width, norm, product),
    le(product.symbol**2, norm.symbol**2),
    hypotheses=_given,
    functions=(a, h),
    statement="0 <= ||a - <a, h> h||^2 <= ||a||^2 - <a, h>^2 for ||h|| <= 1",
    backing=derive()
    .have("residual", ge(over_width(_residual), 0), by=SingleTerm(0))
    .have(
        "expanded",
        eq(
            over_width(_residual),
            over_width(a(_k) ** 2)
            - 2 * product.symbol * over_width(a(_k) * h(_k))
            + product.symbol**2 * over_width(h(_k) ** 2),
        ),
        by=algebra,
    )
    .have(
        "square",
        le(product.symbol**2, norm.symbol**2),
        by=["residual", "expanded", "hypothesis 1", "hypothesis 2", "hypothesis 3", decide],
    ),
)
cauchy_schwarz_ball = Lemma(
    "euclidean/cauchy_schwarz_ball",
    "The inner product with a vector of the unit ball",
    (width, norm, product),
    le(sp.Abs(product.symbol), norm.symbol),
    hypotheses=_given,
    functions=(a, h),
    backing=derive()
    .have("square", le(product.symbol**2, norm.symbol**2), by=cauchy_schwarz_square.at())
    .have("root", le(sp.Abs(product.symbol), norm.symbol), by=["square", decide]),
)
