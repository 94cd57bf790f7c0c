"""The reduced dynamics of one concept, as the map of the training steps and as its gradient flow.

Main definitions
    Concept          the constants of one concept (D9)
    field            time derivative of (p, q, w), divided by the learning rate
    step             one training step of the map
    start_in_units   W_0, the dimensionless start (D9)
    formula_start    critical sigma_0 of the linearised dynamics
    critical_start   critical sigma_0 by bisection, on the flow or on the map

A state is (p, q, w): means of the neurons along d_k and c_k, and the common eigenvalue of W_Q, W_K on b_k, so that
beta = w^2 |b_k|^2. In the units P, W of early_phase the linearised dynamics has its saddle at P = W = 1. A concept is
*forgotten* when both have fallen to the saddle or below, from where they only fall, and *learned* when both have
grown to twice the saddle. Source: specification `concepts`,
D9, reduced_dynamics, early_phase, init_threshold.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

State = tuple[float, float, float]
LEARNED = 2.0  # P and W from which a concept counts as learned
EARLY = 0.25  # beta at the critical start up to which an early phase is spoken of
FLOW_STEP = 0.01  # of the Runge-Kutta steps, in units of 1/lambda
LONGEST_FLOW = 40.0  # in the same units: starts that differ by one float part within it
LONGEST_MAP = 5_000_000  # steps


@dataclass(frozen=True)
class Concept:
    """Constants of one concept and its training.

    Attributes
        lam      weight decay lambda
        pi       probability of the concept
        kappa_d  |d_k|^2/m
        kappa_c  |c_k|^2/m
        n_b      |b_k|^2
        q_0      start of q, positive
    """

    lam: float
    pi: float = 1.0
    kappa_d: float = 0.1
    kappa_c: float = 0.3
    n_b: float = 2.0
    q_0: float = 1.5

    def __post_init__(self) -> None:
        for name in ("lam", "pi", "kappa_d", "kappa_c", "n_b", "q_0"):
            value = getattr(self, name)
            if not (math.isfinite(value) and value > 0):
                raise ValueError(f"{name} = {value} of a concept, expected a positive number")
        if self.pi > 1:
            raise ValueError(f"pi = {self.pi} of a concept, expected a probability")


def field(concept: Concept, state: State) -> State:
    """(dp, dq, dw) per unit of effective time; both-active where theta p < q, one-sided elsewhere."""
    p, q, w = state
    theta = math.tanh(w * w * concept.n_b)
    if theta * p < q:
        pull = concept.pi / (1 + math.exp(theta * p))
        growth_q = 0.0
    else:
        pull = concept.pi / (2 * (1 + math.exp((q + theta * p) / 2)))
        growth_q = pull * concept.kappa_c
    lam = concept.lam
    return (
        pull * theta * concept.kappa_d - lam * p,
        growth_q - lam * q,
        (pull * p * (1 - theta * theta) * concept.n_b - lam) * w,
    )


def step(concept: Concept, state: State, eta: float) -> State:
    """One training step at learning rate eta."""
    p, q, w = state
    dp, dq, dw = field(concept, state)
    return p + eta * dp, q + eta * dq, w + eta * dw


def start_in_units(concept: Concept, sigma_0: float) -> float:
    """W_0 = sigma_0 pi sqrt(kappa_d) N_b/(2 lambda)."""
    return sigma_0 * concept.pi * math.sqrt(concept.kappa_d) * concept.n_b / (2 * concept.lam)


def formula_start(concept: Concept) -> float:
    """The sigma_0 at which W_0 = pi/2."""
    return math.pi / 2 / start_in_units(concept, 1.0)


def learned_by_flow(concept: Concept, sigma_0: float) -> bool:
    """Whether the gradient flow from (0, q_0, sigma_0) learns the concept; fourth-order Runge-Kutta steps.

    Raises RuntimeError where it stays undecided for 40/lambda.
    """
    h = FLOW_STEP / concept.lam
    state: State = (0.0, concept.q_0, sigma_0)
    for _ in range(round(LONGEST_FLOW / FLOW_STEP)):
        decided = _fate(concept, state)
        if decided is not None:
            return decided
        first = field(concept, state)
        second = field(concept, _along(state, first, h / 2))
        third = field(concept, _along(state, second, h / 2))
        fourth = field(concept, _along(state, third, h))
        state = _along(
            state,
            (
                (first[0] + 2 * second[0] + 2 * third[0] + fourth[0]) / 6,
                (first[1] + 2 * second[1] + 2 * third[1] + fourth[1]) / 6,
                (first[2] + 2 * second[2] + 2 * third[2] + fourth[2]) / 6,
            ),
            h,
        )
    raise RuntimeError(f"the flow from sigma_0 = {sigma_0} is undecided after {LONGEST_FLOW}/lambda")


def learned_by_map(concept: Concept, sigma_0: float, gamma: float) -> bool:
    """The same for the map with learning rates eta_t = 2/(lambda (gamma + t)), gamma > 2 (D6).

    Raises RuntimeError where it stays undecided for 5 million steps.
    """
    if not gamma > 2:
        raise ValueError(f"gamma = {gamma} of the learning rates, expected more than 2")
    state: State = (0.0, concept.q_0, sigma_0)
    for t in range(LONGEST_MAP):
        decided = _fate(concept, state)
        if decided is not None:
            return decided
        state = step(concept, state, 2 / (concept.lam * (gamma + t)))
    raise RuntimeError(f"the map from sigma_0 = {sigma_0} is undecided after {LONGEST_MAP} steps")


def critical_start(
    concept: Concept, relative: float = 1e-8, learned: Callable[[Concept, float], bool] = learned_by_flow
) -> tuple[float, float]:
    """A forgotten and a learned sigma_0 that differ by at most `relative`, by bisection on `learned(concept, sigma_0)`.

    Raises ValueError where already the linearised critical start has beta > 0.25, so that its early phase is none, and
    RuntimeError where no start below four times the formula is learned.
    """
    beta = formula_start(concept) ** 2 * concept.n_b
    if not beta <= EARLY:
        raise ValueError(
            f"beta = {beta:.3g} at the linearised critical start, expected at most {EARLY}: lambda too large"
        )
    low = formula_start(concept) / 2
    while learned(concept, low):
        low /= 2
    high = 2 * low
    while not learned(concept, high):
        low, high = high, 2 * high
        if low >= 4 * formula_start(concept):
            raise RuntimeError(f"no sigma_0 up to {low} is learned at weight decay {concept.lam}")
    while high - low > relative * low:
        middle = (low + high) / 2
        if learned(concept, middle):
            high = middle
        else:
            low = middle
    return low, high


def _fate(concept: Concept, state: State) -> bool | None:
    p, _, w = state
    P, W = p * concept.pi * concept.n_b / (2 * concept.lam), start_in_units(concept, w)
    if P > LEARNED and W > LEARNED:
        return True
    # The region P, W <= 1 cannot be left: P' <= W^2 - P and W' <= W (P - 1).
    return False if P <= 1 and W <= 1 else None


def _along(state: State, direction: State, h: float) -> State:
    return state[0] + h * direction[0], state[1] + h * direction[1], state[2] + h * direction[2]
