"""Closed forms and recorded numbers of the specification (sections 2 and 4.3) for window chains."""

import math
from fractions import Fraction

import numpy as np
import pytest

from numerics.chains.bounds import block_curve, minorant_curve, printed_curve
from numerics.chains.coefficients import beta, block_matrix, dobrushin, doeblin, gamma, log_epsilon, log_p_min
from numerics.chains.entropy import entropy_rate
from numerics.chains.exact import exact_stationary, exact_transition
from numerics.chains.generators import (
    noisy_lfsr,
    noisy_lfsr_rows,
    order_two_chain,
    polygon_walk,
    random_chain,
    two_state,
)
from numerics.chains.house_of_cards import hoc_at, hoc_curve, hoc_matrix, hoc_mixing_time, hoc_time
from numerics.chains.index import n_states
from numerics.chains.mixing import (
    distance_curve,
    mixing_time,
    pair_distance_curve,
    t_min,
    tau_min,
    window_t_min,
    window_tau_min,
)
from numerics.chains.mixing_matrix import band_norm, band_norm_floor, pair_curve, toeplitz_norm, triangle_norm
from numerics.chains.operator import csr_full
from numerics.chains.spectrum import spectrum
from numerics.chains.stationary import stationary, stationary_of_matrix

K3 = np.array([[0.5, 0.3, 0.2], [0.2, 0.6, 0.2], [0.1, 0.3, 0.6]])


def test_state_counts():
    assert [n_states(2, 3), n_states(2, 1), n_states(3, 2), n_states(4, 3)] == [14, 2, 12, 84]
    assert n_states(128256, 131072) == 128256 * (128256**131072 - 1) // 128255
    Q = csr_full(random_chain(2, 3, 0))
    assert Q.nnz == 28
    assert Q.nnz / 14**2 == pytest.approx(1 / 7)


@pytest.mark.parametrize(
    ("T", "K", "eps", "alpha", "kappa", "slem", "steps"),
    [
        (2, 3, 0.00127700272736065, 0.355632059483877, 0.583502080621368, 0.553000167774686, (9, 27, 33, 1347, 5406)),
        (3, 2, 0.00770711860687639, 0.239327218267934, 0.588008005602789, 0.573984716410380, (9, 18, 34, 130, 596)),
    ],
)
def test_random_models(T, K, eps, alpha, kappa, slem, steps):
    chain = random_chain(T, K, 0)
    A = block_matrix(chain)
    log_eps = log_epsilon(chain).value
    assert math.exp(log_eps) == pytest.approx(eps, rel=1e-13)
    assert A.min() == pytest.approx(eps, rel=1e-13)
    assert doeblin(A) == pytest.approx(alpha, rel=1e-13)
    assert dobrushin(A) == pytest.approx(kappa, rel=1e-13)
    found = spectrum(chain)
    assert found.slem == pytest.approx(slem, rel=1e-12)
    assert found.certified
    n = np.arange(1)
    assert steps == (
        mixing_time(chain, 0.01).steps,
        block_curve("Dobrushin", math.log(kappa), K, n, 0.01).steps,
        block_curve("Doeblin", math.log1p(-alpha), K, n, 0.01).steps,
        minorant_curve(log_eps, T, K, n, 0.01).steps,
        printed_curve(log_eps, K, n, 0.01).steps,
    )


def test_random_model_law_and_overlaps():
    chain = random_chain(2, 3, 0)
    pi = stationary(chain).pi
    assert pi[0] == pytest.approx(0.029787470714035, rel=1e-13)
    assert pi[-1] == pytest.approx(0.190532448600213, rel=1e-13)
    overlaps = beta(chain)
    assert overlaps == pytest.approx([0.416497919378632, 0.416497919378632, 0.751261837270993], rel=1e-13)
    assert gamma(chain) == pytest.approx(overlaps, rel=1e-13)
    assert hoc_curve(overlaps, 20)[20] == pytest.approx(0.160005103743655, rel=1e-12)
    assert hoc_time(overlaps) == pytest.approx(12.2003278807458, rel=1e-12)
    other = beta(random_chain(3, 2, 0))
    assert hoc_time(other) == pytest.approx(8.31868501414211, rel=1e-12)
    assert hoc_curve(other, 20)[20] == pytest.approx(0.0647372082515720, rel=1e-12)


@pytest.mark.parametrize(
    ("p", "d12", "t_mix", "printed", "E"),
    [(0.1, 0.205197934592, 40, 6906, 155), (0.25, 0.011749267578125, 14, 441, 14)],
)
def test_parity_register(p, d12, t_mix, printed, E):
    chain = noisy_lfsr((1, 1, 1), p)
    A = block_matrix(chain)
    assert stationary(chain).pi == pytest.approx(np.full(8, 1 / 8), rel=1e-14)
    assert math.exp(log_epsilon(chain).value) == pytest.approx(p**3)
    assert doeblin(A) == pytest.approx((2 * p) ** 3)
    assert dobrushin(A) == pytest.approx(1 - 6 * p**2 + 4 * p**3)
    assert beta(chain) == pytest.approx([2 * p] * 3)
    assert spectrum(chain).slem == pytest.approx(math.sqrt(1 - 2 * p), rel=1e-12)
    expected = [
        1,
        1 - 2 * p,
        *np.roots([1, 0, -(1 - 2 * p)]),
        *np.roots([1, 0, 0, 0, -((1 - 2 * p) ** 2)]),
    ]
    found = spectrum(chain).eigenvalues
    assert found is not None
    for value in expected:
        assert np.abs(found - value).min() < 1e-10
    curve = distance_curve(chain, 12)
    assert curve[12] == pytest.approx(d12, rel=1e-12)
    for k in range(1, 4):
        y = (1 - 2 * p) ** (2 * k)
        assert curve[4 * k] == pytest.approx((6 * y + y * y) / 8, rel=1e-11)
    assert mixing_time(chain, 0.01).steps == t_mix
    assert printed_curve(3 * math.log(p), 3, np.arange(1), 0.01).steps == printed
    assert hoc_time(beta(chain)) == pytest.approx(E)
    assert hoc_time(beta(chain)) == pytest.approx((1 + 2 * p + 4 * p * p) / (8 * p**3))
    assert entropy_rate(chain) == pytest.approx(-p * math.log(p) - (1 - p) * math.log(1 - p), rel=1e-13)
    exact = exact_stationary(exact_transition(noisy_lfsr_rows((1, 1, 1), Fraction(1, 10)), 2, 3))
    assert exact == [Fraction(1, 8)] * 8


@pytest.mark.parametrize(("tau", "t_mix"), [(2, 36), (1, 278)])
def test_register_of_a_margin(tau, t_mix):
    assert mixing_time(noisy_lfsr((1, 1, 1), 1 / (1 + math.exp(4.16 / tau))), 0.01).steps == t_mix


def test_slow_register_at_low_temperature():
    p = 1 / (1 + math.exp(4.16 / 0.2))
    assert mixing_time(noisy_lfsr((1, 1, 1), p), 0.01).steps == pytest.approx(4.66e9, rel=2e-3)


def test_hoc_closed_forms():
    theta, K = 0.7, 6
    assert hoc_time([1 - theta] + [1.0] * (K - 1)) == pytest.approx(K + theta / (1 - theta))
    assert hoc_time([1.0] * K) == K
    overlaps = [0.3, 0.5, 0.9]
    assert hoc_curve(overlaps, 4000).sum() == pytest.approx(hoc_time(overlaps), rel=1e-12)
    H = hoc_matrix(overlaps)
    assert np.linalg.solve(np.eye(3) - H, np.ones(3))[0] == pytest.approx(hoc_time(overlaps))
    assert hoc_curve(overlaps, 3)[3] == pytest.approx(1 - np.prod(overlaps))
    times = np.array([0, 1, 5, 17, 300])
    assert hoc_at(overlaps, times) == pytest.approx(hoc_curve(overlaps, 300)[times], rel=1e-10)
    curve = hoc_curve(overlaps, 400)
    assert hoc_mixing_time(overlaps, 0.01) == int(np.argmax(curve <= 0.01))
    # 8e-27 a step: lost in 1 - x, not in the coalesced mass
    assert hoc_mixing_time([2e-9] * 3, 0.01) == pytest.approx(math.log(100) / 8e-27, rel=1e-6)
    assert hoc_time([0.0, 0.5]) == math.inf


def test_first_order_kernel():
    pi = stationary_of_matrix(K3)
    assert pi == pytest.approx([5 / 21, 3 / 7, 1 / 3], rel=1e-14)
    assert dobrushin(K3) == pytest.approx(0.4)
    assert doeblin(K3) == pytest.approx(0.6)
    assert spectrum(K3).slem == pytest.approx(0.4)
    assert mixing_time(K3, 0.25).steps == 2
    assert mixing_time(K3, 0.01).steps == 5
    assert t_min(K3) == pytest.approx(9.87755102040817, rel=1e-13)
    assert tau_min(K3) == pytest.approx(7.11111111111111, rel=1e-13)
    assert window_t_min(K3, 16) == pytest.approx(78.7095377930013, rel=1e-13)
    assert window_t_min(K3, 4096) == pytest.approx(16421.7403158104, rel=1e-13)
    assert window_tau_min(K3, 16) == pytest.approx(77.0072320841552, rel=1e-13)


def test_windows_of_a_first_order_chain():
    from numerics.chains.reduction import padded
    from numerics.chains.window_chain import WindowChain

    first = WindowChain(3, 1, K3)
    windows = padded(first, 3)
    assert distance_curve(windows, 9)[2:] == pytest.approx(distance_curve(K3, 7), abs=1e-14)
    assert pair_distance_curve(windows, 9)[2:] == pytest.approx(pair_distance_curve(K3, 7), abs=1e-14)
    assert t_min(windows) == pytest.approx(window_t_min(K3, 3), rel=1e-12)
    assert tau_min(windows) == pytest.approx(window_tau_min(K3, 3), rel=1e-12)


def test_mixing_matrix_norms():
    assert triangle_norm(100) == pytest.approx(63.9809383698404, rel=1e-13)
    assert toeplitz_norm(np.ones(100), 100) == pytest.approx(triangle_norm(100), rel=1e-12)
    assert toeplitz_norm(np.ones(3000), 3000) == pytest.approx(triangle_norm(3000), rel=1e-10)
    assert band_norm(50, 3) == pytest.approx(2.99611935756661, rel=1e-12)
    assert band_norm(400, 20) == pytest.approx(19.9794554595935, rel=1e-10)
    assert band_norm_floor(400, 20) <= band_norm(400, 20) <= 20
    chain = random_chain(2, 3, 0)
    curve = pair_curve(chain, 60)
    assert curve[:3] == pytest.approx([1, 1, 1])
    assert toeplitz_norm(curve, 200) <= curve.sum() <= hoc_time(beta(chain))
    assert (curve[:41] <= hoc_curve(beta(chain), 40) + 1e-12).all()


@pytest.mark.parametrize(("p01", "p10"), [(0.3, 0.1), (0.9, 0.8), (0.5, 0.5), (0.25, 0.75)])
def test_two_states(p01, p10):
    P, rate = two_state(p01, p10), 1 - p01 - p10
    pi = stationary_of_matrix(P)
    assert pi == pytest.approx(np.array([p10, p01]) / (p01 + p10))
    assert distance_curve(P, 6) == pytest.approx([pi.max() * abs(rate) ** t for t in range(7)], abs=1e-15)
    assert pair_distance_curve(P, 6) == pytest.approx([abs(rate) ** t for t in range(7)], abs=1e-15)
    expected = math.ceil(math.log(0.01 / pi.max()) / math.log(abs(rate))) if rate else 1
    assert mixing_time(P, 0.01).steps == expected
    assert mixing_time(P, float(pi.max()) + 1e-9).steps == 0


def test_order_two_law():
    for a, b, c, e in [(0.5, 0.5, 0.5, 0.5), (0.5, 0.25, 0.5, 0.75), (0.1, 0.7, 0.3, 0.9)]:
        weights = np.array([(1 - c) / a, 1, 1, b / (1 - e)])
        assert stationary(order_two_chain(a, b, c, e)).pi == pytest.approx(weights / weights.sum(), rel=1e-14)


@pytest.mark.parametrize("d", [3, 5, 7])
def test_polygon_spectrum(d):
    assert spectrum(polygon_walk(d)).slem == pytest.approx(math.cos(math.pi / d))


def test_temperature_need_not_speed_up_mixing():
    from numerics.chains.generators import chain_of_logits

    taus = [0.1, 0.4, 0.8, 1.6, 3.2, 6.4]
    chains = [chain_of_logits(np.array([[1.0, 0.0], [3.0, 0.0]]), 2, 1, tau) for tau in taus]
    expected = [4.53978686089e-05, 0.0753054013843, 0.199722768915, 0.215680895136, 0.141099027385, 0.0761046348284]
    assert [spectrum(c).slem for c in chains] == pytest.approx(expected, rel=1e-10)
    assert [mixing_time(chains[i], 0.01).steps for i in (0, 1, 3, 5)] == [1, 2, 3, 2]
    lows = [log_p_min(c) for c in chains]
    assert lows == sorted(lows)
