"""In-context learning of a Markov chain (D23): models, prompts and their losses (definitions for `theory.markov.icl`).

A model is known by the number f of the random function R_icl-hat of the prompt, the mean of its losses at the N windows
S_1..S_N; letters are windows here. "With probability at least 1 - delta, R + shift <= R-hat + u" is a relation between
numbers, as in `parameters_concentration`.

Main definitions
    letter_change      largest change of f when one letter changes
    shifted_shortfall  what R - R-hat + shift does not exceed with probability at least 1 - delta
    printed_range      the paper's constant max(log d + 2 B_U/tau, log 1/p_min)
"""

from __future__ import annotations

from functools import cache
from typing import Any

import sympy as sp

from theory.define import opaque
from theory.markov.parameters import T, tau
from theory.markov.parameters_concentration import difference_norm, f
from theory.parameter import Parameter, integers, reals
from theory.proposition import Proposition, eq

states = Parameter("d", "d", "number of states of the chain", integers(2), (2, 700), "states")
length = Parameter("N_icl", r"N_{\mathrm{icl}}", "length of the prompt", integers(1), (1, 10**6), "tokens")
loss_range = Parameter(
    "loss_range", "g", "largest minus smallest loss of a window, at most 1 in total variation", reals(0, 1), (0, 1)
)
B_U = Parameter("B_U", "B_U", "sum of the Euclidean norms of the rows of the unembedding (D13)", reals(0), (0, 100))
p_min = Parameter(
    "p_min", r"p_{\min}", "smallest transition probability", reals(0, sp.Rational(1, 2), open="lower"), (1e-4, 0.5)
)
t_min_windows = Parameter(
    "t_min",
    r"t_{\min}",
    "t_min of the chain that the printed bound is evaluated with (D20)",
    reals(4),
    (4, 20_000),
    "steps",
)
shift = Parameter("shift", "s", "R_icl(Theta) - K(theta, Theta) - R_icl(theta)", reals(), (-1, 0))

_f = sp.Symbol("f_", integer=True, nonnegative=True)
_d = sp.Symbol("delta_", positive=True)
_s = sp.Symbol("s_", real=True)
_n = sp.Symbol("n_", integer=True, nonnegative=True)

letter_change = opaque(
    "markov/letter_change",
    "letter_change(f, n) = c_n, the largest change of f when only letter n (from 0) changes",
    bounds=(0, None),
    nonnegative=True,
)
shifted_shortfall = opaque(
    "markov/shifted_shortfall",
    "shifted_shortfall(f, s, delta) = smallest u >= 0 with P(E f - f + s > u) <= delta",
    nonnegative=True,
)
infimum_shortfall = opaque(
    "markov/infimum_shortfall",
    "infimum_shortfall(Theta, delta) = smallest u >= 0 with P(R_icl(Theta) - inf over theta of (R-hat(theta) + "
    "K(theta, Theta)) > u) <= delta, the infimum over models that may depend on the prompt",
    nonnegative=True,
)
realised_error = opaque(
    "markov/realised_error",
    "realised_error(f, delta) = smallest u >= 0 with P(R-hat = 0 and E |P* - P_theta|_1 > u) <= delta, model fixed",
    bounds=(0, 2),
    nonnegative=True,
)


@cache
def printed_range() -> Any:
    """max(log d + 2 B_U/tau, log 1/p_min) in nats (D16)."""
    return sp.Max(sp.log(states.symbol) + 2 * B_U.symbol / tau.symbol, sp.log(1 / p_min.symbol))


def printed_deviation(delta: Any) -> Any:
    """The deviation of Thm 4.3: 2 sqrt(range) sqrt(t_min/N) sqrt(log(2/delta))."""
    return 2 * sp.sqrt(printed_range()) * sp.sqrt(t_min_windows.symbol / length.symbol) * sp.sqrt(sp.log(2 / delta))


def euclidean(number: Any, letters: Any) -> Proposition:
    """The function `number` has that many letters: its difference norm is the Euclidean norm of its changes."""
    squares = sp.Sum(letter_change(number, _n) ** 2, (_n, 0, letters - 1))
    return eq(difference_norm(number), sp.sqrt(squares))


__all__ = ["T", "euclidean", "f", "printed_deviation", "printed_range"]
