"""The threshold by bisection on the reduced gradient flow, and the time to leave the early phase."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from hypothesis import strategies as st

from numerics.concepts.early import escape_steps, integrated_blow_up
from numerics.concepts.reduced import Concept, critical_start
from theory.claim import Claim
from verify.instance import Instance
from verify.measurement import Context, measures
from verify.precision import Measured, floating
from verify.space import Space

BRACKET = 1e-8  # relative distance of a forgotten and a learned start
SOLVER = 1e-9  # relative error of the threshold by the Runge-Kutta steps


@dataclass(frozen=True)
class Setting:
    """Parameters of the claim, symmetric start (phi = 1), and the start of q."""

    lam: float
    m: int = 20
    pk: float = 1.0
    nb2: float = 2.0
    nd: float = math.sqrt(2)
    q_0: float = 1.5

    @property
    def concept(self) -> Concept:
        """The reduced constants; |c_k|^2 = 3 |d_k|^2 as for kappa_y = 1/2 (D11)."""
        kappa_d = self.nd**2 / self.m
        return Concept(self.lam, self.pk, kappa_d, 3 * kappa_d, self.nb2, self.q_0)


@st.composite
def settings(draw: st.DrawFn) -> Setting:
    """Settings with beta = x W^2 and p = y P at the scale of the early phase, x < 1/10, y <= 1/2."""
    pk = draw(st.integers(1, 8)) / 8
    nb2 = draw(st.integers(1, 16)) / 4
    y = draw(st.integers(1, 32)) / 64
    x = draw(st.integers(1, 31)) / 320
    lam = y * pk * nb2 / 2
    m = draw(st.sampled_from((2, 20, 200)))
    nd = 2 * lam / pk * math.sqrt(m / (x * nb2))
    return Setting(lam, m, pk, nb2, nd, draw(st.sampled_from((0.5, 1.5, 5.0))))


def published(claim: Claim) -> Iterator[Setting]:
    """The standard set of the specification (D11) at weight decays that fall to 0."""
    for lam in (0.05, 0.02, 0.005, 0.001):
        yield Setting(lam)


small_decays = Space("concepts at small weight decay", lambda claim: settings(), published)


@measures("concepts/init_threshold", over=small_decays, examples=(8, 80))
def init_threshold(setting: Setting, context: Context) -> Iterator[Instance]:
    forgotten, learned = critical_start(setting.concept, BRACKET)
    threshold = Measured(forgotten * (1 - SOLVER), learned * (1 + SOLVER), "float64")
    values: dict[str, int | float | Fraction] = {
        "lam": setting.lam,
        "m": setting.m,
        "pk": setting.pk,
        "nb2": setting.nb2,
        "nd": setting.nd,
        "phi": 1,
    }
    for statement in ("forgotten up to the formula", "learned above"):
        yield Instance(values, threshold, statement, label=f"lambda = {setting.lam:.4g}", witness={"q_0": setting.q_0})


@dataclass(frozen=True)
class Escape:
    """A start above the threshold and a schedule."""

    W_0: float
    lam: float
    gamma: float


def escapes_of_the_standard_set(claim: Claim) -> Iterator[Escape]:
    """The standard set (D11), and starts close to the threshold."""
    yield Escape(23.7170824512628, 0.002, 2000.0)
    for W_0 in (1.6, 2.0, 6.0):
        for gamma in (3.0, 50.0):
            yield Escape(W_0, 0.02, gamma)


above_threshold = Space(
    "starts above the threshold",
    lambda claim: st.builds(
        Escape,
        st.integers(32, 600).map(lambda k: k / 20),
        st.sampled_from((0.002, 0.02, 0.1)),
        st.sampled_from((3.0, 20.0, 500.0)),
    ),
    escapes_of_the_standard_set,
)


@measures("concepts/escape_time", over=above_threshold, examples=(15, 150))
def escape_time(escape: Escape, context: Context) -> Iterator[Instance]:
    """The blow-up by Runge-Kutta steps, and the effective time added up step by step."""
    sigma = integrated_blow_up(escape.W_0)
    steps = escape_steps(escape.W_0, escape.gamma)
    last, first = math.ceil(steps * (1 + 1e-12)), max(1, math.floor(steps * (1 - 1e-12)))
    values: dict[str, int | float | Fraction] = {
        "lam": escape.lam,
        "g": escape.gamma,
        "W2": escape.W_0,
        "T": max(1, last),
        "T1": first,
    }
    # e^(s*/2) from the blow-up in sigma = 1 - e^-s
    yield Instance(values, floating(escape.gamma * ((1 - sigma) ** -0.5 - 1), relative=1e-6), "steps")
    yield Instance(values, floating(escape.W_0 * sigma, relative=1e-8), "units")
    for count, label in ((max(1, last), "so many steps suffice"), (first, "fewer do not")):
        if label == "fewer do not" and steps < 1:
            continue  # not even one step is left
        time = math.fsum(2 / (escape.gamma + t) for t in range(count))
        yield Instance(values, floating(time, relative=1e-12), label)
