"""One step of gradient descent on a clean population keeps what only_b_grows says."""

from __future__ import annotations

from typing import Any

import sympy as sp

from theory.concepts.attention_covariance import attention_covariance
from theory.concepts.clean_population import (
    K,
    a,
    act,
    b,
    c,
    coef,
    cv,
    d,
    e,
    eta,
    growth,
    gv,
    k,
    kept,
    key_pull,
    match,
    mean_match,
    n,
    negative_pull,
    omega,
    over_patterns,
    p,
    pairs,
    patterns,
    positive_pull,
    pull,
    pulled_key,
    q,
    query_pull,
    r,
    share,
    sig,
    sigma0,
    slope_d,
    w,
    wn,
    wp,
    zp,
)
from theory.concepts.population_invariant import (
    column,
    entry,
    gap_c,
    gap_d,
    given,
    off_key,
    off_query,
    paired,
    row,
    shown,
    signed,
    still,
)
from theory.concepts.population_lemmas import (
    orthogonal_sum,
)
from theory.derivation import Derivation
from theory.justification import Termwise, algebra, fact
from theory.lemmas.attention import (
    h,
    i,
    j,
    labels,
    over_labels,
    over_words,
    words,
)
from theory.proposition import Forall, eq

_dx, _dy, _M, _P, _sigma0 = words.symbol, labels.symbol, pairs.symbol, patterns.symbol, sigma0.symbol
_u, _x = (sp.Symbol(name, integer=True, nonnegative=True) for name in ("u", "x"))


def updates(found: Derivation) -> Derivation:
    """The update of W_Q and W_K is sum_q growth(q) b_q b_q^T: between e = 1 and e = -1 the part along a_k cancels."""

    def pulled_by(at: Any, sign: Any) -> sp.Expr:
        return (1 - mean_match(r, at) ** 2) * slope_d(r, at, sign)

    grown = over_patterns(growth(r, q) * b(q, i) * b(q, k))
    return (
        found.have(
            "covariance",
            Forall((r, p, e, j), eq(cv(r, p, e, j), pulled_by(p, e) * b(p, j)), (*still, *signed, *shown, *column)),
            by=[
                given("covariance", r=r, p=p, e=e, j=j),
                fact("weights", r=r, p=p, e=e),
                fact("mean", r=r, p=p, e=e),
                given("match"),
                attention_covariance.at(
                    "covariance",
                    sigma=sp.Lambda((_u,), sig(r, p, e, _u)),
                    e=sp.Lambda((_u,), e * match(p, _u)),
                    a=sp.Lambda((_u,), a(p, _u)),
                    b=sp.Lambda((_u,), b(p, _u)),
                    c=sp.Lambda((_u,), c(p, _u)),
                    d=sp.Lambda((_u,), d(p, _u)),
                    g=sp.Lambda((_u,), gv(r, p, e, _u)),
                    j0=j,
                ),
                algebra,
            ],
        )
        .have(
            "pulled terms",
            Forall(
                (r, p, e, i),
                eq(pulled_key(r, p, e, i), over_words(K(r, i, j) * (pulled_by(p, e) * b(p, j)))),
                (*still, *signed, *shown, *row),
            ),
            by=[Termwise(), fact("covariance", r=r, p=p, e=e, j=j), algebra],
        )
        .have(
            "pulled",
            Forall(
                (r, p, e, i),
                eq(pulled_key(r, p, e, i), pulled_by(p, e) * w(r, p) * b(p, i)),
                (*still, *signed, *shown, *row),
            ),
            by=[fact("pulled terms", r=r, p=p, e=e, i=i), fact("W_K b", r=r, p=p, i=i), algebra],
        )
        .have(
            "query terms",
            Forall((r, i, k), eq(query_pull, grown), (*still, *entry)),
            by=[
                Termwise(),
                fact("pulled", r=r, p=q, e=1, i=i),
                fact("pulled", r=r, p=q, e=-1, i=i),
                fact("pull odd", r=r, p=q),
                fact("even", r=r, p=q),
                algebra,
            ],
            note="e_q is odd under flipping all signs, so the part b_k a_k^T cancels",
        )
        .have(
            "key terms",
            Forall((r, i, k), eq(key_pull, grown), (*still, *entry)),
            by=[
                Termwise(),
                *(fact("query", r=r, p=q, e=sign, i=i) for sign in (1, -1)),
                *(fact("covariance", r=r, p=q, e=sign, j=k) for sign in (1, -1)),
                fact("pull odd", r=r, p=q),
                fact("even", r=r, p=q),
                algebra,
            ],
        )
        .have(
            "coefficients",
            Forall(
                (r, i, k),
                eq(
                    over_patterns(coef(r + 1, q) * b(q, i) * b(q, k)),
                    over_patterns((kept(coef(r, q)) + eta(r) * growth(r, q)) * b(q, i) * b(q, k)),
                ),
            ),
            by=[Termwise(), given("step of coef", r=r, q=q), algebra],
        )
        .have(
            "next W_Q",
            Forall((r, i, k), eq(off_query(r + 1)(i, k), 0), (*still, *entry)),
            by=[
                given("step of W_Q", r=r, i=i, k=k),
                given("step of D", r=r),
                *(fact(name, r=r, i=i, k=k) for name in ("query terms", "coefficients", "W_Q")),
                algebra,
            ],
        )
        .have(
            "next W_K",
            Forall((r, i, k), eq(off_key(r + 1)(i, k), 0), (*still, *entry)),
            by=[
                given("step of W_K", r=r, i=i, k=k),
                given("step of D", r=r),
                *(fact(name, r=r, i=i, k=k) for name in ("key terms", "coefficients", "W_K")),
                algebra,
            ],
        )
    )


def neuron_updates(found: Derivation) -> Derivation:
    """wn - wp moves along the d_k and wn + wp along the c_k: the network stays sign-symmetric."""
    first = pull(r, q, 1) * act(zp(r, q, 1, n))
    second = pull(r, q, -1) * act(zp(r, q, -1, n))
    moves = {
        "c": (over_patterns((2 * omega(q) * share * (first - second) * mean_match(r, q)) * d(q, h)), 1, c, d),
        "d": (over_patterns((2 * omega(q) * share * (first + second)) * c(q, h)), -1, d, c),
    }
    found = found.have(
        "d and c", Forall((p, q), eq(over_labels(d(p, h) * c(q, h)), 0)), by=[given("c and d", q=q, p=p), algebra]
    )
    for name, (move, sign, vector, along_) in moves.items():
        joined = over_patterns(positive_pull.function + sign * negative_pull.function)
        step = kept(wn(r, n, h) - sign * wp(r, n, h)) - eta(r) * sign * move
        rest = over_labels(vector(p, h) * move)
        gap = gap_c if name == "c" else gap_d
        found = (
            found.have(
                f"joined {name}", Forall((r, n, h), eq(positive_pull + sign * negative_pull, joined)), by=algebra
            )
            .have(
                f"move {name}",
                Forall((r, n, h), eq(joined, move), (*still, *paired[:1])),
                by=[
                    Termwise(),
                    *(fact("value", r=r, p=q, e=s_, h=h) for s_ in (1, -1)),
                    *(fact("act", r=r, p=q, e=s_, n=n) for s_ in (1, -1)),
                    fact("pull odd", r=r, p=q),
                    algebra,
                ],
            )
            .have(
                f"neuron {name}",
                Forall((r, n, h), eq(wn(r + 1, n, h) - sign * wp(r + 1, n, h), step), (*still, *paired[:1])),
                by=[
                    given("step of wp", r=r, n=n, h=h),
                    given("step of wn", r=r, n=n, h=h),
                    fact(f"joined {name}", r=r, n=n, h=h),
                    fact(f"move {name}", r=r, n=n, h=h),
                    algebra,
                ],
            )
            .have(
                f"read {name}",
                Forall(
                    (r, n, p),
                    eq(
                        over_labels((wn(r + 1, n, h) - sign * wp(r + 1, n, h)) * vector(p, h)),
                        over_labels(step * vector(p, h)),
                    ),
                    (*still, *paired[:1]),
                ),
                by=[Termwise(), fact(f"neuron {name}", r=r, n=n, h=h), algebra],
            )
            .have(
                f"nothing along {name}",
                Forall((r, n, p), eq(rest, 0)),
                by=[
                    given("c and d") if name == "c" else "d and c",
                    orthogonal_sum.at(
                        x=vector,
                        X=along_,
                        t=sp.Lambda(
                            (q,), sp.Mul(*[m_ for m_ in sp.Mul.make_args(move.function) if m_ != along_(q, h)])
                        ),
                    ),
                ],
            )
            .have(
                f"split {name}",
                Forall(
                    (r, n, p),
                    eq(
                        over_labels(step * vector(p, h)),
                        kept(over_labels((wn(r, n, h) - sign * wp(r, n, h)) * vector(p, h))) - eta(r) * sign * rest,
                    ),
                ),
                by=algebra,
            )
            .have(
                f"next {name}",
                Forall((r, n, p), eq(gap(r + 1, n, p), 0), (*still, *paired)),
                by=[
                    given(f"gap {name}", r=r + 1, n=n, p=p),
                    given(f"gap {name}", r=r, n=n, p=p),
                    fact(f"off {name}", r=r, n=n, p=p),
                    *(fact(f"{text} {name}", r=r, n=n, p=p) for text in ("read", "nothing along", "split")),
                    algebra,
                ],
            )
        )
    return found
