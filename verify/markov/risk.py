"""The risk of one model against another, in exact arithmetic on small models."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from hypothesis import strategies as st

from verify.instance import Instance, Number
from verify.measurement import Context, measures
from verify.precision import Measured, exact
from verify.space import Space
from verify.strategies.laws import exact_probability_vectors

Law = tuple[Fraction, ...]
Model = tuple[Law, ...]


@dataclass(frozen=True)
class Comparison:
    """Occupation weights of contexts and three models, laws by context."""

    weights: Law
    models: tuple[Model, Model, Model]


@st.composite
def comparisons(draw: st.DrawFn) -> Comparison:
    """Up to 3 contexts and 4 tokens; weights and probabilities may be zero. Shrinks to uniform laws."""
    T, contexts = draw(st.integers(2, 4)), draw(st.integers(1, 3))
    weights = draw(exact_probability_vectors(size=contexts, zeros=True))
    law = exact_probability_vectors(size=T, zeros=True)
    models = [tuple(draw(law) for _ in range(contexts)) for _ in range(3)]
    return Comparison(weights, (models[0], models[1], models[2]))


def _extremal(claim: object) -> tuple[Comparison, ...]:
    one, zero, half = Fraction(1), Fraction(0), Fraction(1, 2)
    first, second, middle = ((one, zero),), ((zero, one),), ((half, half),)
    never = Comparison((one, zero), (((half, half), (one, zero)), ((half, half), (zero, one)), ((half, half),) * 2))
    return Comparison((one,), (first, second, middle)), Comparison((one,), (first, first, middle)), never


comparisons_space = Space("triples of models", lambda claim: comparisons(), _extremal)


def risk(weights: Law, one: Model, other: Model) -> Fraction:
    """K(one, other): the average over contexts of the total variation distance of their laws."""
    return sum((w * distance(p, q) for w, p, q in zip(weights, one, other, strict=True)), Fraction(0))


def distance(p: Law, q: Law) -> Fraction:
    """Total variation distance of two laws."""
    return sum((abs(a - b) for a, b in zip(p, q, strict=True)), Fraction(0)) / 2


@measures("markov/risk_pseudometric", over=comparisons_space)
def risk_pseudometric(thing: Comparison, context: Context) -> Iterator[Instance]:
    first, second, third = thing.models
    between = risk(thing.weights, first, second)
    gaps = [
        (w, abs(a - b), s, x)
        for s, (w, p, q) in enumerate(zip(thing.weights, first, second, strict=True))
        for x, (a, b) in enumerate(zip(p, q, strict=True))
    ]
    h = max(gap for w, gap, _, _ in gaps if w > 0)
    values: dict[str, Number | Measured] = {"T": len(first[0]), "contexts": len(first), "h": h}
    yield Instance(values, exact(between), "non-negative")
    yield Instance(values, exact(between), "symmetric", bound=exact(risk(thing.weights, second, first)))
    detour = exact(between + risk(thing.weights, second, third))
    yield Instance(values, exact(risk(thing.weights, first, third)), "triangle", bound=detour)
    for w, gap, s, x in gaps:
        yield Instance({**values, "s": s, "a": x}, exact(w * gap), "zero only if equal", bound=exact(2 * between))
    yield Instance(values, exact(between), "zero if equal")
