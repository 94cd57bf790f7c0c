"""Moments of a variable of bounded range (lemma L6 of the specification `categorical`).

w is a law on 0..m-1 and y a variable with low <= y(k) <= low + R.

Main statements
    mean_at_most, mean_at_least   low <= E y <= low + R
    variance_at_most    Var y <= R^2/4 (Popoviciu), attained by a fair coin on the two ends
    third_moment        |E (y - E y)^3| <= R Var y (two one-sided forms)
    tilted_*            the same for a tilted law at every time (theory.lemmas.tilting)
    hoeffding           log E e^{x (y - E y)} <= x^2 R^2/8

References: Hoeffding (1963), eq. (4.16); Boucheron, Lugosi and Massart (2013), lemma 2.2.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from theory.derivation import derive
from theory.justification import SingleTerm, Termwise, algebra, fact, quick
from theory.lemma import Instance, Lemma
from theory.lemmas.calculus import below_tangent, end, s
from theory.lemmas.softmax import m, over_tokens
from theory.lemmas.tilting import a, central, curvature, law, mean, partition, positive, slope, variance, y
from theory.parameter import Parameter, reals
from theory.proposition import Forall, eq, ge, gt, le

low = Parameter("low", r"\check y", "smallest value of the variable", reals(), (-1, 1))
R = Parameter("R", "R", "range of the variable", reals(0), (0, 10))
w = sp.Function("w", real=True)
_k = sp.Symbol("k", integer=True, nonnegative=True)
_l = sp.Symbol("l", integer=True, nonnegative=True)
_m, _low, _R, _x = m.symbol, low.symbol, R.symbol, end.symbol


def in_range(tilt: Any = y, lowest: Any = _low, width: Any = _R) -> tuple[Any, Any]:
    """lowest <= tilt(k) <= lowest + width for every k (two hypotheses).

    Values beyond the last token do not matter: the hypotheses hold of them by taking them equal to the lowest.
    """
    return (
        Forall((_k,), ge(tilt(_k), lowest)),
        Forall((_k,), le(tilt(_k), lowest + width)),
    )


mu = Parameter("mu", r"\mu", "mean of the variable", reals(), (-1, 1))
_mu, _top = mu.symbol, _low + _R
_mean = over_tokens(w(_k) * y(_k))
_law = (Forall((_k,), ge(w(_k), 0)), eq(over_tokens(w(_k)), 1))
_given = (*_law, *in_range(), eq(_mean, _mu))
_weight, _above, _below = fact("hypothesis 1", k=_k), fact("hypothesis 4", k=_k), fact("hypothesis 3", k=_k)
_variance = over_tokens(w(_k) * (y(_k) - _mu) ** 2)
_cubes = over_tokens(w(_k) * (y(_k) - _mu) ** 3)
mean_at_most = Lemma(
    "bounded_range/mean_at_most",
    "A mean is at most the largest value",
    (m, low, R, mu),
    le(_mu, _top),
    hypotheses=_given,
    functions=(w, y),
    backing=derive()
    .have("terms", le(_mean, over_tokens(w(_k) * _top)), by=[Termwise(), _weight, _above, quick])
    .have("constant", eq(over_tokens(w(_k) * _top), _top * over_tokens(w(_k))), by=algebra)
    .have("mean", le(_mu, _top), by=["terms", "constant", "hypothesis 2", "hypothesis 5"]),
)
mean_at_least = Lemma(
    "bounded_range/mean_at_least",
    "A mean is at least the smallest value",
    (m, low, R, mu),
    ge(_mu, _low),
    hypotheses=_given,
    functions=(w, y),
    backing=derive()
    .have("terms", ge(_mean, over_tokens(w(_k) * _low)), by=[Termwise(), _weight, _below, quick])
    .have("constant", eq(over_tokens(w(_k) * _low), _low * over_tokens(w(_k))), by=algebra)
    .have("mean", ge(_mu, _low), by=["terms", "constant", "hypothesis 2", "hypothesis 5"]),
)
_inside = over_tokens(w(_k) * (y(_k) - _low) * (_top - y(_k)))
_squares = over_tokens(w(_k) * y(_k) ** 2)
between = Lemma(
    "bounded_range/between",
    "A product of two numbers of given sum is largest where they are equal",
    (low, R, mu),
    le((_mu - _low) * (_top - _mu), _R**2 / 4),
    backing=derive().have("square", le((_mu - _low) * (_top - _mu), _R**2 / 4), by=quick, note="(2 mu - 2 low - R)^2"),
)
variance_at_most = Lemma(
    "bounded_range/variance_at_most",
    "A variable of range R has variance at most R^2/4",
    (m, low, R, mu),
    le(_variance, _R**2 / 4),
    hypotheses=_given,
    functions=(w, y),
    statement="0 <= E (y - low)(low + R - y) = (E y - low)(low + R - E y) - Var y",
    backing=derive()
    .have("inside", ge(_inside, 0), by=[SingleTerm(0), _weight, _above, _below, quick])
    .have(
        "expanded",
        eq(_inside, (2 * _low + _R) * _mean - _squares - _low * _top * over_tokens(w(_k))),
        by=algebra,
    )
    .have("second moment", eq(_variance, _squares - 2 * _mu * _mean + _mu**2 * over_tokens(w(_k))), by=algebra)
    .have("product", le((_mu - _low) * (_top - _mu), _R**2 / 4), by=between.at())
    .have(
        "variance",
        le(_variance, _R**2 / 4),
        by=["inside", "expanded", "second moment", "product", "hypothesis 2", "hypothesis 5", quick],
    ),
)


def _third(name: str, sign: int) -> Lemma:
    compare = le if sign > 0 else ge
    bound = over_tokens(sign * _R * w(_k) * (y(_k) - _mu) ** 2)
    deviation = compare(y(_l) - _mu, sign * _R)
    facts = (
        derive(_cubes)
        .have("mean at most", le(_mu, _top), by=mean_at_most.at())
        .have("mean at least", ge(_mu, _low), by=mean_at_least.at())
        .have(
            "deviation",
            Forall((_l,), deviation),
            by=["mean at most", "mean at least", *(fact(f"hypothesis {i}", k=_l) for i in (3, 4)), quick],
        )
        .have(
            "each",
            Forall((_l,), compare(w(_l) * (y(_l) - _mu) ** 3, sign * _R * w(_l) * (y(_l) - _mu) ** 2)),
            by=[fact("deviation", l=_l), fact("hypothesis 1", k=_l), quick],
        )
    )
    link = facts.le if sign > 0 else facts.ge
    return Lemma(
        f"bounded_range/{name}",
        "The third central moment is at most the range times the variance",
        (m, low, R, mu),
        compare(_cubes, sign * _R * _variance),
        hypotheses=_given,
        functions=(w, y),
        backing=link(bound, by=[Termwise(), "each"], name="terms").eq(sign * _R * _variance, by=algebra, name="linear"),
    )


third_at_most = _third("third_at_most", 1)
third_at_least = _third("third_at_least", -1)

_law_at_s = sp.Lambda((_k,), law(s, _k))


def _tilted(name: str, lemma: Lemma, stated: Any) -> Lemma:
    """A lemma on laws, for the tilted law at every time."""
    return Lemma(
        f"bounded_range/tilted_{name}",
        f"{lemma.title}, under a tilted law",
        (m, low, R),
        Forall((s,), stated),
        hypotheses=in_range(),
        functions=(a, y),
        backing=derive()
        .have("partition", Forall((s,), gt(partition(s), 0)), by=positive(s))
        .have(
            "positive",
            Forall((s, _k), ge(law(s, _k), 0)),
            by=[fact("partition", s=s), quick],
        )
        .have("mass", Forall((s,), eq(over_tokens(law(s, _k)), 1)), by=[fact("partition", s=s), algebra])
        .have("mean", Forall((s,), eq(mean(s), mean(s))), by=algebra)
        .have(
            name,
            Forall((s,), stated),
            by=[
                "positive",
                *(fact(known, s=s) for known in ("mass", "mean")),
                lemma.at(w=_law_at_s, mu=mean(s)),
            ],
        ),
    )


tilted_variance = _tilted("variance", variance_at_most, le(variance(s), _R**2 / 4))
tilted_third_above = _tilted("third_above", third_at_most, le(central(s, 3), _R * variance(s)))
tilted_third_below = _tilted("third_below", third_at_least, ge(central(s, 3), -_R * variance(s)))


def bregman(time: Any) -> sp.Expr:
    """A(time) - A(0) - time A'(0) = log E_{p_0} e^{time (y - E y)}."""
    return sp.log(partition(time)) - sp.log(partition(0)) - time * mean(0)


def second_order(value: Any, first: Any, second: Any, at: Any = _x) -> Instance:
    """`below_tangent` for functions of s given with their two derivatives."""
    return below_tangent.at(F=sp.Lambda((s,), value), f=sp.Lambda((s,), first), g=sp.Lambda((s,), second), x=at)


_F = bregman(s) - _R**2 * s**2 / 8
_f = mean(s) - mean(0) - _R**2 * s / 4
_g = variance(s) - _R**2 / 4
hoeffding = Lemma(
    "bounded_range/hoeffding",
    "Hoeffding's lemma",
    (m, low, R, end),
    le(bregman(_x), _R**2 * _x**2 / 8),
    hypotheses=in_range(),
    functions=(a, y),
    statement="log E e^{x (y - E y)} <= x^2 R^2/8 under the law proportional to e^a",
    backing=derive()
    .have("partition", Forall((s,), gt(partition(s), 0)), by=positive(s))
    .have("slope", slope.conclusion, by=slope.at())
    .have("curvature", curvature.conclusion, by=curvature.at())
    .have("variance", tilted_variance.conclusion, by=tilted_variance.at())
    .have("first derivative", Forall((s,), eq(sp.Derivative(_F, s), _f)), by=[fact("partition", s=s), algebra])
    .have("second derivative", Forall((s,), eq(sp.Derivative(_f, s), _g)), by=[fact("partition", s=s), algebra])
    .have("sign", Forall((s,), le(_g, 0)), by=[fact("variance", s=s), quick])
    .have(
        "hoeffding",
        le(bregman(_x), _R**2 * _x**2 / 8),
        by=["first derivative", "second derivative", "sign", second_order(_F, _f, _g), quick],
    ),
)
