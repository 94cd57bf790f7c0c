"""Noise on the labels: the error of a linear read-out of the value (specification `concepts` 2.C).

Probabilities are Lebesgue integrals over outcomes w in [0, 1], on which independent Gaussian variables exist. Labels
are y(l) = c_k + e_l d_k + sigma_xi noise(l, w), l = 0..n_+ + n_- - 1, with coordinates x = 0..top; d_y, y = 0..last,
are the orthogonal label differences (D2, D3).

Main definitions
    standard_noise   independent standard Gaussian variables
    normal_law       Phi(z) = (1 + erf(z/sqrt 2))/2

Main statements
    gaussian_form    a linear form of them is Gaussian (cited)
    noise_linear     error = Phi(-theta p_k |d| sqrt L/(sigma_xi sqrt(1 + theta^2) sqrt(sum_j p_j^2)))
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from theory.claim import Claim, Kind, Status, equal
from theory.concepts.attention import (
    CLEAN,
    attention_weight,
    balanced_squares,
    over_demonstrations,
    score,
    sign,
    squares,
    theta_of_counts,
    weight,
)
from theory.concepts.parameters import L, b, nd, nm, np, sigma
from theory.define import opaque
from theory.derivation import derive
from theory.justification import Induction, Termwise, algebra, decide, fact, quick
from theory.lemma import Citation, Lemma
from theory.lemmas.orthogonal import (
    ORTHOGONAL,
    chosen,
    coefficient_of,
    outside,
    over_coordinates,
    over_family,
    v,
)
from theory.lemmas.orthogonal_forms import inner
from theory.lemmas.sums import exchange, last, over, top
from theory.parameter import Parameter, integers, reals
from theory.proposition import Forall, eq, gt, le
from theory.source import OWN, Source

rows = Parameter("rows", r"\hat l", "last demonstration", integers(0), (0, 15))
eq_ = Parameter("eq", "e_q", "sign of the query, the real label", reals(-1, 1), (-1, 1))
al = Parameter("al", r"\alpha", "score of the concept itself", reals(), (-5, 5))
p = Parameter("p", "p_k", "read-out along the label difference of the concept", reals(), (0.1, 3))
P2 = Parameter("P2", r"\sum_j p_j^2", "sum of the squares of the read-outs", reals(0, open="lower"), (0.1, 10))
margin = Parameter("mean", r"\mu", "mean of a Gaussian variable", reals(), (-3, 3))
spread = Parameter("spread", "s", "its standard deviation", reals(0, open="lower"), (0.1, 3))
theta = Parameter("theta", r"\theta", "sum of the signed attention weights", reals(), (-1, 1))

_l, _x, _y, _n = (sp.Symbol(name, integer=True, nonnegative=True) for name in "lxyn")
_w = sp.Symbol("w", real=True)
_rows, _top, _last, _k, _q = (s.symbol for s in (rows, top, last, chosen, eq_))
_p, _P2, _m, _s, _th = (s.symbol for s in (p, P2, margin, spread, theta))
_L, _b, _nd, _nm, _np, _level = (s.symbol for s in (L, b, nd, nm, np, sigma))

att, g, f, a, c, u, read, wrong, form, part = (
    sp.Function(n, real=True) for n in ("att", "g", "f", "a", "c", "u", "read", "wrong", "form", "part")
)

standard_noise = opaque(
    "concepts/standard_noise",
    "standard_noise(l, x, w): coordinate x of the noise of label l over sigma_xi, at the outcome w in [0, 1]; over all "
    "(l, x) these are independent standard Gaussian variables (D3)",
)


def normal_law(z: Any) -> sp.Expr:
    """Phi(z), the distribution function of the standard Gaussian law."""
    return (1 + sp.erf(z / sp.sqrt(2))) / 2


def probability(flag: Any) -> sp.Integral:
    """The probability of the event whose indicator is flag(w)."""
    return sp.Integral(flag, (_w, 0, 1))


def indicator(flag: Any, value: Any) -> tuple[Forall, Forall]:
    """flag(w) is 1 where value(w) <= 0 and 0 elsewhere."""
    return (
        Forall((_w,), eq(flag(_w), 1), (le(value, 0),)),
        Forall((_w,), eq(flag(_w), 0), (gt(value, 0),)),
    )


gaussian_form = Lemma(
    "concepts/gaussian_form",
    "The probability that an affine form of independent standard Gaussian variables is not positive",
    (rows, top, margin, spread),
    eq(probability(wrong(_w)), normal_law(-_m / _s)),
    hypotheses=(
        Forall((_l, _w), eq(form(_l, _w), over_coordinates(a(_l, _x) * standard_noise(_l, _x, _w)))),
        Forall((_l,), eq(part(_l), over_coordinates(a(_l, _x) ** 2))),
        eq(over(part(_l), _l, _rows), _s**2),
        *indicator(wrong, _m + over(form(_l, _w), _l, _rows)),
    ),
    functions=(a, form, part, wrong),
    statement="the form is Gaussian, of variance sum a^2",
    backing=Citation(Source("durrett2019", "Section 3.10: linear images of Gaussian vectors", recheck=True)),
)

by_demonstrations = Lemma(
    "concepts/by_demonstrations",
    "The name of an index does not matter",
    (rows,),
    eq(over(f(_y), _y, _rows), over(f(_l), _l, _rows)),
    functions=(f,),
    backing=derive()
    .have(
        "every end",
        Forall((_n,), eq(over(f(_y), _y, _n), over(f(_l), _l, _n))),
        by=[Induction(_n), quick],
    )
    .have("sum", eq(over(f(_y), _y, _rows), over(f(_l), _l, _rows)), by=fact("every end", n=_rows)),
)
_weighted = over(att(_l) * g(_l, _x), _l, _rows)
_weighted_y = over(att(_y) * g(_y, _x), _y, _rows)
_read_row = over_coordinates(u(_x) * g(_l, _x))
_read_row_y = over_coordinates(u(_x) * g(_y, _x))
read_out_of_mean = Lemma(
    "concepts/read_out_of_mean",
    "The read-out of a weighted sum of vectors",
    (rows, top),
    eq(over_coordinates(u(_x) * _weighted), over(att(_l) * _read_row, _l, _rows)),
    functions=(att, u, g),
    backing=derive()
    .have(
        "named",
        Forall((_x,), eq(_weighted_y, _weighted)),
        by=by_demonstrations.at(f=sp.Lambda((_y,), att(_y) * g(_y, _x))),
    )
    .have(
        "renamed",
        eq(over_coordinates(u(_x) * _weighted), over_coordinates(u(_x) * _weighted_y)),
        by=[Termwise(), fact("named", x=_x), quick],
    )
    .have(
        "exchanged",
        eq(over_coordinates(u(_x) * _weighted_y), over(att(_y) * _read_row_y, _y, _rows)),
        by=exchange.at(top=_top, last=_rows, g=sp.Lambda((_x, _y), g(_y, _x)), u=u, w=att),
    )
    .have(
        "by demonstrations",
        eq(over(att(_y) * _read_row_y, _y, _rows), over(att(_l) * _read_row, _l, _rows)),
        by=by_demonstrations.at(f=sp.Lambda((_y,), att(_y) * _read_row_y)),
    )
    .have(
        "form",
        eq(over_coordinates(u(_x) * _weighted), over(att(_l) * _read_row, _l, _rows)),
        by=["renamed", "exchanged", "by demonstrations", quick],
    ),
)
_length, _shares = over_coordinates(u(_x) ** 2), over(att(_l) ** 2, _l, _rows)
_coefficient = _q * _level * att(_l)  # of <u, noise of label l> in the margin
noise_variance = Lemma(
    "concepts/noise_variance",
    "The squares of the coefficients of the noise add up to sigma_xi^2 |sigma|^2 |u|^2",
    (rows, top, eq_, sigma),
    eq(over(_coefficient**2 * _length, _l, _rows), _level**2 * _shares * _length),
    hypotheses=(eq(_q**2, 1),),
    functions=(att, u),
    backing=derive()
    .have(
        "factor",
        eq(over(_coefficient**2 * _length, _l, _rows), _q**2 * _level**2 * _shares * _length),
        by=algebra,
    )
    .have(
        "variance",
        eq(over(_coefficient**2 * _length, _l, _rows), _level**2 * _shares * _length),
        by=["factor", "hypothesis 1", quick],
    ),
)
_clean_label = c(_x) + sign(_l) * v(_k, _x)
_mean_label = over(att(_l) * _clean_label, _l, _rows)
_noisy_value = over(att(_l) * (_clean_label + _level * g(_l, _x)), _l, _rows)
_mean_margin = _q * over_coordinates(u(_x) * (c(_x) + _q * _th * v(_k, _x)))
read_value = Lemma(
    "concepts/read_value",
    "The read-out of the value without noise",
    (rows, top, last, chosen, eq_, theta),
    eq(_q * over_coordinates(u(_x) * _mean_label), _mean_margin),
    hypotheses=(Forall((_x,), eq(_mean_label, c(_x) + _q * _th * v(_k, _x))),),
    functions=(att, u, c, v, sign),
    backing=derive()
    .have(
        "each",
        eq(over_coordinates(u(_x) * _mean_label), over_coordinates(u(_x) * (c(_x) + _q * _th * v(_k, _x)))),
        by=[Termwise(), fact("hypothesis 1", x=_x), quick],
    )
    .have("read", eq(_q * over_coordinates(u(_x) * _mean_label), _mean_margin), by=["each", quick]),
)
noisy_margin = Lemma(
    "concepts/noisy_margin",
    "The margin of a linear read-out with noise g: its mean and a form in the noise",
    (rows, top, last, chosen, eq_, theta, sigma),
    eq(_q * over_coordinates(u(_x) * _noisy_value), _mean_margin + over(_coefficient * _read_row, _l, _rows)),
    hypotheses=(Forall((_x,), eq(_mean_label, c(_x) + _q * _th * v(_k, _x))),),
    functions=(att, u, c, v, g, sign),
    backing=derive()
    .have("parts", Forall((_x,), eq(_noisy_value, _mean_label + _level * _weighted)), by=algebra)
    .have(
        "each",
        Forall((_x,), eq(u(_x) * _noisy_value, u(_x) * (c(_x) + _q * _th * v(_k, _x)) + _level * u(_x) * _weighted)),
        by=[fact("parts", x=_x), fact("hypothesis 1", x=_x), quick],
    )
    .have(
        "all",
        eq(
            over_coordinates(u(_x) * _noisy_value),
            over_coordinates(u(_x) * (c(_x) + _q * _th * v(_k, _x)) + _level * u(_x) * _weighted),
        ),
        by=[Termwise(), fact("each", x=_x)],
    )
    .have(
        "split",
        eq(
            over_coordinates(u(_x) * (c(_x) + _q * _th * v(_k, _x)) + _level * u(_x) * _weighted),
            over_coordinates(u(_x) * (c(_x) + _q * _th * v(_k, _x))) + _level * over_coordinates(u(_x) * _weighted),
        ),
        by=algebra,
    )
    .have("form", read_out_of_mean.conclusion, by=read_out_of_mean.at())
    .have(
        "scaled",
        eq(
            over(_coefficient * _read_row, _l, _rows),
            _q * _level * over(att(_l) * _read_row, _l, _rows),
        ),
        by=algebra,
    )
    .have(
        "margin",
        eq(_q * over_coordinates(u(_x) * _noisy_value), _mean_margin + over(_coefficient * _read_row, _l, _rows)),
        by=["all", "split", "form", "scaled", quick],
    ),
)

_share = read(_y) / _nd**2
READ_OUT = Forall((_x,), eq(u(_x), over_family(_share * v(_y, _x))))
NORMS = Forall((_y,), eq(over_coordinates(v(_y, _x) ** 2), _nd**2), (le(_y, _last),))
APART = Forall((_y,), eq(over_coordinates(c(_x) * v(_y, _x)), 0), (le(_y, _last),))
_DICTIONARY = (ORTHOGONAL, APART, NORMS, READ_OUT, eq(read(_k), _p), eq(over_family(read(_y) ** 2), _P2))
_along = over_coordinates(v(_k, _x) * u(_x))
read_out_length = Lemma(
    "concepts/read_out_length",
    "|u|^2 = sum_j p_j^2/|d|^2 for u = sum_j p_j d_j/|d|^2",
    (top, last, nd, P2),
    eq(over_coordinates(u(_x) ** 2), _P2 / _nd**2),
    hypotheses=(ORTHOGONAL, NORMS, READ_OUT, eq(over_family(read(_y) ** 2), _P2)),
    functions=(v, u, read),
    backing=derive()
    .have(
        "by family",
        eq(over_coordinates(u(_x) ** 2), over_family(_share * (_share * over_coordinates(v(_y, _x) ** 2)))),
        by=[
            "hypothesis 1",
            "hypothesis 3",
            inner.at(t=sp.Lambda((_y,), _share), u=sp.Lambda((_y,), _share), star=u, other=u),
        ],
    )
    .have(
        "terms",
        eq(
            over_family(_share * (_share * over_coordinates(v(_y, _x) ** 2))),
            over_family(read(_y) ** 2 / _nd**2),
        ),
        by=[Termwise(), fact("hypothesis 2", y=_y), quick],
    )
    .have("factor", eq(over_family(read(_y) ** 2 / _nd**2), over_family(read(_y) ** 2) / _nd**2), by=algebra)
    .have(
        "length",
        eq(over_coordinates(u(_x) ** 2), _P2 / _nd**2),
        by=["by family", "terms", "factor", "hypothesis 4", quick],
    ),
)
read_out_mean = Lemma(
    "concepts/read_out_mean",
    "The read-out of c_k + e_q theta d_k is e_q theta p_k",
    (top, last, chosen, eq_, theta, nd, p, P2),
    eq(_mean_margin, _th * _p),
    hypotheses=(*_DICTIONARY, eq(_q**2, 1)),
    functions=(c, v, u, read),
    backing=derive()
    .have(
        "across, spelled",
        eq(over_coordinates(c(_x) * u(_x)), over_coordinates(c(_x) * over_family(_share * v(_y, _x)))),
        by=[Termwise(), fact("hypothesis 4", x=_x), quick],
    )
    .have(
        "nothing",
        eq(over_coordinates(c(_x) * over_family(_share * v(_y, _x))), 0),
        by=["hypothesis 2", outside.at(z=c, t=sp.Lambda((_y,), _share))],
    )
    .have("across", eq(over_coordinates(c(_x) * u(_x)), 0), by=["across, spelled", "nothing", quick])
    .have(
        "along by norms",
        eq(_along, read(_k) / _nd**2 * over_coordinates(v(_k, _x) ** 2)),
        by=["hypothesis 1", "hypothesis 4", coefficient_of.at(t=sp.Lambda((_y,), _share), star=u)],
    )
    .have(
        "along",
        eq(_along, _p),
        by=["along by norms", fact("hypothesis 3", y=_k), "hypothesis 5", quick],
    )
    .have(
        "split",
        eq(_mean_margin, _q * over_coordinates(c(_x) * u(_x)) + _q**2 * _th * _along),
        by=algebra,
    )
    .have("mean", eq(_mean_margin, _th * _p), by=["split", "across", "along", "hypothesis 7", quick]),
)

_t = sp.tanh(_b)
_share_is_softmax = Forall((_l,), eq(att(_l), weight))
_value = over_demonstrations(att(_l) * (_clean_label + _level * standard_noise(_l, _x, _w)))
_margin = _q * over_coordinates(u(_x) * _value)
_row = over_coordinates(u(_x) * standard_noise(_l, _x, _w))
_form = over_demonstrations(_coefficient * _row)
_shares_of_prompt = over_demonstrations(att(_l) ** 2)
_value_mean = over_demonstrations(att(_l) * _clean_label)
_of_clean = _q * over_coordinates(u(_x) * _value_mean)
_read_mean = _mean_margin.xreplace({_th: _t})
_squares = _level**2 * _shares_of_prompt * _length
_variance = _level**2 * (1 + _t**2) / _L * (_P2 / _nd**2)
_spread = _level * sp.sqrt(1 + _t**2) * sp.sqrt(_P2) / (sp.sqrt(_L) * _nd)
_z = _t * _p * _nd * sp.sqrt(_L) / (_level * sp.sqrt(1 + _t**2) * sp.sqrt(_P2))
_four = tuple(f"hypothesis {i}" for i in range(1, 5))
_dictionary = tuple(f"hypothesis {i}" for i in range(8, 14))
_end = {"rows": _np + _nm - 1}

noise_linear = Claim(
    id="concepts/noise_linear",
    title="Error of a linear read-out under label noise",
    kind=Kind.EQUALITY,
    text=(
        "one concept k, clean words, balanced labels with independent N(0, sigma_xi^2) noise on every coordinate, "
        "read-out f = <u, v>, u = sum_j p_j d_j/|d|^2 (D9). Then e_q f is theta p_k and a form in the noise of "
        "variance sigma_xi^2 (1 + theta^2)/L sum_j p_j^2/|d|^2, theta = tanh beta, and P(e_q f <= 0) = Phi(-theta p_k "
        "|d| sqrt L/(sigma_xi sqrt(1 + theta^2) sqrt(sum_j p_j^2))). All learned concepts j add to the sum, so the "
        "error grows with their number"
    ),
    parameters=(L, b, sigma, nd, p, P2, np, nm, al, eq_, top, last, chosen),
    functions=(sign, score, att, c, v, u, read, wrong),
    hypotheses=(
        *CLEAN,
        eq(_nm, _np),
        eq(_L, 2 * _np),
        _share_is_softmax,
        *_DICTIONARY,
        *indicator(wrong, _margin),
    ),
    statements=(
        equal(probability(wrong(_w)), normal_law(-_z), label="error"),
        equal(_of_clean, _t * _p, label="mean"),
        equal(_squares, _variance, label="variance"),
        equal(_length, _P2 / _nd**2, label="read-out"),
    ),
    source=OWN,
    status=Status.OWN,
    remarks=(
        "a ReLU network computes <u, v> where all its neurons are active; Gaussian noise switches one off with a small "
        "but positive probability, by which its error can differ",
    ),
    derivation=derive()
    .have(
        "softmax value",
        Forall((_x,), eq(over_demonstrations(weight * _clean_label), c(_x) + _q * theta_of_counts * v(_k, _x))),
        by=[*_four, attention_weight.at("value", cj=c(_x), dj=v(_k, _x))],
    )
    .have(
        "weighted",
        Forall((_x,), eq(_value_mean, over_demonstrations(weight * _clean_label))),
        by=[Termwise(), fact("hypothesis 7", l=_l), quick],
    )
    .have("counts", eq(theta_of_counts, _t), by=["hypothesis 5", decide])
    .have(
        "value",
        Forall((_x,), eq(_value_mean, c(_x) + _q * _t * v(_k, _x))),
        by=[fact("softmax value", x=_x), fact("weighted", x=_x), "counts", quick],
    )
    .have("squares by count", eq(squares, (1 + _t**2) / (2 * _np)), by=[*_four, "hypothesis 5", balanced_squares.at()])
    .have(
        "squares",
        eq(_shares_of_prompt, over_demonstrations(weight**2)),
        by=[Termwise(), fact("hypothesis 7", l=_l), quick],
    )
    .have("shares", eq(_shares_of_prompt, (1 + _t**2) / _L), by=["squares by count", "squares", "hypothesis 6", quick])
    .have("read value", eq(_of_clean, _read_mean), by=["value", read_value.at(**_end, theta=_t)])
    .have(
        "read mean",
        eq(_read_mean, _t * _p),
        by=[*_dictionary, "hypothesis 2", read_out_mean.at(theta=_t)],
    )
    .have("mean", eq(_of_clean, _t * _p), by=["read value", "read mean", quick])
    .have(
        "read-out",
        eq(_length, _P2 / _nd**2),
        by=["hypothesis 8", "hypothesis 10", "hypothesis 11", "hypothesis 13", read_out_length.at()],
    )
    .have("variance", eq(_squares, _variance), by=["shares", "read-out", quick])
    .have(
        "variance by parts",
        eq(over_demonstrations(_coefficient**2 * _length), _squares),
        by=["hypothesis 2", noise_variance.at(**_end)],
    )
    .have(
        "noisy",
        Forall((_w,), eq(_margin, _read_mean + _form)),
        by=["value", noisy_margin.at(**_end, theta=_t, g=sp.Lambda((_l, _x), standard_noise(_l, _x, _w)))],
    )
    .have("margin", Forall((_w,), eq(_margin, _t * _p + _form)), by=[fact("noisy", w=_w), "read mean", quick])
    .have(
        "wrong",
        Forall((_w,), eq(wrong(_w), 1), (le(_t * _p + _form, 0),)),
        by=[fact("margin", w=_w), fact("hypothesis 14", w=_w)],
    )
    .have(
        "right",
        Forall((_w,), eq(wrong(_w), 0), (gt(_t * _p + _form, 0),)),
        by=[fact("margin", w=_w), fact("hypothesis 15", w=_w)],
    )
    .have("square of the spread", eq(_variance, _spread**2), by=algebra)
    .have(
        "spread",
        eq(over_demonstrations(_coefficient**2 * _length), _spread**2),
        by=["variance by parts", "variance", "square of the spread", quick],
    )
    .have(
        "form",
        Forall((_l, _w), eq(_coefficient * _row, over_coordinates(_coefficient * u(_x) * standard_noise(_l, _x, _w)))),
        by=algebra,
    )
    .have(
        "part", Forall((_l,), eq(_coefficient**2 * _length, over_coordinates((_coefficient * u(_x)) ** 2))), by=algebra
    )
    .have(
        "law",
        eq(probability(wrong(_w)), normal_law(-_t * _p / _spread)),
        by=[
            "form",
            "part",
            "spread",
            "wrong",
            "right",
            gaussian_form.at(
                **_end,
                mean=_t * _p,
                spread=_spread,
                a=sp.Lambda((_l, _x), _coefficient * u(_x)),
                form=sp.Lambda((_l, _w), _coefficient * _row),
                part=sp.Lambda((_l,), _coefficient**2 * _length),
            ),
        ],
    )
    .have("closed", eq(normal_law(-_t * _p / _spread), normal_law(-_z)), by=algebra)
    .have("error", eq(probability(wrong(_w)), normal_law(-_z)), by=["law", "closed", quick]),
)
