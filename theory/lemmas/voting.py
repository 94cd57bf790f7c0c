"""The vote of all predictors that an online learner passes through.

Samples, examples, risks and losses are those of `theory.lemmas.online`. wrong(i, h, c) is the number of the first i
predictors of sample h that err on example c; right(h, c) and plural(h, c) are the weights of the right answer and of
the winner among all m of them.

Main statements
    half            a plurality that errs has half of the predictors against it
    vote_error      the error of the vote is at most twice the mean risk
    voted_failure   with at most M losses on every sample and (1 - 1/e) m epsilon >= 2 (M + log(1/delta)), the vote
                    errs more than epsilon with probability at most delta

References: Littlestone (1989) for the way from mistakes to error.
"""

from __future__ import annotations

import sympy as sp

from theory.derivation import derive
from theory.justification import Induction, Termwise, algebra, fact, quick
from theory.lemma import Lemma
from theory.lemmas.online import (
    KAPPA,
    LAW,
    RISK,
    SAMPLE_LAW,
    X,
    above_tangent,
    examples,
    expected,
    exponential,
    law,
    m,
    mean,
    risk,
    sample_law,
    samples,
    seen,
    surplus,
)
from theory.parameter import Parameter, reals
from theory.proposition import Forall, eq, ge, le

_h, _i, _c, _k, _s = (sp.Symbol(name, integer=True, nonnegative=True) for name in "hicks")
_f, _y, _V, _p, _r, _w, _R, _L, _ld = (
    Parameter(n, n, "a number", reals(), (0, 1)) for n in ("f", "y", "V", "p", "r", "w", "R", "L", "ld")
)
epsilon = Parameter("epsilon", r"\epsilon", "allowed error", reals(0, 1, open="both"), (0.01, 0.5))
delta = Parameter("delta", r"\delta", "allowed probability of failure", reals(0, 1, open="both"), (0.01, 0.5))
M = Parameter("M", "M", "bound of the mistakes on every sample", reals(0), (0, 1000))
rare = Lemma(
    "voting/rare",
    "An indicator that needs y >= log(1/delta) is at most delta e^y",
    (_f, _y, delta),
    le(_f.symbol, delta.symbol * sp.exp(_y.symbol)),
    hypotheses=(
        ge(_f.symbol, 0),
        le(_f.symbol, 1),
        ge(_f.symbol * (_y.symbol + sp.log(delta.symbol)), 0),
    ),
    backing=derive()
    .have(
        "tangent",
        ge(delta.symbol * sp.exp(_y.symbol), 1 + _y.symbol + sp.log(delta.symbol)),
        by=above_tangent.at(v=_y.symbol + sp.log(delta.symbol)),
    )
    .have(
        "product",
        ge(_f.symbol * (delta.symbol * sp.exp(_y.symbol)), _f.symbol),
        by=["tangent", "hypothesis 1", "hypothesis 3", quick],
    )
    .have("positive", ge(delta.symbol * sp.exp(_y.symbol), 0), by=quick)
    .have(
        "rare",
        le(_f.symbol, delta.symbol * sp.exp(_y.symbol)),
        by=["product", "positive", "hypothesis 2", quick],
    ),
)
half = Lemma(
    "voting/half",
    "A plurality that errs has half of the predictors against it",
    (_V, _p, _r, _w, m),
    le(_V.symbol * m.symbol, 2 * _w.symbol),
    hypotheses=(
        ge(_V.symbol, 0),
        le(_V.symbol, 1),
        ge(_V.symbol * (_p.symbol - _r.symbol), 0),
        ge(_V.symbol * (_w.symbol - _p.symbol), 0),
        eq(_r.symbol + _w.symbol, m.symbol),
        ge(_w.symbol, 0),
    ),
    statement="the winner's weight p is at least that of the right answer, r, and at most that of all wrong ones, w",
    backing=derive()
    .have(
        "weights",
        le(_V.symbol * (_r.symbol + _w.symbol), 2 * _V.symbol * _w.symbol),
        by=["hypothesis 3", "hypothesis 4", quick],
    )
    .have("at most", le(_V.symbol * _w.symbol, _w.symbol), by=["hypothesis 2", "hypothesis 6", quick])
    .have("half", le(_V.symbol * m.symbol, 2 * _w.symbol), by=["weights", "at most", "hypothesis 5", quick]),
)
_rate = Parameter("K", "K", "1 - 1/e", reals(0), (0, 1))
enough = Lemma(
    "voting/enough",
    "A vote that errs more than epsilon needs a surplus of at least log(1/delta)",
    (_f, _r, epsilon, m, M, _rate, _R, _L, _ld),
    ge(_f.symbol * (_rate.symbol * _R.symbol - _L.symbol + _ld.symbol), 0),
    hypotheses=(
        ge(_f.symbol, 0),
        ge(_f.symbol * (_r.symbol - epsilon.symbol), 0),
        le(_r.symbol * m.symbol, 2 * _R.symbol),
        le(_L.symbol, M.symbol),
        ge(_rate.symbol * m.symbol * epsilon.symbol, 2 * (M.symbol - _ld.symbol)),
    ),
    backing=derive()
    .have(
        "error",
        ge(_f.symbol * _r.symbol * (_rate.symbol * m.symbol), _f.symbol * epsilon.symbol * (_rate.symbol * m.symbol)),
        by=["hypothesis 2", quick],
    )
    .have(
        "risks",
        le(_f.symbol * _r.symbol * (_rate.symbol * m.symbol), _f.symbol * (2 * _rate.symbol * _R.symbol)),
        by=["hypothesis 1", "hypothesis 3", quick],
    )
    .have("losses", le(_f.symbol * _L.symbol, _f.symbol * M.symbol), by=["hypothesis 1", "hypothesis 4", quick])
    .have(
        "examples",
        ge(_f.symbol * (_rate.symbol * m.symbol * epsilon.symbol), _f.symbol * (2 * (M.symbol - _ld.symbol))),
        by=["hypothesis 1", "hypothesis 5", quick],
    )
    .have(
        "surplus",
        ge(_f.symbol * (_rate.symbol * _R.symbol - _L.symbol + _ld.symbol), 0),
        by=["error", "risks", "losses", "examples", quick],
    ),
)

wrong, right, plural, errs, error, fails = (
    sp.Function(name, real=True) for name in ("wrong", "right", "plural", "errs", "error", "fails")
)
_M, _m, _delta = M.symbol, m.symbol, delta.symbol
_risks, _losses = sp.Sum(risk(_k - 1, _h), (_k, 1, _m)), sp.Sum(seen(_k - 1, _h), (_k, 1, _m))
_wrong = mean(wrong(_i, _h, _c))
NONE_WRONG = Forall((_h, _c), eq(wrong(0, _h, _c), 0))
ONE_MORE_WRONG = Forall((_i, _h, _c), eq(wrong(_i + 1, _h, _c), wrong(_i, _h, _c) + X(_i, _h, _c)))
first_wrong = Lemma(
    "voting/first_wrong",
    "Before the first example there is no loss",
    (examples,),
    Forall((_h,), eq(mean(wrong(0, _h, _c)), 0)),
    hypotheses=(NONE_WRONG,),
    functions=(law, wrong),
    backing=derive()
    .have("term", Forall((_h, _c), eq(law(_c) * wrong(0, _h, _c), 0)), by=["hypothesis 1", quick])
    .have(
        "sums",
        Forall((_s, _h), eq(sp.Sum(law(_c) * wrong(0, _h, _c), (_c, 0, _s)), 0)),
        by=[Induction(_s), fact("term", h=_h, c=0), fact("term", h=_h, c=_s + 1), quick],
    )
    .have("start", Forall((_h,), eq(mean(wrong(0, _h, _c)), 0)), by=[fact("sums", s=examples.symbol, h=_h)]),
)
next_wrong = Lemma(
    "voting/next_wrong",
    "One predictor more adds its risk",
    (examples,),
    Forall((_i, _h), eq(mean(wrong(_i + 1, _h, _c)), _wrong + risk(_i, _h))),
    hypotheses=(RISK, ONE_MORE_WRONG),
    functions=(law, X, risk, wrong),
    backing=derive()
    .have(
        "term",
        Forall(
            (_i, _h, _c),
            eq(law(_c) * wrong(_i + 1, _h, _c), law(_c) * (wrong(_i, _h, _c) + X(_i, _h, _c))),
        ),
        by=[fact("hypothesis 2", i=_i, h=_h, c=_c), quick],
    )
    .have(
        "mean",
        Forall((_i, _h), eq(mean(wrong(_i + 1, _h, _c)), mean(wrong(_i, _h, _c) + X(_i, _h, _c)))),
        by=[Termwise(), "term"],
    )
    .have(
        "linear",
        Forall((_i, _h), eq(mean(wrong(_i, _h, _c) + X(_i, _h, _c)), _wrong + mean(X(_i, _h, _c)))),
        by=algebra,
    )
    .have(
        "next",
        Forall((_i, _h), eq(mean(wrong(_i + 1, _h, _c)), _wrong + risk(_i, _h))),
        by=[fact("mean", i=_i, h=_h), fact("linear", i=_i, h=_h), fact("hypothesis 1", i=_i, h=_h), quick],
    ),
)
wrong_risks = Lemma(
    "voting/wrong_risks",
    "The mean number of predictors that err is the sum of their risks",
    (examples,),
    Forall((_i, _h), eq(_wrong, sp.Sum(risk(_k - 1, _h), (_k, 1, _i)))),
    hypotheses=(RISK, NONE_WRONG, ONE_MORE_WRONG),
    functions=(law, X, risk, wrong),
    backing=derive()
    .have("start", first_wrong.conclusion, by=["hypothesis 2", first_wrong.at()])
    .have("one more", next_wrong.conclusion, by=["hypothesis 1", "hypothesis 3", next_wrong.at()])
    .have(
        "every i",
        Forall((_i, _h), eq(_wrong, sp.Sum(risk(_k - 1, _h), (_k, 1, _i)))),
        by=[Induction(_i), fact("start", h=_h), fact("one more", i=_i, h=_h), quick],
    ),
)

_VOTE = (
    Forall((_h,), ge(fails(_h), 0)),
    Forall((_h,), le(fails(_h), 1)),
    Forall((_h,), ge(fails(_h) * (error(_h) - epsilon.symbol), 0)),
    Forall((_h,), eq(error(_h), mean(errs(_h, _c)))),
    Forall((_h, _c), ge(errs(_h, _c), 0)),
    Forall((_h, _c), le(errs(_h, _c), 1)),
    Forall((_h, _c), ge(errs(_h, _c) * (plural(_h, _c) - right(_h, _c)), 0)),
    Forall((_h, _c), ge(errs(_h, _c) * (wrong(_m, _h, _c) - plural(_h, _c)), 0)),
    Forall((_h, _c), eq(right(_h, _c) + wrong(_m, _h, _c), _m)),
    Forall((_i, _h, _c), ge(wrong(_i, _h, _c), 0)),
)
vote_error = Lemma(
    "voting/vote_error",
    "The error of the vote is at most twice the mean risk",
    (examples, m),
    Forall((_h,), le(error(_h) * _m, 2 * _risks)),
    hypotheses=(LAW[0], *wrong_risks.hypotheses, *_VOTE[3:]),
    functions=(law, X, risk, wrong, right, plural, errs, error),
    backing=derive()
    .have(
        "half",
        Forall((_h, _c), le(errs(_h, _c) * _m, 2 * wrong(_m, _h, _c))),
        by=[
            *(fact(f"hypothesis {k}", h=_h, c=_c) for k in (6, 7, 8, 9, 10)),
            fact("hypothesis 11", i=_m, h=_h, c=_c),
            half.at(V=errs(_h, _c), p=plural(_h, _c), r=right(_h, _c), w=wrong(_m, _h, _c)),
        ],
    )
    .have(
        "term",
        Forall((_h, _c), le(law(_c) * (errs(_h, _c) * _m), law(_c) * (2 * wrong(_m, _h, _c)))),
        by=[fact("half", h=_h, c=_c), fact("hypothesis 1", c=_c), quick],
    )
    .have(
        "mean",
        Forall((_h,), le(mean(errs(_h, _c) * _m), mean(2 * wrong(_m, _h, _c)))),
        by=[Termwise(), "term"],
    )
    .have("left", Forall((_h,), eq(mean(errs(_h, _c) * _m), _m * mean(errs(_h, _c)))), by=algebra)
    .have("right", Forall((_h,), eq(mean(2 * wrong(_m, _h, _c)), 2 * mean(wrong(_m, _h, _c)))), by=algebra)
    .have(
        "risks",
        wrong_risks.conclusion,
        by=["hypothesis 2", "hypothesis 3", "hypothesis 4", wrong_risks.at()],
    )
    .have(
        "vote",
        Forall((_h,), le(error(_h) * _m, 2 * _risks)),
        by=[
            fact("mean", h=_h),
            fact("left", h=_h),
            fact("right", h=_h),
            fact("risks", i=_m, h=_h),
            fact("hypothesis 5", h=_h),
            quick,
        ],
    ),
)
total_risk, lost = (sp.Function(name, real=True) for name in ("total_risk", "lost"))
_grown = sp.exp(_rate.symbol * total_risk(_h) - lost(_h))
named_failure = Lemma(
    "voting/named_failure",
    "A failure needs a surplus of at least log(1/delta), which is rare",
    (samples, m, M, epsilon, delta, _rate),
    le(expected(fails(_h)), _delta * expected(_grown)),
    hypotheses=(
        SAMPLE_LAW[0],
        *_VOTE[:3],
        Forall((_h,), le(error(_h) * _m, 2 * total_risk(_h))),
        Forall((_h,), le(lost(_h), _M)),
        ge(_rate.symbol * _m * epsilon.symbol, 2 * (_M - sp.log(_delta))),
    ),
    functions=(sample_law, fails, error, total_risk, lost),
    backing=derive()
    .have(
        "surplus",
        Forall((_h,), ge(fails(_h) * (_rate.symbol * total_risk(_h) - lost(_h) + sp.log(_delta)), 0)),
        by=[
            *(fact(f"hypothesis {k}", h=_h) for k in (2, 4, 5, 6)),
            "hypothesis 7",
            enough.at(f=fails(_h), r=error(_h), R=total_risk(_h), L=lost(_h), ld=sp.log(_delta)),
        ],
    )
    .have(
        "rare",
        Forall((_h,), le(fails(_h), _delta * _grown)),
        by=[
            fact("hypothesis 2", h=_h),
            fact("hypothesis 3", h=_h),
            fact("surplus", h=_h),
            rare.at(f=fails(_h), y=_rate.symbol * total_risk(_h) - lost(_h)),
        ],
    )
    .have(
        "term",
        Forall((_h,), le(sample_law(_h) * fails(_h), sample_law(_h) * (_delta * _grown))),
        by=[fact("rare", h=_h), fact("hypothesis 1", h=_h), quick],
    )
    .have("mean", le(expected(fails(_h)), expected(_delta * _grown)), by=[Termwise(), "term"])
    .have("factor", eq(expected(_delta * _grown), _delta * expected(_grown)), by=algebra)
    .have("failure", le(expected(fails(_h)), _delta * expected(_grown)), by=["mean", "factor", quick]),
)
voted_failure = Lemma(
    "voting/voted_failure",
    "The vote over all predictors errs more than epsilon with probability at most delta",
    (examples, samples, m, M, epsilon, delta),
    le(expected(fails(_h)), _delta),
    hypotheses=(
        *exponential.hypotheses,
        *wrong_risks.hypotheses[1:],
        *_VOTE,
        Forall((_h,), le(_losses, _M)),
        ge(KAPPA * _m * epsilon.symbol, 2 * (_M - sp.log(_delta))),
    ),
    functions=(law, sample_law, X, seen, risk, wrong, right, plural, errs, error, fails),
    backing=derive()
    .have("exponential", exponential.conclusion, by=[*(f"hypothesis {k}" for k in range(1, 9)), exponential.at()])
    .have(
        "vote",
        vote_error.conclusion,
        by=[*(f"hypothesis {k}" for k in (1, 7, 9, 10, *range(14, 21))), vote_error.at()],
    )
    .have(
        "named",
        le(expected(fails(_h)), _delta * expected(sp.exp(surplus(_m)))),
        by=[
            *(f"hypothesis {k}" for k in (3, 11, 12, 13, 21, 22)),
            "vote",
            named_failure.at(K=KAPPA, total_risk=sp.Lambda((_h,), _risks), lost=sp.Lambda((_h,), _losses)),
        ],
    )
    .have("failure", le(expected(fails(_h)), _delta), by=["named", fact("exponential", i=_m), quick]),
)
