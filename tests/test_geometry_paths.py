"""Divergences as integrals of the pullback metric: roads, series, the sandwich, the chain and the guarantee."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad

from numerics.geometry.head import Head, mean_row, rows
from numerics.geometry.paths import (
    Segment,
    fisher_rao_distance,
    forward_kl_by_partition,
    forward_kl_by_quadrature,
    forward_kl_by_rows,
    integrate,
    jeffreys_by_means,
    jeffreys_by_quadrature,
    jeffreys_by_rows,
    log_row_at,
    path_length,
    reverse_kl_by_partition,
    reverse_kl_by_quadrature,
    reverse_kl_by_rows,
    segment,
    separation_chain,
    speeds,
)
from numerics.geometry.self_concordance import forward_sandwich, phi, psi, reverse_sandwich
from numerics.geometry.separation import (
    pairwise_hellinger,
    pairwise_path_integrals,
    pairwise_total_variation,
    separation,
    separation_bound,
)
from numerics.geometry.series import (
    LEADING_FACTORS,
    cumulants,
    forward_kl_series,
    reverse_kl_series,
    series_converges,
)
from numerics.information.log_divergences import FROM_LOGS
from numerics.sources.fixtures import G1_STATES, G1_UNEMBEDDING

G1 = Head(G1_UNEMBEDDING)
G1_PATH = segment(G1, G1_STATES[0], G1_STATES[1])


def random_path(seed: int, tokens: int, width: int, size: float) -> tuple[Head, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    head = Head(rng.standard_normal((tokens, width)), rng.standard_normal(tokens))
    return head, rng.standard_normal(width), size * rng.standard_normal(width)


def test_fixture_numbers() -> None:
    chain = separation_chain(G1_PATH)
    printed = (0.751204, 0.751058, 0.738343, 0.727056, None, 0.505089)
    for value, expected in zip(chain.members, printed, strict=True):
        assert expected is None or value == pytest.approx(expected, abs=1e-6)
    assert chain.total_variation_artanh == pytest.approx(0.528121, abs=1e-6)
    sandwich = forward_sandwich(G1_PATH)
    assert sandwich.quadratic_form == pytest.approx(0.699896, abs=1e-6)
    assert (sandwich.lower, sandwich.value, sandwich.upper) == pytest.approx((0.169665, 0.373674, 1.073340), abs=1e-6)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6), st.integers(2, 10), st.integers(1, 4), st.floats(0.01, 6))
def test_roads_agree(seed: int, tokens: int, width: int, size: float) -> None:
    head, first, second = random_path(seed, tokens, width, size)
    path = segment(head, first, second)
    exact = jeffreys_by_rows(path)
    close = {"rel": 1e-8, "abs": 1e-9}
    assert jeffreys_by_quadrature(path).value == pytest.approx(exact, **close)
    assert jeffreys_by_means(head, first, second) == pytest.approx(exact, **close)
    forward, reverse = forward_kl_by_rows(path), reverse_kl_by_rows(path)
    assert forward + reverse == pytest.approx(exact, **close)
    assert forward_kl_by_quadrature(path).value == pytest.approx(forward, **close)
    assert forward_kl_by_partition(path) == pytest.approx(forward, **close)
    assert reverse_kl_by_quadrature(path).value == pytest.approx(reverse, **close)
    assert reverse_kl_by_partition(path) == pytest.approx(reverse, **close)
    # The other direction along the same segment.
    back = segment(head, second, first)
    assert forward_kl_by_rows(back) == pytest.approx(reverse, **close)
    assert path_length(back).value == pytest.approx(path_length(path).value, rel=1e-7)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6), st.integers(2, 10), st.integers(1, 4), st.floats(0.01, 6))
def test_every_ordering_of_the_chain_and_the_sandwich(seed: int, tokens: int, width: int, size: float) -> None:
    head, first, second = random_path(seed, tokens, width, size)
    path = segment(head, first, second)
    chain = separation_chain(path)
    for above, below in zip(chain.members, chain.members[1:], strict=False):
        assert above >= below * (1 - 1e-7) - 1e-15
    assert chain.jeffreys >= chain.total_variation_artanh * (1 - 1e-9) - 1e-15
    assert chain.total_variation_artanh >= chain.four_squared_total_variation * (1 - 1e-12)
    for sandwich in (forward_sandwich(path), reverse_sandwich(path)):
        assert sandwich.lower <= sandwich.value * (1 + 1e-9) + 1e-15
        assert sandwich.value <= sandwich.upper * (1 + 1e-9) + 1e-15
    times = np.linspace(0, 1, 11)
    along, start, radius = speeds(path, times), float(speeds(path, np.zeros(1))[0]), path.oscillation
    assert (along <= np.exp(radius * times) * start * (1 + 1e-9)).all()
    assert (along >= np.exp(-radius * times) * start * (1 - 1e-9)).all()


def test_quadrature_against_an_independent_integrator() -> None:
    path = segment(G1, 3 * G1_STATES[0], -9 * G1_STATES[1])
    length, _ = quad(lambda t: math.sqrt(speeds(path, np.array([t]))[0]), 0, 1, epsabs=1e-12, limit=200)
    assert path_length(path).value == pytest.approx(length, abs=1e-8)
    stopped = integrate(lambda times: (times > 1 / 3).astype(np.float64), most_doublings=2)
    assert not stopped.converged and stopped.nodes == 160


@pytest.mark.parametrize("far", [10.0, 1e3, 1e5])
def test_narrow_peaks_are_not_stepped_over(far: float) -> None:
    # Two tokens: the length is 2 |arccos sqrt p - arccos sqrt p'|, all of it gained in a share 1 / osc of the segment.
    head = Head(np.array([[0.0], [1.0]]))
    path = segment(head, np.array([far / 3]), np.array([-far]))
    found = path_length(path)
    ends = [math.atan(math.exp(min(h / 2, 700))) for h in (far / 3, -far)]
    assert found.converged and found.value == pytest.approx(2 * abs(ends[0] - ends[1]), abs=1e-7)
    assert jeffreys_by_quadrature(path).value == pytest.approx(jeffreys_by_rows(path), rel=1e-7)


def test_two_tokens_at_equal_angles_from_the_middle_attain_the_artanh_bound() -> None:
    head = Head(np.array([[1.0], [-1.0]]))
    chain = separation_chain(segment(head, np.array([-0.7]), np.array([0.7])))
    assert chain.jeffreys == pytest.approx(chain.total_variation_artanh, rel=1e-12)
    assert chain.squared_length == pytest.approx(chain.squared_fisher_rao, rel=1e-9)  # one dimension: a geodesic


def test_close_rows_keep_their_digits() -> None:
    path = segment(G1, G1_STATES[0], G1_STATES[0] + 1e-7)
    form = float(speeds(path, np.zeros(1))[0])
    assert fisher_rao_distance(path) ** 2 == pytest.approx(form, rel=1e-6)
    assert separation_chain(path).four_squared_hellinger == pytest.approx(form, rel=1e-6)


def test_cumulants_of_known_laws() -> None:
    p = 0.3
    bernoulli = cumulants(np.array([1 - p, p]), np.array([0.0, 1.0]), 5)
    v = p * (1 - p)
    assert bernoulli == pytest.approx([p, v, v * (1 - 2 * p), v * (1 - 6 * v), v * (1 - 2 * p) * (1 - 12 * v)])
    shifted = cumulants(np.array([1 - p, p]), np.array([7.0, 8.0]), 5)
    assert shifted == pytest.approx(np.concatenate([[7 + p], bernoulli[1:]]))
    k = np.arange(80)
    poisson = np.exp(-2.0) * 2.0**k / np.array([math.factorial(int(n)) for n in k], dtype=np.float64)
    assert cumulants(poisson, k.astype(np.float64), 5) == pytest.approx([2.0] * 5, rel=1e-10)


def test_the_local_series_converges_and_its_remainders_have_the_stated_order() -> None:
    path = G1_PATH
    for scale in (0.5, -0.5):
        assert series_converges(path, scale)
        moved = Segment(path.start, scale * path.slope)
        assert reverse_kl_series(path, scale, 40) == pytest.approx(reverse_kl_by_rows(moved), rel=1e-12)
        assert forward_kl_series(path, scale, 40) == pytest.approx(forward_kl_by_rows(moved), rel=1e-12)
    assert not series_converges(path, 2.0)
    for order, slope in ((2, 3), (4, 5)):
        errors = [
            abs(reverse_kl_series(path, s, order) - reverse_kl_by_rows(Segment(path.start, s * path.slope)))
            for s in (0.04, 0.02)
        ]
        assert math.log2(errors[0] / errors[1]) == pytest.approx(slope, abs=0.15)


@pytest.mark.parametrize(
    ("name", "divergence"),
    [
        ("kl", "KL"),
        ("chi_squared", "chi2"),
        ("squared_hellinger", "Hel2"),
        ("jensen_shannon", "JS"),
        ("jeffreys", "Jeffreys"),
    ],
)
def test_leading_factors(name: str, divergence: str) -> None:
    step = 1e-4
    moved = Segment(G1_PATH.start, step * G1_PATH.slope)
    value = float(FROM_LOGS[divergence](log_row_at(moved, 1.0), log_row_at(moved, 0.0)))
    form = float(speeds(G1_PATH, np.zeros(1))[0])
    assert value / (step**2 * form) == pytest.approx(LEADING_FACTORS[name], rel=1e-3)


def test_phi_and_psi_across_the_switch() -> None:
    from fractions import Fraction

    assert float(phi(0.0)) == 0.5 and float(psi(0.0)) == 0.5
    for r in (-30.0, -0.5, -0.499999, -1e-3, -1e-9, 1e-9, 1e-3, 0.499999, 0.5, 2.0, 30.0):
        x = Fraction(r)
        terms = [x**k / math.factorial(k + 2) for k in range(150)]
        assert float(phi(r)) == pytest.approx(float(sum(terms)), rel=1e-13)
        assert float(psi(r)) == pytest.approx(float(sum((k + 1) * t for k, t in enumerate(terms))), rel=1e-13)
    # The two sandwiches add up: phi(r) + psi(r) integrates e^{rt} over [0, 1].
    grid = np.linspace(-5, 5, 41)
    integral = np.where(grid == 0, 1.0, np.expm1(grid) / np.where(grid == 0, 1.0, grid))
    assert phi(grid) + psi(grid) == pytest.approx(integral, rel=1e-12)
    assert float(phi(1000.0)) == math.inf


def test_pairwise_distances_by_their_definitions() -> None:
    rng = np.random.default_rng(0)
    laws, states = rng.dirichlet(np.ones(5), 7), rng.standard_normal((7, 2))
    integrals = pairwise_path_integrals(G1, states)
    for i in range(7):
        for j in range(7):
            assert pairwise_total_variation(laws)[i, j] == pytest.approx(np.abs(laws[i] - laws[j]).sum() / 2, abs=1e-15)
            assert pairwise_hellinger(laws)[i, j] == pytest.approx(
                math.sqrt(((np.sqrt(laws[i]) - np.sqrt(laws[j])) ** 2).sum()), abs=1e-15
            )
            assert integrals[i, j] == pytest.approx(jeffreys_by_rows(segment(G1, states[i], states[j])), abs=1e-12)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10**6), st.floats(0.0, 2.0))
def test_dissimilar_contexts_are_forced_apart(seed: int, noise: float) -> None:
    rng = np.random.default_rng(seed)
    head, states = Head(rng.standard_normal((5, 3))), 2 * rng.standard_normal((6, 3))
    scores = np.log(rows(head, states)) + noise * rng.standard_normal((6, 5))
    data = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    measure = rng.dirichlet(np.ones(6))
    found = separation(head, data, states, measure)
    assert found.worst_slack >= -1e-10
    assert found.mean_integral >= found.mean_bound - 1e-12


def test_the_guarantee_bites_where_the_model_is_exact() -> None:
    head, states = Head(np.array([[1.0], [-1.0]])), np.array([[-0.7], [0.7]])
    found = separation(head, rows(head, states), states, np.full(2, 0.5))
    assert found.kl_loss == pytest.approx(0, abs=1e-15)
    assert found.path_integrals[0, 1] == pytest.approx(found.bounds[0, 1], rel=1e-12)
    assert 0.9 * found.path_integrals[0, 1] < found.bounds[0, 1]  # a constant larger by a ninth would be broken
    assert float(separation_bound(0.0)) == 0 and float(separation_bound(1.0)) == math.inf


def test_small_loss_does_not_pull_states_together() -> None:
    # Two contexts with the same data row (1, 0); model rows (.99, .01) and (1 - e^-1000, e^-1000).
    head = Head(np.array([[0.0], [1.0]]))
    states = np.array([[math.log(0.01 / 0.99)], [-1000.0]])
    found = separation(head, np.array([[1.0, 0.0], [1.0, 0.0]]), states, np.full(2, 0.5))
    assert found.kl_loss == pytest.approx(0.005025, abs=1e-6)
    assert found.path_integrals[0, 1] == pytest.approx(9.954049, abs=1e-6)
    assert jeffreys_by_quadrature(segment(head, states[0], states[1])).value == pytest.approx(9.954049, abs=1e-6)
    assert mean_row(head, states).shape == (2, 1)
