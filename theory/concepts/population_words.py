"""While nothing has deviated: W_Q = W_K = S, the scores, the attention and the value (steps of only_b_grows)."""

from __future__ import annotations

from typing import Any

import sympy as sp

from theory.concepts.clean_population import (
    D,
    K,
    Nb,
    Q,
    a,
    b,
    c,
    coef,
    d,
    e,
    k,
    key,
    match,
    matrix,
    mean_match,
    over_patterns,
    p,
    pairs,
    patterns,
    q,
    query,
    r,
    same,
    score,
    sig,
    sigma0,
    v,
    w,
)
from theory.concepts.population_invariant import (
    beside,
    entry,
    exchanged,
    given,
    label_part,
    label_squares,
    off_key,
    off_query,
    rate,
    row,
    signed,
    still,
    told,
    word_part,
    word_squares,
)
from theory.concepts.population_lemmas import (
    applied,
    applied_outside,
    same_softmax,
)
from theory.derivation import Derivation
from theory.justification import Termwise, algebra, fact
from theory.lemmas.attention import (
    h,
    i,
    j,
    l,
    labels,
    over_prompt,
    over_words,
    positive,
    softmax_of,
    words,
)
from theory.lemmas.double_sums import renamed_ji
from theory.lemmas.zeros import entries, first_of_two
from theory.proposition import Forall, eq, gt

_dx, _dy, _M, _P, _sigma0 = words.symbol, labels.symbol, pairs.symbol, patterns.symbol, sigma0.symbol
_u, _x = (sp.Symbol(name, integer=True, nonnegative=True) for name in ("u", "x"))


def words_at(found: Derivation) -> Derivation:
    """While nothing has deviated: W_Q = W_K = S, and what it does to a and b."""
    found = (
        found.have(
            "words",
            Forall((r,), eq(word_part(r), 0), still),
            by=[given("deviation", r=r), first_of_two.at(**word_squares(r), **beside(label_squares(r)))],
        )
        .have(
            "labels",
            Forall((r,), eq(label_part(r), 0), still),
            by=[given("deviation", r=r), first_of_two.at(**label_squares(r), **beside(word_squares(r)))],
        )
        .have(
            "off W_Q",
            Forall((r, i, k), eq(off_query(r)(i, k), 0), (*still, *entry)),
            by=[fact("words", r=r), entries.at(**word_squares(r))],
        )
        .have(
            "off W_K",
            Forall((r, i, k), eq(off_key(r)(i, k), 0), (*still, *entry)),
            by=[fact("words", r=r), entries.at(**exchanged(word_squares(r)))],
        )
    )
    for name, weights in (("W_Q", Q), ("W_K", K)):
        found = found.have(
            name,
            Forall((r, i, k), eq(weights(r, i, k), matrix(r, i, k)), (*still, *entry)),
            by=[fact(f"off {name}", r=r, i=i, k=k), algebra],
        )
        structure = {
            "S": sp.Lambda((_u, _x), weights(r, _u, _x)),
            "t": sp.Lambda((_u,), coef(r, _u)),
            "rate": rate,
        }
        found = found.have(
            f"{name} a",
            Forall((r, p, i), eq(over_words(weights(r, i, j) * a(p, j)), rate * a(p, i)), (*still, *row)),
            by=[
                name,
                given("a and b"),
                given("one on a"),
                applied_outside.at(**structure, x=a),
            ],
        ).have(
            f"{name} b, summed",
            Forall(
                (r, p, i),
                eq(
                    over_words(weights(r, i, j) * b(p, j)),
                    rate * b(p, i) + over_patterns(coef(r, q) * b(q, i) * (same(q, p) * Nb(p))),
                ),
                (*still, *row),
            ),
            by=[
                name,
                given("b and b"),
                given("one on b"),
                applied.at(
                    **structure,
                    y=sp.Lambda((_u,), b(p, _u)),
                    beta=sp.Lambda((_u,), same(_u, p) * Nb(p)),
                ),
            ],
        )
    return found


def scores(found: Derivation) -> Derivation:
    """While nothing has deviated: the eigenvalue on b_k, and scores alpha + e_l e_q beta whatever e_q is."""
    for name, weights in (("W_Q", Q), ("W_K", K)):
        found = found.have(
            f"{name} b",
            Forall((r, p, i), eq(over_words(weights(r, i, j) * b(p, j)), w(r, p) * b(p, i)), (*still, *row)),
            by=[fact(f"{name} b, summed", r=r, p=p, i=i), fact("one b", r=r, p=p, i=i), algebra],
        )
    return (
        found.have(
            "query",
            Forall(
                (r, p, e, i),
                eq(query(r, p, e, i), rate * a(p, i) + e * w(r, p) * b(p, i)),
                (*still, *row),
            ),
            by=[fact("W_Q a", r=r, p=p, i=i), fact("W_Q b", r=r, p=p, i=i), algebra],
        )
        .have(
            "key",
            Forall(
                (r, p, e, l, i),
                eq(key(r, p, e, l, i), rate * a(p, i) + e * match(p, l) * w(r, p) * b(p, i)),
                (*still, *row),
            ),
            by=[fact("W_K a", r=r, p=p, i=i), fact("W_K b", r=r, p=p, i=i), algebra],
        )
        .have(
            "score terms",
            Forall((r, p, e, l), eq(over_words(key(r, p, e, l, i) * query(r, p, e, i), i), _products), still),
            by=[Termwise(), fact("query", r=r, p=p, e=e, i=i), fact("key", r=r, p=p, e=e, l=l, i=i), algebra],
        )
        .have("orthogonal", Forall((p,), eq(over_words(b(p, i) * a(p, i), i), 0)), by=_by_orthogonal)
        .have(
            "score sum",
            Forall((r, p, e, l), eq(_products, same_score(r, p, l)), signed),
            by=[fact("orthogonal", p=p), algebra],
            note="e^2 = 1: the scores do not depend on the sign of the query",
        )
        .have(
            "score",
            Forall((r, p, e, l), eq(score(r, p, e, l), same_score(r, p, l)), (*still, *signed)),
            by=[
                given("score", r=r, p=p, e=e, l=l),
                fact("score terms", r=r, p=p, e=e, l=l),
                fact("score sum", r=r, p=p, e=e, l=l),
                algebra,
            ],
        )
    )


def same_score(time: Any, at: Any, place_: Any) -> sp.Expr:
    """alpha + e_l e_q beta."""
    centre = _sigma0**2 * D(time) ** 2 * over_words(a(at, i) ** 2, i)
    return centre + match(at, place_) * w(time, at) ** 2 * over_words(b(at, i) ** 2, i)


_products = over_words(
    (rate * a(p, i) + e * match(p, l) * w(r, p) * b(p, i)) * (rate * a(p, i) + e * w(r, p) * b(p, i)), i
)
_by_orthogonal = [
    given("a and b", q=p, p=p),
    renamed_ji.at(top=_dx - 1, f=sp.Lambda((_u,), b(p, _u) * a(p, _u))),
    algebra,
]


def eigenvalue(found: Derivation) -> Derivation:
    """sum_q coef(q) b_q <b_q, b_p> = (w_p - sigma_0 D_t) b_p."""
    summed = over_patterns(coef(r, q) * b(q, i) * (same(q, p) * Nb(p)))
    collected = over_patterns(coef(r, q) * same(q, p) * Nb(p) * b(p, i))
    return found.have(
        "same concept",
        Forall((r, p, i), eq(summed, collected)),
        by=[Termwise(), given("same b", q=q, p=p, i=i), algebra],
    ).have(
        "one b",
        Forall((r, p, i), eq(rate * b(p, i) + summed, w(r, p) * b(p, i))),
        by=[fact("same concept", r=r, p=p, i=i), given("scale", r=r, p=p), algebra],
    )


def attention(found: Derivation) -> Derivation:
    """While nothing has deviated the attention is that of e_q = 1, and v = c + e_q M d."""
    scored = sp.Lambda((_u,), score(r, p, e, _u))
    same = sp.Lambda((_u,), same_score(r, p, _u))
    weights = over_prompt(softmax_of(lambda at: score(r, p, e, at), l))
    return (
        found.have(
            "softmax",
            Forall(
                (r, p, e, l),
                eq(softmax_of(lambda at: score(r, p, e, at), l), softmax_of(lambda at: same_score(r, p, at), l)),
                (*still, *signed, *told),
            ),
            by=["score", same_softmax.at(s=scored, s2=same)],
        )
        .have(
            "attention",
            Forall(
                (r, p, e, l),
                eq(sig(r, p, e, l), softmax_of(lambda at: same_score(r, p, at), l)),
                (*still, *signed, *told),
            ),
            by=[given("attention", r=r, p=p, e=e, l=l), fact("softmax", r=r, p=p, e=e, l=l), algebra],
        )
        .have(
            "same attention",
            Forall((r, p, e, l), eq(sig(r, p, e, l), sig(r, p, 1, l)), (*still, *signed, *told)),
            by=[fact("attention", r=r, p=p, e=e, l=l), fact("attention", r=r, p=p, e=1, l=l), algebra],
        )
        .have(
            "normaliser",
            Forall((r, p, e), gt(over_prompt(sp.exp(score(r, p, e, l))), 0)),
            by=positive.at(s=scored),
        )
        .have(
            "softmax sum",
            Forall((r, p, e), eq(over_prompt(sig(r, p, e, l)), weights)),
            by=[Termwise(), given("attention", r=r, p=p, e=e, l=l)],
        )
        .have(
            "weights",
            Forall((r, p, e), eq(over_prompt(sig(r, p, e, l)), 1)),
            by=[fact("softmax sum", r=r, p=p, e=e), fact("normaliser", r=r, p=p, e=e), algebra],
        )
        .have(
            "mean",
            Forall((r, p, e), eq(over_prompt(sig(r, p, e, l) * match(p, l)), mean_match(r, p)), (*still, *signed)),
            by=[Termwise(), fact("same attention", r=r, p=p, e=e, l=l), algebra],
        )
        .have(
            "value",
            Forall((r, p, e, h), eq(v(r, p, e, h), c(p, h) + e * mean_match(r, p) * d(p, h)), (*still, *signed)),
            by=[
                given("value", r=r, p=p, e=e, h=h),
                fact("weights", r=r, p=p, e=e),
                fact("mean", r=r, p=p, e=e),
                algebra,
            ],
        )
    )
