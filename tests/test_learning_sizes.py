"""Sample sizes of autoregressive learning: the specification's numbers, exact counts, monotony, typed errors."""

import math
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from numerics.learning.sizes import (
    BatchPlan,
    SampleSizeError,
    decoder_dimension,
    free_prompts,
    log2_cells,
    log2_failure_joint,
    log2_failure_union,
    m_expected,
    m_expected_confident,
    m_finite,
    m_growth_joint,
    m_growth_union,
    m_joint,
    m_lower,
    m_union,
    m_voted,
    total_dimension,
)

GROWTH = {
    (10, 4, 2, 0.1, 0.05): (11329, 13356),
    (20, 5, 2, 0.05, 0.05): (60731, 67751),
    (20, 5, 2, 0.05, 1e-6): (61428, 71219),
    (8, 16, 2, 0.05, 0.05): (154064, 236445),
    (6, 3, 4, 0.1, 0.05): (57672, 66052),
}


def cells(hyperplanes: int, dimension: int) -> int:
    return 2 * sum(math.comb(hyperplanes - 1, i) for i in range(dimension))


def test_finite_classes() -> None:
    size = math.log(1024)
    assert m_union(size, 64, 0.05, 0.05) == 18031
    assert m_joint([size] * 64, 0.05, 0.05) == 8933
    assert m_finite(0, 0.5, 0.5) == 2  # ln 2/0.5 = 1.386...
    assert m_voted(1, 0.5, 0.5) == math.ceil(3.163953 * (1 + math.log(2)) / 0.5)
    assert m_voted(10**6, Fraction(1, 2), 0.5) == math.ceil(2 * 3.1639534137 * (10**6 + math.log(2)))


@pytest.mark.parametrize("case", GROWTH, ids=str)
def test_growth(case: tuple[int, int, int, float, float]) -> None:
    """The oracles, and the count itself in whole numbers on both sides of the crossing."""
    n, T, K, eps, delta = case
    joint, union = m_growth_joint(*case), m_growth_union(*case)
    assert (joint, union) == GROWTH[case]
    share = Fraction(repr(eps))
    for m, small in ((joint, True), (joint - 1, False)):
        N = m * K * (K - 1)
        product = 2 * math.prod(cells(N, decoder_dimension(n, t, K)) for t in range(1, T + 1))
        assert (math.log2(product) - float(share) * m / 2 <= math.log2(delta)) is small
        assert log2_failure_joint(m, n, T, K, share) == pytest.approx(
            math.log2(product) - float(share) * m / 2, abs=1e-8
        )
    for m, small in ((union, True), (union - 1, False)):
        count = 2 * cells(m * K * (K - 1), decoder_dimension(n, T, K))
        assert (math.log2(count) - float(share) * m / (2 * T) <= math.log2(delta / T)) is small
        assert log2_failure_union(m, n, T, K, share) == pytest.approx(
            math.log2(count) - float(share) * m / (2 * T), abs=1e-8
        )


@given(st.integers(1, 60), st.lists(st.integers(1, 80), min_size=1, max_size=4))
def test_cells_are_counted(hyperplanes: int, dimensions: list[int]) -> None:
    found = log2_cells(hyperplanes, dimensions)
    for value, D in zip(found, dimensions, strict=True):
        assert value == pytest.approx(math.log2(cells(hyperplanes, D)), abs=1e-9)
        if hyperplanes <= D:
            assert value == hyperplanes  # every sign pattern: 2^N


def test_expected() -> None:
    assert m_expected(20, 5, 2, 0.05) == 2299
    n, T = 20, 5
    assert total_dimension(n, T, 2) == T * (2 * n + T + 1) // 2
    assert total_dimension(6, 3, 4) == sum(decoder_dimension(6, t, 4) for t in (1, 2, 3))
    plan = m_expected_confident(20, 5, 2, 0.05, 0.05)
    assert plan == BatchPlan(6, 9199, math.ceil(32 / 0.05 * math.log(2 * 6 / 0.05)))
    assert plan.total == 6 * 9199 + plan.validation
    assert 2.0**-plan.batches <= 0.05 / 2 < 2.0 ** (1 - plan.batches)  # all batches bad: at most delta/2


def test_lower() -> None:
    assert [free_prompts(20, 5), free_prompts(8, 16), free_prompts(10, 30)] == [90, 112, 330]
    assert m_lower(20, 5, 0.05) == 223
    assert m_lower(4, 1, 0.25) == 2  # (5 - 1)/(8/4), no rounding
    assert free_prompts(1, 1) == 2


@given(st.integers(1, 40), st.integers(1, 12), st.sampled_from([0.2, 0.05, 0.01]))
def test_no_sufficient_size_is_below_the_necessary_one(n: int, T: int, eps: float) -> None:
    if 2 ** (n - 1) >= T:
        assert m_lower(n, T, eps) <= m_expected(n, T, 2, eps)


sizes = st.lists(st.floats(0, 50), min_size=1, max_size=12)
shares = st.sampled_from([0.5, 0.1, 0.05, 0.01, 1e-6])


@given(sizes, shares, shares)
def test_one_union_bound_over_tuples_never_needs_more(logs: list[float], eps: float, delta: float) -> None:
    assert m_joint(logs, eps, delta) <= m_union(max(logs), len(logs), eps, delta)


@given(st.integers(1, 6), st.integers(1, 4), st.integers(2, 3), st.sampled_from([0.4, 0.1]))
@settings(max_examples=25, deadline=None)
def test_growth_is_monotone_and_above_its_floor(n: int, T: int, K: int, eps: float) -> None:
    m = m_growth_joint(n, T, K, eps, 0.05)
    assert m >= 2 / eps
    assert m <= m_growth_joint(n, T, K, eps, 0.01)
    assert m <= m_growth_joint(n + 1, T, K, eps, 0.05)
    assert m <= m_growth_joint(n, T + 1, K, eps, 0.05)
    if T == 1:  # one position: both routes are the same bound
        assert m == m_growth_union(n, T, K, eps, 0.05)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: m_finite(-1, 0.1, 0.1), "log_size is -1, expected a finite number of at least 0"),
        (lambda: m_finite(math.inf, 0.1, 0.1), "log_size is inf, expected a finite number"),
        (lambda: m_union(1, 0, 0.1, 0.1), "T is 0, expected a whole number of at least 1"),
        (lambda: m_joint([], 0.1, 0.1), "log_sizes is empty"),
        (lambda: m_joint([1.0, math.nan], 0.1, 0.1), r"log_sizes\[1\] is nan"),
        (lambda: m_voted(3, 0, 0.1), "eps is 0, expected a number strictly between 0 and 1"),
        (lambda: m_finite(1, 0.1, 1.0), "delta is 1.0, expected a number strictly between 0 and 1"),
        (lambda: m_growth_joint(1, 1, 1, 0.1, 0.1), "K is 1, expected a whole number of at least 2"),
        (lambda: m_growth_joint(1.5, 1, 2, 0.1, 0.1), "n is 1.5, expected a whole number"),
        (lambda: m_expected(0, 1, 2, 0.1), "n is 0, expected a whole number of at least 1"),
        (lambda: m_lower(3, 5, 0.1), r"T is 5, expected at most 2\^\(n-1\) = 4"),
        (lambda: m_lower(3, 2, 0.3), "eps is 0.3, expected at most 1/4"),
        (lambda: m_finite("1", 0.1, 0.1), "log_size is '1', expected a number"),
    ],
)
def test_errors_name_the_value(call: object, message: str) -> None:
    with pytest.raises(SampleSizeError, match=message):
        call()  # type: ignore[operator]  # a lambda


def test_decimals_are_read_as_printed() -> None:
    """0.3 counts as 3/10: what is a whole number is not rounded up."""
    assert m_lower(40, 1, 0.1) == 50  # N - 1 = 40, 40/(8/10) = 50 exactly
    assert m_expected(2, 1, 2, 0.3) == 9  # 3/0.3 - 1
