"""Sizes of a Turing machine and of its tableau, shared by the claims about its routes (specification D12 and 2E).

Cells are counted from the left end of the window: index j = 0, 1, ... stands for cell lo + j.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from theory.define import defined
from theory.derivation import derive
from theory.justification import Induction, quick
from theory.lemma import Lemma
from theory.parameter import Parameter, integers, reals
from theory.proposition import Forall, eq

tau = Parameter("tau", r"\tau", "number of steps of the machine", integers(1), (1, 1000), "steps")
states = Parameter("Q", "|Q|", "number of states", integers(1), (1, 12))
symbols = Parameter("A", r"|\Gamma|", "number of tape symbols, the blank among them", integers(2), (2, 9))
cells = Parameter("C", "C", "number of cells of the window", integers(1), (1, 1000), "cells")
accepting = Parameter("F", r"|\mathrm{Acc}|", "number of accepting states", integers(0, states.symbol), (0, 12))
n = Parameter("n", "n", "length of the input", integers(1), (1, 1000), "symbols")

_t, _j, _k = (sp.Symbol(name, integer=True, nonnegative=True) for name in "tjk")
_x, _y = (sp.Symbol(name, integer=True, positive=True) for name in "xy")


def count(term: Any, index: sp.Symbol, high: Any) -> sp.Sum:
    """The sum of `term` over index = 1..high."""
    return sp.Sum(term, (index, 1, high))


each = Parameter("each", "b", "what every term is", reals(), (0, 16))
equal_terms = Lemma(
    "autoregressive/equal_terms",
    "A sum of equal terms, of none too",
    (each,),
    Forall((_k,), eq(count(each.symbol, _j, _k), each.symbol * _k)),
    backing=derive().have(
        "terms", Forall((_k,), eq(count(each.symbol, _j, _k), each.symbol * _k)), by=[Induction(_k), quick]
    ),
)


def equal_to(value: Any) -> Forall:
    """What `equal_terms.at(each=value)` concludes: value + ... + value, k = 0, 1, ... times, is value k."""
    return Forall((_k,), eq(count(value, _j, _k), value * _k))


cells_two_sided = defined(
    "autoregressive/cells_two_sided",
    "cells_two_sided(tau, n) = cells -tau..max(tau, n - 1) of a two-sided tape",
    (_x, _y),
    sp.Sum(1, (_j, 0, _x + sp.Max(_x, _y - 1))),
    integer=True,
)
cells_one_sided = defined(
    "autoregressive/cells_one_sided",
    "cells_one_sided(tau, n) = cells 0..max(tau, n - 1) of a one-sided tape",
    (_x, _y),
    sp.Sum(1, (_j, 0, sp.Max(_x, _y - 1))),
    integer=True,
)
cone_two_sided = defined(
    "autoregressive/cone_two_sided",
    "cone_two_sided(t) = cells -t..t",
    (_t,),
    sp.Sum(1, (_j, 0, 2 * _t)),
    integer=True,
)
cone_one_sided = defined(
    "autoregressive/cone_one_sided",
    "cone_one_sided(t) = cells 0..t",
    (_t,),
    sp.Sum(1, (_j, 0, _t)),
    integer=True,
)
