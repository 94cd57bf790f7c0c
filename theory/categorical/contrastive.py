"""Contexts that share the next token: contrastive learning (specification `categorical` 2.7).

Main statements
    contrastive_spectrum   the normalised adjacency is sqrt(mu) sqrt(mu)^T + B B^T: eigenvalues 1 and sigma_i(B)^2
    contrastive_loss       the spectral contrastive loss is a matrix factorisation

Notation in `dependence`; rmu(x) = sqrt(mu(x)), rp(k) = sqrt(pbar(k)).
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from theory.categorical.dependence import pbar, token_law
from theory.categorical.parameters import V
from theory.categorical.state_laws import (
    contexts,
    k,
    mean,
    mu,
    over_contexts,
    over_tokens,
    p,
    u,
    v,
    x,
    y,
)
from theory.claim import Claim, Kind, Status, equal
from theory.derivation import derive
from theory.justification import Termwise, algebra, fact, quick
from theory.parameter import Parameter, integers
from theory.proposition import Forall, eq, gt
from theory.source import Source

one_context = Parameter("first", "x", "a context", integers(0), (0, 10))
other_context = Parameter("second", "x'", "another context", integers(0), (0, 10))
token = Parameter("token", "w", "a token", integers(0), (0, 10))
_x, _y, _w, _nX = one_context.symbol, other_context.symbol, token.symbol, contexts.symbol
rmu, rp, B = (sp.Function(name, real=True) for name in ("rmu", "rp", "B"))


def chi_squared_kernel(first: Any, second: Any) -> sp.Sum:
    """K_chi2 = sum_w p_x(w) p_x'(w)/p(w)."""
    return over_tokens(p(first, k) * p(second, k) / pbar(k))


def _adjacency(first: Any, second: Any) -> sp.Expr:
    return rmu(first) * chi_squared_kernel(first, second) * rmu(second)


def _right(first: Any, second: Any) -> sp.Expr:
    return rmu(first) * rmu(second) + over_tokens(B(first, k) * B(second, k))


def _cell(first: Any, second: Any, at: Any) -> sp.Expr:
    value = p(first, at) * p(second, at) / pbar(at) - p(first, at) - p(second, at) + pbar(at)
    return rmu(first) * rmu(second) * value


def _linear(first: Any, second: Any) -> sp.Expr:
    ones = over_tokens(p(first, k)) + over_tokens(p(second, k)) - over_tokens(pbar(k))
    return rmu(first) * rmu(second) * (chi_squared_kernel(first, second) - ones)


_flow = over_contexts(rmu(x) * B(x, _w))
_scaled = over_contexts(mu(x) * p(x, _w) - mu(x) * pbar(_w))
contrastive_spectrum = Claim(
    id="categorical/contrastive_spectrum",
    title="Contexts sharing the next token",
    kind=Kind.EQUALITY,
    text=(
        "Positives are two contexts that share the next token. Their normalised adjacency diag(sqrt mu) K_chi2 "
        "diag(sqrt mu) is sqrt(mu) sqrt(mu)^T + B B^T with B^T sqrt(mu) = 0, so that its eigenvalues are 1, the "
        "sigma_i(B)^2, and 0"
    ),
    parameters=(contexts, V, one_context, other_context, token),
    functions=(mu, p, pbar, rmu, rp, B),
    hypotheses=(
        *token_law,
        Forall((x,), eq(rmu(x) ** 2, mu(x))),
        Forall((k,), gt(rp(k), 0)),
        Forall((k,), eq(rp(k) ** 2, pbar(k))),
        Forall((x, k), eq(B(x, k) * rp(k), rmu(x) * (p(x, k) - pbar(k)))),
    ),
    statements=(
        equal(_adjacency(_x, _y), _right(_x, _y), label="matrix"),
        equal(_flow, 0, label="orthogonal"),
    ),
    source=Source("haochen2021", "population spectral contrastive loss", recheck=True),
    status=Status.CORRECTED,
    corrects=("categorical/spectral_alignment_as_stated",),
    derivation=derive()
    .have(
        "product",
        Forall(
            (u, v, k),
            eq(B(u, k) * B(v, k) * pbar(k), rmu(u) * rmu(v) * (p(u, k) - pbar(k)) * (p(v, k) - pbar(k))),
        ),
        by=[
            *(fact("hypothesis 11", x=t, k=k) for t in (u, v)),
            fact("hypothesis 10", k=k),
            quick,
        ],
    )
    .have(
        "cell",
        Forall((u, v, k), eq(B(u, k) * B(v, k), _cell(u, v, k))),
        by=[fact("product", u=u, v=v, k=k), fact("hypothesis 5", k=k), quick],
    )
    .have(
        "entries",
        eq(over_tokens(B(_x, k) * B(_y, k)), over_tokens(_cell(_x, _y, k))),
        by=[Termwise(), fact("cell", u=_x, v=_y, k=k)],
    )
    .have("linear", eq(over_tokens(_cell(_x, _y, k)), _linear(_x, _y)), by=["hypothesis 5", algebra])
    .have(
        "matrix",
        eq(_adjacency(_x, _y), _right(_x, _y)),
        by=[
            "entries",
            "linear",
            fact("hypothesis 4", x=_x),
            fact("hypothesis 4", x=_y),
            "hypothesis 7",
            quick,
        ],
    )
    .have(
        "scaled",
        Forall((u,), eq(rp(_w) * rmu(u) * B(u, _w), mu(u) * p(u, _w) - mu(u) * pbar(_w))),
        by=[fact("hypothesis 11", x=u, k=_w), fact("hypothesis 8", x=u), quick],
    )
    .have(
        "contexts",
        eq(over_contexts(rp(_w) * rmu(x) * B(x, _w)), _scaled),
        by=[Termwise(), fact("scaled", u=x)],
    )
    .have("factor", eq(over_contexts(rp(_w) * rmu(x) * B(x, _w)), rp(_w) * _flow), by=algebra)
    .have("difference", eq(_scaled, mean(p(x, _w)) - pbar(_w) * over_contexts(mu(x))), by=algebra)
    .have(
        "orthogonal",
        eq(_flow, 0),
        by=[
            "contexts",
            "factor",
            "difference",
            fact("hypothesis 6", k=_w),
            "hypothesis 2",
            fact("hypothesis 9", k=_w),
            quick,
        ],
    ),
)

A, pair, dot, one = (sp.Function(name, real=True) for name in ("A", "pair", "dot", "one"))


def _pairs(term: Any) -> sp.Sum:
    """The sum over both contexts; one = 1."""
    return over_contexts(one(x) * over_contexts(term, y))


_loss = -2 * _pairs(pair(x, y) * dot(x, y)) + _pairs(mu(x) * mu(y) * dot(x, y) ** 2)


def _row(term: Any) -> sp.Sum:
    return over_contexts(term, y)


def _square(context: Any) -> sp.Expr:
    return (A(context, y) - rmu(context) * rmu(y) * dot(context, y)) ** 2


def _terms(context: Any) -> sp.Expr:
    independent = mu(context) * mu(y) * dot(context, y) ** 2
    return A(context, y) ** 2 - 2 * pair(context, y) * dot(context, y) + independent


def _parts(context: Any) -> sp.Expr:
    positive, independent = _row(pair(context, y) * dot(context, y)), _row(mu(context) * mu(y) * dot(context, y) ** 2)
    return _row(A(context, y) ** 2) - 2 * positive + independent


_error = _pairs(_square(x))
_expanded = over_contexts(one(x) * _parts(x))
contrastive_loss = Claim(
    id="categorical/contrastive_loss",
    title="Spectral contrastive loss is matrix factorisation",
    kind=Kind.EQUALITY,
    text=(
        "-2 E f(x).f(x+) + E (f(x).f(x'))^2 = |A - F F^T|_F^2 - |A|_F^2 with F_x = sqrt(mu_x) f(x), A the law of "
        "positive pairs divided by sqrt(mu mu'), dot(x, x') = f(x).f(x'): among features of width d it is least for "
        "the top eigenvectors of A (Eckart and Young)"
    ),
    parameters=(contexts,),
    functions=(mu, rmu, A, pair, dot, one),
    hypotheses=(
        Forall((x,), eq(rmu(x) ** 2, mu(x))),
        Forall((x, y), eq(A(x, y) * rmu(x) * rmu(y), pair(x, y))),
        Forall((x,), eq(one(x), 1)),
    ),
    statements=(equal(_loss, _error - _pairs(A(x, y) ** 2)),),
    source=Source("haochen2021", "section 3.2", recheck=True),
    status=Status.AS_STATED,
    derivation=derive()
    .have(
        "square",
        Forall(
            (u, v),
            eq(
                (A(u, v) - rmu(u) * rmu(v) * dot(u, v)) ** 2,
                A(u, v) ** 2 - 2 * pair(u, v) * dot(u, v) + mu(u) * mu(v) * dot(u, v) ** 2,
            ),
        ),
        by=[fact("hypothesis 1", x=u), fact("hypothesis 1", x=v), fact("hypothesis 2", x=u, y=v), quick],
    )
    .have("row", Forall((u,), eq(_row(_square(u)), _row(_terms(u)))), by=[Termwise(), fact("square", u=u, v=y)])
    .have("linear row", Forall((u,), eq(_row(_terms(u)), _parts(u))), by=algebra)
    .have(
        "rows",
        Forall((u,), eq(_row(_square(u)), _parts(u))),
        by=[fact("row", u=u), fact("linear row", u=u), quick],
    )
    .have("squares", eq(_error, _expanded), by=[Termwise(), fact("rows", u=x)])
    .have("linear", eq(_expanded, _pairs(A(x, y) ** 2) + _loss), by=algebra)
    .have("factorisation", eq(_loss, _error - _pairs(A(x, y) ** 2)), by=["squares", "linear", quick]),
)
