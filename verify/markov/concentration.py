"""McDiarmid's inequality on exact laws of short sequences, and on simulated longer ones."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np
from hypothesis import strategies as st

from numerics.chains.arrays import FloatArray
from numerics.chains.index import n_states
from numerics.chains.mixing import tau_min
from numerics.risk.exhaustive import (
    SequenceLaw,
    bounded_differences,
    log_moment_generating,
    mean_loss,
    sequence_law,
    token_mixing_matrix,
    upper_tail,
)
from verify.instance import Case, FailureProbability, Frequency, Instance, NotApplicable
from verify.measurement import Context, measures
from verify.precision import Measured, floating
from verify.space import Space
from verify.strategies.laws import stochastic_matrices

# Of sums over at most 2^12 sequences of products of at most 12 probabilities.
BUDGET = 1e-12
LAMBDAS = np.array([-8.0, -2.0, -0.5, 0.002, 0.5, 2.0, 8.0])
LEVELS = (0.5, 0.2, 0.05, 0.01)


@dataclass(frozen=True, eq=False)
class Sequence:
    """A source of order <= K (n_S, T), the law of its first token (T,), a length, and a loss of windows (n_S,)."""

    source: FloatArray
    first: FloatArray
    length: int
    loss: FloatArray

    def law(self) -> tuple[SequenceLaw, FloatArray]:
        """Its exact law, and the mean loss as a function of the sequence, both (T,)*N."""
        law = sequence_law(self.source, self.first, self.length)
        return law, mean_loss(law, self.loss)


def fair_bits(length: int) -> Sequence:
    """Independent fair bits and their mean: the inequality for the moment generating function is attained at 0."""
    return Sequence(np.full((2, 2), 0.5), np.full(2, 0.5), length, np.array([0.0, 1.0]))


@st.composite
def sequences(draw: st.DrawFn) -> Sequence:
    """Binary sources of order 1..3 with random laws and losses, of 1..10 tokens."""
    K, length, seed = draw(st.integers(1, 3)), draw(st.integers(1, 10)), draw(st.integers(0, 10**6))
    rng = np.random.default_rng(seed)
    states = n_states(2, K)
    spread = draw(st.sampled_from((0.0, 1.0, 3.0)))
    logits = spread * rng.standard_normal((states, 2))
    source = np.exp(logits - logits.max(axis=1, keepdims=True))
    source /= source.sum(axis=1, keepdims=True)
    return Sequence(source, np.full(2, 0.5), length, rng.random(states))


sources = Space(
    "random short sequences",
    lambda claim: sequences(),
    lambda claim: (fair_bits(1), fair_bits(8)),
)


def shortfall(law: SequenceLaw, values: FloatArray, delta: float) -> float:
    """Smallest u >= 0 with P(E f - f > u) <= delta."""
    p, f = law.probabilities.ravel(), values.ravel()
    below = p @ f - f
    order = np.argsort(-below, kind="stable")
    mass = np.cumsum(p[order])  # of the sequences at least as far below the mean
    inside = int(np.searchsorted(mass, delta + BUDGET, side="right"))
    return max(0.0, float(below[order][inside])) if inside < p.size else 0.0


def failure(law: SequenceLaw, values: FloatArray, bound: float) -> Measured:
    """P(E f - f > bound), bounded from above by counting sequences within rounding of the level."""
    return floating(float(upper_tail(law, -values, np.array([bound]))[0]), absolute=BUDGET)


@measures("markov/mcdiarmid_marton", over=sources, examples=(40, 400))
def mcdiarmid_marton(thing: Sequence, context: Context) -> Iterator[Case]:
    """Every statement on the exact law, with the mixing matrix of the maximal coupling of the tokens."""
    law, values = thing.law()
    c = bounded_differences(values)
    gamma = token_mixing_matrix(law)
    reach, norm = float(np.linalg.norm(gamma @ c)), float(np.linalg.norm(c))
    spectral = float(np.linalg.norm(gamma, 2))
    if reach < 1e-9:
        raise NotApplicable("the function is constant")
    given = {"f": 0, "reach": reach, "Gamma": spectral, "c_norm": norm}
    for delta in (*LEVELS, context.delta):
        typical = floating(shortfall(law, values, delta), absolute=BUDGET)
        for label in ("tail", "norms"):
            yield FailureProbability(
                {**given, "delta": delta}, partial(failure, law, values), label, f"delta = {delta}", typical
            )
    for share in (0.25, 0.5, 1.0, 2.0):
        u = share * reach
        yield Instance(
            {**given, "delta": context.delta, "u": u},
            floating(float(upper_tail(law, -values, np.array([u]))[0]), absolute=BUDGET),
            "probability",
            label=f"u = {u:.3g}",
        )
    for scaled in LAMBDAS:
        lam = float(scaled) / reach
        found = float(log_moment_generating(law, values, np.array([lam]))[0])
        yield Instance(
            {**given, "delta": context.delta, "lambda_": lam},
            floating(found, absolute=1e-15),
            "mgf",
            label=f"lambda = {lam:.3g}",
        )


@dataclass(frozen=True, eq=False)
class ChainOfLetters:
    """A first-order chain (T, T) started from its first row, and a function of the letter (T,)."""

    matrix: FloatArray
    value: FloatArray


chains_of_letters = Space(
    "random chains of letters",
    lambda claim: st.builds(
        lambda P, seed: ChainOfLetters(P, np.random.default_rng(seed).random(P.shape[0])),
        stochastic_matrices(max_size=3),
        st.integers(0, 10**6),
    ),
    lambda claim: (
        ChainOfLetters(np.full((2, 2), 0.5), np.array([0.0, 1.0])),
        ChainOfLetters(np.array([[0.9, 0.1], [0.2, 0.8]]), np.array([0.0, 1.0])),
    ),
)
LENGTHS = {2: 12, 3: 7}
SIMULATED = 1000


@measures("markov/mcdiarmid_chain", over=chains_of_letters, examples=(25, 250))
def mcdiarmid_chain(thing: ChainOfLetters, context: Context) -> Iterator[Case]:
    """The exact law of short chains, and the frequency of failures in 1000 simulated longer ones."""
    P, T = thing.matrix, thing.matrix.shape[0]
    tau = tau_min(P)
    if not math.isfinite(tau):
        raise NotApplicable("tau_min is infinite")
    law = sequence_law(P, P[0], LENGTHS[T])
    values = mean_loss(law, thing.value)
    norm = float(np.linalg.norm(bounded_differences(values)))
    if norm < 1e-9:
        raise NotApplicable("the function is constant")
    given = {"f": 0, "tau_min": tau, "c_norm": norm}
    for delta in (*LEVELS, context.delta):
        yield FailureProbability(
            {**given, "delta": delta},
            partial(failure, law, values),
            "tail",
            f"N = {law.length}, delta = {delta}",
            floating(shortfall(law, values, delta), absolute=BUDGET),
        )
    length = context.pick(200, 1000)
    sums, expected = _simulated(thing, length, context.rng)
    norm = float(np.ptp(thing.value)) / math.sqrt(length)
    short = expected - sums
    yield Frequency(
        {**given, "c_norm": norm, "delta": context.delta},
        lambda level: int((short > level).sum()),
        SIMULATED,
        "tail",
        f"N = {length}",
        floating(float(np.quantile(short, 1 - context.delta)), absolute=1e-9),
    )


def _simulated(thing: ChainOfLetters, length: int, rng: np.random.Generator) -> tuple[FloatArray, float]:
    """Means of the function along simulated chains (SIMULATED,), and their exact expectation."""
    P = thing.matrix
    cumulative = np.cumsum(P, axis=1)
    law, expected = P[0], 0.0
    states = np.searchsorted(cumulative[0], rng.random(SIMULATED)).clip(max=P.shape[0] - 1)
    sums = np.zeros(SIMULATED)
    for step in range(length):
        sums += thing.value[states]
        expected += float(law @ thing.value)
        if step < length - 1:
            law = law @ P
            states = (cumulative[states] < rng.random(SIMULATED)[:, None]).sum(axis=1).clip(max=P.shape[0] - 1)
    return sums / length, expected / length
