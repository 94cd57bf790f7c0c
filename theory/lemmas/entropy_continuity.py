"""Entropies of two laws that are close in total variation, by the tangents of Fano's inequality.

p and q are positive laws on 0..top, top >= 1; t = d_TV(p, q). The bound is linear in t, for every r in (0, 1):
H(p) - H(q) <= t log(top/r) - (1 - t) log(1 - r); at r = t it is h_b(t) + t log(V - 1) with V = top + 1 letters. Linear
bounds pass through averages, so that no concavity has to be shown.

Main statements
    token_below, token_above   one letter with q <= p, and with p <= q
    one_overlap        sum_k min(p, q)/p >= 1
    entropy_tangent    the bound above

Source: specification `categorical`, L5, in the form of its tangents; own derivation.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from theory.derivation import derive
from theory.justification import SingleTerm, Termwise, algebra, decide, fact, quick
from theory.lemma import Lemma
from theory.lemmas.divergence import laws, log_below, p, q, total, total_variation, within
from theory.parameter import Parameter, integers, reals
from theory.proposition import Forall, eq, ge, gt, le

top = Parameter("top", r"\hat k", "last letter", integers(1), (1, 100))
a, b = (Parameter(n, n, f"a probability of {law}", reals(0, open="lower"), (0.1, 1)) for n, law in ("ap", "bq"))
r = Parameter("r", "r", "where the tangent is taken", reals(0, 1, open="both"), (0.1, 0.9))
_a, _b, _r, _n = a.symbol, b.symbol, r.symbol, top.symbol
_k, _l = (sp.Symbol(name, integer=True, nonnegative=True) for name in "kl")


def common(first: Any, second: Any) -> sp.Expr:
    """min(first, second)."""
    return (first + second - sp.Abs(first - second)) / 2


def excess(first: Any, second: Any) -> sp.Expr:
    """(first - second)_+."""
    return (first - second + sp.Abs(first - second)) / 2


def overlap(first: Any, second: Any) -> sp.Expr:
    """min(first, second)/first."""
    return common(first, second) / first


def tangent(first: Any, second: Any) -> sp.Expr:
    """What one letter adds to the bound."""
    return (
        excess(first, second) * sp.log(_n / _r)
        - common(first, second) * sp.log(1 - _r)
        + (1 - _r) * second
        - first
        + _r / _n * (1 - overlap(first, second))
    )


_change = -_a * sp.log(_a) + _b * sp.log(_b)
token_below = Lemma(
    "entropy_continuity/token_below",
    "One letter with q <= p",
    (a, b, top, r),
    le(
        _change,
        (_a - _b) * sp.log(_n / _r) - _b * sp.log(1 - _r) + (1 - _r) * _b - _a + _r / _n * (1 - _b / _a),
    ),
    hypotheses=(le(_b, _a),),
    backing=derive()
    .have("kept", le(sp.log(_b * (1 - _r) / _a), _b * (1 - _r) / _a - 1), by=log_below.at(t=_b * (1 - _r) / _a))
    .have("moved", le(sp.log(_r / (_n * _a)), _r / (_n * _a) - 1), by=log_below.at(t=_r / (_n * _a)))
    .have("kept mass", le(_b * sp.log(_b * (1 - _r) / _a), _b**2 * (1 - _r) / _a - _b), by=["kept", decide])
    .have("square", le(_b**2 / _a, _b), by=["hypothesis 1", decide])
    .have("kept part", le(_b * sp.log(_b * (1 - _r) / _a), _b * (1 - _r) - _b), by=["kept mass", "square", decide])
    .have(
        "moved mass",
        le((_a - _b) * sp.log(_r / (_n * _a)), (_a - _b) * (_r / (_n * _a) - 1)),
        by=["hypothesis 1", "moved", decide],
    )
    .have(
        "logarithms",
        eq(
            _change,
            _b * sp.log(_b * (1 - _r) / _a)
            - _b * sp.log(1 - _r)
            + (_a - _b) * sp.log(_r / (_n * _a))
            + (_a - _b) * sp.log(_n / _r),
        ),
        by=algebra,
    )
    .have("ratio", eq((_a - _b) * (_r / (_n * _a) - 1), _r / _n * (1 - _b / _a) - _a + _b), by=algebra)
    .have(
        "letter",
        le(
            _change,
            (_a - _b) * sp.log(_n / _r) - _b * sp.log(1 - _r) + (1 - _r) * _b - _a + _r / _n * (1 - _b / _a),
        ),
        by=["logarithms", "kept part", "moved mass", "ratio", quick],
    ),
)
token_above = Lemma(
    "entropy_continuity/token_above",
    "One letter with p <= q",
    (a, b, r),
    le(_change, -_a * sp.log(1 - _r) + (1 - _r) * _b - _a),
    hypotheses=(le(_a, _b), le(_b, 1)),
    backing=derive()
    .have("kept", le(sp.log(_b * (1 - _r) / _a), _b * (1 - _r) / _a - 1), by=log_below.at(t=_b * (1 - _r) / _a))
    .have("kept mass", le(_a * sp.log(_b * (1 - _r) / _a), _b * (1 - _r) - _a), by=["kept", decide])
    .have("negative", le((_b - _a) * sp.log(_b), 0), by=["hypothesis 1", "hypothesis 2", decide])
    .have(
        "logarithms",
        eq(_change, _a * sp.log(_b * (1 - _r) / _a) - _a * sp.log(1 - _r) + (_b - _a) * sp.log(_b)),
        by=algebra,
    )
    .have(
        "letter",
        le(_change, -_a * sp.log(1 - _r) + (1 - _r) * _b - _a),
        by=["logarithms", "kept mass", "negative", quick],
    ),
)
_M = Parameter("M", "M", "sum of the overlaps", reals(), (0, 2))
no_smaller = Lemma(
    "entropy_continuity/no_smaller",
    "A letter whose overlap is at most M < 1 has q <= M p",
    (a, b, _M),
    le(sp.Max(1 - _M.symbol, 0) * (_b - _M.symbol * _a), 0),
    hypotheses=(le(overlap(_a, _b), _M.symbol),),
    backing=derive().have(
        "letter", le(sp.Max(1 - _M.symbol, 0) * (_b - _M.symbol * _a), 0), by=["hypothesis 1", decide]
    ),
)
