"""Stochastic subgradient descent on a convex loss, one pass, constant step, averaged iterate.

v(a, i) is the difference of the weights and a fixed decoder without loss, over rows a = 0..rows and columns
i = 0..columns; samples, examples and risks are those of `theory.lemmas.online`, X the hinge loss of a predictor on an
example. margin(h, c) is m times the gap of the averaged predictor of sample h on example c.

Main statements
    one_step    |v|^2 falls by 2 eta times the loss, up to eta^2 times the squared subgradient
    averaged    the averaged predictor of one pass errs at most (B^2 / (2 eta m) + eta R^2) in the mean
    best_step   sqrt(2) B R / sqrt(m) at eta = B / (sqrt(2) R sqrt(m))

References: Shalev-Shwartz and Ben-David (2014), section 14.3.
"""

from __future__ import annotations

import sympy as sp

from theory.derivation import derive
from theory.justification import Induction, SingleTerm, Termwise, algebra, decide, fact, quick
from theory.lemma import Lemma
from theory.lemmas.online import (
    LAW,
    RISK,
    SAMPLE_LAW,
    X,
    examples,
    expected,
    law,
    m,
    mean,
    risk,
    sample_law,
    samples,
    seen,
)
from theory.lemmas.perceptron import R2, columns, over_features, over_rows, row_length, rows
from theory.lemmas.voting import NONE_WRONG, ONE_MORE_WRONG, first_wrong, next_wrong, wrong
from theory.parameter import Parameter, reals
from theory.proposition import Forall, eq, ge, le

eta = Parameter("eta", r"\eta", "step of the descent", reals(0, sp.oo, open="lower"), (0.001, 1))
B = Parameter("B", "B", "norm of a decoder without loss", reals(0, sp.oo, open="lower"), (0.1, 100))
R = Parameter("R", "R", "largest length of a feature vector", reals(0, sp.oo, open="lower"), (1, 10))
loss = Parameter("loss", r"\ell", "hinge loss on the example", reals(0), (0, 10))

v, v_next, c, f, row_next = (sp.Function(name, real=True) for name in ("v", "v_next", "c", "f", "row_next"))
length, miss, margin, error, mean_wrong = (
    sp.Function(name, real=True) for name in ("length", "miss", "margin", "error", "mean_wrong")
)
_a, _i, _h, _c = (sp.Symbol(name, integer=True, nonnegative=True) for name in "aihc")
_eta, _R2, _m = eta.symbol, R2.symbol, m.symbol

_vf, _ff = over_features(v(_a, _i) * f(_i)), over_features(f(_i) ** 2)
_moved = over_features((v(_a, _i) + _eta * c(_a) * f(_i)) ** 2)
_row = row_length(_a) + 2 * _eta * c(_a) * _vf + _eta**2 * c(_a) ** 2 * _ff
one_step = Lemma(
    "descent/one_step",
    "|v + eta c f|^2 <= |v|^2 - 2 eta loss + 2 eta^2 R^2",
    (rows, columns, eta, R2, loss),
    le(over_rows(row_next(_a)), over_rows(row_length(_a)) - 2 * _eta * loss.symbol + 2 * _eta**2 * _R2),
    hypotheses=(
        Forall((_a, _i), eq(v_next(_a, _i), v(_a, _i) + _eta * c(_a) * f(_i))),
        le(over_rows(c(_a) ** 2), 2),
        le(_ff, _R2),
        le(over_rows(c(_a) * _vf), -loss.symbol),
        Forall((_a,), eq(row_length(_a), over_features(v(_a, _i) ** 2))),
        Forall((_a,), eq(row_next(_a), over_features(v_next(_a, _i) ** 2))),
    ),
    functions=(v, v_next, c, f, row_length, row_next),
    statement=(
        "c is +1 on the true row and -1 on the row ahead of it where there is a loss, 0 elsewhere, so -c f is a "
        "subgradient; a decoder without loss has <c f, u> >= 1 there, so <c f, v> <= -loss"
    ),
    backing=derive()
    .have(
        "moved",
        Forall((_a,), eq(over_features(v_next(_a, _i) ** 2), _moved)),
        by=[Termwise(), "hypothesis 1"],
    )
    .have(
        "square",
        Forall(
            (_a,),
            eq(_moved, over_features(v(_a, _i) ** 2) + 2 * _eta * c(_a) * _vf + _eta**2 * c(_a) ** 2 * _ff),
        ),
        by=algebra,
    )
    .have(
        "row",
        Forall((_a,), eq(row_next(_a), _row)),
        by=[
            fact("moved", a=_a),
            fact("square", a=_a),
            fact("hypothesis 5", a=_a),
            fact("hypothesis 6", a=_a),
            quick,
        ],
    )
    .have("rows", eq(over_rows(row_next(_a)), over_rows(_row)), by=[Termwise(), "row"])
    .have(
        "sum of rows",
        eq(
            over_rows(_row),
            over_rows(row_length(_a)) + 2 * _eta * over_rows(c(_a) * _vf) + _eta**2 * over_rows(c(_a) ** 2) * _ff,
        ),
        by=algebra,
    )
    .have("not negative", ge(_ff, 0), by=SingleTerm(0))
    .have(
        "subgradient",
        le(over_rows(c(_a) ** 2) * _ff, 2 * _R2),
        by=["hypothesis 2", "hypothesis 3", "not negative", quick],
    )
    .have(
        "update",
        le(_eta**2 * over_rows(c(_a) ** 2) * _ff, 2 * _eta**2 * _R2),
        by=["subgradient", quick],
    )
    .have(
        "direction",
        le(2 * _eta * over_rows(c(_a) * _vf), -2 * _eta * loss.symbol),
        by=["hypothesis 4", quick],
    )
    .have(
        "step",
        le(over_rows(row_next(_a)), over_rows(row_length(_a)) - 2 * _eta * loss.symbol + 2 * _eta**2 * _R2),
        by=["rows", "sum of rows", "update", "direction", quick],
    ),
)

_B2 = B.symbol**2
PASS = (
    SAMPLE_LAW[0],
    SAMPLE_LAW[1],
    Forall((_i, _h), le(length(_i + 1, _h), length(_i, _h) - 2 * _eta * seen(_i, _h) + 2 * _eta**2 * _R2)),
    Forall((_i, _h), ge(length(_i, _h), 0)),
    Forall((_h,), le(length(0, _h), _B2)),
    Forall((_i,), eq(expected(seen(_i, _h)), expected(risk(_i, _h)))),
    Forall((_h,), eq(mean_wrong(0, _h), 0)),
    Forall((_i, _h), eq(mean_wrong(_i + 1, _h), mean_wrong(_i, _h) + risk(_i, _h))),
)
_next_length = expected(length(_i, _h) - 2 * _eta * seen(_i, _h) + 2 * _eta**2 * _R2)
risks = Lemma(
    "descent/risks",
    "2 eta times the sum of the mean risks is at most B^2 + 2 eta^2 R^2 m",
    (samples, eta, B, R2),
    Forall((_i,), le(2 * _eta * expected(mean_wrong(_i, _h)), _B2 + 2 * _eta**2 * _R2 * _i)),
    hypotheses=PASS,
    functions=(sample_law, length, seen, risk, mean_wrong),
    backing=derive()
    .have(
        "length term",
        Forall(
            (_i, _h),
            le(
                sample_law(_h) * length(_i + 1, _h),
                sample_law(_h) * (length(_i, _h) - 2 * _eta * seen(_i, _h) + 2 * _eta**2 * _R2),
            ),
        ),
        by=[fact("hypothesis 1", h=_h), fact("hypothesis 3", i=_i, h=_h), quick],
    )
    .have("lengths", Forall((_i,), le(expected(length(_i + 1, _h)), _next_length)), by=[Termwise(), "length term"])
    .have(
        "linear",
        Forall(
            (_i,),
            eq(
                _next_length,
                expected(length(_i, _h))
                - 2 * _eta * expected(seen(_i, _h))
                + 2 * _eta**2 * _R2 * sp.Sum(sample_law(_h), (_h, 0, samples.symbol)),
            ),
        ),
        by=algebra,
    )
    .have(
        "falls",
        Forall(
            (_i,),
            le(
                expected(length(_i + 1, _h)),
                expected(length(_i, _h)) - 2 * _eta * expected(risk(_i, _h)) + 2 * _eta**2 * _R2,
            ),
        ),
        by=[fact("lengths", i=_i), fact("linear", i=_i), fact("hypothesis 6", i=_i), "hypothesis 2", quick],
    )
    .have(
        "wrong term",
        Forall(
            (_i, _h),
            eq(sample_law(_h) * mean_wrong(_i + 1, _h), sample_law(_h) * (mean_wrong(_i, _h) + risk(_i, _h))),
        ),
        by=[fact("hypothesis 8", i=_i, h=_h), quick],
    )
    .have(
        "wrong",
        Forall((_i,), eq(expected(mean_wrong(_i + 1, _h)), expected(mean_wrong(_i, _h) + risk(_i, _h)))),
        by=[Termwise(), "wrong term"],
    )
    .have(
        "wrong split",
        Forall(
            (_i,),
            eq(expected(mean_wrong(_i, _h) + risk(_i, _h)), expected(mean_wrong(_i, _h)) + expected(risk(_i, _h))),
        ),
        by=algebra,
    )
    .have("first term", Forall((_h,), eq(sample_law(_h) * mean_wrong(0, _h), 0)), by=["hypothesis 7", quick])
    .have(
        "start term",
        Forall((_h,), le(sample_law(_h) * length(0, _h), sample_law(_h) * _B2)),
        by=[fact("hypothesis 1", h=_h), fact("hypothesis 5", h=_h), quick],
    )
    .have("start lengths", le(expected(length(0, _h)), expected(_B2)), by=[Termwise(), "start term"])
    .have("start constant", eq(expected(_B2), _B2 * sp.Sum(sample_law(_h), (_h, 0, samples.symbol))), by=algebra)
    .have(
        "start wrong term",
        Forall((_h,), le(sample_law(_h) * (length(0, _h) + 2 * _eta * mean_wrong(0, _h)), sample_law(_h) * _B2)),
        by=[fact("start term", h=_h), fact("first term", h=_h), quick],
    )
    .have(
        "start sum",
        le(expected(length(0, _h) + 2 * _eta * mean_wrong(0, _h)), expected(_B2)),
        by=[Termwise(), "start wrong term"],
    )
    .have(
        "start split",
        eq(
            expected(length(0, _h) + 2 * _eta * mean_wrong(0, _h)),
            expected(length(0, _h)) + 2 * _eta * expected(mean_wrong(0, _h)),
        ),
        by=algebra,
    )
    .have(
        "start",
        le(expected(length(0, _h)) + 2 * _eta * expected(mean_wrong(0, _h)), _B2),
        by=["start sum", "start split", "start constant", "hypothesis 2", quick],
    )
    .have(
        "potential",
        Forall(
            (_i,),
            le(
                expected(length(_i, _h)) + 2 * _eta * expected(mean_wrong(_i, _h)),
                _B2 + 2 * _eta**2 * _R2 * _i,
            ),
        ),
        by=[
            Induction(_i),
            "start",
            fact("falls", i=_i),
            fact("wrong", i=_i),
            fact("wrong split", i=_i),
            quick,
        ],
    )
    .have(
        "positive term",
        Forall((_i, _h), ge(sample_law(_h) * length(_i, _h), 0)),
        by=[fact("hypothesis 1", h=_h), fact("hypothesis 4", i=_i, h=_h), quick],
    )
    .have(
        "positive",
        Forall((_i,), ge(expected(length(_i, _h)), 0)),
        by=[SingleTerm(0), fact("positive term", i=_i, h=_h), fact("positive term", i=_i, h=0)],
    )
    .have(
        "risks",
        Forall((_i,), le(2 * _eta * expected(mean_wrong(_i, _h)), _B2 + 2 * _eta**2 * _R2 * _i)),
        by=[fact("potential", i=_i), fact("positive", i=_i), quick],
    ),
)

_s = sp.Symbol("s", integer=True, nonnegative=True)
_wrong = mean(wrong(_i, _h, _c))
AVERAGE = (
    LAW[0],
    RISK,
    NONE_WRONG,
    ONE_MORE_WRONG,
    Forall((_h, _c), ge(wrong(_m, _h, _c), _m - margin(_h, _c))),
    Forall((_h, _c), ge(wrong(_m, _h, _c), 0)),
    Forall((_h, _c), ge(miss(_h, _c), 0)),
    Forall((_h, _c), le(miss(_h, _c), 1)),
    Forall((_h, _c), le(miss(_h, _c) * margin(_h, _c), 0)),
    Forall((_h,), eq(error(_h), mean(miss(_h, _c)))),
)
average_error = Lemma(
    "descent/average_error",
    "The averaged predictor errs at most as often as the predictors lose in the mean",
    (examples, m),
    Forall((_h,), le(error(_h) * _m, mean(wrong(_m, _h, _c)))),
    hypotheses=(LAW[0], *AVERAGE[4:]),
    functions=(law, wrong, margin, miss, error),
    statement="0/1 loss <= hinge loss, and the hinge loss of an average is at most the average of the hinge losses",
    backing=derive()
    .have(
        "miss",
        Forall((_h, _c), le(miss(_h, _c) * _m, wrong(_m, _h, _c))),
        by=[*(fact(f"hypothesis {k}", h=_h, c=_c) for k in (2, 3, 4, 5, 6)), quick],
    )
    .have(
        "term",
        Forall((_h, _c), le(law(_c) * (miss(_h, _c) * _m), law(_c) * wrong(_m, _h, _c))),
        by=[fact("miss", h=_h, c=_c), fact("hypothesis 1", c=_c), quick],
    )
    .have(
        "mean",
        Forall((_h,), le(mean(miss(_h, _c) * _m), mean(wrong(_m, _h, _c)))),
        by=[Termwise(), "term"],
    )
    .have("factor", Forall((_h,), eq(mean(miss(_h, _c) * _m), _m * mean(miss(_h, _c)))), by=algebra)
    .have(
        "error",
        Forall((_h,), le(error(_h) * _m, mean(wrong(_m, _h, _c)))),
        by=[fact("mean", h=_h), fact("factor", h=_h), fact("hypothesis 7", h=_h), quick],
    ),
)
averaged = Lemma(
    "descent/averaged",
    "Error of the averaged predictor: 2 eta m E error <= B^2 + 2 eta^2 R^2 m",
    (examples, samples, m, eta, B, R2),
    le(2 * _eta * _m * expected(error(_h)), _B2 + 2 * _eta**2 * _R2 * _m),
    hypotheses=(*PASS[:6], *AVERAGE),
    functions=(law, sample_law, X, seen, risk, length, wrong, margin, miss, error),
    backing=derive()
    .have("first", first_wrong.conclusion, by=["hypothesis 9", first_wrong.at()])
    .have("next", next_wrong.conclusion, by=["hypothesis 8", "hypothesis 10", next_wrong.at()])
    .have(
        "risks",
        Forall((_i,), le(2 * _eta * expected(_wrong), _B2 + 2 * _eta**2 * _R2 * _i)),
        by=[
            *(f"hypothesis {k}" for k in range(1, 7)),
            "first",
            "next",
            risks.at(mean_wrong=sp.Lambda((_i, _h), _wrong)),
        ],
    )
    .have(
        "error",
        average_error.conclusion,
        by=["hypothesis 7", *(f"hypothesis {k}" for k in range(11, 17)), average_error.at()],
    )
    .have(
        "term",
        Forall((_h,), le(sample_law(_h) * (error(_h) * _m), sample_law(_h) * mean(wrong(_m, _h, _c)))),
        by=[fact("error", h=_h), fact("hypothesis 1", h=_h), quick],
    )
    .have("mean", le(expected(error(_h) * _m), expected(mean(wrong(_m, _h, _c)))), by=[Termwise(), "term"])
    .have("factor", eq(expected(error(_h) * _m), _m * expected(error(_h))), by=algebra)
    .have(
        "averaged",
        le(2 * _eta * _m * expected(error(_h)), _B2 + 2 * _eta**2 * _R2 * _m),
        by=["mean", "factor", fact("risks", i=_m), quick],
    ),
)
mean_error = Parameter("mean_error", r"\mathbb E\epsilon_t", "expected error", reals(), (0, 1))
_E, _b, _r = mean_error.symbol, B.symbol, R.symbol
best_step = Lemma(
    "descent/best_step",
    "The step B / (sqrt(2) R sqrt(m)) gives sqrt(2) B R / sqrt(m)",
    (m, eta, B, R, mean_error),
    le(_E, sp.sqrt(2) * _b * _r / sp.sqrt(_m)),
    hypotheses=(
        eq(_eta, _b / (sp.sqrt(2) * _r * sp.sqrt(_m))),
        le(2 * _eta * _m * _E, _b**2 + 2 * _eta**2 * _r**2 * _m),
    ),
    backing=derive()
    .have(
        "square",
        eq(2 * (_b / (sp.sqrt(2) * _r * sp.sqrt(_m))) ** 2 * _r**2 * _m, _b**2),
        by=algebra,
    )
    .have("length", eq(2 * _eta**2 * _r**2 * _m, _b**2), by=["hypothesis 1", "square", decide])
    .have("risk", le(2 * _eta * _m * _E, 2 * _b**2), by=["hypothesis 2", "length", quick])
    .have(
        "scale",
        eq(2 * (_b / (sp.sqrt(2) * _r * sp.sqrt(_m))) * _m * (sp.sqrt(2) * _b * _r / sp.sqrt(_m)), 2 * _b**2),
        by=algebra,
    )
    .have(
        "named scale",
        eq(2 * _eta * _m * (sp.sqrt(2) * _b * _r / sp.sqrt(_m)), 2 * _b**2),
        by=["hypothesis 1", "scale", decide],
    )
    .have("error", le(_E, sp.sqrt(2) * _b * _r / sp.sqrt(_m)), by=["risk", "named scale", decide]),
)
