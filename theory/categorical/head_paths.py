"""Divergences between two states as integrals of the pullback metric (specification `categorical` 2.4).

Main statements
    kl_path         KL(p_h||p_h') = int (1-t) g*(h_t)(v, v) dt, and with t for the other direction
    jeffreys_path   int g*(h_t)(v, v) dt = KL(p_h||p_h') + KL(p_h'||p_h) = <gbar(h') - gbar(h), h' - h>

On the segment h_t = h + t v, v = h' - h, the logits of a linear-softmax head are a(k) + t y(k) with
a(k) = b(k) + <g(k), h> and y(k) = <g(k), v>; the statements are proved for all real a and y. The metric
g*(h_t)(v, v) is the variance of y under p_t, and A(t) = log sum_k exp(a(k) + t y(k)).
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from theory.categorical.parameters import V, d
from theory.claim import Claim, Kind, Status, equal
from theory.derivation import Derivation, derive
from theory.justification import algebra, fact
from theory.lemmas.calculus import fundamental_theorem, s
from theory.lemmas.row_sums import interchange, over_coordinates
from theory.lemmas.softmax import normaliser_positive, over_tokens
from theory.lemmas.tilting import (
    a,
    central,
    divergence,
    forward_kl,
    law,
    mean,
    partition,
    positive,
    reverse_kl,
    variance,
    y,
)
from theory.proposition import Forall, eq, gt
from theory.source import OWN, Source

_V, _d = V.symbol, d.symbol
_k, _j = (sp.Symbol(name, integer=True, nonnegative=True) for name in "kj")
_mean, _variance, _third = mean(s, _V), variance(s, _V), central(s, 3, _V)
_log_partition = sp.log(partition(s, _V))
_gain = sp.log(partition(1, _V)) - sp.log(partition(0, _V))
_forward, _reverse = divergence(0, 1, _V), divergence(1, 0, _V)
_partition = Forall((s,), gt(partition(s, _V), 0))


def _integrated(
    start: Derivation, name: str, antiderivative: Any, integrand: Any, derivative: Any, value: Any
) -> Derivation:
    """Facts that give the integral of `integrand` over [0, 1] as `value`, by its antiderivative."""
    normal = [fact("partition", s=s), algebra]
    return (
        start.have(f"{name}: slope", Forall((s,), eq(sp.Derivative(antiderivative, s), integrand)), by=normal)
        .have(f"{name}: differentiable", Forall((s,), eq(sp.Derivative(integrand, s), derivative)), by=normal)
        .have(
            name,
            eq(sp.Integral(integrand, (s, 0, 1)), value),
            by=[
                f"{name}: slope",
                f"{name}: differentiable",
                fundamental_theorem.at(
                    F=sp.Lambda((s,), antiderivative), f=sp.Lambda((s,), integrand), g=sp.Lambda((s,), derivative)
                ),
            ],
        )
    )


def _start() -> Derivation:
    return derive().have("partition", _partition, by=positive(s, _V))


_forward_path = sp.Integral((1 - s) * _variance, (s, 0, 1))
_reverse_path = sp.Integral(s * _variance, (s, 0, 1))
_forward_bregman = _gain - mean(0, _V)
_reverse_bregman = mean(1, _V) - _gain


def _kl_path() -> Derivation:
    found = _start()
    found = _integrated(
        found,
        "Taylor",
        (1 - s) * _mean + _log_partition,
        (1 - s) * _variance,
        (1 - s) * _third - _variance,
        sp.log(partition(1, _V)) - (mean(0, _V) + sp.log(partition(0, _V))),
    )
    found = _integrated(
        found,
        "Taylor from the other end",
        s * _mean - _log_partition,
        s * _variance,
        s * _third + _variance,
        mean(1, _V) - sp.log(partition(1, _V)) + sp.log(partition(0, _V)),
    )
    return (
        found.have("forward Bregman", eq(_forward, _forward_bregman), by=[forward_kl.at(m=_V, x=1), algebra])
        .have("reverse Bregman", eq(_reverse, _reverse_bregman), by=[reverse_kl.at(m=_V, x=1), algebra])
        .have("forward path", eq(_forward, _forward_path), by=["forward Bregman", "Taylor", algebra])
        .have("reverse path", eq(_reverse, _reverse_path), by=["reverse Bregman", "Taylor from the other end", algebra])
    )


kl_path = Claim(
    id="categorical/kl_path",
    title="KL as weighted path integrals",
    kind=Kind.EQUALITY,
    text=(
        "KL(p_h || p_h') = int_0^1 (1-t) g*(h_t)(v, v) dt = A(h') - A(h) - <grad A(h), v> and "
        "KL(p_h' || p_h) = int_0^1 t g*(h_t)(v, v) dt, with h_t = h + t v and v = h' - h: the logits at h_t are "
        "a(k) + t y(k), the metric is the variance of y, <grad A(h), v> its mean"
    ),
    parameters=(V,),
    functions=(a, y),
    statements=(
        equal(_forward, _forward_path, label="forward path"),
        equal(_reverse, _reverse_path, label="reverse path"),
        equal(_forward, _forward_bregman, label="forward Bregman"),
        equal(_reverse, _reverse_bregman, label="reverse Bregman"),
    ),
    source=OWN,
    status=Status.OWN,
    derivation=_kl_path(),
)

W, v = (sp.Function(name, real=True) for name in "Wv")
_path = sp.Integral(_variance, (s, 0, 1))
_inner = sp.Lambda((_k,), over_coordinates(W(_k, _j) * v(_j), _j, _d))


def _average(time: Any, coordinate: Any) -> sp.Sum:
    """gbar(h_t)(coordinate)."""
    return over_tokens(law(time, _k, _V, a, _inner) * W(_k, coordinate), _k, _V)


def _against_average(time: Any) -> sp.Sum:
    """<v, gbar(h_t)>."""
    return over_coordinates(v(_j) * _average(time, _j), _j, _d)


_jeffreys = _forward + _reverse
_of_head = divergence(0, 1, _V, a, _inner) + divergence(1, 0, _V, a, _inner)
_turned = _against_average(1) - _against_average(0)


def _jeffreys_path() -> Derivation:
    found = _integrated(_start(), "integrate", _mean, _variance, _third, mean(1, _V) - mean(0, _V))
    at_head = (
        eq(
            divergence(0, 1, _V, a, _inner),
            sp.log(partition(1, _V, a, _inner)) - sp.log(partition(0, _V, a, _inner)) - mean(0, _V, a, _inner),
        ),
        eq(
            divergence(1, 0, _V, a, _inner),
            mean(1, _V, a, _inner) - sp.log(partition(1, _V, a, _inner)) + sp.log(partition(0, _V, a, _inner)),
        ),
    )
    found = (
        found.have("forward", eq(_forward, _forward_bregman), by=[forward_kl.at(m=_V, x=1), algebra])
        .have("reverse", eq(_reverse, _reverse_bregman), by=[reverse_kl.at(m=_V, x=1), algebra])
        .have("means", eq(_jeffreys, mean(1, _V) - mean(0, _V)), by=["forward", "reverse", algebra])
        .have("path", eq(_path, _jeffreys), by=["integrate", "means", algebra])
        .have("forward of the head", at_head[0], by=forward_kl.at(m=_V, x=1, y=_inner))
        .have("reverse of the head", at_head[1], by=reverse_kl.at(m=_V, x=1, y=_inner))
    )
    head_partition = normaliser_positive.at(m=_V, x=sp.Lambda((_k,), a(_k) + _inner(_k)))
    found = found.have("partition of the head", gt(partition(1, _V, a, _inner), 0), by=head_partition)
    for time in (0, 1):
        found = found.have(
            f"interchange at {time}",
            eq(mean(time, _V, a, _inner), _against_average(time)),
            by=interchange.at(m=_V, d=_d, u=sp.Lambda((_k,), law(time, _k, _V, a, _inner))),
        )
    normal = ["partition of the head", algebra]
    means = mean(1, _V, a, _inner) - mean(0, _V, a, _inner)
    return (
        found.have("means of the head", eq(_of_head, means), by=["forward of the head", "reverse of the head", *normal])
        .have("turned", eq(means, _turned), by=["interchange at 0", "interchange at 1", *normal])
        .have("inner product", eq(_of_head, _turned), by=["means of the head", "turned", *normal])
    )


jeffreys_path = Claim(
    id="categorical/jeffreys_path",
    title="The path integral is the Jeffreys divergence",
    kind=Kind.EQUALITY,
    text=(
        "int_0^1 g*(h_t)(v, v) dt = KL(p_h || p_h') + KL(p_h' || p_h) = <gbar(h') - gbar(h), h' - h>, v = h' - h: no "
        "quadrature is needed, O(V d)"
    ),
    parameters=(V, d),
    functions=(a, y, W, v),
    statements=(
        equal(_path, _jeffreys, label="path"),
        equal(_jeffreys, mean(1, _V) - mean(0, _V), label="means"),
        equal(_of_head, _turned, label="inner product"),
    ),
    source=Source("own", "identifies the integral of eq. (7.4) of zhang2025"),
    status=Status.OWN,
    derivation=_jeffreys_path(),
)
