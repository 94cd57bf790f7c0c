"""Drafters and verifiers in cells: what the claims on drafting share (specification `categorical`, D16).

The verifier's row in context x = 0..m, of weight w(x), is p(x, .) = p(. | X, W_t), the drafter's is q(x, .), the same
for all contexts of a cell (H, W_t); pbar(x, .) = p(. | H, W_t) is the mean of the rows of the cell. A drafted token is
kept with probability min(1, p/q), so that q keeps alpha(q) = E sum_w min(p, q) = 1 - E TV(p, q). t, tbar and tq are the
total variations of p and q, of p and pbar, of pbar and q; c(x, y) is the share of context y in the cell of context x.

Main statements
    twice   the mean row of a cell misses at most twice as often as any other row
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from theory.categorical.parameters import V
from theory.derivation import derive
from theory.justification import Termwise, algebra, decide, fact, quick
from theory.lemma import Lemma
from theory.lemmas.mixtures import mixture_distance
from theory.lemmas.subadditive import renamed
from theory.lemmas.sums import exchange
from theory.parameter import Parameter, integers
from theory.proposition import Forall, eq, ge, gt, le

contexts = Parameter("m", "m", "last context", integers(0), (0, 100))
w, t, tbar, tq, d, g, share = (sp.Function(name, real=True) for name in ("w", "t", "tbar", "tq", "d", "g", "c"))
p, q, pbar = (sp.Function(name, real=True) for name in ("p", "q", "pbar"))
i, j, k = (sp.Symbol(name, integer=True, nonnegative=True) for name in "xyk")
_m, _V = contexts.symbol, V.symbol


def over(term: Any, index: sp.Symbol = i, end: Any = _m) -> sp.Sum:
    """The sum of `term` over index = 0..end."""
    return sp.Sum(term, (index, 0, end))


def over_tokens(term: Any) -> sp.Sum:
    """The sum of `term` over the tokens k = 0..V-1."""
    return over(term, k, _V - 1)


def distance(first: Any, second: Any, context: Any = i) -> sp.Expr:
    """Total variation between two rows of a context."""
    return over_tokens(sp.Abs(first(context, k) - second(context, k))) / 2


def rows(*tables: Any) -> tuple[Any, ...]:
    """Positive rows that sum to 1 (two hypotheses a table)."""
    found: list[Any] = []
    for table in tables:
        found += [Forall((i, k), gt(table(i, k), 0)), Forall((i,), eq(over_tokens(table(i, k)), 1))]
    return tuple(found)


weights = (Forall((i,), ge(w(i), 0)), eq(over(w(i)), 1))
missed, missed_star = over(w(i) * t(i)), over(w(i) * tbar(i))
_missed, _missed_star = missed, missed_star
_mixed = over(share(i, j) * (p(j, k) - q(j, k)), j)
_triangle = sp.Abs(p(i, k) - q(i, k)) + sp.Abs(pbar(i, k) - q(i, k))
cells = (
    Forall((i,), ge(w(i), 0)),
    Forall((i,), eq(t(i), distance(p, q))),
    Forall((i,), eq(tbar(i), distance(p, pbar))),
    Forall((i, j), ge(share(i, j), 0)),
    Forall((j,), eq(over(w(i) * share(i, j)), w(j))),
    Forall((i, k), eq(pbar(i, k) - q(i, k), _mixed)),
    Forall((i,), eq(tq(i), distance(pbar, q))),
)
twice = Lemma(
    "categorical/twice",
    "The mean row of a cell misses at most twice as often as any other row",
    (V, contexts),
    le(missed_star, 2 * missed),
    hypotheses=cells,
    functions=(w, p, q, pbar, t, tbar, tq, share),
    statement="E TV(p, pbar) <= E TV(p, q) + E TV(q, pbar), and pbar is the mean of p over the cell",
    backing=derive()
    .have(
        "mixed",
        Forall((i,), le(over_tokens(sp.Abs(_mixed)), over(share(i, j) * (2 * t(j)), j))),
        by=[
            "hypothesis 2",
            "hypothesis 4",
            mixture_distance.at(
                top=_m,
                last=_V - 1,
                w=sp.Lambda((j,), share(i, j)),
                e=sp.Lambda((j, k), p(j, k) - q(j, k)),
                size=sp.Lambda((j,), 2 * t(j)),
            ),
        ],
        note="pbar is the mean of the rows of a cell, on which q is the same",
    )
    .have(
        "letter",
        Forall((i, k), eq(sp.Abs(pbar(i, k) - q(i, k)), sp.Abs(_mixed))),
        by=[fact("hypothesis 6", x=i, k=k), quick],
    )
    .have(
        "letters",
        Forall((i,), eq(over_tokens(sp.Abs(pbar(i, k) - q(i, k))), over_tokens(sp.Abs(_mixed)))),
        by=[Termwise(), "letter"],
    )
    .have("doubled", Forall((i,), eq(over(share(i, j) * (2 * t(j)), j), 2 * over(t(j) * share(i, j), j))), by=algebra)
    .have(
        "drafter of a context",
        Forall((i,), le(tq(i), over(t(j) * share(i, j), j))),
        by=[*(fact(n, x=i) for n in ("mixed", "letters", "doubled", "hypothesis 7")), quick],
    )
    .have(
        "triangle of a token",
        Forall((i, k), le(sp.Abs(p(i, k) - pbar(i, k)), sp.Abs(p(i, k) - q(i, k)) + sp.Abs(pbar(i, k) - q(i, k)))),
        by=decide,
    )
    .have(
        "triangles",
        Forall((i,), le(over_tokens(sp.Abs(p(i, k) - pbar(i, k))), over_tokens(_triangle))),
        by=[Termwise(), "triangle of a token"],
    )
    .have(
        "apart in a context",
        Forall((i,), eq(over_tokens(_triangle), 2 * distance(p, q) + 2 * distance(pbar, q))),
        by=algebra,
    )
    .have(
        "context",
        Forall((i,), le(w(i) * tbar(i), w(i) * (t(i) + over(t(j) * share(i, j), j)))),
        by=[
            *(fact(n, x=i) for n in ("drafter of a context", "triangles", "apart in a context")),
            *(fact(f"hypothesis {n}", x=i) for n in (1, 2, 3, 7)),
            quick,
        ],
    )
    .have("contexts", le(_missed_star, over(w(i) * (t(i) + over(t(j) * share(i, j), j)))), by=[Termwise(), "context"])
    .have(
        "both",
        eq(over(w(i) * (t(i) + over(t(j) * share(i, j), j))), _missed + over(w(i) * over(t(j) * share(i, j), j))),
        by=algebra,
    )
    .have(
        "exchanged",
        eq(over(w(i) * over(t(j) * share(i, j), j)), over(t(j) * over(w(i) * share(i, j)), j)),
        by=exchange.at(top=_m, last=_m, u=w, w=t, g=share),
    )
    .have("cells", eq(over(t(j) * over(w(i) * share(i, j)), j), over(t(j) * w(j), j)), by=[Termwise(), "hypothesis 5"])
    .have("same mean", eq(_missed, over(t(j) * w(j), j)), by=renamed.at(m=_m, f=sp.Lambda((i,), w(i) * t(i))))
    .have("twice", le(_missed_star, 2 * _missed), by=["contexts", "both", "exchanged", "cells", "same mean", quick]),
)
