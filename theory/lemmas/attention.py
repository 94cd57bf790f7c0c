"""Attention over demonstrations l = 0..L-1: slopes of its weights and values, and the covariance they are made of.

Words x(l, .) have coordinates j = 0..dx-1, labels y(l, .) coordinates h = 0..dy-1, and g is a vector of label space.
weights sigma(l) sum to 1; Cov(j, h) = sum_l sigma(l) (x(l, j) - xbar(j)) (y(l, h) - v(h)).

Main statements
    positive       the normaliser of the attention is positive
    weight_slope   scores s + t delta: d sigma_l/dt = sigma_l (delta_l - mean of delta)
    value_slope    d <g, v>/dt = sum_l delta_l sigma_l <y_l - v, g>
    centred        sum_l sigma_l <y_l - v, g> = 0
    covariance     sum_l sigma_l <y_l - v, g> x(l, j) = (Cov g)(j)
    pulled         the same for the forms <e, M x_l>: the gradient of a bilinear score
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from theory.derivation import derive
from theory.justification import SingleTerm, Termwise, algebra, decide, fact, quick
from theory.lemma import Lemma
from theory.lemmas.double_sums import exchange_lh, exchange_li, exchange_lj
from theory.parameter import Parameter, integers, reals
from theory.proposition import Forall, eq, ge, gt

length = Parameter("L", "L", "number of demonstrations", integers(1), (1, 16), "demonstrations")
words = Parameter("dx", "d_x", "dimension of word vectors", integers(1), (1, 20))
labels = Parameter("dy", "d_y", "dimension of label vectors", integers(1), (1, 20))
time = Parameter("t", "t", "place on the line along which the weights move", reals(), (-1, 1))
demonstration = Parameter("l0", "l", "a demonstration", integers(0, length.symbol - 1), (0, 3))

sigma, s, delta, x, y, g, M, e = (sp.Function(n, real=True) for n in ("sigma", "s", "delta", "x", "y", "g", "M", "e"))
l, h, i, j = (sp.Symbol(n, integer=True, nonnegative=True) for n in "lhij")
_k, _q = (sp.Symbol(n, integer=True, nonnegative=True) for n in ("k", "q"))
_L, _dx, _dy, _t = length.symbol, words.symbol, labels.symbol, time.symbol


def over_prompt(term: Any, size: Any = _L) -> sp.Sum:
    """Sum over the demonstrations l."""
    return sp.Sum(term, (l, 0, size - 1))


def over_labels(term: Any) -> sp.Sum:
    """Sum over the coordinates h of label space."""
    return sp.Sum(term, (h, 0, _dy - 1))


def over_words(term: Any, index: sp.Symbol = j) -> sp.Sum:
    """Sum over the coordinates of word space."""
    return sp.Sum(term, (index, 0, _dx - 1))


def softmax_of(score: Any, at: Any) -> sp.Expr:
    """exp(score(at)) / sum_l exp(score(l))."""
    return sp.exp(score(at)) / over_prompt(sp.exp(score(l)))


def mean(weight: Any, term: Any) -> sp.Sum:
    """Sum_l weight(l) term(l)."""
    return over_prompt(weight(l) * term(l))


def value(weight: Any, label: Any, at: Any = h) -> sp.Sum:
    """v(h) = sum_l weight(l) label(l, h)."""
    return over_prompt(weight(l) * label(l, at))


def read(weight: Any, label: Any, vector: Any, at: Any = l) -> sp.Sum:
    """<y_l - v, g>."""
    return over_labels(vector(h) * (label(at, h) - value(weight, label)))


def applied_covariance(weight: Any, word: Any, label: Any, vector: Any, at: Any = j) -> sp.Sum:
    """(Cov g)(j) = sum_h g(h) sum_l sigma_l (x(l, j) - xbar(j)) (y(l, h) - v(h))."""
    spread = (word(l, at) - value(weight, word, at)) * (label(l, h) - value(weight, label))
    return over_labels(vector(h) * over_prompt(weight(l) * spread))


def _line(at: Any) -> sp.Expr:
    return s(at) + _t * delta(at)


def _weight(at: Any) -> sp.Expr:
    return softmax_of(_line, at)


positive = Lemma(
    "attention/positive",
    "The normaliser of the attention is positive",
    (length,),
    gt(over_prompt(sp.exp(s(l))), 0),
    functions=(s,),
    backing=derive()
    .have("first", ge(over_prompt(sp.exp(s(l))), sp.exp(s(0))), by=SingleTerm(0))
    .have("positive", gt(over_prompt(sp.exp(s(l))), 0), by=["first", decide]),
)
_positive = gt(over_prompt(sp.exp(_line(l))), 0)
_by_positive = positive.at(s=sp.Lambda((_k,), _line(_k)))
_l0 = demonstration.symbol
weight_slope = Lemma(
    "attention/weight_slope",
    "The slope of a softmax weight when the scores move along delta",
    (length, demonstration, time),
    eq(sp.Derivative(_weight(_l0), _t), _weight(_l0) * (delta(_l0) - mean(_weight, delta))),
    functions=(s, delta),
    statement="d sigma_l/d s_j = sigma_l (1{l = j} - sigma_j), for all directions delta at once",
    backing=derive()
    .have("normaliser", _positive, by=_by_positive)
    .have(
        "slope",
        eq(sp.Derivative(_weight(_l0), _t), _weight(_l0) * (delta(_l0) - mean(_weight, delta))),
        by=["normaliser", algebra],
    ),
)


def output(weight: Any, label: Any = y, vector: Any = g) -> sp.Sum:
    """<g, v>: the network's output while the active neurons stay the same."""
    return over_labels(vector(h) * value(weight, label))


def moved(weight: Any, direction: Any, label: Any = y, vector: Any = g) -> sp.Sum:
    """Sum_h g(h) sum_l sigma_l delta_l (y(l, h) - v(h)), the slope of <g, v> when the scores move along delta."""
    return over_labels(vector(h) * over_prompt(weight(l) * direction(l) * (label(l, h) - value(weight, label))))


def along(weight: Any, direction: Any, label: Any = y, vector: Any = g) -> sp.Sum:
    """Sum_l delta_l sigma_l <y_l - v, g>."""
    return over_prompt(weight(l) * direction(l) * read(weight, label, vector))


_one = eq(over_prompt(sigma(l)), 1)
_by_demonstration = over_prompt(sigma(l) * delta(l) * over_labels(g(h) * (y(l, h) - value(sigma, y))))
_last = {"top": _L - 1, "last": _dy - 1}
turned = Lemma(
    "attention/turned",
    "A sum over coordinates of the labels as one over demonstrations",
    (length, labels),
    eq(moved(sigma, delta), along(sigma, delta)),
    functions=(sigma, delta, y, g),
    backing=derive()
    .have(
        "exchanged",
        eq(
            over_prompt(sigma(l) * delta(l) * read(sigma, y, g)),
            over_labels(g(h) * over_prompt(sigma(l) * delta(l) * (y(l, h) - value(sigma, y)))),
        ),
        by=exchange_lh.at(
            **_last,
            u=sp.Lambda((_k,), sigma(_k) * delta(_k)),
            w=g,
            g=sp.Lambda((_k, _q), y(_k, _q) - value(sigma, y, _q)),
        ),
    )
    .have("turned", eq(moved(sigma, delta), along(sigma, delta)), by=["exchanged", quick]),
)
value_slope = Lemma(
    "attention/value_slope",
    "The slope of the output when the scores move along delta",
    (length, labels, time),
    eq(sp.Derivative(output(_weight), _t), along(_weight, delta)),
    functions=(s, delta, y, g),
    statement="d f/d s_l = sigma_l <y_l - v, g_v>, for all directions delta at once",
    backing=derive()
    .have("normaliser", _positive, by=_by_positive)
    .have(
        "carried out", eq(sp.Derivative(output(_weight), _t), sp.diff(output(_weight), _t)), by=["normaliser", algebra]
    )
    .have(
        "one coordinate",
        Forall(
            (h,),
            eq(
                sp.diff(value(_weight, y), _t),
                over_prompt(_weight(l) * delta(l) * (y(l, h) - value(_weight, y))),
            ),
        ),
        by=["normaliser", algebra],
    )
    .have(
        "all coordinates",
        eq(sp.diff(output(_weight), _t), moved(_weight, delta)),
        by=[Termwise(), fact("one coordinate", h=h)],
    )
    .have("turned", eq(moved(_weight, delta), along(_weight, delta)), by=turned.at(sigma=sp.Lambda((_k,), _weight(_k))))
    .have(
        "slope",
        eq(sp.Derivative(output(_weight), _t), along(_weight, delta)),
        by=["carried out", "all coordinates", "turned"],
    ),
)
_zero = Forall((h,), eq(over_prompt(sigma(l) * (y(l, h) - value(sigma, y))), 0))
_read = read(sigma, y, g)
centred = Lemma(
    "attention/centred",
    "The labels' deviations from the value average to 0",
    (length, labels),
    eq(over_prompt(sigma(l) * _read), 0),
    hypotheses=(_one,),
    functions=(sigma, y, g),
    backing=derive()
    .have(
        "exchanged",
        eq(
            over_prompt(sigma(l) * _read),
            over_labels(g(h) * over_prompt(sigma(l) * (y(l, h) - value(sigma, y)))),
        ),
        by=exchange_lh.at(**_last, u=sigma, w=g, g=sp.Lambda((_k, _q), y(_k, _q) - value(sigma, y, _q))),
    )
    .have("each", _zero, by=["hypothesis 1", algebra])
    .have(
        "zeros",
        eq(over_labels(g(h) * over_prompt(sigma(l) * (y(l, h) - value(sigma, y)))), over_labels(sp.S.Zero)),
        by=[Termwise(), fact("each", h=h)],
    )
    .have("centred", eq(over_prompt(sigma(l) * _read), 0), by=["exchanged", "zeros", quick]),
)
_around = over_prompt(sigma(l) * (x(l, j) - value(sigma, x, j)) * _read)
covariance = Lemma(
    "attention/covariance",
    "The labels' deviations against a coordinate of the words",
    (length, labels),
    Forall((j,), eq(over_prompt(sigma(l) * _read * x(l, j)), applied_covariance(sigma, x, y, g))),
    hypotheses=(_one,),
    functions=(sigma, x, y, g),
    backing=derive()
    .have("centred", eq(over_prompt(sigma(l) * _read), 0), by=["hypothesis 1", centred.at()])
    .have(
        "around the mean",
        Forall(
            (j,),
            eq(
                _around,
                over_prompt(sigma(l) * _read * x(l, j)) - value(sigma, x, j) * over_prompt(sigma(l) * _read),
            ),
        ),
        by=algebra,
    )
    .have(
        "exchanged",
        Forall(
            (j,),
            eq(
                _around,
                over_labels(
                    g(h) * over_prompt(sigma(l) * (x(l, j) - value(sigma, x, j)) * (y(l, h) - value(sigma, y)))
                ),
            ),
        ),
        by=exchange_lh.at(
            **_last,
            u=sp.Lambda((_k,), sigma(_k) * (x(_k, j) - value(sigma, x, j))),
            w=g,
            g=sp.Lambda((_k, _q), y(_k, _q) - value(sigma, y, _q)),
        ),
    )
    .have(
        "covariance",
        Forall((j,), eq(over_prompt(sigma(l) * _read * x(l, j)), applied_covariance(sigma, x, y, g))),
        by=[fact("around the mean", j=j), fact("exchanged", j=j), "centred", quick],
    ),
)


def form(matrix: Any, vector: Any, word: Any = x, at: Any = l) -> sp.Sum:
    """<e, M x_l> = sum_i e(i) sum_j M(i, j) x(l, j)."""
    return over_words(vector(i) * over_words(matrix(i, j) * word(at, j)), i)


def pulled_form(weight: Any, matrix: Any, vector: Any, word: Any = x, label: Any = y, readout: Any = g) -> sp.Sum:
    """<e, M Cov g>."""
    return over_words(vector(i) * over_words(matrix(i, j) * applied_covariance(weight, word, label, readout)), i)


_row = Forall(
    (i,),
    eq(
        over_prompt(sigma(l) * _read * over_words(M(i, j) * x(l, j))),
        over_words(M(i, j) * over_prompt(sigma(l) * _read * x(l, j))),
    ),
)
_square = {"top": _L - 1, "last": _dx - 1}
_weighted = sp.Lambda((_k,), sigma(_k) * read(sigma, y, g, _k))
pulled = Lemma(
    "attention/pulled",
    "The slope of the output when the scores move along the form <e, M x_l>",
    (length, words, labels),
    eq(along(sigma, lambda at: form(M, e, x, at)), pulled_form(sigma, M, e)),
    hypotheses=(_one,),
    functions=(sigma, x, y, g, M, e),
    statement="sum_l sigma_l <y_l - v, g> <e, M x_l> = <e, M Cov g>",
    backing=derive()
    .have("coordinates", covariance.conclusion, by=["hypothesis 1", covariance.at()])
    .have(
        "rows out",
        eq(
            over_prompt(sigma(l) * _read * form(M, e)),
            over_words(e(i) * over_prompt(sigma(l) * _read * over_words(M(i, j) * x(l, j))), i),
        ),
        by=exchange_li.at(**_square, u=_weighted, w=e, g=sp.Lambda((_k, i), over_words(M(i, j) * x(_k, j)))),
    )
    .have(
        "columns out",
        _row,
        by=exchange_lj.at(**_square, u=_weighted, w=sp.Lambda((_q,), M(i, _q)), g=x),
    )
    .have(
        "covariance",
        Forall(
            (i,),
            eq(
                over_words(M(i, j) * over_prompt(sigma(l) * _read * x(l, j))),
                over_words(M(i, j) * applied_covariance(sigma, x, y, g)),
            ),
        ),
        by=[Termwise(), fact("coordinates", j=j)],
    )
    .have(
        "row",
        Forall(
            (i,),
            eq(
                over_prompt(sigma(l) * _read * over_words(M(i, j) * x(l, j))),
                over_words(M(i, j) * applied_covariance(sigma, x, y, g)),
            ),
        ),
        by=[fact("columns out", i=i), fact("covariance", i=i)],
    )
    .have(
        "rows",
        eq(
            over_words(e(i) * over_prompt(sigma(l) * _read * over_words(M(i, j) * x(l, j))), i),
            pulled_form(sigma, M, e),
        ),
        by=[Termwise(), fact("row", i=i)],
    )
    .have(
        "pulled",
        eq(along(sigma, lambda at: form(M, e, x, at)), pulled_form(sigma, M, e)),
        by=["rows out", "rows"],
    ),
)
