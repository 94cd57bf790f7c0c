"""The log-loss as a spectral objective, measured on random encoded rows and fixtures S1, R1 (specification 2.7)."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import pairwise

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from numerics.geometry.head import Head, centred_rank, log_partition, prototypes
from numerics.similarity.dependence import chi_squared_information, dependence_matrix, mutual_information
from numerics.sources.fixtures import R1_EPSILONS, R1_MU, R1_P, R1_R
from numerics.spectral.alignment import (
    alignment,
    cross_entropy,
    loss_parts,
    moment_matched_states,
    moment_residuals,
)
from numerics.spectral.cca import feature_optimum
from numerics.spectral.contrastive import adjacency, adjacency_by_positives, best_features, factorisation_loss
from numerics.spectral.contrastive import contrastive_loss as loss_of_features
from numerics.spectral.matrix_roots import covariance
from numerics.spectral.surrogate import (
    CURVATURES,
    curvature,
    surrogate_loss,
    surrogate_minimum,
    whitened_alignment_optimum,
)
from numerics.spectral.weak_dependence import perturbed_rows, weak_dependence
from numerics.spectral.whitened import whiten
from theory.claim import Claim
from verify.categorical.encoded_rows import binary, encoded
from verify.instance import Instance, NotApplicable
from verify.measurement import Context, measures
from verify.precision import Measured, floating
from verify.space import Space
from verify.strategies.encoded_rows import EncodedRows

ERROR = 1e-10
FloatArray = NDArray[np.float64]
Directions = tuple[FloatArray, FloatArray, FloatArray]


def _number(value: float, scale: float = 1.0) -> Measured:
    return floating(value, absolute=ERROR * max(1.0, scale), relative=ERROR)


def _states(
    thing: EncodedRows, context: Context, size: float = 1.0
) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    return size * context.rng.standard_normal((len(thing.measure), thing.unembedding.shape[1]))


@measures("categorical/nll_decomposition", over=encoded)
def nll_decomposition(thing: EncodedRows, context: Context) -> Iterator[Instance]:
    head = Head(thing.unembedding)
    for size in (0.0, 1.0, 4.0):
        states = _states(thing, context, size)
        loss = cross_entropy(head, thing.rows, states, thing.measure)
        parts = loss_parts(head, thing.rows, states, thing.measure)
        yield Instance({}, _number(loss, 10), 0, _number(parts.total, 10), f"|h| about {size}", thing.witness, 1.0)


@measures("categorical/spectral_alignment_as_stated", over=binary)
def spectral_alignment_as_stated(thing: EncodedRows, context: Context) -> Iterator[Instance]:
    """d = 1, g = (1, -1): the whitened maximisers of J are one state up to sign; any whitened state is a rival."""
    head = Head(np.array([[1.0], [-1.0]]))
    targets = prototypes(head, thing.rows)
    optimum = whitened_alignment_optimum(targets, thing.measure)
    if optimum.rank < 1 or float(np.ptp(targets)) < 1e-6:
        raise NotApplicable("all prototypes agree: every whitened state maximises J")
    best = alignment(optimum.states, targets, thing.measure)
    rival = whiten(context.rng.standard_normal(optimum.states.shape), thing.measure)
    for sign in (1.0, -1.0):
        states = sign * optimum.states
        loss = cross_entropy(head, thing.rows, states, thing.measure)
        for label, other in (("its negative", -states), ("a random whitened state", rival)):
            other_loss = cross_entropy(head, thing.rows, other, thing.measure)
            witness = {**thing.witness, "J": [best, alignment(other, targets, thing.measure)]}
            yield Instance({}, _number(loss), 0, _number(other_loss), f"sign {sign:g} against {label}", witness, 1.0)


@measures("categorical/prototype_proportional_as_stated", over=binary)
def prototype_proportional_as_stated(thing: EncodedRows, context: Context) -> Iterator[Instance]:
    head = Head(np.array([[1.0], [-1.0]]))
    states, targets = moment_matched_states(head, thing.rows)[:, 0], prototypes(head, thing.rows)[:, 0]
    left, right = float(states[0] * targets[1]), float(states[1] * targets[0])
    yield Instance({}, _number(left), 0, _number(right), "contexts 0, 1", thing.witness, 1.0)


@measures("categorical/moment_matching", over=encoded)
def moment_matching(thing: EncodedRows, context: Context) -> Iterator[Instance]:
    head = Head(thing.unembedding)
    if centred_rank(head) < head.width:
        raise NotApplicable("rank W_c < d: the optimal states are not unique")
    states = moment_matched_states(head, thing.rows)
    residual = float(np.abs(moment_residuals(head, thing.rows, states)).max())
    zero = floating(0.0, absolute=1e-300)
    yield Instance({}, floating(residual, absolute=1e-9), "gradient", zero, "at the optimum", thing.witness, 1.0)
    direction, length = context.rng.standard_normal(head.width), 0.7
    for origin in (states[0], states[0] + 0.5):
        moved = np.stack([origin, origin + length * direction])
        row = thing.rows[:1].repeat(2, axis=0)
        losses = log_partition(head, moved) - (prototypes(head, row) * moved).sum(axis=1)
        gradient = float(moment_residuals(head, row, moved)[0] @ direction)
        logs = moved @ head.unembedding.T - log_partition(head, moved)[:, None]
        divergence = float((np.exp(logs[0]) * (logs[0] - logs[1])).sum())
        step = _number(float(losses[1] - losses[0]), 10)
        yield Instance({}, step, "increment", _number(length * gradient + divergence, 10), "a line", thing.witness, 1.0)
        slope = _slope(head, row, origin, direction)
        if abs(gradient) > 1e-4:  # a central difference cannot tell a smaller one from 0
            yield Instance({}, slope, "gradient", _number(gradient, 10), "central difference", thing.witness, 1.0)


def _slope(head: Head, row: FloatArray, origin: FloatArray, direction: FloatArray) -> Measured:
    """Derivative of the loss along a line, by a central difference of fourth order."""
    step = 1e-3
    at = origin + step * np.array([-2.0, -1.0, 1.0, 2.0])[:, None] * direction
    losses = log_partition(head, at) - at @ prototypes(head, row)[0]
    value = float(losses @ np.array([1.0, -8.0, 8.0, -1.0]) / (12 * step))
    # Remainder step^4/30 times a fifth derivative, which is below 24 (range of <g, v>)^5.
    size = float(np.ptp(head.unembedding @ direction))
    return floating(value, absolute=step**4 * 24 / 30 * size**5 + 1e-11)


@measures("categorical/spectral_surrogate", over=encoded)
def spectral_surrogate(thing: EncodedRows, context: Context) -> Iterator[Instance]:
    """At the minimiser of the bound, halfway to it, and at random states; about h_0 = 0 and about another state."""
    head = Head(thing.unembedding)
    if centred_rank(head) < head.width:
        raise NotApplicable("rank W_c < d: Q is singular")
    labels = {"largest_norm": "range", "diameter": "range", "centred_gram": "centred gram"}
    values = {"V": len(thing.unembedding), "n_X": len(thing.measure) - 1}
    for name in CURVATURES:
        quadratic = curvature(head, name)
        for reference in (np.zeros(head.width), np.full(head.width, 0.1)):
            best = surrogate_minimum(head, thing.rows, thing.measure, quadratic, reference).states
            for label, states in (
                ("at the minimum", best),
                ("halfway", (best + reference) / 2),
                ("random", best + _states(thing, context, 0.3)),
            ):
                loss = _number(cross_entropy(head, thing.rows, states, thing.measure))
                bound = surrogate_loss(head, thing.rows, states, thing.measure, quadratic, reference)
                yield Instance(values, loss, labels[name], _number(bound), f"{name}, {label}", thing.witness)


@measures("categorical/surrogate_optimum", over=encoded)
def surrogate_optimum(thing: EncodedRows, context: Context) -> Iterator[Instance]:
    head = Head(thing.unembedding)
    if centred_rank(head) < head.width:
        raise NotApplicable("rank W_c < d: Q is singular")
    targets = prototypes(head, thing.rows)
    for name in CURVATURES:
        quadratic = curvature(head, name)
        found = surrogate_minimum(head, thing.rows, thing.measure, quadratic)
        deviation = targets - head.unembedding.mean(axis=0)
        least = math.log(len(head.unembedding)) - 0.5 * float(
            thing.measure @ (deviation @ np.linalg.inv(quadratic) * deviation).sum(axis=1)
        )
        yield Instance({}, _number(found.value), "attained", _number(least), name, thing.witness, 1.0)
        others = found.states + _states(thing, context, 0.5)
        value = surrogate_loss(head, thing.rows, others, thing.measure, quadratic)
        yield Instance({}, _number(value), "least value", _number(least), name, thing.witness, 1.0)
    white = whitened_alignment_optimum(targets, thing.measure)
    if white.rank < head.width or len(thing.measure) <= head.width:
        return
    centred = targets - thing.measure @ targets
    for label, states in (
        ("its maximiser", white.states),
        ("random white states", whiten(_states(thing, context), thing.measure)),
    ):
        value = float(thing.measure @ (states * centred).sum(axis=1))
        yield Instance({}, _number(value), "whitened", _number(white.value), label, thing.witness, 1.0)


@measures("categorical/surrogate_cca", over=encoded)
def surrogate_cca(thing: EncodedRows, context: Context) -> Iterator[Instance]:
    targets = prototypes(Head(thing.unembedding), thing.rows)
    rank = np.linalg.matrix_rank(covariance(thing.features, thing.measure), tol=1e-9)
    if rank < thing.features.shape[1]:
        raise NotApplicable("Sigma_phi is singular")
    found = feature_optimum(thing.features, targets, thing.measure)
    centred = thing.features - thing.measure @ thing.features

    def value(coefficients: FloatArray) -> float:
        return float(thing.measure @ ((centred @ coefficients) * targets).sum(axis=1))

    attained = value(found.coefficients)
    yield Instance({}, _number(attained), "attained", _number(found.nuclear_norm), "U", thing.witness, 1.0)
    factor = np.linalg.cholesky(np.linalg.inv(covariance(thing.features, thing.measure)))
    orthonormal, _ = np.linalg.qr(context.rng.standard_normal(found.coefficients.shape))
    other = value(factor @ orthonormal)
    yield Instance({}, _number(other), "largest", _number(found.nuclear_norm), "a random U", thing.witness, 1.0)


def _directions(claim: Claim) -> Iterator[Directions]:
    yield R1_MU, R1_P, R1_R


r1 = Space("fixture R1", lambda claim: st.just((R1_MU, R1_P, R1_R)), _directions)


@measures("categorical/weak_dependence_svd", over=r1, examples=(1, 1))
def weak_dependence_svd(thing: Directions, context: Context) -> Iterator[Instance]:
    """The ratio at eps, eps/2, ...: where |ratio - 1| is at most C eps, C from the largest eps, its limit is 1."""
    measure, base, direction = thing
    ratios = [weak_dependence(perturbed_rows(base, direction, e), measure, 1).ratio for e in R1_EPSILONS]
    slope = abs(ratios[0] - 1) / R1_EPSILONS[0]
    # Richardson: the ratio is 1 + a e + b e^2 + ...; the error is judged by the last two extrapolations.
    pairs = [2 * later - earlier for earlier, later in pairwise(ratios)]
    finest = 2 * pairs[-1] - pairs[-2] if len(pairs) > 1 else pairs[-1]
    error = abs(finest - pairs[-1]) + slope * R1_EPSILONS[-1] ** 2
    yield Instance(
        {}, floating(pairs[-1], absolute=error), 0, floating(1.0, absolute=1e-300), "eps to 0", {"ratios": ratios}, 1.0
    )


@measures("categorical/chi2_information_bound", over=encoded)
def chi2_information_bound(thing: EncodedRows, context: Context) -> Iterator[Instance]:
    information = mutual_information(thing.rows, thing.measure)
    chi = chi_squared_information(thing.rows, thing.measure)
    logarithm = math.log1p(chi)
    yield Instance({}, _number(information), "logarithm", _number(logarithm), "", thing.witness, 1.0)
    yield Instance({}, _number(logarithm), "chi-squared", _number(chi), "", thing.witness, 1.0)


@measures("categorical/contrastive_spectrum", over=encoded)
def contrastive_spectrum(thing: EncodedRows, context: Context) -> Iterator[Instance]:
    matrix = adjacency_by_positives(thing.rows, thing.measure)
    dependence = dependence_matrix(thing.rows, thing.measure)
    roots = np.sqrt(thing.measure)
    other = np.outer(roots, roots) + dependence @ dependence.T
    for i, j in {(0, 0), (0, len(roots) - 1)}:
        entry = _number(float(matrix[i, j]))
        yield Instance({}, entry, "matrix", _number(float(other[i, j])), f"entry {i}, {j}", thing.witness, 1.0)
    spectrum = np.linalg.eigvalsh(adjacency(thing.rows, thing.measure))[::-1]
    left, values, _ = np.linalg.svd(dependence, full_matrices=True)
    singular = np.concatenate([[1.0], values**2, np.zeros(len(roots))])
    for i, value in enumerate(spectrum):
        expected = float(np.sort(singular)[::-1][i])
        label = "eigenvalues" if i else "eigenvalue 1"
        yield Instance({}, _number(float(value)), label, _number(expected), f"eigenvalue {i}", thing.witness, 1.0)
    image = _number(float((matrix @ roots)[0]))
    yield Instance({}, image, "eigenvalue 1", _number(float(roots[0])), "context 0", thing.witness, 1.0)
    if values[0] > 1e-6:  # the left vector of a positive singular value is orthogonal to sqrt(mu)
        first = left[:, 0]
        at = {"first": 0, "sigma2": float(values[0] ** 2)}
        image, scaled = _number(float((matrix @ first)[0])), _number(float(values[0] ** 2 * first[0]))
        yield Instance(at, image, "eigenvalues", scaled, "leading singular vector", thing.witness, 1.0)
    flow = float(np.abs(roots @ dependence).max())
    yield Instance({}, _number(flow), "orthogonal", floating(0.0, absolute=1e-300), "largest entry", thing.witness, 1.0)


@measures("categorical/contrastive_loss", over=encoded)
def contrastive_loss(thing: EncodedRows, context: Context) -> Iterator[Instance]:
    matrix = adjacency(thing.rows, thing.measure)
    squares = np.linalg.eigvalsh(matrix)[::-1] ** 2
    for label, features in (
        ("given features", thing.features),
        ("best features", best_features(thing.rows, thing.measure, 1)),
    ):
        loss = loss_of_features(thing.rows, thing.measure, features)
        factored = factorisation_loss(thing.rows, thing.measure, features)
        scale = max(1.0, abs(loss))
        found = _number(loss, scale)
        yield Instance({}, found, "factorisation", _number(factored, scale), label, thing.witness, scale)
        least = float(squares[features.shape[1] :].sum() - (matrix**2).sum())
        at = {"rank": min(features.shape[1], len(matrix))}
        yield Instance(at, found, "least", _number(least, scale), label, thing.witness, scale)
