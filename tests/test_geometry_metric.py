"""The pullback metric: roads agree, ranks, bounds, norms before the head, and memory at 50 000 tokens."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from numerics.geometry.autograd import metric_by_hessian, metric_by_jvp, metric_by_scores, pulled_back_metric_by_scores
from numerics.geometry.bottleneck import centred_log_row_rank, log_row_rank
from numerics.geometry.head import (
    Head,
    centred_rank,
    largest_norm,
    log_partition,
    log_rows,
    mean_row,
    oscillation,
    prototypes,
    row_diameter,
    rows,
)
from numerics.geometry.matrix_free import metric_operator, quadratic_form, top_eigenvalues, top_eigenvalues_of
from numerics.geometry.norms import (
    LayerNorm,
    RootMeanSquareNorm,
    jacobian,
    pulled_back_metric,
    pulled_back_operator,
    pulled_back_rank,
)
from numerics.geometry.pullback import (
    effective_rank,
    metric,
    metric_by_product,
    metric_by_softmax_jacobian,
    metric_factor,
    metric_rank,
    metric_trace,
    summarise,
    trace_by_moments,
)
from numerics.sources.fixtures import G1_STATES, G1_UNEMBEDDING

G1 = Head(G1_UNEMBEDDING)


def random_head(seed: int, tokens: int, width: int, biased: bool = True) -> tuple[Head, np.ndarray]:
    rng = np.random.default_rng(seed)
    bias = rng.standard_normal(tokens) if biased else None
    return Head(rng.standard_normal((tokens, width)), bias), rng.standard_normal(width)


def test_fixture_metric_and_spectrum() -> None:
    found = summarise(G1, G1_STATES[0])
    assert metric(G1, G1_STATES[0]) == pytest.approx(np.array([[1.036995, 0.789439], [0.789439, 1.448161]]), abs=1e-6)
    assert found.eigenvalues == pytest.approx([2.058347, 0.426810], abs=1e-6)
    assert found.eigenvalue_bound == pytest.approx(3.25, abs=1e-12)
    assert found.rank == 2 and found.diameter.exact


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 10**6), st.integers(2, 12), st.integers(1, 6))
def test_all_roads_to_the_metric_agree(seed: int, tokens: int, width: int) -> None:
    head, state = random_head(seed, tokens, width)
    reference = metric(head, state)
    scale = max(1.0, np.abs(reference).max())
    operator = metric_operator(head, state)
    for other in (
        metric_by_product(head, state),
        metric_by_softmax_jacobian(head, state),
        metric_by_hessian(head, state),
        metric_by_jvp(head, state),
        metric_by_scores(head, state),
        metric_factor(head, state).T @ metric_factor(head, state),
        operator.matmat(np.eye(width)),
    ):
        assert np.abs(other - reference).max() <= 1e-10 * scale
    assert np.linalg.eigvalsh(reference)[0] >= -1e-13 * scale
    assert metric_trace(head, state) == pytest.approx(np.trace(reference), rel=1e-12)
    assert trace_by_moments(head, state) == pytest.approx(np.trace(reference), rel=1e-10, abs=1e-12)
    vector = np.arange(1.0, width + 1)
    assert quadratic_form(head, state, vector) == pytest.approx(vector @ reference @ vector, rel=1e-10, abs=1e-12)


def test_metric_is_the_second_difference_of_the_log_partition() -> None:
    head, state = random_head(3, 7, 3)
    step = 1e-4
    for i in range(3):
        for j in range(3):
            a, b = step * np.eye(3)[i], step * np.eye(3)[j]
            second = (
                log_partition(head, state + a + b)
                - log_partition(head, state + a - b)
                - log_partition(head, state - a + b)
                + log_partition(head, state - a - b)
            ) / (4 * step**2)
            assert float(second) == pytest.approx(metric(head, state)[i, j], abs=1e-6)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10**6), st.integers(2, 12), st.integers(1, 8), st.integers(1, 8))
def test_rank_is_that_of_the_centred_unembedding(seed: int, tokens: int, width: int, inner: int) -> None:
    rng = np.random.default_rng(seed)
    matrix = rng.standard_normal((tokens, inner)) @ rng.standard_normal((inner, width))
    matrix += rng.standard_normal(width)  # a common row changes nothing
    head, state = Head(matrix, rng.standard_normal(tokens)), rng.standard_normal(width)
    assert centred_rank(head) == min(tokens - 1, inner, width)
    factor = np.linalg.svd(metric_factor(head, state), compute_uv=False)
    assert metric_rank(head) == int((factor > 1e-10 * factor[0]).sum())


def test_rank_ignores_tokens_that_underflow_in_the_row() -> None:
    # The row is a point mass to float64, so the matrix g* is 0 while its rank is 1 exactly.
    head = Head(np.array([[0.0], [1.0], [2.0]]), np.array([0.0, -2000.0, -2000.0]))
    assert rows(head, np.zeros(1))[1] == 0
    assert metric(head, np.zeros(1)).max() == 0
    assert metric_rank(head) == 1
    with pytest.raises(ZeroDivisionError, match="token 1 underflows"):
        metric_by_softmax_jacobian(head, np.zeros(1))


def test_rows_that_are_equal_give_the_zero_metric() -> None:
    head = Head(np.tile([[0.1, 0.7, -0.3]], (6, 1)))
    assert metric_rank(head) == 0
    assert metric(head, np.ones(3)) == pytest.approx(np.zeros((3, 3)), abs=1e-30)
    assert row_diameter(head).upper == 0


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.integers(2, 12), st.integers(1, 5), st.floats(0.1, 8))
def test_bounds_of_the_largest_eigenvalue(seed: int, tokens: int, width: int, size: float) -> None:
    rng = np.random.default_rng(seed)
    head, state = Head(size * rng.standard_normal((tokens, width))), rng.standard_normal(width)
    found = summarise(head, state)
    assert found.eigenvalues[0] <= found.eigenvalue_bound * (1 + 1e-12)
    assert found.trace == pytest.approx(found.eigenvalues.sum(), rel=1e-10)


def test_the_diameter_bound_is_attained() -> None:
    # Two rows of equal weight: the variance along their difference is a quarter of its square.
    head = Head(np.array([[1.0, 2.0], [-1.0, 0.5]]))
    found = summarise(head, np.zeros(2))
    assert found.eigenvalues[0] == pytest.approx(found.diameter.upper**2 / 4, rel=1e-12)
    assert found.eigenvalues[0] > 0.9 * found.diameter.upper**2 / 4  # nine tenths of the constant would be broken


def test_effective_rank_counts_equal_eigenvalues() -> None:
    assert effective_rank(np.array([2.0, 2.0, 2.0, 0.0])) == pytest.approx(3)
    assert effective_rank(np.zeros(3)) == 0


def test_head_values_by_their_definitions() -> None:
    head, state = random_head(5, 6, 3)
    scores = np.array([head.unembedding[w] @ state + head.bias[w] for w in range(6)])  # type: ignore[index]  # has a bias
    assert log_partition(head, state) == pytest.approx(np.log(np.exp(scores).sum()), rel=1e-13)
    assert rows(head, state) == pytest.approx(np.exp(scores) / np.exp(scores).sum(), rel=1e-13)
    assert mean_row(head, state) == pytest.approx(rows(head, state) @ head.unembedding, rel=1e-12)
    assert prototypes(head, np.eye(6)) == pytest.approx(head.unembedding)
    other = state + np.array([0.3, -1.0, 0.2])
    gains = head.unembedding @ (other - state)
    assert oscillation(head, state, other) == pytest.approx(gains.max() - gains.min(), rel=1e-13)
    pairs = [np.linalg.norm(a - b) for a in head.unembedding for b in head.unembedding]
    assert row_diameter(head).upper == pytest.approx(max(pairs), rel=1e-14)
    assert largest_norm(head) == pytest.approx(max(np.linalg.norm(g) for g in head.unembedding), rel=1e-14)
    many = np.random.default_rng(6).standard_normal((3, 4, 3))
    assert log_partition(head, many)[2, 1] == pytest.approx(float(log_partition(head, many[2, 1])))
    assert mean_row(head, many)[1, 3] == pytest.approx(mean_row(head, many[1, 3]))
    stacked = log_rows(head, np.stack([[state, other]] * 2))
    assert stacked.shape == (2, 2, 6) and stacked[1, 1] == pytest.approx(log_rows(head, other))


def test_large_vocabulary_brackets_the_diameter() -> None:
    matrix = np.random.default_rng(0).standard_normal((5000, 3))
    found = row_diameter(Head(matrix))
    far = matrix[np.argsort(np.linalg.norm(matrix - matrix.mean(axis=0), axis=1))[-300:]]
    exact = max(float(np.linalg.norm(far - row, axis=1).max()) for row in far)
    assert not found.exact
    assert found.lower <= exact * (1 + 1e-12) and exact <= found.upper
    assert found.lower > 0.9 * exact


def test_ranks_before_the_norm() -> None:
    rng = np.random.default_rng(1)
    head, state = Head(rng.standard_normal((40, 6))), rng.standard_normal(6)
    gain, shift = rng.uniform(0.5, 2, 6), rng.standard_normal(6)
    cases = (
        (RootMeanSquareNorm(gain, 0.0), 5),
        (LayerNorm(gain, shift, 0.0), 4),
        (LayerNorm(gain, shift, 1e-2), 5),
        (RootMeanSquareNorm(gain, 1e-2), 6),
    )
    for norm, expected in cases:
        assert pulled_back_rank(head, norm, state) == expected
        values = np.linalg.eigvalsh(pulled_back_metric(head, norm, state))
        assert int((values > 1e-10 * values[-1]).sum()) == expected


def test_norms_derivatives_and_the_near_null_direction() -> None:
    rng = np.random.default_rng(2)
    state, gain, shift = rng.standard_normal(5), rng.uniform(0.5, 2, 5), rng.standard_normal(5)
    head = Head(rng.standard_normal((9, 5)))
    for norm in (RootMeanSquareNorm(gain, 0.1), LayerNorm(gain, shift, 0.1), RootMeanSquareNorm(gain, 0.0)):
        found = jacobian(norm, state)
        step = 1e-6
        numeric = np.column_stack([(norm.apply(state + step * e) - norm.apply(state - step * e)) for e in np.eye(5)])
        assert found == pytest.approx(numeric / (2 * step), abs=1e-8)
        covector = rng.standard_normal(5)
        assert norm.pull(state, covector) == pytest.approx(found.T @ covector, abs=1e-13)
        operator = pulled_back_operator(head, norm, state)
        dense = pulled_back_metric(head, norm, state)
        assert operator.matmat(np.eye(5)) == pytest.approx(dense, abs=1e-12)
        assert pulled_back_metric_by_scores(head, norm, state) == pytest.approx(dense, abs=1e-12)
    epsilon, square = 0.1, float((state**2).mean())
    unit = RootMeanSquareNorm(np.ones(5), epsilon)
    assert unit.push(state, state) == pytest.approx(epsilon / (square + epsilon) ** 1.5 * state, rel=1e-12)
    with pytest.raises(ZeroDivisionError, match="norm 0"):
        RootMeanSquareNorm(gain, 0.0).apply(np.zeros(5))
    with pytest.raises(ValueError, match="epsilon is -1"):
        LayerNorm(gain, shift, -1)


def test_log_rows_of_a_head_have_the_rank_of_its_width() -> None:
    rng = np.random.default_rng(3)
    matrix, states = rng.standard_normal((9, 3)), rng.standard_normal((12, 3))
    plain, biased = log_rows(Head(matrix), states), log_rows(Head(matrix, rng.standard_normal(9)), states)
    found = (log_row_rank(plain), log_row_rank(biased), centred_log_row_rank(plain), centred_log_row_rank(biased))
    assert found == (4, 5, 3, 4)
    assert centred_log_row_rank(np.full((4, 3), -np.log(3))) == 0
    with pytest.raises(ValueError, match="full support"):
        log_row_rank(np.array([[0.0, -np.inf]]))


def test_lanczos_matches_the_dense_spectrum() -> None:
    head, state = random_head(8, 300, 20)
    dense = np.linalg.eigvalsh(metric(head, state))[::-1]
    assert top_eigenvalues(head, state, 5) == pytest.approx(dense[:5], rel=1e-11)
    assert top_eigenvalues(head, state, 20) == pytest.approx(dense, rel=1e-11)
    norm = RootMeanSquareNorm(np.ones(20), 1e-3)
    before = np.linalg.eigvalsh(pulled_back_metric(head, norm, state))[::-1]
    assert top_eigenvalues_of(pulled_back_operator(head, norm, state), 3) == pytest.approx(before[:3], rel=1e-11)
    with pytest.raises(ValueError, match="expected 1 to 20"):
        top_eigenvalues(head, state, 21)


def test_fifty_thousand_tokens_need_no_square_array() -> None:
    tokens, width = 50_000, 576
    rng = np.random.default_rng(4)
    # Columns of falling size, as trained unembeddings have: Lanczos then needs few products.
    head = Head(rng.standard_normal((tokens, width), dtype=np.float32) * 0.8 ** np.arange(width, dtype=np.float32))
    state = rng.standard_normal(width)
    tracemalloc.start()
    dense = metric(head, state)
    top = top_eigenvalues(head, state, 2, tolerance=1e-6)
    trace = metric_trace(head, state)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    # One float64 array of tokens x tokens is 20 GB, W itself 230 MB in float64.
    assert peak < 80 * 2**20
    assert trace == pytest.approx(np.trace(dense), rel=1e-10)
    assert top == pytest.approx(np.linalg.eigvalsh(dense)[::-1][:2], rel=1e-5)


def test_errors_name_the_place() -> None:
    with pytest.raises(ValueError, match="V >= 2"):
        Head(np.ones((1, 3)))
    with pytest.raises(ValueError, match=r"entry \(1, 0\) of the unembedding is nan"):
        Head(np.array([[1.0], [np.nan]]))
    with pytest.raises(ValueError, match="bias has shape"):
        Head(np.ones((3, 2)), np.zeros(2))
    with pytest.raises(ValueError, match="bias of token 1 is inf"):
        Head(np.ones((2, 2)), np.array([0.0, np.inf]))
    with pytest.raises(ValueError, match=r"states have shape \(3,\)"):
        rows(G1, np.zeros(3))
    with pytest.raises(ValueError, match="floating-point"):
        Head(np.ones((3, 2), dtype=np.int64))  # type: ignore[arg-type]  # the wrong type is what is tested
