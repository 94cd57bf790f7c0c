"""The risk of one model against another (specification 2.D, D23).

Main statements
    risk_pseudometric   non-negative, symmetric, triangle inequality, zero iff the laws agree wherever S_n can be

The risk K(P, R) = (1/N) sum_n E d_TV(P(.|S_n), R(.|S_n)) is the average of d_TV(P(.|s), R(.|s)) over the contexts s
with the occupation weights w(s) = (1/N) sum_n P(S_n = s), which are >= 0 and sum to 1; w(s) = 0 iff S_n = s has
probability 0 for every n. Weights and laws are taken to be 0 beyond the last context and token.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from theory.claim import Claim, Kind, Status, equal, lower, upper
from theory.derivation import derive
from theory.justification import SingleTerm, Termwise, algebra, decide, fact
from theory.markov.parameters import T
from theory.parameter import Parameter, integers, reals
from theory.proposition import Forall, eq, ge, le
from theory.source import Source

contexts = Parameter("contexts", r"|\mathcal C|", "number of contexts", integers(1), (1, 1000))
context = Parameter("s", "s", "a context", integers(0, contexts.symbol - 1), (0, 1))
token = Parameter("a", "a", "a token", integers(0, T.symbol - 1), (0, 1))
h = Parameter("h", "h", "largest difference of the laws where the weight is positive", reals(0, 1), (0, 1))

first, second, third = (sp.Function(name, real=True) for name in ("P_first", "P_second", "P_third"))
weight = sp.Function("w", real=True)
_c = sp.Symbol("c", integer=True, nonnegative=True)
_u = sp.Symbol("u", integer=True, nonnegative=True)
_x = sp.Symbol("x", integer=True, nonnegative=True)
_y = sp.Symbol("y", integer=True, nonnegative=True)
_tokens, _contexts = T.symbol - 1, contexts.symbol - 1


def _over(term: Any) -> sp.Sum:
    return sp.Sum(term, (_x, 0, _tokens))


def _mean(term: Any) -> sp.Sum:
    return sp.Sum(term, (_c, 0, _contexts))


def distance(one: Any, other: Any, at: Any) -> sp.Expr:
    """d_TV(one(.|at), other(.|at))."""
    return _over(sp.Abs(one(at, _x) - other(at, _x))) / 2


def risk(one: Any, other: Any) -> sp.Expr:
    """K(one, other), the weighted average of the total variation distances."""
    return _mean(weight(_c) * distance(one, other, _c))


_of_one = risk(first, second)
_single = weight(context.symbol) * sp.Abs(first(context.symbol, token.symbol) - second(context.symbol, token.symbol))
_by_pairs = _mean(weight(_c) * distance(first, second, _c) + weight(_c) * distance(second, third, _c))

risk_pseudometric = Claim(
    id="markov/risk_pseudometric",
    title="The risk of one model against another is a pseudometric",
    kind=Kind.STRUCTURAL,
    text=(
        "K >= 0, K(P, R) = K(R, P), K(P, V) <= K(P, R) + K(R, V), and K(P, R) = 0 iff the laws agree almost surely at "
        "every S_n: w(s)|P(a|s) - R(a|s)| <= 2K for every s and a, and K <= T h/2 when w(s)|P(a|s) - R(a|s)| <= w(s) h "
        "throughout"
    ),
    parameters=(T, contexts, context, token, h),
    functions=(first, second, third, weight),
    hypotheses=(
        Forall((_u,), ge(weight(_u), 0)),
        eq(_mean(weight(_c)), 1),
        Forall(
            (_u, _y),
            le(weight(_u) * sp.Abs(first(_u, _y) - second(_u, _y)), h.symbol * weight(_u)),
        ),
    ),
    statements=(
        lower(_of_one, 0, label="non-negative"),
        equal(_of_one, risk(second, first), label="symmetric"),
        upper(risk(first, third), _of_one + risk(second, third), label="triangle"),
        upper(_single, 2 * _of_one, label="zero only if equal"),
        upper(_of_one, T.symbol * h.symbol / 2, label="zero if equal"),
    ),
    source=Source("zekri2024", "Prop. C.14", "v2"),
    status=Status.AS_STATED,
    derivation=derive()
    .have("distance", Forall((_u,), ge(_over(sp.Abs(first(_u, _x) - second(_u, _x))), 0)), by=SingleTerm(0))
    .have(
        "weighted distance",
        Forall((_u,), ge(weight(_u) * distance(first, second, _u), 0)),
        by=[fact("distance", u=_u), fact("hypothesis 1", u=_u), decide],
    )
    .have("non-negative", ge(_of_one, 0), by=[SingleTerm(0), "weighted distance"])
    .have("symmetric", eq(_of_one, risk(second, first)), by=algebra, note="|a - b| = |b - a|")
    .have(
        "triangle at a context",
        Forall(
            (_u,),
            le(
                _over(sp.Abs(first(_u, _x) - third(_u, _x))),
                _over(sp.Abs(first(_u, _x) - second(_u, _x)) + sp.Abs(second(_u, _x) - third(_u, _x))),
            ),
        ),
        by=Termwise(),
    )
    .have(
        "apart",
        Forall(
            (_u,),
            eq(
                _over(sp.Abs(first(_u, _x) - second(_u, _x)) + sp.Abs(second(_u, _x) - third(_u, _x))) / 2,
                distance(first, second, _u) + distance(second, third, _u),
            ),
        ),
        by=algebra,
    )
    .have(
        "weighted triangle",
        Forall(
            (_u,),
            le(
                weight(_u) * distance(first, third, _u),
                weight(_u) * distance(first, second, _u) + weight(_u) * distance(second, third, _u),
            ),
        ),
        by=[fact("triangle at a context", u=_u), fact("apart", u=_u), fact("hypothesis 1", u=_u), decide],
    )
    .have("expectation is monotone", le(risk(first, third), _by_pairs), by=[Termwise(), "weighted triangle"])
    .have("expectation is linear", eq(_by_pairs, _of_one + risk(second, third)), by=algebra)
    .have(
        "triangle",
        le(risk(first, third), _of_one + risk(second, third)),
        by=["expectation is monotone", "expectation is linear"],
    )
    .have(
        "one context",
        ge(_of_one, weight(context.symbol) * distance(first, second, context.symbol)),
        by=[SingleTerm(context.symbol), "weighted distance"],
    )
    .have(
        "one token",
        ge(
            _over(sp.Abs(first(context.symbol, _x) - second(context.symbol, _x))),
            sp.Abs(first(context.symbol, token.symbol) - second(context.symbol, token.symbol)),
        ),
        by=SingleTerm(token.symbol),
    )
    .have(
        "zero only if equal",
        le(_single, 2 * _of_one),
        by=["one context", "one token", fact("hypothesis 1", u=context.symbol), decide],
    )
    .have(
        "context term",
        Forall(
            (_u,),
            le(
                _over(weight(_u) * sp.Abs(first(_u, _x) - second(_u, _x))),
                _over(h.symbol * weight(_u)),
            ),
        ),
        by=[Termwise(), "hypothesis 3"],
    )
    .have(
        "context",
        Forall((_u,), le(weight(_u) * distance(first, second, _u), T.symbol * h.symbol / 2 * weight(_u))),
        by=[fact("context term", u=_u), decide],
    )
    .have("contexts", le(_of_one, _mean(T.symbol * h.symbol / 2 * weight(_c))), by=[Termwise(), "context"])
    .have(
        "total weight",
        eq(_mean(T.symbol * h.symbol / 2 * weight(_c)), T.symbol * h.symbol / 2),
        by=["hypothesis 2", algebra],
    )
    .have("zero if equal", le(_of_one, T.symbol * h.symbol / 2), by=["contexts", "total weight"]),
)
