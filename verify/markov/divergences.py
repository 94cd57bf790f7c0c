"""Divergences under a bounded log-ratio, measured on random and extremal pairs of laws."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from theory.markov import divergences as stated
from verify.bounds import enclosure, statement_of
from verify.instance import Instance, NotApplicable
from verify.markov.softmax import Prediction, log_softmax, predictions
from verify.measurement import Context, measures
from verify.precision import floating
from verify.space import Space
from verify.strategies.laws import probability_pairs

FloatArray = NDArray[np.float64]
Pair = tuple[FloatArray, FloatArray]
LOG_RATIOS = (0.1, 0.5, 1.0, 2.0, 5.0)
ERROR = 1e-13  # of sums of at most a dozen terms below 10


def two_point_pair(below: float, above: float) -> Pair:
    """The laws (p, q) on two tokens with log-ratios `above` and -`below`: both bounds are attained."""
    low, high = math.exp(-below), math.exp(above)
    q = (1 - low) / (high - low)
    return np.array([q * high, (1 - q) * low]), np.array([q, 1 - q])


def _pairs(claim: object) -> st.SearchStrategy[Pair]:
    return st.sampled_from(LOG_RATIOS).flatmap(lambda bound: probability_pairs(max_log_ratio=bound))


pairs = Space(
    "pairs of laws with bounded log-ratio",
    _pairs,
    lambda claim: (
        *(two_point_pair(bound, bound) for bound in LOG_RATIOS),
        two_point_pair(0.3, 2.0),
        (np.array([0.5, 0.5]), np.array([0.9, 0.1])),
    ),
)
where_used = Space(
    "true laws and models, with the paper's bound of their log-ratio",
    lambda claim: predictions(),
    lambda claim: (Prediction(np.full(2, 0.5), np.zeros(2), 1.0, 0.0),),
)


def total_variation(p: FloatArray, q: FloatArray) -> float:
    """Half the l1 distance."""
    return 0.5 * math.fsum(np.abs(p - q).tolist())


def kullback_leibler(p: FloatArray, q: FloatArray) -> float:
    """d_KL(p||q) in nats."""
    return math.fsum((p * np.log(p / q)).tolist())


def bounds_of(p: FloatArray, q: FloatArray) -> dict[str, float]:
    """T, B, B_1 and B_2 of a pair of different laws. NotApplicable for laws that are equal but for rounding."""
    logs = np.log(p / q)
    below, above = float(-logs.min()), float(logs.max())
    if min(below, above) < 1e-6:
        raise NotApplicable("the laws are equal: B must be positive")
    return {"T": p.size, "B": max(below, above), "B_1": below, "B_2": above}


@measures("markov/tv_log_ratio_as_stated", over=where_used)
def tv_log_ratio_as_stated(thing: Prediction, context: Context) -> Iterator[Instance]:
    model = np.exp(log_softmax(thing.logits))
    values = {"T": thing.truth.size, "B": thing.log_ratio_bound}
    yield Instance(values, floating(total_variation(thing.truth, model), absolute=ERROR))


@measures("markov/tv_log_ratio", over=pairs)
def tv_log_ratio(pair: Pair, context: Context) -> Iterator[Instance]:
    values = bounds_of(*pair)
    distance = floating(total_variation(*pair), absolute=ERROR)
    yield Instance(values, distance, "one bound")
    yield Instance(values, distance, "two bounds")
    for label in ("below the root", "below one", "printed bound"):
        yield _between_bounds(stated.tv_log_ratio, values, label)


@measures("markov/kl_log_ratio_as_stated", over=pairs)
def kl_log_ratio_as_stated(pair: Pair, context: Context) -> Iterator[Instance]:
    yield Instance(bounds_of(*pair), floating(kullback_leibler(*pair), absolute=ERROR))


@measures("markov/kl_log_ratio", over=pairs)
def kl_log_ratio(pair: Pair, context: Context) -> Iterator[Instance]:
    values = {**bounds_of(*pair), "q_min": float(pair[1].min())}
    divergence = floating(kullback_leibler(*pair), absolute=ERROR)
    yield Instance(values, divergence, "log-ratio")
    yield Instance(values, divergence, "floor of Q")
    yield _between_bounds(stated.kl_log_ratio, values, "printed bound")


def _between_bounds(claim: Any, values: dict[str, float], label: str) -> Instance:
    return Instance(values, enclosure(statement_of(claim, label).quantity, values), label)
