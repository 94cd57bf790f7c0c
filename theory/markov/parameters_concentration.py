"""Random functions of a sequence: their tails, norms and mixing (definitions for `theory.markov.concentration`).

A function f of a random sequence Y_1..Y_N of letters is known by a number; its own law, its mixing matrix Gamma (D18)
and its largest changes c_i under a change of letter i belong to it. "With probability at least 1 - delta,
E f - f <= u" is the relation shortfall(f, delta) <= u between numbers.

Main definitions
    log_mgf, lower_tail, shortfall                of f - E f
    influence, difference_norm, mixing_norm       |Gamma c|, |c|, |Gamma| (spectral norm)
    blocked, pair_distance, tau_min               of functions of a Markov chain (D7, D20, D22)
"""

from __future__ import annotations

import sympy as sp

from theory.define import defined, opaque
from theory.lemma import Definition, meaning
from theory.parameter import Parameter, integers, reals
from theory.proposition import le

f = Parameter("f", "f", "number of a function of a random sequence", integers(0), (0, 10))
lam = Parameter("lambda_", r"\lambda", "argument of the moment generating function", reals(), (-4, 4))
u = Parameter("u", "u", "level", reals(0), (0, 1))
c_norm = Parameter(
    "c_norm", r"\|c\|", "bound on the norm of the largest changes of f", reals(0, sp.oo, open="lower"), (0.01, 1)
)
reach = Parameter(
    "reach",
    r"\|\Gamma c\|",
    "bound on the norm of the mixing matrix times the largest changes of f",
    reals(0, sp.oo, open="lower"),
    (0.01, 3),
)

_f = sp.Symbol("f_", integer=True, nonnegative=True)
_d = sp.Symbol("delta_", positive=True)
_u = sp.Symbol("u_", nonnegative=True)

log_mgf = opaque(
    "markov/log_mgf", "log_mgf(f, lambda) = log E exp(lambda (f - E f)), in nats", latex=r"\log E e^{\lambda(f-Ef)}"
)
lower_tail = opaque("markov/lower_tail", "lower_tail(f, u) = P(E f - f >= u)", bounds=(0, 1), nonnegative=True)
shortfall = opaque(
    "markov/shortfall",
    "shortfall(f, delta) = smallest u >= 0 with P(E f - f > u) <= delta: what E f - f does not exceed with probability "
    ">= 1 - delta",
    nonnegative=True,
)
above_shortfall = defined(
    "markov/above_shortfall",
    "above_shortfall(f, delta, u) = u - shortfall(f, delta) where P(E f - f >= u) <= delta; it is >= 0: shortfall is "
    "the smallest such level",
    (_f, _d, _u),
    _u - shortfall(_f, _d),
    conditions=(le(lower_tail(_f, _u), _d),),
    bounds=(0, None),
    nonnegative=True,
    range_by=meaning(shortfall),
)
influence = opaque(
    "markov/influence",
    "influence(f) = |Gamma c|, Euclidean norm (D18)",
    latex=r"\|\Gamma c\|",
    bounds=(0, None),
    nonnegative=True,
)
difference_norm = opaque(
    "markov/difference_norm",
    "difference_norm(f) = |c|, c_i the largest change of f when only letter i changes",
    latex=r"\|c\|",
    bounds=(0, None),
    nonnegative=True,
)
mixing_norm = opaque(
    "markov/mixing_norm",
    "mixing_norm(f) = |Gamma|, spectral norm of the mixing matrix of the sequence that f is a function of (D18); >= 1, "
    "since the diagonal is 1",
    latex=r"\|\Gamma\|",
    bounds=(1, None),
    nonnegative=True,
)
tau = Parameter(
    "tau_min", r"\tau_{\min}", "bound on tau_min of the chain (D20)", reals(0, sp.oo, open="lower"), (4, 40), "steps"
)
block = Parameter("block", "B", "length of a block", integers(1), (1, 20), "steps")
spare = Parameter(
    "spare", "1-a", "1 minus a bound a on the pair distance after one block", reals(0, 1, open="lower"), (0.1, 1)
)

_n = sp.Symbol("t_", integer=True, nonnegative=True)
_integral = {"integer": True, "nonnegative": True}

block_count = opaque(
    "markov/block_count",
    "block_count(f, B) = number of blocks of B letters that the sequence is read in",
    bounds=(1, None),
    integer=True,
    positive=True,
)
blocked = Definition(
    "markov/blocked",
    sp.Function("blocked", **_integral),
    "blocked(f, B) = number of f as a function of the sequence of consecutive blocks of B letters (D22)",
)
pair_distance = opaque(
    "markov/pair_distance",
    "pair_distance(f, t) = max d_TV(M^t(x,.), M^t(y,.)) over states x, y of the chain that f is a function of (D7)",
    latex=r"\bar d(t)",
    bounds=(0, 1),
    nonnegative=True,
)
optimal_block = Definition(
    "markov/optimal_block",
    sp.Function("optimal_block", **_integral),
    "optimal_block(f) = the t >= 1 at which the minimum that defines tau_min is attained (D20)",
    bounds=(1, None),
)
tau_min = defined(
    "markov/tau_min",
    "tau_min(f) = min over t >= 1 with pair_distance(f, t) < 1 of t ((2 - pair_distance)/(1 - pair_distance))^2 (D20)",
    (_f,),
    optimal_block(_f) * ((2 - pair_distance(_f, optimal_block(_f))) / (1 - pair_distance(_f, optimal_block(_f)))) ** 2,
    latex=r"\tau_{\min}",
    unit="steps",
)
