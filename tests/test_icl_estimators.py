"""Chain families, estimators, sampling and risks of in-context learning: definitions first, then the closed forms."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from numerics.chains.stationary import stationary_of_matrix
from numerics.icl import estimators, families, risk, simulate, slope

K3 = np.array([[0.5, 0.3, 0.2], [0.2, 0.6, 0.2], [0.1, 0.3, 0.6]])
K3_STATIONARY = np.array([5 / 21, 3 / 7, 1 / 3])


def naive_add_constant(prompt: list[int], states: int, constant: Fraction) -> list[list[Fraction]]:
    laws = []
    for n in range(len(prompt)):
        here = prompt[n]
        seen = [y for x, y in itertools.pairwise(prompt[: n + 1]) if x == here]
        total = len(seen) + states * constant
        laws.append([(seen.count(y) + constant) / total if total else Fraction(1, states) for y in range(states)])
    return laws


@given(st.data(), st.integers(2, 4), st.integers(1, 12), st.sampled_from([Fraction(0), Fraction(1, 2), Fraction(1)]))
@settings(max_examples=60, deadline=None)
def test_add_constant_is_its_definition(data: st.DataObject, states: int, length: int, constant: Fraction) -> None:
    prompts = data.draw(
        st.lists(st.lists(st.integers(0, states - 1), min_size=length, max_size=length), min_size=1, max_size=3)
    )
    got = estimators.add_constant(np.array(prompts, dtype=np.int64), states, float(constant))
    expected = [[[float(p) for p in law] for law in naive_add_constant(prompt, states, constant)] for prompt in prompts]
    np.testing.assert_allclose(got, expected, rtol=1e-14)


@given(st.integers(0, 10**6), st.permutations([0, 1, 2]))
@settings(max_examples=20, deadline=None)
def test_renaming_states_renames_the_estimates(seed: int, permutation: list[int]) -> None:
    rng = np.random.default_rng(seed)
    name = np.array(permutation)
    prompts = simulate.sample_chains(K3, 15, rng, chains=3)
    plain = estimators.add_constant(prompts, 3, 0.7)
    renamed = estimators.add_constant(name[prompts], 3, 0.7)
    np.testing.assert_array_equal(renamed[..., name], plain)


def test_exact_kernel_reads_the_row_of_the_current_state() -> None:
    prompts = np.array([[0, 2, 1]])
    np.testing.assert_array_equal(estimators.exact_kernel(prompts, K3)[0], K3[[0, 2, 1]])
    np.testing.assert_array_equal(estimators.exact_kernel(prompts, K3[None])[0], K3[[0, 2, 1]])


def test_frequentist_constant_oracle() -> None:
    assert estimators.frequentist_constant(K3, K3_STATIONARY) == pytest.approx(0.888772062584363, rel=1e-13)
    with pytest.raises(ValueError, match="not stationary"):
        estimators.frequentist_constant(K3, np.full(3, 1 / 3))


def test_bayes_loss_oracles() -> None:
    assert estimators.bayes_loss(2, 1.0, 1) == pytest.approx(math.log(2), rel=1e-14)
    assert estimators.bayes_loss(2, 1.0, 2) == pytest.approx(math.log(2), rel=1e-14)
    assert estimators.bayes_loss(2, 1.0, 3) == pytest.approx(0.664830674427379, rel=1e-13)
    with pytest.raises(ValueError, match="cannot be enumerated"):
        estimators.bayes_loss(3, 1.0, 30)


@pytest.mark.parametrize(("states", "constant", "position"), [(2, 1.0, 7), (3, 1.0, 5), (2, 0.5, 6)])
def test_add_constant_is_the_posterior_predictive(states: int, constant: float, position: int) -> None:
    """The loss of add-a under the Dirichlet-multinomial law is the Bayes loss, and another constant does worse."""
    prompts = np.array(list(itertools.product(range(states), repeat=position)))
    weights = np.exp(estimators.sequence_log_probability(prompts, states, constant))
    assert weights.sum() == pytest.approx(1.0, rel=1e-12)

    def loss(added: float) -> float:
        law = estimators.add_constant(prompts[:, :-1], states, added)[:, -1]
        return float(-(weights * np.log(law[np.arange(len(prompts)), prompts[:, -1]])).sum())

    bayes = estimators.bayes_loss(states, constant, position)
    assert loss(constant) == pytest.approx(bayes, rel=1e-12)
    assert loss(1.3 * constant) > bayes + 1e-5
    assert loss(0.7 * constant) > bayes + 1e-5


def test_monte_carlo_numbers_of_random_three_state_chains() -> None:
    """Specification, markov/icl_bayes_optimal: TV of add-1 and counting, KL of add-1, prompts of 10, 100, 1000 states.

    The specification's own numbers are Monte Carlo (2 %); 6000 chains here add about 1 % (TV) and 2 % (KL).
    """
    rng = np.random.default_rng(20241)
    chains = 6000
    expected = {10: (0.196, 0.277, 0.141), 100: (0.0775, 0.0808, 0.0270), 1000: (0.0249, 0.0249, 0.00297)}
    kernels = simulate.random_dirichlet_kernels(chains, 3, rng)
    prompts = simulate.sample_chains(kernels, 1000, rng)
    truth = estimators.exact_kernel(prompts[:, [9, 99, 999]], kernels)
    counted = final_laws(prompts, 0.0)
    added = final_laws(prompts, 1.0)
    for column, (tv_added, tv_counted, kl_added) in enumerate(expected.values()):
        here = slice(column, column + 1)
        tv = risk.total_variation(truth[:, here], added[:, here]).mean()
        assert tv == pytest.approx(tv_added, rel=0.03)
        assert risk.total_variation(truth[:, here], counted[:, here]).mean() == pytest.approx(tv_counted, rel=0.03)
        assert risk.kullback_leibler(truth[:, here], added[:, here]).mean() == pytest.approx(kl_added, rel=0.05)


def final_laws(prompts: NDArray[np.int64], constant: float) -> NDArray[np.float64]:
    return np.concatenate(
        [estimators.add_constant(prompts[:, :n], 3, constant)[:, -1:] for n in (10, 100, 1000)], axis=1
    )


def test_frequentist_rate_of_counting() -> None:
    """√N · mean TV of counting is near C(P) at N = 1500 (6 %), and the running mean near 2 C(P) (10 %)."""
    rng = np.random.default_rng(5)
    prompts = simulate.sample_chains(K3, 1501, rng, chains=1500, start=K3_STATIONARY)
    truth = estimators.exact_kernel(prompts, K3)
    per_chain = risk.total_variation(truth, estimators.counting(prompts, 3))
    limit = estimators.frequentist_constant(K3, K3_STATIONARY)
    assert math.sqrt(1500) * per_chain[:, -1].mean() == pytest.approx(limit, rel=0.06)
    assert math.sqrt(1500) * risk.running_mean(per_chain)[:, -1].mean() == pytest.approx(2 * limit, rel=0.10)
    assert estimators.bayes_kl_asymptote(3, 1000) == pytest.approx(0.003)


def test_every_family_is_stochastic_with_its_stationary_law() -> None:
    made = families.all_families(np.random.default_rng(1))
    assert len({family.name for family in made}) == 9
    known = 0
    for family in made:
        assert family.kernel.shape == (family.states, family.states)
        assert (family.kernel >= 0).all()
        np.testing.assert_allclose(family.kernel.sum(axis=1), 1.0, atol=1e-12)
        if family.stationary is not None:
            known += 1
            np.testing.assert_allclose(family.stationary @ family.kernel, family.stationary, atol=1e-14)
            assert family.stationary.sum() == pytest.approx(1.0, rel=1e-13)
            np.testing.assert_allclose(family.stationary, stationary_of_matrix(family.kernel), atol=1e-10)
    assert known == 12


def test_walk_eigenvalues() -> None:
    """Claim markov/walk_period: constrained walks and even polygons have eigenvalue -1, odd polygons SLEM cos(pi/d)."""
    for d in (3, 4, 5, 6, 9):
        assert np.linalg.eigvals(families.constrained_walk(d).kernel).real.min() == pytest.approx(-1.0)
        moduli = np.sort(np.abs(np.linalg.eigvalsh(families.polygon_walk(d).kernel)))[::-1]
        assert moduli[1] == pytest.approx(1.0 if d % 2 == 0 else math.cos(math.pi / d))


def test_clique_and_rim_entries() -> None:
    family = families.clique_and_rim(9, eta=0.02, tau=[1, 0, 1], epsilon=0.1)
    np.testing.assert_array_equal(family.kernel, family.kernel.T)
    assert family.kernel[0, 0] == pytest.approx(0.73)
    assert family.kernel[0, 1] == pytest.approx(0.01)
    assert family.kernel[0, 3] == pytest.approx(1.4 / 8)
    assert family.kernel[0, 4] == pytest.approx(0.6 / 8)
    assert family.kernel[3, 3] == pytest.approx(6.6 / 8)
    assert family.kernel[1, 5] == pytest.approx(1 / 8)
    with pytest.raises(ValueError, match="multiple of 3"):
        families.clique_and_rim(8)


def test_binned_gaussians_keep_their_far_tail_and_their_moments() -> None:
    kernel = families.brownian_motion(200, 7.0).kernel
    assert (kernel[100, 60] > 0) and kernel[100, 60] == pytest.approx(kernel[100, 140], rel=1e-9)
    steps = np.arange(200) - 100
    # Binning adds the variance 1/12 of a uniform law.
    assert kernel[100] @ steps**2 == pytest.approx(49 + 1 / 12, rel=1e-6)
    assert kernel[100] @ steps == pytest.approx(0.0, abs=1e-9)
    regression = families.autoregressive_gaussian(400, 0.8).kernel
    centres = (np.arange(400) + 0.5) * 0.02 - 4
    assert regression[250] @ centres == pytest.approx(0.8 * centres[250], abs=1e-3)
    growth = families.geometric_brownian_motion(400, drift=0.01, volatility=0.03).kernel
    values = 0.5 + (np.arange(400) + 0.5) * 1.5 / 400
    assert growth[200] @ values == pytest.approx(values[200] * math.exp(0.01), rel=1e-3)


def test_sampled_chains_follow_the_kernel() -> None:
    rng = np.random.default_rng(3)
    start = np.array([0.7, 0.3, 0.0])
    sample = simulate.sample_chains(K3, 2, rng, chains=200_000, start=start)
    joint = np.zeros((3, 3))
    np.add.at(joint, (sample[:, 0], sample[:, 1]), 1 / 200_000)
    # Five standard errors of a cell of probability at most 1/2.
    np.testing.assert_allclose(joint, start[:, None] * K3, atol=5 * 0.5 / math.sqrt(200_000))
    assert joint[2].sum() == 0.0
    again = simulate.sample_chains(K3, 2, np.random.default_rng(3), chains=200_000, start=start)
    np.testing.assert_array_equal(sample, again)


def test_sampling_never_leaves_the_vocabulary() -> None:
    row = np.full((1, 3), 1 / 3)
    cumulative = np.cumsum(row, axis=1) - 1e-15
    assert simulate.inverse_distribution(cumulative, np.array([np.nextafter(1.0, 0.0)])).tolist() == [2]


def test_sampling_names_the_bad_row() -> None:
    bad = K3.copy()
    bad[2, 0] = 0.08
    with pytest.raises(ValueError, match=r"row 2 of the transition matrix sums to 0\.98"):
        simulate.sample_chains(bad, 5, np.random.default_rng(0), chains=1)
    with pytest.raises(ValueError, match=r"states from 0 to 3, expected 0\.\.2"):
        estimators.counting(np.array([[0, 3]]), 3)


def test_divergences_agree_with_their_definitions() -> None:
    rng = np.random.default_rng(0)
    p, q = rng.dirichlet(np.ones(4), (2, 3)), rng.dirichlet(np.ones(4), (2, 3))
    np.testing.assert_allclose(risk.total_variation(p, q), np.maximum(p - q, 0).sum(-1), rtol=1e-12)
    np.testing.assert_allclose(risk.kullback_leibler(p, q), (p * np.log(p / q)).sum(-1), rtol=1e-12)
    # Pinsker's inequality.
    assert (risk.total_variation(p, q) ** 2 <= risk.kullback_leibler(p, q) / 2).all()
    one = np.array([[[1.0, 0.0]]])
    assert risk.kullback_leibler(one, np.array([[[0.5, 0.5]]]))[0, 0] == pytest.approx(math.log(2))
    assert risk.kullback_leibler(np.array([[[0.5, 0.5]]]), one)[0, 0] == math.inf


def test_confidence_band_covers_the_mean() -> None:
    rng = np.random.default_rng(11)
    curves = [risk.risk_curve(rng.exponential(1.0, (200, 1)), 0.9) for _ in range(400)]
    covered = sum(bool(curve.lower[0] <= 1.0 <= curve.upper[0]) for curve in curves)
    assert 330 <= covered <= 385  # 360 expected, standard deviation 6


def test_slope_of_an_exact_power_law() -> None:
    n = np.arange(1, 401)
    scale = np.random.default_rng(2).uniform(0.5, 2.0, (50, 1))
    fit = slope.log_log_slope(scale * n**-0.5, np.random.default_rng(0))
    assert fit.slope == pytest.approx(-0.5, abs=1e-12)
    assert fit.interval == pytest.approx((-0.5, -0.5), abs=1e-12)
    assert fit.positions[0] == 20 and fit.positions[-1] == 400
    assert fit.points[0][1] == pytest.approx(scale.mean() * 20**-0.5)


def test_slope_interval_covers() -> None:
    """The bootstrap interval covers the slope of the mean curve about as often as it says."""
    rng = np.random.default_rng(4)
    n = np.arange(1, 201)
    hits = 0
    for _ in range(100):
        noise = rng.gamma(4.0, 0.25, (60, 200))
        fit = slope.log_log_slope(noise * n**-0.5, rng, count=10, resamples=200)
        hits += fit.interval[0] <= -0.5 <= fit.interval[1]
    assert 86 <= hits <= 100


def test_slope_refuses_what_has_no_logarithm() -> None:
    curves = np.ones((3, 40))
    curves[:, 39] = 0.0
    with pytest.raises(ValueError, match="position 40 is not a positive finite number"):
        slope.log_log_slope(curves, np.random.default_rng(0))
    with pytest.raises(ValueError, match="expected more than 20"):
        slope.log_log_slope(curves[:, :20], np.random.default_rng(0))
