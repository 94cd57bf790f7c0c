"""Contexts, their states, rows, features and kernels: what the claims on similarity and on spectra speak of.

x and y are contexts 0..n_X of masses mu(x), k is a token 0..V-1 and p(x, k) the row of the data at x, h and i are
states 0..n_H of masses nu(h), s(x, h) = 1 where h is the state of x and 0 elsewhere, share(x, h) = P(X = x | H = h),
f(x, k) is feature k of context x (features 0..n_F), and K is a symmetric kernel (D12, D21, D22).

Main definitions
    weights, encoded, rows    hypotheses: mu is a law; every context has one state of law nu; rows are laws
    induced                   K~(h, i) = E[K(X, X') | h, i], independent X, X'
    form                      <phi, M_K phi> = E phi(X) K(X, X') phi(X')
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from theory.categorical.parameters import V
from theory.parameter import Parameter, integers
from theory.proposition import Forall, eq, ge, gt, le

contexts = Parameter("n_X", "n_X", "last context", integers(0), (0, 100))
states = Parameter("n_H", "n_H", "last state", integers(0), (0, 20))
features = Parameter("n_F", "n_F", "last feature", integers(0), (0, 100))
x, y, u, v, w, k, h, i, j, r = (sp.Symbol(name, integer=True, nonnegative=True) for name in "xyuvwkhijr")
mu, nu, p, s, f, K, phi = (sp.Function(name, real=True) for name in ("mu", "nu", "p", "s", "f", "K", "phi"))
share = sp.Function("share", real=True)
_nX, _nH, _nF, _V = contexts.symbol, states.symbol, features.symbol, V.symbol


def over_contexts(term: Any, index: sp.Symbol = x) -> sp.Sum:
    """The sum of `term` over the contexts."""
    return sp.Sum(term, (index, 0, _nX))


def mean(term: Any, index: sp.Symbol = x) -> sp.Sum:
    """E over the contexts: the sum of mu(index) times `term`."""
    return over_contexts(mu(index) * term, index)


def over_tokens(term: Any, index: sp.Symbol = k) -> sp.Sum:
    """The sum of `term` over the tokens."""
    return sp.Sum(term, (index, 0, _V - 1))


def over_states(term: Any, index: sp.Symbol = h) -> sp.Sum:
    """The sum of `term` over the states."""
    return sp.Sum(term, (index, 0, _nH))


def over_features(term: Any, index: sp.Symbol = k) -> sp.Sum:
    """The sum of `term` over the features."""
    return sp.Sum(term, (index, 0, _nF))


def among(index: sp.Symbol) -> tuple[Any, ...]:
    """index <= V - 1, the condition on a bound token."""
    return (le(index, _V - 1),)


weights = (Forall((x,), ge(mu(x), 0)), eq(over_contexts(mu(x)), 1))
encoded = (
    Forall((h,), gt(nu(h), 0)),
    Forall((h,), eq(nu(h), mean(s(x, h)))),
    Forall((x, h), eq(s(x, h) ** 2, s(x, h))),
    Forall((x,), eq(over_states(s(x, h)), 1)),
    Forall((x, h), eq(nu(h) * share(x, h), mu(x) * s(x, h))),
)
rows = (Forall((x, k), ge(p(x, k), 0)), Forall((x,), eq(over_tokens(p(x, k)), 1)))


def within_state(term: Any, state: Any, index: sp.Symbol = x) -> sp.Sum:
    """E[term | H = state]; `term` is an expression in the index."""
    return over_contexts(share(index, state) * term, index)


def induced(first: Any, second: Any, kernel: Any = K) -> sp.Sum:
    """K~(first, second)."""
    return within_state(within_state(kernel(x, y), second, y), first)


def form(kernel: Any, function: Any = phi) -> sp.Sum:
    """<function, M_K function> in L^2(mu); `kernel` is an expression in x and y."""
    return mean(function(x) * mean(kernel * function(y), y))
