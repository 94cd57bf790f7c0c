"""The log-loss as a spectral objective: surrogates, canonical correlations, weak dependence, contrastive loss."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from numerics.geometry.head import Head, prototypes, rows
from numerics.geometry.pullback import metric
from numerics.similarity.dependence import dependence_matrix, singular_values
from numerics.similarity.dirichlet import dirichlet_energy
from numerics.similarity.kernels import bhattacharyya
from numerics.similarity.operators import spectrum
from numerics.sources.fixtures import (
    R1_EPSILONS,
    R1_MU,
    R1_P,
    R1_R,
    S1_FEATURES,
    S1_MU,
    S1_ROWS,
    S1_UNEMBEDDING,
)
from numerics.spectral.alignment import (
    alignment,
    alignment_by_pairs,
    cross_entropy,
    kl_loss,
    loss_parts,
    moment_matched_states,
    moment_residuals,
)
from numerics.spectral.cca import canonical_correlations, eigen_residual, feature_optimum, span_angles
from numerics.spectral.contrastive import (
    adjacency,
    adjacency_by_positives,
    best_features,
    contrastive_loss,
    factorisation_loss,
    positive_pairs,
)
from numerics.spectral.matrix_roots import covariance, polar_factor, power_on_range, whitened
from numerics.spectral.surrogate import (
    CURVATURES,
    curvature,
    surrogate_loss,
    surrogate_minimum,
    whitened_alignment_optimum,
)
from numerics.spectral.weak_dependence import best_log_bilinear, perturbed_rows, svd_head, weak_dependence
from numerics.spectral.whitened import whiten, whitened_minimum

S1 = Head(S1_UNEMBEDDING)
SIGN = Head(np.array([[1.0], [-1.0]]))
seeds = st.integers(0, 10**6)


def random_problem(
    seed: int, contexts: int = 6, tokens: int = 5, width: int = 3
) -> tuple[Head, np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    head = Head(rng.standard_normal((tokens, width)), rng.standard_normal(tokens))
    return (
        head,
        rng.dirichlet(np.ones(tokens), contexts),
        rng.standard_normal((contexts, width)),
        rng.dirichlet(np.ones(contexts)),
    )


def two_token_rows(prototype_values: list[float]) -> np.ndarray:
    """Rows on two tokens with g = +-1 that have the given prototypes."""
    values = np.array(prototype_values)
    return np.stack([(1 + values) / 2, (1 - values) / 2], axis=1)


@settings(max_examples=40, deadline=None)
@given(seeds)
def test_the_loss_is_alignment_plus_log_partition(seed: int) -> None:
    head, laws, states, measure = random_problem(seed)
    parts = loss_parts(head, laws, states, measure)
    assert parts.total == pytest.approx(cross_entropy(head, laws, states, measure), rel=1e-12)
    entropy = -float(measure @ (laws * np.log(laws)).sum(axis=1))
    assert kl_loss(head, laws, states, measure) == pytest.approx(parts.total - entropy, abs=1e-12)
    means = prototypes(head, laws)
    assert alignment(states, means, measure) == pytest.approx(alignment_by_pairs(states, means, measure), rel=1e-10)
    turn = polar_factor(np.random.default_rng(seed).standard_normal((3, 3)))
    assert alignment(states @ turn, means, measure) == pytest.approx(alignment(states, means, measure), rel=1e-10)


@settings(max_examples=20, deadline=None)
@given(seeds)
def test_moment_residuals_are_the_gradient(seed: int) -> None:
    head, laws, states, measure = random_problem(seed)
    residuals, step = moment_residuals(head, laws, states), 1e-5
    for x, i in ((0, 0), (3, 2)):
        shift = np.zeros_like(states)
        shift[x, i] = step
        slope = cross_entropy(head, laws, states + shift, measure) - cross_entropy(head, laws, states - shift, measure)
        assert slope / (2 * step) == pytest.approx(measure[x] * residuals[x, i], abs=1e-9)


@settings(max_examples=20, deadline=None)
@given(seeds, st.floats(0.2, 2))
def test_states_that_match_moments_are_optimal(seed: int, concentration: float) -> None:
    rng = np.random.default_rng(seed)
    head = Head(rng.standard_normal((6, 3)))
    laws = rng.dirichlet(np.full(6, concentration), 4) + 1e-3
    laws /= laws.sum(axis=1, keepdims=True)
    measure = np.full(4, 0.25)
    states = moment_matched_states(head, laws)
    assert np.abs(moment_residuals(head, laws, states)).max() <= 1e-12
    best = cross_entropy(head, laws, states, measure)
    for _ in range(5):
        assert cross_entropy(head, laws, states + 0.1 * rng.standard_normal(states.shape), measure) > best


def test_optimal_states_are_not_proportional_to_prototypes() -> None:
    states = moment_matched_states(SIGN, two_token_rows([0.5, 0.9]))[:, 0]
    assert states == pytest.approx([0.549306, 1.472219], abs=1e-6)
    assert states[1] / states[0] == pytest.approx(2.680144, abs=1e-6)
    assert states[1] / states[0] > 0.9 / 0.5


def test_loss_falls_where_the_dirichlet_energy_rises() -> None:
    head, laws, measure = Head(np.array([[0.0], [1.0]])), np.array([[0.6, 0.4], [0.4, 0.6]]), np.full(2, 0.5)
    states = moment_matched_states(head, laws)
    assert states[:, 0] == pytest.approx([-math.log(1.5), math.log(1.5)])
    assert cross_entropy(head, laws, np.zeros((2, 1)), measure) == pytest.approx(0.693147, abs=1e-6)
    assert cross_entropy(head, laws, states, measure) == pytest.approx(0.673012, abs=1e-6)
    energy = dirichlet_energy(bhattacharyya(laws), measure, states)
    assert float(energy[0]) == pytest.approx(0.161080, abs=1e-6)


def test_moments_outside_the_hull_are_refused() -> None:
    with pytest.raises(ArithmeticError, match="context 0"):
        moment_matched_states(SIGN, np.array([[1.0, 0.0]]), most_steps=20)
    with pytest.raises(ValueError, match="rank W_c is 1, expected 2"):
        moment_matched_states(Head(np.array([[1.0, 1.0], [-1.0, -1.0]])), np.full((1, 2), 0.5))


def test_alignment_does_not_see_the_sign() -> None:
    laws, measure = two_token_rows([0.6, -0.6]), np.full(2, 0.5)
    means = prototypes(SIGN, laws)
    found = [
        (alignment(h, means, measure), cross_entropy(SIGN, laws, h, measure))
        for h in (np.array([[1.0], [-1.0]]), np.array([[-1.0], [1.0]]))
    ]
    assert found[0] == pytest.approx((0.36, 0.526928), abs=1e-6)
    assert found[1] == pytest.approx((0.36, 1.726928), abs=1e-6)


def test_alignment_and_loss_have_different_optima() -> None:
    laws, measure = two_token_rows([0.4, 0.0, 0.8]), np.array([0.5, 0.4, 0.1])
    means = prototypes(SIGN, laws)
    aligned = whitened_alignment_optimum(means, measure)
    assert cross_entropy(SIGN, laws, aligned.states, measure) == pytest.approx(0.828029, abs=1e-6)
    assert alignment(aligned.states, means, measure) == pytest.approx(0.0656, abs=1e-6)
    assert loss_parts(SIGN, laws, aligned.states, measure).log_partition == pytest.approx(1.084154, abs=1e-6)
    fit = whitened_minimum(SIGN, laws, measure, np.random.default_rng(0))
    assert fit.loss == pytest.approx(0.772837, abs=1e-6) and fit.stationarity < 1e-6
    assert fit.loss == pytest.approx(cross_entropy(SIGN, laws, fit.states, measure), rel=1e-12)
    assert alignment(fit.states, means, measure) == pytest.approx(0.048713, abs=1e-6)
    assert loss_parts(SIGN, laws, fit.states, measure).log_partition == pytest.approx(0.993547, abs=1e-6)
    # In one dimension the whitened states are a circle: a grid on it is an independent road to the minimum.
    basis = np.linalg.svd(np.sqrt(measure)[None, :])[2][1:]
    circle = [(np.cos(a) * basis[0] + np.sin(a) * basis[1]) / np.sqrt(measure) for a in np.linspace(0, 2 * np.pi, 2001)]
    assert min(cross_entropy(SIGN, laws, h[:, None], measure) for h in circle) == pytest.approx(fit.loss, abs=1e-5)


@settings(max_examples=15, deadline=None)
@given(seeds)
def test_whitened_states_are_white_and_stationary_points_lower_the_loss(seed: int) -> None:
    head, laws, states, measure = random_problem(seed, contexts=7, width=2)
    measure = 0.5 * measure + 0.5 / 7
    white = whiten(states, measure)
    fit = whitened_minimum(head, laws, measure, np.random.default_rng(seed), starts=2)
    for found in (white, fit.states, whitened_alignment_optimum(states, measure).states, whitened(states, measure)):
        assert measure @ found == pytest.approx(np.zeros(2), abs=1e-10)
        assert found.T @ (measure[:, None] * found) == pytest.approx(np.eye(2), abs=1e-9)
    assert fit.stationarity < 1e-4
    rng = np.random.default_rng(seed + 1)
    near = [whiten(fit.states + 0.01 * rng.standard_normal(states.shape), measure) for _ in range(5)]
    assert all(cross_entropy(head, laws, other, measure) >= fit.loss - 1e-9 for other in near)
    with pytest.raises(ValueError, match="2 contexts carry no whitened states"):
        whitened_minimum(head, laws[:2], np.full(2, 0.5), np.random.default_rng(0))


def test_fixture_surrogates() -> None:
    expected = {
        "largest_norm": (1.002779, 0.953783),
        "diameter": (0.945279, 0.911739),
        "centred_gram": (0.945279, 0.900986),
    }
    for name, (value, loss) in expected.items():
        found = surrogate_minimum(S1, S1_ROWS, S1_MU, curvature(S1, name))
        assert found.value == pytest.approx(value, abs=1e-6)
        assert cross_entropy(S1, S1_ROWS, found.states, S1_MU) == pytest.approx(loss, abs=1e-6)
    states = moment_matched_states(S1, S1_ROWS)
    assert cross_entropy(S1, S1_ROWS, states, S1_MU) == pytest.approx(0.879585, abs=1e-6)
    assert kl_loss(S1, S1_ROWS, states, S1_MU) == pytest.approx(0, abs=1e-14)
    assert whitened_alignment_optimum(prototypes(S1, S1_ROWS), S1_MU).value == pytest.approx(0.775874, abs=1e-6)


@settings(max_examples=40, deadline=None)
@given(seeds, st.sampled_from(CURVATURES), st.floats(0.1, 5))
def test_the_surrogate_is_above_the_loss(seed: int, name: str, size: float) -> None:
    head, laws, states, measure = random_problem(seed)
    quadratic = curvature(head, name)
    slack = np.linalg.eigvalsh(quadratic - metric(head, size * states[0]))
    assert slack[0] >= -1e-12 * np.abs(quadratic).max()
    for reference in (None, states[1]):
        bound = surrogate_loss(head, laws, size * states, measure, quadratic, reference)
        assert cross_entropy(head, laws, size * states, measure) <= bound * (1 + 1e-12)
        best = surrogate_minimum(head, laws, measure, quadratic, reference)
        assert best.value <= bound * (1 + 1e-12)
        for _ in range(3):
            other = best.states + np.random.default_rng(seed).standard_normal(states.shape)
            assert surrogate_loss(head, laws, other, measure, quadratic, reference) >= best.value
    at_reference = np.tile(states[1], (6, 1))
    tight = surrogate_loss(head, laws, at_reference, measure, quadratic, states[1])
    assert tight == pytest.approx(cross_entropy(head, laws, at_reference, measure), rel=1e-12)


def test_nine_tenths_of_the_curvature_is_not_admissible() -> None:
    for name in ("diameter", "centred_gram"):
        quadratic = curvature(SIGN, name)
        assert quadratic == pytest.approx(metric(SIGN, np.zeros(1)))  # attained at 0
        assert (0.9 * quadratic < metric(SIGN, np.zeros(1))).all()
    laws = np.full((1, 2), 0.5)
    step = np.array([[1e-2]])
    assert surrogate_loss(SIGN, laws, step, np.ones(1), 0.9 * curvature(SIGN, "diameter")) < cross_entropy(
        SIGN, laws, step, np.ones(1)
    )


def test_surrogate_minimum_without_bias_has_the_closed_form() -> None:
    for name in CURVATURES:
        quadratic = curvature(S1, name)
        gap = prototypes(S1, S1_ROWS) - S1_UNEMBEDDING.mean(axis=0)
        closed = math.log(3) - 0.5 * float(S1_MU @ ((gap @ np.linalg.inv(quadratic)) * gap).sum(axis=1))
        assert surrogate_minimum(S1, S1_ROWS, S1_MU, quadratic).value == pytest.approx(closed, rel=1e-12)
    with pytest.raises(ValueError, match="Q has rank 0"):
        surrogate_minimum(S1, S1_ROWS, S1_MU, np.zeros((2, 2)))
    with pytest.raises(ValueError, match="no curvature is called"):
        curvature(S1, "hessian")


def test_whitened_alignment_is_optimal_and_works_on_the_range() -> None:
    means = prototypes(S1, S1_ROWS)
    best = whitened_alignment_optimum(means, S1_MU)
    rng = np.random.default_rng(0)
    for _ in range(50):
        other = whiten(rng.standard_normal((6, 2)), S1_MU)
        assert float(S1_MU @ (other * means).sum(axis=1)) <= best.value + 1e-12
    flat = whitened_alignment_optimum(np.column_stack([means[:, 0], np.zeros(6)]), S1_MU)
    assert flat.rank == 1 and flat.floor > 0
    assert flat.states[:, 1] == pytest.approx(np.zeros(6))


def test_fixture_canonical_correlations() -> None:
    means = prototypes(S1, S1_ROWS)
    best = feature_optimum(S1_FEATURES, means, S1_MU)
    assert best.nuclear_norm == pytest.approx(0.59879, abs=1e-5)
    assert best.singular_values == pytest.approx([0.49800, 0.10078], abs=1e-5)
    assert canonical_correlations(S1_FEATURES, means, S1_MU) == pytest.approx([0.864442, 0.517932], abs=1e-6)
    loss = cross_entropy(S1, S1_ROWS, best.states, S1_MU)
    bound = math.log(3) - best.nuclear_norm + np.trace(curvature(S1, "centred_gram")) / 2
    assert (loss, bound) == pytest.approx((1.096119, 1.499826), abs=1e-6)


@settings(max_examples=30, deadline=None)
@given(seeds)
def test_feature_optimum(seed: int) -> None:
    rng = np.random.default_rng(seed)
    features, means, measure = rng.standard_normal((9, 4)), rng.standard_normal((9, 3)), rng.dirichlet(np.ones(9))
    measure = 0.5 * measure + 0.5 / 9
    best = feature_optimum(features, means, measure)
    assert covariance(best.states, measure) == pytest.approx(np.eye(3), abs=1e-9)
    assert float(measure @ (best.states * means).sum(axis=1)) == pytest.approx(best.nuclear_norm, rel=1e-9)
    assert eigen_residual(best, features, means, measure) <= 1e-10
    root = power_on_range(covariance(features, measure), -0.5).matrix
    for _ in range(5):  # other whitened linear functions of the features align less
        other = (features - measure @ features) @ root @ polar_factor(rng.standard_normal((4, 3)))
        assert float(measure @ (other * means).sum(axis=1)) <= best.nuclear_norm + 1e-10
    # Features that span the prototypes reproduce the optimum over free whitened states.
    both = feature_optimum(np.column_stack([means, features]), means, measure)
    assert both.nuclear_norm == pytest.approx(whitened_alignment_optimum(means, measure).value, rel=1e-8)
    assert canonical_correlations(means, means @ rng.standard_normal((3, 3)), measure) == pytest.approx(1, abs=1e-6)
    assert span_angles(means, means @ rng.standard_normal((3, 3)) + 5, measure) == pytest.approx(0, abs=1e-6)
    with pytest.raises(ValueError, match="2 features, expected at least 3"):
        feature_optimum(features[:, :2], means, measure)
    with pytest.raises(ValueError, match="covariance of the features has rank 1"):
        feature_optimum(np.column_stack([features[:, 0]] * 3), means, measure)


def test_matrix_powers_say_what_they_dropped() -> None:
    found = power_on_range(np.diag([4.0, 1.0, 0.0]), -0.5)
    assert found.matrix == pytest.approx(np.diag([0.5, 1.0, 0.0])) and found.rank == 2 and found.floor > 0
    with pytest.raises(ValueError, match="least eigenvalue is -1"):
        power_on_range(np.diag([1.0, -1.0]), 0.5)
    with pytest.raises(ValueError, match="rank 1, expected 2"):
        whitened(np.column_stack([np.arange(3.0)] * 2), np.full(3, 1 / 3))


def test_weak_dependence_tends_to_the_truncated_svd() -> None:
    ratios, cosines = [], []
    for epsilon in (*R1_EPSILONS, 0.01):
        found = weak_dependence(perturbed_rows(R1_P, R1_R, epsilon), R1_MU, 1)
        ratios.append(found.ratio)
        cosines.append(found.cosine)
        assert found.fit.gradient <= 1e-9
    assert ratios[:4] == pytest.approx([0.9594, 0.9731, 0.9841, 0.9913], abs=5e-5)
    assert cosines[:4] == pytest.approx([0.9814, 0.9964, 0.9991, 0.9998], abs=5e-5)
    assert ratios[4] == pytest.approx(1, abs=1e-3)  # first order in the dependence


def test_log_bilinear_fit_by_other_roads() -> None:
    # A width of V - 1 is enough for every law, and the start already is exact to second order.
    laws = perturbed_rows(R1_P, R1_R, 0.4)
    assert best_log_bilinear(laws, R1_MU, 3).loss <= 1e-12
    bias, states, unembedding = svd_head(laws, R1_MU, 2)
    start = kl_loss(Head(unembedding, bias), laws, states, R1_MU)
    fit = best_log_bilinear(laws, R1_MU, 2)
    assert fit.loss <= start
    assert fit.loss == pytest.approx(kl_loss(Head(fit.unembedding, fit.bias), laws, fit.states, R1_MU), rel=1e-8)
    with pytest.raises(ZeroDivisionError, match="rank at most 3"):
        weak_dependence(np.tile(R1_P, (4, 1)), R1_MU, 3)
    with pytest.raises(ValueError, match="width is 5"):
        svd_head(laws, R1_MU, 5)


@settings(max_examples=30, deadline=None)
@given(seeds, st.integers(1, 4))
def test_contrastive_loss_is_a_factorisation(seed: int, width: int) -> None:
    rng = np.random.default_rng(seed)
    laws, measure = rng.dirichlet(np.full(4, 0.5), 6), rng.dirichlet(np.ones(6))
    matrix = adjacency(laws, measure)
    assert matrix == pytest.approx(adjacency_by_positives(laws, measure), abs=1e-12)
    assert positive_pairs(laws, measure).sum(axis=1) == pytest.approx(measure)
    dependence, roots = dependence_matrix(laws, measure), np.sqrt(measure)
    assert matrix == pytest.approx(np.outer(roots, roots) + dependence @ dependence.T, abs=1e-12)
    values = np.concatenate([[1.0], singular_values(laws, measure) ** 2, np.zeros(6)])
    assert spectrum(matrix) == pytest.approx(np.sort(values)[::-1][:6], abs=1e-10)
    features = rng.standard_normal((6, width))
    assert contrastive_loss(laws, measure, features) == pytest.approx(
        factorisation_loss(laws, measure, features), rel=1e-9, abs=1e-10
    )
    best = contrastive_loss(laws, measure, best_features(laws, measure, width))
    assert best == pytest.approx(-(spectrum(matrix)[:width] ** 2).sum(), rel=1e-9)
    assert best <= contrastive_loss(laws, measure, features)


def test_model_rows_are_their_own_optimum() -> None:
    states = np.random.default_rng(0).standard_normal((5, 2))
    head = Head(np.random.default_rng(1).standard_normal((4, 2)))
    assert moment_matched_states(head, rows(head, states)) == pytest.approx(states, abs=1e-8)
