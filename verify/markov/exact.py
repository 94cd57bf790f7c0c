"""Exactly solved chains: rational matrix powers and rational solutions of the balance equations."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

from hypothesis import strategies as st

from numerics.chains.exact import exact_stationary, exact_transition
from verify.instance import Instance, Number
from verify.measurement import Context, measures
from verify.precision import exact
from verify.space import Space

HALF, QUARTER = Fraction(1, 2), Fraction(1, 4)
LATEST = 400  # steps after which a mixing time is given up (the space keeps |lambda| <= 15/16)


@dataclass(frozen=True)
class TwoStates:
    """p01, p10 in (0, 1), a number of steps, and eta as a share of max pi."""

    p01: Fraction
    p10: Fraction
    steps: int
    share: Fraction


_probability = st.integers(1, 31).map(lambda i: Fraction(i, 32))
two_states = Space(
    "chains on two states",
    # Shares with a prime denominator: eta / max pi is no power of lambda, so the ceiling is taken off an integer.
    lambda claim: st.builds(
        TwoStates, _probability, _probability, st.integers(0, 12), st.integers(1, 96).map(lambda i: Fraction(i, 97))
    ),
    lambda claim: (
        TwoStates(HALF, HALF, 3, Fraction(1, 97)),  # lambda = 0
        TwoStates(Fraction(31, 32), Fraction(31, 32), 5, Fraction(1, 97)),  # lambda < 0
        TwoStates(Fraction(1, 32), Fraction(1, 32), 7, Fraction(1, 97)),
    ),
)


def powers(p01: Fraction, p10: Fraction, t: int) -> tuple[tuple[Fraction, Fraction], tuple[Fraction, Fraction]]:
    """P^t by repeated multiplication."""
    step = ((1 - p01, p01), (p10, 1 - p10))
    (a, b), (c, d) = ((Fraction(1), Fraction(0)), (Fraction(0), Fraction(1)))
    for _ in range(t):
        (a, b), (c, d) = (
            (a * step[0][0] + b * step[1][0], a * step[0][1] + b * step[1][1]),
            (c * step[0][0] + d * step[1][0], c * step[0][1] + d * step[1][1]),
        )
    return (a, b), (c, d)


def stationary_law(p01: Fraction, p10: Fraction) -> tuple[Fraction, Fraction]:
    """The exact solution of pi P = pi with mass 1, by elimination."""
    first, second = exact_stationary(exact_transition([[1 - p01, p01], [p10, 1 - p10]], 2, 1))
    return first, second


def total_variation(p: tuple[Fraction, ...], q: tuple[Fraction, ...]) -> Fraction:
    """Half the l1 distance."""
    return sum((abs(a - b) for a, b in zip(p, q, strict=True)), Fraction(0)) / 2


def worst_distance(p01: Fraction, p10: Fraction, t: int) -> Fraction:
    """d(t), D7."""
    pi = stationary_law(p01, p10)
    return max(total_variation(row, pi) for row in powers(p01, p10, t))


def mixing_time(p01: Fraction, p10: Fraction, eta: Fraction) -> int:
    """Least t with d(t) <= eta, by trying. ValueError beyond 400 steps."""
    pi = stationary_law(p01, p10)
    rows = powers(p01, p10, 0)
    for t in range(LATEST):
        if max(total_variation(row, pi) for row in rows) <= eta:
            return t
        rows = (
            (rows[0][0] * (1 - p01) + rows[0][1] * p10, rows[0][0] * p01 + rows[0][1] * (1 - p10)),
            (rows[1][0] * (1 - p01) + rows[1][1] * p10, rows[1][0] * p01 + rows[1][1] * (1 - p10)),
        )
    raise ValueError(f"no t below {LATEST} has d(t) <= {eta} for p01 = {p01}, p10 = {p10}")


@measures("markov/two_state_exact", over=two_states, examples=(40, 400))
def two_state_exact(thing: TwoStates, context: Context) -> Iterator[Instance]:
    """All five statements in rational arithmetic."""
    p01, p10, t = thing.p01, thing.p10, thing.steps
    pi = stationary_law(p01, p10)
    eta = thing.share * max(pi)
    rows = powers(p01, p10, t)
    values: Mapping[str, Number] = {"p01": p01, "p10": p10, "t": t, "eta": eta}
    yield Instance(values, exact(pi[0]), "stationary law")
    yield Instance(values, exact(rows[0][1]), "power")
    yield Instance(values, exact(worst_distance(p01, p10, t)), "distance")
    yield Instance(values, exact(total_variation(*rows)), "pair distance")
    yield Instance(values, exact(mixing_time(p01, p10, eta)), "mixing time")


order_two = Space(
    "binary models with a window of two tokens",
    lambda claim: st.tuples(_probability, _probability, _probability, _probability),
    lambda claim: ((HALF, HALF, HALF, HALF), (HALF, QUARTER, HALF, 3 * QUARTER)),
)


@measures("markov/stationary_order2", over=order_two)
def stationary_order2(thing: tuple[Fraction, Fraction, Fraction, Fraction], context: Context) -> Iterator[Instance]:
    """The balance equations on 00, 01, 10, 11 solved over the rationals."""
    law = exact_stationary(exact_transition([[1 - one, one] for one in thing], 2, 2))
    values = dict(zip("abce", thing, strict=True))
    for context_name, probability in zip(("00", "01", "10", "11"), law, strict=True):
        yield Instance(values, exact(probability), context_name)
