"""Early phase with independent labels: moments and pull by enumeration, critical starts by Runge-Kutta steps."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import product

from hypothesis import strategies as st

from numerics.concepts.early import damped_critical, damping
from theory.claim import Claim
from verify.instance import Instance, Number
from verify.measurement import Context, measures
from verify.precision import exact, floating
from verify.space import Space

BRACKET = 1e-5  # of the bisection


@dataclass(frozen=True)
class Labels:
    """L independent labels of a concept, and slopes of beta and p."""

    length: int
    lam: float = 0.02
    pi: float = 1.0
    kappa_d: float = 0.5
    beta: float = 0.7
    p: float = 0.3


def _cases(claim: Claim) -> Iterator[Labels]:
    yield from (Labels(length) for length in (2, 4, 8))


labels = Space(
    "independent labels",
    lambda claim: st.builds(
        Labels,
        st.integers(2, 9),
        st.sampled_from((0.005, 0.02, 0.5)),
        st.integers(1, 4).map(lambda k: k / 4),
        st.integers(1, 8).map(lambda k: k / 16),
        st.integers(-20, 20).map(lambda k: k / 10),
        st.integers(-20, 20).map(lambda k: k / 10),
    ),
    _cases,
)


@measures("concepts/early_phase_iid", over=labels, examples=(6, 60))
def early_phase_iid(case: Labels, context: Context) -> Iterator[Instance]:
    means = [Fraction(sum(signs), case.length) for signs in product((1, -1), repeat=case.length)]
    values: dict[str, Number] = {
        "L": case.length,
        "lam": case.lam,
        "pk": case.pi,
        "kd": case.kappa_d,
        "Nb": 2,
        "M": 0,
        "beta1": case.beta,
        "p1": case.p,
    }
    yield Instance(values, exact(sum(means, Fraction()) / len(means)), "mean")
    yield Instance(values, exact(sum((M * M for M in means), Fraction()) / len(means)), "mean square")
    pull = _slope_of_the_pull([float(M) for M in means], case)
    yield Instance(values, floating(pull, absolute=1e-7), "pull", scale=1)
    delta = damping(case.pi, case.kappa_d, case.length, case.lam)
    critical = damped_critical(delta, BRACKET)
    yield Instance(values, floating(critical, absolute=2 * BRACKET), "critical start", witness={"delta": delta})


def _slope_of_the_pull(means: list[float], case: Labels) -> float:
    """Of E g(theta p) theta along (beta, p) = x (beta_1, p_1) at x = 0, by central differences."""

    def pull(x: float) -> float:
        tanh = math.tanh(case.beta * x)
        thetas = [(M + tanh) / (1 + M * tanh) for M in means]
        return math.fsum(theta / (1 + math.exp(theta * case.p * x)) for theta in thetas) / len(means)

    h = 1e-4
    return (pull(h) - pull(-h)) / (2 * h)
