"""Full-batch training of a sign-symmetric network on a clean population (specification `concepts` D2-D6, D10).

A clean population is a list of patterns p = 0..P-1: a concept with words a + e b and labels c + e d, and the matches
match(p, l) = e_l e_q of the demonstrations. Pattern p is shown with both query signs e = 1 and e = -1, with the same
weight omega(p): this is what "any label mode invariant under flipping all signs, and equally likely signs" says. A
sign-symmetric network (D10) is m/2 pairs of neurons wp (r = 1/m) and wn (r = -1/m) with <wn, c> = <wp, c> and
<wn, d> = -<wp, d> at the start.

Time is r = 0, 1, ...; word coordinates i, j, k, label coordinates h, demonstrations l, pairs n, patterns p and q. The
identity matrix is `one`, of which only its action on the vectors of the claim is used. same(q, p) is 1 where two
patterns have the same concept and 0 elsewhere. act(z) = 1{z > 0}, of which only that it is a function is used.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from theory.concepts.parameters import L, lam
from theory.lemmas.attention import (
    applied_covariance,
    h,
    i,
    j,
    l,
    labels,
    over_labels,
    over_prompt,
    over_words,
    softmax_of,
    words,
)
from theory.parameter import Parameter, integers, reals
from theory.proposition import Forall, Proposition, eq

pairs = Parameter("M", "m/2", "pairs of neurons", integers(1), (1, 10))
patterns = Parameter("P", "P", "patterns of the population", integers(1), (1, 16))
sigma0 = Parameter("sigma0", r"\sigma_0", "scale of the initial matrices", reals(0), (0.01, 1))
_L, _dx, _dy, _M, _P = L.symbol, words.symbol, labels.symbol, pairs.symbol, patterns.symbol
_lam, _sigma0 = lam.symbol, sigma0.symbol

r, k, n, p, q = (sp.Symbol(name, integer=True, nonnegative=True) for name in "rknpq")
e = sp.Symbol("e", integer=True)  # the query sign
y, z = (sp.Symbol(name, real=True) for name in "yz")

a, b, c, d, same, Nb, match, omega, one = (
    sp.Function(name, real=True) for name in ("a", "b", "c", "d", "same", "Nb", "match", "omega", "one")
)
Q, K, wp, wn, eta, D, coef, w = (
    sp.Function(name, real=True) for name in ("Q", "K", "wp", "wn", "eta", "D", "coef", "w")
)
score, sig, v, zp, zn, f, gv, cv, pull, act = (
    sp.Function(name, real=True) for name in ("score", "sig", "v", "zp", "zn", "f", "gv", "cv", "pull", "act")
)
DICTIONARY = (a, b, c, d, same, Nb, one)
POPULATION = (match, omega)
TRAINED = (Q, K, wp, wn, eta, D, coef, w)
NETWORK = (score, sig, v, zp, zn, f, gv, cv, pull, act)
PARAMETERS = (L, words, labels, pairs, patterns, lam, sigma0)


def over_pairs(term: Any) -> sp.Sum:
    """Sum over the pairs of neurons."""
    return sp.Sum(term, (n, 0, _M - 1))


def over_patterns(term: Any) -> sp.Sum:
    """Sum over the patterns q."""
    return sp.Sum(term, (q, 0, _P - 1))


def word(pattern: Any, sign: Any, at: Any) -> sp.Expr:
    """a + sign b."""
    return a(pattern, at) + sign * b(pattern, at)


def demonstrated(pattern: Any, sign: Any) -> tuple[Any, Any]:
    """(l, j) to x_l(j) and (l, h) to y_l(h)."""

    def word_of(place: Any, at: Any) -> sp.Expr:
        return a(pattern, at) + sign * match(pattern, place) * b(pattern, at)

    def label_of(place: Any, at: Any) -> sp.Expr:
        return c(pattern, at) + sign * match(pattern, place) * d(pattern, at)

    return word_of, label_of


def query(time: Any, pattern: Any, sign: Any, row: Any) -> sp.Sum:
    """(W_Q x_q)(row)."""
    return over_words(Q(time, row, j) * word(pattern, sign, j))


def key(time: Any, pattern: Any, sign: Any, place: Any, row: Any) -> sp.Sum:
    """(W_K x_l)(row)."""
    return over_words(K(time, row, j) * demonstrated(pattern, sign)[0](place, j))


def pulled_key(time: Any, pattern: Any, sign: Any, row: Any) -> sp.Sum:
    """(W_K Cov g_v)(row)."""
    return over_words(K(time, row, j) * cv(time, pattern, sign, j))


def _covariance(time: Any, pattern: Any, sign: Any, at: Any) -> sp.Sum:
    def weight(place: Any) -> sp.Expr:
        return sig(time, pattern, sign, place)

    word_of, label_of = demonstrated(pattern, sign)
    return applied_covariance(weight, word_of, label_of, lambda place: gv(time, pattern, sign, place), at)


def _both(term: Any) -> sp.Sum:
    """sum_q omega(q) (term at e = 1 + term at e = -1)."""
    return over_patterns(omega(q) * (term(1) + term(-1)))


share = 1 / (2 * _M)  # |r_i| = 1/m
query_pull = _both(lambda s: pull(r, q, s) * pulled_key(r, q, s, i) * word(q, s, k))
key_pull = _both(lambda s: pull(r, q, s) * query(r, q, s, i) * cv(r, q, s, k))
positive_pull = _both(lambda s: pull(r, q, s) * act(zp(r, q, s, n)) * share * v(r, q, s, h))
negative_pull = _both(lambda s: pull(r, q, s) * act(zn(r, q, s, n)) * share * v(r, q, s, h))


def kept(value: Any) -> sp.Expr:
    """(1 - lambda eta_t) value: what weight decay leaves."""
    return (1 - _lam * eta(r)) * value


MODEL: dict[str, Proposition] = {
    # D2: the dictionary
    "a and b": Forall((q, p), eq(over_words(b(q, j) * a(p, j)), 0)),
    "b and b": Forall((q, p), eq(over_words(b(q, j) * b(p, j)), same(q, p) * Nb(p))),
    "same b": Forall((q, p, i), eq(same(q, p) * b(q, i), same(q, p) * b(p, i))),
    "c and d": Forall((q, p), eq(over_labels(c(q, h) * d(p, h)), 0)),
    "one on a": Forall((p, i), eq(over_words(one(i, j) * a(p, j)), a(p, i))),
    "one on b": Forall((p, i), eq(over_words(one(i, j) * b(p, j)), b(p, i))),
    # D3: a match is e_l e_q
    "match": Forall((p, l), eq(match(p, l) ** 2, 1)),
    # D4: the network
    "score": Forall((r, p, e, l), eq(score(r, p, e, l), over_words(key(r, p, e, l, i) * query(r, p, e, i), i))),
    "attention": Forall((r, p, e, l), eq(sig(r, p, e, l), softmax_of(lambda place: score(r, p, e, place), l))),
    "value": Forall((r, p, e, h), eq(v(r, p, e, h), over_prompt(sig(r, p, e, l) * demonstrated(p, e)[1](l, h)))),
    "positive neuron": Forall((r, p, e, n), eq(zp(r, p, e, n), over_labels(wp(r, n, h) * v(r, p, e, h)))),
    "negative neuron": Forall((r, p, e, n), eq(zn(r, p, e, n), over_labels(wn(r, n, h) * v(r, p, e, h)))),
    "output": Forall(
        (r, p, e),
        eq(f(r, p, e), over_pairs(share * (sp.Max(zp(r, p, e, n), 0) - sp.Max(zn(r, p, e, n), 0)))),
    ),
    "activity": Forall((z, y), eq(act(z), act(y)), (eq(z, y),)),
    # D6 and concepts/gradients: e_q g(e_q f), g_v and Cov g_v
    "pull": Forall((r, p, e), eq(pull(r, p, e), e / (1 + sp.exp(e * f(r, p, e))))),
    "read-out": Forall(
        (r, p, e, h),
        eq(
            gv(r, p, e, h),
            over_pairs(share * (act(zp(r, p, e, n)) * wp(r, n, h) - act(zn(r, p, e, n)) * wn(r, n, h))),
        ),
    ),
    "covariance": Forall((r, p, e, j), eq(cv(r, p, e, j), _covariance(r, p, e, j))),
    # D6: one step of gradient descent on the population
    "step of W_Q": Forall((r, i, k), eq(Q(r + 1, i, k), kept(Q(r, i, k)) + eta(r) * query_pull)),
    "step of W_K": Forall((r, i, k), eq(K(r + 1, i, k), kept(K(r, i, k)) + eta(r) * key_pull)),
    "step of wp": Forall((r, n, h), eq(wp(r + 1, n, h), kept(wp(r, n, h)) + eta(r) * positive_pull)),
    "step of wn": Forall((r, n, h), eq(wn(r + 1, n, h), kept(wn(r, n, h)) - eta(r) * negative_pull)),
    # D5, D10: the start
    "start of W_Q": Forall((i, j), eq(Q(0, i, j), _sigma0 * one(i, j))),
    "start of W_K": Forall((i, j), eq(K(0, i, j), _sigma0 * one(i, j))),
    "symmetric c": Forall((n, p), eq(over_labels((wn(0, n, h) - wp(0, n, h)) * c(p, h)), 0)),
    "symmetric d": Forall((n, p), eq(over_labels((wn(0, n, h) + wp(0, n, h)) * d(p, h)), 0)),
    # D_t of concepts/decay_product
    "start of D": eq(D(0), 1),
    "step of D": Forall((r,), eq(D(r + 1), kept(D(r)))),
}


# what W_Q and W_K stay: sigma_0 D_t I + sum_q coef(q) b_q b_q^T
def matrix(time: Any, row: Any, column: Any) -> sp.Expr:
    """The entry of sigma_0 D_t I + sum_q coef_t(q) b_q b_q^T."""
    return _sigma0 * D(time) * one(row, column) + over_patterns(coef(time, q) * b(q, row) * b(q, column))


def mean_match(time: Any, pattern: Any) -> sp.Sum:
    """M = ebar e_q = sum_l sigma_l e_l e_q, theta of D8."""
    return over_prompt(sig(time, pattern, 1, l) * match(pattern, l))


def slope_d(time: Any, pattern: Any, sign: Any = 1) -> sp.Sum:
    """<d_k, g_v>."""
    return over_labels(d(pattern, h) * gv(time, pattern, sign, h))


def growth(time: Any, pattern: Any) -> sp.Expr:
    """2 omega g(e_q f) (1 - M^2) <d_k, g_v> w_k: what a step adds to coef per unit of the learning rate."""
    return (
        2 * omega(pattern) * pull(time, pattern, 1) * (1 - mean_match(time, pattern) ** 2) * slope_d(time, pattern)
    ) * w(time, pattern)


# definitions of the coefficients and of w_k, the eigenvalue on b_k
MODEL["start of coef"] = Forall((q,), eq(coef(0, q), 0))
MODEL["step of coef"] = Forall((r, q), eq(coef(r + 1, q), kept(coef(r, q)) + eta(r) * growth(r, q)))
MODEL["scale"] = Forall((r, p), eq(w(r, p), _sigma0 * D(r) + over_patterns(coef(r, q) * same(q, p) * Nb(p))))
