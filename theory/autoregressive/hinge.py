"""Hinge loss and stochastic subgradient descent for linear decoders (specification 2C).

distance(i, h, a, k) is the difference of the weights before example i of sample h and a decoder without loss, row a
and feature k; moved(i, h, a) is +1 on the true row and -1 on the row ahead of it where there is a loss, else 0.

Main statements
    linear_decoder_sgd   E error of position t <= sqrt(2) B_t R_t / sqrt(m), of the chain <= the sum of these
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from theory.autoregressive.parameters import T, epsilon, m
from theory.claim import Claim, Kind, Status, lower, upper
from theory.derivation import derive
from theory.justification import Induction, SingleTerm, Termwise, algebra, fact, quick
from theory.lemma import Lemma
from theory.lemmas import descent
from theory.lemmas.descent import AVERAGE, PASS, B, R, eta, length
from theory.lemmas.online import examples, expected, samples, seen
from theory.lemmas.perceptron import columns, rows
from theory.parameter import Parameter, reals
from theory.proposition import Forall, eq, ge, le
from theory.source import Source

_T, _m, _eta, _R, _B = T.symbol, m.symbol, eta.symbol, R.symbol, B.symbol
_i, _h, _a, _k, _t, _j = (sp.Symbol(name, integer=True, nonnegative=True) for name in "shaitj")
distance, moved, feature, row_distance = (
    sp.Function(name, real=True) for name in ("distance", "moved", "feature", "row_distance")
)


def _rows(term: Any) -> sp.Sum:
    return sp.Sum(term, (_a, 0, rows.symbol))


def _features(term: Any) -> sp.Sum:
    return sp.Sum(term, (_k, 0, columns.symbol))


_ahead = _rows(moved(_i, _h, _a) * _features(distance(_i, _h, _a, _k) * feature(_i, _h, _k)))
STEPS = (
    Forall(
        (_i, _h, _a, _k),
        eq(
            distance(_i + 1, _h, _a, _k),
            distance(_i, _h, _a, _k) + _eta * moved(_i, _h, _a) * feature(_i, _h, _k),
        ),
    ),
    Forall((_i, _h), le(_rows(moved(_i, _h, _a) ** 2), 2)),
    Forall((_i, _h), le(_features(feature(_i, _h, _k) ** 2), _R**2)),
    Forall((_i, _h), le(_ahead, -seen(_i, _h))),
    Forall((_i, _h), ge(seen(_i, _h), 0)),
    Forall((_i, _h, _a), eq(row_distance(_i, _h, _a), _features(distance(_i, _h, _a, _k) ** 2))),
    Forall((_i, _h), eq(length(_i, _h), _rows(row_distance(_i, _h, _a)))),
)
_falls = le(length(_i + 1, _h), length(_i, _h) - 2 * _eta * seen(_i, _h) + 2 * _eta**2 * _R**2)
falling_distance = Lemma(
    "autoregressive/falling_distance",
    "Each step comes closer to the decoder without loss, up to 2 eta^2 R^2",
    (rows, columns, eta, R),
    Forall((_i, _h), _falls),
    hypotheses=STEPS,
    functions=(distance, moved, feature, row_distance, seen, length),
    backing=derive()
    .have(
        "rows",
        Forall(
            (_i, _h),
            le(
                _rows(row_distance(_i + 1, _h, _a)),
                _rows(row_distance(_i, _h, _a)) - 2 * _eta * seen(_i, _h) + 2 * _eta**2 * _R**2,
            ),
        ),
        by=[
            "hypothesis 1",
            *(fact(f"hypothesis {k}", s=_i, h=_h) for k in (2, 3, 4, 5)),
            "hypothesis 6",
            descent.one_step.at(
                R2=_R**2,
                loss=seen(_i, _h),
                v=sp.Lambda((_a, _k), distance(_i, _h, _a, _k)),
                v_next=sp.Lambda((_a, _k), distance(_i + 1, _h, _a, _k)),
                c=sp.Lambda((_a,), moved(_i, _h, _a)),
                f=sp.Lambda((_k,), feature(_i, _h, _k)),
                row_length=sp.Lambda((_a,), row_distance(_i, _h, _a)),
                row_next=sp.Lambda((_a,), row_distance(_i + 1, _h, _a)),
            ),
        ],
    )
    .have(
        "falls",
        Forall((_i, _h), _falls),
        by=[
            fact("rows", s=_i, h=_h),
            fact("hypothesis 7", s=_i, h=_h),
            fact("hypothesis 7", s=_i + 1, h=_h),
            quick,
        ],
    ),
)
positive_distance = Lemma(
    "autoregressive/positive_distance",
    "A squared distance is not negative",
    (rows, columns),
    Forall((_i, _h), ge(length(_i, _h), 0)),
    hypotheses=STEPS[5:],
    functions=(distance, row_distance, length),
    backing=derive()
    .have("columns", Forall((_i, _h, _a), ge(_features(distance(_i, _h, _a, _k) ** 2), 0)), by=SingleTerm(0))
    .have(
        "row",
        Forall((_i, _h, _a), ge(row_distance(_i, _h, _a), 0)),
        by=[fact("columns", s=_i, h=_h, a=_a), fact("hypothesis 1", s=_i, h=_h, a=_a), quick],
    )
    .have(
        "rows",
        Forall((_i, _h), ge(_rows(row_distance(_i, _h, _a)), 0)),
        by=[SingleTerm(0), fact("row", s=_i, h=_h, a=_a), fact("row", s=_i, h=_h, a=0)],
    )
    .have(
        "length",
        Forall((_i, _h), ge(length(_i, _h), 0)),
        by=[fact("rows", s=_i, h=_h), fact("hypothesis 2", s=_i, h=_h), quick],
    ),
)

_x = sp.Function("x", real=True)
squares_of_sum = Lemma(
    "autoregressive/squares_of_sum",
    "A square of a sum of non-negative numbers is at least the sum of their squares",
    (T,),
    ge(sp.Sum(_x(_t), (_t, 1, _T)) ** 2, sp.Sum(_x(_t) ** 2, (_t, 1, _T))),
    hypotheses=(Forall((_t,), ge(_x(_t), 0)),),
    functions=(_x,),
    backing=derive()
    .have(
        "sums",
        Forall((_j,), ge(sp.Sum(_x(_t), (_t, 1, _j)), 0)),
        by=[Induction(_j), fact("hypothesis 1", t=_j + 1), quick],
    )
    .have(
        "cross",
        Forall((_j,), ge(sp.Sum(_x(_t), (_t, 1, _j)) * _x(_j + 1), 0)),
        by=[fact("sums", j=_j), fact("hypothesis 1", t=_j + 1), quick],
    )
    .have(
        "squares",
        Forall((_j,), ge(sp.Sum(_x(_t), (_t, 1, _j)) ** 2, sp.Sum(_x(_t) ** 2, (_t, 1, _j)))),
        by=[Induction(_j), fact("cross", j=_j), quick],
    )
    .have(
        "all",
        ge(sp.Sum(_x(_t), (_t, 1, _T)) ** 2, sp.Sum(_x(_t) ** 2, (_t, 1, _T))),
        by=fact("squares", j=_T),
    ),
)

_S, _Q = (Parameter(name, name, "a number", reals(), (0, 1)) for name in "SQ")
larger_size = Lemma(
    "autoregressive/larger_size",
    "Q <= S^2 gives 2 Q/epsilon <= 2 S^2/epsilon^2",
    (epsilon, _S, _Q),
    ge(2 * _S.symbol**2 / epsilon.symbol**2, 2 * _Q.symbol / epsilon.symbol),
    hypotheses=(ge(_S.symbol**2, _Q.symbol),),
    backing=derive()
    .have("scaled", ge(2 * _S.symbol**2 / epsilon.symbol**2, 2 * _S.symbol**2 / epsilon.symbol), by=quick)
    .have(
        "larger",
        ge(2 * _S.symbol**2 / epsilon.symbol**2, 2 * _Q.symbol / epsilon.symbol),
        by=["scaled", "hypothesis 1", quick],
    ),
)
position_error, norm_times_length = (sp.Function(name, real=True) for name in ("position_error", "norm_times_length"))
chain_error = Parameter(
    "chain_error", r"\mathbb E\,\mathrm{err}_{AR}", "expected error of the chain", reals(0, 1), (0, 1)
)
_error = expected(descent.error(_h))
_BR = sp.Sum(norm_times_length(_t), (_t, 1, _T))
_PASS = (*PASS[:2], *PASS[4:6])
linear_decoder_sgd = Claim(
    id="autoregressive/linear_decoder_sgd",
    title="One pass of hinge SGD",
    kind=Kind.UPPER,
    text=(
        "If a decoder of norm at most B_t has no hinge loss max_a [1 - <W_true - W_a, Phi>]_+, then one pass of "
        "subgradient steps B_t/(sqrt(2) R_t sqrt(m)) from 0 over m independent chains gives an averaged iterate of "
        "expected error at most sqrt(2) B_t R_t/sqrt(m), so the chain errs at most sqrt(2/m) sum_t B_t R_t in the "
        "mean; the sample size 2 (sum_t B_t R_t)^2/epsilon^2 is never smaller than the 2 sum_t B_t^2 R_t^2/epsilon of "
        "the perceptron's vote, apart from its constant and confidence"
    ),
    parameters=(T, m, rows, columns, examples, samples, eta, B, R, epsilon, chain_error),
    hypotheses=(
        *STEPS,
        *_PASS,
        *AVERAGE,
        eq(_eta, _B / (sp.sqrt(2) * _R * sp.sqrt(_m))),
        le(chain_error.symbol, sp.Sum(position_error(_t), (_t, 1, _T))),
        Forall((_t,), le(position_error(_t), sp.sqrt(2) * norm_times_length(_t) / sp.sqrt(_m))),
        Forall((_t,), ge(norm_times_length(_t), 0)),
    ),
    statements=(
        upper(_error, sp.sqrt(2) * _B * _R / sp.sqrt(_m), trivial=1, label="position"),
        upper(chain_error.symbol, sp.sqrt(2) / sp.sqrt(_m) * _BR, trivial=1, label="chain"),
        lower(
            2 * _BR**2 / epsilon.symbol**2,
            2 * sp.Sum(norm_times_length(_t) ** 2, (_t, 1, _T)) / epsilon.symbol,
            label="dominated",
        ),
    ),
    source=Source("shalevshwartz2014", "Theorem 14.8 and section 14.3", recheck=True),
    status=Status.OWN,
    derivation=derive()
    .have("falling", falling_distance.conclusion, by=[*(f"hypothesis {k}" for k in range(1, 8)), falling_distance.at()])
    .have("positive", positive_distance.conclusion, by=["hypothesis 6", "hypothesis 7", positive_distance.at()])
    .have(
        "average",
        le(2 * _eta * _m * _error, _B**2 + 2 * _eta**2 * _R**2 * _m),
        by=[
            "falling",
            "positive",
            *(f"hypothesis {k}" for k in range(8, 22)),
            descent.averaged.at(R2=_R**2),
        ],
        note="the standard bound of online convex optimisation, online to batch, Jensen",
    )
    .have(
        "position",
        le(_error, sp.sqrt(2) * _B * _R / sp.sqrt(_m)),
        by=["average", "hypothesis 22", descent.best_step.at(mean_error=_error)],
    )
    .have(
        "sum of positions",
        le(
            sp.Sum(position_error(_t), (_t, 1, _T)),
            sp.Sum(sp.sqrt(2) * norm_times_length(_t) / sp.sqrt(_m), (_t, 1, _T)),
        ),
        by=[Termwise(), "hypothesis 24"],
    )
    .have(
        "factor",
        eq(sp.Sum(sp.sqrt(2) * norm_times_length(_t) / sp.sqrt(_m), (_t, 1, _T)), sp.sqrt(2) / sp.sqrt(_m) * _BR),
        by=algebra,
    )
    .have(
        "chain",
        le(chain_error.symbol, sp.sqrt(2) / sp.sqrt(_m) * _BR),
        by=["hypothesis 23", "sum of positions", "factor", quick],
    )
    .have(
        "squares",
        ge(_BR**2, sp.Sum(norm_times_length(_t) ** 2, (_t, 1, _T))),
        by=["hypothesis 25", squares_of_sum.at(x=norm_times_length)],
    )
    .have(
        "dominated",
        ge(
            2 * _BR**2 / epsilon.symbol**2,
            2 * sp.Sum(norm_times_length(_t) ** 2, (_t, 1, _T)) / epsilon.symbol,
        ),
        by=["squares", larger_size.at(S=_BR, Q=sp.Sum(norm_times_length(_t) ** 2, (_t, 1, _T)))],
    ),
)
