"""Measured numbers and statistics: intervals contain what they should, and comparisons never guess."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from verify.precision import Comparison, Measured, ball, exact, floating, monte_carlo, rounded, sample_mean
from verify.statistics import binomial_interval, bootstrap_slope, hoeffding_interval, hoeffding_mean, log_log_slope

numbers = st.floats(-1e6, 1e6)
intervals = st.tuples(numbers, numbers).map(lambda ends: Measured(min(ends), max(ends), "float64"))


@given(intervals, intervals, st.floats(0, 1), st.floats(0, 1))
def test_comparison_is_right_for_every_point(a: Measured, b: Measured, s: float, t: float) -> None:
    # Any true values inside the intervals agree with a decided comparison.
    x = min(max(a.lower + s * (a.upper - a.lower), a.lower), a.upper)
    y = min(max(b.lower + t * (b.upper - b.lower), b.lower), b.upper)
    found = a.compare(b)
    if found is Comparison.BELOW:
        assert x <= y
    elif found is Comparison.ABOVE:
        assert x > y
    else:
        assert a.overlaps(b)


def test_exact_numbers_are_compared_exactly() -> None:
    third, close = exact(Fraction(1, 3)), exact(Fraction(1, 3) + Fraction(1, 10**40))
    assert third.compare(close) is Comparison.BELOW
    assert close.compare(third) is Comparison.ABOVE
    assert third.compare(third) is Comparison.BELOW
    assert floating(1 / 3, relative=1e-15).compare(third) is Comparison.STRADDLES


def test_huge_and_tiny_fractions_do_not_overflow() -> None:
    huge, tiny = exact(Fraction(10) ** 5000), exact(Fraction(1, 10**5000))
    assert tiny.compare(huge) is Comparison.BELOW
    assert huge.value == math.inf
    assert tiny.value == 0.0


def test_a_float_needs_an_error_budget() -> None:
    with pytest.raises(ValueError, match="error budget"):
        floating(0.5)
    with pytest.raises(TypeError, match="is a float"):
        exact(0.5)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="nan"):
        floating(math.nan, relative=1e-9)
    with pytest.raises(ValueError, match="wrong order"):
        ball(2.0, 1.0)


def test_rounded_covers_a_real_sum() -> None:
    terms = np.random.default_rng(0).random(10_000)
    true = sum(map(Fraction, terms.tolist()))
    found = rounded(float(sum(terms.tolist())), terms.size)
    assert found.lower <= true <= found.upper


def test_monte_carlo_covers_at_its_level() -> None:
    rng = np.random.default_rng(1)
    hits = sum(m.lower <= 0.5 <= m.upper for m in (sample_mean(rng.random(200), level=0.9) for _ in range(600)))
    low, high = binomial_interval(hits, 600, 0.999)
    assert low <= 0.9 <= high
    assert monte_carlo(0.0, 1.0, level=0.95).upper == pytest.approx(1.959963984540054)


@pytest.mark.parametrize("trials", [1, 7, 20])
def test_binomial_interval_covers_every_probability(trials: int) -> None:
    intervals = [binomial_interval(k, trials, 0.95) for k in range(trials + 1)]
    for p in np.linspace(0.001, 0.999, 199):
        covered = sum(binom.pmf(k, trials, p) for k, (low, high) in enumerate(intervals) if low <= p <= high)
        assert covered >= 0.95 - 1e-12


def test_binomial_interval_closed_forms() -> None:
    # No failure in n trials: upper end 1 - (tail)^(1/n).
    assert binomial_interval(0, 100, 0.99)[1] == pytest.approx(1 - 0.005 ** (1 / 100))
    assert binomial_interval(100, 100, 0.99) == pytest.approx((0.005 ** (1 / 100), 1.0))
    with pytest.raises(ValueError, match="no frequency"):
        binomial_interval(3, 2)


def test_hoeffding_closed_form_and_range_check() -> None:
    low, high = hoeffding_interval(0.5, 200, 0.95)
    assert high - 0.5 == pytest.approx(math.sqrt(math.log(40) / 400))
    assert low == pytest.approx(1 - high)
    with pytest.raises(ValueError, match="expected values in"):
        hoeffding_mean(np.array([0.5, 1.5]))


def test_slopes_recover_a_power_law_and_reproduce() -> None:
    x = np.array([10.0, 30.0, 100.0, 300.0, 1000.0])
    noise = np.exp(0.05 * np.random.default_rng(2).standard_normal((40, 5)))
    runs = 3 * x**-0.5 * noise
    found = log_log_slope(x, runs, np.random.default_rng(3))
    assert found == log_log_slope(x, runs, np.random.default_rng(3))
    assert found.lower <= -0.5 <= found.upper
    assert found.upper - found.lower < 0.05
    line = bootstrap_slope(x, np.stack([2 * x + 1, 2 * x + 3]), np.random.default_rng(4))
    assert (line.slope, line.intercept) == pytest.approx((2.0, 2.0))
    with pytest.raises(ValueError, match="positive numbers"):
        log_log_slope(x, -runs, np.random.default_rng(3))
