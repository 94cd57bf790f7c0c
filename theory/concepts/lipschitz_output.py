"""The output of the network as a function of the value: Lipschitz constants (D4).

Neurons k = 0..m-1 have w_k in R^(d_y), coordinates x = 0..top; f = sum_k r_k [y(k)]_+ with |r_k| = 1/m and
preactivations y(k) = <w_k, v>; size(k) = |w_k|.

Main statements
    coordinates_product, demonstrations_product   Cauchy-Schwarz over coordinates, over demonstrations
    by_lengths         |f - f'| <= (1/m) sum |w_k| |v - v'|
    by_operator        |f - f'| <= |W_O|_op |v - v'|/sqrt m
    output_lipschitz   both: the smaller of the two constants
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from theory.concepts.parameters import m
from theory.derivation import derive
from theory.justification import Induction, SingleTerm, Termwise, algebra, decide, fact, quick
from theory.lemma import Lemma
from theory.lemmas.hellinger import root
from theory.lemmas.norms import cauchy_schwarz, root_not_negative, root_of_square
from theory.lemmas.sums import over, top
from theory.parameter import Parameter, reals
from theory.proposition import Forall, eq, ge, le

_POSITIVE = reals(0, open="lower")
A = Parameter("A", r"\frac1m\sum\|w_i\|", "mean length of the neurons", _POSITIVE, (0.1, 5))
op = Parameter("op", r"\|W_O\|_{\mathrm{op}}", "largest singular value of the neurons", _POSITIVE, (0.1, 10))

_l, _x, _k, _n = (sp.Symbol(name, integer=True, nonnegative=True) for name in "lxkn")
_top, _m, _A, _op = (s.symbol for s in (top, m, A, op))

f, a, b, r, y, z, size, moved, neuron = (
    sp.Function(name, real=True) for name in ("f", "a", "b", "r", "y", "z", "size", "moved", "neuron")
)


def over_neurons(term: Any) -> sp.Sum:
    """The sum over k = 0..m-1."""
    return over(term, _k, _m - 1)


def over_coordinates(term: Any) -> sp.Sum:
    """The sum over x = 0..top."""
    return over(term, _x, _top)


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
lipschitz = sp.Min(_A, _op / sp.sqrt(_m))
SIZES = (
    Forall((_k,), ge(size(_k), 0)),
    Forall((_k,), eq(over_coordinates(neuron(_k, _x) ** 2), size(_k) ** 2)),
    eq(over_neurons(size(_k)), _m * _A),
)
output_lipschitz = Lemma(
    "concepts/output_lipschitz",
    "The output is Lipschitz in the value with constant min{(1/m) sum |w_k|, |W_O|_op/sqrt m}",
    (m, A, op, top),
    le(_outputs, lipschitz**2 * _distance),
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
        le(_outputs, lipschitz**2 * _distance),
        by=[
            "positive",
            "by lengths",
            "by operator",
            both_constants.at(a=_A, b=_op / sp.sqrt(_m), near=_distance, out=_outputs),
        ],
    ),
)
