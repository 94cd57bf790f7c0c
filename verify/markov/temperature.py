"""The temperature claims, measured on window chains at several temperatures."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from numerics.chains.coefficients import LogEpsilon, log_epsilon, log_p_min
from numerics.chains.entropy import row_entropies
from numerics.chains.generators import chain_of_logits
from numerics.chains.index import n_states
from numerics.chains.mixing import distance_curve
from numerics.chains.spectrum import spectrum
from numerics.chains.window_chain import WindowChain
from verify.instance import Instance, NotApplicable
from verify.measurement import Context, measures
from verify.precision import Measured, exact, floating
from verify.space import Space
from verify.spaces import chains
from verify.strategies.logits import logit_vectors
from verify.subject import ChainSubject

FloatArray = NDArray[np.float64]
TEMPERATURES = (0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4)
STEP = 1e-6  # of the central difference in log tau
CENTRAL_ERROR = 1e-8  # of the central difference, relative to 1 + |log eps|: rounding of log eps over the step
ONE_SIDED_ERROR = 1e-5  # of the one-sided difference: the curvature times the step
SAME_SLOPE = 1e-6
UNIFORM = 1e-9  # distance of log eps from its largest value below which a model counts as uniform
ETA = 0.01
LONGEST = 100  # steps up to which mixing times are looked for


def tempered(chain: WindowChain, tau: float) -> WindowChain:
    """The full-context chain of the same logits divided by tau > 0."""
    logs = chain.log_probs / tau
    if not np.isfinite(logs).all():
        raise NotApplicable("some log-probabilities are infinite: the logits are not finite")
    logs = logs - logs.max(axis=1, keepdims=True)
    logs = logs - np.log(np.exp(logs).sum(axis=1, keepdims=True))
    return WindowChain.from_log_table(logs, chain.T, chain.K)


def path_value(chain: WindowChain, path: LogEpsilon) -> float:
    """Log-probability of a path in nats."""
    return float(chain.log_probs[list(path.contexts), list(path.tokens)].sum())


def slope(chain: WindowChain, path: LogEpsilon) -> float:
    """-log of the path's probability minus the next-token entropies along it: its slope in log tau."""
    entropies = row_entropies(chain.table[list(path.contexts)])
    return -path_value(chain, path) - float(entropies.sum())


@measures("markov/temperature_derivative", over=chains)
def temperature_derivative(subject: ChainSubject, context: Context) -> Iterator[Instance]:
    for tau in TEMPERATURES[2:] if context.budget == "full" else (0.8, 1.6):
        here = tempered(subject.chain, tau)
        before, after = (log_epsilon(tempered(subject.chain, tau * math.exp(sign * STEP))) for sign in (-1, 1))
        slopes = [slope(here, path) for path in (before, after)]
        value = path_value(here, after)
        if abs(slopes[0] - slopes[1]) <= SAME_SLOPE:
            kind, error, quotient = "central", CENTRAL_ERROR, (after.value - before.value) / (2 * STEP)
        else:  # two paths of different slope tie near this temperature: only one-sided derivatives exist
            kind, error, quotient = "to the right", ONE_SIDED_ERROR, (after.value - value) / STEP
        yield Instance(
            {"T": subject.T, "K": subject.K, "tau": tau},
            floating(quotient, absolute=error * (1 + abs(value))),
            bound=floating(slopes[1], absolute=1e-12 * (1 + abs(value))),
            label=f"tau = {tau}, {kind} difference",
        )


@measures("markov/temperature_monotone", over=chains)
def temperature_monotone(subject: ChainSubject, context: Context) -> Iterator[Instance]:
    grid = TEMPERATURES if context.budget == "full" else TEMPERATURES[1::2]
    found = [(tau, tempered(subject.chain, tau)) for tau in grid]
    measured = [(tau, log_epsilon(chain).value, log_p_min(chain)) for tau, chain in found]
    for (tau, low, rare), (tau_2, high, rare_2) in itertools.pairwise(measured):
        values = {"T": subject.T, "K": subject.K, "tau": tau, "tau_2": tau_2}
        label = f"tau = {tau} to {tau_2}"
        yield Instance(values, _log(low), "epsilon", _log(high), label)
        yield Instance(values, _log(rare), "p_min", _log(rare_2), label)
        if low > -subject.K * math.log(subject.T) - UNIFORM:
            continue  # a uniform model gains nothing
        gain = (1 - tau / tau_2) * (-subject.K * math.log(subject.T) - low)
        error = 1e-11 * (1 + abs(low))
        yield Instance(values, floating(high - low, absolute=error), "gain", floating(gain, absolute=error), label)


@measures("markov/temperature_limits", over=chains)
def temperature_limits(subject: ChainSubject, context: Context) -> Iterator[Instance]:
    logs = subject.chain.log_probs
    if not np.isfinite(logs).all():
        raise NotApplicable("some log-probabilities are infinite: the logits are not finite")
    rho = float((logs.max(axis=1) - logs.min(axis=1)).max())
    uniform = -subject.K * math.log(subject.T)
    for tau in (0.05, 0.5, 5.0, 100.0, 1e4):
        value = log_epsilon(tempered(subject.chain, tau)).value
        values = {"T": subject.T, "K": subject.K, "tau": tau, "rho": rho}
        label = f"tau = {tau}"
        yield Instance(values, floating(math.exp(value - uniform), relative=1e-11), "hot", label=label)
        yield Instance(values, _log(value), "largest", label=label)
        yield Instance(values, _log(value), "cold", label=label)


def _log(value: float) -> Measured:
    return floating(value, relative=1e-12, absolute=1e-12)


@dataclass(frozen=True, eq=False)
class LogitTable:
    """Logits (n_S, T) of a small model, and two temperatures tau <= tau_2."""

    T: int
    K: int
    logits: FloatArray
    tau: float
    tau_2: float


@st.composite
def logit_tables(draw: st.DrawFn) -> LogitTable:
    """Models with T^K <= 4 full contexts at two temperatures of the grid. Shrinks to zero logits."""
    T, K = draw(st.sampled_from(((2, 1), (3, 1), (2, 2))))
    rows = n_states(T, K)
    full = draw(logit_vectors(size=T**K * T)).reshape(T**K, T)
    first = draw(st.integers(0, len(TEMPERATURES) - 2))
    second = draw(st.integers(first + 1, len(TEMPERATURES) - 1))
    table = np.concatenate([np.zeros((rows - T**K, T)), full])
    return LogitTable(T, K, table, TEMPERATURES[first], TEMPERATURES[second])


small_models = Space("small models at two temperatures", lambda claim: logit_tables())


@measures("markov/temperature_speed_as_stated", over=small_models)
def temperature_speed_as_stated(thing: LogitTable, context: Context) -> Iterator[Instance]:
    both = [chain_of_logits(thing.logits, thing.T, thing.K, tau) for tau in (thing.tau, thing.tau_2)]
    if any(chain.underflows for chain in both):
        raise NotApplicable("probabilities underflow at the lower temperature")
    values = {"tau": thing.tau, "tau_2": thing.tau_2}
    witness = {"logits": thing.logits.tolist(), "T": thing.T, "K": thing.K}
    low, high = (floating(spectrum(chain).slem, absolute=1e-7) for chain in both)
    yield Instance(values, high, "second eigenvalue", low, witness=witness)
    times = [mixing_steps(chain) for chain in both]
    if times[0] is not None and times[1] is not None:
        yield Instance(values, exact(times[1]), "mixing time", exact(times[0]), witness=witness)


def mixing_steps(chain: WindowChain) -> int | None:
    """t_mix(0.01) from full contexts in steps; None beyond 100 steps or where rounding could shift it."""
    curve = distance_curve(chain, LONGEST)
    below = np.flatnonzero(curve <= ETA)
    if below.size == 0 or np.abs(curve - ETA).min() < 1e-9:
        return None
    return int(below[0])


@measures("markov/looping_as_stated", over=chains)
def looping_as_stated(subject: ChainSubject, context: Context) -> Iterator[Instance]:
    yield Instance({"T": subject.T, "K": subject.K}, floating(subject.entropy_rate, absolute=1e-9))
