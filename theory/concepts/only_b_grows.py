"""Training on a clean population amplifies the semantic differences b_k and nothing else (`concepts` 2.A).

Main statement
    only_b_grows   W_Q = W_K = sum_k w_k P_{b_k} + sigma_0 D_t (I - sum_k P_{b_k}) at all t

The model is theory.concepts.clean_population; the steps are in theory.concepts.population_*.
"""

from __future__ import annotations

import sympy as sp

from theory.autoregressive.agreement import stays_zero
from theory.claim import Claim, Kind, Status, equal
from theory.concepts.attention_covariance import coordinate
from theory.concepts.clean_population import (
    DICTIONARY,
    NETWORK,
    PARAMETERS,
    POPULATION,
    TRAINED,
    D,
    K,
    Nb,
    Q,
    a,
    b,
    coef,
    eta,
    growth,
    k,
    matrix,
    n,
    over_patterns,
    p,
    pairs,
    patterns,
    q,
    r,
    same,
    sigma0,
    w,
    zn,
    zp,
)
from theory.concepts.parameters import lam, t
from theory.concepts.population_flip import flip, slope
from theory.concepts.population_invariant import (
    HYPOTHESES,
    deviation,
    gap_c,
    gap_d,
    given,
    label_part,
    label_squares,
    neuron,
    off_key,
    off_query,
    other,
    pattern,
    place,
    rate,
    row,
    still,
    word_part,
    word_squares,
)
from theory.concepts.population_lemmas import (
    applied_outside,
)
from theory.concepts.population_updates import neuron_updates, updates
from theory.concepts.population_words import attention, eigenvalue, scores, words_at
from theory.concepts.term_by_term import term_by_term
from theory.derivation import Derivation, derive
from theory.justification import Termwise, algebra, fact
from theory.lemmas.attention import (
    i,
    j,
    labels,
    over_words,
    words,
)
from theory.lemmas.zeros import total
from theory.proposition import Forall, eq
from theory.source import OWN

_dx, _dy, _M, _P, _sigma0 = words.symbol, labels.symbol, pairs.symbol, patterns.symbol, sigma0.symbol
_u, _x = (sp.Symbol(name, integer=True, nonnegative=True) for name in ("u", "x"))
_n0 = neuron.symbol
_t, _i0, _j0, _p0 = t.symbol, place.symbol, coordinate.symbol, pattern.symbol


def _induction(found: Derivation) -> Derivation:
    """Nothing has deviated at the start, nor ever."""
    none = over_patterns(sp.S.Zero)
    return (
        found.have(
            "next words",
            Forall((r,), eq(word_part(r + 1), 0), still),
            by=["next W_Q", "next W_K", total.at(**word_squares(r + 1))],
        )
        .have(
            "next labels",
            Forall((r,), eq(label_part(r + 1), 0), still),
            by=["next c", "next d", total.at(**label_squares(r + 1))],
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
        .have("first words", eq(word_part(0), 0), by=["first W_Q", "first W_K", total.at(**word_squares(0))])
        .have("first labels", eq(label_part(0), 0), by=["first c", "first d", total.at(**label_squares(0))])
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


_derivation = derive()
for _part in (words_at, eigenvalue, scores, attention, flip, slope, updates, neuron_updates, _induction, _at_time):
    _derivation = _part(_derivation)
_derivation = term_by_term(_derivation)

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
