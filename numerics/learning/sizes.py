"""Sample sizes of autoregressive learning: how many chains suffice, or are necessary, for an error eps.

Conventions. `eps` and `delta` lie in (0, 1) and may be ints, Fractions or floats; a float counts as the decimal number
it prints as (0.05 is 1/20), so that a ceiling of a rational argument is exact. Log-cardinalities are in nats. n is the
number of prompt tokens, T of chain tokens, K of letters of the dictionary. Every size is a number of chains (whole
prompts with their T tokens).

| function | class | guarantee |
|---|---|---|
| m_finite | one finite class | error <= eps with probability 1 - delta |
| m_union | T finite classes, each learnt to eps/T, delta/T | err_AR <= eps with probability 1 - delta |
| m_joint | T finite classes, one union bound over tuples | the same |
| m_growth_joint, m_growth_union | linear decoders with one-hot features and a bias | the same |
| m_expected | linear decoders, minimum-norm learner | E err_AR <= eps |
| m_voted | voted perceptron with at most M mistakes | err_AR <= eps with probability 1 - delta |
| m_lower | linear decoders over bits, any learner | necessary for E err_AR <= eps |

Source: definitions D8, D16 and section 2B of the body `autoregressive`; m_growth_* after Cover 1965 and
Vapnik-Chervonenkis 1971.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal, localcontext
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

Number = int | float | Fraction

# Digits carried while a logarithm is added to a rational number: far beyond the 17 of a float, so that the ceiling is
# the true one.
_DIGITS = 60

# Terms of one binomial sum held in memory at once.
_MOST_PARAMETERS = 10**7


class SampleSizeError(ValueError):
    """An argument of a sample size outside its domain; the message names it, its value and what was expected."""


def exact(name: str, value: Number) -> Fraction:
    """The rational number meant by `value`; a float is read as the shortest decimal that prints as it."""
    if isinstance(value, bool) or not isinstance(value, int | float | Fraction | np.floating | np.integer):
        raise SampleSizeError(f"{name} is {value!r}, expected a number")
    if isinstance(value, int | Fraction | np.integer):
        return Fraction(value)
    if not math.isfinite(value):
        raise SampleSizeError(f"{name} is {value!r}, expected a finite number")
    return Fraction(repr(float(value)))


def _share(name: str, value: Number) -> Fraction:
    share = exact(name, value)
    if not 0 < share < 1:
        raise SampleSizeError(f"{name} is {value!r}, expected a number strictly between 0 and 1")
    return share


def _count(name: str, value: int, least: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < least:
        raise SampleSizeError(f"{name} is {value!r}, expected a whole number of at least {least}")
    return int(value)


def _size(name: str, value: Number) -> Fraction:
    size = exact(name, value)
    if size < 0:
        raise SampleSizeError(f"{name} is {value!r}, expected a finite number of at least 0")
    return size


def _decimal(value: Fraction) -> Decimal:
    return Decimal(value.numerator) / Decimal(value.denominator)


def _occam(size: Fraction, eps: Fraction, delta: Fraction, factor: Decimal | None = None) -> int:
    """ceil(factor * (size + ln(1/delta)) / eps)."""
    with localcontext() as context:
        context.prec = _DIGITS
        value = (_decimal(size) - _decimal(delta).ln()) / _decimal(eps)
        if factor is not None:
            value *= factor
        return int(value.to_integral_value(rounding=ROUND_CEILING))


def m_finite(log_size: Number, eps: Number, delta: Number) -> int:
    """ceil((ln|H| + ln(1/delta)) / eps): then every consistent hypothesis of a finite class has error <= eps."""
    return _occam(_size("log_size", log_size), _share("eps", eps), _share("delta", delta))


def m_union(log_size: Number, T: int, eps: Number, delta: Number) -> int:
    """m_finite(max_t ln|H_t|, eps/T, delta/T): each position learnt alone, then a union bound over positions."""
    length = _count("T", T, 1)
    return _occam(_size("log_size", log_size), _share("eps", eps) / length, _share("delta", delta) / length)


def m_joint(log_sizes: Sequence[Number], eps: Number, delta: Number) -> int:
    """ceil((sum_t ln|H_t| + ln(1/delta)) / eps): one union bound over all tuples of the product class. Source: D16."""
    if len(log_sizes) < 1:
        raise SampleSizeError("log_sizes is empty, expected one logarithm of a cardinality for every position")
    total = sum((_size(f"log_sizes[{t}]", size) for t, size in enumerate(log_sizes)), Fraction(0))
    return _occam(total, _share("eps", eps), _share("delta", delta))


def m_voted(mistakes: Number, eps: Number, delta: Number) -> int:
    """ceil(2e/(e-1) * (M + ln(1/delta)) / eps) for a learner with at most M mistakes, voted (Littlestone 1989)."""
    with localcontext() as context:
        context.prec = _DIGITS
        e = Decimal(1).exp()
        factor = 2 * e / (e - 1)
    return _occam(_size("mistakes", mistakes), _share("eps", eps), _share("delta", delta), factor)


def feature_dimension(n: int, t: int, K: int) -> int:
    """p_t = (K-1)(n+t-1) + 1: the affine dimension of the one-hot features of step t with a constant. Source: D8."""
    return (_count("K", K, 2) - 1) * (_count("n", n, 1) + _count("t", t, 1) - 1) + 1


def decoder_dimension(n: int, t: int, K: int) -> int:
    """D_t = (K-1) p_t: free weights of the linear decoder of step t, up to what leaves all score differences alone."""
    return (K - 1) * feature_dimension(n, t, K)


def total_dimension(n: int, T: int, K: int) -> int:
    """S = sum over t of D_t; T(2n+T+1)/2 when K = 2."""
    n, T, K = _count("n", n, 1), _count("T", T, 1), _count("K", K, 2)
    return (K - 1) * ((K - 1) * (T * n + T * (T - 1) // 2) + T)


def log2_cells(hyperplanes: int, dimensions: Sequence[int]) -> NDArray[np.float64]:
    """log2 of Cover's count 2 * sum_{i<D} C(N-1, i), and N where N <= D, for every D of `dimensions`; their shape.

    N hyperplanes through the origin of a D-dimensional space cut it into at most so many open cells. log C(N-1, i) is
    the running sum of log((N-1-j)/(j+1)), which keeps the relative error near one rounding a term where differences of
    log-gamma lose the leading digits.
    """
    N = _count("hyperplanes", hyperplanes, 1)
    sizes = np.array([_count("dimension", D, 1) for D in dimensions], dtype=np.int64)
    largest = min(int(sizes.max()), N)
    if largest > _MOST_PARAMETERS:
        raise SampleSizeError(
            f"a binomial sum would have {largest} terms, expected at most {_MOST_PARAMETERS} free weights a position"
        )
    steps = np.arange(largest - 1, dtype=np.float64)
    logs = np.concatenate([[0.0], np.cumsum(np.log2((N - 1 - steps) / (steps + 1)))])  # (largest,)
    sums = np.logaddexp2.accumulate(logs)
    result: NDArray[np.float64] = np.where(sizes >= N, float(N), 1.0 + sums[np.minimum(sizes, largest) - 1])
    return result


def log2_growth(m: int, n: int, T: int, K: int) -> NDArray[np.float64]:
    """log2 tau_t(m), t = 1..T, shape (T,): label patterns of the decoder of step t on m contexts, N = m K(K-1)/2."""
    n, T, K = _count("n", n, 1), _count("T", T, 1), _count("K", K, 2)
    return log2_cells(_count("m", m, 1) * K * (K - 1) // 2, [decoder_dimension(n, t, K) for t in range(1, T + 1)])


def log2_failure_joint(m: int, n: int, T: int, K: int, eps: Number) -> float:
    """log2 of 2 prod_t tau_t(2m) 2^(-eps m/2), which bounds Pr[a consistent tuple has err_AR > eps] for m >= 2/eps."""
    return float(1.0 + log2_growth(2 * m, n, T, K).sum() - exact("eps", eps) * m / 2)


def log2_failure_union(m: int, n: int, T: int, K: int, eps: Number) -> float:
    """log2 of 2 tau_T(2m) 2^(-eps m/(2T)), the same bound for the last position alone at eps/T, for m >= 2T/eps."""
    last = log2_cells(2 * m * K * (K - 1) // 2, [decoder_dimension(n, T, K)])
    return float(1.0 + last[0] - exact("eps", eps) * m / (2 * T))


def m_growth_joint(n: int, T: int, K: int, eps: Number, delta: Number) -> int:
    """Least m >= 2/eps with 2 prod_t tau_t(2m) 2^(-eps m/2) <= delta. Source: pac_to_ar_joint_growth."""
    n, T, K = _count("n", n, 1), _count("T", T, 1), _count("K", K, 2)
    share, risk = _share("eps", eps), _share("delta", delta)
    goal = math.log2(risk.numerator) - math.log2(risk.denominator)
    return _least(math.ceil(2 / share), lambda m: log2_failure_joint(m, n, T, K, share) <= goal)


def m_growth_union(n: int, T: int, K: int, eps: Number, delta: Number) -> int:
    """Least m >= 2T/eps with 2 tau_T(2m) 2^(-eps m/(2T)) <= delta/T: each position alone, with the same tool."""
    n, T, K = _count("n", n, 1), _count("T", T, 1), _count("K", K, 2)
    share, risk = _share("eps", eps), _share("delta", delta) / T
    goal = math.log2(risk.numerator) - math.log2(risk.denominator)
    return _least(math.ceil(2 * T / share), lambda m: log2_failure_union(m, n, T, K, share) <= goal)


def _least(start: int, holds: Callable[[int], bool]) -> int:
    """The least m >= start with `holds`, which turns true once: its exponent is concave in m and positive at 0."""
    if holds(start):
        return start
    low, high = start, 2 * start
    while not holds(high):
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if holds(middle) else (middle, high)
    return high


def m_expected(n: int, T: int, K: int, eps: Number) -> int:
    """ceil(S/eps) - 1 with S = (K-1) sum_t p_t: chains after which the minimum-norm learner has E err_AR <= eps."""
    return math.ceil(total_dimension(n, T, K) / _share("eps", eps)) - 1


@dataclass(frozen=True)
class BatchPlan:
    """A confident learner from an expected one: `batches` hypotheses of `batch` chains; the best on `validation`."""

    batches: int
    batch: int
    validation: int

    @property
    def total(self) -> int:
        """Chains used in all."""
        return self.batches * self.batch + self.validation


def m_expected_confident(n: int, T: int, K: int, eps: Number, delta: Number) -> BatchPlan:
    """r = ceil(log2(2/delta)) batches of ceil(4S/eps) - 1 chains and ceil(32/eps ln(2r/delta)) validation chains."""
    share, risk = _share("eps", eps), _share("delta", delta)
    batches = 1
    while 2**batches * risk < 2:
        batches += 1
    batch = math.ceil(4 * total_dimension(n, T, K) / share) - 1
    return BatchPlan(batches, batch, _occam(Fraction(0), share / 32, risk / (2 * batches)))


def free_prompts(n: int, T: int) -> int:
    """N = max(N_1, N_2): prompts on which linear decoders over bits realise every labelling of one own token each.

    N_1 = T (n + 1 - ceil(log2 T)): T blocks of affinely independent points. N_2 (half of the tokens are spent on
    indicators) = ceil(T/2) (p + 1 + floor(T/2)) with p = n - ceil(log2 ceil(T/2)), if p >= 1 and
    p + 1 + floor(T/2) <= 2^p, else 0.
    Raises `SampleSizeError` unless T <= 2^(n-1). Source: sample_lower_bound.
    """
    n, T = _count("n", n, 1), _count("T", T, 1)
    most = 2 ** (n - 1)
    if most < T:
        raise SampleSizeError(f"T is {T}, expected at most 2^(n-1) = {most}")
    first, second = T // 2, T - T // 2
    bits = n - (second - 1).bit_length()
    points = bits + 1 + first
    doubled = second * points if bits >= 1 and points <= 2**bits else 0
    return max(T * (n + 1 - (T - 1).bit_length()), doubled)


def m_lower(n: int, T: int, eps: Number) -> int:
    """ceil((N-1)/(8 eps)), eps <= 1/4: chains every learner of linear decoders over bits needs for E err_AR <= eps."""
    share = _share("eps", eps)
    if share > Fraction(1, 4):
        raise SampleSizeError(f"eps is {eps!r}, expected at most 1/4")
    return math.ceil((free_prompts(n, T) - 1) / (8 * share))
