"""The reduced dynamics on grids: against the network, one concept and closed forms; stationary points, thresholds."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from numerics.concepts import early, reduced
from numerics.concepts.dictionary import draw_dictionary
from numerics.concepts.grid import (
    Grid,
    beta_of,
    both_active,
    escape_time,
    field,
    grid_of,
    learned,
    one_sided,
    run_flow,
    run_map,
    run_sliding,
    sliding_field,
    sliding_share,
)
from numerics.concepts.prompts import Sampler
from numerics.concepts.recorder import quadratic
from numerics.concepts.reduced import Concept
from numerics.concepts.roots import (
    largest_lambda,
    necessary_lambda,
    small_lambda_p,
    stationary,
    weight_decay_at,
    with_lambda,
)
from numerics.concepts.training import Setting, advance, start

torch.set_num_threads(1)
STANDARD = Concept(lam=0.002, pi=0.5)  # D11
sizes = st.floats(0.01, 3.0)


@settings(max_examples=60, deadline=None)
@given(sizes, sizes, sizes, sizes, sizes, st.floats(0.05, 1), st.floats(0.001, 0.5))
def test_field_is_that_of_one_concept(p, q, w, kappa_d, kappa_c, pi, lam):
    concept = Concept(lam=lam, pi=pi, kappa_d=kappa_d, kappa_c=kappa_c, n_b=1.5)
    found = field(grid_of(concept), np.array([p, q, w]))
    np.testing.assert_allclose(found, reduced.field(concept, (p, q, w)), rtol=1e-12, atol=1e-14)


@settings(max_examples=60, deadline=None)
@given(st.floats(0.3, 3), st.floats(0.3, 1.5), st.floats(0.05, 1), st.floats(0.001, 0.2))
def test_sliding_field_is_the_combination_of_both_that_keeps_the_surface(p, w, pi, lam):
    grid = grid_of(Concept(lam=lam, pi=pi))
    theta = math.tanh(2 * w * w)
    state = np.array([p, theta * p, w])
    rho = float(sliding_share(grid, state))
    mixture = (2 * rho - 1) * both_active(grid, state) + (2 - 2 * rho) * one_sided(grid, state)
    np.testing.assert_allclose(sliding_field(grid, state), mixture, rtol=1e-10, atol=1e-13)
    # The derivative of theta p - q along it is 0.
    dp, dq, dw = sliding_field(grid, state)
    slope = (1 - theta**2) * 2 * w * 2.0 * p
    assert slope * dw + theta * dp - dq == pytest.approx(0, abs=1e-12 * (1 + abs(dq) + abs(slope * dw)))


ORACLES = {
    100: (2.19305035590261, 0.575855646896602, 1.36044696030749),
    200: (2.94282877298652, 1.16663613149054, 1.23950025261712),
    400: (3.00641446944134, 1.58667902743376, 1.57985902571322),
    600: (
        2.99066301290520,
        1.78454544822475,
        1.77508446445833,
    ),  # q: a digit of the specification is misprinted (1.775084_6_6...)
    1200: (2.94789706756440, 1.99813855312552, 1.98898007020932),
}


def test_map_has_the_values_of_the_standard_set():
    grid = grid_of(STANDARD)
    _, times, states = run_map(grid, grid.start(0.3), 2000, 1200, every=1)
    beta = beta_of(grid, states.T).T
    for t, (b, p, q) in ORACLES.items():
        np.testing.assert_allclose((beta[t], *states[t, :2]), (b, p, q), rtol=1e-12)
    one_sided_at = np.tanh(beta) * states[:, 0] >= states[:, 1]
    assert times[one_sided_at][0] == 215
    assert one_sided_at[215:].any() and not one_sided_at[215:].all()  # it chatters along the surface


@pytest.mark.parametrize(
    ("concepts", "irrelevant", "dimension", "length", "neurons", "steps"),
    [(2, 0, 4, 4, 20, 1200), (1, 3, 7, 2, 6, 300), (4, 2, 12, 6, 12, 300)],
)
def test_network_on_the_population_follows_the_map(concepts, irrelevant, dimension, length, neurons, steps):
    atoms = draw_dictionary(np.random.default_rng(concepts), concepts, irrelevant, dimension)
    setting = Setting(Sampler(length), (0.002, 0.01), (0.3, 0.45), gamma=2000.0, neurons=neurons, batch=0)
    run = start(setting, atoms, np.random.default_rng(0))
    lam = np.array(setting.lam)
    grid = Grid(lam, np.array(1 / concepts), np.array(2 / neurons), np.array(6 / neurons), np.array(2.0))
    state = grid.start(np.array(setting.sigma_0))
    worst = 0.0
    for t in range(0, steps, 50):
        run = advance(run, t + 50)
        state, _, _ = run_map(grid, state, 2000, 50, first=t)
        signs = run.parameters.readout().sign()[:, None]
        p = (signs * (run.parameters.W_O @ torch.tensor(atoms.d).T)).mean(1).numpy()  # (S, K)
        q = (run.parameters.W_O @ torch.tensor(atoms.c).T).mean(1).numpy()
        beta = quadratic(run.parameters, atoms.b)
        for found, expected in ((p, state[0]), (q, state[1]), (beta, beta_of(grid, state))):
            worst = max(worst, float(np.abs(found - expected[:, None]).max()))
    assert worst <= 1e-9
    assert beta_of(grid, state).max() > 1


def test_map_over_a_grid_is_the_map_at_every_point():
    lam, sigma_0 = np.array([[0.002], [0.02]]), np.array([0.1, 0.3, 0.6])
    grid = Grid(lam, np.array(0.5), np.array(0.1), np.array(0.3), np.array(2.0))
    last, _, _ = run_map(grid, grid.start(sigma_0), 100, 200)
    assert last.shape == (3, 2, 3)
    for i in range(2):
        for j in range(3):
            concept, state = Concept(lam=float(lam[i, 0]), pi=0.5), (0.0, 1.5, float(sigma_0[j]))
            for t in range(200):
                state = reduced.step(concept, state, 2 / (concept.lam * (100 + t)))
            np.testing.assert_allclose(last[:, i, j], state, rtol=1e-11)
    with pytest.raises(ValueError, match="gamma = 2: the map is not contractive, lambda eta_0 < 1 fails"):
        run_map(grid, grid.start(sigma_0), 2, 1)
    with pytest.raises(ValueError, match=r"pi of a grid of concepts holds 1\.5, expected probabilities"):
        Grid(lam, np.array(1.5), np.array(0.1), np.array(0.3), np.array(2.0))
    with pytest.raises(ValueError, match="lam of a grid of concepts holds 0"):
        Grid(0 * lam, np.array(0.5), np.array(0.1), np.array(0.3), np.array(2.0))


# -- early phase -----------------------------------------------------------------------------------------------------


def test_early_phase_oracle_and_equation():
    assert early.solution(1.4, 2.0) == pytest.approx((0.502963237643974, 0.537466901904878), rel=1e-13)
    for W_0, P_0, s in ((1.4, 0.0, 1.0), (2.0, 0.5, 0.4), (0.5, 0.9, 0.7), (0.3, -2.0, 1.2), (0.8, 0.8, 0.5)):
        h = 1e-5
        P, W = early.solution(W_0, s, P_0)
        (P1, W1), (P2, W2) = early.solution(W_0, s - h, P_0), early.solution(W_0, s + h, P_0)
        assert (P2 - P1) / (2 * h) == pytest.approx(W * W - P, abs=1e-8)
        assert (W2 - W1) / (2 * h) == pytest.approx(W * (P - 1), abs=1e-8)
        assert early.solution(W_0, 0.0, P_0) == pytest.approx((P_0, W_0), abs=1e-12)
    with pytest.raises(ValueError, match="expected less than the blow-up at"):
        early.solution(3.0, 5.0)


@pytest.mark.parametrize(
    ("P_0", "expected"),
    [
        (0.0, 1.57079632679490),
        (0.4, 1.32616605574369),
        (0.8, 1.10297242332755),
        (-0.5, 1.90344143241293),
        (-2.0, 3.03960512241237),  # misprinted in the specification: 3.0396051_1_...
    ],
)
def test_critical_starts_of_the_early_phase(P_0, expected):
    A = math.sqrt(expected**2 - P_0**2)  # P_0 < 1 in all rows
    assert A + math.atan(P_0 / A) == pytest.approx(math.pi / 2, abs=1e-13)
    critical = early.critical_start_at(P_0)
    assert critical == pytest.approx(expected, rel=1e-13)
    assert early.escape_units(1.01 * critical, P_0) < math.inf
    assert early.escape_units(0.99 * critical, P_0) == math.inf


def test_critical_start_below_the_other_coordinate():
    for P_0 in (1.0, 1.5, 4.0):
        critical = early.critical_start_at(P_0)
        assert critical <= P_0
        assert early.escape_units(1.01 * critical, P_0) < math.inf
        assert early.escape_units(0.99 * critical, P_0) == math.inf


@pytest.mark.parametrize(
    ("delta", "expected"), [(0, 1.571), (0.5, 1.7445), (1, 1.8967), (2, 2.1614), (5, 2.7901), (20, 4.7873)]
)
def test_damped_critical_starts(delta, expected):
    assert early.damped_critical(delta, 1e-4) == pytest.approx(expected, abs=0.002)


@pytest.mark.parametrize(("factor", "survives"), [(0.93, False), (1.15, True)])
def test_iid_labels_are_damped(factor, survives):
    # m=4, K_1=1, L=4, lambda=.02, gamma=50, q_0=3: predicted .07734, while the undamped formula gives .05924.
    delta = early.damping(1.0, 0.5, 4, 0.02)
    assert delta == 1.5625
    scale = math.sqrt(0.5) * 2 * (1 - 1 / 4) / (2 * 0.02)  # W_0 per unit of sigma_0, N_b(1-1/L)
    predicted = early.damped_critical(delta) / scale
    assert predicted == pytest.approx(0.07734, abs=2e-5)
    assert math.pi / 2 / scale == pytest.approx(0.05924, abs=1e-5)
    atoms = draw_dictionary(np.random.default_rng(1), 1, 0, 2)
    setting = Setting(
        Sampler(4, "iid"), (0.02,) * 2, (factor * predicted, 1.05 * math.pi / 2 / scale), gamma=50.0, neurons=4,
        batch=0, q_0=3.0,
    )  # fmt: skip
    run = advance(start(setting, atoms, np.random.default_rng(0)), 1000)
    beta = quadratic(run.parameters, atoms.b)[:, 0]
    assert (beta[0] > 0.5) == survives and beta[1] < 1e-3


def test_threshold_and_escape_of_the_standard_set():
    grid = grid_of(STANDARD)
    assert float(grid.start_in_units(0.3)) == pytest.approx(23.7170824512628, rel=1e-13)
    assert early.escape_steps(23.7170824512628, 2000) == pytest.approx(69.7132218801273, rel=1e-12)
    assert reduced.formula_start(STANDARD) == pytest.approx(0.0198691765315920, rel=1e-13)
    assert reduced.formula_start(Concept(lam=0.02, pi=0.5)) == pytest.approx(0.198691765315920, rel=1e-13)
    assert early.escape_steps(1.5, 2000) == math.inf


def test_escape_times_of_the_flow():
    sigma_0 = np.array([0.1, 0.05, 0.03, 0.026, 0.12, 0.3])
    lam = np.array([0.005] * 4 + [0.02] * 2)
    grid = Grid(lam, np.array(1.0), np.array(0.1), np.array(0.3), np.array(2.0))
    formula = [57.100811, 137.325462, 351.915411, 621.327724, 87.978853, 20.109993]
    exact = [54.640, 134.920, 349.560, 619.040, 85.940, 18.020]
    units = [early.escape_units(float(W_0)) for W_0 in grid.start_in_units(sigma_0)]
    np.testing.assert_allclose(np.array(units) / lam, formula, rtol=1e-8)
    # The reference times come from coarse steps: they are 0.02 to 0.7 off.
    found = escape_time(grid, grid.start(sigma_0), step=1e-3)
    np.testing.assert_allclose(found, exact, rtol=2e-3)
    np.testing.assert_allclose(found, escape_time(grid, grid.start(sigma_0), step=2e-3), rtol=1e-4)
    assert (np.array(formula) > found).all() and (np.array(formula) < 1.12 * found).all()


@pytest.mark.parametrize("gamma", [50.0, 500.0])
def test_nothing_is_learned_below_the_bound(gamma):
    lam = np.array([0.002, 0.02, 0.1])
    grid = Grid(lam, np.array(0.5), np.array(0.1), np.array(0.3), np.array(2.0))
    bound = (1 - 2 / gamma) * math.pi / 2 / grid.start_in_units(1.0)
    state, _, _ = run_map(grid, grid.start(0.999 * bound), gamma, round(200 * gamma) if gamma < 100 else 20_000)
    assert (beta_of(grid, state) < 1e-3).all()
    assert learned(grid, 1.3 * bound, gamma, round(8 * gamma))[:2].all()


# -- stationary points -----------------------------------------------------------------------------------------------


def test_stationary_point_where_both_are_active():
    points = stationary(Concept(lam=0.05), sliding=False)
    assert len(points) == 2 and points[0].beta > points[1].beta
    assert points[0].beta == pytest.approx(1.77498977127794, rel=1e-13)
    assert points[0].p == pytest.approx(0.659392524185105, rel=1e-13)
    for point in points:
        state = np.array([point.p, 10.0, math.sqrt(point.beta / 2)])
        dp, _, dw = both_active(grid_of(Concept(lam=0.05)), state)
        assert abs(dp) + abs(dw) <= 1e-14
    # The smaller one is the saddle P = W = 1 of the early phase, for small lambda.
    small = Concept(lam=0.0125)
    saddle = stationary(small, sliding=False)[-1]
    grid = grid_of(small)
    assert saddle.p * 2.0 / (2 * small.lam) == pytest.approx(1, abs=0.05)
    assert float(grid.start_in_units(math.sqrt(saddle.beta / 2))) == pytest.approx(1, abs=0.05)


def test_training_ends_at_the_sliding_point():
    point = stationary(STANDARD)[0]
    assert point.beta == pytest.approx(2.92648520236433, rel=1e-13)
    assert point.p == pytest.approx(2.08645773130642, rel=1e-13)
    assert point.q == pytest.approx(2.07451010558108, rel=1e-13)
    assert point.rho == pytest.approx(0.752147334569328, rel=1e-13)
    assert stationary(STANDARD, sliding=False)[0].beta == pytest.approx(3.02248242984022, rel=1e-13)
    grid = grid_of(STANDARD)
    state = np.array([point.p, point.q, math.sqrt(point.beta / 2)])
    assert np.abs(sliding_field(grid, state)).max() <= 1e-15
    assert float(sliding_share(grid, state)) == pytest.approx(point.rho, rel=1e-12)
    # From the surface the sliding flow goes there, and so do plain steps of a small constant rate.
    assert np.abs(run_sliding(grid, state * 0.9, 25, 1e-2) - state).max() <= 1e-8
    euler = state * 0.9
    for _ in range(12_000):
        euler = euler + 0.5 * field(grid, euler)
    assert float(beta_of(grid, euler)) == pytest.approx(point.beta, abs=2e-3)
    np.testing.assert_allclose(euler[:2], (point.p, point.q), atol=5e-3)


def test_flow_of_fourth_order_follows_the_solution_of_the_early_phase():
    # Tiny lambda at fixed W_0: the flow is the linearised one.
    concept = Concept(lam=1e-5)
    grid = grid_of(concept)
    scale = float(grid.start_in_units(1.0))
    P, W = early.solution(1.4, 2.0)
    state = run_flow(grid, grid.start(1.4 / scale), 2.0)
    assert float(state[0]) / (2 * concept.lam / 2.0) == pytest.approx(P, rel=1e-4)
    assert float(state[2]) * scale == pytest.approx(W, rel=1e-4)


def test_no_stationary_point_above_the_necessary_weight_decay():
    assert necessary_lambda(STANDARD) == pytest.approx(0.0693631908381303, rel=1e-13)
    both, sliding = largest_lambda(STANDARD, sliding=False), largest_lambda(STANDARD)
    # The specification prints .0655154422709 and .0604449675915, the best points of a scan: the maxima are above.
    assert 0.0655154422709 < both == pytest.approx(0.0655154422709, rel=2e-7)
    assert 0.0604449675915 < sliding == pytest.approx(0.0604449675915, rel=2e-7)
    for value, along in ((both, False), (sliding, True)):
        scan = [weight_decay_at(STANDARD, beta, along) for beta in np.linspace(0.3, 1.2, 2001)]
        assert value * (1 - 1e-6) <= max(scan) <= value * (1 + 1e-15)
    assert stationary(with_lambda(STANDARD, 1.001 * both), sliding=False) == ()
    assert stationary(with_lambda(STANDARD, 1.001 * sliding)) == ()
    assert len(stationary(with_lambda(STANDARD, 0.99 * sliding))) == 2


@settings(max_examples=30, deadline=None)
@given(sizes, sizes, sizes, st.floats(0.05, 1), st.floats(0.01, 11))
def test_necessary_weight_decay_bounds_every_stationary_one(kappa_d, kappa_c, n_b, pi, beta):
    concept = Concept(lam=0.01, pi=pi, kappa_d=kappa_d, kappa_c=kappa_c, n_b=n_b)
    assert weight_decay_at(concept, beta) <= weight_decay_at(concept, beta, sliding=False) < necessary_lambda(concept)


@pytest.mark.parametrize(
    ("lam", "beta", "p", "lambert"),
    [
        (1e-4, 3.679714, 4.431332, 4.436957),
        (1e-8, 4.725112, 12.605069, 12.603307),
        (1e-16, 5.597281, 30.152495, 30.151706),
    ],
)
def test_attention_saturates_with_the_squared_logarithm(lam, beta, p, lambert):
    concept = with_lambda(STANDARD, lam)
    point = stationary(concept)[0]
    assert (point.beta, point.p, small_lambda_p(concept)) == pytest.approx((beta, p, lambert), abs=1e-6)
    rest = 1 / (1 + math.exp(2 * point.beta))
    assert rest == pytest.approx(0.1 / (4 * 2 * point.p**2), rel=0.03)
