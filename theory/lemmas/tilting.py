"""A law tilted along a direction: p_s(k) = exp(a(k) + s y(k)) / Z(s), k = 0..m-1, s >= 0.

A(s) = log Z(s) is the log-partition function; its derivatives are the mean, the variance and the third central moment
of y under p_s. For a linear-softmax head a(k) = b(k) + <g(k), h>, y(k) = <g(k), v>, and p_s is the row at h + s v.

Main statements
    slope, curvature, third_derivative   A' = mean, A'' = variance, A''' = third central moment
    forward_kl, reverse_kl   KL(p_0||p_x) = A(x) - A(0) - x A'(0), KL(p_x||p_0) = x A'(x) - A(x) + A(0)
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from theory.derivation import derive
from theory.justification import Termwise, algebra, fact
from theory.lemma import Instance, Lemma
from theory.lemmas.calculus import end, s
from theory.lemmas.softmax import m, normaliser_positive, over_tokens
from theory.proposition import Forall, eq, gt

a, y = (sp.Function(name, real=True) for name in "ay")
_k = sp.Symbol("k", integer=True, nonnegative=True)
_l = sp.Symbol("l", integer=True, nonnegative=True)
_m, _x = m.symbol, end.symbol


def weight(time: Any, token: Any = _k, logit: Any = a, tilt: Any = y) -> sp.Expr:
    """exp(a(token) + time y(token))."""
    return sp.exp(logit(token) + time * tilt(token))


def partition(time: Any, size: Any = _m, logit: Any = a, tilt: Any = y) -> sp.Sum:
    """Z(time)."""
    return over_tokens(weight(time, _k, logit, tilt), _k, size)


def law(time: Any, token: Any = _k, size: Any = _m, logit: Any = a, tilt: Any = y) -> sp.Expr:
    """p_time(token)."""
    return weight(time, token, logit, tilt) / partition(time, size, logit, tilt)


def moment(time: Any, power: int, size: Any = _m, logit: Any = a, tilt: Any = y) -> sp.Sum:
    """Sum_k y(k)^power exp(a(k) + time y(k)), not normalised."""
    return over_tokens(tilt(_k) ** power * weight(time, _k, logit, tilt), _k, size)


def mean(time: Any, size: Any = _m, logit: Any = a, tilt: Any = y) -> sp.Sum:
    """E y under p_time."""
    return over_tokens(law(time, _k, size, logit, tilt) * tilt(_k), _k, size)


def central(time: Any, power: int, size: Any = _m, logit: Any = a, tilt: Any = y) -> sp.Sum:
    """E (y - E y)^power under p_time."""
    deviation = tilt(_k) - mean(time, size, logit, tilt)
    return over_tokens(law(time, _k, size, logit, tilt) * deviation**power, _k, size)


def variance(time: Any, size: Any = _m, logit: Any = a, tilt: Any = y) -> sp.Sum:
    """Var y under p_time: the metric g*(h_t)(v, v)."""
    return central(time, 2, size, logit, tilt)


def divergence(first: Any, second: Any, size: Any = _m, logit: Any = a, tilt: Any = y) -> sp.Sum:
    """KL(p_first || p_second)."""
    one, other = (law(time, _k, size, logit, tilt) for time in (first, second))
    return over_tokens(one * sp.log(one / other), _k, size)


def positive(time: Any, size: Any = _m) -> Instance:
    """Z(time) > 0."""
    return normaliser_positive.at(m=size, x=sp.Lambda((_k,), a(_k) + time * y(_k)))


_positive = Forall((s,), gt(partition(s), 0))
_by = (fact("partition", s=s), algebra)
_means = Forall((s,), eq(mean(s), moment(s, 1) / partition(s)))
_variances = Forall((s,), eq(variance(s), moment(s, 2) / partition(s) - (moment(s, 1) / partition(s)) ** 2))
slope = Lemma(
    "tilting/slope",
    "The slope of the log-partition function is the mean",
    (m,),
    Forall((s,), eq(sp.Derivative(sp.log(partition(s)), s), mean(s))),
    functions=(a, y),
    backing=derive()
    .have("partition", _positive, by=positive(s))
    .have("slope", Forall((s,), eq(sp.Derivative(sp.log(partition(s)), s), mean(s))), by=_by),
)
curvature = Lemma(
    "tilting/curvature",
    "The second derivative of the log-partition function is the variance",
    (m,),
    Forall((s,), eq(sp.Derivative(mean(s), s), variance(s))),
    functions=(a, y),
    backing=derive()
    .have("partition", _positive, by=positive(s))
    .have("curvature", Forall((s,), eq(sp.Derivative(mean(s), s), variance(s))), by=_by),
)
third_derivative = Lemma(
    "tilting/third_derivative",
    "The third derivative of the log-partition function is the third central moment",
    (m,),
    Forall((s,), eq(sp.Derivative(variance(s), s), central(s, 3))),
    functions=(a, y),
    backing=derive()
    .have("partition", _positive, by=positive(s))
    .have("third", Forall((s,), eq(sp.Derivative(variance(s), s), central(s, 3))), by=_by),
)


def _log_ratio(first: Any, second: Any, token: Any) -> sp.Expr:
    """log p_first - log p_second at a token, written out."""
    return (first - second) * y(token) + sp.log(partition(second)) - sp.log(partition(first))


def _divergence_lemma(name: str, title: str, first: Any, second: Any, value: sp.Expr) -> Lemma:
    terms = over_tokens(law(first) * _log_ratio(first, second, _k))
    ratio = law(first, _l) * sp.log(law(first, _l) / law(second, _l))
    return Lemma(
        f"tilting/{name}",
        title,
        (m, end),
        eq(divergence(first, second), value),
        functions=(a, y),
        backing=derive(divergence(first, second))
        .have("first partition", gt(partition(first), 0), by=positive(first))
        .have("second partition", gt(partition(second), 0), by=positive(second))
        .have(
            "each token",
            Forall((_l,), eq(ratio, law(first, _l) * _log_ratio(first, second, _l))),
            by=["first partition", "second partition", algebra],
        )
        .eq(terms, by=[Termwise(), "each token"], name="log-ratios")
        .eq(value, by=["first partition", "second partition", algebra], name="value"),
    )


forward_kl = _divergence_lemma(
    "forward_kl",
    "The divergence from the start is a Bregman divergence of the log-partition function",
    sp.S.Zero,
    _x,
    sp.log(partition(_x)) - sp.log(partition(0)) - _x * mean(0),
)
reverse_kl = _divergence_lemma(
    "reverse_kl",
    "The divergence to the start is a Bregman divergence of the log-partition function",
    _x,
    sp.S.Zero,
    _x * mean(_x) - sp.log(partition(_x)) + sp.log(partition(0)),
)
