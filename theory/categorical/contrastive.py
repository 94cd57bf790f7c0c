"""Contexts that share the next token: contrastive learning (specification `categorical` 2.7).

Main statements
    contrastive_spectrum   the normalised adjacency is sqrt(mu) sqrt(mu)^T + B B^T: eigenvalues 1 and sigma_i(B)^2
    contrastive_loss       the spectral contrastive loss is a matrix factorisation

Notation in `dependence`; rmu(x) = sqrt(mu(x)), rp(k) = sqrt(pbar(k)).
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from theory.categorical.counted_rows import counted_rows
from theory.categorical.dependence import pbar, token_law
from theory.categorical.parameters import V
from theory.categorical.state_laws import (
    contexts,
    i,
    j,
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
from theory.claim import Claim, Kind, Status, equal, lower
from theory.derivation import derive
from theory.justification import Termwise, algebra, fact, quick
from theory.lemmas.double_sums import exchange_yk, renamed
from theory.lemmas.spectra import eigenbasis, low_rank, rank
from theory.parameter import Parameter, integers, reals
from theory.proposition import Forall, eq, ge, gt, le
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


def _flow(at: Any, index: sp.Symbol = x) -> sp.Sum:
    """(B^T sqrt(mu))(at)."""
    return over_contexts(rmu(index) * B(index, at), index)


def _scaled(at: Any) -> sp.Sum:
    return over_contexts(mu(x) * p(x, at) - mu(x) * pbar(at))


def _gram(first: Any, second: Any) -> sp.Sum:
    """(B B^T)(first, second)."""
    return over_tokens(B(first, k) * B(second, k))


vector = sp.Function("vector", real=True)
squared = Parameter("sigma2", r"\sigma^2", "an eigenvalue of B B^T", reals(0), (0, 1))
_value = squared.symbol
_at_vector = over_contexts(_adjacency(_x, y) * vector(y), y)
_at_root = over_contexts(_adjacency(_x, y) * rmu(y), y)
_by_tokens = over_tokens(B(_x, k) * _flow(k, y))
contrastive_spectrum = Claim(
    id="categorical/contrastive_spectrum",
    title="Contexts sharing the next token",
    kind=Kind.EQUALITY,
    text=(
        "Positives are two contexts that share the next token. Their normalised adjacency diag(sqrt mu) K_chi2 "
        "diag(sqrt mu) is sqrt(mu) sqrt(mu)^T + B B^T with B^T sqrt(mu) = 0. Its eigenvalues are 1, of sqrt(mu), "
        "and those of B B^T on what is orthogonal to it: the sigma_i(B)^2, and 0; vector is an eigenvector there"
    ),
    parameters=(contexts, V, one_context, other_context, token, squared),
    functions=(mu, p, pbar, rmu, rp, B, vector),
    hypotheses=(
        *token_law,
        Forall((x,), eq(rmu(x) ** 2, mu(x))),
        Forall((k,), gt(rp(k), 0)),
        Forall((k,), eq(rp(k) ** 2, pbar(k))),
        Forall((x, k), eq(B(x, k) * rp(k), rmu(x) * (p(x, k) - pbar(k)))),
        eq(over_contexts(rmu(y) * vector(y), y), 0),
        Forall((x,), eq(over_contexts(_gram(x, y) * vector(y), y), _value * vector(x))),
    ),
    statements=(
        equal(_adjacency(_x, _y), _right(_x, _y), label="matrix"),
        equal(_flow(_w), 0, label="orthogonal"),
        equal(_at_root, rmu(_x), label="eigenvalue 1"),
        equal(_at_vector, _value * vector(_x), label="eigenvalues"),
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
        Forall((u, v), eq(_gram(u, v), over_tokens(_cell(u, v, k)))),
        by=[Termwise(), fact("cell", u=u, v=v, k=k)],
    )
    .have("linear", Forall((u, v), eq(over_tokens(_cell(u, v, k)), _linear(u, v))), by=["hypothesis 5", algebra])
    .have(
        "matrices",
        Forall((u, v), eq(_adjacency(u, v), _right(u, v))),
        by=[
            fact("entries", u=u, v=v),
            fact("linear", u=u, v=v),
            fact("hypothesis 4", x=u),
            fact("hypothesis 4", x=v),
            "hypothesis 7",
            quick,
        ],
    )
    .have("matrix", eq(_adjacency(_x, _y), _right(_x, _y)), by=fact("matrices", u=_x, v=_y))
    .have(
        "scaled",
        Forall((u, j), eq(rp(j) * rmu(u) * B(u, j), mu(u) * p(u, j) - mu(u) * pbar(j))),
        by=[fact("hypothesis 11", x=u, k=j), fact("hypothesis 8", x=u), quick],
    )
    .have(
        "contexts",
        Forall((j,), eq(over_contexts(rp(j) * rmu(x) * B(x, j)), _scaled(j))),
        by=[Termwise(), fact("scaled", u=x, j=j)],
    )
    .have("factor", Forall((j,), eq(over_contexts(rp(j) * rmu(x) * B(x, j)), rp(j) * _flow(j))), by=algebra)
    .have("difference", Forall((j,), eq(_scaled(j), mean(p(x, j)) - pbar(j) * over_contexts(mu(x)))), by=algebra)
    .have(
        "no flow",
        Forall((j,), eq(_flow(j), 0)),
        by=[
            *(fact(name, j=j) for name in ("contexts", "factor", "difference")),
            fact("hypothesis 6", k=j),
            "hypothesis 2",
            fact("hypothesis 9", k=j),
            quick,
        ],
    )
    .have("orthogonal", eq(_flow(_w), 0), by=fact("no flow", j=_w))
    .have(
        "cells of a vector",
        Forall(
            (u,),
            eq(_adjacency(_x, u) * vector(u), rmu(_x) * (rmu(u) * vector(u)) + _gram(_x, u) * vector(u)),
        ),
        by=[fact("matrices", u=_x, v=u), quick],
    )
    .have(
        "image",
        eq(_at_vector, over_contexts(rmu(_x) * (rmu(y) * vector(y)) + _gram(_x, y) * vector(y), y)),
        by=[Termwise(), fact("cells of a vector", u=y)],
    )
    .have(
        "parts",
        eq(
            over_contexts(rmu(_x) * (rmu(y) * vector(y)) + _gram(_x, y) * vector(y), y),
            rmu(_x) * over_contexts(rmu(y) * vector(y), y) + over_contexts(_gram(_x, y) * vector(y), y),
        ),
        by=algebra,
    )
    .have(
        "eigenvalue",
        eq(_at_vector, _value * vector(_x)),
        by=["image", "parts", "hypothesis 12", fact("hypothesis 13", x=_x), quick],
    )
    .have(
        "cells of the root",
        Forall((u,), eq(_adjacency(_x, u) * rmu(u), rmu(_x) * mu(u) + rmu(u) * _gram(_x, u))),
        by=[fact("matrices", u=_x, v=u), fact("hypothesis 8", x=u), quick],
    )
    .have(
        "image of the root",
        eq(_at_root, over_contexts(rmu(_x) * mu(y) + rmu(y) * _gram(_x, y), y)),
        by=[Termwise(), fact("cells of the root", u=y)],
    )
    .have(
        "parts of the root",
        eq(
            over_contexts(rmu(_x) * mu(y) + rmu(y) * _gram(_x, y), y),
            rmu(_x) * over_contexts(mu(y), y) + over_contexts(rmu(y) * _gram(_x, y), y),
        ),
        by=algebra,
    )
    .have(
        "order of summation",
        eq(over_contexts(rmu(y) * _gram(_x, y), y), _by_tokens),
        by=exchange_yk.at(top=_nX, last=V.symbol - 1, u=rmu, w=sp.Lambda((k,), B(_x, k)), g=sp.Lambda((y, k), B(y, k))),
    )
    .have(
        "names",
        Forall((j,), eq(_flow(j, y), _flow(j))),
        by=renamed.at(top=_nX, f=sp.Lambda((y,), rmu(y) * B(y, j))),
    )
    .have(
        "token",
        Forall((j,), eq(B(_x, j) * _flow(j, y), 0)),
        by=[fact("names", j=j), fact("no flow", j=j), quick],
    )
    .have("tokens", eq(_by_tokens, over_tokens(0 * p(_x, k))), by=[Termwise(), fact("token", j=k)])
    .have("masses", eq(over_contexts(mu(y), y), over_contexts(mu(x))), by=renamed.at(top=_nX, f=mu))
    .have(
        "eigenvalue 1",
        eq(_at_root, rmu(_x)),
        by=["image of the root", "parts of the root", "order of summation", "tokens", "masses", "hypothesis 2", quick],
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


F, value = (sp.Function(name, real=True) for name in ("F", "value"))


def _features(context: Any, other: Any) -> sp.Sum:
    """(F F^T)(context, other)."""
    return sp.Sum(F(context, k) * F(other, k), (k, 0, rank.symbol - 1))


def _gap(context: Any) -> sp.Expr:
    return (A(context, y) - _features(context, y)) ** 2


_error = _pairs(_square(x))
_distance = over_contexts(_row(_gap(x)))
_others = sp.Sum(value(i) ** 2, (i, 0, _nX)) - sp.Sum(value(i) ** 2, (i, 0, rank.symbol - 1))
_expanded = over_contexts(one(x) * _parts(x))
contrastive_loss = Claim(
    id="categorical/contrastive_loss",
    title="Spectral contrastive loss is matrix factorisation",
    kind=Kind.EQUALITY,
    text=(
        "-2 E f(x).f(x+) + E (f(x).f(x'))^2 = |A - F F^T|_F^2 - |A|_F^2 with F_x = sqrt(mu_x) f(x), A the law of "
        "positive pairs divided by sqrt(mu mu'), dot(x, x') = f(x).f(x'): among features of width d it is least for "
        "the top eigenvectors of A (Eckart and Young): it is at least minus the sum of the squares of the first d "
        "eigenvalues, written as |A|_F^2 and the squares of the others; F are the features times sqrt(mu), of d columns"
    ),
    parameters=(contexts, rank),
    functions=(mu, rmu, A, pair, dot, one, F, vector, value),
    hypotheses=(
        Forall((x,), eq(rmu(x) ** 2, mu(x))),
        Forall((x, y), eq(A(x, y) * rmu(x) * rmu(y), pair(x, y))),
        Forall((x,), eq(one(x), 1)),
        Forall((x, y), eq(rmu(x) * rmu(y) * dot(x, y), _features(x, y))),
        le(rank.symbol, _nX + 1),
        *eigenbasis(A, vector, value, _nX),
        Forall((i,), ge(value(i), 0), (le(i, _nX),)),
    ),
    statements=(
        equal(_loss, _error - _pairs(A(x, y) ** 2), label="factorisation"),
        lower(_loss, _others - _pairs(A(x, y) ** 2), label="least"),
    ),
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
    .have("factorisation", eq(_loss, _error - _pairs(A(x, y) ** 2)), by=["squares", "linear", quick])
    .have(
        "features",
        Forall((u, v), eq((A(u, v) - rmu(u) * rmu(v) * dot(u, v)) ** 2, (A(u, v) - _features(u, v)) ** 2)),
        by=[fact("hypothesis 4", x=u, y=v), quick],
    )
    .have(
        "row of features",
        Forall((u,), eq(_row(_square(u)), _row(_gap(u)))),
        by=[Termwise(), fact("features", u=u, v=y)],
    )
    .have(
        "counted row",
        Forall((u,), eq(one(u) * _row(_square(u)), one(u) * _row(_gap(u)))),
        by=[fact("row of features", u=u), quick],
    )
    .have(
        "counted",
        eq(_error, over_contexts(one(x) * _row(_gap(x)))),
        by=[Termwise(), fact("counted row", u=x)],
    )
    .have(
        "double sum",
        eq(over_contexts(one(x) * _row(_gap(x))), _distance),
        by=["hypothesis 3", counted_rows.at(g=sp.Lambda((x, y), _gap(x)))],
    )
    .have("approximation", eq(_error, _distance), by=["counted", "double sum", quick])
    .have(
        "Eckart and Young",
        ge(_distance, _others),
        by=[
            *(f"hypothesis {n}" for n in range(5, 12)),
            low_rank.at(top=_nX, rank=rank.symbol, a=F, b=F, e=vector),
        ],
    )
    .have(
        "least",
        ge(_loss, _others - _pairs(A(x, y) ** 2)),
        by=["factorisation", "approximation", "Eckart and Young", quick],
    ),
)
