"""Mixing matrices of windows of a source of order at most K (specification 2.E).

Main statements
    mixing_matrix_hoc   |Gamma| <= sum_t dbar'(t) <= E, <= K/(1-kappa(A)), and <= K + theta/(1-theta) at order one
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from theory.claim import Claim, Kind, Status, upper
from theory.define import defined, opaque
from theory.derivation import Derivation, derive
from theory.justification import Gap, Induction, Termwise, algebra, fact, quick, unfold
from theory.lemma import Citation, Definition, Lemma, meaning
from theory.markov.mixing_matrix import (
    curve,
    curve_sum,
    g,
    geometric_sum,
    kernel_coefficient,
    matrix_norm,
    schur_test,
    theta,
)
from theory.markov.parameters import K, N, kappa
from theory.proposition import Forall, eq, ge, le, lt
from theory.source import OWN, Source

_t, _i, _n = sp.symbols("t i n_", integer=True, nonnegative=True)
_N, _K = N.symbol, K.symbol

_Th, _kappa = theta.symbol, kappa.symbol
_k, _b, _r, _s, _m, _g = sp.symbols("k_ b_ r_ s_ m_ g_", integer=True, nonnegative=True)

source_windows = opaque(
    "markov/source_windows",
    "source_windows(K) = number of the mixing matrices of the windows of a source of order at most K, full first "
    "window",
    integer=True,
    nonnegative=True,
)
first_order_windows = opaque(
    "markov/first_order_windows",
    "first_order_windows(K) = the same for a first-order source",
    integer=True,
    nonnegative=True,
)
_S, _W = source_windows(_K), first_order_windows(_K)

apart = opaque(
    "markov/apart",
    "apart(t) = h(t), the probability that the house of cards has not coalesced at time t (D11)",
    nonnegative=True,
)
_remaining = sp.Function("remaining", real=True, nonnegative=True)
expected_coalescence = opaque(
    "markov/expected_coalescence",
    "expected_coalescence() = E, the sum of h(s) over all s >= 0 (claim markov/hoc_time)",
    unit="steps",
    nonnegative=True,
)
remaining = Definition(
    "markov/remaining",
    _remaining,
    "remaining(t) = sum of h(s) over s >= t, that is E less the first t of them: the expected number of steps after "
    "time t before coalescence; remaining(0) = E",
    (
        eq(_remaining(0), expected_coalescence()),
        Forall((_n,), eq(_remaining(_n + 1), expected_coalescence() - sp.Sum(apart(_t), (_t, 0, _n)))),
    ),
    range_by=(meaning(expected_coalescence),),
)
block_sum = defined(
    "markov/block_sum",
    "block_sum(K, b) = sum over r = 0..K-1 of dbar'(bK + r)",
    (_k, _b),
    sp.Sum(curve(source_windows(_k), _b * _k + _r), (_r, 0, _k - 1)),
    nonnegative=True,
)
block_contraction = opaque(
    "markov/block_contraction",
    "block_contraction(K) = kappa(A), the Dobrushin coefficient of K steps of the source",
    latex=r"\kappa(A)",
    bounds=(0, 1),
    nonnegative=True,
)
_partial_sum = sp.Function("partial_curve", real=True, nonnegative=True)
partial_curve = Definition(
    "markov/partial_curve",
    _partial_sum,
    "partial_curve(g, n) = sum of the curve over the first n times t = 0..n-1",
    (
        Forall((_g,), eq(_partial_sum(_g, 0), 0)),
        Forall((_g, _n), eq(_partial_sum(_g, _n + 1), _partial_sum(_g, _n) + curve(_g, _n))),
    ),
)


def _counted(matrix: Any, index: Any) -> Derivation:
    """Sums of the curve of a matrix over times, as numbers of first times."""
    from_m = sp.Sum(curve(matrix, _m + index), (index, 0, _n))
    return (
        derive()
        .have(
            "sums",
            Forall((_n,), eq(curve_sum(matrix, _n), partial_curve(matrix, _n + 1))),
            by=[
                Induction(_n),
                unfold(partial_curve, g_=matrix, n_=0),
                unfold(partial_curve, g_=matrix, n_=_n + 1),
                quick,
            ],
        )
        .have(
            "from m on",
            Forall((_m, _n), eq(partial_curve(matrix, _m + _n + 1), partial_curve(matrix, _m) + from_m)),
            by=[
                Induction(_n),
                unfold(partial_curve, g_=matrix, n_=_m),
                unfold(partial_curve, g_=matrix, n_=_m + _n + 1),
                quick,
            ],
        )
        .have(
            "more times",
            Forall((_m, _n), ge(partial_curve(matrix, _m + _n), partial_curve(matrix, _m))),
            by=[Induction(_n), unfold(partial_curve, g_=matrix, n_=_m + _n), quick],
            note="the terms are >= 0",
        )
        .have("first times", eq(curve_sum(matrix, _N - 1), partial_curve(matrix, _N)), by=fact("sums", n_=_N - 1))
    )


_G = g.symbol
_from_K = sp.Sum(curve(_G, _K + _s), (_s, 0, _N - 1))
beyond_window = Lemma(
    "markov/beyond_window",
    "The first N times are among the first K and the N from K on",
    (g, K, N),
    le(curve_sum(_G, _N - 1), curve_sum(_G, _K - 1) + _from_K),
    backing=_counted(_G, _s)
    .have("K times", eq(curve_sum(_G, _K - 1), partial_curve(_G, _K)), by=fact("sums", n_=_K - 1))
    .have(
        "N from K on",
        eq(partial_curve(_G, _K + _N), partial_curve(_G, _K) + _from_K),
        by=fact("from m on", m_=_K, n_=_N - 1),
    )
    .have("not fewer", ge(partial_curve(_G, _K + _N), partial_curve(_G, _N)), by=fact("more times", m_=_N, n_=_K))
    .have(
        "all",
        le(curve_sum(_G, _N - 1), curve_sum(_G, _K - 1) + _from_K),
        by=["first times", "K times", "N from K on", "not fewer", quick],
    ),
)
_blocks = sp.Sum(block_sum(_K, _b), (_b, 0, _N - 1))
covered = Lemma(
    "markov/covered",
    "The first N times are among the first N blocks of K times",
    (K, N),
    le(curve_sum(_S, _N - 1), _blocks),
    backing=_counted(_S, _r)
    .have(
        "one block",
        Forall((_b,), eq(partial_curve(_S, _b * _K + _K), partial_curve(_S, _b * _K) + block_sum(_K, _b))),
        by=[fact("from m on", m_=_b * _K, n_=_K - 1), unfold(block_sum, k_=_K, b_=_b), quick],
    )
    .have(
        "bK + K = (b+1)K",
        Forall((_b,), eq(partial_curve(_S, _b * _K + _K), partial_curve(_S, (_b + 1) * _K))),
        by=[
            fact("more times", m_=_b * _K + _K, n_=(_b + 1) * _K - _b * _K - _K),
            fact("more times", m_=(_b + 1) * _K, n_=_b * _K + _K - (_b + 1) * _K),
            quick,
        ],
    )
    .have(
        "next block",
        Forall((_b,), eq(partial_curve(_S, (_b + 1) * _K), partial_curve(_S, _b * _K) + block_sum(_K, _b))),
        by=[fact("one block", b_=_b), fact("bK + K = (b+1)K", b_=_b), quick],
    )
    .have(
        "blocks",
        Forall((_n,), eq(sp.Sum(block_sum(_K, _b), (_b, 0, _n)), partial_curve(_S, (_n + 1) * _K))),
        by=[
            Induction(_n),
            fact("next block", b_=0),
            unfold(partial_curve, g_=_S, n_=0),
            fact("next block", b_=_n + 1),
            quick,
        ],
    )
    .have("N blocks", eq(_blocks, partial_curve(_S, _N * _K)), by=fact("blocks", n_=_N - 1))
    .have(
        "not fewer",
        ge(partial_curve(_S, _N * _K), partial_curve(_S, _N)),
        by=[fact("more times", m_=_N, n_=_N * _K - _N), quick],
    )
    .have("all", le(curve_sum(_S, _N - 1), _blocks), by=["first times", "N blocks", "not fewer", quick]),
)
coupled = Lemma(
    "markov/coupled",
    "Windows that differ in their newest token have agreement 0, so the house of cards bounds their distance",
    (K,),
    Forall((_t,), le(curve(_S, _t), apart(_t))),
    backing=derive().have(
        "coupling",
        Forall((_t,), le(curve(_S, _t), apart(_t))),
        by=Gap("own coupling proof of the specification, not formalised"),
        note="the idea is that of Bressaud, Fernandez and Galves (1999)",
    ),
)
block_step = Lemma(
    "markov/block_step",
    "K further steps leave two copies apart with probability at most kappa(A) times that before",
    (K, kappa),
    Forall((_b, _r), le(curve(_S, (_b + 1) * _K + _r), _kappa * curve(_S, _b * _K + _r))),
    hypotheses=(le(block_contraction(_K), _kappa),),
    statement="dbar'(t + K) <= dbar'(t) dbar(K) at t = bK + r, and dbar(K) = kappa(A)",
    backing=Citation(
        Source("levin2017", "Lemma 4.11"), "its proof: an optimal coupling at time t, for each pair of starts"
    ),
)
token_step = Lemma(
    "markov/token_step",
    "At order one, a further step leaves two copies apart with probability at most theta times that before",
    (K, theta),
    Forall((_s,), le(curve(_W, _K + _s), _Th * curve(_W, _K - 1 + _s))),
    hypotheses=(le(kernel_coefficient(_W), _Th),),
    statement="dbar'(t) = dbar_X(t-K+1) for t >= K - 1, and dbar_X(s + 1) <= dbar_X(s) dbar_X(1)",
    backing=Citation(Source("levin2017", "Lemma 4.11"), "with dbar_X(1) = theta"),
)
contracted_blocks = Lemma(
    "markov/contracted_blocks",
    "dbar'(t) <= kappa(A)^floor(t/K)",
    (K, kappa),
    Forall((_b, _r), le(curve(_S, _b * _K + _r), _kappa**_b)),
    hypotheses=(le(block_contraction(_K), _kappa),),
    backing=derive()
    .have("step", block_step.conclusion, by=["hypothesis 1", block_step.at()])
    .have(
        "powers",
        Forall((_b, _r), le(curve(_S, _b * _K + _r), _kappa**_b)),
        by=[Induction(_b), fact("step", b_=_b, r_=_r), unfold(curve), quick],
    ),
)
contracted_tokens = Lemma(
    "markov/contracted_tokens",
    "At order one, dbar'(t) = dbar_X(t-K+1) <= theta^(t-K+1) for t >= K - 1",
    (K, theta),
    Forall((_s,), le(curve(_W, _K + _s), _Th * _Th**_s)),
    hypotheses=(le(kernel_coefficient(_W), _Th),),
    backing=derive()
    .have("step", token_step.conclusion, by=["hypothesis 1", token_step.at()])
    .have("first", le(curve(_W, _K), _Th), by=[fact("step", s_=0), unfold(curve), quick])
    .have("next", Forall((_s,), le(curve(_W, _K + _s + 1), _Th * curve(_W, _K + _s))), by=fact("step", s_=_s + 1))
    .have(
        "powers",
        Forall((_s,), le(curve(_W, _K + _s), _Th * _Th**_s)),
        by=[Induction(_s), "first", fact("next", s_=_s), quick],
    ),
)

_norm = matrix_norm(_S, _N)
_partial = sp.Sum(_kappa**_t, (_t, 0, _N - 1))
mixing_matrix_hoc = Claim(
    id="markov/mixing_matrix_hoc",
    title="Norm of the mixing matrix of windows",
    kind=Kind.UPPER,
    text=(
        "Source of order <= K, full first window: |Gamma| <= sum_t dbar'(t) <= E, and <= K/(1-kappa(A)); first-order "
        "tokens with Dobrushin coefficient theta: |Gamma| <= K + theta/(1-theta). kappa and theta may be upper bounds"
    ),
    parameters=(K, N, kappa, theta),
    hypotheses=(lt(_kappa, 1), le(block_contraction(_K), _kappa), le(kernel_coefficient(_W), _Th)),
    statements=(
        upper(_norm, _K / (1 - _kappa), trivial=_N, label="Dobrushin"),
        upper(_norm, curve_sum(_S, _N - 1), trivial=_N, label="Schur"),
        upper(_norm, remaining(0), trivial=_N, label="house of cards"),
        upper(matrix_norm(_W, _N), _K + _Th / (1 - _Th), trivial=_N, label="first order"),
    ),
    source=OWN,
    status=Status.OWN,
    derivation=derive()
    .have("Schur", le(_norm, curve_sum(_S, _N - 1)), by=schur_test.at(g=_S))
    .have(
        "expected time",
        Forall((_n,), eq(sp.Sum(apart(_t), (_t, 0, _n)), remaining(0) - remaining(_n + 1))),
        by=[unfold(remaining, n_=_n), quick],
    )
    .have("agreement", coupled.conclusion, by=coupled.at())
    .have(
        "house of cards, time by time",
        le(curve_sum(_S, _N - 1), sp.Sum(apart(_t), (_t, 0, _N - 1))),
        by=[Termwise(), fact("agreement", t=_t), quick],
    )
    .have(
        "house of cards",
        le(_norm, remaining(0)),
        by=["Schur", "house of cards, time by time", fact("expected time", n_=_N - 1), quick],
    )
    .have("contraction", contracted_blocks.conclusion, by=["hypothesis 2", contracted_blocks.at()])
    .have(
        "one block",
        Forall(
            (_b,),
            le(sp.Sum(curve(_S, _b * _K + _r), (_r, 0, _K - 1)), sp.Sum(_kappa**_b, (_r, 0, _K - 1))),
        ),
        by=[Termwise(), fact("contraction", b_=_b, r_=_r), quick],
    )
    .have("K times", Forall((_b,), eq(sp.Sum(_kappa**_b, (_r, 0, _K - 1)), _K * _kappa**_b)), by=algebra)
    .have(
        "block",
        Forall((_b,), le(block_sum(_K, _b), _K * _kappa**_b)),
        by=[unfold(block_sum, k_=_K, b_=_b), fact("one block", b_=_b), fact("K times", b_=_b), quick],
    )
    .have(
        "blocks",
        le(sp.Sum(block_sum(_K, _b), (_b, 0, _N - 1)), sp.Sum(_K * _kappa**_b, (_b, 0, _N - 1))),
        by=[Termwise(), fact("block", b_=_b), quick],
    )
    .have("series", le(_partial, 1 / (1 - _kappa)), by=geometric_sum.at(theta=_kappa))
    .have(
        "K series",
        Forall((_n,), eq(sp.Sum(_K * _kappa**_b, (_b, 0, _n)), _K * sp.Sum(_kappa**_t, (_t, 0, _n)))),
        by=[Induction(_n), quick],
    )
    .have(
        "Dobrushin",
        le(_norm, _K / (1 - _kappa)),
        by=["Schur", covered.at(), "blocks", fact("K series", n_=_N - 1), "series", quick],
    )
    .have("first order, Schur", le(matrix_norm(_W, _N), curve_sum(_W, _N - 1)), by=schur_test.at(g=_W))
    .have(
        "shared tokens",
        le(curve_sum(_W, _K - 1), sp.Sum(1, (_t, 0, _K - 1))),
        by=[Termwise(), unfold(curve), quick],
    )
    .have("tokens", contracted_tokens.conclusion, by=["hypothesis 3", contracted_tokens.at()])
    .have(
        "later times",
        le(sp.Sum(curve(_W, _K + _s), (_s, 0, _N - 1)), sp.Sum(_Th * _Th**_s, (_s, 0, _N - 1))),
        by=[Termwise(), fact("tokens", s_=_s), quick],
    )
    .have(
        "theta series",
        Forall((_n,), eq(sp.Sum(_Th * _Th**_s, (_s, 0, _n)), _Th * sp.Sum(_Th**_t, (_t, 0, _n)))),
        by=[Induction(_n), quick],
    )
    .have("geometric", geometric_sum.conclusion, by=geometric_sum.at())
    .have(
        "first order",
        le(matrix_norm(_W, _N), _K + _Th / (1 - _Th)),
        by=[
            "first order, Schur",
            beyond_window.at(g=_W),
            "shared tokens",
            "later times",
            fact("theta series", n_=_N - 1),
            "geometric",
            quick,
        ],
    ),
)
