"""Divergences along a segment of states, measured on random heads and fixture G1."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from numerics.geometry.paths import (
    forward_kl_by_partition,
    forward_kl_by_quadrature,
    forward_kl_by_rows,
    jeffreys_by_means,
    jeffreys_by_quadrature,
    jeffreys_by_rows,
    log_row_at,
    reverse_kl_by_partition,
    reverse_kl_by_quadrature,
    reverse_kl_by_rows,
    segment,
    speeds,
)
from numerics.geometry.self_concordance import forward_sandwich, reverse_sandwich
from verify.categorical.pullback import head_states, near, witness_of
from verify.instance import Instance, NotApplicable
from verify.measurement import Context, measures
from verify.precision import Measured, floating
from verify.strategies.heads import HeadAtStates

QUADRATURE = 1e-9  # between doublings of the panels


def _integral(value: float) -> Measured:
    return floating(value, absolute=10 * QUADRATURE)


@measures("categorical/kl_path", over=head_states)
def kl_path(thing: HeadAtStates, context: Context) -> Iterator[Instance]:
    path, witness = segment(thing.head, thing.first, thing.second), witness_of(thing)
    size = path.oscillation
    forward, reverse = near(forward_kl_by_rows(path), size), near(reverse_kl_by_rows(path), size)
    integrals = forward_kl_by_quadrature(path, QUADRATURE), reverse_kl_by_quadrature(path, QUADRATURE)
    yield Instance({}, forward, "forward path", _integral(integrals[0].value), witness=witness)
    yield Instance({}, reverse, "reverse path", _integral(integrals[1].value), witness=witness)
    yield Instance({}, forward, "forward Bregman", near(forward_kl_by_partition(path), size), witness=witness)
    yield Instance({}, reverse, "reverse Bregman", near(reverse_kl_by_partition(path), size), witness=witness)


@measures("categorical/jeffreys_path", over=head_states)
def jeffreys_path(thing: HeadAtStates, context: Context) -> Iterator[Instance]:
    path, witness = segment(thing.head, thing.first, thing.second), witness_of(thing)
    jeffreys = near(jeffreys_by_rows(path), path.oscillation)
    integral = _integral(jeffreys_by_quadrature(path, QUADRATURE).value)
    yield Instance({}, integral, "path", jeffreys, witness=witness)
    ends = np.exp(log_row_at(path, 0.0)), np.exp(log_row_at(path, 1.0))
    means = near(float((ends[1] - ends[0]) @ path.slope), path.oscillation)
    yield Instance({}, jeffreys, "means", means, witness=witness)
    inner = jeffreys_by_means(thing.head, thing.first, thing.second)
    yield Instance({}, jeffreys, "inner product", near(inner, path.oscillation), witness=witness)


@measures("categorical/self_concordance", over=head_states)
def self_concordance(thing: HeadAtStates, context: Context) -> Iterator[Instance]:
    path, witness = segment(thing.head, thing.first, thing.second), witness_of(thing)
    radius = path.oscillation
    if radius == 0:
        raise NotApplicable("the two rows are equal")
    for name, found in (("forward", forward_sandwich(path)), ("reverse", reverse_sandwich(path))):
        values = {"R": radius, "V": thing.head.tokens}
        divergence = near(found.value, radius)
        ends = {"above": found.upper, "below": found.lower}
        for side, end in ends.items():
            yield Instance(values, divergence, f"{name} {side}", near(end, end), witness=witness)
    form, *later = speeds(path, np.array([0.0, 0.25, 1.0]))
    for time, speed in zip((0.25, 1.0), later, strict=True):
        values = {"R": radius, "V": thing.head.tokens, "t": time}
        for side, rate in (("above", radius), ("below", -radius)):
            bound = float(form * np.exp(rate * time))
            yield Instance(values, near(float(speed)), f"metric {side}", near(bound, bound), f"t = {time}", witness)
