"""The covariance of a categorical variable is at most half the centring matrix (lemma L14 of `categorical`).

w is a law on the tokens 0..m-1, y a function of tokens, c any number.

Main statements
    variance_at_most_half    Var_w y <= 1/2 sum_k (y(k) - c)^2: diag(w) - w w^T <= 1/2 on vectors, any centre c
    tilted_half              the same under a tilted law at every time (theory.lemmas.tilting)

References: Boehning (1992), who states diag(w) - w w^T <= 1/2 (1 - 1 1^T/m); it follows with c the mean of y.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sympy as sp

from theory.derivation import derive
from theory.justification import SingleTerm, Termwise, algebra, fact, quick
from theory.lemma import Instance, Lemma
from theory.lemmas.calculus import s
from theory.lemmas.double_sums import renamed_lk
from theory.lemmas.softmax import among, m, over_tokens
from theory.lemmas.tilting import a, law, partition, positive, variance, y
from theory.parameter import Parameter, reals
from theory.proposition import Forall, eq, ge, gt, le

centre = Parameter("c", "c", "any number, say the mean of y over the tokens", reals(), (-1, 1))
w = sp.Function("w", real=True)
_k, _l, _i = (sp.Symbol(name, integer=True, nonnegative=True) for name in "kli")
_c = centre.symbol
_mean = over_tokens(w(_k) * y(_k))
_variance = over_tokens(w(_k) * (y(_k) - _mean) ** 2)
_square = over_tokens((y(_k) - _c) ** 2)


def _from(token: sp.Symbol) -> sp.Expr:
    return y(token) - _c


_pairs = over_tokens(w(_k) * (_from(_l) + _from(_k)) ** 2)
_first, _second = over_tokens(w(_k) * _from(_k)), over_tokens(w(_k) * _from(_k) ** 2)
_masses = over_tokens(w(_k))
_inner_row = w(_l) * (_from(_l) ** 2 + 2 * _from(_l) * _first + _second)


def _named(term: Callable[[Any], Any]) -> sp.Sum:
    """A sum over the tokens with another index."""
    return over_tokens(term(_l), _l)


def _rename(term: Callable[[Any], Any]) -> Instance:
    return renamed_lk.at(top=m.symbol - 1, f=sp.Lambda((_l,), term(_l)))


variance_at_most_half = Lemma(
    "bohning/variance_at_most_half",
    "A variance is at most half the sum of squares",
    (m, centre),
    le(_variance, _square / 2),
    hypotheses=(Forall((_k,), ge(w(_k), 0), among(_k)), eq(over_tokens(w(_k)), 1)),
    functions=(w, y),
    statement="sum_ij w_i w_j (u_i + u_j)^2 is at least its diagonal, and w(1 - w) <= 1/4",
    backing=derive()
    .have(
        "diagonal",
        Forall((_l,), ge(_pairs, 4 * w(_l) * _from(_l) ** 2), among(_l)),
        by=[SingleTerm(_l), "hypothesis 1"],
    )
    .have(
        "expanded",
        Forall((_l,), eq(_pairs, _from(_l) ** 2 * _masses + 2 * _from(_l) * _first + _second)),
        by=algebra,
    )
    .have(
        "row",
        Forall((_l,), ge(_inner_row, 4 * w(_l) ** 2 * _from(_l) ** 2), among(_l)),
        by=[
            fact("diagonal", l=_l),
            fact("expanded", l=_l),
            fact("hypothesis 1", k=_l),
            "hypothesis 2",
            quick,
        ],
    )
    .have(
        "rows",
        ge(over_tokens(_inner_row, _l), over_tokens(4 * w(_l) ** 2 * _from(_l) ** 2, _l)),
        by=[Termwise(), fact("row", l=_l)],
    )
    .have(
        "sums",
        eq(
            over_tokens(_inner_row, _l),
            _named(lambda t: w(t) * _from(t) ** 2)
            + 2 * _named(lambda t: w(t) * _from(t)) * _first
            + _named(w) * _second,
        ),
        by=algebra,
    )
    .have(
        "quarter",
        Forall((_l,), le(4 * w(_l) * _from(_l) ** 2 - 4 * w(_l) ** 2 * _from(_l) ** 2, _from(_l) ** 2)),
        by=quick,
        note="w (1 - w) <= 1/4",
    )
    .have(
        "quarters",
        le(
            over_tokens(4 * w(_l) * _from(_l) ** 2 - 4 * w(_l) ** 2 * _from(_l) ** 2, _l),
            _named(lambda t: _from(t) ** 2),
        ),
        by=[Termwise(), fact("quarter", l=_l)],
    )
    .have(
        "difference",
        eq(
            over_tokens(4 * w(_l) * _from(_l) ** 2 - 4 * w(_l) ** 2 * _from(_l) ** 2, _l),
            4 * _named(lambda t: w(t) * _from(t) ** 2) - over_tokens(4 * w(_l) ** 2 * _from(_l) ** 2, _l),
        ),
        by=algebra,
    )
    .have("first", eq(_named(lambda t: w(t) * _from(t)), _first), by=_rename(lambda t: w(t) * _from(t)))
    .have("second", eq(_named(lambda t: w(t) * _from(t) ** 2), _second), by=_rename(lambda t: w(t) * _from(t) ** 2))
    .have("masses", eq(_named(w), _masses), by=_rename(w))
    .have("squares", eq(_named(lambda t: _from(t) ** 2), _square), by=_rename(lambda t: _from(t) ** 2))
    .have("variance", eq(_variance, _second - _first**2), by=["hypothesis 2", algebra])
    .have(
        "half",
        le(_variance, _square / 2),
        by=[
            *("rows", "sums", "quarters", "difference", "first", "second", "masses", "squares", "variance"),
            "hypothesis 2",
            quick,
        ],
    ),
)
tilted_half = Lemma(
    "bohning/tilted_half",
    "The curvature of the log-partition function is at most half the sum of squares",
    (m, centre),
    Forall((s,), le(variance(s), _square / 2)),
    functions=(a, y),
    backing=derive()
    .have("partition", Forall((s,), gt(partition(s), 0)), by=positive(s))
    .have("positive", Forall((s, _k), ge(law(s, _k), 0), among(_k)), by=[fact("partition", s=s), quick])
    .have("mass", Forall((s,), eq(over_tokens(law(s, _k)), 1)), by=[fact("partition", s=s), algebra])
    .have(
        "half",
        Forall((s,), le(variance(s), _square / 2)),
        by=["positive", fact("mass", s=s), variance_at_most_half.at(w=sp.Lambda((_k,), law(s, _k)))],
    ),
)
