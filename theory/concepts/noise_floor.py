"""Noise on the labels: the error of the ReLU network falls with the margin, and is never zero (specification 2.C).

Outcomes and their probabilities are those of theory.concepts.noise. The value is v(w) = v_0 + sigma_xi sum_l sigma_l
noise(l, w) with attention weights sigma_l, l = 0..L-1; neurons k = 0..m-1 have w_k in R^(d_y), coordinates x = 0..top,
and the output is f = sum_k r_k [<w_k, v>]_+, |r_k| = 1/m (D4).

Main statements
    by_lengths, by_operator   f is Lipschitz in v: (1/m) sum |w_k|, and |W_O|_op/sqrt m
    moved_value               |v(w) - v(w')| <= sigma_xi |sigma| |noise(w) - noise(w')|
    gaussian_concentration, full_support   Lipschitz functions of Gaussian noise (cited)
    noise_floor               0 < P(e_q f <= 0) <= exp(-(E e_q f)_+^2/(2 sigma_xi^2 |sigma|^2 Lambda^2))
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from theory.claim import Claim, Kind, Statement, Status, lower, upper
from theory.concepts.noise import indicator, probability, read_out_of_mean, standard_noise
from theory.concepts.parameters import L, m, sigma
from theory.derivation import derive
from theory.justification import Induction, SingleTerm, Termwise, algebra, decide, fact, quick
from theory.lemma import Citation, Lemma
from theory.lemmas.hellinger import root
from theory.lemmas.norms import cauchy_schwarz, root_not_negative, root_of_square
from theory.lemmas.sums import over, top
from theory.parameter import Parameter, integers, reals
from theory.proposition import Forall, eq, ge, gt, le, lt
from theory.source import OWN, Source

_POSITIVE = reals(0, open="lower")
rows = Parameter("rows", r"\hat l", "last demonstration", integers(0), (0, 15))
mean = Parameter("mean", r"\mathrm E\,e_qf", "mean margin", reals(), (-1, 2))
S = Parameter("S", r"\|\sigma\|^2", "sum of the squared attention weights", _POSITIVE, (0.1, 1))
A = Parameter("A", r"\frac1m\sum\|w_i\|", "mean length of the neurons", _POSITIVE, (0.1, 5))
op = Parameter("op", r"\|W_O\|_{\mathrm{op}}", "largest singular value of the neurons", _POSITIVE, (0.1, 10))
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

f, h, a, b, r, y, z, size, moved, e, att, F, part, wrong = (
    sp.Function(name, real=True)
    for name in ("f", "h", "a", "b", "r", "y", "z", "size", "moved", "e", "att", "F", "part", "wrong")
)
neuron, value, base, drive, output = (
    sp.Function(name, real=True) for name in ("neuron", "value", "base", "drive", "output")
)


def over_neurons(term: Any) -> sp.Sum:
    """The sum over k = 0..m-1."""
    return over(term, _k, _m - 1)


def over_coordinates(term: Any) -> sp.Sum:
    """The sum over x = 0..top."""
    return over(term, _x, _top)


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


def _renamed(name: str, to: sp.Symbol) -> Lemma:
    """The sum over k under another index."""
    end = over(f(_k), _k, _top), over(f(to), to, _top)
    return Lemma(
        f"concepts/{name}",
        "The name of an index does not matter",
        (top,),
        eq(*end),
        functions=(f,),
        backing=derive()
        .have(
            "every end",
            Forall((_n,), eq(over(f(_k), _k, _n), over(f(to), to, _n))),
            by=[Induction(_n), quick],
        )
        .have("sum", eq(*end), by=fact("every end", n=_top)),
    )


def _cauchy_schwarz(name: str, to: sp.Symbol, renamed: Lemma) -> Lemma:
    """Cauchy-Schwarz for sums over another index."""

    def sums(i: sp.Symbol) -> tuple[sp.Sum, sp.Sum, sp.Sum]:
        return over(a(i) * b(i), i, _top), over(a(i) ** 2, i, _top), over(b(i) ** 2, i, _top)

    (P, A2, B2), (p, a2, b2) = sums(_k), sums(to)
    return Lemma(
        f"concepts/{name}",
        "Cauchy-Schwarz inequality",
        (top,),
        le(p**2, a2 * b2),
        functions=(a, b),
        backing=derive()
        .have("product", le(P**2, A2 * B2), by=cauchy_schwarz.at())
        .have("P", eq(P, p), by=renamed.at(f=sp.Lambda((_k,), a(_k) * b(_k))))
        .have("A", eq(A2, a2), by=renamed.at(f=sp.Lambda((_k,), a(_k) ** 2)))
        .have("B", eq(B2, b2), by=renamed.at(f=sp.Lambda((_k,), b(_k) ** 2)))
        .have("renamed", le(p**2, a2 * b2), by=["product", "P", "A", "B", quick]),
    )


index_of_coordinates = _renamed("index_of_coordinates", _x)
index_of_demonstrations = _renamed("index_of_demonstrations", _l)
coordinates_product = _cauchy_schwarz("coordinates_product", _x, index_of_coordinates)
demonstrations_product = _cauchy_schwarz("demonstrations_product", _l, index_of_demonstrations)

_u, _v = (Parameter(name, name, "a preactivation", reals(), (-2, 2)) for name in ("u", "v"))
_U, _V = _u.symbol, _v.symbol
relu_gap = Lemma(
    "concepts/relu_gap",
    "ReLU is 1-Lipschitz",
    (_u, _v),
    le((sp.Max(_U, 0) - sp.Max(_V, 0)) ** 2, (_U - _V) ** 2),
    backing=derive().have("gap", le((sp.Max(_U, 0) - sp.Max(_V, 0)) ** 2, (_U - _V) ** 2), by=decide),
)
_gap_of_relu = sp.Max(y(_k), 0) - sp.Max(z(_k), 0)
_outputs = (over_neurons(r(_k) * sp.Max(y(_k), 0)) - over_neurons(r(_k) * sp.Max(z(_k), 0))) ** 2
_one_sum = over_neurons(r(_k) * _gap_of_relu)
READ = Forall((_k,), eq(r(_k) ** 2, 1 / _m**2))
_split = eq(
    over_neurons(r(_k) * sp.Max(y(_k), 0)) - over_neurons(r(_k) * sp.Max(z(_k), 0)),
    _one_sum,
)
E = Parameter("E", "E", "squared distance of the preactivations", reals(0), (0, 4))
by_operator = Lemma(
    "concepts/by_operator",
    "The output moves by at most the distance of the preactivations over sqrt m",
    (m, E),
    le(_outputs, E.symbol / _m),
    hypotheses=(READ, le(over_neurons((y(_k) - z(_k)) ** 2), E.symbol)),
    functions=(r, y, z),
    backing=derive()
    .have("relu", Forall((_k,), le(_gap_of_relu**2, (y(_k) - z(_k)) ** 2)), by=relu_gap.at(u=y(_k), v=z(_k)))
    .have(
        "neurons",
        le(over_neurons(_gap_of_relu**2), over_neurons((y(_k) - z(_k)) ** 2)),
        by=[Termwise(), fact("relu", k=_k)],
    )
    .have(
        "product",
        le(_one_sum**2, over_neurons(r(_k) ** 2) * over_neurons(_gap_of_relu**2)),
        by=cauchy_schwarz.at(top=_m - 1, a=r, b=sp.Lambda((_k,), _gap_of_relu)),
    )
    .have("weights", eq(over_neurons(r(_k) ** 2), over_neurons(1 / _m**2)), by=[Termwise(), fact("hypothesis 1", k=_k)])
    .have("count", eq(over_neurons(1 / _m**2), 1 / _m), by=algebra)
    .have("split", _split, by=algebra)
    .have("near", le(over_neurons(_gap_of_relu**2), E.symbol), by=["neurons", "hypothesis 2", quick])
    .have("sum", le(_one_sum**2, over_neurons(_gap_of_relu**2) / _m), by=["product", "weights", "count", quick])
    .have("outputs", le(_outputs, E.symbol / _m), by=["split", "sum", "near", quick]),
)
_r, _D, _len, _dist = (
    Parameter(n, n, text, domain, (0, 2))
    for n, text, domain in (
        ("r", "read-out weight", reals()),
        ("D", "change of a neuron", reals()),
        ("len", "its length", reals(0)),
        ("dist", "distance of the values", reals(0)),
    )
)
_R, _G, _N, _d = (s.symbol for s in (_r, _D, _len, _dist))
one_neuron = Lemma(
    "concepts/one_neuron",
    "One neuron moves the output by at most |w| |v - v'|/m",
    (m, _r, _D, _len, _dist),
    le(sp.Abs(_R * _G), _N * _d / _m),
    hypotheses=(eq(_R**2, 1 / _m**2), le(_G**2, _N**2 * _d**2)),
    backing=derive()
    .have("change", le(sp.Abs(_G), _N * _d), by=["hypothesis 2", decide])
    .have("weight", eq(sp.Abs(_R), 1 / _m), by=["hypothesis 1", decide])
    .have("product", eq(sp.Abs(_R * _G), sp.Abs(_R) * sp.Abs(_G)), by=quick)
    .have("both", le(sp.Abs(_R * _G), _N * _d / _m), by=["change", "weight", "product", quick]),
)
_most = over_neurons(size(_k) * _d / _m)
by_lengths = Lemma(
    "concepts/by_lengths",
    "The output moves by at most the mean length of the neurons times the distance of the values",
    (m, A, _dist),
    le(_outputs, _A**2 * _d**2),
    hypotheses=(
        READ,
        Forall((_k,), ge(size(_k), 0)),
        eq(over_neurons(size(_k)), _m * _A),
        Forall((_k,), le((y(_k) - z(_k)) ** 2, size(_k) ** 2 * _d**2)),
    ),
    functions=(r, y, z, size),
    backing=derive()
    .have("relu", Forall((_k,), le(_gap_of_relu**2, (y(_k) - z(_k)) ** 2)), by=relu_gap.at(u=y(_k), v=z(_k)))
    .have(
        "square",
        Forall((_k,), le(_gap_of_relu**2, size(_k) ** 2 * _d**2)),
        by=[fact("relu", k=_k), fact("hypothesis 4", k=_k), quick],
    )
    .have(
        "neuron",
        Forall((_k,), le(sp.Abs(r(_k) * _gap_of_relu), size(_k) * _d / _m)),
        by=[
            fact("hypothesis 1", k=_k),
            fact("hypothesis 2", k=_k),
            fact("square", k=_k),
            one_neuron.at(r=r(_k), D=_gap_of_relu, len=size(_k), dist=_d),
        ],
    )
    .have("up", Forall((_k,), le(r(_k) * _gap_of_relu, size(_k) * _d / _m)), by=[fact("neuron", k=_k), quick])
    .have("down", Forall((_k,), ge(r(_k) * _gap_of_relu, -size(_k) * _d / _m)), by=[fact("neuron", k=_k), quick])
    .have("at most", le(_one_sum, _most), by=[Termwise(), fact("up", k=_k)])
    .have("at least", ge(_one_sum, over_neurons(-size(_k) * _d / _m)), by=[Termwise(), fact("down", k=_k)])
    .have("factor", eq(_most, over_neurons(size(_k)) * _d / _m), by=algebra)
    .have("factor below", eq(over_neurons(-size(_k) * _d / _m), -over_neurons(size(_k)) * _d / _m), by=algebra)
    .have("split", _split, by=algebra)
    .have("upper", le(_one_sum, _A * _d), by=["at most", "factor", "hypothesis 3", quick])
    .have("lower", ge(_one_sum, -_A * _d), by=["at least", "factor below", "hypothesis 3", quick])
    .have("sum", le(_one_sum**2, _A**2 * _d**2), by=["upper", "lower", decide])
    .have("outputs", le(_outputs, _A**2 * _d**2), by=["split", "sum", quick]),
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
_a2, _b2, _near = (Parameter(n, n, "a number", reals(0), (0, 2)) for n in ("a", "b", "near"))
_out = Parameter("out", "out", "a number", reals(), (0, 2))
both_constants = Lemma(
    "concepts/both_constants",
    "The smaller of two Lipschitz constants",
    (_a2, _b2, _near, _out),
    le(_out.symbol, sp.Min(_a2.symbol, _b2.symbol) ** 2 * _near.symbol),
    hypotheses=(
        le(_out.symbol, _a2.symbol**2 * _near.symbol),
        le(_out.symbol, _b2.symbol**2 * _near.symbol),
    ),
    backing=derive().have(
        "both",
        le(_out.symbol, sp.Min(_a2.symbol, _b2.symbol) ** 2 * _near.symbol),
        by=["hypothesis 1", "hypothesis 2", decide],
    ),
)

_distance = over_coordinates(moved(_x) ** 2)
_moved_neuron = over_coordinates(neuron(_k, _x) * moved(_x))
_lip = sp.Min(_A, _op / sp.sqrt(_m))
SIZES = (
    Forall((_k,), ge(size(_k), 0)),
    Forall((_k,), eq(over_coordinates(neuron(_k, _x) ** 2), size(_k) ** 2)),
    eq(over_neurons(size(_k)), _m * _A),
)
output_lipschitz = Lemma(
    "concepts/output_lipschitz",
    "The output is Lipschitz in the value with constant min{(1/m) sum |w_k|, |W_O|_op/sqrt m}",
    (m, A, op, top),
    le(_outputs, _lip**2 * _distance),
    hypotheses=(
        READ,
        *SIZES,
        Forall((_k,), eq(y(_k) - z(_k), _moved_neuron)),
        le(over_neurons(_moved_neuron**2), _op**2 * _distance),
    ),
    functions=(r, y, z, size, neuron, moved),
    backing=derive()
    .have("positive", ge(_distance, 0), by=SingleTerm(0))
    .have("scaled", ge(_op**2 * _distance, 0), by=["positive", quick])
    .have(
        "drives",
        eq(over_neurons((y(_k) - z(_k)) ** 2), over_neurons(_moved_neuron**2)),
        by=[Termwise(), fact("hypothesis 5", k=_k), quick],
    )
    .have("matrix", le(over_neurons((y(_k) - z(_k)) ** 2), _op**2 * _distance), by=["drives", "hypothesis 6", quick])
    .have(
        "operator",
        le(_outputs, _op**2 * _distance / _m),
        by=["hypothesis 1", "matrix", "scaled", by_operator.at(E=_op**2 * _distance)],
    )
    .have("constant", eq(_op**2 * _distance / _m, (_op / sp.sqrt(_m)) ** 2 * _distance), by=algebra)
    .have("by operator", le(_outputs, (_op / sp.sqrt(_m)) ** 2 * _distance), by=["operator", "constant", quick])
    .have("root", eq(root(_distance) ** 2, _distance), by=["positive", root_of_square.at(X=_distance)])
    .have("root sign", ge(root(_distance), 0), by=["positive", root_not_negative.at(X=_distance)])
    .have(
        "product",
        Forall((_k,), le(_moved_neuron**2, over_coordinates(neuron(_k, _x) ** 2) * _distance)),
        by=coordinates_product.at(a=sp.Lambda((_x,), neuron(_k, _x)), b=moved),
    )
    .have(
        "neuron",
        Forall((_k,), le((y(_k) - z(_k)) ** 2, size(_k) ** 2 * root(_distance) ** 2)),
        by=[fact("product", k=_k), fact("hypothesis 5", k=_k), fact("hypothesis 3", k=_k), "root", quick],
    )
    .have(
        "lengths",
        le(_outputs, _A**2 * root(_distance) ** 2),
        by=[
            "hypothesis 1",
            "hypothesis 2",
            "hypothesis 4",
            "neuron",
            "root sign",
            by_lengths.at(dist=root(_distance)),
        ],
    )
    .have("by lengths", le(_outputs, _A**2 * _distance), by=["lengths", "root", quick])
    .have(
        "smaller",
        le(_outputs, _lip**2 * _distance),
        by=[
            "positive",
            "by lengths",
            "by operator",
            both_constants.at(a=_A, b=_op / sp.sqrt(_m), near=_distance, out=_outputs),
        ],
    ),
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
_K = _level**2 * _S * _lip**2
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
        Forall((_w, _o), le(_moved_output, _lip**2 * _gap)),
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
        Forall((_l, _w, _o), eq(_part, _lip**2 * (_level**2 * _inner))),
        by=[fact("inner", l=_l, w=_w, o=_o), algebra],
    )
    .have(
        "by parts",
        Forall((_w, _o), eq(over(_part, _l, _end), over(_lip**2 * (_level**2 * _inner), _l, _end))),
        by=[Termwise(), fact("part", l=_l, w=_w, o=_o)],
    )
    .have(
        "pulled out",
        Forall((_w, _o), eq(over(_lip**2 * (_level**2 * _inner), _l, _end), _lip**2 * _spread)),
        by=algebra,
    )
    .have(
        "parts",
        Forall((_w, _o), eq(over(_part, _l, _end), _lip**2 * _spread)),
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
