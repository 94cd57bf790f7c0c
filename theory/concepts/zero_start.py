"""Where nothing pulls on attention (specification `concepts` 2.A).

Main statements
    zero_init_saddle   W_Q = W_K = 0 stays, attention stays uniform, and w_i moves along the concepts c_k only
    single_demo        with one demonstration nothing pulls on W_Q and W_K
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from theory.autoregressive.agreement import stays_zero
from theory.claim import Claim, Kind, Status, equal
from theory.concepts.attention_gradients import WK, WQ, on_query, xq
from theory.concepts.parameters import L, lam, t
from theory.concepts.term_by_term import term_by_term
from theory.derivation import Derivation, derive
from theory.justification import Termwise, algebra, fact
from theory.lemmas.attention import (
    applied_covariance,
    g,
    h,
    i,
    j,
    l,
    labels,
    over_labels,
    over_prompt,
    over_words,
    softmax_of,
    value,
    words,
    x,
    y,
)
from theory.lemmas.zeros import all_squares, entries, square_sum, total
from theory.parameter import Parameter, integers
from theory.proposition import Forall, eq, le
from theory.source import OWN

W_Q, W_K, cov, query, pull, rate, sign, c, d = (
    sp.Function(name, real=True) for name in ("W_Q", "W_K", "cov", "query", "pull", "rate", "sign", "c", "d")
)
deviation = sp.Function("deviation", real=True)  # the sum of the squares of all entries of W_Q and W_K at a time
batch = Parameter("B", "B", "prompts of a batch", integers(1), (1, 32))
row = Parameter("i0", "i", "a coordinate of the words", integers(0, words.symbol - 1), (0, 3))
column = Parameter("k0", "k", "a coordinate of the words", integers(0, words.symbol - 1), (0, 3))
label = Parameter("h0", "h", "a coordinate of the labels", integers(0, labels.symbol - 1), (0, 3))
demonstration = Parameter("l0", "l", "a demonstration", integers(0, L.symbol - 1), (0, 3))
r, k, q, _u, _x = (sp.Symbol(name, integer=True, nonnegative=True) for name in "rkqux")
_B, _L, _dx, _t, _lam = batch.symbol, L.symbol, words.symbol, t.symbol, lam.symbol
_i0, _k0, _h0, _l0 = row.symbol, column.symbol, label.symbol, demonstration.symbol


def over_batch(term: Any) -> sp.Sum:
    """Sum over the prompts q of a batch."""
    return sp.Sum(term, (q, 0, _B - 1))


_by_keys = over_words(W_K(r, i, j) * cov(r, q, j))  # (W_K Cov g_v)(i)
_by_queries = over_words(W_Q(r, i, j) * query(r, q, j))  # (W_Q x_q)(i)
_query_step = over_batch(pull(r, q) * _by_keys * query(r, q, k))
_key_step = over_batch(pull(r, q) * _by_queries * cov(r, q, k))
_still = (eq(deviation(r), 0),)
_inside = (le(i, _dx - 1), le(k, _dx - 1))


def _kept(value_: Any) -> sp.Expr:
    return (1 - _lam * rate(r)) * value_


def _squares(time_: Any) -> sp.Sum:
    return all_squares(lambda a, b: W_Q(time_, a, b), lambda a, b: W_K(time_, a, b), _dx - 1, _dx - 1)


_HYPOTHESES = {
    "deviation": Forall((r,), eq(deviation(r), _squares(r))),
    "step of W_Q": Forall((r, i, k), eq(W_Q(r + 1, i, k), _kept(W_Q(r, i, k)) + rate(r) * _query_step)),
    "step of W_K": Forall((r, i, k), eq(W_K(r + 1, i, k), _kept(W_K(r, i, k)) + rate(r) * _key_step)),
    "start of W_Q": Forall((i, k), eq(W_Q(0, i, k), 0)),
    "start of W_K": Forall((i, k), eq(W_K(0, i, k), 0)),
    "balanced": eq(over_prompt(sign(l)), 0),
}
_number = {name: index for index, name in enumerate(_HYPOTHESES, start=1)}


def _given(name: str, **at: Any) -> Any:
    return fact(f"hypothesis {_number[name]}", **at) if at else f"hypothesis {_number[name]}"


def _matrices(time_: Any, first: Any = W_Q, second: Any = W_K) -> dict[str, Any]:
    def one(a: Any, b: Any) -> sp.Expr:
        return first(time_, a, b)

    def two(a: Any, b: Any) -> sp.Expr:
        return second(time_, a, b)

    return {
        "F": sp.Lambda((_u, _x), one(_u, _x)),
        "G": sp.Lambda((_u, _x), two(_u, _x)),
        "row": sp.Lambda((_u,), square_sum(one, two, _dx - 1)(_u)),
        "top": _dx - 1,
        "last": _dx - 1,
    }


def _invariant(found: Derivation) -> Derivation:
    """Each gradient carries the other matrix as a factor."""
    none, nothing = over_words(sp.S.Zero), over_batch(sp.S.Zero)
    for name, first, second in (("W_Q", W_Q, W_K), ("W_K", W_K, W_Q)):
        found = found.have(
            name,
            Forall((r, i, k), eq(first(r, i, k), 0), (*_still, *_inside)),
            by=[_given("deviation", r=r), entries.at(**_matrices(r, first, second))],
        )
    for name, factor, applied_, step in (
        ("W_Q", "W_K", _by_keys, _query_step),
        ("W_K", "W_Q", _by_queries, _key_step),
    ):
        found = (
            found.have(
                f"{factor} applied",
                Forall((r, q, i), eq(applied_, none), (*_still, *_inside[:1])),
                by=[Termwise(), fact(factor, r=r, i=i, k=j), algebra],
            )
            .have(
                f"gradient in {name}",
                Forall((r, i, k), eq(step, nothing), (*_still, *_inside)),
                by=[Termwise(), fact(f"{factor} applied", r=r, q=q, i=i), algebra],
            )
            .have(
                f"next {name}",
                Forall((r, i, k), eq((W_Q if name == "W_Q" else W_K)(r + 1, i, k), 0), (*_still, *_inside)),
                by=[
                    _given(f"step of {name}", r=r, i=i, k=k),
                    fact(name, r=r, i=i, k=k),
                    fact(f"gradient in {name}", r=r, i=i, k=k),
                    algebra,
                ],
            )
        )
    return (
        found.have(
            "next squares",
            Forall((r,), eq(_squares(r + 1), 0), _still),
            by=["next W_Q", "next W_K", total.at(**_matrices(r + 1))],
        )
        .have(
            "next",
            Forall((r,), eq(deviation(r + 1), 0), _still),
            by=[_given("deviation", r=r + 1), fact("next squares", r=r)],
        )
        .have(
            "first squares",
            eq(_squares(0), 0),
            by=[_given("start of W_Q"), _given("start of W_K"), total.at(**_matrices(0))],
        )
        .have("first", eq(deviation(0), 0), by=[_given("deviation", r=0), "first squares"])
        .have("never", Forall((r,), eq(deviation(r), 0)), by=["first", "next", stays_zero.at(total=deviation)])
        .have("now", eq(deviation(_t), 0), by=fact("never", r=_t))
    )


_keys = over_words(W_K(_t, i, j) * x(l, j))
_queries = over_words(W_Q(_t, i, j) * xq(j))
_score = over_words(_keys * _queries, i)


def _uniform(at: Any) -> sp.Expr:
    return softmax_of(lambda place: _score.subs(l, place), at)


def _even(at: Any) -> sp.Expr:
    return 1 / _L


def _label_of(at: Any, place: Any) -> sp.Expr:
    return c(place) + sign(at) * d(place)


_nothing = over_words(sp.S.Zero, i)
zero_init_saddle = Claim(
    id="concepts/zero_init_saddle",
    title="W_Q = W_K = 0 is invariant",
    kind=Kind.EQUALITY,
    text=(
        "Starting from W_Q = W_K = 0 every step of SGD leaves both at 0, whatever the data and W_O: the gradient of "
        "each carries the other as a factor (concepts/gradients; pull is -w e_q g(e_q f), cov is Cov g_v and query is "
        "x_q of prompt q at step r). All scores are 0, so attention stays uniform, and on balanced clean prompts the "
        "value is c_k: the gradient r_i 1{active} v of each w_i is a multiple of c_k. Some sigma_0 > 0 is necessary"
    ),
    parameters=(L, words, labels, batch, lam, t, row, column, label, demonstration),
    functions=(W_Q, W_K, cov, query, pull, rate, deviation, x, xq, sign, c, d),
    hypotheses=tuple(_HYPOTHESES.values()),
    statements=(
        equal(W_Q(_t, _i0, _k0), 0, label="W_Q"),
        equal(W_K(_t, _i0, _k0), 0, label="W_K"),
        equal(_score.subs(l, _l0), 0, label="scores"),
        equal(softmax_of(lambda at: sp.S.Zero, _l0), 1 / _L, label="attention"),
        equal(value(_even, _label_of, _h0), c(_h0), label="value"),
    ),
    source=OWN,
    status=Status.OWN,
    derivation=term_by_term(
        _invariant(derive())
        .have("W_Q at t", eq(W_Q(_t, _i0, _k0), 0), by=["now", fact("W_Q", r=_t, i=_i0, k=_k0)])
        .have("W_K at t", eq(W_K(_t, _i0, _k0), 0), by=["now", fact("W_K", r=_t, i=_i0, k=_k0)])
        .have(
            "no query",
            Forall((i,), eq(_queries, over_words(sp.S.Zero)), (le(i, _dx - 1),)),
            by=[Termwise(), "now", fact("W_Q", r=_t, i=i, k=j), algebra],
        )
        .have("no terms", eq(_score.subs(l, _l0), _nothing), by=[Termwise(), fact("no query", i=i), algebra])
        .have("scores", eq(_score.subs(l, _l0), 0), by=["no terms", algebra])
        .have("attention", eq(softmax_of(lambda at: sp.S.Zero, _l0), 1 / _L), by=algebra)
        .have("value", eq(value(_even, _label_of, _h0), c(_h0)), by=[_given("balanced"), algebra])
    ),
)

s = sp.Function("s", real=True)


def _covariance(at: Any = j) -> sp.Expr:
    """(Cov g_v)(at) for L = 1."""
    return applied_covariance(lambda place: softmax_of(s, place), x, y, g, at).subs(_L, 1)


_pulled = over_words(WK(_i0, j) * _covariance())
single_demo = Claim(
    id="concepts/single_demo",
    title="One demonstration does not train attention",
    kind=Kind.EQUALITY,
    text=(
        "L = 1: df/dW_Q = W_K Cov g_v x_q^T = 0 and df/dW_K = W_Q x_q (Cov g_v)^T = 0 for any weights and any prompt, "
        "since the covariance of one point is 0 (entries (i, k) of the gradients of concepts/gradients)"
    ),
    parameters=(words, labels, row, column),
    functions=(x, xq, y, g, s, WQ, WK),
    statements=(
        equal(_pulled * xq(_k0), 0, label="W_Q"),
        equal(on_query(WQ)(_i0) * _covariance(_k0), 0, label="W_K"),
        equal(_covariance(_k0), 0, label="covariance"),
    ),
    source=OWN,
    status=Status.OWN,
    derivation=derive()
    .have("spread", Forall((h, j), eq(_covariance().function, 0)), by=algebra)
    .have(
        "each",
        Forall((j,), eq(_covariance(), over_labels(sp.S.Zero))),
        by=[Termwise(), fact("spread", h=h, j=j), algebra],
    )
    .have("vanishes", Forall((j,), eq(_covariance(), 0)), by=[fact("each", j=j), algebra])
    .have("covariance", eq(_covariance(_k0), 0), by=fact("vanishes", j=_k0))
    .have("W_K", eq(on_query(WQ)(_i0) * _covariance(_k0), 0), by=["covariance", algebra])
    .have(
        "terms",
        eq(_pulled, over_words(sp.S.Zero)),
        by=[Termwise(), fact("vanishes", j=j), algebra],
    )
    .have("W_Q", eq(_pulled * xq(_k0), 0), by=["terms", algebra]),
)
