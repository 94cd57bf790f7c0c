"""Rows of next-token probabilities, one a context: what the claims on the training objective speak of.

x and y are contexts 0..n_X of masses mu(x), k is a token 0..V-1; p(x, k) is the row of the data, q(x, k) that of the
model (D18). Rows have full support: a row with zeros is a limit of such rows, and the measurements include them.

Main definitions
    rows, weights            the hypotheses
    cross_entropy, entropy, divergence        of the row of one context
    total_variation, affinity, hellinger      the same; hellinger is the squared distance 2(1 - BC)
    mean                     E over the contexts
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from theory.categorical.parameters import V
from theory.lemmas.hellinger import root
from theory.parameter import Parameter, integers
from theory.proposition import Forall, eq, ge, gt

contexts = Parameter("n_X", "n_X", "last context", integers(0), (0, 100))
x, y, u, v, k, z = (sp.Symbol(name, integer=True, nonnegative=True) for name in "xyuvkz")
mu, p, q = (sp.Function(name, real=True) for name in ("mu", "p", "q"))
_nX, _V = contexts.symbol, V.symbol


def mean(term: Any, index: sp.Symbol = x) -> sp.Sum:
    """E over the contexts: the sum of mu(index) times `term`."""
    return sp.Sum(mu(index) * term, (index, 0, _nX))


def over_tokens(term: Any, index: sp.Symbol = k) -> sp.Sum:
    """The sum of `term` over the tokens."""
    return sp.Sum(term, (index, 0, _V - 1))


weights = (Forall((x,), ge(mu(x), 0)), eq(sp.Sum(mu(x), (x, 0, _nX)), 1))


def rows(*tables: Any) -> tuple[Any, ...]:
    """Positive rows that sum to 1 (two hypotheses a table)."""
    found: list[Any] = []
    for table in tables:
        found += [Forall((x, k), gt(table(x, k), 0)), Forall((x,), eq(over_tokens(table(x, k)), 1))]
    return tuple(found)


def cross_entropy(first: Any, second: Any, at: Any = x) -> sp.Sum:
    """-sum_w first log second."""
    return over_tokens(-first(at, k) * sp.log(second(at, k)))


def entropy(table: Any, at: Any = x) -> sp.Sum:
    """Shannon entropy of a row."""
    return over_tokens(-table(at, k) * sp.log(table(at, k)))


def divergence(first: Any, second: Any, at: Any = x, other: Any = None) -> sp.Sum:
    """KL(first || second) of the rows at `at`, or at `at` and `other`."""
    other = at if other is None else other
    return over_tokens(first(at, k) * sp.log(first(at, k) / second(other, k)))


def total_variation(first: Any, second: Any, at: Any = x, other: Any = None) -> sp.Expr:
    """Half the l1 distance of two rows."""
    other = at if other is None else other
    return over_tokens(sp.Abs(first(at, k) - second(other, k))) / 2


def affinity(first: Any, second: Any, at: Any = x, other: Any = None) -> sp.Sum:
    """Bhattacharyya coefficient of two rows."""
    other = at if other is None else other
    return over_tokens(root(first(at, k)) * root(second(other, k)))


def hellinger(first: Any, second: Any, at: Any = x, other: Any = None) -> sp.Sum:
    """Squared Hellinger distance 2(1 - BC) of two rows."""
    other = at if other is None else other
    return over_tokens((root(first(at, k)) - root(second(other, k))) ** 2)


def jeffreys(table: Any, at: Any = x, other: Any = y) -> sp.Sum:
    """KL both ways between two rows of one table."""
    return over_tokens((table(at, k) - table(other, k)) * sp.log(table(at, k) / table(other, k)))
