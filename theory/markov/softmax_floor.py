"""Floors of a softmax (specification 2.D).

Main statements
    softmax_floor_as_stated   the printed floor 1/(m e^2c) on the l1 ball
    softmax_floor             1/(1 + (m-1) e^c), attained
    softmax_floor_range       1/(1 + (m-1) e^rho) in the range of the logits, attained; range of the log-loss
"""

from __future__ import annotations

import sympy as sp

from theory.claim import Claim, Kind, Status, equal, lower
from theory.derivation import derive
from theory.justification import decide, fact
from theory.lemmas.softmax import (
    among,
    b,
    c,
    floor_l1,
    floor_l1_loose,
    floor_range,
    floor_sup,
    i,
    l1,
    loss_difference,
    m,
    rho,
    softmax,
    x,
)
from theory.parameter import Parameter, integers
from theory.proposition import Forall, eq, ge, le
from theory.source import OWN, Source

_k = sp.Symbol("k", integer=True, nonnegative=True)
_l = sp.Symbol("l", integer=True, nonnegative=True)
_m, _i, _rho, _b, _c = m.symbol, i.symbol, rho.symbol, b.symbol, c.symbol
_several = ge(_m, 2)

softmax_floor_as_stated = Claim(
    id="markov/softmax_floor_as_stated",
    title="Floor of a softmax on the l1 ball, as printed",
    kind=Kind.LOWER,
    text="||x||_1 <= c, x in R^m: softmax(x)_i >= 1/(m e^2c)",
    parameters=(m, i, c),
    functions=(x,),
    hypotheses=(le(l1, _c),),
    statements=(lower(softmax(x, _i), 1 / (_m * sp.exp(2 * _c)), trivial=0),),
    source=Source("zekri2024", "Lemma F.7", "v2"),
    status=Status.AS_STATED,
    remarks=("not sharp: numerator and denominator cannot both be extremal",),
    derivation=derive(softmax(x, _i)).ge(
        1 / (_m * sp.exp(2 * _c)), by=floor_l1_loose.at(), name="each logit in [-c, c]"
    ),
)

softmax_floor = Claim(
    id="markov/softmax_floor",
    title="Floor of a softmax on the l1 ball",
    kind=Kind.LOWER,
    text="||x||_1 <= c, x in R^m: softmax(x)_i >= 1/(1 + (m-1) e^c), attained at x = -c e_i",
    parameters=(m, i, c),
    functions=(x,),
    hypotheses=(_several, le(l1, _c)),
    statements=(lower(softmax(x, _i), 1 / (1 + (_m - 1) * sp.exp(_c)), trivial=0),),
    source=OWN,
    status=Status.SHARPENED,
    sharpens=("markov/softmax_floor_as_stated",),
    remarks=("2 B_U/tau may be replaced by B_U/tau in the constant B of D16",),
    derivation=derive(softmax(x, _i)).ge(
        1 / (1 + (_m - 1) * sp.exp(_c)),
        by=floor_l1.at(),
        name="range",
        note="x_k - x_i <= sum of the positive parts plus sum of the negative parts = ||x||_1",
    ),
)

_lowest = Parameter("i_low", "i_-", "token of the smallest logit", integers(0, _m - 1), (0, 1))
_highest = Parameter("i_high", "i_+", "token of the largest logit", integers(0, _m - 1), (0, 1))
_low, _high = _lowest.symbol, _highest.symbol

softmax_floor_range = Claim(
    id="markov/softmax_floor_range",
    title="Floor of a softmax in the range of its logits",
    kind=Kind.LOWER,
    text=(
        "With rho = max x - min x: softmax(x)_i >= 1/(1 + (m-1) e^rho), attained; so >= 1/(1 + (m-1) e^2b) for "
        "||x||_inf <= b. The range of the log-loss, max_i(-log softmax_i) - min_i(-log softmax_i), is rho exactly"
    ),
    parameters=(m, i, rho, b, _lowest, _highest),
    functions=(x,),
    hypotheses=(
        _several,
        Forall((_k,), le(x(_k), x(_high)), among(_k)),
        Forall((_k,), ge(x(_k), x(_low)), among(_k)),
        eq(_rho, x(_high) - x(_low)),
        Forall((_k,), le(sp.Abs(x(_k)), _b), among(_k)),
    ),
    statements=(
        lower(softmax(x, _i), 1 / (1 + (_m - 1) * sp.exp(_rho)), trivial=0, label="range"),
        lower(softmax(x, _i), 1 / (1 + (_m - 1) * sp.exp(2 * _b)), trivial=0, label="sup norm"),
        equal(-sp.log(softmax(x, _low)) + sp.log(softmax(x, _high)), _rho, label="log-loss"),
    ),
    source=OWN,
    status=Status.SHARPENED,
    sharpens=("markov/softmax_floor_as_stated",),
    derivation=derive(softmax(x, _i))
    .have(
        "differences",
        Forall((_l,), le(x(_l) - x(_i), _rho), among(_l)),
        by=[fact("hypothesis 2", k=_l), fact("hypothesis 3", k=_i), "hypothesis 4", decide],
    )
    .have(
        "sup norm",
        ge(softmax(x, _i), 1 / (1 + (_m - 1) * sp.exp(2 * _b))),
        by=["hypothesis 5", floor_sup.at()],
    )
    .have(
        "loss",
        eq(-sp.log(softmax(x, _low)) + sp.log(softmax(x, _high)), x(_high) - x(_low)),
        by=loss_difference.at(i=_low, j=_high),
    )
    .have(
        "largest loss",
        Forall((_l,), le(-sp.log(softmax(x, _l)) + sp.log(softmax(x, _low)), 0), among(_l)),
        by=[fact("hypothesis 3", k=_l), loss_difference.at(i=_l, j=_low), decide],
    )
    .have(
        "smallest loss",
        Forall((_l,), le(-sp.log(softmax(x, _high)) + sp.log(softmax(x, _l)), 0), among(_l)),
        by=[fact("hypothesis 2", k=_l), loss_difference.at(i=_high, j=_l), decide],
    )
    .have("log-loss", eq(-sp.log(softmax(x, _low)) + sp.log(softmax(x, _high)), _rho), by=["loss", "hypothesis 4"])
    .ge(1 / (1 + (_m - 1) * sp.exp(_rho)), by=["differences", floor_range.at()], name="range"),
)
