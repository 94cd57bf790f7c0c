"""Noise on the labels: the error of the ReLU network falls with the margin, and is never zero (specification 2.C).

Outcomes and their probabilities are those of theory.concepts.noise. The value is v(w) = v_0 + sigma_xi sum_l sigma_l
noise(l, w) with attention weights sigma_l, l = 0..L-1; neurons k = 0..m-1 have w_k in R^(d_y), coordinates x = 0..top,
and the output is f = sum_k r_k [<w_k, v>]_+, |r_k| = 1/m (D4).

Main statements
    moved_value               |v(w) - v(w')| <= sigma_xi |sigma| |noise(w) - noise(w')|
    gaussian_concentration, full_support   Lipschitz functions of Gaussian noise (cited)
    noise_floor               0 < P(e_q f <= 0) <= exp(-(E e_q f)_+^2/(2 sigma_xi^2 |sigma|^2 Lambda^2))
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from theory.claim import Claim, Kind, Statement, Status, lower, upper
from theory.concepts.lipschitz_output import (
    READ,
    SIZES,
    A,
    demonstrations_product,
    lipschitz,
    moved,
    neuron,
    op,
    output_lipschitz,
    over_coordinates,
    over_neurons,
    r,
    size,
)
from theory.concepts.noise import indicator, probability, read_out_of_mean, standard_noise
from theory.concepts.parameters import L, m, sigma
from theory.derivation import derive
from theory.justification import SingleTerm, Termwise, algebra, decide, fact, quick
from theory.lemma import Citation, Lemma
from theory.lemmas.sums import over, top
from theory.parameter import Parameter, integers, reals
from theory.proposition import Forall, eq, ge, gt, le, lt
from theory.source import OWN, Source

_POSITIVE = reals(0, open="lower")
rows = Parameter("rows", r"\hat l", "last demonstration", integers(0), (0, 15))
mean = Parameter("mean", r"\mathrm E\,e_qf", "mean margin", reals(), (-1, 2))
S = Parameter("S", r"\|\sigma\|^2", "sum of the squared attention weights", _POSITIVE, (0.1, 1))
K2 = Parameter("K2", "K^2", "square of a Lipschitz constant", _POSITIVE, (0.01, 4))
both = Parameter("both", "s", "1 where e_q f is negative at the outcome w_0, else 0", integers(0, 1), (0, 1))
one = Parameter("w1", "w_1", "an outcome", reals(0, 1), (0, 1))
two = Parameter("w2", "w_2", "an outcome", reals(0, 1), (0, 1))
wrong_at = Parameter("w0", "w_0", "an outcome", reals(0, 1), (0, 1))
eq_ = Parameter("eq", "e_q", "sign of the query, the real label", reals(-1, 1), (-1, 1))

_l, _x, _k, _n = (sp.Symbol(name, integer=True, nonnegative=True) for name in "lxkn")
_w, _o = (sp.Symbol(name, real=True) for name in "wo")
_rows, _top, _L, _m, _level, _q = (s.symbol for s in (rows, top, L, m, sigma, eq_))
_mean, _S, _A, _op, _K2, _w0 = (s.symbol for s in (mean, S, A, op, K2, wrong_at))
_both, _w1, _w2 = (s.symbol for s in (both, one, two))

att, e, F, part, wrong, value, base, drive, output = (
    sp.Function(name, real=True) for name in ("att", "e", "F", "part", "wrong", "value", "base", "drive", "output")
)


def _noise_gap(l: Any = _l) -> sp.Expr:
    return (standard_noise(l, _x, _w) - standard_noise(l, _x, _o)) ** 2


_LIPSCHITZ = (
    Forall((_l, _w, _o), eq(part(_l, _w, _o), _K2 * over_coordinates(_noise_gap()))),
    Forall((_w, _o), le((F(_w) - F(_o)) ** 2, over(part(_l, _w, _o), _l, _rows))),
)
gaussian_concentration = Lemma(
    "concepts/gaussian_concentration",
    "Gaussian concentration: P(F <= 0) <= exp(-(E F)_+^2/(2 K^2)) for a K-Lipschitz function F of standard noise",
    (rows, top, mean, K2),
    le(probability(wrong(_w)), sp.exp(-(sp.Max(_mean, 0) ** 2) / (2 * _K2))),
    hypotheses=(*_LIPSCHITZ, eq(_mean, probability(F(_w))), *indicator(wrong, F(_w))),
    functions=(F, part, wrong),
    statement="P(F <= E F - r) <= exp(-r^2/(2 K^2)) at r = E F; trivial where E F <= 0",
    backing=Citation(Source("tsirelson1976", "the inequality for Lipschitz functions", recheck=True)),
)
full_support = Lemma(
    "concepts/full_support",
    "A Lipschitz function of standard noise that is negative somewhere is so with positive probability",
    (rows, top, K2, wrong_at, both),
    gt(probability(wrong(_w)), _both - 1),
    hypotheses=(*_LIPSCHITZ, sp.Or(eq(_both, 0), lt(F(_w0), 0)), *indicator(wrong, F(_w))),
    functions=(F, part, wrong),
    statement="F < 0 on a ball around the noise at w0, and balls have positive Gaussian measure; a probability is > -1",
    backing=Citation(Source("durrett2019", "Section 3.10: the Gaussian density is positive", recheck=True)),
)


_all_noise = over(_level**2 * over_coordinates(_S * e(_l, _x) ** 2), _l, _rows)
_squares_there = over(e(_l, _x) ** 2, _l, _rows)
moved_value = Lemma(
    "concepts/moved_value",
    "Attention averages the noise: the value moves by at most sigma_xi |sigma| times the change of the noise",
    (rows, top, sigma, S),
    le(over_coordinates(moved(_x) ** 2), _all_noise),
    hypotheses=(
        Forall((_x,), eq(moved(_x), _level * over(att(_l) * e(_l, _x), _l, _rows))),
        eq(over(att(_l) ** 2, _l, _rows), _S),
    ),
    functions=(moved, att, e),
    backing=derive()
    .have(
        "product",
        Forall(
            (_x,),
            le(over(att(_l) * e(_l, _x), _l, _rows) ** 2, over(att(_l) ** 2, _l, _rows) * _squares_there),
        ),
        by=demonstrations_product.at(top=_rows, a=att, b=sp.Lambda((_l,), e(_l, _x))),
    )
    .have(
        "level", Forall((_x,), eq(over(_level**2 * e(_l, _x) ** 2, _l, _rows), _level**2 * _squares_there)), by=algebra
    )
    .have(
        "coordinate",
        Forall((_x,), le(moved(_x) ** 2, _S * over(_level**2 * e(_l, _x) ** 2, _l, _rows))),
        by=[fact("product", x=_x), fact("level", x=_x), fact("hypothesis 1", x=_x), "hypothesis 2", quick],
    )
    .have(
        "coordinates",
        le(over_coordinates(moved(_x) ** 2), over_coordinates(_S * over(_level**2 * e(_l, _x) ** 2, _l, _rows))),
        by=[Termwise(), fact("coordinate", x=_x)],
    )
    .have(
        "exchanged",
        eq(over_coordinates(_S * over(_level**2 * e(_l, _x) ** 2, _l, _rows)), _all_noise),
        by=read_out_of_mean.at(
            u=sp.Lambda((_x,), _S), att=sp.Lambda((_l,), _level**2), g=sp.Lambda((_l, _x), e(_l, _x) ** 2)
        ),
    )
    .have("value", le(over_coordinates(moved(_x) ** 2), _all_noise), by=["coordinates", "exchanged", quick]),
)
_shares = over(att(_l) ** 2, _l, _rows)
_mass = eq(over(att(_l), _l, _rows), 1)
_signs = Forall((_l,), ge(att(_l), 0))
_share = Parameter("a", "a", "an attention weight", reals(0), (0, 1))
square_of_share = Lemma(
    "concepts/square_of_share",
    "The square of a number in [0, 1] is no larger",
    (_share,),
    le(_share.symbol**2, _share.symbol),
    hypotheses=(le(_share.symbol, 1),),
    backing=derive().have("square", le(_share.symbol**2, _share.symbol), by=["hypothesis 1", decide]),
)
shares_at_most_one = Lemma(
    "concepts/shares_at_most_one",
    "The squared attention weights sum to at most 1",
    (rows,),
    le(_shares, 1),
    hypotheses=(_signs, _mass),
    functions=(att,),
    backing=derive()
    .have(
        "one term",
        Forall((_n,), ge(over(att(_l), _l, _rows), att(_n)), (le(_n, _rows),)),
        by=[SingleTerm(_n), fact("hypothesis 1", l=_l)],
    )
    .have("range", Forall((_n,), le(att(_n), 1), (le(_n, _rows),)), by=[fact("one term", n=_n), "hypothesis 2", quick])
    .have(
        "square",
        Forall((_n,), le(att(_n) ** 2, att(_n)), (le(_n, _rows),)),
        by=[fact("range", n=_n), fact("hypothesis 1", l=_n), square_of_share.at(a=att(_n))],
    )
    .have("squares", le(_shares, over(att(_l), _l, _rows)), by=[Termwise(), fact("square", n=_l)])
    .have("one", le(_shares, 1), by=["squares", "hypothesis 2", quick]),
)
_even = 1 / (_rows + 1)
shares_at_least_even = Lemma(
    "concepts/shares_at_least_even",
    "The squared attention weights sum to at least 1/L",
    (rows,),
    ge(_shares, _even),
    hypotheses=(_mass,),
    functions=(att,),
    backing=derive()
    .have("deviation", ge(over((att(_l) - _even) ** 2, _l, _rows), 0), by=SingleTerm(0))
    .have(
        "expanded",
        eq(
            over((att(_l) - _even) ** 2, _l, _rows),
            _shares - 2 * _even * over(att(_l), _l, _rows) + _even,
        ),
        by=algebra,
    )
    .have("even", ge(_shares, _even), by=["deviation", "expanded", "hypothesis 1", quick]),
)
_end = _L - 1
_gap = over_coordinates((value(_x, _w) - value(_x, _o)) ** 2)
_change = over_coordinates(neuron(_k, _x) * (value(_x, _w) - value(_x, _o)))
_relu = over_neurons(r(_k) * sp.Max(drive(_k, _w), 0))
_moved_output = (_relu - _relu.xreplace({_w: _o})) ** 2
_noise = over(att(_l) * standard_noise(_l, _x, _w), _l, _end)
_change_of_noise = over(att(_l) * (standard_noise(_l, _x, _w) - standard_noise(_l, _x, _o)), _l, _end)
_inner = over_coordinates(_S * _noise_gap())
_spread = over(_level**2 * _inner, _l, _end)
_K = _level**2 * _S * lipschitz**2
_part = _K * over_coordinates(_noise_gap())
_shares_here = _shares.xreplace({_rows: _end})
MODEL = (
    _signs,
    eq(over(att(_l), _l, _end), 1),
    eq(_shares_here, _S),
    Forall((_x, _w), eq(value(_x, _w), base(_x) + _level * _noise)),
    Forall((_k, _w), eq(drive(_k, _w), over_coordinates(neuron(_k, _x) * value(_x, _w)))),
    READ,
    eq(_q**2, 1),
    Forall((_w,), eq(output(_w), _q * _relu)),
)
OPERATOR = Forall((_w, _o), le(over_neurons(_change**2), _op**2 * _gap))
_lipschitz = Forall((_w, _o), le((output(_w) - output(_o)) ** 2, over(_part, _l, _end)))
noise_lipschitz = Lemma(
    "concepts/noise_lipschitz",
    "The margin as a function of the noise is Lipschitz with constant Lambda sigma_xi |sigma|",
    (L, m, sigma, S, A, op, eq_, top),
    _lipschitz,
    hypotheses=(*MODEL, *SIZES, OPERATOR),
    functions=(att, value, base, neuron, drive, r, output, size),
    backing=derive()
    .have("noise", Forall((_x, _w, _o), eq(_change_of_noise, _noise - _noise.xreplace({_w: _o}))), by=algebra)
    .have(
        "moved",
        Forall((_x, _w, _o), eq(value(_x, _w) - value(_x, _o), _level * _change_of_noise)),
        by=[
            fact("noise", x=_x, w=_w, o=_o),
            fact("hypothesis 4", x=_x, w=_w),
            fact("hypothesis 4", x=_x, w=_o),
            quick,
        ],
    )
    .have(
        "value",
        Forall((_w, _o), le(_gap, _spread)),
        by=[
            "moved",
            "hypothesis 3",
            moved_value.at(
                rows=_end,
                moved=sp.Lambda((_x,), value(_x, _w) - value(_x, _o)),
                e=sp.Lambda((_l, _x), standard_noise(_l, _x, _w) - standard_noise(_l, _x, _o)),
            ),
        ],
    )
    .have(
        "linear",
        Forall(
            (_k, _w, _o),
            eq(
                _change,
                over_coordinates(neuron(_k, _x) * value(_x, _w)) - over_coordinates(neuron(_k, _x) * value(_x, _o)),
            ),
        ),
        by=algebra,
    )
    .have(
        "drive",
        Forall((_k, _w, _o), eq(drive(_k, _w) - drive(_k, _o), _change)),
        by=[
            fact("linear", k=_k, w=_w, o=_o),
            fact("hypothesis 5", k=_k, w=_w),
            fact("hypothesis 5", k=_k, w=_o),
            quick,
        ],
    )
    .have(
        "smaller",
        Forall((_w, _o), le(_moved_output, lipschitz**2 * _gap)),
        by=[
            "hypothesis 6",
            "hypothesis 9",
            "hypothesis 10",
            "hypothesis 11",
            "drive",
            fact("hypothesis 12", w=_w, o=_o),
            output_lipschitz.at(
                y=sp.Lambda((_k,), drive(_k, _w)),
                z=sp.Lambda((_k,), drive(_k, _o)),
                moved=sp.Lambda((_x,), value(_x, _w) - value(_x, _o)),
            ),
        ],
    )
    .have(
        "sign",
        Forall((_w, _o), eq((output(_w) - output(_o)) ** 2, _q**2 * _moved_output)),
        by=[fact("hypothesis 8", w=_w), fact("hypothesis 8", w=_o), quick],
    )
    .have("inner", Forall((_l, _w, _o), eq(_inner, _S * over_coordinates(_noise_gap()))), by=algebra)
    .have(
        "part",
        Forall((_l, _w, _o), eq(_part, lipschitz**2 * (_level**2 * _inner))),
        by=[fact("inner", l=_l, w=_w, o=_o), algebra],
    )
    .have(
        "by parts",
        Forall((_w, _o), eq(over(_part, _l, _end), over(lipschitz**2 * (_level**2 * _inner), _l, _end))),
        by=[Termwise(), fact("part", l=_l, w=_w, o=_o)],
    )
    .have(
        "pulled out",
        Forall((_w, _o), eq(over(lipschitz**2 * (_level**2 * _inner), _l, _end), lipschitz**2 * _spread)),
        by=algebra,
    )
    .have(
        "parts",
        Forall((_w, _o), eq(over(_part, _l, _end), lipschitz**2 * _spread)),
        by=[fact("by parts", w=_w, o=_o), fact("pulled out", w=_w, o=_o)],
    )
    .have(
        "lipschitz",
        _lipschitz,
        by=[
            fact("sign", w=_w, o=_o),
            "hypothesis 7",
            fact("smaller", w=_w, o=_o),
            fact("value", w=_w, o=_o),
            fact("parts", w=_w, o=_o),
            quick,
        ],
    ),
)
_error = probability(wrong(_w))
_positive = gt(_error, _both - 1)
_concentration = sp.exp(-(sp.Max(_mean, 0) ** 2) / (2 * _K))
_moved_margin = (output(_w1) - output(_w2)) ** 2
_moved_noise = over(_part.xreplace({_w: _w1, _o: _w2}), _l, _end)
_model = tuple(f"hypothesis {i}" for i in range(1, 13))
_named = {"rows": _end, "K2": _K, "F": output, "part": sp.Lambda((_l, _w, _o), _part)}
noise_floor = Claim(
    id="concepts/noise_floor",
    title="Label noise: the error of a network falls with its margin and is never zero",
    kind=Kind.UPPER,
    text=(
        "given the scores, with independent N(0, sigma_xi^2) noise on every coordinate of the labels: f is Lipschitz "
        "in the value with constant Lambda = min{(1/m) sum |w_k|, |W_O|_op/sqrt m}, the margin is Lipschitz in the "
        "standard noise with constant sigma_xi |sigma| Lambda, 1/L <= |sigma|^2 <= 1, and P(e_q f <= 0) <= exp(-(E "
        "e_q f)_+^2/(2 sigma_xi^2 |sigma|^2 Lambda^2)). Where e_q f is negative at some outcome the error probability "
        "is positive, for every sigma_xi > 0: no training reaches 0"
    ),
    parameters=(mean, sigma, S, A, op, L, m, eq_, top, both, wrong_at, one, two),
    functions=(att, value, base, neuron, drive, r, output, size, wrong),
    hypotheses=(
        *MODEL,
        *SIZES,
        OPERATOR,
        eq(_mean, probability(output(_w))),
        *indicator(wrong, output(_w)),
        sp.Or(eq(_both, 0), lt(output(_w0), 0)),
    ),
    statements=(
        upper(_error, _concentration, trivial=1, label="concentration"),
        Statement(_error, ">", _both - 1, label="positive"),
        upper(_shares_here, 1, label="one demonstration"),
        lower(_shares_here, 1 / _L, label="all demonstrations"),
        upper(_moved_margin, _moved_noise, label="Lipschitz"),
    ),
    source=OWN,
    status=Status.OWN,
    remarks=("the noise of a prompt can take any value, so that f takes both signs where it does on R^(d_y)",),
    derivation=derive()
    .have("lipschitz", _lipschitz, by=[*_model, noise_lipschitz.at()])
    .have("Lipschitz", le(_moved_margin, _moved_noise), by=fact("lipschitz", w=_w1, o=_w2))
    .have(
        "one demonstration", le(_shares_here, 1), by=["hypothesis 1", "hypothesis 2", shares_at_most_one.at(rows=_end)]
    )
    .have("all demonstrations", ge(_shares_here, 1 / _L), by=["hypothesis 2", shares_at_least_even.at(rows=_end)])
    .have(
        "concentration",
        le(_error, _concentration),
        by=[
            "lipschitz",
            *(f"hypothesis {i}" for i in (13, 14, 15)),
            gaussian_concentration.at(**_named),
        ],
    )
    .have(
        "positive",
        _positive,
        by=["lipschitz", *(f"hypothesis {i}" for i in (14, 15, 16)), full_support.at(**_named)],
    ),
)
