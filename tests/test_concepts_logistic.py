"""Generic logistic SGD: the minimiser, many runs against the bounds, and when separable data are lost."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from numerics.concepts.logistic import Bounds, Support, critical_lambda, margins, minimiser, misclassified, simulate
from numerics.concepts.schedule import Schedule

THREE = Support(np.array([[1, 0], [0.2, 0.7], [0.25, -0.5]]), np.array([0.4, 0.4, 0.2]))
TWO = Support(np.array([[1, 0], [-0.5, 0.6]]), np.array([0.9, 0.1]))
TIMES = (1, 10, 25, 50, 100, 200, 400)
RUNS = 20_000


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32), st.integers(1, 6), st.integers(1, 4), st.floats(1e-3, 100))
def test_minimiser_has_gradient_zero_and_the_bound_of_its_norm(seed, points, dimension, lam):
    rng = np.random.default_rng(seed)
    support = Support(rng.standard_normal((points, dimension)), rng.dirichlet(np.full(points, 5.0)))
    w = minimiser(support, lam)
    g = 1 / (1 + np.exp(support.points @ w))
    np.testing.assert_allclose(lam * w, (support.weights * g) @ support.points, atol=1e-13)
    assert np.linalg.norm(w) <= support.radius / lam
    assert support.radius <= support.diameter <= 2 * support.radius * (1 + 1e-12)


def test_numbers_of_the_example_of_three_points():
    np.testing.assert_allclose(minimiser(THREE, 0.1), (1.34553669177345, 0.500980015434265), rtol=1e-13)
    assert margins(THREE, 0.1).min() == pytest.approx(0.0858941652262, abs=1e-13)
    assert THREE.radius == 1 and THREE.diameter == pytest.approx(1.20104121494645, rel=1e-14)
    schedule = Schedule(0.1, 7)
    bounds, wide = Bounds(THREE, schedule), Bounds(THREE, schedule, wide=True)
    margin = float(margins(THREE, 0.1).min())
    assert bounds.nu == pytest.approx(533.333333333333, rel=1e-14)
    assert math.floor(100 * bounds.first_time(margin)) == 28914845  # the specification cuts 289148.4569 off
    assert math.exp(wide.log_error_formula(20_000, margin)) == pytest.approx(0.870783794235472, rel=1e-12)
    assert math.exp(bounds.log_error_formula(20_000, margin)) == pytest.approx(0.68135516778832, rel=1e-12)
    assert bounds.log_error(20_000, margin) == 0.0  # not proved before T_0
    assert bounds.log_error(300_000, margin) == bounds.log_error_formula(300_000, margin) < -5
    assert bounds.squared_bias(100) == pytest.approx(4.98, abs=0.005)
    assert bounds.squared_bias(400) == pytest.approx(1.31, abs=0.005)
    # Log domain: exponents of any size, proportional to the batch.
    assert Bounds(THREE, schedule, batch=10).log_error(10**12, margin) == pytest.approx(
        10 * bounds.log_error(10**12, margin), rel=1e-14
    )
    assert bounds.log_error(10**12, margin) < -1e6


def test_runs_have_the_error_of_the_example_and_keep_the_bounds():
    schedule = Schedule(0.1, 7)
    taken = simulate(np.random.default_rng(3), THREE, schedule, TIMES, RUNS)
    wrong = misclassified(THREE, taken)
    expected = (0.160, 0.084, 0.062, 0.048, 0.032, 0.016, 0.0045)
    for found, value, t in zip(wrong, expected, TIMES, strict=True):
        error = found.std() / math.sqrt(RUNS)
        assert abs(found.mean() - value) <= 5 * error + 0.0006, t  # printed to three digits
    w, bounds = minimiser(THREE, 0.1), Bounds(THREE, schedule)
    for t, value in ((100, 0.0267), (400, 0.00687)):
        squares = ((taken[TIMES.index(t)] - w) ** 2).sum(-1)
        assert squares.mean() == pytest.approx(value, rel=0.04)
        assert squares.mean() <= bounds.squared_bias(t)
    for i, t in enumerate(TIMES):
        centred = taken[i] - taken[i].mean(0)
        for x in (0.1, 0.3, 0.6, 1.0):
            # The mean over runs stands for E w_T; its error is far below the slack.
            for z in THREE.points:
                share = (centred @ z <= -x).mean()
                assert share <= math.exp(bounds.log_deviation(t, x)) + 4 * math.sqrt(0.25 / RUNS)
            share = (np.linalg.norm(centred, axis=-1) >= x).mean()
            assert share <= math.exp(bounds.log_norm_deviation(t, x)) + 4 * math.sqrt(0.25 / RUNS)


def test_one_step_is_the_definition_and_batches_average():
    schedule = Schedule(0.1, 7)
    one = simulate(np.random.default_rng(1), THREE, schedule, (0, 1), 4000)
    assert not one[0].any()
    found = np.unique(one[1], axis=0)
    expected = np.unique(schedule.rate(0) / 2 * THREE.points, axis=0)
    np.testing.assert_allclose(found, expected, rtol=1e-14)
    shares = [(np.abs(one[1] - schedule.rate(0) / 2 * z).max(1) < 1e-12).mean() for z in THREE.points]
    np.testing.assert_allclose(shares, THREE.weights, atol=5 * 0.5 / math.sqrt(4000))
    many = simulate(np.random.default_rng(1), THREE, schedule, (50,), 4000, batch=16)
    single = simulate(np.random.default_rng(1), THREE, schedule, (50,), 4000)
    assert many.var((0, 1)).sum() * 16 == pytest.approx(single.var((0, 1)).sum(), rel=0.15)
    start = simulate(np.random.default_rng(1), THREE, schedule, (0,), 3, start=(1.0, -1.0))
    assert np.array_equal(start[0], [[1.0, -1.0]] * 3)


def test_separable_data_are_lost_under_strong_weight_decay():
    critical = critical_lambda(TWO, 1)
    assert critical == pytest.approx(0.013733450588707, rel=1e-10)
    np.testing.assert_allclose(margins(TWO, 0.05), (1.84314192388680, -0.477258709673904), rtol=1e-12)
    assert margins(TWO, 0.9 * critical).min() > 0 > margins(TWO, 1.1 * critical).min()
    assert (TWO.points @ np.ones(2) > 0).all()
    strong = simulate(np.random.default_rng(2), TWO, Schedule(0.2, 8), (3000,), 400)
    assert misclassified(TWO, strong).tolist() == [[0.1] * 400]
    # lambda -> infinity: w_lambda is about E z/(2 lambda).
    np.testing.assert_allclose(minimiser(TWO, 1e4) * 2e4, TWO.weights @ TWO.points, rtol=1e-3)
    with pytest.raises(ValueError, match="no change of sign"):
        critical_lambda(TWO, 0)


def test_bad_input_is_refused():
    rng = np.random.default_rng(0)
    with pytest.raises(ValueError, match=r"gamma = 6: .* not contractive, eta_0 <= 1/\(R\^2/4 \+ lambda\) fails"):
        simulate(rng, THREE, Schedule(0.1, 6), (1,), 2)
    with pytest.raises(ValueError, match="gamma >= 4 fails"):
        Bounds(THREE, Schedule(1.0, 3))
    with pytest.raises(ValueError, match="batch = 0"):
        Bounds(THREE, Schedule(0.1, 7), batch=0)
    with pytest.raises(ValueError, match="above R/lambda"):
        Bounds(THREE, Schedule(0.1, 7), start=(11.0, 0.0))
    with pytest.raises(ValueError, match="the point is lost, not learned"):
        Bounds(THREE, Schedule(0.1, 7)).log_error(10, -0.1)
    with pytest.raises(ValueError, match=r"times \[3, 2\], expected increasing"):
        simulate(rng, THREE, Schedule(0.1, 7), (3, 2), 2)
    with pytest.raises(ValueError, match="probabilities"):
        Support(np.eye(2), np.array([0.5, 0.6]))
    with pytest.raises(ValueError, match="lambda = 0, expected a positive number"):
        minimiser(THREE, 0)
