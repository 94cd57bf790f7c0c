"""Sequence-level risks against a known source: window laws, gaps, memory, exhaustive laws, token losses, witnesses."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from numpy.typing import NDArray

from numerics.chains.index import enumerate_states, n_states, state_index
from numerics.chains.operator import dense_full
from numerics.chains.window_chain import WindowChain
from numerics.models.random import random
from numerics.risk import exhaustive, gap, memoriser, memory_profile, token_level, window_law

Floats = NDArray[np.float64]


def random_table(T: int, K: int, seed: int, scale: float = 1.0) -> Floats:
    logits = scale * np.random.default_rng(seed).standard_normal((n_states(T, K), T))
    weights = np.exp(logits)
    return np.asarray(weights / weights.sum(axis=1, keepdims=True))


def window_of(tokens: tuple[int, ...], n: int, T: int, K: int) -> int:
    return state_index(tokens[max(0, n - K) : n], T)


def all_sequences(source: Floats, T: int, K: int, length: int) -> list[tuple[tuple[int, ...], float]]:
    """Sequences with their probabilities, X_1 uniform, straight from the definition."""
    result = []
    for tokens in itertools.product(range(T), repeat=length):
        p = 1.0 / T
        for n in range(1, length):
            p *= source[window_of(tokens, n, T, K), tokens[n]]
        result.append((tokens, p))
    return result


@pytest.mark.parametrize(("T", "K", "length"), [(2, 3, 7), (3, 2, 5), (2, 1, 4)])
def test_window_laws_risk_and_exhaustive_law_agree_with_the_definition(T: int, K: int, length: int) -> None:
    source, model = random_table(T, K, 0), random_table(T, K, 1)
    loss = gap.total_variation_loss(source, model)
    expected = np.zeros((length, n_states(T, K)))
    risk = 0.0
    for tokens, p in all_sequences(source, T, K, length):
        for n in range(1, length + 1):
            state = window_of(tokens, n, T, K)
            expected[n - 1, state] += p
            risk += p * loss[state] / length
    start = window_law.uniform_start(T, K)
    laws = list(window_law.window_laws(source, start, length))
    np.testing.assert_allclose(laws, expected, atol=1e-14)
    assert gap.exact_risk(source, loss, start, length) == pytest.approx(risk, rel=1e-13)
    law = exhaustive.sequence_law(source, np.full(T, 1 / T), length)
    for tokens, p in all_sequences(source, T, K, length):
        assert law.probabilities[tokens] == pytest.approx(p, rel=1e-12)
        assert law.windows[tokens].tolist() == [window_of(tokens, n, T, K) for n in range(1, length + 1)]
    values = exhaustive.mean_loss(law, loss)
    assert float((law.probabilities * values).sum()) == pytest.approx(risk, rel=1e-13)


def test_window_laws_move_by_the_transition_matrix_of_a_model() -> None:
    chain = WindowChain.from_model(random(3, 2, seed=5), 2)
    source = window_law.state_table(chain)
    matrix = dense_full(chain)
    start = np.random.default_rng(0).dirichlet(np.ones(12))
    laws = list(window_law.window_laws(source, start, 4))
    np.testing.assert_allclose(laws[3], start @ np.linalg.matrix_power(matrix, 3), atol=1e-14)
    assert window_law.window_length(source) == 2
    with pytest.raises(ValueError, match="13 rows"):
        window_law.window_length(np.ones((13, 3)) / 3)


def test_empirical_risks_average_to_the_risk() -> None:
    source, model = random_table(2, 3, 2, 2.0), random_table(2, 3, 3, 2.0)
    start = window_law.uniform_start(2, 3)
    for loss in (gap.total_variation_loss(source, model), gap.kullback_leibler_loss(source, model)):
        sample = gap.sample_gap(source, loss, start, 30, 20_000, np.random.default_rng(1))
        error = sample.empirical.std() / math.sqrt(20_000)
        assert abs(sample.gaps.mean()) < 5 * error
        assert sample.violations(-1.0) == 20_000 and sample.violations(sample.largest_loss) == 0
        assert 0 < sample.violations(sample.empirical.std()) < 6000


def test_a_start_on_one_full_window_is_allowed() -> None:
    source = random_table(2, 3, 4)
    start = np.zeros(14)
    start[state_index((0, 1, 1), 2)] = 1.0
    states = list(window_law.sample_windows(source, start, 3, 50, np.random.default_rng(0)))
    assert set(states[0].tolist()) == {state_index((0, 1, 1), 2)}
    assert set(states[1].tolist()) == {state_index((1, 1, 0), 2), state_index((1, 1, 1), 2)}


def test_divergence_losses() -> None:
    source, model = random_table(3, 2, 0), random_table(3, 2, 1)
    tv, kl = gap.total_variation_loss(source, model), gap.kullback_leibler_loss(source, model)
    assert (tv**2 <= kl / 2).all() and (tv > 0).all()
    assert not gap.kullback_leibler_loss(source, source).any()
    model[0] = (1.0, 0.0, 0.0)
    assert gap.kullback_leibler_loss(source, model)[0] == math.inf


def test_memory_profile_is_its_definition() -> None:
    T, K = 2, 4
    loss = np.random.default_rng(8).random(n_states(T, K))
    states = list(enumerate_states(T, K))
    w, influence = np.zeros(K), np.zeros(K)
    for (i, s), (k, t) in itertools.combinations(enumerate(states), 2):
        if len(s) != len(t):
            continue
        difference = abs(loss[i] - loss[k])
        for j in range(K):
            if j < len(s) and (j == 0 or s[-j:] == t[-j:]):
                w[j] = max(w[j], difference)
        places = [len(s) - 1 - p for p in range(len(s)) if s[p] != t[p]]
        if len(places) == 1:
            influence[places[0]] = max(influence[places[0]], difference)
    profile = memory_profile.memory_profile(loss, T, K)
    np.testing.assert_array_equal(profile.w, w)
    np.testing.assert_array_equal(profile.influence, influence)
    assert (np.diff(profile.w) <= 0).all()
    assert profile.total_influence <= profile.w[0] + profile.effective_memory


def test_memory_profile_of_a_model_that_forgets() -> None:
    """A loss of the last token alone has W = 0 and one influence."""
    loss = np.array([0.3 if s[-1] else 0.1 for s in enumerate_states(2, 5)])
    profile = memory_profile.memory_profile(loss, 2, 5)
    assert profile.effective_memory == 0.0
    np.testing.assert_allclose(profile.influence, [0.2, 0, 0, 0, 0])


SOURCES = [(1, 0, 1.0), (2, 3, 1.5), (3, 1, 0.7)]


@pytest.mark.parametrize(("K", "seed", "scale"), SOURCES)
def test_mixing_matrix_equals_the_pair_curve(K: int, seed: int, scale: float) -> None:
    """For a homogeneous source started on full windows the window matrix is the Toeplitz matrix of D19, entry by entry.

    The curve is computed here from dense powers: max over full windows that differ in the newest token only.
    """
    N = 9
    source = random_table(2, K, seed, scale)
    law = exhaustive.sequence_law(source, np.array([0.4, 0.6]), N)
    gamma = exhaustive.window_mixing_matrix(law, K)
    chain = WindowChain.from_table(source[-(2**K) :], 2, K, source[: -(2**K)])
    matrix = dense_full(chain)[-(2**K) :, -(2**K) :]
    np.testing.assert_array_equal(np.tril(gamma), np.eye(N))
    for t in range(1, N - K):
        power = np.linalg.matrix_power(matrix, t)
        curve = max(0.5 * np.abs(power[2 * u] - power[2 * u + 1]).sum() for u in range(2 ** (K - 1)))
        for i in range(K - 1, N - t):
            assert gamma[i, i + t] == pytest.approx(curve, abs=1e-12)
    for i in range(N):
        assert (gamma[i, i : i + K] == 1.0).all()


def test_mixing_matrix_of_independent_tokens_is_the_identity() -> None:
    source = np.tile([0.3, 0.7], (n_states(2, 2), 1))
    law = exhaustive.sequence_law(source, np.array([0.3, 0.7]), 8)
    np.testing.assert_allclose(exhaustive.token_mixing_matrix(law), np.eye(8), atol=1e-14)
    band = sum(np.eye(8, k=k) for k in range(2))
    np.testing.assert_allclose(exhaustive.window_mixing_matrix(law, 2), band, atol=1e-14)


@pytest.mark.parametrize(("K", "seed", "scale"), SOURCES)
def test_mcdiarmid_marton_on_the_exact_law(K: int, seed: int, scale: float) -> None:
    """Claim markov/mcdiarmid_marton, exhaustively: log-moments and tails, for an additive f and a wild one."""
    N = 11
    source, model = random_table(2, K, seed, scale), random_table(2, K, seed + 10, 3.0)
    law = exhaustive.sequence_law(source, np.array([0.5, 0.5]), N)
    gamma = exhaustive.token_mixing_matrix(law)
    additive = exhaustive.mean_loss(law, gap.total_variation_loss(source, model))
    wild = np.random.default_rng(seed).random((2,) * N)
    lambdas = np.array([-50.0, -8.0, -1.0, 0.0, 0.5, 3.0, 20.0, 100.0])
    for values in (additive, wild):
        c = exhaustive.bounded_differences(values)
        norm2 = float(((gamma @ c) ** 2).sum())
        mgf = exhaustive.log_moment_generating(law, values, lambdas)
        assert (mgf <= lambdas**2 * norm2 / 8 + 1e-12).all()
        assert mgf[3] == pytest.approx(0.0, abs=1e-13) and mgf.min() >= -1e-13
        mean = float((law.probabilities * values).sum())
        levels = np.linspace(0.0, values.max() - mean, 40)
        tail = exhaustive.upper_tail(law, values, levels)
        assert (tail <= np.exp(-2 * levels**2 / norm2) + 1e-12).all()
        assert (np.diff(tail) <= 0).all() and tail[-1] > 0


@pytest.mark.parametrize(("K", "seed", "scale"), SOURCES)
def test_pretraining_gap_on_the_exact_law(K: int, seed: int, scale: float) -> None:
    """Claim markov/pretraining_gap: with the mixing matrix of the windows, R - R̂ exceeds its bound rarely enough."""
    N = 11
    source, model = random_table(2, K, seed, scale), random_table(2, K, seed + 20, 4.0)
    law = exhaustive.sequence_law(source, np.array([0.5, 0.5]), N)
    values = exhaustive.mean_loss(law, gap.total_variation_loss(source, model))
    norm = float(np.linalg.norm(exhaustive.window_mixing_matrix(law, K), 2))
    delta = np.array([0.5, 0.9, 0.99, 0.9999, 1.0])
    tail = exhaustive.upper_tail(law, -values, norm * np.sqrt(np.log(1 / delta) / (2 * N)))
    assert (tail <= delta).all()
    assert tail[-1] > 0.2 and tail[-2] > 0.01  # levels beyond the support would make the test empty


@pytest.mark.parametrize("block", [1, 2, 3, 4])
def test_block_mixing_of_a_first_order_chain(block: int) -> None:
    """D22: entry (i, i+k) is d̄((k-1)B+1) of the token chain, |λ|^t with two states (markov/two_state_exact)."""
    source = np.array([[0.8, 0.2], [0.3, 0.7]])
    law = exhaustive.sequence_law(source, np.array([0.5, 0.5]), 12)
    gamma = exhaustive.block_mixing_matrix(law, block)
    m = 12 // block
    expected = np.eye(m)
    for i, j in itertools.combinations(range(m), 2):
        expected[i, j] = 0.5 ** ((j - i - 1) * block + 1)
    np.testing.assert_allclose(gamma, expected, atol=1e-12)
    with pytest.raises(ValueError, match="divisor of the length 12"):
        exhaustive.block_mixing_matrix(law, 5)


@pytest.mark.parametrize("block", [1, 2, 3, 4, 6])
def test_pretraining_gap_memory_on_the_exact_law(block: int) -> None:
    """Claim markov/pretraining_gap_memory: both its counting step and its tail, with the memory profile of the loss."""
    N, K = 12, 3
    source, model = random_table(2, K, 3, 1.5), random_table(2, K, 23, 4.0)
    loss = gap.total_variation_loss(source, model)
    profile = memory_profile.memory_profile(loss, 2, K)
    law = exhaustive.sequence_law(source, np.array([0.5, 0.5]), N)
    values = exhaustive.mean_loss(law, loss)
    c = (block * profile.w[0] + profile.effective_memory) / N
    assert (exhaustive.block_differences(values, block) <= c + 1e-12).all()
    if block == 1:
        assert (exhaustive.block_differences(values, 1) <= profile.total_influence / N + 1e-12).all()
    norm = float(np.linalg.norm(exhaustive.block_mixing_matrix(law, block), 2))
    delta = np.array([0.5, 0.9, 0.99, 0.9999])
    tail = exhaustive.upper_tail(law, -values, norm * c * np.sqrt((N // block) * np.log(1 / delta) / 2))
    assert (tail <= delta).all() and tail[-1] > 0.01


def test_the_mixing_matrix_is_needed() -> None:
    """With the identity in place of Γ the inequality fails on a sticky chain: the check above can fail."""
    source = np.array([[0.95, 0.05], [0.05, 0.95]])
    law = exhaustive.sequence_law(source, np.array([0.5, 0.5]), 10)
    values = np.asarray(law.windows.mean(axis=-1), dtype=np.float64)  # share of ones
    c = exhaustive.bounded_differences(values)
    lambdas = np.array([2.0])
    mgf = exhaustive.log_moment_generating(law, values, lambdas)
    assert mgf[0] > lambdas[0] ** 2 * (c @ c) / 8
    gamma = exhaustive.token_mixing_matrix(law)
    assert mgf[0] <= lambdas[0] ** 2 * ((gamma @ c) ** 2).sum() / 8
    np.testing.assert_allclose(gamma[0], 0.9 ** np.arange(10), rtol=1e-12)


def test_bounded_differences_bound_every_pair() -> None:
    rng = np.random.default_rng(0)
    values = rng.random((2,) * 6)
    c = exhaustive.bounded_differences(values)
    for x, y in rng.integers(0, 2, (200, 2, 6)):
        assert values[tuple(x)] - values[tuple(y)] <= c[x != y].sum() + 1e-12


def test_exhaustive_limits() -> None:
    with pytest.raises(ValueError, match="2\\^21 sequences"):
        exhaustive.sequence_law(random_table(2, 1, 0), np.array([0.5, 0.5]), 21)


def test_token_losses_are_a_martingale_and_match_the_definition() -> None:
    source, model = random_table(2, 2, 0, 2.0), random_table(2, 2, 1, 2.0)
    start = window_law.uniform_start(2, 2)
    losses = token_level.token_losses(source, np.log(model), start, 40, 20_000, np.random.default_rng(0))
    assert abs(losses.gaps.mean()) < 5 * losses.gaps.std() / math.sqrt(20_000)
    assert losses.loss_range == pytest.approx(np.abs(np.log(model[:, 0] / model[:, 1])).max())
    # E ℓ_n = sum over the window law of the cross-entropy, which is entropy plus divergence.
    entropy = -(source * np.log(source)).sum(axis=1)
    rows = entropy + gap.kullback_leibler_loss(source, model)
    assert losses.expected.mean() == pytest.approx(gap.exact_risk(source, rows, start, 40), abs=5 * 0.002)
    one = token_level.token_losses(source, np.log(model), start, 1, 5000, np.random.default_rng(3))
    assert set(np.round(one.realised, 12)) <= set(np.round(-np.log(model[:2]).ravel(), 12))
    excluding = np.log(model)
    excluding[3, 1] = -np.inf
    with pytest.raises(ValueError, match="token 1 in state 3 is -inf, expected finite"):
        token_level.token_losses(source, excluding, start, 3, 2, np.random.default_rng(0))


def test_token_level_gap_coverage() -> None:
    """Claim markov/token_level_gap holds with margin at δ = 0.05, and fails for a hundredth of its range."""
    source, model = random_table(2, 3, 5, 2.0), random_table(2, 3, 6, 1.0)
    losses = token_level.token_losses(
        source, np.log(model), window_law.uniform_start(2, 3), 300, 2000, np.random.default_rng(9)
    )
    deviation = losses.loss_range * math.sqrt(math.log(20) / 600)
    assert losses.violations(deviation) <= 0.05 * 2000
    assert losses.violations(deviation / 100) > 0.05 * 2000


def printed_deviation(B_U: float, d: int, factor: float, log_term: float, N: int) -> float:
    """2 sqrt(log d + 2 B_U) · factor · sqrt(log_term / N), as the paper prints it at temperature 1."""
    return 2 * math.sqrt(math.log(d) + 2 * B_U) * factor * math.sqrt(log_term / N)


def test_memoriser_witness_numbers() -> None:
    """Oracles of markov/pretraining_gap_trained_as_stated and markov/icl_gap_as_stated."""
    witness = memoriser.memoriser_witness(30, 10**6)
    assert witness.risk_lower == pytest.approx(0.399615881773, abs=5e-13)
    assert witness.empirical_risk == 0.0
    assert witness.logit_norm == pytest.approx(math.log(9))
    log_term = math.log(2 / 0.05)
    assert printed_deviation(witness.logit_norm, 2, 1, log_term, 10**6) == pytest.approx(0.008664301378, abs=5e-13)
    assert printed_deviation(witness.logit_norm, 2, 30, log_term, 10**6) == pytest.approx(0.259929041338, abs=5e-13)
    deviation = printed_deviation(witness.logit_norm, 2, math.sqrt(120), log_term, 10**6)
    # The specification bounds the distance by 0.4 (K/N + N/2^K); the record counts K - 1 short windows only.
    assert 0.4 * (30 / 10**6 + 10**6 / 2**30) + deviation == pytest.approx(0.095297195224, abs=5e-13)
    assert 0.095296 < witness.distance_upper + deviation <= 0.095297195224
    assert witness.loss == pytest.approx(0.4)
    with pytest.raises(ValueError, match="window is 5 and length 4"):
        memoriser.memoriser_witness(5, 4)


@pytest.mark.parametrize(("window", "length"), [(12, 300), (6, 40), (4, 200)])
def test_simulated_memorisers_obey_the_formulas(window: int, length: int) -> None:
    witness = memoriser.memoriser_witness(window, length)
    sample = memoriser.sample_memorisers(window, length, 200, np.random.default_rng(0))
    assert not sample.empirical_risk.any()
    assert (sample.risk >= witness.risk_lower - 1e-12).all()
    assert (sample.distance <= witness.distance_upper + 1e-12).all()
    np.testing.assert_allclose(sample.risk + sample.distance, witness.loss, atol=1e-12)
    error = (sample.fresh_risk - sample.risk).std() / math.sqrt(200)
    assert abs((sample.fresh_risk - sample.risk).mean()) < 5 * error + 1e-12


def test_the_risk_of_one_memoriser_is_the_exact_risk_of_its_table() -> None:
    """The shortcut of `sample_memorisers` against the general machinery: table of the memoriser, exact window laws."""
    window, length = 4, 12
    bits = np.random.default_rng(42).integers(0, 2, length)
    sample = memoriser.sample_memorisers(window, length, 1, np.random.default_rng(42))
    model = np.tile([0.9, 0.1], (n_states(2, window), 1))
    for n in range(1, length + 1):
        model[window_of(tuple(int(b) for b in bits), n, 2, window)] = 0.5
    source = np.full_like(model, 0.5)
    loss = gap.total_variation_loss(source, model)
    assert sample.risk[0] == pytest.approx(gap.exact_risk(source, loss, window_law.uniform_start(2, window), length))


def test_first_token_witness() -> None:
    """Oracles of markov/icl_gap_token_tmin_as_stated, and the same values from the exhaustive law at K = 9."""
    witness = memoriser.first_token_witness(4096)
    printed = printed_deviation(math.log(9), 2, 2.0, math.log(2 / 0.4), 4096)
    assert printed == pytest.approx(0.178843620862, abs=5e-13)
    assert witness.gap == pytest.approx(0.2) and witness.gap > printed
    assert witness.mean_l1_error == pytest.approx(0.4)
    K = 9
    small = memoriser.first_token_witness(K)
    model = memoriser.first_token_model(K)
    source = np.full_like(model, 0.5)
    loss = gap.total_variation_loss(source, model)
    law = exhaustive.sequence_law(source, np.array([0.5, 0.5]), K)
    values = exhaustive.mean_loss(law, loss)
    assert sorted(set(np.round(values.ravel(), 12))) == pytest.approx(list(small.empirical_risks))
    risk = float((law.probabilities * values).sum())
    assert risk == pytest.approx(small.risk)
    assert exhaustive.upper_tail(law, -values, np.array([small.gap]))[0] == pytest.approx(small.gap_probability)
    assert memory_profile.memory_profile(loss, 2, K).effective_memory == pytest.approx(small.effective_memory)
