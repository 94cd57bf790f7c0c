"""Training on a clean population amplifies the semantic differences b_k and nothing else (`concepts` 2.A).

Main statement
    only_b_grows   W_Q = W_K = sum_k w_k P_{b_k} + sigma_0 D_t (I - sum_k P_{b_k}) at all t

The model is theory.concepts.clean_population. Induction over the steps speaks of one number, the sum of the squares of
what is claimed to vanish: the entries of W_Q - S and W_K - S with S = sigma_0 D_t I + sum_q coef_t(q) b_q b_q^T, and
<wn - wp, c>, <wn + wp, d> for every pair of neurons and every pattern.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import sympy as sp

from theory.autoregressive.agreement import stays_zero
from theory.claim import Claim, Kind, Status, equal
from theory.concepts.attention_covariance import attention_covariance, coordinate
from theory.concepts.clean_population import (
    DICTIONARY,
    MODEL,
    NETWORK,
    PARAMETERS,
    POPULATION,
    TRAINED,
    D,
    K,
    Nb,
    Q,
    a,
    act,
    b,
    c,
    coef,
    cv,
    d,
    e,
    eta,
    f,
    growth,
    gv,
    k,
    kept,
    key,
    key_pull,
    match,
    matrix,
    mean_match,
    n,
    negative_pull,
    omega,
    one,
    over_pairs,
    over_patterns,
    p,
    pairs,
    patterns,
    positive_pull,
    pull,
    pulled_key,
    q,
    query,
    query_pull,
    r,
    same,
    score,
    share,
    sig,
    sigma0,
    slope_d,
    v,
    w,
    wn,
    wp,
    zn,
    zp,
)
from theory.concepts.parameters import L, lam, t
from theory.concepts.population_lemmas import (
    applied,
    applied_outside,
    exponentials_of_equals,
    orthogonal_sum,
    read_by_pairs,
    same_softmax,
)
from theory.derivation import Derivation, derive
from theory.justification import Termwise, algebra, decide, fact
from theory.lemmas.attention import (
    h,
    i,
    j,
    l,
    labels,
    over_labels,
    over_prompt,
    over_words,
    positive,
    softmax_of,
    words,
)
from theory.lemmas.double_sums import renamed_ji
from theory.lemmas.zeros import all_squares, entries, first_of_two, square_sum, total
from theory.parameter import Parameter, integers
from theory.proposition import Forall, eq, gt, le
from theory.source import OWN

place = Parameter("i0", "i", "a coordinate of the words", integers(0, words.symbol - 1), (0, 3))
pattern = Parameter("p0", "p", "a pattern of the population", integers(0, patterns.symbol - 1), (0, 3))
other = sp.Function("other", real=True)  # vectors orthogonal to every b_k
gap_c, gap_d = (sp.Function(name, real=True) for name in ("gap_c", "gap_d"))  # <wn - wp, c> and <wn + wp, d>
deviation = sp.Function("deviation", real=True)  # the sum of the squares of all that is claimed to vanish at a time
neuron = Parameter("n0", "n", "a pair of neurons", integers(0, pairs.symbol - 1), (0, 3))
_n0 = neuron.symbol
_dx, _dy, _M, _P, _sigma0 = words.symbol, labels.symbol, pairs.symbol, patterns.symbol, sigma0.symbol
_t, _i0, _j0, _p0 = t.symbol, place.symbol, coordinate.symbol, pattern.symbol
_u, _x = (sp.Symbol(name, integer=True, nonnegative=True) for name in ("u", "x"))
HYPOTHESES = {
    **MODEL,
    "other and b": Forall((q, p), eq(over_words(b(q, j) * other(p, j)), 0)),
    "one on other": Forall((p, i), eq(over_words(one(i, j) * other(p, j)), other(p, i))),
}


# what vanishes, and the number that says so
def off_query(time: Any) -> Any:
    return lambda row, column: Q(time, row, column) - matrix(time, row, column)


def off_key(time: Any) -> Any:
    return lambda row, column: K(time, row, column) - matrix(time, row, column)


def off_c(time: Any) -> Any:
    return lambda pair, at: over_labels((wn(time, pair, h) - wp(time, pair, h)) * c(at, h))


def off_d(time: Any) -> Any:
    return lambda pair, at: over_labels((wn(time, pair, h) + wp(time, pair, h)) * d(at, h))


def gaps(time: Any) -> tuple[Any, Any]:
    """The two matrices of inner products that stay 0."""
    return (lambda pair, at: gap_c(time, pair, at)), (lambda pair, at: gap_d(time, pair, at))


def _word_part(time: Any) -> sp.Sum:
    return all_squares(off_query(time), off_key(time), _dx - 1, _dx - 1)


def _label_part(time: Any) -> sp.Sum:
    return all_squares(*gaps(time), _M - 1, _P - 1)


def _entries(first: Any, second: Any) -> dict[str, Any]:
    """The two matrices of a `zeros` lemma."""
    return {"F": sp.Lambda((_u, _x), first(_u, _x)), "G": sp.Lambda((_u, _x), second(_u, _x))}


def _rows(first: Any, second: Any, last: Any) -> sp.Lambda:
    return sp.Lambda((_u,), square_sum(first, second, last)(_u))


def _word_squares(time: Any) -> dict[str, Any]:
    pair = off_query(time), off_key(time)
    return {**_entries(*pair), "row": _rows(*pair, _dx - 1), "top": _dx - 1, "last": _dx - 1}


def _label_squares(time: Any) -> dict[str, Any]:
    pair = gaps(time)
    return {**_entries(*pair), "row": _rows(*pair, _P - 1), "top": _M - 1, "last": _P - 1}


def _beside(squares: dict[str, Any]) -> dict[str, Any]:
    """The same matrices as the second of `zeros/first_of_two`."""
    names = {"F": "H", "G": "I", "row": "other_row", "top": "height", "last": "width"}
    return {names[key_]: value for key_, value in squares.items()}


def _exchanged(squares: dict[str, Any]) -> dict[str, Any]:
    return {**squares, "F": squares["G"], "G": squares["F"]}


HYPOTHESES["gap c"] = Forall((r, n, p), eq(gap_c(r, n, p), off_c(r)(n, p)))
HYPOTHESES["gap d"] = Forall((r, n, p), eq(gap_d(r, n, p), off_d(r)(n, p)))
HYPOTHESES["deviation"] = Forall((r,), eq(deviation(r), _word_part(r) + _label_part(r)))
_number = {name: index for index, name in enumerate(HYPOTHESES, start=1)}


def given(name: str, **at: Any) -> Any:
    """A hypothesis of the model by name, whole or at given values."""
    return fact(f"hypothesis {_number[name]}", **at) if at else f"hypothesis {_number[name]}"


# conditions of steps: nothing has deviated, the indices are in range, e is a sign
still = (eq(deviation(r), 0),)
signed = (eq(e**2, 1),)
row = (le(i, _dx - 1),)
entry = (le(i, _dx - 1), le(k, _dx - 1))
shown = (le(p, _P - 1),)
column = (le(j, _dx - 1),)
told = (le(l, L.symbol - 1),)
paired = (le(n, _M - 1), le(p, _P - 1))
rate = _sigma0 * D(r)


def _words_at(found: Derivation) -> Derivation:
    """While nothing has deviated: W_Q = W_K = S, and what it does to a and b."""
    found = (
        found.have(
            "words",
            Forall((r,), eq(_word_part(r), 0), still),
            by=[given("deviation", r=r), first_of_two.at(**_word_squares(r), **_beside(_label_squares(r)))],
        )
        .have(
            "labels",
            Forall((r,), eq(_label_part(r), 0), still),
            by=[given("deviation", r=r), first_of_two.at(**_label_squares(r), **_beside(_word_squares(r)))],
        )
        .have(
            "off W_Q",
            Forall((r, i, k), eq(off_query(r)(i, k), 0), (*still, *entry)),
            by=[fact("words", r=r), entries.at(**_word_squares(r))],
        )
        .have(
            "off W_K",
            Forall((r, i, k), eq(off_key(r)(i, k), 0), (*still, *entry)),
            by=[fact("words", r=r), entries.at(**_exchanged(_word_squares(r)))],
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


def _scores(found: Derivation) -> Derivation:
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


def _eigenvalue(found: Derivation) -> Derivation:
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


def _attention(found: Derivation) -> Derivation:
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


def on_c(weights: Any, time: Any, pair: Any, at: Any) -> sp.Sum:
    """<w, c>."""
    return over_labels(weights(time, pair, h) * c(at, h))


def on_d(weights: Any, time: Any, pair: Any, at: Any) -> sp.Sum:
    """<w, d>."""
    return over_labels(weights(time, pair, h) * d(at, h))


def _flip(found: Derivation) -> Derivation:
    """Flipping all signs exchanges the neurons of each pair: f is odd and <d, g_v> even."""
    for name, gap, squares in (
        ("c", gap_c, _label_squares(r)),
        ("d", gap_d, _exchanged(_label_squares(r))),
    ):
        found = found.have(
            f"off {name}",
            Forall((r, n, p), eq(gap(r, n, p), 0), (*still, *paired)),
            by=[fact("labels", r=r), entries.at(**squares)],
        )
    found = found.have(
        "wn c",
        Forall((r, n, p), eq(on_c(wn, r, n, p), on_c(wp, r, n, p)), (*still, *paired)),
        by=[fact("off c", r=r, n=n, p=p), given("gap c", r=r, n=n, p=p), algebra],
    ).have(
        "wn d",
        Forall((r, n, p), eq(on_d(wn, r, n, p), -on_d(wp, r, n, p)), (*still, *paired)),
        by=[fact("off d", r=r, n=n, p=p), given("gap d", r=r, n=n, p=p), algebra],
    )
    for name, long, z_, weights in (("zp", "positive", zp, wp), ("zn", "negative", zn, wn)):
        valued = over_labels(weights(r, n, h) * (c(p, h) + e * mean_match(r, p) * d(p, h)))
        found = found.have(
            f"{name} terms",
            Forall((r, p, e, n), eq(over_labels(weights(r, n, h) * v(r, p, e, h)), valued), (*still, *signed)),
            by=[Termwise(), fact("value", r=r, p=p, e=e, h=h), algebra],
        ).have(
            name,
            Forall(
                (r, p, e, n),
                eq(
                    z_(r, p, e, n),
                    on_c(weights, r, n, p) + e * mean_match(r, p) * on_d(weights, r, n, p),
                ),
                (*still, *signed),
            ),
            by=[given(f"{long} neuron", r=r, p=p, e=e, n=n), fact(f"{name} terms", r=r, p=p, e=e, n=n), algebra],
        )
    paired_terms = over_pairs(share * (sp.Max(zp(r, p, e, n), 0) - sp.Max(zp(r, p, -e, n), 0)))
    return (
        found.have(
            "swap",
            Forall((r, p, e, n), eq(zn(r, p, e, n), zp(r, p, -e, n)), (*still, *signed, *paired)),
            by=[
                fact("zn", r=r, p=p, e=e, n=n),
                fact("zp", r=r, p=p, e=-e, n=n),
                fact("wn c", r=r, n=n, p=p),
                fact("wn d", r=r, n=n, p=p),
                algebra,
            ],
        )
        .have(
            "act",
            Forall((r, p, e, n), eq(act(zn(r, p, e, n)), act(zp(r, p, -e, n))), (*still, *signed, *paired)),
            by=[
                fact("swap", r=r, p=p, e=e, n=n),
                given("activity", z=zn(r, p, e, n), y=zp(r, p, -e, n)),
            ],
        )
        .have(
            "f, paired",
            Forall(
                (r, p, e),
                eq(
                    over_pairs(share * (sp.Max(zp(r, p, e, n), 0) - sp.Max(zn(r, p, e, n), 0))),
                    paired_terms,
                ),
                (*still, *signed, *shown),
            ),
            by=[Termwise(), fact("swap", r=r, p=p, e=e, n=n), decide],
        )
        .have(
            "odd",
            Forall((r, p), eq(f(r, p, -1), -f(r, p, 1)), (*still, *shown)),
            by=[
                given("output", r=r, p=p, e=1),
                given("output", r=r, p=p, e=-1),
                fact("f, paired", r=r, p=p, e=1),
                fact("f, paired", r=r, p=p, e=-1),
                algebra,
            ],
        )
        .have(
            "exponentials",
            Forall((r, p), eq(sp.exp(-f(r, p, -1)), sp.exp(f(r, p, 1))), (*still, *shown)),
            by=[fact("odd", r=r, p=p), exponentials_of_equals.at(z1=-f(r, p, -1), z2=f(r, p, 1))],
        )
        .have(
            "pull odd",
            Forall((r, p), eq(pull(r, p, -1), -pull(r, p, 1)), (*still, *shown)),
            by=[
                given("pull", r=r, p=p, e=1),
                given("pull", r=r, p=p, e=-1),
                fact("exponentials", r=r, p=p),
                decide,
            ],
        )
    )


def _slope(found: Derivation) -> Derivation:
    """<d, g_v> is the same for both signs of the query."""
    both = act(zp(r, p, e, n)) * wp(r, n, h) - act(zn(r, p, e, n)) * wn(r, n, h)
    per_pair = over_labels(d(p, h) * both)
    even = (act(zp(r, p, e, n)) + act(zp(r, p, -e, n))) * on_d(wp, r, n, p)
    by_pairs = over_pairs(share * per_pair)
    return (
        found.have(
            "read-out terms",
            Forall((r, p, e), eq(slope_d(r, p, e), over_labels(d(p, h) * over_pairs(share * both)))),
            by=[Termwise(), given("read-out", r=r, p=p, e=e, h=h), algebra],
        )
        .have(
            "by pairs",
            Forall((r, p, e), eq(over_labels(d(p, h) * over_pairs(share * both)), by_pairs)),
            by=read_by_pairs.at(
                rate=share,
                y=sp.Lambda((_u,), d(p, _u)),
                X=sp.Lambda((_u, _x), act(zp(r, p, e, _u)) * wp(r, _u, _x) - act(zn(r, p, e, _u)) * wn(r, _u, _x)),
            ),
        )
        .have(
            "one pair",
            Forall((r, p, e, n), eq(per_pair, even), (*still, *signed, *paired)),
            by=[fact("act", r=r, p=p, e=e, n=n), fact("wn d", r=r, n=n, p=p), algebra],
        )
        .have(
            "all pairs",
            Forall((r, p, e), eq(by_pairs, over_pairs(share * even)), (*still, *signed, *shown)),
            by=[Termwise(), fact("one pair", r=r, p=p, e=e, n=n), algebra],
        )
        .have(
            "slope",
            Forall((r, p, e), eq(slope_d(r, p, e), over_pairs(share * even)), (*still, *signed, *shown)),
            by=[*(fact(name, r=r, p=p, e=e) for name in ("read-out terms", "by pairs", "all pairs")), algebra],
        )
        .have(
            "even",
            Forall((r, p), eq(slope_d(r, p, -1), slope_d(r, p, 1)), (*still, *shown)),
            by=[fact("slope", r=r, p=p, e=1), fact("slope", r=r, p=p, e=-1), algebra],
        )
    )


def _updates(found: Derivation) -> Derivation:
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


def _neurons(found: Derivation) -> Derivation:
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


def _induction(found: Derivation) -> Derivation:
    """Nothing has deviated at the start, nor ever."""
    none = over_patterns(sp.S.Zero)
    return (
        found.have(
            "next words",
            Forall((r,), eq(_word_part(r + 1), 0), still),
            by=["next W_Q", "next W_K", total.at(**_word_squares(r + 1))],
        )
        .have(
            "next labels",
            Forall((r,), eq(_label_part(r + 1), 0), still),
            by=["next c", "next d", total.at(**_label_squares(r + 1))],
        )
        .have(
            "next",
            Forall((r,), eq(deviation(r + 1), 0), still),
            by=[given("deviation", r=r + 1), fact("next words", r=r), fact("next labels", r=r), algebra],
        )
        .have(
            "no coefficients",
            Forall((i, k), eq(over_patterns(coef(0, q) * b(q, i) * b(q, k)), none)),
            by=[Termwise(), given("start of coef", q=q), algebra],
        )
        .have(
            "first W_Q",
            Forall((i, k), eq(off_query(0)(i, k), 0)),
            by=[given("start of W_Q", i=i, j=k), given("start of D"), fact("no coefficients", i=i, k=k), algebra],
        )
        .have(
            "first W_K",
            Forall((i, k), eq(off_key(0)(i, k), 0)),
            by=[given("start of W_K", i=i, j=k), given("start of D"), fact("no coefficients", i=i, k=k), algebra],
        )
        .have(
            "first c",
            Forall((n, p), eq(gap_c(0, n, p), 0)),
            by=[given("gap c", r=0, n=n, p=p), given("symmetric c", n=n, p=p)],
        )
        .have(
            "first d",
            Forall((n, p), eq(gap_d(0, n, p), 0)),
            by=[given("gap d", r=0, n=n, p=p), given("symmetric d", n=n, p=p)],
        )
        .have("first words", eq(_word_part(0), 0), by=["first W_Q", "first W_K", total.at(**_word_squares(0))])
        .have("first labels", eq(_label_part(0), 0), by=["first c", "first d", total.at(**_label_squares(0))])
        .have("first", eq(deviation(0), 0), by=[given("deviation", r=0), "first words", "first labels", algebra])
        .have(
            "never",
            Forall((r,), eq(deviation(r), 0)),
            by=["first", "next", stays_zero.at(total=deviation)],
        )
    )


_rate = _sigma0 * D(_t)
_decayed = (1 - lam.symbol * eta(_t)) * w(_t, _p0)
_gains = over_patterns(coef(_t + 1, q) * same(q, _p0) * Nb(_p0))
_gained = over_patterns(((1 - lam.symbol * eta(_t)) * coef(_t, q) + eta(_t) * growth(_t, q)) * same(q, _p0) * Nb(_p0))
_STATEMENTS = {
    "matrix": (Q(_t, _i0, _j0), matrix(_t, _i0, _j0)),
    "keys": (K(_t, _i0, _j0), Q(_t, _i0, _j0)),
    "on b": (over_words(Q(_t, _i0, j) * b(_p0, j)), w(_t, _p0) * b(_p0, _i0)),
    "off b": (over_words(Q(_t, _i0, j) * other(_p0, j)), _rate * other(_p0, _i0)),
    "alpha": (
        over_words(over_words(K(_t, i, j) * a(_p0, j)) * over_words(Q(_t, i, j) * a(_p0, j)), i),
        _rate**2 * over_words(a(_p0, i) ** 2, i),
    ),
    "growth": (
        w(_t + 1, _p0),
        _decayed + eta(_t) * over_patterns(growth(_t, q) * same(q, _p0) * Nb(_p0)),
    ),
    "symmetric": (zn(_t, _p0, 1, _n0), zp(_t, _p0, -1, _n0)),
}


def _at_time(found: Derivation) -> Derivation:
    """The statements at step t."""
    structure = {
        "S": sp.Lambda((_u, _x), Q(r, _u, _x)),
        "t": sp.Lambda((_u,), coef(r, _u)),
        "rate": rate,
    }
    relations = {name: eq(left, right) for name, (left, right) in _STATEMENTS.items()}
    squares = over_words(_rate * a(_p0, i) * (_rate * a(_p0, i)), i)
    return (
        found.have(
            "W_Q other",
            Forall((r, p, i), eq(over_words(Q(r, i, j) * other(p, j)), rate * other(p, i)), (*still, *row)),
            by=["W_Q", given("other and b"), given("one on other"), applied_outside.at(**structure, x=other)],
        )
        .have("now", eq(deviation(_t), 0), by=fact("never", r=_t))
        .have("matrix", relations["matrix"], by=["now", fact("W_Q", r=_t, i=_i0, k=_j0)])
        .have("key matrix", eq(K(_t, _i0, _j0), matrix(_t, _i0, _j0)), by=["now", fact("W_K", r=_t, i=_i0, k=_j0)])
        .have("keys", relations["keys"], by=["matrix", "key matrix", algebra])
        .have("on b", relations["on b"], by=["now", fact("W_Q b", r=_t, p=_p0, i=_i0)])
        .have("off b", relations["off b"], by=["now", fact("W_Q other", r=_t, p=_p0, i=_i0)])
        .have(
            "products of a",
            eq(relations["alpha"].lhs, squares),
            by=[
                Termwise(),
                "now",
                fact("W_Q a", r=_t, p=_p0, i=i),
                fact("W_K a", r=_t, p=_p0, i=i),
                algebra,
            ],
        )
        .have("alpha", relations["alpha"], by=["products of a", algebra])
        .have("gains", eq(_gains, _gained), by=[Termwise(), given("step of coef", r=_t, q=q), algebra])
        .have(
            "growth",
            relations["growth"],
            by=[
                given("scale", r=_t + 1, p=_p0),
                given("scale", r=_t, p=_p0),
                given("step of D", r=_t),
                "gains",
                algebra,
            ],
        )
        .have("symmetric", relations["symmetric"], by=["now", fact("swap", r=_t, p=_p0, e=1, n=_n0)])
    )


def _term_by_term(found: Derivation) -> Derivation:
    """Every comparison of sums in two steps: of the terms, by algebra alone, and of the sums."""
    result = replace(found, steps=())
    for step in found.steps:
        if not any(isinstance(by, Termwise) for by in step.by):
            result = replace(result, steps=(*result.steps, step))
            continue
        stated = step.proposition if isinstance(step.proposition, Forall) else Forall((), step.proposition)
        left, right = stated.body.lhs, stated.body.rhs
        ((index, _, last),) = left.limits
        terms = Forall(
            (*stated.variables, index), eq(left.function, right.function), (*stated.conditions, le(index, last))
        )
        name = f"{step.name}, each"
        by = (*(by for by in step.by if not isinstance(by, Termwise) and by != algebra), algebra)
        result = result.have(name, terms, by=list(by))
        at = {variable.name: variable for variable in terms.variables}
        result = replace(result, steps=(*result.steps, replace(step, by=(Termwise(), fact(name, **at)))))
    return result


_derivation = derive()
for _part in (_words_at, _eigenvalue, _scores, _attention, _flip, _slope, _updates, _neurons, _induction, _at_time):
    _derivation = _part(_derivation)
_derivation = _term_by_term(_derivation)

only_b_grows = Claim(
    id="concepts/only_b_grows",
    title="Training on a clean population amplifies the semantic differences only",
    kind=Kind.EQUALITY,
    text=(
        "On a clean population with equally likely query signs, labels invariant under flipping all signs, W_Q = W_K = "
        "sigma_0 I and a sign-symmetric network at the start: W_Q = W_K = sigma_0 D_t I + sum_q coef_t(q) b_q b_q^T at "
        "all t, the sum over the patterns q of the population. Hence W_Q b_k = w_k b_k, W_Q y = sigma_0 D_t y for "
        "every y orthogonal to all b_k, alpha_k = a_k^T A a_k = sigma_0^2 D_t^2 |a_k|^2, and the network stays "
        "sign-symmetric. W_Q = sum_k w_k P_{b_k} + sigma_0 D_t (I - sum_k P_{b_k})"
    ),
    parameters=(*PARAMETERS, t, place, coordinate, pattern, neuron),
    functions=(*DICTIONARY, *POPULATION, *TRAINED, *NETWORK, other, gap_c, gap_d, deviation),
    hypotheses=tuple(HYPOTHESES.values()),
    statements=tuple(equal(left, right, label=name) for name, (left, right) in _STATEMENTS.items()),
    source=OWN,
    status=Status.OWN,
    remarks=(
        "D_t is the product of the 1 - lambda eta_s, s < t, for any learning rates",
        "with random W_O or finite batches the statement holds on average only",
        "the functions coef, w, gap_c, gap_d and deviation are defined by hypotheses: they assume nothing",
    ),
    derivation=_derivation,
)
