"""What training on a clean population keeps: the hypotheses of the model, what vanishes, and the number that says so.

Induction over the steps speaks of one number, the sum of the squares of what is claimed to vanish: the entries of
W_Q - S and W_K - S with S = sigma_0 D_t I + sum_q coef_t(q) b_q b_q^T, and <wn - wp, c>, <wn + wp, d> for every pair
of neurons and every pattern.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from theory.concepts.clean_population import (
    MODEL,
    D,
    K,
    Q,
    b,
    c,
    d,
    e,
    k,
    matrix,
    n,
    one,
    p,
    pairs,
    patterns,
    q,
    r,
    sigma0,
    wn,
    wp,
)
from theory.concepts.parameters import L
from theory.justification import fact
from theory.lemmas.attention import (
    h,
    i,
    j,
    l,
    labels,
    over_labels,
    over_words,
    words,
)
from theory.lemmas.zeros import all_squares, square_sum
from theory.parameter import Parameter, integers
from theory.proposition import Forall, eq, le

place = Parameter("i0", "i", "a coordinate of the words", integers(0, words.symbol - 1), (0, 3))
pattern = Parameter("p0", "p", "a pattern of the population", integers(0, patterns.symbol - 1), (0, 3))
other = sp.Function("other", real=True)  # vectors orthogonal to every b_k
gap_c, gap_d = (sp.Function(name, real=True) for name in ("gap_c", "gap_d"))  # <wn - wp, c> and <wn + wp, d>
deviation = sp.Function("deviation", real=True)  # the sum of the squares of all that is claimed to vanish at a time
neuron = Parameter("n0", "n", "a pair of neurons", integers(0, pairs.symbol - 1), (0, 3))
_dx, _dy, _M, _P, _sigma0 = words.symbol, labels.symbol, pairs.symbol, patterns.symbol, sigma0.symbol
_u, _x = (sp.Symbol(name, integer=True, nonnegative=True) for name in ("u", "x"))
HYPOTHESES = {
    **MODEL,
    "other and b": Forall((q, p), eq(over_words(b(q, j) * other(p, j)), 0)),
    "one on other": Forall((p, i), eq(over_words(one(i, j) * other(p, j)), other(p, i))),
}


# what vanishes, and the number that says so
def off_query(time: Any) -> Any:
    return lambda row, column: Q(time, row, column) - matrix(time, row, column)


def off_key(time: Any) -> Any:
    return lambda row, column: K(time, row, column) - matrix(time, row, column)


def off_c(time: Any) -> Any:
    return lambda pair, at: over_labels((wn(time, pair, h) - wp(time, pair, h)) * c(at, h))


def off_d(time: Any) -> Any:
    return lambda pair, at: over_labels((wn(time, pair, h) + wp(time, pair, h)) * d(at, h))


def gaps(time: Any) -> tuple[Any, Any]:
    """The two matrices of inner products that stay 0."""
    return (lambda pair, at: gap_c(time, pair, at)), (lambda pair, at: gap_d(time, pair, at))


def word_part(time: Any) -> sp.Sum:
    return all_squares(off_query(time), off_key(time), _dx - 1, _dx - 1)


def label_part(time: Any) -> sp.Sum:
    return all_squares(*gaps(time), _M - 1, _P - 1)


def _entries(first: Any, second: Any) -> dict[str, Any]:
    """The two matrices of a `zeros` lemma."""
    return {"F": sp.Lambda((_u, _x), first(_u, _x)), "G": sp.Lambda((_u, _x), second(_u, _x))}


def _rows(first: Any, second: Any, last: Any) -> sp.Lambda:
    return sp.Lambda((_u,), square_sum(first, second, last)(_u))


def word_squares(time: Any) -> dict[str, Any]:
    pair = off_query(time), off_key(time)
    return {**_entries(*pair), "row": _rows(*pair, _dx - 1), "top": _dx - 1, "last": _dx - 1}


def label_squares(time: Any) -> dict[str, Any]:
    pair = gaps(time)
    return {**_entries(*pair), "row": _rows(*pair, _P - 1), "top": _M - 1, "last": _P - 1}


def beside(squares: dict[str, Any]) -> dict[str, Any]:
    """The same matrices as the second of `zeros/first_of_two`."""
    names = {"F": "H", "G": "I", "row": "other_row", "top": "height", "last": "width"}
    return {names[key_]: value for key_, value in squares.items()}


def exchanged(squares: dict[str, Any]) -> dict[str, Any]:
    return {**squares, "F": squares["G"], "G": squares["F"]}


HYPOTHESES["gap c"] = Forall((r, n, p), eq(gap_c(r, n, p), off_c(r)(n, p)))
HYPOTHESES["gap d"] = Forall((r, n, p), eq(gap_d(r, n, p), off_d(r)(n, p)))
HYPOTHESES["deviation"] = Forall((r,), eq(deviation(r), word_part(r) + label_part(r)))
_number = {name: index for index, name in enumerate(HYPOTHESES, start=1)}


def given(name: str, **at: Any) -> Any:
    """A hypothesis of the model by name, whole or at given values."""
    return fact(f"hypothesis {_number[name]}", **at) if at else f"hypothesis {_number[name]}"


# conditions of steps: nothing has deviated, the indices are in range, e is a sign
still = (eq(deviation(r), 0),)
signed = (eq(e**2, 1),)
row = (le(i, _dx - 1),)
entry = (le(i, _dx - 1), le(k, _dx - 1))
shown = (le(p, _P - 1),)
column = (le(j, _dx - 1),)
told = (le(l, L.symbol - 1),)
paired = (le(n, _M - 1), le(p, _P - 1))
rate = _sigma0 * D(r)
