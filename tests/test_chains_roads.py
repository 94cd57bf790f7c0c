"""Every way of computing a quantity of a window chain agrees, and the inequalities that define the field hold."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.distance import cdist

from numerics.chains.coefficients import beta, block_matrix, dobrushin, doeblin, gamma, log_epsilon
from numerics.chains.entropy import entropy_rate
from numerics.chains.every_start import block_rows, every_start
from numerics.chains.exact import exact_of_chain, exact_stationary
from numerics.chains.generators import decaying_chain, nearly_decomposable, random_chain, unstructured_chain
from numerics.chains.gth import gth, gth_log
from numerics.chains.house_of_cards import hoc_curve
from numerics.chains.index import (
    enumerate_states,
    n_states,
    state_index,
    state_successor,
    state_successor_table,
    state_tokens,
    successor,
)
from numerics.chains.mixing import distance_curve, mixing_time, pair_distance_curve
from numerics.chains.mixing_matrix import pair_curve
from numerics.chains.operator import (
    csr,
    csr_full,
    dense,
    dense_full,
    left_action,
    left_action_full,
    right_action,
    right_action_full,
)
from numerics.chains.reduction import effective_order, extended_law, padded, with_window
from numerics.chains.refinement import refined
from numerics.chains.spectrum import spectrum
from numerics.chains.stationary import residual, stationary
from numerics.chains.window_chain import WindowChain

SIZES = st.sampled_from([(2, 1), (2, 2), (2, 3), (2, 4), (3, 1), (3, 2), (3, 3), (4, 2), (5, 1), (5, 2)])


@st.composite
def chains(draw, positive=True):
    """Random window chains with shorter contexts; shrink to small sizes, scale 0 (uniform)."""
    T, K = draw(SIZES)
    scale = draw(st.sampled_from([0.0, 0.5, 1.0, 3.0]))
    return random_chain(T, K, draw(st.integers(0, 2**20)), scale)


@given(SIZES)
def test_indexing_is_a_bijection(size):
    T, K = size
    strings = list(enumerate_states(T, K))
    assert len(strings) == n_states(T, K)
    successors = state_successor_table(T, K)
    for i, s in enumerate(strings):
        assert state_index(s, T) == i
        assert state_tokens(i, T, K) == s
        for x in range(T):
            assert strings[successors[i, x]] == (*s, x)[-K:]
            assert state_successor(i, x, T, K) == successors[i, x]
    offset = n_states(T, K) - T**K
    assert all(successor(u, x, T, K) + offset == successors[offset + u, x] for u in range(T**K) for x in range(T))


@settings(deadline=None, max_examples=60)
@given(chains(), st.integers(0, 2**20))
def test_operators_agree(chain, seed):
    rng = np.random.default_rng(seed)
    Q = dense(chain)
    mu, f = rng.random(chain.n), rng.standard_normal(chain.n)
    assert csr(chain).toarray() == pytest.approx(Q, abs=0)
    assert left_action(chain, mu) == pytest.approx(mu @ Q, abs=1e-14)
    assert right_action(chain, f) == pytest.approx(Q @ f, abs=1e-13)
    full = dense_full(chain)
    mu, f = rng.random(chain.n_all), rng.standard_normal(chain.n_all)
    assert csr_full(chain).toarray() == pytest.approx(full, abs=0)
    assert left_action_full(chain, mu) == pytest.approx(mu @ full, abs=1e-14)
    assert right_action_full(chain, f) == pytest.approx(full @ f, abs=1e-13)
    exact = exact_of_chain(chain, full=True)
    assert max(abs(float(exact[i, j]) - full[i, j]) for i in range(chain.n_all) for j in range(chain.n_all)) < 1e-15
    short = chain.n_all - chain.n
    assert full[short:, short:] == pytest.approx(Q, abs=0)
    assert not full[short:, :short].any()


@pytest.mark.parametrize(("T", "K"), [(70, 2), (64, 2), (65, 1), (2, 12)])
def test_operators_agree_in_every_storage(T, K):
    chain = unstructured_chain(T, K, 1)
    rng = np.random.default_rng(0)
    mu, f, Q = rng.random(chain.n), rng.standard_normal(chain.n), csr(chain)
    assert left_action(chain, mu) == pytest.approx(Q.T @ mu, rel=1e-12)
    assert right_action(chain, f) == pytest.approx(Q @ f, abs=1e-12)


@settings(deadline=None, max_examples=25)
@given(chains())
def test_stationary_roads_agree(chain):
    gth_law = stationary(chain, "gth").pi
    exact = np.array([float(x) for x in exact_stationary(exact_of_chain(chain))])
    assert gth_law == pytest.approx(exact, rel=1e-12)
    assert np.exp(gth_log(np.log(np.maximum(dense(chain), 1e-320)))) == pytest.approx(exact, rel=1e-9)
    assert stationary(chain, "power").pi == pytest.approx(exact, rel=1e-6, abs=1e-11)
    if chain.K > 1:
        assert stationary(chain, "multilevel").pi == pytest.approx(exact, rel=1e-6, abs=1e-11)


@pytest.mark.parametrize(
    "chain",
    [
        unstructured_chain(2, 13, 0),
        decaying_chain(3, 8, 1),
        random_chain(2, 11, 1, temperature=0.5),
        decaying_chain(70, 2, 0),
    ],
    ids=["unstructured", "decaying", "cold", "state-major"],
)
def test_multilevel_equals_power(chain):
    fast, slow = stationary(chain, "multilevel"), stationary(chain, "power")
    assert fast.certified
    assert fast.residual_l1 <= 1e-13
    assert residual(chain, fast.pi) == pytest.approx(fast.residual_l1, abs=1e-15)
    assert np.abs(fast.pi - slow.pi).sum() < 1e-10
    automatic = stationary(chain)
    assert automatic.certified
    assert np.abs(automatic.pi - fast.pi).sum() < 1e-10


def test_elimination_takes_over_where_iterations_are_slow():
    chain = random_chain(5, 5, 2, temperature=0.2).table[: 2**10, :2]
    cold = random_chain(2, 10, 0, temperature=0.05)
    result = stationary(cold)
    assert chain.shape == (1024, 2)
    assert result.certified
    assert result.residual_l1 < 1e-12


def test_gth_keeps_small_entries_of_a_nearly_decomposable_chain():
    from flint import fmpq_mat

    P = nearly_decomposable(3, 4, 2.0**-40, np.random.default_rng(3))
    from numerics.chains.exact import exact_rows

    rows = exact_rows(P)
    exact = exact_stationary(fmpq_mat(12, 12, [_fmpq(x) for row in rows for x in row]))
    assert gth(P) == pytest.approx([float(x) for x in exact], rel=1e-12)


def _fmpq(x):
    from flint import fmpq

    return fmpq(x.numerator, x.denominator)


def test_blocked_elimination_equals_one_state_at_a_time():
    P = np.random.default_rng(0).dirichlet(np.full(150, 0.1), size=150)
    a = P.copy()
    for j in range(149, 0, -1):
        a[:j, j] /= a[j, :j].sum()
        a[:j, :j] += np.outer(a[:j, j], a[j, :j])
    pi = np.zeros(150)
    pi[0] = 1
    for j in range(1, 150):
        pi[j] = pi[:j] @ a[:j, j]
    assert gth(P) == pytest.approx(pi / pi.sum(), rel=1e-11)


@settings(deadline=None, max_examples=40)
@given(chains())
def test_distances_and_coefficients(chain):
    K = chain.K
    d, dbar = distance_curve(chain, 3 * K), pair_distance_curve(chain, 3 * K)
    slack = 1e-12
    assert (d <= dbar + slack).all()
    assert (dbar <= 2 * d + slack).all()
    assert (np.diff(d) <= slack).all()
    for s in range(K + 1):
        for t in range(2 * K):
            assert dbar[s + t] <= dbar[s] * dbar[t] + slack
    A = block_matrix(chain)
    assert pytest.approx(np.linalg.matrix_power(dense(chain), K), rel=1e-9, abs=1e-300) == A
    kappa, alpha, log_eps = dobrushin(A), doeblin(A), log_epsilon(chain)
    assert kappa == pytest.approx(dbar[K], abs=slack)
    assert kappa <= 1 - alpha + slack
    assert 1 - alpha <= 1 - chain.n * A.min() + slack
    assert log_eps.value == pytest.approx(math.log(A.min()), rel=1e-10)
    low, high = gamma(chain), beta(chain)
    assert (low <= high + slack).all()
    assert (np.diff(low) >= -slack).all()
    assert alpha >= np.prod(low) - slack
    assert 1 - kappa >= np.prod(high) - slack
    assert (dbar <= hoc_curve(high, 3 * K) + slack).all()
    assert (pair_curve(chain, 3 * K) <= dbar + slack).all()
    if chain.T == 2:
        assert low == pytest.approx(high, abs=1e-12)


@settings(deadline=None, max_examples=30)
@given(chains(), st.sampled_from([0.4, 0.1, 0.01]))
def test_mixing_time_is_the_first_time_below(chain, eta):
    found = mixing_time(chain, eta)
    curve = distance_curve(chain, int(found.steps) + 1)
    assert found.distance == pytest.approx(curve[int(found.steps)], abs=1e-12)
    assert curve[int(found.steps)] <= eta
    assert found.steps == 0 or curve[int(found.steps) - 1] > eta
    everywhere = mixing_time(chain, eta, "all")
    assert found.steps <= everywhere.steps <= found.steps + chain.K - 1


@settings(deadline=None, max_examples=30)
@given(chains(), st.sampled_from([0.3, 0.05, 1e-6]))
def test_every_start_gives_the_distances_and_alpha(chain, floor):
    run = every_start(chain, stationary(chain).pi, floor=floor)
    exact = distance_curve(chain, run.distance.size - 1)
    assert run.distance == pytest.approx(exact, abs=1e-12)
    assert run.alpha == pytest.approx(doeblin(block_matrix(chain)), abs=1e-13)
    assert (exact[:-1] > floor).all()
    assert run.complete == (exact[-1] <= floor)


@pytest.mark.parametrize(("single", "largest"), [(10**6, 1e-13), (1, 1e-4)])
def test_every_start_by_blocks_in_either_precision(monkeypatch, single, largest):
    from numerics.chains import every_start as module

    chain = random_chain(3, 4, 7)
    pi, alpha = stationary(chain).pi, doeblin(block_matrix(chain))
    monkeypatch.setattr(module, "WHOLE_LIMIT", 1)
    monkeypatch.setattr(module, "BLOCK_STARTS", 10)
    monkeypatch.setattr(module, "DOUBLE_LIMIT", single)
    run = every_start(chain, pi, floor=0.01)
    exact = distance_curve(chain, run.distance.size - 1)
    assert run.complete
    assert 0 < run.resolution < largest
    assert (np.abs(run.distance - exact)[:-1] <= run.resolution).all()
    assert exact[-1] - run.resolution <= run.distance[-1] <= 0.01
    assert run.alpha == pytest.approx(alpha, abs=1e-14)
    assert run.first_below(0.25) == mixing_time(chain, 0.25, "R").steps
    assert run.first_below(float(exact[3])) is None  # too close for the resolution to decide


def test_rows_of_the_block_matrix_one_by_one():
    chain = random_chain(3, 3, 2)
    starts = np.array([5, 26, 0, 5])
    assert block_rows(chain, starts) == pytest.approx(block_matrix(chain)[starts], abs=1e-15)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("sharpness", [1.0, 0.2, 0.05])
def test_searching_pairs_finds_the_dobrushin_coefficient(seed, sharpness):
    rng = np.random.default_rng(seed)
    matrix = rng.dirichlet(np.full(200, sharpness), size=600)
    assert dobrushin(matrix) == pytest.approx(0.5 * cdist(matrix, matrix, "cityblock").max(), abs=1e-13)


@pytest.mark.parametrize(("T", "K"), [(5, 4), (10, 3)])
def test_refinement_reaches_double_precision(T, K):
    chain = unstructured_chain(T, K, 1)
    law, error, products = refined(chain, 1e-14)
    assert error <= 1e-14
    assert error == pytest.approx(residual(chain, law), abs=1e-16)
    assert products < 80
    assert law == pytest.approx(stationary(chain, "gth").pi, rel=1e-11)


def test_refinement_says_that_a_chain_is_too_slow_for_it():
    chain = random_chain(4, 5, 0, temperature=0.05)
    law, error, products = refined(chain, 1e-12)
    assert error == pytest.approx(residual(chain, law), rel=1e-9)
    assert error > 1e-12
    assert products < 30


@settings(deadline=None, max_examples=30)
@given(chains())
def test_the_minimising_path_is_a_path(chain):
    found = log_epsilon(chain)
    u, total = found.start, 0.0
    for context, token in zip(found.contexts, found.tokens, strict=True):
        assert u == context
        total += chain.log_probs[u, token]
        u = successor(u, token, chain.T, chain.K)
    assert total == pytest.approx(found.value, rel=1e-12)


@settings(deadline=None, max_examples=25)
@given(chains(), st.integers(0, 2**20))
def test_names_of_tokens_do_not_matter(chain, seed):
    other = chain.permuted(np.random.default_rng(seed).permutation(chain.T))
    assert entropy_rate(other) == pytest.approx(entropy_rate(chain), rel=1e-10)
    assert sorted(stationary(other).pi) == pytest.approx(sorted(stationary(chain).pi), rel=1e-10)
    assert beta(other) == pytest.approx(beta(chain), abs=1e-13)
    assert gamma(other) == pytest.approx(gamma(chain), abs=1e-13)
    assert log_epsilon(other).value == pytest.approx(log_epsilon(chain).value, rel=1e-10)
    assert dobrushin(block_matrix(other)) == pytest.approx(dobrushin(block_matrix(chain)), abs=1e-13)
    assert mixing_time(other, 0.1, "all").steps == mixing_time(chain, 0.1, "all").steps


@settings(deadline=None, max_examples=20)
@given(chains(), st.integers(1, 2))
def test_a_longer_window_changes_nothing(chain, more):
    wide = padded(chain, chain.K + more)
    assert effective_order(wide) <= chain.K
    assert with_window(wide, chain.K).table == pytest.approx(chain.table, abs=0)
    assert entropy_rate(wide) == pytest.approx(entropy_rate(chain), rel=1e-10)
    law = stationary(chain).pi
    assert extended_law(chain, law, wide.K) == pytest.approx(stationary(wide).pi, rel=1e-10)
    assert spectrum(wide).slem == pytest.approx(spectrum(chain).slem, abs=1e-6)


def test_from_model_equals_from_table():
    class Vocabulary:
        size = 3

    class Model:
        vocabulary = Vocabulary()
        context_window = 2

        def next_token_log_probs(self, contexts):
            rows = [
                reference.log_short[c[0]] if len(c) == 1 else reference.log_table[3 * c[0] + c[1]] for c in contexts
            ]
            return np.array(rows)

    reference = random_chain(3, 2, 5)
    seen = []
    chain = WindowChain.from_model(Model(), 2, batch=4, progress=lambda done, total: seen.append((done, total)))
    assert chain.table == pytest.approx(reference.table, rel=1e-14)
    assert chain.short == pytest.approx(reference.short, rel=1e-14)
    assert seen[-1] == (12, 12)
    assert WindowChain.from_model(Model(), 2, short_contexts=False).short is None
    with pytest.raises(ValueError, match=r"order 3 is outside 1\.\.2"):
        WindowChain.from_model(Model(), 3)
