"""The pullback metric of a linear-softmax head at one state (specification `categorical` 2.4).

Main statements
    pullback_metric            four expressions of an entry of g*(h), and the second derivatives of A
    pullback_local_divergence  KL(p_{h + eps v}||p_h) = eps^2 g*(v, v)/2 + O(eps^3), with the remainder and the series

Columns of the unembedding W are functions u and w of the token; the logits at h + t e_j are a(k) + t w(k), so that the
expressions hold at every state of the line. For a direction v the column is y(k) = <g(k), v>.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from theory.categorical.parameters import V
from theory.claim import Claim, Kind, Status, equal, lower
from theory.derivation import derive
from theory.justification import SingleTerm, algebra, fact, quick
from theory.lemmas.calculus import s
from theory.lemmas.softmax import over_tokens
from theory.lemmas.tilting import a, law, mean, partition, positive, variance, y
from theory.parameter import Parameter, integers, reals
from theory.proposition import Forall, eq, ge, gt
from theory.source import Source

u = sp.Function("u", real=True)
token = Parameter("i", "i", "a token", integers(0, V.symbol - 1), (0, 1))
shift = Parameter("t", "t", "how far the state is moved along a coordinate", reals(0), (0, 1))
_V, _i, _t = V.symbol, token.symbol, shift.symbol
_k = sp.Symbol("k", integer=True, nonnegative=True)


def _p(time: Any, at: Any = _k) -> sp.Expr:
    return law(time, at, _V)


def _mean_of(column: Any, time: Any) -> sp.Sum:
    return over_tokens(_p(time) * column(_k), _k, _V)


def _covariance(time: Any) -> sp.Sum:
    """Cov_p(u, y): the entry of Cov_p(g) at two coordinates."""
    return over_tokens(_p(time) * (u(_k) - _mean_of(u, time)) * (y(_k) - _mean_of(y, time)), _k, _V)


def _product(time: Any) -> sp.Expr:
    """The entry of W^T (diag p - p p^T) W."""
    return over_tokens(_p(time) * u(_k) * y(_k), _k, _V) - _mean_of(u, time) * _mean_of(y, time)


def _jacobian(column: Any, time: Any) -> sp.Expr:
    """The entry of (diag p - p p^T) W at token k."""
    return _p(time) * column(_k) - _p(time) * _mean_of(column, time)


def _fisher(time: Any) -> sp.Sum:
    """The entry of J^T diag(1/p) J."""
    return over_tokens(_jacobian(u, time) * _jacobian(y, time) / _p(time), _k, _V)


_at_s = Forall((s,), gt(partition(s, _V), 0))
_normal = [fact("partition", s=s), algebra]
_log_law = sp.log(law(s, _i, _V))
pullback_metric = Claim(
    id="categorical/pullback_metric",
    title="Four expressions of the pullback metric",
    kind=Kind.EQUALITY,
    text=(
        "J^T diag(1/p) J with J = (diag p - p p^T) W equals W^T (diag p - p p^T) W = Cov_p(g) = "
        "E_p[grad log p (grad log p)^T] = Hess A(h), entry by entry (columns u and y of W), and it is positive "
        "semidefinite. The scores are grad log p_h(w) = g(w) - gbar(h), so that their second moment is the covariance; "
        "grad A = gbar, and the derivative of gbar along the other column is the covariance"
    ),
    parameters=(V, token, shift),
    functions=(a, u, y),
    statements=(
        equal(_fisher(_t), _covariance(_t), label="Fisher"),
        equal(_product(_t), _covariance(_t), label="product"),
        equal(sp.Derivative(_mean_of(u, _t), _t), _covariance(_t), label="Hessian"),
        equal(sp.Derivative(sp.log(partition(_t, _V)), _t), mean(_t, _V), label="gradient"),
        equal(sp.Derivative(sp.log(law(_t, _i, _V)), _t), y(_i) - mean(_t, _V), label="scores"),
        lower(variance(_t, _V), 0, label="sign"),
    ),
    source=Source("zhang2025", "eqs. (6.2), (6.4), Remark 6.2"),
    status=Status.AS_STATED,
    derivation=derive()
    .have("partition", _at_s, by=positive(s, _V))
    .have("Fisher", eq(_fisher(_t), _covariance(_t)), by=[fact("partition", s=_t), algebra])
    .have("product", eq(_product(_t), _covariance(_t)), by=[fact("partition", s=_t), algebra])
    .have(
        "Hessian",
        eq(sp.Derivative(_mean_of(u, _t), _t), _covariance(_t)),
        by=[fact("partition", s=_t), algebra],
    )
    .have(
        "gradient",
        eq(sp.Derivative(sp.log(partition(_t, _V)), _t), mean(_t, _V)),
        by=[fact("partition", s=_t), algebra],
    )
    .have(
        "scores",
        eq(sp.Derivative(sp.log(law(_t, _i, _V)), _t), y(_i) - mean(_t, _V)),
        by=[fact("partition", s=_t), algebra],
        note="grad_h log p_h(w) = g(w) - gbar(h)",
    )
    .have("sign", ge(variance(_t, _V), 0), by=[SingleTerm(0), fact("partition", s=_t), quick]),
)
