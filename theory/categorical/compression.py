"""The induced operator is a compression: spectra and traces of contexts and states (specification `categorical` 2.6).

Main statements
    operator_compression   M_K~ = J* M_K J and J* J = 1
    interlacing            lambda_{i+N-M}(M_K) <= lambda_i(M_K~) <= lambda_i(M_K)
    operator_trace_gap     what the trace loses is the spread of the features within the states

Notation in `state_laws`. root(x) = sqrt(mu(x)), rootn(h) = sqrt(nu(h)), J(x, h) = sqrt(mu(x)/nu(h)) s(x, h); the matrix
of M_K is root(x) K(x, y) root(y), that of M_K~ is rootn(h) K~(h, i) rootn(i).
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from theory.categorical.state_laws import (
    K,
    contexts,
    encoded,
    f,
    features,
    h,
    i,
    induced,
    k,
    mean,
    mu,
    nu,
    over_contexts,
    over_features,
    over_states,
    s,
    share,
    states,
    u,
    v,
    w,
    weights,
    x,
    y,
)
from theory.claim import Claim, Kind, Status, equal, lower, upper
from theory.derivation import derive
from theory.justification import SingleTerm, Termwise, algebra, fact, quick
from theory.lemma import Lemma
from theory.lemmas.double_sums import exchange_hx, exchange_xk, renamed
from theory.lemmas.feature_kernels import bilinear
from theory.lemmas.spectra import eigenbasis, interlacing_above, interlacing_below, position
from theory.parameter import Parameter, integers
from theory.proposition import Forall, eq, ge, gt, le, lt
from theory.source import OWN

first_state = Parameter("first", "h", "a state", integers(0), (0, 1))
second_state = Parameter("second", "h'", "another state", integers(0), (0, 1))
apart = Parameter("apart", r"\Delta", "how far two states are apart", integers(1), (1, 5))
_h, _i, _apart = first_state.symbol, second_state.symbol, apart.symbol
_nX, _nH, _nF = contexts.symbol, states.symbol, features.symbol
root, rootn, J = (sp.Function(name, real=True) for name in ("root", "rootn", "J"))


def _matrix(first: Any, second: Any) -> sp.Expr:
    """The matrix of M_K."""
    return root(first) * K(first, second) * root(second)


def _compressed(first: Any, second: Any) -> sp.Sum:
    return over_contexts(J(x, first) * over_contexts(J(y, second) * _matrix(x, y), y))


_roots = (
    Forall((x,), ge(root(x), 0)),
    Forall((x,), eq(root(x) ** 2, mu(x))),
    Forall((h,), gt(rootn(h), 0)),
    Forall((h,), eq(rootn(h) ** 2, nu(h))),
    Forall((x, h), eq(J(x, h) * rootn(h), root(x) * s(x, h))),
    Forall((x, h, i), eq(s(x, h) * s(x, i), 0), (lt(h, i),)),
)
_at = (*(fact(f"hypothesis {n}", x=u) for n in (8, 9)), *(fact(f"hypothesis {n}", h=v) for n in (3, 10, 11)))
_state_law = (fact("hypothesis 3", h=v), fact("hypothesis 4", h=v))
_pair = tuple(fact(f"hypothesis {n}", x=u, h=v) for n in (5, 7, 12))


def _row(context: Any, state: Any) -> sp.Sum:
    """(M_K J)(context, state)."""
    return over_contexts(J(y, state) * _matrix(context, y), y)


def _row_value(context: Any, state: Any) -> sp.Expr:
    return root(context) * rootn(state) * over_contexts(share(y, state) * K(context, y), y)


_scaled_row = over_contexts(root(u) * rootn(v) * share(y, v) * K(u, y), y)
_halfway = over_contexts(J(x, v) * _row_value(x, w))
_scaled = over_contexts(rootn(v) * rootn(w) * share(x, v) * over_contexts(share(y, w) * K(x, y), y))
_value = rootn(v) * induced(v, w) * rootn(w)
_squares = over_contexts(J(x, v) ** 2)
_others = over_contexts(J(x, v) * J(x, w))
operator_compression = Claim(
    id="categorical/operator_compression",
    title="The induced operator is a compression",
    kind=Kind.EQUALITY,
    text=(
        "M_K~ = J* M_K J with (J psi)(x) = psi(f(x)) and J* J = 1; in matrices J_xh = sqrt(mu_x/nu_h) 1[f(x) = h], "
        "sqrt(nu_h) K~(h, h') sqrt(nu_h') = sum_xy J_xh sqrt(mu_x) K(x, y) sqrt(mu_y) J_yh'"
    ),
    parameters=(contexts, states, first_state, second_state, apart),
    functions=(mu, nu, s, share, K, root, rootn, J),
    hypotheses=(*weights, *encoded, *_roots),
    statements=(
        equal(_compressed(_h, _i), rootn(_h) * induced(_h, _i) * rootn(_i), label="compression"),
        equal(over_contexts(J(x, _h) ** 2), 1, label="unit columns"),
        equal(over_contexts(J(x, _h) * J(x, _h + _apart)), 0, label="orthogonal columns"),
    ),
    source=OWN,
    status=Status.OWN,
    derivation=derive()
    .have(
        "columns",
        Forall((u, v), eq(J(u, v) * root(u), rootn(v) * share(u, v))),
        by=[*_at, *_pair, quick],
    )
    .have(
        "row",
        Forall((u, v), eq(_row(u, v), _scaled_row)),
        by=[Termwise(), fact("columns", u=y, v=v)],
    )
    .have("factor", Forall((u, v), eq(_scaled_row, _row_value(u, v))), by=algebra)
    .have(
        "rows",
        Forall((u, v), eq(_row(u, v), _row_value(u, v))),
        by=[fact("row", u=u, v=v), fact("factor", u=u, v=v), quick],
    )
    .have(
        "compressed rows",
        Forall((v, w), eq(_compressed(v, w), _halfway)),
        by=[Termwise(), fact("rows", u=x, v=w)],
    )
    .have("compressed", Forall((v, w), eq(_halfway, _scaled)), by=[Termwise(), fact("columns", u=x, v=v)])
    .have("factors", Forall((v, w), eq(_scaled, _value)), by=algebra)
    .have(
        "compression of states",
        Forall((v, w), eq(_compressed(v, w), _value)),
        by=[*(fact(n, v=v, w=w) for n in ("compressed rows", "compressed", "factors")), quick],
    )
    .have(
        "compression",
        eq(_compressed(_h, _i), rootn(_h) * induced(_h, _i) * rootn(_i)),
        by=fact("compression of states", v=_h, w=_i),
    )
    .have(
        "square of an entry",
        Forall((u, v), eq(nu(v) * J(u, v) ** 2, mu(u) * s(u, v))),
        by=[*_at, *_pair, quick],
    )
    .have(
        "squares",
        Forall((v,), eq(over_contexts(nu(v) * J(x, v) ** 2), mean(s(x, v)))),
        by=[Termwise(), fact("square of an entry", u=x, v=v)],
    )
    .have("factor of squares", Forall((v,), eq(over_contexts(nu(v) * J(x, v) ** 2), nu(v) * _squares)), by=algebra)
    .have(
        "unit",
        Forall((v,), eq(_squares, 1)),
        by=[*(fact(n, v=v) for n in ("squares", "factor of squares")), *_state_law, quick],
    )
    .have("unit columns", eq(over_contexts(J(x, _h) ** 2), 1), by=fact("unit", v=_h))
    .have(
        "scaled product of entries",
        Forall((u, v, w), eq(rootn(v) * rootn(w) * J(u, v) * J(u, w), root(u) ** 2 * s(u, v) * s(u, w))),
        by=[fact("hypothesis 12", x=u, h=v), fact("hypothesis 12", x=u, h=w), quick],
    )
    .have(
        "product of entries",
        Forall((u, v, w), eq(J(u, v) * J(u, w), 0), (lt(v, w),)),
        by=[
            fact("scaled product of entries", u=u, v=v, w=w),
            fact("hypothesis 13", x=u, h=v, i=w),
            fact("hypothesis 10", h=v),
            fact("hypothesis 10", h=w),
            quick,
        ],
    )
    .have(
        "at least 0",
        Forall((v, w), ge(_others, 0), (lt(v, w),)),
        by=[SingleTerm(0), fact("product of entries", u=x, v=v, w=w)],
    )
    .have(
        "at most 0",
        Forall((v, w), ge(over_contexts(-J(x, v) * J(x, w)), 0), (lt(v, w),)),
        by=[SingleTerm(0), fact("product of entries", u=x, v=v, w=w)],
    )
    .have("sign", Forall((v, w), eq(over_contexts(-J(x, v) * J(x, w)), -_others)), by=algebra)
    .have(
        "orthogonal",
        Forall((v, w), eq(_others, 0), (lt(v, w),)),
        by=[*(fact(n, v=v, w=w) for n in ("at least 0", "at most 0", "sign")), quick],
    )
    .have(
        "orthogonal columns",
        eq(over_contexts(J(x, _h) * J(x, _h + _apart)), 0),
        by=fact("orthogonal", v=_h, w=_h + _apart),
    ),
)

value, small, vector, small_vector = (
    sp.Function(name, real=True) for name in ("value", "small", "vector", "small_vector")
)
state_matrix = sp.Function("state_matrix", real=True)
_big_matrix = sp.Lambda((x, y), _matrix(x, y))
_p = position.symbol
_hypotheses = tuple(f"hypothesis {n}" for n in range(1, 14))
_columns = ("unit columns", "orthogonal columns", "compression", *(f"hypothesis {n}" for n in range(14, 26)))
_matrices: dict[str, Any] = {
    "top": _nX,
    "low": _nH,
    "A": _big_matrix,
    "J": J,
    "small_matrix": state_matrix,
    "e": vector,
    "c": small_vector,
    "value": value,
    "small": small,
}
interlacing = Claim(
    id="categorical/interlacing",
    title="Spectral data processing",
    kind=Kind.TWO_SIDED,
    text=(
        "N contexts and M states, eigenvalues in decreasing order from i = 0: lambda_{i+N-M}(M_K) <= lambda_i(M_K~) <= "
        "lambda_i(M_K). For a positive semidefinite K all are equal (with zeros) iff the feature map is constant on "
        "the fibres of f (operator_trace_gap); for K_chi2, whose eigenvalues are 1 and the squared maximal "
        "correlations, sigma_i(H; W) <= sigma_i(X; W)."
    ),
    parameters=(contexts, states, position),
    functions=(mu, nu, s, share, K, root, rootn, J, value, small, vector, small_vector, state_matrix),
    hypotheses=(
        *weights,
        *encoded,
        *_roots,
        le(_nH, _nX),
        le(_p, _nH),
        *eigenbasis(_big_matrix, vector, value, _nX),
        *eigenbasis(state_matrix, small_vector, small, _nH),
        Forall((h, i), eq(state_matrix(h, i), rootn(h) * induced(h, i) * rootn(i))),
    ),
    statements=(
        upper(small(_p), value(_p), label="above"),
        lower(small(_p), value(_p + _nX - _nH), label="below"),
    ),
    source=OWN,
    status=Status.OWN,
    derivation=derive()
    .have(
        "unit columns",
        Forall((v,), eq(over_contexts(J(x, v) ** 2), 1)),
        by=[*_hypotheses, operator_compression.at("unit columns", first=v)],
    )
    .have(
        "next columns",
        Forall((v, u), eq(over_contexts(J(x, v) * J(x, v + 1 + u)), 0)),
        by=[*_hypotheses, operator_compression.at("orthogonal columns", first=v, apart=1 + u)],
    )
    .have(
        "compression of states",
        Forall((v, w), eq(rootn(v) * induced(v, w) * rootn(w), _compressed(v, w))),
        by=[*_hypotheses, operator_compression.at("compression", first=v, second=w)],
    )
    .have(
        "compression",
        Forall((v, w), eq(state_matrix(v, w), _compressed(v, w))),
        by=[fact("hypothesis 26", h=v, i=w), fact("compression of states", v=v, w=w), quick],
    )
    .have(
        "orthogonal columns",
        Forall((h, i), eq(over_contexts(J(x, h) * J(x, h + 1 + i)), 0), (le(h + 1 + i, _nH),)),
        by=fact("next columns", v=h, u=i),
    )
    .have("above", le(small(_p), value(_p)), by=[*_columns, interlacing_above.at(**_matrices)])
    .have("below", ge(small(_p), value(_p + _nX - _nH)), by=[*_columns, interlacing_below.at(**_matrices)]),
)


m = sp.Function("m", real=True)
F, one = (sp.Function(name, real=True) for name in ("F", "one"))
_flow = over_contexts(mu(x) * F(x) * over_states(one(h) * s(x, h)))
tower = Lemma(
    "categorical/tower",
    "The mean over states of the means within states is the mean",
    (contexts, states),
    eq(over_states(nu(h) * over_contexts(share(x, h) * F(x))), mean(F(x))),
    hypotheses=(*weights, *encoded, Forall((h,), eq(one(h), 1))),
    functions=(mu, nu, s, share, F, one),
    backing=derive()
    .have(
        "in a state",
        Forall((v,), eq(over_contexts(nu(v) * share(x, v) * F(x)), over_contexts(mu(x) * F(x) * s(x, v)))),
        by=[Termwise(), fact("hypothesis 7", x=x, h=v)],
    )
    .have(
        "factor",
        Forall((v,), eq(over_contexts(nu(v) * share(x, v) * F(x)), nu(v) * over_contexts(share(x, v) * F(x)))),
        by=algebra,
    )
    .have(
        "of a state",
        Forall((v,), eq(nu(v) * over_contexts(share(x, v) * F(x)), one(v) * over_contexts(mu(x) * F(x) * s(x, v)))),
        by=[fact("in a state", v=v), fact("factor", v=v), fact("hypothesis 8", h=v), quick],
    )
    .have(
        "states",
        eq(
            over_states(nu(h) * over_contexts(share(x, h) * F(x))),
            over_states(one(h) * over_contexts(mu(x) * F(x) * s(x, h))),
        ),
        by=[Termwise(), fact("of a state", v=h)],
    )
    .have(
        "order of summation",
        eq(over_states(one(h) * over_contexts(mu(x) * F(x) * s(x, h))), _flow),
        by=exchange_hx.at(top=_nH, last=_nX, g=sp.Lambda((h, x), s(x, h)), u=one, w=sp.Lambda((x,), mu(x) * F(x))),
    )
    .have("drop", Forall((u, v), eq(one(v) * s(u, v), s(u, v))), by=[fact("hypothesis 8", h=v), quick])
    .have(
        "in a context",
        Forall((u,), eq(over_states(one(h) * s(u, h)), over_states(s(u, h)))),
        by=[Termwise(), fact("drop", u=u, v=h)],
    )
    .have(
        "one state each",
        Forall((u,), eq(mu(u) * F(u) * over_states(one(h) * s(u, h)), mu(u) * F(u))),
        by=[fact("in a context", u=u), fact("hypothesis 6", x=u), quick],
    )
    .have("contexts", eq(_flow, mean(F(x))), by=[Termwise(), fact("one state each", u=x)])
    .have(
        "tower",
        eq(over_states(nu(h) * over_contexts(share(x, h) * F(x))), mean(F(x))),
        by=["states", "order of summation", "contexts"],
    ),
)


def _within(term: Any, state: Any, index: sp.Symbol = x) -> sp.Sum:
    return over_contexts(share(index, state) * term, index)


def _mass(state: Any) -> sp.Sum:
    return over_contexts(share(x, state))


def _squared(context: Any) -> sp.Sum:
    return over_features(f(context, k) ** 2)


def _deviation(context: Any, state: Any) -> sp.Sum:
    return over_features((f(context, k) - m(state, k)) ** 2)


def _product(context: Any, state: Any) -> sp.Sum:
    return over_features(m(state, k) * f(context, k))


def _mean_square(state: Any) -> sp.Sum:
    return over_features(m(state, k) ** 2)


def _diagonal(state: Any) -> sp.Sum:
    """K~(state, state) of K = <f, f>."""
    return over_contexts(share(x, state) * over_contexts(share(y, state) * over_features(f(x, k) * f(y, k)), y))


def _expanded(context: Any, state: Any) -> sp.Expr:
    return _squared(context) - 2 * _product(context, state) + _mean_square(state)


def _linear(state: Any) -> sp.Expr:
    products = _within(_product(x, state), state)
    return _within(_squared(x), state) - 2 * products + _mass(state) * _mean_square(state)


_spread = over_states(nu(h) * _within(_deviation(x, h), h))
_gap = mean(_squared(x)) - over_states(nu(h) * _diagonal(h))
operator_trace_gap = Claim(
    id="categorical/operator_trace_gap",
    title="Trace lost by the encoder",
    kind=Kind.EQUALITY,
    text=(
        "tr M_K - tr M_K~ = E||f_X - E[f_X | H]||^2 for a kernel <f, f'> of features; with f = p/sqrt(pbar) it is "
        "I_chi2(X; W) - I_chi2(H; W), with f = p it is E||p_X - p_H||^2"
    ),
    parameters=(contexts, states, features),
    functions=(mu, nu, s, share, f, m),
    hypotheses=(*weights, *encoded, Forall((h, k), eq(m(h, k), _within(f(x, k), h)))),
    statements=(equal(_gap, _spread),),
    source=OWN,
    status=Status.OWN,
    derivation=derive()
    .have(
        "square",
        Forall((u, v), eq(_deviation(u, v), _squared(u) - 2 * _product(u, v) + _mean_square(v))),
        by=algebra,
    )
    .have(
        "squares within",
        Forall((v,), eq(_within(_deviation(x, v), v), _within(_expanded(x, v), v))),
        by=[Termwise(), fact("square", u=x, v=v)],
    )
    .have(
        "linear",
        Forall((v,), eq(_within(_expanded(x, v), v), _linear(v))),
        by=algebra,
    )
    .have(
        "order of summation",
        Forall((v,), eq(_within(_product(x, v), v), over_features(m(v, k) * _within(f(x, k), v)))),
        by=exchange_xk.at(
            top=_nX,
            last=_nF,
            u=sp.Lambda((x,), share(x, v)),
            w=sp.Lambda((k,), m(v, k)),
            g=sp.Lambda((x, k), f(x, k)),
        ),
    )
    .have(
        "mean features",
        Forall((v,), eq(over_features(m(v, k) * _within(f(x, k), v)), _mean_square(v))),
        by=[Termwise(), fact("hypothesis 8", h=v, k=k)],
    )
    .have(
        "weighted masses",
        Forall((v,), eq(over_contexts(nu(v) * share(x, v)), mean(s(x, v)))),
        by=[Termwise(), fact("hypothesis 7", x=x, h=v)],
    )
    .have("factor", Forall((v,), eq(over_contexts(nu(v) * share(x, v)), nu(v) * _mass(v))), by=algebra)
    .have(
        "masses",
        Forall((v,), eq(_mass(v), 1)),
        by=[*(fact(n, v=v) for n in ("weighted masses", "factor")), *_state_law, quick],
    )
    .have(
        "features of the kernel",
        Forall((v,), eq(_diagonal(v), over_features(_within(f(y, k), v, y) * _within(f(x, k), v)))),
        by=bilinear.at(top=_nX, last=_nF, a=sp.Lambda((x,), share(x, v)), b=sp.Lambda((y,), share(y, v))),
    )
    .have(
        "names",
        Forall((u, v), eq(_within(f(y, u), v, y), _within(f(x, u), v))),
        by=renamed.at(top=_nX, f=sp.Lambda((y,), share(y, v) * f(y, u))),
    )
    .have(
        "a mean feature",
        Forall((u, v), eq(_within(f(y, u), v, y) * _within(f(x, u), v), m(v, u) ** 2)),
        by=[fact("names", u=u, v=v), fact("hypothesis 8", h=v, k=u), quick],
    )
    .have(
        "kernel of a state",
        Forall((v,), eq(over_features(_within(f(y, k), v, y) * _within(f(x, k), v)), _mean_square(v))),
        by=[Termwise(), fact("a mean feature", u=k, v=v)],
    )
    .have(
        "spread of a state",
        Forall((v,), eq(nu(v) * _within(_deviation(x, v), v), nu(v) * (_within(_squared(x), v) - _diagonal(v)))),
        by=[
            *(
                fact(n, v=v)
                for n in (
                    "squares within",
                    "linear",
                    "order of summation",
                    "mean features",
                    "masses",
                    "features of the kernel",
                    "kernel of a state",
                )
            ),
            quick,
        ],
    )
    .have(
        "states",
        eq(_spread, over_states(nu(h) * (_within(_squared(x), h) - _diagonal(h)))),
        by=[Termwise(), fact("spread of a state", v=h)],
    )
    .have(
        "parts",
        eq(
            over_states(nu(h) * (_within(_squared(x), h) - _diagonal(h))),
            over_states(nu(h) * _within(_squared(x), h)) - over_states(nu(h) * _diagonal(h)),
        ),
        by=algebra,
    )
    .have(
        "tower",
        eq(over_states(nu(h) * _within(_squared(x), h)), mean(_squared(x))),
        by=[
            *(f"hypothesis {n}" for n in range(1, 8)),
            tower.at(F=sp.Lambda((x,), _squared(x)), one=sp.Lambda((h,), sp.S.One)),
        ],
    )
    .have("gap", eq(_gap, _spread), by=["states", "parts", "tower", quick]),
)
