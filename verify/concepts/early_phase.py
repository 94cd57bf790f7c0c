"""The threshold of the early phase, measured by bisection on the reduced gradient flow."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from hypothesis import strategies as st

from numerics.concepts.reduced import Concept, critical_start
from theory.claim import Claim
from verify.instance import Instance
from verify.measurement import Context, measures
from verify.precision import Measured
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
