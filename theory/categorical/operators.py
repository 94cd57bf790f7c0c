"""Operators of similarity kernels (specification `categorical` 2.6, D21-D22).

Main statements
    operator_well_posed             the induced operator is Hilbert-Schmidt and self-adjoint
    operator_nonnegative_as_stated  that every kernel has a non-negative spectrum: refuted by exp(-beta Jeffreys)
    operator_psd                    the kernels that have one

Notation in `state_laws`.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from theory.categorical.parameters import V
from theory.categorical.state_laws import (
    K,
    contexts,
    encoded,
    f,
    features,
    h,
    i,
    induced,
    j,
    k,
    mean,
    mu,
    nu,
    over_contexts,
    over_features,
    over_states,
    over_tokens,
    p,
    phi,
    s,
    share,
    states,
    u,
    v,
    w,
    weights,
    within_state,
    x,
    y,
)
from theory.claim import Claim, Kind, Status, equal, lower, upper
from theory.define import opaque
from theory.derivation import Derivation, derive
from theory.justification import Termwise, algebra, fact, quick
from theory.lemma import Lemma
from theory.lemmas.double_sums import (
    exchange_hx,
    renamed,
    renamed_ih,
    renamed_xj,
    renamed_yj,
    swapped,
)
from theory.lemmas.feature_kernels import beta, bilinear, gaussian_positive, positive, quadratic, shannon_positive
from theory.parameter import Parameter, integers, reals
from theory.proposition import Forall, eq, ge, gt, le
from theory.source import OWN, Source
from theory.verdict import Verdict

bound = Parameter("S", "S", "largest |K|", reals(0), (0, 1))
first_state = Parameter("first", "h", "a state", integers(0), (0, 1))
second_state = Parameter("second", "h'", "another state", integers(0), (0, 1))
_S, _nX, _nF, _beta = bound.symbol, contexts.symbol, features.symbol, beta.symbol
_first, _second = first_state.symbol, second_state.symbol
_squares = over_states(nu(h) * over_states(nu(i) * induced(h, i) ** 2, i))
_induced_from = within_state(K(u, y), v, y)
_most = over_states(nu(h) * over_states(nu(i) * _S**2, i))


one = sp.Function("one", real=True)
state_law = Lemma(
    "categorical/state_law",
    "The law of the states has mass 1",
    (contexts, states),
    eq(over_states(nu(h)), 1),
    hypotheses=(*weights, *encoded, Forall((h,), eq(one(h), 1))),
    functions=(mu, nu, s, share, one),
    backing=derive()
    .have(
        "each",
        Forall((v,), eq(nu(v), one(v) * mean(s(x, v)))),
        by=[fact("hypothesis 4", h=v), fact("hypothesis 8", h=v), quick],
    )
    .have("each state", eq(over_states(nu(h)), over_states(one(h) * mean(s(x, h)))), by=[Termwise(), "each"])
    .have(
        "order of summation",
        eq(over_states(one(h) * mean(s(x, h))), mean(over_states(one(h) * s(x, h)))),
        by=exchange_hx.at(top=states.symbol, last=_nX, g=sp.Lambda((h, x), s(x, h)), u=one, w=mu),
    )
    .have("drop", Forall((u, v), eq(one(v) * s(u, v), s(u, v))), by=[fact("hypothesis 8", h=v), quick])
    .have(
        "in each context",
        Forall((u,), eq(over_states(one(h) * s(u, h)), over_states(s(u, h)))),
        by=[Termwise(), fact("drop", u=u, v=h)],
    )
    .have(
        "one state each",
        Forall((u,), eq(mu(u) * over_states(one(h) * s(u, h)), mu(u))),
        by=[fact("in each context", u=u), fact("hypothesis 6", x=u), quick],
    )
    .have(
        "contexts",
        eq(mean(over_states(one(h) * s(x, h))), over_contexts(mu(x))),
        by=[Termwise(), fact("one state each", u=x)],
    )
    .have(
        "mass",
        eq(over_states(nu(h)), 1),
        by=["each state", "order of summation", "contexts", "hypothesis 2", quick],
    ),
)


def _bounded(derivation: Derivation, name: str, term: Any, index: sp.Symbol, facts: tuple[Any, ...]) -> Derivation:
    """|E[term | H = v]| <= S from |term| <= S."""
    total, above, below = (within_state(t, v, index) for t in (term, _S, -_S))
    free = tuple(t for t in (u, v, w) if t in total.free_symbols)
    return (
        derivation.have(f"{name}, above", Forall(free, le(total, above)), by=[Termwise(), *facts])
        .have(f"{name}, below", Forall(free, ge(total, below)), by=[Termwise(), *facts])
        .have(f"{name}, largest", Forall((v,), eq(above, _S)), by=[fact(f"masses in {index}", v=v), algebra])
        .have(f"{name}, least", Forall((v,), eq(below, -_S)), by=[fact(f"masses in {index}", v=v), algebra])
        .have(
            name,
            Forall(free, le(sp.Abs(total), _S)),
            by=[
                *(fact(f"{name}, {side}", **{t.name: t for t in free}) for side in ("above", "below")),
                *(fact(f"{name}, {side}", v=v) for side in ("largest", "least")),
                quick,
            ],
        )
    )


_start = (
    derive()
    .have(
        "weighted shares",
        Forall((u, v), ge(nu(v) * share(u, v), 0)),
        by=[fact("hypothesis 1", x=u), fact("hypothesis 5", x=u, h=v), fact("hypothesis 7", x=u, h=v), quick],
    )
    .have(
        "shares",
        Forall((u, v), ge(share(u, v), 0)),
        by=[fact("weighted shares", u=u, v=v), fact("hypothesis 3", h=v), quick],
    )
    .have(
        "weighted masses",
        Forall((v,), eq(over_contexts(nu(v) * share(x, v)), over_contexts(mu(x) * s(x, v)))),
        by=[Termwise(), "hypothesis 7"],
    )
    .have(
        "factor",
        Forall((v,), eq(over_contexts(nu(v) * share(x, v)), nu(v) * over_contexts(share(x, v)))),
        by=algebra,
    )
    .have(
        "masses in x",
        Forall((v,), eq(over_contexts(share(x, v)), 1)),
        by=[fact(n, v=v) for n in ("weighted masses", "factor")]
        + [fact("hypothesis 3", h=v), fact("hypothesis 4", h=v), quick],
    )
    .have(
        "renamed",
        Forall((v,), eq(over_contexts(share(y, v), y), over_contexts(share(x, v)))),
        by=renamed.at(top=_nX, f=sp.Lambda((y,), share(y, v))),
    )
    .have(
        "masses in y",
        Forall((v,), eq(over_contexts(share(y, v), y), 1)),
        by=[fact("masses in x", v=v), fact("renamed", v=v), quick],
    )
)
_inner = within_state(K(u, y), v, y)
_start = _bounded(_start, "one mean", K(u, y), y, ("shares", fact("hypothesis 9", x=u, y=y)))
_start = _bounded(_start, "both means", within_state(K(x, y), w, y), x, ("shares", fact("one mean", u=x, v=w)))
operator_well_posed = Claim(
    id="categorical/operator_well_posed",
    title="The similarity operator is compact self-adjoint",
    kind=Kind.STRUCTURAL,
    text=(
        "A bounded symmetric K gives an induced operator of Hilbert-Schmidt norm at most sup |K| (stated squared), "
        "which is compact, and a symmetric K~, so that it is self-adjoint and its spectrum is real"
    ),
    parameters=(contexts, states, bound, first_state, second_state),
    functions=(mu, nu, s, share, K),
    hypotheses=(
        *weights,
        *encoded,
        Forall((x, y), eq(K(x, y), K(y, x))),
        Forall((x, y), le(sp.Abs(K(x, y)), _S)),
    ),
    statements=(
        upper(_squares, _S**2, label="norm"),
        equal(induced(_first, _second), induced(_second, _first), label="self-adjoint"),
    ),
    source=Source("zhang2025", "App. A.8"),
    status=Status.AS_STATED,
    derivation=_start.have(
        "squares",
        Forall((v, w), le(induced(v, w) ** 2, _S**2)),
        by=[fact("both means", v=v, w=w), quick],
    )
    .have(
        "one state",
        Forall((v,), le(over_states(nu(i) * induced(v, i) ** 2, i), over_states(nu(i) * _S**2, i))),
        by=[Termwise(), fact("squares", v=v, w=i), fact("hypothesis 3", h=i)],
    )
    .have("all states", le(_squares, _most), by=[Termwise(), fact("one state", v=h), "hypothesis 3"])
    .have(
        "names of states",
        eq(over_states(nu(i), i), over_states(nu(h))),
        by=renamed_ih.at(top=states.symbol, f=nu),
    )
    .have(
        "masses of states",
        eq(over_states(nu(h)), 1),
        by=[*(f"hypothesis {n}" for n in range(1, 8)), state_law.at(one=sp.Lambda((h,), sp.S.One))],
    )
    .have("largest", eq(_most, _S**2 * over_states(nu(i), i) * over_states(nu(h))), by=algebra)
    .have(
        "norm",
        le(_squares, _S**2),
        by=["all states", "largest", "names of states", "masses of states", quick],
    )
    .have(
        "order of summation",
        Forall((v, w), eq(induced(v, w), within_state(within_state(K(y, x), v, y), w))),
        by=swapped.at(top=_nX, last=_nX, g=K, u=sp.Lambda((x,), share(x, v)), w=sp.Lambda((y,), share(y, w))),
    )
    .have(
        "symmetry in a sum",
        Forall((u, v), eq(within_state(K(y, u), v, y), within_state(K(u, y), v, y))),
        by=[Termwise(), fact("hypothesis 8", x=u, y=y)],
    )
    .have(
        "symmetry",
        Forall((v, w), eq(within_state(within_state(K(y, x), v, y), w), induced(w, v))),
        by=[Termwise(), fact("symmetry in a sum", u=x, v=v)],
    )
    .have(
        "self-adjoint",
        eq(induced(_first, _second), induced(_second, _first)),
        by=[fact("order of summation", v=_first, w=_second), fact("symmetry", v=_first, w=_second), quick],
    ),
)

least_eigenvalue = opaque(
    "categorical/least_eigenvalue", "least_eigenvalue() = the least eigenvalue of M_K for K = exp(-beta Jeffreys)"
)
operator_nonnegative_as_stated = Claim(
    id="categorical/operator_nonnegative_as_stated",
    title="Its spectrum is non-negative",
    kind=Kind.LOWER,
    text=(
        "The spectrum of M_K is non-negative for every kernel of Def. 7.3, among them exp(-beta S) with a symmetrised "
        "Kullback-Leibler divergence S; here S is the Jeffreys divergence"
    ),
    parameters=(),
    statements=(lower(least_eigenvalue(), 0),),
    source=Source("zhang2025", "Defs. 7.3 and 7.5"),
    status=Status.AS_STATED,
    expected=Verdict.REFUTED,
    why="rows (.001, .999), (.1, .9), (.5, .5) and beta = .1: K has the eigenvalue -.0164; with JS it is true",
)

root = sp.Function("root", real=True)
psi = sp.Function("psi", real=True)


def _mean_at(state: Any, index: sp.Symbol) -> sp.Sum:
    return over_contexts(share(index, state) * f(index, k), index)


def _induced_features(first: Any, second: Any) -> sp.Sum:
    """K~ of K = <f, f>."""
    inner = over_contexts(share(y, second) * over_features(f(x, k) * f(y, k)), y)
    return over_contexts(share(x, first) * inner)


kernel_of_states = sp.Function("Kt", real=True)
_token_kernel = over_tokens(root(x, k) * root(y, k))
_hellinger = sp.exp(-_beta * over_tokens((root(x, k) - root(y, k)) ** 2))
_middle = (p(x, k) + p(y, k)) / 2
_shannon = sp.exp(
    -_beta
    * (over_tokens(p(x, k) * sp.log(p(x, k) / _middle)) / 2 + over_tokens(p(y, k) * sp.log(p(y, k) / _middle)) / 2)
)


def _form(entry: Any) -> sp.Sum:
    """<phi, M_K phi>."""
    return over_contexts(mu(x) * phi(x) * over_contexts(mu(y) * phi(y) * entry, y))


def _weight_of_state(state: Any) -> sp.Expr:
    return nu(state) * psi(state)


def _feature_of_state(state: Any, feature: Any, index: sp.Symbol) -> sp.Sum:
    """E[f(X, feature) | H = state]."""
    return over_contexts(share(index, state) * f(index, feature), index)


def _of_features(first: Any, second: Any) -> sp.Sum:
    return over_features(_feature_of_state(first, k, j) * _feature_of_state(second, k, j))


def _row_of_states(entry: Any) -> sp.Sum:
    return over_states(_weight_of_state(y) * entry, y)


_of_states = quadratic(_weight_of_state, _weight_of_state, kernel_of_states(x, y), end=states.symbol)
_of_mean_features = quadratic(_weight_of_state, _weight_of_state, _of_features(x, y), end=states.symbol)
_weighted = sp.Lambda((x,), mu(x) * phi(x))
operator_psd = Claim(
    id="categorical/operator_psd",
    title="Kernels with non-negative spectrum",
    kind=Kind.LOWER,
    text=(
        "<phi, M_K phi> >= 0 for every phi, so that no eigenvalue is negative, for K_BC (features sqrt p), K_Lin (p), "
        "K_chi2 (p/sqrt(pbar)), the prototype kernel (gbar) - any kernel <f(x), f(x')> of features - and for "
        "exp(-beta d_H^2) and exp(-beta JS) at every beta > 0 (rows of full support here; others are limits). "
        "The induced kernel Kt of a kernel of features is one as well."
    ),
    parameters=(contexts, features, V, beta, states),
    functions=(mu, phi, f, root, p, nu, share, kernel_of_states, psi),
    hypotheses=(
        Forall((x, k), gt(p(x, k), 0)),
        Forall((x,), eq(over_tokens(p(x, k)), 1)),
        Forall((x, k), eq(root(x, k) ** 2, p(x, k))),
        Forall((u, v), eq(kernel_of_states(u, v), _induced_features(u, v))),
    ),
    statements=(
        lower(_form(over_features(f(x, k) * f(y, k))), 0, label="features"),
        lower(_form(_token_kernel), 0, label="bhattacharyya"),
        lower(_form(_hellinger), 0, label="hellinger"),
        lower(_form(_shannon), 0, label="jensen-shannon"),
        lower(_of_states, 0, label="induced"),
    ),
    source=OWN,
    status=Status.CORRECTED,
    corrects=("categorical/operator_nonnegative_as_stated",),
    derivation=derive()
    .have(
        "features",
        ge(_form(over_features(f(x, k) * f(y, k))), 0),
        by=positive.at(top=_nX, last=_nF, a=_weighted),
        note="the square of the norm of sum mu phi f",
    )
    .have(
        "bhattacharyya",
        ge(_form(_token_kernel), 0),
        by=positive.at(top=_nX, last=V.symbol - 1, a=_weighted, f=root),
    )
    .have(
        "hellinger",
        ge(_form(_hellinger), 0),
        by=gaussian_positive.at(top=_nX, last=V.symbol - 1, a=_weighted, f=root),
        note="d_H^2 = ||sqrt p - sqrt p'||^2 is a squared distance",
    )
    .have(
        "jensen-shannon",
        ge(_form(_shannon), 0),
        by=["hypothesis 1", "hypothesis 2", shannon_positive.at(top=_nX, last=V.symbol - 1, a=_weighted, f=p)],
    )
    .have(
        "features of states",
        Forall((u, v), eq(_induced_features(u, v), over_features(_mean_at(u, x) * _mean_at(v, y)))),
        by=bilinear.at(top=_nX, last=_nF, a=sp.Lambda((x,), share(x, u)), b=sp.Lambda((y,), share(y, v))),
        note="K~(h, i) = <E[f | h], E[f | i]>",
    )
    .have(
        "first names",
        Forall((u, v), eq(_feature_of_state(u, v, x), _feature_of_state(u, v, j))),
        by=renamed_xj.at(top=_nX, f=sp.Lambda((x,), share(x, u) * f(x, v))),
    )
    .have(
        "second names",
        Forall((u, v), eq(_feature_of_state(u, v, y), _feature_of_state(u, v, j))),
        by=renamed_yj.at(top=_nX, f=sp.Lambda((y,), share(y, u) * f(y, v))),
    )
    .have(
        "names",
        Forall((u, v), eq(over_features(_mean_at(u, x) * _mean_at(v, y)), _of_features(u, v))),
        by=[Termwise(), fact("first names", u=u, v=k), fact("second names", u=v, v=k)],
    )
    .have(
        "kernel of states",
        Forall((u, v), eq(kernel_of_states(u, v), _of_features(u, v))),
        by=[*(fact(n, u=u, v=v) for n in ("hypothesis 4", "features of states", "names")), quick],
    )
    .have(
        "one state",
        Forall((u,), eq(_row_of_states(kernel_of_states(u, y)), _row_of_states(_of_features(u, y)))),
        by=[Termwise(), fact("kernel of states", u=u, v=y)],
    )
    .have("states", eq(_of_states, _of_mean_features), by=[Termwise(), fact("one state", u=x)])
    .have(
        "mean features",
        ge(_of_mean_features, 0),
        by=positive.at(
            top=states.symbol,
            last=_nF,
            a=sp.Lambda((x,), _weight_of_state(x)),
            f=sp.Lambda((x, k), _feature_of_state(x, k, j)),
        ),
    )
    .have("induced", ge(_of_states, 0), by=["states", "mean features", quick]),
)
