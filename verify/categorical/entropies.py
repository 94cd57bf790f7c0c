"""Categorical entropies, measured on random kernels with zeros, on functions, and on finite sources with a head."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
from hypothesis import strategies as st

from numerics.information import categorical_entropy as entropies
from numerics.information.divergences import CHI_SQUARE, JENSEN_SHANNON, KL, SQUARED_HELLINGER, TEN, TV, Divergence
from numerics.information.entropy import Joint, entropy
from numerics.sources.finite import FiniteSource
from verify.categorical.enrichment import near
from verify.categorical.spaces import coarse_grainings, composables, kernels, sources
from verify.instance import Instance, NotApplicable
from verify.measurement import Context, measures
from verify.space import Space
from verify.strategies import kernels as strategies
from verify.strategies.kernels import Composable, KernelAtLaw, one_hot

FloatArray = np.ndarray[tuple[int, ...], np.dtype[np.float64]]


def support_of(row: FloatArray) -> FloatArray:
    """The positive probabilities of a row."""
    return np.asarray(row[row > 0])


def form_label(divergence: Divergence) -> str:
    """The statement of entropy_closed_forms that speaks of a divergence."""
    if divergence.order is None or divergence is KL:
        return divergence.name
    return "order infinity" if math.isinf(divergence.order) else "Renyi"


@measures("categorical/entropy_closed_forms", over=kernels, examples=(30, 300))
def entropy_closed_forms(thing: KernelAtLaw, context: Context) -> Iterator[Instance]:
    for row in thing.rows:
        for divergence in TEN:
            table = near(float(entropies.psi_by_definition(divergence, row)))
            formula = near(float(entropies.psi(divergence, row)))
            yield Instance({}, table, form_label(divergence), formula, repr(divergence), scale=1.0)
        for name in (KL, TV, CHI_SQUARE, SQUARED_HELLINGER, JENSEN_SHANNON):
            generator = name.generator
            if generator is None:
                raise ValueError(f"{name!r} has no generator")
            p = support_of(row)
            generic = float((p**2 * generator.function(1 / p)).sum() + generator.at_zero * (p * (1 - p)).sum())
            table = near(float(entropies.psi_by_definition(name, row)))
            yield Instance({}, table, "f-divergence", near(generic), repr(name), scale=1.0)


@measures("categorical/entropy_is_shannon", over=sources, examples=(30, 300))
def entropy_is_shannon(source: FiniteSource, context: Context) -> Iterator[Instance]:
    if source.head is None:
        raise NotApplicable(f"{source.name} has no head: there is no model law")
    law = np.bincount(source.encoder, weights=source.mu, minlength=source.states)
    joint = Joint(("H", "W"), law[:, None] * source.head)
    for row in source.head:
        p = support_of(row)
        shannon = -float((p * np.log(p)).sum())
        yield Instance({}, near(float(entropies.psi_by_definition(KL, row))), "pointwise", near(shannon))
        yield Instance({"top": len(p) - 1}, near(shannon), "range", near(math.log(len(p))), scale=1.0)
    given, marginal = entropy(joint, "W", "H"), entropy(joint, "W")
    yield Instance({}, near(entropies.average(KL, source.head, law)), "average", near(given))
    mutual = float(KL(joint.table.ravel(), np.outer(law, law @ source.head).ravel()))
    yield Instance({}, near(mutual), "information", near(marginal - given), scale=1.0)


@measures("categorical/entropy_data_law_as_stated", over=sources)
def entropy_data_law_as_stated(source: FiniteSource, context: Context) -> Iterator[Instance]:
    if source.head is None:
        raise NotApplicable(f"{source.name} has no head")
    rows = source.laws[0]
    law = np.bincount(source.encoder, weights=source.mu, minlength=source.states)
    table = np.zeros((source.states, rows.shape[1]))
    np.add.at(table, source.encoder, source.mu[:, None] * rows)
    witness = {"mu": source.mu.tolist(), "rows": rows.tolist(), "head": source.head.tolist()}
    corpus = near(entropy(Joint(("H", "W"), table), "W", "H"))
    yield Instance({}, near(entropies.average(KL, source.head, law)), "average", corpus, "", witness, 1.0)


def zero_label(divergence: Divergence) -> str:
    """The statement of entropy_zero_iff_deterministic that speaks of a divergence of finite order."""
    if divergence.order is None or divergence is KL:
        return divergence.name
    return "order above 1" if divergence.order > 1 else "order below 1"


@measures("categorical/entropy_zero_iff_deterministic", over=kernels)
def entropy_zero_iff_deterministic(thing: KernelAtLaw, context: Context) -> Iterator[Instance]:
    for row in thing.rows:
        p = support_of(row)
        spread, top = float((p * (1 - p)).sum()), float(p.max())
        yield Instance({}, near(spread), "TV", near(1 - top), scale=1.0)
        yield Instance({}, near(spread), "TV of a point mass", near(2 * (1 - top)), scale=1.0)
        for divergence in TEN:
            if divergence is TV or (divergence.order is not None and math.isinf(divergence.order)):
                continue
            value, factor = float(entropies.psi_by_definition(divergence, row)), 1.0
            if divergence is JENSEN_SHANNON:
                factor = math.log(2) / 2
            elif divergence.order is not None and divergence is not KL:
                factor = abs(divergence.order - 1)
                value = abs(math.expm1((divergence.order - 1) * value))  # by how much the sum of powers differs from 1
            label = zero_label(divergence)
            yield Instance({}, near(value), label, near(factor * spread), repr(divergence), scale=1.0)


@st.composite
def encoders_before_kernels(draw: st.DrawFn) -> Composable:
    """A map, then a kernel. Shrinks to a constant map and uniform rows."""
    x, y, z = (draw(st.integers(1, 4)) for _ in range(3))
    return Composable(one_hot(draw(strategies.functions(x, y)), y), draw(strategies.rows(y, z)))


encoded = Space(
    "random functions before kernels",
    lambda claim: encoders_before_kernels(),
    lambda claim: (Composable(np.array([[1.0, 0], [1, 0], [0, 1]]), np.array([[0.5, 0.25, 0.25], [0.2, 0.4, 0.4]])),),
)


@measures("categorical/entropy_precomposition", over=encoded, examples=(30, 300))
def entropy_precomposition(pair: Composable, context: Context) -> Iterator[Instance]:
    composed, points = pair.first @ pair.second, pair.first.argmax(axis=1)
    weights = context.rng.dirichlet(np.ones(len(points)))
    for divergence in TEN:
        inner = entropies.pointwise(divergence, pair.second)
        outer = np.asarray(entropies.psi_by_definition(divergence, composed))
        for x, y in enumerate(points):
            at = f"{divergence!r} at {x}"
            yield Instance({}, near(float(outer[x])), "copied", near(float(inner[y])), at, scale=1.0)
            yield Instance({}, near(float(outer[x])), "drawn twice", near(float(inner[y])), at, scale=1.0)
        average = entropies.average(divergence, pair.second, weights @ pair.first)
        yield Instance({}, near(float(weights @ outer)), "average", near(average), repr(divergence), scale=1.0)


@measures("categorical/entropy_dpi_as_stated", over=composables)
def entropy_dpi_as_stated(pair: Composable, context: Context) -> Iterator[Instance]:
    witness = {"k": pair.first.tolist(), "h": pair.second.tolist()}
    for divergence in (KL, TV):
        before = entropies.pointwise(divergence, pair.first)
        after = entropies.pointwise(divergence, pair.first @ pair.second)
        for x in range(len(before)):
            sides = near(float(after[x])), divergence.name, near(float(before[x]))
            yield Instance({}, *sides, f"input {x}", witness, 1.0)


@measures("categorical/entropy_coarse_graining", over=coarse_grainings)
def entropy_coarse_graining(pair: Composable, context: Context) -> Iterator[Instance]:
    for divergence in TEN:
        before = entropies.psi_by_definition(divergence, pair.first)
        after = entropies.psi_by_definition(divergence, pair.first @ pair.second)
        for x in range(len(before)):
            sides = near(float(after[x])), "entropy", near(float(before[x]))
            yield Instance({}, *sides, f"{divergence!r} at {x}", scale=1.0)


@measures("categorical/entropy_readings", over=kernels, examples=(30, 300))
def entropy_readings(thing: KernelAtLaw, context: Context) -> Iterator[Instance]:
    for divergence in TEN:
        if divergence.order is not None and math.isinf(divergence.order):
            continue
        kernel, mu, name = thing.rows, thing.mu, repr(divergence)
        joint, average, largest = (
            near(entropies.joint(divergence, kernel, mu)),
            near(entropies.average(divergence, kernel, mu)),
            near(entropies.supremum(divergence, kernel)),
        )
        if divergence.order is None or divergence is KL:
            yield Instance({}, joint, "f-divergence, joint", average, name, scale=1.0)
            yield Instance({}, average, "f-divergence, sup", largest, name, scale=1.0)
            continue
        where = "order above 1" if divergence.order > 1 else "order below 1"
        mixed = near(entropies.joint_closed_form(divergence, kernel, mu))
        yield Instance({}, joint, f"{where}, joint", mixed, name, scale=1.0)
        if divergence.order > 1:
            yield Instance({}, average, f"{where}, average", joint, name, scale=1.0)
            yield Instance({}, joint, f"{where}, sup", largest, name, scale=1.0)
        else:
            yield Instance({}, joint, f"{where}, average", average, name, scale=1.0)
            yield Instance({}, average, f"{where}, sup", largest, name, scale=1.0)
