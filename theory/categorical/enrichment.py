"""Data processing, and which divergences enrich the category (specification `categorical` 2.1, D7, D8).

Main statements
    data_processing   a kernel brings two laws closer, in every f-divergence and every Rényi divergence

Masses are functions of a letter, and phi(a, b) is what a letter of masses a, b adds to a divergence
(theory.lemmas.subadditive): phi(a, b) = b f(a/b) for a convex f, with the edge cases of 4.1. Masses may be zero.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from theory.claim import Claim, Kind, Status, upper
from theory.derivation import derive
from theory.justification import Termwise, decide, fact, quick
from theory.lemma import Lemma
from theory.lemmas import subadditive
from theory.lemmas.subadditive import is_kernel, k, last, masses, over, p, phi, pushed, q, top, x, y
from theory.parameter import Parameter, integers, reals
from theory.proposition import Forall, ge, gt, le, substitute
from theory.source import Source

_m, _n = top.symbol, last.symbol
psi = sp.Function("psi", real=True)
above = Parameter("a", "a", "order of a Rényi divergence, above 1", reals(1, sp.oo, open="lower"), (1.1, 5))
below = Parameter("b", "b", "order of a Rényi divergence, below 1", reals(0, 1, open="upper"), (0, 0.9))
largest = Parameter("c", "c", "largest likelihood ratio p/q", reals(0), (1, 10))
letter = Parameter("y", "y", "an output letter", integers(0, _n), (0, 7))


def contribution(term: Any, first: Any, second: Any) -> sp.Sum:
    """The sum of term(first, second) over the input letters."""
    return over(term(first(x), second(x)), _m)


def after(term: Any) -> sp.Sum:
    """The sum of term(pk, qk) over the output letters."""
    return over(term(pushed(p, y), pushed(q, y)), _n, y)


rho = sp.Function("rho", real=True)
_first, _second = sp.symbols("first second", real=True)


def convex(term: Any, sign: int = 1) -> tuple[Any, ...]:
    """sign * term is subadditive and homogeneous (two hypotheses)."""
    table = {phi: sp.Lambda((_first, _second), sign * term(_first, _second))}
    return (substitute(subadditive.subadditive, table), substitute(subadditive.homogeneous, table))


def processed(term: Any, sign: int = 1) -> Any:
    """The data-processing lemma for sign * term."""
    return subadditive.data_processing.at(phi=sp.Lambda((_first, _second), sign * term(_first, _second)))


def renyi(total: Any, order: Any) -> sp.Expr:
    """The Rényi divergence of an order from its sum of powers."""
    return sp.log(total) / (order - 1)


_before = {term: contribution(term, p, q) for term in (phi, rho, psi)}
_after = {term: after(term) for term in (phi, rho, psi)}
_a, _b, _c = above.symbol, below.symbol, largest.symbol
_gap = Parameter("gap", "g", "distance of an order from 1", reals(0, sp.oo, open="lower"), (0.1, 3))
_small = Parameter("small", "u", "the smaller sum", reals(0, sp.oo, open="lower"), (0.1, 1))
_large = Parameter("large", "v", "the larger sum", reals(0, sp.oo, open="lower"), (0.1, 1))
log_over_gap = Lemma(
    "categorical/log_over_gap",
    "The logarithm over a positive number is monotone",
    (_gap, _small, _large),
    le(sp.log(_small.symbol) / _gap.symbol, sp.log(_large.symbol) / _gap.symbol),
    hypotheses=(le(_small.symbol, _large.symbol),),
    backing=derive()
    .have("logarithm", le(sp.log(_small.symbol), sp.log(_large.symbol)), by=["hypothesis 1", decide])
    .have(
        "over the gap",
        le(sp.log(_small.symbol) / _gap.symbol, sp.log(_large.symbol) / _gap.symbol),
        by=["logarithm", decide],
    ),
)
_hypotheses = (
    *masses(p, q),
    *is_kernel(k),
    *convex(phi),
    *convex(rho),
    *convex(psi, -1),
    gt(_after[rho], 0),
    gt(_before[psi], 0),
    Forall((x,), le(p(x), _c * q(x))),
)
_laws = tuple(f"hypothesis {h}" for h in range(1, 5))
_arrived = {law: pushed(law, letter.symbol) for law in (p, q)}

data_processing = Claim(
    id="categorical/data_processing",
    title="Data-processing inequality",
    kind=Kind.UPPER,
    text=(
        "D(pk‖qk) <= D(p‖q) for laws p, q on a finite set and every kernel k from it, D any f-divergence (phi: a "
        "letter of masses a, b adds phi(a, b) = b f(a/b)) or Rényi divergence: of order above 1 (rho(a, b) = a^α "
        "b^(1-α)), below 1 (psi(a, b) = a^α b^(1-α); for order 0 psi(a, b) = b where a > 0, else 0) and infinite "
        "(the largest ratio p/q is at most c). Equality for an injective deterministic k"
    ),
    parameters=(top, last, above, below, largest, letter),
    functions=(p, q, k, phi, rho, psi),
    hypotheses=_hypotheses,
    statements=(
        upper(_after[phi], _before[phi], label="f-divergence"),
        upper(renyi(_after[rho], _a), renyi(_before[rho], _a), label="order above 1"),
        upper(renyi(_after[psi], _b), renyi(_before[psi], _b), label="order below 1"),
        upper(_arrived[p], _c * _arrived[q], label="order infinity"),
    ),
    source=Source("zhang2025", "Thm 2.4"),
    status=Status.AS_STATED,
    remarks=("an order for which the sum of powers vanishes or is infinite has an infinite divergence on the right",),
    derivation=derive()
    .have(
        "f-divergence",
        le(_after[phi], _before[phi]),
        by=[*_laws, "hypothesis 5", "hypothesis 6", processed(phi)],
        note="phi is subadditive: f is convex",
    )
    .have("powers above 1", le(_after[rho], _before[rho]), by=[*_laws, "hypothesis 7", "hypothesis 8", processed(rho)])
    .have(
        "negative powers below 1",
        le(over(-psi(pushed(p, y), pushed(q, y)), _n, y), over(-psi(p(x), q(x)), _m)),
        by=[*_laws, "hypothesis 9", "hypothesis 10", processed(psi, -1)],
    )
    .have("powers below 1", ge(_after[psi], _before[psi]), by=["negative powers below 1", decide])
    .have("some power before", gt(_before[rho], 0), by=["powers above 1", "hypothesis 11", quick])
    .have("some power after", gt(_after[psi], 0), by=["powers below 1", "hypothesis 12", quick])
    .have(
        "order above 1",
        le(renyi(_after[rho], _a), renyi(_before[rho], _a)),
        by=[
            "powers above 1",
            "hypothesis 11",
            "some power before",
            log_over_gap.at(gap=_a - 1, small=_after[rho], large=_before[rho]),
        ],
    )
    .have(
        "logarithms below 1",
        le(sp.log(_before[psi]) / (1 - _b), sp.log(_after[psi]) / (1 - _b)),
        by=[
            "powers below 1",
            "hypothesis 12",
            "some power after",
            log_over_gap.at(gap=1 - _b, small=_before[psi], large=_after[psi]),
        ],
    )
    .have(
        "order below 1",
        le(renyi(_after[psi], _b), renyi(_before[psi], _b)),
        by=["logarithms below 1", decide],
    )
    .have(
        "ratios",
        Forall((x,), le(p(x) * k(x, letter.symbol), _c * q(x) * k(x, letter.symbol))),
        by=[fact("hypothesis 13", x=x), fact("hypothesis 3", x=x, y=letter.symbol), decide],
    )
    .have("sum of ratios", le(_arrived[p], over(_c * q(x) * k(x, letter.symbol), _m)), by=[Termwise(), "ratios"])
    .have("order infinity", le(_arrived[p], _c * _arrived[q]), by=["sum of ratios", quick]),
)
