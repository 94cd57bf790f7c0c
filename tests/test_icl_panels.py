"""Family panels: mixing enclosures, expected errors of counting, the limit it is judged by, files of a panel."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from numerics.chains.mixing import t_min, window_t_min
from numerics.chains.stationary import stationary_of_matrix
from numerics.icl import families
from numerics.icl.counting_limit import counting_risks, frequentist_constants, stationary_laws
from numerics.icl.estimators import counting, frequentist_constant
from numerics.icl.panel import (
    Predictor,
    baselines,
    load_panel,
    measure_panel,
    panel_lengths,
    save_panel,
)
from numerics.icl.pretraining import PretrainingSettings
from numerics.icl.profile import add_one_constant, profile, row_counting_risk, row_error, t_min_enclosure
from numerics.icl.risk import running_mean, total_variation
from numerics.icl.simulate import random_dirichlet_kernels, sample_chains
from numerics.icl.slope import fit_log_log, log_log_slope

K3 = np.array([[0.5, 0.3, 0.2], [0.2, 0.6, 0.2], [0.1, 0.3, 0.6]])


def test_profile_of_the_reference_chain() -> None:
    found = profile(K3, 16)
    assert found.period == 1
    assert found.constant == pytest.approx(0.888772062584363, abs=1e-12)
    assert found.t_min == pytest.approx((9.87755102040817,) * 2)
    assert found.t_min_windows == pytest.approx((78.7095377930013,) * 2)


def test_periodic_walks_have_no_t_min_but_their_lazy_chains_do() -> None:
    found = profile(families.constrained_walk(4).kernel, 10)
    assert found.period == 2 and found.t_min == (np.inf, np.inf) == found.t_min_windows
    lazy = 0.5 * (np.eye(4) + families.constrained_walk(4).kernel)
    assert found.lazy_t_min[0] == pytest.approx(t_min(lazy))


@pytest.mark.parametrize("window", [1, 50])
@pytest.mark.parametrize("family", [families.autoregressive_gaussian(40), families.brownian_motion(60, 7.0)])
def test_the_enclosure_contains_the_scanned_value(family: families.Family, window: int) -> None:
    scanned = window_t_min(family.kernel, window)
    pi = stationary_of_matrix(family.kernel)
    for relative in (0.0, 0.05):
        lower, upper = t_min_enclosure(family.kernel, window, pi, relative)
        assert lower <= scanned * (1 + 1e-9) and scanned <= upper * (1 + 1e-9)
        assert lower >= upper * (1 - relative) * (1 - 1e-12)


def test_row_error_by_enumeration() -> None:
    row = np.array([0.1, 0.25, 0.65, 0.0])
    for m in (1, 2, 3):
        draws = np.stack(np.meshgrid(*[np.arange(4)] * m, indexing="ij"), axis=-1).reshape(-1, m)
        frequencies = (draws[..., None] == np.arange(4)).mean(axis=1)
        exact = (row[draws].prod(axis=1) * 0.5 * np.abs(frequencies - row).sum(axis=1)).sum()
        assert row_error(row, np.array(m)) == pytest.approx(exact, rel=1e-12)
    assert row_error(row, np.array(0)) == pytest.approx(0.5 * np.abs(row - 0.25).sum())
    assert row_error(np.array([1.0, 0.0]), np.array([1, 7])).tolist() == [0.0, 0.0]


def test_row_risk_tends_to_the_frequentist_constant() -> None:
    pi, n = stationary_of_matrix(K3), np.array([10, 10_000, 1_000_000])
    scaled = row_counting_risk(K3, pi, n) * np.sqrt(n) / frequentist_constant(K3, pi)
    assert scaled[1] == pytest.approx(1.0, abs=1e-4) and scaled[2] == pytest.approx(1.0, abs=1e-6)
    assert abs(scaled[0] - 1.0) > 0.01


@pytest.mark.parametrize("kernel", [K3, families.polygon_walk(5).kernel], ids=["positive", "with zeros"])
def test_add_one_constant_is_the_limit_of_n_times_its_divergence(kernel: np.ndarray) -> None:
    rng, n, d = np.random.default_rng(5), 20_000, kernel.shape[0]
    pi = stationary_of_matrix(kernel)
    visits = np.maximum(1, np.rint(n * pi)).astype(int)
    total = 0.0
    for x in range(d):
        counts = rng.multinomial(visits[x], kernel[x], size=4000)
        q = (counts + 1) / (visits[x] + d)
        seen = kernel[x] > 0
        total += pi[x] * (kernel[x][seen] * np.log(kernel[x][seen] / q[:, seen])).sum(axis=1).mean()
    assert n * total == pytest.approx(add_one_constant(kernel), rel=0.05)
    assert add_one_constant(K3) == 3 * 2 / 2


def test_stationary_laws_agree_with_elimination() -> None:
    kernels = random_dirichlet_kernels(20, 5, np.random.default_rng(0))
    for kernel, law in zip(kernels, stationary_laws(kernels), strict=True):
        np.testing.assert_allclose(law, stationary_of_matrix(kernel), atol=1e-12)
    with pytest.raises(ValueError, match="lengths are"):
        counting_risks(kernels, np.array([5, 5]), np.random.default_rng(0))


def test_averaged_risks_have_the_mean_of_plain_ones() -> None:
    """One definition against another: the state asked about drawn from pi, or averaged over it."""
    kernels = np.tile(families.independent_gaussian(3, half_width=1.5).kernel, (3000, 1, 1))
    averaged = counting_risks(kernels, np.array([50]), np.random.default_rng(1))[:, 0]
    pi = stationary_of_matrix(kernels[0])
    prompts = sample_chains(kernels[0], 51, np.random.default_rng(2), chains=3000, start=pi)
    plain = total_variation(kernels[0][prompts], counting(prompts, 3))[:, -1]
    error = np.hypot(averaged.std(), plain.std()) / np.sqrt(3000)
    # The last state is itself part of the prompt: an effect of order 1/n, here below one per cent.
    assert abs(averaged.mean() - plain.mean()) < 4 * error + 0.01 * plain.mean()
    assert averaged.std() < plain.std()


def test_the_limit_of_a_family_of_known_rate() -> None:
    kernels = np.tile(families.polygon_walk(3).kernel, (1500, 1, 1))
    lengths = np.array([200, 400, 800, 1600])
    risks = counting_risks(kernels, lengths, np.random.default_rng(0))
    fit = fit_log_log(lengths, risks, np.random.default_rng(0), level=0.99)
    assert fit.interval[0] < -0.5 < fit.interval[1]
    assert fit.interval[1] - fit.interval[0] < 0.05
    ratio = np.sqrt(1600) * risks[:, -1].mean() / frequentist_constants(kernels[:1])[0]
    assert ratio == pytest.approx(1.0, abs=0.05)


def test_fits_agree_and_refuse_what_has_no_logarithm() -> None:
    risks = np.random.default_rng(0).random((30, 100)) + 0.1
    whole = log_log_slope(risks, np.random.default_rng(1), first=20)
    part = fit_log_log(whole.positions, risks[:, whole.positions - 1], np.random.default_rng(1))
    assert (part.slope, part.interval) == (whole.slope, whole.interval)
    with pytest.raises(ValueError, match="position 7 is not a positive"):
        fit_log_log(np.array([5, 7]), np.array([[1.0, 0.0], [1.0, 0.0]]), np.random.default_rng(1))
    with pytest.raises(ValueError, match="two of each"):
        fit_log_log(np.array([5]), np.ones((4, 1)), np.random.default_rng(1))


def test_a_panel_is_its_definition_whatever_the_portions(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    kernel = K3
    lengths = panel_lengths(30, 11)
    assert lengths[0] == 1 and lengths[-1] == 30 and 10 in lengths
    predictors = baselines(3) | {"short": Predictor(lambda prompts: counting(prompts, 3), 11)}
    pi = stationary_of_matrix(kernel)

    def measure():  # type: ignore[no-untyped-def]  # a closure of one test
        return measure_panel(kernel, pi, predictors, lengths, 13, np.random.default_rng(4))

    panel = measure()
    monkeypatch.setattr("numerics.icl.panel.CELLS", 200)
    portions = measure()
    prompts = sample_chains(kernel, 31, np.random.default_rng(4), chains=13, start=pi)
    risks = total_variation(kernel[prompts], counting(prompts, 3))
    np.testing.assert_allclose(panel.variation["counting"], risks[:, lengths])
    np.testing.assert_allclose(panel.running["counting"], running_mean(risks[:, 1:])[:, lengths - 1])
    assert panel.lengths("short")[-1] == 10
    np.testing.assert_array_equal(
        panel.variation["short"], panel.variation["counting"][:, : panel.lengths("short").size]
    )
    save_panel(tmp_path / "p.npz", panel)
    for other in (portions, load_panel(tmp_path / "p.npz")):
        for group in ("variation", "running", "divergence"):
            assert getattr(other, group).keys() == getattr(panel, group).keys()
            for name, values in getattr(panel, group).items():
                np.testing.assert_array_equal(getattr(other, group)[name], values)
    assert [path.name for path in tmp_path.iterdir()] == ["p.npz"]
    (tmp_path / "p.npz").write_bytes((tmp_path / "p.npz").read_bytes()[:100])
    with pytest.raises(ValueError, match="not a readable panel"):
        load_panel(tmp_path / "p.npz")


def test_bad_panels_are_refused() -> None:
    rng, pi = np.random.default_rng(0), np.full(3, 1 / 3)
    with pytest.raises(ValueError, match="expected increasing"):
        measure_panel(K3, pi, baselines(3), np.array([3, 2]), 5, rng)
    with pytest.raises(ValueError, match="one each"):
        measure_panel(np.tile(K3, (4, 1, 1)), pi, baselines(3), np.array([2]), 5, rng)
    wrong = {"wrong": Predictor(lambda prompts: np.zeros((*prompts.shape, 2)))}
    with pytest.raises(ValueError, match="'wrong' answered with shape"):
        measure_panel(K3, pi, wrong, np.array([2]), 5, rng)


def test_the_key_of_a_recipe_tells_recipes_apart() -> None:
    keys = {PretrainingSettings.fast(2).key, PretrainingSettings.fast(2, 1).key, PretrainingSettings.brief(3).key}
    assert len(keys) == 3
    assert PretrainingSettings.fast(2).key == PretrainingSettings.fast(2).key
