"""Parameters of the body `concepts` (definitions D1-D12 of its specification), declared once.

The names are those of the specification's formulas. Scores, logits and losses have no unit (losses in nats); steps
are counted t = 0, 1, 2, ... and a value "at t" is taken before step t.
"""

from __future__ import annotations

import sympy as sp

from theory.parameter import Parameter, integers, reals

_POSITIVE = reals(0, sp.oo, open="lower")

# the prompt
L = Parameter("L", "L", "number of demonstrations", integers(1), (1, 16), "demonstrations")
np = Parameter("np", "n_+", "demonstrations with the sign of the query", integers(1), (1, 16), "demonstrations")
nm = Parameter("nm", "n_-", "demonstrations with the other sign", integers(0), (0, 16), "demonstrations")
pk = Parameter("pk", r"\pi_k", "probability of the concept", reals(0, 1, open="lower"), (0.01, 1))
rho1 = Parameter("rho1", r"\rho_1", "probability that another task concept is active", reals(0, 1), (0, 0.3))
sigma = Parameter("sigma", r"\sigma_\xi", "standard deviation of the noise", _POSITIVE, (0.01, 1))
K1 = Parameter("K1", "K_1", "number of task concepts", integers(1), (1, 10))

# the dictionary
u = Parameter("u", "u", "norm of a word vector", _POSITIVE, (0.5, 5))
kx = Parameter("kx", r"\kappa_x", "cosine between the two words of a concept", reals(0, 1, open="both"), (0.1, 0.9))
nb2 = Parameter("nb2", r"\|b_k\|^2", "squared norm of the semantic difference", _POSITIVE, (0.1, 10))
nd = Parameter("nd", r"\|d_k\|", "norm of the label difference", _POSITIVE, (0.1, 10))

# the network and its training
m = Parameter("m", "m", "number of neurons", integers(2), (2, 1000))
phi = Parameter("phi", r"\varphi", "share of neurons active at the start", reals(0, 1, open="lower"), (0.1, 1))
lam = Parameter("lam", r"\lambda", "weight decay", _POSITIVE, (1e-4, 0.1))
g = Parameter(
    "g",
    r"\gamma",
    "offset of the learning rate 2/(lambda (gamma + t))",
    reals(2, sp.oo, open="lower"),
    (3, 2000),
    "steps",
)
t = Parameter("t", "t", "steps of training", integers(0), (0, 5000), "steps")
T = Parameter("T", "T", "steps of training in all", integers(1), (1, 20000), "steps")
W0 = Parameter("W0", "W_0", "dimensionless start of the attention weight (D9)", _POSITIVE, (0.1, 30))

# the reduced dynamics (D9)
b = Parameter("b", r"\beta", "score of a match: the attention's form on the semantic difference", reals(), (-5, 5))
Nb = Parameter("Nb", "N_b", "squared norm of the semantic difference", _POSITIVE, (0.1, 10))
kd = Parameter("kd", r"\kappa_d", "squared norm of the label difference over m", _POSITIVE, (0.01, 10))
kc = Parameter("kc", r"\kappa_c", "squared norm of the label concept over m", _POSITIVE, (0.01, 10))
