"""Two runs of logistic SGD that differ in one draw (specification 2.C, sgd_deviation, steps 1 and 2).

twin(h, s, e, i) is the run that draws what run h draws, except that its e-th example of step s is the point i.

Main statements
    same_examples   runs with the same examples at step t come closer by a factor 1 - 2/(gamma + t)
    same_before     until step s a run and its twin are one
    replaced_example  step s moves them apart by eta_s D/B at most
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from theory.concepts.logistic_sgd import (
    DIRECTIONS,
    GAINS,
    LENGTHS,
    UPDATES,
    gain,
    pick,
    push,
    rate,
    shrink,
    w,
    z,
)
from theory.concepts.parameters import g, lam
from theory.concepts.sgd_steps import R2, B, columns, contraction, over_columns, over_members, pull_of, slope, through
from theory.concepts.sgd_sums import D2, closer_than, never_grown, replaced_term, two_gains
from theory.derivation import derive
from theory.justification import SingleTerm, Termwise, algebra, decide, fact, quick
from theory.lemma import Definition, Lemma
from theory.parameter import Parameter, integers
from theory.proposition import Forall, eq, ge, le

twin = Definition(
    "concepts/twin",
    sp.Function("twin", integer=True, nonnegative=True),
    "twin(h, s, e, i) = the run that draws what run h draws, except the point i as the e-th example of step s",
)
_lam, _g, _B, _R2, _D2 = lam.symbol, g.symbol, B.symbol, R2.symbol, D2.symbol
_h, _t, _x, _y, _s, _e, _i, _n = (sp.Symbol(name, integer=True, nonnegative=True) for name in "htxysein")

_first, _second = (
    Parameter("h1", "h", "a run", integers(0), (0, 9)),
    Parameter("h2", "h'", "a run", integers(0), (0, 9)),
)
_a, _b = _first.symbol, _second.symbol
_at = Parameter("s1", "s", "a step", integers(0), (0, 9))
_time = _at.symbol


def examples(h: Any, t: Any, x: Any, y: Any) -> sp.Expr:
    """Coordinate y of the x-th example of step t in run h."""
    return z(pick(h, t, x), y)


def apart(h: Any, k: Any, t: Any) -> sp.Sum:
    """|w(h, t) - w(k, t)|^2."""
    return over_columns((w(h, t, _y) - w(k, t, _y)) ** 2)


def _gain(h: Any) -> sp.Expr:
    return gain(h, _time, pick(h, _time, _x))


_delta = w(_a, _time, _y) - w(_b, _time, _y)
_margin = [over_columns(w(h, _time, _y) * examples(h, _time, _x, _y)) for h in (_a, _b)]
_other = over_columns(w(_b, _time, _y) * examples(_a, _time, _x, _y))
_push = push(_a, _time, _y) - push(_b, _time, _y)
_moved = over_columns(((1 - shrink(_time)) * _delta + rate(_time) * _push) ** 2)
SAME = Forall((_x, _y), eq(examples(_b, _time, _x, _y), examples(_a, _time, _x, _y)))
SMALL_RATE = le(_R2 / 2 + 2 * _lam, _lam * _g)
same_examples = Lemma(
    "concepts/same_examples",
    "Runs with the same examples at step s come closer by a factor 1 - 2/(gamma + s)",
    (columns, B, R2, lam, g, _first, _second, _at),
    le(apart(_a, _b, _time + 1), (1 - shrink(_time)) ** 2 * apart(_a, _b, _time)),
    hypotheses=(
        GAINS,
        DIRECTIONS,
        UPDATES,
        LENGTHS,
        SAME,
        SMALL_RATE,
    ),
    functions=(w, z, gain, push),
    statement="gamma >= 2 (R^2/4 + lambda)/lambda says eta_0 <= 1/(R^2/4 + lambda)",
    backing=derive()
    .have(
        "update",
        Forall(
            (_y,),
            eq(
                (w(_a, _time + 1, _y) - w(_b, _time + 1, _y)) ** 2,
                ((1 - shrink(_time)) * _delta + rate(_time) * _push) ** 2,
            ),
        ),
        by=[fact("hypothesis 3", h=_a, t=_time, y=_y), fact("hypothesis 3", h=_b, t=_time, y=_y), quick],
    )
    .have("updates", eq(apart(_a, _b, _time + 1), _moved), by=[Termwise(), "update"])
    .have("slopes", slope.conclusion, by=slope.at())
    .have("small", le(rate(_time) * _R2 / 4, 1 - shrink(_time)), by=["hypothesis 6", decide])
    .have("share", le(shrink(_time), 1), by=quick)
    .have(
        "same product",
        Forall(
            (_x, _y),
            eq(w(_b, _time, _y) * examples(_b, _time, _x, _y), w(_b, _time, _y) * examples(_a, _time, _x, _y)),
        ),
        by=[fact("hypothesis 5", x=_x, y=_y), quick],
    )
    .have("same margin", Forall((_x,), eq(_margin[1], _other)), by=[Termwise(), "same product"])
    .have(
        "margins",
        Forall((_x,), eq(over_columns(_delta * examples(_a, _time, _x, _y)), _margin[0] - _other)),
        by=algebra,
    )
    .have(
        "decreasing",
        Forall(
            (_x,),
            le(
                (pull_of(_margin[0]) - pull_of(_margin[1])) ** 2,
                (pull_of(_margin[0]) - pull_of(_margin[1])) * (_margin[1] - _margin[0]) / 4,
            ),
        ),
        by=fact("slopes", u=_margin[0], v=_margin[1]),
    )
    .have(
        "co-coercive",
        Forall(
            (_x,),
            le(
                (_gain(_a) - _gain(_b)) ** 2,
                -(_gain(_a) - _gain(_b)) * over_columns(_delta * examples(_a, _time, _x, _y)) / 4,
            ),
        ),
        by=[
            fact("decreasing", x=_x),
            fact("hypothesis 1", h=_a, t=_time, x=pick(_a, _time, _x)),
            fact("hypothesis 1", h=_b, t=_time, x=pick(_b, _time, _x)),
            fact("same margin", x=_x),
            fact("margins", x=_x),
            quick,
        ],
    )
    .have(
        "member",
        Forall(
            (_x, _y),
            eq(_gain(_b) * examples(_b, _time, _x, _y), _gain(_b) * examples(_a, _time, _x, _y)),
        ),
        by=[fact("hypothesis 5", x=_x, y=_y), quick],
    )
    .have(
        "members",
        Forall(
            (_y,),
            eq(
                over_members(_gain(_b) * examples(_b, _time, _x, _y)),
                over_members(_gain(_b) * examples(_a, _time, _x, _y)),
            ),
        ),
        by=[Termwise(), fact("member", x=_x, y=_y)],
    )
    .have(
        "direction",
        Forall((_y,), eq(_push, over_members((_gain(_a) - _gain(_b)) * examples(_a, _time, _x, _y)) / _B)),
        by=[
            fact("members", y=_y),
            fact("hypothesis 2", h=_a, t=_time, y=_y),
            fact("hypothesis 2", h=_b, t=_time, y=_y),
            quick,
        ],
    )
    .have(
        "lengths",
        Forall((_x,), le(over_columns(examples(_a, _time, _x, _y) ** 2), _R2)),
        by=fact("hypothesis 4", x=pick(_a, _time, _x)),
    )
    .have(
        "contraction",
        le(_moved, (1 - shrink(_time)) ** 2 * apart(_a, _b, _time)),
        by=[
            *("lengths", "co-coercive", "direction", "small", "share"),
            contraction.at(
                a=shrink(_time),
                eta=rate(_time),
                d=sp.Lambda((_x,), _gain(_a) - _gain(_b)),
                delta=sp.Lambda((_y,), _delta),
                X=sp.Lambda((_x, _y), examples(_a, _time, _x, _y)),
                s=sp.Lambda((_y,), _push),
            ),
        ],
    )
    .have(
        "closer",
        le(apart(_a, _b, _time + 1), (1 - shrink(_time)) ** 2 * apart(_a, _b, _time)),
        by=[
            "updates",
            "contraction",
            through.at(a0=apart(_a, _b, _time + 1), b0=_moved, c0=(1 - shrink(_time)) ** 2 * apart(_a, _b, _time)),
        ],
    ),
)

_place = Parameter("e1", "e", "an example of a step", integers(0), (0, 9))
_E = _place.symbol
_point = Parameter("i1", "i", "a point of the support", integers(0), (0, 9))
_I = _point.symbol
_twin = twin(_a, _time, _E, _I)
START_TOGETHER = Forall((_h, _i, _y), eq(w(_i, 0, _y), w(_h, 0, _y)))
TWINS = (
    Forall(
        (_h, _s, _e, _i, _t, _x, _y),
        eq(examples(twin(_h, _s, _e, _i), _t, _x, _y), examples(_h, _t, _x, _y)),
        (ge((_t - _s) ** 2 + (_x - _e) ** 2, 1),),
    ),
    Forall((_h, _s, _e, _i, _y), eq(examples(twin(_h, _s, _e, _i), _s, _e, _y), z(_i, _y))),
)
RUNS = (GAINS, DIRECTIONS, UPDATES, LENGTHS, SMALL_RATE, START_TOGETHER, *TWINS)
RUN_FUNCTIONS = (w, z, gain, push)
_RUN_PARAMETERS = (columns, B, R2, lam, g, _first, _at, _place, _point)
same_before = Lemma(
    "concepts/same_before",
    "Until step s a run and its twin are one",
    _RUN_PARAMETERS,
    le(apart(_a, _twin, _time), 0),
    hypotheses=RUNS,
    functions=RUN_FUNCTIONS,
    backing=derive()
    .have(
        "start term",
        Forall((_y,), eq((w(_a, 0, _y) - w(_twin, 0, _y)) ** 2, 0 * w(_a, 0, _y))),
        by=[fact("hypothesis 6", h=_a, i=_twin, y=_y), quick],
    )
    .have("start sum", eq(apart(_a, _twin, 0), over_columns(0 * w(_a, 0, _y))), by=[Termwise(), "start term"])
    .have("nothing", eq(over_columns(0 * w(_a, 0, _y)), 0), by=algebra)
    .have("start", le(apart(_a, _twin, 0), 0), by=["start sum", "nothing", quick])
    .have(
        "same",
        Forall((_t, _x, _y), eq(examples(_twin, _t, _x, _y), examples(_a, _t, _x, _y)), (le(_t, _time - 1),)),
        by=fact("hypothesis 7", h=_a, s=_time, e=_E, i=_I, t=_t, x=_x, y=_y),
    )
    .have(
        "closer",
        Forall(
            (_t,),
            le(apart(_a, _twin, _t + 1), (1 - shrink(_t)) ** 2 * apart(_a, _twin, _t)),
            (le(_t, _time - 1),),
        ),
        by=[
            *(f"hypothesis {k}" for k in range(1, 6)),
            "same",
            same_examples.at(h1=_a, h2=_twin, s1=_t),
        ],
    )
    .have("not negative", Forall((_t,), ge(apart(_a, _twin, _t), 0)), by=SingleTerm(0))
    .have("factor", Forall((_t,), le((1 - shrink(_t)) ** 2, 1)), by=decide)
    .have("factor sign", Forall((_t,), ge((1 - shrink(_t)) ** 2, 0)), by=quick)
    .have(
        "no growth",
        Forall(
            (_t,),
            le(apart(_a, _twin, _t + 1) - apart(_a, _twin, _t), 0),
            (le(_t, _time - 1),),
        ),
        by=[
            fact("closer", t=_t),
            fact("not negative", t=_t),
            fact("factor", t=_t),
            fact("factor sign", t=_t),
            closer_than.at(a0=apart(_a, _twin, _t + 1), k1=(1 - shrink(_t)) ** 2, b1=apart(_a, _twin, _t)),
        ],
    )
    .have(
        "growth",
        Forall((_x,), le(apart(_a, _twin, _x + 1) - apart(_a, _twin, _x), 0), (le(_x, _time - 1),)),
        by=fact("no growth", t=_x),
    )
    .have(
        "by what",
        Forall(
            (_x,),
            eq(
                apart(_a, _twin, _x + 1) - apart(_a, _twin, _x),
                apart(_a, _twin, _x + 1) - apart(_a, _twin, _x),
            ),
        ),
        by=algebra,
    )
    .have(
        "one run",
        le(apart(_a, _twin, _time), 0),
        by=[
            "start",
            "growth",
            "by what",
            never_grown.at(
                last=_time,
                phi=sp.Lambda((_x,), apart(_a, _twin, _x)),
                psi=sp.Lambda((_x,), apart(_a, _twin, _x + 1) - apart(_a, _twin, _x)),
            ),
        ],
    ),
)

_same_push = push(_twin, _time, _y) - push(_a, _time, _y)
_pulled = gain(_twin, _time, pick(_twin, _time, _x)) * examples(_twin, _time, _x, _y)
_own = gain(_a, _time, pick(_a, _time, _x)) * examples(_a, _time, _x, _y)
_G, _F = gain(_twin, _time, pick(_twin, _time, _E)), gain(_a, _time, pick(_a, _time, _E))
_kept = over_columns(w(_a, _time, _y) * examples(_a, _time, _x, _y))
DIAMETER = Forall((_i, _t), le(over_columns((z(_i, _y) - z(_t, _y)) ** 2), _D2))
_old = examples(_a, _time, _E, _y)
_change = over_columns((_F * _old - _G * z(_I, _y)) ** 2)
_oo, _on, _nn = (
    over_columns(_old**2),
    over_columns(_old * z(_I, _y)),
    over_columns(z(_I, _y) ** 2),
)
replaced_example = Lemma(
    "concepts/replaced_example",
    "Step s moves a run and its twin apart by eta_s D/B at most",
    (*_RUN_PARAMETERS, D2),
    le(apart(_a, _twin, _time + 1), (rate(_time) / _B) ** 2 * _D2),
    hypotheses=(*RUNS, DIAMETER, le(_R2, _D2), le(_E, _B - 1)),
    functions=RUN_FUNCTIONS,
    backing=derive()
    .have(
        "one run",
        le(apart(_a, _twin, _time), 0),
        by=[*(f"hypothesis {k}" for k in range(1, 9)), same_before.at()],
    )
    .have(
        "coordinate square",
        Forall(
            (_n,),
            ge(apart(_a, _twin, _time), (w(_a, _time, _n) - w(_twin, _time, _n)) ** 2),
            (le(_n, columns.symbol),),
        ),
        by=SingleTerm(_n),
    )
    .have(
        "coordinate",
        Forall((_n,), eq(w(_twin, _time, _n), w(_a, _time, _n)), (le(_n, columns.symbol),)),
        by=[fact("coordinate square", n=_n), "one run", decide],
    )
    .have(
        "others",
        Forall((_x, _y), eq(examples(_twin, _time, _x, _y), examples(_a, _time, _x, _y)), (ge((_x - _E) ** 2, 1),)),
        by=fact("hypothesis 7", h=_a, s=_time, e=_E, i=_I, t=_time, x=_x, y=_y),
    )
    .have(
        "margin term",
        Forall(
            (_x, _y),
            eq(
                w(_twin, _time, _y) * examples(_twin, _time, _x, _y),
                w(_a, _time, _y) * examples(_a, _time, _x, _y),
            ),
            (ge((_x - _E) ** 2, 1), le(_y, columns.symbol)),
        ),
        by=[fact("coordinate", n=_y), fact("others", x=_x, y=_y), quick],
    )
    .have(
        "margin",
        Forall(
            (_x,),
            eq(over_columns(w(_twin, _time, _y) * examples(_twin, _time, _x, _y)), _kept),
            (ge((_x - _E) ** 2, 1),),
        ),
        by=[Termwise(), fact("margin term", x=_x, y=_y)],
    )
    .have(
        "gains",
        Forall(
            (_x,),
            eq(gain(_twin, _time, pick(_twin, _time, _x)), gain(_a, _time, pick(_a, _time, _x))),
            (ge((_x - _E) ** 2, 1),),
        ),
        by=[
            fact("margin", x=_x),
            fact("hypothesis 1", h=_a, t=_time, x=pick(_a, _time, _x)),
            fact("hypothesis 1", h=_twin, t=_time, x=pick(_twin, _time, _x)),
            quick,
        ],
    )
    .have(
        "members",
        Forall((_x, _y), eq(_pulled, _own), (ge((_x - _E) ** 2, 1),)),
        by=[fact("gains", x=_x), fact("others", x=_x, y=_y), quick],
    )
    .have(
        "sums",
        Forall(
            (_y,),
            eq(over_members(_pulled), over_members(_own) + _G * examples(_twin, _time, _E, _y) - _F * _old),
        ),
        by=[
            "hypothesis 11",
            "members",
            replaced_term.at(last=_B - 1, phi=sp.Lambda((_x,), _own), psi=sp.Lambda((_x,), _pulled)),
        ],
    )
    .have(
        "direction",
        Forall((_y,), eq(_same_push, (_G * z(_I, _y) - _F * _old) / _B)),
        by=[
            fact("sums", y=_y),
            fact("hypothesis 8", h=_a, s=_time, e=_E, i=_I, y=_y),
            fact("hypothesis 2", h=_a, t=_time, y=_y),
            fact("hypothesis 2", h=_twin, t=_time, y=_y),
            quick,
        ],
    )
    .have(
        "moved term",
        Forall(
            (_y,),
            eq(
                (w(_a, _time + 1, _y) - w(_twin, _time + 1, _y)) ** 2,
                (rate(_time) / _B) ** 2 * (_F * _old - _G * z(_I, _y)) ** 2,
            ),
            (le(_y, columns.symbol),),
        ),
        by=[
            fact("direction", y=_y),
            fact("coordinate", n=_y),
            fact("hypothesis 3", h=_a, t=_time, y=_y),
            fact("hypothesis 3", h=_twin, t=_time, y=_y),
            quick,
        ],
    )
    .have(
        "moved",
        eq(
            apart(_a, _twin, _time + 1),
            over_columns((rate(_time) / _B) ** 2 * (_F * _old - _G * z(_I, _y)) ** 2),
        ),
        by=[Termwise(), fact("moved term", y=_y)],
    )
    .have(
        "factor",
        eq(
            over_columns((rate(_time) / _B) ** 2 * (_F * _old - _G * z(_I, _y)) ** 2),
            (rate(_time) / _B) ** 2 * _change,
        ),
        by=algebra,
    )
    .have("square", eq(_change, _F**2 * _oo - 2 * _F * _G * _on + _G**2 * _nn), by=algebra)
    .have("old length", le(_oo, _D2), by=[fact("hypothesis 4", x=pick(_a, _time, _E)), "hypothesis 10", quick])
    .have("new length", le(_nn, _D2), by=[fact("hypothesis 4", x=_I), "hypothesis 10", quick])
    .have("old sign", ge(_oo, 0), by=SingleTerm(0))
    .have("new sign", ge(_nn, 0), by=SingleTerm(0))
    .have("apart", eq(over_columns((_old - z(_I, _y)) ** 2), _oo - 2 * _on + _nn), by=algebra)
    .have(
        "diameter",
        le(_oo - 2 * _on + _nn, _D2),
        by=["apart", fact("hypothesis 9", i=pick(_a, _time, _E), t=_I), quick],
    )
    .have("old gain", le(_F, 1), by=[fact("hypothesis 1", h=_a, t=_time, x=pick(_a, _time, _E)), quick])
    .have("old gain sign", ge(_F, 0), by=[fact("hypothesis 1", h=_a, t=_time, x=pick(_a, _time, _E)), quick])
    .have("new gain", le(_G, 1), by=[fact("hypothesis 1", h=_twin, t=_time, x=pick(_twin, _time, _E)), quick])
    .have("new gain sign", ge(_G, 0), by=[fact("hypothesis 1", h=_twin, t=_time, x=pick(_twin, _time, _E)), quick])
    .have(
        "gains of both",
        le(_F**2 * _oo - 2 * _F * _G * _on + _G**2 * _nn, _D2),
        by=[
            *("old length", "new length", "old sign", "new sign", "diameter"),
            *("old gain", "old gain sign", "new gain", "new gain sign"),
            two_gains.at(f=_F, k=_G, A=_oo, C=_nn, P=_on),
        ],
    )
    .have("change", le(_change, _D2), by=["square", "gains of both", quick])
    .have(
        "apart after",
        le(apart(_a, _twin, _time + 1), (rate(_time) / _B) ** 2 * _D2),
        by=["moved", "factor", "change", decide],
    ),
)
