"""Training of the concept network: schedule, invariants on the exact population, resumption, records, bad input."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from numerics.concepts.dictionary import draw_dictionary
from numerics.concepts.network import batch_of, errors, forward, losses
from numerics.concepts.prompts import Sampler
from numerics.concepts.recorder import METRICS, quadratic
from numerics.concepts.schedule import Schedule
from numerics.concepts.training import Setting, _batches, advance, fresh, load, save, start, training_set

torch.set_num_threads(1)
ATOMS = draw_dictionary(np.random.default_rng(0), 2, 2, 8)
STANDARD = Setting(Sampler(4), (0.002,), (0.3,), batch=0)  # D11
SMALL = Setting(
    Sampler(4, irrelevant=0.2, word_noise=0.1, label_noise=0.1),
    (0.002, 0.01, 0.05),
    (0.3, 0.2, 0.4),
    gamma=200.0,
    neurons=6,
    batch=3,
    sigma_1=0.05,
)


@settings(max_examples=50, deadline=None)
@given(st.floats(2.01, 1e5), st.integers(0, 400), st.floats(1e-4, 10))
def test_schedule_sums_and_products(gamma, steps, lam):
    schedule = Schedule(lam, gamma)
    rates = [schedule.rate(t) for t in range(steps)]
    assert schedule.decay(steps) == pytest.approx(math.prod(1 - lam * eta for eta in rates), rel=1e-9, abs=1e-300)
    assert schedule.effective_time(steps) == pytest.approx(math.fsum(rates), rel=1e-9, abs=1e-9 / lam)
    low, high = schedule.time_bounds(steps)
    assert low * (1 - 1e-12) <= math.fsum(rates) <= high * (1 + 1e-12)
    assert schedule.steps_for(low) == pytest.approx(steps, rel=1e-9, abs=1e-7)


def test_oracles_of_the_schedule():
    schedule = Schedule(0.002, 2000)
    assert schedule.decay(100) == pytest.approx(0.906964640204991, rel=1e-14)
    assert schedule.decay(1200) == pytest.approx(0.390405186423759, rel=1e-14)
    assert schedule.effective_time(600) == pytest.approx(262.421965281101, rel=1e-13)
    for t, alpha in ((100, 0.444195823634371), (600, 0.188938065054785), (1200, 0.0823047531767479)):
        assert 0.09 * 6 * schedule.decay(t) ** 2 == pytest.approx(alpha, rel=1e-14)
    assert 0.09 * 6 * schedule.decay(900) ** 2 == pytest.approx(0.122044193796413, rel=1e-14)


def test_only_the_semantic_difference_grows():
    run = start(STANDARD, ATOMS, np.random.default_rng(1))
    schedule = Schedule(0.002, 2000)
    for t, alpha in ((100, 0.444195823634371), (600, 0.188938065054785)):
        run = advance(run, t)
        parameters = run.parameters
        torch.testing.assert_close(parameters.W_Q, parameters.W_K, rtol=0, atol=1e-13)
        rest = 0.3 * schedule.decay(t) * np.eye(8)
        for b, beta in zip(ATOMS.b, quadratic(parameters, ATOMS.b)[0], strict=True):
            projection = np.outer(b, b) / (b @ b)
            rest += (math.sqrt(beta / 2) - 0.3 * schedule.decay(t)) * projection
        np.testing.assert_allclose(parameters.W_Q[0].numpy(), rest, atol=1e-10)
        np.testing.assert_allclose(quadratic(parameters, ATOMS.a), alpha, atol=1e-10)
        assert quadratic(parameters, ATOMS.b).min() > 2


def test_only_the_semantic_difference_grows_with_iid_labels():
    run = advance(start(Setting(Sampler(4, "iid"), (0.002,), (0.3,), batch=0), ATOMS, np.random.default_rng(1)), 200)
    decay = Schedule(0.002, 2000).decay(200)
    np.testing.assert_allclose(quadratic(run.parameters, ATOMS.a), 0.09 * 6 * decay**2, atol=1e-10)
    np.testing.assert_allclose(quadratic(run.parameters, ATOMS.nu), 0.09 * 8 * decay**2, atol=1e-10)
    assert quadratic(run.parameters, ATOMS.b).min() > 1


def test_mirrored_start_learns_upside_down():
    normal = start(STANDARD, ATOMS, np.random.default_rng(1))
    mirrored = start(Setting(Sampler(4), (0.002,), (0.3,), batch=0, mirrored=True), ATOMS, np.random.default_rng(1))
    for t in (50, 200, 400):
        normal, mirrored = advance(normal, t), advance(mirrored, t)
        np.testing.assert_allclose(
            quadratic(mirrored.parameters, ATOMS.b), -quadratic(normal.parameters, ATOMS.b), atol=1e-8
        )
        # (beta, p, q) -> (-beta, -p, q): p is a mean with the sign of the read-out, q one without.
        signs = mirrored.parameters.readout().sign()[:, None]
        for atoms, sign, weight in ((ATOMS.d, -1, signs), (ATOMS.c, 1, torch.ones_like(signs))):
            along = [(run.parameters.W_O @ torch.tensor(atoms).T * weight).mean(1) for run in (normal, mirrored)]
            torch.testing.assert_close(along[1], sign * along[0], rtol=0, atol=1e-8)
    for matches, right in ((2, True), (4, False), (0, True)):
        batch = batch_of(Sampler(4, "counts", matches).enumerate(ATOMS), 1, shared=True)
        assert float(errors(forward(mirrored.parameters, batch), batch)) == (0.0 if right else 1.0)


def test_zero_start_stays_in_the_saddle():
    run = start(Setting(Sampler(4), (0.002,), (0.0,), batch=5, sigma_1=0.1), ATOMS, np.random.default_rng(3))
    run = advance(run, 20)
    assert not run.parameters.W_Q.any() and not run.parameters.W_K.any()


def test_resumed_run_is_the_run_bit_for_bit(tmp_path):
    test = fresh(Sampler(4), ATOMS, (3, 20), seed=5)
    whole = advance(start(SMALL, ATOMS, np.random.default_rng(2)), 30, 5, test)
    part = advance(start(SMALL, ATOMS, np.random.default_rng(2)), 15, 5, test)
    save(part, tmp_path / "run.npz")
    resumed = advance(load(tmp_path / "run.npz", SMALL), 30, 5, test)
    for name in ("W_Q", "W_K", "W_O"):
        assert torch.equal(getattr(whole.parameters, name), getattr(resumed.parameters, name))
    assert whole.records.keys() == resumed.records.keys()
    assert whole.records["time"].tolist() == [0, 5, 10, 15, 20, 25, 30]
    for name, values in whole.records.items():
        assert np.array_equal(values, resumed.records[name]), name
    other = advance(start(SMALL, ATOMS, np.random.default_rng(9)), 30)
    assert not torch.equal(other.parameters.W_Q, whole.parameters.W_Q)


def test_each_seed_uses_its_own_weight_decay_and_scale():
    run = advance(start(SMALL, ATOMS, np.random.default_rng(2)), 1, 1)
    for s in range(3):
        rest = run.parameters.W_Q[s].numpy()
        # An orthogonal direction outside the updates shrinks by 1 - 2/gamma whatever lambda is.
        _, _, axes = np.linalg.svd(rest - SMALL.sigma_0[s] * (1 - 2 / 200) * np.eye(8))
        gap = rest @ axes[-1] - SMALL.sigma_0[s] * (1 - 2 / 200) * axes[-1]
        assert np.abs(gap).max() <= 1e-12
    # The size of the updates is proportional to eta = 2/(lambda gamma): compare one seed alone at two lambdas.
    moves = []
    for lam in (0.01, 0.02):
        one = Setting(Sampler(4), (lam,), (0.3,), gamma=50.0, neurons=4, batch=0, p_0=0.5)
        before = start(one, ATOMS, np.random.default_rng(0)).parameters.W_O.clone()
        after = advance(start(one, ATOMS, np.random.default_rng(0)), 1).parameters.W_O
        moves.append(after - (1 - 2 / 50) * before)
    torch.testing.assert_close(moves[0], 2 * moves[1], rtol=1e-10, atol=1e-14)


def test_records_and_their_meaning():
    training = SMALL.sampler.sample(np.random.default_rng(8), ATOMS, (50,))
    run = advance(
        start(SMALL, ATOMS, np.random.default_rng(2)), 20, 10, fresh(SMALL.sampler, ATOMS, (40,), 1), training
    )
    assert set(METRICS) | {"time", "train_loss", "train_error", "train_attention"} == set(run.records)
    assert run.records["beta"].shape == (3, 3, 2) and run.records["loss"].shape == (3, 3)
    np.testing.assert_allclose(run.records["beta"][0], 2 * np.array(SMALL.sigma_0)[:, None] ** 2 * [[1, 1]], rtol=1e-12)
    # Outside the 6 atoms A is sigma_0^2 I at the start: two dimensions are left.
    np.testing.assert_allclose(run.records["noise"][0], np.sqrt(2) * np.array(SMALL.sigma_0) ** 2, rtol=1e-12)
    np.testing.assert_allclose(run.records["irrelevant"][0], 8 * np.array(SMALL.sigma_0) ** 2, rtol=1e-12)
    W_O = run.parameters.W_O.numpy()
    np.testing.assert_allclose(run.records["common"][-1], (W_O[:, :3] @ ATOMS.c.T).max(1), rtol=1e-12)
    np.testing.assert_allclose(run.records["positive"][-1], (W_O[:, :3] @ ATOMS.d.T).max(1), rtol=1e-12)
    np.testing.assert_allclose(run.records["negative"][-1], (W_O[:, 3:] @ ATOMS.d.T).min(1), rtol=1e-12)
    np.testing.assert_allclose(run.records["leak"][-1], np.abs(W_O @ ATOMS.omega.T).max((1, 2)), rtol=1e-12)
    # theta = 2 sigma_corr - 1 at the start: clean test prompts of beta = 2 sigma_0^2 have tanh(beta).
    clean = advance(start(SMALL, ATOMS, np.random.default_rng(2)), 0, 1, fresh(Sampler(4), ATOMS, (30,), 1))
    np.testing.assert_allclose(
        2 * clean.records["attention"][0] - 1, np.tanh(2 * np.array(SMALL.sigma_0) ** 2), rtol=1e-12
    )


def test_training_in_single_precision_follows_double():
    runs = []
    for dtype in ("float64", "float32"):
        one = Setting(Sampler(4), (0.01,), (0.4,), gamma=100.0, neurons=6, batch=0, dtype=dtype)
        runs.append(advance(start(one, ATOMS, np.random.default_rng(0)), 100))
    assert runs[1].parameters.W_Q.dtype == torch.float32
    np.testing.assert_allclose(
        quadratic(runs[0].parameters, ATOMS.b), quadratic(runs[1].parameters, ATOMS.b), rtol=2e-4
    )


def test_training_on_noisy_batches_learns():
    # Run E of the specification at four seeds and a higher batch: no error is left.
    atoms = draw_dictionary(np.random.default_rng(4), 2, 8, 32)
    sampler = Sampler(4, irrelevant=1 / 12, word_noise=0.1, label_noise=0.1)
    setting = Setting(sampler, (0.002,) * 4, (0.3,) * 4, batch=16, sigma_1=0.05)
    run = advance(start(setting, atoms, np.random.default_rng(6)), 200, 100, fresh(sampler, atoms, (1000,), 3))
    first, last = run.records["error"][0].mean(), run.records["error"][-1].max()
    assert first > 0.35 and last == 0
    assert run.records["attention"][-1].min() > 0.95 and (run.records["beta"][-1] > 1.5).all()


@pytest.mark.parametrize(
    ("lam", "gamma", "message"),
    [
        (0.0, 10, "lambda = 0.0, expected a positive number"),
        (-0.1, 10, "lambda = -0.1"),
        (0.1, 2, r"gamma = 2: the steps are not contractive, lambda eta_0 < 1 fails \(it is 2/gamma = 1\)"),
        (0.1, 1.5, r"lambda eta_0 < 1 fails \(it is 2/gamma = 1.33333\); expected gamma > 2"),
        (0.1, -3, "lambda eta_0 < 1 fails"),
        (0.1, float("nan"), "gamma = nan, expected a finite number"),
    ],
)
def test_schedules_that_do_not_contract_say_which_inequality_fails(lam, gamma, message):
    with pytest.raises(ValueError, match=message) as caught:
        Schedule(lam, gamma)
    assert "\n" not in str(caught.value)
    with pytest.raises(ValueError):
        Setting(Sampler(4), (lam,), (0.3,), gamma=gamma)


def test_schedules_too_fast_for_a_smooth_loss():
    Schedule(0.1, 7).require_contractive(0.25)
    with pytest.raises(ValueError, match=r"eta_0 <= 1/\(R\^2/4 \+ lambda\) fails .*expected gamma >= .* = 7$"):
        Schedule(0.1, 6).require_contractive(0.25)
    with pytest.raises(ValueError, match="gamma >= 4 fails"):
        Schedule(10, 3).require_contractive(0.25, 4)


def test_bad_runs_are_refused(tmp_path):
    with pytest.raises(ValueError, match="2 values of lambda and 1 of sigma_0"):
        Setting(Sampler(4), (0.1, 0.1), (0.3,))
    with pytest.raises(ValueError, match="dtype 'float16'"):
        Setting(Sampler(4), (0.1,), (0.3,), dtype="float16")
    with pytest.raises(ValueError, match="batch = -1"):
        Setting(Sampler(4), (0.1,), (0.3,), batch=-1)
    with pytest.raises(ValueError, match="3 laws of co-concepts for 2 seeds"):
        Setting(Sampler(4), (0.1, 0.1), (0.3, 0.3), probabilities=((0.5, 0.5),) * 3)
    run = advance(start(SMALL, ATOMS, np.random.default_rng(2)), 2)
    with pytest.raises(ValueError, match="at step 2, expected a later step than 1"):
        advance(run, 1)
    save(run, tmp_path / "run.npz")
    with pytest.raises(ValueError, match="made with another setting"):
        load(tmp_path / "run.npz", STANDARD)
    (tmp_path / "broken.npz").write_bytes(b"no archive")
    with pytest.raises(ValueError, match="not a readable concept run"):
        load(tmp_path / "broken.npz", STANDARD)
    other = start(SMALL, ATOMS, np.random.Generator(np.random.Philox(1)))
    with pytest.raises(ValueError, match="a generator of kind Philox, expected PCG64"):
        save(other, tmp_path / "other.npz")


def test_finite_training_set_is_gone_through_once_an_epoch(tmp_path):
    setting = replace(SMALL, batch=3, training_set=12)
    run = start(setting, ATOMS, np.random.default_rng(2))
    listed = training_set(run)
    assert listed.target.shape == (3, 12)
    assert np.array_equal(listed.words, training_set(run).words)  # the same at every call
    assert not np.array_equal(listed.words[0], listed.words[1])  # each seed has its own
    draw = _batches(run, torch.float64, np.float64, "cpu")
    epochs = [[draw(4 * epoch + step).words for step in range(4)] for epoch in range(2)]
    for s in range(3):
        wanted = sorted(map(tuple, listed.words[s, :, -1].tolist()))
        for batches in epochs:
            assert sorted(map(tuple, torch.cat([b[s, :, -1] for b in batches]).tolist())) == wanted
    assert not torch.equal(torch.cat(epochs[0], 1), torch.cat(epochs[1], 1))  # another order
    assert draw(5).weights.tolist() == [[pytest.approx(1 / 3)] * 3] * 3
    whole = advance(start(setting, ATOMS, np.random.default_rng(2)), 30)
    save(advance(start(setting, ATOMS, np.random.default_rng(2)), 17), tmp_path / "run.npz")
    resumed = advance(load(tmp_path / "run.npz", setting), 30)
    assert torch.equal(whole.parameters.W_Q, resumed.parameters.W_Q)


def test_finite_training_set_is_fitted_better_than_fresh_prompts():
    noisy = Sampler(4, word_noise=0.3, label_noise=1.5)
    setting = Setting(noisy, (0.002,) * 6, (0.3,) * 6, gamma=200.0, neurons=20, batch=8, training_set=8, sigma_1=0.05)
    run = advance(start(setting, ATOMS, np.random.default_rng(4)), 300)
    own = run.parameters
    seen, new = training_set(run), noisy.sample(np.random.default_rng(5), ATOMS, (6, 500))
    loss = [float(losses(forward(own, batch), batch).mean()) for batch in (batch_of(p, 6) for p in (seen, new))]
    assert loss[0] < 0.7 * loss[1]


def test_run_on_fresh_prompts_has_no_training_set():
    with pytest.raises(ValueError, match="trains on fresh prompts"):
        training_set(start(SMALL, ATOMS, np.random.default_rng(2)))


@pytest.mark.parametrize(("batch", "size"), [(0, 5), (3, 10), (3, -3)])
def test_training_set_that_batches_do_not_divide_is_refused(batch, size):
    with pytest.raises(ValueError, match=f"training set of {size} prompts for batches of {batch}"):
        replace(SMALL, batch=batch, training_set=size)


def test_gaussian_start_has_its_scale_and_either_sign():
    atoms, S = draw_dictionary(np.random.default_rng(0), 2, 2, 40), 200
    setting = Setting(Sampler(4), (0.002,) * S, (0.3,) * S, sigma_1=0.05, gaussian=True)
    parameters = start(setting, atoms, np.random.default_rng(3)).parameters
    for W in (parameters.W_Q, parameters.W_K):
        scaled = W.numpy() * math.sqrt(40) / 0.3
        assert abs(scaled.mean()) < 5 / math.sqrt(scaled.size) and abs(scaled.var() - 1) < 5 * math.sqrt(
            2 / scaled.size
        )
    assert abs(float((parameters.W_Q * parameters.W_K).mean())) < 5 * 0.09 / 40 / math.sqrt(S * 1600)  # independent
    beta = quadratic(parameters, atoms.b)
    # Mean 0, variance (sigma_0^2 |b|^2)^2/d; the sign of one concept is a fair coin.
    assert np.mean(beta**2) == pytest.approx((0.09 * 2) ** 2 / 40, rel=0.3)
    assert abs((beta[:, 0] > 0).mean() - 0.5) < 4 * 0.5 / math.sqrt(S)
    with pytest.raises(ValueError, match="both mirrored and gaussian"):
        replace(setting, mirrored=True)


def test_gaussian_start_learns_concepts_of_either_sign():
    """beta and p keep one sign together: (beta, p) and (-beta, -p) are the two solutions of balanced labels."""
    S = 12
    setting = Setting(Sampler(4), (0.002,) * S, (1.0,) * S, neurons=10, batch=16, sigma_1=0.05, gaussian=True)
    run = advance(start(setting, ATOMS, np.random.default_rng(6)), 250)
    beta = quadratic(run.parameters, ATOMS.b)
    signs = run.parameters.readout().sign()[:, None]
    p = (run.parameters.W_O @ torch.tensor(ATOMS.d).T * signs).mean(1).numpy()
    learned = np.abs(beta) > 0.5
    assert learned.sum() >= 20
    assert (np.sign(beta) == np.sign(p))[learned].all()
    assert (beta[learned] < 0).sum() >= 3 and (beta[learned] > 0).sum() >= 3


def test_further_test_laws_are_recorded_under_their_names():
    further = {"hard": fresh(Sampler(4, "counts", 0), ATOMS, (3, 50), 4), "easy": fresh(Sampler(4), ATOMS, (20,), 4)}
    run = advance(start(SMALL, ATOMS, np.random.default_rng(2)), 10, 5, others=further)
    assert run.records["hard_error"].shape == run.records["easy_attention"].shape == (3, 3)
    assert run.records["hard_attention"].tolist() == [[0.0] * 3] * 3  # no demonstration has the sign of the query
    batch = batch_of(further["hard"](10), 3)
    np.testing.assert_array_equal(run.records["hard_error"][-1], errors(forward(run.parameters, batch), batch).numpy())
