"""The least Jeffreys divergence of two laws of given total variation.

p and q are positive laws on 0..top, J = sum (p - q) log(p/q), tau = d_TV(p, q).

Main statements
    token            one letter, with a free slope e > 0
    above_tangent    J >= 2 tau log e + 2 - (1 - tau) e - (1 + tau)/e for every e > 0, linear in tau
    artanh_bound     J >= 4 tau artanh tau at tau = tanh T; sharp: p = (1 + tau, 1 - tau)/2, q = p reversed

Source: specification `categorical`, L9; Gilardoni (2006); own derivation.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from theory.derivation import derive
from theory.justification import Termwise, algebra, decide, fact, quick
from theory.lemma import Lemma
from theory.lemmas.divergence import laws, log_below, p, q, top, total, total_variation, within
from theory.parameter import Parameter, reals
from theory.proposition import Forall, eq, ge, le

_k, _l = (sp.Symbol(name, integer=True, nonnegative=True) for name in "kl")
a, b, e = (Parameter(n, n, m, reals(0, open="lower"), (0.1, 1)) for n, m in (("a", "p"), ("b", "q"), ("e", "a slope")))
artanh = Parameter("T", "T", "artanh of the total variation of p and q", reals(0), (0, 2))
_a, _b, _e, _T = a.symbol, b.symbol, e.symbol, artanh.symbol


def jeffreys_of(first: Any, second: Any) -> sp.Expr:
    """One letter of the Jeffreys divergence."""
    return (first - second) * sp.log(first / second)


def _larger(first: Any, second: Any) -> sp.Expr:
    return (first + second + sp.Abs(first - second)) / 2


def _smaller(first: Any, second: Any) -> sp.Expr:
    return (first + second - sp.Abs(first - second)) / 2


def _line(first: Any, second: Any) -> sp.Expr:
    spread = sp.Abs(first - second) * sp.log(_e)
    return spread + first + second - _smaller(first, second) * _e - _larger(first, second) / _e


def _ordered(x: Any, y: Any) -> sp.Expr:
    return (x - y) * sp.log(_e) + x + y - y * _e - x / _e


ordered = Lemma(
    "jeffreys/ordered",
    "One letter, for any order of p and q",
    (a, b, e),
    ge(jeffreys_of(_a, _b), _ordered(_a, _b)),
    backing=derive()
    .have("up", le(sp.log(_b * _e / _a), _b * _e / _a - 1), by=log_below.at(t=_b * _e / _a))
    .have("down", le(sp.log(_a / (_b * _e)), _a / (_b * _e) - 1), by=log_below.at(t=_a / (_b * _e)))
    .have("p", le(_a * sp.log(_b * _e / _a), _b * _e - _a), by=["up", decide])
    .have("q", le(_b * sp.log(_a / (_b * _e)), _a / _e - _b), by=["down", decide])
    .have(
        "logarithms",
        eq(
            jeffreys_of(_a, _b),
            (_a - _b) * sp.log(_e) - _a * sp.log(_b * _e / _a) - _b * sp.log(_a / (_b * _e)),
        ),
        by=algebra,
    )
    .have("letter", ge(jeffreys_of(_a, _b), _ordered(_a, _b)), by=["p", "q", "logarithms"]),
)
token = Lemma(
    "jeffreys/token",
    "One letter",
    (a, b, e),
    ge(jeffreys_of(_a, _b), _line(_a, _b)),
    backing=derive()
    .have("forward", ge(jeffreys_of(_a, _b), _ordered(_a, _b)), by=ordered.at())
    .have("backward", ge(jeffreys_of(_b, _a), _ordered(_b, _a)), by=ordered.at(a=_b, b=_a))
    .have("symmetric", eq(jeffreys_of(_b, _a), jeffreys_of(_a, _b)), by=algebra)
    .have("letter", ge(jeffreys_of(_a, _b), _line(_a, _b)), by=["forward", "backward", "symmetric", decide]),
)
jeffreys = total(jeffreys_of(p(_k), q(_k)))
_distance = total_variation()


def tangent(at: Any, slope: Any = _e) -> sp.Expr:
    """The tangent of 4 t artanh t of slope parameter `slope`, at t = `at`."""
    return 2 * at * sp.log(slope) + 2 - (1 - at) * slope - (1 + at) / slope


above_tangent = Lemma(
    "jeffreys/above_tangent",
    "Jeffreys divergence above a line in the total variation",
    (top, e),
    ge(jeffreys, tangent(_distance)),
    hypotheses=laws(),
    functions=(p, q),
    backing=derive(jeffreys)
    .have(
        "letter",
        Forall((_l,), ge(jeffreys_of(p(_l), q(_l)), _line(p(_l), q(_l))), within(_l)),
        by=[fact("hypothesis 1", k=_l), fact("hypothesis 2", k=_l), token.at(a=p(_l), b=q(_l))],
    )
    .ge(total(_line(p(_k), q(_k))), by=[Termwise(), "letter"], name="termwise")
    .eq(
        2 * _distance * sp.log(_e)
        + total(p(_k))
        + total(q(_k))
        - (total(p(_k)) + total(q(_k)) - 2 * _distance) / 2 * _e
        - (total(p(_k)) + total(q(_k)) + 2 * _distance) / 2 / _e,
        by=algebra,
        name="linear",
    )
    .eq(tangent(_distance), by=["hypothesis 3", "hypothesis 4", quick], name="laws"),
)
_e_T, _tanh = sp.exp(2 * _T), sp.tanh(_T)
tangent_point = Lemma(
    "jeffreys/tangent_point",
    "The line touches 4 t artanh t at t = tanh T for e = e^(2T)",
    (artanh,),
    eq(tangent(_tanh, _e_T), 4 * _T * _tanh),
    backing=derive().have("value", eq(tangent(_tanh, _e_T), 4 * _T * _tanh), by=algebra),
)
artanh_bound = Lemma(
    "jeffreys/artanh_bound",
    "J >= 4 tau artanh tau, tau = tanh T",
    (top, artanh),
    ge(jeffreys, 4 * _T * _tanh),
    hypotheses=(*laws(), eq(_distance, _tanh)),
    functions=(p, q),
    backing=derive()
    .have(
        "line",
        ge(jeffreys, tangent(_distance, _e_T)),
        by=[*(f"hypothesis {i}" for i in range(1, 5)), above_tangent.at(e=_e_T)],
    )
    .have(
        "at tau",
        eq(tangent(_distance, _e_T), tangent(_tanh, _e_T)),
        by=["hypothesis 5", quick],
    )
    .have("touches", eq(tangent(_tanh, _e_T), 4 * _T * _tanh), by=tangent_point.at())
    .have("bound", ge(jeffreys, 4 * _T * _tanh), by=["line", "at tau", "touches"]),
)
