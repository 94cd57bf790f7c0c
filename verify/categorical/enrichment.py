"""Data processing and enrichment, measured on random kernels with zeros and on extremal ones."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from numerics.information.categorical_entropy import hom_divergence
from numerics.information.divergences import (
    CHI_SQUARE,
    JENSEN_SHANNON,
    KL,
    SQUARED_HELLINGER,
    TEN,
    TV,
    Divergence,
)
from verify.categorical import toy
from verify.categorical.spaces import hom_pairs, states
from verify.instance import Instance
from verify.measurement import Context, measures
from verify.precision import Measured
from verify.strategies.kernels import HomPairs, StatePair

PLACES = ("composed", "beside")


def near(value: float) -> Measured:
    """A float64 value with the tolerance of the exact toy level; rounding below 0 is cut off."""
    return toy.near(max(float(value), 0.0))


def label_of(divergence: Divergence) -> str:
    """The statement of data_processing that speaks of a divergence."""
    if divergence.order is None or divergence is KL:
        return "f-divergence"
    if math.isinf(divergence.order):
        return "order infinity"
    return "order above 1" if divergence.order > 1 else "order below 1"


@measures("categorical/data_processing", over=states)
def data_processing(pair: StatePair, context: Context) -> Iterator[Instance]:
    for divergence in TEN:
        before = float(divergence(pair.p, pair.q))
        after = float(divergence(pair.p @ pair.rows, pair.q @ pair.rows))
        yield Instance({}, near(after), label_of(divergence), near(before), repr(divergence), scale=1.0)


def pair_distances(divergence: Divergence, pairs: HomPairs) -> tuple[float, dict[str, float]]:
    """D(f‖f') + D(g‖g'), and the divergence of the kernels composed and side by side."""
    apart = hom_divergence(divergence, pairs.f, pairs.f1) + hom_divergence(divergence, pairs.g, pairs.g1)
    return apart, {
        "composed": hom_divergence(divergence, pairs.f @ pairs.g, pairs.f1 @ pairs.g1),
        "beside": hom_divergence(divergence, np.kron(pairs.f, pairs.g), np.kron(pairs.f1, pairs.g1)),
    }


@measures("categorical/enrichment_as_stated", over=hom_pairs)
def enrichment_as_stated(pairs: HomPairs, context: Context) -> Iterator[Instance]:
    for divergence, places in ((CHI_SQUARE, PLACES), (JENSEN_SHANNON, ("composed",))):
        apart, together = pair_distances(divergence, pairs)
        witness = {name: getattr(pairs, name).tolist() for name in ("f", "f1", "g", "g1")}
        for place in places:
            label = f"{divergence.name}, {place}"
            yield Instance({}, near(together[place]), label, near(apart), repr(divergence), witness, 1.0)


def enriched_name(divergence: Divergence) -> str:
    """How statements of enrichment call a divergence."""
    if divergence in (KL, TV, SQUARED_HELLINGER, JENSEN_SHANNON):
        return divergence.name
    return "order below 1" if divergence.order is not None and divergence.order < 1 else "order above 1"


@measures("categorical/enrichment", over=hom_pairs)
def enrichment(pairs: HomPairs, context: Context) -> Iterator[Instance]:
    for divergence in TEN:
        if not (divergence.enriches or divergence.tensors):
            continue
        apart, together = pair_distances(divergence, pairs)
        for place in PLACES if divergence.enriches else ("beside",):
            label = f"{enriched_name(divergence)}, {place}"
            yield Instance({}, near(together[place]), label, near(apart), repr(divergence), scale=1.0)
