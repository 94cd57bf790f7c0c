"""Which neurons of a symmetric network are active on a clean prompt, and what they put out.

Symmetric network: every neuron n has <w_n, c_k> = q and <w_n, d_k> = s_n p, where s_n = +-1 is the sign of its read-out
weight r_n = s_n/m, as many of either sign. The value of a prompt of concept k and query sign e is c_k + e theta d_k, so
that neuron n has the preactivation q + s_n e theta p; y = theta p. It is active where that is positive.

Main statements
    activity             a neuron sees both query signs where y < q, the one of its own sign where y >= q
    outputs              sum_n r_n [q + s_n e y]_+ is e y in the first case, e (q + y)/2 in the second
    concept_readout      <g_v, c_k> is 0, or e q/2
    difference_readout   <g_v, d_k> is p, or p/2
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from theory.concepts.fields import p, q
from theory.concepts.parameters import m
from theory.derivation import Derivation, derive
from theory.justification import Termwise, algebra, decide, fact, quick
from theory.lemma import Lemma
from theory.parameter import Parameter, integers, reals
from theory.proposition import Forall, Proposition, eq, ge, gt, le

sided = Parameter(
    "sided", r"\mu", "1 where theta p >= q (one-sided), 0 where theta p < q (both-active)", integers(0, 1), (0, 1)
)
e = Parameter("e", "e", "sign of a query", reals(), (-1, 1))
y = Parameter("y", r"\theta p", "what the value's part along d_k adds to a preactivation", reals(), (-3, 3))
_os, _e, _y = (a.symbol for a in (sided, e, y))
_p, _q, _m = p.symbol, q.symbol, m.symbol

sgn = sp.Function("readout_sign", real=True)  # s_n
on = sp.Function("on", real=True)  # on(n) = 1 where neuron n is active on a prompt
_n = sp.Symbol("n", integer=True, nonnegative=True)


def over_neurons(term: Any) -> sp.Sum:
    """Sum over the neurons n = 0..m-1."""
    return sp.Sum(term, (_n, 0, _m - 1))


def preactivation(query: Any, along: Any, active_sign: Any = None) -> sp.Expr:
    """<w_n, v> = q + s_n e y."""
    return _q + query * (sgn(_n) if active_sign is None else active_sign) * along


NEURONS = (Forall((_n,), eq(sgn(_n) ** 2, 1)), eq(over_neurons(sgn(_n)), 0))


def regime(along: Any) -> tuple[Proposition, ...]:
    """q > 0, y >= 0, and which of y < q (both-active), y >= q (one-sided) holds."""
    return gt(_q, 0), ge(along, 0), ge(_os * (along - _q), 0), gt((1 - _os) * (_q - along) + _os, 0)


def activity_of(active: Any, query: Any, along: Any) -> tuple[Proposition, ...]:
    """active(n) is 1 where neuron n has a positive preactivation, and 0 elsewhere."""
    z = preactivation(query, along)
    return (
        Forall((_n,), eq(active(_n) * (1 - active(_n)), 0)),
        Forall((_n,), gt(active(_n) * z + 1 - active(_n), 0)),
        Forall((_n,), le((1 - active(_n)) * z, 0)),
    )


_x = Parameter("x", "x", "s_n e", reals(), (-1, 1))
_o = Parameter("o", "o", "whether the neuron is active", reals(), (0, 1))
_X, _O = _x.symbol, _o.symbol
activity = Lemma(
    "concepts/activity",
    "A neuron is active on both query signs, or on the one of its own sign",
    (_x, _o, q, y, sided),
    eq(_O, 1 - _os * (1 - _X) / 2),
    hypotheses=(
        eq(_X**2, 1),
        eq(_O * (1 - _O), 0),
        gt(_O * (_q + _X * _y) + 1 - _O, 0),
        le((1 - _O) * (_q + _X * _y), 0),
        *regime(_y),
    ),
    backing=derive().have(
        "active", eq(_O, 1 - _os * (1 - _X) / 2), by=[*(f"hypothesis {k}" for k in range(1, 9)), decide]
    ),
)
relu_of_active = Lemma(
    "concepts/relu_of_active",
    "ReLU of the preactivation of a neuron that is active or not",
    (_o, y),
    eq(sp.Max(_y, 0), _O * _y),
    hypotheses=(eq(_O * (1 - _O), 0), gt(_O * _y + 1 - _O, 0), le((1 - _O) * _y, 0)),
    backing=derive().have(
        "relu", eq(sp.Max(_y, 0), _O * _y), by=["hypothesis 1", "hypothesis 2", "hypothesis 3", decide]
    ),
)

_share = 1 - _os / 2  # of the neurons are active on a prompt
_level = _share * _y + _os / 2 * _q
_of_prompt = (eq(_e**2, 1), *NEURONS, *activity_of(on, _e, _y), *regime(_y))
_all_hypotheses = tuple(f"hypothesis {k}" for k in range(1, len(_of_prompt) + 1))
_relu_sum = over_neurons(sgn(_n) / _m * sp.Max(preactivation(_e, _y), 0))
_active_neuron = 1 - _os * (1 - sgn(_n) * _e) / 2
_on = Forall((_n,), eq(on(_n), _active_neuron))


def _activities() -> Derivation:
    return (
        derive()
        .have("sign", Forall((_n,), eq((sgn(_n) * _e) ** 2, 1)), by=["hypothesis 1", fact("hypothesis 2", n=_n), quick])
        .have(
            "active",
            _on,
            by=[
                fact("sign", n=_n),
                *(fact(f"hypothesis {k}", n=_n) for k in (4, 5, 6)),
                *(f"hypothesis {k}" for k in (7, 8, 9, 10)),
                activity.at(x=sgn(_n) * _e, o=on(_n)),
            ],
        )
    )


_active_sum = over_neurons(sgn(_n) / _m * on(_n) * preactivation(_e, _y))
_term = sgn(_n) / _m * _active_neuron * preactivation(_e, _y)
_linear = (_share * _q + _os / 2 * _y) * sgn(_n) / _m + _e * _level / _m
outputs = Lemma(
    "concepts/outputs",
    "The output on a prompt of query sign e",
    (m, q, y, sided, e),
    eq(_e * _relu_sum, _level),
    hypotheses=_of_prompt,
    functions=(sgn, on),
    statement="sum_n r_n [q + s_n e y]_+ = e y where y < q, e (q + y)/2 where y >= q",
    backing=_activities()
    .have(
        "relu",
        Forall((_n,), eq(sp.Max(preactivation(_e, _y), 0), on(_n) * preactivation(_e, _y))),
        by=[*(fact(f"hypothesis {k}", n=_n) for k in (4, 5, 6)), relu_of_active.at(o=on(_n), y=preactivation(_e, _y))],
    )
    .have(
        "neuron",
        Forall((_n,), eq(sgn(_n) / _m * sp.Max(preactivation(_e, _y), 0), _term)),
        by=[fact("relu", n=_n), fact("active", n=_n), quick],
    )
    .have(
        "in signs",
        Forall((_n,), eq(_term, _linear)),
        by=["hypothesis 1", fact("hypothesis 2", n=_n), quick],
    )
    .have("neurons", eq(_relu_sum, over_neurons(_term)), by=[Termwise(), fact("neuron", n=_n)])
    .have("sum in signs", eq(over_neurons(_term), over_neurons(_linear)), by=[Termwise(), fact("in signs", n=_n)])
    .have(
        "linear",
        eq(over_neurons(_linear), (_share * _q + _os / 2 * _y) / _m * over_neurons(sgn(_n)) + _e * _level),
        by=algebra,
    )
    .have("output", eq(_relu_sum, _e * _level), by=["neurons", "sum in signs", "linear", "hypothesis 3", quick])
    .have("signed output", eq(_e * _relu_sum, _level), by=["output", "hypothesis 1", quick]),
)


def readout_on_concept(active: Any) -> sp.Expr:
    """<g_v, c_k> = sum over the active neurons of r_n <w_n, c_k>."""
    return over_neurons(sgn(_n) / _m * active(_n) * _q)


def readout_on_difference(active: Any) -> sp.Expr:
    """<g_v, d_k> = sum over the active neurons of r_n <w_n, d_k>."""
    return over_neurons(sgn(_n) / _m * active(_n) * sgn(_n) * _p)


_c_term = (_share * sgn(_n) + _os * _e / 2) / _m * _q
_d_term = (_share + _os * _e / 2 * sgn(_n)) / _m * _p
readouts = tuple(
    Lemma(
        f"concepts/{name}",
        title,
        (m, p, q, y, sided, e),
        eq(whole, value),
        hypotheses=_of_prompt,
        functions=(sgn, on),
        backing=_activities()
        .have(
            "neuron",
            Forall((_n,), eq(whole.function, term)),
            by=["hypothesis 1", fact("hypothesis 2", n=_n), fact("active", n=_n), quick],
        )
        .have("neurons", eq(whole, over_neurons(term)), by=[Termwise(), fact("neuron", n=_n)])
        .have("linear", eq(over_neurons(term), linear), by=algebra)
        .have("readout", eq(whole, value), by=["neurons", "linear", "hypothesis 3", quick]),
    )
    for name, title, whole, term, linear, value in (
        (
            "concept_readout",
            "<g_v, c_k> is 0 where y < q, e q/2 where y >= q",
            readout_on_concept(on),
            _c_term,
            _share * _q / _m * over_neurons(sgn(_n)) + _os * _e / 2 * _q,
            _os * _e / 2 * _q,
        ),
        (
            "difference_readout",
            "<g_v, d_k> is p where y < q, p/2 where y >= q",
            readout_on_difference(on),
            _d_term,
            _share * _p + _os * _e / 2 * _p / _m * over_neurons(sgn(_n)),
            _share * _p,
        ),
    )
)
concept_readout, difference_readout = readouts
