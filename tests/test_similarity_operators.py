"""Similarity kernels of rows and their operators: definitions, spectra, compression, dependence."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from numerics.similarity import kernels
from numerics.similarity.dependence import (
    chi_squared_information,
    dependence_matrix,
    mutual_information,
    singular_values,
    token_law,
)
from numerics.similarity.dirichlet import degree, dirichlet_energy, laplacian_form, rayleigh_quotient, variance
from numerics.similarity.nystrom import nystrom_spectrum, operator_spectrum
from numerics.similarity.operators import (
    compression_matrix,
    conditional_feature_variance,
    group_means,
    hilbert_schmidt_norm,
    induced_kernel,
    interlacing,
    is_positive,
    kernel_spectrum,
    operator_matrix,
    spectrum,
    trace_gap,
)
from numerics.sources.fixtures import S1_ENCODER, S1_MU, S1_ROWS

LABELS = np.array(S1_ENCODER)
WIDE = np.random.default_rng(0).standard_normal((3, 2))
seeds = st.integers(0, 10**6)


def random_rows(seed: int, contexts: int, tokens: int, zeros: bool = False) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    rows = rng.dirichlet(np.full(tokens, 0.5), contexts) + 1e-6
    if zeros:
        rows *= rng.random(rows.shape) < 0.7
        rows[np.arange(contexts), rng.integers(tokens, size=contexts)] += 0.1  # no row may vanish
    return rows / rows.sum(axis=1, keepdims=True), rng.dirichlet(np.ones(contexts))


@settings(max_examples=40, deadline=None)
@given(seeds, st.integers(1, 7), st.integers(2, 6), st.booleans())
def test_kernels_by_their_definitions(seed: int, contexts: int, tokens: int, zeros: bool) -> None:
    rows, _ = random_rows(seed, contexts, tokens, zeros)
    others, _ = random_rows(seed + 1, 3, tokens, zeros)

    def relative(p: np.ndarray, q: np.ndarray) -> float:
        return sum(a * math.log(a / b) if b > 0 else math.inf for a, b in zip(p, q, strict=True) if a > 0)

    affinity, jeffreys = kernels.bhattacharyya(rows, others), kernels.jeffreys(rows, others)
    shannon = kernels.jensen_shannon(rows, others)
    for x, p in enumerate(rows):
        for y, q in enumerate(others):
            assert affinity[x, y] == pytest.approx(np.sqrt(p * q).sum(), abs=1e-14)
            assert kernels.linear(rows, others)[x, y] == pytest.approx(p @ q, abs=1e-14)
            assert jeffreys[x, y] == pytest.approx(relative(p, q) + relative(q, p), abs=1e-12)
            middle = (p + q) / 2
            assert shannon[x, y] == pytest.approx((relative(p, middle) + relative(q, middle)) / 2, abs=1e-14)
    assert kernels.hellinger_exponential(rows, 0.7, others) == pytest.approx(np.exp(-1.4 * (1 - affinity)), abs=1e-13)
    assert kernels.jeffreys_exponential(rows, 0.7, others) == pytest.approx(np.exp(-0.7 * jeffreys), abs=1e-12)
    assert kernels.jensen_shannon_exponential(rows, 0.7, others) == pytest.approx(np.exp(-0.7 * shannon), abs=1e-13)


@settings(max_examples=40, deadline=None)
@given(seeds, st.integers(1, 8), st.sampled_from(kernels.POSITIVE), st.sampled_from([1e-3, 0.1, 1.0, 30.0]))
def test_kernels_with_features_or_conditionally_negative_distances_are_positive(
    seed: int, contexts: int, name: str, scale: float
) -> None:
    rows, measure = random_rows(seed, contexts, 3, zeros=True)
    kernel = kernels.kernel_matrix(name, rows, measure, scale, WIDE)
    labels = np.random.default_rng(seed).integers(3, size=contexts)
    assert is_positive(kernel_spectrum(kernel, measure))
    induced = induced_kernel(kernel, measure, labels)
    assert is_positive(kernel_spectrum(induced.kernel, induced.measure))
    assert hilbert_schmidt_norm(kernel, measure) <= np.abs(kernel).max() * (1 + 1e-12)
    assert hilbert_schmidt_norm(kernel, measure) == pytest.approx(
        np.linalg.norm(kernel_spectrum(kernel, measure)), rel=1e-10
    )


def test_the_jeffreys_kernel_has_a_negative_eigenvalue() -> None:
    heads = np.array([0.001, 0.1, 0.5])
    kernel = kernels.jeffreys_exponential(np.stack([1 - heads, heads], axis=1), 0.1)
    values = spectrum(kernel)
    assert values == pytest.approx([2.723476, 0.292938, -0.016414], abs=1e-6)
    assert not is_positive(values)


def test_the_prototype_kernel_can_be_negative() -> None:
    rows = np.array([[0.9, 0.1], [0.1, 0.9]])
    kernel = kernels.prototype(rows, np.array([[1.0], [-1.0]]))
    assert kernel[0, 1] == pytest.approx(-0.64) and is_positive(spectrum(kernel))


def test_fixture_spectra() -> None:
    cases = {
        "bhattacharyya": ((0.893719, 0.083567, 0.022714), (0.892503, 0.001228), 0.106269),
        "linear": (None, None, 0.148889),
        "chi_squared": ((1, 0.332718, 0.114454), (1, 0.006734), 0.440438),
    }
    for name, (contexts, states, gap) in cases.items():
        kernel = kernels.kernel_matrix(name, S1_ROWS, S1_MU)
        found = interlacing(kernel, S1_MU, LABELS)
        assert contexts is None or found.contexts[:3] == pytest.approx(contexts, abs=1e-6)
        assert states is None or found.states == pytest.approx(states, abs=1e-6)
        assert found.worst >= -found.tolerance
        assert trace_gap(kernel, S1_MU, LABELS) == pytest.approx(gap, abs=1e-6)


def test_fixture_energy_and_dependence() -> None:
    energy = dirichlet_energy(kernels.bhattacharyya(S1_ROWS), S1_MU, np.arange(6.0))
    assert float(energy) == pytest.approx(2.559755, abs=1e-6)
    assert float(variance(S1_MU, np.arange(6.0))) == pytest.approx(2.916667, abs=1e-6)
    assert singular_values(S1_ROWS, S1_MU)[:2] == pytest.approx([0.576817, 0.338310], abs=1e-6)
    square = chi_squared_information(S1_ROWS, S1_MU)
    assert mutual_information(S1_ROWS, S1_MU) == pytest.approx(0.215688, abs=1e-6)
    assert math.log1p(square) == pytest.approx(0.369611, abs=1e-6)
    assert square / 2 == pytest.approx(0.223586, abs=1e-6)


def test_small_energy_is_no_small_loss() -> None:
    # V = 2, g = (0, 1): training from h = 0 to the optimum +-log 1.5 lowers the loss and raises the energy.
    rows, measure = np.array([[0.6, 0.4], [0.4, 0.6]]), np.full(2, 0.5)
    kernel = kernels.bhattacharyya(rows)
    optimum = np.array([-math.log(1.5), math.log(1.5)])
    assert kernel[0, 1] == pytest.approx(0.979796, abs=1e-6)
    assert float(dirichlet_energy(kernel, measure, np.zeros(2))) == 0
    assert float(dirichlet_energy(kernel, measure, optimum)) == pytest.approx(0.161080, abs=1e-6)
    assert float(rayleigh_quotient(kernel, measure, optimum)) == pytest.approx(kernel[0, 1], rel=1e-12)
    with pytest.raises(ZeroDivisionError, match="constant"):
        rayleigh_quotient(kernel, measure, np.zeros(2))


@settings(max_examples=60, deadline=None)
@given(seeds, st.integers(2, 9), st.integers(1, 4), st.sampled_from(kernels.NAMES))
def test_compression_interlacing_and_trace_gap(seed: int, contexts: int, states: int, name: str) -> None:
    rows, measure = random_rows(seed, contexts, 3)
    labels = 7 * np.random.default_rng(seed).integers(states, size=contexts) - 5  # any integers serve as labels
    kernel = kernels.kernel_matrix(name, rows, measure, 0.4, WIDE)
    induced = induced_kernel(kernel, measure, labels)
    compression = compression_matrix(measure, labels)
    assert compression.T @ compression == pytest.approx(np.eye(len(induced.measure)), abs=1e-13)
    left = operator_matrix(induced.kernel, induced.measure)
    right = compression.T @ operator_matrix(kernel, measure) @ compression
    assert left == pytest.approx(right, abs=1e-12 * max(1, np.abs(right).max()))
    for h in range(len(induced.measure)):
        for k in range(len(induced.measure)):
            inside = np.outer(measure * (induced.states == h), measure * (induced.states == k))
            assert induced.kernel[h, k] == pytest.approx((inside * kernel).sum() / inside.sum(), rel=1e-10, abs=1e-12)
    found = interlacing(kernel, measure, labels)
    assert found.worst >= -found.tolerance
    if name in kernels.WITH_FEATURES:
        features = kernels.kernel_features(name, rows, measure, WIDE)
        assert features @ features.T == pytest.approx(kernel, abs=1e-12)
        assert trace_gap(kernel, measure, labels) == pytest.approx(
            conditional_feature_variance(features, measure, labels), abs=1e-11
        )


def test_interlacing_is_equality_where_states_lose_nothing() -> None:
    rows = S1_ROWS[[0, 0, 1, 2, 2, 2]]
    kernel = kernels.linear(rows)
    found = interlacing(kernel, S1_MU, np.array([0, 0, 1, 2, 2, 2]))
    assert found.upper == pytest.approx(np.zeros(3), abs=1e-14)
    assert trace_gap(kernel, S1_MU, np.array([0, 0, 1, 2, 2, 2])) == pytest.approx(0, abs=1e-14)
    shrunk = 0.9 * found.contexts[:3]  # a spectrum that a tenth less of the bound would forbid
    assert (found.states > shrunk).all()


def test_correlations_of_states_are_those_of_their_mean_rows() -> None:
    induced = induced_kernel(kernels.chi_squared(S1_ROWS, token_law(S1_ROWS, S1_MU)), S1_MU, LABELS)
    rows = group_means(S1_ROWS, S1_MU, LABELS)
    values = kernel_spectrum(induced.kernel, induced.measure)
    assert values[1] == pytest.approx(singular_values(rows, induced.measure)[0] ** 2, rel=1e-12)
    assert (singular_values(rows, induced.measure)[0] <= singular_values(S1_ROWS, S1_MU)[0]).all()


@settings(max_examples=40, deadline=None)
@given(seeds, st.integers(1, 8), st.integers(2, 6))
def test_dirichlet_energy_is_a_laplacian_form(seed: int, contexts: int, columns: int) -> None:
    rows, measure = random_rows(seed, contexts, 4)
    function = np.random.default_rng(seed).standard_normal((contexts, columns))
    for kernel in (kernels.bhattacharyya(rows), kernels.prototype(rows, np.random.default_rng(1).normal(size=(4, 2)))):
        energy = dirichlet_energy(kernel, measure, function)
        assert energy.shape == (columns,)
        assert energy == pytest.approx(laplacian_form(kernel, measure, function), abs=1e-12)
        assert dirichlet_energy(kernel, measure, function[:, 0]) == pytest.approx(energy[0], abs=1e-14)
        # Energy is blind to constants; minimising it is maximising <phi, M phi> where the degree is constant.
        assert dirichlet_energy(kernel, measure, function + 3) == pytest.approx(energy, abs=1e-11)
    assert degree(np.ones((contexts, contexts)), measure) == pytest.approx(np.ones(contexts))
    assert dirichlet_energy(np.ones((contexts, contexts)), measure, function) == pytest.approx(
        variance(measure, function), abs=1e-12
    )


@settings(max_examples=40, deadline=None)
@given(seeds, st.integers(1, 8), st.integers(2, 6), st.booleans())
def test_dependence_matrix(seed: int, contexts: int, tokens: int, zeros: bool) -> None:
    rows, measure = random_rows(seed, contexts, tokens, zeros)
    matrix, values = dependence_matrix(rows, measure), singular_values(rows, measure)
    assert np.sqrt(measure) @ matrix == pytest.approx(np.zeros(tokens), abs=1e-13)
    assert (values <= 1 + 1e-12).all()
    product = np.outer(measure, token_law(rows, measure))
    joint = measure[:, None] * rows
    seen = product > 0
    square = ((joint - product)[seen] ** 2 / product[seen]).sum()
    assert chi_squared_information(rows, measure) == pytest.approx(square, rel=1e-10, abs=1e-14)
    information = mutual_information(rows, measure)
    assert information <= math.log1p(square) + 1e-12 <= square + 2e-12
    law = token_law(rows, measure)
    kernel = kernels.chi_squared(rows, law)
    expected = np.sort(np.concatenate([[1.0], values**2, np.zeros(contexts)]))[::-1][:contexts]
    assert kernel_spectrum(kernel, measure) == pytest.approx(expected, abs=1e-10)


def test_half_of_chi_squared_does_not_bound_the_information() -> None:
    rows, measure = np.array([[1.0, 0.0], [0.0, 1.0]]), np.full(2, 0.5)
    assert mutual_information(rows, measure) == pytest.approx(math.log(2))
    assert chi_squared_information(rows, measure) == pytest.approx(1.0)
    assert mutual_information(rows, measure) > 0.5  # and log(1 + chi2) = log 2 is attained


def test_nystrom_is_marked_and_lies_below_the_exact_spectrum() -> None:
    rows, measure = random_rows(3, 60, 8)

    def cross(first: np.ndarray, second: np.ndarray) -> np.ndarray:
        return kernels.hellinger_exponential(rows[first], 1.0, rows[second])

    exact = operator_spectrum(cross, measure, np.random.default_rng(0))
    assert not exact.approximate and len(exact.eigenvalues) == 60
    found = nystrom_spectrum(cross, measure, np.random.default_rng(0), 25)
    assert found.approximate and (found.contexts, found.landmarks) == (60, 25)
    assert (found.eigenvalues <= exact.eigenvalues[: len(found.eigenvalues)] + 1e-12).all()
    every = nystrom_spectrum(cross, measure, np.random.default_rng(0), 60)
    assert every.eigenvalues == pytest.approx(exact.eigenvalues[: len(every.eigenvalues)], abs=1e-9)
    # A kernel with a negative eigenvalue keeps it.
    heads = np.array([0.001, 0.1, 0.5])
    two = np.stack([1 - heads, heads], axis=1)
    signed = nystrom_spectrum(
        lambda a, b: kernels.jeffreys_exponential(two[a], 0.1, two[b]), np.full(3, 1 / 3), np.random.default_rng(0), 3
    )
    assert 3 * signed.eigenvalues[-1] == pytest.approx(-0.016414, abs=1e-6)


def test_more_than_three_thousand_contexts_are_approximated() -> None:
    rows, measure = random_rows(4, 3100, 4)
    found = operator_spectrum(
        lambda a, b: kernels.linear(rows[a], rows[b]), measure, np.random.default_rng(0), landmarks=50
    )
    assert found.approximate
    # The linear kernel has rank V, which fifty landmarks span: here the approximation is exact.
    covariance = rows.T @ (measure[:, None] * rows)
    assert found.eigenvalues[:4] == pytest.approx(np.linalg.eigvalsh(covariance)[::-1], rel=1e-8)


def test_errors_name_the_place() -> None:
    with pytest.raises(ValueError, match=r"row 1 of the next-token laws sums to 0\.9"):
        token_law(np.array([[1.0, 0.0], [0.5, 0.4]]), np.full(2, 0.5))
    with pytest.raises(ValueError, match="measure of point 1 is 0"):
        operator_matrix(np.eye(2), np.array([1.0, 0.0]))
    with pytest.raises(ValueError, match="expected a symmetric kernel"):
        operator_matrix(np.array([[1.0, 2.0], [0.0, 1.0]]), np.full(2, 0.5))
    with pytest.raises(ValueError, match="no similarity kernel is called 'cosine'"):
        kernels.kernel_matrix("cosine", S1_ROWS, S1_MU)
    with pytest.raises(ValueError, match="beta is 0"):
        kernels.jeffreys_exponential(S1_ROWS, 0.0)
    with pytest.raises(ValueError, match="token whose probability is 0"):
        kernels.chi_squared(S1_ROWS, np.array([0.5, 0.5, 0.0]))
    with pytest.raises(ValueError, match=r"labels have shape \(2,\)"):
        compression_matrix(S1_MU, np.array([0, 1]))
