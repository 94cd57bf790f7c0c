"""The pullback metric at one state, measured on random heads and fixture G1."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from numerics.geometry.autograd import metric_by_hessian
from numerics.geometry.head import FloatArray, Head, log_partition, log_rows, mean_row, rows
from numerics.geometry.matrix_free import quadratic_form
from numerics.geometry.paths import (
    forward_kl_by_partition,
    forward_kl_by_rows,
    reverse_kl_by_partition,
    reverse_kl_by_rows,
    segment,
    speeds,
)
from numerics.geometry.pullback import metric, metric_by_product, metric_by_softmax_jacobian
from numerics.geometry.series import LEADING_FACTORS, reverse_kl_series, series_converges
from numerics.information.divergences import chi_square, jensen_shannon, squared_hellinger
from verify.instance import Instance, NotApplicable
from verify.measurement import Context, measures
from verify.precision import Measured, floating
from verify.space import Space
from verify.strategies.heads import HeadAtStates, g1, heads

STEP = 1e-5  # of central differences
DIFFERENCE_ERROR = 1e-8  # of those: rounding over the step, and the step squared

head_states = Space("random heads", lambda claim: heads(), lambda claim: (g1(),))


def witness_of(thing: HeadAtStates) -> dict[str, object]:
    """What a reader needs to see the case again."""
    bias = None if thing.head.bias is None else thing.head.bias.tolist()
    return {
        "unembedding": thing.head.unembedding.tolist(),
        "bias": bias,
        "h": thing.first.tolist(),
        "h'": thing.second.tolist(),
    }


def near(value: float, size: float = 1.0) -> Measured:
    """A float64 result of a few dozen operations on numbers of the given size."""
    return floating(float(value), absolute=1e-12 * (1 + abs(size)))


@measures("categorical/pullback_metric", over=head_states)
def pullback_metric(thing: HeadAtStates, context: Context) -> Iterator[Instance]:
    head, state = thing.head, thing.first
    covariance = metric(head, state)
    roads = {
        "Fisher": metric_by_softmax_jacobian(head, state),
        "product": metric_by_product(head, state),
        "Hessian": metric_by_hessian(head, state),
    }
    size = float(np.abs(covariance).max())
    for label, found in roads.items():
        for i, j in zip(*np.triu_indices(head.width), strict=True):
            yield Instance({}, near(found[i, j], size), label, near(covariance[i, j], size), f"entry {i}, {j}")
    basis = np.eye(head.width)
    for axis, direction in enumerate(basis):
        before, after = state - STEP * direction, state + STEP * direction
        slope = (log_partition(head, after) - log_partition(head, before)) / (2 * STEP)
        average = float(mean_row(head, state)[axis])
        yield Instance({}, _difference(float(slope)), "gradient", near(average), f"coordinate {axis}")
        scores = (log_rows(head, after) - log_rows(head, before)) / (2 * STEP)
        column = np.asarray(head.unembedding[:, axis], dtype=np.float64)
        for token, score in enumerate(scores):
            label = f"coordinate {axis}, token {token}"
            yield Instance({}, _difference(float(score)), "scores", near(column[token] - average), label)
    form = quadratic_form(head, state, thing.second)
    yield Instance({}, near(form), "sign", scale=1.0, label="h' as a direction")


def _difference(value: float) -> Measured:
    return floating(value, absolute=DIFFERENCE_ERROR)


@measures("categorical/pullback_local_divergence", over=head_states)
def pullback_local_divergence(thing: HeadAtStates, context: Context) -> Iterator[Instance]:
    head, state, direction = thing.head, thing.first, thing.second
    along = segment(head, state, state + direction)
    radius = along.oscillation
    if radius == 0:
        raise NotApplicable("all logits change alike along the direction: the rows are equal")
    form = float(speeds(along, np.zeros(1))[0])
    witness = witness_of(thing)
    for scale in (0.5, 0.1, 0.02):
        path = segment(head, state, state + scale * direction)
        values = {"R": radius, "epsilon": scale, "V": head.tokens}
        backward = near(reverse_kl_by_rows(path), radius)
        leading, remainder = scale**2 * form / 2, (radius * scale) ** 3 / 12
        label = f"eps = {scale}"
        for side, bound in (("above", leading + remainder), ("below", leading - remainder)):
            yield Instance(values, backward, f"remainder {side}", near(bound), label, witness, scale=1.0)
        yield Instance(values, backward, "reverse", near(reverse_kl_by_partition(path), radius), label, witness)
        forward = near(forward_kl_by_rows(path), radius)
        yield Instance(values, forward, "forward", near(forward_kl_by_partition(path), radius), label, witness)
        if scale * radius <= 1 and series_converges(along, scale):
            series = floating(reverse_kl_series(along, scale, 30), absolute=1e-10)
            yield Instance(values, backward, "reverse", series, f"series, {label}", witness)
    yield from _factors(head, state, direction, radius, form)


def _factors(head: Head, state: FloatArray, direction: FloatArray, radius: float, form: float) -> Iterator[Instance]:
    """Second differences of four divergences at 0 against f''(1) g*(v, v)."""
    step = 0.01 / (1 + radius)
    here = rows(head, state)
    found = {"chi_squared": 0.0, "squared_hellinger": 0.0, "jensen_shannon": 0.0, "jeffreys": 0.0}
    for sign in (-1, 1):
        there = rows(head, state + sign * step * direction)
        found["chi_squared"] += float(chi_square(there, here))
        found["squared_hellinger"] += float(squared_hellinger(there, here))
        found["jensen_shannon"] += float(jensen_shannon(there, here))
        found["jeffreys"] += float((there - here) @ np.log(there / here))
    for name, total in found.items():
        second = 2 * LEADING_FACTORS[name]  # f''(1)
        error = 10 * (step * radius) ** 2 * (1 + form) + 1e-9 / step**2 * 1e-5
        if second * form < 30 * error:
            continue  # smaller than what a second difference of this error can tell from 0
        quantity = floating(total / step**2, absolute=error)
        yield Instance({"f_2": second}, quantity, "f-divergence", near(second * form), name)
