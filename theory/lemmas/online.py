"""From mistakes on a sequence to the error on a fresh example.

A sample is a sequence of m independent examples. Samples are numbered h = 0..samples with probabilities sample_law(h),
examples c = 0..examples with probabilities law(c). X(i, h, c) in [0, 1] is the loss on example c of the predictor after
the first i examples of sample h, seen(i, h) its loss on the next example of that sample.

Main statements
    chord         e^(-x) <= 1 - (1 - 1/e) x on [0, 1]
    exponential   E exp(sum_i ((1 - 1/e) E X(i) - seen(i))) <= 1

References: Littlestone (1989); the exponential form is that of Freedman's inequality for indicators.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from theory.derivation import derive
from theory.justification import Induction, Termwise, algebra, decide, fact, quick
from theory.lemma import Lemma
from theory.parameter import Parameter, integers, reals
from theory.proposition import Forall, eq, ge, le

examples = Parameter("examples", r"\hat c", "last example", integers(0), (0, 100))
samples = Parameter("samples", r"\hat h", "last sample", integers(0), (0, 100))
m = Parameter("m", "m", "examples of a sample", integers(1), (1, 1000), "chains")

law, sample_law, X, seen, risk = (sp.Function(name, real=True) for name in ("law", "sample_law", "X", "seen", "risk"))
_h, _i, _c, _k = (sp.Symbol(name, integer=True, nonnegative=True) for name in "hick")
KAPPA = 1 - sp.exp(-1)


def mean(term: Any) -> sp.Sum:
    """The mean of `term` over an example c."""
    return sp.Sum(law(_c) * term, (_c, 0, examples.symbol))


def expected(term: Any) -> sp.Sum:
    """The mean of `term` over the sample h."""
    return sp.Sum(sample_law(_h) * term, (_h, 0, samples.symbol))


x = Parameter("x", "x", "a number", reals(0, 1), (0, 1))
chord = Lemma(
    "online/chord",
    "The exponential function lies below its chord",
    (x,),
    le(sp.exp(-x.symbol), 1 - KAPPA * x.symbol),
    backing=derive().have("chord", le(sp.exp(-x.symbol), 1 - KAPPA * x.symbol), by=decide),
)
v = Parameter("v", "v", "a number", reals(), (-2, 2))
tangent = Lemma(
    "online/tangent",
    "1 - v <= e^-v",
    (v,),
    le(sp.exp(v.symbol) * (1 - v.symbol), 1),
    backing=derive()
    .have("below", le(1 - v.symbol, sp.exp(-v.symbol)), by=decide)
    .have("product", le(sp.exp(v.symbol) * (1 - v.symbol), 1), by=["below", decide]),
)
above_tangent = Lemma(
    "online/above_tangent",
    "1 + v <= e^v",
    (v,),
    ge(sp.exp(v.symbol), 1 + v.symbol),
    backing=derive().have("above", ge(sp.exp(v.symbol), 1 + v.symbol), by=decide),
)
LAW = (Forall((_c,), ge(law(_c), 0)), eq(sp.Sum(law(_c), (_c, 0, examples.symbol)), 1))
_x1 = sp.Function("x1", real=True)
_e, _E, _K = (Parameter(n, n, "a number", reals(), (0, 1)) for n in ("e", "E", "K"))
one_example = Lemma(
    "online/one_example",
    "E exp((1 - 1/e) E x - x) <= 1 for x in [0, 1]",
    (examples, _e),
    le(mean(sp.exp(KAPPA * _e.symbol - _x1(_c))), 1),
    hypotheses=(
        *LAW,
        Forall((_c,), ge(_x1(_c), 0)),
        Forall((_c,), le(_x1(_c), 1)),
        eq(mean(_x1(_c)), _e.symbol),
    ),
    functions=(law, _x1),
    backing=derive(parameters=[_E, _K])
    .have(
        "chord",
        Forall((_c,), le(sp.exp(-_x1(_c)), 1 - KAPPA * _x1(_c))),
        by=[fact("hypothesis 3", c=_c), fact("hypothesis 4", c=_c), chord.at(x=_x1(_c))],
    )
    .have(
        "split",
        Forall((_c,), eq(sp.exp(KAPPA * _e.symbol - _x1(_c)), sp.exp(KAPPA * _e.symbol) * sp.exp(-_x1(_c)))),
        by=algebra,
    )
    .have(
        "term",
        Forall(
            (_c,),
            le(sp.exp(KAPPA * _e.symbol - _x1(_c)), sp.exp(KAPPA * _e.symbol) * (1 - KAPPA * _x1(_c))),
        ),
        by=[fact("chord", c=_c), fact("split", c=_c), quick],
    )
    .have(
        "weighted",
        Forall(
            (_c,),
            le(
                law(_c) * sp.exp(KAPPA * _e.symbol - _x1(_c)),
                law(_c) * (sp.exp(KAPPA * _e.symbol) * (1 - KAPPA * _x1(_c))),
            ),
        ),
        by=[fact("term", c=_c), fact("hypothesis 1", c=_c), quick],
    )
    .have(
        "mean",
        le(
            mean(sp.exp(KAPPA * _e.symbol - _x1(_c))),
            mean(sp.exp(KAPPA * _e.symbol) * (1 - KAPPA * _x1(_c))),
        ),
        by=[Termwise(), "weighted"],
    )
    .have(
        "linear",
        eq(
            mean(sp.exp(KAPPA * _e.symbol) * (1 - KAPPA * _x1(_c))),
            sp.exp(KAPPA * _e.symbol) * (sp.Sum(law(_c), (_c, 0, examples.symbol)) - KAPPA * mean(_x1(_c))),
        ),
        by=algebra,
    )
    .have("tangent", le(sp.exp(KAPPA * _e.symbol) * (1 - KAPPA * _e.symbol), 1), by=tangent.at(v=KAPPA * _e.symbol))
    .have(
        "at most 1",
        le(mean(sp.exp(KAPPA * _e.symbol - _x1(_c))), 1),
        by=["mean", "linear", "hypothesis 2", "hypothesis 5", "tangent", quick],
    ),
)

SAMPLE_LAW = (Forall((_h,), ge(sample_law(_h), 0)), eq(sp.Sum(sample_law(_h), (_h, 0, samples.symbol)), 1))


def surplus(i: Any) -> sp.Expr:
    """(1 - 1/e) times the risks of the first i predictors, minus what they lost, on sample h."""
    return KAPPA * sp.Sum(risk(_k - 1, _h), (_k, 1, i)) - sp.Sum(seen(_k - 1, _h), (_k, 1, i))


_fresh = mean(sp.exp(KAPPA * risk(_i, _h) - X(_i, _h, _c)))
INDEPENDENT = Forall((_i,), eq(expected(sp.exp(surplus(_i + 1))), expected(sp.exp(surplus(_i)) * _fresh)))
RISK = Forall((_i, _h), eq(mean(X(_i, _h, _c)), risk(_i, _h)))
_G, _N = (sp.Function(name, real=True) for name in ("G", "N"))
no_growth = Lemma(
    "online/no_growth",
    "A mean that is multiplied by factors of conditional mean at most 1 does not grow",
    (samples,),
    Forall((_i,), le(expected(_G(_i, _h)), expected(_G(0, _h)))),
    hypotheses=(
        SAMPLE_LAW[0],
        Forall((_i, _h), ge(_G(_i, _h), 0)),
        Forall((_i, _h), le(_N(_i, _h), 1)),
        Forall((_i,), eq(expected(_G(_i + 1, _h)), expected(_G(_i, _h) * _N(_i, _h)))),
    ),
    functions=(sample_law, _G, _N),
    backing=derive()
    .have(
        "term",
        Forall((_i, _h), le(sample_law(_h) * (_G(_i, _h) * _N(_i, _h)), sample_law(_h) * _G(_i, _h))),
        by=[
            fact("hypothesis 1", h=_h),
            fact("hypothesis 2", i=_i, h=_h),
            fact("hypothesis 3", i=_i, h=_h),
            quick,
        ],
    )
    .have(
        "no larger",
        Forall((_i,), le(expected(_G(_i, _h) * _N(_i, _h)), expected(_G(_i, _h)))),
        by=[Termwise(), "term"],
    )
    .have(
        "step",
        Forall((_i,), le(expected(_G(_i + 1, _h)), expected(_G(_i, _h)))),
        by=[fact("hypothesis 4", i=_i), fact("no larger", i=_i), quick],
    )
    .have(
        "every i",
        Forall((_i,), le(expected(_G(_i, _h)), expected(_G(0, _h)))),
        by=[Induction(_i), fact("step", i=_i), quick],
    ),
)
exponential = Lemma(
    "online/exponential",
    "E exp((1 - 1/e) sum of risks - sum of losses) <= 1",
    (examples, samples),
    Forall((_i,), le(expected(sp.exp(surplus(_i))), 1)),
    hypotheses=(
        *LAW,
        *SAMPLE_LAW,
        Forall((_i, _h, _c), ge(X(_i, _h, _c), 0)),
        Forall((_i, _h, _c), le(X(_i, _h, _c), 1)),
        RISK,
        INDEPENDENT,
    ),
    functions=(law, sample_law, X, seen, risk),
    backing=derive()
    .have(
        "one example",
        Forall((_i, _h), le(_fresh, 1)),
        by=[
            "hypothesis 1",
            "hypothesis 2",
            "hypothesis 5",
            "hypothesis 6",
            fact("hypothesis 7", i=_i, h=_h),
            one_example.at(x1=sp.Lambda((_c,), X(_i, _h, _c)), e=risk(_i, _h)),
        ],
    )
    .have("positive", Forall((_i, _h), ge(sp.exp(surplus(_i)), 0)), by=quick)
    .have(
        "every i",
        Forall((_i,), le(expected(sp.exp(surplus(_i))), expected(sp.exp(surplus(0))))),
        by=[
            "hypothesis 3",
            "hypothesis 8",
            "positive",
            "one example",
            no_growth.at(G=sp.Lambda((_i, _h), sp.exp(surplus(_i))), N=sp.Lambda((_i, _h), _fresh)),
        ],
    )
    .have("nothing yet", Forall((_h,), eq(sample_law(_h) * sp.exp(surplus(0)), sample_law(_h))), by=algebra)
    .have("start sum", eq(expected(sp.exp(surplus(0))), expected(1)), by=[Termwise(), "nothing yet"])
    .have("start", eq(expected(sp.exp(surplus(0))), 1), by=["start sum", "hypothesis 4", quick])
    .have(
        "at most 1",
        Forall((_i,), le(expected(sp.exp(surplus(_i))), 1)),
        by=[fact("every i", i=_i), "start", quick],
    ),
)
