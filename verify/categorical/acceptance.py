"""Acceptance of drafted tokens, exact on rows in cells, on finite sources and on sources cut from models."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
from hypothesis import strategies as st

from numerics.drafting.acceptance import cell_means, deficit, kappa, mean_acceptance, phi_inverse
from numerics.drafting.accepted_length import accepted_length as expected_length
from numerics.drafting.accepted_length import accepted_terms, drafting_laws
from numerics.drafting.optimal_drafter import best_drafters
from numerics.sources.finite import FiniteSource, block_terms, drafting_rows
from verify.categorical.spaces import models, source_of_subject, sources
from verify.categorical.toy import ERROR, near
from verify.instance import Instance, NotApplicable
from verify.measurement import Context, measures
from verify.precision import Measured, exact, floating
from verify.space import Space
from verify.strategies.kernels import DraftingRows, finite_sources
from verify.subject import ChainSubject

MARGIN = 1e-9  # of two surpluses that are told apart
FloatArray = np.ndarray[tuple[int, ...], np.dtype[np.float64]]
PairOfSources = tuple[FiniteSource, FiniteSource]


def best_acceptance(source: FiniteSource) -> float:
    """Largest acceptance of a drafter that sees (H, W_t)."""
    return best_drafters(*drafting_rows(source)).value


pairs = Space(
    "random pairs of finite sources",
    lambda claim: st.tuples(finite_sources(tokens=2, head=False), finite_sources(tokens=2, head=False)),
)


@measures("categorical/drafting_resource_as_stated", over=pairs)
def drafting_resource_as_stated(pair: PairOfSources, context: Context) -> Iterator[Instance]:
    surpluses = [block_terms(source, 2).surplus for source in pair]
    if abs(surpluses[0] - surpluses[1]) < MARGIN:
        raise NotApplicable("both sources have the same surplus")
    less, more = pair if surpluses[0] < surpluses[1] else pair[::-1]
    witness = {"surplus": sorted(surpluses), "laws": [[law.tolist() for law in s.laws] for s in (less, more)]}
    yield Instance({}, near(best_acceptance(less)), bound=near(best_acceptance(more)), witness=witness, scale=1.0)


def acceptance_instances(thing: DraftingRows, rng: np.random.Generator) -> Iterator[Instance]:
    """The bounds for four drafters: KL-optimal, acceptance-optimal, smoothed and random."""
    weights, rows, cells = thing.weights, thing.rows, thing.cells
    size, count = rows.shape[1], int(cells.max()) + 1
    mean = cell_means(weights, rows, cells)
    best = best_drafters(weights, rows, cells).rows
    drafters = {
        "KL-optimal": mean,
        "acceptance-optimal": best,
        "smoothed": 0.9 * best + 0.1 / size,
        "random": rng.dirichlet(np.ones(size), size=count),
    }
    delta = deficit(weights, rows, cells)
    r = phi_inverse(min(delta, math.log(size)), size)
    usable = 1e-6 < r < 1 - 1 / size - 1e-9  # the claim speaks of 0 < delta < log V
    preimage = {"V": size, "r": floating(r, relative=1e-9)} if usable else None
    for name, drafter in drafters.items():
        alpha = near(mean_acceptance(weights, rows, drafter, cells))
        spent = max(0.0, kappa(weights, rows, drafter, cells))  # a mean of divergences, up to rounding
        if math.isfinite(spent) and spent > 1e-9:  # of a smaller one the root is not known
            divergence = Measured(max(0.0, float(near(spent).lower)), float(near(spent).upper), "float64")
            for label in ("bretagnolle-huber", "pinsker"):
                yield Instance({"kappa": divergence}, alpha, label, label=name, scale=1.0)
        if preimage is not None:
            yield Instance(preimage, alpha, "any drafter", label=name, scale=1.0)
    if preimage is not None:
        alpha = near(mean_acceptance(weights, rows, mean, cells))
        yield Instance(preimage, alpha, "kl-optimal", scale=1.0)


@measures("categorical/acceptance_bounds", over=models)
def acceptance_bounds(subject: ChainSubject, context: Context) -> Iterator[Instance]:
    thing = DraftingRows(*drafting_rows(source_of_subject(subject)))
    yield from acceptance_instances(thing, context.rng)


@measures("categorical/accepted_length", over=sources, examples=(20, 200))
def accepted_length(source: FiniteSource, context: Context) -> Iterator[Instance]:
    for drafted in range(1, source.tokens):
        laws = drafting_laws(source, drafted)
        terms = near(expected_length(*laws))
        yield Instance({"gamma": drafted}, near(_by_outcomes(*laws)), "length", terms, f"gamma = {drafted}", scale=1.0)
        yield Instance({"gamma": drafted}, near(_by_paths(*laws)), "path", near(accepted_terms(*laws)[-1]), scale=1.0)
        half = floating(drafted / 2, relative=ERROR) if drafted % 2 else exact(drafted // 2)
        yield Instance({"gamma": drafted}, half, "formula", label="accepted in half of the contexts", scale=1.0)


def _by_outcomes(weights: FloatArray, verifier: list[FloatArray], drafter: list[FloatArray]) -> float:
    """The mean of the number of accepted tokens over all drafts: drafts are drawn whole, then read until a refusal."""
    drafted = weights
    for law in drafter:
        drafted = drafted[..., None] * law
    kept = np.ones(weights.shape)
    lengths = np.zeros(drafted.shape)
    depth = len(drafter)
    for step, (p, q) in enumerate(zip(verifier, drafter, strict=True)):
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = np.where(q > 0, np.minimum(1.0, p / q), 0.0)
        refused = kept[..., None] * (1 - ratio)
        kept = kept[..., None] * ratio
        lengths = lengths + step * refused.reshape(*refused.shape, *[1] * (depth - step - 1))
    return float((drafted * (lengths + depth * kept)).sum())


def _by_paths(weights: FloatArray, verifier: list[FloatArray], drafter: list[FloatArray]) -> float:
    """P(all drafted tokens are accepted), path by path: drafted with q, kept with min(1, p/q)."""
    mass = weights
    for p, q in zip(verifier, drafter, strict=True):
        with np.errstate(divide="ignore", invalid="ignore"):
            mass = mass[..., None] * q * np.where(q > 0, np.minimum(1.0, p / q), 0.0)
    return float(mass.sum())
