"""The early phase, followed by Runge-Kutta steps beside its closed forms."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from hypothesis import strategies as st

from numerics.concepts.early import escape_units, integrated, integrated_blow_up
from theory.claim import Claim
from verify.instance import Instance, Number
from verify.measurement import Context, measures
from verify.precision import floating
from verify.space import Space

ORDER_4 = 1e-8  # relative error of the Runge-Kutta steps up to 0.9 of the blow-up


@dataclass(frozen=True)
class Start:
    """A start (P_0, W_0) of the early phase."""

    W_0: float
    P_0: float = 0.0


def _from_zero(claim: Claim) -> Iterator[Start]:
    for W_0 in (0.1, 1.4, math.pi / 2, 1.6, 5.0, 23.7170824512628):
        yield Start(W_0)


def _anywhere(claim: Claim) -> Iterator[Start]:
    for P_0, critical in ((0.4, 1.32616605574369), (0.8, 1.10297242332755), (-0.5, 1.90344143241293)):
        for factor in (0.99, 1.01):
            yield Start(factor * critical, P_0)
    yield from (Start(2.0, 2.0), Start(0.5, 0.5), Start(0.5, 2.0), Start(1.0, 1.25))


starts_at_zero = Space(
    "starts of the early phase at P = 0",
    lambda claim: st.builds(Start, st.integers(1, 200).map(lambda k: k / 20)),
    _from_zero,
)
starts = Space(
    "starts of the early phase",
    lambda claim: st.builds(
        Start, st.integers(2, 60).map(lambda k: k / 20), st.integers(-40, 60).map(lambda k: k / 20)
    ),
    _anywhere,
)


@measures("concepts/early_phase", over=starts_at_zero, examples=(12, 120))
def early_phase(start: Start, context: Context) -> Iterator[Instance]:
    W_0 = start.W_0
    end = escape_units(W_0)
    for share in (0.25, 0.9):
        # beyond the threshold a share of the time to the blow-up, below it a share of four units
        s = share * min(end, 4.0)
        P, W = integrated(W_0, s)
        values: dict[str, Number] = {"W0": W_0, "s": s, "W1": min(W_0, 1.5), "W2": max(W_0, 1.6)}
        for label, value in (("P", P), ("W", W), ("P' = W^2 - P", W * W - P), ("W' = W (P - 1)", W * (P - 1))):
            yield Instance(values, floating(value, relative=ORDER_4, absolute=ORDER_4), label, scale=1 + P + W)
        if math.pi / 2 >= W_0:
            angle = math.atan2(P, W_0 * math.exp(-s))  # tan(W_0 sigma) = Q/W_0
            yield Instance(
                {**values, "W1": Fraction(W_0)}, floating(math.cos(angle), absolute=ORDER_4), "no blow-up up to pi/2"
            )
    if math.pi / 2 + 1e-6 < W_0:
        blow_up = integrated_blow_up(W_0)
        values = {"W0": W_0, "s": 0, "W1": 1, "W2": W_0}
        yield Instance(values, floating(W_0 * blow_up, relative=ORDER_4), "blow-up above pi/2")


@measures("concepts/early_phase_start", over=starts, examples=(20, 200))
def early_phase_start(start: Start, context: Context) -> Iterator[Instance]:
    """The sigma left at the blow-up, found by Runge-Kutta steps, in the unit of the case."""
    W_0, P_0 = start.W_0, start.P_0
    blow_up = integrated_blow_up(W_0, P_0)
    values: dict[str, Number] = {"A": 1, "phi0": 0, "P1": 1, "C": 1, "a": 1}
    square = W_0**2 - P_0**2
    if math.isinf(blow_up):
        return
    if square > 0:
        A = math.sqrt(square)
        here, unit, label = {"A": A, "phi0": math.atan(P_0 / A)}, A, "W_0 > |P_0|"
    elif square == 0:
        here, unit, label = {"P1": P_0}, P_0, "W_0 = P_0"
    else:
        C = math.sqrt(-square)
        here, unit, label = {"C": C, "a": math.atanh(C / P_0)}, C, "W_0 < P_0"
    left = (1 - blow_up) * unit
    yield Instance({**values, **here}, floating(left, absolute=ORDER_4 * (1 + unit)), label, scale=1 + unit)
