"""Chains whose rows are read piece by piece have the law of the chain in memory; bad rows are named."""

import tracemalloc
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from numerics.chains import refinement
from numerics.chains.exact import exact_of_chain, exact_stationary
from numerics.chains.generators import decaying_chain, random_chain, unstructured_chain
from numerics.chains.operator import left_action, left_steps
from numerics.chains.refinement import refined
from numerics.chains.rows import FileRows, ModelRows, stationary_of_rows, window_chain
from numerics.chains.stationary import ReducibleChainError, residual, stationary
from numerics.chains.sweep_order import prefix_order, sweep_blocks
from numerics.chains.window_chain import WindowChain


class TableRows:
    """Rows of an array; counts how many were asked for."""

    def __init__(self, table, T, K):
        self.T, self.K, self.table, self.read = T, K, table, 0

    def rows(self, first, last):
        self.read += last - first
        return self.table[first:last]


@pytest.mark.parametrize(("T", "K"), [(2, 15), (3, 10), (10, 5)])
@pytest.mark.parametrize("family", [unstructured_chain, decaying_chain])
def test_law_of_rows_in_double_precision(family, T, K):
    chain = family(T, K, 0)
    source = TableRows(np.ascontiguousarray(chain.table), T, K)
    result = stationary_of_rows(source, tolerance=1e-12)
    assert result.certified
    assert result.method == "refined"
    assert result.residual_l1 <= 1e-12
    # The residual holds for the chain in memory, whose rows were normalised the same way.
    assert residual(chain, result.pi) == pytest.approx(result.residual_l1, abs=1e-14)
    assert_allclose(result.pi, stationary(chain, "power", tolerance=1e-14).pi, rtol=1e-9, atol=1e-16)
    assert source.read <= 6 * chain.n


def test_rows_in_single_precision_are_read_once_and_are_the_chain():
    table = unstructured_chain(4, 8, 3).table.astype(np.float32)
    source = TableRows(np.ascontiguousarray(table), 4, 8)
    result = stationary_of_rows(source)
    assert source.read == 4**8
    assert result.method == "refined"
    # Rounding made the sums deviate from 1, beyond what a chain in double precision accepts without rescaling.
    wide = table.astype(np.float64)
    assert np.abs(wide.sum(axis=1) - 1).max() > 1e-8
    chain = WindowChain(4, 8, wide / wide.sum(axis=1, keepdims=True))
    assert result.certified
    assert residual(chain, result.pi) == pytest.approx(result.residual_l1, abs=1e-15)
    assert residual(chain, result.pi) <= 1.1e-13


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_rows_of_a_file(tmp_path, dtype):
    table = np.ascontiguousarray(decaying_chain(5, 7, 1).table, dtype=dtype)
    np.save(tmp_path / "rows.npy", table)
    source = FileRows(tmp_path / "rows.npy", 5, 7)
    assert source.rows(13, 17).tolist() == table[13:17].tolist()
    assert source.rows(13, 17).dtype == dtype
    result = stationary_of_rows(source)
    assert result.pi.tolist() == stationary_of_rows(TableRows(table, 5, 7)).pi.tolist()
    with pytest.raises(ValueError, match=r"rows.npy holds an array \(78125, 5\) .* expected \(625, 5\)"):
        FileRows(tmp_path / "rows.npy", 5, 4)


def test_rows_of_a_model():
    reference = random_chain(3, 4, 5)

    class Vocabulary:
        size = 3

    class Model:
        vocabulary = Vocabulary()
        context_window = 4

        def next_token_log_probs(self, contexts):
            return reference.log_table[contexts @ 3 ** np.arange(3, -1, -1)]

    source = ModelRows(Model(), 4)
    assert window_chain(source).table == pytest.approx(reference.table, rel=1e-14)
    assert stationary_of_rows(source).pi == pytest.approx(stationary(reference).pi, rel=1e-12)
    with pytest.raises(ValueError, match=r"order 5 is outside 1\.\.4"):
        ModelRows(Model(), 5)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(
    ("row", "values", "message"),
    [
        (40000, [0.5, 0.6], "row 40000 of the transition matrix sums to 1.1"),
        (7, [1.5, -0.5], "row 7 of the transition matrix has the negative entry -0.5 in column 1"),
        (65535, [np.nan, 0.5], "row 65535 of the transition matrix has the entry nan in column 0"),
    ],
)
def test_bad_rows_of_a_source_are_named(dtype, row, values, message):
    table = np.full((2**16, 2), 0.5, dtype=dtype)
    table[row] = values
    with pytest.raises(ValueError, match=message):
        stationary_of_rows(TableRows(table, 2, 16))


def test_rows_with_zeros_or_slow_mixing_go_through_the_chain_in_memory():
    size = 2**15
    # Token 0 after every context, but for a little: the law sits on one context, others are transient.
    zeros = np.full((size, 2), 0.5)
    zeros[size // 2 :] = [1.0, 0.0]
    found = stationary_of_rows(TableRows(zeros, 2, 15))
    assert_allclose(found.pi, stationary(WindowChain(2, 15, zeros)).pi, atol=1e-13)
    two_classes = np.full((size, 2), 0.5)
    two_classes[0], two_classes[-1] = [1.0, 0.0], [0.0, 1.0]
    with pytest.raises(ReducibleChainError):
        stationary_of_rows(TableRows(two_classes, 2, 15))
    # Nearly decomposable: tokens repeat but for one time in ten thousand.
    repeats = np.full((size, 2), 1e-4)
    repeats[np.arange(size), np.arange(size) % 2] = 1.0 - 1e-4
    slow = stationary_of_rows(TableRows(repeats, 2, 15), tolerance=1e-12)
    assert slow.method == "multilevel"
    assert slow.pi[0] == pytest.approx(0.5 * (1 - 1e-4) ** 14, rel=1e-8)


def test_a_probability_below_single_precision_is_not_lost():
    table = np.full((2**15, 2), 0.5)
    table[5] = [1.0 - 1e-60, 1e-60]
    source = TableRows(table, 2, 15)
    result = stationary_of_rows(source)
    assert result.certified
    assert residual(WindowChain(2, 15, table), result.pi) <= 1e-13


@settings(deadline=None, max_examples=25)
@given(st.sampled_from([(2, 2), (2, 5), (3, 3), (5, 2)]), st.integers(0, 2**20), st.sampled_from([0.0, 0.5, 1.0]))
def test_sweeps_in_place_find_the_exact_law(size, seed, scale):
    chain = random_chain(*size, seed, scale)
    law, error, _ = refined(chain, 1e-13)
    exact = np.array([float(x) for x in exact_stationary(exact_of_chain(chain))])
    assert error == pytest.approx(residual(chain, law), abs=1e-16)
    if error <= 1e-13:
        assert law == pytest.approx(exact, rel=1e-8)
    else:
        # Only a chain that mixes slowly is left to other roads.
        assert sorted(np.abs(np.linalg.eigvals(_dense(chain))))[-2] > 0.6


def _dense(chain):
    matrix = np.zeros((chain.n, chain.n))
    for u in range(chain.n):
        matrix[u] = left_action(chain, np.eye(chain.n)[u])
    return matrix


def test_a_law_splits_and_joins_in_its_own_memory():
    rng = np.random.default_rng(0)
    for n in (1, 5, 2**15, 2**15 + 1, 100_003):
        wanted = rng.dirichlet(np.ones(n))
        law, low = wanted.copy(), np.zeros(n, dtype=np.float32)
        high = law.view(np.float32)[n:]
        refinement._split(law, high, low)
        refinement._join(law, high, low)
        assert_allclose(law / n, wanted, rtol=1e-14)


@pytest.mark.parametrize(("T", "K"), [(2, 6), (2, 13), (3, 4), (10, 3), (70, 2), (2, 15)])
@pytest.mark.parametrize("count", [1, 2, 5])
def test_steps_are_products(T, K, count):
    chain = unstructured_chain(T, K, 0)
    start = np.random.default_rng(1).dirichlet(np.ones(chain.n))
    expected = [start]
    for _ in range(count):
        expected.append(left_action(chain, expected[-1]))
    after, before = left_steps(chain, start.copy(), np.empty(chain.n), count)
    assert_allclose(after, expected[-1], rtol=1e-12)
    assert_allclose(before, expected[-2], rtol=1e-12)


@pytest.mark.parametrize(("T", "length", "share"), [(2, 6, 0.75), (3, 4, 0.7), (10, 2, 0.63), (4, 3, 0.65)])
def test_blocks_are_visited_once_and_mostly_before_they_are_read(T, length, share):
    n = T**length
    order = prefix_order(T, length)
    assert sorted(order) == list(range(n))
    place = np.argsort(order)
    forward = [place[u] < place[u % (n // T) * T + x] for u in range(n) for x in range(T)]
    assert np.mean(forward) >= share
    M = 1024 * n
    covered = sorted(sweep_blocks(T, M, 300))
    assert covered[0][0] == 0
    assert covered[-1][1] == M
    assert all(here[1] == after[0] for here, after in pairwise(covered))
    assert max(last - first for first, last in covered) <= 300


@pytest.mark.parametrize("T", [2, 3, 5])
def test_contexts_that_repeat_are_solved_for_and_leave_the_law_fixed(T):
    chain = random_chain(T, 4, 0)
    pi = stationary(chain).pi
    tokens = chain.table.T.reshape(T, T, -1).astype(np.float32)
    plan = refinement._plan(tokens)
    assert sorted(w * T + a for _, _, loops in plan for w, a, _ in loops) == [
        u for u in range(chain.n) if u % (chain.n // T) * T + u % T == u
    ]
    for solving in (False, True):
        vector = (pi * chain.n).astype(np.float32)
        change = refinement._sweep(plan, tokens, vector, None, True, solving)
        assert change < 1e-5 * chain.n
        assert_allclose(vector, pi * chain.n, rtol=1e-5)


def test_memory_is_the_table_in_single_precision_and_twelve_bytes_a_state(tmp_path):
    T, K = 8, 6
    n = T**K
    np.save(tmp_path / "rows.npy", np.ascontiguousarray(unstructured_chain(T, K, 0).table))
    tracemalloc.start()
    result = stationary_of_rows(FileRows(tmp_path / "rows.npy", T, K))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert result.certified
    assert result.pi.size == n
    blocks = 3 << 20  # a few blocks of rows
    assert peak <= 4 * n * T + 12 * n + blocks
    assert peak < 8 * n * T  # less than the table in double precision alone
