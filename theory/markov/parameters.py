"""Parameters and quantities of the body `markov` (definitions D1-D27 of its specification), declared once.

All logarithms are natural, information is in nats, times and lengths are in tokens.
"""

from __future__ import annotations

import sympy as sp

from theory.define import opaque
from theory.parameter import Parameter, integers, reals

T = Parameter("T", "T", "size of the vocabulary", integers(2), (2, 128_256), "tokens")
K = Parameter("K", "K", "context window", integers(1), (1, 131_072), "tokens")
n = Parameter("n", "n", "number of steps", integers(0), (0, 1_000_000), "steps")
ell = Parameter("ell", r"\ell", "length of the start", integers(1, K.symbol), (1, 8), "tokens")
eps = Parameter(
    "epsilon",
    r"\varepsilon",
    "smallest entry of the block matrix A = P_R^K (D8)",
    reals(0, sp.Rational(1, 2), open="lower"),
    (1e-6, 0.5),
)
alpha = Parameter("alpha", r"\alpha", "Doeblin coefficient of A (D9)", reals(0, 1), (0, 1))
kappa = Parameter("kappa", r"\kappa", "Dobrushin coefficient of A (D9)", reals(0, 1), (0, 1))
tau = Parameter("tau", r"\tau", "temperature", reals(0, sp.oo, open="lower"), (0.1, 10))
delta = Parameter("delta", r"\delta", "probability of failure", reals(0, 1, open="both"), (0.001, 0.5))
N = Parameter("N", "N", "length of the sequence", integers(1), (1, 10**12), "tokens")
Gamma = Parameter("Gamma", r"\|\Gamma\|", "spectral norm of the mixing matrix (D18)", reals(1), (1, 100))

entry_deviation = opaque(
    "markov/entry_deviation",
    "entry_deviation(n) = max |Q^n(i,j) - pi(j)| over all states i, j, starts of every length",
    latex=r"\max_{i,j}|Q^n(i,j)-\pi(j)|",
    bounds=(0, 1),
    nonnegative=True,
)
start_distance = opaque(
    "markov/start_distance",
    "start_distance(ell, n) = max d_TV(Q^n(i,.), pi) over starts i of length ell (D7)",
    latex=r"\max_{|i|=\ell} d_{TV}(Q^n(i,\cdot),\pi)",
    bounds=(0, 1),
    nonnegative=True,
)
