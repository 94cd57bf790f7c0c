"""Stability of logistic SGD: how far one draw moves the weights after T steps (specification 2.C, sgd_deviation).

One draw of step t moves w_T by c_t/B at most, c_t = (2D/lambda)(gamma+t-1)/((gamma+T-1)(gamma+T-2)).

Main statements
    sgd_influence    |w(h, n) - w(twin, n)|^2 after step s
    moved_weights    the same at the end, n = T
    sum_of_squares   sum_t c_t^2/B <= (4 D^2/(3 B lambda^2)) (gamma+T-1)/(gamma+T-2)^2
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from theory.concepts.logistic_sgd import (
    DIRECTIONS,
    GAINS,
    LENGTHS,
    START,
    UPDATES,
    gain,
    pick,
    push,
    shrink,
    start,
    w,
    z,
)
from theory.concepts.parameters import T, g, lam
from theory.concepts.sgd_bias import R
from theory.concepts.sgd_runs import (
    DIAMETER,
    RUN_FUNCTIONS,
    RUNS,
    SMALL_RATE,
    START_TOGETHER,
    TWINS,
    apart,
    replaced_example,
    same_examples,
    twin,
)
from theory.concepts.sgd_steps import R2, B, columns, scaled_bound
from theory.concepts.sgd_sums import D2
from theory.derivation import derive
from theory.justification import Induction, algebra, decide, fact, quick
from theory.lemma import Lemma
from theory.parameter import Parameter, integers, reals
from theory.proposition import Forall, eq, ge, le, substitute

D = Parameter("D", "D", "bound on R and on every |z - z'|", reals(0, sp.oo, open="lower"), (0.5, 6))
_run = Parameter("h1", "h", "a run", integers(0), (0, 9))
_step = Parameter("s1", "s", "a step", integers(0), (0, 9))
_place = Parameter("e1", "e", "an example of a step", integers(0), (0, 9))
_point = Parameter("i1", "i", "a point of the support", integers(0), (0, 9))
_h, _t, _x, _y, _s, _e, _i, _n = (sp.Symbol(name, integer=True, nonnegative=True) for name in "htxysein")
_lam, _g, _B, _R2, _D2, _T = lam.symbol, g.symbol, B.symbol, R2.symbol, D2.symbol, T.symbol
_R, _D = R.symbol, D.symbol
_a, _S, _E, _I = _run.symbol, _step.symbol, _place.symbol, _point.symbol

f = sp.Function("f", real=True)


_range = (le(_s, _T - 1), le(_e, _B - 1))


def _share(s: Any, end: Any) -> sp.Expr:
    """The product of 2/(gamma+s) with the contractions of the steps s+1..end-1, over 2."""
    return (_g + s - 1) / ((_g + end - 2) * (_g + end - 1))


_K = Parameter("K", "K", "(2D/(lambda B))^2", reals(0), (0, 1))
_scale = _K.symbol
shrinking = Lemma(
    "concepts/shrinking",
    "The product of the contractions 1 - 2/(gamma + n) after step s",
    (g, _step, _K),
    Forall((_n,), le(f(_n), _scale * _share(_S, _n) ** 2), (ge(_n, _S + 1),)),
    hypotheses=(
        le(f(_S + 1), _scale / (_g + _S) ** 2),
        Forall((_n,), le(f(_n + 1), (1 - shrink(_n)) ** 2 * f(_n)), (ge(_n, _S + 1),)),
    ),
    functions=(f,),
    backing=derive()
    .have("start", eq(_scale * _share(_S, _S + 1) ** 2, _scale / (_g + _S) ** 2), by=algebra)
    .have(
        "numbers",
        Forall(
            (_n,),
            eq((1 - shrink(_n)) ** 2 * (_scale * _share(_S, _n) ** 2), _scale * _share(_S, _n + 1) ** 2),
            (ge(_n, _S + 1),),
        ),
        by=algebra,
    )
    .have("factor", Forall((_n,), ge((1 - shrink(_n)) ** 2, 0)), by=quick)
    .have(
        "every n",
        Forall((_n,), le(f(_n), _scale * _share(_S, _n) ** 2), (ge(_n, _S + 1),)),
        by=[
            Induction(_n, _S + 1),
            "hypothesis 1",
            "start",
            fact("hypothesis 2", n=_n),
            fact("numbers", n=_n),
            fact("factor", n=_n),
            decide,
        ],
    ),
)
_twin = twin(_a, _S, _E, _I)
_reach = 4 * _D2 / (_lam**2 * _B**2)
sgd_influence = Lemma(
    "concepts/sgd_influence",
    "One draw of step s moves the weights after T steps by c_s/B at most",
    (columns, B, R2, lam, g, D2, _run, _step, _place, _point),
    Forall((_n,), le(apart(_a, _twin, _n), _reach * _share(_S, _n) ** 2), (ge(_n, _S + 1),)),
    hypotheses=(*RUNS, DIAMETER, le(_R2, _D2), le(_E, _B - 1)),
    functions=RUN_FUNCTIONS,
    backing=derive()
    .have(
        "moved",
        replaced_example.conclusion,
        by=[*(f"hypothesis {k}" for k in range(1, 12)), replaced_example.at()],
    )
    .have("start", le(apart(_a, _twin, _S + 1), _reach / (_g + _S) ** 2), by=["moved", quick])
    .have(
        "same",
        Forall(
            (_n, _x, _y),
            eq(z(pick(_twin, _n, _x), _y), z(pick(_a, _n, _x), _y)),
            (ge(_n, _S + 1),),
        ),
        by=fact("hypothesis 7", h=_a, s=_S, e=_E, i=_I, t=_n, x=_x, y=_y),
    )
    .have(
        "closer",
        Forall(
            (_n,),
            le(apart(_a, _twin, _n + 1), (1 - shrink(_n)) ** 2 * apart(_a, _twin, _n)),
            (ge(_n, _S + 1),),
        ),
        by=[*(f"hypothesis {k}" for k in range(1, 6)), "same", same_examples.at(h1=_a, h2=_twin, s1=_n)],
    )
    .have(
        "every n",
        Forall((_n,), le(apart(_a, _twin, _n), _reach * _share(_S, _n) ** 2), (ge(_n, _S + 1),)),
        by=["start", "closer", shrinking.at(K=_reach, f=sp.Lambda((_n,), apart(_a, _twin, _n)))],
    ),
)
cubes = Lemma(
    "concepts/cubes",
    "sum over t < T of (gamma + t - 1)^2 <= (gamma + T - 1)^3/3",
    (g, T),
    le(sp.Sum((_g + _t - 1) ** 2, (_t, 0, _T - 1)), (_g + _T - 1) ** 3 / 3),
    backing=derive()
    .have(
        "every end",
        Forall((_n,), le(sp.Sum((_g + _t - 1) ** 2, (_t, 0, _n)), (_g + _n) ** 3 / 3)),
        by=[Induction(_n), decide],
        note="u^2 <= ((u+1)^3 - u^3)/3",
    )
    .have(
        "sum", le(sp.Sum((_g + _t - 1) ** 2, (_t, 0, _T - 1)), (_g + _T - 1) ** 3 / 3), by=fact("every end", n=_T - 1)
    ),
)


def _exact(proposition: Any) -> Any:
    """With R and D instead of their squares."""
    return substitute(proposition, {_R2: _R**2, _D2: _D**2})


RUN_MODEL = tuple(
    _exact(h) for h in (START, GAINS, DIRECTIONS, UPDATES, LENGTHS, SMALL_RATE, *TWINS, DIAMETER, le(_R2, _D2))
)
late = Parameter("late", r"\gamma+T-2", "gamma + T - 2", reals(0, sp.oo, open="lower"), (1, 1000))
_lower, _upper = late.symbol, late.symbol + 1
# MOVED is R-free: c_t/B, and SQUARES bounds B times the sum of their squares
LATE = eq(late.symbol, _g + _T - 2)
MOVED = 2 * _D / (_lam * _B) * (_g + _t - 1) / (_lower * _upper)
SQUARES = 4 * _D**2 * _upper / (3 * _B * _lam**2 * _lower**2)
moved_weights = Lemma(
    "concepts/moved_weights",
    "One draw moves the weights by c_s/B",
    (columns, B, R, D, lam, g, T, late),
    Forall(
        (_h, _s, _e, _i),
        le(apart(_h, twin(_h, _s, _e, _i), _T), MOVED.xreplace({_t: _s}) ** 2),
        _range,
    ),
    hypotheses=(*RUN_MODEL, LATE),
    functions=(w, start, z, gain, push),
    backing=derive()
    .have(
        "together",
        START_TOGETHER,
        by=[fact("hypothesis 1", h=_h, y=_y), fact("hypothesis 1", h=_i, y=_y), quick],
    )
    .have(
        "every n",
        Forall(
            (_h, _s, _e, _i, _n),
            le(apart(_h, twin(_h, _s, _e, _i), _n), 4 * _D**2 / (_lam**2 * _B**2) * _share(_s, _n) ** 2),
            (ge(_n, _s + 1), le(_e, _B - 1)),
        ),
        by=[
            *(f"hypothesis {k}" for k in range(2, 11)),
            "together",
            sgd_influence.at(R2=_R**2, D2=_D**2, h1=_h, s1=_s, e1=_e, i1=_i),
        ],
    )
    .have(
        "square",
        Forall((_s,), eq(4 * _D**2 / (_lam**2 * _B**2) * _share(_s, _T) ** 2, MOVED.xreplace({_t: _s}) ** 2)),
        by=["hypothesis 11", quick],
    )
    .have(
        "moved",
        Forall(
            (_h, _s, _e, _i),
            le(apart(_h, twin(_h, _s, _e, _i), _T), MOVED.xreplace({_t: _s}) ** 2),
            _range,
        ),
        by=[fact("every n", h=_h, s=_s, e=_e, i=_i, n=_T), fact("square", s=_s), quick],
    ),
)
_factor = 4 * _D**2 / (_B * _lam**2 * _lower**2 * _upper**2)
sum_of_squares = Lemma(
    "concepts/sum_of_squares",
    "B sum_t (c_t/B)^2 <= (4 D^2/(3 B lambda^2)) (gamma + T - 1)/(gamma + T - 2)^2",
    (B, D, lam, g, T, late),
    le(_B * sp.Sum(MOVED**2, (_t, 0, _T - 1)), SQUARES),
    hypotheses=(LATE,),
    backing=derive()
    .have(
        "factor",
        eq(_B * sp.Sum(MOVED**2, (_t, 0, _T - 1)), _factor * sp.Sum((_g + _t - 1) ** 2, (_t, 0, _T - 1))),
        by=algebra,
    )
    .have("cubes", cubes.conclusion, by=cubes.at())
    .have("upper", eq(_g + _T - 1, _upper), by=["hypothesis 1", quick])
    .have("cube", le(sp.Sum((_g + _t - 1) ** 2, (_t, 0, _T - 1)), _upper**3 / 3), by=["cubes", "upper", quick])
    .have(
        "product",
        le(_B * sp.Sum(MOVED**2, (_t, 0, _T - 1)), _factor * (_upper**3 / 3)),
        by=[
            "factor",
            "cube",
            scaled_bound.at(
                a0=_B * sp.Sum(MOVED**2, (_t, 0, _T - 1)),
                b0=sp.Sum((_g + _t - 1) ** 2, (_t, 0, _T - 1)),
                c0=_upper**3 / 3,
                k0=_factor,
            ),
        ],
    ),
)
