"""t_min and tau_min of plain chains and of windows of first-order chains."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from hypothesis import strategies as st

from numerics.chains import mixing
from numerics.chains.arrays import FloatArray
from numerics.chains.index import enumerate_contexts, n_states
from numerics.chains.structure import chain_structure
from numerics.chains.window_chain import WindowChain
from verify.instance import Instance, NotApplicable
from verify.measurement import Context, measures
from verify.precision import Measured, floating
from verify.space import Space
from verify.spaces import stochastic_matrices
from verify.strategies import laws

RELATIVE = 1e-9  # of a minimum over powers of a small matrix
SCAN = 20_000
HORIZON = 12


def _number(value: float) -> Measured:
    return floating(value, relative=RELATIVE)


@measures("markov/t_min", over=stochastic_matrices, examples=(40, 400))
def t_min(matrix: FloatArray, context: Context) -> Iterator[Instance]:
    """Both sides by independent roads: the scan over times, and mixing times of the infimum over a."""
    structure = chain_structure(matrix)
    if not structure.is_ergodic:
        if len(structure.periods) > 1 or max(structure.periods) > 1:
            for t, distance in enumerate(mixing.pair_distance_curve(matrix, HORIZON)[1:], start=1):
                yield Instance({"t": t}, floating(distance, absolute=1e-12), "periodic or reducible pairs")
            if len(structure.periods) == 1:
                for t, distance in enumerate(mixing.distance_curve(matrix, HORIZON)[1:], start=1):
                    yield Instance({"t": t}, floating(distance, absolute=1e-12), "periodic or reducible")
        return
    try:
        least, pairs = mixing.t_min(matrix, max_steps=SCAN), mixing.tau_min(matrix, max_steps=SCAN)
    except RuntimeError as error:
        raise NotApplicable(str(error)) from None
    quarter = max(1.0, mixing.mixing_time(matrix, 0.25).steps)
    yield Instance({"f": 0, "t_mix": int(quarter)}, _number(least), "mixing time")
    yield Instance({"f": 0}, _number(pairs), "pairs", _number(least))
    yield Instance({"f": 0}, _number(pairs), "four")
    if np.ptp(matrix, axis=0).max() == 0:
        yield Instance({}, _number(least), "independent")
    for a in (0.02, 0.1, 0.25, 0.5, 0.75, 0.9):
        bound = mixing.mixing_time(matrix, a / 2).steps * ((2 - a) / (1 - a)) ** 2
        yield Instance({"f": 0, "a": a}, _number(least), "infimum", _number(bound), label=f"a = {a}")
    curve = mixing.distance_curve(matrix, int(least // 4))[1:]
    below = np.flatnonzero(curve < 0.5 - 1e-9)
    terms = 4 * (below + 1) * ((1 - curve[below]) / (1 - 2 * curve[below])) ** 2
    d = float(curve[below[int(np.argmin(terms))]])
    eta = max(d, 1e-14) * (1 + 1e-12)  # a rounding above d, so that the time of d itself is found
    best = mixing.mixing_time(matrix, eta).steps * ((2 - 2 * d) / (1 - 2 * d)) ** 2
    yield Instance({"f": 0}, _number(best), "attained", _number(least))


@st.composite
def tokens_and_windows(draw: st.DrawFn) -> tuple[FloatArray, int]:
    """A positive kernel on 2 or 3 tokens, and a window of 1..3 tokens."""
    return draw(laws.stochastic_matrices(max_size=3)), draw(st.integers(1, 3))


first_order = Space(
    "random first-order sources",
    lambda claim: tokens_and_windows(),
    lambda claim: ((np.full((2, 2), 0.5), 3), (np.array([[0.9, 0.1], [0.2, 0.8]]), 2)),
)


def windows_of(matrix: FloatArray, K: int) -> WindowChain:
    """The windows of length <= K of a first-order chain (T, T): the last token decides."""
    T = matrix.shape[0]
    short = None if K == 1 else np.concatenate([matrix[enumerate_contexts(T, ell)[:, -1]] for ell in range(1, K)])
    assert short is None or short.shape[0] == n_states(T, K - 1)
    return WindowChain(T, K, matrix[enumerate_contexts(T, K)[:, -1]], short)


@measures("markov/window_t_min", over=first_order, examples=(25, 250))
def window_t_min(thing: tuple[FloatArray, int], context: Context) -> Iterator[Instance]:
    """The chain of windows on all its states, against the formula in the tokens."""
    matrix, K = thing
    chain = windows_of(matrix, K)
    starts: mixing.Starts = "all" if K > 1 else "R"
    given = {"f": 0, "K": K, "d": matrix.shape[0]}
    try:
        least = mixing.t_min(chain, starts, max_steps=SCAN)
        pairs = mixing.tau_min(chain, starts, max_steps=SCAN)
        formula = mixing.window_t_min(matrix, K, max_steps=SCAN)
    except RuntimeError as error:
        raise NotApplicable(str(error)) from None
    yield Instance(given, _number(least), "floor")
    yield Instance(given, _number(pairs), "floor of pairs")
    yield Instance(given, _number(least), "minimum", _number(formula))
    if np.ptp(matrix, axis=0).max() == 0:
        yield Instance(given, _number(least), "independent")
    for label, of_windows, of_tokens in (
        ("distance", mixing.distance_curve(chain, HORIZON, starts), mixing.distance_curve(matrix, HORIZON)),
        (
            "distance of pairs",
            mixing.pair_distance_curve(chain, HORIZON, starts),
            mixing.pair_distance_curve(matrix, HORIZON),
        ),
    ):
        for t in range(HORIZON - K + 2):
            quantity, bound = float(of_windows[t + K - 1]), float(of_tokens[t])
            budget = 1e-12
            yield Instance(
                {**given, "t": t}, floating(quantity, absolute=budget), label, floating(bound, absolute=budget)
            )
