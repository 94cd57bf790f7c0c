"""A stochastic matrix M, its coefficients and its powers, as definitions for `theory.lemmas.contraction`.

M acts on the states 0..size-1 and has the stationary law pi. What M is (rows of mass 1, smallest entry m, pi M = pi)
and what a largest or smallest value is stands in the ranges of the definitions: `row_mass` lies in [1, 1],
`above_least` is >= 0, and so on. Sets of states are numbered by b; indices outside 0..size-1 are never summed over.

Main definitions
    entry, row_mass                   M and its row sums
    above_least, column_least, doeblin_mass, overlap   the coefficients m, alpha, kappa (D9)
    hit, highest, lowest, spread      M^t(x, b), its extreme starts, and the difference of its extreme values
    stationary, stationary_mass, mean, drift           pi, and pi M = pi
    power_distance, power_deviation   the distances from pi
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from theory.define import defined, opaque
from theory.justification import unfold
from theory.lemma import Definition, meaning
from theory.parameter import Parameter, integers, reals
from theory.proposition import Forall, eq

q = Parameter("q", "q", "number of applications of M", integers(0), (0, 100), "steps")
b = Parameter("b", "b", "number of a set of states of M", integers(0), (0, 100))
c = Parameter("c", "c", "contraction factor", reals(0, 1), (0, 1))
kappa = Parameter("kappa", r"\kappa", "Dobrushin coefficient of M", reals(0, 1), (0, 1))
alpha = Parameter("alpha", r"\alpha", "Doeblin coefficient of M", reals(0, 1), (0, 1))
size = Parameter("size", "s", "number of states of M", integers(2), (2, 10_000))
least = Parameter("m", "m", "smallest entry of M", reals(0, 1), (0, 0.5))

t_ = sp.Symbol("t", integer=True, nonnegative=True)
b_ = sp.Symbol("b_", integer=True, nonnegative=True)
k_ = sp.Symbol("k", integer=True, nonnegative=True)
x_ = sp.Symbol("x", integer=True, nonnegative=True)
y_ = sp.Symbol("y", integer=True, nonnegative=True)


def over_states(term: Any) -> sp.Sum:
    """Sum of `term` over the states k = 0..size-1."""
    return sp.Sum(term, (k_, 0, size.symbol - 1))


def _real(name: str, **assumptions: bool) -> Any:
    return sp.Function(name, real=True, **assumptions)


entry = opaque("stochastic_matrix/entry", "entry(x, y) = M(x, y)", bounds=(0, 1), nonnegative=True)
row_mass = defined(
    "stochastic_matrix/row_mass",
    "row_mass(x) = sum_y M(x, y), which is 1: M is stochastic",
    (x_,),
    over_states(entry(x_, k_)),
    bounds=(1, 1),
    range_by=meaning(entry),
)
above_least = defined(
    "stochastic_matrix/above_least",
    "above_least(x, y) = M(x, y) - m, which is >= 0: m is the smallest entry",
    (x_, y_),
    entry(x_, y_) - least.symbol,
    bounds=(0, None),
    range_by=meaning(least.symbol),
)
column_least = opaque(
    "stochastic_matrix/column_least", "column_least(y) = min_x M(x, y)", bounds=(0, 1), nonnegative=True
)
above_column_least = defined(
    "stochastic_matrix/above_column_least",
    "above_column_least(x, y) = M(x, y) - min_x' M(x', y), which is >= 0",
    (x_, y_),
    entry(x_, y_) - column_least(y_),
    bounds=(0, None),
    range_by=meaning(column_least),
)
doeblin_mass = defined(
    "stochastic_matrix/doeblin_mass",
    "doeblin_mass() = sum_y min_x M(x, y), which is the Doeblin coefficient alpha (D9)",
    (),
    over_states(column_least(k_)),
    bounds=(alpha.symbol, alpha.symbol),
    range_by=meaning(alpha.symbol),
)
overlap = defined(
    "stochastic_matrix/overlap",
    "overlap(x, x') = sum_y min(M(x, y), M(x', y)), which is >= 1 - kappa by the definition of kappa (D9)",
    (x_, y_),
    over_states(sp.Min(entry(x_, k_), entry(y_, k_))),
    bounds=(1 - kappa.symbol, None),
    range_by=meaning(kappa.symbol),
)

inside = opaque(
    "stochastic_matrix/inside", "inside(b, x) = 1 if x is in the set b, else 0", bounds=(0, 1), nonnegative=True
)
_hit = sp.Function("hit", real=True, nonnegative=True)
hit = Definition(
    "stochastic_matrix/hit",
    _hit,
    "hit(b, t, x) = M^t(x, b), the probability of being in the set b after t steps",
    (
        Forall((b_, x_), eq(_hit(b_, 0, x_), inside(b_, x_))),
        Forall((b_, t_, x_), eq(_hit(b_, t_ + 1, x_), over_states(entry(x_, k_) * _hit(b_, t_, k_)))),
    ),
    r"M^t(x,b)",
    (0, 1),
    range_by=(unfold(inside), unfold(entry), unfold(row_mass, x=x_)),
)
highest = opaque(
    "stochastic_matrix/highest",
    "highest(b, t) = a start from which b is likeliest after t steps",
    bounds=(0, None),
    integer=True,
    nonnegative=True,
)
lowest = opaque(
    "stochastic_matrix/lowest",
    "lowest(b, t) = a start from which b is least likely after t steps",
    bounds=(0, None),
    integer=True,
    nonnegative=True,
)
below_highest = defined(
    "stochastic_matrix/below_highest",
    "below_highest(b, t, x) = max_x' M^t(x', b) - M^t(x, b), which is >= 0",
    (b_, t_, x_),
    hit(b_, t_, highest(b_, t_)) - hit(b_, t_, x_),
    bounds=(0, None),
    range_by=meaning(highest),
)
above_lowest = defined(
    "stochastic_matrix/above_lowest",
    "above_lowest(b, t, x) = M^t(x, b) - min_x' M^t(x', b), which is >= 0",
    (b_, t_, x_),
    hit(b_, t_, x_) - hit(b_, t_, lowest(b_, t_)),
    bounds=(0, None),
    range_by=meaning(lowest),
)
spread = defined(
    "stochastic_matrix/spread",
    "spread(b, t) = max_x M^t(x, b) - min_x M^t(x, b)",
    (b_, t_),
    hit(b_, t_, highest(b_, t_)) - hit(b_, t_, lowest(b_, t_)),
    latex=r"\mathrm{osc}",
)

stationary = opaque(
    "stochastic_matrix/stationary",
    "stationary(x) = pi(x), the stationary law of M",
    latex=r"\pi",
    bounds=(0, 1),
    nonnegative=True,
)
stationary_mass = defined(
    "stochastic_matrix/stationary_mass",
    "stationary_mass() = sum_x pi(x), which is 1",
    (),
    over_states(stationary(k_)),
    bounds=(1, 1),
    range_by=meaning(stationary),
)
mean = defined(
    "stochastic_matrix/mean",
    "mean(b, t) = sum_x pi(x) M^t(x, b)",
    (b_, t_),
    over_states(stationary(k_) * hit(b_, t_, k_)),
    bounds=(0, 1),
    range_by=(unfold(stationary), unfold(hit), unfold(stationary_mass)),
)
drift = defined(
    "stochastic_matrix/drift",
    "drift(b, t) = (pi M)(M^t 1_b) - pi(M^t 1_b), which is 0: pi M = pi",
    (b_, t_),
    mean(b_, t_ + 1) - mean(b_, t_),
    bounds=(0, 0),
    range_by=meaning(stationary),
)

_worst_set = sp.Function("worst_set", integer=True, nonnegative=True)
_worst_start = sp.Function("worst_start", integer=True, nonnegative=True)
_worst_target = sp.Function("worst_target", integer=True, nonnegative=True)
_far_start = sp.Function("far_start", integer=True, nonnegative=True)
power_distance = defined(
    "stochastic_matrix/power_distance",
    "power_distance(t) = max_x d_TV(M^t(x,.), pi) = max over starts x and sets b of M^t(x, b) - pi(b)",
    (t_,),
    hit(_worst_set(t_), t_, _worst_start(t_)) - mean(_worst_set(t_), 0),
    latex=r"\max_x d_{TV}(M^t(x,\cdot),\pi)",
    bounds=(0, 1),
    nonnegative=True,
    range_by=(meaning(_worst_set, _worst_start, side="low"), unfold(hit), unfold(mean)),
)
power_deviation = defined(
    "stochastic_matrix/power_deviation",
    "power_deviation(t) = max_{x,y} |M^t(x,y) - pi(y)|, the largest over the sets b = {y}",
    (t_,),
    sp.Abs(hit(_worst_target(t_), t_, _far_start(t_)) - mean(_worst_target(t_), 0)),
    latex=r"\max_{x,y}|M^t(x,y)-\pi(y)|",
    bounds=(0, 1),
    nonnegative=True,
    range_by=(unfold(hit), unfold(mean)),
)
worst_set, worst_start, worst_target, far_start = _worst_set, _worst_start, _worst_target, _far_start
