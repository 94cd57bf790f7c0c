"""Parameters of the body `autoregressive` (definitions D1-D16 of its specification), declared once.

Lengths are in tokens, m counts chains (prompts with all their tokens), logarithms are natural unless written log2.
"""

from __future__ import annotations

import sympy as sp

from theory.parameter import Parameter, integers, reals

n = Parameter("n", "n", "length of the prompt", integers(1), (1, 1000), "tokens")
T = Parameter("T", "T", "length of the chain", integers(1), (1, 1000), "tokens")
K = Parameter("K", "K", "size of the dictionary", integers(2), (2, 128_256), "tokens")
m = Parameter("m", "m", "number of chains in the sample", integers(1), (1, 10**6), "chains")
epsilon = Parameter("epsilon", r"\epsilon", "allowed error", reals(0, 1, open="both"), (0.001, 0.5))
delta = Parameter("delta", r"\delta", "probability of failure", reals(0, 1, open="both"), (0.001, 0.5))
log_size = Parameter(
    "lnH", r"\ln|\mathcal H|", "largest log-cardinality of a class", reals(0, sp.oo), (0, 1000), "nats"
)
total_log_size = Parameter(
    "lnHs", r"\textstyle\sum_t\ln|\mathcal H_t|", "sum of the log-cardinalities", reals(0, sp.oo), (0, 10**5), "nats"
)
