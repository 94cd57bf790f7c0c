"""Stationary points measured as zeros of the fields, found by Newton's method from states nearby."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.optimize import root

from numerics.concepts.grid import both_active, grid_of, one_sided
from numerics.concepts.reduced import Concept
from numerics.concepts.roots import largest_lambda, small_lambda_p, stationary
from theory.claim import Claim
from verify.instance import Instance, NotApplicable
from verify.measurement import Context, measures
from verify.precision import floating
from verify.space import Space

SOLVED = 1e-9  # relative error of a zero by Newton's method in float64
Floats = NDArray[np.float64]


@st.composite
def concepts(draw: st.DrawFn) -> Concept:
    """Concepts with |c| > |d| whose weight decay is a share of the largest that has a stationary point."""
    kappa_d = draw(st.floats(0.02, 2))
    ratio = draw(st.floats(1.1, 8))
    free = Concept(0.01, draw(st.floats(0.1, 1)), kappa_d, ratio * kappa_d, draw(st.floats(0.2, 6)))
    share = draw(st.floats(0.02, 0.9))
    return at_decay(free, share * largest_lambda(free))


def at_decay(concept: Concept, lam: float) -> Concept:
    """The concept at another weight decay."""
    return Concept(lam, concept.pi, concept.kappa_d, concept.kappa_c, concept.n_b)


def standard(claim: Claim) -> Iterator[Concept]:
    """The standard set (D11), and with one concept at larger weight decays."""
    yield Concept(0.002, pi=0.5)
    for lam in (0.01, 0.05):
        yield Concept(lam)


def small_decays(claim: Claim) -> Iterator[Concept]:
    """The standard set at weight decays that fall to 0."""
    for lam in (1e-3, 1e-4, 1e-8, 1e-16):
        yield Concept(lam, pi=0.5)


found = Space("concepts with a stationary point", lambda claim: concepts(), standard)
vanishing = Space("concepts at vanishing weight decay", lambda claim: concepts(), small_decays)


@dataclass(frozen=True)
class Zero:
    """A zero of a field: the state, and the weight of the one-sided field."""

    p: float
    q: float
    w: float
    mu: float
    beta: float


def _solve(field: Callable[[Floats], Floats], start: Floats) -> Floats:
    """The zero of `field` near `start`, in units of the start; NotApplicable where Newton's method does not settle."""
    solution = root(lambda x: field(x * start), np.ones_like(start), method="hybr", options={"xtol": 1e-14})
    point = np.asarray(solution.x * start, dtype=np.float64)
    if not np.isfinite(point).all() or np.abs(solution.x - 1).max() > 0.2:
        raise NotApplicable("Newton's method left the neighbourhood of the zero")
    return point


def both_zeros(concept: Concept) -> Iterator[Zero]:
    """Zeros of the (p, w) part of the both-active field, from starts 2 % away."""
    grid = grid_of(concept)
    for point in stationary(concept, sliding=False):
        start = 1.02 * np.array([point.p, math.sqrt(point.beta / concept.n_b)])

        def field(x: Floats, unit: Floats = start) -> Floats:
            state = np.array([x[0], 10.0, x[1]])
            return np.asarray(both_active(grid, state)[[0, 2]] / (concept.lam * unit))

        p, w = _solve(field, start)
        yield Zero(float(p), 0.0, float(w), 0.0, float(w * w * concept.n_b))


def sliding_zeros(concept: Concept) -> Iterator[Zero]:
    """Zeros of the combination of both fields on theta p = q, in (p, w, mu), from starts 1 % away."""
    grid = grid_of(concept)
    for point in stationary(concept):
        w = math.sqrt(point.beta / concept.n_b)
        start = 1.01 * np.array([point.p, w, 2 * (1 - point.rho)])

        unit = concept.lam * np.array([point.p, point.p, w])

        def field(x: Floats, unit: Floats = unit) -> Floats:
            theta = np.tanh(x[1] ** 2 * concept.n_b)
            state = np.array([x[0], theta * x[0], x[1]])
            both, one = both_active(grid, state), one_sided(grid, state)
            return np.asarray(((1 - x[2]) * both + x[2] * one) / unit)

        p, w, mu = (float(value) for value in _solve(field, start))
        beta = w * w * concept.n_b
        yield Zero(p, math.tanh(beta) * p, w, mu, beta)


def values_of(concept: Concept, zero: Zero) -> dict[str, float]:
    """The claims' parameters at a zero."""
    return {
        "kd": concept.kappa_d,
        "kc": concept.kappa_c,
        "Nb": concept.n_b,
        "pk": concept.pi,
        "lam": concept.lam,
        "b": zero.beta,
        "p": zero.p,
        "q": zero.q,
        "w": zero.w,
        "mu": zero.mu,
    }


def _near(value: float) -> float:
    return SOLVED * max(abs(value), 1e-6)


@measures("concepts/stationary_point", over=found, examples=(10, 100))
def stationary_point(concept: Concept, context: Context) -> Iterator[Instance]:
    for zero in both_zeros(concept):
        values = {k: v for k, v in values_of(concept, zero).items() if k not in ("kc", "mu")}
        label = f"beta = {zero.beta:.6g}"
        for name, measured in (("p", zero.p**2), ("lambda", concept.lam), ("sign", zero.p)):
            yield Instance(values, floating(measured, absolute=_near(measured)), name, label=label)


@measures("concepts/stationary_sliding", over=found, examples=(8, 80))
def stationary_sliding(concept: Concept, context: Context) -> Iterator[Instance]:
    grid = grid_of(concept)
    beta_1 = float(context.rng.uniform(0.1, 3))
    theta = math.tanh(beta_1)
    p_1 = float(context.rng.uniform(0.1, 3))
    q_1 = float(theta * p_1 * context.rng.uniform(0, 1))
    across = one_sided(grid, np.array([p_1, q_1, math.sqrt(beta_1 / concept.n_b)]))
    drift = float(across[1] - theta * across[0])
    for zero in sliding_zeros(concept):
        values = {**values_of(concept, zero), "p1": p_1, "q1": q_1, "b1": beta_1}
        share = 1 - zero.mu / 2
        for name, measured in (
            ("p", zero.p**2),
            ("rho", share),
            ("lambda", concept.lam),
            ("q", zero.q),
            ("share", share),
            ("one-sided", drift),
            ("no one-sided point", drift),
        ):
            yield Instance(values, floating(measured, absolute=_near(measured)), name, label=f"beta = {zero.beta:.6g}")


@measures("concepts/lambda_necessary", over=found, examples=(10, 100))
def lambda_necessary(concept: Concept, context: Context) -> Iterator[Instance]:
    # The largest weight decay with a stationary point, and one with which Newton's method finds zeros.
    for lam, label in (
        (largest_lambda(concept, sliding=False), "largest, both-active"),
        (largest_lambda(concept), "largest, sliding"),
    ):
        zeros = list(both_zeros(at_decay(concept, 0.999 * lam))) if "both" in label else []
        point = zeros[0] if zeros else next(iter(sliding_zeros(at_decay(concept, 0.999 * lam))))
        values = values_of(at_decay(concept, lam), point)
        yield Instance(values, floating(lam, relative=1e-9), label=label)


@measures("concepts/attention_saturation", over=vanishing, examples=(6, 60))
def attention_saturation(concept: Concept, context: Context) -> Iterator[Instance]:
    y = small_lambda_p(concept)
    zero = next(iter(sliding_zeros(concept)))
    if math.tanh(zero.beta) < 0.5 or y < 4 * math.log(2):
        raise NotApplicable("the weight decay is not small")
    values = {**values_of(concept, zero), "y": y}
    rest = 1 / (1 + math.exp(2 * zero.beta))
    for name, measured in (
        ("rest", rest),
        ("p above", zero.p / y),
        ("p below", zero.p / y),
        ("factor", math.exp(-2 * zero.beta)),
        ("logarithm", y),
        ("below 1", rest),
    ):
        yield Instance(values, floating(measured, relative=SOLVED), name, label=f"lambda = {concept.lam:.3g}")
