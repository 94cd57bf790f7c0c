"""Minima of the quadratic surrogate (specification `categorical` 2.7).

Main statements
    surrogate_optimum    the least value over free states, and the largest alignment of whitened states
    surrogate_cca        with linear features the largest alignment is a nuclear norm

Coordinates i, j, l run over 0..n_D. Q = R^T R with R(l, i); Rh(x, l) = (R h_x)_l, Rt(x, l) = (R t_x)_l for the optimum
t_x = Q^{-1}(gbar_x - g_0). Sigma^{1/2} = T^T T; Th(x, l) = (T h_x)_l, and t is the whitened optimum.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from theory.categorical.state_laws import contexts, k, mean, mu, over_contexts, u, v, weights, x
from theory.claim import Claim, Kind, Status, equal, lower, upper
from theory.derivation import derive
from theory.justification import SingleTerm, Termwise, algebra, fact, quick
from theory.parameter import Parameter, integers, reals
from theory.proposition import Forall, eq, ge, le
from theory.source import OWN

width = Parameter("n_D", "n_D", "last coordinate of a state", integers(0), (0, 10))
start = Parameter("A_0", "A(h_0)", "log-partition at the reference: log V at h_0 = 0, b = 0", reals(), (0, 10), "nats")
_nD, _A = width.symbol, start.symbol
Rh, Rt, Th, Tt, diagonal = (sp.Function(name, real=True) for name in ("Rh", "Rt", "Th", "Tt", "diagonal"))
one = sp.Function("one", real=True)


def over_coordinates(term: Any, index: sp.Symbol = k) -> sp.Sum:
    """The sum of `term` over the coordinates."""
    return sp.Sum(term, (index, 0, _nD))


def _square(table: Any, at: Any = x) -> sp.Sum:
    return over_coordinates(table(at, k) ** 2)


def _inner(at: Any = x) -> sp.Sum:
    return over_coordinates(Rh(at, k) * Rt(at, k))


def _surrogate(at: Any) -> sp.Expr:
    """A_0 - <gbar - g_0, h> + |h|_Q^2/2 of one context."""
    return _A - _inner(at) + _square(Rh, at) / 2


def _apart(at: Any) -> sp.Sum:
    return over_coordinates((Rh(at, k) - Rt(at, k)) ** 2)


_least = _A - mean(_square(Rt)) / 2
_at_optimum = mean(_A - over_coordinates(Rt(x, k) * Rt(x, k)) + _square(Rt) / 2)

# Sums over coordinates outside, over contexts inside: E <T h, T t> coordinate by coordinate.
_alignment = over_coordinates(mean(Th(x, k) * Tt(x, k)) * one(k))
_trace = over_coordinates(diagonal(k))
surrogate_optimum = Claim(
    id="categorical/surrogate_optimum",
    title="Minimum of the surrogate",
    kind=Kind.EQUALITY,
    text=(
        "h_0 = 0, b = 0, Q = R^T R positive definite. (a) It is at least log V - E|gbar_X - g_0|^2_{Q^-1}/2, and "
        "attained at t_x = Q^-1 (gbar_x - g_0), for which <gbar_x - g_0, h> = <R t_x, R h> and the squared norm is "
        "|R t_x|^2. (b) Among white states (E h = 0, E h h^T = 1) the quadratic is tr Q/2, and E <h, gbar> is at most "
        "tr Sigma^{1/2} = sum of squares of T, attained at t_x = Sigma^{-1/2}(gbar_x - E gbar): <h, gbar_x - E gbar> = "
        "<T h, T t_x> for Sigma^{1/2} = T^T T, and E (T h)_l^2 = sum_i T(l, i)^2 = diagonal(l) for white h; one = 1."
    ),
    parameters=(contexts, width, start),
    functions=(mu, Rh, Rt, Th, Tt, diagonal, one),
    hypotheses=(
        *weights,
        Forall((k,), eq(mean(Th(x, k) ** 2), diagonal(k))),
        Forall((k,), eq(mean(Tt(x, k) ** 2), diagonal(k))),
        Forall((k,), eq(one(k), 1)),
    ),
    statements=(
        lower(mean(_surrogate(x)), _least, label="least value"),
        equal(_at_optimum, _least, label="attained"),
        upper(_alignment, _trace, label="whitened"),
    ),
    source=OWN,
    status=Status.OWN,
    derivation=derive()
    .have("square", Forall((u,), eq(_apart(u), _square(Rh, u) - 2 * _inner(u) + _square(Rt, u))), by=algebra)
    .have("sign", Forall((u,), ge(_apart(u), 0)), by=SingleTerm(0))
    .have(
        "context",
        Forall((u,), ge(_surrogate(u), _A - _square(Rt, u) / 2)),
        by=[fact("square", u=u), fact("sign", u=u), quick],
        note="complete the square",
    )
    .have(
        "contexts",
        ge(mean(_surrogate(x)), mean(_A - _square(Rt) / 2)),
        by=[Termwise(), fact("context", u=x), "hypothesis 1"],
    )
    .have("average", eq(mean(_A - _square(Rt) / 2), _A * over_contexts(mu(x)) - mean(_square(Rt)) / 2), by=algebra)
    .have("least value", ge(mean(_surrogate(x)), _least), by=["contexts", "average", "hypothesis 2", quick])
    .have("at t", eq(_at_optimum, _A * over_contexts(mu(x)) - mean(_square(Rt)) / 2), by=algebra)
    .have("attained", eq(_at_optimum, _least), by=["at t", "hypothesis 2", quick])
    .have(
        "product",
        Forall((u, v), le(Th(u, v) * Tt(u, v), Th(u, v) ** 2 / 2 + Tt(u, v) ** 2 / 2)),
        by=quick,
    )
    .have(
        "products",
        Forall((v,), le(mean(Th(x, v) * Tt(x, v)), mean(Th(x, v) ** 2 / 2 + Tt(x, v) ** 2 / 2))),
        by=[Termwise(), fact("product", u=x, v=v), "hypothesis 1"],
    )
    .have(
        "halves",
        Forall(
            (v,), eq(mean(Th(x, v) ** 2 / 2 + Tt(x, v) ** 2 / 2), mean(Th(x, v) ** 2) / 2 + mean(Tt(x, v) ** 2) / 2)
        ),
        by=algebra,
    )
    .have(
        "coordinate",
        Forall((v,), le(mean(Th(x, v) * Tt(x, v)) * one(v), diagonal(v))),
        by=[
            *(fact(n, v=v) for n in ("products", "halves")),
            *(fact(f"hypothesis {n}", k=v) for n in (3, 4, 5)),
            quick,
        ],
    )
    .have("whitened", le(_alignment, _trace), by=[Termwise(), fact("coordinate", v=k)]),
)

d, P, UR = (sp.Function(name, real=True) for name in ("d", "P", "UR"))
last_feature = Parameter("n_L", "n_L", "last feature", integers(0), (0, 10))


def over_rows(term: Any, index: sp.Symbol = x) -> sp.Sum:
    """The sum of `term` over the features."""
    return sp.Sum(term, (index, 0, last_feature.symbol))


_product = over_coordinates(d(k) * over_rows(P(x, k) * UR(x, k)))
_nuclear = over_coordinates(d(k))
surrogate_cca = Claim(
    id="categorical/surrogate_cca",
    title="The surrogate with linear features is a CCA problem",
    kind=Kind.EQUALITY,
    text=(
        "h = U^T phi with U^T Sigma_phi U = 1 and S = Sigma_phi^{-1/2} Sigma_phig = P D R^T: E <h, gbar> = tr(V^T S) = "
        "sum_i d_i <P_i, V R_i> for the isometry V = Sigma_phi^{1/2} U, of which UR(., i) = V R_i are unit vectors; "
        "it is at most |S|_* = sum d_i, attained at V = P R^T (UR = P); hence L_CE <= log V - |S|_* + tr Q/2 there. "
        "The P_i solve S S^T P_i = d_i^2 P_i, which is Sigma_phig Sigma_gphi u = s^2 Sigma_phi u"
    ),
    parameters=(width, last_feature),
    functions=(d, P, UR),
    hypotheses=(
        Forall((k,), ge(d(k), 0)),
        Forall((k,), eq(over_rows(P(x, k) ** 2), 1)),
        Forall((k,), eq(over_rows(UR(x, k) ** 2), 1)),
    ),
    statements=(
        equal(over_coordinates(d(k) * over_rows(P(x, k) * P(x, k))), _nuclear, label="attained"),
        upper(_product, _nuclear, label="largest"),
    ),
    source=OWN,
    status=Status.OWN,
    remarks=("to be compared with the generalised CCA problem that version 5 of the paper announces",),
    derivation=derive()
    .have(
        "product",
        Forall((u, v), le(P(u, v) * UR(u, v), P(u, v) ** 2 / 2 + UR(u, v) ** 2 / 2)),
        by=quick,
    )
    .have(
        "products",
        Forall((v,), le(over_rows(P(x, v) * UR(x, v)), over_rows(P(x, v) ** 2 / 2 + UR(x, v) ** 2 / 2))),
        by=[Termwise(), fact("product", u=x, v=v)],
    )
    .have(
        "halves",
        Forall(
            (v,),
            eq(
                over_rows(P(x, v) ** 2 / 2 + UR(x, v) ** 2 / 2),
                over_rows(P(x, v) ** 2) / 2 + over_rows(UR(x, v) ** 2) / 2,
            ),
        ),
        by=algebra,
    )
    .have(
        "one value",
        Forall((v,), le(d(v) * over_rows(P(x, v) * UR(x, v)), d(v))),
        by=[*(fact(n, v=v) for n in ("products", "halves")), *(fact(f"hypothesis {n}", k=v) for n in (1, 2, 3)), quick],
    )
    .have("largest", le(_product, _nuclear), by=[Termwise(), fact("one value", v=k)])
    .have(
        "one value attained",
        Forall((v,), eq(d(v) * over_rows(P(x, v) * P(x, v)), d(v))),
        by=[fact("hypothesis 2", k=v), quick],
    )
    .have(
        "attained",
        eq(over_coordinates(d(k) * over_rows(P(x, k) * P(x, k))), _nuclear),
        by=[Termwise(), fact("one value attained", v=k)],
    ),
)
