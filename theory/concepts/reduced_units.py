"""p and w of the reduced dynamics in the units of the early phase, p = UNIT_P P and w = UNIT_W W: small steps.

Main statements
    linear_p, linear_w            a step of p, w that is at most linear, in the units
    stays_nonnegative, stays_by_factors   sequences that keep their sign
    readout_bound, weight_bound   from the units back to p, w
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from theory.concepts.linear_map import P, a, n
from theory.concepts.parameters import W0, Nb, g, kc, kd, lam, pk, t
from theory.concepts.schedules import closed_decay
from theory.derivation import derive
from theory.justification import Induction, decide, fact, quick
from theory.lemma import Lemma
from theory.parameter import Parameter, reals
from theory.proposition import Forall, eq, ge, gt, le

_lam, _pk, _kd, _kc, _Nb, _g = (parameter.symbol for parameter in (lam, pk, kd, kc, Nb, g))
_W0, _t = W0.symbol, t.symbol
UNIT_P = 2 * _lam / (_pk * _Nb)
UNIT_W = 2 * _lam / (_pk * sp.sqrt(_kd) * _Nb)
last_angle = Parameter(
    "psi", r"\psi", "W_0/(1 - 2/gamma): W_0 times all the sigma that training can use up", reals(0), (0.1, 1.5)
)
_psi = last_angle.symbol
readout = UNIT_P * _W0 * sp.sin(_psi) / sp.cos(_psi) * closed_decay(_t)
weight = UNIT_W * _W0 / sp.cos(_psi) * closed_decay(_t)
_number = Parameter("v", "v", "a number", reals(), (0, 1))
_others = tuple(Parameter(name, name, "a number", reals(), (0, 1)) for name in ("e", "F", "x0", "x1", "r"))
_pe, _pF, _px0, _px1, _pr = (o.symbol for o in _others)
_pv = _number.symbol
_units = (lam, pk, kd, Nb)


def _simple(name: str, title: str, parameters: Any, hypotheses: Any, conclusion: Any) -> Lemma:
    facts = [f"hypothesis {k + 1}" for k in range(len(hypotheses))]
    return Lemma(
        f"concepts/{name}",
        title,
        parameters,
        conclusion,
        hypotheses=hypotheses,
        backing=derive().have("here", conclusion, by=[*facts, decide]),
    )


zero_start = _simple("zero_start", "0 is not negative", (_number,), (eq(_pv, 0),), ge(_pv, 0))
weight_start = _simple(
    "weight_start", "The start of w is not negative", (*_units, W0, _number), (eq(_pv, UNIT_W * _W0),), ge(_pv, 0)
)
scaled = _simple("scaled", "p in its unit", (*_units, _number), (ge(_pv, 0),), ge(_pv / UNIT_P, 0))
scaled_weight = _simple("scaled_weight", "w in its unit", (*_units, _number), (ge(_pv, 0),), ge(_pv / UNIT_W, 0))
_step_of = (gt(_pe, 0), eq(_pr, _lam * _pe), eq(_px1, _px0 + _pe * _pF))
linear_p = _simple(
    "linear_p",
    "A step of p in its unit",
    (*_units, *_others, _number),
    (*_step_of, le(_pF, _pk * _kd * _Nb * _pv**2 / 2 - _lam * _px0)),
    le(_px1 / UNIT_P, (1 - _pr) * (_px0 / UNIT_P) + _pr * (_pv / UNIT_W) ** 2),
)
linear_w = _simple(
    "linear_w",
    "A step of w in its unit",
    (*_units, *_others, _number),
    (*_step_of, le(_pF, _pk * _Nb * _pv * _px0 / 2 - _lam * _px0)),
    le(_px1 / UNIT_W, (1 - _pr) * (_px0 / UNIT_W) + _pr * (_px0 / UNIT_W) * (_pv / UNIT_P)),
)
stays_by_factors = Lemma(
    "concepts/stays_by_factors",
    "What is multiplied by numbers that are not negative keeps its sign",
    (),
    Forall((n,), ge(P(n), 0)),
    hypotheses=(ge(P(0), 0), Forall((n,), ge(a(n), 0)), Forall((n,), eq(P(n + 1), P(n) * a(n)))),
    functions=(P, a),
    backing=derive().have(
        "all",
        Forall((n,), ge(P(n), 0)),
        by=[Induction(n), "hypothesis 1", fact("hypothesis 2", n=n), fact("hypothesis 3", n=n), quick],
    ),
)


no_start = _simple("no_start", "p in its unit at the start", (*_units, _number), (eq(_pv, 0),), eq(_pv / UNIT_P, 0))
unit_start = _simple(
    "unit_start", "w in its unit at the start", (*_units, W0, _number), (eq(_pv, UNIT_W * _W0),), eq(_pv / UNIT_W, _W0)
)
both_below = _simple(
    "both_below",
    "0 and W_0 are below",
    (W0, _number, *_others),
    (eq(_pv, 0), eq(_pe, _W0), ge(_pF, 0), ge(_pr, _W0)),
    sp.And(le(_pv, _pF), le(_pe, _pr), evaluate=False),
)


stays_nonnegative = Lemma(
    "concepts/stays_nonnegative",
    "What falls by a share of itself at most keeps its sign",
    (),
    Forall((n,), ge(P(n), 0)),
    hypotheses=(
        ge(P(0), 0),
        Forall((n,), le(a(n), 1)),
        Forall((n,), ge(P(n + 1), (1 - a(n)) * P(n))),
    ),
    functions=(P, a),
    backing=derive().have(
        "all",
        Forall((n,), ge(P(n), 0)),
        by=[Induction(n), "hypothesis 1", fact("hypothesis 2", n=n), fact("hypothesis 3", n=n), quick],
    ),
)
_both = (sp.And(le(_pv, _pF), le(_pe, _pr), evaluate=False),)
first_of_both = _simple("first_of_both", "The first of two", (_number, *_others), _both, le(_pv, _pF))
second_of_both = _simple("second_of_both", "The second of two", (_number, *_others), _both, le(_pe, _pr))
_bounding = (g, *_units, W0, last_angle, t, _number, *_others)
_closed = (eq(_pr, closed_decay(_t)), gt(sp.cos(_psi), 0))
readout_bound = _simple(
    "readout_bound", "Back to p", _bounding,
    (le(_pv / UNIT_P, _pF), le(_pF, _pr * _W0 * sp.sin(_psi) / sp.cos(_psi)), *_closed), le(_pv, readout),
)  # fmt: skip
weight_bound = _simple(
    "weight_bound", "Back to w", _bounding,
    (le(_pv / UNIT_W, _pF), le(_pF, _pr * _W0 / sp.cos(_psi)), *_closed), le(_pv, weight),
)  # fmt: skip
