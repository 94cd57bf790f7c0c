"""The tableau in bits, only on the cells that the head can have reached (specification `autoregressive` 2E)."""

from __future__ import annotations

import sympy as sp

from theory.autoregressive.machines import cone_one_sided, cone_two_sided, count, states, symbols, tau
from theory.claim import Claim, Kind, Status, equal, lower, upper
from theory.define import defined
from theory.derivation import derive
from theory.justification import Induction, Termwise, algebra, fact, quick, unfold
from theory.lemma import Lemma
from theory.proposition import Forall, eq, ge, le
from theory.source import OWN

_tau, _Q, _A = (p.symbol for p in (tau, states, symbols))
_t, _j = (sp.Symbol(name, integer=True, nonnegative=True) for name in "tj")
_x, _z, _w = (sp.Symbol(name, integer=True, positive=True) for name in "xzw")
_v = sp.Symbol("v", integer=True)

head_cell = sp.Function("head_cell", real=True)  # cell of the head after t steps
HEAD_MOVES = (
    eq(head_cell(0), 0),
    Forall((_t,), le(head_cell(_t + 1), head_cell(_t) + 1)),
    Forall((_t,), ge(head_cell(_t + 1), head_cell(_t) - 1)),
)
head_reach = Lemma(
    "autoregressive/head_reach",
    "After t steps the head is at most t cells to the right of where it started",
    (tau,),
    Forall((_t,), le(head_cell(_t), _t)),
    hypotheses=HEAD_MOVES[:2],
    functions=(head_cell,),
    backing=derive().have(
        "reach", Forall((_t,), le(head_cell(_t), _t)), by=[Induction(_t), "hypothesis 1", "hypothesis 2", quick]
    ),
)
_s0 = _Q * _A + _A  # bits P and S' of a cell
cone_bits_two_sided = defined(
    "autoregressive/cone_bits_two_sided",
    "cone_bits_two_sided(tau, Q, A) = P and S' of the cells the head can have reached before step t = 1..tau, H' of "
    "those it can have reached after it, then the answer; two-sided tape",
    (_x, _z, _w),
    count(cone_two_sided(_j - 1) * (_z * _w + _w) + cone_two_sided(_j) * _z, _j, _x) + 1,
    integer=True,
)
cone_bits_one_sided = defined(
    "autoregressive/cone_bits_one_sided",
    "cone_bits_one_sided(tau, Q, A) = the same on a one-sided tape",
    (_x, _z, _w),
    count(cone_one_sided(_j - 1) * (_z * _w + _w) + cone_one_sided(_j) * _z, _j, _x) + 1,
    integer=True,
)
_TWO = _tau**2 * _s0 + (_tau**2 + 2 * _tau) * _Q + 1
_ONE = _tau * (_tau + 1) / 2 * _s0 + _tau * (_tau + 3) / 2 * _Q + 1
_two_terms = (2 * _j - 1) * _s0 + (2 * _j + 1) * _Q
_one_terms = _j * _s0 + (_j + 1) * _Q

turing_binary_cone = Claim(
    id="autoregressive/turing_binary_cone",
    title="The tableau in bits, only inside the light cone",
    kind=Kind.EQUALITY,
    text=(
        "Only cells |c| <= t can hold the head after t steps, and only those of t - 1 can have changed: with P and S' "
        "for these and H' for those the tableau takes tau^2 (|Q||A| + |A|) + (tau^2 + 2 tau)|Q| + 1 tokens on a "
        "two-sided and tau(tau+1)/2 (|Q||A| + |A|) + tau(tau+3)/2 |Q| + 1 on a one-sided tape, whatever n is"
    ),
    parameters=(tau, states, symbols),
    hypotheses=HEAD_MOVES,
    functions=(head_cell,),
    statements=(
        equal(cone_bits_two_sided(_tau, _Q, _A), _TWO, label="length, two-sided"),
        equal(cone_bits_one_sided(_tau, _Q, _A), _ONE, label="length, one-sided"),
        upper(head_cell(_tau), _tau, label="to the right"),
        lower(head_cell(_tau), -_tau, label="to the left"),
    ),
    source=OWN,
    status=Status.SHARPENED,
    sharpens=("autoregressive/turing_binary",),
    derivation=derive()
    .have(
        "cells, two-sided",
        Forall((_t,), eq(cone_two_sided(_t), 2 * _t + 1)),
        by=[unfold(cone_two_sided, t=_t), algebra],
    )
    .have("cells, one-sided", Forall((_t,), eq(cone_one_sided(_t), _t + 1)), by=[unfold(cone_one_sided, t=_t), algebra])
    .have(
        "layer, two-sided",
        Forall(
            (_v,),
            eq(cone_two_sided(_v - 1) * _s0 + cone_two_sided(_v) * _Q, _two_terms.xreplace({_j: _v})),
            (ge(_v, 1),),
        ),
        by=[fact("cells, two-sided", t=_v - 1), fact("cells, two-sided", t=_v), quick],
    )
    .have(
        "layer, one-sided",
        Forall(
            (_v,),
            eq(cone_one_sided(_v - 1) * _s0 + cone_one_sided(_v) * _Q, _one_terms.xreplace({_j: _v})),
            (ge(_v, 1),),
        ),
        by=[fact("cells, one-sided", t=_v - 1), fact("cells, one-sided", t=_v), quick],
    )
    .have(
        "layers, two-sided",
        eq(count(cone_two_sided(_j - 1) * _s0 + cone_two_sided(_j) * _Q, _j, _tau), count(_two_terms, _j, _tau)),
        by=[Termwise(), fact("layer, two-sided", v=_j)],
    )
    .have(
        "layers, one-sided",
        eq(count(cone_one_sided(_j - 1) * _s0 + cone_one_sided(_j) * _Q, _j, _tau), count(_one_terms, _j, _tau)),
        by=[Termwise(), fact("layer, one-sided", v=_j)],
    )
    .have("sum, two-sided", eq(count(_two_terms, _j, _tau) + 1, _TWO), by=algebra)
    .have("sum, one-sided", eq(count(_one_terms, _j, _tau) + 1, _ONE), by=algebra)
    .have(
        "length, two-sided",
        eq(cone_bits_two_sided(_tau, _Q, _A), _TWO),
        by=[unfold(cone_bits_two_sided, x=_tau, z=_Q, w=_A), "layers, two-sided", "sum, two-sided"],
    )
    .have(
        "length, one-sided",
        eq(cone_bits_one_sided(_tau, _Q, _A), _ONE),
        by=[unfold(cone_bits_one_sided, x=_tau, z=_Q, w=_A), "layers, one-sided", "sum, one-sided"],
    )
    .have("reach to the right", head_reach.conclusion, by=["hypothesis 1", "hypothesis 2", head_reach.at()])
    .have("to the right", le(head_cell(_tau), _tau), by=fact("reach to the right", t=_tau))
    .have(
        "reach to the left",
        Forall((_t,), ge(head_cell(_t), -_t)),
        by=[Induction(_t), "hypothesis 1", "hypothesis 3", quick],
    )
    .have("to the left", ge(head_cell(_tau), -_tau), by=fact("reach to the left", t=_tau)),
)
