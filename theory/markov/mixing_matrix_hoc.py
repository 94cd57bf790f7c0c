"""Mixing matrices of windows of a source of order at most K (specification 2.E).

Main statements
    mixing_matrix_hoc   |Gamma| <= sum_t dbar'(t) <= E, <= K/(1-kappa(A)), and <= K + theta/(1-theta) at order one
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from theory.claim import Claim, Kind, Status, upper
from theory.derivation import derive
from theory.justification import Decide, Induction, Termwise, algebra, fact, unfold
from theory.lemma import Citation, Definition, Lemma
from theory.markov.mixing_matrix import curve, curve_sum, geometric_sum, matrix_norm, schur_test, theta
from theory.markov.parameters import K, N, kappa
from theory.proposition import Forall, eq, le, lt
from theory.source import OWN, Source

quick = Decide(effort=0.3)
_t, _i, _n = sp.symbols("t i n_", integer=True, nonnegative=True)
_N, _K = N.symbol, K.symbol


def _head(name: str, **assumptions: bool) -> Any:
    return sp.Function(name, real=True, **assumptions)


_Th, _kappa = theta.symbol, kappa.symbol
_k, _b, _r, _s = sp.symbols("k_ b_ r_ s_", integer=True, nonnegative=True)

source_windows = Definition(
    "markov/source_windows",
    sp.Function("source_windows", integer=True, nonnegative=True),
    "source_windows(K) = number of the mixing matrices of the windows of a source of order at most K, full first "
    "window",
)
first_order_windows = Definition(
    "markov/first_order_windows",
    sp.Function("first_order_windows", integer=True, nonnegative=True),
    "first_order_windows(K) = the same for a first-order source whose kernel has Dobrushin coefficient theta",
)
_S, _W = source_windows(_K), first_order_windows(_K)

apart = Definition(
    "markov/apart",
    _head("apart", nonnegative=True),
    "apart(t) = h(t), the probability that the house of cards has not coalesced at time t (D11)",
)
remaining = Definition(
    "markov/remaining",
    _head("remaining", nonnegative=True),
    "remaining(t) = sum of h(s) over s >= t, the expected number of steps after time t before coalescence; "
    "remaining(0) = E (claim markov/hoc_time)",
)
one_step_less = Definition(
    "markov/one_step_less",
    _head("one_step_less"),
    "one_step_less(t) = remaining(t) - remaining(t + 1) - h(t), which is 0",
    (Forall((_t,), eq(_head("one_step_less")(_t), remaining(_t) - remaining(_t + 1) - apart(_t))),),
    bounds=(0, 0),
)
block_sum = Definition(
    "markov/block_sum",
    _head("block_sum", nonnegative=True),
    "block_sum(K, b) = sum over r = 0..K-1 of dbar'(bK + r)",
    (
        Forall(
            (_k, _b),
            eq(
                _head("block_sum", nonnegative=True)(_k, _b),
                sp.Sum(curve(source_windows(_k), _b * _k + _r), (_r, 0, _k - 1)),
            ),
        ),
    ),
)
covered = Definition(
    "markov/covered",
    _head("covered", nonnegative=True),
    "covered(K, n) = sum of dbar' over the first n blocks of K times minus its sum over the first n times, which is "
    ">= 0",
    (
        Forall(
            (_k, _n),
            eq(
                _head("covered", nonnegative=True)(_k, _n),
                sp.Sum(block_sum(_k, _b), (_b, 0, _n - 1)) - curve_sum(source_windows(_k), _n - 1),
            ),
        ),
    ),
    bounds=(0, None),
)
beyond_window = Definition(
    "markov/beyond_window",
    _head("beyond_window", nonnegative=True),
    "beyond_window(K, n) = sum of dbar' over times below K and over the n times from K on, minus its sum over the "
    "first n times, which is >= 0",
    (
        Forall(
            (_k, _n),
            eq(
                _head("beyond_window", nonnegative=True)(_k, _n),
                curve_sum(first_order_windows(_k), _k - 1)
                + sp.Sum(curve(first_order_windows(_k), _k + _s), (_s, 0, _n - 1))
                - curve_sum(first_order_windows(_k), _n - 1),
            ),
        ),
    ),
    bounds=(0, None),
)
coupled = Lemma(
    "markov/coupled",
    "Windows that differ in their newest token have agreement 0, so the house of cards bounds their distance",
    (K,),
    Forall((_t,), le(curve(_S, _t), apart(_t))),
    backing=Citation(Source("bressaud1999", "section 3", recheck=True)),
)
contracted_blocks = Lemma(
    "markov/contracted_blocks",
    "dbar'(t) <= kappa(A)^floor(t/K)",
    (K, kappa),
    Forall((_b, _r), le(curve(_S, _b * _K + _r), _kappa**_b)),
    backing=Citation(Source("dobrushin1956", recheck=True)),
)
contracted_tokens = Lemma(
    "markov/contracted_tokens",
    "At order one, dbar'(t) = dbar_X(t-K+1) <= theta^(t-K+1) for t >= K - 1",
    (K, theta),
    Forall((_s,), le(curve(_W, _K + _s), _Th * _Th**_s)),
    backing=Citation(Source("dobrushin1956", recheck=True)),
)

_norm = matrix_norm(_S, _N)
_partial = sp.Sum(_kappa**_t, (_t, 0, _N - 1))
mixing_matrix_hoc = Claim(
    id="markov/mixing_matrix_hoc",
    title="Norm of the mixing matrix of windows",
    kind=Kind.UPPER,
    text=(
        "Source of order <= K, full first window: |Gamma| <= sum_t dbar'(t) <= E, and <= K/(1-kappa(A)); first-order "
        "tokens with Dobrushin coefficient theta: |Gamma| <= K + theta/(1-theta)"
    ),
    parameters=(K, N, kappa, theta),
    hypotheses=(lt(_kappa, 1),),
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
        by=[Induction(_n), unfold(one_step_less, t=_n), unfold(one_step_less, t=_n + 1), quick],
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
    .have("contraction", contracted_blocks.conclusion, by=contracted_blocks.at())
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
        by=["Schur", unfold(covered, k_=_K, n_=_N), "blocks", fact("K series", n_=_N - 1), "series", quick],
    )
    .have("first order, Schur", le(matrix_norm(_W, _N), curve_sum(_W, _N - 1)), by=schur_test.at(g=_W))
    .have(
        "shared tokens",
        le(curve_sum(_W, _K - 1), sp.Sum(1, (_t, 0, _K - 1))),
        by=[Termwise(), unfold(curve), quick],
    )
    .have("tokens", contracted_tokens.conclusion, by=contracted_tokens.at())
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
            unfold(beyond_window, k_=_K, n_=_N),
            "shared tokens",
            "later times",
            fact("theta series", n_=_N - 1),
            "geometric",
            quick,
        ],
    ),
)
