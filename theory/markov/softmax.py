"""Norms of the logits of a transformer, and the log-ratio they bound (specification 2.D).

Main statements
    logit_norms           norms of the logits W S 1/(n tau) of a transformer with unit-ball columns
    log_ratio_as_stated   |log(P*/P_Theta)| <= max{log T + 2 B_U/tau, log(1/c_0)}
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from theory.claim import Claim, Kind, Status, lower, upper
from theory.derivation import derive
from theory.justification import SingleTerm, Termwise, algebra, decide, fact
from theory.lemma import Lemma
from theory.lemmas.euclidean import cauchy_schwarz_ball, over_width, width
from theory.lemmas.softmax import (
    at_most_one,
    softmax,
    x,
)
from theory.markov.parameters import T, tau
from theory.markov.softmax_floor import softmax_floor_as_stated
from theory.parameter import Parameter, integers, reals
from theory.proposition import Forall, eq, ge, le
from theory.source import Source

_k = sp.Symbol("k", integer=True, nonnegative=True)


# -- logits of a transformer ------------------------------------------------------------------------------------------

positions = Parameter("positions", "n", "number of positions", integers(1), (1, 1000), "tokens")
B_U = Parameter("B_U", "B_U", "sum of the norms of the rows of W_U (D13)", reals(0), (0.1, 100))
b_U = Parameter("b_U", "b_U", "largest norm of a row of W_U (D13)", reals(0), (0.1, 10))
D_U = Parameter("D_U", "D_U", "largest distance of two rows of W_U (D13)", reals(0), (0.1, 10))
_first = Parameter("i", "i", "a token", integers(0, T.symbol - 1), (0, 1))
_second = Parameter("j", "j", "another token", integers(0, T.symbol - 1), (0, 1))
_far = Parameter("i_far", "i_*", "a row of W_U furthest from another", integers(0, T.symbol - 1), (0, 1))
_other = Parameter("j_far", "j_*", "that other row", integers(0, T.symbol - 1), (0, 1))

W = sp.Function("W_U", real=True)
S = sp.Function("S", real=True)
row_norm = sp.Function("row_norm", real=True)
_p = sp.Symbol("p", integer=True, nonnegative=True)
_u = sp.Symbol("u", integer=True, nonnegative=True)
_v = sp.Symbol("v", integer=True, nonnegative=True)
_n, _tau, _r = positions.symbol, tau.symbol, width.symbol


def score(row: Any, position: Any) -> sp.Sum:
    """<row of W_U, column of S>; `row` maps a coordinate to an expression."""
    return over_width(row(_k) * S(_k, position))


def logit(row: Any) -> sp.Expr:
    """(W_U S 1_n)_i/(n tau), the logit of the token with this row (D13)."""
    return sp.Sum(score(row, _p) / (_n * _tau), (_p, 0, _n - 1))


def _row(token: Any) -> Any:
    return sp.Lambda((_v,), W(token, _v))


def _gap(one: Any, other: Any) -> Any:
    return sp.Lambda((_v,), W(one, _v) - W(other, _v))


_norm = Parameter("norm", r"\|a\|", "norm of a row", reals(0), (0, 10))
_a = sp.Function("a", real=True)
_share = _norm.symbol / (_n * _tau)
_score = Parameter("score", "s", "inner product of a row and a column", reals(), (-10, 10))
share_of_score = Lemma(
    "markov/share_of_score",
    "|s| <= norm gives |s/(n tau)| <= norm/(n tau)",
    (_score, positions, tau, _norm),
    le(sp.Abs(_score.symbol / (_n * _tau)), _share),
    hypotheses=(le(sp.Abs(_score.symbol), _norm.symbol),),
    backing=derive().have("divide", le(sp.Abs(_score.symbol / (_n * _tau)), _share), by=["hypothesis 1", decide]),
)
averaged_score = Lemma(
    "markov/averaged_score",
    "Averaging over positions stays in the ball: a logit is at most the norm of its row, over tau",
    (width, positions, tau, _norm),
    le(sp.Abs(logit(_a)), _norm.symbol / _tau),
    hypotheses=(
        Forall((_u,), le(over_width(S(_k, _u) ** 2), 1)),
        eq(over_width(_a(_k) ** 2), _norm.symbol**2),
    ),
    functions=(_a, S),
    backing=derive()
    .have(
        "score",
        Forall((_u,), le(sp.Abs(score(_a, _u)), _norm.symbol)),
        by=[
            fact("hypothesis 1", u=_u),
            "hypothesis 2",
            cauchy_schwarz_ball.at(product=score(_a, _u), norm=_norm.symbol, a=_a, h=sp.Lambda((_v,), S(_v, _u))),
        ],
        note="Cauchy-Schwarz",
    )
    .have(
        "share",
        Forall((_u,), le(sp.Abs(score(_a, _u) / (_n * _tau)), _share)),
        by=[fact("score", u=_u), share_of_score.at(score=score(_a, _u))],
    )
    .have("above", le(logit(_a), sp.Sum(_share, (_p, 0, _n - 1))), by=[Termwise(), "share"])
    .have("below", ge(logit(_a), sp.Sum(-_share, (_p, 0, _n - 1))), by=[Termwise(), "share"])
    .have("count", eq(sp.Sum(_share, (_p, 0, _n - 1)), _norm.symbol / _tau), by=algebra)
    .have("negative count", eq(sp.Sum(-_share, (_p, 0, _n - 1)), -_norm.symbol / _tau), by=algebra)
    .have(
        "average",
        le(sp.Abs(logit(_a)), _norm.symbol / _tau),
        by=["above", "below", "count", "negative count", decide],
    ),
)

_far_row = _gap(_far.symbol, _other.symbol)
_sum_squares = over_width((W(_far.symbol, _k) + W(_other.symbol, _k)) ** 2)
_gap_norm = over_width((W(_far.symbol, _k) - W(_other.symbol, _k)) ** 2)
_z_i, _z_j = logit(_row(_first.symbol)), logit(_row(_second.symbol))
_z_gap = logit(_gap(_first.symbol, _second.symbol))
_tokens = T.symbol - 1
_l1_norm = sp.Sum(sp.Abs(logit(_row(_u))), (_u, 0, _tokens))
_pair_norm = over_width((W(_first.symbol, _k) - W(_second.symbol, _k)) ** 2)
_distance = sp.Function("row_distance", real=True)

logit_norms = Claim(
    id="markov/logit_norms",
    title="Norms of the logits of a transformer",
    kind=Kind.UPPER,
    text=(
        "Logits W_U S 1_n/(n tau), columns of S in the unit ball: ||logits||_1 <= B_U/tau, ||logits||_inf <= b_U/tau, "
        "range <= D_U/tau <= 2 b_U/tau; the same holds after restriction to some of the rows"
    ),
    parameters=(T, width, positions, tau, B_U, b_U, D_U, _first, _second, _far, _other),
    functions=(W, S, row_norm, _distance),
    hypotheses=(
        Forall((_u,), le(over_width(S(_k, _u) ** 2), 1)),
        Forall((_u,), eq(over_width(W(_u, _k) ** 2), row_norm(_u) ** 2)),
        Forall((_u,), ge(row_norm(_u), 0)),
        eq(B_U.symbol, sp.Sum(row_norm(_u), (_u, 0, _tokens))),
        Forall((_u,), le(row_norm(_u), b_U.symbol)),
        Forall((_u, _v), eq(over_width((W(_u, _k) - W(_v, _k)) ** 2), _distance(_u, _v) ** 2)),
        Forall((_u, _v), ge(_distance(_u, _v), 0)),
        Forall((_u, _v), le(_distance(_u, _v), D_U.symbol)),
        eq(D_U.symbol, _distance(_far.symbol, _other.symbol)),
    ),
    statements=(
        upper(_l1_norm, B_U.symbol / tau.symbol, label="l1"),
        upper(sp.Abs(_z_i), b_U.symbol / tau.symbol, label="sup norm"),
        upper(_z_i - _z_j, D_U.symbol / tau.symbol, label="range"),
        upper(D_U.symbol / tau.symbol, 2 * b_U.symbol / tau.symbol, label="range by rows"),
    ),
    source=Source("zekri2024", "Lemma F.8 (first bound), F.19, F.20", "v2"),
    status=Status.AS_STATED,
    derivation=derive()
    .have(
        "each logit",
        Forall((_u,), le(sp.Abs(logit(_row(_u))), row_norm(_u) / _tau)),
        by=[
            "hypothesis 1",
            fact("hypothesis 2", u=_u),
            fact("hypothesis 3", u=_u),
            averaged_score.at(norm=row_norm(_u), a=_row(_u)),
        ],
        note="Cauchy-Schwarz, row by row; averaging over positions stays in the ball",
    )
    .have("l1 by rows", le(_l1_norm, sp.Sum(row_norm(_u) / _tau, (_u, 0, _tokens))), by=[Termwise(), "each logit"])
    .have(
        "total",
        eq(sp.Sum(row_norm(_u) / _tau, (_u, 0, _tokens)), B_U.symbol / _tau),
        by=["hypothesis 4", algebra],
    )
    .have("l1", le(_l1_norm, B_U.symbol / _tau), by=["l1 by rows", "total"])
    .have(
        "sup norm",
        le(sp.Abs(_z_i), b_U.symbol / _tau),
        by=[fact("each logit", u=_first.symbol), fact("hypothesis 5", u=_first.symbol), decide],
    )
    .have(
        "difference of rows",
        le(sp.Abs(_z_gap), _distance(_first.symbol, _second.symbol) / _tau),
        by=[
            "hypothesis 1",
            fact("hypothesis 6", u=_first.symbol, v=_second.symbol),
            fact("hypothesis 7", u=_first.symbol, v=_second.symbol),
            averaged_score.at(norm=_distance(_first.symbol, _second.symbol), a=_gap(_first.symbol, _second.symbol)),
        ],
    )
    .have(
        "linear in the row",
        Forall(
            (_u,),
            eq(
                score(_gap(_first.symbol, _second.symbol), _u),
                score(_row(_first.symbol), _u) - score(_row(_second.symbol), _u),
            ),
        ),
        by=algebra,
    )
    .have(
        "termwise",
        eq(
            _z_gap,
            sp.Sum((score(_row(_first.symbol), _p) - score(_row(_second.symbol), _p)) / (_n * _tau), (_p, 0, _n - 1)),
        ),
        by=[Termwise(), "linear in the row"],
    )
    .have(
        "linear",
        eq(
            sp.Sum((score(_row(_first.symbol), _p) - score(_row(_second.symbol), _p)) / (_n * _tau), (_p, 0, _n - 1)),
            _z_i - _z_j,
        ),
        by=algebra,
    )
    .have(
        "range",
        le(_z_i - _z_j, D_U.symbol / _tau),
        by=[
            "difference of rows",
            "termwise",
            "linear",
            fact("hypothesis 8", u=_first.symbol, v=_second.symbol),
            decide,
        ],
    )
    .have("sum of rows", ge(_sum_squares, 0), by=SingleTerm(0))
    .have(
        "parallelogram",
        eq(
            _gap_norm + _sum_squares,
            2 * over_width(W(_far.symbol, _k) ** 2) + 2 * over_width(W(_other.symbol, _k) ** 2),
        ),
        by=algebra,
    )
    .have(
        "square of the largest distance",
        le(D_U.symbol**2, 4 * b_U.symbol**2),
        by=[
            "sum of rows",
            "parallelogram",
            fact("hypothesis 6", u=_far.symbol, v=_other.symbol),
            "hypothesis 9",
            *(fact(f"hypothesis {h}", u=t.symbol) for h in (2, 3, 5) for t in (_far, _other)),
            decide,
        ],
    )
    .have("largest distance", le(D_U.symbol, 2 * b_U.symbol), by=["square of the largest distance", decide])
    .have("range by rows", le(D_U.symbol / _tau, 2 * b_U.symbol / _tau), by=["largest distance", decide]),
)

# -- log-ratio of a true law and a model ------------------------------------------------------------------------------

c_0 = Parameter(
    "c_0", "c_0", "ambiguity constant of the language (D15)", reals(0, 1 / T.symbol, open="lower"), (1e-6, 0.1)
)
truth = Parameter("truth", "P^*", "true probability of the next token", reals(c_0.symbol, 1), (0.01, 1))
_model = softmax(x, _first.symbol, T.symbol)
_ratio = sp.log(truth.symbol / _model)
log_ratio_bound = sp.Max(sp.log(T.symbol) + 2 * B_U.symbol / tau.symbol, sp.log(1 / c_0.symbol))
_softmax_floor = 1 / (T.symbol * sp.exp(2 * B_U.symbol / tau.symbol))

_probability = Parameter("P", "P", "probability under the model", reals(0, 1, open="lower"), (0.01, 1))
two_cases = Lemma(
    "markov/two_cases",
    "The log-ratio of two probabilities with floors",
    (T, tau, B_U, c_0, truth, _probability),
    le(sp.Abs(sp.log(truth.symbol / _probability.symbol)), log_ratio_bound),
    hypotheses=(ge(_probability.symbol, _softmax_floor),),
    backing=derive()
    .have(
        "model small",
        le(sp.log(1 / _probability.symbol), sp.log(T.symbol) + 2 * B_U.symbol / tau.symbol),
        by=["hypothesis 1", decide],
    )
    .have("truth at most one", le(sp.log(truth.symbol), 0), by=decide)
    .have("truth small", le(sp.log(1 / truth.symbol), sp.log(1 / c_0.symbol)), by=decide)
    .have("model at most one", le(sp.log(_probability.symbol), 0), by=decide)
    .have(
        "split",
        eq(sp.log(truth.symbol / _probability.symbol), sp.log(truth.symbol) - sp.log(_probability.symbol)),
        by=algebra,
    )
    .have(
        "model too small",
        le(sp.log(truth.symbol / _probability.symbol), sp.log(T.symbol) + 2 * B_U.symbol / tau.symbol),
        by=["split", "truth at most one", "model small", decide],
    )
    .have(
        "truth too small",
        le(-sp.log(truth.symbol / _probability.symbol), sp.log(1 / c_0.symbol)),
        by=["split", "model at most one", "truth small", decide],
    )
    .have(
        "two cases",
        le(sp.Abs(sp.log(truth.symbol / _probability.symbol)), log_ratio_bound),
        by=["model too small", "truth too small", decide],
    ),
)

log_ratio_as_stated = Claim(
    id="markov/log_ratio_as_stated",
    title="Log-ratio of the true law and the model, as printed",
    kind=Kind.UPPER,
    text="|log(P*(x|s)/P_Theta(x|s))| <= max{log T + 2 B_U/tau, log(1/c_0)}, which is >= log T always",
    parameters=(T, tau, B_U, c_0, truth, _first),
    functions=(x,),
    hypotheses=(le(sp.Sum(sp.Abs(x(_k)), (_k, 0, T.symbol - 1)), B_U.symbol / tau.symbol),),
    statements=(
        upper(sp.Abs(_ratio), log_ratio_bound, label="log-ratio"),
        lower(log_ratio_bound, sp.log(T.symbol), label="never small"),
    ),
    source=Source("zekri2024", "Prop. F.9 / F.21", "v2"),
    status=Status.AS_STATED,
    remarks=("at least log T >= log 2, so total variation bounds built on it are vacuous",),
    derivation=derive()
    .have(
        "floor",
        ge(_model, _softmax_floor),
        by=["hypothesis 1", softmax_floor_as_stated.at(m=T.symbol, c=B_U.symbol / tau.symbol)],
    )
    .have("at most one", le(_model, 1), by=at_most_one.at(m=T.symbol))
    .have(
        "log-ratio",
        le(sp.Abs(_ratio), log_ratio_bound),
        by=["floor", "at most one", two_cases.at(P=_model)],
    )
    .have("never small", ge(log_ratio_bound, sp.log(T.symbol)), by=decide),
)
