"""The network on prompts whose labels, or all of whose signs, are turned (specification `concepts` 2.D).

Main statements
    turned_around   e_q f with -d in place of d is -e_q f on the prompt with all signs flipped, for every network
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from theory.concepts.parameters import L
from theory.define import defined
from theory.derivation import derive
from theory.justification import Termwise, decide, fact, quick, unfold
from theory.lemma import Lemma
from theory.lemmas.attention import positive
from theory.lemmas.softmax import exp_increases
from theory.lemmas.sums import over, top
from theory.parameter import Parameter, integers, reals
from theory.proposition import Forall, eq, ge, gt

_x, _l, _i, _j = (sp.Symbol(name, integer=True, nonnegative=True) for name in "xlij")
neurons = Parameter("neurons", r"\hat\imath", "last neuron", integers(0), (0, 19))
al_of, beta_at, gamma_of, delta_of, query_sign = (
    sp.Function(n, real=True) for n in ("al_of", "beta_at", "gamma_at", "delta_at", "query_sign")
)
demo_sign, c_at, d_at, weight_out, weight_in = (
    sp.Function(n, real=True) for n in ("demo_sign", "c_at", "d_at", "weight_out", "weight_in")
)
_u, _v = (sp.Symbol(name, real=True) for name in "uv")
_L, _m, _top = L.symbol, neurons.symbol, top.symbol


def _over_prompt(term: Any) -> sp.Sum:
    return over(term, _l, _L - 1)


turned_score = defined(
    "concepts/turned_score",
    "turned_score(x, u, l) = <a + u e_l b, A (a + u e_q b)> of prompt x, u = -1 where all its signs are flipped",
    (_x, _u, _l),
    al_of(_x)
    + _u * demo_sign(_x, _l) * gamma_of(_x)
    + _u * query_sign(_x) * delta_of(_x)
    + (_u * demo_sign(_x, _l)) * (_u * query_sign(_x)) * beta_at(_x),
)
_s1, _s2, _label = (sp.Function(n, real=True) for n in ("s1", "s2", "label"))
same_weights = Lemma(
    "concepts/same_weights",
    "Equal scores give equal values",
    (L,),
    eq(
        _over_prompt(sp.exp(_s1(_l)) * _label(_l)) / _over_prompt(sp.exp(_s1(_l))),
        _over_prompt(sp.exp(_s2(_l)) * _label(_l)) / _over_prompt(sp.exp(_s2(_l))),
    ),
    hypotheses=(Forall((_l,), eq(_s1(_l), _s2(_l))),),
    functions=(_s1, _s2, _label),
    backing=derive()
    .have(
        "below",
        Forall((_l,), ge(sp.exp(_s1(_l)), sp.exp(_s2(_l)))),
        by=[fact("hypothesis 1", l=_l), exp_increases.at(u=_s1(_l), v=_s2(_l))],
    )
    .have(
        "above",
        Forall((_l,), ge(sp.exp(_s2(_l)), sp.exp(_s1(_l)))),
        by=[fact("hypothesis 1", l=_l), exp_increases.at(u=_s2(_l), v=_s1(_l))],
    )
    .have(
        "normalisers",
        eq(_over_prompt(sp.exp(_s1(_l))), _over_prompt(sp.exp(_s2(_l)))),
        by=[Termwise(), fact("below", l=_l), fact("above", l=_l), quick],
    )
    .have(
        "each",
        Forall((_l,), eq(sp.exp(_s1(_l)) * _label(_l), sp.exp(_s2(_l)) * _label(_l))),
        by=[fact("below", l=_l), fact("above", l=_l), quick],
    )
    .have(
        "values",
        eq(_over_prompt(sp.exp(_s1(_l)) * _label(_l)), _over_prompt(sp.exp(_s2(_l)) * _label(_l))),
        by=[Termwise(), "each"],
    )
    .have("positive", gt(_over_prompt(sp.exp(_s2(_l))), 0), by=positive.at(L=_L, s=_s2))
    .have(
        "value",
        eq(
            _over_prompt(sp.exp(_s1(_l)) * _label(_l)) / _over_prompt(sp.exp(_s1(_l))),
            _over_prompt(sp.exp(_s2(_l)) * _label(_l)) / _over_prompt(sp.exp(_s2(_l))),
        ),
        by=["normalisers", "values", "positive", quick],
    ),
)


def _turned_label(v: Any) -> sp.Expr:
    """Coordinate j of the label c + v e_l d."""
    return c_at(_x, _j) + v * demo_sign(_x, _l) * d_at(_x, _j)


def _exponentials(u: Any) -> sp.Expr:
    return sp.exp(turned_score(_x, u, _l))


turned_value = defined(
    "concepts/turned_value",
    "turned_value(x, u, v, j) = coordinate j of sum_l sigma_l (c + v u e_l d), v = -1 where d is turned to -d",
    (_x, _u, _v, _j),
    _over_prompt(_exponentials(_u) * _turned_label(_v * _u)) / _over_prompt(_exponentials(_u)),
)
turned_output = defined(
    "concepts/turned_output",
    "turned_output(x, u, v) = sum_i r_i [<w_i, value>]_+ of any network",
    (_x, _u, _v),
    over(weight_out(_i) * sp.Max(over(weight_in(_i, _j) * turned_value(_x, _u, _v, _j), _j, _top), 0), _i, _m),
)
turned_margin = defined(
    "concepts/turned_margin",
    "turned_margin(x, u, v) = e_q f",
    (_x, _u, _v),
    _u * query_sign(_x) * turned_output(_x, _u, _v),
)
_v1, _v2 = (sp.Function(n, real=True) for n in ("v1", "v2"))
_read1, _read2 = (over(weight_in(_i, _j) * f(_j), _j, _top) for f in (_v1, _v2))
_A, _B = (Parameter(n, n, "a preactivation", reals(), (-1, 1)) for n in "AB")
_r = Parameter("r", "r_i", "output weight of a neuron", reals(), (-1, 1))
same_hinge = Lemma(
    "concepts/same_hinge",
    "Equal preactivations give equal contributions",
    (_r, _A, _B),
    eq(_r.symbol * sp.Max(_A.symbol, 0), _r.symbol * sp.Max(_B.symbol, 0)),
    hypotheses=(eq(_A.symbol, _B.symbol),),
    backing=derive().have(
        "same", eq(_r.symbol * sp.Max(_A.symbol, 0), _r.symbol * sp.Max(_B.symbol, 0)), by=["hypothesis 1", decide]
    ),
)
same_reading = Lemma(
    "concepts/same_reading",
    "Equal values give equal outputs, whatever the network",
    (top, neurons),
    eq(over(weight_out(_i) * sp.Max(_read1, 0), _i, _m), over(weight_out(_i) * sp.Max(_read2, 0), _i, _m)),
    hypotheses=(Forall((_j,), eq(_v1(_j), _v2(_j))),),
    functions=(weight_out, weight_in, _v1, _v2),
    backing=derive()
    .have("read", Forall((_i,), eq(_read1, _read2)), by=[Termwise(), fact("hypothesis 1", j=_j), quick])
    .have(
        "hinge",
        Forall((_i,), eq(weight_out(_i) * sp.Max(_read1, 0), weight_out(_i) * sp.Max(_read2, 0))),
        by=[fact("read", i=_i), same_hinge.at(r=weight_out(_i), A=_read1, B=_read2)],
    )
    .have(
        "output",
        eq(over(weight_out(_i) * sp.Max(_read1, 0), _i, _m), over(weight_out(_i) * sp.Max(_read2, 0), _i, _m)),
        by=[Termwise(), "hinge"],
    ),
)
NO_CROSS_TERM = (Forall((_x,), eq(gamma_of(_x), 0)), Forall((_x,), eq(delta_of(_x), 0)))
turned_around = Lemma(
    "concepts/turned_around",
    "Turning d to -d is flipping all signs of the prompt and of its label",
    (L, top, neurons),
    Forall((_x, _u), eq(turned_margin(_x, _u, -1), -turned_margin(_x, -_u, 1))),
    hypotheses=NO_CROSS_TERM,
    backing=derive()
    .have(
        "scores",
        Forall((_x, _u, _l), eq(turned_score(_x, _u, _l), turned_score(_x, -_u, _l))),
        by=[
            unfold(turned_score, x=_x, u=_u, l=_l),
            unfold(turned_score, x=_x, u=-_u, l=_l),
            fact("hypothesis 1", x=_x),
            fact("hypothesis 2", x=_x),
            quick,
        ],
    )
    .have(
        "weights",
        Forall(
            (_x, _u, _j),
            eq(
                _over_prompt(_exponentials(_u) * _turned_label(-_u)) / _over_prompt(_exponentials(_u)),
                _over_prompt(_exponentials(-_u) * _turned_label(-_u)) / _over_prompt(_exponentials(-_u)),
            ),
        ),
        by=[
            "scores",
            same_weights.at(
                s1=sp.Lambda((_l,), turned_score(_x, _u, _l)),
                s2=sp.Lambda((_l,), turned_score(_x, -_u, _l)),
                label=sp.Lambda((_l,), _turned_label(-_u)),
            ),
        ],
    )
    .have(
        "values",
        Forall((_x, _u, _j), eq(turned_value(_x, _u, -1, _j), turned_value(_x, -_u, 1, _j))),
        by=[
            unfold(turned_value, x=_x, u=_u, v=-1, j=_j),
            unfold(turned_value, x=_x, u=-_u, v=1, j=_j),
            fact("weights", x=_x, u=_u, j=_j),
            quick,
        ],
    )
    .have(
        "outputs",
        Forall((_x, _u), eq(turned_output(_x, _u, -1), turned_output(_x, -_u, 1))),
        by=[
            unfold(turned_output, x=_x, u=_u, v=-1),
            unfold(turned_output, x=_x, u=-_u, v=1),
            "values",
            same_reading.at(
                v1=sp.Lambda((_j,), turned_value(_x, _u, -1, _j)), v2=sp.Lambda((_j,), turned_value(_x, -_u, 1, _j))
            ),
        ],
    )
    .have(
        "margins",
        Forall((_x, _u), eq(turned_margin(_x, _u, -1), -turned_margin(_x, -_u, 1))),
        by=[
            unfold(turned_margin, x=_x, u=_u, v=-1),
            unfold(turned_margin, x=_x, u=-_u, v=1),
            fact("outputs", x=_x, u=_u),
            quick,
        ],
    ),
)
