"""Finite sums in the training of a clean population: what orthogonality leaves of them."""

from __future__ import annotations

import sympy as sp

from theory.concepts.clean_population import b, n, one, over_pairs, over_patterns, p, pairs, patterns, q
from theory.derivation import derive
from theory.justification import Termwise, algebra, decide, fact, quick
from theory.lemma import Lemma
from theory.lemmas.attention import (
    h,
    i,
    j,
    l,
    labels,
    length,
    over_labels,
    over_prompt,
    over_words,
    positive,
    softmax_of,
    words,
)
from theory.lemmas.double_sums import exchange_hn, exchange_hq, exchange_jq
from theory.parameter import Parameter, reals
from theory.proposition import Forall, eq, gt, le

_L, _dx, _dy, _M, _P = (s.symbol for s in (length, words, labels, pairs, patterns))
_k, _q = (sp.Symbol(name, integer=True, nonnegative=True) for name in ("u", "v"))
rate = Parameter("rate", r"\sigma_0 D_t", "the multiple of the identity", reals(), (-1, 1))
_rate = rate.symbol
S, x, y, t, beta, X = (sp.Function(name, real=True) for name in ("S", "x", "y", "t", "beta", "X"))
in_row = (le(i, _dx - 1),)

_entry = _rate * one(i, j) + over_patterns(t(q) * b(q, i) * b(q, j))
_applied = over_words(S(i, j) * y(j))
_written = over_words(_entry * y(j))
_inner = over_words(y(j) * over_patterns(t(q) * b(q, i) * b(q, j)))
_by_pattern = over_patterns(t(q) * b(q, i) * over_words(y(j) * b(q, j)))
_result = _rate * y(i) + over_patterns(t(q) * b(q, i) * beta(q))
applied = Lemma(
    "concepts/applied",
    "A multiple of the identity plus a combination of b_q b_q^T, applied to a vector",
    (words, patterns, rate),
    Forall((i,), eq(_applied, _result), in_row),
    hypotheses=(
        Forall((i, j), eq(S(i, j), _entry), (le(i, _dx - 1), le(j, _dx - 1))),
        Forall((q,), eq(over_words(b(q, j) * y(j)), beta(q))),
        Forall((i,), eq(over_words(one(i, j) * y(j)), y(i))),
    ),
    functions=(S, b, one, y, t, beta),
    backing=derive()
    .have("entries", Forall((i,), eq(_applied, _written), in_row), by=[Termwise(), fact("hypothesis 1", i=i, j=j)])
    .have("linear", Forall((i,), eq(_written, _rate * over_words(one(i, j) * y(j)) + _inner)), by=algebra)
    .have(
        "exchanged",
        Forall((i,), eq(_inner, _by_pattern)),
        by=[
            exchange_jq.at(
                top=_dx - 1,
                last=_P - 1,
                u=y,
                w=sp.Lambda((_k,), t(_k) * b(_k, i)),
                g=sp.Lambda((_k, _q), b(_q, _k)),
            ),
            quick,
        ],
    )
    .have(
        "products",
        Forall((i,), eq(_by_pattern, over_patterns(t(q) * b(q, i) * beta(q)))),
        by=[Termwise(), fact("hypothesis 2", q=q), quick],
    )
    .have(
        "applied",
        Forall((i,), eq(_applied, _result), in_row),
        by=[
            *(fact(name, i=i) for name in ("entries", "linear", "exchanged", "products", "hypothesis 3")),
            quick,
        ],
    ),
)
_outside = over_words(S(i, j) * x(p, j))
_outside_written = over_words(_entry * x(p, j))
_outside_inner = over_words(x(p, j) * over_patterns(t(q) * b(q, i) * b(q, j)))
_outside_by_pattern = over_patterns(t(q) * b(q, i) * over_words(x(p, j) * b(q, j)))
applied_outside = Lemma(
    "concepts/applied_outside",
    "The same, applied to vectors orthogonal to each b_q",
    (words, patterns, rate),
    Forall((p, i), eq(_outside, _rate * x(p, i)), in_row),
    hypotheses=(
        Forall((i, j), eq(S(i, j), _entry), (le(i, _dx - 1), le(j, _dx - 1))),
        Forall((q, p), eq(over_words(b(q, j) * x(p, j)), 0)),
        Forall((p, i), eq(over_words(one(i, j) * x(p, j)), x(p, i))),
    ),
    functions=(S, b, one, x, t),
    backing=derive()
    .have(
        "entries",
        Forall((p, i), eq(_outside, _outside_written), in_row),
        by=[Termwise(), fact("hypothesis 1", i=i, j=j)],
    )
    .have(
        "linear",
        Forall((p, i), eq(_outside_written, _rate * over_words(one(i, j) * x(p, j)) + _outside_inner)),
        by=algebra,
    )
    .have(
        "exchanged",
        Forall((p, i), eq(_outside_inner, _outside_by_pattern)),
        by=[
            exchange_jq.at(
                top=_dx - 1,
                last=_P - 1,
                u=sp.Lambda((_k,), x(p, _k)),
                w=sp.Lambda((_k,), t(_k) * b(_k, i)),
                g=sp.Lambda((_k, _q), b(_q, _k)),
            ),
            quick,
        ],
    )
    .have(
        "products",
        Forall((p, i), eq(_outside_by_pattern, over_patterns(sp.S.Zero))),
        by=[Termwise(), fact("hypothesis 2", q=q, p=p), quick],
    )
    .have(
        "applied",
        Forall((p, i), eq(_outside, _rate * x(p, i)), in_row),
        by=[
            *(fact(name, p=p, i=i) for name in ("entries", "linear", "exchanged", "products", "hypothesis 3")),
            quick,
        ],
    ),
)
_nested = over_labels(x(p, h) * over_patterns(t(q) * X(q, h)))
_swapped = over_patterns(t(q) * over_labels(x(p, h) * X(q, h)))
orthogonal_sum = Lemma(
    "concepts/orthogonal_sum",
    "Vectors orthogonal to each term are orthogonal to the sum",
    (labels, patterns),
    Forall((p,), eq(_nested, 0)),
    hypotheses=(Forall((p, q), eq(over_labels(x(p, h) * X(q, h)), 0)),),
    functions=(x, t, X),
    backing=derive()
    .have(
        "exchanged",
        Forall((p,), eq(_nested, _swapped)),
        by=exchange_hq.at(
            top=_dy - 1, last=_P - 1, u=sp.Lambda((_k,), x(p, _k)), w=t, g=sp.Lambda((_k, _q), X(_q, _k))
        ),
    )
    .have(
        "terms",
        Forall((p,), eq(_swapped, over_patterns(sp.S.Zero))),
        by=[Termwise(), fact("hypothesis 1", q=q, p=p), quick],
    )
    .have("zero", Forall((p,), eq(_nested, 0)), by=[fact("exchanged", p=p), fact("terms", p=p), quick]),
)
_read = over_labels(y(h) * over_pairs(_rate * X(n, h)))
read_by_pairs = Lemma(
    "concepts/read_by_pairs",
    "The inner product with a sum over the neurons",
    (labels, pairs, rate),
    eq(_read, over_pairs(_rate * over_labels(y(h) * X(n, h)))),
    functions=(y, X),
    backing=derive().have(
        "exchanged",
        eq(_read, over_pairs(_rate * over_labels(y(h) * X(n, h)))),
        by=exchange_hn.at(top=_dy - 1, last=_M - 1, u=y, w=sp.Lambda((_k,), _rate), g=sp.Lambda((_k, _q), X(_q, _k))),
    ),
)
s, s2 = sp.Function("s", real=True), sp.Function("s2", real=True)
same_softmax = Lemma(
    "concepts/same_softmax",
    "Equal scores have the same softmax",
    (length,),
    Forall((l,), eq(softmax_of(s, l), softmax_of(s2, l)), (le(l, _L - 1),)),
    hypotheses=(Forall((l,), eq(s(l), s2(l)), (le(l, _L - 1),)),),
    functions=(s, s2),
    backing=derive()
    .have(
        "weights",
        Forall((l,), eq(sp.exp(s(l)), sp.exp(s2(l))), (le(l, _L - 1),)),
        by=[fact("hypothesis 1", l=l), decide],
    )
    .have(
        "normalisers", eq(over_prompt(sp.exp(s(l))), over_prompt(sp.exp(s2(l)))), by=[Termwise(), fact("weights", l=l)]
    )
    .have("positive", gt(over_prompt(sp.exp(s2(l))), 0), by=positive.at(s=s2))
    .have(
        "softmax",
        Forall((l,), eq(softmax_of(s, l), softmax_of(s2, l)), (le(l, _L - 1),)),
        by=[fact("weights", l=l), "normalisers", "positive", decide],
    ),
)

_first = Parameter("z1", "z", "a number", reals(), (-1, 1))
_second = Parameter("z2", "z'", "the same number", reals(), (-1, 1))
exponentials_of_equals = Lemma(
    "concepts/exponentials_of_equals",
    "Equal numbers have equal exponentials",
    (_first, _second),
    eq(sp.exp(_first.symbol), sp.exp(_second.symbol)),
    hypotheses=(eq(_first.symbol, _second.symbol),),
    backing=derive().have("equal", eq(sp.exp(_first.symbol), sp.exp(_second.symbol)), by=["hypothesis 1", decide]),
)
